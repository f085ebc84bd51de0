"""English: plurals and possessives, and -ed and -ing of what can only be a verb."""

from __future__ import annotations

from collections.abc import Iterator

_WITHOUT_PLURAL = """
free cheap best better new good great big small fast quick slow easy hard safe cool nice amazing awesome perfect unique
exclusive limited limitless ultimate guaranteed revolutionary innovative disruptive incredible unbelievable cheapest
lowest highest fastest only just very really never always now today instant instantly simply literally custom mean due
physic economic brief short old young clear bright lightweight simple crazy insane lame dumb stupid sexy hot cold green
blue red white black fair real true false fake open close clean dry own
"""
_NO_PLURAL = frozenset(_WITHOUT_PLURAL.split())
"""Words without a plural: *frees* and *news* are no forms of *free* and *new*."""
_IRREGULAR = {"man": "men", "woman": "women", "child": "children", "foot": "feet", "person": "people", "life": "lives"}
_VERBS = ("ize", "ise", "ify", "antee")
"""Endings that make a verb, whose -ed and -ing are safe; *lighting* is no form of *light*."""
_AFTER_APOSTROPHE = frozenset({"s", "ll", "d", "ve", "re"})


def forms(word: str) -> Iterator[str]:
    """Give the forms of *word* (folded), itself the first."""
    yield word
    if len(word) < 2 or not word.isalpha() or word in _NO_PLURAL:
        return
    if word in _IRREGULAR:
        yield _IRREGULAR[word]
    elif word.endswith(("s", "x", "z", "ch", "sh")):
        yield word + "es"
    elif word.endswith("y") and word[-2] not in "aeiou":
        yield word[:-1] + "ies"
    else:
        yield word + "s"
    if word.endswith(_VERBS) and len(word) > 5:
        if word.endswith("y"):
            yield from (word[:-1] + "ied", word + "ing")
        else:
            yield from (word + "d", word + "ing" if word.endswith("ee") else word[:-1] + "ing")


def without_apostrophe(word: str) -> str:
    """Return *word* without a possessive or a short verb: *lamp's* is *lamp*; others as they are."""
    before, apostrophe, after = word.rpartition("'")
    return before if apostrophe and after in _AFTER_APOSTROPHE else word
