"""What `check` says of videos, and of the shape of media, on each network."""

from __future__ import annotations

import io
import textwrap
from pathlib import Path

import pytest
from inline_snapshot import snapshot
from PIL import Image

from builder import workspace
from socialops.checks.check import check
from socialops.content.load import load
from socialops.problem import Problem, Severity
from socialops.workspace import find_workspace

CLIPS = Path(__file__).parent.parent / "clips"


def judged(
    folder: Path, channels: str, media: str, *, kind: str = "", text: str = "Hi", more: str = ""
) -> list[Problem]:
    """Return the problems of one post; *channels* and *media* are names with commas, *more* is in a channel's file."""
    files: dict[str, str | bytes] = {}
    for name in channels.split(", "):
        host = f"host: https://{name}.example\n" if name in ("mastodon", "bluesky", "matrix") else ""
        files[f"brand/channels/{name}.md"] = (
            f"---\nnetwork: {name}\nhandle: '@ours'\n{host}zone: Europe/Istanbul\n{more}---\nOurs\n"
        )
    for name in media.split(", "):
        files[f"posts/{name}"] = (CLIPS / name).read_bytes() if (CLIPS / name).is_file() else drawn(name)
    listed = "".join(f"  - {{file: {name}, alt: A ride}}\n" for name in media.split(", "))
    files["posts/ride.md"] = (
        f"---\ntitle: A ride\ndate: 2026-12-01 09:30\n{f'kind: {kind}' if kind else 'tags: []'}\n"
        f"channels: [{channels}]\nmedia:\n{listed}---\n{text}\n"
    )
    return check(load(workspace(folder, files)))


def drawn(name: str) -> bytes:
    """Draw a picture of the size that its name says: `600x300.jpg`; `turned-` before it turns it by a quarter."""
    width, height = (int(side) for side in name.removeprefix("turned-").removesuffix(".jpg").split("x"))
    buffer = io.BytesIO()
    exif = Image.Exif()
    if name.startswith("turned-"):
        exif[0x0112] = 6
    Image.new("RGB", (width, height), "teal").save(buffer, "JPEG", exif=exif)
    return buffer.getvalue()


def said(problems: list[Problem]) -> list[str]:
    """Return the problems as lines that fit into this file."""
    whole = [f"{item.severity} {item.id}: {item.message} {item.hint}" for item in problems]
    return [line for text in whole for line in textwrap.wrap(text, 100)]


def ids(problems: list[Problem]) -> list[str]:
    return [item.id for item in problems]


EVERYWHERE = "bluesky, discord, facebook, instagram, mastodon, matrix, telegram, threads, tiktok, x, youtube"


def test_a_good_video_is_good_on_every_network(tmp_path: Path) -> None:
    assert said(judged(tmp_path, EVERYWHERE, "upright.mp4")) == []


@pytest.mark.parametrize("clip", ["silent.mp4", "turned.mp4"])
def test_neither_silence_nor_a_quarter_turn_is_a_fault(tmp_path: Path, clip: str) -> None:
    assert said(judged(tmp_path, "facebook, instagram, tiktok, youtube", clip, kind="reel")) == []


def test_a_video_in_a_newer_code_is_told_with_the_line_that_helps(tmp_path: Path) -> None:
    assert said(judged(tmp_path, EVERYWHERE, "hevc.mp4")) == snapshot(
        [
            "error media-codec: The pictures of hevc.mp4 are coded as H.265 (HEVC); bluesky takes H.264. Export",
            "it as MP4 with H.264 and AAC. With ffmpeg: `ffmpeg -i hevc.mp4 -c:v libx264 -pix_fmt yuv420p -c:a",
            "aac -ac 2 -ar 48000 -movflags +faststart hevc-bluesky.mp4`",
            "error media-codec: The pictures of hevc.mp4 are coded as H.265 (HEVC); discord takes H.264, VP8 or",
            "VP9. Export it as MP4 with H.264 and AAC. With ffmpeg: `ffmpeg -i hevc.mp4 -c:v libx264 -pix_fmt",
            "yuv420p -c:a aac -ac 2 -ar 48000 -movflags +faststart hevc-discord.mp4`",
            "error media-codec: The pictures of hevc.mp4 are coded as H.265 (HEVC); matrix takes H.264, VP8 or",
            "VP9. Export it as MP4 with H.264 and AAC. With ffmpeg: `ffmpeg -i hevc.mp4 -c:v libx264 -pix_fmt",
            "yuv420p -c:a aac -ac 2 -ar 48000 -movflags +faststart hevc-matrix.mp4`",
            "error media-codec: The pictures of hevc.mp4 are coded as H.265 (HEVC); telegram takes H.264. Export",
            "it as MP4 with H.264 and AAC. With ffmpeg: `ffmpeg -i hevc.mp4 -c:v libx264 -pix_fmt yuv420p -c:a",
            "aac -ac 2 -ar 48000 -movflags +faststart hevc-telegram.mp4`",
            "error media-codec: The pictures of hevc.mp4 are coded as H.265 (HEVC); x takes H.264. Export it as",
            "MP4 with H.264 and AAC. With ffmpeg: `ffmpeg -i hevc.mp4 -c:v libx264 -pix_fmt yuv420p -c:a aac -ac",
            "2 -ar 48000 -movflags +faststart hevc-x.mp4`",
        ]
    )


def test_a_video_of_another_format_is_told_once(tmp_path: Path) -> None:
    assert said(judged(tmp_path, "instagram, x", "vp9.webm")) == snapshot(
        [
            "error media-type: vp9.webm is a video of the format WebM; instagram takes MP4 or MOV. Export it as",
            "MP4 with H.264 or H.265 (HEVC) and AAC. With ffmpeg: `ffmpeg -i vp9.webm -c:v libx264 -pix_fmt",
            "yuv420p -c:a aac -ac 2 -ar 48000 -movflags +faststart vp9-instagram.mp4`",
            "error media-type: vp9.webm is a video of the format WebM; x takes MP4 or MOV. Export it as MP4 with",
            "H.264 and AAC. With ffmpeg: `ffmpeg -i vp9.webm -c:v libx264 -pix_fmt yuv420p -c:a aac -ac 2 -ar",
            "48000 -movflags +faststart vp9-x.mp4`",
        ]
    )


def test_a_video_that_is_too_long_and_too_slow(tmp_path: Path) -> None:
    assert said(judged(tmp_path, "facebook, tiktok, x", "long.mp4")) == snapshot(
        [
            "error media-duration: long.mp4 lasts 2:30; x takes a video of 0.5 s at least, and 2:20 at most. Cut",
            "it, or give x a shorter one under `channels:`. With ffmpeg: `ffmpeg -i long.mp4 -t 140 -c:v libx264",
            "-pix_fmt yuv420p -c:a aac -ac 2 -ar 48000 -movflags +faststart long-x.mp4`",
            "error media-pixels: long.mp4 is 320 × 320 pixels; tiktok takes 360 on the shorter side at least.",
            "Export it larger, from the original: 1080 × 1920 suits most networks.",
            "error media-rate: The frame rate of long.mp4 is 1 a second; tiktok takes 23 to 60. Export it with 30",
            "frames a second. With ffmpeg: `ffmpeg -i long.mp4 -r 30 -c:v libx264 -pix_fmt yuv420p -c:a aac -ac 2",
            "-ar 48000 -movflags +faststart long-tiktok.mp4`",
        ]
    )


def test_a_reel_that_lies_down(tmp_path: Path) -> None:
    assert said(judged(tmp_path, "facebook, instagram, youtube", "landscape.mp4", kind="reel")) == snapshot(
        [
            "error media-ratio: landscape.mp4 is too wide for facebook: 960 × 540 pixels is 16:9; it takes 9:16",
            "at most. Cut it narrower, or give it bars; or use another file there. With ffmpeg: `ffmpeg -i",
            'landscape.mp4 -vf "pad=iw:ceil(iw/0.5625/2)*2:(ow-iw)/2:(oh-ih)/2" -c:v libx264 -pix_fmt yuv420p',
            "-c:a aac -ac 2 -ar 48000 -movflags +faststart landscape-facebook.mp4`",
            "error media-ratio: landscape.mp4 is too wide for youtube: 960 × 540 pixels is 16:9; it takes 1:1 at",
            "most. Cut it narrower, or give it bars; or use another file there. With ffmpeg: `ffmpeg -i",
            'landscape.mp4 -vf "pad=iw:ceil(iw/1/2)*2:(ow-iw)/2:(oh-ih)/2" -c:v libx264 -pix_fmt yuv420p -c:a aac',
            "-ac 2 -ar 48000 -movflags +faststart landscape-youtube.mp4`",
            "warning media-shape: landscape.mp4 is 960 × 540 pixels; a reel on instagram is shown at 9:16, this",
            "one with bars. Make it 1080 × 1920 pixels, or use another `kind:`.",
        ]
    )


def test_a_video_that_is_too_wide_is_given_bars(tmp_path: Path) -> None:
    assert said(judged(tmp_path, "x", "wide.mp4")) == snapshot(
        [
            "error media-ratio: wide.mp4 is too wide for x: 960 × 160 pixels is 6.00:1; it takes 3:1 at most. Cut",
            "it narrower, or give it bars; or use another file there. With ffmpeg: `ffmpeg -i wide.mp4 -vf",
            '"pad=iw:ceil(iw/3/2)*2:(ow-iw)/2:(oh-ih)/2" -c:v libx264 -pix_fmt yuv420p -c:a aac -ac 2 -ar 48000',
            "-movflags +faststart wide-x.mp4`",
        ]
    )


def test_a_video_with_its_index_at_the_end(tmp_path: Path) -> None:
    assert said(judged(tmp_path, EVERYWHERE, "tail.mp4")) == snapshot(
        [
            "error media-index: tail.mp4 has its index at the end; instagram wants it at the beginning. Export it",
            "with “web optimised” or “fast start” switched on; nothing need be coded anew. With ffmpeg: `ffmpeg",
            "-i tail.mp4 -c copy -movflags +faststart tail-instagram.mp4`",
            "error media-index: tail.mp4 has its index at the end; threads wants it at the beginning. Export it",
            "with “web optimised” or “fast start” switched on; nothing need be coded anew. With ffmpeg: `ffmpeg",
            "-i tail.mp4 -c copy -movflags +faststart tail-threads.mp4`",
        ]
    )


def test_a_file_that_is_too_small_or_too_large(tmp_path: Path) -> None:
    assert said(judged(tmp_path / "a", "linkedin", "upright.mp4")) == snapshot(
        ["error media-bytes: upright.mp4 has 11 kB; linkedin takes 77 kB at least. Export it with a higher", "quality."]
    )
    more = "limits: {video_bytes: 5000, video_side: 640}\n"
    assert said(judged(tmp_path / "b", "x", "upright.mp4", more=more)) == snapshot(
        [
            "error media-bytes: upright.mp4 has 11 kB; x takes 5 kB at most. Export it with a bit rate of 129",
            "kbit/s at most, or fewer pixels. With ffmpeg: `ffmpeg -i upright.mp4 -b:v 1k -c:v libx264 -pix_fmt",
            "yuv420p -c:a aac -ac 2 -ar 48000 -movflags +faststart upright-x.mp4`",
            "error media-pixels: upright.mp4 is 540 × 960 pixels, which is more than x takes. Export it at 360 ×",
            "640. With ffmpeg: `ffmpeg -i upright.mp4 -vf scale=360:640 -c:v libx264 -pix_fmt yuv420p -c:a aac",
            "-ac 2 -ar 48000 -movflags +faststart upright-x.mp4`",
        ]
    )


def test_a_limit_that_somebody_wrote_as_words_says_nothing(tmp_path: Path) -> None:
    assert ids(judged(tmp_path, "x", "upright.mp4", more="limits: {video_side: many}\n")) == []


@pytest.mark.parametrize("network", ["slack", "email"])
def test_a_network_without_videos_says_so_once(tmp_path: Path, network: str) -> None:
    found = [problem for problem in judged(tmp_path, network, "upright.mp4") if problem.severity is Severity.ERROR]
    assert ids(found) == ["media-video"]


def test_a_draft_may_have_a_video_that_does_not_fit_yet(tmp_path: Path) -> None:
    found = judged(tmp_path, "x", "hevc.mp4", more="")
    assert [problem.severity for problem in found] == [Severity.ERROR]
    post = tmp_path / "posts" / "ride.md"
    post.write_text(post.read_text("utf-8").replace("title:", "draft: true\ntitle:"), "utf-8")
    found = check(load(find_workspace(tmp_path)))
    assert [(problem.id, problem.severity) for problem in found] == [("media-codec", Severity.WARNING)]


@pytest.mark.parametrize(
    ("channels", "media", "kind", "expected"),
    [
        ("instagram", "upright.mp4, 600x600.jpg", "", []),
        ("threads", "upright.mp4, 600x600.jpg", "", []),
        ("telegram", "upright.mp4, 600x600.jpg", "", []),
        ("youtube", "upright.mp4, 600x600.jpg", "", []),
        ("youtube", "upright.mp4, silent.mp4", "", ["media-mixed"]),
        ("mastodon", "upright.mp4, 600x600.jpg", "", ["media-mixed"]),
        ("x", "upright.mp4, silent.mp4", "", ["media-mixed"]),
        ("facebook", "600x600.jpg", "reel", ["media-kind"]),
        ("instagram", "upright.mp4", "image", ["media-kind"]),
        ("instagram", "upright.mp4, silent.mp4", "reel", ["media-kind"]),
    ],
)
def test_what_goes_together(tmp_path: Path, channels: str, media: str, kind: str, expected: list[str]) -> None:
    assert ids(judged(tmp_path, channels, media, kind=kind)) == expected


@pytest.mark.parametrize(
    ("picture", "kind", "expected"),
    [
        ("600x600.jpg", "", []),
        ("800x1000.jpg", "", []),
        ("1200x628.jpg", "", []),
        ("450x800.jpg", "", ["media-ratio"]),
        ("1000x500.jpg", "", ["media-ratio"]),
        ("turned-800x450.jpg", "", ["media-ratio"]),
        ("turned-1000x800.jpg", "", []),
    ],
)
def test_the_shape_of_a_picture_on_instagram(tmp_path: Path, picture: str, kind: str, expected: list[str]) -> None:
    assert ids(judged(tmp_path, "instagram", picture, kind=kind)) == expected


def test_a_story_has_a_shape_of_its_own(tmp_path: Path) -> None:
    assert ids(judged(tmp_path / "a", "instagram", "450x800.jpg", kind="story", text="")) == []
    assert ids(judged(tmp_path / "b", "instagram", "600x600.jpg", kind="story", text="")) == ["media-shape"]


def test_words_for_a_video_are_asked_for_where_they_are_sent(tmp_path: Path) -> None:
    for network, expected in (("mastodon", ["alt-missing"]), ("tiktok", []), ("instagram", [])):
        judged(tmp_path / network, network, "upright.mp4")
        post = tmp_path / network / "posts" / "ride.md"
        post.write_text(post.read_text("utf-8").replace(", alt: A ride", ""), "utf-8")
        assert ids(check(load(find_workspace(tmp_path / network)))) == expected


def test_a_video_that_is_cut_off_is_told_at_its_line(tmp_path: Path) -> None:
    judged(tmp_path, "x", "upright.mp4")
    file = tmp_path / "posts" / "upright.mp4"
    file.write_bytes(file.read_bytes()[:-2000])
    (problem,) = check(load(find_workspace(tmp_path)))
    assert (problem.file, problem.line, problem.id) == ("posts/ride.md", 7, "video-broken")
    assert problem.message == "upright.mp4 is cut off, or has something behind its end."


def test_a_picture_with_too_few_pixels_is_told_before_the_network_refuses_it(tmp_path: Path) -> None:
    assert said(judged(tmp_path / "a", "x", "3x3.jpg")) == snapshot(
        [
            "error media-pixels: 3x3.jpg is 3 × 3 pixels; x takes 4 on the shorter side at least. Use a larger",
            "one, from the original.",
        ]
    )
    assert ids(judged(tmp_path / "b", "x", "4x4.jpg")) == []
    assert ids(judged(tmp_path / "c", "x", "3x3.jpg", more="limits: {image_side_minimum: some}\n")) == []


@pytest.mark.parametrize("network", ["instagram", "threads"])
def test_a_picture_that_would_be_enlarged_is_told(tmp_path: Path, network: str) -> None:
    found = judged(tmp_path / "a", network, "319x319.jpg")
    assert [(item.severity, item.id) for item in found] == [(Severity.WARNING, "media-small")]
    assert ids(judged(tmp_path / "b", network, "320x320.jpg")) == []
    # Turned upright before it goes out: 300 wide.
    assert ids(judged(tmp_path / "c", network, "turned-370x300.jpg")) == ["media-small"]


def test_a_picture_is_judged_as_it_goes_out(tmp_path: Path) -> None:
    found = judged(tmp_path, "threads", "600x3000.jpg")
    assert said([item for item in found if item.id == "media-small"]) == snapshot(
        [
            "warning media-small: 600x3000.jpg is 600 × 3000 pixels, which goes out as 288 × 1440; threads",
            "enlarges it to a width of 320, and it gets blurred. Cut it, so that it is less long.",
        ]
    )


def test_the_story_of_a_small_picture_is_judged_by_its_shape_alone(tmp_path: Path) -> None:
    assert ids(judged(tmp_path, "instagram", "180x320.jpg", kind="story", text="")) == []


@pytest.mark.parametrize(("network", "most"), [("telegram", 20), ("threads", 10)])
def test_a_picture_may_be_only_so_long(tmp_path: Path, network: str, most: int) -> None:
    assert "media-ratio" in ids(judged(tmp_path / "a", network, f"{100 * most + 100}x100.jpg"))
    assert "media-ratio" in ids(judged(tmp_path / "b", network, f"100x{100 * most + 100}.jpg"))
    assert "media-ratio" not in ids(judged(tmp_path / "c", network, f"{100 * most}x100.jpg"))


def test_a_story_on_facebook_is_upright_if_it_moves(tmp_path: Path) -> None:
    assert ids(judged(tmp_path / "a", "facebook", "landscape.mp4", kind="story", text="")) == ["media-ratio"]
    assert ids(judged(tmp_path / "b", "facebook", "960x540.jpg", kind="story", text="")) == ["media-shape"]
