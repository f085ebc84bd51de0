"""Back to the pull request that brought a post: where it can be seen now, or why it cannot.

One comment on each merged pull request, brought up to date as more of its deliveries land. Which comment is ours, and
of which posts it speaks, stands in the comment itself; nothing else is remembered.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from socialops.forge.comment import author, mark, marked
from socialops.publishing import reasons
from socialops.publishing.attention import JUST_MISSED
from socialops.publishing.machine import State, confirmed_at, instant, receipts_of, state_of
from socialops.publishing.messages import code, link

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from socialops.publishing.ledger import Ledger
    from socialops.publishing.machine import Delivery
    from socialops.publishing.plan import Decision, Plan

NAME = "published"
TOLD_FOR = timedelta(days=7)
"""For how long after something happened to a delivery a run still looks whether it was told."""
MOST_POSTS = 60
"""How many posts one comment speaks of."""
MOST_NAMED = 400
"""How many it remembers that it belongs to."""
_POSTS = re.compile(r"<!-- posts: ([^\n]*) -->")
_NUMBER = re.compile(r"/issues/(\d{1,9})$")
_NEWS = frozenset({State.CONFIRMED, State.FAILED, State.ATTENTION, State.TOO_LATE, State.REMOVED})
_SEE = "what can be done stands in the issue of this channel"


@dataclass(frozen=True, slots=True)
class Known:
    """One of our comments, as it is on GitHub."""

    number: int
    posts: tuple[str, ...]
    body: str


@dataclass(frozen=True, slots=True)
class News:
    """A post of which something is to be told; *path* is its file, *claimed* when it was first about to be sent."""

    post: str
    path: str
    claimed: datetime | None


def news(ledger: Ledger, plan: Plan, now: datetime) -> tuple[News, ...]:
    """Return the posts with a delivery that lately went out, failed, came too late or needs a person, by id.

    Practice channels are left out: what is sent there reaches nobody.
    """
    found: dict[str, News] = {}
    for delivery in ledger.since(now - TOLD_FOR):
        if state_of(delivery) in _NEWS and not delivery.sandbox:
            claims = [instant(event.at) for event in delivery.events if event.state is State.INTENT]
            known = found.get(delivery.post)
            times = [*claims, *([known.claimed] if known and known.claimed else [])]
            found[delivery.post] = News(delivery.post, delivery.path, min(times) if times else None)
    for decision in plan.by_action("too_late"):
        missed = decision.due is not None and now - decision.due < JUST_MISSED
        if missed and not decision.channel.sandbox and decision.post.path:
            found.setdefault(decision.post.id, News(decision.post.id, decision.post.path, None))
    return tuple(found[post] for post in sorted(found))


def known_comments(comments: Iterable[Mapping[str, Any]], login: str) -> tuple[Known, ...]:
    """Return those of the repository's comments that are ours and speak of published posts."""
    found = []
    for comment in comments:
        number = _NUMBER.search(str(comment.get("issue_url") or ""))
        if not number or not marked(comment, mark(NAME)) or author(comment) != login:
            continue
        body = str(comment.get("body") or "")
        listed = _POSTS.search(body)
        posts = tuple(unquote(post) for post in listed[1].split()) if listed else ()
        found.append(Known(int(number[1]), posts, body))
    return tuple(found)


def conversations(
    told: Sequence[News], known: Sequence[Known], pull_request_of: Callable[[News], int | None]
) -> Mapping[int, tuple[str, ...]]:
    """Return the posts to speak of, by the number of their pull request; a post that came without one is left out.

    *pull_request_of* asks GitHub, and is asked only about posts that no comment of ours speaks of yet.
    """
    place = {post: comment.number for comment in known for post in comment.posts}
    listed = {comment.number: comment.posts for comment in known}
    found: dict[int, set[str]] = {}
    for one in told:
        number = place[one.post] if one.post in place else pull_request_of(one)
        if number is not None:
            found.setdefault(number, set(listed.get(number, ()))).add(one.post)
    return {number: tuple(sorted(posts)) for number, posts in sorted(found.items())}


def pull_request_in(pulls: Iterable[Mapping[str, Any]], branch: str) -> int | None:
    """Return the number of the pull request that brought a commit into *branch*: of several, the first merged."""
    merged = [
        (str(pull["merged_at"]), int(pull["number"]))
        for pull in pulls
        if pull.get("merged_at") and isinstance(pull.get("number"), int) and _base(pull) == branch
    ]
    return min(merged)[1] if merged else None


def _base(pull: Mapping[str, Any]) -> str:
    base = pull.get("base")
    return str(base.get("ref", "")) if isinstance(base, dict) else ""


# --- the text -------------------------------------------------------------------------------------------------------


def text(posts: Sequence[str], ledger: Ledger, plan: Plan, zone: ZoneInfo) -> str:
    """Return what a comment says of these posts; times in *zone*. The same situation has the same words."""
    decisions: dict[str, dict[str, Decision]] = {}
    for decision in (*plan.decisions, *plan.orphans):
        decisions.setdefault(decision.post.id, {})[decision.channel.name] = decision
    recorded: dict[str, list[str]] = {}
    for post, channel in ledger.deliveries:
        recorded.setdefault(post, []).append(channel)
    shown = posts[:MOST_POSTS]
    named = " ".join(quote(post, safe="") for post in posts[:MOST_NAMED])
    lines = [f"<!-- posts: {named} -->", "## What became of it"]
    for post in shown:
        title = next((decision.post.title for decision in decisions.get(post, {}).values()), "")
        lines += ["", f"### {code(post)}{f': {code(title)}' if title else ''}", ""]
        channels = sorted({*decisions.get(post, {}), *recorded.get(post, ())})
        for channel in channels:
            delivery, planned = ledger.deliveries.get((post, channel)), decisions.get(post, {}).get(channel)
            practice = delivery.sandbox if delivery else planned is not None and planned.channel.sandbox
            if not practice:
                lines.append(f"- {code(channel)}: {_outcome(delivery, planned, zone)}")
    if len(posts) > MOST_POSTS:
        lines += ["", f"And {len(posts) - MOST_POSTS} more posts, which the site shows."]
    lines += ["", "This comment follows what happens."]
    return "\n".join(lines)


def _outcome(delivery: Delivery | None, decision: Decision | None, zone: ZoneInfo) -> str:
    state = state_of(delivery) if delivery else State.PLANNED
    if delivery is not None and state is State.CONFIRMED:
        told = f"published {_local(confirmed_at(delivery), zone)}{_links(delivery)}"
        return f"{told}; {code(lost)}" if (lost := reasons.lacking(delivery)) else told
    if delivery is not None and state is State.REMOVED:
        return "published, and taken down again"
    if delivery is not None and state in (State.FAILED, State.ATTENTION):
        words = "could not be published" if state is State.FAILED else "needs a person"
        return f"{words} ({code(reasons.why(delivery))}); {_SEE}{_links(delivery)}"
    if state is State.TOO_LATE or (decision is not None and decision.action == "too_late"):
        return "came too late, and was not published; give it a new date, and it goes out"
    if state is State.CANCELLED:
        return "not published: a person decided so"
    if state is State.UNKNOWN:
        return "perhaps published; the next run looks"
    due = decision.due if decision is not None else instant(delivery.due) if delivery else None
    return f"to come{f' {_local(due, zone)}' if due else ''}"


def _links(delivery: Delivery) -> str:
    urls = [receipt.url for receipt in receipts_of(delivery) if receipt.url]
    if not urls:
        return ""
    return ": " + ", ".join(link(url) for url in urls[:30])


def _local(at: datetime | None, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%a %Y-%m-%d %H:%M} {zone.key}" if at else ""
