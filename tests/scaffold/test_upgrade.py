"""Who changed what since `init` wrote it."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from socialops.scaffold.manifest import digest
from socialops.scaffold.upgrade import Change, compare

OLD, NEW, MINE = "old\n", "new\n", "mine\n"


def change(ours: str | None, found: str | None, written: str | None) -> Change | None:
    differences = compare(
        {} if ours is None else {"f": ours},
        {} if found is None else {"f": found},
        {} if written is None else {"f": digest(written)},
    )
    return differences[0].change if differences else None


def test_each_file_has_one_of_eight_stories() -> None:
    assert change(OLD, OLD, OLD) is Change.NONE
    assert change(NEW, OLD, OLD) is Change.OURS
    assert change(OLD, MINE, OLD) is Change.YOURS
    assert change(NEW, MINE, OLD) is Change.BOTH
    assert change(NEW, None, OLD) is Change.REMOVED
    assert change(NEW, None, None) is Change.NEW
    assert change(None, OLD, OLD) is Change.GONE
    assert change(None, MINE, OLD) is Change.YOURS
    assert change(NEW, MINE, None) is Change.BOTH
    assert change(None, None, OLD) is None


def test_what_both_sides_came_to_alike_is_in_step() -> None:
    assert change(NEW, NEW, OLD) is Change.NONE


def test_line_ends_of_windows_are_no_change() -> None:
    assert change(OLD, "old\r\n", OLD) is Change.NONE


@given(st.lists(st.sampled_from([OLD, NEW, MINE, None]), min_size=3, max_size=3))
def test_a_text_the_team_wrote_is_never_called_ours_to_replace(three: list[str | None]) -> None:
    ours, found, written = three
    for one in compare(
        {} if ours is None else {"f": ours},
        {} if found is None else {"f": found},
        {} if written is None else {"f": digest(written)},
    ):
        if one.change in (Change.OURS, Change.GONE):
            assert written is not None
            assert found == written


def test_the_difference_is_a_patch() -> None:
    (one,) = compare({"a/b.yml": "x\ny\n"}, {"a/b.yml": "x\nz\n"}, {"a/b.yml": digest("x\nz\n")})
    assert one.diff() == "--- a/a/b.yml\n+++ b/a/b.yml\n@@ -1,2 +1,2 @@\n x\n-z\n+y\n"
    assert one.pending


def test_files_come_in_the_order_of_their_paths() -> None:
    names = ["b", "a", "c"]
    for order in itertools.permutations(names):
        assert [one.path for one in compare(dict.fromkeys(order, OLD), {}, {})] == sorted(names)
