"""GitHub's own description of its API as a judge of what is asked and answered, and as a maker of answers.

Only as much of OpenAPI 3.0 as the excerpt uses (tests/vectors/github).
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx

FILE = Path(__file__).parent.parent / "vectors" / "github" / "openapi.json"
_TYPES: Mapping[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "boolean": (bool,),
    "number": (int, float),
}


@functools.cache
def description() -> Any:
    return json.loads(FILE.read_text("utf-8"))


def resolved(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    while "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        schema = description()["components"]["schemas"][name]
    return schema


def operation(method: str, path: str) -> tuple[str, Mapping[str, Any], Mapping[str, str]] | None:
    """Return the call that a request is: its shape, what is said of it, and the pieces of its path."""
    found = []
    for shape, calls in description()["paths"].items():
        pattern = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(shape))
        match = re.fullmatch(pattern, path)
        if match and method.lower() in calls:
            found.append((shape, calls[method.lower()], match.groupdict()))
    return min(found, key=lambda one: one[0].count("{")) if found else None


def request_faults(request: httpx.Request, path: str) -> Iterator[str]:
    """Tell what GitHub's description does not know about a request."""
    found = operation(request.method, path)
    if found is None:
        yield f"there is no {request.method} {path}"
        return
    _, call, _ = found
    known = {parameter["name"]: parameter["schema"] for parameter in call["parameters"] if parameter["in"] == "query"}
    for name, value in request.url.params.multi_items():
        if name not in known:
            yield f"{name} is no parameter of {call['operationId']}"
            continue
        schema = resolved(known[name])
        typed: Any = int(value) if schema.get("type") == "integer" and value.isdigit() else value
        typed = {"true": True, "false": False}.get(value, value) if schema.get("type") == "boolean" else typed
        yield from unlike(typed, schema, name)
    wanted = call.get("requestBody")
    if wanted is None:
        if request.content:
            yield "there is a body where none is read"
        return
    schema = resolved(wanted["content"]["application/json"]["schema"])
    body = json.loads(request.content)
    yield from unlike(body, schema, "body")
    yield from (f"body.{name} is unknown" for name in body if name not in schema.get("properties", {}))


def answer_faults(method: str, path: str, status: int, body: Any) -> Iterator[str]:
    """Tell how an answer differs from what GitHub says it answers."""
    found = operation(method, path)
    assert found is not None
    responses = found[1]["responses"]
    if status >= 300:
        return
    if str(status) not in responses:
        yield f"{found[1]['operationId']} never answers {status}"
    elif content := responses[str(status)].get("content"):
        yield from unlike(body, content["application/json"]["schema"], "answer")


def unlike(value: Any, schema: Mapping[str, Any], at: str) -> Iterator[str]:
    """Tell how *value* differs from a schema."""
    schema = resolved(schema)
    if value is None and schema.get("nullable"):
        return
    for part in schema.get("allOf", ()):
        yield from unlike(value, part, at)
    for choice in ("oneOf", "anyOf"):
        tries = [list(unlike(value, one, at)) for one in schema.get(choice, ())]
        if tries and all(tries):
            yield from min(tries, key=len)
    kind = schema.get("type")
    if isinstance(kind, str) and (
        not isinstance(value, _TYPES[kind]) or (kind in {"integer", "number"} and isinstance(value, bool))
    ):
        yield f"{at} is no {kind}"
    elif "enum" in schema and value not in schema["enum"]:
        yield f"{at} is none of {schema['enum']}"
    elif isinstance(value, dict):
        yield from (f"{at} lacks {name}" for name in schema.get("required", ()) if name not in value)
        for name, inner in schema.get("properties", {}).items():
            if name in value:
                yield from unlike(value[name], inner, f"{at}.{name}")
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from unlike(item, schema.get("items", {}), f"{at}[{number}]")


def sample(schema: Mapping[str, Any] | str) -> Any:
    """Return the smallest value that fits a schema (by its name, or itself)."""
    schema = resolved({"$ref": schema} if isinstance(schema, str) else schema)
    if schema.get("nullable"):
        return None
    if "enum" in schema:
        return schema["enum"][0]
    if "allOf" in schema:
        merged: dict[str, Any] = {}
        for part in schema["allOf"]:
            merged |= sample(part)
        return merged
    for choice in ("oneOf", "anyOf"):
        if choice in schema:
            return sample(schema[choice][0])
    kind = schema.get("type")
    if kind == "object" or "properties" in schema:
        return {name: sample(schema["properties"].get(name, {})) for name in schema.get("required", ())}
    if kind == "string":
        return {"date-time": "2026-12-01T06:00:00Z", "uri": "https://github.example/x"}.get(
            schema.get("format", ""), "x"
        )
    return {"array": [], "integer": schema.get("minimum", 0), "number": 0, "boolean": False}.get(str(kind), "x")
