"""Rules about how long a text is and how easy it is to read.

The formulas count words, sentences and syllables; they were made for pages, not for posts, so a text of fewer than
`LEAST_WORDS` words is not judged by them. Only languages that have a formula of their own get a reading ease.

- English, Flesch: 206.835 - 1.015 × words per sentence - 84.6 × syllables per word. R. Flesch, "A new readability
  yardstick", Journal of Applied Psychology 32 (1948).
- Turkish, Ateşman: 198.825 - 40.175 × syllables per word - 2.610 × words per sentence. E. Ateşman, "Türkçede
  okunabilirliğin ölçülmesi", Dil Dergisi 58 (1997). A Turkish word has as many syllables as vowels.
- Romanian and other languages in Latin letters, LIX: words per sentence + percentage of words with more than six
  letters; the higher, the harder. C. H. Björnsson, "Läsbarhet" (1968). It needs no syllables, and was compared across
  languages by its author; there is no Flesch for Romanian that is commonly accepted.
- Hebrew has none: its letters leave out most vowels. The longest sentence and the mean word work in every language.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from socialops.checks.guidelines.hearing import Finding, Hearing
from socialops.content.text import graphemes

if TYPE_CHECKING:
    from socialops.checks.guidelines.hearing import Passage
    from socialops.content.guidelines import BrandRule

LEAST_WORDS = 25
"""Below so many words a formula says nothing. Ours."""

_WORD = re.compile(r"[^\W\d_]+(?:[\u0300-\u036f\u0591-\u05c7]|['’ʼ\-־״\"](?=[^\W\d_])|[^\W\d_])*")
_SENTENCE_END = re.compile(r"[.!?…׃]+[\"”’»)]*(?=\s|$)|\n+")
_ABBREVIATED = re.compile(r"(?:\b[^\W\d_]|\b(?:nr|no|dr|mr|mrs|st|vs|etc|vb|örn|str|art|pag))\.$", re.IGNORECASE)
_LONGEST_ABBREVIATION = 8
_VOWELS = re.compile(r"[aeiouy]+")
_TURKISH_VOWELS = frozenset("aeıioöuüâîû")
_FORMULAS = frozenset({"en", "tr"})
"""Languages with a reading ease of their own."""
_RIGHT_TO_LEFT = frozenset({"he", "iw", "yi", "ar", "fa", "ur"})


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text is made of."""

    words: tuple[str, ...]
    sentences: tuple[int, ...]
    """The words of each sentence."""

    @property
    def per_sentence(self) -> float:
        """Words per sentence."""
        return len(self.words) / len(self.sentences) if self.sentences else 0.0


@functools.lru_cache(maxsize=256)
def read(text: str) -> Reading:
    """Count words and sentences: a sentence ends at its full stop, or with its line."""
    words = tuple(_WORD.findall(text))
    sentences = []
    start = 0
    for end in [*(found.end() for found in _SENTENCE_END.finditer(text)), len(text)]:
        # An abbreviation ends no sentence, unless its line ends with it.
        if end < len(text) and _ABBREVIATED.search(text, max(start, end - _LONGEST_ABBREVIATION), end):
            continue
        piece = text[start:end]
        count = len(_WORD.findall(piece))
        if count:
            sentences.append(count)
        start = end
    return Reading(words, tuple(sentences))


def syllables(word: str, lang: str) -> int:
    """Count the syllables of a word: the vowels of a Turkish one; for English the usual rule of thumb."""
    if lang == "tr":
        folded = word.replace("I", "ı").replace("İ", "i").lower()
        return max(sum(sign in _TURKISH_VOWELS for sign in folded), 1)
    folded = word.lower().replace("’", "'").removesuffix("'s")
    count = len(_VOWELS.findall(folded))
    silent = (folded.endswith("e") and not folded.endswith(("le", "ee"))) or (
        folded.endswith("ed") and not folded.endswith(("ted", "ded"))
    )
    if silent and count > 1:
        count -= 1
    return max(count, 1)


def ease(reading: Reading, lang: str) -> float | None:
    """Return the reading ease by the formula of the language; None where it has none."""
    if lang not in _FORMULAS or not reading.words or not reading.sentences:
        return None
    per_word = sum(syllables(word, lang) for word in reading.words) / len(reading.words)
    if lang == "tr":
        return 198.825 - 40.175 * per_word - 2.610 * reading.per_sentence
    return 206.835 - 1.015 * reading.per_sentence - 84.6 * per_word


def lix(reading: Reading) -> float:
    """Return Björnsson's index of readability."""
    long = sum(sum(sign.isalpha() for sign in word) > 6 for word in reading.words)
    return reading.per_sentence + 100 * long / len(reading.words) if reading.words else 0.0


def _mean(words: Sequence[str]) -> float:
    """Return how many letters a word has on average."""
    return sum(sum(sign.isalpha() for sign in word) for word in words) / len(words)


def _said(passages: Sequence[Passage]) -> str:
    """Return the words of the text without links, hashtags and names."""
    pieces = []
    for passage in passages:
        text, done = passage.text, 0
        for start, end in sorted(passage.hidden(("hashtags",))):
            pieces.append(text[done : max(start, done)])
            done = max(done, end)
        pieces.append(text[done:] + "\n")
    return "".join(pieces)


def judge_readability(rule: BrandRule, hearing: Hearing) -> Iterator[Finding]:
    """Hold a text against formulas, and its sentences and words against bounds."""
    settings, lang = rule.settings, hearing.lang.partition("-")[0]
    said = hearing.notes.get("said")
    if said is None:
        said = hearing.notes["said"] = _said(hearing.main)
    reading = read(said)
    at = hearing.at_start
    if len(reading.words) >= LEAST_WORDS:
        score = ease(reading, lang) if settings.ease is not None else None
        if score is not None and score < settings.ease:
            name = "Ateşman" if lang == "tr" else "Flesch"
            message = f"The reading ease of this text is {score:.0f} ({name}): {settings.ease:g} is the least."
            yield Finding(at(), message, "Shorter sentences and shorter words make it easier.")
        latin = lang not in _FORMULAS and lang not in _RIGHT_TO_LEFT
        if settings.lix is not None and latin and (index := lix(reading)) > settings.lix:
            message = f"The LIX of this text is {index:.0f}: {settings.lix:g} is the most."
            yield Finding(at(), message, "Shorter sentences and shorter words make it easier.")
        if settings.mean_word is not None and (mean := _mean(reading.words)) > settings.mean_word:
            message = f"Its words have {mean:.1f} letters on average: {settings.mean_word:g} is the most."
            yield Finding(at(), message, "Choose shorter words.")
    longest = max(reading.sentences, default=0)
    if settings.longest_sentence is not None and longest > settings.longest_sentence:
        message = f"A sentence has {longest} words: {settings.longest_sentence} is the most."
        yield Finding(at(), message, "Make two of it.")


def judge_length(rule: BrandRule, hearing: Hearing) -> Iterator[Finding]:
    """Hold the length of a text against bounds: without its links and hashtags, all parts together."""
    settings = rule.settings
    said = _said(hearing.main).strip()
    if settings.of == "characters":
        count = graphemes(said)
    else:
        reading = read(said)
        count = len(reading.words) if settings.of == "words" else len(reading.sentences)
    if settings.most is not None and count > settings.most:
        message = f"This text has {count} {settings.of}: {settings.most} is the most."
        yield Finding(hearing.at_start(), message, "Shorten it, or link to the longer story.")
    if settings.least is not None and count < settings.least:
        message = f"This text has {count} {settings.of}: {settings.least} is the least."
        yield Finding(hearing.at_start(), message, "Say what a reader needs to know.")
