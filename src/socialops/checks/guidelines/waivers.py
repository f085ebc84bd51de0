"""Waivers: the exceptions that a post claims to rules of the style guide, and who may allow them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from socialops.checks.rule import Case, Rule, rules
from socialops.content.style_guide import entitled
from socialops.problem import Severity, nearest

if TYPE_CHECKING:
    from socialops.content.guidelines import BrandRule
    from socialops.content.load import Content
    from socialops.content.post import Post, Waiver

_TEAM = "=== brand/team.yml\npeople:\n  ayse: {title: Ayşe, roles: [manager]}\n  mert: {title: Mert, roles: [writer]}\n"
_GUIDE = (
    "=== brand/voice.md\n---\nrules:\n  - id: BR001\n    summary: No hurry\n    reason: It works once.\n"
    "    approver: manager\n    words: [hurry]\n    good: Come by when you like\n    bad: Hurry\n---\nCalm.\n"
)
_HEAD = f"{_TEAM}{_GUIDE}=== posts/2026/12/post.md\n---\ndate: 2026-12-01 09:30\nchannels: [mastodon]\nlang: en\n"
_GOOD = _HEAD + "waive: {BR001: {reason: The title of a song, by: ayse}}\n---\nTonight we sing You can't hurry love.\n"

WAIVER_UNKNOWN = Rule(
    "waiver-unknown",
    Severity.ERROR,
    "A post claims an exception to a rule that no guideline has.",
    "Nobody can tell what was meant to be allowed.",
    _HEAD + "waive: {BR009: {reason: The title of a song, by: ayse}}\n---\nHello\n",
    _GOOD,
)
WAIVER_UNUSED = Rule(
    "waiver-unused",
    Severity.WARNING,
    "A post claims an exception that it does not need.",
    "Exceptions that outlive their reason make people stop reading the list of them.",
    _HEAD + "waive: {BR001: {reason: The title of a song, by: ayse}}\n---\nTonight we sing.\n",
    _GOOD,
)
WAIVER_APPROVER = Rule(
    "waiver-approver",
    Severity.ERROR,
    "An exception is allowed by nobody, or by somebody whom the rule does not entitle.",
    "A rule that everybody can lift is none. `by:` names the person; `approver:` of the post does it for all of them.",
    _HEAD + "waive: {BR001: {reason: The title of a song, by: mert}}\n---\nYou can't hurry love.\n",
    _GOOD,
)
WAIVER_EXPIRED = Rule(
    "waiver-expired",
    Severity.ERROR,
    "A post goes out after the last day of an exception that it claims.",
    "Somebody allowed it until then, and not for ever.",
    _HEAD + "waive: {BR001: {reason: A song, by: ayse, until: 2026-11-30}}\n---\nYou can't hurry love.\n",
    _GOOD,
)
RULES = rules(WAIVER_UNKNOWN, WAIVER_UNUSED, WAIVER_APPROVER, WAIVER_EXPIRED)


def unused(rule: BrandRule) -> tuple[str, str]:
    """Return message and hint for an exception that a post does not need."""
    return f"{rule.id} is not broken here: {rule.summary}.", "Take the exception out."


@dataclass(frozen=True, slots=True)
class Waived:
    """A waiver with its post and rule: a line of the list on the site. *rule* is None when none has its id."""

    post: Post
    id: str
    waiver: Waiver
    by: str
    rule: BrandRule | None


def waivers_of(content: Content) -> list[Waived]:
    """Return all exceptions that posts claim, the latest post first."""
    known = {rule.id: rule for guideline in content.brand.guidelines for rule in guideline.rules}
    found = [
        Waived(post, id_, waiver, waiver.by or post.approver, known.get(id_))
        for post in content.posts
        for id_, waiver in post.waive.items()
    ]
    return sorted(
        found, key=lambda item: (str(item.post.date.text if item.post.date else ""), item.post.id), reverse=True
    )


def judge_waivers(
    case: Case, known: Mapping[str, BrandRule], broken: Collection[str], days: Sequence[date | None]
) -> frozenset[str]:
    """Judge the waivers of a post; return the ids of the rules that it may break.

    *broken* are the rules that it breaks, *days* those on which it goes out.
    """
    post = case.post
    if not post.waive:
        return frozenset()
    allowed = set()
    for id_, waiver in post.waive.items():
        at = post.at("waive", id_)
        rule = known.get(id_)
        if rule is None:
            meant = nearest(id_, known)
            hint = f"Did you mean {meant}?" if meant else "Take it out; the style guide lists the rules there are."
            case.report(WAIVER_UNKNOWN, at, f"No guideline has a rule {id_[:40]!r}.", hint)
            continue
        people = entitled(rule, case.content.brand)
        by = waiver.by or post.approver
        may = f"Ask {' or '.join(people)}, and write `{{reason: …, by: {people[0]}}}`." if people else (
            f"Nobody may: name an `approver:` of the rule in {rule.page}, or who approves that page in brand/team.yml."
        )  # fmt: skip
        if not by:
            case.report(WAIVER_APPROVER, at, f"Nobody allows this exception to {id_}.", may)
        elif by not in people:
            case.report(WAIVER_APPROVER, at, f"{by[:40]} may not allow an exception to {id_}.", may)
        elif waiver.until and (late := [day for day in days if day and day > waiver.until]):
            message = f"The exception to {id_} ended on {waiver.until}; this goes out on {late[0]}."
            case.report(WAIVER_EXPIRED, at, message, f"Ask {by} again, or keep the rule: {rule.summary}")
        elif days and id_ not in broken:
            case.report(WAIVER_UNUSED, at, *unused(rule))
        else:
            allowed.add(id_)
    return frozenset(allowed)
