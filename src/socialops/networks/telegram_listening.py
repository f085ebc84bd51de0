"""What people say where a Telegram bot can hear them: in its group, in the group linked to its channel, or to it alone.

A bot has no history, only the updates of the last day (core.telegram.org/bots/api: getUpdates). The newest hundred are
read and none is confirmed, so that a second look shows them again; Telegram forgets those before them. A bot that
another program reads, or that has a webhook, cannot be read here (409). In groups a bot hears everything only when its
privacy mode is off (@BotFather), else answers to itself and commands.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from socialops.networks.base import InboxMessage
from socialops.networks.draft import Receipt
from socialops.networks.listening import newest_first, said

QUERY = {"offset": "-100", "limit": "100", "timeout": "0"}
"""The newest hundred updates, at once."""


def replies(updates: object, receipts: Sequence[Receipt], since: datetime) -> list[InboxMessage]:
    """Return what answers one of *receipts*, in its chat or below its copy in the channel's discussion group."""
    ours = _ours(receipts)
    found: list[InboxMessage | None] = []
    for message in _messages(updates):
        about = _answered(message, ours)
        if about:
            found.append(_message(message, "reply", since, about))
    return newest_first(found)


def mentions(updates: object, bot: Mapping[str, Any], since: datetime) -> list[InboxMessage]:
    """Return what names our bot, and what was said to it alone; answers to what it wrote are not among them."""
    name = str(bot.get("username") or "").casefold()
    found: list[InboxMessage | None] = []
    for message in _messages(updates):
        answered = message.get("reply_to_message")
        to_us = isinstance(answered, dict) and (
            answered.get("is_automatic_forward") is True or _part(answered, "from").get("id") == bot.get("id")
        )
        if to_us:
            continue
        if _part(message, "chat").get("type") == "private":
            found.append(_message(message, "message", since, ""))
        elif name and f"@{name}" in _words(message).casefold().split():
            found.append(_message(message, "mention", since, ""))
    return newest_first(found)


def _ours(receipts: Sequence[Receipt]) -> dict[tuple[str, str], str]:
    """Return (chat, message) of everything that receipts stand for, with the id of the receipt."""
    return {
        (receipt.extra.get("chat", ""), number): receipt.id
        for receipt in receipts
        for number in (receipt.extra.get("messages") or receipt.id).split(",")
    }


def _answered(message: Mapping[str, Any], ours: Mapping[tuple[str, str], str]) -> str:
    answered = _part(message, "reply_to_message")
    origin = _part(answered, "forward_origin")
    if answered.get("is_automatic_forward") is True and origin.get("type") == "channel":
        return ours.get((str(_part(origin, "chat").get("id")), str(origin.get("message_id"))), "")
    return ours.get((str(_part(answered, "chat").get("id")), str(answered.get("message_id"))), "")


def _messages(updates: object) -> list[Mapping[str, Any]]:
    listed = updates if isinstance(updates, list) else []
    found = [update.get("message") for update in listed if isinstance(update, dict)]
    return [
        message
        for message in found
        # What a channel sends, its copies in the group among it, no person said; nor did a bot.
        if isinstance(message, dict)
        and message.get("is_automatic_forward") is not True
        and _part(message, "from").get("is_bot") is False
    ]


def _message(message: Mapping[str, Any], kind: str, since: datetime, about: str) -> InboxMessage | None:
    chat, number, date = _part(message, "chat"), message.get("message_id"), message.get("date")
    if (
        not _is_number(number)
        or not _is_number(date)
        or not _is_number(chat.get("id"))
        or not 0 < int(date or 0) < 10**11
    ):
        return None
    sender = _part(message, "from")
    username, first = sender.get("username"), sender.get("first_name")
    name, group = chat.get("username"), str(chat["id"]).removeprefix("-100")
    base = f"https://t.me/{name}" if isinstance(name, str) and name else f"https://t.me/c/{group}"
    return said(
        kind,
        f"{chat['id']}/{number}",
        f"@{username}" if isinstance(username, str) and username else first,
        _words(message),
        datetime.fromtimestamp(int(date or 0), UTC),
        since,
        url="" if chat.get("type") in {"private", "group"} else f"{base}/{number}",
        about=about,
    )


def _words(message: Mapping[str, Any]) -> str:
    words = message.get("text") or message.get("caption")
    return words if isinstance(words, str) else ""


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _part(value: object, name: str) -> Mapping[str, Any]:
    part = value.get(name) if isinstance(value, dict) else None
    return part if isinstance(part, dict) else {}
