"""Every rule there is, by id: what `check` may say, with the page that explains it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from socialops.checks import (
    change,
    fields,
    links,
    media,
    network,
    published,
    reading,
    recurrence,
    safety,
    schedule,
    spending,
    strategy,
    team,
    text,
    video,
)
from socialops.checks.guidelines import examples, waivers
from socialops.checks.rule import Rule
from socialops.content.guidelines import ID

__all__ = ("RULES", "Rule", "rule_of")

RULES: Mapping[str, Rule] = MappingProxyType(
    dict(
        sorted(
            item
            for subject in (
                change,
                reading,
                fields,
                text,
                media,
                video,
                links,
                schedule,
                recurrence,
                network,
                published,
                safety,
                spending,
                strategy,
                team,
                examples,
                waivers,
            )
            for item in subject.RULES.items()
        )
    )
)
"""Rule id → rule, in alphabetical order. A test holds that every id used anywhere is here."""

_BRAND = re.compile(ID)


def rule_of(id: str) -> Rule:  # noqa: A002 - the word of the design
    """Return the rule with the page that explains a problem's id; raises KeyError.

    Problems with the id of a guideline's own rule (`BR001`) are all explained by `brand-rule`; the guideline says the
    rest.
    """
    return RULES["brand-rule"] if _BRAND.fullmatch(id) else RULES[id]
