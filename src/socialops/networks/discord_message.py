"""A Discord message as the API shows it: whose it is, when it was written, its numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from socialops.networks.base import Stat, instant

ID = re.compile(r"[1-9]\d{14,19}")


def is_message(value: Any) -> bool:
    """Tell whether something is a message."""
    return (
        isinstance(value, dict)
        and bool(identity_of(value.get("id")) and identity_of(value.get("channel_id")))
        and instant(value.get("timestamp")) is not None
    )


def created(message: Mapping[str, Any]) -> datetime:
    """Return when a message was written."""
    at = instant(message["timestamp"])
    assert at is not None, "every message was looked at before"  # noqa: S101
    return at


def stats_of(message: Mapping[str, Any]) -> Iterator[Stat]:
    """Give the numbers of a message. Discord leaves reactions out where there are none: then they are 0."""
    yield Stat(message["id"], "reactions", _sum(message.get("reactions")))
    poll, thread = message.get("poll"), message.get("thread")
    results = poll.get("results") if isinstance(poll, dict) else None
    if isinstance(results, dict):
        yield Stat(message["id"], "votes", _sum(results.get("answer_counts")))
    replies = number_of(thread.get("message_count")) if isinstance(thread, dict) else None
    if replies is not None:
        yield Stat(message["id"], "replies", replies)


def _sum(counted: object) -> int:
    items = counted if isinstance(counted, list) else []
    return sum(number_of(item.get("count")) or 0 for item in items if isinstance(item, dict))


def identity_of(value: object) -> str:
    """Return Discord's number of something; empty for anything else."""
    return value if isinstance(value, str) and ID.fullmatch(value) else ""


def number_of(value: object) -> int | None:
    """Return a counter; None for anything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def text_of(value: object) -> str:
    """Return a text; empty for anything else."""
    return value if isinstance(value, str) else ""
