"""What the doctor says of a repository's protections: never more than GitHub showed."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import stamina
from inline_snapshot import snapshot

from canary import Canary
from forge.openapi import sample
from forge.stub_github import (
    NOT_FOR_THIS_TOKEN,
    NOT_FOUND,
    REPOSITORY,
    SOMEBODY,
    TOKEN,
    UPGRADE,
    Answer,
    StubGitHub,
    refusal,
)
from people_stage import LATER, NOW, Stage, open_stage
from socialops.cli import run
from socialops.forge.github import GitHub, Place
from socialops.forge.protection import protections
from socialops.forge.schedule import schedules
from socialops.http import Http
from socialops.publishing.watchdog import Finding, Level

DATA = "socialops-data"
AT = datetime(2026, 12, 1, 8, 35, tzinfo=UTC)


@pytest.fixture(autouse=True)
def impatient() -> Iterator[None]:
    with stamina.set_testing(True, attempts=3):
        yield


def a(schema: str, **fields: Any) -> Answer:
    return 200, sample(schema) | fields, {}


def rule(kind: str, **parameters: Any) -> dict[str, Any]:
    filled: dict[str, Any] = {"type": kind, "ruleset_id": 1}
    if kind == "pull_request":
        filled["parameters"] = {
            "dismiss_stale_reviews_on_push": True,
            "require_code_owner_review": True,
            "require_last_push_approval": False,
            "required_approving_review_count": 1,
            "required_review_thread_resolution": False,
        } | parameters
    if kind == "required_status_checks":
        filled["parameters"] = {"required_status_checks": [], "strict_required_status_checks_policy": False}
    return filled


KEPT = [rule("non_fast_forward"), rule("deletion")]
PROTECTED = [rule("pull_request"), rule("required_status_checks"), *KEPT]
REVIEWED = {"id": 1, "type": "required_reviewers", "reviewers": []}
SCANNED = {name: {"status": "enabled"} for name in ("secret_scanning", "secret_scanning_push_protection")}


def newest_run(hours: float, conclusion: str | None = "success") -> dict[str, Any]:
    begun = (AT - timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")
    made: dict[str, Any] = sample("workflow-run")
    url = f"https://github.example/{REPOSITORY}/actions/runs/7"
    return made | {"created_at": begun, "conclusion": conclusion, "status": "completed", "html_url": url}


def running(
    file: str, hours: float = 0.2, state: str = "active", conclusion: str | None = "success"
) -> dict[str, Answer]:
    path = f"actions/workflows/{file}"
    return {
        path: a("workflow", state=state),
        f"{path}/runs": (200, {"total_count": 1, "workflow_runs": [newest_run(hours, conclusion)]}, {}),
    }


def well() -> dict[str, Answer]:
    """A public repository that has it all."""
    rights = {"default_workflow_permissions": "read", "can_approve_pull_request_reviews": False}
    policy = {"protected_branches": False, "custom_branch_policies": True}
    return {
        "": a("full-repository", private=False, security_and_analysis=SCANNED),
        "rules/branches/main": (200, PROTECTED, {}),
        f"rules/branches/{DATA}": (200, KEPT, {}),
        "branches/main": branch("main"),
        f"branches/{DATA}": branch(DATA),
        "codeowners/errors": (200, {"errors": []}, {}),
        "environments/publish": a("environment", name="publish", deployment_branch_policy=policy, protection_rules=[]),
        "environments/publish/deployment-branch-policies": (
            200,
            {"total_count": 1, "branch_policies": [{"name": "main"}]},
            {},
        ),
        "actions/permissions": a("actions-repository-permissions", enabled=True, sha_pinning_required=True),
        "actions/permissions/workflow": a("actions-get-default-workflow-permissions", **rights),
        "actions/permissions/fork-pr-contributor-approval": (200, {"approval_policy": "all_external_contributors"}, {}),
        **running("tick.yml"),
        **running("publish.yml"),
        **running("metrics.yml"),
    }


def branch(name: str, protected: bool = False) -> Answer:
    return a("branch-with-protection", name=name, protected=protected)


def look(changed: Mapping[str, Answer] | None = None, *, gone: tuple[str, ...] = ()) -> dict[str, Finding]:
    settings = {path: answer for path, answer in (well() | dict(changed or {})).items() if path not in gone}
    stub = StubGitHub(settings=settings)
    github = GitHub(Http(transport=stub.transport()), Place("https://api.github.com", REPOSITORY), TOKEN)
    found = [*protections(github, main="main", data=DATA), *schedules(github, AT)]
    assert stub.writes == []
    assert stub.faults == []
    return {finding.subject: finding for finding in found}


def told(found: Mapping[str, Finding], subject: str) -> tuple[str, str]:
    return str(found[subject].level), found[subject].message


def test_a_repository_that_has_it_all() -> None:
    found = look()
    assert {finding.level for finding in found.values()} == {Level.FINE}
    assert {subject: finding.message for subject, finding in found.items()} == snapshot(
        {
            "repository": "lumen-velo/social is public",
            "branch main": "a pull request, an approval and the code owners' review are needed",
            "history of main": "it can be neither rewritten nor deleted",
            "required checks": "a pull request is merged only when its checks passed",
            "branch socialops-data": "it can be neither rewritten nor deleted",
            "code owners": "GitHub understands every line of CODEOWNERS",
            "environment publish": "only main may use its secrets",
            "release by hand": "none: what is merged is published by itself",
            "rights of jobs": "a job that does not say what it needs may read only",
            "actions": "they must be named by their full commit",
            "pull requests of forks": "a person allows each workflow of a stranger",
            "secret scanning": "a push that holds a known secret is refused",
            "workflow tick.yml": "its last run was 12 min ago",
            "workflow publish.yml": "its last run was 12 min ago",
            "workflow metrics.yml": "its last run was 12 min ago",
        }
    )


def test_a_private_repository_on_the_free_plan_is_told_what_it_lacks() -> None:
    found = look(
        {
            "": a("full-repository", private=True, security_and_analysis={"secret_scanning": {"status": "disabled"}}),
            "rules/branches/main": UPGRADE,
            f"rules/branches/{DATA}": UPGRADE,
            "branches/main/protection": UPGRADE,
            "environments/publish": NOT_FOUND,
            "actions/permissions/fork-pr-workflows-private-repos": (
                200,
                sample("actions-fork-pr-workflows-private-repos") | {"run_workflows_from_fork_pull_requests": False},
                {},
            ),
        }
    )
    lacking = {subject: finding.message for subject, finding in found.items() if finding.level is not Level.FINE}
    assert lacking == snapshot(
        {
            "branch main": "this plan has no rules for branches: whoever may write can publish without a review",
            "branch socialops-data": (
                "this plan has no rules for branches: the record of what was published can be rewritten or deleted"
            ),
            "environment publish": "there is none: a workflow on any branch can use the repository's secrets",
            "secret scanning": "off: nobody looks",
        }
    )
    assert "GitHub Pro and Team have it" in found["branch main"].hint
    assert "private repositories have them with GitHub Pro" in found["environment publish"].hint
    assert "has to be bought" in found["secret scanning"].hint
    # What the plan has not is never claimed.
    assert "history of main" not in found


def test_what_the_jobs_own_token_may_not_see_is_not_claimed() -> None:
    hidden = dict.fromkeys(
        (
            "actions/permissions",
            "actions/permissions/workflow",
            "actions/permissions/fork-pr-contributor-approval",
            "environments/publish",
        ),
        NOT_FOR_THIS_TOKEN,
    )
    found = look(hidden | {"": a("full-repository", private=False)})
    assert {subject for subject, finding in found.items() if finding.level is Level.UNSEEN} == {
        "rights of jobs",
        "actions",
        "pull requests of forks",
        "environment publish",
        "secret scanning",
    }
    assert not [finding for finding in found.values() if finding.level not in (Level.UNSEEN, Level.FINE)]
    assert "GITHUB_TOKEN=… socialops doctor" in found["actions"].hint


@pytest.mark.parametrize(
    ("rules", "subject", "level", "words"),
    [
        ([], "branch main", "warning", "nothing asks for a pull request"),
        (KEPT, "branch main", "warning", "nothing asks for a pull request"),
        ([rule("pull_request", required_approving_review_count=0)], "branch main", "warning", "nobody's approval"),
        (
            [rule("pull_request", require_code_owner_review=False)],
            "branch main",
            "warning",
            "not that of the code owners",
        ),
        ([rule("pull_request", required_approving_review_count=2)], "branch main", "fine", "2 approvals"),
        ([rule("pull_request"), rule("deletion")], "history of main", "warning", "can be rewritten"),
        ([rule("pull_request"), *KEPT], "required checks", "warning", "though `socialops check` found errors"),
    ],
)
def test_each_rule_that_is_missing_is_named(rules: list[Any], subject: str, level: str, words: str) -> None:
    found = look({"rules/branches/main": (200, rules, {})})
    assert found[subject].level == level
    assert words in found[subject].message
    assert level == "fine" or "Settings → Rules" in found[subject].hint


def older(**fields: Any) -> Answer:
    return 200, fields, {}


@pytest.mark.parametrize(
    ("protection", "levels"),
    [
        (
            older(
                required_pull_request_reviews={
                    "dismiss_stale_reviews": False,
                    "require_code_owner_reviews": True,
                    "required_approving_review_count": 1,
                },
                required_status_checks={"contexts": [], "checks": []},
                allow_force_pushes={"enabled": False},
                allow_deletions={"enabled": False},
            ),
            ["fine", "fine", "fine"],
        ),
        (older(allow_force_pushes={"enabled": True}, allow_deletions={"enabled": False}), ["warning"] * 3),
        # Protected somehow, and nobody says how: nothing is claimed, in neither direction.
        (NOT_FOR_THIS_TOKEN, ["unseen"] * 3),
        (NOT_FOUND, ["unseen"] * 3),
    ],
)
def test_the_older_protection_of_branches_counts_too(protection: Answer, levels: list[str]) -> None:
    found = look(
        {
            "rules/branches/main": (200, [], {}),
            "branches/main": branch("main", protected=True),
            "branches/main/protection": protection,
        }
    )
    subjects = ("branch main", "history of main", "required checks")
    assert [str(found[subject].level) for subject in subjects] == levels


def test_a_record_that_can_be_lost_and_a_job_that_cannot_push() -> None:
    found = look({f"rules/branches/{DATA}": (200, [rule("deletion")], {})})
    assert told(found, f"branch {DATA}")[0] == "warning"
    found = look({f"rules/branches/{DATA}": (200, PROTECTED, {})})
    assert told(found, f"branch {DATA}") == (
        "wrong",
        "it asks for pull requests, so the job cannot push what it published, and publishes nothing",
    )


def test_code_owners_that_github_does_not_understand() -> None:
    fault = {"column": 1, "kind": "Unknown owner", "message": "@evil", "path": "CODEOWNERS"}
    errors = [fault | {"line": line} for line in (3, 7)]
    found = look({"codeowners/errors": (200, {"errors": errors}, {})})
    assert told(found, "code owners")[0] == "wrong"
    assert "line 3, 7" in found["code owners"].message
    assert told(look(gone=("codeowners/errors",)), "code owners")[0] == "warning"


@pytest.mark.parametrize(
    ("names", "level"),
    [(["main"], "fine"), (["main", "next"], "warning"), (["next"], "wrong"), ([], "wrong")],
)
def test_which_branches_may_use_the_secrets(names: list[str], level: str) -> None:
    listed = {"total_count": len(names), "branch_policies": [{"name": name} for name in names]}
    found = look({"environments/publish/deployment-branch-policies": (200, listed, {})})
    assert told(found, "environment publish")[0] == level


@pytest.mark.parametrize(
    ("fields", "subject", "level"),
    [
        ({"deployment_branch_policy": None}, "environment publish", "warning"),
        (
            {"deployment_branch_policy": {"protected_branches": True, "custom_branch_policies": False}},
            "environment publish",
            "fine",
        ),
        (
            {
                "protection_rules": [
                    {"id": 1, "type": "required_reviewers", "prevent_self_review": False, "reviewers": []}
                ]
            },
            "release by hand",
            "warning",
        ),
        (
            {
                "protection_rules": [
                    {"id": 1, "type": "required_reviewers", "prevent_self_review": True, "reviewers": []}
                ]
            },
            "release by hand",
            "fine",
        ),
    ],
)
def test_what_the_environment_asks_for(fields: dict[str, Any], subject: str, level: str) -> None:
    environment = well()["environments/publish"][1] | fields
    found = look({"environments/publish": (200, environment, {})})
    assert told(found, subject)[0] == level


@pytest.mark.parametrize(
    ("path", "fields", "subject", "level"),
    [
        ("actions/permissions", {"enabled": False}, "actions", "wrong"),
        ("actions/permissions", {"enabled": True, "sha_pinning_required": False}, "actions", "warning"),
        (
            "actions/permissions/workflow",
            {"default_workflow_permissions": "write", "can_approve_pull_request_reviews": False},
            "rights of jobs",
            "warning",
        ),
        (
            "actions/permissions/workflow",
            {"default_workflow_permissions": "read", "can_approve_pull_request_reviews": True},
            "rights of jobs",
            "warning",
        ),
        (
            "actions/permissions/fork-pr-contributor-approval",
            {"approval_policy": "first_time_contributors"},
            "pull requests of forks",
            "warning",
        ),
    ],
)
def test_what_jobs_may_do(path: str, fields: dict[str, Any], subject: str, level: str) -> None:
    assert told(look({path: (200, fields, {})}), subject)[0] == level


@pytest.mark.parametrize(
    ("fields", "level"),
    [
        ({"run_workflows_from_fork_pull_requests": False}, "fine"),
        ({"run_workflows_from_fork_pull_requests": True}, "fine"),
        ({"run_workflows_from_fork_pull_requests": True, "send_secrets_and_variables": True}, "wrong"),
        ({"run_workflows_from_fork_pull_requests": True, "send_write_tokens_to_workflows": True}, "wrong"),
        (None, "unseen"),
    ],
)
def test_what_forks_of_a_private_repository_get(fields: dict[str, Any] | None, level: str) -> None:
    kind = "actions-fork-pr-workflows-private-repos"
    answer = NOT_FOUND if fields is None else (200, sample(kind) | fields, {})
    found = look(
        {"": a("full-repository", private=True), "actions/permissions/fork-pr-workflows-private-repos": answer}
    )
    assert told(found, "pull requests of forks")[0] == level


@pytest.mark.parametrize(
    ("answers", "level", "words"),
    [
        (running("tick.yml", 30), "wrong", "its last run was 30 h ago"),
        (running("tick.yml", state="disabled_inactivity"), "wrong", "nothing happened in the repository for 60 days"),
        (running("tick.yml", state="disabled_manually"), "wrong", "somebody switched it off"),
        (running("tick.yml", conclusion="failure"), "wrong", "its last run, 12 min ago, failed"),
        (running("tick.yml", conclusion=None), "fine", "its last run was 12 min ago"),
        (
            {"actions/workflows/tick.yml/runs": (200, {"total_count": 0, "workflow_runs": []}, {})},
            "fine",
            "it is new, and has not run yet",
        ),
        ({"actions/workflows/tick.yml": NOT_FOUND}, "warning", "there is none, or this token may not see it"),
        ({"actions/workflows/tick.yml": NOT_FOR_THIS_TOKEN}, "unseen", "may not read workflows"),
    ],
)
def test_whether_the_schedule_still_runs(answers: dict[str, Answer], level: str, words: str) -> None:
    found = look(answers)["workflow tick.yml"]
    assert (str(found.level), words in found.message) == (level, True), found


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (NOT_FOUND, "cannot be seen with this token"),
        (refusal(401, "Bad credentials"), "does not accept the token"),
        (refusal(503, "down"), "not well now"),
        (refusal(403, "secondary rate limit", {"Retry-After": "300"}), "no more requests for 5 min"),
    ],
)
def test_a_github_that_does_not_answer_is_one_finding(answer: Answer, words: str) -> None:
    stub = StubGitHub(broken=lambda _request, done: None if done else answer)
    github = GitHub(Http(transport=stub.transport()), Place("https://api.github.com", REPOSITORY), TOKEN)
    (found,) = protections(github, main="main", data=DATA)
    assert found.level is Level.WRONG
    assert words in found.message


def test_a_github_that_falls_silent_in_between_ends_the_look() -> None:
    def broken(request: httpx.Request, _done: bool) -> Exception | None:
        return httpx.ReadError("lost") if "codeowners" in request.url.path else None

    stub = StubGitHub(settings=well(), broken=broken)
    github = GitHub(Http(transport=stub.transport()), Place("https://api.github.com", REPOSITORY), TOKEN)
    found = list(protections(github, main="main", data=DATA))
    assert found[-1].level is Level.WRONG
    assert "environment publish" not in {finding.subject for finding in found}


# --- the command ----------------------------------------------------------------------------------------------------


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Stage]:
    yield from open_stage(tmp_path, monkeypatch, capsys)


def test_the_command_says_it_in_sections_and_shows_no_secret(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    stage.run("publish", "--now", NOW)
    caplog.set_level(logging.DEBUG)
    stub = StubGitHub(settings=well())
    with stub.served() as api:
        for name, value in (("TOKEN", TOKEN), ("API_URL", api), ("REPOSITORY", REPOSITORY)):
            monkeypatch.setenv(f"GITHUB_{name}", value)
        said = stage.run("doctor", "--now", LATER)
        document = json.loads(stage.run("doctor", "--now", LATER, "--format", "json"))
        monkeypatch.setenv("GITHUB_TOKEN", f"{SOMEBODY}wrong")
        refused = stage.run("doctor", "--now", LATER, code=1)
    canary = Canary({"token": TOKEN, "other": f"{SOMEBODY}wrong"})
    for what in (said, json.dumps(document), refused, caplog.text):
        canary.look(what, "said")
    assert canary.leaks == []
    assert stub.faults == []
    headings = [line for line in said.splitlines() if line and line[0].isalpha()]
    assert headings == ["Settings", "Publishing", "Secrets and tokens", "What we know", "GitHub", "Files of socialops"]
    assert "✓ fine       branch main" in said
    assert "! warning    forge_url" in said
    assert "✗ wrong      GitHub" in refused
    assert {finding["section"] for finding in document["findings"]} == set(headings)


def test_offline_nobody_is_asked(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.run("publish", "--now", NOW)
    stub = StubGitHub()
    stage.remote.rename(stage.remote.with_name("away.git"))
    with stub.served() as api:
        for name, value in (("TOKEN", TOKEN), ("API_URL", api), ("REPOSITORY", REPOSITORY)):
            monkeypatch.setenv(f"GITHUB_{name}", value)
        said = stage.run("doctor", "--offline", "--now", LATER)
        assert stub.seen == []
    assert "? unseen     remote" in said
    assert "? unseen     repository" in said
    assert "--offline asks nobody" in stage.run("doctor", "--offline", "--online", code=2)


def test_without_a_token_it_says_how_to_get_one(stage: Stage) -> None:
    stage.run("publish", "--now", NOW)
    said = stage.run("doctor", "--now", LATER)
    assert "? unseen     repository" in said
    assert "GITHUB_TOKEN=$(gh auth token) socialops doctor" in said


def test_a_token_for_another_host_is_not_used(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.run("publish", "--now", NOW)
    file = stage.workspace.root / "pyproject.toml"
    file.write_text(file.read_text("utf-8") + 'forge_url = "https://evil.example/o/r"\n', "utf-8")
    monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
    monkeypatch.setenv("GITHUB_API_URL", "https://api.github.com")
    said = stage.run("doctor", "--now", LATER, code=1)
    assert "GITHUB_TOKEN may not be used: forge_url is on evil.example" in said


def test_errors_around_the_posts_are_wrong_and_those_of_posts_a_warning(stage: Stage) -> None:
    stage.run("publish", "--now", NOW)
    (stage.workspace.posts / "bad.md").write_text("---\ndate: soon\nchannels: [mastodon]\n---\nText.\n", "utf-8")
    assert "! warning    check" in stage.run("doctor", "--now", LATER)
    (stage.workspace.brand / "handles.yml").write_text("names: [\n", "utf-8")
    assert "✗ wrong      check" in stage.run("doctor", "--now", LATER, code=1)


def test_files_that_this_version_writes_otherwise_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["init", "acme", "--channel", "mastodon", "--yes", "--no-lock"]) == 0
    monkeypatch.chdir(tmp_path / "acme")

    def drift() -> str:
        capsys.readouterr()
        run(["doctor", "--offline", "--now", "2026-12-01 09:00"])
        return next(line for line in capsys.readouterr().out.splitlines() if "socialops init" in line)

    assert "in step with this version" in drift()
    # A version before this one wrote another text.
    manifest = json.loads(Path(".socialops-init.json").read_text("utf-8"))
    workflow = ".github/workflows/publish.yml"
    Path(workflow).write_text("name: publish\n", "utf-8")
    manifest["files"][workflow] = hashlib.sha256(b"name: publish\n").hexdigest()
    Path(".socialops-init.json").write_text(json.dumps(manifest), "utf-8")
    assert f"! warning    socialops init    this version has another text for {workflow}" in drift()
    Path(".socialops-init.json").write_text("{", "utf-8")
    assert "✗ wrong      socialops init" in drift()
