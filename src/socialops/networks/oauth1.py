"""OAuth 1.0a with HMAC-SHA1: how a request is signed with four secrets, none of which travels with it.

Pure: the nonce and the time are given. Bodies that are no forms (JSON, multipart) are not part of the signature.

Source: RFC 5849, sections 3.4 and 3.5.1.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote, unquote_plus, urlsplit

Pairs = Sequence[tuple[str, str]]
"""Parameters, decoded; a name may be there more than once."""


@dataclass(frozen=True, slots=True)
class Keys:
    """What signs a request: the application's key and secret, and the account's token and secret.

    Without a token (the first step of a login) the last two are empty.
    """

    consumer_key: str = field(repr=False)
    consumer_secret: str = field(repr=False)
    token: str = field(default="", repr=False)
    token_secret: str = field(default="", repr=False)


def authorization(
    method: str,
    url: str,
    keys: Keys,
    *,
    nonce: str,
    timestamp: int,
    form: Pairs = (),
    extra: Pairs = (),
    realm: str = "",
) -> str:
    """Return the `Authorization` header of one request.

    *url* has its query; *form* are the fields of a form in the body; *extra* are protocol parameters of a login
    (`oauth_callback`, `oauth_verifier`). A nonce is never used twice.
    """
    protocol = [
        ("oauth_consumer_key", keys.consumer_key),
        ("oauth_nonce", nonce),
        ("oauth_signature_method", "HMAC-SHA1"),
        ("oauth_timestamp", str(timestamp)),
        *([("oauth_token", keys.token)] if keys.token else ()),
        ("oauth_version", "1.0"),
        *extra,
    ]
    signed = signature(base_string(method, url, [*protocol, *form]), keys.consumer_secret, keys.token_secret)
    shown = sorted([*protocol, ("oauth_signature", signed)])
    words = [f'{encoded(name)}="{encoded(value)}"' for name, value in shown]
    return "OAuth " + ", ".join([f'realm="{realm}"', *words] if realm else words)


def signature(base: str, consumer_secret: str, token_secret: str = "") -> str:
    """Sign a base string (RFC 5849, section 3.4.2)."""
    key = f"{encoded(consumer_secret)}&{encoded(token_secret)}"
    # The algorithm is X's choice; HMAC does not rest on what is broken in SHA-1.
    return base64.b64encode(hmac.new(key.encode(), base.encode(), hashlib.sha1).digest()).decode("ascii")


def base_string(method: str, url: str, parameters: Iterable[tuple[str, str]]) -> str:
    """Return what is signed (RFC 5849, section 3.4.1): the method, the address, and all parameters in order."""
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port
    if port and port != {"http": 80, "https": 443}.get(parts.scheme):
        host = f"{host}:{port}"
    pairs = [*_query(parts.query), *parameters]
    listed = "&".join(f"{name}={value}" for name, value in sorted((encoded(n), encoded(v)) for n, v in pairs))
    address = f"{parts.scheme}://{host}{parts.path or '/'}"
    return "&".join((method.upper(), encoded(address), encoded(listed)))


def encoded(text: str) -> str:
    """Encode as RFC 5849, section 3.6: all but letters, digits and `-._~` as bytes of UTF-8 in upper case."""
    return quote(text, safe="~")


def with_query(url: str, pairs: Iterable[tuple[str, str]]) -> str:
    """Return *url* with a query that is encoded as it is signed, so that no two programs read it differently."""
    query = "&".join(f"{encoded(name)}={encoded(value)}" for name, value in pairs)
    return f"{url}?{query}" if query else url


def _query(query: str) -> list[tuple[str, str]]:
    pairs = [pair.partition("=") for pair in query.split("&") if pair]
    return [(unquote_plus(name), unquote_plus(value)) for name, _, value in pairs]
