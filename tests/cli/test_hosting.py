"""The command that writes what networks will fetch from the media host."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import pytest
from PIL import Image

from builder import workspace
from socialops.cli import run

CHANNEL = """\
---
network: instagram
handle: lumenvelo
zone: Europe/Istanbul
params:
  media_base_url: https://media.example/posts
---
Our pictures.
"""
NOW = "2026-12-01T09:00"


def drawn(colour: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (600, 600), colour).save(out, "PNG")
    return out.getvalue()


def post(name: str, date: str, more: str = "", channels: str = "[insta]") -> str:
    return (
        f"---\ndate: {date}\nchannels: {channels}\n{more}media:\n  - {{file: {name}.png, alt: A lamp}}\n---\nA lamp\n"
    )


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "workspace"
    workspace(
        root,
        {
            "brand/channels/insta.md": CHANNEL,
            "posts/lamp.md": post("lamp", "2026-12-02 09:30"),
            "posts/lamp.png": drawn("teal"),
            "posts/again.md": post("lamp", "2026-12-03 09:30"),
            "posts/old.md": post("old", "2026-11-02 09:30"),
            "posts/old.png": drawn("red"),
            "posts/idea.md": post("idea", "2026-12-02 09:30", "draft: true\n"),
            "posts/idea.png": drawn("blue"),
            "posts/elsewhere.md": post("elsewhere", "2026-12-02 09:30", channels="[mastodon]"),
            "posts/elsewhere.png": drawn("green"),
        },
    )
    monkeypatch.chdir(root)
    return tmp_path / "public"


def test_what_is_to_come_is_written_once_under_its_digest(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["media", "--to", str(place), "--now", NOW]) == 0
    (file,) = place.iterdir()
    assert file.name == f"{hashlib.sha256(file.read_bytes()).hexdigest()}.jpg"
    assert file.read_bytes().startswith(b"\xff\xd8\xff")
    assert "1 written, 0 there already." in capsys.readouterr().err
    assert run(["media", "--to", str(place), "--now", NOW]) == 0
    assert "0 written, 1 there already." in capsys.readouterr().err


def test_a_post_can_be_named(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["media", "old", "--to", str(place), "--now", NOW]) == 0
    assert "posts/old.png of old, for insta" in capsys.readouterr().out
    assert run(["media", "oll", "--to", str(place)]) == 2


def test_a_file_that_cannot_be_made_is_named(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = place.parent / "workspace" / "posts" / "lamp.png"
    file.write_bytes(drawn("teal")[:-40])
    assert run(["media", "lamp", "--to", str(place), "--now", NOW]) == 1
    said = capsys.readouterr().err
    assert "lamp.png of lamp" in said
    assert "1 could not be made" in said


def test_a_video_is_written_as_it_is(place: Path) -> None:
    clip = (Path(__file__).parent.parent / "clips" / "upright.mp4").read_bytes()
    posts = Path.cwd() / "posts"
    (posts / "ride.mp4").write_bytes(clip)
    (posts / "ride.md").write_text(post("ride", "2026-12-02 09:30").replace(".png", ".mp4"), "utf-8")
    assert run(["media", "ride", "--to", str(place), "--now", NOW]) == 0
    (file,) = place.iterdir()
    assert (file.name, file.read_bytes()) == (f"{hashlib.sha256(clip).hexdigest()}.mp4", clip)


def test_the_preview_says_how_long_and_how_large_a_video_is(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert not place.exists()
    posts = Path.cwd() / "posts"
    (posts / "ride.mp4").write_bytes((Path(__file__).parent.parent / "clips" / "upright.mp4").read_bytes())
    (posts / "ride.md").write_text(post("ride", "2026-12-02 09:30").replace(".png", ".mp4"), "utf-8")
    assert run(["preview", "ride"]) == 0
    assert "[video] posts/ride.mp4 (540×960, 4 s, 11 kB, sent as it is)" in capsys.readouterr().out
