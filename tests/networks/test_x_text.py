"""X's counting, against its own conformance suite, and against emoji that the suite is too old to know.

Sections of the suite that say nothing of how a text is counted are not run: mentions, lists, replies, hashtags (how X
finds those is not what a post is measured by), valid usernames and URLs (forms of input), and `tweets`, which is about
the limit of 140 characters that the other sections replaced.
"""

from __future__ import annotations

import functools
import itertools
import unicodedata
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from socialops.networks.x_text import find_cashtags, find_urls, weigh, weighted_length

SUITE = Path(__file__).parent.parent / "vectors" / "twitter-text"


@functools.cache
def suite(name: str) -> dict[str, Any]:
    read: dict[str, Any] = yaml.load((SUITE / f"{name}.yml").read_text("utf-8"), Loader=yaml.CSafeLoader)
    return read


def cases(name: str, *sections: str) -> list[Any]:
    return [
        pytest.param(section, case, id=f"{section}-{case['description']}")
        for section in sections
        for case in suite(name)["tests"][section]
    ]


def utf16(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


@pytest.mark.parametrize(
    ("section", "case"),
    cases(
        "validate",
        "WeightedTweetsCounterTest",
        "WeightedTweetsWithDiscountedEmojiCounterTest",
        "UnicodeDirectionalMarkerCounterTest",
    ),
)
def test_texts_weigh_what_the_suite_says(section: str, case: dict[str, Any]) -> None:
    text = case["text"]
    composed = unicodedata.normalize("NFC", text)
    weight = weigh(text, 280, emoji_whole=section != "WeightedTweetsCounterTest")
    assert case["expected"] == {
        "weightedLength": weight.length,
        "valid": weight.valid,
        "permillage": weight.length * 1000 // 280,
        "displayRangeStart": 0,
        "displayRangeEnd": utf16(text) - 1,
        "validRangeStart": 0,
        "validRangeEnd": utf16(composed[: weight.fits]) - 1 + utf16(text) - utf16(composed),
    }
    if section != "WeightedTweetsCounterTest":
        assert weighted_length(text) == weight.length


@pytest.mark.parametrize(
    ("section", "case"),
    cases("extract", "urls", "urls_with_indices", "urls_with_directional_markers", "tco_urls_with_params"),
)
def test_addresses_are_what_the_suite_says(section: str, case: dict[str, Any]) -> None:
    found = find_urls(case["text"])
    placed = any(isinstance(expected, dict) for expected in case["expected"])
    assert case["expected"] == [
        {"url": span.target, "indices": [span.start, span.end]} if placed else span.target for span in found
    ]


@pytest.mark.parametrize("kind", ["country", "generic"])
def test_every_domain_of_the_suite_ends_an_address(kind: str) -> None:
    names = suite("tld_lib")[kind]
    addresses = [f"https://twitter.{name}" for name in names]
    assert len(names) > 300
    assert [span.target for address in addresses for span in find_urls(address)] == addresses


@pytest.mark.parametrize(("section", "case"), cases("extract", "cashtags", "cashtags_with_indices"))
def test_cashtags_are_what_the_suite_says(section: str, case: dict[str, Any]) -> None:
    placed = any(isinstance(expected, dict) for expected in case["expected"])
    assert case["expected"] == [
        {"cashtag": tag, "indices": [start, end]} if placed else tag for start, end, tag in find_cashtags(case["text"])
    ]


# --- Emoji ------------------------------------------------------------------------------------------------------------

NEW = {
    "13.1": ["😶‍🌫️", "❤️‍🔥", "🧔‍♀️", "👩🏻‍❤️‍👨🏿"],
    "14": ["🫠", "🫱🏻‍🫲🏿", "🫶🏽", "🟰", "🧌"],
    "15": ["🫨", "🩷", "🫏", "🪿", "🛜", "🫸🏿"],
    "15.1": ["🙂‍↔️", "🐦‍🔥", "🍋‍🟩", "⛓️‍💥", "🧑‍🧑‍🧒‍🧒", "🚶🏽‍♀️‍➡️", "👩🏾‍🦽‍➡️"],
    "16": ["🫩", "🫆", "🪾", "🫜", "🪉", "🪏", "🫟", "🇨🇶"],
    "17": ["\U0001faea", "\U0001f6d8", "\U0001fac8", "\U0001facd", "👯🏽", "🧑🏻‍\U0001f430‍🧑🏿"],
    "not yet": ["\U0001fabf‍🔥", "\U0001faff", "\U0001fafd"],
}


@pytest.mark.parametrize("version", NEW)
def test_emoji_that_came_after_the_suite_count_two(version: str) -> None:
    assert {emoji: weighted_length(emoji) for emoji in NEW[version]} == dict.fromkeys(NEW[version], 2)


def test_every_emoji_that_has_a_name_counts_two() -> None:
    from rich._emoji_codes import EMOJI

    # © and ® alone are signs of text, and become emoji with U+FE0F.
    strange = {emoji: weighted_length(emoji) for emoji in EMOJI.values() if weighted_length(emoji) != 2}
    assert strange == {"©": 1, "®": 1}
    assert len(EMOJI) > 3000
    assert weighted_length("".join(EMOJI["thumbs_up"] for _ in range(140))) == 280


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("👨‍👩‍👧‍👦", 2),
        ("👍🏽👍", 4),
        ("🇹🇷🇷🇴🇮🇱", 6),
        ("🇹", 2),
        ("🏴󠁧󠁢󠁥󠁮󠁧󠁿", 2),
        ("1️⃣#⃣", 4),
        ("1#*", 3),
        ("©️", 2),
        ("☺︎", 4),
        ("☺☺️", 4),
        ("🐱🏽", 4),
        ("👩‍", 3),
        ("‍", 1),
        ("", 0),
        ("Kış geldi", 9),
        ("אור בחורף", 9),
        ("שָׁלוֹם", 7),
        ("Ağaç çiçek açtı — “öyle”…", 26),
        ("日本", 4),
        ("ok.\n\nhttps://example.org/k%C4%B1%C5%9F?utm_source=x", 28),
        ("lumenvelo.example", 17),
        ("See example.org!", 4 + 23 + 1),
    ],
)
def test_a_text_counts(text: str, length: int) -> None:
    assert weighted_length(text) == length


def test_what_fits_ends_before_what_does_not() -> None:
    weight = weigh("ab 👨‍👩‍👧‍👦 c", 4)
    assert (weight.length, weight.fits, weight.valid) == (7, 3, False)
    assert weigh("e\u0301" * 3, 3) == weigh("é" * 3, 3)
    assert weigh("", 280).valid is False
    assert weigh("a\ufeffb", 280) == weigh("a\uffffb", 280)


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("あ" * 20_000 + ".zzz", 40_004),
        ("あ" * 20_000 + ".zzz_.com", 40_009),
        ("a." * 10_000, 20_000),
        ("a." * 9_000 + "あ.com", 18_006),
        ("a.com_." * 3_000, 21_018),
        ("https://e.org/" + "(a" * 9_000, 23 + 18_000),
        ("👩🏽‍🚀" * 5_000 + ".com", 10_004),
    ],
    ids=lambda value: str(value)[:8],
)
def test_a_text_that_is_made_to_take_long_takes_no_longer_than_another(text: str, length: int) -> None:
    # Tried at every place, the first of these takes minutes.
    assert weighted_length(text) == length


PIECES = st.sampled_from(
    [
        "a",
        "ı",
        "ש",
        "日",
        "👩🏽",
        "\u200d",
        "\ufe0f",
        "🇹🇷",
        ".",
        " ",
        "\n",
        "https://",
        "example.org",
        "/kış",
        "t.co/",
        "@",
        "$",
        "。",
        "xn--",
    ]
)


@given(st.one_of(st.text(), st.lists(PIECES).map("".join)))
def test_counting_never_fails_and_agrees_with_itself(text: str) -> None:
    length = weighted_length(text)
    weight = weigh(text, 280)
    composed = unicodedata.normalize("NFC", text)
    assert length == weight.length
    assert length == weighted_length(composed)
    assert 0 <= weight.fits <= len(composed)
    assert weighted_length(composed[: weight.fits]) <= 280 or find_urls(composed)
    spans = find_urls(text)
    assert [text[span.start : span.end] for span in spans] == [span.target for span in spans]
    assert all(first.end <= second.start for first, second in itertools.pairwise(spans))


@given(st.text(st.characters(codec="utf-8")))
def test_a_text_with_lone_halves_of_characters_is_counted_too(text: str) -> None:
    assert weighted_length(text + "\ud800") == weighted_length(text) + 2 or "." in text
