"""What every network is: one small protocol, and the data it speaks.

A network never sees a post, only a draft. It makes one attempt and never retries by itself; it says what happened in
four words (`Rejected`, `NotAllowed`, `TryLater`, `Unknown`) that tell the caller what may be done.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from socialops.errors import CredentialsError, HttpError, NetworkError, NotAllowed, Rejected, TryLater, Unknown
from socialops.networks.draft import Part, Receipt

if TYPE_CHECKING:
    from socialops.http import Response


class Idempotency(enum.StrEnum):
    """How a network lets us learn or prevent that a part is there twice."""

    KEY = "key"
    """The same bytes with the same key may be sent again, while the key lives."""
    HANDLE = "handle"
    """We hold a handle (a container, a session) that can be asked."""
    READBACK = "readback"
    """Our own timeline can be read."""
    NONE = "none"
    """Nothing: an unknown outcome needs a person."""


UNCONFIRMED = "UNCONFIRMED: "
"""How the source of a limit begins that no document of its network states; what follows says what it rests on."""


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit of a network: its value, unit, where that was read, and when."""

    value: Any
    unit: str
    source: str
    checked_on: str

    @property
    def confirmed(self) -> bool:
        """Tell whether the network itself says so; else the value is the safe side of what others say."""
        return not self.source.startswith(UNCONFIRMED)

    @property
    def grounds(self) -> str:
        """Say what the value rests on, confirmed or not."""
        return self.source.removeprefix(UNCONFIRMED)


@dataclass(frozen=True, slots=True)
class Limits:
    """What fits on a network: dated data from `networks/limits/<network>.yml`, with an account's own values over it."""

    network: str
    entries: Mapping[str, Limit] = field(repr=False)

    def number(self, name: str) -> int:
        """Return a limit that is a number; raises KeyError when the network has none of that name."""
        return int(self.entries[name].value)

    def has(self, name: str) -> bool:
        """Tell whether the network states that limit."""
        return name in self.entries

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a limit that is a list of words (MIME types, kinds)."""
        return tuple(self.entries[name].value)

    def with_values(self, values: Mapping[str, Any], *, source: str, checked_on: str) -> Limits:
        """Return the limits with an account's own values in place of the network's defaults."""
        changed = dict(self.entries)
        for name, value in values.items():
            if name in changed:
                changed[name] = Limit(value, changed[name].unit, source, checked_on)
        return Limits(self.network, changed)

    def counted(self, used: Mapping[str, int], *, text: str = "text") -> list[Count]:
        """Return how much of each stated limit is *used*; *text* names the limit that holds for the text.

        A story, a caption and the question of a poll have room of their own.
        """
        limit_of = {"text": text}
        return [
            Count(what, limit.unit, number, int(limit.value))
            for what, number in used.items()
            if (limit := self.entries.get(limit_of.get(what, what))) is not None
        ]

    def for_premium(self) -> Limits:
        """Return the limits of an account that pays its network: `text_premium` in the place of `text`, and so on."""
        paid = {
            name.removesuffix("_premium"): limit for name, limit in self.entries.items() if name.endswith("_premium")
        }
        return Limits(self.network, {**self.entries, **paid})


@dataclass(frozen=True, slots=True)
class Count:
    """How much of a limit a part uses: *what* is counted (`text`), in which *unit*, how much of it, and of how much."""

    what: str
    unit: str
    used: int
    limit: int


@dataclass(frozen=True, slots=True)
class Stat:
    """One number read from a network about something we published (or, with an empty *receipt*, about the account)."""

    receipt: str
    metric: str
    value: int


@dataclass(frozen=True, slots=True)
class Account:
    """What a network says of our account. *limits* are in the names of `networks/limits/`."""

    id: str
    handle: str
    name: str
    url: str
    followers: int | None = None
    following: int | None = None
    posts: int | None = None
    limits: Mapping[str, Any] = field(default_factory=dict)
    profile: Mapping[str, str] = field(default_factory=dict)
    expires: datetime | None = None
    """When the credentials end, where the network tells it; None: it does not, or they do not end."""


@dataclass(frozen=True, slots=True)
class InboxMessage:
    """What somebody said to us: a reply to something we published, or a mention. Never written into git.

    *kind* is `reply`, `mention` or `message`; *author* the person's handle as the network shows it; *about* the id of
    the receipt that it answers, empty for a mention; *at* RFC 3339 in UTC.
    """

    id: str
    kind: str
    author: str = field(repr=False)
    text: str = field(repr=False)
    at: str
    url: str = ""
    about: str = ""


@dataclass(frozen=True, slots=True)
class Share:
    """How many of our followers are of one group: *dimension* `country`, *group* `TR`, *count* people.

    Only groups as large as the network itself shows, so that nobody can be told from them.
    """

    dimension: str
    group: str
    count: int


@dataclass(frozen=True, slots=True)
class Trend:
    """Something that many people on a network talk about now; *uses* is None where the network tells no number."""

    name: str
    url: str = ""
    uses: int | None = None


@dataclass(frozen=True, slots=True)
class Login:
    """What an adapter needs to know of a channel: never the whole channel, never a post."""

    channel: str
    handle: str
    host: str
    token: str = field(repr=False)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    """The other secrets of the adapter's `SECRETS`, by kind; `token` is the one of kind TOKEN."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """The channel file's `params:`: an organisation's number, a chat, an API version."""


@dataclass(frozen=True, slots=True)
class Option:
    """Something an adapter can be told about a post beside its text: what it is, and the values it takes.

    *values* is empty where any text does. The post says it under `params:`.
    """

    name: str
    summary: str
    values: tuple[str, ...] = ()


class Network(Protocol):
    """One place where drafts are published."""

    name: str
    key_lifetime: int
    """For how many seconds a key is remembered; 0: for ever. Only read where *idempotency* is KEY."""

    @property
    def idempotency(self) -> Idempotency:
        """How this account's server lets us learn what became of a part; may ask the server, and never raises."""

    def key(self, delivery: str, part: int, at: datetime) -> str:
        """Return the key of a part, fixed at the claim (*at*) and the same on every attempt.

        *delivery* is `<post>/<channel>`; the key is recorded in the ledger before anything is sent.
        """

    def publish(self, part: Part, *, key: str) -> Receipt:
        """Send *part* (with its uploads and reply) once.

        Raises Rejected, NotAllowed, TryLater or Unknown; any other error is a bug of the adapter.
        """

    def find(self, part: Part, *, key: str, since: datetime) -> Receipt | None:
        """Look for a part that was perhaps sent after *since*; None: it is not there (now).

        *since* is by the network's clock: the caller allows for clocks that differ. Raises Unknown when the place
        cannot be read, or holds more than one match.
        """

    def measure(self, receipts: Sequence[Receipt]) -> Iterable[Stat]:
        """Read the current numbers of what was published, in the network's batch size.

        What the network no longer shows is left out: unknown is not 0.
        """

    def account(self) -> Account:
        """Read our own account: the cheapest proof that the credentials work."""


@runtime_checkable
class CanDelete(Protocol):
    """A network where we can take back what we published."""

    def delete(self, receipt: Receipt) -> None:
        """Delete a part; deleting what is gone is not an error."""


@runtime_checkable
class TwoStep(Protocol):
    """A network that first makes something nobody sees (a container, an upload session), and shows it in a second step.

    Its idempotency is HANDLE: what `prepare` returns is in the ledger, and pushed, before `publish` is called with it.
    """

    def prepare(self, part: Part, *, key: str) -> str:
        """Make ready what `publish` will show, and return its handle; nothing is visible yet.

        Where *part* has a handle already (an earlier run made it), it is returned again when it can still be used.
        Raises Rejected, NotAllowed or TryLater; nothing else matters, for nothing is visible.
        """


@runtime_checkable
class HasReplies(Protocol):
    """A network that tells what people answered to what we published."""

    def replies(self, receipts: Sequence[Receipt], *, since: datetime) -> Iterable[InboxMessage]:
        """Read what was answered to *receipts* after *since*, in the network's batch size, but for our own."""


@runtime_checkable
class HasMentions(Protocol):
    """A network that tells where others named us."""

    def mentions(self, *, since: datetime) -> Iterable[InboxMessage]:
        """Read the mentions of our account after *since*, newest first; replies to our own posts are not among them."""


@runtime_checkable
class HasDemographics(Protocol):
    """A network that tells who our followers are, in groups."""

    def demographics(self) -> Iterable[Share]:
        """Read the groups of our followers; empty where there are too few for the network to tell."""


@runtime_checkable
class HasTrends(Protocol):
    """A network that tells what is talked about."""

    def trends(self) -> Iterable[Trend]:
        """Read what is talked about now, in the network's own order."""


# What adapters that speak HTTP share. Free functions: an adapter is read from top to bottom, with no base class behind.

SOONEST = timedelta(seconds=1)
LATEST = timedelta(hours=6)
DEFAULT_WAIT = timedelta(minutes=5)
"""How long to wait when a network does not say."""

_EPOCH = re.compile(r"\d{9,11}(?:\.\d{1,9})?")


def instant(text: object) -> datetime | None:
    """Read an RFC 3339 time (or an HTTP date) as an instant in UTC; None for anything else."""
    from email.utils import parsedate_to_datetime

    if not isinstance(text, str) or len(text) > 64:
        return None
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        try:
            read = parsedate_to_datetime(text)
        except (ValueError, TypeError, IndexError):
            return None
    try:
        return read.astimezone(UTC) if read.tzinfo else None
    except (OverflowError, ValueError):
        return None


def rfc3339(at: datetime) -> str:
    """Write an instant as RFC 3339 in UTC, with milliseconds."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def wait_of(headers: Mapping[str, str], *, default: timedelta = DEFAULT_WAIT) -> timedelta:
    """Return how long a server wants us to wait, between SOONEST and LATEST.

    Reads `Retry-After` (seconds or a date), then `X-RateLimit-Reset` and `RateLimit-Reset` (a date on Mastodon, seconds
    since 1970 on Bluesky). Dates are compared with the answer's own `Date`, so that no clock of ours takes part.
    """
    wait: timedelta | None = None
    for name in ("Retry-After", "X-RateLimit-Reset", "RateLimit-Reset"):
        text = headers.get(name, "").strip()
        if name == "Retry-After" and text.isascii() and text.isdigit():
            wait = timedelta(seconds=min(int(text[:9]), 10**8))
        elif text:
            now = instant(headers.get("Date"))
            until = datetime.fromtimestamp(float(text), UTC) if _EPOCH.fullmatch(text) else instant(text)
            wait = until - now if until and now else None
        if wait is not None:
            return min(max(wait, SOONEST), LATEST)
    return min(max(default, SOONEST), LATEST)


def address_of(login: Login, *, default: str = "") -> str:
    """Return the host of a login as an address without a path; raises CredentialsError.

    A token goes over https, or over plain http to this very machine: never in the clear over a network.
    """
    from urllib.parse import urlsplit

    host = (login.host or default).strip().rstrip("/")
    hint = f"Write `host: https://…` in the file of channel {login.channel}."
    parts = urlsplit(web_address(host))
    if not parts.hostname or parts.path or parts.query or parts.fragment:
        raise CredentialsError(f"Channel {login.channel} has no host that can be asked.", hint=hint)
    if parts.scheme != "https" and parts.hostname not in {"localhost", "127.0.0.1", "::1"}:
        raise CredentialsError(f"The token of channel {login.channel} may not travel without encryption.", hint=hint)
    return host


def web_address(value: object) -> str:
    """Return *value* when it is an http(s) address a person can open, else an empty text."""
    from urllib.parse import urlsplit

    if not isinstance(value, str) or len(value) > 2000 or not value.isprintable() or " " in value:
        return ""
    try:
        parts = urlsplit(value)
        proper = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.username is None
    except ValueError:
        return ""
    return value if proper else ""


def read_error(response: Response, place: str, *, code: str = "") -> NetworkError:
    """Say what a refused *read* means: a read changes nothing, so its outcome is never unknown."""
    word = code or str(response.status)
    if response.status in {401, 403}:
        return NotAllowed(f"{place} refuses our credentials ({word}).", hint="Make a new token.", code=word)
    return TryLater(f"{place} cannot be read now ({word}).", after=wait_of(response.headers), code=word)


def unread(error: HttpError, place: str) -> TryLater:
    """Say what a *read* without an answer means."""
    return TryLater(f"{place} cannot be read now: {error.message}", after=DEFAULT_WAIT, hint=error.hint)


def not_found_out(error: NetworkError) -> Unknown:
    """Say of a look that failed that it proved nothing."""
    return Unknown(error.message, hint=error.hint, code=error.code)


def too_much(counted: Iterable[Count]) -> str:
    """Return in words which limits are exceeded; an empty text when none is."""
    return "; ".join(
        f"{count.what} is {count.used} {count.unit}, {count.limit} fit" for count in counted if count.used > count.limit
    )


def chosen(option: Option, given: Mapping[str, Any]) -> str:
    """Return what a post says for *option*, in one word; empty when it says nothing.

    YAML's true and false are yes and no. Raises Rejected for a value that the option does not take.
    """
    value = given.get(option.name)
    if value is None:
        return ""
    word = {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value).strip()
    if option.values and word not in option.values:
        raise Rejected(
            f"`{option.name}` takes {', '.join(option.values)}.", hint="Correct it under `params:`.", code="option"
        )
    return word
