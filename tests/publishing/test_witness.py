"""The data branch on the remote and its witness: what was deleted, rolled back or rewritten is never first use."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from publishing_stage import Clone, Stage, a_post, commit, git
from socialops.errors import GitError, LedgerError
from socialops.publishing.claim import open_store

BRANCH = "refs/heads/socialops-data"
WITNESS = "refs/socialops/socialops-data"
ELIF = ("-c", "user.name=Elif", "-c", "user.email=elif@example.org")


def tips(stage: Stage) -> tuple[str, str]:
    """Return where the branch and its witness stand on the remote."""
    return git(stage.remote, "rev-parse", BRANCH), git(stage.remote, "rev-parse", WITNESS)


def published(stage: Stage, *posts: str) -> Clone:
    """Publish some posts, an hour apart, from a first clone."""
    clone = stage.begin()
    clone.publish()
    for post in posts:
        another(stage, post)
        clone.publish()
    return clone


def another(stage: Stage, post: str) -> None:
    stage.clock.turn(hours=1)
    stage.posts.append(a_post(post, date=f"2026-12-01 {stage.clock().hour + 3:02}:{stage.clock().minute:02}"))


def advised(error: LedgerError, beginning: str) -> str:
    """Return the command that a hint advises behind some words."""
    (line,) = [line for line in error.hint.split("\n") if beginning in line]
    return line.partition(beginning)[2].strip()


def follow(clone: Clone, command: str) -> None:
    """Do what a hint advises, as a person does: by copying it."""
    names = [f"GIT_{who}_{what}=elif@x.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")]
    subprocess.run(["env", *names, "sh", "-ec", command], cwd=clone.root, check=True, capture_output=True)


def halts(clone: Clone, match: str) -> LedgerError:
    """Publish and look at the plan twice; every time nothing may be sent, and the same is said."""
    hints = set()
    for dry in (True, False, True, False):
        with pytest.raises(LedgerError, match=match) as caught:
            clone.publish(dry_run=dry)
        hints.add(caught.value.hint)
    assert len(hints) == 1
    assert "Nothing was sent." in caught.value.hint
    assert caught.value.exit_code == 2
    return caught.value


def hook(stage: Stage, name: str, script: str) -> Path:
    file = stage.remote / "hooks" / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(f"#!/bin/sh\n{script}\n", "utf-8")
    file.chmod(0o755)
    return file


def by_hand(stage: Stage, name: str, change: Callable[[Path], object]) -> None:
    """Commit to the data branch as somebody does who does not know what it is for."""
    git(stage.folder, "clone", "--quiet", "--branch=socialops-data", stage.remote.as_uri(), name)
    folder = stage.folder / name
    change(folder)
    commit(folder, "Tidy up")
    git(folder, "push", "--quiet", "origin", "HEAD:socialops-data")


# --- every push takes it along --------------------------------------------------------------------------------------


def test_branch_and_witness_move_together(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    clone = stage.begin()
    open_store(clone.workspace).sync()
    begun, witness = tips(stage)
    assert begun == witness

    clone.publish()
    after, witness = tips(stage)
    assert after == witness != begun


def test_the_witness_is_hidden_from_those_who_clone(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    published(stage)
    second = stage.clone("second")
    assert "refs/socialops" not in git(second.root, "for-each-ref")


def test_a_branch_without_a_witness_gets_one_with_the_next_push(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    published(stage)
    git(stage.remote, "update-ref", "-d", WITNESS)
    for name in ("second", "third"):
        another(stage, name)
        assert stage.clone(name, "--depth=1").publish().exit_code == 0
        branch, witness = tips(stage)
        assert branch == witness


@pytest.mark.parametrize(
    "refuse",
    [
        lambda stage: git(stage.remote, "config", "receive.hideRefs", "refs/socialops"),
        lambda stage: git(stage.remote, "config", "transfer.hideRefs", "refs/socialops"),
        lambda stage: git(stage.remote, "config", "receive.advertiseAtomic", "false"),
        lambda stage: hook(stage, "update", 'case "$1" in refs/heads/*) exit 0;; esac; exit 1'),
        lambda stage: hook(stage, "pre-receive", "! grep -q refs/socialops"),
    ],
    ids=["hidden when pushed", "hidden", "no atomic pushes", "update hook", "pre-receive hook"],
)
def test_a_remote_that_takes_no_witness_is_published_to_without(
    tmp_path: Path, refuse: Callable[[Stage], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = Stage(tmp_path)
    clone = stage.begin()
    refuse(stage)
    trace = tmp_path / "trace"
    monkeypatch.setenv("GIT_TRACE2_EVENT", str(trace))

    assert clone.publish().exit_code == 0
    another(stage, "second")
    assert stage.clone("fresh", "--depth=1").publish().exit_code == 0

    assert stage.place.texts == ["Text of launch.", "Text of second."]
    assert WITNESS not in git(stage.remote, "for-each-ref")
    # Refused once in each run, then not tried again.
    starts = [line for line in trace.read_text("utf-8").split("\n") if '"event":"start"' in line and '"push"' in line]
    assert len([line for line in starts if "--atomic" in line and '"git"' in line]) == 2


def test_a_race_is_lost_alike_where_no_witness_is_taken(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    first = stage.begin()
    hook(stage, "update", 'case "$1" in refs/heads/*) exit 0;; esac; exit 1')
    second = stage.clone("second")
    raced: list[int] = []

    def at(step: str) -> None:
        if step == "after-claim-commit" and not raced:
            raced.append(1)
            second.publish()

    outcome = first.publish(at=at)
    assert raced
    assert outcome.refused == 1
    assert stage.place.texts == ["Text of launch."]


# --- what a fresh clone can tell ------------------------------------------------------------------------------------

KINDS = [[], ["--depth=1"], ["--single-branch"], ["--depth=1", "--branch=main"], ["--filter=blob:none"]]


@pytest.mark.parametrize("options", KINDS, ids=str)
def test_a_deleted_branch_is_no_first_use(tmp_path: Path, options: list[str]) -> None:
    stage = Stage(tmp_path)
    published(stage, "second")
    lost, _ = tips(stage)
    git(stage.remote, "config", "uploadpack.allowFilter", "true")
    git(stage.remote, "update-ref", "-d", BRANCH)
    fresh = stage.clone("fresh", *options)

    error = halts(fresh, "has no branch socialops-data any more")
    follow(fresh, advised(error, "bring it back:"))

    assert tips(stage) == (lost, lost)
    assert fresh.publish().results == ()
    assert len(stage.place.posts) == 2


@pytest.mark.parametrize("options", KINDS, ids=str)
def test_a_branch_that_was_rolled_back_is_put_back(tmp_path: Path, options: list[str]) -> None:
    stage = Stage(tmp_path)
    published(stage, "second")
    whole, _ = tips(stage)
    git(stage.remote, "config", "uploadpack.allowFilter", "true")
    git(stage.remote, "update-ref", BRANCH, f"{BRANCH}~3")
    fresh = stage.clone("fresh", *options)

    error = halts(fresh, "was rewritten or rolled back")
    follow(fresh, advised(error, "Put it back:"))

    assert tips(stage) == (whole, whole)
    assert fresh.publish().results == ()
    assert len(stage.place.posts) == 2


def test_a_branch_that_was_rewritten_on_purpose_is_gone_on_with(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    old = published(stage, "second")
    shorter = git(stage.remote, *ELIF, "commit-tree", "-mOne", f"{BRANCH}^{{tree}}")
    git(stage.remote, "update-ref", BRANCH, shorter)
    fresh = stage.clone("fresh", "--depth=1")

    for clone in (fresh, old):
        error = halts(clone, "was rewritten or rolled back")
        follow(clone, advised(error, "Or, if the change was meant:"))
    another(stage, "third")
    assert fresh.publish().exit_code == 0
    assert old.publish().results == ()
    assert len(stage.place.posts) == 3
    branch, witness = tips(stage)
    assert branch == witness


def test_a_clone_that_saw_an_older_commit_notices_a_roll_back_to_that_commit(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    old = published(stage)
    seen, _ = tips(stage)
    another(stage, "second")
    stage.clone("other").publish()
    whole, _ = tips(stage)
    git(stage.remote, "update-ref", BRANCH, seen)

    error = halts(old, "was rewritten or rolled back")
    follow(old, advised(error, "Put it back:"))
    assert tips(stage) == (whole, whole)
    assert old.publish().results == ()


def test_a_clone_that_saw_more_than_the_witness_puts_back_what_it_saw(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    old = published(stage, "second")
    whole, _ = tips(stage)
    git(stage.remote, "update-ref", WITNESS, f"{WITNESS}~2")
    git(stage.remote, "update-ref", "-d", BRANCH)

    error = halts(old, "has no branch socialops-data any more")
    follow(old, advised(error, "bring it back:"))
    assert tips(stage)[0] == whole
    assert old.publish().results == ()


# --- shallow clones -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("options", KINDS[1:4], ids=str)
def test_a_shallow_clone_publishes_again_and_again_with_others_between(tmp_path: Path, options: list[str]) -> None:
    stage = Stage(tmp_path)
    published(stage)
    others = stage.clone("others")
    runner = stage.clone("runner", *options)
    main = git(runner.root, "rev-list", "HEAD")
    for number in range(3):
        another(stage, f"mine-{number}")
        assert runner.publish().exit_code == 0
        another(stage, f"theirs-{number}")
        assert others.publish().exit_code == 0

    assert len(stage.place.texts) == len(set(stage.place.texts)) == 7
    assert git(runner.root, "rev-list", "HEAD") == main
    shallow = git(runner.root, "rev-parse", "--is-shallow-repository")
    assert shallow == ("true" if "--depth=1" in options else "false")


@pytest.mark.parametrize("behind", [1, 60])
def test_a_shallow_clone_looks_as_deep_as_the_witness_lies(tmp_path: Path, behind: int) -> None:
    stage = Stage(tmp_path)
    published(stage)
    for number in range(behind):
        tree = git(stage.remote, "rev-parse", f"{BRANCH}^{{tree}}")
        new = git(stage.remote, *ELIF, "commit-tree", f"-mBy hand {number}", "-p", BRANCH, tree)
        git(stage.remote, "update-ref", BRANCH, new)
    runner = stage.clone("runner", "--depth=1")
    main = git(runner.root, "rev-list", "HEAD")
    another(stage, "second")

    assert runner.publish().exit_code == 0

    branch, witness = tips(stage)
    assert branch == witness
    assert git(runner.root, "rev-list", "HEAD") == main


# --- a ledger that was lost inside its branch -----------------------------------------------------------------------


def remove(*names: str) -> Callable[[Path], object]:
    return lambda folder: git(folder, "rm", "--quiet", "-r", *names)


@pytest.mark.parametrize("names", [("ledger",), ("ledger/SCHEMA",), ("ledger/2026/12/launch",)], ids=str)
@pytest.mark.parametrize("witness", [True, False])
@pytest.mark.parametrize("kind", ["old", "fresh", "shallow"])
def test_a_ledger_that_was_taken_out_of_its_branch_is_brought_back(
    tmp_path: Path, names: tuple[str, ...], witness: bool, kind: str
) -> None:
    stage = Stage(tmp_path)
    old = published(stage, "second")
    by_hand(stage, "by-hand", remove(*names))
    by_hand(stage, "again", lambda folder: (folder / "README.md").write_text("Tidy", "utf-8"))
    if not witness:
        git(stage.remote, "update-ref", "-d", WITNESS)
    if not witness and kind != "old" and "ledger/2026/12/launch" in names:
        pytest.skip("nobody who is asked remembers that record: see the promise")
    clone = old if kind == "old" else stage.clone("fresh", *(["--depth=1"] if kind == "shallow" else []))

    error = halts(clone, "taken out|holds no ledger")
    if not witness and kind == "shallow":
        assert "bring the folder `ledger` back from its history" in error.hint
        return
    follow(clone, advised(error, "Bring it back:"))

    assert clone.publish().results == ()
    assert clone.state() == clone.state("second") == "confirmed"
    assert len(stage.place.posts) == 2


def test_records_that_were_taken_out_on_purpose_stay_out(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    old = published(stage, "second")
    by_hand(stage, "by-hand", remove("ledger/2026/12/launch"))
    fresh = stage.clone("fresh")
    error = halts(fresh, "a file was taken out of the ledger")
    follow(fresh, advised(error, "Or, if the change was meant:"))
    stage.clock.turn(days=2)
    for clone in (fresh, old):
        clone.publish()
        assert [name for name, _ in clone.ledger().deliveries] == ["second"]
    assert len(stage.place.posts) == 2


def test_an_empty_branch_made_by_hand_is_no_first_use(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    clone = stage.begin()
    empty = git(clone.root, *ELIF, "commit-tree", "-mEmpty", git(clone.root, "mktree"))
    git(clone.root, "push", "--quiet", "origin", f"{empty}:{BRANCH}")

    error = halts(clone, "holds no ledger")
    follow(clone, advised(error, "delete the branch:"))

    assert clone.publish().exit_code == 0
    assert len(stage.place.posts) == 1


def test_without_a_remote_a_ledger_that_was_taken_out_stops_everything(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    clone = stage.begin()
    git(clone.root, "remote", "remove", "origin")
    clone.publish()
    for file in clone.workspace.ledger.rglob("*"):
        if file.is_file():
            file.unlink()
    assert clone.publish().results == ()  # what only the folder lost comes back from the branch
    assert clone.state() == "confirmed"

    remove("ledger")(clone.workspace.data)
    commit(clone.workspace.data, "Tidy up")
    error = halts(clone, "taken out of the branch")
    follow(clone, advised(error, "Bring it back:"))
    commit(clone.workspace.data, "Bring it back")
    assert clone.publish().results == ()
    assert len(stage.place.posts) == 1


@pytest.mark.parametrize("remote", [True, False])
def test_without_a_data_branch_a_ledger_that_was_taken_out_stops_everything(tmp_path: Path, remote: bool) -> None:
    stage = Stage(tmp_path, data_branch="")
    clone = stage.begin()
    if not remote:
        git(clone.root, "remote", "remove", "origin")
    clone.publish()
    remove("reports/data/ledger")(clone.root)
    commit(clone.root, "Tidy up")
    if remote:
        git(clone.root, "push", "--quiet", "origin", "main")

    error = halts(clone, "taken out of the branch main")
    follow(clone, advised(error, "Bring it back:"))
    commit(clone.root, "Bring it back")
    if remote:
        git(clone.root, "push", "--quiet", "origin", "main")
    assert clone.publish().results == ()
    assert len(stage.place.posts) == 1


def test_without_a_data_branch_no_witness_is_left_on_the_remote(tmp_path: Path) -> None:
    stage = Stage(tmp_path, data_branch="")
    stage.begin().publish()
    assert git(stage.remote, "for-each-ref", "--format=%(refname)") == "refs/heads/main"


# --- what the remote answers ----------------------------------------------------------------------------------------


def test_a_protected_branch_is_one_clear_message(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    clone = published(stage)
    another(stage, "second")
    hook(stage, "pre-receive", "echo 'GH006: Protected branch update failed' >&2; exit 1")

    with pytest.raises(GitError, match="GH006: Protected branch update failed") as caught:
        clone.publish()
    assert "A rule of the remote" in caught.value.hint
    assert caught.value.message.count("GH006") == 1
    assert len(stage.place.posts) == 1
