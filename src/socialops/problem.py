"""A problem: one finding of a check, and where in a file it is.

Findings are data; nothing here raises. The ids are registered, with their pages, in `checks/registry.py`.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class Severity(enum.StrEnum):
    """How much a problem matters: an error fails the check, a warning and a note do not."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One finding of a check.

    `file` is relative to the workspace, with forward slashes. `line` and `column` count from 1; 0 means the whole file.
    `message` says what is wrong, `hint` what to do.
    """

    file: str
    line: int
    column: int
    id: str
    message: str
    hint: str = ""
    severity: Severity = Severity.ERROR


def error(id: str, file: str, at: tuple[int, int], message: str, hint: str = "") -> Problem:  # noqa: A002 - the word of the design
    """Make a problem that fails the check; *at* is (line, column)."""
    return Problem(file, at[0], at[1], id, message, hint, Severity.ERROR)


def warning(id: str, file: str, at: tuple[int, int], message: str, hint: str = "") -> Problem:  # noqa: A002 - as above
    """Make a problem that is shown but does not fail the check; *at* is (line, column)."""
    return Problem(file, at[0], at[1], id, message, hint, Severity.WARNING)


def note(id: str, file: str, at: tuple[int, int], message: str, hint: str = "") -> Problem:  # noqa: A002 - as above
    """Make a remark (a picture that will be made smaller, say); *at* is (line, column)."""
    return Problem(file, at[0], at[1], id, message, hint, Severity.NOTE)


def nearest(word: str, choices: Iterable[str]) -> str | None:
    """Return the choice that *word* was most likely meant to be, or None when none is close."""
    import difflib

    folded = {_plain(choice): choice for choice in choices}
    found = difflib.get_close_matches(_plain(word), list(folded), n=1, cutoff=0.6)
    return folded[found[0]] if found else None


def _plain(word: str) -> str:
    """Return a word without case, accents and points: `Ayşe`, `AYŞE` and `ayse`, `IŞIK` and `ışık`, are each one word.

    Python's own case folding keeps ı and i apart and gives İ a dot of its own.
    """
    import unicodedata

    spread = unicodedata.normalize("NFKD", word.replace("ı", "i").replace("İ", "i").casefold())
    return "".join(sign for sign in spread if not unicodedata.combining(sign))
