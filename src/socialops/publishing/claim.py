"""Where the data is kept, and how one of many runs gets the right to send.

The lock is git's refusal of a push that does not build on the newest commit. A claim is committed and pushed before
anything is sent; a claim that is refused is dropped, and the run plans anew from what the others wrote. What happened
is recorded the same way, only that a refused record is brought onto the newest commit and pushed again.

    data_branch set, git          a worktree of that branch at reports/data: nothing else of the repository is touched
    no data_branch, git           committed where it stands, in the branch that is checked out
    no remote                     committed, not pushed; a lock file in .socialops keeps two runs apart
    no git                        plain files, and the lock file

Everybody else sees a path and four verbs: `lock`, `sync`, `claim`, `record`.
"""

from __future__ import annotations

import contextlib
import random
import shlex
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING

from socialops.errors import GitError, LedgerError, PushRejected, UsageError
from socialops.git import Git
from socialops.publishing.branch import Branch, begin, deleted, holds_deliveries
from socialops.publishing.ledger import SCHEMA_FILE, merge_records, write_file
from socialops.workspace import make_untracked

if TYPE_CHECKING:
    from socialops.workspace import Workspace

TRIES = 10
"""How often a record is pushed before the run gives up and leaves it to the next one."""
LOCK_SECONDS = 60
_LEFT_OVER = "record: what an earlier run left"


def _nothing(_step: str) -> None:
    return


class Store:
    """The folder of the data and the branch that keeps it. Made by `open_store`."""

    def __init__(
        self,
        workspace: Workspace,
        branch: Branch | None,
        *,
        sleep: Callable[[float], None],
        chance: Callable[[], float],
        at: Callable[[str], None],
    ) -> None:
        self.path = workspace.data
        self._branch = branch
        self._git = branch.git if branch else None
        self._remote = branch.remote if branch else ""
        self._ours = branch is not None and branch.ours
        self._lock_file = workspace.cache / "publishing.lock"
        self._sleep = sleep
        self._chance = chance
        self._at = at

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """Keep other runs on this machine out; raises UsageError when one does not finish within a minute."""
        make_untracked(self._lock_file.parent)
        with self._lock_file.open("a+b") as file:
            for waited in range(LOCK_SECONDS + 1):
                if _locked(file):
                    break
                if waited == LOCK_SECONDS:
                    raise UsageError(
                        "Another socialops run is at work in this workspace.",
                        hint="Wait until it has finished, then run again.",
                    )
                self._sleep(1.0)
            yield

    def sync(self) -> None:
        """Bring the folder to the remote's newest commit.

        Claims of ours that never reached the remote are dropped; outcomes of claims that did are kept and pushed.
        Raises LedgerError when the remote's branch is gone, was rewritten or lost its ledger.
        """
        if self._git is None:
            return
        self._clear_left_over_locks()
        if self._remote:
            self._fetch()
            if self._bring_onto_remote(_LEFT_OVER):
                self._push_record(_LEFT_OVER)
        else:
            self._commit_left_overs()
        self._look_for_ledger()

    def claim(self, paths: Sequence[Path], message: str, *, along: Sequence[Path] = (), undo: bool = False) -> None:
        """Commit and push *paths*, and records *along* with them: when this returns, the claim is ours.

        Raises PushRejected when somebody was first (the claim is then gone from the folder, and the records are pushed
        on top of what the others wrote), and GitError when the remote cannot be reached: then it goes with the next
        `sync`, or with *undo* at once, because records will be pushed that must not carry it along.
        """
        self._at("before-claim-commit")
        if self._git is None:
            self._at("after-claim-push")
            return
        if not self._commit(message, self._names([*paths, *along])):
            raise LedgerError("There is nothing in this claim.", hint="This is a mistake in socialops; report it.")
        self._at("after-claim-commit")
        if self._remote:
            try:
                self._there.push()
            except GitError:
                # A push may have arrived though its answer was lost, and others may have built on it: the remote knows.
                try:
                    self._fetch()
                except (GitError, LedgerError):
                    if undo:
                        self._take_back(self._names(paths))
                    raise
                if not self._git.descends(self._there.held, "HEAD"):
                    self.sync()
                    raise
                self._bring_onto_remote(message)
        self._at("after-claim-push")

    def record(self, paths: Sequence[Path], message: str) -> None:
        """Commit and push what happened: files, or whole folders.

        Raises GitError when the remote took it in none of ten tries. What could not be pushed stays committed here,
        and the next `sync` tries again.
        """
        self._at("before-outcome-commit")
        if self._git is None:
            self._at("after-outcome-push")
            return
        self._commit(message, self._names(paths))
        self._at("after-outcome-commit")
        if self._remote:
            self._push_record(message)
        self._at("after-outcome-push")

    # --- the remote -------------------------------------------------------------------------------------------------

    def _push_record(self, message: str) -> None:
        git = self._repository()
        for attempt in range(1, TRIES + 1):
            try:
                self._there.push()
            except GitError as error:
                if attempt == TRIES:
                    raise
                if not isinstance(error, PushRejected) or attempt > 1:
                    # Somebody else's push is over in a moment; a remote that is down needs longer: five minutes in all.
                    self._sleep(min(2.0**attempt, 60.0) * (0.5 + self._chance()))
                with contextlib.suppress(GitError):
                    self._fetch()
                    if not self._bring_onto_remote(message) and git.resolve("HEAD") == git.resolve(self._there.held):
                        return
            else:
                return

    def _fetch(self) -> None:
        if self._there.fetch():
            return
        if not self._ours:
            raise LedgerError(
                f"The remote {self._remote} has no branch {self._there.name}.",
                hint=f"Nothing was sent. Push the branch, or check out one that {self._remote} has.",
            )
        if holds_deliveries(self._repository(), "HEAD"):
            raise deleted(self._there)
        # The run that began the branch was killed before its push: go on with the beginning.
        begin(self._there)

    def _bring_onto_remote(self, message: str) -> bool:
        """Stand on the remote's commit with what is worth keeping of ours on top; tell whether there is any."""
        git = self._repository()
        head, tip = git.text("rev-parse", "HEAD", self._there.held).split("\n")
        dirty = self._dirty()
        if head == tip and not dirty:
            return False
        base = head if head == tip else git.run("merge-base", head, tip, allowed=(0, 1))[1].strip()
        changed = set(dirty)
        if base != head:
            changed |= set(git.lines("diff", "--name-only", "--no-renames", "-z", base or tip, head))
        mine = {name: self._bytes(name) for name in sorted(changed) if not name.endswith(".tmp")}
        self._stand_on(tip, base, head, mine)
        kept = []
        for name, data in mine.items():
            theirs = self._bytes(name)
            merged = theirs if data is None else _merge(name, theirs, data)
            if merged is not None and merged != theirs:
                write_file(git.root / name, merged)
                kept.append(name)
        return bool(kept) and self._commit(message, kept)

    def _stand_on(self, tip: str, base: str, head: str, mine: dict[str, bytes | None]) -> None:
        git = self._repository()
        if self._ours:
            git.run("reset", "--quiet", "--hard", tip)
            for name in git.lines("ls-files", "--others", "-z"):
                if name in mine or name.endswith(".tmp"):
                    (git.root / name).unlink(missing_ok=True)
            return
        # Somebody works in this tree: only our own files are touched, and only what the remote has is taken over.
        foreign = [name for name in mine if not (git.root / name).is_relative_to(self.path)]
        if foreign or (head != tip and not base):
            raise GitError(
                f"{self._there.name} has commits that are not on {self._remote} yet.",
                hint="Push them first, or give the data a branch of its own: data_branch in [tool.socialops].",
            )
        git.run("reset", "--quiet", "--soft", base)
        known = set(git.lines("ls-tree", "-r", "-z", "--name-only", base, "--", self._folder()))
        for name in mine:
            if name in known:
                git.run("restore", "--source", base, "--staged", "--worktree", "--", name)
            else:
                git.run("rm", "--quiet", "--cached", "--ignore-unmatch", "--", name)
                (git.root / name).unlink(missing_ok=True)
        git.run("merge", "--quiet", "--ff-only", tip)

    def _take_back(self, names: Sequence[str]) -> None:
        """Undo our last commit and what it did to these files."""
        git = self._repository()
        git.run("reset", "--quiet", "--soft", "HEAD^")
        known = set(git.lines("ls-tree", "-r", "-z", "--name-only", "HEAD", "--", self._folder()))
        if before := [name for name in names if name in known]:
            git.run("restore", "--source", "HEAD", "--staged", "--worktree", "--", *before)
        if fresh := [name for name in names if name not in known]:
            git.run("rm", "--quiet", "--cached", "--ignore-unmatch", "--", *fresh)
            for name in fresh:
                (git.root / name).unlink(missing_ok=True)

    # --- the folder -------------------------------------------------------------------------------------------------

    def _repository(self) -> Git:
        return self._there.git

    @property
    def _there(self) -> Branch:
        assert self._branch is not None  # noqa: S101 - callers have looked
        return self._branch

    def _commit(self, message: str, names: Sequence[str]) -> bool:
        """Commit these files and no others; tell whether there was anything to commit."""
        git = self._repository()
        git.run("add", "--all", "--", *names)
        options = ("--quiet", "--no-verify", "--message", message, "--only")
        return git.run("commit", *options, "--", *names, allowed=(0, 1))[0] == 0

    def _folder(self) -> str:
        return self.path.relative_to(self._repository().root).as_posix()

    def _names(self, paths: Sequence[Path]) -> list[str]:
        root = self._repository().root
        return [path.relative_to(root).as_posix() for path in paths]

    def _bytes(self, name: str) -> bytes | None:
        file = self._repository().root / name
        return file.read_bytes() if file.is_file() else None

    def _dirty(self) -> list[str]:
        listed = self._repository().lines(
            "status", "--porcelain", "-z", "--no-renames", "--untracked-files=all", "--", self._folder()
        )
        return [entry[3:] for entry in listed]

    def _commit_left_overs(self) -> None:
        dirty = [name for name in self._dirty() if not name.endswith(".tmp")]
        # What is gone from the folder comes back from the branch, as it does where there is a remote.
        missing = [name for name in dirty if self._bytes(name) is None]
        if missing:
            self._repository().run("restore", "--source", "HEAD", "--staged", "--worktree", "--", *missing)
        left = [name for name in dirty if name not in missing]
        if left:
            self._commit(_LEFT_OVER, left)

    def _look_for_ledger(self) -> None:
        """Raise LedgerError when the branch held a ledger once and holds none now: that is no first use."""
        if (self.path / "ledger" / SCHEMA_FILE).is_file():
            return
        schema = f"{self._folder()}/ledger/{SCHEMA_FILE}".removeprefix("./")
        changed = self._repository().run("log", "--max-count=1", "--format=%h", "HEAD", "--", schema, allowed=(0, 128))[
            1
        ]
        if changed.strip():
            raise LedgerError(
                f"The ledger was taken out of the branch {self._there.name}: what was published would go out again.",
                hint=f"Nothing was sent. Bring it back: git -C {shlex.quote(str(self._repository().root))} checkout "
                f"{changed.strip()}^ -- {schema.removesuffix('/' + SCHEMA_FILE)}\nThen commit, and push if there is a "
                "remote.",
            )
        if self._ours and not self._remote:
            begin(self._there)  # a run was killed between making the branch and this

    def _clear_left_over_locks(self) -> None:
        """Remove the locks that a killed run left on what is ours alone: the lock file says nobody else is here."""
        pointer = self.path / ".git"
        if not self._ours or not pointer.exists():
            return
        folder = pointer
        if pointer.is_file():
            folder = self.path / pointer.read_text("utf-8").partition("gitdir:")[2].strip()
        shared = folder / "commondir"
        common = folder / shared.read_text("utf-8").strip() if shared.is_file() else folder
        mine = (f"refs/heads/{self._there.name}", self._there.held)
        for locked in (folder / "index", folder / "HEAD", *(common / name for name in mine)):
            locked.with_name(f"{locked.name}.lock").unlink(missing_ok=True)


def _merge(name: str, theirs: bytes | None, ours: bytes) -> bytes | None:
    """Bring our version of a file onto the remote's; None: it is not worth keeping."""
    parts = Path(name).parts
    if name.endswith(".json") and "ledger" in parts:
        return merge_records(theirs, ours)
    if theirs is None:
        return ours
    if name.endswith(".csv"):
        # A day's readings are a set of lines under one header.
        known = set(theirs.split(b"\n"))
        header, *lines = theirs.rstrip(b"\n").split(b"\n")
        added = {line for line in ours.split(b"\n") if line and line not in known}
        return b"\n".join([header, *sorted({*lines, *added}), b""])
    return theirs


if sys.platform == "win32":
    import msvcrt

    def _locked(file: IO[bytes]) -> bool:
        try:
            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
else:
    import fcntl

    def _locked(file: IO[bytes]) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True


# --- opening --------------------------------------------------------------------------------------------------------


def open_store(
    workspace: Workspace,
    *,
    create: bool = True,
    sleep: Callable[[float], None] = time.sleep,
    chance: Callable[[], float] = random.random,
    at: Callable[[str], None] = _nothing,
) -> Store:
    """Find where the workspace keeps its data, and make the place when it is not there yet.

    Without *create* (for those who only read) nothing is begun, neither here nor on the remote. *at* is told the name
    of each durable step as it is taken. Raises LedgerError, GitError or WorkspaceError.
    """
    settings = workspace.settings

    def store(branch: Branch | None) -> Store:
        return Store(workspace, branch, sleep=sleep, chance=chance, at=at)

    main = Git(workspace.root)
    around = (workspace.root, *workspace.root.parents)
    if shutil.which("git") is None or not any((folder / ".git").exists() for folder in around):
        return store(None)
    attached = bool(settings.data_branch) and _attached(workspace)
    if not attached and not main.inside():
        return store(None)
    if settings.data_branch:
        if not attached:
            # Of two first runs at once, one makes the place and the other finds it.
            with store(None).lock():
                if not _attached(workspace):
                    return store(_attach(workspace, main, create=create))
        return store(_data_branch(workspace, main))
    top = Git(Path(main.text("rev-parse", "--show-toplevel")))
    code, branch = top.run("symbolic-ref", "--quiet", "--short", "HEAD", allowed=(0, 1))
    if code:
        raise GitError(
            "No branch is checked out, so the data has no branch to be committed to.",
            hint="Check out a branch, or set data_branch in [tool.socialops].",
        )
    remote = settings.data_remote if top.has_remote(settings.data_remote) else ""
    return store(Branch(top, branch.strip(), remote, ours=False))


def _data_branch(workspace: Workspace, main: Git) -> Branch:
    """Return the branch as its checkout in the data folder sees it."""
    settings, folder = workspace.settings, workspace.data
    git = Git(folder, main.seen_from_elsewhere(settings.data_remote))
    remote = settings.data_remote if git.has_remote(settings.data_remote) else ""
    own = (folder / ".git").is_dir()
    command = f"git -C {workspace.relative(folder)}" if own else "git"
    return Branch(git, settings.data_branch, remote, ours=True, command=command)


def _attached(workspace: Workspace) -> bool:
    """Tell whether the data folder already is a checkout of the data branch; raises LedgerError for another one."""
    if not (workspace.data / ".git").exists():
        return False
    code, branch = Git(workspace.data).run("symbolic-ref", "--quiet", "--short", "HEAD", allowed=(0, 1, 128))
    if code == 0 and branch.strip() == workspace.settings.data_branch:
        return True
    if code == 128:  # git's word for a worktree whose repository is gone
        raise LedgerError(
            f"{workspace.relative(workspace.data)} belonged to a repository that is not there any more.",
            hint=f"Delete {workspace.relative(workspace.data)} and run again: it is brought back from the remote.",
        )
    raise LedgerError(
        f"{workspace.relative(workspace.data)} is a checkout of {branch.strip() or 'no branch'}, "
        f"not of {workspace.settings.data_branch}.",
        hint=f"Run: git -C {workspace.relative(workspace.data)} switch {workspace.settings.data_branch}",
    )


def _attach(workspace: Workspace, main: Git, *, create: bool) -> Branch | None:
    """Make the data folder a worktree of the data branch; None when there is no such branch, and none may be begun."""
    settings, folder = workspace.settings, workspace.data
    shown = workspace.relative(folder)
    loose = [file for file in sorted(folder.rglob("*")) if file.is_file()] if folder.is_dir() else []
    if any(file.is_relative_to(workspace.ledger) for file in loose) or main.lines("ls-files", "-z", "--", str(folder)):
        raise LedgerError(
            f"{shown} holds a ledger, but is not a checkout of {settings.data_branch}, the branch data_branch names.",
            hint=f"Nothing was sent. Move {shown} away, run again, and copy its files back into the checkout; "
            "or take data_branch out of [tool.socialops].",
        )
    branch = settings.data_branch
    remote = settings.data_remote if main.has_remote(settings.data_remote) else ""
    there = Branch(main, branch, remote, ours=True)
    local = main.resolve(f"refs/heads/{branch}")
    on_remote = bool(remote) and there.fetch()
    if not on_remote and remote and local and holds_deliveries(main, local):
        raise deleted(there)
    if not on_remote and local is None and not create:
        return None
    if local is None:
        start = (
            there.held if on_remote else main.text("commit-tree", "-m", "Begin the data branch", main.text("mktree"))
        )
        main.run("branch", "--no-track", branch, start)
    main.run("worktree", "prune")
    aside = workspace.cache / "data-before-the-branch"
    if loose:
        aside.parent.mkdir(parents=True, exist_ok=True)
        folder.rename(aside)
    folder.parent.mkdir(parents=True, exist_ok=True)
    _check_out(main, folder, branch)
    _hide(main, folder)
    if loose:
        # Numbers that were read before there was a branch: the next record takes them along.
        for name in [file.relative_to(folder) for file in loose]:
            theirs = (folder / name).read_bytes() if (folder / name).is_file() else None
            data = (aside / name).read_bytes()
            write_file(folder / name, _merge(name.as_posix(), theirs, data) or data)
        shutil.rmtree(aside)
    attached = _data_branch(workspace, main)
    if not on_remote and not (folder / "ledger" / SCHEMA_FILE).exists():
        begin(attached)
    return attached


def _check_out(main: Git, folder: Path, branch: str) -> None:
    try:
        main.run("worktree", "add", "--quiet", str(folder), branch)
    except GitError as error:
        if "already checked out" not in error.message and "already used by worktree" not in error.message:
            raise
        raise GitError(
            f"The data branch {branch} is checked out in another place of this repository.",
            hint="Each workspace needs a data branch of its own: data_branch in [tool.socialops]. If you have switched "
            "to it yourself, switch back, and run again.",
        ) from error


def _hide(main: Git, folder: Path) -> None:
    """Keep the worktree out of the writer's `git status`, without touching any file of theirs."""
    top = Path(main.text("rev-parse", "--show-toplevel"))
    name = folder.relative_to(top).as_posix()
    if main.run("check-ignore", "--quiet", str(folder), allowed=(0, 1))[0] == 0:
        return
    exclude = main.root / main.text("rev-parse", "--git-path", "info/exclude")
    exclude.parent.mkdir(parents=True, exist_ok=True)
    before = exclude.read_text("utf-8") if exclude.is_file() else ""
    gap = "" if not before or before.endswith("\n") else "\n"
    write_file(exclude, f"{before}{gap}/{name}/\n".encode())
