"""Measure how fast content is read and checked, as ratios against libyaml's bare parse of its headers.

    python tests/bench/content.py [--posts 100 1000 10000] [--repeat 3]

Everything is made here, in a folder that is removed again: posts as long as those of this repository's own workspace
and with as many keys, eight a day, on which a check finds next to nothing. Ratios are of processor time (our
children's included), the least of a few runs, so that they mean the same on a busy machine; start-up is measured by
starting Python.

Goals: load + check cold at most 1.5 times the bare parse, 0.2 times when nothing changed; `check one-file.md` at most 3
times `import click, pydantic, yaml`; `--help` at most 1.5 times `import click`.
"""

from __future__ import annotations

import argparse
import gc
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import yaml
from yaml.cyaml import CParser  # type: ignore[attr-defined]  # the stubs leave out the C parser

from socialops.checks.check import check
from socialops.content.frontmatter import decode, split
from socialops.content.load import Content, load
from socialops.workspace import Workspace, find_workspace

SETTINGS = """\
[tool.socialops]
name = "Bench"
zone = "Europe/Istanbul"
languages = ["tr", "he", "ro", "en"]
"""
CHANNELS = {
    "mastodon": ("mastodon", "@brand@mastodon.example", "https://mastodon.example", "Europe/Istanbul"),
    "mastodon-il": ("mastodon", "@brand@tooot.example", "https://tooot.example", "Asia/Jerusalem"),
    "bluesky": ("bluesky", "brand.example", "https://bsky.example", "Europe/Bucharest"),
}
TEXTS = {
    "tr": (
        "Kış geldi, günler kısaldı. Lambanızı akşam yola çıkmadan önce deneyin: iki dakika yeter, gerisi keyif.",
        "Atölye cumartesi öğleye kadar açık. Dinamonuzu getirin, kabloyu birlikte bakalım; çay bizden.",
    ),
    "he": (
        "החורף כאן והימים קצרים. בדקו את הפנס לפני שיוצאים לדרך: שתי דקות מספיקות, והשאר הוא הנאה מהרכיבה.",
        "הסדנה פתוחה בימי שישי עד הצהריים. הביאו את הדינמו ונבדוק יחד את הכבל, והתה עלינו.",
    ),
    "ro": (
        "A venit iarna și zilele sunt scurte. Încercați lampa înainte de drum: ajung două minute, restul e plăcere.",
        "Atelierul e deschis sâmbăta până la prânz. Aduceți dinamul și ne uităm împreună la cablu; ceaiul e al nostru.",
    ),
    "en": (
        "Winter is here and the days are short. Try your lamp before you leave: two minutes are enough for it.",
        "The workshop is open on Saturdays until noon. Bring your dynamo and we look at the cable together, with tea.",
    ),
}
TITLES = {"tr": "Kış ışığı", "he": "אור של חורף", "ro": "Lumină de iarnă", "en": "Winter light"}
TAGS = {"tr": "[kış, bisiklet]", "he": "[חורף, אופניים]", "ro": "[iarnă, bicicletă]", "en": "[winter, cycling]"}
PILLARS = ("product", "people", "repair", "city")
AUDIENCES = ("commuters", "parents", "couriers")
PLACES = ("[mastodon, bluesky]", "[mastodon, bluesky]", "[mastodon-il, bluesky]", "[mastodon, mastodon-il]")
FIRST = date(2026, 1, 1)
A_DAY = 8
"""Posts a day: ten thousand are three years and a half of a busy team, and none is on another's heels."""


def make(folder: Path, number: int) -> Workspace:
    """Write a workspace with so many posts: four languages, 8 to 14 keys, media lists, both forms of channels."""
    chance = random.Random(20261206)
    (folder / "brand/channels").mkdir(parents=True)
    (folder / "brand/campaigns").mkdir()
    (folder / "pyproject.toml").write_text(SETTINGS, "utf-8")
    for name, (network, handle, host, zone) in CHANNELS.items():
        text = f'---\nnetwork: {network}\nhandle: "{handle}"\nhost: {host}\nzone: {zone}\n---\nAn account.\n'
        (folder / f"brand/channels/{name}.md").write_text(text, "utf-8")
    days = [FIRST + timedelta(days=index // A_DAY) for index in range(number)]
    for year in sorted({day.year for day in days}):
        text = f"---\ntitle: {year}\nstart: {year}-01-01\nend: {year}-12-31\ntags: [SeeAndBeSeen]\n---\nThe brief.\n"
        (folder / f"brand/campaigns/light-{year}.md").write_text(text, "utf-8")
    pillars = "".join(f"  - {{name: {name}, title: {name.title()}, share: 0.25}}\n" for name in PILLARS)
    audiences = "".join(f"  - {{name: {name}, title: {name.title()}}}\n" for name in AUDIENCES)
    strategy = f"---\ntitle: Strategy\npillars:\n{pillars}audiences:\n{audiences}---\nProse.\n"
    (folder / "brand/strategy.md").write_text(strategy, "utf-8")
    people = "".join(f"  {name}: {{title: Writer, roles: [writer]}}\n" for name in ("ayse", "noam", "ioana"))
    (folder / "brand/team.yml").write_text(f"people:\n{people}", "utf-8")
    club = 'roataveche: {name: Roata Veche, mastodon: "@club@mastodon.example", bluesky: "@club.bsky.example"}\n'
    (folder / "brand/handles.yml").write_text(club, "utf-8")
    _picture(folder)
    for index, day in enumerate(days):
        place = folder / f"posts/{day.year}/{day.month:02d}"
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{day}-light-{index:05d}.md").write_text(_post(chance, index, day), "utf-8")
    return find_workspace(folder)


def _picture(folder: Path) -> None:
    from PIL import Image

    (folder / "media").mkdir()
    Image.new("RGB", (640, 480), (20, 40, 60)).save(folder / "media/lamp.jpg")


def _post(chance: random.Random, index: int, day: date) -> str:
    lang = ("tr", "he", "ro", "en")[index % 4]
    first, second = TEXTS[lang]
    # Every other hour from seven on, so that no zone skips the time or has it twice.
    at = f"{day} {7 + index % A_DAY * 2:02d}:{chance.randrange(60):02d}"
    lines = [f"title: {TITLES[lang]} {index}", f"date: {at}", f"lang: {lang}", f"pillar: {chance.choice(PILLARS)}"]
    lines.append(f"audience: {chance.choice(AUDIENCES)}")
    if chance.random() < 0.15:
        lines += ["channels:", "  mastodon: {}", f'  bluesky: {{text: "{TITLES[lang]} {index}.", tags: {TAGS[lang]}}}']
    else:
        one = chance.random() < 0.35
        lines.append(f"channels: {f'[{chance.choice(list(CHANNELS))}]' if one else chance.choice(PLACES)}")
    lines += [f"authors: [{chance.choice(['ayse', 'noam', 'ioana'])}]", f"tags: {TAGS[lang]}"]
    for share, line in (
        (0.5, f"campaign: light-{day.year}"),
        (0.5, f'description: "Number {index} of the series: it shows what the lamp is for, without a word of praise."'),
        (0.2, f"params:\n  brief: {index}\n  shot: {{camera: old, lens: 35}}"),
        (0.1, "categories: [evergreen, lamps]"),
        (0.1, "visibility: public"),
        (0.1, "late_ok: 6h"),
    ):
        if chance.random() < share:
            lines.append(line)
    shown = chance.random()
    if shown < 0.4:
        lines += ["media:", "  - file: /media/lamp.jpg", f'    alt: "{first[:60].strip()}"']
    elif shown < 0.65:
        lines.append(f"link: https://example.org/light/{index}?from=post")
    opening = f"{TITLES[lang]}, {index}."
    if chance.random() < 0.05:
        opening += " @roataveche!"
    if chance.random() < 0.03:
        opening = f"**{opening}**"
    if chance.random() < 0.6:
        second += " 🚲"
    if chance.random() < 0.1:
        second += f"\n---\n{first}"
    return "---\n" + "\n".join(lines) + f"\n---\n{opening} {first}\n\n{second}\n"


def best(repeat: int, work: Callable[[], object], before: Callable[[], object] = lambda: None) -> tuple[float, float]:
    """Return the least (processor time, wall time) of some runs, in seconds."""
    processor, wall = [], []
    for _ in range(repeat):
        before()
        gc.collect()
        spent, start = _spent(), time.perf_counter()
        work()
        processor.append(_spent() - spent)
        wall.append(time.perf_counter() - start)
    return min(processor), min(wall)


def _spent() -> float:
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


def read_all(files: list[str]) -> list[bytes]:
    """Read the files, and do nothing with them."""
    contents = []
    for file in files:
        with open(file, "rb") as opened:  # noqa: PTH123 - the barest read
            contents.append(opened.read())
    return contents


def parse_bare(headers: list[str]) -> None:
    """Let libyaml's safe loader read the headers: what the goals are measured against."""
    for header in headers:
        yaml.load(header, yaml.CSafeLoader)


def parse_events(headers: list[str]) -> None:
    """Let libyaml's parser name the headers' events and build nothing of them: the floor under any reader."""
    for header in headers:
        next_event = CParser(header).get_event
        while next_event() is not None:
            pass


def with_rules(workspace: Workspace) -> int:
    """Give the workspace this repository's own style guide; return how many rules that is."""
    own = Path(__file__).parents[2] / "brand"
    # The posts are not ours: what they would all break, or who is not in their team, is put right.
    changes = {
        "campaigns: [winter-2026]": "campaigns: [light-2026]",
        "required: [SeeAndBeSeen]": "most: 5",
        "pillars: [service]": "pillars: [repair]",
        "emoji: none": "emoji: {most: 3}",
        "approver: manager": "approver: ayse",
        "capitals: true, ": "",
        "least: 60": "least: 20",
        "cadence: {most: 4}": "cadence: {most: 60}",
        "width: 1200, height: 1000": "width: 20, height: 10",
        "fri 14:00 to sat 20:00": "fri 23:00 to sat 05:00",
        "      - /brand/artwork/header.jpg\n": "",
    }
    for page in own.glob("*.md"):
        if page.name != "strategy.md":
            text = page.read_text("utf-8")
            for ours, theirs in changes.items():
                text = text.replace(ours, theirs)
            (workspace.root / "brand" / page.name).write_text(text, "utf-8")
    content = load(workspace, cache=False)
    return sum(len(guideline.rules) for guideline in content.brand.guidelines)


def measure(number: int, repeat: int, *, rules: bool = False) -> None:
    """Measure one size and print it; with *rules*, every post is held against this repository's own style guide."""
    with tempfile.TemporaryDirectory(prefix="socialops-bench-") as name:
        workspace = make(Path(name), number)
        kept = with_rules(workspace) if rules else 0
        files = [os.path.join(folder, file) for folder, _, names in os.walk(workspace.posts) for file in names]  # noqa: PTH118
        headers = [split(decode(data))[0] for data in read_all(files)]

        def forget() -> None:
            shutil.rmtree(workspace.cache, ignore_errors=True)

        def both() -> Content:
            content = load(workspace)
            check(content)
            return content

        content = both()
        rows: tuple[tuple[str, Callable[[], object], Callable[[], object], float | None], ...] = (
            ("raw read of the files", lambda: read_all(files), lambda: None, None),
            ("libyaml, bare parse (CSafeLoader)", lambda: parse_bare(headers), lambda: None, None),
            ("libyaml, events only (CParser)", lambda: parse_events(headers), lambda: None, None),
            ("load, cold", lambda: load(workspace), forget, None),
            ("load + check, cold", both, forget, 1.5),
            ("load, nothing changed", lambda: load(workspace), lambda: None, None),
            ("load, nothing changed, every post opened", lambda: list(load(workspace).posts), lambda: None, None),
            ("load + check, nothing changed", both, lambda: None, 0.2),
        )
        # In rounds, so that a busy spell of the machine hits all rows alike.
        rounds = [[best(1, work, before) for _, work, before, _ in rows] for _ in range(repeat)]
        least = [tuple(map(min, zip(*found, strict=True))) for found in zip(*rounds, strict=True)]
        wrong = len(check(content))
        print(f"\n{number} posts ({len(content.posts)} read, {kept} rules of a style guide, {wrong} findings)")
        bare, bare_wall = least[1]
        for (what, _, _, goal), (processor, wall) in zip(rows, least, strict=True):
            goal = None if rules and what == "load + check, cold" else goal
            verdict = "" if goal is None else f"   goal {goal}: {'reached' if processor / bare <= goal else 'MISSED'}"
            print(
                f"  {what:<42} {processor * 1000:9.1f} ms of processor, {wall * 1000:9.1f} ms of wall time"
                f"   {processor / bare:6.2f} x bare parse (wall {wall / bare_wall:.2f}){verdict}"
            )


def measure_start(number: int, repeat: int) -> None:
    """Measure the command line by starting it."""

    def start(*command: str, folder: Path | None = None) -> float:
        def run() -> None:
            subprocess.run([sys.executable, *command], cwd=folder, capture_output=True, check=False)

        return best(repeat + 2, run)[0]

    with tempfile.TemporaryDirectory(prefix="socialops-bench-") as name:
        workspace = make(Path(name), number)
        one = next(iter(sorted(workspace.posts.rglob("*.md")))).relative_to(workspace.root).as_posix()
        click = start("-c", "import click")
        heavy = start("-c", "import click, pydantic, yaml")
        rows = (
            ("socialops --help", start("-m", "socialops", "--help"), click, 1.5, "import click"),
            (
                f"socialops check {Path(one).name}",
                start("-m", "socialops", "check", one, folder=workspace.root),
                heavy,
                3.0,
                "import click, pydantic, yaml",
            ),
        )
        print(f"\nstart-up, in a workspace of {number} posts")
        for what, seconds, base, goal, against in rows:
            verdict = "reached" if seconds / base <= goal else "MISSED"
            print(
                f"  {what:<42} {seconds * 1000:9.1f} ms   {seconds / base:6.2f} x `{against}`   goal {goal}: {verdict}"
            )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure how fast content is read and checked.")
    parser.add_argument("--posts", type=int, nargs="+", default=[100, 1_000, 10_000])
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--rules", action="store_true", help="with this repository's own style guide, too")
    given = parser.parse_args()
    print(f"Python {sys.version.split()[0]}, PyYAML {yaml.__version__}, {os.cpu_count()} cores")
    for number in given.posts:
        measure(number, given.repeat)
        if given.rules:
            measure(number, given.repeat, rules=True)
    measure_start(max(given.posts), given.repeat)


if __name__ == "__main__":
    main()
