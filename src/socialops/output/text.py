"""Problems, plans, drafts and outcomes for people at a terminal.

Functions return text; colour is an argument. What writers typed is made harmless before it reaches a terminal: control
characters are shown as their code, so that a text can neither move the cursor nor hide a line.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from socialops.content.video import length_of, size_of
from socialops.problem import Problem, Severity

if TYPE_CHECKING:
    from socialops.compose.wording import Mention
    from socialops.networks.base import Count
    from socialops.networks.draft import Draft, Part, Poll

_COLOURS = {Severity.ERROR: "31", Severity.WARNING: "33", Severity.NOTE: "36"}
_STYLES = {"bold": "bold", "italic": "italic", "code": "code", "block": "code", "quote": "quotation"}
_SHOWN_CONTROLS = {"\n", "\t"}
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that change the direction of what follows; the marks that Hebrew needs are not among them."""


def harmless(text: str) -> str:
    """Return *text* with control and direction-changing characters written out as `<U+202E>`."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        f"<U+{ord(letter):04X}>"
        if letter in _TURNING
        or (letter not in _SHOWN_CONTROLS and unicodedata.category(letter) in {"Cc", "Cs", "Co", "Zl", "Zp"})
        else letter
        for letter in text
    )


def paint(text: str, code: str, colour: bool) -> str:
    """Wrap *text* in one ANSI style when *colour* is on."""
    return f"\x1b[{code}m{text}\x1b[0m" if colour and text else text


def place(problem: Problem) -> str:
    """Return where a problem is as `file:line:column`."""
    where = harmless(problem.file)
    return f"{where}:{problem.line}:{problem.column}" if problem.line else where


def count_of(number: int, singular: str, plural: str = "") -> str:
    """Return `1 post`, `2 posts`."""
    return f"{number} {singular if number == 1 else plural or singular + 's'}"


def render_problems(problems: Sequence[Problem], *, checked: int, colour: bool = False) -> str:
    """Return one problem a paragraph, and a last line that says how it stands."""
    lines = []
    for problem in problems:
        severity = paint(problem.severity.value, f"1;{_COLOURS[problem.severity]}", colour)
        lines.append(f"{paint(place(problem), '1', colour)}: {severity}: {harmless(problem.message)} [{problem.id}]")
        if problem.hint:
            lines.extend(f"    {line}" for line in harmless(problem.hint).split("\n"))
    lines.append(_verdict(problems, checked, colour))
    return "\n".join(lines) + "\n"


def _verdict(problems: Sequence[Problem], checked: int, colour: bool) -> str:
    amounts = [(sum(problem.severity is severity for problem in problems), severity.value) for severity in Severity]
    found = ", ".join(count_of(number, word) for number, word in amounts if number)
    posts = count_of(checked, "post")
    if amounts[0][0]:
        return paint(f"{posts} checked: {found}. Correct the errors, then check again.", "1;31", colour)
    return paint(f"{posts} checked: {found or 'nothing to correct'}.", "32", colour)


def render_draft(
    draft: Draft,
    counts: Sequence[Sequence[Count]],
    *,
    when: str,
    mentions: Sequence[Mention] = (),
    cost: str = "",
    colour: bool = False,
    width: int = 0,
) -> str:
    """Return what one channel will get; *counts* has one sequence a part, *when* says when it goes out.

    *mentions* are the people it names, *cost* is what the network charges for it, in words. *width* is that of the
    terminal it is for; 0: for none, then nothing is added to the text.
    """
    title = f"{draft.channel} ({draft.network}, {draft.kind})"
    lines = [f"{paint('━━ ' + title, '1;36', colour)}  {when}"]
    for number, (part, used) in enumerate(zip(draft.parts, counts, strict=True), start=1):
        if len(draft.parts) > 1:
            lines.append(paint(f"── part {number} of {len(draft.parts)}", "2", colour))
        lines.extend(_part(part, colour, isolated if width else harmless))
        lines.extend(_counts(used, colour, width))
    lines.extend(paint(f"   [mention] {_mention(mention)}", "2", colour) for mention in mentions)
    if draft.link:
        lines.append(paint(f"   [link] {harmless(draft.link)}", "2", colour))
    if cost:
        lines.append(paint(f"   [cost] {cost}", "2", colour))
    return "\n".join(lines) + "\n"


def isolated(text: str) -> str:
    """Return *text* harmless, each line with Hebrew or Arabic in it set apart: the signs around it stay in place."""
    return "\n".join(
        f"\u2068{line}\u2069" if any(unicodedata.bidirectional(sign) in {"R", "AL"} for sign in line) else line
        for line in harmless(text).split("\n")
    )


def count_text(count: Count) -> str:
    """Return `text 165/300 graphemes`, and by how much it is too many."""
    over = f" ({count.used - count.limit} too many)" if count.used > count.limit else ""
    return f"{count.what.replace('_', ' ')} {count.used}/{count.limit} {count.unit}{over}"


def _counts(used: Sequence[Count], colour: bool, width: int) -> list[str]:
    """Return how full the part is, in lines no longer than the terminal; what is not there at all is not counted."""
    lines: list[list[Count]] = [[]]
    for count in used:
        if not count.used and count.what != "text":
            continue
        line = " · ".join(map(count_text, [*lines[-1], count]))
        if width and lines[-1] and len(line) + 3 > width:
            lines.append([])
        lines[-1].append(count)
    return [
        "   "
        + " · ".join(paint(count_text(count), "1;31" if count.used > count.limit else "2", colour) for count in line)
        for line in lines
        if line
    ]


def _mention(mention: Mention) -> str:
    """Say what became of `@name`: a handle, a name that leads to one, or plain words."""
    became = f"@{mention.name} → {mention.shown}"
    if not mention.target:
        became += " (plain words: no handle there)"
    elif mention.shown != f"@{mention.target}":
        became += f" ({mention.target})"
    return harmless(became)


def facts_of(part: Part) -> list[tuple[str, str]]:
    """Return what a part says beside its text, media, poll and card: (what, how it is), in words."""
    facts = [("title", part.title), ("content warning", part.content_warning), ("first comment", part.first_comment)]
    if part.visibility not in ("", "public"):
        facts.append(("visible to", part.visibility))
    facts += [(name.replace("_", " "), _plainly(value)) for name, value in part.options.items()]
    return [(what, how) for what, how in facts if how]


def _plainly(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)


def poll_rules(poll: Poll) -> str:
    """Return how long a poll is open, and what may be chosen."""
    minutes = poll.seconds // 60
    for size, unit in ((1440, "day"), (60, "hour"), (1, "minute")):
        if minutes % size == 0:
            open_for = count_of(minutes // size, unit)
            break
    return ", ".join(
        [f"open for {open_for}", "several answers" if poll.multiple else "one answer"]
        + (["result hidden until the end"] if poll.hide_totals else [])
    )


def _part(part: Part, colour: bool, shown_as: Callable[[str], str] = harmless) -> list[str]:
    facts = facts_of(part)
    first = ("title", "content warning")
    lines = [paint(f"   [{what}] {shown_as(how)}", "33", colour) for what, how in facts if what in first]
    lines.extend(f"   {line}" if line else "" for line in shown_as(part.text).split("\n"))
    for span in part.spans:
        shown = part.text[span.start : span.end]
        if span.kind == "link" and shown != span.target:
            lines.append(paint(f"   [link] {harmless(shown)} → {harmless(span.target)}", "2", colour))
    for style in part.styles:
        words = harmless(part.text[style.start : style.end]).split("\n")
        more = " …" if len(words) > 1 else ""
        lines.append(paint(f"   [{_STYLES[style.kind]}] {words[0]}{more}", "2", colour))
    for attachment in part.attachments:
        what = "video" if attachment.seconds else "picture"
        size = f"{attachment.width}×{attachment.height}"
        if attachment.seconds:
            size += f", {length_of(attachment.seconds)}, {size_of(attachment.size)}, sent as it is"
        lines.append(paint(f"   [{what}] {harmless(attachment.file)} ({size})", "35", colour))
        described = shown_as(attachment.alt).replace("\n", "\n             ")
        lines.append(paint(f"             {described or 'no description'}", "2", colour))
    if part.poll:
        mark = "[ ]" if part.poll.multiple else "( )"
        lines.extend(f"   {mark} {shown_as(option)}" for option in part.poll.options)
        lines.append(paint(f"   [poll] {poll_rules(part.poll)}", "2", colour))
    if part.card:
        lines.append(paint(f"   [card] {shown_as(part.card.title)} — {harmless(part.card.url)}", "2", colour))
    lines.extend(paint(f"   [{what}] {shown_as(how)}", "2", colour) for what, how in facts if what not in first)
    if part.lang:
        lines.append(paint(f"   [language] {part.lang}", "2", colour))
    return lines
