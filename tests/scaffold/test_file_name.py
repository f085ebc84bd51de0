"""Names of files from titles in four languages, and from anything at all."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from socialops.content.folder import NAME
from socialops.scaffold.file_name import LENGTH, free_path, slug


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Kış ışığı şenliği: İstanbul'da", "kis-isigi-senligi-istanbulda"),
        ("ISPARTA Iğdır", "isparta-igdir"),
        ("Vezi și fii văzut, în țară", "vezi-si-fii-vazut-in-tara"),
        ("Ştefan şi ţara", "stefan-si-tara"),
        ("נר ראשון של חנוכה", "nr-rashon-shl-chnocha"),
        ("שָׁלוֹם, בית־ספר", "shlom-bit-sfr"),
        ("Straße & Ærø", "strasse-aero"),
        ("日本", ""),
        ("  --- ", ""),
    ],
)
def test_titles(title: str, name: str) -> None:
    assert slug(title) == name


@given(st.text())
def test_whatever_the_title_the_file_may_be_called_so(title: str) -> None:
    name = slug(title)
    assert len(name) <= LENGTH
    path = free_path(name, date(2026, 12, 1), folder=False, taken=lambda _: False)
    assert NAME.fullmatch(path.rpartition("/")[2])
    assert path.startswith("posts/2026/12/2026-12-01-")
