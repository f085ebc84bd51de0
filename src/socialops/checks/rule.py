"""A rule: something that can be wrong, told so that the person who wrote it can put it right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from socialops.problem import Problem, Severity

if TYPE_CHECKING:
    from socialops.compose.compose import Variant
    from socialops.content.load import Content
    from socialops.content.post import Post

EXAMPLE_FILE = "posts/2026/12/2026-12-01-example.md"
"""Where the post of a rule's example lies, unless the example says otherwise."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule, with its page: what it finds, why that matters, and an example that breaks it and one that keeps it.

    An example that begins with `---` is a whole post. One with lines `=== path` holds several files of a workspace;
    behind `(published)` stands what a post was when all its channels got it, and it is so still unless the same path
    follows, or `(published, gone since)` says that its file is no longer there. Anything else only shows the idea. The
    examples may use the pictures of `examples` below.
    """

    id: str
    severity: Severity
    summary: str
    why: str
    bad: str
    good: str
    since: str = "0.1.0"
    unfinished: bool = False
    """Whether a draft may still break it: it is a warning there."""


EXAMPLE_PICTURES: Mapping[str, str] = {
    "lamp.jpg": "a picture of 800 × 600 pixels",
    "lamp.png": "the same as PNG",
    "large.jpg": "a picture of 5000 × 1000 pixels",
    "tiny.jpg": "a picture of 200 × 200 pixels",
    "moving.gif": "an animation",
    "broken.jpg": "a file that is no picture",
    "clip.mp4": "an upright video of four seconds",
    "small.mp4": "the same lying down, without sound",
    "wide.mp4": "a video of 960 × 160 pixels",
    "long.mp4": "a video of two and a half minutes, with one frame a second",
    "tail.mp4": "a video that carries its index at its end",
    "newer.mp4": "a video in H.265",
    "clip.webm": "a video as WebM",
    "broken.mp4": "a video that is cut off",
}
"""The files that lie beside an example's post."""


def rules(*items: Rule) -> Mapping[str, Rule]:
    """Return the rules by their id."""
    return {rule.id: rule for rule in items}


@dataclass(slots=True)
class Case:
    """One post on trial: what is known of it, and the problems found so far."""

    post: Post
    content: Content
    problems: list[Problem] = field(default_factory=list)

    def report(self, rule: Rule, at: tuple[int, int], message: str, hint: str = "") -> None:
        """Note that the post breaks *rule*; *at* is (line, column)."""
        severity = rule.severity
        if rule.unfinished and self.post.draft and severity is Severity.ERROR:
            severity = Severity.WARNING
        problem = Problem(self.post.path, at[0], at[1], rule.id, message, hint, severity)
        if problem not in self.problems:
            self.problems.append(problem)

    def in_part(self, index: int, offset: int) -> tuple[int, int]:
        """Return (line, column) of the character at *offset* of a part of the body."""
        source = self.post.parts[index]
        before = source.count("\n", 0, offset)
        line = self.post.part_lines[index] if index < len(self.post.part_lines) else 1
        return line + before, offset - (source.rfind("\n", 0, offset) + 1) + 1

    def in_text(self, variant: Variant, index: int, needle: str = "") -> tuple[int, int]:
        """Return (line, column) of *needle* in the source of a composed part, or of where that source begins."""
        if variant.entry.text is not None:
            return self.post.at("channels", variant.entry.channel, "text")
        if index >= len(self.post.parts):
            return (1, 1)
        return self.in_part(index, max(self.post.parts[index].find(needle), 0))

    def at_entry(self, channel: str, key: str) -> tuple[int, int]:
        """Return (line, column) of a value that a channel's entry may override."""
        positions = self.post.positions
        return positions.get(f"channels.{channel}.{key}") or positions.get(key) or (1, 1)
