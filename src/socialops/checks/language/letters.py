"""Letters made alike: the case of each language, accents composed, what cannot be seen left out.

Folding is per word and says nothing of places: a word keeps its own.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

LANGUAGES = ("tr", "ro", "he", "en")

_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]+"
)
"""Default_Ignorable_Code_Point of Unicode 15."""
_POINTS = re.compile("[\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7]+")
"""Niqqud and cantillation."""
_PLAIN = re.compile(
    "[A-Za-z0-9\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u0131\u0134-\u013e\u0141-\u0148\u014a-\u017e\u0218-\u021b]*"
)
_HEBREW = re.compile("[\u05d0-\u05ea]*")
_QUOTES = str.maketrans(
    {**dict.fromkeys("’‘ʼ`´׳＇", "'"), **dict.fromkeys("”“„״＂", '"')},
)
_TURKISH = str.maketrans({"I": "ı", "İ": "i"})
_ROMANIAN = str.maketrans("şţ", "șț")
_BARE = str.maketrans("ăâîșț", "aaist")
_FINAL = str.maketrans("ךםןףץ", "כמנפצ")
_HATS = str.maketrans("âîû", "aiu")
_HAT_MATTERS = ("kâr", "hâlâ", "âlem", "âdet", "âdem", "âmâ", "âşık", "şûra", "yâr", "mâni", "nâr")
"""Turkish words that are others without their circumflex: kâr is profit, kar is snow. Others may lose it."""


@lru_cache(maxsize=256)
def code(lang: str) -> str:
    """Return the plain code of a language: `tr-TR` is `tr`, `iw` is `he`; unknown ones in small letters."""
    plain = re.split("[-_]", lang.strip().lower(), maxsplit=1)[0]
    return {"iw": "he", "mo": "ro"}.get(plain, plain)


def clean(word: str) -> str:
    """Return *word* composed, in plain letters of its own case, without what cannot be seen and without niqqud."""
    if word.isascii() or _PLAIN.fullmatch(word) or _HEBREW.fullmatch(word):
        return word.replace("`", "'")
    word = unicodedata.normalize("NFKC", _INVISIBLE.sub("", word))
    return _INVISIBLE.sub("", _POINTS.sub("", word)).translate(_QUOTES)


@lru_cache(maxsize=4096)
def fold(word: str, lang: str) -> str:
    """Return *word* as all its spellings are compared in *lang*.

    Turkish keeps ı and i apart (I is ı, İ is i). Elsewhere both are i. Romanian ş and ţ become ș and ț; `ro-bare`
    leaves their marks and those of ă, â and î out, too. Hebrew final letters become their others.
    """
    return fold_clean(clean(word), lang)


def fold_clean(word: str, lang: str) -> str:
    """Return what is already clean as all its spellings are compared in *lang*."""
    if lang == "tr":
        word = word.translate(_TURKISH).lower().replace("i\u0307", "i")
        if not word.isascii() and not word.startswith(_HAT_MATTERS):
            word = word.translate(_HATS)
        return word
    word = word.casefold()
    if word.isascii():
        return word
    word = word.replace("i\u0307", "i").replace("ı", "i")
    if lang.startswith("ro"):
        word = word.translate(_ROMANIAN)
        return word.translate(_BARE) if lang == "ro-bare" else word
    return word.translate(_FINAL) if lang == "he" else word
