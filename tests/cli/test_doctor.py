"""The watchdog, through the command line: on a real remote and the sandbox."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from people_stage import LATER, NOW, SENT, Stage, open_stage
from publishing_stage import git
from socialops.publishing.machine import Perhaps, after

LOOK = ("doctor", "--publishing", "--now")


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Stage]:
    yield from open_stage(tmp_path, monkeypatch, capsys)


@pytest.fixture
def asked() -> Iterator[tuple[str, list[str]]]:
    """A service that watches over us: its address, and the paths it was asked for."""
    paths: list[str] = []

    class Service(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            paths.append(self.path)
            self.send_response(200 if "/down" not in self.path else 500)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's word
            return

    with HTTPServer(("127.0.0.1", 0), Service) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", paths
        server.shutdown()
        thread.join()


def test_when_all_is_well_every_line_says_so(stage: Stage, asked: tuple[str, list[str]]) -> None:
    stage.run("publish", "--now", NOW)
    said = stage.run(*LOOK, LATER, "--online", "--ping", f"{asked[0]}/key")
    assert all(line.startswith("fine") for line in said.splitlines())
    for subject in (
        "remote",
        "last run",
        "overdue",
        "claims",
        "attention",
        "ledger",
        "channel bluesky",
        "token mastodon",
    ):
        assert f"\nfine       {subject} " in f"\n{said}"
    assert "all 2 deliveries can be trusted" in said
    assert "it works: @test@mastodon.example" in said
    assert asked[1] == ["/key"]


def test_what_should_be_out_by_now_is_wrong(stage: Stage, asked: tuple[str, list[str]]) -> None:
    assert "nothing is overdue" in stage.run(*LOOK, NOW)
    said = stage.run(*LOOK, "2026-12-01 10:30", "--ping", f"{asked[0]}/key", code=1)
    assert "2 deliveries should be out by now: kis → bluesky, kis → mastodon" in said
    assert asked[1] == ["/key/fail"]
    assert "should be out by now" in stage.run(*LOOK, "2026-12-02 09:00", code=1)


def test_a_claim_past_its_lease_is_wrong_and_what_nobody_knows_needs_a_person(stage: Stage) -> None:
    stage.lost(ask=False)
    assert "no claim is past its lease" in stage.run(*LOOK, NOW)
    assert "1 delivery claimed by a run that did not say" in stage.run(*LOOK, LATER, code=1)
    stage.change(lambda delivery: after(delivery, 0, Perhaps("no answer"), SENT))
    said = stage.run(*LOOK, LATER, code=3)
    assert "1 delivery perhaps sent, to be looked up by the next run: kis → mastodon" in said


def test_a_damaged_record_and_a_newer_ledger_need_a_person(stage: Stage, asked: tuple[str, list[str]]) -> None:
    stage.lost()
    assert "1 delivery waiting for a person: kis → mastodon" in stage.run(*LOOK, LATER, code=3)
    file = next(stage.workspace.ledger.glob("*/*/kis/bluesky.json"))
    file.write_bytes(file.read_bytes()[:-40])
    (stage.workspace.ledger / "SCHEMA").write_text('{"schema": 1}\n', "utf-8")
    git(stage.workspace.data, "commit", "--quiet", "--all", "-m", "Damage")
    git(stage.workspace.data, "push", "--quiet", "origin", "HEAD:socialops-data")
    document = json.loads(stage.run(*LOOK, LATER, "--format", "json", code=3))
    assert document["kind"] == "doctor"
    ledger = next(finding for finding in document["findings"] if finding["subject"] == "ledger")
    assert ledger["level"] == "attention"
    assert "1 delivery blocked: kis → bluesky" in ledger["message"]
    (stage.workspace.ledger / "SCHEMA").write_text('{"schema": 99}\n', "utf-8")
    git(stage.workspace.data, "commit", "--quiet", "--all", "-m", "Newer")
    git(stage.workspace.data, "push", "--quiet", "origin", "HEAD:socialops-data")
    assert "newer socialops" in stage.run(*LOOK, LATER, "--ping", f"{asked[0]}/key", code=3)
    assert asked[1] == ["/key/fail"]


def test_missing_and_wrong_credentials_are_named(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOCIALOPS_BLUESKY_TOKEN", "wrong")
    monkeypatch.delenv("SOCIALOPS_MASTODON_TOKEN")
    said = stage.run(*LOOK, NOW, "--online", code=1)
    assert "set SOCIALOPS_MASTODON_TOKEN" in said
    assert "wrong      token bluesky" in said
    assert "token mastodon" not in said


def test_a_remote_that_does_not_answer_is_wrong(stage: Stage) -> None:
    stage.run("publish", "--now", NOW)
    stage.remote.rename(stage.remote.with_name("away.git"))
    assert "wrong      remote" in stage.run(*LOOK, LATER, code=1)


def test_a_watching_service_that_fails_is_only_a_warning(stage: Stage, asked: tuple[str, list[str]]) -> None:
    said = stage.run(*LOOK, NOW, "--ping", f"{asked[0]}/down")
    assert "warning: the watching service answered 500: look whether its address is still right." in said
    said = stage.run(*LOOK, NOW, "--ping", "http://127.0.0.1:1/secret-key")
    assert "warning: the watching service could not be told" in said
    assert "secret-key" not in said
    assert "--ping needs an address" in stage.run(*LOOK, NOW, "--ping", "secret-key", code=2)
