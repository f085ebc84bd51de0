"""Fill in the templates of the scaffold.

The delimiters are `<< >>` and `<% %>`: workflows are full of `${{ }}`, and Markdown of everything else. Texts go in as
they are, so whatever a person typed is quoted by the template (`tojson`), or was held to a narrow form before.
"""

from __future__ import annotations

import functools
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jinja2 import Environment

FOLDER = Path(__file__).parent / "templates"


@functools.cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(FOLDER, encoding="utf-8"),
        undefined=StrictUndefined,
        variable_start_string="<<",
        variable_end_string=">>",
        block_start_string="<%",
        block_end_string="%>",
        comment_start_string="<#",
        comment_end_string="#>",
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - these are YAML, TOML and Markdown, not HTML
        finalize=lambda value: "" if value is None else value,
    )


def fill(template: str, /, **values: Any) -> str:
    """Return a template with its values; lines that hold nothing but an empty value are gone."""
    environment = _environment()
    environment.filters["quoted"] = quoted
    text = environment.get_template(template).render(**values)
    return re.sub(r"\n{3,}", "\n\n", text)


def quoted(text: str) -> str:
    """Return a text as YAML and TOML both read it back: in double quotes, other scripts as they are."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
