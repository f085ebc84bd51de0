"""What adapters share: times, waits and addresses as servers write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from socialops.networks.base import LATEST, SOONEST, instant, rfc3339, wait_of, web_address

AT = datetime(2026, 12, 6, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2026-12-06T09:00:00Z",
        "2026-12-06T12:00:00.000+03:00",
        "Sun, 06 Dec 2026 09:00:00 GMT",
        "2026-12-06 09:00+00:00",
    ],
)
def test_times_are_read_in_every_form_servers_use(text: str) -> None:
    assert instant(text) == AT


@pytest.mark.parametrize(
    "text", ["", "soon", "2026-12-06T09:00:00", "2026-13-06T09:00:00Z", "0001-01-01T00:00:00+23:59", None, 5, "9" * 99]
)
def test_what_is_no_instant_is_none(text: object) -> None:
    assert instant(text) is None


def test_times_are_written_in_one_form() -> None:
    assert rfc3339(datetime.fromisoformat("2026-12-06T12:00:00.1239+03:00")) == "2026-12-06T09:00:00.123Z"


@given(st.dictionaries(st.sampled_from(["Retry-After", "X-RateLimit-Reset", "RateLimit-Reset", "Date"]), st.text()))
def test_whatever_a_server_says_we_wait_between_a_second_and_six_hours(headers: dict[str, str]) -> None:
    assert SOONEST <= wait_of(headers) <= LATEST


def test_seconds_since_1970_are_compared_with_the_servers_own_clock() -> None:
    headers = {"RateLimit-Reset": str(int(AT.timestamp()) + 90), "Date": "Sun, 06 Dec 2026 09:00:00 GMT"}
    assert wait_of(headers) == timedelta(seconds=90)


@pytest.mark.parametrize(
    "address", ["https://example.org/@a/1", "http://127.0.0.1:8765/x", "https://xn--baw-joa.social"]
)
def test_a_web_address_is_kept(address: str) -> None:
    assert web_address(address) == address


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "ftp://example.org",
        "//example.org",
        "https://",
        "https://a b",
        "https://example.org/\n",
        "https://user:pass@example.org",
        "http://[::1",
        "https://e.org/" + "x" * 3000,
        None,
        7,
    ],
)
def test_what_is_no_web_address_is_dropped(address: object) -> None:
    assert web_address(address) == ""
