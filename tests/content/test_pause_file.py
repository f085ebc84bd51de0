"""The pause switch is edited line by line: what people wrote around an entry stays."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from inline_snapshot import snapshot

from builder import workspace
from socialops.content.brand import Pause
from socialops.content.library import read_library
from socialops.content.pause_file import entries_of, pausable, remove_pauses, with_entry, without, write_pause
from socialops.errors import UsageError, WorkspaceError

NEWS = Pause("everything", "we wait: news", "ayşe", "2026-12-08 09:00")

FILE = """\
# Who may pull this: whoever is on duty.
pauses:      # newest last
  # the north
  - what: channel:mastodon   # ours
    why: sirens

  # the winter
  - {what: "campaign:winter", why: no snow}
  -
    what: network:bluesky
    why: |
      They are
      down
# the end
"""


def test_an_entry_is_added_after_the_last_one() -> None:
    assert with_entry(FILE, NEWS) == FILE.replace(
        "      down\n",
        '      down\n  - what: everything\n    why: "we wait: news"\n    who: ayşe\n    until: 2026-12-08 09:00\n',
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "pauses:\n  - what: everything\n    why: news\n"),
        ("# only words", "# only words\npauses:\n  - what: everything\n    why: news\n"),
        ("pauses: []  # nothing\n# end\n", "pauses:  # nothing\n  - what: everything\n    why: news\n# end\n"),
        ("pauses: [\n]\n", "pauses:\n  - what: everything\n    why: news\n"),
        ("pauses:\n", "pauses:\n  - what: everything\n    why: news\n"),
        ("pauses:  # empty", "pauses:  # empty\n  - what: everything\n    why: news\n"),
        (
            "pauses:\n- what: channel:x\n  why: a",
            "pauses:\n- what: channel:x\n  why: a\n- what: everything\n  why: news\n",
        ),
    ],
)
def test_a_file_without_entries_gets_its_first(before: str, after: str) -> None:
    assert with_entry(before, Pause("everything", "news")) == after


@pytest.mark.parametrize("what", ["channel:mastodon", "campaign:winter", "network:bluesky"])
def test_an_entry_goes_and_nothing_else(what: str) -> None:
    text = without(FILE, {what})
    assert [entry[0] for entry in entries_of(text)] == [entry[0] for entry in entries_of(FILE) if entry[0] != what]
    for comment in ("# Who may", "# newest last", "# the north", "# the winter", "# the end"):
        assert comment in text


def test_the_last_entry_leaves_an_empty_list() -> None:
    assert without(FILE, {"channel:mastodon", "campaign:winter", "network:bluesky"}) == snapshot("""\
# Who may pull this: whoever is on duty.
pauses: []      # newest last
  # the north

  # the winter
# the end
""")


@given(
    why=st.text(min_size=1).map(lambda text: " ".join(text.split())).filter(bool),
    before=st.sampled_from(["", FILE, "pauses: []\n", "# x\n\npauses:\n"]),
)
def test_any_reason_that_yaml_can_hold_is_read_as_it_was_said(why: str, before: str) -> None:
    changed = with_entry(before, Pause("everything", why))
    try:
        entries = entries_of(changed)
    except WorkspaceError:
        return  # characters that no file of a workspace may hold; `write_pause` then refuses
    assert entries == [*entries_of(before), ("everything", why, "", "")]
    assert entries_of(without(changed, {"everything"})) == entries_of(before)


def test_line_breaks_and_the_byte_order_mark_stay(tmp_path: Path) -> None:
    place = workspace(tmp_path, {"brand/pause.yml": b"\xef\xbb\xbfpauses: []\r\n# end\r\n"})
    write_pause(place, NEWS)
    data = (tmp_path / "brand/pause.yml").read_bytes()
    assert data.startswith(b"\xef\xbb\xbfpauses:\r\n  - what: everything\r\n")
    assert data.count(b"\n") == data.count(b"\r\n")
    assert read_library(place).brand.pauses == (NEWS,)
    remove_pauses(place, {"everything"})
    assert (tmp_path / "brand/pause.yml").read_bytes() == b"\xef\xbb\xbfpauses: []\r\n# end\r\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("pauses: [{what: everything, why: x}]\n", "stand on one line"),
        ("pauses: everything\n", "is no list"),
        ("pauses: [", "cannot be read, so everything is held"),
    ],
)
def test_a_file_that_cannot_be_edited_is_left_alone(tmp_path: Path, text: str, expected: str) -> None:
    place = workspace(tmp_path, {"brand/pause.yml": text})
    with pytest.raises(WorkspaceError, match=expected):
        write_pause(place, NEWS)
    assert (tmp_path / "brand/pause.yml").read_text("utf-8") == text


@pytest.mark.parametrize(
    ("what", "meant"),
    [
        ("mastodon", "network:mastodon"),
        ("channel:mastodom", "channel:mastodon"),
        ("winter", "campaign:winter"),
        ("wintre", "campaign:winter"),
        ("evrything", "everything"),
        ("network:bluesky", "network:mastodon"),
    ],
)
def test_only_what_exists_can_be_paused(tmp_path: Path, what: str, meant: str) -> None:
    place = workspace(tmp_path, {"brand/campaigns/winter.md": "---\ntitle: Winter\n---\nSnow.\n"})
    library = read_library(place)
    assert pausable("campaign:winter", library) == "campaign:winter"
    with pytest.raises(UsageError) as refused:
        pausable(what, library)
    assert meant in refused.value.hint
