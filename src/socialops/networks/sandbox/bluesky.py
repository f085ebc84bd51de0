"""The sandbox's AT Protocol side: what a Bluesky client uses of XRPC, as a personal data server answers.

Sources: the lexicons of com.atproto and app.bsky (bluesky-social/atproto) and the answers of PDS 0.4. Three things are
stricter or simpler here, to help whoever practises: facets must lie on whole characters of the text (a real server
takes any), a record's CID is a stable hash of its canonical JSON (not of DAG-CBOR), and app.bsky.feed.getPosts is
answered by the same server.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, NoReturn

from socialops.networks.sandbox.archive import Archive, LinkCard, Mark, Member, Picture, Sent, tags_of
from socialops.networks.sandbox.picture import measure_picture, measure_video
from socialops.networks.sandbox.record import POST, TID, Invalid, check_post, check_record_key
from socialops.networks.sandbox.request import Answer, Refusal, Request, Unreadable, answer

ACCESS_LIFETIME = timedelta(minutes=120)
REFRESH_LIFETIME = timedelta(days=90)
BLOB_LIMIT = 5_000_000
"""Bytes an upload may have; whether a picture fits is judged when a record uses it."""
GET_POSTS_LIMIT = 25

REQUESTS, WINDOW = 3000, timedelta(minutes=5)
"""The throttle that the headers describe. It is shown and never enforced: weeks pass in seconds here."""

_TID_LETTERS = "234567abcdefghijklmnopqrstuvwxyz"
_AT_URI = re.compile(r"at://([^/\s]{1,300})/([A-Za-z0-9.-]{1,200})/([A-Za-z0-9._:~-]{1,512})")


def refuse(status: int, error: str, message: str) -> NoReturn:
    """Answer with an XRPC error."""
    raise Refusal(status, {"error": error, "message": message})


def content_id(codec: int, data: bytes) -> str:
    """Return the CID (version 1, base32) of *data*: codec 0x55 for raw bytes, 0x71 for a record."""
    packed = bytes((1, codec, 0x12, 0x20)) + hashlib.sha256(data).digest()
    return "b" + base64.b32encode(packed).decode().rstrip("=").casefold()


def record_id(value: object) -> str:
    """Return the CID of a record."""
    return content_id(0x71, json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode())


def tid(at: datetime, clock_id: int = 0) -> str:
    """Return the TID of a moment: its microseconds and a clock id, in sortable base 32."""
    number = int(at.timestamp() * 1_000_000) << 10 | clock_id
    return "".join(_TID_LETTERS[number >> shift & 31] for shift in range(60, -1, -5))


class BlueskyApi:
    """Answers requests under `/xrpc/`. A post is seen by getPosts only *feed_delay* after it was written."""

    def __init__(self, archive: Archive, address: Callable[[], str], *, feed_delay: timedelta) -> None:
        self.archive = archive
        self.address = address
        self.feed_delay = feed_delay
        self._secret = hashlib.sha256(f"sandbox sessions {archive.seed}".encode()).digest()
        self._sessions = 0
        self._window = (archive.now(), 0)
        self._methods: dict[tuple[str, str], Callable[[Request], object]] = {
            ("GET", "com.atproto.server.describeServer"): self.describe_server,
            ("POST", "com.atproto.server.createSession"): self.create_session,
            ("POST", "com.atproto.server.refreshSession"): self.refresh_session,
            ("GET", "com.atproto.server.getSession"): self.get_session,
            ("GET", "com.atproto.identity.resolveHandle"): self.resolve_handle,
            ("POST", "com.atproto.repo.uploadBlob"): self.upload_blob,
            ("POST", "com.atproto.repo.createRecord"): self.create_record,
            ("POST", "com.atproto.repo.putRecord"): self.put_record,
            ("GET", "com.atproto.repo.getRecord"): self.get_record,
            ("GET", "com.atproto.repo.listRecords"): self.list_records,
            ("POST", "com.atproto.repo.deleteRecord"): self.delete_record,
            ("GET", "com.atproto.sync.getBlob"): self.get_blob,
            ("GET", "app.bsky.feed.getPosts"): self.get_posts,
            ("GET", "app.bsky.actor.getProfile"): self.get_profile,
        }

    def respond(self, request: Request) -> Answer:
        """Answer one request; raises Refusal."""
        headers = self._throttle()
        name = request.path.removeprefix("/xrpc/")
        method = self._methods.get((request.method, name))
        try:
            if method is None:
                if any(known == name for _, known in self._methods):
                    refuse(405, "InvalidRequest", "Incorrect HTTP method")
                refuse(501, "MethodNotImplemented", "Method Not Implemented")
            done = method(request)
        except (Unreadable, Invalid) as error:
            raise Refusal(400, {"error": "InvalidRequest", "message": str(error)}, headers) from error
        except Refusal as refusal:
            raise Refusal(refusal.status, refusal.body, headers) from refusal
        if isinstance(done, Answer):
            return Answer(done.status, done.body, done.mime, {**headers, **done.headers})
        return answer(done, headers=headers)

    def _throttle(self) -> dict[str, str]:
        now = self.archive.now()
        started, used = self._window
        if now - started >= WINDOW:
            started, used = now, 0
        self._window = (started, used + 1)
        return {
            "RateLimit-Limit": str(REQUESTS),
            "RateLimit-Remaining": str(max(1, REQUESTS - used - 1)),
            "RateLimit-Reset": str(int((started + WINDOW).timestamp())),
            "RateLimit-Policy": f"{REQUESTS};w={int(WINDOW.total_seconds())}",
        }

    # --- sessions ---

    def _sign(self, member: Member, scope: str, lifetime: timedelta) -> str:
        now = self.archive.now()
        self._sessions += 1
        claims = {
            "scope": scope,
            "sub": member.did,
            "aud": "did:web:localhost",
            "jti": f"{self._sessions}",
            "iat": int(now.timestamp()),
            "exp": int((now + lifetime).timestamp()),
        }
        body = ".".join(_encoded(json.dumps(part).encode()) for part in ({"typ": "at+jwt", "alg": "HS256"}, claims))
        return f"{body}.{_encoded(hmac.digest(self._secret, body.encode(), 'sha256'))}"

    def _session(self, member: Member) -> dict[str, Any]:
        return {
            "accessJwt": self._sign(member, "com.atproto.access", ACCESS_LIFETIME),
            "refreshJwt": self._sign(member, "com.atproto.refresh", REFRESH_LIFETIME),
            **self._identity(member),
        }

    def _identity(self, member: Member) -> dict[str, Any]:
        service = {"id": "#atproto_pds", "type": "AtprotoPersonalDataServer", "serviceEndpoint": self.address()}
        return {
            "handle": member.handle,
            "did": member.did,
            "didDoc": {"id": member.did, "alsoKnownAs": [f"at://{member.handle}"], "service": [service]},
            "active": True,
        }

    def member(self, request: Request, scope: str = "com.atproto.access") -> Member:
        """Return whose token the request carries; refuses 401 without one, 400 with a wrong or expired one."""
        if request.token is None:
            refuse(401, "AuthMissing", "Authentication Required")
        body, _, signature = request.token.rpartition(".")
        expected = _encoded(hmac.digest(self._secret, body.encode("utf-8", "replace"), "sha256"))
        if not hmac.compare_digest(signature.encode("utf-8", "replace"), expected.encode()):
            refuse(400, "InvalidToken", "Token could not be verified")
        middle = body.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
        if claims["scope"] != scope:
            refuse(400, "InvalidToken", "Bad token scope")
        if claims["exp"] <= self.archive.now().timestamp():
            refuse(400, "ExpiredToken", "Token has expired")
        member = self.archive.member_with(did=claims["sub"])
        if member is None:
            refuse(400, "InvalidToken", "Token could not be verified")
        return member

    def describe_server(self, _request: Request) -> object:
        """Tell what this server is."""
        return {"did": "did:web:localhost", "availableUserDomains": [], "inviteCodeRequired": True, "links": {}}

    def create_session(self, request: Request) -> object:
        """Log in with an app password."""
        body = _object(request)
        identifier, password = str(body.get("identifier", "")), str(body.get("password", ""))
        member = self.archive.member(identifier) or self.archive.member_with(did=identifier)
        if member is None or not hmac.compare_digest(password.encode("utf-8"), member.token.encode()):
            refuse(401, "AuthenticationRequired", "Invalid identifier or password")
        return self._session(member)

    def refresh_session(self, request: Request) -> object:
        """Give a new pair of tokens for a refresh token."""
        return self._session(self.member(request, "com.atproto.refresh"))

    def get_session(self, request: Request) -> object:
        """Tell whose token it is."""
        return self._identity(self.member(request))

    def _known(self, name: str) -> Member | None:
        return self.archive.member(name) or self.archive.member_with(did=name)

    def resolve_handle(self, request: Request) -> object:
        """Return the DID of a handle."""
        member = self.archive.member(request.argument("handle"))
        if member is None:
            refuse(400, "InvalidRequest", "Unable to resolve handle")
        return {"did": member.did}

    # --- blobs ---

    def upload_blob(self, request: Request) -> object:
        """Take a picture's bytes."""
        member = self.member(request)
        if not request.body:
            refuse(400, "InvalidRequest", "A request body is expected but none was provided")
        if len(request.body) > BLOB_LIMIT:
            refuse(413, "PayloadTooLarge", "request entity too large")
        found = measure_picture(request.body) or measure_video(request.body)
        mime, width, height = found or (request.mime or "application/octet-stream", 0, 0)
        picture = Picture(content_id(0x55, request.body), mime, width, height, len(request.body))
        self.archive.add_picture(member, picture, request.body)
        blob = {"$type": "blob", "ref": {"$link": picture.id}, "mimeType": mime, "size": picture.size}
        return {"blob": blob}

    def get_blob(self, request: Request) -> object:
        """Return a picture's bytes."""
        member = self.archive.member_with(did=request.argument("did"))
        picture = self.archive.picture(request.argument("cid"), member) if member else None
        if picture is None:
            refuse(400, "BlobNotFound", "Blob not found")
        return Answer(200, self.archive.picture_data(picture.id), picture.mime)

    # --- records ---

    def _target(self, request: Request) -> tuple[Member, dict[str, Any], str]:
        member = self.member(request)
        body = _object(request)
        if body.get("repo") not in {member.did, member.handle}:
            refuse(401, "AuthenticationRequired", "Authentication Required")
        collection = body.get("collection")
        if not isinstance(collection, str) or not re.fullmatch(
            r"[a-zA-Z][a-zA-Z0-9-]*(\.[a-zA-Z0-9-]+){2,}", collection
        ):
            refuse(400, "InvalidRequest", "Input/collection must be a valid nsid")
        return member, body, collection

    def create_record(self, request: Request) -> object:
        """Write a new record; a key that exists already ends in 500, as on real servers."""
        member, body, collection = self._target(request)
        rkey = body.get("rkey") or tid(self.archive.now(), self._next_clock_id())
        check_record_key(collection, rkey)
        value = self._valid(member, collection, body)
        if self.archive.record(member, collection, rkey):
            refuse(500, "InternalServerError", "Internal Server Error")
        return self._write(member, collection, rkey, value)

    def put_record(self, request: Request) -> object:
        """Write a record under a key of the client's choice.

        The same record again changes nothing and is told by a missing `commit`. `swapRecord: null` means "only if there
        is none".
        """
        member, body, collection = self._target(request)
        rkey = body.get("rkey")
        check_record_key(collection, rkey)
        value = self._valid(member, collection, body)
        present = self.archive.record(member, collection, str(rkey))
        if present and present[0] == record_id(value):
            return {
                "uri": _uri(member, collection, str(rkey)),
                "cid": present[0],
                "validationStatus": _status(collection),
            }
        if "swapRecord" in body:
            wanted = body["swapRecord"]
            if wanted != (present[0] if present else None):
                refuse(400, "InvalidSwap", f"Record was at {present[0] if present else 'null'}")
        return self._write(member, collection, str(rkey), value)

    def _valid(self, member: Member, collection: str, body: dict[str, Any]) -> dict[str, Any]:
        value = body.get("record")
        if not isinstance(value, dict):
            refuse(400, "InvalidRequest", "Input/record must be an object")
        value = {**value, "$type": value.get("$type", collection)}
        if value["$type"] != collection:
            refuse(400, "InvalidRequest", f"Invalid $type: expected {collection}, got {value['$type']}")
        if collection == POST:
            for blob, limit in check_post(value):
                self._check_blob(member, blob, limit)
        return value

    def _check_blob(self, member: Member, blob: dict[str, Any], limit: int) -> None:
        cid = str(blob["ref"]["$link"])
        picture = self.archive.picture(cid, member)
        if picture is None:
            refuse(400, "BlobNotFound", f"Could not find blob: {cid}")
        if picture.size > limit:
            refuse(
                400,
                "BlobTooLarge",
                f"This file is too large. It is {picture.size} bytes but the maximum size is {limit} bytes.",
            )
        if picture.mime != blob["mimeType"] or not picture.mime.startswith(("image/", "video/")):
            refuse(400, "InvalidMimeType", f"Wrong type of file. It is {picture.mime} but it must match image/*.")

    def _write(self, member: Member, collection: str, rkey: str, value: dict[str, Any]) -> object:
        cid = record_id(value)
        if collection == POST:
            earlier = self.archive.find("bluesky", member.handle, rkey)
            if earlier:
                self.archive.remove(earlier)
            self.archive.add(self._post(member, rkey, cid, value, earlier.published if earlier else None))
        self.archive.put_record(member, collection, rkey, cid, value)
        return {
            "uri": _uri(member, collection, rkey),
            "cid": cid,
            "commit": self._commit(cid),
            "validationStatus": _status(collection),
        }

    def _commit(self, about: str) -> dict[str, str]:
        rev = tid(self.archive.now(), self._next_clock_id())
        return {"cid": record_id({"rev": rev, "data": about}), "rev": rev}

    def _next_clock_id(self) -> int:
        self._sessions += 1
        return self._sessions % 1024

    def _post(self, member: Member, rkey: str, cid: str, value: dict[str, Any], published: datetime | None) -> Sent:
        text = str(value["text"])
        marks = _marks(text, value.get("facets") or [])
        parent = _parent(value, member)
        above = self.archive.find("bluesky", member.handle, parent) if parent else None
        embed = value.get("embed") or {}
        media = embed.get("media", embed)
        tags = [mark.target for mark in marks if mark.kind == "tag"] + list(value.get("tags") or [])
        labels = [item["val"] for item in (value.get("labels") or {}).get("values", [])]
        return Sent(
            network="bluesky",
            handle=member.handle,
            id=rkey,
            published=published or self.archive.now(),
            text=text,
            marks=marks,
            lang=next(iter(value.get("langs") or []), ""),
            warning=", ".join(label for label in labels if not label.startswith("!")),
            sensitive=any(not label.startswith("!") for label in labels),
            pictures=self._pictures(member, media),
            card=_card(media),
            reply_to=parent,
            cid=cid,
            tags=tags_of("", tags),
            position=above.position + 1 if above else 0,
        )

    def _pictures(self, member: Member, media: dict[str, Any]) -> tuple[Picture, ...]:
        found = []
        film = [{**media, "alt": media.get("alt", ""), "image": media["video"]}] if media.get("video") else []
        for item in media.get("images", film):
            picture = self.archive.picture(item["image"]["ref"]["$link"], member)
            if picture:
                found.append(
                    Picture(picture.id, picture.mime, picture.width, picture.height, picture.size, item["alt"])
                )
        return tuple(found)

    def get_record(self, request: Request) -> object:
        """Return a record."""
        member = self._known(request.argument("repo"))
        collection, rkey = request.argument("collection"), request.argument("rkey")
        found = self.archive.record(member, collection, rkey) if member else None
        if member is None or found is None:
            refuse(
                400, "RecordNotFound", f"Could not locate record: at://{request.argument('repo')}/{collection}/{rkey}"
            )
        return {"uri": _uri(member, collection, rkey), "cid": found[0], "value": found[1]}

    def list_records(self, request: Request) -> object:
        """List the records of a collection, newest key first; `cursor` is the key where the last page ended."""
        member = self._known(request.argument("repo"))
        if member is None:
            refuse(400, "InvalidRequest", f"Could not find repo: {request.argument('repo')}")
        collection, cursor = request.argument("collection"), request.argument("cursor")
        found = self.archive.records(member, collection)
        backwards = request.argument("reverse") == "true"
        if backwards:
            found.reverse()
        if cursor:
            found = [item for item in found if (item[0] > cursor if backwards else item[0] < cursor)]
        limit = request.number("limit", 50, 100)
        page = found[:limit]
        records = [{"uri": _uri(member, collection, rkey), "cid": cid, "value": value} for rkey, cid, value in page]
        return {"records": records, **({"cursor": page[-1][0]} if len(found) > limit else {})}

    def delete_record(self, request: Request) -> object:
        """Delete a record; one that is not there is not an error, and makes no commit."""
        member, body, collection = self._target(request)
        rkey = body.get("rkey")
        check_record_key(collection, rkey)
        present = self.archive.record(member, collection, str(rkey))
        if "swapRecord" in body and body["swapRecord"] != (present[0] if present else None):
            refuse(400, "InvalidSwap", f"Record was at {present[0] if present else 'null'}")
        if not self.archive.remove_record(member, collection, str(rkey)):
            return {}
        post = self.archive.find("bluesky", member.handle, str(rkey)) if collection == POST else None
        if post:
            self.archive.remove(post)
        return {"commit": self._commit(str(rkey))}

    # --- what the audience did ---

    def _reader(self, request: Request) -> None:
        if request.token is not None:
            self.member(request)

    def get_posts(self, request: Request) -> object:
        """Show up to 25 posts with their counters; those that are gone are left out."""
        self._reader(request)
        uris = request.arguments("uris", "uris[]")
        if not 1 <= len(uris) <= GET_POSTS_LIMIT:
            refuse(400, "InvalidRequest", f"Error: uris must not have more than {GET_POSTS_LIMIT} elements")
        views = []
        for uri in dict.fromkeys(uris):
            found = _AT_URI.fullmatch(uri)
            if found is None:
                refuse(400, "InvalidRequest", "Error: uris/0 must be a valid at-uri")
            member = self._known(found[1])
            post = self.archive.post("bluesky", member.handle, found[3]) if member and found[2] == POST else None
            if member and post and post.published + self.feed_delay <= self.archive.now():
                views.append(self._view(member, post))
        return {"posts": views}

    def _view(self, member: Member, post: Sent) -> dict[str, Any]:
        numbers = self.archive.numbers(post)
        record = self.archive.record(member, POST, post.id)
        return {
            "uri": _uri(member, POST, post.id),
            "cid": post.cid,
            "author": {"did": member.did, "handle": member.handle, "displayName": member.name, "labels": []},
            "record": record[1] if record else {},
            "replyCount": numbers.replies,
            "repostCount": numbers.reposts,
            "likeCount": numbers.likes,
            "quoteCount": numbers.quotes,
            "bookmarkCount": numbers.bookmarks,
            "indexedAt": post.published.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "labels": [],
        }

    def get_profile(self, request: Request) -> object:
        """Show an account."""
        self._reader(request)
        member = self._known(request.argument("actor"))
        if member is None:
            refuse(400, "InvalidRequest", "Profile not found")
        return {
            "did": member.did,
            "handle": member.handle,
            "displayName": member.name,
            "description": "",
            "avatar": f"{self.address()}/sandbox/avatar/{member.handle}.svg",
            "followersCount": self.archive.followers(member),
            "followsCount": member.following,
            "postsCount": len(self.archive.posts(member.handle, "bluesky")),
            "createdAt": member.since.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "indexedAt": member.since.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "labels": [],
        }


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _object(request: Request) -> dict[str, Any]:
    value = request.json()
    if not isinstance(value, dict):
        refuse(400, "InvalidRequest", "Input must be an object")
    return value


def _uri(member: Member, collection: str, rkey: str) -> str:
    return f"at://{member.did}/{collection}/{rkey}"


def _status(collection: str) -> str:
    return "valid" if collection == POST else "unknown"


def _parent(value: dict[str, Any], member: Member) -> str | None:
    """Return the key of the own post that a record answers; None for a post of its own, or an answer to others."""
    if "reply" not in value:
        return None
    found = _AT_URI.fullmatch(value["reply"]["parent"]["uri"])
    return found[3] if found and found[1] in {member.did, member.handle} and TID.fullmatch(found[3]) else None


def _card(media: dict[str, Any]) -> LinkCard | None:
    external = media.get("external")
    if not external:
        return None
    picture = (external.get("thumb") or {}).get("ref", {}).get("$link", "")
    return LinkCard(external["uri"], external["title"], external["description"], picture)


def _marks(text: str, facets: list[dict[str, Any]]) -> tuple[Mark, ...]:
    data = text.encode("utf-8")
    found: list[Mark] = []
    for facet in sorted(facets, key=lambda facet: int(facet["index"]["byteStart"])):
        start, end = (len(data[: facet["index"][edge]].decode("utf-8")) for edge in ("byteStart", "byteEnd"))
        for feature in facet["features"]:
            kind = str(feature["$type"]).partition("#")[2]
            target = feature.get({"link": "uri", "mention": "did", "tag": "tag"}.get(kind, ""))
            if target and (not found or start >= found[-1].end):
                found.append(Mark(start, end, kind, str(target)))
    return tuple(found)
