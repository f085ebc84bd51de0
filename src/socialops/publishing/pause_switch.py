"""The pause switch as it stands right now: in this checkout, and on the remote's main branch.

A run can be under way for an hour, and a failed one can be started again from an old checkout. Neither would see what
somebody has pushed to stop it, so `brand/pause.yml` of the remote's main branch counts as much as the one on disk: what
either of them pauses is paused. Git is asked in a way that leaves the writer's branches, FETCH_HEAD and history alone.
"""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from socialops.content.brand import Pause
from socialops.content.library import SIZE, read_pauses
from socialops.errors import GitError
from socialops.git import Git

if TYPE_CHECKING:
    from socialops.content.load import Content
    from socialops.workspace import Workspace

PAUSE_FILE = "brand/pause.yml"
ASKED_EVERY = 5.0
"""The remote is asked again after this many seconds: a pause holds at most this much later than it was pushed, and a
batch of quick sends asks once."""
ASKED_AFTER_SILENCE = 60.0
LONGEST_ANSWER, LONGEST_FETCH = 20.0, 60.0
"""A remote that does not answer is waited for this long, then left alone for a minute: claims grow old meanwhile."""


def pause_switch(
    workspace: Workspace,
    content: Content,
    *,
    report: Callable[[str], None] = lambda _text: None,
    monotonic: Callable[[], float] = time.monotonic,
) -> Callable[[], Sequence[Pause]]:
    """Return a function that reads the pause switch again: the pauses of the checkout and those of the remote.

    A switch that cannot be read, here or there, pauses everything. Without git, without the remote, or when it has no
    such branch, the checkout alone counts. *report* is told, once, when the remote cannot be asked; until it can,
    what was last known of it holds.
    """
    here = _Here(workspace, content)
    there = _There(workspace, report, monotonic)

    def read() -> Sequence[Pause]:
        return tuple(dict.fromkeys((*here.read(), *there.read())))

    return read


def one_at_a_time(pauses: Callable[[], Sequence[Pause]]) -> Callable[[], Sequence[Pause]]:
    """Let one lane read the switch after the other: it may ask the remote, and what one was told serves them all."""
    reading = threading.Lock()

    def read() -> Sequence[Pause]:
        with reading:
            return pauses()

    return read


class _Here:
    """The switch on disk."""

    def __init__(self, workspace: Workspace, content: Content) -> None:
        self._workspace = workspace
        self._content = content
        self._known: dict[bytes, Sequence[Pause]] = {}

    def read(self) -> Sequence[Pause]:
        file = self._workspace.root / PAUSE_FILE
        try:
            if file.is_symlink():  # it leads to where a pull request wants it to
                return _broken()
            written = file.read_bytes()
        except FileNotFoundError:
            return self._content.brand.pauses
        except OSError:
            return _broken()
        if written not in self._known:
            found = read_pauses(self._workspace, written)
            self._known[written] = _broken() if found is None else found
        return self._known[written]


class _There:
    """The switch on the remote's main branch."""

    def __init__(self, workspace: Workspace, report: Callable[[str], None], monotonic: Callable[[], float]) -> None:
        settings = workspace.settings
        self._workspace = workspace
        self._remote, self._branch = settings.data_remote, settings.main_branch
        self._ref = f"refs/socialops-main/{self._branch}"
        self._report = report
        self._monotonic = monotonic
        self._git: Git | None = None
        self._prefix = ""
        self._looked = self._said = False
        self._ask_again = 0.0
        self._pauses: Sequence[Pause] = ()
        self._read_of = ""

    def read(self) -> Sequence[Pause]:
        """Return what the remote pauses, as it was told at most five seconds ago."""
        if not self._looked:
            self._looked, self._git = True, self._repository()
            self._ask_again = self._monotonic()
        if self._git is None or self._monotonic() < self._ask_again:
            return self._pauses
        wait = ASKED_EVERY
        try:
            self._pauses = self._ask(self._git)
        except GitError as error:
            wait = ASKED_AFTER_SILENCE
            self._pauses = self._remembered(self._git)
            self._say(error)
        self._ask_again = self._monotonic() + wait
        return self._pauses

    def _repository(self) -> Git | None:
        root = self._workspace.root
        around = (root, *root.parents)
        if shutil.which("git") is None or not any((folder / ".git").exists() for folder in around):
            return None
        git = Git(root)
        if not git.inside() or not git.has_remote(self._remote):
            return None
        self._prefix = git.text("rev-parse", "--show-prefix")
        return git

    def _ask(self, git: Git) -> Sequence[Pause]:
        name = f"refs/heads/{self._branch}"
        tip = git.remote_refs(self._remote, name, timeout=LONGEST_ANSWER).get(name)
        if tip is None:
            return ()
        known = self._known(git)
        if tip not in (*known, git.resolve("HEAD")):
            # In a shallow clone that knows nothing of the branch, all its history would come along. Where something
            # of it is known, a depth would cut the writer's own history.
            depth = 1 if git.shallow() and not known else 0
            git.fetch(self._remote, self._branch, f"+{self._ref}", depth=depth, timeout=LONGEST_FETCH)
            tip = git.text("rev-parse", self._ref)
        return self._of(git, tip)

    def _known(self, git: Git) -> list[str]:
        """Return the commits of the branch that are known here without asking, likely the newest first."""
        names = (self._ref, f"refs/remotes/{self._remote}/{self._branch}", f"refs/heads/{self._branch}")
        return [commit for name in names if (commit := git.resolve(name))]

    def _remembered(self, git: Git) -> Sequence[Pause]:
        try:
            known = [self._read_of] if self._read_of else self._known(git)
            return self._of(git, known[0]) if known else ()
        except GitError:
            return _broken(f"{self._branch} of {self._remote}")

    def _of(self, git: Git, commit: str) -> Sequence[Pause]:
        """Return what the switch of a commit pauses."""
        if commit == self._read_of:
            return self._pauses
        found = self._understood(git, commit)
        self._read_of = commit
        return _broken(f"{self._branch} of {self._remote}") if found is None else found

    def _understood(self, git: Git, commit: str) -> tuple[Pause, ...] | None:
        listed = git.lines("ls-tree", "-z", "--long", "--full-tree", commit, "--", self._prefix + PAUSE_FILE)
        if not listed:
            return ()
        mode, _, blob, size = listed[0].partition("\t")[0].split()
        if not mode.startswith("100") or not size.isdecimal() or int(size) > SIZE:
            return None
        data = git.run("cat-file", "blob", blob)[1].encode("utf-8", "surrogateescape")
        names = {kind: self._names(git, commit, kind) for kind in ("channels", "campaigns")}
        return read_pauses(self._workspace, data, **names)

    def _names(self, git: Git, commit: str, kind: str) -> list[str]:
        """Return the channels or campaigns of that commit: what is paused may be newer than this checkout."""
        folder = f"{self._prefix}brand/{kind}/"
        files = git.lines("ls-tree", "-z", "--name-only", "--full-tree", commit, "--", folder)
        return [file.removeprefix(folder).removesuffix(".md") for file in files if file.endswith(".md")]

    def _say(self, error: GitError) -> None:
        if not self._said:
            self._said = True
            words = error.message.splitlines()[0]
            self._report(f"{self._remote} could not be asked for pauses; what was last known holds. ({words})")


def _broken(where: str = "") -> tuple[Pause, ...]:
    return (Pause("everything", f"{PAUSE_FILE}{f' on {where}' if where else ''} cannot be read"),)
