"""A Matrix message: what its event holds, and how large that makes it.

Sources: the Matrix specification 1.19 (client-server API: m.room.message, threading, mentions; appendices: canonical
JSON; size limits).
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from socialops.content.emphasis import Style
from socialops.networks.base import web_address
from socialops.networks.draft import Span
from socialops.networks.rich_text import inline_html, settled, spelled_out, without_breaks

if TYPE_CHECKING:
    from socialops.networks.draft import Attachment, Part, Upload

MARK = "org.socialops.key"
"""A field of our own in every message, as clients may add them: the key that the part was claimed with."""
FORMAT = "org.matrix.custom.html"

_PERSON = re.compile(
    r"@([A-Za-z0-9._=/+-]{1,200}:[A-Za-z0-9][A-Za-z0-9-]*(?:\.[A-Za-z0-9-]*[A-Za-z0-9])+(?::\d{1,5})?)"
)
_NAME_END = re.compile(r"[\w-]")
_HASH = "$" + "0" * 43
_SERVER = "s" * 230
_ENVELOPE = {
    "auth_events": [_HASH] * 10,
    "depth": 2**53 - 1,
    "hashes": {"sha256": "0" * 43},
    "origin": _SERVER,
    "origin_server_ts": 2**53 - 1,
    "prev_events": [_HASH] * 20,
    "room_id": "!" + "r" * 254,
    "sender": "@" + "u" * 254,
    "signatures": {_SERVER: {"ed25519:" + "0" * 24: "0" * 86}},
    "type": "m.room.message",
    "unsigned": {},
}
"""What servers put around a message, as long as it may be: names of 255 bytes, 20 previous events."""
_EVENT = "$" + "0" * 254
_MEDIA = "mxc://" + "s" * 230 + "/" + "m" * 64


def canonical(value: object) -> bytes:
    """Write JSON in the form in which servers sign and measure events."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode("utf-8", "surrogatepass")


def event_size(part: Part) -> int:
    """Return the most bytes that the event of *part* can have, with all that servers add to it."""
    relation = _relation(_EVENT, _EVENT) if part.reply else None
    picture = part.attachments[0] if part.attachments else None
    return len(canonical({**_ENVELOPE, "content": content_of(part, "0" * 64, _MEDIA, picture, relation)}))


def content_of(
    part: Part,
    key: str,
    address: str = "",
    media: Upload | Attachment | None = None,
    relation: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the content of the event of *part*; *media* lies at the `mxc:` *address*."""
    spans, styles = settled(part.text, _with_people(part.text, part.spans), part.styles)
    people = [f"@{span.target}" for span in spans if span.kind == "mention"]
    content: dict[str, Any] = {
        "msgtype": "m.text",
        "body": spelled_out(part.text, spans, styles),
        "m.mentions": {"user_ids": list(dict.fromkeys(people))} if people else {},
        MARK: key,
    }
    if styles or any(_target(span) for span in spans):
        content["format"] = FORMAT
        content["formatted_body"] = formatted(part.text, spans, styles)
    if media:
        content["msgtype"] = "m.video" if media.mime.startswith("video/") else "m.image"
        content["url"] = address
        content["info"] = {"mimetype": media.mime, "w": media.width, "h": media.height, "size": _size(media)}
        if media.seconds:
            content["info"]["duration"] = round(media.seconds * 1000)
        # There is no field for an alternative text: the name of the file is what clients show, and read aloud, instead
        # of a picture. A text beside it makes `body` a caption (1.10).
        name = " ".join(media.alt.split()) or file_name(media.mime)
        if part.text:
            content["filename"] = name
        else:
            content["body"] = name
    if relation:
        content["m.relates_to"] = dict(relation)
    return content


def relation_of(part: Part) -> dict[str, Any] | None:
    """Return how a part hangs in its thread; the root is the first part, which hangs on nothing itself."""
    return _relation(part.reply.root.id, part.reply.parent.id) if part.reply else None


def file_name(mime: str) -> str:
    """Return a name for a file that has none."""
    kind, _, suffix = mime.partition("/")
    return f"{'video' if kind == 'video' else 'picture'}.{suffix}"


def formatted(text: str, spans: Sequence[Span], styles: Sequence[Style] = ()) -> str:
    """Return *text* as the HTML that Matrix allows: links, people, emphasis, line breaks; all else is escaped."""
    written = []
    for begin, end, kind in without_breaks(text, styles, len(text)):
        if kind == "block":
            written.append(f"<pre><code>{html.escape(text[begin:end])}\n</code></pre>")
            continue
        words = inline_html(text, begin, end, spans, styles, target=_target, line="<br>")
        written.append(f"<blockquote>{words}</blockquote>" if kind == "quote" else words)
    return "".join(written)


def _target(span: Span) -> str:
    if span.kind == "mention":
        return f"https://matrix.to/#/@{span.target}"
    return web_address(span.target) if span.kind == "link" else ""


def _with_people(text: str, spans: Sequence[Span]) -> list[Span]:
    """Return the spans, those of people as far as a whole `@name:server` reaches; names without a server are words."""
    found = []
    for span in spans:
        if span.kind != "mention":
            found.append(span)
        elif (whole := _PERSON.match(text, span.start)) and not _NAME_END.match(text, whole.end()):
            found.append(Span(span.start, whole.end(), "mention", whole[1]))
    return found


def _relation(root: str, parent: str) -> dict[str, Any]:
    return {
        "rel_type": "m.thread",
        "event_id": root,
        "is_falling_back": True,
        "m.in_reply_to": {"event_id": parent},
    }


def _size(media: Upload | Attachment) -> int:
    data = getattr(media, "data", None)
    return len(data) if isinstance(data, bytes) else int(getattr(media, "size", 0))
