"""Sending to LinkedIn: comments, files that take their time, every refusal, duplicates."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from networks.contract import SINCE, text
from networks.contract import with_pictures as pictured
from networks.linkedin_stage import KEY, PAGE_LOGIN, Handler, lost, member, page, replies_to, unreached, video
from networks.stub_linkedin import DATE, NOW, ORGANIZATION, SECRET, StubLinkedIn, answer, bad_input, refuse
from socialops.errors import NetworkError, NotAllowed, Rejected, TryLater, Unknown
from socialops.http import Http
from socialops.networks.linkedin import GRACE, MEDIA_WAITS, LinkedIn


@pytest.fixture
def server() -> StubLinkedIn:
    return StubLinkedIn()


# --- First comment ----------------------------------------------------------------------------------------------------


def test_a_first_comment_is_plain_text_under_the_post(server: StubLinkedIn) -> None:
    receipt = page(server).publish(text("Hello", first_comment="More (here): https://example.org/a_b #kış"), key=KEY)
    assert server.comments == [
        {
            "actor": ORGANIZATION,
            "object": receipt.id,
            "message": {"text": "More (here): https://example.org/a_b #kış"},
        }
    ]
    number = receipt.id.rpartition(":")[2]
    assert receipt.extra == {"first_comment": f"urn:li:comment:(urn:li:activity:{number},7000001)"}


def comments(reply: Handler, server: StubLinkedIn) -> Handler:
    return lambda request: reply(request) if request.url.path.endswith("/comments") else server(request)


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        (lost, "perhaps there: no answer"),
        (unreached, "not sent: no connection"),
        (lambda _: refuse(403, "ACCESS_DENIED", "no"), "refused: ACCESS_DENIED"),
        (lambda _: answer(429), "refused: 429"),
        (lambda _: answer(500), "perhaps there: 500"),
        (lambda _: answer(201), "sent"),
        (lambda _: answer(201, {"commentUrn": "urn:li:comment:(../../x)"}), "sent"),
    ],
)
def test_a_comment_that_fails_leaves_the_post_confirmed(server: StubLinkedIn, reply: Handler, told: str) -> None:
    receipt = page(comments(reply, server)).publish(text("Hello", first_comment="More"), key=KEY)
    assert receipt.id in server.posts
    assert receipt.extra == {"first_comment" if told == "sent" else "first_comment_trouble": told}


def test_a_post_that_is_found_later_says_that_its_comment_is_perhaps_there(server: StubLinkedIn) -> None:
    part = text("Hello", first_comment="More")
    page(server).publish(part, key=KEY)
    found = page(server).find(part, key=KEY, since=SINCE)
    again = page(server).publish(part, key=KEY)
    assert found == again
    assert again.extra == {"first_comment_trouble": "perhaps there: its answer was lost"}
    assert len(server.comments) == 1


# --- Files that take their time ---------------------------------------------------------------------------------------


def test_a_file_that_takes_time_is_waited_for(server: StubLinkedIn) -> None:
    server.polls_until_ready = 3
    waits: list[float] = []
    page(server, waits).publish(video(), key=KEY)
    assert waits == [1, 1, 2]


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (lambda _: answer(401), NotAllowed),
        (lambda _: answer(426), NotAllowed),
        (lambda _: answer(429), TryLater),
        (lambda _: answer(404), TryLater),
        (lambda _: answer(500), TryLater),
        (lambda _: httpx.Response(200, text="<html>"), TryLater),
        (lost, TryLater),
    ],
)
def test_a_file_whose_state_is_not_told_is_not_shown(
    server: StubLinkedIn, reply: Handler, expected: type[NetworkError]
) -> None:
    waits: list[float] = []
    with pytest.raises(expected):
        page(replies_to("/rest/videos/", server, reply), waits).publish(video(), key=KEY)
    assert server.posts == {}
    # What is sure at once is not asked again.
    assert waits == ([] if _status(reply) in {401, 404, 426, 429} else list(MEDIA_WAITS))


def _status(reply: Handler) -> int:
    try:
        return reply(httpx.Request("GET", "https://api.linkedin.com/")).status_code
    except httpx.ReadError:
        return 0


def test_a_file_that_is_not_ready_is_tried_later_and_not_uploaded_again(server: StubLinkedIn) -> None:
    server.polls_until_ready = len(MEDIA_WAITS) + 3
    waits: list[float] = []
    first = page(server, waits)
    part = video()
    part = replace(part, handle=first.prepare(part, key=KEY))
    with pytest.raises(TryLater) as caught:
        first.publish(part, key=KEY)
    assert caught.value.code == "PROCESSING"
    assert waits == list(MEDIA_WAITS)
    assert server.posts == {}

    second = page(server)
    assert second.prepare(part, key=KEY) == part.handle
    receipt = second.publish(part, key=KEY)
    assert receipt.id in server.posts
    assert len(server.assets) == 1


def test_a_file_that_cannot_be_processed_is_refused_and_uploaded_anew_next_time(server: StubLinkedIn) -> None:
    server.fails_processing = True
    part = video()
    part = replace(part, handle=page(server).prepare(part, key=KEY))
    with pytest.raises(Rejected, match="PROCESSING_FAILED"):
        page(server).publish(part, key=KEY)
    server.fails_processing = False
    assert page(server).prepare(part, key=KEY) != part.handle
    assert len(server.assets) == 2


def test_a_handle_serves_only_the_files_it_was_made_for(server: StubLinkedIn) -> None:
    old = page(server).prepare(pictured("Old"), key=KEY)
    other = pictured("New")
    changed = replace(other.uploads[0], data=b"other", sha256="9" * 64)
    part = replace(other, uploads=(changed,), handle=old)
    page(server).publish(part, key=KEY)
    shown = server.bodies[0]["content"]["media"]["id"]
    assert server.assets[shown]["data"] == b"other"
    assert member(server).prepare(replace(pictured("Old"), handle=old), key=KEY) != old


@pytest.mark.parametrize("handle", ["x", "urn:li:image:C5F000", "../.. urn:li:image:1", " ", "urn:li:share:1 " * 9])
def test_a_handle_that_is_none_is_not_used(server: StubLinkedIn, handle: str) -> None:
    page(server).publish(replace(pictured("A"), handle=handle), key=KEY)
    assert list(server.assets) == ["urn:li:image:C5F000"]


def test_making_a_text_ready_asks_nothing(server: StubLinkedIn) -> None:
    handle = page(server).prepare(text("Hello"), key=KEY)
    assert handle
    assert server.requests == []
    assert page(server).prepare(text("Hello", handle=handle), key=KEY) == handle


def test_a_members_pictures_cannot_be_asked_for_and_are_given_time(server: StubLinkedIn) -> None:
    waits: list[float] = []
    member(server, waits).publish(pictured("A", "B"), key=KEY)
    assert waits == [GRACE]
    assert not any(request.url.path.startswith("/rest/images/") for request in server.requests)


def test_a_page_without_the_right_to_read_gives_its_pictures_time(server: StubLinkedIn) -> None:
    server.reads = False
    waits: list[float] = []

    def lenient(request: httpx.Request) -> httpx.Response:
        for asset in server.assets.values():
            if request.url.path == "/rest/posts":
                asset["status"] = "AVAILABLE"
        return server(request)

    page(lenient, waits).publish(pictured("A"), key=KEY)
    assert waits == [GRACE]


def test_a_file_that_turns_out_unready_at_the_post_is_tried_later(server: StubLinkedIn) -> None:
    server.polls_until_ready = 5
    with pytest.raises(TryLater) as caught:
        member(server).publish(pictured("A"), key=KEY)
    assert caught.value.code == "MEDIA_ASSET_PROCESSING"
    assert server.posts == {}


def value(**fields: Any) -> Handler:
    return lambda _: answer(200, {"value": fields})


@pytest.mark.parametrize("path", ["/rest/videos", "/dms-uploads/"])
@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (lost, TryLater),
        (unreached, TryLater),
        (lambda _: answer(500), TryLater),
        (lambda _: answer(302, Location="https://elsewhere.example/"), TryLater),
        (lambda _: answer(429), TryLater),
        (lambda _: answer(401), NotAllowed),
        (lambda _: answer(403), NotAllowed),
        (lambda _: answer(413), Rejected),
        (lambda _: bad_input(400, "INVALID_FILE", "no", "no"), Rejected),
        (lambda _: refuse(400, "VERSION_MISSING", "no"), NotAllowed),
        (lambda _: refuse(426, "NONEXISTENT_VERSION", "no"), NotAllowed),
    ],
)
def test_an_upload_that_fails_leaves_nothing_behind(
    server: StubLinkedIn, path: str, reply: Handler, expected: type[NetworkError]
) -> None:
    for attempt in (page(replies_to(path, server, reply)).prepare, page(replies_to(path, server, reply)).publish):
        with pytest.raises(expected) as caught:
            attempt(video(), key=KEY)
        assert SECRET not in str(caught.value) + caught.value.hint
    assert server.posts == {}


PIECE = "https://www.linkedin.com/dms-uploads/C5F000/0"


@pytest.mark.parametrize(
    "reply",
    [
        lambda _: httpx.Response(200, text="<html>"),
        value(),
        value(video="urn:li:video:../../x"),
        value(video="urn:li:share:1"),
        value(video="urn:li:video:1", uploadInstructions="x"),
        value(video="urn:li:video:1", uploadInstructions=[]),
        value(video="urn:li:video:1", uploadInstructions=["x"]),
        value(video="urn:li:video:1", uploadInstructions=[{"firstByte": 0, "lastByte": 10**9, "uploadUrl": PIECE}]),
        value(video="urn:li:video:1", uploadInstructions=[{"firstByte": 5, "lastByte": 9, "uploadUrl": PIECE}]),
        value(video="urn:li:video:1", uploadInstructions=[{"firstByte": 0, "lastByte": -1, "uploadUrl": PIECE}]),
        value(video="urn:li:video:1", uploadInstructions=[{"firstByte": 0, "lastByte": 119, "uploadUrl": "x"}]),
        value(
            video="urn:li:video:1", uploadInstructions=[{"firstByte": 0, "lastByte": 119, "uploadUrl": "http://e.org/"}]
        ),
    ],
)
def test_an_upload_that_is_answered_with_nonsense_is_tried_later(server: StubLinkedIn, reply: Handler) -> None:
    with pytest.raises(TryLater):
        page(replies_to("/rest/videos", server, reply)).publish(video(), key=KEY)
    assert server.posts == {}


@pytest.mark.parametrize("name", [None, 7, "", "urn:li:image:../../x", "urn:li:share:1"])
def test_a_picture_without_a_name_is_tried_later(server: StubLinkedIn, name: Any) -> None:
    reply = value(uploadUrl=PIECE, image=name)
    handler = replies_to("/rest/images", replies_to("/dms-uploads/", server, lambda _: answer(201)), reply)
    with pytest.raises(TryLater, match="what it calls"):
        page(handler).publish(pictured("A"), key=KEY)
    assert server.posts == {}


def test_a_send_that_takes_too_long_to_prepare_is_not_begun(
    server: StubLinkedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    moments = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: moments[0])

    def slowly(request: httpx.Request) -> httpx.Response:
        moments[0] += 51
        return server(request)

    with pytest.raises(TryLater, match="too slow"):
        member(replies_to("/v2/userinfo", server, slowly)).publish(text("Hello"), key=KEY)
    assert server.posts == {}


def test_a_piece_without_an_etag_is_tried_later(server: StubLinkedIn) -> None:
    with pytest.raises(TryLater, match="every piece"):
        page(replies_to("/dms-uploads/", server, lambda _: answer(200))).publish(video(), key=KEY)


def test_the_token_goes_to_linkedin_only(server: StubLinkedIn) -> None:
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        if request.url.host == "storage.example":
            seen.append(request)
            return answer(201)
        if request.url.path == "/rest/images":
            return answer(200, {"value": {"uploadUrl": "https://storage.example/x", "image": "urn:li:image:1"}})
        return server(request)

    page(handler).prepare(pictured("A"), key=KEY)
    assert [request.headers.get("Authorization") for request in seen] == [None]
    page(server).prepare(pictured("A"), key=KEY)
    (own,) = [request for request in server.requests if request.url.host == "www.linkedin.com"]
    assert own.headers["Authorization"] == f"Bearer {SECRET}"


# --- Refusals ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reply", "expected", "code"),
    [
        (
            lambda _: refuse(401, "INVALID_ACCESS_TOKEN", "x", serviceErrorCode=65600),
            NotAllowed,
            "INVALID_ACCESS_TOKEN",
        ),
        (
            lambda _: refuse(401, "REVOKED_ACCESS_TOKEN", "x", serviceErrorCode=65601),
            NotAllowed,
            "REVOKED_ACCESS_TOKEN",
        ),
        (
            lambda _: refuse(401, "EXPIRED_ACCESS_TOKEN", "x", serviceErrorCode=65602),
            NotAllowed,
            "EXPIRED_ACCESS_TOKEN",
        ),
        (lambda _: refuse(403, "ACCESS_DENIED", "x", serviceErrorCode=100), NotAllowed, "ACCESS_DENIED"),
        (lambda _: refuse(426, "NONEXISTENT_VERSION", "x"), NotAllowed, "NONEXISTENT_VERSION"),
        (lambda _: refuse(400, "VERSION_MISSING", "x"), NotAllowed, "VERSION_MISSING"),
        (lambda _: refuse(404, "RESOURCE_NOT_FOUND", "x"), Rejected, "RESOURCE_NOT_FOUND"),
        (lambda _: bad_input(400, "FIELD_ARRAY_SIZE_TOO_HIGH", "x", "x"), Rejected, "FIELD_ARRAY_SIZE_TOO_HIGH"),
        (lambda _: bad_input(422, "INVALID_VISIBILITY", "x", "x"), Rejected, "INVALID_VISIBILITY"),
        (lambda _: bad_input(400, "MEDIA_ASSET_PROCESSING", "x", "x"), TryLater, "MEDIA_ASSET_PROCESSING"),
        (lambda _: bad_input(400, "MEDIA_ASSET_WAITING_UPLOAD", "x", "x"), TryLater, "MEDIA_ASSET_WAITING_UPLOAD"),
        (
            lambda _: bad_input(400, "MEDIA_ASSET_PROCESSING_FAILED", "x", "x"),
            Rejected,
            "MEDIA_ASSET_PROCESSING_FAILED",
        ),
        (lambda _: bad_input(422, "DUPLICATE_POST", "x", "x"), Unknown, "DUPLICATE_POST"),
        (lambda _: refuse(409, "CONFLICT", "x"), Unknown, "CONFLICT"),
        (lambda _: refuse(429, "TOO_MANY_REQUESTS", "x"), TryLater, "TOO_MANY_REQUESTS"),
        (lambda _: refuse(500, "INTERNAL_SERVER_ERROR", "x"), Unknown, "INTERNAL_SERVER_ERROR"),
        (lambda _: refuse(503, "SERVICE_UNAVAILABLE", "x"), Unknown, "SERVICE_UNAVAILABLE"),
        (lambda _: refuse(504, "GATEWAY_TIMEOUT", "x"), Unknown, "GATEWAY_TIMEOUT"),
        (lambda _: answer(422, {"code": f"no code {SECRET}"}), Rejected, "422"),
        (lambda _: answer(422, {"errorDetails": {"inputErrors": [7, {"code": ["x"]}]}}), Rejected, "422"),
        (lambda _: answer(201), Unknown, "201"),
        (lambda _: answer(201, x_restli_id="urn:li:share:../../x"), Unknown, "201"),
        (lambda _: answer(201, x_restli_id="urn:li:person:1"), Unknown, "201"),
    ],
)
def test_every_refusal_says_what_can_be_done(
    server: StubLinkedIn, reply: Handler, expected: type[NetworkError], code: str
) -> None:
    with pytest.raises(NetworkError) as caught:
        page(replies_to("/rest/posts", server, reply)).publish(text("Hello"), key=KEY)
    assert (type(caught.value), caught.value.code) == (expected, code)
    assert SECRET not in f"{caught.value} {caught.value.hint}"


def test_a_second_name_of_the_header_is_taken(server: StubLinkedIn) -> None:
    reply = replies_to("/rest/posts", server, lambda _: answer(201, x_linkedin_id="urn:li:share:7141138937766391808"))
    receipt = page(reply).publish(text("Hello"), key=KEY)
    assert receipt.id == "urn:li:share:7141138937766391808"


def test_a_missing_field_is_named(server: StubLinkedIn) -> None:
    message = "ERROR :: /distribution :: field is required but not found and has no default value\n"
    reply = replies_to("/rest/posts", server, lambda _: answer(422, {"message": message, "status": 422}))
    with pytest.raises(Rejected, match=r"\(422\): fields distribution\."):
        page(reply).publish(text("Hello"), key=KEY)


@pytest.mark.parametrize(
    ("state", "why"), [("expired", "60 days"), ("revoked", "revoked"), ("valid", "does not know it")]
)
def test_a_token_that_ended_is_told_in_words(server: StubLinkedIn, state: str, why: str) -> None:
    server.token = state
    login = replace(PAGE_LOGIN, token=SECRET if state != "valid" else "another")
    network = LinkedIn(login, Http(transport=httpx.MockTransport(server)))
    for attempt in (lambda: network.publish(text("Hello"), key=KEY), network.account):
        with pytest.raises(NotAllowed, match=why):
            attempt()


@pytest.mark.parametrize(
    ("headers", "after"),
    [
        ({"Date": "Sun, 06 Dec 2026 21:30:00 GMT"}, timedelta(hours=2, minutes=30)),
        ({"Date": "Sun, 06 Dec 2026 23:59:59 GMT"}, timedelta(seconds=1)),
        ({"Date": DATE}, timedelta(hours=6)),
        ({}, timedelta(hours=6)),
        ({"Date": DATE, "Retry-After": "90"}, timedelta(seconds=90)),
    ],
)
def test_a_used_up_quota_is_waited_for_until_midnight_or_six_hours(
    server: StubLinkedIn, headers: dict[str, str], after: timedelta
) -> None:
    reply = replies_to("/rest/posts", server, lambda _: httpx.Response(429, headers=headers))
    with pytest.raises(TryLater) as caught:
        page(reply).publish(text("Hello"), key=KEY)
    assert caught.value.after == after


# --- Duplicates -------------------------------------------------------------------------------------------------------


def test_a_duplicate_of_our_own_post_is_confirmed_by_reading_it(server: StubLinkedIn) -> None:
    part = text("Hello (again)")
    first = page(server).publish(part, key=KEY)
    assert page(server).publish(part, key=KEY) == first
    assert len(server.posts) == 1


def test_a_duplicate_of_a_post_that_is_gone_is_unknown(server: StubLinkedIn) -> None:
    network = page(server)
    network.delete(network.publish(text("Hello"), key=KEY))
    with pytest.raises(Unknown) as caught:
        network.publish(text("Hello"), key=KEY)
    assert caught.value.code == "DUPLICATE_POST"
    assert "day or two" in caught.value.hint


def test_a_duplicate_of_a_post_of_long_ago_is_not_taken_for_this_one(server: StubLinkedIn) -> None:
    server.now = NOW - timedelta(days=3)
    page(server).publish(text("Good morning!"), key="")
    with pytest.raises(Unknown):
        page(server).publish(text("Good morning!"), key=KEY)
    assert page(server).publish(text("Good morning!"), key="from an older version").id in server.posts


@pytest.mark.parametrize("read", [[], {}, {"id": "urn:li:share:8", "createdAt": 1_796_547_600_000}, None])
def test_a_duplicate_that_reads_as_something_else_is_unknown(read: Any) -> None:
    said = bad_input(422, "DUPLICATE_POST", "Duplicate post is detected", "Content is a duplicate of urn:li:share:7")
    with pytest.raises(Unknown):
        page(lambda request: said if request.method == "POST" else answer(200, read)).publish(text("Hello"), key=KEY)


def test_a_members_duplicate_cannot_be_read_and_is_unknown(server: StubLinkedIn) -> None:
    member(server).publish(text("Hello"), key=KEY)
    with pytest.raises(Unknown):
        member(server).publish(text("Hello"), key=KEY)
    assert len(server.posts) == 1


@pytest.mark.parametrize("named", ["", "urn:li:share:", "urn:li:activity:7", "urn:li:share:../x", "urn:li:person:7"])
def test_a_duplicate_that_names_no_post_is_unknown(server: StubLinkedIn, named: str) -> None:
    said = bad_input(422, "DUPLICATE_POST", "Duplicate post is detected", f"Content is a duplicate of {named}")
    asked: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.raw_path.decode())
        return said

    with pytest.raises(Unknown):
        page(handler).publish(text("Hello"), key=KEY)
    assert asked == ["/rest/posts"]
