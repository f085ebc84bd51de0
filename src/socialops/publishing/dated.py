"""Look whether what we know of the networks is still recent: their limits, and the versions of their APIs.

Pure. Networks change without telling; a limit that was read long ago may refuse what fits, or let pass what does not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from socialops.errors import UsageError
from socialops.networks import adapter, default_limits
from socialops.publishing.watchdog import Finding, Level

if TYPE_CHECKING:
    from socialops.content.channel import Channel
    from socialops.networks.base import Limit

RECENT = timedelta(days=183)
"""Half a year: how long a limit is believed without being read again."""


def outdated(channels: Iterable[Channel], now: datetime) -> Iterator[Finding]:
    """Tell, for every network with a channel, how old its limits are, and whether its API's version is near its end."""
    today = now.astimezone(UTC).date()
    listed = list(channels)
    for network in sorted({channel.network for channel in listed}):
        yield from _limits(network, default_limits(network).entries, today)
    for channel in listed:
        yield from _own_limits(channel, today)
        yield from _version(channel, today)


def _limits(network: str, entries: Mapping[str, Limit], today: date) -> Iterator[Finding]:
    read = {name: day for name, limit in entries.items() if (day := _day(limit.checked_on)) is not None}
    if not read:
        return
    oldest = min(read, key=lambda name: (read[name], name))
    subject, day = f"limits {network}", read[oldest]
    if today - day <= RECENT:
        yield Finding(subject, Level.FINE, f"they were read on {day} or later")
        return
    yield Finding(
        subject,
        Level.WARNING,
        f"they may have changed: the oldest, `{oldest}`, was read on {day}, more than six months ago",
        f"Install a newer socialops; or compare with the source: {entries[oldest].source}",
    )


def aged(name: str, entries: Mapping[str, Limit], now: datetime) -> Iterator[Finding]:
    """Tell how old what we know of one place is."""
    return _limits(name, entries, now.astimezone(UTC).date())


def _own_limits(channel: Channel, today: date) -> Iterator[Finding]:
    """Judge what a server told of its own limits; without a day in the file nothing can be said."""
    day = _day(str(channel.limits.get("checked_on", "")))
    if day is not None and today - day > RECENT:
        yield Finding(
            f"limits of {channel.name}",
            Level.WARNING,
            f"its server told them on {day}, more than six months ago",
            "Ask it again: socialops accounts --limits",
        )


def sunset_of(channel: Channel, today: date) -> tuple[str, str]:
    """Return the version of its network's API a channel uses, and a warning when it ends soon; both may be empty."""
    try:
        sunset = getattr(adapter(channel.network), "sunset", None)
    except UsageError:
        return "", ""
    default = default_limits(channel.network).entries.get("api_version")
    version = str(channel.params.get("api_version") or (default.value if default else ""))
    return ("", "") if sunset is None or not version else (version, str(sunset(version, today)))


def _version(channel: Channel, today: date) -> Iterator[Finding]:
    version, warning = sunset_of(channel, today)
    if not version:
        return
    subject = f"API of {channel.name}"
    if not warning:
        yield Finding(subject, Level.FINE, f"version {version} works")
        return
    message, _, hint = warning.partition(". ")
    yield Finding(subject, Level.WARNING, message.rstrip("."), hint)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
