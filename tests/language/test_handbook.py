"""The handbook's page on languages says what is so: every row of its tables is tried."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from socialops.checks.language.lexicon import Lexicon, Term

PAGE = Path(__file__).parents[2] / "src" / "socialops" / "scaffold" / "handbook" / "languages.md"
CODES = {"Turkish": "tr", "Romanian": "ro", "Hebrew": "he", "English": "en"}


def rows() -> list[tuple[str, str, str, str]]:
    found = []
    for section in PAGE.read_text("utf-8").split("\n## ")[1:]:
        lang = CODES.get(section.split("\n")[0])
        table = re.findall(r"^\| ([^|]+) \| ([^|]+) \|([^|]*)\|$", section, re.MULTILINE)
        if lang:
            found += [(lang, row[0].strip(), row[1].strip(), row[2].strip()) for row in table if row[0] != "rule"]
    return found


def test_the_page_has_a_table_for_each_language() -> None:
    assert {row[0] for row in rows()} == set(CODES.values())
    assert len(rows()) > 25


@pytest.mark.parametrize(("lang", "rule", "inside", "outside"), rows())
def test_a_row_is_true(lang: str, rule: str, inside: str, outside: str) -> None:
    lexicon = Lexicon([Term(rule)])
    for words in filter(None, inside.split(", ")):
        assert lexicon.find(words, lang), f"{rule} is not found in {words}"
    for words in filter(None, outside.split(", ")):
        assert not lexicon.find(words, lang), f"{rule} is found in {words}"
