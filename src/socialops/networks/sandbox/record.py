"""Bluesky's records: whether a post fits the lexicon app.bsky.feed.post and its embeds.

Source: bluesky-social/atproto, lexicons/app/bsky/{feed/post,richtext/facet,embed/*}.json, as PDS 0.4 enforces them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from socialops.content.text import graphemes

POST = "app.bsky.feed.post"
TID = re.compile(r"[234567abcdefghij][234567abcdefghijklmnopqrstuvwxyz]{12}")
"""A key of a post: 13 characters of sortable base 32."""

TEXT_GRAPHEMES, TEXT_BYTES = 300, 3000
TAG_GRAPHEMES, TAG_BYTES, TAGS = 64, 640, 8
LANGUAGES = 3
IMAGES = 4
VIDEO_BYTES = 100_000_000
IMAGE_BYTES = 1_000_000
THUMB_BYTES = 1_000_000

_RECORD_KEY = re.compile(r"[A-Za-z0-9._:~-]{1,512}")
_TID_COLLECTIONS = frozenset({POST, "app.bsky.feed.like", "app.bsky.feed.repost", "app.bsky.feed.threadgate"})
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
_CID = re.compile(r"b[a-z2-7]{20,200}")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,20})?(Z|[+-]\d{2}:\d{2})")
_URI = re.compile(r"[a-z][a-z0-9+.-]*:\S{1,8000}", re.IGNORECASE)


class Invalid(ValueError):
    """A record that does not fit; the message is what the server answers."""


def check_record_key(collection: str, rkey: object) -> None:
    """Refuse a key that its collection does not take; raises Invalid."""
    if not isinstance(rkey, str) or not _RECORD_KEY.fullmatch(rkey) or rkey in {".", ".."}:
        raise Invalid("Input/rkey must be a valid Record Key")
    if collection in _TID_COLLECTIONS and not TID.fullmatch(rkey):
        raise Invalid(f"Invalid TID string (got {rkey[:40]!r}) at rkey")


def check_post(record: dict[str, Any]) -> Iterator[tuple[dict[str, Any], int]]:
    """Check a post against its lexicon; yield (blob, most bytes) for every picture it uses; raises Invalid."""
    text = _text(record, "Record/text", record.get("text"))
    if len(text.encode("utf-8")) > TEXT_BYTES:
        raise _wrong(f"Record/text must not be longer than {TEXT_BYTES} bytes")
    if graphemes(text) > TEXT_GRAPHEMES:
        raise _wrong(f"Record/text must not be longer than {TEXT_GRAPHEMES} graphemes")
    created = _text(record, "Record/createdAt", record.get("createdAt"))
    if not _MOMENT.fullmatch(created) or not _is_moment(created):
        raise _wrong("Record/createdAt must be an valid atproto datetime (both RFC-3339 and ISO-8601)")
    languages = _list("Record/langs", record.get("langs", []), LANGUAGES)
    if not all(isinstance(language, str) and _LANGUAGE.fullmatch(language) for language in languages):
        raise _wrong("Record/langs/0 must be a well-formed BCP 47 language tag")
    for number, tag in enumerate(_list("Record/tags", record.get("tags", []), TAGS)):
        _tag(f"Record/tags/{number}", tag)
    for number, facet in enumerate(_list("Record/facets", record.get("facets", []), 500)):
        _facet(f"Record/facets/{number}", facet, text.encode("utf-8"))
    _reply(record)
    _labels(record)
    embed = record.get("embed")
    if embed is not None:
        yield from _embed(_mapping("Record/embed", embed))


def _wrong(message: str) -> Invalid:
    return Invalid(f"Invalid {POST} record: {message}")


def _text(_record: dict[str, Any], place: str, value: object) -> str:
    if value is None:
        name = place.rpartition("/")[2]
        raise _wrong(f'Record must have the property "{name}"')
    if not isinstance(value, str):
        raise _wrong(f"{place} must be a string")
    return value


def _is_moment(text: str) -> bool:
    try:
        datetime.fromisoformat(re.sub(r"\.\d+", "", text))
    except ValueError:
        return False
    return True


def _list(place: str, value: object, most: int) -> list[Any]:
    if not isinstance(value, list):
        raise _wrong(f"{place} must be an array")
    if len(value) > most:
        raise _wrong(f"{place} must not have more than {most} elements")
    return value


def _mapping(place: str, value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _wrong(f"{place} must be an object")
    return value


def _tag(place: str, tag: object) -> None:
    if not isinstance(tag, str):
        raise _wrong(f"{place} must be a string")
    if len(tag.encode("utf-8")) > TAG_BYTES:
        raise _wrong(f"{place} must not be longer than {TAG_BYTES} bytes")
    if graphemes(tag) > TAG_GRAPHEMES:
        raise _wrong(f"{place} must not be longer than {TAG_GRAPHEMES} graphemes")


def _facet(place: str, facet: object, text: bytes) -> None:
    value = _mapping(place, facet)
    index = _mapping(f"{place}/index", value.get("index"))
    edges = []
    for name in ("byteStart", "byteEnd"):
        edge = index.get(name)
        if not isinstance(edge, int) or isinstance(edge, bool) or edge < 0:
            raise _wrong(f"{place}/index/{name} must be an integer of at least 0")
        edges.append(edge)
    start, end = edges
    # A real server takes any range and clients then show nothing, or the wrong words: here it is an error.
    if not start < end <= len(text) or not _whole(text, start) or not _whole(text, end):
        raise _wrong(f"{place}/index is no stretch of whole characters of the text (bytes {start} to {end})")
    features = _list(f"{place}/features", value.get("features"), 20)
    for number, raw in enumerate(features):
        where = f"{place}/features/{number}"
        feature = _mapping(where, raw)
        kind = feature.get("$type")
        if kind == "app.bsky.richtext.facet#tag":
            _tag(f"{where}/tag", feature.get("tag"))
        elif kind == "app.bsky.richtext.facet#link":
            _uri(f"{where}/uri", feature.get("uri"))
        elif kind == "app.bsky.richtext.facet#mention":
            if not isinstance(feature.get("did"), str) or not feature["did"].startswith("did:"):
                raise _wrong(f"{where}/did must be a valid did")
        elif not isinstance(kind, str):
            raise _wrong(f'{where} must be an object which includes the "$type" property')


def _whole(text: bytes, offset: int) -> bool:
    return offset == len(text) or text[offset] & 0xC0 != 0x80


def _uri(place: str, value: object) -> None:
    if not isinstance(value, str) or not _URI.fullmatch(value):
        raise _wrong(f"{place} must be a uri")


def _reply(record: dict[str, Any]) -> None:
    if "reply" not in record:
        return
    reply = _mapping("Record/reply", record["reply"])
    for name in ("root", "parent"):
        reference = _mapping(f"Record/reply/{name}", reply.get(name))
        if not str(reference.get("uri", "")).startswith("at://"):
            raise _wrong(f"Record/reply/{name}/uri must be a valid at-uri")
        if not _CID.fullmatch(str(reference.get("cid", ""))):
            raise _wrong(f"Record/reply/{name}/cid must be a cid string")


def _labels(record: dict[str, Any]) -> None:
    if record.get("labels") is None:
        return
    labels = _mapping("Record/labels", record["labels"])
    if labels.get("$type") != "com.atproto.label.defs#selfLabels":
        raise _wrong("Record/labels must be com.atproto.label.defs#selfLabels")
    for number, raw in enumerate(_list("Record/labels/values", labels.get("values"), 10)):
        if not isinstance(_mapping(f"Record/labels/values/{number}", raw).get("val"), str):
            raise _wrong(f"Record/labels/values/{number}/val must be a string")


def _embed(embed: dict[str, Any]) -> Iterator[tuple[dict[str, Any], int]]:
    kind = embed.get("$type")
    if kind == "app.bsky.embed.images":
        images = _list("Record/embed/images", embed.get("images"), IMAGES)
        for number, raw in enumerate(images):
            place = f"Record/embed/images/{number}"
            image = _mapping(place, raw)
            if not isinstance(image.get("alt"), str):
                raise _wrong(f'{place} must have the property "alt"')
            _aspect(place, image)
            yield _blob(f"{place}/image", image.get("image")), IMAGE_BYTES
    elif kind == "app.bsky.embed.video":
        _aspect("Record/embed", embed)
        yield _blob("Record/embed/video", embed.get("video")), VIDEO_BYTES
    elif kind == "app.bsky.embed.external":
        external = _mapping("Record/embed/external", embed.get("external"))
        _uri("Record/embed/external/uri", external.get("uri"))
        for name in ("title", "description"):
            _text(embed, f"Record/embed/external/{name}", external.get(name))
        if external.get("thumb") is not None:
            yield _blob("Record/embed/external/thumb", external["thumb"]), THUMB_BYTES
    elif kind == "app.bsky.embed.recordWithMedia":
        yield from _embed(_mapping("Record/embed/media", embed.get("media")))
    elif not isinstance(kind, str):
        raise _wrong('Record/embed must be an object which includes the "$type" property')


def _aspect(place: str, image: dict[str, Any]) -> None:
    if image.get("aspectRatio") is None:
        return
    ratio = _mapping(f"{place}/aspectRatio", image["aspectRatio"])
    for side in ("width", "height"):
        if not isinstance(ratio.get(side), int) or isinstance(ratio[side], bool) or ratio[side] < 1:
            raise _wrong(f"{place}/aspectRatio/{side} can not be less than 1")


def _blob(place: str, value: object) -> dict[str, Any]:
    blob = _mapping(place, value)
    reference = blob.get("ref")
    if (
        blob.get("$type") != "blob"
        or not isinstance(reference, dict)
        or not _CID.fullmatch(str(reference.get("$link", "")))
        or not isinstance(blob.get("mimeType"), str)
        or not isinstance(blob.get("size"), int)
    ):
        raise _wrong(f"{place} should be a blob ref")
    return blob
