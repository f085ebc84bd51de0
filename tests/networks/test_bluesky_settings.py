"""Who may answer and quote a post on Bluesky, and what it says is to be seen: from `params:` to the records."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from builder import workspace
from networks import atproto_spec
from networks.contract import CLAIMED, text
from networks.fakes import SECRET, FakeBluesky, FakeMastodon, answer, trouble
from socialops.checks.check import check
from socialops.compose.compose import compose
from socialops.content.load import load
from socialops.errors import Rejected, TryLater
from socialops.http import Http
from socialops.networks import connect
from socialops.networks.base import Login
from socialops.networks.draft import Receipt, Reply

Handler = Callable[[httpx.Request], httpx.Response]
THREADGATE, POSTGATE = "app.bsky.feed.threadgate", "app.bsky.feed.postgate"


@pytest.fixture
def server() -> FakeBluesky:
    return FakeBluesky()


def account(handler: Handler) -> Any:
    login = Login("bluesky", "lumenvelo.example", FakeBluesky.base, SECRET)
    return connect("bluesky", login, Http(transport=httpx.MockTransport(handler)))


def publish(handler: Handler, part: Any, number: int = 0) -> tuple[Receipt, str]:
    network = account(handler)
    key = network.key("launch/bluesky", number, CLAIMED)
    return network.publish(part, key=key), key


@pytest.mark.parametrize(
    ("said", "rules"),
    [
        ("nobody", []),
        ("mentioned", ["mentionRule"]),
        (["following", "followers", "mentioned"], ["mentionRule", "followerRule", "followingRule"]),
    ],
)
def test_who_may_answer_is_written_before_the_post(server: FakeBluesky, said: Any, rules: list[str]) -> None:
    _, key = publish(server, text("Kış", options={"replies": said}))
    gate = server.gates[THREADGATE, key]
    assert gate["allow"] == [{"$type": f"{THREADGATE}#{rule}"} for rule in rules]
    assert gate["post"] == f"at://{server.did}/app.bsky.feed.post/{key}"
    assert gate["createdAt"] == server.records[key]["createdAt"]
    methods = [request.url.path.rpartition(".")[2] for request in server.requests]
    assert methods.count("putRecord") == 2
    if atproto_spec.LEXICONS.is_dir():
        assert list(atproto_spec.record_faults(gate, THREADGATE, key)) == []


def test_a_post_can_refuse_to_be_quoted_and_name_what_is_to_be_seen(server: FakeBluesky) -> None:
    receipt, key = publish(server, text("Kış", options={"quotes": False, "content_label": "graphic-media"}))
    assert server.gates[POSTGATE, key]["embeddingRules"] == [{"$type": f"{POSTGATE}#disableRule"}]
    assert server.records[key]["labels"] == {
        "$type": "com.atproto.label.defs#selfLabels",
        "values": [{"val": "graphic-media"}],
    }
    account(server).delete(receipt)
    assert (server.records, server.gates) == ({}, {})


def test_a_post_that_says_nothing_has_neither_gates_nor_labels(server: FakeBluesky) -> None:
    _, key = publish(server, text("Kış", options={"replies": "everybody", "quotes": "yes"}))
    assert server.gates == {}
    assert "labels" not in server.records[key]


def test_only_the_first_part_of_a_thread_says_who_may_answer(server: FakeBluesky) -> None:
    options = {"replies": "nobody", "quotes": "no"}
    first, _ = publish(server, text("1", options=options))
    publish(server, text("2", options=options, reply=Reply(first, first)), 1)
    assert sorted(collection for collection, _ in server.gates) == [POSTGATE, POSTGATE, THREADGATE]


@pytest.mark.parametrize("options", [{"replies": ["nobody", "mentioned"]}, {"replies": "friends"}, {"quotes": "x"}])
def test_what_cannot_be_said_is_refused_before_anything_is_written(server: FakeBluesky, options: Any) -> None:
    with pytest.raises(Rejected):
        publish(server, text("Kış", options=options))
    assert (server.records, server.gates) == ({}, {})


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (answer(500, {"error": "InternalServerError"}), TryLater),
        (answer(429, {"error": "RateLimitExceeded"}), TryLater),
        (trouble("InvalidRequest"), Rejected),
        (None, TryLater),
    ],
)
def test_a_post_is_never_open_that_was_meant_to_be_closed(server: FakeBluesky, reply: Any, error: Any) -> None:
    def fails(request: httpx.Request) -> httpx.Response:
        if THREADGATE.encode() in request.content:
            if reply is None:
                raise httpx.ReadTimeout("slow", request=request)
            return reply  # type: ignore[no-any-return]  # what the test says
        return server(request)

    with pytest.raises(error):
        publish(fails, text("Kış", options={"replies": "nobody"}))
    assert server.records == {}
    publish(server, text("Kış", options={"replies": "nobody"}))
    assert (len(server.records), len(server.gates)) == (1, 1)


# --- From the file to the network -------------------------------------------------------------------------------------

CHANNEL = "---\nnetwork: {0}\nhandle: {1}\nhost: https://{0}.example\nzone: UTC\n---\nOurs.\n"
POST = "---\ndate: 2026-12-08 09:30\nchannels: [bluesky, mastodon]\n{}---\nBir\n\n---\n\nİki\n"


def written(folder: Path, more: str) -> Any:
    files: dict[str, str | bytes] = {
        "brand/channels/bluesky.md": CHANNEL.format("bluesky", "lumenvelo.example"),
        "brand/channels/mastodon.md": CHANNEL.format("mastodon", "'@lumenvelo'"),
        "posts/2026/12/kis.md": POST.format(more),
    }
    return load(workspace(folder, files))


def test_what_a_post_says_to_a_network_reaches_that_network_alone(tmp_path: Path) -> None:
    content = written(tmp_path, "params:\n  bluesky: {replies: [mentioned]}\n  mastodon: {quotes: nobody}\n")
    drafts = {name: compose(content.posts[0], content.channels[name], content) for name in ("bluesky", "mastodon")}
    assert [part.options for part in drafts["bluesky"].parts] == [{"replies": ["mentioned"]}] * 2
    assert [part.options for part in drafts["mastodon"].parts] == [{"quotes": "nobody"}] * 2
    assert all(part.kind == "" for draft in drafts.values() for part in draft.parts)
    silent = written(tmp_path / "second", "")
    for name in ("bluesky", "mastodon"):
        record = compose(silent.posts[0], silent.channels[name], silent).record()
        assert all("options" not in part and "kind" not in part for part in record["parts"])


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ("params: {bluesky: {replies: freinds}}", "`replies` for bluesky cannot be 'freinds'."),
        ("params: {bluesky: {replies: [nobdy]}}", "`replies` for bluesky cannot be 'nobdy'."),
        ("params: {mastodon: {quotes: true}}", "`quotes` for mastodon cannot be 'yes'."),
    ],
)
def test_check_names_what_a_network_cannot_be_told(tmp_path: Path, more: str, told: str) -> None:
    found = [problem for problem in check(written(tmp_path, more + "\n")) if problem.id == "option-invalid"]
    assert [(problem.message, problem.line > 1) for problem in found] == [(told, True)]
    assert "It takes " in found[0].hint


def test_mastodon_is_told_who_may_quote() -> None:
    server = FakeMastodon()
    login = Login("mastodon", "@lumenvelo", server.base, SECRET)
    network = connect("mastodon", login, Http(transport=httpx.MockTransport(server)))
    for ours, theirs in (("everybody", "public"), ("followers", "followers"), ("nobody", "nobody")):
        network.publish(replace(text(ours), options={"quotes": ours}), key=ours)
        assert server.bodies[-1]["quote_approval_policy"] == theirs
    network.publish(text("x"), key="x")
    assert "quote_approval_policy" not in server.bodies[-1]
