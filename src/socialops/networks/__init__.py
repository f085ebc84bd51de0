"""The networks we publish on: a typed registry, read by name so that only what is used is imported.

Outsiders register an adapter module under the entry point group `socialops.networks`.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from socialops.errors import UsageError
from socialops.networks.base import Count, Limit, Limits, Login, Network, Option

if TYPE_CHECKING:
    from socialops.http import Http
    from socialops.networks.draft import Part

ADAPTERS: Mapping[str, str] = {
    "mastodon": "socialops.networks.mastodon",
    "bluesky": "socialops.networks.bluesky",
    "instagram": "socialops.networks.instagram",
    "linkedin": "socialops.networks.linkedin",
    "x": "socialops.networks.x",
    "facebook": "socialops.networks.facebook",
    "telegram": "socialops.networks.telegram",
    "youtube": "socialops.networks.youtube",
    "matrix": "socialops.networks.matrix",
    "discord": "socialops.networks.discord",
    "tiktok": "socialops.networks.tiktok",
    "slack": "socialops.networks.slack",
    "threads": "socialops.networks.threads",
    "email": "socialops.networks.email",
}
"""Network → the module that is its adapter."""


class Adapter(Protocol):
    """What an adapter's module holds."""

    HOST_IS_A_CHOICE: bool
    """Whether a channel must name its host (a Mastodon server); else the module knows it."""
    HOME: str
    """The address of its server where a channel names no host; empty where every channel must name one."""
    SECRETS: tuple[str, ...]
    """The kinds of secrets it needs: `SOCIALOPS_<CHANNEL>_<KIND>`. Usually just TOKEN."""
    OPTIONS: tuple[Option, ...]
    """What a post's `params:` may tell it."""
    connect: Callable[[Login, Http], Network]
    """Make the network for one account. No request is made yet."""
    counts: Callable[[Part, Limits], Sequence[Count]]
    """Count a part as the network does; pure."""


@functools.cache
def adapters() -> dict[str, str]:
    """Return network → adapter module, with those that other packages registered."""
    from importlib.metadata import entry_points

    found = {point.name: point.value for point in entry_points(group="socialops.networks")}
    return {**found, **ADAPTERS}


def adapter(network: str) -> Adapter:
    """Import the adapter of a network; raises UsageError when there is none, or it cannot be loaded."""
    module = ADAPTERS.get(network) or adapters().get(network)
    if module is None:
        raise UsageError(
            f"This version of socialops cannot publish on {network}.", hint=f"It can on {', '.join(ADAPTERS)}."
        )
    if network in ADAPTERS:
        loaded: Any = import_module(module)
        return loaded  # type: ignore[no-any-return]
    return _brought(network, module)


@functools.cache
def _brought(network: str, module: str) -> Adapter:
    """Import an adapter of another package; whatever is wrong with it is no trouble of ours."""
    hint = f"Ask for a version of the package that brings {module.partition('.')[0]!r} and fits this one."
    try:
        loaded: Any = import_module(module)
    except Exception as error:
        raise UsageError(f"The adapter of {network} cannot be loaded ({type(error).__name__}).", hint=hint) from None
    missing = [name for name in ("SECRETS", "OPTIONS", "connect", "counts") if not hasattr(loaded, name)]
    if missing:
        raise UsageError(f"The adapter of {network} lacks {', '.join(missing)}.", hint=hint)
    return loaded  # type: ignore[no-any-return]


@functools.cache
def default_limits(network: str) -> Limits:
    """Read `limits/<network>.yml`; an empty set for a network without an adapter."""
    return dated_limits(network, Path(__file__).parent / "limits" / f"{network}.yml")


def dated_limits(name: str, file: Path) -> Limits:
    """Read a file of dated limits, of which *name* is the owner; an empty set when there is none."""
    import yaml

    if not file.is_file():
        return Limits(name, {})
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    data: dict[str, dict[str, Any]] = yaml.load(file.read_text("utf-8"), Loader=loader)  # noqa: S506 - a safe loader, our own file
    return Limits(
        name,
        {name: Limit(raw["value"], raw["unit"], raw["source"], str(raw["checked_on"])) for name, raw in data.items()},
    )


def connect(network: str, login: Login, http: Http) -> Network:
    """Return the network as one account sees it."""
    return adapter(network).connect(login, http)


def counts(network: str, part: Part, limits: Limits) -> Sequence[Count]:
    """Count a part as its network does."""
    return adapter(network).counts(part, limits)
