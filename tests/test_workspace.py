"""The workspace of this repository: everything its strategy names is used, and nothing it uses is missing."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from socialops.checks.check import check
from socialops.content.load import Content, load
from socialops.content.smart import letters
from socialops.content.team import CODEOWNERS, approvers_for, owners_text, readings_of
from socialops.problem import Severity
from socialops.workspace import find_workspace

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def ours() -> Content:
    return load(find_workspace(ROOT), cache=False)


def test_nothing_dangles_and_nothing_is_wrong(ours: Content) -> None:
    problems = check(ours, today=date(2026, 12, 1))
    assert [problem for problem in problems if problem.severity is Severity.ERROR] == []
    assert [problem for problem in problems if problem.file.startswith("brand/")] == []


def test_every_pillar_and_audience_is_used_by_a_post(ours: Content) -> None:
    strategy = ours.brand.strategy
    assert strategy is not None
    assert {pillar.name for pillar in strategy.pillars} == {post.pillar for post in ours.posts if post.pillar}
    assert {audience.name for audience in strategy.audiences} == {post.audience for post in ours.posts if post.audience}
    assert sum(pillar.share for pillar in strategy.pillars) == pytest.approx(1)


def test_every_campaign_has_posts_and_every_goal_a_campaign(ours: Content) -> None:
    assert set(ours.brand.campaigns) == {post.campaign for post in ours.posts if post.campaign}
    assert set(ours.brand.goals) == {campaign.goal for campaign in ours.brand.campaigns.values()}
    for goal in ours.brand.goals.values():
        assert [letter.letter for letter in letters(goal, ours.brand) if letter.met] == list("SMART")


def test_every_member_of_the_team_writes_approves_or_owns(ours: Content) -> None:
    people = set(ours.brand.people)
    writes = {name for post in ours.posts for name in post.authors}
    answers = {reading.approver for post in ours.posts for reading in readings_of(post, ours)} - {""}
    asked = {name for approval in ours.brand.approvals for name in approval.who}
    assert writes | answers | asked == people
    assert all(person.roles and person.languages and person.forge for person in ours.brand.people.values())


def test_every_channel_has_a_purpose_a_cadence_and_posts(ours: Content) -> None:
    strategy = ours.brand.strategy
    assert strategy is not None
    used = {entry.channel for post in ours.posts for entry in post.channels}
    for name, channel in ours.channels.items():
        assert channel.purpose
        assert channel.slots
        assert name in used
        assert channel.sandbox or strategy.cadence[name]


def test_every_approval_is_needed_by_a_file(ours: Content) -> None:
    needed = {need.what for post in ours.posts for need in approvers_for(post, ours)}
    for approval in ours.brand.approvals:
        assert approval.what in needed or (ROOT / approval.what).exists()


def test_codeowners_is_in_step(ours: Content) -> None:
    text = (ROOT / CODEOWNERS).read_text("utf-8")
    assert owners_text(text, ours.brand) == text
