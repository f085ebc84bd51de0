from __future__ import annotations

import os
from pathlib import Path

import pytest

from builder import CHANNEL, workspace
from socialops.content.load import Content, load, load_post
from socialops.workspace import Workspace

POST = "---\ndate: 2026-12-01 09:30\nchannels: [mastodon]\n---\nHello.\n"


def post(extra: str = "", *, date: str = "2026-12-01 09:30", channels: str = "[mastodon]") -> str:
    return f"---\ndate: {date}\nchannels: {channels}\n{extra}---\nHello.\n"


def seen(content: Content) -> list[tuple[str, int, int, str]]:
    return [(problem.file, problem.line, problem.column, problem.id) for problem in content.problems]


def everything(content: Content) -> object:
    return (tuple(content.posts), dict(content.channels), content.brand, content.reports, content.problems)


def places(content: Content) -> list[dict[str, tuple[int, int]]]:
    return [dict(item.positions) for item in content.posts]


def test_posts_of_every_folder_are_read_in_the_order_of_their_paths(tmp_path: Path) -> None:
    place = workspace(tmp_path, {"posts/b.md": POST, "posts/2026/12/a.md": POST, "posts/launch/index.md": POST})
    content = load(place)
    assert [item.id for item in content.posts] == ["a", "b", "launch"]
    assert not content.problems
    assert not load(workspace(tmp_path / "empty")).posts


def test_the_same_id_twice_names_both_files(tmp_path: Path) -> None:
    content = load(workspace(tmp_path, {"posts/a.md": POST, "posts/2026/a.md": POST, "posts/c.md": post("id: a\n")}))
    assert seen(content) == [("posts/a.md", 1, 1, "id-duplicate"), ("posts/c.md", 4, 5, "id-duplicate")]
    assert "posts/2026/a.md" in content.problems[0].message


def test_what_a_post_refers_to_must_be_there(tmp_path: Path) -> None:
    files = {
        "brand/campaigns/winter-2026.md": "---\ntitle: Winter\n---\n",
        "brand/strategy.md": "---\npillars: [{name: product}]\naudiences: [{name: commuters}]\n---\n",
        "brand/team.yml": "people: {ayse: {}}\n",
        "posts/a.md": post(
            "campaign: winter-2025\npillar: products\naudience: comuters\nauthors: [ayse, aise]\napprover: Ayşe\n"
        ),
        "posts/b.md": post(
            "campaign: winter-2026\npillar: product\naudience: commuters\nauthors: [ayse]\napprover: ayse\n"
        ),
    }
    content = load(workspace(tmp_path, files))
    assert [problem.hint for problem in content.problems] == [
        "Did you mean winter-2026?",
        "Did you mean product?",
        "Did you mean commuters?",
        "Did you mean ayse?",
        "Did you mean ayse?",
    ]
    assert [place[1:] for place in seen(content)] == [
        (4, 11, "campaign-unknown"),
        (5, 9, "pillar-unknown"),
        (6, 11, "audience-unknown"),
        (7, 17, "author-unknown"),
        (8, 11, "approver-unknown"),
    ]
    assert len(content.posts) == 2


def test_without_a_team_or_a_strategy_nobody_is_unknown(tmp_path: Path) -> None:
    assert not load(workspace(tmp_path, {"posts/a.md": post("pillar: x\naudience: y\nauthors: [z]\n")})).problems


def test_an_unknown_channel_is_a_problem_and_left_out(tmp_path: Path) -> None:
    content = load(workspace(tmp_path, {"posts/a.md": post(channels="[mastodn, mastodon]")}))
    assert seen(content) == [("posts/a.md", 3, 12, "channel-unknown")]
    assert content.problems[0].hint == "Did you mean mastodon?"
    assert [entry.channel for entry in content.posts[0].channels] == ["mastodon"]


def test_a_time_is_judged_in_the_zone_of_each_channel(tmp_path: Path) -> None:
    files = {
        "brand/channels/berlin.md": CHANNEL.replace("Europe/Istanbul", "Europe/Berlin"),
        "brand/channels/new-york.md": CHANNEL.replace("Europe/Istanbul", "America/New_York"),
        "posts/gap.md": post(date="2026-03-29 02:30", channels="[mastodon, berlin]"),
        "posts/fold.md": post(date="2026-10-25 02:30", channels="[berlin, mastodon]"),
        "posts/offset.md": post(date="2026-10-25T02:30+02:00", channels="[berlin]"),
        "posts/other.md": post(channels="{berlin: {date: 2026-03-29 02:30}, new-york: {date: 2026-03-08 02:30}}"),
        "posts/draft.md": post("draft: true\n", date="2026-03-29 02:30", channels="[berlin]"),
    }
    content = load(workspace(tmp_path, files))
    assert seen(content) == [
        ("posts/fold.md", 2, 7, "date-fold"),
        ("posts/gap.md", 2, 7, "date-gap"),
        ("posts/other.md", 3, 27, "date-gap"),
        ("posts/other.md", 3, 63, "date-gap"),
    ]
    assert "2026-10-25T02:30+01:00" in content.problems[0].hint
    kept = {item.id: [entry.channel for entry in item.channels] for item in content.posts}
    assert kept == {"draft": ["berlin"], "fold": ["mastodon"], "gap": ["mastodon"], "offset": ["berlin"], "other": []}


@pytest.mark.parametrize(
    "name", ["`id`", "--help", "${{ secrets.X }}", "..%2f..%2f.github", "A", "kış", "x" * 90, "a b", "con\x07"]
)
def test_a_name_that_is_not_plain_is_a_problem_and_no_post(tmp_path: Path, name: str) -> None:
    content = load(workspace(tmp_path, {f"posts/{name}.md": POST}))
    assert [problem.id for problem in content.problems] == ["file-name"]
    assert content.problems[0].file.isprintable()
    assert not content.posts


def test_a_name_that_is_no_text_is_shown_as_escapes(tmp_path: Path) -> None:
    place = workspace(tmp_path, {"posts/a.md": POST})
    try:
        Path(os.fsdecode(os.fsencode(place.posts) + b"/\xff\xfe.md")).write_text(POST)
    except OSError:
        pytest.skip("this disk takes only names that are text")
    (problem,) = load(place).problems
    assert problem.id == "file-name"
    problem.file.encode()


def test_names_that_differ_in_capitals_only_are_one_name_elsewhere(tmp_path: Path) -> None:
    place = workspace(tmp_path, {"posts/a.md": POST, "posts/A.md": POST})
    if len(list(place.posts.iterdir())) < 2:
        pytest.skip("this disk does not tell capitals apart")
    assert any("same name" in problem.message for problem in load(place).problems)


def test_a_file_that_is_not_read_as_a_post_is_not_passed_over_in_silence(tmp_path: Path) -> None:
    content = load(
        workspace(tmp_path, {"posts/a.MD": POST, "posts/b.markdown": POST, "posts/.gitkeep": "", "posts/c.jpg": ""})
    )
    assert [(file, id_) for file, _, _, id_ in seen(content)] == [
        ("posts/a.MD", "file-name"),
        ("posts/b.markdown", "file-name"),
    ]


def test_links_are_not_followed(tmp_path: Path) -> None:
    place = workspace(tmp_path / "place", {"posts/a.md": POST})
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "x.md").write_text(POST)
    (place.posts / "x.md").symlink_to(outside / "x.md")
    (place.posts / "folder").symlink_to(outside)
    (place.brand / "team.yml").symlink_to(outside / "x.md")
    content = load(place)
    assert {(file, id_) for file, _, _, id_ in seen(content)} == {
        ("posts/x.md", "file-symlink"),
        ("posts/folder", "file-symlink"),
        ("brand/team.yml", "file-symlink"),
    }
    assert [item.id for item in content.posts] == ["a"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_what_is_no_ordinary_file_is_not_opened(tmp_path: Path) -> None:
    place = workspace(tmp_path, {"posts/a.md": POST})
    os.mkfifo(place.posts / "pipe.md")
    os.mkfifo(place.brand / "handles.yml")
    assert {(file, id_) for file, _, _, id_ in seen(load(place))} == {
        ("posts/pipe.md", "file-type"),
        ("brand/handles.yml", "file-type"),
    }


FILES: dict[str, str | bytes] = {
    "posts/a.md": post("media:\n  - file: a.jpg\n    alt: é\n"),
    "posts/b.md": post("tags: #x\n"),
    "posts/c.md": post("id: a\n"),
    "posts/d.md": "no header",
    "posts/e.md": "\ufeff" + post("params: {n: 1}\n").replace("\n", "\r\n"),
    "posts/f.md": post(channels="[nowhere, mastodon]"),
}


def test_a_second_load_gives_the_same_as_the_first(tmp_path: Path) -> None:
    place = workspace(tmp_path, FILES)
    fresh, cold, warm = load(place, cache=False), load(place), load(place)
    assert (place.cache / "cache").is_file()
    assert everything(fresh) == everything(cold) == everything(warm)
    assert places(fresh) == places(cold) == places(warm)
    assert [item.part_lines for item in fresh.posts] == [item.part_lines for item in warm.posts]
    assert [item.digest for item in fresh.posts] == [item.digest for item in warm.posts]
    assert (cold.keys, cold.context) == (warm.keys, warm.context)


def test_a_change_is_seen(tmp_path: Path) -> None:
    place = workspace(tmp_path, FILES)
    first = load(place)
    (place.posts / "a.md").write_text(post("title: New\n"))
    second = load(place)
    assert second.posts[0].title == "New"
    assert second.keys[0] != first.keys[0]
    assert second.keys[1:] == first.keys[1:]
    assert second.context == first.context


def test_a_post_is_judged_anew_when_what_it_refers_to_changes(tmp_path: Path) -> None:
    place = workspace(tmp_path, {"posts/a.md": post("campaign: winter\n")})
    assert [problem.id for problem in load(place).problems] == ["campaign-unknown"]
    (place.brand / "campaigns").mkdir()
    (place.brand / "campaigns/winter.md").write_text("---\ntitle: Winter\n---\n")
    assert not load(place).problems
    (place.brand / "channels/mastodon.md").unlink()
    assert [problem.id for problem in load(place).problems] == ["channel-unknown"]


def test_a_folder_that_cannot_be_written_to_costs_time_only(tmp_path: Path) -> None:
    place = workspace(tmp_path, FILES)
    place.cache.write_text("a file where the folder would be")
    assert everything(load(place)) == everything(load(place, cache=False))


@pytest.mark.parametrize("name", ["posts/a.md", "posts/b.md", "posts/d.md", "posts/e.md", "posts/f.md"])
def test_one_file_alone_is_read_as_among_all(tmp_path: Path, name: str) -> None:
    place = workspace(tmp_path, {**FILES, "posts/c.md": POST})
    content, whole = load(place, files=[name]), load(place)
    assert [item.path for item in content.posts] == [item.path for item in whole.posts if item.path == name]
    assert tuple(content.posts) == tuple(item for item in whole.posts if item.path == name)
    assert [found for found in content.problems if found.file == name] == [
        found for found in whole.problems if found.file == name
    ]


def test_one_file_alone_is_still_held_against_the_ids_of_all(tmp_path: Path) -> None:
    place = workspace(tmp_path, FILES)
    (problem,) = load(place, files=["posts/a.md"]).problems
    assert (problem.file, problem.id) == ("posts/a.md", "id-duplicate")
    assert "posts/c.md" in problem.message
    (problem,) = load(place, files=["posts/c.md"]).problems
    assert (problem.file, problem.id) == ("posts/c.md", "id-duplicate")


def test_a_post_can_be_read_by_itself(tmp_path: Path) -> None:
    place: Workspace = workspace(tmp_path, FILES)
    found, problems = load_post(place, place.posts / "f.md")
    assert found is not None
    assert found.id == "f"
    assert [problem.id for problem in problems] == ["channel-unknown"]
    assert load_post(place, place.posts / "nothing.md")[0] is None
