"""Terms are found in the words they are in, and in no others; where they are is said of the text as it was written."""

from __future__ import annotations

import pytest

from socialops.checks.language.lexicon import Lexicon, Term


def found(lang: str, text: str, *terms: str | Term) -> list[tuple[str, int]]:
    lexicon = Lexicon([Term(term) if isinstance(term, str) else term for term in terms])
    return [(text[hit.start : hit.end], hit.term) for hit in lexicon.find(text, lang)]


def test_the_longest_comes_first_at_one_place() -> None:
    assert found("en", "A free gift card!", "free", "free gift card", "gift card") == [
        ("free gift card", 1),
        ("free", 0),
        ("gift card", 2),
    ]


def test_a_term_of_another_language_is_not_looked_for() -> None:
    assert found("tr", "Sale", Term("sale", "en")) == []
    assert found("en-GB", "Sale", Term("sale", "en")) == [("Sale", 0)]


def test_case_counts_where_it_is_asked_for() -> None:
    name = Term("Lumen Velo", exact_case=True)
    assert found("en", "Lumen Velo's lamps, lumen velo, LUMEN VELO", name) == [("Lumen Velo's", 0)]
    assert found("tr", "Lumen Velo'nun lambası", name) == [("Lumen Velo'nun", 0)]
    assert found("en", "lumen velo", "Lumen Velo") == [("lumen velo", 0)]


def test_a_word_alone_has_no_endings() -> None:
    assert found("tr", "Kargolar kargo", Term("kargo", inflected=False)) == [("kargo", 0)]
    assert found("he", "במבצע מבצע", Term("מבצע", inflected=False)) == [("מבצע", 0)]


def test_words_are_joined_by_spaces_and_hyphens_only() -> None:
    term = "gift card"
    for joint in (" ", "\n", "-", "\u00a0", " **"):
        assert len(found("en", f"gift{joint}card", term)) == 1, joint
    for joint in (", ", ". ", "\n\n", " / ", " and "):
        assert found("en", f"gift{joint}card", term) == []


@pytest.mark.parametrize(
    "text",
    [
        "https://a.example/free",
        "www.free.com/free",
        "@free",
        "free@example.org",
        "(example.com/free)",
        "@me@free.social",
    ],
)
def test_addresses_and_names_are_no_words(text: str) -> None:
    assert found("en", f"See {text} now", "free") == []


def test_a_hashtag_is_one_word_and_in_camel_case_several() -> None:
    assert found("tr", "#ücretsizkargo", "ücretsiz", "kargo") == []
    assert found("tr", "#ÜcretsizKargo", "ücretsiz", "kargo") == [("Ücretsiz", 0), ("Kargo", 1)]
    assert found("tr", "#ücretsizkargo", "ücretsiz kargo") == [("ücretsizkargo", 0)]
    assert found("tr", "#reklam reklam", "#reklam") == [("#reklam", 0)]


def test_a_term_without_words_is_told() -> None:
    assert Lexicon([Term("free"), Term("!!!"), Term("")]).wordless == (1, 2)
    assert found("en", "!!!", "!!!") == []
