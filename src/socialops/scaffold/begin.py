"""Write a workspace, and bring a later version of its own files over. Nothing is ever overwritten unasked."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from socialops import __version__
from socialops.atomic import write_atomically
from socialops.errors import UsageError, WorkspaceError
from socialops.scaffold.choices import Choices
from socialops.scaffold.manifest import FILE, Manifest, digest, read_manifest, write_manifest
from socialops.scaffold.skeleton import begun_files
from socialops.scaffold.upgrade import Change, Difference, own_files, text_of

if TYPE_CHECKING:
    from socialops.content.load import Content


@dataclass(frozen=True, slots=True)
class Begun:
    """What `begin` did: the files it wrote, and those that were there already and stayed as they are.

    *unlocked* says why there is no uv.lock yet; empty when there is one.
    """

    written: tuple[str, ...]
    kept: tuple[str, ...]
    unlocked: str = ""


def begin(
    root: Path,
    choices: Choices,
    today: date,
    *,
    lock: Callable[[Path], str],
    wheel: Path | None = None,
    rehearse: bool = False,
) -> Begun:
    """Write everything a workspace needs into *root*, except what is there. *wheel* is copied beside it.

    A workspace that has its settings already gets the files that stay socialops's own, and no first posts or pages.
    *lock* writes uv.lock when pyproject.toml is there, or says why it cannot. With *rehearse* nothing is written.
    Raises UsageError when a link or a file stands where a folder belongs, and OSError.
    """
    if rehearse and not adopted(root):
        with tempfile.TemporaryDirectory() as folder:
            # Some files are made from others, so all of them are written, and forgotten.
            return _compared(root, begin(Path(folder), choices, today, lock=lambda _: "", wheel=wheel), Path(folder))
    written: list[str] = []
    kept: list[str] = []
    if adopted(root):
        own = own_files(choices, _content(root, {}))
        if rehearse:
            return Begun(tuple(sorted(path for path in own if not (root / path).exists())), ())
        _write(root, own, written, kept)
        return _noted(root, choices, own, written, kept)
    for path in begun_files(choices, today):
        _guard(root, path)
    if wheel is not None:
        path = f"{WHEELS}/{wheel.name}"
        _guard(root, path)
        written.append(path)
        write_atomically(root / path, wheel.read_bytes())
    settings = "pyproject.toml"
    if not (root / settings).exists():
        write_atomically(root / settings, begun_files(choices, today)[settings].encode())
        written.append(settings)
    there = (root / "uv.lock").exists()
    unlocked = "" if there else lock(root) if settings in written else f"{settings} was there before"
    if not there and (root / "uv.lock").exists():
        written.append("uv.lock")
    begun = begun_files(choices, today, locked=(root / "uv.lock").exists())
    _write(root, begun, written, kept)
    own = own_files(choices, _content(root, begun))
    _write(root, own, written, kept)
    return _noted(root, choices, own, written, kept, unlocked)


def adopted(root: Path) -> bool:
    """Tell whether a folder is a workspace already, that somebody began without `init`."""
    return "[tool.socialops]" in (text_of(root, "pyproject.toml") or "")


def _noted(
    root: Path, choices: Choices, own: Mapping[str, str], written: list[str], kept: list[str], unlocked: str = ""
) -> Begun:
    """Write the manifest, and return what was done."""
    # What was there before us and differs is the team's: it is recorded as never written, and stays so.
    ours = {path: digest(text) for path, text in own.items() if path not in kept}
    write_manifest(root, Manifest(__version__, choices.ci, choices.every, choices.tool.kind, ours))
    return Begun(tuple(sorted(written)), tuple(sorted(kept)), unlocked)


def _write(root: Path, files: Mapping[str, str], written: list[str], kept: list[str]) -> None:
    """Write what is not there; note in *kept* what is, and differs."""
    for path in files:
        _guard(root, path)
    for path, text in sorted(files.items()):
        if path in written:
            continue
        if (root / path).exists():
            if text_of(root, path) != text:
                kept.append(path)
            continue
        write_atomically(root / path, text.encode())
        written.append(path)


def _content(root: Path, begun: Mapping[str, str]) -> Content:
    """Read the workspace; where it has no settings yet, what it would hold with them."""
    from socialops.content.load import load
    from socialops.workspace import find_workspace

    if settings_to_add(root, begun):
        with tempfile.TemporaryDirectory() as folder:
            for path, text in begun.items():
                write_atomically(Path(folder) / path, text.encode())
            return load(find_workspace(Path(folder)))
    return load(find_workspace(root))


def _compared(root: Path, begun: Begun, folder: Path) -> Begun:
    """Return what would be written into *root*, and what would stay, from what was written into *folder*."""
    there = [path for path in begun.written if (root / path).exists()]
    kept = [path for path in there if text_of(root, path) != text_of(folder, path)]
    return Begun(tuple(path for path in begun.written if path not in there), tuple(kept))


WHEELS = "tools"
"""The folder that keeps a wheel of socialops, where it does not come from the package index."""


def owners_file(root: Path) -> bool:
    """Write CODEOWNERS from the team of the workspace that was just begun; return whether there is anybody to name."""
    from socialops.content.load import load
    from socialops.content.team import owner_lines
    from socialops.forge.codeowners import write_codeowners
    from socialops.workspace import find_workspace

    content = load(find_workspace(root))
    if not owner_lines(content.brand):
        return False
    write_codeowners(content)
    return True


def bring_over(
    root: Path, differences: Sequence[Difference], take: Collection[str] = (), *, every: str | None = None
) -> tuple[str, ...]:
    """Write what socialops changed and the team did not, and what is named in *take*; return the paths.

    Raises UsageError when *take* names a file that is not socialops's, WorkspaceError without a manifest, and OSError.
    """
    manifest = read_manifest(root)
    if manifest is None:
        raise WorkspaceError(f"There is no {FILE} here.", hint="Run `socialops init` first.")
    known = {one.path: one for one in differences}
    for path in take:
        if path not in known:
            raise UsageError(f"{path} is not a file of socialops's.", hint=f"Those are: {', '.join(sorted(known))}.")
    changed: list[str] = []
    files = dict(manifest.files)
    for one in differences:
        if one.change in (Change.OURS, Change.NEW, Change.GONE) or (one.path in take and one.change is not Change.NONE):
            _guard(root, one.path)
            if one.ours is None:
                (root / one.path).unlink(missing_ok=True)
                files.pop(one.path, None)
            else:
                write_atomically(root / one.path, one.ours.encode())
                files[one.path] = digest(one.ours)
            changed.append(one.path)
        elif one.change is Change.NONE and one.ours is not None:
            files[one.path] = digest(one.ours)
    write_manifest(root, replace(manifest, version=__version__, every=every or manifest.every, files=files))
    return tuple(changed)


def _guard(root: Path, path: str) -> None:
    """Raise UsageError when writing *path* would go through a link, or onto a folder."""
    here = root
    for step in Path(path).parts[:-1]:
        here = here / step
        if here.is_symlink() or (here.exists() and not here.is_dir()):
            raise UsageError(f"{here} is a link or a file, and a folder belongs there.", hint="Move it away first.")
    last = root / path
    if last.is_symlink() or last.is_dir():
        raise UsageError(f"{last} is a link or a folder, and a file belongs there.", hint="Move it away first.")


def settings_to_add(root: Path, begun: Mapping[str, str]) -> str:
    """Return what to add by hand to a pyproject.toml that is not ours and has no settings; empty when it has."""
    return "" if adopted(root) else begun["pyproject.toml"].partition("[tool.socialops]")[2]
