"""Problems as annotations of a GitHub pull request (workflow commands), and words for its log.

Everything is escaped as the runner's own documentation of workflow commands asks, so that a text with a line break and
`::add-mask::` stays a text. GitHub shows ten annotations of each severity a step, in the order they come: errors go
first, no more than ten of each are given, and a last line tells how many there are besides.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from socialops.output.markdown import ordered
from socialops.output.text import count_of, harmless
from socialops.problem import Problem, Severity

MOST = 10
"""How many annotations of a severity GitHub shows of one step."""
_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}
_BEGIN = re.compile(r"(^|\r)(\s*):(?=:)", re.MULTILINE)


def escape_data(text: str) -> str:
    """Escape the message of a workflow command."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def escape_property(text: str) -> str:
    """Escape a property (file, title) of a workflow command."""
    return escape_data(text).replace(":", "%3A").replace(",", "%2C")


def render_problems(problems: Sequence[Problem], *, prefix: str = "", rest: str = "`socialops check`") -> str:
    """Return one workflow command a problem, errors first, at most ten of each severity.

    *prefix* is where the workspace lies in its repository (`social/`), as annotations name files from its top. *rest*
    says where those that are left out are told.
    """
    lines = []
    given: Counter[Severity] = Counter()
    for problem in ordered(problems):
        given[problem.severity] += 1
        if given[problem.severity] > MOST:
            continue
        properties = [f"file={escape_property(prefix + problem.file)}"]
        if problem.line:
            properties += [f"line={problem.line}", f"col={problem.column}"]
        properties.append(f"title={escape_property(problem.id)}")
        message = harmless(problem.message + (f"\n{problem.hint}" if problem.hint else ""))
        lines.append(f"::{_COMMANDS[problem.severity]} {','.join(properties)}::{escape_data(message)}")
    left = [count_of(number - MOST, severity.value) for severity, number in given.items() if number > MOST]
    if left:
        lines.append(f"{' and '.join(left)} more: GitHub shows ten of each. {rest} tells them all.")
    return "".join(line + "\n" for line in lines)


def as_log(text: str) -> str:
    """Return *text* so that no line of it is a command to the runner.

    The runner takes a line that begins with `::`, spaces before it or not, for a command, and `##[` anywhere in it for
    one of the old form. A space between the signs takes that away.
    """
    return _BEGIN.sub(r"\1\2: ", text).replace("##[", "# #[")
