"""The rules of reading: what makes a file, its header or a value in it unusable. They are applied in `content/`."""

from __future__ import annotations

from socialops.checks.rule import rules

RULES = rules()
