"""The real servers, started once for all tests and stopped whatever happens."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from real import install
from real.servers import (
    Clock,
    MailServer,
    MastodonMock,
    Pds,
    Snac,
    Synapse,
    run_mail_server,
    run_mastodon_mock,
    run_pds,
    run_snac,
    run_synapse,
)


@pytest.fixture(scope="session")
def pds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pds]:
    with run_pds(_installed("pds"), tmp_path_factory.mktemp("bluesky")) as server:
        yield server


@pytest.fixture(scope="session")
def snac(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Snac]:
    with run_snac(_installed("snac"), tmp_path_factory.mktemp("mastodon")) as server:
        yield server


@pytest.fixture(scope="session")
def mastodon_mock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MastodonMock]:
    with run_mastodon_mock(_installed("mastodon_mock"), tmp_path_factory.mktemp("emulator")) as server:
        yield server


@pytest.fixture(scope="session")
def synapse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Synapse]:
    with run_synapse(_installed("synapse"), tmp_path_factory.mktemp("matrix")) as server:
        yield server


@pytest.fixture(scope="session")
def strict_synapse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Synapse]:
    """Run a homeserver that lets an account do two things in a room, and then one every twenty seconds."""
    with run_synapse(_installed("synapse"), tmp_path_factory.mktemp("strict"), messages=0.05, burst=2) as server:
        yield server


@pytest.fixture(scope="session")
def mail_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MailServer]:
    with run_mail_server(tmp_path_factory.mktemp("mail")) as server:
        yield server


@pytest.fixture(scope="module")
def moved_clock(tmp_path_factory: pytest.TempPathFactory) -> Clock:
    """Return the clock of the two servers below, which a test may put forward."""
    clock = Clock(_installed("faketime"), tmp_path_factory.mktemp("clock") / "now")
    clock.put_forward(timedelta(0))
    return clock


@pytest.fixture(scope="module")
def moved_pds(moved_clock: Clock, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pds]:
    with run_pds(_installed("pds"), tmp_path_factory.mktemp("bluesky"), moved_clock) as server:
        yield server


@pytest.fixture(scope="module")
def moved_snac(moved_clock: Clock, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Snac]:
    with run_snac(_installed("snac"), tmp_path_factory.mktemp("mastodon"), moved_clock) as server:
        yield server


@pytest.fixture(scope="session")
def act() -> Path:
    return _installed("act")


@pytest.fixture(scope="session")
def actionlint() -> Path:
    return _installed("actionlint")


@pytest.fixture(scope="session")
def uv() -> Path:
    return _installed("uv")


@pytest.fixture(scope="session")
def libraries() -> Path:
    return _installed("libraries")


@pytest.fixture(scope="session")
def chromium() -> Path:
    return _installed("chromium")


def _installed(what: str) -> Path:
    try:
        found: Path = getattr(install, what)()
    except install.CannotInstall as why:
        pytest.skip(str(why))
    return found
