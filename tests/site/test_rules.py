"""The rules of the style guide on the site: what, why, like this, not like this, where, since when; and exceptions."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest

from site_stage import Stage, post, stage

VOICE = """\
---
title: Voice
rules:
  - id: BR001
    severity: error
    summary: No hurry
    reason: It works once.
    lang: [en, tr]
    channels: mastodon
    since: 2026-11-01
    approver: manager
    words: {en: [cyclist: rider], tr: [acele]}
    good: {lang: en, text: "Come by, riders.", approver: ayse}
    bad: ["A cyclist.", "Acele!"]
  - id: BR002
    summary: Pictures without words
    reason: "They are read by *nobody* <b>."
    by_hand: true
  - id: BR003
    summary: No brackets
    reason: They are read out.
    pattern: "[()]"
    good: a
    bad: (a)
---
Calm.
"""
FILES: dict[str, str | bytes] = {
    "brand/voice.md": VOICE,
    "brand/team.yml": "people:\n  ayse: {name: Ayşe, title: Manager, roles: [manager]}\n",
    "posts/one.md": post(
        "A cyclist.",
        date="2026-12-08 09:30",
        title="One",
        lang="en",
        waive='{BR001: {reason: "The title of a film", by: ayse, until: 2026-12-31}}',
    ),
    "posts/two.md": post("(Hello)", date="2026-12-09 09:30", title="Two", lang="en"),
}


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    return stage(tmp_path, FILES).build()


def words(text: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


def test_a_rule_says_what_why_where_since_when_and_who_may_lift_it(docs: Path) -> None:
    text = (docs / "style-guide/voice.md").read_text("utf-8")
    said = words(text)

    assert "BR001 No hurry" in said
    assert "error · English and Turkish · channel mastodon · since Sun 1 Nov · exceptions: Ayşe may allow one" in said
    assert "It works once." in said
    assert "cyclist → rider" in said
    assert "Like this Come by, riders. approver: ayse Not like this A cyclist. Acele!" in said
    assert '<section class="so-rule" id="br001"' in text
    assert "1 claimed" in said


def test_rules_about_pictures_and_times_say_what_they_want_and_show_their_examples(tmp_path: Path) -> None:
    rules = {
        "palette: {least: 0.6}": ('{colours: ["#16213e"]}', "/brand/no.png"),
        "picture_size: {width: 1200, height: 1000, kilobytes: 250}": ("1600 × 1000", "{picture: 9 × 9}"),
        "logo: {clear: 0.25, least: 24, corners: [top left, bottom right]}": (
            "{picture: 900 × 900, logo: [50, 60, 40, 40]}",
            "{picture: 900 × 900, logo: [0, 0, 0.2, 0.1]}",
        ),
        "quiet: [sun, {10 November: The day he died}]": ("2026-12-07 09:00", "{text: Rest, date: 2026-12-06 09:00}"),
        "cadence: {least: 1, most: 4, longest_gap: 10}": ("{posts: [2026-12-07 09:00, 2026-12-08 09:00]}", "x"),
        "mix: strategy": ("{posts: {city: 2, safety: 1}}", "{posts: {city: 2}}"),
    }
    page = "---\ntitle: Look\nparams: {palette: {Night: '#16213e'}}\nrules:\n"
    for number, (rule, (good, bad)) in enumerate(rules.items(), 1):
        lines = (f"summary: S{number}", "reason: R", rule, f"good: {good}", f"bad: {bad}")
        page += f"  - id: BR0{number}\n" + "".join(f"    {line}\n" for line in lines)
    strategy = "---\npillars: [{name: city, share: 0.6}, {name: safety, share: 0.4}]\n---\nProse.\n"
    docs = stage(tmp_path, {"brand/look.md": page + "---\nProse.\n", "brand/strategy.md": strategy}).build()
    text = (docs / "style-guide/look.md").read_text("utf-8")
    said = words(text)

    for clause in (
        "at least 60 % of a picture · within ΔE 10 of the palette Like this a picture in #16213e",
        "Not like this /brand/no.png",
        "at least 1200 × 1000 pixels · at most 250 kB Like this 1600 × 1000 Not like this 9 × 9",
        "free on every side: 0.25 of its height · at least 24 pixels · only top left or bottom right Like this",
        "900 × 900 logo: 50 from the left, 60 from the top, 40 × 40 large",
        "sun · The day he died (10 November) Like this 2026-12-07 09:00 Not like this Rest goes out: 2026-12-06 09:00",
        "at least 1 post in a week · at most 4 posts in a week · at most 10 days from one post to the next",
        "Like this 2026-12-07 09:00 2026-12-08 09:00 Not like this x",
        "city 50 to 70 % · safety 30 to 50 % · over 4 weeks of at least 10 posts Like this 2 × city and 1 × safety",
    ):
        assert clause in said
    assert '<rect width="10" height="10" fill="#16213e"/>' in text


def test_a_rule_for_people_says_so_and_its_words_are_shown_as_typed(docs: Path) -> None:
    said = words((docs / "style-guide/voice.md").read_text("utf-8"))

    assert "BR002 Pictures without words checked by people They are read by *nobody* <b>." in said
    assert "Looks for [()]" in said


def test_exceptions_are_listed_with_who_and_why(docs: Path) -> None:
    text = (docs / "style-guide/exceptions.md").read_text("utf-8")

    assert "One BR001 No hurry The title of a film ayse Thu 31 Dec" in words(text)
    assert 'href="voice.html#br001"' in text
    assert 'href="../post/one.html"' in text


def test_a_finding_on_a_posts_page_leads_to_its_rule(docs: Path) -> None:
    assert 'href="../style-guide/voice.html#br003"' in (docs / "post/two.md").read_text("utf-8")


def test_without_exceptions_the_page_says_how_to_claim_one_and_without_rules_there_is_none(tmp_path: Path) -> None:
    files = {name: text for name, text in FILES.items() if name != "posts/one.md"}
    made = stage(tmp_path, files)
    assert "waive: {BR001: {reason: …, by: …}}" in words(
        (made.build() / "style-guide/exceptions.md").read_text("utf-8")
    )

    (tmp_path / "brand/voice.md").write_text("---\ntitle: Voice\n---\nCalm.\n", "utf-8")
    assert not (Stage(made.workspace).build() / "style-guide/exceptions.md").exists()
