"""No text that a writer typed means anything in what we write to GitHub."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from socialops.output import markdown
from socialops.problem import error, note, warning

HOSTILE = (
    "@octocat",
    "@org/team",
    "#1",
    "GH-1",
    "gh-12",
    "owner/repo#1",
    "fixes #1",
    "closes https://github.com/o/r/issues/1",
    "www.evil.example",
    "mailto:a@b.example",
    "a@b.example",
    "<img src=x onerror=alert(1)>",
    "</details>",
    "</summary>",
    "<!--",
    "-->",
    "![x](https://evil.example/x.png)",
    "[x](javascript:alert(1))",
    "[x]: https://evil.example",
    "<https://evil.example>",
    "```",
    "~~~",
    "`" * 9,
    "`",
    "$a$",
    "$`x`$",
    "\\",
    "&#64;octocat",
    "&lt;img&gt;",
    "\u202egnp",
    "\u2066x",
    "\ufeff",
    "\U000e0041",
    "\n\n# Heading",
    "\n- [ ] task",
    "\r\n---\r\n",
    "\r",
    "\x0b",
    "\x1b[2J",
    "\x00",
    "\u2028",
    "|",
    "~~x~~",
    "**x**",
    "_x_",
    "1. x",
    "> quote",
    "    code",
    "::error::x",
)
TEXTS = st.lists(st.sampled_from(HOSTILE) | st.text(max_size=6), max_size=8).map("".join)


class Seen(HTMLParser):
    """The tags of a page, and its words outside of code."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.depth = 0
        self.open: list[str] = []
        self.comments: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.depth += tag in ("code", "pre")
        if tag not in ("img", "hr", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        self.depth -= tag in ("code", "pre")
        assert self.open
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not self.depth:
            self.words.append(data)

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)


MEANT = re.compile(r"@[\w-]|#\d|\bGH-\d|https?://|\bwww\.|\bmailto:|\$[^\s\u200b]", re.IGNORECASE)
"""What GitHub makes something of after the Markdown was rendered."""
FORMATTED = frozenset({"a", "img", "h1", "input", "del", "script", "style", "table", "blockquote", "hr", "br"})


def seen(text: str) -> Seen:
    """Render as GitHub does, but for what it adds later, and look at it."""
    page = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).render(text)
    found = Seen()
    found.feed(page)
    found.close()
    assert not found.comments
    return found


def assert_harmless(text: str, *, allowed: frozenset[str] = frozenset()) -> Seen:
    found = seen(text)
    assert {tag for tag, _ in found.tags} & FORMATTED <= allowed
    assert found.open == []
    words = "".join(found.words)
    assert not MEANT.search(words), words
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]", text)
    return found


@given(TEXTS)
@example("".join(HOSTILE))
def test_prose_is_words_and_nothing_else(text: str) -> None:
    found = assert_harmless(f"- ❌ **error** {markdown.prose(text)}\n- next\n")
    assert [tag for tag, _ in found.tags] == ["ul", "li", "strong", "li"]


@given(TEXTS)
@example("# Heading")
@example("+ x")
@example("12) x")
def test_prose_may_begin_a_line(text: str) -> None:
    found = assert_harmless(markdown.prose(text))
    assert {tag for tag, _ in found.tags} <= {"p"}


@given(TEXTS)
@example("".join(HOSTILE))
def test_code_is_one_piece_of_code(text: str) -> None:
    found = assert_harmless(f"- {markdown.code(text)} and more\n- next\n")
    tags = [tag for tag, _ in found.tags]
    assert tags in (["ul", "li", "code", "li"], ["ul", "li", "li"])
    assert "".join(found.words).strip().endswith("next")


@given(TEXTS)
@example("".join(HOSTILE))
@example("`" * 2000)
def test_no_text_gets_out_of_its_fence(text: str) -> None:
    lines = markdown.details("title", [*markdown.fence(text), "", "after"])
    found = assert_harmless("\n".join(lines), allowed=frozenset())
    assert [tag for tag, _ in found.tags] == ["details", "summary", "pre", "code", "p"]
    assert "".join(found.words).split() == ["title", "after"]


@given(TEXTS)
@example("".join(HOSTILE))
def test_a_summary_and_an_attribute_hold_any_text(text: str) -> None:
    shown = markdown.html_text(text)
    lines = markdown.details(markdown.html_code(text), [f'<img src="https://x.example/y" alt="{shown}">', "", "after"])
    found = seen("\n".join(lines))
    tags = [tag for tag, _ in found.tags]
    assert tags == ["details", "summary", "code", "img", "p"]
    assert set(found.tags[3][1]) == {"src", "alt"}
    assert found.open == []


def test_what_people_read_stays_what_was_written() -> None:
    assert markdown.prose("Kış geldi: 3 * 4 = 12 (50%)") == "Kış geldi: 3 \\* 4 = 12 (50%)"
    assert markdown.code("posts/a.md") == "`posts/a.md`"
    assert markdown.fence("שלום 🚲\nשורה") == ["```text", "שלום 🚲", "שורה", "```"]
    assert "".join(seen(markdown.prose("a <b> & [c] `d`")).words).strip() == "a <b> & [c] `d`"


@pytest.mark.parametrize("sign", ["\u202e", "\u2066", "\U000e0041", "\u200b"])
def test_signs_that_are_not_seen_are_shown(sign: str) -> None:
    for shown in ("\n".join(markdown.fence(f"a{sign}b")), markdown.prose(f"a{sign}b"), markdown.code(f"a{sign}b")):
        assert f"U+{ord(sign):04X}" in shown
        assert sign not in shown


PROBLEMS = [
    note("media-refit", "posts/a.md", (0, 0), "The picture will be made smaller."),
    warning("html-literal", "posts/kış.md", (10, 3), "HTML is shown: <b>@octocat #1</b>."),
    error("text-too-long", "posts/kış.md", (9, 1), "12 graphemes too many.", "Shorten the text."),
]


def test_problems_come_errors_first() -> None:
    said = markdown.render_problems(PROBLEMS, checked=2)
    assert said.splitlines()[0] == "### 2 posts checked: 1 error, 1 warning, 1 note"
    assert said.splitlines()[2] == (
        "- ❌ **error** `posts/kış.md:9` (`text-too-long`): 12 graphemes too many. Shorten the text."
    )
    assert_harmless(said)


def test_so_many_problems_are_cut_and_counted() -> None:
    said = markdown.render_problems(PROBLEMS * 200, checked=2, most=50)
    assert said.count("\n- ") == 50
    assert "550 more are not shown here" in said


def test_without_problems_one_line_is_enough() -> None:
    assert markdown.render_problems([], checked=1) == "### 1 post checked: nothing to correct\n"
