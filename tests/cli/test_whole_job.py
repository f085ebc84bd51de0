"""The main job through the command line: check, preview, plan, publish, snapshot, on a real remote and the sandbox."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from people_stage import NOW, Stage, open_stage
from publishing_stage import git
from socialops.cli import run

POST = """\
---
title: Kış
date: 2026-12-01 09:30
channels: [mastodon, bluesky]
lang: tr
tags: [kış]
---
İlk kar düştü, ışıklar yandı.
"""


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Stage]:
    yield from open_stage(tmp_path, monkeypatch, capsys, post=POST)


def test_a_post_is_published_once_recorded_measured_and_shown(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check"]) == 0
    assert "2 posts checked: nothing to correct." in capsys.readouterr().out

    assert run(["publish", "--now", NOW, "--dry-run", "--format", "json"]) == 0
    rehearsed = json.loads(capsys.readouterr().out)
    assert {(result["post"], result["channel"]) for result in rehearsed["results"]} == {
        ("kis", "mastodon"),
        ("kis", "bluesky"),
    }
    assert git(stage.remote, "branch", "--list", "socialops-data") == ""

    assert run(["publish", "--now", NOW, "--format", "json"]) == 0
    outcome = json.loads(capsys.readouterr().out)
    assert {(result["post"], result["channel"], result["state"]) for result in outcome["results"]} == {
        ("kis", "mastodon", "confirmed"),
        ("kis", "bluesky", "confirmed"),
    }
    assert all(result["url"].startswith(stage.sandbox.url) for result in outcome["results"])

    assert run(["publish", "--now", "2026-12-01 09:50"]) == 0
    assert "Nothing was sent." in capsys.readouterr().out

    recorded = git(stage.remote, "ls-tree", "-r", "--name-only", "socialops-data")
    assert "ledger/2026/12/kis/mastodon.json" in recorded
    assert "ledger/2026/12/kis/bluesky.json" in recorded
    assert git(stage.workspace.root, "status", "--porcelain") == ""
    assert git(stage.workspace.root, "log", "--format=%s", "main") == "Begin"

    stage.sandbox.set_clock(datetime(2026, 12, 1, 18, 0, tzinfo=UTC))
    assert run(["snapshot", "--now", "2026-12-01 21:00"]) == 0
    rows = (stage.workspace.metrics / "2026/12/2026-12-01.csv").read_text("utf-8").splitlines()
    assert rows[0] == "at,channel,post,part,metric,value"
    assert any(",mastodon,kis,0,likes," in row for row in rows)
    assert any(",bluesky,kis,0,likes," in row for row in rows)


def test_the_plan_says_what_waits_and_why(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["plan", "--now", NOW, "--format", "json"]) == 0
    plan = json.loads(capsys.readouterr().out)
    assert plan["version"] == 1
    actions = {(item["post"], item["channel"]): item["action"] for item in plan["decisions"]}
    assert actions == {("kis", "mastodon"): "send", ("kis", "bluesky"): "send", ("later", "mastodon"): "later"}
    assert run(["plan", "--now", "2026-12-03 12:00"]) == 0
    said = capsys.readouterr().out
    assert "Too late (2)" in said
    assert "kis → mastodon" in said


def test_without_credentials_a_delivery_is_held_and_the_variable_named(
    stage: Stage, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SOCIALOPS_BLUESKY_TOKEN")
    assert run(["plan", "--now", NOW]) == 0
    assert "set SOCIALOPS_BLUESKY_TOKEN" in capsys.readouterr().out
    run(["publish", "--now", NOW])
    said = capsys.readouterr().out
    assert "confirmed   kis → mastodon" in said
    assert "held        kis → bluesky" in said
    assert "set SOCIALOPS_BLUESKY_TOKEN" in said


def test_a_token_copied_with_a_line_break_is_told_as_such_and_never_shown(
    stage: Stage, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOCIALOPS_BLUESKY_TOKEN", "very-secret\n")
    assert run(["plan", "--now", NOW]) == 0
    said = capsys.readouterr().out
    assert "Copy it again" in said
    assert "very-secret" not in said


def test_a_broken_list_of_handles_holds_the_posts_that_name_somebody(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    (stage.workspace.root / "brand/handles.yml").write_text("x: [\n", "utf-8")
    named = stage.workspace.root / "posts/named.md"
    named.write_text("---\ndate: 2026-12-01 09:00\nchannels: [bluesky]\n---\nThank you, @club!\n", "utf-8")
    run(["publish", "--now", NOW])
    said = capsys.readouterr().out
    assert "held        named → bluesky" in said
    assert "brand/handles.yml has a problem" in said
    assert "confirmed   kis → mastodon" in said


def test_a_remote_beside_the_workspace_may_be_named_by_a_relative_path(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    git(stage.workspace.root, "remote", "set-url", "origin", "../remote.git")
    assert run(["publish", "--now", NOW]) == 0
    assert "2 confirmed" in capsys.readouterr().out
    assert "kis/mastodon.json" in git(stage.remote, "ls-tree", "-r", "--name-only", "socialops-data")
    assert run(["publish", "--now", "2026-12-01 09:50"]) == 0


def test_a_fresh_clone_plans_with_what_was_published_elsewhere(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["publish", "--now", NOW]) == 0
    other = tmp_path / "other"
    git(tmp_path, "clone", "-q", str(stage.remote), str(other))
    monkeypatch.chdir(other)
    capsys.readouterr()
    assert run(["plan", "--now", "2026-12-01 09:40", "--format", "json"]) == 0
    actions = {(item["post"], item["action"]) for item in json.loads(capsys.readouterr().out)["decisions"]}
    assert ("kis", "settled") in actions
    assert ("kis", "send") not in actions


def test_a_token_is_never_sent_to_another_host_than_its_own(
    stage: Stage, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOCIALOPS_MASTODON_HOST", "https://mastodon.example")
    assert run(["plan", "--now", NOW]) == 0
    said = capsys.readouterr().out
    assert "may not be sent to" in said
    assert run(["publish", "--now", NOW]) in {0, 1}
    assert "mastodon.json" not in git(stage.remote, "ls-tree", "-r", "--name-only", "socialops-data")


def test_the_preview_shows_every_channel_as_it_will_be(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["preview", "kis"]) == 0
    said = capsys.readouterr().out
    assert "mastodon (mastodon, text)  2026-12-01 09:30 +03" in said
    assert said.count("İlk kar düştü, ışıklar yandı.") == 2
    assert "#kış" in said
    assert run(["preview", "posts/kis.md", "--channel", "bluesky", "--format", "json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert [item["draft"]["channel"] for item in document["drafts"]] == ["bluesky"]
    assert run(["preview", "kiss"]) == 2
    assert "Did you mean 'kis'?" in capsys.readouterr().err


def test_accounts_tells_who_we_are_and_keeps_the_servers_limits(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["accounts", "--limits"]) == 0
    said = capsys.readouterr().out
    assert "mastodon: fine" in said
    assert "limits updated" in said
    file = stage.workspace.root / "brand/channels/mastodon.md"
    assert "\nlimits:\n" in file.read_text("utf-8")
    assert run(["check"]) == 0
    capsys.readouterr()
    assert run(["accounts", "--limits"]) == 0
    assert "limits unchanged" in capsys.readouterr().out


def test_pausing_holds_what_is_due(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    pause = stage.workspace.root / "brand/pause.yml"
    pause.write_text("pauses:\n  - what: everything\n    why: we wait for news\n    who: ioana\n", "utf-8")
    assert run(["publish", "--now", NOW]) == 0
    assert not (stage.workspace.ledger / "2026").exists()
    assert run(["plan", "--now", NOW]) == 0
    assert "we wait for news" in capsys.readouterr().out


def test_two_clones_that_publish_one_after_the_other_send_once(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["publish", "--now", NOW]) == 0
    other = tmp_path / "other"
    git(tmp_path, "clone", "-q", str(stage.remote), str(other))
    monkeypatch.chdir(other)
    capsys.readouterr()
    assert run(["publish", "--now", "2026-12-01 09:40", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["results"] == []


def test_numbers_grow_with_the_sandboxs_clock(stage: Stage) -> None:
    assert run(["publish", "--now", NOW]) == 0
    likes = []
    for hours in (2, 30):
        at = datetime(2026, 12, 1, 6, 35, tzinfo=UTC) + timedelta(hours=hours)
        stage.sandbox.set_clock(at)
        assert run(["snapshot", "--now", at.isoformat()]) == 0
        day = stage.workspace.metrics / f"{at:%Y/%m/%Y-%m-%d}.csv"
        rows = [row.split(",") for row in day.read_text("utf-8").splitlines()[1:]]
        likes.append(max(int(row[5]) for row in rows if row[4] == "likes"))
    assert likes == sorted(likes)
