"""Two small servers in memory that keep what they are sent: enough of Mastodon, and enough of a PDS.

Every request is held against what the networks publish about their APIs, where that is at hand.

Each is a function from request to response, for httpx.MockTransport. What they refuse they refuse as the real ones do.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import httpx

from networks import atproto_spec, mastodon_spec
from networks.forms import multipart

NOW = datetime(2026, 12, 6, 9, 0, tzinfo=UTC)
DATE = "Sun, 06 Dec 2026 09:00:00 GMT"
SECRET = "s3cret-app-passw0rd"


def answer(status: int, value: Any, **headers: str) -> httpx.Response:
    return httpx.Response(status, json=value, headers={"Date": DATE, **headers})


class FakeMastodon:
    """One account on one Mastodon server."""

    base = "https://mastodon.example"

    def __init__(self) -> None:
        self.now = NOW
        self.version = "4.4.0"
        self.statuses: list[dict[str, Any]] = []
        self.sources: dict[str, dict[str, Any]] = {}
        self.bodies: list[dict[str, Any]] = []
        self.media: dict[str, dict[str, Any]] = {}
        self.keys: dict[str, str] = {}
        self.requests: list[httpx.Request] = []
        self.polls_until_ready = 0
        self.has_source = True
        self.has_batches = True
        self.has_instance_2 = True
        self.pages = True

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if mastodon_spec.SCHEMA.is_file():
            assert mastodon_spec.faults(request) == []
        if request.headers.get("Authorization") != f"Bearer {SECRET}":
            return answer(401, {"error": "The access token is invalid"})
        path, method = request.url.path, request.method
        if path == "/api/v1/accounts/verify_credentials":
            return answer(200, self.account())
        if path == "/api/v2/instance" and self.has_instance_2:
            return answer(200, {"domain": "mastodon.example", "version": self.version, **CONFIGURATION})
        if path == "/api/v1/instance":
            return answer(200, {"uri": "mastodon.example", "version": self.version, "max_toot_chars": 5000})
        if path == "/api/v2/media" and method == "POST":
            return self.upload(request)
        if found := re.fullmatch(r"/api/v1/media/(\w+)", path):
            self.polls_until_ready -= 1
            return answer(206 if self.polls_until_ready > 0 else 200, {"id": found[1], "url": None})
        if path == "/api/v1/statuses" and method == "POST":
            return self.post(request)
        if path == "/api/v1/statuses" and self.has_batches:
            wanted = parse_qs(request.url.query.decode())["id[]"]
            return answer(200, [status for status in self.statuses if status["id"] in wanted])
        if path == "/api/v1/accounts/109/statuses":
            return self.timeline(request)
        if found := re.fullmatch(r"/api/v1/statuses/(\w+)(/source)?", path):
            return self.one(method, found[1], source=bool(found[2]))
        return answer(404, {"error": "Record not found"})

    def account(self) -> dict[str, Any]:
        return {
            "id": "109",
            "acct": "lumenvelo",
            "display_name": "Lumen Velo",
            "url": f"{self.base}/@lumenvelo",
            "note": "<p>Bicycles</p>",
            "source": {"note": "Bicycles"},
            "followers_count": 321,
            "following_count": 7,
            "statuses_count": len(self.statuses),
        }

    def upload(self, request: httpx.Request) -> httpx.Response:
        fields = multipart(request)
        identity = str(500 + len(self.media))
        self.media[identity] = fields
        url = None if self.polls_until_ready else f"{self.base}/{identity}.png"
        return answer(202 if self.polls_until_ready else 200, {"id": identity, "type": "image", "url": url})

    def post(self, request: httpx.Request) -> httpx.Response:
        fields = parse_qs(request.content.decode(), keep_blank_values=True, strict_parsing=True)
        body: dict[str, Any] = {name: values if name.endswith("[]") else values[0] for name, values in fields.items()}
        key = request.headers["Idempotency-Key"]
        if key in self.keys:
            return answer(200, next(s for s in self.statuses if s["id"] == self.keys[key]))
        if len(body["status"]) > 500:
            return answer(422, {"error": f"Validation failed: Text character limit of 500 exceeded {SECRET}"})
        status = self.add(
            body["status"],
            in_reply_to_id=body.get("in_reply_to_id"),
            spoiler_text=body.get("spoiler_text", ""),
            media_attachments=[
                {"id": identity, "description": self.media[identity].get("description")}
                for identity in body.get("media_ids[]", [])
            ],
            poll={"votes_count": 3} if "poll[options][]" in body else None,
        )
        self.bodies.append(body)
        self.keys[key] = status["id"]
        return answer(200, status)

    def add(self, text: str, **fields: Any) -> dict[str, Any]:
        """Put a status on the timeline, newest first."""
        identity = str(9000 + len(self.sources))
        status = {
            "id": identity,
            "created_at": self.now.isoformat().replace("+00:00", ".000Z"),
            "url": f"{self.base}/@lumenvelo/{identity}",
            "content": drawn(text),
            "spoiler_text": "",
            "in_reply_to_id": None,
            "media_attachments": [],
            "reblog": None,
            "poll": None,
            "favourites_count": 5,
            "reblogs_count": 2,
            "replies_count": 0,
            **fields,
        }
        self.statuses.insert(0, status)
        self.sources[identity] = {"id": identity, "text": text, "spoiler_text": status["spoiler_text"]}
        return status

    def timeline(self, request: httpx.Request) -> httpx.Response:
        query = request.url.params
        shown = [s for s in self.statuses if not self.pages or int(s["id"]) < int(query.get("max_id", "99999"))]
        return answer(200, shown[: int(query["limit"])])

    def one(self, method: str, identity: str, *, source: bool) -> httpx.Response:
        status = next((s for s in self.statuses if s["id"] == identity), None)
        if status is None or (source and not self.has_source):
            return answer(404, {"error": "Record not found"})
        if method == "DELETE":
            self.statuses.remove(status)
        return answer(200, self.sources[identity] if source else status)


CONFIGURATION: dict[str, Any] = {
    "configuration": {
        "statuses": {"max_characters": 640, "max_media_attachments": 6, "characters_reserved_per_url": 23},
        "media_attachments": {
            "description_limit": 1500,
            "image_size_limit": 8_000_000,
            "image_matrix_limit": 16_000_000,
            "supported_mime_types": ["image/jpeg", "image/png", "image/heic", "video/mp4"],
        },
        "polls": {"max_options": 5, "max_characters_per_option": 60, "min_expiration": 300, "max_expiration": 0},
    }
}


def drawn(text: str) -> str:
    """Draw a status as Mastodon does: paragraphs, breaks, links in three pieces, mentions without their host."""
    shown = html.escape(text)
    shown = re.sub(
        r"(https?://)(\S{1,20})(\S*)",
        r'<a href="\1\2\3"><span class="invisible">\1</span><span class="ellipsis">\2</span><span>\3</span></a>',
        shown,
    )
    shown = re.sub(r"(?<!\S)@(\w+)@([\w.]+)", r'<span class="h-card"><a href="x">@<span>\1</span></a></span>', shown)
    return "".join(f"<p>{paragraph}</p>" for paragraph in shown.split("\n\n")).replace("\n", "<br />")


TOO_LONG = re.compile(r"record\.text has \d+ (?:graphemes|bytes)")


class FakeBluesky:
    """One account in one PDS."""

    base = "https://bsky.example"
    did = "did:plc:ewvi7nxzyoun6zhxrhs64oiz"

    def __init__(self) -> None:
        self.records: dict[str, dict[str, Any]] = {}
        self.blobs: dict[str, bytes] = {}
        self.requests: list[httpx.Request] = []
        self.tokens = 0
        self.logins = 0
        self.home = self.base
        self.has_application = True
        self.gates: dict[tuple[str, str], dict[str, Any]] = {}
        """Records of other collections, by collection and key."""
        self.handles = {"mia.example": "did:plc:mia", "lumenvelo.example": self.did}
        self.resolving = 200

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if atproto_spec.LEXICONS.is_dir():
            # What is merely too long it refuses, below.
            assert [fault for fault in atproto_spec.faults(request) if not TOO_LONG.fullmatch(fault)] == []
        method = request.url.path.removeprefix("/xrpc/")
        query = request.url.params
        bearer = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if method == "com.atproto.server.createSession":
            body = json.loads(request.content)
            if body != {"identifier": "lumenvelo.example", "password": SECRET}:
                return answer(401, {"error": "AuthenticationRequired", "message": "Invalid identifier or password"})
            self.logins += 1
            return answer(200, self.session())
        if method == "com.atproto.server.refreshSession":
            return answer(200, self.session()) if bearer == f"refresh-{SECRET}" else trouble("ExpiredToken")
        if bearer != f"access-{self.tokens}-{SECRET}":
            return trouble("ExpiredToken" if bearer.startswith("access-") else "InvalidToken")
        if method == "com.atproto.repo.uploadBlob":
            cid = "bafkrei" + hashlib.sha256(request.content).hexdigest()
            self.blobs[cid] = request.content
            kind = request.headers["Content-Type"]
            blob = {"$type": "blob", "ref": {"$link": cid}, "mimeType": kind, "size": len(request.content)}
            return answer(200, {"blob": blob})
        if method == "com.atproto.repo.putRecord":
            return self.put(json.loads(request.content))
        if method == "com.atproto.repo.deleteRecord":
            body = json.loads(request.content)
            if body["collection"] == "app.bsky.feed.post":
                self.records.pop(body["rkey"], None)
            self.gates.pop((body["collection"], body["rkey"]), None)
            return answer(200, {})
        if method == "com.atproto.repo.getRecord":
            key = query["rkey"]
            if query["repo"] != self.did or key not in self.records:
                return trouble("RecordNotFound")
            return answer(200, {**self.name(key), "value": self.records[key]})
        if method == "com.atproto.identity.resolveHandle":
            if self.resolving != 200:
                return answer(self.resolving, {"error": "InternalServerError"})
            did = self.handles.get(query["handle"])
            return answer(200, {"did": did}) if did else trouble("InvalidRequest")
        if method == "app.bsky.feed.getPosts" and self.has_application:
            posts = [self.counted(key) for key in self.records if self.name(key)["uri"] in query.get_list("uris")]
            return answer(200, {"posts": posts})
        if method == "app.bsky.actor.getProfile" and self.has_application:
            return answer(200, {"did": self.did, "displayName": "Lumen Velo", "description": "Bicycles", **NUMBERS})
        return answer(501, {"error": "MethodNotImplemented", "message": "Method Not Implemented"})

    def session(self) -> dict[str, Any]:
        self.tokens += 1
        service = {"id": "#atproto_pds", "type": "AtprotoPersonalDataServer", "serviceEndpoint": self.home}
        return {
            "did": self.did,
            "handle": "lumenvelo.example",
            "accessJwt": f"access-{self.tokens}-{SECRET}",
            "refreshJwt": f"refresh-{SECRET}",
            "didDoc": {"id": self.did, "service": [service]},
        }

    def put(self, body: dict[str, Any]) -> httpx.Response:
        record, key = body["record"], body["rkey"]
        if body["collection"] != "app.bsky.feed.post":
            self.gates[body["collection"], key] = record
            return answer(200, {"uri": f"at://{self.did}/{body['collection']}/{key}", "cid": "bafyreigate"})
        if len(record["text"]) > 300:
            return trouble("InvalidRequest")
        for image in record.get("embed", {}).get("images", ()):
            if image["image"]["ref"]["$link"] not in self.blobs:
                return trouble("BlobNotFound")
        if key in self.records and self.records[key] != record and body.get("swapRecord", 0) is None:
            return trouble("InvalidSwap")
        self.records[key] = record
        return answer(200, self.name(key))

    def name(self, key: str) -> dict[str, str]:
        digest = hashlib.sha256(json.dumps(self.records[key], sort_keys=True).encode()).digest()
        cid = "bafyrei" + base64.b32encode(digest).decode().rstrip("=").lower()
        return {"uri": f"at://{self.did}/app.bsky.feed.post/{key}", "cid": cid}

    def counted(self, key: str) -> dict[str, Any]:
        return {**self.name(key), "likeCount": 5, "repostCount": 2, "replyCount": 0, "bookmarkCount": 1}


NUMBERS = {"followersCount": 321, "followsCount": 7, "postsCount": 12}


def trouble(name: str) -> httpx.Response:
    return answer(400, {"error": name, "message": f"{name} {SECRET}"})


LATER = timedelta(minutes=1)
