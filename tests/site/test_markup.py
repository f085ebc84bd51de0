"""Foreign text on a page: every character is shown, and none of it means anything to a builder or a browser."""

from __future__ import annotations

from importlib import import_module

import pytest
from hypothesis import given
from hypothesis import strategies as st

from site_stage import elements, with_class
from socialops.site.markup import (
    Picture,
    Surroundings,
    anchor_of,
    direction,
    exact,
    first_words,
    heading,
    prose,
    prose_html,
    ready,
)

EXTENSIONS = ["attr_list", "md_in_html", "tables", "admonition", "pymdownx.details", "pymdownx.superfences", "toc"]
"""What mkdocs.yml turns on, and the table of contents, which MkDocs always does."""
HOSTILE = (
    "<img src=x onerror=alert(1)>",
    '<svg></p><style><a id="</style><img src=1 onerror=alert(1)>">',
    '--8<-- "../../.env"\n;--8<-- "../.env"',
    "```\nfence\n```\n~~~ {.x onload=y}\n~~~",
    "{{ config }} {% include 'x' %} {: onclick=x }",
    "</div>\n\n# heading\n\n[x]: javascript:alert(1)\n\n!!! note\n    text",
    "\\*a\\* _b_ `c` [d](javascript:x) ![e](http://x.example/t.gif) &lt; &amp; &#60;",
    "<!-- socialops-report --> <?php ?> <![CDATA[x]]>",
    "\u0002wzxhzdk:0\u0003 \u0002stx\u0003",
    "  two  spaces\n\n\n\tand a tab \n",
)
texts = st.text(st.characters(codec="utf-8"), max_size=200) | st.sampled_from(HOSTILE)


def built(source: str) -> str:
    return str(import_module("markdown").markdown(source, extensions=EXTENSIONS))


def visible(text: str) -> str:
    """What a page can show of *text*: line ends made one, controls replaced."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join("\ufffd" if (ord(c) < 32 and c not in "\n\t") or 127 <= ord(c) < 160 else c for c in plain)


@given(texts)
def test_a_text_comes_out_of_a_builder_as_it_went_in(text: str) -> None:
    block = ready(f'<div><p class="x">{exact(text)}</p></div>')
    html = built(f"before\n\n{block}\n\nafter")
    shown = with_class(html, "x")
    assert [item.text for item in shown] == [visible(text)]
    assert [item.name for item in elements(html)] == ["p", "div", "p", "p"]


@given(texts)
def test_a_heading_shows_its_text_and_nothing_else(text: str) -> None:
    html = built(heading(1, text))
    found = elements(html)
    assert [item.name for item in found if item.name != "span"] == ["h1"]
    assert set(found[0].attributes) == {"id"}
    cleaned = "".join(
        " " if c == "\x7f" or (ord(c) < 32 and c not in "\n\t\r") or 127 < ord(c) < 160 else c for c in text
    )
    assert found[0].text.split() == (cleaned.split() or ["…"])


@pytest.mark.parametrize("text", HOSTILE)
def test_prose_of_a_writer_makes_no_element_that_is_not_on_the_list(text: str) -> None:
    html = built("\n\n".join(prose(text)))
    allowed = {"div", "p", "em", "strong", "code", "pre", "blockquote", "ul", "ol", "li", "a", "h1", "h2", "span", "br"}
    assert {item.name for item in elements(html)} <= allowed
    for item in elements(html):
        assert not any(name.startswith("on") or name == "style" for name in item.attributes)
        assert not item.attributes.get("href", "").startswith("javascript:")


def test_raw_html_in_prose_is_shown_as_text() -> None:
    assert with_class(built(prose("Look: <b onclick=x>bold</b>")[0]), "so-prose")[0].text == (
        "Look: <b onclick=x>bold</b>\n"
    )


def test_a_remote_picture_becomes_its_alternative_text() -> None:
    for address in ("http://169.254.169.254/latest/", "//host.example/x.png", "data:image/png;base64,AA", "file:///x"):
        html = prose_html(f"![the lamp]({address})", Surroundings(lambda _: "", lambda _: Picture("never", 1, 1)))
        assert "<img" not in html
        assert "[the lamp]" in html


def test_a_local_picture_is_shown_where_the_page_has_it() -> None:
    around = Surroundings(lambda _: "", lambda link: Picture(f"../media/{link}", 40, 30))
    assert '<img src="../media/lamp.png" alt="lit" width="40" height="30">' in prose_html("![lit](lamp.png)", around)


def test_links_go_to_pages_and_to_the_web_and_nowhere_else() -> None:
    around = Surroundings(lambda link: "voice.html" if link == "voice.md" else "")
    html = prose_html(
        "[a](voice.md) [b](https://x.example) [c](mailto:a@x.example) [d](//x.example) [e](missing.md) [f](ftp://x.y)",
        around,
    )
    links = {item.text: item.attributes.get("href") for item in elements(html) if item.name == "a"}
    assert links == {
        "a": "voice.html",
        "b": "https://x.example",
        "c": "mailto:a@x.example",
        "d": None,
        "e": None,
        "f": None,
    }


def test_headings_of_prose_stay_markdown_and_begin_below_the_title() -> None:
    assert prose("# One\n\ntext\n\n## Two *words*\n\n# One")[::2] == [
        "## One {#one}",
        "### Two words {#two-words}",
    ]
    assert prose("# One\n\n# One") == ["## One {#one}", "## One {#one-2}"]


@pytest.mark.parametrize(
    ("lang", "expected"),
    [("he", "rtl"), ("he-IL", "rtl"), ("ar", "rtl"), ("yi", "rtl"), ("tr", "ltr"), ("ro", "ltr"), ("", "auto")],
)
def test_a_language_has_a_direction(lang: str, expected: str) -> None:
    assert direction(lang) == expected


@given(st.text(max_size=80))
def test_an_anchor_is_short_ascii_and_never_empty(text: str) -> None:
    anchor = anchor_of(text)
    assert anchor
    assert anchor.isascii()
    assert len(anchor) <= 60
    assert anchor.replace("-", "").isalnum()


def test_a_dotless_i_has_an_anchor_of_its_letters() -> None:
    assert anchor_of("Işık ve Kış") == "isik-ve-kis"


def test_first_words_end_at_a_word() -> None:
    assert first_words("one two three four", 9) == "one two…"
    assert first_words("short") == "short"
    assert first_words("a\n\nb  c") == "a b c"
