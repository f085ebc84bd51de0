"""People and machines do anything in any order: nothing goes out twice, and nothing is lost without a word."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from builder import SETTINGS, workspace
from publishing_stage import Clock, Clone, FakeNetwork, Killed, Place, Stage, a_post, kill_at
from socialops.content.brand import Pause
from socialops.content.post import Post
from socialops.content.when import parse_when
from socialops.errors import ClockError, NotAllowed, NotSent, Rejected, TryLater, Unknown, UsageError
from socialops.networks.base import Idempotency
from socialops.networks.draft import Part, Receipt
from socialops.publishing.machine import (
    RULES,
    State,
    first_unsettled,
    part_states,
    state_of,
)
from socialops.publishing.resolution import Again, Choice, Leave, Sent, decided, resolve

SLOW = timedelta(seconds=90)
"""How long after its answer was lost a slow server still writes what it was sent."""
STEPS = ("before-claim-commit", "after-claim-push", "before-send", "after-send", "before-outcome-commit")
FAULTS = (
    "ok",
    "not sent",
    "busy",
    "request lost",
    "answer lost",
    "written late",
    "written late",
    "refused",
    "no entry",
    "bug",
)


WRONG = (-290, -10, 0, 0, 10, 290)
"""By how many seconds a runner's clock is wrong where nobody notices."""
MINUTES = st.sampled_from([0, 1, 1, 1, 3, 11, 11, 31, 70, 25 * 60])


class Network(FakeNetwork):
    """A network with faults; it knows a key only from when the post is written, and only for an hour."""

    def __init__(self, place: Place, clock: Clock, idempotency: Idempotency) -> None:
        super().__init__(place, clock, idempotency, key_lifetime=3600)
        self.written: list[datetime] = []
        self.late: list[tuple[datetime, Part, str]] = []

    def publish(self, part: Part, *, key: str) -> Receipt:
        self.settle()
        fault = self.answers.pop(0) if self.answers else "ok"
        before = {
            "not sent": NotSent("no such host"),
            "busy": TryLater("busy", after=timedelta(minutes=3)),
            "request lost": Unknown("no answer"),
            "refused": Rejected("too long", code="422"),
            "no entry": NotAllowed("a wrong token", code="401"),
        }.get(fault)
        if before:
            raise before
        if fault == "written late" and self.known(key) is None:
            self.late.append((self.clock.now + SLOW, part, key))
            raise Unknown("no answer")
        receipt = self.keep(part, key)
        if fault in ("answer lost", "written late"):
            raise Unknown("no answer")
        if fault == "bug":
            raise ZeroDivisionError
        return receipt

    def known(self, key: str) -> str | None:
        for post, at in zip(self.place.posts, self.written, strict=True):
            if self.idempotency is Idempotency.KEY and post[1] == key and self.clock.now - at < timedelta(hours=1):
                return post[2]
        return None

    def keep(self, part: Part, key: str) -> Receipt:
        return self.receipt(self.known(key) or self.write(part, key))

    def write(self, part: Part, key: str) -> str:
        identity = str(len(self.place.posts) + 1)
        self.place.posts.append((part.text, key, identity, part.reply.parent.id if part.reply else "", ()))
        self.written.append(self.clock.now)
        return identity

    def settle(self) -> None:
        for _, part, key in [item for item in self.late if item[0] <= self.clock.now]:
            self.write(part, key)
        self.late = [item for item in self.late if item[0] > self.clock.now]

    def find(self, part: Part, *, key: str, since: datetime) -> Receipt | None:
        self.settle()
        return super().find(part, key=key, since=since)


class Team(RuleBasedStateMachine):
    """A team, its repository, runners that come and go, and one network."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="socialops-team-"))
        self.stage = Stage(self.folder)
        self.stage.posts = []
        self.records: dict[str, tuple[object, ...]] = {}
        self.away: dict[str, Post] = {}
        self.versions = 0

    @initialize(idempotency=st.sampled_from(Idempotency), parts=st.sampled_from([1, 3]))
    def begin(self, idempotency: Idempotency, parts: int) -> None:
        self.set_up(idempotency)
        self.merge(parts, 0)

    def set_up(self, idempotency: Idempotency) -> None:
        files = {"pyproject.toml": SETTINGS + 'minimum_gap = "0m"\n'}
        self.clone = Clone(self.stage, workspace(self.folder / "plain", files).root)
        self.network = Network(self.stage.place, self.stage.clock, idempotency)
        self.stage.networks["mastodon"] = self.network

    # --- people -----------------------------------------------------------------------------------------------------

    @rule(parts=st.sampled_from([1, 1, 3]), minutes=st.sampled_from([-200, -30, 0, 0, 10, 90]))
    def merge(self, parts: int, minutes: int) -> None:
        if len(self.stage.posts) < 10:
            self.versions += 1
            name = f"post-{self.versions}"
            at = (self.stage.clock.now + timedelta(minutes=minutes)).isoformat(timespec="seconds")
            self.stage.posts.append(replace(a_post(name, parts=self.texts(name, parts)), date=parse_when(at)))

    def texts(self, name: str, parts: int) -> tuple[str, ...]:
        self.versions += 1
        return tuple(f"{name}/{number} version {self.versions}" for number in range(parts))

    @precondition(lambda self: self.stage.posts or self.away)
    @rule(what=st.sampled_from(["edit", "rename", "delete", "bring back"]), which=st.integers(0, 3))
    def change(self, what: str, which: int) -> None:
        if what == "bring back" and self.away:
            self.stage.posts.append(self.away.popitem()[1])
        elif self.stage.posts:
            number = which % len(self.stage.posts)
            post = self.stage.posts[number]
            self.versions += 1
            if what == "edit":
                changed = self.texts(post.id, len(post.parts))
                self.stage.posts[number] = replace(post, parts=changed, digest=f"digest of {changed}")
            elif what == "rename":
                self.stage.posts[number] = replace(post, path=f"posts/moved/{self.versions}.md")
            elif what == "delete":
                self.away[post.id] = self.stage.posts.pop(number)

    @rule()
    def pause_or_go_on(self) -> None:
        self.stage.pauses = [] if self.stage.pauses else [Pause("everything", "an earthquake", "Elif")]

    @rule(again=st.booleans())
    def resolve(self, again: bool) -> None:
        """Somebody looks at the network, and says what is there: truly, as far as it can be seen now."""
        for name, delivery in self.clone.ledger().deliveries.items():
            if state_of(delivery) is not State.ATTENTION:
                continue
            part = first_unsettled(delivery)
            assert part is not None
            self.network.settle()
            seen = [post for post in self.stage.place.posts if post[0].startswith(f"{name[0]}/{part} ")]
            choice: Choice = Sent((self.network.receipt(seen[0][2]).url,)) if seen else Again() if again else Leave()
            self.decide(name, choice)
            return

    def decide(self, name: tuple[str, str], choice: Choice) -> None:
        # A decision may be refused, in words: then nothing has happened.
        with contextlib.suppress(UsageError):
            resolve(
                self.clone.workspace,
                name,
                lambda _ledger, delivery: decided(
                    delivery, choice, "Elif", self.stage.clock.now, RULES, channel=self.stage.channels[0]
                ),
                sleep=self.stage.slept.append,
            )

    # --- machines ---------------------------------------------------------------------------------------------------

    @rule(
        minutes=MINUTES,
        new=st.sampled_from([0, 1, 1, 3]),
        faults=st.lists(st.sampled_from(FAULTS), min_size=1, max_size=4),
        seconds=st.sampled_from(WRONG),
    )
    def tick(self, minutes: int, new: int, faults: list[str], seconds: int) -> None:
        """After a while a run, by a clock that is as wrong as one may be; often something new is due."""
        self.time_passes(minutes)
        if new:
            self.merge(new, 0)
        self.run(faults, seconds, lambda _step: None)

    @rule(
        minutes=MINUTES,
        faults=st.lists(st.sampled_from(FAULTS), max_size=3),
        step=st.sampled_from(STEPS),
        nth=st.integers(1, 4),
    )
    def killed_tick(self, minutes: int, faults: list[str], step: str, nth: int) -> None:
        self.time_passes(minutes)
        with contextlib.suppress(Killed):
            self.run(faults, 0, kill_at(step, nth))

    @rule(minutes=MINUTES, jump=st.sampled_from([-1500, -180, -20, 20, 180, 1500]), new=st.booleans())
    def tick_by_a_clock_that_jumped(self, minutes: int, jump: int, new: bool) -> None:
        """After a while a run whose clock is far off: the server's tells, and nothing is sent, nor taken as proven."""
        self.time_passes(minutes)
        if new:
            self.merge(1, 0)
        before = list(self.stage.place.posts)
        with contextlib.suppress(ClockError):
            self.run([], jump * 60, lambda _step: None)
        assert self.stage.place.posts == before, "sent by a clock that is wrong"

    def run(self, faults: list[str], seconds: int, at: Callable[[str], None]) -> None:
        self.network.answers = list(faults)
        wrong = timedelta(seconds=seconds)
        try:
            self.clone.publish(
                now=lambda: self.stage.clock.now + wrong,
                at=at,
                pauses=lambda: self.stage.pauses,
                server_time=lambda _channel: self.stage.clock.now,
            )
        finally:
            self.network.answers = []

    def time_passes(self, minutes: int) -> None:
        self.stage.clock.turn(minutes=minutes)
        self.network.settle()

    # --- what is promised -------------------------------------------------------------------------------------------

    @invariant()
    def nothing_is_there_twice(self) -> None:
        parts = [text.partition(" ")[0] for text in self.stage.place.texts]
        assert len(parts) == len(set(parts)), f"twice: {self.stage.place.texts}"

    @invariant()
    def a_thread_hangs_together(self) -> None:
        where = {text.partition(" ")[0]: identity for text, _, identity, _, _ in self.stage.place.posts}
        for text, _, _, parent, _ in self.stage.place.posts:
            post, _, number = text.partition(" ")[0].rpartition("/")
            assert parent == (where[f"{post}/{int(number) - 1}"] if int(number) else "")

    @invariant()
    def the_record_only_grows(self) -> None:
        if not hasattr(self, "clone"):
            return
        ledger = self.clone.ledger()
        assert not ledger.faults
        for (post, _), delivery in ledger.deliveries.items():
            before = self.records.get(post, ())
            assert delivery.events[: len(before)] == before, "the record was rewritten"
            assert [event.seq for event in delivery.events] == list(range(1, len(delivery.events) + 1))
            self.records[post] = delivery.events
            there = [text.partition(" ")[0] for text in self.stage.place.texts]
            for number, state in enumerate(part_states(delivery)):
                assert state is not State.CONFIRMED or f"{post}/{number}" in there, "confirmed, and not there"

    def teardown(self) -> None:
        try:
            if hasattr(self, "clone"):
                self.nothing_is_lost_without_a_word()
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)

    def nothing_is_lost_without_a_word(self) -> None:
        """Go on without faults until all is quiet; what is due then is there, or a person is told why not."""
        self.stage.pauses = []
        for minutes in (16, 16, 31, 16, 16, 31, 16):
            self.time_passes(minutes)
            self.run([], 0, lambda _step: None)
        self.nothing_is_there_twice()
        self.the_record_only_grows()
        there = {text.partition("/")[0] for text in self.stage.place.texts}
        deliveries = self.clone.ledger().deliveries
        decisions = self.clone.publish(dry_run=True).plan
        told = {d.post.id for d in (*decisions.by_action("attention"), *decisions.by_action("too_late"))}
        told |= {d.post.id for d in decisions.by_action("hold") if d.reason}
        for decision in decisions.decisions:
            if decision.due is not None and decision.due <= self.stage.clock.now:
                settled = decision.action == "settled" and decision.state in (
                    State.CONFIRMED,
                    State.CANCELLED,
                    State.FAILED,
                )
                assert settled or decision.post.id in told, f"no word about {decision.post.id}: {decision}"
        for post in there:
            delivery = deliveries[post, "mastodon"]
            known = state_of(delivery) is State.CONFIRMED or State.CONFIRMED in part_states(delivery)
            cancelled = state_of(delivery) is State.CANCELLED
            assert known or cancelled or post in told, f"{post} is there, and nobody knows: {state_of(delivery)}"


def test_a_team_that_does_anything_in_any_order() -> None:
    run_state_machine_as_test(Team, settings=settings(max_examples=100, stateful_step_count=25))


@pytest.mark.nightly
def test_a_team_that_does_anything_for_a_long_time() -> None:
    run_state_machine_as_test(Team, settings=settings(max_examples=2000, stateful_step_count=40))


@pytest.mark.parametrize("idempotency", [Idempotency.KEY, Idempotency.READBACK])
def test_a_run_whose_clock_is_slow_does_not_make_the_next_one_hasty(idempotency: Idempotency) -> None:
    # By its record the request of the slow run is five minutes old; in truth it is still on its way.
    team = Team()
    team.set_up(idempotency)
    team.merge(1, -6)
    team.run(["written late"], -290, lambda _step: None)
    for _ in range(2):
        team.run(["ok"], 0, lambda _step: None)
    for _ in range(8):
        team.time_passes(16)
        team.run(["ok"], 0, lambda _step: None)
    team.nothing_is_there_twice()
    assert len(team.stage.place.texts) == 1


def test_who_says_at_once_that_it_is_not_there_is_asked_to_look_again() -> None:
    team = Team()
    team.set_up(Idempotency.NONE)
    team.merge(1, 0)
    team.run(["written late"], 0, lambda _step: None)
    (name,) = team.clone.ledger().deliveries
    assert team.clone.state(*name) == "attention"

    team.time_passes(1)
    team.decide(name, Again())
    assert team.clone.state(*name) == "attention"
    team.run([], 0, lambda _step: None)
    team.time_passes(9)
    team.resolve(again=True)

    assert team.clone.state(*name) == "confirmed"
    assert team.stage.place.texts == ["post-1/0 version 2"]
    team.teardown()
