"""The practice server: one port of this machine that speaks Mastodon's API and Bluesky's, and shows a timeline.

It only ever listens on 127.0.0.1, answers only those who ask for this machine by name, and takes 20 MB at most. It is
no public server: everyone on this machine may move its clock and read its pages.

    with Sandbox(now=datetime(2026, 12, 1, tzinfo=UTC)) as sandbox:
        token = sandbox.add_account("lumenvelo", "Lumen Velo", "Europe/Istanbul", 1800, "tr")
        ...
        sandbox.set_clock(datetime(2026, 12, 8, tzinfo=UTC))
"""

from __future__ import annotations

import contextlib
import logging
import re
import socket
import socketserver
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from socialops.errors import UsageError
from socialops.networks.sandbox.archive import Archive, Member
from socialops.networks.sandbox.bluesky import BlueskyApi
from socialops.networks.sandbox.mastodon import MastodonApi
from socialops.networks.sandbox.request import MAXIMUM_BODY, Answer, Refusal, Request, Unreadable, answer

ADDRESS = "127.0.0.1"
_HANDLE = re.compile(r"\w[\w.-]{0,100}(?:@[\w.-]{1,100}(?::\d{1,5})?)?")
_HOST = re.compile(r"(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?", re.IGNORECASE)
_QUIET = 30.0
"""Seconds after which a silent connection is closed."""

_LOG = logging.getLogger("socialops.sandbox")


@dataclass(frozen=True, slots=True)
class SandboxAccount:
    """One account of the sandbox and its credentials; the token is also the app password."""

    handle: str
    name: str
    zone: str
    followers: int
    lang: str
    token: str
    url: str


class Sandbox:
    """A practice server. *now* starts its clock, which then only moves when told; *port* 0 takes any free one.

    An existing *database* goes on with its own seed and where its clock stopped. *slow_pictures* is how often a picture
    is told to be still in the making, *feed_delay* after how long Bluesky's getPosts knows of a new post.
    """

    def __init__(
        self,
        database: Path | str = ":memory:",
        *,
        seed: int = 1,
        now: datetime | Callable[[], datetime],
        port: int = 0,
        slow_pictures: int = 0,
        feed_delay: timedelta = timedelta(0),
    ) -> None:
        if isinstance(now, datetime):
            if now.tzinfo is None:
                raise UsageError("The sandbox's clock needs a time with its zone.")
            moment = now
            now = lambda: moment  # noqa: E731 - the clock that stands still
        self._port = port
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None
        self._archive = Archive(database, seed=seed, now=now)
        self._mastodon = MastodonApi(self._archive, lambda: self.url, slow_pictures=slow_pictures)
        self._bluesky = BlueskyApi(self._archive, lambda: self.url, feed_delay=feed_delay)

    @property
    def url(self) -> str:
        """Return the base URL, without a slash at its end; raises UsageError before `start`."""
        if self._server is None:
            raise UsageError("The sandbox has not been started.")
        return f"http://{ADDRESS}:{self._server.server_address[1]}"

    @property
    def now(self) -> datetime:
        """Return the sandbox's own time, UTC."""
        with self._archive.lock:
            return self._archive.now()

    @property
    def accounts(self) -> tuple[SandboxAccount, ...]:
        """Return every account, by handle."""
        with self._archive.lock:
            return tuple(self._account(member) for member in self._archive.members())

    def _account(self, member: Member) -> SandboxAccount:
        url = f"{self.url}/@{member.handle}" if self._server else ""
        return SandboxAccount(member.handle, member.name, member.zone, member.followers, member.lang, member.token, url)

    def start(self) -> str:
        """Listen, in a thread of its own; return the base URL. Raises OSError when the port is taken."""
        if self._server is None:
            try:
                self._server = _Server((ADDRESS, self._port), self._respond, lambda: self.now)
            except OSError:
                self.stop()
                raise
            self._thread = threading.Thread(
                target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, name="sandbox", daemon=True
            )
            self._thread.start()
        return self.url

    def stop(self) -> None:
        """Stop listening, end every connection and close the database."""
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._thread.join()
            self._server.hang_up()
            self._server.server_close()
            self._server = self._thread = None
        self._archive.close()

    def __enter__(self) -> Sandbox:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def set_clock(self, at: datetime) -> None:
        """Move the clock forward to *at*, aware; raises UsageError when that is in the past."""
        with self._archive.lock:
            self._archive.set_clock(at)

    def add_account(self, handle: str, name: str = "", zone: str = "UTC", followers: int = 1200, lang: str = "") -> str:
        """Add an account, or change one; return its token, which is also its app password.

        The token depends on the seed and the handle alone. *followers* is how many there are from the start. Raises
        UsageError for a handle or zone that cannot be.
        """
        handle = handle.strip().removeprefix("@")
        if not _HANDLE.fullmatch(handle):
            raise UsageError(f"{handle!r} is not a handle.", hint="Write lumenvelo, or lumenvelo@mastodon.example.")
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise UsageError(f"{zone!r} is not a time zone.", hint="Use a name such as Europe/Istanbul.") from error
        with self._archive.lock:
            name = name or handle.partition("@")[0]
            return self._archive.add_member(handle, name, zone, max(0, followers), lang).token

    # --- answering ---

    def _respond(self, request: Request) -> Answer:
        with self._archive.lock:
            try:
                return self._route(request)
            except Refusal as refusal:
                return answer(refusal.body, refusal.status, refusal.headers)
            except Unreadable as error:
                return answer({"error": str(error)}, 400)
            except UsageError as error:
                return answer({"error": error.message, "hint": error.hint}, 422)
            except Exception:  # whatever happens, the client gets an answer and no traceback
                _LOG.debug("%s %s", request.method, request.path, exc_info=True)
                return answer({"error": "InternalServerError", "message": "The sandbox met a fault of its own."}, 500)

    def _route(self, request: Request) -> Answer:
        if not _HOST.fullmatch(request.headers.get("host", "")):
            return answer({"error": "This practice server only answers on this machine."}, 421)
        if request.path.startswith("/api/"):
            return self._mastodon.respond(request)
        if request.path.startswith("/xrpc/"):
            return self._bluesky.respond(request)
        if request.path in {"/sandbox/clock", "/sandbox/accounts"}:
            return self._control(request)
        from socialops.networks.sandbox.timeline import show

        return show(self._archive, request)

    def _control(self, request: Request) -> Answer:
        if request.method == "POST":
            # A page in a browser cannot send JSON across sites unasked: the clock is safe from the web.
            if request.mime != "application/json":
                return answer({"error": "Send JSON, with Content-Type: application/json."}, 415)
            self._change(request.path, request.json())
        if request.path == "/sandbox/clock":
            return answer({"now": self._archive.now().isoformat().replace("+00:00", "Z")})
        accounts = [
            {"handle": member.handle, "name": member.name, "token": member.token, "url": f"{self.url}/@{member.handle}"}
            for member in self._archive.members()
        ]
        return answer({"accounts": accounts})

    def _change(self, path: str, value: Any) -> None:
        if not isinstance(value, dict):
            raise Unreadable("The body is not a JSON object.")
        if path == "/sandbox/clock":
            try:
                at = datetime.fromisoformat(str(value.get("now")))
            except ValueError as error:
                raise Unreadable('Send {"now": "2026-12-01T09:30:00+03:00"}.') from error
            self.set_clock(at)
            return
        texts = {name: str(value[name]) for name in ("name", "zone", "lang") if name in value}
        followers = value.get("followers", 1200)
        if not isinstance(followers, int):
            raise Unreadable("`followers` is not a whole number.")
        self.add_account(str(value.get("handle", "")), followers=followers, **texts)


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    block_on_close = True
    request_queue_size = 64

    def __init__(
        self, address: tuple[str, int], respond: Callable[[Request], Answer], now: Callable[[], datetime]
    ) -> None:
        self.respond = respond
        self.now = now
        self._open: set[socket.socket] = set()
        self._open_lock = threading.Lock()
        super().__init__(address, _Handler)

    def server_bind(self) -> None:
        # HTTPServer's own also looks its name up, which can take seconds.
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = ADDRESS, int(self.server_address[1])

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._open_lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._open_lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """End the connections that clients keep open, so that their threads end."""
        with self._open_lock:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        # A client that went away is no news.
        _LOG.debug("a connection broke off", exc_info=True)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "socialops-sandbox"
    sys_version = ""
    timeout = _QUIET
    wbufsize = -1
    disable_nagle_algorithm = True
    server: _Server

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's signature
        _LOG.debug(format, *args)

    def date_time_string(self, timestamp: float | None = None) -> str:
        return format_datetime(self.server.now(), usegmt=True)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        # http.server answers what it cannot read itself with a page; ours are JSON.
        self.close_connection = True
        self._send(answer({"error": message or explain or "The request cannot be read."}, int(code)))

    def _any(self) -> None:
        body = self._body()
        if body is None:
            return
        path, _, query = self.path.partition("?")
        try:
            request = Request(
                "GET" if self.command == "HEAD" else self.command,
                unquote(path, errors="strict"),
                tuple(parse_qsl(query, keep_blank_values=True, errors="strict", max_num_fields=200)),
                {name.casefold(): value for name, value in self.headers.items()},
                body,
            )
        except ValueError:
            self._send(answer({"error": "The address cannot be read."}, 400))
            return
        self._send(self.server.respond(request))

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = _any  # noqa: N815 - http.server's names

    def _body(self) -> bytes | None:
        """Read the body; None when the client has been refused instead."""
        length = self.headers.get("Content-Length")
        if length is None and "Transfer-Encoding" not in self.headers:
            return b""
        if length is None or not re.fullmatch(r"[0-9]{1,12}", length):
            self.send_error(411, "Say how long the body is, with Content-Length.")
            return None
        if int(length) > MAXIMUM_BODY:
            self.send_error(413, f"The body is larger than {MAXIMUM_BODY} bytes.")
            return None
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            self.close_connection = True
            return None
        return body

    def _send(self, done: Answer) -> None:
        self.send_response(done.status)
        self.send_header("Content-Type", done.mime)
        self.send_header("Content-Length", str(len(done.body)))
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Cache-Control", "no-store")
        for name, value in done.headers.items():
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(done.body)
        self.wfile.flush()


def run_in_foreground(
    database: Path | str,
    *,
    port: int,
    now: Callable[[], datetime],
    report: Callable[[str], None],
    accounts: tuple[tuple[str, str, str, int, str], ...] = (),
    seed: int = 1,
    until: threading.Event | None = None,
) -> None:
    """Run the sandbox until Ctrl-C (or until *until* is set), telling through *report* where it is and how to use it.

    *accounts* are (handle, name, zone, followers, lang) to add; without any, and with an empty database, there is one
    called `practice`. Raises UsageError when the port is taken.
    """
    sandbox = Sandbox(database, seed=seed, now=now, port=port)
    try:
        for account in accounts:
            sandbox.add_account(*account)
        if not sandbox.accounts:
            sandbox.add_account("practice", "Practice", "UTC", 1200, "en")
        try:
            url = sandbox.start()
        except OSError as error:
            raise UsageError(
                f"Port {port} of this machine is taken.", hint="Stop what uses it, or name another one with --port."
            ) from error
        report(f"The sandbox runs at {url}: a practice server, its numbers are simulated. Its clock: "
               f"{sandbox.now.astimezone(UTC):%Y-%m-%d %H:%M} UTC.")  # fmt: skip
        for member in sandbox.accounts:
            report(f"  @{member.handle}  token {member.token}")
        report("Press Ctrl-C to stop.")
        stop = until or threading.Event()
        while not stop.wait(0.5):
            pass
    finally:
        sandbox.stop()
