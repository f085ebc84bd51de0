"""A channel that keeps failing rests from then on, also in the run that is under way."""

from __future__ import annotations

from pathlib import Path

from publishing_stage import Stage, a_post
from socialops.errors import Rejected
from socialops.networks.base import Idempotency


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
