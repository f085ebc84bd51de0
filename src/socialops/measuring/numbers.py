"""What was published, and every counter of it over time: the one table that reports are computed from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property

from socialops.compose.recurrence import base_of
from socialops.content.channel import Channel
from socialops.content.load import Content
from socialops.measuring.kpi import ENGAGEMENT, SETTLED, Counter, total, value_at_age
from socialops.measuring.store import Reading
from socialops.publishing.machine import Delivery, confirmed_at, receipts_of

_SOON = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Published:
    """One delivery that reached its channel: *at* is aware, in UTC; *described* counts the pictures with alt text."""

    post: str
    channel: str
    network: str
    at: datetime
    title: str
    kind: str = "text"
    url: str = ""
    campaign: str = ""
    pillar: str = ""
    lang: str = ""
    sandbox: bool = False
    pictures: int = 0
    described: int = 0


@dataclass(frozen=True)
class Numbers:
    """Everything published, ordered by time, and the counters; see `gather`."""

    published: tuple[Published, ...]
    channels: Mapping[str, Channel]
    series: Mapping[tuple[str, str, str], Mapping[int, Counter]]
    """(channel, post, metric) → part → counter; an empty post is the account."""
    _totals: dict[tuple[str, str, tuple[str, ...]], Counter] = field(default_factory=dict, repr=False, compare=False)

    def counter(self, channel: str, post: str, *metrics: str) -> Counter:
        """Return the sum of *metrics* of a post over all its parts (or of the account, for an empty post)."""
        key = (channel, post, metrics)
        if key not in self._totals:
            parts = (self.series.get((channel, post, metric), {}).values() for metric in metrics)
            self._totals[key] = total(counter for counters in parts for counter in counters)
        return self._totals[key]

    def engagement(self, item: Published) -> Counter:
        """Return the engagement of a post over time."""
        return self.counter(item.channel, item.post, *ENGAGEMENT)

    def settled(self, item: Published, until: datetime) -> float | None:
        """Return the engagement of a post 48 hours after publishing, as far as it is known at *until*."""
        return value_at_age(self.engagement(item), item.at, SETTLED, until)

    def followers(self, channel: str) -> Counter:
        """Return the followers of a channel over time."""
        return self.counter(channel, "", "followers")

    def followers_of(self, item: Published) -> int | None:
        """Return the followers when a post went out: the reading before it, else the first within a week after."""
        counter = self.followers(item.channel)
        known = counter.at(item.at)
        if known is None and counter.times and counter.times[0] - item.at <= _SOON:
            return counter.values[0]
        return known

    def between(self, start: datetime, end: datetime) -> tuple[Published, ...]:
        """Return what was published from *start* until just before *end*."""
        return tuple(item for item in self.published if start <= item.at < end)

    def only(self, channels: Sequence[str]) -> Numbers:
        """Return the numbers of some channels; of all, when *channels* is empty."""
        if not channels:
            return self
        return replace(
            self,
            published=tuple(item for item in self.published if item.channel in channels),
            channels={name: channel for name, channel in self.channels.items() if name in channels},
            _totals={},
        )

    def measured_channels(self) -> tuple[str, ...]:
        """Return the names of the channels that published, or whose account was read, sorted."""
        read = {channel for channel, post, _ in self.series if not post}
        return tuple(sorted((read | {item.channel for item in self.published}) & set(self.channels)))

    def last_reading(self, channel: str, until: datetime) -> datetime | None:
        """Return when a number of a channel was last read, at *until* or before; None when none ever was."""
        last = self._last.get(channel)
        if last is None or last <= until:
            return last
        counters = (counter for key, parts in self.series.items() if key[0] == channel for counter in parts.values())
        return max(
            (counter.times[-1] for counter in (each.until(until) for each in counters) if counter.times), default=None
        )

    @cached_property
    def _last(self) -> Mapping[str, datetime]:
        last: dict[str, datetime] = {}
        for (channel, _, _), parts in self.series.items():
            end = max(counter.times[-1] for counter in parts.values())
            last[channel] = max(end, last.get(channel, end))
        return last


def gather(content: Content, deliveries: Iterable[Delivery], readings: Iterable[Reading]) -> Numbers:
    """Put together what was published and what was read of it; *readings* as `store.read` returns them."""
    titles = {post.id: post for post in content.posts}
    published = []
    for delivery in deliveries:
        at = confirmed_at(delivery)
        if at is None:
            continue
        post = titles.get(delivery.post) or titles.get(base_of(delivery.post))
        channel = content.channels.get(delivery.channel)
        receipts = receipts_of(delivery)
        alts = [str(item.get("alt", "")) for part in delivery.draft.get("parts", ()) for item in part["attachments"]]
        published.append(
            Published(
                delivery.post,
                delivery.channel,
                delivery.network,
                at,
                title=(post.title if post else "") or delivery.post,
                kind=delivery.kind or "text",
                url=receipts[0].url if receipts else "",
                campaign=delivery.campaign,
                pillar=delivery.pillar,
                lang=post.lang if post else "",
                sandbox=delivery.sandbox or bool(channel and channel.sandbox),
                pictures=len(alts),
                described=sum(bool(alt.strip()) for alt in alts),
            )
        )
    series: dict[tuple[str, str, str], dict[int, tuple[list[datetime], list[int]]]] = {}
    for at, channel_name, post_id, part, metric, value in sorted(readings):
        parts = series.setdefault((channel_name, post_id, metric), {})
        times, values = parts.setdefault(part, ([], []))
        times.append(at)
        values.append(value)
    return Numbers(
        tuple(sorted(published, key=lambda item: (item.at, item.channel, item.post))),
        content.channels,
        {
            key: {part: Counter(tuple(times), tuple(values)) for part, (times, values) in parts.items()}
            for key, parts in series.items()
        },
    )
