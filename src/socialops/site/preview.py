"""A preview: the draft of one channel, drawn exactly as it is sent.

Only what the draft holds is shown: the text character by character, its links, mentions and tags where the draft says
they are, the pictures as they were made to fit. How a network arranges these is its own affair and may differ.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup

from socialops.compose.links import typed_parameters
from socialops.errors import UsageError
from socialops.networks.rich_text import moved, pieces, runs, settled, stretches
from socialops.site.markup import direction, exact, web_link
from socialops.site.pictures import WebPicture
from socialops.site.tree import address

if TYPE_CHECKING:
    from socialops.content.emphasis import Style, StyleKind
    from socialops.networks.base import Count, Limits
    from socialops.networks.draft import Attachment, Draft, Part, Span
    from socialops.site.entries import Entry
    from socialops.site.pages import Site


@dataclass(frozen=True, slots=True)
class ShownPicture:
    """A picture of a part: the copy on the site, and the words that go with it."""

    src: str
    copy: WebPicture
    attachment: Attachment


@dataclass(frozen=True, slots=True)
class ShownPart:
    """One part as the page draws it."""

    number: int
    part: Part
    text: Markup
    lang: str
    dir: str
    pictures: tuple[ShownPicture, ...]
    counts: tuple[Count, ...]
    url: str


@dataclass(frozen=True, slots=True)
class Preview:
    """One delivery as the page draws it."""

    entry: Entry
    draft: Draft
    parts: tuple[ShownPart, ...]
    numbers: tuple[tuple[str, int], ...]
    numbers_at: str
    link: str = ""
    """The post's link with its UTM parameters, where it has any."""


def preview(site: Site, entry: Entry, page: str, *, pictures: bool = True) -> Preview:
    """Return the preview of one delivery on *page*; without *pictures* they are only named (the archive)."""
    from socialops.compose.limits import limits_of
    from socialops.site import times
    from socialops.site.entries import draft_of

    draft = draft_of(entry, site.content)
    limits = limits_of(entry.channel)
    parts = tuple(
        ShownPart(
            number,
            part,
            linked(part.text, part.spans, part.styles),
            part.lang,
            direction(part.lang),
            tuple(_picture(site, attachment, page, shown=pictures) for attachment in part.attachments),
            _counts(entry, part, limits),
            web_link(entry.receipts[number - 1].url) if number <= len(entry.receipts) else "",
        )
        for number, part in enumerate(draft.parts, start=1)
    )
    latest = site.latest.get((entry.post.id, entry.channel.name), {})
    newest = max((at for _, at in latest.values()), default=None)
    return Preview(
        entry,
        draft,
        parts,
        tuple((metric, value) for metric, (value, _) in sorted(latest.items())),
        times.moment(newest, site.zone) if newest else "",
        _tracked_link(entry, draft),
    )


def _tracked_link(entry: Entry, draft: Draft) -> str:
    """Return the link as it was built for the channel, or will be; empty where nothing was added to it."""
    link = entry.delivery.link if entry.delivery is not None else draft.link
    return link if typed_parameters(link) else ""


def _picture(site: Site, attachment: Attachment, page: str, *, shown: bool) -> ShownPicture:
    copy = site.pictures.sent(attachment) if shown else WebPicture("", attachment.width, attachment.height)
    return ShownPicture(address(page, copy.file) if copy.file else "", copy, attachment)


def _counts(entry: Entry, part: Part, limits: Limits) -> tuple[Count, ...]:
    from socialops.networks import counts

    try:
        return tuple(counts(entry.channel.network, part, limits))
    except UsageError:
        return ()  # a network this version has no adapter for: `check` says so


def linked(text: str, spans: Sequence[Span], styles: Sequence[Style] = ()) -> Markup:
    """Return a part's text as HTML, exact to the character: links, mentions and tags marked, emphasis as it is sent."""
    spans, styles = settled(text, spans, styles)
    shown: list[Markup] = []
    for begin, end, kind in stretches(text, styles):
        words = _stretch(text, begin, end, spans, styles)
        form = _BLOCKS.get(kind) if kind else None
        shown.append(form.format(words) if form else words)
    return Markup("").join(shown)


_BLOCKS = {
    "quote": Markup('<span class="so-quote">{}</span>'),
    "block": Markup("<code>{}</code>"),
}
_INLINE = (
    ("code", Markup("<code>{}</code>")),
    ("italic", Markup("<em>{}</em>")),
    ("bold", Markup("<strong>{}</strong>")),
)


def _stretch(text: str, begin: int, end: int, spans: Sequence[Span], styles: Sequence[Style]) -> Markup:
    marked: list[Markup] = []
    at = begin
    for piece, span in pieces(text[begin:end], moved(text, spans, begin, end)):
        words = Markup("").join(_styled(run, kinds) for run, kinds in runs(text, at, at + len(piece), styles))
        at += len(piece)
        target = web_link(span.target) if span and span.kind == "link" else ""
        if target:
            marked.append(
                Markup('<a href="{}" dir="ltr" rel="nofollow noopener noreferrer">{}</a>').format(target, words)
            )
        elif span:
            marked.append(Markup('<span class="so-span so-span-{}">{}</span>').format(span.kind, words))
        else:
            marked.append(words)
    return Markup("").join(marked)


def _styled(run: str, kinds: frozenset[StyleKind]) -> Markup:
    shown = exact(run)
    for kind, form in _INLINE:
        if kind in kinds:
            shown = form.format(shown)
    return shown
