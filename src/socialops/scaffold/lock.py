"""Pin the workspace's tool: `uv lock` writes uv.lock, with the digest of every package."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

_PATIENCE = 120.0
"""How many seconds uv gets: it asks a package index."""


def lock(root: Path) -> str:
    """Write uv.lock with uv, where uv is installed; return why that could not be done, or nothing.

    Without an answer of the index uv looks at what this machine has kept of it.
    """
    uv = shutil.which("uv")
    if uv is None:
        return "uv is not installed here"
    for more in ((), ("--offline",)):
        try:
            done = subprocess.run(  # noqa: S603 - uv by its full path, with arguments of ours
                [uv, "lock", "--quiet", *more],
                cwd=root,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
                timeout=_PATIENCE,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            return f"uv did not finish ({type(error).__name__})"
        if done.returncode == 0:
            return ""
    last = [line for line in done.stderr.splitlines() if line.strip()]
    return f"uv said: {last[-1].strip()}" if last else "uv failed without a word"
