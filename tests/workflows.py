"""Write this repository's own workflows and forms from the scaffold: the same files that `socialops init` writes.

`make reference` runs this; a test fails while one of the files is not what this would write.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from socialops.content.load import load
from socialops.scaffold.choices import Tool, accounts_of
from socialops.scaffold.issue_forms import issue_forms
from socialops.scaffold.manifest import Manifest
from socialops.scaffold.upgrade import choices_of
from socialops.scaffold.workflows import forge_files
from socialops.workspace import find_workspace

ROOT = Path(__file__).parent.parent


def our_files() -> dict[str, str]:
    """Return path → text, for this repository's channels, with the tool that is the project itself."""
    content = load(find_workspace(ROOT))
    choices = replace(choices_of(content.workspace.settings, Manifest("")), tool=Tool("project"))
    # In English, which everybody who reports a fault of the tool itself can read.
    return forge_files(choices, accounts_of(content.channels.values()), issue_forms(content, "en"))


if __name__ == "__main__":
    for path, text in our_files().items():
        file = ROOT / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8", newline="\n")
        sys.stdout.write(f"{file}\n")
