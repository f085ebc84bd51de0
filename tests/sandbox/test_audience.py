"""The simulated audience does what its page says, so that reports can be checked against it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from statistics import mean, pvariance
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.conftest import START, Practice
from socialops.http import Http
from socialops.networks.sandbox import audience
from socialops.networks.sandbox.audience import Crowd, Message, counts, expected, followers, votes
from socialops.networks.sandbox.server import Sandbox

ISTANBUL = ZoneInfo("Europe/Istanbul")
TUESDAY = datetime(2026, 12, 1, 20, 0, tzinfo=ISTANBUL)
LATER = timedelta(days=30)
CROWD = Crowd("lumenvelo", "Europe/Istanbul", 2000, "tr", TUESDAY, 7)


def message(number: int = 0, **changes: Any) -> Message:
    return replace(Message(f"post {number}", "mastodon", TUESDAY), **changes)


def average(metric: audience.Metric, number: int = 400, **changes: Any) -> float:
    """Return what *number* such posts got on average when all is over."""
    found = [message(each, **changes) for each in range(number)]
    return mean(counts(CROWD, each, each.published + LATER)[metric] for each in found)


def test_a_text_at_an_average_hour_gets_its_base_share() -> None:
    plain = message(published=datetime(2026, 12, 7, 14, 0, tzinfo=ISTANBUL))
    crowd = replace(CROWD, since=plain.published)
    assert {name: round(value, 2) for name, value in expected(crowd, plain).items()} == {
        "likes": 22.0,
        "reposts": 9.0,
        "replies": 2.4,
        "quotes": 0.4,
        "bookmarks": 2.0,
    }


@pytest.mark.parametrize(
    ("metric", "changes", "factor"),
    [
        ("likes", {"format": "image"}, 1.70),
        ("likes", {"format": "carousel"}, 2.00),
        ("likes", {"format": "link"}, 0.70),
        ("replies", {"format": "poll", "options": 2}, 2.20),
        ("reposts", {"leads": True}, 1.30),
        ("likes", {"position": 1}, 0.60),
        ("likes", {"position": 9}, 0.20),
        ("likes", {"tags": ("KışBisikleti",), "lang": "tr"}, 1.15),
        ("likes", {"tags": ("VeziȘiFiiVăzut",)}, 1.25),
        ("likes", {"tags": ("לראות_ולהיראות",)}, 1.25),
        ("likes", {"tags": ("indirim",)}, 0.72),
        ("likes", {"tags": ("light", "sale")}, (1.25 * 0.72) ** 0.5),
        ("likes", {"tags": ("a", "b", "c", "d", "e")}, 0.90),
        ("likes", {"lang": "en"}, 0.80),
        ("likes", {"lang": "tr-TR"}, 1.00),
        ("likes", {"described": True}, 1.05),
        ("likes", {"warned": True}, 0.85),
        ("likes", {"visibility": "unlisted"}, 0.50),
        ("likes", {"visibility": "direct"}, 0.00),
        ("replies", {"asks": True}, 1.60),
        ("likes", {"published": TUESDAY.replace(hour=3)}, (0.20 / 1.60) ** 0.5),
        ("likes", {"published": TUESDAY.replace(day=5)}, 0.80 / 1.08),
    ],
)
def test_each_effect_is_as_large_as_it_says(metric: audience.Metric, changes: dict[str, Any], factor: float) -> None:
    crowd = replace(CROWD, since=TUESDAY + LATER)  # no growth between two dates
    means = [expected(crowd, message(**these))[metric] for these in ({}, changes)]
    assert means[1] == pytest.approx(means[0] * factor)


def test_an_analyst_can_find_the_effects_again() -> None:
    plain = average("likes")
    assert plain == pytest.approx(expected(CROWD, message())["likes"], rel=0.06)
    assert average("likes", format="image") / plain == pytest.approx(1.70, rel=0.10)
    assert average("likes", published=TUESDAY.replace(hour=3)) / plain == pytest.approx(0.354, rel=0.10)
    assert average("likes", tags=("light",)) / plain == pytest.approx(1.25, rel=0.10)


def test_the_working_week_begins_on_sunday_in_israel() -> None:
    sunday = datetime(2026, 12, 6, 12, 0, tzinfo=UTC)
    assert audience.weekday_effect("Asia/Jerusalem", sunday) > audience.weekday_effect("Europe/Istanbul", sunday)
    saturday = sunday - timedelta(days=1)
    assert audience.weekday_effect("Asia/Jerusalem", saturday) == 0.72


def test_the_hour_is_that_of_the_accounts_zone() -> None:
    noon = datetime(2026, 7, 1, 17, 0, tzinfo=UTC)
    assert audience.hour_effect("Europe/Istanbul", noon) == pytest.approx(audience.ACTIVITY[20] ** 0.5)
    assert audience.hour_effect("Europe/Bucharest", noon) == pytest.approx(audience.ACTIVITY[20] ** 0.5)
    assert audience.hour_effect("America/New_York", noon) == pytest.approx(audience.ACTIVITY[13] ** 0.5)


def test_the_noise_is_negative_binomial() -> None:
    found = [counts(CROWD, message(number), TUESDAY + LATER)["likes"] for number in range(3000)]
    middle = mean(found)
    assert pvariance(found) == pytest.approx(middle + middle**2 / audience.LUCK_SHAPE, rel=0.12)


@pytest.mark.parametrize(("hour", "half", "most"), [(9, 5.3, 25.1), (20, 3.4, 25.9), (23, 10.2, 39.5)])
def test_half_of_it_happens_within_hours(hour: int, half: float, most: float) -> None:
    published = TUESDAY.replace(hour=hour)

    def share(hours: float) -> float:
        return audience.share_arrived("Europe/Istanbul", published, published + timedelta(hours=hours))

    assert share(half) == pytest.approx(0.5, abs=0.01)
    assert share(most) == pytest.approx(0.9, abs=0.01)
    assert share(0) == share(-5) == 0
    assert share(21 * 24) == share(10_000) == 1


@given(
    moments=st.lists(st.integers(0, 60 * 24 * 30), min_size=2, max_size=30),
    number=st.integers(0, 50),
    kind=st.sampled_from(sorted(audience.FORMAT)),
    seed=st.integers(0, 3),
)
def test_no_counter_ever_falls_and_reading_changes_nothing(
    moments: list[int], number: int, kind: str, seed: int
) -> None:
    crowd = replace(CROWD, seed=seed)
    one = message(number, format=kind, options=3, multiple=True, closes=TUESDAY + timedelta(days=2))

    def read(minutes: int) -> tuple[int, ...]:
        now = TUESDAY + timedelta(minutes=minutes)
        polled = votes(crowd, one, now)
        return (*counts(crowd, one, now).values(), *polled.options, polled.voters)

    in_any_order = {minutes: read(minutes) for minutes in moments}
    in_order = [read(minutes) for minutes in sorted(moments)]
    assert in_order == [in_any_order[minutes] for minutes in sorted(moments)]
    for before, after in pairwise(in_order):
        assert all(earlier <= later for earlier, later in zip(before, after, strict=True))


def test_a_thread_that_grows_takes_nothing_away() -> None:
    for number in range(100):
        alone, leads = (counts(CROWD, message(number, leads=leads), TUESDAY + LATER) for leads in (False, True))
        assert all(alone[metric] <= leads[metric] for metric in audience.METRICS)


def test_another_seed_is_another_audience() -> None:
    read = [counts(replace(CROWD, seed=seed), message(), TUESDAY + LATER) for seed in (1, 2, 1)]
    assert read[0] == read[2] != read[1]


def test_a_poll_stops_when_it_closes() -> None:
    poll = message(format="poll", options=4, closes=TUESDAY + timedelta(hours=12))
    closed = votes(CROWD, poll, TUESDAY + timedelta(hours=12))
    assert closed.voters == sum(closed.options) > 10
    assert votes(CROWD, poll, TUESDAY + LATER) == closed


def test_several_choices_give_more_votes_than_voters() -> None:
    found = votes(CROWD, message(format="poll", options=4, multiple=True), TUESDAY + LATER)
    assert found.voters < sum(found.options) < 1.5 * found.voters


def test_followers_come_and_go_and_posts_bring_some() -> None:
    quiet = [followers(CROWD, [], TUESDAY + timedelta(days=day)) for day in range(91)]
    assert quiet[0] == 2000
    assert 2040 <= quiet[90] <= 2110  # 0.04 % a day of 2000 for 90 days: 72
    assert any(after < before for before, after in pairwise(quiet))
    messages = [message(day, format="image", published=TUESDAY + timedelta(days=day)) for day in range(60)]
    brought = followers(CROWD, messages, TUESDAY + timedelta(days=90)) - quiet[90]
    assert 50 <= brought <= 150


def test_numbers_stay_plausible_for_a_small_brand() -> None:
    for size in (800, 4000):
        likes = [
            counts(replace(CROWD, followers=size), message(number, format="image"), TUESDAY + LATER)["likes"]
            for number in range(200)
        ]
        assert 0.015 < mean(likes) / size < 0.035
        assert max(likes) < size / 8


def test_two_runs_with_the_same_seed_and_moments_read_the_same_numbers(http: Http) -> None:
    def run(seed: int, reads: int) -> list[Any]:
        with Sandbox(seed=seed, now=START) as sandbox:
            practice = Practice(sandbox, http)
            poll = {"options": ["a", "b", "c"], "expires_in": 86400}
            ids = [
                practice.toot("Işık #GörVeGörün https://e.example/?x=1").json()["id"],
                practice.toot("?", poll=poll).json()["id"],
            ]
            for _ in range(reads):
                practice.wait(hours=10 / reads)
                read = practice.ask("GET", "/api/v1/statuses", query={"id[]": ids}).json()
            account = practice.ask("GET", "/api/v1/accounts/verify_credentials").json()
            names = ("favourites_count", "reblogs_count", "replies_count", "quotes_count")
            return [[status[name] for name in names] for status in read] + [
                [option["votes_count"] for option in read[1]["poll"]["options"]],
                account["followers_count"],
            ]

    assert run(1, 1) == run(1, 10)
    assert run(1, 1) != run(2, 1)
