"""Slack: the contract by bot and by webhook, its two ways to write a text, uploads, our mark, its many words for no."""

from __future__ import annotations

import logging
from collections.abc import Callable
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
    hangs_a_thread_together,
    place,
    publishes_a_text_once,
    publishes_one_post_for_one_key,
    publishes_pictures_with_their_words_in_order,
    reads_numbers_and_leaves_out_what_is_gone,
    text,
    with_pictures,
)
from networks.fakes import NOW
from networks.stub_slack import (
    BOT,
    CHANNEL,
    HOOK,
    WEBHOOK,
    FakeSlack,
    read_blocks,
    read_mrkdwn,
    refuse,
    reply,
    said,
)
from socialops.content.text import Span, find_spans
from socialops.errors import CredentialsError, NetworkError, NotAllowed, Rejected, TryLater, Unknown
from socialops.http import Http
from socialops.networks import connect, counts, default_limits
from socialops.networks.base import CanDelete, Idempotency, Login, Network, Stat
from socialops.networks.draft import Part, Poll, Receipt, Reply, Upload
from socialops.networks.rich_text import is_labelled, pieces
from socialops.networks.slack import MEDIA_WAITS, Slack, SlackWebhook
from socialops.networks.slack_text import mrkdwn, rich_text

BY_BOT = Login("slack", "lumenvelo", "", BOT, settings={"channel": CHANNEL})
BY_WEBHOOK = Login("slack", "lumenvelo", "", WEBHOOK)
LIMITS = default_limits("slack")
BOT_CANNOT = (publishes_one_post_for_one_key,)  # there are no keys; our mark is looked for instead
WEBHOOK_CANNOT = (
    publishes_one_post_for_one_key,  # there are no keys
    publishes_a_text_once,  # no number comes back; that the words arrive once is tested below
    publishes_pictures_with_their_words_in_order,  # a webhook takes no files
    hangs_a_thread_together,  # without numbers nothing can be replied to
    finds_what_was_sent_though_the_answer_was_lost,  # a webhook cannot look
    finds_nothing_when_the_request_was_lost,  # the same
    reads_numbers_and_leaves_out_what_is_gone,  # the same
    deletes_what_is_there_and_what_is_not,  # it cannot delete either
)
Handler = Callable[[httpx.Request], httpx.Response]


@pytest.fixture
def server() -> FakeSlack:
    return FakeSlack()


def account(handler: Handler, waits: list[float] | None = None) -> Slack:
    return Slack(BY_BOT, Http(transport=httpx.MockTransport(handler)), wait=([] if waits is None else waits).append)


def webhook(handler: Handler, login: Login = BY_WEBHOOK) -> SlackWebhook:
    return SlackWebhook(login, Http(transport=httpx.MockTransport(handler)))


def slack(server: FakeSlack, login: Login, folder: Path) -> Place:
    def seen() -> list[Seen]:
        return [
            Seen(
                message["ts"],
                read_blocks(message["blocks"])[0],
                tuple(block["alt_text"] for block in message["blocks"] if block["type"] == "image"),
                message.get("thread_ts", ""),
                tuple(
                    server.files[block["slack_file"]["id"]]["data"]
                    for block in message["blocks"]
                    if block["type"] == "image"
                ),
            )
            for message in server.messages
        ]

    def publishes(request: httpx.Request) -> bool:
        return request.url.path.endswith("/chat.postMessage") or request.url.host == "hooks.slack.com"

    return place(
        "slack",
        httpx.MockTransport(server),
        lambda http: connect("slack", login, http),
        publishes,
        seen,
        BOT if login is BY_BOT else HOOK,
        folder,
        metrics=frozenset({"reactions", "replies"}),
        too_long=("ı" * 14_000, "14000"),
        flat_threads=True,
    )


@pytest.mark.parametrize(
    "promise", [promise for promise in PROMISES if promise not in BOT_CANNOT], ids=lambda promise: promise.__name__
)
def test_the_contract_by_bot(
    server: FakeSlack, promise: Callable[[Place], None], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    promise(slack(server, BY_BOT, tmp_path))
    assert BOT not in caplog.text


@pytest.mark.parametrize(
    "promise", [promise for promise in PROMISES if promise not in WEBHOOK_CANNOT], ids=lambda promise: promise.__name__
)
def test_the_contract_by_webhook(
    server: FakeSlack, promise: Callable[[Place], None], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    promise(slack(server, BY_WEBHOOK, tmp_path))
    assert HOOK not in caplog.text


# --- Text that stays text ---------------------------------------------------------------------------------------------

NASTY = st.text(
    st.one_of(st.sampled_from(list("&<>|*_~`!@#: \n;a1ış❄️")), st.characters(exclude_categories=["Cs", "Cc"])),
    max_size=40,
)
URLS = st.sampled_from(["https://example.org/?a=1&b=2", "https://example.org/a_b*c|d", ""])


@given(
    st.lists(st.one_of(NASTY, URLS, st.sampled_from(["<!channel>", "<@U0LUMENBOT>", "&lt;"])), max_size=5).map("".join)
)
def test_both_ways_say_the_same_words(words: str) -> None:
    spans = find_spans(words)
    links = [span.target.replace("|", "%7C") for span in spans if span.kind == "link"]
    by_mrkdwn, by_blocks = read_mrkdwn(mrkdwn(words, spans)), read_blocks([rich_text(words, spans)])
    assert [address for _, address in by_mrkdwn[1]] == [address for _, address in by_blocks[1]] == links
    if "|" not in "".join(links) and "http" not in words:
        assert by_mrkdwn[0] == by_blocks[0] == words


@given(NASTY, st.integers(0, 40), st.integers(0, 40), URLS.filter(bool))
def test_labelled_links_show_their_words(words: str, one: int, other: int, url: str) -> None:
    spans = (Span(min(one, other), max(one, other), "link", url),)
    labels = [piece for piece, span in pieces(words, spans) if is_labelled(piece, span) and piece.strip()]
    seen, links = read_blocks([rich_text(words, spans)])
    if labels:
        assert (seen, links) == (words, [(labels[0], url.replace("|", "%7C"))])
        assert read_mrkdwn(mrkdwn(words, spans))[1] == [(" ".join(labels[0].split()), url.replace("|", "%7C"))]


@pytest.mark.parametrize(
    ("words", "spans", "written"),
    [
        ("A & B <c> *d*", (), "A &amp; B &lt;c&gt; *d*"),
        ("shop", (Span(0, 4, "link", "https://example.org/?a=1&b=2"),), "<https://example.org/?a=1&amp;b=2|shop>"),
        ("a|b>", (Span(0, 4, "link", "https://e.org/a|b>c d"),), "<https://e.org/a%7Cb%3Ec%20d|a|b&gt;>"),
        ("https://e.org/", (Span(0, 14, "link", "https://e.org/"),), "<https://e.org/>"),
        ("@U0LUMENBOT", (Span(0, 11, "mention", "U0LUMENBOT"),), "<@U0LUMENBOT>"),
        ("@mia", (Span(0, 4, "mention", "mia"),), "@mia"),
        ("#kış", (Span(0, 4, "tag", "kış"),), "#kış"),
    ],
)
def test_spans_are_written_as_slack_wants_them(words: str, spans: tuple[Span, ...], written: str) -> None:
    assert mrkdwn(words, spans) == written


def test_people_are_named_by_number_in_both_ways() -> None:
    words = "Merhaba @U0LUMENBOT!"
    spans = find_spans(words)
    assert read_mrkdwn(mrkdwn(words, spans)) == read_blocks([rich_text(words, spans)]) == (words, [])


def test_escapes_and_addresses_count() -> None:
    part = Part("a & b", (Span(0, 1, "link", "https://e.org/"),))
    (count,) = counts("slack", part, LIMITS)
    assert (count.used, count.limit) == (len("<https://e.org/|a> &amp; b"), 4000)
    assert {count.what for count in counts("slack", with_pictures("x"), LIMITS)} == {"text", "attachments", "alt_text"}


# --- What goes out ----------------------------------------------------------------------------------------------------


def test_a_message_carries_our_mark(server: FakeSlack) -> None:
    network = account(server)
    key = network.key("launch/slack", 0, CLAIMED)
    receipt = network.publish(Part("*Kış* & ışık"), key=key)
    assert server.bodies == [
        {
            "text": "*Kış* &amp; ışık",
            "blocks": [
                {
                    "type": "rich_text",
                    "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "*Kış* & ışık"}]}],
                }
            ],
            "unfurl_links": True,
            "unfurl_media": True,
            "channel": CHANNEL,
            "metadata": {"event_type": "socialops_part", "event_payload": {"key": key}},
        }
    ]
    assert receipt.url == f"https://lumenvelo.slack.com/archives/{CHANNEL}/p1796547600000000"
    assert receipt.at == "2026-12-06T09:00:00.000Z"


def test_a_reply_hangs_on_the_first_part(server: FakeSlack) -> None:
    network = account(server)
    first = network.publish(text("One"), key="1")
    second = network.publish(text("Two", reply=Reply(first, first)), key="2")
    assert server.bodies[1]["thread_ts"] == first.id
    assert second.url.endswith(f"?thread_ts={first.id}&cid={CHANNEL}")
    with pytest.raises(Rejected) as caught:
        network.publish(text("Two", reply=Reply(replace(first, id="1.2/../3"), first)), key="2")
    assert caught.value.code == "receipt"


def test_a_first_part_that_is_gone_is_said(server: FakeSlack) -> None:
    gone = Receipt("1796547600.999999", "", "")
    with pytest.raises(Rejected) as caught:
        account(server).publish(text("Two", reply=Reply(gone, gone)), key="2")
    assert caught.value.code == "thread_not_found"


def test_links_can_go_without_their_preview(server: FakeSlack) -> None:
    account(server).publish(text(options={"link_preview": "none"}), key="k")
    assert (server.bodies[0]["unfurl_links"], server.bodies[0]["unfurl_media"]) == (False, False)


def test_pictures_are_uploaded_before_anything_is_seen(server: FakeSlack) -> None:
    part = with_pictures("Ön", "")
    account(server).publish(part, key="k")
    first, second = server.files.values()
    assert (first["filename"], first["alt_txt"], first["data"]) == ("picture-1.png", "Ön", PIXEL)
    assert "alt_txt" not in second
    assert [block.get("alt_text") for block in server.bodies[0]["blocks"]] == [None, "Ön", "Picture"]
    methods = [request.url.path.rpartition("/")[2] for request in server.requests]
    assert methods.index("files.completeUploadExternal") < methods.index("chat.postMessage")


def test_a_picture_without_words_is_told_by_its_alt_text(server: FakeSlack) -> None:
    account(server).publish(replace(with_pictures("Ön"), text=""), key="k")
    assert server.bodies[0]["text"] == "Ön"
    assert [block["type"] for block in server.bodies[0]["blocks"]] == ["image"]


def test_a_picture_that_takes_time_is_waited_for(server: FakeSlack) -> None:
    server.asks_until_ready = 3
    waits: list[float] = []
    account(server, waits).publish(with_pictures("x"), key="k")
    assert waits == [1, 1, 2]


def test_a_picture_that_is_never_ready_is_tried_later(server: FakeSlack) -> None:
    server.asks_until_ready = 1000
    waits: list[float] = []
    with pytest.raises(TryLater):
        account(server, waits).publish(with_pictures("x"), key="k")
    assert waits == list(MEDIA_WAITS)
    assert server.messages == []


def test_without_the_scope_to_look_a_picture_gets_some_seconds(server: FakeSlack) -> None:
    server.scopes = set()
    waits: list[float] = []
    account(server, waits).publish(with_pictures("x"), key="k")
    assert waits == [5]
    server.asks_until_ready = 1
    with pytest.raises(TryLater) as caught:
        account(server, waits).publish(with_pictures("x"), key="o")
    assert caught.value.code == "invalid_blocks"


def steps(path: str, answer: Handler) -> tuple[FakeSlack, Handler]:
    stub = FakeSlack()
    return stub, lambda request: answer(request) if path in str(request.url) else stub(request)


def lost(request: httpx.Request) -> httpx.Response:
    raise httpx.ReadError("reset", request=request)


@pytest.mark.parametrize(
    ("path", "answer", "expected"),
    [
        ("getUploadURL", lost, TryLater),
        ("getUploadURL", lambda _: refuse("invalid_auth"), NotAllowed),
        ("getUploadURL", lambda _: refuse("ratelimited"), TryLater),
        ("getUploadURL", lambda _: refuse("internal_error"), TryLater),
        ("getUploadURL", lambda _: refuse("file_uploads_disabled"), NotAllowed),
        ("getUploadURL", lambda _: refuse("alt_txt_too_large"), Rejected),
        ("getUploadURL", lambda _: httpx.Response(500), TryLater),
        ("getUploadURL", lambda _: reply(ok=True, file_id="../F1", upload_url="https://files.slack.com/x"), TryLater),
        ("getUploadURL", lambda _: reply(ok=True, file_id="F0000000001", upload_url="https://evil.example/"), TryLater),
        ("getUploadURL", lambda _: reply(ok=True, file_id="F0000000001", upload_url="http://a.slack.com/"), TryLater),
        ("getUploadURL", lambda _: reply(ok=True), TryLater),
        ("files.slack.com", lost, TryLater),
        ("files.slack.com", lambda _: httpx.Response(413), TryLater),
        ("completeUpload", lost, TryLater),
        ("completeUpload", lambda _: refuse("file_not_found"), Rejected),
        ("files.info", lambda _: refuse("token_revoked"), NotAllowed),
        ("files.info", lambda _: httpx.Response(502), TryLater),
        ("auth.test", lost, TryLater),
        ("auth.test", lambda _: reply(ok=True, url="https://evil.example/"), TryLater),
        ("auth.test", lambda _: refuse("token_expired"), NotAllowed),
    ],
)
def test_nothing_is_visible_when_a_step_before_fails(path: str, answer: Handler, expected: type) -> None:
    stub, handler = steps(path, answer)
    with pytest.raises(expected):
        account(handler).publish(with_pictures("x"), key="k")
    assert stub.messages == []
    assert not any("evil" in request.url.host for request in stub.requests)


@pytest.mark.parametrize(
    "part",
    [
        text(kind="video"),
        text(kind="event"),
        text(poll=Poll(("a", "b"), 300)),
        replace(with_pictures("x"), uploads=(Upload(b"x", "video/mp4", 1, 1, "", "0" * 64),)),
        text(options={"link_preview": "huge"}),
    ],
)
def test_what_slack_cannot_do_is_refused_before_it_is_asked(server: FakeSlack, part: Part) -> None:
    with pytest.raises(Rejected) as caught:
        account(server).publish(part, key="k")
    assert caught.value.code in {"kind", "option"}
    assert server.requests == []


def test_a_post_never_goes_out_without_its_pictures(server: FakeSlack) -> None:
    with pytest.raises(Rejected, match="not made ready"):
        account(server).publish(replace(with_pictures("x"), uploads=()), key="k")


# --- By webhook -------------------------------------------------------------------------------------------------------


def test_a_webhook_sends_the_same_words_once(server: FakeSlack) -> None:
    network = webhook(server, replace(BY_WEBHOOK, settings={"channel": CHANNEL}))
    receipt = network.publish(text(), key="0123456789abcdef0123")
    assert [read_blocks(message["blocks"])[0] for message in server.messages] == [TEXT]
    assert set(server.bodies[0]) == {"text", "blocks", "unfurl_links", "unfurl_media"}
    assert receipt == Receipt(
        "webhook-0123456789abcdef",
        f"https://app.slack.com/client/T0LUMENVELO/{CHANNEL}",
        "2026-12-06T09:00:00.000Z",
    )


def test_a_webhook_can_do_nothing_else(server: FakeSlack) -> None:
    network: Network = webhook(server)
    assert network.idempotency is Idempotency.NONE
    assert not isinstance(network, CanDelete)
    with pytest.raises(Unknown):
        network.find(text(), key="k", since=SINCE)
    assert list(network.measure([Receipt("webhook-1", "", "")])) == []
    with pytest.raises(Rejected, match="no pictures"):
        network.publish(with_pictures("x"), key="k")
    assert server.requests == []


@pytest.mark.parametrize(
    ("status", "word", "expected"),
    [
        (400, "invalid_payload", Rejected),
        (400, "no_text", Rejected),
        (400, "too_many_attachments", Rejected),
        (400, "user_not_found", Rejected),
        (400, "invalid_blocks", Rejected),
        (400, "msg_blocks_too_long", Rejected),
        (403, "action_prohibited", NotAllowed),
        (403, "posting_to_general_channel_denied", NotAllowed),
        (403, "invalid_token", NotAllowed),
        (404, "channel_not_found", NotAllowed),
        (404, "no_service", NotAllowed),
        (404, "no_team", NotAllowed),
        (404, "team_disabled", NotAllowed),
        (404, "no_active_hooks", NotAllowed),
        (410, "channel_is_archived", NotAllowed),
        (429, "rate_limited", TryLater),
        (500, "rollup_error", Unknown),
        (200, "okay?", Unknown),
    ],
)
def test_each_word_of_a_webhook_has_its_meaning(status: int, word: str, expected: type[NetworkError]) -> None:
    with pytest.raises(expected) as caught:
        webhook(lambda _: said(status, word)).publish(text(), key="k")
    assert caught.value.code in {word, str(status)}


def test_a_yes_without_a_date_is_no_receipt() -> None:
    with pytest.raises(Unknown, match="when"):
        webhook(lambda _: httpx.Response(200, text="ok")).publish(text(), key="k")


def test_no_error_holds_the_address_of_the_webhook(tmp_path: Path) -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadError(f"reset: {request.url}", request=request)

    somewhere = slack(FakeSlack(), BY_WEBHOOK, tmp_path)
    somewhere.wire.inner = httpx.MockTransport(fail)
    with pytest.raises(Unknown) as caught:
        somewhere.publish(text())
    assert HOOK not in somewhere.told(caught.value) + repr(somewhere.network)


# --- Refusals ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("invalid_auth", NotAllowed),
        ("not_authed", NotAllowed),
        ("account_inactive", NotAllowed),
        ("token_revoked", NotAllowed),
        ("token_expired", NotAllowed),
        ("missing_scope", NotAllowed),
        ("not_allowed_token_type", NotAllowed),
        ("channel_not_found", NotAllowed),
        ("not_in_channel", NotAllowed),
        ("is_archived", NotAllowed),
        ("restricted_action_read_only_channel", NotAllowed),
        ("ekm_access_denied", NotAllowed),
        ("team_access_not_granted", NotAllowed),
        ("msg_too_long", Rejected),
        ("no_text", Rejected),
        ("invalid_blocks", Rejected),
        ("msg_blocks_too_long", Rejected),
        ("cannot_reply_to_message", Rejected),
        ("invalid_metadata_format", Rejected),
        ("ratelimited", TryLater),
        ("rate_limited", TryLater),
        ("message_limit_exceeded", TryLater),
        ("team_added_to_org", TryLater),
        ("internal_error", Unknown),
        ("fatal_error", Unknown),
        ("request_timeout", Unknown),
        ("service_unavailable", Unknown),
        ("duplicate_message_not_found", Unknown),
    ],
)
def test_each_word_has_its_meaning(word: str, expected: type[NetworkError]) -> None:
    stub, handler = steps("chat.postMessage", lambda _: refuse(word, needed=BOT))
    with pytest.raises(expected) as caught:
        account(handler).publish(text(), key="k")
    assert caught.value.code == word
    assert BOT not in str(vars(caught.value))
    assert stub.messages == []


@pytest.mark.parametrize(
    ("headers", "seconds"), [({"Retry-After": "30"}, 30), ({"Retry-After": "999999"}, 21_600), ({}, 300)]
)
def test_slack_says_how_long_to_wait(headers: dict[str, str], seconds: int) -> None:
    answer = httpx.Response(429, json={"ok": False, "error": "ratelimited"}, headers=headers)
    _, handler = steps("chat.postMessage", lambda _: answer)
    with pytest.raises(TryLater) as caught:
        account(handler).publish(text(), key="k")
    assert caught.value.after == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "body",
    [
        {"ok": True},
        {"ok": True, "channel": CHANNEL, "ts": "1.2"},
        {"ok": True, "channel": "C0ELSEWHERE", "ts": "1796547600.000001"},
        {"ok": True, "channel": CHANNEL, "ts": 1796547600.000001},
        {"ok": "true", "channel": CHANNEL, "ts": "1796547600.000001"},
        {"ok": False},
        {"ok": False, "error": f"Words {BOT}"},
    ],
)
def test_an_answer_without_our_message_is_no_receipt(body: Any) -> None:
    _, handler = steps("chat.postMessage", lambda _: reply(**body))
    with pytest.raises(Unknown) as caught:
        account(handler).publish(text(), key="k")
    assert BOT not in str(vars(caught.value))


# --- Looking ----------------------------------------------------------------------------------------------------------


def test_our_mark_is_found_among_others(server: FakeSlack) -> None:
    network = account(server)
    first, second = network.publish(text(), key="1"), network.publish(text(), key="2")
    server.add({"text": "Someone else", "metadata": {"event_type": "other", "event_payload": {"key": "1"}}})
    assert network.find(text(), key="1", since=SINCE) == first
    assert network.find(text(), key="2", since=SINCE) == second
    assert network.find(text(), key="3", since=SINCE) is None
    assert network.find(text(), key="1", since=NOW + timedelta(hours=1)) is None


def test_a_part_is_looked_for_in_its_thread(server: FakeSlack) -> None:
    network = account(server)
    first = network.publish(text("One"), key="1")
    part = text("Two", reply=Reply(first, first))
    assert network.find(part, key="2", since=SINCE) is None
    second = network.publish(part, key="2")
    assert network.find(part, key="2", since=SINCE) == second


def test_pages_are_turned_to_the_end(server: FakeSlack) -> None:
    server.page = 7
    network = account(server)
    wanted = network.publish(text(), key="1")
    for number in range(30):
        server.add({"text": f"chatter {number}"})
    assert network.find(text(), key="1", since=SINCE) == wanted


def test_two_with_one_mark_are_a_persons(server: FakeSlack) -> None:
    network = account(server)
    network.publish(text(), key="1")
    network.publish(text(), key="1")
    with pytest.raises(Unknown) as caught:
        network.find(text(), key="1", since=SINCE)
    assert caught.value.code == "ambiguous"


def test_our_words_without_a_mark_prove_nothing(server: FakeSlack) -> None:
    network = account(server)
    network.publish(text(), key="1")
    server.shows_metadata = False
    with pytest.raises(Unknown, match="without our mark"):
        network.find(text(), key="1", since=SINCE)
    assert network.find(text("other"), key="2", since=SINCE) is None


@pytest.mark.parametrize(
    "answer",
    [
        refuse("missing_scope"),
        refuse("internal_error"),
        reply(ok=True, messages={}),
        reply(ok=True, messages=[1]),
        reply(ok=True, messages=[], has_more=True),
        httpx.Response(500),
    ],
)
def test_a_look_that_fails_proves_nothing(answer: httpx.Response) -> None:
    _, handler = steps("conversations.history", lambda _: answer)
    with pytest.raises(Unknown):
        account(handler).find(text(), key="1", since=SINCE)


def test_a_channel_that_is_too_busy_proves_nothing() -> None:
    endless = reply(ok=True, messages=[], response_metadata={"next_cursor": "x"})
    _, handler = steps("conversations.history", lambda _: endless)
    with pytest.raises(Unknown, match="more than 2500"):
        account(handler).find(text(), key="1", since=SINCE)


def test_reactions_and_replies_are_counted(server: FakeSlack) -> None:
    network = account(server)
    first = network.publish(text("One"), key="1")
    second = network.publish(text("Two", reply=Reply(first, first)), key="2")
    server.messages[1]["reactions"] = [{"name": "heart", "count": 3, "users": ["U1"]}, {"name": "bike", "count": 2}]
    assert list(network.measure([first, second, Receipt("webhook-1", "", "")])) == [
        Stat(first.id, "reactions", 5),
        Stat(first.id, "replies", 1),
        Stat(second.id, "reactions", 0),
    ]


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("cant_delete_message", Rejected),
        ("channel_not_found", NotAllowed),
        ("ratelimited", TryLater),
        ("internal_error", Unknown),
    ],
)
def test_a_message_that_cannot_be_deleted_is_said_to_be_there(word: str, expected: type) -> None:
    _, handler = steps("chat.delete", lambda _: refuse(word))
    with pytest.raises(expected):
        account(handler).delete(Receipt("1796547600.000001", "", ""))


def test_what_a_person_copied_from_an_address_names_a_message_too(server: FakeSlack) -> None:
    network = account(server)
    first = network.publish(text("One"), key="1")
    copied = Receipt(first.url.rpartition("/")[2], first.url, "")
    assert [stat.receipt for stat in network.measure([copied])] == [copied.id] * 2
    second = network.publish(text("Two", reply=Reply(copied, copied)), key="2")
    assert (server.bodies[1]["thread_ts"], second.extra["thread"]) == (first.id, first.id)
    network.delete(copied)
    assert [message["ts"] for message in server.messages] == [second.id]


@pytest.mark.parametrize(("fault", "expected"), [(httpx.ReadError, Unknown), (httpx.ConnectError, TryLater)])
def test_a_deletion_without_an_answer_says_what_is_known(fault: type[httpx.TransportError], expected: type) -> None:
    def broken(request: httpx.Request) -> httpx.Response:
        raise fault("x", request=request)

    with pytest.raises(expected):
        account(broken).delete(Receipt("1796547600.000001", "", ""))


def test_only_stamps_and_channels_are_deleted(server: FakeSlack) -> None:
    for receipt in (Receipt("webhook-1", "", ""), Receipt("1796547600.000001", "", "", {"channel": "../C1"})):
        with pytest.raises(Rejected):
            account(server).delete(receipt)
    assert server.requests == []


def test_the_account_is_the_channel_with_its_members(server: FakeSlack) -> None:
    found = account(server).account()
    assert (found.handle, found.name, found.followers) == ("lumenvelo", "#news", 321)
    assert found.profile == {"name": "news", "note": "Bicycles"}
    assert found.url == f"https://lumenvelo.slack.com/archives/{CHANNEL}"
    server.scopes = set()
    assert account(server).account().followers is None
    _, handler = steps("conversations.info", lambda _: refuse("channel_not_found"))
    with pytest.raises(NotAllowed):
        account(handler).account()


@pytest.mark.parametrize(
    "login",
    [
        replace(BY_BOT, token="xoxp-1111111111-s3cret"),
        replace(BY_BOT, token=f"{BOT}/x"),
        replace(BY_BOT, settings={}),
        replace(BY_BOT, settings={"channel": "#news"}),
        replace(BY_WEBHOOK, token=WEBHOOK.replace("hooks.slack.com", "hooks.slack.com.evil.example")),
        replace(BY_WEBHOOK, token=f"{WEBHOOK}/../x"),
    ],
)
def test_a_secret_or_a_channel_that_is_none_goes_nowhere(server: FakeSlack, login: Login) -> None:
    with pytest.raises(CredentialsError) as caught:
        connect("slack", login, Http(transport=httpx.MockTransport(server)))
    assert login.token not in f"{caught.value} {caught.value.hint}"
    assert server.requests == []
