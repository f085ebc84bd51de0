"""YouTube: videos and Shorts of one channel, through the Data API v3.

A video is uploaded as private, with a tag of our own on it, and its id is the handle. The step that everybody sees is
one update, which gives it its privacy and takes the tag away: the same update made twice changes nothing, and whether
it was made can be read. An upload session is never recorded: whoever knows its address can put a video into it. When
a run dies between the last byte and the record, the next finds the private video again by its tag.

Source: the API's discovery document (youtube v3, revision 20261104) and its guide to resumable uploads, as of 2026-11.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from socialops.errors import HttpError, NetworkError, NotAllowed, NotSent, Rejected, TryLater, Unknown
from socialops.http import MEDIA_DEADLINE, TEXT_DEADLINE
from socialops.networks import youtube_listening
from socialops.networks.base import (
    DEFAULT_WAIT,
    Account,
    Idempotency,
    InboxMessage,
    Limits,
    Login,
    Share,
    Stat,
    chosen,
    instant,
    not_found_out,
    too_much,
    unread,
    wait_of,
)
from socialops.networks.draft import COMMENT, COMMENT_TROUBLE, Part, Receipt, Upload
from socialops.networks.graph import home_of
from socialops.networks.youtube_video import (
    NOTIFY,
    OPTIONS,
    PLAYLIST,
    VIDEO_ID,
    counts,
    fields,
    items,
    marker_of,
    number,
    privacy_of,
    receipt_of,
    refuse_what_cannot_be,
    resource_of,
    says,
    stats_of,
    tags_of,
)

if TYPE_CHECKING:
    from socialops.http import Http, Response

__all__ = ("HOME", "HOST_IS_A_CHOICE", "OPTIONS", "SECRETS", "YouTube", "connect", "counts")

HOST_IS_A_CHOICE = False
HOME = "https://www.googleapis.com"
SECRETS = ("TOKEN",)
BATCH = 50
"""Videos one request may ask for (videos.list: maxResults)."""
CHUNK = 32 * 256 * 1024
"""Bytes sent at a time: every chunk but the last is a multiple of 256 KiB (guide to resumable uploads)."""
MEDIA_WAITS = (2, 3, 5, 8, 12, 15, 20, 25)
"""Seconds between two questions whether a video is processed: a minute and a half in all."""
PROCESSING = timedelta(minutes=15)
"""When to look again at a video that is still processed; with the engine's four attempts that is most of an hour."""
STALLS = 4
"""How often an upload may stand still before it is given up for this run."""

_REASON = re.compile(r"[A-Za-z]{1,64}")
_RANGE = re.compile(r"bytes=0-(\d{1,15})")
_DAY_IS_OVER = frozenset({"quotaExceeded", "dailyLimitExceeded", "dailyLimitExceeded402"})
_TOO_FAST = frozenset({"rateLimitExceeded", "userRateLimitExceeded", "servingLimitExceeded", "concurrentLimitExceeded"})
_EXPIRED = "A YouTube token lives for an hour: `socialops login` gets one that is renewed."
_HINTS = {
    "authError": _EXPIRED,
    "youtubeSignupRequired": "That Google account has no YouTube channel: make one, or log in as the right account.",
    "insufficientPermissions": "Make a new token with the scopes youtube.upload and youtube.force-ssl.",
    "invalidTitle": "Write a title of 1 to 100 characters without < and >.",
    "invalidDescription": "Write a description of at most 5,000 bytes without < and >.",
    "invalidTags": "Use fewer tags, or shorter ones.",
    "invalidCategoryId": "Write the number of a category, for example `category: 22`.",
    "playlistNotFound": "Copy the playlist's id from its address: what stands behind `list=`.",
    "duplicate": "YouTube has this file already: look in Studio for a private copy, and delete one of the two.",
}


def connect(login: Login, http: Http) -> YouTube:
    """Return the channel of *login*; no request is made yet. Raises CredentialsError for another host."""
    return YouTube(login, http)


class YouTube:
    """One channel. *wait* sleeps between two questions whether a video is processed."""

    name = "youtube"
    key_lifetime = 0
    idempotency = Idempotency.HANDLE

    def __init__(self, login: Login, http: Http, *, wait: Callable[[float], None] = time.sleep) -> None:
        self._http = http
        self._base = home_of(login, HOME)
        self._headers = {"Authorization": f"Bearer {login.token.strip()}"}
        self._wait = wait

    def __repr__(self) -> str:
        return f"YouTube({urlsplit(self._base).netloc})"

    def key(self, delivery: str, part: int, at: datetime) -> str:
        """Return a key of 64 hexadecimal digits that depends on the delivery and the part alone."""
        return hashlib.sha256(f"{delivery}\n{part}".encode()).hexdigest()

    # --- What nobody sees ---------------------------------------------------------------------------------------------

    def prepare(self, part: Part, *, key: str) -> str:
        """Upload the video as private, and its thumbnail; return the video's id.

        A video that an earlier attempt uploaded is used again. Raises Rejected, NotAllowed or TryLater.
        """
        refuse_what_cannot_be(part)
        if part.handle and self._video(part.handle) is not None:
            return part.handle
        if len(part.uploads) != len(part.attachments):
            raise Rejected("The video of this post was not made ready.", hint="Run `socialops check` on the post.")
        marker = marker_of(key)
        resource = resource_of(part, privacy="private", tags=(marker,))
        videos = [upload for upload in part.uploads if upload.mime.startswith("video/")]
        pictures = [upload for upload in part.uploads if upload.mime.startswith("image/")]
        identity = self._left_behind(marker)
        if identity is None:
            ends = time.monotonic() + MEDIA_DEADLINE
            identity = self._upload(self._session(part, videos[0], resource), videos[0].data, part, ends)
        if pictures:
            self._thumbnail(identity, pictures[0], part)
        return identity

    def _left_behind(self, marker: str) -> str | None:
        """Return the private video that a broken run left, among our newest uploads; None: there is none."""
        query = {"part": "contentDetails", "playlistId": self._uploads(), "maxResults": str(BATCH)}
        newest = self._read("playlistItems", query)
        named = [fields(item, "contentDetails").get("videoId") for item in _listed(newest)]
        listed = [identity for identity in named if isinstance(identity, str) and VIDEO_ID.fullmatch(identity)]
        if not listed:
            return None
        for video in _listed(self._read("videos", {"part": "snippet,status", "id": ",".join(listed)})):
            usable = fields(video, "status").get("uploadStatus") in ("uploaded", "processed")
            if usable and marker in items(fields(video, "snippet").get("tags")) and video.get("id") in listed:
                return str(video["id"])
        return None

    def _uploads(self) -> str:
        playlist = fields(fields(self._channel("contentDetails"), "contentDetails"), "relatedPlaylists").get("uploads")
        if not isinstance(playlist, str) or not VIDEO_ID.fullmatch(playlist):
            raise TryLater("YouTube does not say where our uploads are.", after=DEFAULT_WAIT)
        return playlist

    def _session(self, part: Part, video: Upload, resource: Mapping[str, Any]) -> str:
        """Open an upload and return the address that takes its bytes."""
        query = {
            "uploadType": "resumable",
            "part": ",".join(resource),
            "notifySubscribers": "true" if says(part, NOTIFY, otherwise=True) else "false",
        }
        headers = {
            **self._headers,
            "X-Upload-Content-Type": video.mime,
            "X-Upload-Content-Length": str(len(video.data)),
        }
        url = f"{self._base}/upload/youtube/v3/videos"
        response = self._try("POST", url, headers=headers, query=query, json_body=resource)
        if response.status != 200:
            raise self._refused(response, part, unsure=False)
        where = response.headers.get("Location", "")
        if not self._is_ours(where):
            raise TryLater("YouTube did not say where the video goes.", after=DEFAULT_WAIT)
        return where

    def _is_ours(self, where: str) -> bool:
        """Tell whether bytes and token may go to that address: the host we asked, or another of Google's."""
        try:
            parts, base = urlsplit(where), urlsplit(self._base)
            same = parts.netloc == base.netloc or (
                (base.hostname or "").endswith(".googleapis.com")
                and (parts.hostname or "").endswith(".googleapis.com")
                and parts.netloc == parts.hostname
            )
            return same and parts.scheme == base.scheme and "upload_id" in parse_qs(parts.query)
        except ValueError:
            return False

    def _upload(self, session: str, data: bytes, part: Part, ends: float) -> str:
        """Send the bytes, going on where the session says that they end; return the video's id."""
        there, stalls, ask = 0, 0, False
        while stalls < STALLS and time.monotonic() < ends:
            chunk = b"" if ask else data[there : there + CHUNK]
            what = "*" if ask else f"{there}-{there + len(chunk) - 1}"
            headers = {**self._headers, "Content-Range": f"bytes {what}/{len(data)}"}
            left = max(1.0, ends - time.monotonic())
            try:
                response = self._http.send("PUT", session, headers=headers, content=chunk, deadline=left)
            except HttpError:
                stalls, ask = stalls + 1, True
                continue
            if response.status in {200, 201}:
                identity = _json(response).get("id")
                if isinstance(identity, str) and VIDEO_ID.fullmatch(identity):
                    return identity
                break
            if response.status == 308:
                kept = _RANGE.fullmatch(response.headers.get("Range", ""))
                reached = min(int(kept[1]) + 1, len(data)) if kept else 0
                stalls += reached <= there and not ask
                there, ask = reached, reached >= len(data)
                stalls += ask
            elif response.status >= 500:
                stalls, ask = stalls + 1, True
            elif response.status in {404, 410}:
                break
            else:
                raise self._refused(response, part, unsure=False)
        raise TryLater("The video did not arrive on YouTube; nothing of it can be seen.", after=DEFAULT_WAIT)

    def _thumbnail(self, identity: str, picture: Upload, part: Part) -> None:
        url, query = f"{self._base}/upload/youtube/v3/thumbnails/set", {"videoId": identity}
        headers = {**self._headers, "Content-Type": picture.mime}
        response = self._try("POST", url, headers=headers, query=query, content=picture.data)
        if response.status != 200:
            raise self._refused(response, part, unsure=False)

    # --- What everybody sees ------------------------------------------------------------------------------------------

    def publish(self, part: Part, *, key: str) -> Receipt:
        """Give the video that was made ready its privacy, once it is processed; what was shown before is only read."""
        refuse_what_cannot_be(part)
        if not VIDEO_ID.fullmatch(part.handle):
            raise Rejected("The video of this post was not made ready.", hint="Run `socialops publish` again.")
        video = self._processed(part.handle)
        if receipt := receipt_of(video, part):
            return _perhaps_commented(receipt, part)
        self._into_playlist(part)
        resource = resource_of(part, privacy=privacy_of(part), tags=tags_of(part))
        query = {"part": ",".join(resource)}
        try:
            response = self._http.send(
                "PUT",
                self._url("videos"),
                headers=self._headers,
                query=query,
                json_body={"id": part.handle, **resource},
            )
        except NotSent as error:
            raise TryLater(error.message, after=DEFAULT_WAIT, hint=error.hint) from None
        except HttpError as error:
            raise Unknown(error.message, hint=error.hint) from None
        if response.status != 200:
            raise self._refused(response, part, unsure=True)
        answer = _json(response)
        if receipt := receipt_of(answer, part):
            return replace(receipt, extra=self._comment(part)) if part.first_comment else receipt
        if answer.get("id") == part.handle and fields(answer, "status").get("privacyStatus") == "private":
            raise NotAllowed(
                "YouTube keeps the video private.",
                hint="Google locks the uploads of API projects that it has not audited: ask for the audit, or make the "
                "video public in Studio by hand.",
                code="private",
            )
        raise Unknown("YouTube answered, but not with the video.", code=str(response.status))

    def _comment(self, part: Part) -> dict[str, str]:
        """Write the first comment below a video that is to be seen now, once; return what the receipt says of it.

        The video is there whatever becomes of it, so nothing is raised. Needs the scope youtube.force-ssl.
        """
        if privacy_of(part) == "private":
            return {COMMENT_TROUBLE: "not there: nobody can comment on a private video"}
        words = {"topLevelComment": {"snippet": {"textOriginal": part.first_comment}}}
        body = {"snippet": {"videoId": part.handle, **words}}
        url, query = self._url("commentThreads"), {"part": "snippet"}
        try:
            response = self._http.send("POST", url, headers=self._headers, query=query, json_body=body)
        except NotSent as error:
            return {COMMENT_TROUBLE: f"not there: {error.message}"}
        except HttpError as error:
            return {COMMENT_TROUBLE: f"perhaps there: {error.message}"}
        if response.status != 200:
            refused = self._refused(response, None, unsure=True)
            return {COMMENT_TROUBLE: f"{'perhaps' if isinstance(refused, Unknown) else 'not'} there: {refused.message}"}
        identity = _json(response).get("id")
        known = isinstance(identity, str) and youtube_listening.COMMENT.fullmatch(identity)
        return {COMMENT: str(identity)} if known else {COMMENT_TROUBLE: "perhaps there: YouTube names none"}

    def _processed(self, identity: str) -> Mapping[str, Any]:
        """Return the video when YouTube is done with it; raises Rejected when it refuses it, TryLater meanwhile."""
        for seconds in (*MEDIA_WAITS, 0):
            video = self._video(identity)
            status = fields(video or {}, "status")
            state = status.get("uploadStatus")
            if video is None or state in ("failed", "rejected", "deleted"):
                reason = status.get("failureReason") or status.get("rejectionReason") or state or "videoNotFound"
                word = reason if isinstance(reason, str) and _REASON.fullmatch(reason) else "failed"
                hint = _HINTS.get(word, "Look in YouTube Studio what it says of the video, and save the file anew.")
                raise Rejected(f"YouTube does not take the video ({word}).", hint=hint, code=word)
            if state == "processed":
                return video
            if seconds:
                self._wait(seconds)
        raise TryLater("YouTube is still processing the video.", after=PROCESSING, code="processing")

    def _into_playlist(self, part: Part) -> None:
        """Put the video into its playlist while nobody sees it yet, if it is not there."""
        playlist = chosen(PLAYLIST, part.options)
        if not playlist:
            return
        if not VIDEO_ID.fullmatch(playlist):
            raise Rejected("That playlist cannot be.", hint=_HINTS["playlistNotFound"], code="playlistNotFound")
        try:
            there = self._read("playlistItems", {"part": "id", "playlistId": playlist, "videoId": part.handle})
        except TryLater as error:
            if error.code != "playlistNotFound":
                raise
            hint = _HINTS[error.code]
            raise Rejected("YouTube has no such playlist of ours.", hint=hint, code=error.code) from None
        if _listed(there):
            return
        item = {"snippet": {"playlistId": playlist, "resourceId": {"kind": "youtube#video", "videoId": part.handle}}}
        response = self._try(
            "POST", self._url("playlistItems"), headers=self._headers, query={"part": "snippet"}, json_body=item
        )
        if response.status != 200:
            raise self._refused(response, part, unsure=False)

    def delete(self, receipt: Receipt) -> None:
        """Delete a video; one that is gone already is fine. Raises NotAllowed, TryLater or Unknown."""
        if not VIDEO_ID.fullmatch(receipt.id):
            raise Rejected("That receipt does not name a video.", hint="Delete the video by hand.")
        try:
            response = self._http.send("DELETE", self._url("videos"), headers=self._headers, query={"id": receipt.id})
        except NotSent as error:
            raise TryLater(error.message, after=DEFAULT_WAIT, hint=error.hint) from None
        except HttpError as error:
            raise Unknown(error.message, hint=error.hint) from None
        if response.status in {404, 410} or 200 <= response.status < 300:
            return
        said = self._refused(response, None, unsure=True)
        raise said if not isinstance(said, Rejected) else Unknown(said.message, code=said.code)

    # --- Looking ------------------------------------------------------------------------------------------------------

    def find(self, part: Part, *, key: str, since: datetime) -> Receipt | None:
        """Ask whether the video that was made ready has its privacy by now."""
        if not VIDEO_ID.fullmatch(part.handle):
            raise Unknown("This video has no handle to ask for.", hint="Look on the channel yourself.")
        try:
            video = self._video(part.handle)
        except NetworkError as error:
            raise not_found_out(error) from None
        if video is None:
            # It was there when it was made ready: somebody took it away, shown or not.
            raise Unknown(
                "YouTube no longer has this video.", hint="Look in Studio who deleted it.", code="videoNotFound"
            )
        return _perhaps_commented(found, part) if (found := receipt_of(video, part)) else None

    def measure(self, receipts: Sequence[Receipt]) -> list[Stat]:
        """Read the counters of our videos, BATCH at a time; what a channel hides is left out."""
        named = [receipt.id for receipt in receipts if VIDEO_ID.fullmatch(receipt.id)]
        stats: list[Stat] = []
        for begin in range(0, len(named), BATCH):
            wanted = named[begin : begin + BATCH]
            for video in _listed(self._read("videos", {"part": "statistics", "id": ",".join(wanted)})):
                if video.get("id") in wanted:
                    stats += stats_of(video)
        return stats

    def account(self) -> Account:
        """Read our channel; raises NotAllowed or TryLater."""
        channel = self._channel("snippet,statistics")
        snippet, numbers = fields(channel, "snippet"), fields(channel, "statistics")
        custom = str(snippet.get("customUrl") or "")
        identity = channel["id"]
        handle = custom if re.fullmatch(r"@[\w.·-]{1,100}", custom) else ""
        return Account(
            id=identity,
            handle=handle or identity,
            name=str(snippet.get("title") or ""),
            url=f"https://www.youtube.com/{handle or 'channel/' + identity}",
            followers=None if numbers.get("hiddenSubscriberCount") is True else number(numbers.get("subscriberCount")),
            posts=number(numbers.get("videoCount")),
            profile={"name": str(snippet.get("title") or ""), "note": str(snippet.get("description") or "")},
        )

    def replies(self, receipts: Sequence[Receipt], *, since: datetime) -> list[InboxMessage]:
        """Read the comments on our videos; needs the scope youtube.force-ssl."""
        named = [receipt for receipt in receipts if VIDEO_ID.fullmatch(receipt.id)]
        return youtube_listening.replies(self._read, self._channel("id")["id"], named, since) if named else []

    def demographics(self) -> list[Share]:
        """Read our subscribers by age and gender, as an estimate; needs the scope yt-analytics.readonly."""
        response = self._get(self._url("channels"), {"part": "statistics", "mine": "true"})
        channel = next(iter(_listed(_json(response))), {})
        subscribers, now = (
            number(fields(channel, "statistics").get("subscriberCount")),
            instant(response.headers.get("Date")),
        )
        if subscribers is None or now is None:
            return []
        home = youtube_listening.ANALYTICS if self._base == HOME else self._base
        query = youtube_listening.report_query(now, "ageGroup,gender", "viewerPercentage")
        return youtube_listening.shares(_json(self._get(f"{home}/v2/reports", query)), subscribers)

    def _video(self, identity: str) -> Mapping[str, Any] | None:
        """Read one of our videos; None when it is not there."""
        if not VIDEO_ID.fullmatch(identity):
            return None
        answer = self._read("videos", {"part": "snippet,status,processingDetails", "id": identity})
        return next((video for video in _listed(answer) if video.get("id") == identity), None)

    def _channel(self, parts: str) -> Mapping[str, Any]:
        channels = _listed(self._read("channels", {"part": parts, "mine": "true"}))
        if not channels or not isinstance(channels[0].get("id"), str) or not VIDEO_ID.fullmatch(channels[0]["id"]):
            raise NotAllowed(
                "YouTube shows no channel for these credentials.",
                hint=_HINTS["youtubeSignupRequired"],
                code="youtubeSignupRequired",
            )
        return channels[0]

    # --- Asking -------------------------------------------------------------------------------------------------------

    def _url(self, method: str) -> str:
        return f"{self._base}/youtube/v3/{method}"

    def _read(self, method: str, query: Mapping[str, str]) -> Mapping[str, Any]:
        """Read a list; raises NotAllowed or TryLater."""
        answer = _json(self._get(self._url(method), query))
        if not isinstance(answer.get("items", []), list) or "error" in answer or not answer:
            raise TryLater("YouTube answers in a form we do not know.", after=DEFAULT_WAIT, code="200")
        return answer

    def _get(self, url: str, query: Mapping[str, str]) -> Response:
        try:
            response = self._http.get(url, headers=self._headers, query=query)
        except HttpError as error:
            raise unread(error, "YouTube") from None
        if response.status == 200:
            return response
        said = self._refused(response, None, unsure=False)
        raise said if not isinstance(said, Rejected) else TryLater(said.message, after=DEFAULT_WAIT, code=said.code)

    def _try(self, method: str, url: str, **request: Any) -> Response:
        """Send something nobody sees: whatever is lost of it, it may be sent again."""
        try:
            return self._http.send(method, url, deadline=TEXT_DEADLINE, **request)
        except HttpError as error:
            raise TryLater(error.message, after=DEFAULT_WAIT, hint=error.hint) from None

    def _refused(self, response: Response, part: Part | None, *, unsure: bool) -> NetworkError:
        """Say what an answer that is no success means; *unsure*: whether the request could have been visible."""
        status = response.status
        reason = _reason(response)
        code = reason or str(status)
        hint = _HINTS.get(reason, "")
        if reason in _DAY_IS_OVER:
            hint = "The project's quota is used up until midnight in California; Google gives more when asked."
            after = _until_midnight(response)
            return TryLater(f"YouTube's quota for today is used up ({code}).", after=after, code=code, hint=hint)
        if reason == "uploadLimitExceeded":
            after = timedelta(hours=24)
            return TryLater(f"The channel may upload no more videos for a day ({code}).", after=after, code=code)
        if status == 429 or reason in _TOO_FAST:
            return TryLater(f"YouTube wants us to wait ({code}).", after=wait_of(response.headers), code=code)
        if status in {401, 403}:
            return NotAllowed(f"YouTube refuses our credentials ({code}).", hint=hint or _EXPIRED, code=code)
        if 400 <= status < 500 and status not in {408, 409, 425, 499}:
            over = too_much(counts(part, _default_limits())) if part else ""
            why = f"; {over}" if over else ""
            hint = hint or "Compare it with what fits on YouTube: `socialops check`."
            return Rejected(f"YouTube refuses the video ({code}){why}.", hint=hint, code=code)
        words = f"YouTube gave an answer that says nothing sure ({code})."
        return Unknown(words, code=code) if unsure else TryLater(words, after=wait_of(response.headers), code=code)


def _perhaps_commented(receipt: Receipt, part: Part) -> Receipt:
    """Return the receipt of a video that an earlier run showed: whether it wrote the comment too, nobody knows."""
    trouble = {COMMENT_TROUBLE: "perhaps there: its answer was lost"}
    return replace(receipt, extra=trouble) if part.first_comment else receipt


def _until_midnight(response: Response) -> timedelta:
    """Return how long it is until the quota begins anew: midnight in California, by the answer's own clock."""
    from zoneinfo import ZoneInfo

    now = instant(response.headers.get("Date"))
    if now is None:
        return timedelta(hours=1)
    local = now.astimezone(ZoneInfo("America/Los_Angeles"))
    midnight = (local + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight.astimezone(now.tzinfo) - now + timedelta(minutes=1)


def _reason(response: Response) -> str:
    """Return the reason of an error (`quotaExceeded`); an empty text when there is none."""
    error = fields(_json(response), "error")
    errors = items(error.get("errors"))
    reason = errors[0].get("reason") if errors and isinstance(errors[0], dict) else None
    return reason if isinstance(reason, str) and _REASON.fullmatch(reason) else ""


def _json(response: Response) -> Mapping[str, Any]:
    answer = response.json()
    return answer if isinstance(answer, dict) else {}


def _listed(answer: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [item for item in items(answer.get("items")) if isinstance(item, dict)]


def _default_limits() -> Limits:
    from socialops.networks import default_limits

    return default_limits("youtube")
