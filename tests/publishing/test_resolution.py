"""People's decisions about deliveries: which are sensible, and who was first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from publishing_stage import DUE, Clone, Stage, a_channel, a_post
from socialops.errors import GitError, TryLater, Unknown, UsageError
from socialops.networks.base import Idempotency
from socialops.networks.draft import Receipt
from socialops.publishing.claim import open_store
from socialops.publishing.happened import Ask, Claimed, Happened, No, Perhaps, Yes
from socialops.publishing.ledger import Ledger, decode, encode, merge_records
from socialops.publishing.machine import (
    Delivery,
    Rules,
    State,
    after,
    part_states,
    state_of,
)
from socialops.publishing.resolution import (
    Again,
    Choice,
    Leave,
    Sent,
    checked_address,
    decided,
    delivery_of,
    resolve,
)
from socialops.publishing.takedown import taken_down

RULES = Rules()
LATER = DUE + timedelta(hours=1)
CLAIM = Claimed("key", DUE + timedelta(minutes=30))
FIRST = Receipt("1", "https://mastodon.example/@test/1", "2026-12-01T06:30:02Z")


def a_delivery(*happened: tuple[int, Happened], parts: int = 1, network: str = "mastodon") -> Delivery:
    draft = {"parts": [{"text": f"part {number}"} for number in range(parts)]}
    delivery = Delivery("launch", network, network, "2026-12-01T06:30:00Z", draft)
    for part, what in happened:
        delivery = after(delivery, part, what, DUE)
    return delivery


def uncertain(stage: Stage) -> Clone:
    """Return a clone whose one delivery needs a person."""
    stage.network("mastodon", Idempotency.NONE).answers = [Unknown("no answer")]
    clone = stage.begin()
    assert clone.publish().exit_code == 3
    assert clone.state() == "attention"
    return clone


def deciding(clone: Clone, choice: Choice, who: str, at: Callable[[str], None] = lambda _step: None) -> Delivery:
    def decide(_ledger: Ledger, delivery: Delivery) -> Delivery:
        return decided(delivery, choice, who, LATER, RULES, channel=a_channel())

    sleeping = clone.stage.slept.append
    return resolve(clone.workspace, ("launch", "mastodon"), decide, sleep=sleeping, chance=lambda: 0.5, at=at)


def test_of_two_people_who_decide_at_once_one_wins_and_the_other_is_told(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    first = uncertain(stage)
    second = stage.clone("second")

    def meanwhile(step: str) -> None:
        if step == "after-claim-commit":
            deciding(second, Leave(), "elif")

    with pytest.raises(
        UsageError, match=r"Somebody was first: launch on mastodon is cancelled now \(decided by elif\)"
    ):
        deciding(first, Again(), "mihai", meanwhile)

    assert first.state() == second.state() == "cancelled"
    assert stage.clone("third").publish().results == ()
    assert [event.detail.get("who") for event in first.delivery().events][-1] == "elif"


def test_a_decision_stands_though_others_wrote_about_other_deliveries_meanwhile(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    first = uncertain(stage)
    second = stage.clone("second")
    stage.posts.append(a_post("other"))
    stage.clock.turn(minutes=15)

    def meanwhile(step: str) -> None:
        if step == "after-claim-commit" and len(stage.place.posts) == 0:
            assert second.publish().counts == {"confirmed": 1}

    assert state_of(deciding(first, Leave(), "mihai", meanwhile)) is State.CANCELLED
    third = stage.clone("third")
    assert third.publish().counts == {}
    assert third.state() == "cancelled"
    assert third.state("other") == "confirmed"


def test_proof_that_it_is_there_wins_over_a_decision_made_at_the_same_time(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    first = uncertain(stage)
    second = stage.clone("second")

    def meanwhile(step: str) -> None:
        if step == "after-claim-commit":
            deciding(second, Again(), "elif")

    assert state_of(deciding(first, Sent((FIRST.url,)), "mihai", meanwhile)) is State.CONFIRMED
    assert stage.clone("third").publish().counts == {}
    assert stage.place.posts == []


def test_a_run_that_claims_what_a_person_cancels_at_the_same_time_sends_nothing(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.network("mastodon", Idempotency.KEY).answers = [TryLater("busy", after=timedelta(minutes=1))]
    first = stage.begin()
    assert first.publish().counts == {"deferred": 1}
    second = stage.clone("second")
    stage.clock.turn(minutes=5)

    def meanwhile(step: str) -> None:
        if step == "after-claim-commit" and second.workspace.root.exists() and second.state() == "deferred":
            deciding(second, Leave(), "elif")

    second.publish(dry_run=True)
    outcome = first.publish(at=meanwhile)
    assert (outcome.counts, outcome.refused) == ({}, 1)
    assert first.state() == second.state() == "cancelled"
    assert stage.place.posts == []


def test_a_person_who_cancels_what_a_run_is_claiming_is_told_what_became_of_it(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.network("mastodon", Idempotency.KEY).answers = [TryLater("busy", after=timedelta(minutes=1))]
    first = stage.begin()
    first.publish()
    second = stage.clone("second")
    stage.clock.turn(minutes=5)
    told: list[str] = []

    def meanwhile(step: str) -> None:
        if step == "after-claim-commit" and not told:
            told.append(second.publish().results[0].state)

    with pytest.raises(UsageError, match="Somebody was first: launch on mastodon is confirmed now"):
        deciding(first, Leave(), "mihai", meanwhile)
    assert told == ["confirmed"]
    assert first.state() == second.state() == "confirmed"
    assert len(stage.place.posts) == 1


def test_what_a_run_found_out_meanwhile_wins_over_a_cancelling(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.network("mastodon", Idempotency.READBACK).answers = [("kept", Unknown("no answer"))]
    first = stage.begin()
    assert first.publish().counts == {"unknown": 1}
    second = stage.clone("second")
    stage.clock.turn(hours=1)

    def meanwhile(step: str) -> None:
        if step == "after-claim-commit" and second.ledger().missing:
            assert second.publish().counts == {"confirmed": 1}

    with pytest.raises(UsageError, match="Somebody was first: launch on mastodon is confirmed now"):
        deciding(first, Leave(), "mihai", meanwhile)
    assert first.state() == "confirmed"
    assert len(stage.place.posts) == 1


@pytest.mark.parametrize("choice", [Again(), Leave(), Sent((FIRST.url,))])
def test_a_decision_whose_push_was_lost_goes_with_the_next_command_and_counts_once(
    tmp_path: Path, choice: Choice
) -> None:
    stage = Stage(tmp_path)
    first = uncertain(stage)
    away = stage.remote.with_name("away.git")

    def cut(step: str) -> None:
        if step == "after-claim-commit":
            stage.remote.rename(away)

    with pytest.raises(GitError, match="Your decision is written down on this machine") as error:
        deciding(first, choice, "mihai", cut)
    assert "When the remote answers again, run: socialops plan" in error.value.hint
    decided_here = first.delivery()

    # It is still away: nothing may be done, and nothing is forgotten.
    with pytest.raises(GitError):
        deciding(first, choice, "mihai")
    assert first.delivery() == decided_here

    away.rename(stage.remote)
    store = open_store(first.workspace, create=False, sleep=stage.slept.append)
    with store.lock():
        store.sync()
        store.sync()
    second = stage.clone("second")
    second.publish(dry_run=True)
    assert second.delivery() == decided_here == first.delivery()
    assert [event.detail.get("who") for event in second.delivery().events].count("mihai") == 1
    stage.clock.turn(hours=2)
    expected = {"confirmed": 1} if isinstance(choice, Again) else {}
    assert second.publish().counts == expected
    assert first.publish().counts == {}
    assert len(stage.place.posts) == len(expected)


def test_a_decision_that_was_lost_gives_way_to_one_that_was_pushed_meanwhile(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    first = uncertain(stage)
    second = stage.clone("second")
    away = stage.remote.with_name("away.git")

    def cut(step: str) -> None:
        if step == "after-claim-commit":
            stage.remote.rename(away)

    with pytest.raises(GitError):
        deciding(first, Again(), "mihai", cut)
    away.rename(stage.remote)
    deciding(second, Leave(), "elif")
    stage.clock.turn(hours=2)
    assert first.publish().counts == {}
    assert first.state() == second.state() == "cancelled"
    assert stage.place.posts == []


def test_a_decision_goes_on_without_git(tmp_path: Path) -> None:
    stage = Stage(tmp_path, data_branch="")
    stage.network("mastodon", Idempotency.NONE).answers = [Unknown("no answer")]
    from builder import SETTINGS, workspace

    clone = Clone(stage, workspace(tmp_path / "plain", {"pyproject.toml": SETTINGS}).root)
    clone.publish()
    assert state_of(deciding(clone, Again(), "mihai")) is State.DEFERRED
    stage.clock.turn(hours=1, seconds=1)
    assert clone.publish().counts == {"confirmed": 1}


@pytest.mark.parametrize("choice", [Again(), Leave(), Sent((FIRST.url,))])
@pytest.mark.parametrize(
    ("happened", "expected"),
    [
        ([(0, CLAIM), (0, Yes(FIRST))], "is published: https://mastodon.example/@test/1"),
        ([(0, CLAIM)], "A run is sending"),
    ],
)
def test_what_is_settled_or_under_way_is_not_decided(
    happened: list[tuple[int, Happened]], expected: str, choice: Choice
) -> None:
    with pytest.raises(UsageError, match=expected):
        decided(a_delivery(*happened), choice, "ayse", DUE + timedelta(minutes=1), RULES)


def test_what_was_just_sent_is_not_sent_again_on_a_persons_word(tmp_path: Path) -> None:
    delivery = a_delivery((0, CLAIM), (0, Perhaps("no answer")))
    with pytest.raises(UsageError, match="may still be on its way"):
        decided(delivery, Again(), "ayse", DUE + timedelta(minutes=19), RULES)
    assert state_of(decided(delivery, Again(), "ayse", DUE + timedelta(minutes=20), RULES)) is State.DEFERRED


def test_parts_behind_one_that_is_not_there_are_not_there_either() -> None:
    doubted = [(part, what) for part in range(3) for what in (CLAIM, Perhaps("no answer"))]
    again = decided(a_delivery(*doubted, parts=3), Again(), "ayse", LATER, RULES)
    assert part_states(again) == (State.DEFERRED,) * 3


def test_more_than_one_that_may_be_it_is_for_a_person_to_tell_apart() -> None:
    doubted = a_delivery((0, CLAIM), (0, Ask("look")))

    def two(_delivery: Delivery, _part: int) -> Receipt | None:
        raise Unknown("mastodon.example shows 2 posts like this one.", code="ambiguous")

    with pytest.raises(UsageError, match="shows 2 posts like this one, so nothing is sent again") as error:
        decided(doubted, Again(), "ayse", LATER, RULES, look=two)
    assert "socialops resolve launch mastodon --sent URL" in error.value.hint
    there = decided(doubted, Sent((FIRST.url,)), "ayse", LATER, RULES, look=two)
    assert state_of(there) is State.CONFIRMED


def test_what_is_found_but_belongs_to_another_delivery_is_not_taken_for_this_one() -> None:
    doubted = a_delivery((0, CLAIM), (0, Ask("look")))
    again = decided(doubted, Again(), "ayse", LATER, RULES, taken=[FIRST.url], look=lambda _delivery, _part: FIRST)
    assert state_of(again) is State.DEFERRED


def test_what_failed_can_be_tried_again_or_left() -> None:
    failed = a_delivery((0, CLAIM), (0, No("too long", "422")))
    assert state_of(decided(failed, Again(), "ayse", LATER, RULES)) is State.DEFERRED
    cancelled = decided(failed, Leave(), "ayse", LATER, RULES)
    assert state_of(cancelled) is State.CANCELLED
    assert state_of(decided(cancelled, Again(), "ayse", LATER, RULES)) is State.DEFERRED


def test_an_address_is_recorded_as_having_appeared_when_it_was_sent() -> None:
    delivery = decided(a_delivery((0, CLAIM), (0, Ask("look"))), Sent((FIRST.url,)), "ayse", LATER, RULES)
    assert delivery.events[-1].detail["at"] == "2026-12-01T06:30:00Z"
    assert delivery.events[-1].detail["id"] == "1"


def test_a_message_of_matrix_is_the_same_however_its_room_is_called() -> None:
    by_id = "https://matrix.to/#/!r:matrix.example/$1-a?via=matrix.example"
    by_name, other = "https://matrix.to/#/%23news%3Amatrix.example/%241-a", "https://matrix.to/#/!r:matrix.example/$2"
    parts = ((0, CLAIM), (0, Yes(Receipt("$1-a", by_id, "2026-12-01T06:30:02Z"))), (1, CLAIM), (1, Ask("look")))
    delivery = a_delivery(*parts, parts=2, network="matrix")
    with pytest.raises(UsageError, match="recorded already"):
        decided(delivery, Sent((by_name,)), "ayse", LATER, RULES)
    assert decided(delivery, Sent((other,)), "ayse", LATER, RULES).events[-1].detail["id"] == "$2"
    found = decided(delivery, Again(), "ayse", LATER, RULES, look=lambda *_: Receipt("$2", other, ""))
    assert state_of(found) is State.CONFIRMED


@pytest.mark.parametrize(
    ("network", "url", "fine"),
    [
        ("mastodon", "https://mastodon.example/@test/1", True),
        ("mastodon", "https://mastodon.example/@Test@mastodon.example/1", True),
        ("mastodon", "https://mastodon.example/users/test/statuses/1", True),
        ("mastodon", "https://mastodon.example/notice/1", True),
        ("mastodon", "https://mastodon.example/@other/1", False),
        ("mastodon", "https://mastodon.example/@%6Fther/1", False),
        ("mastodon", "https://mastodon.example/@test@elsewhere.example/1", False),
        ("mastodon", "https://mastodon.example/users/other/statuses/1", False),
        ("mastodon", "https://mastodon.example/", False),
        ("mastodon", "https://mastodon.example.evil.example/@test/1", False),
        ("mastodon", "javascript:alert(1)", False),
        ("mastodon", "https://name:secret@mastodon.example/@test/1", False),
        ("bluesky", "https://bsky.app/profile/test.example/post/3l", True),
        ("bluesky", "https://bsky.app/profile/did:plc:abc/post/3l", True),
        ("bluesky", "https://bsky.app/profile/other.example/post/3l", False),
        ("bluesky", "https://notbsky.app/profile/test.example/post/3l", False),
        ("linkedin", "https://de.linkedin.com/posts/1", True),
        ("matrix", "https://matrix.to/#/!r:matrix.example/$1?via=matrix.example", True),
        ("matrix", "https://matrix.to/#/%23news%3Amatrix.example/%241", True),
        ("matrix", "https://matrix.to/#/!r:matrix.example?via=matrix.example", False),
        ("matrix", "https://matrix.to/", False),
        ("matrix", "https://anywhere.example/#/!r:matrix.example/$1", False),
        ("email", "https://anywhere.example/1", True),
    ],
)
def test_an_address_must_be_one_of_the_channels_own_network(network: str, url: str, fine: bool) -> None:
    delivery = a_delivery(network=network)
    ours = {} if network == "mastodon" else {"host": "", "handle": "test.example"}
    channel = a_channel(network, network, **ours)
    if fine:
        assert checked_address(url, delivery, channel) == url
    else:
        with pytest.raises(UsageError):
            checked_address(url, delivery, channel)


def test_a_record_that_cannot_be_trusted_is_not_decided(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, faults={("launch", "mastodon"): "its checksum is wrong"})
    with pytest.raises(UsageError, match="its checksum is wrong"):
        delivery_of(ledger, ("launch", "mastodon"))


def test_the_rest_of_a_thread_never_follows_what_was_taken_down() -> None:
    thread = a_delivery((0, CLAIM), (0, Yes(FIRST)), (1, CLAIM), (1, No("too long")), parts=3)
    assert state_of(thread) is State.ATTENTION
    down = taken_down(thread, 0, "ayse", LATER, RULES)
    assert state_of(down) is State.CANCELLED
    assert part_states(down)[0] is State.REMOVED
    whole = a_delivery((0, CLAIM), (0, Yes(FIRST)))
    assert state_of(taken_down(whole, 0, "ayse", LATER, RULES)) is State.REMOVED


def test_that_it_is_gone_is_kept_whatever_others_wrote_meanwhile() -> None:
    there = a_delivery((0, CLAIM), (0, Yes(FIRST)), parts=2)
    ours = taken_down(there, 0, "ayse", LATER, RULES)
    theirs = after(there, 1, CLAIM, DUE)
    merged = merge_records(encode(theirs), encode(ours))
    assert merged is not None
    assert part_states(decode(merged))[0] is State.REMOVED
