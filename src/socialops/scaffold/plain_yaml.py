"""Write YAML by hand: the few forms that we need, each as a person would write it.

Everything written here is read again by our own strict reader or by other people's tools, so a text is quoted whenever
one of them could take it for something else.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

_PLAIN = re.compile(r"[^\W\d_][\w /.,()+@-]*[\w).]|[^\W\d_]|\d{4}-\d\d-\d\d(?: \d\d:\d\d)?|https?://[\w./?=&%~+-]+\w/?")
_TAKEN = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n"})
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff\ufeff]"
)
_WIDTH = 88


def clean(text: str) -> str:
    """Take out what no file of ours may hold: controls, turned directions, lone surrogates, foreign line breaks."""
    return _UNSEEN.sub(
        "", text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    )


def scalar(value: Any) -> str:
    """Return one value: plain where nothing else could be meant, else in double quotes."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    text = clean(str(value))
    if _PLAIN.fullmatch(text) and text.casefold() not in _TAKEN:
        return text
    # A JSON string is a YAML string in double quotes, and stays one line.
    return json.dumps(text, ensure_ascii=False)


def flow(values: Sequence[Any]) -> str:
    """Return a list on one line: `[mastodon, bluesky]`."""
    return f"[{', '.join(_inside(value) for value in values)}]"


def _inside(value: Any) -> str:
    written = scalar(value)
    return json.dumps(written, ensure_ascii=False) if "," in written and not written.startswith('"') else written


def lines(value: Mapping[str, Any], indent: int = 0) -> list[str]:
    """Return a mapping as lines; lists of plain values stand on one line while they are short."""
    pad = " " * indent
    written = []
    for key, item in value.items():
        name = scalar(key)
        if isinstance(item, Mapping) and item:
            written += [f"{pad}{name}:", *lines(item, indent + 2)]
        elif isinstance(item, str) and "\n" in clean(item).strip("\n"):
            written += [f"{pad}{name}: {scalar(item)}"]
        elif isinstance(item, (list, tuple)):
            written += _listed(name, item, indent)
        elif isinstance(item, Mapping):
            written.append(f"{pad}{name}: {{}}")
        else:
            written.append(f"{pad}{name}: {scalar(item)}")
    return written


def _listed(name: str, items: Sequence[Any], indent: int) -> list[str]:
    pad = " " * indent
    if not any(isinstance(item, (Mapping, list, tuple)) for item in items):
        line = f"{pad}{name}: {flow(items)}"
        if len(line) <= _WIDTH:
            return [line]
        return [f"{pad}{name}:", *(f"{pad}  - {scalar(item)}" for item in items)]
    written = [f"{pad}{name}:"]
    for item in items:
        if isinstance(item, Mapping) and item:
            first, *others = lines(item, indent + 4)
            written += [f"{pad}  - {first.lstrip()}", *others]
        elif isinstance(item, (list, tuple)):
            written.append(f"{pad}  - {flow(item)}")
        else:
            written.append(f"{pad}  - {scalar(item) if not isinstance(item, Mapping) else '{}'}")
    return written
