"""Rules about words: to avoid, to have, to spell right, and topics that somebody has to look at."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from socialops.checks.guidelines.hearing import Finding, Hearing
from socialops.content.patterns import search
from socialops.content.style_guide import entitled

if TYPE_CHECKING:
    from socialops.content.guidelines import BrandRule
    from socialops.content.wordings import Wording


def judge_words(rule: BrandRule, hearing: Hearing) -> Iterator[Finding]:
    """Find the words to avoid."""
    for passage, found in hearing.words(rule):
        said = passage.text[found.start : found.end]
        hint = f"Say {found.say!r} instead." if found.say else "Say it without that word."
        where = "" if passage.main else f" (in {passage.what})"
        yield Finding(passage.locate(found.start, found.end), f"We do not say {said[:60]!r}{where}.", hint)


def judge_spelling(rule: BrandRule, hearing: Hearing) -> Iterator[Finding]:
    """Find names that are spelt another way."""
    for passage, found in hearing.words(rule):
        said = passage.text[found.start : found.end]
        if found.entry in said:
            continue
        message = f"{said[:60]!r} is spelt {found.entry!r}."
        yield Finding(passage.locate(found.start, found.end), message, f"Write {found.entry!r}.")


def judge_required(rule: BrandRule, hearing: Hearing) -> Iterator[Finding]:
    """Find out which words are missing."""
    settings, lang = rule.settings, hearing.lang.partition("-")[0]
    within = settings.within
    # What counts is how far from the beginning of the first part a word stands.
    first = hearing.main[0] if hearing.main else None
    there = {
        (found.role, found.entry)
        for passage, found in hearing.words(rule)
        if passage.main and (within is None or (passage is first and found.start < within))
    }
    early = f" in the first {within} characters" if within is not None else ""
    for wording in settings.every or ():
        if _is_of(wording, lang) and ("every", wording.text) not in there:
            yield Finding(hearing.at_start(), f"{wording.text!r} is missing{early}.", f"Write {wording.text!r}.")
    choices = [wording.text for wording in settings.one_of or () if _is_of(wording, lang)]
    if choices and not any(("one_of", choice) in there for choice in choices):
        listed = ", ".join(repr(choice) for choice in choices[:8])
        yield Finding(hearing.at_start(), f"One of these is missing{early}: {listed}.", "Write one of them.")


def _is_of(wording: Wording, lang: str) -> bool:
    return wording.lang.partition("-")[0] in ("", lang)


def judge_sensitive(rule: BrandRule, hearing: Hearing) -> Iterator[Finding]:
    """Find topics that nobody entitled answers for."""
    found = hearing.words(rule)
    if not found:
        return
    post, settings = hearing.case.post, rule.settings
    people = entitled(rule, hearing.case.content.brand)
    approver = hearing.variant.entry.approver or post.approver
    if approver in people or (settings.category and settings.category in post.categories):
        return
    passage, word = found[0]
    said = passage.text[word.start : word.end]
    ways = [f"let {' or '.join(people)} read it and write `approver: {people[0]}`"] if people else []
    if settings.category:
        ways.append(f"write `categories: [{settings.category}]` when it was considered")
    hint = f"{'; or '.join(ways)}." if ways else "Nobody in brand/team.yml may approve it: say it another way."
    message = f"{said[:60]!r} touches a topic that somebody has to have looked at."
    yield Finding(passage.locate(word.start, word.end), message, hint[:1].upper() + hint[1:])


def judge_pattern(rule: BrandRule, hearing: Hearing) -> Iterator[Finding]:
    """Find what a text must not look like."""
    settings = rule.settings
    for passage in hearing.passages:
        text = passage.text
        excepted = [span for phrase in rule.unless for span in _occurrences(text, phrase)]
        try:
            places = list(search(settings.find, text, ignore_case=settings.ignore_case))
        except TimeoutError:
            message = "The pattern of this rule takes too long on this text."
            yield Finding(passage.locate(0, 1), message, f"Simplify the pattern in {rule.page}.")
            continue
        for start, end in places:
            if not passage.sees(start, end, rule.not_in):
                continue
            if any(start < last and first < end for first, last in excepted):
                continue
            where = "" if passage.main else f" (in {passage.what})"
            hint = settings.say or "Write it another way."
            message = f"This does not read as we write: {text[start:end][:60]!r}{where}."
            yield Finding(passage.locate(start, end), message, hint if hint.endswith((".", "!", "?")) else f"{hint}.")


def _occurrences(text: str, phrase: str) -> Iterator[tuple[int, int]]:
    import unicodedata

    phrase = unicodedata.normalize("NFC", phrase)
    start = text.find(phrase)
    while start >= 0:
        yield start, start + len(phrase)
        start = text.find(phrase, start + len(phrase))
