"""The link of a post, with the parameters that let the analyst tell where a visit came from."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from socialops.content.brand import Campaign
    from socialops.content.channel import Channel
    from socialops.content.post import Post

_SAFE = re.compile(r"[a-z0-9._~-]*")
_ORDER = ("utm_source", "utm_medium", "utm_campaign", "utm_content")


def tracked(url: str, post: Post, channel: Channel, campaign: Campaign | None) -> str:
    """Return *url* with its UTM parameters.

    Only links of campaign posts carry them, and only the post's `link:`, never addresses in the text. The network is
    the source, `social` the medium, the campaign's name the campaign, the post's id the content; the campaign's `utm:`
    overrides and adds. What the address already says stays as it is, and is never said twice.
    """
    if campaign is None or not channel.utm or not url.casefold().startswith(("http://", "https://")):
        return url
    values = {
        "utm_source": channel.network,
        "utm_medium": "social",
        "utm_campaign": campaign.name,
        "utm_content": post.id,
    }
    for key, value in campaign.utm.items():
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
