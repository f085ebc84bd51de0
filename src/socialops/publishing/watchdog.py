"""Look whether publishing is alive, and leaves nothing behind.

Pure: everything is handed in, and each thing that was looked at becomes one finding, fine or with what to do. Runs are
known by what only they write: claims, and the heartbeat. Decisions of people and numbers prove no run.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from socialops.errors import SocialopsError
from socialops.publishing.attention import JUST_MISSED
from socialops.publishing.heartbeat import EVERY, HEARTBEAT_FILE
from socialops.publishing.machine import (
    Delivery,
    State,
    instant,
    last_event,
    part_states,
    state_of,
)

if TYPE_CHECKING:
    from socialops.content.channel import Channel
    from socialops.content.load import Content
    from socialops.networks.base import Network
    from socialops.publishing.ledger import Ledger
    from socialops.publishing.plan import Decision, Plan

OVERDUE = timedelta(minutes=45)
"""How long after its time a post may wait for a run: three runs of a quarter-hourly schedule."""
SILENCE = EVERY + timedelta(hours=2)
"""How old the last sign of a run may be: forges start scheduled runs late, and leave some out."""
WARNED_AT = (14, 7, 3, 1)
"""How many days before its token ends a channel is spoken of; from the third on it is wrong."""
_WRONG_AT = 3
_CLOCKS_DIFFER = timedelta(hours=1)
_REMEMBERED = timedelta(days=90)
"""How far back the last run is looked for in the ledger before all of it is read."""
_NAMED = 3
_START_IT = (
    "Look at the Actions page of the repository. GitHub switches the schedule of a repository off in which nothing "
    "happened for 60 days, and of a fork from the start: enable the workflow there. Or run: socialops publish"
)


class Level(enum.StrEnum):
    """How much a finding matters."""

    FINE = "fine"
    WARNING = "warning"
    """Nothing is wrong yet; the exit code stays 0."""
    WRONG = "wrong"
    ATTENTION = "attention"
    UNSEEN = "unseen"
    """It could not be looked at, so nothing is claimed; the exit code stays 0."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: how it is, and what to do about it."""

    subject: str
    level: Level
    message: str
    hint: str = ""
    section: str = ""
    """The heading that it stands under."""


def exit_code(findings: Sequence[Finding]) -> int:
    """Return 3 when a person must look, 1 when something is wrong, else 0."""
    levels = {finding.level for finding in findings}
    return 3 if Level.ATTENTION in levels else 1 if Level.WRONG in levels else 0


def watch(
    content: Content,
    plan: Plan,
    ledger: Ledger,
    now: datetime,
    *,
    heartbeat: datetime | None = None,
    credentials: Callable[[Channel], str | None] = lambda _channel: None,
) -> tuple[Finding, ...]:
    """Judge publishing by its record and its plan; *heartbeat* is the last sign of life of a run without work."""
    return (
        last_run(ledger, now, heartbeat, beats=bool(content.workspace.settings.data_branch)),
        overdue(plan, now),
        abandoned(ledger, now),
        uncertain(ledger, plan),
        integrity(ledger),
        *(_credentials(plan, channel, credentials) for channel in content.channels.values()),
        *(
            token_end(channel, channel.token_expires, now)
            for channel in content.channels.values()
            if channel.token_expires is not None
        ),
    )


def last_run(ledger: Ledger, now: datetime, heartbeat: datetime | None = None, *, beats: bool = True) -> Finding:
    """Tell how long ago a run of `publish` last left something; silence is wrong, whether or not something was due.

    Unless *beats*, runs without work leave nothing (the data has no branch of its own), and silence says nothing.
    """
    recent = ledger.since(now - _REMEMBERED) or ledger.deliveries.values()
    claims = [event.at for delivery in recent for event in delivery.events if event.state is State.INTENT]
    times = [instant(max(claims))] if claims else []
    times += [heartbeat] if heartbeat is not None else []
    if not times:
        return Finding("last run", Level.FINE, "nothing was published from here yet")
    age = now - max(times)
    if age > SILENCE and not beats and heartbeat is None:
        message = f"{_ago(age)} ago something was sent; a run without work leaves a sign only where data_branch is set"
        return Finding("last run", Level.FINE, message)
    if age > SILENCE:
        message = f"{_ago(age)} ago; a run that has nothing to do would have left a sign ({HEARTBEAT_FILE}) since"
        return Finding("last run", Level.WRONG, message, _START_IT)
    if age < -_CLOCKS_DIFFER:
        return Finding(
            "last run",
            Level.WRONG,
            f"it was {_ago(-age)} from now: a clock is wrong, here or where it ran",
            "Compare this machine's date and time with a clock you trust.",
        )
    return Finding("last run", Level.FINE, f"{_ago(age)} ago")


def overdue(plan: Plan, now: datetime) -> Finding:
    """Tell what should be out by now, and is not; practice channels miss nothing."""
    late = [
        decision
        for decision in plan.decisions
        if decision.due is not None
        and not decision.channel.sandbox
        and (
            (decision.action == "send" and now - decision.due > OVERDUE)
            or (decision.action == "too_late" and now - decision.due < JUST_MISSED)
        )
    ]
    if not late:
        return Finding("overdue", Level.FINE, "nothing is overdue")
    return Finding(
        "overdue",
        Level.WRONG,
        f"{_count(len(late))} should be out by now: {_names(late)}",
        "Look whether the publishing job runs (the Actions page of the repository), or run: socialops publish",
    )


def abandoned(ledger: Ledger, now: datetime) -> Finding:
    """Tell which claims outlived their lease: a run began to send, and never said how it ended."""
    left = sorted((item.post, item.channel) for item in ledger.unsettled() if _abandoned(item, now))
    if not left:
        return Finding("claims", Level.FINE, "no claim is past its lease")
    names = _list([f"{post} → {channel}" for post, channel in left])
    return Finding(
        "claims",
        Level.WRONG,
        f"{_count(len(left))} claimed by a run that did not say what became of it: {names}",
        "The next run looks it up: socialops publish",
    )


def _abandoned(delivery: Delivery, now: datetime) -> bool:
    if state_of(delivery) is not State.INTENT:
        return False
    claims = [last_event(delivery, part) for part in range(len(part_states(delivery)))]
    ends = [instant(claim.detail["lease_until"]) for claim in claims if claim and claim.state is State.INTENT]
    return bool(ends) and max(ends) <= now


def uncertain(ledger: Ledger, plan: Plan) -> Finding:
    """Tell which deliveries nobody knows the outcome of, and which wait for a person."""
    waiting = (*plan.by_action("attention"), *(item for item in plan.by_action("hold") if item.stormy))
    unknown = [(item.post, item.channel) for item in ledger.unsettled() if state_of(item) is State.UNKNOWN]
    words = []
    if waiting:
        words.append(f"{_count(len(waiting))} waiting for a person: {_names(waiting)}")
    if unknown:
        names = _list([f"{post} → {channel}" for post, channel in sorted(unknown)])
        words.append(f"{_count(len(unknown))} perhaps sent, to be looked up by the next run: {names}")
    if not words:
        return Finding("attention", Level.FINE, "nothing needs a person")
    hint = "What to do: socialops plan --attention" if waiting else "Run it: socialops publish"
    return Finding("attention", Level.ATTENTION, "; ".join(words), hint)


def integrity(ledger: Ledger) -> Finding:
    """Tell whether every record can be trusted."""
    if ledger.faults:
        first = min(ledger.faults)
        return Finding(
            "ledger",
            Level.ATTENTION,
            f"{_count(len(ledger.faults))} blocked: {first[0]} → {first[1]}: {ledger.faults[first]}",
            "Restore the file from the data branch's history: git -C reports/data log -- ledger",
        )
    if ledger.missing:
        return Finding("ledger", Level.FINE, "there is none yet; the first publishing makes it")
    return Finding("ledger", Level.FINE, f"all {_count(len(ledger.deliveries))} can be trusted")


def untrusted(error: SocialopsError) -> Finding:
    """Return the finding that a ledger or its branch, as a whole, cannot be read."""
    return Finding("ledger", Level.ATTENTION, error.message, error.hint)


def _credentials(plan: Plan, channel: Channel, credentials: Callable[[Channel], str | None]) -> Finding:
    """Tell whether a channel can be used; only one that something is planned for must be."""
    lacking = credentials(channel)
    subject = f"channel {channel.name}"
    if lacking is None:
        return Finding(subject, Level.FINE, "its credentials are set")
    wanted = any(
        decision.channel.name == channel.name and decision.action in {"send", "hold", "later", "reconcile"}
        for decision in plan.decisions
    )
    if channel.sandbox or not wanted:
        why = "a practice channel" if channel.sandbox else "nothing is planned for it"
        return Finding(subject, Level.FINE, f"{why}, and it could not be used: {lacking}")
    return Finding(
        subject, Level.WRONG, lacking, "On your own machine that is as it should be; where the job runs, set it."
    )


def token_end(channel: Channel, last: date, now: datetime) -> Finding:
    """Tell how long a channel's token still works; *last* is the last day it does, in the channel's zone."""
    subject, left = f"token end {channel.name}", (last - now.astimezone(channel.tz()).date()).days
    hint = (
        f"Make a new one{f' at {channel.host}' if channel.host else f' on {channel.network}'}, put it into the secret "
        f"{channel.secret()} where the job runs, and write its last day into {channel.path} (token_expires)."
    )
    if left < 0:
        return Finding(subject, Level.WRONG, f"its token ended on {last}: nothing can be published there", hint)
    if left > max(WARNED_AT):
        return Finding(subject, Level.FINE, f"its token works until {last}")
    # Of the day that was last reached, so that the words change four times and not every day.
    within = min(days for days in WARNED_AT if left <= days)
    level = Level.WRONG if within <= _WRONG_AT else Level.WARNING
    when = "today or tomorrow" if within == 1 else f"within {within} days"
    return Finding(subject, level, f"its token ends {when}, on {last}", hint)


def token_health(channel: Channel, open_network: Callable[[Channel], Network], now: datetime) -> Iterator[Finding]:
    """Ask a network who we are, the cheapest proof that a token works, and when it ends where the network tells."""
    subject = f"token {channel.name}"
    try:
        found = open_network(channel).account()
    except SocialopsError as error:
        yield Finding(subject, Level.WRONG, error.message, error.hint or f"Make a new one: {channel.secret()}")
    except Exception as error:  # one adapter's bug must not hide how the other channels are
        yield Finding(subject, Level.WRONG, f"asking broke off ({type(error).__name__})", "Look at its adapter.")
    else:
        yield Finding(subject, Level.FINE, f"it works: {found.handle} on {channel.network}")
        # What the network says itself is newer than what somebody wrote into a file.
        if found.expires is not None:
            yield token_end(channel, found.expires.astimezone(channel.tz()).date(), now)


# --- words ----------------------------------------------------------------------------------------------------------


def _count(number: int) -> str:
    return f"{number} {'delivery' if number == 1 else 'deliveries'}"


def _names(decisions: Sequence[Decision]) -> str:
    return _list([f"{decision.post.id} → {decision.channel.name}" for decision in decisions])


def _list(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more


def _ago(span: timedelta) -> str:
    minutes = max(int(span.total_seconds()) // 60, 0)
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // 1440} days"
