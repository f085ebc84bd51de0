from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from builder import workspace
from measured import NOW, content, deliveries, delivery, grown, season
from socialops.content.brand import Pillar, Strategy
from socialops.content.post import Post
from socialops.errors import UsageError
from socialops.measuring.numbers import Numbers, gather
from socialops.measuring.store import Reading
from socialops.site.chart import PAPER, SLATE, Colours, FigureData, contrast, readable, steps
from socialops.site.figures import FIGURES, figure, write_plotly

GOLDEN = Path(__file__).parent / "golden"
ISTANBUL = ZoneInfo("Europe/Istanbul")
DAY = timedelta(days=1)
STRATEGY = Strategy(
    "brand/strategy.md",
    pillars=(Pillar("product", "What we make", 0.5), Pillar("city", "The city", 0.5)),
    cadence={"mastodon": 9, "bluesky": 1},
)
EVIL = "</script><img src=x onerror=alert(1)> {{ 7*7 }} `*_|\u2028 “quoted”"


def data_of(folder: Path, *, formats: Mapping[str, float] | None = None, weeks: int = 16, **changes: Any) -> FigureData:
    made = season(3, formats=formats, weeks=weeks)
    read = content(workspace(folder), "bluesky", "mastodon", "mastodon-il")
    pillars = {
        key: replace(item, pillar="product" if number % 4 else "city")
        for number, (key, item) in enumerate(made.deliveries.items())
    }
    data = FigureData(gather(read, pillars.values(), made.readings), NOW, ISTANBUL, "#b5411f", STRATEGY)
    return replace(data, **changes)


def empty(folder: Path) -> FigureData:
    return FigureData(gather(content(workspace(folder), "mastodon"), [], []), NOW, ISTANBUL)


class Reader(HTMLParser):
    """Collects what a browser would: elements with their attributes, and the scripts' text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.scripts: list[str] = []
        self.cells: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "script":
            self.scripts.append(data)
        if "td" in self.open or "tbody" in self.open:
            self.cells.append(data)


def parsed(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    reader.close()
    assert reader.open == []
    return reader


@pytest.mark.parametrize("name", FIGURES)
def test_every_figure_is_valid_plotly_of_svg_traces_with_a_table_and_its_sources(tmp_path: Path, name: str) -> None:
    import plotly.graph_objects

    made = figure(name, data_of(tmp_path))
    assert made.id == name
    assert made.table.rows
    assert all(len(row) == len(made.table.columns) for row in made.table.rows)
    assert all((made.title, made.summary, made.note.formula, made.note.n, made.note.source))
    assert "Istanbul" in made.note.dates
    reader = parsed(made.html())
    if name == "top-posts":
        assert not reader.scripts
        return
    drawn = json.loads(reader.scripts[0])
    assert {trace["type"] for trace in drawn["data"]} <= {"bar", "scatter", "heatmap"}
    # Raises ValueError for a name or value that plotly does not know.
    plotly.graph_objects.Figure(data=drawn["data"], layout=drawn["layout"])
    for path in drawn["narrow"]:
        place = drawn if path.startswith("data.") else drawn["layout"]
        for key in path.split(".")[:-1]:
            place = place[int(key)] if isinstance(place, list) else place[key]


@pytest.mark.parametrize("name", FIGURES)
def test_the_same_numbers_give_the_same_bytes(tmp_path: Path, name: str) -> None:
    assert figure(name, data_of(tmp_path / "a")).html() == figure(name, data_of(tmp_path / "b")).html()


@pytest.mark.parametrize("name", FIGURES)
def test_an_empty_workspace_is_told_what_to_do(tmp_path: Path, name: str) -> None:
    made = figure(name, empty(tmp_path))
    assert made.next_step
    assert not made.plotly
    parsed(made.html())


@pytest.mark.parametrize("name", FIGURES)
def test_every_colour_has_its_dark_mode(tmp_path: Path, name: str) -> None:
    made = figure(name, data_of(tmp_path))
    if made.plotly:
        used = set(re.findall(r'"(#[0-9a-f]{6})"', made.json().split('"data":')[1]))
        assert used <= set(made.dark)


def test_a_format_that_does_better_is_the_title(tmp_path: Path) -> None:
    made = figure("formats", data_of(tmp_path, formats={"text": 1.0, "image": 2.6, "link": 1.0, "thread": 1.0}))
    assert re.fullmatch(r"Image posts do better: \d\.\d × the usual", made.title)
    assert ("image", "better") in [(row[0].text, row[-1].text) for row in made.table.rows]


def test_where_formats_do_not_differ_the_title_says_so(tmp_path: Path) -> None:
    made = figure("formats", data_of(tmp_path))
    assert made.title == "No format stands out"
    assert {row[-1].text for row in made.table.rows} == {"no clear difference"}


def test_few_posts_get_no_bar_but_a_next_step(tmp_path: Path) -> None:
    made = figure("formats", data_of(tmp_path, weeks=1))
    assert made.title == "Not enough data to compare formats"
    assert not made.plotly
    assert made.next_step == "Look again when there are 20 posts, with two formats of 5 or more."


def test_the_map_of_hours_has_no_tint_without_a_finding(tmp_path: Path) -> None:
    made = figure("best-hours", data_of(tmp_path))
    assert made.title == "No hour or weekday stands out"
    values = [value for row in made.plotly["data"][0]["z"] for value in row]
    assert set(values) == {None, 0}
    words = made.plotly["data"][1]["text"]
    assert any(re.fullmatch(r"<b>\d\.\d</b><br>n \d+", word) for word in words)


def test_hours_that_do_better_are_named_in_the_channels_own_zone(tmp_path: Path) -> None:
    made = season(3, evening=2.5)
    read = content(workspace(tmp_path), "bluesky", "mastodon", "mastodon-il")
    found = figure("best-hours", FigureData(gather(read, made.deliveries.values(), made.readings), NOW, ISTANBUL))
    # From 15:30 UTC on, which is 18:30 in Istanbul.
    assert re.fullmatch(r"Posts between 18 and 21 h do better: \d\.\d × the usual", found.title)
    assert "Hours are those of each channel's own zone (Istanbul)" in found.note.dates
    assert any(value for row in found.plotly["data"][0]["z"] for value in row)


def test_numbers_of_a_practice_channel_are_labelled(tmp_path: Path) -> None:
    data = data_of(tmp_path)
    channels = dict(data.numbers.channels)
    channels["bluesky"] = replace(channels["bluesky"], sandbox=True)
    practised = replace(data, numbers=replace(data.numbers, channels=channels))
    for name in FIGURES:
        assert "simulated numbers (sandbox)" in figure(name, practised).html(), name
        assert "simulated" not in figure(name, data).html(), name
    assert "simulated numbers (sandbox)" in figure("formats", replace(data, simulated=True)).html()
    only_real = replace(practised, numbers=practised.numbers.only(["mastodon"]))
    assert "simulated" not in figure("followers", only_real).html()


def evil(folder: Path) -> FigureData:
    read = content(workspace(folder), "mastodon")
    read = replace(read, posts=(Post("launch", "posts/launch.md", ("x",), title=EVIL, lang="he"),))
    numbers = gather(
        read,
        deliveries(delivery("launch", "mastodon", NOW - 3 * DAY)).values(),
        grown("launch", "mastodon", NOW - 3 * DAY, 30),
    )
    return FigureData(numbers, NOW, ISTANBUL, links={"launch": "posts/launch.md?a=1&b=2"})


@pytest.mark.parametrize("name", FIGURES)
def test_a_hostile_title_stays_a_title(tmp_path: Path, name: str) -> None:
    html = figure(name, evil(tmp_path)).html()
    reader = parsed(html)
    assert "img" not in [tag for tag, _ in reader.tags]
    assert not [key for _, attributes in reader.tags for key in attributes if key.startswith("on")]
    assert not re.search(r"\{\{|\{%|\{#|`|\u2028", html)
    assert "\n\n" not in html
    if name in ("curves", "top-posts"):
        assert "onerror" in html


def test_a_title_reaches_plotly_as_letters(tmp_path: Path) -> None:
    reader = parsed(figure("curves", evil(tmp_path)).html())
    names = [trace["name"] for trace in json.loads(reader.scripts[0])["data"]]
    assert all(name.startswith("&lt;/script&gt;&lt;img") for name in names)


def test_the_table_stands_open_in_the_file_and_the_script_is_data(tmp_path: Path) -> None:
    reader = parsed(figure("weeks", data_of(tmp_path)).html())
    assert ("details", {"class": "so-chart-numbers", "open": None}) in reader.tags
    scripts = [attributes for tag, attributes in reader.tags if tag == "script"]
    assert scripts == [{"type": "application/json"}]
    holder = next(attributes for tag, attributes in reader.tags if attributes.get("class") == "so-figure")
    assert holder["role"] == "img"
    assert holder["aria-describedby"] == "figure-weeks-summary"
    assert not [attributes for _, attributes in reader.tags if "style" in attributes]


def test_a_title_links_to_its_page_and_keeps_its_direction(tmp_path: Path) -> None:
    html = figure("top-posts", evil(tmp_path)).html()
    assert '<a href="posts/launch.md?a=1&amp;b=2"><bdi dir="auto">' in html


def test_an_unknown_figure_is_a_usage_error_with_a_proposal(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        figure("format", empty(tmp_path))
    assert caught.value.hint == "Did you mean 'formats'?"


def test_posts_against_the_cadence(tmp_path: Path) -> None:
    made = figure("posts", data_of(tmp_path))
    assert made.title == "mastodon had fewer posts than planned"
    assert [[cell.text for cell in row] for row in made.table.rows] == [
        ["bluesky", "1", "1"],
        ["mastodon", "6", "9"],
        ["mastodon-il", "6", "not set"],
    ]


def test_the_mix_is_only_called_off_beyond_two_posts(tmp_path: Path) -> None:
    made = figure("mix", data_of(tmp_path))
    assert re.fullmatch(
        r"“(What we make|The city)” had (more|less) than its share: \d+ % of posts for 50 %", made.title
    )
    quarter = replace(STRATEGY, pillars=(Pillar("product", "What we make", 0.75), Pillar("city", "The city", 0.25)))
    assert figure("mix", data_of(tmp_path, strategy=quarter)).title == "The mix is within two posts of the strategy"


def test_followers_that_fell_are_said(tmp_path: Path) -> None:
    readings = [
        Reading(NOW - days * DAY, channel, "", 0, "followers", start + (30 - days) * step)
        for channel, start, step in (("bluesky", 100, 1), ("mastodon", 400, -2))
        for days in (30, 20, 10, 1)
    ]
    numbers = gather(content(workspace(tmp_path), "bluesky", "mastodon"), [], readings)
    made = figure("followers", FigureData(numbers, NOW, ISTANBUL))
    assert made.title == "bluesky grew most: +29.0 %; mastodon lost followers"
    assert [cell.text for cell in made.table.rows[1]] == ["mastodon", "400", "342", "−58", "−14.5 %", "6 Nov – 5 Dec"]


def small(folder: Path) -> Numbers:
    items = [
        delivery("frost", "mastodon", NOW - 10 * DAY, kind="image"),
        delivery("lamp", "mastodon", NOW - 4 * DAY),
        delivery("road", "mastodon", NOW - 2 * DAY),
    ]
    readings = [
        *grown("frost", "mastodon", NOW - 10 * DAY, 40, days=9),
        *grown("lamp", "mastodon", NOW - 4 * DAY, 80),
        *grown("road", "mastodon", NOW - 2 * DAY, 12, days=1),
        Reading(NOW - 9 * DAY, "mastodon", "", 0, "followers", 200),
    ]
    return gather(content(workspace(folder), "mastodon"), deliveries(*items).values(), readings)


def test_the_curves_are_drawn_as_they_were(tmp_path: Path) -> None:
    """Compare with golden/curves.json; after a wanted change, delete that file and run again to write it anew."""
    made = figure("curves", FigureData(small(tmp_path), NOW, ISTANBUL, "#b5411f"))
    drawn = json.dumps(json.loads(made.json()), ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    golden = GOLDEN / "curves.json"
    if not golden.is_file():
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(drawn, "utf-8")
        pytest.fail("golden/curves.json was written; look at it, then run again")
    assert drawn == golden.read_text("utf-8")


@pytest.mark.parametrize("accent", ["#b5411f", "#ffe3a3", "#16213e", "#00ff00", "#808080", "not a colour"])
def test_any_accent_is_readable_in_both_modes(accent: str) -> None:
    colours = Colours(accent)
    assert contrast(colours.accent, PAPER) >= 4.5
    assert contrast(colours.dark[colours.accent], SLATE) >= 4.5


def test_the_house_colours_are_seen_in_both_modes() -> None:
    colours = Colours()
    for number in range(4):
        light = colours.series(number)
        assert contrast(light, PAPER) >= 3
        assert contrast(colours.dark[light], SLATE) >= 3
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert readable("#777777", "#ffffff") != "#777777"


@pytest.mark.parametrize(
    ("largest", "expected"), [(0, [0, 1]), (3, [0, 1, 2, 3]), (93, [0, 50, 100]), (227, [0, 100, 200, 300])]
)
def test_ticks_are_round(largest: float, expected: list[float]) -> None:
    assert steps(largest) == expected


def test_plotly_is_copied_from_its_package_once(tmp_path: Path) -> None:
    file = write_plotly(tmp_path / "assets")
    assert file.read_text("utf-8").lstrip().startswith("/**\n* plotly.js v")
    before = file.stat().st_mtime_ns
    assert write_plotly(tmp_path / "assets").stat().st_mtime_ns == before
