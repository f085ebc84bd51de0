"""The description of Mastodon's API as a judge: what it lets through, and what it does not."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from networks import mastodon_spec
from networks.fakes import FakeMastodon

pytestmark = pytest.mark.skipif(
    not mastodon_spec.SCHEMA.is_file(), reason="the description of Mastodon's API is not beside the repository"
)
BASE = "https://mastodon.example"
TOKEN = {"Authorization": "Bearer x"}
POLL = {"poll[options][]": ["Front", "Rear"], "poll[expires_in]": "86400", "poll[multiple]": "true"}


def send(method: str, path: str, **more: Any) -> httpx.Request:
    request = httpx.Request(method, BASE + path, **{"headers": TOKEN, **more})
    request.read()
    return request


def status(**fields: Any) -> httpx.Request:
    return send("POST", "/api/v1/statuses", data=fields)


def media(**more: Any) -> httpx.Request:
    return send("POST", "/api/v2/media", **more)


def test_what_mastodon_documents_is_let_through() -> None:
    file = {"file": ("picture.png", b"x", "image/png")}
    good = [
        status(status="Kış", visibility="unlisted", sensitive="true", spoiler_text="x", language="tr"),
        status(status="Kış", in_reply_to_id="42", **{"media_ids[]": ["1", "2"]}),
        status(status="Which?", **POLL),
        send("POST", "/api/v1/statuses", json={"status": "Kış", "poll": {"options": ["a"], "expires_in": 300}}),
        media(data={"description": "A lamp", "focus": "0.000,-0.500"}, files=file),
        send("GET", "/api/v1/statuses?id[]=1&id[]=2"),
        send("GET", "/api/v1/accounts/1/statuses?limit=40&exclude_reblogs=true&max_id=3"),
        send("DELETE", "/api/v1/statuses/1"),
    ]
    assert [(request, faults) for request in good if (faults := mastodon_spec.faults(request))] == []


def test_what_it_does_not_know_is_told() -> None:
    bad = [
        status(status="Kış", mood="merry"),
        status(status="Kış", visibility="followers"),
        status(status="Kış", sensitive="yes"),
        status(language="tr"),
        status(status="Which?", **{**POLL, "poll[expires_in]": "a day"}),
        status(status="Which?", **{**POLL, "poll[answers][]": ["a"]}),
        send("POST", "/api/v1/statuses", data={"status": "x"}, headers={}),
        send("POST", "/api/v1/statuses?access_token=x", data={"status": "x"}),
        send("POST", "/api/v1/statuses", content=b"status=x"),
        media(data={"file": "x"}, files={"thumbnail": ("x.png", b"x", "image/png")}),
        media(data={"description": "A lamp"}),
        send("GET", "/api/v1/accounts/1/statuses?count=40"),
        send("GET", "/api/v1/accounts/1/statuses?limit=many"),
        send("GET", "/api/v1/status/1"),
        send("DELETE", "/api/v1/statuses/1", content=b"x"),
    ]
    assert [(request, request.content) for request in bad if not mastodon_spec.faults(request)] == []


def test_a_request_that_it_does_not_know_fails_its_test() -> None:
    with pytest.raises(AssertionError):
        FakeMastodon()(status(status="Kış", mood="merry"))
