"""The words of a post as one channel will get them: names become handles, the link and the hashtags are added."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from socialops.content.emphasis import Style
from socialops.content.handles import handle_on, naming
from socialops.content.text import Span, find_mentions, fold, tag_in


@dataclass(frozen=True, slots=True)
class Mention:
    """Somebody whom a text names: `@name` as written, what stands in the text for it, and whom the network is told.

    *target* is the handle, without its `@`; empty where only the plain name is shown.
    """

    name: str
    shown: str
    target: str


def with_handles(
    text: str, rich: Sequence[Span], network: str, handles: Mapping[str, Mapping[str, str]]
) -> tuple[str, tuple[Span, ...], list[Mention]]:
    """Put the network's own handle where a text says `@name`, and move the spans *rich* along.

    Names are those of `brand/handles.yml`. Where a name has no handle on this network it becomes plain words: its
    `name:` in that file, or the name itself. Networks whose handles nobody reads (LinkedIn's URNs, the numbers of
    Discord and Slack) get the plain name in a span that leads to the handle. What is not in the file stays as it is, as
    does a label that is a link.
    """
    words, spans, _, found = with_styled_handles(text, rich, (), network, handles)
    return words, spans, found


def with_styled_handles(
    text: str,
    rich: Sequence[Span],
    styles: Sequence[Style],
    network: str,
    handles: Mapping[str, Mapping[str, str]],
) -> tuple[str, tuple[Span, ...], tuple[Style, ...], list[Mention]]:
    """Do the same, and move the *styles* along too."""
    if "@" not in text or not handles:
        return text, tuple(rich), tuple(styles), []
    shows = naming(network).shows
    pieces: list[str] = []
    shifts: list[tuple[int, int]] = []
    found: list[Mention] = []
    named: list[Span] = []
    done = moved = 0
    for mention in find_mentions(text):
        known = handles.get(mention.target) or handles.get(mention.target.casefold())
        if known is None or any(mention.start < span.end and span.start < mention.end for span in rich):
            continue
        handle = "" if shows == "words" else handle_on(network, known)
        plain = str(known.get("name") or mention.target)
        words = f"@{handle}" if handle and shows == "handle" else plain
        pieces += (text[done : mention.start], words)
        found.append(Mention(mention.target, words, handle))
        if handle and shows == "name":
            start = mention.start + moved
            named.append(Span(start, start + len(words), "mention", handle))
        done = mention.end
        moved += len(words) - (mention.end - mention.start)
        shifts.append((mention.end, moved))
    pieces.append(text[done:])
    spans = sorted([*(_shifted(span, shifts) for span in rich), *named], key=lambda span: span.start)
    kept = tuple([Style(_moved(style.start, shifts), _moved(style.end, shifts), style.kind) for style in styles])
    return "".join(pieces), tuple(spans), kept, found


def _moved(offset: int, shifts: Sequence[tuple[int, int]]) -> int:
    return offset + next((moved for position, moved in reversed(shifts) if position <= offset), 0)


def _shifted(span: Span, shifts: Sequence[tuple[int, int]]) -> Span:
    by = 0
    for position, moved in shifts:
        if position <= span.start:
            by = moved
    return Span(span.start + by, span.end + by, span.kind, span.target) if by else span


def with_tags(text: str, tags: tuple[str, ...], spans: Iterable[Span], lang: str) -> tuple[str, list[Span]]:
    """Return *text* with a line of those hashtags that are not among *spans* yet, and the spans of that line.

    Each is added once, in order; case does not count.
    """
    said = [fold(span.target, lang) for span in spans if span.kind == "tag"]
    line, found = _tag_line(tags, frozenset(said) if said else _NONE, lang)
    if not line:
        return text, []
    start = len(text) + 2 if text else 0
    return with_line(text, line), [Span(start + begin, start + end, "tag", tag) for begin, end, tag in found]


_NONE: frozenset[str] = frozenset()


@functools.lru_cache(maxsize=1024)
def _tag_line(tags: tuple[str, ...], seen: frozenset[str], lang: str) -> tuple[str, tuple[tuple[int, int, str], ...]]:
    words: list[str] = []
    found: list[tuple[int, int, str]] = []
    used = set(seen)
    start = 0
    for written in tags:
        tag = written.lstrip("#＃").strip()
        key = fold(tag, lang)
        if not tag or key in used:
            continue
        used.add(key)
        words.append(f"#{tag}")
        kept = tag_in(tag)
        if kept:
            found.append((start, start + 1 + len(kept), kept))
        start += len(tag) + 2
    return " ".join(words), tuple(found)


def with_line(text: str, line: str) -> str:
    """Return *text* with *line* under it, after a blank line."""
    return f"{text}\n\n{line}" if text and line else text or line


def with_warning(text: str, spans: Sequence[Span], warning: str) -> tuple[str, tuple[Span, ...]]:
    """Return *text* with a content warning above it, and its spans moved along."""
    whole = with_line(f"CW: {warning}", text)
    by = len(whole) - len(text)
    return whole, tuple(Span(span.start + by, span.end + by, span.kind, span.target) for span in spans)
