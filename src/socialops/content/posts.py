"""Read posts: a file's bytes become a Post and problems, and a Post is held against what it refers to."""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from socialops.content.forms import NOT_READ, PLAIN, POST, Filled
from socialops.content.post import EMPTY, ChannelEntry, MediaReference, PollQuestion, Post, Recurrence, Unit, Waiver
from socialops.content.when import When, WhenError
from socialops.problem import Problem, error, nearest

PARTS = 25
"""The longest thread. Ours: beyond this nobody reads on, and a slip of the separator would flood followers."""

_SEPARATOR = re.compile(r"---[ \t]*")
_SEPARATOR_LIKE = re.compile(r"[ \t]*(?:-{2,}[ \t]*(?i:thread|part|break|split)[ \t]*-{2,}|—-?|–––)[ \t]*")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")


@dataclass(frozen=True, slots=True)
class Thread:
    """A text split into its parts: their Markdown, the line each begins on, and what is wrong with the separators.

    *faults* are (problem id, line, message, hint).
    """

    parts: tuple[str, ...]
    lines: tuple[int, ...]
    faults: tuple[tuple[str, int, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """What a post may refer to; None where that cannot be told, so nothing is said of it."""

    zones: Mapping[str, ZoneInfo] = field(default_factory=dict)
    """Channel → its zone, of those that could be read."""
    channels: Collection[str] = ()
    """Every channel that has a file, readable or not."""
    campaigns: Collection[str] | None = ()
    pillars: Collection[str] | None = None
    audiences: Collection[str] | None = None
    people: Collection[str] | None = None
    called: Mapping[str, str] = field(default_factory=dict)
    """What else people go by → their name in the team; to tell who was meant."""


def split_thread(text: str, line: int = 1) -> Thread:
    """Split a text at lines of exactly three dashes, outside fenced code; *line* is where it begins in its file."""
    text = text.replace("\r\n", "\n")
    if "--" not in text and "—" not in text and "–" not in text:
        return Thread(*_trimmed([(text, line)]))
    pieces: list[tuple[str, int]] = []
    faults: list[tuple[str, int, str, str]] = []
    current: list[str] = []
    begins = line
    fence = ""
    like: list[tuple[int, str]] = []
    for number, row in enumerate(text.split("\n"), line):
        opened = _FENCE.match(row)
        if opened:
            if not fence:
                fence = opened[1]
            elif opened[1].startswith(fence) and not row.strip(" `~"):
                fence = ""
        exact = not fence and _SEPARATOR.fullmatch(row) is not None
        alike = not fence and not exact and _SEPARATOR_LIKE.fullmatch(row) is not None
        if alike:
            like.append((number, row.strip()))
        if exact or alike:
            pieces.append(("\n".join(current), begins))
            current, begins = [], number + 1
        else:
            current.append(row)
    pieces.append(("\n".join(current), begins))
    if like:
        more = f" ({len(like)} lines like it)" if len(like) > 1 else ""
        faults.append(
            (
                "thread-separator",
                like[0][0],
                f"{like[0][1][:40]!r} looks like the line between two parts of a thread{more}.",
                "Write a line of exactly three dashes: ---",
            )
        )
    if len(pieces) > PARTS:
        faults.append(
            (
                "thread-length",
                pieces[PARTS][1],
                f"This thread has {len(pieces)} parts; {PARTS} is the most.",
                "Shorten it, or link to a longer text. A line of three dashes begins a new part.",
            )
        )
    elif len(pieces) > 1:
        faults += [
            (
                "thread-empty",
                begins,
                f"Part {number} of this thread is empty.",
                "Write it, or take out one line of dashes.",
            )
            for number, (piece, begins) in enumerate(pieces, 1)
            if not piece.strip()
        ]
    return Thread(*_trimmed(pieces), tuple(faults))


def _trimmed(pieces: list[tuple[str, int]]) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """Leave out the blank lines around each part, and move its line accordingly."""
    parts = []
    lines = []
    for piece, line in pieces:
        body = piece.rstrip()
        start = 0
        while body[start : start + 1].isspace():
            end = body.find("\n", start)
            if end < 0 or body[start:end].strip():
                break
            start = end + 1
            line += 1  # noqa: PLW2901 - the line of the part, which begins later than its piece
        parts.append(body[start:])
        lines.append(line)
    return tuple(parts), tuple(lines)


def default_id(path: str) -> str:
    """Return the id of a post that names none: its file's stem, or its folder's name for `index.md`."""
    folder, _, name = path.rpartition("/")
    stem = name.removesuffix(".md")
    return folder.rpartition("/")[2] if stem == "index" else stem


class Places(Mapping[str, tuple[int, int]]):
    """Where the values of a post's header stand: the header is read again when somebody asks for the first of them.

    A channel goes by its name in either form of `channels:`, so that a judgement finds its place without asking which.
    """

    __slots__ = ("_header", "_read")

    def __init__(self, header: str) -> None:
        self._header = header
        self._read: dict[str, tuple[int, int]] | None = None

    def _places(self) -> dict[str, tuple[int, int]]:
        if self._read is None:
            from socialops.content.frontmatter import read_yaml

            header = read_yaml(self._header)
            self._read = dict(header.positions)
            named = header.values.get("channels")
            for index, name in enumerate(named if isinstance(named, list) else ()):
                self._read[f"channels.{name}"] = self._read[f"channels.{index}"]
        return self._read

    def __getitem__(self, path: str) -> tuple[int, int]:
        return self._places()[path]

    def __iter__(self) -> Iterator[str]:
        return iter(self._places())

    def __len__(self) -> int:
        return len(self._places())


def parse_post(data: bytes, path: str, digest: str = "") -> tuple[Post | None, list[Problem], dict[str, Any]]:
    """Read a post from its file's bytes: what it says, what is wrong with it, and its header's values as typed.

    *digest* is the SHA-256 of *data*, where it is known already. The post is None when its header cannot be read or
    does not follow the schema. Nothing but the file is looked at.
    """
    from socialops.content.frontmatter import SIZE, Refused, decode, read_yaml, split

    if len(data) > SIZE:
        return None, [_too_large(data, path)], {}
    try:
        text, body, line = split(decode(data))
        values = read_yaml(text, placed=False).values
    except Refused as refused:
        return None, [refused.problem(path)], {}
    post, problems = make_post(values, text, body, line, path, digest or hashlib.sha256(data).hexdigest())
    return post, problems, values


def _too_large(data: bytes, path: str) -> Problem:
    if not data.removeprefix(b"\xef\xbb\xbf").startswith(b"---"):
        return error(
            "file-size",
            path,
            (1, 1),
            "This file is larger than 64 kB, and does not begin as a post does.",
            "Move it out of posts/ if it is no post; a post begins with a line of three dashes (---).",
        )
    if data.find(b"\n---", 3, 64 * 1024) < 0:
        return error(
            "yaml-size",
            path,
            (1, 1),
            "The header is larger than 64 kB.",
            "Close it with a line of exactly three dashes.",
        )
    return error(
        "file-size", path, (1, 1), "This post is larger than 64 kB.", "Shorten it; pictures belong in files beside it."
    )


def make_post(
    values: dict[str, Any], header: str, body: str, line: int, path: str, digest: str
) -> tuple[Post | None, list[Problem]]:
    """Make a post of the values of its *header*; *line* is the one its body begins on."""
    try:
        typed = POST(values)
    except NOT_READ:
        from socialops.content.frontmatter import read_yaml
        from socialops.content.hints import explain
        from socialops.content.schema import PostHeader

        return None, explain(read_yaml(header), path, PostHeader)
    thread = split_thread(body, line)
    post = _post(typed, Places(header), thread, path, digest)
    return post, _own_problems(post, thread)


def _post(typed: Filled, places: Places, thread: Thread, path: str, digest: str) -> Post:
    poll = typed.poll
    # By place, in the order of the fields: naming two dozen of them takes longer than setting them.
    return Post(
        typed.id or default_id(path),
        path,
        thread.parts,
        tuple(
            [_plain_entry(name) if entry is PLAIN else _entry(name, entry) for name, entry in typed.channels.items()]
        ),
        typed.title,
        typed.date,
        typed.draft,
        typed.kind,
        typed.campaign,
        typed.pillar,
        typed.audience,
        typed.authors,
        typed.lang,
        typed.tags,
        typed.categories,
        typed.description,
        typed.link,
        _media(typed.media) if typed.media else (),
        PollQuestion(poll.options, poll.duration, poll.multiple, poll.hide_totals) if poll else None,
        typed.visibility,
        typed.content_warning,
        typed.expires,
        typed.late_ok,
        typed.repeat,
        typed.params or EMPTY,
        places,
        thread.lines,
        digest,
        typed.thread,
        typed.approver,
        typed.paid,
        {name: Waiver(item.reason, item.by, item.until) for name, item in typed.waive.items()}
        if typed.waive
        else EMPTY,
        _recurrence(typed.recur) if typed.recur else None,
    )


def _recurrence(typed: Filled) -> Recurrence:
    texts = tuple([split_thread(text).parts for text in typed.variants])
    return Recurrence(typed.every, typed.until, tuple(sorted(set(typed.on))), typed.cooldown, texts)


# Most posts say nothing but the name of a channel, and entries are never changed: one serves them all.
_plain_entry = functools.lru_cache(maxsize=256)(ChannelEntry)


def _entry(name: str, typed: Filled) -> ChannelEntry:
    return ChannelEntry(
        name,
        typed.text,
        typed.date,
        typed.kind,
        typed.link,
        typed.tags,
        typed.lang,
        None if typed.media is None else _media(typed.media),
        typed.visibility,
        typed.content_warning,
        typed.first_comment,
        typed.thread,
        typed.approver,
    )


def _media(typed: tuple[Filled, ...]) -> tuple[MediaReference, ...]:
    return tuple([MediaReference(item.file, item.alt, item.focus, item.part, item.logo) for item in typed])


def _own_problems(post: Post, thread: Thread) -> list[Problem]:
    """Find what is wrong with a post by itself."""
    problems = [error(id_, post.path, (line, 1), message, hint) for id_, line, message, hint in thread.faults]
    for index, item in enumerate(post.media):
        if item.part > len(post.parts):
            problems.append(
                error(
                    "media-part",
                    post.path,
                    post.at("media", index, "part"),
                    f"There is no part {item.part}: this post has {len(post.parts)}.",
                    "Parts are counted from 1.",
                )
            )
    if post.recur is not None:
        problems += _wrong_recurrence(post, post.recur)
    for entry in post.channels:
        if entry.text and "--" in entry.text:
            line, column = post.at("channels", entry.channel, "text")
            problems += [
                error(id_, post.path, (line, column), message, hint)
                for id_, _, message, hint in split_thread(entry.text).faults
            ]
    if post.draft:
        return problems
    if not post.channels:
        problems.append(
            error(
                "field-missing",
                post.path,
                post.at("channels"),
                "This post goes nowhere: it names no channel.",
                "Add `channels: [mastodon]`, or `draft: true` while it is not ready.",
            )
        )
    if (
        not (post.media or post.poll or post.link)
        and not any(post.parts)
        and any(not entry.text and not entry.media for entry in post.channels)
    ):
        problems.append(
            error(
                "post-empty",
                post.path,
                (post.part_lines[0], 1),
                "This post says nothing.",
                "Write a text below the header.",
            )
        )
    for path, when in _dates(post):
        if when.day_only:
            problems.append(
                error(
                    "date-clock",
                    post.path,
                    post.at(*path),
                    f"{when.text} has no time of day.",
                    f"Write the time too: {when.text} 09:30",
                )
            )
    return problems


def _wrong_recurrence(post: Post, rule: Recurrence) -> Iterator[Problem]:
    """Find what is wrong with a rule by which a post comes again, beside the post's date."""
    if rule.on and rule.every.unit is not Unit.WEEK:
        yield error(
            "recur-invalid",
            post.path,
            post.at("recur", "on"),
            "`on:` chooses weekdays, but this does not count in weeks.",
            "Write `every: week`, or take `on:` out.",
        )
    if rule.cooldown is not None and rule.cooldown <= timedelta(0):
        yield error(
            "recur-invalid",
            post.path,
            post.at("recur", "cooldown"),
            "Without any time between two outings nothing would keep a changed rule from publishing twice.",
            "Write `cooldown: 1d` or more, or take it out.",
        )
    dates = [(path, when) for path, when in _dates(post) if path[-1] == "date"]
    if not post.draft and any(not entry.date for entry in post.channels) and post.date is None:
        yield error(
            "recur-date",
            post.path,
            post.at("recur"),
            "This post comes again, but nobody says from when.",
            "Add `date: 2026-12-01 09:30`: the first time, and the time of day of all others.",
        )
    for path, when in dates:
        if when.wall.tzinfo is not None:
            yield error(
                "recur-date",
                post.path,
                post.at(*path),
                f"{when.text} is a time of one zone, at one moment; what comes again needs the time on the wall.",
                "Write it without an offset, as 2026-12-01 09:30: it is meant in the channel's zone.",
            )
        elif rule.until < when.wall.date():
            yield error(
                "recur-date",
                post.path,
                post.at("recur", "until"),
                f"It ends on {rule.until}, before it begins on {when.wall.date()}.",
                "Correct one of the two.",
            )
    for index, text in enumerate(rule.texts):
        if not any(text):
            yield error(
                "post-empty", post.path, post.at("recur", "variants", index), "This text says nothing.", "Write it."
            )


def _dates(post: Post) -> list[tuple[tuple[str, ...], When]]:
    found: list[tuple[tuple[str, ...], When]] = []
    if post.date:
        found.append((("date",), post.date))
    if post.expires:
        found.append((("expires",), post.expires))
    found += [(("channels", entry.channel, "date"), entry.date) for entry in post.channels if entry.date]
    return found


def hold_against(post: Post, known: Known) -> tuple[Post, list[Problem]]:
    """Hold a post against what it refers to; return it with only the channels it can really go to, and the problems.

    A channel that does not exist, or in whose zone the post's time means no instant, is left out.
    """
    problems: list[Problem] = []
    kept: list[ChannelEntry] = []
    seen: set[tuple[int, int, str]] = set()
    own, expires = post.date, post.expires
    for entry in post.channels:
        zone = known.zones.get(entry.channel)
        if zone is None:
            if entry.channel not in known.channels:
                problems.append(_unknown(post, ("channels", entry.channel), "channel", entry.channel, known.channels))
            continue
        sound = True
        for when in (entry.date or own, expires):
            if when is None or when.wall.tzinfo is not None or post.draft:
                continue
            if when.day_only:
                sound = False
                continue
            try:
                when.at(zone)
            except WhenError as fault:
                sound = False
                if when is expires:
                    at = post.at("expires")
                else:
                    at = post.at("channels", entry.channel, "date") if entry.date else post.at("date")
                if (*at, fault.message) not in seen:
                    seen.add((*at, fault.message))
                    problems.append(error(fault.id, post.path, at, fault.message, fault.hint))
        if sound:
            kept.append(entry)
    if post.campaign and known.campaigns is not None and post.campaign not in known.campaigns:
        problems.append(_unknown(post, ("campaign",), "campaign", post.campaign, known.campaigns))
    if post.pillar and known.pillars is not None and post.pillar not in known.pillars:
        problems.append(_unknown(post, ("pillar",), "pillar", post.pillar, known.pillars))
    if post.audience and known.audiences is not None and post.audience not in known.audiences:
        problems.append(_unknown(post, ("audience",), "audience", post.audience, known.audiences))
    if known.people is not None:
        for index, author in enumerate(post.authors):
            if author not in known.people:
                problems.append(_unknown(post, ("authors", index), "author", author, known.people, known.called))
        if post.approver and post.approver not in known.people:
            problems.append(_unknown(post, ("approver",), "approver", post.approver, known.people, known.called))
        for entry in post.channels:
            if entry.approver and entry.approver not in known.people:
                where = ("channels", entry.channel, "approver")
                problems.append(_unknown(post, where, "approver", entry.approver, known.people, known.called))
    if len(kept) != len(post.channels):
        post = replace(post, channels=tuple(kept))
    return post, problems


_WHERE = {
    "channel": "brand/channels",
    "campaign": "brand/campaigns",
    "pillar": "the pillars of brand/strategy.md",
    "audience": "the audiences of brand/strategy.md",
    "author": "the people of brand/team.yml",
    "approver": "the people of brand/team.yml",
}


def _unknown(
    post: Post,
    path: tuple[Any, ...],
    what: str,
    name: str,
    choices: Collection[str],
    called: Mapping[str, str] = EMPTY,
) -> Problem:
    from socialops.content.hints import there_is

    meant = nearest(name, [*called, *sorted(choices)])
    meant = called.get(meant, meant) if meant else None
    hint = f"Did you mean {meant}?" if meant else there_is(choices)
    return error(
        f"{what}-unknown", post.path, post.at(*path), f"There is no {what} {name[:60]!r} in {_WHERE[what]}.", hint
    )
