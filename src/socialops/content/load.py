"""Read the whole workspace once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from socialops.content.brand import Brand, ReportDefinition
from socialops.content.channel import Channel
from socialops.content.post import EMPTY, Post
from socialops.problem import Problem
from socialops.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Content:
    """Everything people wrote, and the problems met in reading it."""

    workspace: Workspace
    posts: tuple[Post, ...] = ()
    channels: Mapping[str, Channel] = EMPTY
    brand: Brand = field(default_factory=Brand)
    reports: tuple[ReportDefinition, ...] = ()
    problems: tuple[Problem, ...] = ()
