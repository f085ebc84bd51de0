"""The command that begins a workspace, and brings a later version's own files over: init."""

from __future__ import annotations

import re
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from socialops.cli.shared import colours, say, write
from socialops.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from socialops.scaffold.begin import Begun
    from socialops.scaffold.choices import Choices, Tool
    from socialops.scaffold.upgrade import Difference

_SSH = re.compile(r"(?:ssh://)?git@([A-Za-z0-9.-]+)[:/](.+?)(?:\.git)?/?")
_HTTPS = re.compile(r"https://(?:[^@/]+@)?([A-Za-z0-9.-]+(?::\d+)?)/(.+?)(?:\.git)?/?")


@click.command("init", short_help="Write a whole workspace, or bring it up to this version.")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), default=".")
@click.option("--name", help="The name of the brand or team. [default: the folder's]")
@click.option("--zone", help="The time zone you plan in: Europe/Istanbul. [default: UTC]")
@click.option("--language", "languages", multiple=True, metavar="CODE", help="A language you write in: tr. Repeat it.")
@click.option(
    "--channel",
    "--network",
    "channels",
    multiple=True,
    metavar="[NAME=]NETWORK[:HANDLE]",
    help="An account of yours: mastodon, or news=mastodon:@acme@mastodon.social. Repeat it.",
)
@click.option("--owner", "owners", multiple=True, metavar="ACCOUNT", help="Who approves, as the forge knows them.")
@click.option(
    "--forge-url", metavar="URL", help="The repository: https://github.com/acme/social. [default: its remote]"
)
@click.option(
    "--ci", type=click.Choice(["github", "gitlab", "none"]), help="Whose jobs to write. [default: the forge's]"
)
@click.option("--main-branch", default="main", show_default=True)
@click.option("--data-branch", default="socialops-data", show_default=True, help="Where the jobs write; '' for none.")
@click.option("--every", type=click.Choice(["15m", "30m", "1h"]), help="How often to publish. [default: 15m]")
@click.option("--tool-source", metavar="WHERE", help="A wheel, a folder or git+https://… to get socialops from.")
@click.option("--no-lock", is_flag=True, help="Write no uv.lock now.")
@click.option("--yes", is_flag=True, help="Ask nothing; take the defaults.")
@click.option("--dry-run", is_flag=True, help="Say what would be written; write nothing.")
@click.option("--upgrade", is_flag=True, help="Only compare with this version; never begin anew.")
@click.option("--write", "writing", is_flag=True, help="Write what the comparison shows and you did not change.")
@click.option("--take", multiple=True, metavar="FILE", help="With --write: take our FILE although you changed it.")
def init_command(
    folder: Path,
    name: str | None,
    zone: str | None,
    languages: tuple[str, ...],
    channels: tuple[str, ...],
    owners: tuple[str, ...],
    forge_url: str | None,
    ci: str | None,
    main_branch: str,
    data_branch: str,
    every: str | None,
    tool_source: str | None,
    no_lock: bool,
    yes: bool,
    dry_run: bool,
    upgrade: bool,
    writing: bool,
    take: tuple[str, ...],
) -> int:
    """Write a whole workspace into FOLDER: settings, style guide, first posts, the forge's jobs and forms.

    What is there is never overwritten. In a workspace that `init` wrote, the command shows instead what this version
    would change in the files that are socialops's own, and with --write changes those that you did not.
    """
    from socialops.scaffold.begin import adopted, begin
    from socialops.scaffold.lock import lock
    from socialops.scaffold.manifest import read_manifest

    root = folder.resolve()
    if read_manifest(root) is not None:
        if given := _answered(name, zone, languages, channels, owners, forge_url, ci, tool_source):
            say(f"This workspace has begun already, so {given} changes nothing: edit pyproject.toml and brand/.")
        return _upgrade(root, writing=writing and not dry_run, take=take, every=every)
    if upgrade or writing or take:
        raise UsageError(
            f"{folder} is no workspace that `socialops init` wrote.", hint="Leave the option out to begin."
        )
    asking = not yes and not adopted(root) and sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()
    choices = _choices(root, name, zone, languages, channels, owners, forge_url, ci, asking=asking)
    tool, wheel = _tool(tool_source, root)
    choices = _complete(root, choices, main_branch, data_branch, every or "15m", tool)
    today = datetime.now().astimezone().date()
    begun = begin(root, choices, today, lock=_no_lock if no_lock else lock, wheel=wheel, rehearse=dry_run)
    for path in begun.written:
        write(f"{path}\n")
    for path in begun.kept:
        say(f"{path} is there already, and stays as it is.")
    if dry_run:
        say(f"{len(begun.written)} files would be written. Nothing was.")
        return 0
    _finish(root, choices, begun, known=tool_source is not None)
    return 0


def _answered(*answers: object) -> str:
    names = ("--name", "--zone", "--language", "--channel", "--owner", "--forge-url", "--ci", "--tool-source")
    return ", ".join(name for name, answer in zip(names, answers, strict=True) if answer)


# --- answers --------------------------------------------------------------------------------------------------------


def _choices(
    root: Path,
    name: str | None,
    zone: str | None,
    languages: Sequence[str],
    channels: Sequence[str],
    owners: Sequence[str],
    forge_url: str | None,
    ci: str | None,
    *,
    asking: bool,
) -> Choices:
    from socialops.scaffold.choices import Choices, account, checked

    remote = forge_url if forge_url is not None else _remote(root)
    if asking:
        say("A few questions; Enter takes what stands in brackets. Everything can be changed later.")
        name = name or click.prompt("The name of your brand or team", default=_title(root), err=True)
        zone = zone or _ask_zone()
        languages = languages or _words(click.prompt("Languages you write in", default="en", err=True))
        channels = channels or _words(
            click.prompt("Your accounts (mastodon bluesky news=linkedin …)", default="mastodon", err=True)
        )
        remote = remote or click.prompt(
            "The repository's address (https://github.com/acme/social)", default="", show_default=False, err=True
        )
        owners = owners or _words(
            click.prompt("Who approves posts (accounts on the forge)", default="", show_default=False, err=True)
        )
    found = ci or ("gitlab" if "gitlab" in remote.partition("//")[2].partition("/")[0] else "github")
    return checked(
        Choices(
            name=(name or _title(root)).strip(),
            zone=zone or "UTC",
            languages=tuple(dict.fromkeys(languages)) or ("en",),
            accounts=tuple(account(text) for text in channels),
            forge_url=remote.rstrip("/").removesuffix(".git"),
            ci=found,
            owners=tuple(dict.fromkeys(owners)),
        )
    )


def _complete(root: Path, choices: Choices, main_branch: str, data_branch: str, every: str, tool: Tool) -> Choices:
    """Return all answers; what a workspace's own settings say goes before them."""
    from dataclasses import replace

    from socialops.scaffold.begin import adopted
    from socialops.scaffold.choices import checked
    from socialops.scaffold.manifest import Manifest
    from socialops.scaffold.upgrade import choices_of
    from socialops.workspace import find_workspace

    if adopted(root):
        return checked(choices_of(find_workspace(root).settings, Manifest("", choices.ci, every, tool.kind)))
    return checked(replace(choices, main_branch=main_branch, data_branch=data_branch, every=every, tool=tool))


def _title(root: Path) -> str:
    words = re.sub(r"[-_.]+", " ", root.name).strip()
    return (words[:1].upper() + words[1:]) if words.isprintable() and words else "Our brand"


def _words(text: str) -> tuple[str, ...]:
    return tuple(re.split(r"[\s,]+", text.strip())) if text.strip() else ()


def _ask_zone() -> str:
    from zoneinfo import ZoneInfo

    while True:
        answer: str = click.prompt("The time zone you plan in", default=_own_zone(), err=True)
        try:
            ZoneInfo(answer)
        except (KeyError, ValueError, OSError):
            say(f"{answer!r} is not a time zone. Write it like Europe/Istanbul or Asia/Jerusalem.")
        else:
            return answer


def _own_zone() -> str:
    """Return this machine's time zone by its name, where it can be told."""
    found = re.search(r"zoneinfo/(?:posix/)?(\w+/[\w/+-]+)$", str(Path("/etc/localtime").resolve()))
    return found[1] if found and found[1] != "Etc/UTC" else "UTC"


def _remote(root: Path) -> str:
    """Return the address of the repository's remote as a browser opens it; empty when there is none."""
    from socialops.git import Git

    if not root.is_dir() or not Git(root).inside():
        return ""
    code, output = Git(root).run("remote", "get-url", "origin", allowed=(0, 2, 128))
    found = _SSH.fullmatch(output.strip()) or _HTTPS.fullmatch(output.strip()) if code == 0 else None
    return f"https://{found[1]}/{found[2]}" if found else ""


def _tool(where: str | None, root: Path) -> tuple[Tool, Path | None]:
    """Return where the workspace gets socialops from, and the wheel to copy there, if it is one; raises UsageError."""
    from socialops import __version__
    from socialops.scaffold.begin import WHEELS
    from socialops.scaffold.choices import Tool
    from socialops.scaffold.rendering import quoted

    major, minor, *_ = __version__.split(".")
    if where is None:
        return Tool("index", f"socialops>={major}.{minor},<{major}.{int(minor) + 1}"), None
    if where.startswith("git+https://") and re.fullmatch(r"[\w.:/@+~%-]+", where):
        address, _, revision = where.removeprefix("git+").partition(".git@")
        if revision:
            return Tool(
                "source", "socialops", f"socialops = {{ git = {quoted(f'{address}.git')}, rev = {quoted(revision)} }}"
            ), None
        return Tool("source", "socialops", f"socialops = {{ git = {quoted(address)} }}"), None
    file = Path(where).resolve()
    if file.is_file() and re.fullmatch(r"socialops-[A-Za-z0-9.+_]+-py3-none-any\.whl", file.name):
        return Tool("wheel", "socialops", f"socialops = {{ path = {quoted(f'{WHEELS}/{file.name}')} }}"), file
    if (file / "pyproject.toml").is_file() and str(file).isprintable():
        return Tool("source", "socialops", f"socialops = {{ path = {quoted(file.as_posix())} }}"), None
    raise UsageError(
        f"{where} is neither a wheel of socialops, nor a folder with its source, nor git+https://….",
        hint="A wheel is made by: uv build --wheel",
    )


# --- after it -------------------------------------------------------------------------------------------------------


def _no_lock(_root: Path) -> str:
    return "--no-lock was said"


def _finish(root: Path, choices: Choices, begun: Begun, *, known: bool) -> None:
    from socialops.git import Git
    from socialops.scaffold.begin import adopted, owners_file, settings_to_add
    from socialops.scaffold.skeleton import begun_files

    today = datetime.now().astimezone().date()
    missing = "" if adopted(root) else settings_to_add(root, begun_files(choices, today))
    if missing:
        say(f"Add this to pyproject.toml, and `socialops` to its dependencies:\n\n[tool.socialops]{missing}")
    if choices.ci == "github" and "pyproject.toml" in begun.written and not owners_file(root):
        say("Nobody is asked for reviews yet: write accounts into brand/team.yml, then run: socialops team --write")
    steps = []
    if choices.ci != "none" and (above := _top(root)) is not None:
        say(f"The forge reads these files at the top of a repository only: move the workspace to {above}.")
    if not choices.forge_url and choices.ci == "github":
        steps.append(
            "Put forge_url into pyproject.toml, then `socialops init --upgrade --write`: forks keep quiet then."
        )
    if begun.unlocked:
        steps.append(f"uv lock   (not done: {begun.unlocked}; the jobs install only what uv.lock names)")
    if not Git(root).inside():
        steps.append(f"git init --initial-branch={choices.main_branch} && git add --all && git commit -m 'Begin'")
    steps += ["make demo   to see it all, in the sandbox", "README.md   has the list of what to do once"]
    say(f"\nThe workspace is in {root}. Next:\n" + "".join(f"  {step}\n" for step in steps))
    if not known and begun.unlocked:
        say("If the package index has no socialops yet: --tool-source takes a wheel, a folder or git+https://….")


def _top(root: Path) -> Path | None:
    """Return the top of the repository that a folder lies in; None when it is that itself, or in none."""
    from socialops.git import Git

    git = Git(root)
    if not git.inside():
        return None
    top = Path(git.text("rev-parse", "--show-toplevel")).resolve()
    return None if top == root else top


# --- a later version ------------------------------------------------------------------------------------------------


def _upgrade(root: Path, *, writing: bool, take: tuple[str, ...], every: str | None) -> int:
    from socialops.content.load import load
    from socialops.scaffold.begin import bring_over
    from socialops.scaffold.upgrade import Change, look
    from socialops.workspace import find_workspace

    if take and not writing:
        raise UsageError("--take goes with --write.", hint="Look at the difference first, then add --write.")
    content = load(find_workspace(root))
    differences = look(content, every=every) or ()
    waiting = [one for one in differences if one.pending]
    for one in waiting:
        write(_coloured(one))
    for one in differences:
        if one.change is not Change.NONE:
            say(f"{one.path}: {one.change}.")
    if not waiting:
        say("Every file that is socialops's own is in step with this version.")
        return 0
    if not writing:
        say("\nNothing was written. `socialops init --upgrade --write` writes what you did not change yourself.")
        return 1
    changed = bring_over(root, differences, take, every=every)
    say(f"\n{len(changed)} of {len(waiting)} written: {', '.join(changed) or 'none'}.")
    left = [one.path for one in waiting if one.path not in changed]
    if left:
        say(f"Left, because you changed them too: {', '.join(left)}. Take over what you want, or add --take FILE.")
    return 1 if left else 0


def _coloured(one: Difference) -> str:
    from socialops.output.text import harmless, paint

    colour = colours()
    codes = {"+": "32", "-": "31", "@": "36"}
    lines = one.diff().splitlines()
    return "".join(
        f"{paint(harmless(line), codes[line[0]], colour) if line[:1] in codes else harmless(line)}\n" for line in lines
    )
