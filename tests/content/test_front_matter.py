from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

import frontmatter
import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from socialops.content.frontmatter import Header, Refused, StrictHandler, decode, read_yaml, split


def refused(text: str) -> tuple[str, tuple[int, int]]:
    with pytest.raises(Refused) as caught:
        read_yaml(text)
    return caught.value.id, caught.value.at


def outcome(work: Callable[[], Header]) -> Header | Refused:
    try:
        return work()
    except Refused as fault:
        return fault


def read(data: bytes) -> Header:
    header, _, _ = split(decode(data))
    return read_yaml(header)


def test_values_stay_the_text_that_was_typed() -> None:
    header = read_yaml(
        "lang: no\ntime: 9:30\ncode: 010\nnumber: 1_2\nversion: 1.10\nwhen: 2026-12-01 10:00:00\nyes: on\n"
    )
    assert header.values == {
        "lang": "no",
        "time": "9:30",
        "code": "010",
        "number": "1_2",
        "version": "1.10",
        "when": "2026-12-01 10:00:00",
        "yes": "on",
    }


def test_free_keys_get_the_types_of_yaml_1_2() -> None:
    text = 'params: {a: 010, b: 0x1F, c: 0o17, d: 1e3, e: true, f: "true", g: no, h: ~, i: 2026-12-01, j: .5}\n'
    assert read_yaml(text).values["params"] == {
        "a": 10,
        "b": 31,
        "c": 15,
        "d": 1000.0,
        "e": True,
        "f": "true",
        "g": "no",
        "h": None,
        "i": "2026-12-01",
        "j": 0.5,
    }


def test_every_value_has_its_line_and_column() -> None:
    text = "title: Hi\nmedia:\n  - file: a.jpg\n    alt: 'é'\n  - file: b.jpg\ntags: [x, yy]\n"
    positions = read_yaml(text).positions
    assert positions["title"] == (1, 8)
    assert positions["media.0.alt"] == (4, 10)
    assert positions["media.1.file"] == (5, 11)
    assert positions["tags.1"] == (6, 11)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_positions_count_in_the_file_whatever_its_line_ends(end: str) -> None:
    data = end.join(["---", "title: Ğ", "tags: [a, b]", "---", "Body", ""]).encode()
    header, body, line = split(decode(data))
    assert read_yaml(header).positions["tags.1"] == (3, 11)
    assert (body.rstrip(), line) == ("Body", 5)


def test_a_byte_order_mark_is_tolerated() -> None:
    assert read(b"\xef\xbb\xbf---\ntitle: x\n---\n").values == {"title": "x"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1\na: 2\n", ("yaml-dup-key", (2, 1))),
        ('date: x\n"date": y\n', ("yaml-dup-key", (2, 1))),
        ("a: {b: 1, b: 2}\n", ("yaml-dup-key", (1, 11))),
        ("a: &x 1\n", ("yaml-alias", (1, 4))),
        ("a: *x\n", ("yaml-alias", (1, 4))),
        ("a: &x [1]\n", ("yaml-alias", (1, 4))),
        ("<<: {a: 1}\n", ("yaml-alias", (1, 1))),
        ("a: !!str 1\n", ("yaml-tag", (1, 4))),
        ("a: !x {b: 1}\n", ("yaml-tag", (1, 4))),
        ("a: b\n--- c\n", ("yaml-document", (2, 1))),
        ("a: b\n...\nc: d\n", ("yaml-document", (3, 1))),
        ("%YAML 1.1\n---\na: b\n", ("yaml-document", (1, 1))),
        ("- a\n", ("yaml-mapping", (1, 1))),
        ("just words\n", ("yaml-mapping", (1, 1))),
        ("? [a]\n: b\n", ("yaml-key", (1, 3))),
        ("a: @b\n", ("yaml-syntax", (1, 4))),
        ("a: b: c\n", ("yaml-syntax", (1, 5))),
        ("a: [b\n", ("yaml-syntax", (2, 1))),
        ("a: .inf\n", ("number-range", (1, 4))),
        ("a: -.NaN\n", ("number-range", (1, 4))),
        ("params: {a: 1e999}\n", ("number-range", (1, 13))),
        ("a: " + "9" * 5000 + "\n", ("yaml-number", (1, 4))),
        ("params: {a: 0x" + "f" * 5000 + "}\n", ("yaml-number", (1, 13))),
        ('a: "x\\0y"\n', ("text-control", (1, 4))),
        ('a: "x\\Ny"\n', ("text-control", (1, 4))),
        ('a: "\\u2028"\n', ("text-control", (1, 4))),
        ('a: "\\ud83d"\n', ("text-surrogate", (1, 7))),
        ("a: \ufffe\n", ("text-control", (1, 4))),
    ],
)
def test_what_a_reviewer_cannot_see_is_refused_where_it_stands(
    text: str, expected: tuple[str, tuple[int, int]]
) -> None:
    assert refused(text) == expected


@pytest.mark.parametrize("text", ["a: " + "[" * 3000, "a:\n  " + "- " * 3000, "a: " + "{b: " * 3000, "? " * 3000])
def test_deep_nesting_is_refused_at_once(text: str) -> None:
    start = time.process_time()
    id_, _ = refused(text)
    assert id_ in ("yaml-depth", "yaml-key")
    assert time.process_time() - start < 0.1


def test_twenty_levels_are_read_and_twenty_one_are_not() -> None:
    read_yaml("a: " + "[" * 19 + "x" + "]" * 19)
    assert refused("a: " + "[" * 21 + "x" + "]" * 21)[0] == "yaml-depth"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"---\na: caf\xe9\n---\n", ("text-encoding", (2, 7))),
        (b"---\na: \xed\xa0\xbd\n---\n", ("text-encoding", (2, 4))),
        ("---\na: x\u0085b: y\n---\n".encode(), ("text-control", (2, 5))),
        ("---\na: b\n---\nline\u2028line\n".encode(), ("text-control", (4, 5))),
        (b"---\na: b\x1b[0m\n---\n", ("text-control", (2, 5))),
        (b"---\na: b\rc: d\n---\n", ("text-control", (2, 5))),
        (b"no header\n", ("fm-missing", (1, 1))),
        (b"", ("fm-missing", (1, 1))),
        (b"---\na: b\n", ("fm-unclosed", (1, 1))),
        (b"---\na: b\n----\n", ("fm-unclosed", (1, 1))),
        (b"---", ("fm-unclosed", (1, 1))),
        (b"---\na: " + b"x" * 70_000 + b"\n---\n", ("yaml-size", (1, 1))),
    ],
)
def test_a_file_that_is_no_front_matter_is_one_problem(data: bytes, expected: tuple[str, tuple[int, int]]) -> None:
    with pytest.raises(Refused) as caught:
        read(data)
    assert (caught.value.id, caught.value.at) == expected
    assert caught.value.hint


def test_an_unclosed_header_points_at_the_line_that_was_meant_to_close_it() -> None:
    with pytest.raises(Refused) as caught:
        read("---\na: b\n—\nText\n".encode())
    assert "Line 3" in caught.value.hint


def test_python_frontmatter_reads_our_files_through_our_handler() -> None:
    post = frontmatter.loads("---\nlang: no\n---\nHei.\n", handler=StrictHandler())
    assert (post.metadata, post.content) == ({"lang": "no"}, "Hei.")


@settings(deadline=None, max_examples=400)
@given(st.binary(max_size=400))
@example(b"---\n\xef\xbb\xbf\n---\n")
@example(b"---\n? \n---\n")
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for whole in (data, b"---\n" + data + b"\n---\n"):
        found = outcome(partial(read, whole))
        assert isinstance(found, Header) or (found.id and min(found.at) >= 1)


LETTERS = st.text(st.sampled_from("ab:-?,[]{}#&*!|>'\"%@` \n\t0.1e+~<=\\x…é"), max_size=60)


@settings(deadline=None, max_examples=600)
@given(LETTERS)
def test_yaml_of_every_shape_is_read_or_refused(text: str) -> None:
    found = outcome(lambda: read_yaml(text))
    assert isinstance(found, Header) or (found.hint and min(found.at) >= 1)


@settings(deadline=None, max_examples=300)
@given(LETTERS)
def test_what_is_read_has_the_keys_that_libyaml_itself_finds(text: str) -> None:
    try:
        ours = read_yaml(text).values
    except Refused:
        return
    theirs = yaml.load(text, yaml.CBaseLoader)
    assert list(ours) == list(theirs or {})
