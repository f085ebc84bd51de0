"""A small YouTube in memory: one channel that takes resumable uploads, written from the API's discovery document.

A function from request to response, for httpx.MockTransport. What it refuses, it refuses in the API's own words.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any

import httpx

NOW = datetime(2026, 12, 6, 9, 0, tzinfo=UTC)
DATE = "Sun, 06 Dec 2026 09:00:00 GMT"
SECRET = "ya29.s3cret-access-token"
CHANNEL = "UC0123456789abcdefghijkl"
UPLOADS = "UU0123456789abcdefghijkl"
PLAYLIST = "PL0123456789"
CHUNK = 256 * 1024


def answer(status: int, value: Any = None, **headers: str) -> httpx.Response:
    named = {"Date": DATE, **{name.replace("_", "-"): text for name, text in headers.items()}}
    return httpx.Response(status, headers=named) if value is None else httpx.Response(status, json=value, headers=named)


def refusal(status: int, reason: str, message: str = "", domain: str = "youtube.video") -> httpx.Response:
    """Answer as the API does when it refuses something."""
    errors = [{"domain": domain, "reason": reason, "message": message or reason}]
    return answer(status, {"error": {"code": status, "message": message or reason, "errors": errors}})


def tags_length(tags: list[str]) -> int:
    return sum(len(tag) + 2 * (" " in tag) for tag in tags) + max(0, len(tags) - 1)


class FakeYouTube:
    """One channel, with its videos, upload sessions and one playlist."""

    base = "https://www.googleapis.com"

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []
        self.videos: dict[str, dict[str, Any]] = {}
        self.files: dict[str, bytes] = {}
        self.sessions: dict[str, dict[str, Any]] = {}
        self.playlist: list[str] = []
        self.thumbnails: dict[str, bytes] = {}
        self.failures: list[tuple[str, str, httpx.Response]] = []
        """The next answers to (method, path that begins so)."""
        self.keeps = 1 << 40
        """How many bytes of each chunk are kept."""
        self.reads_until_processed = 0
        self.verdict: dict[str, str] = {"uploadStatus": "processed"}
        self.locked_to_private = False
        self.session_host = self.base
        self.first_comments: list[tuple[str, str]] = []

    def fail_once(self, method: str, path: str, response: httpx.Response) -> None:
        self.failures.append((method, path, response))

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        path, method, query = request.url.path, request.method, dict(request.url.params)
        for failure in self.failures:
            if method == failure[0] and path.startswith(failure[1]):
                self.failures.remove(failure)
                return failure[2]
        if path == "/upload/youtube/v3/videos" and method == "PUT":
            return self.chunk(request, query)
        if request.headers.get("Authorization") != f"Bearer {SECRET}":
            return refusal(401, "authError", "Invalid Credentials", "global")
        if path == "/upload/youtube/v3/videos" and query.get("uploadType") == "resumable":
            return self.begin(request, query)
        if path == "/upload/youtube/v3/thumbnails/set":
            return self.thumbnail(request, query)
        handlers = {
            ("GET", "videos"): self.list_videos,
            ("PUT", "videos"): self.update,
            ("DELETE", "videos"): self.delete,
            ("GET", "channels"): self.channels,
            ("GET", "playlistItems"): self.list_items,
            ("POST", "playlistItems"): self.add_item,
            ("POST", "commentThreads"): self.comment,
        }
        handler = handlers.get((method, path.removeprefix("/youtube/v3/")))
        return handler(request, query) if handler else answer(404)

    # --- Uploads ------------------------------------------------------------------------------------------------------

    def begin(self, request: httpx.Request, query: dict[str, str]) -> httpx.Response:
        body = json.loads(request.content)
        if set(body) != set(query["part"].split(",")):
            return refusal(400, "unexpectedPart", domain="youtube.part")
        if wrong := self.wrong(body):
            return refusal(400, wrong)
        total = int(request.headers["X-Upload-Content-Length"])
        if not request.headers["X-Upload-Content-Type"].startswith("video/"):
            return refusal(400, "badContent", "Media type is not supported", "global")
        identity = f"AAAA-session_{len(self.sessions)}"
        self.sessions[identity] = {"body": body, "total": total, "data": b"", "video": ""}
        where = f"{self.session_host}/upload/youtube/v3/videos?uploadType=resumable&upload_id={identity}"
        return answer(200, Location=where)

    def wrong(self, body: dict[str, Any]) -> str:
        snippet = body.get("snippet", {})
        title, description = snippet.get("title", ""), snippet.get("description", "")
        if not title.strip() or len(title) > 100 or re.search("[<>]", title):
            return "invalidTitle"
        if len(description.encode()) > 5000 or re.search("[<>]", description):
            return "invalidDescription"
        if tags_length(snippet.get("tags", [])) > 500:
            return "invalidTags"
        if snippet.get("categoryId") not in {"1", "2", "17", "19", "22", "24", "26", "27", "28", "29"}:
            return "invalidCategoryId"
        return ""

    def chunk(self, request: httpx.Request, query: dict[str, str]) -> httpx.Response:
        session = self.sessions.get(query["upload_id"])
        if session is None:
            return answer(404)
        if session["video"]:
            return answer(200, self.shown(session["video"], {"snippet", "status"}))
        where = request.headers["Content-Range"]
        if found := re.fullmatch(r"bytes (\d+)-(\d+)/(\d+)", where):
            first, last, total = map(int, found.groups())
            assert total == session["total"]
            assert len(request.content) == last - first + 1
            if first != len(session["data"]) or (last + 1 < total and len(request.content) % CHUNK):
                return answer(400)
            session["data"] += request.content[: self.keeps]
            if len(session["data"]) == total:
                session["video"] = self.make(session["body"], session["data"])
                return answer(200, self.shown(session["video"], {"snippet", "status"}))
        else:
            assert where == f"bytes */{session['total']}"
            assert not request.content
        there = len(session["data"])
        return answer(308, **({"Range": f"bytes=0-{there - 1}"} if there else {}))

    def make(self, body: dict[str, Any], data: bytes) -> str:
        identity = f"vid_{len(self.files):07d}"
        snippet = {**body["snippet"], "publishedAt": NOW.isoformat().replace("+00:00", "Z"), "channelId": CHANNEL}
        numbers = {"viewCount": "42", "likeCount": "5", "commentCount": "2", "favoriteCount": "0"}
        self.videos[identity] = {**body, "id": identity, "snippet": snippet, "statistics": numbers}
        self.files[identity] = data
        return identity

    def thumbnail(self, request: httpx.Request, query: dict[str, str]) -> httpx.Response:
        if query["videoId"] not in self.videos:
            return refusal(404, "videoNotFound", domain="youtube.thumbnail")
        self.thumbnails[query["videoId"]] = request.content
        return answer(200, {"kind": "youtube#thumbnailSetResponse"})

    # --- Videos -------------------------------------------------------------------------------------------------------

    def shown(self, identity: str, parts: set[str]) -> dict[str, Any]:
        video = self.videos[identity]
        resource = {"kind": "youtube#video", "id": identity, **{part: video[part] for part in parts if part in video}}
        if "status" in parts:
            state = {"uploadStatus": "uploaded"} if self.reads_until_processed > 0 else self.verdict
            resource["status"] = {**video["status"], **state}
        if "processingDetails" in parts:
            working = self.reads_until_processed > 0
            resource["processingDetails"] = {"processingStatus": "processing" if working else "succeeded"}
        return resource

    def list_videos(self, _request: httpx.Request, query: dict[str, str]) -> httpx.Response:
        wanted = query["id"].split(",")
        assert len(wanted) <= 50
        parts = set(query["part"].split(","))
        items = [self.shown(identity, parts) for identity in wanted if identity in self.videos]
        self.reads_until_processed -= 1
        return answer(200, {"kind": "youtube#videoListResponse", "items": items})

    def update(self, request: httpx.Request, query: dict[str, str]) -> httpx.Response:
        body = json.loads(request.content)
        video = self.videos.get(body["id"])
        if video is None:
            return refusal(404, "videoNotFound")
        parts = query["part"].split(",")
        if "snippet" in parts and (wrong := self.wrong(body)):
            return refusal(400, wrong)
        for part in parts:
            # What a part that is sent leaves out is cleared.
            video[part] = body.get(part, {})
        video["snippet"] = {**video["snippet"], "publishedAt": NOW.isoformat().replace("+00:00", "Z")}
        if self.locked_to_private:
            video["status"]["privacyStatus"] = "private"
        return answer(200, self.shown(body["id"], set(parts)))

    def delete(self, _request: httpx.Request, query: dict[str, str]) -> httpx.Response:
        if self.videos.pop(query["id"], None) is None:
            return refusal(404, "videoNotFound")
        return answer(204)

    def channels(self, _request: httpx.Request, query: dict[str, str]) -> httpx.Response:
        assert query["mine"] == "true"
        whole = {
            "id": CHANNEL,
            "snippet": {"title": "Lumen Velo", "customUrl": "@lumenvelo", "description": "Bicycles and lamps"},
            "statistics": {"subscriberCount": "321", "videoCount": str(len(self.videos)), "viewCount": "900"},
            "contentDetails": {"relatedPlaylists": {"uploads": UPLOADS}},
        }
        return answer(200, {"items": [{key: whole[key] for key in ("id", *query["part"].split(","))}]})

    def list_items(self, _request: httpx.Request, query: dict[str, str]) -> httpx.Response:
        known = {UPLOADS: list(reversed(self.videos)), PLAYLIST: self.playlist}.get(query["playlistId"])
        if known is None:
            return refusal(404, "playlistNotFound", domain="youtube.playlistItem")
        listed = [video for video in known if query.get("videoId", video) == video]
        items = [
            {"snippet": {"resourceId": {"videoId": video}}, "contentDetails": {"videoId": video}} for video in listed
        ]
        return answer(200, {"items": items[: int(query.get("maxResults", "5"))]})

    def add_item(self, request: httpx.Request, _query: dict[str, str]) -> httpx.Response:
        snippet = json.loads(request.content)["snippet"]
        if snippet["playlistId"] != PLAYLIST:
            return refusal(404, "playlistNotFound", domain="youtube.playlistItem")
        assert snippet["resourceId"]["kind"] == "youtube#video"
        self.playlist.append(snippet["resourceId"]["videoId"])
        return answer(200, {"kind": "youtube#playlistItem", "id": "item"})

    def comment(self, request: httpx.Request, query: dict[str, str]) -> httpx.Response:
        assert query["part"] == "snippet"
        snippet = json.loads(request.content)["snippet"]
        video = self.videos.get(snippet["videoId"])
        if video is None or video["status"]["privacyStatus"] == "private":
            return refusal(404, "videoNotFound", domain="youtube.commentThread")
        words = snippet["topLevelComment"]["snippet"]["textOriginal"]
        if not words.strip():
            return refusal(400, "commentTextRequired", domain="youtube.commentThread")
        self.first_comments.append((snippet["videoId"], words))
        return answer(200, {"kind": "youtube#commentThread", "id": f"UgComment{len(self.first_comments)}"})

    def public(self) -> list[dict[str, Any]]:
        """Return what everybody sees."""
        return [video for video in self.videos.values() if video["status"]["privacyStatus"] == "public"]
