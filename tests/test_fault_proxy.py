"""The fault proxy does what it says: else the proofs that stand on it prove nothing."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from fault_proxy import (
    Act,
    Proxy,
    bandwidth,
    changed,
    cut_request,
    delayed,
    drip,
    hang_up,
    instead,
    latency,
    limit_data,
    reset,
    silence,
    then_refused,
)
from socialops.networks.sandbox.server import Sandbox

NOW = datetime(2026, 12, 1, 6, 30, tzinfo=UTC)
STATUSES = "/api/v1/statuses"


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(now=NOW) as started:
        started.add_account("test")
        yield started


@pytest.fixture
def passed() -> list[float]:
    return []


@pytest.fixture
def proxy(sandbox: Sandbox, passed: list[float]) -> Iterator[Proxy]:
    with Proxy(sandbox.url, passed.append) as started:
        yield started


def post(proxy: Proxy, sandbox: Sandbox, text: str = "Hello") -> bytes:
    """Send a status as bytes; return all that comes back until the connection ends. Raises OSError on RST."""
    body = json.dumps({"status": text}).encode()
    head = (
        f"POST {STATUSES}?x=1 HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {sandbox.accounts[0].token}\r\n"
        f"Connection: keep-alive\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    port = int(proxy.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), 5) as wire:
        wire.sendall(head.encode() + body)
        answer = b""
        while piece := wire.recv(65536):
            answer += piece
    return answer


def held(sandbox: Sandbox) -> int:
    with Proxy(sandbox.url) as straight:
        head = "GET /api/v1/accounts/verify_credentials HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
        answer = straight.ask(f"{head}Authorization: Bearer {sandbox.accounts[0].token}\r\n\r\n".encode())
    return int(json.loads(answer.partition(b"\r\n\r\n")[2])["statuses_count"])


def told(answer: bytes) -> Any:
    return json.loads(answer.partition(b"\r\n\r\n")[2])


def test_what_nobody_spoils_goes_through(proxy: Proxy, sandbox: Sandbox) -> None:
    assert told(post(proxy, sandbox))["content"] == "<p>Hello</p>"
    assert (held(sandbox), proxy.faults) == (1, 0)


def test_only_the_chosen_requests_are_spoiled(proxy: Proxy, sandbox: Sandbox) -> None:
    proxy.on("POST", STATUSES, instead(503), nth=2, times=2)
    proxy.on("GET", STATUSES, instead(418))
    proxy.on("POST", "/api/v1/status", instead(418))
    answers = [post(proxy, sandbox)[9:12] for _ in range(4)]
    assert answers == [b"200", b"503", b"503", b"200"]
    assert (held(sandbox), proxy.faults, proxy.count("POST", STATUSES)) == (2, 2, 4)


@pytest.mark.parametrize("applied", [True, False])
def test_an_answer_is_lost_and_the_request_is_taken_or_not(proxy: Proxy, sandbox: Sandbox, applied: bool) -> None:
    proxy.on("POST", STATUSES, hang_up(applied=applied))
    assert post(proxy, sandbox) == b""
    proxy.on("POST", STATUSES, reset(applied=applied))
    with pytest.raises(ConnectionResetError):
        post(proxy, sandbox)
    proxy.on("POST", STATUSES, instead(200, {"id": "7"}, applied=applied))
    assert told(post(proxy, sandbox)) == {"id": "7"}
    assert held(sandbox) == 3 * applied


@pytest.mark.parametrize("share", [0.0, 0.5, 0.99])
def test_half_a_request_is_broken_off_on_both_sides(proxy: Proxy, sandbox: Sandbox, share: float) -> None:
    proxy.on("POST", STATUSES, cut_request(share))
    with pytest.raises(ConnectionResetError):
        post(proxy, sandbox)
    assert held(sandbox) == 0


@pytest.mark.parametrize("share", [0, 0.5, 0.99])
def test_an_answer_is_cut(proxy: Proxy, sandbox: Sandbox, share: float) -> None:
    whole = post(proxy, sandbox)
    proxy.on("POST", STATUSES, limit_data(share))
    cut = post(proxy, sandbox)
    assert 0 < len(cut) < len(whole)
    assert (b"\r\n\r\n" in cut) == (share > 0)
    assert held(sandbox) == 2


@pytest.mark.parametrize("act", [silence(applied=True), *(drip(w, applied=True) for w in ("status", "header", "body"))])
def test_a_client_waits_for_nothing_while_a_minute_goes_by(
    proxy: Proxy, sandbox: Sandbox, passed: list[float], act: Act, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fault_proxy.PATIENCE", 0.05)
    proxy.on("POST", STATUSES, act)
    try:
        answer = post(proxy, sandbox)
    except ConnectionResetError:
        answer = b""
    assert b"content" not in answer
    assert passed == [60.0]
    assert held(sandbox) == 1


def test_a_request_arrives_when_its_time_has_come(proxy: Proxy, sandbox: Sandbox) -> None:
    proxy.on("POST", STATUSES, delayed(90, instead(504)))
    assert post(proxy, sandbox)[9:12] == b"504"
    assert (held(sandbox), proxy.next_arrival()) == (0, 90)
    proxy.let_pass(60)
    assert (held(sandbox), proxy.next_arrival()) == (0, 30)
    proxy.let_pass(30)
    assert held(sandbox) == 1
    proxy.let_pass(1000)
    assert held(sandbox) == 1


def test_slow_answers_are_whole(proxy: Proxy, sandbox: Sandbox, passed: list[float]) -> None:
    proxy.on("POST", STATUSES, latency(50))
    proxy.on("POST", STATUSES, bandwidth(7), nth=2)
    assert [told(post(proxy, sandbox))["content"] for _ in range(2)] == ["<p>Hello</p>"] * 2
    assert passed == [50]


def test_an_answer_is_changed(proxy: Proxy, sandbox: Sandbox) -> None:
    proxy.on("POST", STATUSES, changed(lambda value, target: {**value, "id": target}, status=202))
    answer = post(proxy, sandbox)
    assert answer.startswith(b"HTTP/1.1 202 ")
    assert told(answer)["id"] == f"{STATUSES}?x=1"


def test_a_door_is_closed_and_opened_again(proxy: Proxy, sandbox: Sandbox) -> None:
    proxy.on("POST", STATUSES, then_refused)
    assert told(post(proxy, sandbox))["content"] == "<p>Hello</p>"
    with pytest.raises(ConnectionRefusedError):
        post(proxy, sandbox)
    proxy.open_door()
    post(proxy, sandbox)
    assert held(sandbox) == 2


def test_a_greeting_is_all_there_is(proxy: Proxy, sandbox: Sandbox) -> None:
    proxy.greeting = b"220 mail.example ESMTP\r\n"
    try:
        assert post(proxy, sandbox) == proxy.greeting
    except ConnectionResetError:
        assert proxy.faults == 1
    assert held(sandbox) == 0
