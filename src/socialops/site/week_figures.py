"""Figures that set a week against the weeks before it, the plan, or the strategy."""

from __future__ import annotations

import math
import statistics
from collections import Counter as Tally
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

from socialops.measuring.insights import LEAST_IN_GROUP, Sample, change
from socialops.measuring.kpi import FORMULAS, engagement_rate, growth, share
from socialops.measuring.week import WeekNumbers, midnight, number, signed, week_numbers, weeks
from socialops.site.chart import (
    DASHES,
    INK,
    MUTED,
    QUIET,
    RULE,
    Cell,
    Figure,
    FigureData,
    Note,
    Table,
    axis,
    label,
    layout,
    nothing,
    panels,
    short_day,
    steps,
)

WEEKS_SHOWN = 9
"""The week and the eight before it."""
_MONTH = timedelta(days=28)
_SMALLEST_SPAN = 0.06


def by_week(data: FigureData) -> Figure:
    """Draw four small charts: the week beside the eight before it."""
    found = [week_numbers(data.numbers, week, data.now) for week in weeks(data.now, data.zone, WEEKS_SHOWN)]
    channels = data.numbers.measured_channels()
    note = Note(
        " · ".join(
            f"{FORMULAS[name].title}: {FORMULAS[name].text}"
            for name in ("engagement-gained", "engagement-48h", "new-followers")
        ),
        f"{len(found[-1].published)} posts in the week, {sum(len(week.published) for week in found[:-1])} in the "
        f"{WEEKS_SHOWN - 1} before; the middle post is of those that are 48 hours old and were read then",
        f"{data.days(found[0].week.first, data.week.last)}; each week is seven whole days",
        data.source(channels),
    )
    if not any(week.published or week.engagement for week in found):
        return nothing("weeks", "The week beside the weeks before", "Nothing was published in nine weeks.", note)
    charts: tuple[tuple[str, Callable[[WeekNumbers], float | None]], ...] = (
        ("Posts published", lambda week: len(week.published) if week.published or week.known else None),
        ("Engagement gained", lambda week: week.engagement),
        ("Engagement after 48 h, middle post", lambda week: week.typical),
        ("New followers", lambda week: week.new_followers),
    )
    grid = panels(len(charts), height=150)
    traces: list[dict[str, Any]] = []
    ends = [short_day(week.week.last) for week in found]
    for place, (title, value_of) in enumerate(charts):
        values = [value_of(week) for week in found]
        known = [value for value in values if value is not None]
        x, y = grid.axes(place)
        traces.append(
            {
                "type": "bar",
                "x": list(range(WEEKS_SHOWN)),
                "y": values,
                "xaxis": x,
                "yaxis": y,
                "text": [number(value) if value is not None else "" for value in values],
                "textposition": "outside",
                "cliponaxis": False,
                "textfont": {"size": 11, "color": INK},
                "marker": {"color": [QUIET] * (WEEKS_SHOWN - 1) + [data.colours.accent]},
                "customdata": [f"week to {end}" for end in ends],
                "hovertemplate": f"%{{customdata}}<br>{title}: %{{text}}<extra></extra>",
            }
        )
        low, high = min([0, *known]), max([1, *known])
        grid.title(place, title)
        grid.place(
            place,
            axis(tickmode="array", tickvals=[0, 4, 8], ticktext=[ends[0], ends[4], f"<b>{ends[8]}</b>"],
                 range=[-0.6, 8.6]),
            axis(visible=False, range=[low * 1.25, high * 1.25]),
        )  # fmt: skip
    last, before = found[-1], found[:-1]
    typical = [value for week in before if (value := week.typical) is not None]
    sentences = [
        (
            f"The week had {number(len(last.published))} posts, {number(last.engagement)} interactions gained, "
            f"{number(last.typical)} on the middle post after 48 hours, and {signed(last.new_followers)} followers."
        )
    ]
    gains = [week.engagement for week in before if week.engagement is not None]
    title = "The week beside the eight before"
    if len(gains) >= 4 and last.engagement is not None:
        middle = statistics.median(gains)
        sentences.append(f"The middle of the weeks before gained {number(middle)}.")
        if last.engagement > max(gains):
            title = f"More engagement gained than in any of the {len(gains)} weeks before"
        elif last.engagement < min(gains):
            title = f"Less engagement gained than in any of the {len(gains)} weeks before"
        else:
            title = "Engagement gained was within the range of the weeks before"
    if typical:
        sentences.append(
            f"The middle post of the weeks before had {number(statistics.median(typical))} after 48 hours."
        )
    rows = tuple(
        (
            Cell(f"{short_day(week.week.first)} – {short_day(week.week.last)}"),
            *(Cell(number(value_of(week)), numeric=True) for _, value_of in charts[:2]),
            Cell(f"{number(week.typical)} (n = {len(week.settled)})", numeric=True),
            Cell(signed(week.new_followers), numeric=True),
        )
        for week in reversed(found)
    )
    return Figure(
        "weeks",
        title,
        " ".join(sentences),
        Table(("Week", "Posts", "Engagement gained", "Middle post, 48 h", "New followers"), rows),
        note,
        {"data": traces, "layout": grid.layout()},
        grid.narrow(),
        data.colours.dark,
        data.is_simulated(channels),
    )


def posts(data: FigureData) -> Figure:
    """Draw what each channel published in the week against the cadence of the strategy."""
    published = Tally(item.channel for item in data.numbers.between(data.week.start, data.week.end))
    cadence = dict(data.strategy.cadence) if data.strategy else {}
    names = [name for name in sorted(data.numbers.channels) if published[name] or cadence.get(name)]
    note = Note(
        f"{FORMULAS['posts-published'].title}: {FORMULAS['posts-published'].text}",
        f"{sum(published.values())} posts",
        data.days(data.week.first, data.week.last),
        "the ledger; the cadence of brand/strategy.md",
    )
    if not names:
        return nothing(
            "posts",
            "What went out",
            "Nothing was published in the week, and no cadence is set.",
            note,
            "Set posts a week for each channel under cadence: in brand/strategy.md.",
        )
    missed = [name for name in names if published[name] < cadence.get(name, 0)]
    planned = [name for name in names if cadence.get(name)]
    if not planned:
        title = f"{sum(published.values())} posts went out; no cadence is set"
    elif missed:
        title = f"{_names(missed)} had fewer posts than planned"
    else:
        title = "Every channel had the posts that were planned"
    most = max(*(published[name] for name in names), *(cadence.get(name, 0) for name in names), 1)
    rows = range(len(names))
    traces: list[dict[str, Any]] = [
        {
            "type": "bar",
            "orientation": "h",
            "name": "published",
            "x": [published[name] for name in names],
            "y": list(rows),
            "width": 0.5,
            "marker": {"color": data.colours.accent},
            "hovertemplate": "%{x} published<extra></extra>",
        },
        {
            "type": "scatter",
            "mode": "markers",
            "name": "planned",
            "x": [cadence[name] for name in planned],
            "y": [names.index(name) for name in planned],
            "marker": {"symbol": "line-ns-open", "size": 30, "color": INK, "line": {"width": 2}},
            "hovertemplate": "%{x} planned<extra></extra>",
        },
        _column(
            [f"<b>{published[name]}</b>" + (f" of {cadence[name]}" if cadence.get(name) else "") for name in names],
            most * 1.3,
        ),
    ]
    drawn = layout(
        60 + 44 * len(names),
        showlegend=bool(planned),
        xaxis=axis(visible=False, range=[0, most * 1.3]),
        yaxis=axis(tickmode="array", tickvals=list(rows), ticktext=[label(name, 24) for name in names],
                   range=[len(names) - 0.5, -0.5], tickfont={"size": 13, "color": INK}),
    )  # fmt: skip
    table = tuple(
        (
            Cell(name),
            Cell(str(published[name]), numeric=True),
            Cell(str(cadence[name]) if cadence.get(name) else "not set", numeric=True),
        )
        for name in names
    )
    summary = "; ".join(
        f"{name} {published[name]}" + (f" of {cadence[name]} planned" if cadence.get(name) else "") for name in names
    )
    return Figure(
        "posts",
        title,
        f"Published in the week: {summary}.",
        Table(("Channel", "Published", "Planned"), table),
        note,
        {"data": traces, "layout": drawn},
        dark=data.colours.dark,
        simulated=data.is_simulated(published),
    )


def engagement(data: FigureData) -> Figure:
    """Draw each channel's engagement rate by followers: every post, the week's middle, and that of the weeks before."""
    first = weeks(data.now, data.zone, WEEKS_SHOWN)[0]
    rates: dict[str, list[tuple[Any, float, bool]]] = {}
    for item in data.numbers.between(first.start, data.week.end):
        rate = engagement_rate(data.numbers.settled(item, data.now), data.numbers.followers_of(item))
        if rate is not None:
            rates.setdefault(item.channel, []).append((item, rate, item.at >= data.week.start))
    names = sorted(rates)
    count = sum(map(len, rates.values()))
    note = Note(
        FORMULAS["engagement-rate"].text,
        f"{count} posts that are 48 hours old and were read then, of channels whose followers are known",
        data.days(first.first, data.week.last),
        data.source(names),
    )
    if not names:
        return nothing("engagement", "Engagement rate by followers", "No post is old enough to have a rate.", note)
    grid = panels(len(names), height=150)
    traces: list[dict[str, Any]] = []
    rows, sentences, clear, compared = [], [], [], 0
    for place, name in enumerate(names):
        before = [rate for _, rate, now in rates[name] if not now]
        after = [rate for _, rate, now in rates[name] if now]
        # The interval is that of the interactions' own scale, where small counts are known to be small.
        found = change(*_settled(data, name, first.start))
        compared += found.times is not None
        middle, usual = _median(after), _median(before)
        x, y = grid.axes(place)
        for posts_shown, colour, symbol in ((False, QUIET, "circle"), (True, data.colours.accent, "diamond")):
            shown = [(item, rate) for item, rate, now in rates[name] if now is posts_shown]
            traces.append(
                {
                    "type": "scatter",
                    "mode": "markers",
                    "x": [_wall(data, item.at) for item, _ in shown],
                    "y": [rate for _, rate in shown],
                    "xaxis": x,
                    "yaxis": y,
                    "marker": {"color": colour, "size": 8 if posts_shown else 6, "symbol": symbol},
                    "text": [label(item.title, 40) for item, _ in shown],
                    "hovertemplate": "%{text}<br>%{y:.2f} %<extra></extra>",
                }
            )
        for level, colour, dash, start, end in (
            (usual, MUTED, DASHES[2], first.start, data.week.start),
            (middle, data.colours.accent, DASHES[0], data.week.start, data.week.end),
        ):
            if level is not None:
                traces.append(
                    {
                        "type": "scatter",
                        "mode": "lines",
                        "x": [_wall(data, start), _wall(data, end)],
                        "y": [level, level],
                        "xaxis": x,
                        "yaxis": y,
                        "line": {"color": colour, "width": 2, "dash": dash},
                        "hoverinfo": "skip",
                    }
                )
        shown_middle = f"{number(middle, 2)} %" if middle is not None else "no post yet"
        grid.title(place, f"<b>{label(name, 24)}</b>  {shown_middle}")
        ticks = steps(max(rate for _, rate, _ in rates[name]), 3, whole=False)
        grid.place(
            place,
            axis(**_days_axis(data, first.first)),
            axis(tickmode="array", tickvals=ticks, ticktext=[f"{number(tick, _digits(ticks))} %" for tick in ticks],
                 range=[-ticks[-1] * 0.04, ticks[-1] * 1.08], showgrid=True),
        )  # fmt: skip
        if found.times is None:
            said = f"too few posts to compare ({found.after}, before {found.before}; {LEAST_IN_GROUP} are needed)"
        elif found.clear:
            said = f"{number(found.times, 1)} × the weeks before ({found.low:.1f} to {found.high:.1f})"
            clear.append((name, found.times))
        else:
            said = f"no clear change ({found.low:.1f} to {found.high:.1f} × the weeks before)"
        sentences.append(f"{name}: {shown_middle}, {said}.")
        rows.append(
            (
                Cell(name),
                Cell(number(middle, 2), numeric=True),
                Cell(str(len(after)), numeric=True),
                Cell(number(usual, 2), numeric=True),
                Cell(str(len(before)), numeric=True),
                Cell(said),
            )
        )
    if not compared:
        title = "Engagement rate: too few posts in the week to compare"
    elif not clear:
        title = "Engagement rate: no clear change"
    elif len(clear) == 1:
        title = f"Engagement rate: clearly {'better' if clear[0][1] > 1 else 'worse'} on {clear[0][0]}"
    else:
        title = f"Engagement rate: clear changes on {_names([name for name, _ in clear])}"
    return Figure(
        "engagement",
        title,
        " ".join(sentences),
        Table(("Channel", "This week, %", "n", "Eight weeks before, %", "n", "Change"), tuple(rows)),
        note,
        {"data": traces, "layout": grid.layout()},
        grid.narrow(),
        data.colours.dark,
        data.is_simulated(names),
    )


def followers(data: FigureData) -> Figure:
    """Draw the followers of each channel over nine weeks, each on its own scale."""
    first = weeks(data.now, data.zone, WEEKS_SHOWN)[0]
    lines: dict[str, list[tuple[date, int]]] = {}
    for name in data.numbers.measured_channels():
        counter = data.numbers.followers(name).until(data.now)
        by_day = {
            time.astimezone(data.zone).date(): value
            for time, value in zip(counter.times, counter.values, strict=True)
            if time >= first.start
        }
        if by_day:
            lines[name] = sorted(by_day.items())
    note = Note(
        f"{FORMULAS['growth'].title}: {FORMULAS['growth'].text}. Each channel has its own scale, which does not begin "
        "at 0",
        f"{sum(map(len, lines.values()))} daily readings of {len(lines)} channels",
        data.days(first.first, data.now.astimezone(data.zone).date()),
        data.source(lines),
    )
    if not lines:
        return nothing("followers", "Followers", "No followers were read yet.", note, "Run: socialops snapshot")
    grid = panels(len(lines), height=120)
    traces: list[dict[str, Any]] = []
    rows, sentences, rates = [], [], []
    for place, (name, line) in enumerate(lines.items()):
        start, end = line[0][1], line[-1][1]
        rate = growth(start, end)
        x, y = grid.axes(place)
        traces.append(
            {
                "type": "scatter",
                "mode": "lines+markers" if len(line) < 8 else "lines",
                "x": [day.isoformat() for day, _ in line],
                "y": [value for _, value in line],
                "xaxis": x,
                "yaxis": y,
                "line": {"color": data.colours.accent, "width": 2},
                "text": [f"{short_day(day)}: {number(value)}" for day, value in line],
                "hovertemplate": "%{text}<extra></extra>",
            }
        )
        traces.append(
            {
                "type": "scatter",
                "mode": "markers",
                "x": [line[-1][0].isoformat()],
                "y": [end],
                "xaxis": x,
                "yaxis": y,
                "marker": {"color": data.colours.accent, "size": 8},
                "hoverinfo": "skip",
            }
        )
        change_text = signed(end - start) + (f", {signed(rate, 1)} %" if rate is not None else "")
        grid.title(place, f"<b>{label(name, 24)}</b>  {number(end)}  ({change_text})")
        low, high = min(value for _, value in line), max(value for _, value in line)
        spare = max(0.0, max(high, 10) * _SMALLEST_SPAN - (high - low)) / 2
        ticks = [low, high] if high > low else [low]
        grid.place(
            place,
            axis(**_days_axis(data, first.first)),
            axis(tickmode="array", tickvals=ticks, ticktext=[number(tick) for tick in ticks], showgrid=True,
                 range=[low - spare - (high - low) * 0.1, high + spare + (high - low) * 0.1]),
        )  # fmt: skip
        if rate is not None:
            rates.append((rate, name))
        sentences.append(f"{name}: {number(end)} followers, {change_text} since {short_day(line[0][0])}.")
        rows.append(
            (
                Cell(name),
                Cell(number(start), numeric=True),
                Cell(number(end), numeric=True),
                Cell(signed(end - start), numeric=True),
                Cell(f"{signed(rate, 1)} %" if rate is not None else "–", numeric=True),
                Cell(f"{short_day(line[0][0])} – {short_day(line[-1][0])}"),
            )
        )
    title = "Followers"
    if rates and min(rates)[0] > 0:
        whole = "The channel grew" if len(rates) == 1 else f"All {len(rates)} channels grew"
        title = f"{whole}, {max(rates)[1]} most: {signed(max(rates)[0], 1)} %"
        title = title if len(rates) > 1 else f"{max(rates)[1]} grew: {signed(max(rates)[0], 1)} %"
    elif rates and max(rates)[0] > 0:
        falling = [name for rate, name in sorted(rates) if rate < 0]
        title = f"{max(rates)[1]} grew most: {signed(max(rates)[0], 1)} %"
        title += f"; {_names(falling)} lost followers" if falling else ""
    elif rates:
        title = "No channel gained followers"
    return Figure(
        "followers",
        title,
        " ".join(sentences),
        Table(("Channel", "First", "Last", "Change", "Growth", "Read"), tuple(rows)),
        note,
        {"data": traces, "layout": grid.layout()},
        grid.narrow(),
        data.colours.dark,
        data.is_simulated(lines),
    )


def mix(data: FigureData) -> Figure:
    """Draw the share of each pillar in four weeks of posts against its share in the strategy."""
    start = midnight(data.week.last - timedelta(days=27), data.zone)
    pillars = {item.post: item.pillar for item in data.numbers.between(start, data.week.end)}
    counts = Tally(pillars.values())
    planned = {pillar.name: pillar for pillar in data.strategy.pillars} if data.strategy else {}
    names = [*planned, *sorted(name for name in counts if name not in planned)]
    note = Note(
        "posts of the pillar ÷ all posts × 100; a post counts once, on however many channels it went out",
        f"{len(pillars)} posts",
        data.days(data.week.last - timedelta(days=27), data.week.last),
        "the ledger; the shares of brand/strategy.md",
    )
    if not pillars:
        return nothing("mix", "The mix of pillars", "Nothing was published in four weeks.", note)
    shown = {name: (planned[name].title or name) if name in planned else name or "no pillar" for name in names}
    have = {name: share(counts[name], len(pillars)) or 0.0 for name in names}
    want = {name: planned[name].share * 100 for name in planned if planned[name].share}
    # One post more or less is the grain of so few: only what is off by more than two of them is said.
    off = [name for name in want if abs(have[name] - want[name]) * len(pillars) / 100 > 2]
    if not want:
        title = "The mix of pillars; no shares are set"
    elif off:
        worst = max(off, key=lambda name: abs(have[name] - want[name]))
        more = "more" if have[worst] > want[worst] else "less"
        title = f"“{shown[worst]}” had {more} than its share: {have[worst]:.0f} % of posts for {want[worst]:.0f} %"
    else:
        title = "The mix is within two posts of the strategy"
    rows = range(len(names))
    most = max(*have.values(), *want.values(), 1.0)
    traces: list[dict[str, Any]] = [
        {
            "type": "bar",
            "orientation": "h",
            "name": "published",
            "x": [have[name] for name in names],
            "y": list(rows),
            "width": 0.5,
            "marker": {"color": data.colours.accent},
            "hovertemplate": "%{x:.0f} %<extra></extra>",
        },
        {
            "type": "scatter",
            "mode": "markers",
            "name": "strategy",
            "x": list(want.values()),
            "y": [names.index(name) for name in want],
            "marker": {"symbol": "line-ns-open", "size": 26, "color": INK, "line": {"width": 2}},
            "hovertemplate": "%{x:.0f} % in the strategy<extra></extra>",
        },
        _column([f"<b>{have[name]:.0f} %</b>  n {counts[name]}" for name in names], most * 1.45),
    ]
    drawn = layout(
        60 + 40 * len(names),
        showlegend=bool(want),
        xaxis=axis(visible=False, range=[0, most * 1.45]),
        yaxis=axis(tickmode="array", tickvals=list(rows), ticktext=[label(shown[name], 26) for name in names],
                   range=[len(names) - 0.5, -0.5], tickfont={"size": 13, "color": INK}),
    )  # fmt: skip
    table = tuple(
        (
            Cell(shown[name], lang=""),
            Cell(str(counts[name]), numeric=True),
            Cell(f"{have[name]:.0f} %", numeric=True),
            Cell(f"{want[name]:.0f} %" if name in want else "not set", numeric=True),
        )
        for name in names
    )
    summary = ", ".join(
        f"“{shown[name]}” {have[name]:.0f} %" + (f" for {want[name]:.0f} %" if name in want else "") for name in names
    )
    return Figure(
        "mix",
        title,
        f"Posts of four weeks by pillar: {summary}.",
        Table(("Pillar", "Posts", "Share", "Strategy"), table),
        note,
        {"data": traces, "layout": drawn},
        dark=data.colours.dark,
        simulated=data.is_simulated(item.channel for item in data.numbers.between(start, data.week.end)),
    )


def _column(words: Sequence[str], x: float) -> dict[str, Any]:
    """Return the numbers of horizontal bars as a column on the right, clear of the marks on the bars."""
    return {
        "type": "scatter",
        "mode": "text",
        "x": [x] * len(words),
        "y": list(range(len(words))),
        "text": list(words),
        "textposition": "middle left",
        "textfont": {"size": 13, "color": INK},
        "cliponaxis": False,
        "showlegend": False,
        "hoverinfo": "skip",
    }


def _settled(data: FigureData, channel: str, start: Any) -> tuple[list[Sample], list[Sample]]:
    before: list[Sample] = []
    after: list[Sample] = []
    for item in data.numbers.between(start, data.week.end):
        if item.channel == channel and (value := data.numbers.settled(item, data.now)) is not None:
            (after if item.at >= data.week.start else before).append(Sample(channel, "", value))
    return before, after


def _days_axis(data: FigureData, first: date) -> dict[str, Any]:
    last = data.now.astimezone(data.zone).date()
    days = [first, first + (data.week.last - first) / 2, data.week.last]
    return {
        "type": "date",
        "tickmode": "array",
        "tickvals": [day.isoformat() for day in days],
        "ticktext": [short_day(day) for day in days],
        "range": [(first - timedelta(days=1)).isoformat(), (last + timedelta(days=3)).isoformat()],
        "linecolor": RULE,
        "showline": True,
    }


def _wall(data: FigureData, at: Any) -> str:
    return at.astimezone(data.zone).replace(tzinfo=None).isoformat(timespec="minutes")  # type: ignore[no-any-return]


def _median(values: Sequence[float]) -> float | None:
    return statistics.median(values) if values else None


def _digits(ticks: Sequence[float]) -> int:
    return max(0, -math.floor(math.log10(ticks[1]))) if len(ticks) > 1 and ticks[1] < 1 else 0


def _names(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
