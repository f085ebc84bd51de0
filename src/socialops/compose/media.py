"""Pictures and videos: what is attached to a part, and the bytes that really go out.

Every still picture is made anew: turned upright, in sRGB, without EXIF (where it was taken, with what), XMP, IPTC,
colour profiles, comments and text chunks, no larger than the network takes. The same file gives the same bytes. An
animated GIF cannot be made anew without harm: it goes out frame for frame, without its comments, where the network
takes GIFs and it fits as it is; other animations are refused. A video goes out byte for byte: what does not fit is
told by `check`, and put right by whoever exports it.
"""

from __future__ import annotations

import hashlib
import io
import math
import warnings
from typing import TYPE_CHECKING, Any

from socialops.compose.limits import limits_of
from socialops.errors import Rejected
from socialops.networks.draft import Attachment, Fit, Upload

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PIL.Image import Image

    from socialops.content.channel import Channel
    from socialops.content.load import Content
    from socialops.content.media import MediaFault
    from socialops.content.post import MediaReference
    from socialops.networks.base import Limits
    from socialops.workspace import Workspace

FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP", "image/gif": "GIF"}
"""The pictures we read, by content; nothing else is ever decoded."""
MOST_PIXELS = 40_000_000
"""Width times height; a larger picture is refused before it is decoded."""
QUALITIES = (92, 88, 84, 80, 75, 70, 64, 58, 50)
"""JPEG qualities, tried in turn until the bytes fit; below the last, the picture is made smaller instead."""

_NO_LIMIT = 1 << 40


def fit_of(limits: Limits) -> Fit:
    """Return what a picture is made to fit under *limits*; a network that states no limit takes any size."""

    def number(name: str) -> int:
        return limits.number(name) if limits.has(name) else _NO_LIMIT

    types = limits.texts("image_types") if limits.has("image_types") else ("image/jpeg", "image/png")
    return Fit(number("image_bytes"), number("image_pixels"), number("image_side"), types)


def fit_of_video(limits: Limits) -> Fit:
    """Return what a video must be by itself under *limits*: its bytes and types; nothing is done to make it so."""
    most = limits.number("video_bytes") if limits.has("video_bytes") else _NO_LIMIT
    types = limits.texts("video_types") if limits.has("video_types") else ()
    return Fit(most, _NO_LIMIT, _NO_LIMIT, types)


def is_video(attachment: Attachment | Upload) -> bool:
    """Tell a video from a picture."""
    return attachment.mime.startswith("video/")


def attached(
    content: Content, post_path: str, media: Sequence[MediaReference], parts: int, channel: Channel
) -> tuple[list[tuple[Attachment, ...]], tuple[tuple[int, MediaFault], ...]]:
    """Return the attachments of each part, and the references that cannot be used with their fault."""
    seen = content.seen
    fit = seen.get(channel.name)
    if fit is None:
        fit = seen[channel.name] = fit_of(limits_of(channel))
    found: list[list[Attachment]] = [[] for _ in range(parts)]
    faults: list[tuple[int, MediaFault]] = []
    for index, reference in enumerate(media):
        path, picture, fault = look_at(content, post_path, reference.file)
        if fault is not None:
            faults.append((index, fault))
            continue
        # A part that does not exist is reported by `check`; the picture is shown on the last one meanwhile.
        part = min(max(reference.part, 1), parts) - 1
        moves = picture.mime.startswith("video/")
        found[part].append(
            Attachment(
                path,
                reference.alt,
                picture.mime,
                picture.width,
                picture.height,
                picture.size,
                picture.sha256,
                fit_of_video(limits_of(channel)) if moves else fit,
                reference.focus,
                picture.seconds if moves else 0.0,
            )
        )
    return [tuple(attachments) for attachments in found], tuple(faults)


def look_at(content: Content, post_path: str, file: str) -> tuple[str, Any, MediaFault | None]:
    """Return a file's workspace-relative path and what it is (a `Picture` or `Video`), or what is wrong with it.

    *file* is as a post's reference says it. Each file is looked at once for a content.
    """
    # Several channels get the same picture, and several posts may.
    key = ("", file) if file[:1] == "/" else (post_path.rpartition("/")[0], file)
    known = content.seen.get(key)
    if known is None:
        known = content.seen[key] = _looked_at(content, post_path, file)
    found: tuple[str, Any, MediaFault | None] = known
    return found


def _looked_at(content: Content, post_path: str, file: str) -> tuple[str, Any, MediaFault | None]:
    from socialops.content.media import MediaFault, inspect_media, resolve

    workspace = content.workspace
    path = resolve(workspace, post_path, file)
    if isinstance(path, MediaFault):
        return "", None, path
    picture = inspect_media(path, cache=content.cache)
    if isinstance(picture, MediaFault):
        return "", None, picture
    return str(path)[len(str(workspace.root)) + 1 :], picture, None


def scaled(width: int, height: int, fit: Fit) -> tuple[int, int]:
    """Return the size a picture of *width* × *height* gets to keep within the longest side and the pixels of *fit*."""
    factor = min(1.0, fit.side / max(width, height), math.sqrt(fit.pixels / (width * height)))
    if factor == 1.0:
        return width, height
    return max(1, int(width * factor)), max(1, int(height * factor))


def expected_changes(attachment: Attachment) -> tuple[str, ...]:
    """Say, from the facts alone, how the picture that goes out will visibly differ from the file."""
    fit = attachment.fit
    changes: list[str] = []
    if is_video(attachment):
        return ()
    width, height = scaled(attachment.width, attachment.height, fit)
    if (width, height) != (attachment.width, attachment.height):
        changes.append(f"resized from {attachment.width} × {attachment.height} to {width} × {height}")
    elif attachment.size > fit.bytes:
        changes.append(f"made smaller than {_bytes(fit.bytes)} (it has {_bytes(attachment.size)})")
    if attachment.mime not in fit.types:
        png = attachment.mime in ("image/png", "image/gif") and "image/png" in fit.types
        changes.append(f"saved as {'PNG' if png else 'JPEG'}")
    return tuple(changes)


def fit_media(workspace: Workspace, attachment: Attachment) -> Upload:
    """Make the bytes that go out for *attachment*: a picture made to fit, a video as it is. Raises Rejected."""
    return _as_it_is(workspace, attachment) if is_video(attachment) else fit_picture(workspace, attachment)


def _as_it_is(workspace: Workspace, attachment: Attachment) -> Upload:
    data = _bytes_of(workspace, attachment, "video")
    return Upload(
        data,
        attachment.mime,
        attachment.width,
        attachment.height,
        attachment.alt,
        attachment.sha256,
        attachment.focus,
        seconds=attachment.seconds,
    )


def _bytes_of(workspace: Workspace, attachment: Attachment, what: str) -> bytes:
    name = attachment.file
    try:
        data = (workspace.root / name).read_bytes()
    except OSError as error:
        raise Rejected(f"{name} cannot be read.", hint="Put the file back, or take it out of the post.") from error
    if hashlib.sha256(data).hexdigest() != attachment.sha256:
        raise Rejected(f"{name} is not the {what} that was checked.", hint="Run `socialops check` again.")
    return data


def fit_picture(workspace: Workspace, attachment: Attachment) -> Upload:
    """Make the bytes that go out for *attachment*, and say what was done to get them.

    Raises Rejected when the file is no longer the one the draft was made from, or cannot be made to fit.
    """
    from PIL import Image, ImageOps

    name = attachment.file
    data = _bytes_of(workspace, attachment, "picture")
    try:
        # Pillow's warnings (odd EXIF, palettes) say nothing a person could act on: the picture is made anew.
        with (
            warnings.catch_warnings(action="ignore"),
            Image.open(io.BytesIO(data), formats=tuple(FORMATS.values())) as image,
        ):
            _refuse_bomb(image, name)
            mime = "image/jpeg" if image.format == "MPO" else Image.MIME.get(image.format or "", attachment.mime)
            # An MPO is a photograph with further views of itself; the first is the photograph.
            if image.format != "MPO" and getattr(image, "n_frames", 1) > 1:
                return _animation(attachment, data, mime, (image.width, image.height))
            changes: list[str] = []
            private = bool({"exif", "xmp", "XML:com.adobe.xmp", "comment", "photoshop"} & set(image.info)) or bool(
                getattr(image, "text", None)
            )
            image.load()
            upright = ImageOps.exif_transpose(image)
            if image.getexif().get(0x0112, 1) != 1:
                changes.append("turned upright")
            clean = plain_colours(upright, changes)
    except Rejected:
        raise
    except (OSError, SyntaxError, ValueError, MemoryError, Image.DecompressionBombError) as error:
        raise Rejected(f"{name} cannot be read as a picture: {error}.", hint="Export it again.") from error
    if private:
        changes.append("metadata removed")
    return _encoded(attachment, clean, mime, changes)


def _refuse_bomb(image: Image, name: str) -> None:
    if image.width * image.height > MOST_PIXELS:
        raise Rejected(f"{name} has too many pixels.", hint="Export it smaller.")


def plain_colours(image: Image, changes: list[str]) -> Image:
    """Return the picture in sRGB as L, RGB or RGBA, with nothing but its pixels."""
    from PIL import ImageCms

    profile = image.info.get("icc_profile")
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            target = ImageCms.createProfile("sRGB")
            alpha = image.getchannel("A") if image.mode in ("RGBA", "LA") else None
            base = image.convert("RGB") if image.mode in ("RGBA", "P") else image
            base = base.convert("L") if image.mode == "LA" else base
            turned = ImageCms.profileToProfile(base, source, target, outputMode="RGB")
            if turned is not None:
                if alpha is not None:
                    turned.putalpha(alpha)
                name = ImageCms.getProfileDescription(source).strip()
                if not name.startswith("sRGB"):
                    changes.append("colours converted to sRGB")
                image = turned
        except (ImageCms.PyCMSError, OSError):
            # A broken or unfit profile: the colours are taken as sRGB, as a browser does.
            pass
    if image.mode in ("I", "I;16", "I;16B", "I;16L", "F"):
        # 16 bits of grey: Pillow's own conversion cuts off instead of scaling.
        image = image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    transparent = "transparency" in image.info or image.mode in ("RGBA", "LA", "PA", "RGBa", "La")
    if image.mode not in ("L", "RGB", "RGBA") or transparent:
        image = image.convert("RGBA" if transparent else "L" if image.mode == "1" else "RGB")
    if image.mode == "RGBA" and image.getchannel("A").getextrema() == (255, 255):
        image = image.convert("RGB")
    image = image.copy()
    image.info = {}
    return image


def _encoded(attachment: Attachment, image: Image, mime: str, changes: list[str]) -> Upload:
    from PIL import Image as Images

    fit = attachment.fit
    size = scaled(image.width, image.height, fit)
    keep_png = mime != "image/jpeg" and "image/png" in fit.types and (mime != "image/webp" or image.mode == "RGBA")
    for _ in range(24):
        small = image if size == image.size else image.resize(size, Images.Resampling.LANCZOS)
        candidates: list[int] = [0, *QUALITIES] if keep_png else [*QUALITIES]
        for quality in candidates:
            data = _png(small) if quality == 0 else _jpeg(small, quality)
            if len(data) > fit.bytes:
                continue
            if size != image.size:
                changes.append(f"resized to {size[0]} × {size[1]}")
            kind = "image/png" if quality == 0 else "image/jpeg"
            if kind != mime:
                changes.append(f"saved as {FORMATS[kind]}")
            if quality and quality < QUALITIES[0]:
                changes.append(f"quality lowered to {quality} to fit {_bytes(fit.bytes)}")
            return _upload(attachment, data, kind, size, changes)
        if size == (1, 1):
            break
        size = (max(1, size[0] * 4 // 5), max(1, size[1] * 4 // 5))
    raise Rejected(
        f"{attachment.file} cannot be made smaller than {_bytes(fit.bytes)}.", hint="Export it smaller, as JPEG."
    )


def _png(image: Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def _jpeg(image: Image, quality: int) -> bytes:
    from PIL import Image as Images

    if image.mode == "RGBA":
        ground = Images.new("RGB", image.size, (255, 255, 255))
        ground.paste(image, mask=image.getchannel("A"))
        image = ground
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality, subsampling=0 if quality >= QUALITIES[2] else 2)
    return buffer.getvalue()


def _animation(attachment: Attachment, data: bytes, mime: str, size: tuple[int, int]) -> Upload:
    fit = attachment.fit
    hint = "Use a still picture, or leave this channel out."
    if mime != "image/gif" or mime not in fit.types:
        raise Rejected(f"{attachment.file} is animated, which this network does not take as a picture.", hint=hint)
    clean = without_comments(data)
    if len(clean) > fit.bytes or scaled(*size, fit) != size:
        raise Rejected(f"{attachment.file} is an animated GIF that is too large; it cannot be made smaller.", hint=hint)
    changes = ["metadata removed"] if clean != data else []
    return _upload(attachment, clean, mime, size, changes)


def without_comments(gif: bytes) -> bytes:
    """Return a GIF without its comment, plain text and application blocks, but for the one that says it loops.

    The blocks are those of the GIF89a specification, sections 12 to 26. Raises Rejected when the file breaks off.
    """
    try:
        return _cut_gif(gif)
    except IndexError as error:
        raise Rejected("The GIF breaks off before its end.", hint="Export it again.") from error


def _cut_gif(gif: bytes) -> bytes:
    def colours(flags: int) -> int:
        return 3 << ((flags & 7) + 1) if flags & 0x80 else 0

    position = 13 + colours(gif[10])
    kept = [gif[:position]]
    while gif[position] != 0x3B:
        start = position
        if gif[position] == 0x21:
            label = gif[position + 1]
            position += 2
        elif gif[position] == 0x2C:
            label = -1
            position += 10 + colours(gif[position + 9]) + 1
        else:
            raise IndexError(position)
        first = position
        while gif[position]:
            position += gif[position] + 1
        position += 1
        if label in (-1, 0xF9) or (label == 0xFF and gif[first + 1 : first + 12] in (b"NETSCAPE2.0", b"ANIMEXTS1.0")):
            kept.append(gif[start:position])
    return b"".join(kept) + b"\x3b"


def _upload(attachment: Attachment, data: bytes, mime: str, size: tuple[int, int], changes: Sequence[str]) -> Upload:
    return Upload(
        data,
        mime,
        *size,
        attachment.alt,
        hashlib.sha256(data).hexdigest(),
        attachment.focus,
        tuple(changes),
    )


def _bytes(count: int) -> str:
    return f"{count:,} bytes"
