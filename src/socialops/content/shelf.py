"""The posts of a workspace, each opened when somebody reads it.

Reading a header costs more than all else about a post, so it is kept in the untracked cache under the post's path and
the digest of its bytes, with the problems found. Most commands that find it there never open most posts at all.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, overload

from socialops.content.folder import NAME
from socialops.content.post import Post
from socialops.content.posts import Known, hold_against, make_post, parse_post
from socialops.problem import Problem, Severity

if TYPE_CHECKING:
    from socialops.content.cache import Cache

SECTION = "post"
_FIELDS = 5


@dataclass(frozen=True, slots=True)
class Copy:
    """One post as it lies in the cache: still text.

    *digest* is of the file's bytes; *header* is JSON: the values as typed.
    """

    path: str
    data: bytes
    digest: str
    id: str
    header: bytes


class Shelf(Sequence[Post]):
    """Posts in the order of their paths, opened on first use."""

    __slots__ = ("_items", "_known", "keys")

    def __init__(self, items: list[Post | Copy], keys: list[str], known: Known) -> None:
        self._items = items
        self._known = known
        self.keys = tuple(keys)
        """For each post a digest of its file and of what it was held against; reading it opens no post."""

    @overload
    def __getitem__(self, index: int) -> Post: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Post, ...]: ...
    def __getitem__(self, index: int | slice) -> Post | tuple[Post, ...]:
        """Return a post, or several."""
        if isinstance(index, slice):
            return tuple(self[at] for at in range(*index.indices(len(self._items))))
        item = self._items[index]
        if isinstance(item, Copy):
            item = self._items[index] = open_copy(item, self._known)
        return item

    def __iter__(self) -> Iterator[Post]:
        items = self._items
        for index, item in enumerate(items):
            if isinstance(item, Copy):
                item = items[index] = open_copy(item, self._known)  # noqa: PLW2901 - the same post, opened
            yield item

    def __len__(self) -> int:
        return len(self._items)

    def paths(self) -> list[str]:
        """Return the file of each post; opens none."""
        return [item.path for item in self._items]

    def glance(self) -> Iterator[tuple[int, str, str]]:
        """Return number, id and digest of each post; opens none."""
        for index, item in enumerate(self._items):
            yield index, item.id, item.digest

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and not isinstance(other, str) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(self.keys)

    def __repr__(self) -> str:
        return f"<{len(self._items)} posts>"


@dataclass(frozen=True, slots=True)
class Found:
    """What reading one file gave: its post (perhaps unopened), its id, a key for judgements of it, and its problems."""

    item: Post | Copy | None
    id: str
    key: str
    problems: Sequence[Problem] = ()


def take(path: str, data: bytes, known: Known, context: str, memory: Memory | None) -> Found:
    """Read one post: from the cache if it holds these bytes held against this context, else anew."""
    digest = hashlib.sha256(data).hexdigest()
    key = digest + context
    if memory is not None:
        raw = memory.recall(path)
        if raw is not None:
            fields = raw.split(b"\t")
            if len(fields) == _FIELDS and fields[0] == key.encode():
                try:
                    problems = _problems(fields[3], path) if fields[3] != b"[]" else ()
                    id_ = fields[1].decode()
                    item = Copy(path, data, digest, id_, fields[4]) if fields[2] == b"1" else None
                    return Found(item, id_, key, problems)
                except (ValueError, TypeError, KeyError):
                    pass  # Not as we wrote it: read the file.
    post, problems, values = parse_post(data, path, digest)
    id_ = post.id if post else ""
    if post is not None and not NAME.fullmatch(id_):
        # The file's name is no id, and is reported as a name.
        post = None
    if post is not None:
        post, more = hold_against(post, known)
        if more:
            problems = [*problems, *more]
    if memory is not None:
        listed = (
            _json([(item.line, item.column, item.id, item.message, item.hint) for item in problems])
            if problems
            else b"[]"
        )
        start = f"{key}\t{id_}\t1\t" if post is not None else f"{key}\t\t0\t"
        memory.remember(path, start.encode() + listed, values if post is not None else None)
    return Found(post, id_, key, problems)


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode
_BUNDLE = 200
_BETWEEN = "\0"
_WRITTEN_BETWEEN = b',"\\u0000",'


def _json(value: Any) -> bytes:
    return _encode(value).encode("utf-8", "surrogatepass")


class Memory:
    """The headers kept from the last load, and those of this one."""

    def __init__(self, cache: Cache) -> None:
        self.recall: Callable[[str], bytes | None] = partial(cache.raw, SECTION)
        self._cache = cache
        self._rows: list[tuple[str, bytes]] = []
        self._values: list[Any] = []

    def remember(self, path: str, start: bytes, values: dict[str, Any] | None) -> None:
        """Take note of a post: *start* is its row but for the header's values."""
        self._rows.append((path, start))
        self._values += (values, _BETWEEN)
        if len(self._rows) >= _BUNDLE:
            self._put()

    def keep(self, paths: Collection[str]) -> None:
        """Write down what was noted, and forget all posts but *paths*."""
        self._put()
        self._cache.keep(SECTION, paths)
        self._cache.save()

    def _put(self) -> None:
        # The encoder is called once for many headers, as starting it costs more than its work on one. What stands
        # between two headers is a text that none can hold: NUL is refused in the reading, and quotes are escaped.
        if self._rows:
            written = _json(self._values[:-1])[1:-1].split(_WRITTEN_BETWEEN)
            for (path, start), header in zip(self._rows, written, strict=True):
                self._cache.put_raw(SECTION, path, start + b"\t" + header)
            self._rows, self._values = [], []


def _problems(raw: bytes, path: str) -> list[Problem]:
    return [
        Problem(path, int(line), int(column), str(id_), str(message), str(hint), Severity.ERROR)
        for line, column, id_, message, hint in json.loads(raw)
    ]


def open_copy(copy: Copy, known: Known) -> Post:
    """Make the post of its copy; from the file's own bytes when the copy turns out to be none."""
    from socialops.content.frontmatter import split

    post: Post | None
    try:
        header, body, line = split(copy.data.removeprefix(b"\xef\xbb\xbf").decode("utf-8"))
        post, _ = make_post(json.loads(copy.header), header, body, line, copy.path, copy.digest)
    except (ValueError, TypeError, KeyError):
        post = None
    if post is None:
        post, _, _ = parse_post(copy.data, copy.path, copy.digest)
    if post is None:
        # Only a forged copy can say that there is a post where there is none.
        return Post(copy.id, copy.path, ("",), draft=True, digest=copy.digest)
    return hold_against(post, known)[0]
