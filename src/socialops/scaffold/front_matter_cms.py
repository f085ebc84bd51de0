"""Settings of Front Matter CMS, the extension of VS Code that draws a form beside a post: `frontmatter.json`.

The names are those of the extension's own configuration (package.json of estruyf/vscode-front-matter 10.10.0, read
2026-12-01). It knows no list of records that it would not mark with a key of its own, which our files refuse; such
fields are told to it, so that it finds nothing wrong with them, and are written as text.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from socialops.scaffold.form_fields import FormField, form_fields
from socialops.scaffold.json_schema import ENTITIES

if TYPE_CHECKING:
    from socialops.content.load import Content

_TYPES = {
    "text": "string",
    "sentences": "string",
    "truth": "boolean",
    "number": "number",
    "instant": "datetime",
    "day": "string",
    "choice": "choice",
    "choices": "choice",
    "list": "list",
    "record": "fields",
}
_FORMAT = "yyyy-MM-dd HH:mm"
"""How the extension writes a date (date-fns): as people do here, not with an offset."""


def front_matter_cms(content: Content) -> str:
    """Return the text of `frontmatter.json`: one content type a kind of file, and the folders they lie in."""
    types = [
        {
            "name": entity.name,
            "pageBundle": False,
            "clearEmpty": True,
            "fields": [_field(field) for field in form_fields(entity, content)],
        }
        for entity in ENTITIES.values()
        if entity.prose
    ]
    folders = {
        "post": "posts",
        "channel": "brand/channels",
        "campaign": "brand/campaigns",
        "goal": "brand/goals",
        "report": "reports",
        "guideline": "brand",
    }
    settings = {
        "$schema": "https://frontmatter.codes/frontmatter.schema.json",
        "frontMatter.taxonomy.frontMatterType": "YAML",
        "frontMatter.taxonomy.dateFormat": _FORMAT,
        "frontMatter.taxonomy.noPropertyValueQuotes": [],
        "frontMatter.content.supportedFileTypes": ["md"],
        "frontMatter.content.autoUpdateDate": False,
        "frontMatter.content.draftField": {"name": "draft", "type": "boolean"},
        "frontMatter.content.publicFolder": "",
        "frontMatter.templates.prefix": "yyyy-MM-dd",
        "frontMatter.content.pageFolders": [
            {
                "title": ENTITIES[name].title,
                "path": f"[[workspace]]/{folder}",
                "excludeSubdir": name in ("guideline", "report"),
                "contentTypes": ["guideline", "strategy"] if name == "guideline" else [name],
            }
            for name, folder in folders.items()
        ],
        "frontMatter.taxonomy.contentTypes": types,
    }
    return json.dumps(settings, ensure_ascii=False, indent=2) + "\n"


def _field(field: FormField) -> dict[str, Any]:
    written: dict[str, Any] = {
        "name": field.name,
        "title": field.label,
        "type": _TYPES.get(field.shape, "json"),
        "description": field.description,
    }
    if written["type"] == "json":
        written |= {"hidden": True, "dataType": []}
        written["description"] += " Written as text."
    if field.name == "draft" and field.shape == "truth":
        written |= {"type": "draft", "default": True}
    if field.shape in ("choice", "choices"):
        written |= {"choices": list(field.choices), "multiple": field.shape == "choices"}
    if field.shape == "instant":
        written |= {"dateFormat": _FORMAT, "isPublishDate": field.name == "date"}
    if field.shape == "number":
        written["numberOptions"] = {
            "isDecimal": not field.whole,
            **({"min": field.least} if field.least is not None else {}),
            **({"max": field.most} if field.most is not None else {}),
        }
    if field.shape == "record":
        written["fields"] = [_field(inner) for inner in field.fields]
    if field.required:
        written["required"] = True
    return written
