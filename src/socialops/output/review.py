"""The review of a pull request as one Markdown document, for the job summary and for the comment.

Short at the top, for somebody with half a minute; each post folded below. A document that would be too long is cut
fairly: the longest posts are shortened first, then shown in one line, and only then left out, and a line says so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING
from urllib.parse import quote

from socialops.output.markdown import (
    MARKS,
    code,
    details,
    fence,
    html_code,
    html_text,
    ordered,
    problem_line,
    prose,
    totals,
)
from socialops.output.text import count_of, count_text, facts_of
from socialops.problem import Severity
from socialops.publishing.reasons import local

if TYPE_CHECKING:
    from socialops.networks.base import Count
    from socialops.networks.draft import Attachment, Part
    from socialops.publishing.changes import Changed, Review, Turn

COMMENT = 65_000
"""How long a comment may be: GitHub takes 65,536 characters, and the marker of the tool needs a few."""
SUMMARY = 1_000_000
"""How many bytes a job summary may have: GitHub takes 1 MiB of a step, and other steps may have written some."""

_TEXT = (5000, 500)
"""How much of a part's text is shown: in full, and shortened."""
_PARTS = (25, 3)
_PROBLEMS = (30, 5)
_PICTURES = 24
"""So many thumbnails a document has; a page with hundreds of pictures helps nobody."""
_LARGEST = 10 * 1024 * 1024
"""GitHub shows no larger picture in a comment, in bytes (docs.github.com, "Attaching files", read 2026-12-01)."""
_SHOWN = ("image/jpeg", "image/png", "image/gif", "image/webp")
_HIGH = 160
"""How high a thumbnail is, in pixels."""
_FOLDED = 200
"""So many posts are shown at all; of more, nobody reads anything but the list."""
_AT_TOP = 12
"""So many findings stand at the top."""
_STANDING = {
    "new": "🆕 new",
    "changed": "✏️ changed",
    "draft": "📝 draft",
    "published": "✅ published already",
    "too late": "⏰ too late",
    "in flight": "⏳ being sent",
    "no date": "📅 no date",
}

Section = Callable[[int], list[str]]
"""Gives the lines of a post: in full (0), shortened (1), or in one line (2)."""


def size_of_comment(text: str) -> int:
    """Return how long GitHub takes a comment to be: characters, those outside of the first plane as two."""
    return len(text) + sum(letter > "\uffff" for letter in text)


def size_of_summary(text: str) -> int:
    """Return how many bytes a summary has."""
    return len(text.encode("utf-8", "replace"))


def render(
    review: Review,
    *,
    media_url: str = "",
    most: int = COMMENT,
    size: Callable[[str], int] = size_of_comment,
) -> str:
    """Return the review as Markdown, of at most so much by *size*.

    *media_url* is where the head commit's files are shown, with a slash at its end (a `raw` address); empty: pictures
    are named, and none is shown.
    """
    pictures = _Pictures(media_url)
    head = _top(review)
    sections: list[Section] = [_section(item, pictures) for item in review.changed]
    tail = [*_gone(review), *_moved(review), *_touched(review), *_other_problems(review)]
    return _fitted(head, sections, tail, most, size)


# --- the cut --------------------------------------------------------------------------------------------------------


def _fitted(
    head: list[str], sections: Sequence[Section], tail: list[str], most: int, size: Callable[[str], int]
) -> str:
    room = most - size("\n".join([*head, "", *tail, ""])) - 300
    if room < 0 and tail:
        # What stands beside the posts is cut as a whole, never in the midst of a line.
        tail = ["The rest of this review is longer than fits here: `socialops review` shows it in full."]
        room = most - size("\n".join([*head, "", *tail, ""])) - 300
    levels = [0 if index < _FOLDED else 2 for index in range(len(sections))]
    sizes = [_size(section, level, size) for section, level in zip(sections, levels, strict=True)]
    for level in (1, 2):
        for index in sorted(range(len(sections)), key=lambda index: -sizes[index]):
            if sum(sizes) <= room:
                break
            if levels[index] < level:
                shorter = _size(sections[index], level, size)
                levels[index], sizes[index] = level, shorter
    kept = len(sections)
    while kept and sum(sizes[:kept]) > room:
        kept -= 1
    shown = [text for section, level in zip(sections[:kept], levels, strict=False) for text in section(level)]
    return "\n".join([*head, "", *shown, *_left_out(levels[:kept], len(sections) - kept), *tail]).rstrip("\n") + "\n"


def _size(section: Section, level: int, size: Callable[[str], int]) -> int:
    return size("\n".join([*section(level), ""]))


def _left_out(levels: Sequence[int], gone: int) -> list[str]:
    said = []
    if levels.count(1):
        said.append(f"{count_of(levels.count(1), 'post')} shortened")
    if levels.count(2):
        said.append(f"{count_of(levels.count(2), 'post')} in one line")
    if gone:
        said.append(f"{count_of(gone, 'post')} left out")
    if not said:
        return []
    return [f"_To fit in here: {', '.join(said)}. `socialops preview POST` shows each in full._", ""]


# --- the top --------------------------------------------------------------------------------------------------------


def _top(review: Review) -> list[str]:
    problems = review.everything()
    turns = [turn for item in review.changed for turn in item.turns]
    lines = ["## What this change publishes", "", f"**{_headline(review, turns)}**"]
    if problems:
        lines.append("")
        lines.append(f"{MARKS[ordered(problems)[0].severity]} The check found {totals(problems)}.")
    else:
        lines += ["", "✅ The check found nothing to correct."]
    lines.append("")
    lines += _urgent(review)
    approvals = _approvals(review)
    if approvals:
        lines += ["", "**Who must approve**", "", *approvals]
    if not review.ledger_known:
        lines += ["", "_What was published so far is not known here, so nothing is compared with it._"]
    return lines


def _headline(review: Review, turns: Sequence[Turn]) -> str:
    if not review.changed and not review.gone:
        return "No post changes."
    goes = [turn for turn in turns if turn.standing in ("new", "changed")]
    said = [count_of(len(review.changed), "post") + " on " + count_of(len({t.channel.name for t in turns}), "channel")]
    if review.gone:
        said.append(f"{count_of(len(review.gone), 'post')} taken away")
    dated = [(turn.due, turn) for turn in goes if turn.due is not None]
    if dated:
        first, turn = min(dated, key=lambda item: item[0])
        said.append(f"first out {local(first, turn.channel)}")
    elif review.changed:
        said.append("nothing new goes out")
    return " · ".join(said)


def _urgent(review: Review) -> list[str]:
    """Return what a reviewer has to see at once: errors, what is too late, collisions."""
    lines = [problem_line(problem) for problem in ordered(review.everything()) if problem.severity is Severity.ERROR]
    for item in review.changed:
        late = [turn for turn in item.turns if turn.standing == "too late"]
        if late:
            names = ", ".join(code(turn.channel.name) for turn in late)
            lines.append(f"- ⏰ **too late** {code(item.post.id)} on {names}: merging publishes nothing there.")
        for turn in item.turns:
            lines += [
                f"- 📅 **collision** {code(item.post.id)} on {code(turn.channel.name)}: {prose(words)}"
                for words in turn.neighbours
                if words.startswith("Collision")
            ]
            lines += [
                f"- ✏️ **published** {code(item.post.id)} on {code(turn.channel.name)}: {prose(words)}"
                for words in turn.told
                if "says something else now" in words
            ]
    if len(lines) > _AT_TOP:
        return [*lines[:_AT_TOP], f"- … and {len(lines) - _AT_TOP} more, below."]
    return lines


def _approvals(review: Review) -> list[str]:
    lines = [
        f"- {_mark(item.area.value)} **{item.what}**: {prose(item.who)}"
        for item in review.touched
        if item.area.value != "record"
    ]
    if any(item.area.value == "record" for item in review.touched):
        lines.insert(0, "- ❌ **records of what was published**: nobody may approve this; take them out of the change.")
    wanted: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for item in review.changed:
        for need in item.needs:
            wanted.setdefault((need.what, need.who), []).append(item.post.id)
    for (what, who), posts in wanted.items():
        names = " or ".join(code(review.people.get(name) or name) for name in who) or "nobody in the team"
        shown = ", ".join(code(post) for post in posts[:5]) + (f" and {len(posts) - 5} more" if len(posts) > 5 else "")
        lines.append(f"- {code(what)}: {names} ({shown})")
    if len(lines) > _AT_TOP:
        return [*lines[:_AT_TOP], f"- … and {len(lines) - _AT_TOP} more."]
    return lines


def _mark(area: str) -> str:
    return "ℹ️" if area == "other" else "⚠️"


# --- a post ---------------------------------------------------------------------------------------------------------


class _Pictures:
    """The thumbnails of a document: so many, and no more."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.left = _PICTURES
        self.given: dict[str, bool] = {}

    def shown(self, item: Attachment) -> str:
        """Return a picture as a thumbnail with its description; empty where it is only named."""
        if not self.url or item.mime not in _SHOWN or item.size > _LARGEST:
            return ""
        if item.file not in self.given:
            self.given[item.file] = self.left > 0
            self.left -= 1
        if not self.given[item.file]:
            return ""
        source = html_attribute(self.url + quote(item.file.encode("utf-8", "surrogatepass")))
        alt = html_text(item.alt, 300) or "no description"
        return f'<img src="{source}" height="{_HIGH}" alt="{alt}">'


def html_attribute(url: str) -> str:
    """Return an address as it stands between the quotes of an attribute."""
    import html

    return html.escape(url)


def _section(item: Changed, pictures: _Pictures) -> Section:
    def lines(level: int) -> list[str]:
        if level == 2:
            return [f"- {_summary_line(item)}"]
        body: list[str] = []
        if item.problems:
            most = _PROBLEMS[level]
            body += [problem_line(problem, where=False) for problem in ordered(item.problems)[:most]]
            if len(item.problems) > most:
                body.append(f"- … and {len(item.problems) - most} more findings.")
            body.append("")
        body += [f"- {prose(words)}" for words in item.told]
        if item.told:
            body.append("")
        for turn in item.turns:
            body += _turn(turn, pictures, level)
        if not item.turns:
            body.append("It goes to no channel that exists.")
        return details(_summary(item), body)

    return lines


def _summary(item: Changed) -> str:
    title = html_text(item.post.title, 80)
    said = [f"<b>{title}</b> {html_code(item.post.id, 80)}" if title else html_code(item.post.id, 80)]
    said.append(html_text(_dates(item), 120))
    worst = totals(item.problems)
    if worst:
        said.append(f"{MARKS[ordered(item.problems)[0].severity]} {worst}")
    return " · ".join(text for text in said if text)


def _summary_line(item: Changed) -> str:
    worst = totals(item.problems)
    said = [code(item.post.id, 80), prose(_dates(item), 120), worst]
    return " · ".join(text for text in said if text)


def _dates(item: Changed) -> str:
    standings = list(dict.fromkeys(turn.standing for turn in item.turns))
    said = [_STANDING[standing] for standing in standings[:3]]
    dated = [(turn.due, turn.channel) for turn in item.turns if turn.due is not None]
    if dated:
        first, channel = min(dated, key=lambda pair: pair[0])
        said.append(local(first, channel))
    said.append(", ".join(turn.channel.name for turn in item.turns[:6]))
    return " · ".join(said)


def _turn(turn: Turn, pictures: _Pictures, level: int) -> list[str]:
    when = local(turn.due, turn.channel) if turn.due is not None else "no date"
    kind = f", {turn.draft.kind}" if turn.draft is not None else ""
    lines = [f"#### {code(turn.channel.name)} ({prose(turn.channel.network, 40)}{kind}) · {prose(when)}", ""]
    said = [f"**{_STANDING[turn.standing]}**"]
    if turn.url:
        said.append(f"at {code(turn.url)}")
    if turn.cost:
        said.append(f"costs {prose(turn.cost)}")
    lines += [" · ".join(said), ""]
    told = [*turn.told, *turn.neighbours]
    if told:
        lines += [*(f"- {prose(words)}" for words in told), ""]
    if turn.draft is None:
        return lines
    parts = turn.draft.parts
    for number, part in enumerate(parts[: _PARTS[level]], start=1):
        used = turn.used[number - 1] if number <= len(turn.used) else ()
        lines += _part(part, used, f"Part {number} of {len(parts)}" if len(parts) > 1 else "", pictures, level)
    if len(parts) > _PARTS[level]:
        lines += [f"… and {count_of(len(parts) - _PARTS[level], 'part')} more.", ""]
    named = [
        f"{code('@' + mention.name, 60)} → {code(mention.shown, 80)}{'' if mention.target else ' (plain words)'}"
        for mention in turn.mentions[:20]
    ]
    if named:
        lines += [f"Names: {', '.join(named)}", ""]
    return lines


def _part(part: Part, used: Sequence[Count], heading: str, pictures: _Pictures, level: int) -> list[str]:
    lines = [f"**{heading}**", ""] if heading else []
    for what, how in facts_of(part):
        if how != part.first_comment:
            lines += [f"{prose(what[:1].upper() + what[1:], 60)}: {code(how, 300)}", ""]
    if part.text:
        lines += [*fence(part.text, _TEXT[level]), ""]
    full = [count_text(count) for count in used if count.used or count.what == "text"]
    if full:
        lines += [" · ".join(full), ""]
    for item in part.attachments[:20]:
        lines += _attachment(item, pictures)
    if part.poll is not None:
        lines += ["Poll:", "", *(f"- {code(option)}" for option in part.poll.options[:10]), ""]
    if part.card is not None:
        words = f" {code(part.card.description, 300)}" if part.card.description else ""
        lines += [f"Card: {code(part.card.title)} {code(part.card.url, 300)}{words}", ""]
    if part.first_comment:
        lines += ["First comment:", "", *fence(part.first_comment, _TEXT[1]), ""]
    for span in [span for span in part.spans if span.kind == "link"][:20]:
        shown = part.text[span.start : span.end]
        if shown != span.target:
            lines += [f"Link: {code(shown)} → {code(span.target, 500)}", ""]
    return lines


def _attachment(item: Attachment, pictures: _Pictures) -> list[str]:
    shape = f"{item.width}×{item.height}" + (f", {item.seconds:.0f} s" if item.seconds else "")
    picture = pictures.shown(item)
    lines = [picture, ""] if picture else []
    alt = f"description: {code(item.alt, 500)}" if item.alt else "**no description**"
    return [*lines, f"{code(item.file)} ({shape}) · {alt}", ""]


# --- below the posts ------------------------------------------------------------------------------------------------


def _gone(review: Review) -> list[str]:
    if not review.gone:
        return []
    lines = ["### Taken away", ""]
    for item in review.gone[:50]:
        lines.append(f"- {code(item.id)} ({code(item.path)})")
        lines += [f"  - {prose(words)}" for words in item.told[:20]]
    if len(review.gone) > 50:
        lines.append(f"- … and {len(review.gone) - 50} more.")
    return [*lines, ""]


def _moved(review: Review) -> list[str]:
    if not review.moved:
        return []
    shown = [f"- {prose(words)}" for words in review.moved[:30]]
    more = [f"- … and {len(review.moved) - 30} more."] if len(review.moved) > 30 else []
    return ["### What this does to other posts", "", *shown, *more, ""]


def _touched(review: Review) -> list[str]:
    if not review.touched:
        return []
    lines = ["### Beside the posts", ""]
    for item in review.touched:
        names = ", ".join(code(path, 120) for path in item.paths[:10])
        more = f" and {len(item.paths) - 10} more" if len(item.paths) > 10 else ""
        lines.append(f"- **{item.what}**: {names}{more}")
        lines += [f"  - {prose(words)}" for words in item.told[:20]]
    return [*lines, ""]


def _other_problems(review: Review) -> list[str]:
    problems = ordered(review.problems)
    if not problems:
        return []
    shown = [problem_line(problem) for problem in problems[:50]]
    more = [f"- … and {len(problems) - 50} more: `socialops check` tells them all."] if len(problems) > 50 else []
    return ["### Findings in other files", "", *shown, *more, ""]
