"""The command that begins a post: asks what is not said, and writes one file."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from socialops.cli.shared import NOW_HELP, clock, open_workspace, say, write
from socialops.content.post import Kind
from socialops.errors import UsageError

if TYPE_CHECKING:
    from datetime import datetime

    from socialops.content.load import Content
    from socialops.scaffold.issue_forms import Answers

KINDS = [kind.value for kind in Kind]
Answer = TypeVar("Answer")
NEXT = "next"
"""What is answered instead of a date, for the next free slot."""
_TOLD = 10
"""How many answers that mean nothing are told one by one."""


@click.command("new", short_help="Begin a post: ask what it is, and write its file.")
@click.argument("title", required=False)
@click.option("--title", "titled", help="The same as TITLE.")
@click.option("--channel", "channels", multiple=True, help="Where it goes; may be given several times.")
@click.option("--kind", type=click.Choice(KINDS), help="What it is; worked out from what it holds when left out.")
@click.option("--campaign", help="The campaign it belongs to.")
@click.option("--pillar", help="The theme of the strategy that it serves.")
@click.option("--audience", help="Who it is for.")
@click.option("--lang", help="Its language: tr, he, ro, en.")
@click.option("--date", "typed_date", help="When: 2026-12-01 09:30, the clock where the channel lives.")
@click.option("--next-slot", is_flag=True, help="Give it the next free slot of each of its channels.")
@click.option("--author", "authors", multiple=True, help="Who writes it; may be given several times.")
@click.option("--approver", help="Who answers for it.")
@click.option("--tag", "tags", multiple=True, help="A hashtag, with or without its sign; may be given several times.")
@click.option("--link", help="The address it points to.")
@click.option("--text", help="The text, in Markdown.")
@click.option("--template", help="Begin from brand/templates/<name>.md.")
@click.option(
    "--from-issue", metavar="FILE", help="Take the answers of an issue form: the issue's body, or - for stdin."
)
@click.option("--name", help="The file's name, without its date; made from the title when left out.")
@click.option("--folder", is_flag=True, help="Give it a folder of its own, with room for pictures beside it.")
@click.option("--no-questions", is_flag=True, help="Ask nothing, even at a terminal.")
@click.option("--dry-run", is_flag=True, help="Show the file; write nothing.")
@click.option("--open", "opening", is_flag=True, help="Open the new file in $VISUAL or $EDITOR.")
@click.option("--now", "rehearsed", help=NOW_HELP)
def new_command(
    title: str | None,
    titled: str | None,
    channels: tuple[str, ...],
    typed_date: str | None,
    authors: tuple[str, ...],
    tags: tuple[str, ...],
    text: str | None,
    template: str | None,
    from_issue: str | None,
    name: str | None,
    rehearsed: str | None,
    next_slot: bool,
    folder: bool,
    no_questions: bool,
    dry_run: bool,
    opening: bool,
    **single: str | None,
) -> int:
    """Begin a post: a draft in posts/, named after its date and TITLE, with a comment beside every field.

    At a terminal it asks for what is not said; an empty answer leaves it open. Flags go before the answers of an
    issue, and those before a template. Nothing that exists is ever overwritten. stdout is the new file's name.
    """
    from socialops.content.load import load
    from socialops.content.when import parse_when
    from socialops.scaffold.file_name import free_path, slug
    from socialops.scaffold.issue_forms import Answers, choices_of
    from socialops.scaffold.new_post import Beginning, place_post, read_template, write_post

    if title and titled and title != titled:
        raise UsageError("Two titles were given.", hint="Leave one of them out.")
    if next_slot and typed_date:
        raise UsageError("--date and --next-slot both say when.", hint="Leave one of them out.")
    workspace = open_workspace()
    now = clock(rehearsed, workspace)()
    content = load(workspace)
    choices = choices_of(content)
    below = read_template(workspace, template) if template else Beginning()
    issue = _issue(from_issue, content) if from_issue else Answers()
    given: dict[str, Any] = {
        "title": " ".join((title or titled or "").split()),
        "channels": channels,
        "authors": authors,
        "tags": tuple(tag.removeprefix("#") for tag in tags),
        "date": typed_date,
        **single,
    }
    _hold(given, choices)
    fields = Beginning(given).over(Beginning(issue.fields).over(below.fields))
    asking = not no_questions and from_issue != "-" and _at_a_terminal()
    if asking:
        if next_slot:
            fields["date"] = NEXT
        name = _ask(fields, content, choices, now, name)
    if not fields.get("title"):
        raise UsageError("A post needs a title.", hint='Say it: socialops new "Winter launch"')
    if not fields.get("channels") and len(content.channels) == 1:
        fields["channels"] = tuple(content.channels)
    if next_slot or fields.get("date") == NEXT:
        fields["date"] = _next_slots(fields, content, now)
    if fields.get("date"):
        fields["date"] = _typed(str(fields["date"]))
    words = text or issue.text or below.text
    written = write_post(Beginning(fields, words, choices))
    day = (
        parse_when(fields["date"]).wall.date() if fields.get("date") else now.astimezone(workspace.settings.tz()).date()
    )
    stem = _named(name) if name else slug(str(fields["title"])) or str(fields.get("kind") or "post")
    ids = {post.id for post in content.posts}
    root = workspace.root

    def taken(place: str) -> bool:
        return place.rpartition("/")[2] in ids or any(os.path.lexists(root / f"{place}{end}") for end in ("", ".md"))

    path = free_path(stem, day, folder=folder, taken=taken)
    _hold_together(written, path)
    if dry_run:
        say(f"{path} would be written:")
        write(written)
        return 0
    place_post(workspace, path, written)
    write(path + "\n")
    return _after(path, opening)


def _next_slots(fields: dict[str, Any], content: Content, now: datetime) -> str:
    """Return the next free slot as a `date:`; channels whose slot is another one get a date of their own in *fields*.

    Drafts with a date count as well: two posts that are begun one after the other shall not meet.
    """
    from dataclasses import replace

    from socialops.compose.agenda import next_free_slot, wall_text
    from socialops.publishing.history import ledger_at_hand
    from socialops.publishing.promises import Kept

    named = fields.get("channels") or ()
    channels = [content.channels[name] for name in named if name in content.channels]
    if not channels:
        raise UsageError("Slots are a channel's, and this post has none.", hint="Say where it goes: --channel mastodon")
    kept = Kept(ledger_at_hand(content.workspace))
    posts = [replace(post, draft=False) if post.draft and post.recur is None else post for post in content.posts]
    dated = [post for post in posts if post.date is not None or any(entry.date for entry in post.channels)]
    waiting = [post for post in content.posts if post.date is None and not post.draft]
    others = [post for post in waiting if post not in dated]
    around = replace(content, posts=(*dated, *others))
    slots: dict[str, datetime] = {}
    for channel in channels:
        at = next_free_slot(around, channel, now, kept)
        if at is None:
            why = "has no free slot within a year" if channel.slots else "has no slots"
            raise UsageError(
                f"The channel {channel.name} {why}.",
                hint=f"Say --date, or write slots into {channel.path}: `slots: [mon 09:30, thu 17:00]`.",
            )
        slots[channel.name] = at
    texts = {channel.name: wall_text(slots[channel.name], channel) for channel in channels}
    first = texts[min(slots, key=slots.__getitem__)]
    if len({*texts.values()}) > 1:
        entries = named if isinstance(named, dict) else {key: {} for key in named}
        fields["channels"] = {
            name: {**entry, **({"date": texts[name]} if texts.get(name, first) != first else {})}
            for name, entry in entries.items()
        }
    return first


def _hold_together(written: str, path: str) -> None:
    """Raise UsageError where the file would not be read again, as with a template that has unknown fields."""
    from socialops.content.posts import parse_post

    post, problems, _ = parse_post(written.encode(), path)
    if post is None and problems:
        raise UsageError(f"The post cannot be made: {problems[0].message}", hint=problems[0].hint)


def _after(path: str, opening: bool) -> int:
    """Say what comes next, and what `check` says of the new file already."""
    from socialops.checks.check import check
    from socialops.content.load import load
    from socialops.output.text import harmless, place
    from socialops.problem import Severity

    workspace = open_workspace()
    content = load(workspace, files=[path])
    found = [problem for problem in check(content, files=[path]) if problem.file == path]
    for problem in found:
        say(f"{place(problem)}: {problem.severity}: {harmless(problem.message)}")
    say("It is a draft. Write its text below the second line of dashes, then look at it:")
    say(f"  socialops preview {path}")
    if opening:
        click.edit(filename=str(workspace.root / path))
    return int(any(problem.severity is Severity.ERROR for problem in found))


def _issue(name: str, content: Content) -> Answers:
    from socialops.output.text import harmless
    from socialops.scaffold.issue_forms import MOST, read_issue

    if name == "-":
        data = sys.stdin.buffer.read(MOST + 1)
    else:
        file = Path(name)
        if not file.is_file():
            raise UsageError(f"There is no file {name}.", hint="Save the issue's body to a file, or pipe it in with -.")
        with file.open("rb") as opened:
            data = opened.read(MOST + 1)
    if len(data) > MOST:
        raise UsageError(
            "That is too long for an issue's body.", hint="Give the body alone: 65,536 characters at most."
        )
    answers = read_issue(data.decode("utf-8-sig", "replace"), content)
    if not answers.fields and not answers.text:
        raise UsageError(
            "None of our forms' headings stands in that text.",
            hint="Give the body of an issue as it was filed: `### Title`, an empty line, the answer, and so on.",
        )
    for told in answers.left_out[:_TOLD]:
        say(f"left out: {harmless(told)}")
    if len(answers.left_out) > _TOLD:
        say(f"left out: {len(answers.left_out) - _TOLD} more answers that mean nothing here.")
    return answers


def _hold(given: dict[str, Any], choices: dict[str, tuple[str, ...]]) -> None:
    """Raise UsageError for a name that the workspace does not know, with the nearest one."""
    for field, known in choices.items():
        value = given.get(field)
        for one in value if isinstance(value, tuple) else [value] if value else []:
            _known(field, one, known)
    if given.get("date"):
        _typed(given["date"])


def _known(field: str, name: str, known: Collection[str]) -> str:
    from socialops.content import values
    from socialops.problem import nearest

    if name in known:
        return name
    if field == "lang":
        try:
            return values.language(name)
        except values.Wrong as wrong:
            raise UsageError(wrong.args[0], hint=wrong.hint) from wrong
    word = {"authors": "person", "approver": "person", "channels": "channel"}.get(field, field)
    meant = nearest(name, known)
    there = f"There are: {', '.join(known)}." if known else "The workspace has none yet."
    raise UsageError(f"There is no {word} {name[:60]!r}.", hint=f"Did you mean {meant!r}?" if meant else there)


def _typed(date: str) -> str:
    if date == NEXT:
        return date
    from socialops.content.when import WhenError, parse_when

    try:
        return parse_when(date).text.strip()
    except WhenError as fault:
        raise UsageError(fault.message, hint=fault.hint) from fault


def _named(name: str) -> str:
    from socialops.scaffold.file_name import slug

    made = slug(name.removesuffix(".md"))
    if not made:
        raise UsageError(f"{name[:60]!r} will not do as a file's name.", hint="Use letters a to z and digits.")
    return re.sub(r"^\d{4}-\d{2}-\d{2}-", "", made)


# --- questions --------------------------------------------------------------------------------------------------------


def _at_a_terminal() -> bool:
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stderr))


def _ask(
    fields: dict[str, Any], content: Content, choices: dict[str, tuple[str, ...]], now: datetime, name: str | None
) -> str | None:
    """Ask for what is not known yet; return the file's name, where another than the title's is wanted."""
    from socialops.content.brand import CampaignState
    from socialops.scaffold.file_name import slug

    say("An empty answer leaves a thing open. Ctrl-C stops, and writes nothing.\n")
    while not fields.get("title"):
        fields["title"] = " ".join(_prompt("Title, for the team").split())
    today = now.astimezone(content.workspace.settings.tz()).date()
    over = {CampaignState.ENDED, CampaignState.CANCELLED}
    campaigns = [campaign.name for campaign in content.brand.campaigns.values() if campaign.stands(today) not in over]
    offered = {**choices, "campaign": tuple(campaigns)}
    titles = {
        "channels": "Channels (several: 1, 3)",
        "kind": "Kind",
        "campaign": "Campaign",
        "pillar": "Pillar",
        "authors": "Authors (several: 1, 3)",
        "lang": "Language",
    }
    for field, title in titles.items():
        if not fields.get(field) and offered[field]:
            several = field in ("channels", "authors")
            answer = _choose(title, field, offered[field], choices[field], several=several)
            fields[field] = answer if several else (answer[0] if answer else None)
    if not fields.get("date"):
        say("Empty: decided later, or by the channel's slots when it is published.")
        fields["date"] = _until(lambda: _when(_prompt(f"Date, or {NEXT} for the next free slot, as 2026-12-01 09:30")))
    if not name:
        made = slug(str(fields["title"])) or str(fields.get("kind") or "post")
        name = _until(lambda: _named(_prompt(f"File name [{made}]") or made))
    return name


def _when(answer: str) -> str:
    return _typed(answer) if answer else ""


def _choose(
    title: str, field: str, offered: Collection[str], known: Collection[str], *, several: bool
) -> tuple[str, ...]:
    listed = list(offered)
    say(title + ":")
    for number, choice in enumerate(listed, 1):
        say(f"  {number:2}  {choice}")

    def read() -> tuple[str, ...]:
        words = [word for word in re.split(r"[\s,]+", _prompt("  number or name")) if word]
        if len(words) > 1 and not several:
            raise UsageError("Only one of them.", hint="")
        chosen = [
            listed[int(word) - 1] if word.isdecimal() and 0 < int(word) <= len(listed) else _known(field, word, known)
            for word in words
        ]
        return tuple(dict.fromkeys(chosen))

    return _until(read)


def _prompt(title: str) -> str:
    answer: str = click.prompt(title, default="", show_default=False, err=True)
    return answer.strip()


def _until(read: Callable[[], Answer]) -> Answer:
    """Ask until the answer means something."""
    while True:
        try:
            return read()
        except UsageError as wrong:
            say(f"  {wrong.message} {wrong.hint}".rstrip())
