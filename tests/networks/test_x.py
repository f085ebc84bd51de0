"""X: the contract, what is sent for each kind, what its refusals mean, and what is read back in both its languages."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from networks.contract import (
    PIXEL,
    PROMISES,
    TEXT,
    Place,
    Seen,
    finds_what_was_sent_though_the_answer_was_lost,
    picture,
    place,
    publishes_one_post_for_one_key,
    text,
    with_pictures,
)
from networks.stub_x import (
    CONSUMER_SECRET,
    DUPLICATE,
    NOT_PERMITTED,
    NOT_SUMMONED,
    NOW,
    PARENT_GONE,
    SECRETS,
    FakeX,
    forbidden,
    invalid,
    problem,
    wrong,
)
from networks.x_account import LOGIN, fails, film, find, joined, publish, with_media, words
from socialops.compose.limits import limits_of
from socialops.content.channel import Channel
from socialops.errors import CredentialsError, NetworkError, NotAllowed, Rejected, TryLater, Unknown
from socialops.http import Http
from socialops.networks import connect, counts, default_limits
from socialops.networks.draft import Part, Poll, Receipt, Reply
from socialops.networks.x import CHUNK, MEDIA_WAITS, X, cost

LIMITS = default_limits("x")
CANNOT_HOLD = (
    publishes_one_post_for_one_key,  # there are no keys
    finds_what_was_sent_though_the_answer_was_lost,  # ends with the same key; looking is in test_x_reading
)


@pytest.fixture
def server() -> FakeX:
    return FakeX()


def place_of(server: FakeX, folder: Path) -> Place:
    def seen() -> list[Seen]:
        return [
            Seen(
                post["id"],
                post["text"],
                tuple(server.media[name]["alt"] for name in post["media"]),
                post["parent"],
                tuple(server.media[name]["data"] for name in post["media"]),
            )
            for post in server.posts
        ]

    return place(
        "x",
        httpx.MockTransport(server),
        lambda http: joined(http, server),
        lambda request: (request.method, request.url.path) == ("POST", "/2/tweets"),
        seen,
        CONSUMER_SECRET,
        folder,
        metrics=frozenset({"likes", "reposts", "replies", "quotes", "bookmarks", "impressions"}),
    )


@pytest.mark.parametrize(
    "promise", [promise for promise in PROMISES if promise not in CANNOT_HOLD], ids=lambda promise: promise.__name__
)
def test_the_contract(
    server: FakeX, tmp_path: Path, promise: Callable[[Place], None], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    promise(place_of(server, tmp_path))
    assert not [secret for secret in SECRETS if secret in caplog.text]


# --- What is sent -----------------------------------------------------------------------------------------------------


def test_a_text_goes_out_as_it_is_and_its_receipt_names_the_account(server: FakeX) -> None:
    receipt = publish(server, text())
    assert server.bodies == [{"text": TEXT}]
    assert receipt.url == f"https://x.com/lumenvelo/status/{receipt.id}"
    assert receipt.at == "2026-12-06T09:00:00.000Z"
    nameless = publish(server, words("Two"), handle="Lumen Velo!")
    assert nameless.url == f"https://x.com/i/web/status/{nameless.id}"


def test_pictures_are_uploaded_in_pieces_and_described(server: FakeX) -> None:
    attachment, upload = film("image/jpeg", 2 * CHUNK + 1, "Önden görünüş")
    publish(server, with_media((attachment, upload), picture("")))
    first, second = server.media.values()
    assert (first["media_category"], first["total_bytes"], sorted(first["parts"])) == (
        "tweet_image",
        2 * CHUNK + 1,
        [0, 1, 2],
    )
    assert first["data"] == upload.data
    assert (first["alt"], second["alt"], second["data"]) == ("Önden görünüş", "", PIXEL)
    described = [request for request in server.requests if request.url.path == "/2/media/metadata"]
    assert len(described) == 1
    assert server.bodies == [{"text": "Two lamps", "media": {"media_ids": list(server.media)}}]


@pytest.mark.parametrize(
    ("mime", "category", "described"),
    [("video/mp4", "tweet_video", 0), ("video/quicktime", "tweet_video", 0), ("image/gif", "tweet_gif", 1)],
)
def test_moving_media_are_announced_as_what_they_are(server: FakeX, mime: str, category: str, described: int) -> None:
    server.polls_until_ready = 3
    waits: list[float] = []
    publish(server, with_media(film(mime)), waits=waits)
    (medium,) = server.media.values()
    assert (medium["media_type"], medium["media_category"]) == (mime, category)
    assert waits == [1, 1, 2]
    assert [request.url.path for request in server.requests].count("/2/media/metadata") == described


def test_a_wait_is_as_long_as_x_asks_for_and_never_longer_than_ours_in_all(server: FakeX) -> None:
    server.polls_until_ready, server.check_after = 3, 7
    waits: list[float] = []
    publish(server, with_media(film()), waits=waits)
    assert waits == [7, 7, 7]
    server.polls_until_ready, server.check_after = 99, 1
    waits = []
    error = fails(server, with_media(film()), TryLater, waits=waits)
    assert waits == list(MEDIA_WAITS)
    assert error.after >= timedelta(minutes=5)
    server.check_after = 4000
    waits = []
    assert fails(server, with_media(film()), TryLater, waits=waits).after == timedelta(seconds=4000)
    assert waits == []


def test_a_video_that_x_cannot_read_is_refused_with_its_word_for_it(server: FakeX) -> None:
    server.polls_until_ready, server.processing_fails = 2, True
    error = fails(server, with_media(film()), Rejected)
    assert error.code == "InvalidMedia"
    assert "codec" not in error.message


STEPS = ["initialize", r"\d+/append", r"\d+/finalize"]


@pytest.mark.parametrize(
    "step", [*(f"POST /2/media/upload/{step}" for step in STEPS), "GET /2/media/upload", "POST /2/media/metadata"]
)
@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (invalid("media"), Rejected),
        (httpx.Response(413), Rejected),
        (problem(401, "Unauthorized", "Unauthorized"), NotAllowed),
        (problem(402, "CreditsDepleted", "no credits"), NotAllowed),
        (problem(403, "Forbidden", "x", "client-forbidden"), NotAllowed),
        (problem(429, "Too Many Requests", "x"), TryLater),
        (httpx.Response(431), TryLater),
        (httpx.Response(503), TryLater),
    ],
    ids=lambda value: str(getattr(value, "status_code", "")),
)
def test_whatever_becomes_of_an_upload_nothing_was_published(
    server: FakeX, step: str, answer: httpx.Response, expected: type[NetworkError]
) -> None:
    server.polls_until_ready = 1
    server.refusals[step] = answer
    fails(server, with_media(film("image/gif")), expected)
    server.refusals.clear()
    server.polls_until_ready = 0
    publish(server, with_media(film("image/gif")))
    assert len(server.posts) == 1


def test_an_upload_whose_answer_is_lost_may_be_sent_again(server: FakeX) -> None:
    def lose(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/append"):
            raise httpx.ReadError("reset", request=request)
        return server(request)

    network = joined(Http(transport=httpx.MockTransport(lose)), server)
    with pytest.raises(TryLater):
        network.publish(with_pictures("a"), key="k")
    assert server.posts == []


def test_an_upload_without_a_name_is_not_used(server: FakeX) -> None:
    server.refusals["POST /2/media/upload/initialize"] = httpx.Response(200, json={"data": {"id": "../1"}})
    fails(server, with_pictures("a"), TryLater)


def test_a_poll_has_its_answers_and_whole_minutes(server: FakeX) -> None:
    publish(server, words("Tea?", poll=Poll(("Çay", "קפה"), 86459)))
    publish(server, words("Now?", poll=Poll(("Yes", "No"), 10)))
    assert [body["poll"] for body in server.bodies] == [
        {"options": ["Çay", "קפה"], "duration_minutes": 1440},
        {"options": ["Yes", "No"], "duration_minutes": 5},
    ]


def test_choices_and_labels_become_xs_own_words(server: FakeX) -> None:
    labels = ["paid-partnership", "ai-made", "something-else"]
    publish(server, words("One", options={"reply_settings": "mentionedUsers", "labels": labels}))
    publish(server, words("Two", options={"reply_settings": "everyone", "labels": []}))
    publish(server, words("Three", options={"labels": "ai-made"}))
    assert server.bodies == [
        {"text": "One", "reply_settings": "mentionedUsers", "paid_partnership": True, "made_with_ai": True},
        {"text": "Two"},
        {"text": "Three", "made_with_ai": True},
    ]


@pytest.mark.parametrize(
    "named",
    [
        "1346889436626259968",
        "https://x.com/mia/status/1346889436626259968",
        "https://twitter.com/mia/status/1346889436626259968?s=20",
        "https://x.com/i/web/status/1346889436626259968/photo/1",
        1346889436626259968,
    ],
)
def test_a_quoted_post_is_named_by_its_address_or_number(server: FakeX, named: object) -> None:
    publish(server, words("Look!", options={"quote": named}))
    assert server.bodies == [{"text": "Look!", "quote_tweet_id": "1346889436626259968"}]
    assert find(server, words("Look!", options={"quote": named})) is not None


@pytest.mark.parametrize(
    ("part", "code"),
    [
        (words("a", kind="story"), "kind"),
        (words("a", kind="article"), "kind"),
        (words("a", options={"quote": "https://example.org/status/1"}), "option"),
        (words("a", options={"quote": "../1"}), "option"),
        (words("a", options={"reply_settings": "nobody"}), "option"),
        (with_media(film(), picture("a")), "media"),
        (with_media(film("image/gif"), picture("a")), "media"),
        (with_media(picture("a"), poll=Poll(("a", "b"), 600)), "media"),
        (words("a", poll=Poll(("a", "b"), 600), options={"quote": "1"}), "media"),
        (replace(with_pictures("a"), uploads=()), ""),
        (words("a", reply=Reply(Receipt("1", "", ""), Receipt("1/../2", "", ""))), ""),
    ],
)
def test_what_x_cannot_show_is_refused_before_anything_is_sent(server: FakeX, part: Part, code: str) -> None:
    assert fails(server, part, Rejected).code == code
    assert server.requests == []


@pytest.mark.parametrize("kind", LIMITS.texts("kinds"))
def test_every_kind_that_the_limits_name_goes_out(server: FakeX, kind: str) -> None:
    parts = {
        "image": with_pictures("a"),
        "carousel": with_pictures("a", "b", "c", "d"),
        "video": with_media(film()),
        "poll": words("Tea?", poll=Poll(("Yes", "No"), 3600)),
        "thread": words("One"),
        "link": words("See https://example.org"),
        "text": words("Hello"),
    }
    receipt = publish(server, replace(parts[kind], kind=kind))
    assert find(server, parts[kind]) == receipt


def test_a_long_post_is_for_premium_accounts(server: FakeX) -> None:
    server.most = 25_000
    long = words("Kış & yaz. " * 300, kind="article")
    receipt = publish(server, long, settings={"premium": True})
    assert find(server, long) == receipt
    premium = limits_of(Channel("x", "brand/channels/x.md", "x", params={"premium": True}))
    (text_count, *_) = counts("x", long, premium)
    assert text_count.used <= text_count.limit == 25_000
    assert counts("x", long, LIMITS)[0].limit == 280
    assert "article" in premium.texts("kinds")
    own = limits_of(Channel("x", "brand/channels/x.md", "x", params={"premium": True}, limits={"text": 4000}))
    assert own.number("text") == 4000


# --- What refusals mean -----------------------------------------------------------------------------------------------

PARENT = Receipt("2000000000000000000", "", "")
A_REPLY = words("Two", reply=Reply(PARENT, PARENT))


@pytest.mark.parametrize(
    ("answer", "part", "expected", "code"),
    [
        (forbidden(DUPLICATE), text(), Unknown, "403 duplicate"),
        (wrong(403, 187, "Status is a duplicate."), text(), Unknown, "403 duplicate"),
        (problem(401, "Unauthorized", "Unauthorized"), text(), NotAllowed, "401"),
        (wrong(401, 89, "Invalid or expired token."), text(), NotAllowed, "401 89"),
        (wrong(401, 135, "Timestamp out of bounds."), text(), NotAllowed, "401 135"),
        (problem(402, "CreditsDepleted", "no credits", "credits"), text(), NotAllowed, "402 credits"),
        (problem(403, "Forbidden", "x", "oauth1-permissions"), text(), NotAllowed, "403 oauth1-permissions"),
        (problem(403, "Client Forbidden", "x", "client-forbidden"), text(), NotAllowed, "403 client-forbidden"),
        (problem(403, "x", "x", "not-authorized-for-field"), text(), NotAllowed, "403 not-authorized-for-field"),
        (problem(403, "x", "x", "not-authorized-for-resource"), text(), NotAllowed, "403 not-authorized-for-resource"),
        (problem(403, "x", "x", "field-unauthorized"), text(), NotAllowed, "403 field-unauthorized"),
        (problem(429, "x", "x", "rate-limit-exceeded"), text(), TryLater, "429 rate-limit-exceeded"),
        (problem(500, "x", "x", "field-hydration-failure"), text(), Unknown, "500 field-hydration-failure"),
        (problem(503, "x", "x", "resource-unavailable"), text(), Unknown, "503 resource-unavailable"),
        (wrong(403, 326, "This account is locked."), text(), NotAllowed, "403 326"),
        (forbidden(NOT_PERMITTED), text(), NotAllowed, "403"),
        (forbidden(NOT_PERMITTED), words("x" * 281), Rejected, "403"),
        (forbidden("Tweet needs to be a bit shorter. (186)"), text(), Rejected, "403"),
        (forbidden(NOT_SUMMONED), A_REPLY, Rejected, "403 reply"),
        (forbidden(PARENT_GONE), A_REPLY, TryLater, "403"),
        (forbidden("User is over daily status update limit."), text(), TryLater, "403"),
        (forbidden("Quoting is not permitted."), words("a", options={"quote": "1"}), Rejected, "403"),
        (forbidden("Only 1 cashtag is permitted."), words("$A $B"), Rejected, "403"),
        (invalid("Your media IDs are invalid."), text(), Rejected, "400 invalid-request"),
        (problem(400, "Invalid Request", "x", "invalid-request"), text(), Rejected, "400 invalid-request"),
        (problem(400, "Disallowed", "x", "disallowed-resource"), text(), Rejected, "400 disallowed-resource"),
        (problem(404, "Not Found", "x", "resource-not-found"), text(), Rejected, "404 resource-not-found"),
        (problem(429, "Too Many Requests", "Too Many Requests"), text(), TryLater, "429"),
        (problem(429, "UsageCapExceeded", "x", "usage-capped"), text(), TryLater, "429 usage-capped"),
        (problem(500, "Internal", "x", "internal-error"), text(), Unknown, "500 internal-error"),
        (problem(503, "Service Unavailable", "Service Unavailable"), text(), Unknown, "503"),
        (httpx.Response(403, json={"type": "../../x", "errors": [{"code": "a b"}]}), text(), NotAllowed, "403"),
        (httpx.Response(403, text="<html>"), text(), NotAllowed, "403"),
        (httpx.Response(200, json={"errors": [{"type": "about:blank"}]}), text(), Unknown, "200"),
        (httpx.Response(201, json={"data": {"id": "1/../2"}}), text(), Unknown, "201"),
        (httpx.Response(201, json={"data": {"id": 1}}), text(), Unknown, "201"),
    ],
)  # fmt: skip
def test_refusals(server: FakeX, answer: httpx.Response, part: Part, expected: type[NetworkError], code: str) -> None:
    server.refusals["POST /2/tweets"] = answer
    error = fails(server, part, expected)
    assert (error.code, len(server.requests)) == (code, 1)
    assert error.message.startswith("X ")
    if not isinstance(error, Unknown | TryLater):
        assert error.hint


def test_hints_name_what_a_person_can_do(server: FakeX) -> None:
    def hint(answer: httpx.Response) -> str:
        server.refusals["POST /2/tweets"] = answer
        return str(fails(server, text(), NetworkError).hint)

    assert "credits" in hint(problem(402, "x", "x"))
    assert "clock" in hint(wrong(401, 135, "Timestamp out of bounds."))
    assert "read and write" in hint(problem(403, "x", "x", "oauth1-permissions"))
    assert "allowance" in hint(problem(429, "x", "x", "usage-capped"))


def test_what_is_too_long_is_said_with_xs_own_count(server: FakeX) -> None:
    error = fails(server, words("日" * 141 + "x" * 200), Rejected)
    assert "text is 482 weighted characters, 280 fit" in error.message


EPOCH = int(NOW.timestamp())


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"x-rate-limit-reset": str(EPOCH + 700)}, 700),
        ({"x-rate-limit-reset": str(EPOCH - 700)}, 1),
        ({"x-rate-limit-reset": str(EPOCH + 10**6)}, 6 * 3600),
        ({"Retry-After": "42", "x-rate-limit-reset": str(EPOCH + 700)}, 42),
        (
            {
                "x-rate-limit-reset": str(EPOCH + 700),
                "x-user-limit-24hour-remaining": "0",
                "x-user-limit-24hour-reset": str(EPOCH + 9000),
            },
            9000,
        ),
        (
            {
                "x-rate-limit-reset": str(EPOCH + 700),
                "x-app-limit-24hour-remaining": "16",
                "x-app-limit-24hour-reset": str(EPOCH + 9000),
            },
            700,
        ),
        ({"x-rate-limit-reset": "soon"}, 300),
        ({}, 300),
    ],
)
def test_we_wait_as_long_as_x_says(server: FakeX, headers: dict[str, str], seconds: int) -> None:
    server.refusals["POST /2/tweets"] = problem(429, "Too Many Requests", "x", "about:blank", **headers)
    assert fails(server, text(), TryLater).after == timedelta(seconds=seconds)


def test_a_clock_that_is_wrong_is_told_apart_from_a_wrong_key(server: FakeX) -> None:
    network = X(LOGIN, Http(transport=httpx.MockTransport(server)), clock=lambda: EPOCH + 3600.0)
    with pytest.raises(NotAllowed) as caught:
        network.account()
    assert "clock" in caught.value.hint
    with pytest.raises(NotAllowed):
        joined(Http(transport=httpx.MockTransport(server)), server, replace(LOGIN, token="other")).account()


def test_the_secrets_go_to_no_other_place() -> None:
    with pytest.raises(CredentialsError):
        connect("x", replace(LOGIN, host="http://x.example"), Http(transport=httpx.MockTransport(FakeX())))
    network = connect("x", LOGIN, Http(transport=httpx.MockTransport(FakeX())))
    assert not [secret for secret in SECRETS if secret in f"{network!r} {vars(network)!r}"]


# --- Counting and costs -----------------------------------------------------------------------------------------------


def test_everything_that_is_limited_is_counted() -> None:
    part = with_media(picture("a" * 7), picture("b" * 9), poll=Poll(("Evet", "日本語"), 600))
    shown = [
        (count.what, count.unit, count.used, count.limit)
        for count in counts("x", replace(part, text="$A $B 日 example.org"), LIMITS)
    ]
    assert shown == [
        ("text", "weighted characters", 32, 280),
        ("cashtags", "cashtags", 2, 1),
        ("attachments", "files", 2, 4),
        ("alt_text", "code points", 9, 1000),
        ("poll_options", "options", 2, 4),
        ("poll_option", "weighted characters", 6, 25),
    ]


@given(st.text(), st.lists(st.text(), max_size=4))
def test_counting_never_fails(written: str, options: list[str]) -> None:
    part = Part(written, poll=Poll(tuple(options), 600))
    assert all(count.used >= 0 for count in counts("x", part, LIMITS))
    assert cost(part, LIMITS) in {Decimal("0.015"), Decimal("0.200")}


def dear(*parts: Part) -> Decimal:
    return sum((cost(part, LIMITS) for part in parts), Decimal(0))


def test_a_post_costs_more_with_a_link_and_a_little_for_each_description() -> None:
    assert dear(words("Hello")) == Decimal("0.015")
    assert dear(words("See https://example.org")) == dear(words("See example.org")) == Decimal("0.200")
    assert dear(words("One"), words("Two")) == Decimal("0.030")
    assert dear(with_pictures("a", "b")) == Decimal("0.025")
    assert dear(with_media(picture(""))) == dear(with_media(film())) == Decimal("0.015")
    cheaper = LIMITS.with_values({"cost_post": "0.01"}, source="contract", checked_on="2026-11-22")
    assert cost(words("Hello"), cheaper) == Decimal("0.01")
    assert cost(words("Hello"), default_limits("mastodon")) == 0
    assert LIMITS.entries["cost_post"].unit == "USD"
