"""Handles: how each network names an account, and how a text shows that somebody is named."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Naming:
    """How a network names people.

    *shape* is what a handle looks like, None where anything may be one. *shows* says what stands in the text: the
    handle itself; the plain name, with the handle behind it for the network alone; or the plain name and nothing else,
    where the network lets nobody be named by a program.
    """

    shape: re.Pattern[str] | None
    example: str
    shows: Literal["handle", "name", "words"] = "handle"


NAMING: Mapping[str, Naming] = {
    "mastodon": Naming(None, "@name@server.example"),
    "bluesky": Naming(None, "@name.example"),
    "x": Naming(re.compile(r"\w{1,15}", re.ASCII), "@name"),
    "instagram": Naming(re.compile(r"[\w.]{1,30}", re.ASCII), "@name"),
    "threads": Naming(re.compile(r"[\w.]{1,30}", re.ASCII), "@name"),
    "tiktok": Naming(re.compile(r"[\w.]{2,24}", re.ASCII), "@name"),
    "telegram": Naming(re.compile(r"\w{4,32}", re.ASCII), "@name"),
    "youtube": Naming(re.compile(r"[\w.·-]{3,30}"), "@name"),
    "matrix": Naming(re.compile(r"[a-z0-9._=/+-]+:[A-Za-z0-9.-]+(?::\d{1,5})?"), "@name:server.example"),
    "linkedin": Naming(
        re.compile(r"urn:li:(?:organization|person):[A-Za-z0-9_-]{1,64}"), "urn:li:organization:1234", "name"
    ),
    "discord": Naming(re.compile(r"[1-9]\d{14,19}", re.ASCII), "a user's number: 80351110224678912", "name"),
    "slack": Naming(re.compile(r"[UW][A-Z0-9]{5,20}"), "a member's id: U012AB3CD", "name"),
    "facebook": Naming(None, "nothing: a program can name nobody there", "words"),
    "email": Naming(None, "nothing: nobody can be named in a mail", "words"),
}
"""Network → how it names people; another's handles stand in the text as they are.

Sources: the networks' own documents on mentions, as of 2026-11; LinkedIn's and Discord's forms are those that its
little text and `<@…>` take.
"""
_OTHER = Naming(None, "@name")


def naming(network: str) -> Naming:
    """Return how a network names people."""
    return NAMING.get(network, _OTHER)


def handle_on(network: str, known: Mapping[str, str]) -> str:
    """Return the handle, without its `@`, that `brand/handles.yml` gives a name on a network.

    Empty where there is none, or none that the network could understand.
    """
    handle = str(known.get(network) or "").strip().removeprefix("@")
    shape = naming(network).shape
    return handle if shape is None or shape.fullmatch(handle) else ""
