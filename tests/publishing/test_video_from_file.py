"""A video's whole way: from the post's file on disk, through the checks and the engine, to each network's server."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from networks.fakes import SECRET, FakeBluesky, FakeMastodon
from networks.linkedin_stage import PAGE_LOGIN
from networks.stub_discord import WEBHOOK, FakeDiscord
from networks.stub_facebook import StubFacebook
from networks.stub_instagram import PLACE, StubInstagram
from networks.stub_linkedin import StubLinkedIn
from networks.stub_matrix import FakeMatrix
from networks.stub_telegram import FakeTelegram
from networks.stub_threads import StubThreads
from networks.stub_tiktok import FakeTikTok
from networks.stub_x import FakeX
from networks.stub_youtube import FakeYouTube
from networks.test_bluesky import LOGIN as BLUESKY_LOGIN
from networks.test_mastodon import LOGIN as MASTODON_LOGIN
from networks.test_matrix import SECRET as MATRIX_SECRET
from networks.test_matrix import login as matrix_login
from networks.test_telegram import LOGIN as TELEGRAM_LOGIN
from networks.test_threads import LOGIN as THREADS_LOGIN
from networks.test_tiktok import LOGIN as TIKTOK_LOGIN
from networks.test_youtube import LOGIN as YOUTUBE_LOGIN
from networks.x_account import LOGIN as X_LOGIN
from networks.x_account import joined
from publishing_stage import Stage
from socialops.checks.check import check
from socialops.compose.compose import compose
from socialops.compose.hosting import hosted_files
from socialops.compose.media import fit_media
from socialops.content.load import load
from socialops.http import Http
from socialops.networks import connect
from socialops.networks.base import Login, Network
from socialops.networks.bluesky import Bluesky
from socialops.networks.facebook import Facebook
from socialops.networks.instagram import Instagram
from socialops.networks.linkedin import LinkedIn
from socialops.networks.mastodon import Mastodon
from socialops.networks.threads import Threads
from socialops.networks.tiktok import TikTok
from socialops.networks.youtube import YouTube
from socialops.problem import Severity
from socialops.publishing.engine import publish
from socialops.publishing.ledger import read_ledger
from socialops.publishing.machine import state_of
from socialops.workspace import find_workspace

CLIPS = Path(__file__).parent.parent / "clips"
META = f"params: {{media_base_url: 'https://{PLACE}/posts'}}"


def still(_seconds: float) -> None:
    """Nothing waits in a test."""


@dataclass
class Account:
    """One network: its server, the adapter that speaks to it, what the channel's file says, and the post's kind."""

    server: Callable[[], Any]
    connect: Callable[[Http, Any], Network]
    channel: str = ""
    kind: str = ""
    clip: str = "upright.mp4"
    fetches: bool = False
    """Whether the network fetches the file from the media host."""


def joined_x(http: Http, server: FakeX) -> Network:
    return joined(http, server, X_LOGIN)


ACCOUNTS = {
    "youtube": Account(FakeYouTube, lambda http, _: YouTube(YOUTUBE_LOGIN, http, wait=still), kind="reel"),
    "tiktok": Account(FakeTikTok, lambda http, _: TikTok(TIKTOK_LOGIN, http, wait=still)),
    "instagram": Account(
        StubInstagram,
        lambda http, _: Instagram(
            Login("instagram", "lumenvelo", "", SECRET, settings={"media_base_url": f"https://{PLACE}"}),
            http,
            wait=still,
        ),
        channel=META,
        kind="reel",
        fetches=True,
    ),
    "threads": Account(
        StubThreads, lambda http, _: Threads(THREADS_LOGIN, http, wait=still), channel=META, fetches=True
    ),
    "facebook": Account(
        StubFacebook, lambda http, _: Facebook(Login("facebook", "x", "", SECRET), http, wait=still), kind="reel"
    ),
    "x": Account(FakeX, joined_x),
    "linkedin": Account(StubLinkedIn, lambda http, _: LinkedIn(PAGE_LOGIN, http, wait=still), clip="padded"),
    "telegram": Account(FakeTelegram, lambda http, _: connect("telegram", TELEGRAM_LOGIN, http)),
    "mastodon": Account(FakeMastodon, lambda http, _: Mastodon(MASTODON_LOGIN, http, wait=still)),
    "bluesky": Account(FakeBluesky, lambda http, _: Bluesky(BLUESKY_LOGIN, http)),
    "discord": Account(FakeDiscord, lambda http, _: connect("discord", Login("discord", "news", "", WEBHOOK), http)),
    "matrix": Account(lambda: FakeMatrix(MATRIX_SECRET), lambda http, _: connect("matrix", matrix_login(), http)),
}


def padded(clip: bytes) -> bytes:
    """Return the clip with a box that players skip, for LinkedIn takes no file below 75 kB (ISO 14496-12: `free`)."""
    return clip + (90_000).to_bytes(4, "big") + b"free" + bytes(range(256)) * 351 + bytes(136)


@pytest.mark.parametrize("network", ACCOUNTS)
def test_the_servers_get_the_very_bytes_of_the_file(tmp_path: Path, network: str) -> None:
    account = ACCOUNTS[network]
    data = (CLIPS / "upright.mp4").read_bytes()
    if account.clip == "padded":
        data = padded(data)
    stage = Stage(tmp_path)
    root = stage.begin().root
    (root / "brand" / "channels" / "mastodon.md").unlink()
    files: dict[str, bytes | str] = {
        f"brand/channels/{network}.md": f"---\nnetwork: {network}\nhandle: '@ours'\nzone: Europe/Istanbul\n"
        f"{account.channel}\n---\nOurs\n",
        "posts/2026/12/ride.md": f"---\ntitle: A ride\ndate: 2026-12-01 09:30\nchannels: [{network}]\n"
        + (f"kind: {account.kind}\n" if account.kind else "")
        + "media:\n  - {file: ride.mp4, alt: A ride down the hill}\n---\nDown the hill.\n",
        "posts/2026/12/ride.mp4": data,
    }
    for name, written in files.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(written if isinstance(written, bytes) else written.encode())

    server = account.server()
    server.now = stage.clock.now
    received: list[bytes] = []

    def carry(request: httpx.Request) -> httpx.Response:
        received.append(request.read())
        response: httpx.Response = server(request)
        return response

    workspace = find_workspace(root)
    content = load(workspace)
    problems = check(content)
    assert [problem for problem in problems if problem.severity is Severity.ERROR] == []
    (post,) = content.posts
    draft = compose(post, content.channels[network], content)
    (attachment,) = draft.parts[0].attachments
    assert (attachment.mime, attachment.width, attachment.height, attachment.seconds) == ("video/mp4", 540, 960, 4.0)
    assert draft.kind == (account.kind or "video")

    if account.fetches:
        for made in hosted_files(content, lambda _post, _channel: True, lambda item: fit_media(workspace, item)):
            assert not made.trouble
            assert made.data == data
            server.files[made.name] = ("video/mp4", made.data)
    network_of = account.connect(Http(transport=httpx.MockTransport(carry)), server)

    def run() -> str:
        publish(
            workspace,
            content,
            now=stage.clock,
            open_network=lambda _channel: network_of,
            problems=problems,
            sleep=still,
            chance=lambda: 0.5,
            report=stage.said.append,
        )
        return str(state_of(read_ledger(workspace.ledger).deliveries["ride", network]))

    assert run() == "confirmed", stage.said
    if account.fetches:
        assert list(server.files.values()) == [("video/mp4", data)]
        assert any(draft.parts[0].attachments[0].sha256.encode() in body for body in received)
    else:
        # Each adapter sends a file of this size in one piece.
        assert sum(body.count(data) for body in received) == 1
    sent = len(received)
    assert run() == "confirmed"
    assert not any(data in body for body in received[sent:])
