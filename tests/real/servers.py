"""Start the real servers on free ports of this machine, open accounts on them, and stop them again."""

from __future__ import annotations

import ctypes
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

START_SCRIPT = Path(__file__).with_name("pds.cjs")
READY_WITHIN = 60.0
STOP_WITHIN = 10.0


@dataclass(frozen=True)
class RealAccount:
    """An account on a real server: where it is, its handle there, and the token an adapter needs."""

    host: str
    handle: str
    token: str


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def until(holds: Callable[[], bool], *, seconds: float, why: str) -> None:
    """Ask again and again until *holds*; fails after *seconds*."""
    ends = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > ends:
            raise TimeoutError(f"{why} did not happen within {seconds:.0f} s")
        time.sleep(0.05)


def _die_with_parent() -> None:
    # PR_SET_PDEATHSIG: however the tests end, even by kill -9, no server stays behind.
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)


@contextmanager
def running(command: Sequence[str], log: Path, ready: Callable[[], bool], name: str) -> Iterator[None]:
    """Run a server while the block runs; its talk goes into *log*."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=_die_with_parent,
            env={"PATH": os.environ.get("PATH", os.defpath), "HOME": str(log.parent), "NODE_ENV": "test"},
        )
    assert process.stdin is not None

    def up() -> bool:
        if process.poll() is not None:
            raise RuntimeError(f"{name} ended at once: {log.read_text('utf-8', 'replace')[-2000:]}")
        return ready()

    try:
        until(up, seconds=READY_WITHIN, why=f"the start of {name}")
        yield
    finally:
        process.stdin.close()
        process.terminate()
        try:
            process.wait(STOP_WITHIN)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def answers(url: str) -> Callable[[], bool]:
    def ask() -> bool:
        try:
            return httpx.get(url, timeout=2).status_code == 200
        except httpx.HTTPError:
            return False

    return ask


# --- Bluesky ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Pds:
    """A running personal data server."""

    host: str

    def call(self, method: str, name: str, **options: Any) -> Any:
        response = httpx.request(method, f"{self.host}/xrpc/{name}", timeout=30, **options)
        assert response.status_code == 200, f"{name}: {response.status_code} {response.text[:300]}"
        return response.json()

    def open_account(self, name: str) -> RealAccount:
        """Make an account and an app password for it, as a team would."""
        handle, password = f"{name}.test", "not a secret 1"
        person = {"handle": handle, "email": f"{name}@example.test", "password": password}
        session = self.call("POST", "com.atproto.server.createAccount", json=person)
        made = self.call(
            "POST",
            "com.atproto.server.createAppPassword",
            json={"name": "socialops"},
            headers={"Authorization": f"Bearer {session['accessJwt']}"},
        )
        return RealAccount(self.host, handle, made["password"])

    def records(self, handle: str) -> dict[str, dict[str, Any]]:
        """Return every post of an account: address → record with its `cid`."""
        found: dict[str, dict[str, Any]] = {}
        cursor = ""
        while True:
            where = {"repo": handle, "collection": "app.bsky.feed.post", "limit": "100", "cursor": cursor}
            page = self.call("GET", "com.atproto.repo.listRecords", params=where)
            found |= {record["uri"]: {**record["value"], "cid": record["cid"]} for record in page["records"]}
            cursor = page.get("cursor", "")
            if not cursor or not page["records"]:
                return found

    def blob(self, uri: str, cid: str) -> bytes:
        did = uri.split("/")[2]
        response = httpx.get(f"{self.host}/xrpc/com.atproto.sync.getBlob", params={"did": did, "cid": cid}, timeout=30)
        assert response.status_code == 200
        return response.content


@contextmanager
def run_pds(modules: Path, folder: Path) -> Iterator[Pds]:
    port, directory = free_port(), free_port()
    host = f"http://localhost:{port}"
    data = folder / "pds"
    data.mkdir(parents=True)
    command = ["node", str(START_SCRIPT), str(modules), str(data), str(port), str(directory)]
    with running(command, folder / "pds.log", answers(f"{host}/xrpc/_health"), "the Bluesky server"):
        yield Pds(host)


# --- snac -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Snac:
    """A running snac: real software that speaks Mastodon's API, and does not know Idempotency-Key."""

    host: str
    program: Path
    base: Path

    def open_account(self, name: str) -> RealAccount:
        """Make a user, then get a token as any application does: by logging in through the server's form."""
        talk = subprocess.run(
            [self.program, "adduser", self.base, name],
            input=f"{name}\n{name.title()}\n",
            capture_output=True,
            text=True,
            timeout=30,
            check=True,
        )
        password = re.search(r"password(?: is)?:?\s+(\S+)", talk.stdout + talk.stderr, re.IGNORECASE)
        assert password, "snac did not tell the password of its new user"
        aside = "urn:ietf:wg:oauth:2.0:oob"
        with httpx.Client(base_url=self.host, timeout=30, headers={"Connection": "close"}) as web:
            wish = {"client_name": "socialops", "redirect_uris": aside, "scopes": "read write"}
            application = web.post("/api/v1/apps", data=wish).json()
            form = {
                "login": name,
                "passwd": password[1],
                "redir": aside,
                "cid": application["client_id"],
                "state": "",
            }
            page = web.post("/oauth/x-snac-login", data=form)
            told = page.headers.get("Location", "") + "\n" + page.text
            code = re.search(r"code=([0-9A-Za-z]+)", told) or re.search(r"\b([0-9a-f]{32,})\b", told)
            assert code, "snac did not give a code"
            grant = {
                "grant_type": "authorization_code",
                "code": code[1],
                "client_id": application["client_id"],
                "client_secret": application["client_secret"],
                "redirect_uri": aside,
            }
            token = web.post("/oauth/token", data=grant).json()["access_token"]
        return RealAccount(self.host, f"@{name}@{httpx.URL(self.host).netloc.decode()}", token)

    def get(self, path: str, token: str) -> Any:
        headers = {"Authorization": f"Bearer {token}", "Connection": "close"}
        response = httpx.get(f"{self.host}{path}", headers=headers, timeout=30)
        assert response.status_code == 200, f"{path}: {response.status_code}"
        return response.json()

    def picture(self, url: str) -> bytes:
        response = httpx.get(url, headers={"Connection": "close"}, timeout=30)
        assert response.status_code == 200
        return response.content


@contextmanager
def run_snac(program: Path, folder: Path) -> Iterator[Snac]:
    port = free_port()
    host = f"http://localhost:{port}"
    base = folder / "snac"
    subprocess.run(
        [program, "init", base],
        input=f"127.0.0.1\n{port}\nlocalhost:{port}\n\nadmin@example.test\n",
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    settings = base / "server.json"
    values = json.loads(settings.read_text("utf-8"))
    values["protocol"] = "http"
    settings.write_text(json.dumps(values), "utf-8")
    command = [str(program), "httpd", str(base)]
    with running(command, folder / "snac.log", answers(f"{host}/api/v1/instance"), "snac"):
        yield Snac(host, program, base)
