"""Publishing through the engine, with real git and networks that keep what they get."""

from __future__ import annotations

from pathlib import Path

from publishing_stage import Stage, git


def test_what_is_due_is_published_and_recorded(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    clone = stage.begin()

    outcome = clone.publish()

    assert outcome.exit_code == 0
    assert [(r.post, r.channel, r.state, r.url) for r in outcome.results] == [
        ("launch", "mastodon", "confirmed", "https://mastodon.example/@test/1")
    ]
    assert stage.place.texts == ["Text of launch."]
    assert clone.state() == "confirmed"
    assert git(stage.remote, "show", "socialops-data:ledger/2026/12/launch/mastodon.json").startswith("{")
