"""What is wrong with the strategy: shares that do not add up, goals that are not SMART, campaigns without a brief."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING

from socialops.checks.rule import Case, Rule, rules
from socialops.content.brand import UTM, CampaignState, Medium
from socialops.content.hints import there_is
from socialops.content.metric import METRICS
from socialops.content.smart import letters, number
from socialops.problem import Problem, Severity, nearest

if TYPE_CHECKING:
    from socialops.content.brand import Brand, Campaign, Goal, Strategy
    from socialops.content.load import Content

_ROUNDING = 0.005
"""Shares are mostly written with two decimals: what a third and two thirds lose is no mistake. Ours."""
_VALUE = re.compile(r"[a-z0-9][a-z0-9._-]*")

_GOAL = """\
=== brand/strategy.md
---
title: Strategy
pillars:
  - {name: light, title: Light, share: 1}
---
Prose
=== brand/goals/readers.md
---
title: Two hundred more readers
metric: new-followers
baseline: 160
target: 200
start: 2026-10-05
end: 2026-10-30
achievable: Last year it was 160, with half as many schools.
pillar: light
---
Why
"""
_CAMPAIGN = """\
=== brand/team.yml
people:
  ayse: {name: Ayşe, roles: [manager]}
=== brand/goals/readers.md
---
title: Two hundred more readers
metric: new-followers
baseline: 160
target: 200
start: 2026-10-05
end: 2026-10-30
achievable: Last year it was 160, with half as many schools.
owner: ayse
---
Why
=== brand/campaigns/winter.md
---
title: Winter
start: 2026-12-01
end: 2026-12-31
goal: readers
owner: ayse
utm: {medium: social, campaign: winter-2026}
budget: {amount: 2400, currency: EUR, note: Printing}
---
Who, what, why: the brief.
"""


def _goal(letter: str, summary: str, why: str, *without: str) -> Rule:
    bad = _GOAL
    for line in without:
        bad = re.sub(rf"(?m)^{line}:.*\n", "", bad)
    return Rule(f"goal-{letter}", Severity.ERROR, summary, why, bad, _GOAL)


GOAL_SPECIFIC = _goal(
    "specific",
    "A goal is not specific (S): its title or its metric is missing.",
    "Everybody would work towards something else.",
    "metric",
)
GOAL_MEASURABLE = _goal(
    "measurable",
    "A goal is not measurable (M): its baseline or its target is missing, or both are the same.",
    "Nobody could tell how far it is, and whether it was reached.",
    "baseline",
)
GOAL_ACHIEVABLE = _goal(
    "achievable",
    "A goal does not say why it can be reached (A).",
    "A number without a reason is a wish. Say what was reached before, and with what.",
    "achievable",
)
GOAL_RELEVANT = _goal(
    "relevant",
    "A goal serves nothing (R): no pillar of the strategy, and no campaign names it.",
    "A number may rise and help nobody.",
    "pillar",
)
GOAL_TIME_BOUND = _goal(
    "time-bound",
    "A goal has no time (T): its first or its last day is missing.",
    "What has no end is never missed, and never reached.",
    "end",
)
_LETTERS: Mapping[str, Rule] = {
    "S": GOAL_SPECIFIC,
    "M": GOAL_MEASURABLE,
    "A": GOAL_ACHIEVABLE,
    "R": GOAL_RELEVANT,
    "T": GOAL_TIME_BOUND,
}
METRIC_UNKNOWN = Rule(
    "metric-unknown",
    Severity.ERROR,
    "A goal's metric is none of the numbers that reports know.",
    "Its progress could not be computed. The handbook's page on strategy lists them.",
    _GOAL.replace("new-followers", "new-folowers"),
    _GOAL,
)
OWNER_MISSING = Rule(
    "owner-missing",
    Severity.WARNING,
    "A goal or a campaign has no owner.",
    "What everybody answers for, nobody does.",
    _CAMPAIGN.replace("goal: readers\nowner: ayse\n", "goal: readers\n"),
    _CAMPAIGN,
)
PILLAR_SHARES = Rule(
    "pillar-shares",
    Severity.ERROR,
    "The pillars' shares do not add up to 1.",
    "The content mix is held against them: it would be wrong however the posts fall.",
    _GOAL.replace("share: 1", "share: 0.8"),
    _GOAL,
)
NAME_TWICE = Rule(
    "name-twice",
    Severity.ERROR,
    "Two pillars or two audiences have the same name.",
    "A post that names it could mean either.",
    _GOAL.replace("share: 1}", "share: 0.5}\n  - {name: light, title: Lamps, share: 0.5}"),
    _GOAL,
)
PURPOSE_MISSING = Rule(
    "purpose-missing",
    Severity.WARNING,
    "A channel has no purpose, neither in its own file nor in the strategy.",
    "Who does not know what a channel is for puts everything there.",
    _GOAL,
    _GOAL.replace(
        "title: Strategy\n",
        "title: Strategy\nchannels: {mastodon: For riders who ask., bluesky: For the rest of the world.}\n",
    ),
)
CAMPAIGN_INCOMPLETE = Rule(
    "campaign-incomplete",
    Severity.WARNING,
    "A campaign lacks its brief, a date or its goal.",
    "Writers work from the brief, posts are held against the dates, and reports against the goal.",
    _CAMPAIGN.replace("Who, what, why: the brief.\n", ""),
    _CAMPAIGN,
)
CAMPAIGN_STATE = Rule(
    "campaign-state",
    Severity.WARNING,
    "A campaign's state is not what its dates say today.",
    "Only one of the two can be true. Leave `state:` out and it is worked out; only `cancelled` has to be written.",
    _CAMPAIGN.replace("utm:", "state: ended\nutm:"),
    _CAMPAIGN,
)
CAMPAIGN_CANCELLED = Rule(
    "campaign-cancelled",
    Severity.WARNING,
    "A post belongs to a campaign that was cancelled.",
    "It still goes out.",
    _CAMPAIGN.replace("utm:", "state: cancelled\nutm:")
    + "=== posts/2026/12/now.md\n---\ndate: 2026-12-20 09:30\nchannels: [mastodon]\ncampaign: winter\n---\nNow\n",
    _CAMPAIGN
    + "=== posts/2026/12/now.md\n---\ndate: 2026-12-20 09:30\nchannels: [mastodon]\ncampaign: winter\n---\nNow\n",
)
UTM_UNKNOWN = Rule(
    "utm-unknown",
    Severity.ERROR,
    "A campaign or a channel sets a UTM parameter, or a medium, that is not on the list.",
    "Analytics files every new spelling as something else: one campaign becomes several.",
    _CAMPAIGN.replace("medium: social", "medium: socail"),
    _CAMPAIGN,
)
UTM_VALUE = Rule(
    "utm-value",
    Severity.ERROR,
    "A UTM value has capitals, spaces or other signs that do not belong in an address.",
    "`Winter` and `winter` are two campaigns in every analytics tool.",
    _CAMPAIGN.replace("winter-2026", "Winter 2026"),
    _CAMPAIGN,
)
MONEY_CURRENCY = Rule(
    "budget-unit",
    Severity.ERROR,
    "A campaign's budget has an amount without a currency, or a currency without an amount.",
    "2,400 lira is not 2,400 euros, and reports add up what is written.",
    _CAMPAIGN.replace("currency: EUR, ", ""),
    _CAMPAIGN,
)
RULES = rules(
    *_LETTERS.values(),
    METRIC_UNKNOWN,
    OWNER_MISSING,
    PILLAR_SHARES,
    NAME_TWICE,
    PURPOSE_MISSING,
    CAMPAIGN_INCOMPLETE,
    CAMPAIGN_STATE,
    CAMPAIGN_CANCELLED,
    UTM_UNKNOWN,
    UTM_VALUE,
    MONEY_CURRENCY,
)


def _problem(
    rule: Rule, file: str, positions: Mapping[str, tuple[int, int]], key: str, message: str, hint: str
) -> Problem:
    line, column = positions.get(key, (1, 1))
    return Problem(file, line, column, rule.id, message, hint, rule.severity)


def judge_strategy(content: Content, today: date | None = None) -> list[Problem]:
    """Judge the strategy, the goals and the campaigns; without *today* nothing is said of how campaigns stand."""
    brand = content.brand
    problems = list(_of_strategy(brand.strategy, content)) if brand.strategy else []
    for goal in brand.goals.values():
        problems += _of_goal(goal, brand)
    media = (*Medium, *(brand.strategy.media if brand.strategy else ()))
    for campaign in brand.campaigns.values():
        problems += _of_campaign(campaign, today, media)
    for channel in content.channels.values():
        problems += _of_utm(channel.utm_values, channel.path, channel.positions, media)
    return problems


def _of_strategy(strategy: Strategy, content: Content) -> Iterator[Problem]:
    where = strategy.positions
    total = sum(pillar.share for pillar in strategy.pillars)
    if strategy.pillars and abs(total - 1) > _ROUNDING:
        over = number(round(abs(total - 1), 4))
        yield _problem(
            PILLAR_SHARES,
            strategy.path,
            where,
            "pillars.0.share" if "pillars.0.share" in where else "pillars",
            f"The shares of the {len(strategy.pillars)} pillars add up to {number(round(total, 4))}, not to 1.",
            f"Share out {over} more." if total < 1 else f"Take {over} away.",
        )
    for kind, named in (("pillars", strategy.pillars), ("audiences", strategy.audiences)):
        yield from _twice(strategy, kind, [item.name for item in named])
    for name, channel in content.channels.items():
        if not channel.sandbox and not channel.purpose.strip() and not strategy.channels.get(name, "").strip():
            yield _problem(
                PURPOSE_MISSING,
                channel.path,
                channel.positions,
                "",
                f"Nobody says what {name} is for.",
                f"Add `purpose: …` here, or `{name}: …` under `channels:` of {strategy.path}.",
            )


def _twice(strategy: Strategy, kind: str, names: Iterable[str]) -> Iterator[Problem]:
    seen: set[str] = set()
    for index, name in enumerate(names):
        if name in seen:
            message = f"The name {name} stands here for the second time."
            at = f"{kind}.{index}.name"
            yield _problem(NAME_TWICE, strategy.path, strategy.positions, at, message, "Give one of the two another.")
        seen.add(name)


def _of_goal(goal: Goal, brand: Brand) -> Iterator[Problem]:
    if goal.metric and goal.metric not in METRICS:
        meant = nearest(goal.metric, METRICS)
        yield _problem(
            METRIC_UNKNOWN,
            goal.path,
            goal.positions,
            "metric",
            f"There is no number called {goal.metric[:60]!r}.",
            f"Did you mean {meant}?" if meant else f"There is: {', '.join(METRICS)}.",
        )
    for letter in letters(goal, brand):
        if letter.met:
            continue
        fields = [field for field, _ in letter.missing]
        yield _problem(
            _LETTERS[letter.letter],
            goal.path,
            goal.positions,
            next((field for field in fields if field in goal.positions), ""),
            f"This goal is not SMART: {letter.letter}, {letter.word}, is missing ({' and '.join(fields)}).",
            " ".join(hint for _, hint in letter.missing),
        )
    if not goal.owner:
        yield _without_owner("goal", goal)


def _without_owner(what: str, page: Goal | Campaign) -> Problem:
    return _problem(
        OWNER_MISSING,
        page.path,
        page.positions,
        "",
        f"Nobody owns this {what}.",
        "Add `owner: …`: somebody of brand/team.yml.",
    )


def _of_campaign(campaign: Campaign, today: date | None, media: Iterable[str]) -> Iterator[Problem]:
    where = campaign.positions
    lacking = {
        "brief": (campaign.body.strip(), "Write below the header for whom it is, what we offer, say and do not say."),
        "start": (campaign.start, "Add `start: 2026-12-01`: its first day."),
        "end": (campaign.end, "Add `end: 2026-12-31`: its last day."),
        "goal": (campaign.goal, "Add `goal: …`: a file of brand/goals."),
    }
    for field, (value, hint) in lacking.items():
        if not value:
            message = f"This campaign has no {field}."
            yield _problem(CAMPAIGN_INCOMPLETE, campaign.path, where, "", message, hint)
    if not campaign.owner:
        yield _without_owner("campaign", campaign)
    yield from _of_utm(campaign.utm, campaign.path, where, media)
    budget = campaign.budget
    if budget and (budget.amount is None) is not (not budget.currency):
        lacks = "a currency" if budget.currency == "" else "an amount"
        yield _problem(
            MONEY_CURRENCY,
            campaign.path,
            where,
            "budget",
            f"The budget has {'an amount' if budget.currency == '' else 'a currency'} without {lacks}.",
            "Write both: `budget: {amount: 2400, currency: EUR}`.",
        )
    if today is None or campaign.state in (None, CampaignState.CANCELLED):
        return
    stands = campaign.stands(today)
    if stands is not campaign.state:
        yield _problem(
            CAMPAIGN_STATE,
            campaign.path,
            where,
            "state",
            f"The state is {campaign.state}, but by its dates ({campaign.start or '…'} to {campaign.end or '…'}) "
            f"the campaign is {stands} on {today}.",
            "Correct the dates, or take `state:` out: it is worked out from them.",
        )


def judge_campaign(case: Case) -> None:
    """Judge whether the post's campaign was cancelled."""
    campaign = case.content.brand.campaigns.get(case.post.campaign) if case.post.campaign else None
    if campaign is not None and campaign.state is CampaignState.CANCELLED:
        case.report(
            CAMPAIGN_CANCELLED,
            case.post.at("campaign"),
            f"The campaign {campaign.title} was cancelled, and this post would still go out.",
            "Delete the post, make it a draft, or take `campaign:` out.",
        )


def _of_utm(
    utm: Mapping[str, str], file: str, positions: Mapping[str, tuple[int, int]], media: Iterable[str]
) -> Iterator[Problem]:
    """Judge the UTM parameters that a campaign or a channel sets; *media* are what links may call their medium."""
    listed = list(media)
    for key, value in utm.items():
        at = f"utm.{key}"
        if key not in UTM:
            meant = nearest(key.removeprefix("utm_"), UTM)
            message = f"There is no UTM parameter {key[:60]!r}."
            hint = f"Write it as {meant}: …" if meant else there_is(UTM)
            yield _problem(UTM_UNKNOWN, file, positions, at, message, hint)
        elif not _VALUE.fullmatch(value):
            small = re.sub(r"[^a-z0-9._-]+", "-", value.replace("İ", "i").lower()).strip("-._")
            message = f"utm_{key}: {value[:60]!r} has more than small letters a to z, digits, dots, hyphens and _."
            hint = f"Write {small}" if small else "Write it in small Latin letters."
            yield _problem(UTM_VALUE, file, positions, at, message, hint)
        elif key == "medium" and value not in listed:
            meant = nearest(value, listed)
            message = f"{value[:60]!r} is no medium on the list."
            hint = f"Did you mean {meant}?" if meant else f"Choose one of: {', '.join(listed)}."
            yield _problem(
                UTM_UNKNOWN, file, positions, at, message, hint + " `utm: {media: […]}` of the strategy adds one."
            )
