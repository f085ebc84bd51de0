"""What people say in a Slack channel in which our bot writes: answers in the threads of its messages, and its name.

Which messages have answers, the channel's history tells, a hundred at a time; a thread is read only where there are
some. People are told by the number that Slack gives them: their names need a scope of their own (users:read).

Source: docs.slack.dev (conversations.history, conversations.replies, formatting).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from socialops.networks.base import InboxMessage
from socialops.networks.listening import newest_first, said

_STAMP = re.compile(r"\d{9,11}\.\d{6}")
_LINK = re.compile(r"<([^<>|]*)(?:\|([^<>]*))?>")


def messages_of(
    page: Iterable[Mapping[str, Any]], kind: str, own: Mapping[str, Any], place: str, since: datetime, about: str = ""
) -> list[InboxMessage]:
    """Return what people said on a page of messages; *place* is the channel's address, *about* what they answer."""
    found: list[InboxMessage | None] = []
    for message in page:
        stamp = message.get("ts")
        if not isinstance(stamp, str) or not _STAMP.fullmatch(stamp) or is_ours(message, own):
            continue
        # A subtype is no message of a person: somebody joined, a topic was set. A file is one.
        if message.get("subtype") not in {None, "file_share", "thread_broadcast"} or message.get("bot_id"):
            continue
        thread = message.get("thread_ts")
        below = (
            f"?thread_ts={thread}" if isinstance(thread, str) and _STAMP.fullmatch(thread) and thread != stamp else ""
        )
        at = datetime.fromtimestamp(float(stamp), UTC)
        url = f"{place}/p{stamp.replace('.', '')}{below}"
        found.append(said(kind, stamp, message.get("user"), words_of(message), at, since, url=url, about=about))
    return newest_first(found)


def names(message: Mapping[str, Any], own: Mapping[str, Any]) -> bool:
    """Tell whether a message names our bot."""
    text, user = message.get("text"), own.get("user_id")
    return isinstance(text, str) and isinstance(user, str) and re.search(rf"<@{re.escape(user)}[|>]", text) is not None


def is_ours(message: Mapping[str, Any], own: Mapping[str, Any]) -> bool:
    """Tell whether our bot wrote a message."""
    return any(
        isinstance(own.get(name), str) and message.get(field) == own[name]
        for name, field in (("bot_id", "bot_id"), ("user_id", "user"))
    )


def words_of(message: Mapping[str, Any]) -> str:
    """Return the words of a message: its mrkdwn without its escapes, links as what they show and where they lead."""
    text = message.get("text")
    if not isinstance(text, str):
        return ""
    plain = _LINK.sub(_shown, text)
    return plain.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _shown(found: re.Match[str]) -> str:
    target, label = found[1], found[2] or ""
    if target.startswith(("@", "#")):
        return f"{target[0]}{label.lstrip('@#') or target[1:]}"
    if target.startswith("!"):
        return label or f"@{target[1:].partition('^')[0]}"
    return f"{label} ({target})" if label and label != target else target
