"""The demo on a small workspace: it runs through, twice, changes nothing here and leaves nothing running."""

from __future__ import annotations

import subprocess
import threading
from pathlib import Path

import pytest

from builder import workspace
from socialops.cli import run

ROOT = Path(__file__).parent.parent.parent

SETTINGS = """\
[tool.socialops]
name = "Test brand"
zone = "Europe/Istanbul"
data_branch = "socialops-data"
"""


def running() -> set[str]:
    """Return the names of the threads, but for the one that keeps all deadlines: it lasts as long as the process."""
    return {thread.name for thread in threading.enumerate()} - {"deadlines"}


def post(day: int, text: str, extra: str = "") -> str:
    return f"---\ndate: 2026-11-{day:02d} 09:30\nchannels: [mastodon]\nlang: en\n{extra}---\n{text}\n"


def test_the_demo_publishes_measures_and_shows_on_a_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    place = workspace(
        tmp_path / "here",
        {
            "pyproject.toml": SETTINGS,
            "mkdocs.yml": (ROOT / "mkdocs.yml").read_text("utf-8"),
            ".gitignore": ".socialops/\nbuild/\n",
            "posts/one.md": post(2, "One."),
            "posts/two.md": post(3, "Two."),
            "posts/three.md": post(9, "Three."),
            "posts/idea.md": post(4, "An idea.", "draft: true\n"),
        },
    )
    subprocess.run(["git", "init", "-q", str(place.root)], check=True)
    before = {file: file.read_bytes() for file in place.root.rglob("*") if file.is_file() and ".git/" not in str(file)}
    monkeypatch.chdir(place.root)

    for _ in range(2):
        threads = running()
        assert run(["demo"]) == 0
        said = capsys.readouterr().out
        assert "2 deliveries published" in said
        assert "idea → mastodon: a draft" in said
        assert "three → mastodon" in said
        assert running() == threads

    after = {
        file: file.read_bytes()
        for file in place.root.rglob("*")
        if file.is_file() and ".git/" not in str(file) and not {"build", ".socialops"} & set(file.parts)
    }
    assert after == before
    home = place.build / "demo" / "workspace" / "build" / "site" / "index.html"
    assert "Test brand" in home.read_text("utf-8")


def test_the_demo_never_clears_a_folder_that_is_not_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    place = workspace(tmp_path / "here", {"posts/one.md": post(2, "One.")})
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "thesis.txt").write_text("years of work", "utf-8")
    monkeypatch.chdir(place.root)
    assert run(["demo", "--folder", str(precious)]) == 2
    assert "is not empty" in capsys.readouterr().err
    assert (precious / "thesis.txt").read_text("utf-8") == "years of work"


def test_the_demo_says_what_it_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    place = workspace(tmp_path / "here")
    monkeypatch.chdir(place.root)
    assert run(["demo"]) == 2
    assert "needs posts with dates" in capsys.readouterr().err
