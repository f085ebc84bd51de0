"""What need not be worked out twice: one untracked file of small results, keyed by what they depend on.

    cache = Cache.open(workspace)
    found = cache.get("check", key)            # None when it is not there
    if found is None:
        found = judge(...)
        cache.put("check", key, found)         # anything that JSON can say
    cache.keep("check", keys)                  # forget the other keys of this section
    cache.save()

A key must be a digest of everything the value depends on; the code's own version is added here. Keys and sections are
text without tabs and line breaks. Deleting the file is always safe, and so is whatever happens to it: a file that is
cut, changed, of another version, or not written here (a copy, a checkout from a pull request) is as good as none. For
the last, the file names its own inode and time, which nobody who writes it elsewhere can know.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from socialops.workspace import Workspace

FORMAT = 1
"""The version of this file's form."""
MOST = 512 * 1024 * 1024
"""A larger file is not read."""

_ROOMS = ("content", "networks", "compose", "checks", "checks/guidelines", "checks/language")
_HEAD = 8 + 1 + 2 + 1 + 20 + 1 + 20 + 1 + 64 + 1 + 64 + 1


def code_version() -> str:
    """Return a digest of the code whose results are kept: any change of it, or of Python, makes them void."""
    seen = hashlib.sha256(sys.version.encode())
    top = Path(__file__).parent.parent
    for room in ("", *_ROOMS):
        with contextlib.suppress(OSError), os.scandir(top / room) as listing:
            for entry in sorted(listing, key=lambda entry: entry.name):
                if entry.name.endswith((".py", ".yml")):
                    found = entry.stat()
                    seen.update(f"{room}/{entry.name}\0{found.st_size}\0{found.st_mtime_ns}\n".encode())
    with contextlib.suppress(OSError):
        seen.update(str((top / "networks" / "limits").stat().st_mtime_ns).encode())
    return seen.hexdigest()


class Cache:
    """The results kept, as text until they are asked for."""

    def __init__(self, file: Path, sections: dict[str, dict[str, bytes]] | None = None, *, version: str) -> None:
        self._file = file
        self._version = version
        self._sections: dict[str, dict[str, bytes]] = sections if sections is not None else {}
        self._changed = False

    @classmethod
    def open(cls, workspace: Workspace) -> Cache:
        """Read the cache of a workspace; an empty one when there is none that can be trusted. Never raises."""
        file = workspace.cache / "cache"
        version = code_version()
        return cls(file, _read(str(file), version), version=version)

    def get(self, section: str, key: str) -> Any:
        """Return what was kept under *key*, or None."""
        raw = self.raw(section, key)
        if raw is None:
            return None
        try:
            return json.loads(raw)
        except ValueError:
            return None

    def put(self, section: str, key: str, value: Any) -> None:
        """Keep *value* under *key*; raises TypeError or ValueError when JSON cannot say it."""
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        self.put_raw(section, key, text.encode("utf-8", "surrogatepass"))

    def raw(self, section: str, key: str) -> bytes | None:
        """Return what was kept as the bytes it was kept in."""
        return self._sections.get(section, {}).get(key)

    def put_raw(self, section: str, key: str, value: bytes) -> None:
        """Keep bytes that hold no line break."""
        if "\t" in key or "\n" in key or "\0" in key or b"\n" in value or b"\0" in value:
            raise ValueError("a cache key holds no tab, and neither it nor its value a line break or NUL")
        kept = self._sections.setdefault(section, {})
        if kept.get(key) != value:
            kept[key] = value
            self._changed = True

    def keys(self, section: str) -> Collection[str]:
        """Return the keys of a section."""
        return self._sections.get(section, {}).keys()

    def keep(self, section: str, keys: Collection[str]) -> None:
        """Forget everything else of a section, so that the file does not grow for ever."""
        kept = self._sections.get(section)
        if kept:
            wanted = keys if isinstance(keys, (set, frozenset, dict)) else set(keys)
            gone = [key for key in kept if key not in wanted]
            for key in gone:
                del kept[key]
            self._changed = self._changed or bool(gone)

    def save(self) -> None:
        """Write what changed, whole or not at all; a folder that cannot be written to is no fault."""
        if not self._changed:
            return
        lines: list[bytes] = []
        for section in sorted(self._sections):
            kept = self._sections[section]
            lines.append(b"\x00" + section.encode())
            lines += [key.encode("utf-8", "surrogatepass") + b"\t" + kept[key] for key in sorted(kept)]
        with contextlib.suppress(OSError, ValueError):
            _write(self._file, b"\n".join(lines), self._version)
        self._changed = False


def _head(version: str, inode: int, time: int, digest: str) -> bytes:
    return f"socialop {FORMAT:02d} {inode:020d} {time:020d} {version} {digest}\n".encode()


def _read(file: str, version: str) -> dict[str, dict[str, bytes]] | None:
    try:
        descriptor = os.open(file, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
        with open(descriptor, "rb") as opened:  # noqa: PTH123 - a descriptor
            found = os.fstat(descriptor)
            if found.st_size > MOST:
                return None
            head = opened.read(_HEAD)
            if head[:-65] != _head(version, found.st_ino, found.st_mtime_ns, "")[:-1]:
                return None
            body = opened.read()
        if hashlib.sha256(body).hexdigest().encode() != head[-65:-1]:
            return None
        sections: dict[str, dict[str, bytes]] = {}
        for block in body.split(b"\x00"):
            name, _, rows = block.partition(b"\n")
            if not name:
                continue
            kept = sections.setdefault(name.decode(), {})
            for row in rows.split(b"\n"):
                key, tab, value = row.partition(b"\t")
                if tab:
                    kept[key.decode("utf-8", "surrogatepass")] = value
    except (OSError, ValueError, MemoryError):
        return None
    return sections


def _write(file: Path, body: bytes, version: str) -> None:
    import tempfile

    from socialops.workspace import make_untracked

    if file.parent.is_symlink():
        return
    make_untracked(file.parent)
    digest = hashlib.sha256(body).hexdigest()
    descriptor, name = tempfile.mkstemp(prefix="cache-", dir=file.parent)
    try:
        with open(descriptor, "wb") as opened:  # noqa: PTH123 - a descriptor
            found = os.fstat(descriptor)
            opened.write(_head(version, found.st_ino, found.st_mtime_ns, digest))
            opened.write(body)
        # Writing moved the time on: set it back to the one the head names, as exactly as this disk can.
        os.utime(name, ns=(found.st_atime_ns, found.st_mtime_ns))
        Path(name).replace(file)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise
