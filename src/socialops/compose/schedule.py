"""When one channel gets a post."""

from __future__ import annotations

from typing import TYPE_CHECKING

from socialops.content.when import When, WhenError

if TYPE_CHECKING:
    from datetime import datetime

    from socialops.content.channel import Channel
    from socialops.content.post import Post


def when(post: Post, channel: Channel) -> When | None:
    """Return the date as typed that holds for this channel: the channel's own entry wins."""
    for entry in post.channels:
        if entry.channel == channel.name:
            return entry.date or post.date
    return post.date


def due(post: Post, channel: Channel) -> datetime | None:
    """Return the instant (UTC) at which *channel* gets *post*.

    None: the post has no date, or one that is no instant in the channel's zone, which loading has reported.
    """
    date = when(post, channel)
    if date is None:
        return None
    try:
        return date.at(channel.tz())
    except WhenError:
        return None
