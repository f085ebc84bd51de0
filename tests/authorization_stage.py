"""An authorization server on this machine, and a person with a browser: real sockets, every rule of the RFCs checked.

It is written from RFC 6749, 7636, 8628 and 5849 and from what the networks say of themselves, not from our client. It
keeps what it gave out, and refuses what the real ones refuse.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

CLIENT, SECRET = "client-4711", "s3cret/of+the=app"

Answer = tuple[int, dict[str, Any]]


@dataclass
class Code:
    redirect: str
    challenge: str
    used: bool = False


@dataclass
class AuthorizationServer:
    """What it knows, and how it shall behave. *rotates*: a refresh token works once."""

    url: str = ""
    rotates: bool = True
    hex_challenge: bool = False
    pkce: bool = True
    gives_refresh: bool = True
    expires_in: int = 7200
    deny: bool = False
    other_state: bool = False
    lose: int = 0
    """How many answers to renewals are lost after the work was done."""
    fail: list[Answer] = field(default_factory=list)
    """Answers to give in place of the next renewals, which then change nothing."""
    slow: float = 0.0
    before_answer: Callable[[], None] = lambda: None
    """Called when a renewal is done, before its answer leaves."""
    codes: dict[str, Code] = field(default_factory=dict)
    access: str = ""
    refresh: str = ""
    long: str = ""
    given: list[str] = field(default_factory=list)
    """Every token, code and verifier that it ever gave out."""
    renewals: int = 0
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    device_polls: list[str] = field(default_factory=list)
    """The errors to answer the next polls with, before the person says yes."""
    lock: threading.RLock = field(default_factory=threading.RLock)

    def new(self, kind: str) -> str:
        made = f"{kind}-{len(self.given)}-{hashlib.sha256(f'{kind}{len(self.given)}'.encode()).hexdigest()[:24]}"
        self.given.append(made)
        return made

    def tokens(self) -> dict[str, Any]:
        self.access = self.new("access")
        if not self.gives_refresh:
            return {"access_token": self.access, "expires_in": self.expires_in}
        if self.rotates or not self.refresh:
            self.refresh = self.new("refresh")
        return {
            "access_token": self.access,
            "expires_in": self.expires_in,
            "refresh_token": self.refresh,
            "refresh_expires_in": 15552000,
            "token_type": "Bearer",
        }

    # --- what it answers ----------------------------------------------------------------------------------------------

    def authorize(self, query: dict[str, str]) -> str:
        """Return where the browser is led."""
        assert query["response_type"] == "code"
        assert query.get("client_id", query.get("client_key")) == CLIENT
        assert query["scope"]
        assert len(query["state"]) >= 32
        if self.pkce:
            assert query["code_challenge_method"] == "S256"
        state = "forged" if self.other_state else query["state"]
        if self.deny:
            return f"{query['redirect_uri']}?{urlencode({'error': 'access_denied', 'state': state})}"
        code = self.new("code")
        self.codes[code] = Code(query["redirect_uri"], query.get("code_challenge", ""))
        return f"{query['redirect_uri']}?{urlencode({'code': code, 'state': state})}"

    def token(self, form: dict[str, str], basic: str) -> Answer:
        if basic:
            identity, _, secret = base64.b64decode(basic).decode().partition(":")
            known = (unquote(identity), unquote(secret)) == (CLIENT, SECRET)
        else:
            known = (form.get("client_id", form.get("client_key")), form.get("client_secret")) == (CLIENT, SECRET)
        if not known:
            return 401, {"error": "invalid_client"}
        if form["grant_type"] == "authorization_code":
            return self.redeem(form)
        if form["grant_type"].endswith(":device_code"):
            if self.device_polls:
                return 428, {"error": self.device_polls.pop(0)}
            return 200, self.tokens()
        assert form["grant_type"] == "refresh_token"
        self.renewals += 1
        if self.fail:
            return self.fail.pop(0)
        if form["refresh_token"] != self.refresh:
            return 400, {"error": "invalid_grant", "error_description": f"unknown: {form['refresh_token']}"}
        return 200, self.tokens()

    def redeem(self, form: dict[str, str]) -> Answer:
        code = self.codes.get(form["code"])
        if code is None or code.used or code.redirect != form["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        code.used = True
        if self.pkce:
            self.given.append(form["code_verifier"])
            digest = hashlib.sha256(form["code_verifier"].encode()).digest()
            shown = digest.hex() if self.hex_challenge else base64.urlsafe_b64encode(digest).decode().rstrip("=")
            if not 43 <= len(form["code_verifier"]) <= 128 or shown != code.challenge:
                return 400, {"error": "invalid_grant", "error_description": "PKCE"}
        return 200, self.tokens()

    def meta(self, query: dict[str, str]) -> Answer:
        kind = query["grant_type"]
        if kind.endswith("_exchange_token"):
            short = query.get("access_token", query.get("fb_exchange_token"))
            fits = query["client_secret"] == SECRET and short == self.access
        else:
            fits = query["access_token"] == self.long
        if not fits:
            return 400, {"error": {"message": f"bad {query}", "type": "OAuthException", "code": 190}}
        self.long = self.new("long")
        return 200, {"access_token": self.long, "token_type": "bearer", "expires_in": 5183944}

    def oauth1(self, url: str, header: str) -> tuple[int, dict[str, str]]:
        """Check the signature by RFC 5849 alone."""
        fields = dict(piece.split("=", 1) for piece in header.removeprefix("OAuth ").split(", "))
        values = {name: unquote(value.strip('"')) for name, value in fields.items()}
        signed = values.pop("oauth_signature")
        pairs = sorted((quote(name, safe="~"), quote(value, safe="~")) for name, value in values.items())
        listed = "&".join(f"{name}={value}" for name, value in pairs)
        base = "&".join(quote(piece, safe="~") for piece in ("POST", url, listed))
        token = values.get("oauth_token", "")
        key = f"{quote(SECRET, safe='~')}&{quote(f'{token}-secret', safe='~') if token else ''}"
        right = base64.b64encode(hmac.new(key.encode(), base.encode(), hashlib.sha1).digest()).decode()
        if values["oauth_consumer_key"] != CLIENT or signed != right:
            return 401, {}
        made = self.new("request" if "oauth_callback" in values else "lasting")
        self.given.append(f"{made}-secret")
        if "oauth_callback" in values:
            self.codes[made] = Code(values["oauth_callback"], "")
            return 200, {
                "oauth_token": made,
                "oauth_token_secret": f"{made}-secret",
                "oauth_callback_confirmed": "true",
            }
        if values["oauth_verifier"] != f"pin-{token}":
            return 401, {}
        return 200, {"oauth_token": made, "oauth_token_secret": f"{made}-secret", "screen_name": "lumenvelo"}


class _Handler(BaseHTTPRequestHandler):
    place: AuthorizationServer

    def do_GET(self) -> None:
        with self.place.lock:
            parts = urlsplit(self.path)
            query = dict(parse_qsl(parts.query))
            self.place.asked.append((parts.path, query))
            if parts.path.endswith("/authorize") and "oauth_token" in query:
                where = self.place.codes[query["oauth_token"]].redirect
                self.place.given.append(f"pin-{query['oauth_token']}")
                pin = {"oauth_token": query["oauth_token"], "oauth_verifier": f"pin-{query['oauth_token']}"}
                self._say(302, b"", Location=f"{where}?{urlencode(pin)}")
            elif "response_type" in query:
                self._say(302, b"", Location=self.place.authorize(query))
            elif "grant_type" in query:
                self._json(*self.place.meta(query))
            elif parts.path.endswith("/me/accounts"):
                page = {"id": "77", "name": "Lumen Velo", "access_token": self.place.new("page")}
                self._json(200, {"data": [page, {"id": "78", "name": "Other", "access_token": self.place.new("page")}]})
            else:
                self._api()

    def do_POST(self) -> None:
        form = dict(parse_qsl(self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()))
        path, header = urlsplit(self.path).path, self.headers.get("Authorization", "")
        if self.place.slow and form.get("grant_type") == "refresh_token":
            time.sleep(self.place.slow)
        with self.place.lock:
            self.place.asked.append((path, form))
            if path == "/api/v1/apps":
                assert form["client_name"] == "socialops"
                self._json(200, {"client_id": CLIENT, "client_secret": SECRET})
            elif path.startswith("/oauth/") and header.startswith("OAuth "):
                status, fields = self.place.oauth1(f"{self.place.url}{path}", header)
                self._say(status, urlencode(fields).encode())
            elif path == "/device/code":
                device = {"device_code": self.place.new("device"), "user_code": "WDJB-MJHT", "expires_in": 30}
                self._json(200, {**device, "verification_url": "https://www.google.com/device", "interval": 1})
            elif "grant_type" in form:
                answer = self.place.token(form, header.removeprefix("Basic ") if header else "")
                if form["grant_type"] == "refresh_token":
                    self.place.before_answer()
                    if self.place.lose:
                        self.place.lose -= 1
                        self.close_connection = True
                        return
                self._json(*answer)
            else:
                self._api()

    def _api(self) -> None:
        """Answer as an API does: what the header says is what counts."""
        fits = self.headers.get("Authorization") == f"Bearer {self.place.access}"
        self._json(200 if fits else 401, {"ok": fits})

    def _json(self, status: int, body: dict[str, Any]) -> None:
        self._say(status, json.dumps(body).encode())

    def _say(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's word
        return


@contextmanager
def authorization_server(**behaviour: Any) -> Iterator[AuthorizationServer]:
    place = AuthorizationServer(**behaviour)
    handler = type("Handler", (_Handler,), {"place": place})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        place.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield place
        server.shutdown()
        thread.join()


def look_up(address: str) -> tuple[int, str, str]:
    """Open an address as a browser does, without following: the status, where it leads, and the page."""
    parts = urlsplit(address)
    connection = HTTPConnection(parts.netloc, timeout=10)
    connection.request("GET", f"{parts.path}?{parts.query}" if parts.query else parts.path)
    answer = connection.getresponse()
    page = answer.read().decode()
    connection.close()
    return answer.status, answer.headers.get("Location", ""), page


@dataclass
class Person:
    """Somebody with a browser: opens the address that is shown, says yes, and is led back."""

    threads: list[threading.Thread] = field(default_factory=list)
    pages: list[tuple[int, str]] = field(default_factory=list)

    def open(self, address: str) -> bool:
        """Stand in for `webbrowser.open`."""
        thread = threading.Thread(target=self._visit, args=(address,))
        self.threads.append(thread)
        thread.start()
        return True

    def _visit(self, address: str) -> None:
        _, back, _ = look_up(address)
        status, _, page = look_up(back)
        self.pages.append((status, page))

    def done(self) -> None:
        for thread in self.threads:
            thread.join()
