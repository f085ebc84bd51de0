"""The contract of every network, over servers in memory and, for both networks, over the sandbox's real socket."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from networks.contract import CLAIMED, PROMISES, Place, Seen, place
from networks.fakes import SECRET, FakeBluesky, FakeMastodon
from socialops.networks import connect
from socialops.networks.base import Login
from socialops.networks.sandbox.server import Sandbox


def mastodon(folder: Path) -> Iterator[Place]:
    server = FakeMastodon()
    login = Login("mastodon", "@lumenvelo@mastodon.example", server.base, SECRET)

    def seen() -> list[Seen]:
        return [
            Seen(
                status["id"],
                server.sources[status["id"]]["text"],
                tuple(media["description"] for media in status["media_attachments"]),
                status["in_reply_to_id"] or "",
                tuple(server.media[media["id"]]["file"][2] for media in status["media_attachments"]),
            )
            for status in server.statuses
        ]

    yield place(
        "mastodon",
        httpx.MockTransport(server),
        lambda http: connect("mastodon", login, http),
        lambda request: (request.method, request.url.path) == ("POST", "/api/v1/statuses"),
        seen,
        SECRET,
        folder,
    )


def bluesky(folder: Path) -> Iterator[Place]:
    server = FakeBluesky()
    login = Login("bluesky", "lumenvelo.example", server.base, SECRET)

    def seen() -> list[Seen]:
        return [
            Seen(
                server.name(key)["uri"],
                record["text"],
                tuple(image["alt"] for image in record.get("embed", {}).get("images", ())),
                record.get("reply", {}).get("parent", {}).get("uri", ""),
                tuple(server.blobs[image["image"]["ref"]["$link"]] for image in record["embed"]["images"])
                if "embed" in record
                else (),
            )
            for key, record in server.records.items()
        ]

    yield place(
        "bluesky",
        httpx.MockTransport(server),
        lambda http: connect("bluesky", login, http),
        lambda request: request.url.path.endswith("repo.putRecord"),
        seen,
        SECRET,
        folder,
    )


def socket_wire() -> httpx.HTTPTransport:
    return httpx.HTTPTransport(limits=httpx.Limits(max_keepalive_connections=0))


def sandbox_mastodon(folder: Path) -> Iterator[Place]:
    with Sandbox(now=CLAIMED) as sandbox, socket_wire() as wire, httpx.Client(base_url=sandbox.url) as reader:
        token = sandbox.add_account("lumenvelo", "Lumen Velo", "Europe/Istanbul")
        login = Login("practice", "@lumenvelo", sandbox.url, token)
        reader.headers["Authorization"] = f"Bearer {token}"

        def get(path: str) -> Any:
            return reader.get(path).raise_for_status().json()

        def seen() -> list[Seen]:
            own = get("/api/v1/accounts/verify_credentials")["id"]
            return [
                Seen(
                    status["id"],
                    get(f"/api/v1/statuses/{status['id']}/source")["text"],
                    tuple(media["description"] for media in status["media_attachments"]),
                    status["in_reply_to_id"] or "",
                    tuple(reader.get(media["url"]).content for media in status["media_attachments"]),
                )
                for status in get(f"/api/v1/accounts/{own}/statuses?limit=40")
            ]

        yield place(
            "mastodon",
            wire,
            lambda http: connect("mastodon", login, http),
            lambda request: (request.method, request.url.path) == ("POST", "/api/v1/statuses"),
            seen,
            token,
            folder,
        )


def sandbox_bluesky(folder: Path) -> Iterator[Place]:
    with Sandbox(now=CLAIMED) as sandbox, socket_wire() as wire, httpx.Client(base_url=f"{sandbox.url}/xrpc") as reader:
        password = sandbox.add_account("lumenvelo.example", "Lumen Velo", "Europe/Bucharest")
        login = Login("bluesky", "lumenvelo.example", sandbox.url, password)

        def seen() -> list[Seen]:
            where = {"repo": "lumenvelo.example", "collection": "app.bsky.feed.post", "limit": "100"}
            listed = reader.get("/com.atproto.repo.listRecords", params=where).raise_for_status().json()
            return [
                Seen(
                    record["uri"],
                    record["value"]["text"],
                    tuple(image["alt"] for image in record["value"].get("embed", {}).get("images", ())),
                    record["value"].get("reply", {}).get("parent", {}).get("uri", ""),
                    tuple(
                        reader.get(
                            "/com.atproto.sync.getBlob",
                            params={"did": record["uri"].split("/")[2], "cid": image["image"]["ref"]["$link"]},
                        ).content
                        for image in record["value"].get("embed", {}).get("images", ())
                    ),
                )
                for record in listed["records"]
            ]

        yield place(
            "bluesky",
            wire,
            lambda http: connect("bluesky", login, http),
            lambda request: request.url.path.endswith("repo.putRecord"),
            seen,
            password,
            folder,
        )


PLACES: dict[str, Callable[[Path], Iterator[Place]]] = {
    "mastodon": mastodon,
    "bluesky": bluesky,
    "sandbox as mastodon": sandbox_mastodon,
    "sandbox as bluesky": sandbox_bluesky,
}


@pytest.fixture(params=sorted(PLACES))
def somewhere(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    yield from PLACES[request.param](tmp_path)


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.__name__)
def test_every_network(somewhere: Place, promise: Callable[[Place], None], caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    promise(somewhere)
    assert somewhere.secret not in caplog.text
