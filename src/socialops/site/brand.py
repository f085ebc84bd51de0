"""The brand as pages: style guide, channels, and the handbook."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from socialops.compose.slots import days_off
from socialops.networks import default_limits
from socialops.site.chart import contrast
from socialops.site.markup import anchor_of, heading, prose
from socialops.site.pages import Page, Site, block, items
from socialops.site.palette import swatches
from socialops.site.rules import exceptions_page, rule_blocks
from socialops.site.team import TEAM_PAGE, team_pages

if TYPE_CHECKING:
    from socialops.content.brand import Guideline
    from socialops.content.channel import Channel
    from socialops.content.load import Content
    from socialops.site.entries import Entry


def sources(content: Content) -> dict[str, str]:
    """Return workspace file → the page that shows it, for everything of the brand."""
    found: dict[str, str] = {}
    for guideline in content.brand.guidelines:
        found[guideline.path] = guideline_page_path(guideline.path)
    if content.brand.strategy:
        found[content.brand.strategy.path] = "strategy/index.md"
    found |= {
        campaign.path: f"strategy/campaigns/{anchor_of(name)}.md" for name, campaign in content.brand.campaigns.items()
    }
    found |= {goal.path: f"strategy/goals/{anchor_of(name)}.md" for name, goal in content.brand.goals.items()}
    found |= {channel.path: f"channels/{anchor_of(name)}.md" for name, channel in content.channels.items()}
    if content.brand.people:
        found["brand/team.yml"] = TEAM_PAGE
    return found


def guideline_page_path(path: str) -> str:
    """Return the page of a guideline: `brand/voice.md` → `style-guide/voice.md`, folders kept."""
    inside = PurePosixPath(path).relative_to("brand") if path.startswith("brand/") else PurePosixPath(path)
    return "style-guide/" + "/".join([*(anchor_of(part) for part in inside.parts[:-1]), anchor_of(inside.stem) + ".md"])


def logo_of(site: Site) -> str:
    """Return the picture that `logo:` of a guideline's `params:` names, as a file of the tree; empty without one."""
    for guideline in site.content.brand.guidelines:
        logo = str(guideline.params.get("logo") or "")
        if logo:
            found = site.around(guideline.path, "index.md").picture(logo)
            if found:
                return found.src
    return ""


def style_guide_pages(site: Site) -> list[Page]:
    """Return a page for each guideline; a page that says how to begin when there is none."""
    guidelines = sorted(site.content.brand.guidelines, key=lambda item: (item.order, item.path))
    pages = [_guideline_page(site, guideline) for guideline in guidelines]
    if not any(page.path == "style-guide/index.md" for page in pages):
        words = (
            "The style guide is empty. Describe your voice in brand/voice.md: for whom, how it sounds, words you avoid."
        )
        listed = [(page.title, page.path) for page in pages]
        index = block("list.html", "style-guide/index.md", items=listed, empty=words, link=site.new_link("brand"))
        pages.insert(0, Page("style-guide/index.md", "Style guide", (index,), source="brand/"))
    exceptions = exceptions_page(site)
    return [*pages, exceptions] if exceptions else pages


def _guideline_page(site: Site, guideline: Guideline) -> Page:
    path = site.sources[guideline.path]
    blocks = []
    if guideline.summary:
        blocks.append(block("lead.html", path, words=guideline.summary))
    blocks += prose(guideline.body, site.around(guideline.path, path))
    colours = swatches(guideline.params)
    if colours:
        blocks += [
            heading(2, "Palette", anchor="palette"),
            block("palette.html", path, colours=_with_contrast(colours)),
        ]
    blocks += rule_blocks(site, guideline, path)
    return Page(path, guideline.title, tuple(blocks), source=guideline.path)


def _with_contrast(colours: list[tuple[str, str, str]]) -> list[tuple[str, str, str, str, float]]:
    """Add to each colour the text colour that is readable on it, and its contrast (WCAG 2)."""
    found = []
    for name, value, use in colours:
        white, black = contrast(value, "#ffffff"), contrast(value, "#000000")
        found.append((name, value, use, "#ffffff" if white >= black else "#000000", max(white, black)))
    return found


def channel_pages(site: Site) -> list[Page]:
    """Return a page for each channel, their list, and the team."""
    path = "channels/index.md"
    channels = [channel for _, channel in sorted(site.content.channels.items())]
    followers = {channel.name: site.latest.get(("", channel.name), {}).get("followers") for channel in channels}
    index = block("channels.html", path, site=site, channels=channels, followers=followers)
    pages = [Page(path, "Channels", (index,), source="brand/channels/")]
    pages += [_channel_page(site, channel) for channel in channels]
    pages += team_pages(site)
    return pages


def _channel_page(site: Site, channel: Channel) -> Page:
    from socialops.compose.limits import limits_of

    path = site.sources[channel.path]
    limits = limits_of(channel)
    coming = site.rows(_coming(site, channel))
    facts = block(
        "channel.html",
        path,
        site=site,
        channel=channel,
        cadence=(site.content.brand.strategy.cadence if site.content.brand.strategy else {}).get(channel.name),
        latest=sorted(site.latest.get(("", channel.name), {}).items()),
        days_off=[off for off in days_off(site.content, channel) if off.last is None or off.last >= site.today],
    )
    table = block(
        "limits.html",
        path,
        limits=sorted(limits.entries.items()),
        own={
            name for name, limit in limits.entries.items() if limit != default_limits(channel.network).entries.get(name)
        },
    )
    return Page(
        path,
        channel.name,
        (
            facts,
            *prose(channel.body, site.around(channel.path, path)),
            heading(2, "Coming", anchor="coming"),
            block(
                "rows.html",
                path,
                site=site,
                items=items(coming)[:10],
                empty=f"Nothing is planned here. Name `{channel.name}` in a post's `channels:`.",
            ),
            heading(2, "What fits", anchor="limits"),
            table,
        ),
        source=channel.path,
    )


def _coming(site: Site, channel: Channel) -> list[Entry]:
    return [entry for entry in site.entries if entry.channel.name == channel.name and entry.at and entry.at >= site.now]


_OUTSIDE = re.compile(r"\[([^\]\n]*)\]\((\.\./[^)\s]*)\)")


def handbook_pages(site: Site, folder: Path) -> list[Page]:
    """Return the handbook of socialops: every Markdown file in *folder*, in the order in which its index links them."""
    texts = {file.name: file.read_text("utf-8") for file in sorted(folder.glob("*.md"))}
    index = texts.get("index.md", "")
    linked = {name: index.find(f"]({name})") for name in texts}
    order = sorted(texts, key=lambda name: (name != "index.md", linked[name] < 0, linked[name], name))
    pages = []
    for name in order:
        text = texts[name]
        title, _, body = text.removeprefix("# ").partition("\n") if text.startswith("# ") else (name[:-3], "", text)
        path = f"handbook/{name}"
        pages.append(Page(path, title.strip(), (_with_workspace_links(site, path, body.strip()),)))
    return pages


def _with_workspace_links(site: Site, path: str, text: str) -> str:
    """Let the handbook's links into the workspace (`../brand/voice.md`) lead to the pages of this site."""
    around = site.around(path, path)

    def replace(found: re.Match[str]) -> str:
        target = around.link(found[2])
        return f"[{found[1]}]({target})" if target else found[1]

    return _OUTSIDE.sub(replace, text)
