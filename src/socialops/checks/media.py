"""What is wrong with media: files that cannot be used, do not go together, or lack their words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from socialops.checks.rule import Case, Rule, rules
from socialops.compose.media import expected_changes, is_video
from socialops.content.text import graphemes
from socialops.problem import Problem, Severity

if TYPE_CHECKING:
    from socialops.checks.place import Place
    from socialops.compose.compose import Variant
    from socialops.content.post import MediaReference
    from socialops.networks.draft import Attachment, Part

HEAD = "---\ntitle: Example\ndate: 2026-12-01 09:30\nchannels: [mastodon]\n"
LAMP = "media:\n  - file: lamp.jpg\n    alt: A lamp, lit\n"

ALT_MISSING = Rule(
    "alt-missing",
    Severity.ERROR,
    "A picture has no alt text.",
    "People who do not see the picture get nothing, and many followers do not share such posts.",
    HEAD + "media:\n  - file: lamp.jpg\n---\nLight!\n",
    HEAD + LAMP + "---\nLight!\n",
    unfinished=True,
)
ALT_LENGTH = Rule(
    "alt-length",
    Severity.ERROR,
    "An alt text is longer than the channel takes.",
    "The network would refuse the post.",
    HEAD + "media:\n  - file: lamp.jpg\n    alt: " + "A very long description. " * 70 + "\n---\nLight!\n",
    HEAD + LAMP + "---\nLight!\n",
)
MEDIA_COUNT = Rule(
    "media-count",
    Severity.ERROR,
    "A part has more media than the channel takes.",
    "The network would refuse the post.",
    HEAD + "media:\n" + "  - {file: lamp.jpg, alt: A lamp}\n" * 5 + "---\nLight!\n",
    HEAD + "media:\n" + "  - {file: lamp.jpg, alt: A lamp}\n" * 4 + "---\nLight!\n",
)
MEDIA_MIXED = Rule(
    "media-mixed",
    Severity.ERROR,
    "A part has a video or an animation together with other media.",
    "Networks take several pictures, or one video, or one animation.",
    HEAD + "media:\n  - {file: moving.gif, alt: A lamp blinks}\n  - {file: lamp.jpg, alt: A lamp}\n---\nLight!\n",
    HEAD + "media:\n  - {file: moving.gif, alt: A lamp blinks}\n---\nLight!\n",
)
MEDIA_PART = Rule(
    "media-part",
    Severity.ERROR,
    "A picture belongs to a part that the thread does not have.",
    "It would go out with another part than the one that was meant.",
    HEAD + "media:\n  - {file: lamp.jpg, alt: A lamp, part: 2}\n---\nOnly one part\n",
    HEAD + "media:\n  - {file: lamp.jpg, alt: A lamp, part: 2}\n---\nPart 1\n---\nPart 2\n",
)
MEDIA_KIND = Rule(
    "media-kind",
    Severity.ERROR,
    "The post's kind needs media that it does not have.",
    "An image post without an image is a text.",
    HEAD + "kind: image\n---\nLight!\n",
    HEAD + "kind: image\n" + LAMP + "---\nLight!\n",
    unfinished=True,
)
MEDIA_FIT = Rule(
    "media-fit",
    Severity.NOTE,
    "A picture will be changed to fit the channel.",
    "Nothing needs to be done; small print in the picture may become hard to read.",
    HEAD + "media:\n  - {file: large.jpg, alt: A long shelf of lamps}\n---\nLight!\n",
    HEAD + LAMP + "---\nLight!\n",
)
MEDIA_ANIMATED = Rule(
    "media-animated",
    Severity.ERROR,
    "An animation goes to a channel that does not take it.",
    "Bluesky has no GIFs, and an animation cannot be made smaller without harm.",
    "---\ndate: 2026-12-01 09:30\nchannels: [bluesky]\nmedia:\n  - {file: moving.gif, alt: It blinks}\n---\nLight!\n",
    "---\ndate: 2026-12-01 09:30\nchannels: [bluesky]\nmedia:\n  - {file: lamp.png, alt: A lamp}\n---\nLight!\n",
)
MEDIA_IN_TEXT = Rule(
    "media-in-text",
    Severity.WARNING,
    "A picture stands in the text.",
    "Networks attach pictures to a post; one in the text is left out.",
    HEAD + "---\nLight! ![A lamp](lamp.jpg)\n",
    HEAD + LAMP + "---\nLight!\n",
)
MEDIA_REMOTE = Rule(
    "media-remote",
    Severity.ERROR,
    "A picture is an address on the web.",
    "Nothing is ever fetched while posts are checked: what a reviewer saw must be what goes out, and an address can "
    "point into a private network.",
    HEAD + "media:\n  - {file: https://example.org/lamp.jpg, alt: A lamp}\n---\nLight!\n",
    HEAD + LAMP + "---\nLight!\n",
)
MEDIA_LOGO = Rule(
    "media-logo",
    Severity.ERROR,
    "The place of a logo lies outside its picture, or is empty.",
    "Whether the logo has its room is judged by this place. It is [left, top, width, height], in pixels, or in parts "
    "of the picture when none of the four is more than 1.",
    HEAD + "media:\n  - {file: lamp.jpg, alt: A lamp, logo: [700, 40, 200, 60]}\n---\nLight!\n",
    HEAD + "media:\n  - {file: lamp.jpg, alt: A lamp, logo: [40, 40, 200, 60]}\n---\nLight!\n",
)
RULES = rules(
    ALT_MISSING,
    ALT_LENGTH,
    MEDIA_COUNT,
    MEDIA_MIXED,
    MEDIA_PART,
    MEDIA_KIND,
    MEDIA_FIT,
    MEDIA_ANIMATED,
    MEDIA_IN_TEXT,
    MEDIA_REMOTE,
    MEDIA_LOGO,
)

NEEDS_MEDIA = {
    "image": "a picture",
    "carousel": "at least two pictures",
    "video": "a video",
    "reel": "a video",
    "story": "a picture or a video",
}
"""Kinds that are nothing without media, and what they need."""
_UNFINISHED = frozenset({"media-missing", "video-broken"})
"""Faults of a file that a draft may still have."""


def judge_media(case: Case, variant: Variant, place: Place) -> None:
    """Judge the media of one channel."""
    draft = variant.draft
    name = draft.channel
    entry = variant.entry
    keys: tuple[str, ...] = ("media",) if entry.media is None else ("channels", name, "media")
    for index, fault in variant.faults:
        severity = Severity.WARNING if case.post.draft and fault.id in _UNFINISHED else Severity.ERROR
        at = case.post.at(*keys, index, "file")
        problem = Problem(case.post.path, *at, fault.id, fault.message, fault.hint, severity)
        if problem not in case.problems:
            case.problems.append(problem)
    limits = {False: place.number("alt_text"), True: place.number("alt_text")}
    if place.limits.has("video_alt_text"):
        limits[True] = place.number("video_alt_text")
    films = {item.file.rpartition("/")[2] for part in draft.parts for item in part.attachments if is_video(item)}
    # A post's own media beside its own parts are judged where the file is read.
    own = entry.media is not None or entry.text is not None
    for index, reference in enumerate(variant.media):
        alt = reference.alt.strip()
        film = reference.file.rpartition("/")[2] in films
        limit = limits[film]
        if film and not limit:
            # The network has no field for a video's words.
            pass
        elif not alt:
            case.report(
                ALT_MISSING,
                case.post.at(*keys, index),
                f"{reference.file[:80]} has no alt text.",
                f"Add `alt:` and say what the {'video' if film else 'picture'} shows, for those who do not see it.",
            )
        elif limit is not None and len(alt) > limit:
            used = len(alt) if place.limits.entries["alt_text"].unit == "code points" else graphemes(alt)
            if used > limit:
                case.report(
                    ALT_LENGTH,
                    case.post.at(*keys, index, "alt"),
                    f"This alt text has {used:,} characters; {name} takes {limit:,}.",
                    "Say what matters for the message; leave out what the text says already.",
                )
        if reference.logo is not None:
            _judge_logo(case, index, reference, keys)
        if own and reference.part > len(variant.sources):
            case.report(
                MEDIA_PART,
                case.post.at(*keys, index, "part"),
                f"There is no part {reference.part}: this text has {len(variant.sources)} for {name}.",
                "Parts are counted from 1.",
            )
    most = place.number("attachments")
    for part in draft.parts:
        if not part.attachments:
            continue
        if most is not None and len(part.attachments) > most:
            case.report(
                MEDIA_COUNT,
                case.post.at(*keys),
                f"{len(part.attachments)} media are too many for {name}: it takes {most} with one text.",
                "Take some out, or make a thread and give each picture its `part:`.",
            )
        if moving := _alone(part, place):
            case.report(
                MEDIA_MIXED,
                case.post.at(*keys),
                f"{moving.file} is an animation or a video and must stand alone.",
                "Take out the others, or make a thread and give each its `part:`.",
            )
        for item in part.attachments:
            if is_video(item):
                continue
            changes = expected_changes(item)
            # A JPEG never moves: nothing can be said of one that goes out as it is.
            if changes or item.mime != "image/jpeg":
                _fit(case, variant, item.file, keys, place)


def _judge_logo(case: Case, index: int, reference: MediaReference, keys: tuple[str, ...]) -> None:
    from socialops.checks.guidelines.looks import Sight, fits, seen

    sight = seen(case.content, case.post.path, reference.file, reference.logo)
    if isinstance(sight, Sight) and sight.logo is not None and not fits(sight.logo, sight.width, sight.height):
        left, top, width, height = sight.logo
        case.report(
            MEDIA_LOGO,
            case.post.at(*keys, index, "logo"),
            f"{sight.name[:60]} has {sight.width} × {sight.height} pixels: no logo of {width:g} × {height:g} stands "
            f"there at {left:g}, {top:g}.",
            "Write [left, top, width, height]: in pixels, or in parts of the picture from 0 to 1.",
        )


def _alone(part: Part, place: Place) -> Attachment | None:
    """Return the animation or video that must have no other media beside it, but has; None: there is none."""
    if len(part.attachments) < 2:
        return None
    films = [item for item in part.attachments if is_video(item)]
    if len(films) > (place.number("videos_beside_pictures") or 0):
        return films[0]
    return next((item for item in part.attachments if item.mime == "image/gif"), None)


def _fit(case: Case, variant: Variant, file: str, keys: tuple[str, ...], place: Place) -> None:
    item = next(item for part in variant.draft.parts for item in part.attachments if item.file == file)
    stem = file.rsplit("/", 1)[-1]
    index = next((i for i, reference in enumerate(variant.media) if reference.file.endswith(stem)), 0)
    changes = expected_changes(item)
    if item.mime != "image/jpeg" and _animated(case, file):
        if item.mime != "image/gif" or changes:
            case.report(
                MEDIA_ANIMATED,
                case.post.at(*keys, index, "file"),
                f"{file} is an animation that {place.channel.name} does not take"
                + (f" ({', '.join(changes)} would harm it)." if item.mime in item.fit.types else "."),
                "Use a still picture there: give the channel its own `media:`.",
            )
    elif changes:
        at = case.post.at(*keys, index, "file")
        case.report(MEDIA_FIT, at, f"{file} for {place.channel.name}: {', '.join(changes)}.")


def _animated(case: Case, file: str) -> bool:
    from socialops.content.media import MediaFault, inspect_picture

    picture = inspect_picture(case.content.workspace.root / file)
    return not isinstance(picture, MediaFault) and picture.frames > 1


def judge_kind(case: Case, variant: Variant) -> None:
    """Judge whether a kind that lives of its media has them, and the right ones."""
    kind = variant.draft.kind
    if len(variant.media) > (1 if kind == "carousel" else 0):
        _judge_which(case, variant, kind)
        return
    case.report(
        MEDIA_KIND,
        case.at_entry(variant.draft.channel, "kind"),
        f"The kind is {kind}, which needs {NEEDS_MEDIA[kind]}.",
        "Add it under `media:`, or leave `kind:` out: it is worked out from what the post holds.",
    )


def _judge_which(case: Case, variant: Variant, kind: str) -> None:
    items = [item for part in variant.draft.parts for item in part.attachments]
    films = [item for item in items if is_video(item)]
    if variant.faults:
        return
    name = items[0].file.rpartition("/")[2]
    if kind in ("video", "reel") and not films:
        wrong = f"The kind is {kind}, and {name} is a picture."
    elif kind == "image" and films:
        wrong = f"The kind is image, and {films[0].file.rpartition('/')[2]} is a video."
    elif len(items) > 1 and (kind == "story" or (kind == "reel" and variant.draft.network != "youtube")):
        one = "one video" if kind == "reel" else "one picture or one video"
        wrong = f"A {kind} is {one}, and this post has {len(items)} files."
    else:
        return
    case.report(
        MEDIA_KIND,
        case.at_entry(variant.draft.channel, "kind"),
        wrong,
        "Change the file, or leave `kind:` out: it is worked out from what the post holds.",
    )


def judge_images_in_text(case: Case, variant: Variant) -> None:
    """Judge pictures that were written into the text."""
    for index, text in enumerate(variant.texts):
        for target in text.images:
            at = case.in_text(variant, index, "![")
            if "://" in target or target.startswith("//"):
                case.report(
                    MEDIA_REMOTE,
                    at,
                    f"{target[:80]} is an address on the web; it is never fetched.",
                    "Put the picture's file beside the post and name it under `media:`.",
                )
            else:
                case.report(
                    MEDIA_IN_TEXT,
                    at,
                    f"The picture {target[:80]!r} stands in the text and will not go out.",
                    "Name it under `media:` with its `alt:`.",
                )
