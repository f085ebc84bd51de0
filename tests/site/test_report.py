from __future__ import annotations

import importlib
import re
from pathlib import Path

from builder import workspace
from measured import NOW, content, season
from socialops.content.brand import Brand, Guideline, ReportDefinition
from socialops.measuring.numbers import gather
from socialops.site.palette import accent_of
from socialops.site.report import ReportContext, report_page


def context(folder: Path, brand: Brand | None = None) -> ReportContext:
    made = season(3)
    space = workspace(folder)
    read = content(space, "bluesky", "mastodon", "mastodon-il")
    return ReportContext(space, gather(read, made.deliveries.values(), made.readings), brand or Brand())


def page(folder: Path, body: str, *figures: str, channels: tuple[str, ...] = ()) -> str:
    definition = ReportDefinition(
        "weekly", "reports/weekly.md", "The week", figures=figures, channels=channels, body=body
    )
    return report_page(definition, context(folder), NOW)


def order(text: str) -> list[str]:
    return re.findall(r'id="figure-([a-z-]+)" aria', text)


def test_a_figure_stands_where_the_prose_places_it_and_the_rest_follow_in_order(tmp_path: Path) -> None:
    text = page(tmp_path, "Before.\n\n{{ figure: formats }}\n\n## Then\n\nAfter.\n", "weeks", "formats", "followers")
    assert order(text) == ["formats", "weeks", "followers"]
    assert text.index("Before") < text.index('id="figure-formats"') < text.index("## Then") < text.index("After")


def test_a_figure_is_placed_once(tmp_path: Path) -> None:
    assert order(page(tmp_path, "{{ figure: weeks }}\n\n{{ figure: weeks }}\n", "weeks")) == ["weeks"]


def test_only_the_exact_line_is_a_place(tmp_path: Path) -> None:
    body = "A {{ figure: weeks }} inside.\n\n{{figure:weeks}}\n\n```\n{{ figure: weeks }}\n```\n\n{{ figure: Weeks }}\n"
    text = page(tmp_path, body)
    assert order(text) == []
    assert "{{" not in text


def test_the_prose_may_be_markdown_and_never_html(tmp_path: Path) -> None:
    text = page(tmp_path, "*So* <script>alert(1)</script> [x](javascript:alert(1)) <img src=x onerror=y>\n")
    assert "<em>So</em>" in text
    assert "<script>alert" not in text
    assert "<img" not in text
    assert 'href="javascript' not in text


def test_an_unknown_figure_says_what_to_correct(tmp_path: Path) -> None:
    text = page(tmp_path, "", "folowers")
    assert (
        "There is no figure &#39;folowers&#39;. Did you mean &#39;followers&#39;? Correct it in reports/weekly.md."
        in text
    )


def test_four_numbers_stand_first_with_change_n_days_and_source(tmp_path: Path) -> None:
    text = page(tmp_path, "Prose.\n")
    head = text.split("Prose.")[0]
    assert re.findall(r'so-headline-title">([^<]+)<', head) == [
        "Posts published",
        "Engagement gained",
        "Engagement after 48 hours, middle post",
        "New followers",
    ]
    assert len(re.findall(r'so-headline-change">', head)) == 4
    assert "29 Nov 2026 – 5 Dec 2026, Istanbul" in head
    assert "last read Sun 6 Dec 2026" in head


def test_a_report_is_about_the_channels_it_names(tmp_path: Path) -> None:
    text = page(tmp_path, "", "followers", channels=("bluesky",))
    assert "bluesky" in text
    assert "mastodon" not in text


def test_blocks_are_one_piece_of_html_for_any_markdown_builder(tmp_path: Path) -> None:
    builder = importlib.import_module("markdown")
    html = builder.markdown(
        page(tmp_path, "Prose.\n", "weeks", "formats"), extensions=["attr_list", "md_in_html", "tables"]
    )
    assert html.count('<script type="application/json">') == 2
    assert html.count("</figure>") == 2
    assert "<p><figure" not in html


def test_the_accent_is_the_brands(tmp_path: Path) -> None:
    brand = Brand(guidelines=(Guideline("brand/visual.md", "Look", "", params={"accent": "#2b7a78"}),))
    assert accent_of(brand) == "#2b7a78"
    assert accent_of(Brand()) == "#3a5a8c"
    definition = ReportDefinition("weekly", "reports/weekly.md", "The week", figures=("posts",))
    assert "#2b7a78" in report_page(definition, context(tmp_path, brand), NOW)
