from __future__ import annotations

import io
import os
import struct
import zlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from builder import workspace
from socialops.content.cache import Cache
from socialops.content.media import MediaFault, Picture, inspect_media, inspect_picture, resolve
from socialops.content.video import Video


def picture(kind: str = "PNG", size: tuple[int, int] = (8, 6), **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", size, (10, 20, 30)).save(buffer, kind, **options)
    return buffer.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def fault(folder: Path, name: str, data: bytes) -> str:
    (folder / name).write_bytes(data)
    found = inspect_media(folder / name)
    assert isinstance(found, MediaFault)
    assert found.hint
    return found.id


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("/proc/self/environ", "path-escape"),
        ("/etc/passwd", "path-escape"),
        ("../../x.png", "path-escape"),
        ("a/../../x.png", "path-escape"),
        ("..\\..\\x.png", "path-escape"),
        ("C:\\x.png", "path-escape"),
        ("c:/x.png", "path-escape"),
        ("file:///etc/passwd", "path-escape"),
        ("\\\\host\\share\\x.png", "path-escape"),
        ("/.git/config", "path-escape"),
        (".env", "path-escape"),
        ("x\0.png", "path-escape"),
        ("x\n.png", "path-escape"),
        ("", "path-escape"),
        ("/", "path-escape"),
        ("http://127.0.0.1:8080/x.png", "media-remote"),
        ("http://[::ffff:169.254.169.254]/", "media-remote"),
        ("//evil.example/x.png", "media-remote"),
        ("HTTPS://x.example/x.png", "media-remote"),
        ("data:image/png;base64,AAAA", "media-remote"),
        ("nothing.png", "media-missing"),
        ("x" * 5000, "media-missing"),
        ("/media", "media-missing"),
        ("lamp.png/x", "media-missing"),
        ("link.png", "media-symlink"),
        ("away/lamp.png", "media-symlink"),
        ("pointer.png", "media-lfs"),
    ],
)
def test_a_reference_that_leads_nowhere_good_says_why(tmp_path: Path, reference: str, expected: str) -> None:
    lfs = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 3\n"
    place = workspace(tmp_path, {"posts/lamp.png": picture(), "posts/pointer.png": lfs, "media/a.png": picture()})
    (place.posts / "link.png").symlink_to("lamp.png")
    (place.posts / "away").symlink_to("/")
    found = resolve(place, "posts/a.md", reference)
    assert isinstance(found, MediaFault)
    assert found.id == expected
    assert found.hint


@pytest.mark.parametrize(
    ("reference", "file"),
    [
        ("lamp.png", "posts/2026/lamp.png"),
        ("./lamp.png", "posts/2026/lamp.png"),
        ("in/lamp ış.png", "posts/2026/in/lamp ış.png"),
        ("/media/lamp.png", "media/lamp.png"),
    ],
)
def test_a_reference_is_beside_the_post_or_from_the_top(tmp_path: Path, reference: str, file: str) -> None:
    place = workspace(tmp_path, {file: picture()})
    assert resolve(place, "posts/2026/a.md", reference) == place.root / file


def test_a_missing_file_is_told_its_likely_name(tmp_path: Path) -> None:
    found = resolve(workspace(tmp_path, {"posts/winter.jpg": b"x"}), "posts/a.md", "Winter.jpg")
    assert isinstance(found, MediaFault)
    assert "winter.jpg" in found.hint


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
@given(st.text(st.sampled_from("a./\\:~%\0 ёﬁ⁄．\u2025") | st.characters(), max_size=12))
def test_no_reference_leaves_the_workspace(tmp_path: Path, reference: str) -> None:
    place = workspace(tmp_path / "place", {"posts/a": b"x", "posts/a.a": b"x"})
    (tmp_path / "a").write_bytes(b"outside")
    found = resolve(place, "posts/a.md", reference)
    assert isinstance(found, MediaFault) or found.resolve().is_relative_to(place.posts)


@pytest.mark.parametrize(
    ("kind", "mime"), [("PNG", "image/png"), ("JPEG", "image/jpeg"), ("WEBP", "image/webp"), ("GIF", "image/gif")]
)
def test_a_picture_is_known_by_its_content(tmp_path: Path, kind: str, mime: str) -> None:
    data = picture(kind, (8, 6))
    (tmp_path / "x.bin").write_bytes(data)
    found = inspect_picture(tmp_path / "x.bin")
    assert isinstance(found, Picture)
    assert (found.mime, found.width, found.height, found.size, found.frames) == (mime, 8, 6, len(data), 1)
    assert not found.has_metadata


def test_orientation_and_metadata_are_seen(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    (tmp_path / "x.jpg").write_bytes(picture("JPEG", exif=exif))
    found = inspect_picture(tmp_path / "x.jpg")
    assert isinstance(found, Picture)
    assert (found.orientation, found.has_metadata) == (6, True)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_frames_are_counted(tmp_path: Path, kind: str) -> None:
    frames = [Image.new("RGB", (4, 4), (shade, 0, 0)) for shade in (0, 90, 180)]
    frames[0].save(tmp_path / "x", kind, save_all=True, append_images=frames[1:])
    found = inspect_picture(tmp_path / "x")
    assert isinstance(found, Picture)
    assert found.frames == 3


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_a_picture_that_is_cut_off_is_broken(tmp_path: Path, kind: str) -> None:
    data = picture(kind, (64, 64))
    for part in (20, len(data) // 2, len(data) - 3):
        assert fault(tmp_path, f"{part}.jpg", data[:part]) == "img-broken"


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        ("x.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "img-type"),
        ("x.png", b"\xef\xbb\xbf <?xml version='1.0'?><svg/>", "img-type"),
        ("x.heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "img-type"),
        ("x.jpg", b"\0\0\0\x18ftypavif\0\0\0\0mif1avif", "img-type"),
        ("x.pdf", b"%PDF-1.7", "img-type"),
        ("x.tif", b"II*\0\x08\0\0\0", "img-type"),
        ("x.png", b"words", "img-broken"),
        ("x.png", b"", "media-size"),
        ("x.mp4", b"", "media-size"),
    ],
)
def test_what_is_no_picture_is_said_to_be_none(tmp_path: Path, name: str, data: bytes, expected: str) -> None:
    assert fault(tmp_path, name, data) == expected


@pytest.mark.parametrize("side", [6400, 20_000, 65_000])
def test_a_picture_of_too_many_pixels_is_refused_from_its_header(tmp_path: Path, side: int) -> None:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0))
    data = b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")
    assert fault(tmp_path, "x.png", data) == "img-pixels"


def test_a_text_that_inflates_is_not_inflated(tmp_path: Path) -> None:
    data = picture()
    bomb = chunk(b"zTXt", b"a\0\0" + zlib.compress(b"\0" * 50_000_000))
    assert fault(tmp_path, "x.png", data[:33] + bomb + data[33:]) == "img-broken"


def test_an_endless_animation_is_refused(tmp_path: Path) -> None:
    head = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff"
    assert fault(tmp_path, "x.gif", head + b",\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0" * 100_000 + b";") == "img-frames"


def test_a_file_of_gigabytes_is_refused_by_its_size(tmp_path: Path) -> None:
    with (tmp_path / "x.mp4").open("wb") as file:
        file.truncate(5 * 1024**3)
    found = inspect_media(tmp_path / "x.mp4")
    assert isinstance(found, MediaFault)
    assert found.id == "media-size"


def test_a_video_is_no_picture(tmp_path: Path) -> None:
    (tmp_path / "x.jpg").write_bytes((Path(__file__).parent.parent / "clips" / "upright.mp4").read_bytes())
    assert isinstance(inspect_media(tmp_path / "x.jpg"), Video)
    found = inspect_picture(tmp_path / "x.jpg")
    assert isinstance(found, MediaFault)
    assert found.id == "img-type"


def test_a_changed_picture_is_looked_at_again(tmp_path: Path) -> None:
    file = tmp_path / "x.png"
    file.write_bytes(picture(size=(8, 6)))
    first = inspect_picture(file)
    file.write_bytes(picture(size=(6, 8)))
    os.utime(file, ns=(1, 1))
    second = inspect_picture(file)
    assert isinstance(first, Picture)
    assert isinstance(second, Picture)
    assert (first.width, second.width) == (8, 6)


def test_what_a_picture_is_can_be_kept(tmp_path: Path) -> None:
    place = workspace(tmp_path, {"posts/x.png": picture()})
    cache = Cache.open(place)
    found = inspect_picture(place.posts / "x.png", cache=cache)
    assert isinstance(found, Picture)
    assert [cache.get("media", key) for key in cache.keys("media")] == [
        {name: getattr(found, name) for name in found.__dataclass_fields__}
    ]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(st.data())
def test_any_bytes_are_a_picture_or_a_fault(tmp_path: Path, data: st.DataObject) -> None:
    content = bytearray(picture(data.draw(st.sampled_from(["PNG", "JPEG", "WEBP", "GIF"])), (16, 16)))
    for _ in range(data.draw(st.integers(0, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    file = tmp_path / f"{zlib.crc32(bytes(content))}.png"
    file.write_bytes(content)
    assert isinstance(inspect_media(file), (Picture, Video, MediaFault))
