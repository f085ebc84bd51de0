"""Add entries to `brand/pause.yml` and take them out, line by line: the rest of the file stays as people wrote it.

The file is never written anew from its data, because its comments say who may pull the switch and how. What was edited
is read again before it is kept: it must hold exactly the pauses that it should.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING, Any

from socialops.atomic import write_atomically
from socialops.content.brand import Pause
from socialops.errors import UsageError, WorkspaceError
from socialops.problem import nearest

if TYPE_CHECKING:
    from socialops.content.library import Library
    from socialops.workspace import Workspace

PAUSE_FILE = "brand/pause.yml"
_KEY = re.compile(r"(?m)^pauses[ \t]*:")
_PLAIN = re.compile(r"(?!(?:null|true|false|yes|no|on|off)\Z)[^\W\d_](?:[\w ,.()/;!?’–-]*[\w.)!?])?", re.IGNORECASE)
"""A text that YAML reads as itself without quotes."""
_BY_HAND = f"Edit {PAUSE_FILE} by hand: one entry begins with a line `  - what: everything`."

Entry = tuple[str, str, str, str]
"""What, why, who and until when, as written."""


def pausable(what: str, library: Library) -> str:
    """Return *what* when it can be paused; raises UsageError with what was probably meant.

    It is `everything`, or one of the workspace's own networks, channels and campaigns: `channel:mastodon`.
    """
    choices = choices_of(library)
    if what in choices:
        return what
    kind, colon, name = what.partition(":")
    of_its_kind = [choice for choice in choices if choice.startswith(f"{kind}:")]
    bare = [choice for choice in choices if choice.partition(":")[2] == what]
    meant = bare[0] if bare else nearest(what, of_its_kind if colon and of_its_kind else choices)
    if meant is None and not colon:
        by_name = {choice.partition(":")[2]: choice for choice in choices if ":" in choice}
        meant = by_name.get(nearest(name or what, by_name) or "")
    raise UsageError(
        f"{what!r} is nothing that can be paused here.",
        hint=f"Did you mean {meant!r}?" if meant else f"It is one of: {', '.join(choices)}.",
    )


def choices_of(library: Library) -> list[str]:
    """Return everything that can be paused in a workspace."""
    networks = {channel.network for channel in library.channels.values()}
    return [
        "everything",
        *(f"network:{name}" for name in sorted(networks)),
        *(f"channel:{name}" for name in sorted(library.channels)),
        *(f"campaign:{name}" for name in sorted(library.brand.campaigns)),
    ]


def write_pause(workspace: Workspace, pause: Pause) -> None:
    """Add a pause to the file, which is made when it is missing; raises WorkspaceError when it cannot be edited."""
    added = (pause.what, pause.why, pause.who, pause.until)
    _edit(workspace, lambda text: with_entry(text, pause), lambda before: [*before, added])


def remove_pauses(workspace: Workspace, what: Collection[str]) -> None:
    """Take every entry that pauses one of *what* out of the file; raises WorkspaceError when it cannot be edited."""
    _edit(
        workspace, lambda text: without(text, what), lambda before: [entry for entry in before if entry[0] not in what]
    )


def _edit(workspace: Workspace, change: Callable[[str], str], expected: Callable[[list[Entry]], list[Entry]]) -> None:
    file = workspace.root / PAUSE_FILE
    data = file.read_bytes() if file.exists() else b""
    text, line_break = _text(data)
    wanted = expected(entries_of(text))
    changed = change(text)
    try:
        kept = entries_of(changed)
    except WorkspaceError:
        kept = None
    if kept != wanted:
        raise WorkspaceError(f"{PAUSE_FILE} is written in a way that this command cannot edit.", hint=_BY_HAND)
    mark = "\ufeff" if data.startswith(b"\xef\xbb\xbf") else ""
    write_atomically(file, (mark + changed.replace("\n", line_break)).encode("utf-8"))


def _text(data: bytes) -> tuple[str, str]:
    """Return the file's text with plain line breaks, and the line break that it is written with."""
    from socialops.content.frontmatter import Refused, decode

    try:
        text = decode(data)
    except Refused as refused:
        raise _unreadable(refused.message, refused.at[0]) from None
    return text.replace("\r\n", "\n"), "\r\n" if "\r\n" in text else "\n"


def _unreadable(message: str, line: int) -> WorkspaceError:
    return WorkspaceError(
        f"{PAUSE_FILE}, line {line}, cannot be read, so everything is held: {message}", hint="Correct that line first."
    )


def entries_of(text: str) -> list[Entry]:
    """Return what a file's text pauses; raises WorkspaceError when it cannot be read."""
    from socialops.content.frontmatter import Refused, read_yaml

    try:
        listed = read_yaml(text, marker=True).values.get("pauses")
    except Refused as refused:
        raise _unreadable(refused.message, refused.at[0]) from None
    if not isinstance(listed or [], list) or not all(isinstance(entry, dict) for entry in listed or []):
        raise WorkspaceError(f"`pauses:` in {PAUSE_FILE} is no list.", hint=_BY_HAND)
    names = ("what", "why", "who", "until")
    return [tuple(str(entry.get(name) or "") for name in names) for entry in listed or []]  # type: ignore[misc]


# --- lines ----------------------------------------------------------------------------------------------------------


def with_entry(text: str, pause: Pause) -> str:
    """Return the text with an entry more, after the last one."""
    lines = text.split("\n")
    listed = _list(text)
    if listed is None:
        key = _KEY.search(text)
        if key is None:
            before = text if not text or text.endswith("\n") else f"{text}\n"
            return before + "pauses:\n" + "\n".join(_entry(pause, "  ")) + "\n"
        at = text.count("\n", 0, key.start()) + 1
    elif listed.flow_style:
        # `pauses: []`: the brackets go, and what stands behind them on the line stays.
        if listed.value:
            raise WorkspaceError(f"The pauses in {PAUSE_FILE} stand on one line.", hint=_BY_HAND)
        opened, closed = listed.start_mark, listed.end_mark
        line = lines[opened.line][: opened.column].rstrip() + lines[closed.line][closed.column :]
        lines[opened.line : closed.line + 1] = [line]
        at = opened.line + 1
    else:
        begin, end = _ranges(listed, lines)[-1]
        indent = lines[begin][: len(lines[begin]) - len(lines[begin].lstrip())]
        return "\n".join([*lines[:end], *_entry(pause, indent), *(lines[end:] or [""])])
    return "\n".join([*lines[:at], *_entry(pause, "  "), *(lines[at:] or [""])])


def without(text: str, what: Collection[str]) -> str:
    """Return the text without the entries that pause one of *what*; comments between entries stay."""
    lines, listed = text.split("\n"), _list(text)
    if listed is None:
        return text
    if listed.flow_style:
        raise WorkspaceError(f"The pauses in {PAUSE_FILE} stand on one line.", hint=_BY_HAND)
    gone = [_names(node, what) for node in listed.value]
    for (begin, end), going in reversed(list(zip(_ranges(listed, lines), gone, strict=True))):
        if going:
            del lines[begin:end]
    remaining = "\n".join(lines)
    return _KEY.sub(lambda key: f"{key[0]} []", remaining, count=1) if all(gone) else remaining


def _list(text: str) -> Any:
    """Return YAML's node of the list of pauses; None when nothing is listed."""
    import yaml

    document = yaml.compose(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    for key, value in document.value if isinstance(document, yaml.MappingNode) else ():
        if key.value == "pauses" and isinstance(value, yaml.SequenceNode):
            return value
    return None


def _names(node: Any, what: Collection[str]) -> bool:
    pairs = node.value if isinstance(node.value, list) else []
    return any(key.value == "what" and str(value.value).strip() in what for key, value in pairs)


def _ranges(listed: Any, lines: Sequence[str]) -> list[tuple[int, int]]:
    """Return the lines of each entry: from its dash to the end of its last value."""
    begins = []
    for node in listed.value:
        line = node.start_mark.line
        while line > 0 and not lines[line].lstrip().startswith("-"):
            line -= 1
        begins.append(line)
    last = listed.end_mark.line + bool(listed.end_mark.column)
    ends = [*begins[1:], last]
    found = []
    for begin, limit in zip(begins, ends, strict=True):
        end = limit
        while end > begin + 1 and (not lines[end - 1].strip() or lines[end - 1].lstrip().startswith("#")):
            end -= 1
        found.append((begin, end))
    return found


def _entry(pause: Pause, indent: str) -> list[str]:
    values = {"what": pause.what, "why": pause.why, "who": pause.who, "until": pause.until}
    written = [f"{name}: {_scalar(name, value)}" for name, value in values.items() if value]
    return [f"{indent}{'  ' if number else '- '}{line}" for number, line in enumerate(written)]


def _scalar(name: str, value: str) -> str:
    if name in {"what", "until"} or _PLAIN.fullmatch(value):
        return value
    return json.dumps(value, ensure_ascii=False)
