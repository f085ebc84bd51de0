"""A newsletter through the whole engine: sent once or left to a person, and no reader's address in the ledger."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from networks.stub_email import USER, FakeMailServer, parsed
from publishing_stage import Clone, Killed, Stage, a_channel, a_post, kill_at
from socialops.networks.base import Login
from socialops.networks.email import Email

SECRET = "bisiklet-Lambasi-7391"
LIST = "readers@lists.lumenvelo.example"


@pytest.fixture
def server() -> Iterator[FakeMailServer]:
    with FakeMailServer(SECRET).running() as running:
        yield running


def staged(folder: Path, server: FakeMailServer, **settings: str) -> Stage:
    """Return a stage whose channel is a list behind *server*."""
    stage = Stage(folder)
    host = f"smtp://127.0.0.1:{server.port}"
    wanted = {"from": "news@lumenvelo.example", "to": LIST, **settings}
    stage.channels = [a_channel(network="email", handle="", host=host, params=wanted)]
    stage.posts = [a_post(title="Kış geldi")]
    login = Login("mastodon", "", host, SECRET, {"USER": USER}, wanted)
    stage.networks["mastodon"] = Email(login)  # type: ignore[assignment]  # the stage asks for fakes
    return stage


def runs(stage: Stage, clone: Clone, times: int = 6) -> None:
    for _ in range(times):
        stage.clock.turn(minutes=16)
        clone.publish()


def test_a_letter_is_sent_once(tmp_path: Path, server: FakeMailServer) -> None:
    stage = staged(tmp_path, server)
    clone = stage.begin()
    assert clone.publish().exit_code == 0
    runs(stage, clone, 2)
    assert clone.state() == "confirmed"
    assert [parsed(mail)["Subject"] for mail in server.mails] == ["Kış geldi"]


def test_nobody_can_read_who_reads(tmp_path: Path, server: FakeMailServer) -> None:
    clone = staged(tmp_path, server).begin()
    clone.publish()
    ledger = b"".join(file.read_bytes() for file in sorted(clone.workspace.ledger.rglob("*.json")))
    assert b"confirmed" in ledger
    assert LIST.encode() not in ledger
    assert SECRET.encode() not in ledger


def test_a_lost_answer_is_left_to_a_person(tmp_path: Path, server: FakeMailServer) -> None:
    server.lose_answers = 1
    stage = staged(tmp_path, server)
    clone = stage.begin()
    assert clone.publish().exit_code == 3
    runs(stage, clone)
    assert clone.state() == "attention"
    assert len(server.mails) == 1


def test_a_lost_answer_heals_where_the_server_drops_copies(tmp_path: Path, server: FakeMailServer) -> None:
    server.lose_answers, server.deduplicates = 1, True
    stage = staged(tmp_path, server, deduplicates="24h")
    clone = stage.begin()
    clone.publish()
    runs(stage, clone)
    assert clone.state() == "confirmed"
    assert len(server.mails) == 1


def test_a_greylisted_letter_goes_out_later(tmp_path: Path, server: FakeMailServer) -> None:
    server.refuse["RCPT"] = "450 4.2.0 greylisted"
    stage = staged(tmp_path, server)
    clone = stage.begin()
    clone.publish()
    assert clone.state() == "deferred"
    server.refuse.clear()
    runs(stage, clone, 2)
    assert clone.state() == "confirmed"
    assert len(server.mails) == 1


def test_a_refused_letter_has_failed(tmp_path: Path, server: FakeMailServer) -> None:
    server.refuse["RCPT"] = "550 5.1.1 no such list"
    clone = staged(tmp_path, server).begin()
    clone.publish()
    assert clone.state() == "failed"


@pytest.mark.parametrize(("step", "mails"), [("before-send", 0), ("after-send", 1), ("before-outcome-commit", 1)])
def test_a_run_that_dies_sends_no_second_letter(tmp_path: Path, server: FakeMailServer, step: str, mails: int) -> None:
    stage = staged(tmp_path, server)
    first = stage.begin()
    with contextlib.suppress(Killed):
        first.publish(at=kill_at(step, 1))
    fresh = stage.clone("fresh")
    runs(stage, fresh)
    assert fresh.state() == "attention"
    assert len(server.mails) == mails
