from __future__ import annotations

import string
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from socialops.measuring.store import LARGEST, METRICS, Reading, append, day_file, read
from socialops.problem import Problem

AT = datetime(2026, 12, 1, 9, 7, tzinfo=UTC)
POST = Reading(AT, "mastodon", "2026-12-01-launch", 0, "likes", 12)
ACCOUNT = Reading(AT, "mastodon", "", 0, "followers", 1203)

slugs = st.builds(
    str.__add__,
    st.sampled_from("abzışțאב0"),
    st.text(st.sampled_from(string.ascii_lowercase + "ışțğאב0123456789-_."), max_size=20),
)
moments = st.datetimes(datetime(2026, 11, 30), datetime(2026, 12, 3)).map(  # noqa: DTZ001 - made aware below
    lambda moment: moment.replace(microsecond=0, tzinfo=UTC)
)
values = st.integers(0, LARGEST)
readings = st.one_of(
    st.builds(
        Reading,
        moments,
        slugs,
        slugs,
        st.integers(0, 24),
        st.sampled_from([name for name, whose in METRICS.items() if whose == "post"]),
        values,
    ),
    st.builds(
        Reading,
        moments,
        slugs,
        st.just(""),
        st.just(0),
        st.sampled_from([name for name, whose in METRICS.items() if whose == "account"]),
        values,
    ),
)


def test_a_day_is_one_sorted_file_of_plain_lines(tmp_path: Path) -> None:
    late = POST._replace(at=AT + timedelta(hours=1), value=15)
    changed = append(tmp_path, [late, POST, ACCOUNT])
    assert changed == [tmp_path / "2026/12/2026-12-01.csv"]
    assert changed[0].read_bytes() == (
        b"at,channel,post,part,metric,value\n"
        b"2026-12-01T09:07:00Z,mastodon,,0,followers,1203\n"
        b"2026-12-01T09:07:00Z,mastodon,2026-12-01-launch,0,likes,12\n"
        b"2026-12-01T10:07:00Z,mastodon,2026-12-01-launch,0,likes,15\n"
    )


@settings(max_examples=60, deadline=None)
@given(first=st.lists(readings, max_size=12), second=st.lists(readings, max_size=12))
def test_what_is_written_is_read_again_once_and_in_order(
    tmp_path_factory: pytest.TempPathFactory, first: list[Reading], second: list[Reading]
) -> None:
    folder = tmp_path_factory.mktemp("metrics")
    append(folder, first)
    append(folder, second)
    problems: list[Problem] = []
    assert read(folder, problems=problems) == sorted(set(first + second))
    assert problems == []


@settings(max_examples=30, deadline=None)
@given(first=st.lists(readings, max_size=12), second=st.lists(readings, max_size=12))
def test_two_jobs_write_the_same_bytes_in_any_order(
    tmp_path_factory: pytest.TempPathFactory, first: list[Reading], second: list[Reading]
) -> None:
    one, two = tmp_path_factory.mktemp("one"), tmp_path_factory.mktemp("two")
    append(one, first)
    append(one, second)
    append(two, second + first)
    assert {file.relative_to(one): file.read_bytes() for file in one.rglob("*.csv")} == {
        file.relative_to(two): file.read_bytes() for file in two.rglob("*.csv")
    }


def test_writing_the_same_again_changes_no_file(tmp_path: Path) -> None:
    append(tmp_path, [POST])
    assert append(tmp_path, [POST]) == []


def test_since_reads_from_that_instant_on(tmp_path: Path) -> None:
    days = [POST._replace(at=AT + timedelta(days=day)) for day in range(3)]
    append(tmp_path, days)
    assert read(tmp_path, since=AT + timedelta(days=1)) == days[1:]
    assert read(tmp_path, since=AT + timedelta(days=1, seconds=1)) == days[2:]


def test_no_folder_means_no_readings(tmp_path: Path) -> None:
    assert read(tmp_path / "nothing") == []


BROKEN = {
    "torn line": "2026-12-01T10:07:00Z,mastodon,2026-12-01-lau",
    "merge mark": "<<<<<<< HEAD",
    "formula": "2026-12-01T10:07:00Z,=cmd,x,0,likes,1",
    "formula as post": "2026-12-01T10:07:00Z,mastodon,@SUM,0,likes,1",
    "negative": "2026-12-01T10:07:00Z,mastodon,x,0,likes,-1",
    "no number": "2026-12-01T10:07:00Z,mastodon,x,0,likes,",
    "words": "2026-12-01T10:07:00Z,mastodon,x,0,likes,many",
    "foreign digits": "2026-12-01T10:07:00Z,mastodon,x,0,likes,٣",
    "other zone": "2026-12-01T10:07:00+03:00,mastodon,x,0,likes,1",
    "no such day": "2026-13-01T10:07:00Z,mastodon,x,0,likes,1",
    "not on the list": "2026-12-01T10:07:00Z,mastodon,x,0,email,1",
    "account number of a post": "2026-12-01T10:07:00Z,mastodon,x,0,followers,1",
    "post number of the account": "2026-12-01T10:07:00Z,mastodon,,0,likes,1",
    "too many cells": "2026-12-01T10:07:00Z,mastodon,x,0,likes,1,2",
    "very long": "9" * 300_000,
    "null": "\0,mastodon,x,0,likes,1",
}


@pytest.mark.parametrize("line", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_line_is_a_warning_and_its_neighbours_are_read(tmp_path: Path, line: str) -> None:
    append(tmp_path, [ACCOUNT, POST])
    file = day_file(tmp_path, AT.date())
    file.write_text(file.read_text() + line + "\n")
    problems: list[Problem] = []
    assert read(tmp_path, problems=problems) == [ACCOUNT, POST]
    assert [(problem.id, problem.file, problem.line) for problem in problems] == [
        ("metrics-line", "reports/data/metrics/2026/12/2026-12-01.csv", 4)
    ]
    assert len(problems[0].message) < 200


def test_line_ends_of_another_system_are_no_fault(tmp_path: Path) -> None:
    append(tmp_path, [ACCOUNT, POST])
    file = day_file(tmp_path, AT.date())
    file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    problems: list[Problem] = []
    assert read(tmp_path, problems=problems) == [ACCOUNT, POST]
    assert problems == []


def test_bytes_that_are_no_text_do_not_stop_the_reading(tmp_path: Path) -> None:
    append(tmp_path, [POST])
    file = day_file(tmp_path, AT.date())
    file.write_bytes(file.read_bytes() + b"\xff\xfe\x00\n")
    assert read(tmp_path) == [POST]


def test_lines_this_version_cannot_read_survive_the_next_append(tmp_path: Path) -> None:
    append(tmp_path, [POST])
    file = day_file(tmp_path, AT.date())
    newer = "2026-12-01T10:07:00Z,mastodon,x,0,views,400"
    file.write_text(file.read_text() + newer + "\n")
    append(tmp_path, [ACCOUNT])
    assert newer in file.read_text().split("\n")


@pytest.mark.parametrize(
    "reading",
    [
        POST._replace(metric="email"),
        POST._replace(metric="followers"),
        ACCOUNT._replace(metric="likes"),
        POST._replace(post="=SUM(A1)"),
        POST._replace(channel="a,b"),
        POST._replace(post="line\nbreak"),
        POST._replace(value=-1),
        POST._replace(value=LARGEST + 1),
        POST._replace(part=-1),
    ],
)
def test_what_must_not_be_kept_is_refused(tmp_path: Path, reading: Reading) -> None:
    with pytest.raises(ValueError, match=r"slug|counter|value"):
        append(tmp_path, [reading])
    assert not list(tmp_path.rglob("*.csv"))


def test_an_unreadable_file_is_a_warning(tmp_path: Path) -> None:
    append(tmp_path, [POST])
    day_file(tmp_path, AT.date() + timedelta(days=1)).mkdir()
    problems: list[Problem] = []
    assert read(tmp_path, problems=problems) == [POST]
    assert [problem.id for problem in problems] == ["metrics-file"]
