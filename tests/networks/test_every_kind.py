"""Every kind that the limits of a network name goes out there, and is found again where the network can be read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest

from networks.contract import SINCE, text, with_pictures
from networks.fakes import SECRET
from networks.instagram_stage import connected as instagram_connected
from networks.instagram_stage import film as moving
from networks.instagram_stage import hosted
from networks.linkedin_stage import KEY as LINKEDIN_KEY
from networks.linkedin_stage import page as linkedin_page
from networks.linkedin_stage import video as linkedin_video
from networks.stub_facebook import StubFacebook
from networks.stub_instagram import StubInstagram
from networks.stub_linkedin import StubLinkedIn
from networks.test_threads import Profile
from networks.test_threads import film as threads_film
from socialops.errors import Unknown
from socialops.http import Http
from socialops.networks import default_limits
from socialops.networks.base import Login, Network, TwoStep
from socialops.networks.draft import Card, Part, Poll, Receipt, Span
from socialops.networks.facebook import Facebook

LINK = "https://example.org/kış"
Connected = tuple[Network, Callable[[Part], Part], str]
UNREADABLE = {"story"}
"""Kinds of which no look can prove anything: they have no words."""


def facebook() -> Connected:
    http = Http(transport=httpx.MockTransport(StubFacebook()))
    return Facebook(Login("page", "lumenvelo", "", SECRET), http, wait=lambda _: None), lambda part: part, "k"


def instagram() -> Connected:
    server = StubInstagram()
    return instagram_connected(server)[0], lambda part: hosted(server, part), "k"


def threads() -> Connected:
    profile = Profile()
    return profile.network, lambda part: part, "0123abcd" * 8


def linkedin() -> Connected:
    return linkedin_page(StubLinkedIn()), lambda part: part, LINKEDIN_KEY


NETWORKS: dict[str, Callable[[], Connected]] = {
    "facebook": facebook,
    "instagram": instagram,
    "threads": threads,
    "linkedin": linkedin,
}
FILMS: dict[str, Callable[[str], Part]] = {
    "facebook": lambda kind: moving(kind, "" if kind == "story" else "Ride on"),
    "instagram": lambda kind: moving(kind, "" if kind == "story" else "Ride on"),
    "threads": lambda kind: replace(threads_film(), kind=kind),
    "linkedin": lambda kind: replace(linkedin_video(), kind=kind),
}
CASES = [(name, kind) for name in NETWORKS for kind in default_limits(name).texts("kinds")]


def part_of(network: str, kind: str) -> Part:
    """Return the least that is of a kind."""
    if kind in {"video", "reel", "story"}:
        return FILMS[network](kind)
    changes: dict[str, Any] = {"kind": kind}
    if kind in {"image", "carousel"}:
        return replace(with_pictures(*(["A lamp"] if kind == "image" else ["A lamp", "A bell"])), **changes)
    if kind == "poll":
        changes["poll"] = Poll(("Evet", "Hayır"), 86_400)
    if kind == "link":
        changes["spans"] = (Span(9, 9 + len(LINK), "link", LINK),)
        return text(f"Read on: {LINK}", **changes)
    if kind == "article":
        changes["card"] = Card(LINK, "Kış") if network == "linkedin" else None
        return text("Kış geldi\n\nUzun bir yazı.", **changes)
    return text("Kış geldi", **changes)


@pytest.mark.parametrize(("network", "kind"), CASES)
def test_every_kind_that_the_limits_name_goes_out_and_is_found(network: str, kind: str) -> None:
    ours, dressed, key = NETWORKS[network]()
    part = dressed(part_of(network, kind))
    handle = ours.prepare(part, key=key) if isinstance(ours, TwoStep) else ""
    part = replace(part, handle=handle)
    receipt = ours.publish(part, key=key)
    assert isinstance(receipt, Receipt)
    assert receipt.url.startswith("https://")
    looked_for = replace(part, uploads=())
    if network == "facebook" and kind in UNREADABLE:
        with pytest.raises(Unknown):
            ours.find(looked_for, key=key, since=SINCE)
        return
    assert ours.find(looked_for, key=key, since=SINCE) == receipt


def test_the_kinds_are_those_that_the_networks_have() -> None:
    assert {kind for _, kind in CASES} == {
        "text", "image", "carousel", "video", "reel", "story", "poll", "thread", "link", "article",
    }  # fmt: skip
