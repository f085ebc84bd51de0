"""How problems are said: to people, to programs, to GitHub."""

from __future__ import annotations

import json
import re

from hypothesis import given
from hypothesis import strategies as st
from inline_snapshot import snapshot

from socialops.output import github, text
from socialops.output import json as as_json
from socialops.problem import error, note, warning

PROBLEMS = [
    error("text-too-long", "posts/kış.md", (9, 1), "12 graphemes too many for mastodon.", "Shorten the text."),
    warning("html-literal", "posts/kış.md", (10, 3), "HTML is shown as it stands."),
    note("media-refit", "posts/a.md", (0, 0), "The picture will be made smaller."),
]


def test_people_read_place_severity_message_id_and_what_to_do() -> None:
    assert text.render_problems(PROBLEMS, checked=2) == snapshot("""\
posts/kış.md:9:1: error: 12 graphemes too many for mastodon. [text-too-long]
    Shorten the text.
posts/kış.md:10:3: warning: HTML is shown as it stands. [html-literal]
posts/a.md: note: The picture will be made smaller. [media-refit]
2 posts checked: 1 error, 1 warning, 1 note. Correct the errors, then check again.
""")


def test_nothing_wrong_is_said_in_one_line() -> None:
    assert text.render_problems([], checked=1) == "1 post checked: nothing to correct.\n"


def test_a_terminal_never_gets_control_or_direction_changing_characters() -> None:
    hostile = error("x", "posts/a\x1b[2J.md", (1, 1), "see \u2028 \x07 \x9b31m \u202egnp.exe \u2067x")
    said = text.render_problems([hostile], checked=1)
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]", said)
    assert "<U+001B>" in said


def test_programs_get_a_versioned_document() -> None:
    document = json.loads(as_json.render_problems(PROBLEMS, checked=2))
    assert (document["version"], document["kind"], document["checked"]) == (1, "problems", 2)
    assert document["counts"] == {"error": 1, "warning": 1, "note": 1}
    assert document["problems"][0] == {
        "id": "text-too-long",
        "severity": "error",
        "file": "posts/kış.md",
        "line": 9,
        "column": 1,
        "message": "12 graphemes too many for mastodon.",
        "hint": "Shorten the text.",
    }
    assert document["problems"][2]["line"] is None


def test_github_gets_annotations_errors_first() -> None:
    assert github.render_problems(list(reversed(PROBLEMS))) == snapshot("""\
::error file=posts/kış.md,line=9,col=1,title=text-too-long::12 graphemes too many for mastodon.%0AShorten the text.
::warning file=posts/kış.md,line=10,col=3,title=html-literal::HTML is shown as it stands.
::notice file=posts/a.md,title=media-refit::The picture will be made smaller.
""")


def unescape(text: str) -> str:
    return text.replace("%3A", ":").replace("%2C", ",").replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")


@given(st.text(), st.text())
def test_no_text_can_start_a_workflow_command_of_its_own(message: str, file: str) -> None:
    lines = github.render_problems([error("x", file, (1, 1), message)]).split("\n")
    assert len(lines) == 2
    assert lines[0].startswith("::error file=")
    assert lines[1] == ""
    assert "\r" not in lines[0]


@given(st.text(st.characters(exclude_categories=["Cc", "Cs", "Co", "Zl", "Zp"])))
def test_the_runner_reads_back_what_was_written(value: str) -> None:
    assert unescape(github.escape_property(value)) == value
