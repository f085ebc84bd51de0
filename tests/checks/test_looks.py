"""Rules about how pictures look: their colours, their size, and the place of the logo."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from inline_snapshot import snapshot
from PIL import Image, ImageCms

from builder import workspace
from checks.examples import found_in
from checks.test_guidelines import TEAM, guide, post
from socialops.checks.check import check
from socialops.checks.guidelines.colours import SIDE, colour_of, colours_in, difference, lab, share_of
from socialops.content.load import load
from socialops.problem import Problem

SHARMA = (
    ((50.0000, 2.6772, -79.7751), (50.0000, 0.0000, -82.7485), 2.0425),
    ((50.0000, 3.1571, -77.2803), (50.0000, 0.0000, -82.7485), 2.8615),
    ((50.0000, 2.8361, -74.0200), (50.0000, 0.0000, -82.7485), 3.4412),
    ((50.0000, -1.3802, -84.2814), (50.0000, 0.0000, -82.7485), 1.0000),
    ((50.0000, 0.0000, 0.0000), (50.0000, -1.0000, 2.0000), 2.3669),
    ((50.0000, 2.4900, -0.0010), (50.0000, -2.4900, 0.0009), 7.1792),
    ((50.0000, 2.4900, -0.0010), (50.0000, -2.4900, 0.0011), 7.2195),
    ((50.0000, -0.0010, 2.4900), (50.0000, 0.0009, -2.4900), 4.8045),
    ((50.0000, -0.0010, 2.4900), (50.0000, 0.0011, -2.4900), 4.7461),
    ((50.0000, 2.5000, 0.0000), (50.0000, 0.0000, -2.5000), 4.3065),
    ((50.0000, 2.5000, 0.0000), (73.0000, 25.0000, -18.0000), 27.1492),
    ((50.0000, 2.5000, 0.0000), (61.0000, -5.0000, 29.0000), 22.8977),
    ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
    ((63.0109, -31.0961, -5.8663), (62.8187, -29.7946, -4.0864), 1.2630),
    ((35.0831, -44.1164, 3.7933), (35.0232, -40.0716, 1.5901), 1.8645),
    ((36.4612, 47.8580, 18.3852), (36.2715, 50.5065, 21.2231), 1.4146),
    ((90.8027, -2.0831, 1.4410), (91.1528, -1.6435, 0.0447), 1.4441),
    ((6.7747, -0.2908, -2.4247), (5.8714, -0.0985, -2.2286), 0.6377),
    ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
)
"""Pairs of Lab colours with their ΔE00, from Table 1 of Sharma, Wu and Dalal (2005): those where programs go wrong."""

COLOURS = st.tuples(*[st.integers(0, 255)] * 3)
NIGHT, LAMP = (22, 33, 62), (247, 183, 51)


def picture(
    *columns: tuple[int, ...], size: tuple[int, int] = (200, 100), kind: str = "PNG", **options: object
) -> bytes:
    """Return a picture of upright stripes, equally wide."""
    image = Image.new("RGBA" if len(columns[0]) == 4 else "RGB", size)
    wide = size[0] // len(columns)
    for index, colour in enumerate(columns):
        image.paste(colour, (index * wide, 0, (index + 1) * wide, size[1]))
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def judged(folder: Path, rule: str, data: bytes, *media: str, fields: tuple[str, ...] = ()) -> list[Problem]:
    lines = ["media:", "  - file: picture.png", "    alt: Stripes", *(f"    {line}" for line in media)]
    files: dict[str, str | bytes] = {
        "brand/voice.md": guide(rule),
        "brand/team.yml": TEAM,
        "posts/picture.png": data,
        "posts/a.md": post("Stripes!", *fields, *lines),
    }
    found = found_in(folder, files)
    return [problem for problem in found if problem.file == "posts/a.md" and not problem.id.startswith("img-")]


# --- Colours ---


@pytest.mark.parametrize(("first", "second", "distance"), SHARMA)
def test_distances_are_those_that_were_published(
    first: tuple[float, float, float], second: tuple[float, float, float], distance: float
) -> None:
    assert difference(first, second) == pytest.approx(distance, abs=5e-5)
    assert difference(second, first) == pytest.approx(distance, abs=5e-5)


@given(COLOURS, COLOURS)
def test_distances_are_distances(first: tuple[int, int, int], second: tuple[int, int, int]) -> None:
    one, other = lab(first), lab(second)

    assert difference(one, one) == 0
    assert difference(one, other) == pytest.approx(difference(other, one))
    assert 0 <= difference(one, other) < 150
    assert (difference(one, other) == 0) is (first == second)


@given(st.dictionaries(COLOURS, st.integers(1, 100), max_size=20), st.lists(COLOURS, max_size=5), st.floats(0, 60))
def test_a_share_is_what_counting_every_distance_gives(
    colours: dict[tuple[int, int, int], int], palette: list[tuple[int, int, int]], within: float
) -> None:
    near = sum(
        count
        for colour, count in colours.items()
        if any(difference(lab(colour), lab(other)) <= within for other in palette)
    )

    assert share_of(colours, palette, within) == (near / sum(colours.values()) if colours else 0)


@pytest.mark.parametrize(
    ("colour", "expected"),
    [
        ("#ffffff", (100, 0, 0)),
        ("#000000", (0, 0, 0)),
        ("#ff0000", (53.24, 80.09, 67.20)),
        ("#0000ff", (32.30, 79.19, -107.86)),
    ],
)
def test_colours_of_the_web_are_where_lab_has_them(colour: str, expected: tuple[float, float, float]) -> None:
    assert lab(colour_of(colour)) == pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ((NIGHT,), ""),
        ((NIGHT, LAMP), ""),
        ((NIGHT, (20, 35, 66), (29, 161, 242)), ""),
        ((NIGHT, (29, 161, 242)), "50 % of picture.png is in our colours: 60 % is the least."),
        (((29, 161, 242),), "0 % of picture.png is in our colours: 60 % is the least."),
        (((*NIGHT, 255), (29, 161, 242, 0)), ""),
    ],
)
def test_a_picture_is_in_our_colours_or_is_told(
    tmp_path: Path, columns: tuple[tuple[int, ...], ...], message: str
) -> None:
    found = judged(tmp_path, 'palette: {least: 0.6, colours: ["#16213e", "f7b733"]}', picture(*columns))

    assert [problem.message for problem in found] == ([message] if message else [])


def test_a_finding_about_a_picture_stands_at_its_file_and_says_which_colours(tmp_path: Path) -> None:
    (found,) = judged(tmp_path, 'palette: {least: 0.6, colours: ["#16213e", "#fb3"]}', picture((29, 161, 242)))

    assert (found.id, found.line, found.column) == ("BR001", 5, 11)
    assert found.hint == snapshot(
        "Use colours of the palette (#16213e, #ffbb33). Why: Reason 1. (brand/voice.md: Summary 1)"
    )


def test_the_palette_of_the_page_or_of_another_page_is_taken(tmp_path: Path) -> None:
    data = picture((29, 161, 242))
    own = guide("palette: 0.6").replace("---\nProse", 'params: {palette: {Sky: "#1da1f2"}}\n---\nProse')
    other = '---\nparams:\n  palette:\n    - {name: Night, hex: "#16213e"}\n---\nProse.\n'
    media = ("media: [{file: picture.png, alt: Stripes}]",)
    for number, (page, breaks) in enumerate([(own, False), (guide("palette: 0.6"), True)]):
        files: dict[str, str | bytes] = {
            "brand/voice.md": page,
            "brand/look.md": other,
            "posts/picture.png": data,
            "posts/a.md": post("Stripes!", *media),
        }
        found = [p for p in found_in(tmp_path / str(number), files) if p.id == "BR001"]
        assert bool(found) is breaks


def test_colours_are_those_of_the_profile_and_not_of_the_bytes(tmp_path: Path) -> None:
    # A profile in which red and blue have changed places.
    swapped = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    red, blue = (swapped.index(name, 128) for name in (b"rXYZ", b"bXYZ"))
    swapped[red : red + 4], swapped[blue : blue + 4] = b"bXYZ", b"rXYZ"
    file = tmp_path / "picture.png"
    file.write_bytes(picture((255, 0, 0), icc_profile=bytes(swapped)))

    assert share_of(colours_in(file), [(0, 0, 255)], 3) == 1


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_every_kind_of_file_is_seen_alike(tmp_path: Path, kind: str) -> None:
    file = tmp_path / "picture"
    file.write_bytes(picture(NIGHT, LAMP, NIGHT, LAMP, size=(1600, 900), kind=kind))
    colours = colours_in(file)

    assert sum(colours.values()) == SIDE * SIDE
    assert share_of(colours, [NIGHT], 8) == pytest.approx(0.5, abs=0.02)


def test_what_cannot_be_read_has_no_colours(tmp_path: Path) -> None:
    file = tmp_path / "picture.png"
    file.write_bytes(picture(NIGHT)[:60])

    assert colours_in(file) == {}
    assert colours_in(tmp_path / "missing.png") == {}


# --- Size ---


@pytest.mark.parametrize(
    ("rule", "size", "message"),
    [
        ("{width: 200, height: 100}", (200, 100), ""),
        ("{width: 201, height: 100}", (200, 100), "picture.png has 200 × 100 pixels: 201 × 100 is the least."),
        ("{height: 101}", (200, 100), "picture.png has 200 × 100 pixels: 101 in height is the least."),
        ("{width: 201}", (200, 100), "picture.png has 200 × 100 pixels: 201 in width is the least."),
        ("{kilobytes: 0}", (200, 100), "picture.png has 0 kB: 0 is the most."),
        ("{kilobytes: 5}", (200, 100), ""),
    ],
)
def test_pictures_have_a_size(tmp_path: Path, rule: str, size: tuple[int, int], message: str) -> None:
    found = judged(tmp_path, f"picture_size: {rule}", picture(NIGHT, size=size))

    assert [problem.message for problem in found] == ([message] if message else [])


def test_a_picture_that_lies_on_its_side_is_measured_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    data = picture(NIGHT, size=(200, 100), kind="JPEG", exif=exif)

    assert judged(tmp_path, "picture_size: {height: 200}", data) == []


# --- Logo ---


@pytest.mark.parametrize(
    ("rule", "box", "messages"),
    [
        ("{clear: 0.5}", "[20, 20, 60, 40]", []),
        ("{clear: 0.5}", "[0.1, 0.2, 0.3, 0.4]", []),
        (
            "{clear: 0.5}",
            "[19, 41, 60, 40]",
            [
                (
                    "The logo in picture.png stands too close to the edge: there are 19 left of it and 19 below it, "
                    "and 20 pixels are the least (0.5 of its height)."
                )
            ],
        ),
        (
            "{clear: 0.5, of: width}",
            "[29, 30, 60, 40]",
            [
                (
                    "The logo in picture.png stands too close to the edge: there are 29 left of it, and 30 "
                    "pixels are the least (0.5 of its width)."
                )
            ],
        ),
        ("{least: 24}", "[20, 20, 60, 23]", ["The logo in picture.png has 60 × 23 pixels: 24 is the least."]),
        ("{least: 24}", "[20, 20, 24, 24]", []),
        ("{corners: top left}", "[5, 5, 20, 20]", []),
        (
            "{corners: [top left, bottom right]}",
            "[0.8, 0.1, 0.1, 0.1]",
            ["The logo in picture.png stands top right: it belongs top left or bottom right."],
        ),
        (
            "{corners: bottom right}",
            "[90, 40, 20, 20]",
            ["The logo in picture.png stands in the middle: it belongs bottom right."],
        ),
    ],
)
def test_a_logo_has_its_room_its_size_and_its_corner(tmp_path: Path, rule: str, box: str, messages: list[str]) -> None:
    found = judged(tmp_path, f"logo: {rule}", picture(NIGHT), f"logo: {box}")

    assert [problem.message for problem in found] == messages
    assert {(problem.line, problem.column) for problem in found} <= {(7, 11)}


def test_a_picture_that_says_nothing_of_a_logo_has_none(tmp_path: Path) -> None:
    assert judged(tmp_path, "logo: {clear: 9, least: 9000}", picture(NIGHT)) == []


@pytest.mark.parametrize("box", ["[150, 0, 60, 40]", "[0, 0, 0, 40]", "[0.8, 0, 0.3, 0.5]"])
def test_a_logo_outside_its_picture_is_told_once(tmp_path: Path, box: str) -> None:
    found = judged(tmp_path, "logo: {clear: 0.5}", picture(NIGHT), f"logo: {box}")

    assert [problem.id for problem in found] == ["media-logo"]


@pytest.mark.parametrize("box", ["[1, 2, 3]", "[-1, 0, 5, 5]", "left", "[a, b, c, d]"])
def test_what_is_no_place_is_refused_where_it_stands(tmp_path: Path, box: str) -> None:
    found = judged(tmp_path, "logo: {clear: 0.5}", picture(NIGHT), f"logo: {box}")

    assert {problem.line for problem in found} == {7}


# --- Exceptions and examples ---

PALETTE = 'palette: {least: 0.6, colours: ["#16213e"]}'
LOGO = "logo: {least: 24}"


def test_an_exception_works_for_pictures_too(tmp_path: Path) -> None:
    fields = ("waive: {BR001: {reason: A guest drew it, by: ayse}}",)

    assert judged(tmp_path, "picture_size: {width: 900}", picture(NIGHT), fields=fields) == []


@pytest.mark.parametrize(
    ("rule", "good", "bad", "messages"),
    [
        ("picture_size: {width: 600}", "good: 900 × 100", "bad: [300x200, /posts/picture.png]", []),
        ("picture_size: {width: 600}", "good: 300 × 100", "bad: 200 × 10", ["BR001 minds this good example: the"]),
        ("picture_size: {width: 600}", "good: 900 × 100", "bad: 900 × 10", ["BR001 does not mind this bad example"]),
        ("picture_size: {width: 600}", "good: 900 × 100", "bad: small", ["This example's picture cannot be used."]),
        ("picture_size: {width: 600}", "good: 900 × 1", "bad: {picture: x.png}", ["This example's picture cannot"]),
        (PALETTE, 'good: {colours: ["#16213e"]}', 'bad: {colours: ["#fff"]}', []),
        (PALETTE, "good: /posts/picture.png", 'bad: {colours: ["#fff"]}', []),
        ("palette: 0.6", 'good: {colours: ["#fff"]}', 'bad: {colours: ["#fff"]}', ["BR001 has no colours"] * 2),
        (LOGO, "good: {picture: 90 × 90, logo: [9, 9, 24, 24]}", "bad: 90 × 90", ["This example does not show"]),
    ],
)  # fmt: skip
def test_examples_of_pictures_are_tried(tmp_path: Path, rule: str, good: str, bad: str, messages: list[str]) -> None:
    files: dict[str, str | bytes] = {
        "brand/voice.md": guide(f"{rule}\n{good}\n{bad}"),
        "posts/picture.png": picture(NIGHT),
    }
    found = [problem for problem in found_in(tmp_path, files) if problem.file == "brand/voice.md"]

    assert [p.message[: len(m)] for p, m in zip(found, messages, strict=True)] == messages
    assert {problem.id for problem in found} <= {"guideline-example"}


def test_a_picture_that_an_example_shows_is_looked_at_again_when_it_changes(tmp_path: Path) -> None:
    rule = "picture_size: {width: 150}\ngood: artwork/lamp.png\nbad: 10 × 10"
    files: dict[str, str | bytes] = {
        "brand/voice.md": guide(rule),
        "brand/artwork/lamp.png": picture(NIGHT),
        "posts/a.md": post("Hello"),
    }
    here = workspace(tmp_path, files)

    def found() -> list[str]:
        return [problem.message for problem in check(load(here)) if problem.file == "brand/voice.md"]

    assert found() == []
    (tmp_path / "brand/artwork/lamp.png").write_bytes(picture(NIGHT, size=(90, 90)))
    assert found() == [
        "BR001 minds this good example: lamp.png has 90 × 90 pixels: 150 in width is the least.",
    ]
    assert found() == found()


def test_shares_are_kept_by_what_is_in_the_picture_and_the_rule(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "brand/voice.md": guide('palette: {least: 0.6, colours: ["#16213e"]}'),
        "posts/picture.png": picture(NIGHT),
        "posts/a.md": post("Stripes", "media: [{file: picture.png, alt: Stripes}]"),
    }
    here = workspace(tmp_path, files)

    def broken() -> bool:
        return any(problem.id == "BR001" for problem in check(load(here)))

    assert not broken()
    (tmp_path / "posts/picture.png").write_bytes(picture((29, 161, 242)))
    assert broken()
    (tmp_path / "brand/voice.md").write_text(guide('palette: {least: 0.6, colours: ["#1da1f2"]}'), "utf-8")
    assert not broken()
