"""Several runs at once, each a process with its own clone of one remote: every post is sent once.

The big race takes minutes: `make test-nightly`, or `pytest -m nightly -s tests/publishing/test_race.py`.
"""

from __future__ import annotations

import contextlib
import json
import socketserver
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from publishing_stage import Stage
from socialops.publishing.machine import State, confirmed_at, state_of

RACER = Path(__file__).with_name("racer.py")


class Keeper(socketserver.ThreadingTCPServer):
    """A network's server: a line in, a number out, and everything is kept as often as it comes."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self) -> None:
        self.kept: list[tuple[str, str]] = []
        self.lock = threading.Lock()
        super().__init__(("127.0.0.1", 0), Keeping)

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class Keeping(socketserver.StreamRequestHandler):
    server: Keeper

    def handle(self) -> None:
        sent = json.loads(self.rfile.readline())
        with self.server.lock:
            self.server.kept.append((sent["channel"], sent["text"]))
            number = len(self.server.kept)
        self.wfile.write(f"{number}\n".encode())


@contextlib.contextmanager
def keeper() -> Iterator[Keeper]:
    with Keeper() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def run_race(folder: Path, *, processes: int, posts: int, channels: int, claim: int, deadline: float) -> None:
    stage = Stage(folder, settings='minimum_gap = "0m"\n')
    first = stage.begin()
    clones = [stage.clone(f"runner-{number}") for number in range(processes)]
    with keeper() as server, contextlib.ExitStack() as ending:
        racers = []
        for clone in clones:
            numbers = [str(number) for number in (server.port, posts, channels, claim)]
            racer = subprocess.Popen(
                [sys.executable, str(RACER), str(clone.root), *numbers],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            ending.callback(_end, racer)
            racers.append(racer)
        for racer in racers:
            assert racer.stdout is not None
            assert racer.stdout.readline() == "ready\n"
        for racer in racers:
            assert racer.stdin is not None
            racer.stdin.write("go\n")
            racer.stdin.flush()
        told = [json.loads(racer.communicate(timeout=deadline)[0]) for racer in racers]
        kept = Counter(server.kept)
    total = Counter[str]()
    for one in told:
        total.update(one)
    wanted = {(f"channel-{c}", f"Text of post-{p}.") for c in range(channels) for p in range(posts)}
    print(
        f"\nrace: {processes} processes, {len(wanted)} deliveries, {total['sends']} sends, "
        f"{total['refused']} rejected claims, {total['runs']} runs; sends by process: {[one['sends'] for one in told]}"
    )
    assert set(kept) == wanted, "lost"
    assert set(kept.values()) == {1}, f"twice: {[name for name, times in kept.items() if times > 1]}"
    assert total["refused"] >= processes - 1, "nobody was in anybody's way: this was no race"
    last = stage.clone("afterwards")
    last.publish(dry_run=True)
    ledger = last.ledger()
    assert len(ledger.deliveries) == len(wanted)
    assert not ledger.faults
    for delivery in ledger.deliveries.values():
        assert state_of(delivery) is State.CONFIRMED
        assert confirmed_at(delivery) is not None
        assert len([event for event in delivery.events if event.state is State.INTENT]) == 1
    assert not first.workspace.ledger.exists(), "a clone that did not run was touched"


def _end(racer: subprocess.Popen[str]) -> None:
    with racer:
        racer.kill()


def test_three_runs_send_twenty_deliveries_once_each(tmp_path: Path) -> None:
    run_race(tmp_path, processes=3, posts=5, channels=4, claim=4, deadline=60)


@pytest.mark.nightly
def test_eight_runs_send_two_hundred_deliveries_once_each(tmp_path: Path) -> None:
    run_race(tmp_path, processes=8, posts=5, channels=40, claim=10, deadline=900)
