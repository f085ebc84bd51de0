"""What is wrong with posts that come again: outings that fall away, and texts that run out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from socialops.checks.rule import Case, Rule, rules
from socialops.compose.recurrence import cooldown_of, days_by, forbids_repeats, outings, shortest
from socialops.compose.schedule import when
from socialops.problem import Severity

if TYPE_CHECKING:
    from socialops.checks.place import Place
    from socialops.compose.recurrence import Outing

_BEGIN, _END = datetime(1990, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
_MOST_NAMED = 3
_POST = "=== posts/2026/12/post.md\n---\ndate: 2026-12-11 09:30\nchannels: [CHANNEL]\nrecur: {RULE}\n---\nHello\n"
_OFF = "=== brand/strategy.md\n---\ntitle: Strategy\nholidays:\n  2026-12-25: Christmas\n---\nProse\n"
_LINKEDIN = "=== brand/channels/linkedin.md\n---\nnetwork: linkedin\nhandle: us\nzone: Europe/Istanbul\n---\nOurs\n"

RECUR_DAY_OFF = Rule(
    "recur-day-off",
    Severity.NOTE,
    "An outing of a post that comes again falls on a day off, and is left out.",
    "Nothing is moved to another day: the rule goes on as if the outing had been.",
    _OFF + _POST.replace("CHANNEL", "mastodon").replace("RULE", "every: week, until: 2026-12-31"),
    _OFF + _POST.replace("CHANNEL", "mastodon").replace("RULE", "every: month, until: 2027-01-31"),
)
RECUR_TEXTS = Rule(
    "recur-texts",
    Severity.WARNING,
    "A post comes again more often than it has texts, on a network that takes no text twice.",
    "Each text goes out there once, in order; then nothing more does. `same_text` in the networks' limits says where.",
    _LINKEDIN + _POST.replace("CHANNEL", "linkedin").replace("RULE", "every: week, until: 2026-12-31"),
    _LINKEDIN
    + _POST.replace("CHANNEL", "linkedin").replace("RULE", "every: week, until: 2026-12-20, variants: [Hello again]"),
)
RECUR_COOLDOWN = Rule(
    "recur-cooldown",
    Severity.WARNING,
    "The cooldown of a post that comes again is longer than the time between two of its outings.",
    "Outings would fall away, and nobody could tell from the rule which.",
    _POST.replace("CHANNEL", "mastodon").replace("RULE", "every: week, until: 2027-01-31, cooldown: 10d"),
    _POST.replace("CHANNEL", "mastodon").replace("RULE", "every: 2 weeks, until: 2027-01-31, cooldown: 10d"),
)
RULES = rules(RECUR_DAY_OFF, RECUR_TEXTS, RECUR_COOLDOWN)


def judge_recurrence(case: Case, places: Mapping[str, Place]) -> list[tuple[str, Outing]]:
    """Judge the rule of a post that comes again; return its outings: (channel name, outing), those left out not."""
    post, rule = case.post, case.post.recur
    if rule is None:
        return []
    if cooldown_of(rule) > shortest(rule):
        case.report(
            RECUR_COOLDOWN,
            post.at("recur", "cooldown"),
            f"The cooldown of {cooldown_of(rule).days} days is longer than the {shortest(rule).days} days between two "
            "outings.",
            "Shorten it, or let the post come again less often.",
        )
    found: list[tuple[str, Outing]] = []
    for entry in post.channels:
        place = places.get(entry.channel)
        if place is None:
            continue
        channel = place.channel
        turns = list(outings(post, channel, case.content, _BEGIN, _END))
        fallen = [turn for turn in turns if turn.off is not None]
        if fallen:
            named = ", ".join(f"{turn.day} ({turn.off.why})" for turn in fallen[:_MOST_NAMED] if turn.off)
            more = f" and {len(fallen) - _MOST_NAMED} more" if len(fallen) > _MOST_NAMED else ""
            case.report(
                RECUR_DAY_OFF,
                post.at("recur"),
                f"On {channel.name} it does not go out on {named}{more}.",
                "Write a post of its own where such a day is meant.",
            )
        begins = when(post, channel)
        if begins is not None and turns and forbids_repeats(channel):
            whole = sum(1 for _ in days_by(rule, begins.wall.date()))
            if whole > len(turns):
                case.report(
                    RECUR_TEXTS,
                    post.at("recur", "variants"),
                    f"{channel.name} takes no text twice: of {whole} outings only the first {len(turns)} go out there.",
                    "Add texts to `variants:`, or let the post end earlier.",
                )
        found += [(channel.name, turn) for turn in turns if turn.off is None]
    return found
