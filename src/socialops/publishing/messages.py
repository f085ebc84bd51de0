"""One message a channel to the people who can help it: what waits there, why, and what to copy.

It is brought up to date in place. As long as nothing changes it has the same bytes, so that a run every quarter of an
hour makes no commit and wakes nobody: no ages, no counting of runs, only dates. What others typed or networks said is
shown as code, where a forge reads neither mentions nor HTML nor links.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote
from zoneinfo import ZoneInfo

from socialops.errors import LedgerError
from socialops.publishing.attention import Need, ToDo, mending, needs
from socialops.publishing.ledger import write_file
from socialops.publishing.machine import State

if TYPE_CHECKING:
    from socialops.publishing.breaker import Breaker
    from socialops.publishing.ledger import Ledger
    from socialops.publishing.plan import Decision, Plan

FOLDER = "attention"
"""Where the messages lie, in the folder of the data."""
MOST = 30
"""How many deliveries of one kind a message lists; a forge takes 65,536 characters."""
_LONGEST = 300
_MARK = "<!-- socialops:attention:"
_SAFE_ADDRESS = re.compile(r"https://[A-Za-z0-9.-]+(?::[0-9]{1,5})?(?:[/?#][A-Za-z0-9._~:/?#@!$&'()*+,;=%-]*)?")
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_ISOLATE, _END = "\u2068", "\u2069"
_HEADINGS = {
    "attention": "Waits for your decision",
    "settled": "Could not be published",
    "comment": "Published, but not all of it",
    "too_late": "Came too late",
    "hold": "Held back, because so much is late at once",
}


def messages(
    plan: Plan, ledger: Ledger, now: datetime, zone: ZoneInfo, breakers: Mapping[str, Breaker]
) -> Mapping[str, str]:
    """Return the message of each channel that needs a person, by the channel's name; times in *zone*.

    *breakers* are the channels whose sends keep failing (`publishing/breaker.py`). The message does not say when one is
    tried next, nor how often it failed: both change by the hour while nothing changes for people.
    """
    waiting: dict[str, list[Need]] = {}
    for need in needs(plan, ledger, now):
        waiting.setdefault(need.decision.channel.name, []).append(need)
    return {
        channel: "\n".join(_message(channel, waiting.get(channel, []), breakers.get(channel), plan, now, zone))
        for channel in sorted({*waiting, *breakers})
    }


def head(channel: str) -> str:
    """Return how the message of a channel begins: its mark, and what it is."""
    return "\n".join(_head(channel)) + "\n"


def update(folder: Path, wanted: Mapping[str, str]) -> list[Path]:
    """Let `attention/` under *folder* hold these messages and no others; return the files that changed or went.

    Raises LedgerError when the disk is full or read-only.
    """
    place = folder / FOLDER
    files = {place / f"{_file_name(channel)}.md": text.encode() for channel, text in sorted(wanted.items())}
    changed = []
    for file in sorted(place.glob("*.md")) if place.is_dir() else []:
        if file not in files and file.read_bytes().startswith(_MARK.encode()):
            try:
                file.unlink()
            except OSError as error:
                raise LedgerError(
                    f"{file.name} could not be removed: {error.strerror}.", hint="Make reports/data writable."
                ) from error
            changed.append(file)
    for file, data in files.items():
        if not file.is_file() or file.read_bytes() != data:
            write_file(file, data)
            changed.append(file)
    return sorted(changed)


def _file_name(channel: str) -> str:
    """Return a name that is safe in a path and in a comment; a channel's own name is so already."""
    return quote(channel, safe="", errors="surrogatepass")[:200]


# --- one message ----------------------------------------------------------------------------------------------------


def _message(
    channel: str, waiting: Sequence[Need], breaker: Breaker | None, plan: Plan, now: datetime, zone: ZoneInfo
) -> Iterator[str]:
    yield from _head(channel)
    if breaker is not None:
        yield from _failing(breaker, channel, _held(plan, channel, now), zone)
    for action, heading in _HEADINGS.items():
        found = [need for need in waiting if _heading(need) == action]
        if found:
            yield ""
            yield f"## {heading} ({len(found)})"
        for need in found[:MOST]:
            yield from _need(need, zone)
        if len(found) > MOST:
            yield ""
            yield f"And {len(found) - MOST} more, which `socialops plan --attention` shows."
    yield ""


def _head(channel: str) -> Iterator[str]:
    yield f"{_MARK}{_file_name(channel)} -->"
    yield f"# {code(channel)} needs a person"
    yield ""
    yield "What waits here, and what to do about it. The message follows what happens, and goes when nothing waits."


def _heading(need: Need) -> str:
    return "comment" if need.decision.state is State.CONFIRMED else need.decision.action


def _held(plan: Plan, channel: str, now: datetime) -> list[Decision]:
    """Return what is due on the channel, is not there, and waits for nobody's decision."""
    return [
        decision
        for decision in plan.decisions
        if decision.channel.name == channel
        and decision.action in {"hold", "later", "send", "reconcile"}
        and decision.due is not None
        and decision.due <= now
    ]


def _failing(breaker: Breaker, channel: str, held: Sequence[Decision], zone: ZoneInfo) -> Iterator[str]:
    yield ""
    yield "## Sending fails here"
    yield ""
    yield f"- Since: {_local(breaker.since, zone)}. One post is tried an hour after the last try; a success ends it."
    words = f"{breaker.last_message} ({breaker.last_code})" if breaker.last_code else breaker.last_message
    yield f"- What the network said: {code(words or 'nothing')}"
    for decision in held[:MOST]:
        yield f"- Waits: {code(decision.post.id)}, due {_local(decision.due, zone)}"
    if len(held) > MOST:
        yield f"- And {len(held) - MOST} more, which `socialops plan` shows."
    yield ""
    yield "What to do:"
    yield ""
    yield from _things(mending(channel))


def _need(need: Need, zone: ZoneInfo) -> Iterator[str]:
    decision = need.decision
    post = decision.post
    yield ""
    yield f"### {code(post.id)}"
    yield ""
    if post.title:
        yield f"- Post: {code(post.title)}"
    if post.path:
        yield f"- File: {code(post.path)}"
    if decision.due is not None:
        yield f"- Due: {_local(decision.due, zone)}"
    yield f"- Why: {_why(decision)}"
    for number, url in enumerate(need.urls, start=1):
        yield f"- There{f', part {number}' if len(need.urls) > 1 else ''}: {link(url)}"
    yield ""
    yield "What to do:"
    yield ""
    yield from _things(need.things)


def _things(things: Sequence[ToDo]) -> Iterator[str]:
    for thing in things:
        words = thing.words.format(*(code(name) for name in thing.names))
        yield f"- {words}{':' if thing.command else ''}"
        if thing.command:
            yield from _block(thing.command)


def _why(decision: Decision) -> str:
    # The plan's own words tell how late it is, which changes by the minute.
    if decision.action == "too_late":
        return "it is too late for it to go out by itself"
    return code(decision.reason or "a person must look")


def _block(command: str) -> Iterator[str]:
    line = _line(command)
    fence = "`" * max(3, _longest_run(line) + 1)
    yield from (f"  {fence}sh", f"  {line}", f"  {fence}")


# --- what others wrote ----------------------------------------------------------------------------------------------


def code(text: str) -> str:
    """Return *text* as a code span on one line; what runs from right to left is kept apart from what stands around."""
    line = _line(text)
    line = line if len(line) <= _LONGEST else f"{line[:_LONGEST].rstrip()}…"
    if not line:
        return "(empty)"
    fence = "`" * (_longest_run(line) + 1)
    gap = " " if line.startswith("`") or line.endswith("`") else ""
    span = f"{fence}{gap}{line}{gap}{fence}"
    turns = any(unicodedata.bidirectional(letter) in {"R", "AL"} for letter in line)
    return f"{_ISOLATE}{span}{_END}" if turns else span


def link(url: str) -> str:
    """Return an address as a link when it is plain https, else as code."""
    return f"<{url}>" if len(url) <= 2000 and _SAFE_ADDRESS.fullmatch(url) else code(url)


def _line(text: str) -> str:
    """Return *text* on one line, with what cannot be seen, or turns what follows, written out."""
    return "".join(
        f"<U+{ord(letter):04X}>"
        if letter in _TURNING or unicodedata.category(letter) in {"Cc", "Cs", "Co", "Zl", "Zp"}
        else letter
        for letter in " ".join(text.split())
    )


def _longest_run(line: str) -> int:
    return max((len(run) for run in re.findall("`+", line)), default=0)


def _local(at: datetime | None, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%a %Y-%m-%d %H:%M} {zone.key}" if at else "no date"
