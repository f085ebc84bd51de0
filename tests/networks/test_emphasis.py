"""Bold, italic, code and quotations: from Markdown to what each of the five networks with rich text is sent."""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from builder import workspace
from networks import stub_discord, stub_telegram
from networks.contract import text as part_of
from networks.stub_discord import emphasised
from networks.stub_slack import read_blocks
from socialops.compose.compose import compose
from socialops.compose.limits import LABELLED_LINKS, STYLED
from socialops.content.emphasis import Style, with_quotes
from socialops.content.load import load
from socialops.content.text import PlainText, find_spans, plain
from socialops.http import Http
from socialops.networks import ADAPTERS, connect, counts, default_limits
from socialops.networks.base import Login
from socialops.networks.discord_text import marked_up
from socialops.networks.draft import Draft, Part, draft_from_record
from socialops.networks.email_message import letter_html, plain_text
from socialops.networks.matrix_event import content_of
from socialops.networks.rich_text import settled, stretches
from socialops.networks.slack_text import rich_text
from socialops.output.text import render_draft
from socialops.site.preview import linked

MARKDOWN = """\
**Kış** geldi, *hemen* bak: [bir **yer**](https://e.org/) ❄️ `a*b` ve ***ikisi***

> Alıntı **bir
> iki** #kış

```
> kod
  <b>
```

\\> değil; 5 * 3 < 20 https://e.org/x
"""
WORDS = (
    "Kış geldi, hemen bak: bir yer ❄️ a*b ve ikisi\n\nAlıntı bir\niki #kış\n\n> kod\n  <b>\n\n"
    "> değil; 5 * 3 < 20 https://e.org/x"
)


def written(markdown: str) -> Part:
    found = plain(markdown, styled=True)
    return Part(found.text, find_spans(found.text, found.spans), styles=found.styles)


PART = written(MARKDOWN)


def test_a_styled_text_says_what_is_emphasised_and_nothing_else_changes() -> None:
    found, rich = plain(MARKDOWN, styled=True), plain(MARKDOWN, rich=True)
    assert found.text == WORDS
    assert [(style.kind, found.text[style.start : style.end]) for style in found.styles] == [
        ("bold", "Kış"),
        ("italic", "hemen"),
        ("bold", "yer"),
        ("code", "a*b"),
        ("bold", "ikisi"),
        ("italic", "ikisi"),
        ("quote", "Alıntı bir\niki #kış"),
        ("bold", "bir\niki"),
        ("block", "> kod\n  <b>"),
    ]
    assert (rich.text, rich.styles) == (WORDS.replace("Alıntı", "> Alıntı").replace("iki #", "> iki #"), ())
    assert [(found.text[s.start : s.end], s.target) for s in found.spans] == [("bir yer", "https://e.org/")]


@pytest.mark.parametrize(
    ("markdown", "text", "quoted"),
    [
        ("> a", "a", ["a"]),
        (">:( no", ">:( no", []),
        (">a", ">a", []),
        ("\\> a", "> a", []),
        ("&gt; a", "> a", []),
        ("> \n>", ">\n>", []),
        ("> a\n>\n> b\nc", "a\n\nb\nc", ["a\n\nb"]),
        ("x > y", "x > y", []),
        ("`> a`", "> a", []),
    ],
)
def test_what_is_a_quotation(markdown: str, text: str, quoted: list[str]) -> None:
    found = plain(markdown, styled=True)
    marked = [found.text[style.start : style.end] for style in found.styles if style.kind == "quote"]
    assert (found.text, marked) == (text, quoted)


@given(st.text(st.sampled_from("ab*_`>[]()\\ \nış❄\u05d0#@"), max_size=60))
def test_styles_lie_in_the_text_and_every_network_bears_them(markdown: str) -> None:
    found, rich = plain(markdown, styled=True), plain(markdown, rich=True)
    assert all(0 <= style.start < style.end <= len(found.text) for style in found.styles)
    assert found.text.replace("> ", "").replace(">", "").split() == rich.text.replace("> ", "").replace(">", "").split()
    part = Part(found.text, find_spans(found.text, found.spans), styles=found.styles)
    _, styles = settled(part.text, part.spans, part.styles)
    assert "".join(part.text[a:b] for a, b, _ in stretches(part.text, styles)) == part.text
    for network in STYLED:
        counts(network, part, default_limits(network))
    seen, _ = read_blocks([rich_text(part.text, part.spans, part.styles)])
    assert "".join(seen.split()) == "".join(part.text.split())
    assert "<script" not in letter_html(part, [])
    assert content_of(part, "k")["body"].replace("> ", "").split() == part.text.replace("> ", "").split()
    assert draft_from_record(Draft("p", "c", "matrix", "text", (part,)).record()).parts == (part,)


PLAIN_WORDS = st.text(st.sampled_from("ab ış.,*_`~|\\<>:/#-1\n"), min_size=1, max_size=12)


@given(PLAIN_WORDS, PLAIN_WORDS, st.sampled_from(["bold", "italic", "code"]))
def test_discord_shows_what_is_emphasised_and_every_sign(before: str, inside: str, kind: Any) -> None:
    words = f"{before} {inside} x"
    begin = len(before) + 1
    style = Style(begin, begin + len(inside), kind)
    if "\n" in inside or not inside.strip() or inside.strip() != inside or "`" in inside:
        return
    seen, _, found = emphasised(marked_up(words, (), (style,)))
    assert (seen, found) == (words, [(kind, inside)])


def test_telegram_gets_entities_that_count_nothing() -> None:
    server = stub_telegram.FakeTelegram()
    login = Login("telegram", "@lumenvelo", "", stub_telegram.TOKEN, settings={"chat": "@lumenvelo"})
    adapter = connect("telegram", login, Http(transport=httpx.MockTransport(server)))
    adapter.publish(PART, key="k")
    (message,) = server.messages.values()
    assert message["text"] == WORDS
    assert [(entity["type"], entity["words"]) for entity in message["entities"]] == [
        ("bold", "Kış"),
        ("italic", "hemen"),
        ("text_link", "bir yer"),
        ("bold", "yer"),
        ("code", "a*b"),
        ("bold", "ikisi"),
        ("italic", "ikisi"),
        ("blockquote", "Alıntı bir\niki #kış"),
        ("bold", "bir\niki"),
        ("pre", "> kod\n  <b>"),
    ]
    (count,) = counts("telegram", PART, default_limits("telegram"))
    assert count.used == len(WORDS)


def test_discord_gets_its_own_markup_and_counts_it() -> None:
    content = marked_up(PART.text, PART.spans, PART.styles)
    assert content == (
        "**Kış** geldi, *hemen* bak: [bir **yer**](https://e.org/) ❄️ `a*b` ve ***ikisi***\n\n"
        "> Alıntı **bir\n> iki** #kış\n\n```\n> kod\n  <b>\n```\n\n\\> değil; 5 \\* 3 \\< 20 https://e.org/x"
    )
    (count,) = counts("discord", PART, default_limits("discord"))
    assert count.used == len(content)
    seen, links, found = emphasised(content)
    assert (seen, links) == (WORDS, [("bir yer", "https://e.org/"), ("https://e.org/x", "https://e.org/x")])
    assert dict(found)["quote"] == "Alıntı bir\niki #kış"


def test_discord_puts_no_sign_into_an_address() -> None:
    bold = written("**https://e.org/a_b** x")
    assert marked_up(bold.text, bold.spans, bold.styles) == "**<https://e.org/a_b>** x"
    code = (Style(0, 15, "code"),)
    assert marked_up("https://e.org/c", find_spans("https://e.org/c"), code) == "`https://e.org/c`"
    ticks = Style(0, 3, "code")
    assert marked_up("a`b", (), (ticks,)) == "``a`b``"
    assert marked_up("```", (), (Style(0, 3, "block"),)) == "\\`\\`\\`"


def test_slack_gets_a_block_of_rich_text() -> None:
    block = rich_text(PART.text, PART.spans, PART.styles)
    assert [element["type"] for element in block["elements"]] == [
        "rich_text_section",
        "rich_text_quote",
        "rich_text_preformatted",
        "rich_text_section",
    ]
    quote = next(element for element in block["elements"] if element["type"] == "rich_text_quote")
    assert quote["elements"] == [
        {"type": "text", "text": "Alıntı "},
        {"type": "text", "text": "bir\niki", "style": {"bold": True}},
        {"type": "text", "text": " #kış"},
    ]
    first = block["elements"][0]["elements"]
    assert {"type": "link", "url": "https://e.org/", "text": "yer", "style": {"bold": True}} in first
    assert {"type": "text", "text": "a*b", "style": {"code": True}} in first
    assert {"type": "text", "text": "ikisi", "style": {"bold": True, "italic": True}} in first
    (code,) = [element for element in block["elements"] if element["type"] == "rich_text_preformatted"]
    assert code["elements"] == [{"type": "text", "text": "> kod\n  <b>"}]


def test_matrix_gets_html_and_plain_words() -> None:
    content = content_of(PART, "k")
    assert content["formatted_body"] == (
        '<strong>Kış</strong> geldi, <em>hemen</em> bak: <a href="https://e.org/">bir <strong>yer</strong></a> ❄️ '
        "<code>a*b</code> ve <strong><em>ikisi</em></strong>"
        "<blockquote>Alıntı <strong>bir<br>iki</strong> #kış</blockquote>"
        "<pre><code>&gt; kod\n  &lt;b&gt;\n</code></pre>"
        '&gt; değil; 5 * 3 &lt; 20 <a href="https://e.org/x">https://e.org/x</a>'
    )
    assert "\n\n> Alıntı bir\n> iki #kış\n\n" in content["body"]
    assert "bir yer (https://e.org/)" in content["body"]


def test_a_newsletter_gets_html_and_plain_words() -> None:
    letter = letter_html(PART, [])
    assert '<blockquote><p dir="auto">Alıntı <strong>bir<br>\niki</strong> #kış</p></blockquote>' in letter
    assert '<pre dir="auto"><code>&gt; kod\n  &lt;b&gt;</code></pre>' in letter
    assert '<p dir="auto"><strong>Kış</strong> geldi, <em>hemen</em> bak' in letter
    assert "> Alıntı bir\n> iki #kış" in plain_text(PART.text, PART.spans, [], PART.styles)


POST = "---\ntitle: Kış\ndate: 2026-12-08 09:30\nchannels: [here]\n{}---\n**Kış, @mia** *geldi*\n\n---\n\n> Son\n"
CHANNEL = (
    "---\nnetwork: {}\nhandle: '@lumenvelo'\nhost: https://host.example\nzone: Europe/Istanbul\nlang: tr\n---\nOur.\n"
)
HANDLES = "mia: {telegram: mia_velo, discord: '80351110224678912', name: Mia Velo}\n"


@pytest.mark.parametrize("network", sorted(ADAPTERS))
def test_only_networks_with_rich_text_are_told(network: str, tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "brand/channels/here.md": CHANNEL.format(network),
        "brand/handles.yml": HANDLES,
        "posts/2026/12/2026-12-08-kis.md": POST.format("content_warning: Uyarı\n"),
    }
    content = load(workspace(tmp_path, files))
    draft = compose(content.posts[0], content.channels["here"], content)
    first, second = draft.parts
    if network in STYLED:
        shown = [first.text[style.start : style.end] for style in first.styles]
        assert [word.split(",")[0] for word in shown] == ["Kış", "geldi"]
        assert shown[0].endswith({"telegram": "@mia_velo"}.get(network, "Mia Velo"))
        assert [(second.text[s.start : s.end], s.kind) for s in second.styles] == [("Son", "quote")]
        assert "styles" in draft.record()["parts"][0]
    else:
        assert (first.styles, second.styles, second.text) == ((), (), "> Son")
        assert "styles" not in draft.record()["parts"][0]
    assert STYLED < LABELLED_LINKS


def test_a_part_of_a_thread_keeps_its_own_emphasis(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "brand/channels/here.md": CHANNEL.format("telegram"),
        "posts/2026/12/2026-12-08-kis.md": "---\ndate: 2026-12-08 09:30\nchannels: [here]\nthread: auto\n---\n**"
        + "Uzun bir cümle. " * 400
        + "Son.** *Bitti.*\n",
    }
    content = load(workspace(tmp_path, files))
    draft = compose(content.posts[0], content.channels["here"], content)
    assert len(draft.parts) > 1
    for part in draft.parts:
        assert part.styles[0] == Style(0, len(part.text) - (len(" Bitti.") if part is draft.parts[-1] else 0), "bold")
    assert draft.parts[-1].styles[-1].kind == "italic"


def test_both_previews_show_what_is_sent() -> None:
    draft = Draft("kis", "here", "telegram", "text", (PART,))
    said = render_draft(draft, [()], when="")
    assert "   [bold] Kış\n" in said
    assert "   [quotation] Alıntı bir …\n" in said
    assert "   [code] a*b\n" in said
    page = str(linked(PART.text, PART.spans, PART.styles))
    assert page.startswith("<strong>Kış</strong> geldi, <em>hemen</em> bak: <a ")
    assert '<span class="so-quote">Alıntı <strong>bir&#10;iki</strong> <span class="so-span so-span-tag">#kış' in page
    assert re.sub("<[^>]*>", "", page).replace("&#10;", "\n").replace("&gt;", ">").replace("&lt;", "<") == WORDS


def test_styles_that_cannot_be_are_no_styles() -> None:
    part = part_of("Kış")
    for style in (Style(-1, 2, "bold"), Style(0, 9, "italic"), Style(2, 2, "code"), Style(1, 9, "quote")):
        assert settled(part.text, (), (style,))[1] == ()
        assert marked_up(part.text, (), (style,)) == part.text
    assert plain("x") == PlainText("x")
    assert replace(part, styles=()).styles == ()
    assert stub_discord.shown("Kış")[0] == "Kış"


def test_a_thousand_quotations_are_read_in_a_time_that_grows_as_they_do() -> None:
    def calls(count: int) -> int:
        text, made = "> a\n\n" * count, 0

        def seen(_frame: FrameType, event: str, _argument: object) -> None:
            nonlocal made
            made += event in {"call", "c_call"}

        sys.setprofile(seen)
        try:
            with_quotes(text, [0, len(text)], [], lambda mark, moved: moved(mark))
        finally:
            sys.setprofile(None)
        return made

    assert calls(1000) < 11 * calls(100)
