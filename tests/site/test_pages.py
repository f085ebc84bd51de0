"""The pages of small workspaces: what they say, in which direction, and where their sources are."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from inline_snapshot import snapshot

from site_stage import (
    BLUESKY_CHANNEL,
    HEBREW_CHANNEL,
    NOW,
    Stage,
    elements,
    post,
    stage,
    with_class,
    words,
)
from socialops.compose.compose import compose
from socialops.errors import SiteError
from socialops.measuring.store import Reading
from socialops.publishing.machine import State
from socialops.site.build import menu
from socialops.site.pages import Page
from socialops.site.policy import policy

STRATEGY = """\
---
title: Strategy
pillars:
  - {name: product, title: Product, share: 0.6, description: What we make.}
  - {name: people, title: People, share: 0.4}
audiences:
  - {name: riders, title: Riders, description: People who ride.}
cadence: {mastodon: 2}
---
## Why

Because.
"""
CAMPAIGN = """\
---
title: Winter & light
start: 2026-11-15
end: 2027-01-10
goal: more
owner: ayse
budget: 100 lamps
---
The brief, see [the voice](../voice.md).
"""
GOAL = """\
---
title: More readers
metric: followers
baseline: 100
target: 200
start: 2026-11-01
end: 2026-12-31
owner: ayse
achievable: We had 150 last year.
---
Why.
"""
VOICE = """\
---
title: Voice
summary: Dry.
rules:
  - id: BR001
    severity: warning
    summary: No shouting
    reason: Nobody listens.
    pattern: "[A-Z]{4}"
    good: Hello.
    bad: HELLO!
---
## Sound

Short sentences, see [the look](visual.md) and [nowhere](missing.md).
"""
VISUAL = """\
---
title: Look
params:
  accent: "#b5411f"
  palette:
    - {name: Ember, hex: "#b5411f", use: The accent}
---
Quiet.
"""
FULL: dict[str, str | bytes] = {
    "brand/channels/bluesky.md": BLUESKY_CHANNEL,
    "brand/channels/mastodon-il.md": HEBREW_CHANNEL,
    "brand/strategy.md": STRATEGY,
    "brand/campaigns/winter.md": CAMPAIGN,
    "brand/goals/more.md": GOAL,
    "brand/voice.md": VOICE,
    "brand/visual.md": VISUAL,
    "brand/team.yml": "people:\n  ayse: {name: Ayşe, title: Manager, roles: [manager], languages: [tr]}\n",
    "posts/2026/11/lamp.md": post(
        "The lamp is out.", date="2026-12-01 09:30", title="The lamp", campaign="winter", pillar="product", lang="en"
    ),
    "posts/2026/12/isik.md": post("Işık ve kış.", date="2026-12-08 09:30", lang="tr", campaign="winter"),
    "posts/2026/12/ner.md": post(
        "נר ראשון, https://he.example/a", channels="[mastodon-il]", date="2026-12-09 12:30", lang="he"
    ),
    "posts/2026/12/thread.md": post(
        "One\n\n---\n\nTwo  with   spaces", channels="[mastodon, bluesky]", date="2026-12-10 10:00", lang="en"
    ),
    "posts/2026/idea.md": post("An idea", draft="true"),
}


def page(docs: Path, name: str) -> str:
    return (docs / name).read_text("utf-8")


GOLDEN = Path(__file__).parent / "golden" / "pages"


@pytest.fixture
def full(tmp_path: Path) -> Stage:
    made = stage(tmp_path, FULL)
    made.published("lamp", "mastodon", NOW - timedelta(days=5))
    return made


@pytest.mark.parametrize(
    "name",
    [
        "index.md",
        "calendar/2026-12.md",
        "post/thread.md",
        "strategy/index.md",
        "strategy/campaigns/winter.md",
        "strategy/goals/more.md",
        "channels/team.md",
    ],
)
def test_a_page_is_as_it_was_last_looked_at(full: Stage, name: str) -> None:
    """Set UPDATE_GOLDEN=1 to accept a change; then look at the page in a browser."""
    made = page(full.build(), name)
    golden = GOLDEN / name.replace("/", "-")
    if os.environ.get("UPDATE_GOLDEN"):
        golden.parent.mkdir(parents=True, exist_ok=True)
        golden.write_text(made, "utf-8", newline="")
    assert made == golden.read_text("utf-8")


def test_home_says_what_goes_out_next_with_time_zone_channels_and_state(full: Stage) -> None:
    html = page(full.build(), "index.md")
    assert words(with_class(html, "so-item-next"))[:3] == [
        "Işık ve kış. 09:30 Istanbul mastodon planned",
        "נר ראשון, https://he.example/a 13:30 Istanbul 12:30 Jerusalem mastodon-il planned",
        "One 10:00 Istanbul mastodon planned 11:00 Istanbul 10:00 Bucharest bluesky planned",
    ]


def test_home_shows_what_waits_for_a_person_and_what_to_do(full: Stage) -> None:
    full.published("lamp", "mastodon", NOW - timedelta(days=5), state=State.ATTENTION)
    html = page(full.build(), "index.md")
    [found] = words(with_class(html, "so-problem-bad"))
    assert found.startswith("needs attention 1 delivery")
    assert "socialops resolve" in found
    assert "The lamp" in found


def test_home_says_that_without_a_ledger_nobody_knows_what_was_published(tmp_path: Path) -> None:
    made = stage(tmp_path, {"posts/lamp.md": post("Text.", date="2026-12-01 09:30")})
    assert "There is no ledger here yet" in page(made.build(), "index.md")
    made.published("lamp", "mastodon", NOW - timedelta(days=5))
    assert "There is no ledger here yet" not in page(made.build(), "index.md")


def test_home_counts_what_the_cadence_lacks(full: Stage) -> None:
    html = page(full.build(), "index.md")
    assert words(with_class(html, "so-short")) == ["mastodon 0 of 2 posts", "mastodon 0 of 2 posts"]


def test_home_shows_the_post_that_cannot_be_published_and_the_hint(tmp_path: Path) -> None:
    made = stage(tmp_path, {"posts/long.md": post("x" * 600, date="2026-12-08 09:30", title="Too long")})
    html = page(made.build(), "index.md")
    [found] = words(with_class(html, "so-problem-bad"))
    assert found.startswith("not publishable Too long:")


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("index.md", "Nothing is planned. Write a post, give it a date, and it appears here. Write a post."),
        ("index.md", "No numbers have been read yet."),
        ("index.md", "There is no style guide yet. Begin with a page about your voice."),
        ("calendar/index.md", "Nothing is planned for this month. Write the first post."),
        ("posts/index.md", "There are no posts yet. A post is one Markdown file in posts/. Write the first one."),
        ("reports/index.md", "No report is defined."),
        ("style-guide/index.md", "The style guide is empty. Describe your voice in brand/voice.md"),
        ("strategy/index.md", "There is no strategy yet."),
        ("strategy/campaigns/index.md", "There is no campaign yet."),
        ("strategy/goals/index.md", "No goal is set yet."),
        ("channels/mastodon.md", "Nothing is planned here. Name mastodon in a post's channels:."),
    ],
)
def test_an_empty_workspace_says_everywhere_what_to_do_next(tmp_path: Path, name: str, says: str) -> None:
    html = page(stage(tmp_path, {}).build(), name)
    said = " ".join(words(elements(html))).replace("`", "")
    assert says in said


def test_the_calendar_puts_a_post_into_its_day_with_time_state_and_channel(full: Stage) -> None:
    html = page(full.build(), "calendar/2026-12.md")
    days = {item.attributes.get("datetime", "") for item in elements(html) if item.name == "time"}
    assert {"2026-12-08", "2026-11-30", "2027-01-03"} <= days
    cells = {text.split(" ")[1] + text.split(" ")[2]: text for text in words(with_class(html, "so-day"))}
    assert cells["8December"] == ("Tuesday 8 December 8 Işık ve kış. 09:30 Istanbul planned mastodon winter")
    assert cells["1December"].endswith("The lamp 12:00 Istanbul published mastodon winter")


def test_the_calendar_marks_days_on_which_a_channel_is_silent_too_long(full: Stage) -> None:
    html = page(full.build(), "calendar/2026-12.md")
    gaps = [text for text in words(with_class(html, "so-gap")) if text.startswith("mastodon:")]
    assert gaps[0] == "mastodon: silent since Tue 1 Dec"
    assert "mastodon: silent since Thu 10 Dec" in gaps
    assert words(with_class(html, "so-load"))[1] == "Week 50 mastodon 2 of 2"


def test_the_calendar_lists_what_has_no_date(full: Stage) -> None:
    html = page(full.build(), "calendar/index.md")
    assert "draft An idea mastodon" in words(with_class(html, "so-item"))


def test_each_line_of_the_calendar_can_be_filtered(full: Stage) -> None:
    html = page(full.build(), "calendar/2026-12.md")
    lines = [item.attributes for item in with_class(html, "so-row")]
    assert {key: lines[0][key].strip() for key in ("data-channel", "data-campaign", "data-state")} == {
        "data-channel": "mastodon",
        "data-campaign": "winter",
        "data-state": "published",
    }
    assert [item.attributes.get("hidden") for item in elements(html) if item.name == "form"] == [""]


def test_a_preview_holds_the_sent_text_to_the_character(full: Stage) -> None:
    docs = full.build()
    content = full.content()
    found = next(item for item in content.posts if item.id == "thread")
    sent = [
        part.text for name in ("bluesky", "mastodon") for part in compose(found, content.channels[name], content).parts
    ]
    assert [item.text for item in with_class(page(docs, "post/thread.md"), "so-exact")] == sent


def test_a_hebrew_post_runs_from_right_to_left_and_its_link_does_not(full: Stage) -> None:
    html = page(full.build(), "post/ner.md")
    [text] = with_class(html, "so-exact")
    assert (text.attributes["lang"], text.attributes["dir"]) == ("he", "rtl")
    [link] = [item for item in elements(html) if item.attributes.get("href", "").startswith("https://he.example")]
    assert link.attributes["dir"] == "ltr"
    assert html.startswith("---\n")
    assert '# <span dir="rtl" lang="he">' in html


def test_a_turkish_post_says_so_and_keeps_its_letters(full: Stage) -> None:
    html = page(full.build(), "post/isik.md")
    [text] = with_class(html, "so-exact")
    assert (text.attributes["lang"], text.attributes["dir"], text.text) == ("tr", "ltr", "Işık ve kış.")


def test_the_style_sheet_never_changes_the_case_of_letters() -> None:
    sheets = Path(__file__).parents[2] / "src" / "socialops" / "site" / "assets"
    for sheet in sheets.glob("*.css"):
        rules = [line for line in sheet.read_text("utf-8").splitlines() if not line.strip().startswith("/*")]
        assert not [line for line in rules if "text-transform:" in line], sheet.name


def test_a_published_post_links_to_its_receipt_and_shows_its_numbers(full: Stage) -> None:
    full.readings = [
        Reading(NOW - timedelta(days=2), "mastodon", "lamp", 0, "likes", 4),
        Reading(NOW - timedelta(hours=2), "mastodon", "lamp", 0, "likes", 7),
    ]
    html = page(full.build(), "post/lamp.md")
    assert "https://net.example/lamp/0" in [item.attributes.get("href") for item in elements(html)]
    assert words(with_class(html, "so-numbers")) == ["likes 7 Read Sun 6 Dec 2026, 10:00 Istanbul"]


def test_what_was_sent_is_shown_even_when_the_file_has_changed_since(full: Stage) -> None:
    (full.workspace.root / "posts/2026/11/lamp.md").write_text(
        post("Something else.", date="2026-12-01 09:30", title="The lamp", lang="en"), "utf-8"
    )
    assert words(with_class(page(full.build(), "post/lamp.md"), "so-exact")) == ["The lamp is out."]


def test_a_published_post_whose_file_is_gone_is_still_on_the_calendar(full: Stage) -> None:
    (full.workspace.root / "posts/2026/11/lamp.md").unlink()
    docs = full.build()
    assert "published mastodon" in " ".join(words(with_class(page(docs, "calendar/2026-12.md"), "so-day")))
    assert "The file of this post is gone" in page(docs, "post/lamp.md")


def test_older_posts_stand_in_their_month_instead_of_on_a_page(tmp_path: Path) -> None:
    made = stage(tmp_path, {"posts/old.md": post("An old text.", date="2026-02-03 09:30", title="Old")})
    docs = made.build()
    assert not (docs / "post" / "old.md").exists()
    html = page(docs, "posts/2026-02.md")
    assert words(with_class(html, "so-exact")) == ["An old text."]
    assert "old" in [item.attributes.get("id") for item in elements(html)]
    assert "../posts/2026-02.html#old" in page(docs, "calendar/2026-02.md")


def test_the_archive_shows_what_went_to_several_channels_once_and_differences_apart(tmp_path: Path) -> None:
    files = {
        "brand/channels/bluesky.md": BLUESKY_CHANNEL,
        "posts/same.md": post("The same.", channels="[mastodon, bluesky]", date="2026-02-03 09:30", lang="en"),
        "posts/two.md": post("One.", channels="{mastodon: {}, bluesky: {text: Two.}}", date="2026-02-04 09:30"),
        "posts/thread.md": post("First\n\n---\n\nSecond", date="2026-02-05 09:30", content_warning="Long"),
    }
    made = stage(tmp_path, files)
    made.published("same", "mastodon", NOW - timedelta(days=300))
    made.readings = [Reading(NOW - timedelta(days=299), "mastodon", "same", 0, "likes", 7)]
    html = page(made.build(), "posts/2026-02.md")
    assert words(with_class(html, "so-exact")) == ["The same.", "One.", "Two.", "First", "Second"]
    to = words(with_class(html, "so-archived-to"))
    assert to == [
        "bluesky · mastodon: likes 7 · Edit this",
        "mastodon",
        "bluesky · Edit this",
        "mastodon · Edit this",
    ]
    assert words(with_class(html, "so-part-number")) == ["1/2", "2/2"]
    assert words(with_class(html, "so-warning")) == ["Content warning: Long"] * 2
    assert "https://net.example/same/0" in [item.attributes.get("href") for item in elements(html)]


def test_an_archived_post_costs_a_builder_few_elements(tmp_path: Path) -> None:
    files = {f"posts/{name}.md": post(f"Text {name}.", date=f"2026-02-03 09:3{name}") for name in "0123456789"}
    docs = stage(tmp_path, {"brand/channels/bluesky.md": BLUESKY_CHANNEL, **files}).build()
    found = elements(page(docs, "posts/2026-02.md"))
    # Each tag of the page is read two or three times: with a hundred a post, ten thousand posts took a minute.
    assert len(found) / len(files) < 14


def test_the_archive_keeps_hebrew_from_right_to_left_and_links_to_the_source(tmp_path: Path) -> None:
    files = {
        "brand/channels/mastodon-il.md": HEBREW_CHANNEL,
        "posts/ner.md": post("נר, https://he.example/a", channels="[mastodon-il]", date="2026-02-03 12:30", lang="he"),
    }
    html = page(stage(tmp_path, files).build(), "posts/2026-02.md")
    [text] = with_class(html, "so-exact")
    assert (text.attributes["lang"], text.attributes["dir"]) == ("he", "rtl")
    links = {item.attributes.get("href"): item for item in elements(html)}
    assert links["https://he.example/a"].attributes["dir"] == "ltr"
    assert "https://forge.example/team/social/edit/main/posts/ner.md" in links


def test_a_month_long_past_says_of_each_published_post_when_and_where_in_one_line(full: Stage) -> None:
    (full.workspace.root / "posts" / "old.md").write_text(
        post("Old.", channels="[mastodon, bluesky]", date="2026-02-03 09:30", campaign="winter"), "utf-8"
    )
    (full.workspace.root / "posts" / "late.md").write_text(post("Late.", date="2026-02-03 09:30"), "utf-8")
    for channel in ("mastodon", "bluesky"):
        full.published("old", channel, NOW - timedelta(days=306))
    found = words(with_class(page(full.build(), "calendar/2026-02.md"), "so-entry"))
    assert found == [
        "Late. 09:30 Istanbul too late mastodon",
        "Old. 12:00 Istanbul bluesky, mastodon published · winter",
    ]


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("post/lamp.md", "edit/main/posts/2026/11/lamp.md"),
        ("style-guide/voice.md", "edit/main/brand/voice.md"),
        ("strategy/index.md", "edit/main/brand/strategy.md"),
        ("strategy/campaigns/winter.md", "edit/main/brand/campaigns/winter.md"),
        ("strategy/goals/more.md", "edit/main/brand/goals/more.md"),
        ("channels/mastodon-il.md", "edit/main/brand/channels/mastodon-il.md"),
        ("channels/team.md", "edit/main/brand/team.yml"),
        ("calendar/index.md", "tree/main/posts"),
    ],
)
def test_a_page_links_to_its_true_source(full: Stage, name: str, source: str) -> None:
    html = page(full.build(), name)
    [link] = with_class(html, "so-edit")
    assert link.attributes["href"] == f"https://forge.example/team/social/{source}"
    assert "Generated Sun 6 Dec 2026, 12:00 Istanbul." in words(with_class(html, "so-foot"))[0]


def test_without_a_forge_a_page_names_its_source_and_links_nowhere(tmp_path: Path) -> None:
    settings = '[tool.socialops]\nname = "Test"\nzone = "UTC"\n'
    made = stage(tmp_path, {"pyproject.toml": settings, "brand/voice.md": VOICE})
    [source] = with_class(page(made.build(), "style-guide/voice.md"), "so-edit")
    assert source.name == "span"
    assert "brand/voice.md" in source.text


def test_prose_links_lead_to_the_pages_of_the_site(full: Stage) -> None:
    docs = full.build()
    links = {item.text: item.attributes.get("href") for item in elements(page(docs, "style-guide/voice.md"))}
    assert links["the look"] == "visual.html"
    assert links["nowhere"] is None
    links = {item.text: item.attributes.get("href") for item in elements(page(docs, "strategy/campaigns/winter.md"))}
    assert links["the voice"] == "../../style-guide/voice.html"


def test_the_palette_is_shown_and_gives_the_site_its_accent(full: Stage) -> None:
    docs = full.build()
    assert 'fill="#b5411f"' in page(docs, "style-guide/visual.md")
    assert "--so-brand:#b5411f" in page(docs, "assets/brand.css")


def test_shares_of_pillars_are_withheld_until_there_are_enough_posts(full: Stage) -> None:
    html = page(full.build(), "strategy/index.md")
    assert "n = 1 deliveries: not enough data for shares (at least 10)" in " ".join(words(elements(html)))


def test_building_twice_gives_the_same_bytes_and_writes_nothing(full: Stage) -> None:
    docs = full.build()
    first = {file: (file.read_bytes(), file.stat().st_mtime_ns) for file in docs.rglob("*") if file.is_file()}
    full.build()
    assert {file: (file.read_bytes(), file.stat().st_mtime_ns) for file in docs.rglob("*") if file.is_file()} == first


def test_a_page_whose_source_is_gone_is_removed(full: Stage) -> None:
    docs = full.build()
    assert (docs / "style-guide" / "voice.md").exists()
    (full.workspace.root / "brand" / "voice.md").unlink()
    full.build()
    assert not (docs / "style-guide" / "voice.md").exists()


def test_a_folder_with_somebodys_files_is_left_alone(full: Stage) -> None:
    docs = full.out / "docs"
    docs.mkdir(parents=True)
    (docs / "thesis.md").write_text("mine", "utf-8")
    with pytest.raises(SiteError, match="did not write"):
        full.build()
    assert (docs / "thesis.md").read_text("utf-8") == "mine"


def test_the_menu_holds_the_months_but_not_the_single_posts(full: Stage) -> None:
    full.build()
    settings = json.loads((full.out / "mkdocs.yml").read_text("utf-8").split("\n", 1)[1])
    text = json.dumps(settings["nav"])
    assert "posts/2026-12.md" in text
    assert "post/" not in text
    assert [next(iter(item)) for item in settings["nav"]] == [
        "Home",
        "Calendar",
        "Posts",
        "Reports",
        "Style guide",
        "Strategy",
        "Channels",
        "Handbook",
    ]


def test_the_menu_names_half_a_year_of_months_and_the_index_all(full: Stage) -> None:
    months = [f"{year}-{month:02d}" for year in (2025, 2026) for month in range(1, 13)]
    pages = [Page("posts/index.md", "", ()), *(Page(f"posts/{month}.md", "", ()) for month in months)]
    [_, posts] = menu(pages)
    assert posts == {"Posts": ["posts/index.md", *(f"posts/{month}.md" for month in reversed(months[-6:]))]}
    (full.workspace.root / "posts" / "old.md").write_text(post("Old.", date="2020-02-03 09:30"), "utf-8")
    links = {item.attributes.get("href") for item in elements(page(full.build(), "posts/index.md"))}
    assert {"2020-02.html", "2026-12.html"} <= links


def test_the_menu_gives_no_titles_to_pages_because_themes_print_them_unescaped() -> None:
    pages = [Page("style-guide/index.md", "<b>x</b>", ()), Page("style-guide/crisis/a.md", "<i>y</i>", ())]
    assert menu(pages)[1:] == [
        {"Style guide": ["style-guide/index.md", {"When something goes wrong": ["style-guide/crisis/a.md"]}]}
    ]


def test_a_video_is_shown_with_what_is_known_of_it_and_loads_nothing_unasked(tmp_path: Path) -> None:
    clip = (Path(__file__).parent.parent / "clips" / "upright.mp4").read_bytes()
    files: dict[str, str | bytes] = {
        "posts/ride.md": post(
            "Down.", date="2026-12-08 09:30", title="Ride", media="[{file: ride.mp4, alt: 'A <b>ride</b>'}]"
        ),
        "posts/ride.mp4": clip,
    }
    docs = stage(tmp_path, files).build()
    html = page(docs, "post/ride.md")
    (film,) = [item for item in elements(html) if item.name == "video"]
    assert (film.attributes["preload"], film.attributes["aria-label"]) == ("none", "A <b>ride</b>")
    assert "controls" in film.attributes
    assert (docs / "post" / film.attributes["src"]).read_bytes() == clip
    shown = " ".join(words(with_class(html, "so-picture")))
    assert "ride.mp4" in shown
    assert "Sent as 540 × 960 px, 4 s, 11 kB, MP4" in shown
    assert "▶ video" in page(docs, "calendar/2026-12.md")
    assert "default-src 'self'" in policy(html)


def test_a_folded_row_of_a_month_that_is_over_says_that_a_post_holds_a_video(tmp_path: Path) -> None:
    clip = (Path(__file__).parent.parent / "clips" / "upright.mp4").read_bytes()
    made = stage(
        tmp_path,
        {
            "posts/ride.md": post("Down.", date="2026-11-03 09:30", title="Ride", media="[{file: ride.mp4, alt: A}]"),
            "posts/gone.md": post("Up.", date="2026-11-04 09:30", title="Gone", media="[{file: ride.mp4, alt: A}]"),
            "posts/walk.md": post("Along.", date="2026-11-05 09:30", title="Walk"),
            "posts/ride.mp4": clip,
        },
    )
    for day, name in enumerate(("ride", "gone", "walk"), start=3):
        made.published(name, "mastodon", datetime(2026, 11, day, 7, tzinfo=UTC))
    (made.workspace.posts / "gone.md").unlink()
    rows = words(with_class(page(made.build(), "calendar/2026-11.md"), "so-row-published"))
    assert rows == snapshot(
        [
            "Ride ▶ video 10:00 Istanbul mastodon published",
            "Up. ▶ video 10:00 Istanbul mastodon published",
            "Walk 10:00 Istanbul mastodon published",
        ]
    )


def test_a_video_that_is_too_large_for_a_page_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socialops.site.pictures.VIDEO_BYTES", 1000)
    clip = (Path(__file__).parent.parent / "clips" / "upright.mp4").read_bytes()
    files: dict[str, str | bytes] = {
        "posts/ride.md": post("Down.", date="2026-12-08 09:30", media="[{file: ride.mp4, alt: A ride}]"),
        "posts/ride.mp4": clip,
    }
    html = page(stage(tmp_path, files).build(), "post/ride.md")
    assert "<video" not in html
    assert "540 × 960 px, 4 s" in html


def text_of(docs: Path, name: str) -> str:
    return " ".join(words(elements(page(docs, name))))


def test_the_cadence_stands_beside_what_was_published_with_its_n_and_days(full: Stage) -> None:
    said = text_of(full.build(), "strategy/index.md")
    assert "mastodon 2 0.2 n = 1" in said
    assert "The four whole weeks 8 Nov 2026 – 5 Dec 2026, n = 1 deliveries." in said


def test_without_a_ledger_the_cadence_is_not_known(tmp_path: Path) -> None:
    said = text_of(stage(tmp_path, FULL).build(), "strategy/index.md")
    assert "what was published is not known" in said
    assert "0.0" not in said


def test_a_goal_shows_its_number_with_n_and_day_and_each_letter(full: Stage) -> None:
    full.readings += [
        Reading(NOW - timedelta(days=2), "mastodon", "", 0, "followers", 150),
        Reading(NOW - timedelta(days=2), "bluesky", "", 0, "followers", 70),
    ]
    docs = full.build()
    said = text_of(docs, "strategy/goals/more.md")
    assert "220 followers of 200 followers ✓ on target so far" in said
    assert "n = 2 of 3 channels, 1 Nov 2026 – 6 Dec 2026, last read Fri 4 Dec 2026, 12:00 Istanbul" in said
    for letter in ("S Specific", "M Measurable", "A Achievable", "R Relevant", "T Time-bound"):
        assert letter in said
    assert "Missing" not in said
    assert "220 followers of 200 followers n = 2 of 3 channels" in text_of(docs, "strategy/goals/index.md")


def test_a_goal_that_is_not_smart_says_which_letter_and_what_to_write(tmp_path: Path) -> None:
    made = stage(tmp_path, {"brand/goals/more.md": GOAL.replace("target: 200\n", "")})
    said = text_of(made.build(), "strategy/goals/more.md")
    assert "M Measurable from 100 followers" in said
    assert "Missing. Add target: …: where it shall stand." in said.replace("`", "")


def test_a_number_that_was_never_read_is_not_known(full: Stage) -> None:
    docs = full.build()
    assert "Followers is not known. It was not read yet." in text_of(docs, "strategy/goals/more.md")


def test_a_campaign_shows_its_state_links_budget_and_deliveries(full: Stage) -> None:
    full.workspace.root.joinpath("brand/campaigns/winter.md").write_text(
        CAMPAIGN.replace("budget: 100 lamps", "budget: {amount: 2400.5, currency: EUR}\nutm: {campaign: w}"), "utf-8"
    )
    said = text_of(full.build(), "strategy/campaigns/winter.md")
    assert "State ◐ running" in said
    assert "2 400.50 EUR" in said
    assert "utm_source the network utm_medium social utm_campaign w utm_content the post" in said
    assert "1 published" in said
    assert "1 planned" in said


def test_the_team_page_says_who_approves_which_folder_language_and_topic(full: Stage) -> None:
    root = full.workspace.root
    (root / "brand" / "team.yml").write_text(
        "people:\n  ayse: {name: Ayşe, forge: a, languages: [tr]}\n  noam: {name: נועם, forge: n, languages: [he]}\n"
        "approvals:\n  - {what: posts/, who: [ayse]}\n  - {what: brand/voice.md, who: [noam, ayse]}\n"
        "  - {what: 'language:he', who: [noam]}\n  - {what: 'topic:people', who: [ayse]}\n",
        "utf-8",
    )
    html = page(full.build(), "channels/team.md")
    rows = [" ".join(item.text.split()) for item in elements(html) if item.name == "tr"]
    assert rows[1:] == snapshot(
        [
            "Place posts/Ayşethe forge, from .github/CODEOWNERS",
            "Place brand/voice.mdנועם or Ayşethe forge, from .github/CODEOWNERS",
            "Language heנועםthe check: the post names its approver",
            "Topic peopleAyşethe check: the post names its approver",
        ]
    )
