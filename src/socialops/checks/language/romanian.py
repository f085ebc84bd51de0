"""Romanian: articles at the end, plurals with their changes, and letters with a comma below.

The forms of a term are made from the way it ends, for nouns and adjectives alike; a guideline writes a word as a
dictionary does. Some forms so made are no words, which does no harm; verbs are found only as they are written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_CEDILLA = re.compile("[ŞşŢţ]|[SsTt]\u0327")
_MARKED = re.compile("[ăâîșțşţĂÂÎȘȚŞŢ\u0306\u0302\u0326\u0327]")
_LETTERS_TO_TELL = 24
_SOFT = (("șt", "șt"), ("sc", "șt"), ("st", "șt"), ("t", "ț"), ("d", "z"), ("s", "ș"))
"""What the end of a stem becomes before -i: *brad*, *brazi*; *perfect*, *perfecți*."""


def cedillas(text: str) -> list[tuple[int, int]]:
    """Return (start, end) of every ş and ţ with a cedilla, composed or not; Romanian has them with a comma below."""
    return [match.span() for match in _CEDILLA.finditer(text)]


def bare(text: str) -> bool:
    """Tell whether a Romanian *text* is written without diacritics: it is long enough to have one, and has none."""
    return len(text) >= _LETTERS_TO_TELL and _MARKED.search(text) is None


def _plural(stem: str) -> set[str]:
    """Return *stem* with -i: as it is, with its last consonant softened, with its vowel changed."""
    softened = stem
    for end, soft in _SOFT:
        if stem.endswith(end):
            softened = stem[: -len(end)] + soft
            break
    found = {stem + "i", softened + "i"}
    if stem.endswith("l"):
        found.add(stem[:-1] + "i")
    for old, new in (("ea", "e"), ("oa", "o"), ("a", "ă"), ("ă", "e")):
        before, vowel, after = softened.rpartition(old)
        if vowel and 0 < len(after) < 4 and not any(letter in "aeiouăâî" for letter in after):
            found.add(before + new + after + "i")
            break
    return found


def forms(word: str) -> Iterator[str]:
    """Give the forms of *word* (folded), itself the first."""
    yield word
    if len(word) < 2 or not word.isalpha():
        return
    if len(word) == 2:
        yield from (word + end for end in ("ul", "ului", "i", "ii", "ilor"))
        return
    yield from sorted(_made(word) - {word})


def _made(word: str) -> set[str]:
    if word.endswith("ie"):
        stem = word[:-1]
        return {stem + "a", stem + "i", stem + "ei", stem + "ile", stem + "ilor", stem + "i" + "i"} | {
            stem,
            stem + "le",
            stem + "lor",
        }
    if word.endswith("ea") and len(word) > 4:
        stem = word[:-1]
        return {word + "ua", stem + "le", stem + "lei", stem + "lele", stem + "lelor"}
    if word.endswith("e"):
        stem = word[:-1]
        plurals = _plural(stem)
        return {word + "a", word + "le", word + "lui"} | plurals | {p + e for p in plurals for e in ("i", "le", "lor")}
    if word.endswith("ă"):
        return _feminine(word[:-1])
    if word.endswith("iu"):
        stem = word[:-1]
        return {word + "l", word + "lui", stem, stem + "le", stem + "lor", stem + "i", stem + "a", stem + "ei"} | {
            stem + end for end in ("ii", "iile", "iilor", "ile", "ilor")
        }
    if word.endswith("u"):
        stem = word[:-1]
        return {
            *(word + end for end in ("l", "lui", "ri", "rile", "rilor", "ă", "a", "ei")),
            *(stem + end for end in ("i", "ii", "ile", "ilor", "ă", "e", "ele", "elor", "a", "ei")),
        }
    if word[-1] in "aioy":
        return {word + end for end in ("l", "lui", "uri", "urile", "urilor", "ul", "ului")}
    return _masculine(word)


def _feminine(stem: str) -> set[str]:
    plurals = _plural(stem)
    tops = {stem + "e", stem}
    # masă, mese; comandă, comenzi; not before r, l, n: bară has no bere.
    before, vowel, after = stem.rpartition("a")
    if vowel and after in {"t", "s", "ț", "nd"}:
        tops.add(before + "e" + after + "e")
        plurals |= _plural(before + "e" + after)
    for old, new in (("ea", "e"), ("ia", "ie"), ("oa", "o")):
        before, vowel, after = stem.rpartition(old)
        if vowel and len(after) < 4:
            tops.add(before + new + after + "e")
            break
    return {
        stem + "a",
        *(stem + end for end in ("e", "ei", "ele", "elor")),
        *plurals,
        *(plural + end for plural in plurals for end in ("i", "le", "lor")),
        *(top + end for top in tops - {stem} for end in ("", "i", "le", "lor")),
    }


def _masculine(word: str) -> set[str]:
    plurals = _plural(word)
    found = {
        *(word + end for end in ("ul", "ului", "ule", "uri", "urile", "urilor", "e", "ele", "elor")),
        *plurals,
        *(plural + end for plural in plurals for end in ("i", "lor")),
    }
    if len(word) > 3:
        found |= {word + "ă", word + "a", word + "ei"}
    for old, new in (("esc", "ească"), ("or", "oare"), ("os", "oasă"), ("el", "ea")):
        if word.endswith(old) and len(word) > 4:
            stem = word[: -len(old)]
            found |= {stem + new, stem + new[:-1] + "a"}
            if old == "or":
                found |= {stem + "oarea", stem + "oarei", stem + "oarele", stem + "oarelor"}
            elif old == "os":
                found |= {stem + "oase", stem + "oasei", stem + "oasele"}
            elif old == "esc":
                found |= {stem + "ești", stem + "eștii", stem + "eștile", stem + "eștilor"}
    return found
