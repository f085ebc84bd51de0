"""A text that is too long becomes a thread when asked to, and nothing of it is lost or torn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
import regex
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from builder import workspace
from socialops.checks.check import check
from socialops.compose.compose import compose
from socialops.compose.limits import limits_of
from socialops.compose.threading import split, threaded
from socialops.content.channel import Channel
from socialops.content.load import load
from socialops.content.text import find_spans
from socialops.networks import ADAPTERS, adapter, default_limits
from socialops.networks.draft import Attachment, Draft, Fit, Part, Poll

THREADED = [
    name for name in ADAPTERS if default_limits(name).has("kinds") and "thread" in default_limits(name).texts("kinds")
]
# A file of 64 kB is the most that a post may be; where more fits than that, nothing is ever too long.
UNTHREADED = [name for name in ADAPTERS if name not in THREADED and default_limits(name).number("text") < 20_000]

WORDS = """\
lamba ışık İstanbul'da kış akşamı, bisiklet bisikletçiler! Dr. 5. vb. șosea „Lumină” noapte. strada, țară… O.
אור בלילה? רוכבים. חורף: שבת! the lamp "is lit." here (soon); well-known e.g. Mr. A. 12. 🚲 👨‍👩‍👧‍👦 🏳️‍🌈
e\u0301\u0302 न्नि
https://example.org/a?b=1&c=(d) https://example.org/kış/çok-uzun-bir-adres/şöyle @ayse @lumen@mastodon.example
#kış #Işık #ופעם #Bicicletă_2026 example.org/lamps info@example.org 路灯很亮。冬天来了！ ฤดูหนาว \u2066אור\u2069
"""
TEXTS = st.lists(
    st.tuples(
        st.one_of(st.sampled_from(sorted(set(WORDS.split()))), st.text(min_size=1, max_size=8)),
        st.sampled_from([" ", " ", " ", " ", "\n", "\n\n", "  "]),
    ),
    min_size=1,
    max_size=260,
).map(lambda pairs: "".join(word + gap for word, gap in pairs).strip())


def squeezed(text: str) -> str:
    return "".join(text.split())


def limits_for(network: str) -> Callable[[Part], bool]:
    limits, counts = default_limits(network), adapter(network).counts

    def fits(part: Part) -> bool:
        return all(used.used <= used.limit for used in counts(part, limits) if used.what.startswith("text"))

    return fits


def stretches(text: str) -> list[tuple[int, int]]:
    """Return where everything that must stay whole begins and ends."""
    whole = [(span.start, span.end) for span in find_spans(text)]
    return whole + [found.span() for found in regex.finditer(r"\X", text, regex.DOTALL) if not found[0].isspace()]


def judge(text: str, bounds: Sequence[tuple[int, int]]) -> None:
    """Hold the parts of a text to what is promised of them."""
    assert bounds[0][0] == 0
    assert bounds[-1][1] == len(text)
    for (_, end), (start, _) in pairwise(bounds):
        assert not text[end:start].strip()
    whole = stretches(text)
    for cut in {edge for pair in bounds for edge in pair}:
        for start, end in whole:
            assert not start < cut < end, f"{text[start:end]!r} was cut"
    tags = [(span.start, span.end) for span in find_spans(text) if span.kind == "tag"]
    for start, end in bounds if len(bounds) > 1 else ():
        piece = list(text[start:end])
        held = [(first, last) for first, last in tags if start <= first and last <= end]
        for first, last in held:
            piece[first - start : last - start] = " " * (last - first)
        assert not held or any(map(str.isalnum, piece)), f"{text[start:end]!r} is hashtags alone"


@pytest.mark.parametrize("network", THREADED)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(text=TEXTS)
def test_nothing_is_lost_or_torn_whatever_the_network_counts(network: str, text: str) -> None:
    fits = limits_for(network)
    part = Part(text, find_spans(text), lang="tr", visibility="public")

    # A twentieth of the room the network gives, so that short texts are long.
    def narrow(piece: Part) -> bool:
        return fits(replace(piece, text=piece.text * 20))

    for judged in (fits, narrow):
        found = threaded(part, judged, most=100)
        if found == (part,):
            continue
        assert all(judged(piece) for piece in found)
        assert squeezed("".join(piece.text for piece in found)) == squeezed(text)
        at = 0
        bounds = []
        for piece in found:
            start = text.index(piece.text, at)
            at = start + len(piece.text)
            bounds.append((start, at))
            assert piece.text == piece.text.strip()
            for span in piece.spans:
                assert 0 <= span.start < span.end <= len(piece.text)
        judge(text, bounds)


@given(text=TEXTS, room=st.integers(5, 80))
def test_every_part_is_as_long_as_it_may_be_and_no_longer(text: str, room: int) -> None:
    spans = find_spans(text)

    bounds = split(text, spans, lambda start, end: end - start <= room, most=10_000)

    if bounds:
        assert all(end - start <= room for start, end in bounds)
        judge(text, bounds)


def parts_of(text: str, room: int) -> list[str]:
    bounds = split(text, find_spans(text), lambda start, end: end - start <= room)
    return [text[start:end] for start, end in bounds]


def test_a_text_that_fits_is_left_alone() -> None:
    assert parts_of("Kar yağdı.", 20) == ["Kar yağdı."]


def test_a_paragraph_is_the_best_place_to_cut() -> None:
    text = "The snow came early.\nWe lit the lamps.\n\nTomorrow we ride. Come along, it is not far."
    assert parts_of(text, 60) == [
        "The snow came early.\nWe lit the lamps.",
        "Tomorrow we ride. Come along, it is not far.",
    ]


def test_a_short_greeting_does_not_make_a_part() -> None:
    text = "Merhaba!\n\nKar bu yıl erken geldi. Lambaları yaktık ve yola çıktık."
    assert parts_of(text, 48) == ["Merhaba!\n\nKar bu yıl erken geldi.", "Lambaları yaktık ve yola çıktık."]


@pytest.mark.parametrize(
    ("text", "room", "first"),
    [
        ("Işıklar Dr. Yılmaz'ın 5. Cadde evinde yandı. Herkes sevindi ve gitti.", 50, "evinde yandı."),
        ("Ne güzel! İstanbul'da kış başladı, ışıklar yandı.", 30, "Ne güzel!"),
        ("Am aprins luminile. Șoseaua e albă și toată lumea pedalează.", 50, "luminile."),
        ("A spus: „Vine iarna.” Apoi dl. Popescu a plecat cu bicicleta lui.", 40, "iarna.”"),
        ("הדלקנו את האורות. מחר רוכבים בירידה עד הים, בשעה שבע.", 35, "האורות."),
        ('She said: "We ride." Then Mr. Smith rode away into the cold night.', 40, 'ride."'),
        ("We left at 7. a.m. or so? Nobody knows, it was dark everywhere.", 40, "so?"),
        ("路灯很亮。冬天来了！大家骑车回家，路上小心。", 12, "冬天来了！"),
    ],
)
def test_a_sentence_ends_where_its_language_ends_it(text: str, room: int, first: str) -> None:
    assert parts_of(text, room)[0].endswith(first)


def test_a_sentence_that_is_too_long_is_cut_between_words() -> None:
    found = parts_of("bir iki üç dört beş altı yedi sekiz", 15)
    assert found == ["bir iki üç dört", "beş altı yedi", "sekiz"]


def test_hashtags_never_stand_alone() -> None:
    assert parts_of("Lamps are lit tonight in the city. #winter #lamps #haifa", 38) == [
        "Lamps are lit tonight in the",
        "city. #winter #lamps #haifa",
    ]
    assert parts_of("#one #two #three #four", 10) == []


def test_what_cannot_be_split_is_not() -> None:
    assert parts_of("See https://example.org/" + "a" * 60 + " now", 50) == []
    assert parts_of("See example.org/" + "a" * 60 + " now", 50) == []
    assert parts_of("word " * 60, 10) == []  # more parts than a thread may have


@pytest.mark.parametrize("text", ["a" * 20_000, "word " * 4_000, "https://example.org/a " * 900, "#tag " * 4_000])
def test_the_longest_texts_take_no_time(text: str) -> None:
    asked = 0

    def fits(start: int, end: int) -> bool:
        nonlocal asked
        asked += 1
        return end - start <= 300

    split(text.strip(), find_spans(text.strip()), fits)

    assert asked < 20_000


# --- through the front door -------------------------------------------------------------------------------------------

SENTENCE = "Kar bu yıl erken geldi, lambalar yandı ve herkes yola çıktı. "
FIT = Fit(1 << 40, 1 << 40, 1 << 40, ("image/jpeg",))
LAMP = Attachment("posts/lamp.jpg", "A lamp", "image/jpeg", 8, 6, 100, "0" * 64, FIT)


def channel_file(network: str) -> str:
    return f"---\nnetwork: {network}\nhandle: us\nhost: https://{network}.example\nzone: UTC\n---\nOurs\n"


def drafts(folder: Path, header: str, text: str, *networks: str) -> tuple[dict[str, Draft], list[str]]:
    here = workspace(
        folder,
        {
            **{f"brand/channels/{network}.md": channel_file(network) for network in networks},
            "posts/long.md": f"---\ndate: 2026-12-01 09:30\n{header}\n---\n{text}\n",
        },
    )
    content = load(here)
    (post,) = content.posts
    found = [problem for problem in check(content) if problem.file == "posts/long.md"]
    said = [f"{problem.id}: {problem.message} {problem.hint}" for problem in found]
    return {name: compose(post, content.channels[name], content) for name in networks}, said


def test_a_long_text_becomes_a_thread_only_when_it_is_asked_to(tmp_path: Path) -> None:
    names = "channels: [mastodon, bluesky]"

    without, said = drafts(tmp_path / "without", names, SENTENCE * 12, "mastodon", "bluesky")
    assert [len(draft.parts) for draft in without.values()] == [1, 1]
    assert [problem.partition(":")[0] for problem in said] == ["text-length", "text-length"]

    made, said = drafts(tmp_path / "auto", f"thread: auto\n{names}\ntags: [kış]", SENTENCE * 12, "mastodon", "bluesky")
    assert said == []
    assert {name: (draft.kind, len(draft.parts)) for name, draft in made.items()} == {
        "mastodon": ("thread", 2),
        "bluesky": ("thread", 3),
    }
    for draft in made.values():
        assert all(part.text.endswith(".") for part in draft.parts[:-1])
        assert draft.parts[-1].text.endswith("çıktı.\n\n#kış")


def test_one_channel_alone_may_be_split_or_left(tmp_path: Path) -> None:
    one = "channels:\n  mastodon: {}\n  bluesky: {thread: auto}"
    made, said = drafts(tmp_path / "one", one, SENTENCE * 7, "mastodon", "bluesky")
    assert said == []
    assert [len(draft.parts) for draft in made.values()] == [1, 2]

    never = "thread: auto\nchannels:\n  bluesky: {thread: never}"
    _, said = drafts(tmp_path / "never", never, SENTENCE * 7, "bluesky")
    assert [problem.partition(":")[0] for problem in said] == ["text-length"]


def test_a_part_that_was_written_is_split_by_itself(tmp_path: Path) -> None:
    text = f"First.\n---\n{SENTENCE * 7}\n---\nLast."
    made, said = drafts(tmp_path, "thread: auto\nchannels: [bluesky]", text, "bluesky")
    parts = made["bluesky"].parts
    assert said == []
    assert (len(parts), parts[0].text, parts[-1].text) == (4, "First.", "Last.")


def test_pictures_stay_with_their_part_and_a_poll_ends_it() -> None:
    fits = limits_for("mastodon")
    long = Part(SENTENCE * 12, attachments=(LAMP,), poll=Poll(("Yes", "No"), 86400))
    first, *_, last = threaded(long, fits)
    assert (first.attachments, first.poll) == ((LAMP,), None)
    assert (last.attachments, last.poll) == ((), long.poll)


@pytest.mark.parametrize("network", UNTHREADED)
def test_where_there_are_no_threads_too_long_stays_an_error(network: str, tmp_path: Path) -> None:
    limit = limits_of(Channel(network, "", network)).number("text")
    made, said = drafts(tmp_path, f"thread: auto\nchannels: [{network}]", SENTENCE * (limit // 20), network)
    assert len(made[network].parts) == 1
    assert any(line.startswith("text-") and "has no threads" in line for line in said)


def test_a_text_that_no_thread_can_hold_says_why(tmp_path: Path) -> None:
    text = "https://example.org/" + "a" * 3000
    _, said = drafts(tmp_path, "thread: auto\nchannels: [bluesky]", f"See {text}", "bluesky")
    assert "It cannot be split by itself" in "".join(said)


def test_a_wrong_word_for_it_is_told(tmp_path: Path) -> None:
    files = {"posts/a.md": "---\ndate: 2026-12-01 09:30\nchannels: [mastodon]\nthread: sometimes\n---\nHello\n"}
    (problem,) = check(load(workspace(tmp_path, files)))
    assert (problem.id, problem.hint) == ("field-choice", "Choose one of: auto, never.")


@pytest.mark.parametrize("network", [name for name in UNTHREADED if "image" in default_limits(name).texts("kinds")])
def test_a_thread_with_pictures_is_refused_where_there_are_no_threads(network: str, tmp_path: Path) -> None:
    header = f"kind: {'text' if 'text' in default_limits(network).texts('kinds') else 'image'}\nchannels: [{network}]"
    _, said = drafts(tmp_path, header, "First.\n---\nSecond.", network)
    assert any(line.startswith("kind-unsupported") and "has no threads" in line for line in said)


def test_what_to_do_about_a_text_that_is_too_long_is_what_the_channel_can(tmp_path: Path) -> None:
    _, said = drafts(tmp_path / "bluesky", "channels: [bluesky]", SENTENCE * 7, "bluesky")
    assert "(`thread: auto` does so by itself)" in said[0]
    _, said = drafts(tmp_path / "linkedin", "channels: [linkedin]", SENTENCE * 60, "linkedin")
    assert said[0].endswith("Shorten it, or give linkedin a `text:` of its own.")
