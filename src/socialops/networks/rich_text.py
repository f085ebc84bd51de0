"""Rich text: plain text with spans, on its way into a network's own markup.

Networks on which words can be a link want entities, escapes or angle brackets; all of them begin with the same pieces.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from socialops.networks.draft import Span


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


def spelled_out(text: str, spans: Sequence[Span]) -> str:
    """Return the text with the address after each labelled link, for places that know no links (`shop (https://…)`)."""
    return "".join(
        f"{words} ({span.target})" if span and is_labelled(words, span) else words
        for words, span in pieces(text, spans)
    )


def utf16_length(text: str) -> int:
    """Count the UTF-16 code units of *text*: two for what lies beyond U+FFFF, such as most emoji."""
    return len(text) if text.isascii() else len(text) + sum(character > "\uffff" for character in text)
