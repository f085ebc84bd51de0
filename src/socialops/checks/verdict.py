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
    from datetime import date

    from socialops.content.cache import Cache
    from socialops.content.load import Content

_SECTION = "check"
_TOGETHER = "together"
_EACH = "each"


@dataclass(frozen=True, slots=True)
class About:
    """What rules about many posts ask of one: *waived* are the ids of those rules that it may break."""

    kind: str = ""
    lang: str = ""
    campaign: str = ""
    pillar: str = ""
    waived: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outing:
    """One channel's turn with a post.

    *due* is seconds since 1970, None without a date; *words* is a digest of the text, empty when there is none. *about*
    is None where no rule is about many posts.
    """

    channel: str
    due: float | None
    words: str
    repeat: bool = False
    about: About | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """The problems of one post, when its words go where (nothing for a draft), and the pictures that were looked at.

    *lasting* is False when a picture could not be found: the next look may find it.
    """

    problems: tuple[Problem, ...] = ()
    outings: tuple[Outing, ...] = ()
    pictures: tuple[str, ...] = ()
    lasting: bool = True


class Memory:
    """The verdicts kept from the last check, and those of this one, which `keep` puts in their place.

    *paths* are the posts' files, in the order of `content.keys`. *today* is given when the judgement depends on it,
    *pictures* are files that the style guide's own examples show.
    """

    def __init__(
        self,
        content: Content,
        cache: Cache,
        paths: Sequence[str],
        *,
        today: date | None = None,
        pictures: Sequence[str] = (),
    ) -> None:
        self._cache = cache
        self._context = content.context
        self._root = str(content.workspace.root)
        self._stamps: dict[str, list[int]] = {}
        self._known: dict[str, Any] | None = None
        self._next: dict[str, list[Any]] = {}
        digest = hashlib.sha256(content.context.encode())
        digest.update("\n".join(paths).encode("utf-8", "surrogatepass"))
        digest.update("\n".join(content.keys).encode())
        digest.update(f"\n{today}".encode())
        self._shown = pictures
        self._whole = digest.hexdigest()

    def everything(self) -> list[Problem] | None:
        """Return all that was found when every post was as it is now, or None."""
        raw = self._cache.raw(_SECTION, _TOGETHER)
        # The digest stands first: what changed is told without reading on.
        if raw is None or not raw.startswith(f'["{self._whole}"'.encode()):
            return None
        try:
            _, pictures, problems = json.loads(raw)
            if not self._unchanged(pictures):
                return None
            return [_problem(item) for item in problems]
        except (ValueError, TypeError):
            return None

    def recall(self, path: str, key: str) -> Verdict | None:
        """Return the verdict kept for a post, or None when there is none that still holds."""
        if self._known is None:
            found = self._cache.get(_SECTION, _EACH)
            self._known = {}
            if isinstance(found, list) and found[:1] == [self._context] and isinstance(found[-1], dict):
                self._known = found[-1]
        kept = self._known.get(path)
        try:
            if kept is None or kept[0] != key or not self._unchanged(kept[1]):
                return None
            _, pictures, problems, outings = kept
            verdict = Verdict(
                tuple([_problem(item) for item in problems]),
                tuple([Outing(name, due, words, again, _about(about)) for name, due, words, again, about in outings]),
                tuple([picture for picture, _ in pictures]),
            )
        except (TypeError, ValueError, LookupError):
            return None
        self._next[path] = kept
        return verdict

    def remember(self, path: str, key: str, verdict: Verdict) -> None:
        """Take note of a post's verdict."""
        if verdict.lasting:
            self._next[path] = [
                key,
                [(picture, self._stamp(picture)) for picture in verdict.pictures],
                [_plain(problem) for problem in verdict.problems],
                [(o.channel, o.due, o.words, o.repeat, _told(o.about)) for o in verdict.outings],
            ]

    def keep(self, problems: Sequence[Problem], posts: int) -> None:
        """Write down what was noted; and *problems* as everything there is, if every one of so many posts was."""
        _put(self._cache, _EACH, [self._context, self._next])
        if len(self._next) == posts:
            pictures = {picture: stamp for _, stamped, *_ in self._next.values() for picture, stamp in stamped}
            pictures.update((picture, self._stamp(picture)) for picture in self._shown)
            found = [_plain(problem) for problem in problems]
            _put(self._cache, _TOGETHER, [self._whole, sorted(pictures.items()), found])
        self._cache.save()

    def _unchanged(self, pictures: Sequence[tuple[str, list[int]]]) -> bool:
        return all(self._stamp(picture) == list(stamp) for picture, stamp in pictures)

    def _stamp(self, picture: str) -> list[int]:
        """Return size, time and inode of a picture, looked up once."""
        stamp = self._stamps.get(picture)
        if stamp is None:
            try:
                found = os.lstat(f"{self._root}/{picture}")
                stamp = [found.st_size, found.st_mtime_ns, found.st_ino]
            except OSError:
                stamp = []
            self._stamps[picture] = stamp
        return stamp


def _put(cache: Cache, key: str, value: Any) -> None:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    cache.put_raw(_SECTION, key, text.encode("utf-8", "surrogatepass"))


def _told(about: About | None) -> list[Any] | None:
    return [about.kind, about.lang, about.campaign, about.pillar, about.waived] if about else None


def _about(told: Sequence[Any] | None) -> About | None:
    if not told:
        return None
    kind, lang, campaign, pillar, waived = told
    return About(kind, lang, campaign, pillar, tuple(waived))


def _plain(problem: Problem) -> tuple[str, int, int, str, str, str, str]:
    return (
        problem.file,
        problem.line,
        problem.column,
        problem.id,
        problem.message,
        problem.hint,
        problem.severity.value,
    )


def _problem(item: Sequence[Any]) -> Problem:
    file, line, column, id_, message, hint, severity = item
    return Problem(file, line, column, id_, message, hint, Severity(severity))
