"""What breaks on the wire: each part is there once, or a person is asked, whatever a server, a proxy or a cable does.

The engine, our own adapters and real sockets, with a fault proxy before the practice server. In the quick suite a part
of it; with every part of a thread and everything over a real remote: `make test-nightly`, or
`pytest -m nightly -s tests/publishing/test_network_faults.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from fault_proxy import (
    Act,
    Proxy,
    bandwidth,
    changed,
    cut_request,
    delayed,
    drip,
    gzip_bomb,
    half_packed,
    hang_up,
    huge,
    instead,
    latency,
    limit_data,
    reset,
    silence,
)
from network_stage import (
    BLUESKY,
    KEY,
    NONE,
    QUICK_AND_THOROUGH,
    READBACK,
    WAYS,
    Scenes,
    Way,
    Wire,
    counted,
    doubtful,
    playing,
)
from socialops.networks.base import Idempotency

every_way = pytest.mark.parametrize("way", WAYS, ids=str)


@pytest.fixture(scope="module")
def played(request: pytest.FixtureRequest) -> Iterator[list[int]]:
    yield from counted(request.module.__name__)


@pytest.fixture(params=QUICK_AND_THOROUGH)
def scenes(
    request: pytest.FixtureRequest, tmp_path: Path, caplog: pytest.LogCaptureFixture, played: list[int]
) -> Iterator[Scenes]:
    yield from playing(tmp_path, caplog, request.param, played)


def taken(make: Callable[..., Act], *arguments: Any, **options: Any) -> tuple[Act, bool]:
    return make(*arguments, **options, applied=True), True


def lost(make: Callable[..., Act], *arguments: Any, **options: Any) -> tuple[Act, bool]:
    return make(*arguments, **options, applied=False), False


def in_doubt(wire: Wire, variant: tuple[Act, bool | None], nth: int) -> None:
    act, applied = variant
    doubtful(wire, act, nth, applied=applied)


# --- the connection -------------------------------------------------------------------------------------------------


@every_way
def test_an_answer_that_is_lost_or_cut_is_looked_into(scenes: Scenes, way: Way) -> None:
    variants = {
        "RST, taken": taken(reset),
        "RST, lost": lost(reset),
        "end of file, taken": taken(hang_up),
        "end of file, lost": lost(hang_up),
        "cut in the headers": (limit_data(0), True),
        "cut in the body": (limit_data(0.5), True),
        "cut before the last byte": (limit_data(0.999), True),
    }
    scenes.play(way, variants, in_doubt)


@every_way
def test_a_request_that_breaks_off_is_not_taken_for_unsent(scenes: Scenes, way: Way) -> None:
    variants = {f"after {share:.0%} of the body": (cut_request(share), False) for share in (0.5, 0.0, 0.99)}
    scenes.play(way, variants, in_doubt)


SOONER_OR_LATER: dict[str, tuple[float, Act]] = {
    "after the first look, answered 504": (119, instead(504)),
    "at once, never answered": (0, silence(applied=False)),
    "a second later, broken off": (1, reset(applied=False)),
    "while we wait": (30, silence(applied=False)),
    "as we leave": (60, silence(applied=False)),
    "a minute after we left": (120, silence(applied=False)),
    "half a minute later, answered 504": (30, instead(504)),
    "two minutes later, broken off": (120, reset(applied=False)),
}


@every_way
def test_a_request_that_arrives_later_than_its_answer(scenes: Scenes, way: Way) -> None:
    def play(wire: Wire, variant: tuple[float, Act], nth: int) -> None:
        seconds, then = variant
        doubtful(wire, delayed(seconds, then), nth, applied=None, minutes=2, runs=20)

    variants = dict(SOONER_OR_LATER)
    if way.idempotency is Idempotency.KEY:
        # The same key was sent again long before: it does no harm, however late it comes.
        variants |= {f"{minutes} minutes later": (60 * minutes, instead(504)) for minutes in (11, 20, 50)}
    scenes.play(way, variants, play)


@pytest.mark.parametrize("way", [READBACK], ids=str)
def test_what_arrives_between_two_looks_is_found_by_the_second(scenes: Scenes, way: Way) -> None:
    def play(wire: Wire, seconds: float, nth: int) -> None:
        wire.spoil(delayed(seconds, reset(applied=False)), nth=nth)
        assert wire.run() == ("unknown", 3)
        wire.stage.clock.turn(seconds=seconds - 1)
        assert wire.run() == ("unknown", 3)
        sends = wire.proxy.count("POST", way.send)
        assert wire.until_quiet() == ("confirmed", 0)
        assert wire.proxy.count("POST", way.send) == sends + wire.parts - nth
        wire.judge()

    scenes.play(way, {f"{seconds} seconds later": seconds for seconds in (120, 2, 30)}, play)


@every_way
def test_an_answer_that_only_drips_is_left_at_the_deadline(scenes: Scenes, way: Way) -> None:
    variants = {f"{where}, taken": taken(drip, where) for where in ("header", "status", "body", "chunks")}
    if scenes.thorough:
        variants |= {f"{where}, lost": lost(drip, where) for where in ("header", "status", "body", "chunks")}
    scenes.play(way, variants, in_doubt)


@every_way
def test_a_server_that_never_answers_is_left_at_the_deadline(scenes: Scenes, way: Way) -> None:
    scenes.play(way, {"taken": taken(silence), "lost": lost(silence)}, in_doubt)


@every_way
def test_an_answer_that_is_slow_and_whole_is_good(scenes: Scenes, way: Way) -> None:
    def play(wire: Wire, act: Act, nth: int) -> None:
        wire.spoil(act, nth=nth)
        assert wire.run() == ("confirmed", 0)
        wire.judge()
        wire.stays()

    scenes.play(way, {"after 50 seconds": latency(50), "seven bytes at a time": bandwidth(7)}, play)


# --- the answer -----------------------------------------------------------------------------------------------------


@every_way
def test_a_server_error_says_nothing_sure(scenes: Scenes, way: Way) -> None:
    page = "<html><h1>It is not you, it is us</h1></html>"
    variants = {
        f"{status}, {how}": outcome(instead, status, page)
        for status in (502, 500, 503, 504)
        for how, outcome in (("taken", taken), ("lost", lost))
    }
    # A proxy says it also when the application is slow after it has read the request.
    variants["503 with Retry-After, taken"] = taken(instead, 503, page, headers={"Retry-After": "30"})
    variants["503 with Retry-After, lost"] = lost(instead, 503, page, headers={"Retry-After": "30"})
    variants["408, taken"] = taken(instead, 408)
    variants["425, lost"] = lost(instead, 425)
    scenes.play(way, variants, in_doubt)


def with_values(**values: Any) -> Callable[[Any, str], Any]:
    return lambda answer, _target: {**answer, **values}


@every_way
def test_an_answer_that_is_no_receipt_is_not_believed(scenes: Scenes, way: Way) -> None:
    bodies = {
        "a page": ("<html>Welcome to our hotel</html>", {}),
        "nothing": ("", {}),
        "an empty object": ({}, {}),
        "half a JSON": ('{"id": "1", "url": "https://mastodon.exa', {"Content-Type": "application/json"}),
        "a number": ("17", {"Content-Type": "application/json"}),
        "a list": ("[]", {"Content-Type": "application/json"}),
        "deep": ("[" * 100_000, {"Content-Type": "application/json"}),
        "no UTF-8": (b'{"id": "\xff"}', {"Content-Type": "application/json"}),
        "a scheduled status": ({"id": "1", "scheduled_at": "2026-12-01T06:30:00Z", "params": {}}, {}),
        "an unknown coding": (b"{}", {"Content-Encoding": "br"}),
    }
    variants = {
        f"{name}, {how}": outcome(instead, 200, body, headers=headers)
        for name, (body, headers) in bodies.items()
        for how, outcome in (("taken", taken), ("lost", lost))
    }
    for make in (gzip_bomb, half_packed, huge):
        variants[f"{make.__name__}, taken"] = taken(make)
        variants[f"{make.__name__}, lost"] = lost(make)
    names = ("../../etc/passwd", "1\n2", "", 17, None, "x" * 300)
    if way is BLUESKY:
        strange = [*(with_values(uri=name) for name in names), with_values(cid="../.."), with_values(cid=None)]
        strange.append(lambda answer, _target: {**answer, "uri": answer["uri"][:-1] + "z"})
    else:
        strange = [*(with_values(id=name) for name in names), with_values(created_at="yesterday")]
        strange.append(with_values(url="javascript:alert(1)", uri="nowhere"))
    variants |= {f"strange answer {number}": (changed(change), True) for number, change in enumerate(strange)}
    scenes.play(way, variants, in_doubt)


@every_way
def test_a_receipt_of_another_type_is_a_receipt(scenes: Scenes, way: Way) -> None:
    def play(wire: Wire, act: Act, nth: int) -> None:
        wire.spoil(act, nth=nth)
        assert wire.run() == ("confirmed", 0)
        wire.judge()
        wire.stays()

    types = ("text/html", "application/octet-stream", "nonsense")
    scenes.play(way, {mime: changed(headers={"Content-Type": mime}) for mime in types}, play)


@every_way
def test_a_redirect_is_not_followed_and_the_token_stays_here(scenes: Scenes, way: Way) -> None:
    def play(wire: Wire, variant: tuple[int, bool], nth: int) -> None:
        status, applied = variant
        with Proxy(wire.sandbox.url) as elsewhere:
            to = {"Location": elsewhere.url.replace("127.0.0.1", "localhost") + "/api/v1/statuses"}
            doubtful(wire, instead(status, headers=to, applied=applied), nth, applied=applied)
            assert elsewhere.heads == []

    variants = {str(status): (status, False) for status in (307, 301, 302, 303, 308)} | {"303, taken": (303, True)}
    scenes.play(way, variants, play)


@every_way
def test_a_redirect_of_anything_else_is_not_followed_either(scenes: Scenes, way: Way) -> None:
    def play(wire: Wire, request: tuple[str, str], _nth: int) -> None:
        with Proxy(wire.sandbox.url) as elsewhere:
            to = {"Location": elsewhere.url.replace("127.0.0.1", "localhost") + "/"}
            wire.proxy.on(*request, instead(307, headers=to))
            wire.run()
            assert wire.until_quiet(minutes=16) == ("confirmed", 0)
            wire.judge()
            assert elsewhere.heads == []

    variants = {"media": ("POST", way.media)}
    if way is BLUESKY:
        variants["login"] = ("POST", r"/xrpc/com\.atproto\.server\.createSession")
    elif way is not NONE:
        variants["instance"] = ("GET", "/api/v2/instance")
    scenes.play(way, variants, play, threads=False, picture=True)


# --- "it is there already" ------------------------------------------------------------------------------------------


@every_way
def test_an_answer_that_it_is_there_already_is_looked_into(scenes: Scenes, way: Way) -> None:
    said = {"error": "Duplicate record"}
    variants = {
        f"{status}, {how}": outcome(instead, status, said)
        for status in (422, 403, 409, 500)
        for how, outcome in (("taken", taken), ("lost", lost))
    }
    if way is BLUESKY:
        del variants["403, taken"], variants["403, lost"], variants["422, taken"], variants["422, lost"]
        variants["a key in use, and nothing there"] = lost(instead, 400, {"error": "InvalidSwap"})
    scenes.play(way, variants, in_doubt)


@pytest.mark.parametrize("way", [KEY, BLUESKY], ids=str)
def test_a_refusal_of_the_second_send_is_no_verdict_on_the_first(scenes: Scenes, way: Way) -> None:
    def play(wire: Wire, answer: Act, nth: int) -> None:
        wire.spoil(reset(applied=True), nth=nth)
        assert wire.run() == ("unknown", 3)
        wire.spoil(answer, times=9)
        for _ in range(8):
            wire.stage.clock.turn(minutes=11)
            wire.run()
            if wire.state == "confirmed" or wire.proxy.count("POST", way.send) > nth:
                break
        wire.proxy.calm()
        if wire.state != "confirmed":
            assert wire.until_quiet() == ("confirmed", 0)
        wire.judge()
        wire.stays()

    said = {"error": "InvalidRequest", "message": "Text has already been taken"}
    scenes.play(way, {str(status): instead(status, said) for status in (422, 400, 401, 403, 409, 413, 429, 500)}, play)


@pytest.mark.parametrize("way", [KEY, BLUESKY], ids=str)
def test_a_server_that_says_for_ever_that_it_is_there_is_believed_when_it_shows_it(scenes: Scenes, way: Way) -> None:
    def play(wire: Wire, variant: tuple[Act, bool], _nth: int) -> None:
        act, applied = variant
        wire.spoil(act, times=99)
        assert wire.run()[0] in ("unknown", "confirmed")
        state, code = wire.until_quiet()
        if applied:
            assert (state, code) == ("confirmed", 0)
            wire.judge()
        else:
            assert (state, code) == ("failed", 1)
            assert wire.texts == []
        assert wire.proxy.count("POST", way.send) <= 4
        wire.stays()

    statuses = (500, 409) if way is BLUESKY else (422, 403, 409, 500)
    variants = {
        f"{status}, {how}": outcome(instead, status, {"error": "Duplicate record"})
        for status in statuses
        for how, outcome in (("taken", taken), ("lost", lost))
    }
    if way is BLUESKY:
        variants["a key in use, taken"] = taken(instead, 400, {"error": "InvalidSwap"})
        variants["a key in use, lost"] = lost(instead, 400, {"error": "InvalidSwap"})
    scenes.play(way, variants, play, threads=False)
