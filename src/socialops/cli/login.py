"""The command that gets a channel's credentials: login."""

from __future__ import annotations

import os
import secrets
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from socialops.cli.shared import open_workspace, say, write
from socialops.errors import CredentialsError, UsageError

if TYPE_CHECKING:
    from socialops.content.channel import Channel
    from socialops.http import Http
    from socialops.networks.grants import Grant, ThreeLegs
    from socialops.networks.tokens import Application, Tokens

FIXED_PORT = 8766
"""The port of the way back where a network wants one that never changes."""
ELSEWHERE = f"https://localhost:{FIXED_PORT}/callback"
"""The way back where a network takes https alone: nothing answers there, and the address is copied from the browser."""


@dataclass(frozen=True, slots=True)
class _Wish:
    """How the person wants to log in."""

    paste: bool
    device: bool
    renew: bool
    oauth2: bool
    port: int
    redirect: str
    seconds: float
    browser: bool


@dataclass(frozen=True, slots=True)
class _Found:
    """What is to be stored: kind of secret → secret; *last* is the last day of a token that ends."""

    secrets: Mapping[str, str] = field(repr=False)
    last: datetime | None = None
    note: str = ""


@click.command("login", short_help="Get a channel's credentials, and say what to store as which secret.")
@click.argument("channel", metavar="CHANNEL")
@click.option("--paste", is_flag=True, help="No browser on this machine: open the address elsewhere, paste the answer.")
@click.option("--device", is_flag=True, help="Type a code in on another device, where the network has that (youtube).")
@click.option("--renew", is_flag=True, help="Make a new token out of the one that works (instagram, threads).")
@click.option("--oauth2", is_flag=True, help="On x: OAuth 2, whose tokens change every two hours, in place of 1.0a.")
@click.option("--port", type=click.IntRange(0, 65535), help="The port of 127.0.0.1 that the browser comes back to.")
@click.option("--redirect", metavar="URL", help="The address that is registered with the network, to be led back to.")
@click.option(
    "--timeout", "length", metavar="LENGTH", default="5m", show_default=True, help="How long to wait for a yes."
)
@click.option("--browser/--no-browser", default=True, show_default=True, help="Open the address in a browser.")
def login_command(
    channel: str,
    paste: bool,
    device: bool,
    renew: bool,
    oauth2: bool,
    port: int | None,
    redirect: str | None,
    length: str,
    browser: bool,
) -> int:
    """Get a channel's credentials, and say what to store as which secret.

    The secrets go to stdout, one NAME=value a line, and nowhere else; tokens that change with every renewal go into a
    file outside git instead. An application's id and secret are taken from the environment, or asked for.
    """
    from socialops.content.load import load
    from socialops.http import Http
    from socialops.problem import nearest

    content = load(open_workspace())
    chosen = content.channels.get(channel)
    if chosen is None:
        meant = nearest(channel, content.channels)
        known = f"Did you mean {meant!r}?" if meant else f"There are: {', '.join(content.channels) or 'none yet'}."
        raise UsageError(f"There is no channel {channel}.", hint=known)
    wish = _Wish(paste, device, renew, oauth2, -1 if port is None else port, redirect or "", _seconds(length), browser)
    with Http() as http:
        found = _log_in(chosen, wish, http)
    if found is not None:
        _tell(chosen, found)
    return 0


def _seconds(length: str) -> float:
    from socialops.workspace import duration

    try:
        return duration(length).total_seconds()
    except ValueError as error:
        raise UsageError(f"--timeout: {error}.") from error


def _log_in(channel: Channel, wish: _Wish, http: Http) -> _Found | None:
    """Do what the channel's network wants; None when there was only something to explain."""
    from socialops.networks.base import Login
    from socialops.networks.grants import X_THREE_LEGS, grant_of
    from socialops.networks.grants import mastodon as mastodon_at
    from socialops.publishing.dated import sunset_of

    network = channel.network
    if wish.renew:
        return _renewed(channel, http)
    if network == "mastodon":
        return _mastodon(channel, mastodon_at(channel.host), wish, http)
    if network == "x" and not wish.oauth2:
        return _three_legs(channel, X_THREE_LEGS.at(channel.host), wish, http)
    grant = grant_of(Login(channel.name, channel.handle, channel.host, "", settings=channel.params), network)
    if grant is not None:
        if warning := sunset_of(channel, datetime.now(UTC).date())[1]:
            say(f"{warning}\n")
        return _oauth2(channel, grant, wish, http)
    _guide(channel)
    return None


# --- OAuth 2 ----------------------------------------------------------------------------------------------------------


def _oauth2(channel: Channel, grant: Grant, wish: _Wish, http: Http) -> _Found:
    from socialops.cli.credentials import store_of
    from socialops.networks.grants import APPLICATIONS
    from socialops.networks.tokens import NO_PLACE_HINT, no_place

    store = store_of(channel) if grant.rotates else None
    if grant.rotates and store is None:
        raise CredentialsError(no_place(grant.network), hint=NO_PLACE_HINT)
    if wish.device and not grant.device:
        raise UsageError(f"{grant.network} has no device codes.", hint="Leave --device out, or use --paste.")
    application = _application(channel, grant, APPLICATIONS.get(grant.network, ()))
    tokens = _by_device(grant, application, http) if wish.device else _by_browser(grant, application, wish, http)
    if store is not None:
        from socialops.networks.tokens import fingerprint

        if not tokens.refresh:
            raise CredentialsError(
                f"{grant.network} gave no refresh token.", hint="Look whether the app may have one (offline.access)."
            )
        stored = os.environ.get(channel.secret("REFRESH_TOKEN"), "")
        with store.locked():
            store.write(replace(tokens, origin=fingerprint(stored)))
        note = (
            f"The tokens are in {store.file}, for your eyes only and outside git. They change with every renewal, so "
            "this file is the only copy: never delete it, and log in on each machine that publishes."
        )
        return _Found(_of(application), tokens.refresh_expires, note)
    if grant.page_tokens:
        return _page(channel, grant, application, tokens, http)
    if grant.refreshes and tokens.refresh:
        return _Found({**_of(application), "REFRESH_TOKEN": tokens.refresh}, tokens.refresh_expires)
    if grant.refreshes and grant.network == "youtube":
        raise CredentialsError(
            "Google gave no refresh token.",
            hint="Take socialops away at myaccount.google.com/permissions, and log in again.",
        )
    return _Found({"TOKEN": tokens.access}, tokens.expires)


def _by_browser(grant: Grant, application: Application, wish: _Wish, http: Http) -> Tokens:
    from socialops.networks import authorization as steps

    state, verifier = steps.new_state(), steps.new_verifier()

    def read(query: str) -> str:
        return steps.code_in(steps.query_of(query), state=state, network=grant.network)

    def shown(redirect: str) -> str:
        return steps.address(grant, application, redirect=redirect, state=state, verifier=verifier)

    if wish.paste or wish.redirect or grant.redirect == "https":
        redirect = wish.redirect or (ELSEWHERE if grant.redirect == "https" else _local(grant, wish))
        _show(shown(redirect), wish, pasting=True)
        code = steps.code_pasted(_pasted(), state=state, grant=grant)
    else:
        from socialops.cli.callback import Callback

        with Callback(grant.path, read, port=_port(grant, wish)) as callback:
            redirect = callback.address
            _show(shown(redirect), wish)
            code = callback.wait(wish.seconds)
    return steps.exchange(
        http, grant, application, code=code, redirect=redirect, verifier=verifier, now=datetime.now(UTC)
    )


def _port(grant: Grant, wish: _Wish) -> int:
    return wish.port if wish.port >= 0 else FIXED_PORT if grant.redirect == "fixed" else 0


def _local(grant: Grant, wish: _Wish) -> str:
    return f"http://127.0.0.1:{_port(grant, wish) or FIXED_PORT}{grant.path}"


def _by_device(grant: Grant, application: Application, http: Http) -> Tokens:
    from socialops.networks import authorization as steps

    code = steps.device_code(http, grant, application)
    say(f"Open {code.where} on any device, log in as the channel, and type in:\n\n  {code.word}\n")
    say(f"Waiting for {code.lifetime // 60} minutes at most …")
    return steps.wait_for_device(http, grant, application, code, now=lambda: datetime.now(UTC), sleep=time.sleep)


def _page(channel: Channel, grant: Grant, application: Application, tokens: Tokens, http: Http) -> _Found:
    """Return the token of the channel's Page: the one its file names, or the only one there is."""
    from socialops.networks.authorization import pages

    listed = pages(http, grant, tokens.access)
    wanted = str(channel.params.get("page_id") or "")
    mine = [page for page in listed if page.id == wanted] if wanted else listed
    if len(mine) != 1:
        named = ", ".join(f"{page.id} ({page.name})" for page in listed) or "none"
        raise UsageError(
            f"Which Page is channel {channel.name}? You may write on: {named}.",
            hint=f"Write `page_id:` under `params:` in {channel.path}, and log in again.",
        )
    note = "" if wanted else f"Write `page_id: '{mine[0].id}'` under `params:` in {channel.path}."
    secrets_found = {"TOKEN": mine[0].token, "APP_SECRET": application.secret}
    return _Found({kind: secret for kind, secret in secrets_found.items() if secret}, None, note)


def _mastodon(channel: Channel, grant: Grant, wish: _Wish, http: Http) -> _Found:
    from socialops.networks import authorization as steps
    from socialops.networks.base import Login, address_of

    host = address_of(Login(channel.name, channel.handle, channel.host, ""))
    state, verifier = steps.new_state(), steps.new_verifier()

    def read(query: str) -> str:
        return steps.code_in(steps.query_of(query), state=state, network=host)

    if wish.paste:
        redirect = steps.OUT_OF_BAND
        application = steps.register(http, grant, host=host, redirect=redirect)
        address = steps.address(grant, application, redirect=redirect, state=state, verifier=verifier)
        _show(address, wish, pasting=True)
        code = steps.code_pasted(_pasted(), state=state, grant=grant)
    else:
        from socialops.cli.callback import Callback

        with Callback(grant.path, read, port=_port(grant, wish)) as callback:
            redirect = callback.address
            application = steps.register(http, grant, host=host, redirect=redirect)
            _show(steps.address(grant, application, redirect=redirect, state=state, verifier=verifier), wish)
            code = callback.wait(wish.seconds)
    tokens = steps.exchange(
        http, grant, application, code=code, redirect=redirect, verifier=verifier, now=datetime.now(UTC)
    )
    return _Found({"TOKEN": tokens.access, "HOST": channel.host}, tokens.expires)


def _renewed(channel: Channel, http: Http) -> _Found:
    from socialops.networks.authorization import renew
    from socialops.networks.grants import GRANTS

    grant = GRANTS.get(channel.network)
    if grant is None or not grant.renew:
        raise UsageError(
            f"{channel.network} has no tokens that are renewed like this.", hint="Leave --renew out to log in anew."
        )
    token = _secret(channel.secret(), f"The token of {channel.name} that works now", hidden=True)
    tokens = renew(http, grant.at(channel.host), token, datetime.now(UTC))
    return _Found({"TOKEN": tokens.access}, tokens.expires, "The old token goes on working till its own end.")


# --- OAuth 1.0a -------------------------------------------------------------------------------------------------------


def _three_legs(channel: Channel, legs: ThreeLegs, wish: _Wish, http: Http) -> _Found:
    from socialops.networks import authorization as steps
    from socialops.networks.grants import APPLICATIONS
    from socialops.networks.oauth1 import Keys

    _explain(APPLICATIONS["x"])
    key = _secret(channel.secret("CONSUMER_KEY"), "The app's API key")
    secret = _secret(channel.secret("CONSUMER_SECRET"), "The app's API key secret", hidden=True)
    begun: list[str] = [""]

    def read(query: str) -> str:
        return steps.verifier_in(steps.query_of(query), token=begun[0])

    def begin(way_back: str) -> tuple[str, str]:
        return steps.request_token(
            http, legs, Keys(key, secret), callback=way_back, nonce=secrets.token_hex(16), timestamp=int(time.time())
        )

    if wish.paste:
        token, token_secret = begin("oob")
        _show(steps.three_legs_address(legs, token), wish, pasting=True)
        verifier = steps.verifier_pasted(_pasted(), token=token)
    else:
        from socialops.cli.callback import Callback

        with Callback("/callback", read, port=wish.port if wish.port >= 0 else FIXED_PORT) as callback:
            token, token_secret = begin(callback.address)
            begun[0] = token
            _show(steps.three_legs_address(legs, token), wish)
            verifier = callback.wait(wish.seconds)
    last, last_secret, name = steps.access_token(
        http,
        legs,
        Keys(key, secret, token, token_secret),
        verifier=verifier,
        nonce=secrets.token_hex(16),
        timestamp=int(time.time()),
    )
    shown = name if name.isascii() and name.replace("_", "").isalnum() else ""
    return _Found(
        {"CONSUMER_KEY": key, "CONSUMER_SECRET": secret, "TOKEN": last, "TOKEN_SECRET": last_secret},
        None,
        f"Logged in as @{shown}. These do not end." if shown else "These do not end.",
    )


# --- the person -------------------------------------------------------------------------------------------------------


def _guide(channel: Channel) -> None:
    """Say where a secret that is made by hand is made, and what it is called here."""
    from socialops.networks import ADAPTERS, adapter
    from socialops.networks.grants import GUIDES

    steps = GUIDES.get(channel.network)
    if steps is None:
        raise UsageError(
            f"This version of socialops does not know how to log in to {channel.network}.",
            hint="Look in the handbook of whoever made its adapter.",
        )
    known = adapter(channel.network) if channel.network in ADAPTERS else None
    kinds = list(known.SECRETS) if known else ["TOKEN"]
    say(f"{channel.network} has no login for programs: make the secret by hand.\n")
    _explain(steps)
    if known and known.HOST_IS_A_CHOICE:
        kinds.append("HOST")
        say(f"{channel.secret('HOST')} is the address of the server, as in {channel.path}: {channel.host}")
    _commands(channel, kinds)


def _application(channel: Channel, grant: Grant, steps: Sequence[str]) -> Application:
    from socialops.networks.tokens import Application

    _explain(steps)
    identity = _secret(channel.secret("CLIENT_ID"), "The app's id (client key)")
    name = channel.secret("CLIENT_SECRET")
    if not os.environ.get(name) and os.environ.get(channel.secret("APP_SECRET")):
        name = channel.secret("APP_SECRET")
    return Application(identity, _secret(name, "The app's secret", hidden=True, needed=grant.secret_needed))


def _of(application: Application) -> dict[str, str]:
    found = {"CLIENT_ID": application.id, "CLIENT_SECRET": application.secret}
    return {kind: secret for kind, secret in found.items() if secret}


def _secret(name: str, question: str, *, hidden: bool = False, needed: bool = True) -> str:
    """Return a secret from the environment, or ask for it; what is typed is not shown."""
    found = os.environ.get(name, "")
    if not found:
        found = _typed(f"{question} ({name})", hidden=hidden, needed=needed)
    found = str(found).strip()
    if not (found.isascii() and found.isprintable()) or " " in found:
        raise UsageError(f"{name} holds a sign that no secret has.", hint="Copy it again, without anything around it.")
    return found


def _explain(steps: Sequence[str]) -> None:
    for number, step in enumerate(steps, start=1):
        say(f"{number}. {step}")
    if steps:
        say("")


def _show(address: str, wish: _Wish, *, pasting: bool = False) -> None:
    """Show where to say yes; the address holds no secret, only what a browser is told anyway."""
    say(f"Open this address, log in as the channel's account, and say yes:\n\n  {address}\n")
    if pasting:
        say("Then the browser shows a code, or an address that perhaps cannot be opened. Copy that code, or address.")
    elif wish.browser:
        import webbrowser

        if not webbrowser.open(address):
            say("No browser could be opened here: open it by hand, or use --paste.")


def _pasted() -> str:
    return _typed("Paste it here", hidden=True)


def _typed(question: str, *, hidden: bool, needed: bool = True) -> str:
    """Ask, and show nothing of the answer where there is a terminal to show it."""
    hide = hidden and sys.stdin is not None and sys.stdin.isatty()
    default = None if needed else ""
    return str(click.prompt(question, default=default, hide_input=hide, show_default=False, err=True)).strip()


def _tell(channel: Channel, found: _Found) -> None:
    """Print what to store; talk goes to stderr, so that stdout can be piped into a keeper of secrets."""
    say("\nStore these where the jobs run. They are shown only now, and are not written into the workspace.\n")
    sys.stderr.flush()
    for kind, secret in found.secrets.items():
        write(f"{channel.secret(kind)}={secret}\n")
    _commands(channel, list(found.secrets))
    if found.note:
        say(found.note)
    if found.last is not None:
        say(f"Write its last day into {channel.path}: `token_expires: {found.last.astimezone(channel.tz()).date()}`")
    say("Then look whether it works: `socialops accounts`.")


def _commands(channel: Channel, kinds: Sequence[str]) -> None:
    say("\nOn GitHub, each of these asks for its value:")
    for kind in kinds:
        say(f"  gh secret set {channel.secret(kind)}")
    say("")
