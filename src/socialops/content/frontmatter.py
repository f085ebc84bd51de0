"""Front matter: the header of a file, split from its text and read strictly.

libyaml reads the header; what is made of its events is ours. Every value stays the text that was typed (`no`, `9:30`,
`010`), and the schema decides what it means. Only under `params`, `limits` and `profile`, which have no schema, plain
values become the numbers, truths and nulls of the YAML 1.2 core schema. Dates are always text.

What a reviewer cannot see in a diff is refused: anchors and aliases, merge keys, tags, a key written twice, a second
document, characters that look like nothing or like a line break. Each is one problem with its place in the file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from frontmatter.default_handlers import BaseHandler
from yaml.cyaml import CParser  # type: ignore[attr-defined]  # the stubs leave out the C parser
from yaml.error import MarkedYAMLError, YAMLError
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from socialops.content.post import EMPTY
from socialops.problem import Problem, error

SIZE = 64 * 1024
"""The largest header, and the largest post, in bytes. Ours: a header of a page is 1 kB."""
DEPTH = 20
"""How many lists and mappings may stand in one another. Ours: our own schema needs four."""
FREE = frozenset({"params", "limits", "profile"})
"""Keys whose values have no schema of ours and get the types of YAML 1.2."""

_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_NOT_FINITE = frozenset(
    sign + word for sign in ("", "+", "-") for word in (".inf", ".Inf", ".INF", ".nan", ".NaN", ".NAN")
)
_NUMBER_STARTS = frozenset("+-.0123456789")
_LONG_NUMBER = re.compile(r"[-+]?[0-9][0-9_]{18,}(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?")
_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_TRUTHS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}

_FORBIDDEN_BYTES = bytes(code for code in (*range(0x20), 0x7F) if code not in (0x09, 0x0A, 0x0D))
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]|\r(?!\n)")
_RULE_LIKE = re.compile(r"^[ \t]*(?:-{2}|-{4,}|[-–—]+)[ \t]*\r?$", re.MULTILINE)


class Refused(Exception):
    """A header that cannot be read; becomes one problem."""

    def __init__(self, id: str, at: tuple[int, int], message: str, hint: str) -> None:  # noqa: A002 - as in problem.py
        super().__init__(message)
        self.id = id
        self.at = at
        self.message = message
        self.hint = hint

    def problem(self, file: str) -> Problem:
        """Return the problem this is, in *file*."""
        return error(self.id, file, self.at, self.message, self.hint)


@dataclass(slots=True)
class Header:
    """A header as typed: nested dicts and lists of text, None where a value is missing.

    *positions* gives each value's (line, column) in the file under its dotted path (`media.0.alt`); *keys* gives
    libyaml's mark of each mapping's keys (see `key_place`).
    """

    values: dict[str, Any] = field(default_factory=dict)
    positions: Mapping[str, tuple[int, int]] = EMPTY
    keys: Mapping[str, Any] = EMPTY

    def key_place(self, path: str) -> tuple[int, int] | None:
        """Return (line, column) of the key of a value."""
        mark = self.keys.get(path)
        return (mark.line + 1, mark.column + 1) if mark else None


class StrictHandler(BaseHandler):  # type: ignore[misc, unused-ignore]  # untyped in some versions
    """python-frontmatter's handler for our files: its splitting, our reading.

    `frontmatter.loads(text, handler=StrictHandler())` gives other Python tools the values that socialops sees. There is
    no way back: we never write a post's header by program, because that would lose order, comments and spelling.
    """

    FM_BOUNDARY = re.compile(r"^---[ \t]*\r?$", re.MULTILINE)
    START_DELIMITER = END_DELIMITER = "---"

    def load(self, fm: str) -> dict[str, Any]:
        """Read a header; raises Refused."""
        return read_yaml(fm).values


_HANDLER = StrictHandler()


def decode(data: bytes) -> str:
    """Return the text of a file, without a byte-order mark; raises Refused (`text-encoding`, `text-control`)."""
    if data[:3] == b"\xef\xbb\xbf":
        data = data[3:]
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as fault:
        before = data[: fault.start].decode("utf-8", "replace")
        raise Refused(
            "text-encoding",
            _place(before, len(before)),
            f"This file is not UTF-8: the byte 0x{data[fault.start]:02X} here means nothing.",
            "Save the file with the encoding UTF-8 (in most editors: Save with encoding → UTF-8).",
        ) from None
    # Cheap looks first: nearly every file has none of these, and a search by pattern costs as much as all else here.
    if (
        len(data.translate(None, _FORBIDDEN_BYTES)) != len(data)
        or b"\r" in data
        or b"\xc2" in data
        or b"\xe2\x80\xa8" in data
        or b"\xe2\x80\xa9" in data
    ):
        found = _FORBIDDEN.search(text)
        if found:
            raise _control(found[0], _place(text, found.start()))
    return text


def split(text: str) -> tuple[str, str, int]:
    """Split a file into its header, its body and the line the body begins on.

    Raises Refused (`fm-missing`, `fm-unclosed`, `yaml-size`).
    """
    try:
        before, header, body = _HANDLER.FM_BOUNDARY.split(text, 2)
    except ValueError:
        raise _no_header(text) from None
    if before:
        raise _no_header(text)
    if len(header) > SIZE or (len(header) * 4 > SIZE and len(header.encode()) > SIZE):
        raise Refused("yaml-size", (1, 1), "The header is larger than 64 kB.", "Move long text below the second ---.")
    # The body begins after the line break that ends the closing line.
    return header, body[2:] if body[:2] == "\r\n" else body[1:], header.count("\n") + 2


def has_header(text: str) -> bool:
    """Tell whether a file begins with a line of three dashes."""
    return text.startswith("---") and _HANDLER.detect(text)


def _no_header(text: str) -> Refused:
    first = text.split("\n", 1)[0].strip()
    if not has_header(text):
        blank = "" if text.strip() else " It is empty."
        return Refused(
            "fm-missing",
            (1, 1),
            f"This file does not begin with a header.{blank}",
            "The first line must be ---, then lines such as `title: …`, then --- again, then the text."
            + (f" The first line here is {first[:40]!r}." if first else ""),
        )
    like = _RULE_LIKE.search(text, text.index("\n") + 1 if "\n" in text else len(text))
    hint = "Add a line of exactly three dashes (---) after the last line of the header."
    if like:
        line = text.count("\n", 0, like.start()) + 1
        hint = f"Line {line} is {like[0].strip()!r}: write exactly three dashes (---) there."
    return Refused("fm-unclosed", (1, 1), "The header is never closed.", hint)


def read_yaml(text: str, *, marker: bool = False, placed: bool = True) -> Header:
    """Read YAML strictly; line 1 of *text* is line 1 of the file. Raises Refused.

    *marker* allows a leading `---` (files that are all YAML). Without *placed* the header comes without positions and
    keys, which take as long as all else here and are hardly ever asked for (see `Places`).
    """
    try:
        next_event: Any = CParser(text).get_event
        next_event()  # the stream begins
        event = next_event()
        if event.__class__ is not DocumentStartEvent:
            return Header()
        if (event.explicit and not marker) or event.version or event.tags:
            raise _second_document(event)

        values: Any = None
        positions: dict[str, tuple[int, int]] = {}
        keys: dict[str, Any] = {}
        # The container being filled, and those around it: (container, is it a mapping, its path, is it free).
        around: list[tuple[Any, bool, str, bool]] = []
        into: Any = None
        mapping = free = False
        key: str | None = None
        prefix = ""
        escapes = "\\" in text

        while True:
            event = next_event()
            kind = event.__class__
            if kind is ScalarEvent:
                value = event.value
                mark = event.start_mark
                style = event.style
                if event.anchor is not None or event.tag is not None:
                    raise _decorated(event)
                if escapes and style == '"':
                    found = _FORBIDDEN.search(value)
                    if found:
                        raise _control(found[0], (mark.line + 1, mark.column + 1))
                if mapping and key is None:
                    if value in into:
                        if not placed:
                            return read_yaml(text, marker=marker)  # raises, with both places
                        first = keys[prefix + value].line + 1
                        raise Refused(
                            "yaml-dup-key",
                            (mark.line + 1, mark.column + 1),
                            f"{value!r} is written twice.",
                            f"It stands on line {first} already; keep one of the two.",
                        )
                    if value == "<<" or not value:
                        raise _bad_key(value, (mark.line + 1, mark.column + 1))
                    if placed:
                        keys[prefix + value] = mark
                    key = value
                    continue
                if not style:
                    if value in _NULLS:
                        value = None
                    elif value[0] in _NUMBER_STARTS and (len(value) > 18 or value in _NOT_FINITE):
                        _refuse_number(value, (mark.line + 1, mark.column + 1))
                    if value is not None and (free or (key in FREE and not around)):
                        value = _core(value, (mark.line + 1, mark.column + 1))
                if mapping:
                    into[key] = value
                    if placed:
                        positions[prefix + key] = (mark.line + 1, mark.column + 1)  # type: ignore[operator]
                    key = None
                elif into is None:
                    raise _not_a_mapping(mark)
                else:
                    if placed:
                        positions[f"{prefix}{len(into)}"] = (mark.line + 1, mark.column + 1)
                    into.append(value)
            elif kind is MappingStartEvent or kind is SequenceStartEvent:
                mark = event.start_mark
                if event.anchor is not None or event.tag is not None:
                    raise _decorated(event)
                if len(around) >= DEPTH:
                    raise Refused(
                        "yaml-depth",
                        (mark.line + 1, mark.column + 1),
                        f"Lists and mappings stand in one another more than {DEPTH} deep.",
                        "Write this flatter; no field needs more than four levels.",
                    )
                value = {} if kind is MappingStartEvent else []
                if into is None:
                    if kind is not MappingStartEvent:
                        raise _not_a_mapping(mark)
                    values = value
                else:
                    if mapping:
                        if key is None:
                            raise _bad_key("", (mark.line + 1, mark.column + 1))
                        into[key] = value
                        path = prefix + key
                    else:
                        path = f"{prefix}{len(into)}"
                        into.append(value)
                    if placed:
                        positions[path] = (mark.line + 1, mark.column + 1)
                    around.append((into, mapping, prefix, free))
                    free = free or (len(around) == 1 and key in FREE)
                    prefix = path + "."
                    key = None
                into = value
                mapping = kind is MappingStartEvent
            elif kind is MappingEndEvent or kind is SequenceEndEvent:
                if not around:
                    break
                into, mapping, prefix, free = around.pop()
            else:
                raise _alias(event) if kind is AliasEvent else _not_a_mapping(event.start_mark)
        next_event()  # the document ends
        event = next_event()
        if event.__class__ is DocumentStartEvent:
            raise _second_document(event)
    except YAMLError as fault:
        raise _syntax(fault, text) from None
    return Header(values, positions, keys)


def _core(value: str, at: tuple[int, int]) -> Any:
    """Give a plain scalar its type in the YAML 1.2 core schema; dates stay text."""
    if value in _TRUTHS:
        return _TRUTHS[value]
    if value[0] not in _NUMBER_STARTS:
        return value
    if _INTEGER.fullmatch(value):
        whole = int(value, 8 if value[:2] == "0o" else 16 if value[:2] == "0x" else 10)
        if abs(whole) >= 2**63:
            raise Refused(
                "yaml-number", at, "This number is too long.", 'If it is a name or an id, put it in quotes: "…".'
            )
        return whole
    if _FLOAT.fullmatch(value):
        number = float(value)
        if number in (float("inf"), float("-inf")):
            raise Refused("number-range", at, f"{value} is too large a number.", "Write a smaller number.")
        return number
    return value


def _refuse_number(value: str, at: tuple[int, int]) -> None:
    if value in _NOT_FINITE:
        raise Refused(
            "number-range",
            at,
            f"{value} is not a number that can be stored.",
            "Write an ordinary number, or leave the line out.",
        )
    if _LONG_NUMBER.fullmatch(value):
        shown = value if len(value) <= 24 else f"{value[:12]}… ({len(value)} characters)"
        raise Refused(
            "yaml-number", at, f"{shown} is too long for a number.", 'If it is a name or an id, put it in quotes: "…".'
        )


def _place(text: str, offset: int) -> tuple[int, int]:
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def _control(character: str, at: tuple[int, int]) -> Refused:
    import unicodedata

    code = ord(character[0])
    if 0xD800 <= code <= 0xDFFF:
        return _surrogate(at)
    known = {
        0x00: "NUL",
        0x0D: "a line break of old Macs",
        0x1B: "ESCAPE",
        0x85: "NEXT LINE",
        0x2028: "LINE SEPARATOR",
        0x2029: "PARAGRAPH SEPARATOR",
    }
    name = known.get(code) or unicodedata.name(character[0], "a control character")
    return Refused(
        "text-control",
        at,
        f"There is an invisible character here: U+{code:04X} ({name}).",
        "Delete it and type the place again; it usually comes from copying out of another program.",
    )


def _surrogate(at: tuple[int, int]) -> Refused:
    return Refused(
        "text-surrogate",
        at,
        "There is half a character here: a lone surrogate.",
        "Type the character itself (an emoji, say) instead of a \\u… code.",
    )


def _decorated(event: Any) -> Refused:
    at = (event.start_mark.line + 1, event.start_mark.column + 1)
    if event.anchor is not None:
        return _alias(event)
    return Refused(
        "yaml-tag",
        at,
        f"The tag {str(event.tag)[:60]!r} is not allowed.",
        'Remove the word that begins with "!", or put the whole value in quotes.',
    )


def _alias(event: Any) -> Refused:
    sign = "*" if event.__class__ is AliasEvent else "&"
    return Refused(
        "yaml-alias",
        (event.start_mark.line + 1, event.start_mark.column + 1),
        f"{sign}{str(event.anchor)[:40]} is an anchor or alias; they are not allowed.",
        f'Write the value out. If the text itself begins with "{sign}", put it in quotes.',
    )


def _bad_key(value: str, at: tuple[int, int]) -> Refused:
    if value == "<<":
        return Refused("yaml-alias", at, "The merge key << is not allowed.", "Write the values out.")
    return Refused(
        "yaml-key", at, "A key must be one word.", "Write `key: value`; put quotes around braces in a value."
    )


def _second_document(event: Any) -> Refused:
    at = (event.start_mark.line + 1, event.start_mark.column + 1)
    return Refused(
        "yaml-document",
        at,
        "A second YAML document, or a YAML directive, begins here.",
        "A header is one block between two lines of exactly three dashes (---).",
    )


def _not_a_mapping(mark: Any) -> Refused:
    return Refused(
        "yaml-mapping",
        (mark.line + 1, mark.column + 1),
        "The header must be lines of `key: value`.",
        "Begin with a line such as `title: Winter launch`.",
    )


_HINTS = (
    (
        "cannot start any token",
        'Put the value in quotes: it begins with a sign that YAML reserves (@ ` %): "…".',
    ),
    ("mapping values are not allowed", 'Put the value in quotes: it holds a colon followed by a space: "…: …".'),
    ("tab character", "Indent with spaces, not with tabs."),
    ("unexpected end of stream", "A quotation mark or bracket that was opened is never closed."),
    ("',' or", "A bracket or brace that was opened is never closed, or a comma is missing."),
    ("expected key", "Check the quotes and the indentation here: something follows a value that was already complete."),
    ("'-' indicator", "Each entry of a list begins with `- `, at the same indentation."),
    ("could not find expected ':'", "A line of the header needs the form `key: value`."),
    ("unknown escape", "In double quotes a backslash begins a code; write \\\\ or use single quotes."),
    ("document start", "A header is one block between two lines of exactly three dashes (---)."),
)


def _syntax(fault: YAMLError, text: str) -> Refused:
    if not isinstance(fault, MarkedYAMLError):
        # libyaml's reader: a character that YAML forbids, such as U+FFFE; its position counts characters or bytes.
        found = re.search("[\ufdd0-\ufdef\ufffe\uffff\ufeff]", text)
        return _control(found[0] if found else "\ufffe", _place(text, found.start()) if found else (1, 1))
    words = str(fault.problem or fault.context or "it cannot be read")
    mark = fault.problem_mark or fault.context_mark
    at = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    if "invalid Unicode character escape" in words:
        return _surrogate(at)
    if "document start" in words:
        return Refused("yaml-document", at, "Something follows the end of the header (...).", _HINTS[-1][1])
    if mark and text[mark.index : mark.index + 1] == "\t":
        words = "found a tab character"
    hint = next((advice for part, advice in _HINTS if part in words), "Put the value in quotes.")
    return Refused("yaml-syntax", at, f"This line is not valid YAML: {words}.", hint)
