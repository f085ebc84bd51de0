"""A workspace that `init` writes, as a newcomer gets it: installed from a wheel, with real uv, make and a browser."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from real.stage import REPOSITORY, say
from socialops.scaffold.choices import Account, Choices
from socialops.scaffold.skeleton import with_practice
from socialops.scaffold.workflows import WORKFLOWS, forge_files

pytestmark = pytest.mark.real


def run(command: list[str], folder: Path, *, path: Path | None = None, code: int = 0) -> str:
    environment = {
        key: value for key, value in os.environ.items() if not key.startswith(("VIRTUAL_ENV", "UV_", "MAKE"))
    }
    if path is not None:
        environment["PATH"] = f"{path}{os.pathsep}{environment['PATH']}"
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == code, f"{command}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def fresh(uv: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a workspace with a wheel of this checkout, in a folder that holds nothing else."""
    folder = tmp_path_factory.mktemp("fresh")
    say("\nBuilding a wheel, and beginning a workspace with it …")
    run([str(uv), "build", "--quiet", "--wheel", "--out-dir", str(folder / "wheel")], REPOSITORY)
    (wheel,) = (folder / "wheel").glob("*.whl")
    init = [sys.executable, "-m", "socialops", "init", "social", "--name", "Atölye Işık", "--zone", "Europe/Istanbul"]
    languages = [word for lang in ("tr", "he", "ro", "en") for word in ("--language", lang)]
    channels = ["--channel", "mastodon:@atolye@mastodon.example", "--channel", "bluesky"]
    where = ["--owner", "ayse", "--forge-url", "https://github.com/acme/social", "--tool-source", str(wheel)]
    said = run([*init, *languages, *channels, *where], folder, path=uv.parent)
    assert "uv.lock\n" in said
    social = folder / "social"
    for command in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-q", "-m", "Begin"]):
        run(["git", "-c", "user.name=x", "-c", "user.email=x@example.org", *command], social)
    return social


def test_check_plan_site_and_demo_work_at_once(fresh: Path, uv: Path) -> None:
    assert "nothing to correct" in run(["make", "check"], fresh, path=uv.parent)
    assert "Plan at" in run([str(fresh / ".venv/bin/socialops"), "plan"], fresh)
    assert "index.html" in run(["make", "site"], fresh, path=uv.parent)
    told = run(["make", "demo"], fresh, path=uv.parent)
    assert re.search(r"[1-9]\d* deliver(y|ies) published, each once", told)
    assert run(["git", "status", "--porcelain"], fresh) == ""


def test_what_the_jobs_install_needs_no_building(fresh: Path, uv: Path) -> None:
    run([str(uv), "sync", "--frozen", "--no-dev", "--no-build", "--offline"], fresh)
    assert "socialops" in run([str(fresh / ".venv/bin/socialops"), "--version"], fresh.parent)


def test_the_base_tool_reads_the_head_and_runs_nothing_of_it(fresh: Path, uv: Path) -> None:
    """As validate.yml does it: two checkouts, the base's tool, and a head that would like to be run."""
    place = fresh.parent / "job"
    run(["git", "clone", "-q", str(fresh), str(place / "base")], fresh)
    run(["git", "clone", "-q", str(fresh), str(place / "head")], fresh)
    canary = place / "canary"
    trap = f"import pathlib; pathlib.Path({str(canary)!r}).write_text('run')\n"
    head = place / "head"
    for name in ("sitecustomize.py", "usercustomize.py", "conftest.py", "socialops.py", "yaml.py", "click/__init__.py"):
        (head / name).parent.mkdir(exist_ok=True)
        (head / name).write_text(trap, "utf-8")
    (head / "mkdocs.yml").write_text("site_name: x\nhooks: [conftest.py]\n", "utf-8")
    (head / "posts" / "long.md").write_text(f"---\ntitle: Long\nchannels: [bluesky]\n---\n{'word ' * 100}\n", "utf-8")
    run([str(uv), "sync", "--quiet", "--frozen", "--no-dev", "--no-build", "--project", "base"], place)
    told = run(
        ["env", "PYTHONSAFEPATH=1", "base/.venv/bin/socialops", "-C", "head", "check", "--format", "github"],
        place,
        code=1,
    )
    assert "::error file=posts/long.md,line=" in told
    assert not canary.exists()


def test_the_site_opens_without_an_error_and_says_what_comes_next(
    fresh: Path, uv: Path, chromium: Path, tmp_path: Path
) -> None:
    playwright = pytest.importorskip("playwright.sync_api", reason="install the group `real`: uv sync --group real")
    run(["make", "site"], fresh, path=uv.parent)
    site = fresh / "build" / "site"
    pages = (
        "index.html",
        "calendar/index.html",
        "reports/weekly.html",
        "style-guide/index.html",
        "channels/index.html",
    )
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(
            executable_path=str(chromium), args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        try:
            texts = {name: _read(browser, site / name, tmp_path) for name in pages}
        finally:
            browser.close()
    assert "Practice, in Türkçe" in texts["index.html"]
    assert "The scheduled job runs" in texts["index.html"]
    assert "Nothing waits for a person" in texts["index.html"]
    assert "socialops snapshot" in texts["reports/weekly.html"]


def _read(browser: Any, file: Path, folder: Path) -> str:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(file.as_uri())
    page.screenshot(path=str(folder / f"{file.parent.name}-{file.stem}.png"))
    text: str = page.inner_text("body")
    page.close()
    assert faults == [], file
    return text


@pytest.mark.parametrize("whose", ["ours", "theirs"])
def test_actionlint_has_nothing_to_say(whose: str, actionlint: Path, tmp_path: Path) -> None:
    accounts = (Account("mastodon", "mastodon", host="https://mastodon.example"), Account("x", "x"))
    choices = Choices(accounts=accounts, forge_url="https://github.com/acme/social")
    theirs = forge_files(choices, with_practice(choices))
    for name in (*WORKFLOWS, *(("ci",) if whose == "ours" else ())):
        path = f".github/workflows/{name}.yml"
        text = (REPOSITORY / path).read_text("utf-8") if whose == "ours" else theirs[path]
        file = tmp_path / f"{name}.yml"
        file.write_text(text, "utf-8")
        assert "passed" in run(["node", str(actionlint), file.name], tmp_path)


def test_actionlint_would_have_something_to_say(actionlint: Path, tmp_path: Path) -> None:
    text = "on: push\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n      - run: echo ${{ github.nothing }}\n"
    (tmp_path / "bad.yml").write_text(text, "utf-8")
    assert "nothing" in run(["node", str(actionlint), "bad.yml"], tmp_path, code=1)
