"""The adapter of Instagram over an account in memory: the contract, each kind, slow processing, refusals, numbers."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from networks.contract import PROMISES, SINCE, TEXT, Place, text, with_pictures
from networks.fakes import SECRET
from networks.instagram_stage import FILM, account_of, connected, film, hosted, made, one_picture, sent
from networks.stub_facebook import refusal
from networks.stub_instagram import PLACE, StubInstagram
from socialops.errors import NetworkError, NotAllowed, Rejected, TryLater, Unknown
from socialops.networks.base import CanDelete, TwoStep
from socialops.networks.draft import Part, Poll, Receipt, Reply

NOT_ITS_PROMISES = {
    # Instagram has comments, but no threads.
    "hangs_a_thread_together",
    # It knows no keys: a container is asked whether it was published.
    "publishes_one_post_for_one_key",
    # Nothing can be deleted over its API; what is gone is left out of the numbers all the same (a test below).
    "reads_numbers_and_leaves_out_what_is_gone",
    "deletes_what_is_there_and_what_is_not",
}


@pytest.fixture
def server() -> StubInstagram:
    return StubInstagram()


@pytest.fixture
def insta(server: StubInstagram, tmp_path: Path) -> Place:
    return account_of(server, tmp_path)


@pytest.mark.parametrize(
    "promise", [p for p in PROMISES if p.__name__ not in NOT_ITS_PROMISES], ids=lambda promise: promise.__name__
)
def test_the_contract(insta: Place, promise: Callable[[Place], None], caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    promise(insta)
    assert SECRET not in caplog.text


# --- Every kind -------------------------------------------------------------------------------------------------------


def test_it_has_two_steps_and_deletes_nothing(server: StubInstagram) -> None:
    ours, _ = connected(server)
    assert isinstance(ours, TwoStep)
    assert not isinstance(ours, CanDelete)


def test_a_picture_is_made_ready_unseen_with_its_alt_text(server: StubInstagram) -> None:
    ours, _ = connected(server)
    part = hosted(server, text(kind="image", **one_picture("מנורה")))
    handle = ours.prepare(part, key="k")
    assert server.media == []
    assert made(server) == [
        {
            "image_url": f"https://{PLACE}/{part.uploads[0].sha256}.jpg",
            "alt_text": "מנורה",
            "caption": TEXT,
        }
    ]
    receipt = ours.publish(replace(part, handle=handle), key="k")
    assert receipt.url == server.media[0]["permalink"]
    assert receipt.at == "2026-12-06T09:00:00.000Z"
    assert receipt.extra == {"product": "FEED"}


def test_a_carousel_holds_its_children_in_order(server: StubInstagram) -> None:
    server.states = ["IN_PROGRESS", "FINISHED"]
    ours, waited = connected(server)
    pictures = with_pictures("Front", "Back")
    part = replace(
        pictures,
        kind="carousel",
        attachments=(*pictures.attachments, *film("").attachments),
        uploads=(*pictures.uploads, *film("").uploads),
    )
    sent(ours, hosted(server, part))
    first, second, third, whole = made(server)
    assert [child.get("alt_text") for child in (first, second, third)] == ["Front", "Back", None]
    assert all(child["is_carousel_item"] == "true" and "caption" not in child for child in (first, second, third))
    assert (third["media_type"], whole["media_type"], whole["caption"]) == ("VIDEO", "CAROUSEL", "Two lamps")
    assert whole["children"].split(",") == list(server.containers)[:3]
    assert waited == [1]


def test_a_video_is_a_reel(server: StubInstagram) -> None:
    ours, _ = connected(server)
    for kind in ("reel", "video"):
        receipt = sent(ours, hosted(server, film(kind, f"Ride {kind}")))
        assert receipt.extra == {"product": "REELS"}
    assert [fields["media_type"] for fields in made(server)] == ["REELS", "REELS"]
    assert "alt_text" not in made(server)[0]


@pytest.mark.parametrize("moving", [False, True])
def test_a_story_is_one_picture_or_one_video(server: StubInstagram, moving: bool) -> None:
    ours, _ = connected(server)
    part = hosted(server, film("story", "") if moving else text("", kind="story", **one_picture()))
    receipt = sent(ours, part)
    (fields,) = made(server)
    assert fields["media_type"] == "STORIES"
    assert not {"caption", "alt_text"} & set(fields)
    assert receipt.extra == {"product": "STORY"}


def test_what_a_post_chooses_is_told(server: StubInstagram) -> None:
    ours, _ = connected(server)
    options = {
        "collaborators": ["mia.velo", "@ion"],
        "location": 110,
        "share_to_feed": False,
        "cover_second": 2.5,
        "labels": ["ai-made", "paid-partnership"],
    }
    sent(ours, hosted(server, film("reel", options=options)))
    (fields,) = made(server)
    assert json.loads(fields["collaborators"]) == ["mia.velo", "ion"]
    assert (fields["location_id"], fields["share_to_feed"], fields["thumb_offset"]) == ("110", "false", "2500")
    assert (fields["is_ai_generated"], fields["is_paid_partnership"]) == ("true", "true")


@pytest.mark.parametrize(
    "options",
    [
        {"collaborators": "a,b,c,d"},
        {"collaborators": "not a name"},
        {"location": "Istanbul"},
        {"share_to_feed": "perhaps"},
        {"cover_second": "later"},
        {"labels": ["organic"]},
        {"labels": 7},
    ],
)
def test_a_choice_that_is_none_is_refused_before_anything_is_sent(
    server: StubInstagram, options: dict[str, Any]
) -> None:
    ours, _ = connected(server)
    with pytest.raises(Rejected) as caught:
        ours.prepare(hosted(server, film("reel", options=options)), key="k")
    assert caught.value.code == "option"
    assert server.requests == []


@pytest.mark.parametrize(("choice", "open_"), [(False, False), ("no", False), ("yes", None), (None, None)])
def test_comments_are_switched_off_where_the_post_says_so(
    server: StubInstagram, choice: object, open_: bool | None
) -> None:
    options = {} if choice is None else {"comments": choice}
    receipt = sent(connected(server)[0], hosted(server, text(options=options, first_comment="More", **one_picture())))
    assert server.media[0].get("comment_enabled") is open_
    assert receipt.extra.get("comments") == ("closed" if open_ is False else None)
    assert len(server.comments) == 1


@pytest.mark.parametrize("reply", [refusal(4), refusal(10), httpx.Response(500), httpx.Response(200, json={})])
def test_comments_that_could_not_be_switched_off_are_told(server: StubInstagram, reply: httpx.Response) -> None:
    def carry(request: httpx.Request) -> httpx.Response:
        return reply if b"comment_enabled" in request.content else server(request)

    part = hosted(server, text(options={"comments": False}, **one_picture()))
    receipt = sent(connected(carry)[0], part)
    assert receipt.extra["comments_trouble"].startswith("Instagram ")
    assert len(server.media) == 1


def test_a_story_has_no_comments_to_switch_off(server: StubInstagram) -> None:
    receipt = sent(connected(server)[0], hosted(server, film("story", "", options={"comments": False})))
    assert "comments" not in receipt.extra
    assert "comment_enabled" not in server.media[0]


def test_the_first_comment_follows_the_post(server: StubInstagram) -> None:
    ours, _ = connected(server)
    receipt = sent(ours, hosted(server, text(first_comment="More: #kış", **one_picture())))
    (comment,) = server.comments
    assert (comment["on"], comment["message"]) == (receipt.id, "More: #kış")
    assert receipt.extra["first_comment"] == comment["id"]


def test_a_post_whose_comment_fails_is_published_once(server: StubInstagram) -> None:
    def reply(request: httpx.Request) -> httpx.Response:
        return refusal(4) if request.url.path.endswith("/comments") else server(request)

    receipt = sent(connected(reply)[0], hosted(server, text(first_comment="More", **one_picture())))
    assert receipt.extra["first_comment_trouble"].startswith("not there: Instagram wants us to wait (4)")
    assert len(server.media) == 1


SOMEWHERE = Receipt("1", "https://www.instagram.com/p/1/", "")


@pytest.mark.parametrize(
    "part",
    [
        text("Words alone"),
        text("Tea?", poll=Poll(("Yes", "No"), 86400), **one_picture()),
        text("Two", reply=Reply(SOMEWHERE, SOMEWHERE), **one_picture()),
        text("Come", kind="event", **one_picture()),
        text("Words", kind="story", **one_picture()),
        text("Words", kind="reel", **one_picture()),
        text("Words", kind="carousel", **one_picture()),
        replace(film("reel"), attachments=film("").attachments * 2, uploads=film("").uploads * 2),
    ],
)
def test_what_it_cannot_show_is_refused_before_anything_is_sent(server: StubInstagram, part: Part) -> None:
    with pytest.raises(Rejected) as caught:
        connected(server)[0].prepare(part, key="k")
    assert caught.value.code == "kind"
    assert server.requests == []


# --- The media host ---------------------------------------------------------------------------------------------------


def test_a_file_that_is_not_on_the_media_host_makes_no_container(server: StubInstagram) -> None:
    part = hosted(server, text(**one_picture()))
    server.files.clear()
    with pytest.raises(Rejected) as caught:
        connected(server)[0].prepare(part, key="k")
    assert caught.value.code == "media-host"
    assert f"{part.uploads[0].sha256}.jpg" in caught.value.hint
    assert server.containers == {}


def test_a_channel_without_a_media_host_is_told_so(server: StubInstagram) -> None:
    with pytest.raises(Rejected) as caught:
        connected(server, settings={})[0].prepare(hosted(server, text(**one_picture())), key="k")
    assert caught.value.code == "media-host"
    assert "media_base_url" in caught.value.hint


# --- Containers -------------------------------------------------------------------------------------------------------


def test_a_slow_container_is_waited_for(server: StubInstagram) -> None:
    server.states = ["IN_PROGRESS", "IN_PROGRESS", "IN_PROGRESS", "FINISHED"]
    ours, waited = connected(server)
    sent(ours, hosted(server, film("reel")))
    assert waited == [1, 2, 3]
    assert len(server.media) == 1


def test_a_very_slow_container_is_come_back_to_with_the_same_handle(server: StubInstagram) -> None:
    server.states = ["IN_PROGRESS"]
    ours, waited = connected(server)
    part = hosted(server, film("reel"))
    handle = ours.prepare(part, key="k")
    with pytest.raises(TryLater) as caught:
        ours.publish(replace(part, handle=handle), key="k")
    assert caught.value.code == "processing"
    assert 60 <= sum(waited) <= 120
    server.containers[handle]["states"] = ["FINISHED"]
    later, _ = connected(server)
    assert later.prepare(replace(part, handle=handle), key="k") == handle
    later.publish(replace(part, handle=handle), key="k")
    assert len(server.containers) == len(server.media) == 1


@pytest.mark.parametrize("state", ["EXPIRED", "ERROR"])
def test_a_container_that_is_of_no_use_any_more_is_made_anew(server: StubInstagram, state: str) -> None:
    ours, _ = connected(server)
    part = hosted(server, film("reel"))
    old = ours.prepare(part, key="k")
    server.containers[old] |= {"status": state, "states": [state]}
    new = ours.prepare(replace(part, handle=old), key="k")
    assert new != old
    assert ours.prepare(replace(part, handle="9" * 17), key="k") not in {old, new}


def test_a_container_that_expires_before_it_is_published_is_tried_again(server: StubInstagram) -> None:
    ours, _ = connected(server)
    part = hosted(server, film("reel"))
    handle = ours.prepare(part, key="k")
    server.containers[handle] |= {"status": "EXPIRED", "states": ["EXPIRED"]}
    with pytest.raises(TryLater) as caught:
        ours.publish(replace(part, handle=handle), key="k")
    assert caught.value.code == "expired"
    assert caught.value.after == timedelta(seconds=1)
    assert ours.find(replace(part, handle=handle), key="k", since=SINCE) is None


def test_a_video_that_cannot_be_processed_is_refused_with_its_reason(server: StubInstagram) -> None:
    server.states = ["IN_PROGRESS", "ERROR"]
    ours, _ = connected(server)
    with pytest.raises(Rejected) as caught:
        sent(ours, hosted(server, film("reel")))
    assert caught.value.code == "2207026"
    assert "video" in caught.value.message
    assert server.media == []


def test_a_published_container_is_not_published_again(server: StubInstagram) -> None:
    ours, _ = connected(server)
    part = hosted(server, text(**one_picture()))
    handle = ours.prepare(part, key="k")
    first = ours.publish(replace(part, handle=handle), key="k")
    again, _ = connected(server)
    assert again.prepare(replace(part, handle=handle), key="k") == handle
    assert again.publish(replace(part, handle=handle), key="k") == first
    assert len(server.media) == 1


def test_a_part_without_a_container_is_not_published(server: StubInstagram) -> None:
    with pytest.raises(Rejected):
        connected(server)[0].publish(hosted(server, text(**one_picture())), key="k")
    assert server.requests == []


def test_the_quota_is_read_before_a_container_is_made(server: StubInstagram) -> None:
    server.usage = server.total = 50
    with pytest.raises(TryLater) as caught:
        connected(server)[0].prepare(hosted(server, text(**one_picture())), key="k")
    assert caught.value.code == "quota"
    assert caught.value.after == timedelta(hours=6)
    assert server.containers == {}


def test_a_quota_that_cannot_be_read_stops_nothing(server: StubInstagram) -> None:
    def reply(request: httpx.Request) -> httpx.Response:
        return httpx.Response(500) if request.url.path.endswith("_limit") else server(request)

    sent(connected(reply)[0], hosted(server, text(**one_picture())))
    assert len(server.media) == 1


# --- Every refusal ----------------------------------------------------------------------------------------------------

SHOWING: list[tuple[int, int, type[NetworkError]]] = [
    (4, 2207051, Unknown),
    (-1, 2207001, Unknown),
    (-1, 2207032, Unknown),
    (-1, 2207053, Unknown),
    (24, 2207006, Unknown),
    (24, 2207008, Unknown),
    (2, 0, Unknown),
    (9, 2207042, TryLater),
    (9007, 2207027, TryLater),
    (-2, 2207003, TryLater),
    (4, 0, TryLater),
    (80002, 0, TryLater),
    (25, 2207050, NotAllowed),
    (190, 463, NotAllowed),
    (10, 0, NotAllowed),
    (100, 0, Rejected),
    (-2, 2207020, Rejected),
]
MAKING: list[tuple[int, int, type[NetworkError]]] = [
    (1, 2207057, Rejected),
    (100, 2207010, Rejected),
    (100, 2207023, Rejected),
    (100, 2207028, Rejected),
    (100, 2207035, Rejected),
    (100, 2207036, Rejected),
    (100, 2207037, Rejected),
    (100, 2207040, Rejected),
    (352, 2207026, Rejected),
    (9004, 2207052, Rejected),
    (36000, 2207004, Rejected),
    (36001, 2207005, Rejected),
    (36003, 2207009, Rejected),
    (-1, 2207001, TryLater),
    (-2, 2207003, TryLater),
    (17, 0, TryLater),
    (190, 460, NotAllowed),
    (25, 2207050, NotAllowed),
]


@pytest.mark.parametrize(("code", "subcode", "expected"), SHOWING)
def test_every_known_refusal_to_publish_says_what_may_be_done(
    insta: Place, server: StubInstagram, code: int, subcode: int, expected: type[NetworkError]
) -> None:
    insta.wire.fault = lambda _request, _deliver: refusal(code, subcode)
    with pytest.raises(NetworkError) as caught:
        insta.publish(text())
    assert type(caught.value) is expected
    assert caught.value.code == (f"{code}/{subcode}" if subcode else str(code))
    assert SECRET not in insta.told(caught.value)
    assert server.media == []


@pytest.mark.parametrize(("code", "subcode", "expected"), MAKING)
def test_every_known_refusal_of_a_container_says_what_may_be_done(
    server: StubInstagram, code: int, subcode: int, expected: type[NetworkError]
) -> None:
    def reply(request: httpx.Request) -> httpx.Response:
        making = request.method == "POST" and request.url.path.endswith("/media")
        return refusal(code, subcode) if making else server(request)

    with pytest.raises(NetworkError) as caught:
        connected(reply)[0].prepare(hosted(server, text(**one_picture())), key="k")
    assert type(caught.value) is expected
    assert caught.value.code == f"{code}/{subcode}".removesuffix("/0")


def test_a_block_that_comes_after_success_is_found_to_be_one(insta: Place, server: StubInstagram) -> None:
    server.says_blocked_after_publishing = True
    with pytest.raises(Unknown) as caught:
        insta.publish(text())
    assert caught.value.code == "4/2207051"
    found = insta.find(text())
    assert found is not None
    assert found.id == server.media[0]["id"]


# --- Without a media host ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["reel", "story"])
def test_facebook_login_takes_videos_without_a_media_host(server: StubInstagram, kind: str) -> None:
    ours, _ = connected(server, settings={})
    receipt = sent(ours, film(kind, "" if kind == "story" else "Ride on"))
    assert server.media[0]["id"] == receipt.id
    assert server.files_of(server.media[0]) == [("", FILM)]
    assert PLACE not in {request.url.host for request in server.requests}


def test_instagram_login_takes_no_video_without_a_media_host(server: StubInstagram) -> None:
    ours, _ = connected(server, settings={"login": "instagram"})
    with pytest.raises(Rejected) as caught:
        ours.prepare(film("reel"), key="k")
    assert caught.value.code == "media-host"


def test_a_video_that_does_not_arrive_may_be_tried_again(server: StubInstagram) -> None:
    def reply(request: httpx.Request) -> httpx.Response:
        return httpx.Response(500) if request.url.host == "rupload.facebook.com" else server(request)

    with pytest.raises(TryLater):
        connected(reply, settings={})[0].prepare(film("reel"), key="k")
    assert server.media == []
