"""GitHub's API, as far as we need it: read in pages, write one thing, and say what a person must do when it says no.

Reads are asked again a few times. A write is never repeated blindly: when nobody knows whether it was done, `Unknown`
is raised, and whoever asked looks before anything is written again. The token stands in a header and nowhere else: no
error repeats what a server said, but for words that we know.

How GitHub counts and refuses: docs.github.com/rest/using-the-rest-api (rate limits, pagination, troubleshooting).
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from socialops.errors import (
    CredentialsError,
    HttpError,
    NetworkError,
    NoAnswer,
    NotAllowed,
    Rejected,
    TryLater,
    Unknown,
)
from socialops.http import READ_ATTEMPTS
from socialops.networks import dated_limits
from socialops.networks.base import wait_of, web_address

if TYPE_CHECKING:
    from socialops.http import Http, Response
    from socialops.networks.base import Limits

API = "https://api.github.com"
PATIENCE = timedelta(seconds=30)
"""How long a run waits for GitHub before it leaves the rest to the next run."""
MOST_PAGES = 30
LARGEST = 32 * 1024 * 1024
"""A page of a hundred comments, each as long as GitHub takes it."""
DEADLINE = 30.0
PLAN = "plan"
"""The code of a refusal that has its cause in the plan the owner pays for."""
_READS_AGAIN = timedelta(seconds=2)
_REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}/(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}")
_NEXT = re.compile(r'<([^<>]{1,2000})>\s*;[^,]*\brel="?next"?')
_PERMISSION = re.compile(r"([a-z_]{3,40})=(read|write|admin)")
_PERMISSIONS = frozenset(
    {
        "issues",
        "pull_requests",
        "contents",
        "actions",
        "administration",
        "metadata",
        "environments",
        "checks",
        "statuses",
    }
)
_FAULTS = frozenset({"missing", "missing_field", "invalid", "already_exists", "unprocessable", "custom", "too_large"})
_THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})


@functools.cache
def limits() -> Limits:
    """Return what GitHub takes: dated data from `limits.yml`."""
    return dated_limits("github", Path(__file__).parent / "limits.yml")


@dataclass(frozen=True, slots=True)
class Place:
    """One repository on one GitHub: *api* is the base of its API, without a last slash."""

    api: str
    repository: str

    @property
    def root(self) -> str:
        """The address that all calls about the repository begin with."""
        return f"{self.api}/repos/{self.repository}"

    @property
    def graphql(self) -> str:
        """Where GraphQL is answered: on GitHub Enterprise Server beside the REST API, not below it."""
        server = self.api.removesuffix("/api/v3")
        return f"{self.api}/graphql" if server == self.api else f"{server}/api/graphql"


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """We are not on GitHub, or may not speak there; *why* is one sentence."""

    why: str


def find_place(environ: Mapping[str, str], forge_url: str) -> Place | Elsewhere:
    """Say which repository on which GitHub this is, from what a job's environment says and the setting `forge_url`.

    The token is bound to the environment alone: where `forge_url` names another host than `GITHUB_API_URL`,
    CredentialsError is raised, so that an edited setting leads no token elsewhere.
    """
    if not environ.get("GITHUB_TOKEN"):
        return Elsewhere("GITHUB_TOKEN is not set")
    told = environ.get("GITHUB_API_URL", "").strip().rstrip("/")
    api = told or API
    parts = urlsplit(web_address(api))
    if not parts.hostname or parts.query or parts.fragment:
        raise CredentialsError(
            "GITHUB_API_URL is no address.", hint="On github.com leave it out; else: https://HOST/api/v3"
        )
    if parts.scheme != "https" and parts.hostname not in _THIS_MACHINE:
        raise CredentialsError(
            "GITHUB_TOKEN may not travel without encryption.", hint="Let GITHUB_API_URL be https://…"
        )
    url = urlsplit(web_address(forge_url.rstrip("/"))) if forge_url else None
    if url is not None and (url.hostname or "") != _home(parts.hostname):
        if not told:
            return Elsewhere(
                f"forge_url is not on github.com, and GITHUB_API_URL names no other GitHub ({url.hostname})"
            )
        raise CredentialsError(
            f"GITHUB_TOKEN may not be used: forge_url is on {url.hostname}, GITHUB_API_URL on {parts.hostname}.",
            hint="Correct the one that is wrong: forge_url in pyproject.toml, or the job's environment.",
        )
    name = environ.get("GITHUB_REPOSITORY", "") or (url.path.strip("/").removesuffix(".git") if url else "")
    if not name:
        return Elsewhere("neither GITHUB_REPOSITORY nor the setting forge_url names the repository")
    if not _REPOSITORY.fullmatch(name):
        return Elsewhere("GITHUB_REPOSITORY, or the setting forge_url, is no owner/name of a repository")
    return Place(api, name)


def _home(api_host: str) -> str:
    """Return the host where people look, of the host where programs ask."""
    return api_host.removeprefix("api.")


class GitHub:
    """One repository, asked with one token. *attempts* is how often a read is asked for before it is given up."""

    def __init__(self, http: Http, place: Place, token: str, *, attempts: int = READ_ATTEMPTS) -> None:
        if not (token.isascii() and token.isprintable()) or " " in token:
            raise CredentialsError(
                "GITHUB_TOKEN holds a sign that no secret has, such as a space or a line break.",
                hint="Copy it again, without anything around it.",
            )
        self.place = place
        self._http = http
        self._attempts = attempts
        self._headers = {
            "Authorization": f"Bearer {token}",
            "Accept": "application/vnd.github+json",
            "X-GitHub-Api-Version": str(limits().entries["api_version"].value),
        }
        self._seen: dict[str, tuple[str, Response]] = {}
        self._login = ""

    def __repr__(self) -> str:
        return f"GitHub({self.place.repository})"

    # --- reading ----------------------------------------------------------------------------------------------------

    def get(self, path: str, query: Mapping[str, str] | None = None, *, doing: str = "look") -> Any:
        """Read one thing of the repository; None when it is not there (404).

        *doing* ends the sentence "the token may not …". Raises NotAllowed, TryLater, Rejected or HttpError.
        """
        answer = self._read(f"{self.place.root}{path}", query, doing)
        return None if answer is None else _json(answer)

    def pages(
        self, path: str, query: Mapping[str, str] | None = None, *, key: str = "", doing: str = "look"
    ) -> Iterator[Mapping[str, Any]]:
        """Read a list to its end, page by page; nothing when the list is not there (404).

        *key* names the list where it stands inside an object. Raises as `get` does, and Rejected for a list longer than
        MOST_PAGES pages: half of it would be taken for all.
        """
        url: str | None = f"{self.place.root}{path}"
        parameters: Mapping[str, str] | None = {**(query or {}), "per_page": str(limits().number("page"))}
        for _ in range(MOST_PAGES):
            answer = self._read(str(url), parameters, doing)
            if answer is None and parameters is not None:
                return
            if answer is None:  # half of a list is not all of it
                raise _nonsense()
            found = _json(answer)
            entries = found.get(key) if key and isinstance(found, dict) else found
            if not isinstance(entries, list):
                raise _nonsense()
            yield from (entry for entry in entries if isinstance(entry, dict))
            url, parameters = self._next(answer), None
            if url is None:
                return
        raise Rejected("GitHub's list is longer than anybody reads.", hint="Look at the repository.", code="pages")

    def _next(self, answer: Response) -> str | None:
        """Return the address of the next page; only the API itself is followed there, the token goes along."""
        found = _NEXT.search(answer.headers.get("Link", ""))
        if found is None:
            return None
        if not found[1].startswith(f"{self.place.api}/"):
            raise _nonsense()
        return found[1]

    def _read(self, url: str, query: Mapping[str, str] | None, doing: str) -> Response | None:
        import stamina
        import stamina.instrumentation

        stamina.instrumentation.set_on_retry_hooks(())
        for attempt in stamina.retry_context(
            on=_again, attempts=self._attempts, timeout=DEADLINE * self._attempts + PATIENCE.total_seconds()
        ):
            with attempt:
                return self._read_once(url, query, doing)
        raise AssertionError("a retried block returns or raises")

    def _read_once(self, url: str, query: Mapping[str, str] | None, doing: str) -> Response | None:
        name = f"{url} {sorted((query or {}).items())}"
        known = self._seen.get(name)
        # What has not changed costs nothing of the hourly allowance.
        headers = self._headers | ({"If-None-Match": known[0]} if known else {})
        answer = self._http.send("GET", url, headers=headers, query=query, deadline=DEADLINE, maximum=LARGEST)
        if known and answer.status == 304:
            return known[1]
        if answer.status == 404:
            return None
        if answer.status >= 500:
            raise _unwell(answer)
        refusal = refused(answer, doing)
        if refusal is not None:
            raise refusal
        if tag := answer.headers.get("ETag", ""):
            self._seen[name] = (tag, answer)
        return answer

    def login(self) -> str:
        """Return our own name on GitHub, by which our comments are known: `github-actions[bot]` in a job.

        REST tells it to people's tokens only; GraphQL tells it to every token.
        """
        if not self._login:
            import stamina
            import stamina.instrumentation

            stamina.instrumentation.set_on_retry_hooks(())
            for attempt in stamina.retry_context(on=_again, attempts=self._attempts, timeout=DEADLINE * self._attempts):
                with attempt:
                    self._login = self._ask_login()
        return self._login

    def _ask_login(self) -> str:
        query = {"query": "query { viewer { login } }"}
        answer = self._http.send("POST", self.place.graphql, headers=self._headers, json_body=query, deadline=DEADLINE)
        if answer.status >= 500:
            raise _unwell(answer)
        if refusal := refused(answer, "say who it is"):
            raise refusal
        try:
            return str(_json(answer)["data"]["viewer"]["login"])
        except (TypeError, KeyError):
            raise _nonsense() from None

    # --- writing ----------------------------------------------------------------------------------------------------

    def write(self, method: str, path: str, body: Mapping[str, Any] | None = None, *, doing: str) -> Any:
        """Write one thing, once; return what GitHub made of it (None for 204).

        Raises Unknown when it was perhaps done, else NotAllowed, TryLater, Rejected or NotSent: it was not.
        """
        try:
            answer = self._http.send(
                method, f"{self.place.root}{path}", headers=self._headers, json_body=body, deadline=DEADLINE
            )
        except NoAnswer:
            raise Unknown("GitHub gave no answer; perhaps it was done.", hint=_LOOKS_FIRST) from None
        if answer.status >= 500:
            raise Unknown("GitHub is not well now; perhaps it was done.", hint=_LOOKS_FIRST, code=str(answer.status))
        refusal = refused(answer, doing)
        if refusal is not None:
            raise refusal
        if answer.status == 204:
            return None
        made = answer.json()
        if not isinstance(made, dict):
            raise Unknown("GitHub's answer makes no sense; perhaps it was done.", hint=_LOOKS_FIRST)
        return made


_NEXT_RUN = "Nothing is lost: the record holds it, and the next run tells it."
_LOOKS_FIRST = "The next run looks first, and does it if it was not done."


def _again(error: Exception) -> bool | timedelta:
    """Say whether a read is asked for again, and after how long."""
    if isinstance(error, TryLater):
        return error.after if error.after <= PATIENCE else False
    return isinstance(error, HttpError)


def _json(answer: Response) -> Any:
    found = answer.json()
    if not isinstance(found, (dict, list)):
        raise _nonsense()
    return found


def _unwell(answer: Response) -> TryLater:
    return TryLater("GitHub is not well now.", after=_READS_AGAIN, hint=_NEXT_RUN, code=str(answer.status))


def _nonsense() -> TryLater:
    return TryLater(
        "GitHub's answer makes no sense.", after=_READS_AGAIN, hint="Look at GITHUB_API_URL, or try again later."
    )


def segment(text: str) -> str:
    """Return *text* (a branch, a label) as one piece of an address."""
    return quote(text, safe="")


def refused(answer: Response, doing: str) -> NetworkError | None:
    """Return what an answer below 500 refuses, as the error to raise; None when it does not."""
    status, code = answer.status, str(answer.status)
    if 200 <= status < 300:
        return None
    if status in (403, 429) and (wait := _limited(answer)) is not None:
        minutes = max(1, round(wait.total_seconds() / 60))
        return TryLater(f"GitHub wants no more requests for {minutes} min.", after=wait, hint=_NEXT_RUN, code=code)
    if status == 401:
        return NotAllowed(
            "GitHub does not accept the token in GITHUB_TOKEN.",
            hint="In a workflow: GITHUB_TOKEN: ${{ github.token }}. Elsewhere make a new one; perhaps it has ended.",
            code=code,
        )
    words = _words(answer)
    if status == 403 and words.startswith("upgrade to"):
        return NotAllowed("The plan of this repository's owner has no such thing.", code=PLAN)
    if status == 403 and "locked" in words:
        return Rejected(
            "The conversation is locked.", hint="Unlock it on GitHub; the next run tells it.", code="locked"
        )
    if status == 403 and "archived" in words:
        return Rejected("The repository is archived, so it can only be read.", code="archived")
    if status == 403:
        return NotAllowed(f"The token in GITHUB_TOKEN may not {doing}.", hint=_lacking(answer), code=code)
    if status == 410:
        return Rejected(
            "It was deleted, or the repository has no issues.",
            hint="Switch them on: Settings → General → Features → Issues.",
            code=code,
        )
    if 300 <= status < 400:
        return Rejected(
            f"The repository was renamed or moved (GitHub answers {status}).",
            hint="Write its new address into forge_url in pyproject.toml, or into GITHUB_REPOSITORY.",
            code=code,
        )
    if status == 404:
        return Rejected(
            f"GitHub knows no such thing, or the token in GITHUB_TOKEN may not {doing}.",
            hint=_lacking(answer),
            code=code,
        )
    faults = ", ".join(sorted(_faults(answer)))
    return Rejected(f"GitHub refuses it ({status}{faults and f': {faults}'}).", code=code)


def _limited(answer: Response) -> timedelta | None:
    """Return how long to wait when a rate limit refused; None when something else did."""
    headers = answer.headers
    least = timedelta(seconds=limits().number("seconds_without_word"))
    if headers.get("Retry-After"):
        return wait_of({"Retry-After": headers["Retry-After"], "Date": headers.get("Date", "")}, default=least)
    if headers.get("X-RateLimit-Remaining", "").strip() == "0":
        return wait_of(headers, default=least)
    limited = answer.status == 429 or any(words in _words(answer) for words in ("rate limit", "abuse detection"))
    return least if limited else None


def _words(answer: Response) -> str:
    """Return GitHub's own words, in small letters: to be compared, never to be shown."""
    found = answer.json()
    return str(found.get("message", ""))[:500].lower() if isinstance(found, dict) else ""


def _faults(answer: Response) -> set[str]:
    found = answer.json()
    listed = found.get("errors") if isinstance(found, dict) else None
    named = (
        {str(fault.get("code", "")) for fault in listed if isinstance(fault, dict)}
        if isinstance(listed, list)
        else set()
    )
    return named & _FAULTS


def _lacking(answer: Response) -> str:
    """Say which permission the token lacks, as GitHub's answer names it."""
    named = _PERMISSION.findall(answer.headers.get("X-Accepted-GitHub-Permissions", "")[:500])
    wanted = [f"{name.replace('_', '-')}: {right}" for name, right in named if name in _PERMISSIONS]
    if not wanted:
        return "Give it the right: `permissions:` of the job in a workflow, or the token's own page on GitHub."
    return f"Give it `{'` or `'.join(wanted)}`: under `permissions:` of the job, or on the token's own page on GitHub."
