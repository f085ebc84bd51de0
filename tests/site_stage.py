"""Build the tree of a small workspace for the tests of the site, and read what is on its pages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

from builder import workspace
from socialops.checks.check import check
from socialops.compose.compose import compose
from socialops.content.load import Content, load
from socialops.measuring.store import Reading
from socialops.networks.draft import Receipt
from socialops.publishing.ledger import Ledger
from socialops.publishing.machine import (
    Delivery,
    Event,
    State,
    receipt_detail,
    stamp,
)
from socialops.publishing.plan import plan
from socialops.site.build import build_site
from socialops.workspace import Workspace

NOW = datetime(2026, 12, 6, 9, 0, tzinfo=UTC)
"""Sunday noon in Istanbul."""

SETTINGS = """\
[tool.socialops]
name = "Test brand"
zone = "Europe/Istanbul"
forge_url = "https://forge.example/team/social"
"""
HEBREW_CHANNEL = """\
---
network: mastodon
handle: "@test@he.example"
host: https://he.example
zone: Asia/Jerusalem
lang: he
---
In Hebrew.
"""
BLUESKY_CHANNEL = """\
---
network: bluesky
handle: test.example
host: https://bsky.example
zone: Europe/Bucharest
lang: en
purpose: The short one.
---
"""


@dataclass
class Stage:
    """A workspace, and what is recorded of it outside its files."""

    workspace: Workspace
    deliveries: dict[tuple[str, str], Delivery] = field(default_factory=dict)
    readings: list[Reading] = field(default_factory=list)

    @property
    def out(self) -> Path:
        return self.workspace.build

    def content(self) -> Content:
        return load(self.workspace)

    def published(self, post: str, channel: str, at: datetime, *, state: State = State.CONFIRMED) -> None:
        """Record a delivery as the engine would: what was composed, and a receipt for each part."""
        content = self.content()
        found = next(item for item in content.posts if item.id == post)
        draft = compose(found, content.channels[channel], content)
        events = tuple(
            Event(
                number,
                stamp(at),
                state,
                number,
                receipt_detail(Receipt(f"id-{number}", f"https://net.example/{post}/{number}", stamp(at))),
            )
            for number in range(len(draft.parts))
        )
        self.deliveries[post, channel] = Delivery(
            post, channel, draft.network, stamp(at), draft.record(), events, found.campaign, found.pillar, draft.kind
        )

    def build(self, now: datetime = NOW) -> Path:
        content = self.content()
        problems = check(content)
        ledger = Ledger(self.workspace.ledger, self.deliveries, missing=not self.deliveries)
        decided = plan(content, ledger, now, problems=problems)
        return build_site(
            self.workspace, content, decided, ledger, self.readings, now=now, out=self.out, problems=problems
        )


def stage(folder: Path, files: Mapping[str, str | bytes]) -> Stage:
    return Stage(workspace(folder, {"pyproject.toml": SETTINGS, **files}))


def post(text: str, **fields: object) -> str:
    """A post's file; a field's value is YAML."""
    values = {"channels": "[mastodon]", **fields}
    header = "".join(f"{name}: {value}\n" for name, value in values.items() if value is not None)
    return f"---\n{header}---\n{text}\n"


@dataclass
class Element:
    """One element of a page: its name, attributes, and text (that of all inside it)."""

    name: str
    attributes: dict[str, str]
    text: str = ""
    spaced: str = ""
    """The text with a space wherever an element begins or ends."""

    @property
    def classes(self) -> Sequence[str]:
        return self.attributes.get("class", "").split()


_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[Element] = []
        self._open: list[Element] = []

    def _space(self) -> None:
        for element in self._open:
            element.spaced += " "

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._space()
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.elements.append(element)
        if tag not in _VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(Element(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        self._space()
        names = [element.name for element in self._open]
        if tag in names:
            del self._open[len(names) - 1 - names[::-1].index(tag) :]

    def handle_data(self, data: str) -> None:
        for element in self._open:
            element.text += data
            element.spaced += data


def elements(html: str) -> list[Element]:
    """Every element of a page, in order."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.elements


def with_class(html: str, name: str) -> list[Element]:
    return [element for element in elements(html) if name in element.classes]


def words(items: Iterable[Element]) -> list[str]:
    """The words of elements, with white space made single, and none before a stop."""
    return [re.sub(r" ([.,:;!?])", r"\1", " ".join(item.spaced.split())) for item in items]
