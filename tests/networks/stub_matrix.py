"""A small Matrix homeserver in memory: one account, its rooms, and what they hold.

Written from the specification (client-server API 1.19: sending, transaction identifiers, pagination, relations, media,
redactions, size limits), and every request is judged by the specification's own OpenAPI files where they are there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

import httpx

from networks import matrix_spec

BEGUN = datetime(2026, 12, 6, 9, 0, 0, tzinfo=UTC)
SERVER = "matrix.example"
US = f"@lumenvelo:{SERVER}"
ROOM = f"!lamps:{SERVER}"
ALIAS = f"#lamps:{SERVER}"
LARGEST = 65536


class Refusal(Exception):
    def __init__(self, status: int, errcode: str, error: str, **more: Any) -> None:
        super().__init__(error)
        self.status = status
        self.body = {"errcode": errcode, "error": error, **more}


def canonical(value: object) -> bytes:
    """Write JSON as servers sign and measure it (appendices: canonical JSON)."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


@dataclass
class FakeMatrix:
    """One homeserver. *token* belongs to *device*; another token is another device, as after a new login."""

    token: str
    device: str = "LAMPLIGHT"
    base: str = f"https://{SERVER}"
    joined: tuple[str, ...] = (US, f"@reader:{SERVER}", "@rider:elsewhere.example")
    encrypted: bool = False
    page: int = 50
    upload_size: int | None = 50_000_000
    events: list[dict[str, Any]] = field(default_factory=list)
    media: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    transactions: dict[tuple[str, str], str] = field(default_factory=dict)
    requests: list[httpx.Request] = field(default_factory=list)
    refuse: Callable[[httpx.Request], httpx.Response | None] = lambda _request: None
    version: int = 11
    _ticks: int = 0

    # --- What tests look at and do ------------------------------------------------------------------------------------

    def messages(self) -> list[dict[str, Any]]:
        """Return what is to be seen in the room, oldest first."""
        return [event for event in self.events if event["type"] == "m.room.message" and "body" in event["content"]]

    def asked(self, method: str, part: str) -> int:
        return sum(request.method == method and part in request.url.path for request in self.requests)

    def add(
        self, sender: str, kind: str, content: Mapping[str, Any], txn: str = "", device: str = ""
    ) -> dict[str, Any]:
        """Put an event into the room, as any client of any server can."""
        self._ticks += 1
        number = len(self.events)
        at = int(BEGUN.timestamp() * 1000) + self._ticks * 1000
        event = {
            "type": kind,
            "sender": sender,
            "content": dict(content),
            "event_id": f"$event-{number:04d}_Zq1x" if self.version > 3 else f"$event{number}:{SERVER}",
            "origin_server_ts": at,
            "room_id": ROOM,
            "unsigned": {},
            "_txn": (device, txn),
        }
        self.events.append(event)
        return event

    # --- Answering ----------------------------------------------------------------------------------------------------

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if matrix_spec.VECTORS.is_dir():
            assert matrix_spec.faults(request) == []
        refused = self.refuse(request)
        if refused is not None:
            return refused
        try:
            return self._answer(200, self._handle(request))
        except Refusal as refusal:
            return self._answer(refusal.status, refusal.body)

    def _answer(self, status: int, body: Any) -> httpx.Response:
        return httpx.Response(status, json=body, headers={"Date": "Sun, 06 Dec 2026 09:30:00 GMT"})

    def _handle(self, request: httpx.Request) -> Any:
        path = request.url.raw_path.decode().partition("?")[0]
        assert request.url.host == SERVER, "the token goes nowhere else"
        held = request.headers.get("authorization", "")
        if not held:
            raise Refusal(401, "M_MISSING_TOKEN", "Missing access token")
        if held != f"Bearer {self.token}":
            raise Refusal(401, "M_UNKNOWN_TOKEN", "Unrecognised access token", soft_logout=False)
        for method, pattern, answer in self._routes():
            found = re.fullmatch(pattern, path)
            if found and method == request.method:
                return answer(request, *(unquote(value) for value in found.groups()))
        raise Refusal(404, "M_UNRECOGNIZED", "Unrecognized request")

    def _routes(self) -> Iterator[tuple[str, str, Callable[..., Any]]]:
        client = "/_matrix/client/v3"
        yield "GET", f"{client}/account/whoami", self._whoami
        yield "GET", f"{client}/directory/room/([^/]+)", self._alias
        yield "GET", f"{client}/profile/([^/]+)", self._profile
        yield "GET", f"{client}/rooms/([^/]+)/state/m.room.encryption/", self._encryption
        yield "GET", f"{client}/rooms/([^/]+)/joined_members", self._members
        yield "GET", f"{client}/rooms/([^/]+)/event/([^/]+)", self._event
        yield "GET", f"{client}/rooms/([^/]+)/messages", self._messages
        yield "GET", "/_matrix/client/v1/rooms/([^/]+)/relations/([^/]+)", self._relations
        yield "PUT", f"{client}/rooms/([^/]+)/send/([^/]+)/([^/]+)", self._send
        yield "PUT", f"{client}/rooms/([^/]+)/redact/([^/]+)/([^/]+)", self._redact
        yield "POST", "/_matrix/media/v3/upload", self._upload
        yield "GET", "/_matrix/client/v1/media/config", self._config

    def _whoami(self, _request: httpx.Request) -> Any:
        return {"user_id": US, "device_id": self.device, "is_guest": False}

    def _alias(self, _request: httpx.Request, alias: str) -> Any:
        if alias != ALIAS:
            raise Refusal(404, "M_NOT_FOUND", f"Room alias {alias} not found.")
        return {"room_id": ROOM, "servers": [SERVER]}

    def _profile(self, _request: httpx.Request, user: str) -> Any:
        if user != US:
            raise Refusal(404, "M_NOT_FOUND", "Profile not found")
        return {"displayname": "Lumen Velo", "avatar_url": f"mxc://{SERVER}/face"}

    def _in_room(self, room: str) -> None:
        if room != ROOM or US not in self.joined:
            raise Refusal(403, "M_FORBIDDEN", f"User {US} not in room {room}")

    def _encryption(self, _request: httpx.Request, room: str) -> Any:
        self._in_room(room)
        if not self.encrypted:
            raise Refusal(404, "M_NOT_FOUND", "Event not found.")
        return {"algorithm": "m.megolm.v1.aes-sha2"}

    def _members(self, _request: httpx.Request, room: str) -> Any:
        self._in_room(room)
        return {"joined": {user: {"display_name": user[1:4]} for user in self.joined}}

    def _known(self, room: str, identity: str) -> dict[str, Any]:
        self._in_room(room)
        for event in self.events:
            if event["event_id"] == identity:
                return event
        raise Refusal(404, "M_NOT_FOUND", "Event not found.")

    def _shown(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Return an event as this device gets it: its own transaction identifiers, nobody else's."""
        shown = {name: value for name, value in event.items() if not name.startswith("_")}
        shown["unsigned"] = dict(event["unsigned"]) | {"age": 1234}
        device, txn = event["_txn"]
        if txn and device == self.device:
            shown["unsigned"]["transaction_id"] = txn
        return shown

    def _event(self, _request: httpx.Request, room: str, identity: str) -> Any:
        return self._shown(self._known(room, identity))

    def _messages(self, request: httpx.Request, room: str) -> Any:
        self._in_room(room)
        asked = request.url.params
        wanted = json.loads(asked.get("filter", "{}"))
        limit = min(int(asked.get("limit", "10")), self.page)
        assert asked["dir"] == "b"
        end = int(asked["from"].removeprefix("t")) if "from" in asked else len(self.events)
        # A filter is applied to a stretch of the room, as on real servers: a page may be empty and not the last.
        begin = max(0, end - limit)
        chunk = [
            self._shown(event)
            for event in reversed(self.events[begin:end])
            if event["type"] in wanted.get("types", [event["type"]])
            and event["sender"] in wanted.get("senders", [event["sender"]])
        ]
        answer: dict[str, Any] = {"start": f"t{end}", "chunk": chunk}
        return answer | {"end": f"t{begin}"} if begin else answer

    def _relations(self, request: httpx.Request, room: str, identity: str) -> Any:
        self._known(room, identity)
        children = [
            self._shown(event)
            for event in reversed(self.events)
            if event["content"].get("m.relates_to", {}).get("event_id") == identity
        ]
        begin = int(request.url.params.get("from", "r0").removeprefix("r"))
        limit = min(int(request.url.params.get("limit", "5")), self.page)
        answer: dict[str, Any] = {"chunk": children[begin : begin + limit]}
        return answer | {"next_batch": f"r{begin + limit}"} if begin + limit < len(children) else answer

    def _send(self, request: httpx.Request, room: str, kind: str, txn: str) -> Any:
        self._in_room(room)
        known = self.transactions.get((self.device, request.url.path))
        if known:
            return {"event_id": known}
        try:
            content = json.loads(request.content)
        except ValueError:
            raise Refusal(400, "M_NOT_JSON", "Content not JSON.") from None
        if kind != "m.room.message" or not isinstance(content.get("body"), str):
            raise Refusal(400, "M_BAD_JSON", "body is missing")
        url = content.get("url")
        if url is not None and url not in self.media:
            raise Refusal(400, "M_UNKNOWN", "Unknown media")
        relation = content.get("m.relates_to", {})
        if relation.get("rel_type") == "m.thread":
            root = self._known(room, relation["event_id"])
            if root["content"].get("m.relates_to", {}).get("rel_type"):
                raise Refusal(400, "M_UNKNOWN", "Cannot start threads from an event with a relation")
        if self.size(content) > LARGEST:
            raise Refusal(413, "M_TOO_LARGE", "event too large")
        event = self.add(US, kind, content, txn, self.device)
        self.transactions[self.device, request.url.path] = event["event_id"]
        if matrix_spec.VECTORS.is_dir():
            assert matrix_spec.message_faults(self._shown(event)) == []
        return {"event_id": event["event_id"]}

    def size(self, content: Mapping[str, Any]) -> int:
        """Return the bytes of the event as servers hand it to each other, with the shortest of everything."""
        return len(
            canonical(
                {
                    "auth_events": ["$" + "a" * 43] * 3,
                    "prev_events": ["$" + "p" * 43],
                    "content": content,
                    "depth": len(self.events) + 1,
                    "hashes": {"sha256": "h" * 43},
                    "origin_server_ts": 1796547600000,
                    "room_id": ROOM,
                    "sender": US,
                    "signatures": {SERVER: {"ed25519:a_AbCd": "s" * 86}},
                    "type": "m.room.message",
                    "unsigned": {},
                }
            )
        )

    def _redact(self, request: httpx.Request, room: str, identity: str, txn: str) -> Any:
        known = self.transactions.get((self.device, request.url.path))
        if known:
            return {"event_id": known}
        event = self._known(room, identity)
        redaction = self.add(US, "m.room.redaction", json.loads(request.content), txn, self.device)
        redaction["redacts"] = identity
        # Redacted events keep their place and lose their words (rooms: redactions).
        event["content"] = {}
        event["unsigned"] = {"redacted_because": self._shown(redaction)}
        self.transactions[self.device, request.url.path] = redaction["event_id"]
        return {"event_id": redaction["event_id"]}

    def _upload(self, request: httpx.Request) -> Any:
        if self.upload_size is not None and len(request.content) > self.upload_size:
            raise Refusal(413, "M_TOO_LARGE", "Upload request body is too large")
        address = f"mxc://{SERVER}/media{len(self.media)}"
        self.media[address] = (request.headers.get("content-type", ""), request.content)
        return {"content_uri": address}

    def _config(self, _request: httpx.Request) -> Any:
        return {} if self.upload_size is None else {"m.upload.size": self.upload_size}
