"""Compare the files that stay socialops's own with what this version would write, and say who changed what.

    disk = ours                      in step
    disk = written, ours new         socialops changed it: it can be brought over
    disk new, ours = written         the team changed it, and keeps it
    disk new, ours new               both did: a person decides
    no file, written                 the team took it out, and keeps it so
    no file, never written           new in this version

`compare` is pure; `look` reads the workspace and calls it. Nothing here writes.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from socialops.scaffold.choices import Choices, Tool, accounts_of
from socialops.scaffold.manifest import Manifest, digest, read_manifest
from socialops.scaffold.skeleton import house_files
from socialops.scaffold.workflows import forge_files

if TYPE_CHECKING:
    from socialops.content.load import Content
    from socialops.workspace import Settings

_LARGEST = 1_000_000


class Change(StrEnum):
    """Who changed a file since it was written."""

    NONE = "in step"
    OURS = "changed by socialops"
    YOURS = "changed by you"
    BOTH = "changed by both"
    REMOVED = "taken out by you"
    NEW = "new in this version"
    GONE = "no longer used"


@dataclass(frozen=True, slots=True)
class Difference:
    """One file: what became of it, the text on disk (None: there is none), and this version's (None: it has none)."""

    path: str
    change: Change
    found: str | None
    ours: str | None

    @property
    def pending(self) -> bool:
        """Whether this version of socialops would like to change the file."""
        return self.change in (Change.OURS, Change.BOTH, Change.NEW, Change.GONE)

    def diff(self) -> str:
        """Return what bringing this version's text over would change, as a unified diff."""
        lines = difflib.unified_diff(
            (self.found or "").splitlines(),
            (self.ours or "").splitlines(),
            f"a/{self.path}" if self.found is not None else "/dev/null",
            f"b/{self.path}" if self.ours is not None else "/dev/null",
            lineterm="",
        )
        return "\n".join(lines) + "\n"


def compare(
    ours: Mapping[str, str], found: Mapping[str, str | None], written: Mapping[str, str]
) -> tuple[Difference, ...]:
    """Compare this version's texts, those on disk (None or absent: no such file) and the digests that were written.

    Return one difference a file, by path.
    """
    differences = []
    for path in sorted({*ours, *written}):
        mine, there, before = ours.get(path), found.get(path), written.get(path)
        differences.append(Difference(path, _change(mine, there, before), there, mine))
    return tuple(one for one in differences if one.change is not Change.NONE or one.ours is not None)


def _change(mine: str | None, there: str | None, before: str | None) -> Change:
    if there is None:
        if mine is None:
            return Change.NONE
        return Change.NEW if before is None else Change.REMOVED
    if mine is None:
        return Change.GONE if digest(there) == before else Change.YOURS
    now, new = digest(there), digest(mine)
    if now == new:
        return Change.NONE
    if now == before:
        return Change.OURS
    return Change.YOURS if new == before else Change.BOTH


def own_files(choices: Choices, content: Content) -> dict[str, str]:
    """Return path → text of all files that stay socialops's own, for a workspace as it is."""
    from socialops.scaffold.issue_forms import issue_forms

    accounts = accounts_of(content.channels.values())
    return {**house_files(), **forge_files(choices, accounts, issue_forms(content))}


def choices_of(settings: Settings, manifest: Manifest) -> Choices:
    """Return the answers as the workspace has them today."""
    return Choices(
        name=settings.name,
        zone=settings.zone,
        languages=settings.languages,
        forge_url=settings.forge_url,
        main_branch=settings.main_branch,
        data_branch=settings.data_branch,
        ci=manifest.ci,
        every=manifest.every,
        tool=Tool(manifest.tool),
    )


def look(content: Content, *, every: str | None = None) -> tuple[Difference, ...] | None:
    """Compare a workspace with this version; None when `init` did not write it. Raises WorkspaceError.

    *every* is how often to publish, when that shall change.
    """
    root = content.workspace.root
    manifest = read_manifest(root)
    if manifest is None:
        return None
    manifest = replace(manifest, every=every or manifest.every)
    ours = own_files(choices_of(content.workspace.settings, manifest), content)
    found = {path: text_of(root, path) for path in {*ours, *manifest.files}}
    return compare(ours, found, manifest.files)


def text_of(root: Path, path: str) -> str | None:
    """Return the text of an ordinary file in the workspace; None when there is none, and odd bytes as they are."""
    file = root / path
    if ".." in Path(path).parts or file.is_symlink() or not file.is_file() or file.stat().st_size > _LARGEST:
        return None
    return file.read_bytes().decode("utf-8", "surrogateescape").replace("\r\n", "\n")
