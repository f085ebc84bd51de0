"""A Facebook Page in memory: as much of the Graph API as a publisher meets, refusing what the real one refuses.

Written from Meta's documents (Pages API, Video API, Page Stories API, batch requests), not from our adapter.
"""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx

from networks.fakes import NOW, SECRET, answer
from networks.forms import multipart

PAGE = "104501234567890"
VERSION = "v26.0"
PAGE_FIELDS = {"id", "name", "username", "link", "about", "website", "followers_count", "fan_count", "posts"}
POST_METRICS = ("post_media_view", "post_total_media_view_unique", "post_clicks")


def refusal(code: int, subcode: int = 0, status: int = 400, words: str = "Invalid parameter") -> httpx.Response:
    """Answer with Meta's error envelope; its words repeat a secret, as careless servers do."""
    error: dict[str, Any] = {"message": f"(#{code}) {words} {SECRET}", "type": "OAuthException", "code": code}
    if subcode:
        error |= {"error_subcode": subcode, "error_user_title": words, "error_user_msg": words, "is_transient": False}
    return answer(status, {"error": {**error, "fbtrace_id": "AbCdEf"}})


def fields_of(request: httpx.Request) -> dict[str, Any]:
    if request.method in {"GET", "DELETE"}:
        return dict(request.url.params)
    if request.headers["Content-Type"].startswith("multipart/"):
        return multipart(request)
    return {name: values[0] for name, values in parse_qs(request.content.decode(), keep_blank_values=True).items()}


class StubFacebook:
    """One Page, its posts newest first."""

    base = "https://graph.facebook.com"

    def __init__(self) -> None:
        self.now = NOW
        self.posts: list[dict[str, Any]] = []
        self.photos: dict[str, dict[str, Any]] = {}
        self.videos: dict[str, dict[str, Any]] = {}
        self.stories: list[dict[str, Any]] = []
        self.comments: list[dict[str, Any]] = []
        self.requests: list[httpx.Request] = []
        self.batches: list[int] = []
        self.dead: set[str] = set()
        self.processing = ["ready"]
        self.few_followers = False
        self.tagged: list[dict[str, Any]] = []
        """Posts of others that name the Page, newest first."""
        self.followers = 321
        self.names_people = True
        self.number = 700000

    # --- The wire -----------------------------------------------------------------------------------------------------

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if "access_token" in request.url.params:
            raise AssertionError("a token stands in an address")
        if request.url.host == "rupload.facebook.com":
            return self.upload(request)
        assert request.url.host == "graph.facebook.com"
        fields = fields_of(request)
        bearer = request.headers.get("Authorization", "").removeprefix("Bearer ") or fields.get("access_token")
        if bearer != SECRET:
            return refusal(190, status=401, words="Invalid OAuth access token")
        if request.url.path == "/":
            return self.batch(fields)
        version, _, path = request.url.path.lstrip("/").partition("/")
        assert version == VERSION
        return self.route(request.method, path, fields)

    def route(self, method: str, path: str, fields: dict[str, Any]) -> httpx.Response:
        if method == "DELETE":
            return self.delete(path)
        if method == "GET":
            return self.get(path.replace("me", PAGE, 1) if path.startswith("me") else path, fields)
        owner, _, edge = path.partition("/")
        makers = {
            "photos": self.photo,
            "feed": self.feed,
            "videos": self.video,
            "video_reels": self.reel,
            "photo_stories": self.photo_story,
            "video_stories": self.video_story,
        }
        if owner == PAGE and edge in makers:
            return makers[edge](fields)
        if edge == "comments":
            return self.comment(owner, fields)
        return refusal(100, 33, words="Unsupported post request")

    def batch(self, fields: dict[str, Any]) -> httpx.Response:
        wanted = json.loads(fields["batch"])
        self.batches.append(len(wanted))
        if len(wanted) > 50:
            return refusal(1, words="Too many requests in batch message. The maximum batch size is 50")
        answers = []
        for one in wanted:
            parts = urlsplit(one["relative_url"])
            version, _, path = parts.path.partition("/")
            assert version == VERSION
            reply = self.route(one["method"], path, dict(parse_qsl(parts.query)))
            answers.append({"code": reply.status_code, "body": reply.text})
        return answer(200, answers)

    # --- Making -------------------------------------------------------------------------------------------------------

    def new(self) -> str:
        self.number += 1
        return str(self.number)

    def photo(self, fields: dict[str, Any]) -> httpx.Response:
        _, mime, data = fields["source"]
        if mime not in {"image/jpeg", "image/png"} or len(data) > 4_000_000:
            return refusal(100, 1366046, words="Photos should be smaller than 4 MB and saved as JPG, PNG")
        identity = self.new()
        self.photos[identity] = {"data": data, "alt": fields.get("alt_text_custom", ""), "used": False}
        if fields.get("published") != "false":
            self.add(fields.get("message", ""), [identity])
        return answer(200, {"id": identity})

    def feed(self, fields: dict[str, Any]) -> httpx.Response:
        message, link = fields.get("message", ""), fields.get("link", "")
        media = [one["media_fbid"] for one in json.loads(fields.get("attached_media", "[]"))]
        if len(message) > 63206:
            return refusal(100, words="Name parameter too long")
        if not (message or link or media):
            return refusal(100, 1349125, words="Missing message or attachment")
        if "facebook.com" in link:
            return refusal(100, 1609008, words="Cannot post Facebook.com links")
        if any(identity not in self.photos for identity in media):
            return refusal(100, 33, words="Unsupported media")
        if any(self.photos[identity]["used"] for identity in media):
            return refusal(100, 1366051, words="These photos were already posted")
        if message and self.posts and self.posts[0]["message"] == message and not media:
            return refusal(506, 1455006, words="Duplicate status message")
        post = self.add(message, media, link)
        wanted = fields.get("fields", "id").split(",")
        return answer(200, {name: value for name, value in post.items() if name in wanted})

    def add(self, message: str, media: list[str], link: str = "", at: datetime | None = None) -> dict[str, Any]:
        for identity in media:
            self.photos[identity]["used"] = True
        identity = f"{PAGE}_{self.new()}"
        post = {
            "id": identity,
            "message": message,
            "created_time": (at or self.now).strftime("%Y-%m-%dT%H:%M:%S+0000"),
            "permalink_url": f"https://www.facebook.com/{identity.replace('_', '/posts/')}",
            "media": media,
            "link": link,
        }
        self.posts.insert(0, post)
        return post

    def video(self, fields: dict[str, Any]) -> httpx.Response:
        phase = fields["upload_phase"]
        if phase == "start":
            size = int(fields["file_size"])
            identity = self.new()
            self.videos[identity] = {"kind": "videos", "data": b"", "size": size, "shown": False}
            return answer(
                200,
                {
                    "video_id": identity,
                    "upload_session_id": f"9{identity}",
                    "start_offset": "0",
                    "end_offset": str(min(size, 4)),
                },
            )
        identity = fields["upload_session_id"][1:]
        video = self.videos[identity]
        if phase == "transfer":
            _, _, data = fields["video_file_chunk"]
            if int(fields["start_offset"]) != len(video["data"]):
                return refusal(6001, 1363037, words="There was a problem uploading your video file")
            video["data"] += data
            begin = len(video["data"])
            return answer(200, {"start_offset": str(begin), "end_offset": str(min(video["size"], begin + 4))})
        assert phase == "finish"
        return self.shown(identity, fields, {"success": True})

    def reel(self, fields: dict[str, Any]) -> httpx.Response:
        return self.session("video_reels", fields)

    def video_story(self, fields: dict[str, Any]) -> httpx.Response:
        return self.session("stories", fields)

    def session(self, kind: str, fields: dict[str, Any]) -> httpx.Response:
        if fields["upload_phase"] == "start":
            identity = self.new()
            self.videos[identity] = {"kind": kind, "data": b"", "shown": False}
            address = f"https://rupload.facebook.com/video-upload/{VERSION}/{identity}"
            return answer(200, {"video_id": identity, "upload_url": address})
        assert fields["upload_phase"] == "finish"
        identity = fields["video_id"]
        if kind == "stories":
            self.videos[identity]["shown"] = True
            story = {"post_id": self.new(), "media": identity, "url": f"https://facebook.com/stories/{identity}"}
            self.stories.insert(0, story)
            return answer(200, {"success": True, "post_id": story["post_id"]})
        assert fields["video_state"] == "PUBLISHED"
        return self.shown(identity, fields, {"success": True, "post_id": f"{PAGE}_{identity}"})

    def upload(self, request: httpx.Request) -> httpx.Response:
        if request.headers["Authorization"] != f"OAuth {SECRET}":
            return refusal(190, status=401)
        identity = request.url.path.rpartition("/")[2]
        if int(request.headers["file_size"]) != len(request.content) or request.headers["offset"] != "0":
            return answer(400, {"debug_info": {"retriable": False, "type": "ProcessingFailedError"}})
        self.videos[identity]["data"] = request.content
        return answer(200, {"success": True})

    def shown(self, identity: str, fields: dict[str, Any], said: dict[str, Any]) -> httpx.Response:
        video = self.videos[identity]
        if not video["data"]:
            return refusal(6000, 1363026, words="There was a problem uploading your video file")
        video |= {"shown": True, "message": fields.get("description", ""), "title": fields.get("title", "")}
        video["created_time"] = self.now.strftime("%Y-%m-%dT%H:%M:%S+0000")
        return answer(200, said)

    def photo_story(self, fields: dict[str, Any]) -> httpx.Response:
        photo = self.photos.get(fields["photo_id"])
        if photo is None:
            return refusal(100, 33)
        if photo["used"]:
            return refusal(100, 1366051, words="These photos were already posted")
        photo["used"] = True
        story = {"post_id": self.new(), "media": fields["photo_id"], "url": "https://facebook.com/stories/1"}
        self.stories.insert(0, story)
        return answer(200, {"success": True, "post_id": story["post_id"]})

    def comment(self, owner: str, fields: dict[str, Any]) -> httpx.Response:
        if not any(post["id"] == owner for post in self.posts) and owner not in self.videos:
            return refusal(100, 33, words="Object does not exist")
        comment = {"id": f"{owner.rpartition('_')[2]}_{self.new()}", "on": owner, "message": fields["message"]}
        self.comments.append(comment)
        return answer(200, {"id": comment["id"]})

    # --- Reading ------------------------------------------------------------------------------------------------------

    def delete(self, path: str) -> httpx.Response:
        for post in self.posts:
            if post["id"] == path:
                self.posts.remove(post)
                return answer(200, {"success": True})
        if path in self.videos:
            del self.videos[path]
            return answer(200, {"success": True})
        return refusal(100, 33, words="Object does not exist")

    def get(self, path: str, fields: dict[str, Any]) -> httpx.Response:
        wanted = re.split(r",(?![^()]*\))", fields.get("fields", "id"))
        if path == PAGE:
            return answer(200, {name: value for name, value in self.page().items() if name in wanted})
        if path == f"{PAGE}/published_posts":
            return self.listed([self.drawn(post, wanted) for post in self.posts], path, fields)
        if path == f"{PAGE}/tagged":
            return self.listed([self.by(one, wanted) for one in self.tagged], path, fields)
        if path == f"{PAGE}/insights":
            return self.audience(fields)
        owner, _, edge = path.partition("/")
        if edge == "comments":
            return self.conversation(owner, fields, wanted)
        if path == f"{PAGE}/stories":
            return self.listed(self.stories, path, fields)
        if found := re.fullmatch(rf"{PAGE}/(videos|video_reels)", path):
            videos = [(i, v) for i, v in self.videos.items() if v["kind"] == found[1] and v["shown"]]
            return self.listed([self.filmed(identity, video) for identity, video in reversed(videos)], path, fields)
        for post in self.posts:
            if post["id"] == path:
                return self.counted(self.drawn(post, wanted), wanted, POST_METRICS)
        if path in self.videos:
            return self.counted(self.filmed(path, self.videos[path]), wanted, ())
        return refusal(100, 33, words="Unsupported get request. Object does not exist")

    def hear(
        self, owner: str, words: str, *, of: tuple[str, str] = ("7001", "Mia M"), parent: str = ""
    ) -> dict[str, Any]:
        """Let somebody comment on one of our posts, or on a comment on it."""
        said = {
            "id": f"{owner.rpartition('_')[2]}_{self.new()}",
            "on": owner,
            "message": words,
            "of": of,
            "at": self.now,
        }
        if parent:
            said["parent"] = {"id": parent}
        self.comments.append(said)
        return said

    def name(self, words: str, *, of: tuple[str, str] = ("7001", "Mia M")) -> dict[str, Any]:
        """Let somebody name the Page in a post of theirs."""
        said = {"id": f"{of[0]}_{self.new()}", "message": words, "of": of, "at": self.now}
        self.tagged.insert(0, said)
        return said

    def by(self, said: dict[str, Any], wanted: list[str]) -> dict[str, Any]:
        """Show what somebody said; who it was is told only with the permission to read what people write."""
        identity, name = said.get("of", (PAGE, "Lumen Velo"))
        whole = {
            "id": said["id"],
            "message": said["message"],
            "created_time": said.get("at", self.now).strftime("%Y-%m-%dT%H:%M:%S+0000"),
            "permalink_url": f"https://www.facebook.com/{said['id']}",
            **({"from": {"id": identity, "name": name}} if self.names_people else {}),
            **({"parent": said["parent"]} if "parent" in said else {}),
        }
        return {name: value for name, value in whole.items() if name in wanted or name == "id"}

    def conversation(self, owner: str, fields: dict[str, Any], wanted: list[str]) -> httpx.Response:
        """Answer GET /{post}/comments: with filter=stream those on comments, too; else only the first row."""
        if not any(post["id"] == owner for post in self.posts) and owner not in self.videos:
            return refusal(100, 33, words="Object does not exist")
        said = [one for one in self.comments if one["on"] == owner]
        said = said if fields.get("filter") == "stream" else [one for one in said if "parent" not in one]
        said = said[::-1] if fields.get("order") == "reverse_chronological" else said
        return self.listed([self.by(one, wanted) for one in said], f"{owner}/comments", fields)

    def audience(self, fields: dict[str, Any]) -> httpx.Response:
        """Answer GET /{page}/insights: one dead metric fails the whole call, and a small Page has none at all."""
        tables = {
            "page_follows_country": {"TR": 120, "RO": 80, "IL": 40},
            "page_follows_city": {"İstanbul, Istanbul Province, Türkiye": 90, "Cluj-Napoca, Romania": 30},
        }
        metrics = fields["metric"].split(",")
        if any(metric not in tables or metric in self.dead for metric in metrics):
            return refusal(100, words="The value must be a valid insights metric")
        assert fields["period"] == "day"
        if self.followers < 100:
            return answer(200, {"data": []})
        data = [
            {
                "name": metric,
                "period": "day",
                "values": [
                    {"value": {"TR": 1}, "end_time": "2026-12-04T08:00:00+0000"},
                    {"value": tables[metric], "end_time": "2026-12-05T08:00:00+0000"},
                ],
                "id": f"{PAGE}/insights/{metric}/day",
            }
            for metric in metrics
        ]
        return answer(200, {"data": data})

    def page(self) -> dict[str, Any]:
        return {
            "id": PAGE,
            "name": "Lumen Velo",
            "username": "lumenvelo",
            "link": "https://www.facebook.com/lumenvelo",
            "about": "Bicycles",
            "website": "https://lumenvelo.example",
            "followers_count": self.followers,
            "fan_count": 300,
        }

    def listed(self, things: list[dict[str, Any]], path: str, fields: dict[str, Any]) -> httpx.Response:
        begin, size = int(fields.get("after", "0")), int(fields.get("limit", "25"))
        page = {"data": things[begin : begin + size]}
        if begin + size < len(things):
            after = str(begin + size)
            following = f"{self.base}/{VERSION}/{path}?access_token={SECRET}&limit={size}&after={after}"
            return answer(200, {**page, "paging": {"cursors": {"after": after}, "next": following}})
        return answer(200, page)

    def drawn(self, post: dict[str, Any], wanted: list[str]) -> dict[str, Any]:
        shown = {name: post[name] for name in ("id", "message", "created_time", "permalink_url") if post[name]}
        if not any(name.startswith("attachments") for name in wanted):
            return shown
        photos = [{"media_type": "photo", "target": {"id": identity}} for identity in post["media"]]
        if len(photos) > 1:
            photos = [{"media_type": "album", "subattachments": {"data": photos}}]
        elif post["link"]:
            kind = "video" if "video" in post["link"] else "link"
            photos = [{"media_type": kind, "unshimmed_url": post["link"]}]
        return {**shown, **({"attachments": {"data": photos}} if photos else {})}

    def filmed(self, identity: str, video: dict[str, Any]) -> dict[str, Any]:
        state = self.processing.pop(0) if len(self.processing) > 1 else self.processing[0]
        return {
            "id": identity,
            "description": video.get("message", ""),
            "created_time": video.get("created_time", ""),
            "permalink_url": f"/reel/{identity}/"
            if video["kind"] == "video_reels"
            else f"/lumenvelo/videos/{identity}/",
            "status": {"video_status": state},
            "views": 41,
        }

    def counted(self, shown: dict[str, Any], wanted: list[str], known: tuple[str, ...]) -> httpx.Response:
        for name in wanted:
            if name.startswith(("reactions", "likes")):
                shown[name.partition(".")[0]] = {"data": [], "summary": {"total_count": 5}}
            elif name.startswith("comments"):
                shown["comments"] = {"data": [], "summary": {"total_count": 2, "order": "ranked"}}
            elif name == "shares":
                shown["shares"] = {"count": 3}
            elif name.startswith("insights"):
                metrics = name[name.index("(") + 1 : -1].split(",")
                if self.few_followers or any(metric in self.dead or metric not in known for metric in metrics):
                    return refusal(100, words="The value must be a valid insights metric")
                entries = [{"name": metric, "period": "lifetime", "values": [{"value": 90}]} for metric in metrics]
                shown["insights"] = {"data": entries}
        return answer(200, shown)


LATER = timedelta(minutes=1)
