"""Markdown for GitHub, out of texts that nobody vouches for.

What a writer typed may be anything, and lands in comments that ping people, close issues and load pictures. So a text
is shown in one of three ways: in a fence longer than any run of its own signs; as code in a line; or as prose of which
every sign that could mean something is taken apart. Signs that turn the direction of what follows, and other controls,
are written out. What GitHub makes of text after it was rendered (@mentions, #1 and GH-1, addresses) is not stopped by
escaping, so a character of no width stands inside of it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from socialops.output.text import count_of, harmless
from socialops.problem import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Mapping

NOTHING = "\u200b"
"""A character of no width: it takes a word apart for the machine and not for the eye."""

MARKS: Mapping[Severity, str] = {Severity.ERROR: "❌", Severity.WARNING: "⚠️", Severity.NOTE: "ℹ️"}
ORDER: Mapping[Severity, int] = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTE: 2}

_BREAKS = re.compile(r"[\r\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029]+")
_SPACES = re.compile(r"\s+")
_SPECIAL = re.compile(r"([\\`*_\[\]|~])")
_AT_FIRST = re.compile(r"^([-+=#]|\d+[.)])")
_MEANT = (
    (re.compile(r"@(?=\S)"), f"@{NOTHING}"),
    (re.compile(r"#(?=\w)"), f"#{NOTHING}"),
    (re.compile(r"\b(GH-)(?=\d)", re.IGNORECASE), rf"\1{NOTHING}"),
    (re.compile(r"\$(?=\S)"), f"${NOTHING}"),
    (re.compile(r"://"), f":{NOTHING}//"),
    (re.compile(r"\b(www)\.", re.IGNORECASE), rf"\1{NOTHING}."),
    (re.compile(r"\b(mailto|xmpp):", re.IGNORECASE), rf"\1{NOTHING}:"),
)
"""What GitHub's own additions to Markdown make links and mentions of."""
_HIDDEN = re.compile(
    r"[\u00ad\u115f\u1160\u180e\u200b\u2060-\u2065\u206a-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
"""Signs that are not seen; those that Hebrew, Persian and emoji need are not among them."""


def visible(text: str) -> str:
    """Return *text* with controls, and signs that turn or hide what follows, written out."""
    return _HIDDEN.sub(lambda found: f"<U+{ord(found[0]):04X}>", harmless(text.replace("\r\n", "\n")))


def line(text: str, most: int = 200) -> str:
    """Return *text* in one line of at most so many characters, visible."""
    found = _SPACES.sub(" ", _BREAKS.sub(" ", visible(cut(text, most * 2)))).strip()
    return cut(found, most)


def cut(text: str, most: int) -> str:
    """Return *text*, shortened to so many characters where it is longer, with an ellipsis."""
    return text if len(text) <= most else text[: most - 1] + "…"


def prose(text: str, most: int = 600) -> str:
    """Return *text* as plain words: no markup, no HTML, no link, no mention, no issue; in one line."""
    # Nothing at all would leave the sign of a list alone, which underlines the line before it.
    found = line(text, most) or "(nothing)"
    for pattern, instead in _MEANT:
        found = pattern.sub(instead, found)
    found = _SPECIAL.sub(r"\\\1", found.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))
    return _AT_FIRST.sub(f"{NOTHING}\\1", found)


def code(text: str, most: int = 200) -> str:
    """Return *text* as code in a line of Markdown; a bar in it is safe outside of tables only."""
    found = line(text, most)
    if not found:
        return "(nothing)"
    ticks = "`" * (max((len(run) for run in re.findall("`+", found)), default=0) + 1)
    pad = " " if found.startswith("`") or found.endswith("`") else ""
    return f"{ticks}{pad}{found}{pad}{ticks}"


def html_code(text: str, most: int = 200) -> str:
    """Return *text* as code for a place where HTML stands and Markdown is not read (a `<summary>`)."""
    return f"<code>{html_text(text, most)}</code>"


def html_text(text: str, most: int = 200) -> str:
    """Return *text* in one line of HTML, as words that mean nothing; good for an attribute in quotes, too."""
    found = line(text, most)
    for pattern, instead in _MEANT:
        found = pattern.sub(instead, found)
    return html.escape(found)


def fence(text: str, most: int = 5000) -> list[str]:
    """Return *text* line by line in a fence that nothing in it can close."""
    shown = visible(cut(text, most))
    ticks = "`" * max(3, max((len(run) for run in re.findall("`+", shown)), default=0) + 1)
    return [f"{ticks}text", *shown.split("\n"), ticks]


def details(summary: str, body: Iterable[str]) -> list[str]:
    """Return *body* (lines of Markdown) folded under *summary*, which is HTML in one line."""
    return ["<details>", f"<summary>{summary}</summary>", "", *body, "", "</details>", ""]


def place(problem: Problem) -> str:
    """Return where a problem is, as text."""
    return f"{problem.file}:{problem.line}" if problem.line else problem.file


def problem_line(problem: Problem, *, where: bool = True) -> str:
    """Return one problem as an item of a list: its mark, where it is, what is wrong, what to do."""
    said = [f"- {MARKS[problem.severity]} **{problem.severity.value}**"]
    if where:
        said.append(code(place(problem)))
    elif problem.line:
        said.append(f"line {problem.line}")
    said.append(f"({code(problem.id)}):")
    said.append(prose(problem.message))
    if problem.hint:
        said.append(prose(problem.hint, 900))
    return " ".join(said)


def totals(problems: Sequence[Problem]) -> str:
    """Return `1 error, 2 warnings`; empty without any."""
    amounts = [(sum(problem.severity is severity for problem in problems), severity.value) for severity in Severity]
    return ", ".join(count_of(number, word) for number, word in amounts if number)


def ordered(problems: Iterable[Problem]) -> list[Problem]:
    """Return problems with the errors first, then as they were."""
    return sorted(problems, key=lambda problem: ORDER[problem.severity])


def render_problems(problems: Sequence[Problem], *, checked: int, most: int = 300) -> str:
    """Return the problems of a check as a Markdown document: errors first, at most so many, the rest by number."""
    posts = count_of(checked, "post")
    if not problems:
        return f"### {posts} checked: nothing to correct\n"
    lines = [f"### {posts} checked: {totals(problems)}", ""]
    lines += [problem_line(problem) for problem in ordered(problems)[:most]]
    if len(problems) > most:
        lines += ["", f"{len(problems) - most} more are not shown here: run `socialops check`."]
    return "\n".join(lines) + "\n"
