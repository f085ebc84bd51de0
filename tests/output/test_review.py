"""What a reviewer is shown of a change."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from builder import CHANNEL, SETTINGS, workspace
from output.test_markdown import FORMATTED, HOSTILE, MEANT, TEXTS, seen
from socialops.content.change import Area, compared, scope_of
from socialops.content.channel import Channel
from socialops.content.load import Content, load
from socialops.content.post import ChannelEntry, MediaReference, Post
from socialops.networks.draft import Attachment, Card, Draft, Fit, Part, Poll
from socialops.output import review as output
from socialops.problem import error, warning
from socialops.publishing.changes import Changed, Gone, Review, Touched, Turn, review
from socialops.publishing.ledger import Ledger
from socialops.publishing.machine import Delivery, Event, State

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
POST = "---\ndate: {date}\nchannels: [mastodon]\nlang: en\n---\n{words}\n"


def post(words: str, date: str = "2026-12-03 09:30") -> str:
    return POST.format(words=words, date=date)


@dataclass
class Pair:
    """A base and a head, and what the review says of them."""

    base: Content
    head: Content
    found: Review
    text: str


def reviewed(
    folder: Path, base: Mapping[str, str], head: Mapping[str, str | None], ledger: Ledger | None = None
) -> Pair:
    """Review what *head* makes of *base*; None takes a file away."""
    before = workspace(folder / "base", base)
    shutil.copytree(folder / "base", folder / "head", symlinks=True)
    for name, text in head.items():
        if text is None:
            (folder / "head" / name).unlink()
    after = workspace(
        folder / "head",
        {
            **{
                name: (folder / "head" / name).read_text("utf-8")
                for name in ("pyproject.toml", "brand/channels/mastodon.md")
            },
            **{name: text for name, text in head.items() if text is not None},
        },
    )
    scope = scope_of(after, compared(str(before.root), str(after.root)))
    contents = load(before, cache=False), load(after, cache=False)
    known = ledger or Ledger(before.ledger)
    found = review(*contents, scope, known, NOW)
    return Pair(*contents, found, output.render(found))


def published(identity: str, text: str, at: datetime, state: State = State.CONFIRMED) -> Ledger:
    """A ledger that knows of one delivery."""
    part = Part(text, lang="en", visibility="public")
    draft = Draft(identity, "mastodon", "mastodon", "text", (part,)).record()
    stamp = at.strftime("%Y-%m-%dT%H:%M:%SZ")
    events = (
        Event(1, stamp, State.INTENT, 0, {"source": "0" * 64, "lease_until": stamp}),
        Event(2, stamp, state, 0, {"id": "1", "url": "https://mastodon.example/1", "at": stamp, "extra": {}}),
    )
    delivery = Delivery(identity, "mastodon", "mastodon", stamp, draft, events)
    return Ledger(Path("ledger"), {(identity, "mastodon"): delivery})


def test_a_new_post_is_shown_as_its_channel_gets_it(tmp_path: Path) -> None:
    campaign = "---\ntitle: Winter\nstart: 2026-12-01\nend: 2026-12-31\nutm: {source: x}\n---\n"
    new = post("Snow. **Ride slowly.**").replace(
        "lang: en", "lang: en\ncampaign: winter\nlink: https://example.org/snow"
    )
    pair = reviewed(tmp_path, {"brand/campaigns/winter.md": campaign}, {"posts/2026/12/snow.md": new})
    assert "**1 post on 1 channel · first out Thu 2026-12-03 09:30 Europe/Istanbul**" in pair.text
    assert "#### `mastodon` (mastodon, link) · Thu 2026-12-03 09:30 Europe/Istanbul" in pair.text
    assert "Snow. Ride slowly.\n\nhttps://example.org/snow?utm_" in pair.text
    assert re.search(r"^text \d+/500 ", pair.text, re.MULTILINE)
    assert "🆕 new" in pair.text
    assert "Merge it before Thu 2026-12-03 12:30 Europe/Istanbul" in pair.text


def test_what_a_change_does_to_scheduled_posts_is_told(tmp_path: Path) -> None:
    base = {
        f"posts/{name}.md": post(f"Words of {name}.", f"2026-12-0{day} 09:30") for day, name in enumerate("abcdef", 3)
    }
    pair = reviewed(
        tmp_path,
        base,
        {
            "posts/a.md": base["posts/a.md"].replace("12-03 09:30", "12-10 18:00"),
            "posts/b.md": None,
            "posts/c.md": base["posts/c.md"].replace("Words", "Other words"),
            "posts/moved/d.md": base["posts/d.md"],
            "posts/d.md": None,
            "posts/new-name.md": base["posts/e.md"],
            "posts/e.md": None,
            "posts/f.md": base["posts/f.md"].replace("lang: en", "lang: en\ndraft: true"),
        },
    )
    assert "Moved: from Thu 2026-12-03 09:30 Europe/Istanbul to Thu 2026-12-10 18:00 Europe/Istanbul." in pair.text
    assert "mastodon: it was scheduled for Fri 2026-12-04 09:30 Europe/Istanbul, and does not go out." in pair.text
    assert "Changed: text." in pair.text
    assert "The file was moved from posts/d.md; it is the same post" in pair.text
    assert "This looks like e under another id" in pair.text
    assert "It becomes a draft again" in pair.text
    assert {item.id for item in pair.found.gone} == {"b", "e"}


def test_editing_what_is_published_is_said_to_publish_nothing(tmp_path: Path) -> None:
    date = "2026-11-30 09:30"
    ledger = published("snow", "The words that went out.", NOW - timedelta(days=1))
    pair = reviewed(
        tmp_path,
        {"posts/snow.md": post("The words that went out.", date)},
        {"posts/snow.md": post("Others.", date)},
        ledger,
    )
    turn = pair.found.changed[0].turns[0]
    assert turn.standing == "published"
    assert "at `https://mastodon.example/1`" in pair.text
    assert "Editing publishes nothing" in turn.told[0]
    assert "✏️ **published** `snow` on `mastodon`" in pair.text
    assert "post-edited" in pair.text
    assert "date-passed" not in pair.text


def test_taking_a_published_post_away_leaves_it_on_its_network(tmp_path: Path) -> None:
    ledger = published("snow", "Words.", NOW - timedelta(days=1))
    pair = reviewed(tmp_path, {"posts/snow.md": post("Words.", "2026-11-30 09:30")}, {"posts/snow.md": None}, ledger)
    assert "mastodon: published, and stays there until \\`socialops unpublish snow\\`" in pair.text


@pytest.mark.parametrize(("hours", "late"), [(2, False), (4, True)])
def test_a_post_that_merging_would_not_publish_is_told(hours: int, late: bool, tmp_path: Path) -> None:
    date = (NOW - timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")
    pair = reviewed(tmp_path, {}, {"posts/late.md": post("Words.", date)})
    assert (pair.found.changed[0].turns[0].standing == "too late") is late
    assert ("date-passed" in pair.text) is late
    assert ("⏰ **too late** `late` on `mastodon`: merging publishes nothing there." in pair.text) is late
    if not late:
        assert "goes out right after the merge" in pair.text


def test_an_old_post_may_be_corrected_without_a_new_date(tmp_path: Path) -> None:
    base = {"posts/old.md": post("Words.", "2026-10-01 09:30")}
    pair = reviewed(tmp_path, base, {"posts/old.md": base["posts/old.md"].replace("lang: en", "lang: en\ntitle: Old")})
    assert "date-passed" not in pair.text


def test_collisions_are_told_in_both_directions_and_with_what_the_base_got_meanwhile(tmp_path: Path) -> None:
    base = {"posts/later.md": post("Later.", "2026-12-03 09:35"), "posts/noon.md": post("Noon.", "2026-12-03 12:00")}
    pair = reviewed(tmp_path, base, {"posts/first.md": post("First.")})
    assert (
        "📅 **collision** `first` on `mastodon`: Collision: later goes out 5 min away; the least is 10 min" in pair.text
    )
    assert "The same day on mastodon: 12:00 noon." in pair.text


def test_what_only_the_base_has_is_not_told_as_taken_away(tmp_path: Path) -> None:
    before = workspace(tmp_path / "base", {"posts/meanwhile.md": post("Meanwhile.", "2026-12-03 09:31")})
    after = workspace(tmp_path / "head", {"posts/first.md": post("First.")})
    changes = [change for change in compared(str(before.root), str(after.root)) if change.path == "posts/first.md"]
    contents = load(before, cache=False), load(after, cache=False)
    found = review(*contents, scope_of(after, changes), Ledger(before.ledger), NOW)
    assert found.gone == ()
    assert any("Collision: meanwhile" in words for words in found.changed[0].turns[0].neighbours)


TEAM = (
    "people:\n  ayse: {name: Ayşe, roles: [manager], forge: ayse-lumen}\n  radu: {roles: [legal], forge: radu-lumen}\n"
    "approvals:\n  - {what: posts/, who: [ayse]}\n  - {what: brand/, who: [radu]}\n"
)


def test_who_must_approve_comes_from_the_base(tmp_path: Path) -> None:
    pair = reviewed(
        tmp_path,
        {"brand/team.yml": TEAM},
        {
            "posts/first.md": post("First."),
            "brand/team.yml": TEAM.replace("[radu]", "[ayse]").replace(
                "[ayse]}\n  - {what: brand", "[radu]}\n  - {what: brand"
            ),
            ".github/workflows/x.yml": "x",
            "src/x.py": "x",
        },
    )
    assert "- `posts/`: `ayse-lumen` (`first`)" in pair.text
    assert re.search(
        r"⚠️ \*\*brand rules, the team or the pause switch\*\*: Must be approved by radu \(@\u200bradu-lumen\)",
        pair.text,
    )
    assert "⚠️ **workflows (what runs, and with which secrets)**: Nobody is named" in pair.text
    assert "⚠️ **code**" in pair.text
    assert sum(problem.id == "change-scope" for problem in pair.found.problems) == 3


def test_code_alone_is_no_change_of_posts(tmp_path: Path) -> None:
    pair = reviewed(tmp_path, {}, {"src/x.py": "x"})
    assert "**No post changes.**" in pair.text
    assert not any(problem.id == "change-scope" for problem in pair.found.everything())


RULES = (
    "---\ntitle: Voice\nrules:\n  - id: BR001\n    summary: No praise\n    words: {en: [amazing]}\n"
    "    reason: We explain, we do not praise.\n    good: It works.\n    bad: It is amazing.\n---\nKind.\n"
)


def test_brand_findings_give_their_reason_and_a_relaxed_rule_still_counts(tmp_path: Path) -> None:
    pair = reviewed(tmp_path, {"brand/voice.md": RULES}, {"posts/first.md": post("This lamp is amazing.")})
    assert "BR001" in pair.text
    assert "Why: We explain, we do not praise." in pair.text
    relaxed = reviewed(
        tmp_path / "again",
        {"brand/voice.md": RULES},
        {"posts/first.md": post("This lamp is amazing."), "brand/voice.md": RULES.replace("amazing", "superb")},
    )
    assert "By the rules in force, which this change would alter." in relaxed.text


def test_a_channels_new_zone_moves_posts_that_the_change_does_not_touch(tmp_path: Path) -> None:
    pair = reviewed(
        tmp_path,
        {"posts/first.md": post("First.")},
        {"brand/channels/mastodon.md": CHANNEL.replace("Europe/Istanbul", "Europe/Bucharest")},
    )
    assert (
        "first on mastodon moves from Thu 2026-12-03 09:30 Europe/Istanbul to Thu 2026-12-03 09:30 Europe/Bucharest."
        in (pair.text)
    )
    assert "mastodon: \\`zone\\` changes from Europe/Istanbul to Europe/Bucharest." in pair.text


def test_changed_settings_are_named(tmp_path: Path) -> None:
    pair = reviewed(tmp_path, {}, {"pyproject.toml": SETTINGS + 'late_ok = "30d"\n', "posts/first.md": post("First.")})
    assert "\\[tool.socialops\\] late\\_ok changes from 3 h to 30 d." in pair.text


def test_a_duplicate_id_is_a_finding_of_the_change(tmp_path: Path) -> None:
    pair = reviewed(
        tmp_path, {"posts/a/first.md": post("One.")}, {"posts/b/first.md": post("Two.", "2026-12-09 09:30")}
    )
    assert "id-duplicate" in pair.text


# --- hostile, and long ----------------------------------------------------------------------------------------------

FIT = Fit(1, 1, 1, ("image/jpeg",))


def made(words: str, *, parts: int = 1, posts: int = 1, file: str = "posts/a.jpg") -> Review:
    """A review in which everything that a writer may type is *words*."""
    channel = load_channel()
    picture = Attachment(file, words, "image/jpeg", 10, 10, 10, "0" * 64, FIT)
    part = Part(
        words,
        attachments=(picture,),
        poll=Poll((words, "b"), 60),
        card=Card("https://evil.example/" + words, words, words),
        content_warning=words,
        title=words,
        first_comment=words,
    )
    draft = Draft("x", "mastodon", "mastodon", "text", (part,) * parts)
    turn = Turn(
        channel, "new", NOW, draft, ((),) * parts, told=(words,), neighbours=(f"Collision: {words}",), cost="1 USD"
    )
    item = Changed(
        Post("x", words, (words,), (ChannelEntry("mastodon"),), title=words, media=(MediaReference(file),)),
        True,
        (turn,),
        (error("text-too-long", words, (1, 1), words, words), warning("x", "a.md", (1, 1), words)),
        told=(words,),
    )
    return Review(
        (item,) * posts,
        (Gone(words, words, (words,)),),
        (Touched(Area.CODE, "code", (words,), words, (words,)),),
        (words,),
        (error("file-name", words, (0, 0), words, words),),
    )


def load_channel() -> Channel:
    return Channel("mastodon", "brand/channels/mastodon.md", "mastodon", zone="Europe/Istanbul")


MEDIA = "https://github.com/o/r/raw/0123abc/"
OURS = FORMATTED - {"h1"}


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=60)
@given(TEXTS)
@example("".join(HOSTILE))
@example("```\n</details>\n@octocat fixes #1")
def test_nothing_that_is_typed_gets_out_of_the_review(words: str) -> None:
    for url in ("", MEDIA):
        text = output.render(made(words), media_url=url)
        found = seen(text)
        tags = [tag for tag, _ in found.tags]
        assert tags.count("details") == tags.count("summary") == 1
        assert found.open == []
        for tag, values in found.tags:
            assert tag in {
                "h2",
                "h3",
                "h4",
                "p",
                "strong",
                "ul",
                "li",
                "code",
                "pre",
                "details",
                "summary",
                "b",
                "img",
                "em",
            }
            if tag == "img":
                assert set(values) == {"src", "height", "alt"}
                assert str(values["src"]).startswith(MEDIA)
            elif tag == "code":
                assert values in ({}, {"class": "language-text"})
            else:
                assert values == {}
        assert tags.count("img") == bool(url)
        assert tags.count("h2") == 1
        assert not MEANT.search("".join(found.words))
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]", text)


@given(st.text(max_size=30))
def test_a_file_leads_nowhere_else(name: str) -> None:
    found = seen(output.render(made("words", file=name), media_url=MEDIA))
    images = [values for tag, values in found.tags if tag == "img"]
    assert len(images) == 1
    assert re.fullmatch(re.escape(MEDIA) + r"[\w.~/%-]*", str(images[0]["src"]))


@pytest.mark.parametrize(("posts", "letter"), [(1, "ש"), (3, "`"), (30, "🚲"), (250, "x")])
def test_a_long_review_is_cut_fairly_and_says_so(posts: int, letter: str) -> None:
    found = made(letter * (20_000 if posts < 10 else 900), posts=posts, parts=10 if posts < 10 else 3)
    for most, size in ((output.COMMENT, output.size_of_comment), (output.SUMMARY, output.size_of_summary)):
        text = output.render(found, most=most, size=size)
        assert size(text) <= most
        assert text.count("<details>") == text.count("</details>")
        assert seen(text).open == []
        if most == output.COMMENT:
            assert "To fit in here:" in text
            assert (
                text.count("<summary>")
                + text.count("\n- `x` ·")
                + int((re.search(r"(\d+) posts? left out", text) or [0, 0])[1])
                == posts
            )


def test_short_posts_stay_whole_beside_a_long_one() -> None:
    long, short = made("x" * 30_000, parts=25).changed[0], made("short").changed[0]
    text = output.render(Review((short, long, short)), most=20_000)
    assert text.count("```text\nshort\n```") == 4
    assert "1 post shortened" in text


def test_thumbnails_are_bounded() -> None:
    text = output.render(
        Review(tuple(made("w", file=f"posts/{n}.jpg").changed[0] for n in range(60))), media_url=MEDIA, most=10**7
    )
    assert text.count("<img ") == 24


def test_a_post_without_a_date_and_one_that_comes_again_say_when_they_go_out(tmp_path: Path) -> None:
    slotted = {"brand/channels/mastodon.md": CHANNEL.replace("zone:", "slots: [thu 09:30]\nzone:")}
    again = POST.format(date="2026-11-17 09:30\nrecur: {every: week, until: 2027-01-31}", words="Again")
    head = {"posts/any.md": "---\nchannels: [mastodon]\n---\nAny day\n", "posts/again.md": again}
    pair = reviewed(tmp_path, slotted, head)
    turns = {changed.post.id: changed.turns[0] for changed in pair.found.changed}
    assert {name: (turn.standing, turn.told) for name, turn in turns.items()} == {
        "any": ("new", ("It goes out Thu 2026-12-03 09:30 Europe/Istanbul, in the next free slot.",)),
        "again": (
            "new",
            ("It goes out Tue 2026-12-08 09:30 Europe/Istanbul, as it does every week until 2027-01-31.",),
        ),
    }
    assert not any(problem.id == "date-passed" for problem in pair.found.everything())
