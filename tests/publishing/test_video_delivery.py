"""Deliveries to YouTube, TikTok and Threads through the whole engine: the record of the handle, and runs that die."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from networks.stub_threads import StubThreads
from networks.stub_tiktok import FakeTikTok
from networks.stub_youtube import FakeYouTube
from networks.test_threads import LOGIN as THREADS_LOGIN
from networks.test_tiktok import LOGIN as TIKTOK_LOGIN
from networks.test_tiktok import film as tiktok_film
from networks.test_youtube import LOGIN as YOUTUBE_LOGIN
from networks.test_youtube import film as youtube_film
from publishing_stage import Clone, FakeNetwork, Killed, Stage, git, kill_at
from socialops.http import Http
from socialops.networks.base import Idempotency
from socialops.networks.draft import Part, Receipt
from socialops.networks.threads import Threads
from socialops.networks.tiktok import TikTok
from socialops.networks.youtube import YouTube

SECRETS = (YOUTUBE_LOGIN.token, TIKTOK_LOGIN.token, THREADS_LOGIN.token, "upload_token", "upload_id")
Adapter = YouTube | TikTok | Threads
Server = Callable[[httpx.Request], httpx.Response]
LAST_STEPS = ("/youtube/v3/videos", "/video/", "/v1.0/me/threads_publish")


class WithFilm(FakeNetwork):
    """A real adapter for the stage, whose posts have words alone: *dress* gives them their video."""

    def __init__(self, stage: Stage, network: Adapter, dress: Callable[[Part], Part]) -> None:
        super().__init__(stage.place, stage.clock, Idempotency.HANDLE)
        self.name = network.name
        self.network = network
        self.dress = dress

    def dressed(self, part: Part) -> Part:
        return replace(self.dress(part), handle=part.handle)

    def prepare(self, part: Part, *, key: str) -> str:
        return self.network.prepare(self.dressed(part), key=key)

    def publish(self, part: Part, *, key: str) -> Receipt:
        return self.network.publish(self.dressed(part), key=key)

    def find(self, part: Part, *, key: str, since: datetime) -> Receipt | None:
        return self.network.find(self.dressed(part), key=key, since=since)


class Wired:
    """A stage whose channel is on a network of two steps, and how many posts everybody sees there."""

    def __init__(self, folder: Path, network: str) -> None:
        self.stage = Stage(folder)
        self.lose = 0
        self.youtube, self.tiktok, self.threads = FakeYouTube(), FakeTikTok(), StubThreads()
        known: dict[str, tuple[Server, Callable[[Http], Adapter], Callable[[Part], Part]]] = {
            "youtube": (self.youtube, self._youtube, lambda part: youtube_film(part.text)),
            "tiktok": (self.tiktok, self._tiktok, lambda part: tiktok_film(part.text)),
            "threads": (self.threads, self._threads, lambda part: part),
        }
        self.server, self.connect, self.dress = known[network]

    def _youtube(self, http: Http) -> YouTube:
        return YouTube(YOUTUBE_LOGIN, http, wait=lambda _: None)

    def _tiktok(self, http: Http) -> TikTok:
        return TikTok(TIKTOK_LOGIN, http, wait=lambda _: None)

    def _threads(self, http: Http) -> Threads:
        return Threads(THREADS_LOGIN, http, wait=lambda _: None)

    def carry(self, request: httpx.Request) -> httpx.Response:
        self.threads.now = self.stage.clock()
        response = self.server(request)
        if self.lose and request.method in {"PUT", "POST"} and request.url.path in LAST_STEPS:
            self.lose -= 1
            raise httpx.ReadError("reset", request=request)
        return response

    def run(self, clone: Clone, **options: Any) -> int:
        """Run the engine once, as a process of its own; return its exit code."""
        adapter = self.connect(Http(transport=httpx.MockTransport(self.carry)))
        self.stage.networks["mastodon"] = WithFilm(self.stage, adapter, self.dress)
        return clone.publish(**options).exit_code

    def until_settled(self, clone: Clone) -> None:
        for _ in range(6):
            self.stage.clock.turn(minutes=16)
            self.run(clone)

    @property
    def visible(self) -> int:
        return len(self.youtube.public()) + len(self.tiktok.posts) + len(self.threads.posts)


@pytest.fixture(params=["youtube", "tiktok", "threads"])
def wired(request: pytest.FixtureRequest, tmp_path: Path) -> Wired:
    return Wired(tmp_path, request.param)


def test_what_is_due_is_published_once_and_its_record_holds_no_secret(wired: Wired) -> None:
    clone = wired.stage.begin()
    assert wired.run(clone) == 0
    wired.until_settled(clone)
    assert (clone.state(), wired.visible) == ("confirmed", 1)
    kept = git(wired.stage.remote, "log", "-p", "--all")
    assert '"handle"' in kept
    assert [secret for secret in SECRETS if secret in kept + "".join(wired.stage.said)] == []


def test_a_lost_answer_to_the_last_step_leaves_one(wired: Wired) -> None:
    wired.lose = 1
    clone = wired.stage.begin()
    wired.run(clone)
    assert clone.state() == "unknown"
    wired.until_settled(clone)
    assert (clone.state(), wired.visible) == ("confirmed", 1)


@pytest.mark.parametrize("step", ["before-send", "after-send", "before-outcome-commit", "after-outcome-commit"])
def test_a_run_that_dies_leaves_one(wired: Wired, step: str) -> None:
    first = wired.stage.begin()
    with contextlib.suppress(Killed):
        wired.run(first, at=kill_at(step))
    fresh = wired.stage.clone("fresh")
    wired.until_settled(fresh)
    assert (fresh.state(), wired.visible) == ("confirmed", 1)
