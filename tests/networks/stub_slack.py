"""Slack in memory: one workspace with one channel, in which a bot and an incoming webhook may write.

Written from docs.slack.dev. It refuses with Slack's own words and status 200, keeps uploaded files from being used
before they are complete and ready, and reads a message both as mrkdwn and as blocks.
"""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

import httpx

from networks.fakes import DATE, NOW

BOT = "xoxb-1111111111-2222222222-s3cretBotTokenOfATest"
WEBHOOK = "https://hooks.slack.com/services/T0LUMENVELO/B0LUMENVELO/s3cretWebhookOfATest0123"
HOOK = WEBHOOK.rpartition("/")[2]
CHANNEL = "C0LUMENVELO"
US = "U0LUMENBOT"


def reply(**body: Any) -> httpx.Response:
    return httpx.Response(200, json=body, headers={"Date": DATE})


def refuse(word: str, **more: Any) -> httpx.Response:
    return reply(ok=False, error=word, **more)


def said(status: int, word: str) -> httpx.Response:
    """Answer as a webhook does: a word and a status."""
    return httpx.Response(status, text=word, headers={"Date": DATE, "Content-Type": "text/html"})


def read_mrkdwn(text: str) -> tuple[str, list[tuple[str, str]]]:
    """Return the words and (words, address) of the links of a text in mrkdwn, with its three signs unescaped."""
    words, links = "", []
    for plain, inside in re.findall(r"([^<>]+)|<([^<>]*)>", text):
        assert not re.search(r"&(?!amp;|lt;|gt;)", plain + inside), text
        if inside.startswith("@"):
            words += inside
        elif inside:
            address, _, label = inside.partition("|")
            links.append((unescaped(label or address), unescaped(address)))
            words += unescaped(label or address)
        else:
            words += unescaped(plain)
    assert text.count("<") == text.count(">") == len(re.findall(r"<[^<>]+>", text))
    return words, links


def unescaped(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def read_blocks(blocks: list[dict[str, Any]]) -> tuple[str, list[tuple[str, str]]]:
    """Return the words and links that a channel shows of the rich text blocks."""
    words, links = "", []
    for block in blocks:
        for section in block.get("elements", ()):
            assert section["type"] in {"rich_text_section", "rich_text_quote", "rich_text_preformatted"}
            for element in section["elements"]:
                style = element.get("style", {"bold": True})
                assert style
                assert style.items() <= {"bold": True, "italic": True, "strike": True, "code": True}.items()
                if element["type"] == "link":
                    shown = element.get("text", element["url"])
                    links.append((shown, element["url"]))
                    words += shown
                elif element["type"] == "user":
                    words += f"@{element['user_id']}"
                else:
                    assert (set(element) - {"style"}, element["type"]) == ({"type", "text"}, "text")
                    assert element["text"]
                    words += element["text"]
    return words, links


class FakeSlack:
    """One channel of one workspace."""

    def __init__(self) -> None:
        self.now: datetime = NOW
        self.messages: list[dict[str, Any]] = []
        self.files: dict[str, dict[str, Any]] = {}
        self.bodies: list[dict[str, Any]] = []
        self.requests: list[httpx.Request] = []
        self.asks_until_ready = 0
        self.scopes = {"files:read", "channels:read"}
        self.shows_metadata = True
        self.page = 100

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        host, path = request.url.host, request.url.path
        if host == "hooks.slack.com":
            return self.webhook(request)
        if host == "files.slack.com":
            return self.take(request)
        assert host == "slack.com"
        if request.headers.get("Authorization") != f"Bearer {BOT}":
            return refuse("invalid_auth")
        method = path.removeprefix("/api/")
        handler = getattr(self, method.replace(".", "_"), None)
        answer: httpx.Response = handler(arguments(request)) if handler else refuse("unknown_method")
        return answer

    # --- the webhook --------------------------------------------------------------------------------------------------

    def webhook(self, request: httpx.Request) -> httpx.Response:
        if str(request.url) != WEBHOOK:
            return said(404, "no_service")
        body = json.loads(request.content)
        trouble = self.trouble(body)
        if trouble:
            return said(400, trouble)
        self.bodies.append(body)
        self.add(body, bot_id="B0HOOK")
        return said(200, "ok")

    # --- files --------------------------------------------------------------------------------------------------------

    def files_getUploadURLExternal(self, fields: dict[str, Any]) -> httpx.Response:  # noqa: N802 - the method's name
        if not int(fields["length"]):
            return refuse("missing_argument")
        if len(fields.get("alt_txt", "")) > 1000:
            return refuse("alt_txt_too_large")
        identity = f"F0PICTURE{len(self.files):02}"
        self.files[identity] = {**fields, "state": "asked", "asks": self.asks_until_ready}
        return reply(ok=True, file_id=identity, upload_url=f"https://files.slack.com/upload/v1/{identity}")

    def take(self, request: httpx.Request) -> httpx.Response:
        assert "Authorization" not in request.headers
        file = self.files[request.url.path.rpartition("/")[2]]
        if len(request.content) != int(file["length"]):
            return httpx.Response(400, text="wrong length")
        file |= {"data": request.content, "state": "taken"}
        return httpx.Response(200, text=f"OK - {len(request.content)}")

    def files_completeUploadExternal(self, fields: dict[str, Any]) -> httpx.Response:  # noqa: N802
        assert "channel_id" not in fields
        for listed in json.loads(fields["files"]):
            file = self.files.get(listed["id"])
            if not file or file["state"] != "taken":
                return refuse("file_not_found")
            file["state"] = "complete"
        return reply(ok=True, files=json.loads(fields["files"]))

    def files_info(self, fields: dict[str, Any]) -> httpx.Response:
        if "files:read" not in self.scopes:
            return refuse("missing_scope", needed="files:read", provided="chat:write")
        file = self.files[fields["file"]]
        file["asks"] -= 1
        return reply(ok=True, file={"id": fields["file"], "mimetype": "image/png" if file["asks"] < 0 else ""})

    # --- messages -----------------------------------------------------------------------------------------------------

    def chat_postMessage(self, body: dict[str, Any]) -> httpx.Response:  # noqa: N802
        if body["channel"] != CHANNEL:
            return refuse("channel_not_found")
        if trouble := self.trouble(body):
            return refuse(trouble, errors=[f"{BOT}"])
        thread = body.get("thread_ts")
        if thread and all(message["ts"] != thread for message in self.messages):
            return refuse("thread_not_found")
        self.bodies.append(body)
        message = self.add(body, bot_id="B0LUMENBOT", **({"thread_ts": thread} if thread else {}))
        return reply(ok=True, channel=CHANNEL, ts=message["ts"], message=message)

    def trouble(self, body: dict[str, Any]) -> str:
        """Say what is wrong with a message, in Slack's word; an empty text when nothing is."""
        blocks = body.get("blocks", [])
        if not body["text"] and not blocks:
            return "no_text"
        if len(body["text"]) > 40_000:
            return "msg_too_long"
        if len(blocks) > 50:
            return "invalid_blocks"
        if len(json.dumps(blocks, ensure_ascii=False)) > 13_200:
            return "msg_blocks_too_long"
        for block in blocks:
            if block["type"] == "image":
                file = self.files.get(block["slack_file"]["id"])
                if not 1 <= len(block["alt_text"]) <= 2000 or not file or file["state"] != "complete":
                    return "invalid_blocks"
                if file["asks"] > 0:
                    return "invalid_blocks"
        words = read_blocks(blocks)
        assert not words[0] or read_mrkdwn(body["text"]) == words
        return ""

    def add(self, body: dict[str, Any], **fields: Any) -> dict[str, Any]:
        """Put a message into the channel, newest first."""
        stamp = f"{int(self.now.timestamp())}.{len(self.messages):06}"
        message = {"type": "message", "user": US, "ts": stamp, "text": body["text"], **fields}
        message |= {name: body[name] for name in ("blocks", "metadata") if name in body}
        self.messages.insert(0, message)
        return message

    def shown(self, messages: list[dict[str, Any]], fields: dict[str, Any]) -> httpx.Response:
        begin = int(fields.get("cursor") or 0)
        limit = min(int(fields["limit"]), self.page)
        page = [
            {name: value for name, value in message.items() if name != "metadata" or self.metadata(fields)}
            for message in messages[begin : begin + limit]
        ]
        more = begin + limit < len(messages)
        cursor = {"response_metadata": {"next_cursor": str(begin + limit)}} if more else {}
        return reply(ok=True, messages=page, has_more=more, **cursor)

    def metadata(self, fields: dict[str, Any]) -> bool:
        return self.shows_metadata and fields.get("include_all_metadata") == "true"

    def within(self, message: dict[str, Any], fields: dict[str, Any]) -> bool:
        stamp, oldest, latest = (
            float(message["ts"]),
            float(fields.get("oldest", 0)),
            float(fields.get("latest", 10**11)),
        )
        inclusive = fields.get("inclusive") == "true"
        return oldest < stamp < latest or (inclusive and stamp in {oldest, latest})

    def conversations_history(self, fields: dict[str, Any]) -> httpx.Response:
        assert fields["channel"] == CHANNEL
        top = [message for message in self.messages if "thread_ts" not in message and self.within(message, fields)]
        return self.shown([{**message, **self.replied(message)} for message in top], fields)

    def replied(self, message: dict[str, Any]) -> dict[str, int]:
        replies = sum(other.get("thread_ts") == message["ts"] for other in self.messages)
        return {"reply_count": replies} if replies else {}

    def conversations_replies(self, fields: dict[str, Any]) -> httpx.Response:
        root = [message for message in self.messages if message["ts"] == fields["ts"]]
        if not root:
            return refuse("thread_not_found")
        replies = [message for message in reversed(self.messages) if message.get("thread_ts") == fields["ts"]]
        return self.shown([*root, *(message for message in replies if self.within(message, fields))], fields)

    def chat_delete(self, body: dict[str, Any]) -> httpx.Response:
        message = next((message for message in self.messages if message["ts"] == body["ts"]), None)
        if message is None:
            return refuse("message_not_found")
        self.messages.remove(message)
        return reply(ok=True, channel=CHANNEL, ts=body["ts"])

    # --- who we are ---------------------------------------------------------------------------------------------------

    def auth_test(self, _fields: dict[str, Any]) -> httpx.Response:
        return reply(
            ok=True,
            url="https://lumenvelo.slack.com/",
            team="Lumen Velo",
            user="lumenvelo",
            team_id="T0LUMENVELO",
            user_id=US,
            bot_id="B0LUMENBOT",
        )

    def conversations_info(self, fields: dict[str, Any]) -> httpx.Response:
        if "channels:read" not in self.scopes:
            return refuse("missing_scope")
        assert fields["include_num_members"] == "true"
        channel = {"id": CHANNEL, "name": "news", "num_members": 321, "purpose": {"value": "Bicycles"}}
        return reply(ok=True, channel=channel)


def arguments(request: httpx.Request) -> dict[str, Any]:
    if request.method == "GET":
        return dict(request.url.params)
    if request.headers["Content-Type"].startswith("application/json"):
        return dict(json.loads(request.content))
    return dict(parse_qsl(request.content.decode(), keep_blank_values=True, strict_parsing=True))
