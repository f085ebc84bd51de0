"""Every fault ends in one post, or in a person being told: 0 duplicates, 0 silent losses."""

from __future__ import annotations

import contextlib
import itertools
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from builder import SETTINGS, workspace
from publishing_stage import Clone, Killed, Stage, a_post
from socialops.errors import NotSent, TryLater, Unknown
from socialops.networks.base import Idempotency
from socialops.publishing.machine import State, state_of

STEPS = (
    "before-claim-commit",
    "after-claim-commit",
    "after-claim-push",
    "before-send",
    "after-send",
    "before-outcome-commit",
    "after-outcome-commit",
    "after-outcome-push",
)
KEY, READBACK, NONE = Idempotency.KEY, Idempotency.READBACK, Idempotency.NONE
THREAD = ("First part.", "Second part.", "Third part.")


def until_quiet(clone: Clone, stage: Stage, runs: int = 6, **options: Any) -> int:
    """Run every quarter of an hour until nothing is under way; return the last exit code."""
    code = 0
    for _ in range(runs):
        stage.clock.turn(minutes=16)
        code = clone.publish(**options).exit_code
        delivery = clone.ledger().deliveries.get(("launch", "mastodon"))
        if delivery is not None and state_of(delivery) in (State.CONFIRMED, State.ATTENTION, State.FAILED):
            break
    return code


@pytest.mark.parametrize(
    ("step", "idempotency"),
    [
        *itertools.product(STEPS, [KEY, READBACK]),
        *itertools.product(["after-claim-commit", "after-claim-push", "after-send"], [NONE]),
    ],
)
def test_a_runner_that_dies_at_any_step(tmp_path: Path, step: str, idempotency: Idempotency) -> None:
    stage = Stage(tmp_path)
    stage.posts = [a_post(parts=THREAD[:2])]
    stage.network("mastodon", idempotency)
    stage.begin().killed(step)

    fresh = stage.clone("fresh")
    code = until_quiet(fresh, stage)

    if idempotency is NONE and step not in ("before-claim-commit", "after-claim-commit"):
        # Nobody can ask this network: what is there is there once, and a person is told.
        assert stage.place.texts == list(THREAD[: len(stage.place.texts)])
        assert (fresh.state(), code) == ("attention", 3)
    else:
        assert stage.place.texts == list(THREAD[:2])
        assert (fresh.state(), code) == ("confirmed", 0)
        assert fresh.publish().results == ()


def plain(folder: Path, stage: Stage) -> Clone:
    """Return a workspace without git: claims are as durable as files, and a scenario takes milliseconds."""
    return Clone(stage, workspace(folder / "plain", {"pyproject.toml": SETTINGS}).root)


ANSWERS = {
    "yes": None,
    "lost before": Unknown("no answer"),
    "kept, answer lost": ("kept", Unknown("no answer")),
    "adapter breaks": TypeError("a bug"),
    "adapter breaks after": ("kept", KeyError("a bug")),
    "asked to wait": TryLater("busy", after=timedelta(minutes=3)),
    "unreachable": NotSent("no such host"),
    "killed before": Killed(),
    "killed after": ("kept", Killed()),
}


AFTERWARDS = ("yes", "kept, answer lost", "asked to wait", "killed after")


@pytest.mark.parametrize("parts", [1, 3])
@pytest.mark.parametrize("idempotency", [KEY, READBACK, NONE])
def test_two_faults_in_a_row(tmp_path: Path, idempotency: Idempotency, parts: int) -> None:
    scenarios = 0
    for first, second, nth in itertools.product(ANSWERS, AFTERWARDS, {0, parts - 1}):
        stage = Stage(tmp_path / str(scenarios))
        stage.posts = [a_post(parts=THREAD[:parts])]
        network = stage.network("mastodon", idempotency)
        network.answers = [*[None] * nth, ANSWERS[first], ANSWERS[second]]
        clone = plain(stage.folder, stage)
        for _ in range(10):
            with contextlib.suppress(Killed):
                clone.publish()
            if clone.state() in ("confirmed", "attention"):
                break
            stage.clock.turn(minutes=16)
        assert clone.publish().results == ()
        scenarios += 1
        texts = stage.place.texts
        told = f"{first}, then {second}, at part {nth + 1}: {texts}, {clone.state()}"
        assert texts == list(THREAD[: len(texts)]), f"duplicate or disorder: {told}"
        if clone.state() == "confirmed":
            assert len(texts) == parts, f"lost: {told}"
        else:
            assert clone.state() == "attention", f"silent: {told}"
            assert idempotency is NONE, told
    assert scenarios == len(ANSWERS) * len(AFTERWARDS) * min(parts, 2)
