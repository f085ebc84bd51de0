"""Deliveries, channels and a network in memory for the tests of this room."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random

from socialops.content.channel import Channel
from socialops.content.load import Content
from socialops.errors import NetworkError
from socialops.measuring.store import Reading
from socialops.networks.base import Account, Idempotency, Stat
from socialops.networks.draft import Part, Receipt
from socialops.publishing.machine import Delivery, Event, State, receipt_detail
from socialops.workspace import Workspace

NOW = datetime(2026, 12, 6, 9, 0, tzinfo=UTC)


def stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def delivery(
    post: str, channel: str, at: datetime, *, parts: int = 1, kind: str = "text", pictures: Sequence[str] = ()
) -> Delivery:
    """A confirmed delivery; *pictures* are alt texts, all on the first part."""
    attachments = [{"file": f"{number}.jpg", "alt": alt} for number, alt in enumerate(pictures)]
    draft = {"parts": [{"attachments": attachments if number == 0 else []} for number in range(parts)]}
    events = tuple(
        Event(
            number,
            stamp(at),
            State.CONFIRMED,
            number,
            receipt_detail(Receipt(f"{post}/{channel}/{number}", f"https://x.example/{post}", stamp(at))),
        )
        for number in range(parts)
    )
    return Delivery(post, channel, "mastodon", stamp(at), draft, events, kind=kind, path=f"posts/{post}.md")


def deliveries(*items: Delivery) -> dict[tuple[str, str], Delivery]:
    return {(item.post, item.channel): item for item in items}


@dataclass
class Book:
    """A ledger that is only deliveries."""

    deliveries: Mapping[tuple[str, str], Delivery]


def content(workspace: Workspace, *names: str) -> Content:
    channels = {name: Channel(name, f"brand/channels/{name}.md", "mastodon", zone="Europe/Istanbul") for name in names}
    return Content(workspace, channels=channels)


@dataclass
class Place:
    """A network that tells what it was given to tell."""

    likes: int = 1
    followers: int | None = 100
    fails: NetworkError | None = None
    fails_after: int | None = None
    extra: tuple[str, ...] = ()
    asked: list[str] = field(default_factory=list)
    name: str = "mastodon"
    idempotency: Idempotency = Idempotency.NONE
    key_lifetime: int = 0

    def key(self, delivery: str, part: int, at: datetime) -> str:
        raise AssertionError

    def publish(self, part: Part, *, key: str) -> Receipt:
        raise AssertionError

    def find(self, part: Part, *, key: str, since: datetime) -> Receipt | None:
        raise AssertionError

    def measure(self, receipts: Sequence[Receipt]) -> Iterable[Stat]:
        for number, receipt in enumerate(receipts):
            if self.fails and number == (self.fails_after or 0):
                raise self.fails
            self.asked.append(receipt.id)
            yield Stat(receipt.id, "likes", self.likes)
            for metric in self.extra:
                yield Stat(receipt.id, metric, 7)

    def account(self) -> Account:
        if self.fails and self.fails_after is None:
            raise self.fails
        self.asked.append("account")
        return Account("1", "@t", "T", "https://x.example/@t", followers=self.followers)


def grown(
    post: str, channel: str, at: datetime, final: int, *, metric: str = "likes", days: int = 4, part: int = 0
) -> list[Reading]:
    """Readings every 6 hours of a counter that has half of *final* after 12 hours."""
    return [
        Reading(at + timedelta(hours=hours), channel, post, part, metric, round(final * (1 - 0.5 ** (hours / 12))))
        for hours in range(6, days * 24 + 1, 6)
    ]


@dataclass(frozen=True)
class Season:
    """Sixteen weeks of an invented team: what it published, and what was read."""

    deliveries: dict[tuple[str, str], Delivery]
    readings: list[Reading]


def season(
    seed: int,
    *,
    formats: Mapping[str, float] | None = None,
    evening: float = 1.0,
    weeks: int = 16,
    a_week: int = 4,
    noise: float = 0.5,
    days: int = 9,
    channels: Mapping[str, int] | None = None,
) -> Season:
    """Make posts whose engagement follows known effects: *formats* and *evening* (after 17 h) multiply it.

    Log-normal scatter, half of the engagement after 12 hours, read for *days*. *channels* are name → usual engagement.
    """
    chance = Random(seed)
    kinds = dict(formats or {"text": 1.0, "image": 1.0, "link": 1.0, "thread": 1.0})
    made: dict[tuple[str, str], Delivery] = {}
    readings: list[Reading] = []
    for channel, level in (channels or {"bluesky": 40, "mastodon": 90, "mastodon-il": 12}).items():
        for day in range(weeks * 7, 0, -1):
            if chance.random() < a_week / 7:
                hour = chance.choice((6, 7, 9, 10, 12, 15, 16, 17))
                at = NOW.replace(hour=hour, minute=30) - timedelta(days=day)
                kind = chance.choice(sorted(kinds))
                times = kinds[kind] * (evening if hour >= 14 else 1.0)
                final = round(level * times * math.exp(chance.gauss(0, noise)))
                post = f"{at:%Y-%m-%d}-{channel}"
                made[post, channel] = delivery(
                    post, channel, at, kind=kind, pictures=["A lamp"] if kind == "image" else []
                )
                readings += [
                    reading
                    for metric, part_of_it in (("likes", 0.7), ("reposts", 0.2), ("replies", 0.1))
                    for reading in grown(post, channel, at, round(final * part_of_it), metric=metric, days=days)
                    if reading.at <= NOW
                ]
            followers = round(level * 14 * 1.002 ** (weeks * 7 - day))
            readings.append(Reading(NOW - timedelta(days=day), channel, "", 0, "followers", followers))
    return Season(made, sorted(readings))
