"""The media host: where a file lies, and how it is looked at before a network is told of it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from socialops.errors import NetworkError, Rejected, TryLater
from socialops.http import Http
from socialops.networks.base import Login
from socialops.networks.draft import Upload
from socialops.networks.media_host import CODE, file_name, public_address

BASE = "https://media.example/posts"
BYTES = b"\xff\xd8 a lamp"
LAMP = Upload(BYTES, "image/jpeg", 10, 10, "A lamp", hashlib.sha256(BYTES).hexdigest())
JPEG = {"Content-Type": "image/jpeg"}


def look(
    reply: Callable[[httpx.Request], httpx.Response], upload: Upload = LAMP, **settings: Any
) -> tuple[str, list[httpx.Request]]:
    asked: list[httpx.Request] = []

    def carry(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return reply(request)

    login = Login("insta", "lumenvelo", "", "s3cret", settings=settings or {"media_base_url": BASE})
    return public_address(login, Http(transport=httpx.MockTransport(carry)), upload), asked


def lying(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, headers={**JPEG, "Content-Length": str(len(BYTES))})


def test_a_file_is_named_after_its_content_and_asked_for_without_a_secret() -> None:
    where, asked = look(lying)
    assert where == f"{BASE}/{LAMP.sha256}.jpg"
    assert [(request.method, str(request.url)) for request in asked] == [("HEAD", where)]
    assert "s3cret" not in str(asked[0].headers)


@pytest.mark.parametrize("refusal", [401, 403, 405, 501])
def test_a_host_that_knows_no_head_is_asked_for_one_byte(refusal: int) -> None:
    def reply(request: httpx.Request) -> httpx.Response:
        if request.method == "HEAD":
            return httpx.Response(refusal)
        assert request.headers["Range"] == "bytes=0-0"
        return httpx.Response(206, headers={**JPEG, "Content-Range": f"bytes 0-0/{len(BYTES)}"}, content=b"\xff")

    assert [request.method for request in look(reply)[1]] == ["HEAD", "GET"]


def test_a_host_without_lengths_and_ranges_gives_the_whole_file() -> None:
    def reply(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers=JPEG, content=BYTES if request.method == "GET" else httpx.ByteStream(b""))

    look(reply)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (httpx.Response(404), "the answer is 404"),
        (httpx.Response(301, headers={"Location": "https://elsewhere.example/x.jpg"}), "the answer is 301"),
        (httpx.Response(200, headers={"Content-Type": "text/html", "Content-Length": "10"}), "shown as text/html"),
        (httpx.Response(200, headers={**JPEG, "Content-Length": "7"}), "7 bytes instead of 9"),
    ],
)
def test_a_file_that_does_not_lie_there_is_named_with_its_place(answer: httpx.Response, words: str) -> None:
    with pytest.raises(Rejected) as caught:
        look(lambda _: answer)
    assert caught.value.code == CODE
    assert words in caught.value.message
    assert f"{BASE}/{LAMP.sha256}.jpg" in caught.value.hint


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_host_that_is_busy_is_asked_later(status: int) -> None:
    with pytest.raises(TryLater) as caught:
        look(lambda _: httpx.Response(status, headers={"Retry-After": "40"}))
    assert caught.value.after.total_seconds() == 40


def test_a_host_that_is_silent_is_asked_later() -> None:
    def silent(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("slow", request=request)

    with pytest.raises(TryLater):
        look(silent)


@pytest.mark.parametrize(
    "base", [None, "", "media", "http://media.example", "https://media.example/?x=1", "ftp://m.example", 7, ["x"]]
)
def test_a_channel_without_a_usable_place_is_told_what_to_write(base: object) -> None:
    with pytest.raises(Rejected) as caught:
        look(lying, media_base_url=base)
    assert caught.value.code == CODE
    assert "media_base_url" in caught.value.hint


def test_a_place_on_this_very_machine_needs_no_encryption() -> None:
    where, _ = look(lying, media_base_url="http://127.0.0.1:8765/media/")
    assert where.startswith("http://127.0.0.1:8765/media/")


@pytest.mark.parametrize(
    "upload",
    [
        Upload(b"", "text/html", 0, 0, "", LAMP.sha256),
        Upload(b"", "image/jpeg", 0, 0, "", "../../secret"),
    ],
)
def test_only_pictures_and_videos_with_a_digest_get_a_name(upload: Upload) -> None:
    with pytest.raises(NetworkError):
        file_name(upload)
