"""The quick look at a text before the thorough one: which chunks have a word that may be a form of a term.

It sees words as runs of letters and digits, in small letters, and says yes too often rather than too seldom. What it
cannot judge (accents written apart, letters of other kinds, characters that cannot be seen) is odd, and left to whoever
reads every word. Most of it is one call for a whole text.
"""

from __future__ import annotations

import re

from socialops.checks.language import hebrew

_RUN = re.compile(r"[^\W_]+")
_TAG = re.compile(r"#([^\W_][\w]*)")
_LETTERS = (
    "A-Za-z\u00c0-\u00d6\u00d8-\u00de\u00e0-\u00f6\u00f8-\u012f\u0134-\u013e\u0141-\u0148\u014a-\u017e\u0218-\u021b"
)
_HEBREW = "\u05d0-\u05ea"
_OTHERS = (
    "\x00-/0-9:-@[-`{-\x7f"
    "\u00a0-\u00a7\u00a9\u00ab\u00ac\u00ae\u00b0\u00b1\u00b4\u00b6\u00b7\u00bb\u00bf\u00d7\u00f7\u05be\u05f3\u05f4"
    "\u2000-\u200a\u2010-\u2029\u2030-\u205e\u20a0-\u20bf\u2122\u2190-\u23ff\u2500-\u2775\u2794-\u2bff\U0001f300-\U0001faff\u200d\ufe0f"
)
"""Everything that the pages of ordinary posts have beside letters; joiners are fine where they join no letters."""
_LONGEST_HEAD = 4


_ODD = {
    "tr": re.compile(f"[^{_LETTERS}\u0130\u0131{_OTHERS}]"),
    "he": re.compile(f"[^{_LETTERS}{_HEBREW}{_OTHERS}]"),
    "": re.compile(f"[^{_LETTERS}{_OTHERS}]"),
}
_JOINED = re.compile(f"(?<=[{_LETTERS}\u0130\u0131{_HEBREW}0-9])[\u200d\ufe0f]")
_MIXED = re.compile(f"[{_HEBREW}](?=[{_LETTERS}0-9])|(?<=[{_LETTERS}0-9])[{_HEBREW}]")


class Sieve:
    """The words of which a text must have one before a term can be in it, as one language folds them."""

    def __init__(self, lang: str) -> None:
        self.lang = lang
        self.triggers: set[str] = set()
        self.heads: set[str] = set()
        self._odd = _ODD.get(lang, _ODD[""])

    def odd(self, text: str) -> bool:
        """Tell whether *text* holds what this look cannot judge."""
        return not text.isascii() and (
            self._odd.search(text) is not None
            or (("\u200d" in text or "\ufe0f" in text) and _JOINED.search(text) is not None)
            or (self.lang == "he" and _MIXED.search(text) is not None)
        )

    def add(self, form: str) -> None:
        """Let *form* (folded) pass, by the longest run of letters that it has."""
        run = max(_RUN.findall(self.fold(form)), key=len, default="")
        if run:
            self.triggers.add(run)
            self.heads.add(run[:_LONGEST_HEAD])

    def fold(self, text: str) -> str:
        """Return *text* in small letters, of the same length, as near to the folding of words as one call goes."""
        if self.lang == "tr":
            text = text.replace("I", "ı").replace("İ", "i").lower()
            return text.replace("â", "a").replace("î", "i").replace("û", "u")
        text = text.lower()
        if self.lang == "ro":
            return text.replace("ş", "ș").replace("ţ", "ț")
        if self.lang == "he":
            for final, other in ("ךכ", "םמ", "ןנ", "ףפ", "ץצ"):
                text = text.replace(final, other)
        return text

    def pick(self, chunks: set[str], together: str) -> list[str]:
        """Return those of *chunks* that may hold a term or go through one; *together* is all of them with spaces."""
        if self.odd(together):
            odd = [chunk for chunk in chunks if self.odd(chunk)]
            rest = chunks.difference(odd)
            return odd + self.pick(rest, " ".join(rest))
        folded = self.fold(together)
        runs = set(_RUN.findall(folded))
        if self.lang == "tr":
            may = {run for run in runs if run in self.triggers or self._begins(run)}
        elif self.lang == "he":
            may = {run for run in runs if run in self.triggers or (run[0] in hebrew.PREFIX_LETTERS and self._ends(run))}
        else:
            may = self.triggers & runs
        if not may and "#" not in together:
            return []
        passed = []
        # Folding keeps lengths and spaces, so the chunks are still beside each other.
        for chunk, small in zip(together.split(), folded.split(), strict=True):
            tagged = "#" in chunk and any(_of_several(tag) for tag in _TAG.findall(chunk))
            if tagged or not may.isdisjoint(_RUN.findall(small)):
                passed.append(chunk)
        return passed

    def _begins(self, run: str) -> bool:
        heads = self.heads
        if run[:4] not in heads and run[:3] not in heads and run[:2] not in heads and run[:1] not in heads:
            return False
        triggers = self.triggers
        for length in range(1, len(run)):  # noqa: SIM110  # any() of a generator takes twice as long
            if run[:length] in triggers:
                return True
        return False

    def _ends(self, run: str) -> bool:
        for length in range(1, min(hebrew.LONGEST_PREFIX, len(run) - 2) + 1):
            if run[length - 1] not in hebrew.PREFIX_LETTERS:
                return False
            if run[length:] in self.triggers or run[length + 1 :] in self.triggers:
                return True
        return False


def _of_several(tag: str) -> bool:
    """Tell whether *tag* may be of several words: not all letters, or a capital that is not the first."""
    return not tag.isalpha() or not (tag.isupper() or tag[1:] == tag[1:].lower())
