"""What check finds, where it points, and what it leaves alone."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from inline_snapshot import snapshot

from builder import CHANNEL, workspace
from checks.examples import PICTURES, found_in
from socialops.checks import check as check_module
from socialops.checks.check import check
from socialops.checks.links import faults_of
from socialops.checks.registry import RULES
from socialops.checks.text import _SUSPECT, _direction
from socialops.content.channel import Channel
from socialops.content.load import Content, load
from socialops.content.post import ChannelEntry, PollQuestion, Post
from socialops.networks import adapters
from socialops.problem import Problem, Severity
from socialops.workspace import Settings, Workspace, find_workspace

HEAD = "---\ndate: 2026-12-01 09:30\nchannels: [mastodon]\n"


def told(problems: list[Problem]) -> list[str]:
    return [f"{p.file}:{p.line}:{p.column} {p.severity} {p.id}: {p.message} {p.hint}".rstrip() for p in problems]


def of(folder: Path, post: str, **more: str) -> list[str]:
    return told(found_in(folder, {"posts/a.md": post, **more}))


def ids(problems: list[str]) -> list[str]:
    return [line.split(" ")[2].rstrip(":") for line in problems]


def test_a_good_post_has_no_problems(tmp_path: Path) -> None:
    assert (
        of(tmp_path, HEAD + "lang: tr\ntags: [kış]\n---\nGünaydın! #ışık https://example.org/a_b 👨\u200d👩\u200d👧\n")
        == []
    )


def test_a_text_that_is_too_long_is_told_with_its_channel_and_how_much(tmp_path: Path) -> None:
    post = "---\ndate: 2026-12-01 09:30\nchannels: [mastodon, bluesky]\n---\nShort\n---\n" + "ış" * 160 + "\n"

    assert of(tmp_path, post) == snapshot(
        [
            (
                "posts/a.md:7:1 error text-length: Part 2 is 20 characters too long for bluesky: 320 of 300. "
                "Shorten it, split it with a line of three dashes (`thread: auto` does so by itself), or give bluesky "
                "a `text:` of its own."
            )
        ]
    )


def test_bytes_are_counted_apart_from_characters(tmp_path: Path) -> None:
    family = "👨\u200d👩\u200d👧\u200d👦"
    post = f"---\ndate: 2026-12-01 09:30\nchannels: [bluesky]\n---\n{family * 130}\n"

    assert "250 bytes too long for bluesky: 3,250 of 3,000" in of(tmp_path, post)[0]


@pytest.mark.parametrize(("extra", "fits"), [(0, True), (1, False)])
def test_the_limit_itself_still_fits_however_it_is_counted(tmp_path: Path, extra: int, fits: bool) -> None:
    # 23 for the address, 5 for @user, 2 for the flags and spaces.
    text = "https://example.org/a/long/address/indeed @user@social.example 🇹🇷 "
    text += "x" * (500 - 23 - 1 - 5 - 1 - 1 - 1 + extra)

    assert (of(tmp_path, HEAD + f"---\n{text}\n") == []) is fits


def test_a_short_address_counts_as_a_longer_one(tmp_path: Path) -> None:
    text = "http://a.bc " * 21

    assert "text-length" in ids(of(tmp_path, HEAD + f"---\n{text}\n"))


def test_a_channels_own_text_is_judged_in_its_place(tmp_path: Path) -> None:
    head = HEAD.replace("channels: [mastodon]", "channels:\n  mastodon: {}\n  bluesky:\n    text: " + "a" * 301)
    post = head + "---\nFine\n"

    assert [line.split(" ")[0] for line in of(tmp_path, post)] == ["posts/a.md:6:11"]


@pytest.mark.parametrize(
    ("lang", "text", "letter", "says"),
    [
        ("ro", "În Bucure\u015fti", "ş", "is the Turkish letter; this text is in Romanian."),
        ("ro-MD", "În Bucures\u0327ti", "ş", "is the Turkish letter; this text is in Romanian."),
        ("ro", "\u0162ară", "Ţ", "is the Turkish letter; this text is in Romanian."),
        ("tr", "ba\u0219ka", "ș", "is the Romanian letter; this text is in Turkish."),
        ("ro", "În București și țară", "", ""),
        ("tr", "başka Şubat", "", ""),
        ("en", "Bucureşti", "", ""),
    ],
)
def test_letters_of_the_other_language_are_told(tmp_path: Path, lang: str, text: str, letter: str, says: str) -> None:
    found = [line for line in of(tmp_path, f"{HEAD}lang: {lang}\n---\n{text}\n") if "text-cedilla" in line]
    assert bool(found) == bool(letter)
    assert all(f"{letter} {says}" in line for line in found)


def test_the_offending_character_is_pointed_at(tmp_path: Path) -> None:
    post = HEAD + "---\nOne\nab\u200bc\n---\nTwo\nx\u202ey\n"

    assert of(tmp_path, post) == snapshot(
        [
            (
                "posts/a.md:6:3 error text-invisible: There is a character here that nobody can see: "
                "U+200B ZERO WIDTH SPACE. "
                "Delete it; typing the words anew is the surest way."
            ),
            (
                "posts/a.md:9:2 error text-bidi: A direction control is left open or overrides the direction: "
                "U+202E RIGHT-TO-LEFT OVERRIDE. Delete it; Hebrew and English mix well without it."
            ),
        ]
    )


@pytest.mark.parametrize(
    "text",
    [
        "שלום (hello) עולם \u200f!\u200e",
        "\u2067שלום\u2069 and \u2066abc\u2069",
        "می\u200cخواهم",
        "क्\u200dष",
        "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f ❤️\u200d🔥 👩🏽\u200d🚀 1️⃣",
        "葛\U000e0100",
        "שָׁלוֹם Việt Nam",
        "tab\there",
    ],
)
def test_characters_that_do_their_proper_work_are_left_alone(tmp_path: Path, text: str) -> None:
    assert of(tmp_path, HEAD + f"---\n{text}\n") == []


@pytest.mark.parametrize(
    ("text", "id_"),
    [
        ("a\u2067b\nc\u2069", "text-bidi"),
        ("a\u2069b", "text-bidi"),
        ("a\u202bb", "text-bidi"),
        ("soft\u00adhyphen", "text-invisible"),
        ("a\u200db", "text-invisible"),
        ("tag\U000e0041ged", "text-invisible"),
        ("\ufefftext", "text-invisible"),
        ("ᅟfiller", "text-invisible"),
    ],
)
def test_characters_that_deceive_are_found(tmp_path: Path, text: str, id_: str) -> None:
    assert id_ in ids(of(tmp_path, HEAD + f"---\nx {text}\n"))


@given(st.text())
def test_only_suspect_characters_can_be_wrong(text: str) -> None:
    if _SUSPECT.search(text) is None:
        assert _direction(text) is None


@pytest.mark.parametrize(
    ("url", "id_"),
    [
        ("https://user:secret@evil.example/", "url-userinfo"),
        ("https://аpple.com/", "url-confusable"),
        ("https://аррӏе.com/", "url-confusable"),
        ("https://xn--pple-43d.com/", "url-confusable"),
        ("https://good.org⁄x", "url-confusable"),
        ("https://xn--a.com/", "url-confusable"),
        ("http://127.0.0.1/", "url-address"),
        ("http://[::1]:8000/", "url-address"),
        ("http://0x7f000001/", "url-address"),
        ("http://2130706433/", "url-address"),
        ("http://localhost:3000/", "url-address"),
        ("https://BIT.LY/abc", "url-shortener"),
    ],
)
def test_addresses_that_deceive_are_told(url: str, id_: str) -> None:
    assert id_ in [rule.id for rule, _, _ in faults_of(url)]


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/@someone",
        "https://example.org:8443/x?y=@z",
        "https://bücher.example/",
        "https://xn--bcher-kva.example/",
        "https://пример.рф/",
        "https://東京タワー.example/",
        "https://kış.example.com/",
        "https://דוגמה.example/",
        "https://3com.example/",
    ],
)
def test_honest_addresses_in_all_scripts_are_left_alone(url: str) -> None:
    assert faults_of(url) == ()


def test_a_mixed_name_is_told_with_what_a_browser_calls_it() -> None:
    [(_, message, _)] = faults_of("https://аpple.com/login")

    assert message == snapshot("аpple.com mixes Cyrillic and Latin letters; a browser calls it xn--pple-43d.")


def test_a_draft_may_be_unfinished_but_not_wrong(tmp_path: Path) -> None:
    post = (
        "---\ndraft: true\nchannels: [mastodon]\nkind: reel\nmedia:\n  - file: not-yet.mp4\n---\nhttps://a@b.example\n"
    )

    found = found_in(tmp_path, {"posts/a.md": post})

    assert {(p.id, p.severity.value) for p in found} == {
        ("alt-missing", "warning"),
        ("media-missing", "warning"),
        ("kind-unsupported", "warning"),
        ("url-userinfo", "error"),
    }


def test_the_same_finding_on_two_channels_is_told_once(tmp_path: Path) -> None:
    post = "---\ndate: 2026-12-01 09:30\nchannels: [mastodon, bluesky]\nmedia:\n  - file: no.jpg\n---\n<b>x</b>\n"

    assert ids(of(tmp_path, post)) == ["alt-missing", "media-missing", "html-literal"]


@pytest.mark.parametrize("module", ["no_such_module", "half_an_adapter", "broken_adapter"])
def test_a_channel_whose_adapter_cannot_be_loaded_gets_one_warning_however_many_posts_it_has(
    module: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packages = tmp_path / "packages"
    about = packages / "elsewhere-1.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: elsewhere\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(f"[socialops.networks]\nelsewhere = {module}\n")
    (packages / "half_an_adapter.py").write_text("SECRETS = ()\n")
    (packages / "broken_adapter.py").write_text("raise RuntimeError('not today')\n")
    monkeypatch.syspath_prepend(packages)
    adapters.cache_clear()
    posts = {
        f"posts/p{n}.md": f"---\ndate: 2026-12-0{n} 09:30\nchannels: [afar]\n---\n{'Long ' * 900}{n}\n" for n in (1, 2)
    }
    channel = "---\nnetwork: elsewhere\nhandle: us\nzone: UTC\n---\nAfar.\n"

    try:
        found = check(load(workspace(tmp_path / "team", {"brand/channels/afar.md": channel, **posts})))
    finally:
        monkeypatch.undo()
        adapters.cache_clear()

    assert [(p.file, p.line, p.id, p.severity) for p in found] == [
        ("brand/channels/afar.md", 2, "network-adapter", Severity.WARNING)
    ]


def test_posts_of_a_channel_are_judged_beside_each_other(tmp_path: Path) -> None:
    files = {
        "posts/a.md": HEAD + "---\nGood morning\n",
        "posts/b.md": HEAD.replace("09:30", "09:30:30") + "---\nGood   MORNING\n",
        "posts/c.md": HEAD.replace("mastodon", "bluesky") + "---\nGood morning\n",
        "posts/d.md": HEAD.replace("2026-12-01", "2027-03-05") + "---\nGood morning\n",
        "posts/e.md": HEAD.replace("---\n", "---\ndraft: true\n", 1) + "---\nGood morning\n",
    }

    assert told(found_in(tmp_path, files)) == snapshot(
        [
            (
                "posts/b.md:2:7 warning schedule-gap: On mastodon this goes out at the same time as posts/a.md; "
                "the least is 10 minutes. Move one of the two; otherwise the later one waits."
            ),
            (
                "posts/b.md:2:7 warning text-repeated: mastodon gets these very words in posts/a.md already "
                "(2026-12-01). "
                "Say it in other words, or write `repeat: true` if it is meant."
            ),
        ]
    )


def test_named_files_are_judged_beside_all_others_and_told_alone(tmp_path: Path) -> None:
    files = {
        "posts/a.md": HEAD + "---\nSame\n\x07",
        "posts/b.md": HEAD.replace("09:30", "09:35") + "---\nSame\n",
    }
    content = load(workspace(tmp_path, {"posts/c.md": HEAD.replace("-01", "-03") + "---\n<b>\n", **files}), cache=False)

    assert {p.id for p in check(content, files=["posts/b.md"])} <= {"schedule-gap", "text-repeated"}
    assert {p.file for p in check(content)} >= {"posts/a.md", "posts/c.md"}


def test_problems_are_sorted_and_the_same_every_time(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        f"posts/p{n}.md": HEAD + f"lang: xx\n---\n<b>{n} @nobody https://a@b.example http://1.2.3.4\n" for n in range(5)
    }
    content = load(workspace(tmp_path, files), cache=False)

    first = check(content)

    assert first == check(content)
    assert first == sorted(first)


def changed(folder: Path, name: str, content: str | bytes) -> list[str]:
    file = folder / name
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return again(folder)


def again(folder: Path) -> list[str]:
    return ids(told(check(load(find_workspace(folder)))))


def files_told(folder: Path) -> list[str]:
    return [problem.file for problem in check(load(find_workspace(folder)))]


def test_what_is_kept_between_checks_never_hides_a_change(tmp_path: Path) -> None:
    picture = PICTURES["posts/2026/12/lamp.jpg"]
    post = HEAD + "media:\n  - {file: lamp.jpg, alt: A lamp}\n---\nHello @somebody\n"
    workspace(tmp_path, {"posts/a.md": post, "posts/lamp.jpg": picture})
    assert again(tmp_path) == again(tmp_path) == ["mention-unknown"]

    assert changed(tmp_path, "posts/b.md", HEAD + "---\nHello again\n") == ["mention-unknown", "schedule-gap"]
    assert changed(tmp_path, "brand/handles.yml", "somebody: {mastodon: s@social.example}\n") == ["schedule-gap"]
    assert changed(tmp_path, "posts/lamp.jpg", b"\xff\xd8\xff no picture") == ["img-broken", "schedule-gap"]
    (tmp_path / "posts/lamp.jpg").unlink()
    assert again(tmp_path) == ["media-missing", "schedule-gap"]
    assert changed(tmp_path, "posts/lamp.jpg", picture) == ["schedule-gap"]
    assert changed(tmp_path, "brand/channels/mastodon.md", CHANNEL.replace("zone:", "limits: {text: 5}\nzone:")) == [
        "text-length",
        "schedule-gap",
        "text-length",
    ]
    (tmp_path / "posts/b.md").rename(tmp_path / "posts/c.md")
    assert files_told(tmp_path) == ["posts/a.md", "posts/c.md", "posts/c.md"]


def test_a_check_of_what_did_not_change_composes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = workspace(tmp_path, {"posts/a.md": HEAD + "---\n<b>Hello\n"})
    first = check(load(here))

    def never(*_: object) -> None:
        raise AssertionError("a post was composed")

    monkeypatch.setattr(check_module, "variant", never)

    assert check(load(here)) == first


def test_a_cache_that_was_tampered_with_is_not_believed(tmp_path: Path) -> None:
    here = workspace(tmp_path, {"posts/a.md": HEAD + "---\n<b>Hello\n"})
    first = check(load(here))
    for file in here.cache.rglob("*"):
        if file.is_file():
            file.write_bytes(file.read_bytes().replace(b"html-literal", b"nothing-here"))
            os.utime(file)

    assert check(load(here)) == first


TWO = {
    "mastodon": Channel("mastodon", "brand/channels/mastodon.md", "mastodon", lang="tr"),
    "bluesky": Channel("bluesky", "brand/channels/bluesky.md", "bluesky", lang="ro"),
    "x": Channel("x", "brand/channels/x.md", "x"),
}
SIGNS = ("[", "](", "![", ")", "<", ">", "@", "#", "https://", "@x.y", "\u202e", "\u2069", "\u200d", "\U000e0041", "🏴")
HOSTILE = st.text() | st.lists(st.sampled_from(SIGNS)).map("".join)


@given(HOSTILE, HOSTILE, HOSTILE, st.lists(HOSTILE, max_size=2))
def test_whatever_a_post_says_check_only_finds_problems(body: str, link: str, warning: str, tags: list[str]) -> None:
    post = Post(
        "p",
        "posts/p.md",
        (body, warning),
        tuple(ChannelEntry(name) for name in TWO),
        link=link,
        content_warning=warning,
        tags=tuple(tags),
        poll=PollQuestion((body, link)),
        params={"card_title": link, "deep": [body]},
    )
    content = Content(Workspace(Path("/nowhere"), Settings(languages=("tr",))), (post,), TWO)

    found = check(content)

    assert found == check(content)
    assert {problem.id for problem in found} <= set(RULES)
