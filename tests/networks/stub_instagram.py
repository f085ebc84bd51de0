"""An Instagram professional account in memory, and the media host beside it from which Instagram fetches.

Written from Meta's documents (content publishing, error codes, insights, ig-container), not from our adapter.
"""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx

from networks.fakes import NOW, SECRET, answer
from networks.stub_facebook import VERSION, fields_of, refusal

ACCOUNT = "17841400000000001"
PLACE = "media.example"
HOSTS = {"graph.facebook.com", "graph.instagram.com"}
VALID = {
    "FEED": {"views", "reach", "likes", "comments", "saved", "shares", "total_interactions", "follows"},
    "REELS": {"views", "reach", "likes", "comments", "saved", "shares", "total_interactions", "reposts"},
    "STORY": {"views", "reach", "replies", "shares", "follows", "navigation", "total_interactions"},
}


GROUPS: dict[str, list[tuple[str, int]]] = {
    "country": [("TR", 200), ("RO", 71)],
    "city": [("İstanbul, Istanbul Province", 90)],
    "age": [("18-24", 20), ("25-34", 150)],
    "gender": [("F", 160), ("M", 150), ("U", 11)],
}


def groups(metric: str, breakdown: str) -> dict[str, Any]:
    """Return a metric of followers as Meta answers it on Instagram and on Threads."""
    assert metric == "follower_demographics"
    results = [{"dimension_values": [group], "value": number} for group, number in GROUPS[breakdown]]
    total = {"breakdowns": [{"dimension_keys": [breakdown], "results": results}]}
    return {"name": metric, "period": "lifetime", "total_value": total, "id": "1/insights"}


class StubInstagram:
    """One account, its media newest first."""

    def __init__(self) -> None:
        self.now = NOW
        self.files: dict[str, tuple[str, bytes]] = {}
        self.containers: dict[str, dict[str, Any]] = {}
        self.media: list[dict[str, Any]] = []
        self.comments: list[dict[str, Any]] = []
        self.tags: list[dict[str, Any]] = []
        """Media of others in which the account is tagged, newest first."""
        self.followers = 321
        self.requests: list[httpx.Request] = []
        self.batches: list[int] = []
        self.dead: set[str] = set()
        self.states = ["FINISHED"]
        self.usage, self.total = 3, 50
        self.lists = True
        self.says_blocked_after_publishing = False
        self.number = 17900000000000000

    # --- The wire -----------------------------------------------------------------------------------------------------

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if request.url.host == PLACE:
            return self.lie(request)
        if request.url.host == "rupload.facebook.com":
            return self.upload(request)
        assert request.url.host in HOSTS
        if "access_token" in request.url.params:
            raise AssertionError("a token stands in an address")
        fields = fields_of(request)
        bearer = request.headers.get("Authorization", "").removeprefix("Bearer ") or fields.get("access_token")
        if bearer != SECRET:
            return refusal(190, status=401, words="Invalid OAuth access token")
        if request.url.path == "/":
            assert request.url.host == "graph.facebook.com"
            return self.batch(fields)
        version, _, path = request.url.path.lstrip("/").partition("/")
        assert version == VERSION
        return self.route(request.method, path, fields, request.url.host)

    def lie(self, request: httpx.Request) -> httpx.Response:
        assert "Authorization" not in request.headers
        mime, data = self.files.get(request.url.path.rpartition("/")[2], ("", b""))
        if not mime:
            return httpx.Response(404)
        headers = {"Content-Type": mime, "Content-Length": str(len(data))}
        return httpx.Response(200, headers=headers, content=None if request.method == "HEAD" else data)

    def upload(self, request: httpx.Request) -> httpx.Response:
        if request.headers["Authorization"] != f"OAuth {SECRET}":
            return refusal(190, status=401)
        identity = request.url.path.removeprefix(f"/ig-api-upload/{VERSION}/")
        held = self.containers[identity]
        if int(request.headers["file_size"]) != len(request.content) or request.headers["offset"] != "0":
            return answer(412, {"success": False, "debug_info": {"retriable": False, "type": "ProcessingFailedError"}})
        held["fields"]["video_url"] = f"https://{PLACE}/{identity}.mp4"
        self.files[f"{identity}.mp4"] = ("video/mp4", request.content)
        held["status"] = held["states"][0]
        return answer(200, {"success": True, "message": "Upload successful."})

    def route(self, method: str, path: str, fields: dict[str, Any], host: str) -> httpx.Response:
        owner, _, edge = path.partition("/")
        if method == "POST" and owner == ACCOUNT and edge == "media":
            return self.contain(fields)
        if method == "POST" and owner == ACCOUNT and edge == "media_publish":
            return self.show(fields["creation_id"])
        if method == "POST" and not edge and "comment_enabled" in fields:
            # POST /{media_id}?comment_enabled= opens or closes the comments below a post that is there.
            for media in self.media:
                if media["id"] == owner:
                    media["comment_enabled"] = fields["comment_enabled"] == "true"
                    return answer(200, {"success": True})
            return refusal(100, 33, words="Object does not exist")
        if method == "POST" and edge == "comments":
            identity = self.new()
            self.comments.append({"id": identity, "on": owner, "message": fields["message"]})
            return answer(200, {"id": identity})
        if method == "GET":
            return self.get(owner, edge, fields, host)
        return refusal(100, 33, words="Unsupported request")

    def batch(self, fields: dict[str, Any]) -> httpx.Response:
        wanted = json.loads(fields["batch"])
        self.batches.append(len(wanted))
        assert len(wanted) <= 50
        answers = []
        for one in wanted:
            parts = urlsplit(one["relative_url"])
            path = parts.path.partition("/")[2]
            reply = self.route(one["method"], path, dict(parse_qsl(parts.query)), "graph.facebook.com")
            answers.append({"code": reply.status_code, "body": reply.text})
        return answer(200, answers)

    def new(self) -> str:
        self.number += 1
        return str(self.number)

    # --- Making -------------------------------------------------------------------------------------------------------

    def contain(self, fields: dict[str, Any]) -> httpx.Response:
        kind = fields.get("media_type", "IMAGE")
        caption = fields.get("caption", "")
        if len(caption) > 2200:
            return refusal(100, 2207010, words="The caption was too long")
        if kind == "CAROUSEL":
            children = fields["children"].split(",")
            if not 2 <= len(children) <= 10 or any(child not in self.containers for child in children):
                return refusal(100, 2207028, words="Your post won't work as a carousel")
            if any(self.containers[child]["status"] != "FINISHED" for child in children):
                return refusal(9007, 2207027, words="The media is not ready")
        elif kind not in {"IMAGE", "VIDEO", "REELS", "STORIES"}:
            return refusal(100, 2207023, words="Unknown media type")
        else:
            children = []
            if fields.get("upload_type") == "resumable":
                return self.session(kind, fields)
            address = fields.get("image_url") or fields.get("video_url") or ""
            mime, data = self.files.get(address.rpartition("/")[2], ("", b""))
            if not mime:
                return refusal(9004, 2207052, words="The media could not be fetched from this URI")
            if "image_url" in fields and mime != "image/jpeg":
                return refusal(36001, 2207005, words="The image format is not supported")
            if "image_url" in fields and len(data) > 8 * 1024 * 1024:
                return refusal(36000, 2207004, words="Image is too large")
        identity = self.new()
        states = [*self.states] if "video_url" in fields else ["FINISHED"]
        self.containers[identity] = {
            "kind": kind,
            "fields": fields,
            "children": children,
            "status": states[0] if len(states) == 1 else "IN_PROGRESS",
            "states": states,
        }
        return answer(200, {"id": identity})

    def session(self, kind: str, fields: dict[str, Any]) -> httpx.Response:
        identity = self.new()
        states = [*self.states]
        self.containers[identity] = {
            "kind": kind,
            "fields": fields,
            "children": [],
            "status": "IN_PROGRESS",
            "states": states,
        }
        return answer(200, {"id": identity, "uri": f"https://rupload.facebook.com/ig-api-upload/{VERSION}/{identity}"})

    def show(self, container: str) -> httpx.Response:
        held = self.containers.get(container)
        if held is None or held["status"] == "EXPIRED":
            return refusal(24, 2207008, words="The media container does not exist")
        if held["status"] == "PUBLISHED":
            return refusal(24, 2207006, words="The media cannot be found")
        if held["status"] != "FINISHED":
            return refusal(9007, 2207027, words="The media is not ready to be published")
        if self.usage >= self.total:
            return refusal(9, 2207042, words="You reached maximum number of posts")
        held["status"] = "PUBLISHED"
        media = self.add(container, held)
        if self.says_blocked_after_publishing:
            return refusal(4, 2207051, status=403, words="We restrict certain activity to protect our community")
        return answer(200, {"id": media["id"]})

    def add(self, container: str, held: dict[str, Any], at: datetime | None = None) -> dict[str, Any]:
        self.usage += 1
        identity = self.new()
        product = {"REELS": "REELS", "STORIES": "STORY"}.get(held["kind"], "FEED")
        media = {
            "id": identity,
            "caption": held["fields"].get("caption", "") if product != "STORY" else "",
            "permalink": f"https://www.instagram.com/{'reel' if product == 'REELS' else 'p'}/C{identity[-6:]}/",
            "timestamp": (at or self.now).strftime("%Y-%m-%dT%H:%M:%S+0000"),
            "media_product_type": product,
            "media_type": "CAROUSEL_ALBUM"
            if held["children"]
            else "VIDEO"
            if "video_url" in held["fields"]
            else "IMAGE",
            "container": container,
            "like_count": 5,
            "comments_count": 2,
        }
        self.media.insert(0, media)
        return media

    def files_of(self, media: dict[str, Any]) -> list[tuple[str, bytes]]:
        """Return (alt text, bytes) of what a published thing holds."""
        held = self.containers[media["container"]]
        parts = [self.containers[child] for child in held["children"]] or [held]
        return [
            (
                part["fields"].get("alt_text", ""),
                self.files[(part["fields"].get("image_url") or part["fields"]["video_url"]).rpartition("/")[2]][1],
            )
            for part in parts
        ]

    # --- Reading ------------------------------------------------------------------------------------------------------

    def get(self, owner: str, edge: str, fields: dict[str, Any], host: str) -> httpx.Response:
        wanted = re.split(r",(?![^(){}]*[)}])", fields.get("fields", "id"))
        if owner == "me" and host == "graph.facebook.com":
            if set(wanted) - {"id", "instagram_business_account"}:
                return refusal(100, words="Tried accessing nonexisting field on node type (Page)")
            return answer(200, {"id": "104501234567890", "instagram_business_account": {"id": ACCOUNT}})
        if owner == "me" or (owner == ACCOUNT and not edge):
            return answer(200, {name: value for name, value in self.profile().items() if name in wanted})
        if owner == ACCOUNT and edge == "content_publishing_limit":
            config = {"quota_total": self.total, "quota_duration": 86400}
            return answer(200, {"data": [{"quota_usage": self.usage, "config": config}]})
        if owner == ACCOUNT and edge in {"media", "stories"}:
            shown = [one for one in self.media if (one["media_product_type"] == "STORY") == (edge == "stories")]
            return self.listed(shown if self.lists else [], f"{ACCOUNT}/{edge}", fields, wanted)
        if owner == ACCOUNT and edge == "tags":
            return self.listed(self.tags, f"{ACCOUNT}/tags", fields, wanted)
        if owner == ACCOUNT and edge == "insights":
            return self.audience(fields)
        if edge == "comments":
            return self.conversation(owner, fields, wanted)
        if owner in self.containers:
            return self.state(owner, wanted)
        for media in self.media:
            if media["id"] == owner:
                return self.one(media, wanted)
        return refusal(100, 33, words="Object does not exist")

    def hear(self, owner: str, words: str, *, of: str = "mia", below: dict[str, Any] | None = None) -> dict[str, Any]:
        """Let somebody comment on one of our media, or answer a comment there."""
        said = {"id": self.new(), "on": owner, "text": words, "username": of, "timestamp": self.stamp()}
        if below is not None:
            said["parent_id"] = below["id"]
        self.comments.append(said)
        return said

    def tag(self, words: str, *, of: str = "noa") -> dict[str, Any]:
        """Let somebody tag the account in a post of theirs."""
        identity = self.new()
        said = {
            "id": identity,
            "caption": words,
            "username": of,
            "timestamp": self.stamp(),
            "permalink": f"https://www.instagram.com/p/T{identity[-6:]}/",
        }
        self.tags.insert(0, said)
        return said

    def stamp(self) -> str:
        return self.now.strftime("%Y-%m-%dT%H:%M:%S+0000")

    def conversation(self, owner: str, fields: dict[str, Any], wanted: list[str]) -> httpx.Response:
        """Answer GET /{media}/comments: the comments on the media, newest first, each with the answers to it."""
        if not any(media["id"] == owner for media in self.media):
            return refusal(100, 33, words="Object does not exist")
        nested = next((name for name in wanted if name.startswith("replies")), "")
        inner = nested[nested.index("{") + 1 : -1].split(",") if nested else []
        ours = {"username": "lumenvelo", "timestamp": self.stamp()}
        rows = []
        for said in reversed([one for one in self.comments if one["on"] == owner and "parent_id" not in one]):
            whole = {**ours, "text": said.get("message", ""), **said}
            row = {name: whole[name] for name in ("id", *wanted) if name in whole}
            answers = [one for one in self.comments if one.get("parent_id") == said["id"]]
            if nested and answers:
                row["replies"] = {"data": [{name: one[name] for name in ("id", *inner)} for one in answers]}
            rows.append(row)
        return self.listed(rows, f"{owner}/comments", fields, [*wanted, "replies"])

    def audience(self, fields: dict[str, Any]) -> httpx.Response:
        """Answer GET /{account}/insights?metric=follower_demographics: one breakdown, from a hundred followers on."""
        assert (fields["period"], fields["metric_type"]) == ("lifetime", "total_value")
        assert fields["timeframe"] in {"this_week", "this_month"}
        if self.followers < 100:
            return refusal(10, words="Not enough viewers for the media to show insights")
        return answer(200, {"data": [groups(fields["metric"], fields["breakdown"])]})

    def state(self, container: str, wanted: list[str]) -> httpx.Response:
        held = self.containers[container]
        if held["status"] != "PUBLISHED":
            held["status"] = held["states"].pop(0) if len(held["states"]) > 1 else held["states"][0]
        words = {"ERROR": "Error: Media upload has failed with error code 2207026"}
        status = held["status"]
        told = {"id": container, "status_code": status, "status": words.get(status, f"{status.title()}: as it says")}
        return answer(200, {name: value for name, value in told.items() if name in wanted or name == "id"})

    def listed(
        self, things: list[dict[str, Any]], path: str, fields: dict[str, Any], wanted: list[str]
    ) -> httpx.Response:
        begin, size = int(fields.get("after", "0")), int(fields.get("limit", "25"))
        page: dict[str, Any] = {
            "data": [
                {name: value for name, value in thing.items() if (name in wanted or name == "id") and value != ""}
                for thing in things[begin : begin + size]
            ]
        }
        if begin + size < len(things):
            following = f"https://graph.facebook.com/{VERSION}/{path}?access_token={SECRET}&after={begin + size}"
            page["paging"] = {"cursors": {"after": str(begin + size)}, "next": following}
        return answer(200, page)

    def one(self, media: dict[str, Any], wanted: list[str]) -> httpx.Response:
        shown = {name: value for name, value in media.items() if name in wanted or name == "id"}
        for name in wanted:
            if name.startswith("insights"):
                metrics = name[name.index("(") + 1 : -1].split(",")
                if any(metric in self.dead or metric not in VALID[media["media_product_type"]] for metric in metrics):
                    return refusal(100, words="The Media Insights API does not support the metric")
                # What is not known yet is an empty list, and no 0.
                shown["insights"] = {
                    "data": [
                        {"name": metric, "period": "lifetime", "values": [{"value": 90}]}
                        for metric in metrics
                        if metric != "reach"
                    ]
                }
        return answer(200, shown)

    def profile(self) -> dict[str, Any]:
        return {
            "id": ACCOUNT,
            "user_id": ACCOUNT,
            "username": "lumenvelo",
            "name": "Lumen Velo",
            "biography": "Bicycles",
            "website": "https://lumenvelo.example",
            "followers_count": self.followers,
            "follows_count": 7,
            "media_count": len(self.media),
        }
