"""One account of ours on the X in memory, and the parts that are sent to it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import httpx
import pytest

from networks.contract import CLAIMED, SINCE, picture
from networks.stub_x import CONSUMER_KEY, CONSUMER_SECRET, SECRETS, TOKEN, TOKEN_SECRET, FakeX
from socialops.errors import NetworkError
from socialops.http import Http
from socialops.networks.base import Login
from socialops.networks.draft import Attachment, Part, Receipt, Upload
from socialops.networks.x import CHUNK, X

KEYS = {"CONSUMER_KEY": CONSUMER_KEY, "CONSUMER_SECRET": CONSUMER_SECRET, "TOKEN_SECRET": TOKEN_SECRET}
LOGIN = Login("x", "@lumenvelo", "", TOKEN, KEYS)


def x(
    server: FakeX,
    *,
    settings: dict[str, Any] | None = None,
    waits: list[float] | None = None,
    handle: str = "@lumenvelo",
) -> X:
    return joined(
        Http(transport=httpx.MockTransport(server)),
        server,
        replace(LOGIN, settings=settings or {}, handle=handle),
        waits,
    )


def joined(http: Http, server: FakeX, login: Login = LOGIN, waits: list[float] | None = None) -> X:
    slept = [] if waits is None else waits
    return X(login, http, wait=slept.append, clock=server.now.timestamp)


def publish(server: FakeX, part: Part, **more: Any) -> Receipt:
    network = x(server, **more)
    return network.publish(part, key=network.key("launch/x", 0, CLAIMED))


def fails(server: FakeX, part: Part, expected: type[NetworkError], **more: Any) -> Any:
    before = len(server.posts)
    with pytest.raises(expected) as caught:
        publish(server, part, **more)
    assert len(server.posts) == before
    assert not [secret for secret in SECRETS if secret in f"{caught.value} {caught.value.hint} {vars(caught.value)}"]
    return caught.value


def words(value: str, **changes: Any) -> Part:
    return Part(value, **changes)


def film(mime: str = "video/mp4", size: int = 3 * CHUNK + 5, alt: str = "A lamp") -> tuple[Attachment, Upload]:
    attachment, _ = picture("lamp")
    data = bytes(range(256)) * (size // 256 + 1)
    upload = Upload(data[:size], mime, 1280, 720, alt, "0" * 64)
    return replace(attachment, mime=mime, alt=alt, size=size), upload


def with_media(*media: tuple[Attachment, Upload], **changes: Any) -> Part:
    return words("Two lamps", attachments=tuple(a for a, _ in media), uploads=tuple(u for _, u in media), **changes)


def find(server: FakeX, part: Part, **more: Any) -> Receipt | None:
    return x(server, **more).find(replace(part, uploads=()), key="k", since=SINCE)
