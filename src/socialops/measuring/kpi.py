"""The one dictionary of formulas, and the formulas.

Every number on a report is one of `FORMULAS`, is printed with its text, and is computed here and nowhere else. All
functions are pure. None of them turns "unknown" into 0: what was never read is None.
"""

from __future__ import annotations

import itertools
import statistics
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

ENGAGEMENT = ("likes", "reposts", "replies", "quotes")
"""The counters that make up engagement."""
SETTLED = timedelta(hours=48)
"""The age at which posts are compared."""
_GAP = timedelta(hours=36)
_OLD_ENOUGH = timedelta(days=7)
_FEW = 10


@dataclass(frozen=True, slots=True)
class Formula:
    """One number of the reports: its plain-language title, how it is computed, its unit, and why it is so."""

    name: str
    title: str
    text: str
    unit: str
    why: str


_DICTIONARY = (
    Formula(
        "engagement",
        "Engagement",
        "likes + reposts + replies + quotes, over all parts of a thread",
        "interactions",
        "What every network we publish on tells of a post. Views, clicks, bookmarks and poll votes are left out: some "
        "networks do not have them, and a sum that means something else on each channel cannot be compared.",
    ),
    Formula(
        "engagement-48h",
        "Engagement after 48 hours",
        "engagement 48 hours after publishing, on a straight line between the readings before and after",
        "interactions",
        "Posts are compared at the same age; an older post had more time to collect. A younger post has no such "
        "number yet.",
    ),
    Formula(
        "engagement-gained",
        "Engagement gained",
        "engagement at the end of the period − engagement at its start, over all posts",
        "interactions",
        "What happened in the period, whenever the post went out. Not to be mixed with a post's lifetime number.",
    ),
    Formula(
        "engagement-rate",
        "Engagement rate by followers",
        "engagement after 48 hours ÷ followers when the post went out × 100",
        "%",
        "By followers, because Mastodon and Bluesky tell neither reach nor impressions. Rates by reach are higher and "
        "must not be compared with it.",
    ),
    Formula(
        "times-usual",
        "Times the usual",
        "(engagement after 48 hours + 1) ÷ geometric mean of the same over all posts of the channel",
        "×",
        "Puts channels of any size on one scale. A geometric mean, because a few posts always do many times better "
        "than the rest; plus one, so that a post without any engagement still counts.",
    ),
    Formula(
        "followers",
        "Followers",
        "followers at the last reading of each channel, added up",
        "followers",
        "Whoever follows two of our channels counts twice: no network tells us that it is the same person.",
    ),
    Formula(
        "new-followers",
        "New followers",
        "followers at the end of the period − followers at its start",
        "followers",
        "Net: those who left are taken off.",
    ),
    Formula(
        "growth",
        "Follower growth",
        "new followers ÷ followers at the start of the period × 100",
        "%",
        "The last snapshot counts, never a sum of days.",
    ),
    Formula(
        "half-life",
        "Half-life of engagement",
        "hours until a post had half of its latest engagement, on a straight line between readings",
        "hours",
        "How long a post lives, which says how far apart posts should be. Only for posts that are 7 days old and have "
        "10 interactions; younger ones are still growing.",
    ),
    Formula(
        "posts-published",
        "Posts published",
        "deliveries confirmed by their network; a post on two channels counts twice",
        "posts",
        "What the audience of each channel got.",
    ),
    Formula(
        "posts-per-week",
        "Posts per week",
        "posts published ÷ days of the period × 7",
        "posts a week",
        "To hold against the cadence in brand/strategy.md.",
    ),
    Formula(
        "likes-per-post",
        "Likes per post",
        "likes ÷ posts whose likes are known",
        "likes",
        "A post whose likes were never read is left out, not counted as 0.",
    ),
    Formula(
        "alt-text-share",
        "Pictures with a description",
        "pictures published with alt text ÷ pictures published × 100",
        "%",
        "For people who cannot see them. Every picture is counted, so there is nothing to estimate.",
    ),
)

FORMULAS: Mapping[str, Formula] = MappingProxyType({formula.name: formula for formula in _DICTIONARY})


@dataclass(frozen=True, slots=True)
class Counter:
    """One counter over time: *times* ascend, and *values* are what was read at each."""

    times: tuple[datetime, ...] = ()
    values: tuple[int, ...] = ()

    def at(self, moment: datetime) -> int | None:
        """Return the latest value known at *moment*; None when nothing was read until then."""
        place = bisect_right(self.times, moment)
        return self.values[place - 1] if place else None

    def until(self, moment: datetime) -> Counter:
        """Return what was known at *moment*."""
        place = bisect_right(self.times, moment)
        return Counter(self.times[:place], self.values[:place])


def total(counters: Iterable[Counter]) -> Counter:
    """Add counters up: at each moment, the sum of the latest known value of each (parts of a thread, say)."""
    known = [counter for counter in counters if counter.times]
    if len(known) == 1:
        return known[0]
    if known and all(counter.times == known[0].times for counter in known):
        # One snapshot reads all counters of a post at once: nearly every total is this one.
        return Counter(known[0].times, tuple(map(sum, zip(*(counter.values for counter in known), strict=True))))
    events = sorted(
        (time, number, value)
        for number, counter in enumerate(known)
        for time, value in zip(counter.times, counter.values, strict=True)
    )
    latest = [0] * len(known)
    sums: dict[datetime, int] = {}
    for time, number, value in events:
        latest[number] = value
        sums[time] = sum(latest)
    return Counter(tuple(sums), tuple(sums.values()))


@dataclass(frozen=True, slots=True)
class Point:
    """One point of a curve: *hours* since publishing, and the value there."""

    hours: float
    value: float


def curve(counter: Counter, published: datetime, until: datetime) -> list[Point]:
    """Return a post's counter since publishing, beginning with nothing at 0 hours; empty when nothing was read."""
    points = [
        Point((time - published).total_seconds() / 3600, value)
        for time, value in zip(counter.times, counter.values, strict=True)
        if published < time <= until
    ]
    return [Point(0.0, 0), *points] if points else []


def value_at_age(counter: Counter, published: datetime, age: timedelta, until: datetime) -> float | None:
    """Return a post's counter at *age*, on a straight line between the readings around it.

    None when it is not that old at *until*, was not read since, or the readings around lie more than 36 hours apart.
    """
    hours = age.total_seconds() / 3600
    points = curve(counter, published, until)
    for before, after in itertools.pairwise(points):
        if before.hours <= hours <= after.hours:
            if after.hours - before.hours > _GAP.total_seconds() / 3600:
                return None
            share = (hours - before.hours) / (after.hours - before.hours)
            return before.value + share * (after.value - before.value)
    return None


def gained(counter: Counter, start: datetime, end: datetime, *, born: datetime | None = None) -> int | None:
    """Return what a counter gained from *start* to *end* (`engagement-gained`, `new-followers`).

    A post *born* inside the period started from 0. None when either end is unknown.
    """
    after = counter.at(end)
    before = 0 if born is not None and start <= born < end else counter.at(start)
    return None if after is None or before is None else after - before


def engagement_rate(engagement: float | None, followers: int | None) -> float | None:
    """Return engagement ÷ followers × 100, in percent; None when either is unknown or nobody follows."""
    return None if engagement is None or not followers else engagement / followers * 100


def growth(start: int | None, end: int | None) -> float | None:
    """Return (end − start) ÷ start × 100, in percent; None when either is unknown or the start is 0."""
    return None if end is None or not start else (end - start) / start * 100


def half_life(counter: Counter, published: datetime, until: datetime) -> float | None:
    """Return the hours until a post had half of its latest value.

    None for a post younger than 7 days at its last reading, or with fewer than 10 interactions.
    """
    points = curve(counter, published, until)
    if not points or points[-1].hours < _OLD_ENOUGH.total_seconds() / 3600 or points[-1].value < _FEW:
        return None
    half = points[-1].value / 2
    for before, after in itertools.pairwise(points):
        if after.value >= half:
            return before.hours + (half - before.value) / (after.value - before.value) * (after.hours - before.hours)
    return None


def posts_per_week(posts: int, start: datetime, end: datetime) -> float:
    """Return posts ÷ days × 7."""
    return posts / ((end - start) / timedelta(days=7))


def per_post(values: Sequence[int | None]) -> tuple[float | None, int]:
    """Return the mean of the known values, and how many are known (`likes-per-post`)."""
    known = [value for value in values if value is not None]
    return (statistics.fmean(known) if known else None), len(known)


def share(part: int, whole: int) -> float | None:
    """Return part ÷ whole × 100, in percent; None of nothing (`alt-text-share`)."""
    return part / whole * 100 if whole else None
