"""Figures about what posts have in common: the hour they went out, and their format."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from socialops.content.post import Kind
from socialops.measuring.insights import (
    EVERYDAY_POSTS,
    LEAST_IN_ALL,
    LEAST_IN_CELL,
    LEAST_IN_GROUP,
    Comparison,
    Effect,
    Sample,
    cells,
    compare,
)
from socialops.measuring.kpi import FORMULAS
from socialops.measuring.numbers import Published
from socialops.site import times
from socialops.site.chart import (
    BETTER,
    GROUND,
    INK,
    MUTED,
    WORSE,
    Cell,
    Figure,
    FigureData,
    Note,
    Table,
    axis,
    layout,
    nothing,
)

LOOK_BACK = timedelta(weeks=16)
"""How far back hours and formats are compared: older posts met another audience."""
_BLOCK = 3


def best_hours(data: FigureData) -> Figure:
    """Draw when posts do how well: a map of weekdays and hours, with the n of each cell."""
    found = _compared(data)
    blocks = [f"{hour:02d}–{hour + _BLOCK:02d}" for hour in range(0, 24, _BLOCK)]
    by_block = compare(
        [Sample(item.channel, blocks[_hour(data, item) // _BLOCK], value) for item, value in found], looks=2
    )
    by_day = compare(
        [Sample(item.channel, times.LONG_DAYS[_weekday(data, item)], value) for item, value in found], looks=2
    )
    by_cell = cells(
        [Sample(item.channel, (_weekday(data, item), _hour(data, item) // _BLOCK), value) for item, value in found]
    )
    zones = sorted({_zone(data, item) for item, _ in found})
    note = Note(
        f"{FORMULAS['times-usual'].title}: {FORMULAS['times-usual'].text}. Small groups are drawn towards 1, as "
        f"if each had {EVERYDAY_POSTS} more posts that did as usual; a cell needs {LEAST_IN_CELL} posts to be coloured",
        f"{by_block.n} posts that are 48 hours old and were read then, of channels with {LEAST_IN_GROUP} or more",
        f"{_window(data)}. Hours are those of each channel's own zone ({', '.join(zones) or times.city(data.zone)})",
        data.source({item.channel for item, _ in found}),
    )
    if not found:
        return nothing("best-hours", "The best hours", "No post is old enough to be compared.", note)
    days = range(7)
    used = sorted({_hour(data, item) // _BLOCK for item, _ in found})
    effects = {key: by_cell.get(key, Effect(key, 0)) for key in ((day, block) for day in days for block in range(8))}
    shown = by_block.enough or by_day.enough
    # Tints are read as a finding, so there are none without one; the numbers stand there either way.
    clear = any(effect.clear for comparison in (by_block, by_day) for effect in comparison.effects)
    logs = [
        [
            math.log2(times_usual) * clear if shown and (times_usual := effects[day, block].times) else None
            for block in range(8)
        ]
        for day in days
    ]
    words, colours = [], []
    for day in days:
        for block in range(8):
            effect = effects[day, block]
            if effect.times and shown:
                words.append(f"<b>{effect.times:.1f}</b><br>n {effect.n}")
                colours.append(INK)
            else:
                words.append(f"n {effect.n}" if effect.n else "·")
                colours.append(MUTED)
    traces: list[dict[str, Any]] = [
        {
            "type": "heatmap",
            "x": list(range(8)),
            "y": list(days),
            "z": logs,
            "zmin": -1,
            "zmid": 0,
            "zmax": 1,
            "xgap": 2,
            "ygap": 2,
            "colorscale": [[0, WORSE], [0.5, GROUND], [1, BETTER]],
            "showscale": False,
            "hoverinfo": "skip",
        },
        {
            "type": "scatter",
            "mode": "text",
            "x": [block for _ in days for block in range(8)],
            "y": [day for day in days for _ in range(8)],
            "text": words,
            "textfont": {"size": 11, "color": colours},
            "hoverinfo": "skip",
        },
    ]
    drawn = layout(
        400,
        xaxis=axis(
            tickmode="array",
            tickvals=list(range(8)),
            ticktext=blocks,
            range=[used[0] - 0.5, used[-1] + 0.5],
            side="top",
        ),
        yaxis=axis(tickmode="array", tickvals=list(days), ticktext=list(times.DAYS), range=[6.5, -0.5]),
    )
    title, said = _best_hour_words(by_block, by_day)
    rows = tuple(
        _effect_row(effect)
        for comparison in (by_block, by_day)
        for effect in _ordered(comparison, (*blocks, *times.LONG_DAYS))
    )
    return Figure(
        "best-hours",
        title,
        said,
        Table(("Hours or day", "n", "Times the usual", "Interval", "Finding"), rows),
        note,
        {"data": traces, "layout": drawn},
        {"xaxis.tickfont.size": 10, "data.1.textfont.size": 10, "height": 380},
        data.colours.dark,
        data.is_simulated({item.channel for item, _ in found}),
    )


def formats(data: FigureData) -> Figure:
    """Draw how the formats do against the usual, with their intervals."""
    found = _compared(data)
    comparison = compare([Sample(item.channel, item.kind, value) for item, value in found])
    effects = _ordered(comparison, tuple(Kind))
    effects.sort(key=lambda effect: -(effect.times or 0))
    note = Note(
        f"{FORMULAS['times-usual'].title}: {FORMULAS['times-usual'].text}. Small groups are drawn towards 1, as "
        f"if each had {EVERYDAY_POSTS} more posts that did as usual; all intervals hold at once with 95 %",
        f"{comparison.n} posts that are 48 hours old and were read then; a format needs {LEAST_IN_GROUP}, all together "
        f"{LEAST_IN_ALL}",
        _window(data),
        data.source({item.channel for item, _ in found}),
    )
    if not found:
        return nothing("formats", "The formats", "No post is old enough to be compared.", note)
    if not comparison.enough:
        counts = ", ".join(f"{effect.group} {effect.n}" for effect in effects)
        return Figure(
            "formats",
            "Not enough data to compare formats",
            f"{comparison.n} posts can be compared: {counts}.",
            Table(
                ("Format", "n"),
                tuple((Cell(str(effect.group)), Cell(str(effect.n), numeric=True)) for effect in effects),
            ),
            note,
            simulated=data.is_simulated({item.channel for item, _ in found}),
            next_step=f"Look again when there are {LEAST_IN_ALL} posts, with two formats of {LEAST_IN_GROUP} or more.",
        )
    rows = range(len(effects))
    traces: list[dict[str, Any]] = []
    for clear in (False, True):
        drawn_effects = [
            (row, effect) for row, effect in zip(rows, effects, strict=True) if effect.clear is clear and effect.times
        ]
        traces.append(
            {
                "type": "scatter",
                "mode": "markers",
                "x": [effect.times for _, effect in drawn_effects],
                "y": [row for row, _ in drawn_effects],
                "error_x": {
                    "type": "data",
                    "symmetric": False,
                    "array": [(effect.high or 0) - (effect.times or 0) for _, effect in drawn_effects],
                    "arrayminus": [(effect.times or 0) - (effect.low or 0) for _, effect in drawn_effects],
                    "color": data.colours.accent if clear else MUTED,
                    "thickness": 2.5 if clear else 1.5,
                    "width": 0,
                },
                "marker": {
                    "size": 11,
                    "symbol": "circle" if clear else "circle-open",
                    "color": data.colours.accent if clear else MUTED,
                    "line": {"width": 2, "color": data.colours.accent if clear else MUTED},
                },
                "customdata": [
                    f"{effect.times:.1f} × the usual ({effect.low:.1f} to {effect.high:.1f}), n = {effect.n}"
                    for _, effect in drawn_effects
                ],
                "hovertemplate": "%{customdata}<extra></extra>",
            }
        )
    few = [(row, effect) for row, effect in zip(rows, effects, strict=True) if not effect.times]
    traces.append(
        {
            "type": "scatter",
            "mode": "text",
            "x": [1.0] * len(few),
            "y": [row for row, _ in few],
            "text": ["not enough data" for _ in few],
            "textfont": {"size": 12, "color": MUTED},
            "hoverinfo": "skip",
        }
    )
    reach = max(2.0, *(max(effect.high or 1, 1 / (effect.low or 1)) for effect in effects)) * 1.1
    ticks = [tick for tick in (0.125, 0.25, 0.5, 1, 2, 4, 8) if 1 / reach <= tick <= reach]
    drawn = layout(
        70 + 42 * len(effects),
        xaxis=axis(type="log", range=[-math.log10(reach), math.log10(reach)], tickmode="array", tickvals=ticks,
                   ticktext=["as usual" if tick == 1 else f"{tick:g} ×" for tick in ticks], showgrid=True),
        yaxis=axis(tickmode="array", tickvals=list(rows), range=[len(effects) - 0.5, -0.5],
                   ticktext=[f"{effect.group}  <i>n {effect.n}</i>" for effect in effects],
                   tickfont={"size": 13, "color": INK}),
        shapes=[{"type": "line", "x0": 1, "x1": 1, "yref": "paper", "y0": 0, "y1": 1, "layer": "below",
                 "line": {"color": MUTED, "width": 1.5, "dash": "dot"}}],
    )  # fmt: skip
    best, worst = comparison.best, comparison.worst
    if best:
        title = f"{str(best.group).capitalize()} posts do better: {best.times:.1f} × the usual"
    elif worst:
        title = f"{str(worst.group).capitalize()} posts do worse: {worst.times:.1f} × the usual"
    else:
        title = "No format stands out"
    clear_effects = [effect for effect in effects if effect.clear]
    summary = (
        "; ".join(_effect_words(effect) for effect in clear_effects) + ". "
        if clear_effects
        else "Every interval holds 1: the differences are within what chance does. "
    )
    few_names = [str(effect.group) for _, effect in few]
    summary += f"Not enough data: {', '.join(few_names)}." if few_names else ""
    return Figure(
        "formats",
        title,
        summary.strip(),
        Table(("Format", "n", "Times the usual", "Interval", "Finding"), tuple(map(_effect_row, effects))),
        note,
        {"data": traces, "layout": drawn},
        dark=data.colours.dark,
        simulated=data.is_simulated({item.channel for item, _ in found}),
    )


def _compared(data: FigureData) -> list[tuple[Published, float]]:
    return [
        (item, value)
        for item in data.numbers.between(data.now - LOOK_BACK, data.now)
        if (value := data.numbers.settled(item, data.now)) is not None
    ]


def _window(data: FigureData) -> str:
    first = (data.now - LOOK_BACK).astimezone(data.zone).date()
    return data.days(first, data.now.astimezone(data.zone).date())


def _zone(data: FigureData, item: Published) -> str:
    channel = data.numbers.channels.get(item.channel)
    return times.city(channel.tz() if channel else data.zone)


def _hour(data: FigureData, item: Published) -> int:
    channel = data.numbers.channels.get(item.channel)
    return item.at.astimezone(channel.tz() if channel else data.zone).hour


def _weekday(data: FigureData, item: Published) -> int:
    channel = data.numbers.channels.get(item.channel)
    return item.at.astimezone(channel.tz() if channel else data.zone).weekday()


def _best_hour_words(by_block: Comparison, by_day: Comparison) -> tuple[str, str]:
    if not (by_block.enough or by_day.enough):
        return (
            "Not enough data for a best hour",
            (
                f"{by_block.n} posts can be compared; {LEAST_IN_ALL} are needed, with {LEAST_IN_GROUP} or more in at "
                "least two of the day's eight parts. Until then the map only counts."
            ),
        )
    clear = [effect for comparison in (by_block, by_day) for effect in comparison.effects if effect.clear]
    if not clear:
        return (
            "No hour or weekday stands out",
            "Every interval holds 1: the differences between hours and between weekdays are within what chance does.",
        )
    best = max(clear, key=lambda effect: abs(math.log(effect.times or 1)))
    when = f"on {best.group}s" if best.group in times.LONG_DAYS else f"between {best.group.replace('–', ' and ')} h"  # type: ignore[attr-defined]
    better = "better" if (best.times or 1) > 1 else "worse"
    return (
        f"Posts {when} do {better}: {best.times:.1f} × the usual",
        "; ".join(_effect_words(effect) for effect in clear)
        + ". All other hours and days are within what chance does.",
    )


def _effect_words(effect: Effect) -> str:
    low, high = effect.low or 0, effect.high or 0
    # An end that leaves out 1 must not be rounded to it.
    digits = 2 if 0.95 <= low < 1.05 or 0.95 <= high < 1.05 else 1
    return f"{effect.group}: {effect.times:.1f} × the usual ({low:.{digits}f} to {high:.{digits}f}, n = {effect.n})"


def _effect_row(effect: Effect) -> tuple[Cell, ...]:
    if effect.times is None or effect.low is None or effect.high is None:
        return (Cell(str(effect.group)), Cell(str(effect.n), numeric=True), Cell("–", numeric=True),
                Cell("–", numeric=True), Cell("not enough data"))  # fmt: skip
    finding = "no clear difference" if not effect.clear else "better" if effect.times > 1 else "worse"
    return (
        Cell(str(effect.group)),
        Cell(str(effect.n), numeric=True),
        Cell(f"{effect.times:.2f}", numeric=True),
        Cell(f"{effect.low:.2f} – {effect.high:.2f}", numeric=True),
        Cell(finding),
    )


def _ordered(comparison: Comparison, order: Sequence[str]) -> list[Effect]:
    places = {name: place for place, name in enumerate(order)}
    return sorted(comparison.effects, key=lambda effect: (places.get(str(effect.group), 99), str(effect.group)))
