"""What `init` wrote, so that a later version can tell what the team changed from what socialops changed.

It lies in `.socialops-init.json` at the workspace's root, tracked. No secrets, and no machine's paths.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from socialops.atomic import write_atomically
from socialops.errors import WorkspaceError
from socialops.scaffold.choices import EVERY, FORGES, TOOLS

FILE = ".socialops-init.json"
_LARGEST = 1_000_000
_HINT = f"Bring it back from the history (git checkout HEAD -- {FILE}), or delete it and run `socialops init` again."


@dataclass(frozen=True, slots=True)
class Manifest:
    """*files*: path → digest of the text that was written, of the files that stay socialops's own.

    The answers that stand nowhere else are kept: *ci*, *every* and where the *tool* comes from.
    """

    version: str
    ci: str = "github"
    every: str = "15m"
    tool: str = "index"
    files: Mapping[str, str] = field(default_factory=dict)


def digest(text: str) -> str:
    """Return the SHA-256 of a text, with line ends as git keeps them."""
    return hashlib.sha256(text.replace("\r\n", "\n").encode("utf-8", "surrogateescape")).hexdigest()


def read_manifest(root: Path) -> Manifest | None:
    """Read the manifest of a workspace; None when `init` never wrote one. Raises WorkspaceError."""
    file = root / FILE
    if not file.is_file():
        return None
    try:
        return _read(file)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OSError) as error:
        raise WorkspaceError(f"{FILE} cannot be read.", hint=_HINT) from error


def _read(file: Path) -> Manifest:
    """Read the manifest; what is wrong with it is one of the errors that its caller names."""
    if file.is_symlink() or file.stat().st_size > _LARGEST:
        raise ValueError
    data = json.loads(file.read_text("utf-8"))
    ci, every, tool = (str(data["answers"][key]) for key in ("ci", "every", "tool"))
    if ci not in FORGES or every not in EVERY or tool not in TOOLS:
        raise ValueError
    return Manifest(str(data["version"]), ci, every, tool, {str(name): str(one) for name, one in data["files"].items()})


def manifest_text(manifest: Manifest) -> str:
    """Return the file's text."""
    record = {
        "about": "Written by `socialops init`, to tell what you changed from what socialops changed. Leave it so.",
        "answers": {"ci": manifest.ci, "every": manifest.every, "tool": manifest.tool},
        "files": dict(sorted(manifest.files.items())),
        "version": manifest.version,
    }
    return json.dumps(record, ensure_ascii=False, indent=2) + "\n"


def write_manifest(root: Path, manifest: Manifest) -> None:
    """Write the manifest; raises OSError."""
    write_atomically(root / FILE, manifest_text(manifest).encode())
