"""What every network must do, whatever it is: run by test_contract.py over each adapter and each server we have.

A `Place` is an adapter with a server behind it that keeps what it is sent. Faults are made in the wire between the two,
so that the same promises can be asked of a server in memory and of one behind a real socket.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from socialops.errors import NetworkError
from socialops.http import Http
from socialops.networks.base import CanDelete, Idempotency, Network, TwoStep
from socialops.networks.draft import Attachment, Fit, Part, Receipt, Reply, Span, Upload

CLAIMED = datetime(2026, 12, 6, 9, 0, 0, 123456, tzinfo=UTC)
SINCE = CLAIMED - timedelta(minutes=5)
TEXT = "Kış geldi, ışığı açın! אור בחורף ❄️ Lumină pentru iarnă. #kış https://example.org/kış?a=1"
SPANS = (
    Span(TEXT.index("#"), TEXT.index("#") + 4, "tag", "kış"),
    Span(TEXT.index("http"), len(TEXT), "link", TEXT[TEXT.index("http") :]),
)
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360f8cfc0000003010100"
    "18dd8db00000000049454e44ae426082"
)


@dataclass(frozen=True)
class Seen:
    """One post as its server keeps it."""

    id: str
    text: str
    alts: tuple[str, ...] = ()
    parent: str = ""
    pictures: tuple[bytes, ...] | None = None


@dataclass
class Wire:
    """The connection, with a fault in it: what happens to the next request that publishes."""

    inner: httpx.BaseTransport
    publishes: Callable[[httpx.Request], bool]
    fault: Callable[[httpx.Request, Callable[[], httpx.Response]], httpx.Response] | None = None
    published: list[httpx.Request] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)

    def transport(self) -> httpx.BaseTransport:
        return httpx.MockTransport(self.carry)

    def carry(self, request: httpx.Request) -> httpx.Response:
        self.hosts.add(request.url.netloc.decode())

        def deliver() -> httpx.Response:
            response = self.inner.handle_request(request)
            response.read()
            return response

        request.read()
        if not self.publishes(request):
            return deliver()
        self.published.append(request)
        fault, self.fault = self.fault, None
        return fault(request, deliver) if fault else deliver()


@dataclass
class Place:
    """An adapter with a server behind it."""

    name: str
    network: Network
    wire: Wire
    seen: Callable[[], Sequence[Seen]]
    secret: str
    root: Path
    again: Callable[[], Network]
    """Connect anew, as another process would."""
    metrics: frozenset[str] = frozenset({"likes", "reposts", "replies"})
    dress: Callable[[Part], Part] = field(default=lambda part: part)
    """Make of a part of words what the network takes: a title, a video."""
    too_long: tuple[str, str] = ("ı" * 700, "700")
    """A text that does not fit, and the number that says so."""
    has_pages: bool = True
    """Whether there is an address where a person sees what was published; else a receipt's address is empty."""
    flat_threads: bool = False
    """Whether every part of a thread hangs on its first."""
    handles: dict[tuple[str, int], str] = field(default_factory=dict)
    """What the ledger would hold of parts that were made ready."""

    def key(self, delivery: str = "launch/test", part: int = 0) -> str:
        return self.network.key(delivery, part, CLAIMED)

    def publish(self, part: Part, delivery: str = "launch/test", number: int = 0) -> Receipt:
        part, key = self.dressed(part, delivery, number), self.key(delivery, number)
        if isinstance(self.network, TwoStep):
            handle = self.network.prepare(part, key=key)
            self.handles[delivery, number] = handle
            part = replace(part, handle=handle)
        return self.network.publish(part, key=key)

    def find(self, part: Part, delivery: str = "launch/test", number: int = 0) -> Receipt | None:
        part = self.dressed(part, delivery, number)
        return self.network.find(part, key=self.key(delivery, number), since=SINCE)

    def dressed(self, part: Part, delivery: str, number: int) -> Part:
        return replace(self.dress(part), handle=self.handles.get((delivery, number), ""))

    def told(self, error: BaseException) -> str:
        """Return all that this error could put into a log."""
        shown = traceback.TracebackException.from_exception(error, capture_locals=False)
        return "".join(shown.format()) + repr(error) + str(vars(error))


def place(
    name: str,
    inner: httpx.BaseTransport,
    connect: Callable[[Http], Network],
    publishes: Callable[[httpx.Request], bool],
    seen: Callable[[], Sequence[Seen]],
    secret: str,
    root: Path,
    **more: Any,
) -> Place:
    wire = Wire(inner, publishes)

    def again() -> Network:
        return connect(Http(transport=wire.transport()))

    return Place(name, again(), wire, seen, secret, root, again, **more)


def text(words: str = TEXT, **changes: Any) -> Part:
    spans = SPANS if words == TEXT else ()
    return replace(Part(words, spans=spans, lang="tr", visibility="public"), **changes)


def picture(alt: str) -> tuple[Attachment, Upload]:
    fit = Fit(1_000_000, 16_000_000, 2000, ("image/png",))
    attachment = Attachment(f"posts/{alt}.png", alt, "image/png", 1, 1, len(PIXEL), "0" * 64, fit)
    return attachment, Upload(PIXEL, "image/png", 1, 1, alt, "0" * 64, focus=(0.0, -0.5))


def with_pictures(*alts: str) -> Part:
    pairs = [picture(alt) for alt in alts]
    return text("Two lamps", attachments=tuple(a for a, _ in pairs), uploads=tuple(u for _, u in pairs))


# --- The promises -----------------------------------------------------------------------------------------------------


def publishes_a_text_once(place: Place) -> None:
    receipt = place.publish(text())
    assert [(post.id, post.text) for post in place.seen()] == [(receipt.id, TEXT)]
    assert receipt.url.startswith(("http://", "https://")) if place.has_pages else receipt.url == ""
    assert datetime.fromisoformat(receipt.at).utcoffset() == timedelta(0)
    assert len(place.wire.published) == 1


def publishes_pictures_with_their_words_in_order(place: Place) -> None:
    place.publish(with_pictures("Önden görünüş", "מבט מאחור"))
    (post,) = place.seen()
    assert post.alts == ("Önden görünüş", "מבט מאחור")
    assert post.pictures in (None, (PIXEL, PIXEL))


def hangs_a_thread_together(place: Place) -> None:
    first = place.publish(text("One"), number=0)
    second = place.publish(text("Two", reply=Reply(first, first)), number=1)
    third = place.publish(text("Three", reply=Reply(first, second)), number=2)
    hung = {post.id: post.parent for post in place.seen()}
    assert hung == {first.id: "", second.id: first.id, third.id: first.id if place.flat_threads else second.id}


def publishes_one_post_for_one_key(place: Place) -> None:
    first = place.publish(text())
    second = place.again().publish(place.dress(text()), key=place.key())
    assert place.network.idempotency is Idempotency.KEY
    assert first == second
    assert len(place.seen()) == 1


def has_a_key_for_each_part_that_stays(place: Place) -> None:
    keys = {place.key(delivery, part) for delivery in ("a/x", "b/x", "a/y") for part in range(20)}
    assert len(keys) == 60
    assert place.again().key("a/x", 3, CLAIMED) == place.key("a/x", 3)


def finds_what_was_sent_though_the_answer_was_lost(place: Place) -> None:
    def lose_answer(request: httpx.Request, deliver: Callable[[], httpx.Response]) -> httpx.Response:
        deliver()
        raise httpx.ReadError("reset", request=request)

    place.wire.fault = lose_answer
    _fails(place, "Unknown")
    (post,) = place.seen()
    found = replace(place, network=place.again()).find(text())
    assert found is not None
    assert found.id == post.id
    if place.network.idempotency is Idempotency.KEY:
        assert place.publish(text()) == found
    assert len(place.seen()) == 1


def finds_nothing_when_the_request_was_lost(place: Place) -> None:
    def lose_request(request: httpx.Request, _deliver: Callable[[], httpx.Response]) -> httpx.Response:
        raise httpx.WriteError("reset", request=request)

    place.wire.fault = lose_request
    _fails(place, "Unknown")
    assert place.find(text()) is None
    receipt = place.publish(text())
    assert [post.id for post in place.seen()] == [receipt.id]


def tells_a_request_that_never_left(place: Place) -> None:
    def refuse(request: httpx.Request, _deliver: Callable[[], httpx.Response]) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    place.wire.fault = refuse
    error = _fails(place, "TryLater")
    assert timedelta(seconds=1) <= error.after <= timedelta(hours=6)
    assert place.seen() == []


def fails_with(status: int, expected: str, content: bytes = b"", **headers: str) -> Callable[[Place], None]:
    """Make the promise that an answer of *status* becomes the error named *expected*, after one attempt."""

    def promise(place: Place) -> None:
        def reply(_request: httpx.Request, _deliver: Callable[[], httpx.Response]) -> httpx.Response:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            return httpx.Response(status, content=content, headers=named)

        place.wire.fault = reply
        _fails(place, expected)
        assert place.seen() == []

    promise.__name__ = f"answers_{status}_{len(content)}_as_{expected}"
    return promise


def is_not_led_elsewhere(place: Place) -> None:
    def redirect(_request: httpx.Request, _deliver: Callable[[], httpx.Response]) -> httpx.Response:
        return httpx.Response(307, headers={"Location": "https://elsewhere.example/api/v1/statuses"})

    place.wire.fault = redirect
    _fails(place, "Unknown")
    assert "elsewhere.example" not in place.wire.hosts


def says_what_is_too_long(place: Place) -> None:
    words, number = place.too_long
    error = _fails(place, "Rejected", text(words))
    assert number in error.message
    assert error.code
    assert place.seen() == []


def is_told_when_the_credentials_are_wrong(place: Place) -> None:
    place.wire.inner = httpx.MockTransport(lambda _: httpx.Response(401, json={"error": "AuthenticationRequired"}))
    _fails(place, "NotAllowed")


def shows_no_secret(place: Place) -> None:
    assert place.secret not in repr(place.network) + str(place.network)


def reads_numbers_and_leaves_out_what_is_gone(place: Place) -> None:
    kept, gone = place.publish(text("Kept"), "kept/test"), place.publish(text("Gone"), "gone/test")
    assert isinstance(place.network, CanDelete)
    place.network.delete(gone)
    stats = list(place.network.measure([kept, gone]))
    assert {stat.receipt for stat in stats} == {kept.id}
    assert {stat.metric for stat in stats} >= place.metrics
    assert all(stat.value >= 0 for stat in stats)


def knows_its_account(place: Place) -> None:
    account = place.network.account()
    assert account.id
    assert account.handle.removeprefix("@").startswith("lumenvelo")
    assert account.url.startswith(("http://", "https://")) if place.has_pages else account.url == ""


def deletes_what_is_there_and_what_is_not(place: Place) -> None:
    receipt = place.publish(text())
    assert isinstance(place.network, CanDelete)
    place.network.delete(receipt)
    place.network.delete(receipt)
    assert place.seen() == []
    if place.network.idempotency is not Idempotency.HANDLE:  # a handle may still say that it was shown once
        assert place.find(text()) is None


def _fails(place: Place, expected: str, part: Part | None = None) -> Any:
    """Publish, expect the error, and look that nothing was tried twice and no secret shown; return the error."""
    before = len(place.wire.published)
    caught: NetworkError | None = None
    try:
        place.publish(part or text())
    except NetworkError as error:
        caught = error
    assert type(caught).__name__ == expected
    assert len(place.wire.published) - before <= 1
    assert caught is not None
    shown = place.told(caught)
    assert place.secret not in shown
    assert "Bearer" not in shown
    return caught


PROMISES: Sequence[Callable[[Place], None]] = (
    publishes_a_text_once,
    publishes_pictures_with_their_words_in_order,
    hangs_a_thread_together,
    publishes_one_post_for_one_key,
    has_a_key_for_each_part_that_stays,
    finds_what_was_sent_though_the_answer_was_lost,
    finds_nothing_when_the_request_was_lost,
    tells_a_request_that_never_left,
    fails_with(401, "NotAllowed"),
    fails_with(403, "NotAllowed"),
    fails_with(404, "Rejected"),
    fails_with(413, "Rejected"),
    fails_with(422, "Rejected", b'{"error":"no"}'),
    fails_with(429, "TryLater"),
    fails_with(408, "Unknown"),
    fails_with(409, "Unknown"),
    fails_with(500, "Unknown"),
    fails_with(502, "Unknown", b"<html>bad gateway</html>"),
    fails_with(503, "Unknown", Retry_After="30"),
    fails_with(504, "Unknown"),
    fails_with(200, "Unknown", b"<html><body>Welcome</body></html>"),
    fails_with(200, "Unknown", b"{}"),
    fails_with(200, "Unknown", b"[]"),
    fails_with(200, "Unknown", b'{"id": "1", "created_at": "2026-12-'),
    fails_with(200, "Unknown", b'{"id": "../../x", "created_at": "2026-12-06T09:00:00Z", "url": "https://e.org/1"}'),
    fails_with(200, "Unknown", b'{"id": "1", "created_at": "2026-12-06T09:00:00Z", "url": "javascript:alert(1)"}'),
    fails_with(200, "Unknown", b'{"uri": "at://did:plc:other/app.bsky.feed.post/222", "cid": "bafyreiaaaa"}'),
    fails_with(200, "Unknown", b"x" * 9_000_000),
    fails_with(204, "Unknown"),
    fails_with(301, "Unknown", Location="https://elsewhere.example/"),
    is_not_led_elsewhere,
    says_what_is_too_long,
    is_told_when_the_credentials_are_wrong,
    shows_no_secret,
    reads_numbers_and_leaves_out_what_is_gone,
    knows_its_account,
    deletes_what_is_there_and_what_is_not,
)
