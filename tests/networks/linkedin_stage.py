"""What the tests of LinkedIn share: a page, a member, and wires that fail."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx

from networks.contract import text
from networks.stub_linkedin import NOW, ORGANIZATION, SECRET, StubLinkedIn, answer
from socialops.http import Http
from socialops.networks import default_limits
from socialops.networks.base import Login
from socialops.networks.draft import Attachment, Fit, Part, Upload
from socialops.networks.linkedin import LinkedIn

PAGE_LOGIN = Login("linkedin", "lumenvelo", "", SECRET, settings={"organization": "2414183"})
MEMBER_LOGIN = Login("linkedin-ayse", "lumenvelo-ayse", "", SECRET)
KEY = LinkedIn(PAGE_LOGIN, Http(transport=httpx.MockTransport(lambda _: answer(500)))).key("launch/linkedin", 0, NOW)
LIMITS = default_limits("linkedin")
Handler = Callable[[httpx.Request], httpx.Response]


def page(handler: Handler, waits: list[float] | None = None) -> LinkedIn:
    http = Http(transport=httpx.MockTransport(handler))
    return LinkedIn(PAGE_LOGIN, http, wait=([] if waits is None else waits).append)


def member(handler: Handler, waits: list[float] | None = None) -> LinkedIn:
    http = Http(transport=httpx.MockTransport(handler))
    return LinkedIn(MEMBER_LOGIN, http, wait=([] if waits is None else waits).append)


def video(data: bytes = b"\0\0\0\x18ftypmp42" * 10) -> Part:
    fit = Fit(10**9, 10**9, 10**5, ("video/mp4",))
    attachment = Attachment("posts/ride.mp4", "", "video/mp4", 0, 0, len(data), "1" * 64, fit)
    upload = Upload(data, "video/mp4", 0, 0, "", "1" * 64)
    return text("A ride", kind="video", attachments=(attachment,), uploads=(upload,))


def lost(request: httpx.Request) -> httpx.Response:
    raise httpx.ReadError("reset", request=request)


def unreached(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("refused", request=request)


def replies_to(path: str, server: Handler, reply: Handler) -> Handler:
    return lambda request: reply(request) if request.url.path.startswith(path) else server(request)


def old(server: StubLinkedIn, number: int, **changes: Any) -> None:
    for index in range(number):
        body = {"author": ORGANIZATION, "commentary": f"Post {index}", "lifecycleState": "PUBLISHED", **changes}
        server.add({"visibility": "PUBLIC", **body})
