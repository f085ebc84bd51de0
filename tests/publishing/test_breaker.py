"""A channel whose sends keep failing rests for an hour, then one post is tried; a success ends it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from publishing_stage import DUE, Stage, a_channel, a_post
from socialops.content.brand import Brand
from socialops.content.load import Content
from socialops.content.post import Post
from socialops.errors import Rejected
from socialops.networks.draft import Draft, Part, Receipt
from socialops.publishing.breaker import Breaker, breakers, tripped
from socialops.publishing.happened import Claimed, Gone, Happened, No, NotFound, NotYet, Perhaps, Released, Retry, Yes
from socialops.publishing.ledger import Ledger
from socialops.publishing.machine import Delivery, after, stamp
from socialops.publishing.plan import Decision, plan
from socialops.workspace import Settings, Workspace

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


def tripped_now(ledger: Ledger) -> Mapping[str, Breaker]:
    return tripped(ledger, at(130))


def ledger_of(*deliveries: Delivery) -> Ledger:
    return Ledger(Path("/nowhere"), {(item.post, item.channel): item for item in deliveries})


def failures(count: int, what: Happened = BUSY, *, channel: str = "mastodon") -> list[Delivery]:
    return [sent(f"p{number}", (number, what), channel=channel) for number in range(count)]


@pytest.mark.parametrize("what", [BUSY, No("no", "401"), Perhaps("no answer", "timeout")])
def test_five_failed_sends_in_a_row_open_it_for_an_hour(what: Happened) -> None:
    assert not tripped_now(ledger_of(*failures(4, what)))
    found = tripped_now(ledger_of(*failures(5, what)))["mastodon"]
    assert (found.since, found.until, found.count) == (at(0), at(64), 5)
    assert found.rests(at(63.9))
    assert not found.rests(at(64))


def test_it_says_what_the_last_answer_was() -> None:
    found = tripped_now(ledger_of(*failures(4, No("no", "401")), sent("last", (9, BUSY))))["mastodon"]
    assert (found.last_message, found.last_code) == ("mastodon is busy", "503")


def test_one_post_that_is_tried_five_times_counts_five_times() -> None:
    tries = [(float(minutes), BUSY) for minutes in (0, 5, 15, 35)]
    assert tripped_now(ledger_of(sent("p", *tries), sent("q", (90, BUSY))))["mastodon"].count == 5


def test_channels_are_counted_apart() -> None:
    ledger = ledger_of(*failures(3), *failures(3, channel="bluesky"))
    assert not tripped_now(ledger)
    assert list(tripped_now(ledger_of(*failures(3), *failures(5, channel="bluesky")))) == ["bluesky"]


def test_a_success_ends_it_and_the_count_begins_anew() -> None:
    assert not tripped_now(ledger_of(*failures(5), sent("good", (5, YES))))
    assert not tripped_now(ledger_of(*failures(5), sent("good", (3, YES)))), "one failure follows the success"
    later = [sent(f"later{number}", (10 + number, BUSY)) for number in range(4)]
    assert not tripped_now(ledger_of(*failures(5), sent("good", (5, YES)), *later))


def test_a_failed_try_opens_it_for_another_hour() -> None:
    found = tripped_now(ledger_of(*failures(5), sent("try", (70, BUSY))))["mastodon"]
    assert (found.until, found.count) == (at(130), 6)


def test_a_try_under_way_is_the_one_try() -> None:
    trying = sent("try", (70, Claimed("key", at(100))))
    assert tripped_now(ledger_of(*failures(5), trying))["mastodon"].until == at(130)


def test_a_try_that_nobody_answered_was_perhaps_made() -> None:
    lost = sent("try", (70, Claimed("key", at(100))), (101, NotFound()), (112, NotFound()))
    found = tripped_now(ledger_of(*failures(5), lost))["mastodon"]
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
    assert not tripped_now(ledger_of(*failures(4), sent("other", *happened)))


def test_a_person_who_asks_again_is_no_failure() -> None:
    before = sent("other", (4, No("no")))
    assert tripped_now(ledger_of(*failures(4), before))["mastodon"].count == 5
    asked = sent("other", (4, No("no")), (9, Retry("Elif")))
    assert tripped_now(ledger_of(*failures(4), asked))["mastodon"].count == 5


def test_the_parts_of_a_thread_that_were_not_begun_are_not_counted() -> None:
    thread = sent("thread", parts=4)
    for part in range(4):
        thread = after(thread, part, Claimed(f"k{part}", at(30)), at(0))
    thread = after(thread, 0, BUSY, at(0))
    assert not tripped_now(ledger_of(thread, *failures(3)))


def test_a_post_that_was_taken_down_was_a_success_all_the_same() -> None:
    assert not tripped_now(ledger_of(*failures(5), sent("gone", (6, YES), (7, Gone("Elif")))))


def test_the_order_of_the_files_changes_nothing() -> None:
    deliveries = [*failures(6), sent("good", (2, YES)), *failures(5, channel="bluesky")]
    assert tripped_now(ledger_of(*deliveries)) == tripped_now(ledger_of(*deliveries[::-1]))


def test_people_hear_of_a_channel_for_a_day() -> None:
    ledger = ledger_of(*failures(5))
    assert breakers(ledger, at(30)) == breakers(ledger, at(90)) == tripped_now(ledger)
    assert list(breakers(ledger, at(4) + timedelta(hours=23))) == ["mastodon"]
    assert not breakers(ledger, at(4) + timedelta(hours=24))
    assert list(tripped(ledger, at(0) + timedelta(days=7))) == ["mastodon"]
    assert not tripped(ledger, at(1) + timedelta(days=7)), "nobody knows any more"


# --- in the plan ----------------------------------------------------------------------------------------------------


def content_of(*posts: Post, gap: timedelta = timedelta(0)) -> Content:
    channels = {channel.name: channel for channel in (a_channel(), a_channel("bluesky"))}
    settings = Settings(minimum_gap=gap)
    return Content(Workspace(Path("/nowhere"), settings), posts, channels, Brand())


def decisions_of(content: Content, ledger: Ledger, minutes: float) -> dict[str, Decision]:
    return {decision.post.id: decision for decision in plan(content, ledger, at(minutes)).decisions}


def test_a_channel_that_rests_gets_nothing_and_says_until_when() -> None:
    posts = [a_post("next"), a_post("later", date="2026-12-01 10:20"), a_post("other", channels=["bluesky"])]
    ledger = ledger_of(*failures(4, No("no", "403")), sent("last", (4, BUSY)))
    found = decisions_of(content_of(*posts), ledger, 30)
    until = "Tue 2026-12-01 10:34 Europe/Istanbul"
    assert found["next"].action == "hold"
    assert found["next"].reason == (
        f"5 sends in a row failed on mastodon, the last with 503; the next try is from {until}"
    )
    assert found["later"].action == "later"
    assert found["other"].action == "send"


def test_an_answer_without_a_code_is_said_in_words() -> None:
    found = decisions_of(content_of(a_post()), ledger_of(*failures(5, No("The token was refused."))), 30)
    assert "5 sends in a row failed on mastodon; the last: The token was refused; the next" in found["launch"].reason
    assert tripped_now(ledger_of(*failures(5, No("No token."))))["mastodon"].why == (
        "5 sends in a row failed; the last: No token"
    )


def test_after_an_hour_one_post_is_tried_and_the_others_wait_for_it() -> None:
    content = content_of(*(a_post(f"n{number}") for number in range(3)))
    found = decisions_of(content, ledger_of(*failures(5)), 64)
    assert [found[name].action for name in ("n0", "n1", "n2")] == ["send", "hold", "hold"]
    assert found["n2"].reason == "5 sends in a row failed on mastodon, the last with 503; n0 is tried first"
    tried = ledger_of(*failures(5), sent("n0", (64, BUSY)))
    assert {decision.action for decision in decisions_of(content, tried, 66).values()} == {"hold"}
    done = ledger_of(*failures(5), sent("n0", (64, YES)))
    assert [decisions_of(content, done, 66)[name].action for name in ("n1", "n2")] == ["send", "send"]


def test_a_post_that_only_waits_for_the_gap_is_not_the_one_try() -> None:
    content = content_of(a_post("n0"), a_post("n1"), gap=timedelta(hours=2))
    found = decisions_of(content, ledger_of(sent("before", (-1, YES)), *failures(5)), 64)
    assert {decision.action for decision in found.values()} == {"later"}


def test_a_half_sent_thread_waits_for_its_channel_and_goes_first_afterwards() -> None:
    half = sent("thread", (-5, YES), parts=2)
    half = after(half, 1, Claimed("k1", at(30)), at(-5))
    half = after(half, 1, BUSY, at(-4))
    content = content_of(a_post("thread"), a_post("a-post", date="2026-12-01 09:00"))
    ledger = ledger_of(half, *failures(5))
    waiting = decisions_of(content, ledger, 30)["thread"]
    assert (waiting.action, "6 sends in a row failed" in waiting.reason) == ("hold", True)
    found = decisions_of(content, ledger, 64)
    assert (found["thread"].action, found["a-post"].action) == ("send", "hold")


def test_what_a_person_asks_for_again_is_tried_at_once() -> None:
    asked = sent("asked", (4, No("no")), (20, Retry("Elif")))
    content = content_of(a_post("asked"), a_post("other"))
    found = decisions_of(content, ledger_of(*failures(4), asked), 21)
    assert (found["asked"].action, found["other"].action) == ("send", "hold")


@pytest.mark.parametrize(("minutes", "healthy"), [(30, False), (90, False), (90, True)])
def test_what_is_uncertain_is_only_looked_for_while_the_channel_is_not_known_to_be_well(
    minutes: float, healthy: bool
) -> None:
    deliveries = [*failures(4), sent("doubtful", (4, Perhaps("no answer")))]
    if healthy:
        deliveries.append(sent("good", (5, YES)))
    found = decisions_of(content_of(a_post("doubtful")), ledger_of(*deliveries), minutes)["doubtful"]
    assert (found.action, found.may_send) == ("reconcile", healthy)


def test_a_run_and_the_next_ones_keep_to_it(tmp_path: Path) -> None:
    """Through the engine: five refusals, an hour of nothing, one try, another hour, a try that works, and the rest."""
    stage = Stage(tmp_path, settings='minimum_gap = "0m"\n')
    clone = stage.begin()
    stage.posts = [a_post(f"p{number}", late_ok=timedelta(days=1)) for number in range(5)]
    network = stage.networks["mastodon"]
    network.answers = [Rejected("Your account is suspended.", code="403")] * 6
    clone.publish()
    assert network.sends == 5
    stage.posts += [a_post(f"q{number}", late_ok=timedelta(days=1)) for number in range(4)]
    sends = []
    for _ in range(11):
        stage.clock.turn(minutes=15)
        clone.publish()
        sends.append(network.sends)
    assert sends == [5, 5, 5, 6, 6, 6, 6, 7, 9, 9, 9]
    assert stage.place.texts == ["Text of q1.", "Text of q2.", "Text of q3."]


# --- whatever happens -----------------------------------------------------------------------------------------------

LOST = "lost"
ENDS: tuple[Happened | str, ...] = (
    YES,
    BUSY,
    No("no", "403"),
    Perhaps("no answer", "timeout"),
    LOST,
    Released("stopped"),
)
STEPS = st.lists(
    st.tuples(st.sampled_from([1, 5, 15, 25, 61]), st.lists(st.sampled_from(ENDS), min_size=3, max_size=3)), max_size=40
)
BAD = st.sampled_from(ENDS[1:5])
ILL = st.lists(st.tuples(st.sampled_from([1, 5, 15, 25, 61]), st.lists(BAD, min_size=3, max_size=3)), max_size=40)


@settings(deadline=None, max_examples=150)
@given(STEPS | ILL)
def test_an_ill_channel_gets_one_send_an_hour_and_a_success_heals_it(
    steps: list[tuple[int, list[Happened | str]]],
) -> None:
    """Posts fall due all the time; whatever becomes of those that the plan sends, it keeps to its word."""
    now, row, last = DUE, 0, DUE - timedelta(days=1)
    posts: list[Post] = []
    deliveries: dict[str, Delivery] = {}
    for number, (minutes, ends) in enumerate(steps):
        now += timedelta(minutes=minutes)
        local = f"{now + timedelta(hours=3):%Y-%m-%d %H:%M}"
        posts = posts[-4:] + [a_post(f"p{number}-{n}", date=local, late_ok=timedelta(minutes=40)) for n in range(2)]
        decided = plan(content_of(*posts), ledger_of(*deliveries.values()), now)
        going = decided.by_action("send")
        reasons = " ".join(decision.reason for decision in decided.decisions)
        if row >= 5:
            assert len(going) <= 1
            assert not going or now - last >= HOUR
            assert not any(decision.may_send for decision in decided.by_action("reconcile"))
        else:
            assert "in a row failed" not in reasons
            assert len(going) >= 2, "two posts are fresh, and nothing else holds them"
        for second, (decision, end) in enumerate(zip(going, ends, strict=False)):
            moment, name = now + timedelta(seconds=second), decision.post.id
            delivery = deliveries.get(name) or sent(name)
            delivery = after(delivery, 0, Claimed("key", moment + timedelta(minutes=30)), moment)
            if not isinstance(end, str):
                delivery = after(delivery, 0, end, moment)
            deliveries[name] = delivery
            if end is YES:
                row, last = 0, DUE - timedelta(days=1)
            elif not isinstance(end, Released):
                row, last = row + (end is not LOST), moment
