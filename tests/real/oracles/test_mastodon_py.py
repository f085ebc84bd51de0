"""Mastodon.py as an oracle for the Mastodon adapter."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest

from networks.contract import PIXEL, SINCE, with_pictures
from networks.mastodon_spec import rails
from real.oracles.recorder import Recorder, assert_alike, body_of, kind_of, recording
from socialops.http import Http
from socialops.networks.base import Login
from socialops.networks.draft import Part, Poll, Receipt, Reply
from socialops.networks.mastodon import Mastodon

pytestmark = pytest.mark.real

BASE, TOKEN, KEY = "https://mastodon.example", "a-token", "a-key"
TEXT = "Kış geldi: ışığı açın! אור בחורף ❄️ Lumină & caldă\n\nhttps://example.org/kış?a=1&b=2"
WARNING, ALT = "Dikkat: çığ", "Karda yanan bir lamba; פנס"
OPTIONS = ("Ön ışık", "פנס אחורי", "Lumină")
PARENT = Receipt("42", f"{BASE}/@lumenvelo/42", "2026-12-06T09:00:00.000Z")
STATUS = {"id": "42", "created_at": PARENT.at, "url": PARENT.url, "content": "", "media_attachments": []}
TRUTH = "Rails takes 1 for true as it takes true"


def answer(request: httpx.Request) -> Any:
    path = request.url.path
    if path.endswith("/media"):
        return {"id": "500", "type": "image", "url": f"{BASE}/x.png"}
    if path.endswith("/source"):
        return {"id": "42", "text": "", "spoiler_text": ""}
    if path.endswith("/statuses") and request.method == "GET":
        return [STATUS]
    return {"id": "109", "acct": "lumenvelo", "version": "4.6.0"} if "status" not in path else STATUS


def as_rails_reads_it(request: httpx.Request) -> Any:
    """Return a body as Mastodon reads it: the same in JSON and in a form, and all values text."""
    if kind_of(request) == "application/x-www-form-urlencoded":
        return rails(parse_qsl(request.content.decode(), keep_blank_values=True))
    return texts(body_of(request))


def texts(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: texts(one) for name, one in value.items()}
    if isinstance(value, list):
        return [texts(one) for one in value]
    return {True: "true", False: "false"}.get(value, str(value)) if isinstance(value, bool) else str(value)


@pytest.fixture(scope="module")
def both(libraries: Path) -> Iterator[tuple[Recorder, Recorder]]:
    """Give what our adapter sent, and what the library sent, for the same things."""
    facts = {
        "token": TOKEN,
        "text": TEXT,
        "warning": WARNING,
        "options": OPTIONS,
        "alt": ALT,
        "key": KEY,
        "picture": PIXEL,
    }
    with recording(BASE, answer) as ours, recording(BASE, answer) as theirs:
        theirs.told_by(libraries, "say_mastodon.py", facts)
        with Http(transport=ours.transport()) as http:
            say(Mastodon(Login("m", "@lumenvelo", BASE, TOKEN), http), ours)
        yield ours, theirs


def say(account: Mastodon, ours: Recorder) -> None:
    pictures = with_pictures(ALT, ALT)
    uploads = tuple(replace(upload, focus=(0.25, -0.5)) for upload in pictures.uploads)
    part = Part(TEXT, lang="tr", visibility="followers", content_warning=WARNING, reply=Reply(PARENT, PARENT))
    with ours.naming("status"):
        account.publish(replace(part, attachments=pictures.attachments, uploads=uploads), key=KEY)
    poll = Poll(OPTIONS, 86_400, multiple=True, hide_totals=True)
    with ours.naming("poll"):
        account.publish(Part(TEXT, lang="he", visibility="unlisted", poll=poll), key=KEY)
    with ours.naming("delete"):
        account.delete(PARENT)
    with ours.naming("timeline"):
        account.find(Part(""), key=KEY, since=SINCE)
    with ours.naming("several"):
        account.measure([PARENT, replace(PARENT, id="43")])
    with ours.naming("account"):
        account.account()


def test_a_status_with_everything(both: tuple[Recorder, Recorder]) -> None:
    ours, theirs = both
    assert_alike(
        ours.one("status", "/statuses"),
        theirs.one("status", "/statuses"),
        because={"body.sensitive": TRUTH},
        read=as_rails_reads_it,
    )


def test_a_poll(both: tuple[Recorder, Recorder]) -> None:
    ours, theirs = both
    because = {
        "kind": "snac finds a poll only in a form; Mastodon reads JSON and forms alike",
        "body.sensitive": "the library also says what is not so; we leave that to the account's own setting",
    }
    assert_alike(ours.one("poll"), theirs.one("poll"), because=because, read=as_rails_reads_it)


def test_a_picture(both: tuple[Recorder, Recorder]) -> None:
    ours, theirs = both
    because = {"body.focus": "ours has three digits behind the point"}
    assert_alike(ours.asked["status"][0], theirs.one("media", "/media"), because=because)
    assert [body_of(request)["focus"] for request in ours.asked["status"][:2]] == ["0.250,-0.500"] * 2
    assert body_of(theirs.one("media", "/media"))["focus"] == "0.25,-0.5"


def test_a_status_is_deleted(both: tuple[Recorder, Recorder]) -> None:
    ours, theirs = both
    assert_alike(ours.one("delete"), theirs.one("delete"))


@pytest.mark.parametrize(
    ("ours_in", "path", "name", "because"),
    [
        ("timeline", "/109/statuses", "timeline", {"query.exclude_reblogs": TRUTH}),
        ("timeline", "/source", "source", {}),
        ("several", "/statuses", "several", {}),
        ("account", "/verify_credentials", "account", {}),
        ("account", "/instance", "instance", {"path": "the library ends it with a slash, which Mastodon overlooks"}),
    ],
)
def test_what_is_read(
    both: tuple[Recorder, Recorder], ours_in: str, path: str, name: str, because: dict[str, str]
) -> None:
    ours, theirs = both
    found = [request for request in ours.asked[ours_in] if request.url.path.endswith(path)]
    assert_alike(found[0], theirs.one(name), because=because)
