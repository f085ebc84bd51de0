"""What the adapter of Instagram reads: what became of a post, whose account it is, numbers; and how it counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from networks.contract import SINCE, text, with_pictures
from networks.fakes import NOW
from networks.instagram_stage import SETTINGS, connected, film, hosted, one_picture, sent
from networks.stub_facebook import refusal
from networks.stub_instagram import ACCOUNT, PLACE, StubInstagram
from socialops.errors import CredentialsError, NotAllowed, Rejected, Unknown
from socialops.http import Http
from socialops.networks import counts, default_limits
from socialops.networks.base import Login
from socialops.networks.draft import Part, Receipt
from socialops.networks.instagram import Instagram

LIMITS = default_limits("instagram")


@pytest.fixture
def server() -> StubInstagram:
    return StubInstagram()


# --- Looking ----------------------------------------------------------------------------------------------------------


def published(server: StubInstagram, ours: Instagram, part: Part) -> tuple[Part, Receipt]:
    part = hosted(server, part)
    part = replace(part, handle=ours.prepare(part, key="k"))
    receipt = ours.publish(part, key="k")
    return replace(part, uploads=()), receipt


@pytest.mark.parametrize(
    "part",
    [
        text(**one_picture()),
        text("", **one_picture()),
        text("", kind="story", **one_picture()),
        film("reel"),
        film("story", ""),
        replace(with_pictures("Front", "Back"), kind="carousel"),
    ],
)
def test_what_was_published_is_found_by_its_container(server: StubInstagram, part: Part) -> None:
    ours, _ = connected(server)
    claimed, receipt = published(server, ours, part)
    assert ours.find(claimed, key="k", since=SINCE) == receipt


def test_a_story_of_somebody_else_is_not_taken_for_ours(server: StubInstagram) -> None:
    ours, _ = connected(server)
    published(server, ours, text("", kind="story", **one_picture()))
    part = hosted(server, text("", kind="story", **one_picture()))
    waiting = replace(part, handle=ours.prepare(part, key="k"))
    assert ours.find(waiting, key="k", since=SINCE) is None


def test_a_container_nobody_knows_proves_nothing_without_a_caption(server: StubInstagram) -> None:
    ours, _ = connected(server)
    with pytest.raises(Unknown):
        ours.find(text("", handle="9" * 17, **one_picture()), key="k", since=SINCE)
    assert ours.find(text("Words", handle="9" * 17, **one_picture()), key="k", since=SINCE) is None


def test_a_published_container_whose_post_is_not_shown_proves_nothing(server: StubInstagram) -> None:
    ours, _ = connected(server)
    claimed, _ = published(server, ours, text(**one_picture()))
    server.lists = False
    with pytest.raises(Unknown):
        ours.find(claimed, key="k", since=SINCE)


def test_two_posts_alike_need_a_person(server: StubInstagram) -> None:
    ours, _ = connected(server)
    published(server, ours, text(**one_picture()))
    claimed, _ = published(server, ours, text(**one_picture()))
    with pytest.raises(Unknown) as caught:
        ours.find(claimed, key="k", since=SINCE)
    assert caught.value.code == "ambiguous"


def test_a_look_goes_through_all_pages_since_the_claim(server: StubInstagram) -> None:
    ours, _ = connected(server)
    claimed, receipt = published(server, ours, text(**one_picture()))
    held = server.containers[claimed.handle]
    for number in range(120):
        server.add(claimed.handle, {**held, "fields": {**held["fields"], "caption": f"Post {number}"}}, NOW)
    assert ours.find(claimed, key="k", since=SINCE) == receipt


def test_a_post_from_before_the_claim_is_not_ours(server: StubInstagram) -> None:
    ours, _ = connected(server)
    part = hosted(server, text(**one_picture()))
    part = replace(part, handle=ours.prepare(part, key="k"))
    server.add(part.handle, server.containers[part.handle], SINCE - timedelta(seconds=1))
    assert ours.find(part, key="k", since=SINCE) is None


@pytest.mark.parametrize(
    "answer", [refusal(190, 463), refusal(2, status=500), httpx.Response(200, json={"data": [{"id": "x"}]})]
)
def test_a_look_that_fails_proves_nothing(server: StubInstagram, answer: httpx.Response) -> None:
    ours, _ = connected(server)
    claimed, _ = published(server, ours, text(**one_picture()))

    def reply(request: httpx.Request) -> httpx.Response:
        listing = request.method == "GET" and request.url.path.endswith(f"{ACCOUNT}/media")
        return answer if listing else server(request)

    with pytest.raises(Unknown):
        connected(reply)[0].find(claimed, key="k", since=SINCE)


# --- Two logins -------------------------------------------------------------------------------------------------------


def test_a_token_of_instagram_login_goes_to_instagram_alone(server: StubInstagram) -> None:
    ours, _ = connected(server, settings={**SETTINGS, "login": "instagram"})
    receipt = sent(ours, hosted(server, text(**one_picture())))
    assert {stat.metric for stat in ours.measure([receipt])} >= {"likes", "views"}
    assert ours.account().id == ACCOUNT
    assert {request.url.host for request in server.requests} == {"graph.instagram.com", PLACE}
    assert server.batches == []


def test_a_token_tells_which_login_it_is_of(server: StubInstagram) -> None:
    hosts: list[str] = []

    def reply(request: httpx.Request) -> httpx.Response:
        hosts.append(request.url.host)
        return httpx.Response(401)

    for token in ("IGAAs3cret", "EAAs3cret"):
        ours = Instagram(Login("insta", "x", "", token), Http(transport=httpx.MockTransport(reply)))
        with pytest.raises(NotAllowed):
            ours.account()
    assert hosts == ["graph.instagram.com", "graph.facebook.com"]
    with pytest.raises(CredentialsError):
        connected(server, settings={"login": "google"})


def test_paid_partnerships_need_facebook_login(server: StubInstagram) -> None:
    ours, _ = connected(server, settings={**SETTINGS, "login": "instagram"})
    with pytest.raises(Rejected):
        ours.prepare(hosted(server, film("reel", options={"labels": "paid-partnership"})), key="k")


def test_a_token_without_an_instagram_account_is_told_what_to_write(server: StubInstagram) -> None:
    def reply(request: httpx.Request) -> httpx.Response:
        return refusal(100) if request.url.path.endswith("/me") else server(request)

    with pytest.raises(NotAllowed) as caught:
        connected(reply)[0].account()
    assert "account_id" in caught.value.hint
    assert connected(reply, settings={"account_id": int(ACCOUNT)})[0].account().id == ACCOUNT


def test_the_account_says_how_often_it_may_publish(server: StubInstagram) -> None:
    server.total = 100
    account = connected(server)[0].account()
    assert (account.followers, account.following, account.posts) == (321, 7, 0)
    assert account.limits == {"posts_per_day": 100}


# --- Numbers ----------------------------------------------------------------------------------------------------------


def numbers(stats: Sequence[Any], identity: str) -> dict[str, int]:
    return {stat.metric: stat.value for stat in stats if stat.receipt == identity}


def posted(server: StubInstagram, number: int, kind: str = "IMAGE") -> list[Receipt]:
    held = {"kind": kind, "fields": {"caption": "x"}, "children": []}
    return [
        Receipt(media["id"], "", "", {"product": media["media_product_type"]})
        for media in (server.add("", held) for _ in range(number))
    ]


def test_the_numbers_of_many_posts_take_few_requests(server: StubInstagram) -> None:
    ours, _ = connected(server)
    receipts = posted(server, 118) + posted(server, 1, "REELS") + posted(server, 1, "STORIES")
    stats = ours.measure(receipts)
    assert server.batches == [50, 50, 20]
    # `reach` is an empty list: unknown, and no 0.
    assert numbers(stats, receipts[0].id) == {"likes": 5, "replies": 2, "views": 90, "saves": 90, "shares": 90}
    assert numbers(stats, receipts[118].id)["reposts"] == 90
    assert numbers(stats, receipts[119].id)["replies"] == 90


def test_a_retired_metric_costs_only_itself(server: StubInstagram) -> None:
    server.dead = {"saved"}
    ours, _ = connected(server)
    receipts = posted(server, 60)
    stats = ours.measure(receipts)
    assert numbers(stats, receipts[59].id) == {"likes": 5, "replies": 2, "views": 90, "shares": 90}
    assert server.batches == [50, 4, 50, 10]


def test_what_is_gone_is_left_out_of_the_numbers(server: StubInstagram) -> None:
    ours, _ = connected(server)
    kept, gone = posted(server, 2)
    server.media = [media for media in server.media if media["id"] != gone.id]
    assert {stat.receipt for stat in ours.measure([kept, gone, Receipt("../me", "", "")])} == {kept.id}


# --- Counting ---------------------------------------------------------------------------------------------------------


def counted(part: Part) -> dict[str, tuple[int, int]]:
    return {count.what: (count.used, count.limit) for count in counts("instagram", part, LIMITS)}


def test_hashtags_and_mentions_of_the_first_comment_count_too() -> None:
    part = text("Kış #kış #ışık @mia https://example.org/#x", first_comment="#חורף @ion mia@example.org")
    assert counted(part)["hashtags"] == (3, 5)
    assert counted(part)["mentions"] == (2, 20)


def test_a_story_has_room_for_no_text() -> None:
    assert counted(text("Words", kind="story"))["text"] == (5, 0)


def test_characters_beyond_the_first_plane_count_twice() -> None:
    assert counted(text("🚲"))["text"] == (2, 2200)


@given(st.text(st.characters(exclude_categories=[])), st.text(st.characters(exclude_categories=[])))
def test_whatever_is_written_can_be_counted(words: str, comment: str) -> None:
    used = counted(Part(words, first_comment=comment))
    assert used["text"][0] >= len(words)
    assert used["hashtags"][0] <= words.count("#") + comment.count("#") + (words + comment).count("＃")
