"""Deliveries, channels and a network in memory for the tests of this room."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

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
