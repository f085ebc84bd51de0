"""The quick forms and the schema must read the same: one is for speed, the other for words."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from socialops.content import guideline_schema, schema
from socialops.content.forms import FORMS, Filled, Unfit

WORDS = """x a-b é true no 3 -1 0.5 1e999 3h 2026-12-01 tr public image Europe/Istanbul https://mastodon.example http://x
channel:a #tag"""
SCALARS = st.sampled_from([None, "", "2026-12-01 09:30", "mon 09:30", *WORDS.split()])
TREES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["file", "alt", "focus", "part", "name", "share", "options", "what", "why", "who", "text", "x"]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)


def model_named(name: str) -> type[BaseModel]:
    found: type[BaseModel] = getattr(guideline_schema, name, None) or getattr(schema, name)
    return found


def plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return {name: plain(getattr(value, name)) for name in type(value).model_fields}
    if isinstance(value, Filled):
        return {name: plain(item) for name, item in vars(value).items()}
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    if isinstance(value, tuple):
        return tuple(plain(item) for item in value)
    return value


@pytest.mark.parametrize("name", sorted(FORMS))
@settings(max_examples=150)
@given(data=st.data())
def test_a_form_reads_what_its_model_reads_and_nothing_else(name: str, data: st.DataObject) -> None:
    model: type[BaseModel] = model_named(name)
    header = data.draw(st.dictionaries(st.sampled_from([*model.model_fields, "x"]), TREES, max_size=4))
    try:
        expected = plain(model.model_validate(header))
    except ValidationError:
        expected = None
    try:
        found = plain(FORMS[name].read(header))
    except Unfit:
        found = None
    assert found == expected


RULE: dict[str, Any] = {"id": "BR001", "summary": "No hurry", "reason": "It works once"}
PARTICULARS: dict[str, list[Any]] = {
    "id": ["BR1", "br1", "BR"],
    "severity": ["error", "fatal"],
    "lang": ["en", ["en", "tr"], "english"],
    "kinds": ["text", ["text", "poll"], "song"],
    "since": ["2026-12-01", "soon"],
    "good": ["Hello", ["Hello", {"text": "Hello", "lang": "en"}], {"alt": "A lamp", "paid": "true"}, [["x"]], []],
    "bad": ["Hello", {"txt": "x"}],
    "not_in": [["quotes"], ["code"], "quotes"],
    "unless": ["by accident", ["a", "b"], [], ""],
    "words": [
        ["hurry"],
        {"hurry": "come by"},
        {"en": ["hurry"]},
        "hurry",
        {"en": "hurry", "tr": ["x"]},
        {"he": "they"},
        [],
        {"english": ["x"]},
        ["!"],
        {"a": None},
    ],
    "require": [["lamp"], {"every": "lamp", "within": "40"}, {"one_of": {"en": ["a"]}}, {}, {"within": "-1"}],
    "spelling": [["Fener"], {"Fener": ["Phener"]}, {"Fener": []}, {}, "Fener"],
    "pattern": ["[a-z]{3}", {"find": "a+b", "ignore_case": "true"}, "(a+)+", {"say": "x"}],
    "hashtags": [{"most": "2"}, {"capitals": "true", "allowed": ["#A"]}, {}, {"most": "many"}, {"allowed": ["a b"]}],
    "emoji": ["none", "2", {"most": "1"}, {"allowed": ["🚲"]}, "some", {}],
    "punctuation": [{"!": "1"}, {"!": "x"}, {}],
    "links": [{"ours": "a.example"}, {"allowed": ["a.example"]}, {}],
    "sensitive": [["war"], {"words": {"en": ["war"]}, "category": "politics"}, {"category": "x"}],
    "disclosure": [{"words": {"en": "#ad"}}, {"words": {"en": ["#ad"]}, "within": "9"}, {"words": ["#ad"]}, {}],
    "length": [{"most": "9"}, {"most": "9", "of": "words"}, {"of": "letters"}],
    "readability": [{"ease": "60.5"}, {"longest_sentence": "20"}, {"ease": "high"}],
    "alt_text": [{"least": "9", "openings": "image of"}, {"same_language": "yes"}, {}],
    "by_hand": ["true", "false", "yes"],
    "x": ["y"],
}


@settings(max_examples=400)
@given(data=st.data())
def test_a_rule_reads_the_same_in_both(data: st.DataObject) -> None:
    keys = data.draw(st.lists(st.sampled_from(sorted(PARTICULARS)), min_size=1, max_size=3, unique=True))
    header = {"rules": [RULE | {key: data.draw(st.sampled_from(PARTICULARS[key]) | TREES) for key in keys}]}
    try:
        expected = plain(model_named("GuidelineHeader").model_validate(header))
    except ValidationError:
        expected = None
    try:
        found = plain(FORMS["GuidelineHeader"].read(header))
    except Unfit:
        found = None
    assert found == expected


def test_every_way_of_writing_a_rule_is_read_at_least_once() -> None:
    """The test above means something only while right rules are among what it draws."""
    kinds = {*PARTICULARS} - {"id", "severity", "lang", "kinds", "since", "good", "bad", "not_in", "unless", "x"}
    for kind in kinds:
        rule = RULE | {kind: PARTICULARS[kind][0]}
        assert FORMS["GuidelineHeader"].read({"rules": [rule]}).rules[0].id == "BR001"


@pytest.mark.parametrize("name", sorted(FORMS))
def test_an_empty_header_reads_the_same_in_both(name: str) -> None:
    model: type[BaseModel] = model_named(name)
    required = [field for field, described in model.model_fields.items() if described.is_required()]
    if required:
        with pytest.raises(Unfit):
            FORMS[name].read({})
    else:
        assert plain(FORMS[name].read({})) == plain(model.model_validate({}))


@pytest.mark.parametrize(
    "name", sorted(name for name in {*dir(schema), *dir(guideline_schema)} if name.endswith("Header"))
)
def test_every_field_is_described_for_the_handbook_and_for_json_schema(name: str) -> None:
    model: type[BaseModel] = model_named(name)
    assert all(described.description for described in model.model_fields.values())
    assert model.model_json_schema()["additionalProperties"] is False
