"""What people say below the posts of a page on LinkedIn, and who follows it.

LinkedIn tells who wrote a comment, or what a group is, by its number (`urn:li:person:…`, `urn:li:function:8`): their
names need rights that few programs are given. Comments come in no promised order, so the newest cannot be asked for
alone. What others wrote is data here and nothing else.

Sources: learn.microsoft.com/linkedin (Comments API, Organization Follower Statistics).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from socialops.networks.base import InboxMessage, Share, rfc3339
from socialops.networks.linkedin_post import COMMENT_NAME, encoded, number

PAGE = 50
PAGES = 4
"""How many pages of the comments below one post are read: two hundred."""

_GROUPS = {
    "followerCountsByGeoCountry": ("country", "geo"),
    "followerCountsByGeo": ("area", "geo"),
    "followerCountsByFunction": ("function", "function"),
    "followerCountsBySeniority": ("seniority", "seniority"),
    "followerCountsByIndustry": ("industry", "industry"),
    "followerCountsByStaffCountRange": ("company_size", "staffCountRange"),
    "followerCountsByAssociationType": ("association", "associationType"),
}
"""Field of the statistics → what its groups are called here, and the field that names one."""
_KINDS = ("organicFollowerCount", "paidFollowerCount")
_ACTOR = re.compile(r"urn:li:(?:person|organization|organizationBrand):[A-Za-z0-9_-]{1,64}")
_GROUP = re.compile(r"urn:li:[A-Za-z]{1,30}:[A-Za-z0-9_-]{1,40}|[A-Z0-9_]{1,60}")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def comments(read: Callable[[str], Any], post: str, own: str, since: datetime) -> Iterator[InboxMessage]:
    """Give what others wrote below *post* after *since*; answers to comments are not among it.

    *read* reads an address as JSON. Raises what it raises.
    """
    seen: set[str] = set()
    start = 0
    for _ in range(PAGES):
        answer = read(f"/rest/socialActions/{encoded(post)}/comments?count={PAGE}&start={start}")
        elements = answer.get("elements") if isinstance(answer, dict) else None
        page = [one for one in elements if isinstance(one, dict)] if isinstance(elements, list) else []
        fresh = [(name, one) for one in page if (name := _name(one)) and name not in seen]
        for name, comment in fresh:
            if comment.get("actor") != own and (said := _message(name, comment, post, since)):
                yield said
        seen.update(name for name, _ in fresh)
        start += len(page)
        paging = answer.get("paging") if isinstance(answer, dict) else None
        total = number(paging.get("total")) if isinstance(paging, dict) else None
        if not fresh or (total is not None and start >= total):
            return


def _name(comment: Mapping[str, Any]) -> str:
    name = comment.get("commentUrn")
    return name if isinstance(name, str) and COMMENT_NAME.fullmatch(name) else ""


def _message(name: str, comment: Mapping[str, Any], post: str, since: datetime) -> InboxMessage | None:
    created, message, actor = (comment.get(field) for field in ("created", "message", "actor"))
    told = created.get("time") if isinstance(created, dict) else None
    if not isinstance(told, int) or isinstance(told, bool) or not 0 < told < 10**13:
        return None
    at = _EPOCH + timedelta(milliseconds=told)
    if at <= since:
        return None
    text = message.get("text") if isinstance(message, dict) else None
    author = actor if isinstance(actor, str) and _ACTOR.fullmatch(actor) else ""
    where = f"https://www.linkedin.com/feed/update/{post}/?commentUrn={encoded(name)}"
    return InboxMessage(name, "reply", author, text if isinstance(text, str) else "", rfc3339(at), where, post)


def groups(answer: object) -> Iterator[Share]:
    """Give the groups of a page's followers, each dimension in LinkedIn's own order; those of none are left out."""
    elements = answer.get("elements") if isinstance(answer, dict) else None
    first = elements[0] if isinstance(elements, list) and elements and isinstance(elements[0], dict) else {}
    for field, (dimension, name) in _GROUPS.items():
        listed = first.get(field)
        for one in listed if isinstance(listed, list) else ():
            group = one.get(name) if isinstance(one, dict) else None
            counts = one.get("followerCounts") if isinstance(one, dict) else None
            told = [number(counts.get(kind)) for kind in _KINDS] if isinstance(counts, dict) else []
            people = sum(count for count in told if count is not None)
            if isinstance(group, str) and _GROUP.fullmatch(group) and people:
                yield Share(dimension, group, people)
