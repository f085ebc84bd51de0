"""The ledger: the record of every delivery, one JSON file each.

    reports/data/ledger/SCHEMA                                {"schema": 1}
    reports/data/ledger/SLOTS                                 promised slots (slot_file.py)
    reports/data/ledger/2026/12/<post-id>/<channel>.json      the year and month when it was due, in UTC

A file has its keys sorted, one event a line, and as its last line the SHA-256 of all that stands before it. It holds
what was claimed (the draft's record, never picture bytes), what was sent, and what was answered: ids, URLs and codes,
never bodies, headers or tokens.

Reading forgives by delivery and not beyond: a file that cannot be trusted blocks that delivery and no other. A ledger
of a newer version, or one that lost its SCHEMA, stops everything.

Years of deliveries are settled, and few of them are ever looked at. Every file is read and its seal proved, but of a
settled one only the ends of its event lines; the rest is read again when somebody asks for that delivery, so a ledger
is used while its folder stands. That takes about twice as long as finding and reading the files and nothing else
(tests/bench/planning.py). Nothing is kept between runs: a runner that was just started has nothing, and it could be
wrong.
"""

from __future__ import annotations

import gc
import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from socialops.atomic import write_atomically
from socialops.errors import LedgerError
from socialops.publishing.machine import (
    Delivery,
    Event,
    State,
    instant,
    stamp,
    state_of,
)
from socialops.publishing.slot_file import Slots, read_slots

if TYPE_CHECKING:
    from datetime import datetime

    from socialops.workspace import Workspace

SCHEMA = 1
SCHEMA_FILE = "SCHEMA"
_SEAL, _SEAL_END = b'\n"sha256": "', b'"\n}\n'
_SEAL_LENGTH = len(_SEAL) + 64 + len(_SEAL_END)
_STATES = {state.value: state for state in State}
_SETTLED = frozenset({State.CONFIRMED, State.REMOVED, State.CANCELLED, State.FAILED, State.TOO_LATE})
_EVENT_END = re.compile(rb', "part": (null|\d+), "seq": (\d+), "state": "([a-z_]+)"\}(?=,?\n)')
_AT = len(b'\n{"at": "')
_STAMP = len("2026-12-01T06:30:00Z")
_FIRST_CLAIM = b', "part": 0, "seq": 1, "state": "intent"},'
_SECOND_YES = b', "part": 0, "seq": 2, "state": "confirmed"}'
_READ_AT_ONCE = 16384
_BINARY = getattr(os, "O_BINARY", 0)
_ENDED = frozenset({b"cancelled", b"too_late", b"removed"})
"""What an event about the whole delivery says when nothing is left to be done."""
_RECOVER = (
    "Nothing was sent. Restore reports/data/ledger from the data branch's history (git log shows when it changed), "
    "or from another clone, then run again."
)
_STRENGTH = (
    State.PLANNED,
    State.TOO_LATE,
    State.CANCELLED,
    State.DEFERRED,
    State.FAILED,
    State.INTENT,
    State.UNKNOWN,
    State.ATTENTION,
    State.CONFIRMED,
    State.REMOVED,
)
"""When two files speak of one delivery, the state further down is believed: the one nearer to having been sent."""

Name = tuple[str, str]
"""(post id, channel name): what identifies a delivery, wherever the post's file lies."""
_Settled = tuple[str, bytes]
"""What is kept of a settled delivery: when its newest event was, and its file's checksum."""


class Fault(ValueError):
    """One delivery's file that cannot be trusted; the message says why."""


class _Records(Mapping[Name, Delivery]):
    """Deliveries; of a settled one only the seal is kept, and its file is read again when somebody looks."""

    def __init__(self, held: dict[Name, Delivery | _Settled], files: Mapping[Name, str]) -> None:
        self._held = held
        self._files = files

    def __getitem__(self, name: Name) -> Delivery:
        found = self._held[name]
        if isinstance(found, Delivery):
            return found
        try:
            data = _read(self._files[name])
            delivery = decode(data, name)
        except Fault as error:
            message = f"The record of {name[0]} on {name[1]} cannot be trusted: {error}."
            raise LedgerError(message, hint=_RECOVER) from error
        if _seal_of(data) != found[1]:
            message = f"The record of {name[0]} on {name[1]} was changed while the ledger was in use."
            raise LedgerError(message, hint="Somebody else is at work in reports/data. Run again.")
        self._held[name] = delivery
        return delivery

    def __iter__(self) -> Iterator[Name]:
        return iter(self._held)

    def __len__(self) -> int:
        return len(self._held)

    def __contains__(self, name: object) -> bool:
        return name in self._held

    def opened(self) -> Iterator[Delivery]:
        """Give what has been understood already: all that is not settled, and some that is."""
        return (found for found in self._held.values() if isinstance(found, Delivery))

    def since(self, at: str, channel: str) -> list[Delivery]:
        """Return the deliveries (of one channel, when given) whose newest event is recorded at *at* or later."""
        return [
            self[name]
            for name, found in self._held.items()
            if (_newest(found) if isinstance(found, Delivery) else found[0]) >= at and channel in ("", name[1])
        ]

    def holding(self, deliveries: Iterable[Delivery]) -> _Records:
        """Return these records with these deliveries among them."""
        mine = {(delivery.post, delivery.channel): delivery for delivery in deliveries}
        return _Records({**self._held, **mine}, self._files)


def _newest(delivery: Delivery) -> str:
    return delivery.events[-1].at if delivery.events else ""


@dataclass(frozen=True, slots=True)
class Ledger:
    """Every delivery on record. *missing*: there is no ledger yet."""

    path: Path
    deliveries: Mapping[Name, Delivery] = field(default_factory=dict)
    faults: Mapping[Name, str] = field(default_factory=dict)
    """Deliveries whose file cannot be trusted, and why. Nothing is sent for them."""
    files: Mapping[Name, str] = field(default_factory=dict, repr=False)
    missing: bool = False
    slots: Slots = field(default_factory=dict)
    """The slots that were promised to posts without a date."""
    slots_fault: str = ""
    """Why the file of promised slots cannot be read; empty when it can, or there is none."""

    @classmethod
    def open(cls, workspace: Workspace) -> Ledger:
        """Read the workspace's ledger; raises LedgerError when it cannot be trusted as a whole."""
        return read_ledger(workspace.ledger)

    def file_of(self, delivery: Delivery) -> Path:
        """Return where the delivery's file stands, or where it belongs when it has none yet."""
        name = (delivery.post, delivery.channel)
        return Path(self.files[name]) if name in self.files else self.path / place_of(delivery)

    def unsettled(self) -> Iterator[Delivery]:
        """Give the deliveries that a machine or a person still has to do with, without reading into the others."""
        for delivery in self._records().opened():
            if state_of(delivery) not in _SETTLED:
                yield delivery

    def since(self, at: datetime, channel: str = "") -> list[Delivery]:
        """Return the deliveries (of one channel, when given) whose newest event was at *at* or later."""
        return self._records().since(stamp(at), channel)

    def _records(self) -> _Records:
        if isinstance(self.deliveries, _Records):
            return self.deliveries
        return _Records(dict(self.deliveries), self.files)

    def holding(self, *deliveries: Delivery) -> Ledger:
        """Return the ledger with these deliveries in it; nothing is written."""
        places = {(delivery.post, delivery.channel): str(self.file_of(delivery)) for delivery in deliveries}
        return replace(
            self, deliveries=self._records().holding(deliveries), files={**self.files, **places}, missing=False
        )


def read_ledger(path: Path) -> Ledger:
    """Read the ledger under *path*; a folder that is not there, or is empty, is an empty ledger with `missing` set.

    Raises LedgerError when the SCHEMA is newer, unreadable, or lost.
    """
    schema = path / SCHEMA_FILE
    try:
        found = json.loads(schema.read_text("utf-8"))["schema"]
    except FileNotFoundError:
        if next(_files(path), None) is not None:
            raise LedgerError(
                f"The ledger holds deliveries but has lost its {SCHEMA_FILE} file.", hint=_RECOVER
            ) from None
        slots, why = read_slots(path)
        return Ledger(path, missing=True, slots=slots, slots_fault=why)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise LedgerError(f"The ledger's {SCHEMA_FILE} file cannot be read.", hint=_RECOVER) from error
    _known(found, SCHEMA_FILE)
    # Ten thousand records are many objects and no rubbish: looking for rubbish among them takes half of the time.
    collecting = gc.isenabled()
    gc.disable()
    try:
        return _read_all(path)
    finally:
        if collecting:
            gc.enable()


def _read_all(path: Path) -> Ledger:
    held: dict[Name, Delivery | _Settled] = {}
    faults: dict[Name, str] = {}
    files: dict[Name, str] = {}
    for name, file in _files(path):
        try:
            data = _read(file)
            again = name in files
            at = "" if again else _settled_at(data, name)
            record = (at, _seal_of(data)) if at else decode(data, name)
        except Fault as error:
            faults[name] = f"its record {_shown(path, file)} cannot be trusted: {error}"
            files.setdefault(name, file)
            continue
        if again:
            faults[name] = f"it has two records, {_shown(path, file)} and {_shown(path, files[name])}"
            known = _Records(held, files).get(name)
            if known is not None and isinstance(record, Delivery) and _strength(known) >= _strength(record):
                continue
        held[name] = record
        files[name] = file
    slots, why = read_slots(path)
    return Ledger(path, _Records(held, files), faults, files, slots=slots, slots_fault=why)


def _known(schema: object, where: str) -> None:
    if not isinstance(schema, int) or isinstance(schema, bool) or schema < 1:
        raise LedgerError(f"The ledger's {where} names no schema.", hint=_RECOVER)
    if schema > SCHEMA:
        raise LedgerError(
            f"The ledger was written by a newer socialops (schema {schema}; this one knows {SCHEMA}): {where}.",
            hint="Nothing was sent. Update socialops (uv sync, or the version in your workflow), then run again.",
        )


def _strength(delivery: Delivery) -> int:
    return _STRENGTH.index(state_of(delivery))


def _shown(root: Path, file: str | Path) -> str:
    return f"{root.name}/{Path(file).relative_to(root).as_posix()}"


def _files(path: Path) -> Iterator[tuple[Name, str]]:
    """Find the delivery files, in a stable order: (name, file)."""
    for year in _folders(str(path)):
        for month in _folders(year):
            for post in _folders(month):
                # Not one Path object here: fifty thousand of them cost more than the reading.
                identity = post[len(month) + 1 :]
                for file in sorted(os.listdir(post)):  # noqa: PTH208
                    if file.endswith(".json") and not file.startswith("."):
                        yield (identity, file[:-5]), f"{post}/{file}"


def _folders(path: str) -> list[str]:
    try:
        with os.scandir(path) as entries:
            return sorted(entry.path for entry in entries if not entry.name.startswith(".") and entry.is_dir())
    except FileNotFoundError:
        return []


def _read(file: str) -> bytes:
    try:
        descriptor = os.open(file, os.O_RDONLY | _BINARY)
        try:
            data = os.read(descriptor, _READ_AT_ONCE)
            if len(data) == _READ_AT_ONCE:
                pieces = [data]
                while more := os.read(descriptor, _READ_AT_ONCE):
                    pieces.append(more)
                data = b"".join(pieces)
            return data
        finally:
            os.close(descriptor)
    except OSError as error:
        raise Fault(f"it cannot be read ({error.strerror})") from error


# --- one file -------------------------------------------------------------------------------------------------------


def place_of(delivery: Delivery) -> Path:
    """Return where a delivery's file belongs, relative to the ledger."""
    due = instant(delivery.due)
    return Path(f"{due:%Y}", f"{due:%m}", delivery.post, f"{delivery.channel}.json")


def encode(delivery: Delivery) -> bytes:
    """Return the delivery's file: sorted keys, one event a line, sealed with a SHA-256."""
    values: dict[str, Any] = {
        "campaign": delivery.campaign,
        "channel": delivery.channel,
        "draft": dict(delivery.draft),
        "due": delivery.due,
        "kind": delivery.kind,
        **({"link": delivery.link} if delivery.link else {}),
        "network": delivery.network,
        "path": delivery.path,
        "pillar": delivery.pillar,
        "post": delivery.post,
        "sandbox": delivery.sandbox,
        "schema": SCHEMA,
    }
    lines = [f"{_json(key)}: {_json(value)}" for key, value in values.items()]
    events = ",\n".join(_json(_event_data(event)) for event in delivery.events)
    lines.insert(4, f'"events": [\n{events}\n]' if events else '"events": []')
    body = ("{\n" + ",\n".join(lines) + ",").encode("utf-8", "surrogatepass")
    return body + _SEAL + hashlib.sha256(body).hexdigest().encode() + _SEAL_END


def _seal_of(data: bytes) -> bytes:
    """Return the checksum that a file ends with."""
    return data[-len(_SEAL_END) - 64 : -len(_SEAL_END)]


def _settled_at(data: bytes, name: Name) -> str:
    """Return when the newest event was, for a file that is as we write it and says that nothing is left to be done.

    Empty: it must be understood to be judged. JSON has no line breaks inside a text and no bare quotes, so what stands
    at a line's beginning or end here is what we put there.
    """
    end = len(data) - _SEAL_LENGTH
    if end < 0 or data[end:] != _SEAL + hashlib.sha256(data[:end]).hexdigest().encode() + _SEAL_END:
        return ""
    post, channel = name[0].encode("utf-8", "surrogateescape"), name[1].encode("utf-8", "surrogateescape")
    draft = data.find(b'\n"channel": "%b",\n"draft": ' % channel)
    close = data.rfind(b'\n],\n"kind": ', 0, end)
    events = data.find(b'\n"events": [\n', draft, close)
    ours = data.find(b',\n"post": "%b",\n"sandbox": ' % post, close, end)
    if not (0 < draft < events < ours and data.endswith(b',\n"schema": 1,', 0, end)):
        return ""
    newest = data.rfind(b"\n", 0, close)
    parts = data.count(b'{"attachments": ', draft, events)
    # Nine of ten have one part, which was claimed and then confirmed: no need to look further.
    plain = parts == 1 and data.endswith(_SECOND_YES, 0, close) and data.endswith(_FIRST_CLAIM, 0, newest)
    if not plain and not _over(_EVENT_END.findall(data, events, close + 1), parts):
        return ""
    return data[newest + _AT : newest + _AT + _STAMP].decode("ascii", "replace")


def _over(ends: Sequence[tuple[bytes, bytes, bytes]], parts: int) -> bool:
    """Tell whether nothing is left to be done after events that end in these (part, seq, state), in their order."""
    states: dict[int, bytes] = {}
    last, whole, state = 0, False, b""
    for part, seq, state in ends:
        if int(seq) <= last:
            return False
        last, whole = int(seq), part == b"null"
        if not whole:
            states[int(part)] = state
    return state in _ENDED if whole else _all_settled(states, parts)


def _all_settled(states: dict[int, bytes], parts: int) -> bool:
    """Tell whether parts in these states are settled as a whole: all there, or given up before any of them was."""
    found = set(states.values())
    if states and max(states) >= parts:
        return False
    if b"failed" in found:
        return found <= {b"failed", b"deferred", b"planned"}
    return bool(states) and len(states) == parts and found <= {b"confirmed", b"removed"}


def decode(data: bytes, name: Name | None = None) -> Delivery:
    """Read a delivery's file, which must speak of *name* when given.

    Raises Fault, or LedgerError when it was written by a newer version.
    """
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n")
    body, seal, tail = data.rpartition(_SEAL)
    if not seal:
        if b"<<<<<<<" in data or b">>>>>>>" in data:
            raise Fault("it holds the marks of a merge conflict")
        raise Fault("it is empty" if not data.strip() else "it is cut short")
    if tail != hashlib.sha256(body).hexdigest().encode() + _SEAL_END:
        raise Fault("it was changed by hand, or damaged: its checksum is wrong")
    try:
        values = json.loads(data)
        _known(values["schema"], "a delivery's file")
        events = tuple(
            [
                Event(event["seq"], event["at"], _STATES[event["state"]], event["part"], event["detail"])
                for event in values["events"]
            ]
        )
        delivery = Delivery(
            values["post"],
            values["channel"],
            values["network"],
            values["due"],
            values["draft"],
            events,
            values["campaign"],
            values["pillar"],
            values["kind"],
            values["path"],
            values["sandbox"],
            values.get("link", ""),
        )
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise Fault("it is not a delivery's record") from error
    if name not in (None, (delivery.post, delivery.channel)):
        raise Fault(f"it speaks of {delivery.post} on {delivery.channel}")
    last = 0
    for event in events:
        if event.seq <= last:
            raise Fault("its events are out of order")
        last = event.seq
    return delivery


def _event_data(event: Event) -> dict[str, Any]:
    return {
        "at": event.at,
        "detail": dict(event.detail),
        "part": event.part,
        "seq": event.seq,
        "state": event.state.value,
    }


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(", ", ": "), allow_nan=False)


# --- writing --------------------------------------------------------------------------------------------------------


def write_schema(path: Path) -> Path:
    """Begin a ledger under *path*; return its SCHEMA file."""
    file = path / SCHEMA_FILE
    write_file(file, schema_bytes())
    return file


def schema_bytes() -> bytes:
    """Return what a SCHEMA file holds."""
    return f'{{"schema": {SCHEMA}}}\n'.encode()


def write_delivery(file: Path, delivery: Delivery) -> None:
    """Write a delivery's file in one step: after a crash it is the old one or the new one, whole."""
    write_file(file, encode(delivery))


def write_file(file: Path, data: bytes) -> None:
    """Replace one of the data folder's files in one step.

    Raises LedgerError when the disk is full, read-only or broken; the file is then as it was.
    """
    try:
        write_atomically(file, data)
    except OSError as error:
        raise LedgerError(
            f"{file.name} could not be written: {error.strerror}.",
            hint="Make room on the disk, or make reports/data writable, then run again.",
        ) from error


# --- two records of one delivery ------------------------------------------------------------------------------------


def merge_records(theirs: bytes | None, ours: bytes) -> bytes | None:
    """Bring our record of a delivery onto the remote's; None: nothing of ours is worth keeping.

    A claim that never reached the remote never was: nothing may have been sent on it, so it is dropped, and whatever
    stands only on it. An outcome of a claim that is there is evidence, and is added after the remote's events.
    """
    if theirs is None:
        return None
    try:
        their_delivery, our_delivery = decode(theirs), decode(ours)
    except Fault:
        return theirs
    known = {_essence(event) for event in their_delivery.events}
    mine = {_essence(event) for event in our_delivery.events}
    moved_on = {event.part for event in their_delivery.events if _essence(event) not in mine}
    claimed = {event.part for event in their_delivery.events if event.state is State.INTENT}
    there = {event.part for event in their_delivery.events if event.state is State.CONFIRMED}
    kept = []
    unpushed: set[int | None] = set()
    for event in our_delivery.events:
        removed = event.state is State.REMOVED
        if _essence(event) in known or (event.part in there and not removed):
            continue
        if event.state is State.INTENT:
            unpushed.add(event.part)
        elif event.part in unpushed or (event.part is not None and event.part not in claimed):
            continue
        elif (
            removed
            or event.state is State.CONFIRMED
            or not ({event.part, None} & moved_on or (event.part is None and moved_on))
        ):
            # Where another run has gone on since, only the proof that it is there, or gone again, still counts.
            kept.append(event)
    if not kept:
        return theirs
    last = their_delivery.events[-1].seq if their_delivery.events else 0
    events = tuple(replace(event, seq=last + number) for number, event in enumerate(kept, start=1))
    return encode(replace(their_delivery, events=(*their_delivery.events, *events)))


def _essence(event: Event) -> str:
    return _json([event.at, event.state.value, event.part, dict(event.detail)])
