"""Measure how fast one changed post is checked in a large repository, as a ratio against the start-up floor.

    python tests/bench/changed.py [--posts 10000] [--repeat 5]

The posts are those of `content.py`, in a git repository with one commit in which one post was changed. The floor is
starting Python and importing what the command imports, and nothing more. Ratios are of processor time, git's included,
the least of a few runs in turns. A second figure, which fails nothing, stands against the packages of others alone
(`import click, pydantic, yaml`); two more are for a picture that changed, and for everything, so that the gain is seen.

Goal: `check --changed` at most 3 times the floor.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from content import best, make  # type: ignore[attr-defined]  # the program beside this one, not the folder of tests

GOAL = 3.0
IMPORTS = (
    "import socialops.cli, socialops.cli.writing, socialops.cli.reviewing, socialops.checks.check, "
    "socialops.checks.change, socialops.content.change, socialops.content.load, socialops.content.library, "
    "socialops.git, socialops.output.text, socialops.networks.mastodon, socialops.networks.bluesky"
)


def git(folder: Path, *arguments: str) -> None:
    """Run git in *folder*, as nobody in particular."""
    who = {f"GIT_{role}_{what}": "bench" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    subprocess.run(["git", *arguments], cwd=folder, env={**os.environ, **who}, check=True, capture_output=True)


def main() -> int:
    """Measure and print; the exit code tells whether the goal is reached."""
    parser = argparse.ArgumentParser(description="Measure `check --changed`.")
    parser.add_argument("--posts", type=int, default=10_000)
    parser.add_argument("--repeat", type=int, default=5)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="socialops-bench-") as name:
        folder = Path(name)
        make(folder, given.posts)
        git(folder, "init", "--quiet", "--initial-branch=main")
        git(folder, "add", "--all")
        git(folder, "commit", "--quiet", "--message", "Everything")
        git(folder, "branch", "before")
        post = sorted(folder.glob("posts/**/*.md"))[given.posts // 2]
        post.write_text(post.read_text("utf-8") + "\nOne more line.\n", "utf-8")
        git(folder, "commit", "--quiet", "--all", "--message", "One post")
        git(folder, "branch", "one-post")
        (folder / "media/lamp.jpg").write_bytes((folder / "media/lamp.jpg").read_bytes() + b"\0")
        git(folder, "commit", "--quiet", "--all", "--message", "One picture")

        def start(*command: str) -> float:
            def run() -> None:
                done = subprocess.run([sys.executable, *command], cwd=folder, capture_output=True, check=False)
                if done.returncode not in (0, 1):
                    raise SystemExit(done.stderr.decode())

            processor, _ = best(1, run)
            return float(processor)

        rows = {
            "floor": ("-c", IMPORTS),
            "others": ("-c", "import click, pydantic, yaml"),
            "one post": ("-m", "socialops", "check", "--changed", "one-post~1"),
            "one picture": ("-m", "socialops", "check", "--changed", "one-post"),
        }
        git(folder, "checkout", "--quiet", "one-post")
        least: dict[str, float] = {}
        for _ in range(given.repeat):
            for what in ("floor", "others", "one post"):
                least[what] = min(start(*rows[what]), least.get(what, 1e9))
        git(folder, "checkout", "--quiet", "main")
        least["one picture"] = start(*rows["one picture"])
        whole = start("-m", "socialops", "check")
    print(f"Python {sys.version.split()[0]}, {given.posts} posts, one of them changed")
    print(f"  Python and our imports                   {least['floor'] * 1000:8.1f} ms")
    print(f"  Python and click, pydantic, yaml         {least['others'] * 1000:8.1f} ms")
    ratio = least["one post"] / least["floor"]
    verdict = "reached" if ratio <= GOAL else "MISSED"
    print(
        f"  check --changed, one post                {least['one post'] * 1000:8.1f} ms   {ratio:.2f} x the floor   "
        f"goal {GOAL}: {verdict}   ({least['one post'] / least['others']:.2f} x the packages of others)"
    )
    print(f"  check --changed, a picture 4 in 10 show  {least['one picture'] * 1000:8.1f} ms")
    print(f"  check, everything, nothing kept          {whole * 1000:8.1f} ms")
    return int(ratio > GOAL)


if __name__ == "__main__":
    sys.exit(main())
