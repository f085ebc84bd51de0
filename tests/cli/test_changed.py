"""What `socialops check --changed` and `socialops review` look at, and what they say."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from builder import SETTINGS, workspace
from forge.stub_github import REPOSITORY, TOKEN, StubGitHub
from socialops.cli import run
from socialops.content.change import Area, area_of, scope_of, within
from socialops.git import Change, Git

POST = "---\ndate: 2026-12-0{} 09:30\nchannels: [{}]\nlang: en\n---\n{}\n"
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060000000050001"
    "a5f645400000000049454e44ae426082"
)


def git(folder: Path, *arguments: str) -> str:
    who = {f"GIT_{role}_{what}": "test" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    clean = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    done = subprocess.run(["git", *arguments], cwd=folder, env={**clean, **who}, capture_output=True, check=True)
    return done.stdout.decode().strip()


def commit(folder: Path, message: str = "x") -> str:
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", message)
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository whose main branch has an error of its own."""
    top = tmp_path / "repository"
    git_files: dict[str, str | bytes] = {
        "posts/old-fault.md": POST.format(1, "nowhere", "Old"),
        "posts/fine.md": POST.format(2, "mastodon", "Fine"),
        "posts/pictured.md": POST.format(3, "mastodon", "P").replace(
            "lang: en", "lang: en\nmedia: [{file: p.png, alt: A}]"
        ),
        "posts/p.png": PNG,
    }
    workspace(top, git_files)
    git(top, "init", "--quiet", "--initial-branch=main")
    commit(top)
    git(top, "checkout", "--quiet", "-b", "change")
    return top


def checked(capsys: pytest.CaptureFixture[str], folder: Path, *more: str) -> tuple[int, str, str]:
    code = run(["-C", str(folder), "check", "--changed", "main", *more])
    said = capsys.readouterr()
    return code, said.out, said.err


def test_only_what_was_changed_is_judged(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert checked(capsys, repository)[:2] == (0, "0 posts checked: nothing to correct.\n")
    (repository / "posts/new.md").write_text(POST.format(4, "nowhere", "New"), "utf-8")
    git(repository, "mv", "posts/fine.md", "posts/finer.md")
    commit(repository)
    code, out, _ = checked(capsys, repository)
    assert code == 1
    assert "posts/new.md:3:12: error" in out
    assert "old-fault" not in out
    assert "2 posts checked: 1 error" in out


def test_the_rest_of_the_main_branch_is_not_part_of_a_change(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    git(repository, "checkout", "--quiet", "main")
    (repository / "posts/meanwhile.md").write_text(POST.format(5, "nowhere", "Meanwhile"), "utf-8")
    commit(repository)
    git(repository, "checkout", "--quiet", "change")
    (repository / "posts/new.md").write_text(POST.format(4, "mastodon", "New"), "utf-8")
    commit(repository)
    assert checked(capsys, repository)[:2] == (0, "1 post checked: nothing to correct.\n")


def test_a_post_that_shows_a_changed_picture_is_judged(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (repository / "posts/p.png").write_bytes(b"no picture")
    commit(repository)
    code, out, _ = checked(capsys, repository)
    assert code == 1
    assert "posts/pictured.md" in out


def test_an_id_that_another_post_has_is_found(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (repository / "posts/again").mkdir()
    (repository / "posts/again/fine.md").write_text(POST.format(4, "mastodon", "Again"), "utf-8")
    commit(repository)
    assert "[id-duplicate]" in checked(capsys, repository)[1]


@pytest.mark.parametrize("name", ["brand/channels/mastodon.md", "brand/voice.md", "pyproject.toml"])
def test_what_decides_about_all_posts_has_all_checked(
    name: str, repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = repository / name
    before = file.read_text("utf-8") if file.exists() else "---\ntitle: Voice\nsummary: Ours\n---\n"
    file.write_text(before + "\n", "utf-8")
    commit(repository)
    code, out, err = checked(capsys, repository)
    assert code == 1
    assert "old-fault" in out
    assert f"{name} decides about all posts, so all are checked." in err


def test_a_new_post_that_is_too_late_is_said_to_be(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (repository / "posts/new.md").write_text(POST.format(4, "mastodon", "New"), "utf-8")
    (repository / "posts/fine.md").write_text(POST.format(2, "mastodon", "Corrected"), "utf-8")
    commit(repository)
    code, out, _ = checked(capsys, repository, "--now", "2026-12-04 12:29")
    assert (code, "date-passed" in out) == (0, False)
    code, out, _ = checked(capsys, repository, "--now", "2026-12-04 12:31", "--format", "github")
    assert code == 0
    assert "::warning file=posts/new.md,line=2,col=7,title=date-passed::This is too late on mastodon" in out
    assert "fine.md" not in out


def test_taking_a_post_away_is_fine(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (repository / "posts/fine.md").unlink()
    commit(repository)
    assert checked(capsys, repository)[0] == 0


def test_a_place_that_git_does_not_know_is_said_with_what_to_do(
    repository: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("nowhere", "--output=x", ""):
        assert run(["-C", str(repository), "check", f"--changed={name}"]) == 2
        assert "git fetch origin main" in capsys.readouterr().err
    assert run(["-C", str(repository), "check", "--changed", "main", "posts/fine.md"]) == 2
    plain = workspace(tmp_path / "plain")
    assert run(["-C", str(plain.root), "check", "--changed", "main"]) == 2
    assert "is not in a git repository" in capsys.readouterr().err


def test_a_workspace_in_a_folder_of_its_repository(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    workspace(tmp_path / "social")
    (tmp_path / "README.md").write_text("x", "utf-8")
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    commit(tmp_path)
    git(tmp_path, "checkout", "--quiet", "-b", "change")
    (tmp_path / "README.md").write_text("y", "utf-8")
    (tmp_path / "social/posts").mkdir()
    (tmp_path / "social/posts/new.md").write_text(POST.format(4, "nowhere", "New"), "utf-8")
    commit(tmp_path)
    _, out, _ = checked(capsys, tmp_path / "social", "--format", "github")
    assert out.startswith("::error file=social/posts/new.md,line=3,")
    _, out, _ = checked(capsys, tmp_path / "social", "--format", "sarif")
    assert '"uri": "social/posts/new.md"' in out


def test_a_summary_has_them_all_and_the_annotations_ten(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(15):
        (repository / f"posts/wrong-{number:02}.md").write_text(POST.format(4, "nowhere", f"W {number}"), "utf-8")
    commit(repository)
    summary = repository.parent / "summary.md"
    _, out, _ = checked(capsys, repository, "--format", "github", "--summary", str(summary))
    assert out.count("::error ") == 10
    assert "5 errors more: GitHub shows ten of each. The summary of this step tells them all." in out
    assert summary.read_text("utf-8").count("(`channel-unknown`)") == 15


@pytest.mark.parametrize(
    ("path", "area"),
    [
        ("posts/2026/a.md", Area.POST),
        ("posts/2026/a.jpg", Area.MEDIA),
        ("posts/2026/a.py", Area.CODE),
        ("posts/.gitattributes", Area.GIT),
        ("posts/.hidden/a.md", Area.SETTINGS),
        ("brand/voice.md", Area.BRAND),
        ("brand/channels/x.md", Area.CHANNEL),
        ("reports/weekly.md", Area.REPORT),
        ("reports/data/ledger/x.json", Area.RECORD),
        ("Reports/Data/ledger/x.json", Area.RECORD),
        (".GitHub/workflows/x.yml", Area.WORKFLOW),
        (".gitlab-ci.yml", Area.WORKFLOW),
        ("pyproject.toml", Area.SETTINGS),
        ("mkdocs.yml", Area.SETTINGS),
        ("Makefile", Area.CODE),
        ("README.md", Area.OTHER),
    ],
)
def test_every_file_is_for_something(path: str, area: Area) -> None:
    assert area_of(path) is area


def test_what_comes_into_the_workspace_and_what_leaves_it() -> None:
    changes = [Change("R", "social/posts/a.md", "a.md"), Change("R", "b.md", "social/posts/b.md"), Change("M", "c.md")]
    assert within(changes, "social/") == [Change("A", "posts/a.md"), Change("D", "posts/b.md")]
    assert within(changes, "") == changes


def test_renames_and_odd_names_are_read_from_git(repository: Path) -> None:
    git(repository, "mv", "posts/fine.md", "posts/a\nb\t\u202e.md")
    commit(repository)
    changes = Git(repository, sealed=True).changes("main")
    assert changes == [Change("R", "posts/a\nb\t\u202e.md", "posts/fine.md")]
    assert scope_of(workspace(repository, {"pyproject.toml": SETTINGS}), changes).files == {"posts/a\nb\t\u202e.md"}


# --- the review -----------------------------------------------------------------------------------------------------


@pytest.fixture
def sides(repository: Path) -> tuple[Path, Path]:
    """The base and the head, checked out beside each other."""
    (repository / "posts/new.md").write_text(POST.format(4, "mastodon", "New"), "utf-8")
    commit(repository)
    git(repository.parent, "clone", "--quiet", "repository", "base")
    git(repository.parent / "base", "checkout", "--quiet", "origin/main")
    return repository.parent / "base", repository


def test_the_review_is_written_where_it_is_asked_for(
    sides: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    base, head = sides
    summary = tmp_path / "summary.md"
    summary.write_text("Before.\n", "utf-8")
    arguments = ["review", "--workspace", str(head), "--base", str(base), "--now", "2026-12-01 12:00"]
    assert run([*arguments, "--summary", str(summary)]) == 0
    assert capsys.readouterr().out == ""
    text = summary.read_text("utf-8")
    assert text.startswith("Before.\n## What this change publishes")
    assert "<code>new</code>" in text
    assert "fine" not in text.partition("### ")[0].partition("<details>")[0]
    assert run(arguments) == 0
    assert capsys.readouterr().out.startswith("## What this change publishes")


def test_without_history_the_folders_are_compared(
    sides: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    base, head = sides
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{head}", "shallow")
    assert run(["review", "-C", str(tmp_path / "shallow"), "--base", str(base), "--now", "2026-12-01 12:00"]) == 0
    said = capsys.readouterr()
    assert "compared file by file" in said.err
    assert "**1 post on 1 channel" in said.out


def test_a_comment_needs_a_pull_request_and_a_fork_gets_none(
    sides: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    base, head = sides
    arguments = ["review", "-C", str(head), "--base", str(base), "--comment", "--now", "2026-12-01 12:00"]
    monkeypatch.delenv("GITHUB_EVENT_PATH", raising=False)
    assert run(arguments) == 0
    assert "No comment is written: no pull request started this job." in capsys.readouterr().err
    event = tmp_path / "event.json"
    repositories = {
        "head": {"sha": "0" * 40, "repo": {"full_name": "evil/fork"}},
        "base": {"repo": {"full_name": "o/r"}},
    }
    event.write_text(json.dumps({"pull_request": {"number": 1, **repositories}}), "utf-8")
    monkeypatch.setenv("GITHUB_EVENT_PATH", str(event))
    monkeypatch.setenv("GITHUB_TOKEN", "token")
    monkeypatch.setenv("GITHUB_API_URL", "http://127.0.0.1:1")
    assert run(arguments) == 0
    said = capsys.readouterr()
    assert "No comment is written: it comes from a fork" in said.err
    assert said.out == ""


def test_the_comment_is_made_once_and_kept_up_to_date(
    sides: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    base, head = sides
    event = tmp_path / "event.json"
    own = {"full_name": REPOSITORY}
    pull = {"number": 7, "head": {"sha": "0" * 40, "repo": own}, "base": {"repo": own}}
    event.write_text(json.dumps({"pull_request": pull}), "utf-8")
    stub = StubGitHub()
    with stub.served() as address:
        for name, value in {
            "GITHUB_EVENT_PATH": str(event),
            "GITHUB_TOKEN": TOKEN,
            "GITHUB_API_URL": address,
            "GITHUB_REPOSITORY": REPOSITORY,
        }.items():
            monkeypatch.setenv(name, value)
        arguments = ["review", "-C", str(head), "--base", str(base), "--comment", "--now"]
        assert run([*arguments, "2026-12-01 12:00", "--dry-run"]) == 0
        assert stub.writes == []
        assert run([*arguments, "2026-12-01 12:00"]) == 0
        assert run([*arguments, "2026-12-01 12:00"]) == 0
        assert run([*arguments, "2026-12-05 12:00"]) == 0
    said = capsys.readouterr()
    assert said.out == ""
    for words in ("would be created", "is created", "is unchanged", "is updated"):
        assert f"The comment {words}." in said.err
    (comment,) = stub.comments[7]
    assert "## What this change publishes" in comment["body"]
    assert "⏰ **too late** `new`" in comment["body"]


def test_pictures_are_shown_from_the_commit_of_the_change(
    sides: tuple[Path, Path], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    base, head = sides
    (head / "posts/pictured.md").write_text((head / "posts/pictured.md").read_text("utf-8") + "\nMore.\n", "utf-8")
    commit(head)
    monkeypatch.delenv("GITHUB_EVENT_PATH", raising=False)
    monkeypatch.setenv("GITHUB_SERVER_URL", "https://github.example")
    monkeypatch.setenv("GITHUB_REPOSITORY", "o/r")
    assert run(["review", "-C", str(head), "--base", str(base), "--now", "2026-12-01 12:00"]) == 0
    commit_id = git(head, "rev-parse", "HEAD")
    assert f'<img src="https://github.example/o/r/raw/{commit_id}/posts/p.png" height="160"' in capsys.readouterr().out
