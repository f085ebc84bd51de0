"""Texts in which a library and we must find the same places: what is between braces is a link."""

from __future__ import annotations

import re

from socialops.networks.draft import Span

TEXTS = (
    "{plain} and {plain}",
    "Kış geldi, {ışığı açın} İğdır'da {Şehir}",
    "אור בחורף, {הדליקו את האור} עכשיו {כאן}",
    "Lumină pentru {iarnă și țară}, ăâîșț {aici}",
    "🚲{🔦}👩‍👩‍👧‍👦 family {👩🏽‍🚀 in space} ❄️",
    "e\u0301 is not é: {e\u0301te\u0301} and {été}",
    "🇹🇷🇮🇱🇷🇴 {flags 🏴󠁧󠁢󠁥󠁮󠁧󠁿} 𝒳 {𝒴}",
    "a\n\n{b}\n\tשלום {c}\u200f",
)


def linked(text: str) -> tuple[str, tuple[Span, ...]]:
    """Return a text without its braces, and a link for each pair of them."""
    plain, spans = "", []
    for number, piece in enumerate(re.split(r"[{}]", text)):
        if number % 2:
            target = f"https://example.org/{number}?a=1&b=ı"
            spans.append(Span(len(plain), len(plain) + len(piece), "link", target))
        plain += piece
    return plain, tuple(spans)
