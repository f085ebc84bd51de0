"""What a video is, found out without trusting it."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from builder import workspace
from socialops.content import video
from socialops.content.cache import Cache
from socialops.content.media import MediaFault, inspect_media, resolve
from socialops.content.video import Video, length_of, mime_of

CLIPS = Path(__file__).parent.parent / "clips"
UPRIGHT = (CLIPS / "upright.mp4").read_bytes()


def look(name: str) -> Video:
    found = inspect_media(CLIPS / name)
    assert isinstance(found, Video), found
    return found


def fault_of(folder: Path, data: bytes, name: str = "x.mp4") -> MediaFault:
    (folder / name).write_bytes(data)
    found = inspect_media(folder / name)
    assert isinstance(found, MediaFault), found
    return found


@pytest.mark.parametrize(
    ("name", "size", "seconds", "codec", "audio", "streams"),
    [
        ("upright.mp4", (540, 960), 4.0, "h264", "aac", True),
        ("silent.mp4", (540, 960), 4.0, "h264", "", True),
        ("tail.mp4", (540, 960), 4.0, "h264", "aac", False),
        ("long.mp4", (320, 320), 150.0, "h264", "", True),
        ("wide.mp4", (960, 160), 4.0, "h264", "aac", True),
        ("hevc.mp4", (540, 960), 4.0, "h265", "aac", True),
        ("vp9.webm", (540, 960), 4.008, "vp9", "opus", True),
        ("landscape.mp4", (960, 540), 4.0, "h264", "", True),
        ("turned.mp4", (540, 960), 4.0, "h264", "", True),
    ],
)
def test_a_video_is_told_by_its_content(
    name: str, size: tuple[int, int], seconds: float, codec: str, audio: str, streams: bool
) -> None:
    found = look(name)
    shown = (found.width, found.height)
    assert (shown, found.seconds, found.codec, found.audio, found.streams) == (size, seconds, codec, audio, streams)


def test_everything_is_told_of_a_good_one() -> None:
    found = look("upright.mp4")
    assert (found.mime, found.size, found.profile) == ("video/mp4", len(UPRIGHT), "High@L4")
    assert (found.frame_rate, found.bit_rate) == (24.0, 21710)
    assert (found.channels, found.sample_rate) == (1, 48000)
    assert found.sha256 == "0a50ba4a0f41a1d949ae11f18b4f2b93101e641625c2a19d79023c54ec478318"


def box(kind: bytes, content: bytes) -> bytes:
    return (len(content) + 8).to_bytes(4, "big") + kind + content


def elsewhere() -> bytes:
    entry = box(b"url ", b"\0\0\0\0http://169.254.169.254/latest\0")
    reference = box(b"dref", b"\0\0\0\0\0\0\0\1" + entry)
    tracks = box(b"trak", box(b"mdia", box(b"minf", box(b"dinf", reference))))
    return UPRIGHT[:32] + box(b"moov", tracks) + box(b"mdat", b"")


HOSTILE = {
    "cut off": (UPRIGHT[:-2000], "is cut off"),
    "only its beginning": (UPRIGHT[:300], "is cut off"),
    "no index": (b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom", "has no index"),
    "an archive behind it": (UPRIGHT + b"PK\3\4 a program", "has something behind its end"),
    "a page behind it": (UPRIGHT + b"<script>alert(1)</script>", "has something behind its end"),
    "nothing inside": (UPRIGHT[:3000] + bytes(len(UPRIGHT) - 3000), "holds no pictures"),
    "pictures on the web": (elsewhere(), "takes its pictures from other files"),
    "a list of other films": (UPRIGHT[:32] + box(b"moov", box(b"rmra", b"")) + box(b"mdat", b""), "from other files"),
    "endless boxes": (UPRIGHT[:32] + box(b"free", b"") * 100_001, "more parts than any video"),
    "a box of no length": (UPRIGHT[:32] + b"\0\0\0\2moov", "belong to no video"),
    "half a WebM": ((CLIPS / "vp9.webm").read_bytes()[:5000], "is cut off"),
    "a WebM of nothing": (b"\x1a\x45\xdf\xa3" + b"webm" * 20, "holds no pictures"),
    "an AVI of nothing": (b"RIFF\x10\0\0\0AVI LIST", "holds no pictures"),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_file_is_one_clear_fault(tmp_path: Path, what: str) -> None:
    data, words = HOSTILE[what]
    fault = fault_of(tmp_path, data)
    assert fault.id == "video-broken"
    assert fault.message.startswith("x.mp4 ")
    assert words in fault.message


def test_an_empty_file_is_said_to_be_empty(tmp_path: Path) -> None:
    assert fault_of(tmp_path, b"").id == "media-size"


def test_a_video_that_takes_too_long_to_look_at_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(video, "_LOOK", "while True: pass")
    monkeypatch.setattr(video, "SECONDS", 0.2)
    began = time.monotonic()
    assert "takes too long" in fault_of(tmp_path, UPRIGHT).message
    assert time.monotonic() - began < 10


@pytest.mark.parametrize("code", ["import os; os.abort()", "print('no JSON')", "raise SystemExit(3)", "print(1)"])
def test_a_look_that_breaks_off_is_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    monkeypatch.setattr(video, "_LOOK", code)
    assert "cannot be read" in fault_of(tmp_path, UPRIGHT).message


def test_a_missing_library_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(video, "_LOOK", "import pymediainfo_that_is_not_here")
    fault = fault_of(tmp_path, UPRIGHT)
    assert "MediaInfo is not installed" in fault.message
    assert "pip install" in fault.hint


def test_the_look_sees_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOCIALOPS_X_TOKEN", "s3cret")
    monkeypatch.setattr(video, "_LOOK", "import os, sys; sys.exit('SOCIALOPS_X_TOKEN' in os.environ)")
    assert "cannot be read" in fault_of(tmp_path, UPRIGHT).message
    monkeypatch.setattr(
        video, "_LOOK", "import os, json; print(json.dumps([{'track_type': 'Video', 'format': str(dict(os.environ))}]))"
    )
    assert "s3cret" not in str(inspect_media(CLIPS / "silent.mp4"))


@pytest.mark.parametrize("name", ["clip\u202e4pm.exe", "../clip.mp4", "~/clip.mp4", "https://example.org/clip.mp4"])
def test_a_reference_that_misleads_is_refused(tmp_path: Path, name: str) -> None:
    place = workspace(tmp_path, {"posts/clip.mp4": UPRIGHT})
    assert isinstance(resolve(place, "posts/a.md", name), MediaFault)


def test_a_link_to_a_video_is_refused(tmp_path: Path) -> None:
    place = workspace(tmp_path / "here", {"posts/a.md": ""})
    (tmp_path / "secret.mp4").write_bytes(UPRIGHT)
    (place.posts / "clip.mp4").symlink_to(tmp_path / "secret.mp4")
    found = resolve(place, "posts/a.md", "clip.mp4")
    assert isinstance(found, MediaFault)
    assert found.id == "media-symlink"


def test_what_was_found_is_kept_until_the_file_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = workspace(tmp_path, {"posts/clip.mp4": UPRIGHT})
    cache = Cache.open(place)
    file = place.posts / "clip.mp4"
    first = inspect_media(file, cache=cache)
    cache.save()
    monkeypatch.setattr(video, "_LOOK", "raise SystemExit(1)")
    monkeypatch.setattr("socialops.content.media._SEEN", {})
    assert inspect_media(file, cache=Cache.open(place)) == first
    os.utime(file, ns=(1, 1))
    assert isinstance(inspect_media(file, cache=Cache.open(place)), MediaFault)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
@given(st.data())
def test_any_bytes_are_a_video_or_a_fault(tmp_path: Path, data: st.DataObject) -> None:
    content = bytearray((CLIPS / data.draw(st.sampled_from(["upright.mp4", "vp9.webm"]))).read_bytes())
    for _ in range(data.draw(st.integers(1, 12))):
        content[data.draw(st.integers(12, len(content) - 1))] = data.draw(st.integers(0, 255))
    file = tmp_path / f"{data.draw(st.integers(0, 10**9))}.mp4"
    file.write_bytes(content)
    assert isinstance(inspect_media(file), (Video, MediaFault))


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0.5, "0.5 s"), (4.0, "4 s"), (9.96, "10 s"), (25, "0:25"), (140, "2:20"), (3723, "1:02:03")],
)
def test_a_length_is_written_as_people_read_it(seconds: float, shown: str) -> None:
    assert length_of(seconds) == shown


@pytest.mark.parametrize(
    ("start", "mime"),
    [
        (b"\0\0\0\x18ftypqt  ", "video/quicktime"),
        (b"\0\0\0\x18ftypavif", ""),
        (b"\x1a\x45\xdf\xa3....matroska", "video/x-matroska"),
        (b"GIF89a", ""),
    ],
)
def test_the_first_bytes_tell_the_kind(start: bytes, mime: str) -> None:
    assert mime_of(start) == mime
