"""Emphasis: which stretches of a text are bold, italic, code or quoted, for networks that can show it.

It is kept apart from links, mentions and hashtags: those are found in the text and sent everywhere, emphasis only where
words can look different. Everywhere else a text is what it is without it.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Literal, TypeVar

StyleKind = Literal["bold", "italic", "code", "block", "quote", "literal"]
"""A `block` is code on lines of its own; a `quote` is made of whole lines; `literal` never leaves this room."""

Mark = TypeVar("Mark")
_QUOTED = re.compile(r">(?: |$)")


@dataclass(frozen=True, slots=True)
class Style:
    """A stretch of a text that looks different; offsets are code points, *end* exclusive."""

    start: int
    end: int
    kind: StyleKind


def with_quotes(
    text: str, marks: Sequence[Mark], styles: Sequence[Style], move: Callable[[Mark, Callable[[int], int]], Mark]
) -> tuple[str, list[Mark], list[Style]]:
    r"""Take the `> ` from the lines that are quoted, and make one style of each run of such lines.

    A line that begins with an escaped `\>`, or lies in a block of code, is no quotation, and neither are lines with
    nothing behind their sign. *move* puts a mark where it stands afterwards.
    """
    kept = [style for style in styles if style.kind != "literal"]
    if not text.startswith(">") and "\n>" not in text:
        return text, list(marks), kept
    held = _Stretches([(style.start, style.end) for style in styles if style.kind in ("literal", "code", "block")])
    cuts: list[tuple[int, int]] = []
    runs: list[tuple[int, int]] = []
    position = 0
    lines = text.split("\n")
    for line in lines:
        sign = _QUOTED.match(line)
        if sign and position not in held:
            if runs and runs[-1][1] == position - 1:
                runs[-1] = (runs[-1][0], position + len(line))
            else:
                runs.append((position, position + len(line)))
            cuts.append((position, position + sign.end()))
        position += len(line) + 1
    said = [run for run in runs if re.search(r"[^>\s]", text[run[0] : run[1]])]
    quoted = _Stretches(said)
    cuts = [cut for cut in cuts if cut[0] in quoted]
    if not cuts:
        return text, list(marks), kept

    begins = [start for start, _ in cuts]
    before = [0, *accumulate(end - start for start, end in cuts)]

    def moved(offset: int) -> int:
        index = bisect_left(begins, offset)
        # The last cut may reach beyond the offset.
        return offset - before[index] + (max(cuts[index - 1][1] - offset, 0) if index else 0)

    pieces = []
    at = 0
    for start, end in cuts:
        pieces.append(text[at:start])
        at = end
    pieces.append(text[at:])
    kept = [replace(style, start=moved(style.start), end=moved(style.end)) for style in kept]
    kept += [Style(moved(start), moved(end), "quote") for start, end in said]
    kept = sorted((style for style in kept if style.start < style.end), key=lambda style: (style.start, -style.end))
    return "".join(pieces), [move(mark, moved) for mark in marks], kept


class _Stretches:
    """Stretches of a text, in which a place is found however many they are."""

    def __init__(self, stretches: Sequence[tuple[int, int]]) -> None:
        ordered = sorted(stretches)
        self._starts = [start for start, _ in ordered]
        self._ends = list(accumulate((end for _, end in ordered), max))

    def __contains__(self, place: int) -> bool:
        index = bisect_right(self._starts, place)
        return index > 0 and place < self._ends[index - 1]


def clipped(styles: Sequence[Style], start: int, end: int) -> tuple[Style, ...]:
    """Return the styles of one stretch of a text, as they lie in it."""
    return tuple(
        [
            Style(max(style.start, start) - start, min(style.end, end) - start, style.kind)
            for style in styles
            if style.start < end and style.end > start
        ]
    )
