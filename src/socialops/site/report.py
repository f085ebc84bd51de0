"""A report page: four headline numbers, and the analyst's prose around figures.

The prose is Markdown with raw HTML off. A line that is `{{ figure: name }}` and nothing else becomes that figure;
figures that the front matter names and the prose does not place follow at the end, in that order.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from markupsafe import Markup, escape

from socialops.content.brand import Brand, ReportDefinition
from socialops.content.post import EMPTY
from socialops.errors import UsageError
from socialops.measuring.kpi import FORMULAS
from socialops.measuring.numbers import Numbers
from socialops.measuring.week import headlines
from socialops.site.chart import Figure, FigureData, text
from socialops.site.figures import figure
from socialops.site.markup import NOWHERE, Surroundings, prose, ready
from socialops.site.palette import accent_of
from socialops.workspace import Workspace

_PLACE = re.compile(r"^\{\{ figure: ([a-z0-9-]{1,40}) \}\}[ \t]*$", re.MULTILINE)
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,}).*?(?:^ {0,3}\1[`~]*[ \t]*$|\Z)", re.MULTILINE | re.DOTALL)
_SIGNS = {"up": "▲", "down": "▼", "same": "=", "": ""}


@dataclass(frozen=True, slots=True)
class ReportContext:
    """What reports are made from: the numbers, and what the site knows of the page.

    *links* are post id → address as the page sees it. *simulated* labels everything (a demonstration).
    """

    workspace: Workspace
    numbers: Numbers
    brand: Brand = field(default_factory=Brand)
    links: Mapping[str, str] = EMPTY
    around: Surroundings = NOWHERE
    simulated: bool = False

    def data(self, now: datetime, channels: tuple[str, ...] = ()) -> FigureData:
        """Return what figures are drawn from, of some channels or of all."""
        return FigureData(
            self.numbers.only(channels),
            now,
            self.workspace.settings.tz(),
            accent_of(self.brand),
            self.brand.strategy,
            self.links,
            self.simulated,
        )


def report_page(definition: ReportDefinition, context: ReportContext, now: datetime) -> str:
    """Return a report as Markdown with ready HTML, without its title; *now* is aware, in UTC."""
    return "\n\n".join(report_blocks(definition, context, now)) + "\n"


def report_blocks(definition: ReportDefinition, context: ReportContext, now: datetime) -> list[str]:
    """Return the blocks of a report: the headline numbers, the prose, and the figures in their places."""
    data = context.data(now, definition.channels)
    blocks = [headline_block(data)]
    placed: list[str] = []
    for words, name in _pieces(definition.body):
        blocks += prose(words, context.around)
        if name and name not in placed:
            placed.append(name)
            blocks.append(_figure_block(name, data, definition))
    blocks += [
        _figure_block(name, data, definition) for name in dict.fromkeys(definition.figures) if name not in placed
    ]
    return blocks


def headline_block(data: FigureData) -> str:
    """Return the four headline numbers of the week as one ready block."""
    parts = ['<div class="so-headlines" role="list">']
    for item in headlines(data.numbers, data.now, data.zone):
        sign = _SIGNS[item.direction]
        mark = f'<span aria-hidden="true">{sign}</span> ' if sign else ""
        parts.append(
            f'<div class="so-headline" role="listitem" title="{escape(FORMULAS[item.name].text)}">'
            f'<p class="so-headline-title">{escape(item.title)}</p>'
            f'<p class="so-headline-value">{escape(item.value)}</p>'
            f'<p class="so-headline-change">{mark}{escape(item.change)}</p>'
            f'<p class="so-headline-n">{escape(item.n)}</p></div>'
        )
    channels = data.numbers.measured_channels()
    badge = '<span class="so-simulated">simulated numbers (sandbox)</span> ' if data.is_simulated(channels) else ""
    parts.append("</div>")
    foot = f"{data.days(data.week.first, data.week.last)} · {data.source(channels)}"
    parts.append(f'<p class="so-headlines-foot">{badge}{text(foot)}</p>')
    return ready(f'<div class="so-week">{"".join(parts)}</div>')


def _figure_block(name: str, data: FigureData, definition: ReportDefinition) -> str:
    try:
        made: Figure = figure(name, data)
    except UsageError as error:
        said = Markup("<p>{} {} Correct it in {}.</p>").format(error.message, error.hint, definition.path)
        return ready(f'<div class="so-chart-next">{said}</div>')
    return made.html()


def _pieces(body: str) -> list[tuple[str, str]]:
    """Cut the prose at the lines that place a figure; inside a fence they are an example, not a place."""
    fences = [found.span() for found in _FENCE.finditer(body)]
    pieces, start = [], 0
    for found in _PLACE.finditer(body):
        if any(begin <= found.start() < end for begin, end in fences):
            continue
        pieces.append((body[start : found.start()], found[1]))
        start = found.end()
    return [*pieces, (body[start:], "")]
