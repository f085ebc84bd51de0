"""What people say to our accounts on Meta's networks, read a list at a time.

What others wrote is data here and nothing else: it is in no error, and in the `repr` of nothing.

Source: developers.facebook.com/docs/graph-api (batch-requests, results), and the references of the comments of a post
(Facebook), of an ig-media (Instagram) and of the replies of a post (Threads).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from socialops.errors import NotAllowed, TryLater
from socialops.networks.base import InboxMessage, instant, rfc3339, web_address
from socialops.networks.graph import BATCH, GONE, Graph, fault_of, following_page, of

PAGE = 50
"""Things one page of a list is asked to hold."""
PAGES = 4
"""How many pages of one list are read: the newest two hundred things."""


@dataclass(frozen=True, slots=True)
class Form:
    """What a network calls the parts of what somebody said."""

    text: str
    at: str
    author: Callable[[Mapping[str, Any]], str]
    """Returns whose it is, as the network shows it; an empty text where it does not."""
    url: str = ""

    def said(self, thing: Mapping[str, Any], kind: str, since: datetime, *, about: str = "", where: str = "") -> Said:
        """Return what was said after *since* as a message, in a list; an empty one for anything else.

        *where* is its address where the network tells none of its own.
        """
        at, identity, text = instant(thing.get(self.at)), thing.get("id"), thing.get(self.text)
        if at is None or at <= since or not isinstance(identity, str) or not is_name(identity):
            return []
        url = web_address(thing.get(self.url)) or where
        words = text if isinstance(text, str) else ""
        return [InboxMessage(identity, kind, self.author(thing), words, rfc3339(at), url, about)]

    def before(self, since: datetime) -> Callable[[Mapping[str, Any]], bool]:
        """Return what tells whether something was said before *since*: in a list in order, so was all that follows."""

        def is_before(thing: Mapping[str, Any]) -> bool:
            at = instant(thing.get(self.at))
            return at is not None and at <= since

        return is_before


Said = list[InboxMessage]


def user_name(form: re.Pattern[str]) -> Callable[[Mapping[str, Any]], str]:
    """Return what reads the handle of whoever said something, where it has that *form*."""

    def read(thing: Mapping[str, Any]) -> str:
        name = thing.get("username")
        return f"@{name}" if isinstance(name, str) and form.fullmatch(name) else ""

    return read


def is_name(identity: str) -> bool:
    """Tell whether a text can be the number of something of Meta's: digits, in two parts on Facebook."""
    return identity.isascii() and identity.replace("_", "", 1).isdigit() and len(identity) <= 80


def below(
    graph: Graph,
    things: Sequence[str],
    edge: str,
    query: Mapping[str, str],
    *,
    in_batches: bool,
    enough: Callable[[Mapping[str, Any]], bool] = lambda _: False,
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Give (thing, what is in its list): the first page of BATCH lists in one request, then PAGES of each at most.

    A list is left after a page that ends with *enough*. What is gone is passed over. Raises NotAllowed or TryLater.
    """
    asked = {**query, "limit": str(PAGE)}
    for begin in range(0, len(things), BATCH):
        some = things[begin : begin + BATCH]
        addresses = [f"{thing}/{edge}?{urlencode(asked)}" for thing in some]
        answers = graph.batch(addresses) if in_batches else [graph.ask(address) for address in addresses]
        for thing, (status, answer) in zip(some, answers, strict=True):
            if status != 200 or not isinstance(answer, dict):
                _pass_over(graph, status, answer)
                continue
            for said in _pages(graph, f"{thing}/{edge}", asked, answer, enough):
                yield thing, said


def listed(
    graph: Graph, path: str, query: Mapping[str, str], enough: Callable[[Mapping[str, Any]], bool] = lambda _: False
) -> Iterator[Mapping[str, Any]]:
    """Give what is in one list, PAGES of it at most; raises NotAllowed or TryLater."""
    asked = {**query, "limit": str(PAGE)}
    yield from _pages(graph, path, asked, graph.read(path, asked), enough)


def _pages(
    graph: Graph, path: str, asked: Mapping[str, str], answer: object, enough: Callable[[Mapping[str, Any]], bool]
) -> Iterator[Mapping[str, Any]]:
    for number in range(1, PAGES + 1):
        data = of(answer, "data")
        things = [thing for thing in data if isinstance(thing, dict)] if isinstance(data, list) else []
        yield from things
        following = following_page(of(answer, "paging"))
        if not following or number == PAGES or (things and enough(things[-1])):
            return
        answer = graph.read(path, {**asked, **following})


def _pass_over(graph: Graph, status: int, answer: object) -> None:
    """Let one list be that is gone or was not answered; raises what else there is to say of it."""
    fault = fault_of(status, answer)
    if status == 0 or fault.word in GONE or status == 404:
        return
    error = graph.refused_in_batch(status, answer)
    if isinstance(error, NotAllowed | TryLater):
        raise error
