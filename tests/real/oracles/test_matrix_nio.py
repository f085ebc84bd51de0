"""matrix-nio as an oracle for the Matrix adapter: how names that are full of signs are written into addresses."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from networks.contract import picture
from real.oracles.recorder import ABSENT, Recorder, assert_alike, body_of, recording
from socialops.http import Http
from socialops.networks.base import Login
from socialops.networks.draft import Part
from socialops.networks.matrix import Matrix

pytestmark = pytest.mark.real

BASE, TOKEN, KEY = "https://matrix.example", "a-token", "a-key"
ROOM, ALIAS, EVENT = "!a/b+c%d:matrix.example", "#kış-haberleri:matrix.example", "$x/y+z=~_w"
TEXT = "Kış 🚲 geldi: ışığı açın! אור <בחורף> & ❄️"
TOKENS = {
    "query.access_token": "the specification gave up tokens in addresses, which end in logs",
    "authorization": "as above: ours travels in a header",
}


def answer(request: httpx.Request) -> Any:
    path = request.url.path
    ends: dict[str, Any] = {
        "/whoami": {"user_id": "@lumenvelo:matrix.example"},
        "/messages": {"chunk": []},
        "/upload": {"content_uri": "mxc://matrix.example/abc"},
        "/joined_members": {"joined": {}},
        f"/event/{EVENT}": {"event_id": EVENT, "origin_server_ts": 1_796_547_600_000},
    }
    found: Any = next((value for end, value in ends.items() if path.endswith(end)), {})
    return found or ({"room_id": ROOM} if "/directory/" in path else {"event_id": EVENT})


@dataclass(frozen=True)
class Both:
    ours: Recorder
    theirs: dict[str, httpx.Request]

    def alike(self, name: str, ours: httpx.Request, because: dict[str, str] | None = None) -> None:
        assert_alike(ours, self.theirs[name], because={**TOKENS, **(because or {})})


@pytest.fixture(scope="module")
def both(libraries: Path) -> Iterator[Both]:
    with recording(BASE, answer) as ours:
        with Http(transport=ours.transport()) as http:
            account = Matrix(Login("matrix", "@lumenvelo:matrix.example", BASE, TOKEN, settings={"room": ALIAS}), http)
            attachment, upload = picture("Önden görünüş")
            with ours.naming("publish"):
                receipt = account.publish(Part(TEXT, attachments=(attachment,), uploads=(upload,)), key=KEY)
            with ours.naming("delete"):
                account.delete(receipt)
            with ours.naming("account"):
                account.account()
        page = ours.one("publish", "/messages").url.params
        facts = {
            "token": TOKEN,
            "room": ROOM,
            "alias": ALIAS,
            "event": EVENT,
            "key": KEY,
            "content": body_of(ours.one("publish", KEY)),
            "redaction": ours.one("delete").url.path.rpartition("/")[2],
            "limit": page["limit"],
            "filter": json.loads(page["filter"]),
        }
        told = ours.told_by(libraries, "say_matrix.py", facts)
        yield Both(ours, {name: as_request(*said) for name, said in told.items()})


def as_request(method: str, path: str, data: str) -> httpx.Request:
    headers = {"Content-Type": "application/json"} if data else {}
    return httpx.Request(method, BASE + path, content=data, headers=headers)


@pytest.mark.parametrize(
    ("name", "ours_in", "path"),
    [
        ("send", "publish", KEY),
        ("event", "publish", f"/event/{EVENT}"),
        ("messages", "publish", "/messages"),
        ("redact", "delete", ""),
        ("members", "account", "/joined_members"),
        ("who", "publish", "/whoami"),
    ],
)
def test_a_request_is_written_alike(both: Both, name: str, ours_in: str, path: str) -> None:
    both.alike(name, both.ours.one(ours_in, path))


def test_a_picture_goes_to_the_same_place(both: Both) -> None:
    ours = both.ours.one("publish", "/upload")
    both.alike("upload", ours, {"kind": "the builder leaves type and bytes to its caller", "body.bytes": "as above"})
    assert ours.headers["Content-Type"] == "image/png"


def test_a_room_is_looked_up_by_its_name(both: Both) -> None:
    ours = both.ours.one("publish", ALIAS)
    assert_alike(ours, both.theirs["alias"], because={"authorization": "ours is sent with a token, which not all need"})
    assert both.theirs["alias"].headers.get("Authorization", ABSENT) == ABSENT


def test_an_escaped_slash_is_no_slash(both: Both) -> None:
    assert both.ours.one("publish", KEY).url.raw_path.count(b"/") == 8
