"""What a team says once, when its workspace begins: the answers that every file of the scaffold is made from."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from socialops.errors import UsageError
from socialops.problem import nearest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from socialops.content.channel import Channel

EVERY = {
    "15m": ("7 * * * *", "22 * * * *", "52 * * * *"),
    "30m": ("7 * * * *",),
    "1h": (),
}
"""How often a publish run is asked for → its cron lines, besides the hourly one that also reads the numbers."""
METRICS_CRON = "37 * * * *"
FORGES = ("github", "gitlab", "none")
TOOLS = ("index", "wheel", "source", "project")
PRACTICE = "practice"
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_BRANCH = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,99}")
_OWNER = re.compile(r"@?[A-Za-z0-9][A-Za-z0-9._-]{0,61}(?:/[A-Za-z0-9._-]+)?")
_REPOSITORY = re.compile(r"[A-Za-z0-9._-]+(?:/[A-Za-z0-9._-]+)+")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")


@dataclass(frozen=True, slots=True)
class Account:
    """One account of the team's, as far as the workflows and the first files need to know it."""

    name: str
    network: str
    handle: str = ""
    host: str = ""
    sandbox: bool = False

    @property
    def secrets(self) -> tuple[str, ...]:
        """The environment variables that carry its secrets; none for a practice channel."""
        from socialops.networks import ADAPTERS, adapter
        from socialops.networks.grants import GRANTS

        if self.sandbox or self.network not in ADAPTERS:
            return ()
        known = adapter(self.network)
        kinds = [*known.SECRETS, *getattr(known, "OPTIONAL_SECRETS", ())]
        grant = GRANTS.get(self.network)
        if grant is not None and grant.refreshes and not grant.rotates:
            # A refresh token that is used up by its use cannot live where nothing that is written lasts.
            kinds += ["CLIENT_ID", "CLIENT_SECRET", "REFRESH_TOKEN"]
        return tuple(self._variable(kind) for kind in dict.fromkeys(kinds))

    @property
    def bound_host(self) -> str:
        """The variable that binds its token to a host; empty where the host is no choice."""
        from socialops.networks import ADAPTERS, adapter

        if self.sandbox or self.network not in ADAPTERS or not adapter(self.network).HOST_IS_A_CHOICE:
            return ""
        return self._variable("HOST")

    def _variable(self, kind: str) -> str:
        return f"SOCIALOPS_{self.name.upper().replace('-', '_')}_{kind}"


@dataclass(frozen=True, slots=True)
class Tool:
    """Where the workspace gets socialops from: an index, a wheel, its source; or it is the project itself."""

    kind: str = "index"
    requirement: str = "socialops"
    source: str = ""
    """The line of `[tool.uv.sources]`; empty for the index."""


@dataclass(frozen=True, slots=True)
class Choices:
    """The answers. *accounts* are without the practice channel, which every workspace gets."""

    name: str = "Our brand"
    zone: str = "UTC"
    languages: tuple[str, ...] = ("en",)
    accounts: tuple[Account, ...] = ()
    forge_url: str = ""
    main_branch: str = "main"
    data_branch: str = "socialops-data"
    ci: str = "github"
    every: str = "15m"
    owners: tuple[str, ...] = ()
    tool: Tool = field(default_factory=Tool)

    @property
    def repository(self) -> str:
        """`owner/name`, from the address on the forge; empty when it is not known."""
        return urlsplit(self.forge_url).path.strip("/").removesuffix(".git")


def checked(choices: Choices) -> Choices:
    """Return the answers as they are when every one of them can be used; raises UsageError."""
    from zoneinfo import ZoneInfo

    _shape(choices)
    try:
        ZoneInfo(choices.zone)
    except (KeyError, ValueError, OSError) as error:
        raise UsageError(
            f"{choices.zone!r} is not a time zone.", hint="Use an IANA name such as Europe/Istanbul."
        ) from error
    if choices.every not in EVERY:
        raise UsageError(f"--every is one of {', '.join(EVERY)}.")
    if choices.ci not in FORGES:
        raise UsageError(f"--ci is one of {', '.join(FORGES)}.")
    names = [account.name for account in choices.accounts]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise UsageError(
            f"Two channels are called {twice[0]}.", hint=f"Give one of them a name: --channel {twice[0]}-2=NETWORK"
        )
    if PRACTICE in names:
        raise UsageError(f"The name {PRACTICE} is taken by the practice channel.", hint="Choose another one.")
    return choices


def _shape(choices: Choices) -> None:
    if not choices.name.strip() or not choices.name.isprintable() or len(choices.name) > 80:
        raise UsageError("--name is a name of up to 80 letters on one line.", hint="The name of the brand or team.")
    for language in choices.languages:
        if not _LANGUAGE.fullmatch(language):
            raise UsageError(f"{language!r} is not a language.", hint="Use codes such as tr, he, ro, en.")
    for branch in filter(None, (choices.main_branch, choices.data_branch)):
        if not _BRANCH.fullmatch(branch) or ".." in branch or branch.endswith(("/", ".", ".lock")):
            raise UsageError(f"{branch!r} is not a name for a branch.", hint="Use letters, digits, - and /.")
    if choices.data_branch and choices.data_branch == choices.main_branch:
        raise UsageError("The data branch must be another than the main branch.", hint="socialops-data is a good name.")
    if choices.forge_url:
        parts = urlsplit(choices.forge_url)
        if parts.scheme not in ("https", "http") or not parts.hostname or not _REPOSITORY.fullmatch(choices.repository):
            raise UsageError(
                f"{choices.forge_url!r} is not the address of a repository.", hint="https://github.com/owner/name"
            )
    for owner in choices.owners:
        if not _OWNER.fullmatch(owner):
            raise UsageError(f"{owner!r} is not an account on the forge.", hint="Write octocat, or @acme/brand.")


def account(text: str) -> Account:
    """Read `[NAME=]NETWORK[:HANDLE]`, such as `news=mastodon:@acme@mastodon.social`; raises UsageError."""
    from socialops.content.channel import NETWORKS
    from socialops.networks import ADAPTERS, adapter

    left, colon, handle = text.strip().partition(":")
    name, equals, network = left.partition("=")
    if not equals:
        name = network = left
    if network not in NETWORKS:
        meant = nearest(network, NETWORKS)
        raise UsageError(
            f"There is no network {network!r}.",
            hint=f"Did you mean {meant!r}?" if meant else f"There are {', '.join(NETWORKS)}.",
        )
    if not _NAME.fullmatch(name) or (colon and not handle) or not handle.isprintable() or '"' in handle:
        raise UsageError(
            f"{text!r} is not a channel.", hint="Write mastodon, news=mastodon or mastodon:@acme@mastodon.social"
        )
    known = adapter(network) if network in ADAPTERS else None
    host = known.HOME if known and known.HOST_IS_A_CHOICE else ""
    if network == "mastodon":
        at = handle.rpartition("@")[2] if handle.count("@") == 2 else ""
        host = f"https://{at or 'mastodon.example'}"
    elif known and known.HOST_IS_A_CHOICE and not host:
        host = "smtp://smtp.example.org:587" if network == "email" else f"https://{network}.example.org"
    return Account(name, network, handle or _handle(network, name), host)


def _handle(network: str, name: str) -> str:
    return {"mastodon": f"@{name}@mastodon.example", "email": f"{name}@example.org"}.get(network, f"@{name}")


def accounts_of(channels: Iterable[Channel]) -> tuple[Account, ...]:
    """Return the accounts of a workspace's channel files, in the order of their names."""
    found = (Account(one.name, one.network, one.handle, one.host, one.sandbox) for one in channels)
    return tuple(sorted(found, key=lambda one: one.name))
