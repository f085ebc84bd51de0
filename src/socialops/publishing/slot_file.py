"""The file of promised slots, beside the ledger: which undated post goes out on which channel when.

    reports/data/ledger/SLOTS       {"schema": 1, "slots": {"mastodon": {"2026-11-20-cat": "2026-12-03T06:30:00Z"}}}

One slot a line, sorted, so that two runs rarely meet in it. It is a promise, never a proof: what was sent is in the
ledger's records alone. Losing it moves posts to other slots and sends nothing twice.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from socialops.publishing.machine import instant, stamp

SLOT_FILE = "SLOTS"
SCHEMA = 1
Slots = Mapping[tuple[str, str], datetime]
"""(post id, channel name) → the instant of the slot."""


def read_slots(ledger: Path) -> tuple[Slots, str]:
    """Read the promised slots beside a ledger: the slots, and why they cannot be read (empty when they can)."""
    try:
        data = (ledger / SLOT_FILE).read_bytes()
    except FileNotFoundError:
        return {}, ""
    except OSError as error:
        return {}, f"cannot be read ({error.strerror})"
    return decode_slots(data)


def decode_slots(data: bytes) -> tuple[Slots, str]:
    """Read the file's bytes: the slots, and why they cannot be read (empty when they can)."""
    try:
        values = json.loads(data)
        if values["schema"] != SCHEMA:
            return {}, "was written by a newer socialops"
        return {
            (post, channel): instant(at) for channel, slots in values["slots"].items() for post, at in slots.items()
        }, ""
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}, "is damaged"


def encode_slots(slots: Slots) -> bytes:
    """Return the file's bytes."""
    by_channel: dict[str, dict[str, str]] = {}
    for (post, channel), at in slots.items():
        by_channel.setdefault(channel, {})[post] = stamp(at)
    values = {"schema": SCHEMA, "slots": by_channel}
    return (json.dumps(values, ensure_ascii=False, indent=0, sort_keys=True) + "\n").encode("utf-8", "surrogatepass")
