"""Networks that make something nobody sees first, and show it in a second step: what it is called is never lost."""

from __future__ import annotations

import contextlib
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from publishing_stage import FakeNetwork, Killed, Stage, git, kill_at
from socialops.errors import Rejected, TryLater, Unknown
from socialops.networks.base import Idempotency
from socialops.networks.draft import Part, Receipt


class Containers(FakeNetwork):
    """A network of containers: each can be shown once, and be asked whether it was."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.containers: dict[str, str] = {}
        self.unready: list[Exception] = []
        self.prepared: list[str] = []

    def prepare(self, part: Part, *, key: str) -> str:
        self.prepared.append(part.handle)
        if self.unready:
            raise self.unready.pop(0)
        if part.handle:
            return part.handle
        handle = f"container-{len(self.containers) + 1}"
        self.containers[handle] = ""
        return handle

    def publish(self, part: Part, *, key: str) -> Receipt:
        assert part.handle in self.containers
        receipt = super().publish(part, key=key)
        self.containers[part.handle] = receipt.id
        return receipt

    def keep(self, part: Part, key: str) -> Receipt:
        receipt = super().keep(part, key)
        self.containers[part.handle] = receipt.id
        return receipt

    def find(self, part: Part, *, key: str, since: datetime) -> Receipt | None:
        self.looks += 1
        shown = self.containers[part.handle]
        return self.receipt(shown) if shown else None


def begin(folder: Path) -> tuple[Stage, Containers]:
    stage = Stage(folder)
    network = Containers(stage.places["mastodon"], stage.clock, Idempotency.HANDLE)
    stage.networks["mastodon"] = network
    return stage, network


def test_what_it_is_called_is_on_the_remote_before_it_is_shown(tmp_path: Path) -> None:
    stage, network = begin(tmp_path)
    clone = stage.begin()
    seen: list[str] = []
    publish = network.publish

    def watched(part: Part, *, key: str) -> Receipt:
        seen.append(git(stage.remote, "show", "socialops-data:ledger/2026/12/launch/mastodon.json"))
        return publish(part, key=key)

    network.publish = watched  # type: ignore[method-assign]
    assert clone.publish().exit_code == 0
    assert '"handle": "container-1"' in seen[0]
    assert clone.state() == "confirmed"
    assert stage.place.texts == ["Text of launch."]


@pytest.mark.parametrize("step", ["before-send", "after-send", "before-outcome-commit", "after-outcome-commit"])
@pytest.mark.parametrize("nth", [1, 2])
def test_a_run_that_dies_between_the_steps_leaves_one_post(tmp_path: Path, step: str, nth: int) -> None:
    stage, _ = begin(tmp_path)
    first = stage.begin()
    with contextlib.suppress(Killed):
        first.publish(at=kill_at(step, nth))
    fresh = stage.clone("fresh")
    for _ in range(6):
        stage.clock.turn(minutes=16)
        fresh.publish()
    assert stage.place.texts == ["Text of launch."]
    assert fresh.state() == "confirmed"


def test_what_is_not_ready_yet_is_gone_on_with_not_made_again(tmp_path: Path) -> None:
    stage, network = begin(tmp_path)
    clone = stage.begin()
    network.answers = [TryLater("still being processed", after=timedelta(minutes=5))]
    clone.publish()
    assert clone.state() == "deferred"
    stage.clock.turn(minutes=16)
    assert clone.publish().exit_code == 0
    assert network.prepared == ["", "container-1"]
    assert list(network.containers) == ["container-1"]
    assert stage.place.texts == ["Text of launch."]


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (Rejected("not such a picture", code="36003"), "failed"),
        (TryLater("busy", after=timedelta(minutes=5)), "deferred"),
        (Unknown("lost"), "deferred"),
        (RuntimeError("a bug"), "deferred"),
    ],
)
def test_what_goes_wrong_before_anything_is_shown_was_not_sent(tmp_path: Path, error: Exception, state: str) -> None:
    stage, network = begin(tmp_path)
    network.unready = [error]
    clone = stage.begin()
    clone.publish()
    assert (clone.state(), network.sends) == (state, 0)


def test_a_lost_answer_is_asked_for_by_what_it_is_called(tmp_path: Path) -> None:
    stage, network = begin(tmp_path)
    network.answers = [("kept", Unknown("lost"))]
    clone = stage.begin()
    clone.publish()
    assert clone.state() == "unknown"
    stage.clock.turn(minutes=16)
    clone.publish()
    assert (clone.state(), network.sends) == ("confirmed", 1)
