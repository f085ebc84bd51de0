"""A GitHub that keeps what it is told: comments, issues, labels, pull requests, and the settings of one repository.

Every request and every answer is held against GitHub's own description; what does not fit is an error of the test, kept
in `faults`. Who asks is known by the token: the job's own is `github-actions[bot]`.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import httpx

from forge.openapi import answer_faults, request_faults, sample

TOKEN = "_".join(("ghs", "TheJobsOwnToken0123456789"))
SOMEBODY = "_".join(("ghp", "SomebodysToken0123456789"))
BOT = "github-actions[bot]"
REPOSITORY = "lumen-velo/social"
Answer = tuple[int, Any, Mapping[str, str]]
WRITES = frozenset({"POST", "PATCH", "PUT", "DELETE"})


def user(login: str) -> dict[str, Any]:
    made: dict[str, Any] = sample("simple-user")
    return made | {"login": login, "type": "Bot" if login.endswith("[bot]") else "User"}


def refusal(status: int, message: str, headers: Mapping[str, str] | None = None, **more: Any) -> Answer:
    return status, {"message": message, "documentation_url": "https://docs.github.com/rest", **more}, headers or {}


NOT_FOUND = refusal(404, "Not Found")
NOT_FOR_THIS_TOKEN = refusal(
    403, "Resource not accessible by integration", {"X-Accepted-GitHub-Permissions": "administration=read"}
)
UPGRADE = refusal(403, "Upgrade to GitHub Pro or make this repository public to enable this feature.")


@dataclass
class StubGitHub:
    """One repository. *broken* answers in place of the stub when it returns something: a fault that is injected."""

    comments: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    quiet: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    """Comments that did not change lately: in no list but their own conversation's."""
    issues: dict[int, dict[str, Any]] = field(default_factory=dict)
    labels: set[str] = field(default_factory=set)
    pulls_of: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """The pull requests that brought a commit."""
    commits_of: dict[str, str] = field(default_factory=dict)
    """The last commit that touched a path, for those who cannot look themselves."""
    settings: dict[str, Answer] = field(default_factory=dict)
    """What is answered for a path below the repository; 404 for every other one."""
    broken: Callable[[httpx.Request, bool], Answer | Exception | None] | None = None
    """Called before (False) and after (True) the stub did what it was asked."""
    seen: list[httpx.Request] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    _last: int = 100
    base: str = "https://api.github.com"

    @property
    def writes(self) -> list[str]:
        return [
            f"{request.method} {request.url.path.rpartition(f'{REPOSITORY}/')[2]}"
            for request in self.seen
            if request.method in WRITES and not request.url.path.endswith("/graphql")
        ]

    def number(self) -> int:
        self._last += 1
        return self._last

    def say(self, number: int, body: str, login: str = BOT) -> dict[str, Any]:
        """Let somebody write a comment."""
        identity = self.number()
        made: dict[str, Any] = sample("issue-comment") | {
            "id": identity,
            "body": body,
            "user": user(login),
            "html_url": f"https://github.example/{REPOSITORY}/issues/{number}#issuecomment-{identity}",
            "issue_url": f"{self.base}/repos/{REPOSITORY}/issues/{number}",
        }
        self.comments.setdefault(number, []).append(made)
        return made

    def open_issue(self, title: str, body: str, labels: Sequence[str] = (), login: str = BOT) -> dict[str, Any]:
        number = self.number()
        made: dict[str, Any] = sample("issue") | {
            "number": number,
            "title": title,
            "body": body,
            "user": user(login),
            "state": "open",
            "labels": [{"name": label} for label in labels],
            "html_url": f"https://github.example/{REPOSITORY}/issues/{number}",
        }
        self.issues[number] = made
        self.labels |= set(labels)
        return made

    def pull(self, commit: str, number: int, *, merged: bool = True, base: str = "main") -> dict[str, Any]:
        made: dict[str, Any] = sample("pull-request-simple") | {
            "number": number,
            "merged_at": "2026-12-01T05:00:00Z" if merged else None,
        }
        made["base"] = made["base"] | {"ref": base}
        self.pulls_of.setdefault(commit, []).append(made)
        return made

    # --- answering --------------------------------------------------------------------------------------------------

    def handle(self, request: httpx.Request) -> httpx.Response:
        request.read()
        self.seen.append(request)
        answer = self.broken(request, False) if self.broken else None
        if answer is None:
            answer = self._do(request)
            after = self.broken(request, True) if self.broken else None
            answer = answer if after is None else after
        if isinstance(answer, Exception):
            raise answer
        status, body, headers = answer
        return httpx.Response(status, headers=dict(headers), content=b"" if body is None else json.dumps(body).encode())

    def transport(self) -> httpx.MockTransport:
        return httpx.MockTransport(self.handle)

    def _do(self, request: httpx.Request) -> Answer:
        if request.headers.get("Authorization") not in (f"Bearer {TOKEN}", f"Bearer {SOMEBODY}"):
            return refusal(401, "Bad credentials")
        if request.headers.get("X-GitHub-Api-Version") not in {"2022-11-28", "2026-03-10"}:
            return refusal(400, "Unsupported version")
        path = request.url.raw_path.decode().partition("?")[0].removeprefix("/api/v3")
        if path.endswith("/graphql"):
            login = BOT if request.headers["Authorization"].endswith(TOKEN) else "ayse"
            return 200, {"data": {"viewer": {"login": login}}}, {}
        self.faults += request_faults(request, path)
        root = f"/repos/{REPOSITORY}"
        if not path.casefold().startswith(root):
            return NOT_FOUND
        answer = self._route(request, path[len(root) :].strip("/"))
        self.faults += answer_faults(request.method, path, answer[0], answer[1])
        return answer

    def _route(self, request: httpx.Request, path: str) -> Answer:
        pieces = [unquote(piece) for piece in path.split("/")]
        body = json.loads(request.content) if request.content else {}
        match (request.method, *pieces):
            case ("GET", "issues", "comments"):
                said = [comment for number in self.comments for comment in self.comments[number]]
                return self._page(request, sorted(said, key=lambda one: -one["id"]))
            case ("GET", "issues", number, "comments"):
                known = [*self.quiet.get(int(number), ()), *self.comments.get(int(number), ())]
                return self._page(request, known)
            case ("POST", "issues", number, "comments"):
                return self._too_long(body) or (201, self.say(int(number), body["body"]), {})
            case ("PATCH", "issues", "comments", identity):
                found = self._comment(int(identity))
                if found is None:
                    return NOT_FOUND
                return self._too_long(body) or (200, self._changed(found, body), {})
            case ("DELETE", "issues", "comments", identity):
                for said in self.comments.values():
                    said[:] = [comment for comment in said if comment["id"] != int(identity)]
                return 204, None, {}
            case ("GET", "issues"):
                return self._page(request, self._issues(dict(request.url.params)))
            case ("POST", "issues"):
                # GitHub makes labels that are missing by itself when the token may push; ours may not.
                if not set(body.get("labels", ())) <= self.labels:
                    return refusal(422, "Validation Failed", errors=[{"code": "invalid", "field": "labels"}])
                return 201, self.open_issue(body["title"], body["body"], body.get("labels", ())), {}
            case ("PATCH", "issues", number):
                return 200, self._changed(self.issues[int(number)], body), {}
            case ("GET", "labels", name):
                return (200, sample("label") | {"name": name}, {}) if name in self.labels else NOT_FOUND
            case ("POST", "labels"):
                if body["name"] in self.labels:
                    return refusal(422, "Validation Failed", errors=[{"code": "already_exists", "field": "name"}])
                self.labels.add(body["name"])
                return 201, sample("label") | {"name": body["name"]}, {}
            case ("GET", "commits", commit, "pulls"):
                return self._page(request, self.pulls_of.get(commit, []))
            case ("GET", "commits"):
                found_commit = self.commits_of.get(request.url.params.get("path", ""))
                return self._page(request, [sample("commit") | {"sha": found_commit}] if found_commit else [])
        return self.settings.get(path, NOT_FOUND)

    def _too_long(self, body: Mapping[str, Any]) -> Answer | None:
        if len(body["body"]) <= 65536:
            return None
        return refusal(422, "Validation Failed", errors=[{"code": "unprocessable", "field": "data"}])

    def _comment(self, identity: int) -> dict[str, Any] | None:
        everything = [*self.comments.values(), *self.quiet.values()]
        return next((one for said in everything for one in said if one["id"] == identity), None)

    def _changed(self, entry: dict[str, Any], body: Mapping[str, Any]) -> dict[str, Any]:
        entry.update(body)
        return entry

    def _issues(self, query: Mapping[str, str]) -> list[dict[str, Any]]:
        state, labels = query.get("state", "open"), set(filter(None, query.get("labels", "").split(",")))
        return [
            issue
            for number, issue in sorted(self.issues.items(), reverse=True)
            if state in ("all", issue["state"]) and labels <= {label["name"] for label in issue["labels"]}
        ]

    def _page(self, request: httpx.Request, entries: Sequence[Any]) -> Answer:
        query = dict(request.url.params)
        size, page = min(int(query.get("per_page", 30)), 100), int(query.get("page", 1))
        headers = {}
        if page * size < len(entries):
            following = request.url.copy_merge_params({"page": str(page + 1)})
            headers["Link"] = f'<{following}>; rel="next", <{following}>; rel="last"'
        tag = f'W/"{hash(json.dumps(entries))}"'
        if request.headers.get("If-None-Match") == tag:
            return 304, None, {}
        return 200, list(entries[(page - 1) * size : page * size]), headers | {"ETag": tag}

    @contextmanager
    def served(self) -> Iterator[str]:
        """Answer on a port of this machine; give the API's address."""
        stub = self

        class Door(BaseHTTPRequestHandler):
            def answer(self) -> None:
                length = int(self.headers.get("Content-Length", 0))
                url = f"{stub.base}{self.path}"
                heard = httpx.Request(self.command, url, headers=dict(self.headers), content=self.rfile.read(length))
                try:
                    said = stub.handle(heard)
                except httpx.HTTPError:
                    self.close_connection = True
                    return
                self.send_response(said.status_code)
                for name, value in said.headers.items():
                    if name.lower() != "content-length":
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(said.content)))
                self.end_headers()
                self.wfile.write(said.content)

            do_GET = do_POST = do_PATCH = do_DELETE = answer  # noqa: N815 - the base class's words

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's word
                return

        with ThreadingHTTPServer(("127.0.0.1", 0), Door) as server:
            self.base = f"http://127.0.0.1:{server.server_port}"
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
            thread.start()
            try:
                yield self.base
            finally:
                server.shutdown()
                thread.join()


def asked(request: httpx.Request) -> str:
    """Return what was asked for, in short."""
    query = dict(parse_qsl(urlsplit(str(request.url)).query))
    query.pop("per_page", None)
    words = "&".join(f"{name}={value}" for name, value in query.items())
    return f"{request.method} {request.url.path.rpartition(REPOSITORY)[2]}{words and f'?{words}'}"
