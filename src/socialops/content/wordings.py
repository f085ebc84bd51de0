"""Wordings: the lists of words that a rule of the style guide gives, in the ways that people write such lists.

words: [hurry, last chance]                  a plain list
words: {cyclist: rider}                      each word with what to say instead
words:                                       both, mixed
  - hurry
  - cyclist: rider
words: {en: [hurry], tr: [acele edin]}       by language; each language in one of the ways above
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from socialops.content.guidelines import ID
from socialops.content.values import Wrong, text

MOST = 5_000
"""Words of one rule. Ours: more is a dictionary, and would not fit into a header anyway."""

_CODES = frozenset(
    {
        *("ar", "az", "bg", "cs", "da", "de", "el", "en", "es", "et", "fa", "fi"),
        *("fr", "he", "hr", "hu", "it", "ja", "ko", "lt", "lv", "nb", "nl", "pl"),
        *("pt", "ro", "ru", "sk", "sl", "sr", "sv", "tr", "uk", "zh"),
    }
)
"""Codes of languages that people write in; as the key of a single word they are a slip more often than a word."""
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Z]{2})?")


@dataclass(frozen=True, slots=True)
class Wording:
    """A word or phrase, the language it is of (empty: any), and what to say instead (empty: nothing in particular)."""

    text: str
    lang: str = ""
    say: str = ""


@dataclass(frozen=True, slots=True)
class Spelling:
    """How something is spelt, and spellings that are wrong besides another choice of capitals and accents."""

    right: str
    wrong: tuple[str, ...] = ()


def wordings(value: Any) -> tuple[Wording, ...]:
    """Read a list of words in any of the ways above; raises Wrong."""
    if isinstance(value, dict) and any(isinstance(inner, (list, dict)) for inner in value.values()):
        found: list[Wording] = []
        for lang, inner in value.items():
            if not _LANGUAGE.fullmatch(lang) or inner is None:
                raise Wrong(
                    "field-type",
                    f"{lang[:40]!r} is not the code of a language with a list of its words.",
                    "Write each language with its list: `en: [hurry]`, `tr: [acele edin]`.",
                )
            found += _listed(inner, lang)
        return _bounded(found)
    if isinstance(value, dict) and (doubtful := sorted(_CODES.intersection(value))):
        code, say = doubtful[0], value[doubtful[0]]
        raise Wrong(
            "field-type",
            f"Is {code!r} a language here, or a word?",
            f"For the words of a language write a list: `{code}: [{say}]`. For the word itself begin its line with a "
            f"dash: `- {code}: {say}`.",
        )
    return _bounded(_listed(value, ""))


def _listed(value: Any, lang: str) -> Iterable[Wording]:
    if isinstance(value, str):
        return [Wording(_word(value), lang)]
    if isinstance(value, dict):
        return [Wording(_word(word), lang, text(say).strip()) for word, say in value.items()]
    if isinstance(value, list):
        found = []
        for item in value:
            if isinstance(item, dict):
                found += [Wording(_word(word), lang, text(say).strip()) for word, say in item.items()]
            else:
                found.append(Wording(_word(item), lang))
        return found
    raise Wrong("field-empty", "This has no value.", "")


def _bounded(found: Iterable[Wording]) -> tuple[Wording, ...]:
    words = tuple(dict.fromkeys(found))
    if not words:
        raise Wrong("field-length", "This list is empty.", "Write at least one word, or leave the line out.")
    if len(words) > MOST:
        raise Wrong("field-length", f"This list has {len(words)} entries; {MOST} is the most.", "Make two rules of it.")
    return words


def _word(value: Any) -> str:
    word = " ".join(text(value).split())
    if not any(character.isalnum() for character in word):
        raise Wrong(
            "field-type",
            f"{word[:40]!r} holds no letter and no digit.",
            "Signs are counted by `punctuation:`, emoji by `emoji:`.",
        )
    return word


def spellings(value: Any) -> tuple[Spelling, ...]:
    """Read `[Fener]` or `{Fener: [Fenner, Phener]}`; raises Wrong."""
    if isinstance(value, str):
        return (Spelling(_word(value)),)
    if isinstance(value, list):
        return tuple(Spelling(word.text) for word in _bounded(_listed(value, "")))
    if isinstance(value, dict) and value:
        return tuple(
            Spelling(_word(right), tuple(_word(item) for item in (wrong if isinstance(wrong, list) else [wrong])))
            for right, wrong in value.items()
        )
    raise Wrong("field-empty", "This has no value.", "")


def by_language(value: Any) -> dict[str, tuple[str, ...]]:
    """Read `{en: ["#ad"], tr: "#işbirliği"}`: for each language a text or several; raises Wrong."""
    if not isinstance(value, dict) or not value:
        raise Wrong(
            "field-type", "This must say the words of each language.", 'Write `en: ["#ad"]`, a line a language.'
        )
    found = {}
    for lang, words in value.items():
        if not _LANGUAGE.fullmatch(lang):
            raise Wrong("lang-invalid", f"{lang[:40]!r} is not a language code.", "Write tr, he, ro, en or pt-BR.")
        found[lang] = tuple(_word(word) for word in (words if isinstance(words, list) else [words]))
        if not found[lang]:
            raise Wrong("field-length", "This list is empty.", "Write at least one word.")
    return found


def several(value: Any) -> tuple[str, ...]:
    """Read one text or a list of texts, none of them empty; raises Wrong."""
    items = value if isinstance(value, list) else [value]
    if not items:
        raise Wrong("field-length", "This list is empty.", "Write at least one, or leave the line out.")
    found = tuple(text(item).strip() for item in items)
    if not all(found):
        raise Wrong("field-empty", "This has no value.", "")
    return found


# --- Short ways of writing the particulars of a rule ------------------------------------------------------------------


def rule_id(value: Any) -> str:
    """Read the id of a rule; raises Wrong."""
    typed = text(value)
    if not re.fullmatch(ID, typed):
        raise Wrong(
            "id-invalid", f"{typed[:40]!r} cannot be the id of a rule.", "Use capitals and a number: BR001, VOICE12."
        )
    return typed


def listed(value: Any) -> Any:
    """Let one item stand for a list of one."""
    return [value] if isinstance(value, (str, dict)) else value


def example_form(value: Any) -> Any:
    """Let a text alone stand for an example."""
    return {"text": value} if isinstance(value, str) else value


def required_form(value: Any) -> Any:
    """Let a list of words mean every one of them."""
    return {"every": value} if isinstance(value, (str, list)) else value


def pattern_form(value: Any) -> Any:
    """Let the pattern alone stand for its particulars."""
    return {"find": value} if isinstance(value, str) else value


def emoji_form(value: Any) -> Any:
    """Let `none`, or a number, stand for at most so many."""
    if value == "none":
        return {"most": "0"}
    return {"most": value} if isinstance(value, str) and value.isdecimal() else value


def sensitive_form(value: Any) -> Any:
    """Let the words alone, in any way but by language, stand for the particulars."""
    return {"words": value} if isinstance(value, (str, list)) else value


def waiver_form(value: Any) -> Any:
    """Let the reason alone stand for a waiver."""
    return {"reason": value} if isinstance(value, str) else value
