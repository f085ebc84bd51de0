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
_SPACES = "\t-\r \u0085\u00a0\u1680\u180e\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_UNSEEN = "\ufffe\ufeff\uffff\u202a-\u202e\u061c\u200e\u200f\u2066-\u2069"
_SIGNS = r"!'#%&()*+,\\/:;<=>?@\[\]\^{|}~$"
_PATH = rf"[a-zA-Z0-9{_CYRILLIC}{_ACCENTS}!*';:=+,.$/%#\[\]\-\u2013_~@|&]"
_PARENTHESES = rf"\((?:{_PATH}+|{_PATH}*\({_PATH}+\){_PATH}*)\)"
_PATH_END = rf"(?:[+\-a-zA-Z0-9{_CYRILLIC}{_ACCENTS}=_#/]|{_PARENTHESES})"
_QUERY = r"(?:\?[a-zA-Z0-9!?*'@();:&=+$/%#\[\]\-_.,~|]*[a-zA-Z0-9\-_&=#/])?"

_HOSTS = re.compile(f"[^{_SIGNS}{_SPACES}{_UNSEEN}]+")
"""A stretch in which hosts may stand: letters in X's sense, with dots, dashes and underscores."""
_SCHEME = re.compile(r"https?://\Z", re.IGNORECASE | re.ASCII)
_TAIL = re.compile(rf"(?::[0-9]+)?(?P<path>/(?:{_PATH}*(?:{_PARENTHESES}{_PATH}*)*{_PATH_END}|@{_PATH}+/)*)?{_QUERY}")
"""What may follow a host: a port, a path, a query."""
_SHORT = re.compile(rf"[hH][tT][tT][pP][sS]?://[tT]\.[cC][oO]/(?P<slug>[a-zA-Z0-9]+){_QUERY}")
_PLAIN_END = re.compile(rf"[\-a-zA-Z0-9{_ACCENTS}]+\Z")
_PUNYCODE = re.compile(r"[xX][nN]--[\-0-9a-zA-Z]+")
_GOES_ON = re.compile(r"[0-9a-zA-Z@+\-]")
_NOT_BEFORE = re.compile(r"[A-Za-z0-9@＠$#＃\ufffe\ufeff\uffff]")
"""An address does not begin right behind one of these."""


@functools.cache
def _domains() -> tuple[frozenset[str], int]:
    """Return the domains that end a host, and the length of the longest."""
    lines = (Path(__file__).parent / "x_domains.txt").read_text("utf-8").splitlines()
    names = frozenset(line for line in lines if line and not line.startswith("#"))
    return names, max(map(len, names))


def _top(text: str, at: int, limit: int) -> int:
    """Return where the domain that begins at *at* ends; 0 when none does, or none before *limit*."""
    names, longest = _domains()
    for end in range(min(at + longest, limit), at, -1):
        if text[at:end].lower() in names and (end == limit or not _GOES_ON.match(text, end)):
            return end
    found = _PUNYCODE.match(text, at, limit)
    return found.end() if found else 0


class _Stretch:
    """The labels between the dots of a stretch, and for each how far a host that begins in it reaches.

    A host ends in a known domain; of several ends the last counts. What is known of a label holds for every place in it
    where a host may begin, so a stretch is read once, however long it is.
    """

    __slots__ = ("index", "labels", "reach", "text", "tops")

    def __init__(self, text: str, begin: int, end: int) -> None:
        self.text = text
        self.labels: list[tuple[int, int]] = []
        while begin <= end:
            dot = text.find(".", begin, end)
            self.labels.append((begin, dot if dot >= 0 else end))
            begin = (dot if dot >= 0 else end) + 1
        self.tops = [*(_top(text, stop + 1, len(text)) for _, stop in self.labels[:-1]), 0]
        self.index = 0
        self.reach = [0] * (len(self.labels) + 1)
        for index in range(len(self.labels) - 1, -1, -1):
            self.reach[index] = self.host_end(index, self.labels[index][0])

    def host_end(self, index: int, start: int) -> int:
        """Return where a host that begins at *start*, in the label at *index*, ends; 0 when none begins there."""
        stop = self.labels[index][1]
        if start >= stop or self.text[start] in "-_" or self.text[stop - 1] in "-_":
            return 0
        # An underscore may stand in every label but the one before the domain.
        return self.reach[index + 1] or (0 if "_" in self.text[start:stop] else self.tops[index])

    def first(self, least: int) -> tuple[int, int]:
        """Return where the first host at or behind *least* begins and ends; (0, 0) when there is none.

        *least* never falls from one call to the next.
        """
        while self.index < len(self.labels) and self.labels[self.index][1] <= least:
            self.index += 1
        for index in range(self.index, len(self.labels)):
            begin, stop = self.labels[index]
            if not (self.reach[index + 1] or self.tops[index]):
                continue
            start = max(begin, least)
            if not self.reach[index + 1]:
                start = max(start, self.text.rfind("_", begin, stop) + 1)
            for place in range(start, stop):
                if (place == 0 or not _NOT_BEFORE.match(self.text, place - 1)) and (end := self.host_end(index, place)):
                    return place, end
        return 0, 0


def find_urls(text: str) -> list[Span]:
    """Find what X makes links of, in order; the target is the text as it stands, with or without its scheme.

    As twitter-text does it (extractUrlsWithIndices), but in a time that grows no faster than the text.
    """
    if "." not in text:
        return []
    spans: list[Span] = []
    free = 0
    for found in _HOSTS.finditer(text):
        begin, end = found.span()
        if end <= free or "." not in found[0]:
            continue
        stretch = _Stretch(text, begin, end)
        scheme = _SCHEME.search(text, max(0, begin - 8), begin)
        if scheme and _may_begin(text, scheme.start(), free) and (host_end := stretch.host_end(0, begin)):
            free = _take(text, scheme.start(), begin, host_end, spans)
        while free < end:
            start, host_end = _next(text, stretch, free)
            if not host_end:
                break
            free = _take(text, start, start, host_end, spans)
    return spans


def _may_begin(text: str, start: int, free: int) -> bool:
    """Tell whether an address with a scheme may begin at *start*, when everything before *free* is taken."""
    return free == 0 if start == 0 else start > free and not _NOT_BEFORE.match(text, start - 1)


def _next(text: str, stretch: _Stretch, free: int) -> tuple[int, int]:
    if free:
        return stretch.first(free + 1)
    begin, end = stretch.first(0)
    if begin == 0 and end and not _NOT_BEFORE.match(text, 0):
        # The first sign of a text counts as the one before an address where it can: a quirk of twitter-text.
        second, second_end = stretch.first(1)
        if second == 1:
            return second, second_end
    return begin, end


def _take(text: str, start: int, host_start: int, host_end: int, spans: list[Span]) -> int:
    """Add the addresses of one find to *spans*, if X takes them for any; return where the find ends."""
    tail = _TAIL.match(text, host_end)
    assert tail is not None, "a tail may be empty"  # noqa: S101
    end = tail.end()
    host, url = text[host_start:host_end], text[start:end]
    if not _may_be(url, text[start:host_start] or "https://", host):
        return end
    if start == host_start:
        if start == 0 or text[start - 1] not in "-_./":
            spans += _bare(text, start, host_end, end if tail["path"] else 0)
        return end
    stop = end
    if given := _SHORT.match(url):
        if len(given["slug"]) > LONGEST_SLUG:
            return end
        stop = start + given.end()
    spans.append(Span(start, stop, "link", text[start:stop]))
    return end


def _bare(text: str, start: int, host_end: int, end: int) -> list[Span]:
    """Return the hosts in plain letters of one without a scheme: only those are addresses there.

    The last of them has the path, which ends at *end*, if there is one.
    """
    spans: list[Span] = []
    begin, top, position = -1, 0, start
    while position < host_end:
        dot = text.find(".", position, host_end)
        stop = dot if dot >= 0 else host_end
        if begin >= 0:
            top = _top(text, position, host_end) or top
        plain = _PLAIN_END.search(text[position:stop])
        whole = plain is not None and plain.start() == 0
        if begin < 0 or not whole or dot < 0:
            if begin >= 0 and top:
                spans.append(Span(begin, top, "link", text[begin:top]))
            # What a found host takes of this label cannot begin the next one.
            begin = max(position + plain.start(), top) if plain and dot >= 0 else -1
            top = 0
        position = stop + 1
    if spans and end:
        first = spans[-1].start
        spans[-1] = Span(first, end, "link", text[first:end])
    return spans


def _may_be(url: str, scheme: str, host: str) -> bool:
    """Tell whether the name service could know the host (RFC 3490, section 4.1)."""
    if len(scheme) + len(url) > LONGEST_URL or (host.startswith("xn--") and not _bare(host, 0, len(host), 0)):
        return False
    return all(_encoded(label) <= LONGEST_LABEL for label in host.split("."))


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


_CASHTAG = re.compile(
    rf"(?:^|[{_SPACES}])\$(?P<tag>[a-zA-Z]{{1,6}}(?:[._][a-zA-Z]{{1,2}})?)(?=\Z|\s|[\-._{_SIGNS}])", re.ASCII
)


def find_cashtags(text: str) -> list[tuple[int, int, str]]:
    """Find `$TICKER`s: (start, end, ticker) each, in code points."""
    if "$" not in text:
        return []
    return [(found.start("tag") - 1, found.end("tag"), found["tag"]) for found in _CASHTAG.finditer(text)]
