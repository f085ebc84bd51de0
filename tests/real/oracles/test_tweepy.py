"""tweepy as an oracle for the X adapter, and oauthlib, with which it signs, for our signatures."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote

import httpx
import pytest

from networks.contract import PIXEL, picture
from networks.x_account import film
from real.oracles.recorder import Recorder, assert_alike, body_of, digest, kind_of, recording
from socialops.http import Http
from socialops.networks.base import Login
from socialops.networks.draft import Part, Poll, Receipt, Reply
from socialops.networks.oauth1 import Keys, authorization, with_query
from socialops.networks.x import CHUNK, X

pytestmark = pytest.mark.real

BASE, NONCE, NOW = "https://api.x.com", "kYjzVBB8Y0ZFabxSWbWovY3uYSQ2pTgmZeNu2VS4cg", 1_796_547_600
KEYS = Keys("consumer key", "consumer+secret/ı", "370773112-token", "token secret&=%")
TEXT = "Kış geldi: ışığı açın! אור בחורף ❄️ Lumină & caldă + *~' https://example.org/kış?a=1&b=2"
ALT, OPTIONS = "Karda yanan bir lamba; פנס", ("Ön ışık", "פנס אחורי", "Lumină")
BEFORE = Receipt("42", "https://x.com/lumenvelo/status/42", "2026-12-06T09:00:00.000Z")
USER_FIELDS = "description,entities,location,name,public_metrics,url,username,subscription_type"
SIZE = CHUNK + 5
SIGNED: list[tuple[str, str, list[tuple[str, str]]]] = [
    ("GET", "https://api.x.com/2/users/me", []),
    ("GET", with_query("https://api.x.com/2/tweets", [("ids", "1,2"), ("tweet.fields", "a,b"), ("x", "ı +*~'")]), []),
    ("POST", "https://api.x.com/2/tweets", []),
    ("POST", "https://api.x.com/1.1/statuses/update.json?include_entities=true", [("status", TEXT), ("a", "")]),
    ("DELETE", "https://api.x.com/2/tweets/42", []),
    ("GET", with_query("https://api.x.com:8443/2/x", [("b", "2"), ("b", "10"), ("B", "0"), ("א", "🚲")]), []),
]
OLDER = "tweepy uploads by version 1.1 of the API, which X has closed; we do by version 2, with the same fields"


def answer(request: httpx.Request) -> Any:
    if "/media/upload" in request.url.path:
        return {"media_id": 500, "media_id_string": "500", "data": {"id": "500"}}
    return {"data": {"id": "43", "text": "x", "username": "lumenvelo", "name": "Lumen Velo", "deleted": True}}


@dataclass(frozen=True)
class Both:
    ours: Recorder
    theirs: Recorder
    signed: list[str]

    def alike(self, name: str, path: str = "", because: dict[str, str] | None = None) -> None:
        assert_alike(self.ours.one(name, path), self.theirs.one(name, path), because=because)


@pytest.fixture(scope="module")
def both(libraries: Path) -> Iterator[Both]:
    facts = {
        "keys": [KEYS.consumer_key, KEYS.consumer_secret, KEYS.token, KEYS.token_secret],
        "text": TEXT,
        "options": OPTIONS,
        "alt": ALT,
        "user fields": USER_FIELDS,
        "picture": PIXEL,
        "film": film(size=SIZE)[1].data,
        "nonce": NONCE,
        "timestamp": NOW,
        "signed": SIGNED,
    }
    secrets = {
        "CONSUMER_KEY": KEYS.consumer_key,
        "CONSUMER_SECRET": KEYS.consumer_secret,
        "TOKEN_SECRET": KEYS.token_secret,
    }
    with recording(BASE, answer) as ours, recording(BASE, answer) as theirs:
        signed = theirs.told_by(libraries, "say_x.py", facts)
        with Http(transport=ours.transport()) as http:
            login = Login("x", "@lumenvelo", "", KEYS.token, secrets)
            say(X(login, http, clock=lambda: NOW, nonce=lambda: NONCE), ours)
        yield Both(ours, theirs, signed)


def say(account: X, ours: Recorder) -> None:
    lamp, moving = picture(ALT), film(size=SIZE)
    parts = {
        "words": Part(TEXT, reply=Reply(BEFORE, BEFORE), options={"reply_settings": "mentionedUsers"}),
        "poll": Part(TEXT, poll=Poll(OPTIONS, 86_400)),
        "quote": Part(TEXT, options={"quote": BEFORE.url}),
        "picture": Part(TEXT, attachments=(replace(lamp[0], alt=ALT),), uploads=(lamp[1],)),
        "film": Part(TEXT, attachments=(moving[0],), uploads=(moving[1],)),
    }
    for name, part in parts.items():
        with ours.naming(name):
            account.publish(part, key="k")
    with ours.naming("delete"):
        account.delete(BEFORE)
    with ours.naming("account"):
        account.account()


@pytest.mark.parametrize("name", ["words", "poll", "quote"])
def test_a_post(both: Both, name: str) -> None:
    both.alike(name)


def test_a_post_with_a_picture(both: Both) -> None:
    both.alike("picture", "/tweets")


def test_a_post_is_deleted(both: Both) -> None:
    both.alike("delete")


def test_the_account_is_read(both: Both) -> None:
    both.alike("account")


def test_a_film_is_announced(both: Both) -> None:
    (theirs, *_), (ours, *_) = both.theirs.asked["film"], both.ours.asked["film"]
    assert body_of(theirs)["total_bytes"] == str(body_of(ours)["total_bytes"]) == str(SIZE)
    because = {"path": OLDER, "kind": OLDER, "body.command": OLDER, "body.total_bytes": "a number in JSON"}
    assert_alike(ours, theirs, because=because)


def test_a_film_goes_in_the_same_pieces(both: Both) -> None:
    theirs, ours = (
        [request for request in one.asked["film"] if kind_of(request) == "multipart/form-data"]
        for one in (both.theirs, both.ours)
    )
    assert len(ours) == len(theirs) == 2
    for our, their in zip(ours, theirs, strict=True):
        because = {
            "path": OLDER,
            "body.command": OLDER,
            "body.media_id": "in version 2 it stands in the path",
            "body.media.type": "the library says nothing of it, which means text; the pieces are bytes",
        }
        assert_alike(our, their, because=because)
        assert our.url.path == f"/2/media/upload/{body_of(their)['media_id']}/append"
    film_bytes = film(size=SIZE)[1].data
    pieces = [digest(film_bytes[:CHUNK]), digest(film_bytes[CHUNK:])]
    assert [body_of(request)["media"]["bytes"] for request in ours] == pieces


def test_a_film_is_finished(both: Both) -> None:
    theirs = both.theirs.asked["film"][-1]
    (ours,) = [request for request in both.ours.asked["film"] if request.url.path.endswith("/finalize")]
    assert body_of(theirs) == {"command": "FINALIZE", "media_id": "500"}
    assert ours.url.path == "/2/media/upload/500/finalize"
    assert ours.content == b""


def test_a_picture_is_described_in_the_same_words(both: Both) -> None:
    theirs, ours = body_of(both.theirs.one("alt")), body_of(both.ours.one("picture", "/metadata"))
    assert ours == {"id": theirs["media_id"], "metadata": {"alt_text": theirs["alt_text"]}}
    assert theirs["alt_text"] == {"text": ALT}


# --- Signatures -------------------------------------------------------------------------------------------------------


def parameters(header: str) -> dict[str, str]:
    assert header.startswith("OAuth ")
    return {name: unquote(value) for name, value in re.findall(r'(\w+)="([^"]*)"', header)}


@pytest.mark.parametrize("number", range(len(SIGNED)))
def test_a_request_is_signed_as_oauthlib_signs_it(both: Both, number: int) -> None:
    method, url, form = SIGNED[number]
    ours = authorization(method, url, KEYS, nonce=NONCE, timestamp=NOW, form=form)
    assert parameters(ours) == parameters(both.signed[number])


def test_whatever_tweepy_sends_we_would_have_signed_alike(both: Both) -> None:
    checked = 0
    for request in (request for requests in both.theirs.asked.values() for request in requests):
        theirs = parameters(request.headers["Authorization"])
        is_form = kind_of(request) == "application/x-www-form-urlencoded"
        form = parse_qsl(request.content.decode(), keep_blank_values=True) if is_form else []
        nonce, timestamp = theirs["oauth_nonce"], int(theirs["oauth_timestamp"])
        url = request.headers["X-Signed-For"]
        ours = authorization(request.method, url, KEYS, nonce=nonce, timestamp=timestamp, form=form)
        assert parameters(ours) == theirs, request
        checked += 1
    assert checked >= 10


def test_whatever_we_send_is_signed_for_where_it_goes(both: Both) -> None:
    for request in (request for requests in both.ours.asked.values() for request in requests):
        header = request.headers["Authorization"]
        again = authorization(request.method, str(request.url), KEYS, nonce=NONCE, timestamp=NOW)
        assert parameters(header) == parameters(again), request
        assert not kind_of(request).endswith("urlencoded"), "then the form would have to be signed too"
    assert json.loads(both.ours.one("words").content)["text"] == TEXT
