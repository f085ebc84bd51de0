"""Turkish: a word is its stem and a row of suffixes, each in harmony with what stands before it.

A text's word holds a term when the term (its last letter softened, or its last vowel dropped, where Turkish does so) is
its beginning and the rest is such a row: *kargo* is in *kargolarımızdan*, *kar* is not in *karar* or *kartal*.

What counts: plural, possessive, case, -ki, the copula (-dir, -di, -miş, -se, -ken) and, for stems of four letters and
more, -li. What does not: -siz, which means the opposite; -lik, -ci and what else makes a word of its own; verbs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

Kind = Literal["plain", "vowel", "compound"]
"""How a stem goes on: anyhow; with a vowel only (*kitab-*); as a compound that has lost its ending (*hediye kart-*)."""

_VOWELS = frozenset("aeıioöuü")
_FRONT = frozenset("eiöü")
_VOICELESS = frozenset("fstkçşhp")
_HIGH = {"a": "ı", "ı": "ı", "e": "i", "i": "i", "o": "u", "u": "u", "ö": "ü", "ü": "ü"}
_ARCH = str.maketrans({"a": "A", "e": "A", "ı": "I", "i": "I", "u": "I", "ü": "I", "t": "d", "ç": "c"})
_SOFT = {"p": "b", "ç": "c", "t": "d", "k": "ğ", "g": "ğ"}
_SOFT_SHORT = frozenset(
    {"kap", "dip", "cep", "uç", "taç", "tat", "kurt", "yurt", "renk", "denk", "çok", "gök", "kalp", "harp"}
)
"""Words of one syllable that soften; most do not (*kat*, *at*, *ip*)."""
_DROPPING = """
ağız akıl alın asıl asır bağır beyin boyun burun cisim ömür emir fikir göğüs gönül hacim hapis ilim isim izin kısım
karın keşif keyif metin nehir nesil oğul omuz resim sabır seyir şehir şekil tavır vakit vücut zihin zulüm
"""
_DROPPED = {word: word[:-2] + word[-1] for word in _DROPPING.split()}
"""Words that lose their last vowel before another: *şehir*, *şehri*."""
_LOANS_IN_FRONT = frozenset(
    {"saat", "dikkat", "seyahat", "harf", "kalp", "rol", "gol", "hal", "sıhhat", "şefkat", "itaat"}
)
"""Words with a back vowel whose suffixes have front ones; so do those of two syllables in -al, -ol, -ul."""
_LONGEST_ROW = 24

_OWN_STEMS = """
kalem altın altı adam adım yarın yarım sarı kapı gelin kasım yüzde birden yazın kışın sonra sonda kara bana sana ona ayı
ayım benim bizim onun kedi kadın oda ordu masa yaya deri beri geri iyi bin balina dolu dolar salı sıra hala dala kola
kolay yola olay alay kale gemi kira elma elde günde günden sözde gözde önde baştan yandan tadım katı atım atın satın
kurum yorum durum bakım takım yalın salon sakin sakın yakın akın kıta derin serin biri alan satan kanal karın
akıllı boğazlı görevli şehirli nişanlı sinirli sevgili ilgili bilgili bağımlı sorumlu başarılı
"""
OWN = frozenset(_OWN_STEMS.split())
"""Words that look like another's form but are mostly words of their own: *kalem* is a pen, seldom "my castle"."""


def _rows() -> re.Pattern[str]:
    """Return the pattern of a row of suffixes, after `C` or `V` for the stem's last letter; A and I are in harmony."""
    case = "(?:I|A|dAn?|In|lA|cA)"
    after_vowel = "(?:yI|yA|dAn?|nIn|ylA|cA)"
    after_third = "(?:nI|nA|ndAn?|nIn|ylA|ncA)"
    consonant = f"(?:(?:ImIz|InIz|Im|In){case}?|I{after_third}?|{case})"
    vowel = f"(?:(?:mIz|nIz|m|n){case}?|sI{after_third}?|{after_vowel})"
    noun = f"(?:(?<=C)(?:lAr)?{consonant}?|(?<=V)(?:lAr{consonant}?|{vowel}?))"
    which = f"(?:(?<=dA|In)kI(?:lAr{consonant}?|{after_third})?)?"
    link = "(?:(?<=[AIV])y|(?<![AIV]))"
    person = f"(?:{link}I[mz]|sIn(?:Iz)?|lAr)"
    copula = (
        f"(?:{person}|{link}dI(?:m|n|k|nIz|lAr)?|{link}mIş(?:I[mz]|sIn(?:Iz)?|lAr|dIr)?|{link}sA(?:m|n|k|nIz|lAr)?"
        f"|{link}kAn)?(?:dIr(?:lAr)?)?"
    )
    with_li = f"(?:lI(?:lAr{consonant}?|{vowel})?)"
    return re.compile(f"[CV](?:L{with_li}|{noun}{which}){copula}")


_ROW = _rows()


def stems(word: str, *, compound: bool = False) -> Iterator[tuple[str, Kind]]:
    """Give the stems that *word* (folded) has before suffixes; *compound*: it is the last of several words."""
    yield word, "plain"
    if word in _DROPPED:
        yield _DROPPED[word], "vowel"
    elif word == "su":
        yield "suy", "vowel"
    elif word[-1:] in _SOFT and (word in _SOFT_SHORT or sum(letter in _VOWELS for letter in word) > 1):
        soft = "g" if word.endswith("nk") else _SOFT[word[-1]]
        yield word[:-1] + soft, "vowel"
    if compound and len(word) > 3 and word[-1] in "ıiuü":
        yield word[:-2] if word[-2] == "s" and word[-3] in _VOWELS else word[:-1], "compound"


def goes_on(stem: str, rest: str, kind: Kind) -> bool:
    """Tell whether *rest* is a row of suffixes that *stem* can take; both are folded."""
    if not rest:
        return kind == "plain"
    if len(rest) > _LONGEST_ROW or (kind == "vowel" and rest[0] not in _VOWELS):
        return False
    last = next((letter for letter in reversed(stem) if letter in _VOWELS), "")
    starts = [last]
    if last in {"a", "o", "u"} and (
        stem in _LOANS_IN_FRONT
        or (kind == "vowel" and stem == "kalb")
        or (stem[-2:] in {"al", "ol", "ul"} and sum(letter in _VOWELS for letter in stem) > 1)
    ):
        starts.append({"a": "e", "o": "ö", "u": "ü"}[last])
    return any(_in_harmony(start, stem[-1:], rest) for start in starts) and _is_row(stem, rest, kind)


def after_apostrophe(tail: str) -> bool:
    """Tell whether *tail* is a row of suffixes after a name, whose spelling says little of its vowels: LED'ler."""
    if len(tail) > _LONGEST_ROW:
        return False
    arch = tail.translate(_ARCH)
    return any(_ROW.fullmatch(start + arch) for start in ("C", "V", "CL"))


def _is_row(stem: str, rest: str, kind: Kind) -> bool:
    arch = rest.translate(_ARCH)
    start = "V" if stem[-1] in _VOWELS else "C"
    if kind == "compound" and not arch.startswith(("lAr", "Im", "In") if start == "C" else ("lAr", "m", "n")):
        return False
    if _ROW.fullmatch(start + arch):
        return True
    return len(stem) >= 4 and _ROW.fullmatch(start + "L" + arch) is not None


def _in_harmony(vowel: str, before: str, rest: str) -> bool:
    """Tell whether every vowel of *rest* follows the one before it, and every d, t, c, ç what it stands after."""
    for index, letter in enumerate(rest):
        if letter in _VOWELS:
            if vowel and not _follows(letter, vowel):
                # -ki and -ken never change.
                steady = (letter == "i" and before == "k") or rest[index - 1 : index + 2] == "ken"
                if not steady:
                    return False
            elif letter in "oö":
                return False
            vowel = letter
        elif letter in "tçdc" and (letter in "tç") != (before in _VOICELESS):
            return False
        before = letter
    return True


def _follows(letter: str, vowel: str) -> bool:
    if letter in "ae":
        return (letter in _FRONT) == (vowel in _FRONT)
    return _HIGH[vowel] == letter
