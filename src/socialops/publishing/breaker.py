"""The breaker: a channel whose sends keep failing rests for an hour, then one post is tried.

Five failed sends in a row, whichever posts they were of, open it. It is read from the record alone, so every run comes
to the same answer, and nothing is to be reset: the first success ends it.

A failed send is one that was made and answered by an error or by nothing: a claim that ended in `failed`, `deferred` or
`unknown`. A claim that was given up unsent is none, nor what a look or a person found out about it later.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from socialops.publishing.machine import State, instant

if TYPE_CHECKING:
    from socialops.publishing.ledger import Ledger
    from socialops.publishing.machine import Delivery, Event

FAILURES = 5
"""How many sends in a row must have failed on a channel."""
REST = timedelta(hours=1)
"""How long the channel then gets nothing."""
NEWS = timedelta(days=1)
"""How long people hear of a channel that was not tried again."""
FORGOTTEN = timedelta(days=7)
"""After so long without a try nobody knows how the channel is, and it begins anew."""

_ANSWERS = frozenset({State.FAILED, State.DEFERRED, State.UNKNOWN})


@dataclass(frozen=True, slots=True)
class Breaker:
    """A channel whose newest sends all failed. *until* is when one more may be made."""

    since: datetime
    """When the first of them failed."""
    until: datetime
    count: int
    last_message: str
    """What the newest of them was answered, in the network's words and ours."""
    last_code: str = ""
    """The network's own code for it, such as 503; empty when it gave none."""

    @property
    def why(self) -> str:
        """What went wrong, in words, of a channel that is named elsewhere."""
        return f"{self.count} sends in a row failed{self._last()}"

    def told(self, channel: str) -> str:
        """Say what went wrong on a channel."""
        return f"{self.count} sends in a row failed on {channel}{self._last()}"

    def _last(self) -> str:
        if self.last_code:
            return f", the last with {self.last_code}"
        return f"; the last: {self.last_message.rstrip('.')}" if self.last_message else ""

    def rests(self, now: datetime) -> bool:
        """Tell whether the channel gets nothing now; when not, one post may be tried."""
        return now < self.until

    def is_news(self, now: datetime) -> bool:
        """Tell whether people should hear of it: what was given up long ago must not be told for ever."""
        return now < self.until - REST + NEWS


def breakers(ledger: Ledger, now: datetime) -> Mapping[str, Breaker]:
    """Return what people should hear of, once per channel however many posts wait: channels whose sends all fail.

    They rest, or are about to be tried; `rests` tells which.
    """
    return {channel: breaker for channel, breaker in tripped(ledger, now).items() if breaker.is_news(now)}


def tripped(ledger: Ledger, now: datetime) -> Mapping[str, Breaker]:
    """Return the channels whose newest sends all failed, by name."""
    recent = ledger.since(now - FORGOTTEN)
    healthy: dict[str, str] = {}
    for delivery in recent:
        for event in delivery.events:
            if event.state is State.CONFIRMED and event.at > healthy.get(delivery.channel, ""):
                healthy[delivery.channel] = event.at
    failures: dict[str, list[Event]] = {}
    tries: dict[str, list[datetime]] = {}
    for delivery in recent:
        # Times of the record are compared as they are written: RFC 3339 in UTC, whole seconds.
        channel, since = delivery.channel, healthy.get(delivery.channel, "")
        if delivery.events and delivery.events[-1].at > since:
            failed, ends = _tries(delivery, since)
            failures.setdefault(channel, []).extend(failed)
            tries.setdefault(channel, []).extend(ends)
    return {
        channel: _breaker(sorted(failed, key=lambda event: (event.at, event.seq)), max(tries[channel]))
        for channel, failed in sorted(failures.items())
        if len(failed) >= FAILURES
    }


def _breaker(failed: list[Event], until: datetime) -> Breaker:
    newest = failed[-1].detail
    return Breaker(
        instant(failed[0].at), until, len(failed), str(newest.get("message") or ""), str(newest.get("code") or "")
    )


def _tries(delivery: Delivery, since: str) -> tuple[list[Event], list[datetime]]:
    """Return the failed sends of a delivery after *since*, and when the rest after each of its tries ends."""
    failed: list[Event] = []
    ends: list[datetime] = []
    claims: dict[int | None, Event] = {}
    for event in delivery.events:
        claim = claims.pop(event.part, None)
        if event.state is State.INTENT:
            claims[event.part] = event
        if claim is None or event.detail.get("released"):
            continue
        # Also a claim that nobody answered was perhaps sent.
        ends.append(instant(claim.at) + REST)
        if event.state in _ANSWERS and event.at > since and not _hearsay(event):
            failed.append(event)
            ends.append(instant(event.at) + REST)
    for claim in claims.values():
        # It may be under way now, and until its lease ends.
        ends += [instant(claim.at) + REST, instant(str(claim.detail.get("lease_until") or claim.at))]
    return failed, ends


def _hearsay(event: Event) -> bool:
    """Tell whether what follows a claim is no answer to a send: it was looked for, or a person said so."""
    return bool(event.detail.get("looked") or event.detail.get("via") == "human")
