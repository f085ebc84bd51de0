"""Reading LinkedIn: what was published, its numbers, whose account it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from networks.contract import SINCE, text
from networks.contract import with_pictures as pictured
from networks.linkedin_stage import KEY, Handler, lost, member, old, page, replies_to, unreached
from networks.stub_linkedin import NOW, StubLinkedIn, answer
from socialops.errors import NetworkError, NotAllowed, Rejected, TryLater, Unknown
from socialops.networks.base import Stat
from socialops.networks.draft import Poll, Receipt, Span
from socialops.networks.linkedin import BATCH


@pytest.fixture
def server() -> StubLinkedIn:
    return StubLinkedIn()


# --- Looking ----------------------------------------------------------------------------------------------------------


def test_it_looks_further_than_a_page_and_stops_before_the_claim(server: StubLinkedIn) -> None:
    server.now = NOW - timedelta(days=9)
    old(server, 500)
    server.now = NOW
    part = text("The first of today")
    receipt = page(server).publish(part, key=KEY)
    old(server, 70)
    server.requests.clear()
    assert page(server).find(part, key=KEY, since=SINCE) == receipt
    assert len(server.requests) == 3


@pytest.mark.parametrize("size", [1, 3, 20, 100])
def test_pages_shorter_than_asked_for_are_no_end(server: StubLinkedIn, size: int) -> None:
    server.page_size = size
    part = text("The first of today")
    receipt = page(server).publish(part, key=KEY)
    old(server, 19)
    assert page(server).find(part, key=KEY, since=SINCE) == receipt


def test_a_timeline_that_shows_one_page_only_says_nothing(server: StubLinkedIn) -> None:
    old(server, 60)

    def stuck(request: httpx.Request) -> httpx.Response:
        start = httpx.URL(str(request.url).replace("&start=50", "&start=0"))
        return server(httpx.Request("GET", start, headers=request.headers))

    with pytest.raises(Unknown, match="newest page"):
        page(stuck).find(text("Hello"), key=KEY, since=SINCE)


@pytest.mark.parametrize(
    "changes",
    [
        {"author": "urn:li:organization:9"},
        {"lifecycleState": "DRAFT"},
        {"reshareContext": {"parent": "urn:li:share:5"}},
        {"content": {"media": {"id": "urn:li:image:1"}}},
        {"content": {"poll": {"question": "?"}}},
        {"commentary": "Hello\\!"},
        {"commentary": "hello"},
        {"commentary": None},
        {"createdAt": int((NOW - timedelta(days=1)).timestamp() * 1000)},
    ],
)
def test_what_is_not_this_part_is_not_found(server: StubLinkedIn, changes: dict[str, Any]) -> None:
    receipt = page(server).publish(text("Hello"), key=KEY)
    assert page(server).find(text("Hello"), key=KEY, since=SINCE) == receipt
    server.posts[receipt.id].update(changes)
    if changes.get("author"):
        # It shows on our page all the same.
        shown = {"elements": [{**server.element(receipt.id)}]}
        assert (
            page(lambda r: answer(200, shown if "start=0" in str(r.url) else {"elements": []})).find(
                text("Hello"), key=KEY, since=SINCE
            )
            is None
        )
    assert page(server).find(text("Hello"), key=KEY, since=SINCE) is None


def test_commentary_is_compared_as_people_see_it(server: StubLinkedIn) -> None:
    part = text("Işık  (açık) #kış https://example.org/kış", spans=(Span(13, 17, "tag", "kış"),))
    receipt = page(server).publish(part, key=KEY)
    server.posts[receipt.id]["commentary"] = "Işık \\(açık\\) #kış https://lnkd.in/gYDpC24R"
    assert page(server).find(part, key=KEY, since=SINCE) == receipt


def test_polls_without_other_words_are_told_apart_by_their_question(server: StubLinkedIn) -> None:
    poll = Poll(("A", "B"), 86_400)
    first = page(server).publish(text("Which lamp?", poll=poll), key=KEY)
    page(server).publish(text("Which bell?", poll=poll), key=KEY)
    assert page(server).find(text("Which lamp?", poll=poll), key=KEY, since=SINCE) == first
    assert page(server).find(text("Which tyre?", poll=poll), key=KEY, since=SINCE) is None


def test_pictures_without_words_are_told_apart_by_their_names(server: StubLinkedIn) -> None:
    lamp, bell = replace(pictured("A lamp"), text=""), replace(pictured("A bell"), text="")
    handle = page(server).prepare(lamp, key=KEY)
    # As it is when a post is looked for: nothing is made ready, and the handle comes from the ledger.
    wanted = replace(lamp, uploads=(), handle=handle)
    page(server).publish(bell, key=KEY)
    assert page(server).find(wanted, key=KEY, since=SINCE) is None
    receipt = page(server).publish(replace(lamp, handle=handle), key=KEY)
    assert page(server).find(wanted, key=KEY, since=SINCE) == receipt
    server.posts[receipt.id]["content"] = {"media": {"id": "urn:li:digitalmediaAsset:X"}}
    assert page(server).find(wanted, key=KEY, since=SINCE) == receipt


def test_two_posts_that_match_are_for_a_person(server: StubLinkedIn) -> None:
    old(server, 2, commentary="Hello")
    with pytest.raises(Unknown) as caught:
        page(server).find(text("Hello"), key=KEY, since=SINCE)
    assert caught.value.code == "ambiguous"


@pytest.mark.parametrize(
    "reply",
    [
        lost,
        lambda _: answer(403),
        lambda _: answer(429),
        lambda _: answer(500),
        lambda _: httpx.Response(200, text="<html>"),
        lambda _: answer(200, []),
        lambda _: answer(200, {"elements": "x"}),
        lambda _: answer(200, {"elements": [7]}),
        lambda _: answer(200, {"elements": [{"id": "urn:li:share:1"}]}),
        lambda _: answer(200, {"elements": [{"id": "urn:li:share:../1", "createdAt": 1_800_000_000_000}]}),
        lambda _: answer(200, {"elements": [{"id": "urn:li:share:1\u0660", "createdAt": 1_800_000_000_000}]}),
        lambda _: answer(200, {"elements": [{"id": "urn:li:share:1", "createdAt": 10**30}]}),
    ],
)
def test_a_timeline_that_cannot_be_read_proves_nothing(server: StubLinkedIn, reply: Handler) -> None:
    with pytest.raises(Unknown):
        page(replies_to("/rest/posts", server, reply)).find(text("Hello"), key=KEY, since=SINCE)


def test_of_a_member_nothing_can_be_found_out(server: StubLinkedIn) -> None:
    part = text("Hello")
    member(server).publish(part, key=KEY)
    server.requests.clear()
    with pytest.raises(Unknown, match="no program"):
        member(server).find(part, key=KEY, since=SINCE)
    assert server.requests == []
    assert list(member(server).measure([Receipt("urn:li:share:7", "https://e.org/", "")])) == []


# --- Numbers and account ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("number", "calls"), [(0, 0), (1, 1), (BATCH, 1), (BATCH + 1, 2), (5 * BATCH, 5)])
def test_numbers_are_read_in_batches(server: StubLinkedIn, number: int, calls: int) -> None:
    old(server, number)
    receipts = [Receipt(urn, "https://e.org/", "") for urn in server.posts]
    stats = list(page(server).measure(receipts))
    assert len(server.requests) == calls
    assert {stat.receipt for stat in stats} == set(server.posts)
    assert all(len(request.url.raw_path) < 4000 for request in server.requests)


def test_each_number_has_its_name_and_what_is_not_told_is_left_out(server: StubLinkedIn) -> None:
    old(server, 1)
    old(server, 1, content={"multiImage": {"images": []}})
    server.numbers = {"likeCount": -1, "shareCount": 2, "clickCount": 0}
    receipts = [Receipt(urn, "https://e.org/", "") for urn in server.posts]
    odd = [Receipt(name, "", "") for name in ("x", "urn:li:share:1)&x=(", "urn:li:comment:(urn:li:activity:1,2)")]
    share, ugc = server.posts
    assert list(page(server).measure([*receipts, *odd])) == [
        Stat(urn, metric, value_)
        for urn in (share, ugc)
        for metric, value_ in (("reposts", 2), ("clicks", 0), ("impressions", 250), ("reach", 200))
    ]


@pytest.mark.parametrize(
    "body", [[], {}, {"elements": 7}, {"elements": [7, {"share": 1}, {"share": "urn:li:share:7"}]}]
)
def test_numbers_in_a_form_we_do_not_know_are_none(body: Any) -> None:
    network = page(lambda _: answer(200, body))
    assert list(network.measure([Receipt("urn:li:share:7", "https://e.org/", "")])) == []


def test_numbers_without_the_right_to_read_them_are_not_allowed(server: StubLinkedIn) -> None:
    server.reads = False
    with pytest.raises(NotAllowed):
        page(server).measure([Receipt("urn:li:share:7", "https://e.org/", "")])


def test_the_page_says_who_it_is_and_how_many_follow(server: StubLinkedIn) -> None:
    account = page(server).account()
    assert (account.id, account.handle, account.name, account.followers) == ("2414183", "lumenvelo", "Lumen Velo", 321)
    assert account.url == "https://www.linkedin.com/company/lumenvelo/"
    assert account.profile == {"name": "Lumen Velo", "note": "Bicycles", "website": "https://lumenvelo.example"}


def test_followers_that_are_not_told_are_unknown(server: StubLinkedIn) -> None:
    assert page(replies_to("/rest/networkSizes", server, lambda _: answer(403))).account().followers is None


@pytest.mark.parametrize("body", [[], 7, None])
def test_a_page_that_is_answered_with_nonsense_is_tried_later(body: Any) -> None:
    with pytest.raises(TryLater, match="who we are"):
        page(lambda _: answer(200, body)).account()


def test_the_member_says_who_they_are(server: StubLinkedIn) -> None:
    account = member(server).account()
    assert (account.id, account.name) == ("Ylpq-RobP9", "Ayşe Yılmaz")
    assert account.url == "https://www.linkedin.com/in/lumenvelo-ayse"


@pytest.mark.parametrize("body", [[], {}, {"sub": "../x"}, {"sub": ""}, {"sub": None}, {"sub": "x" * 99}])
def test_a_member_without_a_name_publishes_nothing(body: Any) -> None:
    with pytest.raises(TryLater, match="who we are"):
        member(lambda _: answer(200, body)).publish(text("Hello"), key=KEY)


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (lost, Unknown),
        (unreached, TryLater),
        (lambda _: answer(401), NotAllowed),
        (lambda _: answer(403), NotAllowed),
        (lambda _: answer(429), TryLater),
        (lambda _: answer(500), Unknown),
        (lambda _: answer(400), Unknown),
    ],
)
def test_a_deletion_that_fails_says_so(reply: Handler, expected: type[NetworkError]) -> None:
    with pytest.raises(expected):
        page(reply).delete(Receipt("urn:li:share:7", "https://e.org/", ""))


def test_only_posts_are_deleted(server: StubLinkedIn) -> None:
    with pytest.raises(Rejected):
        page(server).delete(Receipt("urn:li:organization:1", "https://e.org/", ""))
    assert server.requests == []
