"""Rules about signs: emoji and punctuation."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from socialops.checks.guidelines.hearing import Finding, Hearing

if TYPE_CHECKING:
    from socialops.checks.guidelines.hearing import Passage
    from socialops.content.guidelines import BrandRule

_PLAIN = "\u2000"
"""No emoji stands below it but digits that are turned into keys, and the signs of copyright."""
_ENDS = '.!?…:;。！？׃"”’»)'
_PICTURE = "\ufe0f"


@functools.cache
def _emoji() -> Any:
    import regex

    # What is drawn as a picture by itself, what is asked to be (U+FE0F), flags and keys; with skin and joined parts.
    one = (
        r"(?:\p{Regional_Indicator}{2}|[0-9#*]\ufe0f?\u20e3|\p{Emoji_Presentation}\ufe0f?|\p{Extended_Pictographic}\ufe0f)"
        r"\p{Emoji_Modifier}?"
    )
    joined = r"(?:\u200d(?:\p{Extended_Pictographic}\ufe0f?|\p{Emoji_Presentation})\p{Emoji_Modifier}?)*"
    return regex.compile(one + joined + "[\U000e0020-\U000e007f]*")


@dataclass(frozen=True, slots=True)
class Emoji:
    """One emoji in a passage, however many characters make it."""

    sign: str
    passage: Passage
    start: int
    end: int


def emoji_in(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield (emoji, start, end)."""
    if text.isascii() or max(text) < _PLAIN:
        return
    for found in _emoji().finditer(text):
        yield found[0], found.start(), found.end()


def emoji_of(hearing: Hearing) -> tuple[Emoji, ...]:
    """Return the emoji of all that goes out, in order."""
    found: tuple[Emoji, ...] | None = hearing.notes.get("emoji")
    if found is None:
        found = hearing.notes["emoji"] = tuple(
            Emoji(sign, passage, start, end)
            for passage in hearing.passages
            for sign, start, end in emoji_in(passage.text)
            if passage.sees(start, end)
        )
    return found


def judge_emoji(rule: BrandRule, hearing: Hearing) -> Iterator[Finding]:
    """Hold the emoji of a post against a rule."""
    settings = rule.settings
    emoji = emoji_of(hearing)
    if settings.most is not None and len(emoji) > settings.most:
        one = emoji[settings.most]
        shown = "".join(item.sign for item in emoji[:12])
        if settings.most:
            message = f"{len(emoji)} emoji are too many ({shown}): {settings.most} is the most."
        else:
            message = f"There is no place for emoji here ({shown})."
        yield Finding(one.passage.locate(one.start, one.end), message, "Take out what the words say already.")
    allowed = {sign.replace(_PICTURE, "") for sign in settings.allowed}
    starts = {(id(one.passage), one.end): one.start for one in emoji}
    for one in emoji:
        if allowed and one.sign.replace(_PICTURE, "") not in allowed:
            at = one.passage.locate(one.start, one.end)
            yield Finding(at, f"{one.sign} is none of our emoji.", f"Take one of {' '.join(settings.allowed)} or none.")
        if settings.at_end and one.passage.main and not _ends_a_sentence(one, starts):
            at = one.passage.locate(one.start, one.end)
            hint = "Put it after the full stop, or leave it out: read aloud, it is a word in the middle of a sentence."
            yield Finding(at, f"{one.sign} does not stand at the end of a sentence.", hint)


def _ends_a_sentence(one: Emoji, starts: dict[tuple[int, int], int]) -> bool:
    """Tell whether nothing but other emoji stands between an emoji and the end of the sentence before it.

    *starts* says of each emoji, by its passage and end, where it begins.
    """
    start = one.start
    text = one.passage.text
    while start:
        before = len(text[:start].rstrip(" \u00a0\u200e\u200f"))
        if (id(one.passage), before) in starts:
            start = starts[id(one.passage), before]
            continue
        # A line that ends without a full stop ends a sentence all the same; one that begins so is a bullet.
        after = text[one.end :].lstrip(" \u00a0\u200e\u200f")
        return before > 0 and text[before - 1] != "\n" and (text[before - 1] in _ENDS or after[:1] in ("", "\n"))
    return False


def judge_punctuation(rule: BrandRule, hearing: Hearing) -> Iterator[Finding]:
    """Count signs."""
    for sign, most in rule.settings.items():
        places = [
            (passage, start)
            for passage in hearing.main
            for start in _places(passage.text, sign)
            if passage.sees(start, start + len(sign), rule.not_in)
        ]
        if len(places) > most:
            passage, start = places[most]
            count = f"{len(places)} times" if len(places) > 1 else "once"
            limit = f"{most} is the most" if most else "we do not use it"
            hint = "Take out the others." if most else "Take it out."
            yield Finding(passage.locate(start, start + len(sign)), f"{sign!r} stands here {count}: {limit}.", hint)


def _places(text: str, sign: str) -> Iterator[int]:
    start = text.find(sign)
    while start >= 0:
        yield start
        start = text.find(sign, start + len(sign))
