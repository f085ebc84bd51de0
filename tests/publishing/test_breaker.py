"""A channel whose sends keep failing rests for an hour, then one post is tried; a success ends it."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from publishing_stage import DUE
from socialops.networks.draft import Draft, Part, Receipt
from socialops.publishing.breaker import Breaker, breakers, tripped
from socialops.publishing.ledger import Ledger
from socialops.publishing.machine import (
    Claimed,
    Delivery,
    Gone,
    Happened,
    No,
    NotFound,
    NotYet,
    Perhaps,
    Released,
    Retry,
    Yes,
    after,
    stamp,
)

HOUR = timedelta(hours=1)
BUSY = NotYet("mastodon is busy", timedelta(minutes=1), "503")
YES = Yes(Receipt("1", "https://mastodon.example/1", stamp(DUE)))


def at(minutes: float) -> datetime:
    return DUE + timedelta(minutes=minutes)


def sent(post: str, *happened: tuple[float, Happened], channel: str = "mastodon", parts: int = 1) -> Delivery:
    """Return a delivery that was claimed at each of these minutes, and what was answered then."""
    draft = Draft(post, channel, "mastodon", "text", tuple(Part(f"{post} {number}") for number in range(parts)))
    delivery = Delivery(post, channel, "mastodon", stamp(DUE), draft.record(), path=f"posts/{post}.md")
    for minutes, what in happened:
        if not isinstance(what, NotFound | Retry | Gone):
            claim = Claimed("key", at(minutes) + timedelta(minutes=30))
            delivery = after(delivery, 0, claim, at(minutes))
        if not isinstance(what, Claimed):
            delivery = after(delivery, 0, what, at(minutes))
    return delivery


def ledger_of(*deliveries: Delivery) -> Ledger:
    return Ledger(Path("/nowhere"), {(item.post, item.channel): item for item in deliveries})


def failures(count: int, what: Happened = BUSY, *, channel: str = "mastodon") -> list[Delivery]:
    return [sent(f"p{number}", (number, what), channel=channel) for number in range(count)]


@pytest.mark.parametrize("what", [BUSY, No("no", "401"), Perhaps("no answer", "timeout")])
def test_five_failed_sends_in_a_row_open_it_for_an_hour(what: Happened) -> None:
    assert not tripped(ledger_of(*failures(4, what)))
    found = tripped(ledger_of(*failures(5, what)))["mastodon"]
    assert (found.since, found.until, found.count) == (at(0), at(64), 5)
    assert found.rests(at(63.9))
    assert not found.rests(at(64))


def test_it_says_what_the_last_answer_was() -> None:
    found = tripped(ledger_of(*failures(4, No("no", "401")), sent("last", (9, BUSY))))["mastodon"]
    assert (found.last_message, found.last_code) == ("mastodon is busy", "503")


def test_one_post_that_is_tried_five_times_counts_five_times() -> None:
    tries = [(float(minutes), BUSY) for minutes in (0, 5, 15, 35)]
    assert tripped(ledger_of(sent("p", *tries), sent("q", (90, BUSY))))["mastodon"].count == 5


def test_channels_are_counted_apart() -> None:
    ledger = ledger_of(*failures(3), *failures(3, channel="bluesky"))
    assert not tripped(ledger)
    assert list(tripped(ledger_of(*failures(3), *failures(5, channel="bluesky")))) == ["bluesky"]


def test_a_success_ends_it_and_the_count_begins_anew() -> None:
    assert not tripped(ledger_of(*failures(5), sent("good", (5, YES))))
    assert not tripped(ledger_of(*failures(5), sent("good", (3, YES)))), "one failure follows the success"
    later = [sent(f"later{number}", (10 + number, BUSY)) for number in range(4)]
    assert not tripped(ledger_of(*failures(5), sent("good", (5, YES)), *later))


def test_a_failed_try_opens_it_for_another_hour() -> None:
    found = tripped(ledger_of(*failures(5), sent("try", (70, BUSY))))["mastodon"]
    assert (found.until, found.count) == (at(130), 6)


def test_a_try_under_way_is_the_one_try() -> None:
    trying = sent("try", (70, Claimed("key", at(100))))
    assert tripped(ledger_of(*failures(5), trying))["mastodon"].until == at(130)


def test_a_try_that_nobody_answered_was_perhaps_made() -> None:
    lost = sent("try", (70, Claimed("key", at(100))), (101, NotFound()), (112, NotFound()))
    found = tripped(ledger_of(*failures(5), lost))["mastodon"]
    assert (found.until, found.count) == (at(130), 5)


@pytest.mark.parametrize(
    "happened",
    [
        [(9, Released("the run was asked to stop"))],
        [(9, Claimed("key", at(39)))],
        [(9, Claimed("key", at(39))), (40, NotFound())],
        [(9, Claimed("key", at(39))), (40, NotFound()), (51, NotFound())],
    ],
    ids=["given up unsent", "no answer yet", "looked for", "looked for twice"],
)
def test_what_is_no_answer_to_a_send_is_not_counted(happened: list[tuple[float, Happened]]) -> None:
    assert not tripped(ledger_of(*failures(4), sent("other", *happened)))


def test_a_person_who_asks_again_is_no_failure() -> None:
    before = sent("other", (4, No("no")))
    assert tripped(ledger_of(*failures(4), before))["mastodon"].count == 5
    asked = sent("other", (4, No("no")), (9, Retry("Elif")))
    assert tripped(ledger_of(*failures(4), asked))["mastodon"].count == 5


def test_the_parts_of_a_thread_that_were_not_begun_are_not_counted() -> None:
    thread = sent("thread", parts=4)
    for part in range(4):
        thread = after(thread, part, Claimed(f"k{part}", at(30)), at(0))
    thread = after(thread, 0, BUSY, at(0))
    assert not tripped(ledger_of(thread, *failures(3)))


def test_a_post_that_was_taken_down_was_a_success_all_the_same() -> None:
    assert not tripped(ledger_of(*failures(5), sent("gone", (6, YES), (7, Gone("Elif")))))


def test_the_order_of_the_files_changes_nothing() -> None:
    deliveries = [*failures(6), sent("good", (2, YES)), *failures(5, channel="bluesky")]
    assert tripped(ledger_of(*deliveries)) == tripped(ledger_of(*deliveries[::-1]))


def test_people_hear_of_a_channel_for_a_day() -> None:
    ledger = ledger_of(*failures(5))
    assert breakers(ledger, at(30)) == breakers(ledger, at(90)) == tripped(ledger)
    assert list(breakers(ledger, at(4) + timedelta(hours=23))) == ["mastodon"]
    assert not breakers(ledger, at(4) + timedelta(hours=24))
    assert isinstance(tripped(ledger)["mastodon"], Breaker)
