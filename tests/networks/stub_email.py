"""Two submission servers on this very machine, for tests of the newsletter.

`FakeMailServer` is a real SMTP server (aiosmtpd) that keeps what it takes, and refuses what it is told to refuse.
`ScriptedMailServer` says line by line what a test wants, hangs up where it wants, and notes every line it got: for
faults that no real server makes on request.
"""

from __future__ import annotations

import asyncio
import contextlib
import email
import email.policy
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

USER = "lumenvelo"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def parsed(raw: bytes) -> EmailMessage:
    """Read a mail as a mail program does."""
    read = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(read, EmailMessage)
    return read


@dataclass
class FakeMailServer:
    """A server that keeps mails. *refuse* maps a step (`MAIL`, `RCPT`, `DATA`: the whole mail) to its answer.

    With *deduplicates* a mail whose Message-ID it has had is taken, and dropped. *lose_answers* lets it hang up, so
    many times, after it has kept a mail.
    """

    password: str
    refuse: dict[str, str] = field(default_factory=dict)
    deduplicates: bool = False
    lose_answers: int = 0
    taken: Callable[[bytes], None] = lambda _mail: None
    mails: list[bytes] = field(default_factory=list)
    envelopes: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    logins: list[tuple[str, bool]] = field(default_factory=list)
    port: int = 0

    # --- What aiosmtpd calls ------------------------------------------------------------------------------------------

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if not session.authenticated:
            return "530 5.7.0 Authentication required"
        if "MAIL" in self.refuse:
            return self.refuse["MAIL"]
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if "RCPT" in self.refuse:
            return self.refuse["RCPT"]
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        raw = envelope.content
        assert isinstance(raw, bytes)
        self.taken(raw)
        if "DATA" in self.refuse:
            return self.refuse["DATA"]
        known = {parsed(mail)["Message-ID"] for mail in self.mails}
        if not (self.deduplicates and parsed(raw)["Message-ID"] in known):
            self.mails.append(raw)
            self.envelopes.append((envelope.mail_from or "", tuple(envelope.rcpt_tos)))
        if self.lose_answers:
            self.lose_answers -= 1
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
        return "250 2.0.0 Ok: queued as 4F1A2"

    def judge(self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        fine = (data.login, data.password) == (USER.encode(), self.password.encode())
        self.logins.append((data.login.decode(), fine))
        return AuthResult(success=fine, handled=False)

    @contextmanager
    def running(self, **options: Any) -> Iterator[FakeMailServer]:
        """Run it on a free port while the block runs; *options* are those of aiosmtpd's SMTP."""
        self.port = free_port()
        settings: dict[str, Any] = {
            "authenticator": self.judge,
            "auth_require_tls": False,
            **options,
        }
        controller = Controller(self, hostname="127.0.0.1", port=self.port, **settings)
        controller.start()
        try:
            yield self
        finally:
            controller.stop()


HANG_UP = "hang up"
"""Instead of an answer: close the connection."""
GOES_WELL: Mapping[str, str] = {
    "greeting": "220 mail.example ESMTP",
    "EHLO": "250-mail.example\r\n250-SIZE 10240000\r\n250 AUTH PLAIN",
    "AUTH": "235 2.7.0 Authentication successful",
    "MAIL": "250 2.1.0 Ok",
    "RCPT": "250 2.1.5 Ok",
    "DATA": "354 End data with <CR><LF>.<CR><LF>",
    ".": "250 2.0.0 Ok: queued as 4F1A2",
    "QUIT": "221 2.0.0 Bye",
}


@dataclass
class ScriptedMailServer:
    """A server that answers each step by *script* (over what goes well), and keeps the lines it got.

    *hang_up_within* lets it close the connection after so many lines of the mail, before its end.
    """

    script: Mapping[str, str] = field(default_factory=dict)
    context: ssl.SSLContext | None = None
    hang_up_within: int | None = None
    lines: list[bytes] = field(default_factory=list)
    mails: list[bytes] = field(default_factory=list)
    port: int = 0

    @contextmanager
    def running(self) -> Iterator[ScriptedMailServer]:
        """Serve connections, one after the other, while the block runs."""
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self.port = listener.getsockname()[1]
            thread = threading.Thread(target=self._serve, args=(listener,), daemon=True)
            thread.start()
            yield self
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
        thread.join(5)

    def _serve(self, listener: socket.socket) -> None:
        while True:
            try:
                line, _ = listener.accept()
            except OSError:
                return
            # A client that hangs up, or finds the certificate wanting, is what many tests are about.
            with contextlib.suppress(OSError), line:
                line.settimeout(5)
                self._talk(line)

    def _answer(self, step: str) -> str:
        return self.script.get(step, GOES_WELL.get(step, "502 5.5.2 Error: command not recognized"))

    def _talk(self, line: socket.socket) -> None:
        greeting = self._answer("greeting")
        if greeting == HANG_UP:
            return
        line.sendall(greeting.encode() + b"\r\n")
        self._go_on(line)

    def _go_on(self, line: socket.socket) -> None:
        reader = line.makefile("rb")
        while command := reader.readline():
            self.lines.append(command.rstrip(b"\r\n"))
            step = command.split(b" ", 1)[0].strip().upper().decode("ascii", "replace")
            answer = self._answer(step)
            if answer == HANG_UP:
                return
            line.sendall(answer.encode() + b"\r\n")
            if step == "QUIT":
                return
            if step == "STARTTLS" and answer.startswith("220") and self.context:
                with self.context.wrap_socket(line, server_side=True) as encrypted:
                    self._go_on(encrypted)
                return
            if step == "DATA" and answer.startswith("354") and not self._read_mail(line, reader):
                return

    def _read_mail(self, line: socket.socket, reader: Any) -> bool:
        mail: list[bytes] = []
        while (text := reader.readline()) and text != b".\r\n":
            mail.append(text)
            if self.hang_up_within is not None and len(mail) >= self.hang_up_within:
                return False
        if not text:
            return False
        self.mails.append(b"".join(mail))
        answer = self._answer(".")
        if answer == HANG_UP:
            return False
        line.sendall(answer.encode() + b"\r\n")
        return True
