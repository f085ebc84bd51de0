"""Posts that come again: the outings of a rule, each a post of its own with an id of its own.

    2026-12-08-lights.md  (date: 2026-12-08 09:30, recur: {every: 2 weeks, until: 2027-03-01})
        → 2026-12-08-lights--2026-12-08, 2026-12-08-lights--2026-12-22, …

The id of an outing is the post's and the day on the channel's wall. It holds nothing of the rule, so an outing keeps
its identity, and is published once, when the rule is edited around it: another end, interval or hour. An outing that
an edit moves to another day is another one; that the two do not both go out is what the cooldown is for, which counts
from what is on record. A day on which nothing is off and no cooldown runs has one outing at most.

The time of day is wall time in the channel's zone (`slots.instant_of`). A month that has no such day has its last one.
"""

from __future__ import annotations

import itertools
import re
from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from socialops.compose.limits import limits_of
from socialops.compose.schedule import when
from socialops.compose.slots import days_off, instant_of
from socialops.content.days_off import day_off
from socialops.content.post import Unit
from socialops.content.when import When

if TYPE_CHECKING:
    from socialops.content.channel import Channel
    from socialops.content.days_off import DayOff
    from socialops.content.load import Content
    from socialops.content.post import Post, Recurrence

_OUTING = re.compile(r"(.+)--\d{4}-\d{2}-\d{2}")
_MONTHS = {Unit.MONTH: 1, Unit.YEAR: 12}
_LENGTH = {Unit.DAY: 1, Unit.WEEK: 7, Unit.MONTH: 28, Unit.YEAR: 365}
"""The fewest days that each unit has."""


@dataclass(frozen=True, slots=True)
class Outing:
    """One time at which a post that comes again goes out on a channel.

    *number* counts from 0, those on days off included, so that a holiday does not change which text comes when.
    """

    number: int
    day: date
    at: datetime
    off: DayOff | None = None
    """Why it falls away, when it falls on a day off."""


def outing_id(post: str, day: date) -> str:
    """Return the id of a post's outing on a day."""
    return f"{post}--{day}"


def base_of(post: str) -> str:
    """Return the id of the post that an id is an outing of; the id itself when it is none."""
    found = _OUTING.fullmatch(post)
    return found[1] if found else post


def days_by(rule: Recurrence, first: date) -> Iterator[date]:
    """Give the days of a rule that begins on *first*, up to its end."""
    count, unit = rule.every.count, rule.every.unit
    number = 0
    while True:
        if unit in _MONTHS:
            days = [_months_after(first, number * count * _MONTHS[unit])]
        elif unit is Unit.WEEK:
            monday = first - timedelta(days=first.weekday()) + timedelta(weeks=number * count)
            days = [monday + timedelta(days=weekday) for weekday in rule.on or (first.weekday(),)]
        else:
            days = [first + timedelta(days=number * count)]
        for day in days:
            if day > rule.until:
                return
            if day >= first:
                yield day
        number += 1


def _months_after(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def shortest(rule: Recurrence) -> timedelta:
    """Return the shortest distance between two outings of a rule."""
    whole = rule.every.count * _LENGTH[rule.every.unit]
    if len(rule.on) > 1:
        turns = [*rule.on, rule.on[0] + whole]
        return timedelta(days=min(after - before for before, after in itertools.pairwise(turns)))
    return timedelta(days=whole)


def cooldown_of(rule: Recurrence) -> timedelta:
    """Return the least time between two outings on a channel."""
    return shortest(rule) / 2 if rule.cooldown is None else rule.cooldown


def forbids_repeats(channel: Channel) -> bool:
    """Tell whether the channel's network refuses a text that it was sent before."""
    return limits_of(channel).has("same_text")


def texts_of(post: Post, rule: Recurrence) -> tuple[tuple[str, ...], ...]:
    """Return the texts that take turns: the body, and the variants."""
    return (post.parts, *rule.texts)


def texts_in_turn(post: Post) -> tuple[Post, ...]:
    """Return the post once for each of its texts: itself, and with each variant in the body's place."""
    found = [post]
    for turn, parts in enumerate(post.recur.texts if post.recur else (), start=1):
        entries = tuple([replace(entry, text=None) for entry in post.channels])
        found.append(replace(post, parts=parts, part_lines=lines_of(post, turn), channels=entries))
    return tuple(found)


def outings(post: Post, channel: Channel, content: Content, after: datetime, before: datetime) -> Iterator[Outing]:
    """Give the outings of a post on a channel from *after* on and earlier than *before*, those on days off included.

    Where the network takes no text twice, there are as many as there are texts. None for a post that does not come
    again, or has no date on the wall.
    """
    rule, begins = post.recur, when(post, channel)
    if rule is None or begins is None or begins.day_only or begins.wall.tzinfo is not None:
        return
    zone, off = channel.tz(), days_off(content, channel)
    first, clock = begins.wall.date(), begins.wall.time()
    most = 1 + len(rule.texts) if forbids_repeats(channel) else None
    for number, day in enumerate(days_by(rule, first)):
        if most is not None and number >= most:
            return
        # Most of the days of an old rule are long past: only those about the window are looked at closely.
        if abs((day - after.date()).days) <= 1 or day > after.date():
            at = instant_of(day, clock, zone)
            if at >= before:
                return
            if at >= after:
                yield Outing(number, day, at, day_off(off, day))


def post_of(post: Post, day: date, going: Sequence[tuple[str, Outing]]) -> Post:
    """Return the outing of a post on a day as a post of its own, for the channels that get it: (name, outing)."""
    assert post.recur is not None  # noqa: S101 - nobody asks for the outings of another
    texts = texts_of(post, post.recur)
    by_name = dict(going)
    turns = [outing.number % len(texts) for _, outing in going]
    turn = min(turns, default=0)
    entries = []
    for entry in post.channels:
        outing = by_name.get(entry.channel)
        if outing is None:
            continue
        own = outing.number % len(texts)
        # A channel's own text stands for the body; when a variant has its turn, all channels get the variant.
        text = entry.text if own == 0 else None
        if own != turn and text is None:
            text = "\n---\n".join(texts[own])
        begins = entry.date or post.date
        clock = f"{begins.wall:%H:%M}" if begins else ""
        entries.append(replace(entry, date=When(f"{day} {clock}", outing.at), text=text))
    return replace(
        post,
        id=outing_id(post.id, day),
        parts=texts[turn],
        part_lines=lines_of(post, turn),
        channels=tuple(entries),
        date=None,
        recur=None,
    )


def lines_of(post: Post, turn: int) -> tuple[int, ...]:
    """Return the file line of each part of the text that has its turn; of a variant, the line it begins on."""
    if turn == 0 or post.recur is None:
        return post.part_lines
    return (post.at("recur", "variants", turn - 1)[0],) * max(len(post.recur.texts[turn - 1]), 1)
