"""What publishing costs where a network charges for it, and whether a channel keeps to its budget.

Pure: prices come from the adapters (`cost`), what was spent from the ledger, what will be from the drafts. A month is a
calendar month in UTC, as networks bill it. Whatever was claimed counts as spent, even when nobody knows whether it
arrived: a budget errs on the safe side. Practice channels cost nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from socialops.checks.spending import BUDGET_EXCEEDED, currency_of
from socialops.compose.limits import limits_of
from socialops.compose.schedule import due as due_of
from socialops.errors import SocialopsError, UsageError
from socialops.networks import adapter
from socialops.networks.draft import draft_from_record
from socialops.problem import Problem
from socialops.publishing.machine import Delivery, State, instant, last_event, part_states
from socialops.publishing.reasons import begun

if TYPE_CHECKING:
    from socialops.content.channel import Channel
    from socialops.content.load import Content
    from socialops.content.post import Post
    from socialops.networks.draft import Draft, Part
    from socialops.publishing.ledger import Ledger
    from socialops.publishing.plan import Decision

AHEAD = timedelta(days=30)
"""How far the estimate of what is to come looks."""
_FAR = timedelta(days=62)
"""What is further away is not priced: it would have to be composed."""

_CHARGED = frozenset({State.CONFIRMED, State.REMOVED, State.INTENT, State.UNKNOWN, State.ATTENTION})
_CENT = Decimal("0.01")

Compose = Callable[["Post", "Channel", "Content"], "Draft"]


@dataclass(frozen=True, slots=True)
class Estimate:
    """What the posts of a channel in the next 30 days will cost."""

    amount: Decimal
    currency: str
    posts: int


def money(amount: Decimal, currency: str) -> str:
    """Return `0.20 USD`, `0.015 USD`: cents, and more digits only where there are any."""
    exact = amount if amount != amount.quantize(_CENT) else amount.quantize(_CENT)
    return f"{exact:f} {currency}"


def prices(channel: Channel) -> Callable[[Part], Decimal] | None:
    """Return what tells the price of a part on a channel; None where nothing is charged."""
    if channel.sandbox:
        return None
    try:
        cost = getattr(adapter(channel.network), "cost", None)
    except UsageError:
        return None
    if cost is None:
        return None
    limits = limits_of(channel)

    def price(part: Part) -> Decimal:
        amount: Decimal = cost(part, limits)
        return amount

    return price


def price_of(draft: Draft, channel: Channel) -> str:
    """Return in words what a draft costs; empty where nothing is charged."""
    price = prices(channel)
    return "about " + money(sum(map(price, draft.parts), Decimal(0)), currency_of(channel)) if price else ""


class Till:
    """The money of one channel: what each month costs, so far and as planned."""

    def __init__(self, channel: Channel, ledger: Ledger, now: datetime, price: Callable[[Part], Decimal]) -> None:
        self.channel = channel
        self.currency = currency_of(channel)
        self.price = price
        self.limit = channel.budget.month if channel.budget else Decimal("Infinity")
        self.months: dict[str, Decimal] = defaultdict(Decimal)
        begins = now.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        for delivery in ledger.since(begins, channel.name):
            for at, amount in self.charged(delivery):
                self.months[month_of(at)] += amount

    def charged(self, delivery: Delivery) -> Iterable[tuple[datetime, Decimal]]:
        """Give when each part that went out, or perhaps did, was charged, and how much."""
        try:
            parts = draft_from_record(delivery.draft).parts
        except (KeyError, TypeError, ValueError):
            return
        for number, (part, state) in enumerate(zip(parts, part_states(delivery), strict=False)):
            event = last_event(delivery, number, State.CONFIRMED) or last_event(delivery, number)
            if state in _CHARGED and event is not None:
                yield instant(event.at), self.price(part)

    def left_to_pay(self, draft: Draft, delivery: Delivery | None) -> Decimal:
        """Return what is still to be paid for a draft: the parts that are not out yet."""
        states = part_states(delivery) if delivery is not None and begun(delivery) else ()
        paid = {number for number, state in enumerate(states) if state in _CHARGED}
        return sum((self.price(part) for number, part in enumerate(draft.parts) if number not in paid), Decimal(0))

    def exceeds(self, at: datetime, amount: Decimal) -> bool:
        """Tell whether *amount* at that time is more than the month's budget has left."""
        return amount > 0 and self.months[month_of(at)] + amount > self.limit

    def pay(self, at: datetime, amount: Decimal) -> None:
        """Take note of what is planned."""
        self.months[month_of(at)] += amount

    def over(self, at: datetime, amount: Decimal) -> str:
        """Say why a post is held."""
        month = month_of(at)
        spent, most, price = (money(amount, self.currency) for amount in (self.months[month], self.limit, amount))
        return (
            f"over the budget: it costs about {price}, and of the {most} for {month} {spent} are spent or planned "
            f"before it. Give it a date in another month, or raise `budget:` in {self.channel.path}"
        )


def month_of(at: datetime) -> str:
    """Return the calendar month (UTC) of an instant, as `2026-12`."""
    return at.astimezone(UTC).strftime("%Y-%m")


def priced(
    decisions: Sequence[Decision], ledger: Ledger, now: datetime, draft_of: Callable[[Decision], Draft | None]
) -> list[Decision]:
    """Return the decisions of a plan with what they cost; those over their channel's budget are held.

    The earlier post has the earlier claim on the money. The rest of a thread that is half out is never held.
    """
    tills: dict[str, Till | None] = {}
    judged = dict(enumerate(decisions))
    for index, decision in sorted(judged.items(), key=lambda item: _due(item[1])):
        channel = decision.channel
        if decision.action not in ("send", "later") or decision.due is None or decision.due > now + _FAR:
            continue
        if channel.name not in tills:
            price = prices(channel)
            tills[channel.name] = Till(channel, ledger, now, price) if price else None
        till = tills[channel.name]
        draft = draft_of(decision) if till else None
        if till is None or draft is None:
            continue
        delivery = ledger.deliveries.get((decision.post.id, channel.name))
        at, amount = max(decision.due, now), till.left_to_pay(draft, delivery)
        resumes = delivery is not None and begun(delivery)
        if not resumes and till.exceeds(at, amount):
            judged[index] = replace(decision, action="hold", reason=till.over(at, amount), cost=amount)
            continue
        till.pay(at, amount)
        reason = f"{decision.reason}; it costs about {money(amount, till.currency)}"
        judged[index] = replace(decision, reason=reason, cost=amount)
    return [judged[index] for index in range(len(decisions))]


def _due(decision: Decision) -> tuple[str, str, str]:
    return (decision.due.isoformat() if decision.due else "9999", decision.post.id, decision.channel.name)


def estimates(decisions: Iterable[Decision], now: datetime) -> dict[str, Estimate]:
    """Return, by channel, what a plan's posts of the next 30 days cost, where a network charges."""
    found: dict[str, Estimate] = {}
    for decision in decisions:
        if decision.cost is None or decision.action == "hold" or decision.due is None or decision.due > now + AHEAD:
            continue
        name = decision.channel.name
        before = found.get(name) or Estimate(Decimal(0), currency_of(decision.channel), 0)
        found[name] = replace(before, amount=before.amount + decision.cost, posts=before.posts + 1)
    return dict(sorted(found.items()))


# --- for `check`: what the calendar would cost, before anything is planned --------------------------------------------


def outlook(
    content: Content, ledger: Ledger, now: datetime, *, compose: Compose | None = None
) -> tuple[list[Problem], dict[str, Estimate]]:
    """Return what breaks the channels' budgets as the calendar is now, and what the next 30 days cost, by channel."""
    tills = {
        name: Till(channel, ledger, now, price)
        for name, channel in content.channels.items()
        if (price := prices(channel)) is not None
    }
    if not tills:
        return [], {}
    from socialops.publishing.promises import as_scheduled

    content = as_scheduled(content, ledger, now)
    found = {name: Estimate(Decimal(0), till.currency, 0) for name, till in tills.items()}
    first_over: dict[tuple[str, str], str] = {}
    for at, post, till in sorted(_to_come(content, ledger, now, tills), key=lambda item: (item[0], item[1].id)):
        name = till.channel.name
        try:
            draft = (compose or _compose)(post, till.channel, content)
        except SocialopsError:
            continue
        amount = till.left_to_pay(draft, None)
        if till.exceeds(at, amount):
            first_over.setdefault((name, month_of(at)), post.id)
        till.pay(at, amount)
        if at <= now + AHEAD:
            found[name] = replace(found[name], amount=found[name].amount + amount, posts=found[name].posts + 1)
    problems = [_exceeded(tills[name], month, post) for (name, month), post in sorted(first_over.items())]
    return problems, {name: estimate for name, estimate in sorted(found.items()) if estimate.posts}


def _to_come(
    content: Content, ledger: Ledger, now: datetime, tills: Mapping[str, Till]
) -> Iterable[tuple[datetime, Post, Till]]:
    for post in content.posts:
        for entry in post.channels:
            till = tills.get(entry.channel)
            if till is None or post.draft or (post.id, entry.channel) in ledger.deliveries:
                continue
            at = due_of(post, till.channel)
            if at is not None and now <= at <= now + _FAR:
                yield at, post, till


def _exceeded(till: Till, month: str, post: str) -> Problem:
    line, column = till.channel.positions.get("budget", (1, 1))
    return Problem(
        till.channel.path,
        line,
        column,
        BUDGET_EXCEEDED.id,
        f"{month} would cost about {money(till.months[month], till.currency)} on {till.channel.name}, more than its "
        f"budget of {money(till.limit, till.currency)}: {post} is the first post that would be held.",
        "Give some posts a date in another month, or raise `budget:`. A post with a link often costs more.",
        BUDGET_EXCEEDED.severity,
    )


def _compose(post: Post, channel: Channel, content: Content) -> Draft:
    from socialops.compose.compose import compose

    return compose(post, channel, content)
