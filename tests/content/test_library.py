from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from builder import CHANNEL, workspace
from socialops.content.brand import Approval, Audience, Money, Pause, Person, Pillar
from socialops.content.library import Library, read_library
from socialops.content.post import Visibility
from socialops.content.wordings import Wording


def library(folder: Path, files: dict[str, str]) -> Library:
    return read_library(workspace(folder, files))


def seen(found: Library) -> list[tuple[str, int, int, str]]:
    return [(problem.file, problem.line, problem.column, problem.id) for problem in found.problems]


def test_an_empty_brand_is_fine(tmp_path: Path) -> None:
    found = library(tmp_path, {})
    assert not found.problems
    assert list(found.channels) == ["mastodon"]
    assert found.brand.strategy is None


def test_a_channel_says_what_its_file_says(tmp_path: Path) -> None:
    text = """\
---
network: bluesky
handle: brand.example
host: https://bsky.example/
lang: he
purpose: Short.
sandbox: true
visibility: public
slots: [mon 17:30, thu 09:00]
limits: {text: 300}
profile: {name: Brand, link: https://example.org}
utm: false
---
Prose.
"""
    channel = library(tmp_path, {"brand/channels/sky.md": text}).channels["sky"]
    assert (channel.network, channel.handle, channel.host) == ("bluesky", "brand.example", "https://bsky.example")
    assert (channel.zone, channel.lang, channel.sandbox, channel.utm) == ("Europe/Istanbul", "he", True, False)
    assert channel.visibility is Visibility.PUBLIC
    assert channel.slots == ("mon 17:30", "thu 09:00")
    assert channel.limits == {"text": 300}
    assert channel.profile == {"name": "Brand", "link": "https://example.org"}
    assert channel.body == "Prose."


@pytest.mark.parametrize(
    ("old", "new", "expected", "hint"),
    [
        ("network: mastodon", "network: mastodom", ("network-unknown", 2, 10), "Did you mean mastodon?"),
        ("network: mastodon\n", "", ("field-missing", 1, 1), "network"),
        ("Europe/Istanbul", "Europe/Constantinople", ("zone-unknown", 5, 7), "Europe/Istanbul"),
        ("Europe/Istanbul", "../../etc/passwd", ("zone-unknown", 5, 7), "Europe/Istanbul"),
        ("https://mastodon.example", "mastodon.example", ("host-invalid", 4, 7), "https://"),
        ("https://mastodon.example", "http://mastodon.example", ("host-invalid", 4, 7), "https://"),
        ("https://mastodon.example", "https://a@mastodon.example", ("host-invalid", 4, 7), "https://"),
        ('"@test@mastodon.example"', "@test@mastodon.example", ("yaml-syntax", 3, 9), "quotes"),
        ("zone: ", "timezone: ", ("key-unknown", 5, 1), "Did you mean zone?"),
        ("---\nOur", "slots: [monday 9:00]\n---\nOur", ("slot-invalid", 6, 9), "mon 09:30"),
    ],
)
def test_a_wrong_channel_is_left_out_and_still_known(
    tmp_path: Path, old: str, new: str, expected: tuple[str, int, int], hint: str
) -> None:
    found = library(tmp_path, {"brand/channels/mastodon.md": CHANNEL.replace(old, new)})
    (problem,) = found.problems
    assert (problem.id, problem.line, problem.column) == expected
    assert hint in problem.hint
    assert not found.channels
    assert "mastodon" in found.known().channels


def test_the_style_guide_is_every_other_page_in_its_order(tmp_path: Path) -> None:
    files = {
        "brand/index.md": "# Style guide\n\nProse.\n",
        "brand/voice.md": "---\ntitle: Voice\nsummary: How.\norder: 2\n"
        "rules: [{id: BR1, words: [click], summary: s, reason: x}]\n---\nWe.\n",
        "brand/crisis/recall.md": "---\norder: 1\n---\n## Recall ##\n",
        "brand/strategy.md": "---\ntitle: Strategy\n---\n",
    }
    found = library(tmp_path, files)
    assert not found.problems
    assert [(page.path, page.title) for page in found.brand.guidelines] == [
        ("brand/crisis/recall.md", "Recall"),
        ("brand/voice.md", "Voice"),
        ("brand/index.md", "Style guide"),
    ]
    (rule,) = found.brand.guidelines[1].rules
    assert (rule.id, rule.kind, rule.settings) == ("BR1", "words", (Wording("click"),))
    assert (rule.page, rule.at) == ("brand/voice.md", (5, 9))


def test_strategy_campaigns_goals_and_reports_are_read(tmp_path: Path) -> None:
    files = {
        "brand/strategy.md": "---\npillars: [{name: a, share: 0.25}]\naudiences: [{name: b, title: B}]\n"
        "cadence: {mastodon: 5}\n---\nProse.\n",
        "brand/campaigns/winter.md": "---\ntitle: Winter\nstart: 2026-11-15\nend: 2027-01-10\ngoal: lamps\n"
        "owner: ayse\ntags: [Kış]\nutm: {medium: social}\nbudget: 10\n---\nBrief.\n",
        "brand/goals/lamps.md": "---\nmetric: likes\nbaseline: 10\ntarget: 2.5e1\nchannels: [mastodon]\n---\n# Lamps\n",
        "brand/team.yml": "people: {ayse: {title: Manager, roles: [manager], languages: [tr]}}\n"
        "approvals: [{what: posts/, who: [ayse]}]\n",
        "brand/handles.yml": 'brand:\n  name: Brand\n  mastodon: "@b@x.example"\n',
        "reports/weekly.md": "---\ntitle: Weekly\nperiod: week\nfigures: [reach]\nchannels: [mastodon]\n---\nProse.\n",
    }
    found = library(tmp_path, files)
    assert not found.problems
    assert found.brand.strategy is not None
    assert found.brand.strategy.pillars == (Pillar("a", "a", 0.25),)
    assert found.brand.strategy.audiences == (Audience("b", "B"),)
    assert found.brand.strategy.cadence == {"mastodon": 5}
    campaign = found.brand.campaigns["winter"]
    assert (campaign.start, campaign.end) == (date(2026, 11, 15), date(2027, 1, 10))
    assert (campaign.tags, campaign.utm, campaign.budget, campaign.body) == (
        ("Kış",),
        {"medium": "social"},
        Money(note="10"),
        "Brief.",
    )
    goal = found.brand.goals["lamps"]
    assert (goal.title, goal.baseline, goal.target) == ("Lamps", 10.0, 25.0)
    assert found.brand.people == {"ayse": Person("ayse", "Manager", ("manager",), "", ("tr",))}
    assert found.brand.approvals == (Approval("posts/", ("ayse",)),)
    assert found.brand.handles == {"brand": {"name": "Brand", "mastodon": "@b@x.example"}}
    assert [report.name for report in found.reports] == ["weekly"]


def test_what_the_brand_refers_to_must_be_there(tmp_path: Path) -> None:
    files = {
        "brand/strategy.md": "---\ncadence: {mastodn: 5}\n---\n",
        "brand/campaigns/winter.md": "---\nstart: 2026-12-01\nend: 2026-11-01\ngoal: lamp\nowner: aise\n---\n",
        "brand/goals/lamps.md": "---\nchannels: [blue]\n---\n",
        "brand/team.yml": "people: {ayse: {}}\napprovals: [{what: posts/, who: [asye]}]\n",
        "brand/handles.yml": 'brand: {mastodn: "@b"}\nother: x\n',
        "reports/weekly.md": "---\nchannels: [mastodno]\n---\n",
    }
    assert seen(library(tmp_path, files)) == [
        ("brand/campaigns/winter.md", 3, 6, "date-order"),
        ("brand/campaigns/winter.md", 4, 7, "goal-unknown"),
        ("brand/campaigns/winter.md", 5, 8, "author-unknown"),
        ("brand/goals/lamps.md", 2, 12, "channel-unknown"),
        ("brand/handles.yml", 1, 18, "network-unknown"),
        ("brand/handles.yml", 2, 8, "field-type"),
        ("brand/strategy.md", 2, 20, "channel-unknown"),
        ("brand/team.yml", 2, 34, "author-unknown"),
        ("reports/weekly.md", 2, 12, "channel-unknown"),
    ]


def test_the_pause_switch_says_what_is_held(tmp_path: Path) -> None:
    text = """\
---
pauses:
  - {what: "channel:mastodon", why: Sirens, who: noam, until: 2026-12-08 09:00}
  - {what: everything, why: Earthquake}
"""
    found = library(tmp_path, {"brand/pause.yml": text})
    assert not found.problems
    assert found.brand.pauses == (
        Pause("channel:mastodon", "Sirens", "noam", "2026-12-08 09:00"),
        Pause("everything", "Earthquake"),
    )


UNREADABLE = [
    "pauses: [{what: all, why: x}]",
    "pauses: [{what: everything}]",
    "pauses: {",
    "pause: []",
    "- x",
    "pauses:",
]


@pytest.mark.parametrize("text", UNREADABLE)
def test_a_pause_switch_that_cannot_be_read_holds_everything(tmp_path: Path, text: str) -> None:
    found = library(tmp_path, {"brand/pause.yml": text})
    assert found.problems
    assert [pause.what for pause in found.brand.pauses] == ["everything"]


def test_a_pause_of_what_does_not_exist_is_a_problem(tmp_path: Path) -> None:
    found = library(tmp_path, {"brand/pause.yml": 'pauses: [{what: "channel:mastodn", why: x}]'})
    assert seen(found) == [("brand/pause.yml", 1, 17, "channel-unknown")]
