"""A post: one Markdown file, a message for one or more channels.

These are the inside types. What a writer typed is read and judged in `frontmatter.py` and `schema.py`; nothing here
validates.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, NoReturn

if TYPE_CHECKING:
    from datetime import date

    from socialops.content.when import When


class _Empty(Mapping[str, Any]):
    """A mapping without entries that cannot get any; unlike a mapping proxy it may be the default of a field."""

    __slots__ = ()

    def __getitem__(self, key: str) -> NoReturn:
        raise KeyError(key)

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0

    def __hash__(self) -> int:
        return 0

    def __repr__(self) -> str:
        return "{}"


EMPTY: Final[Mapping[str, Any]] = _Empty()


class Kind(enum.StrEnum):
    """What a post is, in the field's words."""

    TEXT = "text"
    IMAGE = "image"
    CAROUSEL = "carousel"
    VIDEO = "video"
    REEL = "reel"
    STORY = "story"
    POLL = "poll"
    THREAD = "thread"
    LINK = "link"
    ARTICLE = "article"
    LIVE = "live"
    EVENT = "event"


class Visibility(enum.StrEnum):
    """Who may see a post, where a network lets us choose."""

    PUBLIC = "public"
    UNLISTED = "unlisted"
    FOLLOWERS = "followers"
    DIRECT = "direct"


class Splitting(enum.StrEnum):
    """Whether a text that is too long for a channel becomes a thread there by itself."""

    AUTO = "auto"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class MediaReference:
    """One entry of `media:` as written.

    *file* is relative to the post's folder, or to the workspace when it starts with `/`.
    """

    file: str
    alt: str = ""
    focus: tuple[float, float] | None = None
    part: int = 1
    """Which part of a thread it belongs to, counted from 1."""
    logo: tuple[float, float, float, float] | None = None
    """Where the logo is: left, top, width, height; in pixels, or parts of the picture when none is more than 1."""


@dataclass(frozen=True, slots=True)
class PollQuestion:
    """The `poll:` of a post."""

    options: tuple[str, ...]
    duration: timedelta = timedelta(days=1)
    multiple: bool = False
    hide_totals: bool = False


@dataclass(frozen=True, slots=True)
class Waiver:
    """An exception that a post claims to a rule of the style guide; *by* is empty when the post's approver allows it.

    *until* is the last day on which it holds.
    """

    reason: str
    by: str = ""
    until: date | None = None


class Unit(enum.StrEnum):
    """What a recurring post counts in."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Interval:
    """How far apart the outings of a recurring post are: every *count* days, weeks, months or years."""

    count: int
    unit: Unit

    def __str__(self) -> str:
        return f"every {self.unit}" if self.count == 1 else f"every {self.count} {self.unit}s"


@dataclass(frozen=True, slots=True)
class Recurrence:
    """The `recur:` of a post: it comes again, from its date on, at the same wall time."""

    every: Interval
    until: date
    """The last day on which it may go out."""
    on: tuple[int, ...] = ()
    """Weekdays (0 is Monday), where it counts in weeks; empty: that of the post's date."""
    cooldown: timedelta | None = None
    """The least time between two outings on a channel; None: half of the shortest distance the rule itself has."""
    texts: tuple[tuple[str, ...], ...] = ()
    """Other texts that take turns with the body: the Markdown parts of each."""


@dataclass(frozen=True, slots=True)
class ChannelEntry:
    """One channel of a post, with what is different there; None means "as in the post"."""

    channel: str
    text: str | None = None
    date: When | None = None
    kind: Kind | None = None
    link: str | None = None
    tags: tuple[str, ...] | None = None
    lang: str | None = None
    media: tuple[MediaReference, ...] | None = None
    visibility: Visibility | None = None
    content_warning: str | None = None
    first_comment: str | None = None
    thread: Splitting | None = None
    approver: str | None = None


@dataclass(frozen=True, slots=True)
class Post:
    """One post as loaded: *path* is relative to the workspace, *parts* are the Markdown of each part of the body."""

    id: str
    path: str
    parts: tuple[str, ...]
    channels: tuple[ChannelEntry, ...] = ()
    title: str = ""
    date: When | None = None
    draft: bool = False
    kind: Kind | None = None
    """As written; None: worked out from what the post holds (see `compose`)."""
    campaign: str = ""
    pillar: str = ""
    audience: str = ""
    authors: tuple[str, ...] = ()
    lang: str = ""
    tags: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    description: str = ""
    """The brief: what the post is for. Internal."""
    link: str = ""
    media: tuple[MediaReference, ...] = ()
    poll: PollQuestion | None = None
    visibility: Visibility | None = None
    content_warning: str = ""
    expires: When | None = None
    late_ok: timedelta | None = None
    repeat: bool = False
    params: Mapping[str, Any] = EMPTY
    positions: Mapping[str, tuple[int, int]] = field(default=EMPTY, repr=False, compare=False)
    """Where each front-matter value stands: `media.0.alt` → (line, column)."""
    part_lines: tuple[int, ...] = field(default=(1,), repr=False, compare=False)
    """The file line on which each part begins."""
    digest: str = field(default="", repr=False, compare=False)
    """SHA-256 of the file's bytes, hexadecimal."""
    thread: Splitting | None = None
    """Whether a text too long for one part is split; None: it is not, and is an error."""
    approver: str = ""
    """Who answers for it, by the name in `brand/team.yml`; empty when nobody is named."""
    paid: bool = False
    waive: Mapping[str, Waiver] = EMPTY
    """Rules of the style guide that it may break."""
    recur: Recurrence | None = None
    """When it comes again; None: it goes out once."""

    def at(self, *keys: str | int) -> tuple[int, int]:
        """Return (line, column) of a front-matter value, or of the nearest value around it that stands in the file."""
        names = [str(key) for key in keys]
        while names:
            found = self.positions.get(".".join(names))
            if found:
                return found
            names.pop()
        return (1, 1)

    def entry(self, channel: str) -> ChannelEntry:
        """Return what the post says of one of its channels; raises KeyError."""
        for entry in self.channels:
            if entry.channel == channel:
                return entry
        raise KeyError(channel)
