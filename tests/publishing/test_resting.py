"""A channel that keeps failing rests from then on, also in the run that is under way."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from publishing_stage import DUE, Stage, a_post
from socialops.errors import Rejected, TryLater
from socialops.networks.base import Idempotency
from socialops.publishing.attention import needs


def test_a_channel_begins_to_rest_in_the_middle_of_a_run(tmp_path: Path) -> None:
    stage = Stage(tmp_path, settings='minimum_gap = "0m"\n')
    stage.posts = [a_post(f"post-{number}", date="2026-12-01 09:29") for number in range(1, 4)]
    network = stage.network("mastodon", Idempotency.KEY)
    network.answers = [Rejected("no", code="422")] * 9
    clone = stage.begin()
    clone.publish()
    assert network.sends == 3

    stage.clock.turn(minutes=5)
    stage.posts += [a_post(f"more-{number}", date="2026-12-01 09:34") for number in range(1, 5)]
    clone.publish()

    assert network.sends == 5
    assert [clone.state(f"more-{number}") for number in range(1, 5)] == ["failed", "failed", "deferred", "deferred"]


def test_a_storm_holds_what_is_new_and_tells_a_person(tmp_path: Path) -> None:
    stage = Stage(tmp_path, settings='minimum_gap = "0m"\n')
    stage.posts = [a_post(f"post-{number}", date="2026-12-01 09:30") for number in range(1, 8)]
    clone = stage.begin()
    stage.clock.turn(hours=2)

    outcome = clone.publish()

    assert (outcome.exit_code, stage.place.texts) == (3, [])
    found = needs(outcome.plan, clone.ledger(), stage.clock())
    assert [need.decision.post.id for need in found] == [f"post-{number}" for number in range(1, 8)]
    assert found[0].to_do == ("Give it a new date in posts/post-1.md, or write `draft: true` there.",)
    assert "Held back, because so much is late at once (7)" in (
        clone.workspace.data / "attention" / "mastodon.md"
    ).read_text("utf-8")


def test_what_came_in_time_and_could_not_be_sent_is_no_storm(tmp_path: Path) -> None:
    stage = Stage(tmp_path, settings='minimum_gap = "0m"\n')
    stage.posts = [a_post(f"post-{number}", date="2026-12-01 09:30") for number in range(1, 8)]
    stage.networks["mastodon"].answers = [TryLater("busy", after=timedelta(minutes=50)) for _ in range(2)]
    clone = stage.begin()
    for _ in range(4):
        clone.publish()
        stage.clock.turn(minutes=16)
    stage.clock.turn(minutes=30)
    while stage.clock() < DUE + timedelta(hours=2, minutes=50):
        clone.publish()
        stage.clock.turn(minutes=16)
    assert sorted(stage.place.texts) == [f"Text of post-{number}." for number in range(1, 8)]
