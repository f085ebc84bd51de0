"""A delivery to LinkedIn through the whole engine: what is lost is read back, and a member's is for a person."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from networks.linkedin_stage import MEMBER_LOGIN, PAGE_LOGIN, lost
from networks.stub_linkedin import StubLinkedIn
from publishing_stage import Killed, Stage, kill_at
from socialops.http import Http
from socialops.networks.base import Login
from socialops.networks.linkedin import LinkedIn

Fault = Callable[[httpx.Request, Callable[[], httpx.Response]], httpx.Response]


class Wired:
    """A stage whose channel is an account on LinkedIn; *fault* is what happens to the next post."""

    def __init__(self, folder: Path, login: Login) -> None:
        self.stage = Stage(folder)
        self.server = StubLinkedIn()
        self.fault: Fault | None = None
        self.login = login
        self.stage.networks["mastodon"] = self.connected()  # type: ignore[assignment]  # the stage asks for fakes

    def connected(self) -> LinkedIn:
        return LinkedIn(self.login, Http(transport=httpx.MockTransport(self.carry)), wait=lambda _: None)

    def carry(self, request: httpx.Request) -> httpx.Response:
        self.server.now = self.stage.clock()
        if (request.method, request.url.path) != ("POST", "/rest/posts"):
            return self.server(request)
        fault, self.fault = self.fault, None
        return fault(request, lambda: self.server(request)) if fault else self.server(request)

    @property
    def texts(self) -> list[str]:
        return [post["_"]["shown"] for post in self.server.posts.values()]


def answer_is_lost(request: httpx.Request, deliver: Callable[[], httpx.Response]) -> httpx.Response:
    deliver()
    return lost(request)


def request_is_lost(request: httpx.Request, _deliver: Callable[[], httpx.Response]) -> httpx.Response:
    return lost(request)


@pytest.mark.parametrize("login", [PAGE_LOGIN, MEMBER_LOGIN])
def test_what_is_due_is_published_once(tmp_path: Path, login: Login) -> None:
    wired = Wired(tmp_path, login)
    clone = wired.stage.begin()
    assert clone.publish().exit_code == 0
    clone.publish()
    assert (clone.state(), wired.texts) == ("confirmed", ["Text of launch."])


@pytest.mark.parametrize("fault", [answer_is_lost, request_is_lost])
def test_a_page_ends_with_one_post_whatever_is_lost(tmp_path: Path, fault: Fault) -> None:
    wired = Wired(tmp_path, PAGE_LOGIN)
    wired.fault = fault
    clone = wired.stage.begin()
    clone.publish()
    assert clone.state() == "unknown"
    for _ in range(6):
        wired.stage.clock.turn(minutes=16)
        clone.publish()
    assert (clone.state(), wired.texts) == ("confirmed", ["Text of launch."])


@pytest.mark.parametrize("fault", [answer_is_lost, request_is_lost])
def test_a_member_is_asked_to_look_whatever_is_lost(tmp_path: Path, fault: Fault) -> None:
    wired = Wired(tmp_path, MEMBER_LOGIN)
    wired.fault = fault
    clone = wired.stage.begin()
    clone.publish()
    for _ in range(6):
        wired.stage.clock.turn(minutes=16)
        clone.publish()
    assert clone.state() == "attention"
    assert len(wired.texts) == (fault is answer_is_lost)


@pytest.mark.parametrize("step", ["before-send", "after-send", "before-outcome-commit", "after-outcome-commit"])
def test_a_run_that_dies_leaves_one_post_on_the_page(tmp_path: Path, step: str) -> None:
    wired = Wired(tmp_path, PAGE_LOGIN)
    first = wired.stage.begin()
    with contextlib.suppress(Killed):
        first.publish(at=kill_at(step, 1))
    fresh = wired.stage.clone("fresh")
    for _ in range(8):
        wired.stage.clock.turn(minutes=16)
        fresh.publish()
    assert (fresh.state(), wired.texts) == ("confirmed", ["Text of launch."])
