"""A delivery to Matrix through the whole engine: the key while it lives, then the room, and a thread in order."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from networks.stub_matrix import ALIAS, US, FakeMatrix
from publishing_stage import Killed, Stage, a_channel, a_post, kill_at
from socialops.http import Http
from socialops.networks.base import Login
from socialops.networks.matrix import Matrix
from socialops.publishing.machine import receipts_of

SECRET = "syt_bHVtZW4_kWq3vXsPzT_1a2B3c"
Fault = Callable[[httpx.Request, Callable[[], httpx.Response]], httpx.Response]


class Wired:
    """A stage whose channel is a room; *faults* are what happens to the next messages."""

    def __init__(self, folder: Path, *texts: str) -> None:
        self.stage = Stage(folder)
        self.server = FakeMatrix(SECRET)
        self.faults: list[Fault] = []
        self.sends = 0
        login = Login("mastodon", US, "https://matrix.example", SECRET, settings={"room": ALIAS})
        network = Matrix(login, Http(transport=httpx.MockTransport(self.carry)))
        self.stage.channels = [a_channel(network="matrix", handle=US, host="https://matrix.example")]
        self.stage.posts = [a_post(parts=texts or ("Text of launch.",))]
        self.stage.networks["mastodon"] = network  # type: ignore[assignment]  # the stage asks for fakes

    def carry(self, request: httpx.Request) -> httpx.Response:
        if request.method != "PUT" or "/send/" not in request.url.path:
            return self.server(request)
        self.sends += 1
        fault = self.faults.pop(0) if self.faults else None
        return fault(request, lambda: self.server(request)) if fault else self.server(request)

    @property
    def texts(self) -> list[str]:
        return [event["content"]["body"] for event in self.server.messages()]


def goes_well(_request: httpx.Request, deliver: Callable[[], httpx.Response]) -> httpx.Response:
    return deliver()


def answer_is_lost(request: httpx.Request, deliver: Callable[[], httpx.Response]) -> httpx.Response:
    deliver()
    raise httpx.ReadError("reset", request=request)


def request_is_lost(request: httpx.Request, _deliver: Callable[[], httpx.Response]) -> httpx.Response:
    raise httpx.WriteError("reset", request=request)


def too_fast(_request: httpx.Request, _deliver: Callable[[], httpx.Response]) -> httpx.Response:
    return httpx.Response(429, json={"errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": 90_000})


@pytest.mark.parametrize(("fault", "sends"), [(answer_is_lost, 1), (request_is_lost, 2)])
def test_what_is_lost_is_settled_soon(tmp_path: Path, fault: Fault, sends: int) -> None:
    wired = Wired(tmp_path)
    wired.faults = [fault]
    clone = wired.stage.begin()
    clone.publish()
    assert clone.state() == "unknown"
    for _ in range(4):
        wired.stage.clock.turn(minutes=16)
        clone.publish()
    assert (clone.state(), wired.texts, wired.sends) == ("confirmed", ["Text of launch."], sends)


@pytest.mark.parametrize(("fault", "sends"), [(answer_is_lost, 1), (request_is_lost, 2)])
def test_the_room_settles_it_when_the_key_is_old(tmp_path: Path, fault: Fault, sends: int) -> None:
    wired = Wired(tmp_path)
    wired.faults = [fault]
    clone = wired.stage.begin()
    clone.publish()
    # By now the server has forgotten its transactions, and somebody has logged in anew.
    wired.server.transactions.clear()
    wired.server.device = "NEWDEVICE"
    for _ in range(6):
        wired.stage.clock.turn(minutes=16)
        clone.publish()
    assert (clone.state(), wired.texts, wired.sends) == ("confirmed", ["Text of launch."], sends)
    assert wired.server.asked("GET", "/messages") >= 1


def test_a_thread_goes_on_where_it_stopped(tmp_path: Path) -> None:
    wired = Wired(tmp_path, "One", "Two", "Three")
    wired.faults = [goes_well, too_fast]
    clone = wired.stage.begin()
    clone.publish()
    assert wired.texts == ["One"]
    for _ in range(4):
        wired.stage.clock.turn(minutes=2)
        clone.publish()
    assert (clone.state(), wired.texts) == ("confirmed", ["One", "Two", "Three"])
    first, second, third = receipts_of(clone.delivery())
    hung = [event["content"].get("m.relates_to", {}) for event in wired.server.messages()]
    assert [relation.get("event_id") for relation in hung] == [None, first.id, first.id]
    assert [relation.get("m.in_reply_to", {}).get("event_id") for relation in hung] == [None, first.id, second.id]
    assert third.extra == {"room": first.extra["room"]}


@pytest.mark.parametrize("step", ["before-send", "after-send", "before-outcome-commit", "after-outcome-commit"])
def test_a_run_that_dies_leaves_one_message(tmp_path: Path, step: str) -> None:
    wired = Wired(tmp_path)
    first = wired.stage.begin()
    with contextlib.suppress(Killed):
        first.publish(at=kill_at(step, 1))
    fresh = wired.stage.clone("fresh")
    for _ in range(8):
        wired.stage.clock.turn(minutes=16)
        fresh.publish()
    assert (fresh.state(), wired.texts) == ("confirmed", ["Text of launch."])
