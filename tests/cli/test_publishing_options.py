"""What `socialops publish` is told on the command line: the time, and how long to wait."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from builder import SETTINGS, workspace
from socialops.cli import run
from socialops.networks.sandbox.server import Sandbox

HANDLE = "@test@mastodon.example"
CHANNEL = "---\nnetwork: mastodon\nhandle: '@test@mastodon.example'\nhost: {}\nzone: Europe/Istanbul\n{}---\n"
POST = "---\ntitle: Winter\nchannels: [mastodon]\ndate: {}\n---\nThe lamps are out.\n"


def begin(folder: Path, monkeypatch: pytest.MonkeyPatch, host: str, *, date: str, more: str = "") -> None:
    files = {
        "pyproject.toml": SETTINGS,
        "brand/channels/mastodon.md": CHANNEL.format(host, more),
        "posts/winter.md": POST.format(date),
    }
    monkeypatch.chdir(workspace(folder, files).root)
    monkeypatch.setenv("SOCIALOPS_MASTODON_TOKEN", "token")
    monkeypatch.setenv("SOCIALOPS_MASTODON_HOST", host)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--wait", "soon"], "'soon' is not a length of time; write 90s, 15m, 3h, 2d or 1w"),
        (["--wait", "2d"], "--wait 2d is longer than 5 hours."),
        (["--wait", "15m", "--now", "2026-12-01 09:30"], "--wait waits for the real time, and --now is another."),
    ],
)
def test_a_wait_that_cannot_be_is_said(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    words: str,
) -> None:
    begin(tmp_path, monkeypatch, "https://mastodon.example", date="2026-12-01 09:30")
    assert run(["publish", *arguments]) == 2
    assert words in capsys.readouterr().err


def test_a_rehearsed_time_sends_nothing_to_a_real_channel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # Nothing listens there: a run that tried to send would say that the server cannot be reached.
    begin(tmp_path, monkeypatch, "https://mastodon.invalid", date="2026-12-01 09:30")
    assert run(["publish", "--now", "2026-12-01 09:35"]) == 0
    said = capsys.readouterr()
    assert "the time is not the real one (--now), so only practice channels get anything" in said.out + said.err


def test_a_rehearsed_time_without_sending_shows_what_would_go_to_a_real_channel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    begin(tmp_path, monkeypatch, "http://127.0.0.1:9", date="2026-12-01 09:30")
    assert run(["publish", "--dry-run", "--now", "2026-12-01 09:35"]) == 0
    assert "would be sent" in capsys.readouterr().out


@pytest.mark.parametrize(("more", "code"), [("", 2), ("sandbox: true\n", 0)])
def test_the_servers_clock_is_compared_with_ours_but_a_practice_server_may_play_with_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], more: str, code: int
) -> None:
    due = datetime.now(UTC) - timedelta(minutes=5)
    with Sandbox(now=datetime(2020, 1, 1, tzinfo=UTC)) as server:
        begin(tmp_path, monkeypatch, server.url, date=due.isoformat(timespec="seconds"), more=more)
        monkeypatch.setenv("SOCIALOPS_MASTODON_TOKEN", server.add_account(HANDLE, "Test", "UTC", 10, "en"))
        assert run(["publish"]) == code
    said = capsys.readouterr()
    assert ("mastodon says 2020-01-01T00:00:00Z." in said.err) == (code == 2)
    assert ("Nothing was sent." in said.err) == (code == 2)
