"""The kinds of rules: for each key that makes a rule what it is, the function that judges by it.

A new kind needs four things: its key in `content/guidelines.py`, its fields in `content/guideline_schema.py` and
`content/forms.py`, a function here (in the file of its subject), and its part of the handbook's page on guidelines. The
examples of its rules are run by `examples.py` with no more ado. A judge sees one post as one channel gets it; what is
about many posts at once (cadence, mix) is judged in `calendar.py`, with the same `BrandRule`s.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from socialops.checks.guidelines.disclosure import judge_disclosure
from socialops.checks.guidelines.hosts import judge_hosts
from socialops.checks.guidelines.looks import judge_logo, judge_palette, judge_size
from socialops.checks.guidelines.pictures import judge_alt_text
from socialops.checks.guidelines.reading import judge_length, judge_readability
from socialops.checks.guidelines.signs import judge_emoji, judge_punctuation
from socialops.checks.guidelines.silence import judge_quiet
from socialops.checks.guidelines.tags import judge_hashtags
from socialops.checks.guidelines.words import (
    judge_pattern,
    judge_required,
    judge_sensitive,
    judge_spelling,
    judge_words,
)

if TYPE_CHECKING:
    from socialops.checks.guidelines.hearing import Finding, Hearing
    from socialops.content.guidelines import BrandRule


@dataclass(frozen=True, slots=True)
class Kind:
    """How a kind of rule is judged.

    *unfinished*: a draft may still break it, as it lacks something rather than holding something wrong. *shown_by* is
    what a plain text means in an example: the text of a post, the alt text of its picture, the picture, or the date.
    *timed*: it asks when a channel gets the post, so what channels get alike is still judged for each.
    """

    judge: Callable[[BrandRule, Hearing], Iterator[Finding]]
    unfinished: bool = False
    shown_by: str = "text"
    timed: bool = False


KINDS: Mapping[str, Kind] = {
    "words": Kind(judge_words),
    "require": Kind(judge_required, unfinished=True),
    "spelling": Kind(judge_spelling),
    "pattern": Kind(judge_pattern),
    "hashtags": Kind(judge_hashtags, unfinished=True),
    "emoji": Kind(judge_emoji),
    "punctuation": Kind(judge_punctuation),
    "links": Kind(judge_hosts),
    "sensitive": Kind(judge_sensitive, unfinished=True),
    "disclosure": Kind(judge_disclosure, unfinished=True),
    "length": Kind(judge_length, unfinished=True),
    "readability": Kind(judge_readability, unfinished=True),
    "alt_text": Kind(judge_alt_text, unfinished=True, shown_by="alt"),
    "palette": Kind(judge_palette, unfinished=True, shown_by="picture"),
    "picture_size": Kind(judge_size, unfinished=True, shown_by="picture"),
    "logo": Kind(judge_logo, unfinished=True, shown_by="picture"),
    "quiet": Kind(judge_quiet, unfinished=True, shown_by="date", timed=True),
}
"""The kinds that are judged for each post. Those about many posts at once are in `calendar.py`.

A rule of a kind that is in neither (`by_hand`) is for people alone.
"""
