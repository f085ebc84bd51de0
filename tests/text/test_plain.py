"""Markdown becomes the plain text that networks take."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from socialops.content import text as text_module
from socialops.content.text import plain

BADINPUTS = Path(__file__).parents[2].parent / "shared" / "badinputs"


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("Hello", "Hello"),
        ("  Hello  \n", "Hello"),
        ("One\nTwo", "One\nTwo"),
        ("One  \nTwo", "One\nTwo"),
        ("One\\\nTwo", "One\nTwo"),
        ("One\n\n\n\nTwo", "One\n\nTwo"),
        ("One\r\n\r\nTwo", "One\n\nTwo"),
        ("a **bold**, *soft*, _soft_, ***both*** word", "a bold, soft, soft, both word"),
        ("a snake_case_name and 2 * 3 * 4", "a snake_case_name and 2 * 3 * 4"),
        ("`code *kept*` and ``a`b``", "code *kept* and a`b"),
        ("`https://e.org/c` and `see https://e.org/a_b_c.`", "https://e.org/c and see https://e.org/a_b_c."),
        ("a tick: https://e.org/c` alone", "a tick: https://e.org/c` alone"),
        ("# Title\nText\n\n## Next", "Title\nText\n\nNext"),
        ("#winter is no title", "#winter is no title"),
        ("- one\n- two\n* three", "• one\n• two\n• three"),
        ("- one\n\n- two", "• one\n\n• two"),
        ("Buy:\n- lamp\n  - bulb", "Buy:\n• lamp\n◦ bulb"),
        ("1. one\n2. two", "1. one\n2. two"),
        ("7. seven\n9. nine", "7. seven\n9. nine"),
        ("0. zero\n1. one", "0. zero\n1. one"),
        ("1) one", "1) one"),
        ("> quoted\n\n***\n\nTitle\n=====", "> quoted\n\n***\n\nTitle\n====="),
        ("    indented", "indented"),
        ("```py\na = 1\n  b\n```\nafter", "a = 1\n  b\nafter"),
        ("\\*kept\\* &amp; &lt;", "*kept* & <"),
        ("Tom & Jerry, 3 < 5 > 2, R&D;", "Tom & Jerry, 3 < 5 > 2, R&D;"),
        ("<b>not bold</b> <!-- seen -->", "<b>not bold</b> <!-- seen -->"),
        ("<img src=x onerror=alert(1)>", "<img src=x onerror=alert(1)>"),
        ('--8<-- "../../.env"', '--8<-- "../../.env"'),
        ("[x]: https://example.org\n[x]", "[x]: https://example.org\n[x]"),
        ("{{ post.title }} {% raw %}", "{{ post.title }} {% raw %}"),
        ("cafe\u0301", "caf\u00e9"),
        ("[label](https://example.org/x).", "label https://example.org/x."),
        ("[https://example.org](https://example.org)", "https://example.org"),
        ("[example.org](https://example.org/)", "https://example.org/"),
        ("<https://example.org>", "https://example.org"),
        ("[a **b** c](https://example.org)", "a b c https://example.org"),
        ("[](https://example.org)", "https://example.org"),
        ("https://example.org/_a_/*b*", "https://example.org/_a_/*b*"),
        ("**https://example.org/a_b_**", "https://example.org/a_b_"),
        ("[call](tel:+90)", "call"),
        ("Text ![alt](lamp.jpg) on", "Text  on"),
        ("![alt](lamp.jpg)\n\nText", "Text"),
        ("", ""),
    ],
)
def test_what_is_shown(markdown: str, text: str) -> None:
    assert plain(markdown).text == text


def test_a_rich_text_keeps_labels_and_says_where_they_lead() -> None:
    found = plain("Oku: **[kış rehberi](https://example.org/kış)** ve [bu](https://example.org/2).", rich=True)

    assert found.text == "Oku: kış rehberi ve bu."
    assert [(found.text[span.start : span.end], span.target) for span in found.spans] == [
        ("kış rehberi", "https://example.org/kış"),
        ("bu", "https://example.org/2"),
    ]


def test_an_address_in_code_is_code() -> None:
    found = plain("See `https://e.org/c`, https://e.org/a_b_c and `x`", styled=True)
    assert found.text == "See https://e.org/c, https://e.org/a_b_c and x"
    assert [(found.text[style.start : style.end], style.kind) for style in found.styles] == [
        ("https://e.org/c", "code"),
        ("x", "code"),
    ]


def test_labels_stay_in_place_when_a_picture_and_spaces_are_dropped_before_them() -> None:
    found = plain("![a](b.jpg)\n\nOne  ![c](d.jpg)  \n\n[two](https://example.org)", rich=True)

    assert [found.text[span.start : span.end] for span in found.spans] == ["two"]


def test_targets_of_links_and_pictures_are_told_even_if_they_lead_nowhere() -> None:
    found = plain("[a](javascript:alert(1)) ![b](http://169.254.169.254/)")

    assert found.links == (("a", "javascript:alert(1)"),)
    assert found.images == ("http://169.254.169.254/",)
    assert found.spans == ()


PLAIN_WORDS = st.text(st.sampled_from("ab ış.,!?#@\n•1שלום🚲"), max_size=60)


@given(PLAIN_WORDS)
@example("1\n\n\n\n1")
def test_a_text_without_markup_is_the_same_with_and_without_the_parser(words: str) -> None:
    quick = plain(words)
    parsed, *_ = text_module._parse(words)

    if text_module._MARKDOWN.search(words) is None:
        assert quick.text == parsed.text


@given(PLAIN_WORDS)
def test_making_plain_what_is_plain_changes_nothing(words: str) -> None:
    once = plain(words).text

    assert plain(once).text == once


SYNTAX = ("*", "**", "_", "`", "[", "](", ")", "![", "<", ">", "- ", "1. ", "# ", "\n", "\n\n", "\\", "```", "&amp;")
WORDS = (" ", "a", "ış", "שלום", "https://example.org/a_b", "[x](https://example.org)", "\ue000", "\x00", "\t")
MARKDOWN = st.lists(st.sampled_from(SYNTAX + WORDS), max_size=40).map("".join)


@given(MARKDOWN)
def test_any_markdown_gives_a_text_whose_spans_lie_inside_it(markdown: str) -> None:
    for rich in (False, True):
        found = plain(markdown, rich=rich)
        assert found.text == found.text.strip()
        for span in found.spans:
            assert 0 <= span.start < span.end <= len(found.text)
            assert span.target.startswith("https://")


@given(MARKDOWN)
def test_no_address_is_lost(markdown: str) -> None:
    if "https://" in markdown and "![" not in markdown:
        assert "https://example.org" in plain(markdown).text


@pytest.mark.parametrize(
    "hostile",
    [
        "[" * 20_000 + "](" * 20_000,
        "[x]: <y\n" * 2_400,
        "*a_ " * 499,
        "`" * 1_999,
        "- " * 900,
        ("`" * 10 + " ") * 180,
        "![" * 199,
        "**a" * 900,
        "[a](<b" * 199,
        "> " * 900,
        "<a " * 1_999,
        "\\" * 1_999,
        "1. " * 3_000,
        "_a " * 1_999,
        "[a](https://x" * 199,
        "https://x" * 2_000 + "*",
        "\ue0001\ue001 https://example.org *",
    ],
)
def test_hostile_texts_are_plain_in_no_time(hostile: str) -> None:
    begin = time.perf_counter()
    plain(hostile)
    assert time.perf_counter() - begin < 1


def test_the_tangle_among_the_bad_inputs_is_plain_in_no_time() -> None:
    file = BADINPUTS / "M12.md"
    if not file.is_file():
        pytest.skip("the collection of bad inputs is not beside this project")
    begin = time.perf_counter()
    plain(file.read_text("utf-8"))
    assert time.perf_counter() - begin < 1
