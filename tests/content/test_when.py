from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from socialops.content.when import When, WhenError, parse_when

ZONES = [
    "Europe/Istanbul",
    "Europe/Bucharest",
    "Asia/Jerusalem",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Africa/Casablanca",
    "America/Sao_Paulo",
    "Asia/Kathmandu",
    "UTC",
]


def at(text: str, zone: str) -> datetime:
    return parse_when(text).at(ZoneInfo(zone))


def fault(text: str, zone: str = "UTC") -> WhenError:
    with pytest.raises(WhenError) as caught:
        at(text, zone)
    return caught.value


def test_wall_time_is_that_of_the_zone() -> None:
    assert at("2026-12-01 09:30", "Europe/Istanbul") == datetime(2026, 12, 1, 6, 30, tzinfo=UTC)
    assert at("2026-12-01 9:30", "Europe/Bucharest") == datetime(2026, 12, 1, 7, 30, tzinfo=UTC)


def test_an_offset_means_itself_in_every_zone() -> None:
    assert at("2026-12-01T09:30:00+03:00", "America/New_York") == datetime(2026, 12, 1, 6, 30, tzinfo=UTC)
    assert at("2026-12-01T09:30Z", "Asia/Jerusalem") == datetime(2026, 12, 1, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "zone", "before", "after"),
    [
        ("2026-03-29 02:30", "Europe/Berlin", "2026-03-29 01:30", "2026-03-29 03:30"),
        ("2026-03-08 02:30", "America/New_York", "2026-03-08 01:30", "2026-03-08 03:30"),
        ("2026-10-04 02:15", "Australia/Lord_Howe", "2026-10-04 01:45", "2026-10-04 02:45"),
        ("2011-12-30 12:00", "Pacific/Apia", "2011-12-29 12:00", "2011-12-31 12:00"),
    ],
)
def test_a_time_that_the_clocks_skip_names_the_times_beside_it(text: str, zone: str, before: str, after: str) -> None:
    found = fault(text, zone)
    assert found.id == "date-gap"
    assert before in found.hint
    assert after in found.hint


@pytest.mark.parametrize(
    ("text", "zone", "first", "second"),
    [
        ("2026-10-25 02:30", "Europe/Berlin", "2026-10-25T02:30+02:00", "2026-10-25T02:30+01:00"),
        ("2026-10-25 01:30", "Asia/Jerusalem", "2026-10-25T01:30+03:00", "2026-10-25T01:30+02:00"),
        ("2026-04-05 01:45", "Australia/Lord_Howe", "2026-04-05T01:45+11:00", "2026-04-05T01:45+10:30"),
    ],
)
def test_a_time_that_happens_twice_asks_which(text: str, zone: str, first: str, second: str) -> None:
    found = fault(text, zone)
    assert found.id == "date-fold"
    assert first in found.hint
    assert second in found.hint
    assert at(first, zone) != at(second, zone)


@pytest.mark.parametrize(
    "text",
    [
        "2026-02-30 10:00",
        "2026-13-01 10:00",
        "2026-12-01T10:00:60Z",
        "2026-12-01 24:00",
        "2026-12-01 09:30+25:00",
        "２０２６-12-01 09:30",
        "0001-01-01",
        "9999-12-31",
        "١-١",
    ],
)
def test_what_is_no_date_is_said_to_be_none(text: str) -> None:
    found = fault(text)
    assert found.id == "date-invalid"
    assert found.message in (
        f"{text!r} is not a date that exists.",
        f"{text!r} is not a date.",
        f"{text!r} is not a plausible year.",
    )
    assert found.hint


def transitions(zone: str) -> list[datetime]:
    """Find every change of a zone's offset between 1990 and 2040, to the minute, in UTC."""
    place = ZoneInfo(zone)
    found = []
    instant = datetime(1990, 1, 2, tzinfo=UTC)
    while instant.year < 2040:
        after = instant + timedelta(days=1)
        if instant.astimezone(place).utcoffset() != after.astimezone(place).utcoffset():
            low, high = instant, after
            while high - low > timedelta(minutes=1):
                middle = low + timedelta(minutes=(high - low) // timedelta(minutes=2))
                same = middle.astimezone(place).utcoffset() == low.astimezone(place).utcoffset()
                low, high = (middle, high) if same else (low, middle)
            found.append(high)
        instant = after
    return found


@pytest.mark.parametrize("zone", ZONES)
def test_around_every_change_of_the_clocks_a_time_means_one_instant_or_says_why_not(zone: str) -> None:
    place = ZoneInfo(zone)
    for change in transitions(zone):
        for minutes in range(-150, 151, 15):
            wall = (change.astimezone(place) + timedelta(minutes=minutes)).replace(tzinfo=None, fold=0)
            when = When(f"{wall:%Y-%m-%d %H:%M}", wall)
            instants = {
                instant
                for fold in (0, 1)
                for instant in [wall.replace(tzinfo=place, fold=fold).astimezone(UTC)]
                if instant.astimezone(place).replace(tzinfo=None, fold=0) == wall
            }
            if len(instants) == 1:
                assert when.at(place) in instants
            else:
                with pytest.raises(WhenError) as caught:
                    when.at(place)
                assert caught.value.id == ("date-fold" if instants else "date-gap")


@settings(max_examples=300)
@given(st.datetimes(datetime(1990, 1, 2), datetime(2099, 1, 1)), st.sampled_from(ZONES))  # noqa: DTZ001 - wall time
def test_an_instant_written_in_a_zone_is_read_back(wall: datetime, zone: str) -> None:
    place = ZoneInfo(zone)
    wall = wall.replace(microsecond=0, fold=0)
    try:
        instant = parse_when(f"{wall:%Y-%m-%d %H:%M:%S}").at(place)
    except WhenError as found:
        assert found.id in ("date-gap", "date-fold")  # noqa: PT017 - both outcomes are right
    else:
        assert instant.astimezone(place).replace(tzinfo=None, fold=0) == wall


@settings(max_examples=300)
@given(
    st.text(max_size=30) | st.from_regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}( [0-9]{1,2}:[0-9]{2})?(Z|[+-][0-9]{2}:[0-9]{2})?")
)
def test_any_text_is_a_date_or_a_fault(text: str) -> None:
    try:
        when = parse_when(text)
        when.at(ZoneInfo("Europe/Istanbul"))
    except WhenError as found:
        assert found.hint  # noqa: PT017 - both outcomes are right
