"""What people say in a Matrix room in which we write: answers in the threads of our messages, and our name.

Source: the Matrix specification 1.19 (client-server API: threading, rich replies, notifications).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from socialops.networks.base import InboxMessage
from socialops.networks.listening import newest_first, said, words_of

_KEPT = "!$:@"


def messages_of(
    events: Iterable[object], kind: str, own: str, room: str, since: datetime, about: str, ours: Iterable[str] = ()
) -> list[InboxMessage]:
    """Return what others said in *events*; *about* is what they answer, where they do not name another of *ours*."""
    known = set(ours)
    found: list[InboxMessage | None] = []
    for event in events:
        if not isinstance(event, dict) or event.get("type") != "m.room.message" or event.get("sender") == own:
            continue
        relation = part_of(part_of(event, "content"), "m.relates_to")
        if relation.get("rel_type") == "m.replace":
            continue  # an edit: what it was said first is there already
        answered = part_of(relation, "m.in_reply_to").get("event_id")
        nearest = answered if isinstance(answered, str) and answered in known else about
        found.append(_message(event, kind, room, since, nearest))
    return newest_first(found)


def answers_of(
    events: Iterable[Mapping[str, Any]], ours: set[str], own: str, room: str, since: datetime
) -> list[InboxMessage]:
    """Return what others said in the threads of *ours*, or in answer to one of them."""
    found: list[InboxMessage] = []
    for event in events:
        relation = part_of(part_of(event, "content"), "m.relates_to")
        root = relation.get("event_id") if relation.get("rel_type") == "m.thread" else ""
        about = root if root in ours else answered_by(event)
        if about in ours:
            found += messages_of([event], "reply", own, room, since, str(about), ours)
    return newest_first(found)


def answered_by(event: object) -> str:
    """Return which event an event answers; empty where it answers none."""
    relation = part_of(part_of(event, "content"), "m.relates_to")
    identity = part_of(relation, "m.in_reply_to").get("event_id")
    return identity if isinstance(identity, str) else ""


def _message(event: Mapping[str, Any], kind: str, room: str, since: datetime, about: str) -> InboxMessage | None:
    content, identity, stamp = part_of(event, "content"), event.get("event_id"), event.get("origin_server_ts")
    if not isinstance(identity, str) or not isinstance(stamp, int) or isinstance(stamp, bool) or not 0 <= stamp < 2**42:
        return None
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=stamp)
    url = f"https://matrix.to/#/{quote(room, safe=_KEPT)}/{quote(identity, safe=_KEPT)}"
    return said(kind, identity, event.get("sender"), _words(content), at, since, url=url, about=about)


def _words(content: Mapping[str, Any]) -> str:
    body, shown = content.get("body"), content.get("formatted_body")
    answers = bool(part_of(part_of(content, "m.relates_to"), "m.in_reply_to"))
    if answers and isinstance(shown, str) and "<mx-reply>" in shown:
        return words_of(shown)
    if not isinstance(body, str):
        return ""
    if answers and body.startswith("> <"):
        # Older clients put what they answer before their own words, and a blank line between.
        return body.partition("\n\n")[2] or body
    return body


def part_of(value: object, name: str) -> Mapping[str, Any]:
    """Return one part of what a server says; nothing where it is missing."""
    part = value.get(name) if isinstance(value, dict) else None
    return part if isinstance(part, dict) else {}
