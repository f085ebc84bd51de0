from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hostile.stage import Listener, PullRequest


@pytest.fixture
def pull(tmp_path: Path) -> Iterator[PullRequest]:
    listener = Listener()
    yield PullRequest(tmp_path, listener)
    listener.stop()
