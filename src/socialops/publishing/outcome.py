"""What a run did: what became of each delivery, and what whoever started the run must know."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from socialops.publishing.attention import JUST_MISSED
from socialops.publishing.breaker import breakers
from socialops.publishing.machine import Delivery, State, instant, receipts_of, state_of
from socialops.publishing.plan import Decision, Plan
from socialops.publishing.reasons import lacking

if TYPE_CHECKING:
    from socialops.publishing.ledger import Ledger, Name


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one delivery in this run."""

    post: str
    channel: str
    state: State
    url: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run did. *plan* is what it went by at the end."""

    results: tuple[Result, ...]
    plan: Plan
    exit_code: int = 0
    refused: int = 0
    """How many claims were refused because another run was first."""
    trouble: str = ""
    """What stopped the run before its end, in words."""

    @property
    def counts(self) -> dict[str, int]:
        """How many deliveries ended in each state."""
        return dict(sorted(Counter(str(result.state) for result in self.results).items()))


class Told:
    """What became of each delivery, remembered, and said at once."""

    def __init__(self, report: Callable[[str], None]) -> None:
        self.results: dict[Name, Result] = {}
        self.report = report

    def in_order(self) -> tuple[Result, ...]:
        """Return all of it, by post and channel."""
        return tuple(self.results[name] for name in sorted(self.results))

    def note(self, delivery: Delivery, message: str = "", *, state: State | None = None) -> None:
        """Remember and say what became of a delivery."""
        receipts = receipts_of(delivery)
        standing = state or state_of(delivery)
        url = receipts[0].url if receipts else ""
        if standing is State.CONFIRMED:
            message = "; ".join(filter(None, (message, lacking(delivery))))
        elif not message:
            message = last_words(delivery)
        self.results[(delivery.post, delivery.channel)] = Result(
            delivery.post, delivery.channel, standing, url, message
        )
        words = " ".join(word for word in (url, message) if word)
        self.report(f"{standing}: {delivery.post} → {delivery.channel}" + (f": {words}" if words else ""))

    def say(self, decision: Decision, state: State, message: str) -> None:
        """Remember and say what became of a decision that never was a delivery."""
        self.results[(decision.post.id, decision.channel.name)] = Result(
            decision.post.id, decision.channel.name, state, "", message
        )
        self.report(f"{state}: {decision.post.id} → {decision.channel.name}: {message}")


def exit_code(results: Collection[Result], decided: Plan, ledger: Ledger, now: datetime, *, failed: bool) -> int:
    """Return 0 when all is fine, 1 when something was not sent, 3 when a person must look.

    *failed*: the run itself met trouble.
    """
    states = {result.state for result in results}
    code = 0
    missed = [
        decision
        for decision in decided.by_action("too_late")
        if decision.due is not None and not decision.channel.sandbox and now - decision.due < JUST_MISSED
    ]
    if failed or missed or State.FAILED in states:
        code = 1
    stormy = any(decision.stormy for decision in decided.by_action("hold"))
    if any(lacking(ledger.deliveries.get((result.post, result.channel))) for result in results):
        code = 3
    if states & {State.UNKNOWN, State.ATTENTION} or decided.by_action("attention") or stormy:
        code = 3
    if breakers(ledger, now):
        code = 3
    return code


def not_before(delivery: Delivery) -> datetime | None:
    """Return until when a network asked to wait; None when it did not."""
    times = [str(event.detail["not_before"]) for event in delivery.events if event.detail.get("not_before")]
    return instant(times[-1]) if times else None


def last_words(delivery: Delivery) -> str:
    """Return the newest thing its record says about why it stands where it does."""
    for event in reversed(delivery.events):
        words = event.detail.get("why") or event.detail.get("message")
        if words and not event.detail.get("released"):
            return str(words)
    return str(delivery.events[-1].detail.get("message", "")) if delivery.events else ""
