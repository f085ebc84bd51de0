"""The team as a page: who is there and what they do, and who approves what."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from socialops.content.team import CODEOWNERS, TEAM
from socialops.site.markup import anchor_of, heading
from socialops.site.pages import Page, Site, block

if TYPE_CHECKING:
    from socialops.content.brand import Campaign, Goal, Person

TEAM_PAGE = "channels/team.md"


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of the team and what is theirs: *posts* they wrote, *approved* they answer for, what they own."""

    person: Person
    anchor: str
    posts: int
    approved: int
    owns: tuple[Campaign | Goal, ...]


def team_pages(site: Site) -> list[Page]:
    """Return the page of the team; none when nobody is written down."""
    brand = site.content.brand
    if not brand.people:
        return []
    written: Counter[str] = Counter()
    approved: Counter[str] = Counter()
    for post in site.content.posts:
        written.update(set(post.authors))
        approved.update({post.approver, *(entry.approver or "" for entry in post.channels)} - {""})
    owned: list[Campaign | Goal] = [*brand.campaigns.values(), *brand.goals.values()]
    members = [
        Member(
            person,
            anchor_of(name),
            written[name],
            approved[name],
            tuple(page for page in owned if page.owner == name),
        )
        for name, person in brand.people.items()
    ]
    out_of_step = [problem for problem in site.problems if problem.id in ("codeowners-stale", "codeowners-missing")]
    blocks = (
        block("team.html", TEAM_PAGE, site=site, members=members),
        heading(2, "Who approves what", anchor="approvals"),
        block("approvals.html", TEAM_PAGE, site=site, out_of_step=out_of_step, codeowners=CODEOWNERS),
    )
    return [Page(TEAM_PAGE, "Team", blocks, source=TEAM)]
