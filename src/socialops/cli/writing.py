"""The writer's commands: check, preview, import."""

from __future__ import annotations

import os
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from socialops.cli.shared import (
    NOW_HELP,
    clock,
    colours,
    ledger_known_here,
    open_workspace,
    place_in_repository,
    say,
    terminal_width,
    write,
)
from socialops.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from socialops.compose.agenda import Agenda
    from socialops.content.load import Content
    from socialops.content.post import Post
    from socialops.problem import Problem
    from socialops.publishing.spending import Estimate
    from socialops.workspace import Workspace

OUTINGS_SHOWN = 3
"""How many of the next outings of a post that comes again `preview` shows."""
FORMATS = click.Choice(["text", "json", "github", "sarif", "markdown"])


@click.command("check", short_help="Check posts against the networks' limits and the brand's rules.")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option("--changed", "since", metavar="REF", help="Check only what was changed since REF, such as origin/main.")
@click.option(
    "--summary", type=click.Path(path_type=Path, dir_okay=False), help="Add all findings to this Markdown file."
)
@click.option("--now", "rehearsed", help=NOW_HELP)
@click.option("--format", "form", type=FORMATS, default="text", show_default=True, help="How to say it.")
def check_command(
    files: tuple[Path, ...], since: str | None, summary: Path | None, rehearsed: str | None, form: str
) -> int:
    """Check posts against the networks' limits and the brand's rules.

    FILES may be folders; without any, everything is checked. Posts are compared with what was published, too, as far as
    this machine knows it: nothing is fetched.

    With --changed only the posts that a change touches are checked, and quickly: all of them where it touches brand/ or
    the settings. How they stand beside the posts it does not touch is told by `socialops review`, and by a check of
    everything.

    Exit code 1 when there is an error; warnings and notes do not fail the check.
    """
    from socialops.checks.check import check
    from socialops.content.load import load
    from socialops.output.text import harmless
    from socialops.problem import Severity

    workspace = open_workspace()
    if since is not None:
        from socialops.cli.reviewing import scope_since

        if files:
            raise UsageError("--changed finds the files itself.", hint="Leave the names out, or leave --changed out.")
        scope = scope_since(workspace, since)
    else:
        scope = None
    named = {_named(workspace, file): file for file in files}
    folders = [name for name, file in named.items() if file.is_dir() and not file.is_symlink()]
    only: Collection[str] | None = named if named and not folders else None
    if scope is not None and not scope.everything:
        only = scope.files
    content = load(workspace, files=only)
    now = clock(rehearsed, workspace)()
    today = now.astimezone(workspace.settings.tz()).date()
    problems = check(content, files=None if only is None else tuple(only), today=today)
    if content.posts and (workspace.settings.data_branch or workspace.ledger.is_dir()):
        from socialops.publishing.history import history

        problems = sorted([*problems, *history(content, ledger_known_here(workspace), now)])
    if only is None:
        # Beside some posts alone nobody can tell which slots are free.
        from socialops.checks.schedule import with_slots

        problems = with_slots(problems, content, lambda: _coming(content, workspace, now))
    costs: dict[str, Estimate] = {}
    if not named and only is None:
        # Of some posts alone nobody can tell what the month costs.
        from socialops.publishing.spending import outlook

        exceeded, costs = outlook(content, ledger_known_here(workspace), now)
        problems = sorted([*problems, *exceeded])
    if scope is not None:
        from socialops.checks.change import judge_dates, judge_records

        # Whether a changed post has a new date, only `socialops review` can tell, which knows the old one.
        added = {change.path for change in scope.changes if change.status == "A"}
        problems = sorted([*problems, *judge_records(scope), *judge_dates(content, added, now)])
        if scope.everything:
            say(f"{harmless(scope.everything)}, so all are checked.")
    if folders:
        problems = [problem for problem in problems if _is_among(problem.file, named)]
        checked = sum(_is_among(post.path, named) for post in content.posts)
    elif scope is not None:
        checked = len(content.posts)
    else:
        checked = sum(_is_post(name) for name in named) if named else len(content.posts)
    for name in named:
        if name not in folders and not _is_read(name):
            say(f"{harmless(name)} is not checked: only the .md and .yml files of posts, brand and reports are.")
    _tell(workspace, problems, form, checked=checked, summary=summary)
    if costs and form == "text":
        from socialops.output import plan

        for told in plan.costs(costs):
            say(told)
    return int(any(problem.severity is Severity.ERROR for problem in problems))


def _coming(content: Content, workspace: Workspace, now: datetime) -> Agenda:
    """Return what goes out when, by what this machine knows of the slots that were given."""
    from socialops.publishing.promises import agenda_of

    return agenda_of(content, ledger_known_here(workspace), now)


def _tell(
    workspace: Workspace, problems: Sequence[Problem], form: str, *, checked: int, summary: Path | None = None
) -> None:
    """Write problems in the form that is asked for, and all of them into the file *summary* when one is named."""
    from socialops.output import text

    if summary is not None:
        from socialops.output import markdown

        with summary.open("a", encoding="utf-8", newline="") as file:
            file.write(markdown.render_problems(problems, checked=checked) + "\n")
    match form:
        case "json":
            from socialops.output import json as as_json

            write(as_json.render_problems(problems, checked=checked))
        case "github":
            from socialops.output import github

            rest = "The summary of this step" if summary is not None else "The job's summary, or `socialops check`,"
            write(github.render_problems(problems, prefix=place_in_repository(workspace), rest=rest), commands=True)
        case "sarif":
            from socialops.output import sarif

            write(sarif.render_problems(problems, prefix=place_in_repository(workspace)))
        case "markdown":
            from socialops.output import markdown

            write(markdown.render_problems(problems, checked=checked))
        case _:
            write(text.render_problems(problems, checked=checked, colour=colours()))


def _named(workspace: Workspace, file: Path) -> str:
    """Return a file or folder named on the command line as the workspace-relative name; raises UsageError."""
    if not os.path.lexists(file):
        raise UsageError(f"There is no file {file}.", hint="Name a post, or leave the name out to check everything.")
    # A link is judged as a link, so only the way to it is resolved; but `.` and `..` name nothing by themselves.
    absolute = Path(file.parent.resolve(), file.name) if file.name not in ("", "..") else file.resolve()
    try:
        return absolute.relative_to(workspace.root).as_posix()
    except ValueError as error:
        raise UsageError(
            f"{file} is not in the workspace {workspace.root}.", hint="Name a file of posts, brand or reports."
        ) from error


def _is_among(file: str, named: Collection[str]) -> bool:
    return any(name == "." or file == name or file.startswith(f"{name}/") for name in named)


def _is_read(name: str) -> bool:
    return name.startswith(("posts/", "brand/", "reports/")) and name.endswith((".md", ".yml"))


def _is_post(name: str) -> bool:
    return name.startswith("posts/") and name.endswith(".md")


@click.command("preview", short_help="Show what each channel will get of a post.")
@click.argument("post")
@click.option("--channel", "only", help="Show one channel only.")
@click.option("--now", "rehearsed", help=NOW_HELP)
@click.option("--format", "form", type=click.Choice(["text", "json", "markdown"]), default="text", show_default=True)
def preview_command(post: str, only: str | None, rehearsed: str | None, form: str) -> int:
    """Show exactly what each channel will get of POST (its id, or its file), and when.

    A post without a date shows the slot it takes; one that comes again, its next outings, each with the text it has.
    """
    from socialops.checks.check import check
    from socialops.checks.schedule import with_slots
    from socialops.compose.compose import variant
    from socialops.compose.limits import limits_of
    from socialops.compose.schedule import due
    from socialops.content.load import load
    from socialops.networks import counts
    from socialops.output import json as as_json
    from socialops.output import preview_markdown, text
    from socialops.problem import Severity
    from socialops.publishing.spending import price_of

    workspace = open_workspace()
    content = load(workspace)
    now = clock(rehearsed, workspace)()
    coming = _coming(content, workspace, now)
    found = find_post(replace(content, posts=(*content.posts, *coming.outings())), workspace, post)
    in_text = partial(text.render_draft, colour=colours(), width=terminal_width())
    render = preview_markdown.render_draft if form == "markdown" else in_text
    records = []
    for going in coming.next_of(found, content, now)[:OUTINGS_SHOWN]:
        for entry in going.channels:
            channel = content.channels.get(entry.channel)
            if channel is None or (only and only != channel.name):
                continue
            composed = variant(going, channel, content)
            draft = composed.draft
            limits = limits_of(channel)
            used = [counts(channel.network, part, limits) for part in draft.parts]
            at = due(going, channel)
            if form == "json":
                records.append(
                    {
                        "draft": draft.record(),
                        "due": at.isoformat() if at else None,
                        "digest": draft.digest(),
                        "link": draft.link,
                        "mentions": [
                            {"name": mention.name, "shown": mention.shown, "target": mention.target}
                            for mention in composed.mentions
                        ],
                    }
                )
            else:
                when = at.astimezone(channel.tz()).strftime("%Y-%m-%d %H:%M %Z") if at else "no date yet"
                shown = render(
                    draft,
                    used,
                    when=when + coming.why(going, channel.name),
                    mentions=composed.mentions,
                    cost=price_of(draft, channel),
                )
                write(f"{shown}\n")
    if form == "json":
        write(as_json.render("preview", {"post": found.id, "file": found.path, "drafts": records}))
    elif only and only not in {entry.channel for entry in found.channels}:
        raise UsageError(
            f"{found.id} does not go to {only}.",
            hint="It goes to " + ", ".join(entry.channel for entry in found.channels) + ".",
        )
    if found.draft:
        say("It is a draft: it does not go out before `draft: true` is taken out.")
    judged = with_slots(check(content, files=[found.path]), content, lambda: coming)
    problems = [problem for problem in judged if problem.file == found.path]
    if problems:
        say(text.render_problems(problems, checked=1, colour=colours()).rstrip())
    return int(any(problem.severity is Severity.ERROR for problem in problems))


def find_post(content: Content, workspace: Workspace, name: str) -> Post:
    """Find a post by id or by file; raises UsageError with the nearest id, or with what is wrong with the file."""
    from socialops.problem import nearest

    file = Path(name)
    wanted = _named(workspace, file) if file.exists() and file.is_file() else name
    for post in content.posts:
        if wanted in (post.id, post.path):
            return post
    for problem in content.problems:
        if problem.file == wanted:
            raise UsageError(f"{wanted} cannot be read: {problem.message}", hint=problem.hint)
    meant = nearest(name, [post.id for post in content.posts])
    raise UsageError(f"There is no post {name!r}.", hint=f"Did you mean {meant!r}?" if meant else "")


@click.group("import", short_help="Bring the posts of another tool into this workspace.")
def import_command() -> None:
    """Bring the posts of another tool into this workspace."""


@import_command.command("galaxy-social", short_help="Import a folder of the galaxy-social tool.")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
def galaxy_social(folder: Path) -> int:
    """Import the posts and accounts of FOLDER, a checkout of a galaxy-social repository.

    Nothing that is here already is overwritten, and a second run changes nothing.
    """
    from socialops.content.galaxy_social import import_galaxy_social

    result = import_galaxy_social(folder, open_workspace())
    for line in result.lines():
        write(line + "\n")
    return 0
