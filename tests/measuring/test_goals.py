"""How far a goal is: each metric over the goal's own days and channels, and what is said when nobody can know."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from builder import workspace
from measured import content, deliveries, delivery
from socialops.content.brand import Goal
from socialops.content.metric import METRICS
from socialops.measuring.goals import Progress, progress
from socialops.measuring.numbers import Numbers, gather
from socialops.measuring.store import Reading

ZONE = ZoneInfo("Europe/Istanbul")
NOW = datetime(2026, 12, 20, 9, 0, tzinfo=UTC)
START = datetime(2026, 11, 30, 21, 0, tzinfo=UTC)
"""Midnight of 1 December in Istanbul."""
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
GOAL = Goal(
    "g", "brand/goals/g.md", "G", "likes-per-post", 10, 20, date(2026, 12, 1), date(2026, 12, 31), channels=("one",)
)


@pytest.fixture
def numbers(tmp_path: Path) -> Numbers:
    """Two posts on `one` inside the goal's days, one before them, one on `two`."""
    readings = [
        Reading(START - DAY, "one", "", 0, "followers", 100),
        Reading(NOW - DAY, "one", "", 0, "followers", 150),
        Reading(NOW - DAY, "two", "", 0, "followers", 1000),
        Reading(START + 9 * DAY, "two", "c", 0, "likes", 500),
        Reading(START - DAY, "one", "old", 0, "likes", 7),
        Reading(NOW - DAY, "one", "old", 0, "likes", 9),
    ]
    for post, first, likes in (("a", START + DAY, 10), ("b", START + 5 * DAY, 20)):
        readings += [
            Reading(first + 47 * HOUR, "one", post, 0, "likes", likes),
            Reading(first + 49 * HOUR, "one", post, 0, "likes", likes + 2),
            Reading(first + 9 * DAY, "one", post, 0, "likes", likes + 2),
        ]
    sent = deliveries(
        delivery("old", "one", START - 3 * DAY),
        delivery("a", "one", START + DAY, pictures=["A lamp", ""]),
        delivery("b", "one", START + 5 * DAY, pictures=["A cat", "A dog"]),
        delivery("young", "one", NOW - HOUR),
        delivery("c", "two", START + 8 * DAY),
    )
    return gather(content(workspace(tmp_path), "one", "two"), sent.values(), readings)


def of(numbers: Numbers, metric: str, **changes: object) -> Progress:
    return progress(replace(GOAL, metric=metric, **changes), numbers, NOW, ZONE)  # type: ignore[arg-type]  # any field


@pytest.mark.parametrize(
    ("metric", "value", "n", "asked", "things"),
    [
        ("likes-per-post", 17, 2, 3, "posts"),
        ("engagement", 34, 2, 3, "posts"),
        ("engagement-48h", 16, 2, 3, "posts"),
        ("engagement-rate", 16, 2, 3, "posts"),
        ("engagement-gained", 36, 3, 4, "posts"),
        ("followers", 150, 1, 1, "channels"),
        ("new-followers", 50, 1, 1, "channels"),
        ("growth", 50, 1, 1, "channels"),
        ("posts-published", 3, 3, 3, "posts"),
        ("alt-text-share", 75, 4, 4, "pictures"),
    ],
)
def test_a_number_is_of_the_goals_own_days_and_channels(
    numbers: Numbers, metric: str, value: float, n: int, asked: int, things: str
) -> None:
    found = of(numbers, metric)
    assert found.value == pytest.approx(value)
    assert (found.n, found.asked, found.things, found.why) == (n, asked, things, "")
    assert (found.first, found.last) == (date(2026, 12, 1), date(2026, 12, 20))
    assert found.read == NOW - DAY


def test_posts_a_week_and_half_life(numbers: Numbers) -> None:
    assert of(numbers, "posts-per-week").value == pytest.approx(3 / ((NOW - START) / DAY) * 7)
    assert of(numbers, "half-life").n == 2


def test_every_metric_is_computed_or_says_that_it_cannot_be(numbers: Numbers) -> None:
    for metric in METRICS:
        found = of(numbers, metric)
        assert (found.value is None) is (metric == "times-usual")
        assert bool(found.why) is (found.value is None)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"start": date(2026, 12, 21)}, "It begins on 2026-12-21."),
        ({"start": None}, "no first or no last day"),
        ({"metric": "reach"}, "No progress can be computed from reach."),
        ({"metric": "new-followers", "channels": ("two",)}, "The followers at its start were not read"),
        ({"metric": "likes-per-post", "start": date(2026, 12, 15), "end": date(2026, 12, 16)}, "Nothing was published"),
        ({"metric": "engagement-48h", "start": date(2026, 12, 19)}, "No post is old enough"),
    ],
)
def test_what_cannot_be_known_is_said_and_never_0(numbers: Numbers, changes: dict[str, object], why: str) -> None:
    found = of(numbers, **{"metric": "likes-per-post", **changes})  # type: ignore[arg-type]  # a metric among them
    assert found.value is None
    assert why in found.why


def test_without_channels_a_goal_is_about_all_but_the_practice_ones(numbers: Numbers) -> None:
    everywhere = of(numbers, "followers", channels=())
    assert (everywhere.value, everywhere.n) == (1150, 2)
    practice = {**numbers.channels, "two": replace(numbers.channels["two"], sandbox=True)}
    assert of(replace(numbers, channels=practice), "followers", channels=()).value == 150


@pytest.mark.parametrize(
    ("baseline", "target", "value", "reached"),
    [
        (10, 20, 20, True),
        (10, 20, 19, False),
        (20, 10, 9, True),
        (20, 10, 11, False),
        (None, 5, 5, True),
        (1, 2, None, None),
    ],
)
def test_a_target_may_lie_below_the_baseline(
    baseline: float | None, target: float, value: float | None, reached: bool | None
) -> None:
    assert Progress(value).reached(replace(GOAL, baseline=baseline, target=target)) is reached
