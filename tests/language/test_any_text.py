"""Whatever a text is: no error, places that are right, the same for every way to write it, and time in line with it."""

from __future__ import annotations

import sys
import unicodedata
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import socialops.checks.language
from socialops.checks.language.guess import guess_language
from socialops.checks.language.lexicon import Hit, Lexicon, Term
from socialops.checks.language.romanian import bare, cedillas
from socialops.checks.language.words import read_chunk, words

TERMS = [
    Term(text)
    for text in (
        *("free", "gift card", "lamp", "24/7", "100%", "R&D", "don't", "best-in-class", "#sale", "free_shipping", "3D"),
        *("ücretsiz", "ücretsiz kargo", "kitap", "kâr", "ısı", "hediye kartı", "şehir", "Lumen"),
        *("reducere", "piață", "livrare gratuită", "gratuit", "copil"),
        *("מבצע", "משלוח חינם", 'דו"ח', "צ'יפ", "אור", "ערך", "LED"),
    )
]
TERMS += [Term("Lumen Velo", exact_case=True), Term("kargo", inflected=False)]
LEXICON = Lexicon(TERMS)
LANGUAGES = st.sampled_from(["tr", "ro", "he", "en", "fr", "", "tr-TR", "ro-RO"])
PIECES = st.sampled_from(
    [
        *(word for term in TERMS for word in term.text.split()),
        *(
            "İNDİRİM",
            "ISI",
            "isi",
            "kitabı",
            "kargomuz",
            "karar",
            "şehri",
            "kartınız",
            "Ücretsiz'e",
            "Lumen’in",
            "kârlı",
        ),
        *("reducerile", "PIAŢA", "pieţei", "gratuită", "copiii", "livrării", "-ul"),
        *("במבצע", "בְּמִבְצָע", "המשלוח", "הדו״ח", "ערכים", "־", "ה-", "בLED", "וכשה"),
        *(
            "lamps",
            "lamp's",
            "#GiftCard",
            "#giftcard",
            "#sale",
            "guaranteed",
            "https://a.example/free",
            "@free",
            "x@free.com",
        ),
        *(" ", " ", " ", "\n", "\n\n", "-", ".", ",", "'", '"', "#", "_", "/", "%", "*", "\u00a0", "1,5", "2.0"),
        *(
            "\u00ad",
            "\u200b",
            "\u200d",
            "\u2066",
            "\u2069",
            "\u0301",
            "\u0327",
            "\ufe0f",
            "🚲",
            "ＦＲＥＥ",
            "𝗙𝗥𝗘𝗘",
            "ﬁ",
            "①",
        ),
    ]
)
TEXTS = st.lists(PIECES, max_size=14).map("".join)


@given(st.text(), LANGUAGES)
def test_no_text_is_an_error(text: str, lang: str) -> None:
    for hit in LEXICON.find(text, lang):
        assert 0 <= hit.start < hit.end <= len(text)
    assert guess_language(text) in {"", "tr", "ro", "he", "en"}
    assert all(text[word.start : word.end] == word.text for word in words(text))
    assert all(0 <= start < end <= len(text) for start, end in cedillas(text))


@given(st.text(), LANGUAGES)
def test_no_term_is_an_error(text: str, lang: str) -> None:
    lexicon = Lexicon([Term(text), Term(text, exact_case=True), Term(text, inflected=False)])
    found = {hit.term for hit in lexicon.find(text, lang)}
    assert not found.intersection(lexicon.wordless)


@given(TEXTS, LANGUAGES)
def test_the_quick_look_sees_what_the_thorough_one_sees(text: str, lang: str) -> None:
    found = LEXICON.find(text, lang)
    assert found == LEXICON.thoroughly(text, lang)
    assert found == Lexicon(TERMS).find(text, lang)
    assert found == sorted(found, key=lambda hit: (hit.start, -hit.end, hit.term))


@given(TEXTS, LANGUAGES)
def test_a_place_holds_the_term_and_nothing_else(text: str, lang: str) -> None:
    for hit in LEXICON.find(text, lang):
        alone = text[hit.start : hit.end]
        more = " " + "x" * 24 if lang.startswith("ro") and bare(text) else " ă"
        # The words of a hashtag in CamelCase are some only after its sign.
        assert any(
            Hit(len(sign), len(sign) + len(alone), hit.term) in LEXICON.find(sign + alone + more, lang)
            for sign in ("", "#")
        )


@given(TEXTS, LANGUAGES)
def test_accents_written_apart_change_nothing(text: str, lang: str) -> None:
    def found(form: Any) -> list[tuple[str, int]]:
        written = unicodedata.normalize(form, text)
        return [
            (unicodedata.normalize("NFC", written[hit.start : hit.end]), hit.term)
            for hit in LEXICON.find(written, lang)
        ]

    assert found("NFC") == found("NFD")


@given(st.text(alphabet="ab.@#_-'\u0301\u00ad אבÜ1,\"/:hw", max_size=60))
def test_the_words_of_a_chunk_are_where_they_are_said_to_be(text: str) -> None:
    for chunk in text.split():
        found = read_chunk(chunk)
        assert all(chunk[word.start : word.end] == word.text for word in (*found.words, *found.tags))
        assert all(one.end <= two.start for one, two in zip(found.words, found.words[1:], strict=False))


FOLDER = str(Path(next(iter(socialops.checks.language.__path__))))


def steps(text: str, lang: str, terms: list[Term] = TERMS) -> int:
    """Count the lines of the language's code that a search runs, once its table is built."""
    count = 0

    def line(frame: FrameType, event: str, _: object) -> Any:
        nonlocal count
        if not frame.f_code.co_filename.startswith(FOLDER):
            return None
        count += event == "line"
        return line

    lexicon = Lexicon(terms)
    lexicon.find("", lang)
    before = sys.gettrace()
    sys.settrace(line)
    try:
        lexicon.find(text, lang)
    finally:
        sys.settrace(before)
    return count


@pytest.mark.parametrize("lang", ["tr", "ro", "he", "en"])
@pytest.mark.parametrize(
    "unit",
    [
        *("free ", "gift ", "gift card ", "gift - ", "a", "ücretsiz", "#GiftCard", "a.a", "@a", "1,", "ו", "מבצע־"),
        *("\u0301", "free\u0301 ", "'", "a'", '"א', "https://", "www.", "#", "_", "\n\n", "kar", "בב", "- ", "\u200d"),
    ],
)
def test_twice_the_text_is_twice_the_work(unit: str, lang: str) -> None:
    once, twice = steps(unit * 200, lang), steps(unit * 400, lang)
    assert twice <= 2 * once + 100


@pytest.mark.parametrize("lang", ["tr", "ro", "he", "en"])
def test_many_different_words_cost_each_the_same(lang: str) -> None:
    def text(number: int) -> str:
        return " ".join(f"free{chr(97 + n % 26)}{n}x lamp-{n} gift {n}" for n in range(number))

    assert steps(text(200), lang) <= 2.2 * steps(text(100), lang)


@pytest.mark.parametrize(
    "unit", ["a", "1,", "a.", "@", "a@", "#a", "'a", 'א"', "w", "www.", "://", "a\u0301", "-a", "\u00ad"]
)
def test_a_word_without_end_is_no_trap(unit: str) -> None:
    text = unit * 100_000 + "!"
    for lang in ("tr", "he", "en"):
        LEXICON.find(text, lang)


def test_thousands_of_terms_cost_a_text_no_more_than_ten() -> None:
    text = "Two lamps, one free bell, and a gift card for the winner of the night ride."

    few = [Term("lamp"), Term("free"), Term("gift card")]
    many = few + [Term(f"unheard{number}") for number in range(5000)]
    assert len(Lexicon(many).find(text, "en")) == 3
    assert steps(text, "en", many) == steps(text, "en", few)
