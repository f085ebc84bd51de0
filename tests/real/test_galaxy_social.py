"""Twelve real posts of galaxy-social: imported, checked, and those that pass published on the real servers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from real.readback import compare_with_pds, compare_with_snac
from real.servers import Pds, RealAccount, Snac
from real.stage import REPOSITORY, Sent, new_workspace, point_channels, publish_everything, say, sent, unsettled
from socialops.checks.check import check
from socialops.content.galaxy_social import ImportResult, import_galaxy_social
from socialops.content.load import load
from socialops.problem import Problem, Severity
from socialops.publishing.ledger import read_ledger
from socialops.workspace import Workspace, find_workspace

POSTS = REPOSITORY.parent / "shared" / "samples" / "galaxy-social"
SETTINGS = '[tool.socialops]\nname = "Galaxy"\nzone = "Europe/Berlin"\n'
FIRST = datetime(2026, 12, 1, 8, 0, tzinfo=UTC)

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not POSTS.is_dir(), reason="the real posts of galaxy-social are not beside the repository"),
]


@dataclass(frozen=True)
class Arrived:
    """The imported posts after what passes the check was published."""

    result: ImportResult
    workspace: Workspace
    accounts: dict[str, RealAccount]
    errors: dict[str, list[Problem]]
    sent: list[Sent]
    trouble: list[str]


@pytest.fixture(scope="module")
def arrived(pds: Pds, snac: Snac, tmp_path_factory: pytest.TempPathFactory) -> Arrived:
    results: list[ImportResult] = []
    accounts: dict[str, RealAccount] = {}

    def fill(root: Path) -> None:
        (root / "pyproject.toml").write_text(SETTINGS, "utf-8")
        workspace = find_workspace(root)
        results.append(import_galaxy_social(POSTS, workspace))
        content = load(workspace, cache=False)
        assert content.problems == ()
        say("\nThe twelve posts as they were imported:")
        for line in results[0].lines():
            say(f"  {line}")
        _tell(workspace, "What check says of the drafts")
        for name, channel in content.channels.items():
            short = name.replace("-", "")[:18]
            if channel.network == "mastodon":
                accounts[name] = snac.open_account(short)
            elif channel.network == "bluesky":
                accounts[name] = pds.open_account(short)
        point_channels(root, accounts)
        for number, post in enumerate(content.posts):
            _make_ready(root / post.path, FIRST + timedelta(hours=number))

    workspace = new_workspace(tmp_path_factory.mktemp("galaxy"), fill)
    errors = _tell(workspace, "What check says when they are no drafts any more and have stand-ins for their pictures")
    outcomes = publish_everything(workspace, accounts)
    content = load(workspace)
    return Arrived(results[0], workspace, accounts, errors, sent(workspace, content.channels), unsettled(outcomes))


def _make_ready(file: Path, at: datetime) -> None:
    """Do what a person would: give a time, take out `draft`, and put a picture under each name that the post gives.

    The real pictures are on the web; what stands in for them here is drawn, each another colour.
    """
    text = file.read_text("utf-8")
    text = re.sub(r"(?m)^(date|draft): .*\n", "", text)
    file.write_text(text.replace("---\n", f"---\ndate: {at.isoformat()}\n", 1), "utf-8")
    for number, name in enumerate(re.findall(r'(?m)^  - file: "?([^"\n]+)"?$', text)):
        picture = Image.new("RGB", (640 + 40 * number, 480), (40 + 30 * number, 90, 160))
        ImageDraw.Draw(picture).ellipse((80, 80, 400, 400), fill=(240, 200, 60))
        picture.save(file.parent / name)


def _tell(workspace: Workspace, heading: str) -> dict[str, list[Problem]]:
    """Print what check says of each post; return the errors by post."""
    content = load(workspace, cache=False)
    problems = check(content)
    say(f"\n{heading}:")
    errors: dict[str, list[Problem]] = {}
    for post in content.posts:
        own = [problem for problem in problems if problem.file == post.path]
        errors[post.id] = [problem for problem in own if problem.severity is Severity.ERROR]
        say(f"  {'FAILS' if errors[post.id] else 'passes'} {post.id}")
        for problem in own:
            say(f"         {problem.severity}: {problem.id}, line {problem.line}: {problem.message}")
    return errors


def test_eleven_posts_come_in_and_the_copy_is_known(arrived: Arrived) -> None:
    posts = [item for item in arrived.result.items if item.source.startswith("posts/")]
    assert [item.outcome for item in posts].count("written") == 11
    assert [item.source for item in posts if item.outcome == "skipped"] == [
        "posts/2025/retry-200_2025-02-24-Canis_lupus-mCanLup2.md"
    ]


def test_exactly_what_passes_is_published(arrived: Arrived) -> None:
    assert arrived.trouble == []
    content = load(arrived.workspace)
    wanted = {
        (post.id, entry.channel)
        for post in content.posts
        if not arrived.errors[post.id]
        for entry in post.channels
        if entry.channel in arrived.accounts
    }
    assert {(item.draft.post, item.draft.channel) for item in arrived.sent} == wanted
    assert set(read_ledger(arrived.workspace.ledger).deliveries) == wanted
    say(f"\n{len(wanted)} deliveries of {len({post for post, _ in wanted})} imported posts confirmed.")
    assert wanted


def test_the_servers_keep_what_was_imported(arrived: Arrived, pds: Pds, snac: Snac) -> None:
    for name, account in arrived.accounts.items():
        ours = [item for item in arrived.sent if item.channel.name == name]
        network = "bluesky" if name.startswith("bluesky") else "mastodon"
        if network == "bluesky":
            tally = compare_with_pds(pds, account, arrived.workspace, ours)
        else:
            tally = compare_with_snac(snac, account, arrived.workspace, ours)
        say(f"  {name}: {len(ours)} posts read back and equal: {dict(sorted(tally.items()))}")
