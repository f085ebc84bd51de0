"""LinkedIn's `little` text: how commentary is written for the API, read back from it, and counted.

Source: learn.microsoft.com, little Text Format (view 2026-05). Reserved characters must be escaped everywhere, also in
addresses: at the first one that is not, the text ends, and LinkedIn says nothing of it. Comments, titles and polls are
plain text and must not be escaped.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from socialops.content.text import Span, find_urls

RESERVED = "\\|{}@[]()<>#*_~"

_TO_ESCAPE = re.compile(r"[\\|{}@\[\]()<>#*_~]")
_MENTIONED = re.compile(r"urn:li:(?:organization|person):[A-Za-z0-9_-]{1,64}")
_ELEMENT = re.compile(
    r"@\[(?P<name>(?:\\.|[^\\\]])*)\]\(urn:li:[^()\s]*\)"
    r"|\{hashtag\|(?P<sign>\\?[#＃])\|(?P<tag>(?:\\.|[^\\|{}])*)\}"
    r"|\\(?P<plain>[\\|{}@\[\]()<>#*_~])",
    re.DOTALL,
)
_SHORTENED = "lnkd.in"


def units(text: str) -> int:
    """Count UTF-16 code units: what LinkedIn's own length is in (an emoji is two or more)."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def escaped(text: str) -> str:
    """Return *text* so that LinkedIn takes every character of it for itself."""
    return _TO_ESCAPE.sub(r"\\\g<0>", text)


def little(text: str, spans: Sequence[Span]) -> str:
    """Return *text* as commentary: mentions of a URN and hashtags become elements, all else is escaped.

    A mention links only when what stands there (without a leading `@`) is the very name of the organisation. What does
    not lie inside the text, or overlaps the span before, is plain text, and so is a mention without a URN.
    """
    return "".join(
        _mention(words, urn) if urn else _tag(words) if sign else escaped(words)
        for words, urn, sign in _pieces(text, spans)
    )


def visible(text: str, spans: Sequence[Span]) -> str:
    """Return what people see of *text*: linked mentions stand there without their `@`."""
    return "".join(words for words, _, _ in _pieces(text, spans))


def _pieces(text: str, spans: Sequence[Span]) -> Iterator[tuple[str, str, bool]]:
    """Cut *text* into (what people see, the URN of a mention, whether it is a hashtag)."""
    done = 0
    for span in sorted(spans, key=lambda span: (span.start, span.end)):
        if not done <= span.start < span.end <= len(text):
            continue
        words, urn, sign = text[span.start : span.end], "", False
        if span.kind == "mention" and _MENTIONED.fullmatch(span.target):
            words, urn = words.removeprefix("@"), span.target
        elif span.kind == "tag":
            sign = words[0] in "#＃" and len(words) > 1 and not any(map(str.isspace, words))
        if not (sign or (urn and words.strip())):
            continue
        yield text[done : span.start], "", False
        yield words, urn, sign
        done = span.end
    yield text[done:], "", False


def _mention(name: str, urn: str) -> str:
    return f"@[{escaped(name)}]({urn})"


def _tag(words: str) -> str:
    return f"{{hashtag|{escaped(words[0])}|{escaped(words[1:])}}}"


def shown(commentary: str) -> str:
    """Return what people see of commentary that was read from LinkedIn."""
    return _ELEMENT.sub(_seen, commentary)


def _seen(found: re.Match[str]) -> str:
    if found["plain"]:
        return found["plain"]
    if found["name"] is not None:
        return shown(found["name"])
    return found["sign"][-1] + shown(found["tag"])


def says_the_same(ours: str, theirs: str) -> bool:
    """Tell whether two visible texts are the same but for white space, composition and addresses LinkedIn shortened."""
    words, addresses = _cut(ours)
    their_words, their_addresses = _cut(theirs)
    return words == their_words and all(
        mine == other or urlsplit(other).netloc == _SHORTENED
        for mine, other in zip(addresses, their_addresses, strict=True)
    )


def _cut(text: str) -> tuple[list[str], list[str]]:
    """Cut a text at its addresses: the words between them (one more than there are addresses), and the addresses."""
    squeezed = " ".join(unicodedata.normalize("NFC", text).split())
    words, addresses, done = [], [], 0
    for span in find_urls(squeezed):
        words.append(squeezed[done : span.start])
        addresses.append(span.target)
        done = span.end
    return [*words, squeezed[done:]], addresses
