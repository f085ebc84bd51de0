"""Tokens of sixty days that a run makes new in good time: those of Instagram Login and of Threads.

Such a token becomes a new one by itself, when it is a day old and has not ended; the old one goes on working till its
own end. So nothing is ever lost, and nothing waits for a renewal: what goes wrong with it is said, and the token there
is goes on. The new token is in a file of ours, whole and flushed, before anything is done with it; the secret that a
person stored stays what it was, and a newer secret takes the place of both.

Where nothing that is written outlives the run, a token is not renewed: the new one would be gone with the job, and a
person has to store one in time.

Source: developers.facebook.com/docs/instagram-platform (refresh_access_token) and
/docs/threads/get-started/long-lived-tokens.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from socialops.errors import CredentialsError, HttpError, NotAllowed
from socialops.http import Http
from socialops.networks.authorization import renew
from socialops.networks.grants import Grant
from socialops.networks.tokens import Store, Tokens, fingerprint

LIFETIME = timedelta(days=60)
RENEWED_BEFORE = timedelta(days=30)
"""A token with less than this left is made new: three weeks of tries before its last week begins."""
NEXT_TRY = timedelta(hours=24)
"""How long a renewal that came to nothing is not tried again: a token must be a day old, too."""


def kept(secret: str, store: Store, ends: datetime | None = None) -> Tokens:
    """Return the token that is the newest: what was kept for this very secret, else the secret itself.

    *ends* is when the secret ends, where a person wrote that down. Raises CredentialsError for a file that cannot be
    read.
    """
    found = store.read()
    mine = fingerprint(secret)
    return found if found.access and found.origin == mine else Tokens(access=secret, expires=ends, origin=mine)


def in_time(
    channel: str, grant: Grant, secret: str, http: Http, store: Store, now: datetime, *, ends: datetime | None = None
) -> tuple[Tokens, str]:
    """Return the channel's token, made new where it is time, and what went wrong with that, in words; never raises.

    *secret* is the token as a person stored it. One run asks; others that come meanwhile go on with the token there is,
    which works, or with the new one.
    """
    tokens = Tokens(access=secret, expires=ends, origin=fingerprint(secret))
    try:
        tokens = kept(secret, store, ends)
        if not is_due(tokens, now):
            return tokens, ""
        with store.locked():
            tokens = kept(secret, store, ends)
            return (_renewed(grant, tokens, http, store, now) if is_due(tokens, now) else tokens), ""
    except (CredentialsError, HttpError, NotAllowed) as error:
        when = f" It ends on {tokens.expires:%Y-%m-%d}." if tokens.expires else ""
        return tokens, (
            f"The token of {channel} could not be renewed: {error.message} The one there is goes on; the next try is "
            f"in a day.{when} `socialops login {channel} --renew` tries at once."
        )


def is_due(tokens: Tokens, now: datetime) -> bool:
    """Tell whether it is time to make a token new; one whose end nobody knows is made new to know it."""
    if tokens.asked is not None and now - tokens.asked < NEXT_TRY:
        return False
    # One that has ended by what a person wrote down is asked about all the same: it may be a newer one.
    return tokens.expires is None or tokens.expires - now < RENEWED_BEFORE


def _renewed(grant: Grant, before: Tokens, http: Http, store: Store, now: datetime) -> Tokens:
    if store.read().origin not in {"", before.origin}:
        store.set_aside()
    # Before the network is asked: this proves that the file can be written, and keeps the next try a day away.
    store.write(replace(before, asked=now))
    given = renew(http, grant, before.access, now)
    after = Tokens(access=given.access, expires=given.expires or now + LIFETIME, origin=before.origin)
    store.write(after)
    return after
