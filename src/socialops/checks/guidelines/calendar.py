"""Rules about many posts at once: how often a channel posts, and which themes its posts have.

Weeks run from Monday to Sunday, on the clock of each channel's zone. What is over cannot be mended, so with a *today*
only weeks, gaps and windows are told that have not ended before it; too many posts in a week are told in any case.

A post may claim an exception, as for any rule. Then it does not count where there are too many posts of a week or of a
pillar; and a week with too few of which it is one, or a gap that it ends, is let pass.

Each outing of a post that comes again counts, but none after the last post that was written for its day.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from socialops.checks.guidelines.guard import guard_of, hint_of
from socialops.checks.guidelines.waivers import WAIVER_UNUSED, unused
from socialops.checks.rule import Case
from socialops.problem import Problem

if TYPE_CHECKING:
    from socialops.checks.verdict import Verdict
    from socialops.content.guidelines import BrandRule
    from socialops.content.load import Content

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Turn:
    """One channel's turn with a post: the number of the post in the content, and when it goes out there."""

    post: int
    channel: str
    due: datetime
    pillar: str = ""

    @property
    def day(self) -> date:
        """The day on which it goes out, in the channel's zone."""
        return self.due.date()

    @property
    def week(self) -> date:
        """The Monday of its week."""
        return _monday(self.day)


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule is broken by several posts: what is wrong and what to do.

    *turn* is the one it is told at; None: the rule's own place, as no one post is at fault. *posts* are those that it
    is about.
    """

    message: str
    hint: str
    turn: Turn | None
    posts: Collection[int] = ()


def judge_calendar(
    content: Content, verdicts: Sequence[tuple[str, Verdict]], today: date | None = None
) -> list[Problem]:
    """Hold all posts together against the rules about many at once; *verdicts* are as in `judge_together`."""
    problems: list[Problem] = []
    for rule in guard_of(content).together:
        turns, waived = _turns(rule, content, verdicts)
        judge = JUDGES[rule.kind]
        found = judge(rule, turns, content, waived, today)
        problems += [_problem(rule, finding, content) for finding in found]
        if waived:
            needed = {post for finding in judge(rule, turns, content, frozenset(), None) for post in finding.posts}
            for post in sorted(waived - needed):
                case = Case(content.posts[post], content)
                case.report(WAIVER_UNUSED, case.post.at("waive", rule.id), *unused(rule))
                problems += case.problems
    return problems


def _turns(
    rule: BrandRule, content: Content, verdicts: Sequence[tuple[str, Verdict]]
) -> tuple[list[Turn], frozenset[int]]:
    """Return the turns that a rule is about, the earliest first, and the posts that may break it."""
    scope = rule.scope
    turns: list[Turn] = []
    waived: set[int] = set()
    zones = {name: channel.tz() for name, channel in content.channels.items()}
    for index, (_, verdict) in enumerate(verdicts):
        for outing in verdict.outings:
            if outing.due is None or outing.about is None:
                continue
            about = outing.about
            if rule.id in about.waived:
                # Outside the rule's scope, too: an exception that nobody needs is told.
                waived.add(index)
            channel = content.channels[outing.channel]
            # A practice channel is nobody's calendar, unless the rule names it.
            if channel.sandbox and channel.name not in scope.channels:
                continue
            if not scope.covers(channel.name, channel.network, about.kind, about.lang, about.campaign, about.pillar):
                continue
            turn = Turn(index, channel.name, datetime.fromtimestamp(outing.due, zones[channel.name]), about.pillar)
            if (scope.since and turn.day < scope.since) or (scope.until and turn.day > scope.until):
                continue
            turns.append(turn)
    turns.sort(key=lambda turn: (turn.due, turn.post, turn.channel))
    return _planned(turns), frozenset(waived)


def _planned(turns: Sequence[Turn]) -> list[Turn]:
    """Leave out what goes out after the last post that was written for its day.

    Posts that come again reach months ahead, into weeks that nobody has planned yet: gaps there are no gaps.
    """
    times = Counter((turn.post, turn.channel) for turn in turns)
    last = max((turn.due for turn in turns if times[turn.post, turn.channel] == 1), default=None)
    return [turn for turn in turns if times[turn.post, turn.channel] == 1 or (last is not None and turn.due <= last)]


def _problem(rule: BrandRule, finding: Finding, content: Content) -> Problem:
    hint = hint_of(rule, finding.hint)
    if finding.turn is None:
        return Problem(rule.page, *rule.at, rule.id, finding.message, hint, rule.severity)
    case = Case(content.posts[finding.turn.post], content)
    at = case.at_entry(finding.turn.channel, "date")
    return Problem(case.post.path, *at, rule.id, finding.message, hint, rule.severity)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _days(first: date, last: date) -> str:
    return f"from {first} to {last}"


def _count(number: int) -> str:
    return f"{number} post{'' if number == 1 else 's'}"


# --- Cadence ----------------------------------------------------------------------------------------------------------


def judge_cadence(
    rule: BrandRule, turns: Sequence[Turn], content: Content, waived: frozenset[int], today: date | None
) -> Iterator[Finding]:
    """Hold how often each channel posts against a rule."""
    channels = dict.fromkeys(sorted(turn.channel for turn in turns))
    for channel in channels:
        yield from _cadence(rule, [turn for turn in turns if turn.channel == channel], waived, today)


def _cadence(rule: BrandRule, turns: Sequence[Turn], waived: frozenset[int], today: date | None) -> Iterator[Finding]:
    settings, name = rule.settings, turns[0].channel
    weeks = {week: list(found) for week, found in itertools.groupby(turns, key=lambda turn: turn.week)}
    for week, found in weeks.items():
        counted = [turn for turn in found if turn.post not in waived]
        if settings.most is not None and len(counted) > settings.most:
            days = _days(week, week + timedelta(days=6))
            for number, turn in enumerate(counted[settings.most :], settings.most + 1):
                message = f"This is post {number} on {name} in the week {days}: {settings.most} is the most."
                hint = "Move it into another week, or take the channel out of one of them."
                yield Finding(message, hint, turn, [turn.post for turn in counted])
    if settings.least:
        yield from _quiet_weeks(settings.least, weeks, name, waived, today)
    for before, after in itertools.pairwise(turns) if settings.longest_gap is not None else ():
        gap = (after.day - before.day).days
        if gap > settings.longest_gap and after.post not in waived and not (today and after.day < today):
            most = f"{settings.longest_gap} is the most"
            message = f"Before this, {name} has no post for {gap} days (since {before.day}): {most}."
            yield Finding(message, "Write one for the days between, or move this one.", after, (after.post,))


def _quiet_weeks(
    least: int, weeks: Mapping[date, list[Turn]], name: str, waived: frozenset[int], today: date | None
) -> Iterator[Finding]:
    """Find the weeks with too few posts, but for the first and the last: they may have begun, or not be planned."""
    first, last = min(weeks), max(weeks)
    week, before = first + WEEK, weeks[first][-1]
    while week < last:
        found = weeks.get(week, [])
        end = week + timedelta(days=6)
        passed = any(turn.post in waived for turn in found) or (today is not None and end < today)
        if len(found) < least and not passed:
            # An empty week has no post to tell it at: the rule itself has to do.
            turn = found[-1] if found else None
            message = f"{name} has {_count(len(found))} in the week {_days(week, end)}: {least} is the least."
            if turn is None:
                message += f" The last one before it is of {before.day}."
            yield Finding(message, "Write another, or move one into this week.", turn, [turn.post for turn in found])
        before = found[-1] if found else before
        week += WEEK


# --- Mix --------------------------------------------------------------------------------------------------------------


def shares_of(rule: BrandRule, content: Content) -> dict[str, tuple[float, float]]:
    """Return the least and the most share of each pillar: the rule's own, else those around the strategy's."""
    settings = rule.settings
    if settings.shares:
        return dict(settings.shares)
    strategy = content.brand.strategy
    near = settings.within
    return {
        pillar.name: (max(pillar.share - near, 0.0), min(pillar.share + near, 1.0))
        for pillar in (strategy.pillars if strategy else ())
        if pillar.share
    }


def judge_mix(
    rule: BrandRule, turns: Sequence[Turn], content: Content, waived: frozenset[int], today: date | None
) -> Iterator[Finding]:
    """Hold the share of each pillar, in every window of so many weeks, against a rule.

    What goes to two channels counts twice, as on the site; posts without a pillar do not count. Windows one after
    another that lack the same are told once, where it is worst.
    """
    counted = [turn for turn in turns if turn.pillar and turn.post not in waived]
    if not counted:
        return
    settings, wanted = rule.settings, shares_of(rule, content)
    length = settings.weeks * WEEK
    first = counted[0].week
    last = max(first, counted[-1].week + WEEK - length)
    runs: dict[tuple[str, bool], list[tuple[float, date, list[Turn]]]] = {}
    start = first
    while start <= last:
        window = [turn for turn in counted if start <= turn.day < start + length]
        over = today is not None and start + length <= today
        amount = Counter(turn.pillar for turn in window)
        for pillar, (low, high) in wanted.items():
            share = amount[pillar] / len(window) if window else 0.0
            for more, off in ((False, low - share), (True, share - high)):
                run = runs.setdefault((pillar, more), [])
                # A share is a fraction: 0.3 of 10 must not fail for its last binary digit.
                if off > 1e-9 and len(window) >= settings.fewest_posts and not over:
                    run.append((off, start, window))
                elif run:
                    yield _mixed(pillar, (low, high), max(run, key=lambda item: item[0]), length)
                    run.clear()
        start += WEEK
    for (pillar, _), run in runs.items():
        if run:
            yield _mixed(pillar, wanted[pillar], max(run, key=lambda item: item[0]), length)


def _mixed(
    pillar: str, wanted: tuple[float, float], worst: tuple[float, date, list[Turn]], length: timedelta
) -> Finding:
    _, start, window = worst
    own = [turn for turn in window if turn.pillar == pillar]
    end = start + length - timedelta(days=1)
    share = len(own) / len(window)
    message = (
        f"{len(own)} of the {_count(len(window))} {_days(start, end)} are about {pillar} ({share:.0%}): "
        f"{wanted[0] * 100:g} to {wanted[1] * 100:g} % is what we want."
    )
    less = "Give the next free times to other pillars" if share > wanted[1] else f"Give the next free time to {pillar}"
    about = own if share > wanted[1] else window
    return Finding(message, f"{less}, or change what we want.", None, {turn.post for turn in about})


Judge = Callable[["BrandRule", Sequence[Turn], "Content", frozenset[int], "date | None"], Iterable[Finding]]
JUDGES: Mapping[str, Judge] = {"cadence": judge_cadence, "mix": judge_mix}
"""How the kinds that are about many posts are judged. What else a kind needs: see `kinds.py`."""
