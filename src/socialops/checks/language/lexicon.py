"""Many terms looked for at once, in one pass over a text, whatever their number.

Terms become entries of a table, by the forms or stems that a language gives them; terms of several words are paths
through a tree of entries. A sieve tells which chunks of a text may hold a term at all; those are read word by word, and
what was read is kept for the next text. Nothing here depends on the number of terms but the size of the table.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from socialops.checks.language import english, hebrew, romanian, turkish
from socialops.checks.language.letters import LANGUAGES, clean, code, fold, fold_clean
from socialops.checks.language.sieve import Sieve
from socialops.checks.language.words import CHUNK, read_chunk

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

KEPT = 2_000_000
"""Characters of chunks that are kept in mind, per language, before all are forgotten."""
_JOINTS = re.compile(r"[\s\-\u05be\u2010\u2011*_~`]+")
"""What may stand between two words of a term that were written with a space or a hyphen between them; emphasis, too."""
_BLANK_LINE = re.compile(r"\n[ \t\r]*\n")
_LONGEST_JOINT = 32
_FEW = 3
"""Chunks up to which each is searched for, instead of looking at all."""
_HYPHENS = frozenset("-\u2010\u2011")

Manner = Literal["alone", "last", "inner", "full"]
"""How the language's endings apply to a word of a term: not at all; to the last of several; inside; wholly."""


@dataclass(frozen=True, slots=True)
class Term:
    """What is looked for.

    *text* is one word or several, as a guideline writes it; with `#` before it, a hashtag as a whole. *lang* is `tr`,
    `ro`, `he` or `en`; without one, a term is judged by the language of the text. *exact_case*: its letters' case
    counts. *inflected*: its forms are found, too; otherwise the word alone.
    """

    text: str
    lang: str = ""
    exact_case: bool = False
    inflected: bool = True


@dataclass(frozen=True, slots=True)
class Hit:
    """A term found: offsets in code points of the text as it was given, of whole words; *term* is its index."""

    start: int
    end: int
    term: int


@dataclass(frozen=True, slots=True)
class _Entry:
    """A word of a term: folded; and, if its case counts, as it is written."""

    folded: str
    manner: Manner
    cased: str = ""


@dataclass(slots=True)
class _Node:
    """A place in the tree of terms: where each (entry, joint) leads, and which terms end here."""

    next: dict[tuple[int, str], _Node] = field(default_factory=dict)
    terms: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Reading:
    """What a chunk holds: its words with their entries, the terms inside (start, end, index), and whether it is *hot*.

    *crossing*: it has the longest word of a term of several, which may begin or end in another chunk.
    """

    words: tuple[tuple[int, int, tuple[int, ...]], ...]
    inside: tuple[tuple[int, int, int], ...]
    hot: bool
    crossing: bool


class Lexicon:
    """Terms to look for; built per language when a text of it first comes.

    Shape: find(text, lang) gives hits in the order of their start, the longest first at one place; overlapping ones are
    all given. *wordless* are the indexes of terms that hold no word, which are never found. No text raises an error.
    """

    def __init__(self, terms: Sequence[Term]) -> None:
        self.terms = tuple(terms)
        self.wordless = tuple(index for index, term in enumerate(self.terms) if not _words_of(term.text))
        self._tables: dict[str, _Table] = {}

    def find(self, text: str, lang: str) -> list[Hit]:
        """Return where the terms are in *text*, which is in *lang*; terms of another language are not looked for."""
        return self._table(text, lang).find(text)

    def thoroughly(self, text: str, lang: str) -> list[Hit]:
        """Return the same as `find` in another way, slower: every word is read. For tests."""
        return self._table(text, lang).thoroughly(text)

    def _table(self, text: str, lang: str) -> _Table:
        plain = code(lang)
        if plain == "ro" and romanian.bare(text):
            plain = "ro-bare"
        table = self._tables.get(plain)
        if table is None:
            table = self._tables[plain] = _Table(self.terms, plain)
        return table


def _words_of(text: str) -> list[tuple[str, str]]:
    """Return the words of a term, each with the joint before it."""
    found: list[tuple[str, str]] = []
    done = 0
    for place in CHUNK.finditer(text):
        for word in read_chunk(place[0]).words:
            start = place.start() + word.start
            joint = _JOINTS.sub("", text[done:start]) if found else ""
            found.append((word.text, joint))
            done = place.start() + word.end
    return found if any(character.isalnum() for word, _ in found for character in word) else []


class _Table:
    """The terms as one language sees them."""

    def __init__(self, terms: Sequence[Term], lang: str) -> None:
        self.lang = lang
        self.language = "ro" if lang == "ro-bare" else lang
        self.terms = terms
        self.entries: list[_Entry] = []
        self.numbers: dict[_Entry, int] = {}
        self.alone: dict[str, list[int]] = {}
        self.forms: dict[str, list[tuple[int, turkish.Kind]]] = {}
        self.longest = 0
        self.root = _Node()
        self.tags: dict[str, list[int]] = {}
        self.crossing: set[int] = set()
        self.widest = 1
        self.sieve = Sieve(lang)
        self.readings: dict[str, _Reading] = {}
        self.cold: set[str] = set()
        self.warm: dict[str, _Reading] = {}
        self.kept_letters = 0
        # A hyphen makes a word of its own in English: hands-free is not free. Names keep theirs: London-Paris.
        self.cased: set[int] = set()
        if lang == "tr":
            for word in turkish.OWN:
                self._grow(word, -1, "plain")
        for index, term in enumerate(terms):
            if term.exact_case:
                self.cased.add(index)
            if not term.lang or code(term.lang) == self.language:
                self._add(index, term)

    # --- The table --------------------------------------------------------------------------------------------------

    def _add(self, index: int, term: Term) -> None:
        words = _words_of(term.text)
        if not words:
            return
        whole = "".join(fold(word, self.lang) for word, _ in words)
        if term.text.lstrip().startswith(("#", "＃")):
            self.tags.setdefault(whole.replace("_", ""), []).append(index)
            self.sieve.add(whole)
            return
        if len(words) > 1:
            self.tags.setdefault(whole, []).append(index)
            self.sieve.add(whole)
        node = self.root
        numbers = []
        for position, (word, joint) in enumerate(words):
            manner = self._manner(term, position, len(words))
            number = self._entry(word, manner, exact=term.exact_case)
            numbers.append(number)
            node = node.next.setdefault((number, joint), _Node())
        node.terms.append(index)
        self.widest = max(self.widest, len(words))
        anchor = max(numbers, key=lambda number: len(self.entries[number].folded))
        if len(words) > 1:
            self.crossing.add(anchor)
        entry = self.entries[anchor]
        self.sieve.add(entry.folded)
        if entry.manner != "alone":
            for form, _ in self._forms(words[numbers.index(anchor)][0], entry):
                self.sieve.add(form)

    def _manner(self, term: Term, position: int, length: int) -> Manner:
        if not term.inflected or self.language not in LANGUAGES:
            return "alone"
        if length == 1 or self.language == "ro" or (self.language == "he" and position == 0):
            return "full"
        if self.language == "he":
            return "inner"
        return "last" if position == length - 1 else "alone"

    def _entry(self, word: str, manner: Manner, *, exact: bool) -> int:
        cleaned = clean(word)
        entry = _Entry(fold_clean(cleaned, self.lang), manner, cleaned if exact else "")
        number = self.numbers.get(entry)
        if number is not None:
            return number
        number = self.numbers[entry] = len(self.entries)
        self.entries.append(entry)
        if manner == "alone":
            self.alone.setdefault(entry.folded, []).append(number)
        else:
            for form, kind in self._forms(word, entry):
                self._grow(form, number, kind)
        return number

    def _forms(self, word: str, entry: _Entry) -> Iterator[tuple[str, turkish.Kind]]:
        if self.language == "tr":
            yield from turkish.stems(entry.folded, compound=entry.manner == "last")
            return
        if self.language == "ro":
            made: Iterator[str] = romanian.forms(fold(word, "ro"))
            if self.lang == "ro-bare":
                # Short words without their marks are too often others: față, fata.
                made = (fold_clean(form, "ro-bare") for form in made if form.isascii() or len(form) > 4)
        else:
            made = hebrew.forms(entry.folded) if self.language == "he" else english.forms(entry.folded)
        for form in dict.fromkeys(made):
            yield form, "plain"

    def _grow(self, form: str, number: int, kind: turkish.Kind) -> None:
        self.forms.setdefault(form, []).append((number, kind))
        self.longest = max(self.longest, len(form))

    # --- One word ---------------------------------------------------------------------------------------------------

    def judge(self, word: str) -> tuple[int, ...]:
        """Return the numbers of the entries that *word*, as it stands in a text, is a form of."""
        cleaned = clean(word)
        folded = fold_clean(cleaned, self.lang)
        found = list(self.alone.get(folded, ()))
        found.extend(self._inflected(folded))
        if not found:
            return ()
        return tuple(
            number for number in dict.fromkeys(found) if self._case_fits(self.entries[number], folded, cleaned)
        )

    def _inflected(self, folded: str) -> Iterator[int]:
        if self.language == "tr":
            return self._turkish(folded)
        if self.language == "he":
            return self._hebrew(folded)
        if self.language == "en":
            folded = english.without_apostrophe(folded) if "'" in folded else folded
        return (number for number, _ in self.forms.get(folded, ()))

    def _turkish(self, folded: str) -> Iterator[int]:
        name, apostrophe, tail = folded.partition("'")
        if apostrophe and turkish.after_apostrophe(tail):
            folded = name
        for length in range(min(len(folded), self.longest), 0, -1):
            known = self.forms.get(folded[:length])
            if known is None:
                continue
            stem, rest = folded[:length], folded[length:]
            own = False
            for number, kind in known:
                if turkish.goes_on(stem, rest, kind):
                    if number < 0:
                        own = True
                    else:
                        yield number
            if own:
                return

    def _hebrew(self, folded: str) -> Iterator[int]:
        for prefix, rest in hebrew.readings(folded):
            for number, _ in self.forms.get(rest, ()):
                if rest in hebrew.OWN and rest != self.entries[number].folded:
                    continue
                if prefix in {"", "ה"} or self.entries[number].manner == "full":
                    yield number

    def _case_fits(self, entry: _Entry, folded: str, cleaned: str) -> bool:
        """Tell whether the letters that *cleaned* shares with the term are of the term's case."""
        if not entry.cased:
            return True
        shared = 0
        for mine, theirs in zip(entry.folded, folded, strict=False):
            if mine != theirs:
                break
            shared += 1
        return cleaned[:shared] == entry.cased[:shared]

    # --- One chunk --------------------------------------------------------------------------------------------------

    def read(self, chunk: str) -> _Reading:
        """Return what *chunk* holds, and keep it in mind."""
        known = self.readings.get(chunk)
        if known is not None:
            return known
        parsed = read_chunk(chunk)
        words = [(word.start, word.end, self.judge(word.text)) for word in parsed.words]
        inside = self._hits(chunk, words)
        for word in parsed.tags:
            for term in self.tags.get(fold(word.text, self.lang).replace("_", ""), ()):
                hashtag = self.terms[term].text.lstrip().startswith(("#", "＃"))
                inside[word.start - hashtag, word.end, term] = None
        crossing = any(not self.crossing.isdisjoint(numbers) for _, _, numbers in words)
        reading = _Reading(tuple(words), tuple(inside), bool(inside) or crossing, crossing)
        self.kept_letters += len(chunk)
        self.readings[chunk] = reading
        return reading

    # --- One text ---------------------------------------------------------------------------------------------------

    def find(self, text: str) -> list[Hit]:
        """Return the hits in *text*. Chunks that are known to hold nothing, as most are, cost one look together."""
        fresh = set(text.split()) - self.cold
        if not fresh:
            return []
        new = fresh.difference(self.warm)
        if new:
            if self.kept_letters > KEPT:
                self._forget()
                new = set(text.split())
                fresh = new
            self._look(new)
        hot = [chunk for chunk in fresh if chunk in self.warm]
        if not hot:
            return []
        found: dict[tuple[int, int, int], None] = {}
        crossing: list[int] = []
        for chunk, start in _places(text, hot):
            reading = self.warm[chunk]
            for begin, stop, term in reading.inside:
                found[start + begin, start + stop, term] = None
            if reading.crossing:
                crossing.append(start)
        if crossing:
            self._across(text, sorted(crossing), found)
        return _in_order(found)

    def _look(self, chunks: set[str]) -> None:
        """Put each of *chunks* with the cold or the warm ones."""
        together = " ".join(chunks)
        self.kept_letters += len(together)
        passed = self.sieve.pick(chunks, together)
        self.cold.update(chunks)
        for chunk in passed:
            reading = self.read(chunk)
            if reading.hot:
                self.warm[chunk] = reading
                self.cold.discard(chunk)

    def _forget(self) -> None:
        self.kept_letters = 0
        self.cold.clear()
        self.warm.clear()
        self.readings.clear()

    def thoroughly(self, text: str) -> list[Hit]:
        """Return the same as `find`, reading every chunk."""
        words: list[tuple[int, int, tuple[int, ...]]] = []
        found: dict[tuple[int, int, int], None] = {}
        for place in CHUNK.finditer(text):
            at = place.start()
            reading = self.read(place[0])
            words.extend((at + start, at + end, numbers) for start, end, numbers in reading.words)
            for start, end, term in reading.inside:
                found[at + start, at + end, term] = None
        found.update(self._hits(text, words))
        return _in_order(found)

    def _across(self, text: str, crossing: list[int], found: dict[tuple[int, int, int], None]) -> None:
        """Add the terms that go through the chunks at *crossing*, reading as many words around as a term has."""
        places = [place.span() for place in CHUNK.finditer(text)]
        words: list[tuple[int, int, tuple[int, ...]]] = []
        starts = {start: index for index, (start, _) in enumerate(places)}
        read = -1
        for at in crossing:
            index = starts[at]
            first = self._outwards(text, places, index, -1)
            for number in range(max(first, read + 1), self._outwards(text, places, index, 1) + 1):
                start, end = places[number]
                words.extend((start + a, start + b, numbers) for a, b, numbers in self.read(text[start:end]).words)
                read = number
        found.update(self._hits(text, words))

    def _outwards(self, text: str, places: list[tuple[int, int]], index: int, step: int) -> int:
        """Return the chunk up to which a term that goes through the one at *index* can reach."""
        left = self.widest - 1
        while left and 0 <= index + step < len(places):
            index += step
            start, end = places[index]
            left -= any(character.isalnum() for character in text[start:end])
        return index

    def _hits(self, text: str, words: list[tuple[int, int, tuple[int, ...]]]) -> dict[tuple[int, int, int], None]:
        """Return (start, end, term) of every term whose words follow each other among *words*."""
        found: dict[tuple[int, int, int], None] = {}
        for position, (start, _, numbers) in enumerate(words):
            if numbers:
                for end, term in self._paths(text, words, position):
                    if self.language != "en" or term in self.cased or _stands_alone(text, start, end):
                        found[start, end, term] = None
        return found

    def _paths(
        self, text: str, words: list[tuple[int, int, tuple[int, ...]]], position: int
    ) -> Iterator[tuple[int, int]]:
        """Give (end, term) of every term that begins with the word at *position*."""
        nodes = [node for number in words[position][2] if (node := self.root.next.get((number, ""))) is not None]
        while nodes:
            end = words[position][1]
            for node in nodes:
                for term in node.terms:
                    yield end, term
            position += 1
            if position == len(words) or not any(node.next for node in nodes):
                return
            joint = _joint(text, end, words[position][0])
            if joint is None:
                return
            nodes = [
                following
                for node in nodes
                for number in words[position][2]
                if (following := node.next.get((number, joint))) is not None
            ]


def _places(text: str, chunks: list[str]) -> list[tuple[str, int]]:
    """Return each of *chunks* with where it stands, in no order."""
    if len(chunks) > _FEW:
        wanted = set(chunks)
        return [(place[0], place.start()) for place in CHUNK.finditer(text) if place[0] in wanted]
    found = []
    for chunk in chunks:
        at = text.find(chunk)
        while at >= 0:
            end = at + len(chunk)
            if (at == 0 or text[at - 1].isspace()) and (end == len(text) or text[end].isspace()):
                found.append((chunk, at))
            at = text.find(chunk, at + 1)
    return found


def _in_order(found: dict[tuple[int, int, int], None]) -> list[Hit]:
    return [Hit(*place) for place in sorted(found, key=lambda place: (place[0], -place[1], place[2]))]


def _joint(text: str, end: int, start: int) -> str | None:
    """Return what joins two words, without spaces, hyphens and emphasis; nothing can join them over a blank line."""
    if start - end > _LONGEST_JOINT:
        return None
    between = text[end:start]
    if between == " ":
        return ""
    return None if _BLANK_LINE.search(between) else _JOINTS.sub("", between)


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Tell whether what stands from *start* to *end* is not part of a compound with a hyphen."""
    before = start > 1 and text[start - 1] in _HYPHENS and text[start - 2].isalnum()
    after = text[end : end + 1] in _HYPHENS and text[end + 1 : end + 2].isalnum()
    return not before and not after
