"""The commands by which people step in: resolve, unpublish, pause, resume."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from socialops.cli.shared import NOW_HELP, clock, current_ledger, networks, open_workspace, say, write
from socialops.errors import SocialopsError, Unknown, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from socialops.content.channel import Channel
    from socialops.content.load import Content
    from socialops.networks.base import Network
    from socialops.networks.draft import Receipt
    from socialops.publishing.ledger import Ledger, Name
    from socialops.publishing.machine import Delivery, Rules
    from socialops.publishing.takedown import Removal
    from socialops.workspace import Workspace

WHO_HELP = "Who decides; your name in git when left out."


@click.command("resolve", short_help="Decide about a delivery that no machine can settle.")
@click.argument("post")
@click.argument("channel")
@click.option("--sent", "urls", multiple=True, metavar="URL", help="It is there, at this address; once for each part.")
@click.option("--retry", is_flag=True, help="It is not there: send what was claimed once more.")
@click.option("--cancel", is_flag=True, help="Leave it: nothing of it is sent any more.")
@click.option("--who", help=WHO_HELP)
@click.option("--now", "rehearsed", help=NOW_HELP)
def resolve_command(
    post: str, channel: str, urls: tuple[str, ...], retry: bool, cancel: bool, who: str | None, rehearsed: str | None
) -> int:
    """Decide about the delivery of POST on CHANNEL that no machine can settle.

    Look at the channel first. Is the post there? --sent with its address. Is it not there? --retry, or --cancel. The
    next run of `socialops publish` goes on from your decision.
    """
    from socialops.compose.recurrence import base_of
    from socialops.content.load import load
    from socialops.publishing.machine import receipts_of, state_of
    from socialops.publishing.resolution import Again, Leave, Sent, decided, resolve

    if bool(urls) + retry + cancel != 1:
        raise UsageError(
            "Say what you found: --sent URL, --retry or --cancel.",
            hint="Look at the channel first: is the post there? Exactly one of the three.",
        )
    workspace = open_workspace()
    content = load(workspace)
    now, person, rules = clock(rehearsed, workspace)(), who or _who(workspace.root), _rules(workspace)
    choice = Sent(urls) if urls else Again() if retry else Leave()
    known = _names(content)
    name = (_post_id(content, post), channel)
    if retry and name not in known and not {name[0], base_of(name[0])} & {other for other, _ in known}:
        say(f"{name[0]} is not in posts/ any more: bring its file back, or nothing is sent.")
    with networks() as open_network:

        def decide(ledger: Ledger, delivery: Delivery) -> Delivery:
            return decided(
                delivery,
                choice,
                person,
                now,
                rules,
                channel=content.channels.get(channel),
                taken={
                    receipt.url
                    for other, record in ledger.deliveries.items()
                    if other != name
                    for receipt in receipts_of(record)
                },
                look=_looking(content, open_network),
            )

        delivery = resolve(workspace, name, decide, known=known)
    write(f"{state_of(delivery)}: {name[0]} → {name[1]}. {_what_follows(delivery, retry=retry, cancel=cancel)}\n")
    return 0


def _what_follows(delivery: Delivery, *, retry: bool, cancel: bool) -> str:
    """Say what a decision leads to."""
    from socialops.publishing.machine import State, first_unsettled, part_states, state_of

    whole = state_of(delivery) is State.CONFIRMED
    newest = delivery.events[-1]
    if cancel:
        return "Nothing of it is sent any more."
    if retry and whole and newest.detail.get("via") == "reconcile":
        return f"It is there after all, and is not sent again: {newest.detail['url']}"
    if not retry:
        return "Nothing of it is sent again." if whole else "The rest follows."
    amount, rest = len(part_states(delivery)), first_unsettled(delivery) or 0
    begin = f" from part {rest + 1} on" if amount > 1 else ""
    return f"The next run sends what was claimed{begin}, whatever the file says now."


def _looking(content: Content, open_network: Callable[[Channel], Network]) -> Callable[[Delivery, int], Receipt | None]:
    """Return a function that asks the network for a part of a delivery, where it can be asked."""

    def look(delivery: Delivery, part: int) -> Receipt | None:
        from socialops.networks.base import Idempotency
        from socialops.networks.draft import draft_from_record
        from socialops.publishing.machine import first_claim, instant
        from socialops.publishing.reconcile import CLOCKS_DIFFER
        from socialops.publishing.sending import whole_part

        channel, claim = content.channels.get(delivery.channel), first_claim(delivery, part)
        if channel is None or claim is None:
            return None
        try:
            network = open_network(channel)
            if network.idempotency is Idempotency.NONE:
                return None
            wanted = whole_part(delivery, draft_from_record(delivery.draft), part)
            return network.find(wanted, key=claim.detail["key"], since=instant(claim.at) - CLOCKS_DIFFER)
        except Unknown as error:
            if error.code == "ambiguous":
                raise
            return None
        except (SocialopsError, KeyError, TypeError, ValueError, IndexError):
            # The person looked; what the network adds (numbers, threads) is welcome and not needed.
            return None

    return look


def _rules(workspace: Workspace) -> Rules:
    from socialops.publishing.machine import Rules

    return Rules(lease=workspace.settings.lease, settle=workspace.settings.settle)


def _names(content: Content) -> set[Name]:
    return {(post.id, entry.channel) for post in content.posts for entry in post.channels}


def _post_id(content: Content, post: str) -> str:
    """Return the id of a post that was named by its id or by its file."""
    return next((other.id for other in content.posts if post == other.path), post)


def _who(root: Path) -> str:
    """Return the name that this person's commits carry; empty when git does not know it."""
    from socialops.git import Git

    try:
        return Git(root).run("config", "user.name", allowed=(0, 1, 128))[1].strip()
    except SocialopsError:
        return ""


@click.command("unpublish", short_help="Delete a published post on its networks.")
@click.argument("post")
@click.argument("channel", required=False)
@click.option("--yes", is_flag=True, help="Do not ask; needed where nobody can be asked.")
@click.option("--by-hand", is_flag=True, help="Delete nothing, only record it: somebody has deleted it there.")
@click.option("--dry-run", is_flag=True, help="Say what would be deleted; delete nothing.")
@click.option("--who", help=WHO_HELP)
@click.option("--now", "rehearsed", help=NOW_HELP)
def unpublish_command(
    post: str, channel: str | None, yes: bool, by_hand: bool, dry_run: bool, who: str | None, rehearsed: str | None
) -> int:
    """Delete POST on CHANNEL, or on all its channels, and record that it is gone.

    A thread is deleted from its last part to its first. It is never published again. Exit code 1 when something is
    still there, 3 when a person must delete it on the network.
    """
    from socialops.content.load import load
    from socialops.publishing.takedown import take_down, takedowns

    workspace = open_workspace()
    content = load(workspace)
    tell_time, person = clock(rehearsed, workspace), who or _who(workspace.root)
    found = takedowns(current_ledger(workspace), _post_id(content, post), channel or "", _names(content))
    for wanted in found:
        for part, receipt in reversed(wanted.there):
            say(f"{wanted.name[0]} → {wanted.name[1]}, part {part + 1}: {receipt.url or receipt.id}")
    amount = sum(len(wanted.there) for wanted in found)
    if dry_run:
        write("".join(f"{wanted.name[0]} → {wanted.name[1]}: {wanted.refused}\n" for wanted in found if wanted.refused))
        write(f"{amount} would be deleted.\n")
        return 0
    if amount and not yes:
        _confirm(f"{'Record as deleted' if by_hand else 'Delete'} {amount}?")
    code = 0
    with networks() as open_network:
        for wanted in found:
            removal = take_down(
                workspace,
                wanted.name,
                channel=content.channels.get(wanted.name[1]),
                open_network=open_network,
                now=tell_time,
                rules=_rules(workspace),
                who=person,
                by_hand=by_hand,
            )
            write(_said(removal))
            if removal.left or removal.message:
                code = max(code, 3 if removal.by_hand else 1)
    return code


def _confirm(question: str) -> None:
    """Ask the person at the terminal; raises UsageError where there is none, and Abort on a no."""
    if not sys.stdin.isatty():
        raise UsageError("Deleting cannot be undone, and nobody can be asked here.", hint="Add --yes if it is meant.")
    click.confirm(f"{question} This cannot be undone.", abort=True, err=True)


def _said(removal: Removal) -> str:
    """Return what became of one takedown, in lines."""
    post, channel = removal.name
    if not removal.left and not removal.message:
        parts = f"{removal.gone} part{'' if removal.gone == 1 else 's'}"
        return f"removed: {post} → {channel}" + (f" ({parts})\n" if removal.gone else ": nothing of it is there\n")
    lines = [f"not removed: {post} → {channel}: {removal.message}"]
    lines += [f"  still there: {url}" for url in removal.left]
    if removal.by_hand:
        lines.append(f"  When it is deleted: socialops unpublish {post} {channel} --by-hand")
    return "\n".join(lines) + "\n"


@click.command("pause", short_help="Hold everything, a network, a channel or a campaign.")
@click.argument("what")
@click.option("--why", required=True, help="The reason, for those who see that something is held.")
@click.option("--who", help=WHO_HELP)
@click.option("--until", help="When it ends by itself: 2026-12-08 09:00. Left out: when somebody resumes it.")
@click.option("--now", "rehearsed", help=NOW_HELP)
def pause_command(what: str, why: str, who: str | None, until: str | None, rehearsed: str | None) -> int:
    """Hold WHAT: everything, network:mastodon, channel:mastodon-il or campaign:winter-2026.

    Writes an entry into brand/pause.yml and leaves the rest of the file as it is. It holds as soon as it is on the
    branch that publishes.
    """
    from socialops.content.brand import Pause
    from socialops.content.library import read_library
    from socialops.content.pause_file import PAUSE_FILE, pausable, write_pause

    workspace = open_workspace()
    library = read_library(workspace)
    named = pausable(what, library)
    reason, end = " ".join(why.split()), " ".join((until or "").split())
    if not reason:
        raise UsageError("A pause needs a reason.", hint='--why "sirens in the north"')
    now = clock(rehearsed, workspace)()
    if end:
        _ahead(end, workspace, now)
    for other in library.brand.pauses:
        if other.what == named and not _past(other.until, workspace, now):
            raise UsageError(
                f"{named} is paused already: {other.why}" + (f" ({other.who})" if other.who else ""),
                hint=f"To change the reason or the end, edit {PAUSE_FILE}.",
            )
    write_pause(workspace, Pause(named, reason, who or _who(workspace.root), end))
    write(f"paused: {named}: {reason}\n")
    _tell_to_commit(f"Pause {named}")
    return 0


@click.command("resume", short_help="Take a pause away.")
@click.argument("what")
def resume_command(what: str) -> int:
    """Take the pause of WHAT out of brand/pause.yml.

    Nothing is fired by that: what fell due meanwhile and is too late now stays where it is until it gets a new date.
    """
    from socialops.content.library import read_library
    from socialops.content.pause_file import remove_pauses
    from socialops.problem import nearest

    workspace = open_workspace()
    paused = [pause.what for pause in read_library(workspace).brand.pauses]
    if what not in paused:
        meant = nearest(what, paused) or next((other for other in paused if other.partition(":")[2] == what), None)
        raise UsageError(
            f"{what} is not paused.",
            hint=f"Did you mean {meant!r}?"
            if meant
            else f"Paused: {', '.join(paused)}."
            if paused
            else "Nothing is paused.",
        )
    remove_pauses(workspace, {what})
    left = [other for other in paused if other != what]
    write(f"resumed: {what}\n")
    if left:
        write(f"Still paused: {', '.join(left)}.\n")
    write("What fell due meanwhile goes out only while it is not too late; `socialops plan` shows it.\n")
    _tell_to_commit(f"Resume {what}")
    return 0


def _tell_to_commit(subject: str) -> None:
    say("It counts when it is on the branch that publishes. Commit it and push, or open a pull request:")
    say(f'  git add brand/pause.yml && git commit -m "{subject}" && git push')


def _ahead(until: str, workspace: Workspace, now: datetime) -> None:
    """Look that a pause ends at a moment that is still to come; raises UsageError."""
    from socialops.content.when import WhenError, parse_when

    try:
        ends = parse_when(until).at(workspace.settings.tz())
    except WhenError as error:
        raise UsageError(f"--until: {error.message}", hint=error.hint) from error
    if ends <= now:
        raise UsageError(f"--until: {until} is over already.", hint="Give a moment that is still to come.")


def _past(until: str, workspace: Workspace, now: datetime) -> bool:
    try:
        _ahead(until, workspace, now)
    except UsageError:
        return bool(until)
    return False
