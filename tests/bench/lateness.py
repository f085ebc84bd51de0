"""Measure how late `publish --wait` publishes: the real command, a real remote, a real server, the real clock.

    python tests/bench/lateness.py

Eight posts on as many channels fall due one second after the other while the run waits. The server notes when each
request came in. The limit is one second: "on the second".
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from builder import SETTINGS, workspace
from publishing_stage import commit, git
from socialops.networks.sandbox.request import Answer, Request
from socialops.networks.sandbox.server import Sandbox

POSTS = 8
FIRST_AFTER = timedelta(seconds=40)
LIMIT = 1.0


class Watched(Sandbox):
    """The sandbox, with the time at which each status came in."""

    def __init__(self, *, now: datetime) -> None:
        super().__init__(now=now)
        self.arrivals: dict[str, float] = {}

    def _respond(self, request: Request) -> Answer:
        if request.method == "POST" and request.path == "/api/v1/statuses":
            self.arrivals[request.headers["authorization"]] = time.time()
        return super()._respond(request)


def main() -> int:
    now = datetime.now(UTC).replace(microsecond=0)
    sandbox = Watched(now=now)
    with tempfile.TemporaryDirectory() as folder, sandbox:
        environment, files, due = dict(os.environ), {}, {}
        for number in range(POSTS):
            name, handle = f"channel-{number}", f"@c{number}@mastodon.example"
            token = sandbox.add_account(handle, "Test", "UTC", 100, "en")
            environment |= {f"SOCIALOPS_CHANNEL_{number}_TOKEN": token, f"SOCIALOPS_CHANNEL_{number}_HOST": sandbox.url}
            moment = now + FIRST_AFTER + timedelta(seconds=number)
            due[f"Bearer {token}"] = moment.timestamp()
            files[f"brand/channels/{name}.md"] = (
                f"---\nnetwork: mastodon\nhandle: {handle!r}\nhost: {sandbox.url}\nzone: UTC\n---\n"
            )
            files[f"posts/post-{number}.md"] = (
                f"---\ntitle: Post {number}\nchannels: [{name}]\ndate: {moment.isoformat()}\n---\nText {number}.\n"
            )
        place = Path(folder) / "first"
        workspace(place, {"pyproject.toml": SETTINGS + 'data_branch = "socialops-data"\n', **files})
        git(Path(folder), "init", "--quiet", "--bare", "--initial-branch=main", "remote.git")
        git(place, "init", "--quiet", "--initial-branch=main")
        commit(place, "Begin")
        git(place, "remote", "add", "origin", str(Path(folder) / "remote.git"))
        git(place, "push", "--quiet", "origin", "main")
        done = subprocess.run(
            [sys.executable, "-m", "socialops", "publish", "--wait", "2m"],
            cwd=place,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        late = sorted(came - due[token] for token, came in sandbox.arrivals.items())
    if done.returncode or len(late) != POSTS:
        print(f"{len(late)} of {POSTS} posts came; exit code {done.returncode}\n{done.stdout}{done.stderr}")
        return 1
    print(f"publish --wait: {POSTS} posts, one second apart, the real clock")
    print(f"  late by: least {late[0]:.2f} s, median {statistics.median(late):.2f} s, most {late[-1]:.2f} s")
    print(f"  most / limit of {LIMIT:.0f} s: {late[-1] / LIMIT:.2f}  {'reached' if late[-1] <= LIMIT else 'MISSED'}")
    print(f"  too early: {sum(1 for seconds in late if seconds < 0)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
