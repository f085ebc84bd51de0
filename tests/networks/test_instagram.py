"""The adapter of Instagram over an account in memory: the contract, each kind, slow processing, refusals, numbers."""

from __future__ import annotations

import hashlib
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
from networks.stub_facebook import refusal
from networks.stub_instagram import ACCOUNT, PLACE, StubInstagram
from socialops.errors import CredentialsError, NetworkError, NotAllowed, Rejected, TryLater, Unknown
from socialops.http import Http
from socialops.networks import counts, default_limits
from socialops.networks.base import CanDelete, Login, TwoStep
from socialops.networks.draft import Part, Poll, Receipt, Reply, Upload
from socialops.networks.instagram import Instagram

LIMITS = default_limits("instagram")
SETTINGS = {"media_base_url": f"https://{PLACE}"}
FILM = b"\x00\x00\x00\x18ftypmp42"

NOT_ITS_PROMISES = {
    # Instagram has comments, but no threads.
    "hangs_a_thread_together",
    # It knows no keys: a container is asked whether it was published.
    "publishes_one_post_for_one_key",
    # Nothing can be deleted over its API; what is gone is left out of the numbers all the same (a test below).
    "reads_numbers_and_leaves_out_what_is_gone",
    "deletes_what_is_there_and_what_is_not",
}


def hosted(server: StubInstagram, part: Part) -> Part:
    """Put the files of a part on the media host, as somebody must have done, and name them by their content."""
    uploads: list[Upload] = []
    for upload in part.uploads:
        mime = upload.mime if upload.mime.startswith("video/") else "image/jpeg"
        digest = hashlib.sha256(upload.data).hexdigest()
        server.files[f"{digest}.{'mp4' if mime.startswith('video/') else 'jpg'}"] = (mime, upload.data)
        uploads.append(replace(upload, mime=mime, sha256=digest))
    return replace(part, uploads=tuple(uploads))


def one_picture(alt: str = "A lamp") -> dict[str, Any]:
    attachment, upload = picture(alt)
    return {"attachments": (attachment,), "uploads": (upload,)}


def film(kind: str, words: str = "Ride on", **changes: Any) -> Part:
    attachment, upload = picture("A ride")
    moving = replace(upload, mime="video/mp4", data=FILM)
    return text(words, kind=kind, attachments=(replace(attachment, mime="video/mp4"),), uploads=(moving,), **changes)


def account_of(server: StubInstagram, folder: Path) -> Place:
    def seen() -> list[Seen]:
        return [
            Seen(
                media["id"],
                media["caption"],
                tuple(alt for alt, _ in server.files_of(media)),
                "",
                tuple(data for _, data in server.files_of(media)),
            )
            for media in server.media
        ]

    def dress(part: Part) -> Part:
        return hosted(server, part if part.uploads else replace(part, **one_picture()))

    return place(
        "instagram",
        httpx.MockTransport(server),
        lambda http: Instagram(Login("insta", "lumenvelo", "", SECRET, settings=SETTINGS), http),
        lambda request: request.url.path.endswith("/media_publish"),
        seen,
        SECRET,
        folder,
        dress=dress,
        too_long=("ı" * 2201, "2201"),
    )


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


def connected(server: Any, **login: Any) -> tuple[Instagram, list[float]]:
    waited: list[float] = []
    where = Login("insta", "lumenvelo", "", SECRET, **{"settings": SETTINGS, **login})
    return Instagram(where, Http(transport=httpx.MockTransport(server)), wait=waited.append), waited


def sent(ours: Instagram, part: Part) -> Receipt:
    return ours.publish(replace(part, handle=ours.prepare(part, key="k")), key="k")


def made(server: StubInstagram) -> list[dict[str, Any]]:
    """Return what each container was asked for."""
    return [held["fields"] for held in server.containers.values()]


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
    assert receipt.extra["first_comment"] == ""
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
