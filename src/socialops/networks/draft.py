"""A draft: exactly what one channel will get.

The one truth that checks judge, previews draw, claims record and engines send.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from socialops.content.emphasis import Style
from socialops.content.text import Span, SpanKind

__all__ = (
    "CLOSED",
    "CLOSED_TROUBLE",
    "COMMENT",
    "COMMENT_TROUBLE",
    "Attachment",
    "Card",
    "Draft",
    "Fit",
    "Part",
    "Poll",
    "Receipt",
    "Reply",
    "Span",
    "SpanKind",
    "Style",
    "Upload",
    "draft_from_record",
)


@dataclass(frozen=True, slots=True)
class Fit:
    """What a picture is made to fit: bytes, pixels (width times height), longest side, MIME types."""

    bytes: int
    pixels: int
    side: int
    types: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Attachment:
    """A picture or video of a part. Sizes and `sha256` are those of the file in the workspace.

    `file` is workspace-relative. `fit` says what `compose.media.fit_media` will make of it. `seconds` is how long a
    video lasts, 0 for a picture; a video's width and height are those it is shown with.
    """

    file: str
    alt: str
    mime: str
    width: int
    height: int
    size: int
    sha256: str
    fit: Fit
    focus: tuple[float, float] | None = None
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Upload:
    """The bytes that really go out for an attachment, and what was done to get them (`resized to 1600 × 1200`)."""

    data: bytes = field(repr=False)
    mime: str
    width: int
    height: int
    alt: str
    sha256: str
    focus: tuple[float, float] | None = None
    changes: tuple[str, ...] = ()
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Poll:
    """A poll; *seconds* is how long it stays open."""

    options: tuple[str, ...]
    seconds: int
    multiple: bool = False
    hide_totals: bool = False


@dataclass(frozen=True, slots=True)
class Card:
    """A link shown as a card, where the network does not make one itself."""

    url: str
    title: str
    description: str = ""


COMMENT = "first_comment"
"""Where the *extra* of a receipt names the first comment that was written below the post."""
COMMENT_TROUBLE = "first_comment_trouble"
"""Where it says instead, in words, why the comment is not there, or not surely."""
CLOSED = "comments"
"""Where it says `closed` when the comments below the post were switched off after it went out."""
CLOSED_TROUBLE = "comments_trouble"
"""Where it says instead, in words, why they are not, or not surely."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a network answered. *id* is the network's own, *at* RFC 3339 in UTC.

    *extra* holds what replies need (`cid`), and what became of the first comment (COMMENT, COMMENT_TROUBLE).
    """

    id: str
    url: str
    at: str
    extra: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reply:
    """Where in a thread a part hangs: the first part of it, and the one just before."""

    root: Receipt
    parent: Receipt


@dataclass(frozen=True, slots=True)
class Part:
    """One item of a thread, or the whole of a post that is none.

    `reply`, `uploads` and `handle` are filled in by the engine right before the send and are not recorded in the draft.
    """

    text: str
    spans: tuple[Span, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    poll: Poll | None = None
    card: Card | None = None
    lang: str = ""
    visibility: str = ""
    content_warning: str = ""
    sensitive: bool = False
    kind: str = ""
    """The kind of the whole draft, where the network shows kinds in different ways (a reel, a story)."""
    title: str = ""
    """Where the network has one: a video's title, a mail's subject."""
    first_comment: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    """What else this network is told, by the names of its adapter's `OPTIONS`: plain values."""
    styles: tuple[Style, ...] = ()
    """What is bold, italic, code or quoted, where the network can show it."""
    reply: Reply | None = None
    uploads: tuple[Upload, ...] = ()
    handle: str = ""
    """What `TwoStep.prepare` gave for it."""


_LATER = ("kind", "title", "first_comment", "options", "styles")
"""Fields that came later: left out of the record where they are empty, so that older records keep their digests."""


@dataclass(frozen=True, slots=True)
class Draft:
    """One post as one channel will get it."""

    post: str
    channel: str
    network: str
    kind: str
    parts: tuple[Part, ...]
    link: str = field(default="", compare=False)
    """The post's link as it was built for this channel. It stands in a text or a card already, so no record of what is
    sent holds it; the ledger keeps it beside that."""

    def record(self) -> dict[str, Any]:
        """Return the draft as plain data for the ledger: everything that is sent but the picture bytes."""
        clean = replace(self, parts=tuple(replace(part, reply=None, uploads=(), handle="") for part in self.parts))
        data = asdict(clean)
        del data["link"]
        for part in data["parts"]:
            del part["reply"], part["uploads"], part["handle"]
            for name in _LATER:
                if not part[name]:
                    del part[name]
            for attachment in part["attachments"]:
                if not attachment["seconds"]:
                    del attachment["seconds"]
        return data

    def digest(self) -> str:
        """Return the SHA-256 of the record in canonical JSON."""
        text = json.dumps(self.record(), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def draft_from_record(data: Mapping[str, Any]) -> Draft:
    """Make the draft again that `Draft.record` wrote; raises KeyError, TypeError or ValueError for anything else."""
    parts = []
    for raw in data["parts"]:
        part = dict(raw)
        part["spans"] = tuple(Span(**span) for span in part["spans"])
        part["styles"] = tuple(Style(**style) for style in part.get("styles", ()))
        part["attachments"] = tuple(_attachment(item) for item in part["attachments"])
        if part["poll"] is not None:
            part["poll"] = Poll(**{**part["poll"], "options": tuple(part["poll"]["options"])})
        if part["card"] is not None:
            part["card"] = Card(**part["card"])
        parts.append(Part(**part))
    return Draft(data["post"], data["channel"], data["network"], data["kind"], tuple(parts))


def _attachment(data: Mapping[str, Any]) -> Attachment:
    values = dict(data)
    values["fit"] = Fit(**{**values["fit"], "types": tuple(values["fit"]["types"])})
    if values["focus"] is not None:
        values["focus"] = (float(values["focus"][0]), float(values["focus"][1]))
    return Attachment(**values)
