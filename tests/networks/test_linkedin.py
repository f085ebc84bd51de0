"""LinkedIn: the contract for a page and for a member, every kind, its settings, and how it counts."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest

from networks.contract import PROMISES, SINCE, Place, Seen, is_told_when_the_credentials_are_wrong, place, text
from networks.contract import with_pictures as pictured
from networks.linkedin_stage import KEY, LIMITS, MEMBER_LOGIN, PAGE_LOGIN, lost, member, page, video
from networks.stub_linkedin import ORGANIZATION, PERSON, SECRET, StubLinkedIn, answer
from socialops.errors import CredentialsError, NotAllowed, Rejected
from socialops.http import Http
from socialops.networks import connect, counts
from socialops.networks.base import Idempotency, Login, TwoStep
from socialops.networks.draft import Card, Part, Poll, Receipt, Reply, Span
from socialops.networks.linkedin import LinkedIn, sunset


@pytest.fixture
def server() -> StubLinkedIn:
    return StubLinkedIn()


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
        (text("x", kind="image"), "media"),
        (text("x", kind="carousel"), "media"),
        (text("x", kind="video"), "media"),
        (text("x", kind="article"), "kind"),
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
        "card_pictures": (2, 1),
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
