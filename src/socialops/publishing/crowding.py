"""Crowding: which of the posts that are due go out in this run, and which wait for the others.

A post is judged beside what its channel got before and what else is due there: the minimum gap, the most in one run,
the same words again, a storm of late posts, and the breaker. The rest of a thread that is half out goes first, and
waits for nothing but the breaker.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from socialops.compose.recurrence import base_of
from socialops.publishing.history import published, said_before, words_of
from socialops.publishing.machine import first_unsettled, last_sent_at, stamp
from socialops.publishing.reasons import asked_again, begun, count, length, local, resting

if TYPE_CHECKING:
    from socialops.content.channel import Channel
    from socialops.publishing.breaker import Breaker
    from socialops.publishing.ledger import Ledger
    from socialops.publishing.machine import Delivery
    from socialops.publishing.plan import Action, Decision

MOST_IN_A_RUN = 5
"""How many posts one run sends on a channel."""
STORM_LATENESS = timedelta(hours=1)
STORM_ON_A_CHANNEL = 5
STORM_IN_ALL = 20
"""More posts than this that are an hour late at once are a broken schedule, not a busy day: a person looks first."""
CLOCKS_DIFFER = timedelta(hours=1)
"""How far a network's clock may be from ours before a gap is told wrong."""


def order(decision: Decision) -> tuple[str, str, str]:
    """Return what sorts decisions by due time, post and channel."""
    return (stamp(decision.due) if decision.due else "9999", decision.post.id, decision.channel.name)


def among(
    candidates: Sequence[Decision],
    ledger: Ledger,
    now: datetime,
    gap: timedelta,
    tripped: Mapping[str, Breaker],
    posts: Collection[str],
) -> list[Decision]:
    """Return those that are due, each with what happens to it now, and why.

    *gap* is the shortest time between two posts of a channel that names none; *tripped* are the channels whose sends
    keep failing; *posts* are the ids that are in the repository.
    """
    return _Crowd(candidates, ledger, now, gap, tripped, posts).decided()


class _Crowd:
    """Everything that is due at one moment."""

    def __init__(
        self,
        candidates: Sequence[Decision],
        ledger: Ledger,
        now: datetime,
        gap: timedelta,
        tripped: Mapping[str, Breaker],
        posts: Collection[str],
    ) -> None:
        self.ledger = ledger
        self.now = now
        self.gap = gap
        self.tripped = tripped
        self.posts = posts
        self.candidates = sorted(candidates, key=lambda decision: (not self.resumes(decision), *order(decision)))
        channels = {decision.channel.name for decision in candidates}
        self.last = self.last_sent()
        self.texts = published(ledger, now, channels) if channels else {}
        self.stormy = self.storms()
        self.sent: Counter[str] = Counter()
        self.tried: dict[str, str] = {}
        """Which post is the one try of a channel whose sends keep failing."""

    def decided(self) -> list[Decision]:
        return [self.judged(decision) for decision in self.candidates]

    def judged(self, decision: Decision) -> Decision:
        name, resumes = decision.channel.name, self.resumes(decision)
        text = words_of(decision.draft.record()) if decision.draft else ""
        held = self.broken(decision)
        if held is None and name in self.stormy and self.is_new(decision):
            return replace(decision, action="hold", reason=self.stormy[name], stormy=True)
        if held is None and not resumes:
            held = self.crowded(decision, text)
        if held is not None:
            return replace(decision, action=held[0], reason=held[1])
        if name in self.tripped:
            self.tried.setdefault(name, decision.post.id)
        if not resumes:
            self.sent[name] += 1
            self.last[name] = self.now
            if text:
                self.texts.setdefault(name, {})[text] = (decision.post.id, self.now)
        return replace(decision, reason=self.going(decision))

    def broken(self, decision: Decision) -> tuple[Action, str] | None:
        """Say what the channel's breaker holds back: everything for an hour, then all but one; None for a person."""
        breaker = self.tripped.get(decision.channel.name)
        if breaker is None or asked_again(self.delivery(decision)):
            return None
        if breaker.rests(self.now):
            return "hold", resting(breaker, decision.channel)
        trying = self.tried.get(decision.channel.name)
        if trying is not None:
            return "hold", f"{breaker.told(decision.channel.name)}; {trying} is tried first"
        return None

    def crowded(self, decision: Decision, text: str) -> tuple[Action, str] | None:
        """Say what on its channel keeps a post that is due back: its own text, or too many posts at once."""
        name = decision.channel.name
        twin, _ = self.texts.get(name, {}).get(text, ("", None))
        # What comes again by a rule says its own words again.
        if twin and base_of(twin) != base_of(decision.post.id) and not decision.post.repeat:
            return "hold", said_before(twin, gone=twin not in self.posts and base_of(twin) not in self.posts)
        if self.sent[name] >= MOST_IN_A_RUN:
            return "later", f"{MOST_IN_A_RUN} posts on {name} in one run are enough; the next run takes it"
        last, gap = self.last.get(name), gap_of(decision.channel, self.gap)
        if last is not None and last + gap > self.now:
            return "later", f"{length(gap)} between posts on {name}: from {local(last + gap, decision.channel)}"
        return None

    def storms(self) -> dict[str, str]:
        """Return why nothing goes out on a channel where, or when, far too much is late at once.

        What was tried before counts for nothing here, and is not held: it came in time, and the network was in the way.
        """
        late = Counter(
            decision.channel.name
            for decision in self.candidates
            if decision.due is not None and self.now - decision.due > STORM_LATENESS and self.is_new(decision)
        )
        advice = "look at the dates, then give new ones to those that shall still go out"
        if late.total() > STORM_IN_ALL:
            return dict.fromkeys(
                {decision.channel.name for decision in self.candidates},
                f"{late.total()} posts are more than 1 h late at once, so none goes out: {advice}",
            )
        return {
            name: f"{count} posts on {name} are more than 1 h late at once, so none goes out there: {advice}"
            for name, count in late.items()
            if count > STORM_ON_A_CHANNEL
        }

    def last_sent(self) -> dict[str, datetime]:
        """Return when each channel last got a post, or perhaps got one, as far back as a gap reaches."""
        last: dict[str, datetime] = {}
        gaps = {decision.channel.name: gap_of(decision.channel, self.gap) for decision in self.candidates}
        longest = max(gaps.values(), default=timedelta(0))
        # Networks say by their own clocks when a post appeared.
        for delivery in self.ledger.since(self.now - longest - CLOCKS_DIFFER) if gaps else ():
            sent = last_sent_at(delivery)
            if sent is not None:
                last[delivery.channel] = max(sent, last.get(delivery.channel, sent))
        return last

    def delivery(self, decision: Decision) -> Delivery | None:
        return self.ledger.deliveries.get((decision.post.id, decision.channel.name))

    def is_new(self, decision: Decision) -> bool:
        return self.delivery(decision) is None

    def resumes(self, decision: Decision) -> bool:
        delivery = self.delivery(decision)
        return delivery is not None and begun(delivery)

    def going(self, decision: Decision) -> str:
        delivery = self.delivery(decision)
        if delivery is not None and begun(delivery):
            return f"{count(delivery)}; it goes on with part {(first_unsettled(delivery) or 0) + 1}"
        return "due" if delivery is None else "due, tried before"


def gap_of(channel: Channel, gap: timedelta) -> timedelta:
    """Return the shortest time between two posts of a channel: its own, or else the workspace's."""
    return gap if channel.minimum_gap is None else channel.minimum_gap
