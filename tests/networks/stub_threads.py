"""A Threads profile in memory, and the media host beside it from which Threads fetches.

Written from Meta's documents (posts, polls, publishing limit, insights, troubleshooting), not from our adapter.
"""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

import httpx

from networks.fakes import NOW, SECRET, answer
from networks.stub_facebook import refusal
from networks.stub_instagram import groups

PROFILE = "24500000000000001"
PLACE = "media.example"
HOST = "graph.threads.net"
METRICS = ("views", "likes", "replies", "reposts", "quotes", "shares")
REPLY_CONTROLS = {"everyone", "accounts_you_follow", "mentioned_only", "parent_post_author_only", "followers_only"}
EMOJI = re.compile("[\u2600-\u27bf\U0001f1e6-\U0001faff]")


def length(text: str) -> int:
    """Count characters, and the bytes of emoji; enough for what the tests send."""
    return sum(len(letter.encode()) if EMOJI.match(letter) else 1 for letter in text)


class StubThreads:
    """One profile, its posts newest first."""

    def __init__(self) -> None:
        self.now: datetime = NOW
        self.files: dict[str, tuple[str, bytes]] = {}
        self.containers: dict[str, dict[str, Any]] = {}
        self.posts: list[dict[str, Any]] = []
        self.requests: list[httpx.Request] = []
        self.failures: list[tuple[str, str, httpx.Response]] = []
        self.states: list[str] = []
        """What the next questions after a container are told; then FINISHED."""
        self.error_message = "UNKNOWN"
        self.usage = {"quota_usage": 3, "reply_quota_usage": 10}
        self.dead: set[str] = set()
        self.number = 18000000000000000
        self.lists = True
        self.has_insights = True
        self.replies: list[dict[str, Any]] = []
        self.named: list[dict[str, Any]] = []
        """What others wrote: below our posts, and naming us; newest first."""
        self.followers = 321

    def fail_once(self, method: str, path: str, response: httpx.Response) -> None:
        self.failures.append((method, path, response))

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if request.url.host == PLACE:
            assert "Authorization" not in request.headers
            mime, data = self.files.get(request.url.path.rpartition("/")[2], ("", b""))
            if not mime:
                return httpx.Response(404)
            headers = {"Content-Type": mime, "Content-Length": str(len(data))}
            return httpx.Response(200, headers=headers, content=None if request.method == "HEAD" else data)
        assert request.url.host == HOST
        assert "access_token" not in request.url.params
        if request.headers.get("Authorization") != f"Bearer {SECRET}":
            return refusal(190, 463, status=401, words="Error validating access token: Session has expired")
        version, _, path = request.url.path.lstrip("/").partition("/")
        assert version == "v1.0"
        for failure in self.failures:
            if request.method == failure[0] and path.endswith(failure[1]):
                self.failures.remove(failure)
                return failure[2]
        fields = dict(parse_qsl(request.content.decode(), keep_blank_values=True)) | dict(request.url.params)
        return self.route(request.method, path, fields)

    def route(self, method: str, path: str, fields: dict[str, Any]) -> httpx.Response:
        if method == "DELETE":
            return self.delete(path)
        if method == "POST" and path == "me/threads":
            return self.contain(fields)
        if method == "POST" and path == "me/threads_publish":
            return self.publish(fields["creation_id"])
        if method == "GET" and path == "me":
            whole = {
                "id": PROFILE,
                "username": "lumenvelo",
                "name": "Lumen Velo",
                "threads_biography": "Bicycles and lamps",
            }
            return answer(200, {name: whole[name] for name in fields["fields"].split(",") if name in whole})
        if method == "GET" and path in {"me/threads", "me/replies"}:
            return self.timeline(fields, replies=path == "me/replies")
        if method == "GET" and path == "me/threads_publishing_limit":
            config = {"config": {"quota_total": 250, "quota_duration": 86400}}
            return answer(200, {"data": [{**self.usage, **config, "reply_config": {"quota_total": 1000}}]})
        if method == "GET" and path == "me/threads_insights":
            if not self.has_insights:
                return refusal(10, status=403, words="Application does not have permission")
            if fields["metric"] == "follower_demographics":
                if self.followers < 100:
                    return refusal(10, words="Not enough followers")
                return answer(200, {"data": [groups(fields["metric"], fields["breakdown"])]})
            assert fields["metric"] == "followers_count"
            return answer(200, {"data": [{"name": "followers_count", "total_value": {"value": self.followers}}]})
        if method == "GET" and path == "me/mentions":
            return self.listed(self.named, fields, path)
        owner, _, edge = path.partition("/")
        if method == "GET" and edge == "insights":
            return self.insights(owner, fields)
        if method == "GET" and edge == "replies":
            assert fields.get("reverse", "true") in {"true", "false"}
            if owner not in {post["id"] for post in self.posts}:
                return refusal(100, 33, words="Object does not exist")
            below = [one for one in self.replies if one["replied_to"]["id"] == owner]
            return self.listed(below if fields.get("reverse") != "false" else below[::-1], fields, path)
        if method == "GET" and not edge:
            return self.one(owner, fields)
        return refusal(100, 33, words="Unsupported request")

    # --- Making -------------------------------------------------------------------------------------------------------

    def wrong(self, fields: dict[str, Any]) -> str:
        text, kind = fields.get("text", ""), fields["media_type"]
        poll = fields.get("poll_attachment")
        if length(text) > 500:
            return "Param text must be at most 500 characters long."
        if len(set(re.findall(r"https?://\S+", text))) > 5:
            return "THREADS_API__LINK_LIMIT_EXCEEDED"
        if poll and kind != "TEXT":
            return "poll_attachment is for text posts"
        if fields.get("reply_control", "everyone") not in REPLY_CONTROLS:
            return "reply_control"
        if "reply_to_id" in fields and fields["reply_to_id"] not in {post["id"] for post in self.posts}:
            return "The post to reply to does not exist"
        if "text_attachment" in fields:
            attached = json.loads(fields["text_attachment"])
            if kind != "TEXT" or poll or attached.keys() - {"plaintext", "link_attachment_url"}:
                return "text_attachment is for text-only posts without a poll"
            if not 1 <= length(attached["plaintext"]) <= 10_000:
                return "text_attachment has up to 10,000 characters"
        if len(fields.get("alt_text", "")) > 1000 or ("alt_text" in fields and kind not in {"IMAGE", "VIDEO"}):
            return "alt_text"
        if not re.fullmatch(r"[^.&]{1,50}", fields.get("topic_tag", "x")):
            return "topic_tag"
        if kind == "TEXT" and not text and not poll:
            return "text is required"
        return ""

    def contain(self, fields: dict[str, Any]) -> httpx.Response:
        kind = fields["media_type"]
        assert "auto_publish_text" not in fields
        if kind not in {"TEXT", "IMAGE", "VIDEO", "CAROUSEL"}:
            return refusal(100, words="media_type")
        if wrong := self.wrong(fields):
            return refusal(100, words=f"{wrong} {SECRET}")
        if kind in {"IMAGE", "VIDEO"} and fields[f"{kind.lower()}_url"].rpartition("/")[2] not in self.files:
            return refusal(24, 2207052, words="The media could not be fetched from this URI")
        if kind == "CAROUSEL":
            children = fields["children"].split(",")
            if not 2 <= len(children) <= 20 or any("is_carousel_item" not in self.containers[c] for c in children):
                return refusal(100, words="children")
        self.number += 1
        self.containers[str(self.number)] = {**fields, "status": "FINISHED"}
        return answer(200, {"id": str(self.number)})

    def publish(self, container: str) -> httpx.Response:
        made = self.containers.get(container)
        if made is None:
            return refusal(24, 4279009, words="The requested resource does not exist")
        if made["status"] == "PUBLISHED":
            return refusal(100, words="Media already published")
        made["status"] = "PUBLISHED"
        return answer(200, {"id": self.add(made)["id"]})

    def add(self, made: dict[str, Any]) -> dict[str, Any]:
        """Put a post on the profile, newest first."""
        self.number += 1
        children = [self.containers[child] for child in made.get("children", "").split(",") if child]
        post = {
            "id": str(self.number),
            "text": made.get("text", ""),
            "permalink": f"https://www.threads.com/@lumenvelo/post/C{self.number}",
            "username": "lumenvelo",
            "timestamp": self.now.strftime("%Y-%m-%dT%H:%M:%S+0000"),
            "media_type": {"TEXT": "TEXT_POST", "CAROUSEL": "CAROUSEL_ALBUM"}.get(
                made["media_type"], made["media_type"]
            ),
            "is_reply": "reply_to_id" in made,
            "made": made,
            "alts": [child.get("alt_text", "") for child in children or [made] if child["media_type"] != "TEXT"],
            "urls": [child.get("image_url", child.get("video_url")) for child in children or [made]],
        }
        if "reply_to_id" in made:
            post["replied_to"] = {"id": made["reply_to_id"]}
        self.posts.insert(0, post)
        return post

    # --- Reading ------------------------------------------------------------------------------------------------------

    def one(self, identity: str, fields: dict[str, Any]) -> httpx.Response:
        made = self.containers.get(identity)
        if made is not None:
            state = self.states.pop(0) if self.states else made["status"]
            shown = {"id": identity, "status": state}
            return answer(200, {**shown, "error_message": self.error_message} if state == "ERROR" else shown)
        for post in [*self.posts, *self.replies, *self.named]:
            if post["id"] == identity:
                return answer(200, {name: post[name] for name in fields["fields"].split(",") if name in post})
        return refusal(100, 33, words="Object does not exist")

    def timeline(self, fields: dict[str, Any], *, replies: bool) -> httpx.Response:
        wanted = [post for post in self.posts if post["is_reply"] is replies] if self.lists else []
        return self.listed(wanted, fields, "me/threads")

    def hear(self, words: str, *, of: str = "mia", below: str = "", names: bool = False) -> dict[str, Any]:
        """Let somebody answer a post (by its id), or name us, or both."""
        self.number += 1
        said = {
            "id": str(self.number),
            "text": words,
            "username": of,
            "permalink": f"https://www.threads.com/@{of}/post/D{self.number}",
            "timestamp": self.now.strftime("%Y-%m-%dT%H:%M:%S+0000"),
            "is_reply": bool(below),
            **({"replied_to": {"id": below}} if below else {}),
        }
        if below in {post["id"] for post in self.posts}:
            self.replies.insert(0, said)
        if names:
            self.named.insert(0, said)
        return said

    def listed(self, wanted: list[dict[str, Any]], fields: dict[str, Any], path: str) -> httpx.Response:
        begin, size = int(fields.get("after", "0")), int(fields.get("limit", "25"))
        names = fields["fields"].split(",")
        page = [{name: post[name] for name in names if name in post} for post in wanted[begin : begin + size]]
        paging = {}
        if begin + size < len(wanted):
            where = f"https://{HOST}/v1.0/{path}?access_token={SECRET}&after={begin + size}"
            paging = {"paging": {"cursors": {"after": str(begin + size)}, "next": where}}
        return answer(200, {"data": page, **paging})

    def insights(self, identity: str, fields: dict[str, Any]) -> httpx.Response:
        if identity not in {post["id"] for post in self.posts}:
            return refusal(100, 33, words="Object does not exist")
        wanted = fields["metric"].split(",")
        if unknown := [metric for metric in wanted if metric not in METRICS or metric in self.dead]:
            return refusal(100, words=f"metric[0] must be one of: {unknown}")
        numbers = dict(zip(METRICS, (42, 5, 2, 3, 1, 4), strict=True))
        data = [{"name": name, "period": "lifetime", "values": [{"value": numbers[name]}]} for name in wanted]
        return answer(200, {"data": data})

    def delete(self, identity: str) -> httpx.Response:
        kept = [post for post in self.posts if post["id"] != identity]
        if len(kept) == len(self.posts):
            return refusal(100, 33, words="Object does not exist")
        self.posts = kept
        return answer(200, {"success": True, "deleted_id": identity})
