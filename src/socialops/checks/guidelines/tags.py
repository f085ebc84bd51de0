"""Rules about hashtags: how many, which, how they are written, and where they stand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from socialops.checks.guidelines.hearing import At, Finding, Hearing
from socialops.content.text import fold

if TYPE_CHECKING:
    from socialops.checks.guidelines.hearing import Passage
    from socialops.content.guidelines import BrandRule


@dataclass(frozen=True, slots=True)
class Tag:
    """A hashtag of a text, without its sign."""

    name: str
    passage: Passage
    start: int
    end: int

    @property
    def at(self) -> At:
        """Where it stands in the file."""
        return self.passage.locate(self.start, self.end)


def tags_of(hearing: Hearing) -> tuple[Tag, ...]:
    """Return the hashtags of all parts, in order."""
    found: tuple[Tag, ...] | None = hearing.notes.get("tags")
    if found is None:
        found = hearing.notes["tags"] = tuple(
            Tag(span.target, passage, span.start, span.end)
            for passage in hearing.main
            for span in passage.spans
            if span.kind == "tag"
        )
    return found


def judge_hashtags(rule: BrandRule, hearing: Hearing) -> Iterator[Finding]:
    """Hold the hashtags of a post against a rule."""
    settings = rule.settings
    tags = tags_of(hearing)
    if settings.most is not None and len(tags) > settings.most:
        message = f"{len(tags)} hashtags are too many: {settings.most} is the most."
        yield Finding(tags[settings.most].at, message, "Keep those that a reader would look for.")
    if settings.least is not None and len(tags) < settings.least:
        message = f"There are {len(tags)} hashtags here: {settings.least} is the least."
        yield Finding(hearing.at_start(), message, "Add some under `tags:`.")
    if settings.required or settings.allowed or settings.forbidden:
        yield from _judge_names(rule, hearing, tags)
    for tag in tags:
        if settings.capitals and _begins_small(tag.name):
            yield Finding(tag.at, f"#{tag.name} begins with a small letter.", "Begin each of its words with a capital.")
        elif settings.longest_word is not None and (run := _longest_run(tag.name)) > settings.longest_word:
            yield Finding(
                tag.at,
                f"#{tag.name} has {run} letters in a row, and is read as one word.",
                "Begin each of its words with a capital, or put underscores between them where there are none.",
            )
    if settings.at_end:
        yield from _in_the_middle(hearing)


def _judge_names(rule: BrandRule, hearing: Hearing, tags: tuple[Tag, ...]) -> Iterator[Finding]:
    settings, lang = rule.settings, hearing.lang
    folded = {fold(tag.name, lang) for tag in tags}
    for required in settings.required:
        if fold(required, lang) not in folded:
            yield Finding(hearing.at_start(), f"#{required} is missing.", f"Add it: `tags: [{required}]`.")
    allowed = {fold(tag, lang) for tag in settings.allowed}
    forbidden = {fold(tag, lang) for tag in settings.forbidden}
    for tag in tags:
        name = fold(tag.name, lang)
        if name in forbidden:
            yield Finding(tag.at, f"We do not use #{tag.name}.", "Take it out.")
        elif allowed and name not in allowed:
            listed = ", ".join(f"#{item}" for item in settings.allowed[:8])
            yield Finding(tag.at, f"#{tag.name} is none of our hashtags.", f"Ours are: {listed}.")


def _begins_small(name: str) -> bool:
    first = next((sign for sign in name if sign.isalpha()), "")
    return first.islower()


def _longest_run(name: str) -> int:
    """Count the letters of the longest stretch without a capital inside, a digit or an underscore."""
    longest = run = 0
    for sign in name:
        if not sign.isalpha():
            run = 0
        elif sign.isupper():
            run = 1
        else:
            run += 1
        longest = max(longest, run)
    return longest


def _in_the_middle(hearing: Hearing) -> Iterator[Finding]:
    """Find hashtags after which the text goes on with words."""
    for passage in hearing.main:
        text, found = passage.text, []
        end, goes_on = len(text), False
        # From the end: what follows a hashtag is known when it is met.
        for span in sorted(passage.spans, key=lambda span: -span.start):
            goes_on = goes_on or any(sign.isalnum() for sign in text[span.end : end])
            end = span.start
            if span.kind == "tag" and goes_on:
                found.append(span)
            goes_on = goes_on or span.kind not in ("tag", "link")
        for span in reversed(found):
            at = passage.locate(span.start, span.end)
            hint = "Write the word alone, and the hashtag under `tags:`."
            yield Finding(at, f"#{span.target} stands in the middle of the text.", hint)
