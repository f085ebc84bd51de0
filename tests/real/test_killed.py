"""Kill -9 at fifty random moments while forty posts go out to a real PDS and to a real snac; then all is there once.

snac ignores Idempotency-Key and closes connections as it likes: of it, only our own timeline can be read back.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from real.killed import EVENTUALLY, PARTS, PICTURED, POSTS, THREADS, Team, write_workspace
from real.readback import compare_with_pds, compare_with_snac
from real.servers import Clock, Pds, Snac, run_git
from real.stage import Sent, new_workspace, say, sent
from socialops.content.load import load
from socialops.workspace import find_workspace

pytestmark = pytest.mark.real

KILLS = int(os.environ.get("SOCIALOPS_REAL_KILLS", "50"))
SEED = int(os.environ.get("SOCIALOPS_REAL_SEED", "50"))
OF_TEN = 8
"""How many runs of ten are killed."""


@pytest.fixture(scope="module")
def team(
    moved_pds: Pds, moved_snac: Snac, moved_clock: Clock, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Team]:
    """Publish, kill, and go on until all is quiet."""
    folder = tmp_path_factory.mktemp("killed")
    accounts = {"bluesky": moved_pds.open_account("forty"), "mastodon": moved_snac.open_account("forty")}
    begins = datetime.now(UTC).replace(second=0, microsecond=0)
    new_workspace(folder, lambda root: write_workspace(root, accounts, begins))
    with run_git(folder) as remote:
        chance = random.Random(SEED)
        team = Team(folder, remote, accounts, moved_pds, moved_snac, moved_clock, chance, begins)
        team.new_machine()
        kill_and_go_on(team)
        yield team


def kill_and_go_on(team: Team) -> None:
    chance = team.chance
    longest = 1.5 * team.run("publish", "--dry-run").seconds
    left = EVENTUALLY
    while left and team.runs < 10 * KILLS and (team.kills.total() < KILLS or team.unsettled()):
        team.pass_time(timedelta(minutes=chance.choice((6, 11, 16, 22))))
        if team.unsettled() and not team.something_to_do():
            continue
        kills = team.kills.total() < KILLS
        if kills and chance.randrange(10) < OF_TEN and not team.at_the_last_attempt():
            run = team.killed_run(longest)
            if run.code is None and chance.random() < 0.5:
                team.new_machine()
        else:
            writes = team.writes()
            run = team.run("publish")
            if team.writes() > writes:
                longest = run.seconds
        assert run.code in (None, 0, 3), f"a run ended badly:\n{team.story()}"
        left -= not kills


def test_every_delivery_is_confirmed(team: Team) -> None:
    ways = Counter(team.ways())
    kills = team.kills.total()
    say(f"\nseed {SEED}: {kills} kills in {team.runs} runs on {team.clones} disks; {team.passed} went by")
    for about, count in sorted(team.kills.items()):
        say(f"  killed {count:2} times: {about[2:]}")
    for name, server in (("bluesky", team.pds), ("mastodon", team.snac)):
        known = ", ".join(f"{count} by {via}" for (channel, via), count in sorted(ways.items()) if channel == name)
        say(f"  {name}: {server.writes()} writes seen by the server; outcomes known: {known}")
    assert team.unsettled() == [], team.story()
    assert kills == KILLS
    assert len(team.kills) >= 5
    assert ways["mastodon", "reconcile"] + ways["mastodon", "a look in vain"]
    assert ways["bluesky", "resend"]


def test_the_servers_hold_each_post_once(team: Team) -> None:
    team.new_machine()
    writes = team.writes()
    again = team.run("publish")
    assert again.code == 0, again.said
    assert team.run("plan", "--attention").code == 0
    assert team.writes() == writes, f"a run after all was quiet sent something:\n{again.said}"
    workspace = find_workspace(team.root)
    all_sent = sent(workspace, load(workspace).channels)
    assert len(all_sent) == 2 * POSTS

    def of(channel: str) -> list[Sent]:
        return [item for item in all_sent if item.channel.name == channel]

    bluesky, mastodon = team.accounts["bluesky"], team.accounts["mastodon"]
    # Both compare every part with what the ledger confirms: text, pictures, and what it answers.
    tallies = (
        compare_with_pds(team.pds, bluesky, workspace, of("bluesky")),
        compare_with_snac(team.snac, mastodon, workspace, of("mastodon")),
    )
    held = team.held()
    confirmed = [receipt.id for item in all_sent for receipt in item.receipts]
    say(f"\n{len(held)} parts on the servers, {len(confirmed)} in the ledger: 0 twice, 0 lost")
    assert sorted(held) == sorted(confirmed), "the servers hold exactly what the ledger confirms, under those ids"
    for tally in tallies:
        say(f"  read back and equal: {dict(sorted(tally.items()))}")
        assert tally["parts"] == POSTS + THREADS * (PARTS - 1)
        assert tally["replies"] == THREADS * (PARTS - 1)
        assert tally["pictures"] >= PICTURED
