"""Who approves what: the lines of CODEOWNERS, and for any one post everybody whose word it needs.

GitHub asks for reviews by path alone: the last line of `.github/CODEOWNERS` that matches a file wins, any one of its
owners is enough, a space in a path is written with a backslash, and `!` and `[ ]` mean nothing
(docs.github.com, "About code owners", read 2026-12-01). What depends on a post's language or topic cannot be said
there; `approvers_for` says it, and the check holds the post's `approver:` to it.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from socialops.content.brand import Approval

if TYPE_CHECKING:
    from socialops.content.brand import Brand, Person
    from socialops.content.load import Content
    from socialops.content.post import Post

CODEOWNERS = ".github/CODEOWNERS"
"""Where GitHub looks for it first."""
LARGEST = 3 * 1024 * 1024
"""GitHub does not load a larger one, in bytes (docs.github.com, "About code owners", read 2026-12-01)."""
BEGIN = "# --- written by `socialops team --write` from brand/team.yml: change it there ---"
END = "# --- end of what socialops wrote ---"
TEAM = "brand/team.yml"

ACCOUNT = re.compile(
    r"@?[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?|@[A-Za-z0-9][A-Za-z0-9._-]{0,61}/[A-Za-z0-9._-]+"
)
"""An account on the forge, or a group there: `ayse-lumen`, `@lumen-velo/brand`."""
_UNSAYABLE = re.compile(r"[#*?!\\\[\]\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Need:
    """One reason for which a post needs somebody's word: *what* is a path, `language:he` or `topic:service`.

    Any one of *who* (names of the team) is enough. *routed*: the forge asks them by itself.
    """

    what: str
    who: tuple[str, ...]
    routed: bool = False


def account(person: Person) -> str:
    """Return a person's account as CODEOWNERS writes it; empty when there is none."""
    return f"@{person.forge.removeprefix('@')}" if person.forge else ""


def unsayable(path: str) -> str:
    """Return the first sign of a path that CODEOWNERS has no way to write, or nothing."""
    found = _UNSAYABLE.search(path)
    return found[0] if found else ""


def names_of(people: Mapping[str, Person]) -> dict[str, str]:
    """Return everything somebody of the team may go by, and what files call them: name, own spelling, account."""
    found: dict[str, str] = {}
    for name, person in people.items():
        for alias in (person.forge, account(person), person.called):
            if alias:
                found.setdefault(alias, name)
    return found | {name: name for name in people}


def path_approvals(brand: Brand) -> list[Approval]:
    """Return what is approved by path, the less exact before the more exact: the last that matches wins."""
    return list(_paths(brand.approvals))


@functools.lru_cache(maxsize=8)
def _paths(approvals: tuple[Approval, ...]) -> tuple[Approval, ...]:
    return tuple(sorted((approval for approval in approvals if approval.kind == "path"), key=_exactness))


def _exactness(approval: Approval) -> tuple[int, bool, str]:
    """Return what places are sorted by: a folder stands before what is in it."""
    return _depth(approval.path), not approval.path.endswith("/"), approval.path


def _depth(path: str) -> int:
    return len([step for step in path.split("/") if step])


def _covers(path: str, file: str) -> bool:
    return file.startswith(path) if not path or path.endswith("/") else file == path


def approval_of(file: str, brand: Brand) -> Approval | None:
    """Return the approval that holds for a file of the workspace: the most exact one."""
    found = [approval for approval in path_approvals(brand) if _covers(approval.path, file)]
    return found[-1] if found else None


def owner_lines(brand: Brand) -> tuple[str, ...]:
    """Return the lines between `BEGIN` and `END`, without line breaks; a line nobody could answer for is left out."""
    places = path_approvals(brand)
    named = {approval.path for approval in places}
    own = approval_of(TEAM, brand)
    if own is not None and CODEOWNERS not in named and ".github/" not in named:
        # Whoever may change CODEOWNERS decides who is asked.
        places.append(Approval(CODEOWNERS, own.who))
    lines = []
    for approval in sorted(places, key=_exactness):
        path = approval.path
        owners = accounts(approval.who, brand.people)
        if owners and not unsayable(path):
            # GitHub has no line for the top folder; a star is every file.
            lines.append(
                f"* {' '.join(owners)}" if not path else f"/{path.replace(' ', chr(92) + ' ')} {' '.join(owners)}"
            )
    for approval in brand.approvals:
        if approval.kind != "path":
            owners = accounts(approval.who, brand.people)
            # GitHub cannot ask by what stands in a file: this line is for people.
            lines.append(f"# {approval.kind} {approval.name}: {' or '.join(owners)} (see `socialops team POST`)")
    return tuple(lines)


def accounts(names: Iterable[str], people: Mapping[str, Person]) -> tuple[str, ...]:
    """Return the accounts of people, each once, in the order they are named."""
    found = (account(people[name]) for name in names if name in people)
    return tuple(dict.fromkeys(owner for owner in found if owner))


def owners_text(before: str | None, brand: Brand) -> str:
    """Return what `.github/CODEOWNERS` shall hold: *before* (None: there is none) with our lines put in their place.

    Lines of others are kept where they stand. Without a place of ours in it, ours go to the end, where they win.
    """
    ours = [BEGIN, *owner_lines(brand), END]
    if before is None:
        return "\n".join(ours) + "\n"
    lines = before.replace("\r\n", "\n").split("\n")
    if lines[-1] == "":
        lines.pop()
    start, end = _block(lines)
    if start is None:
        return "\n".join([*lines, *([""] if lines and lines[-1] else []), *ours]) + "\n"
    return "\n".join([*lines[:start], *ours, *lines[end:]]) + "\n"


def _block(lines: Sequence[str]) -> tuple[int | None, int]:
    """Return where our lines begin, and where they end (exclusive)."""
    if BEGIN not in lines:
        return None, len(lines)
    start = lines.index(BEGIN)
    return start, (lines.index(END, start) + 1 if END in lines[start:] else start + 1)


def overriding(text: str) -> int:
    """Return the number of the first line below ours that names a path, and so wins over ours; 0 when there is none."""
    lines = text.replace("\r\n", "\n").split("\n")
    start, end = _block(lines)
    if start is None:
        return 0
    return next(
        (
            number
            for number, line in enumerate(lines[end:], end + 1)
            if line.strip() and not line.lstrip().startswith("#")
        ),
        0,
    )


@dataclass(frozen=True, slots=True)
class Reading:
    """In which language a post is read on one channel (empty: on any), and who answers for it there, if anybody."""

    channel: str
    lang: str
    approver: str


def readings_of(post: Post, content: Content) -> tuple[Reading, ...]:
    """Return how a post is read on each of its channels; languages are without their regions."""
    found = [
        Reading(
            entry.channel,
            base(entry.lang or post.lang or content.channels[entry.channel].lang),
            post.approver if entry.approver is None else entry.approver,
        )
        for entry in post.channels
        if entry.channel in content.channels
    ]
    return tuple(found) or (Reading("", base(post.lang), post.approver),)


def base(lang: str) -> str:
    """Return a language without its region: pt of pt-BR."""
    return lang.partition("-")[0].lower()


def topics_of(post: Post) -> tuple[str, ...]:
    """Return what a post is about, as approvals name it: its pillar and its campaign."""
    return tuple(dict.fromkeys(topic for topic in (post.pillar, post.campaign) if topic))


def approvers_for(post: Post, content: Content) -> tuple[Need, ...]:
    """Return everybody whose word a post needs: by its file, by each of its languages, by its topics.

    Each need is met by any one of its people, and one person may meet several. Nothing when the team asks for nothing.
    """
    brand = content.brand
    needs = []
    own = approval_of(post.path, brand)
    if own is not None:
        needs.append(Need(own.what, own.who, routed=True))
    languages, topics = {reading.lang for reading in readings_of(post, content)}, topics_of(post)
    needs += [
        Need(approval.what, approval.who)
        for approval in brand.approvals
        if (approval.kind == "language" and base(approval.name) in languages)
        or (approval.kind == "topic" and approval.name in topics)
    ]
    return tuple(needs)


def reads(person: Person, lang: str) -> bool:
    """Tell whether a person reads a language; of somebody whose languages nobody wrote down, nothing is doubted."""
    return not person.languages or base(lang) in {base(known) for known in person.languages}
