"""The comparison itself: what it lets pass, and what it does not."""

from __future__ import annotations

import httpx
import pytest

from real.oracles.recorder import assert_alike, recording

pytestmark = pytest.mark.real


def request(url: str = "https://example.org/a?b=1", **more: object) -> httpx.Request:
    made = httpx.Request("POST", url, headers={"Authorization": "Bearer x"}, json=more)
    made.read()
    return made


@pytest.mark.parametrize(
    "other",
    [
        request("https://example.org/c?b=1", text="x", deep={"list": [1, 2]}),
        request("https://example.org/a?b=2", text="x", deep={"list": [1, 2]}),
        request("https://example.org/a", text="x", deep={"list": [1, 2]}),
        request(text="y", deep={"list": [1, 2]}),
        request(text="x", deep={"list": [2, 1]}),
        request(text="x", deep={"list": [1]}),
        request(text="x", deep={"list": [1, 2]}, more=None),
        request(text="x", deep={"list": ["1", 2]}),
    ],
)
def test_a_difference_without_a_reason_fails(other: httpx.Request) -> None:
    ours = request(text="x", deep={"list": [1, 2]})
    assert_alike(ours, request(text="x", deep={"list": [1, 2]}))
    with pytest.raises(AssertionError, match="ours, and the library's"):
        assert_alike(ours, other)


def test_a_reason_without_a_difference_fails() -> None:
    assert_alike(request(a=1), request(a=2), because={"body.a": "it counts from two"})
    with pytest.raises(AssertionError, match="alike by now"):
        assert_alike(request(a=1), request(a=1), because={"body.a": "it counts from two"})


def test_what_is_sent_is_written_down_under_its_name() -> None:
    with recording("https://example.org", lambda seen: {"path": seen.url.path}) as server:
        with httpx.Client(transport=server.transport()) as client, server.naming("one"):
            told = client.post("https://example.org/a?b=ı", json={"c": "ğ"}).json()
        assert told == {"path": "/a"}
        assert_alike(server.one("one"), httpx.Request("POST", "https://example.org/a?b=ı", json={"c": "ğ"}))
