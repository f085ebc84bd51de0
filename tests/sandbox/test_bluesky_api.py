"""The sandbox answers a Bluesky client as a personal data server does."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from sandbox.conftest import START, Practice, png
from socialops.http import Http
from socialops.networks.sandbox.server import Sandbox

URI = "at://{did}/app.bsky.feed.post/{rkey}"
RKEY = "3kfixedrkey22"


def error(response: Any) -> tuple[int, str]:
    return response.status, response.json()["error"]


def facet(start: int, end: int, **feature: str) -> dict[str, Any]:
    kind = {"uri": "link", "tag": "tag", "did": "mention"}[next(iter(feature))]
    features = [{"$type": f"app.bsky.richtext.facet#{kind}", **feature}]
    return {"index": {"byteStart": start, "byteEnd": end}, "features": features}


def images(*blobs: Any, alt: str = "A lamp") -> dict[str, Any]:
    return {"$type": "app.bsky.embed.images", "images": [{"alt": alt, "image": blob} for blob in blobs]}


def test_a_login_needs_the_right_password(practice: Practice) -> None:
    assert error(practice.login("wrong")) == (401, "AuthenticationRequired")
    session = practice.login().json()
    assert session["handle"] == "lumenvelo.example"
    assert session["did"].startswith("did:plc:")
    assert session["didDoc"]["service"][0]["serviceEndpoint"] == practice.sandbox.url


def test_tokens_expire_after_two_hours_and_are_renewed(bluesky: Practice) -> None:
    bluesky.wait(minutes=119, seconds=59)
    assert bluesky.put("In time").status == 200
    bluesky.wait(seconds=1)
    assert error(bluesky.put("Late", rkey="3kfixedrkey23")) == (400, "ExpiredToken")
    renewed = bluesky.call("POST", "com.atproto.server.refreshSession", token="refreshJwt")
    assert renewed.json()["accessJwt"] != bluesky.session["accessJwt"]
    bluesky.session = renewed.json()
    assert bluesky.put("Late", rkey="3kfixedrkey23").status == 200
    bluesky.wait(days=90)
    assert error(bluesky.call("POST", "com.atproto.server.refreshSession", token="refreshJwt")) == (
        400,
        "ExpiredToken",
    )


def test_a_missing_a_false_and_a_wrong_token_are_told_apart(bluesky: Practice) -> None:
    assert error(bluesky.call("POST", "com.atproto.server.refreshSession")) == (400, "InvalidToken")
    bluesky.session["accessJwt"] = bluesky.session["accessJwt"][:-4] + "AAAA"
    assert error(bluesky.put()) == (400, "InvalidToken")
    del bluesky.session["accessJwt"]
    assert error(bluesky.put()) == (401, "AuthMissing")


def test_a_record_is_written_once_and_only_once(bluesky: Practice) -> None:
    first, again = bluesky.put("One"), bluesky.put("One")
    assert (first.status, again.status) == (200, 200)
    assert "commit" in first.json()
    assert again.json() == {key: value for key, value in first.json().items() if key != "commit"}
    assert error(bluesky.put("Two")) == (400, "InvalidSwap")
    bluesky.wait(days=40)
    bluesky.login()
    assert bluesky.put("One").json()["cid"] == first.json()["cid"]


def test_a_record_can_be_swapped_for_the_one_that_is_known(bluesky: Practice) -> None:
    first = bluesky.put("One").json()
    assert error(bluesky.put("Two", swapRecord="bafyreiother")) == (400, "InvalidSwap")
    assert bluesky.put("Two", swapRecord=first["cid"]).json()["cid"] != first["cid"]


def test_create_record_makes_its_own_key_and_fails_with_500_on_one_that_exists(bluesky: Practice) -> None:
    body = {"repo": bluesky.session["did"], "collection": "app.bsky.feed.post"}
    record = {"text": "Hi", "createdAt": "2026-12-01T06:30:00Z"}
    made = bluesky.call("POST", "com.atproto.repo.createRecord", json_body={**body, "record": record}).json()
    rkey = made["uri"].rpartition("/")[2]
    assert len(rkey) == 13
    twice = {**body, "record": record, "rkey": rkey}
    assert error(bluesky.call("POST", "com.atproto.repo.createRecord", json_body=twice)) == (500, "InternalServerError")


def test_records_are_read_listed_and_deleted(bluesky: Practice) -> None:
    keys = [f"3kfixedrkey2{letter}" for letter in "234567"]
    cids = [bluesky.put(f"Text {key}", rkey=key).json()["cid"] for key in keys]
    did = bluesky.session["did"]
    where = {"repo": did, "collection": "app.bsky.feed.post"}
    got = bluesky.call("GET", "com.atproto.repo.getRecord", query={**where, "rkey": keys[0]}).json()
    assert (got["cid"], got["value"]["text"]) == (cids[0], f"Text {keys[0]}")
    page = bluesky.call("GET", "com.atproto.repo.listRecords", query={**where, "limit": "4"}).json()
    assert [record["cid"] for record in page["records"]] == cids[:1:-1]
    rest = bluesky.call("GET", "com.atproto.repo.listRecords", query={**where, "cursor": page["cursor"]}).json()
    assert [record["cid"] for record in rest["records"]] == cids[1::-1]
    assert "cursor" not in rest
    body = {**where, "rkey": keys[0]}
    assert "commit" in bluesky.call("POST", "com.atproto.repo.deleteRecord", json_body=body).json()
    assert bluesky.call("POST", "com.atproto.repo.deleteRecord", json_body=body).json() == {}
    assert error(bluesky.call("GET", "com.atproto.repo.getRecord", query={**where, "rkey": keys[0]})) == (
        400,
        "RecordNotFound",
    )


def test_another_repository_cannot_be_written(bluesky: Practice) -> None:
    assert bluesky.put(repo="did:plc:other").status == 401


@pytest.mark.parametrize("rkey", ["my-slug", "3KFIXEDRKEY22", "", "zkfixedrkey22", "3kfixedrkey2", None, 7, ".."])
def test_only_a_tid_is_a_key_of_a_post(bluesky: Practice, rkey: Any) -> None:
    assert error(bluesky.put(rkey=rkey)) == (400, "InvalidRequest")


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("ș" * 300, 200),
        ("ș" * 301, 400),
        ("👩‍👩‍👧‍👦" * 120, 200),  # 120 characters of 25 bytes
        ("👩‍👩‍👧‍👦" * 121, 400),
        ("", 200),
    ],
)
def test_a_text_is_counted_in_characters_and_bytes(bluesky: Practice, text: str, status: int) -> None:
    assert bluesky.put(text).status == status


@pytest.mark.parametrize(
    "record",
    [
        {"createdAt": "yesterday"},
        {"createdAt": "2026-12-01T06:30:00"},
        {"createdAt": "2026-13-01T06:30:00Z"},
        {"createdAt": None},
        {"text": None},
        {"text": ["a"]},
        {"$type": "app.bsky.feed.like"},
        {"langs": ["tr", "he", "ro", "en"]},
        {"langs": ["türkçe"]},
        {"tags": ["x" * 65]},
        {"facets": "all"},
        {"facets": [facet(0, 7, tag="a")]},
        {"facets": [facet(3, 3, tag="a")]},
        {"facets": [facet(-1, 2, tag="a")]},
        {"facets": [facet(1, 2, tag="a")]},  # inside the two bytes of ı
        {"facets": [facet(0, 2, tag="x" * 65)]},
        {"facets": [facet(0, 2, uri="not a link")]},
        {"facets": [facet(0, 2, did="lumenvelo")]},
        {"facets": [{"index": {"byteStart": True, "byteEnd": 2}, "features": []}]},
        {"reply": {"root": {"uri": "at://x/y/z", "cid": "bafyreiaaaaaaaaaaaaaaaaaaaaaaaa"}}},
        {"reply": {"root": {"uri": "https://x", "cid": "b"}, "parent": {"uri": "https://x", "cid": "b"}}},
        {"labels": {"values": [{"val": "nudity"}]}},
        {"embed": "picture"},
        {"embed": {"images": []}},
        {"embed": {"$type": "app.bsky.embed.images", "images": [{"image": {}, "alt": ""}]}},
        {"embed": {"$type": "app.bsky.embed.external", "external": {"uri": "https://a.example", "title": "A"}}},
    ],
)
def test_a_record_that_does_not_fit_its_lexicon_is_refused(bluesky: Practice, record: dict[str, Any]) -> None:
    done = bluesky.put(record={"text": "ıçı", **record})
    assert error(done) == (400, "InvalidRequest")
    assert done.json()["message"]


def test_facets_are_byte_ranges(bluesky: Practice) -> None:
    text = "ışık #kış"
    made = bluesky.put(text, record={"facets": [facet(8, 15, tag="kış")]})
    assert made.status == 400  # one byte too many
    start = len("ışık ".encode())
    made = bluesky.put(text, record={"facets": [facet(start, len(text.encode()), tag="kış")]})
    assert made.status == 200
    assert '<bdi class="tag">#kış</bdi>' in bluesky.page(f"/@lumenvelo.example/{RKEY}")


def test_pictures_are_checked_when_a_record_uses_them(bluesky: Practice) -> None:
    fits, large = bluesky.blob(png(filler=999_000)), bluesky.blob(png(filler=1_000_001))
    assert fits["ref"]["$link"].startswith("bafkrei")
    assert bluesky.put("Fits", record={"embed": images(fits)}).status == 200
    assert error(bluesky.put("Large", rkey="3kfixedrkey23", record={"embed": images(large)})) == (400, "BlobTooLarge")
    five = images(*[fits] * 5)
    assert error(bluesky.put("Five", rkey="3kfixedrkey23", record={"embed": five})) == (400, "InvalidRequest")
    lost = {**fits, "ref": {"$link": fits["ref"]["$link"][:-3] + "aaa"}}
    assert error(bluesky.put("Lost", rkey="3kfixedrkey23", record={"embed": images(lost)})) == (400, "BlobNotFound")
    words = bluesky.call("POST", "com.atproto.repo.uploadBlob", mime="text/plain", content=b"words").json()["blob"]
    assert error(bluesky.put("Words", rkey="3kfixedrkey23", record={"embed": images(words)})) == (
        400,
        "InvalidMimeType",
    )
    huge = bluesky.call("POST", "com.atproto.repo.uploadBlob", mime="image/png", content=bytes(6_000_000))
    assert huge.status == 413


def test_a_blob_comes_back_byte_for_byte(bluesky: Practice) -> None:
    data = png(30, 20, filler=100)
    blob = bluesky.blob(data)
    assert (blob["size"], blob["mimeType"]) == (len(data), "image/png")
    query = {"did": bluesky.session["did"], "cid": blob["ref"]["$link"]}
    assert bluesky.call("GET", "com.atproto.sync.getBlob", query=query).body == data


def test_handles_are_resolved(bluesky: Practice) -> None:
    found = bluesky.call("GET", "com.atproto.identity.resolveHandle", query={"handle": "lumenvelo.example"})
    assert found.json() == {"did": bluesky.session["did"]}
    unknown = bluesky.call("GET", "com.atproto.identity.resolveHandle", query={"handle": "nobody.example"})
    assert error(unknown) == (400, "InvalidRequest")


def test_posts_are_read_in_batches_and_missing_ones_left_out(bluesky: Practice) -> None:
    first, second = bluesky.put("One").json(), bluesky.put("Two", rkey="3kfixedrkey23").json()
    reply = {name: {"uri": first["uri"], "cid": first["cid"]} for name in ("root", "parent")}
    bluesky.put("Three", rkey="3kfixedrkey24", record={"reply": reply})
    lost = URI.format(did=bluesky.session["did"], rkey="3kfixedrkeyzz")
    read = bluesky.call("GET", "app.bsky.feed.getPosts", query={"uris": [first["uri"], lost, second["uri"]]}).json()
    assert [(post["uri"], post["cid"]) for post in read["posts"]] == [
        (first["uri"], first["cid"]),
        (second["uri"], second["cid"]),
    ]
    assert [post["replyCount"] for post in read["posts"]] == [1, 0]
    assert read["posts"][0]["record"]["text"] == "One"
    many = bluesky.call("GET", "app.bsky.feed.getPosts", query={"uris": [first["uri"]] * 26})
    assert error(many) == (400, "InvalidRequest")


def test_the_feed_may_lag_behind_the_repository(http: Http) -> None:
    with Sandbox(now=START, feed_delay=timedelta(seconds=30)) as sandbox:
        practice = Practice(sandbox, http)
        practice.login()
        uri = practice.put("Slow").json()["uri"]

        def seen() -> int:
            return len(practice.call("GET", "app.bsky.feed.getPosts", query={"uris": uri}).json()["posts"])

        assert seen() == 0
        practice.wait(seconds=30)
        assert seen() == 1


def test_a_profile_counts_followers_and_posts(bluesky: Practice) -> None:
    bluesky.put("One")
    for actor in ("lumenvelo.example", bluesky.session["did"]):
        profile = bluesky.call("GET", "app.bsky.actor.getProfile", query={"actor": actor}).json()
        assert (profile["followersCount"], profile["postsCount"], profile["displayName"]) == (2600, 1, "Lumen Velo")


def test_every_answer_tells_the_throttle_in_epoch_seconds(bluesky: Practice) -> None:
    headers = bluesky.put("One").headers
    assert headers["RateLimit-Policy"] == "3000;w=300"
    assert int(headers["RateLimit-Reset"]) == int((START + timedelta(minutes=5)).timestamp())


def test_an_unknown_method_is_told(bluesky: Practice) -> None:
    assert error(bluesky.call("GET", "app.bsky.feed.nothing")) == (501, "MethodNotImplemented")
    assert bluesky.call("GET", "com.atproto.repo.putRecord").status == 405
