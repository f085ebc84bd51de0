"""The fields of a file as a form shows them: the step between JSON Schema and the editors that draw forms."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from socialops.scaffold.json_schema import INSTANT, Entity, json_schema

if TYPE_CHECKING:
    from socialops.content.load import Content

LONG = frozenset(
    {"alt", "achievable", "bio", "description", "first_comment", "note", "purpose", "reason", "text", "why"}
)
"""Fields that people write sentences in."""


@dataclass(frozen=True, slots=True)
class FormField:
    """One field.

    *shape*: text, sentences, truth, number, instant, day, choice, choices, list, records, record, pairs (a mapping of
    texts), or free (what no form can draw).
    """

    name: str
    shape: str
    description: str = ""
    required: bool = False
    choices: tuple[str, ...] = ()
    fields: tuple[FormField, ...] = ()
    whole: bool = False
    least: float | None = None
    most: float | None = None
    default: Any = None

    @property
    def label(self) -> str:
        """What people call it: the name, with a capital and without underscores."""
        return self.name.replace("_", " ").capitalize()


def form_fields(entity: Entity, content: Content) -> tuple[FormField, ...]:
    """Return every field of one kind of file, with the workspace's own names as choices."""
    schema = json_schema(entity, content)
    return _fields(schema, schema.get("definitions", {}))


def _fields(node: Mapping[str, Any], definitions: Mapping[str, Any]) -> tuple[FormField, ...]:
    required = node.get("required", ())
    return tuple(
        _field(name, property_, definitions, required=name in required)
        for name, property_ in node.get("properties", {}).items()
    )


def _field(name: str, node: Mapping[str, Any], definitions: Mapping[str, Any], *, required: bool) -> FormField:
    description = node.get("description", "")
    found = _resolved(node, definitions)
    default = node.get("default")

    def made(shape: str, **more: Any) -> FormField:
        return FormField(name, shape, description, required, default=default, **more)

    match found.get("type"):
        case _ if "enum" in found:
            return made("choice", choices=tuple(str(choice) for choice in found["enum"]))
        case "boolean":
            return made("truth")
        case "integer" | "number":
            span = {"least": found.get("minimum"), "most": found.get("maximum")}
            return made("number", whole=found["type"] == "integer", **span)
        case "array":
            return _list(found, definitions, made)
        case "object" if found.get("properties") and not isinstance(found.get("additionalProperties"), dict):
            return made("record", fields=_fields(found, definitions))
        case "object":
            values = found.get("additionalProperties")
            plain = isinstance(values, dict) and _resolved(values, definitions).get("type") not in ("object", "array")
            return made("pairs" if plain and values else "free")
        case _ if found.get("pattern") == INSTANT:
            return made("instant")
        case _ if found.get("format") == "date":
            return made("day")
        case "string" | list():
            return made("sentences" if name in LONG else "text")
        case _:
            return made("free")


def _list(found: Mapping[str, Any], definitions: Mapping[str, Any], made: Callable[..., FormField]) -> FormField:
    items = found.get("items", {})
    if isinstance(items, list):  # a pair of numbers, as `focus:` has
        return made("free")
    item = _resolved(items, definitions)
    if "enum" in item:
        return made("choices", choices=tuple(str(choice) for choice in item["enum"]))
    if item.get("type") == "object":
        fields = _fields(item, definitions)
        return made("records" if fields else "free", fields=fields)
    return made("list")


def _resolved(node: Mapping[str, Any], definitions: Mapping[str, Any]) -> Mapping[str, Any]:
    """Follow references; of several forms take the fullest that a form can draw: choices, records, lists, then text."""
    if "allOf" in node:
        return _resolved(node["allOf"][0], definitions)
    if "$ref" in node:
        return _resolved(definitions[node["$ref"].rpartition("/")[2]], definitions)
    if "anyOf" not in node:
        return node
    forms = [_resolved(form, definitions) for form in node["anyOf"]]

    def fullness(form: Mapping[str, Any]) -> int:
        if "enum" in form:
            return 0
        if form.get("type") == "array":
            chosen = "enum" in _resolved(form.get("items", {}), definitions) if form.get("items") else False
            return 1 if chosen else 3
        return 2 if form.get("properties") else 4

    return min(forms, key=fullness)
