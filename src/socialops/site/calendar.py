"""The calendar: a page a month, the gaps in it, and what has no date.

A gap is judged by the cadence of `brand/strategy.md`: a channel that wants three posts a week may be silent for two
days (seven days over three, rounded down); the day after is marked, and every so many days again until the next post.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from socialops.compose.slots import days_off
from socialops.content.days_off import day_off
from socialops.site import times
from socialops.site.marks import Status
from socialops.site.pages import Item, Page, Row, Site, block, items

if TYPE_CHECKING:
    from socialops.content.channel import Channel
    from socialops.site.entries import Entry

WEEK = 7
AHEAD = timedelta(days=28)
"""How far ahead gaps are looked for; nobody plans every day of next year."""
MOST_MONTHS = 240


@dataclass(frozen=True, slots=True)
class Quiet:
    """A day on which a channel should have had something; *since* is its last post before, or None."""

    channel: Channel
    since: date | None


@dataclass(frozen=True, slots=True)
class Load:
    """How many posts a channel has in a week, of how many its cadence asks for."""

    channel: Channel
    have: int
    want: int

    @property
    def missing(self) -> int:
        """How many are missing."""
        return max(0, self.want - self.have)


@dataclass(frozen=True, slots=True)
class Day:
    """One day of a month page."""

    date: date
    inside: bool
    today: bool
    past: bool
    items: tuple[Item, ...]
    quiet: tuple[Quiet, ...]
    off: tuple[tuple[str, str], ...] = ()
    """(channel name, why) of holidays; the name is empty where it is one for all channels."""

    @property
    def number(self) -> str:
        """The day of the month, with the month when another one begins."""
        return times.day(self.date).split(" ", 1)[1] if self.date.day == 1 or not self.inside else str(self.date.day)


@dataclass(frozen=True, slots=True)
class Week:
    """Seven days from a Monday, and how full they are."""

    number: int
    days: tuple[Day, ...]
    loads: tuple[Load, ...]


def months(site: Site) -> list[str]:
    """Return the months that have a page, in order: from the first to the last delivery, and the current one."""
    days = [entry.at.astimezone(site.zone).date() for entry in site.entries if entry.at] + [site.today]
    first, last = min(days), max(days)
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    start = first.year * 12 + first.month - 1
    return [f"{number // 12:04d}-{number % 12 + 1:02d}" for number in range(start, start + count)][-MOST_MONTHS:]


def by_day(site: Site) -> Mapping[date, tuple[Row, ...]]:
    """Return what happens on each day of the calendar's zone."""
    days: dict[date, list[Entry]] = defaultdict(list)
    for entry in site.entries:
        if entry.at:
            days[entry.at.astimezone(site.zone).date()].append(entry)
    return {day: tuple(site.rows(entries)) for day, entries in days.items()}


def cadence(site: Site) -> list[tuple[Channel, int]]:
    """Return (channel, posts a week) for each channel the strategy names."""
    strategy = site.content.brand.strategy
    wanted = strategy.cadence if strategy else {}
    return [
        (channel, wanted[name]) for name, channel in sorted(site.content.channels.items()) if wanted.get(name, 0) > 0
    ]


def quiet_days(site: Site) -> Mapping[date, tuple[Quiet, ...]]:
    """Return the gaps from today to four weeks ahead."""
    found: dict[date, list[Quiet]] = defaultdict(list)
    last_day = site.today + AHEAD
    for channel, want in cadence(site):
        step = max(1, WEEK // want) + 1
        off = days_off(site.content, channel)
        days = sorted(site.filled.get(channel.name, ()))
        before = max((day for day in days if day < site.today), default=None)
        following = [day for day in days if day >= site.today]
        expected = max(site.today, before + timedelta(days=step)) if before else site.today
        last = before
        for stop in [*following, last_day + timedelta(days=1)]:
            while expected < stop and expected <= last_day:
                if day_off(off, expected) is not None:
                    expected += timedelta(days=1)
                    continue
                found[expected].append(Quiet(channel, last))
                expected += timedelta(days=step)
            last = stop
            expected = stop + timedelta(days=step)
    return {day: tuple(quiet) for day, quiet in found.items()}


def loads(site: Site, monday: date) -> tuple[Load, ...]:
    """Return how full the week that begins on *monday* is, for each channel with a cadence."""
    week = [monday + timedelta(days=number) for number in range(WEEK)]
    found = []
    for channel, want in cadence(site):
        days = site.filled.get(channel.name, {})
        found.append(Load(channel, sum(days.get(day, 0) for day in week), want))
    return tuple(found)


def weeks(
    site: Site, month: str, days: Mapping[date, tuple[Row, ...]], quiet: Mapping[date, tuple[Quiet, ...]]
) -> list[Week]:
    """Return the weeks of a month, each whole, with the days of the months around it."""
    first = date(int(month[:4]), int(month[5:]), 1)
    monday = first - timedelta(days=first.weekday())
    found = []
    while monday <= first or f"{monday:%Y-%m}" == month:
        dates = [monday + timedelta(days=number) for number in range(WEEK)]
        found.append(
            Week(
                monday.isocalendar().week,
                tuple(
                    Day(
                        day,
                        f"{day:%Y-%m}" == month,
                        day == site.today,
                        day < site.today,
                        items(days.get(day, ())),
                        quiet.get(day, ()),
                        _holidays(site, day),
                    )
                    for day in dates
                ),
                loads(site, monday),
            )
        )
        monday += timedelta(days=WEEK)
    return found


def _holidays(site: Site, day: date) -> tuple[tuple[str, str], ...]:
    """Return the holidays on a day: those of the strategy, and those of single channels."""
    strategy = site.content.brand.strategy
    found = [("", off.reason) for off in (strategy.days_off if strategy else ()) if off.reason and off.holds(day)]
    everywhere = {reason for _, reason in found}
    for name, channel in sorted(site.content.channels.items()):
        found += [
            (name, off.reason)
            for off in channel.days_off
            if off.reason and off.reason not in everywhere and off.holds(day)
        ]
    return tuple(dict.fromkeys(found))


def undated(site: Site) -> list[Row]:
    """Return what has no date yet."""
    return site.rows(entry for entry in site.entries if entry.at is None)


def calendar_pages(site: Site) -> list[Page]:
    """Return a page for each month and the calendar's front page, which shows the current one."""
    every = months(site)
    days, quiet = by_day(site), quiet_days(site)
    counts = _counts(days)
    current = f"{site.today:%Y-%m}"
    pages: list[Page] = []
    for name in [current, *every]:
        front = not pages
        path = "calendar/index.md" if front else f"calendar/{name}.md"
        grid = weeks(site, name, days, quiet)
        shown = [row for week in grid for day in week.days for item in day.items for row in item.rows]
        at = every.index(name)
        values = {
            "site": site,
            "month": name,
            "months": [(other, counts.get(other, 0)) for other in every] if front else [],
            "before": every[at - 1] if at else "",
            "after": every[at + 1] if at + 1 < len(every) else "",
            "current": current,
            "weeks": grid,
            "choices": _choices(site, shown),
            "undated": undated(site) if name == current else [],
            "any": bool(shown),
            "ahead": AHEAD.days,
            "settled": name < current,
        }
        pages.append(
            Page(
                path,
                times.month(name),
                (block("calendar.html", path, **values),),
                source="posts/",
                hide=("navigation", "toc"),
                searchable=False,
            )
        )
    return pages


def _counts(days: Mapping[date, tuple[Row, ...]]) -> dict[str, int]:
    counts: dict[str, int] = defaultdict(int)
    for day, rows in days.items():
        counts[f"{day:%Y-%m}"] += len({row.view.post.id for row in rows})
    return counts


def _choices(site: Site, rows: Iterable[Row]) -> dict[str, list[tuple[str, str]]]:
    """Return what the filter offers: (value, words) for channel, campaign and state, of what the page shows."""
    channels: set[str] = set()
    campaigns: set[str] = set()
    states: set[Status] = set()
    for row in rows:
        channels |= {entry.channel.name for entry in row.entries}
        campaigns.add(row.campaign)
        states.add(row.status)
    titles = site.content.brand.campaigns
    return {
        "channel": [(name, name) for name in sorted(channels)],
        "campaign": [(name, titles[name].title if name in titles else name) for name in sorted(campaigns - {""})],
        "state": [(status.slug, status.word) for status in Status if status in states],
    }
