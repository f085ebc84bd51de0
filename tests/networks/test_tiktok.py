"""TikTok: what the account may do is asked first; a video goes up once, and photos can only be looked for."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from networks.contract import PROMISES, SINCE, Place, Seen, place
from networks.stub_tiktok import MEDIA_HOST, NOW, SECRET, FakeTikTok, answer
from socialops.errors import CredentialsError, NetworkError, NotAllowed, Rejected, TryLater, Unknown
from socialops.http import Http
from socialops.networks import connect, counts, default_limits
from socialops.networks.base import CanDelete, Login
from socialops.networks.draft import Attachment, Fit, Part, Receipt, Upload
from socialops.networks.tiktok import CHUNK, MEDIA_WAITS, TikTok

LOGIN = Login("shorts", "@lumenvelo", "", SECRET, settings={"media_base_url": f"https://{MEDIA_HOST}/posts"})
FILM = bytes(range(256)) * 40
FIT = Fit(20_000_000, 2_073_600, 1920, ("image/jpeg",))
KEY = "0123abcd" * 8
STATUS = "/v2/post/publish/status/fetch/"


def attachment(mime: str, size: int = len(FILM)) -> Attachment:
    return Attachment(f"posts/file.{mime[-3:]}", "A lamp in the snow", mime, 1080, 1920, size, "0" * 64, FIT)


def upload(mime: str, data: bytes) -> Upload:
    return Upload(data, mime, 1080, 1920, "A lamp in the snow", hashlib.sha256(data).hexdigest())


def film(words: str = "Işık açık. אור #kış", *, data: bytes = FILM, **changes: Any) -> Part:
    part = Part(
        words,
        attachments=(attachment("video/mp4", len(data)),),
        uploads=(upload("video/mp4", data),),
        lang="tr",
        visibility="public",
        kind="video",
    )
    return replace(part, **changes)


def photos(words: str = "Two lamps", *, many: int = 2, **changes: Any) -> Part:
    pictures = [upload("image/jpeg", bytes([number]) * 50) for number in range(many)]
    part = Part(
        words,
        attachments=tuple(attachment("image/jpeg") for _ in pictures),
        uploads=tuple(pictures),
        visibility="public",
        kind="carousel",
    )
    return replace(part, **changes)


class Account:
    """An adapter over the small TikTok, and how long it waited."""

    def __init__(self) -> None:
        self.server = FakeTikTok()
        self.waited: list[float] = []
        for picture in photos(many=40).uploads:
            self.server.media[f"{picture.sha256}.jpg"] = (picture.mime, picture.data)
        self.network = self.again()

    def again(self, server: Callable[[httpx.Request], httpx.Response] | None = None) -> TikTok:
        return TikTok(LOGIN, Http(transport=httpx.MockTransport(server or self.server)), wait=self.waited.append)

    def publish(self, part: Part, key: str = KEY) -> Receipt:
        handle = self.network.prepare(part, key=key)
        return self.network.publish(replace(part, handle=handle), key=key)

    def sent(self, path: str) -> list[Any]:
        return [json.loads(r.content) for r in self.server.requests if r.url.path == path and r.content]

    def pieces(self) -> list[httpx.Request]:
        return [request for request in self.server.requests if request.method == "PUT"]


@pytest.fixture
def account() -> Account:
    return Account()


# --- The contract -----------------------------------------------------------------------------------------------------

NEVER = {
    # No alt texts, no threads, no key but the handle, and nothing can be deleted through the API.
    "publishes_pictures_with_their_words_in_order",
    "hangs_a_thread_together",
    "publishes_one_post_for_one_key",
    "reads_numbers_and_leaves_out_what_is_gone",
    "deletes_what_is_there_and_what_is_not",
}
NOT_FOR_VIDEOS = {
    # The address of an upload knows no credentials: such an answer means that this upload is over, and another begins.
    "answers_401_0_as_NotAllowed",
    "answers_403_0_as_NotAllowed",
    "answers_404_0_as_Rejected",
}
NOT_FOR_PHOTOS = {
    # TikTok may not list photos: that they are not listed proves nothing.
    "finds_nothing_when_the_request_was_lost",
    # Nor is there anything that would make a second send harmless; so none is made before they are proved absent.
    "finds_what_was_sent_though_the_answer_was_lost",
}


def videos_place(folder: Path) -> Iterator[Place]:
    server = FakeTikTok()
    yield place(
        "tiktok",
        httpx.MockTransport(server),
        lambda http: TikTok(LOGIN, http, wait=lambda _: None),
        lambda request: request.method == "PUT",
        lambda: [Seen(post["id"], post["info"].get("title", "")) for post in server.posts.values()],
        SECRET,
        folder,
        dress=lambda part: film(part.text, visibility=part.visibility),
        too_long=("ı" * 2201, "2201"),
    )


def photos_place(folder: Path) -> Iterator[Place]:
    server = Account().server
    yield place(
        "tiktok",
        httpx.MockTransport(server),
        lambda http: TikTok(LOGIN, http, wait=lambda _: None),
        lambda request: request.url.path == "/v2/post/publish/content/init/",
        lambda: [Seen(post["id"], post["info"].get("description", "")) for post in server.posts.values()],
        SECRET,
        folder,
        dress=lambda part: photos(part.text, visibility=part.visibility),
        too_long=("ı" * 4001, "4001"),
    )


def promises(without: set[str]) -> pytest.MarkDecorator:
    kept = [promise for promise in PROMISES if promise.__name__ not in without]
    return pytest.mark.parametrize("promise", kept, ids=lambda promise: promise.__name__)


@promises(NEVER | NOT_FOR_VIDEOS)
def test_contract_of_videos(promise: Callable[[Place], None], tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    for somewhere in videos_place(tmp_path):
        promise(somewhere)
        assert SECRET not in caplog.text
        assert "upload_token" not in caplog.text


@promises(NEVER | NOT_FOR_PHOTOS)
def test_contract_of_photos(promise: Callable[[Place], None], tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    for somewhere in photos_place(tmp_path):
        promise(somewhere)
        assert SECRET not in caplog.text


def test_nothing_can_be_deleted(account: Account) -> None:
    assert not isinstance(account.network, CanDelete)


# --- What the account may do ------------------------------------------------------------------------------------------


def test_a_video_goes_out_with_all_that_the_post_says(account: Account) -> None:
    options = {
        "labels": ["paid-partnership", "ai-made"],
        "promotes": "own-brand",
        "comments": "no",
        "duet": False,
        "cover_second": "1.5",
    }
    receipt = account.publish(film(options=options))
    (body,) = account.sent("/v2/post/publish/video/init/")
    assert body["post_info"] == {
        "title": "Işık açık. אור #kış",
        "privacy_level": "PUBLIC_TO_EVERYONE",
        "disable_comment": True,
        "disable_duet": True,
        "disable_stitch": True,  # the account has switched it off
        "video_cover_timestamp_ms": 1500,
        "brand_content_toggle": True,
        "brand_organic_toggle": True,
        "is_aigc": True,
    }
    assert account.server.posts[receipt.id]["data"] == FILM
    assert receipt.url == f"https://www.tiktok.com/@lumenvelo/video/{receipt.id}"
    assert receipt.at == "2026-12-06T09:00:00.000Z"
    assert receipt.extra == {"publish_id": "v_pub_file~v2-1.7000"}


@pytest.mark.parametrize(
    ("privacy", "level"), [("private", "SELF_ONLY"), ("friends", "MUTUAL_FOLLOW_FRIENDS"), ("", "PUBLIC_TO_EVERYONE")]
)
def test_the_post_may_say_who_sees_it(account: Account, privacy: str, level: str) -> None:
    account.publish(film(options={"privacy": privacy or None}))
    assert account.sent("/v2/post/publish/video/init/")[0]["post_info"]["privacy_level"] == level


def test_what_the_account_does_not_offer_is_refused_before_anything_is_sent(account: Account) -> None:
    with pytest.raises(Rejected) as caught:
        account.publish(film(visibility="followers"))
    assert caught.value.code == "privacy_level_option_mismatch"
    assert "public or friends or private" in caught.value.hint
    assert account.sent("/v2/post/publish/video/init/") == []


def test_a_video_can_go_to_the_inbox(account: Account) -> None:
    receipt = account.publish(film(options={"mode": "inbox"}))
    assert account.server.posts == {}
    assert (receipt.id, receipt.url) == ("v_pub_file~v2-1.7000", "https://www.tiktok.com/@lumenvelo")
    assert account.sent("/v2/post/publish/creator_info/query/") == []


def test_photos_are_fetched_from_the_media_host(account: Account) -> None:
    options = {"title": "Headline", "cover": 2, "music": "yes"}
    receipt = account.publish(photos(options=options))
    (body,) = account.sent("/v2/post/publish/content/init/")
    first, second = photos().uploads
    assert body["source_info"] == {
        "source": "PULL_FROM_URL",
        "photo_images": [f"https://{MEDIA_HOST}/posts/{one.sha256}.jpg" for one in (first, second)],
        "photo_cover_index": 1,
    }
    assert body["post_mode"] == "DIRECT_POST"
    assert body["post_info"]["title"] == "Headline"
    assert body["post_info"]["description"] == "Two lamps"
    assert body["post_info"]["auto_add_music"] is True
    assert receipt.url == f"https://www.tiktok.com/@lumenvelo/photo/{receipt.id}"


def test_photos_can_go_to_the_inbox(account: Account) -> None:
    receipt = account.publish(photos(options={"mode": "inbox"}))
    (body,) = account.sent("/v2/post/publish/content/init/")
    assert body["post_mode"] == "MEDIA_UPLOAD"
    assert body["post_info"] == {"description": "Two lamps"}
    assert receipt.id.startswith("p_pub_url")


def test_photos_that_are_not_on_the_media_host_are_refused_before_anything_is_told(account: Account) -> None:
    account.server.media.clear()
    with pytest.raises(Rejected) as caught:
        account.publish(photos())
    assert caught.value.code == "media-host"
    assert account.sent("/v2/post/publish/content/init/") == []


@pytest.mark.parametrize(
    "part",
    [
        film(kind="text", attachments=(), uploads=()),
        film(kind="story"),
        film(attachments=(attachment("video/mp4"),) * 2),
        film(attachments=(attachment("video/mp4"), attachment("image/jpeg"))),
        film(attachments=()),
        film(options={"privacy": "secret"}),
        film(options={"duet": "perhaps"}),
        film(options={"cover_second": "soon"}),
    ],
)
def test_what_tiktok_has_no_place_for_is_refused_before_anything_is_asked(account: Account, part: Part) -> None:
    with pytest.raises(Rejected) as caught:
        account.network.prepare(part, key=KEY)
    assert caught.value.code in {"kind", "option"}
    assert account.server.requests == []


def test_media_that_were_not_made_ready_are_refused(account: Account) -> None:
    with pytest.raises(Rejected):
        account.network.prepare(film(uploads=()), key=KEY)
    with pytest.raises(Rejected):
        account.network.publish(film(), key=KEY)


def test_the_token_goes_to_no_host_that_a_channel_names() -> None:
    with pytest.raises(CredentialsError):
        connect("tiktok", replace(LOGIN, host="https://elsewhere.example"), Http())


# --- Uploading --------------------------------------------------------------------------------------------------------

LONG = bytes(251) * 270_000
"""67.8 million bytes: six pieces, the last one larger."""


def test_a_long_video_goes_in_pieces(account: Account) -> None:
    account.publish(film(data=LONG))
    (body,) = account.sent("/v2/post/publish/video/init/")
    assert body["source_info"] == {
        "source": "FILE_UPLOAD",
        "video_size": len(LONG),
        "chunk_size": CHUNK,
        "total_chunk_count": 6,
    }
    sizes = [len(piece.content) for piece in account.pieces()]
    assert sizes == [CHUNK] * 5 + [len(LONG) - 5 * CHUNK]
    assert all(piece.headers["Content-Type"] == "video/mp4" for piece in account.pieces())


@pytest.mark.parametrize(
    ("status", "expected"),
    [(500, TryLater), (403, TryLater), (404, TryLater), (429, TryLater), (400, Rejected), (307, TryLater)],
)
def test_a_piece_in_the_middle_is_never_unknown(account: Account, status: int, expected: type[NetworkError]) -> None:
    part = film(data=LONG)
    handle = account.network.prepare(part, key=KEY)
    account.server.fail_once("upload_token", httpx.Response(status))
    with pytest.raises(expected):
        account.network.publish(replace(part, handle=handle), key=KEY)
    assert account.server.posts == {}
    assert account.network.find(replace(part, handle=handle, uploads=()), key=KEY, since=SINCE) is None


def test_a_piece_without_an_answer_is_tried_later(account: Account) -> None:
    def lose(request: httpx.Request) -> httpx.Response:
        if request.method == "PUT":
            raise httpx.ReadError("reset", request=request)
        return account.server(request)

    network, part = account.again(lose), film(data=LONG)
    with pytest.raises(TryLater):
        network.publish(replace(part, handle=network.prepare(part, key=KEY)), key=KEY)


@pytest.mark.parametrize("status", [401, 403, 404, 410, 416])
def test_an_upload_that_has_ended_is_begun_again(account: Account, status: int) -> None:
    handle = account.network.prepare(film(), key=KEY)
    account.server.fail_once("upload_token", httpx.Response(status))
    with pytest.raises(TryLater):
        account.network.publish(film(handle=handle), key=KEY)
    other = account.network.prepare(film(handle=handle), key=KEY)
    assert other != handle
    account.network.publish(film(handle=other), key=KEY)
    assert len(account.server.posts) == 1


def test_another_run_begins_a_new_upload_and_drops_the_old(account: Account) -> None:
    handle = account.network.prepare(film(), key=KEY)
    later = account.again()
    other = later.prepare(film(handle=handle), key=KEY)
    assert other != handle
    assert account.sent("/v2/post/publish/cancel/") == [{"publish_id": handle}]
    later.publish(film(handle=other), key=KEY)
    assert len(account.server.posts) == 1


def test_what_an_earlier_run_uploaded_is_not_uploaded_again(account: Account) -> None:
    account.server.reads_until_done = len(MEDIA_WAITS) + 2
    handle = account.network.prepare(film(), key=KEY)
    with pytest.raises(Unknown) as caught:
        account.network.publish(film(handle=handle), key=KEY)
    assert caught.value.code == "processing"
    assert sum(account.waited) <= 95
    later = account.again()
    with pytest.raises(Unknown):
        later.find(film(handle=handle, uploads=()), key=KEY, since=SINCE)
    receipt = later.find(film(handle=handle, uploads=()), key=KEY, since=SINCE)
    assert receipt is not None
    assert later.prepare(film(handle=handle), key=KEY) == handle
    assert later.publish(film(handle=handle), key=KEY) == receipt
    assert len(account.pieces()) == 1


def test_half_a_video_is_only_surely_missing_to_who_has_its_bytes(account: Account) -> None:
    part = film(data=LONG)
    handle = account.network.prepare(part, key=KEY)
    account.server.publishes[handle]["data"] = LONG[:CHUNK]
    with pytest.raises(Unknown):
        account.again().find(replace(part, handle=handle, uploads=()), key=KEY, since=SINCE)
    assert account.again().prepare(replace(part, handle=handle), key=KEY) != handle


def test_an_upload_that_another_run_left_half_done_is_not_waited_for(account: Account) -> None:
    handle = account.network.prepare(film(), key=KEY)
    with pytest.raises(TryLater):
        account.again().publish(film(handle=handle), key=KEY)
    assert account.waited == []


@pytest.mark.parametrize(
    "host", ["elsewhere.example", "open.tiktokapis.com.evil.example", "evil-tiktokapis.com", "x@a.tiktokapis.com"]
)
def test_no_byte_goes_where_an_upload_should_not_be(account: Account, host: str) -> None:
    account.server.upload_host = host
    with pytest.raises(TryLater):
        account.network.prepare(film(), key=KEY)
    assert account.pieces() == []


# --- Refusals ---------------------------------------------------------------------------------------------------------

ERRORS: list[tuple[int, str, type[NetworkError]]] = [
    (401, "access_token_invalid", NotAllowed),
    (401, "scope_not_authorized", NotAllowed),
    (401, "scope_permission_missed", NotAllowed),
    (403, "spam_risk_user_banned_from_posting", NotAllowed),
    (403, "unaudited_client_can_only_post_to_private_accounts", NotAllowed),
    (429, "rate_limit_exceeded", TryLater),
    (403, "spam_risk_too_many_posts", TryLater),
    (403, "spam_risk_too_many_pending_share", TryLater),
    (403, "reached_active_user_cap", TryLater),
    (403, "url_ownership_unverified", Rejected),
    (403, "privacy_level_option_mismatch", Rejected),
    (403, "spam_risk_text", Rejected),
    (400, "app_version_check_failed", Rejected),
    (400, "invalid_params", Rejected),
    (400, "invalid_file_upload", Rejected),
    (200, "invalid_params", TryLater),
]


@pytest.mark.parametrize(("status", "word", "expected"), ERRORS)
@pytest.mark.parametrize(("path", "part"), [("video/init/", film()), ("content/init/", photos())])
def test_every_refusal_says_what_may_be_done(
    account: Account, path: str, part: Part, status: int, word: str, expected: type[NetworkError]
) -> None:
    account.server.fail_once(path, answer(status, code=word, message=f"told {SECRET}"))
    with pytest.raises(NetworkError) as caught:
        account.publish(part)
    wanted = Unknown if status == 200 and path == "content/init/" else expected
    assert type(caught.value) is wanted
    assert caught.value.code == word
    assert SECRET not in str(vars(caught.value))
    assert account.server.posts == {}


@pytest.mark.parametrize("status", [500, 503, 408, 204])
def test_a_fault_before_anything_can_be_seen_is_never_unknown(account: Account, status: int) -> None:
    for path in ("creator_info", "video/init"):
        account.server.fail_once(path, answer(status, code="internal_error"))
        with pytest.raises(TryLater):
            account.network.prepare(film(), key=KEY)


def test_waits_as_long_as_the_limits_last(account: Account) -> None:
    for word, wait in (("rate_limit_exceeded", timedelta(minutes=1)), ("spam_risk_too_many_posts", timedelta(days=1))):
        account.server.fail_once("creator_info", answer(429, code=word))
        with pytest.raises(TryLater) as caught:
            account.network.prepare(film(), key=KEY)
        assert caught.value.after == wait


def test_an_expired_token_says_where_a_new_one_goes(account: Account) -> None:
    old = TikTok(replace(LOGIN, token="act.old"), Http(transport=httpx.MockTransport(account.server)))
    with pytest.raises(NotAllowed) as caught:
        old.prepare(film(), key=KEY)
    assert "hours" in caught.value.hint
    assert "act." not in str(vars(caught.value))


# --- Numbers ----------------------------------------------------------------------------------------------------------


def test_numbers_are_read_twenty_at_a_time(account: Account) -> None:
    for number in range(50):
        identity = str(7456000000000000000 + number)
        account.server.posts[identity] = {"id": identity, "create_time": NOW, "view_count": number, "like_count": None}
    receipts = [Receipt(str(7456000000000000000 + number), "", "") for number in range(50)]
    stats = list(account.network.measure([*receipts, Receipt("../x", "", "")]))
    assert len(account.sent("/v2/video/query/")) == 3
    assert [(stat.metric, stat.value) for stat in stats] == [("views", number) for number in range(50)]


def test_the_account_says_how_long_its_videos_may_be(account: Account) -> None:
    account.server.creator["max_video_post_duration_sec"] = 3600
    read = account.network.account()
    assert (read.handle, read.followers, read.following, read.posts) == ("@lumenvelo", 321, 7, 0)
    assert dict(read.limits) == {"video_seconds": 3600}


def test_a_token_without_the_numbers_still_reads_the_account(account: Account) -> None:
    account.server.scopes_missing = {"follower_count"}
    read = account.network.account()
    assert (read.handle, read.name, read.followers) == ("@lumenvelo", "Lumen Velo", None)


# --- Counting ---------------------------------------------------------------------------------------------------------


def used(part: Part) -> dict[str, tuple[int, int]]:
    return {count.what: (count.used, count.limit) for count in counts("tiktok", part, default_limits("tiktok"))}


def test_counts_in_utf_16() -> None:
    assert used(film("ışık 🚲")) == {"text": (7, 2200), "attachments": (1, 35)}
    assert used(photos("🚲", options={"title": "אור"})) == {
        "text": (2, 4000),
        "attachments": (2, 35),
        "photo_title": (3, 90),
    }


@given(st.text(), st.one_of(st.text(), st.integers(), st.none()))
def test_counting_never_fails(words: str, title: Any) -> None:
    assert used(film(words))["text"][0] == sum(2 if ord(letter) > 0xFFFF else 1 for letter in words)
    assert used(photos(words, options={"title": title}))["text"][1] == 4000
