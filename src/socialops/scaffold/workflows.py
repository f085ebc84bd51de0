"""The files of the forge: the workflows, or GitLab's pipeline; who owns what; the forms.

Everything here belongs to socialops: the team may change it, and `socialops init --upgrade` shows what both did. The
same templates make the workflows of socialops's own repository, where the tool is the project itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from socialops.scaffold.choices import EVERY, METRICS_CRON
from socialops.scaffold.rendering import fill

if TYPE_CHECKING:
    from socialops.scaffold.choices import Account, Choices

WORKFLOWS = ("validate", "publish", "tick", "metrics", "site")
ORIGIN = "# Written by `socialops init`; after a change of brand/channels: socialops init --upgrade"
OUR_ORIGIN = "# Written from the scaffold, as `socialops init` writes it for others: make reference"
SEND_MINUTES = 30
"""How long the sends of a publish run may take, besides what it waits."""
_MINUTES = {"15m": 15, "30m": 30, "1h": 60}


@dataclass(frozen=True, slots=True)
class _Commands:
    base: str
    here: str


def forge_files(
    choices: Choices, accounts: tuple[Account, ...], forms: Mapping[str, str] = MappingProxyType({})
) -> dict[str, str]:
    """Return path → text of the files that the forge reads.

    *accounts* are all channels, the practice one too; *forms* the issue forms, file name → text.
    """
    if choices.ci == "github":
        return {**workflows(choices, accounts), **_github(forms)}
    if choices.ci == "gitlab":
        return {".gitlab-ci.yml": _pipeline(choices)}
    return {}


def workflows(choices: Choices, accounts: tuple[Account, ...]) -> dict[str, str]:
    """Return path → text of the five workflows."""
    commands = _commands(choices)
    values: dict[str, object] = {
        "origin": OUR_ORIGIN if choices.tool.kind == "project" else ORIGIN,
        "tool": choices.tool.kind,
        "main_branch": choices.main_branch,
        "guard": _guard(choices),
        "base_command": commands.base,
        "command": commands.here,
        "install": _install(choices, ""),
        "two_sides": fill("github/two-sides.txt", data_branch=choices.data_branch).rstrip("\n")
        + "\n"
        + _install(choices, " --project base"),
        "secrets": _secrets(accounts),
        "wait": choices.every,
        "publish_minutes": _MINUTES[choices.every] + SEND_MINUTES,
        "crons": EVERY[choices.every],
        "metrics_cron": METRICS_CRON,
    }
    values["site_job"] = fill("github/site-job.txt", **values).rstrip("\n")
    return {f".github/workflows/{name}.yml": fill(f"github/{name}.yml", **values) for name in WORKFLOWS}


def _commands(choices: Choices) -> _Commands:
    """Return how the installed tool is called: by its path, so that no file of the folder has a say in what runs."""
    if choices.tool.kind == "project":
        return _Commands("base/.venv/bin/python -m socialops", ".venv/bin/python -m socialops")
    return _Commands("base/.venv/bin/socialops", ".venv/bin/socialops")


def _guard(choices: Choices) -> str:
    """Return the condition that keeps forks and other branches from running what is ours."""
    here = f"github.ref == 'refs/heads/{choices.main_branch}'"
    return f"github.repository == '{choices.repository}' && {here}" if choices.repository else here


def _install(choices: Choices, folder: str) -> str:
    return fill("github/install.txt", tool=choices.tool.kind, folder=folder).rstrip("\n")


def _secrets(accounts: tuple[Account, ...]) -> str:
    lines = []
    for account in accounts:
        lines += [f"          {name}: ${{{{ secrets.{name} }}}}" for name in account.secrets]
        if account.bound_host:
            lines.append(f"          {account.bound_host}: ${{{{ vars.{account.bound_host} }}}}")
    return "\n".join(lines)


def _github(forms: Mapping[str, str]) -> dict[str, str]:
    return {
        **{f".github/ISSUE_TEMPLATE/{name}": text for name, text in forms.items()},
        ".github/ISSUE_TEMPLATE/config.yml": fill("github/issue-config.yml"),
        ".github/dependabot.yml": fill("github/dependabot.yml"),
        ".github/pull_request_template.md": fill("github/pull_request_template.md"),
    }


def _pipeline(choices: Choices) -> str:
    return fill(
        "gitlab/gitlab-ci.yml",
        origin=ORIGIN,
        flags="" if choices.tool.kind == "source" else " --no-build",
        data_branch=choices.data_branch,
        wait=choices.every,
        minutes=_MINUTES[choices.every] + SEND_MINUTES,
    )
