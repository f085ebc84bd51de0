"""Discord's markdown, for text that is to look as it was written.

Whatever in a text would become bold, a list, a heading, a spoiler, a mention or a picture gets a backslash, which
Discord takes away again before any sign that is neither a letter, a digit nor white space. Only links are markup.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from socialops.networks.draft import Span
from socialops.networks.rich_text import is_labelled, pieces

_MARKUP = re.compile(
    r"[\\*_~`|\[\]<]"  # emphasis, code, spoilers, links, mentions, emoji, timestamps
    r"|@(?=everyone|here)"
    r"|:(?=//)"  # what begins like an address and is none
    r"|^[^\S\n]*(?:>|\#{1,3}(?=\s)|-\#(?=\s)|[-+](?=\s))"
    r"|^[^\S\n]*\d+\.(?=\s)",
    re.MULTILINE,
)
_PERSON = re.compile(r"[1-9]\d{14,19}")
_BARE = re.compile(r"https?://[^\s<]+[^<.,:;\"'\]\s]")
"""What Discord makes a link of when it stands alone."""
_ENDS_A_LINK = re.compile(r"[.,:;\"']*(?:\s|$)")
_NOT_IN_TARGETS = re.compile(r"[\s<>\\\x00-\x1f\x7f]")


def marked_up(text: str, spans: Sequence[Span], *, everyone: bool = False) -> str:
    """Return *text* as Discord must get it to show just that, with its links and the people it names by number.

    With *everyone*, `@everyone` and `@here` keep their meaning.
    """
    escaped = _escaped(text, everyone=everyone)
    written: list[str] = []
    at = 0
    for words, span in pieces(text, spans):
        end = at + len(words)
        plain = "".join(escaped[at:end])
        if span is None:
            written.append(plain)
        elif is_labelled(words, span):
            written.append(_labelled(words, plain, span.target))
        elif span.kind == "link":
            written.append(_written_out(words, text, end))
        elif person := mentioned(span):
            written.append(f"<@{person}>")
        else:
            written.append(plain)
        at = end
    return "".join(written)


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
