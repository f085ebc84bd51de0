from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from builder import workspace
from measured import NOW, Book, Place, content, deliveries, delivery
from socialops.content.channel import Channel
from socialops.errors import CredentialsError, NotAllowed
from socialops.git import Git
from socialops.measuring.snapshot import due_posts, snapshot
from socialops.measuring.store import Reading, read
from socialops.networks.base import Network
from socialops.publishing.machine import Event, State


def opens(**places: Place) -> Callable[[Channel], Network]:
    return lambda channel: places[channel.name]


def test_a_new_post_is_read_with_its_account_and_recorded(tmp_path: Path) -> None:
    space = workspace(tmp_path)
    book = Book(deliveries(delivery("launch", "mastodon", NOW - timedelta(hours=3), parts=2)))
    said: list[str] = []
    result = snapshot(
        space,
        content(space, "mastodon"),
        book,
        now=NOW,
        open_network=opens(mastodon=Place(likes=5)),
        report=said.append,
    )
    assert read(space.metrics) == [
        Reading(NOW, "mastodon", "", 0, "followers", 100),
        Reading(NOW, "mastodon", "launch", 0, "likes", 5),
        Reading(NOW, "mastodon", "launch", 1, "likes", 5),
    ]
    assert (result.exit_code, result.readings, result.posts, result.accounts) == (0, 3, 1, 1)
    assert result.files == (space.metrics / "2026/12/2026-12-06.csv",)
    assert said == ["mastodon: 3 numbers of 1 post"]


def test_readings_are_committed_and_pushed_on_the_data_branch(tmp_path: Path) -> None:
    remote = tmp_path / "remote.git"
    remote.mkdir()
    Git(remote).run("init", "--quiet", "--bare")
    settings = '[tool.socialops]\nzone = "Europe/Istanbul"\ndata_branch = "numbers"\n'
    space = workspace(tmp_path / "here", {"pyproject.toml": settings})
    git = Git(space.root)
    git.run("init", "--quiet", "--initial-branch=main")
    git.run("remote", "add", "origin", str(remote))
    git.commit("Begin", ["pyproject.toml"])
    book = Book(deliveries(delivery("launch", "mastodon", NOW - timedelta(hours=3))))
    for hours in (0, 1):
        snapshot(
            space,
            content(space, "mastodon"),
            book,
            now=NOW + timedelta(hours=hours),
            open_network=opens(mastodon=Place()),
            report=lambda _: None,
        )
    assert Git(remote).text("log", "-2", "--format=%s", "numbers") == (
        "snapshot: 1 post, 0 accounts\nsnapshot: 1 post, 1 account"
    )
    assert Git(remote).text("show", "numbers:metrics/2026/12/2026-12-06.csv").split("\n")[1:] == [
        "2026-12-06T09:00:00Z,mastodon,,0,followers,100",
        "2026-12-06T09:00:00Z,mastodon,launch,0,likes,1",
        "2026-12-06T10:00:00Z,mastodon,launch,0,likes,1",
    ]
    assert git.text("status", "--porcelain", "--untracked-files=no") == ""


def test_one_channel_that_fails_does_not_stop_the_others(tmp_path: Path) -> None:
    space = workspace(tmp_path)
    age = NOW - timedelta(hours=3)
    book = Book(deliveries(*(delivery("launch", name, age) for name in ("a", "b", "c"))))

    def open_network(channel: Channel) -> Network:
        if channel.name == "c":
            raise CredentialsError("SOCIALOPS_C_TOKEN is not set.", hint="Set it.")
        return {"a": Place(fails=NotAllowed("The token was revoked.", hint="Make a new one.")), "b": Place()}[
            channel.name
        ]

    said: list[str] = []
    result = snapshot(
        space, content(space, "a", "b", "c"), book, now=NOW, open_network=open_network, report=said.append
    )
    assert result.exit_code == 1
    assert result.failures == {
        "a": "The token was revoked. Make a new one.",
        "c": "SOCIALOPS_C_TOKEN is not set. Set it.",
    }
    assert {reading.channel for reading in read(space.metrics)} == {"b"}


def test_what_was_told_before_a_failure_is_kept(tmp_path: Path) -> None:
    space = workspace(tmp_path)
    book = Book(deliveries(*(delivery(post, "mastodon", NOW - timedelta(hours=3)) for post in ("a", "b"))))
    place = Place(fails=NotAllowed("Gone."), fails_after=1)
    result = snapshot(
        space, content(space, "mastodon"), book, now=NOW, open_network=opens(mastodon=place), report=lambda _: None
    )
    assert result.exit_code == 1
    assert {reading.post for reading in read(space.metrics)} == {"a", ""}


def test_a_counter_that_is_not_on_the_list_is_left_out_and_named(tmp_path: Path) -> None:
    space = workspace(tmp_path)
    book = Book(deliveries(delivery("launch", "mastodon", NOW - timedelta(hours=3))))
    said: list[str] = []
    place = Place(extra=("email", "followers"))
    snapshot(space, content(space, "mastodon"), book, now=NOW, open_network=opens(mastodon=place), report=said.append)
    assert {reading.metric for reading in read(space.metrics) if reading.post} == {"likes"}
    assert any("'email'" in line for line in said)


def test_nothing_is_asked_twice_in_the_same_hour(tmp_path: Path) -> None:
    space = workspace(tmp_path)
    book = Book(deliveries(delivery("launch", "mastodon", NOW - timedelta(hours=3))))
    place = Place()
    for minutes in (0, 5):
        result = snapshot(
            space,
            content(space, "mastodon"),
            book,
            now=NOW + timedelta(minutes=minutes),
            open_network=opens(mastodon=place),
            report=lambda _: None,
        )
    assert place.asked == ["launch/mastodon/0", "account"]
    assert result.readings == 0


def test_channels_that_never_published_and_posts_that_are_not_there_are_not_asked(tmp_path: Path) -> None:
    space = workspace(tmp_path)
    planned = replace(delivery("later", "a", NOW), events=())
    gone = delivery("gone", "b", NOW - timedelta(hours=5))
    gone = replace(gone, events=(*gone.events, Event(9, gone.due, State.REMOVED, 0)))
    places = {"a": Place(), "b": Place(), "c": Place()}
    snapshot(
        space,
        content(space, "a", "b", "c"),
        Book(deliveries(planned, gone)),
        now=NOW,
        open_network=opens(**places),
        report=lambda _: None,
    )
    assert [places[name].asked for name in "abc"] == [["account"], ["account"], []]


HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("age", "since_last", "expected"),
    [
        (3 * HOUR, None, True),
        (3 * HOUR, timedelta(minutes=39), False),
        (3 * HOUR, timedelta(minutes=41), True),
        (3 * DAY, 2 * HOUR, False),
        (3 * DAY, 23 * HOUR, False),
        (3 * DAY, timedelta(hours=23, minutes=16), True),
        (40 * DAY, 6 * DAY, False),
        (40 * DAY, timedelta(days=6, hours=13), True),
    ],
)
def test_tempo_follows_the_age_of_the_post(age: timedelta, since_last: timedelta | None, *, expected: bool) -> None:
    post = delivery("launch", "mastodon", NOW - age)
    last = {("mastodon", "launch"): NOW - since_last} if since_last else {}
    last["mastodon", ""] = NOW - 2 * HOUR
    assert bool(due_posts([post], last, NOW)) is expected


@pytest.mark.parametrize(("account", "expected"), [(2 * HOUR, False), (DAY, True)])
def test_an_old_post_that_went_silent_is_asked_for_once_a_day(account: timedelta, *, expected: bool) -> None:
    post = delivery("launch", "mastodon", NOW - 10 * DAY)
    assert bool(due_posts([post], {("mastodon", ""): NOW - account}, NOW)) is expected


def test_hourly_runs_read_a_post_hourly_for_two_days_then_daily_then_weekly(tmp_path: Path) -> None:
    space = workspace(tmp_path)
    book = Book(deliveries(delivery("launch", "mastodon", NOW)))
    place = Place()
    counts = []
    for day in range(44):
        before = place.asked.count("launch/mastodon/0")
        for hour in range(24):
            # Runs start up to 12 minutes late, by a fixed pattern.
            at = NOW + timedelta(days=day, hours=hour, minutes=5 + (hour * 7 + day) % 13)
            snapshot(
                space,
                content(space, "mastodon"),
                book,
                now=at,
                open_network=opens(mastodon=place),
                report=lambda _: None,
            )
        counts.append(place.asked.count("launch/mastodon/0") - before)
    assert counts[:2] == [24, 24]
    assert sum(counts[2:30]) in (28, 29)
    assert sum(counts[30:]) == 2
    assert place.asked.count("account") in (44, 45)
