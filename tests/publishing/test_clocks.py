"""A clock that is wrong by minutes stops a run before anything is claimed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publishing_stage import DUE, Clone, Stage, a_channel, a_post
from socialops.content.channel import Channel
from socialops.errors import ClockError, Unknown
from socialops.networks.base import Idempotency
from socialops.publishing.clocks import TOLERANCE, Told, off

MINUTES = timedelta(minutes=1)


def says(stage: Stage, ahead: Mapping[str, timedelta]) -> Callable[[Channel], datetime | None]:
    """Return the clocks of servers: how far each is ahead of ours; the others tell no time."""
    return lambda channel: stage.clock() + ahead[channel.name] if channel.name in ahead else None


def three_channels(folder: Path) -> tuple[Stage, Clone]:
    stage = Stage(folder)
    stage.channels = [a_channel(name) for name in ("first", "second", "third")]
    stage.posts = [a_post(channels=("first", "second", "third"))]
    for name in ("first", "second", "third"):
        stage.network(name, Idempotency.READBACK)
    return stage, stage.begin()


@pytest.mark.parametrize(
    "wrong", [timedelta(hours=1), timedelta(hours=-1), timedelta(days=1), timedelta(days=-20_000), 6 * MINUTES]
)
def test_a_wrong_clock_stops_the_run_with_nothing_claimed(tmp_path: Path, wrong: timedelta) -> None:
    stage = Stage(tmp_path)
    clone = stage.begin()

    with pytest.raises(ClockError) as error:
        clone.publish(server_time=says(stage, {"mastodon": wrong}))

    assert "clock says 2026-12-01T06:30:00Z, mastodon says" in error.value.message
    assert "Nothing was sent" in error.value.hint
    assert error.value.exit_code == 2
    assert stage.place.texts == []
    assert clone.ledger().deliveries == {}


@pytest.mark.parametrize("ahead", [timedelta(0), 5 * MINUTES, -5 * MINUTES])
def test_clocks_may_differ_by_minutes(tmp_path: Path, ahead: timedelta) -> None:
    stage = Stage(tmp_path)
    assert stage.begin().publish(server_time=says(stage, {"mastodon": ahead})).exit_code == 0
    assert stage.place.texts == ["Text of launch."]


def test_a_server_that_tells_no_time_stops_nobody(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    assert stage.begin().publish(server_time=says(stage, {})).exit_code == 0


def test_one_server_with_a_wrong_clock_gets_nothing_and_others_go_on(tmp_path: Path) -> None:
    stage, clone = three_channels(tmp_path)

    told = says(stage, {"first": timedelta(0), "second": timedelta(hours=2), "third": MINUTES})
    outcome = clone.publish(server_time=told)

    assert outcome.exit_code == 1
    assert [(result.channel, str(result.state)) for result in outcome.results] == [
        ("first", "confirmed"),
        ("second", "planned"),
        ("third", "confirmed"),
    ]
    assert outcome.results[1].message == (
        "not sent: the clock of second is 2 h ahead, by ours and by those of other servers"
    )
    assert stage.places["second"].texts == []


def test_a_lost_post_is_not_looked_for_where_the_clock_is_wrong(tmp_path: Path) -> None:
    stage, clone = three_channels(tmp_path)
    stage.networks["second"].answers = [Unknown("lost")]
    clone.publish()
    stage.posts.append(a_post("next", channels=("first",), date="2026-12-01 09:50"))
    stage.clock.turn(minutes=20)

    clone.publish(server_time=says(stage, {"first": timedelta(0), "second": -timedelta(hours=2)}))
    assert stage.networks["second"].looks == 0
    assert clone.state("launch", "second") == "unknown"

    stage.clock.turn(minutes=15)
    clone.publish(server_time=says(stage, {"first": timedelta(0), "second": timedelta(0)}))
    assert stage.networks["second"].looks == 1


def test_each_server_is_asked_once_a_run(tmp_path: Path) -> None:
    stage, clone = three_channels(tmp_path)
    asked: list[str] = []

    def told(channel: Channel) -> datetime:
        asked.append(channel.name)
        return stage.clock()

    clone.publish(server_time=told)

    assert asked == ["first", "second", "third"]


def test_a_run_with_nothing_to_do_asks_nobody(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.clock.turn(hours=-1)
    stage.begin().publish(server_time=says(stage, {"mastodon": timedelta(days=1)}))


@given(st.integers(-10_000, 10_000), st.integers(0, 60), st.integers(0, 59))
def test_a_slow_answer_is_no_wrong_clock(ahead: int, took: int, when: int) -> None:
    # The server stamps its answer at some moment between the question and the answer.
    asked, answered = DUE, DUE + timedelta(seconds=took)
    time = asked + timedelta(seconds=min(when, took) + ahead)
    alone = Told(time, asked, answered)
    if abs(ahead) <= TOLERANCE.total_seconds():
        assert off({"one": alone}) == {}
    elif abs(ahead) > TOLERANCE.total_seconds() + took:
        with pytest.raises(ClockError):
            off({"one": alone})
