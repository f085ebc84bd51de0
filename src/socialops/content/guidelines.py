"""Rules of the style guide: what `rules:` of a page in `brand/` says, read and ready to be kept by `check`.

A rule has exactly one kind, and its kind is the key under which its particulars stand: a rule with `words:` is about
words, one with `hashtags:` about hashtags. `KINDS` lists them; `guideline_schema.py` says what each takes, and
`checks/guidelines/` has a file for each subject that judges by them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from socialops.content.post import EMPTY
from socialops.problem import Severity

KINDS = (
    "words",
    "require",
    "spelling",
    "pattern",
    "hashtags",
    "emoji",
    "punctuation",
    "links",
    "sensitive",
    "disclosure",
    "length",
    "readability",
    "alt_text",
    "palette",
    "picture_size",
    "logo",
    "quiet",
    "cadence",
    "mix",
    "by_hand",
)
"""The keys that make a rule what it is."""

TOGETHER = frozenset({"cadence", "mix"})
"""The kinds that are about many posts at once."""

PICTURED = frozenset({"palette", "picture_size", "logo"})
"""The kinds whose examples are pictures."""

ID = r"[A-Z]{2,10}[0-9]{1,6}"
"""What the id of a guideline's rule is: capitals and a number, unlike the ids of socialops's own rules."""

_SIZE = re.compile(r"(\d{1,5}) ?[x×*] ?(\d{1,5})")


@dataclass(frozen=True, slots=True)
class Example:
    """A small post that shows a rule kept or broken. *given* holds the fields it sets; *at* is its (line, column)."""

    text: str
    given: Mapping[str, Any] = EMPTY
    at: tuple[int, int] = field(default=(1, 1), compare=False)

    @property
    def picture(self) -> str:
        """What it says of its picture, when it is one: a file, or a size; empty when it only has colours."""
        return str(self.given.get("picture", "")) or ("" if self.given.get("colours") else self.text)


@dataclass(frozen=True, slots=True)
class Scope:
    """Where a rule holds; an empty part means everywhere. *since* and *until* are the first and the last day."""

    languages: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    campaigns: tuple[str, ...] = ()
    pillars: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None

    def holds_in(self, lang: str) -> bool:
        """Tell whether a rule holds for a text in *lang*; `pt` includes `pt-BR`."""
        return not self.languages or lang in self.languages or lang.partition("-")[0] in self.languages

    def covers(self, channel: str, network: str, kind: str, lang: str, campaign: str, pillar: str) -> bool:
        """Tell whether a rule holds for what goes to a channel, whatever the day."""
        return (
            self.holds_in(lang)
            and (not self.channels or channel in self.channels)
            and (not self.networks or network in self.networks)
            and (not self.kinds or kind in self.kinds)
            and (not self.campaigns or campaign in self.campaigns)
            and (not self.pillars or pillar in self.pillars)
        )


@dataclass(frozen=True, slots=True)
class BrandRule:
    """One rule of the style guide; *settings* are the particulars of its kind, *page* the file it stands in."""

    id: str
    kind: str
    settings: Any
    page: str
    severity: Severity = Severity.WARNING
    summary: str = ""
    reason: str = ""
    scope: Scope = Scope()
    good: tuple[Example, ...] = ()
    bad: tuple[Example, ...] = ()
    approver: str = ""
    """A person, or a role; empty: whoever approves changes of the page."""
    exact: bool = False
    unless: tuple[str, ...] = ()
    not_in: tuple[str, ...] = ()
    at: tuple[int, int] = field(default=(1, 1), compare=False)


def kind_fault(given: Collection[str]) -> dict[str, str]:
    """Say what is wrong with the kinds that a rule has (`message` and `hint`); empty: it has one, as it should."""
    if len(given) == 1:
        return {}
    if given:
        kinds = ", ".join(sorted(given))
        return {"message": f"This rule is of several kinds at once: {kinds}.", "hint": "Make a rule of each."}
    return {
        "message": "This rule says nothing that could be checked.",
        "hint": f"Add one of {', '.join(KINDS[:-1])}; or `by_hand: true` when only people can judge it.",
    }


def rules_of(page: str, typed: Iterable[Any], positions: Mapping[str, tuple[int, int]]) -> tuple[BrandRule, ...]:
    """Make the rules of a page of its `rules:` as they were read; *positions* are those of its header."""
    return tuple(_rule(page, index, rule, positions) for index, rule in enumerate(typed))


def pictures_of(rules: Iterable[BrandRule]) -> tuple[str, ...]:
    """Return the files that examples show, from the top of the workspace, whether they are there or not."""
    found = set()
    for rule in rules:
        for example in (*rule.good, *rule.bad) if rule.kind in PICTURED else ():
            file = example.picture
            if file and size_of(file) is None:
                folder = rule.page.rpartition("/")[0]
                found.add(file.removeprefix("/") if file.startswith("/") else f"{folder}/{file}")
    return tuple(sorted(found))


def size_of(text: str) -> tuple[int, int] | None:
    """Return width and height of `1600 × 1000`; None for anything else."""
    found = _SIZE.fullmatch(" ".join(text.split()))
    return (int(found[1]), int(found[2])) if found else None


def _rule(page: str, index: int, typed: Any, positions: Mapping[str, tuple[int, int]]) -> BrandRule:
    kind = next(kind for kind in KINDS if getattr(typed, kind))
    where = f"rules.{index}"

    def examples(name: str) -> tuple[Example, ...]:
        found = []
        for number, example in enumerate(getattr(typed, name)):
            at = positions.get(f"{where}.{name}.{number}") or positions.get(f"{where}.{name}") or (1, 1)
            given = {field: value for field, value in vars(example).items() if value and field != "text"}
            found.append(Example(example.text, given, at))
        return tuple(found)

    scope = Scope(
        typed.lang,
        typed.networks,
        typed.channels,
        typed.campaigns,
        typed.pillars,
        tuple(str(kind) for kind in typed.kinds),
        typed.since,
        typed.until,
    )
    return BrandRule(
        typed.id,
        kind,
        getattr(typed, kind),
        page,
        typed.severity,
        typed.summary,
        typed.reason,
        scope,
        examples("good"),
        examples("bad"),
        typed.approver,
        typed.exact,
        typed.unless,
        typed.not_in,
        positions.get(where, (1, 1)),
    )
