"""Hold what the brand's files name against what there is: owners, goals, pillars, channels; nearest first."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from socialops.content.brand import Brand, Campaign, Goal, ReportDefinition
from socialops.content.folder import printable
from socialops.content.post import EMPTY
from socialops.content.team import names_of
from socialops.problem import Problem, error, nearest


def unknown(
    what: str,
    path: str,
    positions: Mapping[str, tuple[int, int]],
    location: tuple[int | str, ...],
    name: str,
    choices: Collection[str],
    called: Mapping[str, str] = EMPTY,
) -> Problem:
    """Make the problem of a name that is none of *choices*; *called* is what else they go by → the choice."""
    from socialops.content.hints import place, there_is

    known = sorted(choices)
    meant = nearest(name, [*called, *known])
    meant = called.get(meant, meant) if meant else None
    return error(
        f"{what}-unknown",
        printable(path),
        place(positions, location),
        f"There is no {'person' if what == 'author' else what} {name[:60]!r}.",
        f"Did you mean {meant}?" if meant else there_is(known),
    )


def dangling(
    brand: Brand, reports: Sequence[ReportDefinition], names: Mapping[str, Collection[str]], *, team: bool
) -> Iterator[Problem]:
    """Find what campaigns, goals, reports and the strategy name and is not there.

    *names* are the files' names of `channels` and `goals`, readable or not; without a *team* nobody is unknown.
    """
    channels, goals = names.get("channels", ()), names.get("goals", ())
    owned: list[Campaign | Goal] = [*brand.campaigns.values(), *brand.goals.values()]
    for page in owned:
        if page.owner and team and page.owner not in brand.people:
            known = names_of(brand.people)
            yield unknown("author", page.path, page.positions, ("owner",), page.owner, brand.people, known)
    pillars = {pillar.name for pillar in (brand.strategy.pillars if brand.strategy else ())}
    for goal in brand.goals.values():
        if goal.pillar and goal.pillar not in pillars:
            yield unknown("pillar", goal.path, goal.positions, ("pillar",), goal.pillar, pillars)
    for campaign in brand.campaigns.values():
        if campaign.goal and campaign.goal not in goals:
            yield unknown("goal", campaign.path, campaign.positions, ("goal",), campaign.goal, goals)
    listing: list[Goal | ReportDefinition] = [*brand.goals.values(), *reports]
    for listed in listing:
        for index, name in enumerate(listed.channels):
            if name not in channels:
                yield unknown("channel", listed.path, listed.positions, ("channels", index), name, channels)
    if brand.strategy:
        where = brand.strategy.positions
        for key, named in (("cadence", brand.strategy.cadence), ("channels", brand.strategy.channels)):
            for name in named:
                if name not in channels:
                    yield unknown("channel", brand.strategy.path, where, (key, name), name, channels)
