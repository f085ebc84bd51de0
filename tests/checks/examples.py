"""The examples of the rules, as workspaces on disk."""

from __future__ import annotations

import io
import re
from pathlib import Path

from PIL import Image

from builder import CHANNEL, workspace
from socialops.checks.check import check
from socialops.checks.rule import EXAMPLE_FILE, EXAMPLE_PICTURES
from socialops.content.load import load
from socialops.problem import Problem

_FILE = re.compile(r"^=== (.+)\n", re.MULTILINE)


def is_whole(example: str) -> bool:
    """Tell whether an example can be run; the others only show an idea."""
    return example.startswith(("---\n", "=== "))


def files_of(example: str) -> dict[str, str]:
    """Return file name → content of an example."""
    if not example.startswith("=== "):
        return {EXAMPLE_FILE: example}
    pieces = _FILE.split(example)[1:]
    return dict(zip(pieces[::2], pieces[1::2], strict=True))


def pictures() -> dict[str, bytes]:
    """Draw the pictures that examples may use."""

    def drawn(kind: str, size: tuple[int, int], *colours: str) -> bytes:
        first, *rest = [Image.new("RGB", size, colour) for colour in colours]
        buffer = io.BytesIO()
        options = {"save_all": True, "append_images": rest} if rest else {}
        first.save(buffer, kind, **options)
        return buffer.getvalue()

    found = {
        "lamp.jpg": drawn("JPEG", (800, 600), "orange"),
        "lamp.png": drawn("PNG", (800, 600), "orange"),
        "large.jpg": drawn("JPEG", (5000, 1000), "orange"),
        "moving.gif": drawn("GIF", (30, 20), "red", "blue"),
        "broken.jpg": b"\xff\xd8\xff\xe0 no picture",
        "clip.mp4": b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom",
    }
    assert set(found) == set(EXAMPLE_PICTURES)
    return found


BLUESKY = "---\nnetwork: bluesky\nhandle: test.example\nhost: https://bsky.example\nzone: Europe/Bucharest\n---\nOurs\n"
PICTURES = {f"{EXAMPLE_FILE.rpartition('/')[0]}/{name}": data for name, data in pictures().items()}


def found_in(folder: Path, files: dict[str, str]) -> list[Problem]:
    """Return what `check` says of a workspace with *files*, two channels and the pictures."""
    here = workspace(
        folder,
        {"brand/channels/mastodon.md": CHANNEL, "brand/channels/bluesky.md": BLUESKY, **PICTURES, **files},
    )
    return check(load(here))
