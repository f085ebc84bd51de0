"""Read the whole workspace once."""

from __future__ import annotations

import gc
import hashlib
import os
import zoneinfo
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from socialops.content.brand import Brand, ReportDefinition
from socialops.content.cache import Cache
from socialops.content.channel import Channel
from socialops.content.folder import printable, walk
from socialops.content.post import EMPTY, Post
from socialops.content.shelf import Copy, Found, Memory, Shelf, take
from socialops.problem import Problem, error
from socialops.workspace import Workspace

if TYPE_CHECKING:
    from pathlib import Path

    from socialops.content.library import Library
    from socialops.content.posts import Known

_FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
_MOST = 64 * 1024 + 1
_GLANCE = 8 * 1024
_MANY = 1_000
_FEW = 20
"""Up to so many named files, the others are only searched for their ids; above, everything is read."""


@dataclass(frozen=True, slots=True)
class Content:
    """Everything people wrote, and the problems met in reading it.

    *posts* are those whose header could be read, each with only the channels it can really go to: one that does not
    exist, or in whose zone the post's time means no instant, is left out and is a problem. A post that an error in
    *problems* names must not be published.
    """

    workspace: Workspace
    posts: Sequence[Post] = ()
    channels: Mapping[str, Channel] = EMPTY
    brand: Brand = field(default_factory=Brand)
    reports: tuple[ReportDefinition, ...] = ()
    problems: tuple[Problem, ...] = ()
    keys: tuple[str, ...] = field(default=(), repr=False, compare=False)
    """For each post a digest of its file and of what it refers to, known without opening the post. Empty: not known."""
    context: str = field(default="", repr=False, compare=False)
    """A digest of everything read but the posts: settings, channels, brand, reports."""
    seen: dict[Any, Any] = field(default_factory=dict, repr=False, compare=False)
    """What composing found out about pictures and channels and need not look up twice for one content."""
    cache: Cache | None = field(default=None, repr=False, compare=False)
    """Where judgements may be kept under a digest of a post's key, the context and the pictures' stamps."""


def load(workspace: Workspace, *, cache: bool = True, files: Collection[str] | None = None) -> Content:
    """Read a workspace.

    *files* (workspace-relative, forward slashes) limits the posts to those files; the others are only searched for the
    same ids. *cache* allows the untracked cache, which changes nothing but the time this takes.
    """
    from socialops.content.library import read_library

    # A load makes very many objects and no rubbish; looking for rubbish among them takes a third of the time.
    collecting = gc.isenabled()
    gc.disable()
    try:
        library = read_library(workspace)
        if files is not None and len(files) <= _FEW:
            return _load_named(workspace, library, frozenset(files))
        content = _load_all(workspace, library, Cache.open(workspace) if cache else None)
        if len(content.posts) > _MANY:
            # What was read stays until the end: later searches for rubbish need not look at it.
            gc.freeze()
    finally:
        if collecting:
            gc.enable()
    if files is None:
        return content
    return _only(content, frozenset(files))


def load_post(workspace: Workspace, path: Path) -> tuple[Post | None, list[Problem]]:
    """Read one post by itself, held against the workspace's channels, campaigns and people."""
    from socialops.content.library import read_library

    known = read_library(workspace).known()
    found = _take(workspace, workspace.relative(path), known, "", None)
    post = found.item
    return (post if isinstance(post, Post) else None), list(found.problems)


def _load_all(workspace: Workspace, library: Library, cache: Cache | None) -> Content:
    known = library.known()
    context = _context(known)
    memory = Memory(cache) if cache is not None else None
    folder = walk(str(workspace.root))
    problems = [*library.problems, *folder.problems]
    items: list[Post | Copy] = []
    keys: list[str] = []
    ids: dict[str, str] = {}
    for path in folder.files:
        found = _take(workspace, path, known, context, memory)
        if found.problems:
            problems += found.problems
        if found.item is None:
            continue
        other = ids.setdefault(found.id, path)
        if other is not path:
            problems += _twice(found, path, other, known)
        items.append(found.item)
        keys.append(found.key)
    if memory is not None:
        memory.keep(set(folder.files))
    shelf = Shelf(items, keys, known)
    return _content(workspace, library, shelf, problems, shelf.keys, cache)


def _load_named(workspace: Workspace, library: Library, files: frozenset[str]) -> Content:
    """Read the named posts, and search the others for their ids without reading their headers."""
    known = library.known()
    folder = walk(str(workspace.root))
    problems = [*library.problems, *folder.problems]
    posts: list[Post | Copy] = []
    ids: dict[str, str] = {}
    for path in folder.files:
        if path in files:
            found = _take(workspace, path, known, "", None)
            problems += found.problems
            if found.item is not None:
                other = ids.setdefault(found.id, path)
                if other is not path:
                    problems += _twice(found, path, other, known)
                posts.append(found.item)
    problems += _search(workspace, [path for path in folder.files if path not in files], ids)
    named = files.union(map(printable, files))
    problems = [problem for problem in problems if problem.file in named or not problem.file.startswith("posts/")]
    return _content(workspace, library, Shelf(posts, [], known), problems, (), None)


def _search(workspace: Workspace, paths: list[str], ids: Mapping[str, str]) -> list[Problem]:
    """Search posts for ids without reading their headers; only where one occurs at all it is looked at closely."""
    from socialops.content.posts import parse_post

    problems = []
    wanted = [(id_, id_.encode(), (f"/{id_}.md", f"/{id_}/index.md")) for id_ in ids]
    root = f"{workspace.root}/"
    for path in paths if wanted else ():
        try:
            descriptor = os.open(root + path, _FLAGS)
        except OSError:
            continue
        try:
            data = os.read(descriptor, _GLANCE)
            if len(data) == _GLANCE:
                data += os.read(descriptor, _MOST)
        except OSError:
            continue
        finally:
            os.close(descriptor)
        for id_, name, ends in wanted:
            if name in data or path.endswith(ends):
                post, _, _ = parse_post(data, path)
                if post is not None and post.id == id_:
                    problems.append(_same(id_, ids[id_], (1, 1), path))
    return problems


def _content(
    workspace: Workspace,
    library: Library,
    posts: Shelf,
    problems: list[Problem],
    keys: tuple[str, ...],
    cache: Cache | None,
) -> Content:
    return Content(
        workspace,
        posts,
        library.channels,
        library.brand,
        library.reports,
        tuple(sorted(set(problems))),
        keys,
        hashlib.sha256(f"{library.digest.hexdigest()}{workspace.settings!r}".encode()).hexdigest(),
        cache=cache,
    )


def _only(content: Content, files: frozenset[str]) -> Content:
    return Content(
        content.workspace,
        tuple(post for post in content.posts if post.path in files),
        content.channels,
        content.brand,
        content.reports,
        tuple(
            problem for problem in content.problems if problem.file in files or not problem.file.startswith("posts/")
        ),
    )


def _take(workspace: Workspace, path: str, known: Known, context: str, memory: Memory | None) -> Found:
    data = _bytes(workspace, path)
    if isinstance(data, Problem):
        return Found(None, "", "", (data,))
    return take(path, data, known, context, memory)


def _bytes(workspace: Workspace, path: str) -> bytes | Problem:
    try:
        descriptor = os.open(f"{workspace.root}/{path}", _FLAGS)
    except OSError as fault:
        return error(
            "file-unreadable", path, (0, 0), f"This cannot be read: {fault.strerror}.", "Check its permissions."
        )
    try:
        return os.read(descriptor, _MOST)
    except OSError as fault:
        return error("file-unreadable", path, (0, 0), f"This cannot be read: {fault.strerror}.", "Check the disk.")
    finally:
        os.close(descriptor)


def _context(known: Known) -> str:
    """Return a digest of what posts are held against, the rules of the time zones included."""
    parts = [
        repr((name, zone.key, _rules(zone.key))) for name, zone in sorted(known.zones.items(), key=lambda item: item[0])
    ]
    parts += [
        repr(None if names is None else sorted(names))
        for names in (known.channels, known.campaigns, known.pillars, known.audiences, known.people)
    ]
    parts.append(repr(sorted(known.called.items())))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


def _rules(zone: str) -> tuple[int, int] | None:
    """Return size and time of the file that holds a zone's rules; None where only the tzdata package has them."""
    for folder in zoneinfo.TZPATH:
        try:
            found = os.stat(f"{folder}/{zone}")  # noqa: PTH116 - texts, as everywhere here
        except OSError:
            continue
        return found.st_size, found.st_mtime_ns
    return None


def _twice(found: Found, path: str, other: str, known: Known) -> list[Problem]:
    from socialops.content.shelf import open_copy

    post = open_copy(found.item, known) if isinstance(found.item, Copy) else found.item
    return [_same(found.id, path, post.at("id") if post else (1, 1), other)]


def _same(id_: str, path: str, at: tuple[int, int], other: str) -> Problem:
    return error(
        "id-duplicate",
        path,
        at,
        f"{path} and {other} have the same id, {id_}.",
        "Give the one that is not yet published another `id:`.",
    )
