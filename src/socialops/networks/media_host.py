"""The media host: a public place of ours from which some networks fetch pictures and videos.

Instagram, Threads and TikTok take no bytes but an address. A channel's file names the place
(`params: {media_base_url: https://media.example/posts}`); a file there is called after its content, so that it is
always the one that was checked and never has to change: `<base>/<sha256>.<ext>`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from socialops.errors import HttpError, NetworkError, Rejected, TryLater
from socialops.http import TEXT_DEADLINE
from socialops.networks.base import DEFAULT_WAIT, unread, wait_of, web_address

if TYPE_CHECKING:
    from socialops.http import Http, Response
    from socialops.networks.base import Login
    from socialops.networks.draft import Upload

CODE = "media-host"
ENDINGS = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "image/gif": "gif",
    "video/mp4": "mp4",
    "video/quicktime": "mov",
    "video/webm": "webm",
    "video/x-m4v": "m4v",
}
"""MIME type → how the name of a file ends."""

_SHA256 = re.compile(r"[0-9a-f]{64}")
_RANGE = re.compile(r"bytes 0-[0-9]+/([0-9]{1,15})")
_SAME_TYPE = {"image/jpg": "image/jpeg", "image/pjpeg": "image/jpeg"}


def file_name(upload: Upload) -> str:
    """Return the name of an upload on the media host; raises Rejected for what no network fetches."""
    ending = ENDINGS.get(upload.mime)
    if ending is None or not _SHA256.fullmatch(upload.sha256):
        raise Rejected(
            f"A file of the type {upload.mime} cannot lie on the media host.",
            hint="Use a JPEG or PNG picture, or an MP4 video.",
            code=CODE,
        )
    return f"{upload.sha256}.{ending}"


def address_of_upload(login: Login, upload: Upload) -> str:
    """Return where an upload is fetched from; raises Rejected when the channel's file names no usable place."""
    given = login.settings.get("media_base_url")
    base = web_address(given).rstrip("/")
    parts = urlsplit(base)
    local = parts.hostname in {"localhost", "127.0.0.1", "::1"}
    if not base or parts.query or parts.fragment or (parts.scheme != "https" and not local):
        why = "has no address for its media" if given is None else "has an address for its media that cannot be used"
        raise Rejected(
            f"Channel {login.channel} {why}: this network fetches pictures and videos from the web.",
            hint="Write `params: {media_base_url: https://…}` in the channel's file: a folder that all may read.",
            code=CODE,
        )
    return f"{base}/{file_name(upload)}"


def public_address(login: Login, http: Http, upload: Upload, *, deadline: float = TEXT_DEADLINE) -> str:
    """Return the address of an upload after looking that the very file lies there, as its type and in its length.

    Nothing of ours goes along but the question: no token, no cookie. Raises Rejected (code `media-host`) when it does
    not lie there, TryLater when the place gives no answer.
    """
    where = address_of_upload(login, upload)
    place = urlsplit(where).netloc
    try:
        response = http.send("HEAD", where, headers={"Accept": "*/*", "Accept-Encoding": "identity"}, deadline=deadline)
        if response.status in {401, 403, 405, 501} or (response.status == 200 and _length(response) is None):
            # Some hosts answer no HEAD, or without a length: then one byte is asked for.
            headers = {"Accept": "*/*", "Accept-Encoding": "identity", "Range": "bytes=0-0"}
            response = http.send("GET", where, headers=headers, deadline=deadline)
    except HttpError as error:
        raise unread(error, place) from None
    if wrong := _wrong(response, upload):
        raise _missing(wrong, response, upload, where)
    return where


def _wrong(response: Response, upload: Upload) -> str:
    if response.status not in {200, 206}:
        return f"the answer is {response.status}"
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if _SAME_TYPE.get(kind, kind) != upload.mime:
        return f"it is shown as {kind if kind.isprintable() and len(kind) < 60 else 'something else'}"
    length = _length(response)
    if length is None:
        length = len(response.body)
    if length != len(upload.data):
        return f"it has {length} bytes instead of {len(upload.data)}"
    return ""


def _length(response: Response) -> int | None:
    if response.status == 206:
        found = _RANGE.fullmatch(response.headers.get("Content-Range", "").strip())
        return int(found[1]) if found else None
    text = response.headers.get("Content-Length", "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


def _missing(wrong: str, response: Response, upload: Upload, where: str) -> NetworkError:
    place = urlsplit(where).netloc
    if response.status == 429 or response.status >= 500:
        return TryLater(
            f"The media host {place} cannot be read now ({response.status}).",
            after=wait_of(response.headers, default=DEFAULT_WAIT),
            code=CODE,
        )
    return Rejected(
        f"The {upload.mime} of this post is not on the media host {place}: {wrong}.",
        hint=f"Run `socialops media --to FOLDER` and bring the folder to the media host: the file must lie at {where}, "
        "readable by all, without a redirect.",
        code=CODE,
    )
