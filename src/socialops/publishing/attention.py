"""What needs a person, and what that person can do about it, in words to read and commands to copy."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from socialops.compose.recurrence import base_of
from socialops.publishing import reasons
from socialops.publishing.machine import State, instant, last_event, part_states, receipts_of

if TYPE_CHECKING:
    from socialops.publishing.ledger import Ledger
    from socialops.publishing.machine import Delivery
    from socialops.publishing.plan import Decision, Plan

JUST_MISSED = timedelta(hours=24)
"""How long a post that came too late is put before people, and makes a run's exit code 1; after that only the plan
shows it."""


@dataclass(frozen=True, slots=True)
class ToDo:
    """One thing to do: a sentence with a {} for each of *names*, and the command that does it, when there is one.

    Names (files, hosts) are kept apart because others choose them: each way of showing it makes them harmless itself.
    """

    words: str
    names: tuple[str, ...] = ()
    command: str = ""

    def __str__(self) -> str:
        said = self.words.format(*self.names)
        return f"{said}: {self.command}" if self.command else said


@dataclass(frozen=True, slots=True)
class Need:
    """One delivery that waits for a person."""

    decision: Decision
    things: tuple[ToDo, ...]
    urls: tuple[str, ...] = ()
    """Where each part of it that is there can be seen."""

    @property
    def to_do(self) -> tuple[str, ...]:
        """What to do: sentences, and commands behind a colon."""
        return tuple(str(thing) for thing in self.things)

    @property
    def url(self) -> str:
        """Where the first part of it that is there can be seen."""
        return self.urls[0] if self.urls else ""


def needs(plan: Plan, ledger: Ledger, now: datetime) -> tuple[Need, ...]:
    """Return what needs a person: attention, failures that nobody has dealt with, and what just came too late.

    So do posts that just went out without something that belongs to them. In the order of the plan; deliveries whose
    post is gone come last.
    """
    found = []
    orphans = {id(decision) for decision in plan.orphans}
    for decision in (*plan.decisions, *plan.orphans):
        name = (decision.post.id, decision.channel.name)
        delivery = ledger.deliveries.get(name)
        if lost := _just_lacking(delivery, now):
            told = tuple(_things_lacking(delivery)) if delivery else ()
            found.append(Need(replace(decision, reason=lost), told, _urls(delivery)))
        if not _waits(decision, now):
            continue
        things = tuple(_things(decision, delivery, fault=name in ledger.faults, orphan=id(decision) in orphans))
        found.append(Need(decision, things, _urls(delivery)))
    return tuple(found)


def mending(channel: str) -> tuple[ToDo, ...]:
    """Return what can be done about a channel whose sends keep failing."""
    pause = f"socialops pause {shlex.quote(f'channel:{channel}')} --why 'sending fails'"
    return (
        ToDo(
            "Ask the network how we stand",
            command="socialops doctor --publishing --online",
        ),
        ToDo("Try nothing until it is mended", command=pause),
    )


def _urls(delivery: Delivery | None) -> tuple[str, ...]:
    return tuple(receipt.url for receipt in receipts_of(delivery) if receipt.url) if delivery else ()


def _just_lacking(delivery: Delivery | None, now: datetime) -> str:
    """Say what a post lacks, for a day after it went out; empty for every other."""
    lost = reasons.lacking(delivery)
    event = last_event(delivery, 0, State.CONFIRMED) if delivery and lost else None
    return lost if event is not None and now - instant(event.at) < JUST_MISSED else ""


def _things_lacking(delivery: Delivery) -> Iterator[ToDo]:
    yield ToDo("Look below the post at the address above; nothing of this is tried again by itself.")
    if comment := reasons.wanted_comment(delivery):
        yield ToDo("If the comment is not there, write it by hand: {}", (comment,))
    if reasons.wants_no_comments(delivery):
        yield ToDo("If people can comment there, switch that off in the post's own menu.")


def _waits(decision: Decision, now: datetime) -> bool:
    if decision.action == "too_late":
        # Where no sandbox runs, a practice channel gets nothing, and misses nothing.
        return decision.due is not None and not decision.channel.sandbox and now - decision.due < JUST_MISSED
    if decision.stormy:
        return True
    return decision.action == "attention" or (decision.action == "settled" and decision.state is State.FAILED)


def _things(decision: Decision, delivery: Delivery | None, *, fault: bool, orphan: bool) -> Iterator[ToDo]:
    # The names of a delivery whose post is gone come from the data branch: a command must stay one command.
    names = f"{shlex.quote(decision.post.id)} {shlex.quote(decision.channel.name)}"
    resolve = f"socialops resolve {names}"
    file = (decision.post.path,)
    if fault:
        yield ToDo("Find the last good version of its record", command="git -C reports/data log -- ledger")
        yield ToDo("Bring it back with `git checkout <commit> -- <file>` there, commit and push.")
        return
    if decision.action == "too_late" and base_of(decision.post.id) != decision.post.id:
        yield ToDo("It comes again by itself. If this time mattered, write a post of its own with a date.")
        return
    if decision.action == "too_late" or decision.stormy:
        yield ToDo("Give it a new date in {}, or write `draft: true` there.", file)
        return
    if decision.action == "settled":
        yield ToDo("Change {}, and it is tried again.", file)
        yield ToDo("Or, where the post was not the cause, send it anew", command=f"{resolve} --retry")
        yield ToDo("Or leave it", command=f"{resolve} --cancel")
        return
    states = part_states(delivery) if delivery else ()
    begun = State.CONFIRMED in states
    if orphan:
        yield ToDo("Its post or its channel is no longer in the repository: bring the file back if it shall go on.")
    channel = decision.channel
    yield (
        ToDo("Look at {} ({}).", (channel.name, channel.host)) if channel.host else ToDo("Look at {}.", (channel.name,))
    )
    there = "The next part is there" if begun else "It is there"
    yield ToDo(there, command=f"{resolve} --sent URL")
    if not orphan:
        not_there = "It is not there, and the rest shall follow" if begun else "It is not there, and shall go out"
        yield ToDo(not_there, command=f"{resolve} --retry")
    if begun:
        yield ToDo("Leave it as it is", command=f"{resolve} --cancel")
        yield ToDo("Take down what is there", command=f"socialops unpublish {names}")
    else:
        yield ToDo("It is not there, and is not wanted any more", command=f"{resolve} --cancel")
