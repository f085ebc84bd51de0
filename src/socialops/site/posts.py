"""A page for each recent or coming post, and an archive page for each month.

Pages cost a builder time by the piece, so older posts stand on their month's page, as ready HTML.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from socialops.site import times
from socialops.site.markup import heading
from socialops.site.pages import Page, Site, block
from socialops.site.preview import Preview, preview

if TYPE_CHECKING:
    from socialops.site.entries import PostView

UNDATED = "undated"


def month_name(name: str) -> str:
    """Return what a month's archive is called."""
    return "Without a date" if name == UNDATED else times.month(name)


def post_pages(site: Site) -> list[Page]:
    """Return the page of each post that has one."""
    return [_post_page(site, view) for view in site.views.values() if view.page]


def _post_page(site: Site, view: PostView) -> Page:
    path = view.page
    previews = [preview(site, entry, path) for entry in view.entries]
    month = _month(site, view)
    blocks = [
        block("post-facts.html", path, site=site, view=view, previews=previews, kinds=_kinds(previews)),
        heading(2, "What is sent", anchor="what-is-sent"),
        block("post-previews.html", path, site=site, view=view, previews=previews),
    ]
    problems = site.problems_of.get(view.post.path, ())
    if problems:
        blocks += [heading(2, "What the check says", anchor="check"), block("problems.html", path, problems=problems)]
    return Page(
        path,
        view.label,
        tuple(blocks),
        source=view.post.path,
        lang="" if view.post.title else view.post.lang,
        hide=("navigation", "toc"),
        crumbs=(("Posts", "posts/index.md"), (month_name(month), f"posts/{month}.md")),
    )


def _kinds(previews: list[Preview]) -> str:
    return ", ".join(dict.fromkeys(item.draft.kind for item in previews))


def _month(site: Site, view: PostView) -> str:
    return f"{view.first.astimezone(site.zone):%Y-%m}" if view.first else UNDATED


def archive_pages(site: Site) -> list[Page]:
    """Return the list of months and a page for each."""
    by_month: dict[str, list[PostView]] = defaultdict(list)
    for view in site.views.values():
        by_month[_month(site, view)].append(view)
    names = sorted((name for name in by_month if name != UNDATED), reverse=True)
    if UNDATED in by_month:
        names.insert(0, UNDATED)
    pages = [
        Page(
            "posts/index.md",
            "Posts",
            (
                block(
                    "archive-index.html",
                    "posts/index.md",
                    site=site,
                    months=[(name, month_name(name), _summary(by_month[name])) for name in names],
                ),
            ),
            source="posts/",
            hide=("toc",),
        )
    ]
    pages += [_archive_page(site, name, by_month[name]) for name in names]
    return pages


def _summary(views: list[PostView]) -> list[tuple[object, int]]:
    """Return (status, number of deliveries), most frequent first."""
    counts: dict[object, int] = defaultdict(int)
    for view in views:
        for entry in view.entries:
            counts[entry.status] += 1
    return sorted(counts.items(), key=lambda item: (-item[1], str(item[0])))


def _archive_page(site: Site, name: str, views: list[PostView]) -> Page:
    path = f"posts/{name}.md"
    older = [view for view in views if not view.page]
    full = [
        (view, [preview(site, entry, path, pictures=False) for entry in view.entries], site.edit_link(view.post.path))
        for view in older
    ]
    blocks = [block("archive-table.html", path, site=site, rows=[(view, site.rows(view.entries)) for view in views])]
    if full:
        blocks += [heading(2, "Texts", anchor="texts"), block("archive-texts.html", path, site=site, full=full)]
    return Page(path, month_name(name), tuple(blocks), source="posts/", hide=("toc",))
