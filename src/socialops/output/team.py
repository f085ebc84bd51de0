"""The team for people at a terminal and for programs: who does what, who approves what, whose word a post needs."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from socialops.content.team import Need, accounts
from socialops.output.text import harmless, paint

if TYPE_CHECKING:
    from socialops.content.brand import Brand, Person


def as_record(brand: Brand) -> dict[str, Any]:
    """Return the team as plain data."""
    return {
        "people": [
            {
                "name": person.name,
                "called": person.label,
                "title": person.title,
                "roles": [str(role) for role in person.roles],
                "languages": list(person.languages),
                "forge": person.forge,
            }
            for person in brand.people.values()
        ],
        "approvals": [
            {"what": approval.what, "kind": approval.kind, "who": list(approval.who)} for approval in brand.approvals
        ],
    }


def needs_record(post: str, file: str, needs: Sequence[Need]) -> dict[str, Any]:
    """Return whose word a post needs, as plain data; *routed*: the forge asks them by itself."""
    return {
        "post": post,
        "file": file,
        "needs": [{"what": need.what, "who": list(need.who), "routed": need.routed} for need in needs],
    }


def as_text(brand: Brand, *, colour: bool = False) -> str:
    """Return people, then approvals, one a line."""
    if not brand.people:
        return "There is no team yet: write brand/team.yml, with `people:` and `approvals:`.\n"
    lines = [paint("People", "1", colour)]
    width = max(len(name) for name in brand.people)
    for name, person in brand.people.items():
        roles = ", ".join(person.roles) or "no role yet"
        reads = f"; reads {', '.join(person.languages)}" if person.languages else ""
        lines.append(f"  {harmless(name):{width}}  {_label(person)}{roles}{reads}")
    lines += ["", paint("Who approves what", "1", colour)]
    wide = max((len(approval.what) for approval in brand.approvals), default=0)
    for approval in brand.approvals:
        lines.append(f"  {harmless(approval.what):{wide}}  {' or '.join(map(harmless, approval.who))}")
    if not brand.approvals:
        lines.append("  Nobody has to: add `approvals:` to brand/team.yml.")
    return "\n".join(lines) + "\n"


def _label(person: Person) -> str:
    return f"{harmless(person.label)}: " if person.label != person.name else ""


def needs_text(post: str, needs: Sequence[Need], brand: Brand, approvers: Collection[str]) -> str:
    """Return whose word a post needs, and who has to see to it; *approvers* are those it names."""
    if not needs:
        return f"{harmless(post)} needs nobody's word: brand/team.yml has no approval for it.\n"
    lines = [f"{harmless(post)} needs:"]
    for need in needs:
        who = " or ".join(map(harmless, need.who))
        asked = ", ".join(accounts(need.who, brand.people))
        if need.routed:
            how = f"the forge asks {asked}" if asked else "nobody of them has an account on the forge"
        elif given := [name for name in need.who if name in approvers]:
            how = f"{' and '.join(map(harmless, given))} answers for it"
        else:
            how = "name one of them as `approver:`"
        lines.append(f"  {harmless(need.what)}: {who} ({how})")
    return "\n".join(lines) + "\n"
