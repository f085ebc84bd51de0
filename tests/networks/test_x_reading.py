"""X: what is read back, in the words of tweets and of posts: what became of a post, its numbers, and who we are."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Any

import httpx
import pytest

from networks.contract import (
    SINCE,
    TEXT,
    text,
    with_pictures,
)
from networks.stub_x import (
    NOW,
    FakeX,
)
from networks.x_account import fails, film, find, joined, publish, with_media, words, x
from socialops.errors import NetworkError, NotAllowed, Rejected, TryLater, Unknown
from socialops.http import Http
from socialops.networks.base import Idempotency, TwoStep
from socialops.networks.draft import Part, Poll, Receipt, Reply
from socialops.networks.x import BATCH


@pytest.fixture
def server() -> FakeX:
    return FakeX()


# --- Looking ----------------------------------------------------------------------------------------------------------


def lost(server: FakeX, part: Part) -> None:
    def lose(request: httpx.Request) -> httpx.Response:
        response = server(request)
        if (request.method, request.url.path) == ("POST", "/2/tweets"):
            raise httpx.ReadError("reset", request=request)
        return response

    with pytest.raises(Unknown):
        joined(Http(transport=httpx.MockTransport(lose)), server).publish(part, key="k")


TEXTS = [
    TEXT,
    "Tom & Jerry <3 > all &amp; more &copy; &lt;",
    "Three https://example.org/a?x=1&y=2 https://example.org/A, (https://example.org/k%C4%B1%C5%9F/)",
    "No scheme: example.org and lumenvelo.example",
    "שלום עולם! https://example.org/חורף",
    "Lines\n\nand  spaces \n of all kinds",
    "cafe\u0301",
    "👩🏽‍🚀❤️‍🔥",
]


@pytest.mark.parametrize("written", TEXTS)
@pytest.mark.parametrize("naming", ["tweet", "post"])
def test_what_was_sent_is_found_though_the_answer_was_lost(server: FakeX, written: str, naming: str) -> None:
    server.naming = naming
    server.add("RT @mia: " + written)
    lost(server, words(written))
    found = find(server, words(written))
    assert found is not None
    assert found.id == server.posts[0]["id"]
    assert find(server, words(written + "!")) is None
    assert find(server, words(written[1:])) is None
    error = fails(server, words(written), Unknown)
    assert error.code == "403 duplicate"


@pytest.mark.parametrize("naming", ["tweet", "post"])
@pytest.mark.parametrize("tells", [True, False])
def test_a_part_is_found_in_its_own_thread_only(server: FakeX, naming: str, tells: bool) -> None:
    server.naming = naming
    server.tells_references = tells or naming == "tweet"
    first, other = publish(server, words("One")), publish(server, words("Another"))
    second = publish(server, words("Same", reply=Reply(first, first)))
    assert find(server, words("Same", reply=Reply(first, first))) == second
    assert find(server, words("Same", reply=Reply(other, other))) is None
    assert find(server, words("Same")) is None
    assert find(server, words("One")) == first
    if server.tells_references:
        third = publish(server, words("Third", reply=Reply(first, second)))
        assert find(server, words("Third", reply=Reply(first, second))) == third
        assert find(server, words("Third", reply=Reply(first, first))) is None


def test_media_and_polls_tell_posts_of_one_text_apart(server: FakeX) -> None:
    bare = publish(server, words("Two lamps"))
    poll = publish(server, words("Tea?", poll=Poll(("a", "b"), 600)))
    pictures = publish(server, with_pictures("a", "b"))
    video = publish(server, with_media(film()))
    assert find(server, words("Two lamps")) == bare
    assert find(server, with_pictures("a", "b")) == pictures
    assert find(server, with_media(film())) == video
    assert find(server, with_pictures("a", "b", "c")) is None
    assert find(server, words("Tea?")) is None
    assert find(server, words("Tea?", poll=Poll(("a", "b"), 600))) == poll


def test_two_posts_alike_are_for_a_person(server: FakeX) -> None:
    server.add("Hello")
    server.add("Hello")
    with pytest.raises(Unknown) as caught:
        find(server, words("Hello"))
    assert caught.value.code == "ambiguous"


def test_only_what_is_recent_is_looked_at_page_by_page(server: FakeX) -> None:
    server.now = SINCE - timedelta(hours=1)
    server.add("Hello")
    server.now = NOW
    assert find(server, words("Hello")) is None
    wanted = server.add("Hello")
    for number in range(6):
        server.add(f"Other {number}")
    server.page = 3
    found = find(server, words("Hello"))
    assert found is not None
    assert found.id == wanted["id"]
    server.page = 0
    with pytest.raises(Unknown):
        find(server, words("Hello"))


def test_an_account_that_cannot_read_leaves_it_to_a_person(server: FakeX) -> None:
    network = x(server, settings={"reads": False})
    assert network.idempotency is Idempotency.NONE
    with pytest.raises(Unknown):
        network.find(text(), key="k", since=SINCE)
    assert server.requests == []
    assert x(server).idempotency is Idempotency.READBACK
    assert not isinstance(network, TwoStep)
    server.reads = False
    with pytest.raises(Unknown) as caught:
        find(server, text())
    assert "reads: false" in caught.value.hint


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, json={}),
        httpx.Response(200, json=[]),
        httpx.Response(200, text="<html>"),
        httpx.Response(200, json={"meta": {}, "data": {}}),
        httpx.Response(200, json={"meta": {}, "data": [{"id": "1", "text": "Hello"}]}),
        httpx.Response(200, json={"meta": {}, "data": ["1"]}),
        httpx.Response(400),
        httpx.Response(429),
        httpx.Response(503),
    ],
)
def test_a_timeline_that_cannot_be_read_proves_nothing(server: FakeX, answer: httpx.Response) -> None:
    server.refusals["GET /2/users/777/tweets"] = answer
    with pytest.raises(Unknown):
        find(server, words("Hello"))


def test_an_empty_timeline_proves_that_nothing_is_there(server: FakeX) -> None:
    assert find(server, words("Hello")) is None


def test_a_request_is_signed_anew_each_time(server: FakeX) -> None:
    network = x(server)
    network.account()
    network.account()
    network.find(text(), key="k", since=SINCE)
    assert len(server.nonces) == len(server.requests) == 3


# --- Numbers ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("naming", ["tweet", "post"])
def test_numbers_are_read_in_both_languages(server: FakeX, naming: str) -> None:
    server.naming = naming
    plain, poll, video = (
        publish(server, words("Hello")),
        publish(server, words("Tea?", poll=Poll(("a", "b"), 600))),
        publish(server, with_media(film())),
    )
    stats = list(x(server).measure([plain, poll, video]))
    read = {
        one.id: {stat.metric: stat.value for stat in stats if stat.receipt == one.id} for one in (plain, poll, video)
    }
    usual = {
        "likes": 5,
        "reposts": 3,
        "replies": 1,
        "quotes": 0,
        "bookmarks": 2,
        "impressions": 900,
        "clicks": 12,
        "profile_clicks": 4,
    }
    assert read == {plain.id: usual, poll.id: {**usual, "votes": 8}, video.id: {**usual, "views": 60}}
    account = x(server).account()
    assert (account.followers, account.following, account.posts) == (321, 7, 42)


def test_the_words_that_x_took_are_used_first_the_next_time(server: FakeX) -> None:
    server.naming = "post"
    receipt = publish(server, words("Hello"))
    network = x(server)
    network.measure([receipt])
    before = len(server.requests)
    network.measure([receipt])
    network.measure([receipt])
    assert len(server.requests) - before == 2
    server.naming = "tweet"
    assert network.measure([receipt])


def test_numbers_of_many_posts_take_one_request_a_hundred(server: FakeX) -> None:
    receipts = [Receipt(server.add(f"Post {number}")["id"], "", "") for number in range(2 * BATCH + 30)]
    stats = list(x(server).measure([*receipts, Receipt("../1", "", "")]))
    assert len(server.requests) == math.ceil(len(receipts) / BATCH)
    assert {stat.receipt for stat in stats} == {receipt.id for receipt in receipts}
    assert x(server).measure([]) == []


def test_clicks_are_asked_for_only_while_x_tells_them(server: FakeX) -> None:
    old = [Receipt(server.add(f"Old {number}")["id"], "", "") for number in range(3)]
    server.now = NOW + timedelta(days=40)
    new = [Receipt(server.add(f"New {number}")["id"], "", "") for number in range(BATCH)]
    stats = list(x(server).measure([*old, *new]))
    assert {stat.receipt for stat in stats if stat.metric == "clicks"} == {receipt.id for receipt in new}
    assert {stat.receipt for stat in stats if stat.metric == "likes"} == {receipt.id for receipt in [*old, *new]}
    assert len(server.requests) == 2


@pytest.mark.parametrize("status", [200, 400])
@pytest.mark.parametrize("naming", ["tweet", "post"])
def test_where_clicks_are_not_for_us_the_rest_is_read(server: FakeX, status: int, naming: str) -> None:
    server.hides_clicks, server.naming = status, naming
    receipt = publish(server, words("Hello"))
    network = x(server)
    first = network.measure([receipt])
    before = len(server.requests)
    assert network.measure([receipt]) == first
    assert len(server.requests) - before == 1
    assert {stat.metric for stat in first} == {"likes", "reposts", "replies", "quotes", "bookmarks", "impressions"}


@pytest.mark.parametrize(
    "answer",
    [
        {"data": [{"id": "5", "public_metrics": {"like_count": "many", "reply_count": -1, "quote_count": True}}]},
        {"data": [{"id": "6", "public_metrics": {"like_count": 1}}]},
        {"data": "5"},
        {"data": [None, {"id": 5}]},
        {
            "data": [{"id": "5", "attachments": {"poll_ids": ["1"]}}],
            "includes": {"polls": [{"id": "1", "options": [3]}]},
        },
        {"errors": []},
    ],
)
def test_numbers_that_are_none_are_left_out(server: FakeX, answer: dict[str, Any]) -> None:
    server.refusals["GET /2/tweets"] = httpx.Response(200, json=answer)
    assert x(server).measure([Receipt("5", "", "")]) == []


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (httpx.Response(401), NotAllowed),
        (httpx.Response(402), NotAllowed),
        (httpx.Response(429), TryLater),
        (httpx.Response(500), TryLater),
    ],
)
def test_reads_that_fail_change_nothing(server: FakeX, answer: httpx.Response, expected: type[NetworkError]) -> None:
    server.refusals["GET /2/.*"] = answer
    for read in (x(server).account, lambda: x(server).measure([Receipt("5", "", "")])):
        with pytest.raises(expected):
            read()


def test_the_account_tells_who_it_is_and_whether_it_may_post_more(server: FakeX) -> None:
    account = x(server).account()
    assert (account.id, account.handle, account.url, account.limits) == (
        "777",
        "@lumenvelo",
        "https://x.com/lumenvelo",
        {},
    )
    assert account.profile == {
        "name": "Lumen Velo",
        "note": "Bicycles https://t.co/home000001",
        "url": "https://lumenvelo.example",
        "location": "Istanbul",
    }
    server.subscription = "PremiumPlus"
    assert x(server).account().limits == {"text": 25000}
    server.knows_subscriptions = False
    assert x(server).account().limits == {}


@pytest.mark.parametrize("user", [{}, {"data": {"id": "../7", "username": "a"}}, {"data": {"id": "7"}}, []])
def test_an_answer_that_names_nobody_is_no_account(server: FakeX, user: object) -> None:
    server.refusals["GET /2/users/me"] = httpx.Response(200, json=user)
    with pytest.raises(TryLater):
        x(server).account()


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (httpx.Response(401), NotAllowed),
        (httpx.Response(403), NotAllowed),
        (httpx.Response(429), TryLater),
        (httpx.Response(500), Unknown),
        (httpx.Response(400), Unknown),
    ],
)
def test_what_is_not_surely_deleted_is_said(
    server: FakeX, answer: httpx.Response, expected: type[NetworkError]
) -> None:
    server.refusals[r"DELETE /2/tweets/\d+"] = answer
    with pytest.raises(expected):
        x(server).delete(Receipt("5", "", ""))
    server.refusals[r"DELETE /2/tweets/\d+"] = httpx.Response(404)
    x(server).delete(Receipt("5", "", ""))
    with pytest.raises(Rejected):
        x(server).delete(Receipt("5/../../users/me", "", ""))


# --- Spoilt answers ---------------------------------------------------------------------------------------------------

SPOILT: tuple[Any, ...] = (None, [None], {"id": {}}, "../x<script>", 10**30)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Give the path of every place in a JSON value, its root included."""
    yield path
    for key, item in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from places(item, (*path, key))


def spoil(value: Any, path: Sequence[Any], new: Any) -> Any:
    if not path:
        return new
    changed = value.copy()
    changed[path[0]] = spoil(value[path[0]], path[1:], new)
    return changed


class Spoiler:
    """A wire to a fresh X each time, on which one place of one answer is another value."""

    def __init__(self) -> None:
        # One client for all: making one takes longer than all that is done with it here.
        self.http = Http(transport=httpx.MockTransport(self.carry))
        self.reset(-1, (), None)

    def reset(self, nth: int, path: Sequence[Any], new: Any) -> None:
        self.server, self.nth, self.path, self.new = FakeX(), nth, path, new
        self.server.polls_until_ready = 1
        self.answers: list[Any] = []

    def carry(self, request: httpx.Request) -> httpx.Response:
        response = self.server(request)
        value = response.json()
        self.answers.append(value)
        if len(self.answers) - 1 != self.nth:
            return response
        return httpx.Response(response.status_code, json=spoil(value, self.path, self.new))


def live(part: Part, wire: Spoiler) -> None:
    """Do with an account all that is ever done; what it refuses, it must refuse in our words."""
    network = joined(wire.http, wire.server)
    receipt = Receipt("2000000000000000000", "", "")
    steps: list[Callable[[], Any]] = [
        lambda: network.publish(part, key="k"),
        lambda: network.find(part, key="k", since=SINCE),
        lambda: network.measure([receipt]),
        network.account,
        lambda: network.delete(receipt),
    ]
    for step in steps:
        try:
            done: Any = step()
        except NetworkError as error:
            done = str(error)
        if isinstance(done, Receipt):
            receipt, done = done, done.id + done.url
        if isinstance(done, str):
            assert "script" not in done
            assert "../" not in done


@pytest.mark.parametrize("kind", ["gif", "poll"])
def test_no_spoilt_answer_is_more_than_an_error_in_our_words(kind: str) -> None:
    parts = {
        "gif": with_media(film("image/gif", 10)),
        "poll": words("Tea? https://example.org & more", poll=Poll(("a", "b"), 600)),
    }
    wire = Spoiler()
    live(parts[kind], wire)
    whole = wire.answers
    assert len(whole) >= 5
    for nth, value in enumerate(whole):
        for path in places(value):
            for new in SPOILT:
                wire.reset(nth, path, new)
                try:
                    live(parts[kind], wire)
                except Exception as error:
                    raise AssertionError(f"answer {nth}, {path}, {new!r}") from error
