"""A run is killed at its 1st, 2nd, 3rd … touch of the world, until one meets none; then runs go on until all is quiet.

Real processes, a real bare remote, real sockets to the sandbox: `mortal.py` says what a touch is. In the quick suite a
thin slice; the whole takes minutes: `make test-nightly`, or `pytest -m nightly -s tests/publishing/test_sweep.py`.
"""

from __future__ import annotations

import contextlib
import http.client
import itertools
import json
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from builder import SETTINGS, workspace
from publishing_stage import commit, git
from socialops.networks.base import Idempotency
from socialops.networks.sandbox.request import Answer, Request
from socialops.networks.sandbox.server import Sandbox
from socialops.publishing.ledger import read_ledger
from socialops.publishing.machine import Delivery, State, receipts_of, state_of
from socialops.workspace import find_workspace

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="waits for orphans as only Linux lets it")

DUE = datetime(2026, 12, 1, 6, 30, tzinfo=UTC)
CHANNELS = ("mastodon", "second", "third")
HANDLES = {name: f"@{name}@mastodon.example" for name in CHANNELS}
POST = """\
---
title: Winter
channels: [{}]
date: 2026-12-01 09:30
---
"""
TEXTS = ("The lamps are out.", "They shine further than last year's.", "Come and see them.")
LATER = (16, 31, 47, 63, 79, 95)
"""When the next runs come, in minutes: before the claim's lease ends, after it, and after each settle window."""


class Forgetful(Sandbox):
    """The sandbox as other software would be: it takes no notice of Idempotency-Key."""

    def _respond(self, request: Request) -> Answer:
        headers = {name: value for name, value in request.headers.items() if name != "idempotency-key"}
        return super()._respond(replace(request, headers=headers))


class Runner:
    """A process that runs socialops in processes of its own, which may die."""

    def __init__(self) -> None:
        program = Path(__file__).with_name("mortal.py")
        self._process = subprocess.Popen(
            [sys.executable, "-B", str(program)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._answer() == {"ready": True}

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        return dict(json.loads(self._process.stdout.readline()))

    def run(self, **job: Any) -> dict[str, Any]:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(job) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def end(self) -> None:
        with self._process as process:
            process.kill()


@dataclass
class Scene:
    """One workspace on a remote, one server on a port, one class of network, one length of thread, some channels."""

    folder: Path
    runner: Runner
    idempotency: Idempotency
    parts: int
    channels: int = 1
    at_a_time: int = 100
    """How many deliveries one claim covers."""
    port: int = 0

    @property
    def names(self) -> tuple[str, ...]:
        return CHANNELS[: self.channels]

    def prepare(self) -> None:
        with self.server() as sandbox:
            url, self.port = sandbox.url, int(sandbox.url.rpartition(":")[2])
        template = self.folder / "template"
        files = {
            f"brand/channels/{name}.md": f"---\nnetwork: mastodon\nhandle: {HANDLES[name]!r}\nhost: {url}\n"
            "zone: Europe/Istanbul\n---\n"
            for name in self.names
        }
        workspace(
            template / "first",
            {
                "pyproject.toml": SETTINGS + 'data_branch = "socialops-data"\n',
                ".gitignore": "/.socialops/\n",
                **files,
                "posts/winter.md": POST.format(", ".join(self.names)) + "\n\n---\n\n".join(TEXTS[: self.parts]) + "\n",
            },
        )
        git(template, "init", "--quiet", "--bare", "--initial-branch=main", "remote.git")
        git(template / "first", "init", "--quiet", "--initial-branch=main")
        commit(template / "first", "Begin")
        git(template / "first", "push", "--quiet", "../remote.git", "main")
        git(template / "first", "remote", "add", "origin", str(self.folder / "scenario" / "remote.git"))

    def server(self) -> Sandbox:
        kind = Sandbox if self.idempotency is Idempotency.KEY else Forgetful
        return kind(now=DUE, port=self.port)

    def scenario(self, nth: int, number: int, *, fresh: bool) -> tuple[bool, str]:
        """Kill a run at its *nth* touch, go on until quiet, and judge; tell whether it was met, and how all ended."""
        place = self.folder / "scenario"
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(self.folder / "template", place)
        root = place / "first"
        with self.server() as sandbox:
            tokens, environment = {}, {}
            for name in self.names:
                tokens[name] = sandbox.add_account(HANDLES[name], "Test", "Europe/Istanbul", 1000, "tr")
                environment[f"SOCIALOPS_{name.upper()}_TOKEN"] = tokens[name]
                environment[f"SOCIALOPS_{name.upper()}_HOST"] = sandbox.url

            def publish(minutes: int, nth: int = 0) -> dict[str, Any]:
                now = DUE + timedelta(minutes=minutes)
                sandbox.set_clock(now)
                return self.runner.run(
                    folder=str(root),
                    arguments=["publish", "--now", now.isoformat()],
                    environment=environment,
                    knows=self.idempotency.value,
                    at_a_time=self.at_a_time,
                    nth=nth,
                    signal=number,
                    log=str(place / "log"),
                )

            first = publish(0, nth)
            if fresh:
                # The machine is gone, and its disk with it.
                git(place, "clone", "--quiet", "remote.git", "fresh")
                root = place / "fresh"
            code, found = first["code"], read_ledger(find_workspace(root).ledger).deliveries
            states: list[State] = []
            for minutes in LATER:
                code = publish(minutes)["code"]
                found = read_ledger(find_workspace(root).ledger).deliveries
                states = [state_of(found["winter", name]) for name in self.names if ("winter", name) in found]
                if len(states) == self.channels and all(
                    state in (State.CONFIRMED, State.ATTENTION, State.FAILED) for state in states
                ):
                    break
            held = {name: self.held(token) for name, token in tokens.items()}
        told = (
            f"{self.idempotency}, {self.parts} parts, {self.channels} channels, {nth}. touch ({first['where']}), "
            f"signal {number}, fresh {fresh}: {states}, exit code {code}, {held}\n{(place / 'log').read_text('utf-8')}"
        )
        assert "did not expect" not in told, f"a bug: {told}"
        assert len(states) == self.channels, f"lost: {told}"
        for name, state in zip(self.names, states, strict=True):
            self.judge(held[name], found["winter", name], told)
            if state is not State.CONFIRMED:
                assert state is State.ATTENTION, f"silent: {told}"
                assert self.idempotency is Idempotency.NONE, f"a person is asked what a machine could find out: {told}"
        assert code == (0 if set(states) == {State.CONFIRMED} else 3), told
        return first["met"], " and ".join(sorted({str(state) for state in states}))

    def judge(self, there: list[tuple[str, str, str]], delivery: Delivery, told: str) -> None:
        """Judge what one channel's account holds against the record."""
        texts = [text for _, text, _ in there]
        assert texts == list(TEXTS[: len(texts)]), f"twice, or out of order: {told}"
        assert [reply for _, _, reply in there] == ["", *(name for name, _, _ in there[:-1])][: len(there)], told
        if state_of(delivery) is State.CONFIRMED:
            assert len(texts) == self.parts, f"lost: {told}"
            assert [receipt.id for receipt in receipts_of(delivery)] == [name for name, _, _ in there], told

    def held(self, token: str) -> list[tuple[str, str, str]]:
        """Return what the server holds, oldest first: (id, text, what it answers)."""
        wire = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        with contextlib.closing(wire):

            def ask(path: str) -> Any:
                wire.request("GET", path, headers={"Authorization": f"Bearer {token}"})
                return json.loads(wire.getresponse().read())

            own = ask("/api/v1/accounts/verify_credentials")["id"]
            listed = ask(f"/api/v1/accounts/{own}/statuses?limit=40")
            found = []
            for status in reversed(listed):
                text = ask(f"/api/v1/statuses/{status['id']}/source")["text"]
                found.append((status["id"], text, status["in_reply_to_id"] or ""))
        return found


@pytest.fixture(scope="module")
def runner() -> Iterator[Runner]:
    started = Runner()
    try:
        yield started
    finally:
        started.end()


def sweep(scene: Scene, touches: Iterator[int], number: int, *, fresh: bool) -> Counter[str]:
    """Try one touch after the other until a run meets none; return how the scenarios ended."""
    scene.prepare()
    ends = Counter[str]()
    for nth in touches:
        met, end = scene.scenario(nth, number, fresh=fresh)
        if not met:
            break
        ends[end] += 1
    told = ", ".join(f"{count} {end}" for end, count in sorted(ends.items()))
    where = "its disk is lost" if fresh else "its disk is kept"
    print(
        f"\nsweep, {scene.idempotency}, channels: {scene.channels}, parts: {scene.parts}, "
        f"{signal.Signals(number).name}, {where}: {ends.total()} scenarios, 0 twice, 0 lost; {told}"
    )
    return ends


KEY, READBACK, NONE = Idempotency.KEY, Idempotency.READBACK, Idempotency.NONE


@pytest.mark.parametrize(
    ("idempotency", "number", "fresh", "first"),
    [(KEY, signal.SIGKILL, True, 3), (READBACK, signal.SIGKILL, False, 7), (NONE, signal.SIGTERM, False, 11)],
)
def test_a_run_killed_here_and_there(
    tmp_path: Path, runner: Runner, idempotency: Idempotency, number: int, fresh: bool, first: int
) -> None:
    ends = sweep(Scene(tmp_path, runner, idempotency, 1), itertools.count(first, 17), number, fresh=fresh)
    assert ends["confirmed"] > 0


@pytest.mark.parametrize(
    ("idempotency", "number", "fresh", "first"),
    [(KEY, signal.SIGKILL, False, 60), (READBACK, signal.SIGKILL, True, 71), (NONE, signal.SIGTERM, False, 77)],
)
def test_a_run_on_three_channels_killed_here_and_there(
    tmp_path: Path, runner: Runner, idempotency: Idempotency, number: int, fresh: bool, first: int
) -> None:
    # On the network that knows our keys each delivery has a claim of its own, made while the one before is sent.
    scene = Scene(tmp_path, runner, idempotency, 2, channels=3, at_a_time=1 if idempotency is KEY else 100)
    assert sweep(scene, itertools.count(first, 23), number, fresh=fresh)["confirmed"] > 0


@pytest.mark.nightly
@pytest.mark.parametrize(("number", "fresh"), [(signal.SIGKILL, True), (signal.SIGTERM, False)])
@pytest.mark.parametrize("idempotency", [KEY, READBACK, NONE])
def test_a_run_on_three_channels_killed_everywhere(
    tmp_path: Path, runner: Runner, idempotency: Idempotency, number: int, fresh: bool
) -> None:
    scene = Scene(tmp_path, runner, idempotency, 2, channels=3, at_a_time=1 if idempotency is KEY else 100)
    assert sweep(scene, itertools.count(1), number, fresh=fresh).total() > 80


@pytest.mark.nightly
@pytest.mark.parametrize("parts", [1, 3])
@pytest.mark.parametrize(
    ("number", "fresh"), [(signal.SIGKILL, True), (signal.SIGKILL, False), (signal.SIGTERM, False)]
)
@pytest.mark.parametrize("idempotency", [KEY, READBACK, NONE])
def test_a_run_killed_everywhere(
    tmp_path: Path, runner: Runner, idempotency: Idempotency, number: int, fresh: bool, parts: int
) -> None:
    ends = sweep(Scene(tmp_path, runner, idempotency, parts), itertools.count(1), number, fresh=fresh)
    assert ends.total() > 40
