"""The reviewer's command: what a change means, and which files it touches."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from socialops.cli.shared import NOW_HELP, clock, ledger_known_here, open_workspace, place_in_repository, say, write
from socialops.errors import GitError, UsageError

if TYPE_CHECKING:
    from socialops.content.change import Scope
    from socialops.workspace import Workspace


def scope_since(workspace: Workspace, since: str) -> Scope:
    """Return what the branch changes against where it left *since*; raises UsageError when git cannot tell."""
    from socialops.content.change import scope_of, within
    from socialops.git import Git

    git = Git(workspace.root, sealed=True)
    try:
        git.run("rev-parse", "--git-dir")
    except GitError as error:
        if error.hint:
            raise
        raise UsageError(
            f"{workspace.root} is not in a git repository.", hint="Check everything: socialops check"
        ) from error
    changes = git.changes(since)
    if changes is None:
        raise UsageError(
            f"Git does not know here what was changed since {since}.",
            hint="Bring it along first: git fetch origin main. In a job, check out with `fetch-depth: 0`.",
        )
    return scope_of(workspace, within(changes, git.prefix()))


@click.command("review", short_help="Show what a change of the posts will publish, for a pull request.")
@click.option(
    "--base",
    required=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The workspace as it is without the change: a checkout of the main branch.",
)
@click.option("--summary", type=click.Path(path_type=Path, dir_okay=False), help="Add the review to this file.")
@click.option("--comment", "commenting", is_flag=True, help="Keep it up to date as one comment on the pull request.")
@click.option("--dry-run", is_flag=True, help="With --comment: say what would be written; write nothing.")
@click.option("--now", "rehearsed", help=NOW_HELP)
def review_command(base: Path, summary: Path | None, commenting: bool, dry_run: bool, rehearsed: str | None) -> int:
    """Show what a change means: each changed post as each channel will get it, and what has to be seen to.

    The workspace (`-C`) is the change, --base the branch it is meant for. What the change brings is read as data:
    nothing in it is run, and the names of those who must approve come from the base. The review is Markdown, on stdout
    or at the end of the file that --summary names, or a comment on the pull request that started this job, which is
    changed in place. That takes GITHUB_TOKEN; on the pull request of a fork nothing is written, and that is said.

    Exit code 0 whatever it finds: `socialops check` is what fails.
    """
    from socialops.content.load import load
    from socialops.output import review as output
    from socialops.publishing.changes import review
    from socialops.workspace import find_workspace

    head, before = open_workspace(), find_workspace(base)
    if head.root == before.root:
        raise UsageError("The change and the base are the same folder.", hint="Name another one as --base.")
    scope = _scope_between(before, head)
    ledger = ledger_known_here(before)
    now = clock(rehearsed, before)()
    found = review(load(before, cache=False), load(head, cache=False), scope, ledger, now)
    media_url = _media_url(before, head)
    if summary is not None:
        text = output.render(found, media_url=media_url, most=output.SUMMARY, size=output.size_of_summary)
        with summary.open("a", encoding="utf-8", errors="replace", newline="") as file:
            file.write(text + "\n")
    if commenting:
        _comment(output.render(found, media_url=media_url), before, dry_run=dry_run)
    elif summary is None:
        write(output.render(found, media_url=media_url))
    return 0


def _comment(text: str, base: Workspace, *, dry_run: bool) -> None:
    from socialops.forge.comment import stick_to_pull_request
    from socialops.http import Http

    with Http() as http:
        stuck = stick_to_pull_request(http, os.environ, base.settings.forge_url, "review", text, rehearse=dry_run)
    if stuck.why:
        say(f"No comment is written: {stuck.why}.")
    else:
        say(f"The comment {'would be' if dry_run else 'is'} {stuck.action}. {stuck.url}".rstrip())


def _scope_between(base: Workspace, head: Workspace) -> Scope:
    """Return what the head changes: by its own history where that knows the base's commit, else file by file."""
    from socialops.content.change import compared, scope_of, within
    from socialops.git import Git

    changes = None
    theirs, ours = Git(base.root, sealed=True), Git(head.root, sealed=True)
    try:
        if theirs.inside() and ours.inside():
            commit = theirs.resolve("HEAD")
            changes = ours.changes(commit) if commit else None
            if changes is not None:
                changes = within(changes, ours.prefix())
    except GitError as error:
        say(f"Git could not compare the two: {str(error).splitlines()[0]}")
        changes = None
    if changes is None:
        say("The history is not there, so the two folders are compared file by file.")
        changes = compared(str(base.root), str(head.root))
    return scope_of(head, changes)


def _media_url(base: Workspace, head: Workspace) -> str:
    """Return where the head commit's files are shown on the forge; empty for a fork, or where nobody knows it.

    The address is the base's own, never one that the head names.
    """
    from urllib.parse import quote

    from socialops.forge.event import pull_request
    from socialops.git import Git

    server, repository = os.environ.get("GITHUB_SERVER_URL", ""), os.environ.get("GITHUB_REPOSITORY", "")
    home = f"{server}/{repository}" if server and repository else base.settings.forge_url.rstrip("/")
    started = pull_request(os.environ)
    if started is not None:
        commit = "" if started.why_not else started.head
    else:
        try:
            commit = Git(head.root, sealed=True).resolve("HEAD") or ""
        except GitError:
            commit = ""
    if not home.startswith("https://") or not commit or not set(commit) <= set("0123456789abcdef"):
        return ""
    return f"{home}/raw/{commit}/{quote(place_in_repository(head))}"
