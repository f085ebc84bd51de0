"""Secrets that can be recognised in whatever they turn up as, and the finder that looks for them."""

from __future__ import annotations

import base64
import html
import json
import re
import subprocess
import traceback
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, quote_plus


def shapes_of(secret: str) -> dict[str, bytes]:
    """Return each shape a secret may turn up in, by name: raw, URL-encoded, JSON, HTML, and the three alignments of
    base64 in both alphabets."""
    data = secret.encode()
    shapes = {
        "raw": data,
        # Whatever escapes were put around the odd signs, one upon the other, this stays as it is.
        "core": max(re.findall("[A-Za-z0-9]+", secret), key=len).encode(),
        "url": quote(secret, safe="").encode(),
        "url-path": quote(secret).encode(),
        "url-plus": quote_plus(secret).encode(),
        "url-lower": re.sub("%[0-9A-F]{2}", lambda found: found[0].lower(), quote(secret, safe="")).encode(),
        "json": json.dumps(secret)[1:-1].encode(),
        "json-twice": json.dumps(json.dumps(secret)[1:-1])[1:-1].encode(),
        "json-slash": json.dumps(secret)[1:-1].replace("/", "\\/").encode(),
        "repr": repr(secret)[1:-1].encode(),
        "html": html.escape(secret).encode(),
    }
    for offset in range(3):
        # The first letters share bits with what stands before, the last with what comes after.
        whole = base64.b64encode(b"\0" * offset + data)
        begin = (0, 2, 3)[offset]
        inner = whole.rstrip(b"=")[begin : None if (offset + len(data)) % 3 == 0 else -1]
        shapes[f"base64-{offset}"] = inner
        shapes[f"base64-url-{offset}"] = inner.translate(bytes.maketrans(b"+/", b"-_"))
    return shapes


@dataclass
class Canary:
    """Secrets by name, and where they have turned up: *leaks* are (secret, shape, place)."""

    secrets: Mapping[str, str]
    leaks: list[tuple[str, str, str]] = field(default_factory=list)
    looked_at: int = 0
    """How many bytes were looked at."""

    def __post_init__(self) -> None:
        self._shapes = {
            (name, shape): found for name, text in self.secrets.items() for shape, found in shapes_of(text).items()
        }
        assert all(len(found) >= 12 for found in self._shapes.values())

    def look(self, data: bytes | str, place: str) -> None:
        data = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
        self.looked_at += len(data)
        for (name, shape), found in self._shapes.items():
            if found in data:
                self.leaks.append((name, shape, place))

    def look_at_files(self, root: Path, *, but: tuple[str, ...] = ()) -> None:
        """Look at every file under *root*, and at its name; git's own packed files are looked at by `look_at_git`."""
        for file in sorted(root.rglob("*")):
            name = file.relative_to(root).as_posix()
            if any(part in but for part in file.relative_to(root).parts) or not file.is_file():
                continue
            self.look(name, f"the name of {name}")
            self.look(file.read_bytes(), name)

    def look_at_git(self, repository: Path) -> None:
        """Look at every object of a repository, unpacked."""
        done = subprocess.run(
            ["git", "cat-file", "--batch", "--batch-all-objects"], cwd=repository, capture_output=True, check=True
        )
        self.look(done.stdout, f"git in {repository.name}")

    def look_at_error(self, error: BaseException, place: str) -> None:
        """Look at an exception as people and programs see it: its text, its attributes, and all that led to it."""
        self.look("".join(traceback.format_exception(error)), f"{place}: traceback")
        for link in _chain(error):
            self.look(
                f"{link} {link!r} {link.args!r} {getattr(link, '__notes__', '')}", f"{place}: {type(link).__name__}"
            )
            if type(link).__module__.startswith("socialops"):
                self.look(repr(vars(link)), f"{place}: {type(link).__name__}'s attributes")


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        link = waiting.pop()
        if link is None or id(link) in seen:
            continue
        seen.add(id(link))
        yield link
        waiting += [link.__cause__, None if link.__suppress_context__ else link.__context__]
