"""Quiet times: when nothing goes out, as people write it down.

quiet:
  - 22:00 to 07:00                               every night
  - fri 14:00 to sat 20:00                       every week
  - sun                                          every Sunday
  - 10 November: Atatürk's death                 every year
  - 16 to 22 December                            every year, both days included
  - 2026-09-20 18:00 to 2026-09-21 20:00         once

All of it is wall time of the channel's zone: when a clock goes back, both of the hours that it shows twice are quiet.
A time with a clock ends just before it, a day without one when it is over.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from socialops.content.values import Wrong, text

MOST = 1_000
"""Quiet times of one rule. Ours."""

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_LENGTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_MOMENT = (
    r"(?:(?P<date{0}>\d{{4}}-\d\d-\d\d)|(?P<number{0}>\d{{1,2}})(?![\d:])(?: (?P<month{0}>[a-z]{{3,9}}))?"
    r"|(?P<weekday{0}>[a-z]{{3,9}}))?(?: ?(?P<clock{0}>\d{{1,2}}:\d\d))?"
)
_FORM = re.compile(rf"{_MOMENT.format(1)}(?: ?(?P<to>-|–|—|to|until) ?{_MOMENT.format(2)})?")
_HINT = (
    "Write 22:00 to 07:00, fri 14:00 to sat 20:00, sun, 10 November, 16 to 22 December, 2026-12-24 to 2026-12-26, or "
    "2026-09-20 18:00 to 2026-09-21 20:00."
)

Key = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Quiet:
    """One quiet time. *unit* says how often it comes; *start* and *end* (not included) are positions within the unit.

    The positions are (hour, minute) of a day, (weekday, hour, minute) of a week, (month, day, hour, minute) of a year,
    or (year, month, day, hour, minute); an end of 24:00 is that of its day.
    """

    unit: str
    start: Key
    end: Key
    text: str
    reason: str = ""

    def holds(self, wall: datetime) -> bool:
        """Tell whether a wall time lies in it."""
        key = _position(self.unit, wall)
        if self.start < self.end:
            return self.start <= key < self.end
        return key >= self.start or key < self.end

    def over(self, wall: datetime) -> datetime:
        """Return when it is over, for a wall time that lies in it."""
        *day, hour, minute = self.end
        today = datetime(wall.year, wall.month, wall.day)  # noqa: DTZ001 - wall time
        later = self.start >= self.end and _position(self.unit, wall) >= self.start
        if self.unit == "day":
            last = today + timedelta(days=later)
        elif self.unit == "week":
            last = today + timedelta(days=(day[0] - wall.weekday()) % 7)
            if last == today and later:
                last += timedelta(days=7)
        elif self.unit == "year":
            year = wall.year + later
            # The 29th of February of most years is the 1st of March.
            last = datetime(year, day[0], 1) + timedelta(days=day[1] - 1)  # noqa: DTZ001
            if day == [2, 29] and last.month == 3:
                hour, minute = 0, 0
        else:
            last = datetime(day[0], day[1], day[2])  # noqa: DTZ001
        return last + timedelta(hours=hour, minutes=minute)

    @property
    def called(self) -> str:
        """What a person calls it."""
        return f"{self.reason} ({self.text})" if self.reason else self.text


def _position(unit: str, wall: datetime) -> Key:
    clock = (wall.hour, wall.minute)
    if unit == "day":
        return clock
    if unit == "week":
        return (wall.weekday(), *clock)
    if unit == "year":
        return (wall.month, wall.day, *clock)
    return (wall.year, wall.month, wall.day, *clock)


def quiet_at(times: Iterable[Quiet], wall: datetime) -> Quiet | None:
    """Return the quiet time that a wall time lies in, one with a reason first; None: it lies in none."""
    found = [time for time in times if time.holds(wall)]
    return next((time for time in found if time.reason), found[0] if found else None)


def free_again(times: Iterable[Quiet], wall: datetime) -> datetime | None:
    """Return the first wall time from *wall* on that no quiet time holds; None when there is none for a year."""
    listed = tuple(times)
    end = wall + timedelta(days=366)
    while wall < end:
        found = quiet_at(listed, wall)
        if found is None:
            return wall
        wall = max(found.over(wall), wall + timedelta(minutes=1))
    return None


# --- How they are written ---------------------------------------------------------------------------------------------


def quiet_times(value: Any) -> tuple[Quiet, ...]:
    """Read quiet times: one, a list, or times with their reason; raises Wrong."""
    found = tuple(_listed(value))
    if not found:
        raise Wrong("field-length", "This list is empty.", _HINT)
    if len(found) > MOST:
        raise Wrong("field-length", f"This list has {len(found)} entries; {MOST} is the most.", "Make two rules of it.")
    return found


def _listed(value: Any) -> Iterator[Quiet]:
    if isinstance(value, dict):
        for time, reason in value.items():
            yield quiet_time(time, text(reason).strip())
    elif isinstance(value, list):
        for item in value:
            if isinstance(item, dict):
                yield from _listed(item)
            else:
                yield quiet_time(item)
    else:
        yield quiet_time(value)


def quiet_time(value: Any, reason: str = "") -> Quiet:
    """Read one quiet time; raises Wrong."""
    typed = " ".join(text(value).split())
    found = _FORM.fullmatch(typed.casefold())
    wrong = Wrong("quiet-invalid", f"{typed[:60]!r} is no time that could be quiet.", _HINT)
    if not found or not typed:
        raise wrong
    parts = found.groupdict()
    first = [parts[f"{name}1"] for name in ("date", "number", "month", "weekday", "clock")]
    second = [parts[f"{name}2"] for name in ("date", "number", "month", "weekday", "clock")]
    has_end = any(second)
    if parts["to"] and not (has_end and any(first)):
        raise wrong
    # "16 to 22 December" names the month once, and "24 December 18:00 to 20:00" the day.
    if first[1] and not first[2] and has_end:
        first[2] = second[2]
    if not any(second[:4]) and any(first[:4]):
        clock = second[4] if has_end else None
        second = [*first[:4], clock or (first[4] and "24:00") or None]
    elif not has_end:
        # A clock alone is a moment, and no time.
        raise wrong
    try:
        unit, start = _moment(first, ends=False)
        other, end = _moment(second, ends=True)
    except ValueError:
        raise wrong from None
    if unit != other:
        raise wrong
    if start == end or (unit == "once" and end < start) or (end < start and first[:4] == second[:4] and any(first[:4])):
        hint = "Say the day on which it ends, too." if first[:4] == second[:4] else "Correct one of the two."
        raise Wrong("quiet-invalid", f"{typed[:60]!r} ends before it begins.", hint)
    return Quiet(unit, start, end, typed, reason)


def _moment(found: list[str | None], *, ends: bool) -> tuple[str, Key]:
    """Return the unit and the position of one side; raises ValueError for what does not exist."""
    day, number, month, weekday, clock = found
    hour, minute = (int(figure) for figure in clock.split(":")) if clock else ((24, 0) if ends else (0, 0))
    if minute > 59 or hour > 24 or (hour == 24 and (minute or not ends)):
        raise ValueError
    if day:
        when = date.fromisoformat(day)
        return "once", (when.year, when.month, when.day, hour, minute)
    if number:
        index = _named(_MONTHS, month or "")
        if not 1 <= int(number) <= _LENGTHS[index]:
            raise ValueError
        return "year", (index + 1, int(number), hour, minute)
    if weekday:
        return "week", (_named(_WEEKDAYS, weekday), hour, minute)
    return "day", (hour, minute)


def _named(names: tuple[str, ...], given: str) -> int:
    """Return which of *names* is meant: its first three letters or more; raises ValueError."""
    found = [index for index, name in enumerate(names) if len(given) >= 3 and name.startswith(given)]
    if len(found) != 1:
        raise ValueError
    return found[0]
