"""Where the data is kept: worktree, branch, folder; claims and records among many runs."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from builder import SETTINGS, workspace
from publishing_stage import Clone, Stage, a_post, commit, git
from socialops.errors import GitError, LedgerError, PushRejected, UsageError
from socialops.publishing.claim import Store, open_store
from socialops.publishing.ledger import decode, encode, write_delivery, write_schema
from socialops.publishing.machine import Delivery, Event, State

EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"


def intent(seq: int = 1, key: str = "k", part: int = 0) -> Event:
    return Event(seq, "2026-12-01T06:30:00Z", State.INTENT, part, {"key": key, "lease_until": "2026-12-01T07:00:00Z"})


def yes(seq: int = 2, part: int = 0) -> Event:
    return Event(seq, "2026-12-01T06:30:05Z", State.CONFIRMED, part, {"id": "1", "url": "u", "at": "", "extra": {}})


def a_delivery(*events: Event, post: str = "launch") -> Delivery:
    draft = {"post": post, "channel": "mastodon", "network": "mastodon", "kind": "text", "parts": [{"text": "Hi"}]}
    return Delivery(post, "mastodon", "mastodon", "2026-12-01T06:30:00Z", draft, events)


def file_of(clone: Clone, post: str = "launch") -> Path:
    return clone.workspace.ledger / "2026" / "12" / post / "mastodon.json"


def write(clone: Clone, delivery: Delivery) -> Path:
    write_delivery(file_of(clone, delivery.post), delivery)
    return file_of(clone, delivery.post)


def opened(clone: Clone, **options: object) -> Store:
    slept: list[float] = []
    return open_store(clone.workspace, sleep=slept.append, chance=lambda: 0.5, **options)  # type: ignore[arg-type]


def test_the_data_branch_is_begun_apart_from_main(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    clone = stage.begin()
    before = git(clone.root, "rev-parse", "HEAD")

    opened(clone).sync()

    assert git(stage.remote, "ls-tree", "-r", "--name-only", "socialops-data") == ".gitattributes\nledger/SCHEMA"
    assert git(stage.remote, "rev-list", "--max-parents=0", "socialops-data") not in git(
        stage.remote, "rev-list", "main"
    )
    assert git(clone.root, "rev-parse", "HEAD") == before
    assert git(clone.root, "status", "--porcelain") == ""


def test_the_writers_branch_index_and_files_are_never_touched(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    clone = stage.begin()
    (clone.root / "half-written.md").write_text("not yet", "utf-8")
    (clone.root / "staged.md").write_text("soon", "utf-8")
    git(clone.root, "add", "staged.md")
    git(clone.root, "switch", "--quiet", "--create", "draft-branch")
    before = git(clone.root, "status", "--porcelain=2", "--branch")

    clone.publish()

    assert stage.place.texts == ["Text of launch."]
    assert git(clone.root, "status", "--porcelain=2", "--branch") == before


def test_another_clone_adopts_the_branch(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.begin().publish()
    second = stage.clone("second")

    assert second.publish().results == ()
    assert second.state() == "confirmed"
    assert len(stage.place.posts) == 1


def test_a_shallow_clone_of_main_alone_is_enough(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.begin().publish()
    shallow = stage.clone("shallow", "--depth=1", "--branch=main")
    stage.posts.append(a_post("second", date="2026-12-01 10:15"))
    stage.clock.turn(hours=1)

    outcome = shallow.publish()

    assert [result.post for result in outcome.results] == ["second"]
    assert stage.place.texts == ["Text of launch.", "Text of second."]
    assert git(shallow.root, "rev-parse", "--is-shallow-repository") == "true"


def test_a_checkout_of_the_data_branch_made_by_others_is_taken_as_it_is(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.begin().publish()
    second = stage.clone("second")
    git(second.root, "clone", "--quiet", "--branch=socialops-data", stage.remote.as_uri(), "reports/data")

    assert second.publish().results == ()
    assert second.state() == "confirmed"


def test_a_beginning_that_was_never_pushed_gives_way_to_the_remotes(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.begin().publish()
    second = stage.clone("second")
    begun = git(second.root, "-c", "user.name=b", "-c", "user.email=b@c", "commit-tree", "-m", "Begin", EMPTY_TREE)
    git(second.root, "branch", "socialops-data", begun)

    assert second.publish().results == ()

    assert second.state() == "confirmed"
    assert git(second.workspace.data, "rev-parse", "HEAD") == git(stage.remote, "rev-parse", "socialops-data")


def test_a_claim_that_comes_second_is_rejected_and_gone(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    first, second = stage.begin(), stage.clone("second")
    one, two = opened(first), opened(second)
    one.sync()
    two.sync()
    one.claim([write(first, a_delivery(intent(key="first")))], "claim")

    with pytest.raises(PushRejected):
        two.claim([write(second, a_delivery(intent(key="second")))], "claim")

    assert second.delivery().events[0].detail["key"] == "first"
    assert git(second.workspace.data, "status", "--porcelain") == ""


def test_a_claim_that_never_reached_the_remote_is_dropped(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    clone = stage.begin()
    store = opened(clone)
    store.sync()
    write(clone, a_delivery(intent()))
    git(clone.workspace.data, "add", "--all")

    opened(clone).sync()

    assert not file_of(clone).exists()
    assert git(clone.workspace.data, "status", "--porcelain") == ""


@pytest.mark.parametrize("committed", [True, False])
def test_an_outcome_that_could_not_be_pushed_is_pushed_by_the_next_run(tmp_path: Path, committed: bool) -> None:
    stage = Stage(tmp_path)
    clone = stage.begin()
    store = opened(clone)
    store.sync()
    store.claim([write(clone, a_delivery(intent()))], "claim")
    write(clone, a_delivery(intent(), yes()))
    if committed:
        commit(clone.workspace.data, "record")

    opened(clone).sync()

    recorded = decode(git(stage.remote, "show", "socialops-data:ledger/2026/12/launch/mastodon.json").encode() + b"\n")
    assert [event.state for event in recorded.events] == [State.INTENT, State.CONFIRMED]


def test_records_of_two_runs_both_arrive(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    first, second = stage.begin(), stage.clone("second")
    one = opened(first)
    one.sync()
    one.claim([write(first, a_delivery(intent())), write(first, a_delivery(intent(), post="other"))], "claim")
    two = opened(second)
    two.sync()

    one.record([write(first, a_delivery(intent(), yes()))], "record")
    two.record([write(second, a_delivery(intent(), yes(), post="other"))], "record")

    third = stage.clone("third")
    opened(third).sync()
    assert third.state("launch") == third.state("other") == "confirmed"


def test_two_records_of_one_delivery_are_brought_together(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    first, second = stage.begin(), stage.clone("second")
    one = opened(first)
    one.sync()
    one.claim([write(first, a_delivery(intent()))], "claim")
    two = opened(second)
    two.sync()
    doubt = Event(2, "2026-12-01T07:01:00Z", State.UNKNOWN, 0, {"looked": True})
    two.record([write(second, a_delivery(intent(), doubt))], "record")

    one.record([write(first, a_delivery(intent(), yes()))], "record")

    assert [(e.seq, e.state) for e in first.delivery().events] == [(1, "intent"), (2, "unknown"), (3, "confirmed")]


def test_numbers_of_two_runs_for_one_day_are_brought_together(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    first, second = stage.begin(), stage.clone("second")
    stores = [opened(first), opened(second)]
    for clone, store, line in zip((first, second), stores, (b"a,1\n", b"b,2\n"), strict=True):
        store.sync()
        day = clone.workspace.metrics / "2026" / "12" / "2026-12-01.csv"
        day.parent.mkdir(parents=True)
        day.write_bytes(b"at,value\n" + line)
    for clone, store in zip((first, second), stores, strict=True):
        store.record([clone.workspace.metrics], "record: numbers")

    shown = git(stage.remote, "show", "socialops-data:metrics/2026/12/2026-12-01.csv")
    assert shown == "at,value\na,1\nb,2"


def test_numbers_read_before_there_was_a_branch_come_along(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    clone = stage.begin()
    day = clone.workspace.metrics / "2026" / "12" / "2026-12-01.csv"
    day.parent.mkdir(parents=True)
    day.write_bytes(b"at,value\na,1\n")

    clone.publish()

    assert day.read_bytes() == b"at,value\na,1\n"
    assert git(stage.remote, "show", "socialops-data:metrics/2026/12/2026-12-01.csv") == "at,value\na,1"


def test_a_loose_ledger_where_a_checkout_should_be_stops_everything(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    clone = stage.begin()
    write_schema(clone.workspace.ledger)
    with pytest.raises(LedgerError, match="holds a ledger") as caught:
        clone.publish()
    assert "Nothing was sent" in caught.value.hint


def test_a_remote_that_lost_the_branch_stops_everything(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    clone = stage.begin()
    clone.publish()
    git(stage.remote, "branch", "--delete", "--force", "socialops-data")
    stage.posts.append(a_post("second", date="2026-12-01 10:15"))
    stage.clock.turn(hours=1)

    for _ in range(2):
        with pytest.raises(LedgerError, match="no branch socialops-data any more"):
            clone.publish()
        shutil.rmtree(clone.workspace.data, ignore_errors=True)
    assert len(stage.place.posts) == 1


def test_a_branch_that_was_rolled_back_stops_everything(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    clone = stage.begin()
    clone.publish()
    git(stage.remote, "update-ref", "refs/heads/socialops-data", "socialops-data~2")
    for _ in range(2):
        with pytest.raises(LedgerError, match="rewritten or rolled back") as caught:
            clone.publish()
        assert "update-ref -d" in caught.value.hint
    assert len(stage.place.posts) == 1


def test_a_record_is_pushed_again_until_the_remote_takes_it(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    clone = stage.begin()
    slept: list[float] = []
    hook = stage.remote / "hooks" / "pre-receive"

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 3:
            hook.unlink()

    store = open_store(clone.workspace, sleep=sleep, chance=lambda: 0.5)
    store.sync()
    store.claim([write(clone, a_delivery(intent()))], "claim")
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nexit 1\n", "utf-8")
    hook.chmod(0o755)

    store.record([write(clone, a_delivery(intent(), yes()))], "record")

    assert slept == [2.0, 4.0, 8.0]
    assert "confirmed" in git(stage.remote, "show", "socialops-data:ledger/2026/12/launch/mastodon.json")


def test_a_record_that_is_never_taken_ends_after_ten_tries_of_five_minutes(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    clone = stage.begin()
    slept: list[float] = []
    store = open_store(clone.workspace, sleep=slept.append, chance=lambda: 0.5)
    store.sync()
    store.claim([write(clone, a_delivery(intent()))], "claim")
    stage.remote.rename(tmp_path / "unreachable")

    with pytest.raises(GitError):
        store.record([write(clone, a_delivery(intent(), yes()))], "record")

    assert len(slept) == 9
    assert 300 <= sum(slept) <= 400
    assert clone.state() == "confirmed"


def publish_under(lock: str, tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    clone = stage.begin()
    opened(clone).sync()
    (clone.root / ".git" / lock).touch()

    clone.publish()

    assert clone.state() == "confirmed"


def test_an_index_lock_left_by_a_killed_run_is_cleared(tmp_path: Path) -> None:
    publish_under("worktrees/data/index.lock", tmp_path)


@pytest.mark.parametrize("ref", ["worktrees/data/HEAD", "refs/heads/socialops-data", "refs/socialops/socialops-data"])
def test_a_lock_on_a_ref_left_by_a_killed_run_is_cleared(tmp_path: Path, ref: str) -> None:
    publish_under(f"{ref}.lock", tmp_path)


def test_files_of_others_in_the_worktree_survive(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    clone = stage.begin()
    opened(clone).sync()
    (clone.root / ".git" / "info" / "exclude").write_text("/reports/data/\n*.log\n", "utf-8")
    (clone.workspace.data / "mine.log").write_text("notes", "utf-8")
    write(clone, a_delivery(intent()))
    (file_of(clone).parent / ".left-over.tmp").write_text("{", "utf-8")

    opened(clone).sync()

    assert sorted(file.name for file in clone.workspace.data.rglob("*") if file.is_file()) == [
        ".git",
        ".gitattributes",
        "SCHEMA",
        "mine.log",
    ]


def test_without_a_data_branch_the_data_is_committed_where_it_stands(tmp_path: Path) -> None:
    stage = Stage(tmp_path, data_branch="")
    clone = stage.begin()
    (clone.root / "half-written.md").write_text("not yet", "utf-8")
    (clone.root / "staged.md").write_text("soon", "utf-8")
    git(clone.root, "add", "staged.md")

    clone.publish()

    assert git(stage.remote, "log", "--format=%s", "main").split("\n") == [
        "record: launch on mastodon",
        "claim: launch on mastodon",
        "Begin",
    ]
    assert git(clone.root, "status", "--porcelain") == "A  staged.md\n?? half-written.md"


def test_without_a_data_branch_a_lost_race_leaves_the_writers_files_alone(tmp_path: Path) -> None:
    stage = Stage(tmp_path, data_branch="")
    first, second = stage.begin(), stage.clone("second")
    (second.root / "half-written.md").write_text("not yet", "utf-8")
    one, two = opened(first), opened(second)
    write_schema(first.workspace.ledger)
    one.claim([first.workspace.ledger / "SCHEMA", write(first, a_delivery(intent(key="first")))], "claim")

    write_schema(second.workspace.ledger)
    with pytest.raises(PushRejected):
        two.claim([second.workspace.ledger / "SCHEMA", write(second, a_delivery(intent(key="second")))], "claim")

    assert second.delivery().events[0].detail["key"] == "first"
    assert git(second.root, "status", "--porcelain") == "?? half-written.md"


def test_without_a_data_branch_unpushed_work_of_the_writer_is_not_pushed(tmp_path: Path) -> None:
    stage = Stage(tmp_path, data_branch="")
    clone = stage.begin()
    (clone.root / "secret-plan.md").write_text("not yet", "utf-8")
    commit(clone.root, "Not ready")

    with pytest.raises(GitError, match="not on origin yet"):
        clone.publish()

    assert git(stage.remote, "log", "--format=%s", "main") == "Begin"
    assert git(clone.root, "log", "-1", "--format=%s") == "Not ready"
    assert stage.place.posts == []


def test_without_a_data_branch_a_lock_of_the_writers_is_left_alone(tmp_path: Path) -> None:
    stage = Stage(tmp_path, data_branch="")
    clone = stage.begin()
    lock = clone.root / ".git" / "index.lock"
    lock.touch()
    with pytest.raises(GitError, match=r"index\.lock': File exists"):
        clone.publish()
    assert lock.exists()
    assert stage.place.posts == []
    lock.unlink()
    assert clone.publish().exit_code == 0
    assert stage.place.texts == ["Text of launch."]


def test_without_a_remote_commits_and_a_lock_file_are_enough(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    clone = stage.begin()
    git(clone.root, "remote", "remove", "origin")

    assert clone.publish().exit_code == 0

    assert "record: launch on mastodon" in git(clone.workspace.data, "log", "--format=%s").split("\n")
    assert clone.publish().results == ()
    assert len(stage.place.posts) == 1


def test_without_git_plain_files_are_enough(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    clone = Clone(stage, workspace(tmp_path / "plain", {"pyproject.toml": SETTINGS}).root)

    assert clone.publish().exit_code == 0

    assert clone.state() == "confirmed"
    assert (clone.workspace.ledger / "SCHEMA").read_text("utf-8") == '{"schema": 1}\n'
    assert clone.publish().results == ()
    assert len(stage.place.posts) == 1


def test_a_second_run_on_the_machine_waits_a_minute_then_says_so(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    clone = stage.begin()
    with opened(clone).lock(), pytest.raises(UsageError, match="Another socialops run"):
        clone.publish()
    assert stage.slept == [1.0] * 60
    assert clone.publish().exit_code == 0


def test_of_two_first_runs_at_once_one_makes_the_place(tmp_path: Path) -> None:
    clone = Stage(tmp_path).begin()
    with opened(clone, create=False).lock():
        with pytest.raises(UsageError, match="Another socialops run"):
            opened(clone)
        assert not clone.workspace.data.exists()
    opened(clone)
    assert (clone.workspace.ledger / "SCHEMA").is_file()


def test_those_who_only_read_begin_nothing(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    clone = stage.begin()
    outcome = clone.publish(dry_run=True)
    assert [result.message for result in outcome.results] == ["would be sent"]
    assert git(stage.remote, "branch", "--format=%(refname:short)") == "main"
    assert not clone.workspace.data.exists()


def test_encoding_is_stable(tmp_path: Path) -> None:
    delivery = a_delivery(intent(), yes())
    assert encode(decode(encode(delivery))) == encode(delivery)


def test_a_beginning_that_was_cut_short_is_gone_on_with(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    post, stage.posts = stage.posts[0], []
    clone = stage.begin()
    clone.publish()
    # What a run leaves that is killed after it began the branch here, and before it pushed it.
    git(clone.workspace.data, "push", "--quiet", "origin", ":socialops-data", ":refs/socialops/socialops-data")
    git(clone.workspace.data, "update-ref", "-d", "refs/socialops/socialops-data")

    stage.posts = [post]
    assert clone.publish().exit_code == 0

    assert stage.place.texts == ["Text of launch."]
    assert stage.clone("fresh").publish().results == ()


# --- places ---------------------------------------------------------------------------------------------------------


def test_a_data_folder_that_was_deleted_comes_back_with_what_was_not_pushed(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    clone = stage.begin()
    store = opened(clone)
    store.sync()
    store.claim([write(clone, a_delivery(intent()))], "claim")
    write(clone, a_delivery(intent(), yes()))
    commit(clone.workspace.data, "record")
    shutil.rmtree(clone.workspace.data)

    assert clone.publish().results == ()

    assert clone.state() == "confirmed"
    assert "confirmed" in git(stage.remote, "show", "socialops-data:ledger/2026/12/launch/mastodon.json")


def test_a_detached_checkout_is_enough_where_there_is_a_data_branch(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    clone = stage.begin()
    git(clone.root, "switch", "--quiet", "--detach")
    before = git(clone.root, "status", "--porcelain=2", "--branch")
    clone.publish()
    assert clone.state() == "confirmed"
    assert git(clone.root, "status", "--porcelain=2", "--branch") == before


def test_a_detached_checkout_has_nowhere_to_record_where_there_is_none(tmp_path: Path) -> None:
    stage = Stage(tmp_path, data_branch="")
    clone = stage.begin()
    git(clone.root, "switch", "--quiet", "--detach")
    with pytest.raises(GitError, match="No branch is checked out") as caught:
        clone.publish()
    assert "data_branch" in caught.value.hint
    assert stage.place.posts == []


def test_a_worktree_of_a_bare_clone_without_its_files_is_enough(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    first = stage.begin()
    first.publish()
    git(stage.remote, "config", "uploadpack.allowFilter", "true")
    git(tmp_path, "clone", "--quiet", "--bare", "--filter=blob:none", stage.remote.as_uri(), "bare.git")
    git(tmp_path / "bare.git", "worktree", "add", "--quiet", "../runner", "main")
    runner = Clone(stage, tmp_path / "runner")
    for number, clone in enumerate((runner, first, runner)):
        stage.clock.turn(hours=1)
        stage.posts.append(a_post(f"post-{number}", date=f"2026-12-01 1{number}:15"))
        assert [result.state for result in clone.publish().results] == ["confirmed"]

    assert len(stage.place.posts) == 4
    assert git(runner.root, "status", "--porcelain") == ""


def two_workspaces(tmp_path: Path, *branches: str) -> list[Clone]:
    """Return two workspaces in folders of one repository, each with a data branch."""
    stage = Stage(tmp_path / "stage")
    writer = stage.begin()
    for name, branch in zip(("bir", "iki"), branches, strict=True):
        workspace(writer.root / name, {"pyproject.toml": f'{SETTINGS}data_branch = "{branch}"\n'})
    commit(writer.root, "Two brands")
    git(writer.root, "push", "--quiet", "origin", "main")
    runner = stage.clone("runner")
    return [Clone(stage, runner.root / name) for name in ("bir", "iki")]


def test_two_workspaces_of_one_repository_keep_their_data_apart(tmp_path: Path) -> None:
    one, two = two_workspaces(tmp_path, "data-bir", "data-iki")
    for clone in (one, two):
        assert [result.state for result in clone.publish().results] == ["confirmed"]
    assert one.publish().results == two.publish().results == ()
    assert git(one.root, "status", "--porcelain") == ""
    fresh = one.stage.clone("fresh", "--depth=1")
    assert Clone(one.stage, fresh.root / "iki").publish().results == ()


def test_two_workspaces_that_share_a_data_branch_are_told_so(tmp_path: Path) -> None:
    one, two = two_workspaces(tmp_path, "socialops-data", "socialops-data")
    one.publish()
    with pytest.raises(GitError, match="checked out in another place") as caught:
        two.publish()
    assert "data_branch" in caught.value.hint
    assert len(one.stage.place.posts) == 1


@pytest.mark.parametrize("relative", [False, True])
@pytest.mark.parametrize("inner", [False, True])
def test_a_remote_in_a_folder_with_spaces_and_turkish_letters(tmp_path: Path, relative: bool, inner: bool) -> None:
    stage = Stage(tmp_path / "İlk ışık ğüşöç")
    clone = stage.begin()
    moved = stage.remote.rename(stage.remote.with_name("uzak depo ğış.git"))
    git(clone.root, "remote", "set-url", "origin", f"../{moved.name}" if relative else str(moved))
    if inner:
        workspace(clone.root / "marka kış", {"pyproject.toml": f'{SETTINGS}data_branch = "veri-ışık"\n'})
        clone = Clone(stage, clone.root / "marka kış")
    clone.publish()
    assert clone.publish().results == ()
    assert "confirmed" in git(
        moved, "show", f"{'veri-ışık' if inner else 'socialops-data'}:ledger/2026/12/launch/mastodon.json"
    )


# --- decisions and numbers whose push failed ------------------------------------------------------------------------


def closed(stage: Stage) -> Path:
    """Let the remote refuse everything, until the file is deleted."""
    hook = stage.remote / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho 'closed for repairs' >&2\nexit 1\n", "utf-8")
    hook.chmod(0o755)
    return hook


@pytest.mark.parametrize(
    ("decision", "away"),
    [
        (State.CONFIRMED, True),
        (State.CANCELLED, True),
        (State.CANCELLED, False),
        (State.DEFERRED, True),
        (State.REMOVED, True),
    ],
)
def test_a_decision_whose_push_failed_is_brought_to_the_remote_by_the_next_run(
    tmp_path: Path, decision: State, away: bool
) -> None:
    stage = Stage(tmp_path)
    clone = stage.begin()
    store = opened(clone)
    store.sync()
    first = (intent(), yes()) if decision is State.REMOVED else (intent(),)
    store.claim([write(clone, a_delivery(*first))], "claim")
    at, who = "2026-12-01T08:00:00Z", {"who": "elif"}
    said = Event(len(first) + 1, at, decision, None if decision is State.CANCELLED else 0, who)
    hook = stage.remote.rename(tmp_path / "away") if away else closed(stage)

    with pytest.raises(GitError, match=r"does not appear to be|closed for repairs"):
        (store.record if decision is State.REMOVED else store.claim)(
            [write(clone, a_delivery(*first, said))], "resolve"
        )
    hook.rename(stage.remote) if away else hook.unlink()
    opened(clone).sync()

    recorded = decode(git(stage.remote, "show", "socialops-data:ledger/2026/12/launch/mastodon.json").encode() + b"\n")
    assert recorded.events == (*first, said)


@pytest.mark.parametrize("others", [True, False])
def test_numbers_whose_push_failed_are_brought_to_the_remote_by_the_next_run(tmp_path: Path, others: bool) -> None:
    stage = Stage(tmp_path)
    clone, other = stage.begin(), stage.clone("other")
    store = opened(clone)
    store.sync()
    day = clone.workspace.metrics / "2026" / "12" / "2026-12-01.csv"
    day.parent.mkdir(parents=True)
    day.write_bytes(b"at,value\na,1\n")
    hook = closed(stage)
    with pytest.raises(GitError, match="closed for repairs"):
        store.record([clone.workspace.metrics], "record: numbers")
    hook.unlink()
    if others:
        theirs = opened(other)
        theirs.sync()
        theirs.record([write(other, a_delivery(intent()))], "claim")

    opened(clone).sync()

    assert git(stage.remote, "show", "socialops-data:metrics/2026/12/2026-12-01.csv") == "at,value\na,1"


def test_a_claim_that_arrived_without_an_answer_is_ours_though_others_built_on_it(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    clone, other = stage.begin(), stage.clone("other")
    opened(clone).sync()

    def at(step: str) -> None:
        if step != "after-claim-commit":
            return
        # The push arrives, but its answer does not; before we ask, somebody else writes.
        git(clone.workspace.data, "push", "--quiet", "origin", "HEAD:socialops-data")
        theirs = opened(other)
        theirs.sync()
        theirs.record([write(other, a_delivery(intent(), post="other"))], "claim")

    store = opened(clone, at=at)
    store.claim([write(clone, a_delivery(intent(key="ours")))], "claim")

    assert clone.delivery().events[0].detail["key"] == "ours"
    assert clone.state("other") == "intent"
