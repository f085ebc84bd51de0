"""What people say to us on X: the answers to our posts, and the posts that name us.

Both are read from our mentions: an answer names whom it answers, and X charges a fifth for what an account reads about
itself (a search for each conversation also ends after seven days). An answer whose author took our name out of it is
not among them. What others wrote is data here and nothing else.

Sources: docs.x.com (GET /2/users/{id}/mentions, pricing), OpenAPI 2.167.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any

from socialops.networks.base import InboxMessage, instant, rfc3339
from socialops.networks.x_post import ID, group_of, list_of, text_of, whole_text

OLD_FIELDS = "author_id,conversation_id,created_at,entities,in_reply_to_user_id,note_tweet,referenced_tweets"
NEW_FIELDS = "conversation_id,created_at,entities,note_post"
"""In the new words, whose post it is and what it answers are told without being asked for, or not at all."""
EXPANSIONS = "author_id"
USER_FIELDS = "username"
PAGE = 100
PAGES = 8
"""X shows the newest 800 mentions, and no more."""

_USERNAME = re.compile(r"[A-Za-z0-9_]{1,15}")


def answers(
    page: Mapping[str, Any], ours: Collection[str], own: str, handle: str, since: datetime
) -> Iterator[InboxMessage]:
    """Give what of a page of mentions answers one of *ours*, directly or in its conversation, newest first.

    Where X says neither what a post answers nor whom, it is an answer when it begins with our name.
    """
    for post in _posts(page, own, since):
        named = _answered(post)
        about = named if named in ours else text_of(post.get("conversation_id"))
        to_us = _is_to_us(post, named, own)
        if about in ours and (to_us or (to_us is None and _begins_with(post, handle))):
            yield _message(post, page, "reply", about)


def mentions(page: Mapping[str, Any], own: str, since: datetime) -> Iterator[InboxMessage]:
    """Give what of a page of mentions is not surely an answer to us, newest first."""
    for post in _posts(page, own, since):
        if not _is_to_us(post, _answered(post), own):
            yield _message(post, page, "mention", "")


def _posts(page: Mapping[str, Any], own: str, since: datetime) -> Iterator[Mapping[str, Any]]:
    for post in list_of(page.get("data")):
        if not isinstance(post, dict) or not ID.fullmatch(text_of(post.get("id"))) or post.get("author_id") == own:
            continue
        at = instant(post.get("created_at"))
        if at is not None and at > since:
            yield {**post, "created_at": at}


def _answered(post: Mapping[str, Any]) -> str:
    """Return the number of the post that this one answers; empty where there is none, or X does not say."""
    for reference in list_of(post.get("referenced_tweets", post.get("referenced_posts"))):
        if isinstance(reference, dict) and reference.get("type") == "replied_to":
            return text_of(reference.get("id"))
    return ""


def _is_to_us(post: Mapping[str, Any], answered: str, own: str) -> bool | None:
    """Tell whether a post answers one of ours; None where X does not say whom it answers."""
    whom = post.get("in_reply_to_user_id")
    if whom is not None or answered:
        return bool(whom == own)
    return False if post.get("conversation_id", post.get("id")) == post.get("id") else None


def _begins_with(post: Mapping[str, Any], handle: str) -> bool:
    return bool(handle) and text_of(post.get("text")).casefold().split(maxsplit=1)[:1] == [f"@{handle}".casefold()]


def _message(post: Mapping[str, Any], page: Mapping[str, Any], kind: str, about: str) -> InboxMessage:
    users = list_of(group_of(page, "includes").get("users"))
    author = text_of(post.get("author_id"))
    name = next((text_of(u.get("username")) for u in users if isinstance(u, dict) and u.get("id") == author), "")
    name = name if _USERNAME.fullmatch(name) else ""
    identity, at = text_of(post.get("id")), rfc3339(post["created_at"])
    where = f"https://x.com/{name or 'i/web'}/status/{identity}"
    return InboxMessage(identity, kind, f"@{name}" if name else "", whole_text(post), at, where, about)
