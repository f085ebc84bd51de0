"""What can happen to one part of a delivery: the events that `machine.after` is told of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from socialops.networks.draft import Receipt


@dataclass(frozen=True, slots=True)
class Claimed:
    """A part is about to be sent; *detail* holds its digests."""

    key: str
    lease_until: datetime
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Prepared:
    """What will be shown was made ready, and nothing is visible yet; *handle* is what the network calls it."""

    handle: str


@dataclass(frozen=True, slots=True)
class Released:
    """A claimed part was provably not begun: a stop, a pause, an earlier part that failed."""

    why: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Yes:
    """It is there; *via* says how we know: send, resend, reconcile or human (then *who*)."""

    receipt: Receipt
    via: str = "send"
    who: str = ""


@dataclass(frozen=True, slots=True)
class No:
    """The network refused it; sending it again changes nothing."""

    message: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class NotYet:
    """It was provably not sent, and may be sent after a while."""

    message: str
    wait: timedelta
    code: str = ""


@dataclass(frozen=True, slots=True)
class Perhaps:
    """It was perhaps sent."""

    message: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class NotFound:
    """We looked, and it is not there now."""


@dataclass(frozen=True, slots=True)
class Unclear:
    """Looking gave no answer; *ambiguous*: more than one match."""

    message: str
    ambiguous: bool = False


@dataclass(frozen=True, slots=True)
class Ask:
    """No machine can go on; a person must."""

    why: str


@dataclass(frozen=True, slots=True)
class Retry:
    """A person says: it is not there, send it."""

    who: str = ""


@dataclass(frozen=True, slots=True)
class Cancel:
    """A person says: leave it."""

    who: str = ""


@dataclass(frozen=True, slots=True)
class Gone:
    """It was there and is not any more; *who* took it down, when it was one of us."""

    who: str = ""


Happened = (
    Claimed | Prepared | Released | Yes | No | NotYet | Perhaps | NotFound | Unclear | Ask | Retry | Cancel | Gone
)
