"""The Matrix adapter on a real Synapse: what it sends is read back by another account, as any client would."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from PIL import Image

from networks.contract import SPANS, TEXT, text, with_pictures
from real.servers import RealAccount, Synapse, web
from real.stage import say
from socialops.errors import NotAllowed, Rejected, TryLater
from socialops.http import Http
from socialops.networks import counts, default_limits
from socialops.networks.base import Login, Stat
from socialops.networks.draft import Part, Receipt, Reply, Span, Upload
from socialops.networks.matrix import Matrix

pytestmark = pytest.mark.real

CLAIMED = datetime.now(UTC)
SINCE = CLAIMED - timedelta(minutes=5)


@dataclass(frozen=True)
class Room:
    """A room on the server, with us and a reader in it."""

    server: Synapse
    us: RealAccount
    reader: RealAccount
    id: str
    alias: str

    def network(self, http: Http, **changes: Any) -> Matrix:
        login = Login("matrix", self.us.handle, self.us.host, self.us.token, settings={"room": self.alias})
        return Matrix(replace(login, **changes), http)

    def path(self, *steps: str) -> str:
        return "/".join(
            ("/_matrix/client/v3/rooms", quote(self.id, safe=""), *(quote(step, safe="") for step in steps))
        )

    def read(self, receipt: Receipt) -> Any:
        """Return a message as the reader gets it."""
        return self.server.call("GET", self.path("event", receipt.id), self.reader.token)

    def messages(self) -> list[Any]:
        page = self.server.call("GET", self.path("messages") + "?dir=b&limit=1000", self.reader.token)
        return [event for event in page["chunk"] if event["type"] == "m.room.message" and "body" in event["content"]]

    def send(self, kind: str, content: dict[str, Any]) -> None:
        self.server.call("PUT", self.path("send", kind, str(datetime.now(UTC))), self.reader.token, json=content)


def open_room(server: Synapse, name: str) -> Room:
    us, reader = server.open_account(f"lumenvelo-{name}"), server.open_account(f"reader-{name}")
    room = server.make_room(us.token, name)
    server.call("POST", f"/_matrix/client/v3/join/{quote(room, safe='')}", reader.token, json={})
    return Room(server, us, reader, room, f"#{name}:matrix.example")


@pytest.fixture(scope="module")
def room(synapse: Synapse) -> Room:
    return open_room(synapse, "lamps")


@pytest.fixture(scope="module")
def network(room: Room) -> Any:
    with Http() as http:
        yield room.network(http)


def publish(network: Matrix, part: Part, delivery: str, number: int = 0) -> Receipt:
    return network.publish(part, key=network.key(delivery, number, CLAIMED))


def test_a_text_is_there_as_it_was_sent(room: Room, network: Matrix) -> None:
    words = f"Bizim dükkân: {TEXT} @{room.reader.handle[1:]}"
    by = words.index(TEXT)
    spans = (
        Span(6, 12, "link", "https://example.org/?a=1&b=<2>"),
        *(Span(span.start + by, span.end + by, span.kind, span.target) for span in SPANS),
        Span(words.rindex("@"), words.rindex("@") + 7, "mention", "reader-"),
    )
    receipt = publish(network, text(words, spans=spans), "text/matrix")
    event = room.read(receipt)
    assert event["sender"] == room.us.handle
    assert event["content"]["body"] == words.replace("dükkân", "dükkân (https://example.org/?a=1&b=<2>)")
    assert '<a href="https://example.org/?a=1&amp;b=&lt;2&gt;">dükkân</a>' in event["content"]["formatted_body"]
    assert event["content"]["m.mentions"] == {"user_ids": [room.reader.handle]}
    at = datetime.fromtimestamp(event["origin_server_ts"] / 1000, UTC)
    assert abs(datetime.fromisoformat(receipt.at) - at) < timedelta(milliseconds=2)
    assert receipt.extra == {"room": room.id}


def test_a_picture_is_there_byte_for_byte(room: Room, network: Matrix) -> None:
    drawn = io.BytesIO()
    Image.new("RGB", (640, 480), (240, 200, 60)).save(drawn, "PNG")
    part = with_pictures("Önden görünüş")
    upload = Upload(drawn.getvalue(), "image/png", 640, 480, "Önden görünüş", "0" * 64)
    content = room.read(publish(network, replace(part, uploads=(upload,)), "picture/matrix"))["content"]
    assert (content["msgtype"], content["body"], content["filename"]) == ("m.image", "Two lamps", "Önden görünüş")
    where = content["url"].removeprefix("mxc://")
    answer = web().get(
        f"{room.server.host}/_matrix/client/v1/media/download/{where}",
        headers={"Authorization": f"Bearer {room.reader.token}"},
    )
    assert answer.content == upload.data
    assert answer.headers["Content-Type"] == "image/png"


def test_a_picture_that_the_server_does_not_take_is_refused(network: Matrix) -> None:
    part = with_pictures("Large")
    large = replace(part.uploads[0], data=b"\x89PNG" * 1_000_000)
    with pytest.raises(Rejected) as refused:
        publish(network, replace(part, uploads=(large,)), "large/matrix")
    assert refused.value.code == "M_TOO_LARGE"


def test_the_same_key_is_the_same_message(room: Room, network: Matrix) -> None:
    before = len(room.messages())
    first = publish(network, text("Bir kere"), "once/matrix")
    with Http() as http:
        assert publish(room.network(http), text("Bir kere"), "once/matrix") == first
        anew = room.server.log_in(room.us.handle.partition(":")[0][1:])
        assert publish(room.network(http, token=anew), text("Bir kere"), "once/matrix") == first
    # The server's own memory of the transaction, without our look into the room.
    key = network.key("once/matrix", 0, CLAIMED)
    said = {"msgtype": "m.text", "body": "Bir kere"}
    again = room.server.call("PUT", room.path("send", "m.room.message", key), room.us.token, json=said)
    assert again == {"event_id": first.id}
    assert len(room.messages()) == before + 1


def test_what_was_sent_is_found_by_its_device_and_by_a_new_one(room: Room, network: Matrix) -> None:
    receipt = publish(network, text(), "find/matrix")
    key = network.key("find/matrix", 0, CLAIMED)
    assert network.find(text(), key=key, since=SINCE) == receipt
    own = room.server.call("GET", room.path("event", receipt.id), room.us.token)
    assert own["unsigned"]["transaction_id"] == key
    with Http() as http:
        anew = room.network(http, token=room.server.log_in(room.us.handle.partition(":")[0][1:]))
        assert anew.find(text(), key=key, since=SINCE) == receipt
        assert anew.find(text(), key=network.key("other/matrix", 0, CLAIMED), since=SINCE) is None


def test_a_thread_is_one_to_its_server(room: Room, network: Matrix) -> None:
    first = publish(network, text("One"), "thread/matrix", 0)
    second = publish(network, text("Two", reply=Reply(first, first)), "thread/matrix", 1)
    third = publish(network, text("Three", reply=Reply(first, second)), "thread/matrix", 2)
    told = room.read(first)["unsigned"]["m.relations"]["m.thread"]
    assert told["count"] == 2
    assert told["latest_event"]["event_id"] == third.id


def test_reactions_and_replies_are_counted(room: Room, network: Matrix) -> None:
    receipt = publish(network, text("Count me"), "count/matrix", 0)
    publish(network, text("More", reply=Reply(receipt, receipt)), "count/matrix", 1)
    for sign in "💡🚲":
        relation = {"rel_type": "m.annotation", "event_id": receipt.id, "key": sign}
        room.send("m.reaction", {"m.relates_to": relation})
    thread = {"rel_type": "m.thread", "event_id": receipt.id}
    room.send("m.room.message", {"msgtype": "m.text", "body": "Güzel", "m.relates_to": thread})
    assert network.measure([receipt]) == [Stat(receipt.id, "reactions", 2), Stat(receipt.id, "replies", 1)]


def test_a_removed_message_is_gone_for_everybody(room: Room, network: Matrix) -> None:
    receipt = publish(network, text("Geri alındı"), "gone/matrix")
    network.delete(receipt)
    network.delete(receipt)
    assert room.read(receipt)["content"] == {}
    assert network.find(text("Geri alındı"), key=network.key("gone/matrix", 0, CLAIMED), since=SINCE) is None
    assert network.measure([receipt]) == []


def test_the_account_is_who_the_server_says(room: Room, network: Matrix) -> None:
    account = network.account()
    assert account.handle == room.us.handle
    assert account.followers == 1
    assert account.limits == {"image_bytes": 2 * 1024 * 1024, "video_bytes": 2 * 1024 * 1024}


def test_what_fits_by_our_count_is_taken_and_a_little_more_is_not(room: Room, network: Matrix) -> None:
    (count,) = [count for count in counts("matrix", text(""), default_limits("matrix")) if count.what == "text"]
    fits = count.limit - count.used
    receipt = publish(network, text("a" * fits), "full/matrix")
    assert len(room.read(receipt)["content"]["body"]) == fits
    say(f"\nA text of {fits:,} letters fits into a message of Matrix by our count, and on Synapse.")
    with pytest.raises(Rejected) as refused:
        publish(network, text("a" * count.limit), "over/matrix")
    assert refused.value.code == "M_TOO_LARGE"


def test_who_may_not_write_is_told_why(room: Room) -> None:
    hidden = room.server.make_room(room.us.token, "hidden", encrypted=True)
    alone = room.server.make_room(room.reader.token, "theirs")
    with Http() as http:
        for changes, code in (
            ({"token": "syt_wrong_" + hashlib.sha256(b"x").hexdigest()[:20]}, "M_UNKNOWN_TOKEN"),
            ({"settings": {"room": hidden}}, "encrypted"),
            ({"settings": {"room": "#nowhere:matrix.example"}}, "M_NOT_FOUND"),
            ({"settings": {"room": alone}}, "M_FORBIDDEN"),
        ):
            with pytest.raises(NotAllowed) as refused:
                publish(room.network(http, **changes), text(), f"{code}/matrix")
            assert refused.value.code == code


def test_a_server_that_wants_us_to_wait_says_for_how_long(strict_synapse: Synapse) -> None:
    strict = open_room(strict_synapse, "slow")
    with Http() as http:
        network = strict.network(http)
        sent, later = 0, None
        while later is None and sent < 5:
            try:
                publish(network, text(str(sent)), "slow/matrix", sent)
                sent += 1
            except TryLater as error:
                later = error
    assert later is not None
    assert later.code == "M_LIMIT_EXCEEDED"
    assert timedelta(seconds=1) <= later.after <= timedelta(seconds=60)
    assert len(strict.messages()) == sent >= 1
