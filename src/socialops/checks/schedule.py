"""What is wrong with times: posts on each other's heels, dates outside their campaign, dates that are missing."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from socialops.checks.rule import Case, Rule, rules
from socialops.compose.schedule import when
from socialops.compose.slots import days_off
from socialops.content.days_off import day_off
from socialops.content.guidelines import TOGETHER
from socialops.content.when import WhenError
from socialops.problem import Problem, Severity

if TYPE_CHECKING:
    from datetime import date

    from socialops.checks.verdict import Verdict
    from socialops.compose.agenda import Agenda
    from socialops.content.channel import Channel
    from socialops.content.load import Content

SCHEDULE_GAP = Rule(
    "schedule-gap",
    Severity.WARNING,
    "Two posts of a channel stand closer together than the minimum gap.",
    "The later one waits until the gap has passed. `minimum_gap` in pyproject.toml, or in the channel's file, sets it.",
    "=== posts/2026/12/first.md\n---\ndate: 2026-12-01 09:30\nchannels: [mastodon]\n---\nOne\n"
    "=== posts/2026/12/second.md\n---\ndate: 2026-12-01 09:35\nchannels: [mastodon]\n---\nTwo\n",
    "=== posts/2026/12/first.md\n---\ndate: 2026-12-01 09:30\nchannels: [mastodon]\n---\nOne\n"
    "=== posts/2026/12/second.md\n---\ndate: 2026-12-01 09:40\nchannels: [mastodon]\n---\nTwo\n",
)
DATE_MISSING = Rule(
    "date-missing",
    Severity.NOTE,
    "A post has no date.",
    "It takes the channel's next free slot once it is merged. Write a date when the hour matters.",
    "---\nchannels: [mastodon]\n---\nAny time is fine\n",
    "---\ndate: 2026-12-01 09:30\nchannels: [mastodon]\n---\nNow\n",
)
DATE_EXPIRED = Rule(
    "date-expired",
    Severity.ERROR,
    "A post expires before it goes out.",
    "It would never be published.",
    "---\ndate: 2026-12-01 09:30\nexpires: 2026-11-30 09:30\nchannels: [mastodon]\n---\nSale\n",
    "---\ndate: 2026-12-01 09:30\nexpires: 2026-12-02 09:30\nchannels: [mastodon]\n---\nSale\n",
)
CAMPAIGN_DATES = Rule(
    "campaign-dates",
    Severity.WARNING,
    "A post's date lies outside its campaign.",
    "Its numbers would count for a campaign that has not begun, or is over.",
    "=== brand/campaigns/winter.md\n---\ntitle: Winter\nstart: 2026-12-01\nend: 2026-12-31\n---\n"
    "=== posts/2026/11/early.md\n---\ndate: 2026-11-01 09:30\nchannels: [mastodon]\ncampaign: winter\n---\nSoon\n",
    "=== brand/campaigns/winter.md\n---\ntitle: Winter\nstart: 2026-12-01\nend: 2026-12-31\n---\n"
    "=== posts/2026/12/now.md\n---\ndate: 2026-12-31 09:30\nchannels: [mastodon]\ncampaign: winter\n---\nNow\n",
)
SLOTS_MISSING = Rule(
    "slots-missing",
    Severity.WARNING,
    "A post has no date, and its channel no slots.",
    "There is nothing that it could take, so it never goes out.",
    "---\nchannels: [mastodon]\n---\nAny time is fine\n",
    "=== brand/channels/mastodon.md\n---\nnetwork: mastodon\nhandle: us\nhost: https://mastodon.example\n"
    "slots: [mon 09:30]\n---\nOurs\n"
    "=== posts/2026/12/post.md\n---\nchannels: [mastodon]\n---\nAny time is fine\n",
)
DAY_OFF = Rule(
    "day-off",
    Severity.WARNING,
    "A post goes out on a day off.",
    "Nobody is there to answer, and on some days silence is what is expected. Days off are in the strategy and in the "
    "channels' files; slots and recurring posts leave them out by themselves.",
    "=== brand/strategy.md\n---\ntitle: Strategy\nholidays:\n  2026-12-25: Christmas\n---\nProse\n"
    "=== posts/2026/12/post.md\n---\ndate: 2026-12-25 09:30\nchannels: [mastodon]\n---\nHello\n",
    "=== brand/strategy.md\n---\ntitle: Strategy\nholidays:\n  2026-12-25: Christmas\n---\nProse\n"
    "=== posts/2026/12/post.md\n---\ndate: 2026-12-28 09:30\nchannels: [mastodon]\n---\nHello\n",
)
RULES = rules(SCHEDULE_GAP, DATE_MISSING, SLOTS_MISSING, DAY_OFF, DATE_EXPIRED, CAMPAIGN_DATES)

REPEATED_WITHIN = timedelta(days=90)


def judge_date(case: Case, channel: Channel) -> datetime | None:
    """Judge when one channel gets the post, and return that instant."""
    post = case.post
    date = when(post, channel)
    if date is None:
        if not post.draft:
            case.report(
                DATE_MISSING,
                (1, 1),
                f"There is no date for {channel.name}: the post takes the next free slot.",
                "Write `date: 2026-12-01 09:30` when the hour matters.",
            )
            if not channel.slots:
                case.report(
                    SLOTS_MISSING,
                    (1, 1),
                    f"{channel.name} has no slots, so without a date this never goes out there.",
                    f"Write a `date:`, or add `slots: [mon 09:30]` to {channel.path}.",
                )
        return None
    try:
        at = date.at(channel.tz())
    except WhenError:
        return None
    if post.expires is not None:
        try:
            ends = post.expires.at(channel.tz())
        except WhenError:
            ends = None
        if ends is not None and post.expires.day_only:
            # Good for the whole of its last day.
            ends += timedelta(days=1)
        if ends is not None and ends <= at:
            case.report(
                DATE_EXPIRED,
                post.at("expires"),
                f"The post expires on {post.expires.text}, before {channel.name} gets it on {date.text}.",
                "Correct one of the two dates.",
            )
    off = day_off(days_off(case.content, channel), at.astimezone(channel.tz()).date())
    if off is not None and post.recur is None and not post.draft:
        case.report(
            DAY_OFF,
            case.at_entry(channel.name, "date"),
            f"{at.astimezone(channel.tz()):%A %Y-%m-%d} is off for {channel.name} ({off.why}); this goes out anyway.",
            "Move it, take `date:` out so that it takes the next free slot, or leave it if the day is meant.",
        )
    campaign = case.content.brand.campaigns.get(post.campaign) if post.campaign else None
    if campaign is not None:
        day = at.astimezone(channel.tz()).date()
        if (campaign.start and day < campaign.start) or (campaign.end and day > campaign.end):
            case.report(
                CAMPAIGN_DATES,
                case.at_entry(channel.name, "date"),
                f"{day} lies outside the campaign {campaign.title} ({campaign.start or '…'} to {campaign.end or '…'}).",
                "Correct the date, the campaign's dates, or take `campaign:` out.",
            )
    return at


def with_slots(problems: Iterable[Problem], content: Content, made: Callable[[], Agenda]) -> list[Problem]:
    """Tell of each post without a date which slot it takes, in the place of what is said when nobody knows it."""
    listed = list(problems)
    files = {problem.file for problem in listed if problem.id == DATE_MISSING.id}
    if not files:
        return listed
    agenda = made()
    found = [problem for problem in listed if problem.id != DATE_MISSING.id]
    for post in content.posts:
        if post.path not in files:
            continue
        for entry in post.channels:
            channel = content.channels.get(entry.channel)
            place = agenda.places.get((post.id, entry.channel))
            if channel is None or when(post, channel) is not None:
                continue
            if place is None:
                message = f"There is no date for {channel.name}, and none of its slots is free."
            else:
                takes = "keeps its slot" if place.promised else "takes the next free slot"
                local = place.at.astimezone(channel.tz())
                message = (
                    f"There is no date for {channel.name}: the post {takes}, {local:%a %Y-%m-%d %H:%M} {channel.zone}."
                )
            hint = "Write `date: 2026-12-01 09:30` when the hour matters."
            found.append(Problem(post.path, 1, 1, DATE_MISSING.id, message, hint, DATE_MISSING.severity))
    return sorted(found)


def judge_together(
    content: Content, verdicts: Sequence[tuple[str, Verdict]], today: date | None = None
) -> list[Problem]:
    """Judge posts against one another: too close, the same words again, and what the style guide says of many posts.

    *verdicts* are (file, verdict) of every post, in the order of *content*; drafts have no outings.
    """
    timeline: dict[str, list[_Turn]] = {}
    for index, (file, verdict) in enumerate(verdicts):
        for outing in verdict.outings:
            if outing.due is not None:
                timeline.setdefault(outing.channel, []).append((outing.due, file, outing.words, index, outing.repeat))
    problems: list[Problem] = []
    for name in sorted(timeline):
        queue = sorted(timeline[name])
        channel = content.channels.get(name)
        own = channel.minimum_gap if channel is not None else None
        gap = content.workspace.settings.minimum_gap if own is None else own

        def place(index: int, name: str = name) -> tuple[int, int]:
            # Only a post with something wrong is opened for it.
            return Case(content.posts[index], content).at_entry(name, "date")

        problems += _gaps(name, queue, gap, place)
        problems += _repeats(name, queue, place)
    if has_together(content):
        from socialops.checks.guidelines.calendar import judge_calendar

        problems += judge_calendar(content, verdicts, today)
    return problems


def has_together(content: Content) -> bool:
    """Tell whether the style guide has a rule about many posts at once."""
    return any(rule.kind in TOGETHER for guideline in content.brand.guidelines for rule in guideline.rules)


_Turn = tuple[float, str, str, int, bool]
"""When a post goes out (seconds since 1970), its file, a digest of its words, its number in the content, `repeat:`."""
_Place = Callable[[int], tuple[int, int]]


def _gaps(channel: str, queue: Sequence[_Turn], gap: timedelta, place: _Place) -> list[Problem]:
    least = gap.total_seconds()
    problems = []
    for before, after in itertools.pairwise(queue):
        if after[0] - before[0] < least:
            minutes = int((after[0] - before[0]) // 60)
            between = f"{minutes} minutes after" if minutes else "at the same time as"
            problems.append(
                Problem(
                    after[1],
                    *place(after[3]),
                    SCHEDULE_GAP.id,
                    f"On {channel} this goes out {between} {before[1]}; the least is {int(least // 60)} minutes.",
                    "Move one of the two; otherwise the later one waits.",
                    SCHEDULE_GAP.severity,
                )
            )
    return problems


def _repeats(channel: str, queue: Sequence[_Turn], place: _Place) -> list[Problem]:
    from socialops.checks.text import TEXT_REPEATED

    problems = []
    last: dict[str, tuple[float, str]] = {}
    for moment, file, words, index, repeat in queue:
        if not words:
            continue
        before = last.get(words)
        last[words] = (moment, file)
        # A file that stands here twice comes again by a rule: that is what its words are for.
        if before is None or before[1] == file or repeat or moment - before[0] > REPEATED_WITHIN.total_seconds():
            continue
        day = datetime.fromtimestamp(before[0], UTC).date()
        problems.append(
            Problem(
                file,
                *place(index),
                TEXT_REPEATED.id,
                f"{channel} gets these very words in {before[1]} already ({day}).",
                "Say it in other words, or write `repeat: true` if it is meant.",
                TEXT_REPEATED.severity,
            )
        )
    return problems
