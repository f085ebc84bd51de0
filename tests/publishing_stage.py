"""A stage for publishing: a bare remote, clones of it, a clock that we turn, and networks that keep what they get."""

from __future__ import annotations

import atexit
import functools
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from builder import SETTINGS, workspace
from socialops.content.brand import Brand, Pause
from socialops.content.channel import Channel
from socialops.content.load import Content
from socialops.content.post import ChannelEntry, Post
from socialops.content.when import parse_when
from socialops.errors import NetworkError, Unknown
from socialops.networks.base import Account, Idempotency, Stat
from socialops.networks.draft import Part, Receipt
from socialops.publishing.engine import publish
from socialops.publishing.ledger import Ledger, read_ledger
from socialops.publishing.machine import Delivery, state_of
from socialops.publishing.outcome import Outcome
from socialops.workspace import Workspace, find_workspace

DUE = datetime(2026, 12, 1, 6, 30, tzinfo=UTC)
"""09:30 in Istanbul, when the posts of these tests are due."""


class Killed(BaseException):
    """The process ends here: nothing of ours may catch it."""


class Clock:
    def __init__(self, now: datetime = DUE) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def turn(self, **spans: float) -> None:
        self.now += timedelta(**spans)


@dataclass
class Place:
    """What a network's server holds, whoever asks: (text, key, id, reply, picture digests), in order."""

    posts: list[tuple[str, str, str, str, tuple[str, ...]]] = field(default_factory=list)

    @property
    def texts(self) -> list[str]:
        return [post[0] for post in self.posts]


Answer = NetworkError | Exception | Killed | str | None


class FakeNetwork:
    """A network of one idempotency class that keeps what it gets.

    *answers* decide what the next sends end in: None is yes; an error is raised without the post being kept; the same
    in ("kept", error) after it was kept.
    """

    name = "mastodon"

    def __init__(self, place: Place, clock: Clock, idempotency: Idempotency, *, key_lifetime: int = 3300) -> None:
        self.place = place
        self.clock = clock
        self.idempotency = idempotency
        self.key_lifetime = key_lifetime
        self.answers: list[Any] = []
        self.hidden = 0
        self.blind: NetworkError | None = None
        self.sends = 0
        self.looks = 0

    def key(self, delivery: str, part: int, at: datetime) -> str:
        return f"{delivery}#{part}"

    def publish(self, part: Part, *, key: str) -> Receipt:
        self.sends += 1
        answer = self.answers.pop(0) if self.answers else None
        if isinstance(answer, BaseException):
            raise answer
        receipt = self.keep(part, key)
        if isinstance(answer, tuple):
            raise answer[1]
        return receipt

    def keep(self, part: Part, key: str) -> Receipt:
        if self.idempotency is Idempotency.KEY:
            for post in self.place.posts:
                if post[1] == key:
                    return self.receipt(post[2])
        identity = str(len(self.place.posts) + 1)
        parent = part.reply.parent.id if part.reply else ""
        digests = tuple(upload.sha256 for upload in part.uploads)
        self.place.posts.append((part.text, key, identity, parent, digests))
        return self.receipt(identity)

    def receipt(self, identity: str) -> Receipt:
        at = self.clock().strftime("%Y-%m-%dT%H:%M:%SZ")
        return Receipt(identity, f"https://mastodon.example/@test/{identity}", at, {"cid": f"c{identity}"})

    def find(self, part: Part, *, key: str, since: datetime) -> Receipt | None:
        assert self.idempotency is not Idempotency.NONE
        self.looks += 1
        if self.blind:
            raise self.blind
        found = [post for post in self.place.posts if post[0] == part.text]
        if self.hidden:
            self.hidden -= 1
            return None
        if len(found) > 1:
            raise Unknown("two of ours say the same", code="ambiguous")
        return self.receipt(found[0][2]) if found else None

    def measure(self, receipts: Sequence[Receipt]) -> Iterable[Stat]:
        return []

    def account(self) -> Account:
        return Account("1", "@test@mastodon.example", "Test", "https://mastodon.example/@test")


def a_post(
    identity: str = "launch",
    *,
    channels: Sequence[str] = ("mastodon",),
    date: str | None = "2026-12-01 09:30",
    **fields: Any,
) -> Post:
    values: dict[str, Any] = {
        "parts": (f"Text of {identity}.",),
        "channels": tuple(ChannelEntry(name) for name in channels),
        "date": parse_when(date) if date else None,
        "digest": f"digest of {identity}",
        **fields,
    }
    return Post(identity, f"posts/{identity}.md", **values)


def a_channel(name: str = "mastodon", network: str = "mastodon", **fields: Any) -> Channel:
    values = {"handle": "@test@mastodon.example", "host": "https://mastodon.example", "zone": "Europe/Istanbul"}
    return Channel(name, f"brand/channels/{name}.md", network, **{**values, **fields})


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, check=True, text=True)
    return done.stdout.rstrip("\n")


class Clone:
    """One checkout of the workspace, as a runner or a person has it."""

    def __init__(self, stage: Stage, root: Path) -> None:
        self.stage = stage
        self.workspace: Workspace = find_workspace(root)

    @property
    def root(self) -> Path:
        return self.workspace.root

    def content(self) -> Content:
        channels = {channel.name: channel for channel in self.stage.channels}
        return Content(self.workspace, tuple(self.stage.posts), channels, Brand(pauses=tuple(self.stage.pauses)))

    def publish(self, **options: Any) -> Outcome:
        """Run the engine once, quietly, without sleeping."""
        stage = self.stage
        values: dict[str, Any] = {
            "now": stage.clock,
            "open_network": lambda channel: stage.networks[channel.name],
            "problems": (),
            "sleep": stage.slept.append,
            "chance": lambda: 0.5,
            "report": stage.said.append,
            **options,
        }
        return publish(self.workspace, self.content(), **values)

    def killed(self, step: str, nth: int = 1) -> None:
        """Run the engine and kill it the *nth* time it takes a step."""
        try:
            self.publish(at=kill_at(step, nth))
        except Killed:
            return
        raise AssertionError(f"the run never came to {step}")

    def ledger(self) -> Ledger:
        return read_ledger(self.workspace.ledger)

    def delivery(self, post: str = "launch", channel: str = "mastodon") -> Delivery:
        return self.ledger().deliveries[post, channel]

    def state(self, post: str = "launch", channel: str = "mastodon") -> str:
        return str(state_of(self.delivery(post, channel)))


def kill_at(step: str, nth: int = 1) -> Callable[[str], None]:
    left = nth

    def at(name: str) -> None:
        nonlocal left
        if name == step:
            left -= 1
            if left == 0:
                raise Killed

    return at


class Stage:
    """A remote, clones of it, posts, channels, networks and a clock."""

    def __init__(self, folder: Path, *, data_branch: str = "socialops-data", settings: str = "") -> None:
        self.folder = folder
        self.clock = Clock()
        self.posts: list[Post] = [a_post()]
        self.channels: list[Channel] = [a_channel()]
        self.pauses: list[Pause] = []
        self.places: dict[str, Place] = {}
        self.networks: dict[str, FakeNetwork] = {}
        self.slept: list[float] = []
        self.said: list[str] = []
        self.settings = SETTINGS + (f'data_branch = "{data_branch}"\n' if data_branch else "") + settings
        self.remote = folder / "remote.git"
        self.network("mastodon", Idempotency.KEY)

    def network(self, channel: str, idempotency: Idempotency, **options: Any) -> FakeNetwork:
        place = self.places.setdefault(channel, Place())
        self.networks[channel] = FakeNetwork(place, self.clock, idempotency, **options)
        return self.networks[channel]

    @property
    def place(self) -> Place:
        return self.places["mastodon"]

    def begin(self) -> Clone:
        """Make the remote, with the workspace on main, and a first clone."""
        template = _template(self.settings)
        self.folder.mkdir(parents=True, exist_ok=True)
        shutil.copytree(template / "remote.git", self.remote)
        root = self.folder / "first"
        shutil.copytree(template / "first", root)
        config = root / ".git" / "config"
        config.write_text(config.read_text("utf-8").replace(str(template), str(self.folder)), "utf-8")
        return Clone(self, root)

    def clone(self, name: str, *options: str) -> Clone:
        git(self.folder, "clone", "--quiet", *options, self.remote.as_uri(), name)
        return Clone(self, self.folder / name)


@functools.cache
def _template(settings: str) -> Path:
    """Make a remote and its first clone once; every stage with these settings gets a copy."""
    folder = Path(tempfile.mkdtemp(prefix="socialops-stage-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    remote, root = folder / "remote.git", folder / "first"
    remote.mkdir()
    git(remote, "init", "--quiet", "--bare", "--initial-branch=main")
    workspace(root, {"pyproject.toml": settings, ".gitignore": "/.socialops/\n"})
    git(root, "init", "--quiet", "--initial-branch=main")
    commit(root, "Begin")
    git(root, "remote", "add", "origin", str(remote))
    git(root, "push", "--quiet", "origin", "main")
    return folder


def commit(root: Path, message: str) -> None:
    git(root, "add", "--all")
    git(root, "-c", "user.name=Ayşe", "-c", "user.email=ayse@example.org", "commit", "--quiet", "-m", message)


def with_text(post: Post, *parts: str) -> Post:
    return replace(post, parts=parts, digest=f"digest of {parts}")
