"""Characters are counted as readers and networks do."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from socialops.content.text import Span, byte_offsets, countable, graphemes, mastodon_length, utf8_length


@pytest.mark.parametrize(
    ("text", "characters", "octets"),
    [
        ("", 0, 0),
        ("Winter", 6, 6),
        ("Görünürlük: ışık, İzmir", 23, 31),
        ("Iarnă în oraș: țevi și lămpi", 28, 34),
        ("שלום עולם", 9, 17),
        ("שָׁלוֹם", 4, 14),
        ("🚲", 1, 4),
        ("🐦\u200d🔥", 1, 11),
        ("👨\u200d👩\u200d👧\u200d👦", 1, 25),
        ("🇹🇷🇮🇱🇷🇴", 3, 24),
        ("🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", 1, 28),
        ("1️⃣#️⃣", 2, 14),
        ("👍🏽", 1, 8),
        ("🫱🏻\u200d🫲🏿", 1, 19),
        ("❤️", 1, 6),
        ("क्षि", 1, 12),
        ("한국", 2, 6),
        ("\r\n", 1, 2),
        ("cafe\u0301", 4, 6),
        ("a\u0301\u0302\u0303b", 2, 8),
    ],
)
def test_characters_and_bytes_of_four_languages_and_emoji(text: str, characters: int, octets: int) -> None:
    assert graphemes(text) == characters
    assert utf8_length(text) == octets


@given(st.text())
def test_the_quick_count_agrees_with_the_segmentation(text: str) -> None:
    import regex

    assert graphemes(text) == len(regex.findall(r"\X", text))


@given(st.lists(st.sampled_from("aIışțשָׁ🚲👍🏽\u200d🔥🇹🇷1️⃣\u20e3\r\n \u0301é–„”…₺€"), max_size=30))
def test_the_quick_count_agrees_where_characters_of_all_kinds_meet(characters: list[str]) -> None:
    import regex

    text = "".join(characters)
    assert graphemes(text) == len(regex.findall(r"\X", text))


@pytest.mark.parametrize(
    ("text", "counted"),
    [
        ("https://example.org/a/very/long/path?with=a&long=query", 23),
        ("https://a.b", 23),
        ("See https://example.org.", 4 + 23 + 1),
        ("example.org/winter", 18),
        ("@somebody@social.example hi", 12),
        ("@somebody@social.example@x", len("@somebody@x")),
        ("@somebody hi", 12),
        ("mail me@example.org", 19),
        ("https://social.example/@somebody@other.example", 23),
        ("(https://en.example/wiki/Lamp_(bicycle))", 25),
        ("見て https://example.jp/灯、次", 3 + 23 + 2),
        ("HTTPS://EXAMPLE.ORG/", 23),
        ("ftp://example.org/", 18),
        ("🐦\u200d🔥 https://example.org", 25),
    ],
)
def test_mastodon_shortens_addresses_and_hosts_of_people(text: str, counted: int) -> None:
    assert mastodon_length(text) == counted


def test_a_content_warning_is_counted_and_its_addresses_are_not_shortened() -> None:
    warning = "Accident, https://example.org/a/long/address"

    assert mastodon_length("https://example.org/a/long/address", warning) == len(warning) + 23


def test_a_server_may_reserve_another_length_for_addresses() -> None:
    assert mastodon_length("https://example.org/winter", url_length=30) == 30


@given(st.text(), st.text())
def test_counts_are_never_negative_and_never_larger_than_the_text_without_entities(text: str, warning: str) -> None:
    assert mastodon_length(text, warning) >= 0
    if "://" not in text:
        assert graphemes(countable(text)) <= graphemes(text)


@given(st.text(max_size=40), st.text(max_size=10), st.text(max_size=10))
def test_byte_offsets_slice_the_same_words_out_of_the_bytes(before: str, words: str, after: str) -> None:
    text = before + words + after
    span = Span(len(before), len(before) + len(words), "tag", words)

    [(start, end)] = byte_offsets(text, [span])

    assert text.encode()[start:end].decode() == words


def test_byte_offsets_of_the_example_in_blueskys_documentation() -> None:
    text = "✨ example mentioning @atproto.com to share the URL 👨\u200d❤️\u200d👨 https://en.wikipedia.org/wiki/CBOR."
    mention = text.index("@atproto.com")

    assert byte_offsets(text, [Span(mention, mention + 12, "mention", "atproto.com")]) == [(23, 35)]
