"""What a network refuses, puts off or shows late: waited for, given up with its reason, or found; never sent twice.

Beside test_network_faults.py, and on the same stage: the engine, our own adapters, real sockets, a fault proxy before
the practice server. With every part of a thread and over a real remote: `make test-nightly`, or
`pytest -m nightly -s tests/publishing/test_network_refusals.py`.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from datetime import timedelta
from email.utils import format_datetime
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from fault_proxy import Act, changed, cut_request, drip, hang_up, instead, limit_data, reset, silence, then_refused
from network_stage import (
    BLUESKY,
    BY_HAND,
    KEY,
    NONE,
    QUICK_AND_THOROUGH,
    READBACK,
    TEXTS,
    WAYS,
    Scenes,
    Way,
    Wire,
    counted,
    doubtful,
    playing,
)
from publishing_stage import DUE
from socialops.networks.base import Idempotency

every_way = pytest.mark.parametrize("way", WAYS, ids=str)
LOGIN = r"/xrpc/com\.atproto\.server\.createSession"


@pytest.fixture(scope="module")
def played(request: pytest.FixtureRequest) -> Iterator[list[int]]:
    yield from counted(request.module.__name__)


@pytest.fixture(params=QUICK_AND_THOROUGH)
def scenes(
    request: pytest.FixtureRequest, tmp_path: Path, caplog: pytest.LogCaptureFixture, played: list[int]
) -> Iterator[Scenes]:
    yield from playing(tmp_path, caplog, request.param, played)


# --- not reached ----------------------------------------------------------------------------------------------------


def refused(wire: Wire) -> None:
    wire.proxy.close_door()


def refused_at_the_last_moment(wire: Wire) -> None:
    # Who is asked before the send still answers; the send itself meets a closed door.
    if wire.way is not NONE:
        wire.proxy.on(*(("POST", LOGIN) if wire.way is BLUESKY else ("GET", "/api/v2/instance")), then_refused)
    else:
        wire.proxy.close_door()


def unknown_host(wire: Wire) -> None:
    wire.host = "https://nowhere.example"


def no_encryption(wire: Wire) -> None:
    wire.host = wire.proxy.url.replace("http:", "https:")
    wire.proxy.greeting = b"HTTP/1.1 400 Bad Request\r\n\r\nThe plain HTTP request was sent to HTTPS port"


def endless_handshake(wire: Wire) -> None:
    wire.host = wire.proxy.url.replace("http:", "https:")
    wire.proxy.greeting = b""
    wire.patient = False


UNREACHABLE = {
    function.__name__: function
    for function in (refused, refused_at_the_last_moment, unknown_host, no_encryption, endless_handshake)
}


def mend(wire: Wire) -> None:
    wire.host, wire.proxy.greeting, wire.patient = wire.proxy.url, None, True
    wire.proxy.calm()
    wire.proxy.close_door()
    wire.proxy.open_door()


@pytest.fixture
def no_such_host(monkeypatch: pytest.MonkeyPatch) -> None:
    ask = socket.getaddrinfo

    def answer(host: Any, *arguments: Any, **options: Any) -> Any:
        if host == "nowhere.example":
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return ask(host, *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", answer)


@every_way
@pytest.mark.usefixtures("no_such_host")
def test_a_network_that_cannot_be_reached_is_tried_four_times_ever_later(scenes: Scenes, way: Way) -> None:
    def play(wire: Wire, spoil: Callable[[Wire], None], _nth: int) -> None:
        spoil(wire)
        wire.proxy.faults += 1
        for attempt in range(1, 4):
            assert wire.run() == ("deferred", 0)
            wait = wire.waits()
            assert timedelta(minutes=2 ** (attempt - 1)) <= wait <= timedelta(minutes=10)
            before = wire.clone.delivery(channel=way.network)
            wire.stage.clock.turn(seconds=wait.total_seconds() - 1)
            assert wire.run() == ("deferred", 0)
            assert wire.clone.delivery(channel=way.network) == before
            wire.stage.clock.turn(seconds=1)
        assert wire.run() == ("failed", 1)
        mend(wire)
        wire.judge(state="failed", there=0)
        wire.stays()

    scenes.play(way, UNREACHABLE, play, threads=False)


@every_way
@pytest.mark.usefixtures("no_such_host")
def test_a_network_that_can_be_reached_again_gets_its_posts(scenes: Scenes, way: Way) -> None:
    def play(wire: Wire, spoil: Callable[[Wire], None], nth: int) -> None:
        spoil(wire)
        wire.proxy.faults += 1
        for _ in range(nth):
            assert wire.run() == ("deferred", 0)
            wire.stage.clock.turn(minutes=16)
        mend(wire)
        assert wire.until_quiet() == ("confirmed", 0)
        wire.judge()
        wire.stays()

    scenes.play(way, UNREACHABLE, play)


@every_way
def test_what_breaks_before_the_send_only_puts_it_off(scenes: Scenes, way: Way) -> None:
    before = [("POST", way.media)] + ([("POST", LOGIN)] if way is BLUESKY else [])
    acts = {
        "RST": reset(applied=True),
        "502": instead(502),
        "a page": instead(200, "<html>"),
        "an empty object": instead(200, {}),
        "cut": limit_data(0.5),
        "in the middle": cut_request(0.5),
        "end of file": hang_up(applied=False),
        "429": instead(429, headers={"Retry-After": "60"}),
        "never": silence(applied=True),
        "drip": drip("body", applied=True),
    }

    def play(wire: Wire, variant: tuple[tuple[str, str], Act], _nth: int) -> None:
        request, act = variant
        wire.proxy.on(*request, act)
        wire.patient = False
        assert wire.run() == ("deferred", 0)
        wire.patient = True
        assert wire.proxy.count("POST", way.send) == 0
        assert wire.until_quiet() == ("confirmed", 0)
        assert [pictures for *_, pictures in wire.held()] == [1]
        wire.judge()
        wire.stays()

    variants = {f"{name}, {path}": ((verb, path), act) for verb, path in before for name, act in acts.items()}
    scenes.play(way, variants, play, threads=False, picture=True)


@pytest.mark.parametrize("way", [KEY, READBACK], ids=str)
def test_a_server_that_will_not_say_what_it_is_is_read_back(scenes: Scenes, way: Way) -> None:
    def play(wire: Wire, act: Act, nth: int) -> None:
        wire.proxy.on("GET", r"/api/v[12]/instance", act, times=2)
        doubtful(wire, reset(applied=True), nth, applied=True)

    acts = {"500": instead(500), "a page": instead(200, "<html>"), "RST": reset(applied=False), "drip": instead(404)}
    scenes.play(way, acts, play)


# --- asked to wait --------------------------------------------------------------------------------------------------

ASKED: dict[str, tuple[dict[str, str], float, float]] = {
    "two minutes": ({"Retry-After": "120"}, 120, 120),
    "a date": ({"Retry-After": format_datetime(DUE + timedelta(minutes=10), usegmt=True)}, 600, 600),
    "ten years": ({"Retry-After": "315360000"}, 6 * 3600, 6 * 3600),
    "a date in ten years": ({"Retry-After": "Fri, 01 Dec 2036 06:30:00 GMT"}, 6 * 3600, 6 * 3600),
    "garbage": ({"Retry-After": "soon, I promise"}, 60, 600),
    "negative": ({"Retry-After": "-5"}, 60, 600),
    "a date gone by": ({"Retry-After": "Tue, 01 Dec 2020 06:30:00 GMT"}, 60, 60),
    "nothing": ({}, 60, 600),
    "zero": ({"Retry-After": "0"}, 60, 60),
    "more digits than fit": ({"Retry-After": "9" * 400}, 6 * 3600, 6 * 3600),
    "other digits": ({"Retry-After": "\u0661\u0662".encode().decode("latin-1")}, 60, 600),
    "not a number": ({"Retry-After": "NaN"}, 60, 600),
    "a reset time": ({"X-RateLimit-Reset": "2026-12-01T06:50:00.000000Z"}, 1200, 1200),
    "a broken reset time": ({"X-RateLimit-Reset": "9999-99-99T00:00:00Z"}, 60, 600),
    "the end of time": ({"RateLimit-Reset": "99999999999.999"}, 6 * 3600, 6 * 3600),
}


@every_way
def test_who_asks_us_to_wait_is_waited_for_within_reason(scenes: Scenes, way: Way) -> None:
    def play(wire: Wire, variant: tuple[dict[str, str], float, float], nth: int) -> None:
        headers, least, most = variant
        date = {"Date": format_datetime(DUE, usegmt=True)}
        wire.spoil(instead(429, {"error": "Too many requests"}, headers=date | headers), nth=nth)
        assert wire.run() == ("deferred", 0)
        assert timedelta(seconds=least) <= wire.waits() <= timedelta(seconds=most)
        assert wire.texts == list(TEXTS[: nth - 1])
        sends = wire.proxy.count("POST", way.send)
        wire.stage.clock.turn(seconds=wire.waits().total_seconds() - 1)
        assert wire.run() == ("deferred", 0)
        assert wire.proxy.count("POST", way.send) == sends
        wire.stage.clock.turn(seconds=1)
        assert wire.run() == ("confirmed", 0)
        wire.judge()
        wire.stays()

    scenes.play(way, ASKED, play)


# --- refused --------------------------------------------------------------------------------------------------------


@every_way
def test_refused_credentials_stop_one_channel_for_this_run(scenes: Scenes, way: Way) -> None:
    def play(wire: Wire, variant: tuple[str, Act], nth: int) -> None:
        path, act = variant
        wire.stage.posts.append(wire.post("second"))
        wire.proxy.on("POST", path, act, nth=1 if path == LOGIN else nth, times=99)
        wire.run()
        assert wire.proxy.count("POST", path) == (nth if path == way.send else 1)
        state, code, there = ("failed", 1, 0) if nth == 1 else ("attention", 3, nth - 1)
        assert (wire.state, wire.codes[-1]) == (state, code)
        assert "credentials" in wire.words or "1 of 3" in wire.words
        assert wire.stage.places["quiet"].texts == [*TEXTS[: wire.parts], "Text of second."]
        assert wire.clone.state("second", way.network) == "deferred"
        wire.proxy.calm()
        for _ in range(4):
            wire.stage.clock.turn(minutes=35)
            wire.run()
        assert wire.clone.state("second", way.network) == "confirmed"
        assert sorted(wire.texts) == sorted([*TEXTS[:there], "Text of second."])
        assert wire.state == state

    if way is BLUESKY:
        variants = {
            "401": (way.send, instead(401, {"error": "AuthenticationRequired"})),
            "403": (way.send, instead(403, {"error": "AccountTakedown"})),
            "an invalid token": (way.send, instead(400, {"error": "InvalidToken"})),
        }
        scenes.play(way, {"login": (LOGIN, instead(401, {"error": "AuthenticationRequired"}))}, play, threads=False)
    else:
        variants = {
            "401": (way.send, instead(401, {"error": "The access token is invalid"})),
            "403": (way.send, instead(403, {"error": "This action is outside the authorized scopes"})),
            "a page": (way.send, instead(403, "<html>Who are you?</html>")),
        }
    scenes.play(way, variants, play)


@pytest.mark.parametrize("way", [BLUESKY], ids=str)
def test_a_token_that_has_expired_is_renewed_and_the_post_sent_once(scenes: Scenes, way: Way) -> None:
    def play(wire: Wire, act: Act, nth: int) -> None:
        wire.spoil(act, nth=nth)
        assert wire.run() == ("confirmed", 0)
        wire.judge()
        wire.stays()

    said = {"error": "ExpiredToken"}
    scenes.play(
        way, {"400": instead(400, said), "401": instead(401, said), "taken": instead(400, said, applied=True)}, play
    )


@every_way
def test_a_refused_post_has_failed_and_is_never_sent_again(scenes: Scenes, way: Way) -> None:
    def play(wire: Wire, act: Act, nth: int) -> None:
        wire.spoil(act, nth=nth, times=99)
        assert wire.run() == (("failed", 1) if nth == 1 else ("attention", 3))
        assert "refuses the post" in wire.words
        sends = wire.proxy.count("POST", way.send)
        assert sends == nth
        wire.proxy.calm()
        wire.until_quiet(runs=2)
        wire.stays()
        assert wire.proxy.count("POST", way.send) == sends
        wire.judge(state="failed" if nth == 1 else "attention", there=nth - 1)

    said = {"error": "Validation failed: Text character limit of 10 exceeded"}
    if way is BLUESKY:
        said = {"error": "InvalidRequest", "message": "Record/text must not be longer than 10 graphemes"}
    scenes.play(way, {str(status): instead(status, said) for status in (422, 413, 400, 404, 410, 451)}, play)


# --- pictures -------------------------------------------------------------------------------------------------------


@every_way
def test_a_picture_is_shown_once_though_the_send_after_its_upload_is_lost(scenes: Scenes, way: Way) -> None:
    def play(wire: Wire, variant: tuple[Act, bool], nth: int) -> None:
        act, applied = variant
        doubtful(wire, act, nth, applied=applied)
        held = wire.held()
        assert [pictures for *_, pictures in held] == [1] * len(held)
        # Each send has its own upload, and what is only looked for has none.
        again = way.idempotency is Idempotency.KEY or (way is READBACK and not applied)
        assert wire.proxy.count("POST", way.media) == 1 + again

    variants = {
        f"{make.__name__}, {'taken' if applied else 'lost'}": (make(applied=applied), applied)
        for make in (reset, hang_up, silence)
        for applied in (True, False)
    }
    scenes.play(way, variants | {"504": (instead(504, applied=True), True)}, play, threads=False, picture=True)


@pytest.mark.parametrize("way", [KEY, READBACK, NONE], ids=str)
def test_a_picture_that_is_never_ready_puts_the_post_off(scenes: Scenes, way: Way) -> None:
    def play(wire: Wire, mended_after: int, _nth: int) -> None:
        wire.proxy.on("POST", way.media, changed(status=202), times=99)
        wire.proxy.on("GET", r"/api/v1/media/\d+", changed(status=206), times=9999)
        for attempt in range(1, 5):
            begun = wire.stage.clock()
            state, code = wire.run()
            assert wire.stage.clock() - begun < timedelta(minutes=2), "one picture must not hold the whole run"
            assert (state, code) == (("deferred", 0) if attempt < 4 else ("failed", 1))
            assert wire.stage.places["quiet"].texts == list(TEXTS[:1])
            if attempt == mended_after:
                wire.proxy.calm()
                assert wire.until_quiet() == ("confirmed", 0)
                assert [pictures for *_, pictures in wire.held()] == [1]
                break
            wire.stage.clock.turn(minutes=16)
        mended = mended_after <= 4
        wire.judge(state="confirmed" if mended else "failed", there=int(mended))
        assert wire.proxy.count("POST", way.send) == mended
        wire.stays()

    scenes.play(way, {"ready later": 2, "never ready": 99}, play, threads=False, picture=True)


# --- looking --------------------------------------------------------------------------------------------------------

TIMELINE = r"/api/v1/accounts/\d+/statuses"


def unknown_for(wire: Wire, nth: int, *, applied: bool = True) -> None:
    """Lose an answer; where the server knows keys, let the key die, so that only looking is left."""
    wire.spoil(reset(applied=applied), nth=nth)
    assert wire.run() == ("unknown", 3)
    if wire.way is KEY:
        wire.stage.clock.turn(minutes=61)


@pytest.mark.parametrize("way", [KEY, READBACK], ids=str)
def test_a_timeline_that_leaves_the_post_out_for_a_minute(scenes: Scenes, way: Way) -> None:
    def play(wire: Wire, seconds: int, nth: int) -> None:
        unknown_for(wire, nth)
        begun = wire.stage.clock()

        def without_the_newest(page: Any, _target: str) -> Any:
            late = wire.stage.clock() < begun + timedelta(seconds=60)
            return [status for status in page if TEXTS[nth - 1] not in unescape(status["content"])] if late else page

        wire.proxy.on("GET", TIMELINE, changed(without_the_newest), times=99)
        wire.stage.clock.turn(seconds=seconds)
        assert wire.run() == (("unknown", 3) if seconds < 60 else ("confirmed", 0))
        wire.until_quiet(minutes=5)
        assert (wire.state, wire.codes[-1]) == ("confirmed", 0)
        wire.judge()
        wire.stays()

    scenes.play(way, {f"looked for after {seconds} s": seconds for seconds in (5, 59, 0, 61)}, play)


def copy_of(status: Any, **changes: Any) -> Any:
    return {**status, **changes}


def boosted(page: Any, _target: str) -> Any:
    """Show each status as boosted by ourselves, too."""
    boosts = [copy_of(status, id=f"{int(status['id']) + 1}b", reblog=status) for status in page]
    return [shown for pair in zip(boosts, page, strict=True) for shown in pair]


def pinned_old(page: Any, target: str) -> Any:
    """Show a status of last year on top, with the same text."""
    if not page or "max_id" in target:
        return page
    return [copy_of(page[-1], id="7", created_at="2025-12-01T06:30:00.000Z", pinned=True), *page]


def pinned_new(page: Any, target: str) -> Any:
    """Show what says the same as we twice: pinned on top, and in its place."""
    if "max_id" in target:
        return page
    return [*(status for status in page if BY_HAND not in status["content"]), *page]


def pinned_everywhere(page: Any, _target: str) -> Any:
    """Show a status of last year on top of every page, until the last."""
    return pinned_old(page, "")


@pytest.mark.parametrize("way", [KEY, READBACK], ids=str)
@pytest.mark.parametrize("since", [5, 95], ids=["one page since", "three pages since"])
def test_a_post_is_found_behind_pages_boosts_and_pinned_copies(scenes: Scenes, way: Way, since: int) -> None:
    def play(wire: Wire, change: Callable[[Any, str], Any], nth: int) -> None:
        wire.by_hand(f"{BY_HAND}, before")
        unknown_for(wire, nth)
        for number in range(since):
            wire.by_hand(f"{BY_HAND} {number}")
        wire.proxy.on("GET", TIMELINE, changed(change), times=99)
        wire.stage.clock.turn(minutes=11)
        assert wire.run() == ("confirmed", 0)
        wire.judge()
        wire.stays()

    changes = (pinned_old, boosted, pinned_new, pinned_everywhere)
    scenes.play(way, {change.__name__: change for change in changes}, play)


@every_way
def test_the_same_words_by_hand_in_the_same_minute_are_for_a_person(scenes: Scenes, way: Way) -> None:
    def play(wire: Wire, when: str, _nth: int) -> None:
        if when == "before":
            wire.by_hand(TEXTS[0])
        wire.spoil(reset(applied=True))
        wire.run()
        if when == "after":
            wire.by_hand(TEXTS[0])
        if when == "the key has died":
            wire.by_hand(TEXTS[0])
            wire.stage.clock.turn(minutes=61)
        wire.until_quiet()
        if way is BLUESKY or (way is KEY and when != "the key has died"):
            # The key tells ours from theirs.
            assert (wire.state, wire.codes[-1]) == ("confirmed", 0)
        else:
            assert (wire.state, wire.codes[-1]) == ("attention", 3)
        wire.stays()
        assert wire.texts == [TEXTS[0]] * 2
        assert wire.proxy.count("POST", way.send) <= 2

    scenes.play(way, {when: when for when in ("after", "before", "the key has died")}, play, threads=False)
