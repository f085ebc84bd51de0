"""What a Mastodon server tells in numbers: the counters of a status, and the limits of the server.

Source: docs.joinmastodon.org (entities Status, Poll and Instance), as of 2026-07.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from socialops.networks.base import Stat

_WRITABLE = ("image/jpeg", "image/png", "image/webp", "image/gif")
_FILMS = ("video/mp4", "video/quicktime", "video/webm")


def number_of(value: object) -> int | None:
    """Return a counter; None for anything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def stats_of(status: Mapping[str, Any]) -> list[Stat]:
    """Return the counters of a status."""
    poll = status.get("poll")
    read = {
        "likes": status.get("favourites_count"),
        "reposts": status.get("reblogs_count"),
        "replies": status.get("replies_count"),
        "quotes": status.get("quotes_count"),
        "votes": poll.get("votes_count") if isinstance(poll, dict) else None,
    }
    return [
        Stat(status["id"], metric, number) for metric, value in read.items() if (number := number_of(value)) is not None
    ]


_LIMITS = {
    "text": ("statuses", "max_characters"),
    "url_length": ("statuses", "characters_reserved_per_url"),
    "attachments": ("statuses", "max_media_attachments"),
    "alt_text": ("media_attachments", "description_limit"),
    "image_bytes": ("media_attachments", "image_size_limit"),
    "image_pixels": ("media_attachments", "image_matrix_limit"),
    "video_bytes": ("media_attachments", "video_size_limit"),
    "video_pixels": ("media_attachments", "video_matrix_limit"),
    "video_frames_per_second": ("media_attachments", "video_frame_rate_limit"),
    "poll_options": ("polls", "max_options"),
    "poll_option": ("polls", "max_characters_per_option"),
    "poll_seconds_minimum": ("polls", "min_expiration"),
    "poll_seconds_maximum": ("polls", "max_expiration"),
}


def limits_told(instance: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the server says of its limits, in the names of limits/mastodon.yml; nonsense is left out."""
    configuration = instance.get("configuration")
    groups = configuration if isinstance(configuration, dict) else {}
    found: dict[str, Any] = {}
    for name, (group, field) in _LIMITS.items():
        values = groups.get(group)
        number = number_of(values.get(field)) if isinstance(values, dict) else None
        if number:
            found[name] = number
    if "text" not in found and (number := number_of(instance.get("max_toot_chars"))):
        found["text"] = number
    media = groups.get("media_attachments")
    types = media.get("supported_mime_types") if isinstance(media, dict) else None
    if isinstance(types, list) and (usable := [mime for mime in _WRITABLE if mime in types]):
        found["image_types"] = usable
    if isinstance(types, list) and (films := [mime for mime in _FILMS if mime in types]):
        found["video_types"] = films
    return found
