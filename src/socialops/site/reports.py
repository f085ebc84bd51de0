"""The reports among the pages: their list, and a page for each definition in `reports/`."""

from __future__ import annotations

from socialops.site.markup import anchor_of, ready
from socialops.site.pages import Page, Site, block, is_practice
from socialops.site.report import ReportContext, report_blocks
from socialops.site.tree import address

SCRIPTS = ("assets/plotly.min.js", "assets/figures.js")


def report_path(name: str) -> str:
    """Return the page of a report."""
    return f"reports/{anchor_of(name)}.md"


def public_channels(site: Site) -> tuple[str, ...]:
    """Return the channels with a real audience that have numbers; those of practice when there are no others."""
    measured = site.numbers.measured_channels()
    return tuple(name for name in measured if not site.content.channels[name].sandbox) or measured


def report_context(site: Site, page: str, source: str = "") -> ReportContext:
    """Return what the report builder needs to write on *page*."""
    practice = [channel for channel in site.content.channels.values() if is_practice(channel) and not channel.sandbox]
    return ReportContext(
        site.workspace,
        site.numbers,
        site.content.brand,
        {view.post.id: address(page, site.target(view)) for view in site.views.values()},
        site.around(source or page, page),
        simulated=bool(practice),
    )


def report_pages(site: Site) -> list[Page]:
    """Return the list of reports and the page of each."""
    path = "reports/index.md"
    definitions = sorted(site.content.reports, key=lambda item: (item.title.casefold(), item.path))
    index = block("reports.html", path, site=site, definitions=definitions)
    pages = [Page(path, "Reports", (index,), source="reports/", hide=("toc",))]
    for definition in definitions:
        page = site.sources[definition.path]
        context = report_context(site, page, definition.path)
        scripts = "".join(f'<script src="{address(page, script)}" defer></script>' for script in SCRIPTS)
        # The charts' library is large: only pages that draw load it.
        last = ready(f'<div class="so-scripts">{scripts}</div>')
        blocks = (*report_blocks(definition, context, site.now), last)
        pages.append(Page(page, definition.title, blocks, source=definition.path))
    return pages
