"""The tree of pages on disk: only what changed is written, and what is no longer made is removed."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from pathlib import Path

from socialops.errors import SiteError

MARKER = ".socialops-site"
"""A tree that holds this file was written by us, and may be cleaned by us."""


def write_tree(docs: Path, files: Mapping[str, bytes | None]) -> int:
    """Make *docs* hold exactly *files* (None: keep what is there); return how many files were written.

    Raises SiteError when *docs* holds somebody else's files: they would be deleted.
    """
    marker = docs / MARKER
    if docs.is_symlink() or (docs.exists() and not docs.is_dir()):
        raise SiteError(f"{docs} is not a folder.", hint="Remove it, or build the site into another folder.")
    if docs.is_dir() and not marker.is_file() and any(docs.iterdir()):
        raise SiteError(f"{docs} holds files that the site did not write.", hint="Build the site into an empty folder.")
    docs.mkdir(parents=True, exist_ok=True)
    if not marker.is_file():
        marker.touch()
    written = 0
    folders: set[Path] = set()
    for name in sorted(files):
        data = files[name]
        if data is None:
            continue
        file = docs / name
        if file.parent not in folders:
            file.parent.mkdir(parents=True, exist_ok=True)
            folders.add(file.parent)
        if not _holds(file, data):
            if file.is_symlink():
                file.unlink()
            file.write_bytes(data)
            written += 1
    _remove_stale(docs, set(files) | {MARKER})
    return written


def _holds(file: Path, data: bytes) -> bool:
    try:
        return not file.is_symlink() and file.stat().st_size == len(data) and file.read_bytes() == data
    except OSError:
        return False


def _remove_stale(docs: Path, wanted: set[str]) -> None:
    folders = []
    for path in sorted(docs.rglob("*")):
        if path.is_dir() and not path.is_symlink():
            folders.append(path)
        elif path.relative_to(docs).as_posix() not in wanted:
            path.unlink()
    for folder in reversed(folders):
        if not any(folder.iterdir()):
            folder.rmdir()


def address(page: str, target: str) -> str:
    """Return the relative address, on *page*, of another page or asset of the tree.

    Both are paths in the tree; `.md` becomes `.html`, because the pages are built without directory addresses so that
    they open straight from disk. A `#fragment` is kept.
    """
    path, sign, fragment = target.partition("#")
    if path.endswith(".md"):
        path = path[:-3] + ".html"
    start = posixpath.dirname(page) or "."
    return posixpath.relpath(path, start) + sign + fragment
