"""The AT Protocol's library for Python as an oracle for the Bluesky adapter, and for the bytes its facets stand at."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from networks.contract import PIXEL, SINCE, with_pictures
from networks.x_account import film
from real.oracles.recorder import Recorder, assert_alike, body_of, recording
from real.oracles.texts import TEXTS, linked
from socialops.http import Http
from socialops.networks.base import Login, rfc3339
from socialops.networks.bluesky import Bluesky
from socialops.networks.bluesky_record import facets, tid, tid_instant
from socialops.networks.draft import Card, Part, Receipt, Reply, Span, SpanKind

pytestmark = pytest.mark.real

BASE, DID, HANDLE, PASSWORD = "https://bsky.example", "did:plc:ewvi7nxzyoun6zhxrhs64oiz", "lumenvelo.example", "abcd"
MIA = "did:plc:z72i7hdynmk6r22z27h6tvur"
CID = "bafyreidfayvfuwqa7qlnopdjiqrxzs6blmoeu4rujcjtnci5beludirz2a"
BLOB = {
    "$type": "blob",
    "ref": {"$link": "bafkreibabalobzn6cd366ukcsjycp4yymjymgfxcv6xczmlgpemzkz3cfa"},
    "mimeType": "image/png",
    "size": len(PIXEL),
}
KEY = tid(1_796_547_600_000_000, 7)
URI = f"at://{DID}/app.bsky.feed.post/{KEY}"
THREAD = [Receipt(f"at://{DID}/app.bsky.feed.post/{tid(n, 1)}", "", "", {"cid": CID}) for n in (1, 2)]
ALTS = ("Önden görünüş", "מבט מאחור")
FILM = film(size=5000, alt=ALTS[0])
CARD = Card("https://example.org/kış?a=1", "Kış", "Lumină")
PIECES = [
    ("text", "Kış 🚲 geldi: ", ""),
    ("link", "ışığı açın", "https://example.org/kış?a=1&b=2"),
    ("text", "! אור ", ""),
    ("mention", "@mia.example", MIA),
    ("text", " ❄️ ", ""),
    ("tag", "#kış", "kış"),
]
TYPES = "the library names the type of every object; a lexicon asks for it where there is a choice"
CREATED = "ours is the moment that its key says, so that the record is the same whenever it is sent again"
WRITING = {
    "path": "we write under a key of our own, so that nothing is written twice; the library lets the server choose",
    "body.rkey": "as above",
    "body.swapRecord": "as above: only if nothing is there",
    "body.record.createdAt": CREATED,
    "body.validate": "left out, a server judges all that it knows; a post is known everywhere",
}


def token(purpose: str) -> str:
    """Return what looks like a session's token: the library reads in it when it ends."""
    claims = {"scope": purpose, "sub": DID, "iat": 1_796_547_600, "exp": 4_000_000_000, "aud": "did:web:bsky.example"}
    pieces = [json.dumps(piece).encode() for piece in ({"alg": "HS256", "typ": "JWT"}, claims, {})]
    return ".".join(base64.urlsafe_b64encode(piece).decode().rstrip("=") for piece in pieces)


def answer(request: httpx.Request) -> Any:
    record = {"$type": "app.bsky.feed.post", "text": "x", "createdAt": "2026-12-06T09:00:00.000Z"}
    profile = {"did": DID, "handle": HANDLE}
    answers: dict[str, Any] = {
        "createSession": {**profile, "accessJwt": token("access"), "refreshJwt": token("refresh"), "active": True},
        "uploadBlob": {"blob": BLOB},
        "createRecord": {"uri": URI, "cid": CID},
        "putRecord": {"uri": URI, "cid": CID},
        "getRecord": {"uri": URI, "cid": CID, "value": record},
        "getPosts": {"posts": []},
        "getProfile": profile,
        "resolveHandle": {"did": MIA},
    }
    return answers.get(request.url.path.rpartition(".")[2], {})


def spans_of(pieces: list[tuple[str, str, str]]) -> tuple[str, tuple[Span, ...]]:
    kinds: dict[str, SpanKind] = {"link": "link", "mention": "mention", "tag": "tag"}
    text, spans = "", []
    for kind, words, target in pieces:
        if kind in kinds:
            goal = words.removeprefix("@") if kind == "mention" else target
            spans.append(Span(len(text), len(text) + len(words), kinds[kind], goal))
        text += words
    return text, tuple(spans)


def pieces_of(text: str) -> list[list[str]]:
    """Return a text of texts.py as pieces."""
    plain, spans = linked(text)
    pieces, at = [], 0
    for span in spans:
        pieces += [["text", plain[at : span.start], ""], ["link", plain[span.start : span.end], span.target]]
        at = span.end
    return [*pieces, ["text", plain[at:], ""]]


@dataclass(frozen=True)
class Both:
    ours: Recorder
    theirs: Recorder
    facets: list[Any]


@pytest.fixture(scope="module")
def both(libraries: Path) -> Iterator[Both]:
    facts = {
        "did": DID,
        "handle": HANDLE,
        "password": PASSWORD,
        "key": KEY,
        "at": rfc3339(tid_instant(KEY)),
        "pieces": PIECES,
        "thread": [[receipt.id, receipt.extra["cid"]] for receipt in THREAD],
        "alts": ALTS,
        "card": {"uri": CARD.url, "title": CARD.title, "description": CARD.description},
        "picture": PIXEL,
        "film": FILM[1].data,
        "texts": [pieces_of(text) for text in TEXTS],
    }
    with recording(BASE, answer) as ours, recording(BASE, answer) as theirs:
        found = theirs.told_by(libraries, "say_bluesky.py", facts)
        with Http(transport=ours.transport()) as http:
            say(Bluesky(Login("bluesky", f"@{HANDLE}", BASE, PASSWORD), http), ours)
        yield Both(ours, theirs, found)


def say(account: Bluesky, ours: Recorder) -> None:
    text, spans = spans_of(PIECES)
    pictures = replace(with_pictures(*ALTS), text="Two lamps", spans=(), lang="he")
    parts = {
        "words": Part(text, spans, lang="tr", reply=Reply(*THREAD)),
        "pictures": pictures,
        "card": Part("Look", card=CARD, lang="ro"),
        "film": Part("Film", lang="en", attachments=(FILM[0],), uploads=(FILM[1],)),
    }
    for name, part in parts.items():
        with ours.naming(name):
            account.publish(part, key=KEY)
    with ours.naming("delete"):
        account.delete(Receipt(URI, "", ""))
    with ours.naming("read"):
        account.find(Part("x"), key=KEY, since=SINCE)
    with ours.naming("count"):
        account.measure(THREAD)
    with ours.naming("profile"):
        account.account()


def test_the_login(both: Both) -> None:
    assert_alike(both.ours.one("words", "createSession"), both.theirs.one("login", "createSession"))


def test_words_with_facets_in_a_thread(both: Both) -> None:
    because = {
        **WRITING,
        "body.record.facets.*.index.$type": TYPES,
        "body.record.reply*$type": TYPES,
    }
    assert_alike(both.ours.one("words", "putRecord"), both.theirs.one("words", "createRecord"), because=because)


def test_a_record_under_its_own_key(both: Both) -> None:
    because = {
        "body.record.facets.*.index.$type": TYPES,
        "body.record.reply*$type": TYPES,
        "body.swapRecord": "the library leaves out what is null, which here means: whatever is there",
    }
    assert_alike(both.ours.one("words", "putRecord"), both.theirs.one("put"), because=because)


def test_pictures(both: Both) -> None:
    because = {**WRITING, "body.record.embed.images.*$type": TYPES}
    assert_alike(both.ours.one("pictures", "putRecord"), both.theirs.one("pictures", "createRecord"), because=because)


def test_a_picture_is_uploaded_as_it_is(both: Both) -> None:
    ours, theirs = (
        [request for request in one.asked["pictures"] if request.url.path.endswith("uploadBlob")]
        for one in (both.ours, both.theirs)
    )
    assert len(ours) == len(theirs) == 2
    for our, their in zip(ours, theirs, strict=True):
        assert_alike(our, their, because={"kind": "the library says */*; we say what it is, which the blob keeps"})
        assert our.headers["Content-Type"] == "image/png"


def test_a_film(both: Both) -> None:
    because = {**WRITING, "body.record.embed.aspectRatio.$type": TYPES}
    assert_alike(both.ours.one("film", "putRecord"), both.theirs.one("film", "createRecord"), because=because)
    because = {"kind": "as with a picture"}
    assert_alike(both.ours.one("film", "uploadBlob"), both.theirs.one("film", "uploadBlob"), because=because)


def test_a_card(both: Both) -> None:
    because = {**WRITING, "body.record.embed.external.$type": TYPES}
    assert_alike(both.ours.one("card", "putRecord"), both.theirs.one("card", "createRecord"), because=because)


def test_a_record_is_deleted(both: Both) -> None:
    record, *gates = both.ours.asked["delete"]
    assert_alike(record, both.theirs.one("delete"))
    # A post's gates have its key, and go with it.
    assert {request.url.path for request in gates} == {record.url.path}
    bodies = [json.loads(request.content) for request in (record, *gates)]
    assert [body["collection"] for body in bodies[1:]] == ["app.bsky.feed.threadgate", "app.bsky.feed.postgate"]
    assert len({body["rkey"] for body in bodies}) == 1


@pytest.mark.parametrize(
    ("ours_in", "method", "name"),
    [
        ("read", "getRecord", "read"),
        ("count", "getPosts", "count"),
        ("profile", "getProfile", "profile"),
        ("words", "resolveHandle", "resolve"),
    ],
)
def test_what_is_read(both: Both, ours_in: str, method: str, name: str) -> None:
    assert_alike(both.ours.one(ours_in, method), both.theirs.one(name, method))


@pytest.mark.parametrize("number", range(len(TEXTS)))
def test_facets_stand_at_the_bytes_where_the_library_puts_them(both: Both, number: int) -> None:
    text, spans = linked(TEXTS[number])
    ours = facets(text, spans, {})
    theirs = both.facets[number]
    assert ours
    places = [{name: one["index"][name] for name in ("byteStart", "byteEnd")} for one in theirs]
    assert [one["index"] for one in ours] == places
    assert [one["features"][0]["uri"] for one in ours] == [one["features"][0]["uri"] for one in theirs]
    encoded = text.encode()
    cut = [encoded[f["index"]["byteStart"] : f["index"]["byteEnd"]].decode() for f in ours]
    assert cut == [text[span.start : span.end] for span in spans]


def test_the_body_that_is_compared_is_the_one_that_was_sent(both: Both) -> None:
    record = body_of(both.ours.one("words", "putRecord"))["record"]
    assert len(record["facets"]) == 3
    assert record["reply"]["root"]["uri"] == THREAD[0].id
