"""The real adapters live through weeks in the sandbox."""

from __future__ import annotations

import re
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from sandbox.conftest import START, Practice, png
from socialops.networks import connect
from socialops.networks.base import Idempotency, Login, Network
from socialops.networks.draft import Attachment, Fit, Part, Poll, Receipt, Reply, Span, Upload


def network(practice: Practice, name: str) -> Network:
    handles = {"mastodon": "@lumenvelo@mastodon.example", "bluesky": "lumenvelo.example"}
    tokens = {"mastodon": practice.token, "bluesky": practice.password}
    return connect(name, Login(name, handles[name], practice.sandbox.url, tokens[name]), practice.http)


def picture(text: str) -> Part:
    data = png(80, 60)
    fit = Fit(1_000_000, 16_000_000, 2000, ("image/png",))
    upload = Upload(data, "image/png", 80, 60, "Karda bir lamba", "0" * 64)
    attachment = Attachment("lamp.png", "Karda bir lamba", "image/png", 80, 60, len(data), "0" * 64, fit)
    tag = text.index("#")
    spans = (Span(tag, len(text), "tag", text[tag + 1 :]),)
    return Part(text, spans=spans, attachments=(attachment,), uploads=(upload,), lang="tr", visibility="public")


def thread(channel: Network, practice: Practice) -> list[Receipt]:
    receipts: list[Receipt] = []
    for number, text in enumerate(("Önce #GörVeGörün", "Sonra #GörVeGörün", "En son #GörVeGörün")):
        reply = Reply(receipts[0], receipts[-1]) if receipts else None
        made = picture(text)
        part = Part(text, made.spans, made.attachments, lang="tr", reply=reply, uploads=made.uploads)
        key = channel.key("launch/test", number, practice.sandbox.now)
        receipts.append(channel.publish(part, key=key))
    return receipts


@pytest.mark.parametrize("name", ["mastodon", "bluesky"])
def test_weeks_of_numbers_only_grow(practice: Practice, name: str) -> None:
    channel = network(practice, name)
    assert channel.idempotency is Idempotency.KEY
    receipts = thread(channel, practice)
    read = []
    for _ in range(30):
        practice.wait(hours=17)
        read.append({(stat.receipt, stat.metric): stat.value for stat in channel.measure(receipts)})
    assert all(before[key] <= after[key] for before, after in pairwise(read) for key in before)
    last = read[-1]
    assert {metric for _, metric in last} >= {"likes", "reposts", "replies", "quotes"}
    assert last[receipts[0].id, "likes"] > last[receipts[2].id, "likes"] > 0
    assert (channel.account().followers or 0) != (1800 if name == "mastodon" else 2600)


@pytest.mark.parametrize("name", ["mastodon", "bluesky"])
def test_a_receipt_leads_to_the_post_on_the_timeline(practice: Practice, name: str) -> None:
    receipts = thread(network(practice, name), practice)
    assert receipts[1].url.startswith(practice.sandbox.url)
    shown = practice.http.get(receipts[1].url)
    place = practice.sandbox.url + shown.headers["Location"] if shown.status == 302 else receipts[1].url
    page = practice.http.get(place).body.decode("utf-8")
    assert page.index("Önce") < page.index("Sonra") < page.index("En son")
    assert page.count("Karda bir lamba</figcaption>") == 3


@pytest.mark.parametrize("name", ["mastodon", "bluesky"])
def test_a_video_is_kept_and_shown_on_the_timeline(practice: Practice, name: str) -> None:
    data = (Path(__file__).parent.parent / "clips" / "upright.mp4").read_bytes()
    fit = Fit(50_000_000, 1 << 40, 1 << 40, ("video/mp4",))
    item = Attachment("ride.mp4", "Bir yolculuk", "video/mp4", 540, 960, len(data), "0" * 64, fit, seconds=4.0)
    film = Upload(data, "video/mp4", 540, 960, "Bir yolculuk", "0" * 64, seconds=4.0)
    channel = network(practice, name)
    part = Part("Aşağı", attachments=(item,), uploads=(film,), lang="tr", visibility="public")
    channel.publish(part, key=channel.key("ride/test", 0, practice.sandbox.now))
    page = practice.http.get(practice.sandbox.url).body.decode("utf-8")
    found = re.search(r'<video src="(/media/[^"]+)" aria-label="Bir yolculuk" width="540" height="960" controls', page)
    assert found
    shown = practice.http.get(practice.sandbox.url + found[1])
    assert (shown.headers["Content-Type"], shown.body) == ("video/mp4", data)
    assert "media-src 'self'" in shown.headers["Content-Security-Policy"]


@pytest.mark.parametrize("name", ["mastodon", "bluesky"])
def test_the_same_key_makes_one_post(practice: Practice, name: str) -> None:
    channel, part = network(practice, name), picture("Bir kez #kış")
    key = channel.key("once/test", 0, START)
    first = channel.publish(part, key=key)
    practice.wait(minutes=50)
    assert channel.publish(part, key=key) == first
    practice.wait(hours=20)
    found = network(practice, name).find(part, key=key, since=START - timedelta(minutes=1))
    assert found is not None
    assert found.id == first.id
    assert practice.page().count("<article") == 1


def test_a_polls_votes_are_read(practice: Practice) -> None:
    channel = network(practice, "mastodon")
    poll = Poll(("Önden", "Arkadan", "İkisi de"), 3 * 86400)
    key = channel.key("poll/test", 0, START)
    receipt = channel.publish(Part("Hangisi?", poll=poll, lang="tr", visibility="public"), key=key)
    practice.wait(days=4)
    votes = {stat.metric: stat.value for stat in channel.measure([receipt])}["votes"]
    assert 10 < votes < 150


def test_an_account_is_known_by_the_handle_of_its_channel(practice: Practice) -> None:
    assert network(practice, "mastodon").account().handle == "@lumenvelo@mastodon.example"
    assert network(practice, "bluesky").account().handle == "lumenvelo.example"
