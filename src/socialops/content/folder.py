"""The folder of posts: which files are in it, and which names will not do.

A name under `posts/` becomes an id, a URL and a key on every system a colleague may use, so it is small ASCII. Links
are not followed and only regular files are opened: a pull request decides what lies here.
"""

from __future__ import annotations

import os
import re
import stat
import unicodedata
from dataclasses import dataclass, field

from socialops.problem import Problem, error

NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,80}")


@dataclass(slots=True)
class Folder:
    """What was found: post files (workspace-relative, sorted) and the problems with names."""

    files: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def printable(name: str) -> str:
    """Return a file name as it may be shown: bytes that are no text, and controls, become escapes."""
    name = name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return "".join(sign if sign.isprintable() else f"\\u{ord(sign):04x}" for sign in name)


def walk(root: str, top: str = "posts") -> Folder:
    """List the Markdown files below *top*, a folder of the workspace at *root*. A missing folder is empty."""
    found = Folder()
    start = os.path.join(root, top)  # noqa: PTH118 - Path objects cost more than the reading here
    try:
        if stat.S_ISLNK(os.lstat(start).st_mode):
            found.problems.append(_symlink(top))
            return found
    except OSError:
        return found
    pending = [(start, top)]
    while pending:
        folder, relative = pending.pop()
        _look_into(folder, relative, pending, found)
    found.files.sort()
    found.problems.sort()
    return found


def _look_into(folder: str, relative: str, pending: list[tuple[str, str]], found: Folder) -> None:
    try:
        with os.scandir(folder) as listing:
            entries = sorted(listing, key=lambda entry: entry.name)
    except OSError as fault:
        found.problems.append(
            error(
                "file-unreadable",
                printable(relative),
                (0, 0),
                f"This folder cannot be read: {fault.strerror}.",
                "Check its permissions.",
            )
        )
        return
    plain = NAME.fullmatch
    odd = [entry.name for entry in entries if not plain(entry.name)]
    if odd:
        # Only a name that is not plain can be another one's twin in capitals.
        found.problems += _twins([entry.name for entry in entries], relative)
    for entry in entries:
        name = entry.name
        if name.endswith(".md") and plain(name) and entry.is_file(follow_symlinks=False):
            found.files.append(f"{relative}/{name}")
        else:
            _look_at(entry, f"{relative}/{name}", pending, found)


def _twins(names: list[str], folder: str) -> list[Problem]:
    problems = []
    folded: dict[str, str] = {}
    for name in names:
        other = folded.setdefault(unicodedata.normalize("NFC", name).casefold(), name)
        if other != name:
            problems.append(
                error(
                    "file-name",
                    printable(f"{folder}/{name}"),
                    (0, 0),
                    f"{printable(other)} and {printable(name)} are the same name on many computers.",
                    "Rename one of the two; use small letters.",
                )
            )
    return problems


def _look_at(entry: os.DirEntry[str], path: str, pending: list[tuple[str, str]], found: Folder) -> None:
    """Judge an entry that is not plainly a post."""
    name = entry.name
    if entry.is_symlink():
        found.problems.append(_symlink(path))
    elif entry.is_dir(follow_symlinks=False):
        if not name.startswith("."):
            if not NAME.fullmatch(name):
                found.problems.append(_bad_name(path, name))
            pending.append((entry.path, path))
    elif name.endswith(".md"):
        if not NAME.fullmatch(name):
            found.problems.append(_bad_name(path, name))
        if not entry.is_file(follow_symlinks=False):
            message = "This is not an ordinary file."
            found.problems.append(error("file-type", printable(path), (0, 0), message, "Replace it by a text file."))
        elif path.isprintable():
            found.files.append(path)
    elif name.lower().endswith((".md", ".markdown", ".mdown", ".txt", ".mdx")) and not name.startswith("."):
        found.problems.append(
            error(
                "file-name",
                printable(path),
                (0, 0),
                f"{printable(name)} is not read: a post's name ends in .md.",
                "Rename it, or move it out of posts/ if it is no post.",
            )
        )


def _symlink(path: str) -> Problem:
    return error(
        "file-symlink",
        printable(path),
        (0, 0),
        "This is a link to another place; links are not followed.",
        "Put the file itself here.",
    )


def _bad_name(path: str, name: str) -> Problem:
    return error(
        "file-name",
        printable(path),
        (0, 0),
        f"{printable(name)} will not do as a name here.",
        "Use small letters a to z, digits, dots, hyphens and underscores (81 at most), and begin with a letter or a "
        "digit: 2026-12-01-launch.md",
    )
