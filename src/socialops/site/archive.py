"""The archive: a page for each month, on which older posts stand with what was sent.

A builder reads every tag of a page two or three times, so ten thousand posts must get by with few: each text that went
out stands once, whichever channels it went to, folded under its title. What helps before a post goes out (limits,
checks, pictures) is left to the pages of recent and coming posts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup

from socialops.site import times
from socialops.site.entries import draft_of
from socialops.site.markup import direction, plain_html, web_link
from socialops.site.pages import Page, Row, Site, block, is_practice
from socialops.site.preview import linked
from socialops.site.tree import address

if TYPE_CHECKING:
    from datetime import date

    from socialops.networks.draft import Part, Span
    from socialops.site.entries import Entry, PostView

UNDATED = "undated"


@dataclass(frozen=True, slots=True)
class ArchivedPart:
    """One part as the archive shows it: the text, with its web addresses as links."""

    part: Part
    text: Markup
    dir: str


@dataclass(frozen=True, slots=True)
class Sent:
    """What went to one or more channels in the same words."""

    to: tuple[tuple[str, str, str], ...]
    """(channel, where it stands there or nothing, its newest numbers in words)."""
    parts: tuple[ArchivedPart, ...]


@dataclass(frozen=True, slots=True)
class Archived:
    """A post in its month. *sent* is empty when it has a page of its own."""

    view: PostView
    rows: tuple[Row, ...]
    sent: tuple[Sent, ...]
    edit: str


def month_name(name: str) -> str:
    """Return what a month's archive is called."""
    return "Without a date" if name == UNDATED else times.month(name)


def month_of(site: Site, view: PostView) -> str:
    """Return the month whose archive a post stands in."""
    first = view.first
    return f"{first.astimezone(site.zone):%Y-%m}" if first else UNDATED


def archive_pages(site: Site) -> list[Page]:
    """Return the list of months and a page for each, the newest first."""
    by_month: dict[str, list[PostView]] = defaultdict(list)
    for view in site.views.values():
        by_month[month_of(site, view)].append(view)
    names = sorted((name for name in by_month if name != UNDATED), reverse=True)
    if UNDATED in by_month:
        names.insert(0, UNDATED)
    months = [(name, month_name(name), _summary(by_month[name])) for name in names]
    index = block("archive-index.html", "posts/index.md", site=site, months=months)
    return [
        Page("posts/index.md", "Posts", (index,), source="posts/", hide=("toc",)),
        *(_archive_page(site, name, by_month[name]) for name in names),
    ]


def search_entries(site: Site) -> list[dict[str, str]]:
    """Return what the theme's search should find of the archive: each month, and the title of each post in it.

    The pages themselves stay out of its index: their texts would make it too large for a browser to search in.
    """
    by_month: dict[str, list[dict[str, str]]] = defaultdict(list)
    for view in site.views.values():
        if not view.page:
            place = address("index.md", site.target(view))
            by_month[month_of(site, view)].append({"location": place, "title": plain_html(view.label), "text": ""})
    found: list[dict[str, str]] = []
    for name, entries in sorted(by_month.items()):
        page = {"location": address("index.md", f"posts/{name}.md"), "title": month_name(name), "text": ""}
        found += [page, *entries]
    return found


def _summary(views: Iterable[PostView]) -> list[tuple[object, int]]:
    """Return (status, number of deliveries), most frequent first."""
    counts: dict[object, int] = defaultdict(int)
    for view in views:
        for entry in view.entries:
            counts[entry.status] += 1
    return sorted(counts.items(), key=lambda item: (-item[1], str(item[0])))


def _archive_page(site: Site, name: str, views: Iterable[PostView]) -> Page:
    path = f"posts/{name}.md"
    days: dict[date | None, list[Archived]] = defaultdict(list)
    for view in views:
        first = view.first
        sent = () if view.page else tuple(_sent(site, view.entries))
        edit = "" if view.page or view.deleted else site.edit_link(view.post.path)
        archived = Archived(view, tuple(site.rows(view.entries)), sent, edit)
        days[first.astimezone(site.zone).date() if first else None].append(archived)
    body = block("archive.html", path, site=site, days=list(days.items()))
    crumbs = (("Posts", "posts/index.md"),)
    return Page(path, month_name(name), (body,), source="posts/", hide=("toc",), searchable=False, crumbs=crumbs)


def _sent(site: Site, entries: Iterable[Entry]) -> Iterable[Sent]:
    """Gather deliveries that said the same."""
    same: list[tuple[list[object], tuple[Part, ...], list[Entry]]] = []
    for entry in entries:
        parts = draft_of(entry, site.content).parts
        looks = _looks(parts)
        for known, _, others in same:
            if known == looks:
                others.append(entry)
                break
        else:
            same.append((looks, parts, [entry]))
    for _, parts, together in same:
        shown = tuple(ArchivedPart(part, linked(part.text, _links(part)), direction(part.lang)) for part in parts)
        to = tuple((entry.channel.name, web_link(entry.url), _numbers(site, entry)) for entry in together)
        yield Sent(to, shown)


def _looks(parts: tuple[Part, ...]) -> list[object]:
    """Return what the archive shows of the parts: two deliveries that agree in it are shown as one."""
    return [
        (
            part.text,
            part.lang,
            part.content_warning,
            _links(part),
            [(picture.file, picture.alt) for picture in part.attachments],
            part.poll.options if part.poll else (),
            part.card,
        )
        for part in parts
    ]


def _links(part: Part) -> list[Span]:
    return [span for span in part.spans if span.kind == "link"]


def _numbers(site: Site, entry: Entry) -> str:
    latest = site.latest.get((entry.post.id, entry.channel.name), {})
    words = ", ".join(f"{metric} {value}" for metric, (value, _) in sorted(latest.items()))
    return f"{words} (simulated audience)" if words and is_practice(entry.channel) else words
