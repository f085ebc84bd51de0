"""The hostile files beside this repository, where they are: each is refused as promised, and quickly."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from builder import workspace
from socialops.content.load import load
from socialops.content.media import MediaFault, inspect_picture, resolve

FOLDER = Path(__file__).parents[3] / "shared/badinputs"
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the hostile inputs are not beside this repository")

REFUSED = {
    "Y02": "yaml-alias",
    "Y04": "yaml-alias",
    "Y06": "yaml-dup-key",
    "Y08": "yaml-tag",
    "Y10": "text-control",
    "Y12": "date-invalid",
    "Y14": "yaml-number",
    "Y16": "yaml-depth",
    "Y20": "field-empty",
    "Y22": "key-unknown",
    "Y24": "fm-unclosed",
    "Y26": "text-control",
    "Y28": "text-encoding",
    "Y30": "number-range",
    "M14": "thread-length",
}
READ = ("Y18", "M02", "M04", "M06", "M08", "M10", "M12", "U02", "U04", "U06", "U08", "U10", "U12", "U14")


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_a_hostile_post_is_refused_as_promised(tmp_path: Path, name: str) -> None:
    place = workspace(tmp_path, {f"posts/{name.lower()}.md": (FOLDER / f"{name}.md").read_bytes()})
    start = time.process_time()
    problems = load(place).problems
    assert time.process_time() - start < 2
    assert REFUSED[name] in [problem.id for problem in problems]
    assert all(problem.line >= 1 and problem.hint for problem in problems)


@pytest.mark.parametrize("name", READ)
def test_a_post_whose_text_others_judge_is_read(tmp_path: Path, name: str) -> None:
    place = workspace(tmp_path, {f"posts/{name.lower()}.md": (FOLDER / f"{name}.md").read_bytes()})
    start = time.process_time()
    content = load(place)
    assert time.process_time() - start < 2
    assert not content.problems
    assert content.posts[0].lang == ("no" if name == "Y18" else "")


@pytest.mark.parametrize(
    ("name", "expected"), [("P02", "path-escape"), ("P04", "path-escape"), ("P06", "media-remote")]
)
def test_a_hostile_reference_is_refused_as_promised(tmp_path: Path, name: str, expected: str) -> None:
    place = workspace(tmp_path, {f"posts/{name.lower()}.md": (FOLDER / f"{name}.md").read_bytes()})
    (post,) = load(place).posts
    found = [resolve(place, post.path, item.file) for item in post.media]
    assert found
    assert {item.id for item in found if isinstance(item, MediaFault)} == {expected}
    assert all(isinstance(item, MediaFault) for item in found)


@pytest.mark.parametrize(
    ("name", "expected"), [("I02.png", "img-pixels"), ("I04.png", "img-broken"), ("I06.svg", "img-type")]
)
def test_a_hostile_picture_is_refused_as_promised(name: str, expected: str) -> None:
    start = time.process_time()
    found = inspect_picture(FOLDER / name)
    assert time.process_time() - start < 2
    assert isinstance(found, MediaFault)
    assert found.id == expected
