"""TikTok: videos and photos of one account, through the Content Posting API.

A video has a handle, its `publish_id`, from before its bytes go out; it is posted by itself once the last byte is
there, so the last chunk is the step that cannot be taken back. The address that takes the bytes lives an hour, holds a
token of its own and is never recorded: another run begins a new upload, after asking what became of the old one.
Photos are fetched by TikTok from the media host as soon as it is told of them, so they have no handle that was known
before; a lost answer to them can only be looked for among our posts.

Source: developers.tiktok.com (content-posting-api-reference-direct-post, -photo-post, -upload-video, -get-video-status,
media-transfer-guide; tiktok-api-v2-video-list, -video-query, -get-user-info), as of 2026-11.
"""

from __future__ import annotations

import hashlib
import re
import time
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from socialops.errors import HttpError, NetworkError, NotAllowed, NotSent, Rejected, TryLater, Unknown
from socialops.http import MEDIA_DEADLINE, TEXT_DEADLINE
from socialops.networks.base import (
    DEFAULT_WAIT,
    Account,
    Count,
    Idempotency,
    Limits,
    Login,
    Option,
    Stat,
    chosen,
    instant,
    not_found_out,
    rfc3339,
    too_much,
    unread,
    wait_of,
    web_address,
)
from socialops.networks.draft import Part, Receipt, Upload
from socialops.networks.graph import home_of
from socialops.networks.media_host import address_of_upload, public_address
from socialops.networks.tiktok_answers import (
    FINISHED,
    MEANINGS,
    POST_ID,
    WORKING,
    data_of,
    failure,
    items,
    number,
    post_id,
    refusal,
    stats_of,
    whole,
    word_of,
)

if TYPE_CHECKING:
    from socialops.http import Http, Response

HOST_IS_A_CHOICE = False
HOME = "https://open.tiktokapis.com"
SECRETS = ("TOKEN",)
YES_OR_NO = ("yes", "no")
PRIVACY = Option("privacy", "Who may see it, where the visibility does not say.", ("public", "friends", "private"))
MODE = Option("mode", "Sends it to the account's inbox, where a person finishes and posts it.", ("direct", "inbox"))
TITLE = Option("title", "The headline of a post with photos.")
COMMENTS = Option("comments", "Whether it may be commented on.", YES_OR_NO)
DUET = Option("duet", "Whether a duet may be made with the video.", YES_OR_NO)
STITCH = Option("stitch", "Whether the video may be stitched.", YES_OR_NO)
COVER_SECOND = Option("cover_second", "Which moment of the video is its cover, in seconds from its beginning.")
COVER = Option("cover", "Which photo is the cover, counted from 1.")
MUSIC = Option("music", "Whether TikTok adds music to photos; no, where nothing is said.", YES_OR_NO)
PROMOTES = Option("promotes", "Whether it promotes our own brand, which TikTok then says.", ("own-brand",))
LABELS = Option("labels", "Labels a post must carry by law.", ("paid-partnership", "ai-made"))
OPTIONS = (PRIVACY, MODE, TITLE, COMMENTS, DUET, STITCH, COVER_SECOND, COVER, MUSIC, PROMOTES, LABELS)

BATCH = 20
"""Videos one request may ask for by id, and one page of our list holds (video/query, video/list)."""
PAGES = 25
"""How many pages of our list we look back before we say that we cannot tell."""
WHOLE = 64_000_000
"""A video up to here goes in one piece (media-transfer-guide)."""
CHUNK = 10_000_000
"""Bytes of each piece of a larger one; the last takes what is left, less than twice as much."""
MEDIA_WAITS = (2, 3, 5, 8, 12, 15, 20, 25)
"""Seconds between two questions what became of a post: a minute and a half in all, far below 30 questions a minute."""

_HANDLE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.~-]{0,127}")
_PHOTOS = "photos."
"""How the handle of photos begins: our own, because TikTok gives none before they are posted."""
_NAME = re.compile(r"[\w.]{2,30}")
_LEVELS = {
    "public": "PUBLIC_TO_EVERYONE",
    "friends": "MUTUAL_FOLLOW_FRIENDS",
    "followers": "FOLLOWER_OF_CREATOR",
    "private": "SELF_ONLY",
}


def connect(login: Login, http: Http) -> TikTok:
    """Return the account of *login*; no request is made yet. Raises CredentialsError for another host."""
    return TikTok(login, http)


def counts(part: Part, limits: Limits) -> Sequence[Count]:
    """Count a part as TikTok does, in UTF-16 units; photos have a headline, and more room than videos."""
    used = {"text": _utf16(part.text)}
    if part.attachments:
        used["attachments"] = len(part.attachments)
    if _is_photos(part):
        used["photo_title"] = _utf16(chosen(TITLE, part.options))
    return limits.counted(used, text="photo_text" if _is_photos(part) else "text")


class TikTok:
    """One account. *wait* sleeps between two questions what became of a post."""

    name = "tiktok"
    key_lifetime = 0
    idempotency = Idempotency.HANDLE

    def __init__(self, login: Login, http: Http, *, wait: Callable[[float], None] = time.sleep) -> None:
        self._http = http
        self._login = login
        self._base = home_of(login, HOME)
        self._headers = {"Authorization": f"Bearer {login.token.strip()}"}
        self._wait = wait
        self._addresses: dict[str, str] = {}
        self._photos: dict[str, str] = {}
        handle = login.handle.strip().lstrip("@")
        self._name = handle if _NAME.fullmatch(handle) else ""

    def __repr__(self) -> str:
        return f"TikTok({urlsplit(self._base).netloc})"

    def key(self, delivery: str, part: int, at: datetime) -> str:
        """Return a key of 64 hexadecimal digits that depends on the delivery and the part alone."""
        return hashlib.sha256(f"{delivery}\n{part}".encode()).hexdigest()

    # --- What nobody sees ---------------------------------------------------------------------------------------------

    def prepare(self, part: Part, *, key: str) -> str:
        """Look that the account may post this, and begin the upload; return the handle.

        What an earlier run uploaded whole is used again. Raises Rejected, NotAllowed or TryLater.
        """
        _refuse_what_cannot_be(part)
        if len(part.uploads) != len(part.attachments):
            raise Rejected("The media of this post were not made ready.", hint="Run `socialops check` on the post.")
        if _is_photos(part):
            self._post_info(part)
            for upload in part.uploads:
                public_address(self._login, self._http, upload)
            return part.handle or f"{_PHOTOS}{hashlib.sha256(key.encode()).hexdigest()[:32]}"
        if part.handle and self._can_go_on(part):
            return part.handle
        upload = part.uploads[0]
        body: dict[str, Any] = {"source_info": _source(upload)}
        path = "inbox/video/init/"
        if not _to_inbox(part):
            body["post_info"], path = self._post_info(part), "video/init/"
        data = self._ask(f"/v2/post/publish/{path}", body, part=part)
        handle, address = data.get("publish_id"), data.get("upload_url")
        if not isinstance(handle, str) or not _HANDLE.fullmatch(handle) or not self._takes_uploads(address):
            raise TryLater("TikTok did not say where the video goes.", after=DEFAULT_WAIT)
        self._addresses[handle] = str(address)
        return handle

    def _can_go_on(self, part: Part) -> bool:
        """Tell whether the handle is still good: its bytes are all there, or this very run can still send them."""
        status = self._status(part.handle)
        state = status.get("status")
        if state == "FAILED":
            failed = failure(word_of(status.get("fail_reason")))
            if not isinstance(failed, TryLater):
                raise failed
            return False
        if state in FINISHED or not _lacks_bytes(status, part):
            self._addresses.pop(part.handle, None)
            return True
        if part.handle in self._addresses:
            return True
        # Half an upload counts as waiting with TikTok, and only so many may wait.
        try:
            self._ask("/v2/post/publish/cancel/", {"publish_id": part.handle})
        except NetworkError:
            return False
        return False

    def _takes_uploads(self, address: object) -> bool:
        """Tell whether the bytes may go to that address: a host of TikTok's, or of the server we were told to ask."""
        if not isinstance(address, str) or not web_address(address):
            return False
        parts, base = urlsplit(address), urlsplit(self._base)
        if base.scheme == "http":
            return parts.netloc == base.netloc
        return parts.scheme == "https" and parts.netloc.endswith(".tiktokapis.com")

    def _post_info(self, part: Part) -> dict[str, Any]:
        """Return what is said of a post, after asking what this account may do today (creator_info)."""
        if _to_inbox(part):
            return _photo_words(part) if _is_photos(part) else {}
        creator = self._ask("/v2/post/publish/creator_info/query/", {})
        name = creator.get("creator_username")
        if isinstance(name, str) and _NAME.fullmatch(name):
            self._name = name
        level = _level(part)
        offered = [known for known in _LEVELS.values() if known in items(creator.get("privacy_level_options"))]
        if level not in offered:
            words = " or ".join(word for word, known in _LEVELS.items() if known in offered) or "nothing"
            hint = f"TikTok offers it {words}: write `privacy:` under `params: tiktok:`."
            code = "privacy_level_option_mismatch"
            raise Rejected(f"This account may not post as {level} now.", hint=hint, code=code)
        labels = items(part.options.get(LABELS.name))
        info: dict[str, Any] = {
            "privacy_level": level,
            "disable_comment": not _says(part, COMMENTS) or creator.get("comment_disabled") is True,
            "brand_content_toggle": "paid-partnership" in labels,
            "brand_organic_toggle": chosen(PROMOTES, part.options) == "own-brand",
            "is_aigc": "ai-made" in labels,
        }
        if _is_photos(part):
            return {**info, **_photo_words(part), "auto_add_music": _says(part, MUSIC, otherwise="no")}
        info["title"] = part.text
        info["disable_duet"] = not _says(part, DUET) or creator.get("duet_disabled") is True
        info["disable_stitch"] = not _says(part, STITCH) or creator.get("stitch_disabled") is True
        if cover := _milliseconds(part):
            info["video_cover_timestamp_ms"] = cover
        return info

    # --- What cannot be taken back ------------------------------------------------------------------------------------

    def publish(self, part: Part, *, key: str) -> Receipt:
        """Send the video's bytes, or tell TikTok where the photos are; then ask for a while what became of it."""
        _refuse_what_cannot_be(part)
        if not _HANDLE.fullmatch(part.handle):
            raise Rejected("The media of this post were not made ready.", hint="Run `socialops publish` again.")
        if _is_photos(part):
            return self._outcome(self._photos.get(part.handle) or self._post_photos(part), part)
        if part.handle in self._addresses:
            self._send(part)
        elif _lacks_bytes(self._status(part.handle), part):
            raise TryLater("The upload to TikTok was broken off; the next attempt begins it again.", after=DEFAULT_WAIT)
        return self._outcome(part.handle, part)

    def _send(self, part: Part) -> None:
        data, mime = part.uploads[0].data, part.uploads[0].mime
        source = _source(part.uploads[0])
        ends = time.monotonic() + MEDIA_DEADLINE
        for piece_number in range(source["total_chunk_count"]):
            begin = piece_number * source["chunk_size"]
            last = piece_number == source["total_chunk_count"] - 1
            piece = data[begin:] if last else data[begin : begin + source["chunk_size"]]
            where = f"bytes {begin}-{begin + len(piece) - 1}/{len(data)}"
            headers = {"Content-Type": mime, "Content-Range": where}
            left = max(1.0, ends - time.monotonic())
            try:
                response = self._http.send(
                    "PUT", self._addresses[part.handle], headers=headers, content=piece, deadline=left
                )
            except NotSent as error:
                raise TryLater(error.message, after=DEFAULT_WAIT, hint=error.hint) from None
            except HttpError as error:
                if last:
                    raise Unknown(error.message, hint=error.hint) from None
                raise TryLater(f"A piece of the video did not arrive: {error.message}", after=DEFAULT_WAIT) from None
            if response.status not in ({200, 201} if last else {200, 201, 206}):
                raise self._not_taken(response, part, last=last)
        del self._addresses[part.handle]

    def _not_taken(self, response: Response, part: Part, *, last: bool) -> NetworkError:
        """Say what the answer to a piece means. The upload's address knows no credentials of ours: it just ends."""
        status = response.status
        code = str(status)
        if not 400 <= status < 500 or status in {408, 409, 425, 499}:
            words = f"TikTok did not say that it has the video ({code})."
            return Unknown(words, code=code) if last else TryLater(words, after=DEFAULT_WAIT, code=code)
        if status in {400, 413, 415, 422}:
            hint = MEANINGS["invalid_file_upload"].hint
            return Rejected(f"TikTok does not take the video ({code}).", hint=hint, code=code)
        if status != 429:
            # Another upload is begun by the next attempt: this one lacks bytes, and is never posted.
            self._addresses.pop(part.handle, None)
        return TryLater(f"TikTok ended the upload ({code}).", after=wait_of(response.headers), code=code)

    def _post_photos(self, part: Part) -> str:
        """Tell TikTok where the photos are, once; return its name for the post."""
        addresses = [address_of_upload(self._login, upload) for upload in part.uploads]
        body = {
            "media_type": "PHOTO",
            "post_mode": "MEDIA_UPLOAD" if _to_inbox(part) else "DIRECT_POST",
            "post_info": self._post_info(part),
            "source_info": {
                "source": "PULL_FROM_URL",
                "photo_images": addresses,
                "photo_cover_index": min(max(whole(chosen(COVER, part.options)) - 1, 0), len(addresses) - 1),
            },
        }
        try:
            response = self._http.send("POST", f"{self._base}/v2/post/publish/content/init/", **self._json(body))
        except NotSent as error:
            raise TryLater(error.message, after=DEFAULT_WAIT, hint=error.hint) from None
        except HttpError as error:
            raise Unknown(error.message, hint=error.hint) from None
        if refused := refusal(response, over=_over(part), unsure=True):
            raise refused
        handle = data_of(response).get("publish_id")
        if not isinstance(handle, str) or not _HANDLE.fullmatch(handle):
            raise Unknown("TikTok answered, but did not name the post.", code=str(response.status))
        self._photos[part.handle] = handle
        return handle

    def _outcome(self, handle: str, part: Part) -> Receipt:
        """Ask until TikTok says what became of a post; raises Unknown when it takes longer."""
        for seconds in (*MEDIA_WAITS, 0):
            try:
                status, at = self._status_and_time(handle)
            except NetworkError as error:
                raise not_found_out(error) from None
            if status.get("status") == "FAILED":
                raise failure(word_of(status.get("fail_reason")))
            if status.get("status") in FINISHED:
                return self._receipt(handle, status, at, part)
            if seconds:
                self._wait(seconds)
        raise Unknown(
            f"TikTok has the post, and is still working on it ({handle}).",
            hint="Nothing to do: it is asked again.",
            code="processing",
        )

    def _receipt(self, handle: str, status: Mapping[str, Any], at: datetime | None, part: Part) -> Receipt:
        """Return the receipt; the post's own id comes only when TikTok has looked at a public post."""
        if at is None:
            raise Unknown("TikTok said that it is done, but not when.")
        found = post_id(status)
        kind = "photo" if _is_photos(part) else "video"
        page = f"https://www.tiktok.com/@{self._name}" if self._name else "https://www.tiktok.com/"
        url = f"{page}/{kind}/{found}" if found and self._name else page
        return Receipt(found or handle, url, rfc3339(at), {"publish_id": handle})

    # --- Looking ------------------------------------------------------------------------------------------------------

    def find(self, part: Part, *, key: str, since: datetime) -> Receipt | None:
        """Ask what became of the handle; photos without one are looked for among our posts.

        TikTok may not list photos: that they are not among our posts proves nothing.
        """
        handle = self._photos.get(part.handle, "") if _is_photos(part) else part.handle
        try:
            if _is_photos(part) and not handle:
                return self._listed(part, since)
            if not _HANDLE.fullmatch(handle):
                raise Unknown("This video has no handle to ask for.", hint="Look at the account yourself.")
            status, at = self._status_and_time(handle)
        except NetworkError as error:
            raise not_found_out(error) from None
        if status.get("status") in FINISHED:
            return self._receipt(handle, status, at, part)
        if status.get("status") == "FAILED" or _lacks_bytes(status, part):
            return None
        raise Unknown("TikTok is still working on it.", hint="Nothing to do: it is asked again.", code="processing")

    def _listed(self, part: Part, since: datetime) -> Receipt:
        wanted = {_squeezed(part.text), _squeezed(f"{chosen(TITLE, part.options)} {part.text}")}
        found = [
            post
            for post in self._newest(since)
            if wanted & {_squeezed(str(post.get("video_description"))), _squeezed(str(post.get("title")))}
        ]
        if len(found) != 1:
            how_many = f"{len(found)} posts" if found else "no post"
            raise Unknown(
                f"TikTok lists {how_many} like this one.",
                hint="Look at the account which of them is ours, and say so.",
                code="ambiguous" if found else "",
            )
        identity = str(found[0]["id"])
        at = datetime.fromtimestamp(whole(found[0]["create_time"]), UTC)
        return Receipt(identity, f"https://www.tiktok.com/@{self._name or '-'}/photo/{identity}", rfc3339(at))

    def _newest(self, since: datetime) -> Iterator[Mapping[str, Any]]:
        """Give our posts since then, newest first; raises Unknown when they are not all to be seen."""
        body: dict[str, Any] = {"max_count": BATCH}
        fields = {"fields": "id,create_time,title,video_description"}
        for _ in range(PAGES):
            data = self._ask("/v2/video/list/", body, query=fields)
            for post in items(data.get("videos")):
                created = whole(post.get("create_time")) if isinstance(post, dict) else 0
                if not POST_ID.fullmatch(str(post.get("id") if created else "")) or created > 10**11:
                    raise Unknown("TikTok lists our posts in a form we do not know.")
                if created < since.timestamp():
                    return
                yield post
            if data.get("has_more") is not True or not whole(data.get("cursor")):
                return
            body["cursor"] = data["cursor"]
        raise Unknown("TikTok has more posts of ours in that time than can be looked through.")

    def measure(self, receipts: Sequence[Receipt]) -> list[Stat]:
        """Read the counters of our public posts, BATCH at a time; what is private or gone is left out.

        A post that had no id yet when it was published is asked for it first.
        """
        named: dict[str, str] = {}
        for receipt in receipts:
            identity = receipt.id if POST_ID.fullmatch(receipt.id) else self._late_id(receipt.id)
            if identity:
                named[identity] = receipt.id
        stats: list[Stat] = []
        wanted = list(named)
        for begin in range(0, len(wanted), BATCH):
            body = {"filters": {"video_ids": wanted[begin : begin + BATCH]}}
            fields = {"fields": "id,view_count,like_count,comment_count,share_count"}
            for post in items(self._ask("/v2/video/query/", body, query=fields).get("videos")):
                if isinstance(post, dict) and str(post.get("id")) in named:
                    stats += stats_of(post, named[str(post["id"])])
        return stats

    def _late_id(self, handle: str) -> str:
        if not _HANDLE.fullmatch(handle):
            return ""
        try:
            return post_id(self._status(handle))
        except TryLater as error:
            if error.code != "invalid_publish_id":
                raise
            return ""

    def account(self) -> Account:
        """Read our account, and how long its videos may be; raises NotAllowed or TryLater."""
        many = "open_id,display_name,username,bio_description,profile_deep_link"
        try:
            user = self._user(f"{many},follower_count,following_count,video_count")
        except NotAllowed as error:
            if not error.code.startswith("scope_"):
                raise
            user = self._user("open_id,display_name")
        creator = self._ask("/v2/post/publish/creator_info/query/", {})
        name = str(user.get("username") or creator.get("creator_username") or "")
        self._name = name if _NAME.fullmatch(name) else self._name
        shown = str(user.get("display_name") or "")
        seconds = whole(creator.get("max_video_post_duration_sec"))
        return Account(
            id=str(user.get("open_id") or ""),
            handle=f"@{self._name}",
            name=shown,
            url=f"https://www.tiktok.com/@{self._name}",
            followers=number(user.get("follower_count")),
            following=number(user.get("following_count")),
            posts=number(user.get("video_count")),
            limits={"video_seconds": seconds} if seconds else {},
            profile={"name": shown, "note": str(user.get("bio_description") or "")},
        )

    def _user(self, fields: str) -> Mapping[str, Any]:
        try:
            response = self._http.get(f"{self._base}/v2/user/info/", headers=self._headers, query={"fields": fields})
        except HttpError as error:
            raise unread(error, "TikTok") from None
        if refused := refusal(response, over=None):
            raise refused
        user = data_of(response).get("user")
        if not isinstance(user, dict) or not isinstance(user.get("open_id"), str):
            raise TryLater("TikTok does not say who we are.", after=DEFAULT_WAIT)
        return user

    def _status(self, handle: str) -> Mapping[str, Any]:
        return self._status_and_time(handle)[0]

    def _status_and_time(self, handle: str) -> tuple[Mapping[str, Any], datetime | None]:
        """Ask what became of a handle; raises NotAllowed or TryLater."""
        response = self._asked("/v2/post/publish/status/fetch/", {"publish_id": handle})
        status = data_of(response)
        if str(status.get("status")) not in {*FINISHED, *WORKING, "FAILED"}:
            raise TryLater("TikTok says of the post what we do not know.", after=DEFAULT_WAIT)
        return status, instant(response.headers.get("Date"))

    # --- Asking -------------------------------------------------------------------------------------------------------

    def _ask(
        self, path: str, body: Mapping[str, Any], *, query: Mapping[str, str] | None = None, part: Part | None = None
    ) -> Mapping[str, Any]:
        return data_of(self._asked(path, body, query=query, part=part))

    def _asked(
        self, path: str, body: Mapping[str, Any], *, query: Mapping[str, str] | None = None, part: Part | None = None
    ) -> Response:
        """Ask something by which nothing can be seen; raises NotAllowed or TryLater, and Rejected about a *part*."""
        try:
            response = self._http.send("POST", f"{self._base}{path}", query=query, **self._json(body))
        except HttpError as error:
            raise unread(error, "TikTok") from None
        if refused := refusal(response, over=_over(part) if part else None):
            raise refused
        return response

    def _json(self, body: Mapping[str, Any]) -> dict[str, Any]:
        headers = {**self._headers, "Content-Type": "application/json; charset=UTF-8"}
        return {"headers": headers, "json_body": body, "deadline": TEXT_DEADLINE}


# --- What a post looks like -------------------------------------------------------------------------------------------


def _refuse_what_cannot_be(part: Part) -> None:
    kinds = {attachment.mime.partition("/")[0] for attachment in part.attachments}
    hint = "Give the channel one video, or photos alone; or leave it out."
    if part.kind not in {"", "video", "reel", "image", "carousel"} or part.reply or part.poll:
        raise Rejected("TikTok takes videos and photos alone.", hint=hint, code="kind")
    if kinds not in ({"video"}, {"image"}) or (kinds == {"video"} and len(part.attachments) > 1):
        raise Rejected("TikTok takes one video, or photos.", hint=hint, code="kind")
    for option in OPTIONS:
        if option is not LABELS:
            chosen(option, part.options)
    _milliseconds(part)


def _is_photos(part: Part) -> bool:
    return any(attachment.mime.startswith("image/") for attachment in part.attachments)


def _to_inbox(part: Part) -> bool:
    return chosen(MODE, part.options) == "inbox"


def _photo_words(part: Part) -> dict[str, str]:
    words = {"title": chosen(TITLE, part.options), "description": part.text}
    return {name: text for name, text in words.items() if text}


def _level(part: Part) -> str:
    word = chosen(PRIVACY, part.options) or part.visibility or "public"
    return _LEVELS.get(word, word)


def _source(upload: Upload) -> dict[str, Any]:
    """Return how the bytes of a video are divided (media-transfer-guide)."""
    size = len(upload.data)
    chunk = size if size <= WHOLE else CHUNK
    count = max(1, size // max(chunk, 1))
    return {"source": "FILE_UPLOAD", "video_size": size, "chunk_size": chunk, "total_chunk_count": count}


def _lacks_bytes(status: Mapping[str, Any], part: Part) -> bool:
    """Tell whether a video is surely not posted, because TikTok says that it has not all of it.

    Without the bytes at hand only a video of which nothing is there is sure: what goes out may be smaller than the
    file.
    """
    there = status.get("uploaded_bytes")
    if status.get("status") != "PROCESSING_UPLOAD" or not isinstance(there, int) or isinstance(there, bool):
        return False
    return 0 <= there < (len(part.uploads[0].data) if part.uploads else 1)


def _utf16(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _says(part: Part, option: Option, *, otherwise: str = "yes") -> bool:
    return (chosen(option, part.options) or otherwise) == "yes"


def _milliseconds(part: Part) -> int:
    """Return the moment of the cover; 0 where the post says nothing."""
    word = chosen(COVER_SECOND, part.options)
    if word and not re.fullmatch(r"[0-9]{1,5}(\.[0-9]{1,3})?", word, re.ASCII):
        hint = "Write seconds, for example `cover_second: 1.5`."
        raise Rejected("`cover_second` is a number of seconds.", hint=hint, code="option")
    return round(float(word) * 1000) if word else 0


def _squeezed(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def _over(part: Part) -> str:
    """Say in words what of a part does not fit."""
    from socialops.networks import default_limits

    return too_much(counts(part, default_limits("tiktok")))
