"""What is wrong with a channel's budget: the rules; what was spent is known where the ledger is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from socialops.checks.rule import Rule, rules
from socialops.compose.limits import limits_of
from socialops.problem import Problem, Severity

if TYPE_CHECKING:
    from socialops.content.channel import Channel

_X = "=== brand/channels/x.md\n---\nnetwork: x\nhandle: us\nzone: Europe/Istanbul\nbudget: {month: MONTH}\n---\nOurs\n"
_POST = "=== posts/2026/12/post.md\n---\ndate: 2026-12-20 09:30\nchannels: [x]\nlink: https://example.org\n---\nHello\n"

BUDGET_CURRENCY = Rule(
    "budget-currency",
    Severity.ERROR,
    "A channel's budget is in another currency than the network charges in.",
    "Nobody here knows the rate of the day, so nothing is published there until it is corrected.",
    _X.replace("MONTH", "20, currency: EUR"),
    _X.replace("MONTH", "20, currency: USD"),
)
BUDGET_EXCEEDED = Rule(
    "budget-exceeded",
    Severity.WARNING,
    "The posts of a month would cost more than the channel's budget.",
    "What goes beyond the budget is held back. A month is a calendar month in UTC; what went out in it counts too.",
    _X.replace("MONTH", "0.01") + _POST,
    _X.replace("MONTH", "20") + _POST,
)
RULES = rules(BUDGET_CURRENCY, BUDGET_EXCEEDED)


def currency_of(channel: Channel) -> str:
    """Return the currency a network charges in: the unit of its prices (`cost_…` in its limits)."""
    entries = limits_of(channel).entries
    return next((limit.unit for name, limit in sorted(entries.items()) if name.startswith("cost")), "USD")


def judge_budget(channel: Channel) -> list[Problem]:
    """Judge a channel's own `budget:`."""
    if channel.budget is None or (currency := currency_of(channel)) == channel.budget.currency:
        return []
    line, column = channel.positions.get("budget", (1, 1))
    return [
        Problem(
            channel.path,
            line,
            column,
            BUDGET_CURRENCY.id,
            f"{channel.name} is charged in {currency}; its budget is in {channel.budget.currency}.",
            f"Write what it may cost in {currency}: `budget: {{month: 20, currency: {currency}}}`.",
            BUDGET_CURRENCY.severity,
        )
    ]
