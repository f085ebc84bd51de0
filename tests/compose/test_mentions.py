"""`@name` becomes the handle each network knows, or the plain name, and the writer sees which."""

from __future__ import annotations

from pathlib import Path

import pytest

from builder import workspace
from socialops.checks.check import check
from socialops.cli import run
from socialops.compose.compose import Variant, variant
from socialops.content.load import load
from socialops.networks.discord_text import marked_up
from socialops.networks.linkedin_text import little
from socialops.networks.matrix_event import content_of

HANDLES = """\
isikbagi:
  name: Işık Bağı
  mastodon: "@isikbagi@mastodon.example"
  bluesky: "@isikbagi.example"
  x: "@isikbagi"
  instagram: "@isik.bagi"
  threads: isik.bagi
  tiktok: isikbagi
  telegram: "@isikbagi_haber"
  youtube: "@isikbagi"
  linkedin: "urn:li:organization:1234567"
  discord: "80351110224678912"
  slack: U012AB3CD
  matrix: "@isikbagi:matrix.example"
  facebook: isikbagi
nobody:
  name: Roata Veche
"""
TEXT = "Teşekkürler @isikbagi ve @nobody! [Bağış](https://example.org) için #kış"


def composed(folder: Path, network: str, text: str = TEXT, handles: str = HANDLES) -> Variant:
    here = workspace(
        folder,
        {
            "brand/handles.yml": handles,
            f"brand/channels/{network}.md": f"---\nnetwork: {network}\nhost: https://a.example\nhandle: us\n---\n",
            "posts/a.md": f"---\ndate: 2026-12-01 09:30\nchannels: [{network}]\n---\n{text}\n",
        },
    )
    content = load(here)
    return variant(content.posts[0], content.channels[network], content)


def mentioned(made: Variant) -> list[tuple[str, str]]:
    part = made.draft.parts[0]
    return [(part.text[span.start : span.end], span.target) for span in part.spans if span.kind == "mention"]


@pytest.mark.parametrize(
    ("network", "shown"),
    [
        ("mastodon", "@isikbagi@mastodon.example"),
        ("bluesky", "@isikbagi.example"),
        ("x", "@isikbagi"),
        ("instagram", "@isik.bagi"),
        ("threads", "@isik.bagi"),
        ("tiktok", "@isikbagi"),
        ("telegram", "@isikbagi_haber"),
        ("youtube", "@isikbagi"),
    ],
)
def test_a_handle_that_people_read_stands_in_the_text(network: str, shown: str, tmp_path: Path) -> None:
    made = composed(tmp_path, network)
    assert made.draft.parts[0].text.startswith(f"Teşekkürler {shown} ve Roata Veche! Bağış")
    assert mentioned(made) == [(shown, shown.removeprefix("@"))]
    assert [(who.name, who.shown, who.target) for who in made.mentions] == [
        ("isikbagi", shown, shown.removeprefix("@")),
        ("nobody", "Roata Veche", ""),
    ]


@pytest.mark.parametrize(
    ("network", "target"),
    [("linkedin", "urn:li:organization:1234567"), ("discord", "80351110224678912"), ("slack", "U012AB3CD")],
)
def test_a_handle_that_nobody_reads_stands_behind_the_name(network: str, target: str, tmp_path: Path) -> None:
    made = composed(tmp_path, network)
    assert made.draft.parts[0].text.startswith("Teşekkürler Işık Bağı ve Roata Veche!")
    assert mentioned(made) == [("Işık Bağı", target)]


def test_the_adapters_make_of_it_what_their_networks_want(tmp_path: Path) -> None:
    part = composed(tmp_path / "l", "linkedin").draft.parts[0]
    assert little(part.text, part.spans).startswith("Teşekkürler @[Işık Bağı](urn:li:organization:1234567) ve Roata")
    part = composed(tmp_path / "d", "discord").draft.parts[0]
    assert marked_up(part.text, part.spans).startswith("Teşekkürler <@80351110224678912> ve Roata Veche! [Bağış](")
    part = composed(tmp_path / "m", "matrix").draft.parts[0]
    assert part.text.startswith("Teşekkürler @isikbagi:matrix.example ve")
    assert content_of(part, "key")["m.mentions"] == {"user_ids": ["@isikbagi:matrix.example"]}


@pytest.mark.parametrize("network", ["facebook", "email"])
def test_where_no_program_may_name_anybody_the_name_is_words(network: str, tmp_path: Path) -> None:
    made = composed(tmp_path, network)
    assert made.draft.parts[0].text.startswith("Teşekkürler Işık Bağı ve Roata Veche!")
    assert mentioned(made) == []


def test_links_and_several_names_keep_their_places(tmp_path: Path) -> None:
    made = composed(tmp_path, "discord", "@isikbagi [a](https://a.example) @isikbagi [b](https://b.example) @nobody")
    part = made.draft.parts[0]
    assert [(part.text[span.start : span.end], span.kind) for span in part.spans] == [
        ("Işık Bağı", "mention"),
        ("a", "link"),
        ("Işık Bağı", "mention"),
        ("b", "link"),
    ]
    assert len(made.mentions) == 2


def test_a_first_comment_names_people_too(tmp_path: Path) -> None:
    channel = "---\nnetwork: facebook\nhandle: us\n---\n"
    post = "---\ndate: 2026-12-01 09:30\nchannels:\n  facebook: {first_comment: Thanks @isikbagi!}\n---\nHello\n"
    here = workspace(
        tmp_path, {"brand/handles.yml": HANDLES, "brand/channels/facebook.md": channel, "posts/a.md": post}
    )
    content = load(here)
    made = variant(content.posts[0], content.channels["facebook"], content)
    assert made.draft.parts[0].first_comment == "Thanks Işık Bağı!"
    assert [who.name for who in made.mentions] == ["isikbagi"]


def test_a_handle_of_another_shape_is_told_and_not_sent(tmp_path: Path) -> None:
    handles = "isikbagi:\n  name: Işık Bağı\n  linkedin: isik-bagi\n"
    made = composed(tmp_path, "linkedin", "Hi @isikbagi", handles)
    assert (made.draft.parts[0].text, mentioned(made)) == ("Hi Işık Bağı", [])
    (problem,) = [found for found in load(workspace(tmp_path, {})).problems if found.id == "handle-invalid"]
    assert (problem.file, problem.line, problem.severity) == ("brand/handles.yml", 3, "warning")
    assert "urn:li:organization:" in problem.hint


@pytest.mark.parametrize(
    ("network", "text", "ids"),
    [
        ("x", "Hi @somebody", []),
        ("x", "Hi @somebody@mastodon.example", ["mention-elsewhere"]),
        ("telegram", "Hi @some.body", ["mention-elsewhere"]),
        ("instagram", "Hi @some.body", []),
        ("matrix", "Hi @somebody:matrix.example", []),
        ("matrix", "Hi @somebody", ["mention-unknown"]),
        ("linkedin", "Hi @somebody", ["mention-unknown"]),
        ("discord", "Hi @isikbagi", []),
    ],
)
def test_a_name_that_would_reach_nobody_is_told(network: str, text: str, ids: list[str], tmp_path: Path) -> None:
    composed(tmp_path, network, text)
    found = check(load(workspace(tmp_path, {})))
    assert [problem.id for problem in found if problem.id.startswith("mention-")] == ids


def test_the_preview_says_what_became_of_whom(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    composed(tmp_path, "linkedin")
    composed(tmp_path, "telegram")
    text = "---\ndate: 2026-12-01 09:30\nchannels: [linkedin, telegram]\n---\nTeşekkürler @isikbagi ve @nobody!\n"
    workspace(tmp_path, {"posts/a.md": text})
    monkeypatch.chdir(tmp_path)

    run(["preview", "a"])

    said = capsys.readouterr().out
    linkedin, telegram = said.split("━━ telegram")
    assert "[mention] @isikbagi → Işık Bağı (urn:li:organization:1234567)" in linkedin
    assert "[mention] @nobody → Roata Veche (plain words: no handle there)" in linkedin
    assert "[mention] @isikbagi → @isikbagi_haber\n" in telegram

    run(["preview", "a", "--format", "json"])
    assert '"target": "urn:li:organization:1234567"' in capsys.readouterr().out
