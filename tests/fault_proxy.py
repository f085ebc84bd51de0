"""A proxy on this machine that passes requests to a server, and spoils those it is told to, in one chosen way.

    with Proxy(sandbox.url) as proxy:
        proxy.on("POST", "/api/v1/statuses", reset(applied=True), nth=2)

The words are toxiproxy's, and a few that only one who reads HTTP can have: a request that arrives later than its
answer, an answer that is another one's. Time that goes by is told to *passes* and is never waited for; only what a
client must really see happening (a drip, a silence) lasts until the client has had enough.
"""

from __future__ import annotations

import contextlib
import functools
import gzip
import json
import math
import re
import socket
import struct
import threading
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlsplit

ADDRESS = "127.0.0.1"
PATIENCE = 10.0
"""Seconds after which the proxy itself gives up, so that no test hangs."""
READ_DEADLINE = 60.0
"""Simulated seconds that go by while a client waits in vain."""


class Exchange:
    """One request of a client's, read as far as somebody asked for it, and all that can be done with it."""

    def __init__(self, proxy: Proxy, client: socket.socket) -> None:
        self.proxy = proxy
        self.client = client
        self._read = b""
        while b"\r\n\r\n" not in self._read:
            piece = client.recv(65536)
            if not piece:
                raise ConnectionError
            self._read += piece
        self.head, _, self._body = self._read.partition(b"\r\n\r\n")
        line, *fields = self.head.decode("latin-1").split("\r\n")
        self.method, self.target, _ = line.split(" ", 2)
        self.path = urlsplit(self.target).path
        self.headers = {name.casefold(): value.strip() for name, _, value in (field.partition(":") for field in fields)}
        self.length = int(self.headers.get("content-length", "0"))

    def body(self) -> bytes:
        """Return the whole body, which the client has then sent."""
        while len(self._body) < self.length:
            piece = self.client.recv(65536)
            if not piece:
                raise ConnectionError
            self._body += piece
        return self._body

    def request(self) -> bytes:
        """Return the whole request, as one that ends its connection."""
        head = re.sub(rb"(?im)^connection:[^\r\n]*\r\n", b"", self.head + b"\r\n")
        return head + b"Connection: close\r\n\r\n" + self.body()

    def forward(self) -> bytes:
        """Let the server do what was asked; return its answer."""
        return self.proxy.ask(self.request())

    def answer(self, raw: bytes) -> None:
        """Give the client some of an answer."""
        self.client.sendall(raw)

    def wait_until_left(self) -> None:
        """Wait until the client has had enough."""
        while self.client.recv(65536):
            pass

    def reset(self) -> None:
        """End the connection with RST."""
        _reset(self.client)


Act = Callable[[Exchange], None]


@dataclass(slots=True)
class Rule:
    """Which requests are spoiled, and how; *seen* counts those that match."""

    method: str
    path: re.Pattern[str]
    act: Act
    nth: int
    times: float
    seen: int = 0

    def matches(self, method: str, path: str) -> bool:
        return method == self.method and self.path.fullmatch(path) is not None

    def takes_next(self) -> bool:
        return self.nth <= self.seen + 1 < self.nth + self.times


class Proxy:
    """Stands at `url` before the server at *upstream*; *passes* is told of simulated seconds that go by."""

    def __init__(self, upstream: str, passes: Callable[[float], None] = lambda _seconds: None) -> None:
        self._upstream = int(urlsplit(upstream).port or 80)
        self.passes = passes
        self.rules: list[Rule] = []
        self.heads: list[bytes] = []
        """The line and the headers of every request that came."""
        self.held: list[tuple[float, bytes]] = []
        """Requests that will arrive after so many simulated seconds (see `let_pass`)."""
        self.faults = 0
        """How many requests were spoiled."""
        self.greeting: bytes | None = None
        """What every connection gets instead of being read, when it is not None; then it is left to be silent."""
        self._lock = threading.RLock()
        self._threads: list[threading.Thread] = []
        self._clients: set[socket.socket] = set()
        self._port = 0
        self._listener: socket.socket | None = None
        self.open_door()

    @property
    def url(self) -> str:
        return f"http://{ADDRESS}:{self._port}"

    def on(self, method: str, path: str, act: Act, *, nth: int = 1, times: float = 1) -> None:
        """Do *act* on the *nth* request from now on that matches, and on those after it, *times* in all."""
        self.rules.append(Rule(method, re.compile(path), act, nth, times))

    def calm(self) -> None:
        """Spoil nothing any more."""
        self.rules.clear()

    def acts_on_next(self, method: str, path: str) -> bool:
        """Tell whether the next such request will be spoiled."""
        with self._lock:
            return self.greeting is not None or any(
                rule.matches(method, path) and rule.takes_next() for rule in self.rules
            )

    def count(self, method: str, path: str) -> int:
        """Return how many requests came that match."""
        line = re.compile(rf"{method} {path}(?:\?\S*)? HTTP/1.1\r\n".encode())
        return sum(line.match(head) is not None for head in self.heads)

    def ask(self, request: bytes) -> bytes:
        """Pass a whole request on; return the whole answer."""
        with socket.create_connection((ADDRESS, self._upstream), PATIENCE) as server:
            server.sendall(request)
            answer = b""
            while piece := server.recv(65536):
                answer += piece
        return answer

    def begin(self, request: bytes) -> None:
        """Pass a piece of a request on, then break the connection."""
        with socket.create_connection((ADDRESS, self._upstream), PATIENCE) as server:
            server.sendall(request)
            _reset(server)

    def hold(self, seconds: float, request: bytes) -> None:
        """Keep a whole request back for so many simulated seconds."""
        with self._lock:
            self.held.append((seconds, request))

    def next_arrival(self) -> float:
        """Return in how many simulated seconds the next held request arrives."""
        with self._lock:
            return min((seconds for seconds, _ in self.held), default=math.inf)

    def let_pass(self, seconds: float) -> None:
        """Let so many simulated seconds go by: requests that were held for no longer arrive now."""
        with self._lock:
            due = [request for left, request in self.held if left <= seconds]
            self.held = [(left - seconds, request) for left, request in self.held if left > seconds]
        for request in due:
            self.ask(request)

    # --- listening ---

    def open_door(self) -> None:
        """Listen, on the same port as before."""
        self._listener = socket.create_server((ADDRESS, self._port), backlog=64)
        self._port = self._listener.getsockname()[1]
        self._start(self._accept, self._listener)

    def close_door(self) -> None:
        """Let connections be refused."""
        if self._listener is not None:
            with contextlib.suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            self._listener = None

    def stop(self) -> None:
        self.close_door()
        with self._lock:
            for client in self._clients:
                with contextlib.suppress(OSError):
                    client.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(PATIENCE)
            assert not thread.is_alive(), "the proxy still talks"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _start(self, target: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=target, args=arguments, name="fault proxy", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            client.settimeout(PATIENCE)
            with self._lock:
                self._clients.add(client)
            self._start(self._serve, client)

    def _serve(self, client: socket.socket) -> None:
        with client:
            # Either end may leave at any moment: that is what the proxy is for.
            with contextlib.suppress(OSError):
                if self.greeting is None:
                    exchange = Exchange(self, client)
                    self._act(exchange)(exchange)
                else:
                    self._greet(client, self.greeting)
            with self._lock:
                self._clients.discard(client)

    def _greet(self, client: socket.socket, greeting: bytes) -> None:
        self.faults += 1
        client.sendall(greeting)
        while not greeting and client.recv(65536):
            pass

    def _act(self, exchange: Exchange) -> Act:
        chosen: Act = unspoiled
        with self._lock:
            self.heads.append(exchange.head + b"\r\n")
            for rule in self.rules:
                if rule.matches(exchange.method, exchange.path):
                    if chosen is unspoiled and rule.takes_next():
                        chosen = rule.act
                        self.faults += 1
                    rule.seen += 1
        return chosen


def _reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


# --- what can be done to a request ------------------------------------------------------------------------------------


def unspoiled(exchange: Exchange) -> None:
    exchange.answer(exchange.forward())


def latency(seconds: float) -> Act:
    """Answer properly, after so many simulated seconds."""

    def act(exchange: Exchange) -> None:
        exchange.proxy.passes(seconds)
        unspoiled(exchange)

    return act


def bandwidth(at_once: int) -> Act:
    """Answer properly, in pieces of so many bytes."""

    def act(exchange: Exchange) -> None:
        answer = exchange.forward()
        exchange.client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for begin in range(0, len(answer), at_once):
            exchange.answer(answer[begin : begin + at_once])

    return act


def cut_request(share: float) -> Act:
    """Break the connection when that share of the body has come."""

    def act(exchange: Exchange) -> None:
        whole = exchange.request()
        exchange.proxy.begin(whole[: len(whole) - int(exchange.length * (1 - share)) - 1])
        exchange.reset()

    return act


def reset(*, applied: bool) -> Act:
    """Break the connection with RST after the whole request."""

    def act(exchange: Exchange) -> None:
        _arrive(exchange, applied)
        exchange.reset()

    return act


def hang_up(*, applied: bool) -> Act:
    """End the connection properly after the whole request, without a word."""

    def act(exchange: Exchange) -> None:
        _arrive(exchange, applied)

    return act


def limit_data(share: float) -> Act:
    """Cut the server's answer after that share of its body; 0 leaves not even its headers whole."""

    def act(exchange: Exchange) -> None:
        head, _, body = exchange.forward().partition(b"\r\n\r\n")
        exchange.answer(head + b"\r\n\r\n" + body[: int(len(body) * share)] if share else head[:30])

    return act


def silence(*, applied: bool) -> Act:
    """Never answer: the client's deadline goes by."""

    def act(exchange: Exchange) -> None:
        _arrive(exchange, applied)
        exchange.proxy.passes(READ_DEADLINE)
        exchange.wait_until_left()

    return act


def drip(where: str, *, applied: bool) -> Act:
    """Send an answer that has no end, byte by byte, in its `status`, `header`, `body` or `chunks`."""
    begin, drop = {
        "status": (b"", b"H"),
        "header": (b"HTTP/1.1 200 OK\r\nX-Slow: ", b"a"),
        "body": (b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b"b"),
        "chunks": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nc\r\n"),
    }[where]

    def act(exchange: Exchange) -> None:
        _arrive(exchange, applied)
        exchange.proxy.passes(READ_DEADLINE)
        exchange.answer(begin)
        tick = threading.Event()
        for _ in range(int(PATIENCE / 0.01)):
            exchange.answer(drop)
            tick.wait(0.01)

    return act


def delayed(seconds: float, then: Act) -> Act:
    """Let the request arrive only after so many simulated seconds; meanwhile do *then*, which applies nothing."""

    def act(exchange: Exchange) -> None:
        exchange.proxy.hold(seconds, exchange.request())
        then(exchange)

    return act


def instead(
    status: int,
    body: bytes | str | dict[str, Any] = b"",
    *,
    headers: Mapping[str, str] | None = None,
    applied: bool = False,
) -> Act:
    """Give another answer than the server's; a mapping is sent as JSON."""
    mime = "application/json" if isinstance(body, dict) else "text/html; charset=utf-8"
    text = json.dumps(body) if isinstance(body, dict) else body
    raw = written(status, text.encode() if isinstance(text, str) else text, {"Content-Type": mime, **(headers or {})})

    def act(exchange: Exchange) -> None:
        _arrive(exchange, applied)
        exchange.answer(raw)

    return act


def changed(
    change: Callable[[Any, str], Any] = lambda value, _target: value,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Act:
    """Change the server's own answer; *change* gets its JSON and the address that was asked, with its query."""

    def act(exchange: Exchange) -> None:
        value = json.loads(exchange.forward().partition(b"\r\n\r\n")[2])
        body = json.dumps(change(value, exchange.target)).encode()
        exchange.answer(written(status, body, {"Content-Type": "application/json", **(headers or {})}))

    return act


def gzip_bomb(*, applied: bool) -> Act:
    """Answer with a few kilobytes that unpack to fifty megabytes of `{}` and spaces."""
    return instead(200, _packed(), headers={"Content-Encoding": "gzip"}, applied=applied)


@functools.cache
def _packed() -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    return packer.compress(b"{" + b" " * 50_000_000 + b"}") + packer.flush()


def half_packed(*, applied: bool) -> Act:
    """Answer with gzip that ends too early."""
    return instead(
        200, gzip.compress(b'{"id": "1"}' * 100)[:-20], headers={"Content-Encoding": "gzip"}, applied=applied
    )


def huge(*, applied: bool) -> Act:
    """Announce a gigabyte, and send it for as long as the client takes it."""

    def act(exchange: Exchange) -> None:
        _arrive(exchange, applied)
        exchange.answer(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000000000\r\n\r\n")
        for _ in range(1000):
            exchange.answer(b" " * 1_000_000)

    return act


def then_refused(exchange: Exchange) -> None:
    """Answer properly, and listen no more."""
    answer = exchange.forward()
    exchange.proxy.close_door()
    exchange.answer(answer)


def _arrive(exchange: Exchange, applied: bool) -> None:
    if applied:
        exchange.forward()
    else:
        exchange.body()


def written(status: int, body: bytes, headers: Mapping[str, str]) -> bytes:
    """Return an answer as it stands on the wire."""
    fields = {"Content-Length": str(len(body)), "Connection": "close", **headers}
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"HTTP/1.1 {status} Whatever\r\n{lines}\r\n".encode("latin-1") + body
