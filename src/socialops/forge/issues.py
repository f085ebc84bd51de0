"""One issue a channel for what needs a person: opened, brought up to date, opened again, and closed when nothing waits.

Pure but for `carry_out`: what is wanted and what is there give the steps. Nothing is remembered between runs. Issues
are known by their author and their mark, so lost, doubled and late runs end in the same issues.

Somebody who closes an issue has read it: it stays closed until what it says changes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from socialops.forge.comment import author, fitted, marked, same
from socialops.output.text import harmless
from socialops.publishing.messages import code, head

if TYPE_CHECKING:
    from socialops.errors import SocialopsError
    from socialops.forge.github import GitHub
    from socialops.publishing.watchdog import Finding

LABEL = "socialops-attention"
_COLOUR = "b60205"
_ABOUT = "Something here waits for a person. Opened and closed by socialops."
_MARK = re.compile(r"<!-- socialops:(attention:[^\s>]{1,250}|halted) -->")
_HALTED = "<!-- socialops:halted -->"
_LONGEST_TITLE = 200


@dataclass(frozen=True, slots=True)
class Wanted:
    """An issue that should be open; *about* is what a person calls it."""

    about: str
    title: str
    body: str

    @property
    def mark(self) -> str:
        """The hidden first line that it is known by."""
        return self.body.partition("\n")[0]


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do: create, update, reopen, close, or fold (close a double of the issue *into*)."""

    kind: str
    about: str
    number: int = 0
    title: str = ""
    body: str = ""
    into: int = 0


def wanted_issues(messages: Mapping[str, str], ends: Mapping[str, Finding] | None = None) -> tuple[Wanted, ...]:
    """Return the issues that these messages, by channel, ask for (`publishing/messages.py`).

    *ends* says of channels that their token ends soon, or has ended; it is added to the message.
    """
    ends = ends or {}
    return tuple(
        Wanted(
            f"channel {channel}",
            f"{_line(channel)} needs a person",
            fitted(messages.get(channel) or head(channel)) + (_end(ends[channel]) if channel in ends else ""),
        )
        for channel in sorted({*messages, *ends})
    )


def _end(finding: Finding) -> str:
    """Say that a token ends; the words change on a few days only, so that nobody is woken daily."""
    lines = ["", "## Its token ends", "", f"- {code(finding.message)}", f"- What to do: {code(finding.hint)}", ""]
    return "\n".join(lines)


def halted(error: SocialopsError) -> Wanted:
    """Return the issue for a ledger that cannot be trusted: nothing at all is published then."""
    lines = [_HALTED, "# Publishing has stopped", "", f"{code(error.message)}", ""]
    if error.hint:
        fence = "`" * max(3, max((len(run) for run in re.findall("`+", error.hint)), default=0) + 1)
        lines += ["What to do:", "", fence, *harmless(error.hint).split("\n"), fence, ""]
    lines += ["Nothing is lost: what is due waits, and goes out when the record can be trusted again.", ""]
    return Wanted("publishing", "Publishing has stopped", fitted("\n".join(lines)))


def _line(text: str) -> str:
    return harmless(" ".join(text.split()))[:_LONGEST_TITLE] or "a channel"


def steps(wanted: Sequence[Wanted], there: Sequence[Mapping[str, Any]], login: str, *, all_known: bool) -> list[Step]:
    """Return what is to be done so that exactly the *wanted* issues are open.

    *there* are the issues of the repository with our label, open and closed; those that *login* did not write, or that
    have no mark of ours, are others'. Without *all_known* (the record cannot be read) nothing is closed.
    """
    ours: dict[str, list[Mapping[str, Any]]] = {}
    for issue in sorted(there, key=lambda one: int(one.get("number") or 0)):
        found = _MARK.match(str(issue.get("body") or "").lstrip("\ufeff \r\n"))
        if found and "pull_request" not in issue and author(issue) == login:
            ours.setdefault(found[0], []).append(issue)
    todo = []
    for one in wanted:
        known = ours.pop(one.mark, [])
        # The one that is open, else the newest; whatever else is open was made by two runs at once.
        kept = next((issue for issue in known if issue.get("state") == "open"), known[-1] if known else None)
        if kept is None:
            todo.append(Step("create", one.about, 0, one.title, one.body))
            continue
        number = int(kept["number"])
        if not same(str(kept.get("body") or ""), one.body):
            kind = "update" if kept.get("state") == "open" else "reopen"
            todo.append(Step(kind, one.about, number, one.title, one.body))
        todo += [
            Step("fold", one.about, int(issue["number"]), into=number, body=_folded(one.mark, number))
            for issue in known
            if issue is not kept and issue.get("state") == "open"
        ]
    if all_known:
        todo += [
            Step("close", _about(mark), int(issue["number"]), body=_closed(mark))
            for mark, issues in ours.items()
            for issue in issues
            if issue.get("state") == "open"
        ]
    return todo


def _about(mark: str) -> str:
    found = _MARK.match(mark)
    name = found[1] if found else ""
    return f"channel {name.partition(':')[2]}" if ":" in name else "publishing"


def _closed(mark: str) -> str:
    return f"{mark}\nNothing waits here any more. When something does again, this issue is opened anew.\n"


def _folded(mark: str, number: int) -> str:
    return f"{mark}\nThis was opened twice; see #{number}.\n"


# --- the world ------------------------------------------------------------------------------------------------------


def read_issues(github: GitHub) -> list[Mapping[str, Any]]:
    """Return the issues with our label, open and closed; raises as `GitHub.pages` does."""
    query = {"labels": LABEL, "state": "all", "sort": "created", "direction": "desc"}
    return [issue for issue in github.pages("/issues", query, doing="read issues") if marked(issue, "<!-- socialops:")]


def carry_out(github: GitHub, step: Step) -> str:
    """Do one step; return where the issue is. Raises NotAllowed, TryLater, Rejected, Unknown or HttpError."""
    path = f"/issues/{step.number}"
    if step.kind == "create":
        _have_label(github)
        new = {"title": step.title, "body": step.body, "labels": [LABEL]}
        return str(github.write("POST", "/issues", new, doing="open issues").get("html_url", ""))
    changed: dict[str, Any] = {"body": step.body}
    if step.kind == "reopen":
        changed |= {"state": "open", "title": step.title}
    elif step.kind == "close":
        changed |= {"state": "closed", "state_reason": "completed"}
    elif step.kind == "fold":
        changed |= {"state": "closed", "state_reason": "not_planned"}
    made = github.write("PATCH", path, changed, doing="change issues")
    return str((made or {}).get("html_url", ""))


def _have_label(github: GitHub) -> None:
    from socialops.errors import Rejected

    if github.get(f"/labels/{LABEL}", doing="read labels") is not None:
        return
    new = {"name": LABEL, "color": _COLOUR, "description": _ABOUT}
    try:
        github.write("POST", "/labels", new, doing="make labels")
    except Rejected as error:
        if error.code != "422":
            raise
        # Another run made it in between.
