"""Videos: what a file really holds, found out without trusting it.

The container's own order (ISO 14496-12: boxes) is walked here: whether the file reaches its end, whether it can be
played while it arrives (`moov` before `mdat`), and whether it asks for other files. The rest (codecs, sizes, length) is
told by MediaInfo, a C++ library that reads bytes from strangers: so it runs in a process of its own, sees nothing but
the open file, and is ended when it takes too long or too much.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SECONDS = 30
"""How long the look at one video may take. Ours: a film of an hour takes less than a second."""
MEMORY = 1 << 30
"""How many bytes of memory that process may have. Ours."""
BOXES = 100_000
"""The most boxes (parts) of an MP4. Ours: a film in pieces of a second has two each."""
MOOV_BYTES = 64 * 1024 * 1024
"""The largest index (`moov`) of an MP4. Ours: an hour has one of about 2 MB."""

VIDEO_SUFFIXES = (".mp4", ".mov", ".webm", ".m4v")
"""How the names of videos end, for what is told before a file is looked at."""
CODECS = {"AVC": "h264", "HEVC": "h265", "VP9": "vp9", "VP8": "vp8", "AV1": "av1"}
"""MediaInfo's names → the ones that `networks/limits/` and people use; others are written small."""

_LOOK = """
import json, sys
sys.path[:0] = [sys.argv[1]]
try:
    import resource
    resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[2]),) * 2)
    resource.setrlimit(resource.RLIMIT_CPU, (int(sys.argv[3]),) * 2)
except (ImportError, OSError, ValueError):
    pass
from pymediainfo import MediaInfo
found = MediaInfo.parse(sys.stdin.buffer)
wanted = ("track_type", "format", "format_profile", "width", "height", "rotation", "frame_rate", "duration",
          "overall_bit_rate", "channel_s", "sampling_rate", "istruncated", "pixel_aspect_ratio")
tracks = [{name: track.to_data().get(name) for name in wanted} for track in found.tracks[:64]]
sys.stdout.write(json.dumps(tracks, default=str))
"""


class Broken(ValueError):
    """A file that is no whole video; the text says why, as the end of a sentence, and *hint* what to do."""

    def __init__(self, why: str, hint: str = "Export the video again, and look at it before it is added.") -> None:
        super().__init__(why)
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Video:
    """What a video file is.

    *width* and *height* are pixels as they are shown, after a quarter turn; *seconds* is its length, *frame_rate*
    frames a second, *bit_rate* bits a second over all. *codec* and *audio* are `h264`, `aac`, …, and *audio* is empty
    where there is no sound. *streams* tells whether it can be played while it arrives.
    """

    mime: str
    size: int
    sha256: str
    width: int
    height: int
    seconds: float
    codec: str
    profile: str = ""
    frame_rate: float = 0.0
    bit_rate: int = 0
    audio: str = ""
    channels: int = 0
    sample_rate: int = 0
    streams: bool = True


def mime_of(start: bytes) -> str:
    """Tell which kind of video the first bytes of a file announce; an empty text: none."""
    if start[4:8] == b"ftyp" and start[8:12] not in _STILL_BRANDS:
        return "video/quicktime" if start[8:12] == b"qt  " else "video/mp4"
    if start[:4] == b"\x1a\x45\xdf\xa3":
        # A Matroska file says which of its kinds it is (RFC 8794: DocType) within its first element.
        return "video/webm" if b"webm" in start[:64] else "video/x-matroska"
    if start[:4] == b"RIFF" and start[8:12] == b"AVI ":
        return "video/x-msvideo"
    return ""


_STILL_BRANDS = (b"avif", b"avis", b"heic", b"heix", b"mif1", b"msf1", b"heim", b"heis")


def probe(path: Path, mime: str, size: int) -> Video:
    """Look at a whole video file of *size* bytes, which its first bytes call *mime*.

    Raises Broken when it is damaged, cut off or no video at all, and OSError when it cannot be read.
    """
    streams = _walked(path, size) if mime in ("video/mp4", "video/quicktime") else True
    tracks = _looked_at(path)
    general = next((track for track in tracks if track.get("track_type") == "General"), {})
    films = [track for track in tracks if track.get("track_type") == "Video"]
    sounds = [track for track in tracks if track.get("track_type") == "Audio"]
    if not films:
        raise Broken("holds no pictures")
    if str(general.get("istruncated")).casefold() == "yes":
        raise Broken("is cut off")
    film, sound = films[0], sounds[0] if sounds else {}
    width, height = _whole(film.get("width")), _whole(film.get("height"))
    seconds = _number(general.get("duration")) / 1000 or _number(film.get("duration")) / 1000
    if not (0 < width < 100_000 and 0 < height < 100_000) or not 0 < seconds < 1_000_000:
        raise Broken("does not say how large or how long it is")
    if round(_number(film.get("rotation"))) % 180 == 90:
        width, height = height, width
    return Video(
        mime,
        size,
        _sha256(path),
        width,
        height,
        round(seconds, 3),
        _codec(film),
        str(film.get("format_profile") or "")[:40],
        round(_number(film.get("frame_rate")), 3),
        _whole(general.get("overall_bit_rate")),
        _codec(sound),
        _whole(sound.get("channel_s")),
        _whole(sound.get("sampling_rate")),
        streams,
    )


def recalled(value: Any) -> Video | None:
    """Make a video again of what the cache kept; None for anything else."""
    try:
        return Video(**value) if isinstance(value, dict) else None
    except TypeError:
        return None


def length_of(seconds: float) -> str:
    """Write a length as people read it: `0:25`, `1:02:03`, and `2.4 s` below ten seconds."""
    if seconds < 10:
        return f"{seconds:.1f} s".replace(".0 s", " s")
    whole = round(seconds)
    hours, minutes = whole // 3600, whole // 60 % 60
    return f"{hours}:{minutes:02}:{whole % 60:02}" if hours else f"{minutes}:{whole % 60:02}"


def size_of(count: float) -> str:
    """Write a number of bytes as people read it: `11 kB`, `4.2 MB`."""
    return f"{count / 1e6:,.1f} MB" if count >= 1e6 else f"{max(1, round(count / 1e3))} kB"


def _codec(track: Mapping[str, Any]) -> str:
    name = str(track.get("format") or "")
    return CODECS.get(name, "".join(sign for sign in name.casefold() if sign.isascii() and sign.isprintable())[:20])


def _number(value: object) -> float:
    try:
        found = float(str(value))
    except ValueError:
        return 0.0
    return found if 0 <= found < 1e15 else 0.0


def _whole(value: object) -> int:
    return int(_number(value))


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _looked_at(path: Path) -> list[Mapping[str, Any]]:
    """Return what MediaInfo says of each track, from a process that can neither hang nor crash ours."""
    import subprocess
    from importlib.util import find_spec

    spec = find_spec("pymediainfo")
    home = str(Path(spec.origin).parent.parent) if spec and spec.origin else ""
    command = [sys.executable, "-I", "-c", _LOOK, home, str(MEMORY), str(SECONDS)]
    with path.open("rb") as file:
        try:
            done = subprocess.run(  # noqa: S603 - our own interpreter, and arguments that nobody outside writes
                command, stdin=file, capture_output=True, check=False, timeout=SECONDS, env=_environment()
            )
        except subprocess.TimeoutExpired:
            raise Broken("takes too long to look at") from None
    try:
        tracks = json.loads(done.stdout) if done.returncode == 0 else None
    except ValueError:
        tracks = None
    if not isinstance(tracks, list):
        if b"ModuleNotFoundError" in done.stderr or b"Failed to load library" in done.stderr:
            hint = "Run `pip install --force-reinstall pymediainfo`, or install your system's package libmediainfo."
            raise Broken("cannot be looked at, for MediaInfo is not installed here", hint)
        raise Broken("cannot be read")
    return [track for track in tracks if isinstance(track, dict)]


def _environment() -> dict[str, str]:
    """Return what Windows needs to start a process; nothing else of ours is to be seen there, least of all secrets."""
    return {"SYSTEMROOT": os.environ["SYSTEMROOT"]} if "SYSTEMROOT" in os.environ else {}


def _walked(path: Path, size: int) -> bool:
    """Walk over the boxes of an MP4; return whether its index comes first. Raises Broken."""
    at = 0
    seen: list[bytes] = []
    with path.open("rb") as file:
        while at < size:
            file.seek(at)
            head = file.read(16)
            length, kind = int.from_bytes(head[:4], "big"), head[4:8]
            if length == 1:
                length = int.from_bytes(head[8:16], "big")
            elif length == 0:
                length = size - at
            if length < 8 or len(head) < 8 or not kind.isascii():
                raise Broken("holds bytes that belong to no video")
            if at + length > size:
                raise Broken("is cut off" if b"moov" not in seen else "is cut off, or has something behind its end")
            if kind == b"moov":
                if length > MOOV_BYTES:
                    raise Broken("has an index of more than 64 MB")
                file.seek(at)
                _refuse_references(file.read(length))
            seen.append(kind)
            if len(seen) > BOXES:
                raise Broken("has more parts than any video")
            at += length
    if b"moov" not in seen:
        raise Broken("has no index: the recording or the export was not finished")
    if b"mdat" not in seen:
        raise Broken("holds no pictures")
    return seen.index(b"moov") < seen.index(b"mdat")


def _refuse_references(moov: bytes, start: int = 8, end: int | None = None) -> None:
    """Refuse a film whose pictures lie in other files, or on the web.

    A `dref` (ISO 14496-12, 8.7.2) names them unless an entry's flag says that they are in this very file; `rmra` is
    QuickTime's list of other films.
    """
    for kind, begin, stop in _boxes(moov, start, len(moov) if end is None else end):
        if kind in (b"trak", b"mdia", b"minf", b"dinf"):
            _refuse_references(moov, begin, stop)
        elif kind == b"rmra" or (
            kind == b"dref"
            and any(not moov[entry + 3] & 1 for _, entry, past in _boxes(moov, begin + 8, stop) if entry + 4 <= past)
        ):
            raise Broken("takes its pictures from other files")


def _boxes(data: bytes, at: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Give each box between two places: its kind, and where its content begins and ends."""
    while at + 8 <= end:
        length = int.from_bytes(data[at : at + 4], "big")
        if not 8 <= length <= end - at:
            return
        yield data[at + 4 : at + 8], at + 8, at + length
        at += length
