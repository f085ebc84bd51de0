"""Days off: weekdays, days and ranges on which nothing goes out by itself, and holidays with their reason."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class DayOff:
    """A weekday (0 is Monday), or the days from *first* to *last*, both included; *reason* is empty where none is."""

    weekday: int | None = None
    first: date | None = None
    last: date | None = None
    reason: str = ""

    def holds(self, day: date) -> bool:
        """Tell whether *day* is one of them."""
        if self.weekday is not None:
            return day.weekday() == self.weekday
        return self.first is not None and self.last is not None and self.first <= day <= self.last

    def __str__(self) -> str:
        if self.weekday is not None:
            days = WEEKDAYS[self.weekday]
        else:
            days = f"{self.first}" if self.first == self.last else f"{self.first} to {self.last}"
        return f"{days}: {self.reason}" if self.reason else days

    @property
    def why(self) -> str:
        """What a person calls it: the holiday, or a day off."""
        return self.reason or "a day off"


def day_off(days: Iterable[DayOff], day: date) -> DayOff | None:
    """Return why *day* is off, the one with a reason first; None when it is not."""
    found = [off for off in days if off.holds(day)]
    return next((off for off in found if off.reason), found[0] if found else None)


def days_of(days: Iterable[DayOff], first: date, last: date) -> dict[date, DayOff]:
    """Return the days off between two days, both included."""
    listed = tuple(days)
    found: dict[date, DayOff] = {}
    day = first
    while listed and day <= last:
        if (off := day_off(listed, day)) is not None:
            found[day] = off
        day += timedelta(days=1)
    return found
