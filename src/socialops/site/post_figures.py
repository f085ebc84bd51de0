"""Figures about single posts of the week."""

from __future__ import annotations

import statistics
from datetime import timedelta
from typing import Any

from socialops.measuring.insights import (
    LEAST_IN_GROUP,
    usual,
)
from socialops.measuring.kpi import ENGAGEMENT, FORMULAS, curve, half_life, value_at_age
from socialops.measuring.numbers import Published
from socialops.measuring.week import number
from socialops.site import times
from socialops.site.chart import (
    DASHES,
    QUIET,
    RULE,
    SYMBOLS,
    Cell,
    Figure,
    FigureData,
    Note,
    Table,
    axis,
    label,
    layout,
    nothing,
    steps,
)
from socialops.site.comparison_figures import LOOK_BACK

_CURVE_HOURS = 168
_NAMED = 3
_TOP = 10
_COUNTED = ("Engagement", "Likes", "Reposts", "Replies", "Quotes", "Times the usual")


def curves(data: FigureData) -> Figure:
    """Draw how the engagement of each of the week's posts grew."""
    shown: list[tuple[float, Published, list[tuple[float, float]]]] = []
    published = data.numbers.between(data.week.start, data.week.end)
    for item in published:
        points = curve(data.numbers.engagement(item), item.at, data.now)
        if points:
            cut = [(point.hours, point.value) for point in points if point.hours <= _CURVE_HOURS]
            shown.append((points[-1].value, item, cut))
    shown.sort(key=lambda entry: (-entry[0], entry[1].at, entry[1].channel, entry[1].post))
    lives = [
        life
        for item in data.numbers.between(data.now - LOOK_BACK, data.now)
        if (life := half_life(data.numbers.engagement(item), item.at, data.now)) is not None
    ]
    note = Note(
        f"{FORMULAS['engagement'].title}: {FORMULAS['engagement'].text}",
        f"{len(shown)} of {len(published)} posts of the week were read",
        data.days(data.week.first, data.week.last),
        data.source(item.channel for item in published),
    )
    if not shown:
        return nothing("curves", "How the week's posts grew", "No post of the week was read yet.", note)
    traces: list[dict[str, Any]] = []
    for place, (value, item, line) in reversed(list(enumerate(shown))):
        named = place < _NAMED
        colour = data.colours.series(place) if named else QUIET
        traces.append(
            {
                "type": "scatter",
                "mode": "lines",
                "x": [hours for hours, _ in line],
                "y": [value for _, value in line],
                "line": {"color": colour, "width": 2.5 if named else 1.25, "dash": DASHES[place] if named else "solid"},
                "name": f"{label(item.title, 30)} · {label(item.channel)}",
                "showlegend": False,
                "hovertemplate": f"{label(item.title, 40)} · {label(item.channel)}<br>%{{y:.0f}} after %{{x:.0f}} h"
                "<extra></extra>",
            }
        )
        traces.append(
            {
                "type": "scatter",
                "mode": "lines+markers" if named else "markers",
                "x": [line[-1][0]],
                "y": [line[-1][1]],
                "line": {"color": colour, "dash": DASHES[place] if named else "solid"},
                "marker": {
                    "color": colour,
                    "size": 9 if named else 5,
                    "symbol": SYMBOLS[place] if named else "circle",
                },
                "name": f"{label(item.title, 30)} · {label(item.channel)}: {number(round(value))}",
                "showlegend": named,
                "legendrank": place,
                "hoverinfo": "skip",
            }
        )
    ticks = steps(shown[0][0])
    drawn = layout(
        380,
        showlegend=True,
        xaxis=axis(
            tickmode="array",
            tickvals=[0, 24, 48, 72, 96, 120, 144, 168],
            ticktext=["out", "1 day", "2", "3", "4", "5", "6", "7 days"],
            range=[0, _CURVE_HOURS * 1.03],
            showline=True,
            linecolor=RULE,
        ),
        yaxis=axis(
            tickmode="array",
            tickvals=ticks,
            ticktext=[number(round(tick)) for tick in ticks],
            range=[0, max(ticks[-1], 1) * 1.04],
            showgrid=True,
        ),
    )
    drawn["legend"] = drawn["legend"] | {"orientation": "v", "y": 1.02}
    best, item, _ = shown[0]
    title = "How the week's posts grew"
    if best > 0 and (len(shown) == 1 or best > shown[1][0]):
        title = f"{_called(item)} collected the most so far: {number(round(best))}"
    sentences = [
        f"Engagement of {len(shown)} post{'s' if len(shown) != 1 else ''} since publishing. "
        + "; ".join(f"{_called(item)}: {number(round(value))}" for value, item, _ in shown[:_NAMED])
        + "."
    ]
    if len(lives) >= LEAST_IN_GROUP:
        sentences.append(
            f"A post usually has half of its engagement after {number(statistics.median(lives), 0)} hours "
            f"(middle of {len(lives)} posts of 16 weeks)."
        )
    rows = []
    for value, item, _ in shown:
        ages = [
            value_at_age(data.numbers.engagement(item), item.at, timedelta(hours=hours), data.now)
            for hours in (6, 24, 48)
        ]
        rows.append(
            (
                *_post_cells(data, item),
                *(Cell(number(None if age is None else round(age)), numeric=True) for age in ages),
                Cell(number(round(value)), numeric=True),
            )
        )
    return Figure(
        "curves",
        title,
        " ".join(sentences),
        Table(("Post", "Channel", f"Published ({times.city(data.zone)})", "6 h", "24 h", "48 h", "Now"), tuple(rows)),
        note,
        {"data": traces, "layout": drawn},
        {"height": 420},
        data.colours.dark,
        data.is_simulated(item.channel for _, item, _ in shown),
    )


def top_posts(data: FigureData) -> Figure:
    """List the posts of the week, those with the most engagement first."""
    levels: dict[str, float | None] = {}
    for name in data.numbers.channels:
        settled = [
            data.numbers.settled(item, data.now)
            for item in data.numbers.between(data.now - LOOK_BACK, data.now)
            if item.channel == name
        ]
        levels[name] = usual([value for value in settled if value is not None])
    published = data.numbers.between(data.week.start, data.week.end)
    known = [(value, item) for item in published if (value := data.numbers.engagement(item).at(data.now)) is not None]
    known.sort(key=lambda pair: (-pair[0], pair[1].at, pair[1].channel, pair[1].post))
    note = Note(
        f"{FORMULAS['engagement'].title}: {FORMULAS['engagement'].text}. "
        f"{FORMULAS['times-usual'].title}: {FORMULAS['times-usual'].text}",
        f"{len(known)} of {len(published)} posts of the week were read",
        data.days(data.week.first, data.week.last),
        data.source(item.channel for item in published),
    )
    if not known:
        return nothing("top-posts", "Posts of the week", "No post of the week was read yet.", note)
    rows = []
    for value, item in known[:_TOP]:
        settled_now, level = data.numbers.settled(item, data.now), levels.get(item.channel)
        ratio = "" if settled_now is None or level is None else f"{number((settled_now + 1) / level, 1)} ×"
        counters = [data.numbers.counter(item.channel, item.post, metric).at(data.now) for metric in ENGAGEMENT]
        rows.append(
            (
                *_post_cells(data, item),
                Cell(number(value), numeric=True),
                *(Cell(number(counter), numeric=True) for counter in counters),
                Cell(ratio or "too early", numeric=True),
            )
        )
    best, item = known[0]
    return Figure(
        "top-posts",
        f"{len(known)} post{'s' if len(known) != 1 else ''} of the week, by engagement",
        f"First is {_called(item)} with {number(best)}. Younger posts are still growing.",
        Table(
            (
                "Post",
                "Channel",
                f"Published ({times.city(data.zone)})",
                *_COUNTED,
            ),
            tuple(rows),
        ),
        note,
        simulated=data.is_simulated(item.channel for _, item in known),
    )


def _called(item: Published) -> str:
    return f"“{item.title}” on {item.channel}"


def _post_cells(data: FigureData, item: Published) -> tuple[Cell, Cell, Cell]:
    return (
        Cell(item.title, link=data.links.get(item.post, ""), lang=""),
        Cell(item.channel),
        Cell(data.short_moment(item.at)),
    )
