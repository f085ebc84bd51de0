"""Channels are sent to side by side, and every promise of one lane holds for many."""

from __future__ import annotations

import contextlib
import subprocess
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builder import SETTINGS, workspace
from publishing_stage import Clone, FakeNetwork, Killed, Stage, a_channel, a_post, commit, git, kill_at
from socialops.content.brand import Pause
from socialops.errors import NotAllowed, Unknown
from socialops.networks.base import Idempotency
from socialops.networks.draft import Draft, Part, Receipt, Upload
from socialops.publishing import lanes as lanes_module
from socialops.publishing import sending
from socialops.publishing.lanes import MOST_UNRECORDED, Lanes, Word, at_once
from socialops.publishing.machine import RULES, Delivery, State, part_states, state_of
from socialops.publishing.sending import MOST_AHEAD, MOST_AT_A_TIME, MOST_IN_A_CLAIM, Claims, Job, Line

KEY, READBACK, NONE = Idempotency.KEY, Idempotency.READBACK, Idempotency.NONE
PATIENCE = 20.0
"""Seconds after which something that should happen at once has not happened."""


def many(folder: Path, *kinds: Idempotency, posts: int = 1, parts: int = 1) -> Stage:
    """Return a stage with a channel of each kind, and posts that go to all of them."""
    stage = Stage(folder, settings='minimum_gap = "0m"\n')
    names = [f"{kind}-{number}" for number, kind in enumerate(kinds)]
    stage.channels = [a_channel(name) for name in names]
    for name, kind in zip(names, kinds, strict=True):
        stage.network(name, kind)
    stage.posts = [
        a_post(f"post-{n}", channels=names, parts=tuple(f"post-{n}, part {part}." for part in range(parts)))
        for n in range(posts)
    ]
    return stage


def plain(stage: Stage) -> Clone:
    return Clone(stage, workspace(stage.folder / "plain", {"pyproject.toml": stage.settings}).root)


def before_each_send(stage: Stage, act: Callable[[str], object]) -> None:
    """Do something in every lane just before its network keeps a part."""
    for name, network in stage.networks.items():
        network.publish = _acting(network, name, act)  # type: ignore[method-assign]


def _acting(network: FakeNetwork, name: str, act: Callable[[str], object]) -> Callable[..., Receipt]:
    publish = network.publish

    def acting(part: Part, *, key: str) -> Receipt:
        act(name)
        return publish(part, key=key)

    return acting


# --- side by side ---------------------------------------------------------------------------------------------------


def test_channels_are_sent_to_side_by_side_each_in_its_order(tmp_path: Path) -> None:
    stage = many(tmp_path, KEY, KEY, READBACK, NONE, posts=3, parts=2)
    # Nobody goes on before all four are at the same send: one after the other would wait for ever.
    together = threading.Barrier(4, timeout=PATIENCE)
    before_each_send(stage, lambda _name: together.wait())
    clone = stage.begin()

    outcome = clone.publish()

    assert outcome.exit_code == 0
    assert outcome.counts == {"confirmed": 12}
    wanted = [f"post-{n}, part {part}." for n in range(3) for part in range(2)]
    assert {name: stage.places[name].texts for name in stage.networks if name != "mastodon"} == {
        channel.name: wanted for channel in stage.channels
    }
    assert stage.clone("other").publish().results == ()


def test_with_one_lane_nothing_is_side_by_side(tmp_path: Path) -> None:
    stage = many(tmp_path, KEY, READBACK, posts=2)
    order: list[tuple[str, int]] = []
    before_each_send(stage, lambda name: order.append((name, threading.get_ident())))
    plain(stage).publish(lanes=1)
    assert order == [(name, threading.get_ident()) for _ in range(2) for name in ("key-0", "readback-1")]


def test_servers_are_asked_what_they_are_and_for_the_time_side_by_side(tmp_path: Path) -> None:
    stage = many(tmp_path, KEY, READBACK, NONE)
    asked, opened = (threading.Barrier(3, timeout=PATIENCE) for _ in range(2))

    def server_time(_channel: object) -> Any:
        asked.wait()
        return stage.clock()

    def opening(channel: Any) -> FakeNetwork:
        opened.wait()
        return stage.networks[channel.name]

    assert plain(stage).publish(server_time=server_time, open_network=opening).exit_code == 0


def test_what_one_lane_waits_for_keeps_no_other(tmp_path: Path) -> None:
    stage = many(tmp_path, READBACK, READBACK, posts=2)
    others_are_through = threading.Event()
    sent = Counter[str]()

    def act(name: str) -> None:
        if name == "readback-0":
            assert others_are_through.wait(PATIENCE)
        sent[name] += 1

    before_each_send(stage, act)
    clone = stage.begin()

    def at(step: str) -> None:
        # Both posts of the other channel are recorded while the first is still on its way.
        if step == "after-outcome-push" and sent["readback-1"] == 2:
            others_are_through.set()

    assert clone.publish(at=at).counts == {"confirmed": 4}


# --- the next claim -------------------------------------------------------------------------------------------------


def small_claims(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    monkeypatch.setattr(sending, "MOST_AT_A_TIME", size)
    monkeypatch.setattr(sending, "MOST_AHEAD", 3 * size)


def nth_time(step: str, nth: int, act: Callable[[], object]) -> Callable[[str], None]:
    """Return an *at* that acts when a step is taken for the *nth* time."""
    taken, counting = Counter[str](), threading.Lock()

    def at(name: str) -> None:
        with counting:
            taken[name] += 1
            now = name == step and taken[name] == nth
        if now:
            act()

    return at


def intrude(stage: Stage) -> None:
    """Push something else to the data branch, as another job does, however often it takes."""
    folder = stage.folder / "intruder"
    if not folder.exists():
        git(stage.folder, "clone", "--quiet", "--branch", "socialops-data", stage.remote.as_uri(), "intruder")
    while True:
        git(folder, "fetch", "--quiet")
        git(folder, "reset", "--quiet", "--hard", "origin/socialops-data")
        (folder / "metrics").mkdir(exist_ok=True)
        number = len(list((folder / "metrics").iterdir()))
        (folder / "metrics" / f"{number}.csv").write_text("at,what\n", "utf-8")
        commit(folder, "Something else")
        with contextlib.suppress(subprocess.CalledProcessError):
            git(folder, "push", "--quiet")
            return


def test_what_is_sent_next_is_claimed_while_the_lanes_send(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small_claims(monkeypatch, 2)
    stage = many(tmp_path, KEY, KEY, posts=3)
    claimed = threading.Event()
    before_each_send(stage, lambda _name: claimed.wait(PATIENCE))

    outcome = stage.begin().publish(at=nth_time("after-claim-push", 2, claimed.set))

    assert claimed.is_set()
    assert outcome.counts == {"confirmed": 6}
    assert all(len(stage.places[channel.name].texts) == 3 for channel in stage.channels)


def test_a_refused_claim_disturbs_nothing_that_is_under_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small_claims(monkeypatch, 2)
    stage = many(tmp_path, KEY, KEY, posts=3)
    refused = threading.Event()
    before_each_send(stage, lambda _name: refused.wait(PATIENCE))

    def first_of_all() -> None:
        intrude(stage)
        refused.set()

    outcome = stage.begin().publish(at=nth_time("before-claim-commit", 2, first_of_all))

    assert (outcome.exit_code, outcome.refused) == (0, 1)
    assert outcome.counts == {"confirmed": 6}
    fresh = stage.clone("fresh")
    assert fresh.publish().results == ()
    assert (fresh.workspace.data / "metrics" / "0.csv").is_file()
    for channel in stage.channels:
        assert stage.places[channel.name].texts == [f"post-{n}, part 0." for n in range(3)]
        for n in range(3):
            states = [str(event.state) for event in fresh.delivery(f"post-{n}", channel.name).events]
            assert states == ["intent", "confirmed"]


def test_a_claim_that_cannot_be_pushed_is_not_carried_along_by_a_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_claims(monkeypatch, 2)
    stage = many(tmp_path, KEY, KEY, posts=3)
    away, gone = tmp_path / "away", threading.Event()
    before_each_send(stage, lambda _name: gone.wait(PATIENCE))

    def pull_the_plug() -> None:
        stage.remote.rename(away)
        gone.set()

    unplugged = nth_time("before-claim-commit", 2, pull_the_plug)
    plugged = nth_time("before-outcome-commit", 1, lambda: away.rename(stage.remote))

    def at(step: str) -> None:
        unplugged(step)
        plugged(step)

    clone = stage.begin()
    outcome = clone.publish(at=at)

    assert outcome.exit_code == 1
    assert "The run ended early" in outcome.trouble
    assert outcome.counts == {"confirmed": 2}
    fresh = stage.clone("fresh")
    fresh.publish(dry_run=True)
    assert sorted(fresh.ledger().deliveries) == [("post-0", "key-0"), ("post-0", "key-1")]
    assert clone.publish().counts == {"confirmed": 4}
    assert all(len(stage.places[channel.name].texts) == 3 for channel in stage.channels)


# --- nothing more is begun ------------------------------------------------------------------------------------------


def test_a_pause_holds_every_lane_before_its_next_send(tmp_path: Path) -> None:
    stage = many(tmp_path, KEY, READBACK, NONE, posts=2)
    together = threading.Barrier(3, lambda: stage.pauses.append(Pause("everything", "a crisis")), timeout=PATIENCE)
    before_each_send(stage, lambda _name: together.wait())
    inside, most = Counter[str](), Counter[str]()

    def pauses() -> Sequence[Pause]:
        inside["now"] += 1
        most["ever"] = max(most["ever"], inside["now"])
        found = tuple(stage.pauses)
        inside["now"] -= 1
        return found

    outcome = plain(stage).publish(pauses=pauses)
    assert outcome.counts == {"confirmed": 3, "deferred": 3}
    assert most["ever"] == 1, "the switch was read by two lanes at once"


def test_a_stop_lets_every_send_under_way_end_and_begins_no_other(tmp_path: Path) -> None:
    stage = many(tmp_path, KEY, READBACK, NONE, posts=2)
    stop = threading.Event()
    together = threading.Barrier(3, stop.set, timeout=PATIENCE)
    before_each_send(stage, lambda _name: together.wait())
    clone = stage.begin()

    outcome = clone.publish(stopping=stop.is_set)

    assert outcome.counts == {"confirmed": 3, "deferred": 3}
    fresh = stage.clone("fresh")
    for network in stage.networks.values():
        del network.publish
    assert fresh.publish().counts == {"confirmed": 3}
    assert all(stage.places[channel.name].texts == ["post-0, part 0.", "post-1, part 0."] for channel in stage.channels)


def test_after_a_record_that_cannot_be_pushed_no_lane_sends_again(tmp_path: Path) -> None:
    stage = many(tmp_path, READBACK, READBACK, NONE, posts=3)
    away = tmp_path / "away"

    def pull_the_plug() -> None:
        stage.remote.rename(away)

    together = threading.Barrier(3, pull_the_plug, timeout=PATIENCE)
    before_each_send(stage, lambda _name: together.wait())
    clone = stage.begin()

    outcome = clone.publish()

    assert (outcome.exit_code, outcome.counts) == (1, {"confirmed": 3, "deferred": 6})
    assert "could not be recorded" in outcome.trouble
    away.rename(stage.remote)
    for network in stage.networks.values():
        with contextlib.suppress(AttributeError):
            del network.publish
    assert clone.publish().counts == {"confirmed": 6}
    assert all(len(stage.places[channel.name].texts) == 3 for channel in stage.channels)


def test_refused_credentials_shut_their_own_lane_alone(tmp_path: Path) -> None:
    stage = many(tmp_path, KEY, KEY, KEY, posts=4)
    stage.networks["key-1"].answers = [None, NotAllowed("The token has ended.", code="401")]
    outcome = plain(stage).publish()
    states = Counter((result.channel, str(result.state)) for result in outcome.results)
    assert states == {
        ("key-0", "confirmed"): 4,
        ("key-1", "confirmed"): 1,
        ("key-1", "failed"): 1,
        ("key-1", "deferred"): 2,
        ("key-2", "confirmed"): 4,
    }
    assert stage.networks["key-1"].sends == 2


def test_a_mistake_of_ours_in_one_lane_loses_no_outcome_of_another(tmp_path: Path) -> None:
    stage = many(tmp_path, KEY, READBACK, NONE, posts=2)
    broken = stage.networks["none-2"]
    # A receipt that cannot be recorded: the lane itself breaks off, after the send.
    broken.receipt = lambda identity: Receipt(identity, "", "", 5)  # type: ignore[method-assign,arg-type]
    together = threading.Barrier(3, timeout=PATIENCE)
    first = threading.local()

    def act(_name: str) -> None:
        if not getattr(first, "over", False):
            first.over = True
            together.wait()

    before_each_send(stage, act)
    clone = stage.begin()

    with pytest.raises(TypeError):
        clone.publish()

    ledger = stage.clone("elsewhere")
    ledger.publish(dry_run=True)
    assert ledger.state("post-0", "key-0") == ledger.state("post-0", "readback-1") == "confirmed"
    assert ledger.state("post-0", "none-2") == ledger.state("post-1", "none-2") == "intent"
    # The next runs settle what is open: nothing is sent twice, and where nobody can look, a person is asked.
    for network in stage.networks.values():
        with contextlib.suppress(AttributeError):
            del network.publish
    del broken.receipt
    stage.clock.turn(minutes=31)
    for _ in range(4):
        stage.clock.turn(minutes=21)
        ledger.publish()
    assert {ledger.state(f"post-{n}", "none-2") for n in range(2)} == {"attention"}
    assert {ledger.state(f"post-{n}", name) for n in range(2) for name in ("key-0", "readback-1")} == {"confirmed"}
    assert stage.places["none-2"].texts == ["post-0, part 0."]


# --- how far ahead --------------------------------------------------------------------------------------------------


def jobs(number: int, kind: Idempotency = KEY, *, channels: int = 1, uploads: int = 0) -> list[Job]:
    picture = Upload(b"x" * uploads, "image/jpeg", 1, 1, "sha", "") if uploads else None
    return [
        Job(
            a_post(f"post-{n}"),
            a_channel(f"channel-{n % channels}"),
            Line(None, kind, 0),  # type: ignore[arg-type]  # nothing is sent here
            Delivery(f"post-{n}", f"channel-{n % channels}", "mastodon", "", {}),
            Draft("p", "c", "mastodon", "text", (Part("x"),)),
            {0: (picture,) if picture else ()},
            {0: "key"},
        )
        for n in range(number)
    ]


@pytest.mark.parametrize("kind", [KEY, READBACK, NONE])
def test_a_lane_is_never_further_ahead_than_promised(kind: Idempotency, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lanes_module, "_TICK", 0.05)
    most = MOST_UNRECORDED if kind is KEY else 1
    sent, unpushed, seen = Counter[str](), list[Word](), list[int]()
    quiet = 0

    def record() -> None:
        # Push only when, for a few ticks on end, nobody sends any more.
        nonlocal quiet
        seen.append(max(sent[name] for name in sent) if sent else 0)
        quiet = quiet + 1 if len(seen) > 1 and seen[-1] == seen[-2] else 0
        if unpushed and (kind is not KEY or quiet >= 3):
            assert all(number <= most for number in Counter(word.job.channel.name for word in unpushed).values())
            ours.taken(unpushed)
            unpushed.clear()

    def work(job: Job) -> None:
        ours.wait(job)
        sent[job.channel.name] += 1
        ours.tell(Word(job, job.delivery))

    batch = jobs(2 * 25, kind, channels=2)
    claims = iter([batch[:4], [], batch[4:30], batch[30:]])
    ours = Lanes(most=2, keep=unpushed.extend, record=record, overdue=lambda: False)
    ours.run(work, lambda: next(claims, None))
    assert sent == {"channel-0": 25, "channel-1": 25}


def test_a_claim_covers_what_its_lease_and_its_networks_allow(monkeypatch: pytest.MonkeyPatch) -> None:
    def sizes(given: list[Job], lanes: int) -> list[int]:
        claims, found = Claims(given, RULES, lanes=lanes), list[int]()
        while batch := claims.take():
            found.append(len(batch))
            for job in batch:
                claims.over(job)
        return found

    # A text takes ten seconds at most, and a claim no more than a third of its lease: of a channel, or of all in turn.
    assert sizes(jobs(130), 1) == [60, 60, 10]
    assert sizes(jobs(130, channels=2), 1) == [60, 60, 10]
    assert sizes(jobs(130, channels=2), 32) == [MOST_AT_A_TIME, 30]
    assert sizes(jobs(700, channels=30), 32) == [MOST_AT_A_TIME] * 7
    # What a dead run leaves behind must be looked up, one by one, where nobody knows our keys.
    assert sizes(jobs(50, READBACK, channels=10), 32) == [20, 20, 10]
    # No more channels than are sent to at once: the last would wait while its lease runs out.
    assert sizes(jobs(10, channels=5), 4) == [4, 4, 2]
    monkeypatch.setattr(sending, "MOST_BYTES", 25)
    assert sizes(jobs(5, channels=5, uploads=10), 32) == [2, 2, 1]


def test_what_is_claimed_and_not_yet_sent_stays_within_the_bounds() -> None:
    claims, claimed = Claims(jobs(1000, channels=30), RULES, lanes=32), list[Job]()
    sizes: list[int] = []
    while (batch := claims.take()) is not None:
        claimed += batch
        assert len(claimed) <= MOST_AHEAD
        if batch:
            sizes.append(len(batch))
        else:
            claims.over(claimed.pop(0))
    assert sizes[:2] == [MOST_AT_A_TIME] * 2
    # As soon as half of it is free, but never one by one; with another push a small claim costs nothing.
    assert min(sizes[:-1]) == MOST_AT_A_TIME
    some = Claims(jobs(MOST_AHEAD + 50, channels=30), RULES, lanes=32)
    assert [len(some.take(along=True) or ()) for _ in range(5)] == [MOST_AT_A_TIME] * 3 + [0] * 2
    # A channel that knows no keys is claimed anew when nothing of such channels is left to be sent.
    doubtful = Claims(jobs(50, READBACK, channels=10), RULES, lanes=32)
    first = doubtful.take() or []
    for job in first:
        assert doubtful.take() == []
        claims_before = len(first)
        doubtful.over(job)
    assert (claims_before, len(doubtful.take() or ())) == (MOST_IN_A_CLAIM, MOST_IN_A_CLAIM)


def test_what_is_done_at_once_comes_back_in_order() -> None:
    together = threading.Barrier(5, timeout=PATIENCE)

    def step(number: int) -> int:
        together.wait()
        return number * number

    assert at_once(step, range(5)) == [0, 1, 4, 9, 16]
    with pytest.raises(ZeroDivisionError):
        at_once(lambda number: 1 // number, [1, 0, 2], 2)


# --- it dies --------------------------------------------------------------------------------------------------------

STEPS = ("after-claim-push", "before-send", "after-send", "before-outcome-commit", "after-outcome-commit")
KINDS = (KEY, READBACK, NONE, KEY)
POSTS = 3


def until_quiet(stage: Stage, clone: Clone) -> int:
    """Run until nothing is under way; return the last exit code."""
    code = 0
    for _ in range(9):
        stage.clock.turn(minutes=16)
        outcome = clone.publish()
        code = outcome.exit_code
        if all(item.action in ("settled", "attention") for item in outcome.plan.decisions):
            break
    return code


def judge(stage: Stage, clone: Clone, told: str) -> None:
    """Nothing twice, nothing out of order, nothing lost without a word."""
    wanted = [f"post-{n}, part {part}." for n in range(POSTS) for part in range(2)]
    for channel in stage.channels:
        place, kind = stage.places[channel.name], stage.networks[channel.name].idempotency
        assert len(place.texts) == len(set(place.texts)), f"twice on {channel.name}: {told}: {place.texts}"
        for n in range(POSTS):
            thread = [text for text in place.texts if text.startswith(f"post-{n},")]
            assert thread == wanted[2 * n : 2 * n + len(thread)], f"out of order on {channel.name}: {told}"
            delivery = clone.delivery(f"post-{n}", channel.name)
            if state_of(delivery) is State.CONFIRMED:
                assert len(thread) == 2, f"lost on {channel.name}: {told}"
            else:
                assert (state_of(delivery), kind) == (State.ATTENTION, NONE), f"silent on {channel.name}: {told}"
            there = sum(state is State.CONFIRMED for state in part_states(delivery))
            assert there <= len(thread), f"said to be there, and is not, on {channel.name}: {told}"


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(STEPS), st.integers(1, 14)), min_size=1, max_size=3),
    st.dictionaries(st.sampled_from(range(len(KINDS))), st.integers(0, 4), max_size=2),
)
def test_killed_between_the_sends_of_several_channels(deaths: list[tuple[str, int]], lost: dict[int, int]) -> None:
    """Runs die one after the other while four lanes are under way, and here and there an answer is lost."""
    with tempfile.TemporaryDirectory(prefix="socialops-lanes-") as folder:
        stage = many(Path(folder), *KINDS, posts=POSTS, parts=2)
        clone = Clone(stage, workspace(Path(folder) / "plain", {"pyproject.toml": SETTINGS + _GAP}).root)
        for number, nth in lost.items():
            network = stage.networks[stage.channels[number].name]
            network.answers = [*[None] * nth, ("kept", Unknown("no answer"))]
        for step, nth in deaths:
            with contextlib.suppress(Killed):
                clone.publish(at=kill_at(step, nth))
            stage.clock.turn(minutes=31)
        until_quiet(stage, clone)
        judge(stage, clone, f"{deaths}, {lost}")


@settings(max_examples=15, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(("before-claim-commit", "after-claim-commit", *STEPS)),
            st.integers(1, 12),
            st.sampled_from(("dies", "is refused", "is paused", "is stopped")),
        ),
        min_size=1,
        max_size=3,
    ),
    st.dictionaries(st.sampled_from(range(len(KINDS))), st.integers(0, 4), max_size=2),
    st.integers(1, 4),
)
def test_whatever_happens_while_the_next_claim_is_made(
    acts: list[tuple[str, int, str]], lost: dict[int, int], size: int
) -> None:
    """Claims of a few deliveries are made while others are sent, and the run dies, or loses a race, or is held."""
    with tempfile.TemporaryDirectory(prefix="socialops-lanes-") as folder, pytest.MonkeyPatch.context() as patch:
        small_claims(patch, size)
        stage = many(Path(folder), *KINDS, posts=POSTS, parts=2)
        clone = stage.begin()
        for number, nth in lost.items():
            network = stage.networks[stage.channels[number].name]
            network.answers = [*[None] * nth, ("kept", Unknown("no answer"))]
        for step, nth, what in acts:
            stop = threading.Event()

            def act(what: str = what, stop: threading.Event = stop) -> None:
                if what == "dies":
                    raise Killed
                if what == "is refused":
                    intrude(stage)
                elif what == "is paused":
                    stage.pauses.append(Pause("everything", "a crisis"))
                else:
                    stop.set()

            with contextlib.suppress(Killed):
                clone.publish(at=nth_time(step, nth, act), stopping=stop.is_set, pauses=lambda: tuple(stage.pauses))
            stage.pauses.clear()
            stage.clock.turn(minutes=31)
        fresh = stage.clone("fresh")
        until_quiet(stage, fresh)
        judge(stage, fresh, f"{acts}, {lost}, {size}")


_GAP = 'minimum_gap = "0m"\n'


@pytest.mark.parametrize(("step", "nth"), [("after-send", 3), ("before-send", 5), ("before-outcome-commit", 2)])
def test_killed_and_its_disk_lost(tmp_path: Path, step: str, nth: int) -> None:
    stage = many(tmp_path, *KINDS, posts=POSTS, parts=2)
    stage.begin().killed(step, nth)
    fresh = stage.clone("fresh")
    code = until_quiet(stage, fresh)
    judge(stage, fresh, f"{step}, {nth}")
    assert code in (0, 3)
    assert fresh.publish().counts in ({}, {"attention": 3})


def test_who_dies_while_others_wait_keeps_nobody_waiting(tmp_path: Path) -> None:
    stage = many(tmp_path, NONE, NONE, NONE)
    together = threading.Barrier(3, timeout=PATIENCE)
    before_each_send(stage, lambda _name: together.wait())
    clone = plain(stage)
    with pytest.raises(Killed):
        clone.publish(at=kill_at("before-outcome-commit"))
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("lane ")]


def test_a_wait_of_half_a_minute_ends_when_the_run_is_to_stop(tmp_path: Path) -> None:
    stage = many(tmp_path, KEY, READBACK)
    stage.posts = [a_post("late", channels=[c.name for c in stage.channels], date="2026-12-01 09:45")]
    stop = threading.Event()

    def sleep(seconds: float) -> None:
        stage.clock.turn(seconds=seconds)
        if threading.current_thread() is not threading.main_thread():
            stop.set()

    outcome = plain(stage).publish(wait=timedelta(minutes=20), sleep=sleep, stopping=stop.is_set)
    assert outcome.counts == {"deferred": 2}
    assert {result.message for result in outcome.results} == {"the run was asked to stop"}
