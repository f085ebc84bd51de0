"""Problems, drafts and plans as versioned JSON: an interface that programs may rely on.

`version` rises when a field changes its meaning or goes away; new fields do not raise it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from socialops.problem import Problem, Severity

VERSION = 1


def render(kind: str, data: Mapping[str, Any]) -> str:
    """Return one JSON document of a *kind* (`problems`, `plan`, `preview`, `outcome`) with a last line break."""
    return json.dumps({"version": VERSION, "kind": kind, **data}, ensure_ascii=False, indent=2) + "\n"


def problem_record(problem: Problem) -> dict[str, Any]:
    """Return one problem as plain data; *line* and *column* are null when they concern the whole file."""
    return {
        "id": problem.id,
        "severity": problem.severity.value,
        "file": problem.file,
        "line": problem.line or None,
        "column": problem.column or None,
        "message": problem.message,
        "hint": problem.hint,
    }


def render_problems(problems: Sequence[Problem], *, checked: int) -> str:
    """Return the problems of a check, with how many posts were checked and how many of each severity there are."""
    counts = {severity.value: sum(problem.severity is severity for problem in problems) for severity in Severity}
    return render(
        "problems",
        {"checked": checked, "counts": counts, "problems": [problem_record(problem) for problem in problems]},
    )
