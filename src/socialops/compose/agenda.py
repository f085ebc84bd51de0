"""The agenda: everything that goes out, each post with its time on each of its channels.

What people wrote is not yet that: a post may have no date, and a post may come again. The agenda puts each undated post
into a slot of its channel and each outing of a recurring one on its day, so that everyone who asks (plan, preview,
check, calendar) is told the same time.

**Why a slot, once shown, stays.** No rule that looks at the posts alone can be stable: whatever posts are sorted by, a
post may be added tomorrow that sorts first, and push the others on. So the place is *promised*: the first publishing
run that sees an undated post on the main branch writes its slot down beside the ledger (`publishing/promises.py`), and
from then on:

- A promise holds as long as the slot can be kept. Adding undated posts, and time going by, moves nothing.
- It is void when people took the slot away: it is no slot any more, or a day off, a post with a date stands there or
  nearer than the channel's gap, or the post's own campaign or expiry say otherwise. Or when the slot has passed by more
  than `late_ok` with nothing sent, because no run came or the post was held. Then the post takes the next free slot.
- What was begun (there is a record in the ledger) is past all this: its time is the record's.

Posts without a promise are placed behind all promises, in the order of their files' paths, which begin with the day
they were written. What a pull request shows is therefore where its post will stand if it is merged before others.

Everything here is pure: posts, promises, records and `now` in, times out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from socialops.compose.recurrence import cooldown_of, outing_id, outings, post_of
from socialops.compose.schedule import due, when
from socialops.compose.slots import Occupied, days_off, free_slot, gap_of, instant_of, is_slot
from socialops.content.when import When, WhenError

if TYPE_CHECKING:
    from datetime import date

    from socialops.compose.recurrence import Outing
    from socialops.content.channel import Channel
    from socialops.content.load import Content
    from socialops.content.post import Post

Name = tuple[str, str]
"""(post id, channel name), as the ledger calls a delivery."""

AHEAD = timedelta(days=56)
"""How far ahead the outings of recurring posts are shown: two months are planned, nobody plans the year."""
BEHIND = timedelta(days=7)
"""How long an outing that was missed is still told of."""


class Record(Protocol):
    """What the agenda asks of the ledger."""

    def promised(self, name: Name) -> datetime | None:
        """Return the slot that was promised to an undated post on a channel."""

    def begun(self, post: Post, channel: str) -> datetime | None:
        """Return when a delivery that a run has begun, or settled, was due; None where there is none."""

    def outings(self, post: str, channel: str) -> Sequence[tuple[str, datetime | None]]:
        """Return (id, instant) of what is on record of a recurring post on a channel; None: it did not go out."""


class _Nothing:
    def promised(self, name: Name) -> datetime | None:
        return None

    def begun(self, post: Post, channel: str) -> datetime | None:
        return None

    def outings(self, post: str, channel: str) -> Sequence[tuple[str, datetime | None]]:
        return ()


NOTHING: Record = _Nothing()
"""The record of a workspace that never published."""


@dataclass(frozen=True, slots=True)
class Place:
    """The slot of an undated post on a channel. *promised*: it is written down, and holds."""

    at: datetime
    promised: bool
    begun: bool = False


@dataclass(frozen=True, slots=True)
class Agenda:
    """Every post as it goes out.

    *posts* are those of the content in their order, a recurring one replaced by its outings from a week ago to eight
    weeks ahead; *places* the slots of posts without a date; *fallen* the outings that fall on a day off: (post, channel
    name, outing).
    """

    posts: Sequence[Post]
    places: Mapping[Name, Place] = field(default_factory=dict)
    fallen: tuple[tuple[Post, str, Outing], ...] = ()
    outing_of: Mapping[str, Post] = field(default_factory=dict)
    """The id of an outing → the post that comes again."""
    occupied: Mapping[str, Occupied] = field(default_factory=dict)
    """Channel → when it has something, of the channels somebody needed to know it of."""

    def outings(self) -> tuple[Post, ...]:
        """Return the outings of recurring posts, in the order of the posts."""
        return tuple(post for post in self.posts if post.id in self.outing_of)

    def next_of(self, post: Post, content: Content, now: datetime) -> tuple[Post, ...]:
        """Return a post as it goes out: with the dates of its slots; one that comes again, as its next outings.

        The post itself when nothing of it is to come.
        """
        if post.recur is None:
            return tuple(going for going in self.posts if going.id == post.id) or (post,)
        channels = content.channels.values()
        return tuple(
            out
            for out in self.outings()
            if self.outing_of[out.id].id == post.id
            and any((at := due(out, channel)) is not None and at >= now for channel in channels)
        ) or (post,)

    def why(self, post: Post, channel: str) -> str:
        """Say, to be put behind a time, why a post to which nobody gave that date goes out then; else nothing."""
        base = self.outing_of.get(post.id)
        if base is not None and base.recur is not None:
            return f", as it does {base.recur.every} until {base.recur.until}"
        place = self.places.get((post.id, channel))
        if place is None or place.begun:
            return ""
        return ", in the slot it was given" if place.promised else ", in the next free slot"


def agenda(content: Content, now: datetime, record: Record = NOTHING, *, for_channels: Sequence[str] = ()) -> Agenda:
    """Return what goes out when; *for_channels* are channels whose times are wanted even if no post needs them."""
    return _Agenda(content, now, record).made(for_channels)


def next_free_slot(content: Content, channel: Channel, now: datetime, record: Record = NOTHING) -> datetime | None:
    """Return the next free slot of a channel from *now* on, in UTC: behind all posts, dated or not.

    None: the channel has no slots, or none is free within a year. `wall_text` writes it as a header's `date:`.
    """
    occupied = agenda(content, now, record, for_channels=[channel.name]).occupied[channel.name]
    return free_slot(channel, days_off(content, channel), occupied, now)


def wall_text(at: datetime, channel: Channel) -> str:
    """Write an instant as a `date:` for the channel: wall time, or with its offset where the clock shows it twice."""
    local = at.astimezone(channel.tz())
    text = f"{local:%Y-%m-%d %H:%M}"
    try:
        if When(text, local.replace(tzinfo=None, fold=0)).at(channel.tz()) == at:
            return text
    except WhenError:
        pass
    return local.isoformat(timespec="seconds")


class _Agenda:
    """The making of one agenda."""

    def __init__(self, content: Content, now: datetime, record: Record) -> None:
        self.content = content
        self.now = now
        self.record = record
        self.places: dict[Name, Place] = {}
        self.fallen: list[tuple[Post, str, Outing]] = []
        self.occupied: dict[str, Occupied] = {}

    def made(self, for_channels: Sequence[str]) -> Agenda:
        posts = self.content.posts
        recurring = [post for post in posts if post.recur is not None and not post.draft]
        waiting = [
            (post, channel) for post in posts if not post.draft and post.recur is None for channel in self.undated(post)
        ]
        wanted = {*for_channels, *(channel.name for _, channel in waiting)}
        if not recurring and not wanted:
            return Agenda(posts)
        unrolled = {post.id: self.unrolled(post) for post in recurring}
        every = [out for post in posts for out in (unrolled.get(post.id, (post,)) if post.recur else (post,))]
        if wanted:
            self.occupy(every, wanted)
            self.place(waiting)
        placed = {name[0] for name in self.places}
        return Agenda(
            tuple([self.dated(post) if post.id in placed else post for post in every]) if unrolled or placed else posts,
            self.places,
            tuple(self.fallen),
            {out.id: post for post in recurring for out in unrolled[post.id]},
            self.occupied,
        )

    def undated(self, post: Post) -> list[Channel]:
        """Return the channels on which a post has no date."""
        if post.date is not None:
            return []
        channels = self.content.channels
        return [channels[entry.channel] for entry in post.channels if entry.date is None and entry.channel in channels]

    # --- what comes again -------------------------------------------------------------------------------------------

    def unrolled(self, post: Post) -> tuple[Post, ...]:
        going: dict[date, list[tuple[str, Outing]]] = {}
        for entry in post.channels:
            channel = self.content.channels.get(entry.channel)
            if channel is None or post.recur is None:
                continue
            known = self.record.outings(post.id, channel.name)
            ids = {id_ for id_, _ in known}
            cooldown = cooldown_of(post.recur)
            for outing in outings(post, channel, self.content, self.now - BEHIND, self.now + AHEAD):
                own = outing_id(post.id, outing.day)
                if own not in ids:
                    if any(at is not None and abs(outing.at - at) < cooldown for _, at in known):
                        continue
                    if outing.off is not None:
                        self.fallen.append((post, channel.name, outing))
                        continue
                going.setdefault(outing.day, []).append((channel.name, outing))
        return tuple(post_of(post, day, going[day]) for day in sorted(going))

    # --- slots ------------------------------------------------------------------------------------------------------

    def occupy(self, posts: Sequence[Post], wanted: set[str]) -> None:
        """Note when the channels have posts with a date: what may stand near a slot that is still to come."""
        channels = {name: self.content.channels[name] for name in wanted if name in self.content.channels}
        self.occupied = {name: Occupied(gap_of(self.content, channel)) for name, channel in channels.items()}
        # Years of posts are long past: a look at the wall tells, without asking any zone.
        oldest = (self.now - timedelta(days=400)).replace(tzinfo=None)
        for post in posts:
            if post.draft:
                continue
            for entry in post.channels:
                channel = channels.get(entry.channel)
                typed = entry.date or post.date
                if channel is None or typed is None or typed.wall.replace(tzinfo=None) < oldest:
                    continue
                if (at := due(post, channel)) is not None:
                    self.occupied[channel.name].add(at)

    def place(self, waiting: Sequence[tuple[Post, Channel]]) -> None:
        """Put each undated post into a slot: first those that were begun, then the promises, then the others."""
        promised: list[tuple[datetime, str, Post, Channel]] = []
        others: list[tuple[str, Post, Channel]] = []
        for post, channel in waiting:
            name = (post.id, channel.name)
            begun = self.record.begun(post, channel.name)
            if begun is not None:
                self.take(name, Place(begun, promised=True, begun=True))
            elif (at := self.record.promised(name)) is not None:
                promised.append((at, post.id, post, channel))
            else:
                others.append((post.path, post, channel))
        for at, _, post, channel in sorted(promised, key=lambda item: (item[0], item[1], item[3].name)):
            if self.holds(post, channel, at):
                self.take((post.id, channel.name), Place(at, promised=True))
            else:
                others.append((post.path, post, channel))
        for _, post, channel in sorted(others, key=lambda item: (item[0], item[1].id, item[2].name)):
            begins, ends = self.window(post, channel)
            off = days_off(self.content, channel)
            slot = free_slot(channel, off, self.occupied[channel.name], max(self.now, begins), ends)
            if slot is not None:
                self.take((post.id, channel.name), Place(slot, promised=False))

    def take(self, name: Name, place: Place) -> None:
        self.places[name] = place
        self.occupied[name[1]].add(place.at)

    def holds(self, post: Post, channel: Channel, at: datetime) -> bool:
        """Tell whether a promise can still be kept."""
        settings = self.content.workspace.settings
        late_ok = post.late_ok if post.late_ok is not None else settings.late_ok
        begins, ends = self.window(post, channel)
        return (
            self.now - at <= late_ok
            and at >= begins
            and (ends is None or at < ends)
            and is_slot(channel, days_off(self.content, channel), at)
            and self.occupied[channel.name].free(at)
        )

    def window(self, post: Post, channel: Channel) -> tuple[datetime, datetime | None]:
        """Return from when on, and before when, an undated post may go out: its campaign's first day, its expiry."""
        zone = channel.tz()
        begins, ends = datetime.min.replace(tzinfo=UTC), None
        campaign = self.content.brand.campaigns.get(post.campaign) if post.campaign else None
        if campaign is not None and campaign.start is not None:
            begins = instant_of(campaign.start, datetime.min.time(), zone)
        if post.expires is not None:
            try:
                ends = post.expires.at(zone)
            except WhenError:
                ends = None
            if ends is not None and post.expires.day_only:
                ends += timedelta(days=1)
        return begins, ends

    def dated(self, post: Post) -> Post:
        """Return an undated post with the dates of its slots."""
        entries = []
        for entry in post.channels:
            place = self.places.get((post.id, entry.channel))
            if place is None or when(post, self.content.channels[entry.channel]) is not None:
                entries.append(entry)
                continue
            local = place.at.astimezone(self.content.channels[entry.channel].tz())
            entries.append(replace(entry, date=When(f"{local:%Y-%m-%d %H:%M}", place.at)))
        return replace(post, channels=tuple(entries))
