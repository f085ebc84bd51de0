"""The only place that runs git.

What stands in a repository is data, never orders: no hook, file-system monitor or external diff program that its files
or its configuration name is started. A repository that others had their hands in (the head of a pull request) is opened
`sealed`: then nothing is fetched either, so no remote of its own choosing is spoken to.

Commands run with inherited `GIT_*` variables removed (a hook or an editor that started us sets `GIT_DIR`, which would
point every command at the wrong repository), with messages in English so that they can be read, and never asking for
a password on the terminal.

In a job of GitHub or GitLab the commands that talk to the remote carry the job's own token, to that forge alone.
"""

from __future__ import annotations

import base64
import os
import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from socialops.errors import GitError, PushRejected

_KEPT = ("GIT_ASKPASS", "GIT_SSH", "GIT_SSH_COMMAND", "GIT_CONFIG_COUNT", "GIT_CONFIG_GLOBAL", "GIT_TRACE2_EVENT")
_KEPT_PREFIXES = ("GIT_CONFIG_KEY_", "GIT_CONFIG_VALUE_")
_REJECTED = re.compile(
    r"\[rejected\]|fetch first|non-fast-forward|\[remote rejected\].*\((?:.*: )?(?:"
    r"cannot lock ref|failed to update ref|failed to lock|lock failure|atomic transaction failed|"
    r"incorrect old value|reference already exists)"
)
"""What servers call a push that lost a race; with `--atomic` one line of the two is enough."""
_DECLINED = re.compile(r"\[remote rejected\]|does not support --atomic|returned error: [45]\d\d")
_REASON = re.compile(r"^!\t\S+:(\S+)\t\[remote rejected\] \((.*)\)$", re.MULTILINE)
_REWRITTEN = re.compile(r"\[rejected\]|non-fast-forward")

# Hooks are the writers': none of them (tests before a push, say) has a say in what a job records.
_SETTINGS = (
    "core.quotePath=false",
    "gc.auto=0",
    "commit.gpgSign=false",
    "core.fsmonitor=false",
    f"core.hooksPath={os.devnull}",
)
_OPTIONS = tuple(word for setting in _SETTINGS for word in ("-c", setting))

_TOKENS = (
    ("GITHUB_SERVER_URL", "GITHUB_TOKEN", "x-access-token"),
    ("CI_SERVER_URL", "GITLAB_TOKEN", "oauth2"),
    ("CI_SERVER_URL", "CI_JOB_TOKEN", "gitlab-ci-token"),
)
"""The variables in which a job finds its forge's address and a token for it, and the user name that goes with that."""
_ADDRESS = re.compile(r"https?://[^\s/@]+(?:/[^\s@]*)?")
_ASKING = frozenset({"fetch", "push", "ls-remote"})
"""The commands that talk to a remote."""

_REMOTE_HINT = (
    "Look whether this machine is online, whether `git remote -v` names the right repository, "
    "and whether you may push to it."
)

_SEALED = ("protocol.allow=never", "diff.external=", f"core.attributesFile={os.devnull}", "submodule.recurse=false")
_SEALED_OPTIONS = ("--no-pager", "--no-optional-locks", *(word for setting in _SEALED for word in ("-c", setting)))
# An empty list of protocols outweighs whatever a repository's configuration allows.
_SEALED_ENVIRONMENT = {"GIT_ALLOW_PROTOCOL": "", "GIT_NO_LAZY_FETCH": "1", "GIT_ATTR_NOSYSTEM": "1"}

_RULE_HINT = (
    "A rule of the remote (a protected branch, a hook) refuses this push: let whoever runs socialops push to this "
    "branch, or name another one in [tool.socialops]: data_branch."
)

BOT_NAME = "socialops"
BOT_MAIL = "socialops@users.noreply.github.com"


def _kind(command: str, words: str) -> type[GitError]:
    if command == "push" and _REJECTED.search(words):
        return PushRejected
    if command == "push" and _DECLINED.search(words):
        return Declined
    if command == "fetch" and _REWRITTEN.search(words):
        return Rewritten
    return GitError


def _hint(command: str, kind: type[GitError], words: str) -> str:
    if "dubious ownership" in words:
        return "Somebody else owns this folder. If you trust it: git config --global --add safe.directory FOLDER"
    if kind is Declined and "returned error" not in words:
        return _RULE_HINT
    return _REMOTE_HINT if command in ("fetch", "push", "ls-remote") and kind in (GitError, Declined) else ""


def _environment() -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("GIT_") or name in _KEPT or name.startswith(_KEPT_PREFIXES)
    }
    return kept | {
        "LC_ALL": "C",
        "LANGUAGE": "",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_AUTHOR_NAME": BOT_NAME,
        "GIT_AUTHOR_EMAIL": BOT_MAIL,
        "GIT_COMMITTER_NAME": BOT_NAME,
        "GIT_COMMITTER_EMAIL": BOT_MAIL,
    }


def _authorization() -> dict[str, str]:
    """Return the variables that let git speak to the forge whose job this is, and to no other server.

    The checkout keeps no credentials. They go to git alone, for one command, in its environment: a command line is
    seen by every process of the machine, and a file outlives the job.
    """
    found = [
        (address, f"{user}:{os.environ[secret]}")
        for server, secret, user in _TOKENS
        if os.environ.get(secret) and _ADDRESS.fullmatch(address := os.environ.get(server, "").rstrip("/"))
    ]
    if not found:
        return {}
    address, login = found[0]
    word = base64.b64encode(login.encode()).decode()
    name = f"http.{address}/.extraheader"
    # The empty one first: it takes away what a checkout with credentials of its own has left, which would go along.
    pairs = ((name, ""), (name, f"AUTHORIZATION: basic {word}"))
    given = os.environ.get("GIT_CONFIG_COUNT", "")
    first = int(given) if given.isdecimal() else 0
    settings = {"GIT_CONFIG_COUNT": str(first + len(pairs))}
    for number, (key, value) in enumerate(pairs, first):
        settings |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    return settings


class Rewritten(GitError):
    """The remote's branch no longer holds what it held before: it was force-pushed or rolled back."""


class Declined(GitError):
    """The remote answered, and does not take this push: a rule of its own forbids it, or it cannot do it."""


@dataclass(frozen=True, slots=True)
class Change:
    """One file that a change touches; *path* is from the top of the repository.

    *status* is git's letter: A added, M changed, D removed, R renamed from *before*, T another type of file.
    """

    status: str
    path: str
    before: str = ""


class Git:
    """One working tree (or bare repository) and the git commands run in it.

    With *sealed* it is a repository that others had their hands in: its remotes are not spoken to, whatever it says.
    """

    def __init__(self, root: Path, options: tuple[str, ...] = (), *, sealed: bool = False) -> None:
        self.root = root
        self._options = (*_SEALED_OPTIONS, *options) if sealed else options
        self._more = _SEALED_ENVIRONMENT if sealed else {}

    def run(self, *arguments: str, allowed: tuple[int, ...] = (0,), timeout: float = 120.0) -> tuple[int, str]:
        """Run one git command; return (exit code, stdout).

        Raises PushRejected or GitError when the exit code is not in *allowed*; *timeout* is in seconds.
        """
        command = ["git", *_OPTIONS, *self._options, *arguments]
        # Who is sealed off asks nobody, and needs no token to be refused with.
        speaks = arguments[0] in _ASKING and not self._more
        try:
            done = subprocess.run(
                command,
                cwd=self.root,
                env=_environment() | self._more | (_authorization() if speaks else {}),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                check=False,
                timeout=timeout,
            )
        except FileNotFoundError as error:
            if not self.root.exists():
                raise GitError(f"{self.root} does not exist.") from error
            raise GitError("git is not installed.", hint="Install git 2.39 or newer.") from error
        except subprocess.TimeoutExpired as error:
            raise GitError(
                f"git {arguments[0]} did not finish within {timeout:g} s.", hint=_hint(arguments[0], GitError, "")
            ) from error
        output = done.stdout.decode("utf-8", "surrogateescape")
        if done.returncode not in allowed:
            words = done.stderr.decode("utf-8", "replace").strip()
            kind = _kind(arguments[0], f"{words}\n{output}")
            reasons = [f"{ref}: {reason}" for ref, reason in _REASON.findall(output)] if kind is Declined else []
            said = "\n".join([words, *reasons]).strip() or f"exit code {done.returncode}"
            raise kind(f"git {arguments[0]} failed: {said}", hint=_hint(arguments[0], kind, said))
        return done.returncode, output

    def lines(self, *arguments: str) -> list[str]:
        """Run a command that prints NUL-separated items (`-z`) and return them."""
        return [item for item in self.run(*arguments)[1].split("\0") if item]

    def text(self, *arguments: str) -> str:
        """Run a command and return its output without the last line break."""
        return self.run(*arguments)[1].rstrip("\n")

    def inside(self) -> bool:
        """Tell whether the folder is inside a working tree."""
        if not self.root.is_dir():
            return False
        code, output = self.run("rev-parse", "--is-inside-work-tree", allowed=(0, 128))
        return code == 0 and output.strip() == "true"

    def resolve(self, revision: str) -> str | None:
        """Return the commit id of *revision*, or None when there is none."""
        code, output = self.run("rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}", allowed=(0, 1, 128))
        return output.strip() if code == 0 else None

    def changes(self, since: str, until: str = "HEAD") -> list[Change] | None:
        """Return what *until* changes against where it left *since*, as git's own trees say: no file is opened.

        Renames are found. None: the two have no common ancestor here (a shallow clone, say).
        """
        code, output = self.run("merge-base", "--end-of-options", since, until, allowed=(0, 1, 128))
        if code:
            return None
        options = ("-r", "-z", "--name-status", "--find-renames", "--no-ext-diff", "--no-textconv")
        items = iter(self.lines("diff-tree", *options, "--end-of-options", output.strip(), until))
        found = []
        for letter in items:
            path = next(items)
            if letter[0] in "RC":
                target = next(items)
                found.append(Change("R", target, path) if letter[0] == "R" else Change("A", target))
            else:
                found.append(Change(letter[0], path))
        return found

    def prefix(self) -> str:
        """Return where the folder lies in its repository: empty at the top, else with a slash at its end."""
        return self.text("rev-parse", "--show-prefix")

    def has_remote(self, name: str) -> bool:
        """Tell whether a remote of that name is configured."""
        return name in self.text("remote").split("\n")

    def seen_from_elsewhere(self, remote: str) -> tuple[str, ...]:
        """Return the options with which another folder of this repository finds *remote*.

        A remote that is named by a relative path lies beside the main folder: git would look beside the other one.
        """
        code, output = self.run("remote", "get-url", remote, allowed=(0, 2))
        url = output.strip()
        if code or not url.startswith(("./", "../")):
            return ()
        top = Path(self.text("rev-parse", "--show-toplevel"))
        return ("-c", f"url.{(top / url).resolve().as_posix()}.insteadOf={url}")

    def shallow(self) -> bool:
        """Tell whether the repository holds only the newest part of its history."""
        return self.text("rev-parse", "--is-shallow-repository") == "true"

    def descends(self, commit: str, ancestor: str) -> bool:
        """Tell whether *ancestor* is in the history of *commit*, as far as it is known here."""
        return self.run("merge-base", "--is-ancestor", ancestor, commit, allowed=(0, 1, 128))[0] == 0

    def last_change(self, path: str, before: datetime | None = None) -> str | None:
        """Return the commit that last changed *path* (as seen from this folder), up to a time; None when none did.

        A file that is gone by now has its history all the same.
        """
        options = ("-1", "--format=%H", *([f"--until={before.isoformat()}"] if before else []))
        return self.text("log", *options, "HEAD", "--", f":(literal){path}") or None

    def remote_refs(self, remote: str, *names: str, timeout: float = 120.0) -> dict[str, str]:
        """Ask the remote itself for the commits of these refs, by their full names; one it lacks is left out."""
        listed = self.run("ls-remote", "--quiet", remote, *names, timeout=timeout)[1].splitlines()
        found = {name: commit for commit, _, name in (line.partition("\t") for line in listed)}
        return {name: found[name] for name in names if name in found}

    def fetch(
        self, remote: str, branch: str, into: str, *, depth: int = 0, deepen: int = 0, timeout: float = 120.0
    ) -> None:
        """Bring *branch* of *remote* into the ref *into*; a *depth* of 0 is all its history.

        With *deepen*, that much of its older history comes along. Raises Rewritten when the branch does not descend
        from what *into* held, unless that begins with a `+`; *into* then stays as it was.
        """
        cut = [f"--{name}={by}" for name, by in (("depth", depth), ("deepen", deepen)) if by]
        # An empty refmap: the writer's own remote-tracking branches are not ours to move.
        options = ("--no-tags", "--no-prune", "--no-write-fetch-head", "--refmap=")
        force, into = ("+", into[1:]) if into.startswith("+") else ("", into)
        self.run("fetch", *options, *cut, remote, f"{force}refs/heads/{branch}:{into}", timeout=timeout)

    def commit(self, message: str, paths: Sequence[str]) -> str | None:
        """Commit *paths*, and nothing else that is staged, if they changed.

        Return the new commit id, or None when nothing changed.
        """
        self.run("add", "--all", "--", *paths)
        code, _ = self.run("diff", "--cached", "--quiet", "--", *paths, allowed=(0, 1))
        if code == 0:
            return None
        self.run("commit", "--quiet", "--no-verify", "--message", message, "--only", "--", *paths)
        return self.text("rev-parse", "HEAD")

    def push(self, remote: str, branch: str, *, witness: str = "") -> bool:
        """Push HEAD to *branch* of *remote* and, in the same step, to the ref *witness* when one is named.

        Both move, or neither. Where the remote takes no such ref, or no such step, the branch is pushed alone; the
        answer is whether the witness came along. Raises PushRejected when somebody else was first, Declined when the
        remote does not take the branch.
        """
        options, head = ("--quiet", "--porcelain"), f"HEAD:refs/heads/{branch}"
        if witness:
            try:
                self.run("push", *options, "--atomic", remote, head, f"HEAD:{witness}")
            except Declined:
                # Some remotes move the branch all the same; then there is nothing left to push.
                pass
            else:
                return True
        self.run("push", *options, remote, head)
        return False
