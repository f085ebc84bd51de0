"""Telegram: the contract as far as it can hold, entities, albums, polls, and what its refusals mean."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from networks.contract import (
    CLAIMED,
    PIXEL,
    PROMISES,
    SINCE,
    TEXT,
    Place,
    Seen,
    deletes_what_is_there_and_what_is_not,
    finds_nothing_when_the_request_was_lost,
    finds_what_was_sent_though_the_answer_was_lost,
    place,
    publishes_one_post_for_one_key,
    publishes_pictures_with_their_words_in_order,
    reads_numbers_and_leaves_out_what_is_gone,
    text,
    with_pictures,
)
from networks.stub_telegram import CHANNEL, TOKEN, FakeTelegram, description, refuse, units
from socialops.content.text import Span, find_spans
from socialops.errors import CredentialsError, NetworkError, NotAllowed, Rejected, TryLater, Unknown
from socialops.http import Http
from socialops.networks import connect, counts, default_limits
from socialops.networks.base import Idempotency, Login, Network
from socialops.networks.draft import Part, Poll, Receipt, Reply, Upload
from socialops.networks.rich_text import pieces, spelled_out
from socialops.networks.telegram import Telegram

LOGIN = Login("telegram", "@lumenvelo", "", TOKEN, settings={"chat": "@lumenvelo"})
LIMITS = default_limits("telegram")
CANNOT_HOLD = (
    publishes_one_post_for_one_key,  # there are no keys
    finds_what_was_sent_though_the_answer_was_lost,  # a bot cannot read what it wrote
    finds_nothing_when_the_request_was_lost,  # the same
    reads_numbers_and_leaves_out_what_is_gone,  # the Bot API has no numbers of a message
    deletes_what_is_there_and_what_is_not,  # ends with a look; deleting is tested below
    publishes_pictures_with_their_words_in_order,  # there are no alt texts; the order is tested below
)


@pytest.fixture
def server() -> Iterator[FakeTelegram]:
    stub = FakeTelegram()
    yield stub
    assert stub.disagreements == []


def account(server: Callable[[httpx.Request], httpx.Response], login: Login = LOGIN) -> Telegram:
    return Telegram(login, Http(transport=httpx.MockTransport(server)))


def telegram(server: FakeTelegram, folder: Path) -> Place:
    def seen() -> list[Seen]:
        return [
            Seen(str(number), message["text"], (), str(message["parent"] or ""))
            for number, message in server.messages.items()
        ]

    return place(
        "telegram",
        httpx.MockTransport(server),
        lambda http: connect("telegram", LOGIN, http),
        lambda request: "/send" in request.url.path,
        seen,
        TOKEN,
        folder,
        too_long=("ı" * 4097, "4097"),
    )


@pytest.mark.parametrize(
    "promise",
    [promise for promise in PROMISES if promise not in CANNOT_HOLD],
    ids=lambda promise: promise.__name__,
)
def test_the_contract(
    server: FakeTelegram, promise: Callable[[Place], None], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    somewhere = telegram(server, tmp_path)
    promise(somewhere)
    assert TOKEN not in caplog.text


def test_the_description_of_the_bot_api_is_at_hand(server: FakeTelegram) -> None:
    if not description():
        pytest.skip("the published description of the Bot API is not beside the repository")
    account(server)._send("sendMessage", {"chat_id": "@lumenvelo", "text": "x", "no_such_field": 1})
    assert len(server.disagreements) == 1
    server.disagreements.clear()


# --- What goes out ----------------------------------------------------------------------------------------------------


def sent(server: FakeTelegram) -> dict[str, Any]:
    (message,) = server.messages.values()
    return message


def test_labelled_links_are_entities_over_utf16(server: FakeTelegram) -> None:
    words = "❄️🚲 Mağaza ve חנות, *not bold*"
    spans = (
        Span(4, 10, "link", "https://example.org/mağaza"),
        Span(14, 18, "link", "https://example.org/il?a=1&b=2"),
    )
    account(server).publish(Part(words, spans), key="k")
    assert sent(server)["text"] == words
    assert [(entity["type"], entity["words"], entity["url"]) for entity in sent(server)["entities"]] == [
        ("text_link", "Mağaza", "https://example.org/mağaza"),
        ("text_link", "חנות", "https://example.org/il?a=1&b=2"),
    ]


def test_what_is_written_out_needs_no_entity(server: FakeTelegram) -> None:
    words = "@mia #kış https://example.org/a_b*c"
    account(server).publish(Part(words, find_spans(words)), key="k")
    assert "entities" not in sent(server)["fields"]


LABELS = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


@given(LABELS, st.lists(st.tuples(st.integers(0, 70), st.integers(0, 70)), max_size=4))
def test_entities_name_the_same_words_as_spans(words: str, cuts: list[tuple[int, int]]) -> None:
    spans = [Span(min(cut), max(cut), "link", "https://example.org/") for cut in cuts]
    server = FakeTelegram()
    expected = [piece for piece, span in pieces(words, spans) if span]
    assert "".join(piece for piece, _ in pieces(words, spans)) == words
    if not words.strip():
        with pytest.raises(Rejected, match="400 empty"):
            account(server).publish(Part(words, tuple(spans)), key="k")
        return
    account(server).publish(Part(words, tuple(spans)), key="k")
    assert [entity["words"] for entity in sent(server)["entities"]] == expected


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=50))
def test_text_is_counted_in_utf16(words: str) -> None:
    (count,) = counts("telegram", Part(words), LIMITS)
    assert (count.what, count.used, count.limit) == ("text", units(words), 4096)


def test_pictures_are_an_album_with_one_caption(server: FakeTelegram) -> None:
    part = replace(with_pictures("Ön", "Arka", "Yan"), sensitive=True)
    receipt = account(server).publish(part, key="k")
    (method, fields, files) = server.requests[0]
    assert method == "sendMediaGroup"
    assert [item.get("caption") for item in fields["media"]] == ["Two lamps", None, None]
    assert all(item["has_spoiler"] for item in fields["media"])
    assert [files[item["media"].removeprefix("attach://")][2] for item in fields["media"]] == [PIXEL] * 3
    assert (receipt.id, receipt.extra) == ("42", {"chat": "-1001234567890", "messages": "42,43,44"})


def test_one_picture_has_its_caption(server: FakeTelegram) -> None:
    part = with_pictures("Lamba")
    account(server).publish(replace(part, spans=(Span(4, 9, "link", "https://example.org/"),)), key="k")
    method, fields, files = server.requests[0]
    assert (method, fields["caption"], files["photo"][1]) == ("sendPhoto", "Two lamps", "image/png")
    assert fields["caption_entities"] == [
        {"type": "text_link", "offset": 4, "length": 5, "url": "https://example.org/", "words": "lamps"}
    ]


@pytest.mark.parametrize(
    ("mime", "method", "name"), [("video/mp4", "sendVideo", "video"), ("image/gif", "sendAnimation", "animation")]
)
def test_what_moves_has_its_own_method(server: FakeTelegram, mime: str, method: str, name: str) -> None:
    part = with_pictures("x")
    moving = Upload(b"moving", mime, 640, 360, "x", "0" * 64, seconds=4.4)
    account(server).publish(replace(part, uploads=(moving,), sensitive=True), key="k")
    seen, fields, files = server.requests[0]
    assert fields["has_spoiler"] is True
    assert (seen, fields["width"], fields["height"], files[name][1:]) == (method, 640, 360, (mime, b"moving"))
    assert fields["duration"] == 4


def test_a_video_among_pictures_can_be_watched_at_once(server: FakeTelegram) -> None:
    part = with_pictures("x", "y")
    moving = Upload(b"moving", "video/mp4", 640, 360, "x", "0" * 64, seconds=4.4)
    account(server).publish(replace(part, uploads=(part.uploads[0], moving)), key="k")
    photo, video = server.requests[0][1]["media"]
    assert (photo["type"], video["type"], video["supports_streaming"]) == ("photo", "video", True)


def test_an_animation_stands_alone(server: FakeTelegram) -> None:
    part = with_pictures("x", "y")
    with pytest.raises(Rejected, match="alone") as caught:
        account(server).publish(
            replace(part, uploads=tuple(replace(u, mime="image/gif") for u in part.uploads)), key=""
        )
    assert caught.value.code == "kind"
    assert server.requests == []


def test_a_poll_says_all_it_has_to_say(server: FakeTelegram) -> None:
    poll = Poll(("Ön", "Arka"), seconds=86_400, multiple=True, hide_totals=True)
    part = text("Hangi lamba?", poll=poll, spans=(Span(6, 11, "link", "https://example.org/l"),))
    account(server).publish(part, key="k")
    method, fields, _ = server.requests[0]
    assert (method, fields) == (
        "sendPoll",
        {
            "chat_id": "@lumenvelo",
            "question": "Hangi lamba (https://example.org/l)?",
            "options": [{"text": "Ön"}, {"text": "Arka"}],
            "is_anonymous": True,
            "allows_multiple_answers": True,
            "open_period": 86400,
            "hide_results_until_closes": True,
        },
    )
    assert [(count.what, count.used, count.limit) for count in counts("telegram", part, LIMITS)] == [
        ("text", len(spelled_out(part.text, part.spans)), 300),
        ("poll_options", 2, 12),
        ("poll_option", 4, 100),
    ]


def test_a_caption_is_shorter_than_a_text() -> None:
    found = {count.what: (count.used, count.limit) for count in counts("telegram", with_pictures("x"), LIMITS)}
    assert found == {"text": (9, 1024), "attachments": (1, 10)}


@pytest.mark.parametrize(
    ("options", "fields"),
    [
        ({}, {}),
        ({"silent": True, "protect": "yes"}, {"disable_notification": True, "protect_content": True}),
        ({"silent": False}, {}),
        ({"link_preview": "none"}, {"link_preview_options": {"is_disabled": True}}),
        (
            {"link_preview": "large"},
            {"link_preview_options": {"url": "https://example.org/kış?a=1", "prefer_large_media": True}},
        ),
        ({"topic": 7}, {"message_thread_id": 7}),
    ],
)
def test_options_are_told(server: FakeTelegram, options: dict[str, Any], fields: dict[str, Any]) -> None:
    account(server).publish(text(options=options), key="k")
    assert server.requests[0][1] == {"chat_id": "@lumenvelo", "text": TEXT, **fields}


@pytest.mark.parametrize("options", [{"silent": "perhaps"}, {"link_preview": "huge"}, {"topic": "news"}])
def test_an_option_that_is_none_is_refused(server: FakeTelegram, options: dict[str, Any]) -> None:
    with pytest.raises(Rejected) as caught:
        account(server).publish(text(options=options), key="k")
    assert caught.value.code == "option"
    assert server.requests == []


@pytest.mark.parametrize("kind", ["story", "reel", "article", "live", "event"])
def test_kinds_telegram_has_not_are_refused(server: FakeTelegram, kind: str) -> None:
    with pytest.raises(Rejected, match=kind):
        account(server).publish(text(kind=kind), key="k")
    assert server.requests == []


def test_a_part_without_its_pictures_or_with_too_much_is_refused(server: FakeTelegram) -> None:
    part = with_pictures("x")
    with pytest.raises(Rejected, match="not made ready"):
        account(server).publish(replace(part, uploads=()), key="k")
    with pytest.raises(Rejected, match="not both"):
        account(server).publish(replace(part, poll=Poll(("a", "b"), 300)), key="k")
    assert server.requests == []


def test_a_part_whose_parent_is_gone_is_not_left_hanging(server: FakeTelegram) -> None:
    gone = Receipt("7", "https://t.me/lumenvelo/7", "2026-12-06T08:00:00.000Z")
    with pytest.raises(Rejected) as caught:
        account(server).publish(text("Two", reply=Reply(gone, gone)), key="k")
    assert caught.value.code == "400 reply not found"
    with pytest.raises(Rejected, match="no message"):
        account(server).publish(text("Two", reply=Reply(gone, replace(gone, id="../7"))), key="k")


# --- What comes back --------------------------------------------------------------------------------------------------


def test_a_chat_without_a_name_has_a_members_address(server: FakeTelegram) -> None:
    del server.chat["username"]
    login = replace(LOGIN, settings={"chat": CHANNEL["id"]})
    assert account(server, login).publish(text(), key="k").url == "https://t.me/c/1234567890/42"


@pytest.mark.parametrize(
    ("code", "words", "expected", "said"),
    [
        (400, "Bad Request: chat not found", NotAllowed, "400 chat not found"),
        (400, "Bad Request: group chat was upgraded to a supergroup chat", NotAllowed, "400 chat moved"),
        (400, "Bad Request: not enough rights to send text messages to the chat", NotAllowed, "400 no rights"),
        (400, "Bad Request: need administrator rights in the channel chat", NotAllowed, "400 no rights"),
        (400, "Bad Request: CHAT_WRITE_FORBIDDEN", NotAllowed, "400 no rights"),
        (400, "Bad Request: message thread not found", NotAllowed, "400 topic not found"),
        (400, "Bad Request: message is too long", Rejected, "400 too long"),
        (400, "Bad Request: message caption is too long", Rejected, "400 too long"),
        (400, "Bad Request: message text is empty", Rejected, "400 empty"),
        (400, "Bad Request: message to be replied not found", Rejected, "400 reply not found"),
        (400, "Bad Request: PHOTO_INVALID_DIMENSIONS", Rejected, "400 media"),
        (400, "Bad Request: IMAGE_PROCESS_FAILED", Rejected, "400 media"),
        (400, "Bad Request: can't parse entities: unsupported start tag", Rejected, "400 entities"),
        (400, "Bad Request: poll options length must not exceed 100", Rejected, "400 poll"),
        (400, "Bad Request: something new", Rejected, "400"),
        (401, "Unauthorized", NotAllowed, "401"),
        (403, "Forbidden: bot is not a member of the channel chat", NotAllowed, "403"),
        (403, "Forbidden: bot was blocked by the user", NotAllowed, "403"),
        (404, "Not Found", NotAllowed, "404"),
        (409, "Conflict: terminated by other getUpdates request", Unknown, "409"),
        (413, "Request Entity Too Large", Rejected, "413"),
        (429, "Too Many Requests: retry after 5", TryLater, "429"),
        (500, "Internal Server Error", Unknown, "500"),
        (502, "Bad Gateway", Unknown, "502"),
    ],
)
def test_each_refusal_has_its_meaning(code: int, words: str, expected: type[NetworkError], said: str) -> None:
    with pytest.raises(expected) as caught:
        account(lambda _: refuse(code, f"{words} {TOKEN}")).publish(text(), key="k")
    assert caught.value.code == said
    assert TOKEN not in str(vars(caught.value))


@pytest.mark.parametrize(
    ("parameters", "headers", "seconds"),
    [
        ({"retry_after": 5}, {}, 5),
        ({"retry_after": 0}, {}, 1),
        ({"retry_after": -3}, {}, 1),
        ({"retry_after": 10**30}, {}, 21_600),
        ({"retry_after": "soon"}, {"Retry-After": "30"}, 30),
        ({"retry_after": True}, {}, 300),
        ({}, {}, 300),
    ],
)
def test_telegram_says_in_its_answer_how_long_to_wait(
    parameters: dict[str, Any], headers: dict[str, str], seconds: int
) -> None:
    body = {"ok": False, "error_code": 429, "description": "Too Many Requests", "parameters": parameters}
    with pytest.raises(TryLater) as caught:
        account(lambda _: httpx.Response(429, json=body, headers=headers)).publish(text(), key="k")
    assert caught.value.after == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "result",
    [
        None,
        True,
        {},
        [],
        {"message_id": 1},
        {"message_id": 0, "date": 1796547600, "chat": {"id": 1}},
        {"message_id": "7/../8", "date": 1796547600, "chat": {"id": 1}},
        {"message_id": True, "date": 1796547600, "chat": {"id": 1}},
        {"message_id": 7, "date": "now", "chat": {"id": 1}},
        {"message_id": 7, "date": 10**15, "chat": {"id": 1}},
        [{"message_id": 7, "date": 1796547600, "chat": {"id": 1}}, None],
    ],
)
def test_an_answer_without_a_message_is_no_receipt(result: Any) -> None:
    with pytest.raises(Unknown):
        account(lambda _: httpx.Response(200, json={"ok": True, "result": result})).publish(text(), key="k")


def test_a_message_in_another_chat_is_no_receipt() -> None:
    result = {"message_id": 7, "date": 1796547600, "chat": {"id": -1}}
    here = account(
        lambda _: httpx.Response(200, json={"ok": True, "result": result}), replace(LOGIN, settings={"chat": "-100200"})
    )
    with pytest.raises(Unknown):
        here.publish(text(), key="k")


def test_what_became_of_a_message_cannot_be_asked(server: FakeTelegram) -> None:
    network: Network = account(server)
    assert network.idempotency is Idempotency.NONE
    with pytest.raises(Unknown):
        network.find(text(), key="k", since=SINCE)
    assert list(network.measure([network.publish(text(), key="k")])) == []


def test_a_message_and_every_picture_of_an_album_are_deleted(server: FakeTelegram) -> None:
    network = account(server)
    one, album = network.publish(text(), key="k"), network.publish(with_pictures("x", "y"), key="k")
    network.delete(one)
    network.delete(album)
    network.delete(album)
    assert server.messages == {}


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (refuse(400, "Bad Request: message can't be deleted for everyone"), Rejected),
        (refuse(400, "Bad Request: chat not found"), NotAllowed),
        (refuse(401, "Unauthorized"), NotAllowed),
        (refuse(429, "Too Many Requests: retry after 5", retry_after=5), TryLater),
        (refuse(500, "Internal Server Error"), Unknown),
        (httpx.Response(200, text="<html>"), Unknown),
    ],
)
def test_a_message_that_cannot_be_deleted_is_said_to_be_there(answer: httpx.Response, expected: type) -> None:
    with pytest.raises(expected):
        account(lambda _: answer).delete(Receipt("42", "", ""))


@pytest.mark.parametrize(("fault", "expected"), [(httpx.ReadError, Unknown), (httpx.ConnectError, TryLater)])
def test_a_deletion_without_an_answer_says_what_is_known(fault: type[httpx.TransportError], expected: type) -> None:
    def broken(request: httpx.Request) -> httpx.Response:
        raise fault("x", request=request)

    with pytest.raises(expected):
        account(broken).delete(Receipt("42", "", ""))


def test_an_album_that_is_gone_is_gone() -> None:
    account(lambda _: refuse(400, "Bad Request: message to delete not found")).delete(Receipt("42", "", ""))


def test_only_numbers_are_deleted(server: FakeTelegram) -> None:
    for receipt in (Receipt("42; 43", "", ""), Receipt("42", "", "", {"chat": "@x&y"})):
        with pytest.raises(Rejected):
            account(server).delete(receipt)
    assert server.requests == []


def test_a_message_is_deleted_where_it_was_sent(server: FakeTelegram) -> None:
    receipt = account(server).publish(text(), key="k")
    account(server, replace(LOGIN, settings={"chat": "@another_chat"})).delete(receipt)
    assert server.messages == {}
    account(server).delete(Receipt("42", "https://t.me/lumenvelo/42", ""))
    assert server.requests[-1][1]["chat_id"] == "@lumenvelo"


def test_the_account_is_the_chat_with_its_members(server: FakeTelegram) -> None:
    found = account(server).account()
    assert (found.id, found.handle, found.name, found.followers) == (
        "-1001234567890",
        "@lumenvelo",
        "Lumen Velo",
        321,
    )
    assert found.url == "https://t.me/lumenvelo"
    assert found.profile == {"name": "Lumen Velo", "note": "Bicycles", "bot": "@lumenvelo_bot"}


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (refuse(401, "Unauthorized"), NotAllowed),
        (refuse(404, "Not Found"), NotAllowed),
        (refuse(400, "Bad Request: chat not found"), NotAllowed),
        (refuse(429, "Too Many Requests", retry_after=9), TryLater),
        (refuse(500, "Internal Server Error"), TryLater),
        (httpx.Response(200, text="{}"), TryLater),
    ],
)
def test_an_account_that_cannot_be_read(answer: httpx.Response, expected: type) -> None:
    with pytest.raises(expected):
        account(lambda _: answer).account()


# --- Credentials ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "login",
    [
        replace(LOGIN, token="7000000001:../../getMe?x=AAs3cretTelegramBot"),
        replace(LOGIN, token="AAs3cretTelegramBotTokenOfATest00000"),
        replace(LOGIN, token=f"{TOKEN}/x"),
        replace(LOGIN, settings={"chat": "lumen velo"}),
        replace(LOGIN, settings={"chat": "@x/../y"}),
        replace(LOGIN, handle="", settings={}),
    ],
)
def test_a_token_or_a_chat_that_is_none_goes_nowhere(server: FakeTelegram, login: Login) -> None:
    with pytest.raises(CredentialsError) as caught:
        account(server, login)
    assert login.token not in f"{caught.value} {caught.value.hint}"
    assert server.requests == []


def test_the_token_goes_nowhere_but_to_telegram() -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.host)
        return refuse(500, "x")

    network = account(answer, replace(LOGIN, host="https://elsewhere.example"))
    with pytest.raises(Unknown):
        network.publish(text(), key="k")
    assert asked == ["api.telegram.org"]
    assert TOKEN not in repr(network)


def test_no_error_holds_the_address_with_the_token(tmp_path: Path) -> None:
    def lost(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadError(f"reset: {request.url}", request=request)

    somewhere = telegram(FakeTelegram(), tmp_path)
    somewhere.wire.inner = httpx.MockTransport(lost)
    for act in (lambda: somewhere.publish(text()), lambda: somewhere.network.account()):
        with pytest.raises((Unknown, TryLater)) as caught:
            act()
        assert TOKEN not in somewhere.told(caught.value)


def test_keys_differ_by_delivery_and_part_alone(server: FakeTelegram) -> None:
    network = account(server)
    assert network.key("a/b", 0, CLAIMED) == network.key("a/b", 0, CLAIMED + timedelta(days=1))
    assert network.key("a/b", 0, CLAIMED) != network.key("a/b", 1, CLAIMED)
