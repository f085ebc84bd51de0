"""LinkedIn in memory: one organisation, one member, and the versioned REST API as its documentation describes it.

A function from request to response, for httpx.MockTransport. It keeps what it is sent, reads commentary as `little`
text (cut off at the first reserved character that is not escaped, as the real one does), and refuses what the real one
refuses, in its words.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, unquote

import httpx

NOW = datetime(2026, 12, 6, 9, 0, tzinfo=UTC)
DATE = "Sun, 06 Dec 2026 09:00:00 GMT"
SECRET = "AQX-s3cret-member-token_7"
ORGANIZATION = "urn:li:organization:2414183"
PERSON = "urn:li:person:Ylpq-RobP9"
ACTIVE = ("202512", "202601", "202602", "202603", "202604", "202605", "202606", "202607", "202608")
RESERVED = "\\|{}@[]()<>#*_~"
PART_SIZE = 4 * 1024 * 1024
URN = r"urn:li:(?:share|ugcPost):\d+"
MILLISECOND = timedelta(milliseconds=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def answer(status: int, value: Any = None, **headers: str) -> httpx.Response:
    named = {"Date": DATE, "x-li-uuid": "AAYh", **{name.replace("_", "-"): text for name, text in headers.items()}}
    return httpx.Response(status, headers=named) if value is None else httpx.Response(status, json=value, headers=named)


def refuse(status: int, code: str, message: str, **more: Any) -> httpx.Response:
    return answer(status, {"status": status, "code": code, "message": f"{message} {SECRET}", **more})


def bad_input(status: int, code: str, description: str, message: str, **field: Any) -> httpx.Response:
    """Answer as `com.linkedin.content` does."""
    body = {
        "errorDetailType": "com.linkedin.common.error.BadRequest",
        "message": f"com.linkedin.content.common.exception.BadRequestResponseException: {message}",
        "errorDetails": {"inputErrors": [{"description": description, "input": field, "code": code}]},
        "status": status,
    }
    return answer(status, body)


def missing(field: str) -> httpx.Response:
    message = f"ERROR :: /{field} :: field is required but not found and has no default value\n"
    return answer(422, {"message": message, "status": 422})


# --- little text ------------------------------------------------------------------------------------------------------

_ELEMENT = re.compile(
    r"\\(?P<plain>[\\|{}@\[\]()<>#*_~])"
    r"|@\[(?P<name>(?:\\.|[^\\\]])+)\]\((?P<urn>urn:li:(?:person|organization):[\w-]+)\)"
    r"|\{hashtag\|(?:\\(?=#))?(?P<sign>[#＃])\|(?P<tag>(?:\\.|[^\\|{}])+)\}"
    r"|#(?P<bare>\w+)"
    r"|(?P<text>[^\\|{}@\[\]()<>#*_~]+)"
)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


def read_little(commentary: str) -> tuple[str, list[tuple[str, str]], list[str]]:
    """Return the text that people see, the mentions (name, URN) and the hashtags; the rest is cut off, silently."""
    shown, mentions, tags, at = "", [], [], 0
    while found := _ELEMENT.match(commentary, at):
        at = found.end()
        if found["name"]:
            name = _ESCAPED.sub(r"\1", found["name"])
            mentions.append((name, found["urn"]))
            shown += name
        elif tag := found["tag"] or found["bare"]:
            tags.append(_ESCAPED.sub(r"\1", tag))
            shown += f"{found['sign'] or '#'}{tags[-1]}"
        else:
            shown += found["plain"] or found["text"]
    return shown, mentions, tags


def _counted(field: str, **people: tuple[int, int]) -> list[dict[str, Any]]:
    prefix = {"staffCountRange": "", "associationType": ""}.get(field, f"urn:li:{field}:")
    return [
        {field: f"{prefix}{name}", "followerCounts": {"organicFollowerCount": organic, "paidFollowerCount": paid}}
        for name, (organic, paid) in people.items()
    ]


FOLLOWERS = {
    "organizationalEntity": ORGANIZATION,
    "followerCountsByGeoCountry": _counted("geo", **{"102105699": (200, 3), "106670623": (90, 0)}),
    "followerCountsByGeo": _counted("geo", **{"90010097": (80, 0)}),
    "followerCountsByFunction": _counted("function", **{"8": (70, 0)}),
    "followerCountsBySeniority": _counted("seniority", **{"4": (60, 0), "10": (0, 0)}),
    "followerCountsByIndustry": _counted("industry", **{"48": (50, 0)}),
    "followerCountsByStaffCountRange": _counted("staffCountRange", SIZE_2_TO_10=(40, 0)),
    "followerCountsByAssociationType": _counted("associationType", EMPLOYEE=(12, 0)),
}
"""The lifetime statistics of the organisation's followers (Organization Follower Statistics)."""


class StubLinkedIn:
    """One member, who is an administrator of one organisation."""

    base = "https://api.linkedin.com"

    def __init__(self) -> None:
        self.now = NOW
        self.posts: dict[str, dict[str, Any]] = {}
        self.gone: dict[str, dict[str, Any]] = {}
        self.comments: list[dict[str, Any]] = []
        self.assets: dict[str, dict[str, Any]] = {}
        self.requests: list[httpx.Request] = []
        self.bodies: list[dict[str, Any]] = []
        self.token = "valid"
        self.reads = True
        """Whether the token has r_organization_social and rw_organization_admin."""
        self.polls_until_ready = 0
        self.fails_processing = False
        self.comments_allowed = True
        self.numbers: dict[str, int] = {"likeCount": 5, "shareCount": 2, "commentCount": 1, "clickCount": 9}
        self.page_size = 100
        self.talk: dict[str, list[dict[str, Any]]] = {}
        """Post → the comments below it, the oldest first."""
        self.tells_total = True
        self.part_size = PART_SIZE

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        target = request.url.raw_path.decode()
        path, _, query = target.partition("?")
        if request.url.host == "www.linkedin.com" and path.startswith("/dms-uploads/"):
            return self.take_bytes(request, path)
        if request.headers.get("Authorization") != f"Bearer {SECRET}":
            return refuse(401, "INVALID_ACCESS_TOKEN", "Invalid access token", serviceErrorCode=65600)
        if self.token == "revoked":
            return refuse(401, "REVOKED_ACCESS_TOKEN", "The token has been revoked by the user", serviceErrorCode=65601)
        if self.token == "expired":
            return refuse(401, "EXPIRED_ACCESS_TOKEN", "The token used is expired", serviceErrorCode=65602)
        if (request.method, path) == ("GET", "/v2/userinfo"):
            return answer(200, {"sub": PERSON.rpartition(":")[2], "name": "Ayşe Yılmaz", "email": "a@example.org"})
        if not path.startswith("/rest/"):
            return refuse(404, "RESOURCE_NOT_FOUND", f"No virtual resource found for {path}")
        version = request.headers.get("Linkedin-Version", "")
        if not version:
            return refuse(400, "VERSION_MISSING", "A version must be present. Please specify a version")
        if version not in ACTIVE:
            return refuse(426, "NONEXISTENT_VERSION", f"Requested version {version}01 is not active")
        assert request.headers["X-Restli-Protocol-Version"] == "2.0.0"
        return self.rest(request, path.removeprefix("/rest/"), query)

    def rest(self, request: httpx.Request, path: str, query: str) -> httpx.Response:
        assert not re.search(r"urn:", path + query), "URNs are percent-encoded"
        method, options = request.method, dict(parse_qsl(query))
        if path in {"images", "videos"} and method == "POST":
            body = json.loads(request.content)
            if options == {"action": "initializeUpload"}:
                return self.begin_upload(path.removesuffix("s"), body["initializeUploadRequest"])
            if options == {"action": "finalizeUpload"} and path == "videos":
                return self.end_upload(body["finalizeUploadRequest"])
        if found := re.fullmatch(r"(image|video)s/(urn%3Ali%3A\1%3A\w+)", path):
            return self.status(found[1], unquote(found[2]))
        if path == "posts" and method == "POST":
            return self.create(json.loads(request.content))
        if path == "posts" and options.get("q") == "author":
            assert request.headers["X-RestLi-Method"] == "FINDER"
            return self.timeline(options)
        if found := re.fullmatch(r"posts/(urn%3Ali%3A(?:share|ugcPost|activity)%3A\d+)", path):
            return self.one(request, unquote(found[1]))
        if found := re.fullmatch(r"socialActions/(urn%3Ali%3A(?:share|ugcPost)%3A\d+)/comments", path):
            urn = unquote(found[1])
            return self.below(urn, options) if method == "GET" else self.comment(urn, json.loads(request.content))
        if path == "organizationalEntityFollowerStatistics":
            assert query == f"q=organizationalEntity&organizationalEntity={ORGANIZATION.replace(':', '%3A')}"
            return answer(200, {"elements": [FOLLOWERS]}) if self.reads else self.denied()
        if path == "organizationalEntityShareStatistics":
            return self.statistics(query)
        if path == f"networkSizes/{ORGANIZATION.replace(':', '%3A')}":
            assert options == {"edgeType": "COMPANY_FOLLOWED_BY_MEMBER"}
            return answer(200, {"firstDegreeSize": 321}) if self.reads else self.denied()
        if path == "organizations/2414183":
            found_page = {"id": 2414183, "localizedName": "Lumen Velo", "vanityName": "lumenvelo"}
            shown = {**found_page, "localizedDescription": "Bicycles", "localizedWebsite": "https://lumenvelo.example"}
            return answer(200, shown) if self.reads else self.denied()
        return refuse(404, "RESOURCE_NOT_FOUND", "Could not find entity")

    def denied(self) -> httpx.Response:
        return refuse(403, "ACCESS_DENIED", "Not enough permissions to access: GET", serviceErrorCode=100)

    # --- Media ---

    def begin_upload(self, kind: str, body: dict[str, Any]) -> httpx.Response:
        if body.get("owner") not in {ORGANIZATION, PERSON}:
            return refuse(403, "ACCESS_DENIED", "Not enough permissions", serviceErrorCode=100)
        number = f"C5F{len(self.assets):03}"
        urn = f"urn:li:{kind}:{number}"
        asset = {"owner": body["owner"], "status": "WAITING_UPLOAD", "parts": {}, "data": b"", "polls": 0}
        self.assets[urn] = asset
        begin = f"https://www.linkedin.com/dms-uploads/{number}"
        ends = int((self.now - EPOCH) / MILLISECOND) + 86_400_000
        if kind == "image":
            assert set(body) == {"owner"}
            return answer(200, {"value": {"uploadUrlExpiresAt": ends, "uploadUrl": f"{begin}/0", "image": urn}})
        assert set(body) == {"owner", "fileSizeBytes", "uploadCaptions", "uploadThumbnail"}
        size, step = body["fileSizeBytes"], self.part_size
        asset["size"] = size
        slices = [
            {"uploadUrl": f"{begin}/{n}", "firstByte": first, "lastByte": min(first + step, size) - 1}
            for n, first in enumerate(range(0, size, step))
        ]
        value = {"uploadUrlsExpireAt": ends, "video": urn, "uploadInstructions": slices, "uploadToken": ""}
        return answer(200, {"value": value})

    def take_bytes(self, request: httpx.Request, path: str) -> httpx.Response:
        assert request.method == "PUT"
        assert request.headers["Content-Type"] in {"application/octet-stream", "image/png", "image/jpeg", "image/gif"}
        number, piece = path.removeprefix("/dms-uploads/").split("/")
        urn = next(name for name in self.assets if name.endswith(f":{number}"))
        asset = self.assets[urn]
        if ":image:" in urn:
            asset["data"], asset["status"] = request.content, "PROCESSING"
            return answer(201)
        asset["parts"][f"/ambry-video/{number}-{piece}"] = request.content
        return answer(200, ETag=f"/ambry-video/{number}-{piece}")

    def end_upload(self, body: dict[str, Any]) -> httpx.Response:
        assert set(body) == {"video", "uploadToken", "uploadedPartIds"}
        asset = self.assets[body["video"]]
        if list(asset["parts"]) != body["uploadedPartIds"]:
            return refuse(400, "INVALID_PARTS", "Uploaded parts do not match")
        asset["data"], asset["status"] = b"".join(asset["parts"].values()), "PROCESSING"
        assert len(asset["data"]) == asset["size"]
        return answer(200)

    def status(self, kind: str, urn: str) -> httpx.Response:
        asset = self.assets.get(urn)
        if asset is None:
            return refuse(404, "NOT_FOUND", "Could not find entity")
        if kind == "image" and (asset["owner"] == PERSON or not self.reads):
            return self.denied()
        self.settle(asset)
        found = {"id": urn, "owner": asset["owner"], "status": asset["status"]}
        if asset["status"] == "PROCESSING_FAILED":
            found["processingFailureReason"] = "Unsupported codec"
        return answer(200, found)

    def settle(self, asset: dict[str, Any]) -> None:
        asset["polls"] += 1
        if asset["status"] == "PROCESSING" and asset["polls"] > self.polls_until_ready:
            asset["status"] = "PROCESSING_FAILED" if self.fails_processing else "AVAILABLE"

    # --- Posts ---

    def create(self, body: dict[str, Any]) -> httpx.Response:
        for field in ("author", "commentary", "visibility", "distribution", "lifecycleState"):
            if field not in body:
                return missing(field)
        if body["author"] not in {ORGANIZATION, PERSON}:
            return refuse(403, "ACCESS_DENIED", "Organization permissions must be used", serviceErrorCode=100)
        shown, mentions, tags = read_little(body["commentary"])
        length = len(shown.encode("utf-16-le")) // 2
        if length > 3000:
            said = f"ShareCommentary text length ({length} characters) exceeded the maximum allowed (3000 characters)"
            description = "Size of array cannot be higher than the maxLength"
            value = {"stringValue": body["commentary"]}
            return bad_input(400, "FIELD_ARRAY_SIZE_TOO_HIGH", description, said, value=value, maxLength=3000)
        if body["visibility"] not in ({"PUBLIC"} if body["author"] == ORGANIZATION else {"PUBLIC", "CONNECTIONS"}):
            return bad_input(422, "INVALID_VISIBILITY", "Visibility is not allowed", "visibility is not supported")
        content = body.get("content", {})
        trouble = self.trouble_with(content)
        if trouble is not None:
            return trouble
        twin = next(
            (
                (urn, post)
                for urn, post in (self.posts | self.gone).items()
                if (post["author"], post["commentary"], post.get("content", {}))
                == (body["author"], body["commentary"], content)
            ),
            None,
        )
        if twin:
            said = f"Content is a duplicate of {twin[0]}"
            return bad_input(422, "DUPLICATE_POST", "Duplicate post is detected", said)
        self.bodies.append(body)
        urn = self.add(body, shown=shown, mentions=mentions, tags=tags)
        return answer(201, x_restli_id=urn)

    def add(self, body: dict[str, Any], **more: Any) -> str:
        """Put a post on the timeline, newest last."""
        ugc = "multiImage" in body.get("content", {}) or ":video:" in json.dumps(body.get("content", {}))
        milliseconds = int((self.now - EPOCH) / MILLISECOND)
        number = (milliseconds << 22) + len(self.posts) + len(self.gone)
        urn = f"urn:li:{'ugcPost' if ugc else 'share'}:{number}"
        times = dict.fromkeys(("createdAt", "publishedAt", "lastModifiedAt"), milliseconds)
        if "shown" not in more:
            more["shown"], more["mentions"], more["tags"] = read_little(body["commentary"])
        self.posts[urn] = {"id": urn, **times, **body, "_": more}
        return urn

    def trouble_with(self, content: dict[str, Any]) -> httpx.Response | None:
        if len(content) > 1:
            return bad_input(422, "TOO_MANY_CONTENTS", "Content is a union", "content has more than one member")
        images = content.get("multiImage", {}).get("images", [])
        if content.keys() == {"multiImage"} and not 2 <= len(images) <= 20:
            return bad_input(400, "INVALID_IMAGE_COUNT", "Two to twenty images", "multiImage")
        media = [*images, content["media"]] if "media" in content else list(images)
        used = [(item["id"], item.get("altText", "")) for item in media]
        if thumbnail := content.get("article", {}).get("thumbnail"):
            used.append((thumbnail, ""))
        for urn, alt in used:
            asset = self.assets.get(urn)
            if asset is None:
                return bad_input(400, "MEDIA_ASSET_NOT_FOUND", "Media asset is not found", "media")
            if asset["owner"] == PERSON and ":image:" in urn:
                self.settle(asset)
            if asset["status"] != "AVAILABLE":
                return bad_input(400, f"MEDIA_ASSET_{asset['status']}", "Media asset is not ready", "media")
            if len(alt) > 4086:
                return bad_input(400, "FIELD_LENGTH_TOO_LONG", "altText is too long", "altText")
        if article := content.get("article"):
            for field in ("source", "title"):
                if not article.get(field):
                    return missing(f"content/article/{field}")
        if poll := content.get("poll"):
            long = len(poll["question"]) > 140 or any(len(option["text"]) > 30 for option in poll["options"])
            days = poll["settings"]["duration"] in {"ONE_DAY", "THREE_DAYS", "SEVEN_DAYS", "FOURTEEN_DAYS"}
            if long or not days or not poll["question"] or not 2 <= len(poll["options"]) <= 4:
                return bad_input(400, "INVALID_POLL", "The poll is not valid", "poll")
        return None

    def timeline(self, options: dict[str, str]) -> httpx.Response:
        author = options["author"]
        if author == PERSON or not self.reads:
            return self.denied()
        count, start = min(int(options.get("count", "10")), self.page_size), int(options.get("start", "0"))
        own = [self.element(urn) for urn, post in self.posts.items() if post["author"] == author]
        own.sort(key=lambda post: post["createdAt"], reverse=True)
        shown = own[start : start + count]
        return answer(200, {"paging": {"start": start, "count": count, "links": []}, "elements": shown})

    def element(self, urn: str) -> dict[str, Any]:
        return {name: value for name, value in self.posts[urn].items() if name != "_"}

    def one(self, request: httpx.Request, urn: str) -> httpx.Response:
        if request.method == "DELETE":
            assert request.headers["X-RestLi-Method"] == "DELETE"
            if urn in self.posts:
                self.gone[urn] = self.posts.pop(urn)
            return answer(204)
        if not self.reads or self.posts.get(urn, {}).get("author") == PERSON:
            return self.denied()
        return (
            answer(200, self.element(urn)) if urn in self.posts else refuse(404, "NOT_FOUND", "Could not find entity")
        )

    def comment(self, urn: str, body: dict[str, Any]) -> httpx.Response:
        if not self.comments_allowed:
            return self.denied()
        if urn not in self.posts:
            return refuse(404, "NOT_FOUND", "Could not find entity")
        assert body.keys() == {"actor", "object", "message"}
        if len(body["message"]["text"].encode("utf-16-le")) // 2 > 1250:
            return bad_input(400, "FIELD_LENGTH_TOO_LONG", "Comment is too long", "message")
        self.comments.append(body)
        said = self.said(urn, body["actor"], body["message"]["text"])
        return answer(201, {**body, "id": said["id"], "commentUrn": said["commentUrn"]}, x_restli_id=said["id"])

    def said(self, urn: str, actor: str, words: str) -> dict[str, Any]:
        """Keep a comment below a post, as it is read."""
        number = str(7_000_001 + sum(map(len, self.talk.values())))
        time = int((self.now - EPOCH) / MILLISECOND)
        comment = {
            "id": number,
            "actor": actor,
            "object": f"urn:li:activity:{urn.rpartition(':')[2]}",
            "commentUrn": f"urn:li:comment:(urn:li:activity:{urn.rpartition(':')[2]},{number})",
            "message": {"attributes": [], "text": words},
            "created": {"actor": actor, "time": time},
            "lastModified": {"actor": actor, "time": time},
        }
        self.talk.setdefault(urn, []).append(comment)
        return comment

    def below(self, urn: str, options: dict[str, str]) -> httpx.Response:
        """Answer GET /rest/socialActions/{urn}/comments, page by page; in no promised order: the oldest first."""
        if not self.reads:
            return self.denied()
        if urn not in self.posts:
            return refuse(404, "NOT_FOUND", "Could not find entity")
        talk = self.talk.get(urn, [])
        start, count = int(options.get("start", "0")), min(int(options.get("count", "10")), self.page_size)
        paging = {"start": start, "count": count, "links": [], **({"total": len(talk)} if self.tells_total else {})}
        return answer(200, {"paging": paging, "elements": talk[start : start + count]})

    def statistics(self, query: str) -> httpx.Response:
        if not self.reads:
            return self.denied()
        encoded = ORGANIZATION.replace(":", "%3A")
        pattern = r"q=organizationalEntity&organizationalEntity=([\w%]+)&(shares|ugcPosts)=List\(([\w%,]+)\)"
        found = re.fullmatch(pattern, query)
        if found is None or found[1] != encoded:
            return refuse(400, "ILLEGAL_ARGUMENT", "Invalid query parameters passed to request")
        field = "share" if found[2] == "shares" else "ugcPost"
        wanted = [unquote(urn) for urn in found[3].split(",")]
        if any(not urn.startswith(f"urn:li:{field}:") for urn in wanted):
            return refuse(403, "ACCESS_DENIED", "Unpermitted fields present in PARAMETER", serviceErrorCode=100)
        seen = {"impressionCount": 250, "uniqueImpressionsCount": 200, "engagement": 0.068, **self.numbers}
        elements = [
            {"organizationalEntity": ORGANIZATION, field: urn, "totalShareStatistics": seen}
            for urn in wanted
            if urn in self.posts
        ]
        return answer(200, {"paging": {"start": 0, "count": 10, "links": []}, "elements": elements})
