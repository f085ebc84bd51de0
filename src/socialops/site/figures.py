"""The figures of the reports, by name.

`figure(name, data)` is pure: the same numbers give the same bytes. What can be claimed is decided in
`measuring/insights.py`; here it is only drawn and worded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from socialops.errors import UsageError
from socialops.problem import nearest
from socialops.site import comparison_figures, post_figures, week_figures
from socialops.site.chart import Figure, FigureData

FIGURES: Mapping[str, Callable[[FigureData], Figure]] = MappingProxyType(
    {
        "posts": week_figures.posts,
        "engagement": week_figures.engagement,
        "curves": post_figures.curves,
        "top-posts": post_figures.top_posts,
        "followers": week_figures.followers,
        "best-hours": comparison_figures.best_hours,
        "formats": comparison_figures.formats,
        "mix": week_figures.mix,
        "weeks": week_figures.by_week,
    }
)
"""Every figure a report can name under `figures:` in its front matter."""


def figure(name: str, data: FigureData) -> Figure:
    """Make the figure of that name; raises UsageError when there is none."""
    if name not in FIGURES:
        meant = nearest(name, FIGURES)
        raise UsageError(
            f"There is no figure {name!r}.",
            hint=f"Did you mean {meant!r}?" if meant else f"There are {', '.join(FIGURES)}.",
        )
    return FIGURES[name](data)


def write_plotly(folder: Path) -> Path:
    """Put plotly's script, as the plotly package holds it, into *folder*; return the file.

    It stands there once for all pages, and is only written when it is not there yet in this version.
    """
    from plotly.offline import get_plotlyjs

    script = get_plotlyjs().encode("utf-8")
    file = folder / "plotly.min.js"
    if not file.is_file() or file.read_bytes() != script:
        folder.mkdir(parents=True, exist_ok=True)
        file.write_bytes(script)
    return file
