"""The OpenAPI description of Mastodon's documentation, as a judge of requests: is there such a call, and does it fit?

The description is made from Mastodon's own documentation by others, and read from the folder beside the repository
where the team keeps what networks publish about themselves; where that is missing, nothing is judged.

It knows JSON bodies alone. The documentation says "form data parameters" of the same fields, and Mastodon reads both:
so a form is judged by what it means to Rails (`poll[options][]` is the list `options` of the object `poll`).
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import httpx

from networks.forms import multipart

SCHEMA = Path(__file__).parents[3] / "shared" / "vectors" / "mastodon-openapi" / "schema.json"
UNPUBLISHED = frozenset({"/api/v1/instance"})
"""Calls that are deprecated and left out of the description; asked where the newer one is missing."""
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
    return json.loads(SCHEMA.read_text("utf-8"))


def faults(request: httpx.Request) -> list[str]:
    """Return what the description does not know about a request; an empty list when it is as it should be."""
    path, method = request.url.path, request.method
    if path in UNPUBLISHED:
        return []
    fitting = [(shape, said[method.lower()]) for shape, said in _shapes(path) if method.lower() in said]
    if not fitting:
        return [f"there is no {method} {path}"]
    # Of two that fit, the one with more words of its own: `/media/{id}` after `/media/thing`.
    _, call = min(fitting, key=lambda pair: pair[0].count("{"))
    return [*_token(call, request), *_query(call, request), *_body(call, request)]


def _shapes(path: str) -> Iterator[tuple[str, Any]]:
    for shape, said in description()["paths"].items():
        if re.fullmatch(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(shape)), path):
            yield shape, said


def _token(call: Mapping[str, Any], request: httpx.Request) -> Iterator[str]:
    if call.get("security") and not request.headers.get("authorization", "").startswith("Bearer "):
        yield "a token is needed"
    if "access_token" in dict(request.url.params):
        yield "a token may not stand in the address"


def _query(call: Mapping[str, Any], request: httpx.Request) -> Iterator[str]:
    known = {parameter["name"]: parameter for parameter in call.get("parameters", ()) if parameter["in"] == "query"}
    asked = rails(parse_qsl(request.url.query.decode(), keep_blank_values=True))
    for name, value in asked.items():
        if name not in known:
            yield f"{name} is no parameter of {call['operationId']}"
            continue
        yield from unlike(value, known[name]["schema"], name, written=True)
    for name, parameter in known.items():
        if parameter.get("required") and name not in asked:
            yield f"the query lacks {name}"


def _body(call: Mapping[str, Any], request: httpx.Request) -> Iterator[str]:
    wanted = call.get("requestBody")
    if not wanted:
        if request.content:
            yield "there is a body where none is read"
        return
    kinds = wanted["content"]
    kind = request.headers.get("content-type", "").partition(";")[0]
    if kind == "multipart/form-data" and kind in kinds:
        parts = multipart(request)
        # What is a file is said by its format; how long it is, by nobody.
        value = {name: "…" if isinstance(part, tuple) else part for name, part in parts.items()}
        yield from unlike(value, kinds[kind]["schema"], "body", written=True)
        for name, schema in kinds[kind]["schema"]["properties"].items():
            if name in parts and (schema.get("format") == "binary") != isinstance(parts[name], tuple):
                yield f"{name} is a file, or should be one"
    elif kind == "application/x-www-form-urlencoded" and "application/json" in kinds:
        pairs = parse_qsl(request.content.decode(), keep_blank_values=True, strict_parsing=True)
        yield from unlike(rails(pairs), kinds["application/json"]["schema"], "body", written=True)
    elif kind == "application/json" and kind in kinds:
        yield from unlike(json.loads(request.content), kinds[kind]["schema"], "body")
    else:
        yield f"the body is said to be {kind or 'nothing'}"


def rails(pairs: list[tuple[str, str]]) -> dict[str, Any]:
    """Return what a form or a query means to Rails: `a[]` is a list, `a[b]` an object; every value is text."""
    read: dict[str, Any] = {}
    for name, value in pairs:
        first, *steps = re.sub(r"\]", "", name).split("[")
        place: Any = read
        for step, following in zip((first, *steps), (*steps, None), strict=True):
            if following is None:
                place[step] = value
            elif following == "":
                place.setdefault(step, []).append(value)
                break
            else:
                place = place.setdefault(step, {})
    return read


def unlike(value: Any, schema: Mapping[str, Any], at: str, *, written: bool = False) -> Iterator[str]:
    """Tell how *value* differs from a schema; *written*: every number and truth value is still text."""
    schema = flattened(schema)
    if "oneOf" in schema:
        tries = [list(unlike(value, one, at, written=written)) for one in schema["oneOf"]]
        if all(tries):
            yield from min(tries, key=len)
        return
    kind = schema.get("type")
    if written and isinstance(value, str):
        value = _read(value, kind)
    if isinstance(kind, str) and (
        not isinstance(value, _TYPES[kind]) or (kind == "integer" and isinstance(value, bool))
    ):
        yield f"{at} is no {kind}"
    elif "enum" in schema and value not in schema["enum"]:
        yield f"{at} is none of {schema['enum']}"
    elif isinstance(value, dict):
        properties = schema.get("properties", {})
        yield from (f"{at} lacks {name}" for name in schema.get("required", ()) if name not in value)
        for name, one in value.items():
            if name not in properties:
                yield f"{at} has a {name}, of which nothing is known"
            else:
                yield from unlike(one, properties[name], f"{at}.{name}", written=written)
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from unlike(item, schema.get("items", {}), f"{at}[{number}]", written=written)


def flattened(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Follow a reference, and make one schema of all that must hold together."""
    while "$ref" in schema:
        node = description()
        for step in schema["$ref"].removeprefix("#/").split("/"):
            node = node[step]
        schema = node
    if "allOf" not in schema:
        return schema
    pieces = [flattened(piece) for piece in schema["allOf"]]
    return {
        "type": "object",
        "required": [name for piece in pieces for name in piece.get("required", ())],
        "properties": {name: one for piece in pieces for name, one in piece.get("properties", {}).items()},
    }


def _read(text: str, kind: object) -> Any:
    if kind == "integer" and re.fullmatch(r"-?\d+", text):
        return int(text)
    return {"true": True, "false": False}.get(text, text) if kind == "boolean" else text
