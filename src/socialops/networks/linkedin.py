"""LinkedIn: the page of an organisation, or a member, through the versioned Posts API.

LinkedIn knows no keys. What an organisation published can be read back; what a member published cannot, because no
program is given that right. Pictures and videos are uploaded (and processed) before anything is visible, so that is a
step of its own, and a video that takes minutes is not uploaded twice. There are no threads.

Sources: learn.microsoft.com/linkedin/marketing (Posts, Images, Videos, Comments, little Text Format; views up to
2026-07), and the errors people report of it.
"""

from __future__ import annotations

import hashlib
import math
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from socialops.errors import (
    HttpError,
    NetworkError,
    NotSent,
    Rejected,
    TryLater,
    Unknown,
)
from socialops.http import MEDIA_DEADLINE, TEXT_DEADLINE
from socialops.networks import linkedin_listening as listening
from socialops.networks.base import (
    DEFAULT_WAIT,
    Account,
    Count,
    Idempotency,
    InboxMessage,
    Limits,
    Login,
    Share,
    Stat,
    instant,
    not_found_out,
    too_much,
    unread,
    web_address,
)
from socialops.networks.draft import COMMENT, COMMENT_TROUBLE, Part, Receipt, Upload
from socialops.networks.linkedin_post import (
    ASSET,
    COMMENT_NAME,
    POST,
    QUESTION,
    RESHARING,
    TITLE,
    assets_of,
    body_of,
    counted,
    created,
    encoded,
    impossible,
    is_part,
    is_post,
    mark_of,
    number,
    poll_length,
    receipt_of,
    stats_of,
    time_of,
)
from socialops.networks.linkedin_refusals import code_of, duplicate_of, enough, fields_of, locked_out, unreadable
from socialops.networks.linkedin_settings import VERSION, home_of, organization_of, version_of

if TYPE_CHECKING:
    from socialops.http import Http, Response

HOST_IS_A_CHOICE = False
HOME = "https://api.linkedin.com"
SECRETS = ("TOKEN",)
OPTIONS = (QUESTION, TITLE, RESHARING)

PAGE = 50
"""Posts a page of our timeline holds at most."""
PAGES = 25
"""How many pages we look back before we say that we cannot tell."""
BATCH = 50
"""Posts one request for statistics names. No maximum is documented; fifty names are an address of 2,300 characters."""
MEDIA_WAITS = (1, 1, 2, 3, 5, 8, 10, 15, 20, 25)
"""Seconds between two questions whether a file is ready: a minute and a half in all."""
GRACE = 5
"""Seconds to wait where LinkedIn does not tell us whether a picture is ready."""
LEAST = 10.0
"""Seconds that must be left of a send's deadline to write the post; with less it is not begun."""
CLOCKS_DIFFER = timedelta(minutes=5)

_PERSON = re.compile(r"[A-Za-z0-9_-]{1,64}")
_KEY = re.compile(r"([0-9]{1,11})-[0-9a-f]{40}")
_CODE = re.compile(r"[A-Z][A-Z0-9_]{2,60}")


def connect(login: Login, http: Http) -> LinkedIn:
    """Return the account of *login*; no request is made yet. Raises CredentialsError for settings that cannot be."""
    return LinkedIn(login, http)


def counts(part: Part, limits: Limits) -> Sequence[Count]:
    """Count a part as LinkedIn does: what people see, without the escapes and the names of elements."""
    return [*limits.counted(counted(part)), *poll_length(part, limits)]


def sunset(version: str, today: date) -> str:
    """Return a warning when a version of the API ends within 60 days or has ended; else an empty text.

    A version lives for a year, and ends about the middle of the month (202508 ended on 2026-08-17).
    Source: learn.microsoft.com/linkedin/marketing/versioning.
    """
    newer = "Write a newer one as `api_version:` under `params:` of the channel."
    if not VERSION.fullmatch(version):
        return f"{version!r} is no version of LinkedIn's API: a year and a month are (202607). {newer}"
    ends = date(int(version[:4]) + 1, int(version[4:]), 15)
    if today >= ends:
        return f"Version {version} of LinkedIn's API ended about {ends}. {newer}"
    return f"Version {version} of LinkedIn's API ends about {ends}. {newer}" if (ends - today).days <= 60 else ""


class LinkedIn:
    """One page or one member. *wait* sleeps between two questions whether a file is ready."""

    name = "linkedin"
    key_lifetime = 0

    def __init__(self, login: Login, http: Http, *, wait: Callable[[float], None] = time.sleep) -> None:
        self._http = http
        self._base = home_of(login, HOME)
        self._place = "LinkedIn"
        self._handle = login.handle.strip().removeprefix("@")
        self._organization = organization_of(login)
        self._headers = {
            "Authorization": f"Bearer {login.token.strip()}",
            "Linkedin-Version": version_of(login, str(_default_limits().entries["api_version"].value)),
            "X-Restli-Protocol-Version": "2.0.0",
        }
        self._wait = wait
        self._member: Mapping[str, Any] = {}
        self._ends = math.inf

    def __repr__(self) -> str:
        return f"LinkedIn({self._handle})"

    @property
    def idempotency(self) -> Idempotency:
        """READBACK for an organisation; NONE for a member, whose posts no program may read."""
        return Idempotency.READBACK if self._organization else Idempotency.NONE

    def key(self, delivery: str, part: int, at: datetime) -> str:
        """Return the second of the claim and a digest of the part.

        LinkedIn never sees it. It tells a duplicate that this very claim made from an older post with the same words.
        """
        digest = hashlib.sha256(f"{delivery}\n{part}".encode("utf-8", "surrogatepass")).hexdigest()
        return f"{max(0, int(at.timestamp()))}-{digest[:40]}"

    # --- Publishing ---------------------------------------------------------------------------------------------------

    def prepare(self, part: Part, *, key: str) -> str:
        """Upload what the part shows; return the digest of it, and the names LinkedIn gave.

        What was uploaded before is used again, when it is the same and LinkedIn has not failed to process it.
        """
        self._refuse(part)
        self._ends = time.monotonic() + TEXT_DEADLINE + (MEDIA_DEADLINE if part.uploads else 0.0)
        try:
            author = self._author()
            assets = assets_of(part, author)
            if assets is not None and all(self._status(asset) not in {"PROCESSING_FAILED", "GONE"} for asset in assets):
                return part.handle
            return " ".join((mark_of(part, author), *self._uploaded(part, author)))
        finally:
            self._ends = math.inf

    def publish(self, part: Part, *, key: str) -> Receipt:
        """Wait until what was uploaded is ready, then write the post once, and the first comment under it.

        A comment that could not be written is told in the receipt's *extra* (COMMENT_TROUBLE): the post is there.
        """
        self._refuse(part)
        self._ends = time.monotonic() + TEXT_DEADLINE + (MEDIA_DEADLINE if part.uploads else 0.0)
        try:
            author = self._author()
            assets = assets_of(part, author)
            if assets is None:
                assets = self._uploaded(part, author)
            self._until_ready(assets)
            return self._publish(body_of(part, author, assets), part, key)
        finally:
            self._ends = math.inf

    def _refuse(self, part: Part) -> None:
        """Raise Rejected for what LinkedIn, or this adapter, does not have."""
        why = impossible(part, organization=bool(self._organization))
        if why:
            code, message = why
            raise Rejected(message, hint="Run `socialops check` on the post.", code=code)

    def _publish(self, post: Mapping[str, Any], part: Part, key: str) -> Receipt:
        if self._left(TEXT_DEADLINE) < LEAST:
            raise TryLater("LinkedIn is too slow today: nothing was sent.", after=DEFAULT_WAIT)
        try:
            response = self._send("POST", "/rest/posts", post)
        except NotSent as error:
            raise TryLater(error.message, after=DEFAULT_WAIT, hint=error.hint) from None
        except HttpError as error:
            raise Unknown(error.message, hint=error.hint) from None
        if 200 <= response.status < 300:
            receipt = created(response, instant(response.headers.get("Date")))
            if receipt is None:
                raise Unknown("LinkedIn answered, but named no post.", code=str(response.status))
            if not part.first_comment:
                return receipt
            extra = self._comment(receipt.id, str(post["author"]), part.first_comment)
            return Receipt(receipt.id, receipt.url, receipt.at, extra)
        if (twin := duplicate_of(response)) is not None:
            return _later_known(self._named_as_duplicate(twin, part, key), part)
        raise self._refused(response, part)

    def _refused(self, response: Response, part: Part) -> NetworkError:
        """Say what an answer to the post itself means for the caller."""
        code = code_of(response)
        if known := locked_out(response) or enough(response):
            return known
        if 400 <= response.status < 500 and response.status not in {408, 409, 425, 499}:
            if code.startswith("MEDIA_ASSET_") and code.endswith(("PROCESSING", "WAITING_UPLOAD")):
                return TryLater(f"LinkedIn is still processing a file ({code}).", after=DEFAULT_WAIT, code=code)
            why = "; ".join(filter(None, (too_much(counts(part, _default_limits())), fields_of(response))))
            return Rejected(
                f"LinkedIn refuses the post ({code}){f': {why}' if why else ''}.",
                hint="Run `socialops check`: it knows LinkedIn's limits on text, pictures, videos and polls.",
                code=code,
            )
        return Unknown(f"LinkedIn gave an answer that says nothing sure ({code}).", code=code)

    def _named_as_duplicate(self, urn: str, part: Part, key: str) -> Receipt:
        """Return the receipt of the post that this one repeats, when it is ours and not older than the claim.

        LinkedIn also names posts that are gone, for a day or two, and posts of long ago with the same words.
        """
        doubt = Unknown(
            "LinkedIn says that the post is there already (DUPLICATE_POST), and does not show it.",
            hint="Look at the page. LinkedIn remembers a deleted post for a day or two; other words are taken at once.",
            code="DUPLICATE_POST",
        )
        if not urn:
            raise doubt
        try:
            post = self._read(f"/rest/posts/{encoded(urn)}")
        except NetworkError:
            raise doubt from None
        receipt = receipt_of(post)
        if receipt is None or receipt.id != urn or not is_part(post, part, self._author()):
            raise doubt
        claim = _KEY.fullmatch(key)
        if claim and time_of(post) < datetime.fromtimestamp(int(claim[1]), UTC) - CLOCKS_DIFFER:
            raise doubt
        return receipt

    def _comment(self, post: str, author: str, text: str) -> dict[str, str]:
        """Write the first comment under a post that is there, once; return what the receipt says of it."""
        body = {"actor": author, "object": post, "message": {"text": text}}
        try:
            response = self._send("POST", f"/rest/socialActions/{encoded(post)}/comments", body)
        except NotSent:
            return {COMMENT_TROUBLE: "not sent: no connection"}
        except HttpError:
            return {COMMENT_TROUBLE: "perhaps there: no answer"}
        answer = response.json()
        name = answer.get("commentUrn") if isinstance(answer, dict) else None
        if 200 <= response.status < 300:
            return {COMMENT: name if isinstance(name, str) and COMMENT_NAME.fullmatch(name) else "sent"}
        return {COMMENT_TROUBLE: f"{'perhaps there' if response.status >= 500 else 'refused'}: {code_of(response)}"}

    def delete(self, receipt: Receipt) -> None:
        """Delete a post; one that is gone already is fine. Raises Rejected, NotAllowed, TryLater or Unknown."""
        if not POST.fullmatch(receipt.id):
            raise Rejected("That receipt does not name a post.", hint="Delete the post by hand.")
        try:
            response = self._send("DELETE", f"/rest/posts/{encoded(receipt.id)}", method="DELETE")
        except NotSent as error:
            raise TryLater(error.message, after=DEFAULT_WAIT, hint=error.hint) from None
        except HttpError as error:
            raise Unknown(error.message, hint=error.hint) from None
        if response.status in {404, 410} or 200 <= response.status < 300:
            return
        if response.status in {401, 403, 426, 429}:
            raise unreadable(response)
        raise Unknown(f"LinkedIn did not say that the post is deleted ({code_of(response)}).")

    # --- Pictures and videos ------------------------------------------------------------------------------------------

    def _uploaded(self, part: Part, author: str) -> list[str]:
        """Upload every file of the part; return their names in order."""
        return [
            self._video(upload, author) if upload.mime.startswith("video/") else self._image(upload, author)
            for upload in part.uploads
        ]

    def _image(self, upload: Upload, author: str) -> str:
        value = self._begun("/rest/images", {"owner": author}, upload)
        self._put(value.get("uploadUrl"), upload.data, upload.mime, upload)
        return self._asset(value.get("image"))

    def _video(self, upload: Upload, author: str) -> str:
        """Upload a video in the slices that LinkedIn asks for, and put them together by their ETags."""
        size = len(upload.data)
        wanted = {"owner": author, "fileSizeBytes": size, "uploadCaptions": False, "uploadThumbnail": False}
        value = self._begun("/rest/videos", wanted, upload)
        video, token, tags, done = self._asset(value.get("video")), value.get("uploadToken"), [], 0
        instructions = value.get("uploadInstructions")
        for piece in instructions if isinstance(instructions, list) else ():
            asked = piece if isinstance(piece, dict) else {}
            last = asked.get("lastByte")
            if asked.get("firstByte") != done or not isinstance(last, int) or not done <= last < size:
                raise TryLater("LinkedIn asks for the video in pieces that do not make it up.", after=DEFAULT_WAIT)
            data = upload.data[done : last + 1]
            response = self._put(asked.get("uploadUrl"), data, "application/octet-stream", upload)
            tags.append(response.headers.get("ETag", ""))
            done = last + 1
        if done != size or not all(tag and tag.isprintable() and len(tag) <= 1000 for tag in tags):
            raise TryLater("LinkedIn did not take every piece of the video.", after=DEFAULT_WAIT)
        finished = {"video": video, "uploadToken": token if isinstance(token, str) else "", "uploadedPartIds": tags}
        self._make("/rest/videos?action=finalizeUpload", {"finalizeUploadRequest": finished}, upload)
        return video

    def _begun(self, path: str, wanted: Mapping[str, Any], upload: Upload) -> Mapping[str, Any]:
        answer = self._make(f"{path}?action=initializeUpload", {"initializeUploadRequest": wanted}, upload).json()
        value = answer.get("value") if isinstance(answer, dict) else None
        if not isinstance(value, dict):
            raise TryLater("LinkedIn does not say where a file goes.", after=DEFAULT_WAIT)
        return value

    def _asset(self, value: object) -> str:
        if not isinstance(value, str) or not ASSET.fullmatch(value):
            raise TryLater("LinkedIn does not say what it calls a file.", after=DEFAULT_WAIT)
        return value

    def _make(self, path: str, body: Mapping[str, Any], upload: Upload) -> Response:
        """Make one step of an upload, which nobody sees; raises Rejected, NotAllowed or TryLater."""
        try:
            response = self._send("POST", path, body)
        except HttpError as error:
            raise TryLater(f"A file did not arrive: {error.message}", after=DEFAULT_WAIT, hint=error.hint) from None
        return self._taken(response, upload)

    def _put(self, address: object, data: bytes, mime: str, upload: Upload) -> Response:
        """Send bytes where LinkedIn wants them; the token goes along only when that is LinkedIn."""
        url = web_address(address)
        parts = urlsplit(url)
        home = urlsplit(self._base)
        if not url or (parts.scheme != "https" and parts.netloc != home.netloc):
            raise TryLater("LinkedIn does not say where a file goes.", after=DEFAULT_WAIT)
        headers = {"Content-Type": mime}
        if parts.netloc == home.netloc or f".{parts.hostname}".endswith(".linkedin.com"):
            headers["Authorization"] = self._headers["Authorization"]
        try:
            response = self._http.send("PUT", url, headers=headers, content=data, deadline=self._left(MEDIA_DEADLINE))
        except HttpError as error:
            raise TryLater(f"A file did not arrive: {error.message}", after=DEFAULT_WAIT, hint=error.hint) from None
        return self._taken(response, upload)

    def _taken(self, response: Response, upload: Upload) -> Response:
        if 200 <= response.status < 300:
            return response
        if response.status in {400, 413, 415, 422} and not locked_out(response):
            code = code_of(response)
            size = f"{upload.width} × {upload.height} pixels, " if upload.width else ""
            raise Rejected(
                f"LinkedIn refuses a file ({code}): {upload.mime}, {size}{len(upload.data)} bytes.",
                hint="Pictures are JPEG, PNG or GIF, videos MP4. Run `socialops check` on the post.",
                code=code,
            )
        raise unreadable(response)

    def _status(self, asset: str) -> str:
        """Return LinkedIn's word for a file's state; GONE for one it does not know, an empty text when it is silent.

        Pictures of a member may be written but not read.
        """
        kind = asset.split(":")[2]
        if kind == "image" and not self._organization:
            return ""
        try:
            response = self._ask(f"/rest/{kind}s/{encoded(asset)}")
        except HttpError:
            return "PROCESSING"
        if response.status in {403, 404}:
            return "GONE" if response.status == 404 else ""
        if response.status in {401, 426, 429}:
            raise unreadable(response)
        answer = response.json() if response.status == 200 else None
        status = answer.get("status") if isinstance(answer, dict) else None
        return status if isinstance(status, str) and _CODE.fullmatch(status) else "PROCESSING"

    def _until_ready(self, assets: Sequence[str]) -> None:
        waits = iter(MEDIA_WAITS)
        untold = False
        for asset in assets:
            while (status := self._status(asset)) != "AVAILABLE":
                if not status:
                    untold = True
                    break
                if status == "PROCESSING_FAILED":
                    raise Rejected(
                        "LinkedIn could not process a file (PROCESSING_FAILED).",
                        hint="Save the picture anew as JPEG or PNG, the video as MP4 (H.264, AAC).",
                        code=status,
                    )
                seconds = next(waits, None)
                if status == "GONE" or seconds is None or self._left(math.inf) < seconds + LEAST:
                    raise TryLater(f"LinkedIn is not ready with a file ({status}).", after=DEFAULT_WAIT, code=status)
                self._wait(seconds)
        if untold:
            self._wait(GRACE)

    # --- Looking ------------------------------------------------------------------------------------------------------

    def find(self, part: Part, *, key: str, since: datetime) -> Receipt | None:
        """Look through the organisation's posts, newest first, until before *since*.

        A post matches when it is published, no reshare, with the same words and the same number of files. Of a member
        nothing can be found out.
        """
        if not self._organization:
            raise Unknown("LinkedIn shows no program what a member published.", hint="Look at the profile yourself.")
        try:
            ours = [post for post in self._timeline(since) if is_part(post, part, self._author())]
        except NetworkError as error:
            raise not_found_out(error) from None
        found = [receipt for post in ours if (receipt := receipt_of(post))]
        if len(found) > 1:
            raise Unknown(
                f"LinkedIn shows {len(found)} posts like this one.",
                hint="Look which of them is ours, and delete the other by hand if it is a copy.",
                code="ambiguous",
            )
        return _later_known(found[0], part) if found else None

    def _timeline(self, earliest: datetime) -> Iterator[Mapping[str, Any]]:
        """Give our posts since *earliest*; raises Unknown when they are not all to be seen."""
        path = f"/rest/posts?q=author&author={encoded(self._author())}&count={PAGE}&sortBy=CREATED"
        seen: set[str] = set()
        start = 0
        for _ in range(PAGES):
            answer = self._read(f"{path}&start={start}", method="FINDER")
            page = answer.get("elements") if isinstance(answer, dict) else None
            if not isinstance(page, list) or not all(is_post(post) for post in page):
                raise Unknown("LinkedIn shows our posts in a form we do not know.")
            if not page:
                return
            fresh = [post for post in page if post["id"] not in seen]
            recent = [post for post in fresh if time_of(post) >= earliest]
            yield from recent
            if fresh and not recent:
                return
            if not fresh:
                raise Unknown("LinkedIn shows only the newest page of our posts.")
            seen.update(post["id"] for post in fresh)
            start += len(page)
        raise Unknown("LinkedIn has more posts of ours in that time than we look through.")

    def measure(self, receipts: Sequence[Receipt]) -> list[Stat]:
        """Read the totals of the organisation's posts, BATCH at a time; of a member's posts there are none to be read.

        Posts under `share` and under `ugcPost` are asked for apart: LinkedIn refuses a mixture.
        """
        stats: list[Stat] = []
        if not self._organization:
            return stats
        named = [(found[1], receipt.id) for receipt in receipts if (found := POST.fullmatch(receipt.id))]
        for kind, parameter in (("share", "shares"), ("ugcPost", "ugcPosts")):
            urns = list(dict.fromkeys(urn for of, urn in named if of == kind))
            for begin in range(0, len(urns), BATCH):
                batch = urns[begin : begin + BATCH]
                listed = ",".join(map(encoded, batch))
                author = encoded(self._author())
                path = "/rest/organizationalEntityShareStatistics?q=organizationalEntity"
                answer = self._read(f"{path}&organizationalEntity={author}&{parameter}=List({listed})")
                elements = answer.get("elements") if isinstance(answer, dict) else None
                for element in elements if isinstance(elements, list) else ():
                    if isinstance(element, dict) and element.get(kind) in batch:
                        stats += stats_of(str(element[kind]), element.get("totalShareStatistics"))
        return stats

    def replies(self, receipts: Sequence[Receipt], *, since: datetime) -> list[InboxMessage]:
        """Read the comments below the organisation's posts after *since*, one post at a time.

        A post that is gone is passed over; of a member's posts nothing may be read. Raises NotAllowed or TryLater.
        """
        posts = dict.fromkeys(one.id for one in receipts if POST.fullmatch(one.id)) if self._organization else ()
        told: list[InboxMessage] = []
        for post in posts:
            try:
                told += listening.comments(self._read, post, self._author(), since)
            except TryLater as error:
                if error.code not in {"404", "NOT_FOUND", "RESOURCE_NOT_FOUND"}:
                    raise
        return told

    def demographics(self) -> list[Share]:
        """Read the groups of those who follow the organisation; a member has none. Raises NotAllowed or TryLater."""
        if not self._organization:
            return []
        path = "/rest/organizationalEntityFollowerStatistics?q=organizationalEntity"
        return list(listening.groups(self._read(f"{path}&organizationalEntity={encoded(self._author())}")))

    def account(self) -> Account:
        """Read the page, or the member, behind the token; raises NotAllowed or TryLater."""
        if not self._organization:
            self._member = {}
            person = self._author().rpartition(":")[2]
            url = f"https://www.linkedin.com/in/{quote(self._handle or person, safe='')}"
            name = str(self._member.get("name") or "")
            return Account(person, self._handle or name, name, url, profile={"name": name})
        page = self._read(f"/rest/organizations/{self._organization}")
        if not isinstance(page, dict):
            raise TryLater("LinkedIn does not say who we are.", after=DEFAULT_WAIT)
        try:
            where = f"/rest/networkSizes/{encoded(self._author())}?edgeType=COMPANY_FOLLOWED_BY_MEMBER"
            size = self._read(where)
        except NetworkError:
            size = None
        name, vanity = str(page.get("localizedName") or ""), str(page.get("vanityName") or self._organization)
        return Account(
            id=self._organization,
            handle=vanity,
            name=name,
            url=f"https://www.linkedin.com/company/{quote(vanity, safe='')}/",
            followers=number(size.get("firstDegreeSize")) if isinstance(size, dict) else None,
            profile={
                "name": name,
                "note": str(page.get("localizedDescription") or ""),
                "website": str(page.get("localizedWebsite") or ""),
            },
        )

    # --- Asking -------------------------------------------------------------------------------------------------------

    def _left(self, most: float) -> float:
        """Return how many seconds the next request may take: *most*, or what is left of the send's deadline."""
        return max(1.0, min(most, self._ends - time.monotonic()))

    def _author(self) -> str:
        """Return the URN that we publish as; raises NotAllowed or TryLater."""
        if self._organization:
            return f"urn:li:organization:{self._organization}"
        if not self._member:
            answer = self._read("/v2/userinfo")
            person = answer.get("sub") if isinstance(answer, dict) else None
            if not isinstance(person, str) or not _PERSON.fullmatch(person):
                raise TryLater("LinkedIn does not say who we are.", after=DEFAULT_WAIT)
            self._member = answer
        return f"urn:li:person:{self._member['sub']}"

    def _send(self, verb: str, path: str, body: Mapping[str, Any] | None = None, *, method: str = "") -> Response:
        headers = {**self._headers, **({"X-RestLi-Method": method} if method else {})}
        url = f"{self._base}{path}"
        return self._http.send(verb, url, headers=headers, json_body=body, deadline=self._left(TEXT_DEADLINE))

    def _ask(self, path: str, *, method: str = "") -> Response:
        headers = {**self._headers, **({"X-RestLi-Method": method} if method else {})}
        return self._http.get(f"{self._base}{path}", headers=headers, deadline=self._left(TEXT_DEADLINE))

    def _read(self, path: str, *, method: str = "") -> Any:
        """Read something as JSON (None when it is no JSON); raises NotAllowed or TryLater."""
        try:
            response = self._ask(path, method=method)
        except HttpError as error:
            raise unread(error, self._place) from None
        if response.status != 200:
            raise unreadable(response)
        return response.json()


def _later_known(receipt: Receipt, part: Part) -> Receipt:
    """Return the receipt of a post whose own answer was lost: whether its comment came about was lost with it."""
    extra = {COMMENT_TROUBLE: "perhaps there: its answer was lost"} if part.first_comment else {}
    return Receipt(receipt.id, receipt.url, receipt.at, extra)


def _default_limits() -> Limits:
    from socialops.networks import default_limits

    return default_limits("linkedin")
