"""A small TikTok in memory: the content posting and display APIs of one account, and the media host it pulls from.

A function from request to response, for httpx.MockTransport. Uploads go to a host of their own, as the real ones do.
"""

from __future__ import annotations

import json
import re
from typing import Any

import httpx

DATE = "Sun, 06 Dec 2026 09:00:00 GMT"
NOW = 1796547600
"""The same instant, in seconds since 1970."""
SECRET = "act.s3cret-access-token"
MEDIA_HOST = "media.example"
LEVELS = ["PUBLIC_TO_EVERYONE", "MUTUAL_FOLLOW_FRIENDS", "SELF_ONLY"]
MEGABYTE = 1_000_000


def answer(status: int, data: Any = None, code: str = "ok", message: str = "") -> httpx.Response:
    """Answer in TikTok's envelope."""
    body = {"data": {} if data is None else data, "error": {"code": code, "message": message, "log_id": "2026120609"}}
    return httpx.Response(status, json=body, headers={"Date": DATE})


def utf16(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


class FakeTikTok:
    """One account with its posts, the uploads that go on, and what lies on the media host."""

    base = "https://open.tiktokapis.com"
    upload_host = "open-upload.tiktokapis.com"

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []
        self.publishes: dict[str, dict[str, Any]] = {}
        self.posts: dict[str, dict[str, Any]] = {}
        self.media: dict[str, tuple[str, bytes]] = {}
        self.failures: list[tuple[str, httpx.Response]] = []
        self.creator: dict[str, Any] = {
            "creator_username": "lumenvelo",
            "creator_nickname": "Lumen Velo",
            "privacy_level_options": list(LEVELS),
            "comment_disabled": False,
            "duet_disabled": False,
            "stitch_disabled": True,
            "max_video_post_duration_sec": 600,
        }
        self.reads_until_done = 0
        self.fail_reason = ""
        self.moderating = False
        """Whether a finished post has no public id yet."""
        self.spells_it_right = False
        self.lists_photos = True
        self.scopes_missing: set[str] = set()

    def fail_once(self, path: str, response: httpx.Response) -> None:
        self.failures.append((path, response))

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        path = request.url.path
        for failure in self.failures:
            if failure[0] in str(request.url):
                self.failures.remove(failure)
                return failure[1]
        if request.url.host == MEDIA_HOST:
            assert "Authorization" not in request.headers
            mime, data = self.media.get(path.rpartition("/")[2], ("", b""))
            headers = {"Content-Type": mime, "Content-Length": str(len(data))}
            return httpx.Response(200, headers=headers) if mime else httpx.Response(404)
        if request.url.host == self.upload_host:
            return self.chunk(request)
        if request.headers.get("Authorization") != f"Bearer {SECRET}":
            return answer(401, code="access_token_invalid", message="The access token is invalid or not found")
        if path == "/v2/user/info/":
            return self.user(request)
        assert request.method == "POST"
        body = json.loads(request.content) if request.content else {}
        handlers = {
            "/v2/post/publish/creator_info/query/": self.creator_info,
            "/v2/post/publish/video/init/": self.video_init,
            "/v2/post/publish/inbox/video/init/": self.inbox_init,
            "/v2/post/publish/content/init/": self.content_init,
            "/v2/post/publish/status/fetch/": self.status,
            "/v2/post/publish/cancel/": self.cancel,
            "/v2/video/query/": self.query,
            "/v2/video/list/": self.listed,
        }
        if path not in handlers:
            return answer(404, code="invalid_params", message="Unsupported path")
        return handlers[path](body, request)

    # --- Publishing ---------------------------------------------------------------------------------------------------

    def creator_info(self, _body: dict[str, Any], _request: httpx.Request) -> httpx.Response:
        return answer(200, self.creator)

    def wrong(self, info: dict[str, Any]) -> httpx.Response | None:
        if info["privacy_level"] not in self.creator["privacy_level_options"]:
            return answer(400, code="privacy_level_option_mismatch", message="Check creator_info")
        if utf16(info.get("title", "")) > 2200:
            return answer(400, code="invalid_params", message=f"The title is too long {SECRET}")
        for name in ("comment", "duet", "stitch"):
            if self.creator[f"{name}_disabled"] and not info.get(f"disable_{name}", True):
                return answer(400, code="invalid_params", message=f"{name} is disabled")
        return None

    def video_init(self, body: dict[str, Any], _request: httpx.Request) -> httpx.Response:
        assert set(body) == {"post_info", "source_info"}
        return self.wrong(body["post_info"]) or self.begin(body)

    def inbox_init(self, body: dict[str, Any], _request: httpx.Request) -> httpx.Response:
        assert set(body) == {"source_info"}
        return self.begin(body, inbox=True)

    def begin(self, body: dict[str, Any], *, inbox: bool = False) -> httpx.Response:
        source = body["source_info"]
        assert source["source"] == "FILE_UPLOAD"
        size, chunk, count = source["video_size"], source["chunk_size"], source["total_chunk_count"]
        sound = count == max(1, size // chunk) and 1 <= count <= 1000 and chunk <= 64 * MEGABYTE
        if not sound or (chunk < 5 * MEGABYTE and chunk != size):
            return answer(400, code="invalid_params", message="Invalid chunks")
        identity = f"v_pub_file~v2-1.{7000 + len(self.publishes)}"
        self.publishes[identity] = {**body, "size": size, "data": b"", "status": "PROCESSING_UPLOAD", "inbox": inbox}
        where = f"https://{self.upload_host}/video/?upload_id={len(self.publishes)}&upload_token={identity}"
        return answer(200, {"publish_id": identity, "upload_url": where})

    def chunk(self, request: httpx.Request) -> httpx.Response:
        assert "Authorization" not in request.headers
        publish = self.publishes[request.url.params["upload_token"]]
        found = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+)", request.headers["Content-Range"])
        assert found
        first, last, total = map(int, found.groups())
        if total != publish["size"] or first > len(publish["data"]) or len(request.content) != last - first + 1:
            return httpx.Response(416)
        if publish["status"] != "PROCESSING_UPLOAD":
            return httpx.Response(403)
        publish["data"] = publish["data"][:first] + request.content
        if len(publish["data"]) < total:
            return httpx.Response(206, headers={"Content-Range": f"bytes 0-{last}/{total}"})
        self.finish(publish, "video")
        return httpx.Response(201, headers={"Content-Range": f"bytes 0-{last}/{total}"})

    def content_init(self, body: dict[str, Any], _request: httpx.Request) -> httpx.Response:
        info, source = body["post_info"], body["source_info"]
        assert body["media_type"] == "PHOTO"
        assert source["source"] == "PULL_FROM_URL"
        if body["post_mode"] == "DIRECT_POST" and (wrong := self.wrong({"title": "", **info, "disable_stitch": True})):
            return wrong
        if utf16(info.get("title", "")) > 90 or utf16(info.get("description", "")) > 4000:
            return answer(400, code="invalid_params", message=f"The title is too long {SECRET}")
        if not 1 <= len(source["photo_images"]) <= 35:
            return answer(400, code="invalid_params", message="Too many photos")
        if not all(address.startswith(f"https://{MEDIA_HOST}/") for address in source["photo_images"]):
            return answer(403, code="url_ownership_unverified", message="Please verify the domain")
        identity = f"p_pub_url~v2.{8000 + len(self.publishes)}"
        publish = {**body, "size": 0, "data": b"", "status": "", "inbox": body["post_mode"] == "MEDIA_UPLOAD"}
        self.publishes[identity] = publish
        self.finish(publish, "photo")
        return answer(200, {"publish_id": identity})

    def finish(self, publish: dict[str, Any], kind: str) -> None:
        if self.fail_reason:
            publish["status"] = "FAILED"
            return
        if publish["inbox"]:
            publish["status"] = "SEND_TO_USER_INBOX"
            return
        publish["status"] = "PUBLISH_COMPLETE"
        identity = str(7457000000000000000 + len(self.posts))
        publish["post"] = identity
        info = publish["post_info"]
        self.posts[identity] = {
            "id": identity,
            "kind": kind,
            "create_time": NOW,
            "info": info,
            "source": publish["source_info"],
            "data": publish["data"],
            "video_description": info.get("description", info.get("title", "")),
            "view_count": 42,
            "like_count": 5,
            "comment_count": 2,
            "share_count": 1,
        }

    def status(self, body: dict[str, Any], _request: httpx.Request) -> httpx.Response:
        publish = self.publishes.get(body["publish_id"])
        if publish is None:
            return answer(400, code="invalid_publish_id", message="Unknown")
        if publish["status"] == "PROCESSING_UPLOAD":
            return answer(200, {"status": "PROCESSING_UPLOAD", "uploaded_bytes": len(publish["data"])})
        self.reads_until_done -= 1
        if self.reads_until_done >= 0:
            state = "PROCESSING_UPLOAD" if publish["size"] else "PROCESSING_DOWNLOAD"
            return answer(200, {"status": state, "uploaded_bytes": len(publish["data"])})
        data: dict[str, Any] = {"status": publish["status"], "uploaded_bytes": len(publish["data"])}
        if publish["status"] == "FAILED":
            data["fail_reason"] = self.fail_reason
        if "post" in publish and not self.moderating:
            name = "publicly_available_post_id" if self.spells_it_right else "publicaly_available_post_id"
            data[name] = [int(publish["post"])]
        return answer(200, data)

    def cancel(self, body: dict[str, Any], _request: httpx.Request) -> httpx.Response:
        self.publishes[body["publish_id"]]["status"] = "FAILED"
        return answer(200)

    # --- Reading ------------------------------------------------------------------------------------------------------

    def fields(self, request: httpx.Request, known: dict[str, Any]) -> dict[str, Any]:
        return {name: known[name] for name in request.url.params["fields"].split(",") if name in known}

    def query(self, body: dict[str, Any], request: httpx.Request) -> httpx.Response:
        wanted = body["filters"]["video_ids"]
        if len(wanted) > 20:
            return answer(400, code="invalid_params", message="Too many ids")
        return answer(200, {"videos": [self.fields(request, self.posts[i]) for i in wanted if i in self.posts]})

    def listed(self, body: dict[str, Any], request: httpx.Request) -> httpx.Response:
        assert body["max_count"] <= 20
        newest = sorted(self.posts.values(), key=lambda post: -post["create_time"])
        kept = [post for post in newest if self.lists_photos or post["kind"] == "video"]
        begin = body.get("cursor", 0)
        page = [self.fields(request, post) for post in kept[begin : begin + body["max_count"]]]
        more = begin + len(page) < len(kept)
        return answer(200, {"videos": page, "cursor": begin + len(page), "has_more": more})

    def user(self, request: httpx.Request) -> httpx.Response:
        known = {
            "open_id": "-000abc_DEF",
            "display_name": "Lumen Velo",
            "username": "lumenvelo",
            "bio_description": "Bicycles",
            "profile_deep_link": "https://vm.tiktok.com/ZM",
            "follower_count": 321,
            "following_count": 7,
            "video_count": len(self.posts),
        }
        asked = set(request.url.params["fields"].split(","))
        if asked & self.scopes_missing:
            return answer(401, code="scope_not_authorized", message="The user did not authorize the scope")
        return answer(200, {"user": self.fields(request, known)})
