"""What people see after `socialops preview`: every network, both directions of writing, text, JSON and Markdown."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from inline_snapshot import snapshot
from markdown_it import MarkdownIt
from PIL import Image

from builder import workspace
from socialops.cli import run
from socialops.content.channel import NETWORKS
from socialops.networks.draft import Draft, Part, Poll
from socialops.output import preview_markdown, text

POST = """\
---
title: Lamps
date: 2026-12-09 08:30
draft: true
channels:
  mastodon: {visibility: unlisted, content_warning: אורות}
lang: he
poll:
  options: [אחד, two]
  duration: 36h
  multiple: true
---
שלום (123) world.

Second line.
"""


def test_what_a_person_needs_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    workspace(tmp_path, {"posts/lamps.md": POST})
    monkeypatch.chdir(tmp_path)
    assert run(["preview", "lamps"]) == 0
    told = capsys.readouterr()
    assert told.out == snapshot("""\
━━ mastodon (mastodon, poll)  2026-12-09 08:30 +03
   [content warning] אורות
   שלום (123) world.

   Second line.
   [ ] אחד
   [ ] two
   [poll] open for 36 hours, several answers
   [visible to] unlisted
   [language] he
   text 36/500 graphemes · poll options 2/4 options · poll option 3/50 graphemes

""")
    assert "It is a draft: it does not go out" in told.err
    assert run(["preview", "lamps", "--format", "markdown"]) == 0
    assert capsys.readouterr().out == snapshot("""\
### mastodon (mastodon, poll)

2026-12-09 08:30 +03

```text
שלום (123) world.

Second line.
```

- content warning: אורות
- visible to: unlisted
- poll: אחד / two (open for 36 hours, several answers)
- language: he
- text 36/500 graphemes · poll options 2/4 options · poll option 3/50 graphemes

""")


def test_every_network_has_a_preview_in_every_form(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (1200, 800), "red").save(picture, "JPEG")
    page = "---\nnetwork: {0}\nhandle: '@a@a.example'\nhost: https://a.example\n---\nA\n"
    files: dict[str, str | bytes] = {f"brand/channels/{name}.md": page.format(name) for name in NETWORKS}
    header = (
        f"title: A\ndate: 2026-12-09 08:30\nchannels: [{', '.join(NETWORKS)}]\nmedia: [{{file: a.jpg, alt: Red.}}]\n"
    )
    workspace(tmp_path, {**files, "posts/a.jpg": picture.getvalue(), "posts/a.md": f"---\n{header}---\nשלום\n"})
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")
    for form in ("text", "markdown"):
        run(["preview", "a", "--format", form])
        out = capsys.readouterr().out
        assert "\x1b" not in out
        for name in NETWORKS:
            assert f"({name}, image)" in out
    run(["preview", "a", "--format", "json"])
    told = json.loads(capsys.readouterr().out)
    assert [one["draft"]["network"] for one in told["drafts"]] == list(NETWORKS)


def draft_of(words: str) -> Draft:
    return Draft("a", "mastodon", "mastodon", "text", (Part(words, first_comment=words, poll=Poll((words, "b"), 60)),))


def test_hebrew_is_set_apart_only_where_a_terminal_shows_it() -> None:
    words = "שלום (123) world.\n\nplain"
    on = text.render_draft(draft_of(words), [()], when="", width=80)
    assert "   \u2068שלום (123) world.\u2069\n\n   plain\n" in on
    assert "\u2068" not in text.render_draft(draft_of(words), [()], when="")


@given(words=st.text(alphabet=st.one_of(st.sampled_from("`*_[]<>#|\n&\\@~\u202e\x1b"), st.characters())))
def test_no_text_becomes_markup(words: str) -> None:
    shown = preview_markdown.render_draft(draft_of(words), [()], when="soon")
    tokens = MarkdownIt("commonmark").enable("table").parse(shown)
    assert [token.type for token in tokens if token.type in ("fence", "html_block", "table_open")] == ["fence"]
    inside = {child.type for token in tokens for child in token.children or ()}
    assert inside <= {"text", "softbreak"}
    assert "\x1b" not in shown
    assert "\u202e" not in shown
