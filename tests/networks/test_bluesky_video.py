"""Videos on Bluesky's own servers: through the video service, and no post before the video can be played."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest

from networks import atproto_spec
from networks.contract import CLAIMED, with_pictures
from networks.fakes import SECRET, FakeBluesky, answer
from socialops.errors import NetworkError, NotAllowed, Rejected, TryLater
from socialops.http import Http
from socialops.networks.base import Login
from socialops.networks.bluesky import Bluesky
from socialops.networks.bluesky_video import WAITS, is_served
from socialops.networks.draft import Part, Upload

HOME = "https://shiitake.us-east.host.bsky.network"
FILM = Upload(b"moving", "video/mp4", 1080, 1920, "Bir yolculuk", "a" * 64)
PART: Part = replace(
    with_pictures("x"),
    uploads=(FILM,),
    attachments=(replace(with_pictures("x").attachments[0], mime="video/mp4"),),
)
Handler = Callable[[httpx.Request], httpx.Response]


class Studio(FakeBluesky):
    """An account on Bluesky's servers, and the video service (lexicons app.bsky.video, docs.bsky.app)."""

    def __init__(self) -> None:
        super().__init__()
        self.home = HOME
        self.purposes: list[tuple[str, str, bool]] = []
        self.can_upload: dict[str, Any] = {"canUpload": True, "remainingDailyVideos": 24}
        self.states = ["JOB_STATE_CREATED", "JOB_STATE_ENCODING", "JOB_STATE_SCANNING", "JOB_STATE_COMPLETED"]
        self.failure = ""
        self.nested = True
        self.films: dict[str, bytes] = {}

    def __call__(self, request: httpx.Request) -> httpx.Response:
        method, query = request.url.path.removeprefix("/xrpc/"), request.url.params
        if request.url.host == "video.bsky.app":
            return self.service(request, method)
        if method == "com.atproto.server.getServiceAuth":
            self.requests.append(request)
            if atproto_spec.LEXICONS.is_dir():
                assert atproto_spec.faults(request) == []
            self.purposes.append((query["aud"], query["lxm"], "exp" in query))
            return answer(200, {"token": f"for {query['lxm']}"})
        return super().__call__(request)

    def service(self, request: httpx.Request, method: str) -> httpx.Response:
        self.requests.append(request)
        bearer = request.headers["Authorization"].removeprefix("Bearer ")
        assert SECRET not in bearer, "the account's own token goes to its own server alone"
        if method == "app.bsky.video.getUploadLimits":
            assert bearer == "for app.bsky.video.getUploadLimits"
            return answer(200, self.can_upload)
        assert bearer == "for com.atproto.repo.uploadBlob"
        if method == "app.bsky.video.uploadVideo":
            assert request.url.params["did"] == self.did
            assert request.headers["Content-Type"] == "video/mp4"
            job = hashlib.sha256(request.content).hexdigest()[:12]
            if job in self.films:
                return answer(409, {"error": "already_exists", "jobId": job, "blob": self.blob(job)})
            self.films[job] = request.content
            return self.told({"jobId": job, "did": self.did, "state": "JOB_STATE_CREATED"})
        assert method == "app.bsky.video.getJobStatus"
        state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        job = request.url.params["jobId"]
        status: dict[str, Any] = {"jobId": job, "did": self.did, "state": state}
        if state == "JOB_STATE_COMPLETED":
            status["blob"] = self.blob(job)
        if state == "JOB_STATE_FAILED":
            status |= {"failureCode": self.failure, "message": SECRET}
        return self.told(status)

    def told(self, status: dict[str, Any]) -> httpx.Response:
        return answer(200, {"jobStatus": status} if self.nested else status)

    def blob(self, job: str) -> dict[str, Any]:
        data = self.films[job]
        cid = "bafkrei" + hashlib.sha256(data).hexdigest()
        self.blobs[cid] = data
        return {"$type": "blob", "ref": {"$link": cid}, "mimeType": "video/mp4", "size": len(data)}


def publish(handler: Handler, waits: list[float] | None = None) -> str:
    login = Login("bluesky", "lumenvelo.example", "https://bsky.social", SECRET)
    wait = ([] if waits is None else waits).append
    network = Bluesky(login, Http(transport=httpx.MockTransport(handler)), wait=wait)
    key = network.key("launch/bluesky", 0, CLAIMED)
    network.publish(PART, key=key)
    return key


@pytest.mark.parametrize("nested", [True, False])
def test_a_video_is_posted_when_it_can_be_played(nested: bool) -> None:
    server, waits = Studio(), list[float]()
    server.nested = nested
    embed = server.records[publish(server, waits)]["embed"]
    assert (embed["$type"], embed["alt"]) == ("app.bsky.embed.video", "Bir yolculuk")
    assert embed["aspectRatio"] == {"width": 1080, "height": 1920}
    assert server.blobs[embed["video"]["ref"]["$link"]] == b"moving"
    assert waits == list(WAITS[:4])
    assert server.purposes == [
        ("did:web:video.bsky.app", "app.bsky.video.getUploadLimits", False),
        ("did:web:shiitake.us-east.host.bsky.network", "com.atproto.repo.uploadBlob", True),
    ]


def test_a_video_that_takes_long_is_tried_later_and_then_known() -> None:
    server, waits = Studio(), list[float]()
    server.states = ["JOB_STATE_ENCODING"]
    with pytest.raises(TryLater) as raised:
        publish(server, waits)
    assert (raised.value.code, server.records, waits) == ("processing", {}, list(WAITS))
    assert server.records[publish(server)]["embed"]["video"]["mimeType"] == "video/mp4"


@pytest.mark.parametrize(
    ("failure", "error"),
    [
        ("validation_failure", Rejected),
        ("encoding_failure", Rejected),
        ("pds_upload_unsupported_blob_size", Rejected),
        ("pds_upload_failure", TryLater),
        ("generic_failure", TryLater),
    ],
)
def test_a_video_that_fails_is_no_post(failure: str, error: type[NetworkError]) -> None:
    server = Studio()
    server.states, server.failure = ["JOB_STATE_FAILED"], failure
    with pytest.raises(error) as raised:
        publish(server)
    assert (raised.value.code, server.records) == (failure, {})
    assert SECRET not in str(raised.value)


def test_no_more_videos_today() -> None:
    server = Studio()
    server.can_upload = {"canUpload": False, "error": "DailyLimit", "message": "User has reached the limit"}
    with pytest.raises(TryLater) as raised:
        publish(server)
    assert (raised.value.code, server.films, server.records) == ("DailyLimit", {}, {})


@pytest.mark.parametrize("method", ["getServiceAuth", "uploadVideo", "getJobStatus", "getUploadLimits"])
@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, (Rejected, TryLater)),
        (401, (NotAllowed,)),
        (413, (Rejected, TryLater)),
        (429, (TryLater,)),
        (503, (TryLater,)),
    ],
)
def test_whatever_the_service_refuses_there_is_no_post(method: str, status: int, error: Any) -> None:
    server = Studio()

    def refuses(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith(method):
            return answer(status, {"error": "SomeTrouble", "message": SECRET})
        return server(request)

    if method == "getUploadLimits":
        publish(refuses)  # the upload itself would have said no
        assert len(server.records) == 1
        return
    with pytest.raises(error) as raised:
        publish(refuses)
    assert server.records == {}
    assert SECRET not in str(raised.value)


@pytest.mark.parametrize("method", ["getServiceAuth", "uploadVideo", "getJobStatus"])
def test_a_lost_answer_of_the_service_is_tried_later(method: str) -> None:
    server = Studio()

    def breaks(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith(method):
            raise httpx.ReadTimeout("slow", request=request)
        return server(request)

    with pytest.raises(TryLater):
        publish(breaks)
    assert server.records == {}


@pytest.mark.parametrize(
    ("home", "served"),
    [
        ("https://bsky.social", True),
        (HOME, True),
        ("https://pds.example", False),
        ("https://bsky.network.example", False),
        ("https://evilbsky.network", False),
        ("http://bsky.social", False),
    ],
)
def test_only_bluesky_s_own_servers_are_served(home: str, served: bool) -> None:
    assert is_served(home) is served
