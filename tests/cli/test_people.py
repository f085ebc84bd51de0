"""People step in, through the command line: on a real remote and the sandbox."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from people_stage import LATER, NOW, SENT, Stage, open_stage
from publishing_stage import git
from socialops.publishing.happened import Ask, Claimed, No, NotYet
from socialops.publishing.machine import (
    Delivery,
    Rules,
    State,
    after,
    receipts_of,
    state_of,
)

PATIENT = Rules(attempts=99)


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Stage]:
    yield from open_stage(tmp_path, monkeypatch, capsys)


def a_claim(delivery: Delivery) -> Delivery:
    """Return the delivery as it was when it was claimed."""
    return replace(delivery, events=tuple(event for event in delivery.events if event.state is State.INTENT))


# --- resolve --------------------------------------------------------------------------------------------------------


def test_what_a_person_found_is_recorded_with_the_networks_own_receipt(stage: Stage) -> None:
    whole = stage.lost(parts=1)
    url = whole.events[-1].detail["url"]

    said = stage.run("resolve", "kis", "mastodon", "--sent", url, "--now", LATER)

    assert "confirmed: kis → mastodon. Nothing of it is sent again." in said
    recorded = stage.delivery().events[-1]
    assert (recorded.detail["id"], recorded.detail["via"], recorded.detail["who"]) == (
        whole.events[-1].detail["id"],
        "human",
        "Ayşe",
    )
    assert git(stage.remote, "log", "-1", "--format=%s", "socialops-data") == "resolve: kis on mastodon"
    assert "Nothing was sent." in stage.run("publish", "--now", LATER)


def test_without_credentials_the_address_says_which_post_it_is(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = stage.lost("bluesky")
    urls = [event.detail["url"] for event in whole.events if event.state is State.CONFIRMED]
    monkeypatch.delenv("SOCIALOPS_BLUESKY_TOKEN")

    said = stage.run("resolve", "kis", "bluesky", "--sent", urls[0], "--now", LATER, code=2)
    assert "The rest of the thread would hang on" in said
    stage.run("resolve", "kis", "bluesky", "--sent", urls[0], "--sent", urls[1], "--who", "elif", "--now", LATER)

    delivery = stage.delivery("bluesky")
    assert state_of(delivery) is State.CONFIRMED
    ids = [event.detail["id"] for event in whole.events if event.state is State.CONFIRMED]
    assert [event.detail["id"] for event in delivery.events[-2:]] == ids
    assert {event.detail["who"] for event in delivery.events[-2:]} == {"elif"}


def test_what_is_not_there_is_sent_once_more_though_it_is_late(stage: Stage) -> None:
    whole = stage.lost(parts=1)
    stage.delete(receipts_of(whole)[1])
    assert "Needs a person (1)" in stage.run("publish", "--now", "2026-12-01 18:00", code=3)

    said = stage.run("resolve", "kis", "mastodon", "--retry", "--now", "2026-12-01 18:00")
    assert "deferred: kis → mastodon. The next run sends what was claimed from part 2 on" in said

    assert "confirmed   kis → mastodon" in stage.run("publish", "--now", "2026-12-01 18:01")
    assert state_of(stage.delivery()) is State.CONFIRMED


def test_what_is_cancelled_is_not_sent(stage: Stage) -> None:
    stage.lost()
    assert "cancelled: kis → mastodon" in stage.run("resolve", "kis", "mastodon", "--cancel", "--now", LATER)
    assert "Nothing was sent." in stage.run("publish", "--now", LATER)
    again = stage.run("resolve", "kis", "mastodon", "--cancel", "--now", LATER, code=2)
    assert "is cancelled already (decided by Ayşe)" in again


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("kiss", "mastodon", "--retry"), "Did you mean 'kis'?"),
        (("kis", "mastodom", "--retry"), "Did you mean 'mastodon'?"),
        (("kis", "mastodon", "--sent", "kis"), "is not the address of a post"),
        (("kis", "mastodon", "--sent", "https://elsewhere.example/@test/1"), "is not where mastodon publishes"),
        (("kis", "mastodon", *("--sent", "http://127.0.0.1:1/a/1") * 3), "2 of its parts are not known"),
        (("kis", "mastodon"), "Say what you found"),
        (("kis", "mastodon", "--retry", "--cancel"), "Say what you found"),
        (("kis", "bluesky", "--retry"), "kis on bluesky is published: http"),
        (("later", "mastodon", "--cancel"), "was never claimed"),
    ],
)
def test_what_makes_no_sense_is_refused_with_what_to_do(
    stage: Stage, arguments: tuple[str, ...], expected: str
) -> None:
    stage.lost()
    before = git(stage.remote, "rev-parse", "socialops-data")
    said = stage.run("resolve", *arguments, "--now", LATER, code=2)
    assert expected in said
    assert git(stage.remote, "rev-parse", "socialops-data") == before


def test_nobody_decides_while_a_run_is_sending(stage: Stage) -> None:
    whole = stage.lost(ask=False)
    stage.delete(*receipts_of(whole))
    assert "A run is sending kis on mastodon now" in stage.run(
        "resolve", "kis", "mastodon", "--retry", "--now", NOW, code=2
    )
    assert "deferred" in stage.run("resolve", "kis", "mastodon", "--retry", "--now", LATER)


def test_what_is_there_after_all_is_not_sent_again_whatever_a_person_says(stage: Stage) -> None:
    for channel in ("mastodon", "bluesky"):
        whole = stage.lost(channel) if channel == "mastodon" else stage.delivery(channel)
        if channel == "bluesky":
            stage.change(lambda delivery: after(a_claim(delivery), 0, Ask("nobody can tell"), SENT), channel)
        said = stage.run("resolve", "kis", channel, "--retry", "--now", LATER)
        assert f"confirmed: kis → {channel}. It is there after all, and is not sent again: http" in said
        assert receipts_of(stage.delivery(channel)) == receipts_of(whole)
    assert "Nothing was sent." in stage.run("publish", "--now", LATER)
    assert stage.posts() == 4


def test_of_a_thread_that_is_half_there_only_the_rest_is_sent_again(stage: Stage) -> None:
    whole = stage.lost()
    stage.delete(receipts_of(whole)[1])
    said = stage.run("resolve", "kis", "mastodon", "--retry", "--now", LATER)
    assert "The next run sends what was claimed from part 2 on" in said
    assert "confirmed   kis → mastodon" in stage.run("publish", "--now", LATER)
    assert receipts_of(stage.delivery())[0] == receipts_of(whole)[0]
    assert stage.posts() == 4


def test_where_the_network_cannot_be_asked_a_persons_word_counts(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.lost()
    monkeypatch.delenv("SOCIALOPS_MASTODON_TOKEN")
    assert "deferred" in stage.run("resolve", "kis", "mastodon", "--retry", "--now", LATER)


def test_the_address_of_another_post_is_refused_with_the_right_one(stage: Stage) -> None:
    first, second = receipts_of(stage.lost())
    other = f"{stage.sandbox.url}/@test@mastodon.example/999"
    for wrong in (other, second.url):
        said = stage.run("resolve", "kis", "mastodon", "--sent", wrong, "--now", LATER, code=2)
        assert f"is another post: the network shows part 1 at {first.url}" in said
        assert f"socialops resolve kis mastodon --sent {first.url}" in said
    strange = f"{stage.sandbox.url}/@elif/{first.id}"
    said = stage.run("resolve", "kis", "mastodon", "--sent", strange, "--now", LATER, code=2)
    assert "That is a post of elif, and mastodon is @test@mastodon.example." in said
    assert state_of(stage.delivery()) is State.ATTENTION


def test_an_address_counts_once_however_it_was_copied(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    first = receipts_of(stage.lost())[0]
    monkeypatch.delenv("SOCIALOPS_MASTODON_TOKEN")
    twice = ("--sent", first.url, "--sent", f"{first.url}/?utm_source=x#top")
    assert "is recorded already" in stage.run("resolve", "kis", "mastodon", *twice, "--now", LATER, code=2)


# --- pause and resume -----------------------------------------------------------------------------------------------


def test_a_pause_holds_and_resuming_fires_nothing_that_is_too_late(stage: Stage) -> None:
    said = stage.run("pause", "channel:mastodon", "--why", "sirens: the north", "--until", "2026-12-08", "--now", NOW)
    assert "paused: channel:mastodon: sirens: the north" in said
    assert 'git commit -m "Pause channel:mastodon"' in said
    assert "paused until 2026-12-08: channel:mastodon: sirens: the north (Ayşe)" in stage.run("plan", "--now", NOW)
    assert "held        kis → mastodon" in stage.run("publish", "--now", NOW)

    again = stage.run("pause", "channel:mastodon", "--why", "more", "--now", NOW, code=2)
    assert "is paused already: sirens: the north (Ayşe)" in again
    assert "Did you mean 'channel:mastodon'?" in stage.run("resume", "mastodon", code=2)
    said = stage.run("resume", "channel:mastodon")
    assert "resumed: channel:mastodon" in said
    assert "goes out only while it is not too late" in said
    assert "too late" in stage.run("plan", "--now", "2026-12-01 13:00").casefold()
    assert "Nothing was sent." in stage.run("publish", "--now", "2026-12-01 13:00", code=1)
    assert "Nothing is paused." in stage.run("resume", "channel:mastodon", code=2)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("mastodom", "--why", "x"), "Did you mean"),
        (("everything", "--why", " "), "needs a reason"),
        (("everything", "--why", "x", "--until", "soon"), "is not a date"),
        (("everything", "--why", "x", "--until", "2026-11-01"), "is over already"),
    ],
)
def test_a_pause_that_makes_no_sense_is_refused(stage: Stage, arguments: tuple[str, ...], expected: str) -> None:
    assert expected in stage.run("pause", *arguments, "--now", NOW, code=2)
    assert not (stage.workspace.brand / "pause.yml").exists()


# --- plan --attention -----------------------------------------------------------------------------------------------


def test_only_what_needs_a_person_is_shown_with_what_to_do(stage: Stage) -> None:
    stage.lost(parts=1)

    said = stage.run("plan", "--attention", "--now", LATER, code=3)

    assert "Needs a person (1)" in said
    assert "kis → mastodon\n                        nobody can tell" in said
    assert f"{stage.sandbox.url}/@test" in said
    for command in ("resolve kis mastodon --sent URL", "resolve kis mastodon --retry", "unpublish kis mastodon"):
        assert f"socialops {command}" in said
    assert "later" not in said
    document = json.loads(stage.run("plan", "--attention", "--now", LATER, "--format", "json", code=3))
    assert (document["kind"], [need["channel"] for need in document["needs"]]) == ("attention", ["mastodon"])
    assert "Needs a person (1)" in stage.run("plan", "--now", LATER)

    stage.run("resolve", "kis", "mastodon", "--cancel", "--now", LATER)
    assert stage.run("plan", "--attention", "--now", LATER) == "Nothing needs a person.\n"


def test_what_needs_a_person_is_told_channel_by_channel(stage: Stage) -> None:
    stage.lost()
    for channel in ("mastodon", "bluesky"):
        stage.change(lambda delivery: after(a_claim(delivery), 0, Ask("nobody can tell"), SENT), channel)
    said = stage.run("plan", "--attention", "--now", "2026-12-05 20:00", code=3)
    assert [line for line in said.splitlines() if line and not line.startswith(" ")] == [
        "Needs a person (3)",
        "bluesky (1)",
        "mastodon (2)",
    ]
    assert said.index("resolve kis bluesky --retry") < said.index("mastodon (2)") < said.index("posts/later.md")


def test_the_message_of_a_channel_follows_what_happens_and_wakes_nobody_in_between(stage: Stage) -> None:
    def told() -> list[str]:
        listed = git(stage.remote, "ls-tree", "-r", "--name-only", "socialops-data", "--", "attention")
        return listed.splitlines()

    stage.lost()
    stage.run("publish", "--now", LATER, code=3)
    assert told() == ["attention/mastodon.md"]
    text = git(stage.remote, "show", "socialops-data:attention/mastodon.md")
    assert text.startswith("<!-- socialops:attention:mastodon -->\n# `mastodon` needs a person\n")
    assert "socialops resolve kis mastodon --sent URL" in text

    before = git(stage.remote, "rev-parse", "socialops-data")
    for later in ("2026-12-01 11:50", "2026-12-01 12:05", "2026-12-01 15:30"):
        stage.run("publish", "--now", later, code=3)
        assert git(stage.remote, "rev-parse", "socialops-data") == before

    stage.run("resolve", "kis", "mastodon", "--cancel", "--now", "2026-12-01 15:31")
    stage.run("publish", "--now", "2026-12-01 15:45")
    assert told() == []


def test_a_channel_whose_sends_keep_failing_needs_a_person_until_it_is_mended(stage: Stage) -> None:
    stage.lost()

    def failing(delivery: Delivery) -> Delivery:
        delivery = replace(delivery, events=())
        for minutes in range(5):
            at = SENT + timedelta(minutes=30 * minutes)
            delivery = after(delivery, 0, Claimed("key", at + timedelta(minutes=30)), at, PATIENT)
            delivery = after(delivery, 0, NotYet("it is down (503)", timedelta(minutes=1)), at, PATIENT)
        return delivery

    stage.change(failing)
    said = stage.run("plan", "--attention", "--now", LATER, code=3)
    assert "mastodon (1)" in said
    assert "everything sent since then failed" in said
    assert "socialops pause channel:mastodon --why 'sending fails'" in said
    assert "Nothing needs a person." in stage.run("plan", "--attention", "--now", "2026-12-03 12:00")


def test_what_failed_or_just_came_too_late_needs_a_person_too(stage: Stage) -> None:
    stage.lost()
    stage.change(
        lambda delivery: after(replace(delivery, events=delivery.events[:2]), 0, No("The text is too long"), SENT)
    )
    said = stage.run("plan", "--attention", "--now", LATER, code=3)
    assert "failed: The text is too long" in said
    assert "Change posts/kis.md, and it is tried again" in said
    assert "Give it a new date in posts/later.md" in stage.run(
        "plan", "--attention", "--now", "2026-12-05 20:00", code=3
    )
    assert "posts/later.md" not in stage.run("plan", "--attention", "--now", "2026-12-07 20:00", code=3)


def test_a_damaged_record_needs_a_person(stage: Stage) -> None:
    stage.lost()
    file = next(stage.workspace.ledger.glob("*/*/kis/mastodon.json"))
    file.write_bytes(file.read_bytes()[:-40])
    git(stage.workspace.data, "commit", "--quiet", "--all", "-m", "Damage")
    git(stage.workspace.data, "push", "--quiet", "origin", "HEAD:socialops-data")
    said = stage.run("plan", "--attention", "--now", LATER, code=3)
    assert "cannot be trusted" in said
    assert "git -C reports/data log" in said


# --- unpublish ------------------------------------------------------------------------------------------------------


def test_a_thread_is_deleted_on_every_network_and_never_sent_again(stage: Stage) -> None:
    stage.run("publish", "--now", NOW)
    rehearsed = stage.run("unpublish", "kis", "--dry-run")
    assert "4 would be deleted." in rehearsed
    assert stage.posts() == 4
    assert "Add --yes if it is meant" in stage.run("unpublish", "kis", code=2)
    assert stage.posts() == 4

    said = stage.run("unpublish", "kis", "--yes", "--who", "elif", "--now", LATER)

    assert "removed: kis → bluesky (2 parts)\nremoved: kis → mastodon (2 parts)" in said
    assert stage.posts() == 0
    assert [(event.part, event.state, event.detail["who"]) for event in stage.delivery().events[-2:]] == [
        (1, State.REMOVED, "elif"),
        (0, State.REMOVED, "elif"),
    ]
    assert git(stage.remote, "log", "-1", "--format=%s", "socialops-data") == "record: kis on mastodon taken down"
    assert "Nothing was sent." in stage.run("publish", "--now", LATER)
    assert "nothing of it is there" in stage.run("unpublish", "kis", "mastodon", "--yes", "--now", LATER)


def test_at_a_terminal_a_person_is_asked(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.run("publish", "--now", NOW)
    for answer, code, left in (("n\n", 130, 4), ("y\n", 0, 2)):
        typed = io.StringIO(answer)
        monkeypatch.setattr(typed, "isatty", lambda: True)
        monkeypatch.setattr("sys.stdin", typed)
        stage.run("unpublish", "kis", "mastodon", "--now", LATER, code=code)
        assert stage.posts() == left


def test_the_rest_of_a_half_published_thread_never_follows_what_was_deleted(stage: Stage) -> None:
    stage.lost(parts=1)
    refused = stage.run("unpublish", "kis", "mastodon", "--yes", "--now", LATER, code=1)
    assert "It is not known whether part 2 is there" in refused
    stage.run("resolve", "kis", "mastodon", "--cancel", "--now", LATER)
    assert "removed: kis → mastodon (1 part)" in stage.run("unpublish", "kis", "mastodon", "--yes", "--now", LATER)
    assert "Nothing was sent." in stage.run("publish", "--now", LATER)
    assert state_of(stage.delivery()) is State.CANCELLED


def test_what_only_a_person_can_delete_is_said_with_its_address(stage: Stage) -> None:
    stage.run("publish", "--now", NOW)
    (stage.workspace.brand / "channels/bluesky.md").unlink()
    said = stage.run("unpublish", "kis", "bluesky", "--yes", "--now", LATER, code=3)
    assert "no longer in the repository: delete it on the network, by hand" in said
    assert f"still there: {stage.sandbox.url}/profile/" in said
    assert "socialops unpublish kis bluesky --by-hand" in said
    assert stage.posts() == 4
    assert "removed: kis → bluesky" in stage.run("unpublish", "kis", "bluesky", "--by-hand", "--yes", "--now", LATER)
    assert state_of(stage.delivery("bluesky")) is State.REMOVED


def test_what_cannot_be_deleted_now_stays_on_record(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.run("publish", "--now", NOW)
    monkeypatch.setenv("SOCIALOPS_MASTODON_TOKEN", "wrong")
    said = stage.run("unpublish", "kis", "mastodon", "--yes", "--now", LATER, code=1)
    assert "not removed: kis → mastodon" in said
    assert state_of(stage.delivery()) is State.CONFIRMED
    assert "was never published" in stage.run("unpublish", "later", "--yes", code=2)
    assert "Did you mean 'kis'?" in stage.run("unpublish", "kiss", "--yes", code=2)
