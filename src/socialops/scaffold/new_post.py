"""A new post: its file as text, with a comment beside every field for people who have never seen one.

The header is written as a person would write it, never dumped from data, so that comments and order stay.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from socialops.content.frontmatter import SIZE, Refused, decode, read_yaml, split
from socialops.content.post import EMPTY
from socialops.content.schema import PostHeader
from socialops.errors import UsageError
from socialops.problem import nearest
from socialops.scaffold.plain_yaml import clean, flow, lines, scalar

if TYPE_CHECKING:
    from socialops.workspace import Workspace

TEMPLATES = "brand/templates"

_SAID = {
    "title": "for the team only; it is never published",
    "date": "the clock on the wall where the channel lives",
    "draft": "take this line out when the post is ready for review",
    "channels": "where it goes",
    "kind": "what it is; worked out from what it holds when left out",
    "campaign": "the campaign it belongs to",
    "pillar": "the theme of the strategy that it serves",
    "audience": "who it is for",
    "authors": "who wrote it",
    "approver": "who read it and answers for it",
    "lang": "its language",
    "tags": "hashtags, without the sign",
    "description": "what it is for; never published",
    "link": "gets the campaign's UTM parameters",
}
_MEDIA = {
    "image": "winter.jpg",
    "carousel": "winter.jpg",
    "story": "winter.jpg",
    "video": "ride.mp4",
    "reel": "ride.mp4",
    "live": "ride.mp4",
}
_COLUMN = 40
_WIDE = 100


@dataclass(frozen=True, slots=True)
class Beginning:
    """What is known of a new post: *fields* by the names of its header, and its text in Markdown."""

    fields: Mapping[str, Any] = EMPTY
    text: str = ""
    choices: Mapping[str, Collection[str]] = field(default_factory=dict)
    """The workspace's own names for fields that take one; listed beside those that are left open."""

    def over(self, below: Mapping[str, Any]) -> dict[str, Any]:
        """Return *below* with what is known here in place of it."""
        return {**below, **{name: value for name, value in self.fields.items() if value not in (None, "", ())}}


def write_post(beginning: Beginning) -> str:
    """Return the file of a new post, which is a draft. A field that nobody filled in stands there as a comment."""
    known = {name: value for name, value in beginning.fields.items() if value not in (None, "", ())}
    known["draft"] = True
    header: list[str] = []
    for name in dict.fromkeys([*PostHeader.model_fields, *known]):
        if name in known:
            header += _field(name, known[name])
        else:
            header += _open(name, beginning.choices, str(known.get("kind") or ""))
    text = clean(beginning.text).strip("\n")
    return "\n".join(["---", *header, "---", text or ""]).rstrip("\n") + "\n"


def _field(name: str, value: Any) -> list[str]:
    plain = not isinstance(value, Mapping) and not (
        isinstance(value, (list, tuple)) and any(isinstance(item, (Mapping, list, tuple)) for item in value)
    )
    if not plain:
        return lines({name: value})
    written = flow(value) if isinstance(value, (list, tuple)) else scalar(value)
    return [_beside(f"{name}: {written}", _SAID.get(name, ""))]


def _beside(line: str, said: str) -> str:
    if not said or len(line) + len(said) + 4 > _WIDE + _COLUMN:
        return line
    return f"{line.ljust(_COLUMN - 2)}  # {said}"


def _open(name: str, choices: Mapping[str, Collection[str]], kind: str) -> list[str]:
    """Return the comment lines that show a field which is still open; none for the rarer ones."""
    known = [clean(choice) for choice in choices.get(name, ())]
    among = f"one of: {', '.join(known[:12])}{', …' if len(known) > 12 else ''}" if known else ""
    match name:
        case "date":
            return [_beside("# date: 2026-12-01 09:30", "without one it takes the channel's next free slot")]
        case "channels" if known:
            return [_beside(f"# channels: {flow(known[:2])}", f"where it goes: {among.removeprefix('one of: ')}")]
        case "campaign" | "pillar" | "audience" | "approver" if known:
            return [_beside(f"# {name}: {scalar(known[0])}", f"{_SAID[name]}; {among}")]
        case "authors" if known:
            return [_beside(f"# authors: {flow(known[:1])}", f"{_SAID[name]}: {among.removeprefix('one of: ')}")]
        case "lang":
            return [_beside("# lang: tr", f"{_SAID[name]}{f'; {among}' if among else ''}")]
        case "tags":
            return [_beside("# tags: [Winter]", _SAID[name])]
        case "link":
            return [_beside("# link: https://example.org/winter", _SAID[name])]
        case "media":
            return [
                _beside("# media:", "pictures and videos lie beside this file"),
                f"#   - file: {_MEDIA.get(kind, 'winter.jpg')}",
                "#     alt: What it shows, for somebody who cannot see it",
            ]
        case "poll" if kind == "poll":
            return ["# poll:", "#   options: [By bicycle, On foot]", "#   duration: 3d"]
        case _:
            return []


# --- templates --------------------------------------------------------------------------------------------------------


def templates(workspace: Workspace) -> list[str]:
    """Return the names of the templates in `brand/templates/`, sorted."""
    folder = workspace.root / TEMPLATES
    if not folder.is_dir() or folder.is_symlink():
        return []
    return sorted(file.stem for file in folder.glob("*.md") if file.is_file() and not file.is_symlink())


def read_template(workspace: Workspace, name: str) -> Beginning:
    """Read a template: a post's header, or parts of one, and a text; raises UsageError."""
    known = templates(workspace)
    if name not in known:
        meant = nearest(name, known)
        there = f"There are: {', '.join(known)}." if known else f"Put a post's text and fields into {TEMPLATES}/."
        raise UsageError(
            f"There is no template {name[:60]!r} in {TEMPLATES}.", hint=f"Did you mean {meant!r}?" if meant else there
        )
    path = f"{TEMPLATES}/{name}.md"
    try:
        with (workspace.root / path).open("rb") as file:
            data = file.read(SIZE + 1)
        if len(data) > SIZE:
            raise UsageError(f"{path} is larger than 64 kB.", hint="Shorten it.")
        text = decode(data)
        if not text.startswith("---"):
            return Beginning({}, text)
        header, body, _ = split(text)
        values = read_yaml(header).values
    except Refused as refused:
        raise UsageError(f"{path}:{refused.at[0]} cannot be read: {refused.message}", hint=refused.hint) from refused
    values.pop("id", None)
    return Beginning(values, body)


# --- the file ---------------------------------------------------------------------------------------------------------


def place_post(workspace: Workspace, path: str, text: str) -> Path:
    """Write a new post; raises UsageError where something stands there, or where the way leads out of `posts/`.

    What stands there is never replaced, and an interruption leaves nothing behind.
    """
    file = workspace.root / path
    if not path.startswith("posts/") or ".." in Path(path).parts:
        raise UsageError(f"{path} is not in posts/.", hint="New posts go there only.")
    made = _folders(workspace.root, file.parent)
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0), 0o644)
    except FileExistsError:
        _forget(made)
        raise UsageError(f"{path} exists already.", hint="Choose another name with --name.") from None
    try:
        with os.fdopen(descriptor, "wb") as out:
            out.write(text.encode())
    except BaseException:
        file.unlink(missing_ok=True)
        _forget(made)
        raise
    return file


def _folders(root: Path, folder: Path) -> list[Path]:
    """Make the missing folders; a link on the way could lead anywhere, so none is followed."""
    made: list[Path] = []
    for step in [*reversed(folder.relative_to(root).parents), folder.relative_to(root)]:
        place = root / step
        if place.is_symlink() or (place.exists() and not place.is_dir()):
            _forget(made)
            raise UsageError(f"{step} is not a folder of its own.", hint="Put a folder in place of the link or file.")
        if not place.exists():
            place.mkdir()
            made.append(place)
    return made


def _forget(made: list[Path]) -> None:
    for place in reversed(made):
        try:
            place.rmdir()
        except OSError:
            return
