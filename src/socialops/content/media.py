"""Pictures and videos: where a reference leads, and what the file really is.

A reference in a pull request may say anything, so it never leaves the workspace, follows no link and is never fetched.
A file is judged by its content, from its header alone: nothing is decoded, and every look is bounded in time and
memory. What a video holds is found out in `content/video.py`.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
import zlib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from socialops.content.video import Broken, Video, mime_of, probe, recalled
from socialops.problem import nearest

if TYPE_CHECKING:
    from socialops.content.cache import Cache
    from socialops.workspace import Workspace

PIXELS = 40_000_000
"""The largest picture, in pixels. Ours: a 40-megapixel photograph takes 160 MB when it is decoded."""
FRAMES = 600
"""The longest animation, in frames. Ours."""
PICTURE_BYTES = 64 * 1024 * 1024
"""The largest picture file. Ours: no network takes more than 20 MB, and we make pictures smaller."""
VIDEO_BYTES = 512 * 1024 * 1024
"""The largest video file. Ours: it is held in memory while it is sent, and a claim of one is nothing but it."""

_FORMATS = {"JPEG": "image/jpeg", "MPO": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp", "GIF": "image/gif"}
_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".gif")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")
_DRIVE = re.compile(r"[A-Za-z]:")
_LFS = b"version https://git-lfs.github.com/spec/"


@dataclass(frozen=True, slots=True)
class MediaFault:
    """Why a reference or a file cannot be used; becomes a problem at the place that names it."""

    id: str
    message: str
    hint: str


@dataclass(frozen=True, slots=True)
class Picture:
    """What a picture file is. Width and height are the file's own, before *orientation* (EXIF, 1 to 8) is applied."""

    mime: str
    width: int
    height: int
    size: int
    sha256: str
    frames: int = 1
    has_metadata: bool = False
    orientation: int = 1


def resolve(workspace: Workspace, post_path: str, reference: str) -> Path | MediaFault:
    """Return the file that a post's reference leads to.

    *reference* is relative to the post's folder, or to the workspace when it begins with `/`. Faults: `path-escape`,
    `media-remote`, `media-symlink`, `media-missing`, `media-lfs`.
    """
    steps = _steps(workspace, post_path, reference)
    if isinstance(steps, MediaFault):
        return steps
    here = str(workspace.root)
    for index, step in enumerate(steps):
        here = f"{here}/{step}"
        try:
            found = os.lstat(here)
        except OSError:
            return _missing(workspace, steps[: index + 1], reference)
        if stat.S_ISLNK(found.st_mode):
            return MediaFault(
                "media-symlink",
                f"{'/'.join(steps[: index + 1])} is a link to another place.",
                "Put the file itself there.",
            )
        if not (stat.S_ISREG(found.st_mode) if index == len(steps) - 1 else stat.S_ISDIR(found.st_mode)):
            what = "a folder" if stat.S_ISDIR(found.st_mode) else "no folder" if index < len(steps) - 1 else "no file"
            return MediaFault("media-missing", f"{_shown(reference)} is {what}.", "Name a picture or a video.")
    if found.st_size < 1024 and _begins(here).startswith(_LFS):
        return MediaFault(
            "media-lfs",
            f"{_shown(reference)} is not here, only git-LFS's note of it.",
            "Run `git lfs pull`; in CI, check out with LFS switched on.",
        )
    return Path(here)


def _steps(workspace: Workspace, post_path: str, reference: str) -> list[str] | MediaFault:
    shown = _shown(reference)
    inside = (
        "Put the file beside the post and write its name; or write its path from the top of the workspace: /media/x.jpg"
    )
    if not reference or not reference.isprintable():
        return MediaFault("path-escape", f"{shown} is not the name of a file.", inside)
    if reference.startswith("//") or (
        _SCHEME.match(reference) and reference[:5].casefold() != "file:" and not _DRIVE.match(reference)
    ):
        return MediaFault(
            "media-remote",
            f"{shown} is an address, not a file.",
            "Download it, put it beside the post and write its name.",
        )
    steps = reference.removeprefix("/").split("/")
    if "\\" in reference or ":" in reference:
        return MediaFault("path-escape", f"{shown} is a path of one computer.", inside)
    while "." in steps:
        steps.remove(".")
    if ".." in steps:
        return MediaFault("path-escape", f"{shown} leads upwards with `..`.", inside)
    if not all(steps) or any(step.startswith(".") for step in steps):
        return MediaFault("path-escape", f"{shown} leads to a hidden place.", inside)
    if not reference.startswith("/"):
        return [*post_path.split("/")[:-1], *steps]
    if not os.path.lexists(f"{workspace.root}/{steps[0]}"):
        return MediaFault(
            "path-escape", f"{shown} is not in the workspace: there is no {steps[0][:60]!r} at its top.", inside
        )
    return steps


def _shown(reference: str) -> str:
    return repr(reference if len(reference) <= 80 else reference[:79] + "…")


def _missing(workspace: Workspace, steps: list[str], reference: str) -> MediaFault:
    try:
        names = sorted(name for name in os.listdir(f"{workspace.root}/{'/'.join(steps[:-1])}") if name.isprintable())  # noqa: PTH208
    except (OSError, ValueError):
        names = []
    meant = nearest(steps[-1], [name for name in names if not name.endswith(".md")])
    hint = f"Did you mean {meant}?" if meant else "Add the file, or correct its name; capitals count."
    return MediaFault("media-missing", f"There is no file {_shown(reference)}.", hint)


def _begins(path: str, length: int = 64) -> bytes:
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - a text path, as everywhere here
            return file.read(length)
    except OSError:
        return b""


_SEEN: dict[tuple[str, int, int, int], Picture | Video | MediaFault] = {}


def inspect_picture(path: Path, *, cache: Cache | None = None) -> Picture | MediaFault:
    """Tell what a picture is; a video is a fault here (`img-type`). See `inspect_media`."""
    found = inspect_media(path, cache=cache)
    if isinstance(found, Video):
        return MediaFault("img-type", f"{path.name} is a video, not a picture.", "Use a picture.")
    return found


def inspect_media(path: Path, *, cache: Cache | None = None) -> Picture | Video | MediaFault:
    """Tell what a file is, by its content; remembered while its size, time and inode stay the same.

    Faults: `media-size`, `media-missing`, `video-broken`, `img-type`, `img-broken`, `img-pixels`, `img-frames`.
    """
    name = str(path)
    try:
        found = path.lstat()
    except (OSError, ValueError):
        return MediaFault("media-missing", f"There is no file {path.name!r}.", "Add the file, or correct its name.")
    key = (name, found.st_size, found.st_mtime_ns, found.st_ino)
    known = _SEEN.get(key)
    if known is None:
        stamp = hashlib.sha256(repr(key).encode("utf-8", "surrogatepass")).hexdigest()
        known = _recalled(cache.get("media", stamp)) if cache else None
        if known is None:
            known = _inspect(name, found.st_size)
            if cache and not isinstance(known, MediaFault):
                cache.put("media", stamp, asdict(known))
        _SEEN[key] = known
    return known


def _recalled(value: Any) -> Picture | Video | None:
    if film := recalled(value):
        return film
    try:
        return Picture(**value) if isinstance(value, dict) else None
    except TypeError:
        return None


def _inspect(path: str, size: int) -> Picture | Video | MediaFault:
    name = path.rpartition("/")[2]
    if size == 0:
        return MediaFault("media-size", f"{name} is empty.", "Export it again.")
    if size > VIDEO_BYTES:
        hint = "Export it smaller: fewer pixels, or a lower bit rate."
        return MediaFault("media-size", f"{name} is larger than 512 MB.", hint)
    start = _begins(path, 512)
    if mime := mime_of(start):
        return _film(path, mime, size)
    unfit = _unfit(start, name)
    if unfit:
        return unfit
    if size > PICTURE_BYTES:
        return MediaFault("media-size", f"{name} is larger than 64 MB.", "Export it smaller.")
    try:
        with open(path, "rb") as file:  # noqa: PTH123
            data = file.read(PICTURE_BYTES + 1)
    except OSError as fault:
        return MediaFault("media-missing", f"{name} cannot be read: {fault.strerror}.", "Check its permissions.")
    return _picture(data, name)


def _film(path: str, mime: str, size: int) -> Video | MediaFault:
    name = path.rpartition("/")[2]
    try:
        return probe(Path(path), mime, size)
    except Broken as fault:
        return MediaFault("video-broken", f"{name} {fault}.", fault.hint)
    except OSError as fault:
        return MediaFault("media-missing", f"{name} cannot be read: {fault.strerror}.", "Check its permissions.")


def _unfit(start: bytes, name: str) -> MediaFault | None:
    """Recognise what is no picture that networks take; None: it may be one."""
    hint = "Export it as JPEG or PNG."
    if start[4:8] == b"ftyp":
        return MediaFault("img-type", f"{name} is a HEIC or AVIF picture.", hint)
    head = start.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith((b"<svg", b"<?xml", b"<!doctype", b"<html", b"<!--")):
        return MediaFault("img-type", f"{name} is a drawing (SVG) or a page; networks take neither.", hint)
    known = start.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a")) or (
        start[:4] == b"RIFF" and start[8:12] == b"WEBP"
    )
    if known:
        return None
    if name.casefold().endswith(_SUFFIXES):
        return MediaFault("img-broken", f"{name} is not the picture its name says.", "Export it again.")
    return MediaFault("img-type", f"{name} is neither a picture nor a video that can be used.", hint)


def _picture(data: bytes, name: str) -> Picture | MediaFault:
    import io
    import warnings

    from PIL import Image

    broken = MediaFault("img-broken", f"{name} is damaged or cut off.", "Export it again.")
    frames = 1
    if data.startswith(b"GIF"):
        frames = _gif_frames(data)
        if frames > FRAMES:
            return MediaFault("img-frames", f"{name} has more than {FRAMES} frames.", "Make it shorter.")
    if frames == 0 or not _whole(data):
        return broken
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with Image.open(io.BytesIO(data), formats=("JPEG", "PNG", "WEBP", "GIF")) as image:
                width, height, kind = image.width, image.height, image.format or ""
                if width * height > PIXELS:
                    return _too_many_pixels(name)
                if kind in ("WEBP", "PNG"):
                    frames = int(getattr(image, "n_frames", 1))
                described = bool(
                    {"exif", "xmp", "XML:com.adobe.xmp", "comment", "photoshop"} & set(image.info)
                ) or bool(getattr(image, "text", None))
                warnings.simplefilter("ignore")
                orientation = image.getexif().get(0x0112, 1)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        return _too_many_pixels(name)
    except Exception as fault:
        # Decoders of foreign bytes raise anything at all; whatever it is, the file is broken.
        if "text" in str(fault).casefold():
            return MediaFault(
                "img-broken", f"{name} carries more than 1 MB of hidden text.", "Export it without metadata."
            )
        return broken
    if kind not in _FORMATS or width < 1 or height < 1:
        return broken
    return Picture(
        mime=_FORMATS[kind],
        width=width,
        height=height,
        size=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        frames=frames,
        has_metadata=described,
        orientation=orientation if isinstance(orientation, int) and 1 <= orientation <= 8 else 1,
    )


def _too_many_pixels(name: str) -> MediaFault:
    return MediaFault(
        "img-pixels", f"{name} has more than 40 million pixels.", "Export it smaller; 4096 on a side is plenty."
    )


def _whole(data: bytes) -> bool:
    """Tell whether a picture file reaches its end, without decoding it."""
    if data.startswith(b"\xff\xd8"):
        # Inside the coded picture a marker cannot occur by chance: an end after the last start is the real one.
        return data.rfind(b"\xff\xd9") > data.rfind(b"\xff\xda") > 0
    if data.startswith(b"RIFF"):
        return len(data) >= int.from_bytes(data[4:8], "little") + 8
    if data.startswith(b"\x89PNG"):
        return _png_whole(data)
    return True


def _png_whole(data: bytes) -> bool:
    at = 8
    while at + 12 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        end = at + 12 + length
        if end > len(data) or zlib.crc32(data[at + 4 : end - 4]) != int.from_bytes(data[end - 4 : end], "big"):
            return False
        if data[at + 4 : at + 8] == b"IEND":
            return True
        at = end
    return False


def _gif_frames(data: bytes) -> int:
    """Count the frames of a GIF from its blocks; 0 when it is cut off. Stops just above the most we take."""
    if len(data) < 13:
        return 0
    at = 13 + (3 << ((data[10] & 7) + 1) if data[10] & 0x80 else 0)
    frames = 0
    while at < len(data) and frames <= FRAMES:
        kind = data[at]
        if kind == 0x3B:
            return frames
        if kind == 0x2C:
            if at + 10 > len(data):
                return 0
            frames += 1
            at += 11 + (3 << ((data[at + 9] & 7) + 1) if data[at + 9] & 0x80 else 0)
        elif kind == 0x21:
            at += 2
        else:
            return 0
        while at < len(data) and data[at]:
            at += data[at] + 1
        at += 1
    return frames if frames > FRAMES else 0
