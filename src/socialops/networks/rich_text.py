"""Rich text: plain text with spans and styles, on its way into a network's own markup.

Networks on which words can be a link, or bold, want entities, escapes or angle brackets; all of them begin with the
same pieces.
"""

from __future__ import annotations

import html
import itertools
from collections.abc import Callable, Iterator, Sequence

from socialops.content.emphasis import Style, StyleKind
from socialops.networks.draft import Span

CODE = ("code", "block")
"""Styles in which nothing else means anything."""


def pieces(text: str, spans: Sequence[Span]) -> Iterator[tuple[str, Span | None]]:
    """Cut *text* at its spans, in order; all pieces joined are the text.

    A span that overlaps an earlier one, is empty, or reaches beyond the text is no span.
    """
    at = 0
    for span in sorted(spans, key=lambda span: (span.start, span.end)):
        if not at <= span.start < span.end <= len(text):
            continue
        if at < span.start:
            yield text[at : span.start], None
        yield text[span.start : span.end], span
        at = span.end
    if at < len(text):
        yield text[at:], None


def is_labelled(words: str, span: Span | None) -> bool:
    """Tell whether a piece is words that lead to an address other than they show."""
    return span is not None and span.kind == "link" and words != span.target


def spelled_out(text: str, spans: Sequence[Span], styles: Sequence[Style] = ()) -> str:
    """Return the text for places that know no markup: the address after each labelled link, `> ` before quoted lines.

    `shop (https://…)`
    """
    written: list[str] = []
    for begin, end, kind in stretches(text, styles):
        words = "".join(
            f"{words} ({span.target})" if span and is_labelled(words, span) else words
            for words, span in pieces(text[begin:end], moved(text, spans, begin, end))
        )
        written.append(with_signs(words, "> ") if kind == "quote" else words)
    return "".join(written)


def with_signs(words: str, sign: str) -> str:
    """Return *words* with a sign before each of their lines."""
    return "\n".join(f"{sign}{line}" for line in words.split("\n"))


def moved(text: str, spans: Sequence[Span], begin: int, end: int) -> list[Span]:
    """Return the pieces of spans that lie in a stretch of a text, as they lie in it; what is no span is left out."""
    return [
        Span(max(span.start, begin) - begin, min(span.end, end) - begin, span.kind, span.target)
        for span in spans
        if 0 <= span.start < span.end <= len(text) and span.start < end and span.end > begin
    ]


def settled(text: str, spans: Sequence[Span], styles: Sequence[Style]) -> tuple[tuple[Span, ...], tuple[Style, ...]]:
    """Return spans and styles as networks can nest them.

    Code holds nothing else: a written address in it is words, bold ends before it and goes on behind; the words of a
    labelled link are not code. Bold and italic begin and end with something to see, and lie within a quotation or
    without.
    """
    if not styles:
        return tuple(spans), ()
    labels = [span for span in spans if 0 <= span.start < span.end and is_labelled(text[span.start : span.end], span)]
    fine = [style for style in styles if 0 <= style.start < style.end <= len(text)]
    code: list[Style] = []
    for style in fine:
        if style.kind in CODE and not _overlaps(style, [*labels, *code]):
            code.append(style)
    quotes = [style for style in fine if style.kind == "quote"]
    kept = [span for span in spans if not _overlaps(span, code)]
    found: list[Style] = [*code, *quotes]
    edges = sorted({edge for style in found for edge in (style.start, style.end)})
    for style in fine:
        if style.kind not in ("bold", "italic"):
            continue
        marks = [style.start, *(edge for edge in edges if style.start < edge < style.end), style.end]
        for begin, end in itertools.pairwise(marks):
            words = text[begin:end]
            first, last = begin + len(words) - len(words.lstrip()), begin + len(words.rstrip())
            piece = Style(first, last, style.kind)
            if first < last and not _overlaps(piece, code):
                found.append(piece)
    return tuple(kept), tuple(sorted(found, key=lambda style: (style.start, -style.end, style.kind)))


def _overlaps(one: Span | Style, others: Sequence[Span | Style]) -> bool:
    return any(one.start < other.end and other.start < one.end for other in others)


def stretches(text: str, styles: Sequence[Style]) -> list[tuple[int, int, StyleKind | None]]:
    """Cut *text* at its quotations and blocks of code, in order; what is neither has no kind."""
    found: list[tuple[int, int, StyleKind | None]] = []
    at = 0
    for style in sorted(styles, key=lambda style: style.start):
        if style.kind not in ("quote", "block") or style.start < at:
            continue
        if at < style.start:
            found.append((at, style.start, None))
        found.append((style.start, style.end, style.kind))
        at = style.end
    if at < len(text) or not found:
        found.append((at, len(text), None))
    return found


def without_breaks(text: str, styles: Sequence[Style], most: int) -> Iterator[tuple[int, int, StyleKind | None]]:
    """Give the stretches that hold anything, less up to *most* line breaks beside a quotation or a block of code.

    Those stand on lines of their own wherever they are elements: the breaks beside them are theirs.
    """
    cut = stretches(text, styles)
    for number, (begin, end, kind) in enumerate(cut):
        first, last = begin, end
        if kind is None:
            while number and first < last and first < begin + most and text[first] == "\n":
                first += 1
            while number < len(cut) - 1 and first < last and last > end - most and text[last - 1] == "\n":
                last -= 1
        if first < last or len(cut) == 1:
            yield first, last, kind


def runs(text: str, begin: int, end: int, styles: Sequence[Style]) -> Iterator[tuple[str, frozenset[StyleKind]]]:
    """Cut a stretch of *text* where its bold, italic or code begins or ends, each piece with what it is."""
    inner = [style for style in styles if style.kind in ("bold", "italic", "code")]
    inner = [style for style in inner if style.start < end and style.end > begin]
    edges = {begin, end, *(edge for style in inner for edge in (style.start, style.end) if begin < edge < end)}
    ordered = sorted(edges)
    for start, stop in itertools.pairwise(ordered):
        yield (
            text[start:stop],
            frozenset(style.kind for style in inner if style.start <= start and stop <= style.end),
        )


_ELEMENTS: tuple[tuple[StyleKind, str], ...] = (("code", "code"), ("italic", "em"), ("bold", "strong"))


def inline_html(
    text: str,
    begin: int,
    end: int,
    spans: Sequence[Span],
    styles: Sequence[Style],
    *,
    target: Callable[[Span], str],
    line: str,
) -> str:
    """Return a stretch of *text* as HTML: links to what *target* gives, *line* for a line break, the rest escaped."""
    written = []
    at = begin
    for words, span in pieces(text[begin:end], moved(text, spans, begin, end)):
        shown = ""
        for run, kinds in runs(text, at, at + len(words), styles):
            piece = html.escape(run).replace("\n", line)
            for kind, element in _ELEMENTS:
                if kind in kinds:
                    piece = f"<{element}>{piece}</{element}>"
            shown += piece
        address = target(span) if span else ""
        written.append(f'<a href="{html.escape(address)}">{shown}</a>' if address else shown)
        at += len(words)
    return "".join(written)


def utf16_length(text: str) -> int:
    """Count the UTF-16 code units of *text*: two for what lies beyond U+FFFF, such as most emoji."""
    return len(text) if text.isascii() else len(text) + sum(character > "\uffff" for character in text)
