"""The workspace: its root, its settings, and where everything in it lies.

The code knows one data path, one data branch and one remote, and nothing else of how the data is kept.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, fields
from datetime import timedelta
from pathlib import Path, PurePosixPath
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from socialops.errors import WorkspaceError
from socialops.problem import nearest

_DURATION = re.compile(r"(\d{1,6})\s*(s|m|h|d|w)")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def duration(text: str) -> timedelta:
    """Read a length of time such as `90s`, `15m`, `3h`, `2d` or `1w`; raises ValueError."""
    found = _DURATION.fullmatch(text.strip())
    if not found:
        raise ValueError(f"{text!r} is not a length of time; write 90s, 15m, 3h, 2d or 1w")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


@dataclass(frozen=True, slots=True)
class Settings:
    """`[tool.socialops]` in pyproject.toml."""

    name: str = "Our brand"
    """The name of the brand or team; the title of the site."""
    zone: str = "UTC"
    """The IANA time zone of channels that name none, and of the calendar."""
    languages: tuple[str, ...] = ()
    """The languages the team writes in; a post in another one gets a warning. Empty: any."""
    data_branch: str = ""
    """The branch that keeps `reports/data/`; empty: it is committed where it stands."""
    data_remote: str = "origin"
    """The remote whose refusal of a late push is the publishing lock."""
    forge_url: str = ""
    """The repository's address on the forge, for "edit this" links: https://github.com/owner/name."""
    main_branch: str = "main"
    """The branch that "edit this" links open."""
    late_ok: timedelta = timedelta(hours=3)
    """How late a post may go out; after that it is too late, and a person decides."""
    minimum_gap: timedelta = timedelta(minutes=10)
    """The shortest time between two posts of a channel."""
    lease: timedelta = timedelta(minutes=30)
    """How long a claim is respected; must outlive the longest send three times."""
    settle: timedelta = timedelta(minutes=10)
    """How long to wait between the two looks that prove a post did not arrive."""

    def tz(self) -> ZoneInfo:
        """Return the zone as an object."""
        return ZoneInfo(self.zone)


@dataclass(frozen=True, slots=True)
class Workspace:
    """One workspace on disk. *root* is absolute and resolved."""

    root: Path
    settings: Settings

    @property
    def posts(self) -> Path:
        """Where writers put posts."""
        return self.root / "posts"

    @property
    def brand(self) -> Path:
        """Where the brand lives: guidelines, channels, campaigns, goals, team."""
        return self.root / "brand"

    @property
    def reports(self) -> Path:
        """Where the report definitions lie."""
        return self.root / "reports"

    @property
    def data(self) -> Path:
        """Where the jobs write: one folder, whatever branch keeps it."""
        return self.root / "reports" / "data"

    @property
    def ledger(self) -> Path:
        """The record of every delivery."""
        return self.data / "ledger"

    @property
    def metrics(self) -> Path:
        """The snapshots."""
        return self.data / "metrics"

    @property
    def cache(self) -> Path:
        """What may be deleted at any time, but for `tokens`; untracked."""
        return self.root / ".socialops"

    @property
    def tokens(self) -> Path:
        """Where tokens that change are kept, the only copy of them; untracked, and never to be deleted."""
        return self.root / ".socialops" / "tokens"

    @property
    def build(self) -> Path:
        """Where the site is built; untracked."""
        return self.root / "build"

    def relative(self, path: Path) -> str:
        """Return *path* as the workspace-relative POSIX text used in messages and records."""
        try:
            return path.relative_to(self.root).as_posix()
        except ValueError:
            return path.as_posix()

    def edit_url(self, file: str) -> str:
        """Return the address where a person edits *file* on the forge; empty without a forge."""
        if not self.settings.forge_url:
            return ""
        from urllib.parse import quote

        path = quote(str(PurePosixPath(file)))
        return f"{self.settings.forge_url.rstrip('/')}/edit/{self.settings.main_branch}/{path}"


def make_untracked(folder: Path) -> Path:
    """Make a folder that git does not see, whatever the workspace's own ignore file says; return it."""
    folder.mkdir(parents=True, exist_ok=True)
    ignore = folder / ".gitignore"
    if not ignore.exists():
        ignore.write_text("*\n", "utf-8")
    return folder


def find_workspace(start: Path) -> Workspace:
    """Find the workspace that *start* lies in and read its settings.

    A workspace is a folder whose pyproject.toml has a `[tool.socialops]` table. Raises WorkspaceError.
    """
    start = start.resolve()
    for folder in (start, *start.parents):
        file = folder / "pyproject.toml"
        if file.is_file():
            table = _read(file)
            if table is not None:
                return Workspace(folder, _settings(table, file))
    raise WorkspaceError(
        f"{start} is not in a socialops workspace.",
        hint="Go to a folder whose pyproject.toml has a [tool.socialops] table, or begin one: socialops init FOLDER",
    )


def _read(file: Path) -> dict[str, object] | None:
    try:
        table = tomllib.loads(file.read_text("utf-8")).get("tool", {}).get("socialops")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise WorkspaceError(f"{file} is not valid TOML: {error}", hint="Correct that line.") from error
    if table is not None and not isinstance(table, dict):
        raise WorkspaceError(f"{file}: tool.socialops must be a table.")
    return table


def _settings(table: dict[str, object], file: Path) -> Settings:
    values: dict[str, object] = {}
    known = {field.name: field.default for field in fields(Settings)}
    for key, value in table.items():
        if key not in known:
            meant = nearest(key, known)
            raise WorkspaceError(
                f"{file}: unknown setting {key!r} in [tool.socialops].",
                hint=f"Did you mean {meant!r}?" if meant else f"Known settings: {', '.join(known)}.",
            )
        values[key] = _setting(key, value, known[key], file)
    settings = Settings(**values)  # type: ignore[arg-type]
    try:
        settings.tz()
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise WorkspaceError(
            f"{file}: {settings.zone!r} is not a time zone.", hint="Use an IANA name such as Europe/Istanbul."
        ) from error
    return settings


def _setting(key: str, value: object, default: object, file: Path) -> object:
    if isinstance(default, timedelta):
        if isinstance(value, str):
            try:
                return duration(value)
            except ValueError as error:
                raise WorkspaceError(f"{file}: {key}: {error}.") from error
        raise WorkspaceError(f'{file}: {key} must be a text such as "3h".')
    if isinstance(default, tuple):
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return tuple(value)
        raise WorkspaceError(f'{file}: {key} must be a list of texts such as ["tr", "en"].')
    if not isinstance(value, str):
        raise WorkspaceError(f"{file}: {key} must be a text in quotes.")
    return value
