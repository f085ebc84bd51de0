"""What a channel's file says of a LinkedIn account: whose it is, and which version of the API it speaks."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from socialops.errors import CredentialsError
from socialops.networks.base import Login

VERSION = re.compile(r"20[0-9]{2}(?:0[1-9]|1[0-2])")

_ORGANIZATION = re.compile(r"(?:urn:li:(?:organization|organizationBrand):)?([1-9][0-9]{0,18})")
_HERE = frozenset({"localhost", "127.0.0.1", "::1"})


def home_of(login: Login, home: str) -> str:
    """Return the address of the API: *home*, or a server on this very machine that `host:` names.

    Raises CredentialsError for any other: a change of `host:` must not send the token elsewhere.
    """
    host = login.host.strip().rstrip("/")
    if not host or host == home:
        return home
    parts = urlsplit(host)
    if parts.scheme != "http" or parts.hostname not in _HERE or parts.path or parts.query or parts.fragment:
        raise CredentialsError(
            f"The token of channel {login.channel} may only be sent to LinkedIn.",
            hint="Take `host:` out of the channel's file.",
        )
    return host


def organization_of(login: Login) -> str:
    """Return the number of the organisation that the channel is; an empty text for a member."""
    given = str(login.settings.get("organization") or "").strip()
    found = _ORGANIZATION.fullmatch(given)
    if given and not found:
        raise CredentialsError(
            f"Channel {login.channel} names no organisation that can be.",
            hint='Write its number under `params:` of the channel: `organization: "2414183"`.',
        )
    return found[1] if found else ""


def version_of(login: Login, default: str) -> str:
    """Return the version of the API to speak: the channel's own, else *default*."""
    given = str(login.settings.get("api_version") or default).strip()
    if not VERSION.fullmatch(given):
        raise CredentialsError(
            f"Channel {login.channel} names no version of LinkedIn's API.",
            hint=f'Write a year and a month under `params:` of the channel: `api_version: "{default}"`.',
        )
    return given
