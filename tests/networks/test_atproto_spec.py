"""Bluesky against what the AT Protocol publishes: its examples of every form, and its lexicons as a judge."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from networks import atproto_spec
from networks.fakes import SECRET, FakeBluesky, answer
from socialops.content.values import Wrong, language
from socialops.errors import Unknown
from socialops.http import Http
from socialops.networks.base import Login, rfc3339
from socialops.networks.bluesky import Bluesky
from socialops.networks.bluesky_record import tid, tid_instant
from socialops.networks.draft import Part, Span

VECTORS = Path(__file__).parents[3] / "shared" / "vectors" / "atproto-interop" / "syntax"
has_vectors = pytest.mark.skipif(
    not VECTORS.is_dir(), reason="the AT Protocol's interop files are not beside the repository"
)
has_lexicons = pytest.mark.skipif(
    not atproto_spec.LEXICONS.is_dir(), reason="the AT Protocol's lexicons are not beside the repository"
)
FORMS = {
    "handle": "handle",
    "did": "did",
    "atidentifier": "at-identifier",
    "aturi": "at-uri",
    "nsid": "nsid",
    "recordkey": "record-key",
    "tid": "tid",
    "cid": "cid",
    "datetime": "datetime",
    "language": "language",
    "uri": "uri",
}
GREETING = "Hello @somebody"
MENTIONED = (GREETING.index("@"), len(GREETING))


def examples(name: str) -> list[str]:
    raw = (VECTORS / f"{name}.txt").read_text("utf-8").split("\n")
    return [line for line in raw if line and not line.startswith("#")]


def mentioning(handle: str) -> Part:
    return Part(GREETING, spans=(Span(*MENTIONED, "mention", handle),))


def account(handler: Callable[[httpx.Request], httpx.Response]) -> Bluesky:
    login = Login("bluesky", "@lumenvelo.example", FakeBluesky.base, SECRET)
    return Bluesky(login, Http(transport=httpx.MockTransport(handler)))


# --- The official examples --------------------------------------------------------------------------------------------


@has_vectors
@pytest.mark.parametrize("name", sorted(FORMS))
def test_the_judge_knows_the_official_examples(name: str) -> None:
    form = FORMS[name]
    wrong = [text for text in examples(f"{name}_syntax_valid") if not atproto_spec.is_a(form, text)]
    wrong += [text for text in examples(f"{name}_syntax_invalid") if atproto_spec.is_a(form, text)]
    assert wrong == []


@has_vectors
def test_the_official_examples_of_record_keys() -> None:
    for key in examples("tid_syntax_valid"):
        at = tid_instant(key)
        assert atproto_spec.is_a("datetime", rfc3339(at))
    for key in examples("tid_syntax_invalid"):
        with pytest.raises(ValueError, match="not a record key"):
            tid_instant(key)


@has_vectors
@pytest.mark.parametrize("valid", [True, False])
def test_only_a_handle_is_looked_up(valid: bool) -> None:
    handles = examples(f"handle_syntax_{'' if valid else 'in'}valid")
    server = FakeBluesky()
    network = account(server)
    for number, handle in enumerate(handles):
        network.publish(mentioning(handle), key=tid(number, 1))
    asked = [r.url.params["handle"] for r in server.requests if r.url.path.endswith("resolveHandle")]
    assert asked == (list(dict.fromkeys(handles)) if valid else [])


@has_vectors
@pytest.mark.parametrize("valid", [True, False])
def test_only_a_did_becomes_a_mention(valid: bool) -> None:
    for did in examples(f"did_syntax_{'' if valid else 'in'}valid"):
        server = FakeBluesky()
        server.handles["mia.example"] = did
        account(server).publish(mentioning("mia.example"), key=tid(1, 1))
        (record,) = server.records.values()
        features = [feature for facet in record.get("facets", ()) for feature in facet["features"]]
        assert [feature["did"] for feature in features] == ([did] if valid else [])


@has_vectors
@pytest.mark.parametrize("valid", [True, False])
def test_only_a_cid_is_taken_for_one(valid: bool) -> None:
    for cid in examples(f"cid_syntax_{'' if valid else 'in'}valid"):
        server = FakeBluesky()

        def names_it(request: httpx.Request, server: FakeBluesky = server, cid: str = cid) -> httpx.Response:
            response = server(request)
            if request.url.path.endswith("putRecord"):
                return answer(200, {**response.json(), "cid": cid})
            return response

        if valid:
            assert account(names_it).publish(Part("Hello"), key=tid(1, 1)).extra == {"cid": cid}
        else:
            with pytest.raises(Unknown):
                account(names_it).publish(Part("Hello"), key=tid(1, 1))


@has_vectors
def test_no_language_is_taken_from_a_file_that_the_protocol_refuses() -> None:
    for code in examples("language_syntax_invalid"):
        with pytest.raises(Wrong):
            language(code)


@given(st.text(min_size=1, max_size=30), st.integers(0, 40), st.integers(0, 6 * 10**9))
def test_every_key_of_ours_is_one(delivery: str, part: int, at: int) -> None:
    key = account(FakeBluesky()).key(delivery, part, datetime.fromtimestamp(at, UTC))
    assert atproto_spec.is_a("tid", key)
    assert atproto_spec.is_a("record-key", key)
    assert atproto_spec.is_a("datetime", rfc3339(tid_instant(key)))


@pytest.mark.parametrize("handle", [f"{'long.' * 50}test", "127.0.0.1", "-x.test", "x.test."])
def test_what_cannot_be_a_handle_is_not_looked_up(handle: str) -> None:
    server = FakeBluesky()
    account(server).publish(mentioning(handle), key=tid(1, 1))
    assert not [request for request in server.requests if request.url.path.endswith("resolveHandle")]


@pytest.mark.parametrize("did", ["did:plc:", "did:plc:mia:", "did:plc:mia%", f"did:plc:{'x' * 2041}", "did:plc:mia/x"])
def test_what_cannot_be_a_did_is_no_mention(did: str) -> None:
    server = FakeBluesky()
    server.handles["mia.example"] = did
    account(server).publish(mentioning("mia.example"), key=tid(1, 1))
    assert [record.get("facets") for record in server.records.values()] == [None]


# --- The lexicons -----------------------------------------------------------------------------------------------------


def post(method: str, body: Any, *, verb: str = "POST", **headers: str) -> httpx.Request:
    every = {"Authorization": "Bearer x", "Content-Type": "application/json", **headers}
    return httpx.Request(verb, f"https://bsky.example/xrpc/{method}", content=json.dumps(body), headers=every)


def put(**changes: Any) -> httpx.Request:
    record = {"$type": "app.bsky.feed.post", "text": "Kış", "createdAt": "2026-12-06T09:00:00.000Z", **changes}
    where = {"repo": FakeBluesky.did, "collection": "app.bsky.feed.post", "rkey": "3kfixedrkey22", "swapRecord": None}
    return post("com.atproto.repo.putRecord", {**where, "record": record})


def facet(begin: int, end: int) -> dict[str, Any]:
    feature = {"$type": "app.bsky.richtext.facet#tag", "tag": "x"}
    return {"index": {"byteStart": begin, "byteEnd": end}, "features": [feature]}


@has_lexicons
def test_the_judge_tells_a_good_record_from_a_bad_one() -> None:
    assert atproto_spec.faults(put()) == []
    assert atproto_spec.faults(put(facets=[facet(0, 5)], langs=["tr"])) == []
    bad = [
        put(facets=[facet(0, 6)]),
        put(facets=[facet(3, 3)]),
        put(facets=[{**facet(0, 1), "features": [{"$type": "app.bsky.richtext.facet#shout"}]}]),
        put(facets=[{**facet(0, 1), "index": {"byteStart": 0}}]),
        put(langs=["Türkçe"]),
        put(langs=["tr", "he", "ro", "en"]),
        put(text="x" * 301),
        put(createdAt="2026-12-06 09:00"),
        put(mood="merry"),
        put(embed={"$type": "app.bsky.embed.images", "images": [{"image": {}, "alt": ""}]}),
        put(embed={"$type": "app.bsky.embed.external", "external": {"uri": "x", "title": "", "description": ""}}),
        put(reply={"root": {"uri": "at://x", "cid": "y"}, "parent": {"uri": "at://x", "cid": "y"}}),
        post("com.atproto.repo.putRecord", {"repo": FakeBluesky.did}),
        post("com.atproto.repo.writeRecord", {}),
        post("com.atproto.repo.putRecord", {}, verb="GET"),
        post("com.atproto.repo.uploadBlob", "x", **{"Content-Type": ""}),
    ]
    assert [request for request in bad if not atproto_spec.faults(request)] == []


@has_lexicons
def test_a_request_that_no_lexicon_knows_fails_its_test() -> None:
    with pytest.raises(AssertionError):
        FakeBluesky()(put(mood="merry"))
