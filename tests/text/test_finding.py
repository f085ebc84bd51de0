"""Addresses, people and hashtags are found where networks find them."""

from __future__ import annotations

import itertools
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from socialops.content.text import find_mentions, find_spans, find_tags, find_urls, fold


@pytest.mark.parametrize(
    ("text", "urls"),
    [
        ("https://example.org", ["https://example.org"]),
        ("HTTP://EXAMPLE.ORG/x", ["HTTP://EXAMPLE.ORG/x"]),
        ("See https://example.org/a, https://example.org/b; and http://c.example!", None),
        ("(https://example.org/a)", ["https://example.org/a"]),
        ("https://en.example/wiki/Lamp_(bicycle)", ["https://en.example/wiki/Lamp_(bicycle)"]),
        ("[https://example.org/?a[]=1]", ["https://example.org/?a[]=1"]),
        ("„https://example.org”", ["https://example.org"]),
        ("“https://example.org/x”", ["https://example.org/x"]),
        ("«https://example.org»", ["https://example.org"]),
        ("https://bücher.example/ü?ö=ä#ß", ["https://bücher.example/ü?ö=ä#ß"]),
        ("https://пример.рф/путь", ["https://пример.рф/путь"]),
        ("https://דוגמה.example/שלום.", ["https://דוגמה.example/שלום"]),
        ("見てhttps://example.jp/灯、次", ["https://example.jp/灯"]),
        ("https://example.jp。次", ["https://example.jp"]),
        ("https://example.org/a\nb", ["https://example.org/a"]),
        ("https://example.org/a\u200bb", ["https://example.org/a"]),
        ("**https://example.org**", ["https://example.org"]),
        ("<https://example.org>", ["https://example.org"]),
        ("xhttps://example.org", []),
        ("example.org/x and www.example.org", []),
        ("https://", []),
        ("https:// example.org", []),
        ("https:///path", []),
        ("mailto:a@example.org", []),
    ],
)
def test_only_addresses_with_a_scheme_without_what_surrounds_them(text: str, urls: list[str] | None) -> None:
    if urls is None:
        urls = ["https://example.org/a", "https://example.org/b", "http://c.example"]
    assert [span.target for span in find_urls(text)] == urls


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("@ayse, @ayse.", ["ayse", "ayse"]),
        ("@somebody@social.example!", ["somebody@social.example"]),
        ("@somebody.bsky.social.", ["somebody.bsky.social"]),
        ("(@a_b-c)", ["a_b-c"]),
        ("@şehir ve @ışık'ın", ["şehir", "ışık"]),
        ("me@example.org", []),
        ("https://social.example/@somebody", []),
        ("https://x.example/?q=@somebody", []),
        ("@ nobody, @", []),
    ],
)
def test_people_but_no_mail_addresses(text: str, people: list[str]) -> None:
    assert [span.target for span in find_mentions(text)] == people


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("#winter #Winter2026", ["winter", "Winter2026"]),
        ("#kış, #ışık. #İzmir!", ["kış", "ışık", "İzmir"]),
        ("#știri #țară", ["știri", "țară"]),
        ("#שָׁלוֹם #אופניים_בעיר", ["שָׁלוֹם", "אופניים_בעיר"]),
        ("#日本・東京 ＃自転車", ["日本・東京", "自転車"]),
        ("(#a)", ["a"]),
        ("#2026 #1 #_", []),
        ("#7up", ["7up"]),
        ("#️⃣ # #", []),
        ("C# a#b &#39; https://example.org/#top", []),
        ("#one#two", ["one"]),
        ("#a-b", ["a"]),
        ("#🚲", []),
    ],
)
def test_hashtags_in_all_scripts_but_no_numbers_and_no_fragments(text: str, tags: list[str]) -> None:
    assert [span.target for span in find_tags(text)] == tags


PIECES = st.sampled_from(
    ["https://example.org/#a", "@ayse", "@a@b.example", "#kış", "#שָׁלוֹם", " ", "\n", "(", ")", ".", "é", "🚲", "a", "。"]
)


@given(st.lists(PIECES).map("".join))
def test_spans_slice_to_their_target_and_never_overlap(text: str) -> None:
    spans = find_spans(text)

    for span in spans:
        words = text[span.start : span.end]
        assert words.lstrip("@#＃") == span.target if span.kind != "link" else words == span.target
    assert all(before.end <= after.start for before, after in itertools.pairwise(spans))


@given(st.text())
def test_any_text_can_be_searched(text: str) -> None:
    for span in find_spans(text):
        assert text[span.start : span.end].endswith(span.target)


@pytest.mark.parametrize(
    "hostile",
    [
        "https://x" + ")" * 20_000,
        "https://" * 5_000,
        "@a" * 20_000,
        "@a." * 10_000,
        "@" * 20_000,
        "#" * 20_000,
        "#ש" * 10_000,
        "https://" + "(" * 10_000 + ")" * 10_000,
    ],
)
def test_hostile_texts_are_searched_in_no_time(hostile: str) -> None:
    begin = time.perf_counter()
    find_urls(hostile)
    find_mentions(hostile)
    find_tags(hostile)
    assert time.perf_counter() - begin < 1


@pytest.mark.parametrize(
    ("one", "other", "lang", "same"),
    [
        ("Winter", "WINTER", "en", True),
        ("IŞIK", "ışık", "tr", True),
        ("İzmir", "izmir", "tr", True),
        ("sınır", "sinir", "tr", False),
        ("SINIR", "sınır", "tr", True),
        ("SINIR", "sinir", "tr", False),
        ("INDIGO", "indigo", "en", True),
        ("İzmir", "izmir", "en", True),
        ("straße", "STRASSE", "de", True),
        ("e\u0301", "É", "ro", True),
    ],
)
def test_case_is_folded_as_the_language_does(one: str, other: str, lang: str, same: bool) -> None:
    assert (fold(one, lang) == fold(other, lang)) is same
