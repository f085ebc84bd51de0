"""Our own workflows, run by act on this machine: from a faulty pull request to one publication and its numbers.

As `test_jobs.py` does with those of a new workspace; here GitHub's API is there, too (`forge/stub_github.py`), so that
what people are told in the pull request is seen.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from forge.stub_github import TOKEN, StubGitHub
from real.forge_server import run_forge, write_stand_ins
from real.stage import REPOSITORY
from socialops.networks.sandbox.server import Sandbox

NAME = "lumen-velo/social"
POST = "posts/first-light.md"
SAID = "The lamp burns for six minutes after you stop."
_USES = re.compile(r"uses: ([a-z-]+/[a-z-]+)@([0-9a-f]{40})")
_GIT = (
    *("git", "-c", "user.name=Ayşe", "-c", "user.email=ayse@lumenvelo.example", "-c", "commit.gpgSign=false"),
    *("-c", "advice.detachedHead=false"),
)

pytestmark = pytest.mark.real


@dataclass(frozen=True)
class Forge:
    """A repository on a forge of this machine, and a person's clone of it."""

    clone: Path
    bare: Path
    artifacts: Path
    actions: Mapping[str, Path]
    act: Path
    uv: Path
    address: str
    api: StubGitHub
    api_address: str
    sandbox: Sandbox
    account: str

    def git(self, *words: str, folder: Path | None = None) -> str:
        done = subprocess.run(
            [*_GIT, *words], cwd=folder or self.clone, capture_output=True, text=True, check=False, timeout=60
        )
        assert done.returncode == 0, f"git {' '.join(words)}: {done.stderr}"
        return done.stdout.strip()

    def write(self, path: str, text: str, message: str) -> str:
        (self.clone / path).write_text(text, "utf-8")
        self.git("add", "--all")
        self.git("commit", "--quiet", "-m", message)
        return self.git("rev-parse", "HEAD")

    def run(self, workflow: str, event: str, payload: Mapping[str, Any], *options: str) -> tuple[int, str]:
        """Run a workflow as the forge would for this event; return its exit code and what it said."""
        file = self.clone.parent / "event.json"
        file.write_text(json.dumps(payload), "utf-8")
        stubs = {
            f"--local-repository={action}@{commit}={self.actions[action]}"
            for text in (self.clone / ".github/workflows").glob("*.yml")
            for action, commit in _USES.findall(text.read_text("utf-8"))
        }
        environment = {
            "GITHUB_REPOSITORY": NAME,
            "GITHUB_SERVER_URL": self.address,
            "GITHUB_API_URL": self.api_address,
            "REPOSITORY": str(self.bare),
            "FORGE": self.address,
            "ARTIFACTS": str(self.artifacts),
            "UV_PYTHON_DOWNLOADS": "never",
        }
        secrets = {"GITHUB_TOKEN": TOKEN, "SOCIALOPS_MASTODON_TOKEN": self.account}
        command = [
            *(str(self.act), event, f"--workflows=.github/workflows/{workflow}", f"--eventpath={file}"),
            *("--platform=ubuntu-24.04=-self-hosted", "--no-cache-server", "--no-skip-checkout", "--concurrent-jobs=1"),
            *sorted(stubs),
            *(word for name, value in environment.items() for word in ("--env", f"{name}={value}")),
            *(word for name, value in secrets.items() for word in ("--secret", f"{name}={value}")),
            *("--var", f"SOCIALOPS_MASTODON_HOST={self.sandbox.url}"),
            *(f"--action-cache-path={self.clone.parent / 'act'}", *options),
        ]
        # What the calling job has of these must not reach the one that is tried.
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("GITHUB_", "SOCIALOPS_", "GIT_", "VIRTUAL_ENV", "PYTHON"))
        }
        inherited["PATH"] = f"{self.clone.parent / 'bin'}:{self.uv.parent}:{inherited['PATH']}"
        done = subprocess.run(
            command, cwd=self.clone, env=inherited, capture_output=True, text=True, check=False, timeout=900
        )
        return done.returncode, done.stdout + done.stderr

    def validate(self, *, fork: bool = False) -> tuple[int, str]:
        """Run the checks of pull request 1, whose branch is `first-light`."""
        self.git("push", "--quiet", "--force", "origin", "first-light:first-light")
        head, base = self.git("rev-parse", "first-light"), self.git("rev-parse", "main")
        # GitHub tries a pull request as it would be merged.
        self.git("checkout", "--quiet", "--detach", "main")
        self.git("merge", "--quiet", "--no-ff", "-m", "Merge pull request 1", "first-light")
        self.git("push", "--quiet", "--force", "origin", "HEAD:refs/pull/1/merge")
        try:
            payload = {
                "action": "synchronize",
                "number": 1,
                "repository": {"full_name": NAME},
                "pull_request": {
                    "number": 1,
                    "user": {"login": "ayse-lumen"},
                    "base": {"ref": "main", "sha": base, "repo": {"full_name": NAME}},
                    "head": {
                        "ref": "first-light",
                        "sha": head,
                        "repo": {"full_name": "somebody/social" if fork else NAME},
                    },
                },
            }
            return self.run("validate.yml", "pull_request", payload)
        finally:
            self.git("checkout", "--quiet", "first-light")

    def publish(self) -> tuple[int, str]:
        self.git("checkout", "--quiet", "main")
        return self.run(
            "publish.yml",
            "push",
            {"ref": "refs/heads/main", "repository": {"full_name": NAME, "default_branch": "main"}},
        )

    def dispatched(self, workflow: str) -> tuple[int, str]:
        self.git("checkout", "--quiet", "main")
        return self.run(
            workflow,
            "workflow_dispatch",
            {"ref": "refs/heads/main", "repository": {"full_name": NAME, "default_branch": "main"}},
        )

    def data(self, *words: str) -> str:
        """Ask the data branch, as the remote has it."""
        self.git("fetch", "--quiet", "origin", "+socialops-data:refs/remotes/origin/socialops-data")
        return self.git(*words)

    def posted(self) -> list[str]:
        """Return what the network shows of our account, as anybody may read it."""
        reader = {"Authorization": f"Bearer {self.account}"}
        me = httpx.get(f"{self.sandbox.url}/api/v1/accounts/verify_credentials", headers=reader).json()
        statuses = httpx.get(f"{self.sandbox.url}/api/v1/accounts/{me['id']}/statuses", headers=reader).json()
        return [re.sub("<[^>]+>", "", status["content"]) for status in statuses]


@pytest.fixture(scope="module")
def forge(act: Path, uv: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forge]:
    folder = tmp_path_factory.mktemp("forge")
    clone, artifacts, bare = folder / "clone", folder / "artifacts", folder / "served" / NAME
    bare.mkdir(parents=True)
    _stand_in_for_gh(folder / "bin")
    with (
        Sandbox(now=lambda: datetime.now(UTC)) as sandbox,
        run_forge(folder / "served", TOKEN) as (address, refused),
    ):
        api = StubGitHub()
        with api.served() as api_address:
            account = sandbox.add_account("lumenvelo", "Lumen Velo", "Europe/Istanbul", 900, "en")
            actions = write_stand_ins(folder / "actions")
            made = Forge(clone, bare, artifacts, actions, act, uv, address, api, api_address, sandbox, account)
            made.git("init", "--quiet", "--bare", "--initial-branch=main", folder=bare)
            made.git("config", "http.receivepack", "true", folder=bare)
            _fill(made)
            yield made
            assert refused == []


def _fill(forge: Forge) -> None:
    """Make this project with a workspace of one channel, and no posts, the main branch."""
    forge.clone.mkdir()
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=REPOSITORY,
        capture_output=True,
        check=True,
    )
    for name in filter(None, listed.stdout.decode().split("\0")):
        if name.startswith(("posts/", "tests/")) or not (REPOSITORY / name).is_file():
            continue
        target = forge.clone / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(REPOSITORY / name, target)
    _replace(forge.clone / "pyproject.toml", r"(?m)^forge_url = .*$", f'forge_url = "{forge.address}/{NAME}"')
    channel = forge.clone / "brand/channels/mastodon.md"
    _replace(channel, r"(?m)^host:.*$", f"host: {forge.sandbox.url}")
    _replace(channel, r"(?m)^handle:.*$", 'handle: "@lumenvelo"')
    forge.git("init", "--quiet", "--initial-branch=main")
    forge.git("remote", "add", "origin", str(forge.bare))
    forge.git("add", "--all")
    forge.git("commit", "--quiet", "-m", "Begin")
    forge.git("push", "--quiet", "origin", "main")


def _stand_in_for_gh(folder: Path) -> None:
    """Write a `gh` that only notes what it was asked to do."""
    folder.mkdir()
    program = folder / "gh"
    program.write_text(f'#!/bin/sh\necho "$GH_REPO: $*" >> "{folder.parent}/asked.txt"\n', "utf-8")
    program.chmod(0o755)


def _replace(file: Path, pattern: str, by: str) -> None:
    text, count = re.subn(pattern, by, file.read_text("utf-8"), count=1)
    assert count == 1, f"{pattern} is not in {file}"
    file.write_text(text, "utf-8")


def _post(extra: str = "") -> str:
    at = (datetime.now(UTC) - timedelta(minutes=2)).isoformat(timespec="seconds")
    return f"---\ntitle: First light\ndate: {at}\nchannels: [mastodon]\nauthors: [ayse]\nlang: en\n{extra}---\n{SAID}\n"


def test_from_a_faulty_pull_request_to_one_publication(forge: Forge) -> None:
    forge.git("checkout", "--quiet", "-b", "first-light")
    (forge.clone / "posts").mkdir(exist_ok=True)

    forge.write(POST, _post("tilte: First\n"), "Write about the lamp")
    code, said = forge.validate()
    assert code == 1, said
    assert re.search(rf"::error file={POST},line=7,col=1[^\n]*tilte", said), said
    assert forge.posted() == []
    assert TOKEN not in said

    forge.write(POST, _post(), "Correct it")
    code, said = forge.validate()
    assert code == 0, said
    assert "::error" not in said
    (comment,) = forge.api.comments[1]
    assert SAID in comment["body"]

    writes = len(forge.api.writes)
    code, said = forge.validate(fork=True)
    assert code == 0, said
    assert len(forge.api.writes) == writes

    forge.git("checkout", "--quiet", "main")
    forge.git("merge", "--quiet", "--no-ff", "-m", "Merge pull request #1 from lumen-velo/first-light", "first-light")
    forge.git("push", "--quiet", "origin", "main")
    forge.api.pull(forge.git("rev-parse", "first-light"), 1)
    code, said = forge.publish()
    assert code == 0, said
    assert [SAID in text for text in forge.posted()] == [True]
    (record,) = _records(forge)
    assert '"confirmed"' in forge.data("show", f"origin/socialops-data:{record}")
    assert (forge.artifacts / "index.html").is_file()
    assert any(forge.sandbox.url in comment["body"] for comment in forge.api.comments[1])
    assert forge.account not in said
    assert TOKEN not in said

    before = forge.data("rev-parse", "origin/socialops-data")
    code, said = forge.publish()
    assert code == 0, said
    assert len(forge.posted()) == 1
    assert forge.data("rev-parse", "origin/socialops-data") == before

    code, said = forge.dispatched("metrics.yml")
    assert code == 0, said
    assert [file for file in _files(forge) if "metrics/" in file and file.endswith(".csv")]

    # Who changes what is out already is told so: the job reads the record, too.
    forge.git("checkout", "--quiet", "-B", "first-light", "main")
    forge.write(POST, (forge.clone / POST).read_text("utf-8").replace("six", "seven"), "Say seven")
    code, said = forge.validate()
    assert code == 0, said
    told = [comment["body"] for comment in forge.api.comments[1] if "seven" in comment["body"]]
    assert len(told) == 1
    assert "✅ published already" in told[0], told[0]

    shutil.rmtree(forge.artifacts)
    code, said = forge.dispatched("site.yml")
    assert code == 0, said
    assert SAID in (forge.artifacts / "post/first-light.html").read_text("utf-8")
    assert forge.api.faults == []


def test_the_tick_only_starts_the_two_workflows(forge: Forge) -> None:
    forge.git("checkout", "--quiet", "main")
    asked = forge.clone.parent / "asked.txt"
    repository = {"full_name": NAME, "default_branch": "main"}
    for schedule, wanted in (
        ("7 * * * *", ["publish.yml"]),
        ("37 * * * *", ["publish.yml", "metrics.yml"]),
    ):
        asked.unlink(missing_ok=True)
        code, said = forge.run(
            "tick.yml", "schedule", {"schedule": schedule, "ref": "refs/heads/main", "repository": repository}
        )
        assert code == 0, said
        assert asked.read_text("utf-8").splitlines() == [f"{NAME}: workflow run {file} --ref main" for file in wanted]


def _files(forge: Forge) -> list[str]:
    return forge.data("ls-tree", "-r", "--name-only", "origin/socialops-data").splitlines()


def _records(forge: Forge) -> list[str]:
    return [file for file in _files(forge) if file.startswith("ledger/") and file.endswith("/mastodon.json")]
