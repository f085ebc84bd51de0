"""Times as the pages write them: always with their zone, never with a locale."""

from __future__ import annotations

import functools
from datetime import date, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from markupsafe import Markup

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
LONG_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
LONG_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def city(zone: tzinfo) -> str:
    """Return the short name of a zone: `Istanbul` for `Europe/Istanbul`."""
    key = zone.key if isinstance(zone, ZoneInfo) else str(zone)
    return key.rsplit("/", 1)[-1].replace("_", " ")


def offset(at: datetime) -> str:
    """Return the offset of an aware time, as `UTC+03:00`."""
    seconds = int((at.utcoffset() or timedelta(0)).total_seconds())
    sign = "-" if seconds < 0 else "+"
    return f"UTC{sign}{abs(seconds) // 3600:02d}:{abs(seconds) % 3600 // 60:02d}"


def day(value: date, *, year: bool = False) -> str:
    """Return a day as `Tue 8 Dec`, with the year when asked for."""
    text = f"{DAYS[value.weekday()]} {value.day} {MONTHS[value.month - 1]}"
    return f"{text} {value.year}" if year else text


def long_day(value: date) -> str:
    """Return a day as `Tuesday 8 December`."""
    return f"{LONG_DAYS[value.weekday()]} {value.day} {LONG_MONTHS[value.month - 1]}"


def month(name: str) -> str:
    """Return `December 2026` for `2026-12`."""
    return f"{LONG_MONTHS[int(name[5:7]) - 1]} {name[:4]}"


def near(value: date, today: date) -> str:
    """Return `Today`, `Tomorrow`, `Yesterday`, or nothing."""
    return {0: "Today", 1: "Tomorrow", -1: "Yesterday"}.get((value - today).days, "")


@functools.lru_cache(maxsize=4096)
def clock(at: datetime, zone: tzinfo) -> Markup:
    """Return an instant as `09:30 Istanbul` in a time element."""
    local = at.astimezone(zone)
    hover = f"{day(local.date(), year=True)}, {offset(local)}"
    return Markup('<time class="so-time" datetime="{}" title="{}">{} <span class="so-zone">{}</span></time>').format(
        local.isoformat(timespec="minutes"), hover, f"{local:%H:%M}", city(zone)
    )


def moment(at: datetime, zone: tzinfo) -> Markup:
    """Return an instant as `Tue 8 Dec 2026, 09:30 Istanbul` in a time element."""
    local = at.astimezone(zone)
    return Markup(
        '<time class="so-time" datetime="{}" title="{}">{}, {} <span class="so-zone">{}</span></time>'
    ).format(
        local.isoformat(timespec="minutes"), offset(local), day(local.date(), year=True), f"{local:%H:%M}", city(zone)
    )


def span(start: date | None, end: date | None) -> str:
    """Return two days as `15 Nov 2026 – 10 Jan 2027`; what is missing is left open."""

    def text(value: date | None) -> str:
        return f"{value.day} {MONTHS[value.month - 1]} {value.year}" if value else "…"

    return f"{text(start)} – {text(end)}" if start or end else ""


def length(seconds: int) -> str:
    """Return a length of time as `3 days`, `6 hours`, `30 minutes`."""
    for unit, size in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= size and seconds % size == 0:
            number = seconds // size
            return f"{number} {unit}{'s' if number != 1 else ''}"
    return f"{seconds} seconds"
