"""Issue forms: the questions as files for the forge, and the answers of an issue read back.

GitHub turns an answered form into Markdown: `### Heading`, an empty line, the answer; `_No response_` where nothing was
said (docs.github.com/en/communities/using-templates-to-encourage-useful-issues-and-pull-requests/
syntax-for-githubs-form-schema, read 2026-12-01). Whoever may open an issue decides what stands there, so every answer
is held against the workspace's own names, and what is none of them is told and left out.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from socialops.content import values
from socialops.content.post import Kind
from socialops.content.when import WhenError, parse_when
from socialops.problem import nearest
from socialops.scaffold.plain_yaml import clean, lines
from socialops.scaffold.questions import FORMS, LANGUAGES, NO, QUESTIONS, YES, Form, Question

if TYPE_CHECKING:
    from socialops.content.load import Content

MOST = 256 * 1024
"""The longest body that is read, in bytes; GitHub's own limit is 65,536 characters."""
_TEXT = 40_000
_LINE = 300
_HEADING = re.compile(r"[ ]{0,3}#{1,6}[ \t]+(.+?)[ \t#]*")
_FENCE = re.compile(r"[ ]{0,3}(`{3,}|~{3,})")
_CHECKED = re.compile(r"[-*][ \t]+\[(x|X| )\][ \t]+(.+)")
_NOTHING = frozenset({"_no response_", "no response", "none", "n/a", "-"})


@dataclass(frozen=True, slots=True)
class Answers:
    """What an issue says: *fields* by the names of a post's header, the text, and what was left out and why."""

    fields: Mapping[str, Any] = field(default_factory=dict)
    text: str = ""
    left_out: tuple[str, ...] = ()


def choices_of(content: Content) -> dict[str, tuple[str, ...]]:
    """Return the workspace's own names for each field that takes one; an empty list where there are none."""
    strategy = content.brand.strategy
    people = tuple(content.brand.people)
    return {
        "channels": tuple(content.channels),
        "kind": tuple(str(kind) for kind in Kind),
        "campaign": tuple(content.brand.campaigns),
        "pillar": tuple(pillar.name for pillar in strategy.pillars) if strategy else (),
        "audience": tuple(audience.name for audience in strategy.audiences) if strategy else (),
        "authors": people,
        "approver": people,
        "lang": content.workspace.settings.languages or LANGUAGES,
    }


# --- forms ------------------------------------------------------------------------------------------------------------


def issue_forms(content: Content, language: str = "") -> dict[str, str]:
    """Return each form's file name in `.github/ISSUE_TEMPLATE/` and its text.

    *language* is one of ours; without it, the first language of the workspace that is, else English.
    """
    spoken = language or next((code for code in content.workspace.settings.languages if code in LANGUAGES), "en")
    choices = choices_of(content)
    return {f"{form.name}.yml": _form(form, spoken, choices) for form in FORMS}


def _form(form: Form, language: str, choices: Mapping[str, tuple[str, ...]]) -> str:
    body = []
    for name in form.questions:
        asked = _asked(QUESTIONS[name], language, choices.get(name, ()), required=name in form.required)
        if asked:
            body.append(asked)
    whole = {
        "name": form.title[language],
        "description": form.about[language],
        "labels": [form.label],
        "body": body,
    }
    head = "# Written by `socialops schema --for issue-forms`. `socialops new --from-issue` reads the answers."
    return "\n".join([head, *lines(whole)]) + "\n"


def _asked(question: Question, language: str, choices: Collection[str], *, required: bool) -> dict[str, Any] | None:
    attributes: dict[str, Any] = {"label": question.heading[language], "description": question.help[language]}
    kind = {"line": "input", "text": "textarea"}.get(question.answer, "dropdown")
    if kind == "dropdown":
        options = [NO[language], YES[language]] if question.field == "paid" else list(choices)
        if not options:
            return None
        attributes["multiple"] = question.answer == "several"
        attributes["options"] = options
        if not attributes["multiple"]:
            del attributes["multiple"]
    asked: dict[str, Any] = {"type": kind, "id": question.field, "attributes": attributes}
    if required:
        asked["validations"] = {"required": True}
    return asked


# --- answers ----------------------------------------------------------------------------------------------------------

_BY_HEADING = {heading.casefold(): question for question in QUESTIONS.values() for heading in question.heading.values()}


def read_issue(body: str, content: Content) -> Answers:
    """Read the body of an issue that one of our forms made, in whichever language; anything else in it is no answer."""
    choices = choices_of(content)
    fields: dict[str, Any] = {}
    left_out: list[str] = []
    text = ""
    for name, answer in _sections(clean(body)[:MOST]).items():
        said = _unfenced(answer).strip()
        if not said or said.casefold() in _NOTHING:
            continue
        if name == "text":
            text = _cut(said, _TEXT, name, left_out)
        elif name == "happened":
            fields["description"] = _cut(" ".join(said.split()), 2_000, name, left_out)
        else:
            value = _value(QUESTIONS[name], said, choices.get(name, ()), left_out)
            if value not in (None, "", ()):
                fields[name] = value
    return Answers(fields, text, tuple(left_out))


def _sections(body: str) -> dict[str, str]:
    """Split a body at our headings; the first of each counts, and nothing after the post's text is a heading."""
    found: dict[str, list[str]] = {}
    current: list[str] = []
    fence = ""
    for row in body.split("\n"):
        opened = _FENCE.match(row)
        if opened:
            if not fence:
                fence = opened[1]
            elif opened[1].startswith(fence) and not row.strip(" `~"):
                fence = ""
        heading = _HEADING.fullmatch(row) if not fence and "text" not in found else None
        question = _BY_HEADING.get(heading[1].strip().casefold()) if heading else None
        if question and question.field not in found:
            current = found[question.field] = []
        else:
            current.append(row)
    return {name: "\n".join(rows) for name, rows in found.items()}


def _unfenced(answer: str) -> str:
    rows = answer.strip().split("\n")
    if (
        len(rows) > 1
        and _FENCE.match(rows[0])
        and rows[-1].strip() == rows[0].strip().rstrip("abcdefghijklmnopqrstuvwxyz")
    ):
        return "\n".join(rows[1:-1])
    return answer


def _cut(said: str, most: int, name: str, left_out: list[str]) -> str:
    if len(said) <= most:
        return said
    left_out.append(f"{name}: only the first {most:,} characters were taken.")
    return said[:most]


def _value(question: Question, said: str, choices: Collection[str], left_out: list[str]) -> Any:
    """Return what an answer means for its field; None where it means nothing, which is told."""
    name = question.field
    one_line = " ".join(said.split())
    if name == "paid":
        return True if one_line.casefold() in {word.casefold() for word in YES.values()} else None
    if name == "date":
        try:
            return parse_when(one_line).text.strip()
        except WhenError as fault:
            left_out.append(f"date: {_shown(one_line)} is not a date. {fault.hint}")
            return None
    if name == "tags":
        tags = [word.strip("#") for word in re.split(r"[\s,;]+", one_line) if word.strip("#")]
        return tuple(dict.fromkeys(tag for tag in tags[:30] if "#" not in tag))
    if name == "link":
        if re.fullmatch(r"https?://[^\s<>\"']{1,2000}", one_line):
            return one_line
        left_out.append(f"link: {_shown(one_line)} is no address. Write it whole, with https://.")
        return None
    if question.answer in ("one", "several"):
        return _chosen(question, said, choices, left_out)
    if len(one_line) > _LINE and question.answer == "line":
        return _cut(one_line, _LINE, name, left_out)
    return _cut(one_line, 2_000, name, left_out)


def _chosen(question: Question, said: str, choices: Collection[str], left_out: list[str]) -> Any:
    ticked = [row for line in said.split("\n") if (row := _CHECKED.fullmatch(line.strip()))]
    given = [row[2] for row in ticked if row[1] != " "] if ticked else re.split(r"[,\n]", said)
    chosen = []
    for word in dict.fromkeys(" ".join(item.split()) for item in given if item.strip()):
        if word in choices or (question.field == "lang" and _is_language(word)):
            chosen.append(word)
            continue
        meant = nearest(word, choices) if len(word) <= _LINE else None
        hint = f" Did you mean {meant}?" if meant else ""
        left_out.append(f"{question.field}: there is no {_shown(word)} here.{hint}")
    if question.answer == "several":
        return tuple(chosen)
    return chosen[0] if chosen else None


def _is_language(word: str) -> bool:
    try:
        return bool(values.language(word))
    except values.Wrong:
        return False


def _shown(said: str) -> str:
    return repr(said[:60])
