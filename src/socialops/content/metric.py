"""The numbers that reports and goals are made of, by name. What each means and how it is computed: `measuring/kpi.py`.

The names stand here because a goal is judged long before anything is measured; a test keeps them equal to the formulas.
"""

from __future__ import annotations

METRICS = (
    "engagement",
    "engagement-48h",
    "engagement-gained",
    "engagement-rate",
    "times-usual",
    "followers",
    "new-followers",
    "growth",
    "half-life",
    "posts-published",
    "posts-per-week",
    "likes-per-post",
    "alt-text-share",
)
"""Every number of the dictionary."""
