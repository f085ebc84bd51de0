"""What language a text is in, by its letters and its commonest words: for a hint, never for a judgement."""

from __future__ import annotations

import functools
import re

from socialops.checks.language.letters import fold
from socialops.checks.language.words import words

_TURKISH = """
ve bir bu için ile çok daha de da ne mi mı mu mü değil var yok olan gibi kadar sonra ama en her şey siz biz sen ben o
hem ya veya olarak artık yeni bugün şimdi size sizin bizim
"""
_ROMANIAN = """
și si de la în in cu pe nu este sunt un o pentru mai din care ce sau dar ca că al ale vă va ne să se am ai avem aici
acum fără dacă toate acest această
"""
_ENGLISH = """
the and of to a in is for you your with on we our it this that are be at from by or not have has as will can an all new
now more what how if when they their
"""
_COMMON = {lang: frozenset(common.split()) for lang, common in (("tr", _TURKISH), ("ro", _ROMANIAN), ("en", _ENGLISH))}
_LETTERS = {"tr": re.compile("[ğĞıİşŞ]"), "ro": re.compile("[ăĂșȘțȚţŢ]")}
_HEBREW = re.compile("[\u05d0-\u05ea]")
_ENOUGH = 2
_FEWEST_WORDS = 6
"""A shorter text is a slogan or a name, and those are often in another language."""


@functools.lru_cache(maxsize=64)
def unlike(text: str, lang: str) -> str:
    """Return the language that *text* seems to be in where that is not *lang*, the declared one; else nothing.

    Only `tr`, `ro`, `he` and `en` are told apart. A text with two common words of its own language, or with a letter
    that only this one has, is in it: few texts are looked at more closely.
    """
    spoken = lang.partition("-")[0]
    chunks = text.lower().split()
    if len(chunks) < _FEWEST_WORDS or (spoken != "he" and spoken not in _COMMON):
        return ""
    if spoken == "he":
        if _HEBREW.search(text):
            return ""
    elif len(_COMMON[spoken].intersection(chunks)) >= _ENOUGH or (spoken in _LETTERS and _LETTERS[spoken].search(text)):
        return ""
    guessed = guess_language(text)
    return guessed if guessed != spoken else ""


def guess_language(text: str) -> str:
    """Return `tr`, `ro`, `he` or `en`, or nothing when *text* does not tell clearly.

    Hebrew is told by its letters. For the others every common word counts one, and so does every word with a letter
    that only one of them has; the best must have two at least, and twice as many as the next. The first 200 words
    are read.
    """
    seen: list[str] = []
    for word in words(text):
        seen.append(word.text)
        if len(seen) == 200:
            break
    if not seen:
        return ""
    hebrew = sum(_HEBREW.search(each) is not None for each in seen)
    if hebrew * 2 > len(seen):
        return "he"
    if hebrew:
        return ""
    points = dict.fromkeys(_COMMON, 0)
    for each in seen:
        for lang, common in _COMMON.items():
            points[lang] += fold(each, lang) in common
        for lang, letters in _LETTERS.items():
            points[lang] += letters.search(each) is not None
    best, second, *_ = sorted(points, key=lambda lang: -points[lang])
    return best if points[best] >= _ENOUGH and points[best] >= 2 * points[second] else ""
