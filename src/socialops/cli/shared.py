"""What several commands need: the clock, the workspace, credentials, colours."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from socialops.errors import CredentialsError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from socialops.content.channel import Channel
    from socialops.http import Http
    from socialops.networks.base import Login, Network
    from socialops.publishing.ledger import Ledger
    from socialops.workspace import Workspace

_TIME_DEADLINE = 10.0
"""How many seconds a server gets to tell the time."""
_THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})

NOW_HELP = "Act as if it were this time (2026-12-01 09:30, or RFC 3339), to rehearse."


def place() -> Path:
    """Return the folder to work in: the one that `-C` names, else the current one.

    The process stays where it was started: nothing in that other folder is ever imported or run.
    """
    from socialops.cli import WORKSPACE

    context = click.get_current_context(silent=True)
    return Path(context.meta.get(WORKSPACE, ".") if context else ".").resolve()


def open_workspace() -> Workspace:
    """Find the workspace of the current folder, or of the one that `-C` names; raises WorkspaceError."""
    from socialops.workspace import find_workspace

    return find_workspace(place())


def clock(rehearsed: str | None, workspace: Workspace) -> Callable[[], datetime]:
    """Return the clock: the real one, or one that stands at the *rehearsed* time."""
    if rehearsed is None:
        return lambda: datetime.now(UTC)
    from socialops.content.when import WhenError, parse_when

    try:
        fixed = parse_when(rehearsed).at(workspace.settings.tz())
    except WhenError as error:
        raise UsageError(f"--now: {error.message}", hint=error.hint) from error
    return lambda: fixed


def colours() -> bool:
    """Tell whether stdout takes colours: NO_COLOR and FORCE_COLOR decide, else a terminal does."""
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or (sys.stdout is not None and sys.stdout.isatty())


def terminal_width() -> int:
    """Return how many columns the terminal behind stdout has; 0 when there is none."""
    import shutil

    if sys.stdout is None or not sys.stdout.isatty():
        return 0
    return shutil.get_terminal_size().columns


def say(text: str) -> None:
    """Talk to the person on stderr; stdout is for data."""
    click.echo(_for_log(text), err=True)


def _for_log(text: str) -> str:
    """Return *text* as it may be printed here: in the log of a GitHub job no line of it may be an order."""
    if "GITHUB_ACTIONS" not in os.environ or ("::" not in text and "##[" not in text):
        return text
    from socialops.output.github import as_log

    return as_log(text)


def tell_job(**answers: bool) -> None:
    """Tell the job of GitHub Actions that this command is a step of what came of it; elsewhere do nothing.

    Only true and false are ever told: a text could smuggle more lines in.
    """
    file = os.environ.get("GITHUB_OUTPUT")
    if not file:
        return
    with Path(file).open("a", encoding="utf-8") as out:
        out.writelines(f"{name}={str(answer).lower()}\n" for name, answer in answers.items())


def credentials_of(channel: Channel) -> Login | None:
    """Return the login of a channel from the environment; None when its token is not set.

    Where the host is the channel's choice, `SOCIALOPS_<CHANNEL>_HOST` must name the same one: else a pull request that
    edits `host:` could have the token sent elsewhere. Raises CredentialsError.
    """
    from socialops.cli.credentials import renewing
    from socialops.networks import adapter
    from socialops.networks.base import Login
    from socialops.networks.tokens import STAND_IN

    known = adapter(channel.network)
    found = {kind: os.environ.get(channel.secret(kind), "") for kind in known.SECRETS}
    if (known.SECRETS == ("TOKEN",) or not all(found.values())) and renewing(channel):
        return Login(channel.name, channel.handle, channel.host, STAND_IN, settings=channel.params)
    if not all(found.values()):
        return None
    optional = {kind: os.environ.get(channel.secret(kind), "") for kind in getattr(known, "OPTIONAL_SECRETS", ())}
    found |= {kind: secret for kind, secret in optional.items() if secret}
    for kind, secret in found.items():
        if not (secret.isascii() and secret.isprintable()) or " " in secret:
            raise CredentialsError(
                f"{channel.secret(kind)} holds a sign that no secret has, such as a space or a line break.",
                hint="Copy it again, without anything around it.",
            )
    if known.HOST_IS_A_CHOICE:
        bound = os.environ.get(channel.secret("HOST"), "")
        if bound.rstrip("/") != channel.host.rstrip("/"):
            raise CredentialsError(
                f"The token of channel {channel.name} may not be sent to {channel.host}.",
                hint=f"Set {channel.secret('HOST')} to the token's own host; it must equal `host:` in {channel.path}.",
            )
    token = found.pop("TOKEN", "")
    return Login(channel.name, channel.handle, channel.host, token, found, channel.params)


def missing_credentials(channel: Channel) -> str | None:
    """Say why a channel cannot be used now; None when it can."""
    from socialops.cli.credentials import lacking_place, lacking_secrets
    from socialops.networks import ADAPTERS, adapter, adapters

    if channel.network not in ADAPTERS and channel.network not in adapters():
        return f"this version of socialops cannot publish on {channel.network}"
    try:
        login = credentials_of(channel)
    except CredentialsError as error:
        return f"{error.message} {error.hint}"
    if login:
        return lacking_place(channel)
    kinds = adapter(channel.network).SECRETS
    lacking = " and ".join(name for kind in kinds if not os.environ.get(name := channel.secret(kind)))
    others = lacking_secrets(channel) if kinds == ("TOKEN",) else ()
    if not others:
        return f"no credentials: set {lacking} in the environment"
    named = f"{lacking}, or else {' and '.join(others)},"
    return f"no credentials: set {named} in the environment; `socialops login {channel.name}` makes them"


def current_ledger(workspace: Workspace) -> Ledger:
    """Return the ledger as the remote has it, or as this machine last saw it when the remote cannot be asked."""
    from socialops.errors import GitError
    from socialops.publishing.claim import open_store
    from socialops.publishing.ledger import read_ledger

    try:
        store = open_store(workspace, create=False)
        with store.lock():
            store.sync()
    except (GitError, OSError) as error:
        say(f"The remote could not be asked, so this is what was known here before. ({str(error).splitlines()[0]})")
    return read_ledger(workspace.ledger)


def ledger_known_here(workspace: Workspace) -> Ledger:
    """Return what this machine knows of what was published; nobody else is asked, and it can be done without."""
    from socialops.errors import SocialopsError
    from socialops.publishing.history import ledger_at_hand
    from socialops.publishing.ledger import Ledger

    try:
        return ledger_at_hand(workspace)
    except (SocialopsError, OSError) as error:
        say(f"Nothing is compared with what was published: {str(error).splitlines()[0]}")
        return Ledger(workspace.ledger, missing=True)


def place_in_repository(workspace: Workspace) -> str:
    """Return where the workspace lies in its repository: empty at the top, else with a slash at its end."""
    for folder in (workspace.root, *workspace.root.parents):
        if os.path.lexists(folder / ".git"):
            inside = workspace.root.relative_to(folder).as_posix()
            return "" if inside == "." else f"{inside}/"
    return ""


@contextmanager
def networks(http: Http | None = None) -> Iterator[Callable[[Channel], Network]]:
    """Give a function that connects a channel to its network once, and close the connections afterwards."""
    from socialops.cli.credentials import renewed_in_time, token_of
    from socialops.http import Http as RealHttp
    from socialops.networks import connect
    from socialops.networks.tokens import STAND_IN, SignedIn

    connected: dict[str, Network] = {}
    client = http or RealHttp()

    def open_network(channel: Channel) -> Network:
        if channel.name not in connected:
            login = credentials_of(channel)
            if login is None:
                raise CredentialsError(
                    f"Channel {channel.name} has no credentials.", hint=f"Set {channel.secret()} in the environment."
                )
            token = token_of(channel, client) if login.token == STAND_IN else None
            door = SignedIn(client, token) if token else client
            login = renewed_in_time(channel, login, client, say)
            connected[channel.name] = connect(channel.network, login, door)
        return connected[channel.name]

    try:
        yield open_network
    finally:
        client.close()


def server_time(http: Http) -> Callable[[Channel], datetime | None]:
    """Return a function that asks a channel's server for the time, by any answer's `Date`; None when it tells none."""
    from socialops.errors import HttpError
    from socialops.networks import adapter
    from socialops.networks.base import instant

    def ask(channel: Channel) -> datetime | None:
        home = channel.host or adapter(channel.network).HOME
        if channel.sandbox or not home:  # practice servers play with the time
            return None
        try:
            return instant(http.send("HEAD", home, deadline=_TIME_DEADLINE).headers.get("Date"))
        except HttpError:
            return None

    return ask


def only_rehearsed(channel: Channel) -> str | None:
    """Say why a run with `--now` sends nothing to a channel: only practice channels and this very machine get any."""
    from urllib.parse import urlsplit

    if channel.sandbox or urlsplit(channel.host).hostname in _THIS_MACHINE:
        return None
    return "the time is not the real one (--now), so only practice channels get anything"


def write(text: str, *, commands: bool = False) -> None:
    """Write data to stdout, whatever the terminal's encoding; *commands* are meant to be orders to GitHub's runner."""
    text = text if commands else _for_log(text)
    stream: Any = sys.stdout
    if stream is None:  # whoever started us closed it
        return
    if hasattr(stream, "reconfigure") and (stream.encoding or "").lower().replace("-", "") != "utf8":
        stream.reconfigure(encoding="utf-8", errors="replace")
    stream.write(text)
    stream.flush()
