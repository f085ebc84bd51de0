"""Whether GitHub still starts the jobs: which workflows are switched off, and how the last run of each ended."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from socialops.errors import HttpError, NetworkError
from socialops.networks.base import instant, web_address
from socialops.publishing.watchdog import SILENCE, Finding, Level

if TYPE_CHECKING:
    from socialops.forge.github import GitHub

WORKFLOWS: Mapping[str, tuple[str, timedelta]] = {
    "tick.yml": ("the schedule", SILENCE),
    "publish.yml": ("publishing", SILENCE),
    "metrics.yml": ("the numbers", timedelta(days=2)),
}
"""File → (what it is, how old its last run may be)."""
_OFF = {
    "disabled_inactivity": "GitHub switched it off, as nothing happened in the repository for 60 days",
    "disabled_manually": "somebody switched it off",
    "disabled_fork": "it is off, as in every fork until somebody allows it",
    "deleted": "it was deleted",
}
_FAILED = frozenset({"failure", "timed_out", "startup_failure"})
_LATE = "Look at the Actions page. GitHub starts schedules late at times, and leaves some out; or start publish there."


def schedules(github: GitHub, now: datetime) -> Iterator[Finding]:
    """Tell for each workflow that keeps publishing alive whether it is on, and how its last run ended."""
    for file, (what, longest) in WORKFLOWS.items():
        subject = f"workflow {file}"
        try:
            workflow = github.get(f"/actions/workflows/{file}", doing="read workflows")
            if workflow is None:
                yield Finding(
                    subject,
                    Level.WARNING,
                    f"there is none, or this token may not see it: {what}",
                    "Write it with socialops init; the token needs actions: read.",
                )
                continue
            query = {"exclude_pull_requests": "true"}
            runs = github.get(f"/actions/workflows/{file}/runs", query | {"per_page": "1"}, doing="read runs")
        except (NetworkError, HttpError) as error:
            yield Finding(subject, Level.UNSEEN, error.message, error.hint)
            continue
        listed = runs.get("workflow_runs") if isinstance(runs, dict) else None
        newest = listed[0] if isinstance(listed, list) and listed and isinstance(listed[0], dict) else None
        yield judge(subject, workflow, newest, now, longest)


def judge(
    subject: str, workflow: Mapping[str, Any], newest: Mapping[str, Any] | None, now: datetime, longest: timedelta
) -> Finding:
    """Tell how a workflow is, from what GitHub says of it and of its newest run."""
    state = str(workflow.get("state"))
    if state != "active":
        message = _OFF.get(state, "it is off")
        return Finding(subject, Level.WRONG, message, "Actions → the workflow → Enable workflow.")
    begun = instant(newest.get("created_at")) if newest else None
    if newest is None or begun is None:
        made = instant(workflow.get("created_at"))
        if made is not None and now - made <= longest:
            return Finding(subject, Level.FINE, "it is new, and has not run yet")
        return Finding(subject, Level.WRONG, "it never ran", _LATE)
    age = now - begun
    if age > longest:
        return Finding(subject, Level.WRONG, f"its last run was {_ago(age)} ago", _LATE)
    if newest.get("conclusion") in _FAILED:
        message = f"its last run, {_ago(age)} ago, failed"
        return Finding(subject, Level.WRONG, message, f"Read what it says: {_address(newest)}")
    return Finding(subject, Level.FINE, f"its last run was {_ago(age)} ago")


def _address(run: Mapping[str, Any]) -> str:
    url = str(run.get("html_url", ""))
    return url if web_address(url) else "the Actions page of the repository"


def _ago(age: timedelta) -> str:
    minutes = max(0, int(age.total_seconds() // 60))
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 60 * 72 else f"{minutes // 1440} days"
