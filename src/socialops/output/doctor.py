"""What the doctor found, for people and for programs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from socialops.output import json as as_json_document
from socialops.output.text import harmless, paint

if TYPE_CHECKING:
    from socialops.publishing.watchdog import Finding

_STYLES = {"fine": "32", "warning": "33", "wrong": "31", "attention": "1;31"}


def as_text(findings: Sequence[Finding], *, colour: bool = False) -> str:
    """Return one line for each thing that was looked at, and under it what to do."""
    width = max((len(finding.subject) for finding in findings), default=0)
    lines = []
    for finding in findings:
        level = paint(f"{finding.level!s:<9}", _STYLES[str(finding.level)], colour)
        lines.append(f"{level}  {finding.subject:<{width}}  {_line(finding.message)}".rstrip())
        if finding.hint:
            lines.append(f"{' ' * (13 + width)}{_line(finding.hint)}")
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
                    "subject": finding.subject,
                    "level": str(finding.level),
                    "message": finding.message,
                    "hint": finding.hint,
                }
                for finding in findings
            ],
        },
    )
