"""A post for a room and a list: the real engine, a real homeserver and a real mail server, and what arrives at each."""

from __future__ import annotations

import email
import email.policy
import io
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from PIL import Image

from real.servers import MailServer, RealAccount, Synapse
from real.stage import Sent, new_workspace, publish_everything, sent, unsettled
from socialops.checks.check import check
from socialops.content.load import load
from socialops.problem import Severity
from socialops.workspace import Workspace

pytestmark = pytest.mark.real

SETTINGS = '[tool.socialops]\nname = "Lumen Velo"\nzone = "Europe/Istanbul"\n'
CHANNELS = {
    "matrix": 'network: matrix\nhandle: "{handle}"\nhost: {host}\nparams: {{room: "#news:matrix.example"}}',
    "newsletter": "network: email\nhost: {host}\nparams:\n  from: Lumen Velo <news@lumenvelo.example>\n"
    "  to: readers@lists.lumenvelo.example\n  list_unsubscribe: https://lumenvelo.example/leave",
}
WINTER = """---
title: Kış geldi, ışığı açın
date: 2026-12-01 09:30
channels: [matrix, newsletter]
lang: tr
tags: [kış]
media:
  - {file: lamp.png, alt: Karda yanan bir lamba}
---
Yeni [lambalarımız](https://example.org/kış?a=1&b=2) <burada>.

אור בחורף
"""
THREAD = """---
title: Three steps
date: 2026-12-02 09:30
channels: [matrix]
lang: en
---
One
---
Two
"""


@dataclass(frozen=True)
class Arrived:
    """What the ledger says was sent, and what is there."""

    sent: list[Sent]
    trouble: list[str]
    messages: list[Any]
    mails: list[EmailMessage]


@pytest.fixture(scope="module")
def arrived(synapse: Synapse, mail_server: MailServer, tmp_path_factory: pytest.TempPathFactory) -> Arrived:
    us = synapse.open_account("lumenvelo")
    room = synapse.make_room(us.token, "news")
    accounts = {
        "matrix": us,
        "newsletter": RealAccount(mail_server.host, "", "not a secret 3", {"USER": "lumenvelo"}),
    }
    workspace = new_workspace(tmp_path_factory.mktemp("rich"), lambda root: fill(root, accounts))
    content = load(workspace)
    assert [problem for problem in check(content) if problem.severity is Severity.ERROR] == []
    outcomes = publish_everything(workspace, accounts)
    path = f"/_matrix/client/v3/rooms/{quote(room, safe='')}/messages?dir=f&limit=100"
    page = synapse.call("GET", path, us.token)
    messages = [event for event in page["chunk"] if event["type"] == "m.room.message"]
    return Arrived(delivered(workspace), unsettled(outcomes), messages, [read(raw) for raw in mail_server.mails()])


def fill(root: Path, accounts: dict[str, RealAccount]) -> None:
    drawn = io.BytesIO()
    Image.new("RGB", (800, 600), (20, 30, 60)).save(drawn, "PNG")
    files = {
        "pyproject.toml": SETTINGS.encode(),
        "posts/2026/12/winter.md": WINTER.encode(),
        "posts/2026/12/lamp.png": drawn.getvalue(),
        "posts/2026/12/steps.md": THREAD.encode(),
    }
    for name, header in CHANNELS.items():
        account = accounts[name]
        text = f"---\n{header.format(host=account.host, handle=account.handle)}\nzone: Europe/Istanbul\n---\nOurs.\n"
        files[f"brand/channels/{name}.md"] = text.encode()
    for name, data in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(data)


def delivered(workspace: Workspace) -> list[Sent]:
    return sent(workspace, load(workspace).channels)


def read(raw: bytes) -> EmailMessage:
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def test_all_of_it_is_confirmed(arrived: Arrived) -> None:
    assert arrived.trouble == []
    assert sorted(item.name for item in arrived.sent) == ["steps → matrix", "winter → matrix", "winter → newsletter"]


def test_the_room_has_it(arrived: Arrived) -> None:
    picture, first, second = [event["content"] for event in arrived.messages]
    assert picture["msgtype"] == "m.image"
    assert picture["filename"] == "Karda yanan bir lamba"
    assert picture["body"] == "Yeni lambalarımız (https://example.org/kış?a=1&b=2) <burada>.\n\nאור בחורף\n\n#kış"
    assert picture["formatted_body"] == (
        'Yeni <a href="https://example.org/kış?a=1&amp;b=2">lambalarımız</a> &lt;burada&gt;.'
        "<br><br>אור בחורף<br><br>#kış"
    )
    assert (first["body"], second["body"]) == ("One", "Two")
    root = arrived.messages[1]["event_id"]
    assert second["m.relates_to"]["event_id"] == root
    receipts = {item.name: [receipt.id for receipt in item.receipts] for item in arrived.sent}
    assert receipts["winter → matrix"] + receipts["steps → matrix"] == [event["event_id"] for event in arrived.messages]


def test_the_list_has_it(arrived: Arrived) -> None:
    (message,) = arrived.mails
    assert message["Subject"] == "Kış geldi, ışığı açın"
    assert message["To"] == "readers@lists.lumenvelo.example"
    assert message["X-RcptTo"] == "readers@lists.lumenvelo.example"
    assert message["List-Unsubscribe"] == "<https://lumenvelo.example/leave>"
    letter = message.get_body(("html",))
    assert letter is not None
    html = letter.get_content()
    assert '<html lang="tr">' in html
    assert '<p dir="auto">אור בחורף</p>' in html
    assert '<a href="https://example.org/kış?a=1&amp;b=2">lambalarımız</a> &lt;burada&gt;' in html
    (picture,) = [piece for piece in message.walk() if piece.get_content_maintype() == "image"]
    assert f'src="cid:{picture["Content-ID"].strip("<>")}" alt="Karda yanan bir lamba"' in html
    with Image.open(io.BytesIO(picture.get_content())) as shown:
        assert shown.size == (800, 600)
    (item,) = [item for item in arrived.sent if item.name == "winter → newsletter"]
    assert [receipt.id for receipt in item.receipts] == [message["Message-ID"].strip("<>")]
    assert "readers@" not in repr(item.receipts)
