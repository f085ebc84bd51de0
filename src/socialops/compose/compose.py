"""Compose: one post and one channel make a draft, the exact thing that channel will get.

Pure, but for reading the headers of pictures. The rules, in the order they apply:

- What the channel's entry in the post says wins over the post, which wins over the channel.
- The body's Markdown becomes plain text (`content/text.py`); a `text:` of the entry replaces the whole body. Bold,
  italic, code and quotations reach the networks that can show them.
- `@name` becomes the handle that `brand/handles.yml` gives for the network, or a mention of the name it stands for.
- `link:` and the poll belong to the last part. Where the network makes cards only from what we send, the link is a card
  there, and stands in the text only when pictures or a poll take the card's place. A card's title is `card_title` of
  the post's `params:`, or the link's host; its description is `card_description`. The post's own title is never shown.
  Where cards have a picture, it is the post's, when `kind:` says that the post is a link or an article.
- The post's hashtags end the last part, on a line of their own, without those the text has already. A campaign's own
  tags are for people: a post in another language has others, so none is added unasked.
- A content warning opens the text where the network has none (`CW: …`).
- Networks that have a title get the post's; `params.<network>` and `params.labels` become the part's options.
- With `thread: auto`, a part that is too long is split, where the network has threads (`compose/threading.py`).
- The kind is what the post says; else poll, carousel, video, image, thread, link, text: the first that applies. A video
  beside other media is a carousel where the network has such; elsewhere it is a video, and `check` says what is wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from socialops.compose.limits import (
    CARDS,
    HAS_CONTENT_WARNINGS,
    LABELLED_LINKS,
    ONE_WAY,
    PICTURED_CARDS,
    STYLED,
    TITLED,
    limits_of,
)
from socialops.compose.links import host_of, internal_hosts, tracked
from socialops.compose.media import attached, is_video
from socialops.compose.threading import threaded
from socialops.compose.wording import (
    Mention,
    with_handles,
    with_line,
    with_styled_handles,
    with_tags,
    with_warning,
)
from socialops.content.emphasis import Style
from socialops.content.post import ChannelEntry, Kind, Splitting, Visibility
from socialops.content.posts import PARTS, split_thread
from socialops.content.text import PlainText, Span, find_spans, find_urls, plain
from socialops.content.video import VIDEO_SUFFIXES
from socialops.errors import UsageError
from socialops.networks import adapter
from socialops.networks.draft import Attachment, Card, Draft, Part, Poll

if TYPE_CHECKING:
    from collections.abc import Sequence

    from socialops.content.channel import Channel
    from socialops.content.load import Content
    from socialops.content.media import MediaFault
    from socialops.content.post import MediaReference, PollQuestion, Post


@dataclass(frozen=True, slots=True)
class Variant:
    """A draft, and what checks need to point at its source.

    *sources* is the Markdown of each part, *texts* the plain text before anything was added; *faults* are media that
    could not be used, by their index in *media*; *link* is the address with its parameters.
    """

    draft: Draft
    entry: ChannelEntry
    sources: tuple[str, ...]
    texts: tuple[PlainText, ...]
    media: tuple[MediaReference, ...]
    faults: tuple[tuple[int, MediaFault], ...]
    link: str
    written: tuple[int, ...] = ()
    """For each part of the draft, which of the *sources* it is from: more than one is when a long text was split."""
    mentions: tuple[Mention, ...] = ()
    """Who is named, and what became of it on this network."""


def compose(post: Post, channel: Channel, content: Content) -> Draft:
    """Return what *channel* will get of *post*.

    Media that cannot be used are left out: `check` reports them, and a post with errors is never published.
    """
    return variant(post, channel, content).draft


def variant(post: Post, channel: Channel, content: Content) -> Variant:
    """Return the draft for *channel* together with what it was made from."""
    network = channel.network
    for entry in post.channels:
        if entry.channel == channel.name:
            break
    else:
        entry = ChannelEntry(channel.name)
    lang = entry.lang or post.lang or channel.lang
    link = post.link if entry.link is None else entry.link
    if link and post.campaign:
        link = tracked(link, post, channel, content.brand.campaigns.get(post.campaign), internal_hosts(content))
    media = post.media if entry.media is None else entry.media
    warning = post.content_warning if entry.content_warning is None else entry.content_warning

    sources = (post.parts if entry.text is None else _parts(entry.text)) or ("",)
    rich = network in LABELLED_LINKS
    plains = tuple([plain(source, rich=rich, styled=network in STYLED) for source in sources])
    mentions: list[Mention] = []
    styles = [text.styles for text in plains]
    worded = [_worded(text, network, content, mentions, styles, index) for index, text in enumerate(plains)]
    attachments: Sequence[tuple[Attachment, ...]] = [()] * len(worded)
    faults: tuple[tuple[int, MediaFault], ...] = ()
    if media:
        attachments, faults = attached(content, post.path, media, len(worded), channel)

    card = None
    if link:
        last, spans = worded[-1]
        pictured = network in PICTURED_CARDS and (entry.kind or post.kind) in (Kind.LINK, Kind.ARTICLE)
        if network in CARDS and (pictured or not attachments[-1]) and post.poll is None:
            card = _card(link, post)
        elif not any(span.target == link for span in spans):
            begin = len(last) + 2 if last else 0
            found = [Span(begin + span.start, begin + span.end, "link", span.target) for span in find_urls(link)]
            worded[-1] = (with_line(last, link), (*spans, *found))
    tags = post.tags if entry.tags is None else entry.tags
    if tags:
        last, spans = worded[-1]
        last, found = with_tags(last, tags, [span for _, part in worded for span in part], lang)
        worded[-1] = (last, (*spans, *found))
    shown = warning
    if warning and network not in HAS_CONTENT_WARNINGS:
        unwarned = len(worded[0][0])
        worded[0] = with_warning(*worded[0], warning)
        by = len(worded[0][0]) - unwarned
        styles[0] = tuple([Style(style.start + by, style.end + by, style.kind) for style in styles[0]])
        shown = ""

    # str(…) is the value of these enumerations, several times faster than `.value`.
    visibility = str(entry.visibility or post.visibility or channel.visibility or Visibility.PUBLIC)
    poll = _poll(post.poll) if post.poll is not None else None
    last_part = len(worded) - 1
    parts = tuple(
        [
            Part(text, spans, attachments[index], None, None, lang, visibility, shown, bool(warning))
            if index < last_part
            else Part(text, spans, attachments[index], poll, card, lang, visibility, shown, bool(warning))
            for index, (text, spans) in enumerate(worded)
        ]
    )
    if network in STYLED and any(styles):
        parts = tuple([replace(part, styles=found) for part, found in zip(parts, styles, strict=True)])
    written = tuple(range(len(parts)))
    if (entry.thread or post.thread) is Splitting.AUTO:
        parts, written = _split(parts, channel)
    kind = entry.kind or post.kind or _kind(post, channel, media, attachments, len(parts), link)
    if network in ONE_WAY:
        # Nothing is said but what the post says for this very network: so most drafts are as they always were.
        given = post.params.get(network)
        if isinstance(given, Mapping) and given:
            parts = tuple([replace(part, options=dict(given)) for part in parts])
    else:
        parts = _with_choices(parts, str(kind), post, entry, channel, content, mentions)
    draft = Draft(post.id, channel.name, network, str(kind), parts, link)
    return Variant(draft, entry, sources, plains, media, faults, link, written, tuple(dict.fromkeys(mentions)))


def _with_choices(
    parts: tuple[Part, ...],
    kind: str,
    post: Post,
    entry: ChannelEntry,
    channel: Channel,
    content: Content,
    mentions: list[Mention],
) -> tuple[Part, ...]:
    """Add what only some networks have: the kind, a title, a first comment, and the post's `params:` for them."""
    given = post.params.get(channel.network)
    options = dict(given) if isinstance(given, Mapping) else {}
    title = str(options.pop("title", post.title)) if channel.network in TITLED else ""
    if labels := post.params.get("labels"):
        options["labels"] = labels
    comment = entry.first_comment if entry.first_comment and limits_of(channel).has("first_comment") else ""
    if "@" in comment:
        comment, _, named = with_handles(comment, (), channel.network, content.brand.handles)
        mentions += named
    first = replace(parts[0], kind=kind, title=title, options=options, first_comment=comment)
    return (first, *(replace(part, kind=kind) for part in parts[1:]))


def _parts(text: str) -> tuple[str, ...]:
    return split_thread(text).parts


def _split(parts: tuple[Part, ...], channel: Channel) -> tuple[tuple[Part, ...], tuple[int, ...]]:
    """Split the parts that are too long, where the network has threads; and say which part each is from."""
    limits = limits_of(channel)
    unsplit = tuple(range(len(parts)))
    if not limits.has("kinds") or "thread" not in limits.texts("kinds"):
        return parts, unsplit
    try:
        count = adapter(channel.network).counts
    except UsageError:
        return parts, unsplit

    def fits(part: Part) -> bool:
        return all(used.used <= used.limit for used in count(part, limits) if used.what.startswith("text"))

    threads: list[Part] = []
    written: list[int] = []
    for index, part in enumerate(parts):
        found = threaded(part, fits, most=PARTS - len(threads) - (len(parts) - index - 1))
        threads += found
        written += [index] * len(found)
    return tuple(threads), tuple(written)


def _worded(
    text: PlainText,
    network: str,
    content: Content,
    mentions: list[Mention],
    styles: list[tuple[Style, ...]],
    index: int,
) -> tuple[str, tuple[Span, ...]]:
    if "@" not in text.text:
        return text.text, find_spans(text.text, text.spans)
    words, rich, styles[index], found = with_styled_handles(
        text.text, text.spans, text.styles, network, content.brand.handles
    )
    mentions += found
    spans = find_spans(words, rich)
    if network == "bluesky":
        # Only a full handle can be somebody there.
        spans = tuple(
            span for span in spans if span.kind != "mention" or ("." in span.target and "@" not in span.target)
        )
    return words, spans


def _card(link: str, post: Post) -> Card:
    title = str(post.params.get("card_title") or host_of(link) or link)
    return Card(link, title, str(post.params.get("card_description") or ""))


def _poll(question: PollQuestion) -> Poll:
    return Poll(
        question.options, int(question.duration.total_seconds()), question.multiple, hide_totals=question.hide_totals
    )


def _kind(
    post: Post,
    channel: Channel,
    media: tuple[MediaReference, ...],
    attachments: Sequence[tuple[Attachment, ...]],
    parts: int,
    link: str,
) -> Kind:
    if post.poll is not None:
        return Kind.POLL
    if media:
        # A file that cannot be used is still meant as what its name says.
        if any(is_video(item) for items in attachments for item in items) or any(
            reference.file.casefold().endswith(VIDEO_SUFFIXES) for reference in media
        ):
            limits = limits_of(channel)
            mixes = limits.has("videos_beside_pictures") and "carousel" in limits.texts("kinds")
            return Kind.CAROUSEL if len(media) > 1 and mixes else Kind.VIDEO
        return Kind.CAROUSEL if len(media) > 1 else Kind.IMAGE
    if parts > 1:
        return Kind.THREAD
    return Kind.LINK if link else Kind.TEXT
