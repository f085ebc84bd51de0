"""Read the whole workspace once."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from socialops.content.brand import Brand, ReportDefinition
from socialops.content.channel import Channel
from socialops.content.folder import NAME, walk
from socialops.content.post import EMPTY, Post
from socialops.problem import Problem, error
from socialops.workspace import Workspace

if TYPE_CHECKING:
    from pathlib import Path

    from socialops.content.posts import Known

_FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
_MOST = 64 * 1024 + 1


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


def load(workspace: Workspace, *, cache: bool = True, files: Sequence[str] | None = None) -> Content:
    """Read a workspace.

    *files* (workspace-relative) limits the posts to those files; their ids are still held against everybody else's.
    *cache* allows the untracked cache, which changes nothing but the time this takes.
    """
    from socialops.content.library import read_library

    library = read_library(workspace)
    known = library.known()
    folder = walk(str(workspace.root))
    problems = [*library.problems, *folder.problems]
    posts: list[Post] = []
    ids: dict[str, str] = {}
    for path in folder.files:
        post, found = _read(workspace, path, known)
        problems += found
        if post is None:
            continue
        if post.id in ids:
            problems.append(_twice(post.id, path, post.at("id"), ids[post.id]))
        else:
            ids[post.id] = path
        posts.append(post)
    if files is not None:
        posts = [post for post in posts if post.path in files]
        problems = [problem for problem in problems if problem.file in files or not problem.file.startswith("posts/")]
    return Content(workspace, posts, library.channels, library.brand, library.reports, tuple(sorted(set(problems))))


def load_post(workspace: Workspace, path: Path) -> tuple[Post | None, list[Problem]]:
    """Read one post by itself, held against the workspace's channels, campaigns and people."""
    from socialops.content.library import read_library

    return _read(workspace, workspace.relative(path), read_library(workspace).known())


def _read(workspace: Workspace, path: str, known: Known) -> tuple[Post | None, list[Problem]]:
    from socialops.content.posts import hold_against, parse_post

    try:
        descriptor = os.open(f"{workspace.root}/{path}", _FLAGS)
        try:
            data = os.read(descriptor, _MOST)
        finally:
            os.close(descriptor)
    except OSError as fault:
        return None, [error("file-unreadable", path, (0, 0), f"This cannot be read: {fault.strerror}.", "Check it.")]
    post, problems, _ = parse_post(data, path)
    if post is None or not NAME.fullmatch(post.id):
        return None, problems
    post, more = hold_against(post, known)
    return post, problems + more


def _twice(id_: str, path: str, at: tuple[int, int], other: str) -> Problem:
    return error(
        "id-duplicate",
        path,
        at,
        f"{path} and {other} have the same id, {id_}.",
        "Give one of them another `id:` (the one that is not yet published).",
    )
