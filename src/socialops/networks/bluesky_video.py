"""Bluesky's video service: it codes a video anew, looks at it, and puts it onto the account's server.

Only then is the post written, so that no post ever shows a video that cannot be played. The service is Bluesky's own:
it is asked for accounts on Bluesky's servers, and every other server takes the file itself. It is given no token of the
account, only one that the account's server makes for this single purpose and for half an hour.

Sources: docs.bsky.app (tutorials/video), lexicons app.bsky.video.uploadVideo, getJobStatus and getUploadLimits
(2026-08). The answer holds the job's state in `jobStatus`, as the lexicon says, or is it, as the tutorial reads it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from socialops.errors import HttpError, NetworkError, Rejected, TryLater
from socialops.networks.base import DEFAULT_WAIT, instant, read_error, wait_of

if TYPE_CHECKING:
    from socialops.http import Http, Response
    from socialops.networks.draft import Upload

SERVICE = "https://video.bsky.app"
PLACE = "video.bsky.app"
WAITS = (2, 3, 5, 8, 12, 15, *(20,) * 14)
"""Seconds between two questions what became of a video: five minutes and a half, of the eight that a send may take."""
LIVES = timedelta(minutes=30)
"""How long the token lives by which the service puts the video onto the account's server (docs.bsky.app)."""
FULL = timedelta(hours=3)
"""When to try again after the videos of the day are used up; the service does not say when the day ends."""

_CODE = re.compile(r"[A-Za-z_]{1,64}")


def is_served(home: str) -> bool:
    """Tell whether an account's server is one of Bluesky's own."""
    host = urlsplit(home).hostname or ""
    return home.startswith("https:") and (host == "bsky.social" or host.endswith(".bsky.network"))


def token_query(audience: str, method: str, now: datetime | None) -> dict[str, str]:
    """Return what `com.atproto.server.getServiceAuth` is asked for; *now* is by the server's own clock."""
    query = {"aud": audience, "lxm": method}
    if now is not None:
        query["exp"] = str(int((now + LIVES).timestamp()))
    return query


def look_at_limits(http: Http, token: str, deadline: float) -> datetime | None:
    """Look whether the account may upload a video today; return the service's clock. Raises TryLater.

    That the limits cannot be read stops nothing: the upload itself says no then.
    """
    headers = {"Authorization": f"Bearer {token}"}
    try:
        response = http.get(f"{SERVICE}/xrpc/app.bsky.video.getUploadLimits", headers=headers, deadline=deadline)
    except HttpError:
        return None
    answer = response.json() if response.status == 200 else None
    if isinstance(answer, dict) and answer.get("canUpload") is False:
        code = _word(answer.get("error")) or "canUpload"
        hint = "Bluesky takes a number of videos a day, and none before the account's mail address is confirmed."
        raise TryLater("Bluesky takes no more videos of this account today.", after=FULL, hint=hint, code=code)
    return instant(response.headers.get("Date"))


def processed(
    http: Http, did: str, token: str, upload: Upload, *, left: Callable[[float], float], wait: Callable[[float], None]
) -> Mapping[str, Any]:
    """Upload a video and wait until it is done; return its blob, as it stands in a record.

    Raises Rejected, NotAllowed or TryLater. The same video uploaded again is known by its bytes, and told at once.
    """
    query = {"did": did, "name": f"{upload.sha256[:32]}.mp4"}
    headers = {"Authorization": f"Bearer {token}", "Content-Type": upload.mime}
    url = f"{SERVICE}/xrpc/app.bsky.video.uploadVideo"
    try:
        response = http.send("POST", url, headers=headers, query=query, content=upload.data, deadline=left(480.0))
    except HttpError as error:
        raise TryLater(f"A video did not arrive: {error.message}", after=DEFAULT_WAIT, hint=error.hint) from None
    job = _job(response)
    # "already_exists" is a refusal, and holds the video all the same.
    if blob := _blob(job):
        return blob
    if response.status != 200:
        raise _refused(response, upload)
    identity = job.get("jobId")
    if not isinstance(identity, str) or not identity or len(identity) > 200:
        raise TryLater("Bluesky did not say what becomes of the video.", after=DEFAULT_WAIT)
    for seconds in WAITS:
        if left(float(seconds) + 2) < seconds + 2:
            break
        wait(seconds)
        try:
            answer = http.get(
                f"{SERVICE}/xrpc/app.bsky.video.getJobStatus",
                headers={"Authorization": headers["Authorization"]},
                query={"jobId": identity},
                deadline=left(30.0),
            )
        except HttpError:
            continue
        job = _job(answer)
        if blob := _blob(job):
            return blob
        if job.get("state") == "JOB_STATE_FAILED":
            raise _failed(job)
        if answer.status in {401, 403}:
            raise read_error(answer, PLACE)
    raise TryLater("Bluesky is still working on the video.", after=DEFAULT_WAIT, code="processing")


def _refused(response: Response, upload: Upload) -> NetworkError:
    answer = response.json()
    code = _word(answer.get("error") if isinstance(answer, dict) else None) or str(response.status)
    if response.status in {400, 413, 415, 422}:
        return Rejected(
            f"Bluesky refuses a video ({code}): {upload.width} × {upload.height} pixels, {len(upload.data)} bytes.",
            hint="Save it as MP4 with H.264 and AAC, or make it smaller.",
            code=code,
        )
    if response.status == 429:
        return TryLater(f"Bluesky wants us to wait ({code}).", after=wait_of(response.headers), code=code)
    return read_error(response, PLACE, code=code)


def _failed(job: Mapping[str, Any]) -> NetworkError:
    code = _word(job.get("failureCode")) or _word(job.get("error")) or "failed"
    if code in {"pds_upload_failure", "generic_failure"}:
        # The video itself is not at fault.
        return TryLater(f"Bluesky could not store the video ({code}).", after=DEFAULT_WAIT, code=code)
    hint = "Save it anew as MP4 with H.264 and AAC."
    if code == "pds_upload_unsupported_blob_size":
        hint = "Make it smaller: the account's server takes no file as large."
    return Rejected(f"Bluesky cannot make a video of it ({code}).", hint=hint, code=code)


def _job(response: Response) -> Mapping[str, Any]:
    answer = response.json()
    if not isinstance(answer, dict):
        return {}
    inner = answer.get("jobStatus")
    return inner if isinstance(inner, dict) else answer


def _blob(job: Mapping[str, Any]) -> Mapping[str, Any] | None:
    blob = job.get("blob")
    return blob if isinstance(blob, dict) and blob.get("$type") == "blob" else None


def _word(value: object) -> str:
    return value if isinstance(value, str) and _CODE.fullmatch(value) else ""
