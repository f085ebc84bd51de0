"""What people say on Mastodon: answers to our statuses, statuses that name us, and the tags of the day.

Answers are read from the thread below a status, so that those count too which leave out our name. Which threads to
read, the counters of the statuses say first, many at a time.

Source: docs.joinmastodon.org (methods/statuses: context, methods/notifications, methods/trends), as of 2026-07.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

from socialops.errors import TryLater
from socialops.networks.base import InboxMessage, Trend, instant, web_address
from socialops.networks.draft import Receipt
from socialops.networks.listening import PAGES, newest_first, said, words_of

Read = Callable[[str, Mapping[str, str | Sequence[str]]], Any]
"""Reads a path with a query as JSON; raises NotAllowed or TryLater."""

PAGE = 80
"""Notifications a page holds at most (methods/notifications: limit)."""
TAGS = 20
"""How many tags are asked for (methods/trends: limit, at most 20)."""


def replies(
    read: Read, own: str, statuses: Iterable[Any], receipts: Sequence[Receipt], since: datetime
) -> list[InboxMessage]:
    """Read the threads below those of *statuses* that have answers; *own* is the id of our account."""
    ours = {receipt.id for receipt in receipts}
    found: list[InboxMessage | None] = []
    read_already: set[str] = set()
    for status in statuses:
        identity = status.get("id") if isinstance(status, dict) else None
        if identity not in ours or identity in read_already or status.get("replies_count") == 0:
            continue
        try:
            context = read(f"/api/v1/statuses/{quote(identity)}/context", {})
        except TryLater as error:
            if error.code not in {"404", "410"}:
                raise
            continue
        below = context.get("descendants") if isinstance(context, dict) else None
        listed = [item for item in below if isinstance(item, dict)] if isinstance(below, list) else []
        parents = {str(item.get("id")): str(item.get("in_reply_to_id") or "") for item in listed}
        # What stands below one part of a thread stands below those before it too: once is enough.
        read_already |= ours & parents.keys()
        found += [
            _message(item, "reply", since, _about(str(item.get("id")), parents, ours) or identity)
            for item in listed
            if not _is_ours(item, own)
        ]
    return newest_first(found)


def _about(identity: str, parents: Mapping[str, str], ours: set[str]) -> str:
    """Return the nearest status of ours above an answer."""
    for _ in range(len(parents)):
        identity = parents.get(identity, "")
        if not identity or identity in ours:
            break
    return identity if identity in ours else ""


def mentions(read: Read, own: str, since: datetime) -> list[InboxMessage]:
    """Read who named us, and who wrote to us alone; answers to our own statuses are not among them."""
    found: list[InboxMessage | None] = []
    for notice in _notices(read, since):
        status = notice.get("status")
        if not isinstance(status, dict) or _is_ours(status, own) or status.get("in_reply_to_account_id") == own:
            continue
        kind = "message" if status.get("visibility") == "direct" else "mention"
        found.append(_message(status, kind, since, ""))
    return newest_first(found)


def _notices(read: Read, since: datetime) -> Iterator[Mapping[str, Any]]:
    query: dict[str, str | Sequence[str]] = {"types[]": ["mention"], "limit": str(PAGE)}
    for _ in range(PAGES):
        page = read("/api/v1/notifications", query)
        listed = [item for item in page if isinstance(item, dict)] if isinstance(page, list) else []
        fresh = [item for item in listed if (at := instant(item.get("created_at"))) and at > since]
        yield from (item for item in fresh if item.get("type") == "mention")
        last = listed[-1].get("id") if listed else None
        if len(fresh) < len(listed) or not isinstance(last, str) or last == query.get("max_id"):
            return
        query["max_id"] = last


def trends(read: Read) -> list[Trend]:
    """Read the tags of the day; *uses* is how often each was used today on this server."""
    page = read("/api/v1/trends/tags", {"limit": str(TAGS)})
    found = []
    for tag in page if isinstance(page, list) else ():
        name = tag.get("name") if isinstance(tag, dict) else None
        if isinstance(name, str) and name.isprintable() and 0 < len(name) <= 200:
            history = tag.get("history")
            today = history[0] if isinstance(history, list) and history and isinstance(history[0], dict) else {}
            uses = str(today.get("uses") or "")
            number = int(uses) if uses.isascii() and uses.isdigit() and len(uses) < 12 else None
            found.append(Trend(f"#{name}", web_address(tag.get("url")), number))
    return found


def _is_ours(status: Mapping[str, Any], own: str) -> bool:
    account = status.get("account")
    return isinstance(account, dict) and account.get("id") == own


def _message(status: Mapping[str, Any], kind: str, since: datetime, about: str) -> InboxMessage | None:
    account = status.get("account")
    name = account.get("acct") if isinstance(account, dict) else None
    warning, content = status.get("spoiler_text"), status.get("content")
    text = words_of(content) if isinstance(content, str) else ""
    if isinstance(warning, str) and warning:
        text = f"CW: {warning}\n\n{text}"
    return said(
        kind,
        status.get("id"),
        f"@{name}" if isinstance(name, str) and name else "",
        text,
        instant(status.get("created_at")),
        since,
        url=status.get("url") or status.get("uri"),
        about=about,
    )
