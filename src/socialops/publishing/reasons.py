"""The words of a plan: why something happens, or does not, as a marketer would say it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from socialops.networks.draft import CLOSED, CLOSED_TROUBLE, COMMENT, COMMENT_TROUBLE
from socialops.publishing.machine import (
    Delivery,
    State,
    first_unsettled,
    instant,
    last_event,
    part_states,
    state_of,
)

if TYPE_CHECKING:
    from socialops.content.brand import Pause
    from socialops.content.channel import Channel
    from socialops.publishing.breaker import Breaker

GONE = "its post is no longer in the repository"
RESTORE = "Nothing is sent until the file is restored from the branch's history."


def begun(delivery: Delivery) -> bool:
    """Tell whether a part of it is out, but not all."""
    states = part_states(delivery)
    return State.CONFIRMED in states and set(states) != {State.CONFIRMED}


def count(delivery: Delivery) -> str:
    """Say how much of a thread is out."""
    states = part_states(delivery)
    return f"{states.count(State.CONFIRMED)} of {len(states)} parts are published"


def asked_again(delivery: Delivery | None) -> bool:
    """Tell whether a person asked for one more try; punctuality, and whether it is worth trying, was their decision."""
    if delivery is None:
        return False
    newest = last_event(delivery, first_unsettled(delivery) or 0)
    return newest is not None and newest.state is State.DEFERRED and newest.detail.get("via") == "human"


def waiting(delivery: Delivery | None, channel: Channel, now: datetime) -> str:
    """Say why a delivery that was not sent waits, and until when; empty when it does not."""
    newest = last_event(delivery, first_unsettled(delivery) or 0, State.DEFERRED) if delivery else None
    if newest is None or not newest.detail.get("not_before"):
        return ""
    until = instant(str(newest.detail["not_before"]))
    if until <= now:
        return ""
    message = str(newest.detail.get("message") or "the network asked to wait").rstrip(".")
    return f"not sent yet: {message}; the next try is from {local(until, channel)}"


def lacking(delivery: Delivery | None) -> str:
    """Say what a post that is there lacks, or may lack: its first comment, or that its comments are switched off.

    Empty when it lacks nothing. A receipt that was found by looking tells of neither, so nobody knows.
    """
    if delivery is None or state_of(delivery) is not State.CONFIRMED:
        return ""
    event = last_event(delivery, 0, State.CONFIRMED)
    if event is None or event.detail.get("via") == "human":
        return ""
    extra = event.detail.get("extra")
    told = extra if isinstance(extra, dict) else {}
    troubles = []
    if wanted_comment(delivery) and not told.get(COMMENT):
        troubles.append(f"its first comment is {told.get(COMMENT_TROUBLE) or 'perhaps there: nobody knows'}")
    if wants_no_comments(delivery) and not told.get(CLOSED):
        troubles.append(f"its comments are perhaps open: {told.get(CLOSED_TROUBLE) or 'nobody knows'}")
    return f"published, but {'; '.join(trouble.rstrip('.') for trouble in troubles)}" if troubles else ""


def wants_no_comments(delivery: Delivery) -> bool:
    """Tell whether the comments below a post are to be switched off once it is there."""
    options = _first_part(delivery).get("options")
    return isinstance(options, dict) and options.get("comments") in {"no", False}


def wanted_comment(delivery: Delivery) -> str:
    """Return the first comment that a delivery was claimed with; empty when it has none."""
    return str(_first_part(delivery).get("first_comment") or "")


def _first_part(delivery: Delivery) -> Mapping[str, Any]:
    parts = delivery.draft.get("parts")
    return parts[0] if isinstance(parts, list | tuple) and parts and isinstance(parts[0], dict) else {}


def why(delivery: Delivery) -> str:
    """Say why a delivery failed, or needs a person."""
    for event in reversed(delivery.events):
        if event.state in (State.ATTENTION, State.FAILED):
            return str(event.detail.get("why") or event.detail.get("message") or "a person must look").rstrip(".")
    return "a person must look"


def uncertain(state: State) -> str:
    """Say what nobody knows of a delivery."""
    if state is State.INTENT:
        return "a run claimed it and did not say what became of it"
    return "it is not known whether it went out"


def paused(pause: Pause) -> str:
    """Say what is paused, why, by whom and until when."""
    until = f" until {pause.until}" if pause.until else ""
    who = f" ({pause.who})" if pause.who else ""
    return f"paused{until}: {pause.what}: {pause.why}{who}"


def resting(breaker: Breaker, channel: Channel) -> str:
    """Say why a channel gets nothing for now."""
    return f"{breaker.told(channel.name)}; the next try is from {local(breaker.until, channel)}"


def local(at: datetime, channel: Channel) -> str:
    """Write a time in the channel's own zone."""
    return f"{at.astimezone(channel.tz()):%a %Y-%m-%d %H:%M} {channel.zone}"


def length(span: timedelta) -> str:
    """Write a length of time in its two largest units."""
    minutes = int(span.total_seconds()) // 60
    days, hours = minutes // 1440, minutes // 60 % 24
    if days:
        return f"{days} d {hours} h" if hours else f"{days} d"
    if minutes >= 60:
        return f"{minutes // 60} h {minutes % 60} min" if minutes % 60 else f"{minutes // 60} h"
    return f"{minutes} min"
