"""The configuration of Sveltia CMS (and Decap CMS, whose format it is): `admin/config.yml`, a form in the browser.

Each change becomes a branch and a pull request (`publish_mode: editorial_workflow`), so checks and reviewers stay where
they are. The names are those of @sveltia/cms 0.221.1 (schema/sveltia-cms.json, read 2026-12-01). What no form can draw
is left out: Sveltia keeps fields that its configuration does not name.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from socialops.scaffold.form_fields import FormField, form_fields
from socialops.scaffold.json_schema import ENTITIES
from socialops.scaffold.plain_yaml import lines

if TYPE_CHECKING:
    from socialops.content.load import Content

SCHEMA = "https://unpkg.com/@sveltia/cms/schema/sveltia-cms.json"
_WIDGETS = {
    "text": "string",
    "sentences": "text",
    "truth": "boolean",
    "number": "number",
    "instant": "datetime",
    "day": "datetime",
    "choice": "select",
    "choices": "select",
    "list": "list",
    "records": "list",
    "record": "object",
    "pairs": "keyvalue",
}
_FOLDERS = {
    "post": "posts",
    "channel": "brand/channels",
    "campaign": "brand/campaigns",
    "goal": "brand/goals",
    "report": "reports",
}


def sveltia(content: Content) -> str:
    """Return the text of `admin/config.yml`. Without `forge_url` in the settings, the repository's name is a blank."""
    settings = content.workspace.settings
    found = re.fullmatch(r"https?://[^/]+/(.+?)(?:\.git)?/?", settings.forge_url)
    config: dict[str, Any] = {
        "backend": {
            "name": "gitlab" if "gitlab" in settings.forge_url else "github",
            "repo": found[1] if found else "owner/name",
            "branch": settings.main_branch,
        },
        "publish_mode": "editorial_workflow",
        "media_folder": "brand/artwork",
        "public_folder": "/brand/artwork",
        "slug": {"encoding": "ascii", "clean_accents": True},
        "output": {"omit_empty_optional_fields": True},
        "collections": [_collection(name, folder, content) for name, folder in _FOLDERS.items()],
    }
    config["collections"].append(
        {
            "name": "brand",
            "label": "Brand",
            "files": [
                {
                    "name": "strategy",
                    "label": "Strategy",
                    "file": "brand/strategy.md",
                    "fields": _with_body("strategy", content),
                }
            ],
        }
    )
    head = [
        f"# yaml-language-server: $schema={SCHEMA}",
        "# Written by `socialops schema --for sveltia`: write it anew when channels, campaigns or people change.",
    ]
    return "\n".join([*head, *lines(config)]) + "\n"


def _collection(name: str, folder: str, content: Content) -> dict[str, Any]:
    made: dict[str, Any] = {
        "name": name,
        "label": ENTITIES[name].title,
        "folder": folder,
        "create": True,
        "extension": "md",
        "format": "yaml-frontmatter",
    }
    if name == "post":
        made |= {
            "slug": "{{year}}-{{month}}-{{day}}-{{slug}}",
            "path": "{{year}}/{{month}}/{{slug}}",
            # Pictures lie beside the post, as `media:` expects them.
            "media_folder": "",
            "public_folder": "",
            "summary": "{{title}}",
        }
    else:
        made["slug"] = "{{slug}}" if name != "channel" else "{{network}}"
        made["identifier_field"] = "network" if name == "channel" else "title"
    made["fields"] = _with_body(name, content)
    return made


def _with_body(name: str, content: Content) -> list[dict[str, Any]]:
    body = {"name": "body", "label": "Text", "widget": "markdown" if name != "post" else "text", "required": False}
    return [*_fields(form_fields(ENTITIES[name], content)), body]


def _fields(fields: tuple[FormField, ...]) -> list[dict[str, Any]]:
    return [_field(field) for field in fields if field.shape in _WIDGETS]


def _field(field: FormField) -> dict[str, Any]:
    written: dict[str, Any] = {
        "name": field.name,
        "label": field.label,
        "widget": _WIDGETS[field.shape],
        "required": field.required,
    }
    if field.description:
        written["hint"] = field.description
    if field.shape in ("choice", "choices"):
        written["options"] = list(field.choices)
        if field.shape == "choices":
            written["multiple"] = True
    if field.shape == "instant":
        written |= {"type": "datetime-local", "format": "YYYY-MM-DD HH:mm"}
    if field.shape == "day":
        written |= {"type": "date", "format": "YYYY-MM-DD"}
    if field.shape == "number":
        written["value_type"] = "int" if field.whole else "float"
        written |= {key: value for key, value in (("min", field.least), ("max", field.most)) if value is not None}
    if field.shape == "truth":
        written["default"] = field.name == "draft" or bool(field.default)
    if field.shape in ("record", "records"):
        inner = [dict(item) for item in _fields(field.fields)]
        if {"file", "alt"} <= {item["name"] for item in inner}:
            for item in inner:
                if item["name"] == "file":
                    item["widget"] = "file"
        written |= {"fields": inner, "collapsed": field.shape == "record"}
    return written
