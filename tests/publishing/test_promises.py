"""The page of promises names a test in every row, and every test it names is there."""

from __future__ import annotations

import re
from pathlib import Path

import socialops

PAGE = Path(socialops.__file__).parent / "scaffold" / "handbook" / "promises.md"


def test_every_promise_names_a_test_that_is_there() -> None:
    tests = Path(__file__).parent.parent
    text = "\n".join(file.read_text("utf-8") for file in tests.rglob("test_*.py"))
    known = set(re.findall(r"^def (test_\w+)\(", text, re.MULTILINE))
    rows = [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| ")]
    proven = [row for row in rows if row.count("|") in (6, 5) and "shown by" not in row and "---" not in row]
    assert len(proven) > 30
    for row in proven:
        named = re.findall(r"`(test_\w+)`", row)
        assert named, row
        assert set(named) <= known, row
