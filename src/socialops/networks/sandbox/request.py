"""What a client asks and what it is answered: paths, queries, forms, JSON and uploaded files.

Written for hostile input all the same: a form nested too deep, a broken multipart body or a lone surrogate is answered
with an error of the API that was asked, never with a traceback.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

MAXIMUM_BODY = 20 * 1024 * 1024
"""Bytes of a request's body."""
_MOST_FIELDS = 200
_KEY = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\]){0,4})")
_BOUNDARY = re.compile(r'boundary=(?:"([^"]{1,200})"|([^\s;,"]{1,200}))', re.IGNORECASE)
_DISPOSITION = re.compile(r'(\w+\*?)=(?:"((?:[^"\\]|\\.)*)"|([^\s;]+))')


class Refusal(Exception):
    """A request that is answered with an error; *body* is what that API calls one."""

    def __init__(self, status: int, body: Mapping[str, object], headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status)
        self.status = status
        self.body = body
        self.headers = dict(headers or {})


class Unreadable(ValueError):
    """A body or query that means nothing; each API words this in its own way."""


@dataclass(frozen=True, slots=True)
class File:
    """One uploaded file; *mime* is what the client says, which nobody believes."""

    name: str
    mime: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Request:
    """One request, whole: header names are lower case, *query* keeps its order."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = field(default=b"", repr=False)

    @property
    def token(self) -> str | None:
        """Return the bearer token; None when there is none."""
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        return token.strip() or None if scheme.casefold() == "bearer" else None

    @property
    def mime(self) -> str:
        """Return the body's MIME type without its parameters, in lower case."""
        return self.headers.get("content-type", "").partition(";")[0].strip().casefold()

    def argument(self, name: str, default: str = "") -> str:
        """Return the last value of a query argument."""
        return next((value for key, value in reversed(self.query) if key == name), default)

    def arguments(self, *names: str) -> list[str]:
        """Return all values of a query argument that may be repeated, under any of its *names*."""
        return [value for key, value in self.query if key in names]

    def number(self, name: str, default: int, most: int) -> int:
        """Return a query argument that is a count, from 1 to *most*."""
        text = self.argument(name)
        return max(1, min(most, int(text))) if re.fullmatch(r"[0-9]{1,9}", text) else default

    def json(self) -> Any:
        """Return the body as JSON; raises Unreadable."""
        try:
            value = json.loads(self.body.decode("utf-8"), parse_constant=_no_constant)
            # A lone surrogate written as \ud800 is text that can neither be stored nor sent.
            json.dumps(value, ensure_ascii=False).encode("utf-8")
        except (ValueError, RecursionError) as error:
            raise Unreadable("The body is not valid JSON.") from error
        return value

    def parameters(self) -> dict[str, Any]:
        """Return the body's fields as Rails reads them, whether it is JSON, a form or multipart; raises Unreadable."""
        if self.mime == "application/json":
            value = self.json() if self.body else {}
            if not isinstance(value, dict):
                raise Unreadable("The body is not a JSON object.")
            return value
        if self.mime == "multipart/form-data":
            return nested(multipart(self.headers.get("content-type", ""), self.body))
        if not self.body:
            return {}
        try:
            fields = parse_qsl(
                self.body.decode("utf-8"), keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS
            )
        except ValueError as error:
            raise Unreadable("The form cannot be read.") from error
        return nested(fields)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a client gets back."""

    status: int
    body: bytes = field(repr=False)
    mime: str = "application/json; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)


def answer(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    """Make an answer of JSON."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return Answer(status, text.encode("utf-8"), headers=dict(headers or {}))


def _no_constant(name: str) -> object:
    raise ValueError(name)


def nested(fields: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make `media_ids[]` a list and `poll[options][]` a list in a mapping, as Rails does; raises Unreadable."""
    found: dict[str, Any] = {}
    for name, value in fields:
        match = _KEY.fullmatch(name)
        if match is None:
            raise Unreadable(f"The field name {name[:40]!r} cannot be read.")
        place: Any = found
        keys = [match[1], *re.findall(r"\[([^\[\]]*)\]", match[2])]
        for key, following in itertools.pairwise(keys):
            fresh: Any = [] if following == "" else {}
            if not isinstance(place, dict) or type(place.setdefault(key, fresh)) is not type(fresh):
                raise Unreadable(f"The field {name[:40]!r} contradicts another one.")
            place = place[key]
        if isinstance(place, list):
            place.append(value)
        elif isinstance(place.get(keys[-1]), dict | list):
            raise Unreadable(f"The field {name[:40]!r} contradicts another one.")
        else:
            place[keys[-1]] = value
    return found


def multipart(content_type: str, body: bytes) -> list[tuple[str, Any]]:
    """Read a multipart/form-data body: (name, text or File) in order; raises Unreadable.

    RFC 7578: parts stand between `--boundary` lines, the last one ends with `--boundary--`.
    """
    found = _BOUNDARY.search(content_type)
    if found is None:
        raise Unreadable("The multipart body has no boundary.")
    mark = b"--" + (found[1] or found[2]).encode("latin-1", "replace")
    sections = (b"\r\n" + body).split(b"\r\n" + mark)
    if len(sections) < 2 or not sections[-1].startswith(b"--"):
        raise Unreadable("The multipart body is cut short.")
    if len(sections) > _MOST_FIELDS:
        raise Unreadable("The multipart body has too many parts.")
    return [_part(section) for section in sections[1:-1]]


def _part(section: bytes) -> tuple[str, Any]:
    head, gap, data = section.partition(b"\r\n\r\n")
    if not gap:
        raise Unreadable("A part of the multipart body has no header.")
    headers: dict[str, str] = {}
    for line in head.decode("utf-8", "replace").split("\r\n"):
        name, _, value = line.partition(":")
        headers[name.strip().casefold()] = value.strip()
    words = {
        key.casefold(): re.sub(r"\\(.)", r"\1", quoted) or bare
        for key, quoted, bare in _DISPOSITION.findall(headers.get("content-disposition", ""))
    }
    if "name" not in words:
        raise Unreadable("A part of the multipart body has no name.")
    if "filename" in words or "filename*" in words:
        mime = headers.get("content-type", "application/octet-stream").partition(";")[0].strip().casefold()
        return words["name"], File(words.get("filename", ""), mime, data)
    try:
        return words["name"], data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Unreadable(f"The field {words['name'][:40]!r} is not UTF-8.") from error
