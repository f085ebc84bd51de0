"""What people say on YouTube, and who watches: comments on our videos, and our subscribers in groups.

Comments are read for the whole channel at once, the newest threads first: one request for a hundred, where asking for
each video would take one for each. An answer to a thread older than LATE is found by nobody.

Sources: the discovery documents youtube v3 (commentThreads, comments; revision 20261104) and youtubeAnalytics v2.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from socialops.networks.base import InboxMessage, Share, instant
from socialops.networks.draft import Receipt
from socialops.networks.listening import PAGES, newest_first, said
from socialops.networks.youtube_video import fields, items, number

Read = Callable[[str, Mapping[str, str]], Mapping[str, Any]]
"""Reads a list of the Data API; raises NotAllowed or TryLater."""

PAGE = 100
"""Threads, or comments, a page holds at most (maxResults)."""
LATE = timedelta(days=14)
"""How long after its first comment a thread is still looked into for new answers."""
WINDOW = timedelta(days=90)
"""Over how long viewers are counted in groups."""
SETTLED = timedelta(days=3)
"""How many days back the numbers of YouTube Analytics are complete (about two or three)."""
ANALYTICS = "https://youtubeanalytics.googleapis.com"

COMMENT = re.compile(r"[A-Za-z0-9_.-]{6,128}")
_GROUP = re.compile(r"[A-Za-z0-9_+-]{1,40}")


def replies(read: Read, own: str, receipts: Sequence[Receipt], since: datetime) -> list[InboxMessage]:
    """Read the comments on our videos, and the answers to them; *own* is the id of our channel."""
    ours = {receipt.id for receipt in receipts}
    if not ours:
        return []
    found: list[InboxMessage | None] = []
    for thread in _threads(read, own, since - LATE):
        snippet = fields(thread, "snippet")
        video = snippet.get("videoId")
        if video not in ours:
            continue
        comments = [fields(snippet, "topLevelComment"), *items(fields(thread, "replies").get("comments"))]
        if (number(snippet.get("totalReplyCount")) or 0) >= len(comments):
            # A thread shows only some of its answers.
            comments = [comments[0], *_answers(read, comments[0])]
        found += [_message(comment, str(video), own, since) for comment in comments if isinstance(comment, dict)]
    return newest_first(found)


def _threads(read: Read, own: str, earliest: datetime) -> Iterator[Mapping[str, Any]]:
    query = {
        "part": "snippet,replies",
        "allThreadsRelatedToChannelId": own,
        "order": "time",
        "textFormat": "plainText",
        "maxResults": str(PAGE),
    }
    for _ in range(PAGES):
        answer = read("commentThreads", query)
        listed = [item for item in items(answer.get("items")) if isinstance(item, dict)]
        yield from listed
        times = [_at(fields(fields(item, "snippet"), "topLevelComment")) for item in listed]
        following = answer.get("nextPageToken")
        if not isinstance(following, str) or not following or any(at and at < earliest for at in times):
            return
        query["pageToken"] = following


def _answers(read: Read, comment: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    identity = comment.get("id")
    if not isinstance(identity, str) or not COMMENT.fullmatch(identity):
        return
    query = {"part": "snippet", "parentId": identity, "textFormat": "plainText", "maxResults": str(PAGE)}
    for _ in range(PAGES):
        answer = read("comments", query)
        yield from (item for item in items(answer.get("items")) if isinstance(item, dict))
        following = answer.get("nextPageToken")
        if not isinstance(following, str) or not following:
            return
        query["pageToken"] = following


def _at(comment: Mapping[str, Any]) -> datetime | None:
    return instant(fields(comment, "snippet").get("publishedAt"))


def _message(comment: Mapping[str, Any], video: str, own: str, since: datetime) -> InboxMessage | None:
    snippet, identity = fields(comment, "snippet"), comment.get("id")
    if fields(snippet, "authorChannelId").get("value") == own:
        return None
    if not isinstance(identity, str) or not COMMENT.fullmatch(identity):
        return None
    url = f"https://www.youtube.com/watch?v={video}&lc={identity}"
    author, text = snippet.get("authorDisplayName"), snippet.get("textDisplay")
    return said("reply", identity, author, text, _at(comment), since, url=url, about=video)


def report_query(now: datetime, dimensions: str, metrics: str) -> dict[str, str]:
    """Return the query of a report about those who subscribed to our channel."""
    last = (now - SETTLED).date()
    return {
        "ids": "channel==MINE",
        "startDate": (last - WINDOW).isoformat(),
        "endDate": last.isoformat(),
        "metrics": metrics,
        "dimensions": dimensions,
        "filters": "subscribedStatus==SUBSCRIBED",
    }


def shares(report: Mapping[str, Any], subscribers: int) -> list[Share]:
    """Return our subscribers in groups of age and gender.

    YouTube tells which part of the subscribed viewers of ninety days is of a group, in percent, and leaves small groups
    out. *count* is that part of all subscribers: an estimate, rounded to whole people.
    """
    headers = [column.get("name") for column in items(report.get("columnHeaders")) if isinstance(column, dict)]
    if not {"ageGroup", "gender", "viewerPercentage"} <= set(headers):
        return []
    ages: dict[str, float] = {}
    genders: dict[str, float] = {}
    for row in items(report.get("rows")):
        if not isinstance(row, list) or len(row) != len(headers):
            continue
        cells = dict(zip(headers, row, strict=True))
        part = cells["viewerPercentage"]
        if not isinstance(part, int | float) or isinstance(part, bool) or not 0 <= part <= 100:
            continue
        for groups, name in ((ages, cells["ageGroup"]), (genders, cells["gender"])):
            if isinstance(name, str) and _GROUP.fullmatch(name):
                groups[name] = groups.get(name, 0.0) + float(part)
    return [
        Share(dimension, group.removeprefix("age"), round(part * subscribers / 100))
        for dimension, groups in (("age", ages), ("gender", genders))
        for group, part in sorted(groups.items())
    ]
