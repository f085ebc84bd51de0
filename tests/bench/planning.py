"""Measure planning over a long ledger, as ratios against reading the ledger's files.

    python tests/bench/planning.py [--deliveries 50000] [--repeat 3]

The ledger is made here, in a folder that is removed again: three years on twelve channels, posts of one to three parts
that went to one to four of them, nine of ten confirmed and the others failed, cancelled or taken down again; and two
hundred posts that are still to come. Every figure is of a process of its own, because a runner starts anew every time:
processor time, the least of a few runs, taken in rounds so that a busy spell of the machine hits all alike. The files
are in the operating system's memory: from a disk, the reading that all is compared with would only be slower.

Goal: read_ledger and plan together below twice the time of reading the files, with nothing kept from an earlier run.
Reading the files is the least that any reader must do: list the folders (there is one a post), and open, read and close
each file. Opening and reading alone, by names that are known beforehand, is printed too, and what it takes to prove
the seals on top. Listing costs nearly as much as reading, so a cache that only looked whether a file has changed could
not come below twice the bare reading either.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from socialops.content.brand import Brand
from socialops.content.channel import Channel
from socialops.content.load import Content
from socialops.content.post import ChannelEntry, Post
from socialops.content.when import parse_when
from socialops.networks.draft import Attachment, Draft, Fit, Part, Span
from socialops.publishing.ledger import encode, place_of, read_ledger, schema_bytes
from socialops.publishing.machine import (
    Delivery,
    Event,
    State,
    stamp,
    state_of,
)
from socialops.publishing.plan import plan
from socialops.workspace import Settings, Workspace

NOW = datetime(2026, 12, 6, 9, 0, tzinfo=UTC)
CHANNELS = tuple(f"channel-{number:02d}" for number in range(12))
DAYS = 3 * 365
UPCOMING = 200
GOAL = 2.0
FIGURES = ("known", "found", "sealed", "ours")
TEXTS = (
    "Kış geldi, günler kısaldı. Lambanızı akşam yola çıkmadan önce deneyin: iki dakika yeter, gerisi keyif.",
    "החורף כאן והימים קצרים. בדקו את הפנס לפני שיוצאים לדרך: שתי דקות מספיקות, והשאר הוא הנאה מהרכיבה.",
    "A venit iarna și zilele sunt scurte. Încercați lampa înainte de drum: ajung două minute, restul e plăcere.",
    "Winter is here and the days are short. Try your lamp before you leave: two minutes are enough for it.",
)
FIT = Fit(16_000_000, 33_177_600, 8192, ("image/jpeg", "image/png"))


# --- what is measured -----------------------------------------------------------------------------------------------


def make(folder: Path, number: int) -> None:
    """Write a ledger with so many deliveries."""
    chance = random.Random(20261206)
    ledger = Workspace(folder, Settings()).ledger
    ledger.mkdir(parents=True)
    (ledger / "SCHEMA").write_bytes(schema_bytes())
    written = 0
    while written < number:
        age = timedelta(days=chance.random() * DAYS, hours=1)
        due = (NOW - age).replace(second=0, microsecond=0)
        post = f"{due:%Y-%m-%d}-light-{written:05d}"
        parts = chance.choices((1, 2, 3), (85, 8, 7))[0]
        for channel in chance.sample(CHANNELS, min(chance.choice((1, 1, 2, 2, 3, 4)), number - written)):
            file = ledger / place_of(delivery := _delivery(chance, post, channel, due, parts))
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(encode(delivery))
            written += 1


def _delivery(chance: random.Random, post: str, channel: str, due: datetime, parts: int) -> Delivery:
    draft = Draft(post, channel, "mastodon", "text", tuple(_part(chance, post, number) for number in range(parts)))
    digest = draft.digest()
    at, end = due + timedelta(seconds=20), chance.random()
    events: list[Event] = []

    def add(state: State, part: int | None, **detail: object) -> None:
        events.append(Event(len(events) + 1, stamp(at), state, part, detail))

    for number in range(parts):
        add(
            State.INTENT,
            number,
            attempt=1,
            claim=f"{chance.getrandbits(64):016x}",
            draft=digest,
            key=f"{chance.getrandbits(128):032x}",
            lease_until=stamp(at + timedelta(minutes=30)),
            run=f"https://github.com/lumenvelo/posts/actions/runs/{chance.getrandbits(33)}",
            source=f"{chance.getrandbits(256):064x}",
            uploads=[item.sha256 for item in draft.parts[number].attachments],
            version="0.4.0",
        )
    for number in range(parts):
        at += timedelta(seconds=2)
        if end < 0.04 and number == 0:
            add(State.FAILED, number, code="422", message="Validation failed: the text is too long.")
        elif end < 0.04:
            add(State.DEFERRED, number, message="an earlier part failed", not_before=stamp(at), released=True)
        else:
            identity = str(chance.getrandbits(56))
            url = f"https://mastodon.example/@lumenvelo/{identity}"
            add(State.CONFIRMED, number, at=stamp(at), extra={}, id=identity, url=url, via="send")
    if 0.04 <= end < 0.07:
        at += timedelta(days=1)
        for number in range(parts):
            add(State.REMOVED, number, via="human", who="Elif")
    elif end < 0.02:
        at += timedelta(hours=2)
        add(State.CANCELLED, None, via="human", who="Elif")
    path = f"posts/{due:%Y/%m}/{post}.md"
    return Delivery(
        post, channel, "mastodon", stamp(due), draft.record(), tuple(events), "light", "repair", "text", path
    )


def _part(chance: random.Random, post: str, number: int) -> Part:
    text = f"{chance.choice(TEXTS)} {post}, {number + 1}. #SeeAndBeSeen"
    spans = (Span(len(text) - 13, len(text), "tag", "SeeAndBeSeen"),)
    pictures: tuple[Attachment, ...] = ()
    if chance.random() < 0.4:
        seal = f"{chance.getrandbits(256):064x}"
        pictures = (Attachment("media/lamp.jpg", text[:80], "image/jpeg", 1600, 1200, 240_000, seal, FIT),)
    return Part(text, spans, pictures, lang="tr", visibility="public")


def content_of(folder: Path) -> Content:
    """Return twelve channels and the posts that are still to come."""
    channels = {
        name: Channel(name, f"brand/channels/{name}.md", "mastodon", host="https://mastodon.example", zone="UTC")
        for name in CHANNELS
    }
    posts = []
    for number in range(UPCOMING):
        at = NOW + timedelta(hours=3 * (number - 4))
        entries = tuple(ChannelEntry(CHANNELS[(number + step) % len(CHANNELS)]) for step in range(1 + number % 3))
        name = f"{at:%Y-%m-%d}-upcoming-{number:03d}"
        text = f"{TEXTS[number % 4]} {number}."
        posts.append(Post(name, f"posts/{name}.md", (text,), channels=entries, date=parse_when(f"{at:%Y-%m-%d %H:%M}")))
    return Content(Workspace(folder, Settings()), tuple(posts), channels, Brand())


def compose(post: Post, channel: Channel, _content: Content) -> Draft:
    """Compose the least there is to compose: it is not what is measured here."""
    return Draft(post.id, channel.name, channel.network, "text", tuple(Part(text) for text in post.parts))


# --- one figure, in a process of its own ----------------------------------------------------------------------------


def figure(what: str, folder: Path) -> dict[str, object]:
    """Measure one thing in this process, once."""
    workspace = Workspace(folder, Settings())
    files = [line for line in (folder / "files").read_text("utf-8").split("\n") if line]
    content = content_of(folder)
    before = _peak()
    wall, spent = time.perf_counter(), time.process_time()
    told: dict[str, object] = {}
    if what == "known":
        told["bytes"] = sum(len(_bytes(file)) for file in files)
    elif what == "found":
        told["bytes"] = sum(len(_bytes(file)) for file in _found(str(workspace.ledger)))
    elif what == "sealed":
        told["seals"] = sum(bool(sha256(_bytes(file)).digest()) for file in _found(str(workspace.ledger)))
    else:
        ledger = read_ledger(workspace.ledger)
        read = time.process_time() - spent
        decided = plan(content, ledger, NOW, compose=compose)
        told |= {
            "read_ledger": read,
            "plan": time.process_time() - spent - read,
            "deliveries": len(ledger.deliveries),
            "actions": dict(Counter(decision.action for decision in decided.decisions)),
        }
        assert not ledger.faults, next(iter(ledger.faults.values()))
    told["seconds"] = time.process_time() - spent
    told["wall"] = time.perf_counter() - wall
    told["memory"] = _peak() - before
    return told


def _found(folder: str) -> Iterator[str]:
    """Find the files below a folder as cheaply as the system lets us."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir():
                yield from _found(entry.path)
            elif entry.name.endswith(".json"):
                yield entry.path


def _bytes(file: str) -> bytes:
    descriptor = os.open(file, os.O_RDONLY)
    data = os.read(descriptor, 16384)
    os.close(descriptor)
    return data


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


# --- all of them ----------------------------------------------------------------------------------------------------


def measure(number: int, repeat: int) -> None:
    """Measure one size and print it."""
    with tempfile.TemporaryDirectory(prefix="socialops-bench-") as name:
        folder = Path(name)
        make(folder, number)
        workspace = Workspace(folder, Settings())
        files = sorted(str(file) for file in workspace.ledger.rglob("*.json"))
        (folder / "files").write_text("\n".join(files), "utf-8")
        rounds = [{what: _apart(what, folder) for what in FIGURES} for _ in range(repeat)]
        states = Counter(str(state_of(item)) for item in read_ledger(workspace.ledger).deliveries.values())
    least = {what: min((told[what] for told in rounds), key=lambda told: float(told["seconds"])) for what in FIGURES}
    known, floor, ours = (float(least[what]["seconds"]) for what in ("known", "found", "ours"))
    size = least["found"]["bytes"] / number
    print(f"\n{number} deliveries of {size:.0f} bytes, {dict(sorted(states.items()))}, {UPCOMING} posts to come")
    print(f"decisions about these: {least['ours']['actions']}")
    rows = (
        ("open and read them, by known names", known),
        ("find, open and read them", floor),
        ("… and take their SHA-256", float(least["sealed"]["seconds"])),
        ("read_ledger", float(least["ours"]["read_ledger"])),
        ("plan", float(least["ours"]["plan"])),
        ("read_ledger + plan", ours),
    )
    for words, seconds in rows:
        compared = f"{seconds / floor:5.2f} x finding and reading, {seconds / known:5.2f} x reading alone"
        print(f"  {words:<36} {seconds * 1000:8.1f} ms of processor   {compared}")
    verdict = "reached" if ours / floor < GOAL else "MISSED"
    memory = least["ours"]["memory"] / 2**20
    print(f"  goal: below {GOAL:g} x finding and reading: {verdict}; memory for all of it: {memory:.0f} MiB")


def _apart(what: str, folder: Path) -> dict[str, Any]:
    command = [sys.executable, __file__, "--figure", what, "--folder", str(folder)]
    done = subprocess.run(command, capture_output=True, check=False, text=True)
    if done.returncode:
        raise SystemExit(done.stderr)
    return dict(json.loads(done.stdout))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure planning over a long ledger.")
    parser.add_argument("--deliveries", type=int, nargs="+", default=[50_000])
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--figure", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.figure:
        print(json.dumps(figure(given.figure, given.folder)))
        return
    print(f"Python {sys.version.split()[0]}, {os.cpu_count()} cores")
    for number in given.deliveries:
        measure(number, given.repeat)


if __name__ == "__main__":
    main()
