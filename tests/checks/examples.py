"""The examples of the rules, as workspaces on disk."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from PIL import Image

from builder import CHANNEL, workspace
from socialops.checks.check import check
from socialops.checks.rule import EXAMPLE_FILE, EXAMPLE_PICTURES
from socialops.compose.compose import compose
from socialops.compose.schedule import due
from socialops.content.load import load
from socialops.networks.draft import Receipt
from socialops.problem import Problem
from socialops.publishing.happened import Claimed, Yes
from socialops.publishing.history import history
from socialops.publishing.ledger import Ledger
from socialops.publishing.machine import Delivery, after, stamp
from socialops.publishing.spending import outlook
from socialops.workspace import Workspace

NOW = datetime(2026, 12, 5, 12, tzinfo=UTC)
"""When the examples are judged, where that matters."""

CLIPS = Path(__file__).parent.parent / "clips"
VIDEOS = {
    "clip.mp4": "upright.mp4",
    "small.mp4": "landscape.mp4",
    "wide.mp4": "wide.mp4",
    "long.mp4": "long.mp4",
    "tail.mp4": "tail.mp4",
    "newer.mp4": "hevc.mp4",
    "clip.webm": "vp9.webm",
}

_FILE = re.compile(r"^=== (.+)\n", re.MULTILINE)
_PUBLISHED = re.compile(r"(.+) \((published|published, gone since)\)")


def is_whole(example: str) -> bool:
    """Tell whether an example can be run; the others only show an idea."""
    return example.startswith(("---\n", "=== "))


def files_of(example: str) -> dict[str, str]:
    """Return file name → content of an example."""
    if not example.startswith("=== "):
        return {EXAMPLE_FILE: example}
    files = {}
    for name, text in _pieces(example):
        published = _PUBLISHED.fullmatch(name)
        if published is None:
            files[name] = text
        elif published[2] == "published":
            files[published[1]] = text
    return files


def published_in(example: str) -> dict[str, str]:
    """Return file name → content of what an example says was published."""
    found = ((_PUBLISHED.fullmatch(name), text) for name, text in _pieces(example))
    return {published[1]: text for published, text in found if published}


def _pieces(example: str) -> Iterator[tuple[str, str]]:
    pieces = _FILE.split(example)[1:]
    return zip(pieces[::2], pieces[1::2], strict=True)


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
        "tiny.jpg": drawn("JPEG", (200, 200), "orange"),
        "moving.gif": drawn("GIF", (30, 20), "red", "blue"),
        "broken.jpg": b"\xff\xd8\xff\xe0 no picture",
        **{name: (CLIPS / clip).read_bytes() for name, clip in VIDEOS.items()},
        "broken.mp4": (CLIPS / "upright.mp4").read_bytes()[:-2000],
    }
    assert set(found) == set(EXAMPLE_PICTURES)
    return found


BLUESKY = "---\nnetwork: bluesky\nhandle: test.example\nhost: https://bsky.example\nzone: Europe/Bucharest\n---\nOurs\n"
PICTURES = {f"{EXAMPLE_FILE.rpartition('/')[0]}/{name}": data for name, data in pictures().items()}


def found_in(folder: Path, files: Mapping[str, str | bytes], published: dict[str, str] | None = None) -> list[Problem]:
    """Return what `check` says of a workspace with *files*, two channels and the pictures, where *published* were."""
    always: dict[str, str | bytes] = {
        "brand/channels/mastodon.md": CHANNEL,
        "brand/channels/bluesky.md": BLUESKY,
        **PICTURES,
    }
    ledger = ledger_of(workspace(folder, {**always, **published})) if published else None
    for name in published or ():
        (folder / name).unlink()
    content = load(workspace(folder, {**always, **files}))
    exceeded, _ = outlook(content, ledger or Ledger(content.workspace.ledger), NOW)
    return [*check(content, today=NOW.date()), *(history(content, ledger, NOW) if ledger else ()), *exceeded]


def ledger_of(here: Workspace) -> Ledger:
    """Return the ledger after every post went out on all its channels, at its time."""
    content = load(here)
    deliveries = {}
    for post in content.posts:
        for entry in post.channels:
            channel = content.channels[entry.channel]
            draft, at = compose(post, channel, content), due(post, channel)
            assert at is not None
            delivery = Delivery(post.id, channel.name, channel.network, stamp(at), draft.record(), path=post.path)
            for part in range(len(draft.parts)):
                claim = Claimed(f"k{part}", at + timedelta(minutes=30), {"source": post.digest})
                delivery = after(delivery, part, claim, at)
                yes = Yes(Receipt(str(part), f"https://mastodon.example/{part}", stamp(at)))
                delivery = after(delivery, part, yes, at)
            deliveries[post.id, channel.name] = delivery
    return Ledger(here.ledger, deliveries)
