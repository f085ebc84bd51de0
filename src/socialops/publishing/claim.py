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
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING

from socialops.errors import GitError, LedgerError, PushRejected, UsageError
from socialops.git import Git, Rewritten
from socialops.publishing.ledger import SCHEMA_FILE, merge_records, schema_bytes, write_file
from socialops.workspace import make_untracked

if TYPE_CHECKING:
    from socialops.workspace import Workspace

TRIES = 10
"""How often a record is pushed before the run gives up and leaves it to the next one."""
LOCK_SECONDS = 60
_LEFT_OVER = "record: what an earlier run left"
_ATTRIBUTES = "# Byte for byte what was written: checksums depend on it.\n* -text\n"


def _nothing(_step: str) -> None:
    return


class Store:
    """The folder of the data and the branch that keeps it. Made by `open_store`."""

    def __init__(
        self,
        workspace: Workspace,
        git: Git | None,
        branch: str,
        remote: str,
        *,
        ours: bool,
        sleep: Callable[[float], None],
        chance: Callable[[], float],
        at: Callable[[str], None],
    ) -> None:
        self.path = workspace.data
        self._git = git
        self._branch = branch
        self._remote = remote
        self._ours = ours
        self._held = f"refs/socialops/{branch}"
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
        Raises LedgerError when the remote's branch is gone or was rewritten.
        """
        if self._git is None:
            return
        self._clear_left_over_lock()
        if not self._remote:
            self._commit_left_overs()
            return
        self._fetch()
        if self._bring_onto_remote(_LEFT_OVER):
            self._push_record(_LEFT_OVER)

    def claim(self, paths: Sequence[Path], message: str) -> None:
        """Commit and push *paths*: when this returns, the claim is ours.

        Raises PushRejected when somebody was first (the claim is then gone from the folder), and GitError when the
        remote cannot be reached (it goes with the next `sync`).
        """
        self._at("before-claim-commit")
        if self._git is None:
            self._at("after-claim-push")
            return
        if not self._commit(message, self._names(paths)):
            raise LedgerError("There is nothing in this claim.", hint="This is a mistake in socialops; report it.")
        self._at("after-claim-commit")
        if self._remote:
            try:
                self._git.push(self._remote, self._branch)
            except GitError:
                # A push may have arrived though its answer was lost: the remote itself knows.
                self._fetch()
                if self._git.resolve(self._held) != self._git.resolve("HEAD"):
                    self.sync()
                    raise
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
                git.push(self._remote, self._branch)
                git.run("update-ref", self._held, "HEAD")
            except GitError as error:
                if attempt == TRIES:
                    raise
                if not isinstance(error, PushRejected) or attempt > 1:
                    # Somebody else's push is over in a moment; a remote that is down needs longer: five minutes in all.
                    self._sleep(min(2.0**attempt, 60.0) * (0.5 + self._chance()))
                with contextlib.suppress(GitError):
                    self._fetch()
                    if not self._bring_onto_remote(message) and git.resolve("HEAD") == git.resolve(self._held):
                        return
            else:
                return

    def _fetch(self) -> None:
        git = self._repository()
        try:
            git.fetch(self._remote, self._branch, self._held)
        except Rewritten as error:
            raise LedgerError(
                f"The branch {self._branch} of {self._remote} was rewritten or rolled back since this clone saw it.",
                hint=f"Nothing was sent. The last good commit is {git.text('rev-parse', '--short', self._held)}: push "
                f"it back, or, if the rewrite was meant, run: git update-ref -d {self._held}",
            ) from error
        except GitError as error:
            if "couldn't find remote ref" in error.message:
                if self._ours and not git.resolve(self._held) and not _holds_deliveries(git, "HEAD"):
                    # The run that began the branch was killed before its push: go on with the beginning.
                    _begin(git, self._remote, self._branch, self._held)
                    return
                raise LedgerError(
                    f"The remote {self._remote} has no branch {self._branch} any more.",
                    hint=f"Nothing was sent. Push it back from a clone that has it: "
                    f"git push {self._remote} {self._branch}",
                ) from error
            raise

    def _bring_onto_remote(self, message: str) -> bool:
        """Stand on the remote's commit with what is worth keeping of ours on top; tell whether there is any."""
        git = self._repository()
        head, tip = git.text("rev-parse", "HEAD", self._held).split("\n")
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
                f"{self._branch} has commits that are not on {self._remote} yet.",
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

    # --- the folder -------------------------------------------------------------------------------------------------

    def _repository(self) -> Git:
        assert self._git is not None  # noqa: S101 - callers have looked
        return self._git

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
        if dirty:
            self._commit(_LEFT_OVER, dirty)

    def _clear_left_over_lock(self) -> None:
        """Remove the index lock that a killed run left in our own worktree: the lock file says nobody else is here."""
        pointer = self.path / ".git"
        if not self._ours or not pointer.exists():
            return
        folder = pointer
        if pointer.is_file():
            folder = self.path / pointer.read_text("utf-8").partition("gitdir:")[2].strip()
        (folder / "index.lock").unlink(missing_ok=True)


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

    def store(git: Git | None, branch: str = "", remote: str = "", *, ours: bool = False) -> Store:
        return Store(workspace, git, branch, remote, ours=ours, sleep=sleep, chance=chance, at=at)

    main = Git(workspace.root)
    around = (workspace.root, *workspace.root.parents)
    if shutil.which("git") is None or not any((folder / ".git").exists() for folder in around):
        return store(None)
    attached = bool(settings.data_branch) and _attached(workspace)
    if not attached and not main.inside():
        return store(None)
    if settings.data_branch:
        if not attached and not _attach(workspace, main, create=create):
            return store(None)
        git = Git(workspace.data, main.seen_from_elsewhere(settings.data_remote))
        remote = settings.data_remote if git.has_remote(settings.data_remote) else ""
        return store(git, settings.data_branch, remote, ours=True)
    top = Git(Path(main.text("rev-parse", "--show-toplevel")))
    code, branch = top.run("symbolic-ref", "--quiet", "--short", "HEAD", allowed=(0, 1))
    if code:
        raise GitError(
            "No branch is checked out, so the data has no branch to be committed to.",
            hint="Check out a branch, or set data_branch in [tool.socialops].",
        )
    remote = settings.data_remote if top.has_remote(settings.data_remote) else ""
    return store(top, branch.strip(), remote)


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


def _attach(workspace: Workspace, main: Git, *, create: bool) -> bool:
    """Make the data folder a worktree of the data branch; False when there is no such branch, and none may be begun."""
    settings, folder = workspace.settings, workspace.data
    shown = workspace.relative(folder)
    loose = [file for file in sorted(folder.rglob("*")) if file.is_file()] if folder.is_dir() else []
    if any(file.is_relative_to(workspace.ledger) for file in loose) or main.lines("ls-files", "-z", "--", str(folder)):
        raise LedgerError(
            f"{shown} holds a ledger, but is not a checkout of {settings.data_branch}, the branch data_branch names.",
            hint=f"Nothing was sent. Move {shown} away, run again, and copy its files back into the checkout; "
            "or take data_branch out of [tool.socialops].",
        )
    branch, held = settings.data_branch, f"refs/socialops/{settings.data_branch}"
    remote = settings.data_remote if main.has_remote(settings.data_remote) else ""
    local = main.resolve(f"refs/heads/{branch}")
    on_remote = main.remote_refs(remote, f"refs/heads/{branch}").get(f"refs/heads/{branch}") if remote else None
    if on_remote is None and remote and local and _holds_deliveries(main, local):
        raise LedgerError(
            f"The remote {remote} has no branch {branch} any more.",
            hint=f"Nothing was sent. Push it back: git push {remote} {branch}",
        )
    if on_remote is None and local is None and not create:
        return False
    if on_remote is not None:
        shallow = main.text("rev-parse", "--is-shallow-repository") == "true"
        main.fetch(remote, branch, held, depth=1 if shallow and not main.resolve(held) else 0)
        if local is None:
            main.run("branch", "--no-track", branch, held)
    elif local is None:
        empty = main.text("mktree")
        main.run("branch", "--no-track", branch, main.text("commit-tree", "-m", "Begin the data branch", empty))
    main.run("worktree", "prune")
    aside = workspace.cache / "data-before-the-branch"
    if loose:
        aside.parent.mkdir(parents=True, exist_ok=True)
        folder.rename(aside)
    folder.parent.mkdir(parents=True, exist_ok=True)
    main.run("worktree", "add", "--quiet", str(folder), branch)
    _hide(main, folder)
    if loose:
        # Numbers that were read before there was a branch: the next record takes them along.
        for name in [file.relative_to(folder) for file in loose]:
            theirs = (folder / name).read_bytes() if (folder / name).is_file() else None
            data = (aside / name).read_bytes()
            write_file(folder / name, _merge(name.as_posix(), theirs, data) or data)
        shutil.rmtree(aside)
    if on_remote is None:
        _begin(Git(folder, main.seen_from_elsewhere(remote) if remote else ()), remote, branch, held)
    return True


def _holds_deliveries(git: Git, commit: str) -> bool:
    return any(
        name.endswith(".json") for name in git.lines("ls-tree", "-r", "-z", "--name-only", commit, "--", "ledger")
    )


def _begin(git: Git, remote: str, branch: str, held: str) -> None:
    """Put the SCHEMA on a new branch and push it; when somebody was first, adopt theirs."""
    write_file(git.root / "ledger" / SCHEMA_FILE, schema_bytes())
    write_file(git.root / ".gitattributes", _ATTRIBUTES.encode())
    git.commit("Begin the ledger", ["ledger", ".gitattributes"])
    if not remote:
        return
    try:
        git.push(remote, branch)
        git.run("update-ref", held, "HEAD")
    except PushRejected:
        git.fetch(remote, branch, held)
        git.run("reset", "--quiet", "--hard", held)


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
