"""Publishing through the engine, with real git and networks that keep what they get."""

from __future__ import annotations

import hashlib
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image

from builder import SETTINGS, workspace
from publishing_stage import DUE, Clone, Stage, a_channel, a_post, git, with_text
from socialops.content.brand import Pause
from socialops.content.channel import Channel
from socialops.content.post import MediaReference
from socialops.errors import (
    CredentialsError,
    GitError,
    LedgerError,
    NotAllowed,
    Rejected,
    TryLater,
    Unknown,
    WorkspaceError,
)
from socialops.networks.base import Idempotency, Network
from socialops.networks.draft import Part, Receipt
from socialops.publishing.machine import State, part_states
from socialops.publishing.outcome import Outcome

KEY, READBACK, NONE = Idempotency.KEY, Idempotency.READBACK, Idempotency.NONE


def plain(stage: Stage, settings: str = "") -> Clone:
    """Return a workspace without git, for what has nothing to do with it."""
    return Clone(stage, workspace(stage.folder / "plain", {"pyproject.toml": SETTINGS + settings}).root)


def picture(clone: Clone, name: str = "posts/lamp.png", colour: str = "red") -> None:
    file = clone.root / name
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (40, 30), colour).save(file)


# --- the good day ---------------------------------------------------------------------------------------------------


def test_what_is_due_is_published_and_recorded(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    clone = stage.begin()

    outcome = clone.publish()

    assert outcome.exit_code == 0
    assert outcome.counts == {"confirmed": 1}
    assert [(r.post, r.channel, r.state, r.url) for r in outcome.results] == [
        ("launch", "mastodon", "confirmed", "https://mastodon.example/@test/1")
    ]
    assert stage.place.texts == ["Text of launch."]
    assert stage.said == ["confirmed: launch → mastodon: https://mastodon.example/@test/1"]
    recorded = git(stage.remote, "show", "socialops-data:ledger/2026/12/launch/mastodon.json")
    assert '"state": "confirmed"' in recorded


def test_a_second_run_and_a_later_one_do_nothing(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    clone = stage.begin()
    clone.publish()
    head = git(stage.remote, "rev-parse", "socialops-data")
    ledger = git(stage.remote, "rev-parse", "socialops-data:ledger")
    for hours, commits in ((0, 0), (1, 0), (24, 1), (24 * 100, 2)):
        stage.clock.turn(hours=hours)
        assert clone.publish().results == ()
        # Now and then a run without work leaves a sign of life, and nothing else.
        assert git(stage.remote, "rev-list", "--count", f"{head}..socialops-data") == str(commits)
    assert git(stage.remote, "rev-parse", "socialops-data:ledger") == ledger
    assert stage.networks["mastodon"].sends == 1


def test_the_claim_holds_all_that_makes_the_request_again(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    clone = plain(stage)
    picture(clone)
    stage.posts = [a_post(media=(MediaReference("lamp.png", "A lamp"),), campaign="winter", pillar="product")]
    clone.publish(run="1234/1")

    delivery = clone.delivery()
    intent = delivery.events[0]
    assert intent.detail["key"] == "launch/mastodon#0"
    assert intent.detail["lease_until"] == "2026-12-01T07:00:00Z"
    assert intent.detail["uploads"] == list(stage.place.posts[0][4])
    assert intent.detail["run"] == "1234/1"
    assert (delivery.campaign, delivery.pillar, delivery.kind, delivery.due) == (
        "winter",
        "product",
        "image",
        "2026-12-01T06:30:00Z",
    )
    assert delivery.draft["parts"][0]["text"] == "Text of launch."


def test_a_thread_hangs_together(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.posts = [a_post(parts=("One.", "Two.", "Three."))]
    clone = plain(stage)
    clone.publish()
    assert [(text, identity, parent) for text, _, identity, parent, _ in stage.place.posts] == [
        ("One.", "1", ""),
        ("Two.", "2", "1"),
        ("Three.", "3", "2"),
    ]


def test_the_remote_knows_of_a_claim_before_anything_is_sent(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    clone = stage.begin()
    seen: list[str] = []

    def at(step: str) -> None:
        if step == "before-send":
            seen.append(git(stage.remote, "show", "socialops-data:ledger/2026/12/launch/mastodon.json"))

    clone.publish(at=at)
    assert len(seen) == 1
    assert '"state": "intent"' in seen[0]
    assert "confirmed" not in seen[0]


def test_a_dry_run_says_what_would_be_sent_and_sends_nothing(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.posts = [a_post(parts=("One.", "Two.")), a_post("draft", draft=True)]
    clone = plain(stage)
    outcome = clone.publish(dry_run=True)
    assert [(r.post, r.state, r.message) for r in outcome.results] == [
        ("launch", "planned", "would be sent in 2 parts")
    ]
    assert outcome.exit_code == 0
    assert stage.place.posts == []
    assert clone.ledger().missing


def test_posts_that_are_due_are_checked_before_they_are_claimed(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.posts = [a_post("a", parts=("x" * 501,)), a_post("b", parts=("y" * 501,)), a_post("c")]
    clone = plain(stage)
    outcome = clone.publish(problems=None)
    assert stage.place.texts == ["Text of c."]
    assert [decision.action for decision in outcome.plan.decisions] == ["hold", "hold", "settled"]
    assert "posts/a.md has a problem" in outcome.plan.decisions[0].reason


# --- other runs -----------------------------------------------------------------------------------------------------


def test_of_two_engines_one_is_refused_and_each_post_is_sent_once(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.posts = [a_post(), a_post("other", channels=("second",))]
    stage.channels = [a_channel(), a_channel("second")]
    stage.network("second", KEY)
    first, second = stage.begin(), stage.clone("second")
    first.publish(dry_run=True)
    inner: list[Outcome] = []
    began = False

    def at(step: str) -> None:
        nonlocal began
        if step == "after-claim-commit" and not began:
            began = True
            inner.append(second.publish())

    outcome = first.publish(at=at)

    assert [str(result.state) for result in inner[0].results] == ["confirmed", "confirmed"]
    assert outcome.refused == 1
    assert outcome.results == ()
    assert stage.networks["mastodon"].sends == stage.networks["second"].sends == 1
    assert first.state() == "confirmed"


def test_engines_that_really_run_at_once_send_each_post_once(tmp_path: Path) -> None:
    stage = Stage(tmp_path, settings='minimum_gap = "0s"\n')
    stage.posts = [a_post(f"post-{number}") for number in range(5)]
    clones = [stage.begin(), stage.clone("second"), stage.clone("third")]
    stage.network("mastodon", READBACK)
    with ThreadPoolExecutor(len(clones)) as pool:
        # The waits between two tries to push are what lets the others finish: they are only shortened.
        runs = [pool.submit(clone.publish, sleep=lambda wait: time.sleep(wait / 50)) for clone in clones]
    assert [run.result().trouble for run in runs] == ["", "", ""]
    assert sorted(stage.place.texts) == [f"Text of post-{number}." for number in range(5)]
    assert all(clones[0].publish().exit_code == 0 for _ in range(2))
    assert {clones[0].state(f"post-{number}") for number in range(5)} == {"confirmed"}


def test_no_two_claims_are_alike_even_in_one_second(tmp_path: Path) -> None:
    # Two runs that commit the same bytes in the same second make the same commit, and git lets both push it.
    marks = set()
    for name in ("one", "two"):
        stage = Stage(tmp_path / name)
        clone = plain(stage)
        clone.publish()
        marks.add(clone.delivery().events[0].detail["claim"])
    assert len(marks) == 2


def test_a_live_claim_of_another_run_is_respected(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.begin().killed("before-send")
    other = stage.clone("other")
    stage.clock.turn(minutes=29)
    outcome = other.publish()
    assert outcome.results == ()
    assert outcome.plan.decisions[0].action == "hold"
    assert "another run is sending it" in outcome.plan.decisions[0].reason
    assert stage.place.posts == []


def test_claims_that_are_always_refused_end_the_run_with_nothing_sent(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    clone = stage.begin()
    stage.clone("rival").publish(now=lambda: DUE - timedelta(days=1))
    branch, number = "refs/heads/socialops-data", 0

    def at(step: str) -> None:
        nonlocal number
        if step == "after-claim-commit":
            number += 1
            who = ("-c", "user.name=r", "-c", "user.email=r@x")
            other = git(stage.remote, *who, "commit-tree", "-p", branch, "-m", f"{number}", f"{branch}^{{tree}}")
            git(stage.remote, "update-ref", branch, other)

    outcome = clone.publish(at=at)
    assert outcome.exit_code == 1
    assert "refused 10 times" in outcome.trouble
    assert stage.place.posts == []


# --- the network says no, or nothing --------------------------------------------------------------------------------


def test_a_refused_post_has_failed_and_is_not_sent_again(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.networks["mastodon"].answers = [Rejected("The text is too long.", code="422")]
    clone = plain(stage)
    outcome = clone.publish()
    assert outcome.exit_code == 1
    assert [(r.state, r.message) for r in outcome.results] == [("failed", "The text is too long.")]
    stage.clock.turn(minutes=30)
    assert clone.publish().results == ()
    assert stage.networks["mastodon"].sends == 1


def test_a_refused_post_that_was_changed_is_tried_again_as_it_is_now(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.networks["mastodon"].answers = [Rejected("The text is too long.", code="422")]
    clone = plain(stage)
    clone.publish()
    stage.posts = [with_text(stage.posts[0], "Shorter.")]
    stage.clock.turn(minutes=30)
    assert clone.publish().exit_code == 0
    assert stage.place.texts == ["Shorter."]
    assert [event.state for event in clone.delivery().events] == ["intent", "failed", "deferred", "intent", "confirmed"]


def test_a_channel_asked_to_wait_waits_and_others_go_on(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.posts = [a_post(channels=("mastodon", "second"))]
    stage.channels = [a_channel(), a_channel("second")]
    stage.network("second", KEY)
    stage.networks["mastodon"].answers = [TryLater("Too many requests.", after=timedelta(minutes=20), code="429")]
    clone = plain(stage)

    outcome = clone.publish()
    assert [(r.channel, r.state) for r in outcome.results] == [("mastodon", "deferred"), ("second", "confirmed")]
    assert outcome.exit_code == 0

    stage.clock.turn(minutes=19)
    assert clone.publish().results == ()
    stage.clock.turn(minutes=1)
    assert clone.publish().exit_code == 0
    assert clone.state() == "confirmed"
    assert stage.place.texts == ["Text of launch."]


def test_waiting_is_kept_between_a_second_and_six_hours_and_ends_after_four_tries(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.posts = [a_post(late_ok=timedelta(days=9))]
    waits = [timedelta(seconds=-5), timedelta(days=4000), timedelta(0), timedelta(0)]
    stage.networks["mastodon"].answers = [TryLater("Busy.", after=wait, code="503") for wait in waits]
    clone = plain(stage)
    states = []
    for hours in (0, 1, 7, 7):
        stage.clock.turn(hours=hours)
        clone.publish()
        states.append(clone.state())
    assert states == ["deferred", "deferred", "deferred", "failed"]
    deferrals = [event for event in clone.delivery().events if event.state is State.DEFERRED]
    assert [(event.at, event.detail["not_before"]) for event in deferrals] == [
        ("2026-12-01T06:30:00Z", "2026-12-01T06:31:00Z"),
        ("2026-12-01T07:30:00Z", "2026-12-01T13:30:00Z"),
        ("2026-12-01T14:30:00Z", "2026-12-01T14:34:00Z"),
    ]


def test_refused_credentials_stop_the_channel_for_this_run_and_no_other(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.posts = [a_post(), a_post("other"), a_post("elsewhere", channels=("second",))]
    stage.channels = [a_channel(), a_channel("second")]
    stage.network("second", KEY)
    stage.networks["mastodon"].answers = [NotAllowed("The token is no longer valid.", code="401")]
    clone = plain(stage, 'minimum_gap = "0s"\n')
    outcome = clone.publish()
    assert {(r.post, r.state) for r in outcome.results} == {
        ("launch", "failed"),
        ("other", "deferred"),
        ("elsewhere", "confirmed"),
    }
    assert stage.networks["mastodon"].sends == 1
    assert outcome.exit_code == 1


def test_a_lost_answer_is_resent_with_its_key_while_the_key_lives(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    network = stage.networks["mastodon"]
    network.answers = [("kept", Unknown("No answer."))]
    clone = plain(stage)
    outcome = clone.publish()
    assert (outcome.exit_code, clone.state()) == (3, "unknown")

    stage.clock.turn(minutes=11)
    assert [result.state for result in clone.publish().results] == ["unknown"]
    assert network.sends == 1
    stage.clock.turn(minutes=1)
    assert clone.publish().exit_code == 0
    assert clone.delivery().events[-1].detail["via"] == "resend"
    assert (network.sends, network.looks, stage.place.texts) == (2, 0, ["Text of launch."])


def test_a_lost_answer_is_looked_up_when_the_key_has_died(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    network = stage.networks["mastodon"]
    network.answers = [("kept", Unknown("No answer."))]
    clone = plain(stage)
    clone.publish()
    stage.clock.turn(minutes=55)
    assert clone.publish().exit_code == 0
    assert clone.delivery().events[-1].detail["via"] == "reconcile"
    assert (network.sends, network.looks) == (1, 1)


def test_a_key_that_lives_for_ever_is_resent_the_next_day_only_if_it_still_may_go_out(tmp_path: Path) -> None:
    for late_ok, via in ((timedelta(days=2), "resend"), (timedelta(hours=3), "reconcile")):
        stage = Stage(tmp_path / via)
        network = stage.network("mastodon", KEY, key_lifetime=0)
        network.answers = [("kept", Unknown("No answer."))]
        stage.posts = [a_post(late_ok=late_ok)]
        clone = plain(stage)
        clone.publish()
        stage.clock.turn(hours=20)
        assert clone.publish().exit_code == 0
        assert clone.delivery().events[-1].detail["via"] == via
        assert stage.place.texts == ["Text of launch."]


def test_absent_once_is_not_absent(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    network = stage.network("mastodon", READBACK)
    network.answers = [("kept", Unknown("No answer."))]
    network.hidden = 1
    clone = plain(stage)
    clone.publish()
    clone.publish()
    assert clone.state() == "unknown"
    stage.clock.turn(minutes=19)
    clone.publish()
    assert network.looks == 1
    stage.clock.turn(minutes=1)
    assert clone.publish().exit_code == 0
    assert (network.sends, network.looks, stage.place.texts) == (1, 2, ["Text of launch."])


def test_absent_twice_a_settle_window_apart_is_sent_again(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    network = stage.network("mastodon", READBACK)
    network.answers = [Unknown("No answer.")]
    clone = plain(stage)
    clone.publish()
    clone.publish()
    stage.clock.turn(minutes=20)
    assert clone.publish().exit_code == 0
    assert (network.sends, network.looks, stage.place.texts) == (2, 2, ["Text of launch."])


def test_two_matches_are_for_a_person(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    network = stage.network("mastodon", READBACK)
    network.answers = [("kept", Unknown("No answer."))]
    clone = plain(stage)
    clone.publish()
    network.keep(Part("Text of launch."), "somebody else")
    assert clone.publish().exit_code == 3
    assert clone.state() == "attention"
    stage.clock.turn(days=2)
    outcome = clone.publish()
    assert outcome.exit_code == 3
    assert "two of ours say the same" in outcome.plan.decisions[0].reason
    assert network.sends == 1


def test_a_place_that_cannot_be_read_for_a_day_is_for_a_person(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    network = stage.network("mastodon", READBACK)
    network.answers = [("kept", Unknown("No answer."))]
    network.blind = TryLater("Busy.", after=timedelta(minutes=1))
    clone = plain(stage)
    clone.publish()
    stage.clock.turn(hours=23)
    assert clone.publish().exit_code == 3
    assert clone.state() == "unknown"
    stage.clock.turn(hours=1)
    clone.publish()
    assert clone.state() == "attention"


def test_where_nobody_can_look_a_person_is_asked_at_once(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    network = stage.network("mastodon", NONE)
    network.answers = [Unknown("No answer.")]
    clone = plain(stage)
    outcome = clone.publish()
    assert (outcome.exit_code, clone.state()) == (3, "attention")
    assert "look there" in outcome.results[0].message
    stage.clock.turn(hours=1)
    assert clone.publish().exit_code == 3
    assert network.sends == 1


def test_an_adapter_that_breaks_off_leaves_an_unknown_without_its_words(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.networks["mastodon"].answers = [RuntimeError("Bearer sekret-token")]
    clone = plain(stage)
    outcome = clone.publish()
    assert clone.state() == "unknown"
    assert "sekret" not in (clone.workspace.ledger / "2026/12/launch/mastodon.json").read_text("utf-8")
    assert "sekret" not in "".join(stage.said) + str(outcome)


def test_a_yes_without_an_id_is_no_yes(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    clone = plain(stage)
    stage.networks["mastodon"].receipt = lambda identity: Receipt("", "", "")  # type: ignore[method-assign]
    clone.publish()
    assert clone.state() == "unknown"


# --- threads --------------------------------------------------------------------------------------------------------


def test_a_thread_goes_on_at_its_first_missing_part(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.posts = [a_post(parts=("One.", "Two.", "Three."))]
    stage.networks["mastodon"].answers = [None, TryLater("Busy.", after=timedelta(minutes=5))]
    clone = plain(stage)
    clone.publish()
    assert part_states(clone.delivery()) == ("confirmed", "deferred", "deferred")
    stage.clock.turn(minutes=5)
    assert clone.publish().exit_code == 0
    assert [(text, parent) for text, _, _, parent, _ in stage.place.posts] == [
        ("One.", ""),
        ("Two.", "1"),
        ("Three.", "2"),
    ]
    assert clone.delivery().events[0].detail["key"] == "launch/mastodon#0"


def test_a_thread_refused_in_the_middle_is_for_a_person(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.posts = [a_post(parts=("One.", "Two.", "Three.", "Four.", "Five."))]
    stage.networks["mastodon"].answers = [None, None, Rejected("Not like this.", code="422")]
    clone = plain(stage)
    outcome = clone.publish()
    assert (outcome.exit_code, clone.state()) == (3, "attention")
    assert outcome.results[0].message == "2 of 5 parts are published; then: Not like this."
    stage.clock.turn(hours=1)
    assert clone.publish().exit_code == 3
    assert stage.place.texts == ["One.", "Two."]


def test_half_a_thread_may_follow_late_but_not_for_ever(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.posts = [a_post(parts=("One.", "Two."))]
    stage.networks["mastodon"].answers = [None, TryLater("Busy.", after=timedelta(minutes=5))]
    stage.clock.turn(hours=2, minutes=59)
    clone = plain(stage)
    clone.publish()
    stage.clock.turn(hours=2)
    assert clone.publish(dry_run=True).results[0].message == "would be sent"
    stage.clock.turn(hours=2)
    outcome = clone.publish()
    assert (outcome.exit_code, outcome.plan.decisions[0].action) == (3, "attention")
    assert "1 of 2 parts are published" in outcome.plan.decisions[0].reason


def test_where_nobody_can_look_each_part_is_recorded_before_the_next_is_sent(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.network("mastodon", NONE)
    stage.posts = [a_post(parts=("One.", "Two.", "Three."))]
    stage.begin().killed("before-send", nth=3)
    fresh = stage.clone("fresh")
    fresh.publish()
    assert part_states(fresh.delivery()) == ("confirmed", "confirmed", "intent")


# --- people change things -------------------------------------------------------------------------------------------


def test_edits_and_renames_after_publishing_publish_nothing(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    clone = plain(stage)
    clone.publish()
    stage.clock.turn(hours=1)
    stage.posts = [replace(with_text(stage.posts[0], "Corrected."), path="posts/moved/elsewhere.md")]
    outcome = clone.publish()
    assert outcome.results == ()
    assert outcome.plan.decisions[0].reason == "published; the file was changed since, which publishes nothing"
    assert stage.place.texts == ["Text of launch."]


def test_what_was_claimed_is_what_is_sent_though_the_post_was_changed(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    clone = plain(stage)
    stage.networks["mastodon"].answers = [TryLater("Busy.", after=timedelta(minutes=5))]
    clone.publish()
    stage.posts = [with_text(stage.posts[0], "Another text.")]
    stage.clock.turn(minutes=5)
    clone.publish()
    assert stage.place.texts == ["Text of launch."]


@pytest.mark.parametrize("there", [True, False])
def test_a_claimed_post_that_was_deleted_is_only_looked_for(tmp_path: Path, there: bool) -> None:
    stage = Stage(tmp_path)
    network = stage.networks["mastodon"]
    network.answers = [("kept", Unknown("No answer.")) if there else Unknown("No answer.")]
    clone = plain(stage)
    clone.publish()
    stage.posts = []
    for _ in range(3):
        stage.clock.turn(minutes=10)
        clone.publish()
    assert network.sends == 1
    assert clone.state() == ("confirmed" if there else "deferred")
    assert clone.publish().exit_code == 0


def test_a_picture_that_moved_is_found_by_its_digest(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    clone = plain(stage)
    picture(clone)
    stage.posts = [a_post(media=(MediaReference("lamp.png", "A lamp"),))]
    stage.networks["mastodon"].answers = [Unknown("No answer.")]
    clone.publish()
    (clone.root / "posts/lamp.png").rename(clone.root / "posts/moved.png")
    stage.posts = [a_post(media=(MediaReference("moved.png", "A lamp"),))]
    stage.clock.turn(minutes=12)
    assert clone.publish().exit_code == 0
    assert list(stage.place.posts[0][4]) == clone.delivery().events[0].detail["uploads"]


@pytest.mark.parametrize("gone", [True, False])
def test_a_picture_that_is_not_the_one_claimed_is_for_a_person(tmp_path: Path, gone: bool) -> None:
    stage = Stage(tmp_path)
    clone = plain(stage)
    picture(clone)
    stage.posts = [a_post(media=(MediaReference("lamp.png", "A lamp"),))]
    stage.networks["mastodon"].answers = [Unknown("No answer.")]
    clone.publish()
    if gone:
        (clone.root / "posts/lamp.png").unlink()
    else:
        picture(clone, colour="blue")
    stage.clock.turn(minutes=12)
    outcome = clone.publish()
    assert (outcome.exit_code, clone.state()) == (3, "attention")
    assert outcome.results[0].message.startswith("its media could not be made ready" if gone else "its ")
    assert stage.networks["mastodon"].sends == 1


def test_a_pause_between_the_claim_and_the_send_is_honoured(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    clone = plain(stage)

    def at(step: str) -> None:
        if step == "after-claim-push":
            stage.pauses = [Pause("channel:mastodon", "an earthquake", "Elif")]

    outcome = clone.publish(at=at, pauses=lambda: stage.pauses)
    assert stage.place.posts == []
    assert [(r.state, r.message) for r in outcome.results] == [("deferred", "paused: channel:mastodon: an earthquake")]
    assert "paused" in clone.publish().plan.decisions[0].reason
    stage.pauses = []
    assert clone.publish().exit_code == 0
    assert stage.place.texts == ["Text of launch."]


def test_the_pause_switch_is_read_again_from_its_file(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    clone = plain(stage)
    switch = clone.workspace.brand / "pause.yml"

    def at(step: str) -> None:
        if step == "after-claim-push":
            switch.write_text("pauses:\n  - what: everything\n    why: an earthquake\n", "utf-8")

    clone.publish(at=at)
    assert stage.place.posts == []
    switch.write_text("pauses: [\n", "utf-8")
    assert "brand/pause.yml cannot be read" in clone.publish().plan.decisions[0].reason
    switch.write_text("pauses: []\n", "utf-8")
    clone.publish()
    assert stage.place.texts == ["Text of launch."]


def test_a_stop_finishes_the_send_under_way_and_begins_no_other(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.posts = [a_post(parts=("One.", "Two.")), a_post("other", channels=("second",))]
    stage.channels = [a_channel(), a_channel("second")]
    stage.network("second", KEY)
    clone = stage.begin()
    stop = False

    def at(step: str) -> None:
        nonlocal stop
        stop = stop or step == "after-send"

    clone.publish(at=at, stopping=lambda: stop, lanes=1)
    assert stage.place.texts == ["One."]
    assert stage.places["second"].texts == []
    fresh = stage.clone("fresh")
    fresh.publish()
    assert stage.place.texts == ["One.", "Two."]
    assert stage.places["second"].texts == ["Text of other."]


# --- the ledger and the remote --------------------------------------------------------------------------------------


@pytest.mark.parametrize("damage", ["<<<<<<< ours\n", "", "{}", '{"schema": 1'])
def test_a_damaged_record_blocks_its_delivery_and_no_other(tmp_path: Path, damage: str) -> None:
    stage = Stage(tmp_path)
    clone = stage.begin()
    clone.publish()
    file = clone.workspace.ledger / "2026/12/launch/mastodon.json"
    file.write_text(damage, "utf-8")
    git(clone.workspace.data, "-c", "user.name=x", "-c", "user.email=x@y", "commit", "-aqm", "An accident")
    git(clone.workspace.data, "push", "--quiet", "origin", "socialops-data")
    stage.posts.append(a_post("other", date="2026-12-01 10:00"))
    stage.clock.turn(hours=1)

    outcome = clone.publish()

    assert outcome.exit_code == 3
    assert stage.place.texts == ["Text of launch.", "Text of other."]
    blocked = [decision for decision in outcome.plan.decisions if decision.post.id == "launch"]
    assert blocked[0].action == "attention"
    assert "ledger/2026/12/launch/mastodon.json" in blocked[0].reason


def test_a_ledger_without_its_schema_stops_everything(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    clone = plain(stage)
    clone.publish()
    (clone.workspace.ledger / "SCHEMA").unlink()
    stage.posts.append(a_post("other", date="2026-12-01 10:00"))
    stage.clock.turn(hours=1)
    with pytest.raises(LedgerError, match="lost its SCHEMA") as caught:
        clone.publish()
    assert caught.value.exit_code == 2
    assert "Restore" in caught.value.hint
    assert len(stage.place.posts) == 1


def test_a_remote_that_cannot_be_reached_means_nothing_is_sent(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    clone = stage.begin()
    clone.publish(dry_run=True)
    stage.remote.rename(tmp_path / "away")
    with pytest.raises(GitError):
        clone.publish()
    assert stage.place.posts == []


def test_an_outcome_that_cannot_be_pushed_ends_the_run_and_the_next_run_pushes_it(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.network("mastodon", READBACK)
    stage.network("second", READBACK)
    stage.channels = [a_channel(), a_channel("second")]
    stage.posts = [a_post(channels=("mastodon", "second"))]
    clone = stage.begin()
    away = tmp_path / "away"

    def at(step: str) -> None:
        if step == "after-send":
            stage.remote.rename(away)

    outcome = clone.publish(at=at, lanes=1)
    assert outcome.exit_code == 1
    assert "could not be recorded" in outcome.trouble
    assert stage.networks["mastodon"].sends == 1
    assert stage.networks["second"].sends == 0

    away.rename(stage.remote)
    assert clone.publish().exit_code == 0
    assert stage.clone("other").publish().results == ()
    assert stage.place.texts == stage.places["second"].texts == ["Text of launch."]


def test_a_channel_without_credentials_is_held_and_no_other(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.posts = [a_post(channels=("mastodon", "second"))]
    stage.channels = [a_channel(), a_channel("second")]
    stage.network("second", KEY)
    clone = plain(stage)
    outcome = clone.publish(credentials=lambda channel: "no token" if channel.name == "mastodon" else None)
    assert [(d.channel.name, d.action, d.reason) for d in outcome.plan.decisions] == [
        ("mastodon", "hold", "no token"),
        ("second", "settled", "published"),
    ]

    def refused(channel: object) -> None:
        raise CredentialsError("The token may not be sent there.", hint="Set the host.")

    outcome = clone.publish(open_network=refused)
    assert [(r.state, r.message) for r in outcome.results] == [
        ("planned", "The token may not be sent there. Set the host.")
    ]


def test_an_adapter_that_cannot_be_opened_stops_no_other_channel(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.posts = [a_post(channels=("mastodon", "second"))]
    stage.channels = [a_channel(), a_channel("second")]
    stage.network("second", KEY)
    clone = plain(stage)

    def opened(channel: Channel) -> Network:
        if channel.name == "mastodon":
            raise ZeroDivisionError
        return stage.networks[channel.name]

    outcome = clone.publish(open_network=opened)
    assert [(r.channel, str(r.state)) for r in outcome.results] == [("mastodon", "planned"), ("second", "confirmed")]
    assert outcome.results[0].message == "mastodon could not be opened (ZeroDivisionError)."
    assert outcome.exit_code == 1


def test_a_lease_shorter_than_three_sends_is_a_wrong_setting(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    clone = plain(stage, 'lease = "10m"\n')
    with pytest.raises(WorkspaceError, match="lease"):
        clone.publish()


def test_a_send_that_its_claim_would_not_outlive_is_not_begun(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    clone = plain(stage)
    outcome = clone.publish(at=lambda step: stage.clock.turn(minutes=29.5) if step == "after-claim-push" else None)
    assert stage.place.posts == []
    assert [(r.state, r.message) for r in outcome.results] == [
        ("deferred", "the claim would not have outlived the send")
    ]
    assert clone.publish().exit_code == 0
    assert stage.place.texts == ["Text of launch."]


def test_nothing_secret_and_no_picture_bytes_enter_the_record(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    clone = plain(stage)
    picture(clone)
    stage.posts = [a_post(media=(MediaReference("lamp.png", "A lamp"),))]
    clone.publish()
    data = (clone.workspace.ledger / "2026/12/launch/mastodon.json").read_bytes()
    assert len(data) < 3000
    assert hashlib.sha256((clone.root / "posts/lamp.png").read_bytes()).hexdigest().encode() in data
