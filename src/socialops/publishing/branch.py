"""The branch on the remote that keeps the data, and the witness that tells whether it is whole.

Whoever pushes the data branch pushes the same commit to a second, hidden ref of the remote, both or neither. Nobody
else moves that one, so it says to a clone that has never been here what the branch must still hold:

    no branch, no witness               first use
    no branch, a witness                the branch was deleted
    witness not in the branch           it was rolled back or rewritten
    records gone since the witness      somebody took them out of the ledger
    no witness                          an older version wrote, or the remote takes no such ref: it is made if it can be

In a clone the same ref name holds the newest commit that this clone has seen, and is held against the remote likewise.

A branch that people work in too (no `data_branch`) gets no witness: rewriting it is their right, and in a shallow
checkout each of their commits since would have to be fetched to tell that the witness is still in it.
"""

from __future__ import annotations

from socialops.errors import LedgerError, PushRejected
from socialops.git import Git, Rewritten
from socialops.publishing.ledger import SCHEMA_FILE, schema_bytes, write_file

_ATTRIBUTES = "# Byte for byte what was written: checksums depend on it.\n* -text\n"
_DEEPER = (50, 500, 5_000, 50_000)
"""How many commits more of a shallow clone's history are fetched, step by step, until the witness is among them."""
_REBUILT = ".socialops/rebuilt"


class Branch:
    """One branch of one remote. *ours*: nobody but socialops writes to it."""

    def __init__(self, git: Git, name: str, remote: str, *, ours: bool, command: str = "git") -> None:
        self.git = git
        self.name = name
        self.remote = remote
        self.ours = ours
        self.held = f"refs/socialops/{name}"
        """Here: the newest commit of the remote's branch that this clone has seen."""
        self.witness = f"refs/socialops/{name}"
        """On the remote: the last commit that a run of socialops pushed."""
        self._takes_witness = ours
        self._command = command

    def push(self) -> None:
        """Push HEAD, with the witness; raises PushRejected when somebody was first, GitError when it failed."""
        witness = self.witness if self._takes_witness else ""
        if witness and not self.git.push(self.remote, self.name, witness=witness):
            self._takes_witness = False
        elif not witness:
            self.git.push(self.remote, self.name)
        self.git.run("update-ref", self.held, "HEAD")

    def fetch(self) -> bool:
        """Bring the remote's newest commit into `held`; False when the remote never had the branch.

        Raises LedgerError when it was deleted, rolled back or rewritten, or lost its ledger; `held` then stays.
        """
        before = self.git.resolve(self.held)
        tip, witness = self._ask()
        if tip is None and (before or witness):
            # Two refs are listed one after the other: a first push between the two shows the witness alone.
            tip, witness = self._ask()
        if tip is None:
            if before or witness:
                raise self._deleted(before, witness)
            return False
        self._bring(tip, before, witness)
        if witness not in (None, tip) and not self.git.descends(self.held, str(witness)):
            # Likewise: what was pushed while we asked is in the branch by now.
            tip = ""
            self._bring(tip, self.git.resolve(self.held), witness)
            if not self._contains(str(witness)):
                refused = self._rewritten(before, witness)
                self._back_to(before)
                raise refused
        if self.ours and tip != before:
            self._look_for_ledger(before, witness)
        return True

    def _ask(self) -> tuple[str | None, str | None]:
        names = [f"refs/heads/{self.name}", *([self.witness] if self.ours else [])]
        found = self.git.remote_refs(self.remote, *names)
        return found.get(names[0]), found.get(self.witness)

    def _bring(self, tip: str, before: str | None, witness: str | None) -> None:
        if tip == before:
            return
        depth = 1 if before is None and self.git.shallow() else 0
        try:
            self.git.fetch(self.remote, self.name, self.held, depth=depth)
        except Rewritten as error:
            raise self._rewritten(before, witness) from error

    def _contains(self, commit: str) -> bool:
        """Tell whether the remote's branch holds a commit; a shallow clone fetches as much history as it takes."""
        if self.git.descends(self.held, commit):
            return True
        known = 0
        for deeper in _DEEPER if self.git.shallow() else ():
            self.git.fetch(self.remote, self.name, self.held, deepen=deeper)
            if self.git.descends(self.held, commit):
                return True
            count = int(self.git.text("rev-list", "--count", self.held))
            if count == known:
                return False
            known = count
        return False

    def _look_for_ledger(self, before: str | None, witness: str | None) -> None:
        """Raise LedgerError when the ledger was taken out of the branch, as a whole or in part."""
        # Every command between learning the newest commit and pushing onto it gives others the time to be first.
        tip = self.git.text("rev-parse", self.held)
        good = witness or before
        if good == tip:
            return
        if good:
            options = ("--diff-filter=D", "--no-renames", "--name-only", "-z")
            gone = self.git.lines("diff", *options, str(good), tip, "--", ":(top)ledger")
            if gone:
                self._back_to(before)
                what = "a file was" if len(gone) == 1 else f"{len(gone)} files were"
                raise self._lost(f"{what} taken out of the ledger", str(good), self._meant(before, witness))
        elif not self.git.lines("ls-tree", "-z", "--full-tree", self.held, "--", f"ledger/{SCHEMA_FILE}"):
            changed = self.git.text("rev-list", "--max-count=1", self.held, "--", f":(top)ledger/{SCHEMA_FILE}")
            self._back_to(before)
            raise self._lost("the ledger was taken out", f"{changed}^" if changed else "")

    def _back_to(self, before: str | None) -> None:
        """See the remote's commit no more, so that the next run is told of it as this one was."""
        if before:
            self.git.run("update-ref", self.held, before)
        else:
            self.git.run("update-ref", "-d", self.held)

    # --- how to recover ---------------------------------------------------------------------------------------------

    def _deleted(self, before: str | None, witness: str | None) -> LedgerError:
        newest = self._newest(before, witness)
        if newest == witness:
            back = f"{self._fetched(self.witness)} push {self.remote} FETCH_HEAD:refs/heads/{self.name}"
        else:
            back = f"{self._command} push {self.remote} {self.held}:refs/heads/{self.name}"
        return LedgerError(
            f"The remote {self.remote} has no branch {self.name} any more, the one that says what was published.",
            hint=f"Nothing was sent. Its last commit is still kept; bring it back: {back}",
        )

    def _rewritten(self, before: str | None, witness: str | None) -> LedgerError:
        newest = self._newest(before, witness)
        if newest == witness:
            back = f"{self._fetched(self.witness)} push --force {self.remote} FETCH_HEAD:refs/heads/{self.name}"
        else:
            back = f"{self._command} push --force {self.remote} {self.held}:refs/heads/{self.name}"
        return LedgerError(
            f"The branch {self.name} of {self.remote} was rewritten or rolled back: it lost {str(newest)[:10]}.",
            hint=f"Nothing was sent. Put it back: {back}\n{self._meant(before, witness)}",
        )

    def _lost(self, what: str, good: str, meant: str = "") -> LedgerError:
        if not good:
            return LedgerError(
                f"The branch {self.name} of {self.remote} holds no ledger.",
                hint="Nothing was sent. If it ever held one, bring the folder `ledger` back from its history and push "
                f"it. If nothing was ever published here, delete the branch: {self._command} push {self.remote} "
                f"--delete {self.name}",
            )
        git, there = self._command, f"{self._command} -C {_REBUILT}"
        steps = [
            f"{git} fetch {self.remote} refs/heads/{self.name}",
            f"{git} worktree add --detach {_REBUILT} FETCH_HEAD",
            f"{there} checkout {good} -- ledger",
            f'{there} commit -m "Bring back the ledger"',
            f"{there} push {self.remote} HEAD:refs/heads/{self.name}",
            f"{git} worktree remove {_REBUILT}",
        ]
        return LedgerError(
            f"On {self.remote}, {what} in the branch {self.name}: what was published would go out again.",
            hint=f"Nothing was sent. Bring it back: {' && '.join(steps)}\n{meant}".rstrip(),
        )

    def _meant(self, before: str | None, witness: str | None) -> str:
        """Say how to accept what the branch is now."""
        steps = []
        if witness:
            fetched = self._fetched(f"refs/heads/{self.name}")
            steps.append(f"{fetched} push --force {self.remote} FETCH_HEAD:{self.witness}")
        if before:
            steps.append(f"{self._command} update-ref -d {self.held}")
        return f"Or, if the change was meant: {' && '.join(steps)}"

    def _fetched(self, ref: str) -> str:
        return f"{self._command} fetch {self.remote} {ref} && {self._command}"

    def _newest(self, before: str | None, witness: str | None) -> str | None:
        """Return the newer of what this clone has seen and what the remote keeps."""
        if before and (witness is None or (before != witness and self.git.descends(before, witness))):
            return before
        return witness


def begin(branch: Branch) -> None:
    """Put the SCHEMA on a new branch and push it; when somebody was first, adopt theirs."""
    git = branch.git
    write_file(git.root / "ledger" / SCHEMA_FILE, schema_bytes())
    write_file(git.root / ".gitattributes", _ATTRIBUTES.encode())
    git.commit("Begin the ledger", ["ledger", ".gitattributes"])
    if not branch.remote:
        return
    try:
        branch.push()
    except PushRejected:
        branch.fetch()
        git.run("reset", "--quiet", "--hard", branch.held)


def holds_deliveries(git: Git, commit: str) -> bool:
    """Tell whether a commit of a data branch records any delivery."""
    listed = git.lines("ls-tree", "-r", "-z", "--full-tree", "--name-only", commit, "--", "ledger")
    return any(name.endswith(".json") for name in listed)


def deleted(branch: Branch) -> LedgerError:
    """Return what to say when the remote lacks a branch that this clone has, though it was never seen there."""
    return LedgerError(
        f"The remote {branch.remote} has no branch {branch.name} any more.",
        hint=f"Nothing was sent. Push it back: git push {branch.remote} {branch.name}",
    )
