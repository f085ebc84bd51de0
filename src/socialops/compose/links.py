"""The link of a post, with the parameters that let the analyst tell where a visit came from."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

from socialops.content.brand import Medium

if TYPE_CHECKING:
    from collections.abc import Collection

    from socialops.content.brand import Campaign
    from socialops.content.channel import Channel
    from socialops.content.load import Content
    from socialops.content.post import Post

_SAFE = re.compile(r"[a-z0-9._~-]*")
MEDIA = {"email": Medium.EMAIL}
"""The medium of networks that are none of the social ones, as analytics tools group them (support.google.com/analytics/
answer/9756891, default channel groups, 2026-12-01)."""
_INTERNAL = "hosts on which a visit is no visit"
_ORDER = ("utm_source", "utm_medium", "utm_campaign", "utm_content")


def tracked(url: str, post: Post, channel: Channel, campaign: Campaign | None, internal: Collection[str] = ()) -> str:
    """Return *url* with its UTM parameters, in small letters.

    Only links of campaign posts carry them, and only the post's `link:`, never addresses in the text. The network is
    the source, `social` the medium (`email` in mails), the campaign's name the campaign, the post's id the content; the
    campaign's `utm:` overrides and adds, and the channel's over that. What the address already says stays as it is, and
    is never said twice. Links to *internal* hosts, and those below them, stay bare.
    """
    if campaign is None or not channel.utm or not url.casefold().startswith(("http://", "https://")):
        return url
    if is_internal(url, internal):
        return url
    values = {
        "utm_source": channel.network,
        "utm_medium": MEDIA.get(channel.network, Medium.SOCIAL),
        "utm_campaign": campaign.name,
        "utm_content": post.id,
    }
    for key, value in (*campaign.utm.items(), *channel.utm_values.items()):
        values[key if key.startswith("utm_") else f"utm_{key}"] = str(value)
    address, mark, fragment = url.partition("#")
    base, _, query = address.partition("?")
    present = {pair.partition("=")[0].casefold() for pair in query.split("&")}
    names = [*_ORDER, *sorted(set(values) - set(_ORDER))]
    added = [f"{name}={_quoted(values[name])}" for name in names if values[name] and name not in present]
    pairs = [pair for pair in query.split("&") if pair] + added
    return base + ("?" + "&".join(pairs) if pairs else "") + mark + fragment


def _quoted(value: str) -> str:
    value = value.lower()
    if _SAFE.fullmatch(value):
        return value
    from urllib.parse import quote

    return quote(value, safe="")


def host_of(url: str) -> str:
    """Return the host of an address as a person reads it: no scheme, no user, no port, no `www.`."""
    rest = url.partition("://")[2]
    host = re.split(r"[/?#\\]", rest, maxsplit=1)[0].rpartition("@")[2]
    if not host.startswith("["):
        host = host.partition(":")[0]
    return host.removeprefix("www.").lower()


def is_internal(url: str, internal: Collection[str]) -> bool:
    """Tell whether an address is on one of these hosts, or below one."""
    host = host_of(url) if internal else ""
    return any(host == own or host.endswith(f".{own}") for own in internal)


def internal_hosts(content: Content) -> frozenset[str]:
    """Return the hosts on which a visit is no visit: what only the team opens, and our own accounts' servers.

    Those are the strategy's `internal` hosts, the forge's, and the servers that channels name. Our own shop and pages
    are not among them: people come there from the networks, which is what the parameters are for. Parameters belong on
    no link between our own pages either; such links are not made here.
    """
    found = content.seen.get(_INTERNAL)
    if found is None:
        strategy = content.brand.strategy
        addresses = [content.workspace.settings.forge_url, *(channel.host for channel in content.channels.values())]
        hosts = {host_of(address) for address in addresses if address}
        found = content.seen[_INTERNAL] = frozenset({*hosts, *(strategy.internal if strategy else ())} - {""})
    return cast("frozenset[str]", found)


def typed_parameters(url: str) -> tuple[str, ...]:
    """Return the UTM parameters that somebody typed into an address."""
    query = url.partition("#")[0].partition("?")[2]
    names = (pair.partition("=")[0] for pair in query.split("&"))
    return tuple(name for name in names if name.casefold().startswith("utm_"))
