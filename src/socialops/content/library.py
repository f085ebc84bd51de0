"""Read everything but the posts: channels, style guide, strategy, campaigns, goals, team, handles, pauses, reports.

Each file is read as strictly as a post. What is missing is fine; what cannot be read is a problem, and left out.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from socialops.content.brand import (
    Approval,
    Audience,
    Brand,
    Campaign,
    Goal,
    Guideline,
    Money,
    Pause,
    Person,
    Pillar,
    ReportDefinition,
    Strategy,
)
from socialops.content.channel import NETWORKS, Budget, Channel
from socialops.content.folder import NAME, printable
from socialops.content.forms import FORMS, Unfit
from socialops.content.frontmatter import Header, Refused, decode, has_header, read_yaml, split
from socialops.content.guidelines import rules_of
from socialops.content.handles import handle_on, naming
from socialops.content.post import EMPTY
from socialops.content.posts import Known
from socialops.content.references import dangling, unknown
from socialops.content.style_guide import faults_of
from socialops.content.team import CODEOWNERS, LARGEST, TEAM, names_of
from socialops.problem import Problem, error, nearest, warning

if TYPE_CHECKING:
    from socialops.workspace import Workspace

SIZE = 1024 * 1024
"""The largest page of the brand that is read, in bytes. Ours."""

_HEADING = re.compile(r"^#{1,2} +(.+?) *#* *$", re.MULTILINE)
_SWITCH = "brand/pause.yml"
_UNREADABLE = Pause("everything", f"{_SWITCH} cannot be read.")
_CAMPAIGNS = "brand/campaigns"
_KEPT = frozenset({"channels", "campaigns", "goals", "templates"})


@dataclass(slots=True)
class Library:
    """What was read, and what is wrong with it. *names* are the files' names, of readable and unreadable ones."""

    channels: dict[str, Channel] = field(default_factory=dict)
    brand: Brand = field(default_factory=Brand)
    reports: tuple[ReportDefinition, ...] = ()
    problems: list[Problem] = field(default_factory=list)
    names: dict[str, set[str]] = field(default_factory=dict)
    has_team: bool = False
    digest: Any = field(default_factory=hashlib.sha256)
    """Of the names and bytes of all files read."""

    def known(self) -> Known:
        """Return what posts may refer to."""
        strategy = self.brand.strategy
        return Known(
            zones={name: ZoneInfo(channel.zone) for name, channel in self.channels.items()},
            channels=frozenset(self.names.get("channels", ())),
            campaigns=frozenset(self.names.get("campaigns", ())),
            pillars=frozenset(pillar.name for pillar in strategy.pillars) if strategy else None,
            audiences=frozenset(audience.name for audience in strategy.audiences) if strategy else None,
            people=frozenset(self.brand.people) if self.has_team else None,
            called=names_of(self.brand.people),
        )


@dataclass(slots=True)
class _Page:
    """One file as read: its header, checked, and its body."""

    path: str
    name: str
    header: Header
    typed: Any
    body: str


def read_library(workspace: Workspace) -> Library:
    """Read the brand, the channels and the reports of a workspace."""
    return _Reader(workspace).read()


def read_pauses(
    workspace: Workspace, data: bytes | None = None, *, channels: Collection[str] = (), campaigns: Collection[str] = ()
) -> tuple[Pause, ...] | None:
    """Read the pause switch alone: the workspace's own, or *data*, another version of it.

    *channels* and *campaigns* are names that the other version knows beside those of the workspace. None: something
    is wrong with the switch, so that everything has to wait.
    """
    return _Reader(workspace).switch(data, channels, campaigns)


class _Reader:
    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.root = str(workspace.root)
        self.found = Library()
        self.problems = self.found.problems

    def read(self) -> Library:
        found = self.found
        for page in self._pages("brand/channels", "ChannelHeader"):
            channel = self._channel(page)
            if channel:
                found.channels[channel.name] = channel
        strategy = self._page("brand/strategy.md", "StrategyHeader")
        people, approvals, team = self._team()
        found.has_team = team is not None
        found.brand = Brand(
            guidelines=tuple(_guideline(page) for page in self._guidelines()),
            strategy=_strategy(strategy) if strategy else None,
            campaigns={page.name: self._campaign(page) for page in self._pages(_CAMPAIGNS, "CampaignHeader")},
            goals={page.name: self._goal(page) for page in self._pages("brand/goals", "GoalHeader")},
            people=people,
            handles=self._handles(),
            pauses=self._pauses(),
            approvals=approvals,
            owners=self._read(CODEOWNERS, LARGEST),
            team=team or {},
        )
        found.reports = tuple(_report(page) for page in self._pages("reports", "ReportHeader"))
        self.problems += dangling(found.brand, found.reports, found.names, team=found.has_team)
        self.problems += faults_of(found.brand, found.names, _is_network, team=found.has_team)
        self.problems.sort()
        return found

    def switch(
        self, data: bytes | None, channels: Collection[str], campaigns: Collection[str]
    ) -> tuple[Pause, ...] | None:
        text = self._read(_SWITCH) if data is None else self._text(_SWITCH, data)
        header = self._data(_SWITCH, text) if text is not None else None
        pauses: tuple[Pause, ...] = ()
        if header is not None:
            channels, campaigns = {*channels, *self._stems("brand/channels")}, {*campaigns, *self._stems(_CAMPAIGNS)}
            pauses = self._paused(header, channels, campaigns)
        return None if any(problem.file == _SWITCH for problem in self.problems) else pauses

    # --- files ---

    def _names(self, folder: str) -> list[str]:
        """List the Markdown files of a folder, by name; links are problems, not followed."""
        try:
            with os.scandir(os.path.join(self.root, folder)) as listing:  # noqa: PTH118 - as in folder.py
                entries = sorted(listing, key=lambda entry: entry.name.removesuffix(".md"))
        except OSError:
            return []
        names = []
        for entry in entries:
            path = f"{folder}/{entry.name}"
            if not entry.name.endswith(".md") or entry.name.startswith("."):
                continue
            if entry.is_symlink():
                self._problem("file-symlink", path, "This is a link to another place.", "Put the file itself here.")
            elif entry.is_file(follow_symlinks=False):
                names.append(entry.name)
        return names

    def _problem(self, id_: str, path: str, message: str, hint: str, at: tuple[int, int] = (0, 0)) -> None:
        self.problems.append(error(id_, printable(path), at, message, hint))

    def _read(self, path: str, most: int = SIZE) -> str | None:
        """Read a text file that must not be a link; None when there is none, or when it is a problem.

        *most* is its largest size in bytes.
        """
        try:
            descriptor = os.open(
                os.path.join(self.root, path),  # noqa: PTH118
                os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0),
            )
        except FileNotFoundError:
            return None
        except OSError as fault:
            if os.path.islink(os.path.join(self.root, path)):  # noqa: PTH114, PTH118
                self._problem("file-symlink", path, "This is a link to another place.", "Put the file itself here.")
            else:
                self._problem(
                    "file-unreadable", path, f"This cannot be read: {fault.strerror}.", "Check its permissions."
                )
            return None
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                self._problem("file-type", path, "This is not an ordinary file.", "Replace it by a text file.")
                return None
            data = file.read(most + 1)
        self.found.digest.update(f"{path}\0{len(data)}\0".encode("utf-8", "surrogateescape") + data)
        return self._text(path, data, most)

    def _text(self, path: str, data: bytes, most: int = SIZE) -> str | None:
        if len(data) > most:
            self._problem("file-size", path, f"This file is larger than {most >> 20} MB.", "Split it, or shorten it.")
            return None
        try:
            return decode(data)
        except Refused as refused:
            self.problems.append(refused.problem(path))
            return None

    def _page(self, path: str, form: str, *, bare: bool = False) -> _Page | None:
        """Read a Markdown file; with *bare* its header may be left out."""
        text = self._read(path)
        if text is None:
            return None
        try:
            if bare and not has_header(text):
                header, body = Header(), text
            else:
                raw, body, _ = split(text)
                header = read_yaml(raw)
        except Refused as refused:
            self.problems.append(refused.problem(path))
            return None
        typed = self._typed(path, header, form)
        if typed is None:
            return None
        name = path.rpartition("/")[2].removesuffix(".md")
        return _Page(path, name, header, typed, body.replace("\r\n", "\n").strip("\n"))

    def _pages(self, folder: str, form: str) -> list[_Page]:
        pages = []
        known = self.found.names.setdefault(folder.rpartition("/")[2], set())
        for name in self._names(folder):
            path = f"{folder}/{name}"
            stem = name.removesuffix(".md")
            if stem in ("index", "README"):
                continue
            if not NAME.fullmatch(name):
                self._problem(
                    "file-name",
                    path,
                    f"{printable(name)} will not do as a name here: posts refer to it.",
                    "Use small letters a to z, digits, dots, hyphens and underscores.",
                )
                continue
            known.add(stem)
            page = self._page(path, form)
            if page:
                pages.append(page)
        return pages

    def _typed(self, path: str, header: Header, form: str) -> Any:
        """Read a header by the form of that name; None when it is a problem."""
        try:
            return FORMS[form].read(header.values)
        except Unfit:
            from socialops.content import guideline_schema, schema
            from socialops.content.hints import explain

            room = guideline_schema if form == "GuidelineHeader" else schema
            self.problems.extend(explain(header, path, getattr(room, form)))
            return None

    def _yaml(self, path: str) -> Header | None:
        text = self._read(path)
        return None if text is None else self._data(path, text)

    def _data(self, path: str, text: str) -> Header | None:
        try:
            if len(text) > 64 * 1024:
                self._problem("yaml-size", path, "This file is larger than 64 kB.", "Shorten it.")
                return None
            return read_yaml(text, marker=True)
        except Refused as refused:
            self.problems.append(refused.problem(path))
            return None

    # --- what they mean ---

    def _channel(self, page: _Page) -> Channel | None:
        typed = page.typed
        if typed.network not in NETWORKS and not _registered(typed.network):
            meant = nearest(typed.network, NETWORKS)
            self._problem(
                "network-unknown",
                page.path,
                f"There is no network {typed.network[:60]!r}.",
                f"Did you mean {meant}?" if meant else f"There is: {', '.join(NETWORKS)}.",
                _at(page, "network"),
            )
            return None
        return Channel(
            name=page.name,
            path=page.path,
            network=typed.network,
            handle=typed.handle,
            host=(typed.host or "").rstrip("/"),
            zone=typed.zone or self.workspace.settings.zone,
            lang=typed.lang,
            purpose=typed.purpose,
            sandbox=typed.sandbox,
            visibility=typed.visibility,
            slots=typed.slots,
            days_off=(*typed.days_off, *typed.holidays),
            minimum_gap=typed.minimum_gap,
            limits=typed.limits,
            profile=typed.profile,
            utm=typed.utm is not False,
            utm_values=typed.utm if isinstance(typed.utm, dict) else EMPTY,
            token_expires=typed.token_expires,
            budget=Budget(Decimal(str(typed.budget.month)), typed.budget.currency) if typed.budget else None,
            body=page.body,
            params=typed.params,
            positions=page.header.positions,
        )

    def _guidelines(self) -> list[_Page]:
        """Read the style guide: every other Markdown file below brand/, in its order."""
        pages = []
        pending = ["brand"]
        while pending:
            folder = pending.pop()
            for name in self._names(folder):
                path = f"{folder}/{name}"
                if path == "brand/strategy.md":
                    continue
                page = self._page(path, "GuidelineHeader", bare=True)
                if page:
                    pages.append(page)
            pending += [
                f"{folder}/{name}" for name in self._folders(folder) if not (folder == "brand" and name in _KEPT)
            ]
        return sorted(pages, key=lambda page: (page.typed.order, page.path))

    def _folders(self, folder: str) -> list[str]:
        try:
            with os.scandir(os.path.join(self.root, folder)) as listing:  # noqa: PTH118
                return sorted(
                    entry.name
                    for entry in listing
                    if entry.is_dir(follow_symlinks=False)
                    and not entry.name.startswith(".")
                    and entry.name.isprintable()
                )
        except OSError:
            return []

    def _campaign(self, page: _Page) -> Campaign:
        typed = page.typed
        self._days(page)
        return Campaign(
            name=page.name,
            path=page.path,
            title=typed.title or _heading(page),
            start=typed.start,
            end=typed.end,
            goal=typed.goal,
            owner=typed.owner,
            tags=typed.tags,
            utm=typed.utm,
            budget=_money(typed.budget) if typed.budget else None,
            body=page.body,
            positions=page.header.positions,
            state=typed.state,
        )

    def _goal(self, page: _Page) -> Goal:
        typed = page.typed
        self._days(page)
        return Goal(
            name=page.name,
            path=page.path,
            title=typed.title or _heading(page),
            metric=typed.metric,
            baseline=typed.baseline,
            target=typed.target,
            start=typed.start,
            end=typed.end,
            owner=typed.owner,
            channels=typed.channels,
            body=page.body,
            positions=page.header.positions,
            achievable=typed.achievable,
            pillar=typed.pillar,
            titled=bool(typed.title.strip()),
        )

    def _days(self, page: _Page) -> None:
        typed = page.typed
        if typed.start and typed.end and typed.end < typed.start:
            self._problem(
                "date-order",
                page.path,
                f"It ends on {typed.end}, before it starts on {typed.start}.",
                "Correct one of the two.",
                _at(page, "end"),
            )

    def _team(self) -> tuple[dict[str, Person], tuple[Approval, ...], Mapping[str, tuple[int, int]] | None]:
        """Read people and approvals, and where each value stands; None for the last: there is no team."""
        header = self._yaml(TEAM)
        typed = self._typed(TEAM, header, "TeamHeader") if header else None
        if header is None or typed is None:
            return {}, (), None
        people = {
            name: Person(name, person.title, person.roles, person.forge, person.languages, person.name)
            for name, person in typed.people.items()
        }
        for index, approval in enumerate(typed.approvals):
            for number, name in enumerate(approval.who):
                if name not in people:
                    at = ("approvals", index, "who", number)
                    self.problems.append(unknown("author", TEAM, header.positions, at, name, people, names_of(people)))
        return people, tuple(Approval(approval.what, approval.who) for approval in typed.approvals), header.positions

    def _handles(self) -> dict[str, Mapping[str, str]]:
        """Read who is called what where; `name` beside the networks is what is shown where there is no handle."""
        path = "brand/handles.yml"
        header = self._yaml(path)
        handles: dict[str, Mapping[str, str]] = {}
        for name, known in (header.values if header else {}).items():
            at = header.positions[name] if header else (1, 1)
            if not isinstance(known, dict) or not all(isinstance(handle, str) and handle for handle in known.values()):
                self._problem(
                    "field-type",
                    path,
                    f"{name} must be a mapping from networks to handles.",
                    'Write `mastodon: "@name@server.example"` below it; a handle that begins with @ needs quotes.',
                    at,
                )
                continue
            for network in known:
                if network not in (*NETWORKS, "name") and not _registered(network):
                    positions = header.positions if header else {}
                    self.problems.append(unknown("network", path, positions, (name, network), network, NETWORKS))
                elif network != "name" and not handle_on(network, known) and naming(network).shape is not None:
                    where = header.positions.get(f"{name}.{network}", at) if header else at
                    example = naming(network).example
                    message = f"{known[network][:60]!r} is no handle of {network}: its name is shown in plain words."
                    self.problems.append(
                        warning("handle-invalid", path, where, message, f"Write it as there: {example}")
                    )
            handles[name] = known
        return handles

    def _pauses(self) -> tuple[Pause, ...]:
        header = self._yaml(_SWITCH)
        if header is None:
            # A switch that cannot be read holds everything: nobody wanted it to be read as "go on".
            return (_UNREADABLE,) if any(problem.file == _SWITCH for problem in self.problems) else ()
        channels = self.found.names.get("channels", set())
        return self._paused(header, channels, self._stems(_CAMPAIGNS))

    def _paused(self, header: Header, channels: Collection[str], campaigns: Collection[str]) -> tuple[Pause, ...]:
        typed = self._typed(_SWITCH, header, "PausesHeader")
        if typed is None:
            return (_UNREADABLE,)
        for index, pause in enumerate(typed.pauses):
            what, _, name = pause.what.partition(":")
            choices = {"network": NETWORKS, "channel": channels, "campaign": campaigns}.get(what)
            if choices is not None and name not in choices:
                at = ("pauses", index, "what")
                self.problems.append(unknown(what, _SWITCH, header.positions, at, name, choices))
        return tuple(
            Pause(pause.what, pause.why, pause.who, pause.until.text if pause.until else "") for pause in typed.pauses
        )

    def _stems(self, folder: str) -> set[str]:
        return {name.removesuffix(".md") for name in self._names(folder)}


def _is_network(name: str) -> bool:
    return name in NETWORKS or _registered(name)


def _registered(network: str) -> bool:
    """Tell whether another package brought an adapter for this network."""
    from importlib.metadata import entry_points

    return any(point.name == network for point in entry_points(group="socialops.networks"))


def _at(page: _Page, key: str) -> tuple[int, int]:
    return page.header.positions.get(key, (1, 1))


def _heading(page: _Page) -> str:
    found = _HEADING.search(page.body)
    return found[1] if found else page.name.replace("-", " ").capitalize()


def _guideline(page: _Page) -> Guideline:
    typed = page.typed
    return Guideline(
        path=page.path,
        title=typed.title or _heading(page),
        body=page.body,
        summary=typed.summary,
        order=typed.order,
        rules=rules_of(page.path, typed.rules, page.header.positions) if typed.rules else (),
        params=typed.params,
        positions=page.header.positions,
    )


def _strategy(page: _Page) -> Strategy:
    typed = page.typed
    return Strategy(
        path=page.path,
        title=typed.title,
        pillars=tuple(
            Pillar(pillar.name, pillar.title or pillar.name, pillar.share, pillar.description)
            for pillar in typed.pillars
        ),
        audiences=tuple(
            Audience(audience.name, audience.title or audience.name, audience.description)
            for audience in typed.audiences
        ),
        cadence=typed.cadence,
        channels=typed.channels,
        days_off=(*typed.days_off, *typed.holidays),
        media=tuple(typed.utm.media) if typed.utm else (),
        internal=tuple(typed.utm.internal) if typed.utm else (),
        body=page.body,
        positions=page.header.positions,
    )


def _money(typed: Any) -> Money:
    amount = None if typed.amount is None else Decimal(str(typed.amount))
    return Money(amount, typed.currency or "", typed.note)


def _report(page: _Page) -> ReportDefinition:
    typed = page.typed
    return ReportDefinition(
        name=page.name,
        path=page.path,
        title=typed.title or _heading(page),
        period=typed.period,
        figures=typed.figures,
        channels=typed.channels,
        body=page.body,
        positions=page.header.positions,
    )
