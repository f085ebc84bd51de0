"""The collection of bad inputs: each is told in its promised word, quickly, and without a traceback.

The collection lies beside the project where it is developed, and is no part of it.
"""

from __future__ import annotations

import json
import resource
import time
from pathlib import Path

import pytest

from builder import workspace
from socialops.checks.check import check
from socialops.content.load import load
from socialops.problem import Problem, Severity

BADINPUTS = Path(__file__).parents[2].parent / "shared" / "badinputs"
HEAD = "---\nid: demo\nchannels: [mastodon]\ndate: 2026-12-01 10:00\n"
ACCEPTED: dict[str, set[str]] = {
    # Shown as typed, and said so.
    "M02": {"html-literal"},
    "M06": {"html-literal"},
    "M08": set(),
    "M10": {"html-literal"},
    "M12": {"markdown-tangled", "text-length"},
    "U04": set(),
    "U14": {"text-nfc"},
    "Y18": set(),
}
"""What is not refused with the word of the collection, and what is said of it."""


def manifest() -> list[dict[str, str]]:
    file = BADINPUTS / "MANIFEST.jsonl"
    if not file.is_file():
        return []
    entries = [json.loads(line) for line in file.read_text("utf-8").splitlines() if line]
    # Secrets are named in the list but never kept as files: those are made below.
    return [entry for entry in entries if entry["file"] and (BADINPUTS / entry["file"]).is_file()]


POSTS = [entry for entry in manifest() if entry["file"].endswith(".md")]
PICTURES = [entry for entry in manifest() if not entry["file"].endswith(".md")]


def judged(folder: Path, files: dict[str, str | bytes]) -> list[Problem]:
    here = workspace(folder, files)
    begin = time.perf_counter()
    problems = check(load(here))
    assert time.perf_counter() - begin < 2
    for problem in problems:
        assert (problem.message + problem.hint).replace("\n", "").isprintable()
        assert len(problem.message) < 400
    return problems


def promised(entry: dict[str, str]) -> set[str]:
    """Return the ids that an entry's outcome names: `reject/warn FIELD_EMPTY` → field-empty."""
    words = entry["expect"].replace("/", " ").replace(";", " ").split()
    return {word.lower().replace("_", "-") for word in words if word.isupper() and len(word) > 3}


def test_the_collection_is_here() -> None:
    if not BADINPUTS.is_dir():
        pytest.skip("the collection of bad inputs is not beside this project")
    assert len(POSTS) > 30


@pytest.mark.parametrize("entry", POSTS, ids=lambda entry: entry["id"])
def test_a_bad_post_is_told_in_its_promised_word(entry: dict[str, str], tmp_path: Path) -> None:
    data = (BADINPUTS / entry["file"]).read_bytes()

    problems = judged(tmp_path, {f"posts/{entry['id'].lower()}.md": data})

    found = {problem.id for problem in problems}
    if entry["id"] in ACCEPTED:
        assert found == ACCEPTED[entry["id"]]
        assert any(problem.severity is Severity.ERROR for problem in problems) is ("text-length" in found)
        return
    wanted = promised(entry)
    assert wanted
    assert wanted & found
    assert all(problem.severity is Severity.ERROR for problem in problems if problem.id in wanted)
    assert all(problem.line > 0 and problem.hint for problem in problems if problem.id in wanted)


@pytest.mark.parametrize("entry", PICTURES, ids=lambda entry: entry["id"])
def test_a_bad_picture_is_refused_before_it_is_decoded(entry: dict[str, str], tmp_path: Path) -> None:
    name = entry["file"].lower()
    data = (BADINPUTS / entry["file"]).read_bytes()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    problems = judged(
        tmp_path,
        {"posts/demo.md": f"{HEAD}media:\n  - {{file: {name}, alt: x}}\n---\nHello\n", f"posts/{name}": data},
    )

    wanted = promised(entry) or {"img-broken", "img-pixels", "media-fit"}
    assert wanted & {problem.id for problem in problems}
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 256 * 1024


SECRETS = {
    "an Amazon key": "AK" + "IA" + "Z" * 16,
    "a Telegram bot token": "123456789:" + "AA" + "b_-1" * 8 + "x",
    "a Meta access token": "EA" + "A" + "b1" * 60,
    "a signed token (JWT)": "ey" + "Jhbm5vdW5jZW1lbnQ.ey" + "Jzb21lYm9keQ.c2lnbmF0dXJl",
    "a GitHub token": "gh" + "p_" + "a1B2" * 9,
    "a Slack token": "xo" + "xb-" + "1234567890-abc",
    "the address of a Slack webhook": "https://" + "hooks.slack.com/services/T0ABCDEFG/B0ABCDEFG/" + "a1B2c3D4" * 3,
    "the address of a Discord webhook": "https://" + "discord.com/api/webhooks/223704706495545344/" + "a1B2-_" * 11,
    "a Google key": "AI" + "za" + "b" * 35,
    "a Stripe key": "sk_" + "live_" + "a1" * 12,
    "a private key": "-----BEGIN RSA " + "PRIVATE KEY-----",
}


@pytest.mark.parametrize("place", ["{}---\nOur key: {}\n", "{}media:\n  - {{file: x.jpg, alt: '{}'}}\n---\nHi\n"])
@pytest.mark.parametrize("kind", SECRETS)
def test_a_secret_is_found_and_never_told(kind: str, place: str, tmp_path: Path) -> None:
    secret = SECRETS[kind]

    problems = judged(tmp_path, {"posts/demo.md": place.format(HEAD, secret)})

    found = [problem for problem in problems if problem.id == "secret"]
    assert len(found) == 1
    assert kind in found[0].message
    assert f"{secret[:4]}… ({len(secret)} characters)" in found[0].message
    assert not any(secret in problem.message + problem.hint for problem in problems)


@pytest.mark.parametrize(
    "line",
    [
        "title: '{}'",
        "description: '{}'",
        "link: '{}'",
        "tags: ['{}']",
        "content_warning: '{}'",
        "params: {{deep: [{{er: '{}'}}]}}",
        "channels: {{mastodon: {{text: '{}'}}}}",
        "channels: {{mastodon: {{first_comment: '{}'}}}}",
        "poll: {{options: ['{}', b]}}",
        "nonsense: '{}'",
        "date: '{}'",
    ],
)
def test_no_value_of_a_header_gives_a_secret_away(line: str, tmp_path: Path) -> None:
    secret = SECRETS["an Amazon key"]
    head = "---\nchannels: [mastodon]\n" if not line.startswith("channels") else "---\n"

    problems = judged(tmp_path, {"posts/demo.md": f"{head}{line.format(secret)}\n---\nHello\n"})

    assert any(problem.severity is Severity.ERROR for problem in problems)
    assert not any(secret in problem.message + problem.hint for problem in problems)
