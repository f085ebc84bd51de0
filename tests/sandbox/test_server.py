"""The practice server keeps to itself, whatever it is asked, and goes on where it stopped."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from sandbox.conftest import START, Practice, png
from socialops.errors import UsageError, WorkspaceError
from socialops.http import Http
from socialops.networks.sandbox.request import MAXIMUM_BODY, Unreadable, multipart, nested
from socialops.networks.sandbox.server import Sandbox, run_in_foreground


def raw(url: str, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, bytes]:
    """Ask without any client's tidying; `_` in header names stands for `-`."""
    connection = HTTPConnection(urlsplit(url).netloc, timeout=10)
    try:
        connection.putrequest(method, path, skip_host="Host" in headers, skip_accept_encoding=True)
        for name, value in headers.items():
            connection.putheader(name.replace("_", "-"), value)
        if body and "Content_Length" not in headers:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body or None)
        done = connection.getresponse()
        return done.status, done.read()
    finally:
        connection.close()


def test_it_listens_on_this_machine_alone(practice: Practice) -> None:
    assert practice.sandbox.url.startswith("http://127.0.0.1:")
    port = urlsplit(practice.sandbox.url).port
    with socket.socket() as other, pytest.raises(OSError, match="refused"):
        other.connect(("127.0.0.2", port))


@pytest.mark.parametrize("host", ["lumenvelo.example", "127.0.0.1.example.org", "", "localhost@evil.example"])
def test_it_answers_only_who_asks_for_this_machine(practice: Practice, host: str) -> None:
    assert raw(practice.sandbox.url, "GET", "/", Host=host)[0] == 421


def test_it_answers_to_localhost_too(practice: Practice) -> None:
    assert raw(practice.sandbox.url, "GET", "/", Host="localhost:8765")[0] == 200


def test_tokens_depend_on_seed_and_handle_alone() -> None:
    with Sandbox(seed=1, now=START) as one, Sandbox(seed=1, now=START + timedelta(days=9)) as two:
        two.add_account("other")
        assert one.add_account("@lumenvelo") == two.add_account("lumenvelo")
        assert one.add_account("lumenvelo") != one.add_account("lumenvelo2")
        first = one.accounts[0].token
    with Sandbox(seed=2, now=START) as three:
        assert three.add_account("lumenvelo") != first
        assert [account.handle for account in three.accounts] == ["lumenvelo"]


@pytest.mark.parametrize(
    ("handle", "zone"), [("", "UTC"), ("a b", "UTC"), ("a/b", "UTC"), ("a", "Mars/Base"), ("a", "")]
)
def test_an_account_that_cannot_be_is_refused(practice: Practice, handle: str, zone: str) -> None:
    with pytest.raises(UsageError):
        practice.sandbox.add_account(handle, "Name", zone)


def test_the_clock_only_moves_forward_and_only_when_told(practice: Practice) -> None:
    assert practice.sandbox.now == START
    practice.sandbox.set_clock(START + timedelta(weeks=3))
    assert practice.sandbox.now == START + timedelta(weeks=3)
    with pytest.raises(UsageError, match="only moves forward"):
        practice.sandbox.set_clock(START)
    with pytest.raises(UsageError, match="zone"):
        practice.sandbox.set_clock(datetime(2027, 1, 1))  # noqa: DTZ001 - on purpose
    with pytest.raises(UsageError, match="zone"):
        Sandbox(now=datetime(2027, 1, 1))  # noqa: DTZ001 - on purpose


def test_the_clock_can_be_moved_over_http(practice: Practice) -> None:
    url = f"{practice.sandbox.url}/sandbox/clock"
    moved = practice.http.send("POST", url, json_body={"now": "2026-12-05T09:30:00+03:00"})
    assert moved.json() == practice.http.get(url).json() == {"now": "2026-12-05T06:30:00Z"}
    assert practice.http.get(url).headers["Date"] == "Sat, 05 Dec 2026 06:30:00 GMT"
    assert practice.http.send("POST", url, json_body={"now": "2026-12-01T00:00:00Z"}).status == 422
    assert practice.http.send("POST", url, json_body={"now": "soon"}).status == 400
    # What a form on any web page could send does nothing.
    assert practice.http.send("POST", url, form={"now": "2027-01-01T00:00:00Z"}).status == 415
    assert practice.http.get(url).json() == {"now": "2026-12-05T06:30:00Z"}


def test_accounts_can_be_added_over_http(practice: Practice) -> None:
    url = f"{practice.sandbox.url}/sandbox/accounts"
    body = {"handle": "yeni", "name": "Yeni", "zone": "Europe/Istanbul", "followers": 900, "lang": "tr"}
    told = practice.http.send("POST", url, json_body=body).json()["accounts"]
    assert {account["handle"]: account["token"] for account in told}["yeni"] == practice.sandbox.add_account("yeni")
    assert practice.http.send("POST", url, json_body={"handle": "a b"}).status == 422


def test_a_file_goes_on_where_it_stopped(tmp_path: Path, http: Http) -> None:
    file = tmp_path / "sandbox.sqlite"
    with Sandbox(file, seed=5, now=START) as sandbox:
        first = Practice(sandbox, http)
        identity = first.toot("Kalıcı", key="k", media_ids=[first.upload(png(), "Alt").json()["id"]]).json()["id"]
        first.toot("Reply", in_reply_to_id=identity)
        first.wait(days=2)
        shown = first.ask("GET", f"/api/v1/statuses/{identity}").json()
        tokens = [account.token for account in sandbox.accounts]
    with Sandbox(file, seed=99, now=START) as sandbox:
        assert sandbox.now == START + timedelta(days=2)
        assert [account.token for account in sandbox.accounts] == tokens
        again = http.get(
            f"{sandbox.url}/api/v1/statuses/{identity}", headers={"Authorization": f"Bearer {first.token}"}
        ).json()
    addresses = (shown["url"].rpartition("/@")[0], again["url"].rpartition("/@")[0])
    assert json.dumps(again).replace(addresses[1], addresses[0]) == json.dumps(shown)


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "sandbox.sqlite"
    file.write_text("This is no database, but it is long enough to be taken for one." * 40)
    with pytest.raises(WorkspaceError, match=r"sandbox\.sqlite"):
        Sandbox(file, now=START)


def test_a_taken_port_is_told(practice: Practice) -> None:
    port = urlsplit(practice.sandbox.url).port or 0
    with pytest.raises(OSError, match="in use"):
        Sandbox(now=START, port=port).start()
    with pytest.raises(UsageError, match=f"Port {port}"):
        run_in_foreground(":memory:", port=port, now=lambda: START, report=lambda _: None)


def test_it_can_be_stopped_while_a_client_holds_its_connection(practice: Practice) -> None:
    connection = HTTPConnection(urlsplit(practice.sandbox.url).netloc, timeout=10)
    connection.request("GET", "/sandbox/clock")
    connection.getresponse().read()
    before = threading.active_count()
    practice.sandbox.stop()
    assert threading.active_count() < before
    connection.close()
    practice.sandbox.stop()


def test_it_runs_in_the_foreground_and_tells_what_to_do() -> None:
    told: list[str] = []
    until = threading.Event()

    def report(line: str) -> None:
        told.append(line)
        if "Ctrl-C" in line:
            until.set()

    accounts = (("practice", "Practice", "Europe/Istanbul", 1200, "tr"),)
    run_in_foreground(":memory:", port=0, now=lambda: START, report=report, accounts=accounts, until=until)
    assert "http://127.0.0.1:" in told[0]
    assert "simulated" in told[0]
    assert told[1].startswith("  @practice  token sandbox-")


def test_a_running_clock_runs(http: Http) -> None:
    moments = iter(START + timedelta(seconds=second) for second in range(1000))
    with Sandbox(now=lambda: next(moments)) as sandbox:
        assert sandbox.now < sandbox.now
        sandbox.set_clock(datetime(2027, 1, 1, tzinfo=UTC))
        assert sandbox.now == sandbox.now == datetime(2027, 1, 1, tzinfo=UTC)


BAD: list[tuple[str, Callable[[str], tuple[int, bytes]], int]] = [
    ("too large", lambda url: raw(url, "POST", "/api/v2/media", Content_Length=str(MAXIMUM_BODY + 1)), 413),
    ("no length", lambda url: raw(url, "POST", "/api/v1/statuses", Transfer_Encoding="chunked"), 411),
    ("odd length", lambda url: raw(url, "POST", "/api/v1/statuses", Content_Length="ten"), 411),
    ("bad escape", lambda url: raw(url, "GET", "/@%ff%fe"), 400),
    ("bad query", lambda url: raw(url, "GET", "/?page=%ff"), 400),
    ("many fields", lambda url: raw(url, "GET", "/?" + "a=b&" * 300), 400),
    ("long line", lambda url: raw(url, "GET", "/" + "a" * 70_000), 414),
    ("odd method", lambda url: raw(url, "BREW", "/"), 501),
    ("other method", lambda url: raw(url, "PATCH", "/api/v1/statuses"), 404),
    ("write a page", lambda url: raw(url, "POST", "/", b"x"), 405),
    ("leave the pages", lambda url: raw(url, "GET", "/../../etc/passwd"), 404),
    ("leave the pictures", lambda url: raw(url, "GET", "/media/..%2f..%2fx"), 404),
    ("huge id", lambda url: raw(url, "GET", "/api/v1/statuses/" + "9" * 5000), 404),
]


@pytest.mark.parametrize(("ask", "status"), [(ask, status) for _, ask, status in BAD], ids=[name for name, _, _ in BAD])
def test_a_bad_request_is_answered_without_a_traceback(
    practice: Practice, ask: Callable[[str], tuple[int, bytes]], status: int
) -> None:
    got, body = ask(practice.sandbox.url)
    assert got == status
    assert b"Traceback" not in body
    assert practice.toot("Still here").status == 200


BODIES = [
    (b"{", "application/json"),
    (b"[1]", "application/json"),
    (b"\xff", "application/json"),
    (b"[" * 100_000, "application/json"),
    (b'{"status": "\\ud800"}', "application/json"),
    (b'{"status": NaN}', "application/json"),
    (b"status=%ff", "application/x-www-form-urlencoded"),
    (b"poll=1&poll[options][]=2", "application/x-www-form-urlencoded"),
    (b"poll[][][=2", "application/x-www-form-urlencoded"),
    (b"a=b&" * 300, "application/x-www-form-urlencoded"),
    (b"--x\r\n", "multipart/form-data; boundary=x"),
    (b"--x\r\nnothing\r\n--x--", "multipart/form-data; boundary=x"),
    (b"--x\r\n\r\n\r\n--x--", "multipart/form-data; boundary=x"),
    (b"text", "multipart/form-data"),
]


@pytest.mark.parametrize(("body", "mime"), BODIES)
def test_a_body_that_means_nothing_is_refused(practice: Practice, body: bytes, mime: str) -> None:
    authorization = f"Bearer {practice.token}"
    got = raw(practice.sandbox.url, "POST", "/api/v1/statuses", body, Content_Type=mime, Authorization=authorization)
    assert got[0] == 400
    assert json.loads(got[1])["error"]
    practice.login()
    token = f"Bearer {practice.session['accessJwt']}"
    for name in ("com.atproto.repo.putRecord", "com.atproto.server.createSession"):
        got = raw(practice.sandbox.url, "POST", f"/xrpc/{name}", body, Content_Type=mime, Authorization=token)
        assert got[0] == 400


def test_multipart_keeps_every_byte() -> None:
    data = bytes(range(256)) + b"\r\n--y\r\n\r\n--"
    head = '--x\r\nContent-Disposition: form-data; name="file"; filename="kış.png"\r\nContent-Type: image/png'.encode()
    text = b'--x\r\nContent-Disposition: form-data; name="description"\r\n\r\nI\xc5\x9f\xc4\xb1k\r\nlar\r\n--x--\r\n'
    fields = dict(multipart("multipart/form-data; boundary=x", head + b"\r\n\r\n" + data + b"\r\n" + text))
    assert (fields["file"].data, fields["file"].name, fields["file"].mime) == (data, "kış.png", "image/png")
    assert fields["description"] == "Işık\r\nlar"


def test_field_names_nest_as_rails_reads_them() -> None:
    fields = [("status", "Hi"), ("media_ids[]", "1"), ("media_ids[]", "2"), ("poll[options][]", "a"), ("poll[x]", "b")]
    assert nested(fields) == {"status": "Hi", "media_ids": ["1", "2"], "poll": {"options": ["a"], "x": "b"}}
    for bad in ([("a", "1"), ("a[]", "2")], [("a[]", "1"), ("a", "2")], [("a[b]", "1"), ("a[]", "2")], [("[]", "1")]):
        with pytest.raises(Unreadable):
            nested(bad)
