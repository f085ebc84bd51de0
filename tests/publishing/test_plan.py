"""What is decided about every post on every channel, and the reason a person reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, get_args

import pytest

from builder import CHANNEL, workspace
from publishing_stage import DUE, a_channel, a_post, with_text
from socialops.checks.check import check
from socialops.content.brand import Brand, Pause
from socialops.content.channel import Channel
from socialops.content.load import Content, load
from socialops.content.post import Post
from socialops.content.when import parse_when
from socialops.networks.draft import Draft, Part, Receipt
from socialops.output.plan import as_text
from socialops.problem import error, warning
from socialops.publishing.happened import Ask, Cancel, Claimed, Gone, Happened, No, NotYet, Perhaps, Yes
from socialops.publishing.history import history
from socialops.publishing.ledger import Ledger
from socialops.publishing.machine import Delivery, after, stamp
from socialops.publishing.plan import Action, Decision, Plan, pause_of, plan
from socialops.workspace import Settings, Workspace


def content_of(
    posts: Sequence[Post],
    channels: Sequence[Channel] = (),
    *,
    settings: Settings | None = None,
    pauses: Sequence[Pause] = (),
) -> Content:
    named = {channel.name: channel for channel in (channels or [a_channel()])}
    return Content(
        Workspace(Path("/nowhere"), settings or Settings()), tuple(posts), named, Brand(pauses=tuple(pauses))
    )


def ledger_of(*deliveries: Delivery, faults: Mapping[tuple[str, str], str] | None = None) -> Ledger:
    return Ledger(Path("/nowhere/ledger"), {(item.post, item.channel): item for item in deliveries}, faults or {})


def delivered(
    post: str = "launch", *happened: Happened, at: datetime = DUE, texts: Sequence[str] = (), channel: str = "mastodon"
) -> Delivery:
    """Return a delivery that was claimed at a time, and what happened to its first part (by default a yes)."""
    parts = tuple(Part(text) for text in (texts or [f"Text of {post}."]))
    draft = Draft(post, channel, "mastodon", "text", parts)
    delivery = Delivery(post, channel, "mastodon", stamp(at), draft.record(), path=f"posts/{post}.md")
    source = {"source": f"digest of {post}"}
    for part in range(len(parts)):
        delivery = after(delivery, part, Claimed(f"k{part}", at + timedelta(minutes=30), source), at)
    for what in happened:
        delivery = after(delivery, 0, what, at)
    return delivery


def yes(at: datetime = DUE) -> Yes:
    return Yes(Receipt("1", "https://mastodon.example/1", stamp(at)))


def decided(content: Content, ledger: Ledger | None = None, now: datetime = DUE, **options: Any) -> Plan:
    return plan(content, ledger or ledger_of(), now, **options)


def only(content: Content, ledger: Ledger | None = None, now: datetime = DUE, **options: Any) -> Decision:
    decisions = decided(content, ledger, now, **options).decisions
    assert len(decisions) == 1
    return decisions[0]


def said(plan: Plan) -> list[tuple[str, str]]:
    return [(decision.post.id, decision.action) for decision in plan.decisions]


# --- each reason ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "hours", "action", "reason"),
    [
        ({}, 0, "send", "due"),
        ({}, 3, "send", "due"),
        ({}, -1, "later", "goes out Tue 2026-12-01 09:30 Europe/Istanbul"),
        ({"draft": True}, 0, "draft", "a draft: take `draft: true` out when it is ready"),
        (
            {"date": None},
            0,
            "hold",
            "no date, and mastodon has no slots: give it one, or add `slots:` to brand/channels/mastodon.md",
        ),
        ({}, 3.1, "too_late", "3 h 6 min late, more than 3 h: give it a new date"),
        ({}, 75, "too_late", "3 d 3 h late, more than 3 h: give it a new date"),
        ({"late_ok": timedelta(minutes=5)}, 0.2, "too_late", "12 min late, more than 5 min: give it a new date"),
        ({"late_ok": timedelta(days=2)}, 47, "send", "due"),
        (
            {"expires": parse_when("2026-12-01 10:00")},
            0.6,
            "too_late",
            "expired Tue 2026-12-01 10:00 Europe/Istanbul: for another day it needs a new date and a later `expires`",
        ),
        ({"expires": parse_when("2026-12-01"), "late_ok": timedelta(days=2)}, 14.4, "send", "due"),
        ({"expires": parse_when("2026-12-01"), "late_ok": timedelta(days=2)}, 14.6, "too_late", None),
        ({"expires": parse_when("2026-12-01 10:00")}, 0.4, "send", "due"),
    ],
)
def test_a_post_says_when(fields: dict[str, Any], hours: float, action: str, reason: str | None) -> None:
    decision = only(content_of([a_post(**fields)]), now=DUE + timedelta(hours=hours))
    assert decision.action == action
    assert reason is None or decision.reason == reason


def test_times_are_told_in_the_channels_own_zone() -> None:
    channels = [a_channel(), a_channel("bluesky", zone="Europe/Bucharest")]
    content = content_of([a_post(channels=("mastodon", "bluesky"))], channels)
    told = [decision.reason for decision in decided(content, now=DUE - timedelta(days=1)).decisions]
    assert told == ["goes out Tue 2026-12-01 09:30 Europe/Istanbul", "goes out Tue 2026-12-01 09:30 Europe/Bucharest"]


def test_a_network_without_an_adapter_is_said() -> None:
    content = content_of([a_post(channels=("page",))], [a_channel("page", "elsewhere")])
    decision = only(content)
    assert (decision.action, decision.reason) == (
        "hold",
        "this version cannot publish on elsewhere: publish it there by hand",
    )


def test_a_post_with_an_error_is_held_and_one_with_a_warning_is_not() -> None:
    content = content_of([a_post(), a_post("other", channels=("second",))], [a_channel(), a_channel("second")])
    problems = [
        error("text-length", "posts/launch.md", (1, 1), "The text is too long."),
        error("media-missing", "posts/launch.md", (3, 1), "No such file."),
        warning("text-style", "posts/other.md", (1, 1), "Hm."),
    ]
    first, second = decided(content, problems=problems).decisions
    assert (first.action, first.reason) == ("hold", "posts/launch.md has a problem: The text is too long. (and 1 more)")
    assert second.action == "send"


def test_two_posts_with_one_id_are_both_held() -> None:
    content = content_of([a_post(), replace(a_post(), path="posts/copy.md")])
    assert {decision.reason for decision in decided(content).decisions} == {
        "2 posts have the id launch: give each its own"
    }


def test_missing_credentials_are_said_only_when_it_is_due() -> None:
    content = content_of([a_post()])
    assert only(content, credentials=lambda _: "no token").reason == "no token"
    assert only(content, credentials=lambda _: "no token", now=DUE - timedelta(days=1)).action == "later"


@pytest.mark.parametrize(
    ("what", "until", "held"),
    [
        ("everything", "", True),
        ("network:mastodon", "", True),
        ("network:bluesky", "", False),
        ("channel:mastodon", "", True),
        ("channel:other", "", False),
        ("campaign:winter", "", True),
        ("campaign:summer", "", False),
        ("campaign:", "", False),
        ("everything", "2026-12-01 09:31", True),
        ("everything", "2026-12-01 09:30", False),
        ("everything", "2026-12-02", True),
        ("everything", "until Monday", True),
        ("evrything", "", True),
        ("chanel:other", "", True),
    ],
)
def test_the_pause_switch(what: str, until: str, held: bool) -> None:
    content = content_of([a_post(campaign="winter")], pauses=[Pause(what, "an earthquake", "Elif", until)])
    decision = only(content)
    assert decision.action == ("hold" if held else "send")
    if held:
        assert decision.reason.endswith(f"{what}: an earthquake (Elif)")
    assert only(content, paused=()).action == "send"
    assert (pause_of(content.brand.pauses, content.posts[0], a_channel(), DUE) is not None) == held


def test_posts_on_a_channel_keep_a_distance() -> None:
    content = content_of([a_post("new")])
    before = ledger_of(delivered("old", yes(DUE - timedelta(minutes=4)), at=DUE - timedelta(minutes=4)))
    decision = only(content, before)
    assert (decision.action, decision.reason) == (
        "later",
        "10 min between posts on mastodon: from Tue 2026-12-01 09:36 Europe/Istanbul",
    )
    assert only(content, before, now=DUE + timedelta(minutes=6)).action == "send"
    claimed = ledger_of(delivered("old", at=DUE - timedelta(minutes=4)))
    assert only(content, claimed).action == "later"
    refused = ledger_of(delivered("old", No("no"), at=DUE - timedelta(minutes=4)))
    assert only(content, refused).action == "send"


def test_one_run_sends_the_earliest_post_of_a_channel_and_leaves_the_rest_a_distance() -> None:
    content = content_of(
        [a_post("b"), a_post("a", date="2026-12-01 09:20"), a_post("c", channels=("second",))],
        [a_channel(), a_channel("second")],
    )
    assert said(decided(content)) == [("a", "send"), ("b", "later"), ("c", "send")]


def test_five_posts_in_a_run_are_enough_for_a_channel() -> None:
    content = content_of([a_post(f"p{number}") for number in range(7)], settings=Settings(minimum_gap=timedelta(0)))
    actions = [decision.action for decision in decided(content).decisions]
    assert actions == ["send"] * 5 + ["later"] * 2


@pytest.mark.parametrize(("late", "action"), [(5, "send"), (6, "hold")])
def test_a_storm_on_a_channel_holds_that_channel(late: int, action: str) -> None:
    posts = [a_post(f"p{number}", date="2026-12-01 08:20") for number in range(late)]
    posts.append(a_post("elsewhere", channels=("second",)))
    content = content_of(posts, [a_channel(), a_channel("second")])
    decisions = {decision.post.id: decision for decision in decided(content).decisions}
    assert decisions["p0"].action == action
    assert decisions["elsewhere"].action == "send"
    if action == "hold":
        assert "6 posts on mastodon are more than 1 h late at once" in decisions["p0"].reason


def test_a_storm_over_all_channels_holds_everything() -> None:
    names = [f"channel-{number}" for number in range(8)]
    channels = [a_channel(name) for name in names]
    posts = [a_post(f"p{number}", channels=names[:7], date="2026-12-01 08:20") for number in range(3)]
    posts.append(a_post("punctual", channels=names[7:]))
    decisions = decided(content_of(posts, channels)).decisions
    assert {decision.action for decision in decisions} == {"hold"}
    assert "21 posts are more than 1 h late at once" in decisions[-1].reason


def test_a_text_that_went_out_is_held_for_ninety_days_on_that_channel() -> None:
    post = with_text(a_post("copy"), "Kış  geldi!")
    content = content_of([post])
    for days, text, action in ((89, "Kış geldi!", "hold"), (91, "Kış geldi!", "send"), (1, "Kış gelmedi!", "send")):
        then = DUE - timedelta(days=days)
        decision = only(content, ledger_of(delivered("first", yes(then), at=then, texts=[text])))
        assert decision.action == action
    then = DUE - timedelta(days=1)
    ledger = ledger_of(delivered("first", yes(then), at=then, texts=["Kış geldi!"]))
    assert "went out as first, which is gone: set `id: first` if this is it" in only(content, ledger).reason
    both = {
        decision.post.id: decision.reason for decision in decided(content_of([post, a_post("first")]), ledger).decisions
    }
    assert both["copy"] == "the same text went out as first in the last 90 days: set `repeat: true` if it is meant"
    assert only(content_of([replace(post, repeat=True)]), ledger).action == "send"
    elsewhere = replace(ledger.deliveries["first", "mastodon"], channel="second")
    assert only(content, ledger_of(elsewhere)).action == "send"


def test_two_copies_in_one_run_are_one_too_many() -> None:
    content = content_of(
        [with_text(a_post("a"), "Same."), with_text(a_post("b"), "Same.")], settings=Settings(minimum_gap=timedelta(0))
    )
    assert said(decided(content)) == [("a", "send"), ("b", "hold")]


# --- what the ledger knows ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("happened", "minutes", "action", "state", "reason"),
    [
        ([yes()], 60, "settled", "confirmed", "published"),
        ([yes(), Gone()], 60, "settled", "removed", "published, and no longer there; it is never published again"),
        ([No("Too long.", "422")], 60, "settled", "failed", "failed: Too long. Change the post and it is tried again."),
        (
            [],
            29,
            "hold",
            "intent",
            "another run is sending it; its claim holds until Tue 2026-12-01 10:00 Europe/Istanbul",
        ),
        ([], 30, "reconcile", "intent", "a run claimed it and did not say what became of it"),
        ([Perhaps("lost")], 1, "reconcile", "unknown", "it is not known whether it went out"),
        (
            [NotYet("busy", timedelta(minutes=5))],
            4,
            "later",
            "deferred",
            "not sent yet: busy; the next try is from Tue 2026-12-01 09:35 Europe/Istanbul",
        ),
        ([NotYet("busy", timedelta(minutes=5))], 5, "send", "deferred", "due, tried before"),
        ([NotYet("busy", timedelta(minutes=5))], 200, "too_late", "deferred", None),
    ],
)
def test_what_was_claimed_before(
    happened: list[Happened], minutes: int, action: str, state: str, reason: str | None
) -> None:
    decision = only(content_of([a_post()]), ledger_of(delivered("launch", *happened)), DUE + timedelta(minutes=minutes))
    assert (decision.action, str(decision.state)) == (action, state)
    if reason:
        assert decision.reason == reason


def test_what_is_uncertain_is_sent_again_only_while_it_may_go_out() -> None:
    ledger = ledger_of(delivered("launch", Perhaps("lost")))
    later = DUE + timedelta(minutes=5)
    assert only(content_of([a_post()]), ledger, later).may_send
    for post, options in (
        (a_post(draft=True), {}),
        (a_post(), {"paused": [Pause("everything", "x")]}),
        (a_post(date="2026-12-05 09:30"), {}),
    ):
        decision = only(content_of([post]), ledger, later, **options)
        assert (decision.action, decision.may_send) == ("reconcile", False)
    assert not only(content_of([a_post()]), ledger, DUE + timedelta(hours=4)).may_send


def test_a_post_that_left_the_repository_is_remembered_until_it_is_settled() -> None:
    ledger = ledger_of(
        delivered("gone", Perhaps("lost")),
        delivered("dropped", NotYet("busy", timedelta(minutes=5))),
        delivered("half", yes(), texts=["One.", "Two."]),
        delivered("done", yes()),
    )
    found = decided(content_of([]), ledger, DUE + timedelta(hours=1))
    assert found.decisions == ()
    assert [(d.post.id, d.action, d.may_send) for d in found.orphans] == [
        ("dropped", "settled", False),
        ("gone", "reconcile", False),
        ("half", "reconcile", False),
    ]
    assert found.by_action("reconcile") == found.orphans[1:]


def test_a_channel_that_left_the_repository_needs_a_person() -> None:
    ledger = ledger_of(delivered("gone", Perhaps("lost"), channel="closed"))
    found = decided(content_of([a_post()]), ledger)
    assert [(d.action, d.channel.name) for d in found.orphans] == [("attention", "closed")]


def test_a_record_that_cannot_be_trusted_is_for_a_person() -> None:
    faults = {("launch", "mastodon"): "its record x.json cannot be trusted: it is empty", ("old", "mastodon"): "bad"}
    found = decided(content_of([a_post()]), ledger_of(faults=faults))
    assert [(d.post.id, d.action) for d in found.by_action("attention")] == [
        ("launch", "attention"),
        ("old", "attention"),
    ]


def test_a_post_is_known_by_its_id_and_channel_wherever_its_file_lies() -> None:
    moved = replace(a_post(), path="posts/2027/moved.md")
    assert only(content_of([moved]), ledger_of(delivered("launch", yes()))).action == "settled"


# --- the plan as a whole --------------------------------------------------------------------------------------------


def test_the_plan_is_the_same_whatever_the_order_of_the_files() -> None:
    posts = [a_post(f"p{number}", channels=("mastodon", "second")) for number in range(6)]
    channels = [a_channel(), a_channel("second")]
    assert said(decided(content_of(posts, channels))) == said(decided(content_of(posts[::-1], channels[::-1])))


def test_a_post_that_cannot_be_composed_stops_no_other() -> None:
    def compose(post: Post, channel: Channel, content: Content) -> Draft:
        if post.id == "bad":
            raise ZeroDivisionError
        return Draft(post.id, channel.name, "mastodon", "text", (Part(post.id),))

    content = content_of([a_post("bad"), a_post("good")])
    found = decided(content, compose=compose)
    assert said(found) == [("bad", "hold"), ("good", "send")]
    assert found.decisions[0].reason == "it could not be composed (ZeroDivisionError)"


# --- everything that a plan can say ---------------------------------------------------------------------------------


def test_every_decision_has_a_reason_that_a_marketer_understands() -> None:
    """The plan of a day on which everything happens, as `socialops plan --all` shows it."""
    now = DUE + timedelta(minutes=30)
    ago = DUE - timedelta(hours=1)
    channels = [
        a_channel(),
        a_channel("shaky"),
        a_channel("stormy"),
        a_channel("paused-one"),
        a_channel("locked"),
        a_channel("page", "elsewhere"),
        a_channel("busy", minimum_gap=timedelta(0)),
    ]
    posts = [
        a_post("due"),
        a_post("gap"),
        a_post("later", date="2026-12-01 12:00"),
        a_post("draft", draft=True),
        a_post("undated", date=None),
        a_post("late", date="2026-12-01 04:00"),
        a_post("expired", expires=parse_when("2026-12-01 09:45")),
        a_post("wrong"),
        with_text(a_post("copy"), "Text of published."),
        with_text(a_post("renamed"), "Text of before."),
        a_post("published"),
        a_post("edited", digest="another"),
        replace(a_post("moved"), path="posts/2027/moved.md"),
        a_post("removed"),
        a_post("cancelled"),
        a_post("failed"),
        a_post("claimed"),
        a_post("lost"),
        a_post("doubtful"),
        a_post("deferred"),
        a_post("asked"),
        a_post("half"),
        a_post("faulted"),
        a_post("resting", channels=("shaky",)),
        a_post("held", channels=("paused-one",)),
        a_post("secret", channels=("locked",)),
        a_post("elsewhere", channels=("page",)),
        *(a_post(f"storm-{number}", channels=("stormy",), date="2026-12-01 08:30") for number in range(6)),
        *(a_post(f"busy-{number}", channels=("busy",)) for number in range(6)),
    ]
    half = delivered("half", yes(ago), texts=["One.", "Two."], at=ago)
    half = after(half, 1, NotYet("mastodon is busy", timedelta(minutes=5), "503"), ago)
    busy = NotYet("mastodon is busy", timedelta(minutes=1), "503")
    ledger = ledger_of(
        *(delivered(name, yes(ago), at=ago) for name in ("published", "before", "edited", "moved")),
        delivered("removed", yes(ago), Gone("Elif"), at=ago),
        after(delivered("cancelled", No("Too long."), at=ago), 0, Cancel("Elif"), ago),
        delivered("failed", No("The text is too long.", "422"), at=ago),
        delivered("claimed", at=DUE + timedelta(minutes=20)),
        delivered("lost", at=ago),
        delivered("doubtful", Perhaps("no answer"), at=ago),
        delivered("deferred", NotYet("mastodon could not be reached", timedelta(hours=3)), at=ago),
        delivered("asked", Ask("two posts of ours say the same"), at=ago),
        half,
        delivered("gone", Perhaps("no answer"), at=ago),
        delivered("gone-too", Ask("nobody can tell"), at=ago),
        *(delivered(f"shaky-{n}", busy, at=DUE, channel="shaky") for n in range(5)),
        faults={
            ("faulted", "mastodon"): "its record ledger/2026/12/faulted/mastodon.json cannot be trusted: it is empty"
        },
    )
    content = content_of(posts, channels, pauses=[Pause("channel:paused-one", "sirens", "Elif", "2026-12-03")])
    problems = [error("text-length", "posts/wrong.md", (1, 1), "The text is too long.")]
    found = decided(
        content,
        ledger,
        now,
        problems=[*problems, *history(content, ledger, now)],
        credentials=lambda channel: "no credentials: set X" if channel.name == "locked" else None,
    )
    assert {decision.action for decision in (*found.decisions, *found.orphans)} == set(get_args(Action))
    text = as_text(found, now=now, zone=channels[0].tz(), everything=True)
    assert text == (Path(__file__).parent / "golden" / "plan.txt").read_text("utf-8")
    for reason in {decision.reason for decision in found.decisions}:
        assert reason
        assert "Error" not in reason


def test_what_failed_is_not_hidden_among_what_went_well() -> None:
    ledger = ledger_of(delivered("launch", No("Too long.", "422")))
    found = decided(content_of([a_post()]), ledger)
    zone = a_channel().tz()
    assert "Failed (1)" in as_text(found, now=DUE + timedelta(days=14), zone=zone)
    assert "Failed" not in as_text(found, now=DUE + timedelta(days=15), zone=zone)
    assert "Failed (1)" in as_text(found, now=DUE + timedelta(days=15), zone=zone, everything=True)


# --- a pause of days ------------------------------------------------------------------------------------------------


def test_resuming_after_days_fires_nothing_by_itself() -> None:
    """Four days are paused, two posts a day and a morning of seven; then somebody takes the pause out."""
    days = [a_post(f"day-{day}-{hour}", date=f"2026-12-0{day} {hour}:00") for day in range(1, 5) for hour in (10, 16)]
    morning = [a_post(f"morning-{minute}", date=f"2026-12-05 09:{minute}") for minute in range(10, 17)]
    pause = Pause("everything", "an earthquake", "Elif")
    paused = content_of([*days, *morning], pauses=[pause])
    resumed = content_of([*days, *morning])
    moment = DUE
    while moment < DUE + timedelta(days=4, hours=1, minutes=15):
        assert decided(paused, now=moment).by_action("send") == ()
        moment += timedelta(minutes=15)
    now = DUE + timedelta(days=4, hours=1, minutes=15)
    actions = {decision.post.id: decision.action for decision in decided(resumed, now=now).decisions}
    assert {actions[post.id] for post in days} == {"too_late"}
    assert {actions[post.id] for post in morning} == {"hold"}, "the storm brake"
    for hours in range(48):
        assert decided(resumed, now=now + timedelta(hours=hours)).by_action("send") == ()


def test_resuming_within_the_hour_lets_go_one_post_at_a_time() -> None:
    posts = [a_post(f"p{number}") for number in range(3)]
    now = DUE + timedelta(minutes=50)
    assert decided(content_of(posts, pauses=[Pause("everything", "x")]), now=now).by_action("send") == ()
    assert said(decided(content_of(posts), now=now)) == [("p0", "send"), ("p1", "later"), ("p2", "later")]


# --- a channel's own gap --------------------------------------------------------------------------------------------


def test_a_channel_may_have_its_own_minimum_gap(tmp_path: Path) -> None:
    slow = CHANNEL.replace("zone:", "minimum_gap: 2h\nzone:")
    post = "---\ndate: 2026-12-01 09:{}\nchannels: [mastodon, slow]\nlate_ok: 1d\n---\n{}\n"
    here = workspace(
        tmp_path,
        {
            "brand/channels/slow.md": slow,
            "posts/a.md": post.format("10", "One"),
            "posts/b.md": post.format("25", "Two"),
        },
    )
    content = load(here)
    assert content.problems == ()
    found = [problem.message for problem in check(content) if problem.id == "schedule-gap"]
    assert found == ["On slow this goes out 15 minutes after posts/a.md; the least is 120 minutes."]
    ago = DUE - timedelta(minutes=20)
    ledger = ledger_of(*(delivered("a", yes(ago), at=ago, channel=name) for name in ("mastodon", "slow")))
    actions = {
        (decision.channel.name, decision.action): decision.reason
        for decision in decided(content, ledger).decisions
        if decision.post.id == "b"
    }
    assert actions == {
        ("mastodon", "send"): "due",
        ("slow", "later"): "2 h between posts on slow: from Tue 2026-12-01 11:10 Europe/Istanbul",
    }
