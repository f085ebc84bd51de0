"""What a LinkedIn post is: made from a part, and read back.

Pure. Everything read from LinkedIn is looked at before it is believed: names are matched in full before they become
part of an address or a receipt.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from socialops.networks.base import Count, Limits, Option, Stat, chosen, rfc3339
from socialops.networks.draft import Part, Receipt, Span
from socialops.networks.linkedin_text import little, says_the_same, shown, units, visible

if TYPE_CHECKING:
    from socialops.http import Response

QUESTION = Option("question", "The question of a poll; the first paragraph of the text, where nothing is said.")
TITLE = Option("title", "The title of a video.")
RESHARING = Option("resharing", "Whether the post may be shared again; yes, where nothing is said.", ("yes", "no"))

POST = re.compile(r"urn:li:(share|ugcPost):([1-9][0-9]{0,18})")
ASSET = re.compile(r"urn:li:(image|video):[A-Za-z0-9_-]{1,128}")
COMMENT_NAME = re.compile(r"urn:li:comment:\(urn:li:[A-Za-z]{1,20}:[0-9]{1,19},[0-9]{1,19}\)")

_KINDS = frozenset({"", "text", "image", "carousel", "video", "poll", "link", "article"})
_DURATIONS = {1: "ONE_DAY", 3: "THREE_DAYS", 7: "SEVEN_DAYS", 14: "FOURTEEN_DAYS"}
_DAY = 86_400
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_METRICS = {
    "likeCount": "likes",
    "shareCount": "reposts",
    "commentCount": "replies",
    "clickCount": "clicks",
    "impressionCount": "impressions",
    "uniqueImpressionsCount": "reach",
}


def encoded(urn: str) -> str:
    """Return a URN as it stands in an address: nothing of it is left as it is but letters and digits."""
    return quote(urn, safe="")


# --- From a part ------------------------------------------------------------------------------------------------------


def words_of(part: Part) -> tuple[str, tuple[Span, ...], str]:
    """Return the text of a part with its spans, and the question of its poll.

    The question is the option `question`, else the first paragraph, which then does not stand in the text again.
    """
    if part.poll is None:
        return part.text, part.spans, ""
    if question := chosen(QUESTION, part.options):
        return part.text, part.spans, question
    first, gap, rest = part.text.partition("\n\n")
    by = len(first) + len(gap)
    spans = tuple(Span(s.start - by, s.end - by, s.kind, s.target) for s in part.spans if s.start >= by)
    return rest, spans, " ".join(first.split())


def counted(part: Part) -> dict[str, int]:
    """Return how much a part has of everything LinkedIn limits, by the names in limits/linkedin.yml."""
    text, spans, question = words_of(part)
    used = {"text": units(visible(text, spans))}
    if part.first_comment:
        used["first_comment"] = units(part.first_comment)
    if part.attachments:
        used["attachments"] = len(part.attachments)
        used["alt_text"] = max(units(attachment.alt) for attachment in part.attachments)
        if any(attachment.mime.startswith("video/") for attachment in part.attachments):
            used["videos"] = len(part.attachments)
    if part.card:
        used["card_title"] = units(part.card.title)
        used["card_description"] = units(part.card.description)
        used["card_pictures"] = len(part.attachments)
    if part.poll:
        used["poll_options"] = len(part.poll.options)
        used["poll_option"] = max(map(units, part.poll.options), default=0)
        used["poll_question"] = units(question)
        used["poll_choices"] = len(part.poll.options) if part.poll.multiple else 1
    return used


def poll_length(part: Part, limits: Limits) -> Iterator[Count]:
    """Count the days of a poll: only some lengths exist, and the longest of them that is not longer is the limit."""
    if part.poll is None or not limits.has("poll_days"):
        return
    allowed = sorted(int(days) for days in limits.entries["poll_days"].value)
    days = math.ceil(part.poll.seconds / _DAY)
    fits = max((number for number in allowed if number <= days), default=allowed[0])
    yield Count("poll_days", f"days ({', '.join(map(str, allowed))})", days, fits)


def impossible(part: Part, *, organization: bool) -> tuple[str, str] | None:
    """Return (code, message) for what LinkedIn, or this version, does not have; None when there is nothing of it.

    Raises Rejected for an option with a value that it does not take.
    """
    chosen(RESHARING, part.options)
    videos = sum(attachment.mime.startswith("video/") for attachment in part.attachments)
    if part.kind not in _KINDS:
        return "kind", f"LinkedIn shows no post of the kind {part.kind}."
    if part.reply:
        return "kind", "LinkedIn has no threads."
    if part.attachments and len(part.uploads) != len(part.attachments):
        return "media", "The pictures of this post were not made ready."
    if part.kind in {"image", "carousel", "video"} and not part.attachments:
        return "media", f"A post of the kind {part.kind} needs a file to show."
    if part.kind == "article" and not part.card:
        return "kind", "An article on LinkedIn needs a link."
    if videos and len(part.attachments) > 1:
        return "kind", "LinkedIn takes one video alone, or pictures."
    if part.card and (len(part.attachments) > 1 or videos):
        return "kind", "LinkedIn shows one picture with the card of a link."
    if part.visibility not in {"", "public", "followers"} or (organization and part.visibility == "followers"):
        whose = "an organisation" if organization else "a member"
        return "visibility", f"LinkedIn has no posts of {whose} for {part.visibility}."
    if part.poll is None:
        return None
    if part.attachments or part.card:
        return "poll", "LinkedIn takes a poll, or pictures, or a card."
    days, rest = divmod(part.poll.seconds, _DAY)
    if rest or days not in _DURATIONS:
        return "poll", "A poll on LinkedIn stays open for 1, 3, 7 or 14 days."
    if part.poll.multiple:
        return "poll", "A poll on LinkedIn takes one answer of each voter."
    return None if words_of(part)[2] else ("poll", "A poll on LinkedIn needs a question.")


def body_of(part: Part, author: str, assets: Sequence[str]) -> dict[str, Any]:
    """Return the body of `POST /rest/posts`; *assets* name the part's uploads, in order."""
    text, spans, question = words_of(part)
    body: dict[str, Any] = {
        "author": author,
        "commentary": little(text, spans),
        "visibility": "CONNECTIONS" if part.visibility == "followers" else "PUBLIC",
        "distribution": {"feedDistribution": "MAIN_FEED", "targetEntities": [], "thirdPartyDistributionChannels": []},
        "lifecycleState": "PUBLISHED",
        "isReshareDisabledByAuthor": chosen(RESHARING, part.options) == "no",
    }
    images = [
        {"id": asset, **({"altText": upload.alt} if upload.alt else {})}
        for asset, upload in zip(assets, part.uploads, strict=True)
    ]
    if part.poll:
        settings = {"duration": _DURATIONS[part.poll.seconds // _DAY], "voteSelectionType": "SINGLE_VOTE"}
        options = [{"text": option} for option in part.poll.options]
        body["content"] = {"poll": {"question": question, "options": options, "settings": settings}}
    elif part.card:
        article = {"source": part.card.url, "title": part.card.title or part.card.url}
        if part.card.description:
            article["description"] = part.card.description
        if images:
            article["thumbnail"] = images[0]["id"]
            if "altText" in images[0]:
                article["thumbnailAltText"] = images[0]["altText"]
        body["content"] = {"article": article}
    elif len(images) > 1:
        body["content"] = {"multiImage": {"images": images}}
    elif images and ":video:" in assets[0]:
        title = chosen(TITLE, part.options)
        body["content"] = {"media": {"id": assets[0], **({"title": title} if title else {})}}
    elif images:
        body["content"] = {"media": images[0]}
    return body


def mark_of(part: Part, author: str) -> str:
    """Return a digest of the files of a part and of whose they are: what a handle was made for."""
    told = "\n".join((author, *(f"{upload.mime} {upload.sha256}" for upload in part.uploads)))
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:24]


def assets_of(part: Part, author: str) -> list[str] | None:
    """Return the files that a part's handle names; None when there is no handle, or it was made for other files.

    A part that is looked for has no uploads: its handle is believed.
    """
    mark, *assets = part.handle.split(" ")
    looked_for = bool(part.attachments) and not part.uploads
    fits = looked_for or mark == mark_of(part, author)
    fits = fits and len(assets) == len(part.attachments)
    return assets if fits and all(map(ASSET.fullmatch, assets)) else None


# --- From LinkedIn ----------------------------------------------------------------------------------------------------


def is_post(value: object) -> bool:
    """Tell whether something read is a post: with a name and a time."""
    if not isinstance(value, dict) or not isinstance(value.get("id"), str):
        return False
    created = value.get("createdAt")
    proper = isinstance(created, int) and not isinstance(created, bool) and 0 < created < 10**13
    return proper and POST.fullmatch(value["id"]) is not None


def time_of(post: Mapping[str, Any]) -> datetime:
    """Return when a post was created."""
    return _EPOCH + timedelta(milliseconds=post["createdAt"])


def receipt_of(post: object) -> Receipt | None:
    """Return the receipt of a post that was read; None for anything else."""
    if not isinstance(post, dict) or not is_post(post):
        return None
    return _receipt(post["id"], time_of(post))


def created(response: Response, at: datetime | None) -> Receipt | None:
    """Return the receipt of a post just written: only its name is told, in a header; *at* is the answer's own time.

    Where that is missing, the name's own time serves: its first bits are the milliseconds since 1970.
    """
    for header in ("x-restli-id", "x-linkedin-id"):
        if found := POST.fullmatch(response.headers.get(header, "")):
            return _receipt(found[0], at or _EPOCH + timedelta(milliseconds=int(found[2]) >> 22))
    return None


def _receipt(urn: str, at: datetime) -> Receipt:
    return Receipt(urn, f"https://www.linkedin.com/feed/update/{urn}/", rfc3339(at))


def is_part(post: Mapping[str, Any], part: Part, author: str) -> bool:
    """Tell whether a post that was read is what *part* became."""
    if post.get("author") != author or post.get("lifecycleState") != "PUBLISHED" or post.get("reshareContext"):
        return False
    content = post.get("content")
    content = content if isinstance(content, dict) else {}
    shows = _assets_in(content)
    if len(shows) != (0 if part.card else len(part.uploads) or len(part.attachments)):
        return False
    text, spans, question = words_of(part)
    if not text.strip() and _others(shows, assets_of(part, author)):
        return False
    asked, linked = _field(content, "poll", "question"), _field(content, "article", "source")
    if (asked is None) != (part.poll is None) or (asked is not None and not says_the_same(question, asked)):
        return False
    if part.card and linked not in {None, part.card.url}:
        return False
    return says_the_same(visible(text, spans), shown(str(post.get("commentary") or "")))


def _assets_in(content: Mapping[str, Any]) -> list[str]:
    """Return what LinkedIn calls the files that a post shows; an empty name where it does not say."""
    several, media = content.get("multiImage"), content.get("media")
    listed = several.get("images") if isinstance(several, dict) else None
    items = listed if isinstance(listed, list) else [media] if media is not None else []
    return [str(item.get("id") or "") if isinstance(item, dict) else "" for item in items]


def _others(shows: Sequence[str], assets: Sequence[str] | None) -> bool:
    """Tell whether files shown are surely others than those that were uploaded: both are known, and differ."""
    return assets is not None and all(map(ASSET.fullmatch, shows)) and list(shows) != list(assets)


def _field(content: Mapping[str, Any], kind: str, name: str) -> str | None:
    """Return a text in a part of a post's content; None where there is none of that kind."""
    if kind not in content:
        return None
    told = content[kind]
    return str(told.get(name) or "") if isinstance(told, dict) else ""


def number(value: object) -> int | None:
    """Return a number that can be one of people or clicks; LinkedIn now and then says that there are -1 likes."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def stats_of(urn: str, totals: object) -> list[Stat]:
    """Return the numbers of one post that are told."""
    read = totals if isinstance(totals, dict) else {}
    return [Stat(urn, name, told) for field, name in _METRICS.items() if (told := number(read.get(field))) is not None]
