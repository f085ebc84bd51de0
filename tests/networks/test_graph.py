"""What Meta's networks share: how a refusal is read, how long a quota makes us wait, where a token may go."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from socialops.errors import CredentialsError, NetworkError, NotAllowed, Rejected, TryLater, Unknown
from socialops.http import Http
from socialops.networks.base import Login
from socialops.networks.graph import ENDS, Graph, fault_of, quota_wait, sunset

TOKEN = "EAAs3cret-t0ken"
HOME = "https://graph.facebook.com"


def error(code: int, subcode: int = 0, status: int = 400, **more: Any) -> httpx.Response:
    body = {"message": f"no {TOKEN}", "type": "OAuthException", "code": code, "fbtrace_id": "A1", **more}
    return httpx.Response(status, json={"error": {**body, **({"error_subcode": subcode} if subcode else {})}})


def graph(reply: Callable[[httpx.Request], httpx.Response], host: str = "", **login: Any) -> Graph:
    where = Login("page", "lumenvelo", host, TOKEN, **login)
    return Graph(where, Http(transport=httpx.MockTransport(reply)), place="Facebook", home=HOME, version="v26.0")


REFUSALS: list[tuple[httpx.Response, str, type[NetworkError], type[NetworkError]]] = [
    (error(190), "190", NotAllowed, NotAllowed),
    (error(190, 463), "190/463", NotAllowed, NotAllowed),
    (error(190, 460), "190/460", NotAllowed, NotAllowed),
    (error(190, 467), "190/467", NotAllowed, NotAllowed),
    (error(102), "102", NotAllowed, NotAllowed),
    (error(10), "10", NotAllowed, NotAllowed),
    (error(200, status=403), "200", NotAllowed, NotAllowed),
    (error(299), "299", NotAllowed, NotAllowed),
    (error(368), "368", NotAllowed, NotAllowed),
    (error(100), "100", Rejected, Rejected),
    (error(100, 2061006), "100/2061006", Rejected, Rejected),
    (error(4), "4", TryLater, TryLater),
    (error(17), "17", TryLater, TryLater),
    (error(32), "32", TryLater, TryLater),
    (error(613), "613", TryLater, TryLater),
    (error(80001), "80001", TryLater, TryLater),
    (error(80002), "80002", TryLater, TryLater),
    (httpx.Response(429), "429", TryLater, TryLater),
    (error(506), "506", Unknown, TryLater),
    (error(1), "1", Unknown, TryLater),
    (error(2, status=500), "2", Unknown, TryLater),
    (error(99, is_transient=True), "99", Unknown, TryLater),
    (httpx.Response(502, content=b"<html>"), "502", Unknown, TryLater),
    (httpx.Response(408), "408", Unknown, TryLater),
    (httpx.Response(307, headers={"Location": "https://elsewhere.example"}), "307", Unknown, TryLater),
    (httpx.Response(401), "401", NotAllowed, NotAllowed),
    (httpx.Response(404), "404", Rejected, Rejected),
    (httpx.Response(400, json={"error": {"code": "x", "error_subcode": True}}), "400", Rejected, Rejected),
]


@pytest.mark.parametrize(("answer", "word", "shown", "unseen"), REFUSALS, ids=[row[1] for row in REFUSALS])
def test_a_refusal_says_what_may_be_done(
    answer: httpx.Response, word: str, shown: type[NetworkError], unseen: type[NetworkError]
) -> None:
    for ask, expected in ((graph(lambda _: answer).show, shown), (graph(lambda _: answer).make, unseen)):
        with pytest.raises(NetworkError) as caught:
            ask("1/feed", {"message": "x"})
        assert type(caught.value) is expected
        assert caught.value.code == word
        assert word in caught.value.message
        assert TOKEN not in repr(vars(caught.value))
    with pytest.raises((NotAllowed, TryLater)):
        graph(lambda _: answer).read("me")


def test_a_quota_makes_us_wait_as_long_as_its_header_says() -> None:
    usage = {"17841": [{"type": "pages", "call_count": 100, "estimated_time_to_regain_access": 23}], "1": [{}]}
    assert quota_wait({"X-Business-Use-Case-Usage": json.dumps(usage)}) == timedelta(minutes=23)
    answer = error(80001)
    answer.headers["X-Business-Use-Case-Usage"] = json.dumps(usage)
    with pytest.raises(TryLater) as caught:
        graph(lambda _: answer).show("1/feed", {})
    assert caught.value.after == timedelta(minutes=23)


@pytest.mark.parametrize(
    ("header", "minutes"),
    [
        ("", 60),
        ("[]", 60),
        ("{", 60),
        ('{"1": {}}', 60),
        ('{"1": [7]}', 60),
        ('{"1": [{"estimated_time_to_regain_access": 0}]}', 60),
        ('{"1": [{"estimated_time_to_regain_access": 999999}]}', 360),
        ('{"1": [{"estimated_time_to_regain_access": "soon"}]}', 60),
    ],
)
def test_a_header_that_says_nothing_makes_us_wait_an_hour(header: str, minutes: int) -> None:
    assert quota_wait({"X-Business-Use-Case-Usage": header}) == timedelta(minutes=minutes)


def test_the_token_never_stands_in_an_address() -> None:
    asked: list[httpx.Request] = []

    def reply(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        if request.url.path == "/":
            return httpx.Response(200, json=[{"code": 200, "body": "{}"}])
        following = f"{HOME}/v26.0/1/feed?access_token={TOKEN}&limit=1&after=abc&fields=other"
        more = {} if "after" in request.url.params else {"paging": {"next": following}}
        return httpx.Response(200, json={"data": [{"id": "1"}], "success": True, **more})

    ours = graph(reply, secrets={"APP_SECRET": "app"})
    ours.read("me")
    assert len(list(ours.pages("1/feed", {"fields": "id"}, most=3))) == 2
    ours.show("1/feed", {"message": "x"})
    ours.batch(["1?fields=id"])
    ours.remove("1")
    assert not [request for request in asked if TOKEN in str(request.url)]
    assert [dict(request.url.params)["after"] for request in asked if "after" in request.url.params] == ["abc"]
    proof = hmac.new(b"app", TOKEN.encode(), hashlib.sha256).hexdigest()
    sent = [{**dict(r.url.params), **{k: v[0] for k, v in parse_qs(r.content.decode()).items()}} for r in asked]
    assert {fields["appsecret_proof"] for fields in sent} == {proof}


def test_a_list_that_does_not_end_proves_nothing() -> None:
    endless = {"data": [{"id": "1"}], "paging": {"cursors": {"after": "a"}, "next": f"{HOME}/v26.0/1/feed"}}
    ours = graph(lambda _: httpx.Response(200, json=endless))
    with pytest.raises(Unknown):
        list(ours.pages("1/feed", {}, most=4))


def test_a_version_is_the_channels_choice() -> None:
    asked: list[str] = []

    def reply(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        return httpx.Response(200, json={})

    for settings in ({}, {"api_version": "v27.0"}, {"api_version": 28.0}):
        graph(reply, settings=settings).read("me")
    assert asked == ["/v26.0/me", "/v27.0/me", "/v28.0/me"]
    with pytest.raises(CredentialsError):
        graph(reply, settings={"api_version": "../v1.0/x"})


def test_a_version_that_ends_is_told_two_months_before() -> None:
    assert sunset("v25.0", ENDS[25] - timedelta(days=61)) == ""
    assert "ends on 2028-07-29" in sunset("v25.0", ENDS[25] - timedelta(days=60))
    assert "ends on 2028-07-29" in sunset("v25.0", ENDS[25])
    assert "has ended" in sunset("v25.0", ENDS[25] + timedelta(days=1))
    assert "has ended" in sunset("v3.1", date(2026, 11, 22))
    assert sunset("v26.0", date(2030, 1, 1)) == ""
    assert "no version" in sunset("latest", date(2026, 11, 22))


def test_a_token_goes_to_the_network_or_to_this_very_machine() -> None:
    graph(lambda _: httpx.Response(200), host="http://127.0.0.1:8765")
    for host in ("https://elsewhere.example", "http://127.0.0.1.elsewhere.example", "http://127.0.0.1/x"):
        with pytest.raises(CredentialsError):
            graph(lambda _: httpx.Response(200), host=host)


@pytest.mark.parametrize(
    "address",
    [
        "https://rupload.elsewhere.example/video",
        "http://rupload.facebook.com/video",
        "https://rupload.facebook.com@elsewhere.example/",
        "https://x@rupload.facebook.com/",
        "https://evilfacebook.com/",
        "//",
        "https://[",
    ],
)
def test_bytes_and_token_go_only_to_metas_own_servers(address: str) -> None:
    def never(_request: httpx.Request) -> httpx.Response:
        raise AssertionError

    with pytest.raises(TryLater):
        graph(never).hand_over(address, b"x", {}, deadline=1)


def test_what_is_gone_is_deleted() -> None:
    graph(lambda _: error(100, 33)).remove("1")
    graph(lambda _: httpx.Response(404)).remove("1")
    with pytest.raises(NotAllowed):
        graph(lambda _: error(200)).remove("1")
    with pytest.raises(Unknown):
        graph(lambda _: httpx.Response(200, json={"success": False})).remove("1")


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=8,
)
ERRORS = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(("code", "error_subcode", "is_transient", "message"), ANYTHING)
)


@given(ANYTHING | st.fixed_dictionaries({"error": ANYTHING | ERRORS}), st.sampled_from([200, 301, 400, 404, 429, 500]))
def test_no_answer_is_too_strange_to_be_told(answer: object, status: int) -> None:
    assert fault_of(status, answer).status == status
    ours = graph(lambda _: httpx.Response(200))
    with pytest.raises(NetworkError):
        raise ours.refused_in_batch(status, answer)


@given(st.text(max_size=40) | ANYTHING.map(lambda value: json.dumps({"1": [value], "2": value})))
def test_no_quota_header_is_too_strange_to_be_read(header: str) -> None:
    assert timedelta(seconds=1) <= quota_wait({"X-Business-Use-Case-Usage": header}) <= timedelta(hours=6)
