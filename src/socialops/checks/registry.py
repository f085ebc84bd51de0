"""Every rule there is, by id: what `check` may say, with the page that explains it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from socialops.checks import (
    fields,
    links,
    media,
    network,
    published,
    reading,
    safety,
    schedule,
    spending,
    strategy,
    team,
    text,
)
from socialops.checks.rule import Rule

__all__ = ("RULES", "Rule")

RULES: Mapping[str, Rule] = MappingProxyType(
    dict(
        sorted(
            item
            for subject in (
                reading,
                fields,
                text,
                media,
                links,
                schedule,
                network,
                published,
                safety,
                spending,
                strategy,
                team,
            )
            for item in subject.RULES.items()
        )
    )
)
"""Rule id → rule, in alphabetical order. A test holds that every id used anywhere is here."""
