"""A sign of life: a run that had nothing to do says so, now and then.

A run that sends leaves its claims; one without work would leave nothing, and nobody could tell it from a job that no
longer runs. So it writes the time into one small file, but no more than once in six hours: four commits a day, not a
hundred.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

from socialops.publishing.ledger import write_file
from socialops.publishing.machine import instant, stamp

HEARTBEAT_FILE = "heartbeat.json"
EVERY = timedelta(hours=6)
"""How old the sign may be before a run writes a new one."""


def heartbeat(folder: Path, now: datetime, run: str = "") -> Path | None:
    """Write the sign of life under *folder* when the last one is old; return its file, None when it stands as it is.

    *run* names the run for people. A sign from the future (a clock that was wrong) is replaced too. Raises LedgerError
    when the disk is full or read-only.
    """
    last = last_heartbeat(folder)
    if last is not None and abs(now - last) < EVERY:
        return None
    file = folder / HEARTBEAT_FILE
    write_file(file, (json.dumps({"at": stamp(now), "run": run}, ensure_ascii=False, sort_keys=True) + "\n").encode())
    return file


def last_heartbeat(folder: Path) -> datetime | None:
    """Return the time of the last sign of life; None without one, or when it cannot be read."""
    try:
        return instant(str(json.loads((folder / HEARTBEAT_FILE).read_text("utf-8"))["at"]))
    except (OSError, ValueError, KeyError, TypeError, RecursionError, OverflowError):
        return None
