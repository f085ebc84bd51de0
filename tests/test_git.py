"""The one place that runs git."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

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


LINE = "!\tHEAD:refs/heads/main\t"
OTHER = "!\tHEAD:refs/socialops/main\t"


@pytest.mark.parametrize(
    "words",
    [
        f"{LINE}[rejected] (fetch first)\n{OTHER}[rejected] (atomic push failed)",
        f"{LINE}[rejected] (atomic push failed)\n{OTHER}[rejected] (non-fast-forward)",
        f"{LINE}[remote rejected] (atomic transaction failed)\n{OTHER}[remote rejected] (atomic transaction failed)",
        f"{LINE}[remote rejected] (cannot lock ref 'refs/heads/main': is at 1 but expected 2)",
        f"{LINE}[remote rejected] (failed to update ref)\n{OTHER}[remote rejected] (atomic push failure)",
        f"{LINE}[remote rejected] (atomic push failure)\n{OTHER}[remote rejected] (failed to update ref)",
        f"{LINE}[remote rejected] (failed to lock)\n{OTHER}[remote rejected] (transaction aborted)",
        f"{LINE}[remote rejected] (incorrect old value provided)",
        f"{LINE}[remote rejected] (reference already exists)",
        f"{LINE}[remote rejected] (error: reference already exists)",
    ],
)
def test_a_lost_race_is_known_in_every_wording(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: str) -> None:
    git = repository(tmp_path / "a")
    stand_in(tmp_path, f"case \"$*\" in *push*) cat <<'END'\nTo origin\n{words}\nDone\nEND\nexit 1;; esac", monkeypatch)
    with pytest.raises(PushRejected):
        git.push("origin", "main", witness="refs/socialops/main")


@pytest.mark.parametrize(
    "words",
    [
        f"{LINE}[remote rejected] (atomic push failure)\n{OTHER}[remote rejected] (hook declined)",
        f"{LINE}[remote rejected] (transaction aborted)\n{OTHER}[remote rejected] (prohibited by Gerrit)",
        f"{LINE}[remote rejected] (pre-receive hook declined)\n{OTHER}[remote rejected] (pre-receive hook declined)",
        "fatal: the receiving end does not support --atomic push",
        "fatal: unable to access 'https://git.example/': The requested URL returned error: 403",
    ],
)
def test_a_witness_that_is_not_taken_is_left_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    git = repository(tmp_path / "a")
    answer = f"cat <<'END'\nTo origin\n{words}\nDone\nEND\nexit 1"
    stand_in(tmp_path, f'case "$*" in *--atomic*) {answer};; *push*) exit 0;; esac', monkeypatch)
    assert git.push("origin", "main", witness="refs/socialops/main") is False


def stand_in(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a program in git's place that answers as servers do which we cannot have here."""
    place = folder / "bin"
    place.mkdir()
    program = place / "git"
    program.write_text(f"#!/bin/sh\n{script}\n", "utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{place}:/usr/bin:/bin")


def test_branch_and_witness_are_pushed_both_or_neither(tmp_path: Path) -> None:
    first, second = with_remote(tmp_path)
    for git in (first, second):
        (git.root / "new").write_text(git.root.name, "utf-8")
        git.commit("New", ["new"])
    # Only the witness is ahead of us: the branch alone would go.
    first.run("push", "--quiet", "origin", "HEAD:refs/socialops/main")
    with pytest.raises(PushRejected):
        second.push("origin", "main", witness="refs/socialops/main")
    remote = Git(tmp_path / "remote.git")
    assert remote.resolve("refs/heads/main") == first.resolve("HEAD~1")

    assert first.push("origin", "main", witness="refs/socialops/main") is True
    assert remote.resolve("refs/heads/main") == remote.resolve("refs/socialops/main") == first.resolve("HEAD")


def test_a_remote_that_hangs_is_left_in_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git = repository(tmp_path / "a")
    git.run("remote", "add", "origin", "ssh://git.example/team.git")
    monkeypatch.setenv("GIT_SSH_COMMAND", "sleep 5 #")
    with pytest.raises(GitError, match=r"git ls-remote did not finish within 0.3 s") as caught:
        git.remote_refs("origin", "refs/heads/main", timeout=0.3)
    assert "git remote -v" in caught.value.hint


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


@pytest.fixture
def asked() -> Iterator[tuple[str, list[str | None]]]:
    """A server that takes down which credentials come along, and knows no repository."""
    heard: list[str | None] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            heard.append(self.headers.get("Authorization"))
            self.send_error(404)

        def log_message(self, *_arguments: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", heard
    server.shutdown()
    thread.join()
    server.server_close()


TOKEN = "a-token-of-the-job"


@pytest.mark.parametrize(
    ("variables", "user"),
    [
        (("GITHUB_SERVER_URL", "GITHUB_TOKEN"), "x-access-token"),
        (("CI_SERVER_URL", "GITLAB_TOKEN"), "oauth2"),
        (("CI_SERVER_URL", "CI_JOB_TOKEN"), "gitlab-ci-token"),
    ],
)
def test_a_jobs_token_goes_to_its_own_forge_alone(
    variables: tuple[str, str],
    user: str,
    asked: tuple[str, list[str | None]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    url, heard = asked
    git = repository(tmp_path / "a")
    git.run("remote", "add", "origin", f"{url}/acme/social")
    # As a checkout that keeps its credentials leaves it: two of them would be refused.
    git.run("config", f"http.{url}/.extraheader", "AUTHORIZATION: basic bGVmdA==")
    monkeypatch.setenv(variables[0], url)
    monkeypatch.setenv(variables[1], TOKEN)
    for command in (["fetch", "origin"], ["ls-remote", "origin"], ["push", "origin", "HEAD"]):
        heard.clear()
        with pytest.raises(GitError) as caught:
            git.run(*command)
        word = base64.b64encode(f"{user}:{TOKEN}".encode()).decode()
        assert set(heard) == {f"basic {word}"}
        assert TOKEN not in str(caught.value)
        assert word not in str(caught.value)
    assert TOKEN not in git.text("config", "--list")
    monkeypatch.setenv(variables[0], "https://elsewhere.example")
    git.run("config", "--unset", f"http.{url}/.extraheader")
    heard.clear()
    with pytest.raises(GitError):
        git.run("ls-remote", "origin")
    assert set(heard) == {None}


def test_a_token_without_a_forge_goes_nowhere(
    asked: tuple[str, list[str | None]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, heard = asked
    monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
    for server in ("", "127.0.0.1", "file:///", "http://user@127.0.0.1"):
        monkeypatch.setenv("GITHUB_SERVER_URL", server)
        with pytest.raises(GitError):
            repository(tmp_path / f"a{len(heard)}").run("ls-remote", f"{url}/acme/social")
    assert set(heard) == {None}


def test_what_the_job_configured_for_git_is_kept_beside_the_token(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git, bare = repository(tmp_path / "a"), tmp_path / "b.git"
    bare.mkdir()
    Git(bare).run("init", "--quiet", "--bare")
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", f"url.{bare}.insteadOf")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "https://forge.example/acme/social")
    monkeypatch.setenv("GITHUB_SERVER_URL", "https://forge.example")
    monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
    git.run("push", "--quiet", "https://forge.example/acme/social", "HEAD:refs/heads/main")
    assert Git(bare).resolve("main") == git.resolve("HEAD")
