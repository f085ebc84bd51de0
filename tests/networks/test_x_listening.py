"""What people say to us on X: answers and mentions told apart, in both languages, a page at a time."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from networks.stub_x import NOW, OWN, FakeX, problem
from networks.x_account import find, publish, words, x
from socialops.errors import NetworkError, NotAllowed, TryLater
from socialops.networks.base import HasDemographics, HasMentions, HasReplies, HasTrends, InboxMessage
from socialops.networks.draft import Receipt

SINCE = NOW - timedelta(hours=1)


@pytest.fixture
def server() -> FakeX:
    return FakeX()


def asked(server: FakeX) -> list[httpx.Request]:
    return [request for request in server.requests if request.url.path == f"/2/users/{OWN}/mentions"]


def test_it_tells_answers_and_mentions_but_no_groups_and_no_trends(server: FakeX) -> None:
    ours = x(server)
    assert isinstance(ours, HasReplies)
    assert isinstance(ours, HasMentions)
    assert not isinstance(ours, HasDemographics | HasTrends)


@pytest.mark.parametrize("naming", ["tweet", "post"])
@pytest.mark.parametrize("tells", [True, False])
def test_an_answer_and_a_mention_are_told_apart(server: FakeX, naming: str, tells: bool) -> None:
    server.naming, server.tells_references, server.tells_whom = naming, tells, tells
    receipt = publish(server, words("Kış geldi"))
    answer = server.hear("@lumenvelo Çok güzel & parlak https://example.org/ışık", answers=server.posts[0])
    mention = server.hear("תודה @lumenvelo", of="noa")
    other = server.hear("@lumenvelo and @ion agree", of="ion", answers={"id": "1700000000000000000", "author": "ion"})
    ours = x(server)
    (told,) = ours.replies([receipt], since=SINCE)
    assert told == InboxMessage(
        answer["id"],
        "reply",
        "@mia",
        "@lumenvelo Çok güzel & parlak https://example.org/ışık",
        "2026-12-06T09:00:00.000Z",
        f"https://x.com/mia/status/{answer['id']}",
        receipt.id,
    )
    heard = ours.mentions(since=SINCE)
    assert [(one.id, one.kind, one.author, one.about) for one in heard] == [
        (other["id"], "mention", "@ion", ""),
        (mention["id"], "mention", "@noa", ""),
    ]


def test_an_answer_deep_in_the_conversation_is_about_its_first_post(server: FakeX) -> None:
    receipt = publish(server, words("Kış geldi"))
    by_hand = server.add("Our answer by hand", parent=receipt.id)
    server.hear("@lumenvelo and then?", answers=by_hand)
    (told,) = x(server).replies([receipt], since=SINCE)
    assert told.about == receipt.id
    assert not x(server).mentions(since=SINCE)


def test_our_own_words_are_left_out(server: FakeX) -> None:
    receipt = publish(server, words("Kış geldi"))
    server.hear("@lumenvelo a note to ourselves", of="lumenvelo", answers=server.posts[0])
    server.hear("We are @lumenvelo", of="lumenvelo")
    ours = x(server)
    assert (ours.replies([receipt], since=SINCE), ours.mentions(since=SINCE)) == ([], [])


def test_answers_to_many_posts_take_as_many_requests_as_there_are_pages(server: FakeX) -> None:
    receipts = [publish(server, words(f"Post {number}")) for number in range(30)]
    for post in list(server.posts):
        for number in range(5):
            server.hear(f"@lumenvelo answer {number}", answers=post)
    told = x(server).replies(receipts, since=SINCE)
    assert len(told) == 150
    assert len({one.about for one in told}) == 30
    assert len(asked(server)) == 2


def test_more_than_x_shows_is_not_asked_for(server: FakeX) -> None:
    server.page = 5
    for number in range(60):
        server.hear(f"Hello @lumenvelo {number}")
    assert len(x(server).mentions(since=SINCE)) == 40
    assert len(asked(server)) == 8


def test_only_what_is_new_is_told(server: FakeX) -> None:
    server.now = NOW - timedelta(hours=2)
    server.hear("Long ago @lumenvelo")
    server.now = SINCE
    server.hear("Just then @lumenvelo")
    server.now = NOW
    server.hear("Now @lumenvelo")
    assert [one.text for one in x(server).mentions(since=SINCE)] == ["Now @lumenvelo"]
    assert asked(server)[0].url.params["start_time"] == "2026-12-06T08:00:00Z"


def test_what_others_wrote_stands_in_no_log(server: FakeX) -> None:
    server.hear("Secret words @lumenvelo", of="noa")
    (told,) = x(server).mentions(since=SINCE)
    assert "Secret" not in repr(told)
    assert "noa" not in repr(told).replace(told.url, "")


def test_without_receipts_nothing_is_asked(server: FakeX) -> None:
    assert x(server).replies([Receipt("../7", "", "")], since=SINCE) == []
    assert not server.requests


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (problem(401, "Unauthorized", "Unauthorized"), NotAllowed),
        (problem(402, "Credits Depleted", "no credits"), NotAllowed),
        (problem(403, "Client Forbidden", "not enrolled", "client-forbidden"), NotAllowed),
        (problem(429, "Too Many Requests", "Too Many Requests", **{"Retry-After": "60"}), TryLater),
        (problem(503, "Service Unavailable", "down"), TryLater),
        (httpx.Response(200, content=b"<html>"), TryLater),
    ],
    ids=["401", "402", "403", "429", "503", "no json"],
)
def test_a_read_that_fails_is_said(server: FakeX, answer: httpx.Response, expected: type[NetworkError]) -> None:
    server.refusals = {f"GET /2/users/{OWN}/mentions": answer}
    with pytest.raises(expected):
        x(server).mentions(since=SINCE)


def test_a_channel_that_may_not_read_says_so(server: FakeX) -> None:
    with pytest.raises(NotAllowed, match="may not read") as caught:
        x(server, settings={"reads": False}).mentions(since=SINCE)
    assert "reads: false" in caught.value.hint
    assert not server.requests


@pytest.mark.parametrize("spoilt", [None, 7, [], {"data": 7}, {"data": [7, {"id": "../x"}, {"id": "7"}]}, {"meta": []}])
def test_an_answer_of_nonsense_is_nothing_or_an_error(server: FakeX, spoilt: object) -> None:
    server.refusals = {f"GET /2/users/{OWN}/mentions": httpx.Response(200, json=spoilt)}
    try:
        assert x(server).mentions(since=SINCE) == []
    except TryLater:
        assert not isinstance(spoilt, dict)


def test_what_others_wrote_is_never_taken_for_ours(server: FakeX) -> None:
    server.hear("Kış geldi")
    assert find(server, words("Kış geldi")) is None
