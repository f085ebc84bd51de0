"""What needs a person, and what that person can do about it, in words to read and commands to copy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from socialops.publishing.machine import State, part_states, receipts_of

if TYPE_CHECKING:
    from socialops.publishing.ledger import Ledger
    from socialops.publishing.machine import Delivery
    from socialops.publishing.plan import Decision, Plan

JUST_MISSED = timedelta(hours=24)
"""How long a post that came too late is put before people, and makes a run's exit code 1; after that only the plan
shows it."""


@dataclass(frozen=True, slots=True)
class Need:
    """One delivery that waits for a person."""

    decision: Decision
    to_do: tuple[str, ...]
    """What to do: sentences, and commands behind a colon."""
    url: str = ""
    """Where the part of it that is there can be seen."""


def needs(plan: Plan, ledger: Ledger, now: datetime) -> tuple[Need, ...]:
    """Return what needs a person: attention, failures that nobody has dealt with, and what just came too late.

    In the order of the plan; deliveries whose post is gone come last.
    """
    found = []
    for decision in (*plan.decisions, *plan.orphans):
        name = (decision.post.id, decision.channel.name)
        if not _waits(decision, now):
            continue
        delivery = ledger.deliveries.get(name)
        orphan = decision in plan.orphans
        receipts = receipts_of(delivery) if delivery else ()
        to_do = tuple(_to_do(decision, delivery, fault=name in ledger.faults, orphan=orphan))
        found.append(Need(decision, to_do, receipts[0].url if receipts else ""))
    return tuple(found)


def _waits(decision: Decision, now: datetime) -> bool:
    if decision.action == "too_late":
        return decision.due is not None and now - decision.due < JUST_MISSED
    return decision.action == "attention" or (decision.action == "settled" and decision.state is State.FAILED)


def _to_do(decision: Decision, delivery: Delivery | None, *, fault: bool, orphan: bool) -> Iterator[str]:
    names = f"{decision.post.id} {decision.channel.name}"
    if fault:
        yield "Find the last good version of its record: git -C reports/data log -- ledger"
        yield "Bring it back with `git checkout <commit> -- <file>` there, commit and push."
        return
    if decision.action == "too_late":
        yield f"Give it a new date in {decision.post.path}, or write `draft: true` there."
        return
    if decision.action == "settled":
        yield f"Change {decision.post.path}, and it is tried again; or, where the post was not the cause, send it anew:"
        yield f"socialops resolve {names} --retry"
        yield f"Or leave it: socialops resolve {names} --cancel"
        return
    states = part_states(delivery) if delivery else ()
    begun = State.CONFIRMED in states
    if orphan:
        yield "Its post or its channel is no longer in the repository: bring the file back if it shall go on."
    yield f"Look at {decision.channel.name}{f' ({decision.channel.host})' if decision.channel.host else ''}."
    there = "The next part is there" if begun else "It is there"
    yield f"{there}: socialops resolve {names} --sent URL"
    if not orphan:
        not_there = "It is not there, and the rest shall follow" if begun else "It is not there, and shall go out"
        yield f"{not_there}: socialops resolve {names} --retry"
    if begun:
        yield f"Leave it as it is: socialops resolve {names} --cancel"
        yield f"Take down what is there: socialops unpublish {names}"
    else:
        yield f"It is not there, and is not wanted any more: socialops resolve {names} --cancel"
