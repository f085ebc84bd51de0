"""The states of a delivery (post × channel), and what may follow what.

    planned ─► intent ─► confirmed ─► removed
                 │  ├──► deferred ─► intent …
                 │  ├──► failed
                 │  └──► unknown ─► confirmed | deferred | attention
    planned ─► too_late | cancelled            attention ─► confirmed | deferred | cancelled   (a person)

A delivery is its record: events, in the order of `seq`. Nothing here touches the world or the clock. Three questions
are answered:

    state_of(delivery)                     where does it stand?
    next_step(delivery, network, now, …)   what may a machine do about it now?
    after(delivery, part, happened, …)     something happened to a part: which events follow?

The rule above all others: once a network said yes (`confirmed`), nothing that happens later leads back to a send.
`unknown` is never sent again blindly, and `attention` is left only on a person's word or on evidence that it is there.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from socialops.networks.base import Idempotency
from socialops.networks.draft import Receipt
from socialops.publishing.happened import (
    Ask,
    Cancel,
    Claimed,
    Gone,
    Happened,
    No,
    NotFound,
    NotYet,
    Perhaps,
    Prepared,
    Released,
    Retry,
    Unclear,
    Yes,
)


class State(enum.StrEnum):
    """Where a delivery, or one part of it, stands."""

    PLANNED = "planned"
    INTENT = "intent"
    DEFERRED = "deferred"
    CONFIRMED = "confirmed"
    FAILED = "failed"
    TOO_LATE = "too_late"
    UNKNOWN = "unknown"
    ATTENTION = "attention"
    CANCELLED = "cancelled"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a delivery's record.

    *seq* orders events, never the clock; *part* counts from 0, None is the whole.
    """

    seq: int
    at: str
    state: State
    part: int | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)
    """What the state needs: an intent its key, lease and digests; a confirmation its id and URL; a failure its code."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One post on one channel, as the ledger records it."""

    post: str
    channel: str
    network: str
    due: str
    """When it was due, RFC 3339 in UTC."""
    draft: Mapping[str, Any]
    """`Draft.record()` of what was claimed."""
    events: tuple[Event, ...] = ()
    campaign: str = ""
    pillar: str = ""
    kind: str = ""
    path: str = ""
    """Where the post's file stood when it was claimed."""
    sandbox: bool = False
    link: str = ""
    """The post's link with its UTM parameters, as it was sent: what a visit or an order is joined to. Empty without a
    link, and in records of versions that did not keep it."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The lengths of time that decide; the workspace's settings may change the first two."""

    lease: timedelta = timedelta(minutes=30)
    """How long a claim is respected."""
    settle: timedelta = timedelta(minutes=10)
    """How far apart two looks must be, by true time, to prove that a part is not there."""
    in_flight: timedelta = timedelta(minutes=2)
    """How long a request without an answer may still be at work at the other end; no resend before that."""
    clocks_differ: timedelta = timedelta(minutes=10)
    """How far the clocks of two runs may be apart: each is within five minutes of the networks' (clocks.py)."""
    key_margin: timedelta = timedelta(minutes=20)
    """How long before its end a key is taken to be dead: clocks differ, and a send with media takes nine minutes."""
    give_up: timedelta = timedelta(hours=24)
    """After this long without certainty a person is asked."""
    attempts: int = 4
    """How often a part is sent before it has failed."""
    shortest_wait: timedelta = timedelta(seconds=1)
    longest_wait: timedelta = timedelta(hours=6)


RULES = Rules()


# --- where does it stand? -------------------------------------------------------------------------------------------

_ENDS = frozenset({State.CANCELLED, State.TOO_LATE, State.ATTENTION, State.REMOVED})
"""The states that an event about the whole delivery can give it."""


def part_states(delivery: Delivery) -> tuple[State, ...]:
    """Return the state of each part of what was claimed; a part without an event is planned."""
    parts = delivery.draft.get("parts", ()) if delivery.draft else ()
    states = [State.PLANNED] * max(len(parts), 1)
    for event in delivery.events:
        if event.part is not None and 0 <= event.part < len(states):
            states[event.part] = event.state
    return tuple(states)


def state_of(delivery: Delivery) -> State:
    """Return where the delivery as a whole stands: its most worrying part decides."""
    if not delivery.events:
        return State.PLANNED
    last = delivery.events[-1]
    if last.part is None and last.state in _ENDS:
        return last.state
    states = part_states(delivery)
    for state in (State.ATTENTION, State.UNKNOWN, State.INTENT):
        if state in states:
            return state
    landed = [state in (State.CONFIRMED, State.REMOVED) for state in states]
    if State.FAILED in states:
        return State.ATTENTION if any(landed) else State.FAILED
    if all(landed):
        return State.REMOVED if State.REMOVED in states else State.CONFIRMED
    return State.DEFERRED if any(landed) or State.DEFERRED in states else State.PLANNED


def receipts_of(delivery: Delivery) -> tuple[Receipt, ...]:
    """Return the receipts of the parts that are known to be there, in the order of the parts."""
    found: dict[int, Receipt] = {}
    for event in delivery.events:
        if event.part is None:
            continue
        if event.state is State.CONFIRMED:
            found[event.part] = receipt_from(event.detail)
        elif event.state is State.REMOVED:
            found.pop(event.part, None)
    return tuple(found[part] for part in sorted(found))


def confirmed_at(delivery: Delivery) -> datetime | None:
    """Return when the first part appeared, by the network's own clock; None while the delivery is not whole.

    What was deleted afterwards keeps its time.
    """
    if state_of(delivery) not in (State.CONFIRMED, State.REMOVED):
        return None
    return _appeared(delivery, min)


def last_sent_at(delivery: Delivery) -> datetime | None:
    """Return when a part last went out, or was perhaps on its way; None when none ever did."""
    times = [instant(event.at) for event in delivery.events if event.state in (State.INTENT, State.UNKNOWN)]
    appeared = _appeared(delivery, max)
    if appeared:
        return appeared
    return max(times) if times and state_of(delivery) in (State.INTENT, State.UNKNOWN, State.ATTENTION) else None


def _appeared(delivery: Delivery, which: Callable[[Sequence[datetime]], datetime]) -> datetime | None:
    times = []
    for event in delivery.events:
        if event.state is State.CONFIRMED:
            try:
                times.append(instant(event.detail.get("at") or event.at))
            except (TypeError, ValueError):
                times.append(instant(event.at))
    return which(times) if times else None


def last_event(delivery: Delivery, part: int | None, state: State | None = None) -> Event | None:
    """Return the newest event of a part (in a state, when given), or None."""
    for event in reversed(delivery.events):
        if event.part == part and (state is None or event.state is state):
            return event
    return None


def first_unsettled(delivery: Delivery) -> int | None:
    """Return the first part that is not known to be there, or None: a thread goes on here."""
    for number, state in enumerate(part_states(delivery)):
        if state not in (State.CONFIRMED, State.REMOVED):
            return number
    return None


def attempts(delivery: Delivery, part: int) -> int:
    """Return how often the part was sent, or perhaps sent, since it was last begun afresh."""
    count = 0
    for event in delivery.events:
        if event.part != part:
            continue
        if event.state is State.INTENT:
            count += not event.detail.get("prepared")
        elif event.detail.get("released"):
            count -= 1
        elif event.state is State.FAILED or event.detail.get("via") == "human":
            count = 0
    return max(count, 0)


def first_claim(delivery: Delivery, part: int) -> Event | None:
    """Return the oldest claim of the part with the key it has now: since then it may be there."""
    claims = [event for event in delivery.events if event.part == part and event.state is State.INTENT]
    return next((event for event in claims if event.detail["key"] == claims[-1].detail["key"]), None)


def handle_of(delivery: Delivery, part: int) -> str:
    """Return what the network calls the part that was made ready; empty when nothing was."""
    claim = last_event(delivery, part, State.INTENT)
    return str(claim.detail.get("handle", "")) if claim else ""


# --- what may be done? ----------------------------------------------------------------------------------------------


class Doing(enum.StrEnum):
    """What a machine may do about a delivery now."""

    SEND = "send"
    """Claim it, then send from this part on."""
    RESEND = "resend"
    """Claim it again, then send the recorded bytes with the recorded key: the network takes them once."""
    LOOK = "look"
    """Ask the network whether the part is there."""
    WAIT = "wait"
    """Nothing before `until`."""
    ASK = "ask"
    """Only a person can tell."""
    NOTHING = "nothing"
    """It is settled."""


@dataclass(frozen=True, slots=True)
class Step:
    """What may be done now, about which part, and until when to wait."""

    doing: Doing
    part: int = 0
    until: datetime | None = None


def next_step(
    delivery: Delivery,
    idempotency: Idempotency,
    key_lifetime: int,
    now: datetime,
    rules: Rules = RULES,
    *,
    may_send: bool = True,
) -> Step:
    """Return what a machine may do about the delivery now.

    *key_lifetime* is in seconds, 0 is for ever. Without *may_send* (it is paused, too late, or gone from the
    repository) what is uncertain is only looked for, never sent again.
    """
    overall = state_of(delivery)
    if overall is State.ATTENTION:
        return Step(Doing.ASK, first_unsettled(delivery) or 0)
    part = first_unsettled(delivery)
    if part is None or overall in (State.FAILED, State.CANCELLED, State.TOO_LATE, State.REMOVED):
        return Step(Doing.NOTHING)
    newest = last_event(delivery, part)
    if newest is None or newest.state in (State.PLANNED, State.DEFERRED):
        until = instant(newest.detail["not_before"]) if newest and newest.detail.get("not_before") else now
        return Step(Doing.SEND, part) if until <= now else Step(Doing.WAIT, part, until)
    if newest.state is State.INTENT and (lease := instant(newest.detail["lease_until"])) > now:
        return Step(Doing.WAIT, part, lease)
    return _reconciliation(delivery, part, idempotency, key_lifetime, now, rules, may_send=may_send)


def _reconciliation(
    delivery: Delivery,
    part: int,
    idempotency: Idempotency,
    key_lifetime: int,
    now: datetime,
    rules: Rules,
    *,
    may_send: bool,
) -> Step:
    if idempotency is Idempotency.NONE:
        return Step(Doing.ASK, part)
    claim, newest_claim = first_claim(delivery, part), last_event(delivery, part, State.INTENT)
    if claim is None or newest_claim is None:
        return Step(Doing.ASK, part)
    newest = last_event(delivery, part) or newest_claim
    if (
        idempotency is Idempotency.KEY
        and may_send
        and attempts(delivery, part) < rules.attempts
        and not newest.detail.get("refused")
        and key_lives(claim, key_lifetime, now, rules)
    ):
        quiet = instant(newest.at) + rules.in_flight + rules.clocks_differ
        if newest.detail.get("not_before"):
            quiet = max(quiet, instant(newest.detail["not_before"]))
        return Step(Doing.RESEND, part) if quiet <= now else Step(Doing.WAIT, part, quiet)
    absent = _absent_since(delivery, part)
    if absent is not None and absent + rules.settle + rules.clocks_differ > now:
        return Step(Doing.WAIT, part, absent + rules.settle + rules.clocks_differ)
    return Step(Doing.LOOK, part)


def key_lives(claim: Event, key_lifetime: int, now: datetime, rules: Rules = RULES) -> bool:
    """Tell whether the network still knows the key of a part first claimed at *claim*."""
    return key_lifetime == 0 or now < instant(claim.at) + timedelta(seconds=key_lifetime) - rules.key_margin


def _absent_since(delivery: Delivery, part: int) -> datetime | None:
    """Return when the part was first looked for in vain after its newest claim."""
    since = None
    for event in delivery.events:
        if event.part != part:
            continue
        if event.state is State.UNKNOWN and event.detail.get("looked"):
            since = since or instant(event.at)
        else:
            since = None if event.state is State.INTENT else since
    return since


# --- what happened, and which events follow -------------------------------------------------------------------------


def after(delivery: Delivery, part: int, happened: Happened, now: datetime, rules: Rules = RULES) -> Delivery:
    """Return the delivery with the events that follow from what happened to one part.

    What cannot follow (a claim of what is confirmed, an error after the yes) changes nothing, and the same delivery is
    returned.
    """
    state = part_states(delivery)[part] if part < len(part_states(delivery)) else None
    overall = state_of(delivery)
    record = _Record(delivery, now)
    if state is None:
        return delivery
    if isinstance(happened, Yes) and state not in (State.CONFIRMED, State.REMOVED):
        # Evidence wins over every doubt, and over every earlier verdict.
        who = {"who": happened.who} if happened.who else {}
        record.add(State.CONFIRMED, part, {**receipt_detail(happened.receipt), "via": happened.via, **who})
    elif isinstance(happened, Gone) and state is State.CONFIRMED:
        record.add(State.REMOVED, part, {"via": "human", "who": happened.who} if happened.who else {})
    elif state in (State.CONFIRMED, State.REMOVED):
        pass
    elif isinstance(happened, Retry) and overall in (State.ATTENTION, State.FAILED, State.CANCELLED, State.TOO_LATE):
        record.add(State.DEFERRED, part, {"not_before": stamp(now), "via": "human", "who": happened.who})
        record.release(part, "", proven=True)
    elif isinstance(happened, Cancel) and overall is not State.INTENT:
        record.add(State.CANCELLED, None, {"via": "human", "who": happened.who})
    elif overall in (State.ATTENTION, State.CANCELLED):
        pass
    elif isinstance(happened, Claimed):
        if _claimable(delivery, part, state, now):
            detail = {"key": happened.key, "lease_until": stamp(happened.lease_until), **happened.detail}
            if state in (State.UNKNOWN, State.INTENT):
                # An earlier attempt is perhaps there. Until it is found or proved absent, no answer to this one,
                # not even "try later", can say that nothing was sent.
                detail["again"] = True
            record.add(State.INTENT, part, {**detail, "attempt": attempts(delivery, part) + 1})
    elif isinstance(happened, Prepared):
        if (claim := last_event(delivery, part)) is not None and state is State.INTENT:
            # The claim goes on, and now holds what must be asked for when nothing more is heard of it.
            record.add(State.INTENT, part, {**claim.detail, "handle": happened.handle, "prepared": True})
    elif isinstance(happened, Ask):
        record.add(State.ATTENTION, part, {"why": happened.why})
    elif state is State.INTENT and isinstance(happened, Released | No | NotYet | Perhaps):
        _sending(record, part, happened, rules)
    elif state in (State.INTENT, State.UNKNOWN) and isinstance(happened, NotFound | Unclear):
        _looking(record, part, happened, rules)
    return record.delivery


def _claimable(delivery: Delivery, part: int, state: State, now: datetime) -> bool:
    """Tell whether a claim may follow: never over a live lease, and never before the parts in front of it are there."""
    newest = last_event(delivery, part)
    if state is State.INTENT:
        return newest is not None and instant(newest.detail["lease_until"]) <= now
    if state is State.DEFERRED:
        return newest is not None and instant(newest.detail.get("not_before") or newest.at) <= now
    return state in (State.PLANNED, State.UNKNOWN)


def _sending(record: _Record, part: int, happened: Released | No | NotYet | Perhaps, rules: Rules) -> None:
    """Say what follows from a send of a claimed part."""
    now, tried = record.now, attempts(record.delivery, part)
    if isinstance(happened, Released):
        record.let_go(part, happened.why, happened.until)
        record.release(part, happened.why, happened.until)
    elif isinstance(happened, Perhaps) or (_again(record.delivery, part) and isinstance(happened, No | NotYet)):
        detail: dict[str, Any] = {"code": happened.code, "message": happened.message}
        if isinstance(happened, No):
            detail["refused"] = True
        if isinstance(happened, NotYet):
            detail["not_before"] = stamp(now + _wait(happened.wait, tried, rules))
        record.add(State.UNKNOWN, part, detail)
        record.release(part, "an earlier part is uncertain")
    elif isinstance(happened, NotYet) and tried < rules.attempts:
        until = now + _wait(happened.wait, tried, rules)
        detail = {"code": happened.code, "message": happened.message, "not_before": stamp(until)}
        record.add(State.DEFERRED, part, detail)
        record.release(part, "an earlier part waits", until)
    else:
        message = happened.message if isinstance(happened, No) else f"{happened.message} (tried {tried} times)"
        record.fail(part, message, happened.code)


def _wait(wanted: timedelta, tried: int, rules: Rules) -> timedelta:
    """Return how long to wait: what the network wants, within reason, and at least 1, 2, 4, 8 minutes."""
    wait = min(max(wanted, rules.shortest_wait), rules.longest_wait)
    return max(wait, timedelta(minutes=2 ** max(tried - 1, 0)))


def _again(delivery: Delivery, part: int) -> bool:
    claim = last_event(delivery, part, State.INTENT)
    return claim is not None and bool(claim.detail.get("again"))


def _looking(record: _Record, part: int, happened: NotFound | Unclear, rules: Rules) -> None:
    """Say what follows from a look for a part that is perhaps there."""
    now, claim = record.now, first_claim(record.delivery, part)
    if isinstance(happened, Unclear):
        if happened.ambiguous:
            record.add(State.ATTENTION, part, {"why": happened.message})
        elif claim is None or instant(claim.at) + rules.give_up <= now:
            why = f"for a day nobody could tell whether it is there: {happened.message}"
            record.add(State.ATTENTION, part, {"why": why})
        return
    since, tried = _absent_since(record.delivery, part), attempts(record.delivery, part)
    if since is None:
        record.add(State.UNKNOWN, part, {"looked": True, "message": "not there; one more look must say so"})
    elif since + rules.settle + rules.clocks_differ <= now and tried >= rules.attempts:
        record.fail(part, f"tried {tried} times, and it is not there", "")
    elif since + rules.settle + rules.clocks_differ <= now:
        detail = {"not_before": stamp(now), "message": "two looks apart found nothing: it was not sent"}
        record.add(State.DEFERRED, part, detail)
        record.release(part, "an earlier part was not sent", proven=True)


class _Record:
    """A delivery that events are being added to."""

    def __init__(self, delivery: Delivery, now: datetime) -> None:
        self.delivery = delivery
        self.now = now

    def add(self, state: State, part: int | None, detail: Mapping[str, Any]) -> None:
        seq = self.delivery.events[-1].seq + 1 if self.delivery.events else 1
        event = Event(seq, stamp(self.now), state, part, dict(detail))
        self.delivery = replace(self.delivery, events=(*self.delivery.events, event))

    def release(self, part: int, why: str, until: datetime | None = None, *, proven: bool = False) -> None:
        """Give up the claims of the parts after *part*: parts are sent in order, so this run began none of them.

        Where *part* is *proven* absent, no earlier run can have begun them either.
        """
        for number, state in enumerate(part_states(self.delivery)):
            if number > part and (state is State.INTENT or (proven and state is State.UNKNOWN)):
                self.let_go(number, why, until, proven=proven)

    def let_go(self, part: int, why: str, until: datetime | None, *, proven: bool = False) -> None:
        """Give up the claim of one part, which this run did not begin to send."""
        state = State.UNKNOWN if _again(self.delivery, part) and not proven else State.DEFERRED
        reason = {"message": why} if why else {}
        self.add(state, part, {"not_before": stamp(until or self.now), "released": True, **reason})

    def fail(self, part: int, message: str, code: str) -> None:
        """End a part for good, and with it what was to follow it; call a person when the beginning is out."""
        self.add(State.FAILED, part, {"code": code, "message": message})
        self.release(part, "an earlier part failed")
        states = part_states(self.delivery)
        there = states.count(State.CONFIRMED)
        if there:
            why = f"{there} of {len(states)} parts are published; then: {message}"
            self.add(State.ATTENTION, None, {"why": why})


# --- small change ---------------------------------------------------------------------------------------------------


def stamp(at: datetime) -> str:
    """Return an instant as it is recorded: RFC 3339, UTC, whole seconds."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def instant(text: str) -> datetime:
    """Read a recorded instant; raises ValueError."""
    at = datetime.fromisoformat(text)
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


def receipt_detail(receipt: Receipt) -> dict[str, Any]:
    """Return a receipt as the detail of a confirmation."""
    return {"id": receipt.id, "url": receipt.url, "at": receipt.at, "extra": dict(receipt.extra)}


def receipt_from(detail: Mapping[str, Any]) -> Receipt:
    """Return the receipt that a confirmation recorded."""
    identity, url, at = (str(detail.get(name, "")) for name in ("id", "url", "at"))
    return Receipt(identity, url, at, dict(detail.get("extra") or {}))
