"""Open lines: the networks of the channels that a run uses, each opened once.

Opening one may ask its server what it is. So those that a run is about to use are opened side by side, and one that
cannot be opened is told of when it is used, and keeps no other channel from its posts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from socialops.errors import SocialopsError
from socialops.publishing.lanes import at_once
from socialops.publishing.sending import Line

if TYPE_CHECKING:
    from socialops.content.channel import Channel
    from socialops.networks.base import Network


@dataclass(slots=True)
class Lines:
    """The open channels of one run, by name."""

    open_network: Callable[[Channel], Network]
    most: int
    """How many are opened at once."""
    _open: dict[str, Line] = field(default_factory=dict)
    _failed: dict[str, SocialopsError] = field(default_factory=dict)

    def open(self, channels: Iterable[Channel]) -> None:
        """Open those that are not open yet; what fails is tried again by the next call."""
        new = {channel.name: channel for channel in channels if channel.name not in self._open}
        names = sorted(new)
        found = at_once(self._opened, [new[name] for name in names], self.most)
        for name, line in zip(names, found, strict=True):
            if isinstance(line, Line):
                self._open[name] = line
                self._failed.pop(name, None)
            else:
                self._failed[name] = line

    def line(self, channel: Channel) -> Line:
        """Return an open channel; raises SocialopsError."""
        if channel.name not in self._open and channel.name not in self._failed:
            self.open([channel])
        if channel.name in self._open:
            return self._open[channel.name]
        raise self._failed[channel.name]

    def _opened(self, channel: Channel) -> Line | SocialopsError:
        try:
            network = self.open_network(channel)
            return Line(network, network.idempotency, network.key_lifetime)
        except SocialopsError as error:
            return error
        except Exception as error:
            # A bug of an adapter's must not keep the other channels from their posts.
            return SocialopsError(f"{channel.name} could not be opened ({type(error).__name__}).")
