"""The commands by which people step in: resolve, unpublish, pause, resume."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from socialops.cli.shared import NOW_HELP, clock, networks, open_workspace, say, write
from socialops.errors import SocialopsError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from socialops.content.channel import Channel
    from socialops.content.load import Content
    from socialops.networks.base import Network
    from socialops.networks.draft import Receipt
    from socialops.publishing.ledger import Ledger, Name
    from socialops.publishing.machine import Delivery, Rules
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
    if retry and (name not in known) and name[0] not in {other for other, _ in known}:
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
    then = {
        Sent: "Nothing of it is sent again." if str(state_of(delivery)) == "confirmed" else "The rest follows.",
        Again: "The next run sends what was claimed, whatever the file says now.",
        Leave: "Nothing of it is sent any more.",
    }[type(choice)]
    write(f"{state_of(delivery)}: {name[0]} → {name[1]}. {then}\n")
    return 0


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
