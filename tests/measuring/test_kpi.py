from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from builder import workspace
from measured import NOW, content, deliveries, delivery
from socialops.measuring import kpi
from socialops.measuring.kpi import FORMULAS, Counter
from socialops.measuring.numbers import gather
from socialops.measuring.store import Reading

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LIKES = Counter(tuple(NOW + HOUR * hours for hours in (1, 3, 24, 60)), (4, 10, 31, 67))


def test_a_counter_has_its_latest_known_value_and_none_before_the_first_reading() -> None:
    assert LIKES.at(NOW) is None
    assert LIKES.at(NOW + HOUR) == 4
    assert LIKES.at(NOW + 23 * HOUR) == 10
    assert LIKES.at(NOW + 99 * DAY) == 67


def test_a_total_adds_the_latest_of_each_counter_at_each_moment() -> None:
    first = Counter((NOW, NOW + 2 * HOUR), (1, 5))
    second = Counter((NOW + HOUR, NOW + 2 * HOUR), (10, 20))
    assert kpi.total([first, second]) == Counter((NOW, NOW + HOUR, NOW + 2 * HOUR), (1, 11, 25))
    assert kpi.total([]) == Counter()


@pytest.mark.parametrize(
    ("hours", "expected"),
    [(0, 0), (0.5, 2), (2, 7), (48, 31 + (48 - 24) / 36 * 36), (60, 67), (61, None)],
)
def test_value_at_an_age_lies_on_a_straight_line_between_readings(hours: float, expected: float | None) -> None:
    assert kpi.value_at_age(LIKES, NOW, HOUR * hours, NOW + 9 * DAY) == expected


def test_a_hole_of_more_than_36_hours_gives_no_value() -> None:
    torn = Counter((NOW + HOUR, NOW + 38 * HOUR), (4, 90))
    assert kpi.value_at_age(torn, NOW, 24 * HOUR, NOW + 9 * DAY) is None


def test_what_was_read_later_does_not_change_what_was_known_then() -> None:
    assert kpi.value_at_age(LIKES, NOW, 48 * HOUR, NOW + 50 * HOUR) is None


def test_gained_in_a_window() -> None:
    assert kpi.gained(LIKES, NOW + HOUR, NOW + 24 * HOUR) == 27
    assert kpi.gained(LIKES, NOW - HOUR, NOW + 24 * HOUR) is None
    assert kpi.gained(LIKES, NOW - HOUR, NOW + 24 * HOUR, born=NOW) == 31
    assert kpi.gained(Counter(), NOW - HOUR, NOW, born=NOW - HOUR) is None


def test_half_life_lies_between_readings() -> None:
    grown = Counter(tuple(NOW + HOUR * hours for hours in (6, 12, 170)), (20, 60, 80))
    # Half of 80 is 40: half way from 20 at 6 h to 60 at 12 h.
    assert kpi.half_life(grown, NOW, NOW + 9 * DAY) == 9.0


def test_half_life_needs_a_week_and_ten_interactions() -> None:
    assert kpi.half_life(LIKES, NOW, NOW + 9 * DAY) is None
    small = Counter((NOW + 6 * HOUR, NOW + 170 * HOUR), (4, 9))
    assert kpi.half_life(small, NOW, NOW + 9 * DAY) is None


def test_rates_and_shares() -> None:
    assert kpi.engagement_rate(12, 480) == 2.5
    assert kpi.engagement_rate(12, 0) is None
    assert kpi.engagement_rate(None, 480) is None
    assert kpi.growth(200, 210) == 5.0
    assert kpi.growth(0, 10) is None
    assert kpi.growth(None, 10) is None
    assert kpi.posts_per_week(6, NOW, NOW + 14 * DAY) == 3.0
    assert kpi.per_post([4, None, 8]) == (6.0, 2)
    assert kpi.per_post([None]) == (None, 0)
    assert kpi.share(3, 4) == 75.0
    assert kpi.share(0, 0) is None


def test_every_formula_says_how_it_is_computed_and_why() -> None:
    for name, formula in FORMULAS.items():
        assert formula.name == name
        assert formula.title
        assert formula.text
        assert formula.unit
        assert len(formula.why) > 20


def test_engagement_is_summed_over_counters_and_parts_and_leaves_out_what_was_never_told(tmp_path: Path) -> None:
    space = workspace(tmp_path)
    item = delivery("launch", "mastodon", NOW, parts=2, pictures=["A lamp", " "])
    readings = [
        Reading(NOW + HOUR, "mastodon", "launch", 0, "likes", 5),
        Reading(NOW + HOUR, "mastodon", "launch", 1, "likes", 2),
        Reading(NOW + HOUR, "mastodon", "launch", 0, "reposts", 1),
        Reading(NOW + HOUR, "mastodon", "launch", 0, "bookmarks", 40),
        Reading(NOW + 2 * HOUR, "mastodon", "launch", 1, "likes", 3),
        Reading(NOW + HOUR, "mastodon", "", 0, "followers", 90),
    ]
    numbers = gather(content(space, "mastodon"), deliveries(item).values(), readings)
    published = numbers.published[0]
    assert numbers.engagement(published) == Counter((NOW + HOUR, NOW + 2 * HOUR), (8, 9))
    assert numbers.counter("mastodon", "launch", "quotes") == Counter()
    assert numbers.followers_of(published) == 90
    assert (published.pictures, published.described) == (2, 1)
    assert numbers.measured_channels() == ("mastodon",)
    assert numbers.last_reading("mastodon", NOW + DAY) == NOW + 2 * HOUR
    assert numbers.last_reading("mastodon", NOW + HOUR) == NOW + HOUR
    assert numbers.last_reading("mastodon", NOW) is None
    assert numbers.only(["bluesky"]).published == ()
