"""A video as YouTube describes it: what a post says of one, how that is counted, and what is read of it.

Source: developers.google.com/youtube/v3/docs/videos, and the API's discovery document (revision 20261104).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import Any

from socialops.content.text import utf8_length
from socialops.errors import Rejected
from socialops.networks.base import Count, Limits, Option, Stat, chosen, instant, rfc3339
from socialops.networks.draft import Part, Receipt

YES_OR_NO = ("yes", "no")
TAGS = "tags"
CATEGORY = Option("category", "The number of the video's category; 22 (People & Blogs) where nothing is said.")
PRIVACY = Option("privacy", "Keeps the video private, to be made public by hand.", ("private",))
FOR_KIDS = Option("made_for_kids", "Whether the video is made for children; no, where nothing is said.", YES_OR_NO)
LICENCE = Option("licence", "Under which licence the video is.", ("youtube", "creativeCommon"))
EMBEDDABLE = Option("embeddable", "Whether other sites may show the video.", YES_OR_NO)
NOTIFY = Option("notify", "Whether subscribers are told.", YES_OR_NO)
PLAYLIST = Option("playlist", "The id of a playlist of ours that the video is added to.")
AUDIO = Option("audio_language", "The language that is spoken, where it is not the post's.")
OPTIONS = (
    CATEGORY,
    Option(TAGS, "Words that the video is found by: a list, or a text with commas."),
    PRIVACY,
    FOR_KIDS,
    LICENCE,
    EMBEDDABLE,
    NOTIFY,
    PLAYLIST,
    AUDIO,
    Option("title", "The title of the video, where it is not the post's."),
    Option("labels", "Labels a post must carry by law.", ("paid-partnership", "ai-made")),
)
VIDEO_ID = re.compile(r"[A-Za-z0-9_-]{6,64}")

_PEOPLE_AND_BLOGS = "22"
_MARK = "socialops-"


def counts(part: Part, limits: Limits) -> Sequence[Count]:
    """Count a part as YouTube does: the title in UTF-16 units (the safe side), the description in bytes.

    Tags are counted with the commas between them, and one with a space as if it stood in quotes (videos resource).
    """
    used = {"title": len(part.title.encode("utf-16-le", "surrogatepass")) // 2, "text": utf8_length(part.text)}
    if tags := tags_of(part):
        used["tags"] = sum(len(tag) + 2 * (" " in tag) for tag in tags) + len(tags) - 1
    if brackets := sum(text.count(sign) for text in (part.title, part.text) for sign in "<>"):
        used["angle_brackets"] = brackets
    if part.first_comment:
        used["first_comment"] = len(part.first_comment.encode("utf-16-le", "surrogatepass")) // 2
    if part.attachments:
        used["attachments"] = len(part.attachments)
    return limits.counted(used)


def refuse_what_cannot_be(part: Part) -> None:
    """Raise Rejected for what YouTube has no place for, before a byte is sent."""
    kinds = sorted(attachment.mime.partition("/")[0] for attachment in part.attachments)
    if part.kind not in {"", "video", "reel"} or part.reply or part.poll:
        word = part.kind if part.kind not in {"", "video", "reel"} else "thread" if part.reply else "poll"
        hint = "Make it a video, or leave the channel out."
        raise Rejected(f"YouTube takes videos, and this is a {word}.", hint=hint, code="kind")
    if kinds not in (["video"], ["image", "video"]):
        hint = "Give the channel one video, and at most one picture as its thumbnail."
        raise Rejected("YouTube takes one video.", hint=hint, code="kind")
    if not part.title.strip():
        hint = "Write `title:` in the post, or under `params: youtube:`."
        raise Rejected("A video on YouTube needs a title.", hint=hint, code="invalidTitle")
    resource_of(part, privacy=privacy_of(part), tags=tags_of(part))


def resource_of(part: Part, *, privacy: str, tags: Sequence[str]) -> dict[str, Any]:
    """Return the whole of what we say of a video, for an update clears what it leaves out."""
    snippet: dict[str, Any] = {
        "title": part.title.strip(),
        "description": part.text,
        "categoryId": chosen(CATEGORY, part.options) or _PEOPLE_AND_BLOGS,
    }
    if tags:
        snippet["tags"] = list(tags)
    if part.lang:
        snippet["defaultLanguage"] = part.lang
    if spoken := chosen(AUDIO, part.options):
        snippet["defaultAudioLanguage"] = spoken
    labels = items(part.options.get("labels"))
    status = {
        "privacyStatus": privacy,
        "selfDeclaredMadeForKids": says(part, FOR_KIDS, otherwise=False),
        "containsSyntheticMedia": "ai-made" in labels,
        "embeddable": says(part, EMBEDDABLE, otherwise=True),
        "license": chosen(LICENCE, part.options) or "youtube",
    }
    resource: dict[str, Any] = {"snippet": snippet, "status": status}
    if "paid-partnership" in labels:
        resource["paidProductPlacementDetails"] = {"hasPaidProductPlacement": True}
    return resource


def privacy_of(part: Part) -> str:
    """Return who may see the video in the end."""
    if chosen(PRIVACY, part.options) == "private":
        return "private"
    return "unlisted" if part.visibility == "unlisted" else "public"


def receipt_of(video: Mapping[str, Any], part: Part) -> Receipt | None:
    """Return the receipt of a video that is as the part wants it; None while it is not."""
    snippet = fields(video, "snippet")
    marked = any(isinstance(tag, str) and tag.startswith(_MARK) for tag in items(snippet.get("tags")))
    at = instant(snippet.get("publishedAt"))
    if video.get("id") != part.handle or marked or at is None:
        return None
    if fields(video, "status").get("privacyStatus") != privacy_of(part):
        return None
    path = f"shorts/{part.handle}" if part.kind == "reel" else f"watch?v={part.handle}"
    return Receipt(part.handle, f"https://www.youtube.com/{path}", rfc3339(at))


def marker_of(key: str) -> str:
    """Return the tag that a private upload carries until it is shown: the same on every attempt."""
    return _MARK + hashlib.sha256(key.encode()).hexdigest()[:24]


def tags_of(part: Part) -> list[str]:
    """Return the words that the video is found by."""
    given = part.options.get(TAGS)
    words = given.split(",") if isinstance(given, str) else items(given)
    return [word for word in (str(word).strip().lstrip("#") for word in words) if word]


def says(part: Part, option: Option, *, otherwise: bool) -> bool:
    """Return what a post says for an option of yes or no; raises Rejected for anything else."""
    return (chosen(option, part.options) or ("yes" if otherwise else "no")) == "yes"


def stats_of(video: Mapping[str, Any]) -> list[Stat]:
    """Return the counters of a video; what the channel hides is left out."""
    numbers = fields(video, "statistics")
    read = {"views": "viewCount", "likes": "likeCount", "replies": "commentCount"}
    found = {metric: number(numbers.get(name)) for metric, name in read.items()}
    return [Stat(video["id"], metric, number) for metric, number in found.items() if number is not None]


def number(value: object) -> int | None:
    """Read a number that the API writes as text."""
    if isinstance(value, str) and re.fullmatch(r"\d{1,18}", value, re.ASCII):
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def fields(value: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return one part of a resource; nothing where it is missing."""
    found = value.get(name)
    return found if isinstance(found, dict) else {}


def items(value: object) -> list[Any]:
    """Return *value* as a list: a text is one item, anything else that is no list is none."""
    if isinstance(value, str):
        return [value]
    return list(value) if isinstance(value, (list, tuple)) else []
