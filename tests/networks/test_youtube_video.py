"""What a post says of a video on YouTube: how it is counted, and whether the API knows every word of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from networks.stub_youtube import PLAYLIST
from networks.test_youtube import Channel, attachment, film, upload
from socialops.networks import counts, default_limits
from socialops.networks.draft import Part

DISCOVERY = Path(__file__).parents[3] / "shared" / "vectors" / "youtube" / "youtube.v3.discovery.json"


# --- Counting ---------------------------------------------------------------------------------------------------------


def used(part: Part) -> dict[str, tuple[int, int]]:
    return {count.what: (count.used, count.limit) for count in counts("youtube", part, default_limits("youtube"))}


def test_counts_as_youtube_does() -> None:
    part = film("ışık <3", title="🚲 > 🚗", options={"tags": "city bicycle, kış"})
    assert used(part) == {
        "title": (7, 100),
        "text": (10, 5000),
        "tags": (18, 500),
        "angle_brackets": (2, 0),
        "attachments": (1, 2),
    }


@given(st.text(), st.text(), st.one_of(st.text(), st.lists(st.one_of(st.text(), st.integers())), st.none()))
def test_counting_never_fails(words: str, title: str, tags: Any) -> None:
    counted = used(film(words, title=title, options={"tags": tags}))
    assert counted["text"][0] == len(words.encode("utf-8", "surrogatepass"))
    assert counted["title"][0] >= len(title)


# --- The discovery document -------------------------------------------------------------------------------------------


def conforms(value: Any, schema: dict[str, Any], schemas: dict[str, Any], path: str) -> None:
    if "$ref" in schema:
        schema = schemas[schema["$ref"]]
    kinds: dict[str, type[Any]] = {"object": dict, "array": list, "string": str, "boolean": bool}
    assert isinstance(value, kinds[schema["type"]]), path
    if isinstance(value, dict):
        for name, item in value.items():
            assert name in schema["properties"], f"{path}.{name}"
            conforms(item, schema["properties"][name], schemas, f"{path}.{name}")
    elif isinstance(value, list):
        for item in value:
            conforms(item, schema["items"], schemas, f"{path}[]")
    elif "enum" in schema:
        assert value in schema["enum"], path


def test_every_request_is_as_the_discovery_document_says() -> None:
    channel = Channel()
    if not DISCOVERY.is_file():
        pytest.skip("the discovery document is not beside this repository")
    document = json.loads(DISCOVERY.read_text("utf-8"))
    both: dict[str, Any] = {
        "attachments": (attachment("video/mp4"), attachment("image/jpeg")),
        "uploads": (upload("video/mp4"), upload("image/jpeg", b"picture")),
    }
    options = {"playlist": PLAYLIST, "tags": "a, b", "labels": ["ai-made", "paid-partnership"], "audio_language": "he"}
    receipt = channel.publish(film(options=options, **both))
    channel.network.account()
    list(channel.network.measure([receipt]))
    channel.network.delete(receipt)
    methods = {}
    for resource in document["resources"].values():
        for method in resource.get("methods", {}).values():
            methods[method["httpMethod"], "/" + method["path"]] = method
            for protocol in method.get("mediaUpload", {}).get("protocols", {}).values():
                methods[method["httpMethod"], protocol["path"]] = method
    for request in channel.server.requests:
        if "upload_id" in request.url.params:
            continue  # the address the server gave
        method = methods[request.method, request.url.path]
        for name in request.url.params:
            assert name in method["parameters"] or name in document["parameters"], f"{request.url.path}: {name}"
        for name, parameter in method["parameters"].items():
            assert not parameter.get("required") or name in request.url.params
        if "request" in method and request.headers.get("Content-Type") == "application/json":
            conforms(json.loads(request.content), method["request"], document["schemas"], request.url.path)
    assert len(channel.server.requests) > 8
