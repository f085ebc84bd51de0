"""Matrix: the contract over a homeserver in memory, its errors, the size of its events, and its links and people."""

from __future__ import annotations

import contextlib
import html
import json
import logging
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from networks import matrix_spec
from networks.contract import CLAIMED, PIXEL, PROMISES, SINCE, TEXT, Place, Seen, place, text, with_pictures
from networks.stub_matrix import ALIAS, BEGUN, LARGEST, ROOM, US, FakeMatrix, canonical
from socialops.errors import CredentialsError, NetworkError, NotAllowed, Rejected, TryLater, Unknown
from socialops.http import Http
from socialops.networks import connect, counts, default_limits
from socialops.networks.base import Login, Stat
from socialops.networks.draft import Part, Poll, Reply, Span, Upload
from socialops.networks.matrix import Matrix
from socialops.networks.matrix_event import MARK, content_of, event_size, formatted

SECRET = "syt_bHVtZW4_kWq3vXsPzT_1a2B3c"
SEND = "/send/m.room.message/"
LIMITS = default_limits("matrix")


def login(**changes: Any) -> Login:
    return replace(Login("matrix", US, "https://matrix.example", SECRET, settings={"room": ALIAS}), **changes)


def sends(request: httpx.Request) -> bool:
    return request.method == "PUT" and SEND in request.url.path


def matrix(folder: Path) -> Place:
    server = FakeMatrix(SECRET)

    def seen() -> list[Seen]:
        return [
            Seen(
                event["event_id"],
                event["content"]["body"],
                (event["content"].get("filename", event["content"]["body"]),) if "url" in event["content"] else (),
                event["content"].get("m.relates_to", {}).get("m.in_reply_to", {}).get("event_id", ""),
                (server.media[event["content"]["url"]][1],) if "url" in event["content"] else (),
            )
            for event in server.messages()
        ]

    return place(
        "matrix",
        httpx.MockTransport(server),
        lambda http: connect("matrix", login(), http),
        sends,
        seen,
        SECRET,
        folder,
        metrics=frozenset({"reactions", "replies"}),
        too_long=("ı" * 33_000, "bytes, 65536 fit"),
    )


HELD = [
    promise
    for promise in PROMISES
    # An event holds one picture: the pictures of a post are the parts of a thread (see below).
    if promise.__name__ != "publishes_pictures_with_their_words_in_order"
]


@pytest.mark.parametrize("promise", HELD, ids=lambda promise: promise.__name__)
def test_the_contract(promise: Callable[[Place], None], tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    there = matrix(tmp_path)
    promise(there)
    assert there.secret not in caplog.text


@pytest.fixture
def server() -> FakeMatrix:
    return FakeMatrix(SECRET)


@pytest.fixture
def network(server: FakeMatrix) -> Matrix:
    return Matrix(login(), Http(transport=httpx.MockTransport(server)))


def publish(network: Matrix, part: Part, delivery: str = "launch/matrix", number: int = 0) -> Any:
    return network.publish(part, key=network.key(delivery, number, CLAIMED))


def find(network: Matrix, part: Part, delivery: str = "launch/matrix", number: int = 0) -> Any:
    return network.find(part, key=network.key(delivery, number, CLAIMED), since=SINCE)


# --- What is sent -----------------------------------------------------------------------------------------------------


def test_a_text_goes_to_the_room_of_the_alias(server: FakeMatrix, network: Matrix) -> None:
    receipt = publish(network, text())
    (event,) = server.messages()
    assert event["content"]["msgtype"] == "m.text"
    assert event["content"]["m.mentions"] == {}
    assert receipt.id == event["event_id"]
    assert receipt.extra == {"room": ROOM}
    assert receipt.url == f"https://matrix.to/#/{ROOM}/{receipt.id}?via=matrix.example"
    assert receipt.at == "2026-12-06T09:00:01.000Z"


def test_the_room_is_looked_up_once(server: FakeMatrix, network: Matrix) -> None:
    publish(network, text("One"), number=0)
    publish(network, text("Two"), number=1)
    assert server.asked("GET", "/directory/room/") == 1
    assert server.asked("GET", "/state/m.room.encryption") == 1


def test_a_room_may_be_named_by_its_id(server: FakeMatrix) -> None:
    network = Matrix(login(settings={"room": ROOM}), Http(transport=httpx.MockTransport(server)))
    assert publish(network, text()).extra == {"room": ROOM}
    assert server.asked("GET", "/directory/room/") == 0


def test_a_handle_that_is_a_room_names_it(server: FakeMatrix) -> None:
    network = Matrix(login(settings={}, handle=ALIAS), Http(transport=httpx.MockTransport(server)))
    assert publish(network, text()).extra == {"room": ROOM}


def test_a_plain_text_has_no_second_form(server: FakeMatrix, network: Matrix) -> None:
    publish(network, text("Işık <açık> & iyi\n\nאור"))
    (event,) = server.messages()
    assert event["content"]["body"] == "Işık <açık> & iyi\n\nאור"
    assert "formatted_body" not in event["content"]


def test_links_and_people_become_html(server: FakeMatrix, network: Matrix) -> None:
    words = "Our <shop> & @ayse:matrix.example.\nMore: https://example.org/kış?a=1&b=2"
    at, url = words.index("@"), words.index("http")
    spans = (
        Span(4, 10, "link", "https://example.org/?a=1&b='2'"),
        Span(at, at + 5, "mention", "ayse"),
        Span(url, len(words), "link", words[url:]),
    )
    publish(network, text(words, spans=spans))
    content = server.messages()[0]["content"]
    assert content["format"] == "org.matrix.custom.html"
    assert content["formatted_body"] == (
        'Our <a href="https://example.org/?a=1&amp;b=&#x27;2&#x27;">&lt;shop&gt;</a> &amp; '
        '<a href="https://matrix.to/#/@ayse:matrix.example">@ayse:matrix.example</a>.<br>'
        'More: <a href="https://example.org/kış?a=1&amp;b=2">https://example.org/kış?a=1&amp;b=2</a>'
    )
    assert content["body"] == (
        "Our <shop> (https://example.org/?a=1&b='2') & @ayse:matrix.example.\nMore: https://example.org/kış?a=1&b=2"
    )
    assert content["m.mentions"] == {"user_ids": ["@ayse:matrix.example"]}


@pytest.mark.parametrize(
    ("words", "people"),
    [
        ("@ayse:matrix.example, hello", ["@ayse:matrix.example"]),
        ("@ayse: hello", []),
        ("@ayse hello", []),
        ("@ayse:hello", []),
        ("@ayse:matrix.example:8448!", ["@ayse:matrix.example:8448"]),
        ("@ayse:matrix.example @ayse:matrix.example", ["@ayse:matrix.example"]),
    ],
)
def test_only_a_whole_user_id_is_a_person(words: str, people: list[str]) -> None:
    spans = tuple(Span(found.start(), found.end(), "mention", "ayse") for found in re.finditer("@ayse", words))
    mentioned = content_of(text(words, spans=spans), "key")["m.mentions"]
    assert mentioned.get("user_ids", []) == people


def test_a_link_that_no_one_can_open_is_only_words() -> None:
    assert formatted("click", (Span(0, 5, "link", "javascript:alert(1)"),)) == "click"
    assert "formatted_body" not in content_of(text("click", spans=(Span(0, 5, "link", "javascript:1"),)), "key")


def test_a_picture_has_its_words_as_its_name(server: FakeMatrix, network: Matrix) -> None:
    publish(network, replace(with_pictures("Önden görünüş"), kind="image"))
    (event,) = server.messages()
    content = event["content"]
    assert (content["msgtype"], content["body"], content["filename"]) == ("m.image", "Two lamps", "Önden görünüş")
    assert content["info"] == {"mimetype": "image/png", "w": 1, "h": 1, "size": len(PIXEL)}
    assert server.media[content["url"]] == ("image/png", PIXEL)


def test_a_picture_alone_is_called_by_its_words(server: FakeMatrix, network: Matrix) -> None:
    publish(network, replace(with_pictures("מבט\nמאחור"), text=""))
    content = server.messages()[0]["content"]
    assert content["body"] == "מבט מאחור"
    assert "filename" not in content


def test_a_picture_without_words_has_a_plain_name(server: FakeMatrix, network: Matrix) -> None:
    publish(network, replace(with_pictures(""), text=""))
    assert server.messages()[0]["content"]["body"] == "picture.png"


def test_a_caption_keeps_its_links(server: FakeMatrix, network: Matrix) -> None:
    part = with_pictures("A lamp")
    publish(network, replace(part, spans=(Span(0, 3, "link", "https://example.org/"),)))
    content = server.messages()[0]["content"]
    assert content["formatted_body"] == '<a href="https://example.org/">Two</a> lamps'
    assert content["format"] == "org.matrix.custom.html"


def test_a_video_goes_the_same_way(server: FakeMatrix, network: Matrix) -> None:
    attachment = replace(with_pictures("A ride").attachments[0], mime="video/mp4", width=1080, height=1920)
    upload = Upload(b"\0\0\0\x18ftypmp42", "video/mp4", 1080, 1920, "A ride", "0" * 64, seconds=4.008)
    publish(network, text("Watch", attachments=(attachment,), uploads=(upload,), kind="video"))
    content = server.messages()[0]["content"]
    assert content["msgtype"] == "m.video"
    assert content["info"] == {"mimetype": "video/mp4", "w": 1080, "h": 1920, "size": 12, "duration": 4008}


def test_a_thread_hangs_on_its_first_part(server: FakeMatrix, network: Matrix) -> None:
    first = publish(network, text("One"), number=0)
    second = publish(network, text("Two", reply=Reply(first, first)), number=1)
    publish(network, replace(with_pictures("Üç"), reply=Reply(first, second)), number=2)
    assert server.messages()[2]["content"]["m.relates_to"] == {
        "rel_type": "m.thread",
        "event_id": first.id,
        "is_falling_back": True,
        "m.in_reply_to": {"event_id": second.id},
    }


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"poll": Poll(("Yes", "No"), 3600)}, "kind"),
        ({"kind": "carousel"}, "kind"),
        ({"kind": "reel"}, "kind"),
        ({"kind": "event"}, "kind"),
    ],
)
def test_what_no_room_can_show_is_refused_before_anything_is_asked(
    server: FakeMatrix, network: Matrix, changes: dict[str, Any], code: str
) -> None:
    with pytest.raises(Rejected) as refused:
        publish(network, text(**changes))
    assert refused.value.code == code
    assert server.requests == []


def test_two_pictures_are_refused(network: Matrix) -> None:
    with pytest.raises(Rejected, match="holds one picture") as refused:
        publish(network, with_pictures("a", "b"))
    assert refused.value.code == "attachments"


def test_pictures_that_were_not_made_ready_are_refused(network: Matrix) -> None:
    with pytest.raises(Rejected, match="not made ready"):
        publish(network, replace(with_pictures("a"), uploads=()))


# --- Where it goes ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("room", ["", "lamps", "#lamps", "!", "#a b:example.org", "#x:exa/mple.org", None, ["#a:b.c"]])
def test_a_channel_must_name_its_room(room: object) -> None:
    with pytest.raises(CredentialsError, match="which room"):
        Matrix(login(settings={"room": room}), Http(transport=httpx.MockTransport(lambda _: httpx.Response(500))))


def test_a_token_never_travels_in_the_clear() -> None:
    with pytest.raises(CredentialsError, match="without encryption"):
        Matrix(login(host="http://matrix.example"), Http())


def test_an_unknown_room_is_no_fault_of_the_post(server: FakeMatrix) -> None:
    network = Matrix(login(settings={"room": "#bulbs:matrix.example"}), Http(transport=httpx.MockTransport(server)))
    with pytest.raises(NotAllowed, match="knows no room #bulbs"):
        publish(network, text())


def test_an_encrypted_room_gets_nothing(server: FakeMatrix, network: Matrix) -> None:
    server.encrypted = True
    for attempt in (lambda: publish(network, text()), network.account):
        with pytest.raises(NotAllowed, match="encrypted") as refused:
            attempt()
        assert refused.value.code == "encrypted"
    assert server.messages() == []


def test_a_room_that_we_left_is_said_to_be_one(server: FakeMatrix, network: Matrix) -> None:
    server.joined = ()
    with pytest.raises(NotAllowed) as refused:
        publish(network, text())
    assert "join the room" in refused.value.hint
    assert refused.value.code == "M_FORBIDDEN"


# --- What servers answer ----------------------------------------------------------------------------------------------

ANSWERS = [
    (400, "M_BAD_JSON", Rejected),
    (400, "M_NOT_JSON", Rejected),
    (400, "M_INVALID_PARAM", Rejected),
    (400, "M_UNKNOWN", Rejected),
    (400, "M_DUPLICATE_ANNOTATION", Unknown),
    (401, "M_MISSING_TOKEN", NotAllowed),
    (401, "M_UNKNOWN_TOKEN", NotAllowed),
    (401, "M_USER_LOCKED", NotAllowed),
    (403, "M_FORBIDDEN", NotAllowed),
    (403, "M_USER_SUSPENDED", NotAllowed),
    (403, "M_CONSENT_NOT_GIVEN", NotAllowed),
    (403, "M_RESOURCE_LIMIT_EXCEEDED", TryLater),
    (404, "M_NOT_FOUND", Rejected),
    (404, "M_UNRECOGNIZED", Rejected),
    (405, "M_UNRECOGNIZED", Rejected),
    (413, "M_TOO_LARGE", Rejected),
    (429, "M_LIMIT_EXCEEDED", TryLater),
    (500, "M_UNKNOWN", Unknown),
    (502, "M_UNKNOWN", Unknown),
    (504, "M_UNKNOWN", Unknown),
]


@pytest.mark.parametrize(("status", "errcode", "expected"), ANSWERS)
def test_every_documented_error_says_what_may_be_done(
    server: FakeMatrix, network: Matrix, status: int, errcode: str, expected: type[NetworkError]
) -> None:
    body = {"errcode": errcode, "error": f"private words {SECRET}"}
    server.refuse = lambda request: httpx.Response(status, json=body) if sends(request) else None
    with pytest.raises(NetworkError) as caught:
        publish(network, text())
    assert type(caught.value) is expected
    assert caught.value.code == errcode
    assert "private" not in caught.value.message + caught.value.hint
    assert server.messages() == []


@pytest.mark.parametrize(
    ("headers", "body", "seconds"),
    [
        ({}, {"retry_after_ms": 2500}, 2.5),
        ({"Retry-After": "17"}, {"retry_after_ms": 2500}, 17),
        ({}, {"retry_after_ms": -5}, 1),
        ({}, {"retry_after_ms": 10**30}, 6 * 3600),
        ({}, {"retry_after_ms": "soon"}, 300),
        ({}, {}, 300),
        ({"Retry-After": "Sun, 06 Dec 2026 09:31:00 GMT", "Date": "Sun, 06 Dec 2026 09:30:00 GMT"}, {}, 60),
    ],
)
def test_it_waits_as_long_as_it_is_told(
    server: FakeMatrix, network: Matrix, headers: dict[str, str], body: dict[str, Any], seconds: float
) -> None:
    answer = {"errcode": "M_LIMIT_EXCEEDED", "error": "Too many requests", **body}
    server.refuse = lambda request: httpx.Response(429, json=answer, headers=headers) if sends(request) else None
    with pytest.raises(TryLater) as caught:
        publish(network, text())
    assert caught.value.after == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("status", "errcode", "expected"),
    [
        (413, "M_TOO_LARGE", Rejected),
        (403, "M_FORBIDDEN", Rejected),
        (401, "M_UNKNOWN_TOKEN", NotAllowed),
        (429, "M_LIMIT_EXCEEDED", TryLater),
        (403, "M_RESOURCE_LIMIT_EXCEEDED", TryLater),
        (500, "M_UNKNOWN", TryLater),
        (502, "", TryLater),
        (200, "", TryLater),
    ],
)
def test_an_upload_that_fails_leaves_nothing_to_doubt(
    server: FakeMatrix, network: Matrix, status: int, errcode: str, expected: type[NetworkError]
) -> None:
    server.refuse = lambda request: (
        httpx.Response(status, json={"errcode": errcode}) if "upload" in request.url.path else None
    )
    with pytest.raises(NetworkError) as caught:
        publish(network, with_pictures("A lamp"))
    assert type(caught.value) is expected
    assert server.asked("PUT", SEND) == 0


def test_a_message_counts_as_sent_though_it_cannot_be_read_back(server: FakeMatrix, network: Matrix) -> None:
    server.refuse = lambda request: httpx.Response(500) if "/event/" in request.url.path else None
    receipt = publish(network, text())
    assert receipt.at == "2026-12-06T09:30:00.000Z"
    assert len(server.messages()) == 1


def test_a_token_that_expired_is_told(server: FakeMatrix, network: Matrix) -> None:
    publish(network, text("One"), number=0)
    server.token = "another"
    with pytest.raises(NotAllowed, match="M_UNKNOWN_TOKEN") as refused:
        publish(network, text("Two"), number=1)
    assert "new access token" in refused.value.hint


# --- Looking ----------------------------------------------------------------------------------------------------------


def test_the_same_device_is_answered_with_the_same_event(server: FakeMatrix, network: Matrix) -> None:
    # As when a message is taken and does not yet show.
    server.refuse = lambda request: httpx.Response(200, json={"chunk": []}) if "/messages" in request.url.path else None
    assert publish(network, text()) == publish(network, text())
    assert len(server.messages()) == 1
    assert server.asked("PUT", SEND) == 2


@pytest.mark.parametrize("change", ["a new login", "a new start"])
def test_a_server_that_forgot_is_not_sent_it_again(server: FakeMatrix, network: Matrix, change: str) -> None:
    receipt = publish(network, text())
    server.transactions.clear()
    if change == "a new login":
        server.device = "NEWDEVICE"
    assert publish(network, text()) == receipt
    assert len(server.messages()) == 1
    assert server.asked("PUT", SEND) == 1


@pytest.mark.parametrize("status", [429, 500])
def test_a_room_that_cannot_be_read_gets_nothing_yet(server: FakeMatrix, network: Matrix, status: int) -> None:
    server.refuse = lambda request: httpx.Response(status) if "/messages" in request.url.path else None
    with pytest.raises(TryLater):
        publish(network, text())
    assert server.asked("PUT", SEND) == 0


def test_a_new_login_finds_what_an_old_one_sent(server: FakeMatrix, network: Matrix) -> None:
    receipt = publish(network, text())
    server.device = "NEWDEVICE"
    assert find(network, text()) == receipt


def test_the_same_words_of_another_post_are_not_this_one(server: FakeMatrix, network: Matrix) -> None:
    publish(network, text(), "before/matrix")
    assert find(network, text()) is None


def test_a_message_that_was_written_by_hand_is_found(server: FakeMatrix, network: Matrix) -> None:
    by_hand = server.add(US, "m.room.message", {"msgtype": "m.text", "body": TEXT}, "m1", "PHONE")
    found = find(network, text())
    assert found is not None
    assert found.id == by_hand["event_id"]


@pytest.mark.parametrize(
    "content",
    [
        {"msgtype": "m.text", "body": TEXT + "!"},
        {"msgtype": "m.notice", "body": TEXT},
        {"msgtype": "m.text", "body": TEXT, "m.relates_to": {"rel_type": "m.replace", "event_id": "$x"}},
        {"msgtype": "m.text", "body": TEXT, "m.relates_to": {"rel_type": "m.thread", "event_id": "$x"}},
        {},
    ],
)
def test_what_says_something_else_is_not_found(server: FakeMatrix, network: Matrix, content: dict[str, Any]) -> None:
    server.add(US, "m.room.message", content)
    assert find(network, text()) is None


def test_others_who_say_the_same_are_not_us(server: FakeMatrix, network: Matrix) -> None:
    server.add("@reader:matrix.example", "m.room.message", {"msgtype": "m.text", "body": TEXT})
    assert find(network, text()) is None


def test_two_that_look_alike_are_left_to_a_person(server: FakeMatrix, network: Matrix) -> None:
    for _ in range(2):
        server.add(US, "m.room.message", {"msgtype": "m.text", "body": TEXT})
    with pytest.raises(Unknown, match="2 messages like this one") as caught:
        find(network, text())
    assert caught.value.code == "ambiguous"


def test_the_key_decides_where_words_do_not(server: FakeMatrix, network: Matrix) -> None:
    server.add(US, "m.room.message", {"msgtype": "m.text", "body": TEXT})
    receipt = publish(network, text())
    assert find(network, text()) == receipt


def test_a_busy_room_is_read_page_by_page(server: FakeMatrix, network: Matrix) -> None:
    receipt = publish(network, text())
    for number in range(300):
        server.add("@reader:matrix.example", "m.room.message", {"msgtype": "m.text", "body": str(number)})
    server.page = 50
    server.requests.clear()
    assert find(network, text()) == receipt
    assert server.asked("GET", "/messages") == 7


def test_looking_ends_where_the_time_is_over(server: FakeMatrix, network: Matrix) -> None:
    for number in range(400):
        server.add(US, "m.room.message", {"msgtype": "m.text", "body": str(number)})
    key = network.key("launch/matrix", 0, CLAIMED)
    assert network.find(text(), key=key, since=BEGUN + timedelta(seconds=380)) is None
    assert server.asked("GET", "/messages") == 2


def test_a_room_without_an_end_is_not_looked_through_for_ever(server: FakeMatrix, network: Matrix) -> None:
    server.refuse = lambda request: (
        httpx.Response(200, json={"start": "t", "chunk": [], "end": "t"}) if "/messages" in request.url.path else None
    )
    with pytest.raises(Unknown, match="too many"):
        find(network, text())


@pytest.mark.parametrize("body", [{}, {"chunk": {}}, {"chunk": [{"event_id": "../x", "origin_server_ts": 1}]}, []])
def test_a_room_in_a_form_that_is_not_known_proves_nothing(server: FakeMatrix, network: Matrix, body: Any) -> None:
    server.refuse = lambda request: httpx.Response(200, json=body) if "/messages" in request.url.path else None
    with pytest.raises(Unknown, match="do not know"):
        find(network, text())


@pytest.mark.parametrize("status", [401, 403, 404, 429, 500])
def test_a_look_that_fails_proves_nothing(server: FakeMatrix, network: Matrix, status: int) -> None:
    server.refuse = lambda request: httpx.Response(status) if "/messages" in request.url.path else None
    with pytest.raises(Unknown):
        find(network, text())


# --- Numbers ----------------------------------------------------------------------------------------------------------


def react(server: FakeMatrix, to: str, sender: str = "@reader:matrix.example", sign: str = "💡") -> None:
    server.add(sender, "m.reaction", {"m.relates_to": {"rel_type": "m.annotation", "event_id": to, "key": sign}})


def answer(server: FakeMatrix, to: str, sender: str = "@reader:matrix.example") -> None:
    relation = {"rel_type": "m.thread", "event_id": to}
    server.add(sender, "m.room.message", {"msgtype": "m.text", "body": "Nice", "m.relates_to": relation})


def test_reactions_and_replies_are_counted(server: FakeMatrix, network: Matrix) -> None:
    first = publish(network, text("One"), number=0)
    publish(network, text("Two", reply=Reply(first, first)), number=1)
    for sign in "💡❄️🚲":
        react(server, first.id, sign=sign)
    answer(server, first.id)
    server.add(US, "m.room.message", {"m.relates_to": {"rel_type": "m.replace", "event_id": first.id}, "body": "1"})
    assert network.measure([first]) == [Stat(first.id, "reactions", 4), Stat(first.id, "replies", 1)]


def test_many_reactions_are_counted_over_pages(server: FakeMatrix, network: Matrix) -> None:
    receipt = publish(network, text())
    server.page = 50
    for number in range(120):
        react(server, receipt.id, f"@reader{number}:matrix.example")
    assert network.measure([receipt]) == [Stat(receipt.id, "reactions", 120), Stat(receipt.id, "replies", 0)]
    assert server.asked("GET", "/relations/") == 3


def test_more_than_can_be_read_is_no_number(server: FakeMatrix, network: Matrix) -> None:
    receipt = publish(network, text())
    server.page = 1
    for number in range(25):
        react(server, receipt.id, f"@reader{number}:matrix.example")
    assert network.measure([receipt]) == []


def test_measuring_asks_twice_for_a_message(server: FakeMatrix, network: Matrix) -> None:
    receipts = [publish(network, text(str(number)), number=number) for number in range(10)]
    server.requests.clear()
    network.measure(receipts)
    assert len(server.requests) == 20


def test_receipts_that_name_no_message_are_left_out(server: FakeMatrix, network: Matrix) -> None:
    receipt = publish(network, text())
    assert network.measure([replace(receipt, id="../x"), replace(receipt, id="$unknown")]) == []


def test_the_account_tells_who_reads_and_what_fits(server: FakeMatrix, network: Matrix) -> None:
    server.upload_size = 5_000_000
    account = network.account()
    assert (account.id, account.name, account.followers) == (US, "Lumen Velo", 2)
    assert account.url == f"https://matrix.to/#/{US}"
    assert account.limits == {"image_bytes": 5_000_000, "video_bytes": 5_000_000}


def test_a_large_server_does_not_make_pictures_larger(server: FakeMatrix, network: Matrix) -> None:
    server.upload_size = 500_000_000
    assert network.account().limits == {"image_bytes": 10_000_000, "video_bytes": 500_000_000}


def test_a_server_that_tells_no_limit_has_none(server: FakeMatrix, network: Matrix) -> None:
    server.upload_size = None
    assert network.account().limits == {}


def test_deleting_leaves_the_place_and_takes_the_words(server: FakeMatrix, network: Matrix) -> None:
    receipt = publish(network, text())
    network.delete(receipt)
    assert server.events[0]["content"] == {}
    assert server.events[1]["content"] == {}
    with pytest.raises(Rejected):
        network.delete(replace(receipt, id="$../x?y"))


# --- How large it is --------------------------------------------------------------------------------------------------


def used(part: Part) -> int:
    return next(count.used for count in counts("matrix", part, LIMITS) if count.what == "text")


@pytest.mark.parametrize(
    "part",
    [
        text(),
        text("ı" * 30_000),
        text('"\\\n' * 5000),
        with_pictures("Önden görünüş"),
        text("link", spans=(Span(0, 4, "link", "https://example.org/" + "a" * 500),)),
    ],
)
def test_what_fits_by_our_count_fits_on_a_server(server: FakeMatrix, part: Part) -> None:
    picture = part.attachments[0] if part.attachments else None
    real = server.size(content_of(part, "0" * 64, "mxc://matrix.example/media0", picture))
    assert real <= used(part) <= real + 4000


def test_the_last_byte_that_fits_goes_out(server: FakeMatrix, network: Matrix) -> None:
    room_left = LARGEST - used(text("", spans=()))
    fits = text("a" * room_left)
    assert used(fits) == LARGEST
    publish(network, fits)
    assert used(text("a" * (room_left + 1))) == LARGEST + 1


def test_a_text_far_too_long_is_refused_by_the_server_with_our_count(server: FakeMatrix, network: Matrix) -> None:
    with pytest.raises(Rejected, match=r"text is \d+ bytes, 65536 fit"):
        publish(network, text("a" * 70_000))


def test_pictures_are_counted_too() -> None:
    told = {count.what: (count.used, count.limit) for count in counts("matrix", with_pictures("ab", "🚲"), LIMITS)}
    assert told["attachments"] == (2, 1)
    assert told["alt_text"] == (2, 1000)


class Reader(HTMLParser):
    """Reads the HTML of a message as a client does."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self.tags: set[str] = set()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.links += [value or "" for name, value in attrs if name == "href"]
        if tag == "br":
            self.words.append("\n")

    def handle_data(self, data: str) -> None:
        self.words.append(data)


SIGNS = st.text(
    st.sampled_from("ab <>&\"'/\n@#:ıışא ❄️👩🏽‍🚀.=") | st.characters(exclude_categories=("Cs", "Cc")), max_size=60
)


@st.composite
def spanned(draw: st.DrawFn) -> Part:
    words = draw(SIGNS)
    edges = st.integers(-2, len(words) + 2)
    targets = st.sampled_from(['https://e.org/?a=1&b="<x>', "javascript:x", "ayse", "", "https://e.org/'"]) | SIGNS
    spans = draw(
        st.lists(st.builds(Span, edges, edges, st.sampled_from(["link", "mention", "tag"]), targets), max_size=6)
    )
    return text(words, spans=tuple(spans))


@given(spanned())
def test_any_text_is_whole_and_harmless_in_html(part: Part) -> None:
    content = content_of(part, "key")
    assert event_size(part) > 0
    shown = content.get("formatted_body")
    if shown is None:
        return
    reader = Reader()
    reader.feed(shown)
    reader.close()
    assert "".join(reader.words) == part.text
    assert reader.tags <= {"a", "br"}
    assert all(link.startswith(("https://", "http://")) for link in reader.links)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=8,
    )
)
def test_strange_answers_never_crash_it(body: Any) -> None:
    network = Matrix(login(), Http(transport=httpx.MockTransport(lambda _: httpx.Response(200, json=body))))
    for attempt in (
        lambda: publish(network, text()),
        lambda: find(network, text()),
        network.account,
        lambda: network.measure([]),
    ):
        with contextlib.suppress(NetworkError):  # anything else would be a crash
            attempt()


@pytest.mark.skipif(
    not matrix_spec.VECTORS.is_dir(), reason="the specification's OpenAPI files are not beside the repository"
)
class TestSpecification:
    def test_the_judge_knows_good_from_bad(self) -> None:
        client, bearer = "https://m.example/_matrix/client/v3", {"Authorization": "Bearer x"}
        good = httpx.Request(
            "PUT", f"{client}/rooms/%21r%3Am/send/m.room.message/1", json={"body": "x"}, headers=bearer
        )
        assert matrix_spec.faults(good) == []
        bad = [
            httpx.Request("POST", str(good.url), json={}, headers=bearer),
            httpx.Request("PUT", str(good.url), json={}),
            httpx.Request("PUT", str(good.url), content=b"{", headers=bearer | {"Content-Type": "application/json"}),
            httpx.Request("PUT", str(good.url), json=[], headers=bearer),
            httpx.Request("PUT", f"{client}/rooms/%23r%3Am/send/m.room.message/1", json={}, headers=bearer),
            httpx.Request("GET", f"{client}/rooms/%21r%3Am/messages", headers=bearer),
            httpx.Request("GET", f"{client}/rooms/%21r%3Am/messages?dir=x", headers=bearer),
            httpx.Request("GET", f"{client}/rooms/%21r%3Am/messages?dir=b&limit=x", headers=bearer),
            httpx.Request("GET", f"{client}/rooms/%21r%3Am/messages?dir=b&sender=x", headers=bearer),
            httpx.Request("GET", f"{client}/rooms/%21r%3Am/joined_members?access_token=x", headers=bearer),
        ]
        assert [len(matrix_spec.faults(request)) > 0 for request in bad] == [True] * len(bad)

    def test_all_that_the_adapter_asks_is_in_it(self, server: FakeMatrix, network: Matrix) -> None:
        first = publish(network, with_pictures("A lamp"), number=0)
        publish(network, text(reply=Reply(first, first)), number=1)
        assert find(network, text(), number=1)
        network.measure([first])
        network.account()
        network.delete(first)
        # Each was judged by the server in memory when it came.
        asked = {
            (request.method, re.sub(r"%[^/]*|[0-9a-f]{64}", "…", str(request.url.raw_path)))
            for request in server.requests
        }
        assert len(asked) >= 12

    def test_the_mark_is_a_field_that_clients_may_add(self) -> None:
        event = {
            "type": "m.room.message",
            "sender": US,
            "room_id": ROOM,
            "event_id": "$x",
            "origin_server_ts": 1,
            "content": content_of(text(), "0" * 64),
        }
        assert matrix_spec.message_faults(event) == []
        assert event["content"][MARK] == "0" * 64  # type: ignore[index]
        assert matrix_spec.message_faults(event | {"content": {"msgtype": "m.text"}}) != []


def test_the_same_part_makes_the_same_bytes() -> None:
    made = {canonical(content_of(text(), "key")) for _ in range(3)}
    assert len(made) == 1
    assert json.loads(made.pop())["body"] == html.unescape(TEXT)
