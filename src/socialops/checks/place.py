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
    from socialops.content.text import Span
    from socialops.networks.base import Count, Limits, Option
    from socialops.networks.draft import Part


@dataclass(frozen=True, slots=True)
class Place:
    """One channel and its limits; *counts* is None where this version cannot publish."""

    channel: Channel
    limits: Limits
    counts: Callable[[Part, Limits], Sequence[Count]] | None
    kinds: frozenset[str]
    visibilities: frozenset[str]
    short: int
    """So many code points fit whatever they are; 0 when that cannot be told."""
    url_length: int
    options: tuple[Option, ...] = ()
    """What a post's `params:` may tell the network."""
    labels: frozenset[str] = frozenset()
    """The labels, such as `paid-partnership`, for which the network has a field."""
    links: Callable[[str], Sequence[Span]] | None = None
    """Finds what the network itself makes links of in a text; None where it does as we do."""

    def number(self, name: str) -> int | None:
        """Return a limit that is a number, or None where the network states none."""
        return self.limits.number(name) if self.limits.has(name) else None

    def fits_at_a_glance(self, part: Part) -> bool:
        """Tell whether a part is so short that it need not be counted."""
        length = len(part.text) + len(part.content_warning)
        if length > self.short:
            return False
        # A short address is counted as a longer one.
        return "://" not in part.text or length + part.text.count("://") * self.url_length <= self.short


def place_of(channel: Channel) -> Place:
    """Look up what holds for *channel*."""
    labels: frozenset[str] = frozenset()
    options: tuple[Option, ...] = ()
    links = None
    try:
        known = adapter(channel.network)
        counts, options = known.counts, tuple(known.OPTIONS)
        links = getattr(known, "links", None)
        labels = frozenset(value for option in options if option.name == "labels" for value in option.values)
    except UsageError:
        counts = None
    limits = limits_of(channel)

    def words(name: str) -> frozenset[str]:
        return frozenset(limits.texts(name)) if limits.has(name) else frozenset()

    short = 0
    if limits.has("text") and limits.entries["text"].unit == "graphemes":
        # No character is more than one grapheme, or more than four bytes.
        short = limits.number("text")
        if limits.has("text_bytes"):
            short = min(short, limits.number("text_bytes") // 4)
    url_length = limits.number("url_length") if limits.has("url_length") else 0
    kinds, visibilities = words("kinds"), words("visibilities")
    return Place(channel, limits, counts, kinds, visibilities, short, url_length, options, labels, links)
