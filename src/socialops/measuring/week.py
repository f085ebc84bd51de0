"""The week in four numbers, each against the week before.

A week is the seven whole days before today, in the workspace's zone: run on a Monday it is Monday to Sunday, and on
any other day it still never compares a part of a week with a whole one.
"""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from socialops.measuring.insights import LEAST_IN_GROUP, Change, Sample, change
from socialops.measuring.kpi import gained, growth
from socialops.measuring.numbers import Numbers, Published

_LEAST_BASE = 20


@dataclass(frozen=True, slots=True)
class Week:
    """Seven whole days: instants in UTC, *end* exclusive; *first* and *last* are the local days."""

    start: datetime
    end: datetime
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class WeekNumbers:
    """What happened in a week; None: not known.

    *settled* are the engagements after 48 hours of the posts published in it; *known* says of how many posts
    *engagement* is the sum, of *asked* that could have gained any.
    """

    week: Week
    published: tuple[Published, ...]
    engagement: int | None
    known: int
    asked: int
    settled: tuple[Sample, ...]
    new_followers: int | None
    followers_before: int | None

    @property
    def typical(self) -> float | None:
        """Return the median engagement after 48 hours."""
        return statistics.median(sample.value for sample in self.settled) if self.settled else None


@dataclass(frozen=True, slots=True)
class Headline:
    """One number of the week: *change* in words, *direction* `up`, `down`, `same` or empty (cannot be said)."""

    name: str
    title: str
    value: str
    change: str
    direction: str
    n: str


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """Return the instant a local day begins, in UTC."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def weeks(now: datetime, zone: ZoneInfo, count: int) -> tuple[Week, ...]:
    """Return the last *count* weeks, the newest last, ending with the local day before *now*."""
    today = now.astimezone(zone).date()
    found = []
    for back in range(count, 0, -1):
        first, after = today - timedelta(days=7 * back), today - timedelta(days=7 * (back - 1))
        found.append(Week(midnight(first, zone), midnight(after, zone), first, after - timedelta(days=1)))
    return tuple(found)


def week_numbers(numbers: Numbers, week: Week, now: datetime) -> WeekNumbers:
    """Compute one week. Posts younger than 48 hours at *now* have no settled engagement yet."""
    gains, asked = [], 0
    for item in numbers.published:
        if item.at < week.end:
            asked += 1
            gain = gained(numbers.engagement(item), week.start, week.end, born=item.at)
            if gain is not None:
                gains.append(gain)
    published = numbers.between(week.start, week.end)
    settled = [
        Sample(item.channel, week.first, value)
        for item in published
        if (value := numbers.settled(item, now)) is not None
    ]
    followers = [
        (counter.at(week.start), gained(counter, week.start, week.end))
        for counter in map(numbers.followers, numbers.measured_channels())
    ]
    both = [(before, gain) for before, gain in followers if before is not None and gain is not None]
    return WeekNumbers(
        week,
        published,
        sum(gains) if gains else None,
        len(gains),
        asked,
        tuple(settled),
        sum(gain for _, gain in both) if both else None,
        sum(before for before, _ in both) if both else None,
    )


def headlines(numbers: Numbers, now: datetime, zone: ZoneInfo) -> tuple[Headline, ...]:
    """Return the four headline numbers of the last week, each with its change against the week before and its n."""
    before, after = (week_numbers(numbers, week, now) for week in weeks(now, zone, 2))
    channels = len({item.channel for item in after.published})
    rate = growth(after.followers_before, _sum(after.followers_before, after.new_followers))
    posts = _counted(len(before.published), len(after.published))
    return (
        Headline(
            "posts-published",
            "Posts published",
            number(len(after.published)),
            *posts,
            n=f"on {channels} channel{'s' if channels != 1 else ''}",
        ),
        Headline(
            "engagement-gained",
            "Engagement gained",
            number(after.engagement),
            *_counted(before.engagement, after.engagement),
            n=f"n = {after.known} posts, of every age",
        ),
        Headline(
            "engagement-48h",
            "Engagement after 48 hours, middle post",
            number(after.typical),
            *_typical(change(before.settled, after.settled)),
            n=_settled(after),
        ),
        Headline(
            "new-followers",
            "New followers",
            signed(after.new_followers),
            *_counted(before.new_followers, after.new_followers, signs=True),
            n="" if rate is None else f"{signed(rate, 1)} % of {number(after.followers_before)}",
        ),
    )


def number(value: float | None, digits: int = 0) -> str:
    """Write a number with narrow spaces between thousands; a dash for what is not known."""
    if value is None:
        return "–"
    text = f"{value:,.{digits}f}" if digits or isinstance(value, int) or value >= 100 else f"{value:.1f}"
    if digits == 0:
        text = text.removesuffix(".0")
    return text.replace(",", "\u202f").replace("-", "\u2212")


def signed(value: float | None, digits: int = 0) -> str:
    """Write a number with its sign."""
    if value is None:
        return "–"
    return ("+" if value > 0 else "±" if value == 0 else "") + number(value, digits)


def _sum(one: int | None, two: int | None) -> int | None:
    return None if one is None or two is None else one + two


def _settled(after: WeekNumbers) -> str:
    n, young = len(after.settled), len(after.published) - len(after.settled)
    return f"n = {n} post{'s' if n != 1 else ''}" + (f"; {young} too young or not read" if young else "")


def _counted(before: int | None, after: int | None, *, signs: bool = False) -> tuple[str, str]:
    if before is None or after is None:
        return "the week before is not known", ""
    shown = signed(before) if signs else number(before)
    if before == after:
        return f"as in the week before ({shown})", "same"
    percent = (
        f", {signed(round((after - before) / before * 100))}\u202f%" if before >= _LEAST_BASE and not signs else ""
    )
    return f"{signed(after - before)}{percent} against the week before ({shown})", "up" if after > before else "down"


def _typical(found: Change) -> tuple[str, str]:
    if found.times is None or found.low is None or found.high is None:
        return f"too few posts to compare: {found.after}, before {found.before}; {LEAST_IN_GROUP} are needed", ""
    interval = f"{found.low:.1f} to {found.high:.1f}"
    if not found.clear:
        return f"no clear change against the week before (× {interval})", "same"
    return f"{found.times:.1f} × the week before ({interval})", "up" if found.times > 1 else "down"
