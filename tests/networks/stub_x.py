"""X in memory: the part of API v2 that a publisher needs, as docs.x.com and OpenAPI 2.167 describe it.

It keeps what it is sent, refuses what X refuses with X's own words, checks every signature by itself, and speaks of
tweets or of posts, as X does in the middle of its renaming.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import html
import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, quote

import httpx

from networks.forms import multipart

NOW = datetime(2026, 12, 6, 9, 0, tzinfo=UTC)
CONSUMER_KEY = "c0nsumer-key"
CONSUMER_SECRET = "c0nsumer-s3cret/+="
TOKEN = "777-t0ken"
TOKEN_SECRET = "t0ken-s3cret&~"
SECRETS = (CONSUMER_SECRET, TOKEN_SECRET, TOKEN, CONSUMER_KEY)
OWN = "777"
SNOWFLAKES_BEGAN = 1288834974657

ID = re.compile(r"[0-9]{1,19}")
SETTINGS = {"following", "mentionedUsers", "subscribers", "verified"}
CATEGORIES = {"tweet_image", "tweet_gif", "tweet_video", "amplify_video"}
TYPES = {"image/jpeg", "image/png", "image/webp", "image/gif", "video/mp4", "video/quicktime", "video/webm"}
COMMON = (
    "attachments conversation_id created_at entities id lang public_metrics non_public_metrics organic_metrics text"
)
FIELDS = {
    "tweet": {*COMMON.split(), "author_id", "in_reply_to_user_id", "note_tweet", "referenced_tweets"},
    "post": {*COMMON.split(), "note_post"},
}
"""What may be asked for; in the new words a reply's parent may not, and is told or not as `tells_references` says."""
USER_FIELDS = {"created_at", "description", "entities", "id", "location", "name", "profile_image_url", "protected",
               "public_metrics", "subscription_type", "url", "username", "verified", "verified_type"}  # fmt: skip


def problem(status: int, title: str, detail: str, kind: str = "about:blank", **headers: str) -> httpx.Response:
    tail = kind if kind == "about:blank" else f"https://api.x.com/2/problems/{kind}"
    body = {"title": title, "detail": detail, "type": tail, "status": status}
    return httpx.Response(status, json=body, headers={"Date": "Sun, 06 Dec 2026 09:00:00 GMT", **headers})


def invalid(message: str) -> httpx.Response:
    body = {
        "errors": [{"parameters": {}, "message": message}],
        "title": "Invalid Request",
        "detail": "One or more parameters to your request was invalid.",
        "type": "https://api.twitter.com/2/problems/invalid-request",
    }
    return httpx.Response(400, json=body)


def wrong(status: int, code: int, message: str) -> httpx.Response:
    """Answer as X does where the words are those of API v1."""
    return httpx.Response(status, json={"errors": [{"code": code, "message": message}]})


def forbidden(detail: str) -> httpx.Response:
    return problem(403, "Forbidden", detail)


DUPLICATE = "You are not allowed to create a Tweet with duplicate content."
NOT_PERMITTED = "You are not permitted to perform this action."
NOT_SUMMONED = (
    "Reply to this conversation is not allowed because you have not been mentioned or otherwise engaged by the author "
    "of the post you are replying to."
)
PARENT_GONE = "You attempted to reply to a Tweet that is deleted or not visible to you."


class FakeX:
    """One account on X."""

    base = "https://api.x.com"

    def __init__(self) -> None:
        self.now = NOW
        self.naming = "tweet"
        self.names_both = False
        self.tells_references = True
        self.posts: list[dict[str, Any]] = []
        self.media: dict[str, dict[str, Any]] = {}
        self.requests: list[httpx.Request] = []
        self.bodies: list[dict[str, Any]] = []
        self.nonces: set[str] = set()
        self.polls_until_ready = 0
        self.check_after = 1
        self.processing_fails = False
        self.most = 280
        self.reads = True
        self.replies_allowed = True
        self.subscription = "None"
        self.knows_subscriptions = True
        self.hides_clicks = 0
        self.refusals: dict[str, httpx.Response] = {}
        self.page = 100
        self.count = 0
        self.mentions: list[dict[str, Any]] = []
        """What others wrote that names us, newest first."""
        self.tells_whom = True

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if (wrong := self.unsigned(request)) is not None:
            return problem(401, "Unauthorized", wrong)
        method, path = request.method, request.url.path
        for pattern, response in self.refusals.items():
            if re.fullmatch(pattern, f"{method} {path}"):
                return response
        if (method, path) == ("POST", "/2/tweets"):
            return self.create(json.loads(request.content))
        if (method, path) == ("GET", "/2/tweets"):
            return self.lookup(request)
        if (method, path) == ("GET", "/2/users/me"):
            return self.me(request)
        if (method, path) == ("GET", f"/2/users/{OWN}/tweets"):
            return self.timeline(request)
        if (method, path) == ("GET", f"/2/users/{OWN}/mentions"):
            return self.mentioned(request)
        if method == "DELETE" and (found := re.fullmatch(r"/2/tweets/(\d{1,19})", path)):
            self.posts = [post for post in self.posts if post["id"] != found[1]]
            return httpx.Response(200, json={"data": {"deleted": True}})
        if (method, path) == ("POST", "/2/media/upload/initialize"):
            return self.initialize(json.loads(request.content))
        if found := re.fullmatch(r"/2/media/upload/(\d{1,19})/(append|finalize)", path):
            return self.append(found[1], request) if found[2] == "append" else self.finalize(found[1], request)
        if (method, path) == ("GET", "/2/media/upload"):
            return self.status(request)
        if (method, path) == ("POST", "/2/media/metadata"):
            return self.describe(json.loads(request.content))
        return problem(404, "Not Found", "Not Found")

    # --- Who asks? ----------------------------------------------------------------------------------------------------

    def unsigned(self, request: httpx.Request) -> str | None:
        """Say what is wrong with a signature; its own reckoning, apart from the one that is tested."""
        header = request.headers.get("Authorization", "")
        given = dict(re.findall(r'(oauth_[a-z_]+)="([^"]*)"', header))
        if not header.startswith("OAuth ") or set(given) != {
            "oauth_consumer_key", "oauth_nonce", "oauth_signature", "oauth_signature_method", "oauth_timestamp",
            "oauth_token", "oauth_version",
        }:  # fmt: skip
            return "Unauthorized"
        plain = {name: httpx.URL(f"http://x/?v={value}").params["v"] for name, value in given.items()}
        signed = plain.pop("oauth_signature")
        pairs = [*plain.items(), *parse_qsl(request.url.query.decode(), keep_blank_values=True)]
        if request.headers.get("Content-Type") == "application/x-www-form-urlencoded":
            pairs += parse_qsl(request.content.decode(), keep_blank_values=True)

        def q(text: str) -> str:
            return quote(text, safe="-._~")

        listed = "&".join(sorted(f"{q(name)}={q(value)}" for name, value in pairs))
        base = "&".join([request.method, q(str(request.url.copy_with(query=None))), q(listed)])
        key = f"{q(CONSUMER_SECRET)}&{q(TOKEN_SECRET)}".encode()
        expected = base64.b64encode(hmac.new(key, base.encode(), hashlib.sha1).digest()).decode()
        if signed != expected or plain["oauth_token"] != TOKEN or plain["oauth_consumer_key"] != CONSUMER_KEY:
            return "Could not authenticate you."
        if abs(int(plain["oauth_timestamp"]) - self.now.timestamp()) > 300:
            return "Timestamp out of bounds."
        if plain["oauth_nonce"] in self.nonces:
            return "Bad Authentication data: this nonce was used."
        self.nonces.add(plain["oauth_nonce"])
        return None

    # --- Posts --------------------------------------------------------------------------------------------------------

    def create(self, body: dict[str, Any]) -> httpx.Response:
        if (wrong := self.malformed(body)) is not None:
            return invalid(wrong)
        text = body.get("text", "")
        if len(re.sub(r"https?://\S+", "x" * 23, text)) > self.most:
            return forbidden(NOT_PERMITTED)
        if any(post["text"] == text and post["media"] == [] and not body.get("media") for post in self.posts):
            return forbidden(DUPLICATE)
        if len(re.findall(r"(?:^|\s)\$[A-Za-z]{1,6}\b", text)) > 1:
            return forbidden("You are not permitted to create a Post with more than one cashtag.")
        parent = body.get("reply", {}).get("in_reply_to_tweet_id", "")
        if parent and not self.replies_allowed:
            return forbidden(NOT_SUMMONED)
        if parent and all(post["id"] != parent for post in self.posts):
            return forbidden(PARENT_GONE)
        self.bodies.append(body)
        post = self.add(
            text,
            parent=parent,
            media=body.get("media", {}).get("media_ids", []),
            poll=body.get("poll"),
            quoted=body.get("quote_tweet_id", ""),
        )
        data = {"id": post["id"], "text": self.shown(post)["text"], f"edit_history_{self.naming}_ids": [post["id"]]}
        return httpx.Response(201, json={"data": data})

    def malformed(self, body: dict[str, Any]) -> str | None:
        """Compare with the schema CreatePostsRequest, which allows nothing else."""
        allowed = {
            "text",
            "media",
            "poll",
            "reply",
            "quote_tweet_id",
            "reply_settings",
            "made_with_ai",
            "paid_partnership",
        }
        if unknown := set(body) - allowed:
            return f"Unknown fields: {sorted(unknown)}"
        media, poll, reply = body.get("media"), body.get("poll"), body.get("reply")
        if media is not None:
            ids = media.get("media_ids", [])
            if set(media) != {"media_ids"} or not 1 <= len(ids) <= 4:
                return "media.media_ids"
            if any(not self.media.get(name, {}).get("ready") for name in ids):
                return "Your media IDs are invalid."
            if len(ids) > 1 and any(self.media[name]["media_category"] != "tweet_image" for name in ids):
                return "Your media IDs are invalid."
        if poll is not None:
            good = set(poll) == {"options", "duration_minutes"} and 2 <= len(poll["options"]) <= 4
            if (
                not good
                or not 5 <= poll["duration_minutes"] <= 10080
                or any(not 1 <= len(o) <= 25 for o in poll["options"])
            ):
                return "poll"
        if reply is not None and (
            set(reply) != {"in_reply_to_tweet_id"} or not ID.fullmatch(reply["in_reply_to_tweet_id"])
        ):
            return "reply"
        if sum(name in body for name in ("media", "poll", "quote_tweet_id")) > 1:
            return "media, poll and quote_tweet_id are mutually exclusive"
        if "quote_tweet_id" in body and not ID.fullmatch(body["quote_tweet_id"]):
            return "quote_tweet_id"
        if body.get("reply_settings", "verified") not in SETTINGS:
            return "reply_settings"
        if any(body.get(name, True) is not True for name in ("made_with_ai", "paid_partnership")):
            return "flags"
        return None if body.get("text") or media else "text"

    def add(self, text: str, **fields: Any) -> dict[str, Any]:
        """Put a post on the timeline, newest first."""
        self.count += 1
        milliseconds = int(self.now.timestamp() * 1000) - SNOWFLAKES_BEGAN
        post: dict[str, Any] = {
            "id": str((milliseconds << 22) + self.count),
            "text": text,
            "parent": "",
            "media": [],
            "poll": None,
        }
        post |= {"quoted": "", "created_at": self.now, **fields}
        self.posts.insert(0, post)
        return post

    def shown(self, post: dict[str, Any], *, private: bool = False) -> dict[str, Any]:
        """Show a post as X does: links shortened, `&<>` escaped, its media as a link at the end."""
        old = self.naming == "tweet"
        urls: list[dict[str, Any]] = []

        def shorten(found: re.Match[str]) -> str:
            urls.append({"url": f"https://t.co/link{len(urls):06d}", "expanded_url": found[0], "start": 0, "end": 0})
            return str(urls[-1]["url"])

        text = html.escape(re.sub(r"https?://[^\s,)]+", shorten, post["text"]), quote=False)
        own = f"https://twitter.com/lumenvelo/status/{post['id']}"
        if post["media"]:
            kind = "video" if self.media[post["media"][0]]["media_category"] == "tweet_video" else "photo"
            for name in post["media"]:
                key = f"3_{name}"
                urls.append({"url": "https://t.co/media00001", "expanded_url": f"{own}/{kind}/1", "media_key": key})
            text += " https://t.co/media00001"
        if post["quoted"]:
            urls.append({"url": "https://t.co/quoted0001", "expanded_url": f"https://x.com/i/status/{post['quoted']}"})
            text += " https://t.co/quoted0001"
        references = [
            *([{"type": "replied_to", "id": post["parent"]}] if post["parent"] else ()),
            *([{"type": "quoted", "id": post["quoted"]}] if post["quoted"] else ()),
            *([{"type": "retweeted", "id": "1"}] if post["text"].startswith("RT @") else ()),
        ]
        metrics = {"reply_count": 1, "like_count": 5, "quote_count": 0, "bookmark_count": 2, "impression_count": 900}
        value: dict[str, Any] = {
            "id": post["id"],
            "conversation_id": self.root(post),
            "text": text.strip(),
            "created_at": post["created_at"].isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "public_metrics": {**metrics, "retweet_count" if old else "repost_count": 3},
        }
        if len(post["text"]) > 280:
            value["text"] = text[:270] + "… https://t.co/whole00001"
            value["note_tweet" if old else "note_post"] = {"text": text.strip(), "entities": {"urls": urls}}
        if urls:
            value["entities"] = {"urls": urls}
        if references and self.tells_references:
            value["referenced_tweets" if old else "referenced_posts"] = references
        attachments = {"media_keys": [f"3_{name}" for name in post["media"]]} if post["media"] else {}
        if post["poll"]:
            attachments["poll_ids"] = [f"9{post['id'][:17]}"]
        if attachments:
            value["attachments"] = attachments
        if private:
            value["non_public_metrics"] = {"impression_count": 900, "url_link_clicks": 12, "user_profile_clicks": 4}
        return value

    def root(self, post: dict[str, Any]) -> str:
        there = {one["id"]: one for one in [*self.posts, *self.mentions]}
        while post["parent"] in there:
            post = there[post["parent"]]
        return str(post["parent"] or post["id"])

    def misnamed(self, query: dict[str, str]) -> httpx.Response | None:
        for naming in ("tweet", "post"):
            name = f"{naming}.fields"
            if name in query:
                if naming != self.naming and not self.names_both:
                    return invalid(f"The query parameter [{name}] is not one of the known ones")
                if unknown := set(query[name].split(",")) - FIELDS[naming]:
                    return invalid(f"The `{name}` query parameter value {sorted(unknown)} is not one of the known ones")
        return None

    def lookup(self, request: httpx.Request) -> httpx.Response:
        query = dict(request.url.params)
        ids = query.pop("ids").split(",")
        if not 1 <= len(ids) <= 100 or not all(ID.fullmatch(one) for one in ids):
            return invalid("ids")
        if (wrong := self.misnamed(query)) is not None:
            return wrong
        private = "non_public_metrics" in query.get(f"{self.naming}.fields", "")
        there = {post["id"]: post for post in self.posts}
        old = [one for one in ids if one in there and self.now - there[one]["created_at"] > timedelta(days=30)]
        if private and old:
            return invalid("Field Authorization Error: 'non_public_metrics'")
        if private and self.hides_clicks == 200:
            kind = "https://api.twitter.com/2/problems/not-authorized-for-field"
            return httpx.Response(200, json={"errors": [{"type": kind, "title": "Field Authorization Error"}]})
        if private and self.hides_clicks:
            return problem(self.hides_clicks, "Field Authorization Error", "x", "field-unauthorized")
        body: dict[str, Any] = {}
        if data := [self.shown(there[one], private=private) for one in ids if one in there]:
            body["data"] = data
        if gone := [one for one in ids if one not in there]:
            body["errors"] = [
                {
                    "resource_id": one,
                    "resource_type": "tweet",
                    "title": "Not Found Error",
                    "detail": f"Could not find tweet with ids: [{one}].",
                    "type": "https://api.twitter.com/2/problems/resource-not-found",
                }
                for one in gone
            ]
        includes: dict[str, Any] = {}
        if "attachments.poll_ids" in query.get("expansions", ""):
            includes["polls"] = [
                {"id": f"9{one[:17]}", "options": [{"label": o, "votes": 4} for o in there[one]["poll"]["options"]]}
                for one in ids
                if one in there and there[one]["poll"]
            ]
        if "attachments.media_keys" in query.get("expansions", ""):
            includes["media"] = [
                {"media_key": f"3_{name}", "type": "video", "public_metrics": {"view_count": 60}}
                for one in ids
                if one in there
                for name in there[one]["media"]
                if self.media[name]["media_category"] == "tweet_video"
            ]
        return httpx.Response(200, json={**body, "includes": includes} if any(includes.values()) else body)

    def timeline(self, request: httpx.Request) -> httpx.Response:
        if not self.reads:
            return problem(403, "Client Forbidden", "not enrolled", "client-forbidden")
        query = dict(request.url.params)
        if (wrong := self.misnamed(query)) is not None:
            return wrong
        begin = datetime.fromisoformat(query["start_time"])
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", query["start_time"])
        assert 5 <= int(query["max_results"]) <= 100
        shown = [post for post in self.posts if post["created_at"] >= begin]
        first = int(query.get("pagination_token", "p0")[1:])
        page = shown[first : first + min(self.page, int(query["max_results"]))]
        meta: dict[str, Any] = {"result_count": len(page)}
        if first + len(page) < len(shown):
            meta["next_token"] = f"p{first + len(page)}"
        return httpx.Response(
            200, json={"data": [self.shown(post) for post in page], "meta": meta} if page else {"meta": meta}
        )

    def hear(
        self, text: str, *, of: str = "mia", answers: dict[str, Any] | None = None, **fields: Any
    ) -> dict[str, Any]:
        """Let somebody write something that names us, as an answer to one of our posts or of theirs, or on its own."""
        answers = answers or {}
        post = self.add(text, parent=answers.get("id", ""), author=of, to=answers.get("author", ""))
        self.posts.remove(post)
        self.mentions.insert(0, post)
        return post

    def mentioned(self, request: httpx.Request) -> httpx.Response:
        """Answer GET /2/users/{id}/mentions; the author is told by an expansion (OpenAPI 2.167: 5 to 100 a page)."""
        query = dict(request.url.params)
        if not self.reads:
            return problem(403, "Client Forbidden", "not enrolled", "client-forbidden")
        if (wrong := self.misnamed(query)) is not None:
            return wrong
        assert query.keys() <= {"expansions", "max_results", "start_time", "user.fields", "pagination_token",
                                "tweet.fields", "post.fields"}  # fmt: skip
        assert 5 <= int(query["max_results"]) <= 100
        begin = datetime.fromisoformat(query["start_time"])
        shown = [post for post in self.mentions if post["created_at"] >= begin]
        first = int(query.get("pagination_token", "p0")[1:])
        page = shown[first : first + min(self.page, int(query["max_results"]))]
        meta: dict[str, Any] = {"result_count": len(page)}
        if first + len(page) < len(shown):
            meta["next_token"] = f"p{first + len(page)}"
        data, users = [], {}
        for post in page:
            author = OWN if post["author"] == "lumenvelo" else str(9000 + sum(map(ord, post["author"])))
            users[author] = {"id": author, "name": "Mia M", "username": post["author"]}
            value = {**self.shown(post), "author_id": author}
            if post["parent"] and self.tells_whom:
                value["in_reply_to_user_id"] = "4711" if post["to"] else OWN
            data.append(value)
        return httpx.Response(
            200,
            json={"data": data, "includes": {"users": list(users.values())}, "meta": meta} if page else {"meta": meta},
        )

    def me(self, request: httpx.Request) -> httpx.Response:
        wanted = set(request.url.params.get("user.fields", "").split(","))
        if unknown := wanted - (USER_FIELDS if self.knows_subscriptions else USER_FIELDS - {"subscription_type"}):
            return invalid(f"The `user.fields` query parameter value {sorted(unknown)} is not one of the known ones")
        old = self.naming == "tweet"
        metrics = {"followers_count": 321, "following_count": 7, "tweet_count" if old else "post_count": 42}
        user = {
            "id": OWN,
            "name": "Lumen Velo",
            "username": "lumenvelo",
            "description": "Bicycles https://t.co/home000001",
            "url": "https://t.co/home000001",
            "location": "Istanbul",
            "entities": {
                "url": {"urls": [{"url": "https://t.co/home000001", "expanded_url": "https://lumenvelo.example"}]}
            },
            "public_metrics": metrics,
        }
        if self.knows_subscriptions:
            user["subscription_type"] = self.subscription
        return httpx.Response(200, json={"data": user})

    # --- Media --------------------------------------------------------------------------------------------------------

    def initialize(self, body: dict[str, Any]) -> httpx.Response:
        if set(body) != {"media_type", "total_bytes", "media_category"} or body["media_category"] not in CATEGORIES:
            return invalid("initialize")
        most = {"tweet_image": 5, "tweet_gif": 15}.get(body["media_category"], 512) * 1_000_000
        if body["media_type"] not in TYPES or not 0 < body["total_bytes"] <= most:
            return invalid("media_type or total_bytes")
        name = str(1880028106020515840 + len(self.media))
        self.media[name] = {**body, "parts": {}, "alt": "", "ready": False, "data": b""}
        return httpx.Response(200, json={"data": {"id": name, "media_key": f"3_{name}", "expires_after_secs": 86400}})

    def append(self, name: str, request: httpx.Request) -> httpx.Response:
        fields = multipart(request)
        index = int(fields["segment_index"])
        if (
            set(fields) != {"segment_index", "media"}
            or not 0 <= index <= 999
            or len(fields["media"][2]) > 2 * 1024 * 1024
        ):
            return invalid("append")
        self.media[name]["parts"][index] = fields["media"][2]
        return httpx.Response(200, json={"data": {"expires_at": 1796500000}})

    def finalize(self, name: str, request: httpx.Request) -> httpx.Response:
        medium = self.media[name]
        medium["data"] = b"".join(medium["parts"][index] for index in sorted(medium["parts"]))
        if request.content or len(medium["data"]) != medium["total_bytes"]:
            return invalid("the size is not the one that was announced")
        data: dict[str, Any] = {"id": name, "media_key": f"3_{name}", "size": len(medium["data"])}
        if self.polls_until_ready:
            data["processing_info"] = {"state": "pending", "check_after_secs": self.check_after}
        else:
            medium["ready"] = True
        return httpx.Response(200, json={"data": data})

    def status(self, request: httpx.Request) -> httpx.Response:
        query = dict(request.url.params)
        assert query["command"] == "STATUS"
        self.polls_until_ready -= 1
        info: dict[str, Any] = {"state": "in_progress", "check_after_secs": self.check_after, "progress_percent": 50}
        if self.polls_until_ready <= 0:
            info = {"state": "succeeded", "progress_percent": 100}
            self.media[query["media_id"]]["ready"] = True
            if self.processing_fails:
                info = {"state": "failed", "error": {"code": 1, "name": "InvalidMedia", "message": "Unsupported codec"}}
                self.media[query["media_id"]]["ready"] = False
        return httpx.Response(200, json={"data": {"id": query["media_id"], "processing_info": info}})

    def describe(self, body: dict[str, Any]) -> httpx.Response:
        text = body["metadata"]["alt_text"]["text"]
        if set(body) != {"id", "metadata"} or len(text) > 1000 or body["id"] not in self.media:
            return invalid("metadata")
        self.media[body["id"]]["alt"] = text
        return httpx.Response(200, json={"data": {"id": body["id"], "associated_metadata": body["metadata"]}})
