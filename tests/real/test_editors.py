"""The form in the browser, drawn by Sveltia CMS itself from what `socialops schema --for sveltia` writes."""

from __future__ import annotations

import functools
import http.server
import json
import re
import shutil
import subprocess
import threading
from pathlib import Path

import jsonschema
import pytest
import yaml

from real.install import CHROMIUM, CannotInstall, sveltia
from socialops.content.load import load
from socialops.scaffold.sveltia import sveltia as emitted
from socialops.workspace import find_workspace

pytestmark = pytest.mark.real
ROOT = Path(__file__).parent.parent.parent
PAGE = '<!doctype html><meta charset="utf-8"><title>Posts</title><body><script src="sveltia-cms.js"></script>'


@pytest.fixture(scope="module")
def package() -> Path:
    try:
        return sveltia()
    except CannotInstall as why:
        pytest.skip(str(why))


@pytest.fixture(scope="module")
def config() -> str:
    return emitted(load(find_workspace(ROOT), cache=False))


def test_its_own_schema_takes_the_configuration(package: Path, config: str) -> None:
    validator = jsonschema.Draft7Validator(json.loads((package / "schema" / "sveltia-cms.json").read_text("utf-8")))
    made = yaml.safe_load(config)
    assert list(validator.iter_errors(made)) == []
    made["collections"][0]["fields"][0]["widget"] = "no such widget"
    made["collections"][0]["colour"] = "red"
    assert list(validator.iter_errors(made))


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


def shown(folder: Path) -> str:
    """Return the words that the CMS shows when a browser opens it."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        browser = [
            str(CHROMIUM),
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            f"--user-data-dir={folder / 'browser'}",
        ]
        address = f"http://127.0.0.1:{server.server_address[1]}/"
        done = subprocess.run(
            [*browser, "--virtual-time-budget=10000", "--dump-dom", address],
            capture_output=True,
            text=True,
            timeout=120,
        )
    finally:
        server.shutdown()
        server.server_close()
    words = re.sub(r"<(style|script)\b.*?</\1>", "", done.stdout, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", words).split())


def test_it_opens_with_the_configuration(package: Path, config: str, tmp_path: Path) -> None:
    if not CHROMIUM.exists():
        pytest.skip("there is no Chromium")
    shutil.copyfile(package / "dist" / "sveltia-cms.js", tmp_path / "sveltia-cms.js")
    (tmp_path / "index.html").write_text(PAGE, "utf-8")
    (tmp_path / "config.yml").write_text(config, "utf-8")
    words = shown(tmp_path)
    assert "Sign In" in words
    assert "error" not in words.casefold()
    # A field twice is one of the mistakes that it looks for.
    broken = yaml.safe_load(config)
    broken["collections"][0]["fields"].append(broken["collections"][0]["fields"][0])
    (tmp_path / "config.yml").write_text(yaml.safe_dump(broken), "utf-8")
    words = shown(tmp_path)
    assert "Sign In" not in words
