"""The only place that imports httpx.

One exchange, one total deadline, a bounded answer, no redirects, no kept-alive connections (a server that closes one
between two requests turns a harmless post into an unknown outcome), and no retries but of reads. What went wrong is
told as the one thing that matters to a publisher: was it *provably* not sent?

Threads share one `Http`. Every server has one pool of connections in it, whichever channels are on it, so a server that
answers nobody takes no connection away from the others.

No error here holds a path, a query, a header or a body: those may carry secrets, and errors end in logs.
"""

from __future__ import annotations

import functools
import heapq
import itertools
import json
import logging
import os
import socket
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from socialops import __version__
from socialops.errors import HttpError, NoAnswer, NotSent

if TYPE_CHECKING:
    import ssl

    import httpx

MAXIMUM_ANSWER = 8 * 1024 * 1024
TEXT_DEADLINE = 60.0
MEDIA_DEADLINE = 480.0
"""For all media of one post. With TEXT_DEADLINE it is nine minutes: a lease of thirty outlives three such sends."""
CONNECT_DEADLINE = 30.0
READ_ATTEMPTS = 3
MOST_CONNECTIONS = 40
"""To one server at a time: more than the channels that are ever sent to side by side."""

FileField = tuple[str, bytes, str]
"""(file name, content, MIME type) of one multipart field."""


@dataclass(frozen=True, slots=True)
class Response:
    """What a server answered: the whole body is in memory and at most MAXIMUM_ANSWER bytes long."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    def json(self) -> Any:
        """Return the body as JSON, or None when it is not JSON (an error page, say)."""
        try:
            return json.loads(self.body.decode("utf-8"))
        except (ValueError, RecursionError):
            return None


@functools.cache
def _certificates() -> ssl.SSLContext:
    """Read the trusted certificates once: it takes a third of a second."""
    import httpx

    return httpx.create_ssl_context()


class Http:
    """A thin client; tests hand in a *transport* (httpx.MockTransport), everyone else leaves it out.

    *read_attempts* is how often `get` asks before it gives up; over a test's transport it asks once, so that no test
    waits.
    """

    def __init__(self, *, transport: httpx.BaseTransport | None = None, read_attempts: int | None = None) -> None:
        import httpx

        # httpx tells its log every address in full, and httpcore every header.
        for name in ("httpx", "httpcore"):
            logging.getLogger(name).setLevel(logging.WARNING)
        self._httpx = httpx
        self._read_attempts = read_attempts or (READ_ATTEMPTS if transport is None else 1)
        self._transport = transport
        self._pools: dict[str, httpx.Client] = {}
        self._opening = threading.Lock()

    def _pool(self, url: str) -> httpx.Client:
        """Return the connections to the server of *url*."""
        server = request_server(url)
        with self._opening:
            if server not in self._pools:
                self._pools[server] = self._new_pool()
            return self._pools[server]

    def _new_pool(self) -> httpx.Client:
        import httpx

        pool = httpx.Client(
            transport=self._transport,
            verify=_certificates() if self._transport is None else True,
            follow_redirects=False,
            limits=httpx.Limits(max_connections=MOST_CONNECTIONS, max_keepalive_connections=0),
            headers={
                "User-Agent": f"socialops/{__version__}",
                "Accept": "application/json",
                "Accept-Encoding": "gzip",
            },
        )
        from http.cookiejar import DefaultCookiePolicy

        # Channels of one server share its pool: what it says to one account must not go along with another's request.
        pool.cookies.jar.set_policy(DefaultCookiePolicy(allowed_domains=()))
        return pool

    def close(self) -> None:
        """Close every connection."""
        with self._opening:
            for pool in self._pools.values():
                pool.close()

    def __enter__(self) -> Http:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def get(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str | Sequence[str]] | None = None,
        deadline: float = TEXT_DEADLINE,
    ) -> Response:
        """Read something, asking again a few times when no answer comes; raises NotSent or NoAnswer.

        *deadline* is in seconds, for all attempts together.
        """
        if self._read_attempts == 1:
            return self.send("GET", url, headers=headers, query=query, deadline=deadline)
        import stamina
        import stamina.instrumentation

        # Its default is a line of jargon on stderr for every retry; what matters is the error that is left in the end.
        stamina.instrumentation.set_on_retry_hooks(())
        ends = time.monotonic() + deadline
        for attempt in stamina.retry_context(on=HttpError, attempts=self._read_attempts, timeout=deadline):
            with attempt:
                left = max(1.0, ends - time.monotonic())
                return self.send("GET", url, headers=headers, query=query, deadline=left)
        raise AssertionError("a retried block returns or raises")

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str | Sequence[str]] | None = None,
        json_body: object = None,
        form: Mapping[str, str | Sequence[str]] | None = None,
        files: Mapping[str, FileField] | None = None,
        content: bytes | None = None,
        deadline: float = TEXT_DEADLINE,
        maximum: int = MAXIMUM_ANSWER,
    ) -> Response:
        """Do one exchange within *deadline* seconds in all.

        Raises NotSent when the request provably never left, NoAnswer in every other case without a complete answer of
        at most *maximum* bytes. Any status is returned, redirects included.
        """
        httpx = self._httpx
        host = request_host(url)
        request_headers = {name: _sendable(name, value, host) for name, value in (headers or {}).items()}
        body: dict[str, Any] = {}
        if json_body is not None:
            body["content"] = json.dumps(json_body, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
            request_headers.setdefault("Content-Type", "application/json")
        elif content is not None:
            body["content"] = content
        else:
            if form is not None:
                body["data"] = dict(form)
            if files is not None:
                body["files"] = dict(files)
        timeout = httpx.Timeout(min(deadline, CONNECT_DEADLINE), read=deadline, write=deadline)
        parameters = dict(query) if query else None
        with _Watch(deadline) as watch:
            try:
                with self._pool(url).stream(
                    method,
                    url,
                    headers=request_headers,
                    params=parameters,
                    timeout=timeout,
                    extensions={"trace": watch.see},
                    **body,
                ) as response:
                    answer = _bounded(response, host, maximum)
                    if watch.over:
                        raise NoAnswer(f"{host} did not finish its answer within {deadline:.0f} s.")
                    return Response(response.status_code, response.headers, answer)
            except (httpx.InvalidURL, httpx.UnsupportedProtocol, UnicodeError):  # the last: a name that IDNA forbids
                raise NotSent("That address cannot be asked: it must begin with https:// or http://.") from None
            except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError):
                raise NotSent(f"{host} could not be reached.", hint=_UNREACHED_HINT) from None
            except httpx.HTTPError as error:
                if watch.saw_connecting and not watch.saw_sending:
                    raise NotSent(f"{host} could not be reached.", hint=_UNREACHED_HINT) from None
                if watch.over:
                    raise NoAnswer(f"{host} did not finish its answer within {deadline:.0f} s.") from None
                raise NoAnswer(f"{host} gave no complete answer ({type(error).__name__}).") from None


class _Alarm:
    """Rings once for everybody who asked for it, at their second: one thread, however many exchanges are under way."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Begin anew: a forked process has none of its parent's threads, and owes them nothing."""
        self._changed = threading.Condition()
        self._calls: list[tuple[float, int, Callable[[], None]]] = []
        self._cancelled: set[int] = set()
        self._numbers = itertools.count()
        self._thread: threading.Thread | None = None

    def ring(self, seconds: float, call: Callable[[], None]) -> int:
        """Call *call* after so many seconds, in the alarm's own thread; return the number to cancel it by."""
        at = time.monotonic() + seconds
        with self._changed:
            number = next(self._numbers)
            heapq.heappush(self._calls, (at, number, call))
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="deadlines", daemon=True)
                self._thread.start()
            elif self._calls[0][1] == number:
                self._changed.notify()
        return number

    def cancel(self, number: int) -> None:
        """Do not ring, if it has not rung yet."""
        with self._changed:
            self._cancelled.add(number)
            if len(self._cancelled) > len(self._calls) // 2 + 100:
                self._calls = [call for call in self._calls if call[1] not in self._cancelled]
                heapq.heapify(self._calls)
                self._cancelled.clear()

    def _run(self) -> None:
        while True:
            with self._changed:
                now = time.monotonic()
                if not self._calls or self._calls[0][0] > now:
                    self._changed.wait(self._calls[0][0] - now if self._calls else None)
                    continue
                _, number, call = heapq.heappop(self._calls)
                if number in self._cancelled:
                    self._cancelled.discard(number)
                    continue
            call()


_ALARM = _Alarm()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_ALARM.forget)


class _Watch:
    """Ends one exchange at its deadline, and knows how far it came.

    httpx's timeouts begin anew with every byte, so a server that sends one byte a second holds a client for ever. At
    the deadline the watch shuts the connection down under it, whatever it is doing: handshake, headers or body.
    """

    def __init__(self, deadline: float) -> None:
        self.over = False
        self.saw_connecting = False
        self.saw_sending = False
        self._sockets: list[socket.socket] = []
        self._lock = threading.Lock()
        self._deadline = deadline
        self._alarm = 0

    def see(self, event: str, info: Mapping[str, Any]) -> None:
        """Take note of one step of the exchange (httpcore's trace extension)."""
        if event == "connection.connect_tcp.started":
            self.saw_connecting = True
        elif event == "connection.connect_tcp.complete":
            plain = info["return_value"].get_extra_info("socket")
            # A copy of the handle: TLS takes the original away from its Python object.
            copy = socket.socket(fileno=os.dup(plain.fileno()))
            with self._lock:
                self._sockets.append(copy)
                if self.over:
                    _shut(copy)
        elif event.endswith("send_request_headers.started"):
            self.saw_sending = True

    def _end(self) -> None:
        with self._lock:
            self.over = True
            for connection in self._sockets:
                _shut(connection)

    def __enter__(self) -> _Watch:
        self._alarm = _ALARM.ring(self._deadline, self._end)
        return self

    def __exit__(self, *_: object) -> None:
        _ALARM.cancel(self._alarm)
        with self._lock:
            for connection in self._sockets:
                connection.close()
            self._sockets.clear()


def _shut(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # the server was quicker


def _bounded(response: httpx.Response, host: str, maximum: int) -> bytes:
    """Return the whole body, decoded; raises NoAnswer beyond *maximum* bytes before or after decoding."""
    too_large = NoAnswer(f"The answer of {host} is larger than {maximum} bytes.")
    if response.is_stream_consumed:
        # A transport that answers from memory has been read (and decoded) by httpx already.
        if len(response.content) > maximum:
            raise too_large
        return response.content
    coding = response.headers.get("content-encoding", "identity").strip().lower()
    decoded = bytearray()
    for piece in _decoded(response.iter_raw(), coding, host, maximum + 1):
        decoded += piece
        if len(decoded) > maximum:
            raise too_large
    return bytes(decoded)


def _decoded(raw: Iterator[bytes], coding: str, host: str, most: int) -> Iterator[bytes]:
    """Decode pieces of at most *most* bytes, so that a small answer that unpacks to gigabytes is never unpacked."""
    if coding in {"", "identity"}:
        yield from raw
        return
    if coding not in {"gzip", "x-gzip"}:
        raise NoAnswer(f"{host} answered in an encoding that was not asked for.")
    decoder = zlib.decompressobj(zlib.MAX_WBITS | 16)
    any_bytes = False
    try:
        for chunk in raw:
            any_bytes = any_bytes or bool(chunk)
            rest = chunk
            while rest and not decoder.eof:
                yield decoder.decompress(rest, most)
                rest = decoder.unconsumed_tail
    except zlib.error:
        raise NoAnswer(f"The answer of {host} could not be unpacked.") from None
    if any_bytes and not decoder.eof:
        raise NoAnswer(f"The answer of {host} ended too early.")


_UNREACHED_HINT = "Look whether this machine is online, and whether that server is running."


def _sendable(name: str, value: str, host: str) -> str:
    """Return a header's value; raises NotSent for one that HTTP cannot carry, without showing it.

    A secret pasted with its line break is the usual case, and httpx's own error would print it.
    """
    if value.isascii() and value.isprintable():
        return value
    raise NotSent(
        f"The {name} header for {host} holds a character that cannot be sent.",
        hint="If it is a secret, store it again without line breaks or spaces around it.",
    )


def request_host(url: str) -> str:
    """Return the host of *url* for a message: never the path or the query, which may carry secrets."""
    from urllib.parse import urlsplit

    try:
        return urlsplit(url).netloc.rpartition("@")[2] or "the server"
    except ValueError:
        return "the server"


def request_server(url: str) -> str:
    """Return the server of *url*, in one spelling."""
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(url)
        return f"{parts.scheme}://{parts.hostname}:{parts.port or ''}".lower()
    except ValueError:
        return ""
