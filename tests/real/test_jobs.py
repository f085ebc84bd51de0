"""The workflows that `init` writes, run for real: act for the runner, a git server over HTTP, and the sandbox.

GitHub's own three actions are not to be had here: stand-ins check out, and keep the artifact, in their place.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from real.forge_server import TOKEN, run_forge, write_stand_ins
from real.stage import REPOSITORY, say
from socialops.git import Git
from socialops.networks.sandbox.server import Sandbox

pytestmark = pytest.mark.real


@dataclass
class Stage:
    """A workspace on a forge, and what its jobs leave behind."""

    work: Path
    bare: Path
    artifacts: Path
    command: list[str]
    environment: dict[str, str]
    refused: list[str]

    def run(self, event: str, workflow: str, *options: str) -> tuple[int, str]:
        file = f".github/workflows/{workflow}.yml"
        done = subprocess.run(
            [*self.command, event, "-W", file, *options],
            cwd=self.work,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    def post(self, name: str, text: str, *, due: datetime | None = None) -> None:
        date = f"date: {due:%Y-%m-%dT%H:%M:%SZ}\n" if due else ""
        post = f"---\ntitle: {name}\n{date}channels: [demo]\npillar: people\nlang: en\n---\n{text}\n"
        (self.work / "posts" / f"{name}.md").write_text(post, "utf-8")

    def merge(self) -> None:
        git = Git(self.work)
        git.commit("Add a post", ["."])
        git.run("push", "--quiet", str(self.bare), "HEAD:refs/heads/main")

    def receipts(self) -> list[str]:
        listed = Git(self.bare).lines("ls-tree", "-r", "-z", "--name-only", "socialops-data", "--", "ledger")
        found = [name for name in listed if name.endswith("/demo.json")]
        return sorted(f"{Path(name).parent.name} {self._state(name)}" for name in found)

    def _state(self, name: str) -> str:
        record = json.loads(Git(self.bare).text("show", f"socialops-data:{name}"))
        return str(record["events"][-1]["state"])


@pytest.fixture(scope="module")
def stage(act: Path, uv: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("jobs")
    say("\nBuilding a wheel, and putting a workspace on a forge …")
    path = f"{uv.parent}{os.pathsep}{os.environ['PATH']}"
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("VIRTUAL_ENV", "UV_", "MAKE"))}
    environment = {**kept, "PATH": path, "XDG_CACHE_HOME": str(folder / "cache")}
    subprocess.run([uv, "build", "-q", "--wheel", "-o", folder / "wheel"], cwd=REPOSITORY, check=True, timeout=300)
    (wheel,) = (folder / "wheel").glob("*.whl")
    bare, work = folder / "forge" / "acme" / "social", folder / "work"
    sandbox = Sandbox(folder / "sandbox.sqlite", seed=1, now=datetime.now(UTC))
    sandbox.start()
    try:
        host = sandbox.url.partition("//")[2]
        token = sandbox.add_account(f"@demo@{host}", "Demo", "UTC", 500, "en")
        init = [sys.executable, "-m", "socialops", "init", str(work), "--name", "Acme", "--language", "en"]
        more = ["--channel", f"demo=mastodon:@demo@{host}", "--owner", "ayse", "--tool-source", str(wheel)]
        forge_url = ["--forge-url", "https://github.com/acme/social"]
        subprocess.run([*init, *more, *forge_url], check=True, capture_output=True, timeout=300, env=environment)
        channel = work / "brand" / "channels" / "demo.md"
        channel.write_text(re.sub(r"(?m)^host:.*$", f"host: {sandbox.url}", channel.read_text("utf-8")), "utf-8")
        git = Git(work)
        git.run("init", "--quiet", "--initial-branch=main")
        # Only for its name: act reads from it whose repository this is.
        git.run("remote", "add", "origin", "https://github.com/acme/social")
        git.commit("Begin", ["."])
        bare.mkdir(parents=True)
        Git(bare).run("init", "--quiet", "--bare", "--initial-branch=main")
        git.run("push", "--quiet", str(bare), "HEAD:refs/heads/main")
        with run_forge(folder / "forge") as (address, refused):
            given = {
                "REPOSITORY": str(bare),
                "FORGE": address,
                "ARTIFACTS": str(folder / "artifacts"),
                "GITHUB_SERVER_URL": address,
                "GITHUB_API_URL": "http://127.0.0.1:9",
                "PATH": path,
            }
            command = [str(act), "-P", "ubuntu-24.04=-self-hosted", "--no-cache-server", "--no-skip-checkout"]
            for name, value in given.items():
                command += ["--env", f"{name}={value}"]
            for action, place in write_stand_ins(folder / "actions").items():
                pinned = re.search(
                    rf"{action}@[0-9a-f]{{40}}", (work / ".github/workflows/publish.yml").read_text("utf-8")
                )
                assert pinned
                command += ["--local-repository", f"{pinned[0]}={place}"]
            command += ["-s", f"SOCIALOPS_DEMO_TOKEN={token}", "--var", f"SOCIALOPS_DEMO_HOST={sandbox.url}"]
            command += ["-s", f"GITHUB_TOKEN={TOKEN}"]
            yield Stage(work, bare, folder / "artifacts", command, environment, refused)
    finally:
        sandbox.stop()


def test_what_is_merged_is_published_once_and_the_site_shows_it(stage: Stage) -> None:
    stage.post("now", "Hello from a job.", due=datetime.now(UTC) - timedelta(minutes=1))
    stage.merge()
    code, said = stage.run("workflow_dispatch", "publish")
    # Telling people on GitHub fails here, where there is none, and that is no reason not to go on.
    assert "Success - Main Publish" in said, said[-3000:]
    assert stage.receipts() == ["now confirmed"]
    page = (stage.artifacts / "post" / "now.html").read_text("utf-8")
    assert "Hello from a job." in page
    assert "confirmed" in page or "published" in page
    assert stage.refused == []
    assert code == 1
    assert "Failure - Main Tell people" in said
    assert TOKEN not in said

    before = Git(stage.bare).resolve("socialops-data")
    code, said = stage.run("workflow_dispatch", "publish")
    assert "Nothing was sent" in said
    assert "Rebuild the site" not in said
    assert stage.receipts() == ["now confirmed"]
    assert Git(stage.bare).text("rev-list", "--count", f"{before}..socialops-data") in ("0", "1"), (
        "a sign of life at most"
    )


def test_numbers_are_read_and_the_site_shows_them(stage: Stage) -> None:
    code, said = stage.run("workflow_dispatch", "metrics")
    assert code == 0, said[-3000:]
    listed = Git(stage.bare).lines("ls-tree", "-r", "-z", "--name-only", "socialops-data", "--", "metrics")
    assert any(name.endswith(".csv") for name in listed)
    assert "Job succeeded" in said.split("Rebuild the site")[-1]


def test_the_site_is_built_on_its_own(stage: Stage) -> None:
    code, said = stage.run("workflow_dispatch", "site")
    assert code == 0, said[-3000:]
    assert (stage.artifacts / "index.html").is_file()


def test_a_faulty_pull_request_fails_at_its_line_and_runs_nothing_of_its_own(stage: Stage, tmp_path: Path) -> None:
    git, canary = Git(stage.work), tmp_path / "canary"
    git.run("checkout", "--quiet", "-b", "change")
    try:
        trap = f"import pathlib; pathlib.Path({str(canary)!r}).write_text('run')\n"
        for name in ("sitecustomize.py", "conftest.py", "socialops.py", "click.py"):
            (stage.work / name).write_text(trap, "utf-8")
        stage.post("long", "A word too many. " * 40)
        code, said = stage.run("pull_request", "validate", "-e", str(_pull_request(stage, tmp_path, "stranger/social")))
        assert code == 1, said[-3000:]
        assert re.search(r"error file=posts/long\.md,line=\d+", said), said[-3000:]
        assert "Show it in the pull request" not in said, "a fork's pull request gets no comment"
        stage.post("long", "Words enough.")
        code, said = stage.run("pull_request", "validate", "-e", str(_pull_request(stage, tmp_path, "stranger/social")))
        assert code == 0, said[-3000:]
        assert "Success - Main Show what each channel will get" in said
        code, said = stage.run("pull_request", "validate", "-e", str(_pull_request(stage, tmp_path, "acme/social")))
        assert "Run Main Write the comment" in said
        assert "SOCIALOPS_DEMO_TOKEN" not in said
        assert TOKEN not in said
        assert not canary.exists()
    finally:
        git.run("checkout", "--quiet", "--force", "main")
        git.run("clean", "-fdq")


def _pull_request(stage: Stage, folder: Path, head: str) -> Path:
    """Commit what was changed, merge it as GitHub does to try it, and return the event's file."""
    git = Git(stage.work)
    git.commit("Change", ["."])
    change = git.text("rev-parse", "HEAD")
    tree = git.text("rev-parse", "HEAD^{tree}")
    merge = git.text("commit-tree", tree, "-p", "main", "-p", change, "-m", "Merge")
    git.run("push", "--quiet", "--force", str(stage.bare), f"{merge}:refs/pull/1/merge")
    git.run("reset", "--quiet", "--hard", merge)
    repository = {"full_name": head, "fork": head != "acme/social"}
    request = {
        "number": 1,
        "base": {"ref": "main", "sha": git.text("rev-parse", "main"), "repo": {"full_name": "acme/social"}},
        "head": {"ref": "change", "sha": merge, "repo": repository},
        "user": {"login": "somebody"},
    }
    event = {"action": "synchronize", "number": 1, "pull_request": request, "repository": {"full_name": "acme/social"}}
    (folder / "event.json").write_text(json.dumps(event), "utf-8")
    return folder / "event.json"


def test_another_branch_and_another_repository_run_nothing(stage: Stage) -> None:
    Git(stage.work).run("checkout", "--quiet", "-b", "other")
    try:
        for workflow in ("publish", "metrics", "site"):
            _code, said = stage.run("workflow_dispatch", workflow)
            assert "Run Main" not in said, said[-2000:]
    finally:
        Git(stage.work).run("checkout", "--quiet", "main")
