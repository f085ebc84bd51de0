"""Replace a file in one step: after a crash, a full disk or a kill it is the old one or the new one, whole."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def write_atomically(file: Path, data: bytes, *, private: bool = False) -> None:
    """Write *data* beside *file*, flush it to the disk, then rename it over *file*; the folder is flushed too.

    A *private* file is for its owner's eyes only. Makes the folder when it is missing. Raises OSError when the disk is
    full, read-only or broken; the file is then as it was.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    # mkstemp makes files that only their owner may read; a workspace's files are read by the whole team.
    mode = 0o600 if private else file.stat().st_mode & 0o777 if file.exists() else 0o644
    descriptor, name = tempfile.mkstemp(prefix=".", suffix=".tmp", dir=file.parent)
    try:
        with os.fdopen(descriptor, "wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        Path(name).chmod(mode)
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    _flush(file.parent)


def _flush(folder: Path) -> None:
    # The rename itself lives in the folder, and is lost with it when the power fails.
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
