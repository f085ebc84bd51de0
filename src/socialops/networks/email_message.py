"""A newsletter as one mail: its headers, its words in two forms, its pictures; the same bytes every time.

Header lines are written here and not by the standard library's policies, which differ between versions of Python in how
they fold Turkish and Hebrew subjects. Everything that came from people is squeezed onto one line first.

Sources: RFC 5322 (format), 2045 and 2047 (MIME, encoded words), 2387 and 2392 (pictures in HTML), 2369
(List-Unsubscribe), 3282 (Content-Language).
"""

from __future__ import annotations

import hashlib
import html
import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from socialops.content.emphasis import Style
from socialops.networks.base import web_address
from socialops.networks.draft import Span
from socialops.networks.rich_text import inline_html, settled, spelled_out, stretches

if TYPE_CHECKING:
    from email.message import EmailMessage

    from socialops.networks.draft import Part

WIDTH = 600
"""Pixels; the width that newsletters are made for, and that programs which know no style sheets are told."""
BREAK = "<br>\n"
LINE = 76
"""Characters of a header line (RFC 5322 asks for 78 at most, RFC 2047 for 76)."""

_ADDRESS = (
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*"
)
_MAILBOX = re.compile(rf"(?:(?P<name>[^<>]*?)\s*<)?(?P<address>{_ADDRESS})(?(name)>)")
_MAILTO = re.compile(rf"mailto:{_ADDRESS}(?:\?[A-Za-z0-9=&%._~+-]{{1,200}})?")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_GAP = re.compile(r"\n{2,}")
_LANGUAGE = re.compile(r"[A-Za-z0-9-]{2,35}")


@dataclass(frozen=True, slots=True)
class Mailbox:
    """An address, and whose it is."""

    address: str
    name: str = ""

    @property
    def domain(self) -> str:
        """Return what stands after the @."""
        return self.address.rpartition("@")[2]

    def __repr__(self) -> str:
        return "Mailbox(…)"


@dataclass(frozen=True, slots=True, repr=False)
class Envelope:
    """Who writes to whom: the settings of a channel."""

    sender: Mailbox
    to: Mailbox
    reply_to: Mailbox | None = None
    unsubscribe: tuple[str, ...] = ()


def mailbox(text: object) -> Mailbox | None:
    """Read `Lumen Velo <news@example.org>`, or the address alone; None for anything else, also for more than one."""
    if not isinstance(text, str) or len(text) > 320:
        return None
    found = _MAILBOX.fullmatch(one_line(text))
    if found is None or len(found["address"].partition("@")[0]) > 64 or len(found["address"]) > 254:
        return None
    return Mailbox(found["address"], (found["name"] or "").strip().strip('"').strip())


def ways_out(value: object) -> tuple[str, ...] | None:
    """Read where readers unsubscribe: one https or mailto address, or a list of them; None for anything else."""
    listed = value if isinstance(value, Sequence) and not isinstance(value, str) else [value]
    found = [item for item in listed if isinstance(item, str) and item.isascii() and not set(item) & set('<>"\\')]
    fine = [item for item in found if _MAILTO.fullmatch(item) or web_address(item).startswith("https://")]
    return tuple(fine) if len(fine) == len(listed) else None


def one_line(text: str) -> str:
    """Return *text* without line breaks and control characters, each run of white space as one space."""
    return " ".join(_CONTROL.sub(" ", text).split())


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as the letter shows it: its content id, its words, its width in pixels."""

    cid: str
    alt: str
    width: int


# --- The mail ---------------------------------------------------------------------------------------------------------


def message_id(digest: str, sender: Mailbox) -> str:
    """Return the Message-ID of a part, without its angle brackets: the same for every attempt to send it."""
    return f"{digest}@{sender.domain}"


def mail(part: Part, envelope: Envelope, digest: str, written: datetime) -> bytes:
    """Return the whole mail as it goes out, with CRLF: the same bytes for the same part, key and settings."""
    from email.utils import format_datetime

    language = part.lang if _LANGUAGE.fullmatch(part.lang) else ""
    headers = {
        "From": _written(envelope.sender),
        "To": _written(envelope.to),
        "Reply-To": _written(envelope.reply_to) if envelope.reply_to else "",
        "Subject": header("Subject", part.title),
        "Date": format_datetime(written.astimezone(UTC)),
        "Message-ID": f"<{message_id(digest, envelope.sender)}>",
        "List-Unsubscribe": ",\r\n ".join(f"<{way}>" for way in envelope.unsubscribe),
        "Content-Language": language,
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items() if value)
    return head.encode("ascii") + _body(part, digest, envelope.sender.domain).as_bytes()


def header(name: str, value: str) -> str:
    """Return a value as it stands in a header: plain where that is safe, else in encoded words; folded."""
    from email.header import Header

    text = one_line(value).encode("utf-8", "replace").decode("utf-8")
    plain = text.isascii() and "=?" not in text and all(len(word) < LINE - len(name) - 2 for word in text.split(" "))
    written = Header(text, "us-ascii" if plain else "utf-8", maxlinelen=LINE, header_name=name)
    return written.encode(linesep="\r\n")


def _written(box: Mailbox) -> str:
    if not box.name:
        return box.address
    plain = box.name.isascii() and not set(box.name) & set('"\\') and "=?" not in box.name
    if plain and len(box.name) < LINE - len('Reply-To: ""'):
        return f'"{box.name}"\r\n <{box.address}>'
    from email.header import Header

    # In encoded words nothing means anything: commas, quotes and brackets are only letters of a name.
    name = Header(box.name, "utf-8", maxlinelen=LINE, header_name="Reply-To").encode(linesep="\r\n")
    return f"{name}\r\n <{box.address}>"


def _body(part: Part, digest: str, domain: str) -> EmailMessage:
    from email.message import EmailMessage
    from email.policy import SMTP

    message = EmailMessage(policy=SMTP)
    pictures = [
        Picture(f"{digest[:24]}.{number}@{domain}", one_line(upload.alt), upload.width)
        for number, upload in enumerate(part.uploads, 1)
    ]
    _put(message, plain_text(part.text, part.spans, pictures, part.styles), "plain")
    letter = EmailMessage(policy=SMTP)
    _put(letter, letter_html(part, pictures), "html")
    message.make_alternative()
    message.attach(letter)
    for number, (upload, picture) in enumerate(zip(part.uploads, pictures, strict=True), 1):
        kind, _, subtype = upload.mime.partition("/")
        letter.add_related(
            upload.data,
            maintype=kind,
            subtype=subtype,
            cid=f"<{picture.cid}>",
            filename=f"picture-{number}.{subtype}",
            disposition="inline",
        )
    for number, piece in enumerate(message.walk()):
        if piece.is_multipart():
            # The standard library would draw one by lot. Hexadecimal words between `=_` are in no encoded text.
            piece.set_boundary(f"=_{hashlib.sha256(f'{digest}.{number}'.encode()).hexdigest()[:32]}_=")
        if number:
            del piece["MIME-Version"]
    return message


def _put(message: EmailMessage, text: str, subtype: str) -> None:
    """Set the text of a piece in the encoding that is the shorter for its script."""
    data = text.encode("utf-8", "replace")
    spelled = sum(byte > 126 or byte == 0x3D for byte in data)
    message.set_content(
        data.decode("utf-8"), subtype=subtype, cte="base64" if spelled * 6 > len(data) else "quoted-printable"
    )


# --- The words --------------------------------------------------------------------------------------------------------


def plain_text(text: str, spans: Sequence[Span], pictures: Sequence[Picture], styles: Sequence[Style] = ()) -> str:
    """Return the words for programs that show no HTML: addresses spelled out, and what the pictures show."""
    shown = [spelled_out(text, spans, styles)] if text else []
    shown += [f"[{picture.alt}]" for picture in pictures if picture.alt]
    return "\n\n".join(shown) + "\n"


def letter_html(part: Part, pictures: Sequence[Picture]) -> str:
    """Return the words as HTML: every paragraph finds its own direction, every picture says what it shows."""
    language = f' lang="{part.lang}"' if _LANGUAGE.fullmatch(part.lang) else ""
    title = html.escape(one_line(part.title))
    lines = [
        f'<!DOCTYPE html>\n<html{language}>\n<head>\n<meta charset="utf-8">',
        f'<meta name="viewport" content="width=device-width">\n<title>{title}</title>\n</head>\n<body>',
        *_letter(part.text, *settled(part.text, part.spans, part.styles)),
        *(_shown(picture) for picture in pictures),
        "</body>\n</html>\n",
    ]
    return "\n".join(lines)


def letter_size(part: Part) -> int:
    """Return the bytes of the HTML that will be made of a part, whose pictures may not be ready yet."""
    pictures = [Picture("0" * 280, one_line(attachment.alt), WIDTH) for attachment in part.attachments]
    return len(letter_html(part, pictures).encode("utf-8", "surrogatepass"))


def _letter(text: str, spans: Sequence[Span], styles: Sequence[Style]) -> Iterator[str]:
    """Give the paragraphs, quotations and blocks of code, each as an element."""
    for begin, end, kind in stretches(text, styles):
        if kind == "block":
            yield f'<pre dir="auto"><code>{html.escape(text[begin:end])}</code></pre>'
            continue
        paragraphs = [
            f'<p dir="auto">{inline_html(text, start, stop, spans, styles, target=_target, line=BREAK)}</p>'
            for start, stop in _paragraphs(text, begin, end)
        ]
        if kind == "quote":
            yield f"<blockquote>{''.join(paragraphs)}</blockquote>"
        else:
            yield from paragraphs


def _paragraphs(text: str, begin: int, end: int) -> Iterator[tuple[int, int]]:
    edges = [begin, *(gap.end() for gap in _GAP.finditer(text, begin, end)), end]
    for start, stop in itertools.pairwise(edges):
        words = text[start:stop].strip("\n")
        if words:
            first = text.index(words, start)
            yield first, first + len(words)


def _target(span: Span) -> str:
    return web_address(span.target) if span.kind == "link" else ""


def _shown(picture: Picture) -> str:
    alt, width = html.escape(picture.alt), min(picture.width, WIDTH)
    style = "max-width:100%;height:auto"
    return f'<p dir="auto"><img src="cid:{picture.cid}" alt="{alt}" width="{width}" style="{style}"></p>'
