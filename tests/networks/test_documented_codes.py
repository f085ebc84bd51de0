"""Every code that the networks' documents name for a refusal and no other test does, with what the caller may do."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import httpx
import pytest

from networks import stub_discord, stub_telegram
from networks.contract import CLAIMED, text
from networks.fakes import DATE, SECRET, FakeBluesky, FakeMastodon, answer
from networks.stub_youtube import refusal
from networks.test_youtube import KEY, Channel, film, upload
from socialops.errors import NetworkError, NotAllowed, Rejected, TryLater, Unknown
from socialops.http import Http
from socialops.networks import connect
from socialops.networks.base import Login

UPDATE = ("PUT", "/youtube/v3/videos")
THUMBNAIL = ("POST", "/upload/youtube/v3/thumbnails/set")


@pytest.mark.parametrize(
    ("where", "status", "reason", "error"),
    [
        (UPDATE, 400, "invalidPublishAt", Rejected),
        (UPDATE, 400, "invalidFilename", Rejected),
        (UPDATE, 400, "defaultLanguageNotSet", Rejected),
        (UPDATE, 400, "invalidVideoMetadata", Rejected),
        (UPDATE, 400, "failedPrecondition", Rejected),
        (UPDATE, 403, "forbidden", NotAllowed),
        (THUMBNAIL, 400, "imageFormatUnsupported", Rejected),
        (THUMBNAIL, 400, "imageTooTall", Rejected),
        (THUMBNAIL, 400, "imageTooWide", Rejected),
        (THUMBNAIL, 400, "mediaBodyRequired", Rejected),
    ],
)
def test_reasons_of_youtube(where: tuple[str, str], status: int, reason: str, error: type[NetworkError]) -> None:
    channel = Channel()
    channel.server.fail_once(*where, refusal(status, reason))
    pictured = film()
    if where is THUMBNAIL:
        item = replace(pictured.attachments[0], mime="image/jpeg")
        media = (*pictured.uploads, upload("image/jpeg", b"jpeg"))
        pictured = replace(pictured, attachments=(*pictured.attachments, item), uploads=media)
    with pytest.raises(error) as raised:
        channel.publish(pictured)
    assert raised.value.code == reason
    assert raised.value.hint
    assert channel.server.public() == []


@pytest.mark.parametrize(
    ("field", "state", "reason"),
    [
        *(("failureReason", "failed", reason) for reason in ("conversion", "invalidFile", "emptyFile", "tooSmall")),
        *(("failureReason", "failed", reason) for reason in ("codec", "uploadAborted")),
        *(("rejectionReason", "rejected", reason) for reason in ("copyright", "inappropriate", "duplicate")),
    ],
)
def test_verdicts_of_youtube(field: str, state: str, reason: str) -> None:
    channel = Channel()
    channel.server.verdict = {"uploadStatus": state, field: reason}
    handle = channel.network.prepare(film(), key=KEY)
    with pytest.raises(Rejected) as raised:
        channel.network.publish(replace(film(), handle=handle), key=KEY)
    assert raised.value.code == reason


def bluesky(reply: httpx.Response) -> Any:
    server = FakeBluesky()

    def refuses(request: httpx.Request) -> httpx.Response:
        return reply if request.url.path.endswith("putRecord") else server(request)

    login = Login("bluesky", "lumenvelo.example", server.base, SECRET)
    return connect("bluesky", login, Http(transport=httpx.MockTransport(refuses)))


@pytest.mark.parametrize(
    ("status", "name", "error"),
    [
        (400, "InvalidRequest", Rejected),
        (400, "BlobNotFound", TryLater),
        (400, "InvalidSwap", Unknown),
        (401, "AuthenticationRequired", NotAllowed),
        (401, "AccountTakedown", NotAllowed),
        (401, "AuthFactorTokenRequired", NotAllowed),
        (401, "AuthMissing", NotAllowed),
        (401, "InvalidToken", NotAllowed),
        (413, "PayloadTooLarge", Rejected),
        (429, "RateLimitExceeded", TryLater),
        (500, "InternalServerError", Unknown),
        (502, "UpstreamFailure", Unknown),
        (503, "NotEnoughResources", Unknown),
    ],
)
def test_names_of_bluesky(status: int, name: str, error: type[NetworkError]) -> None:
    network = bluesky(answer(status, {"error": name, "message": SECRET}))
    with pytest.raises(error) as raised:
        network.publish(text(), key=network.key("a/bluesky", 0, CLAIMED))
    assert raised.value.code == name
    assert SECRET not in str(raised.value)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, NotAllowed),
        (403, NotAllowed),
        (404, Rejected),
        (410, Rejected),
        (422, Rejected),
        (429, TryLater),
        (500, Unknown),
        (503, Unknown),
    ],
)
def test_statuses_of_mastodon(status: int, error: type[NetworkError]) -> None:
    server = FakeMastodon()

    def refuses(request: httpx.Request) -> httpx.Response:
        if (request.method, request.url.path) == ("POST", "/api/v1/statuses"):
            return answer(status, {"error": SECRET})
        return server(request)

    login = Login("mastodon", "@lumenvelo", server.base, SECRET)
    network = connect("mastodon", login, Http(transport=httpx.MockTransport(refuses)))
    with pytest.raises(error) as raised:
        network.publish(text(), key="k")
    assert raised.value.code == str(status)


def test_a_group_that_became_a_supergroup_is_named() -> None:
    words = "Bad Request: group chat was upgraded to a supergroup chat"
    reply = stub_telegram.refuse(400, words, migrate_to_chat_id=-1001234567890)
    login = Login("telegram", "@lumenvelo", "", stub_telegram.TOKEN, settings={"chat": "@lumenvelo"})
    network = connect("telegram", login, Http(transport=httpx.MockTransport(lambda _: reply)))
    with pytest.raises(NotAllowed) as raised:
        network.publish(text(), key="k")
    assert raised.value.code == "400 chat moved"


def test_a_limit_of_all_of_discord_is_waited_for() -> None:
    server = stub_discord.FakeDiscord()
    headers = {"Date": DATE, "Retry-After": "65", "X-RateLimit-Global": "true", "X-RateLimit-Scope": "global"}
    body = {"message": "You are being rate limited.", "retry_after": 64.57, "global": True}

    def refuses(request: httpx.Request) -> httpx.Response:
        return httpx.Response(429, json=body, headers=headers) if request.method == "POST" else server(request)

    login = Login("discord", "lumenvelo", "", stub_discord.BOT, settings={"channel": stub_discord.CHANNEL})
    network = connect("discord", login, Http(transport=httpx.MockTransport(refuses)))
    with pytest.raises(TryLater) as raised:
        network.publish(text(), key="k")
    assert raised.value.after.total_seconds() == pytest.approx(64.57)
