"""Readings on disk: one CSV file a day under `reports/data/metrics/`.

    at,channel,post,part,metric,value
    2026-12-01T09:07:00Z,mastodon,,0,followers,1203
    2026-12-01T09:07:00Z,mastodon,2026-12-01-launch,0,likes,12

The lines are sorted and a file is a *set* of lines: two jobs that wrote the same day merge by taking both, in any
order. What a network did not tell has no line, because unknown is not 0. Only the counters of `METRICS` are ever
written: no name, handle, text or address of anybody can enter these files.
"""

from __future__ import annotations

import functools
import gc
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple, TypeVar

from socialops.atomic import write_atomically
from socialops.problem import Problem, warning

HEADER = "at,channel,post,part,metric,value"

METRICS: Mapping[str, str] = MappingProxyType(
    {
        "likes": "post",
        "reposts": "post",
        "replies": "post",
        "quotes": "post",
        "bookmarks": "post",
        "votes": "post",
        "followers": "account",
        "following": "account",
        "posts": "account",
    }
)
"""Every counter that may be kept, and whether it is a number of a post or of the account."""

LARGEST = 10**15
"""A counter above this is a mistake of somebody's; it would also not survive a spreadsheet."""

# Ids are slugs in any alphabet. The first character is a letter or digit, so that no cell can be read as a formula.
_SLUG = re.compile(r"[^\W_][\w.-]{0,199}")
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z")
_DAY_FILE = re.compile(r"\d{4}-\d{2}-\d{2}\.csv")
_T = TypeVar("_T")
_COUNTS = {(metric, whose == "post"): metric for metric, whose in METRICS.items()}
_DIGITS = 16
_SHOWN = 60


class Reading(NamedTuple):
    """One counter at one moment.

    *at* is aware, in UTC, whole seconds. An empty *post* is the account. *part* counts from 0, as in the ledger.
    A tuple, because a year of readings is a million of them.
    """

    at: datetime
    channel: str
    post: str
    part: int
    metric: str
    value: int


def append(path: Path, readings: Iterable[Reading]) -> list[Path]:
    """Add readings to the day files under *path* and return the files that changed, sorted.

    Each file is replaced in one step. Lines that are already there are kept as they are, also those that this version
    cannot read. Raises ValueError for a reading that must not be kept (an id that is no slug, a counter that is not
    on the list, a value below 0).
    """
    days: dict[Path, set[str]] = defaultdict(set)
    for reading in readings:
        days[day_file(path, reading.at.astimezone(UTC).date())].add(_line(reading))
    changed = []
    for file, added in sorted(days.items()):
        before = file.read_text("utf-8", errors="surrogateescape") if file.is_file() else ""
        kept = {line for line in before.split("\n") if line.strip()} - {HEADER}
        after = "\n".join([HEADER, *sorted(kept | added), ""])
        if after != before:
            write_atomically(file, after.encode("utf-8", "surrogateescape"))
            changed.append(file)
    return changed


def read(path: Path, since: datetime | None = None, *, problems: list[Problem] | None = None) -> list[Reading]:
    """Read the day files under *path*, in order of time, each reading once.

    Only what was read at *since* or later, when given. A line that cannot be understood is left out and becomes a
    `metrics-line` warning in *problems*; a file that cannot be read at all, a `metrics-file` warning. About 1 s for
    a million rows.
    """
    found: list[Reading] = []
    # A million tuples make the collector look at each of them many times over, and none is ever part of a cycle.
    collecting = gc.isenabled()
    gc.disable()
    try:
        for file in _day_files(path, since):
            found += _read_day(path, file, problems)
    finally:
        if collecting:
            gc.enable()
    if since is not None:
        found = [reading for reading in found if reading.at >= since]
    return found


def day_file(path: Path, day: date) -> Path:
    """Return the file that keeps the readings of a UTC day."""
    return path / f"{day:%Y}" / f"{day:%m}" / f"{day:%Y-%m-%d}.csv"


@functools.lru_cache(maxsize=4096)
def is_slug(text: str) -> bool:
    """Tell whether *text* can stand in a cell as the name of a channel or post."""
    return _SLUG.fullmatch(text) is not None


def _day_files(path: Path, since: datetime | None) -> list[Path]:
    first = f"{since.astimezone(UTC):%Y-%m-%d}.csv" if since is not None else ""
    files = [file for file in path.glob("[0-9][0-9][0-9][0-9]/[0-9][0-9]/*.csv") if _DAY_FILE.fullmatch(file.name)]
    return sorted((file for file in files if file.name >= first), key=lambda file: file.name)


def _line(reading: Reading) -> str:
    at = reading.at.astimezone(UTC)
    if METRICS.get(reading.metric) != ("post" if reading.post else "account"):
        whose = "a post" if reading.post else "an account"
        raise ValueError(f"{reading.metric!r} is not a counter of {whose} that may be kept")
    if not is_slug(reading.channel) or (reading.post and not is_slug(reading.post)):
        raise ValueError(f"{reading.channel!r} and {reading.post!r} must be slugs: letters, digits, - _ and .")
    if not 0 <= reading.value <= LARGEST or reading.part < 0:
        raise ValueError(f"{reading.metric} of {reading.channel} is {reading.value}, which no counter can be")
    moment = at.replace(tzinfo=None).isoformat(timespec="seconds")
    return f"{moment}Z,{reading.channel},{reading.post},{reading.part},{reading.metric},{reading.value}"


def _read_day(root: Path, file: Path, problems: list[Problem] | None) -> list[Reading]:
    shown = f"reports/data/metrics/{file.relative_to(root).as_posix()}"
    try:
        text = file.read_text("utf-8", errors="replace").replace("\r\n", "\n")
    except OSError as error:
        if problems is not None:
            hint = "Make it readable, or fetch the data again; its numbers are left out until then."
            problems.append(warning("metrics-file", shown, (0, 0), f"Cannot be read: {error.strerror}.", hint))
        return []
    # No cell is ever quoted (see _SLUG), so a split at the commas is the whole of CSV here, and four times faster
    # than looking at each cell: what repeats from line to line is judged once.
    lines = text.split("\n")
    found: list[Reading] = []
    instants, names, numbers = _Once(_instant), _Once(_named), _Once(_number)
    new = tuple.__new__
    for number, line in enumerate(lines, start=1):
        try:
            at, channel, post, part, metric, value = line.split(",")
            name = names[post] if post else ""
            cells = (instants[at], names[channel], name, numbers[part], _COUNTS[metric, name != ""], numbers[value])
            found.append(new(Reading, cells))
        except (ValueError, KeyError):
            if problems is not None and line.strip() and line != HEADER:
                problems.append(_broken(shown, number, line))
    if len(set(lines)) != len(lines):
        found = list(dict.fromkeys(found))
    found.sort()
    return found


class _Once(dict[str, _T]):
    """Turn each different text into what it means once; a text that means nothing raises ValueError."""

    def __init__(self, meaning: Callable[[str], _T]) -> None:
        super().__init__()
        self._meaning = meaning

    def __missing__(self, text: str) -> _T:
        value = self[text] = self._meaning(text)
        return value


def _number(text: str) -> int:
    if not (text.isdecimal() and text.isascii() and len(text) <= _DIGITS):
        raise ValueError(text)
    return int(text)


def _instant(text: str) -> datetime:
    if not _INSTANT.fullmatch(text):
        raise ValueError(text)
    return datetime.fromisoformat(text)


def _named(text: str) -> str:
    if not is_slug(text):
        raise ValueError(text)
    return text


def _broken(file: str, number: int, line: str) -> Problem:
    shown = line if len(line) <= _SHOWN else line[:_SHOWN] + "…"
    return warning(
        "metrics-line",
        file,
        (number, 1),
        f"This line is not a reading and is left out: {shown!r}",
        "Delete the line (after a merge: the marks that git left); the numbers around it are not touched.",
    )


def whole_seconds(at: datetime) -> datetime:
    """Return an instant as it can be kept: UTC, whole seconds."""
    return at.astimezone(UTC).replace(microsecond=0)
