"""A team whose publishing runs are killed: forty posts, a remote that is served, real servers, and a clock.

Each run is the program itself, in a real clone. It is killed from outside, with everything that it started. Sometimes
the next run finds the same disk again, sometimes a new clone, as on a runner of a CI.

The claims of a dead run are respected for half an hour, so the time must pass: the program is told the time with
`--now`, and the servers' clocks are put forward with it.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from PIL import Image, ImageDraw

from real.servers import Clock, Pds, RealAccount, Snac, until
from socialops.git import Git
from socialops.publishing.ledger import Ledger, read_ledger
from socialops.publishing.machine import RULES, State, attempts, instant, part_states, receipts_of, state_of

POSTS, THREADS, PICTURED, PARTS = 40, 6, 8, 3
EVERY = timedelta(minutes=20)
"""How far apart the deliveries fall due: every post on one channel, then on the other."""
BRANCH = "socialops-data"
SETTINGS = f"""\
[tool.socialops]
name = "Forty posts"
zone = "Europe/Istanbul"
data_branch = "{BRANCH}"
minimum_gap = "0s"
late_ok = "2d"
"""
CHANNEL = """\
---
network: {network}
handle: "{account.handle}"
host: {account.host}
zone: Europe/Istanbul
---
An account on a real server.
"""
WORDS = (
    ("en", "Lamp {number} is out. It shines further than the one before; come and see it at the workshop."),
    ("tr", "{number}. ışık hazır. Dikişsiz kablo, yağmura dayanıklı gövde; Kadıköy'deki atölyede görebilirsiniz."),
    ("ro", "Lampa cu numărul {number} este gata. Țara întreagă, și orașul ăsta mai ales, are nevoie de ea."),
    ("he", "פנס מספר {number} מוכן. הוא מאיר רחוק יותר מהקודם, ואפשר לראות אותו בסדנה."),
)
LAST = "That is all. Thank you for reading."
"""How every thread ends: only its place tells such a part from the others."""
EVENTUALLY = 40
"""How many runs after the last kill there may be before all is quiet."""


def write_workspace(root: Path, accounts: dict[str, RealAccount], begins: datetime) -> None:
    """Write the settings, both channels, and forty posts: six threads, and pictures with eight of them."""
    channels = root / "brand" / "channels"
    channels.mkdir(parents=True)
    (root / "pyproject.toml").write_text(SETTINGS, "utf-8")
    (root / ".gitignore").write_text("/.socialops/\n/reports/data/\n", "utf-8")
    for name, account in accounts.items():
        (channels / f"{name}.md").write_text(CHANNEL.format(network=name, account=account), "utf-8")
    (root / "posts").mkdir()
    for number in range(POSTS):
        name = f"lamp-{number:02}"
        dues = [begins + (number * len(accounts) + place) * EVERY for place in range(len(accounts))]
        lang, words = WORDS[number % len(WORDS)]
        head = [
            f"title: Lamp {number}",
            "channels:",
            *(f"  {name}:\n    date: {due:%Y-%m-%dT%H:%M:00+00:00}" for name, due in zip(accounts, dues, strict=True)),
            f"lang: {lang}",
        ]
        parts = [words.format(number=number)]
        if number % 10 == 9:
            head.append(f"link: https://lumenvelo.example/lamps/{number}")
        if number % 7 == 3:
            head.append("tags: [lamps, cycling]")
        if number % (POSTS // THREADS) == 1 and number // (POSTS // THREADS) < THREADS:
            head += ["kind: thread"]
            parts += [f"More about {name}: it has two switches.", LAST][: PARTS - 1]
        if number % (POSTS // PICTURED) == 1:
            head.append("media:")
            for picture in range(1 + number % 2):
                file = root / "posts" / f"{name}-{picture}.jpg"
                _draw(file, number * 2 + picture)
                head += [f"  - file: {file.name}", f'    alt: "Drawing {picture + 1} of lamp {number}, lit."']
        text = "\n\n---\n\n".join(parts)
        (root / "posts" / f"{name}.md").write_text("---\n" + "\n".join(head) + f"\n---\n{text}\n", "utf-8")


def _draw(file: Path, number: int) -> None:
    image = Image.new("RGB", (320, 200), (20 + number * 3 % 200, 40, 90))
    draw = ImageDraw.Draw(image)
    draw.ellipse((40 + number, 30, 140 + number, 130), fill=(240, 220, 80 + number % 100))
    draw.text((10, 180), f"{number}", fill="white")
    image.save(file, "JPEG", quality=80)


@dataclass(frozen=True)
class Run:
    """How one run of the program ended: its exit code (None: it was killed), how long it took, and what it said."""

    code: int | None
    seconds: float
    said: str


@dataclass
class Team:
    """The remote, the clone that runs, the servers, and what happened so far."""

    folder: Path
    remote: str
    accounts: dict[str, RealAccount]
    pds: Pds
    snac: Snac
    clock: Clock
    chance: random.Random
    begins: datetime
    passed: timedelta = timedelta(0)
    root: Path = Path()
    clones: int = 0
    runs: int = 0
    kills: Counter[str] = field(default_factory=Counter)
    """How often a run was killed, by what it was about."""
    unrecorded: set[str] = field(default_factory=set)
    """What was on the servers and not in the ledger when that was last looked at."""
    log: list[str] = field(default_factory=list)

    # --- machines and time --------------------------------------------------------------------------------------------

    @property
    def now(self) -> datetime:
        return datetime.now(UTC) + self.passed

    def pass_time(self, span: timedelta) -> None:
        """Put every clock forward."""
        self.passed += span
        self.clock.put_forward(self.passed)
        # The PDS writes its date once a second.
        until(lambda: abs(self.pds.time() - self.now) < timedelta(minutes=1), seconds=20, why="a new time on the PDS")

    def new_machine(self) -> None:
        """Go on with a new clone, as if the machine were gone."""
        if self.clones:
            shutil.rmtree(self.root)
        self.clones += 1
        self.root = self.folder / f"clone-{self.clones}"
        Git(self.folder).run("clone", "--quiet", f"{self.remote}/remote.git", str(self.root))

    # --- runs ---------------------------------------------------------------------------------------------------------

    def run(self, *arguments: str, kill_after: float = 0.0, since: Callable[[], object] | None = None) -> Run:
        """Run the program, and kill it so many seconds after its start, or after what *since* returns has changed."""
        self.runs += 1
        said = self.folder / "said"
        now = f"{self.now:%Y-%m-%dT%H:%M:%S+00:00}"
        began = time.monotonic()
        with said.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "socialops", *arguments, "--now", now],
                cwd=self.root,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            code: int | None = None
            try:
                if since:
                    before = since()
                    until(lambda: process.poll() is not None or since() != before, seconds=60, why="a change")
                code = process.wait(kill_after or 120)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        run = Run(code, time.monotonic() - began, said.read_text("utf-8", "replace"))
        ended = "killed" if code is None else f"exit code {code}"
        self.log.append(f"{self.runs}. {now} in {self.root.name}: {ended} after {run.seconds:.2f} s\n{run.said}")
        assert kill_after or code is not None, f"a run hangs:\n{self.story()}"
        return run

    def _claims(self) -> bytes:
        reference = self.folder / "remote.git" / "refs" / "heads" / BRANCH
        return reference.read_bytes() if reference.exists() else b""

    def _environment(self) -> dict[str, str]:
        environment = {"HOME": str(self.folder), "LANG": "C.UTF-8"}
        environment |= {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
        for name, account in self.accounts.items():
            environment[f"SOCIALOPS_{name.upper()}_TOKEN"] = account.token
            environment[f"SOCIALOPS_{name.upper()}_HOST"] = account.host
        return environment

    def story(self) -> str:
        """Return what the last runs said."""
        return "\n".join(self.log[-12:])

    # --- what is there ------------------------------------------------------------------------------------------------

    @property
    def _bare(self) -> Git:
        return Git(self.folder / "remote.git")

    def tip(self) -> str | None:
        """Return the newest commit of the data branch on the remote."""
        return self._bare.resolve(f"refs/heads/{BRANCH}")

    def ledger(self) -> Ledger:
        """Return the ledger as the remote has it."""
        observed = self.folder / "observed"
        if self.tip() is not None:
            if not observed.exists():
                observed.mkdir()
                Git(observed).run("init", "--quiet")
            Git(observed).fetch(str(self._bare.root), BRANCH, "refs/observed")
            Git(observed).run("reset", "--quiet", "--hard", "refs/observed")
        return read_ledger(observed / "ledger")

    def held(self) -> set[str]:
        """Return the ids of all that both servers hold."""
        bluesky, mastodon = self.accounts["bluesky"], self.accounts["mastodon"]
        return {*self.pds.records(bluesky.handle), *self.snac.statuses(mastodon.token)}

    def writes(self) -> int:
        return self.pds.writes() + self.snac.writes()

    # --- the kills ----------------------------------------------------------------------------------------------------

    def killed_run(self, longest: float) -> Run:
        """Begin a run and kill it somewhere within *longest* seconds; note what it was about.

        Half of a run is over before it claims anything, and the moment between a post and its record is short: so of
        three kills one comes after the claim, and one soon after a write that a server saw.
        """
        before, writes = self.tip(), self.writes()
        since, most = self.chance.choice(((None, longest), (self._claims, longest / 2), (self.writes, 0.1)))
        run = self.run("publish", kill_after=self.chance.uniform(0.01, most), since=since)
        if run.code is None:
            self.kills[self._about(before, writes)] += 1
        return run

    def _about(self, before: str | None, writes: int) -> str:
        """Tell from what is left behind what a run was about when it was killed."""
        tip = self.tip()
        span = f"{before}..{tip}" if before else str(tip)
        subjects = self._bare.text("log", "--format=%s", span).split("\n") if tip and tip != before else []
        claims = [subject for subject in subjects if subject.startswith("claim:")]
        if not claims and self._unpushed().startswith("claim:"):
            return "2 its claim was committed, not pushed"
        if not claims:
            return "1 before its claim" if not subjects else "3 looking for what was uncertain"
        if self.writes() == writes:
            return "4 claimed, nothing sent"
        confirmed = {receipt.id for delivery in self.ledger().deliveries.values() for receipt in receipts_of(delivery)}
        already, self.unrecorded = self.unrecorded, self.held() - confirmed
        if self.unrecorded - already:
            return "5 a post was out and not recorded"
        first = self._bare.text("log", "-1", "--format=%s", str(tip)).startswith("claim:")
        return "6 sending what was claimed" if first else "7 what was sent was recorded"

    def _unpushed(self) -> str:
        """Return the subject of the newest commit on this disk, when the remote does not have it."""
        data = Git(self.root / "reports" / "data")
        head = data.resolve("HEAD") if (data.root / ".git").exists() else None
        if head is None or self._bare.resolve(head) is not None:
            return ""
        return data.text("log", "-1", "--format=%s", head)

    def at_the_last_attempt(self) -> bool:
        """Tell whether one more kill could make a part fail: four attempts are what the machine makes."""
        return any(
            attempts(delivery, part) >= RULES.attempts - 1
            for delivery in self.ledger().deliveries.values()
            for part, state in enumerate(part_states(delivery))
            if state not in (State.CONFIRMED, State.FAILED)
        )

    def something_to_do(self) -> bool:
        """Tell whether a run would find something: a post that is due, or a claim that is over."""
        deliveries, now, told = self.ledger().deliveries, self.now, 0
        for delivery in deliveries.values():
            told += 1
            claim = delivery.events[-1]
            if claim.state is State.INTENT and instant(claim.detail["lease_until"]) > now:
                continue
            if state_of(delivery) is not State.CONFIRMED:
                return True
        return told < min(POSTS * len(self.accounts), int((now - self.begins) / EVERY) + 1)

    def unsettled(self) -> list[str]:
        """Return the deliveries that are not confirmed, in words."""
        deliveries = self.ledger().deliveries
        names = [(f"lamp-{number:02}", channel) for number in range(POSTS) for channel in self.accounts]
        states = {name: state_of(deliveries[name]) if name in deliveries else State.PLANNED for name in names}
        return [f"{' → '.join(name)}: {state}" for name, state in states.items() if state is not State.CONFIRMED]

    def ways(self) -> Iterator[tuple[str, str]]:
        """Give the channel of each part and how it is known that it is there, and of each look that was in vain."""
        for (_, channel), delivery in self.ledger().deliveries.items():
            for event in delivery.events:
                if event.state is State.CONFIRMED:
                    yield channel, str(event.detail["via"])
                elif event.detail.get("looked"):
                    yield channel, "a look in vain"
