"""Problems as annotations of a GitHub pull request (workflow commands).

Everything is escaped as the runner's own documentation of workflow commands asks, so that a text with a line break and
`::add-mask::` stays a text. GitHub shows ten annotations of each severity a step, in the order they come: errors go
first.
"""

from __future__ import annotations

from collections.abc import Sequence

from socialops.output.text import harmless
from socialops.problem import Problem, Severity

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}
_ORDER = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTE: 2}


def escape_data(text: str) -> str:
    """Escape the message of a workflow command."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def escape_property(text: str) -> str:
    """Escape a property (file, title) of a workflow command."""
    return escape_data(text).replace(":", "%3A").replace(",", "%2C")


def render_problems(problems: Sequence[Problem]) -> str:
    """Return one workflow command a problem."""
    lines = []
    for problem in sorted(problems, key=lambda problem: _ORDER[problem.severity]):
        properties = [f"file={escape_property(problem.file)}"]
        if problem.line:
            properties += [f"line={problem.line}", f"col={problem.column}"]
        properties.append(f"title={escape_property(problem.id)}")
        message = harmless(problem.message + (f"\n{problem.hint}" if problem.hint else ""))
        lines.append(f"::{_COMMANDS[problem.severity]} {','.join(properties)}::{escape_data(message)}")
    return "".join(line + "\n" for line in lines)
