"""Where the words of a text are: by Unicode, without addresses and names, hashtags taken apart.

A text is read chunk by chunk (what stands between white space), because everything that is no word, an address or an
`@name`, holds no white space. Offsets are code points.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST_WORD = 128
"""Code points of a word, accents and invisible characters included, beyond which it is not looked at."""
CHUNK = re.compile(r"\S+")
"""What `str.split` splits into."""

_MARKS = (
    "\u0300-\u036f\u0591-\u05bd\u05bf\u05c1-\u05c7\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20f0\ufe0f"
    "\u00ad\u200b-\u200f\u2060"
)
"""What belongs to a letter and is none for `\\w`: accents, points, joiners."""
_ADDRESS = re.compile(rf"(?<![\w{_MARKS}])(?:https?://|www\.)[^\s<>\"«»„“”]+", re.IGNORECASE)
_NAME = re.compile(rf"@[\w.\-{_MARKS}]+(?:@[\w.\-{_MARKS}]+)?")
_BEFORE_AT = re.compile(rf"[\w.+\-{_MARKS}]")
_DOTTED = re.compile(rf"(?<![\w\-{_MARKS}])([\w\-{_MARKS}]++(?:\.[\w\-{_MARKS}]++)++)(?:[/?#:][^\s<>\"«»„“”)\]]*)?")
_DOMAIN_END = re.compile(
    r"\.(?:com|org|net|edu|gov|info|biz|app|dev|shop|store|online|site|blog|social|bike|example|test|"
    r"ac|ai|at|be|bg|ch|co|cy|cz|de|dk|es|eu|fi|fr|gr|hu|ie|il|in|io|it|jp|link|ly|md|me|nl|no|pl|pt|ro|se|tr|tv|uk|us)"
    r"$"
)
_SIMPLE = re.compile(
    '["(“„«*]*'
    "(?:([A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u0131\u0134-\u013e\u0141-\u0148\u014a-\u017e\u0218-\u021b]+)"
    '|([\u05d0-\u05ea]+))[.,:;!?…)"”»*]*'
)
"""A word of letters alone, with punctuation around it, as most chunks are."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word where it stands: offsets in code points, *end* exclusive; *tag* tells that it is (part of) a hashtag."""

    start: int
    end: int
    text: str
    tag: bool = False


@dataclass(frozen=True, slots=True)
class Chunk:
    """The words of a chunk in their order, and its hashtags as wholes (without their `#`)."""

    words: tuple[Word, ...]
    tags: tuple[Word, ...] = ()


@functools.cache
def _patterns() -> tuple[Any, Any]:
    import regex

    # Accents, vowel points and what cannot be seen (joiners, soft hyphens, direction marks) belong to their letter.
    more = r"[\p{M}\p{DI}]*+"
    letter = r"[[\p{L}\p{N}]--\p{Hebrew}]"
    hebrew = r"[\p{L}&&\p{Hebrew}]"
    apostrophe = r"['’‘ʼ`´＇]"
    gershayim = r"['’‘ʼ´׳\"”“„״＇＂]"
    # Bounded, so that a row of numbers without end is not tried from each of its places.
    number = rf"\p{{Nd}}{{1,18}}+(?:[.,]\p{{Nd}}{{1,18}}+){{1,6}}+(?!{letter})"
    word = rf"{letter}{more}(?:{letter}{more}|{apostrophe}{more}(?={letter}))*+"
    pointed = rf"{hebrew}{more}(?:{hebrew}{more}|{gershayim}{more}(?={hebrew}))*+"
    tag = r"(?<![\p{L}\p{M}\p{N}\p{DI}_&#])[#＃](?P<tag>[\p{L}\p{N}_][\p{L}\p{M}\p{N}\p{DI}_]*+)"
    symbol = r"[%‰€$₺£₪&+]"
    words = regex.compile(rf"{tag}|{number}|{word}|{pointed}|{symbol}", regex.V1)
    # Winter|Sale, LED|Lamps, sale|2026: where a hashtag in CamelCase has its words.
    parts = regex.compile(
        rf"(?:\p{{Lu}}{more})++(?!\p{{Ll}})|\p{{Lu}}?{more}(?:[[\p{{L}}\p{{M}}\p{{DI}}]--\p{{Lu}}])++|\p{{N}}++|\p{{Lu}}{more}",
        regex.V1,
    )
    return words, parts


@functools.cache
def _tail() -> Any:
    import regex

    return regex.compile(r"\p{DI}+\Z")


def read_chunk(chunk: str) -> Chunk:
    """Return the words of *chunk*, which holds no white space; addresses, e-mail addresses and `@names` have none."""
    simple = _SIMPLE.fullmatch(chunk)
    if simple is not None and len(chunk) <= LONGEST_WORD:
        group = simple.lastindex or 0
        return Chunk((Word(simple.start(group), simple.end(group), simple[group]),))
    words_in, parts_in = _patterns()
    found: list[Word] = []
    tags: list[Word] = []
    for match in words_in.finditer(_without_addresses(chunk)):
        if match["tag"] is None:
            _add(found, match.start(), match[0], tag=False)
            continue
        start = match.start("tag")
        _add(tags, start, match["tag"], tag=True)
        if tags:
            for part in parts_in.finditer(match["tag"][: LONGEST_WORD * 2]):
                _add(found, start + part.start(), part[0], tag=True)
    return Chunk(tuple(found), tuple(tags))


def _add(words: list[Word], start: int, text: str, *, tag: bool) -> None:
    if len(text) > LONGEST_WORD:
        return
    if not text[-1].isalnum():
        text = _tail().sub("", text)
    words.append(Word(start, start + len(text), text, tag))


def _without_addresses(chunk: str) -> str:
    """Return *chunk* with spaces where an address or a name stands."""
    if "://" in chunk or "www." in chunk.lower():
        chunk = _ADDRESS.sub(_blank, chunk)
    if "@" in chunk:
        done = 0
        pieces: list[str] = []
        for match in _NAME.finditer(chunk):
            start = match.start()
            while start > done and _BEFORE_AT.match(chunk[start - 1]):
                start -= 1
            pieces += chunk[done:start], " " * (match.end() - start)
            done = match.end()
        chunk = "".join(pieces) + chunk[done:]
    if "." in chunk[1:-1]:
        chunk = _DOTTED.sub(_blank_domain, chunk)
    return chunk


def _blank(match: re.Match[str]) -> str:
    return " " * len(match[0])


def _blank_domain(match: re.Match[str]) -> str:
    return " " * len(match[0]) if match[1].isascii() and _DOMAIN_END.search(match[1]) else match[0]


def words(text: str, lang: str = "") -> Iterator[Word]:
    """Give the words of *text* in order, for counts and readability.

    Words are those of Unicode (Annex 29): an apostrophe inside belongs to the word, a hyphen ends it. A hashtag in
    CamelCase is several words; symbols, addresses and `@names` are none. *lang* is here for the sake of the caller:
    the four languages agree.
    """
    del lang
    for place in CHUNK.finditer(text):
        for word in read_chunk(place[0]).words:
            if any(character.isalnum() for character in word.text):
                yield Word(place.start() + word.start, place.start() + word.end, word.text, word.tag)
