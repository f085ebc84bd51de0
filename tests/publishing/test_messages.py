"""The message to the people of a channel: the same bytes for the same situation, and nothing of it can do harm."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from inline_snapshot import snapshot
from markdown_it import MarkdownIt

from builder import workspace
from publishing_stage import DUE, a_channel, a_post
from socialops.content.brand import Brand
from socialops.content.load import Content
from socialops.content.post import Post
from socialops.networks.draft import Receipt
from socialops.output.plan import attention_json, attention_text
from socialops.publishing.breaker import Breaker
from socialops.publishing.happened import Ask, Claimed, No, Yes
from socialops.publishing.ledger import Ledger
from socialops.publishing.machine import Delivery, after
from socialops.publishing.messages import MOST, code, link, messages, update
from socialops.publishing.plan import plan

ZONE = ZoneInfo("Europe/Istanbul")
DAY = timedelta(days=1)
LATER = DUE + timedelta(hours=5)
CLAIM = Claimed("key", DUE + timedelta(minutes=30))
FIRST = Receipt("1", "https://mastodon.example/@test/1", "2026-12-01T06:30:02Z")


def failing(message: str = "it is down", code: str = "503", until: datetime = LATER, count: int = 5) -> Breaker:
    return Breaker(DUE, until, count, message, code)


def waiting(post: str = "launch", why: str = "nobody can tell", channel: str = "mastodon") -> Delivery:
    """Return a delivery of two parts: the first is there, the second waits for a person."""
    delivery = Delivery(post, channel, "mastodon", "2026-12-01T06:30:00Z", {"parts": [{"text": "a"}, {"text": "b"}]})
    for part, happened in ((0, CLAIM), (0, Yes(FIRST)), (1, CLAIM), (1, Ask(why))):
        delivery = after(delivery, part, happened, DUE)
    return delivery


def said(
    root: Path,
    *deliveries: Delivery,
    posts: tuple[Post, ...] = (),
    now: datetime = LATER,
    faults: Mapping[tuple[str, str], str] | None = None,
    shut: Mapping[str, Breaker] | None = None,
) -> Mapping[str, str]:
    ledger = Ledger(
        root, {(delivery.post, delivery.channel): delivery for delivery in deliveries}, faults=dict(faults or {})
    )
    channels = {name: a_channel(name) for name in ("mastodon", "mastodon-il")}
    content = Content(workspace(root), posts, channels, Brand())
    return messages(plan(content, ledger, now), ledger, now, ZONE, shut or {})


def test_a_message_says_what_waits_why_and_what_to_copy(tmp_path: Path) -> None:
    posts = (a_post(title="Winter launch"), a_post("missed"), a_post("refused"), a_post("held", late_ok=DAY))
    refused = Delivery("refused", "mastodon", "mastodon", "2026-12-01T06:30:00Z", {"parts": [{"text": "a"}]})
    for happened in (CLAIM, No("The text is too long", "422")):
        refused = after(refused, 0, happened, DUE)
    told = said(tmp_path, waiting(), refused, posts=posts, shut={"mastodon": failing()})
    assert list(told) == ["mastodon"]
    assert told["mastodon"] == snapshot("""\
<!-- socialops:attention:mastodon -->
# `mastodon` needs a person

What waits here, and what to do about it. The message follows what happens, and goes when nothing waits.

## Sending fails here

- Since: Tue 2026-12-01 09:30 Europe/Istanbul. One post is tried an hour after the last try; a success ends it.
- What the network said: `it is down (503)`
- Waits: `held`, due Tue 2026-12-01 09:30 Europe/Istanbul

What to do:

- Ask the network how we stand:
  ```sh
  socialops doctor --publishing --online
  ```
- Try nothing until it is mended:
  ```sh
  socialops pause channel:mastodon --why 'sending fails'
  ```

## Waits for your decision (1)

### `launch`

- Post: `Winter launch`
- File: `posts/launch.md`
- Due: Tue 2026-12-01 09:30 Europe/Istanbul
- Why: `nobody can tell`
- There: <https://mastodon.example/@test/1>

What to do:

- Look at `mastodon` (`https://mastodon.example`).
- The next part is there:
  ```sh
  socialops resolve launch mastodon --sent URL
  ```
- It is not there, and the rest shall follow:
  ```sh
  socialops resolve launch mastodon --retry
  ```
- Leave it as it is:
  ```sh
  socialops resolve launch mastodon --cancel
  ```
- Take down what is there:
  ```sh
  socialops unpublish launch mastodon
  ```

## Could not be published (1)

### `refused`

- File: `posts/refused.md`
- Due: Tue 2026-12-01 09:30 Europe/Istanbul
- Why: `failed: The text is too long. Change the post and it is tried again.`

What to do:

- Change `posts/refused.md`, and it is tried again.
- Or, where the post was not the cause, send it anew:
  ```sh
  socialops resolve refused mastodon --retry
  ```
- Or leave it:
  ```sh
  socialops resolve refused mastodon --cancel
  ```

## Came too late (1)

### `missed`

- File: `posts/missed.md`
- Due: Tue 2026-12-01 09:30 Europe/Istanbul
- Why: it is too late for it to go out by itself

What to do:

- Give it a new date in `posts/missed.md`, or write `draft: true` there.
""")


def test_a_channel_whose_sends_fail_is_told_at_the_terminal_too() -> None:
    told = attention_text((), zone=ZONE, failing={"mastodon": failing("it is \x1b[2Jdown")})
    assert told == snapshot("""\
Needs a person (1)

mastodon (1)
  Tue 2026-12-01 09:30  everything sent since then failed; one post is tried an hour after the last try
                        it is <U+001B>[2Jdown
                      - Ask the network how we stand: socialops doctor --publishing --online
                      - Try nothing until it is mended: socialops pause channel:mastodon --why 'sending fails'
""")
    document = json.loads(attention_json((), now=LATER, failing={"mastodon": failing()}))
    assert [(item["channel"], item["message"]) for item in document["failing"]] == [("mastodon", "it is down")]
    assert attention_text((), zone=ZONE) == "Nothing needs a person.\n"


def test_nothing_is_said_where_nothing_waits(tmp_path: Path) -> None:
    assert said(tmp_path, posts=(a_post(),), now=DUE) == {}


def test_the_same_situation_is_the_same_bytes_and_touches_no_file(tmp_path: Path) -> None:
    posts = (a_post(), a_post("missed"), a_post("held", late_ok=DAY))

    def told(minutes: int) -> Mapping[str, str]:
        now = LATER + timedelta(minutes=minutes)
        shut = {"mastodon": failing(until=now + timedelta(minutes=30), count=5 + minutes // 60)}
        return said(tmp_path, waiting(), posts=posts, now=now, shut=shut)

    first = told(0)
    assert update(tmp_path, first) == [tmp_path / "attention/mastodon.md"]
    before = (tmp_path / "attention/mastodon.md").stat()
    for minutes in (1, 59, 600, 1000):
        assert told(minutes) == first
        assert update(tmp_path, told(minutes)) == []
    after_all = (tmp_path / "attention/mastodon.md").stat()
    assert (before.st_ino, before.st_mtime_ns) == (after_all.st_ino, after_all.st_mtime_ns)


def test_what_is_settled_takes_its_message_away_and_leaves_the_others(tmp_path: Path) -> None:
    told = said(tmp_path, waiting(), waiting("kar", channel="mastodon-il"), posts=(a_post(),))
    assert [file.name for file in update(tmp_path, told)] == ["mastodon-il.md", "mastodon.md"]
    notes = tmp_path / "attention/notes.md"
    notes.write_text("Written by a person.\n", "utf-8")
    left = {"mastodon": told["mastodon"]}
    assert update(tmp_path, left) == [tmp_path / "attention/mastodon-il.md"]
    assert update(tmp_path, left) == []
    assert update(tmp_path, {}) == [tmp_path / "attention/mastodon.md"]
    assert notes.is_file()


def test_a_great_many_fit_into_one_message(tmp_path: Path) -> None:
    many = [waiting(f"post-{number:04}", "y" * 5000) for number in range(1000)]
    text = said(tmp_path, *many)["mastodon"]
    assert f"And {1000 - MOST} more, which `socialops plan --attention` shows." in text
    assert len(text) < 65_536


# --- what others wrote does no harm ---------------------------------------------------------------------------------

HOSTILE = (
    "@everyone look at #1",
    "</code><script>alert(1)</script>",
    "`` ` @mona ``` ```` `",
    "`",
    "a\n\n# Heading\n\n- [x](javascript:alert(1))",
    "--> <img src=x onerror=alert(1)>",
    "[text](https://evil.example) https://evil.example www.evil.example ![](https://evil.example/x.png)",
    "מבצע \u202eחורף\u202c של @lumen",
    "$(rm -rf ~); `reboot`",
    "\x1b[2J\x00\x7f",
    "<!-- socialops:attention:bluesky -->",
    "{0} {} %s ${x}",
    "\ud800",
    "$`\\alpha`$",
)


def shown(markdown: str) -> tuple[str, list[str]]:
    """Return what a forge would make of it outside of code (as it reads it), and its links."""
    tokens = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).parse(markdown)
    outside, links = [], []
    for token in tokens:
        if token.type == "html_block":
            outside.append(token.content)
        for child in token.children or ():
            if child.type == "link_open":
                links.append(str(child.attrs["href"]))
            elif child.type not in ("code_inline", "link_close"):
                outside.append(child.content)
    return "\n".join(outside), links


@pytest.mark.parametrize("hostile", HOSTILE)
def test_what_others_wrote_is_shown_and_does_nothing(tmp_path: Path, hostile: str) -> None:
    post = replace(a_post(title=hostile), path=f"posts/{hostile}.md")
    delivery = waiting(why=hostile)
    events = [
        replace(event, detail={**event.detail, "url": f"https://evil.example/{hostile}"}) if event.seq == 2 else event
        for event in delivery.events
    ]
    orphan = replace(waiting(hostile, channel=hostile), path=hostile)
    told = said(
        tmp_path,
        replace(delivery, events=tuple(events)),
        orphan,
        posts=(post,),
        faults={("x", "mastodon"): hostile},
        shut={"mastodon": failing(hostile, hostile)},
    )
    for text in told.values():
        outside, links = shown(text)
        mark, _, rest = outside.partition("\n")
        assert re.fullmatch(r"<!-- socialops:attention:[A-Za-z0-9%._~-]+ -->", mark)
        assert not re.search(r"[<>@`\[\]]|://|www\.", rest.replace("https://mastodon.example/@test/1", ""))
        assert set(links) <= {"https://mastodon.example/@test/1"}
        assert not any(sign in text for sign in "\x00\x1b\x7f\u202e\ud800")
        assert "alert(1)" not in rest
    files = update(tmp_path / "data", told)
    assert all(file.parent == tmp_path / "data/attention" and file.is_file() for file in files)
    assert len(files) == len(told) == 2


@given(st.text(), st.text())
def test_any_text_stays_inside_its_code_span(first: str, second: str) -> None:
    outside, links = shown(f"- Post: {code(first)} and {code(second)} there")
    bare = outside.replace("\u2068", "").replace("\u2069", "").replace("(empty)", "")
    assert (bare.split(), links) == (["Post:", "and", "there"], [])


def test_what_runs_from_right_to_left_is_kept_apart() -> None:
    assert code("חורף 2026") == "\u2068`חורף 2026`\u2069"
    assert code("kış") == "`kış`"


@pytest.mark.parametrize(
    ("url", "fine"),
    [
        ("https://mastodon.example/@test/1", True),
        ("https://bsky.example/profile/did:plc:abc/post/3l?x=1#y", True),
        ("http://mastodon.example/@test/1", False),
        ("javascript:alert(1)", False),
        ("https://a.example/> <script>", False),
        ("https://name:secret@a.example/1", False),
        ("https://a.example/\u202e1", False),
    ],
)
def test_only_a_plain_https_address_becomes_a_link(url: str, fine: bool) -> None:
    assert shown(f"- There: {link(url)}")[1] == ([url] if fine else [])


def test_a_command_stays_one_command(tmp_path: Path) -> None:
    told = said(tmp_path, waiting("x; reboot #", channel="$(id)"))
    assert "  socialops resolve 'x; reboot #' '$(id)' --cancel\n" in told["$(id)"]
