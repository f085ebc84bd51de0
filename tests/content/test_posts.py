from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from socialops.content.post import Kind, MediaReference, Post, Visibility
from socialops.content.posts import default_id, parse_post, split_thread
from socialops.problem import Problem

FULL = """\
---
id: winter-launch
title: Winter launch
date: 2026-12-01 09:30
draft: true
channels:
  mastodon: {}
  bluesky: {text: "Shorter", date: 2026-12-01 10:00, tags: [kış], media: [], visibility: public}
kind: image
campaign: winter-2026
pillar: product
audience: commuters
authors: [ayse, noam]
lang: tr
tags: [kış, "#lamba"]
categories: [lamps]
description: The brief.
link: https://example.org/winter
media:
  - file: winter.jpg
    alt: A lamp
    focus: [0, -0.5]
    part: 2
  - lamp.png
poll: {options: [Yes, No], duration: 2d, multiple: true}
visibility: unlisted
content_warning: Snow
expires: 2026-12-24 12:00
late_ok: 6h
repeat: true
params: {shot: {lens: 35}, on: yes}
---

First part.
---
Second part.
"""


def post_of(text: str, path: str = "posts/a.md") -> Post:
    post, problems, _ = parse_post(text.encode(), path)
    assert post is not None, problems
    return post


def problems_of(text: str, path: str = "posts/a.md") -> list[Problem]:
    return parse_post(text.encode(), path)[1]


def ids(problems: list[Problem]) -> list[str]:
    return [problem.id for problem in problems]


def header(lines: str, body: str = "Hello.") -> str:
    return f"---\nchannels: [mastodon]\n{lines}\n---\n{body}\n"


def test_a_post_says_everything_its_header_says() -> None:
    post = post_of(FULL)
    assert post.id == "winter-launch"
    assert post.date is not None
    assert post.date.text == "2026-12-01 09:30"
    assert post.draft
    assert [entry.channel for entry in post.channels] == ["mastodon", "bluesky"]
    assert post.entry("mastodon").text is None
    assert post.entry("bluesky").text == "Shorter"
    assert post.entry("bluesky").tags == ("kış",)
    assert post.entry("bluesky").media == ()
    assert post.entry("bluesky").visibility is Visibility.PUBLIC
    assert post.kind is Kind.IMAGE
    assert post.tags == ("kış", "lamba")
    assert post.media == (MediaReference("winter.jpg", "A lamp", (0.0, -0.5), 2), MediaReference("lamp.png"))
    assert post.poll is not None
    assert (post.poll.options, post.poll.duration, post.poll.multiple) == (("Yes", "No"), timedelta(days=2), True)
    assert post.late_ok == timedelta(hours=6)
    assert post.repeat
    assert post.params == {"shot": {"lens": 35}, "on": "yes"}
    assert post.parts == ("First part.", "Second part.")
    assert post.part_lines == (34, 36)
    assert len(post.digest) == 64
    assert not problems_of(FULL)


def test_a_place_is_found_for_both_forms_of_channels() -> None:
    assert post_of(FULL).at("channels", "bluesky", "text") == (8, 19)
    assert post_of(header("draft: true")).at("channels", "mastodon") == (2, 12)
    assert post_of(FULL).at("media", 0, "nowhere") == (20, 5)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("posts/2026/12/2026-12-01-launch.md", "2026-12-01-launch"),
        ("posts/2026/launch/index.md", "launch"),
        ("posts/a.b.md", "a.b"),
    ],
)
def test_the_id_is_the_name_of_the_file_or_of_its_folder(path: str, expected: str) -> None:
    assert default_id(path) == expected
    assert post_of(header("draft: true"), path).id == expected


@pytest.mark.parametrize(
    ("lines", "expected", "hint"),
    [
        ("tags: #ai", [("field-empty", 3, 6)], "# begins a comment"),
        ("date:", [("field-empty", 3, 6)], "Write a value"),
        ("campaign: ~", [("field-empty", 3, 11)], "leave the line out"),
        ("daet: 2026-12-01 10:00", [("key-unknown", 3, 1)], "Did you mean date?"),
        ("publish_at: 2026-12-01 10:00", [("key-unknown", 3, 1)], "Did you mean date?"),
        ("publishDate: 2026-12-01 10:00", [("key-unknown", 3, 1)], "Did you mean date?"),
        ("scheduled: 2026-12-01 10:00", [("key-unknown", 3, 1)], "Did you mean date?"),
        ("hashtags: [a]", [("key-unknown", 3, 1)], "Did you mean tags?"),
        ("image: a.jpg", [("key-unknown", 3, 1)], "Did you mean media?"),
        ("language: tr", [("key-unknown", 3, 1)], "Did you mean lang?"),
        ("Title: x", [("key-unknown", 3, 1)], "Did you mean title?"),
        ("priority: 3", [("key-unknown", 3, 1)], "params"),
        ("media: [{file: a.jpg, alt_text: x}]", [("key-unknown", 3, 23)], "Did you mean alt?"),
        ("tags: kış", [("field-type", 3, 7)], "tags: [kış]"),
        ("title: [a]", [("field-type", 3, 8)], "one text"),
        ("poll: yes", [("field-type", 3, 7)], "`name: value`"),
        ("draft: maybe", [("field-type", 3, 8)], "true or false"),
        ("late_ok: soon", [("field-type", 3, 10)], "3h"),
        ("kind: storey", [("field-choice", 3, 7)], "Did you mean story?"),
        ("visibility: everyone", [("field-choice", 3, 13)], "public, unlisted"),
        ("date: 2026-02-30T10:00:00Z", [("date-invalid", 3, 7)], "Check the day"),
        ("date: 2026-12-01T10:00:60Z", [("date-invalid", 3, 7)], "clock"),
        ("date: 2026-12-01 24:00", [("date-invalid", 3, 7)], "clock"),
        ("date: tomorrow", [("date-invalid", 3, 7)], "2026-12-01 09:30"),
        ("date: 2026-12-01", [("date-clock", 3, 7)], "2026-12-01 09:30"),
        ("id: Café", [("id-invalid", 3, 5)], "small letters"),
        ("id: ../x", [("id-invalid", 3, 5)], "small letters"),
        ("lang: Turkish", [("lang-invalid", 3, 7)], "tr"),
        ("tags: [two words]", [("tag-invalid", 3, 8)], "one word"),
        ("media: [{file: a.jpg, focus: [2, 0]}]", [("number-range", 3, 31)], "at most"),
        ("media: [{file: a.jpg, focus: [0]}]", [("field-length", 3, 30)], "[0, 0]"),
        ("media: [{alt: x}]", [("field-missing", 3, 9)], "file"),
        ("media: [{file: a.jpg, part: 2}]", [("media-part", 3, 29)], "counted from 1"),
        ("poll: {options: [one]}", [("field-length", 3, 17)], "1"),
        ('authors: [""]', [("field-empty", 3, 11)], "value"),
    ],
)
def test_a_mistake_has_its_place_and_says_what_to_do(
    lines: str, expected: list[tuple[str, int, int]], hint: str
) -> None:
    problems = problems_of(header(lines))
    assert [(problem.id, problem.line, problem.column) for problem in problems] == expected
    assert hint in problems[0].hint


def test_every_mistake_of_a_header_is_told_at_once() -> None:
    assert sorted(ids(problems_of(header("daet: x\ntags: #ai\nkind: y")))) == [
        "field-choice",
        "field-empty",
        "key-unknown",
    ]


@pytest.mark.parametrize(
    ("channels", "expected"),
    [
        ("[mastodon, mastodon]", "channel-twice"),
        ("[{mastodon: {}}]", "field-type"),
        ("mastodon", "field-type"),
        ("{mastodon: }", "field-empty"),
        ("{mastodon: {txt: x}}", "key-unknown"),
        ("[]", "field-missing"),
    ],
)
def test_channels_are_names_or_a_mapping(channels: str, expected: str) -> None:
    assert ids(problems_of(f"---\nchannels: {channels}\n---\nHello.\n")) == [expected]


def test_a_post_that_says_nothing_is_a_problem_unless_something_else_speaks() -> None:
    assert ids(problems_of(header("title: x", ""))) == ["post-empty"]
    assert not problems_of(header("media: [a.jpg]", ""))
    assert not problems_of("---\nchannels: {mastodon: {text: Hello}}\n---\n")


def test_a_draft_may_be_unfinished() -> None:
    assert not problems_of("---\ndraft: true\ndate: 2026-12-01\n---\n")


def test_a_post_of_more_than_64_kb_is_refused() -> None:
    assert ids(problems_of(header("title: x", "x" * 70_000))) == ["file-size"]


def test_parts_are_split_by_exactly_three_dashes_outside_code() -> None:
    text = "One -- still one.\n\n---  \n\n```\n---\n```\n~~~~\n---\n~~~\n---\n~~~~\n---\nThree\n"
    thread = split_thread(text, 10)
    assert thread.parts == ("One -- still one.", "```\n---\n```\n~~~~\n---\n~~~\n---\n~~~~", "Three")
    assert thread.lines == (10, 14, 23)
    assert not thread.faults


@pytest.mark.parametrize("line", ["---thread---", "--thread--", "-- Part --", "—"])
def test_what_looks_like_a_separator_is_said_to_be_none(line: str) -> None:
    thread = split_thread(f"One\n{line}\nTwo", 5)
    assert thread.parts == ("One", "Two")
    assert [(fault[0], fault[1]) for fault in thread.faults] == [("thread-separator", 6)]
    assert "---" in thread.faults[0][3]


def test_a_thread_of_25_parts_is_the_longest() -> None:
    assert not split_thread("\n---\n".join("x" * 25)).faults
    (fault,) = split_thread("\n---\n".join("x" * 26)).faults
    assert fault[:2] == ("thread-length", 51)


@pytest.mark.parametrize(("text", "line"), [("One\n---\n", 3), ("---\nTwo", 1), ("One\n---\n\n---\nThree", 3)])
def test_an_empty_part_is_a_problem(text: str, line: int) -> None:
    (fault,) = split_thread(text).faults
    assert fault[:2] == ("thread-empty", line)


def test_crlf_bodies_are_split_like_others() -> None:
    post, problems, _ = parse_post(header("draft: true", "One\n---\nTwo").replace("\n", "\r\n").encode(), "posts/a.md")
    assert post is not None
    assert not problems
    assert (post.parts, post.part_lines) == (("One", "Two"), (5, 7))


@settings(deadline=None, max_examples=300)
@given(st.text(st.sampled_from("ab-~` \n—thread"), max_size=80), st.integers(1, 50))
def test_each_part_begins_on_its_line(text: str, line: int) -> None:
    rows = text.split("\n")
    thread = split_thread(text, line)
    for part, begins in zip(thread.parts, thread.lines, strict=True):
        if part:
            assert rows[begins - line].rstrip() == part.split("\n")[0].rstrip()


KEYS = st.sampled_from(
    [
        "title",
        "date",
        "tags",
        "channels",
        "media",
        "poll",
        "draft",
        "kind",
        "params",
        "x",
        "focus",
        "file",
        "late_ok",
        "id",
    ]
)
VALUES = st.recursive(
    st.sampled_from(["", "x", "2026-12-01", "true", "~", "3h", "[a]", "{a: b}", "- c", "'q'", "é", "1.5"]),
    lambda inner: st.lists(inner, max_size=3).map(lambda items: "[" + ", ".join(items) + "]"),
    max_leaves=6,
)


@settings(deadline=None, max_examples=300)
@given(st.lists(st.tuples(KEYS, VALUES), max_size=6), st.text(max_size=40))
def test_any_header_gives_a_post_or_problems(pairs: list[tuple[str, str]], body: str) -> None:
    text = "---\n" + "".join(f"{key}: {value}\n" for key, value in pairs) + f"---\n{body}"
    post, problems, _ = parse_post(text.encode("utf-8", "surrogatepass"), "posts/a.md")
    assert post is not None or problems
    assert all(problem.message and problem.hint and problem.line >= 1 for problem in problems)
