"""This workspace's own posts, published by the real engine on a real PDS and a real snac, and read back whole."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from real.readback import compare_with_pds, compare_with_snac
from real.servers import Pds, RealAccount, Snac
from real.stage import (
    Sent,
    copy_of_ours,
    networks,
    new_workspace,
    point_channels,
    publish_everything,
    say,
    sent,
    unsettled,
)
from socialops.content.load import load
from socialops.errors import Unknown
from socialops.networks.base import Idempotency
from socialops.publishing.outcome import Outcome
from socialops.workspace import Workspace

pytestmark = pytest.mark.real


@dataclass(frozen=True)
class Published:
    """The scratch workspace after every post of it went out."""

    workspace: Workspace
    accounts: dict[str, RealAccount]
    outcomes: list[Outcome]
    sent: list[Sent]
    begun: datetime


@pytest.fixture(scope="module")
def published(pds: Pds, snac: Snac, tmp_path_factory: pytest.TempPathFactory) -> Published:
    begun = datetime.now(UTC)
    accounts = {
        "bluesky": pds.open_account("lumenvelo"),
        "mastodon": snac.open_account("lumenvelo"),
        "mastodon-il": snac.open_account("lumenveloil"),
        "practice": snac.open_account("practice"),
    }
    partner = pds.open_account("roataveche")

    def fill(root: Path) -> None:
        copy_of_ours(root)
        point_channels(root, accounts)
        # One partner is somebody on this PDS, so that a mention can be a real one.
        handles = root / "brand" / "handles.yml"
        handles.write_text(
            re.sub(r'bluesky: "@roataveche[^"]*"', f'bluesky: "@{partner.handle}"', handles.read_text("utf-8")), "utf-8"
        )

    workspace = new_workspace(tmp_path_factory.mktemp("ours"), fill)
    outcomes = publish_everything(workspace, accounts)
    return Published(workspace, accounts, outcomes, sent(workspace, load(workspace).channels), begun)


def test_everything_that_was_due_is_confirmed(published: Published) -> None:
    assert unsettled(published.outcomes) == []
    kinds = {item.draft.kind for item in published.sent}
    say(f"\n{len(published.sent)} deliveries confirmed, of the kinds {', '.join(sorted(kinds))}.")
    assert len(published.sent) >= 30
    assert {item.channel.name for item in published.sent} == set(published.accounts)
    assert kinds >= {"text", "image", "carousel", "thread", "poll"}


def test_the_pds_keeps_every_part_as_it_was_drafted(published: Published, pds: Pds) -> None:
    ours = [item for item in published.sent if item.channel.name == "bluesky"]
    tally = compare_with_pds(pds, published.accounts["bluesky"], published.workspace, ours)
    say(f"\nPDS, {len(ours)} posts read back and equal: {dict(sorted(tally.items()))}")
    assert tally["facets"]
    assert tally["mentions"]
    assert tally["pictures"]
    assert tally["replies"]


@pytest.mark.parametrize("channel", ["mastodon", "mastodon-il", "practice"])
def test_snac_keeps_every_part_as_it_was_drafted(published: Published, snac: Snac, channel: str) -> None:
    ours = [item for item in published.sent if item.channel.name == channel]
    tally = compare_with_snac(snac, published.accounts[channel], published.workspace, ours)
    say(f"\nsnac {channel}, {len(ours)} posts read back and equal: {dict(sorted(tally.items()))}")
    assert tally["parts"]


@pytest.mark.parametrize("channel", ["bluesky", "mastodon", "mastodon-il"])
def test_what_was_sent_is_found_again_or_doubted(published: Published, channel: str) -> None:
    with networks(published.accounts) as open_network:
        for item in [item for item in published.sent if item.channel.name == channel][-3:]:
            network = open_network(item.channel)
            for number, (part, receipt) in enumerate(item.parts()):
                key = (
                    receipt.id.rpartition("/")[2]
                    if channel == "bluesky"
                    else network.key("unused", number, published.begun)
                )
                if part.poll:  # snac's timeline leaves polls out: absence proves nothing
                    with pytest.raises(Unknown, match="may not show"):
                        network.find(part, key=key, since=published.begun)
                else:
                    assert network.find(part, key=key, since=published.begun) == receipt, item.name


def test_each_server_is_known_for_what_it_is(published: Published) -> None:
    channels = {item.channel.name: item.channel for item in published.sent}
    with networks(published.accounts) as open_network:
        known = {name: open_network(channel).idempotency for name, channel in channels.items()}
        account = open_network(channels["mastodon"]).account()
        numbers = {stat.metric for stat in open_network(channels["mastodon"]).measure(published.sent[-1].receipts)}
    assert known["bluesky"] is Idempotency.KEY
    assert known["mastodon"] is Idempotency.READBACK
    assert account.limits["text"] > 500
    assert numbers <= {"likes", "reposts", "replies", "quotes", "votes"}


def test_a_second_run_publishes_nothing(published: Published, pds: Pds) -> None:
    before = pds.records(published.accounts["bluesky"].handle)
    again = publish_everything(published.workspace, published.accounts)
    assert [result for outcome in again for result in outcome.results if result.state == "confirmed"] == []
    assert pds.records(published.accounts["bluesky"].handle) == before
