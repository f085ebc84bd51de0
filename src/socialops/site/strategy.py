"""The strategy as pages: what was decided beside what really happened; goals, and campaigns."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from socialops.content.smart import Letter, letters
from socialops.measuring.goals import Progress, progress
from socialops.measuring.kpi import FORMULAS, posts_per_week
from socialops.measuring.week import midnight, number
from socialops.site import times
from socialops.site.marks import Status
from socialops.site.markup import heading, prose
from socialops.site.pages import Page, Row, Site, block, is_practice, items

if TYPE_CHECKING:
    from socialops.content.brand import Campaign, Goal, Strategy
    from socialops.content.channel import Channel

LEAST_FOR_SHARES = 10
"""Below this many posts a share says nothing."""
CADENCE_DAYS = 28
"""Over how many whole days the real cadence is counted: four weeks, so that each weekday counts alike."""


def strategy_pages(site: Site) -> list[Page]:
    """Return the strategy, and a page for each campaign and goal."""
    brand = site.content.brand
    path = "strategy/index.md"
    strategy = brand.strategy
    blocks: list[str] = []
    if strategy is None:
        words = (
            "There is no strategy yet. Write down in brand/strategy.md for whom you write, about what, and how often."
        )
        blocks.append(block("list.html", path, items=[], empty=words, link=site.new_link("brand")))
    else:
        blocks = prose(strategy.body, site.around(strategy.path, path))
        # The words that stand before the first heading say what the rest is about, so they come first.
        opening = next((number for number, item in enumerate(blocks) if item.startswith("#")), len(blocks))
        blocks[opening:opening] = _strategy_data(site, strategy, path)
    pages = [
        Page(
            path,
            strategy.title if strategy else "Strategy",
            tuple(blocks),
            source=strategy.path if strategy else "brand/",
        )
    ]
    pages += _campaign_pages(site) + _goal_pages(site)
    return pages


def _strategy_data(site: Site, strategy: Strategy, path: str) -> list[str]:
    blocks: list[str] = []
    if strategy.pillars:
        least = LEAST_FOR_SHARES
        blocks.append(heading(2, "Pillars", anchor="pillars"))
        blocks.append(block("pillars.html", path, strategy=strategy, shares=_shares(site), least=least))
    if strategy.audiences:
        blocks.append(heading(2, "Audiences", anchor="audiences"))
        blocks.append(block("audiences.html", path, strategy=strategy))
    rhythms = _rhythms(site, strategy)
    if rhythms:
        blocks.append(heading(2, "Channels and cadence", anchor="cadence"))
        first, last = site.today - timedelta(days=CADENCE_DAYS), site.today - timedelta(days=1)
        blocks.append(
            block(
                "cadence.html",
                path,
                site=site,
                rhythms=rhythms,
                days=times.span(first, last),
                n=sum(rhythm.published for rhythm in rhythms),
            )
        )
    return blocks


def _shares(site: Site) -> tuple[int, dict[str, int], str]:
    """Return (deliveries counted, by pillar, of which days): what went out in the last 90 days."""
    since = site.now - timedelta(days=90)
    counts: dict[str, int] = defaultdict(int)
    for entry in site.entries:
        if entry.status is Status.PUBLISHED and entry.at and since <= entry.at <= site.now and entry.post.pillar:
            counts[entry.post.pillar] += 1
    return sum(counts.values()), dict(counts), times.span(since.astimezone(site.zone).date(), site.today)


@dataclass(frozen=True, slots=True)
class Rhythm:
    """One channel of the strategy: what it is for, how often we mean to post there, and how often we did.

    *actual* (posts a week) is None where nothing is known of what was published.
    """

    channel: Channel
    purpose: str
    target: int | None
    published: int
    actual: float | None

    @property
    def scale(self) -> float:
        """The number at which the bar is full."""
        return max(self.target or 0, self.actual or 0, 1) * 1.1


def _rhythms(site: Site, strategy: Strategy) -> tuple[Rhythm, ...]:
    start, end = midnight(site.today - timedelta(days=CADENCE_DAYS), site.zone), midnight(site.today, site.zone)
    published = Counter(
        entry.channel.name
        for entry in site.entries
        if entry.status is Status.PUBLISHED and entry.at and start <= entry.at < end
    )
    found = []
    for name, channel in site.content.channels.items():
        target = strategy.cadence.get(name)
        purpose = strategy.channels.get(name) or channel.purpose
        if target is None and (channel.sandbox or not purpose):
            continue
        count = published[name]
        actual = None if site.without_ledger else posts_per_week(count, start, end)
        found.append(Rhythm(channel, purpose, target, count, actual))
    return tuple(found)


# --- campaigns ---


def _campaign_pages(site: Site) -> list[Page]:
    path = "strategy/campaigns/index.md"
    campaigns = sorted(site.content.brand.campaigns.values(), key=lambda item: (str(item.start or "9999"), item.name))
    rows = {campaign.name: _rows_of(site, campaign) for campaign in campaigns}
    index = block("campaigns.html", path, site=site, campaigns=campaigns, rows=rows)
    pages = [Page(path, "Campaigns", (index,), source="brand/campaigns/")]
    for campaign in campaigns:
        page = site.sources[campaign.path]
        facts = block(
            "campaign.html",
            page,
            site=site,
            campaign=campaign,
            goal=site.content.brand.goals.get(campaign.goal),
            utm=_utm(campaign),
            states=_states(rows[campaign.name]),
        )
        around = site.around(campaign.path, page)
        nothing = f"No post belongs to this campaign yet: write `campaign: {campaign.name}` in a post."
        posts = [
            heading(2, "Posts", anchor="posts"),
            block("rows.html", page, site=site, items=items(rows[campaign.name]), empty=nothing),
        ]
        pages.append(Page(page, campaign.title, (facts, *prose(campaign.body, around), *posts), source=campaign.path))
    return pages


def _rows_of(site: Site, campaign: Campaign) -> list[Row]:
    return site.rows(entry for entry in site.entries if entry.post.campaign == campaign.name)


def _states(rows: Iterable[Row]) -> list[tuple[Status, int]]:
    """Return how many deliveries stand in which state, the most first."""
    counts: Counter[Status] = Counter()
    for row in rows:
        counts[row.status] += len(row.entries)
    return counts.most_common()


def _utm(campaign: Campaign) -> list[tuple[str, str, bool]]:
    """Return the parameters its links get, in order: (name, value, whether the value is filled in link by link)."""
    filled = {"source": "the network", "content": "the post"}
    own = {key.removeprefix("utm_"): value for key, value in campaign.utm.items()}
    values = {"medium": "social", "campaign": campaign.name} | own
    names = ["source", "medium", "campaign", "content"]
    names += [name for name in own if name not in names]
    return [(name, values.get(name) or filled.get(name, ""), name not in values) for name in names]


# --- goals ---


@dataclass(frozen=True, slots=True)
class GoalView:
    """A goal as its page shows it: letters, progress, and its metric's formula in words."""

    goal: Goal
    letters: tuple[Letter, ...]
    progress: Progress
    unit: str
    title: str
    formula: str
    simulated: bool

    @property
    def scale(self) -> float:
        """The number at which the bar is full."""
        known = [value for value in (self.goal.baseline, self.goal.target, self.progress.value) if value is not None]
        return max([*known, 0.0]) * 1.08 or 1.0

    def place(self, value: float) -> float:
        """Return where a number stands on the bar, from 0 to 100."""
        return round(min(max(value / self.scale, 0), 1) * 100, 1)

    def shown(self, value: float) -> str:
        """Write a number with its unit."""
        digits = 0 if float(value).is_integer() else 2 if abs(value) < 10 else 1
        return number(value, digits) + (
            f"\u202f{self.unit}" if self.unit == "%" else f" {self.unit}" if self.unit else ""
        )


def _goal_pages(site: Site) -> list[Page]:
    path = "strategy/goals/index.md"
    goals = sorted(site.content.brand.goals.values(), key=lambda item: (str(item.end or "9999"), item.name))
    views = [_goal_view(site, goal) for goal in goals]
    index = block("goals.html", path, site=site, views=views)
    pages = [Page(path, "Goals", (index,), source="brand/goals/")]
    for view in views:
        goal = view.goal
        page = site.sources[goal.path]
        campaigns = [campaign for campaign in site.content.brand.campaigns.values() if campaign.goal == goal.name]
        facts = block("goal.html", page, site=site, view=view, goal=goal, campaigns=campaigns)
        pages.append(Page(page, goal.title, (facts, *prose(goal.body, site.around(goal.path, page))), source=goal.path))
    return pages


def _goal_view(site: Site, goal: Goal) -> GoalView:
    formula = FORMULAS.get(goal.metric)
    everywhere = [name for name, channel in site.content.channels.items() if not channel.sandbox]
    names = goal.channels or everywhere
    channels = [site.content.channels[name] for name in names if name in site.content.channels]
    return GoalView(
        goal,
        letters(goal, site.content.brand, {name: item.unit for name, item in FORMULAS.items()}),
        progress(goal, site.numbers, site.now, site.zone),
        formula.unit if formula else "",
        formula.title if formula else goal.metric,
        formula.text if formula else "",
        any(is_practice(channel) for channel in channels),
    )
