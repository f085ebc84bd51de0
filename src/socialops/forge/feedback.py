"""Tell people on GitHub what became of their posts, and what waits for them.

Everything is worked out anew from the record and from what stands on GitHub. What could not be told now is told by the
next run; a run that is lost, doubled or late does no harm.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING

from socialops.errors import GitError, HttpError, NetworkError, NotAllowed, Rejected
from socialops.forge.comment import mark, same, stick
from socialops.forge.github import segment
from socialops.forge.issues import Step, Wanted, carry_out, read_issues, steps
from socialops.forge.published import (
    NAME,
    TOLD_FOR,
    Known,
    News,
    conversations,
    known_comments,
    news,
    pull_request_in,
    text,
)

if TYPE_CHECKING:
    from datetime import datetime

    from socialops.forge.github import GitHub
    from socialops.git import Git
    from socialops.publishing.ledger import Ledger
    from socialops.publishing.plan import Plan
    from socialops.workspace import Workspace

MOST_WRITES = 30
"""How much one run writes: GitHub takes it ill when a program writes much at once. The next run goes on."""
_READ_BACK = 1000
"""How many of the repository's newest comments are looked through."""
_WORDS = {
    "create": "opened",
    "update": "brought up to date",
    "reopen": "opened again",
    "close": "closed",
    "fold": "closed, as it was there twice",
    "created": "made",
    "updated": "brought up to date",
}


@dataclass
class Told:
    """What a run told, and what it could not."""

    lines: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    writes: int = 0
    over: bool = False
    """Whether GitHub wants nothing more for now."""

    @property
    def exit_code(self) -> int:
        """0 when all is told, 1 when something is left for the next run."""
        return 1 if self.faults else 0

    def attempt(self, what: str, do: Callable[[], None]) -> None:
        """Do one thing; what fails is kept as a fault, and the others are done all the same."""
        if self.over:
            return
        if self.writes >= MOST_WRITES:
            self.over = True
            self.faults.append(f"the rest is left to the next run: {MOST_WRITES} changes are enough for one")
            return
        try:
            do()
        except (NetworkError, HttpError, GitError) as error:
            self.faults.append(f"{what}: {error.message} {error.hint}".rstrip())
            # One thing that is refused says nothing about the others; a GitHub that is away, or a bad token, does.
            alone = isinstance(error, Rejected | NotAllowed | GitError) and getattr(error, "code", "") != "401"
            self.over = not alone


def tell_issues(github: GitHub, wanted: Sequence[Wanted], told: Told, *, all_known: bool, rehearse: bool) -> None:
    """Let exactly the wanted issues be open; *all_known* is False when the record cannot be read."""

    def look() -> None:
        there = read_issues(github)
        if not wanted and not any(issue.get("state") == "open" for issue in there):
            return
        todo.extend(steps(wanted, there, github.login(), all_known=all_known))

    todo: list[Step] = []
    told.attempt("issues", look)
    for step in todo:

        def do(step: Step = step) -> None:
            url = "" if rehearse else carry_out(github, step)
            told.writes += not rehearse
            where = url or (f"#{step.number}" if step.number else "")
            told.lines.append(f"{step.about}: issue {where}{' ' if where else ''}{_would(rehearse)}{_WORDS[step.kind]}")

        told.attempt(f"the issue of {step.about}", do)


def tell_pull_requests(
    github: GitHub,
    workspace: Workspace,
    git: Git,
    ledger: Ledger,
    plan: Plan,
    now: datetime,
    told: Told,
    *,
    rehearse: bool,
) -> None:
    """Let the pull requests that brought posts know what became of them."""
    fresh = news(ledger, plan, now)
    if not fresh:
        return
    known: list[Known] = []

    def look() -> None:
        # A comment was changed when its newest delivery was told, so it is among the newest.
        since = (now - TOLD_FOR - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
        query = {"since": since, "sort": "updated", "direction": "desc"}
        listed = list(islice(github.pages("/issues/comments", query, doing="read comments"), _READ_BACK))
        known.extend(known_comments(listed, github.login()))

    told.attempt("comments", look)

    branch = workspace.settings.main_branch
    numbers: dict[str, int | None] = {}

    def ask(one: News) -> int | None:
        found: list[int | None] = [None]

        def do() -> None:
            commit = _commit_of(one, github, git, branch)
            # Many posts come in one commit, and each question counts.
            if commit and commit not in numbers:
                pulls = github.pages(f"/commits/{segment(commit)}/pulls", doing="read pull requests")
                numbers[commit] = pull_request_in(pulls, branch)
            found[0] = numbers[commit] if commit else None

        told.attempt(f"the pull request of {one.post}", do)
        return found[0]

    zone = workspace.settings.tz()
    standing = {comment.number: comment for comment in known}
    for number, posts in conversations(fresh, known, ask).items():
        if number in standing and same(standing[number].body, f"{mark(NAME)}\n{text(posts, ledger, plan, zone)}"):
            continue

        def do(number: int = number, posts: Sequence[str] = posts) -> None:
            if number not in standing:
                # A comment that has not changed for long speaks of posts whose news are old, and goes on doing so.
                here = known_comments(github.pages(f"/issues/{number}/comments", doing="read comments"), github.login())
                posts = sorted({*posts, *(post for one in here for post in one.posts)})
            stuck = stick(github, number, NAME, text(posts, ledger, plan, zone), rehearse=rehearse)
            if stuck.action == "unchanged":
                return
            told.writes += not rehearse
            told.lines.append(
                f"pull request #{number}: comment {_would(rehearse)}{_WORDS[stuck.action]} {stuck.url}".rstrip()
            )

        told.attempt(f"the comment on #{number}", do)


def _would(rehearse: bool) -> str:
    return "would be " if rehearse else ""


def _commit_of(one: News, github: GitHub, git: Git, branch: str) -> str | None:
    """Return the commit that last changed a post's file before it was claimed; None when there is none."""
    if not git.inside():
        return None
    if not git.shallow():
        return git.last_change(one.path, one.claimed)
    # In a clone without its history the oldest commit seems to bring every file.
    query = {"path": f"{git.text('rev-parse', '--show-prefix')}{one.path}", "sha": branch}
    if one.claimed:
        query["until"] = one.claimed.strftime("%Y-%m-%dT%H:%M:%SZ")
    newest = next(iter(github.pages("/commits", query, doing="read commits")), None)
    return str(newest["sha"]) if newest and newest.get("sha") else None
