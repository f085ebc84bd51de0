"""A channel: one account of ours on a network (`brand/channels/<name>.md`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from socialops.content.days_off import DayOff
from socialops.content.post import EMPTY, Visibility

NETWORKS = (
    "mastodon",
    "bluesky",
    "linkedin",
    "x",
    "facebook",
    "instagram",
    "threads",
    "tiktok",
    "youtube",
    "telegram",
    "discord",
    "slack",
    "matrix",
    "email",
)
"""The networks a channel file may name, whether or not this version has their adapter."""


@dataclass(frozen=True, slots=True)
class Budget:
    """What a channel may cost in one calendar month (UTC), in the currency the network charges in."""

    month: Decimal
    currency: str = "USD"


@dataclass(frozen=True, slots=True)
class Channel:
    """One account. *name* is the file's stem, and what posts call it."""

    name: str
    path: str
    network: str
    handle: str = ""
    host: str = ""
    """Where the network's host is a choice (a Mastodon server, a PDS): its address, with scheme."""
    zone: str = "UTC"
    lang: str = ""
    purpose: str = ""
    sandbox: bool = False
    """A practice channel: its numbers are simulated, and are labelled so wherever they appear."""
    visibility: Visibility | None = None
    slots: tuple[str, ...] = ()
    """Weekly wall-clock times a post without a date may take: `mon 09:30`."""
    days_off: tuple[DayOff, ...] = ()
    """Days on which no slot is taken and nothing recurs, holidays among them; the strategy's are not repeated here."""
    minimum_gap: timedelta | None = None
    """The shortest time between two posts here; None: the workspace's."""
    limits: Mapping[str, Any] = EMPTY
    """What the account's own server told of its limits, over the network's defaults (`socialops accounts --limits`)."""
    profile: Mapping[str, Any] = EMPTY
    """The profile we want the account to show."""
    utm: bool = True
    """Whether campaign links get their UTM parameters here."""
    utm_values: Mapping[str, str] = EMPTY
    """UTM parameters that are different here, without the `utm_`; over the campaign's."""
    token_expires: date | None = None
    """The last day the token works, where the network ends it; None: it does not, or nobody knows."""
    budget: Budget | None = None
    """What its posts may cost; None: whatever they do."""
    body: str = ""
    params: Mapping[str, Any] = EMPTY
    positions: Mapping[str, tuple[int, int]] = field(default=EMPTY, repr=False, compare=False)

    def tz(self) -> ZoneInfo:
        """Return the zone as an object."""
        return ZoneInfo(self.zone)

    def secret(self, kind: str = "TOKEN") -> str:
        """Return the name of the environment variable that holds a secret of this channel."""
        return f"SOCIALOPS_{self.name.upper().replace('-', '_')}_{kind}"
