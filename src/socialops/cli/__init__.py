"""The command line: parse, make one call, render, exit. The only room that reads the clock, prints and exits.

The commands are imported only when they run, so that `socialops --help` costs little more than click itself; their one
line for the overview therefore stands here, and a test keeps it equal to the command's own.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click

from socialops import __version__

COMMANDS: Mapping[str, tuple[str, str]] = {
    "init": ("socialops.cli.starting", "Write a whole workspace, or bring it up to this version."),
    "new": ("socialops.cli.new", "Begin a post: ask what it is, and write its file."),
    "check": ("socialops.cli.writing", "Check posts against the networks' limits and the brand's rules."),
    "preview": ("socialops.cli.writing", "Show what each channel will get of a post."),
    "review": ("socialops.cli.reviewing", "Show what a change of the posts will publish, for a pull request."),
    "import": ("socialops.cli.writing", "Bring the posts of another tool into this workspace."),
    "media": ("socialops.cli.hosting", "Write the files that networks will fetch from the media host."),
    "plan": ("socialops.cli.sending", "Show what is due now, and what is held back and why."),
    "publish": ("socialops.cli.sending", "Publish what is due, once, and record it."),
    "feedback": ("socialops.cli.feedback", "Tell people on GitHub what became of their posts."),
    "resolve": ("socialops.cli.people", "Decide about a delivery that no machine can settle."),
    "unpublish": ("socialops.cli.people", "Delete a published post on its networks."),
    "pause": ("socialops.cli.people", "Hold everything, a network, a channel or a campaign."),
    "resume": ("socialops.cli.people", "Take a pause away."),
    "snapshot": ("socialops.cli.sending", "Read from the networks how published posts do."),
    "login": ("socialops.cli.login", "Get a channel's credentials, and say what to store as which secret."),
    "team": ("socialops.cli.team", "Show who approves what, and write CODEOWNERS from it."),
    "accounts": ("socialops.cli.sending", "Show each channel's account, and whether its credentials work."),
    "doctor": ("socialops.cli.doctor", "Look whether everything is well, and what is not protected."),
    "schema": ("socialops.cli.schema", "Write form and schema definitions for editors."),
    "site": ("socialops.cli.showing", "Build the internal site."),
    "sandbox": ("socialops.cli.showing", "Run the practice server on this machine."),
    "demo": ("socialops.cli.demo", "Run the whole product on a copy of this workspace, in the sandbox."),
}
"""Command → (the module that holds it, its line in the overview)."""
WORKSPACE = "socialops.workspace"
"""Where the context of a call keeps the folder that `-C` names."""


class LazyGroup(click.Group):
    """A group whose commands are imported when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands in the order of a post's life."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command; None when there is none of that name."""
        if cmd_name not in COMMANDS:
            return None
        module = import_module(COMMANDS[cmd_name][0])
        command: click.Command = getattr(module, f"{cmd_name}_command")
        return _also_elsewhere(command)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that was typed, or say which one was probably meant."""
        name = args[0] if args else ""
        if name and name not in COMMANDS and not name.startswith("-"):
            from socialops.problem import nearest

            meant = nearest(name, COMMANDS)
            ctx.fail(f"There is no command {name!r}." + (f" Did you mean {meant!r}?" if meant else ""))
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the overview without importing anything."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


def _remember_workspace(ctx: click.Context, _option: click.Parameter, folder: str | None) -> None:
    if folder is not None:
        ctx.meta[WORKSPACE] = folder


def _workspace_option(*, hidden: bool) -> click.Option:
    return click.Option(
        ["-C", "--workspace"],
        type=click.Path(exists=True, file_okay=False),
        metavar="FOLDER",
        expose_value=False,
        is_eager=True,
        hidden=hidden,
        callback=_remember_workspace,
        help="Work on the workspace in this folder, not on the current folder's. Other file names stay as typed.",
    )


def _also_elsewhere(command: click.Command) -> click.Command:
    """Let a command take `-C` after its name too, where people look for it."""
    taken = {option for parameter in command.params for option in parameter.opts}
    if not taken & {"-C", "--workspace"}:
        command.params.append(_workspace_option(hidden=True))
    return command


@click.group(
    cls=LazyGroup,
    params=[_workspace_option(hidden=False)],
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="socialops")
def commands() -> None:
    """Keep a social-media team's whole operation in git: write, check, review, publish once, measure, show.

    Exit codes: 0 fine, 1 problems found or a post failed, 2 usage, settings or internal, 3 a person must look.
    """


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit; every error becomes one message and the exit code of its kind."""
    sys.exit(run(arguments))


def run(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit code."""
    try:
        result: Any = commands.main(args=arguments, prog_name="socialops", standalone_mode=False)
    except click.exceptions.Exit as leaving:
        return leaving.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("Stopped.", err=True)
        return 130
    except BrokenPipeError:
        return 0
    except Exception as error:
        return _explain(error)
    return result if isinstance(result, int) else 0


def _explain(error: Exception) -> int:
    from socialops.cli.shared import say
    from socialops.errors import SocialopsError
    from socialops.output.text import harmless

    if isinstance(error, SocialopsError):
        say(click.style("error: ", fg="red", bold=True) + harmless(error.message))
        if error.hint:
            say(f"       {harmless(error.hint)}")
        return error.exit_code
    if isinstance(error, OSError) and error.strerror:
        where = f": {harmless(str(error.filename))}" if error.filename else ""
        click.echo(click.style("error: ", fg="red", bold=True) + f"{error.strerror}{where}", err=True)
        click.echo("       Look whether the disk is full, and whether you may read and write there.", err=True)
        return 2
    return _report_bug(error)


def _report_bug(error: Exception) -> int:
    """Keep the traceback in a file that can be sent to us; show one line."""
    import tempfile
    import traceback

    with tempfile.NamedTemporaryFile(
        "w", prefix="socialops-error-", suffix=".txt", delete=False, encoding="utf-8"
    ) as file:
        file.write(f"socialops {__version__}, Python {sys.version}\n\n")
        file.writelines(traceback.format_exception(error))
    click.echo(
        click.style("error: ", fg="red", bold=True)
        + f"socialops met something it did not expect ({type(error).__name__}).\n"
        + f"       What happened is written in {file.name}: please send it to us. Nothing was lost.",
        err=True,
    )
    return 2
