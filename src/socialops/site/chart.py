"""A figure, the house style it is drawn in, and its HTML.

A figure is plain plotly JSON (SVG traces only) in the colours of light mode; `dark` maps each of them to its colour in
dark mode, `narrow` holds the layout values that differ on a phone (dotted path → value). assets/figures.js draws it
from the JSON that stands in the page. Without JavaScript the table is there.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from markupsafe import Markup, escape

from socialops.content.brand import Strategy
from socialops.content.post import EMPTY
from socialops.measuring.numbers import Numbers
from socialops.measuring.week import Week, weeks
from socialops.site import times
from socialops.site.markup import direction, ready
from socialops.site.palette import ACCENT

INK, MUTED, RULE, QUIET = "#1f2328", "#59636e", "#d8dee4", "#8b95a0"
BETTER, WORSE, GROUND = "#f3b562", "#8fbbe3", "#eef0f2"
_DARK = {
    INK: "#e6e9ed",
    MUTED: "#a3acb7",
    RULE: "#3a4049",
    QUIET: "#6f7884",
    BETTER: "#94560f",
    WORSE: "#23598f",
    GROUND: "#2d323a",
}
# Okabe and Ito's colours, without the ones that are close to an accent or to paper; each with a second for dark mode.
SERIES = (("#0072b2", "#56b4e9"), ("#a84c00", "#e69f00"), ("#00785a", "#33c49b"), ("#8f4a78", "#cc79a7"))
DASHES = ("solid", "dash", "dot", "dashdot")
SYMBOLS = ("circle", "square", "diamond", "triangle-up")
PAPER, SLATE = "#ffffff", "#1f2129"
_FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Noto Sans Hebrew", Arial, sans-serif'
_READABLE = 4.5
_SHORT = 20
_SIDE = ' class="so-chart-value"'
_PANEL_HEAD, _PANEL_FOOT, _PANEL_GAP = 34, 34, 0.08
_BREAKS = re.compile(r"[\n\r\x0b\x0c\x85\u2028\u2029]+")
_HEX = re.compile(r"#[0-9a-fA-F]{6}")
# What a page builder could take for markup, when it stands in a text; and what would end the script.
_GUARDED = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&{}`*_~|$\u2028\u2029\x7f\u0085"}


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a table: its text, perhaps a link, the text's language, and whether it is a number."""

    text: str
    link: str = ""
    lang: str | None = None
    """None: the page's own language; an empty text: not known, so that the browser finds the direction."""
    numeric: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """The numbers of a figure; the first cell of each row names it."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Note:
    """What stands under every figure: where its numbers come from."""

    formula: str
    n: str
    dates: str
    source: str


@dataclass(frozen=True)
class FigureData:
    """What figures are drawn from; see `figures.figure`.

    *zone* is the workspace's. *links* are post id → address of its page. *simulated* labels every figure; a figure
    that shows a sandbox channel is labelled anyway.
    """

    numbers: Numbers
    now: datetime
    zone: ZoneInfo
    accent: str = ""
    strategy: Strategy | None = None
    links: Mapping[str, str] = EMPTY
    simulated: bool = False

    @cached_property
    def week(self) -> Week:
        """The week that the report is about."""
        return weeks(self.now, self.zone, 1)[0]

    @cached_property
    def colours(self) -> Colours:
        """The colours of this brand's figures."""
        return Colours(self.accent)

    def is_simulated(self, channels: Iterable[str]) -> bool:
        """Tell whether numbers of any of these channels are not of real people."""
        practice = {name for name, channel in self.numbers.channels.items() if channel.sandbox}
        practice |= {item.channel for item in self.numbers.published if item.sandbox}
        return self.simulated or not practice.isdisjoint(channels)

    def source(self, channels: Iterable[str]) -> str:
        """Return where numbers come from: the channels, and when they were last read."""
        names = sorted(set(channels))
        shown = ", ".join(f"{name} (simulated)" if self.is_simulated([name]) else name for name in names)
        ends = (self.numbers.last_reading(name, self.now) for name in names)
        last = max((end for end in ends if end), default=None)
        return f"{shown or 'no channel'}; last read {self.moment(last) if last else 'never'}"

    def moment(self, at: datetime) -> str:
        """Return an instant as `Tue 8 Dec 2026, 09:30 Istanbul`."""
        local = at.astimezone(self.zone)
        return f"{times.day(local.date(), year=True)}, {local:%H:%M} {times.city(self.zone)}"

    def short_moment(self, at: datetime) -> str:
        """Return an instant as `Tue 8 Dec, 09:30`, for a column whose head names the zone."""
        local = at.astimezone(self.zone)
        return f"{times.day(local.date())}, {local:%H:%M}"

    def days(self, first: date, last: date) -> str:
        """Return days with their zone: `29 Nov 2026 – 5 Dec 2026, Istanbul`."""
        return f"{times.span(first, last)}, {times.city(self.zone)}"


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of a report, ready to be put on a page.

    *plotly* is empty where there is nothing to draw: a table is enough, or there is not enough data (then *next_step*
    says what to do). *simulated* figures are labelled as such.
    """

    id: str
    title: str
    summary: str
    table: Table
    note: Note
    plotly: Mapping[str, Any] = field(default=EMPTY, repr=False)
    narrow: Mapping[str, Any] = field(default=EMPTY, repr=False)
    dark: Mapping[str, str] = field(default=EMPTY, repr=False)
    simulated: bool = False
    next_step: str = ""

    def html(self, *, level: int = 3) -> str:
        """Return the figure as one ready block of a Markdown page; *level* is that of its title."""
        anchor = f"figure-{self.id}"
        badge = ' <span class="so-simulated">simulated numbers (sandbox)</span>' if self.simulated else ""
        parts = [
            f'<figure class="so-chart" id="{anchor}" aria-labelledby="{anchor}-title">',
            '<div class="so-chart-head">',
            f'<h{level} class="so-chart-title" id="{anchor}-title">{text(self.title)}</h{level}>{badge}</div>',
            f'<p class="so-chart-summary" id="{anchor}-summary">{text(self.summary)}</p>',
        ]
        if self.next_step:
            parts.append(f'<p class="so-chart-next">{text(self.next_step)}</p>')
        script = ""
        if self.plotly:
            script = f'<script type="application/json">{self.json()}</script>'
            parts.append(
                f'<div class="so-figure" data-figure="{escape(self.id)}" role="img" '
                f'aria-labelledby="{anchor}-title" aria-describedby="{anchor}-summary">@script@</div>'
            )
        if self.table.rows:
            parts.append(_table_html(self.table, folded=bool(self.plotly)))
        if not self.next_step or self.table.rows:
            parts.append(_note_html(self.note))
        parts.append("</figure>")
        return ready("".join(parts)).replace("@script@", script)

    def json(self) -> str:
        """Return what assets/figures.js draws, on one line, safe inside a script element of any page."""
        data = {
            "data": self.plotly["data"],
            "layout": self.plotly["layout"],
            "narrow": dict(self.narrow),
            "dark": dict(self.dark),
        }
        line = json.dumps(_finite(data), ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
        # Braces and brackets of the JSON itself cannot be written otherwise; all that stands in a text can.
        return re.sub(r'"(?:[^"\\]|\\.)*"', lambda found: found[0].translate(_GUARDED), line)


class Colours:
    """The colours of one figure: roles in light mode, and what each becomes in dark mode."""

    def __init__(self, accent: str = ACCENT) -> None:
        accent = accent.lower() if _HEX.fullmatch(accent) else ACCENT
        self.accent = readable(accent, PAPER)
        self.dark = {**_DARK, **dict(SERIES)}
        # The accent last: a brand whose accent is one of ours keeps its own dark colour.
        self.dark[self.accent] = readable(accent, SLATE)

    def series(self, number: int) -> str:
        """Return the colour of one of several lines; the first is the brand's."""
        return self.accent if number == 0 else SERIES[(number - 1) % len(SERIES)][0]


def readable(colour: str, ground: str) -> str:
    """Return *colour*, made darker or lighter until text in it is readable on *ground* (WCAG 2: 4.5 to 1)."""
    away = 0 if _luminance(ground) > 0.5 else 255
    channels = [int(colour[place : place + 2], 16) for place in (1, 3, 5)]
    for step in range(101):
        mixed = [round(channel + (away - channel) * step / 100) for channel in channels]
        found = "#" + "".join(f"{channel:02x}" for channel in mixed)
        if contrast(found, ground) >= _READABLE:
            return found
    return "#000000" if away == 0 else "#ffffff"


def contrast(one: str, two: str) -> float:
    """Return the contrast ratio of two colours (WCAG 2), 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(two)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    channels = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def layout(height: int, **more: Any) -> dict[str, Any]:
    """Return the house layout: no frame, no more grid than is needed, room for thumbs."""
    base: dict[str, Any] = {
        "height": height,
        "autosize": True,
        "margin": {"l": 8, "r": 16, "t": 8, "b": 8, "pad": 4},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": _FONT, "size": 13, "color": INK},
        "hoverlabel": {"bgcolor": GROUND, "bordercolor": RULE, "font": {"family": _FONT, "size": 13, "color": INK}},
        "hovermode": "closest",
        "dragmode": False,
        "showlegend": False,
        "legend": {"orientation": "h", "x": 0, "xanchor": "left", "y": 1.02, "yanchor": "bottom", "itemclick": False,
                   "itemdoubleclick": False, "font": {"size": 12, "color": INK}},
        "separators": ".\u202f",
        "transition": {"duration": 0},
    }  # fmt: skip
    return base | more


def axis(**more: Any) -> dict[str, Any]:
    """Return a house axis: words in grey, no line, no zoom."""
    base: dict[str, Any] = {
        "automargin": True,
        "fixedrange": True,
        "showgrid": False,
        "showline": False,
        "zeroline": False,
        "ticks": "",
        "tickfont": {"size": 12, "color": MUTED},
        "gridcolor": RULE,
    }
    return base | more


def steps(largest: float, most: int = 4, *, whole: bool = True) -> list[float]:
    """Return round tick values from 0 that reach *largest*, at most *most* of them beside the 0."""
    if largest <= 0:
        return [0, 1]
    unit = 10.0 ** math.floor(math.log10(largest / most))
    unit = next(unit * factor for factor in (1, 2, 5, 10, 20) if unit * factor * most >= largest)
    unit = max(1.0, unit) if whole else unit
    return [unit * step for step in range(math.ceil(largest / unit - 1e-9) + 1)]


def short_day(day: date) -> str:
    """Return a day as `8 Dec`."""
    return times.day(day).partition(" ")[2]


class Grid:
    """Small charts beside each other on a wide screen, under each other on a narrow one; made by `panels`."""

    def __init__(self, count: int, height: int) -> None:
        self._count = count
        self._height = height
        self._parts: dict[str, Any] = {}
        self._titles: list[dict[str, Any]] = []

    def axes(self, place: int) -> tuple[str, str]:
        """Return the names of a chart's axes, as traces use them."""
        number = "" if place == 0 else str(place + 1)
        return f"x{number}", f"y{number}"

    def title(self, place: int, words: str) -> None:
        """Write *words* (plotly text) above a chart."""
        x, y = self.axes(place)
        self._titles.append(
            {
                "text": words,
                "xref": f"{x} domain",
                "yref": f"{y} domain",
                "x": 0,
                "y": 1,
                "yshift": 8,
                "xanchor": "left",
                "yanchor": "bottom",
                "align": "left",
                "showarrow": False,
                "font": {"size": 13, "color": INK},
            }
        )

    def place(self, place: int, x_axis: dict[str, Any], y_axis: dict[str, Any]) -> None:
        """Put a chart's axes in their place."""
        x, y = self.axes(place)
        across, up = self._domains(place, 1 if self._count == 1 else 2)
        self._parts["xaxis" + x[1:]] = x_axis | {"anchor": y, "domain": across}
        self._parts["yaxis" + y[1:]] = y_axis | {"anchor": x, "domain": up}

    def layout(self) -> dict[str, Any]:
        """Return the layout for a wide screen."""
        drawn = layout(self._total(1 if self._count == 1 else 2), **self._parts, annotations=self._titles)
        drawn["margin"] = drawn["margin"] | {"t": 0}
        return drawn

    def narrow(self) -> dict[str, Any]:
        """Return what differs on a narrow screen."""
        if self._count == 1:
            return {}
        changes: dict[str, Any] = {"height": self._total(1)}
        for place in range(self._count):
            x, y = self.axes(place)
            across, up = self._domains(place, 1)
            changes[f"xaxis{x[1:]}.domain"], changes[f"yaxis{y[1:]}.domain"] = across, up
        return changes

    def _total(self, columns: int) -> int:
        return math.ceil(self._count / columns) * (self._height + _PANEL_HEAD + _PANEL_FOOT)

    def _domains(self, place: int, columns: int) -> tuple[list[float], list[float]]:
        total = self._total(columns)
        row, column = divmod(place, columns)
        top = row * (self._height + _PANEL_HEAD + _PANEL_FOOT) + _PANEL_HEAD
        width = (1 - _PANEL_GAP * (columns - 1)) / columns
        left = column * (width + _PANEL_GAP)
        return [left, left + width], [1 - (top + self._height) / total, 1 - top / total]


def panels(count: int, height: int) -> Grid:
    """Begin *count* small charts, each *height* pixels high."""
    return Grid(count, height)


def nothing(name: str, title: str, why: str, note: Note, next_step: str = "") -> Figure:
    """Return a figure that has nothing to show, and says what to do."""
    step = next_step or "It fills itself when posts went out and a snapshot has read their numbers: socialops snapshot"
    return Figure(name, title, why, Table(()), note, next_step=step)


def label(words: str, length: int = 0) -> str:
    """Return foreign words as plotly text: its few tags taken as letters, shortened to *length* when given."""
    line = " ".join(words.split())
    if length and len(line) > length:
        line = line[: length - 1].rstrip() + "…"
    return str(escape(line)).replace("&#34;", '"').replace("&#39;", "'")


def text(words: str) -> Markup:
    """Return words that may hold foreign titles as HTML; a title in “…” keeps its own direction."""
    return Markup(re.sub(r"“([^”]*)”", r"“<bdi>\1</bdi>”", str(escape(_BREAKS.sub(" ", words)))))  # noqa: S704 - escaped here


def _table_html(table: Table, *, folded: bool) -> str:
    numeric = [cell.numeric for cell in table.rows[0]]
    head = "".join(
        f'<th scope="col"{_SIDE if number else ""}>{escape(column)}</th>'
        for column, number in zip(table.columns, numeric, strict=True)
    )
    body = []
    for row in table.rows:
        cells = [_cell_html(cell, "th" if number == 0 else "td") for number, cell in enumerate(row)]
        body.append(f"<tr>{''.join(cells)}</tr>")
    inner = (
        f'<div class="so-chart-scroll" tabindex="0"><table class="so-chart-table"><thead><tr>{head}</tr></thead>'
        f"<tbody>{''.join(body)}</tbody></table></div>"
    )
    if not folded:
        return f'<div class="so-chart-numbers">{inner}</div>'
    # Open in the file, so that it is there without JavaScript; the script folds it once the picture is drawn.
    return f'<details class="so-chart-numbers" open><summary>The numbers</summary>{inner}</details>'


def _cell_html(cell: Cell, tag: str) -> str:
    attributes = ' scope="row"' if tag == "th" else ""
    if cell.numeric:
        attributes += ' class="so-chart-value"'
    elif len(cell.text) <= _SHORT:
        attributes += ' class="so-chart-short"'
    inner = escape(_BREAKS.sub(" ", cell.text))
    if cell.lang is not None:
        # The words keep their direction, the cell stays where its column is.
        attribute = Markup(' lang="{}"').format(cell.lang) if cell.lang else Markup()
        inner = Markup('<bdi dir="{}"{}>{}</bdi>').format(direction(cell.lang), attribute, inner)
    if cell.link:
        inner = Markup('<a href="{}">{}</a>').format(cell.link, inner)
    return f"<{tag}{attributes}>{inner}</{tag}>"


def _note_html(note: Note) -> str:
    lines = [("Formula", note.formula), ("n", note.n), ("Dates", note.dates), ("Source", note.source)]
    inner = "".join(f"<div><dt>{name}</dt><dd>{text(value)}</dd></div>" for name, value in lines if value)
    return f'<dl class="so-chart-note">{inner}</dl>' if inner else ""


def _finite(value: Any) -> Any:
    """Round to what a screen can show, so that the same data gives the same bytes; NaN becomes null."""
    if isinstance(value, float):
        if not math.isfinite(value):
            return None
        short = float(f"{value:.6g}")
        return int(short) if short.is_integer() and abs(short) < 1e15 else short
    if isinstance(value, Mapping):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_finite(item) for item in value]
    return value
