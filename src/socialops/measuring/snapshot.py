"""Read the numbers of what was published, while they still change.

A snapshot asks which confirmed deliveries are due to be read, never which run this is: a lost, doubled or late run is
harmless. New posts are read often and old ones seldom (`TEMPO`), the account's own numbers once a day.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from socialops.content.channel import Channel
from socialops.content.load import Content
from socialops.errors import SocialopsError
from socialops.measuring.store import LARGEST, METRICS, Reading, append, is_slug, read, whole_seconds
from socialops.networks.base import Network
from socialops.networks.draft import Receipt
from socialops.publishing.claim import Store, open_store
from socialops.publishing.machine import (
    Delivery,
    State,
    confirmed_at,
    receipt_from,
    receipts_of,
)
from socialops.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Tempo:
    """How often a post is read until it has reached an age (None: ever after).

    *early* is how much sooner than *every* a reading may come, so that a run that starts a little early after a late
    one still counts. It is shorter than an hour where runs are hourly, or readings would creep forward day by day.
    """

    until: timedelta | None
    every: timedelta
    early: timedelta


TEMPO = (
    Tempo(timedelta(days=2), timedelta(hours=1), timedelta(minutes=20)),
    Tempo(timedelta(days=30), timedelta(days=1), timedelta(minutes=45)),
    Tempo(None, timedelta(days=7), timedelta(hours=12)),
)
ACCOUNT_TEMPO = Tempo(None, timedelta(days=1), timedelta(minutes=45))
_REMEMBERED = timedelta(days=22)


class Deliveries(Protocol):
    """What a snapshot needs of the ledger."""

    @property
    def deliveries(self) -> Mapping[tuple[str, str], Delivery]:
        """Every delivery, by post and channel."""


@dataclass(frozen=True, slots=True)
class SnapshotResult:
    """What a snapshot read: numbers written, posts and accounts read, and what failed, by channel."""

    readings: int = 0
    posts: int = 0
    accounts: int = 0
    failures: Mapping[str, str] = field(default_factory=dict)
    files: tuple[Path, ...] = ()

    @property
    def exit_code(self) -> int:
        """Return 0, or 1 when a channel could not be read."""
        return 1 if self.failures else 0


def snapshot(
    workspace: Workspace,
    content: Content,
    ledger: Deliveries,
    *,
    now: datetime,
    open_network: Callable[[Channel], Network],
    report: Callable[[str], None],
    store: Store | None = None,
) -> SnapshotResult:
    """Read what is due, channel by channel, then write the readings and record them in the data *store*.

    A channel that cannot be read is reported and does not stop the others; what it told before it failed is kept.
    The store is the workspace's own unless given. Raises LedgerError or GitError when it cannot take the readings.
    """
    now = whole_seconds(now)
    last = last_read(read(workspace.metrics, since=now - _REMEMBERED))
    due = due_posts(ledger.deliveries.values(), last, now)
    readings: list[Reading] = []
    failures: dict[str, str] = {}
    posts = accounts = 0
    for channel in sorted(content.channels.values(), key=lambda channel: channel.name):
        deliveries = due.get(channel.name, ())
        whole_account = _account_due(last.get((channel.name, "")), now)
        if not deliveries and not (whole_account and _in_use(channel, ledger)):
            continue
        reader = _Reader(channel, now)
        reader.read(open_network, deliveries, whole_account=whole_account)
        readings += reader.readings
        posts += len({reading.post for reading in reader.readings} - {""})
        accounts += any(not reading.post for reading in reader.readings)
        if reader.failure:
            failures[channel.name] = reader.failure
            report(f"{channel.name}: {reader.failure}")
        else:
            report(f"{channel.name}: {len(reader.readings)} numbers of {_posts(len(deliveries))}")
        for word in sorted(reader.ignored):
            report(f"{channel.name}: {word!r} is no counter or name that may be kept, and was left out")
    files: list[Path] = []
    if readings:
        # Not before: the networks are asked without the lock, so that no publishing run waits for them.
        store = store or open_store(workspace)
        with store.lock():
            files = append(workspace.metrics, readings)
            accounts_read = f"{accounts} account{'s' if accounts != 1 else ''}"
            store.record(files, f"snapshot: {_posts(posts)}, {accounts_read}")
    return SnapshotResult(len(readings), posts, accounts, failures, tuple(files))


def last_read(readings: Iterable[Reading]) -> dict[tuple[str, str], datetime]:
    """Return when each (channel, post) was last read; an empty post is the account."""
    last: dict[tuple[str, str], datetime] = {}
    for reading in readings:
        key = (reading.channel, reading.post)
        if key not in last or last[key] < reading.at:
            last[key] = reading.at
    return last


def due_posts(
    deliveries: Iterable[Delivery], last: Mapping[tuple[str, str], datetime], now: datetime
) -> dict[str, tuple[Delivery, ...]]:
    """Return, for each channel, the deliveries that are there and due to be read, in order of publishing."""
    found: dict[str, list[tuple[datetime, Delivery]]] = {}
    for delivery in deliveries:
        published = confirmed_at(delivery)
        if published is None or published > now or not receipts_of(delivery):
            continue
        seen = last.get((delivery.channel, delivery.post))
        if _due(now - published, None if seen is None else now - seen, last.get((delivery.channel, "")), now):
            found.setdefault(delivery.channel, []).append((published, delivery))
    return {
        channel: tuple(delivery for _, delivery in sorted(pairs, key=lambda pair: (pair[0], pair[1].post)))
        for channel, pairs in sorted(found.items())
    }


def _due(age: timedelta, unread: timedelta | None, account: datetime | None, now: datetime) -> bool:
    tempo = next(tempo for tempo in TEMPO if tempo.until is None or age < tempo.until)
    if unread is not None and unread < tempo.every - tempo.early:
        return False
    # A post that the network no longer shows leaves no reading. Once it is old and has missed its turn twice, it is
    # asked for with the account, once a day, and not on every run for ever.
    silent = unread is None or unread > 2 * tempo.every
    if silent and tempo is not TEMPO[0]:
        return _account_due(account, now)
    return True


def _account_due(seen: datetime | None, now: datetime) -> bool:
    return seen is None or now - seen >= ACCOUNT_TEMPO.every - ACCOUNT_TEMPO.early


def _in_use(channel: Channel, ledger: Deliveries) -> bool:
    return any(delivery.channel == channel.name for delivery in ledger.deliveries.values())


def _posts(count: int) -> str:
    return f"{count} post{'s' if count != 1 else ''}"


class _Reader:
    """One channel's turn."""

    def __init__(self, channel: Channel, now: datetime) -> None:
        self.channel = channel
        self.now = now
        self.readings: list[Reading] = []
        self.ignored: set[str] = set()
        self.failure = ""

    def read(
        self, open_network: Callable[[Channel], Network], deliveries: Sequence[Delivery], *, whole_account: bool
    ) -> None:
        try:
            network = open_network(self.channel)
        except SocialopsError as error:
            self._failed(error)
            return
        try:
            if deliveries:
                self._posts(network, deliveries)
        except SocialopsError as error:
            self._failed(error)
        try:
            if whole_account:
                self._account(network)
        except SocialopsError as error:
            self._failed(error)

    def _failed(self, error: SocialopsError) -> None:
        said = f"{error.message} {error.hint}".strip()
        if said not in self.failure:
            self.failure = f"{self.failure} {said}".strip()

    def _account(self, network: Network) -> None:
        account = network.account()
        for metric, value in (
            ("followers", account.followers),
            ("following", account.following),
            ("posts", account.posts),
        ):
            if value is not None:
                self._keep("", 0, metric, value)

    def _posts(self, network: Network, deliveries: Sequence[Delivery]) -> None:
        places: dict[str, tuple[str, int]] = {}
        asked: list[Receipt] = []
        for delivery in deliveries:
            there = {receipt.id for receipt in receipts_of(delivery)}
            for event in delivery.events:
                if event.state is State.CONFIRMED and event.part is not None:
                    receipt = receipt_from(event.detail)
                    if receipt.id in there and receipt.id not in places:
                        places[receipt.id] = (delivery.post, event.part)
                        asked.append(receipt)
        for stat in network.measure(asked):
            if stat.receipt in places:
                self._keep(*places[stat.receipt], stat.metric, stat.value)

    def _keep(self, post: str, part: int, metric: str, value: int) -> None:
        if METRICS.get(metric) != ("post" if post else "account"):
            self.ignored.add(metric)
        elif not is_slug(self.channel.name) or (post and not is_slug(post)):
            self.ignored.add(post or self.channel.name)
        elif 0 <= value <= LARGEST:
            self.readings.append(Reading(self.now, self.channel.name, post, part, metric, value))
