"""The client of GitHub's API: pages, limits, refusals, and a token that stays where it is."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import stamina

from canary import Canary
from forge.openapi import FILE, description
from forge.stub_github import BOT, NOT_FOUND, REPOSITORY, SOMEBODY, TOKEN, Answer, StubGitHub, refusal
from socialops.errors import (
    CredentialsError,
    HttpError,
    NotAllowed,
    NotSent,
    Rejected,
    SocialopsError,
    TryLater,
    Unknown,
)
from socialops.forge.event import pull_request
from socialops.forge.github import MOST_PAGES, Elsewhere, GitHub, Place, find_place
from socialops.http import Http

ODD = "Canary0123456789/en+with=all%of&the\"odd'signs\\<inside>"
SERVER = "https://git.example"


@pytest.fixture(autouse=True)
def impatient() -> Iterator[None]:
    with stamina.set_testing(True, attempts=3):
        yield


@pytest.fixture
def stub() -> Iterator[StubGitHub]:
    made = StubGitHub()
    yield made
    assert made.faults == []


def github(stub: StubGitHub, token: str = TOKEN, api: str = "https://api.github.com") -> GitHub:
    return GitHub(Http(transport=stub.transport()), Place(api, REPOSITORY), token)


def breaking(*answers: Answer | Exception | None, after: bool = False) -> Callable[..., Any]:
    """Let the first requests be answered so, in turn; None is the stub's own answer."""
    left = list(answers)

    def broken(_request: httpx.Request, done: bool) -> Answer | Exception | None:
        return left.pop(0) if left and done is after else None

    return broken


def test_a_list_is_read_to_its_last_page(stub: StubGitHub) -> None:
    for number in range(250):
        stub.say(7, f"comment {number}")
    found = list(github(stub).pages("/issues/7/comments"))
    assert [comment["body"] for comment in found] == [f"comment {number}" for number in range(250)]
    assert len(stub.seen) == 3


def test_a_list_without_end_is_not_taken_for_all(stub: StubGitHub) -> None:
    for number in range(MOST_PAGES * 100 + 1):
        stub.say(7, f"comment {number}")
    with pytest.raises(Rejected):
        list(github(stub).pages("/issues/7/comments"))
    assert len(stub.seen) == MOST_PAGES


def test_half_of_a_list_is_not_taken_for_all(stub: StubGitHub) -> None:
    for number in range(150):
        stub.say(7, f"comment {number}")
    stub.broken = breaking(None, NOT_FOUND)
    with pytest.raises(TryLater):
        list(github(stub).pages("/issues/7/comments"))


@pytest.mark.parametrize(
    "url", ["https://evil.example/repos/x?page=2", "https://api.github.com.evil.example/x", "http://api.github.com/x"]
)
def test_a_page_elsewhere_gets_no_token(stub: StubGitHub, url: str) -> None:
    stub.broken = breaking((200, [], {"Link": f'<{url}>; rel="next"'}))
    with pytest.raises(TryLater):
        list(github(stub).pages("/issues/7/comments"))
    assert len(stub.seen) == 1


def test_what_has_not_changed_is_not_sent_again(stub: StubGitHub) -> None:
    stub.say(7, "one")
    client = github(stub)
    assert list(client.pages("/issues/7/comments")) == list(client.pages("/issues/7/comments"))
    assert stub.seen[1].headers["If-None-Match"].startswith('W/"')
    stub.say(7, "two")
    assert len(list(client.pages("/issues/7/comments"))) == 2


def test_what_is_not_there_is_none(stub: StubGitHub) -> None:
    assert github(stub).get("/labels/none") is None


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_read_is_asked_again_and_a_write_is_not(stub: StubGitHub, status: int) -> None:
    down = refusal(status, "down")
    stub.broken = breaking(down, down)
    assert list(github(stub).pages("/issues/7/comments")) == []
    assert len(stub.seen) == 3
    stub.seen.clear()
    stub.broken = breaking(down)
    with pytest.raises(Unknown):
        github(stub).write("POST", "/issues/7/comments", {"body": "x"}, doing="write comments")
    assert len(stub.seen) == 1
    stub.broken = breaking(*[down] * 9)
    with pytest.raises(TryLater):
        github(stub).get("/labels/x")


def test_an_answer_that_is_lost_leaves_a_write_unknown(stub: StubGitHub) -> None:
    stub.broken = breaking(httpx.ReadError("lost"), after=True)
    with pytest.raises(Unknown):
        github(stub).write("POST", "/issues/7/comments", {"body": "x"}, doing="write comments")
    assert len(stub.comments[7]) == 1
    stub.broken = breaking(httpx.ConnectError("refused"))
    with pytest.raises(NotSent):
        github(stub).write("POST", "/issues/7/comments", {"body": "x"}, doing="write comments")


DATE = "Tue, 01 Dec 2026 06:30:00 GMT"


@pytest.mark.parametrize(
    ("answer", "wait"),
    [
        (refusal(403, "You have exceeded a secondary rate limit.", {"Retry-After": "90"}), 90),
        (refusal(429, "secondary rate limit", {"Retry-After": "Tue, 01 Dec 2026 06:31:40 GMT", "Date": DATE}), 100),
        (refusal(403, "You have exceeded a secondary rate limit."), 60),
        (refusal(429, "Too many"), 60),
        (
            refusal(
                403,
                "API rate limit exceeded for installation.",
                {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1796107200", "Date": DATE},
            ),
            600,
        ),
        (refusal(403, "You have triggered an abuse detection mechanism."), 60),
    ],
)
def test_a_limit_is_respected(stub: StubGitHub, answer: Answer, wait: int) -> None:
    asks: tuple[Callable[[], object], ...] = (
        lambda: github(stub).get("/labels/x"),
        lambda: github(stub).write("POST", "/labels", {"name": "x"}, doing="make labels"),
    )
    for ask in asks:
        stub.broken = breaking(answer)
        with pytest.raises(TryLater) as told:
            ask()
        assert told.value.after == timedelta(seconds=wait)
    assert len(stub.seen) == 2  # too long to wait for


def test_a_short_limit_is_waited_for(stub: StubGitHub) -> None:
    stub.broken = breaking(refusal(429, "slow down", {"Retry-After": "2"}))
    assert github(stub).get("/labels/x") is None
    assert len(stub.seen) == 2


def test_a_refusal_says_which_right_is_lacking(stub: StubGitHub) -> None:
    stub.broken = breaking(
        refusal(
            403,
            "Resource not accessible by integration",
            {"X-Accepted-GitHub-Permissions": "issues=write; pull_requests=write"},
        )
    )
    with pytest.raises(NotAllowed) as told:
        github(stub).write("POST", "/issues/7/comments", {"body": "x"}, doing="write comments")
    assert told.value.message == "The token in GITHUB_TOKEN may not write comments."
    assert told.value.hint.startswith(
        "Give it `issues: write` or `pull-requests: write`: under `permissions:` of the job"
    )
    with pytest.raises(NotAllowed, match="does not accept the token"):
        github(stub, "wrong").get("/labels/x")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (refusal(301, "Moved Permanently", {"Location": "https://evil.example/"}), "renamed or moved"),
        (refusal(410, "Issues are disabled"), "no issues"),
        (refusal(422, "Validation Failed", errors=[{"code": "already_exists"}]), "already_exists"),
        (refusal(403, "Upgrade to GitHub Pro"), "plan"),
        (refusal(403, "Unable to create comment because issue is locked."), "locked"),
        (refusal(403, "Repository was archived so is read-only."), "archived"),
        ((200, "nonsense", {}), "no sense"),
    ],
)
def test_every_refusal_is_told_in_words_of_ours(stub: StubGitHub, answer: Answer, words: str) -> None:
    stub.broken = breaking(answer)
    with pytest.raises(SocialopsError, match=words):
        github(stub).write("POST", "/labels", {"name": "x"}, doing="make labels")


def test_we_are_who_the_token_says(stub: StubGitHub) -> None:
    assert github(stub).login() == BOT
    assert github(stub, SOMEBODY).login() == "ayse"
    github(stub, api="https://git.example/api/v3").login()
    assert [str(request.url) for request in stub.seen] == [
        "https://api.github.com/graphql",
        "https://api.github.com/graphql",
        "https://git.example/api/graphql",
    ]


# --- where we are ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("environ", "forge_url", "found"),
    [
        ({}, "", ("https://api.github.com", "o/r")),
        ({"GITHUB_REPOSITORY": ""}, "https://github.com/a/b/", ("https://api.github.com", "a/b")),
        ({"GITHUB_REPOSITORY": ""}, "https://github.com/a/b.git", ("https://api.github.com", "a/b")),
        (
            {"GITHUB_API_URL": "https://git.example/api/v3/"},
            "https://git.example/o/r",
            ("https://git.example/api/v3", "o/r"),
        ),
        (
            {"GITHUB_API_URL": "https://api.acme.ghe.com"},
            "https://acme.ghe.com/o/r",
            ("https://api.acme.ghe.com", "o/r"),
        ),
        ({"GITHUB_TOKEN": ""}, "", "GITHUB_TOKEN is not set"),
        ({"GITHUB_REPOSITORY": ""}, "", "neither GITHUB_REPOSITORY"),
        ({"GITHUB_REPOSITORY": "o/.."}, "", "is no owner/name"),
        ({"GITHUB_REPOSITORY": "o/r/../../x"}, "", "is no owner/name"),
        ({}, "https://gitlab.example/o/r", "forge_url is not on github.com"),
    ],
)
def test_the_environment_says_where_we_are(environ: dict[str, str], forge_url: str, found: object) -> None:
    place = find_place({"GITHUB_TOKEN": "t", "GITHUB_REPOSITORY": "o/r"} | environ, forge_url)
    if isinstance(place, Elsewhere):
        assert isinstance(found, str)
        assert found in place.why
    else:
        assert (place.api, place.repository) == found


@pytest.mark.parametrize(
    ("api", "forge_url"),
    [
        ("https://git.example/api/v3", "https://evil.example/o/r"),
        ("https://api.github.com", "https://evil.example/o/r"),
        ("http://git.example/api/v3", ""),
        ("git.example", ""),
        ("https://name:word@git.example/", ""),
    ],
)
def test_a_token_goes_to_its_own_host_only(api: str, forge_url: str) -> None:
    with pytest.raises(CredentialsError):
        find_place({"GITHUB_TOKEN": "t", "GITHUB_REPOSITORY": "o/r", "GITHUB_API_URL": api}, forge_url)


# --- what started the job -------------------------------------------------------------------------------------------


def event(tmp_path: Path, payload: object) -> dict[str, str]:
    (tmp_path / "event.json").write_text(payload if isinstance(payload, str) else json.dumps(payload), "utf-8")
    return {"GITHUB_EVENT_PATH": str(tmp_path / "event.json"), "GITHUB_REPOSITORY": REPOSITORY}


def payload(head: object) -> dict[str, Any]:
    return {"pull_request": {"number": 7, "head": head, "base": {"repo": {"full_name": REPOSITORY}}}}


def test_a_pull_request_of_ours_may_be_written_to(tmp_path: Path) -> None:
    found = pull_request(event(tmp_path, payload({"sha": "abc", "repo": {"full_name": REPOSITORY.upper()}})))
    assert found is not None
    assert (found.number, found.head, found.why_not) == (7, "abc", "")


@pytest.mark.parametrize("repo", [{"full_name": "stranger/social"}, None, {}])
def test_a_fork_or_one_that_is_gone_may_not(tmp_path: Path, repo: object) -> None:
    found = pull_request(event(tmp_path, payload({"sha": "abc", "repo": repo})))
    assert found is not None
    assert "fork" in found.why_not


@pytest.mark.parametrize(
    "written", ["", "[]", "{", "[" * 100_000, {"pull_request": None}, {"pull_request": {"number": True}}]
)
def test_what_cannot_be_told_is_no_pull_request(tmp_path: Path, written: object) -> None:
    assert pull_request(event(tmp_path, written)) is None
    assert pull_request({}) is None
    assert pull_request({"GITHUB_EVENT_PATH": str(tmp_path / "missing")}) is None


# --- the token ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [0, 1, 200, 302, 400, 401, 403, 404, 410, 422, 429, 500])
def test_the_token_is_in_no_error_and_no_log(status: int, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    canary = Canary({"token": ODD})

    def repeat(request: httpx.Request) -> httpx.Response:
        heard = f"{request.url} {dict(request.headers)} {request.read().decode()}"
        login = request.headers.get("Authorization", "")
        if status < 2:
            raise (httpx.ConnectError(heard) if status == 0 else httpx.ReadError(heard))
        words = {"message": heard, "errors": [{"code": login, "message": heard}], "data": {"viewer": {"login": None}}}
        headers = dict.fromkeys(
            ("Location", "Retry-After", "X-Accepted-GitHub-Permissions", "X-RateLimit-Reset"), login
        )
        return httpx.Response(status, json=words, headers=headers | {"Link": f'<{login}>; rel="next"'})

    client = GitHub(Http(transport=httpx.MockTransport(repeat)), Place("https://api.github.com", REPOSITORY), ODD)
    attempts: list[Callable[[], object]] = [
        lambda: list(client.pages("/issues")),
        lambda: client.write("POST", "/labels", {"name": "x"}, doing="make labels"),
    ]
    failed = 0
    for attempt in attempts:
        try:
            attempt()
        except SocialopsError as error:
            failed += 1
            canary.look_at_error(error, str(status))
    canary.look(f"{client!r} {client.place!r}", "repr")
    canary.look(caplog.text, "log")
    assert canary.leaks == []
    assert failed or status in (200, 404)


def test_a_token_with_a_line_break_is_refused_without_showing_it() -> None:
    with pytest.raises(CredentialsError) as told:
        GitHub(Http(transport=StubGitHub().transport()), Place("https://api.github.com", REPOSITORY), "secret-word\n")
    assert "secret-word" not in str(told.value)


def test_the_excerpt_is_githubs_own() -> None:
    assert description()["info"]["license"]["name"] == "MIT"
    assert (FILE.parent / "LICENSE").read_text("utf-8").startswith("MIT License")
    assert issubclass(TryLater, SocialopsError)
    assert issubclass(NotSent, HttpError)
