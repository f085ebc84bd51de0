"""The adapter of Facebook Pages over a Page in memory: the shared contract, each kind, each refusal, the numbers."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from networks.contract import PROMISES, SINCE, TEXT, Place, Seen, picture, place, text, with_pictures
from networks.fakes import NOW, SECRET
from networks.stub_facebook import PAGE, StubFacebook, refusal
from socialops.errors import NetworkError, NotAllowed, Rejected, TryLater, Unknown
from socialops.http import Http
from socialops.networks import counts, default_limits
from socialops.networks.base import Login
from socialops.networks.draft import Card, Part, Poll, Receipt, Reply
from socialops.networks.facebook import Facebook

LIMITS = default_limits("facebook")
FILM = b"\x00\x00\x00\x18ftypmp42"

NOT_ITS_PROMISES = {
    # A Page has comments, but no threads.
    "hangs_a_thread_together",
    # Facebook knows no keys: whether a post is there is found by reading.
    "publishes_one_post_for_one_key",
    # The last step of this promise sends the same key again; the one below stands in its place.
    "finds_what_was_sent_though_the_answer_was_lost",
}


def page_of(server: StubFacebook, folder: Path) -> Place:
    def seen() -> list[Seen]:
        return [
            Seen(
                post["id"],
                post["message"],
                tuple(server.photos[identity]["alt"] for identity in post["media"]),
                "",
                tuple(server.photos[identity]["data"] for identity in post["media"]),
            )
            for post in server.posts
        ]

    return place(
        "facebook",
        httpx.MockTransport(server),
        lambda http: Facebook(Login("page", "lumenvelo", "", SECRET), http),
        lambda request: request.url.path.endswith("/feed"),
        seen,
        SECRET,
        folder,
        metrics=frozenset({"reactions", "replies", "shares", "views", "reach", "clicks"}),
        too_long=("ı" * 63207, "63207"),
    )


@pytest.fixture
def server() -> StubFacebook:
    return StubFacebook()


@pytest.fixture
def page(server: StubFacebook, tmp_path: Path) -> Place:
    return page_of(server, tmp_path)


@pytest.mark.parametrize(
    "promise", [p for p in PROMISES if p.__name__ not in NOT_ITS_PROMISES], ids=lambda promise: promise.__name__
)
def test_the_contract(page: Place, promise: Callable[[Place], None], caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    promise(page)
    assert SECRET not in caplog.text


def film(kind: str, words: str = "Ride on", **changes: Any) -> Part:
    attachment, upload = picture("A ride")
    moving = replace(upload, mime="video/mp4", data=FILM)
    return text(words, kind=kind, attachments=(replace(attachment, mime="video/mp4"),), uploads=(moving,), **changes)


def patient(server: StubFacebook, **login: Any) -> tuple[Facebook, list[float]]:
    waited: list[float] = []
    http = Http(transport=httpx.MockTransport(server))
    return Facebook(Login("page", "lumenvelo", "", SECRET, **login), http, wait=waited.append), waited


def forms(server: StubFacebook, edge: str) -> list[dict[str, str]]:
    return [
        dict(httpx.QueryParams(request.content.decode()))
        for request in server.requests
        if request.method == "POST" and request.url.path.endswith(f"/{edge}")
    ]


# --- Every kind -------------------------------------------------------------------------------------------------------


def test_a_post_found_after_a_lost_answer_is_the_one_that_was_sent(page: Place, server: StubFacebook) -> None:
    def lose_answer(request: httpx.Request, deliver: Callable[[], httpx.Response]) -> httpx.Response:
        deliver()
        raise httpx.ReadError("reset", request=request)

    for part in (text(), with_pictures("Front", "Back"), text("", **_one_picture())):
        page.wire.fault = lose_answer
        with pytest.raises(Unknown):
            page.publish(part)
        found = page.again().find(replace(part, uploads=()), key=page.key(), since=SINCE)
        assert found is not None
        assert found.id == server.posts[0]["id"]
        assert found.url == server.posts[0]["permalink_url"]


def _one_picture() -> dict[str, Any]:
    attachment, upload = picture("One")
    return {"attachments": (attachment,), "uploads": (upload,)}


def test_the_last_link_of_a_text_becomes_its_card(page: Place, server: StubFacebook) -> None:
    page.publish(text())
    assert server.posts[0]["link"] == "https://example.org/kış?a=1"
    page.publish(text("Shop", card=Card("https://example.org/shop", "Shop")))
    assert (server.posts[0]["message"], server.posts[0]["link"]) == ("Shop", "https://example.org/shop")


def test_photos_are_brought_up_unseen_and_shown_with_one_request(page: Place, server: StubFacebook) -> None:
    page.publish(replace(with_pictures("Front", "Back", "Side"), kind="carousel"))
    assert len(page.wire.published) == 1
    (form,) = forms(server, "feed")
    assert [one["media_fbid"] for one in json.loads(form["attached_media"])] == list(server.photos)
    assert len(server.posts) == 1


def test_a_video_goes_up_in_the_pieces_facebook_asks_for(server: StubFacebook) -> None:
    server.processing = ["processing", "processing", "ready"]
    ours, waited = patient(server)
    receipt = ours.publish(film("video"), key="k")
    video = server.videos[receipt.id]
    assert (video["data"], video["message"], video["shown"]) == (FILM, "Ride on", True)
    assert receipt.url == f"https://www.facebook.com/lumenvelo/videos/{receipt.id}/"
    assert receipt.at == "2026-12-06T09:00:00.000Z"
    assert waited == [2, 3]
    found = ours.find(film("video"), key="k", since=SINCE)
    assert found == receipt


def test_a_reel_goes_up_in_a_session_of_its_own(server: StubFacebook) -> None:
    ours, _ = patient(server)
    receipt = ours.publish(film("reel"), key="k")
    assert server.videos[receipt.id]["data"] == FILM
    assert receipt.url == f"https://www.facebook.com/reel/{receipt.id}/"
    assert ours.find(film("reel"), key="k", since=SINCE) == receipt


@pytest.mark.parametrize("kind", ["video", "reel"])
@pytest.mark.parametrize("title", ["", "Kış sürüşü"])
def test_a_video_has_the_title_that_the_post_gives(server: StubFacebook, kind: str, title: str) -> None:
    patient(server)[0].publish(film(kind, options={"title": title} if title else {}), key="k")
    (video,) = server.videos.values()
    assert video["title"] == title


def test_a_video_that_takes_long_is_there_all_the_same(server: StubFacebook) -> None:
    server.processing = ["processing"]
    ours, waited = patient(server)
    receipt = ours.publish(film("reel"), key="k")
    assert receipt.id in server.videos
    assert 60 <= sum(waited) <= 120


def test_a_video_that_cannot_be_processed_is_refused(server: StubFacebook) -> None:
    server.processing = ["processing", "error"]
    ours, _ = patient(server)
    with pytest.raises(Rejected) as caught:
        ours.publish(film("reel"), key="k")
    assert caught.value.code == "processing"


@pytest.mark.parametrize("moving", [False, True])
def test_a_story_is_one_picture_or_one_video(server: StubFacebook, moving: bool) -> None:
    ours, _ = patient(server)
    part = film("story", "") if moving else text("", kind="story", **_one_picture())
    receipt = ours.publish(part, key="k")
    (story,) = server.stories
    assert receipt.id == story["post_id"]
    assert receipt.at == "2026-12-06T09:00:00.000Z"
    assert server.posts == []
    assert ours.measure([receipt]) == []
    with pytest.raises(Unknown):
        ours.find(part, key="k", since=SINCE)


def test_no_look_proves_that_a_video_is_absent(server: StubFacebook) -> None:
    ours, _ = patient(server)
    with pytest.raises(Unknown):
        ours.find(film("reel"), key="k", since=SINCE)


def test_the_first_comment_follows_the_post(page: Place, server: StubFacebook) -> None:
    receipt = page.publish(text(first_comment="More in the shop"))
    (comment,) = server.comments
    assert (comment["on"], comment["message"]) == (receipt.id, "More in the shop")
    assert receipt.extra == {"first_comment": comment["id"]}


@pytest.mark.parametrize("status", [400, 500])
def test_a_post_whose_comment_fails_is_published_once(server: StubFacebook, status: int) -> None:
    def reply(request: httpx.Request) -> httpx.Response:
        return httpx.Response(status) if request.url.path.endswith("/comments") else server(request)

    ours = Facebook(Login("page", "x", "", SECRET), Http(transport=httpx.MockTransport(reply)))
    receipt = ours.publish(text(first_comment="More"), key="k")
    told = receipt.extra["first_comment_trouble"]
    assert told.startswith("not there: Facebook refuses" if status == 400 else "perhaps there: Facebook gave")
    assert "first_comment" not in receipt.extra
    assert [post["id"] for post in server.posts] == [receipt.id]


SOMEWHERE = Receipt("1_1", "https://www.facebook.com/1_1", "")


@pytest.mark.parametrize(
    "part",
    [
        text("Tea?", poll=Poll(("Yes", "No"), 86400)),
        text("Two", reply=Reply(SOMEWHERE, SOMEWHERE)),
        text("Come", kind="event"),
        text("Words", kind="story", **_one_picture()),
        text("", kind="story"),
        text("Words", kind="reel", **_one_picture()),
        text("Words", kind="video", **_one_picture()),
        replace(film("video"), attachments=film("video").attachments * 2, uploads=film("video").uploads * 2),
    ],
)
def test_what_it_cannot_show_is_refused_before_anything_is_sent(page: Place, server: StubFacebook, part: Part) -> None:
    with pytest.raises(Rejected) as caught:
        page.publish(part)
    assert caught.value.code == "kind"
    assert server.requests == []


def test_media_that_were_not_made_ready_are_refused(page: Place, server: StubFacebook) -> None:
    with pytest.raises(Rejected):
        page.publish(replace(with_pictures("Front"), uploads=()))
    assert server.requests == []


# --- Every refusal ----------------------------------------------------------------------------------------------------

REFUSALS: list[tuple[int, int, type[NetworkError]]] = [
    (190, 460, NotAllowed),
    (190, 463, NotAllowed),
    (190, 467, NotAllowed),
    (102, 0, NotAllowed),
    (10, 0, NotAllowed),
    (200, 0, NotAllowed),
    (200, 1404078, NotAllowed),
    (368, 0, NotAllowed),
    (368, 1390008, TryLater),
    (4, 0, TryLater),
    (17, 0, TryLater),
    (32, 0, TryLater),
    (613, 0, TryLater),
    (80001, 0, TryLater),
    (100, 0, Rejected),
    (100, 1346003, Rejected),
    (100, 1404102, Rejected),
    (100, 1609008, Rejected),
    (100, 2061006, Rejected),
    (100, 1349125, Rejected),
    (200, 1404112, NotAllowed),
    (368, 4854002, NotAllowed),
    (299, 0, NotAllowed),
    (506, 1455006, Unknown),
    (100, 1366051, Unknown),
    (1, 0, Unknown),
    (2, 1363047, Unknown),
    (2, 1609010, Unknown),
]


@pytest.mark.parametrize(("code", "subcode", "expected"), REFUSALS)
def test_every_known_refusal_says_what_may_be_done(
    page: Place, server: StubFacebook, code: int, subcode: int, expected: type[NetworkError]
) -> None:
    page.wire.fault = lambda _request, _deliver: refusal(code, subcode)
    with pytest.raises(NetworkError) as caught:
        page.publish(text())
    assert type(caught.value) is expected
    assert caught.value.code == (f"{code}/{subcode}" if subcode else str(code))
    assert SECRET not in page.told(caught.value)
    assert server.posts == []


def test_a_photo_that_is_refused_leaves_nothing_behind(page: Place, server: StubFacebook) -> None:
    attachment, upload = picture("Front")
    heavy = replace(upload, data=b"x" * 4_000_001)
    with pytest.raises(Rejected) as caught:
        page.publish(text("Lamp", attachments=(attachment,), uploads=(heavy,)))
    assert caught.value.code == "100/1366046"
    assert page.wire.published == []


@pytest.mark.parametrize("status", [500, 502])
def test_an_upload_that_fails_may_be_tried_again(server: StubFacebook, status: int) -> None:
    def reply(request: httpx.Request) -> httpx.Response:
        return httpx.Response(status) if request.url.path.endswith("/photos") else server(request)

    ours = Facebook(Login("page", "x", "", SECRET), Http(transport=httpx.MockTransport(reply)))
    with pytest.raises(TryLater):
        ours.publish(with_pictures("Front"), key="k")
    assert server.posts == []


def test_the_same_text_twice_is_not_called_a_failure(page: Place, server: StubFacebook) -> None:
    page.publish(text())
    with pytest.raises(Unknown) as caught:
        page.publish(text())
    assert caught.value.code == "506/1455006"
    assert len(server.posts) == 1


# --- Looking ----------------------------------------------------------------------------------------------------------


def test_a_look_goes_through_all_pages_since_the_claim(page: Place, server: StubFacebook) -> None:
    wanted = server.add(TEXT, [], at=NOW)
    for number in range(120):
        server.add(f"Post {number}", [], at=NOW)
    found = page.find(text())
    assert found is not None
    assert found.id == wanted["id"]


def test_a_post_from_before_the_claim_is_not_ours(page: Place, server: StubFacebook) -> None:
    server.add(TEXT, [], at=SINCE - timedelta(seconds=1))
    assert page.find(text()) is None


def test_two_posts_alike_need_a_person(page: Place, server: StubFacebook) -> None:
    server.add(TEXT, [])
    server.add(TEXT, [])
    with pytest.raises(Unknown) as caught:
        page.find(text())
    assert caught.value.code == "ambiguous"


def test_a_post_with_other_photos_is_another_post(page: Place, server: StubFacebook) -> None:
    page.publish(with_pictures("Front", "Back"))
    assert page.find(text("Two lamps")) is None
    assert page.find(with_pictures("Front", "Back")) is not None


@pytest.mark.parametrize(
    "answer",
    [
        refusal(190, 463),
        refusal(2, status=500),
        httpx.Response(200, json={"data": [{"id": "x"}]}),
        httpx.Response(200, json=[]),
        httpx.Response(200, content=b"<html>"),
    ],
)
def test_a_look_that_fails_proves_nothing(server: StubFacebook, answer: httpx.Response) -> None:
    def reply(request: httpx.Request) -> httpx.Response:
        return answer if request.url.path.endswith("/published_posts") else server(request)

    ours = Facebook(Login("page", "x", "", SECRET), Http(transport=httpx.MockTransport(reply)))
    with pytest.raises(Unknown):
        ours.find(text(), key="k", since=SINCE)


def test_a_link_to_a_video_is_no_media_of_the_post(page: Place, server: StubFacebook) -> None:
    part = text("Look", card=Card("https://video.example/1", "Video"))
    receipt = page.publish(part)
    assert page.find(part) == receipt


# --- Numbers ----------------------------------------------------------------------------------------------------------


def numbers(stats: Sequence[Any], identity: str) -> dict[str, int]:
    return {stat.metric: stat.value for stat in stats if stat.receipt == identity}


def posted(server: StubFacebook, number: int) -> list[Receipt]:
    return [Receipt(server.add(f"Post {i}", [])["id"], "", "") for i in range(number)]


def test_the_numbers_of_many_posts_take_few_requests(server: StubFacebook) -> None:
    ours, _ = patient(server)
    receipts = posted(server, 120)
    stats = ours.measure(receipts)
    assert server.batches == [50, 50, 20]
    assert len({stat.receipt for stat in stats}) == 120
    assert numbers(stats, receipts[0].id) == {
        "reactions": 5,
        "replies": 2,
        "shares": 3,
        "views": 90,
        "reach": 90,
        "clicks": 90,
    }


def test_a_retired_metric_costs_only_itself(server: StubFacebook) -> None:
    server.dead = {"post_total_media_view_unique"}
    ours, _ = patient(server)
    receipts = posted(server, 60)
    stats = ours.measure(receipts)
    assert "reach" not in {stat.metric for stat in stats}
    assert numbers(stats, receipts[59].id)["views"] == 90
    assert server.batches == [50, 3, 50, 10]
    ours.measure(receipts[:10])
    assert server.batches[4:] == [10]


def test_a_page_without_insights_still_has_its_counters(server: StubFacebook) -> None:
    server.few_followers = True
    ours, _ = patient(server)
    (receipt,) = posted(server, 1)
    assert numbers(ours.measure([receipt]), receipt.id) == {"reactions": 5, "replies": 2, "shares": 3}


def test_videos_have_their_own_numbers(server: StubFacebook) -> None:
    ours, _ = patient(server)
    receipt = ours.publish(film("reel"), key="k")
    assert numbers(ours.measure([receipt]), receipt.id) == {"views": 41, "likes": 5, "replies": 2}


def test_numbers_that_may_not_be_read_are_told(server: StubFacebook) -> None:
    (receipt,) = posted(server, 1)
    for answer, expected in ((refusal(190, 463), NotAllowed), (refusal(80001), TryLater)):

        def reply(request: httpx.Request, answer: httpx.Response = answer) -> httpx.Response:
            return httpx.Response(200, json=[{"code": 400, "body": answer.text}])

        ours = Facebook(Login("page", "x", "", SECRET), Http(transport=httpx.MockTransport(reply)))
        with pytest.raises(expected):
            ours.measure([receipt])


def test_a_post_that_a_batch_does_not_answer_is_left_out(server: StubFacebook) -> None:
    kept, lost = posted(server, 2)

    def reply(request: httpx.Request) -> httpx.Response:
        first, _ = server(request).json()
        return httpx.Response(200, json=[first, None])

    ours = Facebook(Login("page", "x", "", SECRET), Http(transport=httpx.MockTransport(reply)))
    assert {stat.receipt for stat in ours.measure([kept, lost])} == {kept.id}


def test_receipts_of_elsewhere_are_never_asked_for(server: StubFacebook) -> None:
    ours, _ = patient(server)
    assert ours.measure([Receipt("../me", "", ""), Receipt("at://x", "", "")]) == []
    with pytest.raises(Rejected):
        ours.delete(Receipt("me/feed", "", ""))
    assert server.requests == []


def test_a_page_is_the_one_the_channel_names(server: StubFacebook) -> None:
    ours, _ = patient(server, settings={"page_id": int(PAGE)})
    ours.publish(text(), key="k")
    assert [request.method for request in server.requests] == ["POST"]


def test_the_account_has_its_profile_and_followers(server: StubFacebook) -> None:
    account = patient(server)[0].account()
    assert (account.id, account.handle, account.followers) == (PAGE, "lumenvelo", 321)
    assert account.profile == {"name": "Lumen Velo", "note": "Bicycles", "website": "https://lumenvelo.example"}


# --- Counting ---------------------------------------------------------------------------------------------------------


def test_a_story_has_room_for_no_text() -> None:
    (count,) = counts("facebook", text("Words", kind="story"), LIMITS)
    assert (count.what, count.used, count.limit) == ("text", 5, 0)


def test_characters_beyond_the_first_plane_count_twice() -> None:
    (count, *_) = counts("facebook", text("🚲"), LIMITS)
    assert (count.used, count.limit, count.unit) == (2, 63206, "UTF-16 units")


@given(st.text(st.characters(exclude_categories=[])), st.text(st.characters(exclude_categories=[])))
def test_whatever_is_written_can_be_counted(words: str, comment: str) -> None:
    used = {count.what: count.used for count in counts("facebook", Part(words, first_comment=comment), LIMITS)}
    assert used["text"] >= len(words)
    assert used.get("first_comment", 0) >= len(comment)
