"""What every test gets: an environment without the outside world's variables."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("default", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("thorough", deadline=None, max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))

_OUTSIDE = ("GITHUB_", "GIT_", "SOCIALOPS_", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove what a CI runner, a git hook or a person's shell would lend to the code under test."""
    for name in list(os.environ):
        if name.upper().startswith(_OUTSIDE) or name in {"CI", "NO_COLOR", "FORCE_COLOR"}:
            monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
