"""The pause switch: what the checkout says and what the remote's main branch says, right before a send."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from builder import SETTINGS, workspace
from publishing_stage import Clone, Stage, commit, git
from socialops.content.brand import Brand, Pause
from socialops.content.load import Content
from socialops.publishing.pause_switch import pause_switch
from socialops.workspace import Workspace, find_workspace

EVERYTHING = "pauses:\n  - what: everything\n    why: an earthquake\n    who: Elif\n"
QUAKE = Pause("everything", "an earthquake", "Elif")


class Seconds:
    """A monotonic clock that we turn."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Switch:
    """The pause switch of a clone, asked as a run asks it."""

    def __init__(self, place: Workspace, pauses: Sequence[Pause] = ()) -> None:
        self.seconds = Seconds()
        self.said: list[str] = []
        content = Content(place, (), {}, Brand(pauses=tuple(pauses)))
        self.read = pause_switch(place, content, report=self.said.append, monotonic=self.seconds)

    def soon(self) -> Sequence[Pause]:
        self.seconds.now += 5
        return self.read()


def push_pauses(clone: Clone, text: str | None, *, name: str = "brand/pause.yml") -> None:
    """Do as a colleague does: edit the file, commit, push to main."""
    file = clone.root / name
    if text is None:
        file.unlink()
    else:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    commit(clone.root, "Pull the switch")
    git(clone.root, "push", "--quiet", "origin", "HEAD:main")


def refs_of(clone: Clone) -> str:
    """Return what belongs to the writer, and must not move."""
    fetched = clone.root / ".git" / "FETCH_HEAD"
    refs = git(clone.root, "for-each-ref", "refs/heads", "refs/remotes", "refs/tags")
    return f"{refs}\n{fetched.read_text('utf-8') if fetched.exists() else ''}"


def test_a_pause_pushed_while_a_run_is_under_way_is_seen(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    runner, writer = stage.begin(), stage.clone("writer")
    switch = Switch(runner.workspace)
    before = refs_of(runner)
    assert switch.read() == ()

    push_pauses(writer, EVERYTHING)
    assert switch.soon() == (QUAKE,)
    push_pauses(writer, "pauses: []\n")
    assert switch.soon() == ()
    assert refs_of(runner) == before


def test_the_pauses_of_the_checkout_and_of_the_remote_both_hold(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    runner, writer = stage.begin(), stage.clone("writer")
    push_pauses(writer, EVERYTHING + "  - what: channel:mastodon\n    why: both say so\n")
    (runner.workspace.brand / "pause.yml").write_text(
        "pauses:\n  - what: network:bluesky\n    why: here\n  - what: channel:mastodon\n    why: both say so\n", "utf-8"
    )
    both = Pause("channel:mastodon", "both say so")
    assert Switch(runner.workspace).read() == (Pause("network:bluesky", "here"), both, QUAKE)


def test_a_file_that_was_taken_away_leaves_what_was_loaded(tmp_path: Path) -> None:
    loaded = Pause("everything", "as it was loaded")
    place = workspace(tmp_path, {})
    assert Switch(place, [loaded]).read() == (loaded,)


def test_a_switch_that_cannot_be_read_pauses_everything_here_and_there(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    runner, writer = stage.begin(), stage.clone("writer")
    here = runner.workspace.brand / "pause.yml"
    switch = Switch(runner.workspace)
    push_pauses(writer, "pauses: [\n")
    assert switch.read() == (Pause("everything", "brand/pause.yml on main of origin cannot be read"),)
    push_pauses(writer, "pauses:\n  - what: channel:mastodn\n    why: a slip of the pen\n")
    assert [pause.what for pause in switch.soon()] == ["everything"]
    push_pauses(writer, "# " + "x" * 2_000_000)
    assert [pause.what for pause in switch.soon()] == ["everything"]
    push_pauses(writer, "pauses: []\n")
    assert switch.soon() == ()

    here.write_text("pauses: [\n", "utf-8")
    assert switch.read() == (Pause("everything", "brand/pause.yml cannot be read"),)
    here.unlink()
    here.symlink_to("channels/mastodon.md")
    assert [pause.what for pause in switch.read()] == ["everything"]
    here.unlink()
    here.mkdir()
    assert [pause.what for pause in switch.read()] == ["everything"]


def test_a_link_in_its_place_on_the_remote_pauses_everything(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    runner, writer = stage.begin(), stage.clone("writer")
    (writer.root / "brand" / "pause.yml").symlink_to("channels/mastodon.md")
    commit(writer.root, "A link")
    git(writer.root, "push", "--quiet", "origin", "HEAD:main")
    assert [pause.what for pause in Switch(runner.workspace).read()] == ["everything"]


def test_a_channel_that_is_newer_than_the_checkout_can_be_paused(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    runner, writer = stage.begin(), stage.clone("writer")
    shutil.copy(writer.root / "brand/channels/mastodon.md", writer.root / "brand/channels/second.md")
    push_pauses(writer, "pauses:\n  - what: channel:second\n    why: not yet\n")
    assert Switch(runner.workspace).read() == (Pause("channel:second", "not yet"),)


def test_a_workspace_in_a_folder_of_the_repository_has_its_own_switch(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.begin()
    writer = stage.clone("writer")
    workspace(writer.root / "marka kış", {"pyproject.toml": SETTINGS})
    push_pauses(writer, EVERYTHING)
    runner = stage.clone("runner")
    inner = find_workspace(runner.root / "marka kış")
    assert Switch(inner).read() == ()

    push_pauses(writer, EVERYTHING, name="marka kış/brand/pause.yml")
    assert Switch(inner).read() == (QUAKE,)


@pytest.mark.parametrize("options", [["--depth=1"], ["--depth=1", "--branch=draft"], ["--single-branch"], ["--bare"]])
def test_every_kind_of_clone_sees_it_and_keeps_its_history(tmp_path: Path, options: list[str]) -> None:
    stage = Stage(tmp_path)
    stage.begin()
    writer = stage.clone("writer")
    for number in range(3):
        push_pauses(writer, f"# {number}\npauses: []\n")
    git(writer.root, "push", "--quiet", "origin", "HEAD~2:refs/heads/draft")
    if options == ["--bare"]:
        git(tmp_path, "clone", "--quiet", "--bare", "--filter=blob:none", stage.remote.as_uri(), "bare.git")
        git(tmp_path / "bare.git", "worktree", "add", "--quiet", "--detach", "../runner", "main~1")
        runner = Clone(stage, tmp_path / "runner")
        assert Switch(runner.workspace).read() == ()
    else:
        runner = stage.clone("runner", *options)
    history = git(runner.root, "rev-list", "HEAD")
    shallow = git(runner.root, "rev-parse", "--is-shallow-repository")
    switch = Switch(runner.workspace)
    assert switch.read() == ()

    push_pauses(writer, EVERYTHING)
    assert switch.soon() == (QUAKE,)
    push_pauses(writer, "pauses: []\n")
    git(writer.root, "push", "--quiet", "--force", "origin", "HEAD~2:main")
    assert switch.soon() == ()

    assert git(runner.root, "rev-list", "HEAD") == history
    assert git(runner.root, "rev-parse", "--is-shallow-repository") == shallow
    if "--branch=draft" in options:
        # All that was fetched of main is its two newest commits: never the history that a shallow clone did without.
        assert len(git(runner.root, "rev-list", "refs/socialops-main/main").split("\n")) <= 3


def test_the_remote_is_asked_once_in_five_seconds(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    runner, writer = stage.begin(), stage.clone("writer")
    switch = Switch(runner.workspace)
    assert switch.read() == ()
    push_pauses(writer, EVERYTHING)
    switch.seconds.now += 4.9
    assert switch.read() == ()
    switch.seconds.now += 0.1
    assert switch.read() == (QUAKE,)


def test_a_remote_that_cannot_be_reached_is_said_once_and_what_was_known_holds(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    runner, writer = stage.begin(), stage.clone("writer")
    push_pauses(writer, EVERYTHING)
    switch = Switch(runner.workspace)
    assert switch.read() == (QUAKE,)

    stage.remote.rename(tmp_path / "away")
    assert switch.soon() == (QUAKE,)
    assert Switch(runner.workspace).read() == (QUAKE,)
    switch.seconds.now += 60
    assert switch.read() == (QUAKE,)
    assert len(switch.said) == 1
    assert switch.said[0].startswith("origin could not be asked for pauses; what was last known holds. (")

    (tmp_path / "away").rename(stage.remote)
    push_pauses(writer, "pauses: []\n")
    assert switch.soon() == (QUAKE,)  # a remote that is down is left alone for a minute
    switch.seconds.now += 60
    assert switch.read() == ()


def test_a_clone_that_never_asked_goes_by_what_it_was_cloned_with(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.begin()
    push_pauses(stage.clone("writer"), EVERYTHING)
    runner = stage.clone("runner", "--branch=main")
    push_pauses(runner, None)
    git(runner.root, "update-ref", "refs/remotes/origin/main", "HEAD~1")
    stage.remote.rename(tmp_path / "away")
    assert Switch(runner.workspace).read() == (QUAKE,)


def test_without_a_remote_its_branch_or_git_the_checkout_alone_counts(tmp_path: Path) -> None:
    stage = Stage(tmp_path, settings='main_branch = "trunk"\n')
    runner = stage.begin()
    plain = workspace(tmp_path / "plain", {})
    for place in (runner.workspace, plain):
        switch = Switch(place)
        assert switch.read() == ()
        (place.brand / "pause.yml").write_text(EVERYTHING, "utf-8")
        assert switch.read() == (QUAKE,)
        assert switch.said == []
    git(runner.root, "remote", "remove", "origin")
    assert Switch(runner.workspace).read() == (QUAKE,)
