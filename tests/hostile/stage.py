"""A pull request by somebody who means harm, and the tool run on it as the workflow runs it.

A base and a head are checked out beside each other, the head as GitHub's merge of the two. Everything in the head that
could be run writes to one file, everything that could be spoken to is one listener, and the secrets of the job can be
recognised: so one look tells whether anything happened.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from builder import workspace
from canary import Canary
from socialops.content.team import BEGIN, END

NOW = "2026-12-01 12:00"
TOKEN = "CanaryToken0123456789abcdefABCDEF"
GITHUB = "CanaryGitHub0123456789abcdefABCDEF"
OUTSIDE = "CanaryFile0123456789abcdefABCDEF"
"""What a file outside of the repository holds."""

POST = "---\ndate: 2026-12-03 09:30\nchannels: [mastodon]\nlang: en\n---\n{}\n"
BASE: Mapping[str, str] = {
    "posts/2026/12/first.md": POST.format("The first words."),
    "brand/voice.md": "---\ntitle: Voice\n---\nKind and exact.\n",
    "brand/team.yml": "people:\n  ayse: {name: Ayşe, roles: [manager], forge: ayse-lumen}\n"
    "approvals:\n  - {what: brand/, who: [ayse]}\n",
    ".github/CODEOWNERS": f"{BEGIN}\n/brand/ @ayse-lumen\n/.github/CODEOWNERS @ayse-lumen\n{END}\n",
}


def git(folder: Path, *arguments: str) -> str:
    who = {f"GIT_{role}_{what}": "test" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    clean = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    done = subprocess.run(
        ["git", "-c", "protocol.file.allow=always", *arguments],
        cwd=folder,
        env={**clean, **who, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"},
        capture_output=True,
        check=True,
    )
    return done.stdout.decode("utf-8", "surrogateescape")


class Listener:
    """Whatever is sent to it is heard, and gets no answer."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._listen)
        self._thread.start()

    def _listen(self) -> None:
        while True:
            try:
                caller, _ = self._socket.accept()
            except OSError:
                return
            with caller:
                caller.settimeout(1)
                try:
                    data = caller.recv(65536)
                except OSError:
                    data = b""
                if data == b"stop":
                    return
                self.heard.append(data)

    def stop(self) -> None:
        with socket.create_connection(("127.0.0.1", self.port)) as caller:
            caller.sendall(b"stop")
        self._thread.join()
        self._socket.close()


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str
    summary: str

    @property
    def everything(self) -> str:
        return f"{self.out}\n{self.err}\n{self.summary}"


@dataclass
class PullRequest:
    """The two checkouts, the traps, and what was found in them."""

    top: Path
    listener: Listener
    runs: list[Said] = field(default_factory=list)

    @property
    def base(self) -> Path:
        return self.top / "base"

    @property
    def head(self) -> Path:
        return self.top / "head"

    @property
    def sprung(self) -> Path:
        """The file that whatever is run writes to."""
        return self.top / "sprung"

    @property
    def outside(self) -> Path:
        return self.top / "outside.txt"

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.listener.port}"

    @property
    def trap(self) -> str:
        """A command of the shell that leaves a trace."""
        return f"sh -c 'echo sprung >> {self.sprung}; cat'"

    @property
    def python_trap(self) -> str:
        return f"open({str(self.sprung)!r}, 'a').write('sprung')\n"

    def open(self, change: Callable[[Path], None], *, files: Mapping[str, str] | None = None) -> None:
        """Commit a base, let *change* write the head over it, merge it as GitHub does, and check both out."""
        origin = self.top / "origin"
        origin.mkdir()
        self.outside.write_text(OUTSIDE, "utf-8")
        workspace(origin, {**BASE, **(files or {})})
        git(origin, "init", "--quiet", "--initial-branch=main")
        git(origin, "add", "--all", "--force")
        git(origin, "commit", "--quiet", "--message", "The base")
        git(origin, "checkout", "--quiet", "-b", "change")
        change(origin)
        git(origin, "add", "--all", "--force")
        git(origin, "commit", "--quiet", "--allow-empty", "--message", "$(touch sprung) ::error::title")
        git(origin, "checkout", "--quiet", "main")
        git(origin, "merge", "--quiet", "--no-ff", "--message", "Merge", "change")
        git(self.top, "clone", "--quiet", "--no-hardlinks", "origin", "head")
        git(self.top, "clone", "--quiet", "--no-hardlinks", "origin", "base")
        git(self.base, "checkout", "--quiet", "HEAD^1")
        git(self.head, "checkout", "--quiet", "--detach", "HEAD")
        shutil.rmtree(origin)

    def run(self, *arguments: str, **more: str) -> Said:
        """Run the tool as the workflow does: the installed one, from outside of the head, with secrets to lose."""
        summary = self.top / f"summary-{len(self.runs)}.md"
        clean = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("GIT_", "GITHUB_", "SOCIALOPS_", "PYTHON")) and "proxy" not in name.casefold()
        }
        proxies = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"), self.address)
        done = subprocess.run(
            [sys.executable, "-m", "socialops", *arguments, "--summary", str(summary), "--now", NOW],
            cwd=self.top,
            env={
                **clean,
                **proxies,
                "PYTHONPATH": str(Path(__file__).parents[2] / "src"),
                "PYTHONSAFEPATH": "1",
                "GITHUB_ACTIONS": "true",
                "SOCIALOPS_MASTODON_TOKEN": TOKEN,
                "SOCIALOPS_MASTODON_HOST": "https://mastodon.example",
                "GITHUB_TOKEN": GITHUB,
                "HOME": str(self.top / "home"),
                **more,
            },
            capture_output=True,
            check=False,
            timeout=120,
        )
        said = Said(
            done.returncode,
            done.stdout.decode("utf-8"),
            done.stderr.decode("utf-8"),
            summary.read_text("utf-8") if summary.exists() else "",
        )
        self.runs.append(said)
        return said

    def validate(self) -> tuple[Said, Said]:
        """Run both steps of the workflow."""
        return (
            self.run("-C", "head", "check", "--changed", "HEAD^1", "--format", "github"),
            self.run("review", "--workspace", "head", "--base", "base"),
        )

    def assert_unharmed(self) -> None:
        assert not self.sprung.exists(), "something of the head was run"
        assert self.listener.heard == []
        canary = Canary({"token": TOKEN, "github": GITHUB, "outside": OUTSIDE})
        for said in self.runs:
            canary.look(said.everything, "what was said")
            assert "socialops met something it did not expect" not in said.err
            assert "Traceback" not in said.err
            assert said.code in (0, 1, 2)
        for folder in (self.head, self.base):
            for place, _, names in os.walk(folder):
                for file in (Path(place, name) for name in names):
                    if file.is_file() and not file.is_symlink():
                        canary.look(file.read_bytes(), str(file))
        assert canary.leaks == []
        assert canary.looked_at > 100
