"""The front page: what goes out next, what needs a person, last week in four figures, what is missing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from socialops.measuring.kpi import FORMULAS
from socialops.measuring.week import headlines
from socialops.problem import Severity
from socialops.site import times
from socialops.site.calendar import WEEK, Load, loads
from socialops.site.marks import Status
from socialops.site.markup import heading
from socialops.site.pages import Item, Page, Row, Site, block, items
from socialops.site.report import headline_block
from socialops.site.reports import public_channels, report_context

if TYPE_CHECKING:
    from socialops.problem import Problem
    from socialops.site.entries import Entry, PostView

NEXT = 8
"""How many coming posts the page shows."""
EXAMPLES = 3
MOST_FILES = 8
PERSON = (Status.ATTENTION, Status.FAILED, Status.TOO_LATE, Status.HELD)
"""The states that wait for somebody, the most pressing first."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Deliveries that wait for a person for the same reason."""

    status: Status
    reason: str
    what_to_do: str
    items: tuple[Item, ...]
    number: int


def home_page(site: Site) -> Page:
    """Return the front page."""
    path = "index.md"
    coming = site.rows(entry for entry in site.entries if _is_coming(entry, site.now))
    numbers = report_context(site, path).data(site.now, public_channels(site))
    week = [row for row in coming if row.at and row.at < site.now + timedelta(days=WEEK)]
    blocks = [
        block(
            "home-lead.html",
            path,
            site=site,
            posts=len({row.view.post.id for row in week}),
            channels=len({entry.channel.name for row in week for entry in row.entries}),
        ),
        heading(2, "What goes out next", anchor="next"),
        block("home-next.html", path, site=site, days=_days(site, coming[:NEXT]), more=max(0, len(coming) - NEXT)),
        heading(2, "What needs attention", anchor="attention"),
        block(
            "home-attention.html",
            path,
            site=site,
            waiting=waiting(site),
            files=_broken_files(site),
            most=MOST_FILES,
            pauses=site.content.brand.pauses,
            examples=EXAMPLES,
        ),
        heading(2, "Last week in four figures", anchor="figures"),
        headline_block(numbers),
        block(
            "home-figures.html",
            path,
            formulas=[FORMULAS[item.name] for item in headlines(numbers.numbers, site.now, site.zone)],
            any=bool(site.readings),
            reports=bool(site.content.reports),
        ),
        heading(2, "What is missing", anchor="missing"),
        block(
            "home-missing.html",
            path,
            site=site,
            weeks=_short_weeks(site),
            drafts=_drafts(site),
            gaps=_missing_files(site),
        ),
    ]
    return Page(path, site.workspace.settings.name, tuple(blocks), source="posts/", hide=("navigation", "toc"))


def _is_coming(entry: Entry, now: datetime) -> bool:
    if entry.at is None or entry.status not in (
        Status.PLANNED,
        Status.DUE,
        Status.SENDING,
        Status.WAITING,
        Status.HELD,
    ):
        return False
    return entry.at >= now or entry.status is not Status.HELD


def _days(site: Site, rows: Iterable[Row]) -> list[tuple[date, tuple[Item, ...]]]:
    days: dict[date, list[Row]] = defaultdict(list)
    for row in rows:
        if row.at:
            days[row.at.astimezone(site.zone).date()].append(row)
    return [(day, items(together)) for day, together in days.items()]


def waiting(site: Site) -> list[Waiting]:
    """Return what waits for a person, the most pressing first, gathered by reason."""
    groups: dict[tuple[int, str], list[Entry]] = defaultdict(list)
    for entry in site.entries:
        if entry.status is Status.HELD and any(_is_error(item) for item in site.problems_of.get(entry.post.path, ())):
            continue  # its file is listed, with what is wrong in it
        if entry.status in PERSON:
            # How late each one is differs; that they are late is the same.
            reason = "" if entry.status is Status.TOO_LATE else entry.reason
            groups[PERSON.index(entry.status), reason].append(entry)
    found = []
    for (rank, reason), entries in sorted(groups.items()):
        rows = site.rows(entries)
        near = sorted(rows, key=lambda row: abs(row.at - site.now) if row.at else timedelta.max)
        found.append(Waiting(PERSON[rank], reason, entries[0].what_to_do, items(near), len(entries)))
    return found


def _broken_files(site: Site) -> list[tuple[str, PostView | None, int, Problem]]:
    """Return (file, its post, number of errors, the first) for each file with errors, coming posts first."""
    views = {view.post.path: view for view in site.views.values()}
    found: list[tuple[str, PostView | None, int, Problem]] = []
    for file, problems in sorted(site.problems_of.items()):
        errors = [problem for problem in problems if _is_error(problem)]
        view = views.get(file)
        gone = view is not None and all(entry.status is Status.PUBLISHED for entry in view.entries) and view.entries
        if errors and not gone:
            found.append((file, view, len(errors), errors[0]))

    def pressing(item: tuple[str, PostView | None, int, Problem]) -> tuple[bool, timedelta]:
        last = item[1].last if item[1] else None
        return (last is not None and last < site.now, abs(last - site.now) if last else timedelta(0))

    return sorted(found, key=pressing)


def _is_error(problem: Problem) -> bool:
    return problem.severity is Severity.ERROR


def _short_weeks(site: Site) -> list[tuple[int, str, list[Load]]]:
    """Return (week number, its days, channels that lack posts) for this week and the three that follow."""
    monday = site.today - timedelta(days=site.today.weekday())
    found = []
    for number in range(4):
        start = monday + timedelta(days=WEEK * number)
        short = [load for load in loads(site, start) if load.missing]
        if short and (number or site.today.weekday() < WEEK - 1):
            end = start + timedelta(days=WEEK - 1)
            found.append((start.isocalendar().week, f"{times.day(start)} – {times.day(end)}", short))
    return found


def _drafts(site: Site) -> tuple[Item, ...]:
    return items(site.rows(entry for entry in site.entries if entry.status in (Status.DRAFT, Status.UNDATED)))


def _missing_files(site: Site) -> list[tuple[str, str]]:
    """Return (what is missing, where it belongs)."""
    brand = site.content.brand
    found = []
    if not brand.guidelines:
        found.append(("There is no style guide yet. Begin with a page about your voice.", "brand/voice.md"))
    if brand.strategy is None:
        found.append(("There is no strategy yet: audiences, pillars and how often you post.", "brand/strategy.md"))
    if not brand.goals:
        found.append(("No goal is set, so no report can say whether you are on the way.", "brand/goals/"))
    if not site.content.channels:
        found.append(("No channel is described, so nothing can be published.", "brand/channels/"))
    if not site.content.reports:
        found.append(("No report is defined.", "reports/"))
    return found
