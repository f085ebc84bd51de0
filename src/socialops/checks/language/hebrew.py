"""Hebrew: letters that stand before a word and are written with it, and the endings of number and gender.

Words come folded: without niqqud, final letters as their others, geresh as `'` and gershayim as `"`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_FINAL = str.maketrans("ךםןףץ", "כמנפצ")
_PREFIX = re.compile("ו?(?:לכש|כש|מש|בש|ש)?(?:מה|ה|[בכלמ])?")
_SHORT_PREFIX = frozenset({"ה", "ו", "וה", "שה", "ושה", "כשה"})
"""Before words of two letters: others make words of their own too often (*לב* heart, *כלב* dog, *שלב* step)."""
LONGEST_PREFIX = 5
PREFIX_LETTERS = frozenset("והבכלמש")
_WITH_FEMININE = "זול חדש טוב קל יקר רע נקי חזק חלש מלא ריק קצר ארוך גדול קטן יפה בטוח מהיר חכם חינמי"
_ADJECTIVES = frozenset(_WITH_FEMININE.translate(_FINAL).split())
"""Adjectives, which have a feminine; of nouns of three letters it is another word (*ספר* book, *ספרה* digit)."""


_PLURAL_IN_OT = frozenset(["אור", "כוח", "לוח", "דור", "קול", "סוד", "קיר", "מזל", "רצון"])
"""Nouns of three letters whose plural ends in -ות; of others it is another word (*שיר* song, *שירות* service)."""

_IRREGULAR = {
    "יומ": ("ימימ", "ימי", "יומיימ"),
    "איש": ("אנשימ", "אנשי"),
    "אישה": ("נשימ", "נשות"),
    "עיר": ("ערימ",),
    "בת": ("בנות", "בנותינו"),
    "שנה": ("שנימ",),
    "מילה": ("מילימ", "מילות"),
    "ביצה": ("ביצימ",),
    "בית": ("בתימ", "בתי"),
}

_OWN_LETTER = (
    "מספר מכתב משרד מסמך מטבח מבחן מגדל מכון מעבר מפתח מכשיר משקל משחק מרכז מנהל מסלול מצב מבט מדבר מלון משקה מורה "
    "מאור מגוון מכר מזון ממשל מחשב מסך מחבר מאפשר מבין מציע משלם מתחת מעל מול מרק מקום מחר מנה מכל משפט מבצע מבנה "
    "מועד מוצר מותג מידע מסע מסר מעט מים משהו משנה מתנה מרחק מראה מראש משך מדינה מבטח משוב משאב מאמר מאבק מערכה מפעל "
    "משמר מנוע מכה מחיר מגרש מדרגה "
    "בגד בקר בית בטוח בחור בלבד ברק בשר בקבוק בדיוק בעל בעלי ברור בריא בוקר בין בזמן בחר ביטוח "
    "כלב כפר כסף כרטיס כתב כוכב כבר כמות כאב כדור כיסא כוח כביש כלי כמעט כיף כיס כרגע "
    "לשון לבן לקוח לחם לילה לקח לבד ליד לפני לאחר למטה לעולם לוח לחץ למידה "
    "שלב שער שמש שמן שבוע שנה שקט שכר שלם שמר שבר שוק שחור שכל שלג שמח שאר שטח שיר שלום שביל שימוש שעון שמר שרשרת "
    "שיפור שינוי שדרוג שחר שכן שלט שמור שביר שבת שמי שמים "
    "הגיע הודעה הזמנה הוראה הכנה הגנה הנאה הרים הצעה הדרכה היום הופעה הליכה הרכבה התקנה "
    "ורד ודאי ותיק ורוד ויטרינה וילון "
    "שירה חברה ספרה מכונה מכונית מחברת לבנה"
)
_OWN_ALONE = "שלומי שירות ספרות קלות שלמה חדשות מהירות בשביל היום"
OWN = frozenset(f"{_OWN_LETTER} {_OWN_ALONE}".translate(_FINAL).split())
"""Words that begin with a letter of their own: *מספר* is a number, seldom "from a book"."""


def forms(word: str) -> Iterator[str]:
    """Give the forms of *word* without what may stand before it, itself the first."""
    yield word
    if not ("\u05d0" <= word[0] <= "\u05ea"):
        return
    if word in _IRREGULAR:
        yield from _IRREGULAR[word]
    if word in _ADJECTIVES:
        yield from _adjective(word)
        return
    length = len(word)
    if length < 3:
        return
    if word[-1] == "ה":
        stem = word[:-1]
        yield from (stem + "ות", stem + "ת", stem + "תנו", stem + "תכמ", stem + "ותינו", stem + "ותיכמ", stem + "ותיה")
        return
    if word[-1] == "ת":
        if word.endswith("ית"):
            yield word[:-1] + "ות"
        elif word.endswith("ות"):
            yield word[:-2] + "ויות"
        yield from (word + "נו", word + "כמ")
        return
    if word.endswith(("ימ",)) and length > 4:
        yield word[:-1]
        yield from (word[:-1] + "נו", word[:-1] + "כמ")
        return
    yield from (word + "ימ", word + "י", word + "נו", word + "כמ", word + "ינו", word + "יכמ")
    if word[-1] == "י":
        yield word + "מ"
    if length >= 4:
        yield from (word + "ה", word + "ת", word + "יהמ")
    if length >= 4 or word in _PLURAL_IN_OT:
        yield from (word + "ות", word + "ותינו", word + "ותיכמ")


def _adjective(word: str) -> Iterator[str]:
    stem = word.removesuffix("ה")
    yield from (stem + "ה", stem + "ימ", stem + "ות", stem + "י")
    if word[-1] == "י":
        yield from (word + "מ", word + "ת")


_OWN_FORMS = OWN | {form for word in _OWN_LETTER.translate(_FINAL).split() for form in forms(word)}


def readings(word: str) -> Iterator[tuple[str, str]]:
    """Give (what stands before, word) for each way to read *word*, itself first."""
    yield "", word
    if not ("\u05d0" <= word[:1] <= "\u05ea"):
        return
    before, quote, after = word.partition('"')
    # ב"מבצע": a quotation mark between prefix and word. In an abbreviation, one letter is left after it.
    if quote and len(after) > 1 and _PREFIX.fullmatch(before):
        yield before, after
    for length in range(1, min(LONGEST_PREFIX, len(word) - 2) + 1):
        if word[length - 1 :] in _OWN_FORMS:
            return
        prefix, rest = word[:length], word[length:]
        if _PREFIX.fullmatch(prefix) and (len(rest) > 2 or prefix in _SHORT_PREFIX):
            yield prefix, rest
            if rest.startswith("וו"):
                yield prefix, rest[1:]
