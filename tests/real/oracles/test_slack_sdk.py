"""Slack's own library as an oracle for the Slack adapter: its calls, and the blocks that its models build."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from networks.contract import PIXEL, picture
from real.oracles.recorder import Recorder, assert_alike, body_of, digest, recording
from socialops.http import Http
from socialops.networks.base import Login
from socialops.networks.draft import Part, Receipt, Reply, Span
from socialops.networks.slack import EVENT, Slack

pytestmark = pytest.mark.real

BASE, CHANNEL, STAMP, KEY = "https://slack.com", "C0123ABCDEF", "1796547600.000100", "a-key"
TOKEN = "xoxb-" + "1234567890-" * 2 + "a" * 24
PIECES = [("Kış geldi: ", ""), ("ışığı açın", "https://example.org/kış?a=1&b=2"), ("! אור בחורף <❄️> & ", "")]
ALTS = ("Önden görünüş", "מבט מאחור")
BEFORE = Receipt(STAMP, "https://lumenvelo.slack.com/x", "2026-12-06T09:00:00.000Z", {"channel": CHANNEL})
FORM = "the library sends a form; Slack reads JSON and forms alike"
READ = "Slack takes both; ours is a GET, because only reads may be asked again"
FILE = "F0123ABCDEF"


@dataclass
class Answers:
    """What the server says; *place* is where it wants uploads: our adapter sends them to slack.com alone."""

    place: str = "https://files.slack.com"

    def __call__(self, request: httpx.Request) -> Any:
        method = request.url.path.rpartition("/")[2]
        answers: dict[str, Any] = {
            "getUploadURLExternal": {"file_id": FILE, "upload_url": f"{self.place}/upload/v1/x"},
            "completeUploadExternal": {"files": [{"id": FILE}]},
            "info": {"file": {"id": FILE, "mimetype": "image/png"}},
            "postMessage": {"channel": CHANNEL, "ts": STAMP},
            "test": {"url": "https://lumenvelo.slack.com/", "bot_id": "B1", "user_id": "U1"},
        }
        return {"ok": True, **answers.get(method.rpartition(".")[2], {})}


@dataclass(frozen=True)
class Both:
    ours: Recorder
    theirs: Recorder

    def alike(self, ours_in: str, method: str, name: str, because: dict[str, str] | None = None) -> None:
        assert_alike(self.all(self.ours, ours_in, method)[0], self.all(self.theirs, name, method)[0], because=because)

    def all(self, recorder: Recorder, name: str, method: str) -> list[httpx.Request]:
        return [request for request in recorder.asked[name] if request.url.path.endswith(method)]


@pytest.fixture(scope="module")
def both(libraries: Path) -> Iterator[Both]:
    text, spans = "", []
    for words, target in PIECES:
        if target:
            spans.append(Span(len(text), len(text) + len(words), "link", target))
        text += words
    there = Answers()
    with recording(BASE, Answers()) as ours, recording(BASE, there) as theirs:
        there.place = theirs.url
        with Http(transport=ours.transport()) as http:
            account = Slack(Login("slack", "lumenvelo", "", TOKEN, settings={"channel": CHANNEL}), http)
            with ours.naming("words"):
                reply = Reply(BEFORE, BEFORE)
                account.publish(Part(text, tuple(spans), reply=reply, options={"link_preview": "none"}), key=KEY)
            media = [picture(alt) for alt in ALTS]
            with ours.naming("pictures"):
                uploads = tuple(upload for _, upload in media)
                account.publish(Part("", attachments=tuple(one for one, _ in media), uploads=uploads), key=KEY)
            with ours.naming("delete"):
                account.delete(BEFORE)
        facts = {
            "token": TOKEN,
            "channel": CHANNEL,
            "stamp": STAMP,
            "event": EVENT,
            "key": KEY,
            "pieces": PIECES,
            "text": body_of(ours.one("words", "postMessage"))["text"],
            "alts": ALTS,
            "picture": PIXEL,
        }
        theirs.told_by(libraries, "say_slack.py", facts)
        yield Both(ours, theirs)


def test_words_with_a_link_in_a_thread(both: Both) -> None:
    both.alike("words", "chat.postMessage", "words")


def test_pictures(both: Both) -> None:
    both.alike("pictures", "chat.postMessage", "pictures")


def test_the_place_of_an_upload_is_asked_for(both: Both) -> None:
    both.alike("pictures", "getUploadURLExternal", "upload")


def test_an_upload_goes_there_without_the_token(both: Both) -> None:
    theirs, ours = (
        both.all(one, name, "/upload/v1/x") for one, name in ((both.theirs, "upload"), (both.ours, "pictures"))
    )
    assert len(ours) == len(theirs) == 2
    for our, their in zip(ours, theirs, strict=True):
        assert "Authorization" not in our.headers
        assert digest(our.content) == digest(their.content) == digest(PIXEL)


def test_uploads_are_completed(both: Both) -> None:
    # The files are one field, written in JSON.
    because = {"body.files": "the library gives each file a title, which a block does not show"}
    both.alike("pictures", "completeUploadExternal", "upload", because)
    ours, theirs = (
        json.loads(body_of(both.all(one, name, "completeUploadExternal")[0])["files"])
        for one, name in ((both.ours, "pictures"), (both.theirs, "upload"))
    )
    assert ours == [{"id": one["id"]} for one in theirs] == [{"id": FILE}] * 2


def test_a_message_is_deleted(both: Both) -> None:
    both.alike("delete", "chat.delete", "delete", {"kind": FORM})


@pytest.mark.parametrize(
    ("method", "ours_in", "name", "because"),
    [
        ("auth.test", "words", "who", {}),
        ("files.info", "pictures", "info", {"query.file": READ, "body.file": READ}),
    ],
)
def test_what_is_read(both: Both, method: str, ours_in: str, name: str, because: dict[str, str]) -> None:
    both.alike(ours_in, method, name, because={"method": READ, "kind": READ, **because})
