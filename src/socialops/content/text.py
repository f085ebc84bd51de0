"""Text as networks see it: Markdown made plain, characters counted, links, mentions and hashtags found.

Everything here is pure and on the path of every post of a workspace: texts without Markdown never meet the parser,
texts without `://`, `@` or `#` never meet a search, and texts in plain letters are counted without segmenting them.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from socialops.content.emphasis import Style, StyleKind, with_quotes

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

SpanKind = Literal["link", "mention", "tag"]


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a text that means something; offsets are code points, *end* exclusive.

    `target` is the full URL, the handle without its `@`, or the tag without its `#`.
    """

    start: int
    end: int
    kind: SpanKind
    target: str


@dataclass(frozen=True, slots=True)
class PlainText:
    """Markdown as plain text.

    *spans* are the labelled links of a rich text, *styles* the emphasis of a styled one. *links* are (label, target)
    of all that was written as `[label](target)`, and *images* the targets of `![alt](target)`, whether or not they can
    be opened: checks judge them.
    """

    text: str
    spans: tuple[Span, ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    images: tuple[str, ...] = ()
    styles: tuple[Style, ...] = ()


# --- Counting -------------------------------------------------------------------------------------------------------

# Characters that always stand alone: Latin, Greek, Cyrillic, Armenian and Hebrew letters, punctuation, currency and
# pictographs. Marks, joiners, variation selectors, regional indicators and skin tones are not in it.
_NOT_ALONE = re.compile(
    "[^\x00-\x0c\x0e-\u02ff\u0370-\u0482\u048a-\u0590\u05be\u05c0\u05c3\u05d0-\u05f4"
    "\u1e00-\u1fff\u2000-\u200a\u2010-\u2027\u2030-\u205f\u20a0-\u20bf\u2100-\u214f\u2190-\u23ff\u2500-\u27bf"
    "\U0001f300-\U0001f3fa\U0001f400-\U0001f64f\U0001f680-\U0001f6ff\U0001f900-\U0001f9ff]"
)


@functools.cache
def _cluster() -> Any:
    import regex

    return regex.compile(r"\X")


def graphemes(text: str) -> int:
    """Count the characters a reader sees (extended grapheme clusters, Unicode Annex 29)."""
    if _NOT_ALONE.search(text) is None:
        return len(text)
    return len(_cluster().findall(text))


def countable(text: str, url_length: int = 23) -> str:
    """Return *text* as Mastodon counts it: every http(s) URL as *url_length* characters, `@user@host` as `@user`.

    Source: mastodon/app/validators/status_length_validator.rb.
    """
    if "://" not in text and "@" not in text:
        return text
    urls = find_urls(text)
    pieces: list[str] = []
    done = 0
    for span in _without_overlap([*urls, *_remote_mentions(text)]):
        pieces.append(text[done : span.start])
        pieces.append("x" * url_length if span.kind == "link" else "@" + span.target.split("@", 1)[0])
        done = span.end
    pieces.append(text[done:])
    return "".join(pieces)


def mastodon_length(text: str, content_warning: str = "", url_length: int = 23) -> int:
    """Count a status as Mastodon does: the content warning is in the same budget, and its URLs are not shortened."""
    return graphemes(content_warning + countable(text, url_length))


def utf8_length(text: str) -> int:
    """Count the bytes of *text* in UTF-8."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


def byte_offsets(text: str, spans: Sequence[Span]) -> list[tuple[int, int]]:
    """Return (start, end) of each span in bytes of UTF-8, as Bluesky's facets want them, in the order given."""
    if text.isascii():
        return [(span.start, span.end) for span in spans]
    return [(utf8_length(text[: span.start]), utf8_length(text[: span.end])) for span in spans]


# --- Finding --------------------------------------------------------------------------------------------------------

# A URL ends at white space, quotes, angle brackets, invisible characters, and the punctuation of Chinese and Japanese,
# which is written without a space after a URL.
_URL_STOP = (
    '\\s<>"`\u00ab\u00bb\u200b-\u200f\u2018-\u201f\u2026\u2028-\u202e\u2060-\u206f\u3000-\u3003\u3008-\u3011'
    "\u3014-\u301f\u30fb\ufeff\uff01\uff08\uff09\uff0c\uff0e\uff1a\uff1b\uff1f\uff3b\uff3d\uff5b-\uff65"
)
_URL = re.compile(f"(?<![A-Za-z0-9@#$_])https?://[^{_URL_STOP}/?#][^{_URL_STOP}]*", re.IGNORECASE)
_URL_TAIL = frozenset(".,;:!?'*_~|\u05c3\u060c\u061b\u061f\u06d4\u0964")
_BRACKETS = {")": "(", "]": "[", "}": "{"}

_MENTION = re.compile(r"(?<![\w=/])@(\w+(?:[.-]+\w+)*(?:@\w+(?:[.-]+\w+)*)?)")
_REMOTE_MENTION = re.compile(r"(?<![\w=/])@([A-Za-z0-9_]+(?:[.-]+[A-Za-z0-9_]+)*@\w+(?:[.-]+\w+)*)")
_ASCII_TAG = re.compile(r"(?<![A-Za-z0-9_&=/)#@])#([A-Za-z0-9_]+)")


@functools.cache
def _tag() -> Any:
    import regex

    # Marks (niqqud, accents that have no composed form) belong to their letter; so do the middle dots of Catalan and
    # Japanese and the non-joiner of Persian.
    return regex.compile(r"(?<![\p{L}\p{M}\p{N}_&=/)#@])[#＃]([\p{L}\p{N}_][\p{L}\p{M}\p{N}_·・\u200c]*)")


def find_urls(text: str) -> list[Span]:
    """Find the URLs that are written out with `http://` or `https://`.

    A domain alone is not a URL. Punctuation at the end and closing brackets that were opened before the URL are not
    part of it.
    """
    if "://" not in text:
        return []
    return [
        Span(found.start(), found.start() + len(url), "link", url)
        for found in _URL.finditer(text)
        if (url := _trimmed(found[0]))
    ]


def _trimmed(url: str) -> str:
    end = len(url)
    surplus: dict[str, int] | None = None
    while end:
        last = url[end - 1]
        if last in _URL_TAIL:
            end -= 1
            continue
        opening = _BRACKETS.get(last)
        if opening is None:
            break
        if surplus is None:
            surplus = {close: url.count(close) - url.count(open_) for close, open_ in _BRACKETS.items()}
        if surplus[last] <= 0:
            break
        surplus[last] -= 1
        end -= 1
    # `https://` and nothing else that can be a host
    return url[:end] if url[:end].split("://", 1)[-1] else ""


def find_mentions(text: str) -> list[Span]:
    """Find `@name`, `@user@host` and `@handle.host`, but none in URLs and mail addresses."""
    if "@" not in text:
        return []
    found = [Span(match.start(), match.end(), "mention", match[1]) for match in _MENTION.finditer(text)]
    return _outside(found, find_urls(text))


def _remote_mentions(text: str) -> list[Span]:
    if "@" not in text:
        return []
    return [Span(match.start(), match.end(), "mention", match[1]) for match in _REMOTE_MENTION.finditer(text)]


def find_tags(text: str) -> list[Span]:
    """Find hashtags in any script; digits alone are none, nor is anything inside a URL."""
    if "#" not in text and "＃" not in text:
        return []
    pattern = _ASCII_TAG if text.isascii() else _tag()
    found = []
    for match in pattern.finditer(text):
        tag = match[1].rstrip("·・\u200c")
        if any(character.isalpha() for character in tag):
            found.append(Span(match.start(), match.start() + 1 + len(tag), "tag", tag))
    return _outside(found, find_urls(text))


def find_spans(text: str, rich: Sequence[Span] = ()) -> tuple[Span, ...]:
    """Find all URLs, mentions and hashtags of *text*, besides the links *rich* it has already; sorted, none overlap."""
    if "://" not in text and "@" not in text and "#" not in text and "＃" not in text:
        return tuple(rich)
    return _all_spans(text, tuple(rich))


@functools.lru_cache(maxsize=512)
def _all_spans(text: str, rich: tuple[Span, ...]) -> tuple[Span, ...]:
    found: list[Span] = list(rich)
    found += _outside(find_urls(text), found)
    found += _outside(find_mentions(text), found)
    found += _outside(find_tags(text), found)
    return tuple(sorted(found, key=lambda span: span.start))


@functools.lru_cache(maxsize=4096)
def tag_in(name: str) -> str:
    """Return as much of *name* as networks would make a hashtag of when it stands after a `#`; empty: nothing."""
    found = find_tags(f"#{name}")
    return found[0].target if found and found[0].start == 0 else ""


def _outside(spans: list[Span], taken: Sequence[Span]) -> list[Span]:
    if not taken:
        return spans
    return [span for span in spans if not any(span.start < other.end and other.start < span.end for other in taken)]


def _without_overlap(spans: Iterable[Span]) -> list[Span]:
    kept: list[Span] = []
    for span in sorted(spans, key=lambda span: (span.start, span.kind != "link")):
        if not kept or span.start >= kept[-1].end:
            kept.append(span)
    return kept


_TURKISH = str.maketrans({"I": "ı", "İ": "i"})


def fold(text: str, lang: str = "") -> str:
    """Return *text* for comparing without regard to case; in Turkish and Azerbaijani, I is the capital of ı."""
    if lang.partition("-")[0] in ("tr", "az"):
        text = text.translate(_TURKISH)
    return unicodedata.normalize("NFC", text).replace("İ", "i").casefold()


# --- Markdown -------------------------------------------------------------------------------------------------------

# What may be Markdown; a text in which nothing matches is the same before and after.
_MARKDOWN = re.compile(
    r"[*`\[\\]|(?<!\w)_|_(?!\w)|<[A-Za-z]|&(?:#|[A-Za-z][A-Za-z0-9]{1,31};)"
    r"|^[ \t]*(?:\#{1,6}(?:[ \t]|$)|[-+](?:[ \t]|$)|\d{1,9}[.)](?:[ \t]|$)|~~~)",
    re.MULTILINE,
)
# Two quick searches tell of nearly every text that nothing in it can match, each ten times faster than the whole.
_SIGNS = re.compile(r"[*`\[\\_<&]")
_BEGINNINGS = re.compile(r"\n[ \t]*(?:\#|[-+](?:[ \t]|$)|\d{1,9}[.)](?:[ \t]|$)|~~~)", re.MULTILINE)
_EDGES = re.compile(r"[ \t]*\n[ \t]*")
_GAPS = re.compile(r"\n{3,}")
_SPECIAL = re.compile(r"[*_`\[\]<\\&!]")
# A backtick ends an address, as it does in `find_urls`: around one it makes code.
_BARE_URL = re.compile(r"(?<!<)https?://[^\s<>()\[\]`]+", re.IGNORECASE)
_LANGUAGE_NAME = re.compile(r"[\w+#.-]*")
_EMPHASIS: dict[str, StyleKind] = {
    "strong_open": "bold",
    "strong_close": "bold",
    "em_open": "italic",
    "em_close": "italic",
}
_KEPT_URL = re.compile("\ue000(\\d+)\ue001")

LONGEST = 20_000
"""Code points; a longer text is no post, and is left as it stands."""
MOST_SPECIAL = 2_000
"""Characters of Markdown syntax; a text with more is an attack on the parser, and is left as it stands."""
MOST_BRACKETS = 200
"""Opening square brackets, for the same reason: unclosed ones cost quadratic time."""


def plain(markdown: str, *, rich: bool = False, styled: bool = False) -> PlainText:
    """Make plain text of Markdown, in NFC.

    Paragraphs keep one blank line between them, line breaks stay, list items begin with `•` or their number, headings
    become lines, emphasis and code marks are dropped. `[label](url)` becomes the label with a link span in a *rich*
    text, and `label url` otherwise. Pictures are no text. Raw HTML, quotes, rules, references and footnotes stay as
    they were typed. A text too long or too tangled to be a post stays as it is.

    A *styled* text is rich, and tells besides what is bold, italic or code; lines that begin with `> ` are quotations
    there, without their sign.
    """
    forms = _plain_forms(markdown)
    return forms[2] if styled else forms[1] if rich else forms[0]


@functools.lru_cache(maxsize=512)
def _plain_forms(markdown: str) -> tuple[PlainText, PlainText, PlainText]:
    if not unicodedata.is_normalized("NFC", markdown):
        markdown = unicodedata.normalize("NFC", markdown)
    if "\r" in markdown:
        markdown = markdown.replace("\r\n", "\n").replace("\r", "\n")
    if (
        (_SIGNS.search(markdown) is None and _BEGINNINGS.search("\n" + markdown) is None)
        or _MARKDOWN.search(markdown) is None
        or _tangled(markdown)
    ):
        same = PlainText(_tidy(markdown))
        return same, same, _quoted(same)
    return _parse(markdown)


def _quoted(found: PlainText) -> PlainText:
    """Return a styled text with its quotations."""

    def move(span: Span, to: Callable[[int], int]) -> Span:
        return replace(span, start=to(span.start), end=to(span.end))

    text, spans, styles = with_quotes(found.text, found.spans, found.styles, move)
    if text == found.text and len(styles) == len(found.styles):
        return found
    return replace(found, text=text, spans=tuple(spans), styles=tuple(styles))


def _tidy(text: str) -> str:
    if "\n" in text:
        if " \n" in text or "\n " in text or "\t" in text:
            text = _EDGES.sub("\n", text)
        if "\n\n\n" in text:
            text = _GAPS.sub("\n\n", text)
    return text.strip()


def _tangled(markdown: str) -> bool:
    return (
        len(markdown) > LONGEST or markdown.count("[") > MOST_BRACKETS or len(_SPECIAL.findall(markdown)) > MOST_SPECIAL
    )


@functools.cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": False})
    # A post is no document: quotes, rules, underlined headings, indented code and references are shown as typed.
    parser.disable(["blockquote", "hr", "lheading", "code", "reference", "html_block", "html_inline"])
    # What was escaped stays apart from what was not: an escaped `>` begins no quotation.
    parser.disable("text_join")
    parser.validateLink = lambda url: True  # type: ignore[method-assign]  # checks judge links; none is ever drawn here
    parser.normalizeLink = lambda url: url  # type: ignore[method-assign]  # a link goes out as it was written
    return parser


def _parse(markdown: str) -> tuple[PlainText, PlainText, PlainText]:
    kept: list[str] = []
    if "://" in markdown and "\ue000" not in markdown:
        # Underscores and stars in a bare URL are no emphasis: the parser sees a placeholder instead.
        def keep(found: re.Match[str]) -> str:
            url = found[0].rstrip("*_~.,;:!?'\"\\")
            kept.append(url)
            return f"\ue000{len(kept) - 1}\ue001{found[0][len(url) :]}"

        markdown = _BARE_URL.sub(keep, markdown)

    def restore(text: str) -> str:
        if not kept or "\ue000" not in text:
            return text
        return _KEPT_URL.sub(lambda found: kept[int(found[1])], text)

    writer = _Writer(restore)
    writer.blocks(_parser().parse(markdown))
    rich = writer.finished(rich=True)
    # Most texts have no emphasis: then the styled text is the rich one.
    shown = _quoted(writer.finished(rich=True, styled=True)) if writer.styled or ">" in rich.text else rich
    return writer.finished(rich=False), rich, shown


@dataclass(slots=True)
class _Piece:
    """Text as it will stand; an empty one where a link or a style begins (*opens*) or ends."""

    text: str
    target: str = ""
    opens: bool = False
    style: StyleKind | None = None


class _Writer:
    """Walks the parser's tokens and writes pieces, from which the plain and the rich text are made."""

    def __init__(self, restore: Callable[[str], str]) -> None:
        self.restore = restore
        self.pieces: list[_Piece] = []
        self.links: list[tuple[str, str]] = []
        self.images: list[str] = []
        self.lists: list[tuple[str, int]] = []
        self.line = 0
        self.prefix = ""
        self.styled = False

    def blocks(self, tokens: Sequence[Token]) -> None:
        for token in tokens:
            kind = token.type
            if kind == "bullet_list_open":
                self.lists.append(("", 0))
            elif kind == "ordered_list_open":
                self.lists.append((token.markup, int(token.attrGet("start") or 1)))
                if token.attrGet("start") == 0:
                    self.lists[-1] = (token.markup, 0)
            elif kind in ("bullet_list_close", "ordered_list_close"):
                self.lists.pop()
            elif kind == "list_item_open":
                self.item(token)
            elif kind == "inline":
                self.begin(token)
                self.inline(token.children or ())
            elif kind in ("fence", "code_block"):
                self.begin(token)
                words = self.restore(token.content.rstrip("\n"))
                if _LANGUAGE_NAME.fullmatch(token.info.strip()):
                    self.style("block", words)
                else:
                    # Not the name of a programming language but words of the post.
                    self.write(self.restore(f"{token.markup}{token.info}\n"))
                    self.write(words)

    def item(self, token: Token) -> None:
        mark, number = self.lists[-1]
        if mark:
            # The writer's own numbers, not ours: a list in a post may begin anywhere and skip.
            self.prefix = f"{token.info or number}{mark} "
            self.lists[-1] = (mark, number + 1)
        else:
            # No indentation: networks show their text as HTML, which drops it.
            self.prefix = "• " if len(self.lists) == 1 else "◦ "

    def begin(self, token: Token) -> None:
        first, last = token.map or (self.line, self.line)
        if self.pieces:
            self.write("\n\n" if first > self.line else "\n")
        self.line = last
        if self.prefix:
            self.write(self.prefix)
            self.prefix = ""

    def inline(self, tokens: Sequence[Token]) -> None:
        opened = 0
        for kind, token in _joined(tokens):
            if kind == "code_inline":
                self.style("code", self.restore(token.content))
            elif kind == "escaped":
                self.style("literal", token.content)
            elif kind == "text":
                self.write(self.restore(token.content))
            elif kind in _EMPHASIS:
                self.styled = True
                self.pieces.append(_Piece("", opens=token.nesting == 1, style=_EMPHASIS[kind]))
            elif kind in ("softbreak", "hardbreak"):
                self.write("\n")
            elif kind == "link_open":
                target = self.restore(str(token.attrGet("href") or ""))
                self.pieces.append(_Piece("", target, opens=True))
                opened = len(self.pieces)
            elif kind == "link_close":
                label = "".join(piece.text for piece in self.pieces[opened:])
                target = self.pieces[opened - 1].target
                self.links.append((label, target))
                self.pieces.append(_Piece("", target))
            elif kind == "image":
                self.images.append(self.restore(str(token.attrGet("src") or "")))

    def write(self, text: str) -> None:
        self.pieces.append(_Piece(text))

    def style(self, kind: StyleKind, text: str) -> None:
        self.styled = True
        self.pieces += [_Piece("", opens=True, style=kind), _Piece(text), _Piece("", style=kind)]

    def finished(self, *, rich: bool, styled: bool = False) -> PlainText:
        out: list[str] = []
        length = 0
        spans: list[Span] = []
        styles: list[Style] = []
        opened: list[int] = []
        start = 0
        for piece in self.pieces:
            text = piece.text
            if piece.style:
                if piece.opens:
                    opened.append(length)
                elif (begin := opened.pop()) < length and styled:
                    styles.append(Style(begin, length, piece.style))
                continue
            if piece.target or piece.opens:
                if piece.opens:
                    start = length
                    continue
                label = "".join(out)[start:]
                web = piece.target.casefold().startswith(("http://", "https://"))
                if web and rich:
                    if not label.strip():
                        text = piece.target
                    spans.append(Span(start, length + len(text), "link", piece.target))
                elif web:
                    text = _address(label, piece.target)
                    if text == piece.target and label.strip():
                        # The label is the address without its scheme: the address says it all.
                        whole = "".join(out)
                        out = [whole[:start]]
                        length = start
            out.append(text)
            length += len(text)
        return _stripped("".join(out), spans, styles, tuple(self.links), tuple(self.images))


def _joined(tokens: Sequence[Token]) -> list[tuple[str, Token]]:
    """Return inline tokens with their kinds, text that was cut at an escape joined again, but for an escaped `>`."""
    joined: list[tuple[str, Token]] = []
    for token in tokens:
        kind = token.type
        if kind == "text_special":
            kind = "escaped" if token.content == ">" else "text"
        if kind == "text" and joined and joined[-1][0] == "text":
            joined[-1] = ("text", replace(joined[-1][1], content=joined[-1][1].content + token.content))
        else:
            joined.append((kind, token))
    return joined


def _address(label: str, target: str) -> str:
    """Return what follows *label* where a network has no labelled links."""
    bare = label.strip()
    if not bare:
        return target
    if bare == target:
        return ""
    without = target.split("://", 1)[1]
    if bare.rstrip("/") in (without.rstrip("/"), target.rstrip("/")):
        return target
    return f" {target}"


def _stripped(
    text: str, spans: list[Span], styles: list[Style], links: tuple[tuple[str, str], ...], images: tuple[str, ...]
) -> PlainText:
    """Cut white space at line ends and around the text (what a dropped picture leaves), moving the spans along."""
    kept: list[str] = []
    moved = 0
    shifts: list[tuple[int, int]] = []
    lines = text.split("\n")
    position = 0
    blank = True
    for index, line in enumerate(lines):
        clean = line.rstrip(" \t")
        if clean or not blank:
            shifts.append((position, moved))
            kept.append(clean)
            moved += len(clean) + 1
        blank = not clean
        position += len(line) + 1
        if index == len(lines) - 1:
            break
    whole = "\n".join(kept)
    end = len(whole.rstrip())
    begin = len(whole) - len(whole.lstrip())
    result: list[Span] = []
    for span in spans:
        old, new = max((shift for shift in shifts if shift[0] <= span.start), default=(0, 0))
        start, stop = span.start - old + new - begin, span.end - old + new - begin
        start, stop = max(start, 0), min(stop, end - begin)
        if start < stop:
            result.append(Span(start, stop, span.kind, span.target))
    moved_styles: list[Style] = []
    for style in styles:
        edges = []
        for edge, first in ((style.start, True), (style.end, False)):
            # An end belongs to the line it stands behind.
            old, new = max((shift for shift in shifts if shift[0] <= edge - (not first)), default=(0, 0))
            edges.append(min(max(edge - old + new - begin, 0), end - begin))
        if edges[0] < edges[1]:
            moved_styles.append(Style(edges[0], edges[1], style.kind))
    return PlainText(whole[begin:end], tuple(result), links, images, tuple(moved_styles))
