"""Pictures and videos as they arrive: what they are, by their content alone."""

from __future__ import annotations

PICTURE_TYPES = ("image/jpeg", "image/png", "image/gif", "image/webp")
"""Which pictures the sandbox takes."""
VIDEO_TYPE = "video/mp4"
"""Which videos it takes."""

_FRAME_MARKS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""JPEG markers that carry the picture's size (ITU-T T.81, table B.1)."""


def measure_picture(data: bytes) -> tuple[str, int, int] | None:
    """Return (MIME type, width, height) in pixels; None when *data* is no picture of PICTURE_TYPES.

    Only the header is read, so that a picture of any size costs the same.
    """
    found: tuple[str, int, int] | None = None
    if data[:8] == b"\x89PNG\r\n\x1a\n" and data[12:16] == b"IHDR" and len(data) >= 24:
        found = ("image/png", int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big"))
    elif data[:6] in {b"GIF87a", b"GIF89a"} and len(data) >= 10:
        found = ("image/gif", int.from_bytes(data[6:8], "little"), int.from_bytes(data[8:10], "little"))
    elif data[:4] == b"RIFF" and data[8:12] == b"WEBP" and len(data) >= 30:
        found = _webp(data)
    elif data[:3] == b"\xff\xd8\xff":
        found = _jpeg(data)
    return found if found and found[1] and found[2] else None


def measure_video(data: bytes) -> tuple[str, int, int] | None:
    """Return (MIME type, width, height) of an MP4, upright or not; None when *data* is none.

    The size is the end of the first track header that has one (ISO 14496-12, 8.3.2: `tkhd`).
    """
    if data[4:8] != b"ftyp":
        return None
    at = data.find(b"tkhd")
    while at >= 4:
        end = at - 4 + int.from_bytes(data[at - 4 : at], "big")
        width, height = (int.from_bytes(data[end - gap : end - gap + 2], "big") for gap in (8, 4))
        if width and height:
            return VIDEO_TYPE, width, height
        at = data.find(b"tkhd", at + 4)
    return None


def _webp(data: bytes) -> tuple[str, int, int] | None:
    kind = data[12:16]
    if kind == b"VP8X":
        width, height = int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1
    elif kind == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        width, height = (bits & 0x3FFF) + 1, ((bits >> 14) & 0x3FFF) + 1
    elif kind == b"VP8 ":
        width = int.from_bytes(data[26:28], "little") & 0x3FFF
        height = int.from_bytes(data[28:30], "little") & 0x3FFF
    else:
        return None
    return "image/webp", width, height


def _jpeg(data: bytes) -> tuple[str, int, int] | None:
    place = 2
    while place + 9 <= len(data):
        if data[place] != 0xFF:
            return None
        mark = data[place + 1]
        if mark == 0xFF:  # a fill byte
            place += 1
        elif mark in _FRAME_MARKS:
            height, width = (
                int.from_bytes(data[place + 5 : place + 7], "big"),
                int.from_bytes(data[place + 7 : place + 9], "big"),
            )
            return "image/jpeg", width, height
        elif mark == 0x01 or 0xD0 <= mark <= 0xD8:
            place += 2
        else:
            place += 2 + int.from_bytes(data[place + 2 : place + 4], "big")
    return None
