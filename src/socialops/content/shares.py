"""Shares and samples: what rules about many posts, and about colours, are written with.

mix: strategy                                the shares of brand/strategy.md
mix: {shares: {safety: 0.2 to 0.4}}          shares of one's own
palette: 0.6                                 six tenths of a picture
posts: [2026-11-02 09:00, 2026-11-03 09:00]  several posts, by when they go out
posts: {safety: 3, city: 2}                  or by how many there are of each pillar
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from socialops.content import values
from socialops.content.values import Wrong
from socialops.content.when import When

SamplePosts = tuple[When, ...] | Mapping[str, int]
"""Posts of an example: when each goes out, or how many each pillar has."""

MOST = 500
"""Posts of one example. Ours."""

_BETWEEN = re.compile(r" ?(?:-|–|—|to) ?")


def share(value: Any) -> tuple[float, float]:
    """Read `0.2 to 0.4`: the least and the most; raises Wrong."""
    typed = " ".join(values.text(value).split())
    ends = _BETWEEN.split(typed)
    if len(ends) != 2:
        raise Wrong("field-type", f"{typed[:40]!r} is no range of shares.", "Write the least and the most: 0.2 to 0.4.")
    low, high = values.number(ends[0]), values.number(ends[1])
    if not 0 <= low <= high <= 1:
        raise Wrong(
            "number-range", f"{typed[:40]!r} is no range from 0 to 1.", "Write the smaller one first: 0.2 to 0.4."
        )
    return low, high


def sample_posts(value: Any) -> SamplePosts:
    """Read the posts of an example; raises Wrong."""
    found: SamplePosts
    if isinstance(value, dict):
        found = {pillar: values.whole(count) for pillar, count in value.items()}
        many = sum(found.values())
        if min(found.values(), default=0) < 0:
            raise Wrong("number-range", "There cannot be fewer than 0 posts.", "Write how many there are.")
    else:
        found = tuple(values.instant(item) for item in (value if isinstance(value, list) else [value]))
        many = len(found)
    if not 0 < many <= MOST:
        raise Wrong("field-length", f"An example has 1 to {MOST} posts; this one has {many}.", "Show fewer, or some.")
    return found


def palette_form(value: Any) -> Any:
    """Let the least share alone stand for the particulars."""
    return {"least": value} if isinstance(value, str) else value


def mix_form(value: Any) -> Any:
    """Let `strategy` alone stand for the shares that the strategy has."""
    return {"weeks": "4"} if value == "strategy" else value
