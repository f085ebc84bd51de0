"""Every rule is registered, explained, and kept by its own examples."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from checks.examples import files_of, found_in, is_whole, published_in
from socialops.checks.registry import RULES, rule_of
from socialops.problem import Severity

SOURCE = Path(__file__).parents[2] / "src" / "socialops"
ID = re.compile(r"[a-z]+(?:-[a-z]+)+|secret")
MAKERS = {"error", "warning", "note", "Refused", "MediaFault", "WhenError", "Wrong", "Unfit"}
WHOLE = [rule.id for rule in RULES.values() if is_whole(rule.bad)]


def ids_in(file: Path) -> Iterator[str]:
    """Find the ids that a file gives to problems, by the names of what makes them."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = ast.unparse(node.func).rpartition(".")[2]
        values = [argument.value for argument in node.args if isinstance(argument, ast.Constant)]
        texts = [value for value in values if isinstance(value, str)]
        if name in MAKERS or name == "Problem":
            yield from (text for text in texts if ID.fullmatch(text))


def test_every_id_that_a_problem_can_have_is_a_rule() -> None:
    used = {id_ for file in SOURCE.rglob("*.py") for id_ in ids_in(file)}

    assert len(used) > 20
    assert sorted(used - set(RULES)) == []


def test_rules_are_sorted_and_told_in_whole_sentences() -> None:
    assert list(RULES) == sorted(RULES)
    for id_, rule in RULES.items():
        assert re.fullmatch(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*", id_), id_
        assert rule.id == id_
        assert rule.summary.endswith("."), id_
        assert rule.why.endswith("."), id_
        assert rule.bad, id_
        assert rule.good, id_
        assert rule.bad != rule.good, id_
        assert re.fullmatch(r"\d+\.\d+\.\d+", rule.since), id_


@pytest.mark.parametrize("id_", WHOLE)
def test_the_bad_example_breaks_the_rule(id_: str, tmp_path: Path) -> None:
    rule = RULES[id_]

    found = [
        problem
        for problem in found_in(tmp_path, files_of(rule.bad), published_in(rule.bad))
        if rule_of(problem.id).id == id_
    ]

    assert found
    assert {problem.severity for problem in found} == {rule.severity}
    for problem in found:
        assert problem.message.rstrip(")").endswith((".", "!", "?")), problem.message
        assert problem.line >= 0
        assert (tmp_path / problem.file).exists() or id_.startswith("file-")
        assert problem.message.isprintable(), problem.message
        assert problem.hint or rule.severity is Severity.NOTE


@pytest.mark.parametrize("id_", [rule.id for rule in RULES.values() if is_whole(rule.good)])
def test_the_good_example_keeps_the_rule_and_has_no_error(id_: str, tmp_path: Path) -> None:
    found = found_in(tmp_path, files_of(RULES[id_].good), published_in(RULES[id_].good))

    assert [problem for problem in found if rule_of(problem.id).id == id_ or problem.severity is Severity.ERROR] == []


def test_most_rules_can_be_tried() -> None:
    assert len(WHOLE) >= len(RULES) * 3 // 4
