"""The rendered site, once through MkDocs: hostile words stay words, every link leads somewhere, nothing is remote."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote

import pytest

from site_stage import HEBREW_CHANNEL, NOW, Element, Stage, elements, post, stage, with_class, words
from socialops.compose.compose import compose
from socialops.errors import SiteError
from socialops.site.build import render
from socialops.site.policy import guard, policy

IMAGE = "<img src=x onerror=alert(1)>"
MUTATION = '<svg></p><style><a id="</style><img src=1 onerror=alert(1)>">'
SNIPPET = '--8<-- "../../../../etc/passwd"\n;--8<-- "../.env"'
TEMPLATE = "{{ config }} {% raw %} {: onclick=alert(1) }"
PIXEL = "![pixel](http://tracker.example/x.gif)"
WORDS = {"m02": IMAGE, "m06": MUTATION, "m08": SNIPPET, "template": TEMPLATE}
HOSTILE = "'</title><script>alert(1)</script> {{ config }} *x* \"><img src=x onerror=y>'"


def picture() -> bytes:
    from PIL import Image

    buffer = io.BytesIO()
    Image.new("RGB", (64, 48), (180, 60, 30)).save(buffer, "PNG")
    return buffer.getvalue()


def files() -> dict[str, str | bytes]:
    made: dict[str, str | bytes] = {
        f"posts/{name}.md": post(text, date=f"2026-12-{number:02d} 09:30", lang="en")
        for number, (name, text) in enumerate(WORDS.items(), start=8)
    }
    return {
        **made,
        "brand/channels/mastodon-il.md": HEBREW_CHANNEL,
        "posts/titled/index.md": post(
            "Text.",
            title=HOSTILE,
            date="2026-12-15 09:30",
            campaign="winter",
            authors=f"[{HOSTILE}]",
            description=HOSTILE,
            media="\n  - {file: lamp.png, alt: " + HOSTILE + "}",
        ),
        "posts/titled/lamp.png": picture(),
        "posts/old.md": post("Old " + IMAGE, title=HOSTILE, date="2026-01-05 09:30"),
        "posts/ner.md": post("נר ראשון", channels="[mastodon-il]", date="2026-12-09 12:30", lang="he", title="נר"),
        "brand/campaigns/winter.md": f"---\ntitle: {HOSTILE}\nbudget: {HOSTILE}\n---\n{IMAGE}\n\n{SNIPPET}\n{MUTATION}",
        "brand/goals/hostile.md": f"---\ntitle: {HOSTILE}\nmetric: {HOSTILE}\nachievable: {HOSTILE}\n"
        f"owner: {HOSTILE}\npillar: {HOSTILE}\n---\n{IMAGE}\n",
        "brand/strategy.md": f"---\ntitle: {HOSTILE}\npillars: [{{name: a, title: {HOSTILE}, share: 1}}]\n"
        f"channels: {{mastodon: {HOSTILE}}}\ncadence: {{mastodon: 1}}\n---\n{IMAGE}\n",
        "brand/team.yml": f"people:\n  {HOSTILE}: {{name: {HOSTILE}, title: {HOSTILE}, forge: {HOSTILE}}}\n"
        f"approvals:\n  - {{what: {HOSTILE}, who: [{HOSTILE}]}}\n",
        "brand/voice.md": f"---\ntitle: {HOSTILE}\nsummary: {HOSTILE}\n---\n# {IMAGE}\n\n{TEMPLATE}\n\n{PIXEL}\n",
        "reports/weekly.md": f"---\ntitle: {HOSTILE}\nfigures: [posts]\n---\n{IMAGE}\n",
    }


@dataclass(frozen=True)
class Rendered:
    made: Stage
    site: Path
    pages: dict[str, list[Element]]

    def html(self, name: str) -> str:
        return (self.site / name).read_text("utf-8")


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Rendered:
    made = stage(tmp_path_factory.mktemp("rendered"), files())
    made.published("titled", "mastodon", NOW - timedelta(days=3))
    made.build()
    site = render(made.workspace, made.out)
    pages = {
        file.relative_to(site).as_posix(): elements(file.read_text("utf-8")) for file in sorted(site.rglob("*.html"))
    }
    return Rendered(made, site, pages)


@pytest.mark.parametrize("name", sorted(WORDS))
def test_hostile_text_is_shown_literally(rendered: Rendered, name: str) -> None:
    content = rendered.made.content()
    found = next(item for item in content.posts if item.id == name)
    sent = [part.text for part in compose(found, content.channels["mastodon"], content).parts]
    shown = [item.text for item in with_class(rendered.html(f"post/{name}.html"), "so-exact")]
    assert shown == sent
    assert shown[0].split()[0] in WORDS[name]


def test_no_page_has_an_element_or_attribute_that_a_writer_made(rendered: Rendered) -> None:
    for name, found in rendered.pages.items():
        for item in found:
            assert not [key for key in item.attributes if key.startswith("on")], name
            assert item.attributes.get("src") not in ("x", "1"), name
            assert not item.attributes.get("href", "").lower().startswith(("javascript:", "data:")), name
            assert item.name not in ("iframe", "object", "embed", "base"), name
        assert "root:" not in "".join(item.text for item in found[:1]), name


def test_hostile_titles_are_text_in_titles_menus_and_headings(rendered: Rendered) -> None:
    wanted = HOSTILE.strip("'")
    for name in ("post/titled.html", "style-guide/voice.html", "strategy/campaigns/winter.html", "reports/weekly.html"):
        found = rendered.pages[name]
        assert [item.text.strip() for item in found if item.name == "h1"] == [wanted], name
        [title] = [item.text for item in found if item.name == "title"]
        assert title.startswith(wanted)
    menu = [item.text.strip() for item in rendered.pages["style-guide/voice.html"] if "md-nav__link" in item.classes]
    assert wanted in menu


def test_nothing_is_loaded_from_elsewhere(rendered: Rendered) -> None:
    for name, found in rendered.pages.items():
        for item in found:
            loaded = [
                item.attributes.get("src", ""),
                item.attributes.get("poster", ""),
                item.attributes.get("srcset", ""),
            ]
            if item.name == "link":
                loaded.append(item.attributes.get("href", ""))
            assert not [address for address in loaded if re.match(r"(?:[a-z]+:)?//|http", address)], (name, item)


def test_every_script_that_runs_is_in_the_policy_and_no_other_could(rendered: Rendered) -> None:
    for name in rendered.pages:
        html = rendered.html(name)
        [content] = re.findall(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">', html)
        assert html.index("Content-Security-Policy") < html.index("<script"), name
        assert content.startswith("default-src 'self'; script-src 'self' 'sha256-")
        assert "unsafe-eval" not in content
        [scripts] = [part for part in content.split("; ") if part.startswith("script-src")]
        assert "unsafe-inline" not in scripts
        for attributes, body in re.findall(r"<script\b([^>]*)>(.*?)</script>", html, re.DOTALL):
            if "src=" not in attributes and "application/json" not in attributes:
                digest = base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()
                assert f"'sha256-{digest}'" in scripts, name


def test_an_injected_script_would_not_be_in_the_policy_of_another_page() -> None:
    clean = "<html><head><script>ours()</script></head><body></body></html>"
    assert policy(clean) != policy(clean.replace("ours", "theirs"))
    assert guard(guard(clean)) == guard(clean)


def test_every_link_inside_the_site_leads_to_a_page_and_a_place_on_it(rendered: Rendered) -> None:
    places = {name: {item.attributes.get("id") for item in found} for name, found in rendered.pages.items()}
    for name, found in rendered.pages.items():
        if name == "404.html":
            continue
        for item in found:
            href = item.attributes.get("href") or item.attributes.get("src") or ""
            if not href or re.match(r"[a-z]+:", href):
                continue
            path, _, fragment = href.partition("#")
            target = (rendered.site / name).parent / unquote(path) if path else rendered.site / name
            assert target.resolve().is_file(), (name, href)
            inside = target.resolve().relative_to(rendered.site.resolve()).as_posix()
            if fragment and inside in places and not fragment.startswith("__"):
                assert unquote(fragment) in places[inside], (name, href)


def test_a_hebrew_title_has_its_direction_in_the_heading(rendered: Rendered) -> None:
    [heading] = [item for item in rendered.pages["post/ner.html"] if item.name == "h1"]
    assert heading.text == "נר"
    assert 'dir="auto">נר</span>' in rendered.html("post/ner.html")


def test_pictures_are_copies_on_the_site_with_their_size_and_description(rendered: Rendered) -> None:
    [shown] = [item for item in rendered.pages["post/titled.html"] if item.attributes.get("loading") == "lazy"]
    assert shown.attributes["src"].startswith("../assets/media/")
    assert (shown.attributes["width"], shown.attributes["height"]) == ("64", "48")
    assert shown.attributes["alt"] == HOSTILE.strip("'")


def test_the_report_loads_the_charts_and_other_pages_do_not(rendered: Rendered) -> None:
    assert "plotly.min.js" in rendered.html("reports/weekly.html")
    assert [name for name in rendered.pages if "plotly.min.js" in rendered.html(name)] == ["reports/weekly.html"]
    assert (rendered.site / "assets" / "plotly.min.js").is_file()


def test_the_search_index_holds_no_markup_of_a_writer(rendered: Rendered) -> None:
    index = (rendered.site / "search" / "search_index.json").read_text("utf-8")
    assert "<img" not in index
    assert "<script" not in index


def test_the_search_finds_old_posts_by_their_title_and_leaves_their_texts_out(rendered: Rendered) -> None:
    found = json.loads((rendered.site / "search" / "search_index.json").read_text("utf-8"))["docs"]
    places = {item["location"]: item for item in found}
    assert places["posts/2026-01.html"] == {"location": "posts/2026-01.html", "title": "January 2026", "text": ""}
    assert places["posts/2026-01.html#old"]["text"] == ""
    assert places["posts/2026-01.html#old"]["title"].startswith("&lt;/title&gt;&lt;script&gt;alert(1)")
    assert any("root" not in item["text"] and item["location"].startswith("post/m08.html") for item in found)


def test_a_page_opened_from_disk_can_say_that_it_cannot_be_searched(rendered: Rendered) -> None:
    script = (rendered.site / "assets" / "search.js").read_text("utf-8")
    assert "python -m http.server" in script
    for name in set(rendered.pages) - {"404.html"}:
        html = rendered.html(name)
        assert "assets/search.js" in html, name
        assert 'class="md-search-result__meta"' in html, name  # where the sentence goes


def test_the_handbook_is_there_with_its_rules(rendered: Rendered) -> None:
    assert "handbook/rules.html" in rendered.pages
    assert "alt-missing" in " ".join(words(rendered.pages["handbook/rules.html"][:1]))


def test_rendering_without_a_tree_says_what_to_do(tmp_path: Path) -> None:
    made = stage(tmp_path, {})
    with pytest.raises(SiteError, match="no tree") as raised:
        render(made.workspace, made.out)
    assert raised.value.hint


def test_a_mistake_in_the_teams_settings_is_told_in_mkdocs_own_words(tmp_path: Path) -> None:
    made = stage(tmp_path, {"mkdocs.yml": "site_name: x\ntheme: {name: nowhere}\n"})
    made.build()
    with pytest.raises(SiteError, match="nowhere") as raised:
        render(made.workspace, made.out)
    assert raised.value.hint == "Look at mkdocs.yml."
