"""What the doctor found, for people and for programs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from socialops.output import json as as_json_document
from socialops.output.text import harmless, paint

if TYPE_CHECKING:
    from socialops.publishing.watchdog import Finding

_STYLES = {"fine": "32", "warning": "33", "wrong": "31", "attention": "1;31", "unseen": "2"}
_MARKS = {"fine": "✓", "warning": "!", "wrong": "✗", "attention": "‼", "unseen": "?"}


def as_text(findings: Sequence[Finding], *, colour: bool = False) -> str:
    """Return one line for each thing that was looked at, under its heading, and below it what to do."""
    width = max((len(finding.subject) for finding in findings), default=0)
    headings = {finding.section for finding in findings}
    lines: list[str] = []
    section = None
    for finding in findings:
        if len(headings) > 1 and finding.section != section:
            section = finding.section
            lines += [*([""] if lines else []), paint(section, "1", colour)]
        level = paint(f"{_MARKS[finding.level]} {finding.level!s:<9}", _STYLES[str(finding.level)], colour)
        lines.append(f"{level}  {_line(finding.subject):<{width}}  {_line(finding.message)}".rstrip())
        if finding.hint:
            lines.append(f"{' ' * (15 + width)}{_line(finding.hint)}")
    return "\n".join(lines) + "\n"


def _line(text: str) -> str:
    return harmless(" ".join(text.split()))


def as_json(findings: Sequence[Finding], *, now: datetime) -> str:
    """Return what was found as a versioned JSON document."""
    return as_json_document.render(
        "doctor",
        {
            "now": now.isoformat(),
            "findings": [
                {
                    "section": finding.section,
                    "subject": finding.subject,
                    "level": str(finding.level),
                    "message": finding.message,
                    "hint": finding.hint,
                }
                for finding in findings
            ],
        },
    )
