"""Vocabulary: the words of all rules of a workspace in one lexicon, so that thousands cost as much as ten."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from socialops.checks.language.lexicon import Hit, Lexicon, Term

if TYPE_CHECKING:
    from socialops.checks.guidelines.hearing import Passage
    from socialops.content.guidelines import BrandRule
    from socialops.content.wordings import Wording

_MOST_KEPT = 256


@dataclass(frozen=True, slots=True)
class Found:
    """A word of a rule, found in a passage: where, as which entry, and what to say instead.

    *entry* is the word as the rule gives it; *role* tells lists of one rule apart (`every`, `one_of`).
    """

    start: int
    end: int
    entry: str
    say: str = ""
    role: str = ""


@dataclass(frozen=True, slots=True)
class _Meaning:
    rule: BrandRule
    entry: str
    say: str
    role: str


_EXCEPTION = "unless"


class Vocabulary:
    """Every word that some rule is about."""

    def __init__(self, rules: Iterable[BrandRule]) -> None:
        meanings: dict[Term, list[_Meaning]] = defaultdict(list)
        for rule in rules:
            for term, meaning in _terms(rule):
                meanings[term].append(meaning)
        self._meanings: Sequence[list[_Meaning]] = tuple(meanings.values())
        """What each term of the lexicon means to which rule, by its index."""
        self._lexicon = Lexicon(tuple(meanings)) if meanings else None
        self._kept: dict[tuple[str, str], list[Hit]] = {}

    def search(self, passages: Sequence[Passage], lang: str) -> Mapping[str, list[tuple[Passage, Found]]]:
        """Return for each rule's id what of it occurs in the passages, in their order."""
        found: dict[str, list[tuple[Passage, Found]]] = defaultdict(list)
        if self._lexicon is None:
            return found
        for passage in passages:
            hits = self._hits(self._lexicon, passage.text, lang)
            if not hits:
                continue
            excepted = [
                (meaning.rule.id, hit.start, hit.end)
                for hit in hits
                for meaning in self._meanings[hit.term]
                if meaning.role == _EXCEPTION
            ]
            for hit in hits:
                for meaning in self._meanings[hit.term]:
                    rule = meaning.rule
                    if meaning.role == _EXCEPTION or not passage.sees(hit.start, hit.end, rule.not_in):
                        continue
                    if any(id_ == rule.id and hit.start < end and start < hit.end for id_, start, end in excepted):
                        continue
                    found[rule.id].append(
                        (passage, Found(hit.start, hit.end, meaning.entry, meaning.say, meaning.role))
                    )
        return found

    def _hits(self, lexicon: Lexicon, text: str, lang: str) -> list[Hit]:
        """Search a text once, however many channels get it."""
        key = (text, lang)
        hits = self._kept.get(key)
        if hits is None:
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            hits = self._kept[key] = lexicon.find(text, lang)
        return hits


def _terms(rule: BrandRule) -> Iterable[tuple[Term, _Meaning]]:
    settings = rule.settings
    if rule.kind == "words":
        yield from _worded(rule, settings, "")
    elif rule.kind == "sensitive":
        yield from _worded(rule, settings.words, "")
    elif rule.kind == "require":
        yield from _worded(rule, settings.every or (), "every")
        yield from _worded(rule, settings.one_of or (), "one_of")
    elif rule.kind == "spelling":
        for spelling in settings:
            written = {spelling.right, *spelling.wrong, _bare(spelling.right)}
            for lang in _languages(rule, ""):
                for text in sorted(written):
                    yield Term(text, lang), _Meaning(rule, spelling.right, spelling.right, "")
    elif rule.kind == "disclosure":
        for lang, words in settings.words.items():
            for word in words:
                meaning = _Meaning(rule, word, "", lang)
                yield Term(word, lang, inflected=False), meaning
    for phrase in rule.unless if rule.kind in ("words", "sensitive", "require", "spelling") else ():
        for lang in _languages(rule, ""):
            yield Term(phrase, lang), _Meaning(rule, phrase, "", _EXCEPTION)


def _worded(rule: BrandRule, wordings: Iterable[Wording], role: str) -> Iterable[tuple[Term, _Meaning]]:
    for wording in wordings:
        for lang in _languages(rule, wording.lang):
            term = Term(wording.text, lang, exact_case=rule.exact, inflected=not rule.exact)
            yield term, _Meaning(rule, wording.text, wording.say, role)


def _languages(rule: BrandRule, lang: str) -> Sequence[str]:
    """Return the languages in which a word is looked for; an empty one stands for all."""
    return (lang,) if lang else rule.scope.languages or ("",)


def _bare(word: str) -> str:
    """Return a word without its accents: what people type who do not find the key."""
    decomposed = unicodedata.normalize("NFD", word)
    return "".join(sign for sign in decomposed if not "\u0300" <= sign <= "\u036f").replace("ı", "i")
