"""One issue a channel: from what is wanted and what is there to what is done, and the same again changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import httpx
import pytest
import stamina
from hypothesis import given
from hypothesis import strategies as st

from forge.stub_github import BOT, REPOSITORY, TOKEN, Answer, StubGitHub, refusal
from socialops.errors import LedgerError
from socialops.forge.feedback import MOST_WRITES, Told, tell_issues
from socialops.forge.github import GitHub, Place
from socialops.forge.issues import LABEL, Wanted, halted, steps, wanted_issues
from socialops.http import Http

Broken = Callable[[httpx.Request, bool], Answer | None]
MASTODON = "<!-- socialops:attention:mastodon -->\n# `mastodon` needs a person\n\nWhat waits.\n"
BLUESKY = "<!-- socialops:attention:bluesky -->\n# `bluesky` needs a person\n\nWhat waits.\n"


@pytest.fixture(autouse=True)
def impatient() -> Iterator[None]:
    with stamina.set_testing(True, attempts=3):
        yield


@pytest.fixture
def stub() -> Iterator[StubGitHub]:
    made = StubGitHub()
    yield made
    assert made.faults == []


def tell(
    stub: StubGitHub, messages: Mapping[str, str] | list[Wanted], *, known: bool = True, dry: bool = False
) -> Told:
    told = Told()
    github = GitHub(Http(transport=stub.transport()), Place("https://api.github.com", REPOSITORY), TOKEN)
    wanted = messages if isinstance(messages, list) else wanted_issues(messages)
    stub.seen.clear()
    tell_issues(github, wanted, told, all_known=known, rehearse=dry)
    return told


def failing(answer: Answer, *, holding: bytes = b"", after: bool = False) -> Broken:
    """Let every new issue (that holds some words) be answered so, before or after it is made."""

    def broken(request: httpx.Request, done: bool) -> Answer | None:
        new = request.method == "POST" and request.url.path.endswith("/issues")
        return answer if new and done is after and holding in request.content else None

    return broken


def states(stub: StubGitHub) -> list[tuple[str, str]]:
    return [(issue["title"], issue["state"]) for issue in stub.issues.values()]


def test_the_life_of_an_issue(stub: StubGitHub) -> None:
    assert tell(stub, {"mastodon": MASTODON}).exit_code == 0
    (issue,) = stub.issues.values()
    assert (issue["title"], issue["body"]) == ("mastodon needs a person", MASTODON)
    assert stub.labels == {LABEL}
    # The same again writes nothing.
    assert tell(stub, {"mastodon": MASTODON}).lines == []
    assert stub.writes == []
    # What happens next is told in the same issue, quietly.
    tell(stub, {"mastodon": MASTODON + "More.\n"})
    assert stub.writes == [f"PATCH issues/{issue['number']}"]
    assert issue["body"].endswith("More.\n")
    # Nothing waits: closed, by us.
    tell(stub, {})
    assert (issue["state"], issue["state_reason"]) == ("closed", "completed")
    assert "Nothing waits here" in issue["body"]
    tell(stub, {})
    assert stub.writes == []
    # Something waits again: the same issue, not another one.
    tell(stub, {"mastodon": MASTODON})
    assert (issue["state"], issue["body"]) == ("open", MASTODON)
    assert len(stub.issues) == 1


def test_channels_have_an_issue_each(stub: StubGitHub) -> None:
    tell(stub, {"mastodon": MASTODON, "bluesky": BLUESKY})
    tell(stub, {"bluesky": BLUESKY})
    assert states(stub) == [("bluesky needs a person", "open"), ("mastodon needs a person", "closed")]


def test_who_closes_an_issue_has_read_it(stub: StubGitHub) -> None:
    tell(stub, {"mastodon": MASTODON})
    (issue,) = stub.issues.values()
    issue["state"] = "closed"
    assert tell(stub, {"mastodon": MASTODON}).lines == []
    assert issue["state"] == "closed"
    tell(stub, {"mastodon": MASTODON + "Something new.\n"})
    assert issue["state"] == "open"


@pytest.mark.parametrize("login", ["mallory", "github-actions"])
def test_what_others_wrote_is_theirs(stub: StubGitHub, login: str) -> None:
    theirs = stub.open_issue("mastodon needs a person", MASTODON, [LABEL], login)
    talk = stub.open_issue("A question", "Why?", [LABEL])
    tell(stub, {})
    assert (theirs["state"], talk["state"]) == ("open", "open")
    tell(stub, {"mastodon": MASTODON + "x"})
    assert theirs["body"] == MASTODON
    assert len(stub.issues) == 3


def test_a_pull_request_is_no_issue(stub: StubGitHub) -> None:
    pull = stub.open_issue("A pull request", MASTODON, [LABEL])
    pull["pull_request"] = {"url": "https://github.example/x", "html_url": None, "diff_url": None, "patch_url": None}
    tell(stub, {})
    assert pull["state"] == "open"


def test_two_of_one_become_one(stub: StubGitHub) -> None:
    first, second = (stub.open_issue("mastodon needs a person", MASTODON, [LABEL]) for _ in range(2))
    tell(stub, {"mastodon": MASTODON})
    assert (first["state"], second["state"], second["state_reason"]) == ("open", "closed", "not_planned")
    assert f"#{first['number']}" in second["body"]


def test_it_is_found_among_many(stub: StubGitHub) -> None:
    ours = stub.open_issue("mastodon needs a person", MASTODON, [LABEL])
    for number in range(150):
        stub.open_issue(f"Talk {number}", "x", [LABEL], "ayse")
    tell(stub, {"mastodon": MASTODON})
    assert stub.writes == []
    tell(stub, {})
    assert ours["state"] == "closed"


def test_a_record_that_cannot_be_read_closes_nothing(stub: StubGitHub) -> None:
    tell(stub, {"mastodon": MASTODON})
    wanted = [halted(LedgerError("The branch was rewritten.", hint="git push `x`\n```\n@everyone"))]
    tell(stub, wanted, known=False)
    assert states(stub) == [("mastodon needs a person", "open"), ("Publishing has stopped", "open")]
    body = list(stub.issues.values())[1]["body"]
    assert "````\ngit push `x`\n```\n@everyone\n````" in body
    tell(stub, {"mastodon": MASTODON})
    assert states(stub)[1] == ("Publishing has stopped", "closed")


def test_a_rehearsal_writes_nothing(stub: StubGitHub) -> None:
    told = tell(stub, {"mastodon": MASTODON}, dry=True)
    assert told.lines == ["channel mastodon: issue would be opened"]
    assert stub.writes == []


def test_what_one_refusal_hinders_the_others_do_not_wait_for(stub: StubGitHub) -> None:
    refuse = refusal(422, "Validation Failed")
    stub.broken = lambda request, done: (
        refuse if not done and request.method == "POST" and b"bluesky" in request.content else None
    )
    told = tell(stub, {"mastodon": MASTODON, "bluesky": BLUESKY})
    assert states(stub) == [("mastodon needs a person", "open")]
    assert told.exit_code == 1
    assert told.faults == ["the issue of channel bluesky: GitHub refuses it (422)."]


def test_a_limit_ends_the_run_and_the_next_one_goes_on(stub: StubGitHub) -> None:
    limit = refusal(403, "You have exceeded a secondary rate limit.", {"Retry-After": "120"})
    stub.broken = lambda request, done: (
        limit if not done and request.method == "POST" and "issues" in request.url.path else None
    )
    told = tell(stub, {"mastodon": MASTODON, "bluesky": BLUESKY})
    assert (len(told.faults), stub.issues) == (1, {})
    assert "no more requests for 2 min" in told.faults[0]
    stub.broken = None
    assert tell(stub, {"mastodon": MASTODON, "bluesky": BLUESKY}).exit_code == 0
    assert len(stub.issues) == 2


def test_an_issue_whose_answer_was_lost_is_not_opened_twice(stub: StubGitHub) -> None:
    down = refusal(502, "down")
    stub.broken = lambda request, done: (
        down if done and request.method == "POST" and request.url.path.endswith("issues") else None
    )
    assert tell(stub, {"mastodon": MASTODON}).exit_code == 1
    stub.broken = None
    assert tell(stub, {"mastodon": MASTODON}).exit_code == 0
    assert len(stub.issues) == 1


def test_one_run_does_not_write_without_end(stub: StubGitHub) -> None:
    messages = {f"c{number}": f"<!-- socialops:attention:c{number} -->\nx\n" for number in range(MOST_WRITES + 5)}
    told = tell(stub, messages)
    assert len(stub.issues) == MOST_WRITES
    assert told.faults == [f"the rest is left to the next run: {MOST_WRITES} changes are enough for one"]
    assert tell(stub, messages).exit_code == 0
    assert len(stub.issues) == len(messages)


# --- whatever is there ----------------------------------------------------------------------------------------------

CHANNELS = ("a", "b")


def issue_of(number: int, channel: str, state: str, login: str, text: str) -> dict[str, Any]:
    body = f"<!-- socialops:attention:{channel} -->\n{text}\n"
    return {"number": number, "state": state, "body": body, "user": {"login": login}}


THERE = st.lists(
    st.tuples(
        st.sampled_from(CHANNELS),
        st.sampled_from(["open", "closed"]),
        st.sampled_from([BOT, "ayse"]),
        st.sampled_from("xy"),
    ),
    max_size=6,
)


@given(THERE, st.dictionaries(st.sampled_from(CHANNELS), st.sampled_from("xy")))
def test_the_steps_lead_to_what_is_wanted_and_no_further(
    there: list[tuple[str, str, str, str]], messages: dict[str, str]
) -> None:
    issues = [issue_of(number, *one) for number, one in enumerate(there, start=1)]
    theirs = [dict(issue) for issue in issues if issue["user"]["login"] != BOT]
    wanted = wanted_issues({name: f"<!-- socialops:attention:{name} -->\n{text}\n" for name, text in messages.items()})
    for step in steps(wanted, issues, BOT, all_known=True):
        if step.kind == "create":
            issues.append({"number": len(issues) + 1, "state": "open", "body": step.body, "user": {"login": BOT}})
            continue
        issue = issues[step.number - 1]
        state = {"update": issue["state"], "reopen": "open"}.get(step.kind, "closed")
        issue.update(body=step.body, state=state)
    assert steps(wanted, issues, BOT, all_known=True) == []
    assert [issue for issue in issues if issue["user"]["login"] != BOT] == theirs
    ours = [issue for issue in issues if issue["user"]["login"] == BOT and issue["state"] == "open"]
    assert len({issue["body"].partition("\n")[0] for issue in ours}) == len(ours)
    assert {issue["body"].partition("\n")[0] for issue in ours} <= {one.mark for one in wanted}
    # A wanted one that is closed is one that somebody closed as it stands.
    for one in wanted:
        assert any(issue["body"] == one.body for issue in issues if issue["user"]["login"] == BOT)
