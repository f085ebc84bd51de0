"""The command that looks whether everything is well: doctor."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

import click

from socialops.cli.shared import (
    NOW_HELP,
    clock,
    colours,
    missing_credentials,
    networks,
    open_workspace,
    say,
    write,
)
from socialops.errors import GitError, LedgerError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from socialops.content.load import Content
    from socialops.publishing.watchdog import Finding
    from socialops.workspace import Workspace

PING_DEADLINE = 10.0
"""How many seconds the watching service gets to answer."""


@click.command("doctor", short_help="Look whether publishing is alive and leaves nothing behind.")
@click.option(
    "--publishing", is_flag=True, help="Look at publishing only, not at the age of what we know of the networks."
)
@click.option("--online", is_flag=True, help="Ask the networks too, whether each token works.")
@click.option("--ping", metavar="URL", help="Tell a service that watches over us: URL when all is well, else URL/fail.")
@click.option("--now", "rehearsed", help=NOW_HELP)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def doctor_command(publishing: bool, online: bool, ping: str | None, rehearsed: str | None, form: str) -> int:
    """Look whether publishing is alive and leaves nothing behind. Nothing is sent, nothing is changed.

    Also whether the networks' limits were read within six months, and which version of an API comes to its end.

    One line for each thing: fine, or what to do. Exit code 1 when something is wrong, 3 when a person must look; a
    warning leaves it 0.
    """
    from socialops.output import doctor as output
    from socialops.publishing.watchdog import exit_code

    if ping is not None:
        _proper(ping)
    try:
        workspace = open_workspace()
        now = clock(rehearsed, workspace)()
        found = tuple(_findings(workspace, now, online=online, publishing=publishing))
    except Exception:
        if ping is not None:
            _ping(ping, well=False)
        raise
    code = exit_code(found)
    write(output.as_json(found, now=now) if form == "json" else output.as_text(found, colour=colours()))
    if ping is not None:
        _ping(ping, well=code == 0)
    return code


def _findings(workspace: Workspace, now: datetime, *, online: bool, publishing: bool) -> Iterator[Finding]:
    from socialops.checks.check import check
    from socialops.cli.credentials import kept_logins, with_kept_ends
    from socialops.content.load import load
    from socialops.publishing.claim import open_store
    from socialops.publishing.dated import outdated
    from socialops.publishing.heartbeat import last_heartbeat
    from socialops.publishing.ledger import read_ledger
    from socialops.publishing.plan import plan
    from socialops.publishing.watchdog import Finding, Level, untrusted, watch

    content = load(workspace)
    if not publishing:
        yield from outdated(content.channels.values(), now)
    try:
        store = open_store(workspace, create=False)
        with store.lock():
            store.sync()
    except (GitError, OSError) as error:
        words = str(error).splitlines()[0]
        yield Finding("remote", Level.WRONG, words, "What follows is what was known here before. Look at the network.")
    except LedgerError as error:
        yield untrusted(error)
        return
    else:
        asked = _has_remote(workspace)
        yield Finding("remote", Level.FINE, "it answers" if asked else "there is none, so nothing was asked")
    try:
        ledger = read_ledger(workspace.ledger)
    except LedgerError as error:
        yield untrusted(error)
        return
    decided = plan(content, ledger, now, problems=check(content), credentials=missing_credentials)
    alive = last_heartbeat(workspace.data)
    known = replace(content, channels=with_kept_ends(content.channels))
    yield from watch(known, decided, ledger, now, heartbeat=alive, credentials=missing_credentials)
    yield from kept_logins(content.channels.values(), now)
    if online:
        yield from _tokens(content, now)


def _tokens(content: Content, now: datetime) -> Iterator[Finding]:
    from socialops.publishing.watchdog import token_health

    with networks() as open_network:
        for channel in content.channels.values():
            if missing_credentials(channel) is None:
                yield from token_health(channel, open_network, now)


def _has_remote(workspace: Workspace) -> bool:
    from socialops.git import Git

    git = Git(workspace.root)
    try:
        return git.inside() and git.has_remote(workspace.settings.data_remote)
    except GitError:
        return False


def _proper(url: str) -> None:
    """Look that a request can be made to it; raises UsageError without repeating it: such addresses are secrets."""
    from socialops.networks.base import web_address

    if not web_address(url):
        raise UsageError(
            "--ping needs the whole address that the watching service shows: https://… in one piece.",
            hint="Copy it again, with nothing around it; a name and a password in it are not taken.",
        )


def _ping(url: str, *, well: bool) -> None:
    """Send one request; a service that does not answer is a warning, and changes nothing."""
    from urllib.parse import urlsplit, urlunsplit

    from socialops.errors import HttpError
    from socialops.http import Http

    parts = urlsplit(url)
    path = parts.path if well else f"{parts.path.rstrip('/')}/fail"
    try:
        with Http() as http:
            address = urlunsplit((parts.scheme, parts.netloc, path, parts.query, ""))
            answer = http.send("GET", address, deadline=PING_DEADLINE)
    except HttpError as error:
        say(f"warning: the watching service could not be told: {error.message}")
        return
    except ValueError:  # a host name that cannot exist
        say("warning: the watching service could not be told: no server can have that address.")
        return
    if 300 <= answer.status < 400:
        say(
            f"warning: the watching service was not told: it says that it moved ({answer.status}). Copy its address "
            "anew; perhaps it begins with https:// now."
        )
    elif not 200 <= answer.status < 300:
        say(f"warning: the watching service answered {answer.status}: look whether its address is still right.")
