"""Which pull request started a job, read from the file that GitHub lays down for it, and whether we may write there.

The decision is made before anything is asked or sent: a token that could write is not even tried on a pull request
from a fork.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

LARGEST = 25 * 1024 * 1024
"""What GitHub limits a payload to: docs.github.com/webhooks/webhook-events-and-payloads."""


@dataclass(frozen=True, slots=True)
class PullRequest:
    """The pull request that a job was started for."""

    number: int
    head: str
    """The commit that is to be merged."""
    why_not: str = ""
    """Why nothing may be written there, in words; empty when it may."""


def pull_request(environ: Mapping[str, str]) -> PullRequest | None:
    """Return the pull request of the job; None when it was started by something else, or cannot be told."""
    file = environ.get("GITHUB_EVENT_PATH", "")
    try:
        if not file or Path(file).stat().st_size > LARGEST:
            return None
        payload = json.loads(Path(file).read_text("utf-8"))["pull_request"]
        number, head, base = payload["number"], payload["head"], payload["base"]
        there = str(base["repo"]["full_name"])
        # The repository of a head is null when the fork is gone.
        here = str((head.get("repo") or {}).get("full_name") or "")
        commit = str(head["sha"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    if not isinstance(number, int) or isinstance(number, bool) or number < 1:
        return None
    if not here or here.casefold() != there.casefold():
        return PullRequest(number, commit, "it comes from a fork, and nothing is written there")
    if there.casefold() != environ.get("GITHUB_REPOSITORY", there).casefold():
        return PullRequest(number, commit, "it belongs to another repository")
    return PullRequest(number, commit)
