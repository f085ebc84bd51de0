"""One of several runs that race for the same posts: a process of its own, with a clone of its own.

    racer.py CLONE PORT POSTS CHANNELS CLAIM

It says `ready`, waits for a line, publishes until every delivery is settled, and says what it did as JSON.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import time
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from publishing_stage import DUE, a_channel, a_post
from socialops.content.brand import Brand
from socialops.content.load import Content
from socialops.networks.base import Account, Idempotency, Stat
from socialops.networks.draft import Part, Receipt
from socialops.publishing import engine, sending
from socialops.workspace import find_workspace

PATIENCE = 300
"""Runs after which it gives up: the test then finds what is missing."""


class Wire:
    """A network at the other end of a socket, which keeps all it gets, twice if it gets it twice."""

    name = "mastodon"
    idempotency = Idempotency.READBACK
    key_lifetime = 0

    def __init__(self, port: int, channel: str) -> None:
        self.port = port
        self.channel = channel
        self.sends = 0

    def key(self, delivery: str, part: int, at: datetime) -> str:
        return f"{delivery}#{part}"

    def publish(self, part: Part, *, key: str) -> Receipt:
        self.sends += 1
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as wire, wire.makefile("rw") as file:
            file.write(json.dumps({"key": key, "text": part.text, "channel": self.channel}) + "\n")
            file.flush()
            number = json.loads(file.readline())
        return Receipt(str(number), f"https://mastodon.example/{number}", "2026-12-01T06:30:00Z")

    def find(self, part: Part, *, key: str, since: datetime) -> Receipt | None:
        raise AssertionError("nothing is uncertain in this race")

    def measure(self, receipts: Sequence[Receipt]) -> Iterable[Stat]:
        return []

    def account(self) -> Account:
        return Account("1", "@test@mastodon.example", "Test", "https://mastodon.example/@test")


def race(clone: Path, port: int, posts: int, channels: int, claim: int) -> dict[str, int]:
    names = [f"channel-{number}" for number in range(channels)]
    content = Content(
        find_workspace(clone),
        tuple(a_post(f"post-{number}", channels=names) for number in range(posts)),
        {name: a_channel(name) for name in names},
        Brand(),
    )
    networks = {name: Wire(port, name) for name in names}
    # Many small claims: so that there is something to race for.
    sending.MOST_IN_A_CLAIM = sending.MOST_AT_A_TIME = claim
    refused = runs = troubles = 0
    for _ in range(PATIENCE):
        outcome = engine.publish(
            content.workspace,
            content,
            now=lambda: DUE,
            open_network=lambda channel: networks[channel.name],
            problems=(),
            # The waits between two tries are as long as a remote may be down. Here nobody is ever down.
            sleep=lambda seconds: time.sleep(min(seconds, 2.0) / 10),
        )
        runs += 1
        refused += outcome.refused
        troubles += bool(outcome.trouble)
        if all(decision.action == "settled" for decision in outcome.plan.decisions):
            break
        time.sleep(0.05)
    sends = sum(network.sends for network in networks.values())
    return {"refused": refused, "runs": runs, "sends": sends, "troubles": troubles}


def main() -> None:
    os.fsync = lambda _descriptor: None  # type: ignore[assignment]  # nobody pulls the plug of the machine here
    clone, *numbers = sys.argv[1:]
    print("ready", flush=True)
    sys.stdin.readline()
    print(json.dumps(race(Path(clone), *map(int, numbers))), flush=True)


if __name__ == "__main__":
    main()
