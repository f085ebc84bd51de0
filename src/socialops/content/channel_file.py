"""Write a server's own limits into a channel's file, line by line: the rest of the file stays as people wrote it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from socialops.atomic import write_atomically
from socialops.content.channel import Channel
from socialops.errors import WorkspaceError
from socialops.workspace import Workspace

_BLOCK = re.compile(r"^limits:[^\n]*\n(?:[ \t]+[^\n]*\n|[ \t]*\n(?=[ \t]))*", re.MULTILINE)


def write_limits(workspace: Workspace, channel: Channel, limits: Mapping[str, Any]) -> bool:
    """Put *limits* (names of `networks/limits/`) into the channel's front matter; tell whether the file changed.

    Raises WorkspaceError when the file has no front matter to write into.
    """
    file = workspace.root / channel.path
    text = file.read_text("utf-8")
    lines = "".join(f"  {name}: {json.dumps(value)}\n" for name, value in sorted(limits.items()))
    block = f"limits:\n{lines}"
    head, fence, rest = text.partition("\n---")
    if not text.startswith("---\n") or not fence:
        raise WorkspaceError(f"{channel.path} has no front matter.", hint="Begin the file with a line of three dashes.")
    head += "\n"
    changed = _BLOCK.sub(lambda _: block, head, count=1) if _BLOCK.search(head) else head + block
    if changed == head:
        return False
    write_atomically(file, (changed.removesuffix("\n") + fence + rest).encode("utf-8"))
    return True


def keep_limits(workspace: Workspace, channel: Channel, told: Mapping[str, Any], today: date) -> list[str]:
    """Write what a server *told* of its limits into the channel's file, with the day; return the names that changed.

    What people wrote there themselves, and the server says nothing of, stays. Raises WorkspaceError.
    """
    before = {name: value for name, value in channel.limits.items() if name != "checked_on"}
    kept = {name: int(value) if str(value).isdecimal() else value for name, value in before.items()}
    write_limits(workspace, channel, {**kept, **told, "checked_on": str(today)})
    return sorted(name for name, value in told.items() if str(value) != str(before.get(name)))
