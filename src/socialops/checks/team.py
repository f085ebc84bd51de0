"""What is wrong with the team: approvals that nobody can give, CODEOWNERS out of step, posts without their approver."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from socialops.checks.rule import Case, Rule, rules
from socialops.content import values
from socialops.content.team import (
    ACCOUNT,
    BEGIN,
    CODEOWNERS,
    END,
    TEAM,
    Need,
    Reading,
    approvers_for,
    base,
    overriding,
    owner_lines,
    owners_text,
    readings_of,
    reads,
    unsayable,
)
from socialops.problem import Problem, Severity, nearest

if TYPE_CHECKING:
    from socialops.content.brand import Approval, Brand
    from socialops.content.load import Content

_COMMAND = "socialops team --write"
_PEOPLE = """\
=== brand/team.yml
people:
  ayse: {name: Ayşe, roles: [manager], forge: ayse-lumen, languages: [tr, en]}
  noam: {name: נועם, roles: [writer], forge: noam-lumen, languages: [he, en]}
approvals:
"""
_BRAND = _PEOPLE + "  - {what: brand/, who: [ayse]}\n"
_OWNERS = f"=== .github/CODEOWNERS\n{BEGIN}\n/brand/ @ayse-lumen\n/.github/CODEOWNERS @ayse-lumen\n{END}\n"
_HEBREW = _PEOPLE + "  - {what: 'language:he', who: [noam]}\n"
_HEBREW_OWNERS = f"=== .github/CODEOWNERS\n{BEGIN}\n# language he: @noam-lumen (see `socialops team POST`)\n{END}\n"
_POST = "=== posts/2026/12/shalom.md\n---\ndate: 2026-12-20 09:30\nchannels: [mastodon]\nlang: he\n---\nשלום\n"


def _hebrew(line: str) -> str:
    return _HEBREW + _HEBREW_OWNERS + _POST.replace("lang: he\n", f"lang: he\n{line}")


CODEOWNERS_STALE = Rule(
    "codeowners-stale",
    Severity.ERROR,
    "`.github/CODEOWNERS` is not what `brand/team.yml` says.",
    f"The forge would ask the wrong people for their review. `{_COMMAND}` writes it anew; lines of others are kept.",
    _BRAND + _OWNERS.replace("/brand/ @ayse-lumen", "/brand/ @noam-lumen"),
    _BRAND + _OWNERS,
)
CODEOWNERS_MISSING = Rule(
    "codeowners-missing",
    Severity.WARNING,
    "The team says who approves what, and there is no `.github/CODEOWNERS`.",
    f"The forge asks nobody. `{_COMMAND}` writes the file. Nothing is said where `forge_url` is not GitHub's.",
    _BRAND,
    _BRAND + _OWNERS,
)
CODEOWNERS_OVERRIDDEN = Rule(
    "codeowners-overridden",
    Severity.WARNING,
    "A line below ours in `.github/CODEOWNERS` may win over it.",
    "The last line that matches a file decides who is asked.",
    _BRAND + _OWNERS + "* @somebody-else\n",
    _BRAND + _OWNERS.replace("CODEOWNERS\n", "CODEOWNERS\n* @somebody-else\n", 1),
)
FORGE_MISSING = Rule(
    "forge-missing",
    Severity.ERROR,
    "Somebody approves something, and has no account on the forge.",
    "Nobody could ask them for a review, and the others would do without.",
    (_BRAND + _OWNERS).replace(", forge: ayse-lumen", ""),
    _BRAND + _OWNERS,
)
FORGE_INVALID = Rule(
    "forge-invalid",
    Severity.ERROR,
    "An account on the forge cannot be one.",
    "The forge skips a line of CODEOWNERS that it cannot read, and says so to nobody.",
    _PEOPLE.replace("forge: noam-lumen", "forge: Noam Levi").replace("approvals:\n", ""),
    _PEOPLE.replace("approvals:\n", ""),
)
APPROVAL_UNKNOWN = Rule(
    "approval-unknown",
    Severity.ERROR,
    "An approval names a place, a language or a topic that does not exist.",
    "What it was meant for is approved by somebody else, or by nobody.",
    _HEBREW.replace("language:he", "topic:recals") + _HEBREW_OWNERS.replace("language he", "topic recals"),
    _HEBREW + _HEBREW_OWNERS,
)
APPROVAL_UNREADABLE = Rule(
    "approval-unreadable",
    Severity.ERROR,
    "Somebody approves a language that they do not read.",
    "The post would be waved through. `languages:` in `brand/team.yml` says what each of us reads.",
    (_HEBREW + _HEBREW_OWNERS).replace("who: [noam]", "who: [ayse]").replace("@noam-lumen", "@ayse-lumen"),
    _HEBREW + _HEBREW_OWNERS,
)
APPROVER_MISSING = Rule(
    "approver-missing",
    Severity.ERROR,
    "A post's language or topic needs an approver, and the post names none.",
    "The forge asks for reviews by folder; it does not look at what stands in a file.",
    _hebrew(""),
    _hebrew("approver: noam\n"),
    unfinished=True,
)
APPROVER_UNFIT = Rule(
    "approver-unfit",
    Severity.ERROR,
    "The approver of a post may not approve its language or its topic.",
    "Whoever answers for a text must be able to read it.",
    _hebrew("approver: ayse\n"),
    _hebrew("approver: noam\n"),
    unfinished=True,
)
APPROVER_OWN = Rule(
    "approver-own",
    Severity.WARNING,
    "Somebody approves a post that they alone wrote, though somebody else could.",
    "Four eyes see what two have read ten times.",
    (_hebrew("approver: noam\nauthors: [noam]\n"))
    .replace("who: [noam]", "who: [noam, tamar]")
    .replace("approvals:\n", "  tamar: {roles: [reviewer], forge: tamar-lumen, languages: [he]}\napprovals:\n")
    .replace("@noam-lumen (", "@noam-lumen or @tamar-lumen ("),
    _hebrew("approver: noam\nauthors: [noam]\n"),
)
RULES = rules(
    CODEOWNERS_STALE,
    CODEOWNERS_MISSING,
    CODEOWNERS_OVERRIDDEN,
    FORGE_MISSING,
    FORGE_INVALID,
    APPROVAL_UNKNOWN,
    APPROVAL_UNREADABLE,
    APPROVER_MISSING,
    APPROVER_UNFIT,
    APPROVER_OWN,
)


def judge_team(content: Content) -> list[Problem]:
    """Judge `brand/team.yml`, and hold `.github/CODEOWNERS` against it."""
    brand = content.brand
    problems = list(_of_people(brand))
    for index, approval in enumerate(brand.approvals):
        problems += _of_approval(index, approval, content)
    elsewhere = content.workspace.settings.forge_url and "github" not in content.workspace.settings.forge_url
    if brand.owners is not None or not elsewhere:
        problems += _of_owners(brand)
    return problems


def _problem(rule: Rule, brand: Brand, key: str, message: str, hint: str) -> Problem:
    line, column = brand.team.get(key, (1, 1))
    return Problem(TEAM, line, column, rule.id, message, hint, rule.severity)


def _of_people(brand: Brand) -> Iterator[Problem]:
    wanted = dict.fromkeys(name for approval in brand.approvals for name in approval.who)
    for name, person in brand.people.items():
        if person.forge and not ACCOUNT.fullmatch(person.forge):
            message = f"{person.forge[:60]!r} is no account on a forge."
            hint = "Write the account's name as it stands in its address: ayse-lumen; or a group: '@lumen-velo/brand'."
            yield _problem(FORGE_INVALID, brand, f"people.{name}.forge", message, hint)
        if not person.forge and name in wanted:
            message = f"{person.label} approves something, and has no account on the forge here."
            yield _problem(FORGE_MISSING, brand, f"people.{name}", message, f"Add `forge: …` below `{name}:`.")


def _of_approval(index: int, approval: Approval, content: Content) -> Iterator[Problem]:
    brand = content.brand
    at = f"approvals.{index}.what"
    match approval.kind:
        case "language":
            try:
                values.language(values.name(approval.name))
            except values.Wrong as wrong:
                yield _problem(APPROVAL_UNKNOWN, brand, at, wrong.message, wrong.hint)
                return
            for number, name in enumerate(approval.who):
                person = brand.people.get(name)
                if person is not None and not reads(person, approval.name):
                    message = f"{person.label} does not read {approval.name}: the languages are "
                    message += f"{', '.join(person.languages)}."
                    hint = "Name somebody who does, or add the language to `languages:`."
                    yield _problem(APPROVAL_UNREADABLE, brand, f"approvals.{index}.who.{number}", message, hint)
        case "topic":
            pillars = [pillar.name for pillar in brand.strategy.pillars] if brand.strategy else []
            topics = [*pillars, *sorted(brand.campaigns)]
            if approval.name not in topics:
                meant = nearest(approval.name, topics)
                message = f"There is no topic {approval.name[:60]!r}: a topic is a pillar or a campaign."
                hint = f"Did you mean {meant}?" if meant else f"There is: {', '.join(topics) or 'none yet'}."
                yield _problem(APPROVAL_UNKNOWN, brand, at, message, hint)
        case _:
            yield from _of_place(at, approval, content)


def _of_place(at: str, approval: Approval, content: Content) -> Iterator[Problem]:
    path, brand = approval.path, content.brand
    if not path:
        # The whole workspace.
        return
    sign = unsayable(path)
    if sign:
        message = f"CODEOWNERS has no way to write {sign!r} in the name of a place."
        hint = "Name the folder around it, or rename it."
        yield _problem(APPROVAL_UNKNOWN, brand, at, message, hint)
        return
    if {"", ".", ".."} & set(path.removesuffix("/").split("/")):
        message = "A place is named from the top of the workspace, as the forge names it."
        yield _problem(APPROVAL_UNKNOWN, brand, at, message, "Write it without `.`, `..` and `//`: brand/voice.md")
        return
    place = content.workspace.root / path
    if place.is_dir() and not path.endswith("/"):
        message = f"{path} is a folder."
        yield _problem(APPROVAL_UNKNOWN, brand, at, message, f"Write a slash at its end: {path}/")
    elif not place.exists() and path not in ("posts/", "brand/", "reports/", CODEOWNERS):
        folder = place.parent
        try:
            beside = [f"{item.name}/" if item.is_dir() else item.name for item in sorted(folder.iterdir())]
        except OSError:
            beside = []
        meant = nearest(path.rstrip("/").rpartition("/")[2], beside)
        inside = path.rstrip("/").rpartition("/")[0]
        hint = f"Did you mean {inside}/{meant}?" if meant and inside else f"Did you mean {meant}?" if meant else ""
        message = f"There is nothing at {path[:100]}."
        yield _problem(APPROVAL_UNKNOWN, brand, at, message, hint or "Correct the name, or take the line out.")


def _of_owners(brand: Brand) -> Iterator[Problem]:
    if not brand.approvals and (brand.owners is None or BEGIN not in brand.owners):
        return
    wanted = owners_text(brand.owners, brand)
    if brand.owners is None:
        message = f"There is no {CODEOWNERS}, so the forge asks nobody for the approvals that stand here."
        yield _problem(CODEOWNERS_MISSING, brand, "approvals", message, f"Run `{_COMMAND}` and commit the file.")
        return
    is_now, shall = brand.owners.replace("\r\n", "\n").split("\n"), wanted.split("\n")
    if is_now != shall:
        number, found, line = next(
            (number, one, two)
            for number, (one, two) in enumerate(
                zip([*is_now, *[""] * len(shall)], [*shall, *[""] * len(is_now)], strict=False), 1
            )
            if one != two
        )
        number = min(number, len(is_now))
        says = f"`{line[:200]}` belongs here" if line else "nothing belongs here any more"
        instead = f", instead of `{found[:200]}`" if found else ""
        yield Problem(
            CODEOWNERS,
            number,
            1,
            CODEOWNERS_STALE.id,
            f"This is not what {TEAM} says: {says}{instead}.",
            f"Run `{_COMMAND}` and commit the file; do not edit it by hand.",
            CODEOWNERS_STALE.severity,
        )
    line_below = overriding(brand.owners)
    if line_below and owner_lines(brand):
        yield Problem(
            CODEOWNERS,
            line_below,
            1,
            CODEOWNERS_OVERRIDDEN.id,
            "This line stands below what socialops wrote, and wins over it wherever both match.",
            f"Move it above the line `{BEGIN}`.",
            CODEOWNERS_OVERRIDDEN.severity,
        )


def judge_approver(case: Case) -> None:
    """Judge whether a post names the approvers that its languages and its topics need."""
    post, content = case.post, case.content
    people = content.brand.people
    if not people:
        return
    needs = [need for need in approvers_for(post, content) if not need.routed]
    readings = readings_of(post, content)
    named = dict.fromkeys(reading.approver for reading in readings if reading.approver)
    if not needs and not named:
        return
    topics = [need for need in needs if need.what.startswith("topic:")]
    languages = {base(need.what.partition(":")[2]): need for need in needs if need not in topics}
    for reading in readings:
        at = case.at_entry(reading.channel, "approver") if reading.approver else (1, 1)
        _judge_reading(case, reading, languages.get(reading.lang), at)
    for need in topics:
        if not named:
            _missing(case, need, (1, 1))
        elif not any(name in need.who for name in named):
            case.report(
                APPROVER_UNFIT,
                post.at("approver"),
                f"{_any_of(people[name].label for name in named if name in people)} may not approve {need.what}.",
                f"Name {_any_of(need.who)}, or change {TEAM}.",
            )
    if len(named) == 1 and post.authors == (post.approver,) and post.approver in people:
        langs = {reading.lang for reading in readings if reading.lang}
        others = [
            name
            for name in dict.fromkeys(name for need in needs for name in need.who)
            if name != post.approver
            and name in people
            and all(name in need.who for need in needs)
            and all(reads(people[name], lang) for lang in langs)
        ]
        if others:
            case.report(
                APPROVER_OWN,
                post.at("approver"),
                f"{people[post.approver].label} wrote this post and approves it too.",
                f"Let {_any_of(others)} read it.",
            )


def _missing(case: Case, need: Need, at: tuple[int, int]) -> None:
    case.report(
        APPROVER_MISSING,
        at,
        f"{need.what} needs an approver: {_any_of(need.who)}.",
        f"Add `approver: {need.who[0]}` once it was read: above for all channels, or below the name of one.",
    )


def _judge_reading(case: Case, reading: Reading, need: Need | None, at: tuple[int, int]) -> None:
    """Judge who answers for what one channel gets."""
    people = case.content.brand.people
    if not reading.approver:
        if need is not None:
            _missing(case, need, at)
        return
    person = people.get(reading.approver)
    if person is None:
        # Reported where the post is read.
        return
    if reading.lang and not reads(person, reading.lang):
        able = [name for name, other in people.items() if other.languages and reads(other, reading.lang)]
        case.report(
            APPROVER_UNFIT,
            at,
            f"{person.label} does not read {reading.lang}, the language on {reading.channel or 'every channel'}.",
            f"Name somebody who does: {_any_of(able)}." if able else f"Nobody in {TEAM} reads {reading.lang} yet.",
        )
    elif need is not None and reading.approver not in need.who:
        case.report(
            APPROVER_UNFIT,
            at,
            f"{person.label} may not approve {need.what}.",
            f"Name {_any_of(need.who)}, or change {TEAM}.",
        )


def _any_of(names: Iterable[str]) -> str:
    return " or ".join(names)
