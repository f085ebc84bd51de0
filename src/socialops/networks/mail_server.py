"""A submission server: one conversation in SMTP that hands over one mail.

The one thing that matters to a publisher is known exactly here. A server may keep a mail only when it has read the line
with a single dot that ends it (RFC 5321, 4.1.1.4). That line is written last and by itself: until then nothing was
sent, whatever happens; from then on only the server's answer tells.

A password goes over TLS, whose certificate must be in order, or to this very machine: never in the clear over a
network.
"""

from __future__ import annotations

import contextlib
import os
import re
import smtplib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from socialops.errors import CredentialsError, NetworkError, NotAllowed, Rejected, TryLater, Unknown
from socialops.http import CONNECT_DEADLINE
from socialops.networks.base import DEFAULT_WAIT

PORTS = {"smtps": 465, "smtp": 587}
"""Where submission servers listen (RFC 8314, 6409): with TLS from the first byte, or from STARTTLS on."""
GOODBYE = 5.0
"""Seconds a server gets to say goodbye when all is said."""

_THIS_MACHINE = {"localhost", "127.0.0.1", "::1"}
_LINE_BEGINS_WITH_DOT = re.compile(rb"(?m)^\.")
_LOCKED_OUT = {530, 534, 535, 538}
"""Log in first; this way of logging in is too weak; wrong credentials; encryption is needed (RFC 4954, 6)."""
_TOO_LARGE = {523, 552}

Dial = Callable[[tuple[str, int], float], socket.socket]


def dial(address: tuple[str, int], timeout: float) -> socket.socket:
    """Open a connection."""
    return socket.create_connection(address, timeout)


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mails are handed over, and who we are there. *context* judges its certificate; None: the system's."""

    host: str
    port: int
    tls: bool
    """From the first byte; otherwise from STARTTLS on, unless the server is this very machine."""
    user: str = field(repr=False)
    password: str = field(repr=False)
    own_name: str
    context: ssl.SSLContext | None = field(default=None, repr=False)
    dial: Dial = field(default=dial, repr=False)

    @property
    def is_here(self) -> bool:
        """Tell whether the server is this very machine."""
        return self.host in _THIS_MACHINE

    def hand_over(self, mail: bytes, sender: str, recipient: str, *, deadline: float) -> None:
        """Hand over one mail for one recipient, within *deadline* seconds.

        Raises Rejected, NotAllowed or TryLater when it was provably not sent, Unknown when it perhaps was.
        """
        finished = False
        try:
            with self.conversation(deadline) as talk:
                most = size_limit(talk)
                if most and len(mail) > most:
                    raise Rejected(
                        f"The mail is {len(mail)} bytes, {most} fit through {self.host}.",
                        hint="Use fewer or smaller pictures.",
                        code="552",
                    )
                options = [f"SIZE={len(mail)}"] if talk.has_extn("size") else []
                self._expect(talk.mail(sender, options)[0], 250, "the address that we write from", "`from:`")
                self._expect(talk.rcpt(recipient)[0], 250, "the address of the list", "`to:`")
                self._expect(talk.docmd("DATA")[0], 354, "the mail", "`from:` and `to:`")
                talk.send(stuffed(mail))
                finished = True
                talk.send(b".\r\n")
                code = talk.getreply()[0]
        except NetworkError:
            raise
        except (OSError, ValueError, smtplib.SMTPException) as error:  # the second: a challenge that is no base64
            if finished:
                raise Unknown(f"{self.host} did not say whether it took the mail ({_kind(error)}).") from None
            raise self.broken(error) from None
        self._judge(code)

    def _judge(self, code: int) -> None:
        """Say what the answer to the whole mail means.

        After a 5 the server must not deliver it (RFC 5321, 4.2.5). A 4 should mean the same, but it is also what things
        between us and the server say when that is slow, after it has read the dot: then only a person can tell.
        """
        if 200 <= code < 300:
            return
        if code in _LOCKED_OUT:
            raise self._locked_out(code)
        if 500 <= code < 600:
            raise Rejected(
                f"{self.host} refuses the mail, having read it ({code}).",
                hint="Look whether a filter took it for spam, or whether it is too large: fewer links and pictures.",
                code=str(code),
            )
        raise Unknown(
            f"{self.host} gave an answer to the mail that says nothing sure ({code}).",
            hint="Look whether the list got it.",
            code=str(code),
        )

    def _expect(self, code: int, wanted: int, what: str, where: str) -> None:
        """Raise what an answer other than the one *wanted* means, before the mail was read."""
        if code == wanted or (wanted == 250 and 250 <= code <= 252):
            return
        if code in _LOCKED_OUT:
            raise self._locked_out(code)
        if code in _TOO_LARGE:
            raise Rejected(
                f"The mail is too large for {self.host} ({code}).", hint="Use fewer pictures.", code=str(code)
            )
        if 500 <= code < 600:
            raise Rejected(
                f"{self.host} refuses {what} ({code}).",
                hint=f"Look at {where} under `params:` of the channel, and what the account may do there.",
                code=str(code),
            )
        raise TryLater(f"{self.host} does not take {what} now ({code}).", after=DEFAULT_WAIT, code=str(code))

    @contextmanager
    def conversation(self, deadline: float) -> Iterator[smtplib.SMTP]:
        """Connect, encrypt and log in, and say goodbye in the end; within *deadline* seconds in all.

        Raises NotAllowed or TryLater, OSError or SMTPException.
        """
        with contextlib.ExitStack() as stack:
            line = self.dial((self.host, self.port), min(deadline, CONNECT_DEADLINE))
            stack.callback(line.close)
            stack.enter_context(_ends(line, deadline))
            line.settimeout(deadline)
            talk = smtplib.SMTP(local_hostname=self.own_name, timeout=deadline)
            stack.callback(talk.close)
            talk.sock = self._encrypted(line) if self.tls else line
            self._greeted(talk.getreply()[0])
            self._greeted(talk.ehlo()[0])
            if not self.tls and not self.is_here:
                self._start_tls(talk, line)
            self._log_in(talk)
            yield talk
            with contextlib.suppress(OSError, smtplib.SMTPException, AttributeError):  # the last: it hung up
                talk.sock.settimeout(GOODBYE)
                talk.quit()

    def _greeted(self, code: int) -> None:
        if code not in {220, 250}:
            raise TryLater(f"{self.host} takes no mail now ({code}).", after=DEFAULT_WAIT, code=str(code))

    def _encrypted(self, line: socket.socket) -> ssl.SSLSocket:
        context = self.context or ssl.create_default_context()
        return context.wrap_socket(line, server_hostname=self.host)

    def _start_tls(self, talk: smtplib.SMTP, line: socket.socket) -> None:
        code = talk.docmd("STARTTLS")[0] if talk.has_extn("starttls") else 502
        if code != 220:
            raise TryLater(
                f"{self.host} offers no encryption ({code}), so it gets no password from us.",
                after=DEFAULT_WAIT,
                hint="Write `host: smtps://…` where the server expects encryption from the first byte.",
                code="starttls",
            )
        talk.sock = self._encrypted(line)
        # What came before the encryption is not believed: neither bytes that wait to be read, nor what was offered.
        talk.file = None
        talk.ehlo_resp = None
        talk.esmtp_features = {}
        talk.does_esmtp = False
        self._greeted(talk.ehlo()[0])

    def _log_in(self, talk: smtplib.SMTP) -> None:
        if self.is_here and not talk.has_extn("auth"):
            return
        try:
            talk.login(self.user, self.password)
        except smtplib.SMTPAuthenticationError as error:
            code = error.smtp_code
            if 400 <= code < 500:
                raise TryLater(
                    f"{self.host} lets nobody in now ({code}).", after=DEFAULT_WAIT, code=str(code)
                ) from None
            raise self._locked_out(code) from None
        except smtplib.SMTPServerDisconnected:
            raise
        except smtplib.SMTPException:
            raise NotAllowed(
                f"{self.host} offers no way to log in with a password.",
                hint="Look whether `host:` names the submission server: port 465 or 587, not 25.",
                code="auth",
            ) from None

    def _locked_out(self, code: int) -> NotAllowed:
        return NotAllowed(
            f"{self.host} refuses our user name and password ({code}).",
            hint="Store both anew as the channel's secrets; some services want a password made for programs.",
            code=str(code),
        )

    def broken(self, error: Exception) -> TryLater:
        """Say what a conversation that broke off before the end of the mail means: it was not sent."""
        hint = "Look whether this machine is online, and whether `host:` names the submission server and its port."
        if isinstance(error, ssl.SSLError):
            hint = "Its certificate is not in order, or `host:` should begin with smtp:// rather than smtps://."
        return TryLater(
            f"{self.host} could not be talked to ({_kind(error)}): nothing was sent.", after=DEFAULT_WAIT, hint=hint
        )


def mail_server(
    host: str,
    user: str,
    password: str,
    own_name: str,
    channel: str,
    *,
    context: ssl.SSLContext | None = None,
    dialled: Dial = dial,
) -> MailServer:
    """Read a channel's `host:` (`smtps://mail.example.org`, `smtp://…:587`); raises CredentialsError."""
    try:
        parts = urlsplit(host.strip())
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    bare = not (parts.path.strip("/") or parts.query or parts.fragment or parts.username)
    if parts.scheme not in PORTS or not parts.hostname or not bare or port == 0:
        raise CredentialsError(
            f"Channel {channel} names no mail server.",
            hint="Write `host: smtps://mail.example.org` (encrypted from the first byte, port 465) or "
            "`host: smtp://mail.example.org` (encrypted with STARTTLS, port 587) in its file.",
        )
    tls = parts.scheme == "smtps"
    return MailServer(parts.hostname, port or PORTS[parts.scheme], tls, user, password, own_name, context, dialled)


def stuffed(mail: bytes) -> bytes:
    """Return a mail as it travels: every line ends with CRLF, and none can be taken for the end."""
    whole = re.sub(rb"\r\n|\r|\n", b"\r\n", mail)
    whole = _LINE_BEGINS_WITH_DOT.sub(b"..", whole)
    return whole if whole.endswith(b"\r\n") else whole + b"\r\n"


def size_limit(talk: smtplib.SMTP) -> int:
    """Return how many bytes the server takes in one mail, as it said itself; 0: it did not say (RFC 1870)."""
    told = talk.esmtp_features.get("size", "").strip()
    return int(told) if told.isascii() and told.isdigit() and len(told) < 16 else 0


@contextmanager
def _ends(line: socket.socket, deadline: float) -> Iterator[None]:
    """Shut a connection down at its deadline, whatever it is doing: a timeout begins anew with every byte."""
    # A copy of the handle: TLS takes the original away from its Python object.
    copy = socket.socket(fileno=os.dup(line.fileno()))

    def shut() -> None:
        with contextlib.suppress(OSError):  # the server was quicker
            copy.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(deadline, shut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        copy.close()


def _kind(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return "its certificate is not in order"
    return "no connection" if isinstance(error, ConnectionError | socket.gaierror) else type(error).__name__
