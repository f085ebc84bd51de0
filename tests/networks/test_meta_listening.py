"""What people say to us on Facebook, Instagram and Threads, and who follows us: new, not ours, bounded, data only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from networks.fakes import NOW, SECRET
from networks.stub_facebook import PAGE, StubFacebook, refusal
from networks.stub_instagram import StubInstagram
from networks.stub_threads import StubThreads
from socialops.errors import NetworkError, NotAllowed, TryLater
from socialops.http import Http
from socialops.networks.base import HasDemographics, HasMentions, HasReplies, HasTrends, InboxMessage, Login, Share
from socialops.networks.draft import Receipt
from socialops.networks.facebook import Facebook
from socialops.networks.instagram import Instagram
from socialops.networks.threads import Threads

SINCE = NOW - timedelta(hours=1)
WORDS = "Çok güzel! אור <b>&amp;</b> Lumină"
Adapter = Facebook | Instagram | Threads
Handler = Callable[[httpx.Request], httpx.Response]


@dataclass
class Side:
    """One network: a server, how others speak there, and where they are read."""

    server: Any
    connect: Callable[[Http], Adapter]
    post: Callable[[datetime], Receipt]
    """Puts a post of ours there, as of that time."""
    comment: Callable[[str, str, str], str]
    """Lets somebody (by name) say something below a post; returns its id."""
    name_us: Callable[[str, str], str]
    """Lets somebody name us; returns its id."""
    below: str
    """How the path ends under which comments are read."""
    naming: str
    """The same for mentions."""
    mia: str
    us: str

    def answered(self, request: httpx.Request) -> httpx.Response:
        response: httpx.Response = self.server(request)
        return response

    def joined(self, handler: Handler | None = None) -> Adapter:
        return self.connect(Http(transport=httpx.MockTransport(handler or self.server)))


def facebook() -> Side:
    server = StubFacebook()
    people = {"mia": ("7001", "Mia M"), "us": (PAGE, "Lumen Velo"), "noa": ("7002", "Noa N")}

    def post(at: datetime) -> Receipt:
        made = server.add("Kış geldi", [], at=at)
        return Receipt(made["id"], made["permalink_url"], "")

    return Side(
        server,
        lambda http: Facebook(Login("page", "lumenvelo", "", SECRET), http),
        post,
        lambda post, who, words: str(server.hear(post, words, of=people[who])["id"]),
        lambda who, words: str(server.name(words, of=people[who])["id"]),
        "/comments",
        "/tagged",
        "Mia M",
        "Lumen Velo",
    )


def instagram(**login: Any) -> Side:
    server = StubInstagram()
    people = {"us": "lumenvelo"}

    def post(at: datetime) -> Receipt:
        held = {"kind": "IMAGE", "fields": {"caption": "Kış geldi"}, "children": []}
        made = server.add("1", held, at)
        return Receipt(made["id"], made["permalink"], "", {"product": "FEED"})

    return Side(
        server,
        lambda http: Instagram(Login("insta", "lumenvelo", "", SECRET, **login), http),
        post,
        lambda post, who, words: str(server.hear(post, words, of=people.get(who, who))["id"]),
        lambda who, words: str(server.tag(words, of=people.get(who, who))["id"]),
        "/comments",
        "/tags",
        "@mia",
        "@lumenvelo",
    )


def instagram_login() -> Side:
    return instagram(settings={"login": "instagram"})


def threads() -> Side:
    server = StubThreads()
    people = {"us": "lumenvelo"}

    def post(at: datetime) -> Receipt:
        before, server.now = server.now, at
        made = server.add({"media_type": "TEXT", "text": "Kış geldi"})
        server.now = before
        return Receipt(made["id"], made["permalink"], "")

    return Side(
        server,
        lambda http: Threads(Login("threads", "lumenvelo", "", SECRET), http),
        post,
        lambda post, who, words: str(server.hear(words, of=people.get(who, who), below=post)["id"]),
        lambda who, words: str(server.hear(words, of=people.get(who, who), names=True)["id"]),
        "/replies",
        "/mentions",
        "@mia",
        "@lumenvelo",
    )


SIDES = {"facebook": facebook, "instagram": instagram, "instagram login": instagram_login, "threads": threads}


@pytest.fixture(params=list(SIDES))
def side(request: pytest.FixtureRequest) -> Side:
    return SIDES[request.param]()


def asked(side: Side, ending: str) -> list[httpx.Request]:
    return [request for request in side.server.requests if request.url.path.endswith(ending)]


def ids(messages: Sequence[InboxMessage]) -> list[str]:
    return [message.id for message in messages]


# --- What is said to us -----------------------------------------------------------------------------------------------


def test_it_tells_answers_mentions_and_groups_but_no_trends(side: Side) -> None:
    ours = side.joined()
    assert isinstance(ours, HasReplies)
    assert isinstance(ours, HasMentions)
    assert isinstance(ours, HasDemographics)
    assert not isinstance(ours, HasTrends)


def test_an_answer_is_told_with_what_it_answers(side: Side) -> None:
    receipt, other = side.post(NOW), side.post(NOW)
    said = side.comment(receipt.id, "mia", WORDS)
    (told,) = side.joined().replies([receipt, other], since=SINCE)
    assert (told.id, told.kind, told.author, told.text) == (said, "reply", side.mia, WORDS)
    assert (told.about, told.at) == (receipt.id, "2026-12-06T09:00:00.000Z")
    assert told.url.startswith("https://")


def test_a_mention_is_told_and_is_no_answer(side: Side) -> None:
    receipt = side.post(NOW)
    said = side.name_us("mia", WORDS)
    ours = side.joined()
    assert ours.replies([receipt], since=SINCE) == []
    (told,) = ours.mentions(since=SINCE)
    assert (told.id, told.kind, told.author, told.text, told.about) == (said, "mention", side.mia, WORDS, "")


def test_our_own_words_are_left_out(side: Side) -> None:
    receipt = side.post(NOW)
    side.comment(receipt.id, "us", "More in the shop")
    side.name_us("us", "We are here")
    ours = side.joined()
    assert (ours.replies([receipt], since=SINCE), ours.mentions(since=SINCE)) == ([], [])


def test_only_what_is_new_is_told(side: Side) -> None:
    receipt = side.post(NOW)
    for at in (NOW - timedelta(hours=2), SINCE, NOW):
        side.server.now = at
        side.comment(receipt.id, "mia", f"{at:%H:%M}")
        side.name_us("mia", f"{at:%H:%M}")
    ours = side.joined()
    assert [one.text for one in ours.replies([receipt], since=SINCE)] == ["09:00"]
    assert [one.text for one in ours.mentions(since=SINCE)] == ["09:00"]


def test_a_long_conversation_is_read_page_by_page_and_not_for_ever(side: Side) -> None:
    receipt = side.post(NOW)
    for number in range(260):
        side.comment(receipt.id, "mia", f"{number}")
        side.name_us("mia", f"{number}")
    ours = side.joined()
    told = ours.replies([receipt], since=SINCE)
    assert [int(one.text) for one in told] == list(range(259, 59, -1))
    assert len(set(ids(told))) == 200
    assert [int(one.text) for one in ours.mentions(since=SINCE)] == list(range(259, 59, -1))
    assert len(asked(side, side.naming)) == 4


def test_a_page_that_ends_in_the_past_is_the_last(side: Side) -> None:
    side.server.now = NOW - timedelta(days=9)
    for number in range(120):
        side.name_us("mia", f"{number}")
    side.server.now = NOW
    side.name_us("mia", "new")
    assert [one.text for one in side.joined().mentions(since=SINCE)] == ["new"]
    assert len(asked(side, side.naming)) == 1


def test_a_post_that_is_gone_is_passed_over(side: Side) -> None:
    receipt, gone = side.post(NOW), side.post(NOW)
    said = side.comment(receipt.id, "mia", WORDS)
    (side.server.media if isinstance(side.server, StubInstagram) else side.server.posts).pop(0)
    assert ids(side.joined().replies([gone, receipt], since=SINCE)) == [said]


def test_receipts_of_elsewhere_are_never_asked_for(side: Side) -> None:
    strange = [Receipt(name, "", "") for name in ("", "../me", "at://x", "1_2_3", "7?fields=x")]
    assert side.joined().replies(strange, since=SINCE) == []
    assert not side.server.requests


def test_what_others_wrote_stands_in_no_log_and_no_error(side: Side) -> None:
    receipt = side.post(NOW)
    side.comment(receipt.id, "mia", "Confidential")
    (told,) = side.joined().replies([receipt], since=SINCE)
    assert "Confidential" not in repr(told)
    assert side.mia not in repr(told).replace(told.url, "")


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (refusal(190, 463, status=401), NotAllowed),
        (refusal(10, status=403), NotAllowed),
        (refusal(4), TryLater),
        (httpx.Response(503), TryLater),
        (httpx.Response(200, content=b"<html>"), None),
    ],
    ids=["190", "10", "4", "503", "no json"],
)
def test_a_read_that_fails_is_said(side: Side, answer: httpx.Response, expected: type[NetworkError] | None) -> None:
    def reply(request: httpx.Request) -> httpx.Response:
        return answer if request.url.path.endswith(side.naming) else side.answered(request)

    ours = side.joined(reply)
    if expected is None:
        assert ours.mentions(since=SINCE) == []
        return
    with pytest.raises(expected) as caught:
        ours.mentions(since=SINCE)
    assert SECRET not in f"{caught.value} {caught.value.hint}"


@pytest.mark.parametrize("make", [instagram_login, threads])
@pytest.mark.parametrize(("code", "expected"), [(190, NotAllowed), (10, NotAllowed), (4, TryLater), (100, None)])
def test_a_conversation_that_cannot_be_read_is_said(
    make: Callable[[], Side], code: int, expected: type[NetworkError] | None
) -> None:
    side = make()
    receipt = side.post(NOW)

    def reply(request: httpx.Request) -> httpx.Response:
        return refusal(code) if request.url.path.endswith(side.below) else side.answered(request)

    if expected is None:
        assert side.joined(reply).replies([receipt], since=SINCE) == []
        return
    with pytest.raises(expected):
        side.joined(reply).replies([receipt], since=SINCE)


@pytest.mark.parametrize(
    "spoilt",
    [None, 7, [], {"data": 7}, {"data": [7, {}, {"id": 7}, {"id": "<b>", "timestamp": "2026-12-06T09:00:00+0000"}]}],
)
def test_an_answer_of_nonsense_is_no_message(side: Side, spoilt: object) -> None:
    def reply(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=spoilt) if request.url.path.endswith(side.naming) else side.answered(request)

    assert side.joined(reply).mentions(since=SINCE) == []


# --- Each network's own -----------------------------------------------------------------------------------------------


def test_facebook_and_instagram_ask_for_fifty_posts_at_once() -> None:
    for side in (facebook(), instagram()):
        receipts = [side.post(NOW) for _ in range(60)]
        for receipt in receipts:
            side.comment(receipt.id, "mia", "Hello")
        assert len(side.joined().replies(receipts, since=SINCE)) == 60
        assert side.server.batches == [50, 10]


def test_a_comment_on_a_comment_is_about_the_post() -> None:
    side = facebook()
    receipt = side.post(NOW)
    first = side.comment(receipt.id, "us", "More in the shop")
    said = side.server.hear(receipt.id, "Which shop?", parent=first)
    (told,) = side.joined().replies([receipt], since=SINCE)
    assert (told.id, told.about) == (said["id"], receipt.id)


def test_an_old_comment_with_a_new_answer_is_found_on_instagram() -> None:
    side = instagram()
    receipt = side.post(NOW - timedelta(days=3))
    side.server.now = NOW - timedelta(days=2)
    old = side.server.hear(receipt.id, "Old")
    side.server.now = NOW
    said = side.server.hear(receipt.id, "New", of="noa", below=old)
    side.server.hear(receipt.id, "Our answer", of="lumenvelo", below=old)
    (told,) = side.joined().replies([receipt], since=SINCE)
    assert (told.id, told.author, told.about, told.url) == (said["id"], "@noa", receipt.id, receipt.url)


def test_our_first_comment_is_known_though_facebook_names_nobody() -> None:
    side = facebook()
    side.server.names_people = False
    receipt = side.post(NOW)
    first = side.comment(receipt.id, "us", "More in the shop")
    said = side.comment(receipt.id, "mia", "Thanks")
    receipt = Receipt(receipt.id, receipt.url, "", {"first_comment": first})
    (told,) = side.joined().replies([receipt], since=SINCE)
    assert (told.id, told.author) == (said, "")


def test_stories_have_no_comments() -> None:
    side = facebook()
    assert side.joined().replies([Receipt("700001", "", "", {"shape": "story"})], since=SINCE) == []
    assert not side.server.requests


@pytest.mark.parametrize("told_before", [True, False])
def test_an_answer_that_names_us_is_told_once_on_threads(told_before: bool) -> None:
    side = threads()
    receipt = side.post(NOW)
    answer = side.server.hear("@lumenvelo where?", below=receipt.id, names=True)
    elsewhere = side.server.hear("@lumenvelo knows", of="noa", below="18099999999999999", names=True)
    ours = side.joined()
    if told_before:
        assert ids(ours.replies([receipt], since=SINCE)) == [answer["id"]]
    assert ids(ours.mentions(since=SINCE)) == [elsewhere["id"]]


# --- Who follows us ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [instagram, instagram_login, threads])
def test_followers_are_told_in_their_groups(make: Callable[[], Side]) -> None:
    assert list(make().joined().demographics()) == [
        Share("country", "TR", 200),
        Share("country", "RO", 71),
        Share("city", "İstanbul, Istanbul Province", 90),
        Share("age", "18-24", 20),
        Share("age", "25-34", 150),
        Share("gender", "F", 160),
        Share("gender", "M", 150),
        Share("gender", "U", 11),
    ]


def test_those_who_follow_a_page_are_told_by_country_and_city() -> None:
    side = facebook()
    found = side.joined().demographics()
    assert found[:3] == [Share("country", "TR", 120), Share("country", "RO", 80), Share("country", "IL", 40)]
    assert [share.dimension for share in found[3:]] == ["city", "city"]
    side.server.dead = {"page_follows_city"}
    assert [share.dimension for share in side.joined().demographics()] == ["country"] * 3


def test_a_small_account_has_no_groups(side: Side) -> None:
    side.server.followers = 99
    assert side.joined().demographics() == []


def test_groups_that_may_not_be_read_are_said(side: Side) -> None:
    def reply(request: httpx.Request) -> httpx.Response:
        told = request.url.path.endswith("insights")
        return refusal(200, status=403) if told else side.answered(request)

    with pytest.raises(NotAllowed):
        side.joined(reply).demographics()


NO_GROUPS: list[object] = [
    None,
    7,
    [],
    {},
    {"breakdowns": -7},
    {"breakdowns": [{"results": [7, {}]}]},
    {"breakdowns": [{"results": [{"dimension_values": ["\n"], "value": 7}]}]},
    {"breakdowns": [{"results": [{"dimension_values": ["TR"], "value": -1}]}]},
]


@pytest.mark.parametrize("value", NO_GROUPS)
def test_groups_that_are_none_are_left_out(side: Side, value: object) -> None:
    def reply(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("insights") and request.url.params["metric"] != "followers_count":
            return httpx.Response(200, json={"data": [{"total_value": value, "values": [{"value": value}]}]})
        return side.answered(request)

    assert side.joined(reply).demographics() == []
