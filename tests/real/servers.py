"""Start the real servers on free ports of this machine, open accounts on them, and stop them again."""

from __future__ import annotations

import ctypes
import functools
import hmac
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import httpx

START_SCRIPT = Path(__file__).with_name("pds.cjs")
READY_WITHIN = 60.0
STOP_WITHIN = 10.0


@dataclass(frozen=True)
class RealAccount:
    """An account on a real server: where it is, its handle there, and the token (and more) that an adapter needs."""

    host: str
    handle: str
    token: str
    secrets: Mapping[str, str] = field(default_factory=dict)


@functools.cache
def web() -> httpx.Client:
    """Return a client for the servers of this machine: no certificates to read, no connection kept."""
    limits = httpx.Limits(max_keepalive_connections=0)
    return httpx.Client(timeout=30, verify=False, limits=limits, headers={"Connection": "close"})


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def until(holds: Callable[[], bool], *, seconds: float, why: str) -> None:
    """Ask again and again until *holds*; fails after *seconds*."""
    ends = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > ends:
            raise TimeoutError(f"{why} did not happen within {seconds:.0f} s")
        time.sleep(0.01)


def _die_with_parent() -> None:
    # PR_SET_PDEATHSIG: however the tests end, even by kill -9, no server stays behind.
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)


@dataclass(frozen=True)
class Clock:
    """A clock for servers that can be put forward while they run. *file* says by how much, for libfaketime."""

    library: Path
    file: Path

    def put_forward(self, by: timedelta) -> None:
        """Let the servers' time be the machine's and *by* more, from now on."""
        unfinished = self.file.with_suffix(".tmp")
        unfinished.write_text(f"+{int(by.total_seconds())}\n", "utf-8")
        unfinished.replace(self.file)

    def environment(self) -> dict[str, str]:
        return {
            "LD_PRELOAD": str(self.library),
            "FAKETIME_TIMESTAMP_FILE": str(self.file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            # snac makes the ids of its statuses from the times of its files: those must not move.
            "NO_FAKE_STAT": "1",
        }


@contextmanager
def running(
    command: Sequence[str], log: Path, ready: Callable[[], bool], name: str, clock: Clock | None = None
) -> Iterator[None]:
    """Run a server while the block runs; its talk goes into *log*."""
    environment = {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(log.parent), "NODE_ENV": "test"}
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=_die_with_parent,
            env=environment | (clock.environment() if clock else {}),
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
            return web().get(url, timeout=2).status_code == 200
        except httpx.HTTPError:
            return False

    return ask


# --- Bluesky ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Pds:
    """A running personal data server."""

    host: str
    log: Path

    def call(self, method: str, name: str, **options: Any) -> Any:
        response = web().request(method, f"{self.host}/xrpc/{name}", **options)
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
        response = web().get(f"{self.host}/xrpc/com.atproto.sync.getBlob", params={"did": did, "cid": cid})
        assert response.status_code == 200
        return response.content

    def time(self) -> datetime:
        """Return what the server takes the time to be."""
        return parsedate_to_datetime(web().get(f"{self.host}/xrpc/_health").headers["Date"])

    def writes(self) -> int:
        """Return how many posts it was sent, whatever became of them."""
        return self.log.read_bytes().count(b"/xrpc/com.atproto.repo.putRecord ")


@contextmanager
def run_pds(modules: Path, folder: Path, clock: Clock | None = None) -> Iterator[Pds]:
    port, directory = free_port(), free_port()
    host = f"http://localhost:{port}"
    data = folder / "pds"
    data.mkdir(parents=True)
    command = ["node", str(START_SCRIPT), str(modules), str(data), str(port), str(directory)]
    log = folder / "pds.log"
    with running(command, log, answers(f"{host}/xrpc/_health"), "the Bluesky server", clock):
        yield Pds(host, log)


# --- snac -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Snac:
    """A running snac: real software that speaks Mastodon's API, and does not know Idempotency-Key."""

    host: str
    program: Path
    base: Path
    log: Path

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
        response = web().get(f"{self.host}{path}", headers={"Authorization": f"Bearer {token}"})
        assert response.status_code == 200, f"{path}: {response.status_code}"
        return response.json()

    def statuses(self, token: str) -> dict[str, dict[str, Any]]:
        """Return every status of an account, newest first: id → status."""
        own = self.get("/api/v1/accounts/verify_credentials", token)["id"]
        found: dict[str, dict[str, Any]] = {}
        older = ""
        while True:
            page = self.get(f"/api/v1/accounts/{own}/statuses?limit=40{older}", token)
            if not {status["id"] for status in page} - found.keys():
                return found
            found |= {status["id"]: status for status in page}
            older = f"&max_id={page[-1]['id']}"

    def writes(self) -> int:
        """Return how many statuses it was sent, whatever became of them."""
        return self.log.read_bytes().count(b"mastoapi_post_handler /api/v1/statuses ")

    def picture(self, url: str) -> bytes:
        response = web().get(url)
        assert response.status_code == 200
        return response.content


@contextmanager
def run_snac(program: Path, folder: Path, clock: Clock | None = None) -> Iterator[Snac]:
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
    # It sends every post to its own inbox as well, and with as few threads as processors waits for itself for seconds.
    values |= {"protocol": "http", "dbglevel": 1, "num_threads": 16}
    settings.write_text(json.dumps(values), "utf-8")
    command = [str(program), "httpd", str(base)]
    log = folder / "snac.log"
    with running(command, log, answers(f"{host}/api/v1/instance"), "snac", clock):
        yield Snac(host, program, base, log)


# --- mastodon_mock ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class MastodonMock:
    """A running mastodon_mock: an emulator by others than us. It remembers Idempotency-Key and fails on demand."""

    host: str
    log: Path
    accounts: Mapping[str, RealAccount]

    def call(self, method: str, path: str, token: str, **options: Any) -> Any:
        headers = {"Authorization": f"Bearer {token}"}
        response = web().request(method, f"{self.host}{path}", headers=headers, **options)
        assert response.status_code == 200, f"{path}: {response.status_code} {response.text[:300]}"
        return response.json()

    def statuses(self, token: str) -> dict[str, dict[str, Any]]:
        """Return the newest statuses of an account (forty at most): id → status."""
        own = self.call("GET", "/api/v1/accounts/verify_credentials", token)["id"]
        page = self.call("GET", f"/api/v1/accounts/{own}/statuses?limit=40", token)
        return {status["id"]: status for status in page}

    def fail_once(self, effect: str, **details: Any) -> None:
        """Let the next status that is sent meet *effect*: `status`, `ratelimit` or `malformed`, before it is read."""
        match = {"methods": ["POST"], "path": "/api/v1/statuses"}
        rule = {"match": match, "effect": {"type": effect, **details}, "count": 1}
        assert web().post(f"{self.host}/api/v1/_mock/faults", json=rule).status_code == 200

    def writes(self) -> int:
        """Return how many statuses it was sent, whatever became of them."""
        return self.log.read_bytes().count(b'"POST /api/v1/statuses HTTP/1.1"')


@contextmanager
def run_mastodon_mock(python: Path, folder: Path) -> Iterator[MastodonMock]:
    """Run the emulator with two accounts, *lumenvelo* and *reader*; all it keeps is in memory."""
    port = free_port()
    host = f"http://localhost:{port}"
    tokens = {name: f"token-of-{name}" for name in ("lumenvelo", "reader")}
    seeds = "".join(f'[[seed.accounts]]\nusername = "{who}"\naccess_token = "{tokens[who]}"\n' for who in tokens)
    settings = folder / "mastodon_mock.toml"
    settings.write_text(f'domain = "localhost:{port}"\nmedia_storage_path = "{folder}/media"\n{seeds}', "utf-8")
    where = ["--in-memory", "--host", "127.0.0.1", "--port", str(port), "--config", str(settings)]
    log = folder / "mastodon_mock.log"
    command = [str(python), "-m", "mastodon_mock", "serve", *where]
    with running(command, log, answers(f"{host}/api/v2/instance"), "mastodon_mock"):
        accounts = {name: RealAccount(host, f"@{name}@localhost:{port}", token) for name, token in tokens.items()}
        yield MastodonMock(host, log, accounts)


# --- Matrix -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Synapse:
    """A running Synapse, alone in the world: it knows its own users and rooms."""

    host: str
    log: Path

    def call(self, method: str, path: str, token: str = "", **options: Any) -> Any:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        response = web().request(method, f"{self.host}{path}", headers=headers, **options)
        assert response.status_code == 200, f"{path}: {response.status_code} {response.text[:300]}"
        return response.json()

    def open_account(self, name: str) -> RealAccount:
        """Make a user, as an administrator does, and log in."""
        register = "/_synapse/admin/v1/register"
        nonce = self.call("GET", register)["nonce"]
        said = "\0".join((nonce, name, "not a secret 1", "notadmin")).encode()
        wish = {"nonce": nonce, "username": name, "password": "not a secret 1", "admin": False}
        mac = hmac.new(SYNAPSE_SECRET.encode(), said, "sha1").hexdigest()
        made = self.call("POST", register, json=wish | {"mac": mac})
        return RealAccount(self.host, made["user_id"], self.log_in(name))

    def log_in(self, name: str) -> str:
        """Return the token of a new device."""
        who = {"type": "m.id.user", "user": name}
        wish = {"type": "m.login.password", "identifier": who, "password": "not a secret 1"}
        return str(self.call("POST", "/_matrix/client/v3/login", json=wish)["access_token"])

    def make_room(self, token: str, alias: str, *, encrypted: bool = False) -> str:
        """Make a room that everybody may join; return its id."""
        wish: dict[str, Any] = {"preset": "public_chat", "room_alias_name": alias}
        if encrypted:
            content = {"algorithm": "m.megolm.v1.aes-sha2"}
            wish["initial_state"] = [{"type": "m.room.encryption", "state_key": "", "content": content}]
        return str(self.call("POST", "/_matrix/client/v3/createRoom", token, json=wish)["room_id"])


SYNAPSE_SECRET = "not a secret 2"
"""With this the tests may make users."""
SYNAPSE_SETTINGS = """\
server_name: {name}
listeners:
  - {{port: {port}, tls: false, type: http, bind_addresses: ['127.0.0.1'], resources: [{{names: [client]}}]}}
database: {{name: sqlite3, args: {{database: '{folder}/homeserver.db'}}}}
media_store_path: '{folder}/media'
signing_key_path: '{folder}/signing.key'
registration_shared_secret: '{secret}'
macaroon_secret_key: '{secret}'
form_secret: '{secret}'
report_stats: false
suppress_key_server_warning: true
trusted_key_servers: []
federation_domain_whitelist: []
presence: {{enabled: false}}
bcrypt_rounds: 4
max_upload_size: 2M
rc_login: {{address: {{per_second: 100, burst_count: 100}}, account: {{per_second: 100, burst_count: 100}}}}
rc_message: {{per_second: {messages}, burst_count: {burst}}}
"""


@contextmanager
def run_synapse(
    python: Path, folder: Path, clock: Clock | None = None, *, messages: float = 1000, burst: int = 1000
) -> Iterator[Synapse]:
    """Run a homeserver that lets an account send *messages* a second, and so many at once as *burst* says."""
    port = free_port()
    host = f"http://localhost:{port}"
    base = folder / "synapse"
    base.mkdir(parents=True)
    settings = base / "homeserver.yaml"
    settings.write_text(
        SYNAPSE_SETTINGS.format(
            name="matrix.example", port=port, folder=base, secret=SYNAPSE_SECRET, messages=messages, burst=burst
        ),
        "utf-8",
    )
    program = [str(python), "-m", "synapse.app.homeserver", "-c", str(settings)]
    # The key with which it signs events; it makes one and ends.
    subprocess.run([*program, "--generate-keys"], capture_output=True, timeout=60, check=True, cwd=base)
    log = folder / "synapse.log"
    with running(program, log, answers(f"{host}/_matrix/client/versions"), "Synapse", clock):
        yield Synapse(host, log)


# --- Mail -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class MailServer:
    """A running mail server on this machine, which keeps every mail in a folder of its own."""

    host: str
    folder: Path

    def mails(self) -> list[bytes]:
        """Return every mail it keeps, oldest first."""
        new = self.folder / "new"
        found = sorted(new.iterdir(), key=lambda file: file.stat().st_mtime_ns) if new.is_dir() else []
        return [file.read_bytes() for file in found]


@contextmanager
def run_mail_server(folder: Path) -> Iterator[MailServer]:
    port = free_port()
    kept = folder / "mails"
    address = ["-n", "-l", f"127.0.0.1:{port}"]

    def ready() -> bool:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=2).close()
        except OSError:
            return False
        return True

    command = [sys.executable, "-m", "aiosmtpd", *address, "-c", "aiosmtpd.handlers.Mailbox", str(kept)]
    with running(command, folder / "mail.log", ready, "aiosmtpd"):
        yield MailServer(f"smtp://127.0.0.1:{port}", kept)


# --- git --------------------------------------------------------------------------------------------------------------


@contextmanager
def run_git(folder: Path) -> Iterator[str]:
    """Serve the bare repositories in *folder*, to be read and written; give the address they lie under.

    In a process of its own, as on a forge: what a push has begun goes on there when the pushing machine dies.
    """
    port = free_port()
    options = ["--listen=127.0.0.1", f"--port={port}", f"--base-path={folder}", "--export-all", "--enable=receive-pack"]

    def ready() -> bool:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=2).close()
        except OSError:
            return False
        return True

    with running(["git", "daemon", "--reuseaddr", *options, str(folder)], folder / "git.log", ready, "git daemon"):
        yield f"git://127.0.0.1:{port}"
