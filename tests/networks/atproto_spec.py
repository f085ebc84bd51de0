"""The AT Protocol's own lexicons, as a judge of requests: is there such a method, and is this how it looks?

The lexicons are read from the folder beside the repository where the team keeps what networks publish of themselves;
where that is missing, nothing is judged. Lexicons let records hold more than they name; we mean to send nothing more,
so here that is a fault. So is a facet that does not lie in its text, which a server takes.

The formats (handles, DIDs, …) are those of the specification; test_atproto_spec.py holds them against its own examples.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx

from socialops.content.text import graphemes, utf8_length

LEXICONS = Path(__file__).parents[3] / "shared" / "vectors" / "atproto-lexicons"

_LABEL = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
_HANDLE = rf"(?=.{{1,253}}\Z)(?:{_LABEL}\.)+[a-zA-Z](?:[a-zA-Z0-9-]{{0,61}}[a-zA-Z0-9])?"
_DID = r"(?=.{1,2048}\Z)did:[a-z]+:[a-zA-Z0-9._:%-]*[a-zA-Z0-9._-]"
_NSID = rf"(?=.{{1,317}}\Z)[a-zA-Z](?:[a-zA-Z0-9-]{{0,61}}[a-zA-Z0-9])?(?:\.{_LABEL})+\.[a-zA-Z][a-zA-Z0-9]{{0,62}}"
_KEY = r"(?!\.{1,2}\Z)[a-zA-Z0-9_~.:-]{1,512}"
_TIME = (
    r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)"
    r"(?:\.\d{1,20})?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)"
)
FORMATS: Mapping[str, str] = {
    "handle": _HANDLE,
    "did": _DID,
    "at-identifier": rf"(?:{_DID}|{_HANDLE})",
    "nsid": _NSID,
    "record-key": _KEY,
    "tid": r"[234567abcdefghij][234567abcdefghijklmnopqrstuvwxyz]{12}",
    "datetime": rf"(?!.*-00:00\Z)(?=.{{1,64}}\Z){_TIME}",
    "cid": r"(?!Qmb)[a-zA-Z0-9+=]{8,256}",
    "language": r"(?:[ixX]|[a-z]{2,3})(?:-[a-zA-Z0-9]+)*",
    "uri": r"(?=.{1,8192}\Z)[a-z][a-z.+-]{0,80}:[\x21-\x7e\u00a1-\U0010ffff]+",
}


def is_a(what: str, text: str) -> bool:
    """Tell whether a text has the form that the specification gives to a handle, a DID, an at-uri, …"""
    if what == "at-uri":
        found = re.fullmatch(r"at://([^/]+)(?:/([^/]+)(?:/([^/]+))?)?", text, re.ASCII)
        if not found or len(text) > 8192:
            return False
        forms = ("at-identifier", "nsid", "record-key")
        return all(is_a(form, group) for form, group in zip(forms, found.groups(), strict=True) if group is not None)
    return re.fullmatch(FORMATS[what], text, re.ASCII) is not None


@functools.cache
def lexicon(name: str) -> Any:
    return json.loads((LEXICONS / Path(*name.split("."))).with_suffix(".json").read_text("utf-8"))


def definition(reference: str, at_home: str) -> tuple[Mapping[str, Any], str]:
    """Return what a reference (`#main`, `app.bsky.embed.images#image`) names, and the lexicon it is in."""
    name, _, part = reference.partition("#")
    name = name or at_home
    return lexicon(name)["defs"][part or "main"], name


def faults(request: httpx.Request) -> list[str]:
    """Return what the lexicons do not know about a request; an empty list when it is as it should be."""
    name = request.url.path.removeprefix("/xrpc/")
    if not (LEXICONS / Path(*name.split("."))).with_suffix(".json").is_file():
        return [f"there is no method {name}"]
    call, home = definition(name, name)
    if request.method != {"query": "GET", "procedure": "POST"}[call["type"]]:
        return [f"{name} is no {request.method}"]
    return [*_parameters(call, home, request), *_input(call, home, request), *_token(name, request)]


def _token(name: str, request: httpx.Request) -> Iterator[str]:
    if name != "com.atproto.server.createSession" and "authorization" not in request.headers:
        yield f"{name} is asked without a token"


def _parameters(call: Mapping[str, Any], home: str, request: httpx.Request) -> Iterator[str]:
    schema = call.get("parameters", {"type": "params"})
    asked: dict[str, Any] = {}
    for key in request.url.params:
        kind = schema.get("properties", {}).get(key, {}).get("type")
        values: list[Any] = request.url.params.get_list(key)
        if kind == "integer":
            values = [int(value) if re.fullmatch(r"-?\d+", value) else value for value in values]
        asked[key] = values if kind == "array" else values[0]
    yield from unlike(asked, {**schema, "type": "object"}, home, "query")


def _input(call: Mapping[str, Any], home: str, request: httpx.Request) -> Iterator[str]:
    wanted = call.get("input")
    kind = request.headers.get("content-type", "")
    if wanted is None:
        if request.content:
            yield "there is a body where none is read"
    elif wanted["encoding"] == "*/*":
        if not re.fullmatch(r"[a-z]+/[a-z0-9.+-]+", kind) or not request.content:
            yield f"a blob is said to be {kind or 'nothing'}"
    elif kind != wanted["encoding"]:
        yield f"the body is said to be {kind or 'nothing'}"
    else:
        body = json.loads(request.content)
        yield from unlike(body, wanted["schema"], home, "body")
        if "record" in body:
            yield from record_faults(body["record"], body.get("collection", ""), body.get("rkey", ""))


def record_faults(record: Mapping[str, Any], collection: str, key: str) -> Iterator[str]:
    """Tell how a record differs from the lexicon of its collection, and what a server would not notice."""
    known, home = definition(collection, collection)
    if known["type"] != "record" or record.get("$type") != collection:
        yield f"a record of {collection} says that it is {record.get('$type')}"
    if key and not is_a(known["key"] if known["key"] in FORMATS else "record-key", key):
        yield f"{key} is no {known['key']}"
    yield from unlike(record, known["record"], home, "record")
    length, done = utf8_length(record.get("text", "")), 0
    for number, facet in enumerate(record.get("facets", ())):
        begin, end = (facet["index"].get(name, -1) for name in ("byteStart", "byteEnd"))
        if not done <= begin < end <= length:
            yield f"facet {number} ({begin} to {end}) does not lie in the text, or on the one before"
        done = end


def unlike(value: Any, schema: Mapping[str, Any], home: str, at: str) -> Iterator[str]:
    """Tell how *value* differs from a type of a lexicon; *home* is the lexicon whose own names it may use."""
    kind = schema["type"]
    if kind == "ref":
        target, home = definition(schema["ref"], home)
        yield from unlike(value, target, home, at)
    elif kind == "union":
        named = value.get("$type") if isinstance(value, dict) else None
        options = {_full(reference, home) for reference in schema["refs"]}
        if named not in options:
            yield f"{at} is {named}, not one of {', '.join(sorted(options))}"
        else:
            target, place = definition(str(named), home)
            yield from unlike(value, target, place, at)
    elif kind in _JUDGES:
        yield from _JUDGES[kind](value, schema, home, at)


def _full(reference: str, home: str) -> str:
    return (f"{home}{reference}" if reference.startswith("#") else reference).removesuffix("#main")


def _object(value: Any, schema: Mapping[str, Any], home: str, at: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{at} is no object"
        return
    properties = schema.get("properties", {})
    yield from (f"{at} lacks {name}" for name in schema.get("required", ()) if name not in value)
    for name, one in value.items():
        if name in properties:
            if one is not None or name not in schema.get("nullable", ()):
                yield from unlike(one, properties[name], home, f"{at}.{name}")
        elif name != "$type":
            yield f"{at} has a {name}, of which nothing is known"


def _array(value: Any, schema: Mapping[str, Any], home: str, at: str) -> Iterator[str]:
    if not isinstance(value, list):
        yield f"{at} is no list"
        return
    if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)):
        yield f"{at} has {len(value)} items"
    for number, item in enumerate(value):
        yield from unlike(item, schema["items"], home, f"{at}[{number}]")


def _string(value: Any, schema: Mapping[str, Any], _home: str, at: str) -> Iterator[str]:
    if not isinstance(value, str):
        yield f"{at} is no text"
        return
    if utf8_length(value) > schema.get("maxLength", utf8_length(value)):
        yield f"{at} has {utf8_length(value)} bytes"
    if "maxGraphemes" in schema and graphemes(value) > schema["maxGraphemes"]:
        yield f"{at} has {graphemes(value)} graphemes"
    if "enum" in schema and value not in schema["enum"]:
        yield f"{at} is none of {schema['enum']}"
    if "format" in schema and not is_a(schema["format"], value):
        yield f"{at} ({value}) is no {schema['format']}"
    if schema.get("format") == "datetime":
        datetime.fromisoformat(value)


def _integer(value: Any, schema: Mapping[str, Any], _home: str, at: str) -> Iterator[str]:
    if not isinstance(value, int) or isinstance(value, bool):
        yield f"{at} is no integer"
    elif not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        yield f"{at} is {value}"


def _boolean(value: Any, _schema: Mapping[str, Any], _home: str, at: str) -> Iterator[str]:
    if not isinstance(value, bool):
        yield f"{at} is no boolean"


def _blob(value: Any, schema: Mapping[str, Any], _home: str, at: str) -> Iterator[str]:
    if not isinstance(value, dict) or value.get("$type") != "blob" or set(value) != _BLOB:
        yield f"{at} is no blob"
        return
    if not is_a("cid", value["ref"].get("$link", "")):
        yield f"{at} names no CID"
    mime = value["mimeType"]
    if not any(re.fullmatch(re.escape(kind).replace(r"\*", ".+"), mime) for kind in schema.get("accept", ["*/*"])):
        yield f"{at} is {mime}"
    if value["size"] > schema.get("maxSize", value["size"]):
        yield f"{at} has {value['size']} bytes"


_BLOB = {"$type", "ref", "mimeType", "size"}
_JUDGES: Mapping[str, Callable[[Any, Mapping[str, Any], str, str], Iterator[str]]] = {
    "object": _object,
    "array": _array,
    "string": _string,
    "integer": _integer,
    "boolean": _boolean,
    "blob": _blob,
}
