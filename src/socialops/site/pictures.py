"""Pictures and videos for the pages: web-sized copies of what really goes out, made once and kept by content.

A post's picture goes through `fit_picture` first, so that the page shows what the network will show (turned upright,
scaled, re-encoded), and is then made small enough for a page. The index beside the tree remembers what was made, so
that building again decodes nothing. A video is shown as it is, unless it is too large for a page.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from socialops.content.video import length_of, size_of
from socialops.errors import NetworkError

if TYPE_CHECKING:
    from socialops.networks.draft import Attachment
    from socialops.workspace import Workspace

VERSION = 1
LONGEST_SIDE = 1200
QUALITY = 80
FOLDER = "assets/media"
VIDEO_BYTES = 25_000_000
"""The largest video that is copied to the site. Ours: GitHub Pages takes a site of 1 GB."""


_ENDINGS = {"video/mp4": "mp4", "video/quicktime": "mov", "video/webm": "webm"}
"""What browsers play, and how its file ends."""


@dataclass(frozen=True, slots=True)
class WebPicture:
    """One copy on the site. *file* is relative to the tree; *sent* says what the network gets; *fault* why nothing.

    *video* is the MIME type of a video, empty for a picture.
    """

    file: str
    width: int
    height: int
    sent: str = ""
    changes: tuple[str, ...] = ()
    fault: str = ""
    video: str = ""


class Pictures:
    """The pictures of one site; `files` are the bytes to write, None for those that are there already."""

    def __init__(self, workspace: Workspace, docs: Path, index: Path) -> None:
        self.workspace = workspace
        self.files: dict[str, bytes | None] = {}
        self._docs = docs
        self._index = index
        self._known = _read_index(index)
        self._used: dict[str, WebPicture] = {}

    def sent(self, attachment: Attachment) -> WebPicture:
        """Return the copy of what the network gets for *attachment*."""
        if attachment.mime.startswith("video/"):
            return self._video(attachment)
        key = _key("sent", attachment.sha256, asdict(attachment.fit))
        return self._find(key) or self._make_sent(key, attachment)

    def own(self, file: Path) -> WebPicture | None:
        """Return the copy of a picture of the workspace (a guideline's drawing); None when it is none."""
        from socialops.content.media import MediaFault, inspect_picture

        try:
            inside = file.resolve().is_relative_to(self.workspace.root)
        except OSError:
            return None
        if not inside or not file.is_file():
            return None
        picture = inspect_picture(file)
        if isinstance(picture, MediaFault):
            return None
        key = _key("own", picture.sha256, {})
        found = self._find(key)
        if found is None:
            made = _web_copy(file.read_bytes())
            if made is None:
                return None
            found = self._keep(key, made)
        return found

    def save_index(self) -> None:
        """Remember what was used, for the next build."""
        text = json.dumps(
            {"version": VERSION, "pictures": {key: asdict(self._used[key]) for key in sorted(self._used)}},
            ensure_ascii=False,
            indent=1,
            sort_keys=True,
        )
        if not self._index.is_file() or self._index.read_text("utf-8") != text:
            self._index.write_text(text, "utf-8", newline="")

    def _find(self, key: str) -> WebPicture | None:
        found = self._used.get(key) or self._known.get(key)
        if found is None or (found.file and found.file not in self.files and not (self._docs / found.file).is_file()):
            return None
        if found.file:
            self.files.setdefault(found.file, None)
        self._used[key] = found
        return found

    def _video(self, attachment: Attachment) -> WebPicture:
        from socialops.compose.media import fit_media

        known = (length_of(attachment.seconds), size_of(attachment.size), attachment.mime.split("/")[-1].upper())
        sent = f"{attachment.width} × {attachment.height} px, {', '.join(known)}"
        suffix = _ENDINGS.get(attachment.mime)
        file = f"{FOLDER}/{attachment.sha256[:20]}.{suffix}"
        shown = WebPicture(file, attachment.width, attachment.height, sent, video=attachment.mime)
        if suffix is None or attachment.size > VIDEO_BYTES:
            # It is named, with what is known of it.
            return replace(shown, file="")
        if (self._docs / file).is_file():
            self.files.setdefault(file, None)
        elif file not in self.files:
            try:
                self.files[file] = fit_media(self.workspace, attachment).data
            except NetworkError as error:
                return replace(shown, file="", fault=error.message)
        return shown

    def _make_sent(self, key: str, attachment: Attachment) -> WebPicture:
        from socialops.compose.media import fit_picture

        try:
            upload = fit_picture(self.workspace, attachment)
        except NetworkError as error:
            # Not remembered: the file may be put right without its draft changing.
            return WebPicture("", attachment.width, attachment.height, fault=error.message)
        sent = f"{upload.width} × {upload.height} px, {size_of(len(upload.data))}, {upload.mime.split('/')[-1].upper()}"
        made = _web_copy(upload.data)
        if made is None:
            return WebPicture(
                "", upload.width, upload.height, sent, upload.changes, "The picture cannot be shown here."
            )
        return self._keep(key, made, sent=sent, changes=upload.changes)

    def _keep(
        self, key: str, made: tuple[bytes, str, int, int], *, sent: str = "", changes: tuple[str, ...] = ()
    ) -> WebPicture:
        data, suffix, width, height = made
        file = f"{FOLDER}/{key}.{suffix}"
        self.files[file] = data
        self._used[key] = WebPicture(file, width, height, sent, changes)
        return self._used[key]


def _key(kind: str, digest: str, fit: Mapping[str, Any]) -> str:
    text = json.dumps([VERSION, LONGEST_SIDE, QUALITY, kind, digest, dict(fit)], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def _web_copy(data: bytes) -> tuple[bytes, str, int, int] | None:
    """Return (bytes, suffix, width, height) of a copy for a page; an animation shows its first frame."""
    from PIL import Image, ImageOps

    try:
        with Image.open(io.BytesIO(data), formats=("JPEG", "PNG", "WEBP", "GIF")) as opened:
            opened.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
            image: Image.Image = ImageOps.exif_transpose(opened)
            image.info = {}
            clear = "A" in image.getbands() or image.mode == "P"
            image = image.convert("RGBA" if clear else "RGB")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return None
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    if clear:
        image.save(buffer, "PNG", optimize=True)
        return buffer.getvalue(), "png", image.width, image.height
    image.save(buffer, "JPEG", quality=QUALITY, progressive=True)
    return buffer.getvalue(), "jpg", image.width, image.height


def _read_index(index: Path) -> dict[str, WebPicture]:
    try:
        raw = json.loads(index.read_text("utf-8"))
        if raw["version"] != VERSION:
            return {}
        return {
            key: WebPicture(**{**values, "changes": tuple(values["changes"])})
            for key, values in raw["pictures"].items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}
