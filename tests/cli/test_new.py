"""What people type after `socialops new`, what is asked at a terminal, and what an issue's body may hold."""

from __future__ import annotations

import io
import os
import pty
import re
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from inline_snapshot import snapshot

from builder import workspace
from socialops.checks.check import check
from socialops.cli import run
from socialops.content.load import load
from socialops.problem import Severity
from socialops.scaffold.issue_forms import read_issue
from socialops.scaffold.new_post import Beginning, write_post
from socialops.workspace import find_workspace

NOW = "2026-12-01 10:00"
FILES = {
    "pyproject.toml": '[tool.socialops]\nzone = "Europe/Istanbul"\nlanguages = ["tr", "he", "ro", "en"]\n',
    "brand/channels/bluesky.md": "---\nnetwork: bluesky\nhandle: test.example\n---\nA\n",
    "brand/campaigns/winter-2026.md": "---\ntitle: Winter\nstart: 2026-11-01\nend: 2027-02-01\n---\nBrief.\n",
    "brand/campaigns/summer-2026.md": "---\ntitle: Summer\nstart: 2026-06-01\nend: 2026-08-01\n---\nBrief.\n",
    "brand/strategy.md": "---\npillars: [{name: product}, {name: city}]\naudiences: [{name: riders}]\n---\nA\n",
    "brand/team.yml": "people:\n  ayse: {name: Ayşe, roles: [writer]}\n  noam: {name: נועם, roles: [writer]}\n",
}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    workspace(tmp_path, FILES)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def errors(folder: Path) -> list[str]:
    found = check(load(find_workspace(folder)))
    return [f"{p.file}: {p.id}" for p in found if p.severity is Severity.ERROR and p.file.startswith("posts/")]


def test_everything_by_flags(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    flags = ["--channel", "mastodon", "--channel", "bluesky", "--kind", "text", "--campaign", "winter-2026"]
    flags += ["--pillar", "city", "--lang", "tr", "--date", "2026-12-09 08:30", "--author", "ayse", "--tag", "#Kış"]
    assert run(["new", "Kış ışığı: İstanbul", *flags, "--text", "Selam.", "--now", NOW]) == 0
    told = capsys.readouterr()
    assert told.out == "posts/2026/12/2026-12-09-kis-isigi-istanbul.md\n"
    assert "socialops preview posts/2026/12/2026-12-09-kis-isigi-istanbul.md" in told.err
    assert (here / told.out.strip()).read_text("utf-8") == snapshot(
        """\
---
title: "Kış ışığı: İstanbul"            # for the team only; it is never published
date: 2026-12-09 08:30                  # the clock on the wall where the channel lives
draft: true                             # take this line out when the post is ready for review
channels: [mastodon, bluesky]           # where it goes
kind: text                              # what it is; worked out from what it holds when left out
campaign: winter-2026                   # the campaign it belongs to
pillar: city                            # the theme of the strategy that it serves
# audience: riders                      # who it is for; one of: riders
authors: [ayse]                         # who wrote it
# approver: ayse                        # who read it and answers for it; one of: ayse, noam
lang: tr                                # its language
tags: [Kış]                             # hashtags, without the sign
# link: https://example.org/winter      # gets the campaign's UTM parameters
# media:                                # pictures and videos lie beside this file
#   - file: winter.jpg
#     alt: What it shows, for somebody who cannot see it
---
Selam.
"""
    )
    assert errors(here) == []
    post = load(find_workspace(here)).posts[0]
    assert (post.title, post.draft, post.parts) == ("Kış ışığı: İstanbul", True, ("Selam.",))


@pytest.mark.parametrize("kind", ["image", "carousel", "video", "reel", "story", "poll", "link", "article", "event"])
def test_every_kind_is_a_draft_that_passes(here: Path, kind: str) -> None:
    assert run(["new", "A thing", "--channel", "mastodon", "--kind", kind, "--now", NOW]) == 0
    assert errors(here) == []


def test_nothing_is_overwritten(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for wanted in ("2026-12-01-launch.md", "2026-12-01-launch-2.md", "2026-12-01-launch-3/index.md"):
        options = ["--folder"] if wanted.endswith("index.md") else []
        assert run(["new", "Launch", *options, "--now", NOW]) == 0
        assert capsys.readouterr().out == f"posts/2026/12/{wanted}\n"
    assert errors(here) == []


def test_a_title_hides_nothing(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["new", "exe\u202egnp.\x1b[2J: {a} #b & *c", "--now", NOW]) == 0
    written = (here / capsys.readouterr().out.strip()).read_text("utf-8")
    assert written.startswith('---\ntitle: "exegnp.[2J: {a} #b & *c" ')
    assert load(find_workspace(here)).posts[0].title == "exegnp.[2J: {a} #b & *c"


def test_a_dry_run_shows_it_and_writes_nothing(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["new", "Launch", "--dry-run", "--now", NOW]) == 0
    told = capsys.readouterr()
    assert told.out.startswith("---\ntitle: Launch ")
    assert "posts/2026/12/2026-12-01-launch.md would be written" in told.err
    assert not (here / "posts").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "A post needs a title."),
        (["T", "--campaign", "wintr-2026"], "Did you mean 'winter-2026'?"),
        (["T", "--channel", "blusky"], "Did you mean 'bluesky'?"),
        (["T", "--author", "ayşe"], "Did you mean 'ayse'?"),
        (["T", "--lang", "Turkish"], "is not a language code"),
        (["T", "--date", "tomorrow"], "is not a date"),
        (["T", "--template", "launch"], "There is no template 'launch'"),
        (["T", "--from-issue", "nowhere.md"], "There is no file nowhere.md."),
        (["T", "--name", "שם"[:0] + "日本"], "will not do as a file's name"),
        (["T", "--title", "U"], "Two titles were given."),
    ],
)
def test_nonsense_gets_a_message(
    here: Path, arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["new", *arguments, "--now", NOW]) == 2
    assert said in capsys.readouterr().err
    assert not (here / "posts").exists()


def test_a_link_in_the_way_is_not_followed(
    here: Path, tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    outside = tmp_path_factory.mktemp("outside")
    (here / "posts").mkdir()
    (here / "posts" / "2026").symlink_to(outside)
    assert run(["new", "Launch", "--now", NOW]) == 2
    assert "not a folder of its own" in capsys.readouterr().err
    assert list(outside.iterdir()) == []


def test_a_template_is_the_beginning(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    template = "---\ntitle: A clip\npillar: product\nchannels:\n  mastodon: {text: 'Short: one'}\n"
    template += "poll:\n  options: [Yes, 'No, never']\n  duration: 3d\nparams: {note: 3}\n---\nThe text.\n"
    folder = here / "brand" / "templates"
    folder.mkdir()
    (folder / "clip.md").write_text(template, "utf-8")
    assert run(["new", "Clip seven", "--template", "clip", "--pillar", "city", "--now", NOW]) == 0
    written = (here / capsys.readouterr().out.strip()).read_text("utf-8")
    assert 'text: "Short: one"' in written
    post = load(find_workspace(here)).posts[0]
    assert (post.title, post.pillar, post.parts) == ("Clip seven", "city", ("The text.",))
    assert post.poll is not None
    assert post.poll.options == ("Yes", "No, never")
    assert post.entry("mastodon").text == "Short: one"
    assert dict(post.params) == {"note": 3}
    assert errors(here) == []
    # A template is no page of the style guide.
    assert all("templates" not in page.path for page in load(find_workspace(here)).brand.guidelines)


def test_a_template_that_cannot_be_used_is_told(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = here / "brand" / "templates"
    folder.mkdir()
    (folder / "odd.md").write_text("---\ncolour: red\n---\n", "utf-8")
    (folder / "broken.md").write_text("---\na: [\n---\n", "utf-8")
    assert run(["new", "T", "--template", "odd", "--now", NOW]) == 2
    assert "The post cannot be made" in capsys.readouterr().err
    assert run(["new", "T", "--template", "broken", "--now", NOW]) == 2
    assert "brand/templates/broken.md:3 cannot be read" in capsys.readouterr().err


def test_the_next_slot_is_the_next_free_one(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    slots = "---\nnetwork: bluesky\nhandle: test.example\nslots: [tue 17:30, wed 09:00]\n---\nA\n"
    (here / "brand" / "channels" / "bluesky.md").write_text(slots, "utf-8")
    told = []
    for title in ("One", "Two", "Three"):
        assert run(["new", title, "--channel", "bluesky", "--next-slot", "--now", NOW]) == 0
        told.append(capsys.readouterr().out.strip())
    assert told == [
        "posts/2026/12/2026-12-01-one.md",
        "posts/2026/12/2026-12-02-two.md",
        "posts/2026/12/2026-12-08-three.md",
    ]
    assert "date: 2026-12-02 09:00" in (here / told[1]).read_text("utf-8")
    assert run(["new", "T", "--channel", "mastodon", "--next-slot", "--now", NOW]) == 2
    assert "The channel mastodon has no slots." in capsys.readouterr().err
    assert run(["new", "T", "--next-slot", "--now", NOW]) == 2
    assert "Say where it goes" in capsys.readouterr().err


def test_channels_with_other_slots_get_their_own_date(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, host, slot in (("bluesky", "", "thu 17:30"), ("mastodon", "host: https://a.example\n", "wed 09:00")):
        page = f"---\nnetwork: {name}\nhandle: '@t@a.example'\n{host}slots: [{slot}]\n---\nA\n"
        (here / "brand" / "channels" / f"{name}.md").write_text(page, "utf-8")
    assert run(["new", "T", "--channel", "bluesky", "--channel", "mastodon", "--next-slot", "--now", NOW]) == 0
    assert capsys.readouterr().out == "posts/2026/12/2026-12-02-t.md\n"
    post = load(find_workspace(here)).posts[0]
    assert post.date is not None
    assert post.date.text == "2026-12-02 09:00"
    own = post.entry("bluesky").date
    assert own is not None
    assert own.text == "2026-12-03 17:30"


# --- issues -----------------------------------------------------------------------------------------------------------

BRIEF = """\
### Başlık

İlk kar: "lambalar"

### Kanallar

mastodon, blusky

### Gönderi türü

_No response_

### Kampanya

winter-2026

### Dil

tr

### Tarih

yarın

### Etiketler

#Kış Bisiklet

### Ücretli iş birliği

evet

### Amacı

Herkes lambasını
denesin.

### Gönderinin metni

Kar yağdı.

### Date

is no heading any more.
"""


def test_an_issue_becomes_a_post(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "issue.md").write_text(BRIEF.replace("\n", "\r\n"), "utf-8", newline="")
    assert run(["new", "--from-issue", "issue.md", "--channel", "bluesky", "--now", NOW]) == 0
    told = capsys.readouterr()
    assert "channels: there is no 'blusky' here. Did you mean bluesky?" in told.err
    assert "date: 'yarın' is not a date." in told.err
    post = load(find_workspace(here)).posts[0]
    assert (post.title, post.campaign, post.lang, post.tags) == (
        'İlk kar: "lambalar"',
        "winter-2026",
        "tr",
        ("Kış", "Bisiklet"),
    )
    assert [entry.channel for entry in post.channels] == ["bluesky"]
    assert (post.paid, post.description) == (True, "Herkes lambasını denesin.")
    assert post.parts == ("Kar yağdı.\n\n### Date\n\nis no heading any more.",)


def test_an_issue_comes_by_a_pipe(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    body = (
        "### כותרת\n\nנר ראשון\n\n### ערוצים\n\n- [x] mastodon\n- [ ] bluesky\n\n### טקסט הפוסט\n\n```text\nשלום\n```\n"
    )
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(body.encode())))
    assert run(["new", "--from-issue", "-", "--now", NOW]) == 0
    assert capsys.readouterr().out == "posts/2026/12/2026-12-01-nr-rashon.md\n"
    post = load(find_workspace(here)).posts[0]
    assert (post.title, post.parts) == ("נר ראשון", ("שלום",))
    assert [entry.channel for entry in post.channels] == ["mastodon"]


def test_a_body_that_is_no_form_is_told(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "issue.md").write_text("Please post something nice.\n", "utf-8")
    assert run(["new", "T", "--from-issue", "issue.md", "--now", NOW]) == 2
    assert "None of our forms' headings" in capsys.readouterr().err


LINES = (
    *("### Title", "### Text of the post", "### Date", "### Channels", "### Link", "### Hashtags", "---", "```"),
    *("_No response_", "draft: false", "channels: [mastodon]", "2026-12-01 09:30", "mastodon, ../../etc", "&a *a"),
    *(
        "https://example.org/a",
        "https://example.org/\u202egnp.exe",
        "- [x] mastodon",
        "<!-- -->",
        "#a #b",
        "\x00\x1b[2J",
    ),
)
HOSTILE = st.lists(st.one_of(st.sampled_from(LINES), st.text(max_size=40)), max_size=25).map("\n".join)


@given(body=HOSTILE)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_body_gets_out_of_its_field(here: Path, body: str) -> None:
    from socialops.content.posts import parse_post

    content = load(find_workspace(here), cache=False)
    answers = read_issue(body, content)
    written = write_post(Beginning(answers.fields, answers.text))
    post, _, values = parse_post(written.encode(), "posts/a.md")
    assert post is not None
    assert post.draft
    assert set(values) <= {*answers.fields, "draft"}
    assert {entry.channel for entry in post.channels} <= set(content.channels)


# --- at a terminal ----------------------------------------------------------------------------------------------------


def talk(folder: Path, answers: list[str], *options: str) -> tuple[str, int]:
    """Run `socialops new` on a terminal of its own and type *answers*, each when something is asked."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "NO_COLOR": "1", "TERM": "dumb"}
    arguments = [sys.executable, "-m", "socialops", "new", "--now", NOW, *options]
    process = subprocess.Popen(
        arguments, cwd=folder, env=environment, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    )
    os.close(theirs)
    said, waiting, stopping = "", list(answers), False
    try:
        while True:
            if not select.select([ours], [], [], 2 if stopping else 20)[0]:
                if not stopping:
                    break
                # The first one came just before the program began to read; people press the key again, too.
                process.send_signal(signal.SIGINT)
                continue
            try:
                piece = os.read(ours, 4096)
            except OSError:  # how a terminal says that the other side is gone
                break
            if not piece:
                break
            said += piece.decode("utf-8", "replace")
            if waiting and re.search(r"(?:team|name|09:30|\]): \Z", said):
                answer = waiting.pop(0)
                if answer == "\x03":  # its terminal is not the one that sends signals
                    process.send_signal(signal.SIGINT)
                    stopping = True
                else:
                    os.write(ours, answer.encode())
    finally:
        os.close(ours)
        if process.poll() is None and waiting:
            process.kill()
    return said.replace("\r\n", "\n"), process.wait(timeout=20)


def test_it_asks_at_a_terminal(here: Path) -> None:
    answers = [
        "İlk kar\n",
        "1, mastodn\n",
        "1, mastodon\n",
        "\n",
        "1\n",
        "2\n",
        "ayse\n",
        "tr\n",
        "2026-12-09 08:30\n",
        "\n",
    ]
    said, code = talk(here, answers)
    assert code == 0, said
    assert "Did you mean 'mastodon'?" in said
    assert "summer-2026" not in said
    post = load(find_workspace(here)).posts[0]
    assert (post.id, post.title, post.campaign, post.pillar) == ("2026-12-09-ilk-kar", "İlk kar", "winter-2026", "city")
    assert [entry.channel for entry in post.channels] == ["bluesky", "mastodon"]
    assert (post.authors, post.lang) == (("ayse",), "tr")


def test_control_c_leaves_nothing(here: Path) -> None:
    said, code = talk(here, ["İlk kar\n", "\x03"])
    assert code == 130, said
    assert "Stopped." in said
    assert not (here / "posts").exists()
