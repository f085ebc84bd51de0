"""Listening: what people say to us, as data.

Words of strangers come from a server, so they are taken apart before anybody sees them: markup becomes plain text,
control characters go, and what is no message (without an id, or a time) is left out. None of it is ever written into
git, and none of it is shown by `repr`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from html.parser import HTMLParser

from socialops.networks.base import InboxMessage, rfc3339, web_address

LONGEST = 10_000
"""Code points that are kept of what somebody says; no network lets one say more to a stranger."""
PAGES = 10
"""How many pages of news are read at once; with more of them the oldest wait until somebody has read some."""

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_BREAKS = {"br", "p", "li", "div", "blockquote", "pre", "tr"}
_UNSAID = {"script", "style", "template", "title", "mx-reply"}
"""Elements whose words nobody says; the last is Matrix's copy of what is answered."""


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self.unsaid = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _UNSAID:
            self.unsaid += 1
        elif tag in _BREAKS:
            self.words.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNSAID:
            self.unsaid = max(0, self.unsaid - 1)

    def handle_data(self, data: str) -> None:
        if not self.unsaid:
            self.words.append(data)


def words_of(markup: str) -> str:
    """Return the words of HTML, with a line break for each paragraph, item and break."""
    reader = _Words()
    reader.feed(markup)
    reader.close()
    return "".join(reader.words).strip()


def said(
    kind: str,
    identity: object,
    author: object,
    text: object,
    at: datetime | None,
    since: datetime,
    *,
    url: object = "",
    about: str = "",
) -> InboxMessage | None:
    """Return a message; None for what is none, or was said at *since* or before it."""
    if not isinstance(identity, str) or not identity or at is None or at <= since:
        return None
    words = _CONTROL.sub("", text)[:LONGEST].strip() if isinstance(text, str) else ""
    name = " ".join(_CONTROL.sub("", author).split())[:200] if isinstance(author, str) else ""
    return InboxMessage(identity[:500], kind, name, words, rfc3339(at), web_address(url), about)


def newest_first(messages: Iterable[InboxMessage | None]) -> list[InboxMessage]:
    """Return what is a message, each once, the newest first."""
    once = {message.id: message for message in messages if message is not None}
    return sorted(once.values(), key=lambda message: (message.at, message.id), reverse=True)
