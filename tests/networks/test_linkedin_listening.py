"""What people say below a page's posts on LinkedIn, and who follows it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from networks.contract import text
from networks.linkedin_stage import KEY, Handler, lost, member, old, page, replies_to
from networks.stub_linkedin import NOW, ORGANIZATION, SECRET, StubLinkedIn, answer, refuse
from socialops.errors import NetworkError, NotAllowed, TryLater
from socialops.networks.base import HasDemographics, HasMentions, HasReplies, HasTrends, InboxMessage, Share
from socialops.networks.draft import Receipt

SINCE = NOW - timedelta(hours=1)
MIA = "urn:li:person:mia_M-7"
COMMENTS = "/rest/socialActions"


@pytest.fixture
def server() -> StubLinkedIn:
    return StubLinkedIn()


def receipts(server: StubLinkedIn, number: int = 1) -> list[Receipt]:
    old(server, number)
    return [Receipt(urn, f"https://www.linkedin.com/feed/update/{urn}/", "") for urn in server.posts]


def asked(server: StubLinkedIn) -> int:
    return sum(request.url.path.startswith(COMMENTS) for request in server.requests)


def test_it_tells_comments_and_groups(server: StubLinkedIn) -> None:
    ours = page(server)
    assert isinstance(ours, HasReplies)
    assert isinstance(ours, HasDemographics)
    assert not isinstance(ours, HasMentions | HasTrends)


def test_a_comment_is_told_with_the_post_it_is_below(server: StubLinkedIn) -> None:
    post, other = receipts(server, 2)
    said = server.said(post.id, MIA, "Çok güzel! אור (yes) #kış")
    assert page(server).replies([post, other], since=SINCE) == [
        InboxMessage(
            said["commentUrn"],
            "reply",
            MIA,
            "Çok güzel! אור (yes) #kış",
            "2026-12-06T09:00:00.000Z",
            f"{post.url}?commentUrn=urn%3Ali%3Acomment%3A%28urn%3Ali%3Aactivity%3A{post.id.rpartition(':')[2]}%2C7000001%29",
            post.id,
        )
    ]


def test_our_own_comments_are_left_out(server: StubLinkedIn) -> None:
    network = page(server)
    post = network.publish(text("Hello", first_comment="More in the shop"), key=KEY)
    said = server.said(post.id, MIA, "Which shop?")
    server.said(post.id, ORGANIZATION, "The one on the corner")
    assert [one.id for one in network.replies([post], since=SINCE)] == [said["commentUrn"]]


def test_only_what_is_new_is_told(server: StubLinkedIn) -> None:
    (post,) = receipts(server)
    for at in (NOW - timedelta(hours=2), SINCE, NOW):
        server.now = at
        server.said(post.id, MIA, f"{at:%H:%M}")
    assert [one.text for one in page(server).replies([post], since=SINCE)] == ["09:00"]


@pytest.mark.parametrize(("size", "total", "calls"), [(100, True, 3), (100, False, 4), (20, True, 4)])
def test_a_long_conversation_is_read_page_by_page_and_not_for_ever(
    server: StubLinkedIn, size: int, total: bool, calls: int
) -> None:
    server.page_size, server.tells_total = size, total
    (post,) = receipts(server)
    for number in range(130):
        server.said(post.id, MIA, f"{number}")
    told = page(server).replies([post], since=SINCE)
    assert len({one.id for one in told}) == len(told) == min(130, 4 * size)
    assert asked(server) == calls


def test_a_list_that_shows_one_page_only_is_left(server: StubLinkedIn) -> None:
    (post,) = receipts(server)
    for number in range(90):
        server.said(post.id, MIA, f"{number}")

    def stuck(options: dict[str, str]) -> dict[str, str]:
        return {**options, "start": "0"}

    below = server.below
    server.below = lambda urn, options: below(urn, stuck(options))  # type: ignore[method-assign]  # a fault
    assert len(page(server).replies([post], since=SINCE)) == 50
    assert asked(server) == 2


def test_a_post_that_is_gone_is_passed_over(server: StubLinkedIn) -> None:
    gone, post = receipts(server, 2)
    said = server.said(post.id, MIA, "Hello")
    del server.posts[gone.id]
    assert [one.id for one in page(server).replies([gone, post], since=SINCE)] == [said["commentUrn"]]


def test_of_a_member_nothing_is_asked(server: StubLinkedIn) -> None:
    posts = receipts(server)
    assert member(server).replies(posts, since=SINCE) == []
    assert member(server).demographics() == []
    assert page(server).replies([Receipt("x", "", ""), Receipt("urn:li:share:../7", "", "")], since=SINCE) == []
    assert server.requests == []


def test_what_others_wrote_stands_in_no_log(server: StubLinkedIn) -> None:
    (post,) = receipts(server)
    server.said(post.id, MIA, "Confidential")
    (told,) = page(server).replies([post], since=SINCE)
    assert "Confidential" not in repr(told)
    assert MIA not in repr(told)


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (lost, TryLater),
        (lambda _: refuse(401, "EXPIRED_ACCESS_TOKEN", "expired"), NotAllowed),
        (lambda _: refuse(403, "ACCESS_DENIED", "no"), NotAllowed),
        (lambda _: refuse(426, "NONEXISTENT_VERSION", "old"), NotAllowed),
        (lambda _: answer(429), TryLater),
        (lambda _: answer(500), TryLater),
    ],
    ids=["lost", "401", "403", "426", "429", "500"],
)
def test_a_read_that_fails_is_said(server: StubLinkedIn, reply: Handler, expected: type[NetworkError]) -> None:
    posts = receipts(server)
    with pytest.raises(expected) as caught:
        page(replies_to(COMMENTS, server, reply)).replies(posts, since=SINCE)
    assert SECRET not in f"{caught.value} {caught.value.hint}"
    with pytest.raises(expected):
        page(replies_to("/rest/organizationalEntityFollowerStatistics", server, reply)).demographics()


@pytest.mark.parametrize(
    "body",
    [
        [],
        7,
        {"elements": 7},
        {"elements": [7, {}, {"commentUrn": "urn:li:comment:(../x)"}]},
        {"elements": [{"commentUrn": "urn:li:comment:(urn:li:activity:1,2)", "created": {"time": True}}]},
        {"elements": [{"commentUrn": "urn:li:comment:(urn:li:activity:1,2)", "created": 7}]},
        {"elements": [{"commentUrn": "urn:li:comment:(urn:li:activity:1,2)", "created": {"time": 10**30}}]},
    ],
)
def test_nonsense_is_no_comment_and_no_group(server: StubLinkedIn, body: Any) -> None:
    posts = receipts(server)
    assert page(replies_to(COMMENTS, server, lambda _: answer(200, body))).replies(posts, since=SINCE) == []
    assert page(lambda _: answer(200, body)).demographics() == []


def test_followers_are_told_in_their_groups(server: StubLinkedIn) -> None:
    assert page(server).demographics() == [
        Share("country", "urn:li:geo:102105699", 203),
        Share("country", "urn:li:geo:106670623", 90),
        Share("area", "urn:li:geo:90010097", 80),
        Share("function", "urn:li:function:8", 70),
        Share("seniority", "urn:li:seniority:4", 60),
        Share("industry", "urn:li:industry:48", 50),
        Share("company_size", "SIZE_2_TO_10", 40),
        Share("association", "EMPLOYEE", 12),
    ]
