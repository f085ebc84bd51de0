"""The comment that stays: found by author and mark, made once, changed in place, never on a fork's pull request."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import stamina
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from forge.stub_github import BOT, REPOSITORY, TOKEN, StubGitHub, refusal
from socialops.errors import NotAllowed, Unknown
from socialops.forge.comment import fitted, mark, stick, stick_to_pull_request
from socialops.forge.github import GitHub, Place
from socialops.http import Http

FIRST = "<!-- socialops:review -->"


@pytest.fixture(autouse=True)
def impatient() -> Iterator[None]:
    with stamina.set_testing(True, attempts=3):
        yield


@pytest.fixture
def stub() -> Iterator[StubGitHub]:
    made = StubGitHub()
    yield made
    assert made.faults == []


def github(stub: StubGitHub) -> GitHub:
    return GitHub(Http(transport=stub.transport()), Place("https://api.github.com", REPOSITORY), TOKEN)


def bodies(stub: StubGitHub) -> list[str]:
    return [comment["body"] for comment in stub.comments.get(7, [])]


def test_a_comment_is_made_once_and_then_changed_in_place(stub: StubGitHub) -> None:
    made = stick(github(stub), 7, "review", "All is well.")
    assert made.action == "created"
    assert made.url.startswith("https://github.example/")
    assert stick(github(stub), 7, "review", "All is well.").action == "unchanged"
    assert stick(github(stub), 7, "review", "Not so well.").action == "updated"
    assert bodies(stub) == [f"{FIRST}\nNot so well.\n"]
    assert [write.split()[0] for write in stub.writes] == ["POST", "PATCH"]


def test_it_is_found_on_a_later_page(stub: StubGitHub) -> None:
    for number in range(130):
        stub.say(7, f"talk {number}", "ayse")
    ours = stub.say(7, f"{FIRST}\r\nold")
    stub.say(7, "more talk", "ayse")
    assert stick(github(stub), 7, "review", "new").action == "updated"
    assert ours["body"] == f"{FIRST}\nnew\n"


@pytest.mark.parametrize(
    ("body", "login"),
    [
        (f"{FIRST}\nI am the tool.", "mallory"),
        (f"{FIRST}\nI am the tool.", "github-actions"),
        (f"What is this?\n{FIRST}", BOT),
        ("<!-- socialops:other -->\nAnother comment of ours", BOT),
        (f"Another tool's comment, quoting {FIRST}", BOT),
    ],
)
def test_a_comment_that_is_not_ours_is_left_alone(stub: StubGitHub, body: str, login: str) -> None:
    theirs = stub.say(7, body, login)
    assert stick(github(stub), 7, "review", "ours").action == "created"
    assert theirs["body"] == body
    assert len(bodies(stub)) == 2


def test_one_whose_author_is_gone_is_not_ours(stub: StubGitHub) -> None:
    stub.say(7, f"{FIRST}\nold")["user"] = None
    assert stick(github(stub), 7, "review", "new").action == "created"


def test_a_comment_that_somebody_deleted_is_made_again(stub: StubGitHub) -> None:
    stick(github(stub), 7, "review", "one")
    stub.comments[7].clear()
    assert stick(github(stub), 7, "review", "one").action == "created"


def test_of_two_the_older_stays(stub: StubGitHub) -> None:
    for text in ("first", "second"):
        stub.say(7, f"{FIRST}\n{text}\n")
    stub.say(7, f"{FIRST}\nnot ours", "mallory")
    assert stick(github(stub), 7, "review", "now").action == "updated"
    assert bodies(stub) == [f"{FIRST}\nnow\n", f"{FIRST}\nnot ours"]


def test_a_rehearsal_writes_nothing(stub: StubGitHub) -> None:
    assert stick(github(stub), 7, "review", "one", rehearse=True).action == "created"
    stub.say(7, f"{FIRST}\nold")
    stub.say(7, f"{FIRST}\nold too")
    assert stick(github(stub), 7, "review", "new", rehearse=True).action == "updated"
    assert stub.writes == []


def test_an_answer_that_was_lost_makes_no_second_comment(stub: StubGitHub) -> None:
    def lost(request: httpx.Request, done: bool) -> Exception | None:
        return httpx.ReadError("lost") if done and request.method == "POST" and "comments" in request.url.path else None

    stub.broken = lost
    assert stick(github(stub), 7, "review", "one").action == "created"
    assert len(bodies(stub)) == 1
    assert [write.split()[0] for write in stub.writes] == ["POST"]


def test_what_was_not_done_is_not_said_to_be(stub: StubGitHub) -> None:
    stub.broken = lambda request, done: refusal(502, "down") if request.method == "POST" and not done else None
    with pytest.raises(Unknown):
        stick(github(stub), 7, "review", "one")
    assert [write.split()[0] for write in stub.writes] == ["POST"]
    stub.broken = lambda request, done: refusal(403, "Resource not accessible") if request.method == "POST" else None
    with pytest.raises(NotAllowed):
        stick(github(stub), 7, "review", "one")


@pytest.mark.parametrize("name", ["", "a b", "a>b", "a--b", "a\nb", "Ş"])
def test_a_mark_cannot_be_broken_out_of(name: str) -> None:
    with pytest.raises(ValueError, match="no name"):
        mark(name)


# --- on the pull request of the job ---------------------------------------------------------------------------------


def job(tmp_path: Path, head: str, **environ: str) -> dict[str, str]:
    payload = {
        "number": 7,
        "head": {"sha": "abc", "repo": {"full_name": head}},
        "base": {"repo": {"full_name": REPOSITORY}},
    }
    (tmp_path / "event.json").write_text(json.dumps({"pull_request": payload}), "utf-8")
    told = {"GITHUB_EVENT_PATH": str(tmp_path / "event.json"), "GITHUB_REPOSITORY": REPOSITORY, "GITHUB_TOKEN": TOKEN}
    return told | environ


def test_the_pull_request_of_the_job_gets_the_comment(stub: StubGitHub, tmp_path: Path) -> None:
    with Http(transport=stub.transport()) as http:
        told = stick_to_pull_request(http, job(tmp_path, REPOSITORY), "", "review", "All is well.")
    assert (told.action, bodies(stub)) == ("created", [f"{FIRST}\nAll is well.\n"])


@pytest.mark.parametrize(
    ("head", "environ", "why"),
    [
        ("stranger/social", {}, "it comes from a fork"),
        (REPOSITORY, {"GITHUB_EVENT_PATH": ""}, "no pull request"),
        (REPOSITORY, {"GITHUB_TOKEN": ""}, "GITHUB_TOKEN is not set"),
        (REPOSITORY, {"GITHUB_REPOSITORY": "other/social"}, "another repository"),
    ],
)
def test_where_nothing_may_be_written_nothing_is_even_asked(
    stub: StubGitHub, tmp_path: Path, head: str, environ: dict[str, str], why: str
) -> None:
    with Http(transport=stub.transport()) as http:
        told = stick_to_pull_request(http, job(tmp_path, head, **environ), "", "review", "All is well.")
    assert told.action == "withheld"
    assert why in told.why
    assert stub.seen == []


# --- as long as GitHub takes ----------------------------------------------------------------------------------------


def test_a_text_that_is_too_long_is_cut_and_said_to_be(stub: StubGitHub) -> None:
    text = "\n".join(f"- line {number}" for number in range(20_000))
    assert stick(github(stub), 7, "review", text).action == "created"
    (body,) = bodies(stub)
    assert 65_000 < len(body) <= 65_536
    assert body.rstrip().endswith("*The rest is left out: GitHub takes no more than 65,536 characters.*")
    assert stick(github(stub), 7, "review", text).action == "unchanged"


@given(
    st.lists(
        st.sampled_from(["words", "", "```", "````md", "~~~", "<details>", "</details>", "- x " * 9, "😀" * 30]),
        max_size=80,
    ),
    st.integers(400, 900),
)
def test_a_cut_leaves_nothing_open(lines: list[str], most: int) -> None:
    text = "\n".join(lines)
    cut = fitted(text, most)
    assert len(cut) <= most
    if len(text) <= most:
        assert cut == text
        return
    # What says so is read as words, not as code.
    tokens = MarkdownIt("commonmark", {"html": True}).parse(cut)
    assert "The rest is left out" not in "".join(
        token.content for token in tokens if token.type in {"fence", "html_block"}
    )
    assert any("The rest is left out" in token.content for token in tokens if token.type == "inline")
