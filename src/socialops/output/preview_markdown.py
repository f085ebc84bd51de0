"""What each channel will get, as Markdown for a comment or a chat: the text stands in a code block, untouched."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from socialops.output.markdown import prose
from socialops.output.text import count_text, facts_of, harmless, poll_rules

if TYPE_CHECKING:
    from socialops.compose.wording import Mention
    from socialops.networks.base import Count
    from socialops.networks.draft import Draft, Part


def plain(text: str) -> str:
    """Return *text* on one line, so that nothing of it is markup, a mention or a link.

    Escapes are not enough: GitHub looks for mentions after the Markdown, and what is escaped in it, was read.
    """
    return prose(text, 2000)


def block(text: str) -> str:
    """Return *text* as a code block whose fence no line of it can close."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{harmless(text)}\n{fence}"


def render_draft(
    draft: Draft,
    counts: Sequence[Sequence[Count]],
    *,
    when: str,
    mentions: Sequence[Mention] = (),
    cost: str = "",
) -> str:
    """Return what one channel will get; the arguments are those of `text.render_draft`."""
    rows = [f"### {plain(draft.channel)} ({plain(draft.network)}, {draft.kind})", "", plain(when), ""]
    for number, (part, used) in enumerate(zip(draft.parts, counts, strict=True), start=1):
        if len(draft.parts) > 1:
            rows += [f"**Part {number} of {len(draft.parts)}**", ""]
        rows += [block(part.text), "", *_list(part)]
        full = [count_text(count) for count in used if count.used or count.what == "text"]
        rows += [f"- {' · '.join(full)}"] if full else []
        rows.append("")
    for mention in mentions:
        became = f"{mention.shown} ({mention.target})" if mention.target else f"{mention.shown} (no handle there)"
        rows.append(f"- mention: {plain(mention.name)} → {plain(became)}")
    if draft.link:
        rows.append(f"- counted link: {plain(draft.link)}")
    if cost:
        rows.append(f"- cost: {plain(cost)}")
    return "\n".join(rows).rstrip() + "\n"


def _list(part: Part) -> list[str]:
    rows = [f"- {what}: {plain(how)}" for what, how in facts_of(part)]
    for span in part.spans:
        shown = part.text[span.start : span.end]
        if span.kind == "link" and shown != span.target:
            rows.append(f"- link: {plain(shown)} → {plain(span.target)}")
    for item in part.attachments:
        what = "video" if item.seconds else "picture"
        described = plain(item.alt) or "**no description**"
        rows.append(f"- {what}: {plain(item.file)} ({item.width}×{item.height}): {described}")
    if part.poll:
        options = " / ".join(plain(option) for option in part.poll.options)
        rows.append(f"- poll: {options} ({poll_rules(part.poll)})")
    if part.card:
        rows.append(f"- card: {plain(part.card.title)}, {plain(part.card.url)}")
    if part.lang:
        rows.append(f"- language: {part.lang}")
    return rows
