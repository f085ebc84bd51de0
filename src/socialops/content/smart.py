"""What makes a goal SMART, letter by letter: what its file says for each, and what is missing.

Doran, "There's a S.M.A.R.T. way to write management's goals and objectives", Management Review 70 (11), 1981; the
letters are read as most teams read them today.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from socialops.content.metric import METRICS

if TYPE_CHECKING:
    from socialops.content.brand import Brand, Goal


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter: *said* is what the goal's file says for it, *missing* (field, what to write) what it does not."""

    letter: str
    word: str
    said: str
    missing: tuple[tuple[str, str], ...] = ()

    @property
    def met(self) -> bool:
        """Whether nothing is missing."""
        return not self.missing


def number(value: float) -> str:
    """Write a number as its goal's file would: without a fraction where there is none."""
    return f"{value:,.10f}".rstrip("0").rstrip(".").replace(",", "\u202f")


def letters(goal: Goal, brand: Brand, units: Mapping[str, str] | None = None) -> tuple[Letter, ...]:
    """Return the five letters of a goal, in order. *units*, metric → unit, are named where they are known."""
    return (
        _specific(goal),
        _measurable(goal, (units or {}).get(goal.metric, "")),
        Letter("A", "Achievable", goal.achievable, () if goal.achievable.strip() else (_LACKING["achievable"],)),
        _relevant(goal, brand),
        _time_bound(goal),
    )


_LACKING = {
    field: (field, hint)
    for field, hint in {
        "title": "Add `title: …`: the goal in one sentence.",
        "metric": "Add `metric: …`: the number that shows it.",
        "baseline": "Add `baseline: …`: where that number stood before.",
        "target": "Add `target: …`: where it shall stand.",
        "achievable": "Add `achievable: …`: why it can be reached, in a sentence (what was reached before, with what).",
        "pillar": "Add `pillar: …`: the theme it serves; or name the goal in a campaign's `goal:`.",
        "start": "Add `start: …`: its first day.",
        "end": "Add `end: …`: the day by which.",
    }.items()
}


def _specific(goal: Goal) -> Letter:
    said = " · ".join(part for part in (goal.title if goal.titled else "", goal.metric) if part)
    missing = [_LACKING["title"]] if not goal.titled else []
    if goal.metric not in METRICS:
        # One that is not in the dictionary is reported by its own rule.
        missing += [] if goal.metric else [_LACKING["metric"]]
    return Letter("S", "Specific", said, tuple(missing))


def _measurable(goal: Goal, unit: str) -> Letter:
    unit = f" {unit}" if unit else ""
    said = " · ".join(
        f"{word} {number(value)}{unit}"
        for word, value in (("from", goal.baseline), ("to", goal.target))
        if value is not None
    )
    missing = [_LACKING[name] for name in ("baseline", "target") if getattr(goal, name) is None]
    if not missing and goal.baseline == goal.target:
        missing = [("target", "Write a target that differs from the baseline: so it is reached before it begins.")]
    return Letter("M", "Measurable", said, tuple(missing))


def _relevant(goal: Goal, brand: Brand) -> Letter:
    pillars = {pillar.name: pillar for pillar in (brand.strategy.pillars if brand.strategy else ())}
    serves = [f"pillar {pillars[goal.pillar].title}"] if goal.pillar in pillars else []
    serves += [f"campaign {campaign.title}" for campaign in brand.campaigns.values() if campaign.goal == goal.name]
    # A pillar that does not exist is reported as that.
    return Letter("R", "Relevant", " · ".join(serves), () if serves or goal.pillar else (_LACKING["pillar"],))


def _time_bound(goal: Goal) -> Letter:
    said = " · ".join(f"{word} {day}" for word, day in (("from", goal.start), ("to", goal.end)) if day is not None)
    return Letter(
        "T", "Time-bound", said, tuple(_LACKING[name] for name in ("start", "end") if getattr(goal, name) is None)
    )
