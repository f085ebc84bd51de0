"""Patterns: regular expressions that cannot run away, whoever writes them and whatever they are tried on.

A pattern is refused unless the time it takes grows with the length of the text and hardly more: what is repeated
without end (`*`, `+`, `{3,}`) is one character or one class, at most twice in a pattern; groups are repeated a few
times at most; nothing looks back at what another part found. As a last net every search has a time limit.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Any

from socialops.content.values import Wrong, text

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST = 500
"""Characters of a pattern. Ours."""
MOST_OPEN = 2
"""Repeats without end in one pattern: the time grows with their number."""
MOST_WAYS = 1_000_000
"""In how many ways the repeats that have an end may share a text among them: `a?a?a?` in eight."""
MOST_TIMES = 50
"""How often something with an end may be repeated; a group a fifth of it."""
SECONDS = 5.0
"""How long one search may take, by the clock on the wall: no safe pattern comes near it, on the busiest machine."""

_QUANTIFIER = re.compile(r"[*+?]|\{(\d*)(,?)(\d*)\}")
_CLASS = re.compile(r"\[\^?\]?(?:\\.|\[:\w+:\]|[^\]\\])*\]", re.DOTALL)
_ESCAPE = re.compile(r"\\(?:[pP]\{[^}]*\}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|x[0-9A-Fa-f]{2}|N\{[^}]*\}|.)", re.DOTALL)
_GROUP = re.compile(r"\((?:\?(?::|=|!|<=|<!|P?<[A-Za-z_]\w*>))?")


def _refused(why: str, hint: str) -> Wrong:
    return Wrong("guideline-pattern", why, hint)


def safe(value: Any) -> str:
    """Read a pattern; raises Wrong for one that is no pattern or could run away."""
    pattern = text(value)
    if not pattern or len(pattern) > LONGEST:
        raise _refused(f"A pattern has 1 to {LONGEST} characters.", "Make several rules of it.")
    _judge(pattern)
    import regex

    try:
        compiled = regex.compile(pattern)
    except regex.error as fault:
        raise _refused(
            f"This is no regular expression: {fault}.", "Put \\ before a sign that stands for itself."
        ) from None
    if compiled.search("") is not None:
        raise _refused("This pattern fits everything, even nothing.", "Name at least one character that must be there.")
    return pattern


@functools.lru_cache(maxsize=512)
def compiled(pattern: str, ignore_case: bool) -> Any:
    """Return a pattern ready for searching."""
    import regex

    return regex.compile(pattern, regex.IGNORECASE if ignore_case else 0)


def search(pattern: str, text: str, *, ignore_case: bool = False) -> Iterator[tuple[int, int]]:
    """Yield (start, end) of whatever fits the pattern; raises TimeoutError after `SECONDS`."""
    for found in compiled(pattern, ignore_case).finditer(text, timeout=SECONDS):
        if found.end() > found.start():
            yield found.start(), found.end()


def _judge(pattern: str) -> None:
    """Walk over a pattern and refuse what could take more than linear time, or nearly so."""
    open_repeats, ways = 0, 1
    groups: list[bool] = []
    position = 0
    last = ""
    """What stands before the position: a single `character`, a `group` (with repeats in it: `busy`), or nothing."""
    while position < len(pattern):
        sign = pattern[position]
        if found := _QUANTIFIER.match(pattern, position):
            if not last:
                raise _refused("A repeat has nothing to repeat.", "Put \\ before a sign that stands for itself.")
            endless, times = _repeats(found)
            position = found.end()
            if pattern[position : position + 1] in ("?", "+"):
                position += 1
            if last != "character" and (endless or times > MOST_TIMES // 5 or (last == "busy" and times > 1)):
                raise _refused(
                    "A group is repeated in a way that could take for ever.",
                    "Repeat a single character or a class such as [a-z], or a group without repeats in it, up to "
                    f"{MOST_TIMES // 5} times: (?:ha){{2,5}}",
                )
            if times > MOST_TIMES:
                raise _refused(f"Something is repeated {times} times.", f"Up to {MOST_TIMES} times is fine.")
            open_repeats += endless
            ways *= times + 1
            if ways > MOST_WAYS:
                raise _refused("There are too many repeats in this pattern.", "Make two rules of it.")
            if open_repeats > MOST_OPEN:
                raise _refused(
                    f"There are more than {MOST_OPEN} repeats without an end.",
                    f"Give them one, {{0,{MOST_TIMES}}} say, or make two rules of it.",
                )
            if groups and (endless or times > 1):
                groups = [True] * len(groups)
            last = ""
        elif sign == "[":
            bracket = _CLASS.match(pattern, position)
            if bracket is None:
                raise _refused("A class of characters is never closed.", "Write ] after it, or \\[ for the sign.")
            position, last = bracket.end(), "character"
        elif sign == "\\":
            escape = _ESCAPE.match(pattern, position)
            if escape is None or escape[0][1] in "123456789gXGKLRh":
                raise _refused(
                    f"{pattern[position : position + 2]!r} is not among the safe parts of a pattern.",
                    "Leave out what looks back at another part.",
                )
            position, last = escape.end(), "" if escape[0][1] in "bBAZ" else "character"
        elif sign == "(":
            opening = _GROUP.match(pattern, position)
            if opening is None or pattern[opening.end() : opening.end() + 1] in ("?", "*"):
                raise _refused("This kind of group is not among the safe ones.", "Use (…), (?:…), (?=…) or (?!…).")
            groups.append(False)
            position, last = opening.end(), ""
        elif sign == ")":
            if not groups:
                raise _refused("A bracket is closed that was never opened.", "Write \\) for the sign itself.")
            last = "busy" if groups.pop() else "group"
            position += 1
        else:
            position += 1
            last = "" if sign in "|^$" else "character"
    if groups:
        raise _refused("A bracket is never closed.", "Write \\( for the sign itself.")


def _repeats(found: re.Match[str]) -> tuple[bool, int]:
    """Return whether a repeat has no end, and how often it is at most otherwise."""
    sign = found[0]
    if sign in "*+":
        return True, 0
    if sign == "?":
        return False, 1
    if found[2] and not found[3]:
        return True, 0
    return False, int(found[3] or found[1] or "0")
