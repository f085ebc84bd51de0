"""Which secrets of a channel are there, and how its token is renewed: from the environment, and from files of ours."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING

from socialops.errors import CredentialsError, WorkspaceError

if TYPE_CHECKING:
    from socialops.content.channel import Channel
    from socialops.http import Http
    from socialops.networks.base import Login
    from socialops.networks.grants import Grant
    from socialops.networks.tokens import Application, Store, Token, Tokens
    from socialops.publishing.watchdog import Finding

TOKENS = "SOCIALOPS_TOKENS"
"""Names a folder for tokens that change; without it they are kept in `.socialops/tokens` of the workspace."""


def tokens_folder() -> Path | None:
    """Return where tokens that change are kept; None where nothing that is written outlives the job."""
    chosen = os.environ.get(TOKENS, "")
    if chosen:
        return Path(chosen).expanduser()
    if os.environ.get("CI", "") not in {"", "0", "false"}:
        return None
    from socialops.cli.shared import open_workspace

    try:
        return open_workspace().tokens
    except WorkspaceError:
        return None


def store_of(channel: Channel) -> Store | None:
    """Return the file that keeps a channel's tokens; None where there is no place for one."""
    from socialops.networks.tokens import Store

    folder = tokens_folder()
    return None if folder is None else Store(folder, channel.name)


def renewing(channel: Channel) -> Grant | None:
    """Return how a channel's token is renewed, when all that this needs is there; raises CredentialsError.

    That is an application and a refresh token: the secret of that name, or what an earlier renewal kept.
    """
    from socialops.networks.grants import GRANTS

    grant = GRANTS.get(channel.network)
    if grant is None or not grant.refreshes or not _secret(channel, "CLIENT_ID"):
        return None
    if grant.secret_needed and not _secret(channel, "CLIENT_SECRET"):
        return None
    if _secret(channel, "REFRESH_TOKEN") or _kept(channel, grant):
        return grant.at(channel.host)
    return None


def lacking_place(channel: Channel) -> str | None:
    """Say why a channel's token cannot be renewed here, although its secrets are there; None when it can."""
    from socialops.networks.tokens import NO_PLACE_HINT, no_place

    grant = renewing(channel)
    if grant is None or not grant.rotates or tokens_folder() is not None:
        return None
    return f"{no_place(grant.network)} {NO_PLACE_HINT}"


def token_of(channel: Channel, http: Http, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Token | None:
    """Return the token of a channel that is renewed; None where it is not."""
    from socialops.networks.tokens import Token

    grant = renewing(channel)
    if grant is None:
        return None
    store = store_of(channel) if grant.rotates else None
    return Token(
        channel.name, grant, application_of(channel), _secret(channel, "REFRESH_TOKEN"), http, now=now, store=store
    )


def lengthening(channel: Channel) -> Grant | None:
    """Return how a channel's token of sixty days is made new; None where its network has none of those.

    Tokens of Instagram over Facebook Login are a Page's, and have no end.
    """
    from socialops.networks.grants import GRANTS

    grant = GRANTS.get(channel.network)
    if grant is None or not grant.renew or not _secret(channel, "TOKEN"):
        return None
    if channel.network == "instagram" and not _is_instagram_login(channel):
        return None
    return grant.at(channel.host)


def _is_instagram_login(channel: Channel) -> bool:
    given = channel.params.get("login")
    return given == "instagram" or (given is None and _secret(channel, "TOKEN").startswith("IG"))


def renewed_in_time(
    channel: Channel, login: Login, http: Http, say: Callable[[str], None], *, now: datetime | None = None
) -> Login:
    """Return a login with its token of sixty days made new where it is time; any other as it is.

    Where no file outlives the run it stays as it is, too: `doctor` warns before such a token ends.
    """
    from socialops.networks.long_tokens import in_time

    grant, store = lengthening(channel), store_of(channel)
    if grant is None or store is None:
        return login
    at = now or datetime.now(UTC)
    tokens, trouble = in_time(channel.name, grant, login.token, http, store, at, ends=_written_end(channel))
    if trouble:
        say(trouble)
    settings = {**login.settings, "login": "instagram"} if channel.network == "instagram" else login.settings
    return replace(login, token=tokens.access, settings=settings)


def _written_end(channel: Channel) -> datetime | None:
    """Return the end of the day that stands in the channel's file as the token's last."""
    last = channel.token_expires
    return datetime.combine(last, time.max, channel.tz()).astimezone(UTC) if last else None


def application_of(channel: Channel) -> Application:
    """Return the application whose id and secret stand in the environment; empty where they do not."""
    from socialops.networks.tokens import Application

    return Application(_secret(channel, "CLIENT_ID"), _secret(channel, "CLIENT_SECRET"))


def lacking_secrets(channel: Channel) -> tuple[str, ...]:
    """Return the names of the secrets a renewed token needs and that are missing; empty for networks without."""
    from socialops.networks.grants import GRANTS

    grant = GRANTS.get(channel.network)
    if grant is None or not grant.refreshes:
        return ()
    kinds = ("CLIENT_ID", "CLIENT_SECRET", *(() if grant.rotates else ("REFRESH_TOKEN",)))
    return tuple(name for kind in kinds if not os.environ.get(name := channel.secret(kind)))


def login_left(channel: Channel, expires: datetime | None, now: datetime) -> str:
    """Say how long a channel's login still works; empty when nobody knows an end.

    *expires* is what the network says; else it is the end of the refresh token that is kept, or the day that stands in
    the channel's file.
    """
    end = expires
    if end is None and (kept := kept_login(channel)) is not None:
        end = kept.refresh_expires if kept.refresh else kept.expires
    last = end.astimezone(channel.tz()).date() if end else channel.token_expires
    if last is None:
        return ""
    days = (last - now.astimezone(channel.tz()).date()).days
    if days < 0:
        return f"its login ended on {last}"
    return f"its login ends today, on {last}" if days == 0 else f"its login works for {days} more days, until {last}"


def kept_login(channel: Channel) -> Tokens | None:
    """Return what is kept of a channel whose tokens change; None for any other. Raises CredentialsError."""
    store = store_of(channel)
    if store is None or not store.file.is_file():
        return None
    if lengthening(channel) is not None:
        from socialops.networks.long_tokens import kept

        return kept(_secret(channel, "TOKEN"), store, _written_end(channel))
    grant = renewing(channel)
    return store.read() if grant is not None and grant.rotates else None


def with_kept_ends(channels: Mapping[str, Channel]) -> dict[str, Channel]:
    """Return the channels with the last days of their tokens as they are kept here, in place of what people wrote."""
    told = {}
    for name, channel in channels.items():
        try:
            kept = kept_login(channel)
        except CredentialsError:
            kept = None
        end = kept.expires if kept is not None and not kept.refresh else None
        told[name] = replace(channel, token_expires=end.astimezone(channel.tz()).date()) if end else channel
    return told


def kept_logins(channels: Iterable[Channel], now: datetime) -> Iterator[Finding]:
    """Judge the logins whose tokens change: can they be read, has a renewal been lost, and when do they end."""
    from socialops.publishing.watchdog import Finding, Level, token_end

    for channel in channels:
        subject = f"login {channel.name}"
        try:
            kept = kept_login(channel)
        except CredentialsError as error:
            yield Finding(subject, Level.WRONG, error.message, error.hint)
            continue
        if kept is None:
            if (told := _unrenewed(channel)) is not None:
                yield told
            continue
        if not kept.refresh:
            if kept.asked is not None:
                yield Finding(
                    subject,
                    Level.WARNING,
                    f"a renewal on {kept.asked:%Y-%m-%d %H:%M} UTC came to nothing; the token there is goes on",
                    f"The next run tries again after a day. `socialops login {channel.name} --renew` says why.",
                )
            continue
        if kept.asked is not None:
            yield Finding(
                subject,
                Level.WARNING,
                f"a renewal on {kept.asked:%Y-%m-%d %H:%M} UTC has had no answer: perhaps the new token is lost",
                f"The next run tries again. When it is refused, run `socialops login {channel.name}`.",
            )
        elif kept.refresh_expires is None:
            yield Finding(subject, Level.FINE, "its tokens are kept here, and renewed")
        else:
            yield token_end(channel, kept.refresh_expires.astimezone(channel.tz()).date(), now)


def _unrenewed(channel: Channel) -> Finding | None:
    """Warn of a token of sixty days that no run renews here, and of whose end nobody would hear."""
    from socialops.publishing.watchdog import Finding, Level

    try:
        unheard = lengthening(channel) is not None and tokens_folder() is None and channel.token_expires is None
    except CredentialsError:
        return None
    if not unheard:
        return None
    return Finding(
        f"login {channel.name}",
        Level.WARNING,
        "its token ends after 60 days, nobody knows the day, and no run can renew it where nothing written lasts",
        f"Run `socialops login {channel.name} --renew`, store what it prints, and write its last day into "
        f"{channel.path} (token_expires): then you are warned in time. A runner with a disk of its own, named in "
        f"{TOKENS}, renews it by itself.",
    )


def _secret(channel: Channel, kind: str) -> str:
    name = channel.secret(kind)
    secret = os.environ.get(name, "")
    if not (secret.isascii() and secret.isprintable()) or " " in secret:
        raise CredentialsError(
            f"{name} holds a sign that no secret has, such as a space or a line break.",
            hint="Copy it again, without anything around it.",
        )
    return secret


def _kept(channel: Channel, grant: Grant) -> bool:
    store = store_of(channel) if grant.rotates else None
    return store is not None and store.file.is_file()
