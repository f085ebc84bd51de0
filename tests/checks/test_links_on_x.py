"""An address of which X makes a link of the beginning alone is said, with the address as it works."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builder import workspace
from socialops.checks.check import check
from socialops.content.load import load
from socialops.content.text import find_urls
from socialops.networks.x_text import find_urls as linked_by_x

X = "---\nnetwork: x\nhandle: lumen\nzone: UTC\n---\nX\n"
MASTODON = "---\nnetwork: mastodon\nhandle: '@l@m.example'\nhost: https://m.example\nzone: UTC\n---\nM\n"
JERUSALEM = "%D7%99%D7%A8%D7%95%D7%A9%D7%9C%D7%99%D7%9D"
SPACE = "Put a space where the address ends."


def cuts(folder: Path, words: str, *, channels: str = "x", head: str = "") -> list[tuple[int, str, str]]:
    files = {
        "brand/channels/x.md": X,
        "brand/channels/mastodon.md": MASTODON,
        "posts/post.md": f"---\ndate: 2026-12-01 09:30\nchannels: [{channels}]\n{head}---\n{words}\n",
    }
    found = check(load(workspace(folder, files)))
    return [(problem.line, problem.message, problem.hint) for problem in found if problem.id == "url-cut"]


@pytest.mark.parametrize(
    ("words", "shown", "lost", "hint"),
    [
        ("ראו https://example.orgשלום", "https://example.org", "שלום", SPACE),
        (
            "https://he.wikipedia.org/wiki/ירושלים",
            "https://he.wikipedia.org/wiki/",
            "ירושלים",
            f"Write it as https://he.wikipedia.org/wiki/{JERUSALEM}, or put a space where it ends.",
        ),
        (
            "https://example.org/kış?a=ş",
            "https://example.org/kış?a=",
            "ş",
            "Write it as https://example.org/k%C4%B1%C5%9F?a=%C5%9F, or put a space where it ends.",
        ),
    ],
)
def test_what_x_leaves_out_is_said(tmp_path: Path, words: str, shown: str, lost: str, hint: str) -> None:
    assert cuts(tmp_path, words) == [(5, f"x makes a link of {shown} alone, and leaves out {lost}.", hint)]


def test_the_link_of_a_post_is_judged_where_it_stands(tmp_path: Path) -> None:
    ((line, message, hint),) = cuts(tmp_path, "Read", head="link: https://example.org/חורף\n")
    assert (line, "https://example.org/ alone" in message) == (4, True)
    assert hint == "Write it as https://example.org/%D7%97%D7%95%D7%A8%D7%A3."


@pytest.mark.parametrize(
    "words",
    [
        "https://example.org/kış-ışığı/șțăâî and https://пример.рф/путь",
        "בוקר https://example.org/a, שלום",
        "https://he.wikipedia.org/wiki/%D7%99 and https://example.org/a_(b)",
        "http://localhost/חורף",
    ],
)
def test_what_x_links_whole_or_not_at_all_is_let_be(tmp_path: Path, words: str) -> None:
    assert cuts(tmp_path, words) == []


def test_networks_that_link_the_whole_are_let_be(tmp_path: Path) -> None:
    assert cuts(tmp_path, "https://he.wikipedia.org/wiki/ירושלים", channels="mastodon") == []


@given(st.text(st.sampled_from("אשלום ışığ/.?=#a-"), max_size=12), st.sampled_from(["", "/", "/a", "?q="]))
def test_an_address_ends_on_x_where_ours_does_or_sooner(behind: str, path: str) -> None:
    text = f"ראו https://example.org{path}{behind} סוף"
    ours = {span.start: span.end for span in find_urls(text)}
    for span in linked_by_x(text):
        if span.start in ours:
            assert span.end <= ours[span.start] or text[ours[span.start] : span.end].strip(".,?/#-=") == ""
