"""What is particular to Bluesky: record keys, byte offsets, sessions, the account's own server."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from networks.contract import CLAIMED, PIXEL, SINCE, text, with_pictures
from networks.fakes import SECRET, FakeBluesky, answer, trouble
from socialops.errors import NotAllowed, Rejected, TryLater, Unknown
from socialops.http import Http
from socialops.networks import counts, default_limits
from socialops.networks.base import Login
from socialops.networks.bluesky import Bluesky
from socialops.networks.bluesky_record import facets, tid, tid_instant
from socialops.networks.draft import Card, Part, Receipt, Span, Upload

LOGIN = Login("bluesky", "@lumenvelo.example", FakeBluesky.base, SECRET)
Handler = Callable[[httpx.Request], httpx.Response]


def account(handler: Handler, host: str = FakeBluesky.base) -> Bluesky:
    return Bluesky(replace(LOGIN, host=host), Http(transport=httpx.MockTransport(handler)))


@pytest.fixture
def server() -> FakeBluesky:
    return FakeBluesky()


def publish(server: FakeBluesky, part: Any, handler: Handler | None = None) -> dict[str, Any]:
    """Publish a part and return its record."""
    network = account(handler or server)
    key = network.key("launch/bluesky", 0, CLAIMED)
    network.publish(part, key=key)
    return server.records[key]


def replies_to(method: str, server: FakeBluesky, reply: Handler) -> Handler:
    return lambda request: reply(request) if request.url.path.endswith(method) else server(request)


# --- Records ----------------------------------------------------------------------------------------------------------


def test_a_record_holds_everything_a_part_says(server: FakeBluesky) -> None:
    words = "Işık: @mia.example, #kış https://example.org"
    spans = (
        Span(6, 18, "mention", "mia.example"),
        Span(20, 24, "tag", "kış"),
        Span(25, 44, "link", "https://example.org"),
    )
    record = publish(server, text(words, spans=spans, card=Card("https://example.org", "Lamba", "Yeni")))
    created = record.pop("createdAt")
    assert abs(datetime.fromisoformat(created) - CLAIMED) < timedelta(seconds=1)
    assert record == {
        "$type": "app.bsky.feed.post",
        "text": words,
        "langs": ["tr"],
        "facets": [
            made(8, 20, {"$type": "app.bsky.richtext.facet#mention", "did": "did:plc:mia"}),
            made(22, 28, {"$type": "app.bsky.richtext.facet#tag", "tag": "kış"}),
            made(29, 48, {"$type": "app.bsky.richtext.facet#link", "uri": "https://example.org"}),
        ],
        "embed": {
            "$type": "app.bsky.embed.external",
            "external": {"uri": "https://example.org", "title": "Lamba", "description": "Yeni"},
        },
    }


def made(start: int, end: int, feature: dict[str, str]) -> dict[str, Any]:
    return {
        "$type": "app.bsky.richtext.facet",
        "index": {"byteStart": start, "byteEnd": end},
        "features": [feature],
    }


def test_pictures_have_their_words_and_shape_and_leave_no_room_for_a_card(server: FakeBluesky) -> None:
    record = publish(server, replace(with_pictures("Ön", ""), card=Card("https://example.org", "x")))
    assert record["embed"]["$type"] == "app.bsky.embed.images"
    assert [(image["alt"], image["aspectRatio"]) for image in record["embed"]["images"]] == [
        ("Ön", {"width": 1, "height": 1}),
        ("", {"width": 1, "height": 1}),
    ]
    assert list(server.blobs.values()) == [PIXEL]


def with_video(*uploads: Upload) -> Part:
    item = replace(with_pictures("Bir yolculuk").attachments[0], mime="video/mp4")
    return replace(with_pictures("Bir yolculuk"), attachments=(item,) * len(uploads), uploads=uploads)


FILM = Upload(b"moving", "video/mp4", 1080, 1920, "Bir yolculuk", "0" * 64, seconds=4.0)


def test_a_video_has_its_words_and_shape(server: FakeBluesky) -> None:
    embed = publish(server, with_video(FILM))["embed"]
    assert (embed["$type"], embed["alt"]) == ("app.bsky.embed.video", "Bir yolculuk")
    assert embed["aspectRatio"] == {"width": 1080, "height": 1920}
    assert (embed["video"]["mimeType"], list(server.blobs.values())) == ("video/mp4", [b"moving"])


def test_a_video_stands_by_itself(server: FakeBluesky) -> None:
    with pytest.raises(Rejected, match="one video by itself"):
        publish(server, with_video(FILM, FILM))
    assert server.requests == []


def test_a_warning_sets_no_label(server: FakeBluesky) -> None:
    assert "labels" not in publish(server, text("x", content_warning="Film sonu", sensitive=True))


def test_the_same_part_makes_the_same_record(server: FakeBluesky) -> None:
    first = publish(server, text())
    assert publish(server, text()) == first


def test_an_unknown_handle_stays_plain_text(server: FakeBluesky) -> None:
    spans = (Span(0, 14, "mention", "nobody.example"), Span(15, 20, "mention", "noob!"))
    assert "facets" not in publish(server, text("@nobody.example @noob!", spans=spans))


def test_a_mention_is_not_dropped_because_the_server_is_busy(server: FakeBluesky) -> None:
    server.resolving = 500
    with pytest.raises(TryLater):
        publish(server, text("@mia.example", spans=(Span(0, 12, "mention", "mia.example"),)))
    assert server.records == {}


# --- Facets -----------------------------------------------------------------------------------------------------------

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=80)
kinds = st.sampled_from(["link", "mention", "tag"])


@st.composite
def marked(draw: st.DrawFn) -> tuple[str, list[Span]]:
    shown = draw(words | st.text("aığוֹ❄️👩‍🚀é€𝕏", max_size=60))
    places = st.integers(-2, len(shown) + 2)
    target = {"link": "https://example.org/", "mention": "mia.example", "tag": "kış"}
    spans = []
    for start, end, kind in draw(st.lists(st.tuples(places, places, kinds), max_size=6)):
        spans.append(Span(start, end, kind, target[kind]))  # type: ignore[arg-type]  # the three kinds there are
    return shown, spans


@given(marked())
def test_byte_offsets_cut_out_the_text_of_the_span(case: tuple[str, list[Span]]) -> None:
    shown, spans = case
    encoded = shown.encode()
    done = 0
    cut = set()
    for facet in facets(shown, spans, {"mia.example": "did:plc:mia"}):
        start, end = facet["index"]["byteStart"], facet["index"]["byteEnd"]
        assert done <= start < end <= len(encoded)
        cut.add(encoded[start:end].decode())
        done = end
    inside = {shown[span.start : span.end] for span in spans if 0 <= span.start < span.end <= len(shown)}
    assert cut <= inside
    assert bool(cut) == bool(inside)


@pytest.mark.parametrize(
    "span",
    [
        Span(0, 1, "tag", "ı" * 65),
        Span(0, 1, "tag", ""),
        Span(0, 1, "tag", "👩‍👩‍👧‍👦" * 40),
        Span(0, 1, "link", "javascript:alert(1)"),
        Span(0, 1, "link", "https://user:pass@example.org"),
        Span(0, 1, "mention", "someone.else"),
    ],
)
def test_what_the_lexicon_refuses_stays_plain_text(span: Span) -> None:
    assert facets("x", [span], {}) == []


# --- Record keys ------------------------------------------------------------------------------------------------------

moments = st.datetimes(datetime(1970, 1, 2), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - given a zone


@given(st.integers(0, 2**53 - 1), st.integers(0, 2**53 - 1), st.integers(0, 1023))
def test_record_keys_sort_as_their_times(first: int, second: int, clock: int) -> None:
    one, other = tid(first, clock), tid(second, clock)
    assert len(one) == 13
    assert (one < other) == (first < second)


@given(st.text(min_size=1), moments, st.integers(0, 30))
def test_a_key_is_of_its_claim_and_parts_follow_each_other(delivery: str, at: datetime, part: int) -> None:
    network = account(FakeBluesky())
    key, following = (network.key(delivery, number, at) for number in (part, part + 1))
    assert key < following
    assert abs(tid_instant(key) - at) < timedelta(seconds=2)
    assert tid_instant(following) - tid_instant(key) == timedelta(milliseconds=1)


def test_posts_claimed_in_one_moment_have_different_keys() -> None:
    network = account(FakeBluesky())
    keys = {network.key(f"post-{number}/bluesky", part, CLAIMED) for number in range(2000) for part in range(5)}
    assert len(keys) == 10_000


def test_a_key_that_is_none_is_never_sent(server: FakeBluesky) -> None:
    with pytest.raises(Rejected, match="key"):
        account(server).publish(text(), key="my-slug")
    assert server.requests == []


# --- Outcomes ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("InvalidRequest", Rejected),
        ("InvalidRecord", Rejected),
        ("BlobNotFound", TryLater),
        ("InvalidToken", NotAllowed),
        ("AuthMissing", NotAllowed),
        ("AccountTakedown", NotAllowed),
        ("ExpiredToken", NotAllowed),
    ],
)
def test_each_refusal_has_its_meaning(server: FakeBluesky, name: str, expected: type) -> None:
    with pytest.raises(expected) as caught:
        publish(server, text(), replies_to("putRecord", server, lambda _: trouble(name)))
    assert caught.value.code == name  # type: ignore[attr-defined]  # every error a network raises has one


def test_another_post_under_our_key_needs_a_person(server: FakeBluesky) -> None:
    publish(server, text("Earlier"))
    with pytest.raises(Unknown, match="another post") as caught:
        publish(server, text("Later"))
    assert caught.value.code == "ambiguous"


def test_our_post_from_other_bytes_is_ours(server: FakeBluesky) -> None:
    part = text("@mia.example", spans=(Span(0, 12, "mention", "mia.example"),))
    first = publish(server, part)
    server.handles.clear()
    assert publish(server, part) == first


def test_a_send_that_takes_too_long_to_prepare_is_not_begun(
    server: FakeBluesky, monkeypatch: pytest.MonkeyPatch
) -> None:
    moments = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: moments[0])

    def slowly(request: httpx.Request) -> httpx.Response:
        moments[0] += 55
        return server(request)

    part = text("@mia.example", spans=(Span(0, 12, "mention", "mia.example"),))
    with pytest.raises(TryLater, match="too slow"):
        publish(server, part, replies_to("resolveHandle", server, slowly))
    assert server.records == {}


def test_a_rate_limit_in_seconds_since_1970_is_understood(server: FakeBluesky) -> None:
    reply = answer(429, {"error": "RateLimitExceeded"}, **{"RateLimit-Reset": "1796547690"})
    with pytest.raises(TryLater) as caught:
        publish(server, text(), replies_to("createSession", server, lambda _: reply))
    assert caught.value.after == timedelta(seconds=90)
    assert caught.value.code == "RateLimitExceeded"


@pytest.mark.parametrize(
    ("status", "expected"), [(500, TryLater), (413, Rejected), (400, Rejected), (401, NotAllowed), (307, TryLater)]
)
def test_nothing_is_visible_when_an_upload_fails(server: FakeBluesky, status: int, expected: type) -> None:
    with pytest.raises(expected):
        publish(server, with_pictures("Lamp"), replies_to("uploadBlob", server, lambda _: httpx.Response(status)))
    assert server.records == {}


def test_a_look_that_fails_proves_nothing(server: FakeBluesky) -> None:
    replies = [httpx.Response(500), httpx.Response(200, text="<html>"), answer(200, {}), trouble("InvalidRequest")]
    network = account(replies_to("getRecord", server, lambda _: replies.pop()))
    while replies:
        with pytest.raises(Unknown):
            network.find(text(), key=tid(1, 1), since=SINCE)


# --- Sessions ---------------------------------------------------------------------------------------------------------


def test_one_login_serves_a_whole_run(server: FakeBluesky) -> None:
    network = account(server)
    for number in range(3):
        network.publish(text(), key=network.key(f"p{number}/bluesky", 0, CLAIMED))
    network.measure([Receipt(f"at://{server.did}/app.bsky.feed.post/3kfixedrkey22", "", "")])
    assert server.logins == 1


def test_an_expired_token_is_renewed_once(server: FakeBluesky) -> None:
    network = account(server)
    network.publish(text("One"), key=tid(1, 1))
    server.tokens += 1
    network.publish(text("Two"), key=tid(2, 1))
    assert (server.logins, len(server.records)) == (1, 2)


def test_where_renewing_fails_we_log_in_again(server: FakeBluesky) -> None:
    network = account(replies_to("refreshSession", server, lambda _: trouble("ExpiredToken")))
    network.publish(text("One"), key=tid(1, 1))
    server.tokens += 1
    network.publish(text("Two"), key=tid(2, 1))
    assert (server.logins, len(server.records)) == (2, 2)


def test_the_accounts_own_server_is_used(server: FakeBluesky) -> None:
    server.home = "https://shiitake.host.example"
    publish(server, text())
    hosts = {request.url.path.rpartition(".")[2]: request.url.host for request in server.requests}
    assert hosts == {"createSession": "bsky.example", "putRecord": "shiitake.host.example"}


@pytest.mark.parametrize(
    "home",
    [
        "http://elsewhere.example",
        "https://user@elsewhere.example",
        "https://elsewhere.example/path",
        "ftp://elsewhere.example",
        "elsewhere.example",
        "https://elsewhere.example?x",
        None,
        17,
    ],
)
def test_a_token_goes_to_no_other_place(server: FakeBluesky, home: Any) -> None:
    server.home = home
    publish(server, text())
    assert {request.url.host for request in server.requests} == {"bsky.example"}


def test_another_accounts_document_is_not_followed(server: FakeBluesky) -> None:
    def lie(request: httpx.Request) -> httpx.Response:
        session = server.session()
        session["didDoc"] = {"id": "did:plc:other", "service": session["didDoc"]["service"]}
        session["didDoc"]["service"][0]["serviceEndpoint"] = "https://elsewhere.example"
        server.requests.append(request)
        return answer(200, session)

    publish(server, text(), replies_to("createSession", server, lie))
    assert {request.url.host for request in server.requests} == {"bsky.example"}


def test_a_login_on_this_machine_stays_on_it(server: FakeBluesky) -> None:
    server.home = "https://elsewhere.example"
    network = account(server, "http://127.0.0.1:2583")
    receipt = network.publish(text(), key=tid(1, 1))
    assert {request.url.host for request in server.requests} == {"127.0.0.1"}
    assert receipt.url.startswith("http://127.0.0.1:2583/")


@pytest.mark.parametrize("session", [{}, [], {"did": "x"}, {"did": "did:plc:a", "accessJwt": "", "refreshJwt": "r"}])
def test_a_login_that_says_nothing_is_no_login(server: FakeBluesky, session: Any) -> None:
    with pytest.raises(TryLater):
        publish(server, text(), replies_to("createSession", server, lambda _: answer(200, session)))


# --- Numbers ----------------------------------------------------------------------------------------------------------


def test_numbers_are_read_in_batches(server: FakeBluesky) -> None:
    network = account(server)
    receipts = [network.publish(text(f"n{number}"), key=tid(number, 1)) for number in range(30)]
    assert len(network.measure(receipts)) == 30 * 4
    assert sum("getPosts" in request.url.path for request in server.requests) == 2


def test_a_server_without_an_application_has_no_numbers(server: FakeBluesky) -> None:
    server.has_application = False
    network = account(server)
    receipt = network.publish(text(), key=tid(1, 1))
    assert network.measure([receipt]) == []
    known = network.account()
    assert (known.id, known.followers) == (server.did, None)


def test_a_part_is_counted_in_characters_and_in_bytes() -> None:
    part = text("Işık ❄️ אוֹר")
    counted = {count.what: (count.used, count.limit) for count in counts("bluesky", part, default_limits("bluesky"))}
    assert counted == {"text": (10, 300), "text_bytes": (22, 3000)}
