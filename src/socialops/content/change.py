"""A change: the files a pull request touches, told by what they are for, and which posts have to be judged for it.

Pure, but for one look into the posts when a picture changed: which of them show it.
"""

from __future__ import annotations

import enum
import os
import stat
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from socialops.content.folder import walk

if TYPE_CHECKING:
    from socialops.git import Change
    from socialops.workspace import Workspace


class Area(enum.StrEnum):
    """What a file of the repository is for."""

    POST = "post"
    MEDIA = "media"
    REPORT = "report"
    RECORD = "record"
    CHANNEL = "channel"
    BRAND = "brand"
    SETTINGS = "settings"
    WORKFLOW = "workflow"
    GIT = "git"
    CODE = "code"
    OTHER = "other"


CONTENT = frozenset({Area.POST, Area.MEDIA, Area.REPORT})
"""What everybody in the team writes; the rest decides how the tool works, and for whom it speaks."""

_PICTURES = (".jpg", ".jpeg", ".png", ".gif", ".webp", ".mp4", ".mov", ".webm", ".m4v", ".srt", ".vtt", ".svg", ".avif")
_CODE = (".py", ".pyi", ".pyc", ".pth", ".so", ".pyd", ".sh", ".bash", ".js", ".mjs", ".ts", ".html", ".css", ".j2")
_CODE_NAMES = frozenset({"makefile", "gnumakefile", "dockerfile", "justfile", "taskfile.yml"})
_SETTINGS = (".toml", ".cfg", ".ini", ".lock", ".json", ".pylintrc")
_SETTINGS_NAMES = frozenset({"mkdocs.yml", "mkdocs.yaml", "requirements.txt", "setup.py", "tox.ini"})
_GIT_NAMES = frozenset({".gitattributes", ".gitmodules", ".lfsconfig", ".gitconfig", ".mailmap"})
_WORKFLOWS = (".github/", ".gitlab/", ".forgejo/", ".gitea/", ".circleci/")


def area_of(path: str) -> Area:
    """Return what a file is for, by its path from the top of the workspace; what is not known is OTHER.

    Names that differ in capitals alone are one file on many computers, so capitals do not count.
    """
    path = path.casefold()
    name = path.rpartition("/")[2]
    if path.startswith(_WORKFLOWS) or name == ".gitlab-ci.yml":
        return Area.WORKFLOW
    if name in _GIT_NAMES:
        return Area.GIT
    if path.startswith("reports/data/") or path == "reports/data":
        return Area.RECORD
    if name in _SETTINGS_NAMES or name.endswith(_SETTINGS):
        return Area.SETTINGS
    if name.endswith(_CODE) or name in _CODE_NAMES or path.startswith(("src/", "tests/", "scripts/")):
        return Area.CODE
    if any(step.startswith(".") for step in path.split("/")):
        return Area.SETTINGS
    if name.endswith(_PICTURES):
        return Area.MEDIA
    if path.startswith("brand/"):
        return Area.CHANNEL if path.startswith("brand/channels/") else Area.BRAND
    if path.startswith("posts/"):
        return Area.POST if name.endswith(".md") else Area.OTHER
    return Area.REPORT if path.startswith("reports/") else Area.OTHER


@dataclass(frozen=True, slots=True)
class Scope:
    """What has to be judged for a change.

    *files* (workspace-relative) are those it touches and leaves in place, with the posts that show a picture it
    touches. *everything* says why all posts have to be judged; empty when they need not.
    """

    files: frozenset[str] = frozenset()
    everything: str = ""
    records: tuple[str, ...] = ()
    """Records of the machine (`reports/data/`) that it touches."""
    changes: tuple[Change, ...] = field(default=(), repr=False)


def within(changes: Iterable[Change], prefix: str) -> list[Change]:
    """Return the changes of a workspace that lies below *prefix* of its repository, with paths from its own top."""
    from socialops.git import Change as Touched

    if not prefix:
        return list(changes)
    found = []
    for change in changes:
        here, was = change.path.startswith(prefix), change.before.startswith(prefix)
        path, before = change.path.removeprefix(prefix), change.before.removeprefix(prefix)
        if here:
            # What comes from outside of the workspace is new in it.
            found.append(Touched(change.status, path, before) if was or not change.before else Touched("A", path))
        elif was:
            found.append(Touched("D", before))
    return found


def scope_of(workspace: Workspace, changes: Sequence[Change]) -> Scope:
    """Return what has to be judged for *changes*, whose paths are from the top of the workspace."""
    areas = {change.path: area_of(change.path) for change in changes}
    areas |= {change.before: area_of(change.before) for change in changes if change.before}
    deciding = sorted(
        path for path, area in areas.items() if area in (Area.CHANNEL, Area.BRAND) or path == "pyproject.toml"
    )
    everything = f"{deciding[0]} decides about all posts" if deciding else ""
    files = {change.path for change in changes if change.status != "D"}
    if not everything:
        media = {path.rpartition("/")[2] for path, area in areas.items() if area is Area.MEDIA}
        files |= posts_naming(workspace, media)
    records = tuple(sorted(path for path, area in areas.items() if area is Area.RECORD))
    return Scope(frozenset(files), everything, records, tuple(changes))


def posts_naming(workspace: Workspace, names: Iterable[str]) -> set[str]:
    """Return the posts in whose text one of the file names occurs at all."""
    wanted = [name.encode("utf-8", "surrogateescape") for name in names]
    found: set[str] = set()
    for path in walk(str(workspace.root)).files if wanted else ():
        data = _bytes(f"{workspace.root}/{path}")
        if any(name in data for name in wanted):
            found.add(path)
    return found


_FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
_MOST = 64 * 1024


def _bytes(file: str) -> bytes:
    try:
        descriptor = os.open(file, _FLAGS)
    except OSError:
        return b""
    try:
        return os.read(descriptor, _MOST)
    except OSError:
        return b""
    finally:
        os.close(descriptor)


def compared(before: str, after: str, *, most: int = 100_000) -> list[Change]:
    """Return what differs between two folders, where no history tells; git's own folder is left out.

    Links are compared as links and never followed. At most so many files of each are looked at.
    """
    from socialops.git import Change as Touched

    old, new = _listing(before, most), _listing(after, most)
    found = []
    for path in sorted(old.keys() | new.keys()):
        if path not in new:
            found.append(Touched("D", path))
        elif path not in old:
            found.append(Touched("A", path))
        elif old[path][0] != new[path][0]:
            found.append(Touched("T", path))
        elif not _same(before, after, path, old, new):
            found.append(Touched("M", path))
    return found


_Kind = tuple[int, int]
"""Type of a file, and its size."""


def _listing(top: str, most: int) -> dict[str, _Kind]:
    found: dict[str, _Kind] = {}
    pending = [("", top)]
    while pending and len(found) < most:
        relative, folder = pending.pop()
        try:
            with os.scandir(folder) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
        except OSError:
            continue
        for entry in entries:
            path = f"{relative}{entry.name}"
            if path in (".git", ".socialops", ".venv", "build"):
                continue
            if entry.is_dir(follow_symlinks=False):
                pending.append((f"{path}/", entry.path))
            else:
                known = entry.stat(follow_symlinks=False)
                found[path] = (stat.S_IFMT(known.st_mode), known.st_size)
    return found


def _same(before: str, after: str, path: str, old: dict[str, _Kind], new: dict[str, _Kind]) -> bool:
    if old[path] != new[path]:
        return False
    if stat.S_ISLNK(new[path][0]):
        return os.readlink(f"{before}/{path}") == os.readlink(f"{after}/{path}")  # noqa: PTH115 - texts, as everywhere here
    if not stat.S_ISREG(new[path][0]):
        return True
    import filecmp

    try:
        return filecmp.cmp(f"{before}/{path}", f"{after}/{path}", shallow=False)
    except OSError:
        return False
