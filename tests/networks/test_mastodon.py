"""What is particular to Mastodon: pictures that take time, polls, its timeline, its own limits, other software."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest

from networks.contract import SINCE, TEXT, text, with_pictures
from networks.fakes import DATE, NOW, SECRET, FakeMastodon, answer
from socialops.errors import CredentialsError, NotAllowed, Rejected, TryLater, Unknown
from socialops.http import MEDIA_DEADLINE, Http
from socialops.networks import counts, default_limits
from socialops.networks.base import Idempotency, Login, Stat
from socialops.networks.draft import Part, Poll, Receipt, Reply, Upload
from socialops.networks.mastodon import MEDIA_WAITS, VIDEO_WAITS, Mastodon

LOGIN = Login("mastodon", "@lumenvelo@mastodon.example", FakeMastodon.base, SECRET)
Handler = Callable[[httpx.Request], httpx.Response]


def account(handler: Handler, waits: list[float] | None = None) -> Mastodon:
    return Mastodon(LOGIN, Http(transport=httpx.MockTransport(handler)), wait=([] if waits is None else waits).append)


@pytest.fixture
def server() -> FakeMastodon:
    return FakeMastodon()


def test_everything_a_part_says_reaches_the_server(server: FakeMastodon) -> None:
    parent = Receipt("42", "https://mastodon.example/@lumenvelo/42", "2026-12-06T08:00:00.000Z")
    poll = Poll(("Ön", "Arka"), seconds=86_400, multiple=True, hide_totals=True)
    part = text(
        "Hangisi?",
        poll=poll,
        visibility="followers",
        content_warning="Anket",
        reply=Reply(parent, parent),
    )
    account(server).publish(part, key="k")
    assert server.bodies == [
        {
            "status": "Hangisi?",
            "in_reply_to_id": "42",
            "spoiler_text": "Anket",
            "sensitive": "true",
            "visibility": "private",
            "language": "tr",
            "poll[options][]": ["Ön", "Arka"],
            "poll[expires_in]": "86400",
            "poll[multiple]": "true",
            "poll[hide_totals]": "true",
        }
    ]


@pytest.mark.parametrize(
    ("ours", "theirs"), [("public", "public"), ("unlisted", "unlisted"), ("followers", "private"), ("direct", "direct")]
)
def test_each_visibility_has_its_name(server: FakeMastodon, ours: str, theirs: str) -> None:
    account(server).publish(text("x", visibility=ours), key="k")
    assert server.bodies[0]["visibility"] == theirs


def test_what_a_part_leaves_open_is_left_to_the_server(server: FakeMastodon) -> None:
    account(server).publish(Part("x"), key="k")
    assert server.bodies == [{"status": "x"}]


def test_a_picture_is_uploaded_with_its_words_and_focus(server: FakeMastodon) -> None:
    account(server).publish(with_pictures("Işık"), key="k")
    (media,) = server.media.values()
    assert (media["description"], media["focus"], media["file"][:2]) == (
        "Işık",
        "0.000,-0.500",
        ("picture.png", "image/png"),
    )


@pytest.mark.parametrize(("mime", "name"), [("video/mp4", "video.mp4"), ("video/quicktime", "video.mov")])
def test_a_video_is_uploaded_as_one(server: FakeMastodon, mime: str, name: str) -> None:
    part = with_pictures("Işık")
    film = Upload(b"moving", mime, 1080, 1920, "Işık", "0" * 64, seconds=4.0)
    account(server).publish(replace(part, uploads=(film,)), key="k")
    (media,) = server.media.values()
    assert (media["description"], media["file"]) == ("Işık", (name, mime, b"moving"))


def test_a_video_is_waited_for_longer_than_a_picture(server: FakeMastodon) -> None:
    server.polls_until_ready = 10_000
    waits: list[float] = []
    film = Upload(b"moving", "video/mp4", 1080, 1920, "Işık", "0" * 64, seconds=4.0)
    with pytest.raises(TryLater, match="video"):
        account(server, waits).publish(replace(with_pictures("Işık"), uploads=(film,)), key="k")
    assert waits == list(VIDEO_WAITS)
    assert 300 < sum(waits) < MEDIA_DEADLINE


def test_a_picture_that_takes_time_is_waited_for(server: FakeMastodon) -> None:
    server.polls_until_ready = 3
    waits: list[float] = []
    account(server, waits).publish(with_pictures("Lamp"), key="k")
    assert waits == [1, 1, 2]
    assert server.bodies[0]["media_ids[]"] == ["500"]


def test_a_picture_that_is_never_ready_is_tried_later(server: FakeMastodon) -> None:
    server.polls_until_ready = 10_000
    waits: list[float] = []
    with pytest.raises(TryLater):
        account(server, waits).publish(with_pictures("Lamp"), key="k")
    assert waits == list(MEDIA_WAITS)
    assert server.statuses == []


def replies_to(path: str, server: FakeMastodon, reply: Callable[[httpx.Request], httpx.Response]) -> Handler:
    return lambda request: reply(request) if request.url.path.startswith(path) else server(request)


def lost(request: httpx.Request) -> httpx.Response:
    raise httpx.ReadError("reset", request=request)


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (lost, TryLater),
        (lambda _: httpx.Response(500), TryLater),
        (lambda _: httpx.Response(302, headers={"Location": "https://elsewhere.example/"}), TryLater),
        (lambda _: httpx.Response(200, text="<html>"), TryLater),
        (lambda _: answer(200, {"id": "../secret"}), TryLater),
        (lambda _: answer(200, {"id": 17}), TryLater),
        (lambda _: httpx.Response(401), NotAllowed),
        (lambda _: httpx.Response(413), Rejected),
        (lambda _: answer(422, {"error": "Validation failed"}), Rejected),
        (lambda _: answer(429, {}), TryLater),
    ],
)
def test_nothing_is_visible_when_an_upload_fails(server: FakeMastodon, reply: Handler, expected: type) -> None:
    with pytest.raises(expected):
        account(replies_to("/api/v2/media", server, reply)).publish(with_pictures("Lamp"), key="k")
    assert server.statuses == []


def test_a_picture_that_cannot_be_processed_is_refused(server: FakeMastodon) -> None:
    server.polls_until_ready = 2
    handler = replies_to("/api/v1/media/", server, lambda _: answer(422, {"error": "no"}))
    with pytest.raises(Rejected, match="process"):
        account(handler).publish(with_pictures("Lamp"), key="k")


def test_media_ids_that_look_like_file_names_are_taken(server: FakeMastodon) -> None:
    handler = replies_to("/api/v2/media", server, lambda _: answer(200, {"id": "post-81259abc.png"}))
    bodies: list[Any] = []

    def keep(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/api/v1/statuses":
            bodies.append(parse_qs(request.content.decode()))
            return answer(200, server.add("x"))
        return handler(request)

    account(keep).publish(with_pictures("Lamp"), key="k")
    assert bodies[0]["media_ids[]"] == ["post-81259abc.png"]


def test_a_post_never_goes_out_without_its_pictures(server: FakeMastodon) -> None:
    with pytest.raises(Rejected, match="not made ready"):
        account(server).publish(replace(with_pictures("Lamp"), uploads=()), key="k")
    assert server.requests == []


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"X-RateLimit-Reset": "2026-12-06T09:02:00.123456Z", "Date": DATE}, 120.123456),
        ({"Retry-After": "30", "X-RateLimit-Reset": "2026-12-06T09:02:00Z", "Date": DATE}, 30),
        ({"Retry-After": "Sun, 06 Dec 2026 09:01:00 GMT", "Date": DATE}, 60),
        ({"Retry-After": "0"}, 1),
        ({"Retry-After": "315360000"}, 21600),
        ({"X-RateLimit-Reset": "2036-12-06T09:02:00Z", "Date": DATE}, 21600),
        ({"X-RateLimit-Reset": "2026-12-06T08:00:00Z", "Date": DATE}, 1),
        ({"X-RateLimit-Reset": "2026-12-06T09:02:00Z"}, 300),
        ({"Retry-After": "soon", "X-RateLimit-Reset": "never", "Date": "today"}, 300),
        ({"Retry-After": "-5"}, 300),
        ({}, 300),
    ],
)
def test_the_server_says_how_long_to_wait(server: FakeMastodon, headers: dict[str, str], seconds: float) -> None:
    handler = replies_to("/api/v1/statuses", server, lambda _: httpx.Response(429, headers=headers))
    with pytest.raises(TryLater) as caught:
        account(handler).publish(text(), key="k")
    assert caught.value.after == timedelta(seconds=seconds)
    assert caught.value.code == "429"


# --- Looking ----------------------------------------------------------------------------------------------------------


def test_our_post_is_found_among_others(server: FakeMastodon) -> None:
    server.now = NOW - timedelta(hours=3)
    server.add(TEXT)
    server.now = NOW
    server.add("Something else")
    wanted = server.add(TEXT)
    server.add(TEXT, reblog={"id": "1"})
    server.add(TEXT, in_reply_to_id="77")
    server.add(TEXT, media_attachments=[{"id": "1"}])
    server.add(TEXT, poll={"votes_count": 0})
    server.add(TEXT, spoiler_text="Dikkat")
    found = account(server).find(text(), key="k", since=SINCE)
    assert found is not None
    assert found.id == wanted["id"]


@pytest.mark.parametrize("has_source", [True, False])
@pytest.mark.parametrize(
    "words",
    [
        TEXT,
        "Merhaba @ada@tooot.example, bak: https://example.org/a/very/long/path?x=1&y=2\n\nİkinci paragraf\nsatır",
        "🚲 ❄️",
        "a < b && c > d",
    ],
)
def test_a_post_is_known_by_its_source_or_as_drawn(server: FakeMastodon, words: str, has_source: bool) -> None:
    server.has_source = has_source
    server.add(words + "!" if not has_source and words == "🚲 ❄️" else words + " x")
    wanted = server.add(words)
    found = account(server).find(text(words), key="k", since=SINCE)
    assert found is not None
    assert found.id == wanted["id"]


def test_a_post_of_a_warning_alone_is_found(server: FakeMastodon) -> None:
    wanted = server.add("Dikkat", media_attachments=[{"id": "1"}])
    part = replace(with_pictures("Lamp"), text="", content_warning="Dikkat")
    found = account(server).find(part, key="k", since=SINCE)
    assert found is not None
    assert found.id == wanted["id"]


def test_two_posts_alike_need_a_person(server: FakeMastodon) -> None:
    server.add(TEXT)
    server.add(TEXT)
    with pytest.raises(Unknown, match="2 posts") as caught:
        account(server).find(text(), key="k", since=SINCE)
    assert caught.value.code == "ambiguous"


def test_a_post_is_found_behind_many_pages(server: FakeMastodon) -> None:
    wanted = server.add(TEXT)
    for number in range(90):
        server.add(f"Reply {number}", in_reply_to_id="5")
    found = account(server).find(text(), key="k", since=SINCE)
    assert found is not None
    assert found.id == wanted["id"]


def test_what_was_there_before_is_not_ours(server: FakeMastodon) -> None:
    server.now = SINCE - timedelta(seconds=1)
    server.add(TEXT)
    assert account(server).find(text(), key="k", since=SINCE) is None


def test_a_look_that_cannot_be_complete_proves_nothing(server: FakeMastodon) -> None:
    server.pages = False
    for number in range(60):
        server.add(f"Note {number}")
    with pytest.raises(Unknown, match="newest page"):
        account(server).find(text(), key="k", since=SINCE)


def test_a_timeline_longer_than_we_look_proves_nothing(server: FakeMastodon) -> None:
    for number in range(1001):
        server.add(f"Note {number}")
    with pytest.raises(Unknown, match="1000 posts"):
        account(server).find(text(), key="k", since=SINCE)


@pytest.mark.parametrize(
    "reply",
    [
        lost,
        lambda _: httpx.Response(503),
        lambda _: httpx.Response(401),
        lambda _: httpx.Response(200, text="<html>"),
        lambda _: answer(200, {}),
        lambda _: answer(200, [{"id": "1"}]),
        lambda _: answer(200, [{"id": "../1", "created_at": "2026-12-06T09:00:00Z"}]),
    ],
)
def test_a_timeline_that_cannot_be_read_proves_nothing(server: FakeMastodon, reply: Handler) -> None:
    with pytest.raises(Unknown):
        account(replies_to("/api/v1/accounts/109/", server, reply)).find(text(), key="k", since=SINCE)


@pytest.mark.parametrize(
    "part", [text(visibility="followers"), text(visibility="direct"), text(poll=Poll(("a", "b"), 300))]
)
def test_where_a_post_may_be_hidden_its_absence_proves_nothing(server: FakeMastodon, part: Part) -> None:
    assert account(server).find(part, key="k", since=SINCE) is None
    server.version = "4.0.0 (not true; snac 2.96)"
    with pytest.raises(Unknown, match="may not show"):
        account(server).find(part, key="k", since=SINCE)
    assert account(server).find(text(), key="k", since=SINCE) is None


# --- Numbers and limits -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("has_batches", [True, False])
def test_numbers_are_read_in_batches_or_one_by_one(server: FakeMastodon, has_batches: bool) -> None:
    server.has_batches = has_batches
    receipts = [Receipt(server.add(f"n{number}")["id"], "", "") for number in range(45)]
    server.add("poll", poll={"votes_count": 9}, quotes_count=4, favourites_count=None, replies_count=-1)
    receipts += [Receipt(server.statuses[0]["id"], "", ""), Receipt("77777", "", ""), Receipt("../x", "", "")]
    stats = account(server).measure(receipts)
    assert len(stats) == 45 * 3 + 3
    last = server.statuses[0]["id"]
    assert [stat for stat in stats if stat.receipt == last] == [
        Stat(last, "reposts", 2),
        Stat(last, "quotes", 4),
        Stat(last, "votes", 9),
    ]
    asked = sum(request.url.path.startswith("/api/v1/statuses") for request in server.requests)
    assert asked == (3 if has_batches else 1 + 47)


def test_numbers_that_cannot_be_read_now_are_read_later(server: FakeMastodon) -> None:
    with pytest.raises(TryLater):
        account(replies_to("/api/v1/statuses", server, lambda _: answer(429, {}))).measure([Receipt("1", "", "")])


def test_the_servers_own_limits_are_told(server: FakeMastodon) -> None:
    known = account(server).account()
    assert known.limits == {
        "text": 640,
        "url_length": 23,
        "attachments": 6,
        "alt_text": 1500,
        "image_bytes": 8_000_000,
        "image_pixels": 16_000_000,
        "image_types": ["image/jpeg", "image/png"],
        "video_types": ["video/mp4"],
        "poll_options": 5,
        "poll_option": 60,
        "poll_seconds_minimum": 300,
    }
    assert set(known.limits) <= set(default_limits("mastodon").entries)
    assert (known.handle, known.followers, known.following) == ("@lumenvelo@mastodon.example", 321, 7)
    assert known.profile["note"] == "Bicycles"


def test_an_older_server_tells_its_limit_too(server: FakeMastodon) -> None:
    server.has_instance_2 = False
    assert account(server).account().limits == {"text": 5000}


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("4.4.0", Idempotency.KEY),
        ("4.5.0-beta.1+glitch", Idempotency.KEY),
        ("4.5.0 (compatible; socialops sandbox)", Idempotency.KEY),
        ("2.7.2 (compatible; Pleroma 2.6.0)", Idempotency.READBACK),
        ("4.0.0 (not true; snac 2.96)", Idempotency.READBACK),
        ("0.19.1+git-abcdef", Idempotency.READBACK),
        ("", Idempotency.READBACK),
        (None, Idempotency.READBACK),
    ],
)
def test_only_mastodon_itself_is_trusted_to_know_keys(
    server: FakeMastodon, version: str, expected: Idempotency
) -> None:
    server.version = version
    assert account(server).idempotency is expected


def test_a_server_that_cannot_be_asked_is_not_trusted_and_asked_again() -> None:
    replies = [httpx.Response(503), answer(200, {"version": "4.4.0"})]
    network = account(lambda _: replies.pop(0))
    told = [network.idempotency for _ in range(3)]
    assert told == [Idempotency.READBACK, Idempotency.KEY, Idempotency.KEY]


def test_a_part_is_counted_as_the_server_counts() -> None:
    part = text(
        "@ada@tooot.example https://example.org/" + "x" * 90, content_warning="Uyarı", poll=Poll(("a", "👩‍🚀"), 300)
    )
    counted = {count.what: (count.used, count.limit) for count in counts("mastodon", part, default_limits("mastodon"))}
    assert counted == {"text": (5 + 4 + 1 + 23, 500), "poll_options": (2, 4), "poll_option": (1, 50)}


# --- Where a token goes -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host",
    [
        "http://mastodon.example",
        "mastodon.example",
        "",
        "https://mastodon.example/path",
        "https://user@mastodon.example",
    ],
)
def test_a_token_goes_to_an_encrypted_host_only(host: str) -> None:
    with pytest.raises(CredentialsError):
        Mastodon(Login("mastodon", "x", host, SECRET), Http(transport=httpx.MockTransport(lost)))


@pytest.mark.parametrize("host", ["http://127.0.0.1:8765", "http://localhost:8765/", "https://mastodon.example/"])
def test_this_machine_needs_no_encryption(host: str) -> None:
    Mastodon(Login("mastodon", "x", host, SECRET), Http(transport=httpx.MockTransport(lost)))


@pytest.mark.parametrize("identity", ["../accounts", "1/../2", "", "1?x=2", "1%2f2", "a..b", "-1", "x" * 200])
def test_an_id_that_is_none_never_gets_into_an_address(server: FakeMastodon, identity: str) -> None:
    with pytest.raises(Rejected):
        account(server).delete(Receipt(identity, "", ""))
    assert account(server).measure([Receipt(identity, "", "")]) == []
    assert server.requests == []
