"""A page of the site, and what every page needs to know while it is made."""

from __future__ import annotations

import functools
import posixpath
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from socialops.content.video import length_of
from socialops.site import times
from socialops.site.entries import Entry, PostView
from socialops.site.marks import Status, drawings, network_mark
from socialops.site.markup import (
    Picture,
    Surroundings,
    anchor_of,
    direction,
    exact,
    front_matter_text,
    heading,
    plain_html,
    ready,
    web_link,
)
from socialops.site.tree import address

if TYPE_CHECKING:
    from jinja2 import Environment

    from socialops.content.channel import Channel
    from socialops.content.load import Content
    from socialops.content.post import Post
    from socialops.measuring.numbers import Numbers
    from socialops.measuring.store import Reading
    from socialops.problem import Problem
    from socialops.site.pictures import Pictures
    from socialops.workspace import Workspace


RECENT = timedelta(days=60)
"""Posts whose last delivery is younger than this, or still to come, are shown with all there is to know."""


@dataclass(frozen=True, slots=True)
class Row:
    """A post at one moment: the deliveries of it that share time and state, shown as one line."""

    view: PostView
    at: datetime | None
    status: Status
    entries: tuple[Entry, ...]

    @property
    def campaign(self) -> str:
        """The campaign's name, or nothing."""
        return self.view.post.campaign


@dataclass(frozen=True, slots=True)
class Item:
    """A post on one day: everything of it that happens there."""

    view: PostView
    rows: tuple[Row, ...]


def items(rows: Iterable[Row]) -> tuple[Item, ...]:
    """Gather rows by post, in the order in which the posts first appear."""
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row.view.post.id].append(row)
    return tuple(Item(together[0].view, tuple(together)) for together in found.values())


@dataclass(frozen=True)
class Site:
    """Everything the page makers read. Nothing here changes while pages are made, but the pictures that are used."""

    workspace: Workspace
    content: Content
    now: datetime
    entries: tuple[Entry, ...]
    views: Mapping[str, PostView]
    problems: Sequence[Problem]
    readings: Sequence[Reading]
    pictures: Pictures
    sources: Mapping[str, str] = field(default_factory=dict)
    """Workspace file → the page that shows it."""
    without_ledger: bool = False
    """There is no record of deliveries here: what was published cannot be told from what came too late."""

    @functools.cached_property
    def zone(self) -> ZoneInfo:
        """The zone of the calendar."""
        return self.workspace.settings.tz()

    @functools.cached_property
    def today(self) -> date:
        """The day it is, in the calendar's zone."""
        return self.now.astimezone(self.zone).date()

    @functools.cached_property
    def filled(self) -> Mapping[str, Mapping[date, int]]:
        """How many deliveries went out, or will by themselves, on each day of each channel."""
        found: dict[str, dict[date, int]] = defaultdict(lambda: defaultdict(int))
        for entry in self.entries:
            if entry.at and entry.status.goes_out:
                found[entry.channel.name][entry.at.astimezone(self.zone).date()] += 1
        return found

    @functools.cached_property
    def recurring(self) -> Mapping[str, Post]:
        """The posts that come again, by id."""
        return {post.id: post for post in self.content.posts if post.recur is not None}

    @functools.cached_property
    def problems_of(self) -> Mapping[str, tuple[Problem, ...]]:
        """Problems by file."""
        found: dict[str, list[Problem]] = defaultdict(list)
        for problem in self.problems:
            found[problem.file].append(problem)
        return {file: tuple(problems) for file, problems in found.items()}

    @functools.cached_property
    def latest(self) -> Mapping[tuple[str, str], Mapping[str, tuple[int, datetime]]]:
        """The newest numbers of each (post, channel): metric → (sum over its parts, when last read)."""
        newest: dict[tuple[str, str, int, str], Reading] = {}
        for reading in self.readings:
            key = (reading.post, reading.channel, reading.part, reading.metric)
            before = newest.get(key)
            if before is None or before.at <= reading.at:
                newest[key] = reading
        found: dict[tuple[str, str], dict[str, tuple[int, datetime]]] = defaultdict(dict)
        for (post, channel, _, metric), reading in newest.items():
            total, at = found[post, channel].get(metric, (0, reading.at))
            found[post, channel][metric] = (total + reading.value, max(at, reading.at))
        return found

    @functools.cached_property
    def numbers(self) -> Numbers:
        """What was published and every counter of it, as the reports see it."""
        from socialops.measuring.numbers import gather

        deliveries = [entry.delivery for entry in self.entries if entry.delivery is not None]
        return gather(self.content, deliveries, self.readings)

    def target(self, view: PostView) -> str:
        """Return where a post is shown: its own page, or its place in a month's archive."""
        if view.page:
            return view.page
        first = view.first
        month = f"{first.astimezone(self.zone):%Y-%m}" if first else "undated"
        return f"posts/{month}.md#{view.anchor}"

    def rows(self, entries: Iterable[Entry]) -> list[Row]:
        """Gather deliveries of one post that share time and state; in order of time."""
        groups: dict[tuple[str, datetime | None, Status], list[Entry]] = defaultdict(list)
        for entry in entries:
            minute = entry.at.replace(second=0, microsecond=0) if entry.at else None
            groups[entry.post.id, minute, entry.status].append(entry)
        return [Row(self.views[post], at, status, tuple(items)) for (post, at, status), items in groups.items()]

    def edit_link(self, file: str) -> str:
        """Return the address that edits a file, or lists a folder, on the forge; empty without a forge."""
        if not file or self.workspace.settings.forge_url == "":
            return ""
        if file.endswith("/"):
            return self.workspace.edit_url(file).replace("/edit/", "/tree/", 1)
        return self.workspace.edit_url(file)

    def new_link(self, folder: str) -> str:
        """Return the address that adds a file to *folder* on the forge; empty without a forge."""
        return self.workspace.edit_url(folder).replace("/edit/", "/new/", 1)

    def around(self, source: str, page: str) -> Surroundings:
        """Return how prose of the file *source* finds links and pictures when it is shown on *page*."""

        def resolve(link: str) -> str:
            path = unquote(link.partition("#")[0].partition("?")[0])
            base = "" if path.startswith("/") else posixpath.dirname(source)
            return posixpath.normpath(posixpath.join(base, path.lstrip("/")))

        def link_of(link: str) -> str:
            file = resolve(link)
            if file in self.sources:
                _, sign, fragment = link.partition("#")
                return address(page, self.sources[file] + sign + fragment)
            inside = not file.startswith("..") and (self.workspace.root / file).exists()
            return web_link(self.edit_link(file)) if inside else ""

        def picture_of(link: str) -> Picture | None:
            file = resolve(link)
            found = None if file.startswith("..") else self.pictures.own(self.workspace.root / file)
            return Picture(address(page, found.file), found.width, found.height) if found else None

        return Surroundings(link_of, picture_of)


def is_practice(channel: Channel) -> bool:
    """Tell whether a channel's audience is simulated: a practice channel, or one on this very machine."""
    host = channel.host.partition("://")[2].rpartition(":")[0] or channel.host.partition("://")[2]
    return channel.sandbox or host in ("127.0.0.1", "localhost", "[::1]")


@dataclass(frozen=True, slots=True)
class Page:
    """One Markdown page of the tree. *source* is the workspace file (or `folder/`) it shows."""

    path: str
    title: str
    blocks: tuple[str, ...]
    source: str = ""
    lang: str = ""
    hide: tuple[str, ...] = ()
    searchable: bool = True
    crumbs: tuple[tuple[str, str], ...] = ()
    """(words, page) of the pages above this one, for pages that stand in no menu."""

    def text(self, site: Site) -> str:
        """Return the page's Markdown."""
        front = []
        if "<" in self.title:
            # Material prints the heading's words in <title> with their references resolved, and a front matter title as
            # it is: so only there can it be given escaped.
            front.append(f"title: {front_matter_text(plain_html(self.title))}")
        if self.hide:
            front += ["hide:", *(f"  - {part}" for part in self.hide)]
        if not self.searchable:
            front += ["search:", "  exclude: true"]
        head = ["---\n" + "\n".join(front) + "\n---"] if front else []
        crumbs = [(words, address(self.path, target)) for words, target in self.crumbs]
        top = block(
            "source.html",
            self.path,
            source=self.source,
            edit=site.edit_link(self.source),
            crumbs=crumbs,
            drawings=drawings("".join(self.blocks)),
        )
        foot = block("foot.html", self.path, path=self.path, source=self.source, at=times.moment(site.now, site.zone))
        return "\n\n".join([*head, heading(1, self.title, lang=self.lang), top, *self.blocks, foot]) + "\n"


def block(template: str, page: str, **values: Any) -> str:
    """Render a template to one ready block of *page*."""
    url: Callable[[str], str] = functools.partial(address, page)
    return ready(environment().get_template(template).render(url=url, page=page, **values))


@functools.cache
def environment() -> Environment:
    """Return the templates: autoescape on, an unknown name is an error."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"exact": exact, "dir": direction, "web": web_link, "day": times.day, "name": file_name}
    made.filters["money"] = money
    made.globals["anchor"] = anchor_of
    made.globals |= {"mark": network_mark, "clock": times.clock, "moment": times.moment, "city": times.city}
    made.globals |= {"Status": Status, "near": times.near, "long_day": times.long_day, "is_practice": is_practice}
    made.globals |= {"long_month": times.month, "length": times.length, "span": times.span, "film_length": length_of}
    return made


def money(amount: Decimal) -> str:
    """Write an amount with narrow spaces between thousands, and cents only where there are some."""
    text = f"{amount:,.2f}".removesuffix(".00")
    return text.replace(",", "\u202f")


def file_name(path: str) -> str:
    """Return the last part of a path."""
    return PurePosixPath(path).name
