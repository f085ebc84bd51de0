"""The command that looks whether everything is well: doctor."""

from __future__ import annotations

import os
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
from socialops.errors import CredentialsError, GitError, LedgerError, UsageError
from socialops.publishing.condition import of_channel, settings, under

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from socialops.content.load import Content
    from socialops.problem import Problem
    from socialops.publishing.watchdog import Finding
    from socialops.workspace import Workspace

PING_DEADLINE = 10.0
"""How many seconds the watching service gets to answer."""


@click.command("doctor", short_help="Look whether everything is well, and what is not protected.")
@click.option("--publishing", is_flag=True, help="Look only whether publishing is alive and leaves nothing behind.")
@click.option("--online", is_flag=True, help="Ask the networks too, whether each token works.")
@click.option("--offline", is_flag=True, help="Ask nobody: look at what is known on this machine.")
@click.option("--ping", metavar="URL", help="Tell a service that watches over us: URL when all is well, else URL/fail.")
@click.option("--now", "rehearsed", help=NOW_HELP)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def doctor_command(
    publishing: bool, online: bool, offline: bool, ping: str | None, rehearsed: str | None, form: str
) -> int:
    """Look whether everything is well. Nothing is sent, nothing is changed, and no secret is shown.

    The settings; whether publishing is alive and leaves nothing behind; which secrets are there; how old our knowledge
    of the networks is; with GITHUB_TOKEN, what protects the repository on GitHub, what does not, and whether its jobs
    still run; and whether the files that `socialops init` wrote are in step with this version.

    One line for each thing: fine, or what to do. Exit code 1 when something is wrong, 3 when a person must look; a
    warning, and what could not be looked at, leave it 0.
    """
    from socialops.output import doctor as output
    from socialops.publishing.watchdog import exit_code

    if offline and (online or ping is not None):
        raise UsageError("--offline asks nobody.", hint="Leave it out, or leave --online and --ping out.")
    if ping is not None:
        _proper(ping)
    try:
        workspace = open_workspace()
        now = clock(rehearsed, workspace)()
        found = tuple(_findings(workspace, now, online=online, offline=offline, publishing=publishing))
    except Exception:
        if ping is not None:
            _ping(ping, well=False)
        raise
    code = exit_code(found)
    write(output.as_json(found, now=now) if form == "json" else output.as_text(found, colour=colours()))
    if ping is not None:
        _ping(ping, well=code == 0)
    return code


def _findings(
    workspace: Workspace, now: datetime, *, online: bool, offline: bool, publishing: bool
) -> Iterator[Finding]:
    from socialops.checks.check import check
    from socialops.content.load import load
    from socialops.forge.github import limits
    from socialops.publishing.dated import aged, outdated

    content = load(workspace)
    problems = check(content, today=now.astimezone(workspace.settings.tz()).date())
    if not publishing:
        yield from under("Settings", settings(workspace.settings, problems))
    yield from under("Publishing", _publishing(content, problems, now, online=online, offline=offline))
    if not publishing:
        yield from under("What we know", outdated(content.channels.values(), now))
        yield from under("What we know", aged("github", limits().entries, now))
        yield from under("GitHub", _github(workspace, now, offline=offline))
        yield from under("Files of socialops", _scaffold(content))


def _publishing(
    content: Content, problems: Sequence[Problem], now: datetime, *, online: bool, offline: bool
) -> Iterator[Finding]:
    from socialops.cli.credentials import kept_logins, with_kept_ends
    from socialops.publishing.claim import open_store
    from socialops.publishing.heartbeat import last_heartbeat
    from socialops.publishing.ledger import read_ledger
    from socialops.publishing.plan import plan
    from socialops.publishing.watchdog import Finding, Level, untrusted, watch

    workspace = content.workspace
    try:
        if not offline:
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
        if offline:
            yield Finding("remote", Level.UNSEEN, "not asked; what follows is what was known here before")
        else:
            asked = _has_remote(workspace)
            yield Finding("remote", Level.FINE, "it answers" if asked else "there is none, so nothing was asked")
    try:
        ledger = read_ledger(workspace.ledger)
    except LedgerError as error:
        yield untrusted(error)
        return
    decided = plan(content, ledger, now, problems=problems, credentials=missing_credentials)
    alive = last_heartbeat(workspace.data)
    known = replace(content, channels=with_kept_ends(content.channels))
    for finding in watch(known, decided, ledger, now, heartbeat=alive, credentials=missing_credentials):
        yield of_channel(finding)
    for finding in kept_logins(content.channels.values(), now):
        yield of_channel(finding)
    if online:
        for finding in _tokens(content, now):
            yield of_channel(finding)


def _github(workspace: Workspace, now: datetime, *, offline: bool) -> Iterator[Finding]:
    """Look at the repository on GitHub, when there is one and a token for it."""
    from socialops.forge.github import Elsewhere, GitHub, find_place
    from socialops.forge.protection import protections
    from socialops.forge.schedule import schedules
    from socialops.http import Http
    from socialops.publishing.watchdog import Finding, Level

    if offline:
        yield Finding("repository", Level.UNSEEN, "not asked (--offline)")
        return
    known = workspace.settings
    try:
        place = find_place(os.environ, known.forge_url)
    except CredentialsError as error:
        yield Finding("repository", Level.WRONG, error.message, error.hint)
        return
    if isinstance(place, Elsewhere):
        hint = "With GitHub's own tool: GITHUB_TOKEN=$(gh auth token) socialops doctor"
        yield Finding("repository", Level.UNSEEN, f"not asked: {place.why}", hint)
        return
    with Http() as http:
        try:
            github = GitHub(http, place, os.environ["GITHUB_TOKEN"])
        except CredentialsError as error:
            yield Finding("repository", Level.WRONG, error.message, error.hint)
            return
        found = tuple(protections(github, main=known.main_branch, data=known.data_branch))
        yield from found
        if len(found) > 1:
            yield from schedules(github, now)


def _scaffold(content: Content) -> Iterator[Finding]:
    """Tell whether the files that `socialops init` wrote are those of this version."""
    from socialops.errors import WorkspaceError
    from socialops.publishing.watchdog import Finding, Level
    from socialops.scaffold.upgrade import look

    subject = "socialops init"
    try:
        found = look(content)
    except WorkspaceError as error:
        yield Finding(subject, Level.WRONG, error.message, error.hint)
        return
    if found is None:
        yield Finding(subject, Level.FINE, "it did not write this workspace, so there is nothing to compare")
        return
    pending = [one.path for one in found if one.pending]
    if not pending:
        yield Finding(subject, Level.FINE, "the files that it wrote are in step with this version")
        return
    more = f" and {len(pending) - 3} more" if len(pending) > 3 else ""
    message = f"this version has another text for {', '.join(pending[:3])}{more}"
    yield Finding(subject, Level.WARNING, message, "See what is new: socialops init --upgrade")


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
