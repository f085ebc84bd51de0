"""How far a goal is: its number now, from how many posts or channels, and when it was read.

The number is computed over the goal's own days and channels, with the formulas of `kpi.py`. What cannot be known is
None with the reason, never 0.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from socialops.measuring.kpi import engagement_rate, gained, growth, half_life, per_post, posts_per_week, share
from socialops.measuring.numbers import Numbers, Published
from socialops.measuring.week import midnight

if TYPE_CHECKING:
    from socialops.content.brand import Goal


@dataclass(frozen=True, slots=True)
class Progress:
    """A goal's number: *value* (None: not known, *why* says for what reason), from *n* of *asked* *things*.

    *first* and *last* are the days it covers, *read* is when the networks were last asked about any of its channels.
    """

    value: float | None
    why: str = ""
    n: int = 0
    asked: int = 0
    things: str = "posts"
    first: date | None = None
    last: date | None = None
    read: datetime | None = None

    def reached(self, goal: Goal) -> bool | None:
        """Tell whether the target is reached; None when that is not known."""
        if self.value is None or goal.target is None:
            return None
        down = goal.baseline is not None and goal.target < goal.baseline
        return self.value <= goal.target if down else self.value >= goal.target


@dataclass(frozen=True, slots=True)
class _Span:
    """The goal's days so far, as instants (*end* exclusive), and what was published in them."""

    numbers: Numbers
    start: datetime
    end: datetime
    posts: tuple[Published, ...]


_Found = tuple[float | None, int, int, str]
"""(value, n, asked, what was counted)."""


def progress(goal: Goal, numbers: Numbers, now: datetime, zone: ZoneInfo) -> Progress:
    """Compute a goal's number at *now* (aware). Practice channels count only where the goal names them."""
    today = now.astimezone(zone).date()
    if goal.start is None or goal.end is None:
        return Progress(None, "The goal has no first or no last day.")
    if today < goal.start:
        return Progress(None, f"It begins on {goal.start}.", first=goal.start)
    compute = _COMPUTED.get(goal.metric)
    if compute is None:
        return Progress(None, f"No progress can be computed from {goal.metric or 'no metric'}.", first=goal.start)
    names = goal.channels or tuple(name for name, channel in numbers.channels.items() if not channel.sandbox)
    own = numbers.only(names) if names else numbers
    start, end = midnight(goal.start, zone), min(now, midnight(goal.end + timedelta(days=1), zone))
    value, n, asked, things = compute(_Span(own, start, end, own.between(start, end)))
    read = max((at for name in names if (at := own.last_reading(name, end)) is not None), default=None)
    if value is None:
        why = "Nothing was published in its days yet." if things == "posts" and not asked else "It was not read yet."
        if asked and things == "posts":
            why = "No post is old enough, or was read at the right age, to have this number."
        if things == "channels" and read is not None:
            why = "The followers at its start were not read, so what was gained since is not known."
        return Progress(None, why, n, asked, things, goal.start, min(today, goal.end), read)
    return Progress(value, "", n, asked, things, goal.start, min(today, goal.end), read)


def _of_posts(values: Sequence[float | None], summed: Callable[[Sequence[float]], float]) -> _Found:
    known = [value for value in values if value is not None]
    return (summed(known) if known else None), len(known), len(values), "posts"


def _settled(span: _Span) -> list[float | None]:
    return [span.numbers.settled(item, span.end) for item in span.posts]


def _rate(span: _Span) -> _Found:
    rates = [
        engagement_rate(span.numbers.settled(item, span.end), span.numbers.followers_of(item)) for item in span.posts
    ]
    return _of_posts(rates, statistics.fmean)


def _engagement(span: _Span) -> _Found:
    return _of_posts([span.numbers.engagement(item).at(span.end) for item in span.posts], sum)


def _gained(span: _Span) -> _Found:
    posts = [item for item in span.numbers.published if item.at < span.end]
    gains = [gained(span.numbers.engagement(item), span.start, span.end, born=item.at) for item in posts]
    return _of_posts(gains, sum)


def _followers(span: _Span) -> _Found:
    values = [span.numbers.followers(name).at(span.end) for name in span.numbers.channels]
    known = [value for value in values if value is not None]
    return (sum(known) if known else None), len(known), len(values), "channels"


def _changes(span: _Span) -> tuple[list[tuple[int, int]], int]:
    """Return (followers at the start, followers won since) of each channel where both are known, and of how many."""
    found = []
    for name in span.numbers.channels:
        counter = span.numbers.followers(name)
        before, gain = counter.at(span.start), gained(counter, span.start, span.end)
        if before is not None and gain is not None:
            found.append((before, gain))
    return found, len(span.numbers.channels)


def _new_followers(span: _Span) -> _Found:
    found, asked = _changes(span)
    return (sum(gain for _, gain in found) if found else None), len(found), asked, "channels"


def _growth(span: _Span) -> _Found:
    found, asked = _changes(span)
    before = sum(before for before, _ in found)
    return growth(before or None, before + sum(gain for _, gain in found)), len(found), asked, "channels"


def _half_life(span: _Span) -> _Found:
    lives = [half_life(span.numbers.engagement(item), item.at, span.end) for item in span.posts]
    return _of_posts(lives, statistics.median)


def _published(span: _Span) -> _Found:
    return float(len(span.posts)), len(span.posts), len(span.posts), "posts"


def _per_week(span: _Span) -> _Found:
    return posts_per_week(len(span.posts), span.start, span.end), len(span.posts), len(span.posts), "posts"


def _likes(span: _Span) -> _Found:
    mean, known = per_post([span.numbers.counter(item.channel, item.post, "likes").at(span.end) for item in span.posts])
    return mean, known, len(span.posts), "posts"


def _described(span: _Span) -> _Found:
    pictures = sum(item.pictures for item in span.posts)
    return share(sum(item.described for item in span.posts), pictures), pictures, pictures, "pictures"


_COMPUTED: Mapping[str, Callable[[_Span], _Found]] = {
    "engagement": _engagement,
    "engagement-48h": lambda span: _of_posts(_settled(span), statistics.median),
    "engagement-gained": _gained,
    "engagement-rate": _rate,
    "followers": _followers,
    "new-followers": _new_followers,
    "growth": _growth,
    "half-life": _half_life,
    "posts-published": _published,
    "posts-per-week": _per_week,
    "likes-per-post": _likes,
    "alt-text-share": _described,
}
"""Metric → what computes it. `times-usual` puts posts beside each other and has no value of a whole period."""
