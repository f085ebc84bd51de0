"""What the networks of Meta share: one Graph API, its versions, errors, quotas, pages and batches.

A token travels in a header, or in a body; never in an address, which proxies and logs keep. No error holds the words
of an answer: they may repeat what was sent. A refusal is told by its numbers (`190/463`: code and subcode) and by what
we know of them.

Source: developers.facebook.com/docs/graph-api (guides/error-handling, overview/rate-limiting, securing-requests,
batch-requests), as of v26.0, 2026-11.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from socialops.errors import (
    CredentialsError,
    HttpError,
    NetworkError,
    NotAllowed,
    NotSent,
    Rejected,
    TryLater,
    Unknown,
)
from socialops.http import TEXT_DEADLINE, FileField, request_host
from socialops.networks.base import DEFAULT_WAIT, LATEST, SOONEST, Login, instant, rfc3339, unread, wait_of
from socialops.networks.draft import COMMENT, COMMENT_TROUBLE

if TYPE_CHECKING:
    from socialops.http import Http, Response

ENDS: Mapping[int, date] = {
    20: date(2026, 9, 24),
    21: date(2027, 1, 21),
    22: date(2027, 5, 20),
    23: date(2027, 10, 8),
    24: date(2028, 2, 18),
    25: date(2028, 7, 29),
}
"""Version of the Graph API → its last day, as far as Meta has named one; older ones have ended.
Source: developers.facebook.com/docs/graph-api/changelog, read on 2026-11-22."""
BATCH = 50
"""Requests one batch may hold (docs/graph-api/batch-requests)."""
PAGE = 100
"""Things one page of a list holds at most."""
QUOTA_WAIT = timedelta(hours=1)
"""How long to wait for a used-up quota where Meta does not say: its quotas are counted over an hour."""

GONE = frozenset({"100/33", "404"})
"""What Meta says of something that is not there, or that we may not see."""

ID = re.compile(r"[0-9]{1,32}")
_VERSION = re.compile(r"v?([0-9]{1,3}\.[0-9]{1,2})")
_CURSORS = frozenset({"after", "until", "since", "page", "__paging_token"})
_UNSURE = frozenset({408, 409, 425, 499})
"""Statuses that say nothing sure of a request that was perhaps carried out."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a number of Meta's means for the caller.

    *error* is Rejected, NotAllowed, TryLater or Unknown; *words* end the message, *hint* says what to do. *wait* is how
    long to wait where the headers say nothing.
    """

    error: type[NetworkError]
    words: str
    hint: str = ""
    wait: timedelta = DEFAULT_WAIT


_NEW_TOKEN = "Make a new token for the account, and store it as the channel's secret."  # noqa: S105 - a sentence
_PERMISSION = Meaning(
    NotAllowed,
    "the token lacks a permission",
    "Make a token with the permissions that the handbook lists for this network, as a person with a role there.",
)
_QUOTA = Meaning(TryLater, "its quota of requests is used up", "Nothing to do: it is tried again.", QUOTA_WAIT)
_PASSING = Meaning(Unknown, "it has trouble of its own")

CODES: Mapping[int, Meaning] = {
    1: _PASSING,
    2: _PASSING,
    3: _PERMISSION,
    4: _QUOTA,
    10: _PERMISSION,
    17: _QUOTA,
    32: _QUOTA,
    102: Meaning(NotAllowed, "the session of the token is over", _NEW_TOKEN),
    104: Meaning(NotAllowed, "it wants a proof of the app's secret", "Store the app's secret as APP_SECRET, too."),
    190: Meaning(NotAllowed, "the token is not valid", _NEW_TOKEN),
    **dict.fromkeys(range(200, 300), _PERMISSION),
    341: _QUOTA,
    368: Meaning(
        NotAllowed,
        "the account is blocked for a while, because of a rule of the network",
        "Open the account there and read its support inbox; nothing more is sent until a person has looked.",
    ),
    506: Meaning(Unknown, "it says that the same post is there already"),
    613: _QUOTA,
    **dict.fromkeys(range(80000, 80015), _QUOTA),
}
"""Code of an error → what it means. What is not here is a post the network refuses."""

SUBCODES: Mapping[int, Meaning] = {
    458: Meaning(NotAllowed, "the app was removed from the account", _NEW_TOKEN),
    459: Meaning(
        NotAllowed, "the person of the token must log in there first", "Log in there, and answer what it asks."
    ),
    460: Meaning(NotAllowed, "the password was changed since the token was made", _NEW_TOKEN),
    463: Meaning(NotAllowed, "the token has expired", _NEW_TOKEN),
    464: Meaning(
        NotAllowed, "the person of the token must confirm the account", "Log in there, and answer what it asks."
    ),
    467: Meaning(NotAllowed, "the token is not valid any more", _NEW_TOKEN),
    492: Meaning(NotAllowed, "the person of the token has no role there any more", _NEW_TOKEN),
}
"""Subcode → what it means; goes before the code."""


@dataclass(frozen=True, slots=True)
class Fault:
    """The numbers of a refusal; 0 where there is none. *transient* is Meta's own "try again"."""

    status: int
    code: int = 0
    subcode: int = 0
    transient: bool = False

    @property
    def word(self) -> str:
        """Return the numbers in one word: `190/463`, `100`, or the HTTP status alone."""
        if not self.code:
            return str(self.status)
        return f"{self.code}/{self.subcode}" if self.subcode else str(self.code)


def fault_of(status: int, answer: object) -> Fault:
    """Read the error envelope of an answer; anything else counts by its HTTP status alone."""
    error = answer.get("error") if isinstance(answer, dict) else None
    if not isinstance(error, dict):
        return Fault(status)
    return Fault(status, whole(error.get("code")), whole(error.get("error_subcode")), error.get("is_transient") is True)


def whole(value: object) -> int:
    """Return *value* when it is a whole number of a sane size, else 0."""
    return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**9 else 0


def meaning_of(fault: Fault, own: Mapping[int, Meaning], own_codes: Mapping[int, Meaning]) -> Meaning:
    """Say what a refusal means: by the network's own subcodes and codes, by Meta's, by the HTTP status."""
    for number, known in (
        (fault.subcode, own),
        (fault.subcode, SUBCODES),
        (fault.code, own_codes),
        (fault.code, CODES),
    ):
        if number in known:
            return known[number]
    if fault.status == 429:
        return _QUOTA
    if fault.transient or fault.status >= 500 or fault.status < 400 or fault.status in _UNSURE:
        return _PASSING
    if not fault.code and fault.status in {401, 403}:
        return Meaning(NotAllowed, "it refuses our credentials", _NEW_TOKEN)
    return Meaning(
        Rejected, "", "Run `socialops check` on the post, and compare it with what this kind of post may hold."
    )


def quota_wait(headers: Mapping[str, str], default: timedelta = QUOTA_WAIT) -> timedelta:
    """Return how long Meta wants us to wait, between SOONEST and LATEST.

    Reads `Retry-After`, then the minutes of `X-Business-Use-Case-Usage`; *default* where neither tells.
    """
    if headers.get("Retry-After"):
        return wait_of(headers, default=default)
    minutes = 0
    try:
        usage = json.loads(headers.get("X-Business-Use-Case-Usage", ""))
    except (ValueError, RecursionError):
        usage = None
    for entries in usage.values() if isinstance(usage, dict) else ():
        for entry in entries if isinstance(entries, list) else ():
            if isinstance(entry, dict):
                minutes = max(minutes, whole(entry.get("estimated_time_to_regain_access")))
    return min(max(timedelta(minutes=minutes) if minutes else default, SOONEST), LATEST)


def version_of(login: Login, default: str) -> str:
    """Return the version of the API a channel uses; raises CredentialsError for a setting that names none."""
    given = login.settings.get("api_version")
    if given is None:
        return default
    found = _VERSION.fullmatch(str(given).strip())
    if found is None:
        raise CredentialsError(
            f"`api_version` of channel {login.channel} is no version.", hint=f"Write `api_version: {default}`."
        )
    return f"v{found[1]}"


def sunset(version: str, today: date) -> str:
    """Return a warning when a version of the Graph API ends within 60 days or has ended; else an empty text."""
    newer = "Write a newer one as `api_version:` under `params:` of the channel."
    found = _VERSION.fullmatch(version)
    if found is None:
        return f"{version!r} is no version of the Graph API: v26.0 is one. {newer}"
    number = int(found[1].partition(".")[0])
    ends = ENDS.get(max(number, min(ENDS)))
    if ends is None:
        return ""
    if today > ends:
        return f"Version {version} of the Graph API has ended. {newer}"
    return f"Version {version} of the Graph API ends on {ends}. {newer}" if (ends - today).days <= 60 else ""


def home_of(login: Login, default: str) -> str:
    """Return the address of the API: *default*, or a server on this very machine that `host:` names.

    Raises CredentialsError for any other host: the token belongs to the network alone.
    """
    host = login.host.strip().rstrip("/")
    if not host or host == default:
        return default
    parts = urlsplit(host)
    if parts.scheme != "http" or parts.hostname not in {"localhost", "127.0.0.1", "::1"} or parts.path or parts.query:
        raise CredentialsError(
            f"The token of channel {login.channel} may only be sent to {urlsplit(default).netloc}.",
            hint="Take `host:` out of the channel's file.",
        )
    return host


class Graph:
    """One account's way to one Graph API. It asks once, and tells what an answer means.

    *own* are the meanings of the network's own subcodes, *own_codes* of its codes. Paths begin after the version:
    `me`, `123/feed`; whoever makes one has looked at each id in it.
    """

    def __init__(
        self,
        login: Login,
        http: Http,
        *,
        place: str,
        home: str,
        version: str,
        own: Mapping[int, Meaning] | None = None,
        own_codes: Mapping[int, Meaning] | None = None,
    ) -> None:
        self.place = place
        self.home = home_of(login, home)
        self.version = version_of(login, version)
        self.heard = ""
        """When Meta last answered, by its own clock (RFC 3339); empty before it does."""
        self._http = http
        self._token = login.token.strip()
        self._own = own or {}
        self._own_codes = own_codes or {}
        secret = login.secrets.get("APP_SECRET", "").strip()
        self._proof = (
            {"appsecret_proof": hmac.new(secret.encode(), self._token.encode(), hashlib.sha256).hexdigest()}
            if secret
            else {}
        )

    def __repr__(self) -> str:
        return f"Graph({self.place}, {self.version})"

    # --- Reading ------------------------------------------------------------------------------------------------------

    def read(self, path: str, query: Mapping[str, str] | None = None, *, deadline: float = TEXT_DEADLINE) -> Any:
        """Read something as JSON (None when it is no JSON); raises NotAllowed or TryLater, whose code tells why."""
        try:
            response = self._http.get(
                self._url(path), headers=self._headers(), query={**(query or {}), **self._proof}, deadline=deadline
            )
        except HttpError as error:
            raise unread(error, self.place) from None
        answer = response.json()
        if response.status == 200 and not (isinstance(answer, dict) and "error" in answer):
            return answer
        fault = fault_of(response.status, answer)
        meaning = meaning_of(fault, self._own, self._own_codes)
        if meaning.error is NotAllowed:
            raise self._told(fault, response.headers, visible=False, what="to be read")
        wait = quota_wait(response.headers, meaning.wait)
        raise TryLater(f"{self.place} cannot be read now ({fault.word}).", after=wait, code=fault.word)

    def pages(self, path: str, query: Mapping[str, str], *, most: int) -> Iterator[Mapping[str, Any]]:
        """Give the things of a list, page after page, *most* pages at most; raises NotAllowed, TryLater or Unknown.

        Unknown: the list goes on, or is not a list. Meta's address of the next page holds the token, so only its
        cursors are taken over.
        """
        asked = dict(query)
        for _ in range(most):
            answer = self.read(path, asked)
            things = answer.get("data") if isinstance(answer, dict) else None
            if not isinstance(things, list) or not all(isinstance(thing, dict) for thing in things):
                raise Unknown(f"{self.place} shows our posts in a form we do not know.")
            yield from things
            following = following_page(answer.get("paging"))
            if not following:
                return
            asked = {**query, **following}
        raise Unknown(f"{self.place} has more of ours than can be looked through.")

    def batch(self, addresses: Sequence[str]) -> list[tuple[int, Any]]:
        """Read BATCH addresses (`123?fields=…`) or fewer in one request; give (status, JSON) for each, in order.

        (0, None) stands for one that was not answered. Raises NotAllowed or TryLater.
        """
        wanted = [{"method": "GET", "relative_url": f"{self.version}/{address}"} for address in addresses]
        form = {"batch": json.dumps(wanted), "include_headers": "false", "access_token": self._token, **self._proof}
        try:
            response = self._http.send("POST", f"{self.home}/", form=form)
        except HttpError as error:
            raise unread(error, self.place) from None
        answers = response.json()
        if response.status != 200 or not isinstance(answers, list) or len(answers) != len(wanted):
            raise self.refusal(response, visible=False)
        return [_one_of_batch(answer) for answer in answers]

    def ask(self, address: str) -> tuple[int, Any]:
        """Read one address as a batch holds it; return (status, JSON). Raises TryLater when no answer comes."""
        path, _, query = address.partition("?")
        try:
            response = self._http.get(
                self._url(path), headers=self._headers(), query={**dict(parse_qsl(query)), **self._proof}
            )
        except HttpError as error:
            raise unread(error, self.place) from None
        return response.status, response.json()

    # --- Writing ------------------------------------------------------------------------------------------------------

    def make(
        self,
        path: str,
        form: Mapping[str, str],
        *,
        files: Mapping[str, FileField] | None = None,
        deadline: float = TEXT_DEADLINE,
    ) -> Any:
        """Make something nobody sees, and return the answer; raises Rejected, NotAllowed or TryLater."""
        try:
            response = self._post(path, form, files, deadline)
        except HttpError as error:
            raise TryLater(error.message, after=DEFAULT_WAIT, hint=error.hint) from None
        if 200 <= response.status < 300:
            return response.json()
        raise self.refusal(response, visible=False)

    def show(
        self,
        path: str,
        form: Mapping[str, str],
        *,
        files: Mapping[str, FileField] | None = None,
        deadline: float = TEXT_DEADLINE,
        what: str = "the post",
    ) -> Any:
        """Make something that is seen at once (*what*, for people), and return the answer.

        Raises Rejected, NotAllowed, TryLater (it is provably not there) or Unknown.
        """
        try:
            response = self._post(path, form, files, deadline)
        except NotSent as error:
            raise TryLater(error.message, after=DEFAULT_WAIT, hint=error.hint) from None
        except HttpError as error:
            raise Unknown(error.message, hint=error.hint) from None
        if 200 <= response.status < 300:
            return response.json()
        raise self.refusal(response, visible=True, what=what)

    def comment(self, thing: str, words: str, form: re.Pattern[str]) -> dict[str, str]:
        """Write the first comment below a post of ours, once; return what the receipt's *extra* says of it.

        The post is there whatever becomes of it, so nothing is raised. *form* is that of a comment's number.
        """
        try:
            answer = self.show(f"{thing}/comments", {"message": words}, what="the first comment")
        except Unknown as error:
            return {COMMENT_TROUBLE: f"perhaps there: {error.message}"}
        except NetworkError as error:
            return {COMMENT_TROUBLE: f"not there: {error.message}"}
        identity = identity_of(answer, form)
        return {COMMENT: identity} if identity else {COMMENT_TROUBLE: f"perhaps there: {self.place} names none"}

    def remove(self, path: str) -> None:
        """Delete something; what is gone already is fine. Raises Rejected, NotAllowed, TryLater or Unknown."""
        try:
            response = self._http.send("DELETE", self._url(path), headers=self._headers(), query=self._proof)
        except NotSent as error:
            raise TryLater(error.message, after=DEFAULT_WAIT, hint=error.hint) from None
        except HttpError as error:
            raise Unknown(error.message, hint=error.hint) from None
        answer = response.json()
        if response.status == 200 and isinstance(answer, dict) and answer.get("success") is True:
            return
        # 100/33: there is nothing of that id, or nothing we may see.
        if response.status == 404 or fault_of(response.status, answer).word in GONE:
            return
        if 200 <= response.status < 300:
            raise Unknown(f"{self.place} did not say that it is deleted ({response.status}).")
        raise self.refusal(response, visible=True, what="to delete it")

    def hand_over(self, address: str, content: bytes, headers: Mapping[str, str], *, deadline: float) -> Any:
        """Send bytes to the *address* of an upload session; raises Rejected, NotAllowed or TryLater.

        The token goes along, so only an address of Meta's own (or of this very machine's server) is used.
        """
        if not self._is_ours(address):
            raise TryLater(f"{self.place} names no place for the upload.", after=DEFAULT_WAIT)
        sent = {**headers, "Authorization": f"OAuth {self._token}", "Content-Type": "application/octet-stream"}
        try:
            response = self._http.send("POST", address, headers=sent, content=content, deadline=deadline)
        except HttpError as error:
            raise TryLater(f"A file did not arrive: {error.message}", after=DEFAULT_WAIT, hint=error.hint) from None
        if 200 <= response.status < 300:
            return response.json()
        raise self.refusal(response, visible=False, what="a file")

    def refusal(self, response: Response, *, visible: bool, what: str = "the post") -> NetworkError:
        """Say what an answer that is no success means for the caller.

        Where nothing *visible* could have come of the request, nothing is unknown: it may be tried again.
        """
        fault = fault_of(response.status, response.json())
        return self._told(fault, response.headers, visible=visible, what=what)

    def refused_in_batch(self, status: int, answer: object) -> NetworkError:
        """Say what one refusal among the answers of a batch means."""
        return self._told(fault_of(status, answer), {}, visible=False, what="to show a post")

    def _told(self, fault: Fault, headers: Mapping[str, str], *, visible: bool, what: str) -> NetworkError:
        meaning = meaning_of(fault, self._own, self._own_codes)
        why = f": {meaning.words}" if meaning.words else ""
        error = meaning.error
        if error is TryLater or (error is Unknown and not visible):
            wait = quota_wait(headers, meaning.wait)
            message = f"{self.place} wants us to wait ({fault.word}){why}."
            return TryLater(message, after=wait, hint=meaning.hint, code=fault.word)
        if error is Unknown:
            return Unknown(
                f"{self.place} gave an answer that says nothing sure ({fault.word}){why}.",
                hint=meaning.hint,
                code=fault.word,
            )
        return error(f"{self.place} refuses {what} ({fault.word}){why}.", hint=meaning.hint, code=fault.word)

    # --- Asking -------------------------------------------------------------------------------------------------------

    def _post(
        self, path: str, form: Mapping[str, str], files: Mapping[str, FileField] | None, deadline: float
    ) -> Response:
        response = self._http.send(
            "POST",
            self._url(path),
            headers=self._headers(),
            form={**form, **self._proof},
            files=files,
            deadline=deadline,
        )
        if (at := instant(response.headers.get("Date"))) is not None:
            self.heard = rfc3339(at)
        return response

    def _url(self, path: str) -> str:
        return f"{self.home}/{self.version}/{path}"

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token}"}

    def _is_ours(self, address: str) -> bool:
        try:
            parts = urlsplit(address)
        except ValueError:
            return False
        if request_host(self.home) == parts.netloc:
            return f"{parts.scheme}://{parts.netloc}" == self.home
        name = parts.hostname or ""
        return parts.scheme == "https" and parts.username is None and name.endswith((".facebook.com", ".instagram.com"))


def of(value: object, name: str) -> Any:
    """Return a field of something read; None where there is none."""
    return value.get(name) if isinstance(value, dict) else None


def identity_of(answer: object, form: re.Pattern[str]) -> str:
    """Return the `id` of something read when it has that *form*, else an empty text."""
    identity = of(answer, "id")
    return identity if isinstance(identity, str) and form.fullmatch(identity) else ""


def number_of(value: object) -> int | None:
    """Return a count; None for anything that is none."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def address(path: str, fields: str) -> str:
    """Return the address of one thing with its fields, as a batch holds it."""
    return f"{path}?{urlencode({'fields': fields})}"


def following_page(paging: object) -> dict[str, str]:
    """Return the cursors of the next page of a list; empty where it ends. The token of Meta's address is left out."""
    if not isinstance(paging, dict) or not isinstance(paging.get("next"), str):
        return {}
    try:
        asked = dict(parse_qsl(urlsplit(paging["next"]).query))
    except ValueError:
        asked = {}
    following = {name: value for name, value in asked.items() if name in _CURSORS}
    cursors = paging.get("cursors")
    if not following and isinstance(cursors, dict) and isinstance(cursors.get("after"), str):
        following = {"after": cursors["after"]}
    return following


def _one_of_batch(answer: object) -> tuple[int, Any]:
    if not isinstance(answer, dict):
        return 0, None
    try:
        body = json.loads(answer.get("body") or "")
    except (ValueError, TypeError, RecursionError):
        body = None
    return whole(answer.get("code")), body
