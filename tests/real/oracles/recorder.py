"""A server on this machine that writes down what it is sent, and how two requests are compared, field by field.

The libraries run in an environment of their own, as a script that is given the server's address and the same words and
pictures as our adapters. Before each request that matters a script names it, so that both sides are found again.
"""

from __future__ import annotations

import base64
import fnmatch
import hashlib
import json
import re
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx

from networks.forms import multipart

Answer = Callable[[httpx.Request], Any]
"""What the server says to a request: JSON."""
ABSENT = "—"
NAMES = "/--/"
"""A request to this path names those that follow."""
PATIENCE = 120.0
"""Seconds a script may take."""


@dataclass
class Recorder:
    """A running server; *asked* holds what came, by the name given to it."""

    url: str
    base: str
    answer: Answer
    asked: dict[str, list[httpx.Request]] = field(default_factory=dict)
    name: str = ""

    def keep(self, request: httpx.Request) -> Any:
        self.asked.setdefault(self.name, []).append(request)
        return self.answer(request)

    @contextmanager
    def naming(self, name: str) -> Iterator[None]:
        """Let what is sent meanwhile be known as *name*."""
        self.name = name
        try:
            yield
        finally:
            self.name = ""

    def transport(self) -> httpx.BaseTransport:
        """Return a way to this server for an adapter of ours, whatever host it believes to speak to."""
        return _Detour(self.url)

    def one(self, name: str, path: str = "") -> httpx.Request:
        """Return the one request of that name (to a path that ends like this)."""
        (found,) = [request for request in self.asked[name] if request.url.path.endswith(path)]
        return found

    def told_by(self, python: Path, script: str, facts: Mapping[str, Any]) -> Any:
        """Run a script over one of the libraries; return the JSON that it prints."""
        command = [str(python), str(Path(__file__).with_name(script))]
        given = json.dumps({"url": self.url, **facts}, default=lambda value: base64.b64encode(value).decode())
        done = subprocess.run(command, input=given, capture_output=True, text=True, timeout=PATIENCE, check=False)
        assert done.returncode == 0, done.stderr[-3000:]
        return json.loads(done.stdout)


class _Detour(httpx.BaseTransport):
    def __init__(self, url: str) -> None:
        self._inner = httpx.HTTPTransport(limits=httpx.Limits(max_keepalive_connections=0))
        self._place = urlsplit(url)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        there = request.url.copy_with(scheme="http", host=self._place.hostname, port=self._place.port)
        return self._inner.handle_request(
            httpx.Request(request.method, there, headers=request.headers, stream=request.stream)
        )

    def close(self) -> None:
        self._inner.close()


@contextmanager
def recording(base: str, answer: Answer) -> Iterator[Recorder]:
    """Run a server that takes itself for *base* and answers 200 with what *answer* gives."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_one_request(self) -> None:
            self.raw_requestline = self.rfile.readline(65537)
            if not self.raw_requestline or not self.parse_request():
                self.close_connection = True
                return
            content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if self.path.startswith(NAMES):
                recorder.name = self.path.removeprefix(NAMES)
                self.reply({})
                return
            headers = [(name, value) for name, value in self.headers.items() if name.lower() != "host"]
            self.reply(recorder.keep(httpx.Request(self.command, base + self.path, headers=headers, content=content)))

        def reply(self, value: Any) -> None:
            body = json.dumps(value).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    recorder = Recorder(f"http://127.0.0.1:{server.server_port}", base, answer)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield recorder
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


# --- Comparing --------------------------------------------------------------------------------------------------------


def body_of(request: httpx.Request) -> Any:
    """Return a body as it was written: JSON, the fields of a form (a name in a list for each value), or its digest."""
    kind = kind_of(request)
    if not request.content:
        return {}
    if kind == "application/json":
        return json.loads(request.content)
    if kind == "application/x-www-form-urlencoded":
        read: dict[str, Any] = {}
        for name, value in parse_qsl(request.content.decode(), keep_blank_values=True):
            read.setdefault(name, []).append(value)
        return {name: values if name.endswith("[]") else values[0] for name, values in read.items()}
    if kind == "multipart/form-data":
        return {name: as_file(part) if isinstance(part, tuple) else part for name, part in multipart(request).items()}
    return {"bytes": digest(request.content)}


def as_file(part: tuple[str, str, bytes]) -> dict[str, str]:
    name, kind, content = part
    return {"file name": name, "type": kind, "bytes": digest(content)}


def digest(content: bytes) -> str:
    return f"{len(content)} bytes, {hashlib.sha256(content).hexdigest()[:16]}"


def kind_of(request: httpx.Request) -> str:
    return str(request.headers.get("Content-Type", "")).partition(";")[0].strip()


def flat(value: Any, at: str) -> Iterator[tuple[str, Any]]:
    """Give every leaf of a value with its place (`body.poll.options.0`)."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    if not inner:
        yield at, value
    for name, one in inner:
        yield from flat(one, f"{at}.{name}")


def fields_of(request: httpx.Request, read: Callable[[httpx.Request], Any] = body_of) -> dict[str, Any]:
    """Return what matters of a request, by name: method, path, query, keys, the fields of the body."""
    path = request.url.raw_path.decode().partition("?")[0]  # as it is written: an escaped slash is no slash
    said: dict[str, Any] = {"method": request.method, "path": path, "kind": kind_of(request)}
    for name in dict(request.url.params):
        values = request.url.params.get_list(name)
        said[f"query.{name}"] = values if name.endswith("[]") or len(values) > 1 else values[0]
    authorization = request.headers.get("Authorization", ABSENT)
    if authorization.startswith("OAuth "):
        said["authorization"] = sorted(re.findall(r"(\w+)=", authorization))
    else:
        said["authorization"] = authorization
    for name in ("Idempotency-Key", "atproto-proxy", "atproto-accept-labelers"):
        if name in request.headers:
            said[name] = request.headers[name]
    body = read(request)
    return said | dict(flat(body, "body")) if body else said


def assert_alike(
    ours: httpx.Request,
    theirs: httpx.Request,
    *,
    because: Mapping[str, str] | None = None,
    read: Callable[[httpx.Request], Any] = body_of,
) -> None:
    """Fail unless two requests say the same in every field but those that *because* gives a reason for.

    Its names may hold `*`. A reason for a difference that is not there fails as well: it is out of date.
    """
    alike(fields_of(ours, read), fields_of(theirs, read), because or {})


def alike(ours: Mapping[str, Any], theirs: Mapping[str, Any], because: Mapping[str, str]) -> None:
    differing = {
        name: (ours.get(name, ABSENT), theirs.get(name, ABSENT))
        for name in sorted(ours.keys() | theirs.keys())
        if ours.get(name, ABSENT) != theirs.get(name, ABSENT)
    }
    unexplained = {name: pair for name, pair in differing.items() if not _named(name, because)}
    assert unexplained == {}, f"ours, and the library's: {unexplained}"
    idle = [reason for reason in because if not any(fnmatch.fnmatchcase(name, reason) for name in differing)]
    assert idle == [], f"these are alike by now: {idle}"


def _named(name: str, because: Mapping[str, str]) -> bool:
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in because)
