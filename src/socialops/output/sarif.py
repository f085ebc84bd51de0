"""Problems as SARIF 2.1.0, the format of code scanning.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html; what GitHub reads of it:
docs.github.com, "SARIF support for code scanning".
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from socialops import __version__
from socialops.checks.registry import RULES, rule_of
from socialops.output.text import harmless
from socialops.problem import Problem, Severity

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}


def render_problems(problems: Sequence[Problem], *, prefix: str = "") -> str:
    """Return one SARIF document with one run; *prefix* is where the workspace lies in its repository."""
    ids = sorted({problem.id for problem in problems})
    numbers = {id_: number for number, id_ in enumerate(ids)}
    run = {
        "tool": {
            "driver": {
                "name": "socialops",
                "semanticVersion": __version__,
                "rules": [_rule(id_) for id_ in ids],
            }
        },
        "columnKind": "unicodeCodePoints",
        "results": [_result(problem, numbers[problem.id], prefix) for problem in problems],
    }
    document = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _rule(id_: str) -> dict[str, Any]:
    try:
        rule = rule_of(id_)
    except KeyError:  # a rule of another version
        return {"id": id_}
    own = rule.id == id_ or id_ in RULES
    return {
        "id": id_,
        "shortDescription": {"text": rule.summary if own else f"{rule.summary} ({id_})"},
        "fullDescription": {"text": rule.why},
        "help": {"text": f"{rule.summary} {rule.why}"},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
    }


def _result(problem: Problem, number: int, prefix: str) -> dict[str, Any]:
    words = harmless(f"{problem.message} {problem.hint}".strip())
    # In a message `[text](link)` is a link and `{0}` a placeholder: what writers typed is neither.
    words = words.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]").replace("{", "{{").replace("}", "}}")
    path = quote(f"{prefix}{problem.file}".encode("utf-8", "surrogatepass"))
    location: dict[str, Any] = {"artifactLocation": {"uri": path}}
    if problem.line:
        location["region"] = {"startLine": problem.line, "startColumn": max(problem.column, 1)}
    return {
        "ruleId": problem.id,
        "ruleIndex": number,
        "level": _LEVELS[problem.severity],
        "message": {"text": words},
        "locations": [{"physicalLocation": location}],
    }
