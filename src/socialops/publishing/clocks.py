"""Compare this machine's clock with those of the servers it is about to send to.

What is due, which claim is over, and since when a lost post is looked for: all of it is decided by the clock. One that
is wrong by hours sends posts in the middle of the night, or looks for them in the wrong place and sends them twice. So
each server that a run is about to use is asked for its time once (the `Date` of any answer), and a clock that is wrong
by more than five minutes stops the run before anything is claimed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from socialops.errors import ClockError
from socialops.publishing.lanes import at_once
from socialops.publishing.machine import stamp

if TYPE_CHECKING:
    from socialops.content.channel import Channel

TOLERANCE = timedelta(minutes=5)
"""How far two clocks may be apart. Two runs may then differ by twice as much: `Rules.clocks_differ` allows for it."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a server said the time was, and between which moments of ours it was asked."""

    time: datetime
    asked: datetime
    answered: datetime

    @property
    def ahead(self) -> timedelta:
        """How far the server's clock is ahead of ours, at least; negative: behind."""
        if self.time > self.answered:
            return self.time - self.answered
        return min(self.time - self.asked, timedelta(0))


@dataclass(slots=True)
class Clocks:
    """The clocks of the servers that one run uses, each asked once."""

    server_time: Callable[[Channel], datetime | None]
    now: Callable[[], datetime]
    most: int = 1
    """How many servers are asked at once."""
    told: dict[str, Told] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)
    off: Mapping[str, str] = field(default_factory=dict)
    """The channels whose server's clock is wrong, and why: nothing is sent there, and nothing looked for."""

    def compare(self, channels: Iterable[Channel]) -> None:
        """Ask the servers of *channels* for the time; raises ClockError when it is ours that is wrong."""
        new = {channel.name: channel for channel in channels if channel.name not in self.asked}
        self.asked |= new.keys()

        def ask(channel: Channel) -> Told | None:
            asked = self.now()
            said = self.server_time(channel)
            return None if said is None else Told(said, asked, self.now())

        names = sorted(new)
        for name, told in zip(names, at_once(ask, [new[name] for name in names], self.most), strict=True):
            if told is not None:
                self.told[name] = told
        self.off = off(self.told)


def off(told: Mapping[str, Told]) -> dict[str, str]:
    """Return the names whose clock is wrong, each with why, in words.

    Raises ClockError when every server that answered says that it is ours that is wrong. One alone cannot be told from
    ours: it stops the run as well.
    """
    wrong = {name: said for name, said in told.items() if abs(said.ahead) > TOLERANCE}
    if wrong and len(wrong) == len(told):
        name, said = min(wrong.items())
        others = f", and {len(wrong) - 1} more servers agree" if len(wrong) > 1 else ""
        raise ClockError(
            f"This machine's clock says {stamp(said.answered)}, {name} says {stamp(said.time)}{others}.",
            hint="Nothing was sent. Set this machine's clock (with systemd: timedatectl set-ntp true), then run again.",
        )
    return {
        name: f"the clock of {name} is {_length(said.ahead)}, by ours and by those of other servers"
        for name, said in wrong.items()
    }


def _length(ahead: timedelta) -> str:
    minutes = int(abs(ahead).total_seconds()) // 60
    span = f"{minutes} min" if minutes < 120 else f"{minutes // 60} h" if minutes < 2880 else f"{minutes // 1440} days"
    return f"{span} {'ahead' if ahead > timedelta(0) else 'behind'}"
