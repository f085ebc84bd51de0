"""What was found out about one post alone, and what is needed to judge it beside the others.

A verdict depends on nothing but the post's bytes and place, the channels, brand and settings it was judged against, and
its pictures. So it is kept in the untracked cache, and so is the judgement of all posts together: when nothing changed,
a check composes nothing and opens no post.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from socialops.problem import Problem, Severity

if TYPE_CHECKING:
    from socialops.content.cache import Cache
    from socialops.content.load import Content

SECTION = "check"
TOGETHER = "*"
"""The key of what was found about all posts together; no file can be called that."""

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


@dataclass(frozen=True, slots=True)
class Outing:
    """One channel's turn with a post.

    *due* is seconds since 1970, None without a date; *words* is a digest of the text, empty when there is none; *at* is
    (line, column) of the date.
    """

    channel: str
    due: float | None
    words: str
    at: tuple[int, int]
    repeat: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """The problems of one post, when its words go where (nothing for a draft), and the pictures that were looked at.

    *lasting* is False when a picture could not be found: the next look may find it.
    """

    problems: tuple[Problem, ...] = ()
    outings: tuple[Outing, ...] = ()
    pictures: tuple[str, ...] = ()
    lasting: bool = True


def recall(content: Content, cache: Cache, path: str, key: str) -> Verdict | None:
    """Return the verdict kept for a post, or None when there is none that still holds."""
    kept = _kept(cache, path, key, content)
    if kept is None:
        return None
    try:
        _, pictures, problems, outings = kept
        return Verdict(
            tuple([_problem(item) for item in problems]),
            tuple([Outing(name, due, words, (line, at), again) for name, due, words, line, at, again in outings]),
            tuple([picture[0] for picture in pictures]),
        )
    except (TypeError, ValueError):
        return None


def remember(content: Content, cache: Cache, path: str, key: str, verdict: Verdict) -> None:
    """Keep the verdict of a post."""
    if not verdict.lasting:
        return
    outings = [[o.channel, o.due, o.words, *o.at, o.repeat] for o in verdict.outings]
    _keep(content, cache, path, key, verdict.pictures, verdict.problems, outings)


def recall_all(content: Content, cache: Cache, key: str) -> list[Problem] | None:
    """Return all that was found when every post was as it is now, or None."""
    kept = _kept(cache, TOGETHER, key, content)
    if kept is None:
        return None
    try:
        return [_problem(item) for item in kept[2]]
    except (TypeError, ValueError):
        return None


def remember_all(
    content: Content, cache: Cache, key: str, problems: Sequence[Problem], pictures: Sequence[str]
) -> None:
    """Keep all that was found."""
    _keep(content, cache, TOGETHER, key, pictures, problems, [])


def key_of_all(content: Content, paths: Sequence[str]) -> str:
    """Return a digest of every post and of what they are judged against."""
    digest = hashlib.sha256(content.context.encode())
    digest.update("\n".join(paths).encode("utf-8", "surrogatepass"))
    digest.update("\n".join(content.keys).encode())
    return digest.hexdigest()


def _keep(
    content: Content,
    cache: Cache,
    name: str,
    key: str,
    pictures: Sequence[str],
    problems: Sequence[Problem],
    outings: list[list[Any]],
) -> None:
    root = str(content.workspace.root)
    stamped = [[picture, *_stamp(root, picture)] for picture in pictures]
    listed = [[p.file, p.line, p.column, p.id, p.message, p.hint, p.severity.value] for p in problems]
    value = _encode([key, stamped, listed, outings])
    cache.put_raw(SECTION, name, value.encode("utf-8", "surrogatepass"))


def _kept(cache: Cache, name: str, key: str, content: Content) -> list[Any] | None:
    raw = cache.raw(SECTION, name)
    # The key stands first: most of what changed is told without reading on.
    if raw is None or not raw.startswith(b'["' + key.encode() + b'"'):
        return None
    try:
        kept = json.loads(raw)
        root = str(content.workspace.root)
        if all(_stamp(root, picture) == tuple(stamp) for picture, *stamp in kept[1]):
            return list(kept)
    except (ValueError, TypeError, LookupError):
        pass
    return None


def _stamp(root: str, picture: str) -> tuple[int, int, int]:
    try:
        found = os.lstat(f"{root}/{picture}")
    except OSError:
        return (0, 0, 0)
    return found.st_size, found.st_mtime_ns, found.st_ino


def _problem(item: list[Any]) -> Problem:
    file, line, column, id_, message, hint, severity = item
    return Problem(file, line, column, id_, message, hint, Severity(severity))
