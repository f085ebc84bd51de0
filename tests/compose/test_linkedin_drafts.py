"""What compose makes of a post for LinkedIn: cards with a picture, and mentions behind names."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from builder import workspace
from networks.stub_linkedin import read_little
from socialops.checks.check import check
from socialops.compose.compose import compose
from socialops.content.load import Content, load
from socialops.content.text import Span
from socialops.networks.draft import Draft
from socialops.networks.linkedin_text import little

CHANNEL = (
    "---\nnetwork: linkedin\nhandle: lumenvelo\nzone: Europe/Istanbul\n"
    'params: {organization: "2414183"}\n---\nOur page\n'
)
HANDLES = (
    "isikbagi: {name: Işık Bağı, linkedin: 'urn:li:organization:77'}\nradu: {name: Radu P., mastodon: '@r@m.example'}\n"
)


def picture() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (64, 48), "orange").save(file, "PNG")
    return file.getvalue()


def content(folder: Path, post: str) -> Content:
    files: dict[str, str | bytes] = {
        "brand/channels/linkedin.md": CHANNEL,
        "brand/handles.yml": HANDLES,
        "posts/2026/12/lamp.png": picture(),
        "posts/2026/12/post.md": f"---\ndate: 2026-12-01 09:30\nchannels: [linkedin]\nlang: tr\n{post}",
    }
    return load(workspace(folder, files=files))


def draft(folder: Path, post: str) -> Draft:
    loaded = content(folder, post)
    return compose(loaded.posts[0], loaded.channels["linkedin"], loaded)


def test_a_name_becomes_a_mention_of_the_organisation_behind_it(tmp_path: Path) -> None:
    part = draft(tmp_path, "---\n@isikbagi ve @radu (birlikte): @isikbagi #kış\n").parts[0]
    assert part.text == "Işık Bağı ve Radu P. (birlikte): Işık Bağı #kış"
    assert part.spans == (
        Span(0, 9, "mention", "urn:li:organization:77"),
        Span(33, 42, "mention", "urn:li:organization:77"),
        Span(43, 47, "tag", "kış"),
    )
    seen, mentions, tags = read_little(little(part.text, part.spans))
    assert (seen, tags) == (part.text, ["kış"])
    assert mentions == [("Işık Bağı", "urn:li:organization:77")] * 2


def test_a_link_is_a_card_and_not_in_the_text(tmp_path: Path) -> None:
    made = draft(tmp_path, "link: https://example.org/winter\nparams: {card_title: Kış}\n---\nOkuyun\n")
    assert (made.kind, made.parts[0].text) == ("link", "Okuyun")
    assert made.parts[0].card is not None
    assert (made.parts[0].card.url, made.parts[0].card.title) == ("https://example.org/winter", "Kış")


MEDIA = "link: https://example.org/winter\nmedia:\n  - {file: lamp.png, alt: Bir lamba}\n"


@pytest.mark.parametrize("kind", ["link", "article"])
def test_a_link_with_a_picture_is_one_card_when_the_post_says_so(tmp_path: Path, kind: str) -> None:
    made = draft(tmp_path, f"kind: {kind}\n{MEDIA}---\nOkuyun\n")
    assert made.kind == kind
    assert made.parts[0].card is not None
    assert [attachment.alt for attachment in made.parts[0].attachments] == ["Bir lamba"]
    assert made.parts[0].text == "Okuyun"


def test_a_picture_with_a_link_is_a_picture_otherwise(tmp_path: Path) -> None:
    made = draft(tmp_path, f"{MEDIA}---\nOkuyun\n")
    assert made.kind == "image"
    assert made.parts[0].card is None
    assert made.parts[0].text == "Okuyun\n\nhttps://example.org/winter"


@pytest.mark.parametrize(
    ("post", "problem"),
    [
        ("---\nOne\n---\nTwo\n", "kind-unsupported"),
        ("kind: story\n---\nOne\n", "kind-unsupported"),
        ("visibility: direct\n---\nOne\n", "visibility-unsupported"),
        (f"---\n{'Kış (ışık). ' * 300}\n", "text-length"),
        ("poll: {options: [A, B], duration: 2h}\n---\nWhich?\n", "poll-duration"),
    ],
)
def test_what_linkedin_would_refuse_is_named_before(tmp_path: Path, post: str, problem: str) -> None:
    assert problem in {found.id for found in check(content(tmp_path, post))}
