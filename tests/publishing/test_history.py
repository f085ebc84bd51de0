"""What posts say beside what was published: the same words again, renamed posts, edited posts."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from builder import CHANNEL, SETTINGS, workspace
from checks.examples import PICTURES, ledger_of
from people_stage import NOW as MORNING
from people_stage import Stage as Commands
from people_stage import open_stage
from publishing_stage import Stage, a_post, git, with_text
from socialops.cli import run
from socialops.compose.compose import compose
from socialops.content.channel import Channel
from socialops.content.library import read_library
from socialops.content.load import Content, load
from socialops.content.post import Post
from socialops.content.shelf import Shelf
from socialops.networks.draft import Draft
from socialops.problem import Problem, Severity
from socialops.publishing.happened import Gone
from socialops.publishing.history import history, ledger_at_hand
from socialops.publishing.ledger import Ledger, encode, place_of
from socialops.publishing.machine import after
from socialops.publishing.plan import plan
from socialops.workspace import Workspace

NOW = datetime(2026, 12, 5, 12, tzinfo=UTC)
FIRST = "posts/2026/12/first.md"
COPY = "posts/2026/12/copy.md"
TEXT = "Good morning!\n"


def post(text: str = TEXT, *lines: str, date: str = "2026-12-01 09:30", channels: str = "mastodon") -> str:
    header = "".join(f"{line}\n" for line in (f"date: {date}" if date else "", f"channels: [{channels}]", *lines))
    return f"---\n{header.lstrip()}---\n{text}"


class Story:
    """A workspace whose posts went out, and what became of its files."""

    def __init__(self, folder: Path, published: Mapping[str, str]) -> None:
        self.folder = folder
        self.always: dict[str, str | bytes] = {"brand/channels/second.md": CHANNEL, **PICTURES}
        self.ledger = ledger_of(workspace(folder, {**self.always, **published}))

    def now(self, files: Mapping[str, str | None]) -> Content:
        for name, text in files.items():
            if text is None:
                (self.folder / name).unlink()
        return load(workspace(self.folder, {name: text for name, text in files.items() if text is not None}))

    def found(self, files: Mapping[str, str | None], now: datetime = NOW) -> list[Problem]:
        return history(self.now(files), self.ledger, now)

    def said(self, files: Mapping[str, str | None], now: datetime = NOW) -> list[tuple[str, str]]:
        return [(problem.file, problem.id) for problem in self.found(files, now)]


# --- the same words -------------------------------------------------------------------------------------------------


def test_words_that_a_channel_got_already_are_an_error(tmp_path: Path) -> None:
    (problem,) = Story(tmp_path, {FIRST: post()}).found({COPY: post("Good  morning!\n", date="2026-12-08 09:30")})
    assert problem == Problem(
        COPY,
        5,
        1,
        "text-published",
        "mastodon got these very words from first already, in the last 90 days.",
        "Say it in other words, or write `repeat: true` if it is meant.",
        Severity.ERROR,
    )


@pytest.mark.parametrize(
    ("copy", "found"),
    [
        (post(date="2027-02-28 09:30"), True),
        (post(date="2027-03-02 09:30"), False),
        (post(TEXT, "repeat: true", date="2026-12-08 09:30"), False),
        (post("Good evening!\n", date="2026-12-08 09:30"), False),
        (post(date="2026-12-08 09:30", channels="second"), False),
        (post(date=""), True),
        (post(date="2026-12-05 13:00"), True),
        (post(date="2026-12-05 11:30"), False),
        (post(TEXT, "late_ok: 1d", date="2026-12-05 11:30"), True),
    ],
    ids=[
        "within 90 days",
        "after 90 days",
        "meant",
        "other words",
        "elsewhere",
        "some day",
        "late, and may go out",
        "too late to go out",
        "later than others, and may go out",
    ],
)
def test_only_what_could_still_go_out_and_would_be_a_copy_is_one(copy: str, found: bool, tmp_path: Path) -> None:
    story = Story(tmp_path, {FIRST: post()})
    assert story.said({COPY: copy}) == ([(COPY, "text-published")] if found else [])


def test_a_draft_is_only_warned(tmp_path: Path) -> None:
    (problem,) = Story(tmp_path, {FIRST: post()}).found({COPY: post(TEXT, "draft: true", date="2026-12-08 09:30")})
    assert problem.severity is Severity.WARNING


def test_the_same_picture_without_words_is_a_copy_too(tmp_path: Path) -> None:
    shown = "media: [{file: lamp.jpg, alt: A lamp}]"
    again = post("", shown, date="2026-12-08 09:30")
    assert Story(tmp_path, {FIRST: post("", shown)}).said({COPY: again}) == [(COPY, "text-published")]


def test_what_was_taken_down_was_said_all_the_same(tmp_path: Path) -> None:
    story = Story(tmp_path, {FIRST: post()})
    ((name, delivery),) = story.ledger.deliveries.items()
    story.ledger = Ledger(story.ledger.path, {name: after(delivery, 0, Gone("Elif"), NOW)})
    assert story.said({COPY: post(date="2026-12-08 09:30")}) == [(COPY, "text-published")]


def test_the_plan_holds_it_on_that_channel_alone_before_and_when_it_is_due(tmp_path: Path) -> None:
    story = Story(tmp_path, {FIRST: post()})
    content = story.now({COPY: post(date="2026-12-08 09:30", channels="mastodon, second")})
    due = datetime(2026, 12, 8, 6, 30, tzinfo=UTC)
    for now, other in ((NOW, "later"), (due, "send")):
        for problems in (history(content, story.ledger, now), []):
            decisions = plan(content, story.ledger, now, problems=problems).decisions
            actions = {(d.post.id, d.channel.name): d.action for d in decisions}
            assert actions["copy", "second"] == other
            # Without a check's findings the plan finds it when it is due.
            assert actions["copy", "mastodon"] == ("hold" if problems or now == due else "later")


# --- renamed --------------------------------------------------------------------------------------------------------


def test_a_file_that_was_renamed_after_it_was_published_keeps_its_history_with_its_old_id(tmp_path: Path) -> None:
    story = Story(tmp_path, {FIRST: post()})
    (problem,) = story.found({FIRST: None, COPY: post()})
    assert (problem.id, problem.severity) == ("post-renamed", Severity.WARNING)
    assert problem.message == "This looks like first, which was published on mastodon and is gone."
    assert problem.hint == "Write `id: first` to keep its history. Nothing is published again."
    assert story.said({COPY: post(TEXT, "id: first")}) == []


def test_a_renamed_file_with_another_title_and_text_format_is_known_by_its_time(tmp_path: Path) -> None:
    story = Story(tmp_path, {FIRST: post()})
    assert story.said({FIRST: None, COPY: post("Good\nmorning!\n", "title: Morning")}) == [(COPY, "post-renamed")]
    assert story.said({COPY: post("Good evening!\n")}) == []


def test_a_renamed_file_with_a_new_date_would_be_published_again_and_is_an_error(tmp_path: Path) -> None:
    (problem,) = Story(tmp_path, {FIRST: post()}).found({FIRST: None, COPY: post(date="2026-12-08 09:30")})
    assert problem.id == "text-published"
    assert problem.message == "mastodon got these very words from first, which is gone: is this the same post?"
    assert problem.hint == "Write `id: first` to keep its history, or `repeat: true` if it shall go out again."


def test_a_post_that_was_moved_is_no_problem(tmp_path: Path) -> None:
    story = Story(tmp_path, {FIRST: post()})
    files = {FIRST: None, "posts/2027/first.md": post(), "posts/again.md": post(TEXT, date="2026-12-08 09:30")}
    assert [problem.message for problem in story.found(files)] == [
        "mastodon got these very words from first already, in the last 90 days."
    ]


def test_a_post_that_cannot_be_read_is_not_gone(tmp_path: Path) -> None:
    story = Story(tmp_path, {FIRST: post()})
    assert story.said({FIRST: "---\ndate: [\n---\n", COPY: post()}) == []


def test_the_plan_says_what_became_of_a_file(tmp_path: Path) -> None:
    story = Story(tmp_path, {FIRST: post(), "posts/a.md": post("A\n"), "posts/b.md": post("B\n")})
    content = story.now(
        {
            FIRST: None,
            "posts/renamed.md": post(),
            "posts/a.md": None,
            "posts/2027/a.md": post("A\n"),
            "posts/b.md": post("Bee\n"),
        }
    )
    problems = history(content, story.ledger, NOW)
    renamed = next(problem for problem in problems if problem.id == "post-renamed")
    decisions = plan(content, story.ledger, NOW, problems=problems).decisions
    assert {decision.post.id: (decision.action, decision.reason) for decision in decisions} == {
        "renamed": ("too_late", f"{renamed.message} {renamed.hint}"),
        "a": ("settled", "published; the file was moved since, which publishes nothing"),
        "b": (
            "settled",
            "published; it was edited since, which publishes nothing: correct it on the network by hand",
        ),
    }


# --- edited ---------------------------------------------------------------------------------------------------------

SHOWN = "media: [{file: lamp.jpg, alt: A lamp}]"
POLL = "poll: {{options: [Yes, {}]}}"


@pytest.mark.parametrize(
    ("before", "now", "what"),
    [
        (post(), post("Good evening!\n"), "text"),
        (post(), post(TEXT, "tags: [kış]"), "text"),
        (post(TEXT, SHOWN), post(TEXT, SHOWN.replace("A lamp", "A lit lamp")), "pictures"),
        (post(TEXT, SHOWN), post(TEXT, SHOWN.replace("lamp.jpg", "large.jpg")), "pictures"),
        (post(TEXT, POLL.format("No")), post(TEXT, POLL.format("Perhaps")), "poll"),
        (post(), post(TEXT, "content_warning: Sun"), "warning"),
        (post(), post("Good morning!\n---\nAnd you?\n"), "text"),
        (post(), post(TEXT, "title: Internal", "# a remark", "categories: [plan]", "description: For us"), ""),
        (post(), post("Good\nmorning!\n\n"), ""),
        (post(), post(date="2026-12-01 09:45"), ""),
        (post(), post(channels="mastodon, second"), ""),
    ],
)
def test_what_readers_would_see_changed_is_told_and_nothing_else(
    before: str, now: str, what: str, tmp_path: Path
) -> None:
    messages = [problem.message for problem in Story(tmp_path, {FIRST: before}).found({FIRST: now})]
    if not what:
        assert messages == []
        return
    (message,) = messages
    assert message.startswith("Changed after it was published on mastodon: ")
    assert what in message
    assert message.endswith(". Editing publishes nothing.")


def test_the_channels_that_differ_are_named(tmp_path: Path) -> None:
    channels = "channels:\n  mastodon: {}\n  second: {text: Elsewhere}"
    text = f"---\ndate: 2026-12-01 09:30\n{channels}\n---\n"
    story = Story(tmp_path, {FIRST: text + TEXT, COPY: post("Two\n", channels="mastodon, second")})
    problems = story.found({FIRST: text + "Changed\n", COPY: post("Three\n", channels="mastodon, second")})
    assert [(problem.file, problem.line, problem.message) for problem in problems] == [
        (COPY, 5, "Changed after it was published on mastodon and second: text. Editing publishes nothing."),
        (FIRST, 7, "Changed after it was published on mastodon: text. Editing publishes nothing."),
    ]
    assert "socialops unpublish copy" in problems[0].hint


def test_an_edit_is_told_of_for_ninety_days(tmp_path: Path) -> None:
    story = Story(tmp_path, {FIRST: post()})
    edited: dict[str, str | None] = {FIRST: post("Good evening!\n")}
    at = datetime(2026, 12, 1, 6, 30, tzinfo=UTC)
    assert story.said(edited, at + timedelta(days=89)) == [(FIRST, "post-edited")]
    assert story.said(edited, at + timedelta(days=91)) == []


def test_a_channel_that_was_taken_out_of_the_post_is_not_told_of(tmp_path: Path) -> None:
    story = Story(tmp_path, {FIRST: post(channels="mastodon, second")})
    assert story.said({FIRST: post("Good evening!\n", channels="second")}) == [(FIRST, "post-edited")]
    assert "on second:" in story.found({})[0].message


def test_only_posts_whose_files_changed_are_composed(tmp_path: Path) -> None:
    names = [f"posts/p{number}.md" for number in range(50)]
    story = Story(tmp_path, {name: post(f"Text of {name}\n") for name in names})
    composed = []

    def spy(post: Post, channel: Channel, content: Content) -> Draft:
        composed.append(post.path)
        return compose(post, channel, content)

    content = story.now({names[7]: post("Changed\n")})
    assert [problem.file for problem in history(content, story.ledger, NOW, compose=spy)] == [names[7]]
    assert composed == [names[7]]


def test_a_post_of_long_ago_is_not_even_opened(tmp_path: Path) -> None:
    """Ten thousand old posts must not cost a check their opening; what is new is found all the same."""
    old = {f"posts/old{number}.md": post(f"Old {number}\n", date="2025-12-01 09:30") for number in range(20)}
    story = Story(tmp_path, {**old, FIRST: post()})
    story.now({COPY: post(date="2026-12-08 09:30")})
    content = load(workspace(tmp_path))
    opened = []

    class Watched(Shelf):
        def __getitem__(self, index: Any) -> Any:
            opened.append(index)
            return super().__getitem__(index)

    assert isinstance(content.posts, Shelf)
    watched = Watched(list(content.posts), list(content.posts.keys), read_library(content.workspace).known())
    problems = history(replace(content, posts=watched), story.ledger, NOW)
    assert [problem.file for problem in problems] == [COPY]
    assert [content.posts[index].path for index in opened] == [COPY, FIRST]


# --- the ledger at hand ---------------------------------------------------------------------------------------------


def lay(here: Workspace, ledger: Ledger) -> None:
    """Write a ledger to the disk."""
    for delivery in ledger.deliveries.values():
        file = here.ledger / place_of(delivery)
        file.parent.mkdir(parents=True)
        file.write_bytes(encode(delivery))
    (here.ledger / "SCHEMA").write_text('{"schema": 1}\n', "utf-8")


def test_a_check_sees_what_the_folder_of_the_data_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # Far ahead, so that it could still go out whenever this test is run.
    story = Story(tmp_path, {FIRST: post(date="2098-12-01 09:30")})
    here = workspace(tmp_path, {COPY: post("Good morning!\n", "lang: en", date="2098-12-08 09:30")})
    monkeypatch.chdir(tmp_path)
    assert run(["check"]) == 0
    lay(here, story.ledger)
    for files in ([], [COPY], ["posts/2026"]):
        capsys.readouterr()
        assert run(["check", *files]) == 1, files
        said = capsys.readouterr().out
        assert f"{COPY}:6:1: error: mastodon got these very words from first already" in said
        assert "[text-published]" in said


def test_a_ledger_that_cannot_be_read_does_not_stop_a_check(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    workspace(tmp_path, {FIRST: post(TEXT, "lang: en"), "reports/data/ledger/SCHEMA": '{"schema": 99}\n'})
    monkeypatch.chdir(tmp_path)
    assert run(["check"]) == 0
    said = capsys.readouterr()
    assert said.err.startswith("Nothing is compared with what was published: The ledger was written by a newer")
    assert "1 post checked" in said.out


@pytest.mark.parametrize("place", [".", "team/social"])
def test_the_branch_of_the_data_is_read_where_it_stands(place: str, tmp_path: Path) -> None:
    story = Story(tmp_path / "made", {FIRST: post()})
    shutil.rmtree(story.folder / "reports", ignore_errors=True)
    branch = tmp_path / "branch"
    branch.mkdir()
    git(branch, "init", "--quiet", "--initial-branch=socialops-data")
    lay(workspace(tmp_path / "elsewhere"), story.ledger)
    shutil.copytree(tmp_path / "elsewhere" / "reports" / "data" / "ledger", branch / "ledger")
    git(branch, "add", "--all")
    git(branch, "-c", "user.name=A", "-c", "user.email=a@b.example", "commit", "--quiet", "-m", "Ledger")
    root = tmp_path / "here"
    settings = SETTINGS + 'data_branch = "socialops-data"\n'
    here = workspace(root / place, {"pyproject.toml": settings})
    git(root, "init", "--quiet")
    assert ledger_at_hand(here).missing
    git(root, "remote", "add", "origin", str(branch))
    git(root, "fetch", "--quiet", "origin")
    shutil.rmtree(branch)
    found = ledger_at_hand(here)
    assert [*map(encode, found.deliveries.values())] == [*map(encode, story.ledger.deliveries.values())]
    assert not here.data.exists()
    assert git(root, "worktree", "list").count("\n") == 0


def test_publish_holds_what_a_check_calls_an_error(tmp_path: Path) -> None:
    stage = Stage(tmp_path, settings='minimum_gap = "0m"\n')
    clone = stage.begin()
    clone.publish()
    stage.posts = [*stage.posts, with_text(a_post("copy", date="2026-12-01 10:30"), "Text of launch.")]
    stage.clock.turn(hours=1)
    (problem,) = history(clone.content(), clone.ledger(), stage.clock())
    assert problem.id == "text-published"
    outcome = clone.publish()
    assert stage.place.texts == ["Text of launch."]
    assert [(d.post.id, d.action) for d in outcome.plan.decisions] == [("launch", "settled"), ("copy", "hold")]


def test_the_plan_command_and_the_check_say_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for stage in open_stage(tmp_path, monkeypatch, capsys, post=post(TEXT, "lang: en")):
        assert isinstance(stage, Commands)
        stage.run("publish", "--now", MORNING)
        copy = stage.workspace.root / "posts/copy.md"
        copy.write_text(post(TEXT, "lang: en", date="2026-12-08 09:30"), "utf-8")
        said = stage.run("plan", "--now", "2026-12-02 09:00")
        assert "copy → mastodon" in said
        assert "the same text went out as kis in the last 90 days: set `repeat: true` if it is meant" in said
