"""The brand: guidelines that people read, and what strategy, campaigns and goals say as data."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from socialops.content.days_off import DayOff
from socialops.content.guidelines import BrandRule
from socialops.content.post import EMPTY


@dataclass(frozen=True, slots=True)
class Guideline:
    """One page of the style guide: prose, and the rules of its front matter."""

    path: str
    title: str
    body: str
    summary: str = ""
    order: int = 100
    rules: tuple[BrandRule, ...] = ()
    params: Mapping[str, Any] = EMPTY
    positions: Mapping[str, tuple[int, int]] = field(default=EMPTY, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Pillar:
    """A theme the team keeps coming back to, and the share of posts it should have (0 to 1)."""

    name: str
    title: str
    share: float = 0.0
    description: str = ""


@dataclass(frozen=True, slots=True)
class Audience:
    """People we write for."""

    name: str
    title: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class Strategy:
    """`brand/strategy.md`."""

    path: str
    title: str = "Strategy"
    pillars: tuple[Pillar, ...] = ()
    audiences: tuple[Audience, ...] = ()
    cadence: Mapping[str, int] = EMPTY
    """Posts a week for each channel."""
    channels: Mapping[str, str] = EMPTY
    """What each channel is for, where the strategy says so."""
    days_off: tuple[DayOff, ...] = ()
    """Days that are off for every channel, holidays among them."""
    media: tuple[str, ...] = ()
    """What links may call their medium, beside `Medium`."""
    internal: tuple[str, ...] = ()
    """Hosts of our own that only the team opens: links there get no UTM parameters."""
    body: str = ""
    positions: Mapping[str, tuple[int, int]] = field(default=EMPTY, repr=False, compare=False)


class CampaignState(enum.StrEnum):
    """Where a campaign stands."""

    PLANNED = "planned"
    RUNNING = "running"
    ENDED = "ended"
    CANCELLED = "cancelled"


class Medium(enum.StrEnum):
    """What a campaign's links may call their medium: the closed list keeps one medium from becoming two in reports."""

    SOCIAL = "social"
    PAID_SOCIAL = "paid-social"
    VIDEO = "video"
    CHAT = "chat"
    EMAIL = "email"
    REFERRAL = "referral"
    QR = "qr"


UTM = ("source", "medium", "campaign", "content", "term", "id")
"""The parameters a campaign may set, without the `utm_` (support.google.com/analytics/answer/10917952, 2026-12-01)."""


class Role(enum.StrEnum):
    """What somebody does in the team."""

    MANAGER = "manager"
    WRITER = "writer"
    DESIGNER = "designer"
    VIDEOGRAPHER = "videographer"
    ANALYST = "analyst"
    COMMUNITY = "community"
    LEGAL = "legal"
    REVIEWER = "reviewer"


@dataclass(frozen=True, slots=True)
class Money:
    """What a campaign may cost: an amount (None: only words say it) and what it is for."""

    amount: Decimal | None = None
    currency: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Campaign:
    """`brand/campaigns/<name>.md`; *state* is None unless its file says it."""

    name: str
    path: str
    title: str
    start: date | None = None
    end: date | None = None
    goal: str = ""
    owner: str = ""
    tags: tuple[str, ...] = ()
    utm: Mapping[str, str] = EMPTY
    budget: Money | None = None
    body: str = ""
    positions: Mapping[str, tuple[int, int]] = field(default=EMPTY, repr=False, compare=False)
    state: CampaignState | None = None

    def stands(self, today: date) -> CampaignState:
        """Return where the campaign stands on a day: by its dates, unless it was cancelled."""
        if self.state is CampaignState.CANCELLED:
            return self.state
        if self.end is not None and self.end < today:
            return CampaignState.ENDED
        if self.start is not None:
            return CampaignState.PLANNED if today < self.start else CampaignState.RUNNING
        return self.state or CampaignState.PLANNED


@dataclass(frozen=True, slots=True)
class Goal:
    """`brand/goals/<name>.md`; what makes it SMART: `smart.py`. *titled*: its file has a title of its own."""

    name: str
    path: str
    title: str
    metric: str = ""
    baseline: float | None = None
    target: float | None = None
    start: date | None = None
    end: date | None = None
    owner: str = ""
    channels: tuple[str, ...] = ()
    body: str = ""
    positions: Mapping[str, tuple[int, int]] = field(default=EMPTY, repr=False, compare=False)
    achievable: str = ""
    """Why it can be reached."""
    pillar: str = ""
    titled: bool = True


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in `brand/team.yml`; *name* is what files call them, *called* how they write it themselves."""

    name: str
    title: str = ""
    roles: tuple[str, ...] = ()
    forge: str = ""
    languages: tuple[str, ...] = ()
    called: str = ""

    @property
    def label(self) -> str:
        """What people call them."""
        return self.called or self.name


@dataclass(frozen=True, slots=True)
class Approval:
    """Who approves *what*: a folder (with a slash at its end), a file, `language:he` or `topic:service`.

    Any one of *who* is enough.
    """

    what: str
    who: tuple[str, ...]

    @property
    def kind(self) -> str:
        """`language`, `topic` or `path`."""
        kind = self.what.partition(":")[0]
        return kind if kind in ("language", "topic") and ":" in self.what else "path"

    @property
    def name(self) -> str:
        """The language or topic, or the path."""
        return self.what if self.kind == "path" else self.what.partition(":")[2].strip()

    @property
    def path(self) -> str:
        """The path from the top of the workspace, without a slash before it."""
        return self.what.removeprefix("/")


@dataclass(frozen=True, slots=True)
class Pause:
    """One entry of `brand/pause.yml`: *what* is `everything`, `network:x`, `channel:x` or `campaign:x`."""

    what: str
    why: str
    who: str = ""
    until: str = ""


@dataclass(frozen=True, slots=True)
class ReportDefinition:
    """`reports/<name>.md`: the analyst's prose around figures."""

    name: str
    path: str
    title: str
    period: str = "week"
    figures: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    body: str = ""
    positions: Mapping[str, tuple[int, int]] = field(default=EMPTY, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Brand:
    """Everything under `brand/` but the channels."""

    guidelines: tuple[Guideline, ...] = ()
    strategy: Strategy | None = None
    campaigns: Mapping[str, Campaign] = EMPTY
    goals: Mapping[str, Goal] = EMPTY
    people: Mapping[str, Person] = EMPTY
    handles: Mapping[str, Mapping[str, str]] = EMPTY
    """One name → its handle on each network; `@name` in a text becomes it."""
    pauses: tuple[Pause, ...] = ()
    approvals: tuple[Approval, ...] = ()
    owners: str | None = None
    """The text of `.github/CODEOWNERS`; None when there is none."""
    team: Mapping[str, tuple[int, int]] = field(default=EMPTY, repr=False, compare=False)
    """Where the values of `brand/team.yml` stand; empty when there is no team."""
