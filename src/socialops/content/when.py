"""When a post goes out: what a writer typed, and the instant it means.

A date is kept as it was typed. Wall time (`2026-12-01 09:30`) means the channel's zone; RFC 3339 with an offset means
itself. A wall time that a zone skips (spring) or has twice (autumn) is an error that names the times that would do.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

_FORM = re.compile(
    r"(?P<date>\d{4}-\d{2}-\d{2})(?:[T ](?P<clock>\d{1,2}:\d{2}(?::\d{2})?)\s?(?P<offset>Z|[+-]\d{2}:\d{2})?)?",
    re.ASCII,
)


class WhenError(ValueError):
    """A date that means no instant; *id* is the problem it becomes, *hint* what to write instead."""

    def __init__(self, id: str, message: str, hint: str) -> None:  # noqa: A002 - the word of the design
        super().__init__(message)
        self.id = id
        self.message = message
        self.hint = hint


@dataclass(frozen=True, slots=True)
class When:
    """A date as typed.

    *wall* is naive wall time, or aware when the writer gave an offset; *day_only* is a date without a clock.
    """

    text: str
    wall: datetime
    day_only: bool = False

    def at(self, zone: ZoneInfo) -> datetime:
        """Return the instant in UTC; raises WhenError for a wall time that *zone* skips or has twice."""
        if self.wall.tzinfo is not None:
            return self.wall.astimezone(UTC)
        # The zone is asked directly: this is done for every channel of every post.
        offset = zone.utcoffset(self.wall)
        if offset is not None and offset == zone.utcoffset(self.wall.replace(fold=1)):
            return (self.wall - offset).replace(tzinfo=UTC)
        early = self.wall.replace(tzinfo=zone, fold=0)
        late = self.wall.replace(tzinfo=zone, fold=1)
        first, second = early.astimezone(UTC), late.astimezone(UTC)
        if first.astimezone(zone).replace(tzinfo=None) != self.wall:
            # A gap: read with each offset, the wall time lands beside the gap, on either side of it.
            after = max(first, second).astimezone(zone)
            before = min(first, second).astimezone(zone)
            raise WhenError(
                "date-gap",
                f"{self.text} does not exist in {zone.key}: the clocks skip it.",
                f"Write {before:%Y-%m-%d %H:%M} or {after:%Y-%m-%d %H:%M}.",
            )
        raise WhenError(
            "date-fold",
            f"{self.text} happens twice in {zone.key}: the clocks go back.",
            f"Say which: {early.isoformat(timespec='minutes')} or {late.isoformat(timespec='minutes')}.",
        )


def parse_when(text: str) -> When:
    """Read a date as typed; raises WhenError (`date-invalid`) when it is none."""
    found = _FORM.fullmatch(text.strip())
    if not found:
        raise WhenError(
            "date-invalid", f"{text!r} is not a date.", "Write 2026-12-01 09:30, or 2026-12-01T09:30:00+03:00."
        )
    clock = found["clock"] or "00:00"
    if len(clock.split(":")[0]) == 1:
        clock = "0" + clock
    offset = (found["offset"] or "").replace("Z", "+00:00")
    try:
        wall = datetime.fromisoformat(f"{found['date']}T{clock}{offset}")
    except ValueError as error:
        raise WhenError(
            "date-invalid",
            f"{text!r} is not a date that exists.",
            "Check the day, the month, the clock and the offset.",
        ) from error
    if not 1990 <= wall.year < 2100:
        raise WhenError("date-invalid", f"{text!r} is not a plausible year.", "Check the year.")
    return When(text.strip(), wall, day_only=found["clock"] is None)
