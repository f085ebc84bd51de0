"""The limits that hold for one channel."""

from __future__ import annotations

import functools
import json
from typing import TYPE_CHECKING

from socialops.networks import default_limits

if TYPE_CHECKING:
    from socialops.content.channel import Channel
    from socialops.networks.base import Limits

LABELLED_LINKS = frozenset({"bluesky", "telegram", "discord", "slack", "matrix", "email"})
"""Networks on which words can be a link; elsewhere the address stands in the text."""
STYLED = frozenset({"telegram", "discord", "slack", "matrix", "email"})
"""Networks that show bold, italic, code and quotations; elsewhere the words stand without them."""
CARDS = frozenset({"bluesky", "linkedin"})
"""Networks that show a link as a card only when we make it; the others make one from an address in the text."""
PICTURED_CARDS = frozenset({"linkedin"})
"""Networks on whose cards the post's own picture stands, when the post says that it is a link or an article."""
HAS_CONTENT_WARNINGS = frozenset({"mastodon"})
"""Networks that can fold a text behind a warning; elsewhere it opens the text."""
TITLED = frozenset({"youtube", "email"})
"""Networks whose posts have a title of their own: the post's."""
ONE_WAY = frozenset({"mastodon", "bluesky"})
"""Networks that show every kind in the same way, so that no part says its kind."""


def limits_of(channel: Channel) -> Limits:
    """Return the limits of the channel's network, with what its own server told of itself over them.

    The channel's `limits:` maps names of `networks/limits/` to values; `checked_on` in it says when they were read.
    With `premium: true` under its `params:`, what the network allows paying accounts takes the place of its defaults.
    A network without limits on file has none: `has` is False for all.
    """
    premium = channel.params.get("premium") is True
    if not channel.limits and not premium:
        return default_limits(channel.network)
    values = json.dumps(dict(channel.limits), sort_keys=True, default=str)
    return _with_own(channel.network, values, channel.host or channel.path, premium)


@functools.lru_cache(maxsize=64)
def _with_own(network: str, values: str, source: str, premium: bool) -> Limits:
    own = json.loads(values)
    checked_on = str(own.pop("checked_on", ""))
    limits = default_limits(network)
    return (limits.for_premium() if premium else limits).with_values(own, source=source, checked_on=checked_on)
