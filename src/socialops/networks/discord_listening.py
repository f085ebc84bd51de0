"""What people say in a Discord channel in which our bot writes: answers to its messages, and messages that name it.

Both are read from the channel itself, a hundred messages at a time, so nothing is asked for a single message. Words are
shown to a bot only with the privileged intent "message content" (developer portal), else in answers and mentions alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from socialops.networks.base import InboxMessage, instant
from socialops.networks.draft import Receipt
from socialops.networks.listening import newest_first, said

_PERSON = re.compile(r"<@!?(\d{15,20})>")


def replies(
    messages: Iterable[Mapping[str, Any]], own: str, guild: str, receipts: Sequence[Receipt], since: datetime
) -> list[InboxMessage]:
    """Return what answers one of *receipts*; *own* is the number of our bot."""
    ours = {receipt.id for receipt in receipts}
    found: list[InboxMessage | None] = []
    for message in messages:
        about = _answered(message)
        if about in ours:
            found.append(_message(message, "reply", own, guild, since, about))
    return newest_first(found)


def mentions(messages: Iterable[Mapping[str, Any]], own: str, guild: str, since: datetime) -> list[InboxMessage]:
    """Return what names our bot; answers to what it wrote are not among them."""
    found: list[InboxMessage | None] = []
    for message in messages:
        named = message.get("mentions")
        people = [person for person in named if isinstance(person, dict)] if isinstance(named, list) else []
        answered = message.get("referenced_message")
        to_us = isinstance(answered, dict) and _author(answered).get("id") == own
        if not to_us and any(person.get("id") == own for person in people):
            found.append(_message(message, "mention", own, guild, since, ""))
    return newest_first(found)


def _answered(message: Mapping[str, Any]) -> str:
    reference = message.get("message_reference")
    # A forwarded message (type 1) answers nothing.
    if not isinstance(reference, dict) or reference.get("type") not in {None, 0}:
        return ""
    return str(reference.get("message_id") or "")


def _author(message: Mapping[str, Any]) -> Mapping[str, Any]:
    author = message.get("author")
    return author if isinstance(author, dict) else {}


def _message(
    message: Mapping[str, Any], kind: str, own: str, guild: str, since: datetime, about: str
) -> InboxMessage | None:
    author = _author(message)
    if author.get("id") == own or author.get("bot") is True or message.get("webhook_id"):
        return None
    named = message.get("mentions")
    names = {
        str(person.get("id")): str(person.get("username"))
        for person in (named if isinstance(named, list) else ())
        if isinstance(person, dict)
    }
    content = message.get("content")
    words = _PERSON.sub(lambda found: f"@{names.get(found[1], found[1])}", content) if isinstance(content, str) else ""
    return said(
        kind,
        message.get("id"),
        author.get("username"),
        words,
        instant(message.get("timestamp")),
        since,
        url=f"https://discord.com/channels/{guild or '@me'}/{message.get('channel_id')}/{message.get('id')}",
        about=about,
    )
