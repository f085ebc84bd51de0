"""What the sandbox knows: its accounts, everything it was sent, and its clock; kept in one SQLite database."""

from __future__ import annotations

import base64
import hashlib
import json
import sqlite3
import threading
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from socialops.content.text import find_tags
from socialops.errors import UsageError, WorkspaceError
from socialops.networks.sandbox import audience

NetworkName = Literal["mastodon", "bluesky"]

_TABLES = """
create table if not exists facts (name text primary key, value text not null);
create table if not exists accounts (
    handle text primary key, id text not null unique, did text not null unique, name text not null, zone text not null,
    followers integer not null, lang text not null, since integer not null, token text not null unique);
create table if not exists posts (
    network text not null, handle text not null, id text not null, published integer not null, reply_to text,
    content text not null, primary key (network, handle, id));
create index if not exists posts_by_time on posts (published);
create table if not exists pictures (
    id text not null, handle text not null, mime text not null, width integer not null, height integer not null,
    size integer not null, alt text not null, focus text not null, waits integer not null, uploaded integer not null,
    content blob not null, primary key (id, handle));
create table if not exists keys (
    handle text not null, key text not null, post text not null, at integer not null, primary key (handle, key));
create table if not exists records (
    handle text not null, collection text not null, rkey text not null, cid text not null, value text not null,
    primary key (handle, collection, rkey));
"""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _stamp(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(microseconds=1)


def _instant(stamp: int) -> datetime:
    return _EPOCH + timedelta(microseconds=stamp)


@dataclass(frozen=True, slots=True)
class Member:
    """One account of the sandbox; it can post through either API. *followers* is how many there were at *since*."""

    handle: str
    id: str
    did: str
    name: str
    zone: str
    followers: int
    lang: str
    since: datetime
    token: str = field(repr=False)

    @property
    def username(self) -> str:
        """Return the handle without its host."""
        return self.handle.partition("@")[0]

    @property
    def following(self) -> int:
        """Return how many accounts it follows: a fixed number, it follows nobody new here."""
        return 40 + int(self.id[-4:]) % 160


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as it was uploaded, without its bytes."""

    id: str
    mime: str
    width: int
    height: int
    size: int
    alt: str = ""
    focus: str = ""
    waits: int = 0
    """How many more times a client is told that it is still being processed."""


@dataclass(frozen=True, slots=True)
class Question:
    """A poll as it was posted."""

    options: tuple[str, ...]
    seconds: int
    multiple: bool = False
    hide_totals: bool = False


@dataclass(frozen=True, slots=True)
class LinkCard:
    """A link that was sent as a card; *picture* is the id of its image, if any."""

    url: str
    title: str
    description: str = ""
    picture: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """A stretch of the text that is a link, a mention or a tag; offsets are code points."""

    start: int
    end: int
    kind: str
    target: str


@dataclass(frozen=True, slots=True)
class Sent:
    """One post the sandbox was sent. *reply_to* is the id of a post on the same network."""

    network: NetworkName
    handle: str
    id: str
    published: datetime
    text: str
    marks: tuple[Mark, ...] = ()
    lang: str = ""
    visibility: str = "public"
    warning: str = ""
    sensitive: bool = False
    pictures: tuple[Picture, ...] = ()
    question: Question | None = None
    card: LinkCard | None = None
    reply_to: str | None = None
    cid: str = ""
    tags: tuple[str, ...] = ()
    position: int = 0
    """Which part of a thread it is, counted from 0."""

    @property
    def closes(self) -> datetime | None:
        """Return when the poll closes; None without one."""
        return self.published + timedelta(seconds=self.question.seconds) if self.question else None


@dataclass(frozen=True, slots=True)
class Numbers:
    """What the counters of a post show."""

    likes: int
    reposts: int
    replies: int
    quotes: int
    bookmarks: int
    votes: audience.Votes | None = None


class Archive:
    """The database and the clock.

    One connection, used by one thread at a time: hold `lock` around every use. The file remembers its seed and its
    clock: opened again, it goes on where it stopped, or at *now* when that is later.
    """

    def __init__(self, database: Path | str, *, seed: int, now: Callable[[], datetime]) -> None:
        self.lock = threading.RLock()
        self._closed = False
        self._posts: dict[tuple[str, str, str], Sent] = {}
        self._answers: dict[tuple[str, str], list[Sent]] = {}
        self._followers: dict[tuple[str, datetime], int] = {}
        self._messages: dict[tuple[str, str, str], audience.Message] = {}
        self._members: dict[str, Member] = {}
        try:
            self._database = sqlite3.connect(str(database), check_same_thread=False, isolation_level=None)
        except sqlite3.Error as error:
            raise _unusable(database, error) from error
        try:
            # A practice server: fast and whole after a crash of the process, not of the machine.
            self._database.execute("pragma journal_mode = wal")
            self._database.execute("pragma synchronous = off")
            self._database.executescript(_TABLES)
            self.seed = int(self._fact("seed", str(seed)))
            self._stored = _instant(int(self._fact("clock", "0")))
        except (sqlite3.Error, ValueError) as error:
            self._database.close()
            raise _unusable(database, error) from error
        self._clock = now
        self._members = {member.handle: member for member in self._read_members()}
        for row in self._database.execute("select network, handle, id, published, reply_to, content from posts"):
            self._shelve(_sent(*row))

    def close(self) -> None:
        """Close the database; closing it again does nothing."""
        with self.lock:
            if not self._closed:
                self._closed = True
                self._keep("clock", str(_stamp(self.now())))
                self._database.close()

    def _fact(self, name: str, default: str) -> str:
        row = self._database.execute("select value from facts where name = ?", (name,)).fetchone()
        if row is None:
            self._keep(name, default)
            return default
        return str(row[0])

    def _keep(self, name: str, value: str) -> None:
        self._database.execute("insert or replace into facts values (?, ?)", (name, value))

    # --- the clock ---

    def now(self) -> datetime:
        """Return the sandbox's own time, UTC."""
        return max(self._stored, self._clock().astimezone(UTC))

    def set_clock(self, at: datetime) -> None:
        """Move the clock forward to *at* and leave it there; raises UsageError when that is in the past."""
        if at.tzinfo is None:
            raise UsageError("The sandbox's clock needs a time with its zone.", hint="Write 2026-12-01T09:30:00+03:00.")
        at = at.astimezone(UTC)
        if at < self.now():
            raise UsageError(
                f"The sandbox's clock stands at {self.now():%Y-%m-%d %H:%M} UTC and only moves forward.",
                hint="Start with a new database to go back in time.",
            )
        self._stored = at
        self._clock = lambda: at
        self._keep("clock", str(_stamp(at)))

    # --- accounts ---

    def add_member(self, handle: str, name: str, zone: str, followers: int, lang: str) -> Member:
        """Add an account, or change one; its token depends on the seed and the handle alone."""
        digest = hashlib.sha256(f"{self.seed}|{handle}".encode()).digest()
        letters = base64.b32encode(hashlib.sha256(handle.encode()).digest()).decode().casefold()
        known = self._members.get(handle)
        member = Member(
            handle=handle,
            id=str(10**17 + int.from_bytes(digest[16:22], "big")),
            did=f"did:plc:{letters[:24]}",
            name=name,
            zone=zone,
            followers=followers,
            lang=lang,
            since=known.since if known else self.now(),
            token=f"sandbox-{digest.hex()[:32]}",
        )
        row = (*(getattr(member, key) for key in ("handle", "id", "did", "name", "zone", "followers", "lang")),)
        self._database.execute(
            "insert or replace into accounts values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (*row, _stamp(member.since), member.token),
        )
        self._followers.clear()
        self._members[handle] = member
        return member

    def _read_members(self) -> Iterable[Member]:
        rows = self._database.execute(
            "select handle, id, did, name, zone, followers, lang, since, token from accounts order by handle"
        )
        for handle, id_, did, name, zone, followers, lang, since, token in rows:
            yield Member(handle, id_, did, name, zone, followers, lang, _instant(since), token)

    def members(self) -> tuple[Member, ...]:
        """Return every account, by handle."""
        return tuple(self._members[handle] for handle in sorted(self._members))

    def member(self, handle: str) -> Member | None:
        """Find an account by its handle."""
        return self._members.get(handle)

    def member_with(self, **wanted: str) -> Member | None:
        """Find an account by its id, did or token."""
        for member in self._members.values():
            if all(getattr(member, name) == value for name, value in wanted.items()):
                return member
        return None

    def crowd(self, member: Member) -> audience.Crowd:
        """Return the people around an account."""
        return audience.Crowd(member.handle, member.zone, member.followers, member.lang, member.since, self.seed)

    def followers(self, member: Member, at: datetime | None = None) -> int:
        """Return how many follow an account at *at*, or now, by the whole second."""
        now = (at or self.now()).replace(microsecond=0)
        if (member.handle, now) not in self._followers:
            if len(self._followers) > 1000:
                self._followers.clear()
            self._followers[member.handle, now] = self._count_followers(member, now)
        return self._followers[member.handle, now]

    def _count_followers(self, member: Member, now: datetime) -> int:
        messages = [self.message(post) for post in self.posts(member.handle, everything=True) if post.published <= now]
        return audience.followers(self.crowd(member), messages, now)

    # --- posts ---

    def _shelve(self, post: Sent) -> None:
        self._forget_numbers(post)
        self._posts[post.network, post.handle, post.id] = post
        if post.reply_to:
            self._answers.setdefault((post.network, post.reply_to), []).append(post)

    def next_id(self) -> str:
        """Return a new id as Mastodon makes them: milliseconds and a number, always larger than the last."""
        wanted = (_stamp(self.now()) // 1000) << 16
        last = int(self._fact("last id", "0"))
        fresh = max(wanted, last + 1)
        self._keep("last id", str(fresh))
        return str(fresh)

    def add(self, post: Sent) -> None:
        """Keep a post."""
        content = asdict(post)
        for name in ("network", "handle", "id", "published", "reply_to"):
            del content[name]
        self._database.execute(
            "insert or replace into posts values (?, ?, ?, ?, ?, ?)",
            (
                post.network,
                post.handle,
                post.id,
                _stamp(post.published),
                post.reply_to,
                json.dumps(content, ensure_ascii=False),
            ),
        )
        self._shelve(post)

    def remove(self, post: Sent) -> None:
        """Forget a post, and its idempotency keys."""
        self._database.execute(
            "delete from posts where network = ? and handle = ? and id = ?", (post.network, post.handle, post.id)
        )
        self._database.execute("delete from keys where handle = ? and post = ?", (post.handle, post.id))
        self._forget_numbers(post)
        self._posts.pop((post.network, post.handle, post.id), None)
        if post.reply_to:
            self._answers[post.network, post.reply_to].remove(post)

    def post(self, network: NetworkName, handle: str, id: str) -> Sent | None:  # noqa: A002 - the network's word
        """Find a post; None when there is none, or it is yet to come."""
        found = self.find(network, handle, id)
        return found if found and found.published <= self.now() else None

    def find(self, network: NetworkName, handle: str, id: str) -> Sent | None:  # noqa: A002 - the network's word
        """Find a post, even one that is scheduled for later."""
        return self._posts.get((network, handle, id))

    def status(self, id: str) -> Sent | None:  # noqa: A002 - the network's word
        """Find a post of the Mastodon side by its id alone."""
        for handle in self._members:
            if found := self.post("mastodon", handle, id):
                return found
        return None

    def posts(
        self, handle: str | None = None, network: NetworkName | None = None, *, everything: bool = False
    ) -> list[Sent]:
        """Return the posts of an account, or of all, newest first; with *everything*, also those yet to come."""
        now = self.now()
        found = [
            post
            for post in self._posts.values()
            if (handle is None or post.handle == handle)
            and (network is None or post.network == network)
            and (everything or post.published <= now)
        ]
        return sorted(found, key=_order, reverse=True)

    def replies(self, post: Sent) -> list[Sent]:
        """Return the account's own answers to a post, oldest first."""
        now = self.now()
        found = [
            other
            for other in self._answers.get((post.network, post.id), ())
            if (other.handle == post.handle or post.network == "mastodon") and other.published <= now
        ]
        return sorted(found, key=_order)

    def parent(self, post: Sent) -> Sent | None:
        """Return what a post answers, if that is here."""
        if post.reply_to is None:
            return None
        found = self.post(post.network, post.handle, post.reply_to)
        return found or (self.status(post.reply_to) if post.network == "mastodon" else None)

    # --- numbers ---

    def _forget_numbers(self, post: Sent) -> None:
        """Forget what was worked out from a post: whether it leads a thread is told by its answers."""
        self._followers.clear()
        for handle in self._members:
            for id_ in (post.id, post.reply_to or ""):
                self._messages.pop((post.network, handle, id_), None)

    def message(self, post: Sent) -> audience.Message:
        """Return what the audience sees of a post."""
        key = (post.network, post.handle, post.id)
        if key not in self._messages:
            self._messages[key] = self._make_message(post)
        return self._messages[key]

    def _make_message(self, post: Sent) -> audience.Message:
        digest = hashlib.sha256(post.text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
        return audience.Message(
            key=f"{post.network}|{post.published.isoformat()}|{post.position}|{digest}",
            network=post.network,
            published=post.published,
            format=_format(post),
            tags=post.tags,
            lang=post.lang,
            described=bool(post.pictures) and all(picture.alt.strip() for picture in post.pictures),
            warned=bool(post.warning),
            visibility=post.visibility,
            asks=_asks(post),
            position=post.position,
            leads=post.position == 0 and bool(self._answers.get((post.network, post.id))),
            options=len(post.question.options) if post.question else 0,
            multiple=bool(post.question and post.question.multiple),
            closes=post.closes,
        )

    def numbers(self, post: Sent) -> Numbers:
        """Return what the counters of a post show now; the account's own answers are replies too, as elsewhere."""
        member = self._members[post.handle]
        crowd, message, now = self.crowd(member), self.message(post), self.now()
        found = audience.counts(crowd, message, now)
        found["replies"] += len(self.replies(post))
        return Numbers(**found, votes=audience.votes(crowd, message, now) if post.question else None)

    # --- pictures ---

    def add_picture(self, member: Member, picture: Picture, data: bytes) -> None:
        """Keep a picture; one that is there already stays as it is."""
        values = (getattr(picture, name) for name in ("mime", "width", "height", "size", "alt", "focus", "waits"))
        self._database.execute(
            "insert or ignore into pictures values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (picture.id, member.handle, *values, _stamp(self.now()), data),
        )

    def picture(self, id: str, member: Member | None = None) -> Picture | None:  # noqa: A002 - the network's word
        """Find a picture, of *member* if one is given."""
        row = self._database.execute(
            "select id, mime, width, height, size, alt, focus, waits from pictures"
            " where id = ?1 and handle = ifnull(?2, handle)",
            (id, member.handle if member else None),
        ).fetchone()
        return Picture(*row) if row else None

    def change_picture(self, picture: Picture) -> None:
        """Keep a picture's new description, focus or waits."""
        self._database.execute(
            "update pictures set alt = ?, focus = ?, waits = ? where id = ?",
            (picture.alt, picture.focus, picture.waits, picture.id),
        )

    def picture_data(self, id: str) -> bytes:  # noqa: A002 - the network's word
        """Return the bytes of a picture, exactly as they came; raises KeyError."""
        row = self._database.execute("select content from pictures where id = ?", (id,)).fetchone()
        if row is None:
            raise KeyError(id)
        return bytes(row[0])

    # --- idempotency keys, records ---

    def remember_key(self, member: Member, key: str, post: str) -> None:
        """Remember which post a client's key made."""
        self._database.execute(
            "insert or replace into keys values (?, ?, ?, ?)", (member.handle, key, post, _stamp(self.now()))
        )

    def key(self, member: Member, key: str, lifetime: timedelta) -> str | None:
        """Return the id of the post that a key made less than *lifetime* ago."""
        row = self._database.execute(
            "select post, at from keys where handle = ? and key = ?", (member.handle, key)
        ).fetchone()
        return str(row[0]) if row and self.now() - _instant(row[1]) < lifetime else None

    def put_record(self, member: Member, collection: str, rkey: str, cid: str, value: object) -> None:
        """Keep a record of the AT Protocol side."""
        text = json.dumps(value, ensure_ascii=False)
        self._database.execute(
            "insert or replace into records values (?, ?, ?, ?, ?)", (member.handle, collection, rkey, cid, text)
        )

    def record(self, member: Member, collection: str, rkey: str) -> tuple[str, Any] | None:
        """Return (cid, value) of a record."""
        row = self._database.execute(
            "select cid, value from records where handle = ? and collection = ? and rkey = ?",
            (member.handle, collection, rkey),
        ).fetchone()
        return (str(row[0]), json.loads(row[1])) if row else None

    def records(self, member: Member, collection: str) -> list[tuple[str, str, Any]]:
        """Return (rkey, cid, value) of every record of a collection, newest key first."""
        rows = self._database.execute(
            "select rkey, cid, value from records where handle = ? and collection = ? order by rkey desc",
            (member.handle, collection),
        )
        return [(rkey, cid, json.loads(value)) for rkey, cid, value in rows]

    def remove_record(self, member: Member, collection: str, rkey: str) -> bool:
        """Remove a record; False when there was none."""
        done = self._database.execute(
            "delete from records where handle = ? and collection = ? and rkey = ?", (member.handle, collection, rkey)
        )
        return done.rowcount > 0


def _unusable(database: Path | str, error: Exception) -> WorkspaceError:
    return WorkspaceError(
        f"{database} cannot be used as the sandbox's database ({error}).", hint="Delete the file, or name another one."
    )


def tags_of(text: str, more: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the hashtags of a text without `#`, each once, and those sent beside it."""
    return tuple(dict.fromkeys([*(span.target for span in find_tags(text)), *more]))


def _order(post: Sent) -> tuple[datetime, int, str]:
    return post.published, len(post.id), post.id


def _asks(post: Sent) -> bool:
    """Tell whether a text asks something; the question mark of a URL asks nothing."""
    found = [place for place, character in enumerate(post.text) if character in "?؟？"]
    return any(not any(mark.start <= place < mark.end for mark in post.marks) for place in found)


def _format(post: Sent) -> str:
    if post.question:
        return "poll"
    if post.pictures:
        return "carousel" if len(post.pictures) > 1 else "image"
    return "link" if post.card or any(mark.kind == "link" for mark in post.marks) else "text"


def _sent(network: NetworkName, handle: str, id: str, published: int, reply_to: str | None, content: str) -> Sent:  # noqa: A002 - the network's word
    values = json.loads(content)
    values["marks"] = tuple(Mark(**mark) for mark in values["marks"])
    values["pictures"] = tuple(Picture(**picture) for picture in values["pictures"])
    values["tags"] = tuple(values["tags"])
    if values["question"]:
        values["question"] = replace(Question(**values["question"]), options=tuple(values["question"]["options"]))
    if values["card"]:
        values["card"] = LinkCard(**values["card"])
    return Sent(network, handle, id, _instant(published), reply_to=reply_to, **values)
