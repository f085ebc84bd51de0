"""The guard: all rules of a workspace's style guide, ready to judge post after post."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from socialops.checks.guidelines.hearing import At, Finding, Hearing
from socialops.checks.guidelines.kinds import KINDS
from socialops.checks.guidelines.vocabulary import Vocabulary
from socialops.checks.guidelines.waivers import judge_waivers
from socialops.content.guidelines import TOGETHER
from socialops.content.post import ChannelEntry
from socialops.problem import Problem, Severity

if TYPE_CHECKING:
    from socialops.checks.rule import Case
    from socialops.compose.compose import Variant
    from socialops.content.guidelines import BrandRule
    from socialops.content.load import Content
    from socialops.content.post import Post
    from socialops.networks.draft import Draft

MOST = 20
"""Findings of one rule on one channel; nobody reads more. Ours."""
_KEPT = "guidelines"


def guard_of(content: Content) -> Guard:
    """Return the guard of a workspace, made once for each content."""
    guard: Guard | None = content.seen.get(_KEPT)
    if guard is None:
        rules = [rule for guideline in content.brand.guidelines for rule in guideline.rules]
        guard = content.seen[_KEPT] = Guard(rules)
    return guard


class Guard:
    """The rules, and the words of all of them in one vocabulary."""

    def __init__(self, rules: Iterable[BrandRule]) -> None:
        self.rules = tuple(rules)
        self.judged = tuple(rule for rule in self.rules if rule.kind in KINDS)
        self.together = tuple(rule for rule in self.rules if rule.kind in TOGETHER)
        self._ids_together = frozenset(rule.id for rule in self.together)
        self.by_id = {rule.id: rule for rule in self.rules}
        self.vocabulary = Vocabulary(self.judged)
        self._holding: dict[tuple[str, ...], tuple[BrandRule, ...]] = {}

    def holding(self, case: Case, variant: Variant, day: date | None) -> Iterable[BrandRule]:
        """Yield the rules that hold for a variant that goes out on *day*; None: nobody knows yet."""
        draft, post = variant.draft, case.post
        key = (draft.channel, draft.network, draft.kind, draft.parts[0].lang, post.campaign, post.pillar)
        rules = self._holding.get(key)
        if rules is None:
            rules = self._holding[key] = tuple(rule for rule in self.judged if holds(rule, post, draft))
        for rule in rules:
            scope = rule.scope
            if day is not None and ((scope.since and day < scope.since) or (scope.until and day > scope.until)):
                continue
            yield rule

    def judge(self, case: Case, variants: Sequence[tuple[Variant, datetime | None]]) -> frozenset[str]:
        """Judge a post on all its channels, each with the time when it goes out there, in the channel's zone.

        Return the rules about many posts that it may break.
        """
        told: dict[tuple[str, At, str, str], list[str]] = {}
        heard: dict[object, tuple[Hearing, dict[str, list[Finding]]]] = {}
        for variant, due in variants:
            # What several channels get alike is heard once.
            hearing, found = heard.setdefault(_alike(variant), (Hearing(case, variant, self.vocabulary), {}))
            for rule in self.holding(case, variant, due.date() if due else None):
                kind = KINDS[rule.kind]
                if kind.timed or rule.id not in found:
                    own = Hearing(case, variant, self.vocabulary, due=due) if kind.timed else hearing
                    found[rule.id] = list(itertools.islice(kind.judge(rule, own), MOST))
                for finding in found[rule.id]:
                    where = told.setdefault((rule.id, finding.at, finding.message, finding.hint), [])
                    if variant.draft.channel not in where:
                        where.append(variant.draft.channel)
        post = case.post
        broken = {id_ for id_, *_ in told}
        # What posts break together is not known yet.
        broken.update(self._ids_together)
        waived = judge_waivers(case, self.by_id, broken, [due.date() if due else None for _, due in variants])
        for (id_, at, message, hint), channels in told.items():
            if id_ not in waived:
                shown = channels if len(post.channels) > 1 else []
                case.problems.append(problem_of(case, self.by_id[id_], Finding(at, message, hint), shown))
        return waived.intersection(self._ids_together)

    def waived_together(self, case: Case, days: Sequence[date | None]) -> frozenset[str]:
        """Return the rules about many posts that a post may break; it goes out on *days*."""
        return judge_waivers(case, self.by_id, self._ids_together, days).intersection(self._ids_together)


def _alike(variant: Variant) -> object:
    """Return what two channels have in common when no rule could find on one what it would not find on the other."""
    entry = variant.entry
    if entry != ChannelEntry(entry.channel):
        return entry.channel
    first = variant.draft.parts[0]
    texts = tuple([(part.text, part.spans, part.styles, part.card, part.poll) for part in variant.draft.parts])
    return texts, first.lang, first.content_warning, first.title, variant.media, variant.link


def holds(rule: BrandRule, post: Post, draft: Draft) -> bool:
    """Tell whether a post on a channel is in the scope of a rule, whatever the day."""
    return rule.scope.covers(draft.channel, draft.network, draft.kind, draft.parts[0].lang, post.campaign, post.pillar)


def problem_of(case: Case, rule: BrandRule, finding: Finding, channels: Sequence[str] = ()) -> Problem:
    """Make the problem of a broken rule.

    It has the rule's own id; its hint says what to do, why, and where that is written.
    """
    severity = rule.severity
    if case.post.draft and severity is Severity.ERROR and KINDS[rule.kind].unfinished:
        severity = Severity.WARNING
    message = finding.message
    if channels:
        end = message[-1:] if message[-1:] in ".!?" else ""
        message = f"{message.removesuffix(end)} ({', '.join(channels)}){end}"
    return Problem(case.post.path, *finding.at, rule.id, message, hint_of(rule, finding.hint), severity)


def hint_of(rule: BrandRule, hint: str) -> str:
    """Return a finding's hint with the rule's reason, and where it is written."""
    return f"{hint} Why: {_sentence(rule.reason)} ({rule.page}: {rule.summary})".strip()


def _sentence(words: str) -> str:
    words = words.strip()
    return words if words.endswith((".", "!", "?", "…")) else f"{words}."
