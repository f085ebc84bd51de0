"""Quiet times: what people may write, when they hold on a clock, and when they are over."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from socialops.content.quiet import free_again, quiet_at, quiet_time, quiet_times
from socialops.content.values import Wrong

WALLS = st.datetimes(datetime.fromisoformat("2025-01-01"), datetime.fromisoformat("2030-12-31")).map(
    lambda wall: wall.replace(second=0, microsecond=0)
)
CLOCKS = st.tuples(st.integers(0, 23), st.integers(0, 59))
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


@pytest.mark.parametrize(
    ("typed", "inside", "outside"),
    [
        ("22:00 to 07:00", ["2026-12-01 22:00", "2026-12-02 06:59"], ["2026-12-01 21:59", "2026-12-02 07:00"]),
        ("22:00-07:00", ["2026-12-01 23:00"], ["2026-12-01 12:00"]),
        ("00:00 to 24:00", ["2026-12-01 00:00", "2026-12-01 23:59"], []),
        ("sun", ["2026-12-06 00:00", "2026-12-06 23:59"], ["2026-12-05 23:59", "2026-12-07 00:00"]),
        ("Sat to Sunday", ["2026-12-05 00:00", "2026-12-06 23:59"], ["2026-12-04 23:59", "2026-12-07 00:00"]),
        ("fri 14:00 to sat 20:00", ["2026-12-04 14:00", "2026-12-05 19:59"], ["2026-12-04 13:59", "2026-12-05 20:00"]),
        ("sun 20:00 until mon 07:00", ["2026-12-06 20:00", "2026-12-07 06:59"], ["2026-12-07 07:00"]),
        ("10 November", ["2026-11-10 00:00", "2031-11-10 23:59"], ["2026-11-09 23:59", "2026-11-11 00:00"]),
        ("10 Nov to 11 Nov 07:00", ["2026-11-10 08:00", "2026-11-11 06:59"], ["2026-11-11 07:00"]),
        ("10 November 09:00 to 12:00", ["2026-11-10 09:00"], ["2026-11-10 08:59", "2026-11-10 12:00"]),
        ("16 to 22 December", ["2026-12-16 00:00", "2026-12-22 23:59"], ["2026-12-15 23:59", "2026-12-23 00:00"]),
        ("16–22 December", ["2026-12-22 12:00"], ["2026-12-23 12:00"]),
        ("24 December to 2 January", ["2026-12-24 00:00", "2027-01-02 23:59"], ["2027-01-03 00:00"]),
        ("29 February", ["2028-02-29 12:00"], ["2027-03-01 00:00", "2028-03-01 00:00"]),
        ("2026-12-24", ["2026-12-24 00:00", "2026-12-24 23:59"], ["2027-12-24 12:00"]),
        ("2026-12-24 to 2026-12-26", ["2026-12-26 23:59"], ["2026-12-27 00:00"]),
        ("2027-05-03 18:00 to 2027-05-04", ["2027-05-03 18:00", "2027-05-04 23:59"], ["2027-05-03 17:59"]),
    ],
)
def test_what_may_be_written_and_when_it_holds(typed: str, inside: list[str], outside: list[str]) -> None:
    quiet = quiet_time(typed)

    assert [wall for wall in inside if not quiet.holds(datetime.fromisoformat(wall))] == []
    assert [wall for wall in outside if quiet.holds(datetime.fromisoformat(wall))] == []


@pytest.mark.parametrize(
    "typed",
    [
        *("", "at night", "22:00", "to 07:00", "22:00 to", "25:00 to 26:00", "24:00 to 07:00", "12:61 to 13:00"),
        *("31 February", "31 June", "10 Smarch", "10", "May", "ma to fri", "someday"),
        *("2026-02-30", "2026-12-26 to 2026-12-24", "10 November 22:00 to 07:00", "fri 20:00 to 14:00"),
        *("10 to fri", "fri to 10 November", "2026-12-24 to 26 December", "08:00 to 08:00", "10 November to"),
    ],
)
def test_what_means_no_time_is_refused_with_what_to_write(typed: str) -> None:
    with pytest.raises(Wrong) as wrong:
        quiet_time(typed)

    assert wrong.value.id == "quiet-invalid"
    assert wrong.value.hint


@given(st.text(max_size=40))
def test_any_text_is_a_time_or_is_refused(typed: str) -> None:
    found = ""
    try:
        found = quiet_time(typed).text
    except Wrong as wrong:
        found = wrong.id

    assert found in ("quiet-invalid", " ".join(typed.split()))


@given(CLOCKS, CLOCKS, WALLS)
def test_hours_hold_from_the_first_to_just_before_the_last(
    first: tuple[int, int], last: tuple[int, int], wall: datetime
) -> None:
    if first == last:
        return
    quiet = quiet_time(f"{first[0]:02}:{first[1]:02} to {last[0]:02}:{last[1]:02}")
    start = wall.replace(hour=first[0], minute=first[1])
    length = timedelta(minutes=(last[0] * 60 + last[1] - first[0] * 60 - first[1]) % (24 * 60))

    assert quiet.holds(wall) is any(
        start - timedelta(days=days) <= wall < start - timedelta(days=days) + length for days in (0, 1)
    )


@given(st.integers(0, 6), CLOCKS, st.integers(0, 6), CLOCKS, WALLS)
def test_days_of_the_week_hold_once_a_week(
    day: int, first: tuple[int, int], until: int, last: tuple[int, int], wall: datetime
) -> None:
    begins = day * 1440 + first[0] * 60 + first[1]
    ends = until * 1440 + last[0] * 60 + last[1]
    if begins == ends or (day == until and ends < begins):
        return
    quiet = quiet_time(f"{WEEKDAYS[day]} {first[0]}:{first[1]:02} to {WEEKDAYS[until]} {last[0]}:{last[1]:02}")
    monday = wall.replace(hour=0, minute=0) - timedelta(days=wall.weekday())
    length = timedelta(minutes=(ends - begins) % 10080)
    starts = [monday + timedelta(minutes=begins - 10080 * weeks) for weeks in (0, 1)]

    assert quiet.holds(wall) is any(start <= wall < start + length for start in starts)


@given(st.dates(date(2027, 1, 1), date(2027, 12, 31)), st.integers(0, 300), WALLS)
def test_days_of_the_year_hold_every_year(first: date, days: int, wall: datetime) -> None:
    last = first + timedelta(days=days)
    quiet = quiet_time(f"{first.day} {MONTHS[first.month - 1]} to {last.day} {MONTHS[last.month - 1]}")
    told = f"{wall:%m-%d}"
    begins, ends = f"{first:%m-%d}", f"{last:%m-%d}"

    assert quiet.holds(wall) is (begins <= told <= ends if begins <= ends else told >= begins or told <= ends)


@given(
    st.lists(
        st.sampled_from(
            [
                *("22:00 to 07:00", "12:00 to 13:00", "sun", "fri 14:00 to sat 20:00", "sat to mon", "29 February"),
                *("10 November", "24 December to 2 January", "20 to 29 February", "2026-12-24 to 2026-12-26"),
            ]
        ),
        min_size=1,
        max_size=5,
        unique=True,
    ),
    WALLS,
)
def test_a_time_is_free_again_as_soon_as_none_holds(typed: list[str], wall: datetime) -> None:
    times = quiet_times(typed)
    free = free_again(times, wall)

    assert free is not None
    assert quiet_at(times, free) is None
    # All of the time between is quiet: every quarter of an hour, and the minute before.
    steps = [wall + timedelta(minutes=15 * step) for step in range(int((free - wall) / timedelta(minutes=15)))]
    before = [free - timedelta(minutes=1)] if free > wall else []
    assert [step for step in [*steps, *before] if quiet_at(times, step) is None] == []


def test_a_team_that_is_always_silent_is_told_so() -> None:
    assert free_again(quiet_times("00:00 to 24:00"), datetime.fromisoformat("2026-12-01")) is None


def test_reasons_stand_behind_a_colon_and_are_preferred() -> None:
    times = quiet_times(["sun", {"2026-12-06": "Saint Nicholas", "10 November": "Atatürk's death"}, "22:00 to 07:00"])
    found = quiet_at(times, datetime.fromisoformat("2026-12-06 23:00"))

    assert len(times) == 4
    assert found is not None
    assert found.called == "Saint Nicholas (2026-12-06)"


@pytest.mark.parametrize("value", [[], {}, None, [["sun"]], ["sun"] * 1001, {"sun": None}])
def test_no_times_and_too_many_are_refused(value: object) -> None:
    with pytest.raises(Wrong):
        quiet_times(value)


@given(st.sampled_from(["Europe/Bucharest", "America/New_York", "Australia/Lord_Howe", "Asia/Jerusalem", "UTC"]), WALLS)
def test_an_instant_is_quiet_by_the_clock_on_the_wall_also_when_clocks_change(zone: str, wall: datetime) -> None:
    quiet = quiet_time("01:00 to 04:00")
    local = wall.replace(tzinfo=UTC).astimezone(ZoneInfo(zone))

    assert quiet.holds(local.replace(tzinfo=None)) is (1 <= local.hour < 4)


def test_both_hours_that_a_clock_shows_twice_are_quiet() -> None:
    quiet = quiet_time("03:00 to 04:00")
    zone = ZoneInfo("Europe/Bucharest")
    instants = [datetime(2026, 10, 25, hour, 30, tzinfo=UTC).astimezone(zone) for hour in (0, 1)]

    assert [f"{instant:%H:%M %z}" for instant in instants] == ["03:30 +0300", "03:30 +0200"]
    assert all(quiet.holds(instant.replace(tzinfo=None)) for instant in instants)
