"""The adapter and the whole engine on mastodon_mock: a server that remembers Idempotency-Key, by others than us.

It is an emulator and not the truth. What it shows that snac cannot: keys, refusals with Mastodon's numbers, rate-limit
headers, languages, focus points, and answers that are lost. What it does not emulate is written down in the last test,
so that a newer one that does is noticed.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from real.servers import MastodonMock, RealAccount, web
from real.stage import Sent, networks, new_workspace, publish_everything, sent, unsettled
from socialops.checks.check import check
from socialops.compose.media import fit_picture
from socialops.content.load import load
from socialops.errors import NetworkError, NotAllowed, Rejected, TryLater, Unknown
from socialops.http import Http
from socialops.networks.base import Idempotency, Login, Stat
from socialops.networks.draft import Part, Poll, Receipt
from socialops.networks.mastodon import Mastodon
from socialops.problem import Severity
from socialops.workspace import Workspace

pytestmark = pytest.mark.real

POSTS = {
    "words": "date: 2026-12-01 09:30\nlang: tr\ntags: [kış]\nlink: https://example.org/kış?a=1&b=2\n---\nKış geldi!\n",
    "picture": "date: 2026-12-02 09:30\nlang: en\nmedia:\n  - {file: lamp.png, alt: A lit lamp, focus: [0.5, -0.25]}\n"
    "---\nA lamp\n",
    "thread": "date: 2026-12-03 09:30\nlang: en\n---\nOne\n---\nTwo\n---\nThree\n",
    "warning": "date: 2026-12-04 09:30\nlang: he\nvisibility: unlisted\ncontent_warning: אזהרה\n---\nאור בחורף\n",
    "followers": "date: 2026-12-05 09:30\nlang: ro\nvisibility: followers\n---\nPentru cei apropiați\n",
    "poll": "date: 2026-12-06 09:30\nlang: en\npoll:\n  options: [Front, Rear]\n  duration: 1d\n---\nWhich lamp?\n",
}
CHANNEL = '---\nnetwork: mastodon\nhandle: "{handle}"\nhost: {host}\nzone: Europe/Istanbul\n---\nOurs.\n'


@dataclass(frozen=True)
class Published:
    """The scratch workspace after every post of it went out, and what the server keeps."""

    workspace: Workspace
    accounts: dict[str, RealAccount]
    trouble: list[str]
    sent: dict[str, Sent]
    statuses: dict[str, dict[str, Any]]
    begun: datetime

    def status(self, post: str, part: int = 0) -> dict[str, Any]:
        return self.statuses[self.sent[post].receipts[part].id]


@pytest.fixture(scope="module")
def published(mastodon_mock: MastodonMock, tmp_path_factory: pytest.TempPathFactory) -> Published:
    begun = datetime.now(UTC)
    us = mastodon_mock.accounts["lumenvelo"]
    workspace = new_workspace(tmp_path_factory.mktemp("emulated"), lambda root: fill(root, us))
    content = load(workspace)
    assert [problem for problem in check(content) if problem.severity is Severity.ERROR] == []
    accounts = {"mastodon": us}
    trouble = unsettled(publish_everything(workspace, accounts))
    found = {item.draft.post: item for item in sent(workspace, content.channels)}
    return Published(workspace, accounts, trouble, found, mastodon_mock.statuses(us.token), begun)


def fill(root: Path, account: RealAccount) -> None:
    drawn = io.BytesIO()
    Image.new("RGB", (800, 600), (20, 30, 60)).save(drawn, "PNG")
    files = {
        "pyproject.toml": b'[tool.socialops]\nname = "Lumen Velo"\nzone = "Europe/Istanbul"\n',
        "brand/channels/mastodon.md": CHANNEL.format(handle=account.handle, host=account.host).encode(),
        "posts/lamp.png": drawn.getvalue(),
    }
    for name, text in POSTS.items():
        files[f"posts/{name}.md"] = f"---\ntitle: {name}\nchannels: [mastodon]\n{text}".encode()
    for name, data in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(data)


@pytest.fixture
def ours(mastodon_mock: MastodonMock) -> Mastodon:
    account = mastodon_mock.accounts["lumenvelo"]
    return Mastodon(Login("mastodon", account.handle, account.host, account.token), Http())


# --- The whole engine -------------------------------------------------------------------------------------------------


def test_everything_is_confirmed_and_there_once(published: Published) -> None:
    assert published.trouble == []
    assert set(published.sent) == set(POSTS)
    receipts = [receipt.id for item in published.sent.values() for receipt in item.receipts]
    assert len(receipts) == len(set(receipts)) == len(POSTS) + 2
    assert set(published.statuses) == set(receipts)


def test_the_server_keeps_each_part_as_it_was_drafted(published: Published, mastodon_mock: MastodonMock) -> None:
    token = published.accounts["mastodon"].token
    for item in published.sent.values():
        for part, receipt in item.parts():
            status = published.statuses[receipt.id]
            source = mastodon_mock.call("GET", f"/api/v1/statuses/{receipt.id}/source", token)
            assert source["text"] == part.text, item.name
            assert status["language"] == part.lang, item.name
            assert status["url"] == receipt.url, item.name
            assert (status["in_reply_to_id"] or "") == (part.reply.parent.id if part.reply else ""), item.name
    warning = published.status("warning")
    assert (warning["spoiler_text"], warning["sensitive"], warning["visibility"]) == ("אזהרה", True, "unlisted")
    assert published.status("followers")["visibility"] == "private"
    assert published.status("words")["visibility"] == "public"


def test_the_picture_is_there_with_its_words_and_focus(published: Published) -> None:
    (picture,) = published.status("picture")["media_attachments"]
    assert picture["description"] == "A lit lamp"
    assert picture["meta"]["focus"] == {"x": 0.5, "y": -0.25}
    (attachment,) = published.sent["picture"].draft.parts[0].attachments
    assert web().get(picture["url"]).content == fit_picture(published.workspace, attachment).data


def test_what_was_sent_is_found_again(published: Published) -> None:
    with networks(published.accounts) as open_network:
        for item in published.sent.values():
            for part, receipt in item.parts():
                found = open_network(item.channel).find(part, key="unused", since=published.begun)
                assert found == receipt, item.name


def test_a_second_run_sends_nothing(published: Published, mastodon_mock: MastodonMock) -> None:
    before, there = mastodon_mock.writes(), mastodon_mock.statuses(published.accounts["mastodon"].token)
    again = publish_everything(published.workspace, published.accounts)
    assert [result for outcome in again for result in outcome.results if result.state == "confirmed"] == []
    assert mastodon_mock.writes() == before
    assert set(mastodon_mock.statuses(published.accounts["mastodon"].token)) == set(there)


def test_what_readers_do_is_counted(published: Published, mastodon_mock: MastodonMock, ours: Mastodon) -> None:
    words, thread = published.sent["words"].receipts[0], published.sent["thread"].receipts[0]
    reader = mastodon_mock.accounts["reader"].token
    for deed in ("favourite", "reblog"):
        mastodon_mock.call("POST", f"/api/v1/statuses/{words.id}/{deed}", reader)
    expected = {Stat(words.id, "likes", 1), Stat(words.id, "reposts", 1), Stat(thread.id, "replies", 1)}
    assert set(ours.measure([words, thread])) >= expected


# --- What it is for: keys, refusals, lost answers ---------------------------------------------------------------------


def test_it_counts_as_a_server_that_knows_keys(ours: Mastodon) -> None:
    assert ours.idempotency is Idempotency.KEY
    account = ours.account()
    assert account.handle.startswith("@lumenvelo@localhost")
    assert {name: account.limits[name] for name in ("text", "attachments", "poll_options")} == {
        "text": 500,
        "attachments": 4,
        "poll_options": 4,
    }


def test_the_same_key_again_is_the_same_post(ours: Mastodon, mastodon_mock: MastodonMock) -> None:
    token = mastodon_mock.accounts["lumenvelo"].token
    before = len(mastodon_mock.statuses(token))
    first = ours.publish(Part("Sent twice"), key="the same key")
    assert ours.publish(Part("Sent twice"), key="the same key") == first
    assert len(mastodon_mock.statuses(token)) == before + 1
    removed(ours, first)


def test_an_answer_that_is_cut_off_is_settled_by_the_key(ours: Mastodon, mastodon_mock: MastodonMock) -> None:
    mastodon_mock.fail_once("malformed")
    begun = datetime.now(UTC) - timedelta(minutes=1)
    part = Part("The answer was cut off")
    with pytest.raises(Unknown):
        ours.publish(part, key="cut off")
    receipt = ours.publish(part, key="cut off")
    assert ours.find(part, key="cut off", since=begun) == receipt
    removed(ours, receipt)


@pytest.mark.parametrize(
    ("effect", "details", "expected"),
    [
        ("ratelimit", {}, TryLater),
        ("status", {"status": 503}, Unknown),
        ("status", {"status": 401}, NotAllowed),
        ("status", {"status": 422, "body": {"error": "Validation failed"}}, Rejected),
    ],
)
def test_each_failure_means_what_it_means(
    ours: Mastodon, mastodon_mock: MastodonMock, effect: str, details: dict[str, Any], expected: type[NetworkError]
) -> None:
    token = mastodon_mock.accounts["lumenvelo"].token
    before = len(mastodon_mock.statuses(token))
    mastodon_mock.fail_once(effect, **details)
    with pytest.raises(expected) as caught:
        ours.publish(Part("Never there"), key=f"fails {effect} {details}")
    if isinstance(caught.value, TryLater):
        assert caught.value.after == timedelta(seconds=300), "as its Retry-After says"
    assert len(mastodon_mock.statuses(token)) == before


def test_what_is_too_long_or_not_ours_is_refused(ours: Mastodon, mastodon_mock: MastodonMock) -> None:
    with pytest.raises(Rejected, match="501"):
        ours.publish(Part("ı" * 501), key="too long")
    account = mastodon_mock.accounts["lumenvelo"]
    stranger = Mastodon(Login("mastodon", account.handle, account.host, "not the token"), Http())
    with pytest.raises(NotAllowed):
        stranger.publish(Part("Never there"), key="stranger")


def test_a_deleted_post_is_gone_and_may_be_deleted_again(ours: Mastodon, mastodon_mock: MastodonMock) -> None:
    receipt = ours.publish(Part("A mistake"), key="a mistake")
    removed(ours, receipt)
    ours.delete(receipt)


def removed(ours: Mastodon, receipt: Receipt) -> None:
    ours.delete(receipt)
    assert ours.measure([receipt]) == []


# --- What it does not emulate -----------------------------------------------------------------------------------------


def test_where_it_is_not_mastodon(published: Published, ours: Mastodon) -> None:
    # A poll in a form is dropped in silence. Mastodon reads `poll[options][]` (it is Rails), and snac reads nothing
    # else, so we go on sending forms; the post itself arrives, and counts as ours when it is looked for.
    assert published.status("poll")["poll"] is None
    (part,) = published.sent["poll"].draft.parts
    assert isinstance(part.poll, Poll)
    # An address counts with all its letters, where Mastodon counts 23.
    with pytest.raises(Rejected):
        ours.publish(replace(part, poll=None, text="https://example.org/" + "a" * 490), key="a long address")
