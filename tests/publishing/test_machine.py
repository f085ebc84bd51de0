"""The states of a delivery and what may follow what: pure, so that every order of things can be tried."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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
    Released,
    Retry,
    Unclear,
    Yes,
)
from socialops.publishing.ledger import decode, encode
from socialops.publishing.machine import (
    Delivery,
    Doing,
    Rules,
    State,
    after,
    attempts,
    confirmed_at,
    first_unsettled,
    last_event,
    last_sent_at,
    next_step,
    part_states,
    receipts_of,
    state_of,
)

NOW = datetime(2026, 12, 1, 6, 30, tzinfo=UTC)
RULES = Rules()
APART = RULES.settle + RULES.clocks_differ
LEASE_OVER = NOW + RULES.lease
YES = Yes(Receipt("1", "https://mastodon.example/1", "2026-12-01T06:30:02Z", {"cid": "c"}))
LATER = NotYet("busy", timedelta(minutes=3))


def planned(parts: int = 1) -> Delivery:
    return Delivery("p", "c", "n", "2026-12-01T06:30:00Z", {"parts": [{"text": str(part)} for part in range(parts)]})


def claim(delivery: Delivery, now: datetime = NOW, key: str = "k") -> Delivery:
    for part in range(len(part_states(delivery))):
        delivery = after(delivery, part, Claimed(f"{key}{part}", now + RULES.lease), now)
    return delivery


def step(delivery: Delivery, now: datetime, idempotency: Idempotency = Idempotency.KEY, may_send: bool = True) -> Doing:
    return next_step(delivery, idempotency, 3600, now, may_send=may_send).doing


# --- the diagram ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("happened", "state"),
    [
        (YES, State.CONFIRMED),
        (No("too long", "422"), State.FAILED),
        (LATER, State.DEFERRED),
        (Perhaps("lost"), State.UNKNOWN),
        (Released("stop"), State.DEFERRED),
        (Ask("look"), State.ATTENTION),
        (NotFound(), State.UNKNOWN),
        (Unclear("two", ambiguous=True), State.ATTENTION),
        (Unclear("unread"), State.INTENT),
        (Cancel("elif"), State.INTENT),
        (Retry("elif"), State.INTENT),
    ],
)
def test_what_follows_a_claim(happened: Happened, state: State) -> None:
    assert state_of(after(claim(planned()), 0, happened, NOW)) is state


@pytest.mark.parametrize(
    ("happened", "state"),
    [
        (YES, State.CONFIRMED),
        (Retry("elif"), State.DEFERRED),
        (Cancel("elif"), State.CANCELLED),
        (No("no"), State.ATTENTION),
        (LATER, State.ATTENTION),
        (Perhaps("lost"), State.ATTENTION),
        (NotFound(), State.ATTENTION),
        (Unclear("unread"), State.ATTENTION),
        (Released("stop"), State.ATTENTION),
        (Claimed("k", NOW), State.ATTENTION),
    ],
)
def test_attention_is_left_on_a_persons_word_or_on_evidence_alone(happened: Happened, state: State) -> None:
    asked = after(claim(planned()), 0, Ask("look"), NOW)
    assert state_of(after(asked, 0, happened, NOW + timedelta(days=2))) is state


EVERYTHING: list[Happened] = [
    Claimed("k", NOW + timedelta(days=9)),
    Released("stop"),
    YES,
    No("no"),
    LATER,
    Perhaps("lost"),
    NotFound(),
    Unclear("unread"),
    Unclear("two", ambiguous=True),
    Ask("look"),
    Retry("elif"),
    Cancel("elif"),
]


@pytest.mark.parametrize("happened", EVERYTHING, ids=lambda happened: type(happened).__name__)
def test_nothing_leads_back_from_a_yes(happened: Happened) -> None:
    confirmed = after(claim(planned()), 0, YES, NOW)
    assert after(confirmed, 0, happened, NOW + timedelta(days=1)) is confirmed
    removed = after(confirmed, 0, Gone(), NOW)
    assert after(removed, 0, happened, NOW + timedelta(days=1)) is removed
    assert state_of(removed) is State.REMOVED


def test_a_yes_that_comes_late_wins_over_every_doubt() -> None:
    for doubt in (No("no"), LATER, Perhaps("lost"), Ask("look"), NotFound(), Released("stop")):
        assert state_of(after(after(claim(planned()), 0, doubt, NOW), 0, YES, NOW)) is State.CONFIRMED


def test_a_live_claim_is_nobody_elses() -> None:
    claimed = claim(planned())
    assert claim(claimed, LEASE_OVER - timedelta(seconds=1)) is claimed
    assert claim(claimed, LEASE_OVER) is not claimed
    assert step(claimed, LEASE_OVER - timedelta(seconds=1)) is Doing.WAIT
    assert step(claimed, LEASE_OVER) is Doing.RESEND


def test_a_resend_that_is_not_answered_by_yes_stays_in_doubt() -> None:
    # Whatever the second attempt is answered, the first is perhaps there.
    for happened in (No("no", "422"), LATER, Perhaps("lost"), Released("stop")):
        doubtful = after(claim(claim(planned()), LEASE_OVER), 0, happened, LEASE_OVER)
        assert state_of(doubtful) is State.UNKNOWN, happened
    proved = after(after(claim(planned()), 0, NotFound(), LEASE_OVER), 0, NotFound(), LEASE_OVER + APART)
    assert state_of(after(claim(proved, LEASE_OVER + APART), 0, LATER, LEASE_OVER + APART)) is State.DEFERRED


def test_a_refusal_of_a_resend_is_looked_up_not_resent() -> None:
    refused = after(claim(claim(planned()), LEASE_OVER), 0, No("duplicate", "422"), LEASE_OVER)
    assert step(refused, LEASE_OVER + timedelta(minutes=5)) is Doing.LOOK


@pytest.mark.parametrize(
    ("idempotency", "minutes", "may_send", "doing"),
    [
        (Idempotency.KEY, 11, True, Doing.WAIT),
        (Idempotency.KEY, 12, True, Doing.RESEND),
        (Idempotency.KEY, 39, True, Doing.RESEND),
        (Idempotency.KEY, 40, True, Doing.LOOK),
        (Idempotency.KEY, 2, False, Doing.LOOK),
        (Idempotency.READBACK, 0, True, Doing.LOOK),
        (Idempotency.HANDLE, 0, True, Doing.LOOK),
        (Idempotency.NONE, 0, True, Doing.ASK),
    ],
)
def test_what_may_be_done_about_an_unknown(
    idempotency: Idempotency, minutes: int, may_send: bool, doing: Doing
) -> None:
    unknown = after(claim(planned()), 0, Perhaps("lost"), NOW)
    assert step(unknown, NOW + timedelta(minutes=minutes), idempotency, may_send) is doing


def test_two_looks_are_a_settle_window_apart() -> None:
    delivery = after(claim(planned()), 0, Perhaps("lost"), NOW)
    delivery = after(delivery, 0, NotFound(), NOW)
    early = NOW + APART - timedelta(seconds=1)
    assert step(delivery, early, Idempotency.READBACK) is Doing.WAIT
    assert after(delivery, 0, NotFound(), early) is delivery
    assert state_of(after(delivery, 0, NotFound(), NOW + APART)) is State.DEFERRED


def test_a_thread_refused_in_the_middle_calls_a_person_and_can_be_taken_up_again() -> None:
    delivery = claim(planned(3))
    delivery = after(delivery, 0, YES, NOW)
    delivery = after(delivery, 1, No("no", "422"), NOW)
    assert state_of(delivery) is State.ATTENTION
    assert delivery.events[-1].detail["why"] == "1 of 3 parts are published; then: no"
    delivery = after(delivery, 1, Retry("elif"), NOW)
    assert (state_of(delivery), first_unsettled(delivery), step(delivery, NOW)) == (State.DEFERRED, 1, Doing.SEND)


def test_parts_after_the_one_that_stopped_are_free_again() -> None:
    delivery = after(after(claim(planned(4)), 0, YES, NOW), 1, LATER, NOW)
    assert part_states(delivery) == ("confirmed", "deferred", "deferred", "deferred")
    assert [attempts(delivery, part) for part in range(4)] == [1, 1, 0, 0]
    assert state_of(delivery) is State.DEFERRED


def test_times_and_receipts_are_those_of_the_network() -> None:
    delivery = claim(planned(2))
    assert confirmed_at(delivery) is None
    assert last_sent_at(delivery) == NOW
    delivery = after(delivery, 0, YES, NOW + timedelta(hours=1))
    assert confirmed_at(delivery) is None
    assert receipts_of(delivery) == (YES.receipt,)
    second = Receipt("2", "https://mastodon.example/2", "not a time")
    delivery = after(delivery, 1, Yes(second), NOW + timedelta(hours=2))
    assert receipts_of(delivery) == (YES.receipt, second)
    assert confirmed_at(delivery) == datetime(2026, 12, 1, 6, 30, 2, tzinfo=UTC)
    assert last_sent_at(delivery) == NOW + timedelta(hours=2)
    assert receipts_of(after(delivery, 0, Gone(), NOW)) == (second,)
    assert confirmed_at(after(delivery, 0, Gone(), NOW)) == datetime(2026, 12, 1, 6, 30, 2, tzinfo=UTC)


# --- any order of things --------------------------------------------------------------------------------------------

HAPPENINGS = st.one_of(
    st.builds(Claimed, st.sampled_from(["a", "b"]), st.just(NOW + timedelta(hours=1))),
    st.builds(Released, st.just("stop")),
    st.just(YES),
    st.builds(No, st.just("no")),
    st.builds(NotYet, st.just("busy"), st.timedeltas(timedelta(days=-1), timedelta(days=9))),
    st.builds(Perhaps, st.just("lost")),
    st.just(NotFound()),
    st.builds(Unclear, st.just("unread"), st.booleans()),
    st.just(Ask("look")),
    st.just(Retry("elif")),
    st.just(Cancel("elif")),
    st.just(Gone()),
)
STORY = st.lists(
    st.tuples(st.integers(0, 2), HAPPENINGS, st.timedeltas(timedelta(hours=-2), timedelta(days=1))), max_size=25
)


@given(STORY)
@settings(max_examples=400)
def test_whatever_happens_the_record_stays_sound(story: list[tuple[int, Happened, timedelta]]) -> None:
    delivery, now = planned(3), NOW
    for part, happened, span in story:
        now += span
        before, states = delivery, part_states(delivery)
        delivery = after(delivery, part, happened, now)

        assert delivery.events[: len(before.events)] == before.events
        assert [event.seq for event in delivery.events] == list(range(1, len(delivery.events) + 1))
        for number, (old, new) in enumerate(zip(states, part_states(delivery), strict=True)):
            if old is State.CONFIRMED:
                assert new in (State.CONFIRMED, State.REMOVED)
            if old is State.REMOVED:
                assert new is State.REMOVED
            if new is State.INTENT and old is not State.INTENT:
                assert isinstance(happened, Claimed)
                assert old in (State.PLANNED, State.DEFERRED, State.UNKNOWN)
            if old is State.ATTENTION and new is not old:
                assert isinstance(happened, Yes | Retry)
            if old is State.UNKNOWN and new is State.DEFERRED and not isinstance(happened, Retry):
                assert isinstance(happened, NotFound)
                looked = [e for e in delivery.events if e.detail.get("looked")]
                assert looked, number
        for idempotency in Idempotency:
            found = next_step(delivery, idempotency, 3600, now)
            if found.doing in (Doing.SEND, Doing.RESEND):
                assert part_states(delivery)[found.part] not in (State.CONFIRMED, State.REMOVED, State.ATTENTION)
            if found.doing is Doing.RESEND:
                assert idempotency is Idempotency.KEY
            if found.doing is Doing.SEND:
                newest = last_event(delivery, found.part)
                assert newest is None or newest.state is State.DEFERRED
    assert decode(encode(delivery)) == delivery
