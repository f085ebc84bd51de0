"""The commands that show: site, sandbox."""

from __future__ import annotations

from pathlib import Path

import click

from socialops.cli.shared import NOW_HELP, clock, current_ledger, missing_credentials, open_workspace, say, write


@click.command("site", short_help="Build the internal site.")
@click.option("--now", "rehearsed", help=NOW_HELP)
@click.option("--pages-only", is_flag=True, help="Write the Markdown tree, and leave the building to you.")
def site_command(rehearsed: str | None, pages_only: bool) -> int:
    """Build the internal site into build/site: calendar, posts, style guide, reports."""
    from socialops.checks.check import check
    from socialops.checks.schedule import with_slots
    from socialops.content.load import load
    from socialops.measuring.store import read
    from socialops.publishing.history import history
    from socialops.publishing.plan import plan
    from socialops.publishing.promises import agenda_of
    from socialops.site.build import build_site, render
    from socialops.workspace import make_untracked

    workspace = open_workspace()
    content = load(workspace)
    now = clock(rehearsed, workspace)()
    ledger = current_ledger(workspace)
    today = now.astimezone(workspace.settings.tz()).date()
    problems = with_slots(check(content, today=today), content, lambda: agenda_of(content, ledger, now))
    problems = sorted([*problems, *history(content, ledger, now)])
    decided = plan(content, ledger, now, problems=problems, credentials=missing_credentials)
    readings = read(workspace.metrics)
    make_untracked(workspace.build)
    pages = build_site(workspace, content, decided, ledger, readings, now=now, out=workspace.build, problems=problems)
    if pages_only:
        write(f"{pages}\n")
        return 0
    home = render(workspace, workspace.build)
    say("The site is built. Open this file in a browser:")
    write(f"{home / 'index.html'}\n")
    return 0


@click.command("sandbox", short_help="Run the practice server on this machine.")
@click.option("--database", type=click.Path(dir_okay=False, path_type=Path), help="The file that keeps what is posted.")
@click.option("--port", type=click.IntRange(1024, 65535), default=8765, show_default=True)
@click.option("--now", "rehearsed", help=NOW_HELP)
def sandbox_command(database: Path | None, port: int, rehearsed: str | None) -> int:
    """Run the practice server on this machine until Ctrl-C.

    It speaks the networks' own APIs, shows what it is sent as a timeline, and simulates an audience. Nothing leaves
    this machine.
    """
    from socialops.content.load import load
    from socialops.networks.sandbox.server import run_in_foreground
    from socialops.workspace import make_untracked

    workspace = open_workspace()
    file = database or make_untracked(workspace.cache) / "sandbox.sqlite"
    accounts = tuple(
        (channel.handle, str(channel.profile.get("name") or channel.name), channel.zone, 1200, channel.lang)
        for channel in load(workspace).channels.values()
        if channel.sandbox
    )
    run_in_foreground(file, port=port, now=clock(rehearsed, workspace), report=say, accounts=accounts)
    return 0
