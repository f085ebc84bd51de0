"""When one channel gets a post."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from socialops.content.when import When, WhenError

if TYPE_CHECKING:
    from socialops.content.channel import Channel
    from socialops.content.post import Post

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def when(post: Post, channel: Channel) -> When | None:
    """Return the date as typed that holds for this channel: the channel's own entry wins."""
    for entry in post.channels:
        if entry.channel == channel.name:
            return entry.date or post.date
    return post.date


def due(post: Post, channel: Channel) -> datetime | None:
    """Return the instant (UTC) at which *channel* gets *post*.

    A day without a clock means the channel's first slot on that weekday, or midnight when it has none. None: the post
    has no date, or one that is no instant in the channel's zone, which loading has reported.
    """
    date = when(post, channel)
    if date is None:
        return None
    try:
        if date.day_only:
            clock = first_slot(channel, date.wall.weekday())
            if clock:
                hour, minute = clock
                return date.wall.replace(hour=hour, minute=minute, tzinfo=channel.tz()).astimezone(UTC)
        return date.at(channel.tz())
    except WhenError:
        return None


def first_slot(channel: Channel, weekday: int) -> tuple[int, int] | None:
    """Return (hour, minute) of the channel's earliest slot on a weekday (0 is Monday), or None."""
    clocks = []
    for slot in channel.slots:
        day, _, clock = slot.partition(" ")
        hour, _, minute = clock.partition(":")
        if day[:3].casefold() == _DAYS[weekday] and hour.isdecimal() and minute.isdecimal():
            clocks.append((int(hour), int(minute)))
    return min(clocks, default=None)
