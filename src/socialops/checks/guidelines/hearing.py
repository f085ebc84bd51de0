"""A hearing: one post as one channel will get it, laid out for the rules of the style guide.

A rule asks for what it is about (passages, hashtags, emoji, words found) and gets it with its place in the post's file.
Links, names of people and code are never looked at: they are addresses, not words of ours.
"""

from __future__ import annotations

import bisect
import functools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from socialops.content.text import Span, find_spans
from socialops.networks.draft import Part

if TYPE_CHECKING:
    from datetime import datetime

    from socialops.checks.guidelines.looks import Sight
    from socialops.checks.guidelines.vocabulary import Found, Vocabulary
    from socialops.checks.rule import Case
    from socialops.compose.compose import Variant
    from socialops.content.guidelines import BrandRule
    from socialops.content.post import MediaReference, Post

At = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule is broken: where (line and column in the post's file), what is wrong, and what to write instead."""

    at: At
    message: str
    hint: str = ""


@dataclass(slots=True)
class Passage:
    """A text that goes out. *what* says what it is for people: `the text`, `an alt text`, `a poll answer`.

    *main* is true for the text itself; *code* are the stretches that were written as code.
    """

    text: str
    what: str
    locate: Callable[[int, int], At]
    main: bool = False
    spans: tuple[Span, ...] = ()
    code: tuple[tuple[int, int], ...] = ()
    quoted: tuple[tuple[int, int], ...] = ()
    """Stretches that a network shows as a quotation; quotation marks are looked for besides."""
    _hidden: dict[tuple[str, ...], list[tuple[int, int]]] = field(default_factory=dict, repr=False)

    def hidden(self, not_in: Sequence[str] = ()) -> list[tuple[int, int]]:
        """Return the stretches that a rule does not look at, sorted; the words that label a link are ours."""
        key = tuple(not_in)
        known = self._hidden.get(key)
        if known is None:
            known = self._hidden[key] = _merged(self._find_hidden(key))
        return known

    def _find_hidden(self, not_in: Sequence[str]) -> list[tuple[int, int]]:
        found = [
            (span.start, span.end)
            for span in self.spans
            if (span.kind == "link" and "://" in self.text[span.start : span.end])
            or span.kind == "mention"
            or (span.kind == "tag" and "hashtags" in not_in)
        ]
        found += self.code
        if "quotes" in not_in:
            found += [*self.quoted, *_quoted(self.text)]
        return found

    def sees(self, start: int, end: int, not_in: Sequence[str] = ()) -> bool:
        """Tell whether a rule looks at a stretch."""
        hidden = self.hidden(not_in)
        if not hidden:
            return True
        index = bisect.bisect_left(hidden, (end, 0))
        return index == 0 or hidden[index - 1][1] <= start


def _merged(stretches: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Sort stretches, and join those that overlap."""
    found: list[tuple[int, int]] = []
    for start, end in sorted(stretches):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


_QUOTES = re.compile(
    "|".join(
        (
            "(?m:^> .*$)",
            "“[^“”]*”",
            "„[^„”“]*[”“]",
            "«[^«»]*»",
            r"(?<!\w)״[^״\n]*״(?!\w)",
            r'(?<!\w)"[^"\n]*"(?!\w)',
            r"(?<!\w)‘[^‘’\n]*’(?!\w)",
        )
    )
)
_CODE = re.compile(r"(?<!`)(`{1,5})(?!`)(.{1,500}?)(?<!`)\1(?!`)", re.DOTALL)
_MOST_CODE = 200
"""Backticks; a text with more is no post, and nothing in it is taken for code."""


@functools.lru_cache(maxsize=64)
def _quoted(text: str) -> list[tuple[int, int]]:
    return [found.span() for found in _QUOTES.finditer(text)]


def _code(source: str, text: str) -> tuple[tuple[int, int], ...]:
    """Find in *text* what its Markdown wrote as code."""
    if "`" not in source or source.count("`") > _MOST_CODE:
        return ()
    found = []
    position = 0
    for match in _CODE.finditer(source):
        words = match[2].strip("`\n ")
        start = text.find(words, position) if words else -1
        if start >= 0:
            position = start + len(words)
            found.append((start, position))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Value:
    """Where a value of the header stands, whatever stretch of it is asked for."""

    post: Post
    keys: tuple[str | int, ...]

    def __call__(self, start: int, end: int) -> At:
        return self.post.at(*self.keys)


@dataclass(slots=True)
class Hearing:
    """One channel's variant of a post before the rules."""

    case: Case
    variant: Variant
    vocabulary: Vocabulary
    _passages: tuple[Passage, ...] | None = None
    _main: tuple[Passage, ...] | None = None
    _words: Mapping[str, list[tuple[Passage, Found]]] | None = None
    due: datetime | None = None
    """When it goes out, on the clock of its channel's zone; None: nobody knows, or no rule that judges asks for it."""
    described: Sequence[Sight] = ()
    """The pictures of an example that has no files; empty for every post."""
    notes: dict[Any, Any] = field(default_factory=dict)
    """What one subject found out and need not look up twice for this variant."""

    @property
    def parts(self) -> tuple[Part, ...]:
        """Return what is sent, part by part."""
        return self.variant.draft.parts

    @property
    def lang(self) -> str:
        """Return the language of the text; empty when nobody said."""
        return self.parts[0].lang

    @property
    def pictures(self) -> Sequence[MediaReference]:
        """Return the pictures and videos as written."""
        return self.variant.media

    @property
    def passages(self) -> tuple[Passage, ...]:
        """Return every text that goes out."""
        if self._passages is None:
            self._passages = tuple(self._gather())
        return self._passages

    @property
    def main(self) -> Sequence[Passage]:
        """Return the text itself, a passage for each part."""
        if self._main is None:
            self._main = tuple(passage for passage in self.passages if passage.main)
        return self._main

    def words(self, rule: BrandRule) -> Sequence[tuple[Passage, Found]]:
        """Return the words of a rule that occur, where it looks, and not in a phrase in which they do not count."""
        if self._words is None:
            self._words = self.vocabulary.search(self.passages, self.lang)
        return self._words.get(rule.id, ())

    def at_start(self) -> At:
        """Return where the text begins."""
        return self.case.in_text(self.variant, 0)

    def at_media(self, index: int, key: str = "alt") -> At:
        """Return where something about a picture stands."""
        keys: tuple[str, ...] = ("media",)
        if self.variant.entry.media is not None:
            keys = ("channels", self.variant.entry.channel, "media")
        return self.case.post.at(*keys, index, key)

    def _gather(self) -> Iterator[Passage]:
        post, variant, channel = self.case.post, self.variant, self.variant.entry.channel
        parts = self.parts
        for index, part in enumerate(parts):
            if part.text:
                locate = functools.partial(self._in_text, index)
                source = variant.sources[variant.written[index]]
                quoted = tuple((style.start, style.end) for style in part.styles if style.kind == "quote")
                yield Passage(part.text, "the text", locate, True, part.spans, _code(source, part.text), quoted)
        first, last = parts[0], parts[-1]
        if first.content_warning:
            yield self._field(first.content_warning, "the content warning", channel, "content_warning")
        media = ("media",) if variant.entry.media is None else ("channels", channel, "media")
        for index, item in enumerate(self.pictures):
            if item.alt:
                yield Passage(item.alt, "an alt text", _Value(post, (*media, index, "alt")), spans=find_spans(item.alt))
        if last.poll is not None:
            for index, option in enumerate(last.poll.options):
                yield Passage(option, "a poll answer", _Value(post, ("poll", "options", index)))
        if last.card is not None:
            for key, words in (("card_title", last.card.title), ("card_description", last.card.description)):
                if words and post.params.get(key):
                    yield Passage(words, "the link's card", _Value(post, ("params", key)))
        if first.title:
            yield self._field(first.title, "the title", channel, "title")
        if first.first_comment:
            yield self._field(first.first_comment, "the first comment", channel, "first_comment")

    def _field(self, words: str, what: str, channel: str, key: str) -> Passage:
        return Passage(words, what, lambda _start, _end: self.case.at_entry(channel, key), False, find_spans(words))

    def _in_text(self, index: int, start: int, end: int) -> At:
        """Return the place in the file of a stretch of a part's text: the same occurrence of the same words."""
        case, variant = self.case, self.variant
        text = self.parts[index].text
        words = text[start:end]
        source = variant.sources[variant.written[index]]
        begin = -1
        # A part that was split from a longer text does not count from the beginning of that text.
        split = variant.written.count(variant.written[index]) > 1
        for _ in range(1 if split else text.count(words, 0, start) + 1):
            later = source.find(words, begin + 1)
            if later < 0:
                break
            begin = later
        if begin >= 0:
            if variant.entry.text is not None or variant.written[index] >= len(case.post.parts):
                return case.in_text(variant, variant.written[index])
            return case.in_part(variant.written[index], begin)
        return self._added(words, text, start) or case.in_text(variant, variant.written[index])

    def _added(self, words: str, text: str, start: int) -> At | None:
        """Return where something stands that was added to the text: a hashtag, or the link."""
        post, entry = self.case.post, self.variant.entry
        tags = post.tags if entry.tags is None else entry.tags
        before = text.rfind("#", 0, start + 1)
        for number, tag in enumerate(tags):
            if words.lstrip("#") in tag and text.startswith(tag, before + 1):
                if entry.tags is None:
                    return post.at("tags", number)
                return post.at("channels", entry.channel, "tags", number)
        if self.variant.link and words in self.variant.link:
            return self.case.at_entry(entry.channel, "link")
        return None
