"""What is wrong with a change as a whole: the rules that only a pull request can break."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from socialops.checks.rule import Rule, rules
from socialops.compose.schedule import due
from socialops.content.folder import printable
from socialops.problem import Problem, Severity

if TYPE_CHECKING:
    from datetime import datetime

    from socialops.content.change import Scope
    from socialops.content.load import Content
    from socialops.content.post import Post

LEDGER_EDITED = Rule(
    "ledger-edited",
    Severity.ERROR,
    "A change touches the records of what was published or measured.",
    "Only the publishing job writes under `reports/data/`. A record that says a post went out keeps it from ever going "
    "out; one that is taken away could have it sent twice. To settle a delivery, use `socialops resolve`.",
    "A pull request that edits reports/data/ledger/2026/12/launch/mastodon.json",
    "A pull request that edits posts/2026/12/launch.md",
)
CHANGE_SCOPE = Rule(
    "change-scope",
    Severity.WARNING,
    "A change of posts also touches what decides how the tool works, or for whom it speaks.",
    "Workflows, settings, code, accounts and brand rules need other eyes than a post does. The review names who must "
    "approve them. In a pull request of their own they are seen; among posts they are overlooked.",
    "A pull request with posts/2026/12/launch.md and .github/workflows/publish.yml",
    "Two pull requests, one for each",
)
DATE_PASSED = Rule(
    "date-passed",
    Severity.WARNING,
    "A post of a change is already too late.",
    "Merging does not publish it late: it is marked as too late, and nothing goes out. Give it a new date, or set "
    "`late_ok:` in the post when it may still follow.",
    "A pull request that adds a post with `date: 2026-12-01 09:30`, looked at on 2026-12-02",
    "The same with `date: 2026-12-03 09:30`",
)
RULES = rules(LEDGER_EDITED, CHANGE_SCOPE, DATE_PASSED)

_MOST = 5
"""So many touched records are named one by one."""


def judge_records(scope: Scope) -> list[Problem]:
    """Return a problem for each record that a change touches; after the fifth, one for all others."""
    named, others = scope.records[:_MOST], scope.records[_MOST:]
    problems = [_edited(path) for path in named]
    if others:
        problems[-1] = _edited(named[-1], f" So are {len(others)} more.")
    return problems


def _edited(path: str, more: str = "") -> Problem:
    return Problem(
        printable(path),
        0,
        0,
        LEDGER_EDITED.id,
        f"This is a record that only the publishing job writes; a pull request must not touch it.{more}",
        "Take it out of this change (git checkout origin/main -- reports/data). "
        "To settle a delivery by hand: socialops resolve.",
        LEDGER_EDITED.severity,
    )


def too_late(post: Post, channels: Sequence[str]) -> Problem:
    """Make the problem that a post of the change would no longer be published on *channels*."""
    return Problem(
        post.path,
        *post.at("date"),
        DATE_PASSED.id,
        f"This is too late on {', '.join(channels)}: merged now, it is marked as too late and not published.",
        "Give it a new date, or set `late_ok:` when it may still follow.",
        DATE_PASSED.severity,
    )


def judge_dates(content: Content, added: Collection[str], now: datetime) -> list[Problem]:
    """Return a problem for each post in the files *added* whose time has passed for longer than it may be late."""
    problems = []
    for post in content.posts:
        if post.path not in added or post.draft:
            continue
        late_ok = post.late_ok if post.late_ok is not None else content.workspace.settings.late_ok
        dues = {entry.channel: due(post, content.channels[entry.channel]) for entry in post.channels}
        late = [name for name, at in dues.items() if at is not None and at + late_ok < now]
        if late:
            problems.append(too_late(post, late))
    return problems


def scope_problem(paths: Sequence[str], what: str, who: str) -> Problem:
    """Make the problem that a change also touches *paths*, which are *what*; *who* says who must approve."""
    more = f" and {len(paths) - 1} more" if len(paths) > 1 else ""
    return Problem(
        printable(paths[0]),
        0,
        0,
        CHANGE_SCOPE.id,
        f"This change of posts also touches {what}: {printable(paths[0])}{more}.",
        f"{who} A pull request of its own is easier to judge.",
        CHANGE_SCOPE.severity,
    )
