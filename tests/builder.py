"""Build a workspace on disk from a mapping of file names to contents."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from socialops.workspace import Workspace, find_workspace

SETTINGS = """\
[tool.socialops]
name = "Test brand"
zone = "Europe/Istanbul"
"""

CHANNEL = """\
---
network: mastodon
handle: "@test@mastodon.example"
host: https://mastodon.example
zone: Europe/Istanbul
---
Our Mastodon account.
"""


def workspace(folder: Path, files: Mapping[str, str | bytes] | None = None) -> Workspace:
    """Write *files* (and a settings file and a channel `mastodon`, unless given) and return the workspace."""
    contents: dict[str, str | bytes] = {
        "pyproject.toml": SETTINGS,
        "brand/channels/mastodon.md": CHANNEL,
        **(files or {}),
    }
    for name, content in contents.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            file.write_bytes(content)
        else:
            file.write_text(content, "utf-8", newline="")
    return find_workspace(folder)
