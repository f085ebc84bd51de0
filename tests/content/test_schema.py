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
