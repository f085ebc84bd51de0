"""Facebook and Instagram under the whole engine: a run that dies, an answer that is lost, a block after success."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from networks.fakes import SECRET
from networks.stub_facebook import StubFacebook
from networks.stub_instagram import ACCOUNT, PLACE, StubInstagram
from publishing_stage import Clone, Killed, Stage, a_channel, a_post, kill_at
from socialops.compose.compose import compose
from socialops.compose.media import fit_picture
from socialops.content.post import MediaReference
from socialops.http import Http
from socialops.networks import connect
from socialops.networks.base import Login, Network

SETTINGS = {"media_base_url": f"https://{PLACE}"}


@dataclass
class Run:
    """One channel under the engine: *break_at* breaks the answer to the next request whose path ends so."""

    stage: Stage
    clone: Clone
    server: Any
    break_at: str = ""

    def network(self) -> Network:
        (channel,) = self.stage.channels
        login = Login(channel.name, "lumenvelo", "", SECRET, settings=channel.params)
        return connect(channel.network, login, Http(transport=httpx.MockTransport(self.carry)))

    def carry(self, request: httpx.Request) -> httpx.Response:
        response: httpx.Response = self.server(request)
        if self.break_at and request.url.path.endswith(self.break_at):
            self.break_at = ""
            raise httpx.ReadError("reset", request=request)
        return response

    def publish(self, at: Callable[[str], None] = lambda _: None) -> str:
        try:
            self.clone.publish(open_network=lambda _: self.network(), at=at)
        except Killed:
            return "killed"
        return self.clone.state(channel=self.stage.channels[0].name)

    def until_confirmed(self) -> int:
        """Run every three quarters of an hour until the delivery is confirmed; return how many runs that took."""
        for number in range(1, 9):
            self.stage.clock.turn(minutes=45)
            if self.publish() == "confirmed":
                return number
        raise AssertionError(self.clone.state(channel=self.stage.channels[0].name))


def begin(folder: Path, network: str, server: Any) -> Run:
    stage = Stage(folder)
    stage.channels = [a_channel(network, network, host="", params=SETTINGS)]
    stage.posts = [a_post(channels=(network,), media=(MediaReference("lamp.jpg", "A lamp"),))]
    clone = stage.begin()
    drawn = io.BytesIO()
    Image.new("RGB", (600, 600), "teal").save(drawn, "JPEG")
    (clone.root / "posts").mkdir(exist_ok=True)
    (clone.root / "posts" / "lamp.jpg").write_bytes(drawn.getvalue())
    server.now = stage.clock.now
    return Run(stage, clone, server)


@pytest.fixture
def instagram(tmp_path: Path) -> Run:
    run = begin(tmp_path, "instagram", StubInstagram())
    draft = compose(run.stage.posts[0], run.stage.channels[0], run.clone.content())
    upload = fit_picture(run.clone.workspace, draft.parts[0].attachments[0])
    run.server.files[f"{upload.sha256}.jpg"] = (upload.mime, upload.data)
    return run


@pytest.fixture
def facebook(tmp_path: Path) -> Run:
    return begin(tmp_path, "facebook", StubFacebook())


def test_a_picture_goes_out_once_on_instagram(instagram: Run) -> None:
    assert instagram.publish() == "confirmed"
    assert instagram.publish() == "confirmed"
    (media,) = instagram.server.media
    assert media["caption"] == "Text of launch."
    delivery = instagram.clone.delivery(channel="instagram")
    assert any(event.detail.get("handle") == media["container"] for event in delivery.events)


@pytest.mark.parametrize("step", ["before-send", "after-send"])
def test_a_run_that_dies_leaves_one_post_on_instagram(instagram: Run, step: str) -> None:
    assert instagram.publish(kill_at(step)) == "killed"
    instagram.until_confirmed()
    assert len(instagram.server.media) == 1


@pytest.mark.parametrize("path", ["/media_publish", f"{ACCOUNT}/media"])
def test_a_lost_answer_leaves_one_post_on_instagram(instagram: Run, path: str) -> None:
    instagram.break_at = path
    assert instagram.publish() != "confirmed"
    instagram.until_confirmed()
    assert len(instagram.server.media) == 1


def test_a_block_after_success_ends_confirmed(instagram: Run) -> None:
    instagram.server.says_blocked_after_publishing = True
    assert instagram.publish() == "unknown"
    instagram.server.says_blocked_after_publishing = False
    instagram.until_confirmed()
    assert len(instagram.server.media) == 1


def test_a_missing_file_fails_with_its_name(instagram: Run) -> None:
    (name,) = instagram.server.files
    instagram.server.files.clear()
    assert instagram.publish() == "failed"
    last = instagram.clone.delivery(channel="instagram").events[-1]
    assert last.detail["code"] == "media-host"
    assert name in last.detail["message"]


@pytest.mark.parametrize("step", ["before-send", "after-send"])
def test_a_run_that_dies_leaves_one_post_on_facebook(facebook: Run, step: str) -> None:
    assert facebook.publish(kill_at(step)) == "killed"
    facebook.until_confirmed()
    assert [post["message"] for post in facebook.server.posts] == ["Text of launch."]


@pytest.mark.parametrize("path", ["/feed", "/photos"])
def test_a_lost_answer_leaves_one_post_on_facebook(facebook: Run, path: str) -> None:
    facebook.break_at = path
    assert facebook.publish() != "confirmed"
    facebook.until_confirmed()
    assert len(facebook.server.posts) == 1
