"""No secret gets out: every command on a workspace where much goes wrong, then everything it left is searched.

The secrets are recognisable, and full of signs that look different once they are encoded. Servers that answer with all
they were sent are the worst case: an error message that repeats a server's words would repeat the secret.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import logging
import socket
import stat
import tempfile
import threading
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
import stamina
from hypothesis import given
from hypothesis import strategies as st

from canary import Canary, shapes_of
from people_stage import LATER, NOW, Stage, open_stage
from publishing_stage import git
from socialops.cli import run
from socialops.errors import SocialopsError
from socialops.http import Http
from socialops.networks import ADAPTERS, adapter
from socialops.networks.base import CanDelete, Login, TwoStep
from socialops.networks.draft import Part, Receipt

ODD = "/en+with=all%of&the\"odd'signs\\<inside>"

CHANNELS = {
    "refused": ("mastodon", "{sandbox}", ""),
    "gone": ("mastodon", "{nobody}", ""),
    "echo": ("mastodon", "{echo}", ""),
    "elsewhere": ("mastodon", "https://mastodon.invalid", ""),
    "sky-refused": ("bluesky", "{sandbox}", ""),
    "sky-echo": ("bluesky", "{echo}", ""),
    "room": ("matrix", "{echo}", "room: '!abc:matrix.example'"),
    "page": ("facebook", "{echo}", "page_id: '123456'"),
    "pictures": ("instagram", "{echo}", "account_id: '123456'"),
    "strings": ("threads", "{echo}", ""),
    "company": ("linkedin", "{echo}", "organization: '123456'"),
    "videos": ("youtube", "{echo}", ""),
    "clips": ("tiktok", "{echo}", ""),
    "short": ("x", "{echo}", ""),
    "bot": ("telegram", "", "chat: '@lumenvelo'"),
    "server": ("discord", "", "channel: '123456789012345678'"),
    "desk": ("slack", "", "channel: C0123456789"),
    "letters": ("email", "smtp://{mail}", "{{from: a@lumenvelo.example, to: b@lumenvelo.example}}"),
}
"""Channel → (network, host, params)."""

MADE = {
    ("bot", "TOKEN"): "4711000815:CanaryBot_AAbbCCddEEffGGhhIIjjKKllMMnn",
    ("server", "TOKEN"): "CanaryServer.AAbbCC.ddEEffGGhhIIjjKKllMMnnOOppQQrr",
    ("desk", "TOKEN"): "xoxb-471108151234-CanaryDeskAAbbCCddEEffGG",
}
"""Secrets whose form the network lays down."""

POST = """\
---
date: 2026-12-01 09:30
channels: [{channels}]
lang: tr
title: Kar
---
İlk kar düştü, ışıklar yandı. https://lumenvelo.example/kar
"""


def secret_of(channel: str, kind: str) -> str:
    core = hashlib.sha256(f"{channel} {kind}".encode()).hexdigest()[:20]
    return MADE.get((channel, kind), f"Canary{core}{ODD}")


class Echo(BaseHTTPRequestHandler):
    """Answers with everything it was sent, wherever an answer can hold it."""

    statuses = (401, 400, 403, 500, 200, 429, 422, 404)
    asked = 0

    def do_GET(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        heard = f"{self.path} {dict(self.headers)} {self.rfile.read(length).decode('utf-8', 'replace')}"
        login = self.headers.get("Authorization", "")
        Echo.asked += 1
        words = {
            "error": {"message": f"{login} {heard}", "code": login, "type": login, "error_user_msg": heard},
            "error_description": login,
            "errors": [{"message": login, "detail": heard}],
            "errcode": login,
            "message": heard,
            "detail": login,
            "title": login,
        }
        if Echo.asked % 3 == 0:
            words["error"] = login
        body = json.dumps(words).encode()
        with contextlib.suppress(OSError):
            self.send_response(self.statuses[Echo.asked % len(self.statuses)])
            self.send_header("X-Reason", login)
            self.send_header("Retry-After", login[:60])
            self.send_header("Location", f"https://elsewhere.invalid/{login}".replace("\r", ""))
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    def __getattr__(self, name: str) -> Callable[[], None]:
        """Answer every method alike."""
        if name.startswith("do_"):
            return self.do_GET
        raise AttributeError(name)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's word
        return


@pytest.fixture
def echo() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Echo) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def nobody() -> Iterator[str]:
    """An address of this machine where nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{taken.getsockname()[1]}"


@pytest.fixture(autouse=True)
def once() -> Iterator[None]:
    """Let reads be tried once: nobody is waited for here."""
    stamina.set_active(False)
    yield
    stamina.set_active(True)


@dataclass
class Cage:
    stage: Stage
    canary: Canary
    log: pytest.LogCaptureFixture
    crashes: Path

    def run(self, *arguments: str) -> int:
        """Run a command, and look at all that it said and logged; return its exit code."""
        self.stage.capsys.readouterr()
        self.log.clear()
        code = run(list(arguments))
        said, name = self.stage.capsys.readouterr(), " ".join(arguments[:1])
        self.canary.look(said.out, f"stdout of {name}")
        self.canary.look(said.err, f"stderr of {name}")
        for record in self.log.records:
            self.canary.look(f"{record.name} {record.getMessage()} {record.args!r}", f"log of {name}")
            if record.exc_info and record.exc_info[1]:
                self.canary.look("".join(traceback.format_exception(record.exc_info[1])), f"log of {name}")
        return code

    def look_around(self) -> None:
        """Look at everything that is left: workspace, data, site, both repositories, crash reports."""
        root, kept = self.stage.workspace.root, self.stage.workspace.tokens
        # The one place where tokens are kept on purpose.
        assert all(stat.S_IMODE(file.stat().st_mode) == 0o600 for file in kept.glob("*.json"))
        self.canary.look_at_files(root, but=(".git", kept.name))
        self.canary.look_at_git(root)
        self.canary.look_at_git(self.stage.remote)
        self.canary.look_at_files(self.crashes)


@pytest.fixture
def cage(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    echo: str,
    nobody: str,
) -> Iterator[Cage]:
    places = {"echo": echo, "nobody": f"http://{nobody}", "mail": nobody}
    crashes = tmp_path / "crashes"
    crashes.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(crashes))
    # Whatever is asked for elsewhere ends in a proxy that repeats what it hears.
    monkeypatch.setenv("HTTPS_PROXY", echo)
    for stage in open_stage(tmp_path, monkeypatch, capsys, post=POST.format(channels="mastodon, bluesky")):
        secrets = {}
        for name, (network, host, params) in CHANNELS.items():
            there = host.format(sandbox=stage.sandbox.url, **places)
            lines = [f"network: {network}", "handle: '@test@mastodon.example'", "zone: Europe/Istanbul"]
            lines += [f"host: {there}"] if there else []
            lines += [f"params: {params.format() if params.startswith('{') else '{' + params + '}'}"] if params else []
            file = stage.workspace.root / f"brand/channels/{name}.md"
            file.write_text("---\n" + "\n".join(lines) + "\n---\nOurs.\n", "utf-8")
            # A post each: what one network refuses must not hold the others.
            (stage.workspace.root / f"posts/for-{name}.md").write_text(POST.format(channels=name), "utf-8")
            variable = f"SOCIALOPS_{name.upper().replace('-', '_')}"
            kinds = [*adapter(network).SECRETS, *getattr(adapter(network), "OPTIONAL_SECRETS", ())]
            if network in {"tiktok", "youtube", "linkedin"}:
                kinds = ["CLIENT_ID", "CLIENT_SECRET", "REFRESH_TOKEN"]
            for kind in kinds:
                if kind != "CLIENT_ID":  # it stands in the address that a browser opens
                    secrets[f"{name} {kind}"] = secret_of(name, kind)
                monkeypatch.setenv(f"{variable}_{kind}", secret_of(name, kind))
            monkeypatch.setenv(f"{variable}_HOST", there)
        secrets["github"] = secret_of("github", "TOKEN")
        for name, value in (("TOKEN", secrets["github"]), ("API_URL", echo), ("REPOSITORY", "lumen-velo/social")):
            monkeypatch.setenv(f"GITHUB_{name}", value)
        for name in ("mastodon", "bluesky"):
            secrets[name] = stage.login(
                name, {"mastodon": "@test@mastodon.example", "bluesky": "test.example"}[name]
            ).token
        git(stage.workspace.root, "add", ".")
        git(stage.workspace.root, "commit", "-q", "-m", "Many channels")
        git(stage.workspace.root, "push", "-q", "origin", "main")
        logging.getLogger().setLevel(logging.DEBUG)
        caplog.set_level(logging.DEBUG)
        yield Cage(stage, Canary(secrets), caplog, crashes)


EVERYTHING = (
    ("check",),
    ("plan", "--now", NOW),
    ("plan", "--now", NOW, "--format", "json", "--all"),
    ("publish", "--now", NOW, "--dry-run"),
    ("publish", "--now", NOW),
    ("publish", "--now", LATER, "--format", "json"),
    ("plan", "--now", LATER, "--attention"),
    ("feedback", "--now", LATER),
    ("snapshot", "--now", LATER),
    ("accounts",),
    ("accounts", "--limits"),
    ("doctor", "--online", "--now", LATER),
    ("doctor", "--online", "--format", "json"),
    ("site", "--now", LATER),
)


def test_no_command_lets_a_secret_out_whatever_goes_wrong(cage: Cage, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Echo.asked
    codes = {arguments: cage.run(*arguments) for arguments in EVERYTHING}
    for channel in ("clips", "videos", "pictures", "short", "refused"):
        cage.run("login", channel, "--no-browser", "--timeout", "0s", "--port", "0")

    def crash(*_: object, **__: object) -> None:
        raise RuntimeError("the ground opens")

    monkeypatch.setattr(httpx.Client, "stream", crash)
    for arguments in (("accounts",), ("publish", "--now", LATER), ("snapshot", "--now", LATER)):
        cage.run(*arguments)
    cage.look_around()
    assert cage.canary.leaks == []
    # It was no walk in the park: things went well, and badly, and there was much to look at.
    assert set(codes.values()) >= {0, 1}
    assert len(list(cage.stage.workspace.ledger.rglob("*.json"))) > 10
    assert cage.stage.delivery("mastodon").events
    assert list(cage.crashes.iterdir())
    assert Echo.asked - asked > 40
    assert cage.canary.looked_at > 1_000_000


def test_the_canary_sings_when_a_secret_does_get_out(cage: Cage) -> None:
    secret = secret_of("bot", "TOKEN")  # one that Markdown leaves as it is
    post = cage.stage.workspace.root / "posts/kis.md"
    post.write_text(f"---\ndate: 2026-12-01 09:30\nchannels: [mastodon]\n---\nOur secret: {secret}\n", "utf-8")
    logging.getLogger("somebody").debug("the header is %s", secret)
    cage.canary.look(cage.log.text, "log")
    cage.run("preview", "kis")
    cage.run("publish", "--now", NOW)
    cage.run("site", "--now", LATER)
    cage.look_around()
    places = {place for name, _, place in cage.canary.leaks if name == "bot TOKEN"}
    assert {"log", "stdout of preview", "posts/kis.md", "git in remote.git"} <= places
    assert any(place.startswith("reports/data/ledger/") for place in places)
    assert any(place.startswith("build/") for place in places)
    assert {name for name, _, _ in cage.canary.leaks} == {"bot TOKEN"}


@pytest.mark.parametrize("shape", sorted(shapes_of("x" * 30)))
def test_a_secret_is_found_in_every_shape(shape: str) -> None:
    canary = Canary({"one": f"Canary0123456789{ODD}", "other": f"NotThisOne0123{ODD}"})
    canary.look(b"before " + shapes_of(f"Canary0123456789{ODD}")[shape] + b" after", "here")
    assert ("one", shape, "here") in canary.leaks
    assert {name for name, _, _ in canary.leaks} == {"one"}


@given(st.binary(max_size=20), st.binary(max_size=20), st.booleans())
def test_a_secret_is_found_in_base64_whatever_stands_around_it(before: bytes, after: bytes, url: bool) -> None:
    canary = Canary({"one": f"Canary0123456789{ODD}"})
    encode = base64.urlsafe_b64encode if url else base64.b64encode
    canary.look(encode(before + f"Canary0123456789{ODD}".encode() + after), "here")
    assert canary.leaks


# --- each adapter, against a network that repeats what it hears -----------------------------------------------------

HANDED = ("TOKEN", "APP_SECRET", "CONSUMER_KEY", "CONSUMER_SECRET", "TOKEN_SECRET", "USER")
SINCE = datetime(2026, 12, 1, tzinfo=UTC)


class Repeating(httpx.BaseTransport):
    """A network that answers *status* and all it heard, or breaks with it in its error."""

    def __init__(self, status: int) -> None:
        self.status = status

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        heard = f"{request.url} {dict(request.headers)} {request.read().decode('utf-8', 'replace')}"
        if self.status == 0:
            raise httpx.ConnectError(f"could not connect for {heard}", request=request)
        if self.status == 1:
            raise httpx.ReadError(f"lost {heard}", request=request)
        login = request.headers.get("Authorization", "")
        words = {
            "error": {"message": heard, "code": login, "type": login},
            "message": heard,
            "errors": [{"message": heard}],
        }
        headers = {"Location": "https://elsewhere.invalid/", "X-Reason": login, "Retry-After": login}
        return httpx.Response(self.status, json=words, headers=headers)


@pytest.mark.parametrize("status", [0, 1, 200, 302, 400, 401, 403, 404, 409, 422, 429, 500])
@pytest.mark.parametrize("network", sorted(set(ADAPTERS) - {"email"}))
def test_no_adapter_repeats_a_secret(network: str, status: int, caplog: pytest.LogCaptureFixture) -> None:
    """Mail does not go over HTTP: its errors are looked at above, where nobody listens."""
    name = {"telegram": "bot", "discord": "server", "slack": "desk"}.get(network, network)
    secrets = {kind: secret_of(name, kind) for kind in HANDED}
    canary = Canary(secrets)
    settings = {
        "chat": "@lumenvelo",
        "channel": "123456789012345678",
        "room": "!abc:matrix.example",
        "page_id": "12345",
    }
    settings |= {"account_id": "12345", "organization": "12345"}
    if network == "slack":
        settings["channel"] = "C0123456789"
    host = "https://place.example" if adapter(network).HOST_IS_A_CHOICE else ""
    others = {kind: secret for kind, secret in secrets.items() if kind != "TOKEN"}
    login = Login("ours", "ours.example", host, secrets["TOKEN"], others, settings)
    caplog.set_level(logging.DEBUG)
    failed = 0
    with Http(transport=Repeating(status)) as http:
        ours = adapter(network).connect(login, http)
        key = ours.key("kis/ours", 0, SINCE)
        part, receipt = (
            Part("İlk kar düştü."),
            Receipt("123456", "https://place.example/123456", "2026-12-01T06:30:00.000Z"),
        )
        attempts: list[Callable[[], object]] = [
            lambda: ours.publish(part, key=key),
            lambda: ours.find(part, key=key, since=SINCE),
            lambda: list(ours.measure([receipt])),
            ours.account,
            lambda: ours.idempotency,
        ]
        if isinstance(ours, TwoStep):
            attempts.append(partial(ours.prepare, part, key=key))
        if isinstance(ours, CanDelete):
            attempts.append(partial(ours.delete, receipt))
        for number, attempt in enumerate(attempts):
            try:
                canary.look(repr(attempt()), f"{network} {number}: what it gave")
            except SocialopsError as error:
                failed += 1
                canary.look_at_error(error, f"{network} {number}")
        canary.look(f"{ours!r} {login!r} {key}", f"{network}: repr")
    canary.look(caplog.text, "log")
    assert canary.leaks == []
    assert failed
