"""JSON Schema of every kind of file, from the one model, with the workspace's own names as what may be chosen.

Draft 7, which editors (the YAML extension of VS Code), remark-lint-frontmatter-schema and check-jsonschema all read. A
schema is gentler than `check`: it knows the shape of a file, not what a network will show of it. Values are judged as
YAML 1.2 gives them, so a text may be a number there: `title: 2026` is a title.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema

from socialops.content import guideline_schema, schema
from socialops.content.brand import Role
from socialops.content.channel import NETWORKS
from socialops.content.handles import naming
from socialops.scaffold.questions import LANGUAGES

if TYPE_CHECKING:
    from socialops.content.load import Content

Node = dict[str, Any]
DRAFT = "http://json-schema.org/draft-07/schema#"
INSTANT = r"^\d{4}-\d{2}-\d{2}([T ]\d{1,2}:\d{2}(:\d{2})? ?(Z|[+-]\d{2}:\d{2})?)?$"
_DRAFT_7 = {"ge": "minimum", "le": "maximum", "prefixItems": "items"}
PLAIN = ["string", "number", "boolean"]
"""What YAML makes of a text that is not in quotes."""


@dataclass(frozen=True, slots=True)
class Entity:
    """One kind of file: what it is called, its model, where it lies, and whether a text stands below its header."""

    name: str
    title: str
    model: type[BaseModel]
    place: str
    prose: bool = True


ENTITIES = {
    entity.name: entity
    for entity in (
        Entity("post", "Posts", schema.PostHeader, "posts/**/*.md"),
        Entity("channel", "Channels", schema.ChannelHeader, "brand/channels/*.md"),
        Entity("campaign", "Campaigns", schema.CampaignHeader, "brand/campaigns/*.md"),
        Entity("goal", "Goals", schema.GoalHeader, "brand/goals/*.md"),
        Entity("strategy", "Strategy", schema.StrategyHeader, "brand/strategy.md"),
        Entity("guideline", "Style guide", guideline_schema.GuidelineHeader, "brand/**/*.md"),
        Entity("report", "Reports", schema.ReportHeader, "reports/*.md"),
        Entity("team", "Team", schema.TeamHeader, "brand/team.yml", prose=False),
        Entity("pause", "Pauses", schema.PausesHeader, "brand/pause.yml", prose=False),
    )
}

_REFERENCES = {
    "PostHeader.campaign": "campaign",
    "PostHeader.pillar": "pillar",
    "PostHeader.audience": "audience",
    "PostHeader.authors": "person",
    "PostHeader.approver": "person",
    "PostHeader.channels": "channel",
    "PostHeader.lang": "language",
    "EntryHeader.approver": "person",
    "EntryHeader.lang": "language",
    "WaiverHeader.by": "person",
    "ChannelHeader.network": "network",
    "ChannelHeader.lang": "language",
    "CampaignHeader.goal": "goal",
    "CampaignHeader.owner": "person",
    "GoalHeader.owner": "person",
    "GoalHeader.channels": "channel",
    "GoalHeader.pillar": "pillar",
    "StrategyHeader.cadence": "channel",
    "StrategyHeader.channels": "channel",
    "ReportHeader.channels": "channel",
    "ApprovalHeader.who": "person",
    "RuleHeader.networks": "network",
    "RuleHeader.channels": "channel",
    "RuleHeader.campaigns": "campaign",
    "RuleHeader.pillars": "pillar",
    "RuleHeader.approver": "person or role",
    "ExampleHeader.channel": "channel",
    "ExampleHeader.campaign": "campaign",
    "ExampleHeader.pillar": "pillar",
}
"""Model.field → what its value names. Languages may be others than the workspace's own, the rest may not."""


def names_of(content: Content) -> dict[str, tuple[str, ...] | None]:
    """Return what each kind of name may be in this workspace; None where anything may stand."""
    from socialops.networks import adapters

    brand = content.brand
    people = tuple(brand.people) if brand.team else None
    strategy = brand.strategy
    return {
        "campaign": tuple(brand.campaigns),
        "goal": tuple(brand.goals),
        "channel": tuple(content.channels),
        "network": tuple(dict.fromkeys((*NETWORKS, *adapters()))),
        "pillar": tuple(pillar.name for pillar in strategy.pillars) if strategy else None,
        "audience": tuple(audience.name for audience in strategy.audiences) if strategy else None,
        "person": people,
        "person or role": None if people is None else (*people, *(str(role) for role in Role)),
        "language": content.workspace.settings.languages or LANGUAGES,
    }


def json_schema(entity: Entity, content: Content) -> Node:
    """Return the schema of one kind of file in this workspace, as data for JSON."""
    return workspace_schema(entity.model, names_of(content), f"{entity.title}: {entity.place}")


def handles_schema(content: Content) -> Node:
    """Return the schema of `brand/handles.yml`: the one file whose keys are all its own, so that no model has them."""
    networks = {
        name: {"type": PLAIN, "examples": [naming(name).example]} for name in names_of(content)["network"] or ()
    }
    shown = {"type": PLAIN, "description": "What is shown where a network has no handle of theirs."}
    entry = {"type": "object", "properties": {"name": shown, **networks}, "additionalProperties": False}
    return {"$schema": DRAFT, "title": "Handles: brand/handles.yml", "type": "object", "additionalProperties": entry}


def workspace_schema(model: type[BaseModel], names: Mapping[str, Collection[str] | None], title: str) -> Node:
    """Return the schema of a model; *names* are what its references may be."""
    made = model.model_json_schema(schema_generator=_Generator, ref_template="#/definitions/{model}")
    definitions = made.pop("$defs", {})
    whole = {"$schema": DRAFT, "title": title, **_tidy(made)}
    kept = {name: _tidy(definition) for name, definition in sorted(definitions.items())}
    for name, node in ((model.__name__, whole), *kept.items()):
        for field, property_ in node.get("properties", {}).items():
            reference = _REFERENCES.get(f"{name}.{field}", "")
            choices = names.get(reference)
            if choices is not None:
                node["properties"][field] = _chosen(property_, tuple(choices), closed=reference != "language")
    return {**whole, "definitions": kept} if kept else whole


class _Generator(GenerateJsonSchema):
    """pydantic's generator, which also asks each reader of a short form what it lets people write."""

    def function_before_schema(self, schema: Any) -> Node:
        inner = self.generate_inner(schema["schema"])
        short = _short_forms(schema["function"]["function"], inner)
        return {"anyOf": [*short, inner]} if short else inner


def _short_forms(read: Callable[..., Any], inner: Node) -> list[Node]:
    """Return what a reader takes beside the whole form: found by giving it each, so that it cannot be forgotten."""
    forms: list[Node] = []
    for probe, form in (
        ("none", {"const": "none"}),
        ("strategy", {"const": "strategy"}),
        ("3", {"type": "integer", "minimum": 0}),
        ("word", {"type": PLAIN}),
        (["word"], {"type": "array", "items": {"type": PLAIN}}),
    ):
        try:
            read_as = read(copy.copy(probe))
        except Exception:  # noqa: S112 - whatever it says, it does not take this
            continue
        if read_as is probe or read_as == probe:
            continue
        if isinstance(read_as, list):
            items = inner.get("items", {})
            return [*items["anyOf"]] if "anyOf" in items else [items]
        forms.append(form)
    if {"type": PLAIN} in forms:
        return [form for form in forms if form.get("type") in (PLAIN, "array")]
    return forms


def _tidy(node: Any) -> Any:
    """Say it as draft 7 does, leave out what says nothing, and let plain texts be what YAML makes of them."""
    if isinstance(node, list):
        return [_tidy(item) for item in node]
    if not isinstance(node, dict):
        return node
    tidy: Node = {}
    for key, value in node.items():
        if key == "title" or (key == "default" and (value in (None, "", [], {}) or _is_length(node))):
            continue
        if key in ("properties", "$defs"):
            tidy[key] = {name: _tidy(item) for name, item in value.items()}
        elif key in ("enum", "default", "examples", "const"):
            tidy[key] = value
        else:
            tidy[str(_DRAFT_7.get(key, key))] = _tidy(value)
    if "prefixItems" in node:
        tidy["additionalItems"] = False
    if tidy.get("type") == "string" and not {"pattern", "enum", "const", "format", "examples"} & set(tidy):
        tidy["type"] = PLAIN
    examples = tidy.get("examples") or [""]
    if examples[0] == "2026-12-01 09:30":
        tidy["pattern"] = INSTANT
    if tidy.get("format") == "date":
        tidy["pattern"] = r"^\d{4}-\d{2}-\d{2}$"  # a format alone binds nobody
    if "$ref" in tidy and len(tidy) > 1:
        # Draft 7 reads nothing beside a reference.
        reference = {"$ref": tidy.pop("$ref")}
        tidy = {**tidy, "allOf": [reference]}
    return tidy


def _is_length(node: Node) -> bool:
    return str(node.get("pattern", "")).endswith("[smhdw]$")


def _chosen(node: Node, choices: tuple[str, ...], *, closed: bool) -> Node:
    """Return a field with what may be chosen: its value, the items of its list, or the keys of its mapping."""
    if "anyOf" in node:
        return {**node, "anyOf": [_chosen(item, choices, closed=closed) for item in node["anyOf"]]}
    if node.get("type") == "array":
        return {**node, "items": _chosen(node.get("items", {}), choices, closed=closed)}
    if node.get("type") == "object":
        value = node.get("additionalProperties", True)
        return {**node, "properties": dict.fromkeys(choices, value), "additionalProperties": not closed}
    if not closed:
        others = {key: value for key, value in node.items() if key != "description"}
        said = {key: value for key, value in node.items() if key == "description"}
        return {**said, "anyOf": [{"enum": list(choices)}, others]}
    said = {key: value for key, value in node.items() if key in ("description", "default")}
    return {**said, "enum": list(choices)} if choices else {**said, "enum": [""]}
