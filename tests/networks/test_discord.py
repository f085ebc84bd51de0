"""Discord: the contract by bot and by webhook, text that never becomes formatting, nonces, looking, refusals."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import example, given
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
    hangs_a_thread_together,
    place,
    publishes_one_post_for_one_key,
    text,
    with_pictures,
)
from networks.fakes import DATE, NOW
from networks.stub_discord import (
    BOT,
    CHANNEL,
    GUILD,
    HOOK,
    NONCE_LIVES,
    WEBHOOK,
    FakeDiscord,
    disagreements,
    refuse,
    reply,
    schemas,
    shown,
)
from socialops.content.text import Span, find_spans
from socialops.errors import CredentialsError, NetworkError, NotAllowed, Rejected, TryLater, Unknown
from socialops.http import Http
from socialops.networks import connect, counts, default_limits
from socialops.networks.base import Idempotency, Login, Stat
from socialops.networks.discord import KEY_LIFETIME, Discord
from socialops.networks.discord_text import marked_up
from socialops.networks.draft import Part, Poll, Receipt, Reply, Upload
from socialops.networks.rich_text import is_labelled, pieces
from socialops.publishing.machine import RULES

BY_BOT = Login("discord", "lumenvelo", "", BOT, settings={"channel": CHANNEL})
BY_WEBHOOK = Login("discord", "lumenvelo", "", WEBHOOK)
LIMITS = default_limits("discord")
WEBHOOK_CANNOT = (
    publishes_one_post_for_one_key,  # there are no keys
    hangs_a_thread_together,  # a webhook cannot reply; that its parts follow one another is tested below
    finds_what_was_sent_though_the_answer_was_lost,  # a webhook cannot read what it wrote
    finds_nothing_when_the_request_was_lost,  # the same
    deletes_what_is_there_and_what_is_not,  # ends with a look; deleting is tested below
)
Handler = Callable[[httpx.Request], httpx.Response]


@pytest.fixture
def server() -> Iterator[FakeDiscord]:
    stub = FakeDiscord()
    yield stub
    assert stub.disagreements == []


def account(handler: Handler, login: Login = BY_BOT) -> Discord:
    return Discord(login, Http(transport=httpx.MockTransport(handler)))


def discord(server: FakeDiscord, login: Login, folder: Path) -> Place:
    def seen() -> list[Seen]:
        return [
            Seen(
                message["id"],
                shown(message["content"])[0],
                tuple(item["description"] for item in message["attachments"]),
                message.get("message_reference", {}).get("message_id", ""),
                tuple(data for _, _, data in server.files[message["id"]]),
            )
            for message in server.messages
        ]

    return place(
        "discord",
        httpx.MockTransport(server),
        lambda http: connect("discord", login, http),
        lambda request: request.method == "POST",
        seen,
        BOT if login is BY_BOT else HOOK,
        folder,
        metrics=frozenset({"reactions"}),
        too_long=("ı" * 2001, "2001"),
    )


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.__name__)
def test_the_contract_by_bot(
    server: FakeDiscord, promise: Callable[[Place], None], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    promise(discord(server, BY_BOT, tmp_path))
    assert BOT not in caplog.text


@pytest.mark.parametrize(
    "promise",
    [promise for promise in PROMISES if promise not in WEBHOOK_CANNOT],
    ids=lambda promise: promise.__name__,
)
def test_the_contract_by_webhook(
    server: FakeDiscord, promise: Callable[[Place], None], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    promise(discord(server, BY_WEBHOOK, tmp_path))
    assert HOOK not in caplog.text


def test_the_openapi_description_is_at_hand() -> None:
    if not schemas():
        pytest.skip("the published OpenAPI description is not beside the repository")
    assert disagreements({"content": "x", "nonce": "1" * 25}, schemas()["MessageCreateRequest"]) == []
    assert disagreements({"content": 7}, schemas()["MessageCreateRequest"])
    assert disagreements({"nonce": "1" * 26}, schemas()["MessageCreateRequest"])
    assert disagreements({"nonce": "1"}, schemas()["IncomingWebhookRequestPartial"])


# --- Text that stays text ---------------------------------------------------------------------------------------------

NASTY = st.text(
    st.one_of(
        st.sampled_from(list("\\*_~`|#>-+<[]()@:.!?&/ \n1aış❄️")),
        st.characters(exclude_categories=["Cs"]),
    ),
    max_size=40,
)
WORDS = st.sampled_from(
    [
        "@everyone",
        "@here",
        "<@80351110224678912>",
        "<#1>",
        "<:a:1>",
        "<t:1:R>",
        "# ",
        "-# ",
        "1. ",
        "> ",
        ">>> ",
        "||",
        "\n",
    ]
)
URLS = st.sampled_from(["https://example.org/a_b*c", "https://example.org/x(y)", "https://example.org/?a=1&b=~2", ""])


@given(st.lists(st.one_of(NASTY, WORDS, URLS), max_size=6).map("".join))
@example("# Başlık\n1. bir\n- iki\n> üç")
@example("(https://example.org/a)**https://example.org/**")
@example("¯\\_(ツ)_/¯ C:\\new")
@example("1.  x\n 12. y\n\t-# z")
def test_nothing_in_a_text_becomes_formatting(words: str) -> None:
    spans = find_spans(words)
    seen, links = shown(marked_up(words, spans))
    assert seen == words
    assert [url for _, url in links] == [span.target for span in spans if span.kind == "link"]


@given(NASTY, st.integers(0, 40), st.integers(0, 40), URLS.filter(bool))
def test_labelled_links_show_their_words_and_lead_to_their_address(words: str, one: int, other: int, url: str) -> None:
    spans = (Span(min(one, other), max(one, other), "link", url),)
    expected = [(piece, url) for piece, span in pieces(words, spans) if is_labelled(piece, span) and piece.strip()]
    blank = any(is_labelled(piece, span) and not piece.strip() for piece, span in pieces(words, spans))
    if blank:
        assert f"<{url}>" in marked_up(words, spans)
    elif "http" not in words:
        seen, links = shown(marked_up(words, spans))
        assert (seen, links) == (words, expected)


@pytest.mark.parametrize(
    ("words", "span", "written"),
    [
        ("shop", Span(0, 4, "link", "https://example.org/a"), "[shop](https://example.org/a)"),
        ("shop", Span(0, 4, "link", "https://example.org/(a)"), "[shop](<https://example.org/(a)>)"),
        ("shop", Span(0, 4, "link", "https://example.org/a b>"), "[shop](https://example.org/a%20b%3E)"),
        ("s[h]p", Span(0, 5, "link", "https://example.org/"), "[s\\[h\\]p](https://example.org/)"),
        ("x://y", Span(0, 5, "link", "https://example.org/"), "x\\://y <https://example.org/>"),
        ("@80351110224678912", Span(0, 18, "mention", "80351110224678912"), "<@80351110224678912>"),
        ("@mia_x", Span(0, 6, "mention", "mia_x"), "@mia\\_x"),
        ("#kış_1", Span(0, 6, "tag", "kış_1"), "#kış\\_1"),
    ],
)
def test_spans_are_written_as_discord_wants_them(words: str, span: Span, written: str) -> None:
    assert marked_up(words, (span,)) == written


def test_escapes_and_addresses_count() -> None:
    part = Part("*❄️🚲* shop", (Span(6, 10, "link", "https://example.org/"),))
    (count,) = counts("discord", part, LIMITS)
    assert (count.used, count.limit) == (len("\\*❄️🚲\\* [shop](https://example.org/)") + 1, 2000)


# --- What goes out ----------------------------------------------------------------------------------------------------


def test_everything_a_part_says_reaches_the_server(server: FakeDiscord) -> None:
    network = account(server)
    first = network.publish(text("One"), key="1")
    options = {"silent": True, "link_preview": "none"}
    network.publish(text("Two", reply=Reply(first, first), options=options), key="2")
    assert server.bodies[1] == {
        "content": "Two",
        "allowed_mentions": {"parse": [], "replied_user": False},
        "flags": 4 | 4096,
        "nonce": "2",
        "enforce_nonce": True,
        "message_reference": {"message_id": first.id, "channel_id": CHANNEL, "fail_if_not_exists": True},
    }
    assert first.url == f"https://discord.com/channels/{GUILD}/{CHANNEL}/{first.id}"


def test_a_webhook_waits_and_has_no_nonce(server: FakeDiscord) -> None:
    first = account(server, BY_WEBHOOK).publish(text("One"), key="1")
    account(server, BY_WEBHOOK).publish(text("Two", reply=Reply(first, first)), key="2")
    assert server.requests[-1].url.params["wait"] == "true"
    assert [set(body) for body in server.bodies] == [{"content", "allowed_mentions"}] * 2
    assert "Authorization" not in server.requests[-1].headers


def test_a_webhook_can_write_into_a_thread(server: FakeDiscord) -> None:
    network = account(server, replace(BY_WEBHOOK, settings={"thread": "1045000000000000777"}))
    receipt = network.publish(text(), key="1")
    assert server.requests[-1].url.params["thread_id"] == "1045000000000000777"
    assert receipt.url == f"https://discord.com/channels/{GUILD}/1045000000000000777/{receipt.id}"
    account(server, BY_WEBHOOK).delete(receipt)
    assert server.requests[-1].url.params["thread_id"] == "1045000000000000777"
    assert server.messages == []


@pytest.mark.parametrize(
    ("choice", "allowed", "content"),
    [
        (None, {"parse": [], "replied_user": False}, "\\@everyone <@80351110224678912>"),
        ("none", {"parse": [], "replied_user": False}, "\\@everyone <@80351110224678912>"),
        (
            "people",
            {"parse": [], "users": ["80351110224678912"], "replied_user": False},
            "\\@everyone <@80351110224678912>",
        ),
        (
            "everyone",
            {"parse": ["everyone"], "users": ["80351110224678912"], "replied_user": False},
            "@everyone <@80351110224678912>",
        ),
    ],
)
def test_nobody_is_notified_unasked(
    server: FakeDiscord, choice: str | None, allowed: dict[str, Any], content: str
) -> None:
    words = "@everyone @80351110224678912"
    options = {"mentions": choice} if choice else {}
    account(server).publish(Part(words, find_spans(words), options=options), key="k")
    assert (server.bodies[0]["allowed_mentions"], server.bodies[0]["content"]) == (allowed, content)


def test_pictures_go_with_their_words_and_are_covered(server: FakeDiscord) -> None:
    part = replace(with_pictures("Ön", "Arka"), sensitive=True)
    account(server).publish(part, key="k")
    assert server.bodies[0]["attachments"] == [
        {"id": "0", "filename": "SPOILER_picture-1.png", "description": "Ön"},
        {"id": "1", "filename": "SPOILER_picture-2.png", "description": "Arka"},
    ]
    assert list(server.files.values()) == [
        [("SPOILER_picture-1.png", "image/png", PIXEL), ("SPOILER_picture-2.png", "image/png", PIXEL)]
    ]


def test_a_video_goes_the_same_way(server: FakeDiscord) -> None:
    video = Upload(b"moving", "video/mp4", 640, 360, "x", "0" * 64)
    account(server).publish(replace(with_pictures("x"), uploads=(video,), kind="video"), key="k")
    assert list(server.files.values()) == [[("video-1.mp4", "video/mp4", b"moving")]]


def test_a_poll_is_a_question_with_hours(server: FakeDiscord) -> None:
    poll = Poll(("Ön", "Arka"), seconds=5_400, multiple=True)
    part = text("Hangi *lamba*?", poll=poll)
    account(server).publish(part, key="k")
    assert server.bodies[0]["poll"] == {
        "question": {"text": "Hangi *lamba*?"},
        "answers": [{"poll_media": {"text": "Ön"}}, {"poll_media": {"text": "Arka"}}],
        "duration": 2,
        "allow_multiselect": True,
    }
    assert "content" not in server.bodies[0]
    assert [(count.what, count.used, count.limit) for count in counts("discord", part, LIMITS)] == [
        ("text", 14, 300),
        ("poll_options", 2, 10),
        ("poll_option", 4, 55),
    ]


@pytest.mark.parametrize(
    "part",
    [
        text(kind="story"),
        text(kind="event"),
        replace(with_pictures("x"), poll=Poll(("a", "b"), 3600)),
        text(options={"mentions": "friends"}),
        text(options={"silent": "perhaps"}),
    ],
)
def test_what_discord_cannot_do_is_refused_before_it_is_asked(server: FakeDiscord, part: Part) -> None:
    with pytest.raises(Rejected) as caught:
        account(server).publish(part, key="k")
    assert caught.value.code in {"kind", "option"}
    assert server.requests == []


def test_a_part_whose_parent_is_gone_is_not_left_hanging(server: FakeDiscord) -> None:
    gone = Receipt("1045000000000000001", "", "")
    with pytest.raises(Rejected, match="message_reference") as caught:
        account(server).publish(text(reply=Reply(gone, gone)), key="k")
    assert "deleted" in caught.value.hint
    with pytest.raises(Rejected, match="no message"):
        account(server).publish(text(reply=Reply(gone, replace(gone, id="../1"))), key="k")
    with pytest.raises(Rejected, match="not made ready"):
        account(server).publish(replace(with_pictures("x"), uploads=()), key="k")


# --- Once -------------------------------------------------------------------------------------------------------------


def test_the_class_is_that_of_the_secret(server: FakeDiscord) -> None:
    assert account(server).idempotency is Idempotency.KEY
    assert account(server, BY_WEBHOOK).idempotency is Idempotency.NONE
    assert server.requests == []


def test_a_nonce_fits_and_is_relied_on_for_less_than_it_lives(server: FakeDiscord) -> None:
    key = account(server).key("launch/discord", 3, CLAIMED)
    assert len(key) <= 25
    assert 0 < KEY_LIFETIME < NONCE_LIVES.total_seconds()
    # Shorter than the margin kept before a key ends: what is uncertain is looked for, never sent again unseen.
    assert timedelta(seconds=KEY_LIFETIME) < RULES.key_margin


def test_a_message_is_found_when_its_nonce_is_dead(server: FakeDiscord) -> None:
    first = account(server).publish(text(), key="k")
    server.now += timedelta(hours=1)
    assert account(server).find(text(), key="k", since=SINCE) == first


def test_our_message_is_found_among_others(server: FakeDiscord) -> None:
    server.now = NOW - timedelta(hours=3)
    server.add(marked_up(TEXT, ()))
    server.now = NOW
    network = account(server)
    wanted = network.publish(text(), key="k")
    content = server.messages[0]["content"]
    server.add("Something else")
    server.add(content, author={"id": "80351110224678913"})
    server.add(content, message_reference={"message_id": "77"})
    server.add(content, attachments=[{"id": "1"}])
    server.add(content, poll={"question": {"text": TEXT}})
    server.add(content, nonce="another")
    assert network.find(text(), key="k", since=SINCE) == wanted
    server.add(content)
    with pytest.raises(Unknown) as caught:
        network.find(text(), key="k", since=SINCE)
    assert caught.value.code == "ambiguous"


def test_a_nonce_that_is_shown_tells_two_alike_apart(server: FakeDiscord) -> None:
    server.shows_nonces = True
    network = account(server)
    first, second = network.publish(text(), key="1"), network.publish(text(), key="2")
    assert network.find(text(), key="1", since=SINCE) == first
    assert network.find(text(), key="2", since=SINCE) == second


def test_polls_and_pictures_are_found(server: FakeDiscord) -> None:
    network = account(server)
    poll, pictures = text("Hangisi?", poll=Poll(("a", "b"), 3600)), with_pictures("x")
    one, two = network.publish(poll, key="1"), network.publish(pictures, key="2")
    assert network.find(poll, key="1", since=SINCE) == one
    assert network.find(replace(pictures, uploads=()), key="2", since=SINCE) == two
    assert network.find(text("Hangisi?"), key="3", since=SINCE) is None


def test_the_search_goes_back_as_far_as_it_must(server: FakeDiscord) -> None:
    network = account(server)
    wanted = network.publish(text(), key="k")
    for number in range(250):
        server.add(f"chatter {number}", author={"id": "80351110224678913"})
    assert network.find(text(), key="k", since=SINCE) == wanted
    server.now += timedelta(hours=1)
    before = len(server.requests)
    assert network.find(text("other"), key="o", since=SINCE) is None
    assert len(server.requests) - before == 3


def test_a_channel_that_is_too_busy_proves_nothing(server: FakeDiscord) -> None:
    for number in range(2500):
        server.add(f"chatter {number}")
    with pytest.raises(Unknown, match="more than 2500"):
        account(server).find(text(), key="k", since=SINCE)


@pytest.mark.parametrize(
    "answer", [refuse(403, 50001, "Missing Access"), reply(200, {"messages": []}), reply(200, [{"id": "1"}])]
)
def test_a_look_that_fails_proves_nothing(server: FakeDiscord, answer: httpx.Response) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        return answer if request.url.path.endswith("/messages") else server(request)

    with pytest.raises(Unknown):
        account(handler).find(text(), key="k", since=SINCE)


def test_a_webhook_cannot_look(server: FakeDiscord) -> None:
    with pytest.raises(Unknown, match="webhook"):
        account(server, BY_WEBHOOK).find(text(), key="k", since=SINCE)


# --- Refusals ---------------------------------------------------------------------------------------------------------


def writing(answer: httpx.Response) -> Handler:
    stub = FakeDiscord()
    return lambda request: answer if request.method in {"POST", "DELETE"} else stub(request)


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (404, 10003, NotAllowed),
        (404, 10015, NotAllowed),
        (403, 50001, NotAllowed),
        (403, 50013, NotAllowed),
        (401, 50027, NotAllowed),
        (401, 0, NotAllowed),
        (400, 160002, NotAllowed),
        (400, 220001, NotAllowed),
        (400, 220003, NotAllowed),
        (400, 50083, NotAllowed),
        (404, 10008, Rejected),
        (400, 50006, Rejected),
        (400, 50035, Rejected),
        (413, 40005, Rejected),
        (400, 50045, Rejected),
        (400, 200000, Rejected),
        (403, 240000, Rejected),
        (400, 999999, Rejected),
        (429, 20016, TryLater),
        (403, 20016, TryLater),
        (429, 20028, TryLater),
        (500, 0, Unknown),
        (503, 130000, Unknown),
    ],
)
def test_each_code_has_its_meaning(status: int, code: int, expected: type[NetworkError]) -> None:
    with pytest.raises(expected) as caught:
        account(writing(refuse(status, code, f"words {BOT}"))).publish(text(), key="k")
    assert caught.value.code == str(code or status)
    assert BOT not in str(vars(caught.value))


def test_a_refusal_names_the_fields_in_discords_words() -> None:
    errors = {
        "content": {"_errors": [{"code": "BASE_TYPE_MAX_LENGTH", "message": f"Must be 2000 {BOT}"}]},
        "poll": {"answers": {"0": {"_errors": [{"code": "BASE_TYPE_REQUIRED"}, {"code": f"not a code {BOT}"}, 7]}}},
        f"evil {BOT}": {"_errors": [{"code": "X"}]},
    }
    with pytest.raises(Rejected) as caught:
        account(writing(refuse(400, 50035, "Invalid Form Body", errors=errors))).publish(text(), key="k")
    assert caught.value.message == (
        "Discord refuses the post (50035): content BASE_TYPE_MAX_LENGTH; poll.answers.0 BASE_TYPE_REQUIRED."
    )


@pytest.mark.parametrize(
    ("body", "headers", "seconds"),
    [
        ({"retry_after": 64.57}, {"Retry-After": "65"}, 64.57),
        ({"retry_after": 0.2}, {}, 1),
        ({"retry_after": -1}, {}, 1),
        ({"retry_after": 1e30}, {}, 21_600),
        ({"retry_after": "soon"}, {"Retry-After": "2.5"}, 2.5),
        ({}, {"X-RateLimit-Reset-After": "7.25"}, 7.25),
        ({}, {"Retry-After": "soon", "X-RateLimit-Reset": "1796547720.25", "Date": DATE}, 120.25),
        ({}, {}, 300),
    ],
)
def test_fractions_of_seconds_are_waited_for(body: dict[str, Any], headers: dict[str, str], seconds: float) -> None:
    answer = httpx.Response(429, json={"message": "You are being rate limited.", "global": False, **body})
    answer.headers.update(headers)
    with pytest.raises(TryLater) as caught:
        account(writing(answer)).publish(text(), key="k")
    assert caught.value.after == timedelta(seconds=seconds)


def test_a_wait_that_is_no_number_is_the_usual_one() -> None:
    with pytest.raises(TryLater) as caught:
        account(writing(httpx.Response(429, content=b'{"retry_after": NaN}'))).publish(text(), key="k")
    assert caught.value.after == timedelta(minutes=5)


@pytest.mark.parametrize(
    "message",
    [
        {"id": "1045000000000000001", "channel_id": "290926798999357251", "timestamp": "2026-12-06T09:00:00+00:00"},
        {"id": "1045000000000000001", "channel_id": CHANNEL, "timestamp": "now"},
        {"id": 1045000000000000001, "channel_id": CHANNEL, "timestamp": "2026-12-06T09:00:00+00:00"},
    ],
)
def test_an_answer_without_our_message_is_no_receipt(message: Any) -> None:
    with pytest.raises(Unknown):
        account(writing(reply(200, message))).publish(text(), key="k")


def test_nothing_is_sent_when_the_channel_cannot_be_read(server: FakeDiscord) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        return httpx.Response(502) if request.method == "GET" else server(request)

    with pytest.raises(TryLater):
        account(handler).publish(text(), key="k")
    assert server.messages == []


# --- Afterwards -------------------------------------------------------------------------------------------------------


def test_reactions_votes_and_answers_are_counted(server: FakeDiscord) -> None:
    network = account(server)
    receipts = [network.publish(text("a"), key="1"), network.publish(text("b", poll=Poll(("x", "y"), 3600)), key="2")]
    server.messages[1] |= {"reactions": [{"count": 3}, {"count": 2}], "thread": {"id": "1", "message_count": 4}}
    one, two = (receipt.id for receipt in receipts)
    assert list(network.measure([*receipts, Receipt("../x", "", "")])) == [
        Stat(one, "reactions", 5),
        Stat(one, "replies", 4),
        Stat(two, "reactions", 0),
        Stat(two, "votes", 7),
    ]


def test_a_webhook_deletes_what_it_wrote(server: FakeDiscord) -> None:
    network = account(server, BY_WEBHOOK)
    receipt = network.publish(text(), key="1")
    network.delete(receipt)
    network.delete(receipt)
    assert server.messages == []


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (refuse(403, 50013, "Missing Permissions"), NotAllowed),
        (refuse(404, 10003, "Unknown Channel"), NotAllowed),
        (refuse(429, 0, "You are being rate limited.", retry_after=2.5), TryLater),
        (refuse(404, 0, "404: Not Found"), Unknown),
        (httpx.Response(500), Unknown),
    ],
)
def test_a_message_that_cannot_be_deleted_is_said_to_be_there(answer: httpx.Response, expected: type) -> None:
    with pytest.raises(expected):
        account(writing(answer)).delete(Receipt("1045000000000000001", "", "", {"channel": CHANNEL}))


@pytest.mark.parametrize(("fault", "expected"), [(httpx.ReadError, Unknown), (httpx.ConnectError, TryLater)])
def test_a_deletion_without_an_answer_says_what_is_known(fault: type[httpx.TransportError], expected: type) -> None:
    def broken(request: httpx.Request) -> httpx.Response:
        raise fault("x", request=request)

    with pytest.raises(expected):
        account(broken).delete(Receipt("1045000000000000001", "", "", {"channel": CHANNEL}))


def test_only_ids_become_a_part_of_an_address(server: FakeDiscord) -> None:
    for receipt in (Receipt("../1", "", ""), Receipt("1045000000000000001", "", "", {"channel": "1/../2"})):
        with pytest.raises(Rejected):
            account(server).delete(receipt)
    assert server.requests == []


def test_the_account_is_who_writes_and_where(server: FakeDiscord) -> None:
    bot = account(server).account()
    assert (bot.handle, bot.name, bot.followers, bot.profile["note"]) == ("lumenvelo", "Lumen Velo", 321, "Bicycles")
    webhook = account(server, BY_WEBHOOK).account()
    assert (webhook.name, webhook.followers) == ("lumenvelo", None)
    assert bot.url == webhook.url == f"https://discord.com/channels/{GUILD}/{CHANNEL}"
    assert HOOK not in str(webhook)


def test_a_server_that_keeps_its_numbers_is_an_account_all_the_same(server: FakeDiscord) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        return refuse(403, 50001, "Missing Access") if "/guilds/" in request.url.path else server(request)

    assert account(handler).account().followers is None
    with pytest.raises(TryLater, match="who we are"):
        account(lambda _: reply(200, {"id": "../1"})).account()


def test_the_largest_of_each_thing_counts() -> None:
    assert [
        (count.what, count.used, count.limit) for count in counts("discord", with_pictures("a", "abc"), LIMITS)
    ] == [
        ("text", 9, 2000),
        ("attachments", 2, 10),
        ("alt_text", 3, 1024),
    ]


@pytest.mark.parametrize(
    "login",
    [
        replace(BY_BOT, token="short"),
        replace(BY_BOT, settings={}),
        replace(BY_BOT, settings={"channel": "news"}),
        replace(BY_BOT, settings={"channel": f"{CHANNEL}/../1"}),
        replace(BY_WEBHOOK, token=f"https://elsewhere.example/api/webhooks/223704706495545344/{HOOK}"),
        replace(BY_WEBHOOK, token=f"{WEBHOOK}/../../x"),
        replace(BY_WEBHOOK, settings={"thread": "x"}),
    ],
)
def test_a_secret_or_a_channel_that_is_none_goes_nowhere(server: FakeDiscord, login: Login) -> None:
    with pytest.raises(CredentialsError) as caught:
        account(server, login)
    assert login.token not in f"{caught.value} {caught.value.hint}"
    assert server.requests == []


def test_no_error_holds_the_address_of_the_webhook(tmp_path: Path) -> None:
    def lost(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadError(f"reset: {request.url}", request=request)

    somewhere = discord(FakeDiscord(), BY_WEBHOOK, tmp_path)
    somewhere.wire.inner = httpx.MockTransport(lost)
    for act in (lambda: somewhere.publish(text()), lambda: somewhere.network.account()):
        with pytest.raises((Unknown, TryLater)) as caught:
            act()
        assert HOOK not in somewhere.told(caught.value)
