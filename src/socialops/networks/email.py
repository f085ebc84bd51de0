"""A newsletter: one mail to the address of a list, handed to a submission server.

The list's own server knows its readers; we know one address. Nothing can be read back, and servers do not look whether
they had a mail before: an uncertain outcome needs a person, unless the channel says `deduplicates: 24h` of a server
that does drop a second mail with the same Message-ID for that long.

Settings, under `params:` of the channel: `from`, `to` (the list), `reply_to`, `list_unsubscribe`, `deduplicates`.

Sources: RFC 5321 (SMTP), 6409 (submission), 8314 (TLS), and those of `email_message.py`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from socialops.content.text import graphemes
from socialops.errors import CredentialsError, NotAllowed, Rejected, TryLater, Unknown
from socialops.http import MEDIA_DEADLINE, TEXT_DEADLINE
from socialops.networks.base import Account, Count, Idempotency, Limits, Login, Option, Stat, rfc3339
from socialops.networks.draft import Part, Receipt
from socialops.networks.email_message import Envelope, Mailbox, letter_size, mail, mailbox, message_id, ways_out

if TYPE_CHECKING:
    import ssl

    from socialops.http import Http
    from socialops.networks.mail_server import Dial

HOST_IS_A_CHOICE = True
HOME = ""
SECRETS = ("USER", "TOKEN")
"""The user name, and the password: what a submission server asks for."""
OPTIONS: tuple[Option, ...] = ()

_KEY = re.compile(r"(\d{1,11})\.([0-9a-f]{40})")
_KINDS = {"", "text", "image", "carousel", "link", "article"}


def connect(login: Login, http: Http) -> Email:
    """Return the sender of *login*; nothing is asked yet. Raises CredentialsError for a wrong host or setting.

    Mail does not go over *http*.
    """
    return Email(login)


def counts(part: Part, limits: Limits) -> Sequence[Count]:
    """Count the HTML of the letter in bytes, its subject in characters, its pictures, and all of it as it travels."""
    text = letter_size(part)
    files = sum(min(attachment.size, attachment.fit.bytes) for attachment in part.attachments)
    used = {"text": text, "title": graphemes(part.title)}
    if part.attachments:
        used["attachments"] = len(part.attachments)
        used["alt_text"] = max(graphemes(attachment.alt) for attachment in part.attachments)
    # The words travel twice, and all of it in at most three letters for two bytes, with the line breaks and headers.
    used["message_bytes"] = (2 * text + files) * 3 // 2 + 4000
    return limits.counted(used)


class Email:
    """One sender and one list. *context* judges the server's certificate, and *dialled* opens the connection."""

    name = "email"

    def __init__(self, login: Login, *, context: ssl.SSLContext | None = None, dialled: Dial | None = None) -> None:
        from socialops.networks.mail_server import dial, mail_server

        self._envelope = _envelope(login)
        self.key_lifetime = _remembers(login)
        self._server = mail_server(
            login.host,
            login.secrets.get("USER", "").strip(),
            login.token.strip(),
            self._envelope.sender.domain,
            login.channel,
            context=context,
            dialled=dialled or dial,
        )

    def __repr__(self) -> str:
        return f"Email({self._server.host})"

    @property
    def idempotency(self) -> Idempotency:
        """NONE: no mail can be looked for. KEY where the channel says that its server drops a mail it had before."""
        return Idempotency.KEY if self.key_lifetime else Idempotency.NONE

    def key(self, delivery: str, part: int, at: datetime) -> str:
        """Return the second of the claim, which becomes the mail's date, and what its Message-ID is made of.

        The Message-ID depends on the delivery and the part alone: whoever has got the mail knows it again.
        """
        digest = hashlib.sha256(f"{delivery}\n{part}".encode("utf-8", "surrogatepass")).hexdigest()[:40]
        return f"{max(0, int(at.timestamp()))}.{digest}"

    def publish(self, part: Part, *, key: str) -> Receipt:
        """Hand over the mail once. Its date is that of the claim, so that every attempt sends the same bytes."""
        found = _KEY.fullmatch(key)
        if found is None:
            raise Rejected(
                "The key of this post is no key of a mail.", hint="The ledger may be damaged: look at its file."
            )
        _refuse_what_cannot_be(part)
        digest, written = found[2], datetime.fromtimestamp(int(found[1]), UTC)
        envelope = self._envelope
        self._server.hand_over(
            mail(part, envelope, digest, written),
            envelope.sender.address,
            envelope.to.address,
            deadline=TEXT_DEADLINE + (MEDIA_DEADLINE if part.attachments else 0.0),
        )
        # No page shows a mail: there is no address that a person could open.
        return Receipt(message_id(digest, envelope.sender), "", rfc3339(written))

    def find(self, part: Part, *, key: str, since: datetime) -> Receipt | None:
        """Say that no mail can be looked for; raises Unknown, always."""
        raise Unknown(
            "Nobody but its readers can see whether a mail arrived.",
            hint="Look in a mailbox that is on the list, or ask whoever runs the list.",
            code="unseen",
        )

    def measure(self, receipts: Sequence[Receipt]) -> list[Stat]:
        """Return nothing: a submission server counts nothing, and we put nothing into mails that tells on readers."""
        return []

    def account(self) -> Account:
        """Log in and say goodbye: the proof that the credentials work. Raises NotAllowed or TryLater."""
        import smtplib

        from socialops.networks.mail_server import size_limit

        sender = self._envelope.sender
        try:
            with self._server.conversation(TEXT_DEADLINE) as talk:
                most = size_limit(talk)
        except (NotAllowed, TryLater):
            raise
        except (OSError, ValueError, smtplib.SMTPException) as error:
            raise self._server.broken(error) from None
        return Account(
            id=sender.address,
            handle=sender.address,
            name=sender.name,
            url="",
            limits={"message_bytes": most} if most else {},
            profile={"name": sender.name} if sender.name else {},
        )


def _envelope(login: Login) -> Envelope:
    """Read who writes to whom from a channel's settings; raises CredentialsError."""
    settings = login.settings
    sender = _box(login, "from")
    to = _box(login, "to")
    reply_to = _box(login, "reply_to") if settings.get("reply_to") else None
    unsubscribe = ways_out(settings.get("list_unsubscribe") or [])
    if unsubscribe is None:
        raise CredentialsError(
            f"`list_unsubscribe` of channel {login.channel} is no address that a mail program can use.",
            hint="Write one that begins with https:// or mailto:, or a list of such.",
        )
    return Envelope(sender, to, reply_to, unsubscribe)


def _box(login: Login, name: str) -> Mailbox:
    found = mailbox(login.settings.get(name))
    if found is None:
        raise CredentialsError(
            f"`{name}` of channel {login.channel} is not one mail address.",
            hint=f'Write `params: {{{name}: "Our name <news@example.org>"}}` in its file; a domain with other letters '
            "than those of English is written as its xn-- form.",
        )
    return found


def _remembers(login: Login) -> int:
    """Return for how many seconds the server knows a Message-ID again; 0: it does not look. Raises CredentialsError."""
    from socialops.workspace import duration

    told = login.settings.get("deduplicates")
    if not told:
        return 0
    try:
        return int(duration(str(told)).total_seconds())
    except (ValueError, OverflowError):
        raise CredentialsError(
            f"`deduplicates` of channel {login.channel} is no length of time.",
            hint="Write for how long the server drops a second mail with the same Message-ID, such as 24h.",
        ) from None


def _refuse_what_cannot_be(part: Part) -> None:
    if part.poll or part.reply or part.kind not in _KINDS:
        what = "a poll" if part.poll else "the second part of a thread" if part.reply else f"a {part.kind}"
        raise Rejected(
            f"A mail cannot be {what}.", hint="Leave the channel out, or give it a `text:` of its own.", code="kind"
        )
    if not part.title.strip():
        raise Rejected("This mail has no subject.", hint="Write a `title:` into the post.", code="title")
    if not part.text.strip() and not part.attachments:
        raise Rejected("This mail is empty.", hint="Write a text.", code="text")
    if len(part.uploads) != len(part.attachments):
        raise Rejected("The pictures of this post were not made ready.", hint="Run `socialops check` on the post.")
