"""From a Markdown file to a message in a chat: what `check` allows on Telegram, Discord and Slack is what goes out."""

from __future__ import annotations

import contextlib
import io
import itertools
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from builder import workspace
from networks import stub_discord, stub_slack, stub_telegram
from networks.contract import CLAIMED, SINCE, text
from socialops.checks.check import check
from socialops.compose.compose import compose
from socialops.compose.media import fit_picture
from socialops.content.load import load
from socialops.errors import NetworkError
from socialops.http import Http
from socialops.networks import connect
from socialops.networks.base import Login
from socialops.networks.draft import Receipt, Reply
from socialops.problem import Problem
from socialops.workspace import Workspace

SECRETS = {"telegram": stub_telegram.TOKEN, "discord": stub_discord.BOT, "slack": stub_slack.BOT}
CHANNELS = {"telegram": "", "discord": stub_discord.CHANNEL, "slack": stub_slack.CHANNEL}
SETTINGS = {
    "telegram": "chat: '@lumenvelo'",
    "discord": f"channel: '{stub_discord.CHANNEL}'",
    "slack": f"channel: {stub_slack.CHANNEL}",
}
CHANNEL = "---\nnetwork: {0}\nhandle: '@lumenvelo'\nzone: Europe/Istanbul\nlang: tr\nparams:\n  {1}\n---\nOur {0}.\n"
POST = """\
---
title: Kış
date: 2026-12-08 09:30
channels: [{}]
tags: [kış]
media:
  - {{file: lamp.png, alt: Karda yanan bir lamba}}
{}---
*Kış* geldi & [mağaza](https://example.org/m?a=1&b=2) açık: 5 * 3 < 20, snake_case ❄️

---

Yarın devam.
"""
WORDS = "Kış geldi & mağaza açık: 5 * 3 < 20, snake_case ❄️"


def picture() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (64, 48), "orange").save(file, "PNG")
    return file.getvalue()


def written(folder: Path, network: str, more: str = "") -> Workspace:
    files: dict[str, str | bytes] = {
        f"brand/channels/{network}.md": CHANNEL.format(network, SETTINGS[network]),
        "posts/2026/12/2026-12-08-kis.md": POST.format(network, more),
        "posts/2026/12/lamp.png": picture(),
    }
    return workspace(folder, files)


def problems(place: Workspace) -> list[Problem]:
    return [problem for problem in check(load(place)) if problem.file.startswith("posts/")]


def published(place: Workspace, network: str, server: Any) -> list[Receipt]:
    content = load(place)
    (post,) = content.posts
    draft = compose(post, content.channels[network], content)
    login = Login(network, "lumenvelo", "", SECRETS[network], settings=content.channels[network].params)
    adapter = connect(network, login, Http(transport=httpx.MockTransport(server)))
    receipts: list[Receipt] = []
    for number, part in enumerate(draft.parts):
        uploads = tuple(fit_picture(place, attachment) for attachment in part.attachments)
        reply = Reply(receipts[0], receipts[-1]) if receipts else None
        whole = replace(part, uploads=uploads, reply=reply)
        receipts.append(adapter.publish(whole, key=adapter.key(f"{post.id}/{network}", number, CLAIMED)))
    return receipts


@pytest.mark.parametrize("network", sorted(SECRETS))
def test_check_finds_nothing_to_say(network: str, tmp_path: Path) -> None:
    assert [problem for problem in problems(written(tmp_path, network)) if problem.id != "media-fit"] == []


def test_telegram_gets_a_caption_with_a_link(tmp_path: Path) -> None:
    server = stub_telegram.FakeTelegram()
    receipts = published(written(tmp_path, "telegram"), "telegram", server)
    first, second = server.messages.values()
    assert first["text"] == WORDS
    assert [(entity["type"], entity["words"], entity.get("url")) for entity in first["entities"]] == [
        ("italic", "Kış", None),
        ("text_link", "mağaza", "https://example.org/m?a=1&b=2"),
    ]
    assert (second["text"], second["parent"]) == ("Yarın devam.\n\n#kış", int(receipts[0].id))
    assert server.disagreements == []


def test_discord_shows_the_words_as_they_are(tmp_path: Path) -> None:
    server = stub_discord.FakeDiscord()
    receipts = published(written(tmp_path, "discord"), "discord", server)
    second, first = server.messages
    links = [("mağaza", "https://example.org/m?a=1&b=2")]
    assert stub_discord.emphasised(first["content"]) == (WORDS, links, [("italic", "Kış")])
    assert first["attachments"][0]["description"] == "Karda yanan bir lamba"
    assert second["message_reference"] == {"message_id": receipts[0].id}
    assert server.disagreements == []


def test_slack_shows_the_words_as_they_are(tmp_path: Path) -> None:
    server = stub_slack.FakeSlack()
    receipts = published(written(tmp_path, "slack"), "slack", server)
    second, first = server.messages
    assert stub_slack.read_blocks(first["blocks"]) == (WORDS, [("mağaza", "https://example.org/m?a=1&b=2")])
    (section,) = first["blocks"][0]["elements"]
    assert section["elements"][0] == {"type": "text", "text": "Kış", "style": {"italic": True}}
    assert first["blocks"][1]["alt_text"] == "Karda yanan bir lamba"
    assert second["thread_ts"] == receipts[0].id


@pytest.mark.parametrize(("network", "id_"), [("slack", "poll-unsupported"), ("telegram", ""), ("discord", "")])
def test_a_poll_is_judged_by_what_the_chat_has(network: str, id_: str, tmp_path: Path) -> None:
    found = problems(written(tmp_path, network, "poll:\n  options: [Ön, Arka]\n  duration: 1d\n"))
    assert [problem.id for problem in found if problem.id.startswith("poll-")] == ([id_] if id_ else [])


@pytest.mark.parametrize(("network", "most"), [("telegram", 1024), ("discord", 2000), ("slack", 4000)])
def test_a_text_beyond_the_chats_own_count_is_an_error(network: str, most: int, tmp_path: Path) -> None:
    place = written(tmp_path, network)
    file = place.root / "posts/2026/12/2026-12-08-kis.md"
    file.write_text(file.read_text("utf-8").replace("❄️", "❄️ " + "ışık " * (most // 5)), "utf-8")
    found = [problem for problem in problems(place) if problem.id == "text-length"]
    assert len(found) == 1
    assert f"of {most:,}" in found[0].message


WRONG = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-1, 10**12),
    st.floats(),
    st.sampled_from(
        ["", "1045000000000000001", "1796547600.000001", "2026-12-06T09:00:00+00:00", "ratelimited", "../x"]
    ),
    st.just([]),
    st.just({}),
    st.just([{"id": "1"}]),
)
SERVERS: dict[str, Callable[[], Any]] = {
    "telegram": stub_telegram.FakeTelegram,
    "discord": stub_discord.FakeDiscord,
    "slack": stub_slack.FakeSlack,
}


def spoiled(value: Any, at: list[int], wrong: Any) -> Any:
    """Return *value* with something else in one place: where *at* leads, from branch to branch."""
    if not at or not isinstance(value, dict | list) or not value:
        return wrong
    if isinstance(value, list):
        place = at[0] % len(value)
        return [spoiled(item, at[1:], wrong) if n == place else item for n, item in enumerate(value)]
    names = sorted(value)
    name = names[at[0] % len(names)]
    return {**value, name: spoiled(value[name], at[1:], wrong)}


@pytest.mark.parametrize("network", sorted(SECRETS))
@given(
    status=st.sampled_from([200, 200, 200, 400, 403, 429, 500]),
    at=st.lists(st.integers(0, 30), max_size=5),
    wrong=WRONG,
    every=st.integers(1, 4),
)
def test_no_answer_is_more_than_an_adapter_can_bear(
    network: str, status: int, at: list[int], wrong: Any, every: int
) -> None:
    server = SERVERS[network]()
    asked = itertools.count(1)

    def answer(request: httpx.Request) -> httpx.Response:
        response: httpx.Response = server(request)
        if next(asked) % every:
            return response
        body = spoiled(response.json() if response.content else None, at, wrong)
        return httpx.Response(status, content=json.dumps(body).encode())

    settings = {"chat": "@lumenvelo", "channel": CHANNELS[network]}
    login = Login(network, "lumenvelo", "", SECRETS[network], settings=settings)
    adapter: Any = connect(network, login, Http(transport=httpx.MockTransport(answer)))
    receipt = Receipt("1796547600.000000" if network == "slack" else "1045000000000000001", "", "")
    for act in (
        lambda: adapter.publish(text(), key="k"),
        lambda: adapter.find(text(), key="k", since=SINCE),
        lambda: list(adapter.measure([receipt])),
        adapter.account,
        lambda: adapter.delete(receipt),
    ):
        with contextlib.suppress(NetworkError):
            act()
