"""The condition of a workspace apart from its record: its settings, and under which heading each finding stands.

Pure: everything is handed in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from socialops.problem import Severity
from socialops.publishing.watchdog import Finding, Level

if TYPE_CHECKING:
    from socialops.problem import Problem
    from socialops.workspace import Settings

_OF_CHANNELS = ("channel ", "token ", "login ")
_CHANNELS = "Secrets and tokens"
_NAMED = 3


def under(section: str, findings: Iterable[Finding]) -> Iterator[Finding]:
    """Put findings under a heading, but for those that have one."""
    for finding in findings:
        yield finding if finding.section else replace(finding, section=section)


def of_channel(finding: Finding) -> Finding:
    """Put a finding about a channel's secrets or token under a heading of its own."""
    return replace(finding, section=_CHANNELS) if finding.subject.startswith(_OF_CHANNELS) else finding


def settings(known: Settings, problems: Sequence[Problem]) -> Iterator[Finding]:
    """Judge the settings, and say whether the check finds errors."""
    yield Finding("zone", Level.FINE, f"times without a zone are those of {known.zone}")
    if known.data_branch:
        yield Finding("record", Level.FINE, f"it is kept on the branch {known.data_branch} of {known.data_remote}")
    else:
        message = f"it is committed to {known.main_branch}, which can then not be protected from the job's pushes"
        hint = 'Begin a branch for it: data_branch = "socialops-data" in pyproject.toml, before anything is published.'
        yield Finding("record", Level.WARNING, message, hint)
    if not known.forge_url:
        message = "pages cannot lead to the files they are made of"
        hint = 'Write the repository\'s address into pyproject.toml: forge_url = "https://github.com/owner/name".'
        yield Finding("forge_url", Level.WARNING, message, hint)
    wrong = [problem for problem in problems if problem.severity is Severity.ERROR]
    files = sorted({problem.file for problem in wrong})
    if not wrong:
        yield Finding("check", Level.FINE, "it finds no errors")
        return
    posts = all(file.startswith("posts/") for file in files)
    shown = ", ".join(files[:_NAMED]) + (f" and {len(files) - _NAMED} more" if len(files) > _NAMED else "")
    # A wrong post is held back by itself; what is wrong around the posts may hold all of them.
    level = Level.WARNING if posts else Level.WRONG
    yield Finding("check", level, f"it finds errors in {shown}", "See each with its line: socialops check")
