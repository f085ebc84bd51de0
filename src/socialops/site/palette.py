"""The brand's colours, as a guideline's `params:` give them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from socialops.content.brand import Brand

ACCENT = "#3a5a8c"
"""A calm blue, for brands that name no accent."""
_HEX = re.compile(r"#[0-9a-fA-F]{6}")


def swatches(params: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Return (name, #rrggbb, use) of `palette:`, a list of mappings or a mapping of names to colours."""
    palette = params.get("palette") or ()
    if isinstance(palette, Mapping):
        palette = [{"name": name, "hex": value} for name, value in palette.items()]
    return [
        (str(item.get("name", "")), str(item["hex"]).lower(), str(item.get("use", "")))
        for item in (palette if isinstance(palette, Sequence) and not isinstance(palette, str) else ())
        if isinstance(item, Mapping) and _HEX.fullmatch(str(item.get("hex", "")))
    ]


def accent_of(brand: Brand) -> str:
    """Return the brand's accent as #rrggbb: `accent:` of a guideline's `params:`, else the palette's first colour."""
    first = ""
    for guideline in brand.guidelines:
        accent = str(guideline.params.get("accent", ""))
        if _HEX.fullmatch(accent):
            return accent.lower()
        found = swatches(guideline.params)
        if found and not first:
            first = found[0][1]
    return first or ACCENT
