"""A channel as checks see it: what fits there and how it is counted, looked up once for all posts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from socialops.compose.limits import limits_of
from socialops.errors import UsageError
from socialops.networks import adapter

if TYPE_CHECKING:
    from socialops.content.channel import Channel
    from socialops.networks.base import Count, Limits
    from socialops.networks.draft import Part


@dataclass(frozen=True, slots=True)
class Place:
    """One channel and its limits; *counts* is None where this version cannot publish."""

    channel: Channel
    limits: Limits
    counts: Callable[[Part, Limits], Sequence[Count]] | None

    def number(self, name: str) -> int | None:
        """Return a limit that is a number, or None where the network states none."""
        return self.limits.number(name) if self.limits.has(name) else None

    def words(self, name: str) -> tuple[str, ...]:
        """Return a limit that is a list of words; empty where the network states none."""
        return self.limits.texts(name) if self.limits.has(name) else ()


def place_of(channel: Channel) -> Place:
    """Look up what holds for *channel*."""
    try:
        counts = adapter(channel.network).counts
    except UsageError:
        counts = None
    return Place(channel, limits_of(channel), counts)
