"""Promises: the slot that an undated post was given, kept from the first run that saw it.

`compose/agenda.py` says why a slot has to be written down, and when it is void. Here is what the ledger knows for it,
and what a publishing run writes.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING

from socialops.compose.agenda import Agenda, Name, agenda
from socialops.compose.recurrence import base_of
from socialops.publishing.history import edited
from socialops.publishing.ledger import write_file, write_schema
from socialops.publishing.machine import State, confirmed_at, instant, state_of
from socialops.publishing.slot_file import SLOT_FILE, encode_slots

if TYPE_CHECKING:
    from collections.abc import Sequence

    from socialops.content.load import Content
    from socialops.content.post import Post
    from socialops.publishing.claim import Store
    from socialops.publishing.ledger import Ledger
    from socialops.publishing.slot_file import Slots
    from socialops.workspace import Workspace

_NEVER_SENT = frozenset({State.PLANNED, State.FAILED, State.TOO_LATE, State.CANCELLED})


class Kept:
    """What the agenda asks, answered by a ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def promised(self, name: Name) -> datetime | None:
        """Return the slot that was promised, or the time of an attempt that failed and may be made again."""
        slot = self._ledger.slots.get(name)
        if slot is None and (delivery := self._ledger.deliveries.get(name)) is not None:
            return instant(delivery.due)
        return slot

    def begun(self, post: Post, channel: str) -> datetime | None:
        """Return when a delivery on record was due; None when there is none, or the post was changed to try again."""
        delivery = self._ledger.deliveries.get((post.id, channel))
        if delivery is None:
            return None
        state = state_of(delivery)
        if state is State.PLANNED or (state is State.FAILED and edited(delivery, post)):
            return None
        return instant(delivery.due)

    def outings(self, post: str, channel: str) -> Sequence[tuple[str, datetime | None]]:
        """Return (id, instant) of the records of a recurring post on a channel; None: it did not go out."""
        found: list[tuple[str, datetime | None]] = []
        for id_ in self._families.get((post, channel), ()):
            delivery = self._ledger.deliveries.get((id_, channel))
            if delivery is None:
                # Its record cannot be trusted: it may have gone out on its day.
                found.append((id_, _day_of(id_)))
            elif state_of(delivery) in _NEVER_SENT:
                found.append((id_, None))
            else:
                found.append((id_, confirmed_at(delivery) or instant(delivery.due)))
        return found

    @cached_property
    def _families(self) -> dict[Name, list[str]]:
        families: dict[Name, list[str]] = {}
        for id_, channel in {*self._ledger.deliveries, *self._ledger.faults}:
            families.setdefault((base_of(id_) if "--" in id_ else id_, channel), []).append(id_)
        return families


def _day_of(id_: str) -> datetime | None:
    try:
        return datetime.fromisoformat(id_.rpartition("--")[2]).replace(tzinfo=UTC)
    except ValueError:
        return None


def agenda_of(content: Content, ledger: Ledger, now: datetime, *, for_channels: Sequence[str] = ()) -> Agenda:
    """Return what goes out when, as the ledger's promises and records have it."""
    return agenda(content, now, Kept(ledger), for_channels=for_channels)


def as_scheduled(content: Content, ledger: Ledger, now: datetime) -> Content:
    """Return the content with its posts as they go out: each with its dates, recurring ones as their outings."""
    posts = agenda_of(content, ledger, now).posts
    return content if posts is content.posts else replace(content, posts=posts, keys=())


def to_promise(content: Content, ledger: Ledger, now: datetime) -> Slots | None:
    """Return the slots to be written down; None when all are kept already, or the file cannot be read.

    What was promised to posts that have a date by now, were begun, or are gone, is left out along the way.
    """
    if ledger.slots_fault:
        return None
    places = agenda_of(content, ledger, now).places
    wanted = {name: place.at for name, place in places.items() if not place.begun}
    if all(ledger.slots.get(name) == at for name, at in wanted.items()):
        return None
    return wanted


def promise(workspace: Workspace, content: Content, ledger: Ledger, store: Store, now: datetime) -> Ledger:
    """Write down the slots of undated posts that have none yet, as a claim is: whoever is first gives them.

    Returns the ledger with them; the same one when there was nothing to write. Raises PushRejected when another run
    was first, and GitError when the remote cannot be reached.
    """
    slots = to_promise(content, ledger, now)
    if slots is None:
        return ledger
    files = [write_schema(workspace.ledger)] if ledger.missing else []
    file = workspace.ledger / SLOT_FILE
    write_file(file, encode_slots(slots))
    store.claim([*files, file], "record: the slots of undated posts")
    return replace(ledger, slots=slots, missing=False)


def unreadable(ledger: Ledger) -> str:
    """Say why nothing undated goes out, and what to do; empty when the promises can be read."""
    if not ledger.slots_fault:
        return ""
    return (
        f"the promised slots ({ledger.path.name}/{SLOT_FILE}) cannot be kept: the file {ledger.slots_fault}. Restore "
        f"it from the data branch's history"
    )
