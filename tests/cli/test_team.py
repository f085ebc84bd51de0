"""What people type after `socialops team`, and what becomes of CODEOWNERS."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from inline_snapshot import snapshot

from builder import workspace
from socialops.cli import run

TEAM = """\
people:
  ayse: {name: Ayşe, roles: [manager], forge: ayse-lumen, languages: [tr, en]}
  noam: {name: נועם, roles: [writer, community], forge: noam-lumen, languages: [he]}
approvals:
  - {what: posts/, who: [ayse]}
  - {what: "language:he", who: [noam]}
"""
POST = "---\ndate: 2026-12-01 09:30\nchannels: [mastodon]\nlang: he\n---\nשלום\n"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    workspace(tmp_path, {"brand/team.yml": TEAM, "posts/shalom.md": POST})
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_team_is_shown(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["team"]) == 0
    assert capsys.readouterr().out == snapshot(
        """\
People
  ayse  Ayşe: manager; reads tr, en
  noam  נועם: writer, community; reads he

Who approves what
  posts/       ayse
  language:he  noam
"""
    )
    assert run(["team", "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["kind"] == "team"
    assert told["approvals"][1] == {"what": "language:he", "kind": "language", "who": ["noam"]}


def test_whose_word_a_post_needs_is_shown(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["team", "posts/shalom.md"]) == 0
    assert capsys.readouterr().out == snapshot(
        """\
shalom needs:
  posts/: ayse (the forge asks @ayse-lumen)
  language:he: noam (name one of them as `approver:`)
"""
    )
    assert run(["team", "shalom", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["needs"][0] == {"what": "posts/", "who": ["ayse"], "routed": True}
    assert run(["team", "shalon"]) == 2
    assert "Did you mean 'shalom'?" in capsys.readouterr().err


def test_codeowners_is_written_once_and_rehearsed_before(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = here / ".github" / "CODEOWNERS"
    assert run(["team", "--write", "--dry-run"]) == 0
    assert not file.exists()
    assert "would change" in capsys.readouterr().err
    assert run(["team", "--write"]) == 0
    assert "/posts/ @ayse-lumen\n" in file.read_text("utf-8")
    assert "is written anew" in capsys.readouterr().err
    assert run(["team", "--write"]) == 0
    assert "is in step already" in capsys.readouterr().err


@pytest.mark.parametrize(
    "spoilt",
    ["people: [", TEAM.replace("who: [ayse]", "who: [aysee]"), TEAM + "peple: {}\n", TEAM.replace("posts/", "psts/")],
)
def test_a_team_that_cannot_be_read_never_empties_codeowners(
    here: Path, spoilt: str, capsys: pytest.CaptureFixture[str]
) -> None:
    run(["team", "--write"])
    file = here / ".github" / "CODEOWNERS"
    before = file.read_bytes()
    (here / "brand" / "team.yml").write_text(spoilt, "utf-8")
    assert run(["team", "--write"]) == 2
    assert "brand/team.yml:" in capsys.readouterr().err
    assert file.read_bytes() == before


def test_options_that_do_not_go_together_are_told(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["team", "shalom", "--write"]) == 2
    assert run(["team", "--dry-run"]) == 2
    assert "goes with --write" in capsys.readouterr().err


def test_without_a_team_it_says_how_to_begin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    workspace(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert run(["team"]) == 0
    assert "write brand/team.yml" in capsys.readouterr().out
