"""The contract of every network, over servers in memory and, for both networks, over the sandbox's real socket."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from networks.contract import PROMISES, Place, Seen, place
from networks.fakes import SECRET, FakeBluesky, FakeMastodon
from socialops.networks import connect
from socialops.networks.base import Login


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


PLACES: dict[str, Callable[[Path], Iterator[Place]]] = {"mastodon": mastodon, "bluesky": bluesky}


@pytest.fixture(params=sorted(PLACES))
def somewhere(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    yield from PLACES[request.param](tmp_path)


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.__name__)
def test_every_network(somewhere: Place, promise: Callable[[Place], None], caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    promise(somewhere)
    assert somewhere.secret not in caplog.text
