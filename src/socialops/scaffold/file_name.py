"""File names for new posts: a title in any of our languages becomes small ASCII, dated and free.

Names are read aloud, typed and put into addresses, so they are made of plain letters: Turkish and Romanian lose their
signs, Hebrew is spelt as it sounds, roughly. The writer is shown the name before anything is written, and may choose
another.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date

LENGTH = 60
"""The longest name without its date. Ours: with date and folder it still fits a line."""

_LATIN = str.maketrans(
    {"ı": "i", "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "ł": "l", "&": " ", "@": " "}
)
_HEBREW = {
    "א": "a",
    "ב": "v",
    "ג": "g",
    "ד": "d",
    "ה": "h",
    "ו": "v",
    "ז": "z",
    "ח": "ch",
    "ט": "t",
    "י": "i",
    "כ": "ch",
    "ך": "ch",
    "ל": "l",
    "מ": "m",
    "ם": "m",
    "נ": "n",
    "ן": "n",
    "ס": "s",
    "ע": "a",
    "פ": "f",
    "ף": "f",
    "צ": "tz",
    "ץ": "tz",
    "ק": "k",
    "ר": "r",
    "ש": "sh",
    "ת": "t",
}
"""How each letter mostly sounds in today's Hebrew; ours, for names only, and no romanisation to quote."""
_AT_THE_START = {"ב": "b", "כ": "k", "פ": "p", "י": "y"}
_WORD = re.compile(r"[\u05d0-\u05ea]+")
_DROPPED = re.compile("['’‘ʼ`\"”“„\u05f3\u05f4\u200b-\u200f\u2060\ufeff]")


def slug(title: str) -> str:
    """Return a title as small letters a to z, digits and hyphens; empty when it holds no letter that we can spell."""
    text = unicodedata.normalize("NFKD", _DROPPED.sub("", title)).casefold()
    # The points of Hebrew and the signs of Latin letters are both marks on a letter by now.
    text = "".join(sign for sign in text if not unicodedata.combining(sign)).translate(_LATIN)
    text = _WORD.sub(lambda found: _spelt(found[0]), text)
    name = re.sub(r"[^a-z0-9]+", "-", text).strip("-")
    if len(name) <= LENGTH:
        return name
    cut = name[: LENGTH + 1].rpartition("-")[0]
    return (cut or name[:LENGTH]).strip("-")


def _spelt(word: str) -> str:
    """Spell one Hebrew word: ו is a vowel between consonants, and ה at the end is one too."""
    letters = []
    for place, letter in enumerate(word):
        last = place == len(word) - 1
        if place == 0 and letter in _AT_THE_START:
            letters.append(_AT_THE_START[letter])
        elif letter == "ו" and place and word[place - 1] != "ו":
            letters.append("v" if word[place + 1 : place + 2] == "ו" else "o")
        elif letter == "ו" and place:
            continue
        elif letter == "ה" and last and place:
            letters.append("a")
        else:
            letters.append(_HEBREW[letter])
    return "".join(letters)


def free_path(name: str, day: date, *, folder: bool, taken: Callable[[str], bool]) -> str:
    """Return where a new post goes: `posts/2026/12/2026-12-01-launch.md`, or `…/2026-12-01-launch/index.md`.

    *taken* tells whether a name of that kind (without ending) is somebody's already; then a number is added.
    """
    stem = f"{day.isoformat()}-{name or 'post'}"
    place = f"posts/{day:%Y/%m}"
    number = 1
    while taken(f"{place}/{stem}{'' if number == 1 else f'-{number}'}"):
        number += 1
    chosen = f"{place}/{stem}{'' if number == 1 else f'-{number}'}"
    return f"{chosen}/index.md" if folder else f"{chosen}.md"
