"""Threads over a profile in memory: the shared contract, each kind, each refusal, the numbers."""

from __future__ import annotations

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

from networks.contract import PIXEL, PROMISES, SINCE, TEXT, Place, Seen, picture, place, text, with_pictures
from networks.fakes import NOW, SECRET, answer
from networks.stub_facebook import refusal
from networks.stub_threads import METRICS, PLACE, PROFILE, StubThreads
from socialops.errors import CredentialsError, NetworkError, NotAllowed, Rejected, TryLater, Unknown
from socialops.http import Http
from socialops.networks import connect, counts, default_limits
from socialops.networks.base import Login
from socialops.networks.draft import Attachment, Fit, Part, Poll, Receipt, Reply, Upload
from socialops.networks.graph_container import READY_WAITS
from socialops.networks.threads import Threads, length

LOGIN = Login("threads", "@lumenvelo", "", SECRET, settings={"media_base_url": f"https://{PLACE}/posts"})
FILM = b"\x00\x00\x00\x18ftypmp42"
FILM_NAME = "1" * 64
PIXEL_NAME = "0" * 64
KEY = "0123abcd" * 8
TROUBLES = (
    "FAILED_DOWNLOADING_VIDEO",
    "FAILED_PROCESSING_AUDIO",
    "FAILED_PROCESSING_VIDEO",
    "INVALID_ASPEC_RATIO",
    "INVALID_BIT_RATE",
    "INVALID_DURATION",
    "INVALID_FRAME_RATE",
    "INVALID_AUDIO_CHANNELS",
    "INVALID_AUDIO_CHANNEL_LAYOUT",
    "UNKNOWN",
)
"""What Threads says of media that it could not process (troubleshooting)."""


class Profile:
    """An adapter over the small Threads, and how long it waited."""

    def __init__(self) -> None:
        self.server = StubThreads()
        self.server.files = {f"{PIXEL_NAME}.png": ("image/png", PIXEL), f"{FILM_NAME}.mp4": ("video/mp4", FILM)}
        self.waited: list[float] = []
        self.network = self.again()

    def again(self) -> Threads:
        return Threads(LOGIN, Http(transport=httpx.MockTransport(self.server)), wait=self.waited.append)

    def publish(self, part: Part, key: str = KEY) -> Receipt:
        return self.network.publish(replace(part, handle=self.network.prepare(part, key=key)), key=key)

    def sent(self, method: str, path: str) -> list[httpx.Request]:
        return [r for r in self.server.requests if r.method == method and r.url.path == f"/v1.0/{path}"]


@pytest.fixture
def profile() -> Profile:
    return Profile()


def film(words: str = "A lamp in the snow", alt: str = "Kar altında bir lamba") -> Part:
    fit = Fit(8_388_608, 16_000_000, 1440, ("image/png",))
    attachment = Attachment("posts/film.mp4", alt, "video/mp4", 1080, 1920, len(FILM), FILM_NAME, fit)
    upload = Upload(FILM, "video/mp4", 1080, 1920, alt, FILM_NAME)
    return text(words, attachments=(attachment,), uploads=(upload,), kind="video")


# --- The contract -----------------------------------------------------------------------------------------------------

NOT_ITS_PROMISES = {
    # Threads knows no keys: the container's number is asked instead.
    "publishes_one_post_for_one_key",
}


def threads(folder: Path) -> Iterator[Place]:
    server = Profile().server
    yield place(
        "threads",
        httpx.MockTransport(server),
        lambda http: Threads(LOGIN, http, wait=lambda _: None),
        lambda request: request.url.path.endswith("/threads_publish"),
        lambda: [
            Seen(post["id"], post["text"], tuple(post["alts"]), post.get("replied_to", {}).get("id", ""))
            for post in server.posts
        ],
        SECRET,
        folder,
        metrics=frozenset(METRICS),
    )


@pytest.mark.parametrize(
    "promise", [promise for promise in PROMISES if promise.__name__ not in NOT_ITS_PROMISES], ids=lambda p: p.__name__
)
def test_contract(promise: Callable[[Place], None], tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    for somewhere in threads(tmp_path):
        promise(somewhere)
        assert SECRET not in caplog.text


# --- What is sent -----------------------------------------------------------------------------------------------------


def test_nothing_can_be_seen_before_the_last_step(profile: Profile) -> None:
    handle = profile.network.prepare(text(), key=KEY)
    assert profile.server.posts == []
    assert list(profile.server.containers) == [handle]
    receipt = profile.network.publish(text(handle=handle), key=KEY)
    (post,) = profile.server.posts
    assert receipt == Receipt(post["id"], post["permalink"], "2026-12-06T09:00:00.000Z")


def made(profile: Profile, part: Part) -> dict[str, Any]:
    receipt = profile.publish(part)
    (post,) = [post for post in profile.server.posts if post["id"] == receipt.id]
    return {name: value for name, value in post["made"].items() if name != "status"}


def test_a_text_says_what_its_params_choose(profile: Profile) -> None:
    options = {"reply_control": "followers_only", "topic": "#Kış ışığı", "quote": 18000000000000099}
    assert made(profile, text("Hello", options=options)) == {
        "media_type": "TEXT",
        "text": "Hello",
        "reply_control": "followers_only",
        "topic_tag": "Kış ışığı",
        "quote_post_id": "18000000000000099",
    }


def test_a_picture_goes_with_its_words(profile: Profile) -> None:
    attachment, upload = picture("Önden görünüş")
    part = text("A lamp", attachments=(attachment,), uploads=(upload,), kind="image", options={"spoiler": True})
    assert made(profile, part) == {
        "media_type": "IMAGE",
        "text": "A lamp",
        "image_url": f"https://{PLACE}/posts/{PIXEL_NAME}.png",
        "alt_text": "Önden görünüş",
        "is_spoiler_media": "true",
    }


def test_a_video_goes_with_its_words(profile: Profile) -> None:
    assert made(profile, film()) == {
        "media_type": "VIDEO",
        "text": "A lamp in the snow",
        "video_url": f"https://{PLACE}/posts/{FILM_NAME}.mp4",
        "alt_text": "Kar altında bir lamba",
    }


def test_a_carousel_has_its_children(profile: Profile) -> None:
    one, two = with_pictures("one"), film(alt="two")
    both = text("Two lamps", attachments=one.attachments + two.attachments, uploads=one.uploads + two.uploads)
    whole = made(profile, replace(both, kind="carousel"))
    children = [profile.server.containers[child] for child in whole["children"].split(",")]
    assert [(child["media_type"], child["alt_text"], child["is_carousel_item"]) for child in children] == [
        ("IMAGE", "one", "true"),
        ("VIDEO", "two", "true"),
    ]
    assert (whole["media_type"], whole["text"]) == ("CAROUSEL", "Two lamps")
    assert all("text" not in child for child in children)


def test_a_carousel_waits_for_its_videos(profile: Profile) -> None:
    one, two = with_pictures("one"), film()
    both = text("Two lamps", attachments=one.attachments + two.attachments, uploads=one.uploads + two.uploads)
    profile.server.states = ["IN_PROGRESS"] * 20
    with pytest.raises(TryLater) as caught:
        profile.network.prepare(both, key=KEY)
    assert caught.value.code == "processing"
    assert all(container["media_type"] != "CAROUSEL" for container in profile.server.containers.values())


def test_a_poll_has_its_answers(profile: Profile) -> None:
    part = text("Çay mı?", poll=Poll(("Evet", "Hayır", "אולי"), 86400), kind="poll")
    poll = json.loads(made(profile, part)["poll_attachment"])
    assert poll == {"option_a": "Evet", "option_b": "Hayır", "option_c": "אולי"}


@pytest.mark.parametrize(
    "part",
    [
        text(kind="story"),
        text(kind="reel"),
        text("", poll=Poll(("a", "b"), 86400, multiple=True)),
        text("", poll=Poll(("a", "b", "c", "d", "e"), 86400)),
        text("", poll=Poll(("a",), 86400)),
        replace(film(), poll=Poll(("a", "b"), 86400)),
        text(" "),
        text(options={"reply_control": "nobody"}),
        text(options={"topic": "a.b"}),
        text(options={"quote": "../x"}),
        text(reply=Reply(Receipt("../x", "", ""), Receipt("../x", "", ""))),
        replace(film(), uploads=()),
    ],
)
def test_what_threads_has_no_place_for_is_refused_before_anything_is_made(profile: Profile, part: Part) -> None:
    with pytest.raises(Rejected) as caught:
        profile.network.prepare(part, key=KEY)
    assert caught.value.hint
    assert profile.server.requests == []


def test_a_file_that_is_not_on_the_media_host_is_told(profile: Profile) -> None:
    profile.server.files.clear()
    with pytest.raises(Rejected) as caught:
        profile.network.prepare(film(), key=KEY)
    assert caught.value.code == "media-host"
    assert profile.server.containers == {}


def test_a_post_that_was_not_made_ready_is_not_published(profile: Profile) -> None:
    for handle in ("", "../x"):
        with pytest.raises(Rejected):
            profile.network.publish(text(handle=handle), key=KEY)
    assert profile.server.requests == []


def test_the_token_goes_to_no_host_that_a_channel_names() -> None:
    with pytest.raises(CredentialsError):
        connect("threads", replace(LOGIN, host="https://elsewhere.example"), Http())


# --- Containers -------------------------------------------------------------------------------------------------------


def test_a_container_is_used_again_while_it_can_be(profile: Profile) -> None:
    handle = profile.network.prepare(text(), key=KEY)
    assert profile.again().prepare(text(handle=handle), key=KEY) == handle
    for state in ("EXPIRED", "ERROR"):
        profile.server.states = [state]
        assert profile.network.prepare(text(handle=handle), key=KEY) != handle
    assert profile.network.prepare(text(handle="17999999999999999"), key=KEY) != handle


def test_waits_until_the_container_is_ready(profile: Profile) -> None:
    handle = profile.network.prepare(film(), key=KEY)
    profile.server.states = ["IN_PROGRESS"] * 3
    profile.network.publish(replace(film(), handle=handle), key=KEY)
    assert profile.waited == list(READY_WAITS[:3])
    assert len(profile.server.posts) == 1


def test_a_slow_container_is_published_by_a_later_run(profile: Profile) -> None:
    handle = profile.network.prepare(film(), key=KEY)
    profile.server.states = ["IN_PROGRESS"] * 50
    with pytest.raises(TryLater) as caught:
        profile.network.publish(replace(film(), handle=handle), key=KEY)
    assert caught.value.code == "processing"
    assert sum(profile.waited) <= 95
    profile.server.states = []
    again = replace(film(), handle=profile.network.prepare(replace(film(), handle=handle), key=KEY))
    profile.network.publish(again, key=KEY)
    assert again.handle == handle
    assert len(profile.server.posts) == 1


def test_an_expired_container_is_made_anew(profile: Profile) -> None:
    handle = profile.network.prepare(text(), key=KEY)
    profile.server.states = ["EXPIRED"]
    with pytest.raises(TryLater) as caught:
        profile.network.publish(text(handle=handle), key=KEY)
    assert (caught.value.code, caught.value.after) == ("expired", timedelta(seconds=1))


@pytest.mark.parametrize(("said", "code"), [*((word, word) for word in TROUBLES), (f"<b>{SECRET}", "UNKNOWN")])
def test_media_that_cannot_be_processed_are_refused(profile: Profile, said: str, code: str) -> None:
    handle = profile.network.prepare(film(), key=KEY)
    profile.server.states, profile.server.error_message = ["ERROR"], said
    with pytest.raises(Rejected) as caught:
        profile.network.publish(replace(film(), handle=handle), key=KEY)
    assert caught.value.code == code
    assert SECRET not in str(vars(caught.value))
    assert profile.server.posts == []


def test_a_container_that_was_published_is_only_looked_up(profile: Profile) -> None:
    handle = profile.network.prepare(text(), key=KEY)
    receipt = profile.network.publish(text(handle=handle), key=KEY)
    assert profile.again().publish(text(handle=handle), key=KEY) == receipt
    assert len(profile.sent("POST", "me/threads_publish")) == 1
    profile.server.lists = False
    with pytest.raises(Unknown):
        profile.network.publish(text(handle=handle), key=KEY)


def test_a_thread_that_breaks_off_goes_on_below_its_last_part(profile: Profile) -> None:
    first = profile.publish(text("One", kind="thread"))
    two = text("Two", kind="thread", reply=Reply(first, first))
    handle = profile.network.prepare(two, key=KEY)
    profile.server.fail_once("POST", "me/threads_publish", answer(500, {}))
    with pytest.raises(Unknown):
        profile.network.publish(replace(two, handle=handle), key=KEY)
    assert profile.network.find(replace(two, handle=handle), key=KEY, since=SINCE) is None
    second = profile.network.publish(replace(two, handle=handle), key=KEY)
    assert profile.network.find(replace(two, handle=handle), key=KEY, since=SINCE) == second
    assert profile.server.posts[0]["replied_to"] == {"id": first.id}


@pytest.mark.parametrize(("usage", "reply"), [({"quota_usage": 250}, False), ({"reply_quota_usage": 1000}, True)])
def test_a_used_up_quota_is_told_before_anything_is_made(profile: Profile, usage: dict[str, int], reply: bool) -> None:
    first = profile.publish(text("One"))
    profile.server.usage |= usage
    part = text("Two", reply=Reply(first, first) if reply else None)
    with pytest.raises(TryLater) as caught:
        profile.network.prepare(part, key=KEY)
    assert caught.value.code == "quota"
    assert len(profile.server.containers) == 1


# --- Articles ---------------------------------------------------------------------------------------------------------

ARTICLE = "Kış geldi 🚲\n\nUzun bir yazı. https://example.org/kış\n\nİkinci paragraf, אור."


def test_an_article_is_a_short_post_with_the_rest_attached(profile: Profile) -> None:
    receipt = profile.publish(text(ARTICLE, kind="article"))
    (post,) = profile.server.posts
    assert (post["id"], post["text"], post["media_type"]) == (receipt.id, "Kış geldi 🚲", "TEXT_POST")
    _, rest = ARTICLE.split("\n\n", 1)
    assert json.loads(post["made"]["text_attachment"]) == {"plaintext": rest}


def test_an_article_whose_answer_was_lost_is_found_by_its_beginning(profile: Profile) -> None:
    part = text(ARTICLE, kind="article")
    handle = profile.network.prepare(part, key=KEY)
    receipt = profile.network.publish(replace(part, handle=handle), key=KEY)
    assert profile.again().find(replace(part, handle=handle), key=KEY, since=SINCE) == receipt
    assert profile.again().find(text("Kış bitti\n\nUzun", kind="article"), key=KEY, since=SINCE) is None


def test_an_article_is_counted_in_two(profile: Profile) -> None:
    limits = default_limits("threads")
    long = text("x" * 500 + "\n\n" + "ı" * 10_001, kind="article")
    used = {count.what: (count.used, count.limit) for count in counts("threads", long, limits)}
    assert (used["text"], used["article"]) == ((500, 500), (10_001, 10_000))
    with pytest.raises(Rejected, match="article is 10001 characters, 10000 fit"):
        profile.network.prepare(long, key=KEY)
    short = text("One paragraph", kind="article")
    assert "article" not in {count.what for count in counts("threads", short, limits)}
    profile.publish(short)
    assert "text_attachment" not in profile.server.posts[0]["made"]


def test_an_article_has_no_media(profile: Profile) -> None:
    with pytest.raises(Rejected, match="a text alone"):
        profile.network.prepare(replace(film(ARTICLE), kind="article"), key=KEY)
    assert profile.server.requests == []


# --- Refusals ---------------------------------------------------------------------------------------------------------

ERRORS: list[tuple[int, int, type[NetworkError], type[NetworkError]]] = [
    (190, 463, NotAllowed, NotAllowed),
    (190, 0, NotAllowed, NotAllowed),
    (10, 0, NotAllowed, NotAllowed),
    (200, 0, NotAllowed, NotAllowed),
    (100, 0, Rejected, Rejected),
    (4, 0, TryLater, TryLater),
    (17, 0, TryLater, TryLater),
    (32, 0, TryLater, TryLater),
    (613, 0, TryLater, TryLater),
    (24, 2207052, Rejected, Rejected),
    (24, 4279009, TryLater, TryLater),
    (368, 4279013, NotAllowed, NotAllowed),
    (4, 2207051, TryLater, Unknown),
    (1, 0, TryLater, Unknown),
    (2, 0, TryLater, Unknown),
]


@pytest.mark.parametrize(("code", "subcode", "made_ready", "shown"), ERRORS)
def test_every_refusal_says_what_may_be_done(
    profile: Profile, code: int, subcode: int, made_ready: type[NetworkError], shown: type[NetworkError]
) -> None:
    for path, expected in (("me/threads", made_ready), ("me/threads_publish", shown)):
        profile.server.fail_once("POST", path, refusal(code, subcode))
        with pytest.raises(NetworkError) as caught:
            profile.publish(text())
        assert type(caught.value) is expected
        assert caught.value.code == (f"{code}/{subcode}" if subcode else str(code))
        assert SECRET not in str(vars(caught.value))
    assert profile.server.posts == []


def test_too_many_links_are_told_in_numbers(profile: Profile) -> None:
    links = " ".join(f"https://example.org/{number}" for number in range(6))
    with pytest.raises(Rejected) as caught:
        profile.publish(text(links))
    assert "links is 6 links, 5 fit" in caught.value.message


def test_the_headers_of_a_quota_are_obeyed(profile: Profile) -> None:
    response = refusal(4)
    response.headers["X-Business-Use-Case-Usage"] = json.dumps({"1": [{"estimated_time_to_regain_access": 17}]})
    profile.server.fail_once("POST", "me/threads_publish", response)
    with pytest.raises(TryLater) as caught:
        profile.publish(text())
    assert caught.value.after == timedelta(minutes=17)


def test_an_expired_token_is_told(profile: Profile) -> None:
    old = Threads(replace(LOGIN, token="THold"), Http(transport=httpx.MockTransport(profile.server)))
    with pytest.raises(NotAllowed) as caught:
        old.account()
    assert "190/463" in str(caught.value)
    assert "THold" not in str(vars(caught.value))


# --- Looking ----------------------------------------------------------------------------------------------------------


def test_a_post_by_hand_with_the_same_words_twice_is_for_a_person(profile: Profile) -> None:
    handle = profile.network.prepare(text(), key=KEY)
    for _ in range(2):
        profile.server.add({"media_type": "TEXT", "text": TEXT})
    with pytest.raises(Unknown) as caught:
        profile.network.find(text(handle=handle), key=KEY, since=SINCE)
    assert caught.value.code == "ambiguous"


def test_what_is_older_or_of_another_kind_is_not_ours(profile: Profile) -> None:
    handle = profile.network.prepare(text(), key=KEY)
    profile.server.now = NOW - timedelta(days=1)
    profile.server.add({"media_type": "TEXT", "text": TEXT})
    profile.server.now = NOW
    profile.server.add({"media_type": "IMAGE", "text": TEXT})
    assert profile.network.find(text(handle=handle), key=KEY, since=SINCE) is None


def test_a_hashtag_that_became_a_topic_is_still_ours(profile: Profile) -> None:
    handle = profile.network.prepare(text(), key=KEY)
    receipt = profile.network.publish(text(handle=handle), key=KEY)
    profile.server.posts[0]["text"] = TEXT.replace("#", "")
    assert profile.network.find(text(handle=handle), key=KEY, since=SINCE) == receipt


def test_our_posts_are_read_page_after_page(profile: Profile) -> None:
    handle = profile.network.prepare(text(), key=KEY)
    receipt = profile.network.publish(text(handle=handle), key=KEY)
    for number in range(120):
        profile.server.add({"media_type": "TEXT", "text": str(number)})
    assert profile.network.find(text(handle=handle), key=KEY, since=SINCE) == receipt
    assert len(profile.sent("GET", "me/threads")) == 3


def test_a_picture_without_words_whose_container_is_gone_stays_unknown(profile: Profile) -> None:
    handle = profile.network.prepare(film(""), key=KEY)
    assert profile.network.find(replace(film(""), handle=handle), key=KEY, since=SINCE) is None
    for state in ("EXPIRED", ""):
        profile.server.states = [state] if state else []
        profile.server.containers = profile.server.containers if state else {}
        with pytest.raises(Unknown):
            profile.network.find(replace(film(""), handle=handle), key=KEY, since=SINCE)


def test_looking_without_an_answer_proves_nothing(profile: Profile) -> None:
    handle = profile.network.prepare(text(), key=KEY)
    profile.server.fail_once("GET", handle, answer(500, {}))
    with pytest.raises(Unknown):
        profile.network.find(text(handle=handle), key=KEY, since=SINCE)
    profile.server.fail_once("GET", "me/threads", answer(200, {"data": [{"id": "x"}]}))
    with pytest.raises(Unknown):
        profile.network.find(text(handle=handle), key=KEY, since=SINCE)


# --- Numbers ----------------------------------------------------------------------------------------------------------


def test_one_dead_metric_takes_no_other_with_it(profile: Profile) -> None:
    receipts = [profile.publish(text(str(number))) for number in range(3)]
    profile.server.dead = {"shares"}
    before = len(profile.server.requests)
    stats = list(profile.network.measure([*receipts, Receipt("../x", "", "")]))
    assert {stat.metric for stat in stats} == set(METRICS) - {"shares"}
    assert len({stat.receipt for stat in stats}) == 3
    assert len(profile.server.requests) - before == 1 + len(METRICS) + 2


def test_numbers_that_may_not_be_read_say_so(profile: Profile) -> None:
    receipt = profile.publish(text())
    profile.server.fail_once("GET", "insights", refusal(10, status=403))
    with pytest.raises(NotAllowed):
        profile.network.measure([receipt])


def test_the_account_is_the_profile(profile: Profile) -> None:
    account = profile.network.account()
    assert (account.id, account.handle, account.followers) == (PROFILE, "lumenvelo", 321)
    assert dict(account.limits) == {"posts_per_day": 250}
    profile.server.has_insights = False
    assert profile.network.account().followers is None


# --- Counting ---------------------------------------------------------------------------------------------------------


def used(part: Part) -> dict[str, tuple[int, int]]:
    return {count.what: (count.used, count.limit) for count in counts("threads", part, default_limits("threads"))}


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("Işık açık", 9),
        ("אור בחורף", 9),
        ("冬の光", 3),
        ("🚲", 4),
        ("👩‍👩‍👧", 18),
        ("👍🏽", 8),
        ("🇹🇷", 8),
        ("❄️", 6),
        ("1️⃣", 7),
        ("1", 1),
    ],
)
def test_an_emoji_counts_by_its_bytes(words: str, expected: int) -> None:
    assert length(words) == expected


def test_counts_as_threads_does() -> None:
    words = "A https://e.org/1 https://e.org/1 https://e.org/2 #one #two"
    assert used(text(words, poll=Poll(("Evet 🚲", "Hayır"), 86400))) == {
        "text": (len(words), 500),
        "links": (2, 5),
        "hashtags": (2, 1),
        "poll_options": (2, 4),
        "poll_option": (9, 25),
    }
    assert used(with_pictures("ab", "abc"))["alt_text"] == (3, 1000)


@given(st.text())
def test_counting_never_fails_and_never_counts_too_little(words: str) -> None:
    assert len(words) <= length(words) <= len(words.encode("utf-8", "surrogatepass"))
    assert used(text(words))["text"][0] == length(words)
