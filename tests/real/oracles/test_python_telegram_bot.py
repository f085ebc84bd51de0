"""python-telegram-bot as an oracle for the Telegram adapter, and for where its entities begin and end."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from networks.contract import PIXEL, picture
from networks.stub_telegram import TOKEN
from real.oracles.recorder import Recorder, assert_alike, body_of, kind_of, recording
from real.oracles.texts import TEXTS, linked
from socialops.http import Http
from socialops.networks.base import Login
from socialops.networks.draft import Attachment, Part, Poll, Receipt, Reply, Upload
from socialops.networks.telegram import Telegram

pytestmark = pytest.mark.real

BASE = "https://api.telegram.org"
CHAT = {"id": -1001234567890, "type": "channel", "title": "Lumen Velo", "username": "lumenvelo"}
BOT = {"id": 7000000001, "is_bot": True, "first_name": "Lumen", "username": "lumenvelo_bot"}
MORE = {
    "accent_color_id": 1,
    "max_reaction_count": 11,
    "accepted_gift_types": dict.fromkeys(
        ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels"), False
    ),
}
MESSAGE = {"message_id": 42, "date": 1_796_547_600, "chat": CHAT, "text": "x"}
TEXT, LINKS = linked("Kış 🚲 geldi: {ışığı açın}! אור {בחורף} ❄️ Lumină")
QUESTION, OPTIONS = "Hangi lamba? 🔦", ("Ön ışık", "פנס אחורי", "Lumină")
FORM = {"kind": "the library sends a form when there is no file; the Bot API reads JSON as well"}


def answer(request: httpx.Request) -> Any:
    method = request.url.path.rpartition("/")[2]
    results = {
        "getMe": BOT,
        "getChat": {**CHAT, **MORE},
        "getChatMemberCount": 321,
        "deleteMessages": True,
        "sendMediaGroup": [MESSAGE, {**MESSAGE, "message_id": 43}],
    }
    return {"ok": True, "result": results.get(method, MESSAGE)}


def as_the_bot_api_reads_it(request: httpx.Request) -> Any:
    """Return the fields of a request, whichever way they came; files are known by what is in them, not by their names.

    In a form, whatever is no text is written as JSON. A file in an album has a name of the sender's choice.
    """
    if request.method == "GET":
        return {}
    body = body_of(request)
    files = {name: value for name, value in body.items() if isinstance(value, dict) and "bytes" in value}
    fields = {name: value for name, value in body.items() if name not in files}
    if kind_of(request) != "application/json":
        texts = {"text", "caption", "question", "chat_id"}
        fields = {
            name: value if name in texts and not re.fullmatch(r"-\d+", value) else json.loads(value)
            for name, value in fields.items()
        }
    for item in fields.get("media", ()):
        item["media"] = files.pop(item["media"].removeprefix("attach://"))["bytes"]
    return fields | {name: value["bytes"] for name, value in files.items()}


@dataclass(frozen=True)
class Both:
    ours: Recorder
    theirs: Recorder
    counted: list[list[list[int]]]

    def alike(self, name: str, because: dict[str, str] | None = None) -> None:
        assert_alike(self.ours.one(name), self.theirs.one(name), because=because, read=as_the_bot_api_reads_it)


@pytest.fixture(scope="module")
def both(libraries: Path) -> Iterator[Both]:
    facts = {
        "token": TOKEN,
        "text": TEXT,
        "links": [[span.start, span.end, span.target] for span in LINKS],
        "question": QUESTION,
        "options": OPTIONS,
        "picture": PIXEL,
        "texts": [[text, [[s.start, s.end, s.target] for s in spans]] for text, spans in map(linked, TEXTS)],
    }
    with recording(BASE, answer) as ours, recording(BASE, answer) as theirs:
        counted = theirs.told_by(libraries, "say_telegram.py", facts)
        with Http(transport=ours.transport()) as http:
            say(bot(http), ours)
            for number, (text, spans) in enumerate(map(linked, TEXTS)):
                with ours.naming(f"text {number}"):
                    bot(http).publish(Part(text, spans), key="k")
        yield Both(ours, theirs, counted)


def bot(http: Http) -> Telegram:
    return Telegram(Login("telegram", "@lumenvelo", "", TOKEN, {}, {"chat": "@lumenvelo"}), http)


def say(account: Telegram, ours: Recorder) -> None:
    before = Receipt("41", "https://t.me/lumenvelo/41", "2026-12-06T09:00:00.000Z", {"chat": str(CHAT["id"])})
    options = {"silent": "yes", "protect": "yes", "topic": "7", "link_preview": "large"}
    parts = {
        "words": Part(TEXT, LINKS, reply=Reply(before, before), options=options),
        "bare": Part("Hello", options={"link_preview": "none"}),
        "picture": shown(Part(TEXT, LINKS, sensitive=True), "image/png"),
        "animation": shown(Part(TEXT, LINKS), "image/gif"),
        "film": shown(Part("Film"), "video/mp4", size=(1280, 720)),
        "album": shown(Part(TEXT, LINKS), "image/png", "video/mp4"),
        "poll": Part(QUESTION, poll=Poll(OPTIONS, 86_400, multiple=True)),
    }
    for name, part in parts.items():
        with ours.naming(name):
            account.publish(part, key="k")
    with ours.naming("delete"):
        account.delete(replace(before, extra={**before.extra, "messages": "41,42"}))
    with ours.naming("account"):
        account.account()


def shown(part: Part, *mimes: str, size: tuple[int, int] = (1, 1)) -> Part:
    media: list[tuple[Attachment, Upload]] = []
    for mime in mimes:
        attachment, upload = picture("lamp")
        media.append((replace(attachment, mime=mime), replace(upload, mime=mime, width=size[0], height=size[1])))
    return replace(part, attachments=tuple(a for a, _ in media), uploads=tuple(u for _, u in media))


def test_words_with_links(both: Both) -> None:
    both.alike("words", FORM)
    assert [entity["length"] for entity in body_of(both.ours.one("words"))["entities"]] == [10, 5]


def test_no_preview(both: Both) -> None:
    both.alike("bare", FORM)


@pytest.mark.parametrize("name", ["picture", "animation", "film"])
def test_a_file_with_a_caption(both: Both, name: str) -> None:
    both.alike(name)


def test_an_album(both: Both) -> None:
    both.alike("album")


def test_a_poll(both: Both) -> None:
    both.alike("poll", FORM)


def test_an_album_is_deleted(both: Both) -> None:
    both.alike("delete", FORM)


@pytest.mark.parametrize("method", ["getMe", "getChat", "getChatMemberCount"])
def test_what_is_read(both: Both, method: str) -> None:
    ours, theirs = both.ours.one("account", method), both.theirs.one(method)
    assert (ours.method, theirs.method) == ("GET", "POST"), "the Bot API takes both; only reads may be asked again"
    assert ours.url.path == theirs.url.path
    assert dict(ours.url.params) == body_of(theirs)


@pytest.mark.parametrize("number", range(len(TEXTS)))
def test_entities_begin_and_end_where_the_library_puts_them(both: Both, number: int) -> None:
    text, spans = linked(TEXTS[number])
    sent = body_of(both.ours.one(f"text {number}"))["entities"]
    assert [[entity["offset"], entity["length"]] for entity in sent] == both.counted[number]
    encoded = text.encode("utf-16-le")
    cut = [encoded[2 * e["offset"] : 2 * (e["offset"] + e["length"])].decode("utf-16-le") for e in sent]
    assert cut == [text[span.start : span.end] for span in spans]
