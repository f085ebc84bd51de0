"""The brand: guidelines that people read, and what strategy, campaigns and goals say as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from socialops.content.post import EMPTY


@dataclass(frozen=True, slots=True)
class Guideline:
    """One page of the style guide: prose, and the raw `rules:` of its front matter."""

    path: str
    title: str
    body: str
    summary: str = ""
    order: int = 100
    rules: tuple[Mapping[str, Any], ...] = ()
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
    body: str = ""
    positions: Mapping[str, tuple[int, int]] = field(default=EMPTY, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Campaign:
    """`brand/campaigns/<name>.md`."""

    name: str
    path: str
    title: str
    start: date | None = None
    end: date | None = None
    goal: str = ""
    owner: str = ""
    tags: tuple[str, ...] = ()
    utm: Mapping[str, str] = EMPTY
    budget: str = ""
    body: str = ""
    positions: Mapping[str, tuple[int, int]] = field(default=EMPTY, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Goal:
    """`brand/goals/<name>.md`: specific, measurable, achievable, relevant, time-bound."""

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


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in `brand/team.yml`."""

    name: str
    title: str = ""
    roles: tuple[str, ...] = ()
    forge: str = ""
    languages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Approval:
    """Who approves changes of *what*: a folder (with a slash at its end) or a file; any one of *who* is enough."""

    what: str
    who: tuple[str, ...]


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
