"""Whole runs by the hundred: here nobody pulls the plug of the machine, so nothing waits for its disk."""

from __future__ import annotations

import os

import pytest


@pytest.fixture(autouse=True)
def no_waiting_for_the_disk(clean_environment: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let git and us leave flushing to the operating system (test_ledger.py looks that we ask for it)."""
    monkeypatch.setattr(os, "fsync", lambda _descriptor: None)
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "core.fsync")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "none")
