"""What people say on Bluesky: answers to our posts, posts that name us, and the topics of the day.

All of it is told by the application behind a PDS; a server without one says nothing.

Sources: lexicons app.bsky.feed.getPostThread, app.bsky.notification.listNotifications and
app.bsky.unspecced.getTrendingTopics (bluesky-social/atproto, 2026-08). The last is not settled ("unspecced"): where a
server no longer has it, there are no topics.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol
from urllib.parse import quote

from socialops.networks.base import InboxMessage, Trend, instant
from socialops.networks.draft import Receipt
from socialops.networks.listening import PAGES, newest_first, said


class Read(Protocol):
    """Reads a method with a query: (JSON, "") or (None, name of the error) for one that is *missing*."""

    def __call__(
        self, name: str, query: Mapping[str, str | Sequence[str]], *, missing: Sequence[str] = ()
    ) -> tuple[Any, str]:
        """Read it; raises NotAllowed or TryLater."""


PAGE = 100
"""Notifications a page holds at most (lexicon listNotifications: limit.maximum)."""
DEPTH = 10
"""How deep a thread is read below our post (lexicon getPostThread: depth, 6 by default, at most 1000)."""
TOPICS = 14
"""How many topics are asked for (getTrendingTopics: limit, at most 25)."""
SHOWN = "https://bsky.app"


def replies(
    read: Read, own: str, posts: Iterable[Mapping[str, Any]], receipts: Sequence[Receipt], since: datetime
) -> list[InboxMessage]:
    """Read the threads below those of *posts* that have answers; *own* is our DID."""
    ours = {receipt.id for receipt in receipts}
    found: list[InboxMessage | None] = []
    for post in posts:
        uri = post.get("uri")
        if uri not in ours or post.get("replyCount") == 0:
            continue
        query = {"uri": str(uri), "depth": str(DEPTH), "parentHeight": "0"}
        answer, _ = read("app.bsky.feed.getPostThread", query, missing=("*",))
        for below, about in _below(answer.get("thread") if isinstance(answer, dict) else None, str(uri), ours):
            found.append(_message(below, "reply", own, since, about))
    return newest_first(found)


def _below(thread: object, about: str, ours: set[str]) -> Iterator[tuple[Mapping[str, Any], str]]:
    """Give every post below one of ours with the nearest of ours above it; what was deleted or blocked is no post."""
    left = [(thread, about)]
    while left:
        node, above = left.pop()
        listed = node.get("replies") if isinstance(node, dict) else None
        for item in listed if isinstance(listed, list) else ():
            post = item.get("post") if isinstance(item, dict) else None
            if isinstance(post, dict):
                uri = post.get("uri")
                yield post, above
                left.append((item, uri if isinstance(uri, str) and uri in ours else above))


def mentions(read: Read, own: str, since: datetime) -> list[InboxMessage]:
    """Read which posts named us; answers to our own posts are not among them."""
    found: list[InboxMessage | None] = []
    query: dict[str, str | Sequence[str]] = {"limit": str(PAGE), "reasons": ["mention"]}
    for _ in range(PAGES):
        answer, _name = read("app.bsky.notification.listNotifications", query, missing=("*",))
        page = answer.get("notifications") if isinstance(answer, dict) else None
        listed = [item for item in page if isinstance(item, dict)] if isinstance(page, list) else []
        for notice in listed:
            record = notice.get("record")
            if notice.get("reason") == "mention" and not _answers(record, own):
                found.append(_message(notice, "mention", own, since, ""))
        times = [at for item in listed if (at := instant(item.get("indexedAt")))]
        cursor = answer.get("cursor") if isinstance(answer, dict) else None
        if not listed or not isinstance(cursor, str) or not cursor or (times and min(times) <= since):
            break
        query["cursor"] = cursor
    return newest_first(found)


def _answers(record: object, own: str) -> bool:
    reply = record.get("reply") if isinstance(record, dict) else None
    parent = reply.get("parent") if isinstance(reply, dict) else None
    uri = parent.get("uri") if isinstance(parent, dict) else None
    return isinstance(uri, str) and uri.startswith(f"at://{own}/")


def trends(read: Read) -> list[Trend]:
    """Read the topics of the day; Bluesky tells no numbers."""
    answer, _ = read("app.bsky.unspecced.getTrendingTopics", {"limit": str(TOPICS)}, missing=("*",))
    listed = answer.get("topics") if isinstance(answer, dict) else None
    found = []
    for topic in listed if isinstance(listed, list) else ():
        name = (topic.get("displayName") or topic.get("topic")) if isinstance(topic, dict) else None
        if isinstance(name, str) and name.isprintable() and 0 < len(name) <= 200:
            link = topic.get("link")
            path = link if isinstance(link, str) and link.startswith("/") and not link.startswith("//") else ""
            found.append(Trend(name, f"{SHOWN}{quote(path, safe='/:?=&%.-_~')}" if path else ""))
    return found


def _message(post: Mapping[str, Any], kind: str, own: str, since: datetime, about: str) -> InboxMessage | None:
    author, record, uri = post.get("author"), post.get("record"), post.get("uri")
    if not isinstance(author, dict) or author.get("did") == own or not isinstance(record, dict):
        return None
    handle = author.get("handle")
    key = uri.rpartition("/")[2] if isinstance(uri, str) else ""
    page = f"{SHOWN}/profile/{quote(str(author.get('did') or ''), safe=':')}/post/{quote(key, safe='')}"
    return said(
        kind,
        uri,
        f"@{handle}" if isinstance(handle, str) else "",
        record.get("text"),
        # When the network saw it: what a post says of its own time anybody may choose.
        instant(post.get("indexedAt")),
        since,
        url=page if key else "",
        about=about,
    )
