"""Slots: the weekly wall-clock times of a channel that posts without a date take, and which of them are free.

A slot is wall time in the channel's zone, every week, but not on its days off. Where the clocks skip a slot, it moves
on by as much as they do; where they show it twice, the first is meant (RFC 5545, 3.3.5: a time that does not exist is
read with the offset before the gap, one that exists twice is the first). So a slot never falls away, and none is taken
twice.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from socialops.content.days_off import WEEKDAYS, DayOff, day_off

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from socialops.content.channel import Channel
    from socialops.content.load import Content

SEARCHED = timedelta(days=366)
"""How far ahead a free slot is looked for."""
_DAY = timedelta(days=1)
_MOMENT = timedelta(microseconds=1)
_NOON = time(12)


def days_off(content: Content, channel: Channel) -> tuple[DayOff, ...]:
    """Return the days on which the channel is off: its own, and those the strategy has for all."""
    strategy = content.brand.strategy
    return (*channel.days_off, *(strategy.days_off if strategy else ()))


def gap_of(content: Content, channel: Channel) -> timedelta:
    """Return the shortest time between two posts of the channel."""
    return content.workspace.settings.minimum_gap if channel.minimum_gap is None else channel.minimum_gap


def instant_of(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """Return the instant (UTC) of a wall time, which exists for every day: see above for the clocks' changes."""
    return datetime.combine(day, clock, zone).replace(fold=0).astimezone(UTC)


def slots_of(channel: Channel, off: Iterable[DayOff], after: datetime, before: datetime) -> Iterator[datetime]:
    """Give the channel's slots from *after* on (itself included) and earlier than *before*, in order, as instants."""
    weekly: dict[int, list[time]] = {}
    for slot in channel.slots:
        name, _, clock = slot.partition(" ")
        weekly.setdefault(WEEKDAYS.index(name), []).append(time.fromisoformat(clock))
    zone, off = channel.tz(), tuple(off)
    day = after.astimezone(zone).date() - _DAY
    last = before.astimezone(zone).date() + _DAY
    pending: list[datetime] = []
    while weekly and day <= last:
        if day.weekday() in weekly and day_off(off, day) is None:
            pending += [instant_of(day, clock, zone) for clock in weekly[day.weekday()]]
        # A slot that the clocks move over midnight comes after the first ones of the next day.
        ready = instant_of(day, _NOON, zone)
        yield from sorted({slot for slot in pending if after <= slot < min(ready, before)})
        pending = [slot for slot in pending if slot >= ready]
        day += _DAY


def is_slot(channel: Channel, off: Iterable[DayOff], at: datetime) -> bool:
    """Tell whether an instant is one of the channel's slots."""
    return any(slot == at for slot in slots_of(channel, off, at, at + _MOMENT))


@dataclass(slots=True)
class Occupied:
    """The instants at which a channel has something, in order."""

    gap: timedelta
    instants: list[datetime] = field(default_factory=list)

    def add(self, at: datetime) -> None:
        """Note that something goes out at *at*."""
        insort(self.instants, at)

    def free(self, at: datetime) -> bool:
        """Tell whether nothing else of the channel stands nearer to *at* than its gap (and nothing at *at* itself)."""
        place = bisect_left(self.instants, at)
        near = self.instants[max(place - 1, 0) : place + 1]
        return all(abs(other - at) >= self.gap and other != at for other in near)


def free_slot(
    channel: Channel,
    off: Iterable[DayOff],
    occupied: Occupied,
    after: datetime,
    before: datetime | None = None,
) -> datetime | None:
    """Return the first free slot from *after* on and earlier than *before*; None: there is none within a year."""
    last = after + SEARCHED if before is None else min(before, after + SEARCHED)
    return next((slot for slot in slots_of(channel, off, after, last) if occupied.free(slot)), None)
