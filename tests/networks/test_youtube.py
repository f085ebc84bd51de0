"""YouTube: a video is made ready where nobody sees it, shown by one update, and never there twice."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from networks.contract import PROMISES, SINCE, Place, Seen, place
from networks.stub_youtube import PLAYLIST, SECRET, FakeYouTube, answer, refusal
from socialops.errors import CredentialsError, NetworkError, NotAllowed, Rejected, TryLater, Unknown
from socialops.http import Http
from socialops.networks import connect
from socialops.networks.base import Login
from socialops.networks.draft import Attachment, Fit, Part, Receipt, Upload
from socialops.networks.youtube import CHUNK, MEDIA_WAITS, YouTube

LOGIN = Login("film", "@lumenvelo", "", SECRET)
FILM = bytes(range(256)) * 40
FIT = Fit(2_000_000, 8_294_400, 3840, ("image/jpeg",))
KEY = "0123abcd" * 8


def attachment(mime: str) -> Attachment:
    return Attachment(f"posts/file.{mime[-3:]}", "A lamp in the snow", mime, 1080, 1920, len(FILM), "0" * 64, FIT)


def upload(mime: str, data: bytes = FILM) -> Upload:
    return Upload(data, mime, 1080, 1920, "A lamp in the snow", "0" * 64)


def film(words: str = "Işık açık. אור בחורף", *, data: bytes = FILM, **changes: Any) -> Part:
    part = Part(
        words,
        attachments=(attachment("video/mp4"),),
        uploads=(upload("video/mp4", data),),
        lang="tr",
        visibility="public",
        kind="video",
        title="Kış ışığı",
    )
    return replace(part, **changes)


class Channel:
    """An adapter over the small YouTube, and how long it waited."""

    def __init__(self) -> None:
        self.server = FakeYouTube()
        self.waited: list[float] = []
        self.network = self.again()

    def again(self) -> YouTube:
        return YouTube(LOGIN, Http(transport=httpx.MockTransport(self.server)), wait=self.waited.append)

    def publish(self, part: Part, key: str = KEY) -> Receipt:
        handle = self.network.prepare(part, key=key)
        return self.network.publish(replace(part, handle=handle), key=key)

    def sent(self, method: str, path: str) -> list[httpx.Request]:
        return [r for r in self.server.requests if r.method == method and r.url.path == path]


@pytest.fixture
def channel() -> Channel:
    return Channel()


# --- The contract -----------------------------------------------------------------------------------------------------

NOT_HERE = {
    # Nothing but videos: no pictures, no threads, and no key but the handle.
    "publishes_pictures_with_their_words_in_order",
    "hangs_a_thread_together",
    "publishes_one_post_for_one_key",
}


def youtube(folder: Path) -> Iterator[Place]:
    server = FakeYouTube()
    yield place(
        "youtube",
        httpx.MockTransport(server),
        lambda http: connect("youtube", LOGIN, http),
        lambda request: request.method == "PUT" and request.url.path == "/youtube/v3/videos",
        lambda: [Seen(video["id"], video["snippet"]["description"]) for video in server.public()],
        SECRET,
        folder,
        metrics=frozenset({"views", "likes", "replies"}),
        dress=lambda part: film(part.text, visibility=part.visibility),
        too_long=("ı" * 2501, "5002"),
    )


@pytest.mark.parametrize(
    "promise", [promise for promise in PROMISES if promise.__name__ not in NOT_HERE], ids=lambda p: p.__name__
)
def test_contract(promise: Callable[[Place], None], tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    for somewhere in youtube(tmp_path):
        promise(somewhere)
        assert SECRET not in caplog.text


# --- What is sent -----------------------------------------------------------------------------------------------------


def test_nothing_can_be_seen_before_the_last_step(channel: Channel) -> None:
    handle = channel.network.prepare(film(), key=KEY)
    (video,) = channel.server.videos.values()
    assert channel.server.public() == []
    assert video["status"]["privacyStatus"] == "private"
    assert channel.server.files[handle] == FILM
    receipt = channel.network.publish(film(handle=handle), key=KEY)
    assert [shown["id"] for shown in channel.server.public()] == [handle]
    assert "tags" not in video["snippet"]
    assert receipt == Receipt(handle, f"https://www.youtube.com/watch?v={handle}", "2026-12-06T09:00:00.000Z")


def test_says_all_that_the_post_says(channel: Channel) -> None:
    options = {
        "category": 28,
        "tags": ["kış", "city bicycle", "#ışık"],
        "made_for_kids": "no",
        "licence": "creativeCommon",
        "embeddable": False,
        "audio_language": "he",
        "labels": ["paid-partnership", "ai-made"],
    }
    receipt = channel.publish(film(options=options, visibility="unlisted"))
    video = channel.server.videos[receipt.id]
    snippet = {key: video["snippet"][key] for key in video["snippet"] if key not in {"publishedAt", "channelId"}}
    assert snippet == {
        "title": "Kış ışığı",
        "description": "Işık açık. אור בחורף",
        "categoryId": "28",
        "tags": ["kış", "city bicycle", "ışık"],
        "defaultLanguage": "tr",
        "defaultAudioLanguage": "he",
    }
    assert video["status"] == {
        "privacyStatus": "unlisted",
        "selfDeclaredMadeForKids": False,
        "containsSyntheticMedia": True,
        "embeddable": False,
        "license": "creativeCommon",
    }
    assert video["paidProductPlacementDetails"] == {"hasPaidProductPlacement": True}


def test_a_reel_is_a_short(channel: Channel) -> None:
    receipt = channel.publish(film(kind="reel"))
    assert receipt.url == f"https://www.youtube.com/shorts/{receipt.id}"


def test_a_video_can_stay_private(channel: Channel) -> None:
    receipt = channel.publish(film(options={"privacy": "private"}))
    assert channel.server.public() == []
    assert "tags" not in channel.server.videos[receipt.id]["snippet"]
    assert (
        channel.network.find(film(options={"privacy": "private"}, handle=receipt.id), key=KEY, since=SINCE) == receipt
    )


def test_subscribers_are_told_unless_the_post_says_no(channel: Channel) -> None:
    channel.publish(film())
    channel.publish(film(options={"notify": "no"}), "b" * 64)
    told = [request.url.params["notifySubscribers"] for request in channel.sent("POST", "/upload/youtube/v3/videos")]
    assert told == ["true", "false"]


def test_a_picture_beside_the_video_is_its_thumbnail(channel: Channel) -> None:
    both = film(
        attachments=(attachment("video/mp4"), attachment("image/jpeg")),
        uploads=(upload("video/mp4"), upload("image/jpeg", b"picture")),
    )
    receipt = channel.publish(both)
    assert channel.server.thumbnails == {receipt.id: b"picture"}


def test_the_video_is_in_its_playlist_once(channel: Channel) -> None:
    part = film(options={"playlist": PLAYLIST})
    handle = channel.network.prepare(part, key=KEY)
    channel.server.fail_once("PUT", "/youtube/v3/videos", answer(503))
    with pytest.raises(Unknown):
        channel.network.publish(replace(part, handle=handle), key=KEY)
    channel.network.publish(replace(part, handle=handle), key=KEY)
    assert channel.server.playlist == [handle]


@pytest.mark.parametrize("playlist", ["PLnotOurs99", "../x"])
def test_a_playlist_that_is_not_there_stops_the_post_before_it_is_seen(channel: Channel, playlist: str) -> None:
    with pytest.raises(Rejected) as caught:
        channel.publish(film(options={"playlist": playlist}))
    assert caught.value.code == "playlistNotFound"
    assert "list=" in caught.value.hint
    assert channel.server.public() == []


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"kind": "text", "attachments": (), "uploads": ()}, "kind"),
        ({"attachments": (attachment("image/png"),)}, "kind"),
        ({"attachments": (attachment("video/mp4"),) * 2}, "kind"),
        ({"attachments": ()}, "kind"),
        ({"kind": "story"}, "kind"),
        ({"title": " "}, "invalidTitle"),
        ({"options": {"privacy": "secret"}}, "option"),
        ({"options": {"made_for_kids": "perhaps"}}, "option"),
    ],
)
def test_what_youtube_has_no_place_for_is_refused_before_anything_is_asked(
    channel: Channel, changes: dict[str, Any], word: str
) -> None:
    with pytest.raises(Rejected) as caught:
        channel.network.prepare(film(**changes), key=KEY)
    assert caught.value.code == word
    assert channel.server.requests == []


def test_a_video_without_its_bytes_is_refused(channel: Channel) -> None:
    with pytest.raises(Rejected):
        channel.network.prepare(film(uploads=()), key=KEY)


def test_a_post_that_was_not_made_ready_is_not_published(channel: Channel) -> None:
    with pytest.raises(Rejected):
        channel.network.publish(film(), key=KEY)
    assert channel.server.requests == []


# --- Uploading --------------------------------------------------------------------------------------------------------

LONG = bytes(range(251)) * 70_000


def test_a_long_video_goes_in_chunks(channel: Channel) -> None:
    handle = channel.network.prepare(film(data=LONG), key=KEY)
    ranges = [request.headers["Content-Range"] for request in channel.sent("PUT", "/upload/youtube/v3/videos")]
    size = len(LONG)
    assert ranges == [f"bytes {a}-{min(a + CHUNK, size) - 1}/{size}" for a in range(0, size, CHUNK)]
    assert channel.server.files[handle] == LONG


def test_an_upload_goes_on_where_the_server_says_that_it_ends(channel: Channel) -> None:
    channel.server.keeps = 3 * 256 * 1024
    handle = channel.network.prepare(film(data=LONG[:4_000_000]), key=KEY)
    assert channel.server.files[handle] == LONG[:4_000_000]


def test_the_lost_answer_to_the_last_byte_is_asked_for_again(channel: Channel) -> None:
    lost: list[httpx.Request] = []

    def lose(request: httpx.Request) -> httpx.Response:
        response = channel.server(request)
        if request.method == "PUT" and not lost:
            lost.append(request)
            raise httpx.ReadError("reset", request=request)
        return response

    network = YouTube(LOGIN, Http(transport=httpx.MockTransport(lose)))
    handle = network.prepare(film(), key=KEY)
    assert list(channel.server.videos) == [handle]
    probe = channel.sent("PUT", "/upload/youtube/v3/videos")[-1]
    assert (probe.headers["Content-Range"], probe.content) == (f"bytes */{len(FILM)}", b"")


@pytest.mark.parametrize("status", [500, 502, 503])
def test_an_upload_lives_through_one_fault_of_the_server(channel: Channel, status: int) -> None:
    channel.server.fail_once("PUT", "/upload/", answer(status))
    channel.network.prepare(film(), key=KEY)
    assert len(channel.server.videos) == 1


@pytest.mark.parametrize("status", [404, 410, 500, 308])
def test_an_upload_that_gets_nowhere_is_tried_later(channel: Channel, status: int) -> None:
    def stuck(request: httpx.Request) -> httpx.Response:
        if request.method == "PUT":
            return answer(status)
        return channel.server(request)

    with pytest.raises(TryLater):
        YouTube(LOGIN, Http(transport=httpx.MockTransport(stuck))).prepare(film(), key=KEY)
    assert channel.server.videos == {}


def test_a_video_that_a_broken_run_left_is_used_again(channel: Channel) -> None:
    left = channel.network.prepare(film(), key=KEY)
    other = channel.again().prepare(film(), key="f" * 64)
    assert channel.again().prepare(film(), key=KEY) == left
    assert list(channel.server.files) == [left, other]


def test_a_video_that_failed_is_not_used_again(channel: Channel) -> None:
    left = channel.network.prepare(film(), key=KEY)
    channel.server.verdict = {"uploadStatus": "failed", "failureReason": "codec"}
    assert channel.again().prepare(film(), key=KEY) != left


def test_a_handle_whose_video_is_gone_makes_a_new_one(channel: Channel) -> None:
    handle = channel.network.prepare(film(), key=KEY)
    assert channel.network.prepare(film(handle=handle), key=KEY) == handle
    channel.network.delete(Receipt(handle, "", ""))
    assert channel.network.prepare(film(handle=handle), key=KEY) != handle


@pytest.mark.parametrize(
    "host",
    [
        "https://elsewhere.example",
        "http://www.googleapis.com",
        "https://googleapis.com.evil.example",
        "https://x@a.googleapis.com",
    ],
)
def test_no_byte_goes_where_a_session_should_not_be(channel: Channel, host: str) -> None:
    channel.server.session_host = host
    with pytest.raises(TryLater):
        channel.network.prepare(film(), key=KEY)
    assert channel.sent("PUT", "/upload/youtube/v3/videos") == []


def test_a_session_may_be_on_another_host_of_googles(channel: Channel) -> None:
    channel.server.session_host = "https://youtube.googleapis.com"
    assert channel.network.prepare(film(), key=KEY) in channel.server.videos


def test_the_token_goes_to_no_host_that_a_channel_names() -> None:
    with pytest.raises(CredentialsError):
        connect("youtube", replace(LOGIN, host="https://elsewhere.example"), Http())


# --- Processing -------------------------------------------------------------------------------------------------------


def test_waits_until_the_video_is_processed(channel: Channel) -> None:
    handle = channel.network.prepare(film(), key=KEY)
    channel.server.reads_until_processed = 3
    channel.network.publish(film(handle=handle), key=KEY)
    assert channel.waited == list(MEDIA_WAITS[:3])
    assert len(channel.server.public()) == 1


def test_a_slow_video_is_published_by_a_later_run(channel: Channel) -> None:
    handle = channel.network.prepare(film(), key=KEY)
    channel.server.reads_until_processed = 100
    with pytest.raises(TryLater) as caught:
        channel.network.publish(film(handle=handle), key=KEY)
    assert caught.value.code == "processing"
    assert sum(channel.waited) <= 95
    assert channel.server.public() == []
    channel.server.reads_until_processed = 0
    channel.network.publish(film(handle=channel.network.prepare(film(handle=handle), key=KEY)), key=KEY)
    assert [video["id"] for video in channel.server.public()] == [handle]


@pytest.mark.parametrize(
    ("verdict", "code"),
    [
        ({"uploadStatus": "failed", "failureReason": "codec"}, "codec"),
        ({"uploadStatus": "failed", "failureReason": "<b>"}, "failed"),
        ({"uploadStatus": "rejected", "rejectionReason": "duplicate"}, "duplicate"),
        ({"uploadStatus": "rejected", "rejectionReason": "copyright"}, "copyright"),
        ({"uploadStatus": "deleted"}, "deleted"),
    ],
)
def test_what_youtube_does_not_take_is_never_shown(channel: Channel, verdict: dict[str, str], code: str) -> None:
    handle = channel.network.prepare(film(), key=KEY)
    channel.server.verdict = verdict
    with pytest.raises(Rejected) as caught:
        channel.network.publish(film(handle=handle), key=KEY)
    assert caught.value.code == code
    assert caught.value.hint
    assert channel.server.public() == []


def test_a_video_that_is_shown_already_is_only_read(channel: Channel) -> None:
    receipt = channel.publish(film())
    again = channel.again().publish(film(handle=receipt.id), key=KEY)
    assert again == receipt
    assert len(channel.sent("PUT", "/youtube/v3/videos")) == 1


def test_an_unaudited_project_is_told_what_to_do(channel: Channel) -> None:
    channel.server.locked_to_private = True
    with pytest.raises(NotAllowed) as caught:
        channel.publish(film())
    assert "audit" in caught.value.hint


# --- Refusals ---------------------------------------------------------------------------------------------------------

ERRORS: list[tuple[int, str, type[NetworkError]]] = [
    (403, "quotaExceeded", TryLater),
    (403, "dailyLimitExceeded", TryLater),
    (403, "rateLimitExceeded", TryLater),
    (403, "userRateLimitExceeded", TryLater),
    (429, "", TryLater),
    (400, "uploadLimitExceeded", TryLater),
    (401, "authError", NotAllowed),
    (401, "youtubeSignupRequired", NotAllowed),
    (403, "forbidden", NotAllowed),
    (403, "insufficientPermissions", NotAllowed),
    (400, "invalidTitle", Rejected),
    (400, "invalidDescription", Rejected),
    (400, "invalidTags", Rejected),
    (400, "invalidCategoryId", Rejected),
    (400, "invalidVideoMetadata", Rejected),
    (400, "mediaBodyRequired", Rejected),
    (412, "failedPrecondition", Rejected),
    (404, "videoNotFound", Rejected),
]


@pytest.mark.parametrize(("status", "reason", "expected"), ERRORS)
@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_every_refusal_says_what_may_be_done(
    channel: Channel, method: str, status: int, reason: str, expected: type[NetworkError]
) -> None:
    path = "/upload/youtube/v3/videos" if method == "POST" else "/youtube/v3/videos"
    channel.server.fail_once(method, path, refusal(status, reason, f"told {SECRET}"))
    with pytest.raises(expected) as caught:
        channel.publish(film())
    assert type(caught.value) is expected
    assert SECRET not in str(vars(caught.value))
    assert caught.value.code == (reason or str(status))
    assert caught.value.code in str(caught.value)
    assert channel.server.public() == []


def test_a_fault_before_anything_can_be_seen_is_never_unknown(channel: Channel) -> None:
    for status in (500, 503, 408, 200):
        channel.server.fail_once("POST", "/upload/youtube/v3/videos", answer(status))
        with pytest.raises(TryLater):
            channel.network.prepare(film(), key=KEY)


@pytest.mark.parametrize(
    ("date", "hours"),
    [
        ("Sun, 06 Dec 2026 07:59:00 GMT", 0),  # 23:59 in California
        ("Sun, 06 Dec 2026 08:00:00 GMT", 24),
        ("Sat, 14 Mar 2026 09:00:00 GMT", 22),  # the day before the clocks change: 02:00, and 24 h that day
        ("Sun, 08 Mar 2026 08:30:00 GMT", 22),  # the day of 23 hours, at 00:30
        ("", 1),
    ],
)
def test_a_used_up_quota_waits_for_midnight_in_california(channel: Channel, date: str, hours: int) -> None:
    response = refusal(403, "quotaExceeded")
    response.headers["Date"] = date
    channel.server.fail_once("GET", "/youtube/v3/channels", response)
    with pytest.raises(TryLater) as caught:
        channel.network.prepare(film(), key=KEY)
    assert caught.value.after // timedelta(hours=1) == hours
    assert caught.value.after > timedelta(minutes=1)


def test_an_expired_token_says_where_a_new_one_goes(channel: Channel) -> None:
    old = YouTube(replace(LOGIN, token="ya29.old"), Http(transport=httpx.MockTransport(channel.server)))
    with pytest.raises(NotAllowed) as caught:
        old.account()
    assert "hour" in caught.value.hint
    assert "ya29" not in str(vars(caught.value))


# --- Looking ----------------------------------------------------------------------------------------------------------


def test_a_video_that_is_only_made_ready_is_not_there_yet(channel: Channel) -> None:
    handle = channel.network.prepare(film(), key=KEY)
    assert channel.network.find(film(handle=handle), key=KEY, since=SINCE) is None


def test_looking_without_a_handle_or_an_answer_proves_nothing(channel: Channel) -> None:
    with pytest.raises(Unknown):
        channel.network.find(film(), key=KEY, since=SINCE)
    channel.server.fail_once("GET", "/youtube/v3/videos", answer(500))
    with pytest.raises(Unknown):
        channel.network.find(film(handle="vid_0000000"), key=KEY, since=SINCE)


def test_a_video_that_somebody_took_away_is_not_sent_again(channel: Channel) -> None:
    receipt = channel.publish(film())
    channel.network.delete(receipt)
    with pytest.raises(Unknown) as caught:
        channel.network.find(film(handle=receipt.id), key=KEY, since=SINCE)
    assert caught.value.code == "videoNotFound"


def test_numbers_are_read_fifty_at_a_time(channel: Channel) -> None:
    for number in range(120):
        identity = f"vid_{number:07d}"
        channel.server.videos[identity] = {"id": identity, "statistics": {"viewCount": str(number), "likeCount": "x"}}
    receipts = [Receipt(f"vid_{number:07d}", "", "") for number in range(120)]
    stats = list(channel.network.measure([*receipts, Receipt("../x", "", "")]))
    assert len(channel.sent("GET", "/youtube/v3/videos")) == 3
    assert [(stat.metric, stat.value) for stat in stats] == [("views", number) for number in range(120)]


def test_the_account_is_the_channel(channel: Channel) -> None:
    account = channel.network.account()
    assert (account.handle, account.url) == ("@lumenvelo", "https://www.youtube.com/@lumenvelo")
    assert (account.followers, account.posts) == (321, 0)


def test_an_account_without_a_channel_is_told(channel: Channel) -> None:
    channel.server.fail_once("GET", "/youtube/v3/channels", answer(200, {"kind": "x", "pageInfo": {}}))
    with pytest.raises(NotAllowed):
        channel.network.account()


def test_deleting_that_says_nothing_sure_is_unknown(channel: Channel) -> None:
    for status in (500, 400):
        channel.server.fail_once("DELETE", "/youtube/v3/videos", answer(status))
        with pytest.raises(Unknown):
            channel.network.delete(Receipt("vid_0000000", "", ""))


# --- The first comment ------------------------------------------------------------------------------------------------


def test_the_first_comment_stands_below_the_video(channel: Channel) -> None:
    part = film(first_comment="Daha fazlası: https://example.org/")
    handle = channel.network.prepare(part, key=KEY)
    receipt = channel.network.publish(replace(part, handle=handle), key=KEY)
    assert channel.server.first_comments == [(handle, "Daha fazlası: https://example.org/")]
    assert receipt.extra == {"first_comment": "UgComment1"}
    again = channel.network.publish(replace(part, handle=handle), key=KEY)
    assert len(channel.server.first_comments) == 1
    assert again.extra == {"first_comment_trouble": "perhaps there: its answer was lost"}


@pytest.mark.parametrize(
    ("status", "reason", "begins"),
    [(403, "forbidden", "not there"), (403, "quotaExceeded", "not there"), (500, "backendError", "perhaps there")],
)
def test_a_comment_that_fails_leaves_the_video(channel: Channel, status: int, reason: str, begins: str) -> None:
    part = film(first_comment="Merhaba")
    handle = channel.network.prepare(part, key=KEY)
    channel.server.fail_once("POST", "/youtube/v3/commentThreads", refusal(status, reason))
    receipt = channel.network.publish(replace(part, handle=handle), key=KEY)
    assert receipt.id == handle
    assert receipt.extra["first_comment_trouble"].startswith(begins)


def test_nobody_comments_on_a_private_video(channel: Channel) -> None:
    part = film(first_comment="Merhaba", options={"privacy": "private"})
    handle = channel.network.prepare(part, key=KEY)
    receipt = channel.network.publish(replace(part, handle=handle), key=KEY)
    assert receipt.extra["first_comment_trouble"].startswith("not there")
    assert channel.server.first_comments == []
