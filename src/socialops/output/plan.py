"""The plan and the outcome of a publish run, for people and for programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from socialops.checks.spending import currency_of
from socialops.output import json as as_json_document
from socialops.output.text import count_of, harmless, paint
from socialops.publishing.attention import mending
from socialops.publishing.spending import AHEAD, estimates, money

if TYPE_CHECKING:
    from socialops.publishing.attention import Need
    from socialops.publishing.breaker import Breaker
    from socialops.publishing.outcome import Outcome
    from socialops.publishing.plan import Decision, Plan
    from socialops.publishing.spending import Estimate

SOON = timedelta(days=14)
"""What is further away than this, before or behind us, is left out of the text unless asked for."""

_NONE: Mapping[str, Breaker] = MappingProxyType({})
_LONG = 60
"""A reason longer than this is not said twice in a row."""
_HEADINGS = (
    ("attention", "Needs a person", "1;31"),
    ("reconcile", "To be looked up first", "33"),
    ("send", "Due now", "1;32"),
    ("failed", "Failed", "31"),
    ("too_late", "Too late", "31"),
    ("hold", "Held back", "33"),
    ("later", "Later", ""),
    ("draft", "Drafts", "2"),
    ("settled", "Settled", "2"),
)


def as_text(plan: Plan, *, now: datetime, zone: tzinfo, everything: bool = False, colour: bool = False) -> str:
    """Return the plan as paragraphs, the most pressing first; times in *zone*."""
    lines = [f"Plan at {now.astimezone(zone):%a %Y-%m-%d %H:%M %Z}"]
    left_out = 0
    for kind, heading, style in _HEADINGS:
        decisions = sorted((decision for decision in _all(plan) if _kind(decision) == kind), key=_order)
        shown = [decision for decision in decisions if everything or _pressing(decision, now)]
        left_out += len(decisions) - len(shown)
        if shown:
            lines.append("")
            lines.append(paint(f"{heading} ({len(shown)})", style or "1", colour))
            before = ""
            for decision in shown:
                lines.append(_line(decision, zone, known=before))
                before = decision.reason
            if kind == "attention":
                lines.append("  What to do about each: socialops plan --attention")
    if len(lines) == 1:
        lines += ["", "Nothing is due, and nothing is held back."]
    lines += [f"\n{told}" for told in costs(estimates(plan.decisions, now))]
    if left_out:
        verb = "is" if left_out == 1 else "are"
        lines += ["", f"{left_out} more {verb} settled, or more than two weeks away; --all shows them."]
    return "\n".join(lines) + "\n"


def costs(found: Mapping[str, Estimate]) -> list[str]:
    """Say, by channel, what the posts of the next 30 days cost."""
    return [
        f"The next {AHEAD.days} days cost about {money(estimate.amount, estimate.currency)} on {harmless(channel)} "
        f"({count_of(estimate.posts, 'post')})."
        for channel, estimate in found.items()
    ]


def _all(plan: Plan) -> tuple[Decision, ...]:
    """Return every decision, those about deliveries whose post is gone included."""
    return (*plan.decisions, *plan.orphans)


def _kind(decision: Decision) -> str:
    # No machine goes on with what failed, but nobody must miss it among what went well.
    return "failed" if decision.action == "settled" and decision.state == "failed" else decision.action


def _pressing(decision: Decision, now: datetime) -> bool:
    kind = _kind(decision)
    if kind == "settled":
        return False
    return kind not in ("later", "too_late", "failed") or decision.due is None or abs(decision.due - now) <= SOON


def _order(decision: Decision) -> tuple[str, str, str]:
    return (decision.due.isoformat() if decision.due else "9999", decision.post.id, decision.channel.name)


def _line(decision: Decision, zone: tzinfo, *, known: str = "") -> str:
    """Say one decision; a reason that is *known* from the line above is not said again."""
    when = f"{decision.due.astimezone(zone):%a %Y-%m-%d %H:%M}" if decision.due else "no date yet         "
    again = decision.reason == known and len(known) > _LONG
    told = "the same" if again else harmless(decision.reason)
    reason = f"\n{' ' * 24}{told}" if decision.reason else ""
    return f"  {when}  {decision.post.id} → {decision.channel.name}{reason}"


def decision_record(decision: Decision) -> dict[str, Any]:
    """Return one decision as plain data."""
    return {
        "post": decision.post.id,
        "file": decision.post.path,
        "channel": decision.channel.name,
        "network": decision.channel.network,
        "action": str(decision.action),
        "state": str(decision.state),
        "due": decision.due.isoformat() if decision.due else None,
        "reason": decision.reason,
        **(
            {"cost": {"amount": f"{decision.cost:f}", "currency": currency_of(decision.channel)}}
            if decision.cost is not None
            else {}
        ),
    }


def as_json(plan: Plan, *, now: datetime) -> str:
    """Return the plan as a versioned JSON document."""
    decisions = [decision_record(decision) for decision in sorted(_all(plan), key=_order)]
    return as_json_document.render("plan", {"now": now.isoformat(), "decisions": decisions})


def attention_text(
    needs: Sequence[Need], *, zone: tzinfo, failing: Mapping[str, Breaker] = _NONE, colour: bool = False
) -> str:
    """Return what needs a person, channel by channel, each with what to do; times in *zone*.

    *failing* are the channels whose sends keep failing (`publishing.breaker.breakers`).
    """
    if not needs and not failing:
        return "Nothing needs a person.\n"
    lines = [paint(f"Needs a person ({len(needs) + len(failing)})", "1;31", colour)]
    for channel in sorted({*failing, *(need.decision.channel.name for need in needs)}):
        waiting = [need for need in needs if need.decision.channel.name == channel]
        lines.extend(["", paint(f"{harmless(channel)} ({len(waiting) + (channel in failing)})", "1", colour)])
        if channel in failing:
            since = f"{failing[channel].since.astimezone(zone):%a %Y-%m-%d %H:%M}"
            lines.append(f"  {since}  everything sent since then failed; one post is tried an hour after the last try")
            lines.append(f"{' ' * 24}{harmless(failing[channel].last_message)}")
            lines.extend(f"{' ' * 22}- {harmless(str(thing))}" for thing in mending(channel))
        for need in waiting:
            lines.append(_line(need.decision, zone))
            lines.extend(f"{' ' * 24}{harmless(url)}" for url in need.urls)
            lines.extend(f"{' ' * 22}- {harmless(words)}" for words in need.to_do)
    return "\n".join(lines) + "\n"


def attention_json(needs: Sequence[Need], *, now: datetime, failing: Mapping[str, Breaker] = _NONE) -> str:
    """Return what needs a person as a versioned JSON document."""
    records = [{**decision_record(need.decision), "url": need.url, "to_do": list(need.to_do)} for need in needs]
    channels = [
        {
            "channel": channel,
            "since": breaker.since.isoformat(),
            "message": breaker.last_message,
            "to_do": [str(thing) for thing in mending(channel)],
        }
        for channel, breaker in sorted(failing.items())
    ]
    return as_json_document.render("attention", {"now": now.isoformat(), "needs": records, "failing": channels})


def outcome_text(outcome: Outcome, *, now: datetime, colour: bool = False) -> str:
    """Return what a publish run did, one line a delivery, and what was due at *now* and is held back.

    What needs a person is told by `attention_text`.
    """
    lines = []
    for result in outcome.results:
        style = {"confirmed": "32", "failed": "31", "attention": "1;31", "unknown": "33"}.get(str(result.state), "")
        state = paint(f"{result.state!s:<10}", style, colour)
        lines.append(f"{state}  {result.post} → {result.channel}  {result.url}".rstrip())
        if result.message:
            lines.append(f"            {harmless(result.message)}")
    lines.extend(_not_sent(outcome, now, colour))
    if outcome.trouble:
        lines.append(paint(harmless(outcome.trouble), "1;31", colour))
    lines.append(_totals([str(result.state) for result in outcome.results]) if outcome.results else "Nothing was sent.")
    return "\n".join(lines) + "\n"


def _not_sent(outcome: Outcome, now: datetime, colour: bool) -> list[str]:
    told = {(result.post, result.channel) for result in outcome.results}
    lines = []
    for decision in outcome.plan.by_action("hold"):
        name = (decision.post.id, decision.channel.name)
        if name not in told and not decision.stormy and decision.due is not None and decision.due <= now:
            lines.append(f"{paint('held      ', '33', colour)}  {name[0]} → {name[1]}")
            lines.append(f"            {harmless(decision.reason)}")
    return lines


def _totals(states: Sequence[str]) -> str:
    return (
        count_of(len(states), "delivery", "deliveries")
        + ": "
        + ", ".join(f"{states.count(state)} {state}" for state in sorted(set(states)))
        + "."
    )


def outcome_json(outcome: Outcome) -> str:
    """Return what a publish run did as a versioned JSON document."""
    return as_json_document.render(
        "outcome",
        {
            "exit_code": outcome.exit_code,
            "trouble": outcome.trouble,
            "results": [
                {
                    "post": result.post,
                    "channel": result.channel,
                    "state": str(result.state),
                    "url": result.url,
                    "message": result.message,
                }
                for result in outcome.results
            ],
        },
    )
