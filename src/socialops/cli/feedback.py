"""The command that tells people on GitHub what became of their posts: feedback."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from socialops.cli.shared import NOW_HELP, clock, open_workspace, say, write
from socialops.errors import LedgerError

if TYPE_CHECKING:
    from datetime import datetime

    from socialops.forge.feedback import Told
    from socialops.forge.github import GitHub
    from socialops.workspace import Workspace


@click.command("feedback", short_help="Tell people on GitHub what became of their posts.")
@click.option("--dry-run", is_flag=True, help="Say what would be written; write nothing.")
@click.option("--now", "rehearsed", help=NOW_HELP)
def feedback_command(dry_run: bool, rehearsed: str | None) -> int:
    """Tell people on GitHub what became of their posts, and what waits for them.

    The merged pull request that brought a post gets one comment with its addresses. What needs a person is one issue a
    channel, which is closed when nothing waits any more. Both are changed in place, so that running it again writes
    nothing. It needs GITHUB_TOKEN, which may write issues and pull requests; without it, or elsewhere than on GitHub,
    nobody is told, and that is said.

    Exit code 1 when something could not be told: the next run does it.
    """
    from socialops.forge.github import Elsewhere, GitHub, find_place
    from socialops.http import Http
    from socialops.output.text import harmless

    workspace = open_workspace()
    now = clock(rehearsed, workspace)()
    place = find_place(os.environ, workspace.settings.forge_url)
    if isinstance(place, Elsewhere):
        say(f"Nobody is told on GitHub: {place.why}.")
        return 0
    with Http() as http:
        told = _tell(workspace, GitHub(http, place, os.environ["GITHUB_TOKEN"]), now, dry_run=dry_run)
    for line in told.lines:
        write(f"{harmless(line)}\n")
    for fault in told.faults:
        say(f"not told: {harmless(fault)}")
    if not told.lines and not told.faults:
        write("Everything is told already.\n")
    return told.exit_code


def _tell(workspace: Workspace, github: GitHub, now: datetime, *, dry_run: bool) -> Told:
    from socialops.checks.check import check
    from socialops.content.load import load
    from socialops.forge.feedback import Told, tell_issues, tell_pull_requests
    from socialops.forge.issues import halted, wanted_issues
    from socialops.git import Git
    from socialops.publishing.breaker import breakers
    from socialops.publishing.claim import open_store
    from socialops.publishing.ledger import read_ledger
    from socialops.publishing.messages import messages
    from socialops.publishing.plan import plan
    from socialops.publishing.watchdog import Level, token_end

    told = Told()
    content = load(workspace)
    try:
        # What was known here before would close what is still open: without the remote's word nobody is told.
        store = open_store(workspace, create=False)
        with store.lock():
            store.sync()
        ledger = read_ledger(workspace.ledger)
    except LedgerError as error:
        tell_issues(github, [halted(error)], told, all_known=False, rehearse=dry_run)
        return told
    zone = workspace.settings.tz()
    problems = check(content, today=now.astimezone(zone).date())
    # Without a word about credentials: this command gets none, and what needs a person does not depend on them.
    decided = plan(content, ledger, now, problems=problems)
    ends = {
        channel.name: finding
        for channel in content.channels.values()
        if channel.token_expires and (finding := token_end(channel, channel.token_expires, now)).level is not Level.FINE
    }
    wanted = wanted_issues(messages(decided, ledger, now, zone, breakers(ledger, now)), ends)
    tell_issues(github, wanted, told, all_known=not ledger.missing, rehearse=dry_run)
    tell_pull_requests(github, workspace, Git(workspace.root), ledger, decided, now, told, rehearse=dry_run)
    return told
