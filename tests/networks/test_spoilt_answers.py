"""YouTube, TikTok and Threads with every place of every answer spoilt, one at a time: never more than our errors."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import httpx
import pytest

from networks.contract import SINCE, text
from networks.stub_youtube import PLAYLIST, FakeYouTube
from networks.test_threads import LOGIN as THREADS_LOGIN
from networks.test_threads import Profile
from networks.test_tiktok import LOGIN as TIKTOK_LOGIN
from networks.test_tiktok import Account, photos
from networks.test_tiktok import film as tiktok_film
from networks.test_youtube import LOGIN as YOUTUBE_LOGIN
from networks.test_youtube import film as youtube_film
from socialops.errors import NetworkError
from socialops.http import Http
from socialops.networks.base import CanDelete
from socialops.networks.draft import Part, Receipt
from socialops.networks.threads import Threads
from socialops.networks.tiktok import TikTok
from socialops.networks.youtube import YouTube

KEY = "0123abcd" * 8
SPOILT: tuple[Any, ...] = (None, [None], {"id": {}}, "", "../x", "<script>", -1, 10**30)
Adapter = YouTube | TikTok | Threads
Server = Callable[[httpx.Request], httpx.Response]


def youtube() -> tuple[Part, Server, Callable[[Http], Adapter]]:
    part = youtube_film(options={"playlist": PLAYLIST})
    return part, FakeYouTube(), lambda http: YouTube(YOUTUBE_LOGIN, http, wait=lambda _: None)


def tiktok() -> tuple[Part, Server, Callable[[Http], Adapter]]:
    return tiktok_film(), Account().server, lambda http: TikTok(TIKTOK_LOGIN, http, wait=lambda _: None)


def tiktok_photos() -> tuple[Part, Server, Callable[[Http], Adapter]]:
    return photos(), Account().server, lambda http: TikTok(TIKTOK_LOGIN, http, wait=lambda _: None)


def threads() -> tuple[Part, Server, Callable[[Http], Adapter]]:
    return text(), Profile().server, lambda http: Threads(THREADS_LOGIN, http, wait=lambda _: None)


CASES = {"youtube": youtube, "tiktok": tiktok, "tiktok photos": tiktok_photos, "threads": threads}


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Give the path of every place in a JSON value, its root included."""
    yield path
    for key, item in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from places(item, (*path, key))


def spoil(value: Any, path: Sequence[Any], new: Any) -> Any:
    if not path:
        return new
    changed = value.copy()
    changed[path[0]] = spoil(value[path[0]], path[1:], new)
    return changed


class Spoiler:
    """A wire on which one place of one answer is another value."""

    def __init__(self, server: Server, nth: int, path: Sequence[Any], new: Any) -> None:
        self.server, self.nth, self.path, self.new = server, nth, path, new
        self.answers: list[Any] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        response = self.server(request)
        try:
            value = json.loads(response.content)
        except ValueError:
            value = None
        self.answers.append(value)
        if len(self.answers) - 1 != self.nth or value is None:
            return response
        content = json.dumps(spoil(value, self.path, self.new)).encode()
        return httpx.Response(response.status_code, headers={"Date": response.headers["Date"]}, content=content)


def live(part: Part, network: Adapter, fresh: Adapter) -> None:
    """Do with a network all that is ever done; what it refuses, it must refuse in our words."""
    receipt = Receipt("7457000000000000000", "", "")
    steps: list[Callable[[Part], Any]] = [
        lambda p: network.publish(p, key=KEY),
        lambda p: fresh.find(replace(p, uploads=()), key=KEY, since=SINCE),
        lambda p: fresh.prepare(p, key=KEY),
        lambda _: list(fresh.measure([receipt])),
        lambda _: fresh.account(),
        lambda _: fresh.delete(receipt) if isinstance(fresh, CanDelete) else None,
    ]
    try:
        part = replace(part, handle=network.prepare(part, key=KEY))
    except NetworkError:
        return
    for step in steps:
        try:
            done, said = step(part), ""
        except NetworkError as error:
            done, said = None, str(error)
        if isinstance(done, Receipt):
            receipt, said = done, done.id + done.url
        assert "script" not in said
        assert "../" not in said


def run(name: str, nth: int, path: Sequence[Any], new: Any) -> Spoiler:
    part, server, connect = CASES[name]()
    spoiler = Spoiler(server, nth, path, new)
    http = Http(transport=httpx.MockTransport(spoiler))
    live(part, connect(http), connect(http))
    return spoiler


@pytest.mark.parametrize("name", sorted(CASES))
def test_no_spoilt_answer_is_more_than_an_error_in_our_words(name: str) -> None:
    whole = run(name, -1, (), None).answers
    assert len(whole) > 7
    for nth, value in enumerate(whole):
        for path in places(value) if value is not None else ():
            for new in SPOILT:
                try:
                    run(name, nth, path, new)
                except Exception as error:
                    raise AssertionError(f"answer {nth}, {path}, {new!r}") from error
