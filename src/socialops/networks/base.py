"""What every network is: one small protocol, and the data it speaks.

A network never sees a post, only a draft. It makes one attempt and never retries by itself; it says what happened in
four words (`Rejected`, `NotAllowed`, `TryLater`, `Unknown`) that tell the caller what may be done.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

from socialops.networks.draft import Part, Receipt


class Idempotency(enum.StrEnum):
    """How a network lets us learn or prevent that a part is there twice."""

    KEY = "key"
    """The same bytes with the same key may be sent again, while the key lives."""
    HANDLE = "handle"
    """We hold a handle (a container, a session) that can be asked."""
    READBACK = "readback"
    """Our own timeline can be read."""
    NONE = "none"
    """Nothing: an unknown outcome needs a person."""


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit of a network: its value, unit, where that was read, and when."""

    value: Any
    unit: str
    source: str
    checked_on: str


@dataclass(frozen=True, slots=True)
class Limits:
    """What fits on a network: dated data from `networks/limits/<network>.yml`, with an account's own values over it."""

    network: str
    entries: Mapping[str, Limit] = field(repr=False)

    def number(self, name: str) -> int:
        """Return a limit that is a number; raises KeyError when the network has none of that name."""
        return int(self.entries[name].value)

    def has(self, name: str) -> bool:
        """Tell whether the network states that limit."""
        return name in self.entries

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a limit that is a list of words (MIME types, kinds)."""
        return tuple(self.entries[name].value)

    def with_values(self, values: Mapping[str, Any], *, source: str, checked_on: str) -> Limits:
        """Return the limits with an account's own values in place of the network's defaults."""
        changed = dict(self.entries)
        for name, value in values.items():
            if name in changed:
                changed[name] = Limit(value, changed[name].unit, source, checked_on)
        return Limits(self.network, changed)


@dataclass(frozen=True, slots=True)
class Count:
    """How much of a limit a part uses: *what* is counted (`text`), in which *unit*, how much of it, and of how much."""

    what: str
    unit: str
    used: int
    limit: int


@dataclass(frozen=True, slots=True)
class Stat:
    """One number read from a network about something we published (or, with an empty *receipt*, about the account)."""

    receipt: str
    metric: str
    value: int


@dataclass(frozen=True, slots=True)
class Account:
    """What a network says of our account. *limits* are in the names of `networks/limits/`."""

    id: str
    handle: str
    name: str
    url: str
    followers: int | None = None
    following: int | None = None
    posts: int | None = None
    limits: Mapping[str, Any] = field(default_factory=dict)
    profile: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Login:
    """What an adapter needs to know of a channel: never the whole channel, never a post."""

    channel: str
    handle: str
    host: str
    token: str = field(repr=False)


class Network(Protocol):
    """One place where drafts are published."""

    name: str
    idempotency: Idempotency
    key_lifetime: int
    """For how many seconds a key is remembered; 0: for ever. Only read where *idempotency* is KEY."""

    def key(self, delivery: str, part: int, at: datetime) -> str:
        """Return the key of a part, fixed at the claim (*at*) and the same on every attempt.

        *delivery* is `<post>/<channel>`; the key is recorded in the ledger before anything is sent.
        """

    def publish(self, part: Part, *, key: str) -> Receipt:
        """Send *part* (with its uploads and reply) once.

        Raises Rejected, NotAllowed, TryLater or Unknown; any other error is a bug of the adapter.
        """

    def find(self, part: Part, *, key: str, since: datetime) -> Receipt | None:
        """Look for a part that was perhaps sent after *since*; None: it is not there (now).

        Raises Unknown when the place cannot be read, or holds more than one match.
        """

    def measure(self, receipts: Sequence[Receipt]) -> Iterable[Stat]:
        """Read the current numbers of what was published, in the network's batch size.

        What the network no longer shows is left out: unknown is not 0.
        """

    def account(self) -> Account:
        """Read our own account: the cheapest proof that the credentials work."""


@runtime_checkable
class CanDelete(Protocol):
    """A network where we can take back what we published."""

    def delete(self, receipt: Receipt) -> None:
        """Delete a part; deleting what is gone is not an error."""
