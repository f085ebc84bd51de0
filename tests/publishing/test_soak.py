"""A week of a busy team: a run a minute, 2,000 deliveries on twelve channels, and something always goes wrong.

Every call to a network fails two times in a hundred, in one of the ways that networks fail; runs are killed between
two steps or have a wrong clock; people pause, edit and rename posts, come to see what is left to them a few times a
day, and forget for half a day that a token has ended. Then all is repaired, and the account is drawn up: each part is
on its server once and the record says where, or a person is told why not.

A tick at which nothing is due and nothing is open needs no run: every fiftieth of them is run all the same, and must
call no network and leave the ledger as it was, byte for byte. A listing shows one new post in fifty up to eight minutes
late, and a slow server writes after ninety seconds: what takes longer than the settle window cannot be told from what
was never sent, and no bookkeeping could.

Memory is counted in the blocks that Python's allocator has handed out and not got back, after a collection, at the end
of the first day and at the very end, without those in which the servers of this stage keep the posts. Resident memory
is printed, but it would not be fair to judge by it: one process makes every run of the week, of a ledger that grows,
and gives little back to the system; a real runner starts a process a run.
"""

from __future__ import annotations

import contextlib
import gc
import random
import sys
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from builder import SETTINGS, workspace
from publishing_stage import DUE, Clock, Clone, FakeNetwork, Killed, Place, Stage, a_channel, a_post, kill_at
from socialops.content.brand import Pause
from socialops.content.post import Post
from socialops.content.when import parse_when
from socialops.errors import (
    ClockError,
    NotAllowed,
    NotSent,
    PushRejected,
    SocialopsError,
    TryLater,
    Unknown,
    UsageError,
)
from socialops.networks.base import Idempotency
from socialops.networks.draft import Part, Receipt
from socialops.publishing.attention import needs
from socialops.publishing.machine import (
    RULES,
    Delivery,
    State,
    first_unsettled,
    part_states,
    receipts_of,
    state_of,
)
from socialops.publishing.outcome import Outcome
from socialops.publishing.resolution import Again, Choice, Sent, decided, resolve

BEGIN = DUE
SLOW = timedelta(seconds=90)
"""How long after its answer was lost a slow server still writes what it was sent."""
LATE_LISTING = timedelta(minutes=8)
KEY_LIFETIME = 3600
FAULT = 0.02
"""How often a call to a network goes wrong, and how often a run is killed."""
FAULTS = ("no connection", "request lost", "answer lost", "written late", "502, lost", "504, kept", "429", "429", "401")
STEPS = ("before-claim-commit", "after-claim-push", "before-send", "after-send", "before-outcome-commit")
CHANNELS = tuple(f"{kind}-{number}" for kind in Idempotency for number in range(1, 5))
FORGOTTEN = CHANNELS[0]
"""The channel whose token ends in the middle of the week."""


class Network(FakeNetwork):
    """A network with faults by chance. It knows a key from when the post is written, for an hour."""

    def __init__(self, place: Place, clock: Clock, idempotency: Idempotency, chance: random.Random) -> None:
        super().__init__(place, clock, idempotency, key_lifetime=KEY_LIFETIME)
        self.chance = chance
        self.written: dict[str, tuple[str, datetime]] = {}
        self.late: list[tuple[datetime, Part, str]] = []
        self.listed: dict[str, datetime] = {}
        self.faulty = True
        self.locked = False
        self.met = Counter[str]()

    def fault(self, of: tuple[str, ...]) -> str:
        if self.faulty and self.chance.random() < FAULT:
            fault = self.chance.choice(of)
            self.met[fault] += 1
            return fault
        return ""

    def publish(self, part: Part, *, key: str) -> Receipt:
        self.settle()
        self.sends += 1
        if self.locked:
            self.met["401, token ended"] += 1
            raise NotAllowed("the token has ended", code="401")
        fault = self.fault(FAULTS)
        before: dict[str, SocialopsError] = {
            "no connection": NotSent("no such host"),
            "request lost": Unknown("no answer"),
            "502, lost": Unknown("bad gateway", code="502"),
            "429": TryLater("busy", after=timedelta(minutes=self.chance.choice((1, 5, 20))), code="429"),
            "401": NotAllowed("not now", code="401"),
        }
        if fault in before:
            raise before[fault]
        if fault == "written late" and self.known(key) is None:
            self.late.append((self.clock.now + SLOW, part, key))
            raise Unknown("no answer")
        receipt = self.keep(part, key)
        if fault:
            raise Unknown("no answer", code="504" if fault.startswith("504") else "")
        return receipt

    def known(self, key: str) -> str | None:
        identity, at = self.written.get(key, ("", self.clock.now))
        fresh = self.clock.now - at < timedelta(seconds=KEY_LIFETIME)
        return identity if identity and self.idempotency is Idempotency.KEY and fresh else None

    def keep(self, part: Part, key: str) -> Receipt:
        return self.receipt(self.known(key) or self.write(part, key))

    def write(self, part: Part, key: str) -> str:
        identity = str(len(self.place.posts) + 1)
        self.place.posts.append((part.text, key, identity, part.reply.parent.id if part.reply else "", ()))
        self.written[key] = (identity, self.clock.now)
        if self.fault(("listed late",)):
            self.listed[part.text] = self.clock.now + LATE_LISTING
        return identity

    def settle(self) -> None:
        for _, part, key in [item for item in self.late if item[0] <= self.clock.now]:
            self.write(part, key)
        self.late = [item for item in self.late if item[0] > self.clock.now]

    def find(self, part: Part, *, key: str, since: datetime) -> Receipt | None:
        self.settle()
        if self.fault(("no listing",)):
            self.looks += 1
            raise Unknown("no answer")
        found = super().find(part, key=key, since=since)
        return None if self.clock.now < self.listed.get(part.text, self.clock.now) else found


@dataclass
class Week:
    """Some days of one workspace, or of two clones of it on a remote."""

    folder: Path
    seed: int
    days: int
    number: int
    """How many deliveries."""
    git: bool = False
    counts: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.stage = Stage(self.folder)
        self.stage.posts = []
        self.stage.networks.clear()
        self.stage.channels = [a_channel(name) for name in CHANNELS]
        for name in CHANNELS:
            place = self.stage.places.setdefault(name, Place())
            kind = Idempotency(name.rpartition("-")[0])
            self.stage.networks[name] = Network(place, self.stage.clock, kind, self.chance)
        if self.git:
            self.clones = [self.stage.begin(), self.stage.clone("second")]
        else:
            self.clones = [Clone(self.stage, workspace(self.folder / "plain", {"pyproject.toml": SETTINGS}).root)]
        self.clone = self.clones[0]
        self.coming = sorted(self.written(), key=_due, reverse=True)
        self.posts: dict[str, Post] = {post.id: post for post in self.coming}
        self.wanted = {(post.id, entry.channel) for post in self.coming for entry in post.channels}
        self.outcome: Outcome | None = None
        self.open = True
        self.looked = BEGIN - timedelta(minutes=1)
        self.memory: list[tuple[int, int, int]] = []
        """At the end of the first day and at the very end: blocks, resident MiB, posts on the servers."""

    def networks(self) -> list[Network]:
        return [network for network in self.stage.networks.values() if isinstance(network, Network)]

    def written(self) -> list[Post]:
        """Write the posts: at any minute, on one to three channels, one in ten a thread of three parts."""
        posts: list[Post] = []
        left = self.number
        minutes = self.days * 24 * 60 - 60
        while left:
            name = f"post-{len(posts):04d}"
            channels = self.chance.sample(CHANNELS, min(self.chance.choice((1, 1, 2, 3)), left))
            left -= len(channels)
            at = BEGIN + timedelta(minutes=self.chance.randrange(minutes))
            parts = tuple(f"{name}/{part} version 0" for part in range(self.chance.choice((1,) * 9 + (3,))))
            posts.append(replace(a_post(name, channels=channels, parts=parts), date=parse_when(at.isoformat())))
        return posts

    # --- time -------------------------------------------------------------------------------------------------------

    def live(self) -> None:
        """Let the days pass, a tick a minute."""
        clock = self.stage.clock
        end = BEGIN + timedelta(days=self.days)
        while clock.now < end:
            self.tick()
            clock.turn(minutes=1)
            if clock.now == BEGIN + timedelta(days=1):
                self.memory.append((*memory(), self.there()))

    def tick(self) -> None:
        now, chance = self.stage.clock.now, self.chance
        self.counts["ticks"] += 1
        for network in self.networks():
            network.settle()
        while self.coming and _due(self.coming[-1]) <= now + timedelta(hours=2):
            self.stage.posts.append(self.coming.pop())
        ended = timedelta(days=self.days / 2) <= now - BEGIN < timedelta(days=self.days / 2, hours=11)
        self.network(FORGOTTEN).locked = ended
        if chance.random() < 1 / 600:
            self.pause()
        self.stage.pauses = [pause for pause in self.stage.pauses if parse_when(pause.until).at(_ZONE) > now]
        if chance.random() < 1 / 60:
            self.change()
        if (now - BEGIN) % timedelta(hours=4) == timedelta(hours=3):
            self.help()
        if self.open or any(self.looked < _due(post) <= now for post in self.stage.posts):
            self.run()
        else:
            self.counts["idle ticks"] += 1
            if self.counts["idle ticks"] % 50 == 0:
                self.run_in_vain()
        self.looked = now

    def run(self) -> None:
        """Make a run; it may be killed, or have a wrong clock."""
        chance = self.chance
        self.clone = chance.choice(self.clones)
        kill = chance.choice(STEPS) if self.networks()[0].faulty and chance.random() < FAULT else ""
        wrong = timedelta(minutes=20 if not kill and chance.random() < FAULT / 4 else 0)
        before = self.held()
        self.counts["runs"] += 1
        try:
            self.outcome = self.publish(wrong, kill)
        except Killed:
            self.counts["killed runs"] += 1
            self.open = True
            return
        except ClockError:
            self.counts["runs with a wrong clock"] += 1
            assert wrong, "a clock that is right was called wrong"
            assert self.held() == before, "sent with a wrong clock"
            self.open = True
            return
        if wrong:
            self.open = True
            return
        now = self.stage.clock.now
        self.open = any(
            item.action in ("send", "reconcile", "hold")
            or (item.action == "later" and item.due is not None and item.due <= now)
            for item in (*self.outcome.plan.decisions, *self.outcome.plan.orphans)
        )
        if not self.open and chance.random() < 0.2:
            self.tidy()

    def publish(self, wrong: timedelta = timedelta(0), kill: str = "") -> Outcome:
        at = kill_at(kill, self.chance.choice((1, 1, 2))) if kill else lambda _step: None
        return self.clone.publish(
            now=lambda: self.stage.clock.now + wrong,
            at=at,
            pauses=lambda: self.stage.pauses,
            token=lambda: f"{self.chance.getrandbits(64):016x}",
            server_time=lambda _channel: self.stage.clock.now,
            report=lambda _text: None,
            sleep=lambda _seconds: None,
        )

    def run_in_vain(self) -> None:
        before = self.held(), self.bytes_of_ledger()
        self.publish()
        self.counts["idle ticks run"] += 1
        assert (self.held(), self.bytes_of_ledger()) == before, "a tick without work did something"

    def held(self) -> int:
        return sum(network.sends + network.looks for network in self.networks())

    def there(self) -> int:
        return sum(len(place.posts) for place in self.stage.places.values())

    def growth(self) -> float:
        """Return by how much what is held has grown since the first day; forgets what the servers hold."""
        (first, _, few), (last, _, many) = self.memory
        before, _ = memory()
        for network in self.networks():
            network.place.posts.clear()
            network.written.clear()
        each = (before - memory()[0]) / many
        return (last - many * each) / (first - few * each) - 1

    def bytes_of_ledger(self) -> str:
        seen = sha256()
        for file in sorted(self.clone.workspace.ledger.rglob("*.json")):
            seen.update(file.read_bytes())
        return seen.hexdigest()

    # --- people -----------------------------------------------------------------------------------------------------

    def network(self, channel: str) -> Network:
        network = self.stage.networks[channel]
        assert isinstance(network, Network)
        return network

    def pause(self) -> None:
        what = self.chance.choice(("everything", *(f"channel:{name}" for name in CHANNELS)))
        until = self.stage.clock.now + timedelta(minutes=self.chance.choice((10, 30, 70)))
        self.stage.pauses.append(Pause(what, "an earthquake", "Elif", until=until.isoformat()))
        self.counts["pauses"] += 1

    def change(self) -> None:
        """Edit or rename a post, published or not."""
        if not self.stage.posts:
            return
        number = self.chance.randrange(len(self.stage.posts))
        post = self.stage.posts[number]
        self.counts["edits"] += 1
        version = self.counts["edits"]
        parts = tuple(f"{post.id}/{part} version {version}" for part in range(len(post.parts)))
        if self.chance.random() < 0.3:
            self.stage.posts[number] = replace(post, path=f"posts/moved/{version}.md")
        else:
            self.stage.posts[number] = replace(post, parts=parts, digest=f"digest of {parts}")

    def help(self) -> None:
        """Do what the list of needs asks for: look on the network and say what is there, try again, give a new date."""
        if self.outcome is None:
            return
        ledger = self.clone.ledger()
        late = set()
        for need in needs(self.outcome.plan, ledger, self.stage.clock.now):
            decision = need.decision
            name = (decision.post.id, decision.channel.name)
            delivery = ledger.deliveries.get(name)
            if decision.action == "too_late":
                late.add(decision.post.id)
            elif delivery is not None and not self.network(name[1]).locked:
                self.decide(name, delivery)
        for number, post in enumerate(self.stage.posts):
            if post.id in late:
                self.counts["new dates"] += 1
                at = self.stage.clock.now + timedelta(minutes=self.chance.randrange(1, 120))
                self.stage.posts[number] = replace(post, date=parse_when(at.isoformat(timespec="seconds")))
        self.open = True

    def decide(self, name: tuple[str, str], delivery: Delivery) -> None:
        part = first_unsettled(delivery)
        assert part is not None
        seen = [post for post in self.stage.places[name[1]].posts if post[0].startswith(f"{name[0]}/{part} ")]
        choice: Choice = Sent((self.network(name[1]).receipt(seen[0][2]).url,)) if seen else Again()
        channel = next(channel for channel in self.stage.channels if channel.name == name[1])
        now = self.stage.clock.now
        # A decision may be refused, in words: then nothing has happened, and the next visit comes.
        with contextlib.suppress(UsageError, PushRejected):
            resolve(
                self.clone.workspace,
                name,
                lambda _ledger, found: decided(found, choice, "Elif", now, RULES, channel=channel),
                sleep=lambda _seconds: None,
            )
            self.counts["decisions"] += 1

    def tidy(self) -> None:
        """Take posts out of the repository that were done with six hours ago."""
        assert self.outcome is not None
        busy = {item.post.id for item in self.outcome.plan.decisions if item.action != "settled"}
        busy |= {item.post.id for item in self.outcome.plan.decisions if item.state is State.FAILED}
        old = self.stage.clock.now - timedelta(hours=6)
        self.stage.posts = [post for post in self.stage.posts if post.id in busy or _due(post) > old]

    # --- the account ------------------------------------------------------------------------------------------------

    def repair(self) -> None:
        """End all faults, and go on until everything that goes by itself has gone."""
        self.stage.pauses = []
        for network in self.networks():
            network.faulty, network.locked = False, False
        begin = self.stage.clock.now
        while self.stage.clock.now < begin + timedelta(hours=14):
            for network in self.networks():
                network.settle()
            if (self.stage.clock.now - BEGIN) % timedelta(hours=1) == timedelta(0):
                self.help()
            if self.open or any(self.looked < _due(post) <= self.stage.clock.now for post in self.stage.posts):
                self.run()
            self.looked = self.stage.clock.now
            self.stage.clock.turn(minutes=5)

    def account(self) -> Counter[str]:
        """Judge every delivery; return how they ended."""
        ledger = self.clone.ledger()
        assert not ledger.faults
        assert self.outcome is not None
        told = {
            (need.decision.post.id, need.decision.channel.name)
            for need in needs(self.outcome.plan, ledger, self.stage.clock.now)
        }
        there: dict[tuple[str, str], list[tuple[str, str, str]]] = {}
        for channel, place in self.stage.places.items():
            for text, _, identity, parent, _ in place.posts:
                post, _, part = text.partition(" ")[0].rpartition("/")
                there.setdefault((post, channel), []).append((part, identity, parent))
        assert not there.keys() - self.wanted
        ends = Counter[str]()
        for name in sorted(self.wanted):
            found = sorted(there.get(name, []))
            assert len({part for part, _, _ in found}) == len(found), f"twice: {name} {found}"
            assert [parent for _, _, parent in found] == ["", *(identity for _, identity, _ in found)][: len(found)]
            delivery = ledger.deliveries.get(name)
            state = state_of(delivery) if delivery else State.PLANNED
            if state is State.CONFIRMED:
                assert delivery is not None
                assert len(found) == len(self.posts[name[0]].parts), f"lost: {name} {found}"
                assert [receipt.id for receipt in receipts_of(delivery)] == [identity for _, identity, _ in found]
            else:
                assert name in told, f"lost without a word: {name}, {state}, {found}"
                confirmed = part_states(delivery).count(State.CONFIRMED) if delivery else 0
                assert len(found) in (confirmed, confirmed + 1)
            ends[str(state)] += 1
        return ends

    def say(self, ends: Counter[str]) -> None:
        met = sum((network.met for network in self.networks()), Counter[str]())
        sends, looks = sum(item.sends for item in self.networks()), sum(item.looks for item in self.networks())
        kept = "in git" if self.git else "in plain files"
        print(f"\nsoak, seed {self.seed}: {self.days} days, {len(self.wanted)} deliveries {kept}; 0 twice, 0 lost")
        print(f"  {_told(ends)}")
        print(f"  {_told(self.counts)}; {sends} sends, {looks} looks; faults: {_told(met)}")


_ZONE = ZoneInfo("UTC")


def _due(post: Post) -> datetime:
    assert post.date is not None
    return post.date.at(_ZONE)


def _told(counts: Counter[str]) -> str:
    return ", ".join(f"{count} {what}" for what, count in sorted(counts.items()))


def memory() -> tuple[int, int]:
    """Return what this process holds after a collection: blocks, and MiB that are resident (0 where nobody says)."""
    gc.collect()
    told = Path("/proc/self/statm")
    pages = int(told.read_text("ascii").split()[1]) if told.exists() else 0
    return sys.getallocatedblocks(), pages * 4096 // 2**20


def soak(week: Week) -> Counter[str]:
    week.live()
    week.repair()
    week.memory.append((*memory(), week.there()))
    ends = week.account()
    week.say(ends)
    return ends


def test_a_day_of_a_busy_team(tmp_path: Path) -> None:
    week = Week(tmp_path, seed=20261201, days=1, number=286)
    ends = soak(week)
    assert ends["confirmed"] > 270
    assert week.counts["idle ticks run"] > 5


@pytest.mark.nightly
def test_a_week_of_a_busy_team(tmp_path: Path) -> None:
    week = Week(tmp_path, seed=20261206, days=7, number=2000)
    ends = soak(week)
    assert ends["confirmed"] > 1900
    growth = week.growth()
    (blocks, resident, _), (_, resident_then, _) = week.memory
    print(f"  memory: {blocks} blocks after a day, {growth:+.1%} at the end; resident {resident}, {resident_then} MiB")
    assert growth < 0.05


@pytest.mark.nightly
def test_a_day_of_two_runners_on_one_remote(tmp_path: Path) -> None:
    ends = soak(Week(tmp_path, seed=20261207, days=1, number=300, git=True))
    assert ends["confirmed"] > 280
