"""Goals letter by letter, shares, campaigns: what the check says of the strategy."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from builder import workspace
from socialops.checks.check import check
from socialops.content.brand import Brand, Campaign, CampaignState, Goal
from socialops.content.load import load
from socialops.content.metric import METRICS
from socialops.content.smart import letters, number
from socialops.measuring.kpi import FORMULAS
from socialops.problem import Problem

HANDBOOK = Path(__file__).parents[2] / "src" / "socialops" / "scaffold" / "handbook" / "strategy.md"
STRATEGY = (
    "---\npillars:\n  - {name: light, title: Light, share: 0.5}\n  - {name: city, title: City, share: 0.5}\n---\nWhy\n"
)
GOAL = """\
---
title: Two hundred more readers
metric: new-followers
baseline: 160
target: 200
start: 2026-10-05
end: 2026-10-30
owner: ayse
achievable: Last year it was 160.
pillar: light
---
Why
"""
CAMPAIGN = """\
---
title: Winter
start: 2026-12-01
end: 2026-12-31
goal: readers
owner: ayse
utm: {medium: social}
budget: {amount: 2400, currency: EUR, note: Printing}
---
The brief.
"""
TEAM = "people:\n  ayse: {name: Ayşe, roles: [manager]}\n  noam: {name: נועם, roles: [writer]}\n"
TODAY = date(2026, 12, 5)


def found(
    folder: Path, more: Mapping[str, str] | None = None, *, today: date | None = TODAY, **files: str
) -> list[Problem]:
    """Check a workspace in which everything is said, but for what *files* and *more* say otherwise."""
    names = {
        "strategy": "brand/strategy.md",
        "goal": "brand/goals/readers.md",
        "campaign": "brand/campaigns/winter.md",
        "team": "brand/team.yml",
        "channel": "brand/channels/mastodon.md",
    }
    contents: dict[str, str | bytes] = {
        names["strategy"]: STRATEGY,
        names["goal"]: GOAL,
        names["campaign"]: CAMPAIGN,
        names["team"]: TEAM,
    }
    contents |= {names[name]: text for name, text in files.items()} | dict(more or {})
    return [
        problem for problem in check(load(workspace(folder, contents)), today=today) if problem.id != "purpose-missing"
    ]


def without(text: str, *fields: str) -> str:
    for field in fields:
        text = re.sub(rf"(?m)^{field}:.*\n", "", text)
    return text


def test_the_dictionary_of_goals_is_that_of_the_reports() -> None:
    assert sorted(METRICS) == sorted(FORMULAS)
    text = HANDBOOK.read_text("utf-8")
    assert [name for name in METRICS if f"| `{name}` |" not in text] == []


def test_a_strategy_that_says_everything_has_no_problems(tmp_path: Path) -> None:
    assert found(tmp_path) == []


@pytest.mark.parametrize(
    ("fields", "letter", "word"),
    [
        (["title"], "S", "title"),
        (["metric"], "S", "metric"),
        (["title", "metric"], "S", "title and metric"),
        (["baseline"], "M", "baseline"),
        (["target"], "M", "target"),
        (["achievable"], "A", "achievable"),
        (["start"], "T", "start"),
        (["end"], "T", "end"),
        (["start", "end"], "T", "start and end"),
    ],
)
def test_each_missing_letter_of_a_goal_is_named(tmp_path: Path, fields: list[str], letter: str, word: str) -> None:
    problems = found(tmp_path, goal=without(GOAL, *fields))
    assert len(problems) == 1
    assert f"not SMART: {letter}, " in problems[0].message
    assert f"({word})" in problems[0].message
    for field in fields:
        assert f"`{field}: …`" in problems[0].hint


def test_a_goal_that_serves_nothing_lacks_its_r(tmp_path: Path) -> None:
    alone = without(GOAL, "pillar")
    assert found(tmp_path, goal=alone) == []
    [problem] = found(
        tmp_path,
        {"brand/goals/other.md": GOAL},
        goal=alone,
        campaign=CAMPAIGN.replace("goal: readers", "goal: other"),
    )
    assert problem.id == "goal-relevant"
    assert "R, Relevant" in problem.message


def test_all_five_letters_of_an_empty_goal_are_told(tmp_path: Path) -> None:
    problems = found(tmp_path, campaign=without(CAMPAIGN, "goal"), goal="---\n{}\n---\n# Readers\n")
    assert [problem.id for problem in problems if problem.id.startswith("goal-")] == [
        "goal-achievable",
        "goal-measurable",
        "goal-relevant",
        "goal-specific",
        "goal-time-bound",
    ]


def test_a_target_that_is_the_baseline_is_no_target(tmp_path: Path) -> None:
    [problem] = found(tmp_path, goal=GOAL.replace("target: 200", "target: 160"))
    assert (problem.id, problem.line) == ("goal-measurable", 5)


@pytest.mark.parametrize(
    ("written", "meant"),
    [("new-folowers", "new-followers"), ("Engagement Rate", "engagement-rate"), ("NEW-FOLLOWERS", "new-followers")],
)
def test_a_metric_that_nobody_computes_gets_the_nearest(tmp_path: Path, written: str, meant: str) -> None:
    [problem] = found(tmp_path, goal=GOAL.replace("metric: new-followers", f"metric: {written}"))
    assert (problem.id, problem.line, problem.hint) == ("metric-unknown", 3, f"Did you mean {meant}?")


@given(some.lists(some.floats(0, 1, allow_nan=False), min_size=5, max_size=5))
def test_a_letter_is_met_exactly_when_nothing_is_missing(numbers: list[float]) -> None:
    goal = Goal("g", "brand/goals/g.md", "G", "growth", numbers[0], numbers[1], titled=numbers[2] > 0.5)
    for letter in letters(goal, Brand()):
        assert letter.met is not bool(letter.missing)
        assert all(hint for _, hint in letter.missing)


@pytest.mark.parametrize(("value", "text"), [(160, "160"), (2.1, "2.1"), (3.0, "3"), (12500, "12\u202f500"), (0, "0")])
def test_numbers_are_written_as_people_write_them(value: float, text: str) -> None:
    assert number(value) == text


@pytest.mark.parametrize(
    ("shares", "hint"),
    [((0.5, 0.4), "Share out 0.1 more."), ((0.7, 0.5), "Take 0.2 away."), ((0, 0), "Share out 1 more.")],
)
def test_shares_that_do_not_add_up_say_by_how_much(tmp_path: Path, shares: tuple[float, float], hint: str) -> None:
    strategy = f"---\npillars:\n  - {{name: light, share: {shares[0]}}}\n  - {{name: city, share: {shares[1]}}}\n---\n"
    [problem] = found(tmp_path, strategy=strategy)
    assert (problem.id, problem.line, problem.hint) == ("pillar-shares", 3, hint)


def test_shares_may_be_rounded(tmp_path: Path) -> None:
    thirds = "".join(f"  - {{name: {name}, share: 0.333}}\n" for name in ("light", "b", "c"))
    assert found(tmp_path, strategy=f"---\npillars:\n{thirds}---\n") == []


@pytest.mark.parametrize(
    ("campaign", "told"),
    [
        (CAMPAIGN.replace("The brief.\n", ""), ["This campaign has no brief."]),
        (without(CAMPAIGN, "start", "end"), ["This campaign has no end.", "This campaign has no start."]),
        (without(CAMPAIGN, "owner"), ["Nobody owns this campaign."]),
        (CAMPAIGN.replace("medium: social", "medium: Social"), ["utm_medium: 'Social' has more than small letters"]),
        (CAMPAIGN.replace("medium: social", "medium: sosyal"), ["'sosyal' is no medium on the list."]),
        (CAMPAIGN.replace("medium: social", "utm_medium: social"), ["There is no UTM parameter 'utm_medium'."]),
        (CAMPAIGN.replace("medium: social", 'campaign: "KIŞ İndirimi"'), ["utm_campaign: 'KIŞ İndirimi' has more"]),
        (CAMPAIGN.replace("currency: EUR, ", ""), ["The budget has an amount without a currency."]),
        (CAMPAIGN.replace("amount: 2400, ", ""), ["The budget has a currency without an amount."]),
        (without(CAMPAIGN, "budget"), []),
        (CAMPAIGN.replace("{amount: 2400, currency: EUR, note: Printing}", "In kind"), []),
        (CAMPAIGN.replace("currency: EUR", "currency: euro"), ["budget currency: 'euro' is not the code"]),
        (CAMPAIGN.replace("owner:", "state: running\nowner:"), []),
        (CAMPAIGN.replace("owner:", "state: planned\nowner:"), ["The state is planned, but by its dates"]),
        (CAMPAIGN.replace("owner:", "state: cancelled\nowner:"), []),
        (CAMPAIGN.replace("owner:", "state: runing\nowner:"), ["state: 'runing' is not one of the choices."]),
    ],
)
def test_what_a_campaign_lacks_is_told(tmp_path: Path, campaign: str, told: list[str]) -> None:
    # The goal keeps its R by its pillar, also where the campaign cannot be read.
    problems = sorted(problem.message for problem in found(tmp_path, campaign=campaign))
    assert len(problems) == len(told)
    for message, words in zip(problems, told, strict=True):
        assert message.startswith(words)


@pytest.mark.parametrize(
    ("day", "stands"),
    [("2026-11-30", "planned"), ("2026-12-01", "running"), ("2026-12-31", "running"), ("2027-01-01", "ended")],
)
def test_a_campaign_stands_where_its_dates_say(day: str, stands: str) -> None:
    campaign = Campaign("w", "w.md", "W", date(2026, 12, 1), date(2026, 12, 31))
    assert campaign.stands(date.fromisoformat(day)) is CampaignState(stands)


def test_without_a_day_nothing_is_said_of_how_a_campaign_stands(tmp_path: Path) -> None:
    assert found(tmp_path, today=None, campaign=CAMPAIGN.replace("owner:", "state: planned\nowner:")) == []


@pytest.mark.parametrize("name", ["Ayşe", "AYŞE", "Ayse", "ayşe", "aysee"])
def test_a_person_is_known_in_any_spelling_of_their_name(tmp_path: Path, name: str) -> None:
    [problem] = found(tmp_path, campaign=CAMPAIGN.replace("owner: ayse", f"owner: {name}"))
    assert (problem.id, problem.hint) == ("author-unknown", "Did you mean ayse?")


@pytest.mark.parametrize("name", ["נועם", "נוֹעַם", "נעם"])
def test_a_person_is_known_by_a_hebrew_name_too(tmp_path: Path, name: str) -> None:
    post = f"---\ndate: 2026-12-02 09:30\nchannels: [mastodon]\nauthors: ['{name}']\napprover: '{name}'\n---\nHello\n"
    problems = found(tmp_path, {"posts/a.md": post})
    assert [(problem.id, problem.hint) for problem in problems] == [
        ("author-unknown", "Did you mean noam?"),
        ("approver-unknown", "Did you mean noam?"),
    ]


def test_a_role_is_one_of_the_list(tmp_path: Path) -> None:
    [problem, *_] = found(tmp_path, team=TEAM.replace("roles: [writer]", "roles: [writter]"))
    assert problem.id == "field-choice"
    assert problem.hint.startswith("Did you mean writer?")


def test_a_channel_without_a_purpose_is_asked_for_one(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"brand/strategy.md": STRATEGY}
    assert [problem.id for problem in check(load(workspace(tmp_path, files)))] == ["purpose-missing"]
    files["brand/strategy.md"] = STRATEGY.replace("pillars:", "channels: {mastodon: For riders.}\npillars:")
    assert check(load(workspace(tmp_path, files))) == []
    files["brand/strategy.md"] = STRATEGY.replace("pillars:", "channels: {mastodn: For riders.}\npillars:")
    told = [(problem.id, problem.hint) for problem in check(load(workspace(tmp_path, files)))]
    assert ("channel-unknown", "Did you mean mastodon?") in told
