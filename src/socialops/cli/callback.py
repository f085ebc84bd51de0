"""The way back from a browser: a server on this machine, for one answer.

It listens on 127.0.0.1 alone, gives every path but one a 404, and writes nothing about what it is asked.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from socialops.errors import SocialopsError, UsageError

SILENT = 10.0
"""Seconds a connection may say nothing: browsers open some ahead of need."""

_PAGE = """\
<!doctype html>
<html lang="en"><meta charset="utf-8"><title>socialops</title>
<body style="font-family: system-ui, sans-serif; margin: 4rem auto; max-width: 34rem">
<h1>{heading}</h1><p>Go back to the terminal; this window can be closed.</p></body></html>
"""


class Callback:
    """Waits for one answer. *read* turns its query into what is wanted, or raises a SocialopsError."""

    def __init__(self, path: str, read: Callable[[str], str], *, port: int = 0) -> None:
        self._path = path
        self._read = read
        self._done = threading.Event()
        self._found = ""
        self._error: SocialopsError | None = None
        self._once = threading.Lock()
        try:
            self._server = _Server(("127.0.0.1", port), self._handler())
        except OSError as error:
            raise UsageError(
                f"Port {port} of this machine cannot be listened on ({error.strerror}).",
                hint="Give another one with --port (and register it with the network), or use --paste.",
            ) from error
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    @property
    def address(self) -> str:
        """Return the address to be led back to."""
        return f"http://127.0.0.1:{self.port}{self._path}"

    def __enter__(self) -> Callback:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def wait(self, seconds: float) -> str:
        """Return what the answer held; raises what *read* raised, and UsageError when no answer comes in time."""
        if not self._done.wait(seconds):
            raise UsageError(
                f"No answer came from the browser in {int(seconds)} seconds.",
                hint="Begin again. Does the browser run on another machine? Then use --paste.",
            )
        if self._error is not None:
            raise self._error
        return self._found

    def _take(self, query: str) -> bool:
        """Read the first answer; later ones change nothing. Tell whether we are in."""
        with self._once:
            if not self._done.is_set():
                try:
                    self._found = self._read(query)
                except SocialopsError as error:
                    self._error = error
                self._done.set()
            return self._error is None

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        callback = self

        class Handler(BaseHTTPRequestHandler):
            timeout = SILENT

            def do_GET(self) -> None:
                there = urlsplit(self.path)
                here = {f"127.0.0.1:{callback.port}", f"localhost:{callback.port}"}
                if there.path != callback._path or self.headers.get("Host", "") not in here:
                    self._answer(404, "There is nothing here")
                    return
                let_in = callback._take(there.query)
                self._answer(200 if let_in else 400, "The login is done" if let_in else "The login did not work")

            def _answer(self, status: int, heading: str) -> None:
                page = _PAGE.format(heading=heading).encode("utf-8")
                self.send_response(status)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(page)))
                self.send_header("Cache-Control", "no-store")
                self.send_header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
                self.send_header("Referrer-Policy", "no-referrer")
                self.end_headers()
                self.wfile.write(page)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's word
                """Write nothing: the line would hold the code."""

        return Handler


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Write nothing about connections that broke."""
