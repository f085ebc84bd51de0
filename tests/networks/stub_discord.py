"""Discord's API in memory: one server with one channel, in which a bot and a webhook may write.

Written from the published documentation, and every body is held against the published OpenAPI description where that
is at hand. What it refuses it refuses with Discord's own codes. `shown` draws a message as a client does.
"""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import httpx

from networks.fakes import DATE, NOW
from networks.forms import multipart

BOT = "MTk4NjIyNDgzNDcxOTI1MjQ4.s3cret.ZnCjm1XVW7vRze4b7Cq4se7kKWs"
HOOK = "s3cretWebhookTokenOfATest_0123456789-abcdefghijklmnopqrstuvwxyz01234"
WEBHOOK = f"https://discord.com/api/webhooks/223704706495545344/{HOOK}"
CHANNEL = "290926798999357250"
GUILD = "197038439483310086"
US = "80351110224678912"
OPENAPI = Path(__file__).parents[3] / "shared" / "vectors" / "discord" / "openapi.json"
NONCE_LIVES = timedelta(minutes=3)


@cache
def schemas() -> dict[str, Any]:
    """Return the published schemas; empty where they are not at hand."""
    if not OPENAPI.is_file():
        return {}
    loaded: dict[str, Any] = json.loads(OPENAPI.read_text("utf-8"))["components"]["schemas"]
    return loaded


TYPES: dict[str, Any] = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}


def is_type(value: Any, name: str) -> bool:
    if name in {"integer", "number"}:
        return isinstance(value, int if name == "integer" else (int, float)) and not isinstance(value, bool)
    return isinstance(value, TYPES[name])


def disagreements(value: Any, schema: dict[str, Any], path: str = "") -> list[str]:
    """Return where *value* is not what *schema* says; fields it does not name are wrong too."""
    if "$ref" in schema:
        return disagreements(value, schemas()[schema["$ref"].rpartition("/")[2]], path)
    for word in ("oneOf", "anyOf"):
        if word in schema:
            tried = [disagreements(value, choice, path) for choice in schema[word]]
            return [] if any(not found for found in tried) else [f"{path}: none of {len(tried)}", *tried[-1]]
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if kinds and not any(is_type(value, kind) for kind in kinds):
        return [f"{path}: {value!r} is none of {kinds}"]
    found: list[str] = []
    if "const" in schema and value != schema["const"]:
        found.append(f"{path}: {value!r} is not {schema['const']!r}")
    if isinstance(value, str) and not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", 10**9):
        found.append(f"{path}: length {len(value)}")
    if is_type(value, "number") and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        found.append(f"{path}: {value}")
    if isinstance(value, list):
        if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", 10**9):
            found.append(f"{path}: {len(value)} items")
        for number, item in enumerate(value):
            found += disagreements(item, schema.get("items", {}), f"{path}[{number}]")
    if isinstance(value, dict) and "properties" in schema:
        found += [f"{path}.{name}: not there" for name in schema.get("required", ()) if name not in value]
        for name, item in value.items():
            if name not in schema["properties"]:
                found.append(f"{path}.{name}: unknown")
            else:
                found += disagreements(item, schema["properties"][name], f"{path}.{name}")
    return found


def reply(status: int, body: Any, **headers: str) -> httpx.Response:
    return httpx.Response(status, json=body, headers={"Date": DATE, **headers})


def refuse(status: int, code: int, message: str, **more: Any) -> httpx.Response:
    return reply(status, {"code": code, "message": message, **more})


def invalid(field: str, code: str) -> httpx.Response:
    return refuse(400, 50035, "Invalid Form Body", errors={field: {"_errors": [{"code": code, "message": f"{BOT}"}]}})


class FakeDiscord:
    """One channel of one server."""

    def __init__(self) -> None:
        self.now: datetime = NOW
        self.messages: list[dict[str, Any]] = []
        self.bodies: list[dict[str, Any]] = []
        self.files: dict[str, list[tuple[str, str, bytes]]] = {}
        self.disagreements: list[str] = []
        self.requests: list[httpx.Request] = []
        self.nonces: dict[str, tuple[datetime, str]] = {}
        self.shows_nonces = False
        self.next = 1_045_000_000_000_000_000

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        assert request.url.host == "discord.com"
        path = request.url.path.removeprefix("/api/v10")
        if hook := re.fullmatch(r"/webhooks/(\d+)/([\w-]+)(?:/messages/(\d+))?", path):
            if hook[1] != "223704706495545344":
                return refuse(404, 10015, "Unknown Webhook")
            if hook[2] != HOOK:
                return refuse(401, 50027, "Invalid Webhook Token")
            return self.by_webhook(request, hook[3] or "")
        if request.headers.get("Authorization") != f"Bot {BOT}":
            return refuse(401, 0, "401: Unauthorized")
        return self.by_bot(request, path)

    def by_webhook(self, request: httpx.Request, one: str) -> httpx.Response:
        if one:
            return self.one(request, one)
        if request.method == "GET":
            return reply(
                200,
                {
                    "id": "223704706495545344",
                    "type": 1,
                    "name": "lumenvelo",
                    "channel_id": CHANNEL,
                    "guild_id": GUILD,
                    "token": HOOK,
                    "url": WEBHOOK,
                },
            )
        thread = request.url.params.get("thread_id", "")
        answer = self.write(request, thread or CHANNEL, "IncomingWebhookRequestPartial", webhook=True)
        # Without `wait` the answer says nothing.
        return answer if request.url.params.get("wait") == "true" else httpx.Response(204)

    def by_bot(self, request: httpx.Request, path: str) -> httpx.Response:
        if path == "/users/@me":
            return reply(200, {"id": US, "username": "lumenvelo", "global_name": "Lumen Velo", "bot": True})
        if path == f"/guilds/{GUILD}":
            return reply(200, {"id": GUILD, "name": "Lumen Velo", "approximate_member_count": 321})
        if path == f"/channels/{CHANNEL}":
            topic = {"id": CHANNEL, "type": 0, "name": "news", "guild_id": GUILD, "topic": "Bicycles"}
            return reply(200, topic)
        if path == f"/channels/{CHANNEL}/messages":
            if request.method == "GET":
                return self.list(request)
            return self.write(request, CHANNEL, "MessageCreateRequest", webhook=False)
        if found := re.fullmatch(rf"/channels/{CHANNEL}/messages/(\d+)", path):
            return self.one(request, found[1])
        return refuse(404, 10003, "Unknown Channel")

    def write(self, request: httpx.Request, channel: str, schema: str, *, webhook: bool) -> httpx.Response:
        files: list[tuple[str, str, bytes]] = []
        if request.headers["Content-Type"] == "application/json":
            body = json.loads(request.content)
        else:
            fields = multipart(request)
            body = json.loads(fields.pop("payload_json"))
            files = [fields[f"files[{number}]"] for number in range(len(fields))]
        self.bodies.append(body)
        content = body.get("content") or ""
        if len(content) > 2000:
            return invalid("content", "BASE_TYPE_MAX_LENGTH")
        if schemas():
            self.disagreements += disagreements(body, schemas()[schema])
        if not content.strip() and not files and "poll" not in body:
            return refuse(400, 50006, "Cannot send an empty message")
        if any(len(data) > 10 * 1024 * 1024 for _, _, data in files):
            return refuse(413, 40005, "Request entity too large")
        if [item["filename"] for item in body.get("attachments", ())] != [name for name, _, _ in files]:
            return invalid("attachments", "ATTACHMENT_NOT_FOUND")
        nonce = body.get("nonce")
        if nonce and body.get("enforce_nonce"):
            when, identity = self.nonces.get(nonce, (self.now - 2 * NONCE_LIVES, ""))
            if self.now - when <= NONCE_LIVES:
                return reply(200, next(message for message in self.messages if message["id"] == identity))
        parent = body.get("message_reference", {}).get("message_id")
        if parent and all(message["id"] != parent for message in self.messages):
            return invalid("message_reference", "REPLIES_UNKNOWN_MESSAGE")
        message = self.add(
            content.strip(),
            channel_id=channel,
            author={"id": "223704706495545344" if webhook else US},
            attachments=[{"id": str(n), **item} for n, item in enumerate(body.get("attachments", ()))],
            **({"message_reference": {"message_id": parent}} if parent else {}),
            **({"poll": self.poll(body["poll"])} if "poll" in body else {}),
            **({"webhook_id": "223704706495545344"} if webhook else {}),
        )
        self.files[message["id"]] = files
        if nonce:
            self.nonces[nonce] = (self.now, message["id"])
            if self.shows_nonces:
                message["nonce"] = nonce
        return reply(200, {**message, **({"nonce": nonce} if nonce else {})})

    @staticmethod
    def poll(asked: dict[str, Any]) -> dict[str, Any]:
        return {**asked, "results": {"answer_counts": [{"id": 1, "count": 3}, {"id": 2, "count": 4}]}}

    def add(self, content: str, **fields: Any) -> dict[str, Any]:
        """Put a message into the channel, newest first."""
        self.next += 1
        message = {
            "id": str(self.next),
            "channel_id": CHANNEL,
            "author": {"id": US},
            "type": 0,
            "content": content,
            "timestamp": self.now.isoformat(),
            "attachments": [],
            "embeds": [],
            **fields,
        }
        self.messages.insert(0, message)
        return message

    def list(self, request: httpx.Request) -> httpx.Response:
        before = int(request.url.params.get("before", 10**19))
        limit = int(request.url.params["limit"])
        assert 1 <= limit <= 100
        return reply(200, [message for message in self.messages if int(message["id"]) < before][:limit])

    def one(self, request: httpx.Request, identity: str) -> httpx.Response:
        message = next((message for message in self.messages if message["id"] == identity), None)
        if message is None:
            return refuse(404, 10008, "Unknown Message")
        if request.method == "DELETE":
            self.messages.remove(message)
            return httpx.Response(204)
        return reply(200, message)


# --- What people see --------------------------------------------------------------------------------------------------

_BLOCK = re.compile(r"^\s*(?:#{1,3}\s|-#\s|[-*+]\s|\d+\.\s|>)")
_INLINE = re.compile(
    r"\\(?P<escaped>[^0-9A-Za-z\s])"
    r"|<(?P<quiet>(?i:https?)://[^ >]+)>"
    r"|<@(?P<person>\d+)>"
    r"|\[(?P<label>(?:\\.|[^\]\\])+)\]\((?:<(?P<wrapped>[^>]+)>|(?P<target>[^()\s]+))\)"
    r"|(?P<url>https?://[^\s<]+[^<.,:;\"'\]\s])"
    r"|(?P<markup>[*_~`|\[\]<]|\\(?!\s|[0-9A-Za-z]|$)|@everyone|@here)",
    re.DOTALL,
)


_EMPHASIS = (
    ("block", re.compile(r"```(?:[a-z0-9_+.-]*\n)?\n*([^\n].*?)\n*```", re.DOTALL)),
    ("code", re.compile(r"(?P<ticks>`+)([^`]|[^`].*?[^`])(?P=ticks)(?!`)", re.DOTALL)),
    ("bold", re.compile(r"\*\*((?:\\.|[^\\])+?)\*\*(?!\*)", re.DOTALL)),
    ("italic", re.compile(r"\*(?=\S)((?:\*\*|\\.|\s+(?:\\.|[^\s*\\]|\*\*)|[^\s*\\])+?)\*(?!\*)", re.DOTALL)),
)
"""What Discord makes bold, italic and code, in the order its client looks for it."""


def emphasised(content: str, *, inline: bool = False) -> tuple[str, list[tuple[str, str]], list[tuple[str, str]]]:
    """Return the words a client shows, its links, and (what, words) of all that it shows in another way."""
    words, links, found = "", [], []
    at = begin = 0

    def plain(stop: int) -> str:
        # A line begins where it begins, not where we go on reading.
        within = inline if not begin else content[begin - 1] != "\n"
        seen, more = shown("x" * within + content[begin:stop])
        links.extend(more)
        return seen[within:]

    while at < len(content):
        if line := re.compile(r"^> ([^\n]*(?:\n> [^\n]*)*)", re.MULTILINE).match(content, at):
            words += plain(at)
            seen, more, inner = emphasised(line[1].replace("\n> ", "\n"))
            words, at = words + seen, line.end()
            links.extend(more)
            found += [("quote", seen), *inner]
            begin = at
        elif content[at] == "\\":
            at += 2
        elif link := re.compile(r"\[((?:\\.|[^\\\]])+)\]\((<?[^)>]+>?)\)|<https?://[^>\s]+>").match(content, at):
            words += plain(at)
            if link[1]:
                seen, _, inner = emphasised(link[1], inline=True)
                links.append((seen, link[2].strip("<>")))
                words, found = words + seen, found + inner
            else:
                begin = at
                words += plain(link.end())
            at = begin = link.end()
        elif match := next(((what, m) for what, form in _EMPHASIS if (m := form.match(content, at))), None):
            words += plain(at)
            what, m = match
            inside = m.groups()[-1]
            if what in {"code", "block"}:
                spaced = what == "code" and (inside[:2] == " `" or inside[-2:] == "` ")
                seen = inside.strip(" ") if spaced else inside
                found.append((what, seen))
            else:
                seen, more, inner = emphasised(inside, inline=True)
                links.extend(more)
                found += [(what, seen), *inner]
            words, at = words + seen, m.end()
            begin = at
        else:
            at += 1
    return words + plain(len(content)), links, found


def shown(content: str) -> tuple[str, list[tuple[str, str]]]:
    """Return the words a client shows, and (words, address) of its links; raises AssertionError for any formatting."""
    for line in content.split("\n"):
        assert not _BLOCK.match(line), f"a block: {line!r}"
    words, links = "", []
    at = 0
    while at < len(content):
        found = _INLINE.match(content, at)
        if not found:
            words += content[at]
            at += 1
            continue
        assert found["markup"] is None, f"formatting: {content[at:]!r}"
        at = found.end()
        if found["label"]:
            label, _ = shown(found["label"])
            links.append((label, found["wrapped"] or found["target"]))
            words += label
        elif url := found["quiet"] or found["url"]:
            links.append((url, url))
            words += url
        elif found["person"]:
            words += f"@{found['person']}"
        else:
            words += found["escaped"]
    return words, links
