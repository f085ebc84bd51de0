"""A stage for commands: a workspace with a remote, a sandbox its channels lead to, and deliveries that went wrong."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from builder import workspace
from publishing_stage import git
from socialops.cli import run
from socialops.http import Http
from socialops.networks import connect
from socialops.networks.base import Account, CanDelete, Login
from socialops.networks.draft import Receipt
from socialops.networks.sandbox.server import Sandbox
from socialops.publishing.happened import Ask
from socialops.publishing.ledger import read_ledger, write_delivery
from socialops.publishing.machine import Delivery, State, after
from socialops.workspace import Workspace

NOW = "2026-12-01 09:35"
LATER = "2026-12-01 11:35"
SENT = datetime(2026, 12, 1, 6, 35, tzinfo=UTC)

ACCOUNTS = {"mastodon": "@test@mastodon.example", "bluesky": "test.example"}

SETTINGS = """\
[tool.socialops]
name = "Test brand"
zone = "Europe/Istanbul"
data_branch = "socialops-data"
"""

POST = """\
---
date: 2026-12-01 09:30
channels: [mastodon, bluesky]
lang: tr
---
İlk kar düştü, ışıklar yandı.
---
Yarın da yağacak.
"""

LATER_POST = """\
---
date: 2026-12-05 09:30
channels: [mastodon]
---
Later.
"""


@dataclass
class Stage:
    """A workspace with a remote, and a sandbox that its channels lead to."""

    workspace: Workspace
    remote: Path
    sandbox: Sandbox
    capsys: pytest.CaptureFixture[str]

    def run(self, *arguments: str, code: int = 0) -> str:
        """Run a command that must end in *code*; return all that it said."""
        self.capsys.readouterr()
        ended = run(list(arguments))
        said = self.capsys.readouterr()
        assert ended == code, said.out + said.err
        return said.out + said.err

    def delivery(self, channel: str = "mastodon") -> Delivery:
        return read_ledger(self.workspace.ledger).deliveries["kis", channel]

    def posts(self) -> int:
        """Return how many posts the networks say that we have."""
        return sum(self.account(name, handle).posts or 0 for name, handle in ACCOUNTS.items())

    def account(self, name: str, handle: str) -> Account:
        with Http() as http:
            return connect(name, self.login(name, handle), http).account()

    def login(self, name: str, handle: str) -> Login:
        token = next(account.token for account in self.sandbox.accounts if account.handle == handle.lstrip("@"))
        return Login(name, handle, self.sandbox.url, token)

    def delete(self, *receipts: Receipt, channel: str = "mastodon") -> None:
        """Delete posts on the network, as somebody with the app would."""
        with Http() as http:
            network = connect(channel, self.login(channel, ACCOUNTS[channel]), http)
            assert isinstance(network, CanDelete)
            for receipt in receipts:
                network.delete(receipt)

    def change(self, change: Callable[[Delivery], Delivery], channel: str = "mastodon") -> None:
        """Let the record of a delivery be another one, here and on the remote."""
        ledger = read_ledger(self.workspace.ledger)
        delivery = ledger.deliveries["kis", channel]
        write_delivery(ledger.file_of(delivery), change(delivery))
        git(self.workspace.data, "commit", "--quiet", "--all", "-m", "What a run left")
        git(self.workspace.data, "push", "--quiet", "origin", "HEAD:socialops-data")

    def lost(self, channel: str = "mastodon", *, ask: bool = True, parts: int = 0) -> Delivery:
        """Publish, then forget what the network answered about all parts but the first *parts*; return what it was."""
        self.run("publish", "--now", NOW)
        whole = self.delivery(channel)

        def forgotten(delivery: Delivery) -> Delivery:
            kept = [e for e in delivery.events if e.state is State.INTENT or (e.part is not None and e.part < parts)]
            numbered = [replace(event, seq=number) for number, event in enumerate(kept, start=1)]
            delivery = replace(delivery, events=tuple(numbered))
            return after(delivery, parts, Ask("nobody can tell"), SENT + timedelta(minutes=1)) if ask else delivery

        self.change(forgotten, channel)
        return whole


def open_stage(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    *,
    post: str = POST,
) -> Iterator[Stage]:
    with Sandbox(":memory:", seed=7, now=datetime(2026, 11, 1, tzinfo=UTC)) as sandbox:
        channel = "---\nnetwork: {}\nhandle: {!r}\nhost: {}\nzone: Europe/Istanbul\n---\n"
        place = workspace(
            tmp_path / "here",
            {
                "pyproject.toml": SETTINGS,
                "brand/channels/mastodon.md": channel.format("mastodon", "@test@mastodon.example", sandbox.url),
                "brand/channels/bluesky.md": channel.format("bluesky", "test.example", sandbox.url),
                "posts/kis.md": post,
                "posts/later.md": LATER_POST,
            },
        )
        for name, handle in ACCOUNTS.items():
            token = sandbox.add_account(handle, "Test", "Europe/Istanbul", 1000, "tr")
            monkeypatch.setenv(f"SOCIALOPS_{name.upper()}_TOKEN", token)
            monkeypatch.setenv(f"SOCIALOPS_{name.upper()}_HOST", sandbox.url)
        remote = tmp_path / "remote.git"
        subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(remote)], check=True)
        for name in ("GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL"):
            monkeypatch.setenv(name, "writer@example.org")
        git(place.root, "init", "-q", "-b", "main")
        git(place.root, "config", "user.name", "Ayşe")
        git(place.root, "remote", "add", "origin", str(remote))
        git(place.root, "add", ".")
        git(place.root, "commit", "-q", "-m", "Begin")
        git(place.root, "push", "-q", "origin", "main")
        monkeypatch.chdir(place.root)
        sandbox.set_clock(SENT)
        yield Stage(place, remote, sandbox, capsys)
