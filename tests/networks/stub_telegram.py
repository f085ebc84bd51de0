"""A Bot API server in memory: one channel, one bot, and the documentation's own list of what each method takes.

Written from the published description of the Bot API. It counts as Telegram does, keeps what it is sent, and refuses
with Telegram's own words.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import httpx

from networks.fakes import DATE, NOW
from networks.forms import multipart

TOKEN = "7000000001:AAs3cretTelegramBotTokenOfATest00000"
API = Path(__file__).parents[3] / "shared" / "vectors" / "telegram" / "api.json"
CHANNEL = {"id": -1001234567890, "type": "channel", "title": "Lumen Velo", "username": "lumenvelo"}
_SCALARS = {"Integer": int, "String": str, "Boolean": bool, "Float": (int, float), "InputFile": str}


@cache
def description() -> dict[str, Any]:
    """Return the published description of the Bot API; empty where it is not at hand."""
    loaded: dict[str, Any] = json.loads(API.read_text("utf-8")) if API.is_file() else {}
    return loaded


def fields_of(kind: str) -> dict[str, dict[str, Any]]:
    spec = description()["types"].get(kind) or description()["methods"][kind]
    return {field["name"]: field for field in spec.get("fields", ())}


def fits(value: Any, kinds: list[str]) -> bool:
    return any(fits_one(value, kind) for kind in kinds)


def fits_one(value: Any, kind: str) -> bool:
    if kind.startswith("Array of "):
        return isinstance(value, list) and all(fits_one(item, kind.removeprefix("Array of ")) for item in value)
    if kind in _SCALARS:
        expected: Any = _SCALARS[kind]
        return isinstance(value, expected) and isinstance(value, bool) == (kind == "Boolean")
    if kind not in description()["types"] or not isinstance(value, dict):
        return False
    known = fields_of(kind)
    return (
        set(value) <= set(known)
        and all(name in value for name, field in known.items() if field["required"])
        and all(fits(item, known[name]["types"]) for name, item in value.items())
    )


def agrees(method: str, fields: dict[str, Any]) -> bool:
    """Tell whether the documentation knows every field of a request, and its type."""
    known = fields_of(method)
    return (
        set(fields) <= set(known)
        and all(name in fields for name, field in known.items() if field["required"])
        and all(fits(value, known[name]["types"]) for name, value in fields.items())
    )


def units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def reply(status: int, **body: Any) -> httpx.Response:
    return httpx.Response(status, json=body, headers={"Date": DATE})


def refuse(code: int, words: str, **parameters: int) -> httpx.Response:
    more = {"parameters": parameters} if parameters else {}
    return reply(code, ok=False, error_code=code, description=words, **more)


def bad(words: str) -> httpx.Response:
    return refuse(400, f"Bad Request: {words}")


class FakeTelegram:
    """One channel in which one bot may post."""

    def __init__(self) -> None:
        self.chat: dict[str, Any] = dict(CHANNEL)
        self.messages: dict[int, dict[str, Any]] = {}
        self.groups: list[list[int]] = []
        self.requests: list[tuple[str, dict[str, Any], dict[str, Any]]] = []
        self.disagreements: list[str] = []
        self.next = 41
        self.too_old: set[int] = set()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        assert request.url.host == "api.telegram.org"
        path = re.fullmatch(r"/bot([^/]+)/(\w+)", request.url.path)
        if not path or not re.fullmatch(r"\d+:[\w-]+", path[1]):
            return refuse(404, "Not Found")
        if path[1] != TOKEN:
            return refuse(401, "Unauthorized")
        fields, files = read(request)
        method = path[2]
        self.requests.append((method, fields, files))
        if description() and not agrees(method, {**fields, **dict.fromkeys(files, "attach://x")}):
            attached = {name for name in files if name not in fields_of(method)}
            if not agrees(method, {**fields, **{name: "x" for name in files if name not in attached}}):
                self.disagreements.append(f"{method}: {fields}")
        if "chat_id" in fields and str(fields["chat_id"]) not in {
            f"@{self.chat.get('username')}",
            str(self.chat["id"]),
        }:
            return bad("chat not found")
        handler = getattr(self, method, None)
        answer = handler(fields, files) if handler else refuse(404, "Not Found: method not found")
        return answer if isinstance(answer, httpx.Response) else reply(200, ok=True, result=answer)

    # --- the methods --------------------------------------------------------------------------------------------------

    def getMe(self, _fields: Any, _files: Any) -> Any:  # noqa: N802 - the method's own name
        return {"id": 7000000001, "is_bot": True, "first_name": "Lumen", "username": "lumenvelo_bot"}

    def getChat(self, _fields: Any, _files: Any) -> Any:  # noqa: N802
        return {**self.chat, "description": "Bicycles", "invite_link": f"https://t.me/+{TOKEN[-8:]}"}

    def getChatMemberCount(self, _fields: Any, _files: Any) -> Any:  # noqa: N802
        return 321

    def sendMessage(self, fields: Any, _files: Any) -> Any:  # noqa: N802
        text = fields["text"]
        if not text.strip():
            return bad("message text is empty")
        if units(text) > 4096:
            return bad("message is too long")
        return self.written(fields, text=text, entities=fields.get("entities", []))

    def sendPhoto(self, fields: Any, files: Any) -> Any:  # noqa: N802
        return self.with_file("photo", fields, files)

    def sendVideo(self, fields: Any, files: Any) -> Any:  # noqa: N802
        return self.with_file("video", fields, files)

    def sendAnimation(self, fields: Any, files: Any) -> Any:  # noqa: N802
        return self.with_file("animation", fields, files)

    def sendMediaGroup(self, fields: Any, files: Any) -> Any:  # noqa: N802
        media = fields["media"]
        if not 2 <= len(media) <= 10:
            return bad("wrong number of media in the album")
        if any(units(item.get("caption", "")) > 1024 for item in media):
            return bad("message caption is too long")
        sent = []
        for item in media:
            name = item["media"].removeprefix("attach://")
            if name not in files:
                return bad("wrong file identifier/HTTP URL specified")
            answer = self.written(
                fields, text=item.get("caption", ""), entities=item.get("caption_entities", []), file=files[name][2]
            )
            if isinstance(answer, httpx.Response):
                return answer
            sent.append({**answer, "media_group_id": "99"})
        self.groups.append([message["message_id"] for message in sent])
        return sent

    def sendPoll(self, fields: Any, _files: Any) -> Any:  # noqa: N802
        options = [option["text"] for option in fields["options"]]
        if not 1 <= units(fields["question"]) <= 300:
            return bad("poll question length must not exceed 300")
        if not 1 <= len(options) <= 12 or any(not 1 <= units(option) <= 100 for option in options):
            return bad("poll options length must not exceed 100")
        if not 5 <= fields.get("open_period", 600) <= 2628000:
            return bad("can't use this open period of the poll")
        if self.chat["type"] == "channel" and not fields.get("is_anonymous", True):
            return bad("non-anonymous polls can't be sent to channel chats")
        return self.written(fields, text=fields["question"], entities=[], poll=options)

    def deleteMessages(self, fields: Any, _files: Any) -> Any:  # noqa: N802
        if any(number in self.too_old for number in fields["message_ids"]):
            return bad("message can't be deleted for everyone")
        for number in fields["message_ids"]:
            self.messages.pop(number, None)
        return True

    # --- what they share ----------------------------------------------------------------------------------------------

    def with_file(self, kind: str, fields: Any, files: Any) -> Any:
        if kind not in files:
            return bad(f"there is no {kind} in the request")
        if units(fields.get("caption", "")) > 1024:
            return bad("message caption is too long")
        text, entities = fields.get("caption", ""), fields.get("caption_entities", [])
        return self.written(fields, text=text, entities=entities, file=files[kind][2])

    def written(self, fields: Any, *, text: str, entities: Any, **more: Any) -> Any:
        assert "parse_mode" not in fields
        for entity in entities:
            encoded = text.encode("utf-16-le")
            words = encoded[2 * entity["offset"] : 2 * (entity["offset"] + entity["length"])].decode("utf-16-le")
            if not words:
                return bad("ENTITY_BOUNDS_INVALID")
            entity["words"] = words
        parent = fields.get("reply_parameters", {}).get("message_id")
        if parent and parent not in self.messages:
            return bad("message to be replied not found")
        self.next += 1
        self.messages[self.next] = {"text": text, "entities": entities, "parent": parent, "fields": fields, **more}
        date = int(NOW.timestamp())
        return {"message_id": self.next, "date": date, "chat": self.chat, "text": text.strip()}


def read(request: httpx.Request) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the fields and the files of a request, whichever of the documented ways it came."""
    if request.method == "GET":
        return dict(request.url.params), {}
    if request.headers["Content-Type"] == "application/json":
        return json.loads(request.content), {}
    fields, files = {}, {}
    for name, value in multipart(request).items():
        if isinstance(value, tuple):
            files[name] = value
        elif name in {"caption", "chat_id"}:
            fields[name] = int(value) if name == "chat_id" and re.fullmatch(r"-?\d+", value) else value
        else:
            fields[name] = json.loads(value)
    return fields, files
