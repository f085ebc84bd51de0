"""One post and one channel make one draft, by rules a writer can learn."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from inline_snapshot import snapshot
from PIL import Image

from builder import SETTINGS, workspace
from socialops.compose.compose import compose
from socialops.compose.limits import limits_of
from socialops.compose.links import internal_hosts, tracked
from socialops.compose.schedule import due
from socialops.content.brand import Brand, Campaign
from socialops.content.channel import Channel
from socialops.content.load import Content, load
from socialops.content.post import ChannelEntry, PollQuestion, Post, Visibility
from socialops.content.when import parse_when
from socialops.networks.draft import Draft, draft_from_record
from socialops.workspace import Settings, Workspace

MASTODON = Channel("mastodon", "brand/channels/mastodon.md", "mastodon", zone="Europe/Istanbul", lang="tr")
BLUESKY = Channel("bluesky", "brand/channels/bluesky.md", "bluesky", zone="Europe/Bucharest", lang="en")
WINTER = Campaign("winter-2026", "brand/campaigns/winter-2026.md", "Winter", tags=("Winter",))
HANDLES = {
    "isikbagi": {"name": "Işık Bağı", "mastodon": "@isikbagi@social.example", "bluesky": "isikbagi.example"},
    "radu": {"mastodon": "radu@social.example"},
}
CONTENT = Content(
    Workspace(Path("/nowhere"), Settings()),
    channels={"mastodon": MASTODON, "bluesky": BLUESKY},
    brand=Brand(handles=HANDLES, campaigns={"winter-2026": WINTER}),
)


def post(*parts: str, **fields: object) -> Post:
    made = Post("a-post", "posts/a-post.md", parts or ("Hello",), (ChannelEntry("mastodon"), ChannelEntry("bluesky")))
    return replace(made, **fields)  # type: ignore[arg-type]  # the tests name only fields of a post


def on(channel: Channel, made: Post) -> Draft:
    return compose(made, channel, CONTENT)


def shown(draft: Draft) -> list[tuple[str, str, str]]:
    text = draft.parts[-1].text
    return [(span.kind, text[span.start : span.end], span.target) for span in draft.parts[-1].spans]


WORKSPACE_FILES: Mapping[str, str | bytes] = {
    "brand/channels/bluesky.md": "---\nnetwork: bluesky\nhandle: lumen.example\nzone: Europe/Bucharest\n---\n",
    "brand/campaigns/winter-2026.md": "---\ntitle: Winter\nstart: 2026-11-15\nend: 2027-01-10\n---\n",
    "brand/handles.yml": "isikbagi: {name: Işık Bağı, mastodon: '@isikbagi@social.example'}\n",
    "posts/kis.md": """\
---
title: Internal
date: 2026-12-01 09:30
channels: [mastodon, bluesky]
campaign: winter-2026
lang: tr
tags: [Kış, IŞIK]
link: https://example.org/kış?a=1#b
media:
  - file: lamp.png
    alt: Yanan bir lamba
    focus: [0, 0.5]
---
**Kış geldi.** [Rehberi](https://example.org/rehber) okuyun, @isikbagi'na sorun. #ışık
---
Son parça 🐦‍🔥
""",
}


def test_the_whole_draft_of_a_thread_with_everything(tmp_path: Path) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (40, 30), "orange").save(picture, "PNG")
    content = load(workspace(tmp_path, {**WORKSPACE_FILES, "posts/lamp.png": picture.getvalue()}))
    assert content.problems == ()

    mastodon, bluesky = (compose(content.posts[0], content.channels[name], content) for name in ("mastodon", "bluesky"))

    assert [part.text for part in mastodon.parts] == snapshot(
        [
            "Kış geldi. Rehberi https://example.org/rehber okuyun, @isikbagi@social.example'na sorun. #ışık",
            """\
Son parça 🐦‍🔥

https://example.org/kış?a=1&utm_source=mastodon&utm_medium=social&utm_campaign=winter-2026&utm_content=kis#b

#Kış\
""",
        ]
    )
    assert [part.text for part in bluesky.parts] == snapshot(
        ["Kış geldi. Rehberi okuyun, Işık Bağı'na sorun. #ışık", "Son parça 🐦‍🔥\n\n#Kış"]
    )
    assert bluesky.parts[1].card is not None
    assert bluesky.parts[1].card.url.endswith(
        "utm_source=bluesky&utm_medium=social&utm_campaign=winter-2026&utm_content=kis#b"
    )
    assert bluesky.parts[1].card.title == "example.org"
    assert [len(part.attachments) for part in mastodon.parts] == [1, 0]
    attachment = mastodon.parts[0].attachments[0]
    assert (attachment.file, attachment.width, attachment.height, attachment.focus) == (
        "posts/lamp.png",
        40,
        30,
        (0, 0.5),
    )
    assert (attachment.fit.bytes, bluesky.parts[0].attachments[0].fit.bytes) == (16777216, 1000000)
    assert {part.lang for part in mastodon.parts} == {"tr"}
    assert draft_from_record(mastodon.record()) == mastodon


def test_a_plain_text_goes_out_as_it_is_in_the_channels_language() -> None:
    draft = on(MASTODON, post("Günaydın!"))

    assert (draft.kind, draft.parts[0].text, draft.parts[0].lang) == ("text", "Günaydın!", "tr")
    assert (draft.parts[0].visibility, draft.parts[0].sensitive) == ("public", False)


def test_what_a_channels_entry_says_wins_over_the_post_and_the_channel() -> None:
    entry = ChannelEntry(
        "mastodon",
        text="One\n---\nTwo",
        tags=("other",),
        lang="en",
        link="",
        visibility=Visibility.UNLISTED,
        content_warning="",
    )
    made = post(
        "Long", channels=(entry,), tags=("mine",), lang="ro", link="https://example.org", content_warning="Blood"
    )

    draft = on(MASTODON, made)

    assert [part.text for part in draft.parts] == ["One", "Two\n\n#other"]
    assert draft.kind == "thread"
    assert [(part.lang, part.visibility, part.content_warning) for part in draft.parts] == [("en", "unlisted", "")] * 2


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({}, "text"),
        ({"link": "https://example.org"}, "link"),
        ({"parts": ("a", "b"), "link": "https://example.org"}, "thread"),
        ({"poll": PollQuestion(("Yes", "No"))}, "poll"),
    ],
)
def test_the_kind_is_worked_out_from_what_the_post_holds(fields: dict[str, object], kind: str) -> None:
    assert on(MASTODON, post(**fields)).kind == kind


def test_hashtags_are_added_once_whatever_their_case() -> None:
    draft = on(MASTODON, post("Bu #ışık ve #Kış", tags=("IŞIK", "kış", "Bisiklet", "#bisiklet"), lang="tr"))

    assert draft.parts[0].text == "Bu #ışık ve #Kış\n\n#Bisiklet"


def test_in_turkish_a_dotless_letter_makes_another_word() -> None:
    draft = on(MASTODON, post("Bu #sinir", tags=("sınır",), lang="tr"))

    assert draft.parts[0].text == "Bu #sinir\n\n#sınır"


def test_a_link_in_the_text_already_is_not_added_again() -> None:
    assert on(MASTODON, post("See https://example.org.", link="https://example.org")).parts[0].text.count("https") == 1


def test_names_become_the_networks_own_handles_or_plain_words() -> None:
    made = post("@isikbagi ve @radu, @nobody.")

    assert on(MASTODON, made).parts[0].text == "@isikbagi@social.example ve @radu@social.example, @nobody."
    assert on(BLUESKY, made).parts[0].text == "@isikbagi.example ve radu, @nobody."
    assert shown(on(BLUESKY, made)) == [("mention", "@isikbagi.example", "isikbagi.example")]


def test_labelled_links_move_along_with_what_grows_before_them() -> None:
    made = post("@isikbagi: [kış](https://example.org/1) ve [bahar](https://example.org/2)", content_warning="Kaza")

    draft = on(BLUESKY, made)

    assert draft.parts[0].text == "CW: Kaza\n\n@isikbagi.example: kış ve bahar"
    assert shown(draft)[1:] == [
        ("link", "kış", "https://example.org/1"),
        ("link", "bahar", "https://example.org/2"),
    ]


def test_a_content_warning_folds_the_text_where_the_network_can() -> None:
    made = post("a", "b", content_warning="Kaza")

    assert [(part.text, part.content_warning) for part in on(MASTODON, made).parts] == [("a", "Kaza"), ("b", "Kaza")]
    assert [(part.text, part.content_warning) for part in on(BLUESKY, made).parts] == [("CW: Kaza\n\na", ""), ("b", "")]
    assert all(part.sensitive for part in on(BLUESKY, made).parts)


def test_a_card_says_what_the_writer_chose_and_never_the_internal_title() -> None:
    made = post(title="Secret", link="https://www.example.org/x")

    card = on(BLUESKY, made).parts[0].card
    chosen = on(BLUESKY, replace(made, params={"card_title": "Winter", "card_description": "All of it"})).parts[0].card

    assert card is not None
    assert (card.title, card.description) == ("example.org", "")
    assert chosen is not None
    assert (chosen.title, chosen.description) == ("Winter", "All of it")


def test_a_poll_stands_on_the_last_part() -> None:
    draft = on(MASTODON, post("a", "b", poll=PollQuestion(("Yes", "No"), multiple=True)))

    assert draft.parts[0].poll is None
    assert draft.parts[1].poll is not None
    assert (draft.parts[1].poll.seconds, draft.parts[1].poll.multiple) == (86400, True)


@pytest.mark.parametrize(
    ("url", "tagged"),
    [
        (
            "https://example.org",
            "https://example.org?utm_source=mastodon&utm_medium=social&utm_campaign=winter-2026&utm_content=a-post",
        ),
        (
            "https://example.org/?a=1#top",
            "https://example.org/?a=1&utm_source=mastodon&utm_medium=social&utm_campaign=winter-2026&utm_content=a-post#top",
        ),
        (
            "https://example.org/?utm_source=x&utm_content=y",
            "https://example.org/?utm_source=x&utm_content=y&utm_medium=social&utm_campaign=winter-2026",
        ),
        ("mailto:a@example.org", "mailto:a@example.org"),
    ],
)
def test_campaign_links_say_where_a_visit_came_from(url: str, tagged: str) -> None:
    once = tracked(url, post(), MASTODON, WINTER)

    assert once == tagged
    assert tracked(once, post(), MASTODON, WINTER) == once


def test_a_campaign_may_use_its_own_words_and_a_channel_none() -> None:
    own = replace(WINTER, utm={"medium": "Organic Social", "utm_term": "Işık"})

    assert tracked("https://e.org", post(), MASTODON, own) == (
        "https://e.org?utm_source=mastodon&utm_medium=organic%20social&utm_campaign=winter-2026&utm_content=a-post&utm_term=i%C5%9F%C4%B1k"
    )
    assert tracked("https://e.org", post(), replace(MASTODON, utm=False), own) == "https://e.org"
    assert tracked("https://e.org", post(), MASTODON, None) == "https://e.org"


def test_a_channel_has_the_last_word_and_mails_are_no_social_medium() -> None:
    own = replace(WINTER, utm={"medium": "paid-social"})
    chat = replace(MASTODON, utm_values={"medium": "chat", "term": "lamp"})
    assert tracked("https://e.org", post(), chat, own) == (
        "https://e.org?utm_source=mastodon&utm_medium=chat&utm_campaign=winter-2026&utm_content=a-post&utm_term=lamp"
    )
    mail = replace(MASTODON, network="email")
    assert "utm_medium=email&" in tracked("https://e.org", post(), mail, WINTER)


@pytest.mark.parametrize(
    ("url", "bare"),
    [
        ("https://wiki.lumen.example/page", True),
        ("https://deep.wiki.lumen.example/", True),
        ("https://lumen.example/shop", False),
        ("https://notwiki.lumen.example/", False),
        ("https://WIKI.lumen.example:8443/", True),
    ],
)
def test_links_that_only_the_team_opens_stay_bare(url: str, bare: bool) -> None:
    assert (tracked(url, post(), MASTODON, WINTER, {"wiki.lumen.example"}) == url) is bare


def test_internal_are_the_forge_our_servers_and_what_the_strategy_names(tmp_path: Path) -> None:
    files = {
        "pyproject.toml": SETTINGS + 'forge_url = "https://forge.example/lumen/social"\n',
        "brand/strategy.md": "---\ntitle: S\nutm: {internal: [Wiki.lumen.example], media: [podcast]}\n---\nProse\n",
    }
    content = load(workspace(tmp_path, files))
    assert content.problems == ()
    assert internal_hosts(content) == {"forge.example", "mastodon.example", "wiki.lumen.example"}


def test_the_draft_knows_the_link_that_was_built_and_no_record_changes(tmp_path: Path) -> None:
    text = "---\ndate: 2026-12-01 09:30\nchannels: [mastodon]\ncampaign: winter\nlink: https://e.org\n---\nRead\n"
    campaign = "---\ntitle: Winter\nutm: {medium: podcast}\n---\nBrief\n"
    content = load(workspace(tmp_path, {"posts/a.md": text, "brand/campaigns/winter.md": campaign}))
    draft = compose(content.posts[0], content.channels["mastodon"], content)
    assert draft.link == "https://e.org?utm_source=mastodon&utm_medium=podcast&utm_campaign=winter&utm_content=a"
    assert draft.parts[0].text == f"Read\n\n{draft.link}"
    assert "link" not in draft.record()
    assert draft_from_record(draft.record()) == draft


def test_an_accounts_own_limits_win_over_the_networks() -> None:
    own = replace(MASTODON, host="https://big.example", limits={"text": 5000, "checked_on": "2026-11-20", "odd": 1})

    assert limits_of(own).number("text") == 5000
    assert limits_of(own).entries["text"].source == "https://big.example"
    assert limits_of(own).entries["text"].checked_on == "2026-11-20"
    assert limits_of(own).number("attachments") == limits_of(MASTODON).number("attachments") == 4
    assert not limits_of(Channel("x", "", "no-such-network")).has("text")


@pytest.mark.parametrize(
    ("written", "own", "instant"),
    [
        ("2026-12-01 09:30", None, datetime(2026, 12, 1, 6, 30, tzinfo=UTC)),
        ("2026-12-01T09:30:00+01:00", None, datetime(2026, 12, 1, 8, 30, tzinfo=UTC)),
        ("2026-12-01 09:30", "2026-12-02 10:00", datetime(2026, 12, 2, 7, 0, tzinfo=UTC)),
        (None, "2026-12-02 10:00", datetime(2026, 12, 2, 7, 0, tzinfo=UTC)),
        (None, None, None),
    ],
)
def test_a_post_is_due_at_its_wall_time_in_the_channels_zone(
    written: str | None, own: str | None, instant: datetime | None
) -> None:
    entry = ChannelEntry("mastodon", date=parse_when(own) if own else None)

    assert due(post(channels=(entry,), date=parse_when(written) if written else None), MASTODON) == instant


def test_a_time_that_a_zone_skips_is_due_never() -> None:
    assert due(post(date=parse_when("2026-03-29 03:30")), BLUESKY) is None


WORDS = ("Kış", "#ışık", "🚲", "é", "שלום", "@isikbagi", "@radu", "[a](https://example.org/1)", "https://e.org/x_y")
SIGNS = (" ", "\n\n", "**", "- ", "!", "(", ")", "`")
PIECES = st.sampled_from(WORDS + SIGNS)


@given(st.lists(PIECES, max_size=25).map("".join), st.booleans(), st.lists(st.sampled_from(["Kış", "a", "שלום"])))
def test_spans_slice_to_their_words_and_the_same_post_gives_the_same_draft(
    words: str, warned: bool, tags: list[str]
) -> None:
    made = post(words, tags=tuple(tags), content_warning="Kaza" if warned else "", link="https://example.org")
    for channel in (MASTODON, BLUESKY):
        draft = on(channel, made)
        assert draft == on(channel, made)
        text = draft.parts[0].text
        for kind, slice_, target in shown(draft):
            if kind == "mention":
                assert slice_ == f"@{target}"
            elif kind == "tag":
                assert slice_ == f"#{target}"
            else:
                assert slice_ in (target, "a") or target == "https://example.org/1"
        ends = [0, *(edge for span in draft.parts[0].spans for edge in (span.start, span.end)), len(text)]
        assert ends == sorted(ends)
