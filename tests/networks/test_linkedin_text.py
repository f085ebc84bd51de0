"""LinkedIn's `little` text: nothing of what was written is lost, and what is counted is what people see."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from networks.stub_linkedin import RESERVED, read_little
from socialops.content.text import Span, find_spans
from socialops.networks.linkedin_text import escaped, little, says_the_same, shown, units, visible

SCRIPTS = st.characters(exclude_categories=["Cs"])
TEXTS = st.text(st.one_of(st.sampled_from(RESERVED + " \n#@＃aışțאב🚲\u200d"), SCRIPTS), max_size=40)
URNS = st.sampled_from(["urn:li:organization:77", "urn:li:person:Ylpq-RobP9", "urn:li:share:7", "somebody", ""])
SPANS = st.lists(
    st.builds(
        Span,
        st.integers(-2, 42),
        st.integers(-2, 42),
        st.sampled_from(["link", "mention", "tag"]),
        URNS,
    ),
    max_size=6,
)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("", ""),
        ("Kış geldi", "Kış geldi"),
        (RESERVED, "\\\\\\|\\{\\}\\@\\[\\]\\(\\)\\<\\>\\#\\*\\_\\~"),
        ("C# (and F#)", "C\\# \\(and F\\#\\)"),
        ("a\nb", "a\nb"),
        ("→ ✅ \u200fשלום", "→ ✅ \u200fשלום"),
        ("https://example.org/a_b?c=(1)#d~e", "https://example.org/a\\_b?c=\\(1\\)\\#d\\~e"),
        ("#kış", "{hashtag|\\#|kış}"),
        ("#kış_ışık.", "{hashtag|\\#|kış\\_ışık}."),
        ("＃冬", "{hashtag|＃|冬}"),
        ("(#חורף)", "\\({hashtag|\\#|חורף}\\)"),
        ("Mail a@b.example", "Mail a\\@b.example"),
        ("@somebody", "\\@somebody"),
    ],
)
def test_a_text_is_written_for_linkedin(text: str, written: str) -> None:
    assert little(text, find_spans(text)) == written
    assert read_little(written)[0] == text
    assert shown(written) == text


@pytest.mark.parametrize(
    ("text", "span", "written"),
    [
        ("Hi Işık Bağı!", Span(3, 12, "mention", "urn:li:organization:7"), "Hi @[Işık Bağı](urn:li:organization:7)\\!"),
        ("@Işık", Span(0, 5, "mention", "urn:li:person:a_b-c"), "@[Işık](urn:li:person:a_b-c)"),
        ("A (B) [C]", Span(0, 9, "mention", "urn:li:organization:7"), "@[A \\(B\\) \\[C\\]](urn:li:organization:7)"),
        ("@x", Span(0, 2, "mention", "urn:li:organization:7)x("), "\\@x"),
        ("@x", Span(0, 2, "mention", "urn:li:share:7"), "\\@x"),
        ("@ ", Span(0, 2, "mention", "urn:li:organization:7"), "\\@ "),
        ("# x", Span(0, 3, "tag", " x"), "\\# x"),
        ("x#", Span(1, 2, "tag", ""), "x\\#"),
        ("abc", Span(2, 9, "mention", "urn:li:organization:7"), "abc"),
        ("abc", Span(2, 1, "tag", "x"), "abc"),
    ],
)
def test_only_what_can_be_an_element_becomes_one(text: str, span: Span, written: str) -> None:
    assert little(text, (span,)) == written.replace("\\!", "!")
    assert shown(little(text, (span,))) == visible(text, (span,))


def test_of_two_spans_that_overlap_the_first_counts() -> None:
    spans = (Span(2, 6, "tag", "kış"), Span(0, 4, "mention", "urn:li:organization:7"))
    assert little("Ab#kış", spans) == "@[Ab#k](urn:li:organization:7)ış".replace("#", "\\#")


@given(TEXTS, SPANS)
def test_nothing_is_cut_off_whatever_is_written(text: str, spans: list[Span]) -> None:
    written = little(text, spans)
    assert read_little(written)[0] == visible(text, spans)
    assert shown(written) == visible(text, spans)


@given(TEXTS)
def test_what_people_wrote_is_what_people_see(text: str) -> None:
    spans = find_spans(text)
    seen, mentions, tags = read_little(little(text, spans))
    assert seen == text
    assert mentions == []
    assert tags == [text[span.start + 1 : span.end] for span in spans if span.kind == "tag"]


@given(TEXTS)
def test_a_text_without_spans_is_escaped_throughout(text: str) -> None:
    assert little(text, ()) == escaped(text)
    assert visible(text, ()) == text
    assert len(escaped(text)) == len(text) + sum(character in RESERVED for character in text)


@given(st.text())
def test_units_are_those_of_utf_16(text: str) -> None:
    assert units(text) == sum(2 if ord(character) > 0xFFFF else 1 for character in text)


@pytest.mark.parametrize(
    ("text", "length"), [("", 0), ("ı", 1), ("🚲", 2), ("👨‍👩‍👧", 8), ("\ud800", 1), ("e\u0301", 2)]
)
def test_units_of_some_texts(text: str, length: int) -> None:
    assert units(text) == length


@given(st.text())
def test_anything_read_from_linkedin_can_be_shown_and_compared(text: str) -> None:
    assert says_the_same(text, text)
    assert says_the_same(shown(text), f"  {shown(text)}\n")


@pytest.mark.parametrize(
    ("ours", "theirs", "same"),
    [
        ("Kış  geldi\n", "Kış geldi", True),
        ("café", "cafe\u0301", True),
        ("Kış", "Kis", False),
        ("I", "ı", False),
        ("See https://example.org/kış now", "See https://lnkd.in/gY now", True),
        ("See https://example.org/kış", "See https://example.org/other", False),
        ("See https://example.org/a https://example.org/b", "See https://lnkd.in/gY https://example.org/b", True),
        ("See https://example.org/a", "See", False),
        ("See https://example.org/a", "See https://lnkd.in.example.org/a", False),
        ("", "", True),
    ],
)
def test_texts_are_the_same_but_for_what_linkedin_changes(ours: str, theirs: str, *, same: bool) -> None:
    assert says_the_same(ours, theirs) is same
