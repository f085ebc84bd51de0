"""Rules about paid posts: they say that somebody paid, early enough to be seen before anybody decides to read on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from socialops.checks.guidelines.hearing import Finding, Hearing

if TYPE_CHECKING:
    from socialops.content.guidelines import BrandRule


def judge_disclosure(rule: BrandRule, hearing: Hearing) -> Iterator[Finding]:
    """Find paid posts that do not say so, or too late."""
    post = hearing.case.post
    if not post.paid:
        return
    settings, lang = rule.settings, hearing.lang
    words = settings.words.get(lang) or settings.words.get(lang.partition("-")[0])
    if not words:
        hint = f"Add the words for {lang or 'it'} to {rule.page}, or give the post another `lang:`."
        yield Finding(post.at("paid"), f"Nobody said how a paid post is marked in {lang or 'no language'}.", hint)
        return
    first = hearing.main[0] if hearing.main else None
    listed = " or ".join(words)
    hint = f"Write {words[0]} among the first words of the text; a hashtag under `tags:` stands at its end."
    places = [
        found.start
        for passage, found in hearing.words(rule)
        if passage is first and found.role in (lang, lang.partition("-")[0])
    ]
    if not places:
        yield Finding(post.at("paid"), f"This post is paid for, and does not say so: {listed} is missing.", hint)
    elif min(places) >= settings.within:
        message = f"{listed} comes too late: it belongs into the first {settings.within} characters."
        yield Finding(post.at("paid"), message, hint)
