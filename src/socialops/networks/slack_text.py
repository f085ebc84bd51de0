"""Slack's two ways to write a text: mrkdwn, and the rich text block.

In mrkdwn three signs are escaped and links are `<address|words>`, but nothing keeps `*words*` from becoming bold. So a
message's own text, which notifications and screen readers use, is mrkdwn, and what is shown in the channel is a rich
text block, in which words are words and only what the draft says is emphasised.

Source: docs.slack.dev, formatting message text and Block Kit.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from socialops.content.emphasis import Style
from socialops.networks.draft import Span
from socialops.networks.rich_text import is_labelled, moved, pieces, runs, settled, without_breaks

_KINDS = {None: "rich_text_section", "quote": "rich_text_quote", "block": "rich_text_preformatted"}
_PERSON = re.compile(r"[UW][A-Z0-9]{7,20}")
_NOT_IN_ADDRESSES = re.compile(r"[\s<>|\x00-\x1f\x7f]")
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


def mrkdwn(text: str, spans: Sequence[Span], styles: Sequence[Style] = ()) -> str:
    """Return *text* in mrkdwn: escaped, with its links and the people it names by number.

    Emphasis is left to the block: what is read aloud needs no stars.
    """
    spans, _ = settled(text, spans, styles)
    return "".join(_written(words, span) for words, span in pieces(text, spans))


def _written(words: str, span: Span | None) -> str:
    if span is not None and span.kind == "link":
        address = _address(span.target).translate(_ESCAPES)
        if is_labelled(words, span) and words.strip():
            return f"<{address}|{' '.join(words.split()).translate(_ESCAPES)}>"
        return f"<{address}>"
    return f"<@{person}>" if (person := _person(span)) else words.translate(_ESCAPES)


def rich_text(text: str, spans: Sequence[Span], styles: Sequence[Style] = ()) -> dict[str, Any]:
    """Return the block that shows *text* and its emphasis and nothing else: no sign in it is ever formatting."""
    spans, styles = settled(text, spans, styles)
    shown: list[dict[str, Any]] = []
    for begin, end, kind in without_breaks(text, styles, 1):
        words = [{"type": "text", "text": text[begin:end]}]
        elements = words if kind == "block" else _elements(text, begin, end, spans, styles)
        shown.append({"type": _KINDS[kind], "elements": elements})
    return {"type": "rich_text", "elements": shown}


def _elements(text: str, begin: int, end: int, spans: Sequence[Span], styles: Sequence[Style]) -> list[dict[str, Any]]:
    elements: list[dict[str, Any]] = []
    at = begin
    for words, span in pieces(text[begin:end], moved(text, spans, begin, end)):
        for run, kinds in runs(text, at, at + len(words), styles):
            style = {"style": {kind: True for kind in ("bold", "italic", "code") if kind in kinds}} if kinds else {}
            if span is not None and span.kind == "link":
                label = {"text": run} if is_labelled(words, span) and words.strip() else {}
                elements.append({"type": "link", "url": _address(span.target), **label, **style})
            elif person := _person(span):
                elements.append({"type": "user", "user_id": person})
            elif elements and elements[-1]["type"] == "text" and elements[-1].get("style") == style.get("style"):
                elements[-1]["text"] += run
            else:
                elements.append({"type": "text", "text": run, **style})
        at += len(words)
    return elements


def _address(target: str) -> str:
    return _NOT_IN_ADDRESSES.sub(lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode()), target)


def _person(span: Span | None) -> str:
    return span.target if span and span.kind == "mention" and _PERSON.fullmatch(span.target) else ""
