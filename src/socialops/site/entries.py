"""What the pages know of each delivery: post × channel, when, and where it stands."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, tzinfo
from typing import TYPE_CHECKING

from socialops.compose.recurrence import base_of
from socialops.content.channel import Channel
from socialops.content.post import ChannelEntry, Post
from socialops.content.video import VIDEO_SUFFIXES
from socialops.publishing.machine import (
    Delivery,
    State,
    confirmed_at,
    receipts_of,
    state_of,
)
from socialops.site.marks import Status
from socialops.site.markup import anchor_of, first_words

if TYPE_CHECKING:
    from socialops.compose.agenda import Agenda
    from socialops.content.load import Content
    from socialops.networks.draft import Draft, Receipt
    from socialops.publishing.ledger import Ledger
    from socialops.publishing.plan import Decision, Plan

_OF_STATE = {
    State.PLANNED: Status.PLANNED,
    State.INTENT: Status.SENDING,
    State.DEFERRED: Status.WAITING,
    State.CONFIRMED: Status.PUBLISHED,
    State.FAILED: Status.FAILED,
    State.TOO_LATE: Status.TOO_LATE,
    State.UNKNOWN: Status.ATTENTION,
    State.ATTENTION: Status.ATTENTION,
    State.CANCELLED: Status.CANCELLED,
    State.REMOVED: Status.REMOVED,
}
_OF_ACTION = {
    "send": Status.DUE,
    "later": Status.PLANNED,
    "hold": Status.HELD,
    "draft": Status.DRAFT,
    "too_late": Status.TOO_LATE,
    "attention": Status.ATTENTION,
    "reconcile": Status.ATTENTION,
}
_WHAT_TO_DO = {
    Status.ATTENTION: "Look at the account: is the post there? Then say so with `socialops resolve`.",
    Status.FAILED: "Read the reason, correct the post, and let it be reviewed again.",
    Status.TOO_LATE: "Give the post a new date, or delete it.",
    Status.HELD: "Clear the reason, or give the post another date.",
}
_SAFE_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,99}")


@dataclass(frozen=True, slots=True)
class Entry:
    """One delivery as the pages show it. *at* is the instant it went or goes out (UTC), or None."""

    post: Post
    channel: Channel
    at: datetime | None
    status: Status
    reason: str = ""
    receipts: tuple[Receipt, ...] = ()
    delivery: Delivery | None = field(default=None, repr=False)
    note: str = ""
    """Why it goes out then, where nobody gave it that date: a slot, or a rule by which it comes again."""

    @property
    def what_to_do(self) -> str:
        """What a person does about this state; empty when there is nothing to do."""
        return _WHAT_TO_DO.get(self.status, "")

    @property
    def url(self) -> str:
        """The address of what was published; empty when there is none (yet)."""
        return self.receipts[0].url if self.receipts else ""

    def local(self, zone: tzinfo) -> datetime | None:
        """Return the instant as wall time of *zone*."""
        return self.at.astimezone(zone) if self.at else None


@dataclass(frozen=True, slots=True)
class PostView:
    """A post with its deliveries, in order of time."""

    post: Post
    entries: tuple[Entry, ...]
    page: str
    """Where its own page lies (`post/<name>.md`), or empty: it stands in its month's archive."""
    anchor: str
    deleted: bool = False
    """The ledger knows it, but its file is gone."""

    @property
    def first(self) -> datetime | None:
        """The earliest instant."""
        return min((entry.at for entry in self.entries if entry.at), default=None)

    @property
    def last(self) -> datetime | None:
        """The latest instant."""
        return max((entry.at for entry in self.entries if entry.at), default=None)

    @property
    def moves(self) -> bool:
        """Tell whether a video belongs to it, by the names of its files; of a post that is gone, by what was sent."""
        media = [*self.post.media, *(item for entry in self.post.channels for item in entry.media or ())]
        files = [item.file for item in media]
        if self.deleted:
            files += [file for entry in self.entries for file in _sent(entry.delivery)]
        return any(file.casefold().endswith(VIDEO_SUFFIXES) for file in files)

    @property
    def label(self) -> str:
        """The title, or the first words."""
        return title_of(self.post)


def _sent(delivery: Delivery | None) -> list[str]:
    """Return the files that a record says were sent; a record of another version may hold none."""
    parts = delivery.draft.get("parts", ()) if delivery else ()
    return [str(item.get("file", "")) for part in parts for item in part.get("attachments", ())]


def title_of(post: Post) -> str:
    """Return the post's title, or its first words, or its id."""
    return post.title.strip() or first_words(post.parts[0] if post.parts else "") or post.id


def gather(content: Content, plan: Plan, ledger: Ledger) -> tuple[Entry, ...]:
    """Return every delivery that is planned or recorded, in order of time, post and channel; undated ones last."""
    entries = [_of_decision(decision, ledger, plan.agenda) for decision in (*plan.decisions, *plan.orphans)]
    seen = {(entry.post.id, entry.channel.name) for entry in entries}
    posts = {post.id: post for post in content.posts}
    for key, delivery in ledger.deliveries.items():
        if key not in seen:
            entries.append(_of_delivery(delivery, posts, content.channels))
    return tuple(sorted(entries, key=_order))


def known_posts(content: Content, entries: Iterable[Entry]) -> dict[str, Post]:
    """Return the posts whose file is there, by id; in the place of a post that comes again, its outings."""
    known = {post.id: post for post in content.posts}
    again = {id_: post for id_, post in known.items() if post.recur is not None}
    for entry in entries:
        base = again.get(base_of(entry.post.id))
        if base is not None and entry.post.id not in known:
            known[entry.post.id] = entry.post
            known.pop(base.id, None)
    return known


def _order(entry: Entry) -> tuple[bool, str, str, str]:
    return (entry.at is None, entry.at.isoformat() if entry.at else "", entry.post.id, entry.channel.name)


def _of_decision(decision: Decision, ledger: Ledger, agenda: Agenda) -> Entry:
    delivery = ledger.deliveries.get((decision.post.id, decision.channel.name))
    if decision.action == "settled":
        status = _OF_STATE[decision.state]
    else:
        status = _OF_ACTION[decision.action]
        if decision.state in (State.INTENT, State.DEFERRED) and decision.action in ("send", "later"):
            status = _OF_STATE[decision.state]
    if decision.due is None and delivery is None and status is not Status.DRAFT:
        status = Status.UNDATED
    at = decision.due
    receipts: tuple[Receipt, ...] = ()
    if delivery is not None:
        receipts = tuple(receipts_of(delivery))
        at = confirmed_at(delivery) or at or _instant(delivery.due)
    note = agenda.why(decision.post, decision.channel.name).removeprefix(", ") if status.goes_out else ""
    return Entry(decision.post, decision.channel, at, status, decision.reason, receipts, delivery, note)


def _of_delivery(delivery: Delivery, posts: Mapping[str, Post], channels: Mapping[str, Channel]) -> Entry:
    """Make an entry of a record whose post, or whose mention of the channel, is gone from the workspace."""
    post = posts.get(delivery.post)
    again = posts.get(base_of(delivery.post))
    if post is None and again is not None and again.recur is not None:
        # An outing of a post that comes again: its own words are on record.
        texts = tuple(str(part.get("text", "")) for part in delivery.draft.get("parts", ()))
        post = replace(again, id=delivery.post, parts=texts or again.parts, recur=None)
    if post is None:
        texts = tuple(str(part.get("text", "")) for part in delivery.draft.get("parts", ()))
        post = Post(delivery.post, delivery.path, texts or ("",), channels=(ChannelEntry(delivery.channel),))
    channel = channels.get(delivery.channel) or Channel(
        delivery.channel, "", delivery.network, sandbox=delivery.sandbox
    )
    at = confirmed_at(delivery) or _instant(delivery.due)
    receipts = tuple(receipts_of(delivery))
    return Entry(post, channel, at, _OF_STATE[state_of(delivery)], "", receipts, delivery)


def _instant(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else None


def draft_of(entry: Entry, content: Content) -> Draft:
    """Return exactly what the channel was sent, or will be sent."""
    from socialops.compose.compose import compose
    from socialops.networks.draft import draft_from_record

    if entry.delivery is not None and entry.delivery.draft:
        try:
            return draft_from_record(entry.delivery.draft)
        except (KeyError, TypeError, ValueError, AttributeError):
            pass  # a record of another version: what would be sent now is the closest we can show
    return compose(entry.post, entry.channel, content)


def group(
    entries: Iterable[Entry], *, recent: datetime, most_pages: int, known: Mapping[str, Post]
) -> tuple[PostView, ...]:
    """Gather the entries by post; posts whose last delivery is after *recent* (or that have no date) get a page.

    At most *most_pages*, the latest first: a page each for ten thousand posts would take hours to render.
    """
    by_post: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        by_post[entry.post.id].append(entry)
    for post in known.values():
        by_post.setdefault(post.id, [])
    lasts = {name: max((entry.at for entry in items if entry.at), default=None) for name, items in by_post.items()}
    undated = sorted(name for name, last in lasts.items() if last is None)
    dated = sorted(((last, name) for name, last in lasts.items() if last is not None), reverse=True)
    chosen = [name for last, name in dated if last >= recent]
    own = set((undated + chosen)[:most_pages])
    names = _file_names(sorted(by_post))
    views = []
    for name, items in by_post.items():
        post = known.get(name) or items[0].post
        page = f"post/{names[name]}.md" if name in own else ""
        views.append(PostView(post, tuple(items), page, names[name], deleted=name not in known))
    return tuple(sorted(views, key=lambda view: (view.first is None, view.first or recent, view.post.id)))


def _file_names(ids: Sequence[str]) -> dict[str, str]:
    """Give each post id a file name that is safe on every disk, and differs from all others without regard to case."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    for name in sorted(ids, key=lambda item: (not _SAFE_NAME.fullmatch(item), item)):
        safe = name if _SAFE_NAME.fullmatch(name) else anchor_of(name)
        number = 1
        candidate = safe
        while candidate in taken:
            number += 1
            candidate = f"{safe}-{number}"
        taken.add(candidate)
        names[name] = candidate
    return names


def month_of(at: datetime, zone: tzinfo) -> str:
    """Return the month an instant falls in, as `2026-12`."""
    return f"{at.astimezone(zone):%Y-%m}"


def day_of(at: datetime, zone: tzinfo) -> date:
    """Return the day an instant falls on."""
    return at.astimezone(zone).date()
