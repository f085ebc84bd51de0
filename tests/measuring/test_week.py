from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from builder import workspace
from measured import NOW, content, deliveries, delivery, grown
from socialops.measuring.numbers import Numbers, gather
from socialops.measuring.store import Reading
from socialops.measuring.week import headlines, number, signed, week_numbers, weeks

ISTANBUL = ZoneInfo("Europe/Istanbul")
DAY = timedelta(days=1)


def test_weeks_are_whole_local_days_that_end_before_today() -> None:
    last = weeks(NOW, ISTANBUL, 2)[-1]
    assert (last.first, last.last) == (date(2026, 11, 29), date(2026, 12, 5))
    assert (last.start, last.end) == (
        datetime(2026, 11, 28, 21, tzinfo=UTC),
        datetime(2026, 12, 5, 21, tzinfo=UTC),
    )


def test_a_week_in_which_the_clocks_change_is_an_hour_longer() -> None:
    bucharest = ZoneInfo("Europe/Bucharest")
    last = weeks(datetime(2026, 10, 26, 9, tzinfo=UTC), bucharest, 1)[0]
    assert (last.first, last.last) == (date(2026, 10, 19), date(2026, 10, 25))
    assert last.end - last.start == timedelta(days=7, hours=1)


def made(tmp_path: Path) -> Numbers:
    items = [
        delivery("old", "mastodon", NOW - 12 * DAY),
        delivery("new", "mastodon", NOW - 4 * DAY),
        delivery("today", "mastodon", NOW - timedelta(hours=2)),
    ]
    readings = [
        *grown("old", "mastodon", NOW - 12 * DAY, 40, days=9),
        *grown("new", "mastodon", NOW - 4 * DAY, 80),
        Reading(NOW - 9 * DAY, "mastodon", "", 0, "followers", 200),
        Reading(NOW - 2 * DAY, "mastodon", "", 0, "followers", 230),
    ]
    return gather(content(workspace(tmp_path), "mastodon"), deliveries(*items).values(), readings)


def test_a_week_counts_what_was_gained_in_it_by_posts_of_every_age(tmp_path: Path) -> None:
    week = weeks(NOW, ISTANBUL, 1)[0]
    found = week_numbers(made(tmp_path), week, NOW)
    # "new" is read every 6 hours: at the end of the week (3.5 days after publishing) it had 79; "old" gained the rest
    # of its 40 after 4.5 days, which is 0 after rounding.
    assert (found.engagement, found.known, found.asked) == (79, 2, 2)
    assert [item.post for item in found.published] == ["new"]
    assert [sample.value for sample in found.settled] == [75.0]
    assert (found.new_followers, found.followers_before) == (30, 200)


def test_headlines_say_what_cannot_be_compared(tmp_path: Path) -> None:
    found = {headline.name: headline for headline in headlines(made(tmp_path), NOW, ISTANBUL)}
    assert [*found] == ["posts-published", "engagement-gained", "engagement-48h", "new-followers"]
    assert (found["posts-published"].value, found["posts-published"].change) == ("1", "as in the week before (1)")
    assert found["engagement-48h"].change == "too few posts to compare: 1, before 1; 5 are needed"
    assert found["new-followers"].value == "+30"
    assert found["new-followers"].change == "the week before is not known"
    assert found["new-followers"].n == "+15.0 % of 200"


def test_without_numbers_nothing_is_zero_but_the_posts(tmp_path: Path) -> None:
    empty = gather(content(workspace(tmp_path), "mastodon"), [], [])
    assert [headline.value for headline in headlines(empty, NOW, ISTANBUL)] == ["0", "–", "–", "–"]


def test_numbers_are_written_with_thin_spaces_and_true_minus() -> None:
    assert number(1234567) == "1\u202f234\u202f567"
    assert number(0.25, 2) == "0.25"
    assert number(12.0) == "12"
    assert number(12.34) == "12.3"
    assert number(None) == "–"
    assert signed(-1200) == "\u22121\u202f200"
    assert signed(3) == "+3"
    assert signed(0) == "±0"
