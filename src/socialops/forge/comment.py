"""A comment that stays: one in each conversation, known by its author and its mark, changed where it stands.

The mark alone proves nothing, anybody can type it; our own name alone neither, other tools write under it too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from socialops.errors import Unknown
from socialops.forge.event import pull_request
from socialops.forge.github import Elsewhere, GitHub, find_place, limits

if TYPE_CHECKING:
    from collections.abc import Mapping

    from socialops.http import Http

_NAME = re.compile(r"[a-z][a-z0-9:._%~-]{0,250}", re.IGNORECASE)
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})", re.MULTILINE)
_CUT = "*The rest is left out: GitHub takes no more than {most:,} characters.*"


@dataclass(frozen=True, slots=True)
class Stuck:
    """What became of a comment; *action* is created, updated, unchanged or withheld, and *why* says why the last."""

    action: str
    url: str = ""
    why: str = ""


def mark(name: str) -> str:
    """Return the hidden first line of a comment of that name; *name* has no spaces and no `>`."""
    if not _NAME.fullmatch(name) or "--" in name:
        raise ValueError(f"{name!r} is no name for a comment")
    return f"<!-- socialops:{name} -->"


def stick(github: GitHub, number: int, name: str, text: str, *, rehearse: bool = False) -> Stuck:
    """Let our comment called *name* on issue or pull request *number* be *text*: made once, then changed in place.

    *text* is Markdown that is safe already; it is cut when it is longer than GitHub takes. With *rehearse* nothing is
    written. Raises NotAllowed, TryLater, Rejected, Unknown or HttpError.
    """
    first = mark(name)
    body = fitted(f"{first}\n{text.rstrip()}\n")
    ours = sorted(_ours(github, number, first), key=lambda comment: int(comment["id"]))
    if not ours:
        return _create(github, number, first, body, rehearse=rehearse)
    kept, *doubles = ours
    if not rehearse:
        for double in doubles:
            # Two runs at once each made one.
            github.write("DELETE", f"/issues/comments/{double['id']}", doing=_DOING)
    url = str(kept.get("html_url", ""))
    if same(str(kept.get("body") or ""), body):
        return Stuck("unchanged", url)
    if not rehearse:
        github.write("PATCH", f"/issues/comments/{kept['id']}", {"body": body}, doing=_DOING)
    return Stuck("updated", url)


def stick_to_pull_request(
    http: Http, environ: Mapping[str, str], forge_url: str, name: str, text: str, *, rehearse: bool = False
) -> Stuck:
    """Let our comment on the pull request that started this job be *text*; see `stick`.

    *environ* is the job's environment. Where nothing may be written (outside GitHub, another event, a fork's pull
    request) nothing is asked and nothing sent, and the answer says why.
    """
    started = pull_request(environ)
    if started is None:
        return Stuck("withheld", why="no pull request started this job")
    if started.why_not:
        return Stuck("withheld", why=started.why_not)
    place = find_place(environ, forge_url)
    if isinstance(place, Elsewhere):
        return Stuck("withheld", why=place.why)
    return stick(GitHub(http, place, environ["GITHUB_TOKEN"]), started.number, name, text, rehearse=rehearse)


_DOING = "write comments"


def _ours(github: GitHub, number: int, first: str) -> Iterator[Mapping[str, Any]]:
    listed = list(github.pages(f"/issues/{number}/comments", doing="read comments"))
    found = [comment for comment in listed if marked(comment, first) and isinstance(comment.get("id"), int)]
    # Who we are is asked only when there is something that could be ours.
    yield from (comment for comment in found if author(comment) == github.login())


def _create(github: GitHub, number: int, first: str, body: str, *, rehearse: bool) -> Stuck:
    if rehearse:
        return Stuck("created")
    try:
        made = github.write("POST", f"/issues/{number}/comments", {"body": body}, doing=_DOING)
    except Unknown:
        there = next(_ours(github, number, first), None)
        if there is None:
            raise
        made = there
    return Stuck("created", str(made.get("html_url", "")))


def marked(entry: Mapping[str, Any], first: str) -> bool:
    """Tell whether a comment or an issue begins with that mark."""
    return str(entry.get("body") or "").lstrip("\ufeff \r\n").startswith(first)


def author(entry: Mapping[str, Any]) -> str:
    """Return who wrote a comment or an issue; empty for an account that is gone."""
    user = entry.get("user")
    return str(user.get("login", "")) if isinstance(user, dict) else ""


def same(there: str, body: str) -> bool:
    """Tell whether a text on GitHub is this one; line breaks and spaces at the end may have become others there."""
    return _plain(there) == _plain(body)


def _plain(text: str) -> list[str]:
    return [line.rstrip() for line in text.replace("\r\n", "\n").strip().split("\n")]


def fitted(text: str, most: int | None = None) -> str:
    """Return *text* within what GitHub takes: cut at the end of a line, with what was open closed, and said to be."""
    most = limits().number("comment") if most is None else most
    if len(text) <= most:
        return text
    said = _CUT.format(most=most)
    # Room for what has to be closed, however deep it is.
    room = most - len(said) - 200
    lines: list[str] = []
    used = 0
    for line in text.split("\n"):
        used += len(line) + 1
        if used > room:
            break
        lines.append(line)
    kept = "\n".join(lines)
    fence = _open_fence(lines)
    details = len(re.findall(r"^<details\b", kept, re.MULTILINE)) - len(re.findall(r"^</details>", kept, re.MULTILINE))
    closing = ([fence] if fence else []) + ["\n</details>"] * max(0, min(details, 8))
    return "\n".join([kept, *closing, "", said, ""])


def _open_fence(lines: Sequence[str]) -> str:
    """Return the fence that lines of Markdown leave open; empty when none is."""
    opened = ""
    for line in lines:
        found = _FENCE.match(line)
        if not found:
            continue
        if not opened:
            opened = found[1]
        elif found[1].startswith(opened) and line.strip() == found[1]:
            opened = ""
    return opened
