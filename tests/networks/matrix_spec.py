"""The Matrix specification's own OpenAPI files, as a judge of requests: is there such a call, and is this how it looks?

The files are read from the folder beside the repository where the team keeps what networks publish about themselves;
where that is missing, nothing is judged.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote

import httpx
import yaml

VECTORS = Path(__file__).parents[3] / "shared" / "vectors" / "matrix"
UNPUBLISHED = frozenset({"/_matrix/client/v3/account/whoami"})
"""Calls whose file is not among those: written after the text of the specification alone."""


@dataclass(frozen=True)
class Call:
    """One call of the API: its method, the shape of its path, and what its file says of it."""

    method: str
    pattern: re.Pattern[str]
    names: tuple[str, ...]
    said: Mapping[str, Any]
    file: Path


@functools.cache
def _document(file: Path) -> Any:
    return yaml.load(file.read_text("utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def _followed(node: Any, file: Path) -> tuple[Any, Path]:
    """Follow a `$ref` to what it names, in this file or another."""
    while isinstance(node, Mapping) and "$ref" in node:
        target, _, pointer = str(node["$ref"]).partition("#")
        file = (file.parent / target).resolve() if target else file
        node = _document(file)
        for step in pointer.strip("/").split("/") if pointer else ():
            node = node[step.replace("~1", "/")]
    return node, file


@functools.cache
def calls() -> tuple[Call, ...]:
    """Read every call of the client-server API."""
    return tuple(_calls(VECTORS / "client-server"))


def _calls(place: Path) -> Iterator[Call]:
    for file in sorted(place.glob("*.yaml")):
        document = _document(file)
        for server in document["servers"]:
            base = server["variables"]["basePath"]["default"]
            for path, methods in document["paths"].items():
                names = tuple(re.findall(r"\{(\w+)\}", path))
                shape = re.sub(r"\\\{\w+\\\}", "([^/]*)", re.escape(base + path))
                for method, said in methods.items():
                    yield Call(method.upper(), re.compile(shape), names, said, file)


def faults(request: httpx.Request) -> list[str]:
    """Return what the specification does not know about a request; an empty list when it is as it should be."""
    path = request.url.raw_path.decode().partition("?")[0]
    if path in UNPUBLISHED:
        return []
    fitting = [
        (call, found)
        for call in calls()
        if call.method == request.method and (found := call.pattern.fullmatch(path)) is not None
    ]
    if not fitting:
        return [f"there is no {request.method} {path}"]
    # Of two that fit, the one with more words of its own: `/event/{eventId}` before `/{anything}/{eventId}`.
    call, found = min(fitting, key=lambda pair: len(pair[0].names))
    values = {name: unquote(value) for name, value in zip(call.names, found.groups(), strict=True)}
    return [*_parameters(call, values, request), *_body(call, request), *_token(call, request)]


def _token(call: Call, request: httpx.Request) -> Iterator[str]:
    if call.said.get("security") and not request.headers.get("authorization", "").startswith("Bearer "):
        yield "a token is needed"
    if "access_token" in dict(request.url.params):
        yield "a token may not stand in the address"


def _parameters(call: Call, values: Mapping[str, str], request: httpx.Request) -> Iterator[str]:
    known = [_followed(parameter, call.file) for parameter in call.said.get("parameters", ())]
    asked = dict(parse_qsl(request.url.query.decode(), keep_blank_values=True))
    for name in asked.keys() - {parameter["name"] for parameter, _ in known if parameter["in"] == "query"}:
        yield f"{name} is no parameter of {call.said['operationId']}"
    for parameter, file in known:
        name = parameter["name"]
        found = {"path": values, "query": asked, "header": request.headers}[parameter["in"]].get(name)
        if found is None:
            if parameter.get("required"):
                yield f"the {parameter['in']} lacks {name}"
            continue
        value: Any = found
        schema, _ = _followed(parameter["schema"], file)
        if schema.get("type") == "integer":
            value = int(found) if re.fullmatch(r"-?\d+", found) else found
        elif schema.get("type") == "boolean":
            value = {"true": True, "false": False}.get(found, found)
        yield from unlike(value, schema, file, name)


def _body(call: Call, request: httpx.Request) -> Iterator[str]:
    wanted, file = _followed(call.said.get("requestBody"), call.file)
    if not wanted:
        if request.content:
            yield "there is a body where none is read"
        return
    kinds = wanted["content"]
    kind = request.headers.get("content-type", "").partition(";")[0]
    if wanted.get("required") and not request.content:
        yield "the body is missing"
    if "application/json" not in kinds:
        return
    if kind != "application/json":
        yield f"the body is said to be {kind or 'nothing'}"
    try:
        value = json.loads(request.content)
    except ValueError:
        yield "the body is no JSON"
        return
    yield from unlike(value, kinds["application/json"]["schema"], file, "body")


_TYPES: Mapping[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "boolean": (bool,),
    "number": (int, float),
}


def unlike(value: Any, schema: Any, file: Path, at: str) -> Iterator[str]:
    """Tell how *value* differs from a JSON schema (of which these files use little)."""
    schema, file = _followed(schema, file)
    for one in schema.get("allOf", ()):
        yield from unlike(value, one, file, at)
    kind = schema.get("type")
    if isinstance(kind, str) and (
        not isinstance(value, _TYPES[kind]) or (kind == "integer" and isinstance(value, bool))
    ):
        yield f"{at} is no {kind}"
        return
    if "enum" in schema and value not in schema["enum"]:
        yield f"{at} is none of {schema['enum']}"
    if isinstance(value, str) and "pattern" in schema and not re.search(schema["pattern"], value):
        yield f"{at} does not look like {schema['pattern']}"
    if isinstance(value, dict):
        for name in schema.get("required", ()):
            if name not in value:
                yield f"{at} lacks {name}"
        for name, one in schema.get("properties", {}).items():
            if name in value:
                yield from unlike(value[name], one, file, f"{at}.{name}")
    if isinstance(value, list) and "items" in schema:
        for number, item in enumerate(value):
            yield from unlike(item, schema["items"], file, f"{at}[{number}]")


def message_faults(event: Mapping[str, Any]) -> list[str]:
    """Return how a message differs from the schema of its `msgtype`."""
    kind = event.get("content", {}).get("msgtype")
    file = VECTORS / "event-schemas" / "schema" / f"m.room.message${kind}.yaml"
    if not file.is_file():
        return [f"there are no messages of the type {kind}"]
    return list(unlike(dict(event), {"$ref": file.name}, file, "event"))
