"""Rules about when nothing goes out: hours of the night, days of the week, days of mourning."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from socialops.checks.guidelines.hearing import Finding, Hearing
from socialops.content.quiet import free_again, quiet_at

if TYPE_CHECKING:
    from socialops.content.guidelines import BrandRule


def judge_quiet(rule: BrandRule, hearing: Hearing) -> Iterator[Finding]:
    """Hold the time when a post goes out against the quiet times, on the clock of its channel's zone."""
    if hearing.due is None:
        return
    wall = hearing.due.replace(tzinfo=None)
    found = quiet_at(rule.settings, wall)
    if found is None:
        return
    free = free_again(rule.settings, wall)
    zone = getattr(hearing.due.tzinfo, "key", "")
    message = (
        f"This goes out on {wall:%A %Y-%m-%d at %H:%M}{f' ({zone})' if zone else ''}, a quiet time: {found.called}."
    )
    hint = f"Move it: from {free:%A %Y-%m-%d %H:%M} on there is no quiet time." if free else "Leave this channel out."
    yield Finding(hearing.case.at_entry(hearing.variant.entry.channel, "date"), message, hint)
