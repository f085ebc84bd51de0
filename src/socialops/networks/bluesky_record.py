"""What Bluesky keeps and how: record keys, the links in a text, and the session that writes.

Sources: lexicons of bluesky-social/atproto (2026-08), atproto.com/specs/tid, docs.bsky.app (rich text).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from socialops.content.text import graphemes, utf8_length
from socialops.networks.base import web_address
from socialops.networks.draft import Span

_DIGITS = "234567abcdefghijklmnopqrstuvwxyz"
TID = re.compile(r"[234567abcdefghij][234567abcdefghijklmnopqrstuvwxyz]{12}")
DID = re.compile(r"(?=.{1,2048}\Z)did:[a-z]+:[A-Za-z0-9._:%-]*[A-Za-z0-9._-]")
CID = re.compile(r"(?!Qmb)[A-Za-z0-9+=]{8,256}")

# --- Record keys ------------------------------------------------------------------------------------------------------


def tid(microseconds: int, clock: int) -> str:
    """Write a record key: 53 bits of microseconds since 1970 and 10 bits of clock, in 13 sortable characters."""
    number = (microseconds & (1 << 53) - 1) << 10 | clock & 1023
    return "".join(_DIGITS[number >> shift & 31] for shift in range(60, -1, -5))


def tid_instant(key: str) -> datetime:
    """Return the instant a record key was made at; raises ValueError when it is no record key."""
    if not TID.fullmatch(key):
        raise ValueError(f"{key!r} is not a record key")
    number = 0
    for digit in key:
        number = number << 5 | _DIGITS.index(digit)
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=number >> 10)


# --- Rich text --------------------------------------------------------------------------------------------------------


def facets(text: str, spans: Sequence[Span], dids: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return what makes links, tags and mentions of stretches of *text*, in the order they stand.

    Offsets become bytes of UTF-8. A mention whose handle is not in *dids* stays plain text, and so does whatever does
    not lie inside the text, overlaps the one before, or is longer than the lexicon lets a tag be.
    """
    made: list[dict[str, Any]] = []
    done = 0
    for span in sorted(spans, key=lambda span: (span.start, span.end)):
        if not done <= span.start < span.end <= len(text):
            continue
        feature: dict[str, str] | None = None
        if span.kind == "link" and web_address(span.target):
            feature = {"$type": "app.bsky.richtext.facet#link", "uri": span.target}
        elif span.kind == "tag" and 0 < graphemes(span.target) <= 64 and utf8_length(span.target) <= 640:
            feature = {"$type": "app.bsky.richtext.facet#tag", "tag": span.target}
        elif span.kind == "mention" and span.target in dids:
            feature = {"$type": "app.bsky.richtext.facet#mention", "did": dids[span.target]}
        if feature:
            index = {"byteStart": utf8_length(text[: span.start]), "byteEnd": utf8_length(text[: span.end])}
            made.append({"$type": "app.bsky.richtext.facet", "index": index, "features": [feature]})
            done = span.end
    return made


# --- Sessions ---------------------------------------------------------------------------------------------------------


class Session:
    """Who we are, the token for a while, and where our repository lies."""

    __slots__ = ("access", "did", "handle", "home", "refresh")

    def __init__(self, answer: Mapping[str, Any], host: str) -> None:
        self.did = str(answer["did"])
        self.handle = str(answer.get("handle") or "")
        self.access = str(answer["accessJwt"])
        self.refresh = str(answer["refreshJwt"])
        self.home = _home(answer.get("didDoc"), self.did, host)


def session_of(answer: object, host: str) -> Session | None:
    """Return the session that an answer opens; None for anything else."""
    if not isinstance(answer, dict) or not DID.fullmatch(str(answer.get("did"))):
        return None
    tokens = (answer.get("accessJwt"), answer.get("refreshJwt"))
    return Session(answer, host) if all(isinstance(token, str) and token for token in tokens) else None


def _home(document: object, did: str, host: str) -> str:
    """Return the server that keeps the account, as its DID document names it; *host* when that names none to trust.

    The token goes to no other place: the document must be the account's own, and the address https without a path.
    """
    services = document.get("service") if isinstance(document, dict) and document.get("id") == did else None
    for service in services if isinstance(services, list) else ():
        if not isinstance(service, dict) or service.get("type") != "AtprotoPersonalDataServer":
            continue
        address = web_address(service.get("serviceEndpoint")).rstrip("/")
        parts = urlsplit(address)
        named = service.get("id") in {"#atproto_pds", f"{did}#atproto_pds"}
        bare = parts.hostname and not (parts.path or parts.query or parts.fragment)
        # A login over plain http is one to this very machine, and stays there.
        if named and bare and parts.scheme == "https" and host.startswith("https:"):
            return address
    return host
