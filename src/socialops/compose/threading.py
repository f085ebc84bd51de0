"""Splitting a text that is too long for one part into a thread.

Only on request (`thread: auto`), and never silently: every letter of the text is in one of the parts, in order; what is
left out is white space where it was cut. Cuts lie at the end of a paragraph, else of a sentence, else between words,
and inside a word only where its script has no spaces. Addresses, mentions, hashtags, labelled links and characters as
readers see them stay whole, and no part is made of hashtags alone.
"""

from __future__ import annotations

import functools
import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from socialops.content.emphasis import clipped
from socialops.content.posts import PARTS
from socialops.content.text import Span
from socialops.networks.draft import Part

Fits = Callable[[int, int], bool]
"""Tells whether the stretch from one offset of the text to another fits as one part."""

PARAGRAPH, SENTENCE, WORD = range(3)
"""How good a cut is: the first the best."""
FULL_ENOUGH = 3
"""A part should be at least one third full before a paragraph or sentence ends it: `Hi!` alone is no part."""

_GAP = re.compile(r"\s+")
_CLOSERS = "\"'”’»«)\\]\u2069"
# A sentence ends with these in the scripts that we write, whatever closes after it: …”, !), .»
_END = re.compile(rf"[.!?…‽׃؟۔][{_CLOSERS}]*$")
# Chinese and Japanese are written without a space after a sentence.
_WIDE_END = re.compile(rf"[。！？][」』）{_CLOSERS}]*")
_OPENERS = "([{„“‘«「『（《【"
_LAST_WORD = re.compile(rf"([^\s({_CLOSERS}]*)\.[{_CLOSERS}]*$")
# What stands, in Turkish, Romanian and English, before a name, and before a number.
_BEFORE_A_NAME = re.compile("dr|prof|doç|yrd|av|sn|bkz|örn|dl|dna|d-na|dlui|str|bd|mr|mrs|ms|jr|e\\.g|i\\.e|approx")
_BEFORE_A_NUMBER = re.compile("no|nr|art|fig|pag|s|p|cap|md|apt|et|sc")
_ORDINAL = re.compile(r"\d{1,2}|[IVX]{1,5}")
_ISOLATED = re.compile("[\u2066-\u2068][^\u2069\n]*\u2069")
_RUN = re.compile(r"[!-~]{3,}")
# Some networks make a link of `example.org/lamps`.
_LIKE_AN_ADDRESS = re.compile(r"\w[./@:]\w", re.ASCII)

LONGEST_WORD = 100
"""Code points; what is longer and has no space is no word, and may be cut."""
MOST_DEAD_ENDS = 200
"""After so many places from which nothing could be split, nothing will be."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A place where a text may be cut: one part ends at *end*, the next begins at *start*."""

    end: int
    start: int
    rank: int


def split(text: str, spans: Sequence[Span], fits: Fits, *, most: int = PARTS) -> tuple[tuple[int, int], ...]:
    """Return where each part of *text* begins and ends; a single one when all of it fits, none when it cannot be done.

    *fits* is asked a few times a part (a binary search over the cuts), and every part that is returned was asked about.
    *most* is the number of parts there may be. Whatever does not fit as a whole (an address of a thousand letters)
    cannot be split: then the text is too long, which is for a person to put right.
    """
    if fits(0, len(text)):
        return ((0, len(text)),)
    return _Splitter(text, spans, _cuts(text, spans), fits).parts(most)


def threaded(part: Part, fits: Callable[[Part], bool], *, most: int = PARTS) -> tuple[Part, ...]:
    """Return *part* as the parts of a thread; itself alone when it fits, or cannot be split.

    Its media stay with the beginning of the text, its poll and card with the end.
    """
    bounds = split(part.text, part.spans, lambda start, end: fits(stretch(part, start, end)), most=most)
    return tuple([stretch(part, start, end) for start, end in bounds]) or (part,)


def stretch(part: Part, start: int, end: int) -> Part:
    """Return one stretch of a part's text as a part of its own."""
    if start == 0 and end == len(part.text):
        return part
    spans = tuple(
        [
            Span(max(span.start, start) - start, min(span.end, end) - start, span.kind, span.target)
            for span in part.spans
            if span.start < end and span.end > start
        ]
    )
    last = end == len(part.text)
    return replace(
        part,
        text=part.text[start:end],
        spans=spans,
        styles=clipped(part.styles, start, end),
        attachments=part.attachments if start == 0 else (),
        poll=part.poll if last else None,
        card=part.card if last else None,
    )


class _Splitter:
    def __init__(self, text: str, spans: Sequence[Span], cuts: Sequence[Cut], fits: Fits) -> None:
        self.text = text
        self.tags = sorted((span.start, span.end) for span in spans if span.kind == "tag")
        self.cuts = cuts
        self.ends = [cut.end for cut in cuts]
        self.fits = fits
        self.hopeless: set[int] = set()
        """Where no part may begin: what follows cannot be split."""

    def parts(self, most: int) -> tuple[tuple[int, int], ...]:
        """Return the parts, trying the next best cut where the best leads nowhere."""
        done: list[tuple[int, int]] = []
        starts = [0]
        ways = [self.ways(0)]
        while ways and len(done) + 1 < most and len(self.hopeless) < MOST_DEAD_ENDS:
            cut = next(ways[-1], None)
            if cut is None:
                self.hopeless.add(starts.pop())
                ways.pop()
                if done:
                    done.pop()
                continue
            done.append((starts[-1], cut.end))
            if self.fits(cut.start, len(self.text)):
                return (*done, (cut.start, len(self.text)))
            starts.append(cut.start)
            ways.append(self.ways(cut.start))
        return ()

    def ways(self, start: int) -> Iterator[Cut]:
        """Give the cuts that may end a part beginning at *start*, the best first."""
        first = low = bisect_right(self.ends, start)
        high = len(self.cuts)
        while low < high:
            middle = (low + high) // 2
            if self.fits(start, self.ends[middle]):
                low = middle + 1
            else:
                high = middle
        fitting = self.cuts[first:low]
        if not fitting:
            return
        enough = start + (fitting[-1].end - start) // FULL_ENOUGH
        order: list[Cut] = []
        for ranks, least in (((PARAGRAPH,), enough), ((SENTENCE,), enough), ((PARAGRAPH, SENTENCE), start)):
            order += [cut for cut in reversed(fitting) if cut.rank in ranks and cut.end > least]
        order += [cut for cut in reversed(fitting) if cut.rank == WORD]
        for cut in dict.fromkeys(order):
            if cut.start in self.hopeless or self.only_tags(start, cut.end) or self.only_tags(cut.start):
                continue
            # The search takes it that a shorter text is never more; a counter is asked all the same.
            if cut is fitting[-1] or self.fits(start, cut.end):
                yield cut

    def only_tags(self, start: int, end: int | None = None) -> bool:
        """Tell whether hashtags, white space and punctuation are all there is between two offsets."""
        end = len(self.text) if end is None else end
        at = start
        for begin, stop in self.tags[bisect_right(self.tags, (start, -1)) :]:
            if begin >= end or any(map(str.isalnum, self.text[at:begin])):
                break
            at = stop
        return at > start and not any(map(str.isalnum, self.text[at:end]))


def _cuts(text: str, spans: Sequence[Span]) -> list[Cut]:
    """Return every place where *text* may be cut, in order."""
    edges = {0, *(found.end() for found in _character().finditer(text))}
    whole = _merged(
        [
            *((span.start, span.end) for span in spans),
            *(found.span() for found in _ISOLATED.finditer(text)),
            *(found.span() for found in _RUN.finditer(text) if _LIKE_AN_ADDRESS.search(found[0])),
        ]
    )
    starts = [start for start, _ in whole]

    def may(end: int, start: int) -> bool:
        """Tell whether a cut from *end* to *start* leaves everything whole."""
        if end not in edges or start not in edges:
            return False
        index = bisect_left(starts, end)
        return not (index and whole[index - 1][1] > end) and not (index < len(whole) and whole[index][0] < start)

    cuts: list[Cut] = []
    at = 0
    for gap in _GAP.finditer(text):
        cuts += [cut for cut in _inner(text, at, gap.start()) if may(cut.end, cut.start)]
        if at < gap.start() and gap.end() < len(text) and may(gap.start(), gap.end()):
            cuts.append(Cut(gap.start(), gap.end(), _rank(text, at, gap)))
        at = gap.end()
    return [*cuts, *(cut for cut in _inner(text, at, len(text)) if may(cut.end, cut.start))]


def _merged(stretches: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return stretches, in order, with those that overlap made one."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(stretches):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _rank(text: str, word: int, gap: re.Match[str]) -> int:
    breaks = gap[0].count("\n")
    if breaks > 1:
        return PARAGRAPH
    if breaks:
        # A line of its own: an item of a list, a verse.
        return SENTENCE
    return SENTENCE if _ends_sentence(text[word : gap.start()], text[gap.end()]) else WORD


def _ends_sentence(word: str, following: str) -> bool:
    """Tell whether a sentence ends with *word*, before a text that begins with the letter *following*."""
    if not _END.search(word) or following.islower():
        # Only what has capitals can be lower case: Hebrew passes.
        return False
    last = _LAST_WORD.search(word)
    if last is None or last[1].endswith("."):
        return True
    short = last[1].strip("„“‘«").casefold()
    # `5. Cadde`, `XIX. yüzyıl`, `A. Yılmaz`, `Dr. Popescu`
    if _ORDINAL.fullmatch(last[1]) or (len(short) == 1 and short.isalpha()) or _BEFORE_A_NAME.fullmatch(short):
        return False
    return not (following.isdigit() and _BEFORE_A_NUMBER.fullmatch(short))


def _inner(text: str, start: int, end: int) -> list[Cut]:
    """Return where a stretch without white space may be cut.

    That is after the sentences and between the letters of scripts that are written without spaces, and in what is too
    long to be a word.
    """
    if end - start < LONGEST_WORD and text[start:end].isascii():
        return []
    word = text[start:end]
    sentences = {start + found.end() for found in _WIDE_END.finditer(word)}
    if len(word) < LONGEST_WORD and not sentences and _spaceless().search(word) is None:
        return []
    return [
        Cut(at, at, SENTENCE if at in sentences else WORD)
        for at in range(start + 1, end)
        # Closing punctuation begins no part, and an opening bracket ends none.
        if at in sentences or (text[at].isalnum() and text[at - 1] not in _OPENERS)
    ]


@functools.cache
def _character() -> Any:
    import regex

    return regex.compile(r"\X", regex.DOTALL)


@functools.cache
def _spaceless() -> Any:
    import regex

    return regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]")
