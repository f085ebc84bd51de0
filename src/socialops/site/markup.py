"""Safe HTML for the pages: what foreign text may become, and how it survives any Markdown builder.

Three walls, each of which would do alone. Text goes through Jinja's autoescape or through `prose` (raw HTML off, then a
narrow allow-list). Every block is then made *ready*: characters that mean something to Markdown, to a template or to a
fence become character references, so that a builder has nothing left to interpret. And the rendered pages carry a
Content-Security-Policy (policy.py).
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_MARKDOWN = {sign: f"&#{ord(sign)};" for sign in "{}[]`~*_\\|"}
_PUNCTUATION = {ord(sign): f"&#{ord(sign)};" for sign in "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"}
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_PREFORMATTED = re.compile(r"<pre\b.*?</pre>", re.DOTALL)
_LINES = re.compile(r"[ \t]*\n\s*")
_REMOTE = re.compile(r"\s*(?:[a-z][a-z0-9+.-]*:|//|\\)", re.IGNORECASE)
_WEB = re.compile(r"https?://", re.IGNORECASE)

RIGHT_TO_LEFT = frozenset({"ar", "arc", "ckb", "dv", "fa", "he", "iw", "ku", "ps", "sd", "ug", "ur", "yi"})

_TAGS = {
    *("p", "br", "hr", "em", "strong", "s", "del", "code", "pre", "blockquote", "ul", "ol", "li", "a", "img"),
    *("h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td"),
}
_DIRECTED = ("p", "li", "blockquote", "th", "td", "h2", "h3", "h4", "h5", "h6")
_ATTRIBUTES = {tag: {"dir"} for tag in _DIRECTED} | {
    "a": {"href", "title"},
    "img": {"src", "alt", "width", "height"},
    "ol": {"start"},
}


def direction(lang: str) -> str:
    """Return the `dir` of a text in *lang*: `rtl`, `ltr`, or `auto` when the language is not known."""
    if not lang:
        return "auto"
    return "rtl" if lang.split("-", maxsplit=1)[0].casefold() in RIGHT_TO_LEFT else "ltr"


def exact(text: str) -> Markup:
    """Return *text* as HTML that gives back every character, line breaks and runs of spaces included.

    The element around it must keep white space (`white-space: pre-wrap`, the class `so-exact`).
    """
    clean = _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text.replace("\r\n", "\n").replace("\r", "\n"))
    return Markup(str(escape(clean)).replace("\n", "&#10;").replace("\t", "&#9;"))  # noqa: S704 - escaped here


def ready(html: str) -> str:
    """Return *html* as one block that Markdown builders pass through untouched.

    No blank line, every line begins with a tag, and nothing in it is Markdown, a fence, a snippet or a template.
    *html* must begin with a block element and hold neither scripts nor styles.
    """
    html = _PREFORMATTED.sub(lambda found: found[0].replace("\n", "&#10;"), html.strip())
    html = _LINES.sub("\n", _CONTROL.sub("\N{REPLACEMENT CHARACTER}", html))
    lines: list[str] = []
    for line in html.split("\n"):
        if lines and not (lines[-1].endswith(">") and line.startswith("<")):
            lines[-1] += " " + line
        else:
            lines.append(line)
    html = "\n".join(lines)
    for sign, reference in _MARKDOWN.items():
        html = html.replace(sign, reference)  # no reference holds a sign; `translate` takes ten times as long
    return html


def heading(level: int, text: str, *, anchor: str = "", lang: str = "") -> str:
    """Return a Markdown heading that shows *text* literally.

    Headings stay Markdown, so that every builder finds the page's title and its table of contents.
    """
    words = " ".join(_CONTROL.sub(" ", text).split()).translate(_PUNCTUATION) or "&#8230;"
    attributes = f' lang="{escape(lang)}"' if lang else ""
    if attributes or not words.isascii():
        words = f'<span dir="{direction(lang)}"{attributes}>{words}</span>'
    return f"{'#' * level} {words}{' {#' + anchor + '}' if anchor else ''}"


def plain_html(text: str) -> str:
    """Return *text* escaped for settings that themes print as they are."""
    return " ".join(_CONTROL.sub(" ", text).split()).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def front_matter_text(text: str) -> str:
    """Return *text* as a quoted YAML scalar of ASCII letters alone."""
    escaped = (
        sign
        if " " <= sign <= "~" and sign not in '"\\'
        else f"\\u{ord(sign):04x}"
        if ord(sign) < 0x10000
        else f"\\U{ord(sign):08x}"
        for sign in text
    )
    return f'"{"".join(escaped)}"'


def anchor_of(text: str) -> str:
    """Return a short ASCII anchor made of *text*; never empty."""
    import hashlib
    import unicodedata

    plain = unicodedata.normalize("NFKD", text.casefold().replace("ı", "i")).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].strip("-")
    return slug or "s-" + hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:8]


def web_link(url: str) -> str:
    """Return *url* when a page may link to it (http or https), else an empty text."""
    return url if _WEB.match(url) else ""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of a page: its address as the page sees it, and its size in pixels."""

    src: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What prose needs to know of the page it stands on.

    `link` turns a relative link of the source into an address (empty: show the words only); `picture` finds a local
    picture, or None.
    """

    link: Callable[[str], str]
    picture: Callable[[str], Picture | None] = lambda _: None


NOWHERE = Surroundings(lambda _: "")


def prose(markdown: str, around: Surroundings = NOWHERE, *, lowest: int = 2) -> list[str]:
    """Render Markdown that people wrote to blocks of a page: Markdown headings and, between them, ready HTML.

    Raw HTML is shown as text; remote pictures become their alternative text; links go to http, https, mailto, or to
    what *around* knows. Headings begin at level *lowest*.
    """
    tokens = _reader().parse(markdown)
    _rewrite(tokens, around)
    blocks: list[str] = []
    anchors: dict[str, int] = {}
    waiting: list[Token] = []
    raise_by = max(0, lowest - min((int(t.tag[1]) for t in tokens if t.type == "heading_open"), default=lowest))
    index = 0
    while index < len(tokens):
        token = tokens[index]
        if token.type == "heading_open" and token.level == 0:
            _flush(waiting, blocks)
            text = _words(tokens[index + 1])
            anchor = anchor_of(text)
            anchors[anchor] = anchors.get(anchor, 0) + 1
            if anchors[anchor] > 1:
                anchor = f"{anchor}-{anchors[anchor]}"
            blocks.append(heading(min(6, int(token.tag[1]) + raise_by), text, anchor=anchor))
            index += 3
            continue
        waiting.append(token)
        index += 1
    _flush(waiting, blocks)
    return blocks


def prose_html(markdown: str, around: Surroundings = NOWHERE) -> Markup:
    """Render Markdown that people wrote to one piece of sanitised HTML, headings included."""
    reader = _reader()
    tokens = reader.parse(markdown)
    _rewrite(tokens, around)
    return _clean(reader.renderer.render(tokens, reader.options, {}))


@functools.cache
def _reader() -> MarkdownIt:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": False, "maxNesting": 20}).enable(["table", "strikethrough"])


def _flush(waiting: list[Token], blocks: list[str]) -> None:
    if waiting:
        reader = _reader()
        html = _clean(reader.renderer.render(list(waiting), reader.options, {}))
        blocks.append(ready(f'<div class="so-prose">{html}</div>'))
        waiting.clear()


def _clean(html: str) -> Markup:
    import nh3

    cleaned = nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        attribute_filter=_attribute,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer",
    )
    return Markup(cleaned)  # noqa: S704 - sanitised on the line above


def _attribute(tag: str, name: str, value: str) -> str | None:
    if name == "src" and _REMOTE.match(value):
        return None
    if tag == "a" and name == "href" and re.match(r"\s*[/\\]{2}", value):
        return None
    return value


def _rewrite(tokens: Sequence[Token], around: Surroundings) -> None:
    """Turn relative links and pictures into what the page can show; in place."""
    for token in tokens:
        if token.nesting == 1 and token.tag in _DIRECTED:
            token.attrs["dir"] = "auto"
        for child in token.children or ():
            if child.type == "link_open":
                href = str(child.attrs.get("href", ""))
                if not _REMOTE.match(href):
                    href = href if href.startswith("#") else around.link(href)
                    child.attrs["href"] = href
                if not href:
                    child.attrs = {}
            elif child.type == "image":
                src = str(child.attrs.get("src", ""))
                found = None if _REMOTE.match(src) else around.picture(src)
                if found is None:
                    child.type, child.content, child.children = "text", f"[{child.content}]", None
                else:
                    child.attrs |= {"src": found.src, "width": found.width, "height": found.height}


def _words(inline: Token) -> str:
    return "".join(
        child.content if child.type in ("text", "code_inline") else " " if child.type == "softbreak" else ""
        for child in inline.children or ()
    )


def first_words(text: str, length: int = 70) -> str:
    """Return the beginning of *text* on one line, cut at a word, with an ellipsis when something is left out."""
    line = " ".join(text.split())
    if len(line) <= length:
        return line
    head = line[: length + 1].rsplit(" ", 1)[0] if " " in line[: length + 1] else line[:length]
    return head.rstrip(" ,;:–—-") + "…"


def data_attributes(values: Mapping[str, Any]) -> Markup:
    """Return `data-…` attributes for HTML."""
    return Markup(" ").join(Markup('data-{}="{}"').format(name, value) for name, value in values.items())
