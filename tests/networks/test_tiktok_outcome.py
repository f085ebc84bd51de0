"""What became of a post on TikTok: failures, slow processing, ids that come late, photos that must be looked for."""

from __future__ import annotations

import pytest

from networks.contract import SINCE
from networks.stub_tiktok import NOW, answer
from networks.test_tiktok import KEY, STATUS, Account, film, photos
from socialops.errors import NetworkError, NotAllowed, Rejected, TryLater, Unknown
from socialops.networks.tiktok import MEDIA_WAITS
from socialops.networks.tiktok_answers import FAILURES


@pytest.fixture
def account() -> Account:
    return Account()


@pytest.mark.parametrize("reason", sorted(FAILURES))
def test_a_file_that_tiktok_cannot_use_is_refused_and_stays_so(account: Account, reason: str) -> None:
    account.server.fail_reason = reason
    with pytest.raises(Rejected) as caught:
        account.publish(film())
    assert caught.value.code == reason
    assert caught.value.hint
    handle = next(iter(account.server.publishes))
    assert account.network.find(film(handle=handle), key=KEY, since=SINCE) is None
    with pytest.raises(Rejected):
        account.again().prepare(film(handle=handle), key=KEY)


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        ("internal", TryLater),
        ("publish_cancelled", TryLater),
        ("", TryLater),
        ("<script>", TryLater),
        ("spam_risk_text", Rejected),
        ("spam_risk_too_many_posts", TryLater),
        ("spam_risk_user_banned_from_posting", NotAllowed),
    ],
)
def test_other_failures_say_what_may_be_done(account: Account, reason: str, expected: type[NetworkError]) -> None:
    account.server.fail_reason = reason or " "
    with pytest.raises(expected) as caught:
        account.publish(film())
    assert "script" not in str(caught.value)


def test_a_failure_of_tiktoks_own_is_begun_again(account: Account) -> None:
    account.server.fail_reason = "internal"
    with pytest.raises(TryLater):
        account.publish(film())
    account.server.fail_reason = ""
    handle = next(iter(account.server.publishes))
    assert account.network.prepare(film(handle=handle), key=KEY) != handle


def test_a_post_without_its_id_yet_is_there_all_the_same(account: Account) -> None:
    account.server.moderating = True
    receipt = account.publish(film())
    assert (receipt.id, receipt.url) == ("v_pub_file~v2-1.7000", "https://www.tiktok.com/@lumenvelo")
    assert list(account.network.measure([receipt])) == []
    account.server.moderating, account.server.spells_it_right = False, True
    assert {(stat.receipt, stat.metric, stat.value) for stat in account.network.measure([receipt])} == {
        (receipt.id, "views", 42),
        (receipt.id, "likes", 5),
        (receipt.id, "replies", 2),
        (receipt.id, "shares", 1),
    }


def test_photos_whose_answer_was_lost_are_found_among_our_posts(account: Account) -> None:
    account.server.posts["7456000000000000001"] = {
        "id": "7456000000000000001",
        "kind": "photo",
        "create_time": NOW - 90_000,
        "video_description": "Two lamps",
    }
    receipt = account.publish(photos())
    part = photos(handle=account.network.prepare(photos(), key=KEY))
    found = account.again().find(part, key=KEY, since=SINCE)
    assert found is not None
    assert found.id == receipt.id


def test_photos_that_are_not_listed_or_listed_twice_stay_unknown(account: Account) -> None:
    part = photos(handle=account.network.prepare(photos(), key=KEY))
    with pytest.raises(Unknown) as caught:
        account.network.find(part, key=KEY, since=SINCE)
    assert caught.value.code == ""
    account.publish(photos(), "a" * 64)
    account.publish(photos(), "b" * 64)
    with pytest.raises(Unknown) as caught:
        account.again().find(part, key=KEY, since=SINCE)
    assert caught.value.code == "ambiguous"


def test_slow_photos_are_asked_for_by_their_name_in_the_same_run(account: Account) -> None:
    account.server.reads_until_done = 2 * len(MEDIA_WAITS)
    account.server.lists_photos = False
    part = photos(handle=account.network.prepare(photos(), key=KEY))
    with pytest.raises(Unknown) as caught:
        account.network.publish(part, key=KEY)
    assert "p_pub_url" in str(caught.value)
    account.server.reads_until_done = 0
    found = account.network.find(part, key=KEY, since=SINCE)
    assert found is not None
    assert account.network.publish(part, key=KEY) == found
    assert len(account.server.posts) == 1


def test_our_list_is_read_to_its_end(account: Account) -> None:
    for number in range(55):
        identity = str(7456000000000000000 + number)
        post = {"id": identity, "kind": "photo", "create_time": NOW, "video_description": str(number)}
        account.server.posts[identity] = post
    part = photos("50", handle=account.network.prepare(photos("50"), key=KEY))
    found = account.network.find(part, key=KEY, since=SINCE)
    assert found is not None
    assert found.id == "7456000000000000050"
    assert len(account.sent("/v2/video/list/")) == 3


def test_looking_without_a_handle_or_an_answer_proves_nothing(account: Account) -> None:
    with pytest.raises(Unknown):
        account.network.find(film(), key=KEY, since=SINCE)
    with pytest.raises(Unknown):
        account.network.find(film(handle="v_pub_file~gone"), key=KEY, since=SINCE)
    account.server.fail_once(STATUS, answer(200, {"status": "SOMETHING_NEW"}))
    with pytest.raises(Unknown):
        account.network.find(film(handle="v_pub_file~gone"), key=KEY, since=SINCE)
