"""What was found out about one post alone, and what is needed to judge it beside the others.

A verdict depends on nothing but the post's bytes, the channels and brand it was judged against, and its pictures; that
is what makes it worth keeping between two checks.
"""

from __future__ import annotations

from dataclasses import dataclass

from socialops.problem import Problem


@dataclass(frozen=True, slots=True)
class Outing:
    """One channel's turn with a post.

    *due* is seconds since 1970, None without a date; *words* is a digest of the text, empty when there is none; *at* is
    (line, column) of the date.
    """

    channel: str
    due: float | None
    words: bytes
    at: tuple[int, int]
    repeat: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """The problems of one post, and when its words go where."""

    problems: tuple[Problem, ...] = ()
    outings: tuple[Outing, ...] = ()
