"""A scratch copy of this workspace whose channels are accounts on real servers, and the real engine run over it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from real.servers import RealAccount
from socialops.compose.schedule import due
from socialops.content.channel import Channel
from socialops.content.load import Content, load
from socialops.git import Git
from socialops.http import Http
from socialops.networks import connect
from socialops.networks.base import Login, Network
from socialops.networks.draft import Draft, Part, Receipt, Reply, draft_from_record
from socialops.publishing.engine import publish
from socialops.publishing.ledger import read_ledger
from socialops.publishing.machine import State, receipts_of, state_of
from socialops.publishing.outcome import Outcome
from socialops.workspace import Workspace, find_workspace

REPOSITORY = Path(__file__).parents[2]
COPIED = ("posts", "brand", "reports", "mkdocs.yml", "pyproject.toml", ".gitignore", ".gitattributes")


@dataclass(frozen=True)
class Sent:
    """One delivery as the ledger tells it: what was claimed, and what each part's server answered."""

    name: str
    channel: Channel
    draft: Draft
    receipts: tuple[Receipt, ...]

    def parts(self) -> Iterator[tuple[Part, Receipt]]:
        """Give each part with its place in the thread, and its receipt."""
        for number, (part, receipt) in enumerate(zip(self.draft.parts, self.receipts, strict=True)):
            reply = Reply(self.receipts[0], self.receipts[number - 1]) if number else None
            yield _with_reply(part, reply), receipt


def _with_reply(part: Part, reply: Reply | None) -> Part:
    from dataclasses import replace

    return replace(part, reply=reply)


def say(text: str) -> None:
    import sys

    print(text, file=sys.stderr, flush=True)


def new_workspace(folder: Path, fill: Callable[[Path], None]) -> Workspace:
    """Make a workspace with *fill*, as a repository with a bare one for its remote: the publishing lock is real."""
    root, remote = folder / "workspace", folder / "remote.git"
    root.mkdir(parents=True)
    remote.mkdir()
    fill(root)
    Git(remote).run("init", "--quiet", "--bare", "--initial-branch=main")
    git = Git(root)
    git.run("init", "--quiet", "--initial-branch=main")
    git.run("remote", "add", "origin", str(remote))
    git.commit("Begin", (".",))
    git.push("origin", "main")
    return find_workspace(root)


def copy_of_ours(root: Path) -> None:
    """Copy this repository's own workspace."""
    for name in COPIED:
        source = REPOSITORY / name
        if source.is_dir():
            shutil.copytree(source, root / name, ignore=shutil.ignore_patterns("data", "__pycache__"), symlinks=True)
        elif source.is_file():
            shutil.copyfile(source, root / name)


def point_channels(root: Path, accounts: Mapping[str, RealAccount]) -> None:
    """Make each channel the account of that name; nothing else in its file changes."""
    for name, account in accounts.items():
        file = root / "brand" / "channels" / f"{name}.md"
        text = re.sub(r"(?m)^host:.*$", f"host: {account.host}", file.read_text("utf-8"), count=1)
        text = re.sub(r"(?m)^handle:.*$", f'handle: "{account.handle}"', text, count=1)
        file.write_text(text, "utf-8")


@contextmanager
def networks(accounts: Mapping[str, RealAccount]) -> Iterator[Callable[[Channel], Network]]:
    """Connect each channel once, with the tokens of *accounts*."""
    known: dict[str, Network] = {}
    with Http() as http:

        def open_network(channel: Channel) -> Network:
            if channel.name not in known:
                account = accounts[channel.name]
                login = Login(
                    channel.name, channel.handle, channel.host, account.token, account.secrets, channel.params
                )
                known[channel.name] = connect(channel.network, login, http)
            return known[channel.name]

        yield open_network


def publish_everything(workspace: Workspace, accounts: Mapping[str, RealAccount]) -> list[Outcome]:
    """Run the engine at every moment when something is due, as the schedule of a CI would."""
    content = load(workspace)

    def missing(channel: Channel) -> str | None:
        return None if channel.name in accounts else "it has no account in this test"

    outcomes = []
    with networks(accounts) as open_network:
        moments = dues(content)
        for number, moment in enumerate(moments, 1):
            if number % 20 == 1:
                say(f"  publishing: moment {number} of {len(moments)}, {moment:%Y-%m-%d %H:%M} UTC")
            outcomes.append(
                publish(
                    workspace,
                    content,
                    now=_standing(moment),
                    open_network=open_network,
                    credentials=missing,
                    sleep=_no_sleep,
                )
            )
    return outcomes


def _standing(moment: datetime) -> Callable[[], datetime]:
    return lambda: moment


def _no_sleep(_seconds: float) -> None:
    return


def dues(content: Content) -> list[datetime]:
    """Return every moment at which something that is no draft is due."""
    found = {
        at
        for post in content.posts
        if not post.draft
        for entry in post.channels
        if entry.channel in content.channels and (at := due(post, content.channels[entry.channel]))
    }
    return sorted(found)


def sent(workspace: Workspace, channels: Mapping[str, Channel]) -> list[Sent]:
    """Read from the ledger what was confirmed."""
    return [
        Sent(f"{post} → {name}", channels[name], draft_from_record(delivery.draft), receipts_of(delivery))
        for (post, name), delivery in sorted(read_ledger(workspace.ledger).deliveries.items())
        if state_of(delivery) is State.CONFIRMED
    ]


def unsettled(outcomes: Sequence[Outcome]) -> list[str]:
    """Return what did not end as it should, in words."""
    return [
        f"{result.post} → {result.channel}: {result.state}: {result.message}"
        for outcome in outcomes
        for result in outcome.results
        if result.state is not State.CONFIRMED
    ] + [outcome.trouble for outcome in outcomes if outcome.trouble]
