"""Every fault at every step, twice, on the pure machine: nothing twice, nothing lost, nothing silent.

Two runs with a fault and a kill each, then runs without, until nothing is left to do. The scenarios are the product of

    class of the network × 1 or 3 parts × a minute, half an hour or an hour between the runs (the key alive, or dead)
    × what becomes of a send in the first run, and of which × the step at which that run is killed, or none
    × what becomes of the first send of the second run        × the step at which that run is killed, or none

Different first runs often leave the same world behind, and from equal worlds everything later is equal. So each world
is followed once, and counted as often as it comes about. A killed run loses its disk: only what was pushed remains.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from publishing_stage import DUE, a_channel, a_post
from socialops.errors import NetworkError, Rejected, TryLater, Unknown
from socialops.networks.base import Account, Idempotency
from socialops.networks.draft import Attachment, Draft, Part, Receipt, Upload
from socialops.publishing.machine import (
    RULES,
    Delivery,
    Doing,
    Rules,
    State,
    next_step,
    part_states,
    receipts_of,
    stamp,
    state_of,
)
from socialops.publishing.plan import Decision
from socialops.publishing.reconcile import reconcile
from socialops.publishing.sending import Line, NotReady, asked, claimed, prepare, send

KEY_LIFETIME = 3600
SLOW = timedelta(seconds=90)
"""How long after a lost answer a slow server still writes what it was sent."""
QUARTER = timedelta(minutes=16)
GAPS = {
    "at once": timedelta(minutes=1),
    "key alive": timedelta(minutes=31),
    "key dead": timedelta(minutes=70),
}
"""From the first run to the second: while the server may still be writing, and when the lease, or the key, is over."""

UNSURE = Unknown("no answer")
FAULTS: dict[str, tuple[str, NetworkError | None]] = {
    "ok": ("kept", None),
    "lost before": ("", TryLater("no such host", after=timedelta(minutes=1))),
    "request lost": ("", UNSURE),
    "answer lost": ("kept", UNSURE),
    "applied late": ("late", UNSURE),
    "5xx, not applied": ("", Unknown("bad gateway", code="502")),
    "5xx, applied": ("kept", Unknown("bad gateway", code="504")),
    "429": ("", TryLater("busy", after=timedelta(minutes=3), code="429")),
    "4xx": ("", Rejected("too long", code="422")),
}
"""What becomes of a send: whether the server writes it (now, late, or not), and what we are told."""


class Killed(BaseException):
    """The process ends here."""


@dataclass(frozen=True)
class Written:
    text: str
    key: str
    reply: str
    at: datetime


@dataclass
class World:
    """All that outlives a process: the remote's ledger, what the network holds, and the time."""

    now: datetime = DUE
    remote: Delivery | None = None
    posts: tuple[Written, ...] = ()
    late: tuple[Written, ...] = ()
    refused: bool = False
    """Whether the network ever said a plain no."""

    def name(self) -> Hashable:
        """What tells it from every other world."""
        events = self.remote.events if self.remote else ()
        record = repr([replace(event, detail={**event.detail, **_WORDS}) for event in events])
        return self.now, record, self.posts, self.late, self.refused


_WORDS = {"code": "", "message": "", "why": ""}
"""What is recorded for people, and decides nothing."""


class SimulatedNetwork:
    """A network that keeps what it gets; it knows a key only once the post is written, and for as long as it says."""

    name = "mastodon"
    key_lifetime = KEY_LIFETIME

    def __init__(self, world: World, idempotency: Idempotency, faults: dict[int, str]) -> None:
        self.world = world
        self.idempotency = idempotency
        self.faults = faults
        self.sends = 0

    def key(self, delivery: str, part: int, at: datetime) -> str:
        return f"{delivery}#{part}"

    def publish(self, part: Part, *, key: str) -> Receipt:
        self.settle()
        self.sends += 1
        writes, error = FAULTS[self.faults.get(self.sends, "ok")]
        parent = part.reply.parent.id if part.reply else ""
        post = Written(part.text, key, parent, self.world.now)
        number = self.known(post)
        if number is None and writes == "kept":
            number = self.write(post)
        elif number is None and writes == "late":
            # It looked for the key when the request came, and looks no more: a second one is not held off meanwhile.
            self.world.late = (*self.world.late, replace(post, at=self.world.now + SLOW))
        if isinstance(error, Rejected):
            self.world.refused = True
        if error is not None:
            raise error
        assert number is not None
        return self.receipt(number)

    def known(self, post: Written) -> int | None:
        for number, other in enumerate(self.world.posts):
            alive = post.at < other.at + timedelta(seconds=KEY_LIFETIME)
            if self.idempotency is Idempotency.KEY and other.key == post.key and alive:
                return number
        return None

    def write(self, post: Written) -> int:
        self.world.posts = (*self.world.posts, post)
        return len(self.world.posts) - 1

    def settle(self) -> None:
        """Write what was under way long enough."""
        for post in self.world.late:
            if post.at <= self.world.now:
                self.write(post)
        self.world.late = tuple(post for post in self.world.late if post.at > self.world.now)

    def receipt(self, number: int) -> Receipt:
        return Receipt(str(number + 1), f"https://mastodon.example/{number + 1}", stamp(self.world.now))

    def find(self, part: Part, *, key: str, since: datetime) -> Receipt | None:
        assert self.idempotency is not Idempotency.NONE, "nobody can look here"
        self.settle()
        found = [number for number, post in enumerate(self.world.posts) if post.text == part.text and post.at >= since]
        if len(found) > 1:
            raise Unknown("two say the same", code="ambiguous")
        return self.receipt(found[0]) if found else None

    def measure(self, receipts: object) -> Iterator[object]:
        raise NotImplementedError

    def account(self) -> Account:
        raise NotImplementedError


@dataclass
class Checker:
    """What is on the remote may only grow, in order, and a yes stays a yes."""

    world: World
    broken: list[str] = field(default_factory=list)

    def push(self, delivery: Delivery) -> None:
        before = self.world.remote
        assert [event.seq for event in delivery.events] == list(range(1, len(delivery.events) + 1)), "seq"
        if before is not None:
            assert delivery.events[: len(before.events)] == before.events, "the record was rewritten"
            for old, new in zip(part_states(before), part_states(delivery), strict=True):
                assert old is not State.CONFIRMED or new is State.CONFIRMED, "a yes was taken back"
            assert receipts_of(delivery)[: len(receipts_of(before))] == receipts_of(before)
        self.world.remote = delivery


def run(
    world: World, idempotency: Idempotency, draft: Draft, faults: dict[int, str], kill: int, rules: Rules = RULES
) -> bool:
    """Do what one run of the engine does with one delivery; tell whether it was killed, at the *kill*-th step."""
    network = SimulatedNetwork(world, idempotency, faults)
    checker = Checker(world)
    line = Line(network, idempotency, KEY_LIFETIME)  # type: ignore[arg-type]
    steps = 0

    def at(_step: str) -> None:
        nonlocal steps
        steps += 1
        if steps == kill:
            raise Killed

    def record(delivery: Delivery) -> None:
        at("before-outcome-commit")
        at("after-outcome-commit")
        checker.push(delivery)
        at("after-outcome-push")

    post, channel = a_post(parts=tuple(part.text for part in draft.parts)), a_channel()
    try:
        delivery = world.remote
        while True:
            if delivery is not None and state_of(delivery) in (State.INTENT, State.UNKNOWN):
                before = delivery
                delivery, step, _ = reconcile(before, line, lambda: world.now, rules, may_send=True)
                if delivery is not before:
                    record(delivery)
                if step.doing is not Doing.RESEND and step.doing is not Doing.SEND:
                    return False
            elif delivery is not None:
                doing = next_step(delivery, idempotency, KEY_LIFETIME, world.now, rules).doing
                if doing is not Doing.SEND:
                    return False
            decision = Decision(post, channel, "send", State.PLANNED, DUE, "", draft)
            try:
                job = prepare(decision, delivery, line, _no_pictures, world.now, rules)
            except NotReady as error:
                if delivery is None or not error.ask:
                    raise AssertionError("it can neither be sent nor asked about") from error
                record(asked(delivery, error.message, world.now, rules))
                return False
            at("before-claim-commit")
            job.delivery = claimed(job, world.now, rules, token="t")
            at("after-claim-commit")
            checker.push(job.delivery)
            at("after-claim-push")
            waits = idempotency is Idempotency.KEY
            delivery, _ = send(
                job,
                lambda: world.now,
                rules,
                stop=lambda: None,
                checkpoint=(lambda _delivery: None) if waits else record,
                at=at,
            )
            if state_of(delivery) is State.UNKNOWN and idempotency is Idempotency.NONE:
                delivery, _, _ = reconcile(delivery, line, lambda: world.now, rules, may_send=False)
            record(delivery)
            return False
    except Killed:
        return True


def _no_pictures(attachment: Attachment) -> Upload:
    raise AssertionError(attachment)


def until_quiet(world: World, idempotency: Idempotency, draft: Draft, rules: Rules) -> World:
    """Run without a fault, a quarter of an hour apart, until a machine has nothing left to do."""
    for _ in range(14):
        world.now += QUARTER
        run(world, idempotency, draft, {}, 0, rules)
        assert world.remote is not None
        if state_of(world.remote) in (State.CONFIRMED, State.ATTENTION, State.FAILED):
            break
    SimulatedNetwork(world, idempotency, {}).settle()
    return world


def judge(world: World, idempotency: Idempotency, draft: Draft) -> str:
    """Say how it ended; an AssertionError is a duplicate, a loss or a silence."""
    assert world.remote is not None
    state = state_of(world.remote)
    wanted = [part.text for part in draft.parts]
    there = [post.text for post in world.posts]
    assert there == wanted[: len(there)], f"a duplicate or a disorder: {there}, {state}"
    for number, post in enumerate(world.posts):
        assert post.reply == (str(number) if number else ""), "a part hangs in the wrong place"
    if state is State.CONFIRMED:
        assert there == wanted, f"lost: {there}"
        assert [receipt.id for receipt in receipts_of(world.remote)] == [str(n + 1) for n in range(len(wanted))]
    elif state is State.FAILED:
        assert not there, f"called failed, but there: {there}"
        assert world.refused, "failed, though nobody refused it"
    else:
        assert state is State.ATTENTION, f"silent: {state} with {there}"
        # A person's time is not to be wasted either.
        assert world.refused or idempotency is Idempotency.NONE, "a person is asked what a machine could find out"
    return str(state)


def enumerate_all(idempotency: Idempotency, parts: int, rules: Rules = RULES) -> tuple[Counter[str], int]:
    """Follow every scenario of one class and length; return how many ended in each state, and how many worlds were."""
    texts = ("First part.", "Second part.", "Third part.")[:parts]
    draft = Draft("launch", "mastodon", "mastodon", "text", tuple(Part(text) for text in texts))
    times: Counter[Hashable] = Counter()
    worlds: dict[Hashable, World] = {}
    for fault in FAULTS:
        for nth in range(1, parts + 1 if fault != "ok" else 2):
            for world in killed_anywhere(World(), idempotency, draft, {nth: fault}, rules):
                times[world.name()] += 1
                worlds[world.name()] = world
    ends = Counter[str]()
    known: dict[Hashable, str] = {}
    for gap, (name, first), fault in itertools.product(GAPS.values(), worlds.items(), FAULTS):
        begin = replace(first, now=first.now + gap)
        for second in killed_anywhere(begin, idempotency, draft, {1: fault}, rules):
            quiet = second.name()
            if quiet not in known:
                known[quiet] = judge(until_quiet(second, idempotency, draft, rules), idempotency, draft)
            ends[known[quiet]] += times[name]
    return ends, len(known)


def killed_anywhere(
    begin: World, idempotency: Idempotency, draft: Draft, faults: dict[int, str], rules: Rules
) -> Iterator[World]:
    """Give the worlds that a run leaves behind when it is killed at its 1st, 2nd, … step, and when it is not."""
    for kill in itertools.count(1):
        world = replace(begin)
        killed = run(world, idempotency, draft, faults, kill, rules)
        yield world
        if not killed:
            return


@pytest.mark.parametrize("parts", [1, 3])
@pytest.mark.parametrize("idempotency", list(Idempotency))
def test_two_faults_and_two_kills_anywhere(idempotency: Idempotency, parts: int) -> None:
    ends, worlds = enumerate_all(idempotency, parts)
    told = ", ".join(f"{count} {state}" for state, count in sorted(ends.items()))
    print(
        f"\nmodel, {idempotency}, {parts} part(s): {ends.total()} scenarios ({worlds} worlds), 0 twice, 0 lost; {told}"
    )
    assert ends.total() > 9_000
    assert ends["confirmed"] > 0


@pytest.mark.parametrize(
    ("idempotency", "careless"),
    [
        (Idempotency.READBACK, Rules(settle=timedelta(0), clocks_differ=timedelta(0))),
        (Idempotency.KEY, Rules(in_flight=timedelta(0), clocks_differ=timedelta(0))),
        (Idempotency.KEY, Rules(key_margin=timedelta(hours=-1))),
    ],
    ids=["one look is believed", "a request under way is not waited for", "a dead key is believed"],
)
def test_the_enumeration_catches_a_careless_machine(idempotency: Idempotency, careless: Rules) -> None:
    with pytest.raises(AssertionError, match="a duplicate"):
        enumerate_all(idempotency, 1, careless)
