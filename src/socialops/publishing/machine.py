"""The states of a delivery (post × channel), and the record they are derived from.

planned ─► intent ─► confirmed ─► removed
             │  ├──► deferred ─► intent …
             │  ├──► failed
             │  └──► unknown ─► confirmed | deferred | attention
planned ─► too_late | cancelled            attention ─► confirmed | deferred | cancelled   (a person)
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


class State(enum.StrEnum):
    """Where a delivery, or one part of it, stands."""

    PLANNED = "planned"
    INTENT = "intent"
    DEFERRED = "deferred"
    CONFIRMED = "confirmed"
    FAILED = "failed"
    TOO_LATE = "too_late"
    UNKNOWN = "unknown"
    ATTENTION = "attention"
    CANCELLED = "cancelled"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a delivery's record.

    *seq* orders events, never the clock; *part* counts from 0, None is the whole.
    """

    seq: int
    at: str
    state: State
    part: int | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)
    """What the state needs: an intent its key, lease and digests; a confirmation its id and URL; a failure its code."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One post on one channel, as the ledger records it."""

    post: str
    channel: str
    network: str
    due: str
    """When it was due, RFC 3339 in UTC."""
    draft: Mapping[str, Any]
    """`Draft.record()` of what was claimed."""
    events: tuple[Event, ...] = ()
    campaign: str = ""
    pillar: str = ""
    kind: str = ""
    path: str = ""
    """Where the post's file stood when it was claimed."""
    sandbox: bool = False
