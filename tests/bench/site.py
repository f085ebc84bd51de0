"""Measure how long the site of many posts takes, as ratios against stated limits.

    python tests/bench/site.py [--posts 1000 10000] [--keep FOLDER]

Everything is made here, in a folder that is removed again: posts in four languages, each on two channels, spread over
three years up to a month from now; all that is past is in the ledger, with numbers. The tree is our own work; the
rendering is MkDocs's, its start and the handbook's pages included, which is why a site without posts is measured too.

Limits, in seconds of processor time: the tree 3 for 1,000 posts and 10 for 10,000; the rendering 7, however many. That
is the goal; with 10,000 posts, of which 300 have a page of their own, it is not reached yet.
"""

from __future__ import annotations

import argparse
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.content import CHANNELS, PILLARS, SETTINGS, TEXTS, TITLES
from socialops.checks.check import check
from socialops.compose.compose import compose
from socialops.compose.schedule import due
from socialops.content.load import Content, load
from socialops.measuring.store import Reading
from socialops.networks.draft import Receipt
from socialops.publishing.ledger import Ledger
from socialops.publishing.machine import (
    Delivery,
    Event,
    State,
    receipt_detail,
    stamp,
)
from socialops.publishing.plan import plan
from socialops.site.build import build_site, render
from socialops.workspace import Workspace, find_workspace

NOW = datetime(2026, 12, 6, 9, 0, tzinfo=UTC)
YEARS = timedelta(days=3 * 365)
AHEAD = timedelta(days=30)
PLACES = {
    "tr": "[mastodon, bluesky]",
    "he": "[mastodon-il, bluesky]",
    "ro": "[bluesky, mastodon]",
    "en": "[mastodon, bluesky]",
}
TREE_LIMIT = {1_000: 3.0, 10_000: 10.0}
RENDER_LIMIT = 7.0


def make(folder: Path, number: int) -> Workspace:
    """Write a workspace with so many posts: a third with a link, every tenth a thread of two parts."""
    chance = random.Random(20261206)
    (folder / "brand/channels").mkdir(parents=True)
    (folder / "posts").mkdir()
    (folder / "reports").mkdir()
    (folder / "pyproject.toml").write_text(SETTINGS + 'forge_url = "https://forge.example/team/social"\n', "utf-8")
    (folder / "reports/weekly.md").write_text("---\ntitle: Weekly\nfigures: [posts]\n---\n", "utf-8")
    for name, (network, handle, host, zone) in CHANNELS.items():
        text = f'---\nnetwork: {network}\nhandle: "{handle}"\nhost: {host}\nzone: {zone}\n---\nAn account.\n'
        (folder / f"brand/channels/{name}.md").write_text(text, "utf-8")
    first = NOW + AHEAD - YEARS
    for index in range(number):
        day = first + YEARS * index / number
        lang = ("tr", "he", "ro", "en")[index % 4]
        opening, second = TEXTS[lang]
        # Between ten and six, so that no zone skips the time or has it twice.
        at = f"{day:%Y-%m-%d} {10 + chance.randrange(8):02d}:{chance.randrange(60):02d}"
        link = f"link: https://example.org/light/{index}\n" if chance.random() < 1 / 3 else ""
        more = f"\n---\n{opening}\n" if index % 10 == 0 else ""
        place = folder / f"posts/{day:%Y/%m}"
        place.mkdir(parents=True, exist_ok=True)
        (place / f"light-{index:05d}.md").write_text(
            f"---\ntitle: {TITLES[lang]} {index}\ndate: {at}\nlang: {lang}\nchannels: {PLACES[lang]}\n"
            f"pillar: {chance.choice(PILLARS)}\n{link}---\n{opening} ({index})\n\n{second}\n{more}",
            "utf-8",
        )
    return find_workspace(folder)


def published(workspace: Workspace, content: Content) -> Ledger:
    """Record every delivery that is past, as the engine would."""
    deliveries: dict[tuple[str, str], Delivery] = {}
    for post in content.posts:
        for entry in post.channels:
            channel = content.channels[entry.channel]
            at = due(post, channel)
            if at is None or at >= NOW:
                continue
            draft = compose(post, channel, content)
            events = tuple(
                Event(
                    part,
                    stamp(at),
                    State.CONFIRMED,
                    part,
                    receipt_detail(Receipt(f"id-{part}", f"{channel.host}/{post.id}/{part}", stamp(at))),
                )
                for part in range(len(draft.parts))
            )
            deliveries[post.id, channel.name] = Delivery(
                post.id, channel.name, draft.network, stamp(at), draft.record(), events, "", post.pillar, draft.kind
            )
    return Ledger(workspace.ledger, deliveries, missing=not deliveries)


def numbers(ledger: Ledger) -> list[Reading]:
    """Return two readings of each recorded delivery: likes and reposts."""
    chance = random.Random(7)
    return [
        Reading(
            datetime.fromisoformat(delivery.due) + timedelta(days=2), channel, post, 0, metric, chance.randrange(40)
        )
        for (post, channel), delivery in ledger.deliveries.items()
        for metric in ("likes", "reposts")
    ]


@dataclass(frozen=True, slots=True)
class Cost:
    """What a piece of work took, in seconds; that of processes it started included."""

    processor: float
    wall: float


def cost(work: Callable[[], object]) -> Cost:
    """Run *work* once, and return what it took."""

    def used() -> float:
        both = (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
        return sum(usage.ru_utime + usage.ru_stime for usage in both)

    before, began = used(), time.perf_counter()
    work()
    return Cost(used() - before, time.perf_counter() - began)


def measure(number: int, folder: Path) -> None:
    """Measure the tree and the pages of so many posts, and print what they take."""
    workspace = make(folder, number)
    content = load(workspace)
    problems = check(content)
    ledger = published(workspace, content)
    readings = numbers(ledger)
    decided = plan(content, ledger, NOW, problems=problems)
    out = workspace.build

    def tree() -> None:
        build_site(workspace, content, decided, ledger, readings, now=NOW, out=out, problems=problems)

    print(f"\n{number} posts ({len(content.posts)} read, {len(problems)} findings, {len(ledger.deliveries)} published)")
    show("the tree", cost(tree), TREE_LIMIT.get(number))
    show("the tree again, nothing changed", cost(tree), TREE_LIMIT.get(number))
    show("the rendering", cost(lambda: render(workspace, out)), RENDER_LIMIT)
    for name, files in (
        ("Markdown", list((out / "docs").rglob("*.md"))),
        ("pages", list((out / "site").rglob("*.html"))),
        ("search index", [out / "site/search/search_index.json"]),
    ):
        sizes = sorted((file.stat().st_size, file.name) for file in files)
        total = sum(size for size, _ in sizes)
        largest = f", the largest {sizes[-1][1]} with {sizes[-1][0] / 1e6:.2f} MB" if len(sizes) > 1 else ""
        print(f"  {name:<36} {len(sizes):5} {'file ' if len(sizes) == 1 else 'files'} {total / 1e6:8.2f} MB{largest}")


def show(what: str, taken: Cost, limit: float | None) -> None:
    """Print one line."""
    verdict = ""
    if limit is not None:
        ratio = taken.processor / limit
        verdict = f"   {ratio:5.2f} x the limit of {limit:g} s: {'reached' if ratio <= 1 else 'MISSED'}"
    print(f"  {what:<36} {taken.processor:7.2f} s of processor {taken.wall:7.2f} s of wall time{verdict}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure how fast the site is built.")
    parser.add_argument("--posts", type=int, nargs="+", default=[0, 1_000, 10_000])
    parser.add_argument("--keep", type=Path, help="an empty folder to leave the sites in, to look at")
    given = parser.parse_args()
    for number in given.posts:
        if given.keep:
            measure(number, given.keep / str(number))
            continue
        with tempfile.TemporaryDirectory(prefix="socialops-bench-") as name:
            measure(number, Path(name))


if __name__ == "__main__":
    main()
