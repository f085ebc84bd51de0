"""The watchdog, through the command line: on a real remote and the sandbox."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from people_stage import LATER, NOW, SENT, Stage, open_stage
from publishing_stage import git
from socialops.publishing.happened import Perhaps
from socialops.publishing.heartbeat import heartbeat
from socialops.publishing.machine import after

LOOK = ("doctor", "--publishing", "--now")


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Stage]:
    yield from open_stage(tmp_path, monkeypatch, capsys)


@pytest.fixture
def asked() -> Iterator[tuple[str, list[str]]]:
    """A service that watches over us: its address, and the paths it was asked for."""
    paths: list[str] = []
    over = threading.Event()

    class Service(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            paths.append(self.path)
            if self.path == "/hanging":
                over.wait(10)
                return
            self.send_response({"/down": 500, "/moved": 301}.get(self.path, 200))
            self.send_header("Location", "/elsewhere")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's word
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Service) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", paths
        over.set()
        server.shutdown()
        thread.join()


def test_when_all_is_well_every_line_says_so(stage: Stage, asked: tuple[str, list[str]]) -> None:
    stage.run("publish", "--now", NOW)
    said = stage.run(*LOOK, LATER, "--online", "--ping", f"{asked[0]}/key")
    lines = [line for line in said.splitlines() if line and line not in {"Publishing", "Secrets and tokens"}]
    assert all(line.startswith("✓ fine ") for line in lines)
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
        assert f"\n✓ fine       {subject} " in f"\n{said}"
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


def test_a_service_that_moved_is_not_followed(stage: Stage, asked: tuple[str, list[str]]) -> None:
    said = stage.run(*LOOK, NOW, "--ping", f"{asked[0]}/moved")
    assert "warning: the watching service was not told: it says that it moved (301). Copy its address anew" in said
    assert asked[1] == ["/moved"]


def test_a_service_that_hangs_holds_nobody(
    stage: Stage, asked: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("socialops.cli.doctor.PING_DEADLINE", 0.3)
    begun = time.monotonic()
    said = stage.run(*LOOK, NOW, "--ping", f"{asked[0]}/hanging")
    assert "warning: the watching service could not be told: 127.0.0.1" in said
    assert time.monotonic() - begun < 5
    assert asked[1] == ["/hanging"]


def test_a_failure_is_told_before_the_query_of_the_address(stage: Stage, asked: tuple[str, list[str]]) -> None:
    stage.run(*LOOK, "2026-12-01 10:30", "--ping", f"{asked[0]}/key/?create=1#top", code=1)
    assert asked[1] == ["/key/fail?create=1"]


def test_a_workspace_that_cannot_be_read_is_told_too(stage: Stage, asked: tuple[str, list[str]]) -> None:
    (stage.workspace.root / "pyproject.toml").write_text("[tool.socialops\n", "utf-8")
    stage.run(*LOOK, NOW, "--ping", f"{asked[0]}/key", code=2)
    assert asked[1] == ["/key/fail"]


@pytest.mark.parametrize(
    "url",
    [
        "secret-key",
        "ftp://a.example/secret-key",
        "https://",
        "https://[::1/secret-key",
        "https://name:secret-key@a.example/",
        "https://a.example/secret-key https://a.example/",
        "https://a.example/secret-key\n",
    ],
)
def test_an_address_that_cannot_be_asked_is_refused_and_not_repeated(stage: Stage, url: str) -> None:
    said = stage.run(*LOOK, NOW, "--ping", url, code=2)
    assert "--ping needs the whole address that the watching service shows" in said
    assert "secret-key" not in said


@pytest.mark.parametrize("url", ["https://a.example:99999/secret-key", "https://xn--a.invalid/secret-key"])
def test_an_address_where_nobody_is_makes_one_clear_warning(stage: Stage, url: str) -> None:
    said = stage.run(*LOOK, NOW, "--ping", url)
    assert said.count("warning: the watching service could not be told:") == 1
    assert "secret-key" not in said


# --- dead, or alive with nothing to do? -----------------------------------------------------------------------------


def test_silence_is_told_though_nothing_is_overdue(stage: Stage, asked: tuple[str, list[str]]) -> None:
    stage.run("publish", "--now", NOW)
    night = "2026-12-01 18:00"
    said = stage.run(*LOOK, night, "--ping", f"{asked[0]}/key", code=1)
    assert "nothing is overdue" in said
    assert "wrong      last run          8 h ago; a run that has nothing to do would have left a sign" in said
    assert asked[1] == ["/key/fail"]

    # Some other machine ran since, and pushed.
    heartbeat(stage.workspace.data, datetime(2026, 12, 1, 13, 0, tzinfo=UTC))
    git(stage.workspace.data, "add", "heartbeat.json")
    git(stage.workspace.data, "commit", "--quiet", "-m", "heartbeat")
    git(stage.workspace.data, "push", "--quiet", "origin", "HEAD:socialops-data")
    git(stage.workspace.data, "reset", "--quiet", "--hard", "HEAD~1")
    assert "fine       last run          2 h ago" in stage.run(*LOOK, night)


def test_looking_begins_nothing(stage: Stage) -> None:
    before = git(stage.remote, "for-each-ref"), git(stage.workspace.root, "for-each-ref")
    assert "there is none yet" in stage.run(*LOOK, NOW)
    assert (git(stage.remote, "for-each-ref"), git(stage.workspace.root, "for-each-ref")) == before
    assert not stage.workspace.data.exists()
    git(stage.workspace.root, "remote", "remove", "origin")
    assert "remote            there is none, so nothing was asked" in stage.run(*LOOK, NOW)


def test_the_end_of_a_token_is_told_and_leaves_the_plan_alone(stage: Stage) -> None:
    file = stage.workspace.brand / "channels/mastodon.md"
    file.write_text(file.read_text("utf-8").replace("\nzone:", "\ntoken_expires: 2026-12-08\nzone:"), "utf-8")
    said = stage.run(*LOOK, NOW)
    assert "warning    token end mastodon  its token ends within 7 days, on 2026-12-08" in said
    assert f"Make a new one at {stage.sandbox.url}, put it into the secret SOCIALOPS_MASTODON_TOKEN" in said
    assert "its token ended on 2026-12-08" in stage.run(*LOOK, "2026-12-09 09:00", code=1)
    assert "Due now (2)" in stage.run("plan", "--now", NOW)
    stage.run("plan", "--attention", "--now", NOW)

    file.write_text(file.read_text("utf-8").replace("2026-12-08", "soon"), "utf-8")
    assert "'soon' is not a day." in stage.run("check", code=1)


def test_a_practice_channel_misses_nothing(stage: Stage) -> None:
    for name in ("mastodon", "bluesky"):
        file = stage.workspace.brand / f"channels/{name}.md"
        file.write_text(file.read_text("utf-8").replace("\nzone:", "\nsandbox: true\nzone:"), "utf-8")
    assert "nothing is overdue" in stage.run(*LOOK, "2026-12-02 09:00")
