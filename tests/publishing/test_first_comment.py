"""A post that went out without its first comment: a person is told for a day, and nothing is sent twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from inline_snapshot import snapshot

from networks.fakes import SECRET
from networks.stub_facebook import StubFacebook, refusal
from publishing_stage import DUE, Clone, Stage, a_channel, a_post
from socialops.content.post import ChannelEntry
from socialops.http import Http
from socialops.networks import connect
from socialops.networks.base import Login
from socialops.networks.draft import Receipt
from socialops.output.plan import outcome_json, outcome_text
from socialops.publishing.attention import needs
from socialops.publishing.happened import Claimed, Yes
from socialops.publishing.machine import Delivery, after
from socialops.publishing.messages import messages
from socialops.publishing.outcome import Outcome
from socialops.publishing.reasons import lacking

WORDS = "Daha fazlası: https://example.org/kış `x`"


class Run:
    """A Page whose posts get a first comment; *comments* answers in the place of Facebook."""

    def __init__(self, folder: Path) -> None:
        self.server = StubFacebook()
        self.comments: Callable[[httpx.Request], httpx.Response] | None = None
        self.stage = Stage(folder)
        self.channel = a_channel("facebook", "facebook", host="")
        self.stage.channels = [self.channel]
        self.stage.posts = [replace(a_post(), channels=(ChannelEntry("facebook", first_comment=WORDS),))]
        self.clone: Clone = self.stage.begin()
        self.server.now = self.stage.clock.now

    def carry(self, request: httpx.Request) -> httpx.Response:
        if self.comments and request.url.path.endswith("/comments"):
            return self.comments(request)
        return self.server(request)

    def publish(self) -> Outcome:
        http = Http(transport=httpx.MockTransport(self.carry))
        return self.clone.publish(open_network=lambda _: connect("facebook", Login("facebook", "x", "", SECRET), http))

    def told(self, outcome: Outcome) -> str:
        ledger, now = self.clone.ledger(), self.stage.clock.now
        zone = self.clone.workspace.settings.tz()
        return messages(outcome.plan, ledger, now, zone, {}).get("facebook", "")


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run(tmp_path)


def cut(request: httpx.Request) -> httpx.Response:
    raise httpx.ReadError("reset", request=request)


def test_a_comment_that_is_there_needs_nobody(run: Run) -> None:
    outcome = run.publish()
    assert (outcome.exit_code, outcome.results[0].message) == (0, "")
    assert [comment["message"] for comment in run.server.comments] == [WORDS]
    assert run.told(outcome) == ""


def test_a_comment_that_was_refused_reaches_a_person(run: Run) -> None:
    run.comments = lambda _: refusal(200, words="no permission")
    outcome = run.publish()
    assert outcome.exit_code == 3
    assert outcome.results[0].state == "confirmed"
    assert outcome.results[0].message == snapshot(
        "published, but its first comment is not there: Facebook refuses the first comment (200): the token lacks a "
        "permission"
    )
    assert outcome.results[0].message in outcome_text(outcome, now=run.stage.clock.now)
    assert outcome.results[0].message in outcome_json(outcome)
    (need,) = needs(outcome.plan, run.clone.ledger(), run.stage.clock.now)
    assert need.url.startswith("https://www.facebook.com/")
    told = run.told(outcome)
    assert "## Published, but not all of it (1)" in told
    assert f"`` {WORDS} ``" in told
    assert SECRET not in told


@pytest.mark.parametrize("answer", [cut, lambda _: httpx.Response(500), lambda _: httpx.Response(200, json={})])
def test_a_comment_that_is_perhaps_there_is_not_sent_again(
    run: Run, answer: Callable[[httpx.Request], httpx.Response]
) -> None:
    asked: list[httpx.Request] = []

    def reply(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return answer(request)

    run.comments = reply
    assert "is perhaps there" in run.publish().results[0].message
    run.stage.clock.turn(minutes=16)
    run.publish()
    assert len(asked) == 1


def test_it_is_put_before_people_for_a_day(run: Run) -> None:
    run.comments = lambda _: refusal(4)
    first = run.told(run.publish())
    run.stage.clock.turn(hours=20)
    assert run.told(run.publish()) == first
    run.stage.clock.turn(hours=5)
    later = run.publish()
    assert (later.exit_code, run.told(later)) == (0, "")


def test_a_post_that_is_found_by_looking_says_that_nobody_knows_of_its_comment(run: Run) -> None:
    post = run.server.feed

    def lost(fields: dict[str, Any]) -> httpx.Response:
        post(fields)
        return httpx.Response(502)

    run.server.feed = lost  # type: ignore[method-assign]  # a fault, on every post from now on
    assert run.publish().results[0].state == "unknown"
    run.stage.clock.turn(minutes=45)
    outcome = run.publish()
    assert outcome.results[0].state == "confirmed"
    assert outcome.results[0].message == "found; published, but its first comment is perhaps there: nobody knows"
    assert run.server.comments == []
    assert run.stage.clock.now - run.server.now < timedelta(hours=1)


def test_comments_that_are_perhaps_open_reach_a_person_too() -> None:
    draft = {"parts": [{"text": "a", "options": {"comments": False}}]}
    delivery = Delivery("launch", "instagram", "instagram", "2026-12-01T06:30:00Z", draft)
    claimed = after(delivery, 0, Claimed("key", DUE + timedelta(minutes=30)), DUE)
    there = Receipt("7", "https://www.instagram.com/p/C7/", "2026-12-01T06:30:02Z")
    assert lacking(after(claimed, 0, Yes(there), DUE)) == "published, but its comments are perhaps open: nobody knows"
    words = "Instagram refuses to close the comments (10)"
    trouble = replace(there, extra={"comments_trouble": f"{words}."})
    assert lacking(after(claimed, 0, Yes(trouble), DUE)) == f"published, but its comments are perhaps open: {words}"
    assert lacking(after(claimed, 0, Yes(replace(there, extra={"comments": "closed"})), DUE)) == ""
    # A person who says that it is there has looked at it.
    assert lacking(after(claimed, 0, Yes(there, via="human", who="mia"), DUE)) == ""
