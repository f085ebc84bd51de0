"""What people decide about a delivery that no machine can settle: it is there, send it again, leave it.

A decision is recorded like a claim: it is pushed, and git's refusal tells who was first. So of two people who decide at
once one wins, and the other is told what the delivery became.
"""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from socialops.errors import GitError, PushRejected, Unknown, UsageError
from socialops.networks.base import web_address
from socialops.networks.draft import Receipt
from socialops.problem import nearest
from socialops.publishing.claim import open_store
from socialops.publishing.happened import Ask, Cancel, Retry, Yes
from socialops.publishing.ledger import Ledger, Name, write_delivery
from socialops.publishing.machine import (
    Delivery,
    Event,
    Rules,
    State,
    after,
    first_unsettled,
    instant,
    last_event,
    part_states,
    receipts_of,
    stamp,
    state_of,
)

if TYPE_CHECKING:
    from socialops.content.channel import Channel
    from socialops.workspace import Workspace

MOST_TRIES = 10
"""How often a decision is brought onto what others wrote about other deliveries meanwhile."""
_WEB = {
    "bluesky": ("bsky.app",),
    "linkedin": ("linkedin.com",),
    "x": ("x.com", "twitter.com"),
    "facebook": ("facebook.com",),
    "instagram": ("instagram.com",),
    "threads": ("threads.net", "threads.com"),
    "tiktok": ("tiktok.com",),
    "youtube": ("youtube.com", "youtu.be"),
    "telegram": ("t.me",),
    "discord": ("discord.com",),
    "slack": ("slack.com",),
    "matrix": ("matrix.to",),
}
"""Where a person sees what is published on a network, beside the channel's own host."""
_HOSTED = ("mastodon",)
"""Networks that are seen only at the channel's own host, and whose addresses end in the post's id."""
_ACCOUNT = {
    "mastodon": re.compile(r"/(?:@|users/)(?P<account>[^/]+)/"),
    "bluesky": re.compile(r"/profile/(?P<account>[^/]+)/post/"),
}
"""Where an address tells whose post it is; other servers of the same kind have other addresses, which tell nothing."""
_RECORD = re.compile(r"/profile/(?P<did>did:[a-z]+:[A-Za-z0-9._:-]+)/post/(?P<key>[a-z2-7]{13})/?")

Look = Callable[[Delivery, int], "Receipt | None"]
"""Asks the network for a part; None: it was not found, or could not be asked. Raises Unknown for more than one."""


@dataclass(frozen=True, slots=True)
class Sent:
    """It is there, at these addresses: one for each part that is not known to be there, in their order."""

    urls: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Again:
    """It is not there: send what was claimed. The network is asked first, and what it shows counts more."""


@dataclass(frozen=True, slots=True)
class Leave:
    """Send nothing of it any more."""


Choice = Sent | Again | Leave


# --- which delivery? ------------------------------------------------------------------------------------------------


def delivery_of(ledger: Ledger, name: Name, known: Collection[Name] = ()) -> Delivery:
    """Return the delivery of that name; raises UsageError with the name that was probably meant.

    *known* are the names that the posts of the repository make, whether or not they were claimed.
    """
    post, channel = name
    if name in ledger.faults:
        raise UsageError(
            f"{post} on {channel} cannot be decided: {ledger.faults[name]}.",
            hint="Restore the file from the data branch's history first (git log shows when it changed).",
        )
    if name in ledger.deliveries:
        return ledger.deliveries[name]
    names = {*ledger.deliveries, *known}
    if name in names:
        raise UsageError(
            f"{post} was never claimed for {channel}, so there is nothing to decide.",
            hint="To keep it from going out, write `draft: true` in the post, or take the channel out of it.",
        )
    posts = sorted({other for other, _ in names})
    if post not in posts:
        meant = nearest(post, posts)
        raise UsageError(f"There is no post {post!r}.", hint=f"Did you mean {meant!r}?" if meant else "")
    channels = sorted(other for identity, other in names if identity == post)
    meant = nearest(channel, channels)
    raise UsageError(
        f"{post} does not go to {channel!r}.",
        hint=f"Did you mean {meant!r}?" if meant else f"It goes to {', '.join(channels)}.",
    )


# --- what follows? --------------------------------------------------------------------------------------------------


def decided(
    delivery: Delivery,
    choice: Choice,
    who: str,
    now: datetime,
    rules: Rules,
    *,
    channel: Channel | None = None,
    taken: Collection[str] = (),
    look: Look = lambda _delivery, _part: None,
) -> Delivery:
    """Return the delivery as a person decided about it; raises UsageError for a decision that makes no sense.

    *channel* is what its file says, None when it is no longer in the repository; *taken* are the addresses that are
    recorded for other deliveries; *look* finds the network's own receipt for an address.
    """
    _decidable(delivery, choice, now, rules)
    if isinstance(choice, Sent):
        return _there(delivery, choice.urls, who, now, rules, channel, taken, look)
    if isinstance(choice, Again):
        delivery = _looked_for(delivery, who, now, rules, taken, look)
        if first_unsettled(delivery) is None:
            return delivery
    part = first_unsettled(delivery) or 0
    if state_of(delivery) in (State.INTENT, State.UNKNOWN, State.DEFERRED):
        delivery = after(delivery, part, Ask(f"{who or 'a person'} looked"), now, rules)
    return after(delivery, part, Retry(who) if isinstance(choice, Again) else Cancel(who), now, rules)


def _looked_for(
    delivery: Delivery, who: str, now: datetime, rules: Rules, taken: Collection[str], look: Look
) -> Delivery:
    """Record the parts that the network shows after all: sent on a person's word they would be there twice."""
    others = {_essence(url, delivery) for url in (*taken, *(receipt.url for receipt in receipts_of(delivery)))}
    while (part := first_unsettled(delivery)) is not None:
        try:
            found = look(delivery, part)
        except Unknown as error:
            raise UsageError(
                f"{error.message.rstrip('.')}, so nothing is sent again.",
                hint=f"Look which of them is ours: socialops resolve {delivery.post} {delivery.channel} --sent URL. "
                "To leave it as it is: --cancel.",
            ) from error
        if found is None or _essence(found.url, delivery) in others:
            return delivery
        others.add(_essence(found.url, delivery))
        delivery = after(delivery, part, Yes(found, "reconcile", who), now, rules)
    return delivery


def _decidable(delivery: Delivery, choice: Choice, now: datetime, rules: Rules) -> None:
    state, name = state_of(delivery), f"{delivery.post} on {delivery.channel}"
    if state is State.CONFIRMED:
        receipts = receipts_of(delivery)
        raise UsageError(
            f"{name} is published: {receipts[0].url if receipts else 'its address is not known'}",
            hint=f"To take it down: socialops unpublish {delivery.post} {delivery.channel}",
        )
    if state is State.REMOVED or first_unsettled(delivery) is None:
        raise UsageError(
            f"{name} was published and taken down.", hint="To say it again, write a new post with its own id."
        )
    lease = _lease_until(delivery)
    if lease is not None and lease > now:
        raise UsageError(
            f"A run is sending {name} now; its claim holds until {stamp(lease)}.",
            hint="Wait until then, and run `socialops publish`: it finds out what became of it.",
        )
    if state is State.CANCELLED and isinstance(choice, Leave):
        raise UsageError(f"{name} is cancelled already{_by(delivery)}.", hint="To send it after all: --retry.")
    waits = state in (State.DEFERRED, State.PLANNED) and State.CONFIRMED not in part_states(delivery)
    if isinstance(choice, Again) and waits:
        raise UsageError(
            f"{name} was not sent yet{_by(delivery)}, and is tried again by itself.",
            hint="`socialops plan` says when. To stop it: --cancel.",
        )
    sent = _perhaps_sent_at(delivery)
    if isinstance(choice, Again) and sent is not None and sent + rules.settle + rules.clocks_differ > now:
        later = stamp(sent + rules.settle + rules.clocks_differ)
        raise UsageError(
            f"{name} may still be on its way.", hint=f"Look again after {later}; if it is not there then, --retry."
        )


def _perhaps_sent_at(delivery: Delivery) -> datetime | None:
    """Return when its first missing part was last in doubt: a slow server may still show it; None without a doubt."""
    part = first_unsettled(delivery)
    for event in reversed(delivery.events):
        if event.part == part and event.state is not State.ATTENTION:
            return instant(event.at) if event.state in (State.INTENT, State.UNKNOWN) else None
    return None


def _lease_until(delivery: Delivery) -> datetime | None:
    """Return how long a claim on a part holds that nobody has settled; None without one."""
    ends = [
        instant(event.detail["lease_until"])
        for part in range(len(part_states(delivery)))
        if (event := last_event(delivery, part)) is not None and event.state is State.INTENT
    ]
    return max(ends, default=None)


def _by(delivery: Delivery) -> str:
    who = delivery.events[-1].detail.get("who") if delivery.events else ""
    return f" (decided by {who})" if who else ""


def _there(
    delivery: Delivery,
    urls: Sequence[str],
    who: str,
    now: datetime,
    rules: Rules,
    channel: Channel | None,
    taken: Collection[str],
    look: Look,
) -> Delivery:
    """Record an address for each part that is not known to be there, in order."""
    missing = [
        part for part, state in enumerate(part_states(delivery)) if state not in (State.CONFIRMED, State.REMOVED)
    ]
    if len(urls) > len(missing):
        raise UsageError(
            f"{len(urls)} addresses are given, and {len(missing)} of its parts are not known to be there.",
            hint="Give one address for each part that is missing, in their order.",
        )
    known = {_essence(url, delivery) for url in (*taken, *(receipt.url for receipt in receipts_of(delivery)))}
    for part, url in zip(missing, urls, strict=False):
        address = checked_address(url, delivery, channel)
        if _essence(address, delivery) in known:
            raise UsageError(f"{address} is recorded already.", hint="Give the address of this very post.")
        known.add(_essence(address, delivery))
        receipt = _receipt(delivery, part, address, look)
        delivery = after(delivery, part, Yes(receipt, "human", who), now, rules)
    rest = first_unsettled(delivery)
    if rest is not None and delivery.network not in _HOSTED and not receipt.extra:
        raise UsageError(
            f"The rest of the thread would hang on {address}, which could not be looked up.",
            hint=f"Set the credentials of {delivery.channel}, or give the addresses of all parts, or --cancel it.",
        )
    return delivery


def checked_address(url: str, delivery: Delivery, channel: Channel | None) -> str:
    """Return the address of a post on the delivery's network; raises UsageError for any other text."""
    address = web_address(url.strip())
    place = _place(address)
    if not place or (delivery.network == "matrix" and not _last(place).startswith("$")):
        raise UsageError(
            f"{url[:200]!r} is not the address of a post.",
            hint="Open the post in a browser and copy its address: https://…",
        )
    hosts = _hosts(delivery, channel)
    host = urlsplit(address).hostname or ""
    if hosts and not any(host == known or host.endswith(f".{known}") for known in hosts):
        raise UsageError(
            f"{host} is not where {delivery.channel} publishes.",
            hint=f"A post on {delivery.channel} has an address at {' or '.join(sorted(hosts))}.",
        )
    _checked_account(urlsplit(address).path, delivery, channel)
    return address


def _checked_account(path: str, delivery: Delivery, channel: Channel | None) -> None:
    """Look that an address is one of our own account's, where it tells; raises UsageError."""
    shown = _ACCOUNT.get(delivery.network)
    found = shown.match(unquote(path)) if shown else None
    ours = channel.handle.lstrip("@").casefold() if channel is not None else ""
    if found is None or not ours:
        return
    account = found["account"].casefold()
    if account.startswith("did:"):
        repositories = {receipt.id.removeprefix("at://").partition("/")[0] for receipt in receipts_of(delivery)}
        fits = not repositories or account in repositories
    else:
        fits = account in {ours, ours.partition("@")[0]} if delivery.network in _HOSTED else account == ours
    if not fits:
        raise UsageError(
            f"That is a post of {found['account']}, and {delivery.channel} is {channel.handle if channel else ours}.",
            hint="Open our own post and copy its address. Was the account renamed? Then change `handle` in the "
            "channel's file first.",
        )


def _essence(url: str, delivery: Delivery) -> tuple[str, str]:
    """Return what two addresses of one post share, however they were copied."""
    place = _place(url)
    if delivery.network in ("bluesky", "matrix"):
        return "", _last(place)
    return (urlsplit(url).hostname or ""), (_last(place) if delivery.network in _HOSTED else place)


def _place(url: str) -> str:
    """Return what an address says after its host: the path, or, on matrix.to, what stands in its place after a `#`."""
    parts = urlsplit(url)
    return parts.path.rstrip("/") or (
        parts.fragment.partition("?")[0].rstrip("/") if parts.hostname == "matrix.to" else ""
    )


def _last(place: str) -> str:
    return unquote(place.rpartition("/")[2])


def _hosts(delivery: Delivery, channel: Channel | None) -> set[str]:
    """Return where a post of this channel can be seen; empty when that is not known."""
    known = set(_WEB.get(delivery.network, ()))
    if channel is not None and (known or delivery.network in _HOSTED):
        known.add(urlsplit(channel.host).hostname or "")
        known.add(channel.handle.lstrip("@").rpartition("@")[2] if delivery.network in _HOSTED else "")
    known |= {urlsplit(receipt.url).hostname or "" for receipt in receipts_of(delivery)} if known else set()
    return known - {""}


def _receipt(delivery: Delivery, part: int, address: str, look: Look) -> Receipt:
    """Return the network's own receipt for an address, or what the address tells."""
    try:
        found = look(delivery, part)
    except Unknown:  # more than one: the person says which it is
        found = None
    last = _last(_place(address))
    if found is not None and _last(_place(found.url)) == last:
        return found
    if found is not None and found.url:
        which = f"part {part + 1}" if len(part_states(delivery)) > 1 else "it"
        raise UsageError(
            f"{address} is another post: the network shows {which} at {found.url}",
            hint=f"If that is it: socialops resolve {delivery.post} {delivery.channel} --sent {found.url}",
        )
    record = _RECORD.fullmatch(urlsplit(address).path) if delivery.network == "bluesky" else None
    identity = f"at://{record['did']}/app.bsky.feed.post/{record['key']}" if record else last
    claim = last_event(delivery, part, State.INTENT)
    # It appeared when it was sent, not when somebody found it.
    return Receipt(identity, address, claim.at if claim else "")


# --- recording it ---------------------------------------------------------------------------------------------------


def resolve(
    workspace: Workspace,
    name: Name,
    decide: Callable[[Ledger, Delivery], Delivery],
    *,
    known: Collection[Name] = (),
    sleep: Callable[[float], None] = time.sleep,
    chance: Callable[[], float] = random.random,
    at: Callable[[str], None] = lambda _step: None,
) -> Delivery:
    """Bring the ledger up to date, decide about a delivery, record it and push it; return what it became.

    Raises UsageError when somebody else decided first, LedgerError or GitError when nothing could be recorded.
    """
    store = open_store(workspace, create=False, sleep=sleep, chance=chance, at=at)
    with store.lock():
        store.sync()
        for attempt in range(MOST_TRIES):
            ledger = Ledger.open(workspace)
            before = delivery_of(ledger, name, known)
            wanted = decide(ledger, before)
            if wanted.events == before.events:
                raise UsageError(f"{name[0]} on {name[1]} is {state_of(before)}; that decision changes nothing.")
            file = ledger.file_of(before)
            write_delivery(file, wanted)
            try:
                store.claim([file], f"resolve: {name[0]} on {name[1]}")
            except PushRejected:
                standing = Ledger.open(workspace).deliveries.get(name, before)
                if _holds(standing, wanted.events[len(before.events) :]):
                    return standing
                if standing.events != before.events:
                    raise UsageError(
                        f"Somebody was first: {name[0]} on {name[1]} is {state_of(standing)} now{_by(standing)}.",
                        hint="`socialops plan --attention` shows what is still to be decided.",
                    ) from None
                sleep(0.2 * attempt * chance())
            except GitError as error:
                raise GitError(
                    f"Your decision is written down on this machine, and could not be pushed: {error.message}",
                    hint="Nobody else knows of it yet. When the remote answers again, run: socialops plan. It takes "
                    "the decision along.",
                ) from error
            else:
                return wanted
    raise UsageError(
        "Others were quicker each time, so the decision was not recorded.", hint="Run the command again in a minute."
    )


def _holds(delivery: Delivery, events: Sequence[Event]) -> bool:
    """Tell whether a record holds these events, whatever numbers they have there."""
    held = [replace(event, seq=0) for event in delivery.events]
    return all(replace(event, seq=0) in held for event in events)
