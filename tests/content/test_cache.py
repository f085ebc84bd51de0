from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from builder import workspace
from socialops.content.cache import Cache
from socialops.content.load import load
from socialops.workspace import Workspace

POST = "---\ndate: 2026-12-01 09:30\nchannels: [mastodon]\n---\nHello.\n"


def filled(folder: Path) -> tuple[Workspace, Path]:
    place = workspace(folder, {"posts/a.md": POST})
    cache = Cache.open(place)
    cache.put("check", "k", {"problems": [1, "é"], "none": None})
    cache.put("check", "old", 1)
    cache.put("media", "k", 2)
    cache.save()
    return place, place.cache / "cache"


def test_what_was_kept_is_found_again(tmp_path: Path) -> None:
    place, _ = filled(tmp_path)
    cache = Cache.open(place)
    assert cache.get("check", "k") == {"problems": [1, "é"], "none": None}
    assert cache.get("media", "k") == 2
    assert cache.get("check", "nothing") is None


def test_a_section_forgets_what_it_need_not_keep(tmp_path: Path) -> None:
    place, _ = filled(tmp_path)
    cache = Cache.open(place)
    cache.keep("check", {"k"})
    cache.save()
    again = Cache.open(place)
    assert list(again.keys("check")) == ["k"]
    assert again.get("media", "k") == 2


def test_nothing_is_written_when_nothing_changed(tmp_path: Path) -> None:
    place, file = filled(tmp_path)
    before = file.stat()
    cache = Cache.open(place)
    cache.put("media", "k", 2)
    cache.save()
    assert file.stat() == before or file.stat().st_ino == before.st_ino


@pytest.mark.parametrize("key", ["a\tb", "a\nb", "a\0b"])
def test_a_key_that_would_break_a_line_is_refused(tmp_path: Path, key: str) -> None:
    with pytest.raises(ValueError, match="cache key"):
        Cache.open(workspace(tmp_path)).put("check", key, 1)


@pytest.mark.parametrize("copy", [shutil.copy2, shutil.copyfile])
def test_a_copy_of_a_cache_is_none(tmp_path: Path, copy: Callable[[Path, Path], object]) -> None:
    place, file = filled(tmp_path)
    file.rename(tmp_path / "first")
    copy(tmp_path / "first", file)
    assert Cache.open(place).get("check", "k") is None


def test_a_cache_of_other_code_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place, _ = filled(tmp_path)
    monkeypatch.setattr("sys.version", "4.0")
    assert Cache.open(place).get("check", "k") is None


def test_a_link_in_its_place_is_not_followed(tmp_path: Path) -> None:
    place, file = filled(tmp_path / "place")
    file.rename(tmp_path / "elsewhere")
    file.symlink_to(tmp_path / "elsewhere")
    assert Cache.open(place).get("check", "k") is None


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(data=st.data())
def test_a_damaged_cache_is_as_good_as_none(tmp_path: Path, data: st.DataObject) -> None:
    place = workspace(tmp_path, {"posts/a.md": POST})
    expected = tuple(load(place, cache=False).posts)
    load(place)
    file = place.cache / "cache"
    content = bytearray(file.read_bytes())
    times = file.stat()
    where = data.draw(st.integers(0, len(content) - 1))
    match data.draw(st.sampled_from(["cut", "flip", "garbage", "empty"])):
        case "cut":
            del content[where:]
        case "flip":
            content[where] ^= 1 << data.draw(st.integers(0, 7))
        case "garbage":
            content[where:where] = data.draw(st.binary(min_size=1, max_size=40))
        case _:
            content.clear()
    with file.open("r+b") as opened:  # in place: the same inode, and the same time below
        opened.truncate()
        opened.write(bytes(content))
        opened.truncate()
    os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert Cache.open(place).get("post", "posts/a.md") is None
    assert tuple(load(place).posts) == expected


@pytest.mark.parametrize("value", [b"", b"\t\t\t\t", b"x", b"[]\t[]"])
def test_an_entry_that_was_forged_is_read_from_the_file(tmp_path: Path, value: bytes) -> None:
    place = workspace(tmp_path, {"posts/a.md": POST})
    content = load(place)
    cache = Cache.open(place)
    (key,) = content.keys
    for forged in (value, key.encode() + b"\ta\t1\t[]\t" + value, key.encode() + b"\ta\t1\t" + value + b"\t[]"):
        cache.put_raw("post", "posts/a.md", forged)
        cache.save()
        assert tuple(load(place).posts) == tuple(content.posts)
