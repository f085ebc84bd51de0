"""The forge's files: what they may do, and that ours are those we write for others."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from socialops.cli import COMMANDS, commands
from socialops.scaffold.choices import EVERY, Account, Choices, Tool
from socialops.scaffold.skeleton import with_practice
from socialops.scaffold.workflows import WORKFLOWS, forge_files
from workflows import ROOT, our_files

CHANNELS = (
    Account("mastodon", "mastodon", host="https://mastodon.example"),
    Account("news-tr", "bluesky"),
    Account("x", "x"),
    Account("film", "youtube"),
)
CHOICES = Choices(
    "Acme", languages=("tr", "no"), accounts=CHANNELS, forge_url="https://github.com/acme/social", owners=("ayse",)
)
OURS = our_files()
THEIRS = forge_files(CHOICES, with_practice(CHOICES))
BARE = forge_files(Choices(accounts=(), data_branch="", every="1h"), with_practice(Choices()))
FROM_SOURCE = forge_files(Choices(accounts=CHANNELS, every="30m", tool=Tool("source")), CHANNELS)
KINDS = {"ours": OURS, "theirs": THEIRS, "bare": BARE, "from source": FROM_SOURCE}
FILES = [
    pytest.param(text, id=f"{kind} {path.rpartition('/')[2]}")
    for kind, files in KINDS.items()
    for path, text in files.items()
    if path.startswith(".github/workflows/")
]


def steps(text: str) -> list[dict[str, Any]]:
    return [step for job in yaml.safe_load(text)["jobs"].values() for step in job["steps"]]


def test_ours_are_those_that_init_writes_for_others() -> None:
    for path, text in OURS.items():
        assert (ROOT / path).read_text("utf-8") == text, "run `make reference`"
    assert {f".github/workflows/{name}.yml" for name in WORKFLOWS} <= set(OURS)


@pytest.mark.parametrize("text", FILES)
def test_nothing_is_allowed_at_the_top_and_every_right_of_a_job_has_its_reason(text: str) -> None:
    workflow = yaml.safe_load(text)
    assert workflow["permissions"] == {}
    assert "env" not in workflow
    for job in workflow["jobs"].values():
        assert job["timeout-minutes"] <= 90
        for right in job["permissions"]:
            assert re.search(rf"^      {right}: \w+ # \w", text, re.MULTILINE), right


@pytest.mark.parametrize("text", FILES)
def test_only_three_actions_are_used_each_pinned_and_without_credentials_or_cache(text: str) -> None:
    for step in steps(text):
        if "uses" in step:
            assert re.fullmatch(
                r"(actions/checkout|astral-sh/setup-uv|actions/upload-artifact)@[0-9a-f]{40}", step["uses"]
            )
            assert re.search(rf"{step['uses']} # v\d+\.\d+\.\d+$", text, re.MULTILINE)
        if step.get("uses", "").startswith("actions/checkout"):
            assert step["with"]["persist-credentials"] is False
        if step.get("uses", "").startswith("astral-sh"):
            assert step["with"]["enable-cache"] is False


@pytest.mark.parametrize("text", FILES)
def test_commands_hold_no_expressions_and_are_ours(text: str) -> None:
    for step in steps(text):
        if run := step.get("run"):
            assert "${{" not in run
            assert re.match(
                r"uv sync --frozen |gh workflow run |(base/)?\.venv/bin/(socialops|python -m socialops) ", run
            )


@pytest.mark.parametrize("text", FILES)
def test_secrets_are_seen_by_one_step_of_a_job_with_the_environment(text: str) -> None:
    for job in yaml.safe_load(text)["jobs"].values():
        holders = [step for step in job["steps"] if "secrets." in str(step.get("env", ""))]
        assert len(holders) <= 1
        assert "secrets." not in str({key: value for key, value in job.items() if key != "steps"})
        if holders:
            assert job["environment"] == "publish"
            assert re.search(r"socialops (publish|snapshot)", holders[0]["run"])


def test_only_publishing_and_measuring_see_secrets() -> None:
    for files in KINDS.values():
        for name in ("validate", "tick", "site"):
            assert "secrets." not in files[f".github/workflows/{name}.yml"]


def test_every_channel_gets_its_secrets_and_the_host_they_are_bound_to() -> None:
    for name in ("publish", "metrics"):
        text = THEIRS[f".github/workflows/{name}.yml"]
        assert "SOCIALOPS_MASTODON_TOKEN: ${{ secrets.SOCIALOPS_MASTODON_TOKEN }}" in text
        assert "SOCIALOPS_MASTODON_HOST: ${{ vars.SOCIALOPS_MASTODON_HOST }}" in text
        assert "SOCIALOPS_NEWS_TR_HOST: ${{ vars.SOCIALOPS_NEWS_TR_HOST }}" in text
        for kind in ("CONSUMER_KEY", "CONSUMER_SECRET", "TOKEN", "TOKEN_SECRET"):
            assert f"SOCIALOPS_X_{kind}: ${{{{ secrets.SOCIALOPS_X_{kind} }}}}" in text
        assert "SOCIALOPS_FILM_REFRESH_TOKEN" in text
        assert "SOCIALOPS_X_HOST" not in text
        assert "PRACTICE" not in text


@pytest.mark.parametrize("files", [OURS, THEIRS, FROM_SOURCE], ids=["ours", "theirs", "from source"])
def test_the_pull_request_is_data_and_the_base_is_the_tool(files: dict[str, str]) -> None:
    text = files[".github/workflows/validate.yml"]
    workflow = yaml.safe_load(text)
    assert list(workflow[True]) == ["pull_request"]  # YAML 1.1 reads `on` as true
    for job in workflow["jobs"].values():
        base, head, record = (step for step in job["steps"] if "checkout" in step.get("uses", ""))
        assert (record["with"]["ref"], record["with"]["path"]) == ("socialops-data", "base/reports/data")
        assert record["continue-on-error"] is True, "there is none before the first publication"
        base, head = base["with"], head["with"]
        assert (base["path"], base["ref"]) == ("base", "${{ github.event.pull_request.base.ref }}")
        assert (head["path"], head["lfs"], head["submodules"]) == ("head", False, False)
        assert job["env"]["PYTHONSAFEPATH"] == "1"
        for step in job["steps"]:
            if run := step.get("run"):
                assert run.startswith("base/.venv/bin/") or run.endswith("--project base")
                assert "working-directory" not in step
    assert workflow["jobs"]["validate"]["permissions"] == {"contents": "read"}
    comment = workflow["jobs"]["comment"]
    assert comment["permissions"] == {"contents": "read", "pull-requests": "write"}
    assert "head.repo.full_name == github.repository" in comment["if"]


def test_publishing_is_never_cancelled_and_begins_from_the_newest_main() -> None:
    for files in KINDS.values():
        publish = yaml.safe_load(files[".github/workflows/publish.yml"])
        assert publish["concurrency"]["cancel-in-progress"] is False
        job = publish["jobs"]["publish"]
        assert "github.ref == 'refs/heads/main'" in job["if"]
        assert job["steps"][0]["with"]["ref"] == "main"
        assert job["steps"][0]["with"]["fetch-depth"] == 0
        groups = {yaml.safe_load(files[f".github/workflows/{name}.yml"])["concurrency"]["group"] for name in WORKFLOWS}
        assert len(groups) == len(WORKFLOWS)


def test_forks_run_nothing_of_ours() -> None:
    for name in ("publish", "metrics", "tick", "site"):
        assert "if: github.repository == 'acme/social' && " in THEIRS[f".github/workflows/{name}.yml"]


@pytest.mark.parametrize("every", EVERY)
def test_only_the_clock_has_a_schedule_and_it_only_dispatches(every: str) -> None:
    files = forge_files(Choices(every=every), ())
    scheduled = [path for path, text in files.items() if re.search(r"^  schedule:", text, re.MULTILINE)]
    assert scheduled == [".github/workflows/tick.yml"]
    tick = yaml.safe_load(files[".github/workflows/tick.yml"])
    crons = [entry["cron"] for entry in tick[True]["schedule"]]
    assert len(crons) == {"15m": 4, "30m": 2, "1h": 1}[every]
    assert not any(cron.startswith("0 ") for cron in crons)
    assert tick["jobs"]["tick"]["permissions"] == {"actions": "write"}
    assert not any("uses" in step for step in tick["jobs"]["tick"]["steps"])


def test_every_command_that_a_job_calls_takes_what_it_is_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("head", "base"):
        (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path)
    pipeline = forge_files(Choices(ci="gitlab"), ())[".gitlab-ci.yml"]
    called = set()
    for text in (*OURS.values(), *THEIRS.values(), pipeline):
        for line in re.findall(r"\.venv/bin/(?:python -m )?socialops (.+)", text):
            line = line.replace("${GITHUB_STEP_SUMMARY}", "summary.md")
            words = shlex.split(re.sub(r"\$\{\w+\}", "head", line))
            group = commands.make_context("socialops", words)
            found, command, rest = commands.resolve_command(group, [*group._protected_args, *group.args])
            assert found in COMMANDS
            assert command is not None
            command.make_context(found, rest, parent=group)
            called.add(found)
    assert called == {"check", "review", "publish", "feedback", "snapshot", "site"}


@pytest.mark.parametrize("kind", KINDS)
def test_zizmor_has_nothing_to_say(kind: str, tmp_path: Path) -> None:
    write(tmp_path, KINDS[kind])
    if kind == "ours":
        ci = tmp_path / ".github" / "workflows" / "ci.yml"
        ci.write_text((ROOT / ".github" / "workflows" / "ci.yml").read_text("utf-8"), "utf-8")
    zizmor = Path(sys.executable).parent / "zizmor"
    options = ("--persona=auditor", "--offline", "--no-progress", "--no-config", "--strict-collection")
    done = subprocess.run([zizmor, *options, tmp_path], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "No findings to report" in done.stdout


SCHEMAS = {
    ".github/workflows/": "vendor.github-workflows",
    ".github/dependabot.yml": "vendor.dependabot",
    ".github/ISSUE_TEMPLATE/config.yml": "vendor.github-issue-config",
    ".github/ISSUE_TEMPLATE/": "vendor.github-issue-forms",
    ".gitlab-ci.yml": "vendor.gitlab-ci",
}


def test_every_file_of_the_forge_fits_its_published_schema(tmp_path: Path) -> None:
    files = {**THEIRS, **OURS, **forge_files(Choices(ci="gitlab"), ())}
    write(tmp_path, files)
    groups: dict[str, list[str]] = {}
    for path in files:
        schema = next((name for start, name in SCHEMAS.items() if path.startswith(start)), None)
        if schema:
            groups.setdefault(schema, []).append(str(tmp_path / path))
    assert len(groups) == len(SCHEMAS)
    for schema, names in groups.items():
        command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, *names]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout


def write(folder: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
