"""The commands that go out to the networks: plan, publish, snapshot, accounts."""

from __future__ import annotations

import signal
import sys
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from socialops.cli.shared import (
    NOW_HELP,
    clock,
    colours,
    current_ledger,
    missing_credentials,
    networks,
    only_rehearsed,
    open_workspace,
    say,
    server_time,
    tell_job,
    write,
)
from socialops.errors import UsageError

if TYPE_CHECKING:
    from types import FrameType

    from socialops.content.channel import Channel
    from socialops.workspace import Workspace

LONGEST_WAIT = timedelta(hours=5)
"""Jobs of GitHub Actions end after six."""
FORMATS = click.Choice(["text", "json"])


@click.command("plan", short_help="Show what is due now, and what is held back and why.")
@click.option("--now", "rehearsed", help=NOW_HELP)
@click.option("--all", "everything", is_flag=True, help="Show also what is settled, or more than two weeks away.")
@click.option("--attention", is_flag=True, help="Show only what needs a person, with what to do; exit code 3 if any.")
@click.option("--format", "form", type=FORMATS, default="text", show_default=True, help="How to say it.")
def plan_command(rehearsed: str | None, everything: bool, attention: bool, form: str) -> int:
    """Show what is due now, and what is held back and why. Nothing is sent, nothing is changed."""
    from socialops.checks.check import check
    from socialops.content.load import load
    from socialops.output import plan as output
    from socialops.output.text import harmless
    from socialops.problem import Severity
    from socialops.publishing.history import history
    from socialops.publishing.plan import plan

    workspace = open_workspace()
    content = load(workspace)
    now = clock(rehearsed, workspace)()
    ledger = current_ledger(workspace)
    today = now.astimezone(workspace.settings.tz()).date()
    problems = [*check(content, today=today), *history(content, ledger, now)]
    decided = plan(content, ledger, now, problems=problems, credentials=missing_credentials)
    if ledger.missing:
        say("There is no ledger here yet, so what was published cannot be told from what came too late.")
    around = sorted({p.file for p in problems if p.severity is Severity.ERROR and not p.file.startswith("posts/")})
    if around:
        say(f"This plan may lack something: `socialops check` finds errors in {harmless(', '.join(around))}.")
    if attention:
        from socialops.publishing.attention import needs
        from socialops.publishing.breaker import breakers

        found, failing, zone = needs(decided, ledger, now), breakers(ledger, now), workspace.settings.tz()
        write(
            output.attention_json(found, now=now, failing=failing)
            if form == "json"
            else output.attention_text(found, zone=zone, failing=failing, colour=colours())
        )
        return 3 if found or failing else 0
    if form == "json":
        write(output.as_json(decided, now=now))
    else:
        write(output.as_text(decided, now=now, zone=workspace.settings.tz(), everything=everything, colour=colours()))
    return 0


def _quiet(_text: str) -> None:
    """Say nothing: on one terminal the outcome says it all a moment later; in a log it tells how far a run came."""


@click.command("publish", short_help="Publish what is due, once, and record it.")
@click.option("--dry-run", is_flag=True, help="Say what would be sent; claim and send nothing.")
@click.option("--wait", metavar="LENGTH", help="Publish also what falls due within this time (15m), on its second.")
@click.option("--now", "rehearsed", help=NOW_HELP)
@click.option("--format", "form", type=FORMATS, default="text", show_default=True, help="How to say it.")
def publish_command(dry_run: bool, wait: str | None, rehearsed: str | None, form: str) -> int:
    """Publish what is due, once, and record it.

    With --now, which is not the real time, only practice channels get anything. Exit code 1 when a post failed, 3 when
    a person must look.
    """
    from socialops.content.load import load
    from socialops.http import Http
    from socialops.output import plan as output
    from socialops.publishing.attention import needs
    from socialops.publishing.breaker import breakers
    from socialops.publishing.engine import publish
    from socialops.publishing.ledger import read_ledger

    longest = _length(wait, rehearsed)
    workspace = open_workspace()
    content = load(workspace)
    tell_time = clock(rehearsed, workspace)
    stop_asked = False

    def ask_to_stop(_number: int, _frame: FrameType | None) -> None:
        # A cancelled CI job: finish the send that is under way, record it, begin no other.
        nonlocal stop_asked
        stop_asked = True

    def lacking(channel: Channel) -> str | None:
        rehearsal = only_rehearsed(channel) if rehearsed is not None and not dry_run else None
        return rehearsal or missing_credentials(channel)

    before = {number: signal.signal(number, ask_to_stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        with Http() as http, networks(http) as open_network:
            # A rehearsed time is compared with nobody's.
            time_of = server_time(http) if rehearsed is None else lambda _channel: None
            outcome = publish(
                workspace,
                content,
                now=tell_time,
                open_network=open_network,
                credentials=lacking,
                dry_run=dry_run,
                wait=longest,
                report=_quiet if sys.stdout.isatty() and sys.stderr.isatty() else say,
                stopping=lambda: stop_asked,
                server_time=time_of,
            )
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    tell_job(changed=bool(outcome.results))
    if form == "json":
        write(output.outcome_json(outcome))
        return outcome.exit_code
    moment = tell_time()
    write(output.outcome_text(outcome, now=moment, colour=colours()))
    ledger = read_ledger(workspace.ledger)
    found, failing = needs(outcome.plan, ledger, moment), breakers(ledger, moment)
    if found or failing:
        told = output.attention_text(found, zone=workspace.settings.tz(), failing=failing, colour=colours())
        write(f"\n{told}")
    return outcome.exit_code


def _length(wait: str | None, rehearsed: str | None) -> timedelta:
    """Read how long to wait; raises UsageError."""
    from socialops.workspace import duration

    if wait is None:
        return timedelta(0)
    if rehearsed is not None:
        raise UsageError("--wait waits for the real time, and --now is another.", hint="Leave one of them out.")
    try:
        length = duration(wait)
    except ValueError as error:
        raise UsageError(f"--wait: {error}.") from error
    if length > LONGEST_WAIT:
        raise UsageError(
            f"--wait {wait} is longer than {LONGEST_WAIT // timedelta(hours=1)} hours.",
            hint="Let a schedule start the run more often instead: it is the schedule that must not be missed.",
        )
    return length


@click.command("snapshot", short_help="Read from the networks how published posts do.")
@click.option("--now", "rehearsed", help=NOW_HELP)
def snapshot_command(rehearsed: str | None) -> int:
    """Read from the networks how published posts do, and keep the numbers in reports/data/metrics."""
    from socialops.content.load import load
    from socialops.measuring.snapshot import snapshot

    workspace = open_workspace()
    content = load(workspace)
    with networks() as open_network:
        result = snapshot(
            workspace,
            content,
            current_ledger(workspace),
            now=clock(rehearsed, workspace)(),
            open_network=open_network,
            report=say,
        )
    tell_job(changed=result.readings > 0)
    return result.exit_code


@click.command("accounts", short_help="Show each channel's account, and whether its credentials work.")
@click.option("--limits", "update_limits", is_flag=True, help="Write the server's own limits into the channel files.")
def accounts_command(update_limits: bool) -> int:
    """Show each channel's account, whether its credentials work, and for how many days where that is known.

    Reads only, unless --limits is given.
    """
    from socialops.cli.credentials import login_left
    from socialops.content.load import load
    from socialops.errors import SocialopsError

    workspace = open_workspace()
    content = load(workspace)
    code = 0
    if not content.channels:
        say("There is no channel yet: describe each account in a file brand/channels/<name>.md.")
    with networks() as open_network:
        for channel in content.channels.values():
            lacking = missing_credentials(channel)
            if lacking:
                write(f"{channel.name}: {lacking}\n")
                continue
            try:
                account = open_network(channel).account()
            except SocialopsError as error:
                code = max(code, 1)
                write(f"{channel.name}: {error.message} {error.hint}\n")
                continue
            followers = "" if account.followers is None else f", {account.followers} followers"
            left = login_left(channel, account.expires, datetime.now(UTC))
            write(f"{channel.name}: fine: {account.handle} on {channel.network}{followers}{left and f'; {left}'}\n")
            if update_limits:
                write(f"{channel.name}: {_keep_limits(workspace, channel, account.limits, datetime.now(UTC).date())}\n")
    return code


def _keep_limits(workspace: Workspace, channel: Channel, told: Mapping[str, Any], today: date) -> str:
    """Write what a server told of its limits into the channel's file; say what became of it."""
    from socialops.content.channel_file import keep_limits
    from socialops.networks import default_limits

    known = default_limits(channel.network)
    limits = {name: value for name, value in told.items() if known.has(name)}
    if not limits:
        return f"{channel.network} tells no limits of its own; those of the handbook hold"
    changed = keep_limits(workspace, channel, limits, today)
    return (
        f"limits updated in {channel.path}: {', '.join(changed)}" if changed else f"limits unchanged in {channel.path}"
    )
