"""What a post is to Instagram: its shape, its caption, what its `params:` choose, and how all that is counted."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from socialops.content.text import find_mentions, find_tags
from socialops.errors import Rejected
from socialops.networks.base import Count, Limits, Option, chosen
from socialops.networks.draft import Part
from socialops.networks.graph import ID

OPTIONS = (
    Option("collaborators", "User names that are invited as co-authors, with commas between them: three at most."),
    Option("location", "The number of the Facebook Page of a place, shown as the location."),
    Option("share_to_feed", "Whether a reel is shown in the feed, too.", ("yes", "no")),
    Option("cover_second", "Which moment of a reel is its cover, in seconds from its beginning."),
    Option("comments", "Whether people may comment; yes, where nothing is said.", ("yes", "no")),
    Option("labels", "Labels a post must carry by law.", ("paid-partnership", "ai-made")),
)

MOST_COLLABORATORS = 3
USER_NAME = re.compile(r"[A-Za-z0-9._]{1,30}")
_KINDS = frozenset({"", "image", "carousel", "video", "reel", "story"})


def counts(part: Part, limits: Limits) -> Sequence[Count]:
    """Count a part: its caption (which a story has none of), and the hashtags and mentions of it and its comment.

    Alt texts are counted in code points; only the largest is told. Lengths are in UTF-16 units, the safe side.
    """
    used = {"text": _units(part.text)}
    used["hashtags"] = len(find_tags(part.text)) + len(find_tags(part.first_comment))
    used["mentions"] = len(find_mentions(part.text)) + len(find_mentions(part.first_comment))
    if part.attachments:
        used["attachments"] = len(part.attachments)
        used["alt_text"] = max(len(attachment.alt) for attachment in part.attachments)
    if part.first_comment:
        used["first_comment"] = _units(part.first_comment)
    return limits.counted(used, text="story_text" if part.kind == "story" else "text")


def words_of(part: Part, shape: str, *, over_facebook: bool) -> dict[str, str]:
    """Return the fields that the whole post has: its caption and what its `params:` choose; raises Rejected."""
    options = {option.name: option for option in OPTIONS}
    fields = {"caption": part.text} if part.text and shape != "STORIES" else {}
    if names := chosen(options["collaborators"], part.options):
        fields["collaborators"] = _user_names(names)
    if place := chosen(options["location"], part.options):
        if not ID.fullmatch(place):
            raise Rejected("`location` is a number.", hint="Write the number of the place's Page.", code="option")
        fields["location_id"] = place
    if shape == "REELS":
        if shared := chosen(options["share_to_feed"], part.options):
            fields["share_to_feed"] = "true" if shared == "yes" else "false"
        if second := chosen(options["cover_second"], part.options):
            fields["thumb_offset"] = _milliseconds(second)
    labels = _labels(part.options)
    if "ai-made" in labels:
        fields["is_ai_generated"] = "true"
    if "paid-partnership" in labels:
        if not over_facebook:
            raise Rejected(
                "Instagram takes the label paid-partnership only over a token of Facebook Login.",
                hint="Publish it by hand, or use such a token.",
                code="option",
            )
        # Announced 2026-04-22 for the API with Facebook Login; the field's name is what other publishers send.
        fields["is_paid_partnership"] = "true"
    return fields


def shape_of(part: Part) -> str:
    """Return Instagram's word for how a part is shown; raises Rejected for what cannot be shown there."""
    media = [item.mime for item in part.uploads or part.attachments]
    films = [mime for mime in media if mime.startswith("video/")]
    if part.poll is not None or part.reply is not None or part.kind not in _KINDS:
        problem = "Instagram shows no polls, threads and the like."
    elif not media:
        problem = "Instagram shows nothing without a picture or a video."
    elif part.kind == "story":
        if len(media) == 1 and not part.text.strip():
            return "STORIES"
        problem = "A story is one picture or one video, without a text."
    elif part.kind in {"reel", "video"} and media != films:
        problem = "A reel is one video."
    elif len(media) > 1:
        if part.kind in {"", "carousel", "image"}:
            return "CAROUSEL"
        problem = "A reel is one video."
    elif part.kind == "carousel":
        problem = "A carousel has two pictures or videos at least."
    else:
        return "REELS" if films else "IMAGE"
    raise Rejected(problem, hint="Change the media of the post, or its `kind:`, or leave the channel out.", code="kind")


def closes_comments(part: Part) -> bool:
    """Tell whether nobody may comment on a part; raises Rejected for a choice that is none. A story has no comments."""
    option = next(option for option in OPTIONS if option.name == "comments")
    return chosen(option, part.options) == "no" and part.kind != "story"


def types_of(part: Part) -> frozenset[str]:
    """Return what Instagram may call a post of this part (`media_type`)."""
    if shape_of(part) == "CAROUSEL":
        return frozenset({"CAROUSEL_ALBUM"})
    moving = (part.uploads or part.attachments)[0].mime.startswith("video/")
    return frozenset({"VIDEO"} if moving else {"IMAGE"})


def _user_names(given: str) -> str:
    """Return user names as a JSON list; *given* is a text with commas, or a list of YAML's."""
    names = [name.strip(" '\"@") for name in given.strip("[]").split(",")]
    if len(names) > MOST_COLLABORATORS or not all(USER_NAME.fullmatch(name) for name in names):
        raise Rejected(
            f"`collaborators` takes {MOST_COLLABORATORS} user names at most.",
            hint="Write them as they stand on Instagram, with commas between them.",
            code="option",
        )
    return json.dumps(names)


def _milliseconds(second: str) -> str:
    if not re.fullmatch(r"[0-9]{1,3}(?:\.[0-9]{1,3})?", second):
        raise Rejected("`cover_second` is a number of seconds.", hint="Write `cover_second: 2.5`.", code="option")
    return str(round(float(second) * 1000))


def _labels(options: Mapping[str, Any]) -> tuple[str, ...]:
    given = options.get("labels") or ()
    labels = tuple(str(label) for label in given) if isinstance(given, list | tuple) else (str(given),)
    known = next(option.values for option in OPTIONS if option.name == "labels")
    for label in labels:
        if label not in known:
            raise Rejected(f"Instagram has no label {label}.", hint=f"It has {' and '.join(known)}.", code="option")
    return labels


def _units(text: str) -> int:
    """Count *text* in units of UTF-16."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2
