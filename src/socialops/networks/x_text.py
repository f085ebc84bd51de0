"""X's own way of counting: most letters 1, the rest 2, an emoji 2 whatever it is made of, an address 23.

The rules are those of twitter-text (configuration v3 and its conformance suite). Only its table of emoji is not used:
it ends in 2021, and newer emoji would be counted in pieces. What is an emoji is told here by Unicode's properties.

Addresses are what X makes a t.co link of: also `example.org` without a scheme, but nothing without a known domain.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from socialops.content.text import Span

URL_LENGTH = 23
"""What an address counts (twitter-text config/v3.json, transformedURLLength)."""
LONGEST_URL = 4096
LONGEST_LABEL = 63
LONGEST_SLUG = 40
"""Longer ones are no t.co addresses (twitter-text, extractUrlsWithIndices)."""

_HEAVY = re.compile("[^\x00-\u10ff\u2000-\u200d\u2010-\u201f\u2032-\u2037]")
"""Characters that count 2; all others count 1 (twitter-text config/v3.json, ranges). Every emoji has one of them."""
_INVALID = frozenset("\ufffe\ufeff\uffff")


@dataclass(frozen=True, slots=True)
class Weight:
    """What a text weighs, and how much of it fits.

    *fits* is how many code points of the NFC text are within the limit and before any character X refuses; *valid*
    says that the whole of it may be posted.
    """

    length: int
    fits: int
    valid: bool


def weighted_length(text: str, *, url_length: int = URL_LENGTH) -> int:
    """Count *text* as X does; pure."""
    text = unicodedata.normalize("NFC", text)
    length = done = 0
    for start, end in _bounds(text):
        between = text[done:start]
        if _HEAVY.search(between) is None:
            length += len(between)
        else:
            length += sum(weight for _, weight in _plain_pieces(between, emoji_whole=True))
        length += url_length if end > start else 0
        done = end
    return length


def weigh(text: str, most: int, *, url_length: int = URL_LENGTH, emoji_whole: bool = True) -> Weight:
    """Count *text* and find where *most* is reached; without *emoji_whole* as X did before it had configuration v3."""
    length = position = fits = 0
    clean = True
    for piece, weight in _pieces(text, url_length, emoji_whole=emoji_whole):
        length += weight
        position += len(piece)
        clean = clean and piece not in _INVALID
        if clean and length <= most:
            fits = position
    return Weight(length, fits, clean and 0 < length <= most)


def _pieces(text: str, url_length: int, *, emoji_whole: bool) -> Iterator[tuple[str, int]]:
    """Give the NFC text in pieces that are not divided, each with its weight."""
    text = unicodedata.normalize("NFC", text)
    done = 0
    for start, end in _bounds(text):
        yield from _plain_pieces(text[done:start], emoji_whole=emoji_whole)
        if end > start:
            yield text[start:end], url_length
        done = end


def _bounds(text: str) -> list[tuple[int, int]]:
    """Return where each address begins and ends, and at last the end of the text."""
    return [*((span.start, span.end) for span in find_urls(text)), (len(text), len(text))]


def _plain_pieces(text: str, *, emoji_whole: bool) -> Iterator[tuple[str, int]]:
    if not emoji_whole:
        yield from ((character, _weight(character)) for character in text)
        return
    for found in _emoji().finditer(text):
        yield found[0], 2 if found["emoji"] else _weight(found[0])


def _weight(character: str) -> int:
    return 1 if _HEAVY.match(character) is None else 2


@functools.cache
def _emoji() -> Any:
    """Return the pattern of an emoji sequence (Unicode Technical Standard 51, section 1.4.9), or one character.

    Extended_Pictographic holds the code points of emoji to come as well. Flags by tags are the three that there are.
    """
    import regex

    element = r"(?:\p{Emoji_Modifier_Base}\p{Emoji_Modifier}|[\p{Extended_Pictographic}--[©®™]]\ufe0f?|[©®™]\ufe0f)"
    return regex.compile(
        rf"""(?P<emoji>
            \p{{Regional_Indicator}}{{2}}
            | [0-9\#*]\ufe0f?\u20e3
            | \U0001f3f4\U000e0067\U000e0062
              (?:\U000e0065\U000e006e\U000e0067|\U000e0073\U000e0063\U000e0074|\U000e0077\U000e006c\U000e0073)
              \U000e007f
            | {element}\u20e3?(?:\u200d{element})*
            | \p{{Emoji_Presentation}}\ufe0f?
        ) | (?s:.)""",
        regex.VERSION1 | regex.VERBOSE,
    )


# --- Addresses and cashtags -------------------------------------------------------------------------------------------

_ACCENTS = (
    "\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u0253\u0254\u0256\u0257\u0259\u025b\u0263\u0268\u026f\u0272\u0289\u028b"
    "\u02bb\u0300-\u036f\u1e00-\u1eff"
)
_CYRILLIC = "\u0400-\u04ff"
_DIRECTIONS = "\u202a-\u202e\u061c\u200e\u200f\u2066-\u2069"
_SPACES = "\t-\r \u0085\u00a0\u1680\u180e\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_NONCHARACTERS = "\ufffe\ufeff\uffff"
_PUNCTUATION = r"!'#%&()*+,\\\-./:;<=>?@\[\]\^_{|}~$"

_LETTER = f"[^{_PUNCTUATION}{_SPACES}{_NONCHARACTERS}{_DIRECTIONS}]"
"""What may stand in a host's name."""
_PATH = rf"[a-zA-Z0-9{_CYRILLIC}{_ACCENTS}!*';:=+,.$/%#\[\]\-\u2013_~@|&]"
_PARENTHESES = rf"\((?:{_PATH}+|{_PATH}*\({_PATH}+\){_PATH}*)\)"
_PATH_END = rf"(?:[+\-a-zA-Z0-9{_CYRILLIC}{_ACCENTS}=_#/]|{_PARENTHESES})"
_QUERY = r"[a-zA-Z0-9!?*'@();:&=+$/%#\[\]\-_.,~|]"
_QUERY_END = r"[a-zA-Z0-9\-_&=#/]"
_TOP = r"(?:(?i:\L<domains>)(?=[^0-9a-zA-Z@+\-]|\Z)|(?i:xn--)[\-0-9a-zA-Z]+)"
"""The end of a host's name."""


@functools.cache
def _domains() -> list[str]:
    lines = (Path(__file__).parent / "x_domains.txt").read_text("utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


@functools.cache
def _address() -> tuple[Any, Any, Any]:
    """Return the patterns of an address, of a host in plain letters, and of what t.co gives out."""
    import regex

    whole = regex.compile(
        rf"(?P<before>[^A-Za-z0-9@＠$#＃{_NONCHARACTERS}]|^)"
        r"(?P<url>(?P<scheme>(?i:https?)://)?"
        rf"(?P<host>(?:(?:{_LETTER}(?:[_\-]|{_LETTER})*)?{_LETTER}\.)*"
        rf"(?:{_LETTER}(?:-|{_LETTER})*)?{_LETTER}\.{_TOP})"
        r"(?::[0-9]+)?"
        rf"(?P<path>/(?:{_PATH}*(?:{_PARENTHESES}{_PATH}*)*{_PATH_END}|@{_PATH}+/)*)?"
        rf"(?:\?{_QUERY}*{_QUERY_END})?)",
        regex.VERSION1,
        domains=_domains(),
    )
    host = regex.compile(rf"(?:[\-a-zA-Z0-9{_ACCENTS}]+\.)+{_TOP}", regex.VERSION1, domains=_domains())
    short = regex.compile(rf"(?i:https?://t\.co/)(?P<slug>[a-zA-Z0-9]+)(?:\?{_QUERY}*{_QUERY_END})?", regex.VERSION1)
    return whole, host, short


def find_urls(text: str) -> list[Span]:
    """Find what X makes links of, in order; the target is the text as it stands, with or without its scheme."""
    if "." not in text:
        return []
    whole, _, short = _address()
    spans: list[Span] = []
    for found in whole.finditer(text):
        start, end, url, scheme = found.start("url"), found.end("url"), found["url"], found["scheme"]
        if not _may_be(url, scheme or "https://", found["host"]):
            continue
        if not scheme:
            spans += _bare(found)
            continue
        if given := short.match(url):
            if len(given["slug"]) > LONGEST_SLUG:
                continue
            end = start + given.end()
        spans.append(Span(start, end, "link", text[start:end]))
    return spans


def _bare(found: Any) -> list[Span]:
    """Return the addresses in a stretch without a scheme: only its hosts in plain letters are any."""
    if found["before"] and found["before"] in "-_./":
        return []
    begin = found.start("host")
    spans = [
        Span(begin + host.start(), begin + host.end(), "link", host[0])
        for host in _address()[1].finditer(found["host"])
    ]
    if spans and found["path"]:
        start = spans[-1].start
        spans[-1] = Span(start, found.end("url"), "link", found["url"][start - found.start("url") :])
    return spans


def _may_be(url: str, scheme: str, host: str) -> bool:
    """Tell whether the name service could know the host (RFC 3490, section 4.1)."""
    if host.startswith("xn--") and not _address()[1].search(host):
        return False
    return len(scheme) + len(url) <= LONGEST_URL and all(_encoded(label) <= LONGEST_LABEL for label in host.split("."))


def _encoded(label: str) -> int:
    """Return the length of a label of a host in ASCII; one that is too long as it stands is not encoded."""
    if label.isascii() or len(label) > LONGEST_LABEL:
        return len(label)
    for other in "\u3002\uff0e\uff61":
        label = label.replace(other, ".")
    parts = [part if part.isascii() else "xn--" + _punycode(part) for part in label.split(".")]
    return len(".".join(parts))


def _punycode(part: str) -> str:
    return part.encode("utf-8", "replace").decode("utf-8").encode("punycode").decode("ascii")


@functools.cache
def _cashtag() -> Any:
    import regex

    end = rf"(?=$|\s|[{_PUNCTUATION}])"
    return regex.compile(rf"(?:^|[{_SPACES}])\$(?P<tag>[a-zA-Z]{{1,6}}(?:[._][a-zA-Z]{{1,2}})?){end}", regex.VERSION1)


def find_cashtags(text: str) -> list[tuple[int, int, str]]:
    """Find `$TICKER`s: (start, end, ticker) each, in code points."""
    if "$" not in text:
        return []
    return [(found.start("tag") - 1, found.end("tag"), found["tag"]) for found in _cashtag().finditer(text)]
