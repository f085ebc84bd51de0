"""Problems for code scanning."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote

from hypothesis import given
from hypothesis import strategies as st

from socialops.checks.registry import RULES
from socialops.output import sarif
from socialops.problem import error, note, warning

PROBLEMS = [
    error("text-too-long", "posts/kış.md", (9, 1), "12 too many: see [this](x) {0}.", "Shorten it."),
    warning("html-literal", "posts/kış.md", (10, 3), "HTML is shown as it stands."),
    note("media-refit", "posts/a b.md", (0, 0), "The picture will be made smaller."),
    warning("BR001", "posts/a b.md", (3, 1), "Two emoji at most."),
]


def run_of(text: str) -> Any:
    document = json.loads(text)
    assert document["version"] == "2.1.0"
    assert document["$schema"].startswith("https://")
    assert len(document["runs"]) == 1
    return document["runs"][0]


def test_each_problem_is_a_result_with_its_rule_and_its_place() -> None:
    run = run_of(sarif.render_problems(PROBLEMS, prefix="social/"))
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == sorted({problem.id for problem in PROBLEMS})
    for problem, result in zip(PROBLEMS, run["results"], strict=True):
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"] == problem.id
        assert result["level"] == problem.severity.value
        place = result["locations"][0]["physicalLocation"]
        assert unquote(place["artifactLocation"]["uri"]) == f"social/{problem.file}"
        assert place["artifactLocation"]["uri"].isascii()
        assert ("region" in place) == bool(problem.line)
    assert run["results"][0]["locations"][0]["physicalLocation"]["region"] == {"startLine": 9, "startColumn": 1}
    assert run["results"][0]["message"]["text"] == "12 too many: see \\[this\\](x) {{0}}. Shorten it."
    html = next(rule for rule in rules if rule["id"] == "html-literal")
    assert html["shortDescription"]["text"] == RULES["html-literal"].summary


def test_nothing_wrong_is_a_run_without_results() -> None:
    run = run_of(sarif.render_problems([]))
    assert run["results"] == run["tool"]["driver"]["rules"] == []


@given(st.text(), st.text())
def test_any_words_and_any_file_give_a_document(words: str, file: str) -> None:
    result = run_of(sarif.render_problems([error("x", file, (1, 1), words)]))["results"][0]
    uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri.isascii()
    assert " " not in uri
