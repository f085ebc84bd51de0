"""The real servers, started once for all tests and stopped whatever happens."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from real import install
from real.servers import Pds, Snac, run_pds, run_snac


@pytest.fixture(scope="session")
def pds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pds]:
    with run_pds(_installed("pds"), tmp_path_factory.mktemp("bluesky")) as server:
        yield server


@pytest.fixture(scope="session")
def snac(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Snac]:
    with run_snac(_installed("snac"), tmp_path_factory.mktemp("mastodon")) as server:
        yield server


@pytest.fixture(scope="session")
def chromium() -> Path:
    return _installed("chromium")


def _installed(what: str) -> Path:
    try:
        found: Path = getattr(install, what)()
    except install.CannotInstall as why:
        pytest.skip(str(why))
    return found
