"""The style guide as a whole: whether its rules fit together and name what is there, and who may lift one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from socialops.content.channel import NETWORKS
from socialops.content.hints import there_is
from socialops.content.team import approval_of, names_of
from socialops.problem import Problem, error, nearest

if TYPE_CHECKING:
    from socialops.content.brand import Brand, Guideline
    from socialops.content.guidelines import BrandRule


def faults_of(
    brand: Brand,
    names: Mapping[str, Collection[str]],
    is_network: Callable[[str], bool],
    *,
    team: bool,
) -> list[Problem]:
    """Find rules that share an id, and names in their scopes that mean nothing.

    *names* are the files' names of `channels` and `campaigns`, readable or not; without a *team* nobody is unknown.
    """
    problems: list[Problem] = []
    first: dict[str, BrandRule] = {}
    pillars = {pillar.name for pillar in brand.strategy.pillars} if brand.strategy else None
    roles = {str(role) for person in brand.people.values() for role in person.roles}
    channels, campaigns = names.get("channels", ()), names.get("campaigns", ())
    people = {*names_of(brand.people), *roles} if team else None
    for guideline in brand.guidelines:
        for index, rule in enumerate(guideline.rules):
            other = first.setdefault(rule.id, rule)
            at = _Place(guideline, f"rules.{index}")
            if other is not rule:
                message = f"{rule.id} is the id of another rule already: {other.page}, line {other.at[0]}."
                problems.append(error("guideline-id", rule.page, at("id"), message, "Give this one a free number."))
            scope = rule.scope
            named: list[tuple[str, str, Collection[str], Collection[str] | None]] = [
                ("network", "networks", scope.networks, NETWORKS),
                ("channel", "channels", scope.channels, channels),
                ("campaign", "campaigns", scope.campaigns, campaigns),
                ("pillar", "pillars", scope.pillars, pillars),
                ("pillar", f"{rule.kind}.shares", tuple(rule.settings.shares) if rule.kind == "mix" else (), pillars),
                ("approver", "approver", (rule.approver,) if rule.approver else (), people),
            ]
            for what, key, given, choices in named:
                for number, name in enumerate(given):
                    sound = is_network(name) if what == "network" else choices is None or name in choices
                    if sound:
                        continue
                    meant = nearest(name, sorted(choices or ()))
                    hint = f"Did you mean {meant}?" if meant else there_is(choices or ())
                    kind = "person or role" if what == "approver" else what
                    message = f"There is no {kind} {name[:60]!r}."
                    problems.append(error(f"{what}-unknown", rule.page, at(key, number), message, hint))
            if scope.since and scope.until and scope.until < scope.since:
                message = f"This rule ends on {scope.until}, before it begins on {scope.since}."
                problems.append(error("date-order", rule.page, at("until"), message, "Correct one of the two."))
    return problems


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the values of one rule stand."""

    guideline: Guideline
    rule: str

    def __call__(self, *steps: str | int) -> tuple[int, int]:
        keys = [str(step) for step in steps]
        while keys:
            found = self.guideline.positions.get(".".join([self.rule, *keys]))
            if found:
                return found
            keys.pop()
        return self.guideline.positions.get(self.rule, (1, 1))


def entitled(rule: BrandRule, brand: Brand) -> tuple[str, ...]:
    """Return the people who may allow an exception to a rule, by name.

    They are the rule's `approver:`, or everybody of that role; without one, whoever approves changes of the page.
    """
    if rule.approver:
        person = names_of(brand.people).get(rule.approver)
        if person:
            return (person,)
        return tuple(sorted(name for name, someone in brand.people.items() if rule.approver in someone.roles))
    approval = approval_of(rule.page, brand)
    return approval.who if approval else ()
