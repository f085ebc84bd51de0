"""The corpus of sentences: nothing is found that should not be, and almost all that should."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from socialops.checks.language.guess import unlike

FILE = Path(__file__).parent / "precision.py"


@pytest.fixture(scope="module")
def precision() -> ModuleType:
    spec = importlib.util.spec_from_file_location("precision", FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["precision"] = module
    spec.loader.exec_module(module)
    return module


def test_the_corpus_is_large_and_holds_sentences_with_nothing_to_find(precision: ModuleType) -> None:
    every = list(precision.sentences())
    assert len(every) >= 400
    assert sum(not sentence.expected for sentence in every) > len(every) / 4
    assert {sentence.lang for sentence in every} == {"tr", "ro", "he", "en"}


def test_nothing_wrong_is_found_and_almost_everything_right(precision: ModuleType) -> None:
    ours = precision.scores()["all", ""]["ours"]
    assert ours.precision == 1.0
    assert ours.recall >= 0.98


def test_python_alone_does_worse(precision: ModuleType) -> None:
    scores = precision.scores()["all", ""]
    others = [score for name, score in scores.items() if name != "ours"]
    assert len(others) == 2
    assert all(score.precision < 0.9 and score.recall < 0.7 for score in others)


def test_no_sentence_is_taken_for_one_of_another_language_and_most_with_a_wrong_one_are(precision: ModuleType) -> None:
    every = list(precision.sentences())
    assert [sentence.text for sentence in every if unlike(sentence.text, sentence.lang)] == []
    wrong = [
        bool(unlike(sentence.text, lang))
        for sentence in every
        for lang in ("tr", "ro", "he", "en")
        if lang != sentence.lang and len(sentence.text.split()) > 5
    ]
    assert sum(wrong) > 0.85 * len(wrong)
