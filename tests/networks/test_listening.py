"""What people say to us, on each network that lets us hear it: answers, mentions, groups of followers, trends.

The servers in memory get what they need for it here, written from the networks' own descriptions.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from networks import atproto_spec, mastodon_spec, stub_discord, stub_matrix, stub_slack, stub_telegram, stub_youtube
from networks.fakes import DATE, SECRET, FakeBluesky, FakeMastodon, answer
from socialops.errors import NetworkError, NotAllowed, TryLater
from socialops.http import Http
from socialops.networks import connect
from socialops.networks.base import (
    HasDemographics,
    HasMentions,
    HasReplies,
    HasTrends,
    InboxMessage,
    Login,
    Share,
    Trend,
)
from socialops.networks.draft import Receipt
from socialops.networks.listening import PAGES, said, words_of

NOW = datetime(2026, 12, 6, 9, 0, tzinfo=UTC)
SINCE = NOW - timedelta(hours=2)
BEFORE = "2026-12-06T06:59:00.000Z"
AFTER = "2026-12-06T08:30:00.000Z"
SOON = "2026-12-06T08:45:00.000Z"
Handler = Callable[[httpx.Request], httpx.Response]


def told(messages: Any) -> list[tuple[str, str, str, str]]:
    """Return (kind, author, text, about) of messages, and look that nothing of them is shown by repr."""
    listed = list(messages)
    for message in listed:
        assert isinstance(message, InboxMessage)
        assert message.at > SINCE.isoformat()
        if message.text:
            assert message.text not in repr(message)
    return [(message.kind, message.author, message.text, message.about) for message in listed]


def receipt(identity: str, **extra: str) -> Receipt:
    return Receipt(identity, "", "", extra)


# --- Mastodon ---------------------------------------------------------------------------------------------------------


def toot(identity: str, author: str, words: str, at: str = AFTER, **more: Any) -> dict[str, Any]:
    account = {"id": "109" if author == "lumenvelo" else f"7{author}", "acct": author}
    known = {"id": identity, "created_at": at, "content": f"<p>{words}</p>", "account": account, "visibility": "public"}
    return {**known, "url": f"https://mastodon.example/@{author}/{identity}", "in_reply_to_id": None, **more}


class Town(FakeMastodon):
    """A Mastodon server with threads, notifications and tags (methods/statuses, notifications, trends)."""

    def __init__(self) -> None:
        super().__init__()
        self.below: dict[str, list[dict[str, Any]]] = {}
        self.notices: list[dict[str, Any]] = []
        self.tags: list[dict[str, Any]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path, query = request.url.path, request.url.params
        if mastodon_spec.SCHEMA.is_file():
            assert mastodon_spec.faults(request) == []
        if found := re.fullmatch(r"/api/v1/statuses/(\w+)/context", path):
            self.requests.append(request)
            below = self.below.get(found[1])
            return answer(200, {"ancestors": [], "descendants": below}) if below is not None else answer(404, {})
        if path == "/api/v1/notifications":
            self.requests.append(request)
            assert query.get_list("types[]") == ["mention"]
            shown = [n for n in self.notices if int(n["id"]) < int(query.get("max_id", "99999"))]
            return answer(200, shown[: int(query["limit"])])
        if path == "/api/v1/trends/tags":
            self.requests.append(request)
            return answer(200, self.tags[: int(query["limit"])])
        return super().__call__(request)


def mastodon(server: Handler) -> Any:
    login = Login("mastodon", "@lumenvelo@mastodon.example", FakeMastodon.base, SECRET)
    return connect("mastodon", login, Http(transport=httpx.MockTransport(server)))


def test_mastodon_tells_answers_with_what_they_answer_each_once() -> None:
    server = Town()
    first, second, silent = (server.add(words, replies_count=count) for words, count in (("1", 3), ("2", 1), ("3", 0)))
    thread = [
        toot("21", "mia", 'Güzel!<br />Ne <a href="x">zaman</a>?', in_reply_to_id=first["id"]),
        toot(second["id"], "lumenvelo", "2", in_reply_to_id=first["id"]),
        toot("22", "dan@far.example", "מתי?", SOON, in_reply_to_id=second["id"], spoiler_text="Soru"),
        toot("23", "mia", "eski", BEFORE, in_reply_to_id=first["id"]),
        toot("24", "eve", "altta", in_reply_to_id="21"),
    ]
    server.below = {first["id"]: thread, second["id"]: thread[2:3]}
    named = [receipt(status["id"]) for status in (first, second, silent)]
    assert told(mastodon(server).replies(named, since=SINCE)) == [
        ("reply", "@dan@far.example", "CW: Soru\n\nמתי?", second["id"]),
        ("reply", "@eve", "altta", first["id"]),
        ("reply", "@mia", "Güzel!\nNe zaman?", first["id"]),
    ]
    asked = [request.url.path for request in server.requests if "/context" in request.url.path]
    assert len(asked) <= 2


def test_mastodon_asks_for_counters_in_its_own_batch() -> None:
    server = Town()
    named = [receipt(server.add(str(n))["id"]) for n in range(45)]
    assert mastodon(server).replies(named, since=SINCE) == []
    assert len([request for request in server.requests if request.url.path == "/api/v1/statuses"]) == 3


def test_mastodon_tells_mentions_and_direct_messages_but_no_answers_to_us() -> None:
    server = Town()
    shown = [
        toot("31", "mia", "@lumenvelo selam"),
        toot("32", "mia", "aramızda", SOON, visibility="direct"),
        toot("33", "mia", "cevap", in_reply_to_account_id="109"),
        toot("34", "lumenvelo", "biz"),
    ]
    server.notices = [
        {"id": str(900 - n), "type": "mention", "created_at": status["created_at"], "status": status}
        for n, status in enumerate(shown)
    ]
    server.notices.append(
        {"id": "800", "type": "mention", "created_at": BEFORE, "status": toot("35", "x", "y", BEFORE)}
    )
    assert told(mastodon(server).mentions(since=SINCE)) == [
        ("message", "@mia", "aramızda", ""),
        ("mention", "@mia", "@lumenvelo selam", ""),
    ]


def test_mastodon_reads_pages_of_notifications_up_to_a_bound() -> None:
    server = Town()
    server.notices = [
        {"id": str(9000 - n), "type": "mention", "created_at": AFTER, "status": toot(f"5{n}", "mia", f"{n}")}
        for n in range(80 * PAGES + 80)
    ]
    assert len(mastodon(server).mentions(since=SINCE)) == 80 * PAGES
    assert len([request for request in server.requests if request.url.path.endswith("notifications")]) == PAGES


def test_mastodon_tells_the_tags_of_the_day() -> None:
    server = Town()
    server.tags = [
        {"name": "kış", "url": "https://mastodon.example/tags/kis", "history": [{"day": "1", "uses": "12"}]},
        {"name": "bisiklet", "url": "javascript:alert(1)", "history": []},
        {"name": 7},
    ]
    assert mastodon(server).trends() == [
        Trend("#kış", "https://mastodon.example/tags/kis", 12),
        Trend("#bisiklet", "", None),
    ]


# --- Bluesky ----------------------------------------------------------------------------------------------------------

DID = FakeBluesky.did


def skeet(uri: str, handle: str, words: str, at: str = AFTER, **more: Any) -> dict[str, Any]:
    did = DID if handle == "lumenvelo.example" else f"did:plc:{handle.split('.', 1)[0]}"
    author = {"did": did, "handle": handle}
    return {"uri": uri, "cid": "c", "author": author, "record": {"text": words, **more}, "indexedAt": at}


class Sky(FakeBluesky):
    """A PDS with an application behind it: threads, notifications, topics (lexicons of app.bsky)."""

    def __init__(self) -> None:
        super().__init__()
        self.threads: dict[str, Any] = {}
        self.notices: list[dict[str, Any]] = []
        self.topics: list[dict[str, Any]] = []
        self.counts: dict[str, int] = {}

    def __call__(self, request: httpx.Request) -> httpx.Response:
        method, query = request.url.path.removeprefix("/xrpc/"), request.url.params
        if method == "app.bsky.unspecced.getTrendingTopics" and not self.has_application:
            return answer(501, {"error": "MethodNotImplemented", "message": "Method Not Implemented"})
        if not self.has_application or not method.startswith("app.bsky."):
            return super().__call__(request)
        self.requests.append(request)
        if atproto_spec.LEXICONS.is_dir() and "unspecced" not in method:
            assert atproto_spec.faults(request) == []
        if method == "app.bsky.feed.getPosts":
            uris = query.get_list("uris")
            assert len(uris) <= 25
            return answer(200, {"posts": [{"uri": uri, "replyCount": self.counts.get(uri, 0)} for uri in uris]})
        if method == "app.bsky.feed.getPostThread":
            assert 0 <= int(query["depth"]) <= 1000
            thread = self.threads.get(query["uri"])
            return answer(200, {"thread": thread}) if thread else answer(400, {"error": "NotFound", "message": "x"})
        if method == "app.bsky.notification.listNotifications":
            assert int(query["limit"]) <= 100
            begin = int(query.get("cursor", "0"))
            page = [n for n in self.notices if n["reason"] in query.get_list("reasons")][begin:]
            more = {"cursor": str(begin + 100)} if len(page) > 100 else {}
            return answer(200, {"notifications": page[:100], **more})
        if method == "app.bsky.unspecced.getTrendingTopics":
            assert int(query["limit"]) <= 25
            return answer(200, {"topics": self.topics, "suggested": []})
        return super().__call__(request)


def bluesky(server: Handler) -> Any:
    login = Login("bluesky", "lumenvelo.example", FakeBluesky.base, SECRET)
    return connect("bluesky", login, Http(transport=httpx.MockTransport(server)))


def test_bluesky_tells_answers_with_the_nearest_post_of_ours() -> None:
    server = Sky()
    first, second, silent = (f"at://{DID}/app.bsky.feed.post/{key}" for key in ("a", "b", "c"))
    server.counts = {first: 2, second: 1}
    below = {"post": skeet("at://did:plc:dan/app.bsky.feed.post/3kd", "dan.example", "Ne zaman?", SOON)}
    server.threads[first] = {
        "post": {"uri": first},
        "replies": [
            {"post": skeet("at://did:plc:mia/app.bsky.feed.post/3km", "mia.example", "Güzel!"), "replies": []},
            {"post": skeet(second, "lumenvelo.example", "2"), "replies": [below]},
            {"$type": "app.bsky.feed.defs#notFoundPost", "uri": "at://x", "notFound": True},
            {"post": skeet("at://did:plc:old/app.bsky.feed.post/3ko", "old.example", "eski", BEFORE)},
        ],
    }
    server.threads[second] = {"post": {"uri": second}, "replies": [below]}
    named = [receipt(uri) for uri in (first, second, silent)]
    messages = bluesky(server).replies(named, since=SINCE)
    assert told(messages) == [
        ("reply", "@dan.example", "Ne zaman?", second),
        ("reply", "@mia.example", "Güzel!", first),
    ]
    assert messages[1].url == "https://bsky.app/profile/did:plc:mia/post/3km"
    assert [request.url.params["uri"] for request in server.requests if "getPostThread" in request.url.path] == [
        first,
        second,
    ]


def test_bluesky_tells_mentions_but_no_answers_to_us() -> None:
    server = Sky()
    to_us: dict[str, Any] = {"reply": {"parent": {"uri": f"at://{DID}/app.bsky.feed.post/a"}}}
    server.notices = [
        {**skeet("at://did:plc:mia/app.bsky.feed.post/1", "mia.example", "@lumenvelo.example!"), "reason": "mention"},
        {**skeet("at://did:plc:mia/app.bsky.feed.post/2", "mia.example", "cevap", **to_us), "reason": "mention"},
        {**skeet("at://did:plc:mia/app.bsky.feed.post/3", "mia.example", "beğeni"), "reason": "like"},
        {**skeet("at://did:plc:mia/app.bsky.feed.post/4", "mia.example", "eski", BEFORE), "reason": "mention"},
    ]
    assert told(bluesky(server).mentions(since=SINCE)) == [("mention", "@mia.example", "@lumenvelo.example!", "")]
    one = server.notices[0]
    server.notices = [{**one, "uri": f"{one['uri']}{n}"} for n in range(100 * PAGES + 50)]
    assert len(bluesky(server).mentions(since=SINCE)) == 100 * PAGES


def test_bluesky_tells_topics_and_a_bare_server_tells_nothing() -> None:
    server = Sky()
    server.topics = [
        {"topic": "Winter", "link": "/profile/trending.bsky.app/feed/1"},
        {"topic": "t", "displayName": "Kış", "link": "https://evil.example/"},
        {"topic": 7},
    ]
    assert bluesky(server).trends() == [
        Trend("Winter", "https://bsky.app/profile/trending.bsky.app/feed/1"),
        Trend("Kış"),
    ]
    server.has_application = False
    bare = bluesky(server)
    assert (bare.trends(), bare.mentions(since=SINCE)) == ([], [])
    assert bare.replies([receipt(f"at://{DID}/app.bsky.feed.post/a")], since=SINCE) == []


# --- YouTube ----------------------------------------------------------------------------------------------------------


def comment(identity: str, author: str, words: str, at: str = AFTER) -> dict[str, Any]:
    channel = stub_youtube.CHANNEL if author == "@lumenvelo" else f"UC{author}"
    snippet = {
        "authorDisplayName": author,
        "authorChannelId": {"value": channel},
        "textDisplay": words,
        "publishedAt": at,
    }
    return {"kind": "youtube#comment", "id": identity, "snippet": snippet}


class Screen(stub_youtube.FakeYouTube):
    """A YouTube channel with comments and reports (commentThreads, comments, youtubeAnalytics reports.query)."""

    def __init__(self) -> None:
        super().__init__()
        self.comments: list[tuple[str, dict[str, Any], list[dict[str, Any]]]] = []
        self.rows: list[list[Any]] = []
        self.reports: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path, query = request.url.path, dict(request.url.params)
        if request.url.host == "youtubeanalytics.googleapis.com":
            assert path == "/v2/reports"
            assert request.headers["Authorization"] == f"Bearer {stub_youtube.SECRET}"
            self.reports.append(request)
            names = [*query["dimensions"].split(","), *query["metrics"].split(",")]
            return stub_youtube.answer(200, {"columnHeaders": [{"name": name} for name in names], "rows": self.rows})
        if path == "/youtube/v3/commentThreads":
            self.requests.append(request)
            assert query["allThreadsRelatedToChannelId"] == stub_youtube.CHANNEL
            assert (query["order"], query["textFormat"]) == ("time", "plainText")
            begin = int(query.get("pageToken", "0"))
            size = int(query["maxResults"])
            items = [self.thread(*one) for one in self.comments[begin : begin + size]]
            more = {"nextPageToken": str(begin + size)} if len(self.comments) > begin + size else {}
            return stub_youtube.answer(200, {"items": items, **more})
        if path == "/youtube/v3/comments":
            self.requests.append(request)
            items = next(below for _, top, below in self.comments if top["id"] == query["parentId"])
            return stub_youtube.answer(200, {"items": items})
        return super().__call__(request)

    @staticmethod
    def thread(video: str, top: dict[str, Any], below: list[dict[str, Any]]) -> dict[str, Any]:
        snippet = {"videoId": video, "topLevelComment": top, "totalReplyCount": len(below)}
        return {"kind": "youtube#commentThread", "snippet": snippet, "replies": {"comments": below[:5]}}


def youtube(server: Handler) -> Any:
    login = Login("youtube", "@lumenvelo", "", stub_youtube.SECRET)
    return connect("youtube", login, Http(transport=httpx.MockTransport(server)))


def test_youtube_tells_comments_and_answers_to_them() -> None:
    server = Screen()
    many = [comment(f"Ugmany-{n}", f"@p{n}", f"söz {n}.") for n in range(7)]
    server.comments = [
        ("vid_0000001", comment("Ugfirst", "@mia", "Güzel & iyi"), [comment("Uganswer", "@lumenvelo", "Sağ ol")]),
        ("vid_0000002", comment("Ugother", "@dan", "öteki video"), []),
        ("vid_0000001", comment("Ugold-0", "@old", "eski", BEFORE), many),
    ]
    messages = youtube(server).replies([receipt("vid_0000001")], since=SINCE)
    assert ("reply", "@mia", "Güzel & iyi", "vid_0000001") in told(messages)
    assert sorted(author for _, author, _, _ in told(messages)) == ["@mia", *(f"@p{n}" for n in range(7))]
    assert youtube(server).replies([], since=SINCE) == []
    listed = [request for request in server.requests if request.url.path.endswith("commentThreads")]
    assert len(listed) == 1


def test_youtube_stops_at_threads_too_old_for_new_answers() -> None:
    server = Screen()
    server.comments = [
        ("vid_0000001", comment(f"Ugold-{n}", "@a", "x", "2026-10-01T00:00:00Z"), []) for n in range(500)
    ]
    assert youtube(server).replies([receipt("vid_0000001")], since=SINCE) == []
    assert len([request for request in server.requests if request.url.path.endswith("commentThreads")]) == 1


def test_youtube_tells_subscribers_in_groups() -> None:
    server = Screen()
    server.rows = [["age18-24", "female", 40.0], ["age18-24", "male", 10.0], ["age25-34", "male", 50.0], ["x"]]
    assert youtube(server).demographics() == [
        Share("age", "18-24", 160),
        Share("age", "25-34", 160),
        Share("gender", "female", 128),
        Share("gender", "male", 193),
    ]
    query = dict(server.reports[0].url.params)
    assert (query["ids"], query["startDate"], query["endDate"]) == ("channel==MINE", "2026-09-04", "2026-12-03")
    assert (query["dimensions"], query["metrics"]) == ("ageGroup,gender", "viewerPercentage")
    server.rows = []
    assert youtube(server).demographics() == []


# --- Telegram ---------------------------------------------------------------------------------------------------------

CHANNEL_CHAT = {"id": -1001234567890, "type": "channel", "username": "lumenvelo"}
GROUP = {"id": -1009876543210, "type": "supergroup", "title": "Talk"}
MOMENT = int(NOW.timestamp()) - 1800


def update(number: int, words: str, **more: Any) -> dict[str, Any]:
    person = {"id": 5, "is_bot": False, "first_name": "Mia", "username": "mia"}
    message = {"message_id": number, "date": MOMENT, "chat": GROUP, "from": person, "text": words, **more}
    return {"update_id": number, "message": message}


class Hall(stub_telegram.FakeTelegram):
    """A bot with updates (Bot API: getUpdates)."""

    updates: list[dict[str, Any]]

    def getUpdates(self, fields: Any, _files: Any) -> Any:  # noqa: N802 - the method's own name
        assert (fields["offset"], fields["limit"]) == ("-100", "100")
        assert "allowed_updates" not in fields, "it would change what the bot gets from now on"
        return self.updates[-100:]


def telegram(server: Handler) -> Any:
    login = Login("telegram", "@lumenvelo", "", stub_telegram.TOKEN, settings={"chat": "@lumenvelo"})
    return connect("telegram", login, Http(transport=httpx.MockTransport(server)))


def test_telegram_tells_what_its_bot_heard() -> None:
    copy = {
        "message_id": 90,
        "chat": GROUP,
        "is_automatic_forward": True,
        "forward_origin": {"type": "channel", "chat": CHANNEL_CHAT, "message_id": 43},
    }
    server = Hall()
    bot = {"id": 7000000001, "is_bot": True}
    server.updates = [
        update(1, "Güzel!", reply_to_message=copy),
        update(2, "eski", reply_to_message=copy, date=MOMENT - 9000),
        update(3, "kopya", is_automatic_forward=True),
        update(4, "robot", reply_to_message=copy, **{"from": {"id": 6, "is_bot": True}}),
        update(5, "@lumenvelo_bot ne zaman?"),
        update(6, "gizli", chat={"id": 5, "type": "private"}),
        update(7, "cevap @lumenvelo_bot", reply_to_message={"message_id": 2, "chat": GROUP, "from": bot}),
        update(8, "rastgele"),
        {"update_id": 9, "my_chat_member": {}},
    ]
    album = receipt("42", chat=str(CHANNEL_CHAT["id"]), messages="42,43")
    messages = telegram(server).replies([album], since=SINCE)
    assert told(messages) == [("reply", "@mia", "Güzel!", "42")]
    assert (messages[0].id, messages[0].url) == ("-1009876543210/1", "https://t.me/c/9876543210/1")
    assert sorted(told(telegram(server).mentions(since=SINCE))) == [
        ("mention", "@mia", "@lumenvelo_bot ne zaman?", ""),
        ("message", "@mia", "gizli", ""),
    ]
    assert telegram(server).replies([], since=SINCE) == []


def test_a_telegram_bot_that_somebody_else_reads_is_read_later() -> None:
    with pytest.raises(TryLater):
        telegram(lambda _: stub_telegram.refuse(409, "Conflict: can't use getUpdates")).mentions(since=SINCE)


# --- Discord ----------------------------------------------------------------------------------------------------------


def discord(server: Handler, secret: str = stub_discord.BOT) -> Any:
    login = Login("discord", "lumenvelo", "", secret, settings={"channel": stub_discord.CHANNEL})
    return connect("discord", login, Http(transport=httpx.MockTransport(server)))


def test_discord_tells_answers_and_mentions_in_its_channel() -> None:
    server = stub_discord.FakeDiscord()
    ours = server.add("Kış")
    mia = {"id": "555555555555555555", "username": "mia"}
    us = {"id": stub_discord.US, "username": "lumenvelo"}
    to_us = {"message_reference": {"message_id": ours["id"]}, "referenced_message": ours}
    server.add("Güzel!", author=mia, **to_us)
    server.add("biz", **to_us)
    server.add("ileti", author=mia, message_reference={"type": 1, "message_id": ours["id"]})
    server.add(f"<@{stub_discord.US}> ne zaman? <@555555555555555555>", author=mia, mentions=[us, mia])
    server.add("@lumenvelo", author=mia, mentions=[us], **to_us)
    server.add("robot", author={"id": "666666666666666666", "bot": True}, mentions=[us])
    server.add("eski", author=mia, mentions=[us], timestamp=BEFORE)
    network = discord(server)
    assert sorted(told(network.replies([receipt(ours["id"])], since=SINCE))) == [
        ("reply", "mia", "@lumenvelo", ours["id"]),
        ("reply", "mia", "Güzel!", ours["id"]),
    ]
    assert told(network.mentions(since=SINCE)) == [("mention", "mia", "@lumenvelo ne zaman? @mia", "")]
    hook = discord(server, stub_discord.WEBHOOK)
    assert (hook.replies([receipt(ours["id"])], since=SINCE), hook.mentions(since=SINCE)) == ([], [])


# --- Slack ------------------------------------------------------------------------------------------------------------


def slack(server: Handler, secret: str = stub_slack.BOT) -> Any:
    login = Login("slack", "lumenvelo", "", secret, settings={"channel": stub_slack.CHANNEL})
    return connect("slack", login, Http(transport=httpx.MockTransport(server)))


def test_slack_tells_answers_in_threads_and_mentions() -> None:
    server = stub_slack.FakeSlack()
    ours = server.add({"text": "Kış"}, bot_id="B0LUMENBOT")
    quiet = server.add({"text": "Sessiz"}, bot_id="B0LUMENBOT")
    below = {"thread_ts": ours["ts"]}
    server.add({"text": "A &amp; B &lt;3 <https://e.org/|e> <@U0MIA|mia> <!here>"}, user="U0MIA", **below)
    server.add({"text": "biz"}, bot_id="B0LUMENBOT", **below)
    server.add({"text": f"<@{stub_slack.US}> ne zaman? <https://e.org/a>"}, user="U0DAN")
    server.add({"text": "geldi"}, user="U0EVE", subtype="channel_join")
    network = slack(server)
    named = [receipt(ours["ts"]), receipt(quiet["ts"])]
    messages = network.replies(named, since=SINCE)
    assert told(messages) == [("reply", "U0MIA", "A & B <3 e (https://e.org/) @mia @here", ours["ts"])]
    assert f"?thread_ts={ours['ts']}" in messages[0].url
    assert told(network.mentions(since=SINCE)) == [
        ("mention", "U0DAN", f"@{stub_slack.US} ne zaman? https://e.org/a", "")
    ]
    methods = [request.url.path for request in server.requests]
    assert methods.count("/api/conversations.replies") == 1
    assert not isinstance(slack(server, stub_slack.WEBHOOK), HasReplies)


# --- Matrix -----------------------------------------------------------------------------------------------------------


def matrix(server: Handler) -> Any:
    login = Login("matrix", stub_matrix.US, f"https://{stub_matrix.SERVER}", "", settings={"room": stub_matrix.ALIAS})
    return connect("matrix", replace(login, token=SECRET), Http(transport=httpx.MockTransport(server)))


def test_matrix_tells_answers_in_threads_and_mentions() -> None:
    server = stub_matrix.FakeMatrix(SECRET)
    mia = "@mia:far.example"
    root = server.add(stub_matrix.US, "m.room.message", {"msgtype": "m.text", "body": "1"})["event_id"]
    thread = {"rel_type": "m.thread", "event_id": root}
    second = server.add(stub_matrix.US, "m.room.message", {"msgtype": "m.text", "body": "2", "m.relates_to": thread})
    part = second["event_id"]

    def say(body: str, more: dict[str, Any], sender: str = mia) -> str:
        event = server.add(sender, "m.room.message", {"msgtype": "m.text", "body": body, **more})
        return str(event["event_id"])

    say("Güzel!", {"m.relates_to": thread})
    say("İkinci", {"m.relates_to": {**thread, "m.in_reply_to": {"event_id": part}}})
    say("> <@lumen:x> 1\n\nEski usul", {"m.relates_to": {"m.in_reply_to": {"event_id": root}}})
    say("* düzelti", {"m.relates_to": {"rel_type": "m.replace", "event_id": root}})
    say("Lumen, ne zaman?", {"m.mentions": {"user_ids": [stub_matrix.US]}})
    to_us = {"m.in_reply_to": {"event_id": root}}
    say("cevap", {"m.mentions": {"user_ids": [stub_matrix.US]}, "m.relates_to": to_us})
    say("biz", {"m.relates_to": thread}, stub_matrix.US)
    since = datetime(2026, 1, 1, tzinfo=UTC)
    network = matrix(server)
    found = network.replies([receipt(root), receipt(part)], since=since)
    assert sorted((message.text, message.about) for message in found) == [
        ("Eski usul", root),
        ("Güzel!", root),
        ("cevap", root),
        ("İkinci", part),
    ]
    assert [(m.kind, m.author, m.text) for m in network.mentions(since=since)] == [("mention", mia, "Lumen, ne zaman?")]
    assert network.mentions(since=datetime(2030, 1, 1, tzinfo=UTC)) == []
    assert network.replies([], since=since) == []


# --- All of them ------------------------------------------------------------------------------------------------------

NETWORKS: dict[str, tuple[Callable[[Handler], Any], Callable[[], Any], str]] = {
    "mastodon": (mastodon, Town, "9000"),
    "bluesky": (bluesky, Sky, f"at://{DID}/app.bsky.feed.post/a"),
    "youtube": (youtube, Screen, "vid_0000001"),
    "telegram": (telegram, Hall, "42"),
    "discord": (discord, stub_discord.FakeDiscord, "1045000000000000001"),
    "slack": (slack, stub_slack.FakeSlack, "1796547600.000000"),
    "matrix": (matrix, lambda: stub_matrix.FakeMatrix(SECRET), "$event-0000_Zq1x"),
}


def acts(network: Any, identity: str) -> list[Callable[[], Any]]:
    found: list[Callable[[], Any]] = []
    if isinstance(network, HasReplies):
        found.append(lambda: list(network.replies([receipt(identity)], since=SINCE)))
    if isinstance(network, HasMentions):
        found.append(lambda: list(network.mentions(since=SINCE)))
    if isinstance(network, HasDemographics):
        found.append(lambda: list(network.demographics()))
    if isinstance(network, HasTrends):
        found.append(lambda: list(network.trends()))
    return found


@pytest.mark.parametrize(
    ("network", "has"),
    [
        ("mastodon", (HasReplies, HasMentions, HasTrends)),
        ("bluesky", (HasReplies, HasMentions, HasTrends)),
        ("youtube", (HasReplies, HasDemographics)),
        ("telegram", (HasReplies, HasMentions)),
        ("discord", (HasReplies, HasMentions)),
        ("slack", (HasReplies, HasMentions)),
        ("matrix", (HasReplies, HasMentions)),
    ],
)
def test_each_network_says_what_it_can_tell(network: str, has: tuple[type, ...]) -> None:
    connected, server, _ = NETWORKS[network]
    adapter = connected(server())
    kinds = (HasReplies, HasMentions, HasDemographics, HasTrends)
    assert tuple(kind for kind in kinds if isinstance(adapter, kind)) == has


@pytest.mark.parametrize("network", sorted(NETWORKS))
@pytest.mark.parametrize(
    ("status", "error"), [(401, NotAllowed), (403, NotAllowed), (429, TryLater), (500, TryLater), (502, TryLater)]
)
def test_a_refused_look_says_what_may_be_done(network: str, status: int, error: type[NetworkError]) -> None:
    connected, _, identity = NETWORKS[network]

    def refuses(_: httpx.Request) -> httpx.Response:
        return httpx.Response(status, json={"error": f"{SECRET}"}, headers={"Date": DATE, "Retry-After": "7"})

    for act in acts(connected(refuses), identity):
        with pytest.raises(error) as raised:
            act()
        assert SECRET not in str(raised.value)


@pytest.mark.parametrize("network", sorted(NETWORKS))
def test_a_look_without_an_answer_is_a_look_later(network: str) -> None:
    connected, _, identity = NETWORKS[network]

    def breaks(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("slow", request=request)

    for act in acts(connected(breaks), identity):
        with pytest.raises(TryLater):
            act()


NONSENSE = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-5, 10**15), st.text(max_size=8), st.just(AFTER)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=6), inner, max_size=3)),
    max_leaves=8,
)
KEYS = [
    "id",
    "ts",
    "uri",
    "reason",
    "record",
    "author",
    "account",
    "status",
    "content",
    "content",
    "text",
    "thread",
    "replies",
    "post",
    "created_at",
    "type",
    "chat",
    "from",
]


@pytest.mark.parametrize("network", sorted(NETWORKS))
@given(wrong=NONSENSE, key=st.sampled_from(KEYS), every=st.integers(1, 3))
def test_no_answer_is_more_than_a_listener_can_bear(network: str, wrong: Any, key: str, every: int) -> None:
    connected, make, identity = NETWORKS[network]
    server = make()
    if isinstance(server, Hall):
        server.updates = [update(1, "x")]
    asked = 0

    def spoils(request: httpx.Request) -> httpx.Response:
        nonlocal asked
        asked += 1
        whole = server(request)
        if asked % every or whole.status_code != 200:
            return whole  # type: ignore[no-any-return]  # a stub's own answer
        body = json.loads(whole.content)
        for item in body if isinstance(body, list) else [body]:
            if isinstance(item, dict):
                item[key] = wrong
        return httpx.Response(200, json=body if asked % 2 else wrong, headers={"Date": DATE})

    for act in acts(connected(spoils), identity):
        try:
            act()
        except NetworkError:
            continue


@pytest.mark.parametrize(
    ("markup", "words"),
    [
        ("<p>a</p><p>b<br>c</p>", "a\n\nb\nc".replace("\n\n", "\n")),
        ("a &amp; &lt;b&gt;", "a & <b>"),
        ("<script>alert(1)</script>x<style>y</style>", "x"),
        ("<mx-reply><blockquote>old</blockquote></mx-reply>new", "new"),
        ("<img src=x onerror=alert(1)>x", "x"),
        ("a<b", "a<b"),
    ],
)
def test_markup_becomes_words(markup: str, words: str) -> None:
    assert words_of(markup) == words


def test_what_is_no_message_is_left_out() -> None:
    assert said("reply", "", "a", "b", NOW, SINCE) is None
    assert said("reply", 7, "a", "b", NOW, SINCE) is None
    assert said("reply", "1", "a", "b", None, SINCE) is None
    assert said("reply", "1", "a", "b", SINCE, SINCE) is None
    message = said("reply", "1", "a\u202eb\n c", "x\u0000y\u202e" + "z" * 20_000, NOW, SINCE, url="javascript:1")
    assert message is not None
    assert (message.author, message.text[:3], len(message.text), message.url) == ("ab c", "xyz", 10_000, "")
