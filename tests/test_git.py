"""The one place that runs git."""

from __future__ import annotations

from pathlib import Path

import pytest

from socialops.errors import GitError, PushRejected
from socialops.git import Git, Rewritten


def repository(folder: Path) -> Git:
    folder.mkdir()
    git = Git(folder)
    git.run("init", "--quiet", "--initial-branch=main")
    (folder / "begin").write_text("1", "utf-8")
    git.commit("Begin", ["begin"])
    return git


def with_remote(folder: Path) -> tuple[Git, Git]:
    """Return two clones of one bare repository."""
    first = repository(folder / "first")
    remote = folder / "remote.git"
    first.run("clone", "--quiet", "--bare", ".", str(remote))
    first.run("remote", "add", "origin", str(remote))
    first.run("clone", "--quiet", str(remote), str(folder / "second"))
    return first, Git(folder / "second")


def test_a_commit_takes_only_its_paths(tmp_path: Path) -> None:
    git = repository(tmp_path / "a")
    (git.root / "mine").write_text("mine", "utf-8")
    (git.root / "staged").write_text("the writer's", "utf-8")
    git.run("add", "staged")

    assert git.commit("Add mine", ["mine"])

    assert git.text("show", "--format=", "--name-only", "HEAD") == "mine"
    assert git.text("diff", "--cached", "--name-only") == "staged"


def test_a_commit_of_nothing_new_is_none(tmp_path: Path) -> None:
    git = repository(tmp_path / "a")
    assert git.commit("Again", ["begin"]) is None


def test_a_commit_takes_deletions(tmp_path: Path) -> None:
    git = repository(tmp_path / "a")
    (git.root / "begin").unlink()
    assert git.commit("End", ["begin"])
    assert git.text("ls-files") == ""


def test_a_push_behind_the_remote_is_rejected(tmp_path: Path) -> None:
    first, second = with_remote(tmp_path)
    for git in (first, second):
        (git.root / "new").write_text(git.root.name, "utf-8")
        git.commit("New", ["new"])
    first.push("origin", "main")

    with pytest.raises(PushRejected):
        second.push("origin", "main")


def test_a_push_that_a_rule_of_the_remote_declines_is_no_lost_race(tmp_path: Path) -> None:
    first, _ = with_remote(tmp_path)
    hook = tmp_path / "remote.git" / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho 'protected branch' >&2\nexit 1\n", "utf-8")
    hook.chmod(0o755)
    (first.root / "new").write_text("1", "utf-8")
    first.commit("New", ["new"])

    with pytest.raises(GitError, match="protected branch") as caught:
        first.push("origin", "main")
    assert not isinstance(caught.value, PushRejected)


def test_hooks_of_the_writer_do_not_run(tmp_path: Path) -> None:
    git = repository(tmp_path / "a")
    for name in ("pre-commit", "post-commit", "commit-msg"):
        hook = git.root / ".git" / "hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text("#!/bin/sh\ntouch ran\nexit 1\n", "utf-8")
        hook.chmod(0o755)
    (git.root / "new").write_text("1", "utf-8")
    assert git.commit("New", ["new"])
    assert not (git.root / "ran").exists()


def test_a_fetch_leaves_the_writers_tracking_branches_alone(tmp_path: Path) -> None:
    first, second = with_remote(tmp_path)
    seen = second.resolve("refs/remotes/origin/main")
    (first.root / "new").write_text("1", "utf-8")
    pushed = first.commit("New", ["new"])
    first.push("origin", "main")

    second.fetch("origin", "main", "refs/socialops/main")

    assert second.resolve("refs/socialops/main") == pushed
    assert second.resolve("refs/remotes/origin/main") == seen


def test_a_fetch_of_a_rewritten_branch_is_refused_every_time(tmp_path: Path) -> None:
    first, second = with_remote(tmp_path)
    second.fetch("origin", "main", "refs/socialops/main")
    held = second.resolve("refs/socialops/main")
    first.run("commit", "--quiet", "--amend", "--message", "Another beginning")
    first.run("push", "--quiet", "--force", "origin", "main")

    for _ in range(2):
        with pytest.raises(Rewritten):
            second.fetch("origin", "main", "refs/socialops/main")
    assert second.resolve("refs/socialops/main") == held


def test_variables_of_an_outer_git_do_not_leak_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git, other = repository(tmp_path / "a"), repository(tmp_path / "b")
    monkeypatch.setenv("GIT_DIR", str(other.root / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other.root / ".git" / "index"))
    (git.root / "new").write_text("1", "utf-8")
    git.commit("New", ["new"])
    assert git.text("ls-files") == "begin\nnew"


def test_what_git_says_reaches_the_message(tmp_path: Path) -> None:
    with pytest.raises(GitError, match="not a git repository"):
        Git(tmp_path).run("status")
    assert not Git(tmp_path).inside()
    assert not Git(tmp_path / "nowhere").inside()
    with pytest.raises(GitError, match="does not exist"):
        Git(tmp_path / "nowhere").run("status")


def test_names_with_letters_of_every_alphabet_come_back_as_they_are(tmp_path: Path) -> None:
    git = repository(tmp_path / "a")
    (git.root / "kış-חורף.md").write_text("1", "utf-8")
    git.commit("Add", ["kış-חורף.md"])
    assert git.lines("ls-files", "-z") == ["begin", "kış-חורף.md"]


def test_the_remote_itself_is_asked_for_its_head(tmp_path: Path) -> None:
    first, second = with_remote(tmp_path)
    first.run("push", "--quiet", "origin", "main:refs/heads/refs/heads/main")
    assert second.remote_refs("origin", "refs/heads/main", "refs/heads/nowhere") == {
        "refs/heads/main": first.resolve("HEAD")
    }
    assert second.has_remote("origin")
    assert not second.has_remote("origins")
