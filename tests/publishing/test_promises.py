"""Undated and recurring posts through the engine: promised once, sent at the time that was shown, each outing once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from publishing_stage import DUE, Clone, Stage, a_channel, a_post, git, with_text
from socialops.content.brand import Pause
from socialops.content.post import Interval, Post, Recurrence, Unit
from socialops.errors import Rejected
from socialops.publishing.ledger import Ledger
from socialops.publishing.plan import Decision, plan
from socialops.publishing.promises import to_promise
from socialops.publishing.slot_file import SLOT_FILE, decode_slots, encode_slots

SLOTS = ("tue 09:30", "thu 09:30")
WEEKLY = Recurrence(Interval(1, Unit.WEEK), date(2027, 1, 31), texts=(("Other words.",),))


def staged(tmp_path: Path, *posts: Post, network: str = "mastodon") -> tuple[Stage, Clone]:
    stage = Stage(tmp_path)
    stage.channels = [a_channel(slots=SLOTS, network=network)]
    stage.posts = list(posts)
    stage.clock.turn(hours=-12)
    return stage, stage.begin()


def decided(clone: Clone) -> dict[str, Decision]:
    found = plan(clone.content(), clone.ledger(), clone.stage.clock())
    return {decision.post.id: decision for decision in (*found.decisions, *found.orphans)}


def undated(name: str) -> Post:
    return a_post(name, date=None)


def test_the_first_run_promises_a_slot_and_a_later_one_sends_at_it(tmp_path: Path) -> None:
    stage, clone = staged(tmp_path, undated("b"))
    assert decided(clone)["b"].reason == "goes out Tue 2026-12-01 09:30 Europe/Istanbul, in the next free slot"
    assert clone.publish().exit_code == 0
    slots, why = decode_slots(git(stage.remote, "show", f"socialops-data:ledger/{SLOT_FILE}").encode())
    assert (slots, why) == ({("b", "mastodon"): DUE}, "")
    assert decided(clone)["b"].reason == "goes out Tue 2026-12-01 09:30 Europe/Istanbul, in the slot it was given"

    stage.posts.append(undated("a"))  # sorts first, and comes later
    clone.publish()
    assert decided(clone)["b"].due == DUE
    assert decided(clone)["a"].due == DUE + timedelta(days=2)
    commits = git(stage.remote, "rev-list", "--count", "socialops-data")
    clone.publish()
    assert git(stage.remote, "rev-list", "--count", "socialops-data") == commits

    stage.clock.now = DUE + timedelta(minutes=10)
    clone.publish()
    assert stage.place.texts == ["Text of b."]
    assert clone.delivery("b").due == "2026-12-01T06:30:00Z"
    stage.clock.turn(days=2)
    clone.publish()
    assert stage.place.texts == ["Text of b.", "Text of a."]
    assert clone.publish().results == ()


def test_a_run_that_waits_sends_in_the_slot_that_it_promised_itself(tmp_path: Path) -> None:
    stage, clone = staged(tmp_path, undated("b"))
    stage.clock.now = DUE - timedelta(minutes=5)

    def sleep(seconds: float) -> None:
        stage.clock.turn(seconds=seconds)

    clone.publish(wait=timedelta(minutes=15), sleep=sleep)
    assert stage.place.texts == ["Text of b."]
    assert clone.delivery("b").events[0].at == "2026-12-01T06:29:30Z"


def test_of_two_runs_the_first_gives_the_slot(tmp_path: Path) -> None:
    stage, first = staged(tmp_path, undated("b"))
    second = stage.clone("second")
    first.publish()
    stage.posts = [undated("a"), undated("b")]
    second.publish()
    assert {post: found.due for post, found in decided(second).items()} == {"b": DUE, "a": DUE + timedelta(days=2)}


def test_a_run_that_is_killed_on_its_way_promises_nothing_else(tmp_path: Path) -> None:
    stage, clone = staged(tmp_path, undated("b"))
    clone.killed("after-claim-commit")
    clone.publish()
    assert decided(clone)["b"].due == DUE
    stage.clock.now = DUE
    clone.publish()
    assert stage.place.texts == ["Text of b."]


def test_what_was_held_over_its_slot_takes_the_next_one(tmp_path: Path) -> None:
    stage, clone = staged(tmp_path, undated("b"), undated("c"))
    clone.publish()
    stage.pauses = [Pause("everything", "A crisis")]
    stage.clock.now = DUE
    clone.publish()
    assert decided(clone)["b"].action == "hold"
    stage.pauses = []
    stage.clock.turn(hours=4)
    clone.publish()
    assert stage.place.texts == []
    # c keeps the slot it was given; b goes behind it.
    assert {post: found.due for post, found in decided(clone).items()} == {
        "c": DUE + timedelta(days=2),
        "b": DUE + timedelta(days=7),
    }


def test_a_rehearsal_promises_nothing(tmp_path: Path) -> None:
    _, clone = staged(tmp_path, undated("b"))
    clone.publish(dry_run=True)
    assert clone.ledger().slots == {}


def test_promises_that_cannot_be_read_hold_what_has_no_date_and_nothing_else(tmp_path: Path) -> None:
    _, clone = staged(tmp_path, undated("b"), a_post())
    clone.publish()
    file = clone.workspace.ledger / SLOT_FILE
    for broken, why in ((b"{", "is damaged"), (b'{"schema": 2, "slots": {}}', "was written by a newer socialops")):
        file.write_bytes(broken)
        ledger = clone.ledger()
        assert to_promise(clone.content(), ledger, DUE) is None
        found = {item.post.id: item for item in plan(clone.content(), ledger, DUE).decisions}
        assert found["b"].action == "hold"
        assert why in found["b"].reason
        assert found["launch"].action == "send"


def test_the_file_of_slots_is_read_as_it_was_written() -> None:
    slots = {("a", "mastodon"): DUE, ("ağaç", "bluesky"): DUE + timedelta(days=1)}
    assert decode_slots(encode_slots(slots)) == (slots, "")


# --- what comes again -----------------------------------------------------------------------------------------------


def test_each_outing_is_sent_once_and_has_a_record_of_its_own(tmp_path: Path) -> None:
    stage, clone = staged(tmp_path, a_post("tips", recur=WEEKLY))
    for _ in range(3):
        stage.clock.now = DUE if stage.clock() < DUE else stage.clock() + timedelta(days=7)
        clone.publish()
        assert clone.publish().results == ()
    assert stage.place.texts == ["Text of tips.", "Other words.", "Text of tips."]
    assert sorted(post for post, _ in clone.ledger().deliveries) == [
        "tips--2026-12-01",
        "tips--2026-12-08",
        "tips--2026-12-15",
    ]
    assert decided(clone)["tips--2026-12-22"].reason == (
        "goes out Tue 2026-12-22 09:30 Europe/Istanbul, as it does every week until 2027-01-31"
    )


def test_a_missed_outing_is_told_of_and_the_next_one_comes(tmp_path: Path) -> None:
    stage, clone = staged(tmp_path, a_post("tips", recur=WEEKLY))
    stage.clock.now = DUE + timedelta(days=1)
    outcome = clone.publish()
    assert outcome.exit_code == 0
    missed = decided(clone)["tips--2026-12-01"]
    assert (missed.action, missed.reason) == (
        "too_late",
        "missed: 1 d late; it comes again Tue 2026-12-08 09:30 Europe/Istanbul",
    )
    stage.clock.now = DUE + timedelta(days=7)
    clone.publish()
    assert stage.place.texts == ["Other words."]


def test_editing_and_deleting_the_rule_republishes_nothing(tmp_path: Path) -> None:
    stage, clone = staged(tmp_path, a_post("tips", recur=WEEKLY))
    stage.clock.now = DUE
    clone.publish()
    daily = replace(WEEKLY, every=Interval(2, Unit.DAY), cooldown=timedelta(days=3))
    stage.posts = [with_text(a_post("tips", recur=daily), "Edited.")]
    clone.publish()
    stage.clock.turn(days=2)
    clone.publish()
    assert stage.place.texts == ["Text of tips."]  # two days are less than the cooldown
    stage.clock.turn(days=2)
    clone.publish()
    assert stage.place.texts == ["Text of tips.", "Edited."]
    stage.posts = []
    stage.clock.turn(days=4)
    clone.publish()
    assert stage.place.texts == ["Text of tips.", "Edited."]
    assert decided(clone) == {}


def test_no_text_is_said_twice_where_the_network_takes_none_twice(tmp_path: Path) -> None:
    stage, clone = staged(tmp_path, a_post("tips", recur=WEEKLY), network="linkedin")
    stage.clock.now = DUE
    clone.publish()
    # The rule begins anew, so the body has its turn again.
    stage.posts = [a_post("tips", date="2026-12-15 09:30", recur=WEEKLY)]
    stage.clock.now = DUE + timedelta(days=14)
    clone.publish()
    assert stage.place.texts == ["Text of tips."]
    held = decided(clone)["tips--2026-12-15"]
    assert held.action == "hold"
    assert held.reason == (
        "linkedin takes no text twice, and got this one as tips--2026-12-01: add a text to `variants:`, or end `recur:`"
    )


def test_an_outing_that_failed_is_tried_again_when_the_post_is_changed(tmp_path: Path) -> None:
    stage, clone = staged(tmp_path, a_post("tips", recur=WEEKLY))
    stage.clock.now = DUE
    stage.networks["mastodon"].answers = [Rejected("too long")]
    clone.publish()
    assert clone.state("tips--2026-12-01") == "failed"
    stage.posts = [with_text(stage.posts[0], "Shorter.")]
    clone.publish()
    assert stage.place.texts == ["Shorter."]


def test_the_link_is_kept_beside_the_draft_and_old_records_have_none(tmp_path: Path) -> None:
    from socialops.publishing.ledger import decode, encode

    stage, clone = staged(tmp_path, a_post(link="https://lumenvelo.example/winter"))
    stage.clock.now = DUE
    clone.publish()
    delivery = clone.delivery()
    assert delivery.link == "https://lumenvelo.example/winter"
    assert decode(encode(delivery)) == delivery
    old = encode(replace(delivery, link=""))
    assert b'"link": ' not in old.split(b'"kind"')[1]
    assert decode(old).link == ""
    assert isinstance(clone.ledger(), Ledger)
    assert datetime.fromisoformat(delivery.due) == datetime(2026, 12, 1, 6, 30, tzinfo=UTC)
