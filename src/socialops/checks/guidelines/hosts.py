"""Rules about where links lead: hosts that are fine, hosts that are not, and those that only look like ours."""

from __future__ import annotations

import contextlib
import functools
import unicodedata
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from socialops.checks.guidelines.hearing import At, Finding, Hearing

if TYPE_CHECKING:
    from socialops.content.guidelines import BrandRule

# Letters that are drawn like a Latin one, or stand for it in addresses that deceive (after Unicode TS 39's skeletons;
# a choice for host names: letters, digits and the hyphen).
_LOOKS = str.maketrans(
    {
        **dict(zip("аеорсухіјѕһԁԛԝӏьгпԍвмнкт", "aeopcyxijshdqwlbrngbmhkt", strict=True)),
        **dict(zip("αορνικυετχγω", "aopvikuetxyw", strict=True)),
        **dict(zip("ıłɩɡɑƅ", "iligab", strict=True)),
        **dict(zip("0135", "oles", strict=True)),
    }
)
_PAIRS = (("rn", "m"), ("vv", "w"), ("cl", "d"), ("-", ""))


def judge_hosts(rule: BrandRule, hearing: Hearing) -> Iterator[Finding]:
    """Hold every link of a post against a rule."""
    settings = rule.settings
    for target, locate in _links(hearing):
        host = host_of(target)
        if not host:
            continue
        if settings.ours and not _below(host, settings.ours):
            meant = looks_like(host, settings.ours)
            if meant:
                hint = f"Write {meant}; if it is another site of ours, add it to `ours:`."
                yield Finding(locate(), f"{_shown(host)} only looks like {meant}.", hint)
                continue
        if settings.forbidden and _below(host, settings.forbidden):
            yield Finding(locate(), f"We do not link to {_shown(host)}.", "Link to another page, or to none.")
        elif settings.allowed and not _below(host, (*settings.allowed, *settings.ours)):
            listed = ", ".join((*settings.ours, *settings.allowed)[:8])
            yield Finding(locate(), f"{_shown(host)} is not among the sites we link to.", f"These are: {listed}.")


def _links(hearing: Hearing) -> Iterator[tuple[str, Callable[[], At]]]:
    """Yield each link, and what tells where it stands."""
    entry = hearing.variant.entry.channel
    for passage in hearing.passages:
        for span in passage.spans:
            if span.kind == "link":
                yield span.target, functools.partial(passage.locate, span.start, span.end)
    if hearing.variant.link:
        yield hearing.variant.link, functools.partial(hearing.case.at_entry, entry, "link")


@functools.lru_cache(maxsize=1024)
def host_of(url: str) -> str:
    """Return the host of an address as readers see it: small letters, punycode written out; empty when it has none."""
    try:
        host = (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""
    labels = []
    for label in host.split("."):
        if label.startswith("xn--"):
            with contextlib.suppress(UnicodeError, ValueError):
                label = label[4:].encode("ascii").decode("punycode")  # noqa: PLW2901 - the same label, readable
        labels.append(label)
    return unicodedata.normalize("NFKC", ".".join(labels)).casefold()


def _shown(host: str) -> str:
    return host[:80]


def _below(host: str, hosts: tuple[str, ...]) -> bool:
    names = (_plain(name) for name in hosts)
    return any(host == name or host.endswith(f".{name}") for name in names)


@functools.lru_cache(maxsize=1024)
def _plain(name: str) -> str:
    return host_of(name if "://" in name else f"https://{name}").removeprefix("www.")


@functools.lru_cache(maxsize=4096)
def skeleton(host: str) -> str:
    """Return what a host looks like at a glance: two hosts with one skeleton are taken for each other."""
    decomposed = unicodedata.normalize("NFD", host)
    bare = "".join(sign for sign in decomposed if not unicodedata.combining(sign)).translate(_LOOKS)
    for pair, one in _PAIRS:
        bare = bare.replace(pair, one)
    return bare


@functools.lru_cache(maxsize=4096)
def looks_like(host: str, ours: tuple[str, ...]) -> str:
    """Return which of our hosts *host* could be taken for; empty: none.

    It could when it is drawn alike, when one letter was added, left out, changed or swapped with its neighbour (in
    names of six letters or more), when the same name stands under another ending, or when ours stands before another
    name: `ours.example.elsewhere.net`.
    """
    for name in map(_plain, ours):
        if host == name or host.endswith(f".{name}"):
            continue
        labels, own = host.split("."), name.split(".")
        size = len(own)
        tail = ".".join(labels[-size:])
        if skeleton(tail) == skeleton(name) or f".{name}." in f".{host}.":
            return name
        brand = own[-2] if size > 1 else own[0]
        if len(brand) < 6:
            continue
        seen = skeleton(brand)
        for label in labels[:-1]:
            found = skeleton(label)
            if found == seen or _one_step(found, seen):
                return name
            if label != brand and len(labels) == 2 and found.startswith(seen) and "-" in label:
                return name
    return ""


def _one_step(one: str, other: str) -> bool:
    """Tell whether two words differ by one letter more, less, changed, or by two neighbours swapped."""
    if abs(len(one) - len(other)) > 1 or one == other:
        return False
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    a, b = one[start:], other[start:]
    if len(a) == len(b):
        return a[1:] == b[1:] or (a[:2] == b[1::-1] and a[2:] == b[2:])
    longer, shorter = (a, b) if len(a) > len(b) else (b, a)
    return longer[1:] == shorter
