"""`publish --wait`: what falls due while the run waits goes out at its own second."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from publishing_stage import DUE, Clone, Stage, a_channel, a_post, git
from socialops.content.brand import Pause
from socialops.networks.base import Idempotency
from socialops.networks.draft import Part, Receipt
from socialops.publishing.machine import State, last_event

WAIT = timedelta(minutes=15)


class Waiting(Stage):
    """A stage where sleeping takes time, pushes take two seconds, and sends take as long as they are told."""

    def __init__(self, folder: Path, **options: Any) -> None:
        super().__init__(folder, **options)
        self.sent: list[tuple[str, datetime]] = []
        self.send_seconds = 0.4

    def watch(self, channel: str) -> None:
        network = self.networks[channel]
        publish = network.publish

        def watched(part: Part, *, key: str) -> Receipt:
            self.sent.append((part.text, self.clock()))
            self.clock.turn(seconds=self.send_seconds)
            return publish(part, key=key)

        network.publish = watched  # type: ignore[method-assign]

    def sleep(self, seconds: float) -> None:
        self.clock.turn(seconds=seconds)

    def step(self, name: str) -> None:
        if name == "after-claim-commit":
            self.clock.turn(seconds=2)

    def wait(self, clone: Clone, **options: Any) -> Any:
        return clone.publish(**{"sleep": self.sleep, "at": self.step, "wait": WAIT, **options})


def begin(folder: Path, *dates: str, **fields: Any) -> tuple[Waiting, Clone]:
    stage = Waiting(folder)
    stage.posts = [a_post(f"post-{number}", date=date, **fields) for number, date in enumerate(dates, start=1)]
    stage.watch("mastodon")
    return stage, stage.begin()


def test_what_falls_due_is_sent_at_its_second(tmp_path: Path) -> None:
    stage, clone = begin(tmp_path, "2026-12-01 09:30", "2026-12-01 09:42")

    outcome = stage.wait(clone)

    assert outcome.exit_code == 0
    assert stage.sent == [
        ("Text of post-1.", DUE + timedelta(seconds=2)),
        ("Text of post-2.", DUE + timedelta(minutes=12)),
    ]
    claim = last_event(clone.delivery("post-2"), 0, State.INTENT)
    assert claim is not None
    assert claim.at == "2026-12-01T06:41:30Z", "claimed half a minute before"


def test_what_falls_due_later_is_for_the_next_run(tmp_path: Path) -> None:
    stage, clone = begin(tmp_path, "2026-12-01 09:45", "2026-12-01 09:46")
    stage.wait(clone)
    assert stage.sent == [("Text of post-1.", DUE + WAIT)]
    assert stage.clock() < DUE + timedelta(minutes=15, seconds=10)


def test_a_run_that_waits_for_nothing_ends_at_once(tmp_path: Path) -> None:
    stage, clone = begin(tmp_path, "2026-12-01 10:30")
    stage.wait(clone)
    assert stage.clock() == DUE


def test_without_wait_nothing_is_waited_for(tmp_path: Path) -> None:
    stage, clone = begin(tmp_path, "2026-12-01 09:31")
    stage.wait(clone, wait=timedelta(0))
    assert (stage.sent, stage.clock()) == ([], DUE)


def test_what_falls_due_while_another_is_sent_is_not_forgotten(tmp_path: Path) -> None:
    stage, clone = begin(tmp_path, "2026-12-01 09:40")
    stage.channels.append(a_channel("other"))
    stage.network("other", Idempotency.READBACK)
    stage.watch("other")
    stage.posts.append(a_post("side", channels=("other",), date="2026-12-01T09:40:20+03:00"))
    stage.send_seconds = 45

    stage.wait(clone)

    due = DUE + timedelta(minutes=10)
    assert stage.sent[0] == ("Text of post-1.", due)
    assert stage.sent[1][0] == "Text of side."
    assert stage.sent[1][1] - due < timedelta(seconds=50)


def test_a_pause_pulled_while_the_run_waits_holds(tmp_path: Path) -> None:
    stage, clone = begin(tmp_path, "2026-12-01 09:40")
    pulled = DUE + timedelta(minutes=9, seconds=58)

    def pauses() -> tuple[Pause, ...]:
        return (Pause("everything", "a crisis"),) if stage.clock() >= pulled else ()

    stage.wait(clone, pauses=pauses)

    assert stage.sent == []
    assert clone.state("post-1") == "deferred"


def test_a_run_that_is_asked_to_stop_stops_waiting(tmp_path: Path) -> None:
    stage, clone = begin(tmp_path, "2026-12-01 09:40")
    stage.wait(clone, stopping=lambda: stage.clock() >= DUE + timedelta(minutes=3))
    assert stage.sent == []
    assert stage.clock() <= DUE + timedelta(minutes=3, seconds=2)
    assert clone.ledger().deliveries == {}, "nothing was claimed"


def test_two_runs_that_wait_send_it_once(tmp_path: Path) -> None:
    stage, clone = begin(tmp_path, "2026-12-01 09:40")
    other = stage.clone("other")
    steps = itertools.count()

    def meanwhile(name: str) -> None:
        if name == "before-claim-commit" and next(steps) == 0:
            other.publish(sleep=stage.sleep, wait=WAIT)

    stage.wait(clone, at=meanwhile)

    assert [text for text, _ in stage.sent] == ["Text of post-1."]
    assert stage.place.texts == ["Text of post-1."]


def test_nobody_is_locked_out_while_a_run_waits(tmp_path: Path) -> None:
    stage, clone = begin(tmp_path, "2026-12-01 09:40")
    inside: list[int] = []

    def sleep(seconds: float) -> None:
        stage.sleep(seconds)
        if not inside:
            inside.append(clone.publish().exit_code)

    stage.wait(clone, sleep=sleep)
    assert inside == [0]
    assert [text for text, _ in stage.sent] == ["Text of post-1."]
    assert git(clone.workspace.data, "status", "--porcelain") == ""


def test_a_remote_that_goes_away_while_a_run_waits_hides_nothing_of_what_was_sent(tmp_path: Path) -> None:
    stage, clone = begin(tmp_path, "2026-12-01 09:30", "2026-12-01 09:42")

    def sleep(seconds: float) -> None:
        stage.sleep(seconds)
        if stage.remote.exists():
            stage.remote.rename(tmp_path / "away.git")

    outcome = stage.wait(clone, sleep=sleep)

    assert [(result.post, str(result.state)) for result in outcome.results] == [("post-1", "confirmed")]
    assert outcome.exit_code == 1
    assert outcome.trouble.startswith("The run ended early: git ")
    assert [text for text, _ in stage.sent] == ["Text of post-1."]
