"""Discord's markdown, for text that is to look as it was written.

Whatever in a text would become bold, a list, a heading, a spoiler, a mention or a picture gets a backslash, which
Discord takes away again before any sign that is neither a letter, a digit nor white space. Only links, and what the
draft says is emphasised, are markup.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from socialops.content.emphasis import Style
from socialops.networks.draft import Span
from socialops.networks.rich_text import is_labelled, moved, pieces, settled, stretches, with_signs

_MARKUP = re.compile(
    r"[\\*_~`|\[\]<]"  # emphasis, code, spoilers, links, mentions, emoji, timestamps
    r"|@(?=everyone|here)"
    r"|:(?=//)"  # what begins like an address and is none
    r"|^[^\S\n]*(?:>|\#{1,3}(?=\s)|-\#(?=\s)|[-+](?=\s))"
    r"|^[^\S\n]*\d+\.(?=\s)",
    re.MULTILINE,
)
_SIGNS = {"bold": "**", "italic": "*"}
_TICKS = re.compile("`+")
_PERSON = re.compile(r"[1-9]\d{14,19}")
_BARE = re.compile(r"https?://[^\s<]+[^<.,:;\"'\]\s]")
"""What Discord makes a link of when it stands alone."""
_ENDS_A_LINK = re.compile(r"[.,:;\"']*(?:\s|$)")
_NOT_IN_TARGETS = re.compile(r"[\s<>\\\x00-\x1f\x7f]")


def marked_up(text: str, spans: Sequence[Span], styles: Sequence[Style] = (), *, everyone: bool = False) -> str:
    """Return *text* as Discord must get it to show just that: links, people by number, and what is emphasised.

    With *everyone*, `@everyone` and `@here` keep their meaning.
    """
    spans, styles = settled(text, spans, styles)
    signs = _Signs(text, styles)
    escaped = _escaped(text, everyone=everyone)
    for at in signs.code:
        escaped[at] = text[at]
    written: list[str] = []
    for begin, end, kind in stretches(text, styles):
        if kind == "block":
            written.append(_block(text[begin:end], "".join(escaped[begin:end])))
            continue
        words = "".join(_pieces(text, begin, end, spans, escaped, signs))
        written.append(with_signs(words, "> ") if kind == "quote" else words)
    return "".join(written)


class _Signs:
    """What stands before and after the characters of a text to make them bold, italic or code."""

    def __init__(self, text: str, styles: Sequence[Style]) -> None:
        self.before: dict[int, str] = {}
        self.after: dict[int, str] = {}
        self.code: set[int] = set()
        # The widest comes first, and so stands outside.
        for style in styles:
            sign = _SIGNS.get(style.kind, "")
            opens = closes = sign
            if style.kind == "code":
                words = text[style.start : style.end]
                ticks = "`" * (max((len(found) for found in _TICKS.findall(words)), default=0) + 1)
                gap = " " if words.startswith("`") or words.endswith("`") else ""
                opens, closes = ticks + gap, gap + ticks
                self.code.update(range(style.start, style.end))
            if opens:
                self.before[style.start] = self.before.get(style.start, "") + opens
                self.after[style.end - 1] = closes + self.after.get(style.end - 1, "")


def _pieces(
    text: str, begin: int, end: int, spans: Sequence[Span], escaped: Sequence[str], signs: _Signs
) -> Iterator[str]:
    at = begin
    for words, span in pieces(text[begin:end], moved(text, spans, begin, end)):
        stop = at + len(words)
        plain = "".join(signs.before.get(i, "") + escaped[i] + signs.after.get(i, "") for i in range(at, stop))
        outside = signs.before.get(at, ""), signs.after.get(stop - 1, "")
        if span is None:
            yield plain
        elif is_labelled(words, span):
            yield _labelled(words, plain, span.target)
        elif span.kind == "link":
            address = f"<{words}>" if outside[1] else _written_out(words, text, stop)
            yield f"{outside[0]}{address}{outside[1]}"
        elif person := mentioned(span):
            yield f"{outside[0]}<@{person}>{outside[1]}"
        else:
            yield plain
        at = stop


def _block(words: str, plain: str) -> str:
    """Return lines of code; as plain words where they hold the very signs that end such a block."""
    return plain if "```" in words else f"```\n{words}\n```"


def mentioned(span: Span) -> str:
    """Return the number of the person a span names; empty where it names nobody, or somebody in words."""
    return span.target if span.kind == "mention" and _PERSON.fullmatch(span.target) else ""


def _escaped(text: str, *, everyone: bool) -> list[str]:
    """Return each character of *text*, with a backslash where it would be markup."""
    characters = list(text)
    for found in _MARKUP.finditer(text):
        # Of a list's number the full stop is what makes it one; of everything else the first sign that is no space.
        number = re.search(r"\d+(?=\.)", found[0])
        sign = found.start() + (number.end() if number else len(found[0]) - len(found[0].lstrip()))
        if not (everyone and text[sign] == "@"):
            characters[sign] = f"\\{text[sign]}"
    return characters


def _labelled(words: str, plain: str, target: str) -> str:
    address = _NOT_IN_TARGETS.sub(lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode()), target)
    if not words.strip() or "://" in words:
        # Discord makes no link of words that are an address themselves, or of none.
        return f"{plain} <{address}>" if words.strip() else f"<{address}>"
    return f"[{plain}](<{address}>)" if "(" in address or ")" in address else f"[{plain}]({address})"


def _written_out(url: str, text: str, end: int) -> str:
    """Return an address as it is, in angle brackets where what follows would be taken for a part of it."""
    bare = _BARE.fullmatch(url) and _ENDS_A_LINK.match(text, end)
    return url if bare else f"<{url}>"
