"""LinkedIn: the contract for a page and for a member, every kind, every refusal, files that take their time."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from networks.contract import PROMISES, SINCE, Place, Seen, is_told_when_the_credentials_are_wrong, place, text
from networks.contract import with_pictures as pictured
from networks.stub_linkedin import DATE, NOW, ORGANIZATION, PERSON, SECRET, StubLinkedIn, answer, bad_input, refuse
from socialops.errors import CredentialsError, NetworkError, NotAllowed, Rejected, TryLater, Unknown
from socialops.http import Http
from socialops.networks import connect, counts, default_limits
from socialops.networks.base import Idempotency, Login, Stat, TwoStep
from socialops.networks.draft import Attachment, Card, Fit, Part, Poll, Receipt, Reply, Span, Upload
from socialops.networks.linkedin import BATCH, GRACE, MEDIA_WAITS, LinkedIn, sunset

PAGE_LOGIN = Login("linkedin", "lumenvelo", "", SECRET, settings={"organization": "2414183"})
MEMBER_LOGIN = Login("linkedin-ayse", "lumenvelo-ayse", "", SECRET)
KEY = LinkedIn(PAGE_LOGIN, Http(transport=httpx.MockTransport(lambda _: answer(500)))).key("launch/linkedin", 0, NOW)
LIMITS = default_limits("linkedin")
Handler = Callable[[httpx.Request], httpx.Response]


@pytest.fixture
def server() -> StubLinkedIn:
    return StubLinkedIn()


def page(handler: Handler, waits: list[float] | None = None) -> LinkedIn:
    http = Http(transport=httpx.MockTransport(handler))
    return LinkedIn(PAGE_LOGIN, http, wait=([] if waits is None else waits).append)


def member(handler: Handler, waits: list[float] | None = None) -> LinkedIn:
    http = Http(transport=httpx.MockTransport(handler))
    return LinkedIn(MEMBER_LOGIN, http, wait=([] if waits is None else waits).append)


def video(data: bytes = b"\0\0\0\x18ftypmp42" * 10) -> Part:
    fit = Fit(10**9, 10**9, 10**5, ("video/mp4",))
    attachment = Attachment("posts/ride.mp4", "", "video/mp4", 0, 0, len(data), "1" * 64, fit)
    upload = Upload(data, "video/mp4", 0, 0, "", "1" * 64)
    return text("A ride", kind="video", attachments=(attachment,), uploads=(upload,))


# --- The contract -----------------------------------------------------------------------------------------------------

# LinkedIn has neither keys nor threads.
OF_A_PAGE = [
    promise
    for promise in PROMISES
    if promise.__name__ not in {"publishes_one_post_for_one_key", "hangs_a_thread_together"}
]
# Of a member nothing can be read back: neither what was published, nor its numbers. That find says so is tested below.
OF_A_MEMBER = [
    promise
    for promise in OF_A_PAGE
    if promise.__name__
    not in {
        "finds_what_was_sent_though_the_answer_was_lost",
        "finds_nothing_when_the_request_was_lost",
        "reads_numbers_and_leaves_out_what_is_gone",
        "deletes_what_is_there_and_what_is_not",
    }
]


def somewhere(login: Login, folder: Path) -> Place:
    server = StubLinkedIn()

    def seen() -> list[Seen]:
        found = []
        for urn, post in server.posts.items():
            content = post.get("content", {})
            images = content.get("multiImage", {}).get("images", []) or [content[n] for n in content if n == "media"]
            alts = tuple(image.get("altText", "") for image in images)
            files = tuple(server.assets[image["id"]]["data"] for image in images)
            found.append(Seen(urn, post["_"]["shown"], alts, "", files))
        return found

    return place(
        "linkedin",
        httpx.MockTransport(server),
        lambda http: LinkedIn(login, http, wait=lambda _: None),
        lambda request: (request.method, request.url.path) == ("POST", "/rest/posts"),
        seen,
        SECRET,
        folder,
        too_long=("ı" * 3001, "3001"),
        metrics=frozenset({"likes", "reposts", "replies", "clicks", "impressions", "reach"}),
    )


@pytest.mark.parametrize("promise", OF_A_PAGE, ids=lambda promise: promise.__name__)
def test_a_page_keeps_the_contract(
    promise: Callable[[Place], None], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    promise(somewhere(PAGE_LOGIN, tmp_path))
    assert SECRET not in caplog.text


@pytest.mark.parametrize("promise", OF_A_MEMBER, ids=lambda promise: promise.__name__)
def test_a_member_keeps_the_contract(
    promise: Callable[[Place], None], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    promise(somewhere(MEMBER_LOGIN, tmp_path))
    assert SECRET not in caplog.text


def test_it_is_registered_and_has_two_steps() -> None:
    network = connect("linkedin", PAGE_LOGIN, Http(transport=httpx.MockTransport(lambda _: answer(500))))
    assert isinstance(network, TwoStep)
    assert network.idempotency is Idempotency.READBACK
    assert member(lambda _: answer(500)).idempotency is Idempotency.NONE


# --- Kinds ------------------------------------------------------------------------------------------------------------


def test_a_text_is_sent_with_everything_the_api_requires(server: StubLinkedIn) -> None:
    receipt = page(server).publish(text("Işık (açık) #kış", spans=(Span(12, 16, "tag", "kış"),)), key=KEY)
    assert server.bodies == [
        {
            "author": ORGANIZATION,
            "commentary": "Işık \\(açık\\) {hashtag|\\#|kış}",
            "visibility": "PUBLIC",
            "distribution": {
                "feedDistribution": "MAIN_FEED",
                "targetEntities": [],
                "thirdPartyDistributionChannels": [],
            },
            "lifecycleState": "PUBLISHED",
            "isReshareDisabledByAuthor": False,
        }
    ]
    assert receipt.id in server.posts
    assert receipt == Receipt(
        receipt.id, f"https://www.linkedin.com/feed/update/{receipt.id}/", "2026-12-06T09:00:00.000Z"
    )
    (request,) = server.requests
    assert request.headers["Linkedin-Version"] == LIMITS.entries["api_version"].value


def test_without_a_date_header_the_name_of_a_post_tells_its_time(server: StubLinkedIn) -> None:
    def undated(request: httpx.Request) -> httpx.Response:
        response = server(request)
        del response.headers["Date"]
        return response

    assert page(undated).publish(text("Timeless"), key=KEY).at == "2026-12-06T09:00:00.000Z"


def test_one_picture_is_media_with_its_alt_text(server: StubLinkedIn) -> None:
    page(server).publish(replace(pictured("Işık"), kind="image"), key=KEY)
    assert server.bodies[0]["content"] == {"media": {"id": "urn:li:image:C5F000", "altText": "Işık"}}


def test_several_pictures_are_a_multi_image_in_order(server: StubLinkedIn) -> None:
    receipt = page(server).publish(replace(pictured("One", "", "Three"), kind="carousel"), key=KEY)
    images = server.bodies[0]["content"]["multiImage"]["images"]
    assert images == [
        {"id": "urn:li:image:C5F000", "altText": "One"},
        {"id": "urn:li:image:C5F001"},
        {"id": "urn:li:image:C5F002", "altText": "Three"},
    ]
    assert receipt.id.startswith("urn:li:ugcPost:")


@pytest.mark.parametrize("size", [1, 40, 79, 80, 81, 240])
def test_a_video_is_sent_in_the_pieces_that_are_asked_for(server: StubLinkedIn, size: int) -> None:
    server.part_size = 80
    data = bytes(range(256))[:size]
    part = replace(video(data), options={"title": "Gece turu"})
    page(server).publish(part, key=KEY)
    (asset,) = server.assets.values()
    assert asset["data"] == data
    assert server.bodies[0]["content"] == {"media": {"id": "urn:li:video:C5F000", "title": "Gece turu"}}


def test_a_link_is_an_article_with_our_own_title(server: StubLinkedIn) -> None:
    card = Card("https://example.org/winter?a=1", "Kış", "Lambalar")
    page(server).publish(text("Read (it)", kind="link", card=card), key=KEY)
    assert server.bodies[0]["content"] == {
        "article": {"source": "https://example.org/winter?a=1", "title": "Kış", "description": "Lambalar"}
    }


def test_an_article_shows_one_picture_as_its_thumbnail(server: StubLinkedIn) -> None:
    part = replace(pictured("A lamp"), kind="article", card=Card("https://example.org/", "Winter"))
    receipt = page(server).publish(part, key=KEY)
    assert server.bodies[0]["content"] == {
        "article": {
            "source": "https://example.org/",
            "title": "Winter",
            "thumbnail": "urn:li:image:C5F000",
            "thumbnailAltText": "A lamp",
        }
    }
    assert page(server).find(part, key=KEY, since=SINCE) == receipt


@pytest.mark.parametrize(
    ("days", "duration"), [(1, "ONE_DAY"), (3, "THREE_DAYS"), (7, "SEVEN_DAYS"), (14, "FOURTEEN_DAYS")]
)
def test_a_poll_asks_its_first_paragraph(server: StubLinkedIn, days: int, duration: str) -> None:
    words = "Hangi\nlamba?\n\nYorumlara yazın. #kış"
    part = text(words, kind="poll", poll=Poll(("Ön", "Arka"), days * 86_400), spans=(Span(31, 35, "tag", "kış"),))
    receipt = page(server).publish(part, key=KEY)
    assert server.bodies[0]["content"] == {
        "poll": {
            "question": "Hangi lamba?",
            "options": [{"text": "Ön"}, {"text": "Arka"}],
            "settings": {"duration": duration, "voteSelectionType": "SINGLE_VOTE"},
        }
    }
    assert server.bodies[0]["commentary"] == "Yorumlara yazın. {hashtag|\\#|kış}"
    assert page(server).find(part, key=KEY, since=SINCE) == receipt


def test_a_poll_can_have_a_question_of_its_own(server: StubLinkedIn) -> None:
    options = {"question": "Which?"}
    page(server).publish(text("Two lamps", poll=Poll(("A", "B"), 86_400), options=options), key=KEY)
    assert server.bodies[0]["content"]["poll"]["question"] == "Which?"
    assert server.bodies[0]["commentary"] == "Two lamps"


def test_an_organisation_is_mentioned_by_its_name_and_urn(server: StubLinkedIn) -> None:
    spans = (Span(7, 15, "mention", "urn:li:organization:77"), Span(20, 30, "mention", "somebody"))
    page(server).publish(text("Thanks @Işık A.Ş and @somebody!", spans=spans), key=KEY)
    (post,) = server.posts.values()
    assert post["_"]["mentions"] == [("Işık A.", "urn:li:organization:77")]
    assert post["_"]["shown"] == "Thanks Işık A.Ş and @somebody!"


def test_a_member_may_speak_to_connections_only_and_forbid_resharing(server: StubLinkedIn) -> None:
    part = text("Among us", visibility="followers", options={"resharing": False})
    member(server).publish(part, key=KEY)
    assert (server.bodies[0]["author"], server.bodies[0]["visibility"]) == (PERSON, "CONNECTIONS")
    assert server.bodies[0]["isReshareDisabledByAuthor"] is True


PARENT = Receipt("urn:li:share:7", "https://www.linkedin.com/feed/update/urn:li:share:7/", "2026-12-06T08:00:00.000Z")


@pytest.mark.parametrize(
    ("part", "code"),
    [
        (text("x", kind="thread"), "kind"),
        (text("x", kind="story"), "kind"),
        (text("x", kind="event"), "kind"),
        (text("x", reply=Reply(PARENT, PARENT)), "kind"),
        (replace(pictured("A"), uploads=()), "media"),
        (replace(video(), attachments=video().attachments * 2, uploads=video().uploads * 2), "kind"),
        (replace(video(), card=Card("https://example.org/", "x")), "kind"),
        (replace(pictured("A", "B"), card=Card("https://example.org/", "x")), "kind"),
        (text("x", visibility="followers"), "visibility"),
        (text("x", visibility="direct"), "visibility"),
        (text("x", options={"resharing": "perhaps"}), "option"),
        (text("x", poll=Poll(("A", "B"), 2 * 86_400)), "poll"),
        (text("x", poll=Poll(("A", "B"), 86_401)), "poll"),
        (text("x", poll=Poll(("A", "B"), 86_400, multiple=True)), "poll"),
        (text("", poll=Poll(("A", "B"), 86_400)), "poll"),
        (replace(pictured("A"), poll=Poll(("A", "B"), 86_400)), "poll"),
    ],
)
def test_what_linkedin_does_not_have_is_refused_before_anything_is_sent(
    server: StubLinkedIn, part: Part, code: str
) -> None:
    for attempt in (page(server).prepare, page(server).publish):
        with pytest.raises(Rejected) as caught:
            attempt(part, key=KEY)
        assert caught.value.code == code
    assert server.requests == []


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


def lost(request: httpx.Request) -> httpx.Response:
    raise httpx.ReadError("reset", request=request)


def unreached(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("refused", request=request)


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
    assert receipt.extra == {"first_comment": told}


def test_a_post_that_is_found_later_says_that_its_comment_is_perhaps_there(server: StubLinkedIn) -> None:
    part = text("Hello", first_comment="More")
    page(server).publish(part, key=KEY)
    found = page(server).find(part, key=KEY, since=SINCE)
    again = page(server).publish(part, key=KEY)
    assert found == again
    assert again.extra == {"first_comment": "perhaps there: no answer"}
    assert len(server.comments) == 1


# --- Files that take their time ---------------------------------------------------------------------------------------


def test_a_file_that_takes_time_is_waited_for(server: StubLinkedIn) -> None:
    server.polls_until_ready = 3
    waits: list[float] = []
    page(server, waits).publish(video(), key=KEY)
    assert waits == [1, 1, 2]


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


def replies_to(path: str, server: Handler, reply: Handler) -> Handler:
    return lambda request: reply(request) if request.url.path.startswith(path) else server(request)


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


# --- Looking ----------------------------------------------------------------------------------------------------------


def old(server: StubLinkedIn, number: int, **changes: Any) -> None:
    for index in range(number):
        body = {"author": ORGANIZATION, "commentary": f"Post {index}", "lifecycleState": "PUBLISHED", **changes}
        server.add({"visibility": "PUBLIC", **body})


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


# --- Settings ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("given", ["2414183", 2414183, "urn:li:organization:2414183", " 2414183 "])
def test_an_organisation_is_named_by_its_number(server: StubLinkedIn, given: Any) -> None:
    login = replace(PAGE_LOGIN, settings={"organization": given})
    LinkedIn(login, Http(transport=httpx.MockTransport(server))).publish(text("Hello"), key=KEY)
    assert server.bodies[0]["author"] == ORGANIZATION


@pytest.mark.parametrize(
    "settings",
    [{"organization": "lumenvelo"}, {"organization": "1/../2"}, {"api_version": "v59"}, {"api_version": 2026}],
)
def test_settings_that_cannot_be_are_told_at_once(settings: dict[str, Any]) -> None:
    with pytest.raises(CredentialsError) as caught:
        connect("linkedin", replace(PAGE_LOGIN, settings=settings), Http(transport=httpx.MockTransport(lost)))
    assert "params:" in caught.value.hint


@pytest.mark.parametrize(
    "host",
    ["https://elsewhere.example", "https://api.linkedin.com.example", "http://api.linkedin.com", "http://[::1]/x"],
)
def test_the_token_is_sent_to_no_other_host(host: str) -> None:
    with pytest.raises(CredentialsError) as caught:
        connect("linkedin", replace(PAGE_LOGIN, host=host), Http(transport=httpx.MockTransport(lost)))
    assert "host:" in caught.value.hint


@pytest.mark.parametrize("host", ["", "https://api.linkedin.com/", "http://127.0.0.1:8765"])
def test_linkedin_and_this_machine_are_asked(server: StubLinkedIn, host: str) -> None:
    LinkedIn(replace(PAGE_LOGIN, host=host), Http(transport=httpx.MockTransport(server))).publish(text("Hi"), key=KEY)
    assert str(server.requests[0].url).startswith(host.rstrip("/") or "https://api.linkedin.com")


def test_the_version_is_a_setting_and_an_ended_one_says_how_to_change_it(server: StubLinkedIn) -> None:
    def speaking(version: str) -> LinkedIn:
        settings = {"organization": "2414183", "api_version": version}
        return LinkedIn(replace(PAGE_LOGIN, settings=settings), Http(transport=httpx.MockTransport(server)))

    speaking("202608").publish(text("Hello"), key=KEY)
    assert server.requests[-1].headers["Linkedin-Version"] == "202608"
    with pytest.raises(NotAllowed) as caught:
        speaking("202401").publish(text("Hello again"), key=KEY)
    assert (caught.value.code, "api_version" in caught.value.hint) == ("NONEXISTENT_VERSION", True)


@pytest.mark.parametrize(
    ("today", "says"),
    [
        (date(2026, 11, 22), ""),
        (date(2027, 5, 15), ""),
        (date(2027, 5, 16), "ends about 2027-07-15"),
        (date(2027, 7, 14), "ends about 2027-07-15"),
        (date(2027, 7, 15), "ended about 2027-07-15"),
        (date(2030, 1, 1), "ended about 2027-07-15"),
    ],
)
def test_the_end_of_a_version_is_foretold(today: date, says: str) -> None:
    told = sunset("202607", today)
    assert says in told
    assert bool(told) == bool(says)


@pytest.mark.parametrize("version", ["", "v60", "202613", "20260715"])
def test_a_version_that_is_none_is_told(version: str) -> None:
    assert "no version" in sunset(version, date(2026, 11, 22))


# --- Counting ---------------------------------------------------------------------------------------------------------


def used(part: Part) -> dict[str, tuple[int, int]]:
    return {count.what: (count.used, count.limit) for count in counts("linkedin", part, LIMITS)}


def test_everything_that_is_limited_is_counted() -> None:
    poll = Poll(("Ön", "Arkadaki 🚲"), 5 * 86_400, multiple=True)
    part = text("Hangi lamba?\n\nİkisi (de)", poll=poll, first_comment="Daha 🚲")
    assert used(part) == {
        "text": (10, 3000),
        "first_comment": (7, 1250),
        "poll_options": (2, 4),
        "poll_option": (11, 30),
        "poll_question": (12, 140),
        "poll_choices": (2, 1),
        "poll_days": (5, 3),
    }
    assert used(replace(pictured("Işık", "🚲" * 5), card=Card("https://e.org/", "Kış", "Uzun"))) == {
        "text": (9, 3000),
        "attachments": (2, 20),
        "alt_text": (10, 4086),
        "card_title": (3, 400),
        "card_description": (4, 4086),
    }
    two = replace(video(), attachments=video().attachments * 2)
    assert used(two)["videos"] == (2, 1)


@pytest.mark.parametrize("seconds", [86_400, 3 * 86_400, 7 * 86_400, 14 * 86_400])
def test_a_poll_of_a_length_that_exists_fits(seconds: int) -> None:
    days, fits = used(text("x", poll=Poll(("A", "B"), seconds)))["poll_days"]
    assert days == fits


@pytest.mark.parametrize("words", ["ı" * 3000, "🚲" * 1500, "(" * 3000, "_#" * 1500])
def test_what_fits_by_our_count_is_taken_whole(server: StubLinkedIn, words: str) -> None:
    assert used(text(words))["text"] == (3000, 3000)
    receipt = page(server).publish(text(words), key=KEY)
    assert server.posts[receipt.id]["_"]["shown"] == words
    with pytest.raises(Rejected, match="text is 3001"):
        page(server).publish(text(f"{words}."), key=KEY)


def test_a_mention_counts_as_the_name_that_is_shown() -> None:
    part = text("@Işık Bağı", spans=(Span(0, 10, "mention", "urn:li:organization:12345678901"),))
    assert used(part)["text"] == (9, 3000)


def test_credentials_that_are_wrong_are_told_for_a_member_too(tmp_path: Path) -> None:
    is_told_when_the_credentials_are_wrong(somewhere(MEMBER_LOGIN, tmp_path))
