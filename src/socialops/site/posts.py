"""A page for each recent or coming post: where it goes, when, and exactly what is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from socialops.compose.recurrence import base_of
from socialops.site.archive import month_name, month_of
from socialops.site.markup import heading
from socialops.site.pages import Page, Site, block
from socialops.site.preview import Preview, preview
from socialops.site.rules import rule_pages

if TYPE_CHECKING:
    from socialops.site.entries import PostView


def post_pages(site: Site) -> list[Page]:
    """Return the page of each post that has one."""
    return [_post_page(site, view) for view in site.views.values() if view.page]


def _post_page(site: Site, view: PostView) -> Page:
    path = view.page
    previews = [preview(site, entry, path) for entry in view.entries]
    month = month_of(site, view)
    blocks = [
        block(
            "post-facts.html",
            path,
            site=site,
            view=view,
            previews=previews,
            kinds=_kinds(previews),
            again=site.recurring.get(base_of(view.post.id)),
        ),
        heading(2, "What is sent", anchor="what-is-sent"),
        block("post-previews.html", path, site=site, view=view, previews=previews),
    ]
    problems = site.problems_of.get(view.post.path, ())
    if problems:
        listed = block("problems.html", path, problems=problems, guidelines=rule_pages(site))
        blocks += [heading(2, "What the check says", anchor="check"), listed]
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
