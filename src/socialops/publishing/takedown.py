"""Delete on a network what we published there, and record that it is gone.

Part by part, the last one first, so that nobody meets a thread without its beginning. Deleting what is gone is no
error, so a takedown that broke off is simply run again. What is half published is cancelled before anything of it is
deleted: the rest of a thread never follows what was taken down.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from socialops.errors import GitError, SocialopsError, UsageError
from socialops.networks.base import CanDelete
from socialops.publishing.claim import open_store
from socialops.publishing.happened import Ask, Cancel, Gone
from socialops.publishing.ledger import Ledger, Name, write_delivery
from socialops.publishing.machine import (
    Delivery,
    Rules,
    State,
    after,
    first_unsettled,
    last_event,
    part_states,
    receipt_from,
    state_of,
)
from socialops.publishing.resolution import Leave, decided, delivery_of, resolve

if TYPE_CHECKING:
    from socialops.content.channel import Channel
    from socialops.networks.base import Network
    from socialops.networks.draft import Receipt
    from socialops.workspace import Workspace

_UNCERTAIN = frozenset({State.INTENT, State.UNKNOWN, State.ATTENTION})


@dataclass(frozen=True, slots=True)
class Takedown:
    """What there is of a delivery to be taken down: (part, receipt), the last one first."""

    name: Name
    there: tuple[tuple[int, Receipt], ...]
    refused: str = ""
    """Why it cannot be taken down now, and what to do first."""


@dataclass(frozen=True, slots=True)
class Removal:
    """What became of a takedown. *left* are the addresses of what is still there."""

    name: Name
    gone: int
    left: tuple[str, ...] = ()
    message: str = ""
    by_hand: bool = False
    """Whether only a person can delete it, on the network itself."""


def takedowns(ledger: Ledger, post: str, channel: str = "", known: Collection[Name] = ()) -> tuple[Takedown, ...]:
    """Return what there is of a post on a channel, or on all; raises UsageError when nothing of it was ever claimed.

    *known* are the names that the posts of the repository make.
    """
    if channel:
        names = [(post, channel)]
    else:
        names = sorted(name for name in {*ledger.deliveries, *ledger.faults} if name[0] == post)
        if not names and post in {identity for identity, _ in known}:
            raise UsageError(
                f"{post} was never published.", hint="To keep it from going out, write `draft: true` in the post."
            )
        names = names or [(post, "")]
    return tuple(_takedown(delivery_of(ledger, name, known)) for name in names)


def _takedown(delivery: Delivery) -> Takedown:
    name, states = (delivery.post, delivery.channel), part_states(delivery)
    there = tuple((part, _receipt(delivery, part)) for part in reversed(range(len(states))) if _there(states[part]))
    doubtful = [part for part, state in enumerate(states) if state in _UNCERTAIN]
    if doubtful and state_of(delivery) is not State.CANCELLED:
        which = "it" if len(states) == 1 else f"part {doubtful[0] + 1}"
        command = f"socialops resolve {delivery.post} {delivery.channel}"
        why = f"It is not known whether {which} is there. Look, and say so first: {command} --sent URL, or --cancel."
        return Takedown(name, there, why)
    return Takedown(name, there)


def _there(state: State) -> bool:
    return state is State.CONFIRMED


def _receipt(delivery: Delivery, part: int) -> Receipt:
    event = last_event(delivery, part, State.CONFIRMED)
    return receipt_from(event.detail if event else {})


def taken_down(delivery: Delivery, part: int, who: str, now: datetime, rules: Rules) -> Delivery:
    """Return the delivery with a part of it deleted; what is not out of it yet never follows."""
    delivery = after(delivery, part, Gone(who or "a person"), now, rules)
    rest = first_unsettled(delivery)
    if rest is None:
        return delivery
    if state_of(delivery) is State.INTENT:
        delivery = after(delivery, rest, Ask("what stood before it was taken down"), now, rules)
    return after(delivery, rest, Cancel(who), now, rules)


def take_down(
    workspace: Workspace,
    name: Name,
    *,
    channel: Channel | None,
    open_network: Callable[[Channel], Network],
    now: Callable[[], datetime],
    rules: Rules,
    who: str = "",
    by_hand: bool = False,
    sleep: Callable[[float], None] = time.sleep,
) -> Removal:
    """Delete a delivery on its network, and record what is gone; a second time changes nothing.

    *channel* is what its file says, None when it is no longer in the repository. With *by_hand* nothing is deleted:
    somebody has done it on the network. Raises UsageError, LedgerError or GitError when nothing may be deleted.
    """
    store = open_store(workspace, create=False, sleep=sleep)
    with store.lock():
        store.sync()
        before = delivery_of(Ledger.open(workspace), name)
    wanted = _takedown(before)
    if wanted.refused:
        return Removal(name, 0, _addresses(wanted), wanted.refused)
    if wanted.there and first_unsettled(before) is not None and state_of(before) is not State.CANCELLED:
        resolve(workspace, name, lambda _ledger, delivery: decided(delivery, Leave(), who, now(), rules), sleep=sleep)
    with store.lock():
        store.sync()
        ledger = Ledger.open(workspace)
        delivery = delivery_of(ledger, name)
        there, gone, message, only_by_hand = _takedown(delivery).there, 0, "", False
        try:
            delete = None if by_hand else _deleting(channel, name, open_network)
        except _ByHand as error:
            there, message, only_by_hand = (), error.message, True
        except SocialopsError as error:
            there, message = (), f"{error.message} {error.hint}".strip()
        for part, receipt in there:
            if delete is not None and (message := _attempt(delete, receipt)):
                break
            delivery = taken_down(delivery, part, who, now(), rules)
            write_delivery(ledger.file_of(delivery), delivery)
            gone += 1
        if gone:
            try:
                store.record([ledger.file_of(delivery)], f"record: {name[0]} on {name[1]} taken down")
            except GitError as error:
                raise GitError(
                    f"It is deleted and that is written down on this machine, but could not be pushed: {error.message}",
                    hint="When the remote answers again, run: socialops plan. It takes the record along.",
                ) from error
    return Removal(name, gone, _addresses(_takedown(delivery)), message, only_by_hand)


class _ByHand(SocialopsError):
    """Only a person can delete it."""


def _deleting(
    channel: Channel | None, name: Name, open_network: Callable[[Channel], Network]
) -> Callable[[Receipt], None]:
    """Return what deletes on the channel's network; raises _ByHand where nothing can."""
    if channel is None:
        raise _ByHand(f"The channel {name[1]} is no longer in the repository: delete it on the network, by hand.")
    network = open_network(channel)
    if not isinstance(network, CanDelete):
        raise _ByHand(f"socialops cannot delete on {channel.network}: delete it there, by hand.")
    return network.delete


def _attempt(delete: Callable[[Receipt], None], receipt: Receipt) -> str:
    """Delete one part; return in words why it may still be there, an empty text when it is gone."""
    try:
        delete(receipt)
    except SocialopsError as error:
        return f"{error.message} {error.hint}".strip()
    except Exception as error:  # a bug of an adapter's; what was deleted before is recorded all the same
        return f"Deleting it broke off ({type(error).__name__})."
    return ""


def _addresses(wanted: Takedown) -> tuple[str, ...]:
    return tuple(receipt.url or receipt.id for _, receipt in wanted.there)
