"""What is said of posts without a date, on days off, and of those that come again; and of typed UTM parameters."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from builder import CHANNEL, workspace
from socialops.checks.check import check
from socialops.checks.schedule import with_slots
from socialops.compose.agenda import agenda
from socialops.content.load import load

SLOTTED = CHANNEL.replace("zone:", "slots: [tue 09:30]\nzone:")


def found(folder: Path, files: dict[str, str], *only: str) -> list[tuple[str, int, str, str]]:
    """Return (id, line, message, hint) of what a check finds, twice: the second time from the cache."""
    place = workspace(folder, files)
    first = check(load(place))
    assert check(load(place)) == first
    assert [problem for problem in first if problem.file in only] == check(load(place), files=only) or not only
    return [(problem.id, problem.line, problem.message, problem.hint) for problem in first]


def test_the_slot_of_an_undated_post_is_told(tmp_path: Path) -> None:
    files = {"brand/channels/mastodon.md": SLOTTED, "posts/a.md": "---\nchannels: [mastodon]\n---\nAny day\n"}
    content = load(workspace(tmp_path, files))
    told = with_slots(check(content), content, lambda: agenda(content, datetime(2026, 12, 1, 12, tzinfo=UTC)))
    assert [problem.message for problem in told] == [
        "There is no date for mastodon: the post takes the next free slot, Tue 2026-12-08 09:30 Europe/Istanbul."
    ]


def test_every_text_of_a_post_that_comes_again_is_checked_where_it_stands(tmp_path: Path) -> None:
    text = (
        "---\ndate: 2026-12-08 09:30\nchannels: [mastodon]\nrecur:\n  every: week\n  until: 2027-01-31\n"
        f"  variants:\n    - Fine\n    - {'long ' * 101}\n---\nBody\n"
    )
    problems = found(tmp_path, {"posts/a.md": text}, "posts/a.md")
    assert [(id_, line) for id_, line, *_ in problems] == [("text-length", 9)]


def test_outings_stand_beside_the_other_posts_of_their_channel(tmp_path: Path) -> None:
    files = {
        "posts/a.md": "---\ndate: 2026-12-08 09:30\nchannels: [mastodon]\n"
        "recur: {every: week, until: 2027-01-31}\n---\nAgain\n",
        "posts/b.md": "---\ndate: 2026-12-22 09:35\nchannels: [mastodon]\n---\nOnce\n",
        "posts/c.md": "---\ndate: 2026-12-30 09:30\nchannels: [mastodon]\n---\nAgain\n",
    }
    problems = found(tmp_path, files, "posts/b.md")
    assert [(id_, message) for id_, _, message, _ in problems] == [
        ("text-repeated", "mastodon gets these very words in posts/c.md already (2026-12-30)."),
        ("schedule-gap", "On mastodon this goes out 5 minutes after posts/a.md; the least is 10 minutes."),
        ("text-repeated", "mastodon gets these very words in posts/a.md already (2026-12-29)."),
    ]


def test_a_recurring_post_says_what_is_wrong_with_its_rule(tmp_path: Path) -> None:
    head = "---\nchannels: [mastodon]\n"
    rules = {
        "date: 2026-12-08T09:30:00+03:00\nrecur: {every: week, until: 2027-01-31}": "recur-date",
        "date: 2026-12-08 09:30\nrecur: {every: week, until: 2026-12-07}": "recur-date",
        "date: 2026-12-08 09:30\nrecur: {every: month, on: [tue], until: 2027-01-31}": "recur-invalid",
        "date: 2026-12-08 09:30\nrecur: {every: 0 days, until: 2027-01-31}": "recur-invalid",
        "date: 2026-12-08 09:30\nrecur: {every: week, until: 2027-01-31, cooldown: 0d}": "recur-invalid",
        "date: 2026-12-08 09:30\nrecur: {every: week}": "field-missing",
        "date: 2026-12-08 09:30\nrecur: weekly": "field-type",
    }
    for number, (lines, rule) in enumerate(rules.items()):
        problems = found(tmp_path / str(number), {"posts/a.md": f"{head}{lines}\n---\nHello\n"})
        assert [id_ for id_, *_ in problems] == [rule], lines


def test_typed_utm_parameters_are_found_wherever_they_stand(tmp_path: Path) -> None:
    files = {
        "brand/campaigns/winter.md": "---\ntitle: W\nutm: {medium: social}\n---\nBrief\n",
        "posts/a.md": "---\ndate: 2026-12-08 09:30\nchannels: [mastodon]\ncampaign: winter\n"
        "link: https://e.example/?utm_source=me&UTM_medium=x\n---\nSee https://f.example/?a=1&utm_term=y\n",
    }
    problems = [problem for problem in found(tmp_path, files) if problem[0] == "utm-typed"]
    assert problems == [
        (
            "utm-typed",
            5,
            "utm_source and UTM_medium are typed into this address.",
            "Take them out: the campaign winter adds them to the post's `link:` by itself.",
        ),
        (
            "utm-typed",
            7,
            "utm_term is typed into this address.",
            "Take it out: the campaign winter adds it to the post's `link:` by itself.",
        ),
    ]


def test_a_channels_parameters_come_from_the_same_list(tmp_path: Path) -> None:
    files = {
        "brand/strategy.md": "---\ntitle: S\nutm: {media: [podcast]}\nchannels: {mastodon: All}\n---\nProse\n",
        "brand/channels/mastodon.md": CHANNEL.replace("zone:", "utm: {medium: podcst, source: Us}\nzone:"),
    }
    problems = found(tmp_path, files)
    assert [(id_, hint) for id_, _, _, hint in problems] == [
        ("utm-unknown", "Did you mean podcast? `utm: {media: […]}` of the strategy adds one."),
        ("utm-value", "Write us"),
    ]


def test_outings_after_the_last_planned_post_leave_no_gaps(tmp_path: Path) -> None:
    files = {
        "brand/rhythm.md": "---\ntitle: Rhythm\nrules:\n  - id: BR001\n    summary: No silence\n"
        "    reason: People ask.\n    cadence: {longest_gap: 10}\n---\nProse\n",
        "posts/a.md": "---\ndate: 2026-12-08 09:30\nchannels: [mastodon]\n"
        "recur: {every: 2 weeks, until: 2027-03-31}\n---\nAgain\n",
        "posts/b.md": "---\ndate: 2026-12-23 09:30\nchannels: [mastodon]\n---\nOnce\n",
    }
    problems = [message for id_, _, message, _ in found(tmp_path, files) if id_ == "BR001"]
    assert problems == ["Before this, mastodon has no post for 14 days (since 2026-12-08): 10 is the most."]
