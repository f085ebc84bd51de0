"""Staying logged in: access tokens that end, renewed in one place, and refresh tokens that must not be lost.

An adapter never holds such a token. It is given a stand-in, and an `Http` that is signed in as the account: at the door
the stand-in becomes the access token of the moment. The token is renewed when it has ended, and once when the network
says 401; however many threads find that out together, one of them asks.

Some networks take the old refresh token away with every renewal (`Grant.rotates`). The new one is then the only copy in
the world, so it is in a file of ours, whole and flushed, before anything is done with it. The same file is marked
before the network is asked: that proves that it can be written, and when no answer comes, the next run knows why the
old token may be refused. Where nothing that is written outlives the run, such a token is not renewed at all.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote

from socialops.atomic import write_atomically
from socialops.errors import CredentialsError, HttpError, NotAllowed, NotSent
from socialops.http import MAXIMUM_ANSWER, TEXT_DEADLINE, FileField, Http, Response
from socialops.networks.base import instant, rfc3339
from socialops.networks.grants import Grant

STAND_IN = "socialops-puts-the-token-here"
"""What an adapter is given in place of a token that is renewed."""
MARGIN = timedelta(minutes=2)
"""A token that ends so soon is renewed before it is used: a send may take a while, and clocks differ."""
DEADLINE = 30.0
"""Seconds for one renewal."""
PATIENCE = 90.0
"""Seconds to wait for another run that is renewing the same token."""
REST = timedelta(seconds=30)
"""How long a renewal that came to nothing is not tried again in the same run."""
SHORT = re.compile(r"[a-z][a-z0-9_.-]{1,60}", re.IGNORECASE)
"""What an error's own word looks like; anything else in its place is not repeated."""

_PASSING = frozenset({"temporarily_unavailable", "server_error", "slow_down", "rate_limit_exceeded", "internal_error"})
_OURS = frozenset({"invalid_client", "unauthorized_client"})
_VERSION = 1


@dataclass(frozen=True, slots=True)
class Application:
    """The program as the network knows it. A public one has no secret."""

    id: str = field(repr=False)
    secret: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a network gave out: an access token, when it ends, and with what to get the next."""

    access: str = field(default="", repr=False)
    expires: datetime | None = None
    """When the access token ends; None: the network did not say."""
    refresh: str = field(default="", repr=False)
    refresh_expires: datetime | None = None
    origin: str = field(default="", repr=False)
    """The fingerprint of the secret that this began with: another secret begins anew."""
    asked: datetime | None = None
    """When a renewal was asked for that has had no answer yet; None: none is open."""

    def usable(self, now: datetime) -> bool:
        """Tell whether the access token works, as far as its own time goes."""
        return bool(self.access) and (self.expires is None or now + MARGIN < self.expires)


def fingerprint(secret: str) -> str:
    """Return a text that tells a secret from others, and does not give it away."""
    return hashlib.sha256(f"socialops {secret}".encode("utf-8", "surrogatepass")).hexdigest()[:32] if secret else ""


class Store:
    """The file that keeps one channel's tokens, for its owner's eyes only, and the lock around it.

    *folder* is outside git: `.socialops/tokens` of the workspace, or wherever SOCIALOPS_TOKENS says.
    """

    def __init__(self, folder: Path, channel: str) -> None:
        self.file = folder / f"{channel}.json"
        self._lock_file = folder / f".{channel}.lock"

    def __repr__(self) -> str:
        return f"Store({self.file.name})"

    def read(self) -> Tokens:
        """Return what is kept; nothing when there is no file. Raises CredentialsError for one that cannot be read."""
        try:
            data = json.loads(self.file.read_text("utf-8"))
        except FileNotFoundError:
            return Tokens()
        except (OSError, ValueError) as error:
            raise self._broken() from error
        if not isinstance(data, dict) or data.get("version") != _VERSION:
            raise self._broken()
        access, refresh, origin = (data.get(name, "") for name in ("access", "refresh", "origin"))
        if not all(isinstance(word, str) for word in (access, refresh, origin)):
            raise self._broken()
        expires, refresh_expires, asked = (instant(data.get(name)) for name in ("expires", "refresh_expires", "asked"))
        return Tokens(access, expires, refresh, refresh_expires, origin, asked)

    def set_aside(self) -> None:
        """Keep what is kept under another name, before another secret's tokens take its place."""
        Store(self.file.parent, f"{self.file.stem}.previous").write(self.read())

    def _broken(self) -> CredentialsError:
        return CredentialsError(
            f"{self.file} is not a file of tokens that this version of socialops can read.",
            hint=f"Run `socialops login {self.file.stem}`: it writes a new one.",
        )

    def write(self, tokens: Tokens) -> None:
        """Keep *tokens* in place of what was kept; raises CredentialsError, and the file is then as it was."""
        times = {"expires": tokens.expires, "refresh_expires": tokens.refresh_expires, "asked": tokens.asked}
        data = {
            "version": _VERSION,
            "access": tokens.access,
            "refresh": tokens.refresh,
            "origin": tokens.origin,
            **{name: rfc3339(at) if at else None for name, at in times.items()},
        }
        try:
            self._make_folder()
            write_atomically(self.file, (json.dumps(data, indent=1) + "\n").encode("utf-8"), private=True)
        except OSError as error:
            raise CredentialsError(
                f"{self.file} cannot be written ({error.strerror}).",
                hint="Make room there, or make it a folder that you may write to. A token that changes needs a place.",
            ) from error

    def _make_folder(self) -> None:
        self.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        ignore = self.file.parent / ".gitignore"
        if not ignore.exists():
            ignore.write_text("*\n", "utf-8")

    @contextmanager
    def locked(self, sleep: Callable[[float], None] = time.sleep) -> Iterator[None]:
        """Keep other runs on this machine from renewing meanwhile; raises CredentialsError when one never ends."""
        ends = time.monotonic() + PATIENCE
        try:
            self._make_folder()
            file = self._lock_file.open("a+b")
        except OSError as error:
            raise CredentialsError(
                f"{self.file.parent} cannot be written ({error.strerror}).",
                hint="A token that changes needs a place: make it a folder that you may write to.",
            ) from error
        with file:
            while not _taken(file):
                if time.monotonic() > ends:
                    raise CredentialsError(
                        f"Another run has been renewing the token of {self.file.stem} for too long.",
                        hint="End it, and try again.",
                    )
                sleep(0.05)
            yield


if sys.platform == "win32":
    import msvcrt

    def _taken(file: IO[bytes]) -> bool:
        try:
            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
else:
    import fcntl

    def _taken(file: IO[bytes]) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True


class Token:
    """The access token of one channel: valid when it is asked for, as long as the network lets us renew it.

    *secret* is the refresh token as it was stored when somebody logged in; *store* is where its successors are kept
    (None: they do not change, or nothing that is written here outlives the run). *now* is the clock.
    """

    def __init__(
        self,
        channel: str,
        grant: Grant,
        application: Application,
        secret: str,
        http: Http,
        *,
        now: Callable[[], datetime],
        store: Store | None = None,
    ) -> None:
        self.channel = channel
        self.grant = grant
        self._application = application
        self._http = http
        self._now = now
        self._store = store
        self._lock = threading.Lock()
        self._mine = Tokens(refresh=secret, origin=fingerprint(secret))
        self._other: Tokens | None = None
        """What was kept for another secret: the answer to the question which of the two is the newer one."""
        self._unkept = False
        self._trouble: tuple[datetime, HttpError | NotAllowed] | None = None

    def __repr__(self) -> str:
        return f"Token({self.channel})"

    def access(self) -> str:
        """Return an access token that works; raises NotAllowed, or NotSent when none can be had just now."""
        with self._lock:
            self._keep_what_was_given()
            if not self._mine.usable(self._now()):
                self._renew(refused="")
            return self._mine.access

    def instead_of(self, refused: str) -> str:
        """Return another access token than *refused*, to which the network said 401; raises as `access` does."""
        with self._lock:
            self._keep_what_was_given()
            if self._mine.access in {"", refused}:
                self._renew(refused)
            return self._mine.access

    def _renew(self, refused: str) -> None:
        """Get the next access token. The thread lock is held: whoever comes later finds it done."""
        if self._trouble is not None and self._now() < self._trouble[0] + REST:
            raise self._trouble[1]
        try:
            with self._store.locked() if self._store else nullcontext():
                self._take_over()
                if not self._mine.usable(self._now()) or self._mine.access == refused:
                    self._ask()
        except CredentialsError as error:
            raise self._told(NotAllowed(error.message, hint=error.hint, code="token-store")) from error
        except (HttpError, NotAllowed) as error:
            raise self._told(error) from None
        self._trouble = None

    def _told(self, error: HttpError | NotAllowed) -> HttpError | NotAllowed:
        self._trouble = (self._now(), error)
        return error

    def _take_over(self) -> None:
        """Go on from what another run kept, unless a person stored another secret since."""
        kept = self._store.read() if self._store else Tokens()
        if not kept.refresh:
            return
        if self._mine.origin in {"", kept.origin}:
            self._mine = kept
        elif self._store is not None and self._other is None:
            self._other = kept
            self._store.set_aside()

    def _ask(self) -> None:
        grant, before = self.grant, self._mine
        if not before.refresh:
            raise NotAllowed(f"{self.channel} has no refresh token.", hint=self._again(), code="no-refresh-token")
        if grant.rotates:
            if self._store is None:
                raise NotAllowed(no_place(grant.network), hint=NO_PLACE_HINT, code="no-place")
            # Before the network is asked: this proves that the file can be written.
            self._store.write(replace(before, asked=self._now()))
        form = {"grant_type": "refresh_token", "refresh_token": before.refresh}
        try:
            response = ask(self._http, grant, self._application, form)
        except NotSent:
            self._undo(before)
            raise
        except HttpError as error:
            raise NotSent(
                f"{grant.network} did not answer when the token of {self.channel} was to be renewed.", hint=error.hint
            ) from None
        try:
            given = given_by(response, self._now(), grant.network)
        except NotAllowed as error:
            self._undo(before)
            if self._other is not None and self._other.refresh != before.refresh and error.code not in _OURS:
                # Somebody logged in here since the secret was stored: what was kept is the newer of the two.
                self._mine = self._other
                self._ask()
                return
            raise self._refused(error, before) from None
        except NotSent:
            if response.status == 429:
                self._undo(before)
            raise
        after = replace(
            given,
            refresh=given.refresh or before.refresh,
            refresh_expires=given.refresh_expires or before.refresh_expires,
            origin=before.origin,
        )
        self._mine = after
        self._unkept = self._store is not None
        self._keep_what_was_given()

    def _keep_what_was_given(self) -> None:
        """Write what was given; until that is done, nothing is used."""
        if self._store is None or not self._unkept:
            return
        try:
            self._store.write(self._mine)
        except CredentialsError as error:
            raise NotSent(f"A new token was given and could not be kept. {error.message}", hint=error.hint) from error
        self._unkept = False

    def _undo(self, before: Tokens) -> None:
        """Take the mark away: the network never used the refresh token."""
        if self.grant.rotates and self._store is not None:
            self._store.write(before)

    def _refused(self, error: NotAllowed, before: Tokens) -> NotAllowed:
        network, hint = self.grant.network, self._again()
        if error.code in _OURS:
            message = f"{network} does not know the application of {self.channel} ({error.code})."
            hint = "Look whether its CLIENT_ID and CLIENT_SECRET are right, and whether the app is still switched on."
        elif before.asked is not None:
            message = (
                f"{network} refuses the refresh token of {self.channel} ({error.code}): a renewal on "
                f"{before.asked:%Y-%m-%d %H:%M} UTC had no answer, and the new token went missing with it."
            )
        else:
            message = (
                f"{network} refuses the refresh token of {self.channel} ({error.code}): it ended, or was taken back."
            )
        return NotAllowed(message, hint=hint, code=error.code)

    def _again(self) -> str:
        return f"Run `socialops login {self.channel}`."


NO_PLACE_HINT = (
    "Set SOCIALOPS_TOKENS to a folder that is still there in the next run (a disk of your own runner), and run "
    "`socialops login` there. GitHub's own runners keep nothing."
)


def no_place(network: str) -> str:
    """Say why a token that changes is not renewed where nothing lasts."""
    return (
        f"{network} gives out a new refresh token with every renewal, and takes the old one away; what is written "
        "here is gone when the job ends, and the account with it."
    )


def ask(http: Http, grant: Grant, application: Application, form: Mapping[str, str]) -> Response:
    """Ask a network for tokens, once; raises NotSent or NoAnswer. What was sent is in no error."""
    headers = {"Cache-Control": "no-store"}
    if grant.basic and application.secret:
        pair = f"{quote(application.id, safe='')}:{quote(application.secret, safe='')}"
        headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode("ascii")
        known = {grant.client_id: application.id}
    else:
        known = {grant.client_id: application.id, "client_secret": application.secret}
    fields = {name: value for name, value in {**form, **known}.items() if value}
    return http.send("POST", grant.token, headers=headers, form=fields, deadline=DEADLINE)


def given_by(response: Response, now: datetime, network: str) -> Tokens:
    """Read what a network gave out.

    Raises NotAllowed when it refuses for good, with its own word as the code, and NotSent when it said nothing sure.
    """
    answer = response.json()
    found: Mapping[str, Any] = answer if isinstance(answer, dict) else {}
    if isinstance(found.get("data"), list) and found["data"] and isinstance(found["data"][0], dict):
        found = found["data"][0]  # Instagram's form of the answer
    access = found.get("access_token")
    if 200 <= response.status < 300 and _sound(access):
        refresh = found.get("refresh_token")
        long = found.get("refresh_expires_in", found.get("refresh_token_expires_in"))
        return Tokens(
            access=str(access),
            expires=_end(found.get("expires_in"), now),
            refresh=str(refresh) if _sound(refresh) else "",
            refresh_expires=_end(long, now),
        )
    word = error_word(found, response.status)
    passing = response.status in {408, 425, 429} or response.status >= 500 or word in _PASSING
    if passing or not (400 <= response.status < 500 or "error" in found):
        raise NotSent(f"{network} gave no token just now ({word}).", hint="Nothing to do: it is tried again.")
    raise NotAllowed(f"{network} gave no token ({word}).", hint="Log in again.", code=word)


def error_word(found: Mapping[str, Any], status: int) -> str:
    """Return the network's own short word for an error, never a sentence: sentences repeat what was sent."""
    word = found.get("error", "")
    if isinstance(word, dict):  # Meta's envelope
        word = str(word.get("code", ""))
        return word if word.isascii() and word.isdigit() and len(word) < 12 else str(status)
    word = word or found.get("error_type", "")
    return word if isinstance(word, str) and SHORT.fullmatch(word) else str(status)


def _sound(value: object) -> bool:
    """Tell whether a text can be a token: it must fit into a header."""
    fits = isinstance(value, str) and 0 < len(value) <= 8192
    return fits and isinstance(value, str) and value.isascii() and value.isprintable() and " " not in value


def _end(seconds: object, now: datetime) -> datetime | None:
    if isinstance(seconds, str) and seconds.isascii() and seconds.isdigit():
        seconds = int(seconds[:12])
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 < seconds < 10**9:
        return None
    return now + timedelta(seconds=int(seconds))


class SignedIn(Http):
    """An `Http` that is signed in as one account: at its door, STAND_IN in a header becomes the token of the moment.

    On a 401 the token is renewed and the request made once more: the network has refused it, so nothing was done. A
    refused renewal is NotAllowed while nothing went through yet; later the 401 itself is handed on, for then the
    adapter alone knows what of its post is out.
    """

    def __init__(self, http: Http, token: Token) -> None:
        self._door = http
        self._token = token
        self._went_through = False
        self._hopeless = False

    def close(self) -> None:
        """Leave the connections to whoever opened them."""

    def get(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str | Sequence[str]] | None = None,
        deadline: float = TEXT_DEADLINE,
    ) -> Response:
        """Read something as `Http.get` does, signed in; may raise NotAllowed too."""
        return self._signed(headers, lambda own: self._door.get(url, headers=own, query=query, deadline=deadline))

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
        """Do one exchange as `Http.send` does, signed in; may raise NotAllowed too."""
        return self._signed(
            headers,
            lambda own: self._door.send(
                method,
                url,
                headers=own,
                query=query,
                json_body=json_body,
                form=form,
                files=files,
                content=content,
                deadline=deadline,
                maximum=maximum,
            ),
        )

    def _signed(self, headers: Mapping[str, str] | None, exchange: Callable[[Mapping[str, str]], Response]) -> Response:
        asked = dict(headers or {})
        if not any(STAND_IN in value for value in asked.values()):
            return exchange(asked)
        try:
            token = self._token.access()
        except NotAllowed:
            if not self._went_through:
                raise
            return Response(401, {}, b"")
        response = exchange(_with(asked, token))
        if response.status == 401 and not self._hopeless:
            try:
                other = self._token.instead_of(token)
            except NotAllowed:
                if not self._went_through:
                    raise
                return response
            response = exchange(_with(asked, other))
            # A fresh token that is refused as well: it is not its age that the network minds.
            self._hopeless = response.status == 401
        self._went_through = self._went_through or response.status != 401
        return response


def _with(headers: Mapping[str, str], token: str) -> dict[str, str]:
    """Put *token* where the stand-in is; a request signed with it (OAuth 1.0a) carries the token itself instead."""
    return {
        name: f"Bearer {token}"
        if value.startswith("OAuth oauth_") and STAND_IN in value
        else value.replace(STAND_IN, token)
        for name, value in headers.items()
    }
