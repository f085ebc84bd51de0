"""Rules of the style guide about times, and about many posts at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from inline_snapshot import snapshot

from builder import CHANNEL, workspace
from checks.examples import BLUESKY, found_in
from checks.test_guidelines import TEAM, guide
from socialops.checks.check import check
from socialops.checks.guidelines.calendar import JUDGES, Turn
from socialops.content.guideline_schema import CadenceHeader, MixHeader
from socialops.content.guidelines import BrandRule
from socialops.content.load import Content, load
from socialops.problem import Problem
from socialops.workspace import Settings, Workspace

STRATEGY = """\
---
pillars:
  - {name: safety, share: 0.5}
  - {name: city, share: 0.3}
  - {name: product, share: 0.2}
---
Prose.
"""


def planned(when: str, *fields: str, channels: str = "[mastodon]", text: str = "") -> str:
    return (
        "\n".join(["---", f"date: {when}", f"channels: {channels}", *fields, "---", text or f"Hello on {when}"]) + "\n"
    )


def judged(
    folder: Path, rule: str, posts: Sequence[str], today: date | None = None, more: Mapping[str, str] | None = None
) -> list[Problem]:
    """Return what a rule finds in posts that are named by their number."""
    files: dict[str, str | bytes] = {
        "brand/channels/bluesky.md": BLUESKY,
        "brand/voice.md": guide(rule),
        "brand/team.yml": TEAM,
        "brand/strategy.md": STRATEGY,
        **{f"posts/{number:02}.md": post for number, post in enumerate(posts, 1)},
        **(more or {}),
    }
    problems = check(load(workspace(folder, files), cache=False), today=today)
    return [problem for problem in problems if problem.id.startswith(("BR", "waiver-"))]


def told(problems: Sequence[Problem]) -> list[str]:
    return [f"{problem.file}:{problem.line}:{problem.column} {problem.message}" for problem in problems]


# --- Quiet times ---


def test_a_post_in_a_quiet_time_is_told_with_its_clock_its_reason_and_when_it_is_over(tmp_path: Path) -> None:
    rule = "quiet: [22:00 to 07:00, {10 November: The day he died}]"
    (found,) = judged(tmp_path, rule, [planned("2026-11-10 09:30"), planned("2026-11-11 09:30")])

    assert told([found]) == snapshot(
        [
            (
                "posts/01.md:2:7 This goes out on Tuesday 2026-11-10 at 09:30 (Europe/Istanbul), a quiet time: "
                "The day he died (10 November)."
            )
        ]
    )
    assert found.hint == snapshot(
        "Move it: from Wednesday 2026-11-11 07:00 on there is no quiet time. Why: Reason 1. (brand/voice.md: Summary 1)"
    )


def test_the_clock_is_that_of_each_channel(tmp_path: Path) -> None:
    # 07:30 in Istanbul is 06:30 in Bucharest, in winter.
    (found,) = judged(
        tmp_path, "quiet: 22:00 to 07:00", [planned("2026-12-01T07:30:00+03:00", channels="[mastodon, bluesky]")]
    )

    assert "06:30 (Europe/Bucharest)" in found.message
    assert found.message.endswith("22:00 to 07:00 (bluesky).")


@pytest.mark.parametrize(
    ("when", "breaks"),
    [
        ("2026-10-25T03:30:00+03:00", True),  # the first half past three in Bucharest
        ("2026-10-25T03:30:00+02:00", True),  # and the second
        ("2026-10-25T04:00:00+02:00", False),
        ("2027-03-28T02:59:00+02:00", False),
        ("2027-03-28T04:00:00+03:00", False),  # three o'clock does not exist
    ],
)
def test_clocks_that_change_are_those_that_people_see(tmp_path: Path, when: str, breaks: bool) -> None:
    found = judged(tmp_path, "quiet: 03:00 to 04:00", [planned(when, channels="[bluesky]")])

    assert bool(found) is breaks


@pytest.mark.parametrize(
    ("scope", "fields", "breaks"),
    [
        ("lang: ro", ("lang: ro",), True),
        ("lang: ro", ("lang: en",), False),
        ("channels: bluesky", (), False),
        ("pillars: city", ("pillar: city",), True),
        ("until: 2026-10-29", (), False),
    ],
)
def test_a_quiet_time_holds_in_its_scope(tmp_path: Path, scope: str, fields: tuple[str, ...], breaks: bool) -> None:
    found = judged(tmp_path, f"{scope}\nquiet: 30 October", [planned("2026-10-30 17:30", *fields)])

    assert bool(found) is breaks


def test_the_own_time_of_a_channel_is_where_the_finding_stands(tmp_path: Path) -> None:
    post = planned("2026-10-29 17:30", channels="{mastodon: {date: 2026-10-30 17:30}}")
    (found,) = judged(tmp_path, "quiet: 30 October", [post])

    assert (found.line, found.column) == (3, 29)


def test_a_post_without_a_date_is_not_judged_and_an_exception_is_one(tmp_path: Path) -> None:
    undated = "---\nchannels: [mastodon]\n---\nHello\n"
    waived = planned("2026-10-30 17:30", "waive: {BR001: {reason: They asked for it, by: ayse}}")

    assert judged(tmp_path, "quiet: 00:00 to 24:00", [undated, waived]) == []


# --- Cadence ---

WEEK = ["2026-11-02 09:00", "2026-11-03 09:00", "2026-11-06 09:00"]


def test_what_is_too_much_in_a_week_is_told_at_the_later_posts(tmp_path: Path) -> None:
    days = [*WEEK, "2026-11-08 23:30", "2026-11-09 09:00"]
    found = judged(tmp_path, "cadence: {most: 2}", [planned(day) for day in days])

    assert told(found) == snapshot(
        [
            "posts/03.md:2:7 This is post 3 on mastodon in the week from 2026-11-02 to 2026-11-08: 2 is the most.",
            "posts/04.md:2:7 This is post 4 on mastodon in the week from 2026-11-02 to 2026-11-08: 2 is the most.",
        ]
    )


def test_each_channel_is_counted_by_itself_and_in_its_own_zone(tmp_path: Path) -> None:
    # Monday 00:30 in Istanbul is Sunday 23:30 in Bucharest.
    days = ["2026-11-02T00:30:00+03:00", "2026-11-08T12:00:00+02:00"]
    found = judged(tmp_path, "cadence: {most: 1}", [planned(day, channels="[mastodon, bluesky]") for day in days])

    assert told(found) == [
        "posts/02.md:2:7 This is post 2 on mastodon in the week from 2026-11-02 to 2026-11-08: 1 is the most."
    ]


def test_drafts_and_practice_are_not_counted_unless_a_rule_names_the_practice_channel(tmp_path: Path) -> None:
    practice = {"brand/channels/practice.md": CHANNEL.replace("---\nOur", "sandbox: true\n---\nOur")}
    posts = [*(planned(day, channels="[practice]") for day in WEEK), planned("2026-11-04 09:00", "draft: true")]

    assert judged(tmp_path / "1", "cadence: {most: 1}", posts, more=practice) == []
    assert len(judged(tmp_path / "2", "channels: practice\ncadence: {most: 1}", posts, more=practice)) == 2


def test_too_little_is_told_of_whole_weeks_between_the_first_and_the_last_post(tmp_path: Path) -> None:
    days = ["2026-11-04 09:00", "2026-11-10 09:00", "2026-11-26 09:00"]
    found = judged(tmp_path, "cadence: {least: 2}", [planned(day) for day in days])

    assert told(found) == snapshot(
        [
            (
                "brand/voice.md:4:5 mastodon has 0 posts in the week from 2026-11-16 to 2026-11-22: 2 is the least. "
                "The last one before it is of 2026-11-10."
            ),
            "posts/02.md:2:7 mastodon has 1 post in the week from 2026-11-09 to 2026-11-15: 2 is the least.",
        ]
    )


def test_a_gap_is_told_at_the_post_that_ends_it(tmp_path: Path) -> None:
    days = ["2026-11-04 09:00", "2026-11-11 18:00", "2026-11-19 00:10"]
    found = judged(tmp_path, "cadence: {longest_gap: 7}", [planned(day) for day in days])

    assert told(found) == snapshot(
        ["posts/03.md:2:7 Before this, mastodon has no post for 8 days (since 2026-11-11): 7 is the most."]
    )


def test_what_is_over_is_not_told(tmp_path: Path) -> None:
    days = ["2026-11-04 09:00", "2026-11-19 09:00", "2026-12-10 09:00"]
    posts = [planned(day) for day in days]
    for number, (today, least, gaps) in enumerate(
        [(date(2026, 11, 15), 4, 2), (date(2026, 11, 16), 3, 2), (date(2026, 11, 20), 3, 1), (date(2026, 12, 11), 0, 0)]
    ):
        assert len(judged(tmp_path / f"{number}a", "cadence: {least: 2}", posts, today)) == least
        assert len(judged(tmp_path / f"{number}b", "cadence: {longest_gap: 7}", posts, today)) == gaps


WAIVE = "waive: {BR001: {reason: A recall, by: ayse}}"


@pytest.mark.parametrize(
    ("rule", "days", "waiving", "found"),
    [
        ("{most: 2}", WEEK, 2, []),
        ("{most: 2}", WEEK, 0, []),
        ("{most: 1}", WEEK, 0, ["posts/03.md BR001"]),
        ("{most: 3}", WEEK, 0, ["posts/01.md waiver-unused"]),
        ("{most: 2}\nlang: tr", WEEK, 2, ["posts/03.md waiver-unused"]),
        ("{longest_gap: 2}", WEEK, 2, []),
        ("{longest_gap: 2}", WEEK, 0, ["posts/01.md waiver-unused", "posts/03.md BR001"]),
        ("{least: 2}", ["2026-11-02 09:00", "2026-11-12 09:00", "2026-11-16 09:00"], 1, []),
    ],
)
def test_exceptions_work_for_many_posts(
    tmp_path: Path, rule: str, days: Sequence[str], waiving: int, found: list[str]
) -> None:
    posts = [planned(day, *([WAIVE] if number == waiving else [])) for number, day in enumerate(days)]
    problems = judged(tmp_path, f"cadence: {rule}", posts)

    assert [f"{problem.file} {problem.id}" for problem in problems] == found


def test_an_exception_that_nobody_entitled_allows_is_none(tmp_path: Path) -> None:
    posts = [planned(day, "waive: {BR001: {reason: A recall, by: mert}}") for day in WEEK]
    found = judged(tmp_path, "cadence: {most: 2}", posts)

    assert sorted(problem.id for problem in found) == ["BR001", "waiver-approver", "waiver-approver", "waiver-approver"]


# --- Mix ---


def mixed(*pillars: str, start: str = "2026-11-02") -> list[str]:
    first = date.fromisoformat(start)
    return [
        planned(f"{first + timedelta(days=number)} 09:00", f"pillar: {pillar}") for number, pillar in enumerate(pillars)
    ]


def test_a_mix_that_is_not_the_strategys_is_told_at_the_rule(tmp_path: Path) -> None:
    found = judged(tmp_path, "mix: strategy", mixed(*["safety"] * 5, *["city"] * 5))

    assert told(found) == snapshot(
        [
            (
                "brand/voice.md:4:5 0 of the 10 posts from 2026-11-02 to 2026-11-29 are about product (0%): "
                "10 to 30 % is what we want."
            ),
            (
                "brand/voice.md:4:5 5 of the 10 posts from 2026-11-02 to 2026-11-29 are about city (50%): "
                "20 to 40 % is what we want."
            ),
        ]
    )
    assert found[0].hint.startswith("Give the next free time to product, or change what we want.")
    assert found[1].hint.startswith("Give the next free times to other pillars, or change what we want.")


@pytest.mark.parametrize(
    ("settings", "breaks"),
    [
        ("{}", None),
        ("strategy", True),
        ("{fewest_posts: 11}", False),
        ("{within: 0.2}", False),
        ("{shares: {city: 0.5 to 0.5}}", False),
        ("{shares: {city: 0 to 0.4}}", True),
        ("{weeks: 1, fewest_posts: 8}", False),
    ],
)
def test_a_mix_is_held_against_what_is_wanted(tmp_path: Path, settings: str, breaks: bool | None) -> None:
    found = judged(tmp_path, f"mix: {settings}", mixed(*["safety"] * 5, *["city"] * 5))

    assert bool(found) is bool(breaks)


def test_few_posts_say_nothing(tmp_path: Path) -> None:
    assert judged(tmp_path, "mix: strategy", mixed(*["city"] * 9)) == []


def test_windows_one_after_another_are_told_once_where_it_is_worst(tmp_path: Path) -> None:
    posts = mixed(*["safety", "city"] * 7, *["city"] * 14)
    found = judged(tmp_path, "mix: {weeks: 2, shares: {city: 0 to 0.4}}", posts)

    assert [problem.message for problem in found] == [
        "14 of the 14 posts from 2026-11-16 to 2026-11-29 are about city (100%): 0 to 40 % is what we want."
    ]


def test_posts_of_windows_that_are_over_are_not_told(tmp_path: Path) -> None:
    posts = mixed(*["city"] * 12)

    assert judged(tmp_path / "1", "mix: {weeks: 2, shares: {city: 0 to 0.4}}", posts, date(2026, 11, 15))
    assert judged(tmp_path / "2", "mix: {weeks: 2, shares: {city: 0 to 0.4}}", posts, date(2026, 11, 16)) == []


def test_a_post_with_an_exception_does_not_count_in_the_mix(tmp_path: Path) -> None:
    posts = [post.replace("---\n", f"---\n{WAIVE}\n", 1) for post in mixed(*["city"] * 2)]
    posts += mixed(*["safety"] * 5, *["city"] * 3, *["product"] * 2, start="2026-11-04")

    assert judged(tmp_path / "1", "mix: {within: 0.05}", posts) == []
    assert (
        len(judged(tmp_path / "2", "mix: {within: 0.05}", [post.replace(WAIVE, "repeat: true") for post in posts])) == 2
    )


def test_a_share_of_a_pillar_that_does_not_exist_is_told(tmp_path: Path) -> None:
    rule = "mix: {shares: {safty: 0.2 to 0.4}}\ngood: {posts: {safty: 1, city: 2}}\nbad: {posts: {city: 2}}"
    files = {"brand/voice.md": guide(rule), "brand/strategy.md": STRATEGY}
    found = [problem for problem in found_in(tmp_path, files) if problem.id == "pillar-unknown"]

    assert [(problem.message, problem.hint) for problem in found] == [
        ("There is no pillar 'safty'.", "Did you mean safety?")
    ]


# --- All of it, by chance ---

TURNS = st.lists(
    st.tuples(
        st.datetimes(datetime.fromisoformat("2026-10-01"), datetime.fromisoformat("2027-01-31")),
        st.sampled_from(["safety", "city", "product"]),
    ),
    min_size=1,
    max_size=40,
)
NOTHING = Content(Workspace(Path("/nowhere"), Settings()))


def turns_of(drawn: Sequence[tuple[datetime, str]]) -> list[Turn]:
    return [Turn(number, "mastodon", due, pillar) for number, (due, pillar) in enumerate(sorted(drawn))]


@given(TURNS, st.integers(0, 4), st.integers(0, 12))
def test_cadence_is_what_counting_by_hand_gives(drawn: list[tuple[datetime, str]], most: int, gap: int) -> None:
    turns = turns_of(drawn)
    rule = BrandRule("BR001", "cadence", CadenceHeader(least=0, most=most, longest_gap=gap), "brand/voice.md")
    found = list(JUDGES["cadence"](rule, turns, NOTHING, frozenset(), None))
    weeks = [turn.due.isocalendar()[:2] for turn in turns]
    over = {number for number, week in enumerate(weeks) if weeks[:number].count(week) >= most}
    late = {
        number
        for number in range(1, len(turns))
        if turns[number].due.toordinal() - turns[number - 1].due.toordinal() > gap
    }

    assert sorted(finding.turn.post for finding in found if finding.turn) == sorted([*over, *late])


@given(TURNS, st.integers(1, 6), st.integers(1, 12))
def test_a_mix_is_told_exactly_when_some_window_lacks_it(
    drawn: list[tuple[datetime, str]], weeks: int, fewest: int
) -> None:
    turns = turns_of(drawn)
    header = MixHeader.model_validate(
        {"weeks": str(weeks), "fewest_posts": str(fewest), "shares": {"safety": "0.25 to 0.5"}}
    )
    rule = BrandRule("BR001", "mix", header, "brand/voice.md")
    found = list(JUDGES["mix"](rule, turns, NOTHING, frozenset(), None))
    monday = turns[0].due.date() - timedelta(days=turns[0].due.weekday())
    windows = []
    while True:
        end = monday + timedelta(weeks=weeks)
        windows.append([turn.pillar for turn in turns if monday <= turn.due.date() < end])
        if end > turns[-1].due.date():
            break
        monday += timedelta(weeks=1)
    shares = [window.count("safety") / len(window) for window in windows if len(window) >= fewest]

    assert bool(found) is any(share < 0.25 or share > 0.5 for share in shares)


# --- Examples, and what is kept ---


def test_a_mix_without_shares_has_nothing_to_be_held_against(tmp_path: Path) -> None:
    files = {"brand/voice.md": guide("mix: strategy\ngood: {posts: {city: 1}}\nbad: {posts: {city: 2}}")}
    found = [problem for problem in found_in(tmp_path, files) if problem.file == "brand/voice.md"]

    assert [problem.message for problem in found] == ["BR001 has no shares to hold posts against."] * 2


GOOD = "good: {posts: 2026-11-02 09:00}"


@pytest.mark.parametrize(
    ("rule", "good", "bad", "messages"),
    [
        ("quiet: sun", "good: 2026-12-07 09:00", "bad: 2026-12-06 09:00", []),
        ("quiet: sun", "good: {text: Rest, date: 2026-12-07 09:00}", "bad: {date: 2026-12-06 09:00}", []),
        ("quiet: sun", "good: 2026-12-06 09:00", "bad: 2026-12-07 09:00", ["BR001 minds this", "BR001 does not mind"]),
        ("quiet: sun", "good: 2026-12-07 09:00", "bad: On Sunday", ["'On Sunday' is not a date."]),
        ("cadence: {most: 1}", GOOD, "bad: {posts: [2026-11-02 09:00, 2026-11-08 09:00]}", []),
        ("cadence: {most: 1}", GOOD, "bad: Too many", ["This example does not show what BR001 is about."]),
        ("cadence: {most: 1}", GOOD, "bad: {posts: {city: 3}}", ["This example does not show what BR001 is about."]),
        ("mix: strategy", "good: {posts: {safety: 5, city: 3, product: 2}}", "bad: {posts: {city: 2}}", []),
        ("mix: strategy", "good: {posts: {city: 2}}", "bad: {posts: {city: 2}}", ["BR001 minds this good example: 0"]),
    ],
)  # fmt: skip
def test_examples_of_times_are_tried(tmp_path: Path, rule: str, good: str, bad: str, messages: list[str]) -> None:
    files = {"brand/voice.md": guide(f"{rule}\n{good}\n{bad}"), "brand/strategy.md": STRATEGY}
    found = [problem for problem in found_in(tmp_path, files) if problem.file == "brand/voice.md"]

    assert [p.message[: len(m)] for p, m in zip(found, messages, strict=True)] == messages
    assert {problem.id for problem in found} <= {"guideline-example"}


def test_what_is_kept_gives_the_same_as_judging_anew(tmp_path: Path) -> None:
    rules = guide("cadence: {most: 2}", "mix: {fewest_posts: 2}", "quiet: [10 November]", "cadence: {longest_gap: 7}")
    files = {
        "brand/voice.md": rules,
        "brand/team.yml": TEAM,
        "brand/strategy.md": STRATEGY,
        **{f"posts/{number:02}.md": post for number, post in enumerate(mixed(*["city"] * 5, *["safety"] * 5))},
        "posts/10.md": planned("2026-11-30 09:00", "pillar: city", "waive: {BR004: {reason: Rest, by: ayse}}"),
    }
    here = workspace(tmp_path, files)

    def found(*, cache: bool, today: date | None = None, only: Sequence[str] | None = None) -> list[Problem]:
        return check(load(here, cache=cache), today=today, files=only)

    for today in (date(2026, 11, 3), date(2026, 11, 3), date(2026, 12, 24), None):
        assert found(cache=True, today=today) == found(cache=False, today=today)
    assert found(cache=True, today=date(2026, 12, 24)) != found(cache=True, today=date(2026, 11, 3))
    (tmp_path / "posts/03.md").write_text(planned("2026-11-05 09:00", "pillar: product"), "utf-8")
    assert found(cache=True) == found(cache=False)
    assert [p for p in found(cache=True) if p.file == "posts/04.md"] == found(cache=True, only=["posts/04.md"])
