"""A sandbox with two accounts, and a client that asks it through a real socket."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from socialops.http import Http, Response
from socialops.networks.sandbox.server import Sandbox

START = datetime(2026, 12, 1, 6, 30, tzinfo=UTC)
"""Tuesday, 9:30 in Istanbul."""


def png(width: int = 3, height: int = 2, filler: int = 0) -> bytes:
    """Make a grey picture, with *filler* bytes more in a chunk that nobody reads."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = b"".join(b"\0" + b"\x80" * width for _ in range(height))
    middle = chunk(b"teXt", bytes(filler)) if filler else b""
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + middle
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


class Practice:
    """The sandbox as a test sees it: one Mastodon account and one Bluesky account."""

    def __init__(self, sandbox: Sandbox, http: Http) -> None:
        self.sandbox = sandbox
        self.http = http
        self.token = sandbox.add_account("lumenvelo@mastodon.example", "Lumen Velo", "Europe/Istanbul", 1800, "tr")
        self.password = sandbox.add_account("lumenvelo.example", "Lumen Velo", "Europe/Bucharest", 2600, "en")
        self.session: dict[str, Any] = {}

    def wait(self, **length: float) -> None:
        self.sandbox.set_clock(self.sandbox.now + timedelta(**length))

    # Mastodon

    def ask(self, method: str, path: str, *, token: str | None = "", key: str = "", **body: Any) -> Response:
        headers = {} if token is None else {"Authorization": f"Bearer {token or self.token}"}
        if key:
            headers["Idempotency-Key"] = key
        return self.http.send(method, self.sandbox.url + path, headers=headers, **body)

    def toot(self, text: str, *, key: str = "", **fields: Any) -> Response:
        return self.ask("POST", "/api/v1/statuses", key=key, json_body={"status": text, **fields})

    def upload(self, data: bytes, alt: str = "") -> Response:
        fields = {"description": alt} if alt else {}
        return self.ask("POST", "/api/v2/media", form=fields, files={"file": ("a.png", data, "image/png")})

    # Bluesky

    def login(self, password: str = "") -> Response:
        body = {"identifier": "lumenvelo.example", "password": password or self.password}
        done = self.http.send("POST", f"{self.sandbox.url}/xrpc/com.atproto.server.createSession", json_body=body)
        if done.status == 200:
            self.session = done.json()
        return done

    def call(self, method: str, name: str, *, token: str = "accessJwt", mime: str = "", **body: Any) -> Response:
        headers = {"Authorization": f"Bearer {self.session[token]}"} if token in self.session else {}
        if mime:
            headers["Content-Type"] = mime
        return self.http.send(method, f"{self.sandbox.url}/xrpc/{name}", headers=headers, **body)

    def put(self, text: str = "Hello", *, rkey: str = "3kfixedrkey22", record: Any = None, **fields: Any) -> Response:
        value = {"$type": "app.bsky.feed.post", "text": text, "createdAt": "2026-12-01T06:30:00Z", **(record or {})}
        body = {
            "repo": self.session["did"],
            "collection": "app.bsky.feed.post",
            "rkey": rkey,
            "swapRecord": None,
            "record": value,
            **fields,
        }
        return self.call("POST", "com.atproto.repo.putRecord", json_body=body)

    def blob(self, data: bytes) -> Any:
        return self.call("POST", "com.atproto.repo.uploadBlob", mime="image/png", content=data).json()["blob"]

    # pages

    def page(self, path: str = "/") -> str:
        return self.http.get(self.sandbox.url + path).body.decode("utf-8")


@pytest.fixture(scope="session")
def http() -> Iterator[Http]:
    with Http() as client:
        yield client


@pytest.fixture
def practice(http: Http) -> Iterator[Practice]:
    with Sandbox(now=START) as sandbox:
        yield Practice(sandbox, http)


@pytest.fixture
def bluesky(practice: Practice) -> Practice:
    practice.login()
    return practice
