"""What is wrong with a header, and what to do: pydantic's findings in the words of the team, each with its place."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any, get_args

from socialops.problem import Problem, error, nearest

if TYPE_CHECKING:
    from pydantic import BaseModel, ValidationError

    from socialops.content.frontmatter import Header

MEANT: Mapping[str, str] = {
    "publish_at": "date",
    "publishat": "date",
    "publishdate": "date",
    "publish_date": "date",
    "published_at": "date",
    "scheduled": "date",
    "schedule": "date",
    "scheduled_at": "date",
    "scheduled_for": "date",
    "when": "date",
    "time": "date",
    "datetime": "date",
    "day": "date",
    "tarih": "date",
    "networks": "channels",
    "network": "channels",
    "platforms": "channels",
    "platform": "channels",
    "accounts": "channels",
    "account": "channels",
    "channel": "channels",
    "hashtags": "tags",
    "hashtag": "tags",
    "keywords": "tags",
    "tag": "tags",
    "image": "media",
    "images": "media",
    "picture": "media",
    "pictures": "media",
    "photo": "media",
    "photos": "media",
    "video": "media",
    "videos": "media",
    "attachments": "media",
    "language": "lang",
    "locale": "lang",
    "author": "authors",
    "approved_by": "approver",
    "approvers": "approver",
    "reviewer": "approver",
    "reviewed_by": "approver",
    "by": "authors",
    "url": "link",
    "href": "link",
    "links": "link",
    "type": "kind",
    "format": "kind",
    "cw": "content_warning",
    "spoiler": "content_warning",
    "spoiler_text": "content_warning",
    "sensitive": "content_warning",
    "warning": "content_warning",
    "privacy": "visibility",
    "expirydate": "expires",
    "expiry": "expires",
    "expires_at": "expires",
    "unpublish_at": "expires",
    "published": "draft",
    "status": "draft",
    "brief": "description",
    "summary": "description",
    "notes": "description",
    "category": "categories",
    "slug": "id",
    "name": "title",
    "subject": "title",
    "theme": "pillar",
    "topic": "pillar",
    "target": "audience",
    "extra": "params",
    "meta": "params",
    "custom": "params",
    "body": "text",
    "content": "text",
    "caption": "text",
    "message": "text",
    "src": "file",
    "path": "file",
    "filename": "file",
    "alt_text": "alt",
    "alttext": "alt",
    "alternative": "alt",
    "answers": "options",
    "choices": "options",
    "length": "duration",
    "expires_in": "duration",
    "timezone": "zone",
    "time_zone": "zone",
    "tz": "zone",
    "server": "host",
    "instance": "host",
    "username": "handle",
    "user": "handle",
    "begin": "start",
    "starts": "start",
    "from": "start",
    "ends": "end",
    "to": "end",
    "deadline": "end",
    "recurrence": "recur",
    "recurring": "recur",
    "recurs": "recur",
    "evergreen": "recur",
    "rrule": "recur",
    "frequency": "every",
    "interval": "every",
    "weekdays": "on",
    "texts": "variants",
    "alternatives": "variants",
    "split": "thread",
    "splitting": "thread",
    "threaded": "thread",
    "spend": "budget",
    "monthly": "month",
    "reason": "why",
    "avoid": "words",
    "forbid": "words",
    "because": "reason",
    "max": "most",
    "maximum": "most",
    "at_most": "most",
    "min": "least",
    "minimum": "least",
    "at_least": "least",
    "allow": "allowed",
    "only": "allowed",
    "deny": "forbidden",
    "banned": "forbidden",
    "never": "forbidden",
    "always": "required",
    "own": "ours",
    "regex": "pattern",
    "replace": "say",
    "instead": "say",
    "suggestion": "say",
    "except": "unless",
    "disclose": "disclosure",
    "alt_texts": "alt_text",
    "languages": "lang",
    "waiver": "waive",
    "waivers": "waive",
    "exceptions": "waive",
    "sponsored": "paid",
    "advertisement": "paid",
    "github": "forge",
    "gitlab": "forge",
    "responsible": "owner",
    "lead": "owner",
    "kpi": "metric",
    "measure": "metric",
    "feasible": "achievable",
    "sum": "amount",
    "cost": "amount",
}
"""What other tools, and people, call our fields. Preferred to likeness: `scheduled` is nothing like `date`."""

_CALLED = {
    "string_type": ("one text", "one text"),
    "tuple_type": ("a list", "a list: [first, second]"),
    "list_type": ("a list", "a list: [first, second]"),
    "dict_type": ("a mapping of names to values", "lines of `name: value`, indented below it"),
    "model_type": ("a mapping of names to values", "lines of `name: value`, indented below it"),
    "model_attributes_type": ("a mapping of names to values", "lines of `name: value`, indented below it"),
}
"""What pydantic asks for → what we call it, and how it is written."""


def key_meant(key: str, known: Iterable[str]) -> str | None:
    """Return the known key that *key* was probably meant to be."""
    known = list(known)
    folded = key.strip().casefold()
    for spelling in (folded, folded.replace("-", "_"), folded.replace(" ", "_")):
        if spelling in known:
            return spelling
        if MEANT.get(spelling) in known:
            return MEANT[spelling]
    return nearest(key, known)


def explain(header: Header, file: str, model: type[BaseModel]) -> list[Problem]:
    """Say what is wrong with a header that a form did not read."""
    from pydantic import ValidationError

    try:
        model.model_validate(header.values)
    except ValidationError as fault:
        return problems_of(fault, header, file, model)
    return [error("field-type", file, (1, 1), "This header cannot be read.", "Compare it with one that works.")]


def problems_of(fault: ValidationError, header: Header, file: str, model: type[BaseModel]) -> list[Problem]:
    """Turn what pydantic found into problems with their places, in the order of the file."""
    problems = []
    for finding in fault.errors(include_url=False):
        problems += _problems(
            finding["type"], finding["loc"], finding["input"], finding.get("ctx", {}), header, file, model
        )
    return sorted(set(problems))


def there_is(choices: Collection[str]) -> str:
    """Return the hint that lists what could have been meant, when nothing is near."""
    return f"There is: {', '.join(sorted(choices)[:12])}." if choices else "None is there yet."


def _called(location: tuple[int | str, ...]) -> str:
    """Return what a person calls a place in the header: `media #1 file`, counted from 1."""
    return " ".join(f"#{step + 1}" if isinstance(step, int) else step for step in location)


def _problems(
    kind: str,
    location: tuple[int | str, ...],
    given: Any,
    context: Mapping[str, Any],
    header: Header,
    file: str,
    model: type[BaseModel],
) -> list[Problem]:
    at = place(header.positions, location)
    name = str(location[-1]) if location else ""
    field = _called(location)
    if kind == "extra_forbidden":
        unknown = _unknown_key(name, location, header, file, model)
        return [unknown, _empty(name, at, file)] if given is None else [unknown]
    if kind == "missing" and isinstance(location[-1], int):
        message = f"{_called(location[:-1])} needs two numbers: [x, y]."
        return [error("field-length", file, at, message, "Write both, or leave the line out: [0, 0] is the middle.")]
    if kind == "missing":
        return [error("field-missing", file, at, f"{name} is missing here.", f"Add `{name}: …`.")]
    if context.get("id") == "field-empty" or (given is None and kind != "socialops"):
        return [_empty(name, at, file, channel=len(location) == 2 and location[0] == "channels")]
    if kind == "socialops":
        return [error(context["id"], file, at, f"{field}: {context['message']}", context["hint"])]
    if kind in _CALLED:
        called, written = _CALLED[kind]
        hint = f"Write it as {written}."
        if isinstance(given, str) and (kind in ("tuple_type", "list_type") or field == "channels"):
            # `channels` takes a list too: the form that reads it has made a mapping of the list by now.
            called, hint = "a list", f"Write it as a list: {name}: [{given[:40]}]"
        return [error("field-type", file, at, f"{field} must be {called}.", hint)]
    if kind in ("enum", "literal_error"):
        choices = re.findall(r"'([^']*)'", str(context.get("expected", "")))
        meant = nearest(given, choices) if isinstance(given, str) else None
        hint = (f"Did you mean {meant}? " if meant else "") + f"Choose one of: {', '.join(choices)}."
        shown = repr(given[:40]) if isinstance(given, str) else "This"
        return [error("field-choice", file, at, f"{field}: {shown} is not one of the choices.", hint)]
    if kind in ("greater_than_equal", "less_than_equal", "greater_than", "less_than", "finite_number"):
        bound = context.get("ge", context.get("le", ""))
        word = "at least" if "ge" in context else "at most"
        return [error("number-range", file, at, f"{field} must be {word} {bound}.", f"Write a number {word} {bound}.")]
    if kind in ("too_short", "too_long"):
        bound = context.get("min_length", context.get("max_length"))
        word = "at least" if kind == "too_short" else "at most"
        return [
            error(
                "field-length",
                file,
                at,
                f"{field} needs {word} {bound} entries.",
                f"It has {context.get('actual_length')}.",
            )
        ]
    if kind == "string_too_short":
        return [_empty(name, at, file)]
    return [error("field-type", file, at, f"{field} cannot be read.", "Compare with the handbook's page on this file.")]


def place(positions: Mapping[str, tuple[int, int]], location: tuple[int | str, ...]) -> tuple[int, int]:
    """Return (line, column) of a value, or of the nearest value around it that stands in the file."""
    steps = [str(step) for step in location]
    while steps:
        found = positions.get(".".join(steps))
        if found:
            return found
        steps.pop()
    return (1, 1)


def _empty(name: str, at: tuple[int, int], file: str, *, channel: bool = False) -> Problem:
    hint = f"Write `{name}: {{}}`." if channel else "Write a value, or leave the line out."
    return error(
        "field-empty",
        file,
        at,
        f"{name} has no value.",
        f'{hint} (# begins a comment in YAML: if the value begins with #, put it in quotes: "#…".)',
    )


def _unknown_key(
    name: str, location: tuple[int | str, ...], header: Header, file: str, model: type[BaseModel]
) -> Problem:
    found = _model_at(model, location[:-1])
    known = list(found.model_fields) if found else []
    meant = key_meant(name, known)
    hint = f"Did you mean {meant}?" if meant else f"Known here: {', '.join(sorted(known))}."
    if "params" in known:
        hint += " Fields of your own go under params."
    at = header.key_place(".".join(str(step) for step in location)) or place(header.positions, location)
    return error("key-unknown", file, at, f"There is no field {name[:60]!r}.", hint)


def _model_at(model: type[BaseModel], location: tuple[int | str, ...]) -> type[BaseModel] | None:
    """Find the model whose keys stand at *location*."""
    found: type[BaseModel] | None = model
    for step in location:
        if found is None:
            return None
        if isinstance(step, str) and step in found.model_fields:
            inner = _models_in(found.model_fields[step].annotation)
            found = inner[0] if inner else None
        # An index, or the name of an entry of a mapping: the same model still.
    return found


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    from pydantic import BaseModel

    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [found for part in get_args(annotation) for found in _models_in(part)]
