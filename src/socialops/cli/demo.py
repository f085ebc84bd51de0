"""The demo: the whole product on a copy of this workspace, on this machine, in simulated time.

The copy gets a bare repository as its remote, so that the publishing lock is the real one, and every channel is
pointed at the sandbox. Two thirds of the way through the workspace's dated posts the simulated clock stops: what is
behind it was published and measured, what is ahead is planned.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from socialops.cli.shared import colours, missing_credentials, networks, open_workspace, write
from socialops.errors import UsageError

if TYPE_CHECKING:
    from socialops.content.load import Content
    from socialops.content.post import Post
    from socialops.networks.sandbox.server import Sandbox
    from socialops.publishing.outcome import Outcome
    from socialops.publishing.plan import Plan
    from socialops.workspace import Workspace

SEED = 2026
PORT = 8765
COPIED = (
    *("posts", "brand", "reports", "mkdocs.yml", "pyproject.toml", ".gitignore", ".gitattributes"),
    # Who approves what may name these too, and the check looks whether they are there.
    *(".github", ".gitlab-ci.yml", "uv.lock", "README.md"),
)
MARK = ".socialops-demo"
"""A file in the demo's folder that says it is ours to delete."""
FOLLOWERS = (1400, 2600, 420, 1200)
"""How many the accounts begin with, in the order of their channels' names, round and round."""
SHARE_BEHIND = 0.66
MORNING = time(8, 0)
"""When the simulated job reads the numbers, besides the readings after each post."""
AFTER_A_POST = (timedelta(hours=2), timedelta(hours=10))
APART = timedelta(hours=3)
"""Simulated readings are at least this far apart: every one is a commit, and the demo should take a minute."""


@dataclass
class Tally:
    """What the demo did, for the summary."""

    published: list[tuple[str, str, str, str]] = field(default_factory=list)
    """(when, post, channel, URL)."""
    failed: list[tuple[str, str, str]] = field(default_factory=list)
    snapshots: int = 0
    readings: int = 0


@click.command("demo", short_help="Run the whole product on a copy of this workspace, in the sandbox.")
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where to put the copy, the site and the sandbox. [default: build/demo]",
)
def demo_command(folder: Path | None) -> int:
    """Run the whole product on a copy of this workspace: check, publish, weeks of numbers, site.

    Nothing leaves this machine, and this workspace is not changed.
    """
    original = open_workspace()
    place = (folder or original.build / "demo").resolve()
    with progress() as step:
        step("Copying the workspace, with a bare repository as its remote", 0, 0)
        _clear(place)
        with _sandbox(original, place) as sandbox:
            workspace = _copy(original, place, sandbox.url)
            return _run(workspace, sandbox, place, step)


def _run(workspace: Workspace, sandbox: Sandbox, place: Path, step: Step) -> int:
    from socialops.checks.check import check
    from socialops.content.load import load
    from socialops.problem import Severity

    content = load(workspace)
    step("Checking every post", 0, 0)
    problems = check(content)
    errors = [problem for problem in problems if problem.severity is Severity.ERROR]
    dues = _dues(content)
    if not dues:
        raise UsageError("The demo needs posts with dates.", hint="Give a few posts a date, then run it again.")
    today = _today(content, dues)
    tally = Tally()
    _live(workspace, content, sandbox, today, tally, step)
    step("Drawing the reports and building the site", 0, 0)
    plan, home = _show(workspace, today, place)
    step("", 0, 0)
    write(
        _summary(
            workspace,
            content,
            tally,
            plan,
            today,
            home,
            sandbox.url,
            warnings=len(problems) - len(errors),
            errors=len(errors),
        )
    )
    return 1 if errors or tally.failed else 0


# --- the stage ------------------------------------------------------------------------------------------------------


def _clear(place: Path) -> None:
    if place.exists() and any(place.iterdir()):
        if not (place / MARK).is_file():
            raise UsageError(f"{place} is not empty.", hint="Name another folder with --folder.")
        shutil.rmtree(place)
    place.mkdir(parents=True, exist_ok=True)
    (place / MARK).write_text("This folder is made by `socialops demo` and replaced at every run.\n", "utf-8")


@contextmanager
def _sandbox(original: Workspace, place: Path) -> Iterator[Sandbox]:
    """Start the sandbox with an account for every channel, and put the accounts' tokens into the environment."""
    from socialops.content.load import load
    from socialops.networks.sandbox.server import Sandbox

    content = load(original)
    dues = _dues(content)
    start = (dues[0] if dues else datetime(2026, 1, 1, tzinfo=UTC)) - timedelta(days=3)
    try:
        sandbox = Sandbox(place / "sandbox.sqlite", seed=SEED, now=start, port=PORT)
        sandbox.start()
    except OSError:  # the port is taken, by another demo perhaps: any other will do
        sandbox = Sandbox(place / "sandbox.sqlite", seed=SEED, now=start)
        sandbox.start()
    before = dict(os.environ)
    try:
        for number, channel in enumerate(content.channels.values()):
            token = sandbox.add_account(
                channel.handle,
                str(channel.profile.get("name") or channel.name),
                channel.zone,
                FOLLOWERS[number % len(FOLLOWERS)],
                channel.lang,
            )
            os.environ[channel.secret()] = token
            os.environ[channel.secret("HOST")] = sandbox.url
        yield sandbox
    finally:
        os.environ.clear()
        os.environ.update(before)
        sandbox.stop()


def _copy(original: Workspace, place: Path, url: str) -> Workspace:
    from socialops.git import Git
    from socialops.workspace import find_workspace

    root = place / "workspace"
    root.mkdir()
    for name in COPIED:
        source = original.root / name
        if source.is_dir():
            shutil.copytree(source, root / name, ignore=shutil.ignore_patterns("data", "__pycache__"), symlinks=True)
        elif source.is_file():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, root / name)
    for file in sorted((root / "brand" / "channels").glob("*.md")):
        file.write_text(re.sub(r"(?m)^host:.*$", f"host: {url}", file.read_text("utf-8"), count=1), "utf-8")
    remote = place / "remote.git"
    remote.mkdir()
    Git(remote).run("init", "--quiet", "--bare", "--initial-branch=main")
    git = Git(root)
    git.run("init", "--quiet", "--initial-branch=main")
    git.run("remote", "add", "origin", str(remote))
    git.commit("Copy the workspace for the demo", (".",))
    git.push("origin", "main")
    return find_workspace(root)


# --- simulated weeks ------------------------------------------------------------------------------------------------


def _dues(content: Content) -> list[datetime]:
    from socialops.compose.schedule import due

    found = {
        at
        for post in content.posts
        if not post.draft
        for entry in post.channels
        if entry.channel in content.channels and (at := due(post, content.channels[entry.channel]))
    }
    return sorted(found)


def _outings(content: Content, today: datetime) -> list[datetime]:
    """Return when posts that come again go out up to *today*."""
    from socialops.compose.recurrence import outings

    begin = datetime(1990, 1, 1, tzinfo=UTC)
    return [
        outing.at
        for post in content.posts
        if post.recur is not None and not post.draft
        for entry in post.channels
        if entry.channel in content.channels
        for outing in outings(post, content.channels[entry.channel], content, begin, today)
        if outing.off is None
    ]


def _today(content: Content, dues: Sequence[datetime]) -> datetime:
    """Return the noon, in the workspace's zone, after the post that ends the part of the work that lies behind us."""
    zone = content.workspace.settings.tz()
    last = dues[min(len(dues) - 1, int(len(dues) * SHARE_BEHIND))].astimezone(zone)
    return datetime.combine(last.date() + timedelta(days=1), time(12, 0), zone).astimezone(UTC)


def _moments(content: Content, dues: Sequence[datetime], today: datetime) -> list[tuple[datetime, str]]:
    """Return when each simulated job runs: `publish` when a post is due, `snapshot` every morning and after posts."""
    zone = content.workspace.settings.tz()
    behind = sorted({at for at in (*dues, *_outings(content, today)) if at <= today})
    readings = {at + later for at in behind for later in AFTER_A_POST if at + later <= today}
    day = behind[0].astimezone(zone).date()
    while (morning := datetime.combine(day, MORNING, zone).astimezone(UTC)) <= today:
        readings.add(morning)
        day += timedelta(days=1)
    spaced: list[datetime] = []
    for at in sorted(readings):
        if not spaced or at - spaced[-1] >= APART:
            spaced.append(at)
    return sorted([(at, "publish") for at in behind] + [(at, "snapshot") for at in spaced])


def _live(workspace: Workspace, content: Content, sandbox: Sandbox, today: datetime, tally: Tally, step: Step) -> None:
    from socialops.measuring.snapshot import snapshot
    from socialops.publishing.engine import publish
    from socialops.publishing.ledger import read_ledger

    zone = workspace.settings.tz()
    moments = _moments(content, _dues(content), today)
    # What has no date is taken to be written today: else it would fill the slots of the weeks behind us.
    content = replace(content, posts=[post for post in content.posts if not _undated(post)], keys=())

    def quiet(_text: str) -> None:
        return

    with networks() as open_network:
        for number, (now, job) in enumerate(moments, start=1):
            sandbox.set_clock(now)
            step(f"{now.astimezone(zone):%a %d %b %Y %H:%M}  {job}", number, len(moments))
            if job == "publish":
                outcome = publish(
                    workspace,
                    content,
                    now=_standing(now),
                    open_network=open_network,
                    credentials=missing_credentials,
                    report=quiet,
                )
                _note(outcome, now.astimezone(zone), tally)
            else:
                result = snapshot(
                    workspace,
                    content,
                    read_ledger(workspace.ledger),
                    now=now,
                    open_network=open_network,
                    report=quiet,
                )
                tally.snapshots += 1
                tally.readings += result.readings
        sandbox.set_clock(today)


def _undated(post: Post) -> bool:
    return post.date is None and any(entry.date is None for entry in post.channels)


def _standing(now: datetime) -> Callable[[], datetime]:
    return lambda: now


def _note(outcome: Outcome, local: datetime, tally: Tally) -> None:
    for result in outcome.results:
        if result.state == "confirmed":
            tally.published.append((f"{local:%d %b %H:%M}", result.post, result.channel, result.url))
        elif result.state in {"failed", "attention", "unknown"}:
            tally.failed.append((result.post, result.channel, result.message))


def _show(workspace: Workspace, today: datetime, place: Path) -> tuple[Plan, Path]:
    from socialops.checks.check import check
    from socialops.content.load import load
    from socialops.measuring.store import read
    from socialops.publishing.ledger import read_ledger
    from socialops.publishing.plan import plan
    from socialops.site.build import build_site, render

    content = load(workspace)
    problems = check(content)
    ledger = read_ledger(workspace.ledger)
    decided = plan(content, ledger, today, problems=problems, credentials=missing_credentials)
    build_site(
        workspace,
        content,
        decided,
        ledger,
        read(workspace.metrics),
        now=today,
        out=workspace.build,
        problems=problems,
    )
    return decided, render(workspace, workspace.build)


# --- what is said ---------------------------------------------------------------------------------------------------

Step = Callable[[str, int, int], None]
"""(what is being done, step number, steps in all); 0 of 0 when the length is not known."""


@contextmanager
def progress() -> Iterator[Step]:
    """Give a function that shows how far the demo is: a bar on a terminal, a few plain lines elsewhere."""
    import sys

    if not sys.stderr.isatty():
        shown: set[str] = set()

        def plain(text: str, number: int, total: int) -> None:
            stage = text if not total else f"Living through simulated weeks: {10 * (10 * number // total)} % done"
            if stage and stage not in shown:
                shown.add(stage)
                click.echo(stage, err=True)

        yield plain
        return

    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    with Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=30),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    ) as bar:
        task = bar.add_task("Starting", total=None)

        def moving(text: str, number: int, total: int) -> None:
            bar.update(task, description=text, completed=number, total=total or None)

        yield moving


def _summary(
    workspace: Workspace,
    content: Content,
    tally: Tally,
    plan: Plan,
    today: datetime,
    home: Path,
    url: str,
    *,
    warnings: int,
    errors: int,
) -> str:
    from socialops.output.text import count_of, paint

    zone = workspace.settings.tz()
    colour = colours()

    def heading(text: str) -> str:
        return "\n" + paint(text, "1", colour) + "\n"

    lines = [
        heading(f"{workspace.settings.name}, on {today.astimezone(zone):%A %d %B %Y, %H:%M %Z} (simulated)"),
        f"  {count_of(len(content.posts), 'post')} checked ({count_of(warnings, 'remark')}).\n",
        *([f"  {count_of(errors, 'error')} to correct: `socialops check` says where.\n"] if errors else []),
        f"  {count_of(len(tally.published), 'delivery', 'deliveries')} published, each once.\n",
        f"  {count_of(tally.readings, 'number')} read in {count_of(tally.snapshots, 'snapshot')}.\n",
        heading("Published (the ten latest)"),
    ]
    lines += [
        f"  {when}  {post} → {channel}\n                {link}\n" for when, post, channel, link in tally.published[-10:]
    ]
    if tally.failed:
        lines.append(heading("Failed"))
        lines += [f"  {post} → {channel}: {why}\n" for post, channel, why in tally.failed]
    held = [decision for action in ("attention", "hold", "too_late", "draft") for decision in plan.by_action(action)]
    if held:
        lines.append(heading("Held back, and why"))
        lines += [f"  {decision.post.id} → {decision.channel.name}: {decision.reason}\n" for decision in held]
    coming = sorted((decision for decision in plan.decisions if decision.action == "later" and decision.due), key=_when)
    if coming:
        lines.append(heading(f"Next ({len(coming)} planned)"))
        lines += [
            f"  {_when(decision).astimezone(zone):%a %d %b %H:%M}  {decision.post.id} → {decision.channel.name}\n"
            for decision in coming[:5]
        ]
    lines += [
        heading("Look at it"),
        f"  The site: open {home / 'index.html'}\n",
        f"  The timeline: the sandbox is stopped; `{_again(url)}` starts it again at {url}\n",
        "  Every number comes from the sandbox's simulated audience. Nothing left this machine.\n\n",
    ]
    return "".join(lines)


def _when(decision: object) -> datetime:
    due = getattr(decision, "due", None)
    return due if isinstance(due, datetime) else datetime.max.replace(tzinfo=UTC)


def _again(url: str) -> str:
    """Return the command that starts the sandbox of this demo where the site's links lead."""
    port = url.rpartition(":")[2]
    if port == str(PORT):
        return "make timeline"
    return f"make timeline PORT={port}"
