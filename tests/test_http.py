"""The HTTP room's promises, kept over real sockets."""

from __future__ import annotations

import gzip
import logging
import socket
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import httpx
import pytest
import stamina

from socialops.errors import HttpError, NoAnswer, NotSent
from socialops.http import MOST_CONNECTIONS, Http, Response, request_host

Conversation = Callable[[socket.socket, threading.Event], None]


@contextmanager
def served(talk: Conversation) -> Iterator[tuple[str, list[int]]]:
    """Serve each connection with *talk*, which gets the socket and an event that tells it to stop."""
    listener = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()
    connections: list[int] = []

    def answer(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            talk(connection, over)

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            connections.append(1)
            threading.Thread(target=answer, args=(connection,), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", connections
    finally:
        over.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


def once(answer: bytes) -> Conversation:
    def talk(connection: socket.socket, _over: threading.Event) -> None:
        connection.recv(65536)
        connection.sendall(answer)

    return talk


def dripping(beginning: bytes, drop: bytes) -> Conversation:
    """Send *beginning*, then *drop* again and again: a server that is never silent and never done."""

    def talk(connection: socket.socket, over: threading.Event) -> None:
        connection.recv(65536)
        connection.sendall(beginning)
        while not over.wait(0.02):
            connection.sendall(drop)

    return talk


@pytest.mark.parametrize(
    "talk",
    [
        dripping(b"HTTP/1.1 200 OK\r\nX-Slow: ", b"a"),
        dripping(b"", b"H"),
        dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b"b"),
        dripping(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nc\r\n"),
        dripping(b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 100 Continue\r\n\r\n"),
    ],
    ids=["header drip", "status drip", "body drip", "chunk drip", "endless continue"],
)
def test_a_server_that_drips_is_left_at_the_deadline(talk: Conversation) -> None:
    with served(talk) as (url, _), Http() as http:
        begun = time.monotonic()
        with pytest.raises(NoAnswer, match=r"^127\.0\.0\.1:"):
            http.send("POST", url, json_body={"a": 1}, deadline=0.3)
        assert time.monotonic() - begun < 3


def test_a_server_that_never_reads_a_large_request_is_left_at_the_deadline() -> None:
    def talk(_connection: socket.socket, over: threading.Event) -> None:
        over.wait(10)

    with served(talk) as (url, _), Http() as http, pytest.raises(NoAnswer):
        http.send("POST", url, content=b"x" * 30_000_000, deadline=0.3)


def test_a_handshake_that_drips_is_left_and_counts_as_not_sent() -> None:
    def talk(connection: socket.socket, over: threading.Event) -> None:
        connection.recv(65536)
        connection.sendall(b"\x16\x03\x03\x40\x00")
        while not over.wait(0.02):
            connection.sendall(b"\x00")

    with served(talk) as (url, _), Http() as http, pytest.raises(NotSent):
        http.send("POST", url.replace("http:", "https:"), json_body={}, deadline=0.3)


def test_a_refused_connection_is_not_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with Http() as http, pytest.raises(NotSent):
        http.send("POST", f"http://127.0.0.1:{port}/")


def test_an_unknown_name_is_not_sent() -> None:
    with Http() as http, pytest.raises(NotSent):
        http.send("POST", "https://nowhere.invalid/")


@pytest.mark.parametrize(
    "url", ["ftp://example.org/", "example.org", "", "http://[::1", "http://a:99999999/", "http://exa mple.org/"]
)
def test_what_is_no_address_is_not_sent(url: str) -> None:
    with Http() as http, pytest.raises(NotSent):
        http.send("POST", url)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n" + gzip.compress(b"x" * 500)[:-9],
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nplain",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 5\r\n\r\nplain",
        b"SSH-2.0-OpenSSH_9.2\r\n",
    ],
    ids=["hung up", "short body", "short chunk", "short gzip", "no gzip", "other encoding", "not HTTP"],
)
def test_an_answer_that_is_cut_or_broken_is_no_answer(answer: bytes) -> None:
    with served(once(answer)) as (url, connections), Http() as http:
        with pytest.raises(NoAnswer):
            http.send("POST", url, json_body={})
        assert len(connections) == 1


def test_a_reset_after_the_request_is_no_answer() -> None:
    def talk(connection: socket.socket, _over: threading.Event) -> None:
        connection.recv(65536)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")

    with served(talk) as (url, _), Http() as http, pytest.raises(NoAnswer):
        http.send("POST", url, json_body={})


def zipped(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(body) + body


def test_gzip_is_unpacked() -> None:
    with served(once(zipped(gzip.compress(b'{"a": "\xc4\xb1"}')))) as (url, _), Http() as http:
        assert http.send("GET", url).json() == {"a": "ı"}


def test_a_gzip_bomb_is_never_unpacked() -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    bomb = b"".join(packer.compress(b"\0" * 1_000_000) for _ in range(300)) + packer.flush()
    assert len(bomb) < 500_000
    with served(once(zipped(bomb))) as (url, _), Http() as http, pytest.raises(NoAnswer, match="larger than 8388608"):
        http.send("GET", url)


def test_an_answer_without_end_is_cut_at_the_maximum() -> None:
    def talk(connection: socket.socket, over: threading.Event) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while not over.is_set():
            connection.sendall(b"z" * 65536)

    with served(talk) as (url, _), Http() as http, pytest.raises(NoAnswer, match="larger than 100000"):
        http.send("GET", url, maximum=100_000)


def test_an_answer_of_exactly_the_maximum_is_whole() -> None:
    with served(once(zipped(gzip.compress(b"q" * 1000)))) as (url, _), Http() as http:
        assert http.send("GET", url, maximum=1000).body == b"q" * 1000


def test_redirects_are_returned_and_not_followed() -> None:
    with served(once(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")) as (elsewhere, reached):
        moved = b"HTTP/1.1 307 Moved\r\nLocation: " + elsewhere.encode() + b"\r\nContent-Length: 0\r\n\r\n"
        with served(once(moved)) as (url, _), Http() as http:
            answer = http.send("POST", url, headers={"Authorization": "Bearer token"}, json_body={})
        assert (answer.status, reached) == (307, [])


def test_a_connection_is_never_used_twice() -> None:
    whole = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
    with served(once(whole)) as (url, connections), Http() as http:
        for _ in range(3):
            assert http.send("POST", url, json_body={}).status == 200
        assert len(connections) == 3


def test_a_server_that_answers_nobody_takes_no_connection_from_another() -> None:
    def silent(connection: socket.socket, over: threading.Event) -> None:
        connection.recv(65536)
        over.wait(20)

    answer = once(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
    with served(silent) as (stuck, connections), served(answer) as (fine, _), Http() as http:
        waiting = [threading.Thread(target=_ask, args=(http, stuck), daemon=True) for _ in range(MOST_CONNECTIONS)]
        for thread in waiting:
            thread.start()
        while len(connections) < MOST_CONNECTIONS:
            time.sleep(0.01)
        assert http.send("POST", f"{fine}/x").status == 200


def _ask(http: Http, url: str) -> None:
    with suppress(HttpError):
        http.send("GET", url, deadline=20)


def test_channels_on_one_server_share_its_connections_and_nothing_else() -> None:
    requests: list[bytes] = []

    def talk(connection: socket.socket, _over: threading.Event) -> None:
        requests.append(connection.recv(65536))
        connection.sendall(b"HTTP/1.1 200 OK\r\nSet-Cookie: session=ours; Path=/\r\nContent-Length: 0\r\n\r\n")

    with served(talk) as (url, _), Http() as http:
        for token in ("one", "two"):
            http.send("POST", f"{url}/x", headers={"Authorization": token})
    assert b"authorization: two" in requests[1].lower()
    assert b"session" not in requests[1]


def test_reads_are_tried_again_and_writes_are_not() -> None:
    with served(once(b"")) as (url, connections), Http(read_attempts=2) as http, stamina.set_testing(True, attempts=2):
        with pytest.raises(NoAnswer):
            http.get(url)
        assert len(connections) == 2
        with pytest.raises(NoAnswer):
            http.send("POST", url)
        assert len(connections) == 3


@pytest.mark.parametrize("secret", ["hunter2\n", "hunter2\r\nX: y", "hunter2é", "hunter2\0"])
def test_a_secret_that_cannot_be_sent_is_not_shown(secret: str) -> None:
    with Http() as http, pytest.raises(NotSent) as caught:
        http.send("GET", "https://example.org", headers={"Authorization": f"Bearer {secret}"})
    assert "hunter2" not in told(caught.value)


def told(error: BaseException) -> str:
    """Return everything that an error and what is behind it would show in a log."""
    import traceback

    return repr(error) + "".join(traceback.format_exception(error)) + str(getattr(error, "hint", ""))


def test_no_error_or_log_shows_paths_queries_headers_or_bodies(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    shown = ""
    with Http() as http:
        with served(once(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Token: hunter2\r\n\r\n{}")) as (url, _):
            http.send("GET", f"{url}/hunter2?q=hunter2", headers={"Authorization": "Bearer hunter2"})
        for talk in (once(b""), once(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhunter2")):
            with served(talk) as (url, _), pytest.raises(HttpError) as caught:
                http.send(
                    "POST",
                    f"{url.replace('127', 'user:hunter2@127')}/hunter2?q=hunter2",
                    headers={"Authorization": "Bearer hunter2"},
                    json_body={"password": "hunter2"},
                )
            shown += told(caught.value)
    assert "127.0.0.1" in shown
    assert "hunter2" not in shown + caplog.text


def test_a_response_shows_its_status_only() -> None:
    assert repr(Response(200, {"set-cookie": "hunter2"}, b"hunter2")) == "Response(status=200)"


@pytest.mark.parametrize("body", [b"<html>", b"", b"\xff", b"[" * 100_000, b"9" * 10_000, b'{"a":'])
def test_a_body_that_is_no_json_reads_as_nothing(body: bytes) -> None:
    assert Response(200, {}, body).json() is None


def test_a_host_is_named_without_its_credentials() -> None:
    assert request_host("https://user:secret@example.org:8443/path?x=1") == "example.org:8443"
    assert request_host("http://[") == "the server"


def test_a_test_transport_keeps_the_same_bounds() -> None:
    transport = httpx.MockTransport(lambda request: httpx.Response(200, content=b"x" * 50))
    with Http(transport=transport) as http, pytest.raises(NoAnswer, match="larger than 10"):
        http.send("GET", "https://example.org", maximum=10)


@pytest.mark.parametrize("address", ["https://xn--a.invalid/", "https://\u0378.example/", "ftp://host/", "https://"])
def test_an_address_that_cannot_be_asked_was_provably_not_sent(address: str) -> None:
    with Http() as http, pytest.raises(NotSent):
        http.send("POST", address)
