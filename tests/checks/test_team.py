"""Who approves what: CODEOWNERS as GitHub reads it, and posts that need somebody's word."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from builder import CHANNEL, workspace
from socialops.checks.check import check
from socialops.content.brand import Approval, Brand, Person
from socialops.content.load import Content, load
from socialops.content.team import BEGIN, CODEOWNERS, END, Need, approvers_for, owner_lines, owners_text
from socialops.forge.codeowners import write_codeowners
from socialops.problem import Problem

PEOPLE = """\
people:
  ayse: {name: Ayşe, roles: [manager], forge: ayse-lumen, languages: [tr, en]}
  noam: {name: נועם, roles: [writer], forge: noam-lumen, languages: [he, en]}
  tamar: {name: תמר, roles: [reviewer], forge: "@tamar-lumen", languages: [he]}
  brand: {roles: [legal], forge: "@lumen-velo/brand"}
"""
HEBREW = CHANNEL.replace("zone: Europe/Istanbul", "zone: Asia/Jerusalem\nlang: he")


def team(*lines: str, people: str = PEOPLE) -> str:
    return people + "approvals:\n" + "".join(f"  - {line}\n" for line in lines)


def content(folder: Path, yaml: str, files: Mapping[str, str] | None = None) -> Content:
    contents: dict[str, str | bytes] = {"brand/team.yml": yaml, "brand/channels/mastodon-il.md": HEBREW}
    return load(workspace(folder, contents | dict(files or {})))


def found(folder: Path, yaml: str, files: Mapping[str, str] | None = None, *, step: bool = True) -> list[Problem]:
    """Check a workspace with this team; in *step*, CODEOWNERS is written before."""
    here = content(folder, yaml, files)
    if step:
        write_codeowners(here)
        here = load(here.workspace)
    return check(here)


def post(header: str = "", *, channels: str = "[mastodon]") -> str:
    return f"---\ndate: 2026-12-02 09:30\nchannels: {channels}\n{header}---\nHello\n"


def brand(*approvals: tuple[str, tuple[str, ...]], **people: str) -> Brand:
    return Brand(
        people={name: Person(name, forge=forge) for name, forge in people.items()},
        approvals=tuple(Approval(what, who) for what, who in approvals),
    )


def test_lines_stand_from_the_less_exact_to_the_more_exact_and_own_their_own_file() -> None:
    made = brand(
        ("brand/visual.md", ("b",)), ("posts/", ("a", "b")), ("brand/crisis/", ("c",)), ("/brand/", ("a",)),
        a="ann", b="@bob", c="@org/crisis",
    )  # fmt: skip
    assert owner_lines(made) == (
        "/brand/ @ann",
        "/posts/ @ann @bob",
        "/brand/crisis/ @org/crisis",
        "/.github/CODEOWNERS @ann",
        "/brand/visual.md @bob",
    )


def test_a_space_is_escaped_and_nobody_owns_nothing() -> None:
    made = brand(("posts/old news/", ("a",)), ("reports/", ("gone",)), a="ann", gone="")
    # A line without owners would take the approval of a whole folder away.
    assert owner_lines(made) == ("/posts/old\\ news/ @ann",)


def test_a_slash_alone_is_the_whole_workspace(tmp_path: Path) -> None:
    made = brand(("posts/", ("b",)), ("/", ("a",)), a="ann", b="bob")
    assert owner_lines(made) == ("* @ann", "/posts/ @bob", "/.github/CODEOWNERS @ann")
    here = content(tmp_path, team("{what: /, who: [ayse]}"), {"posts/a.md": post()})
    assert approvers_for(here.posts[0], here) == (Need("/", ("ayse",), routed=True),)
    assert found(tmp_path, team("{what: /, who: [ayse]}")) == []


def test_a_language_or_topic_is_told_to_people_and_asks_nobody() -> None:
    assert owner_lines(brand(("language:he", ("a", "b")), a="ann", b="bob")) == (
        "# language he: @ann or @bob (see `socialops team POST`)",
    )


@given(some.lists(some.sampled_from(["", "# ours", "*.py @dev", "/brand/ @x", BEGIN, END, "/posts/ @y"]), max_size=9))
def test_lines_of_others_are_kept_and_writing_twice_changes_nothing(lines: list[str]) -> None:
    made = brand(("brand/", ("a",)), a="ann")
    before = "".join(f"{line}\n" for line in lines)
    after = owners_text(before, made)
    assert owners_text(after, made) == after
    assert "/brand/ @ann" in after
    if BEGIN not in lines:
        assert after.startswith(before.rstrip("\n"))
    others = [line for line in after.split("\n") if line.startswith(("*", "/posts/", "# ours"))]
    if BEGIN not in lines:
        assert others == [line for line in lines if line.startswith(("*", "/posts/", "# ours"))]


def test_the_check_keeps_codeowners_in_step(tmp_path: Path) -> None:
    yaml = team("{what: brand/, who: [ayse]}")
    assert [problem.id for problem in found(tmp_path, yaml, step=False)] == ["codeowners-missing"]
    assert found(tmp_path, yaml) == []
    changed = team("{what: brand/, who: [noam]}")
    [problem] = found(tmp_path, changed, step=False)
    assert (problem.file, problem.line, problem.id) == (CODEOWNERS, 2, "codeowners-stale")
    assert "`/brand/ @noam-lumen` belongs here, instead of `/brand/ @ayse-lumen`" in problem.message
    assert "socialops team --write" in problem.hint
    assert found(tmp_path, changed) == []
    (tmp_path / CODEOWNERS).write_text((tmp_path / CODEOWNERS).read_text().replace("\n", "\r\n"), "utf-8", newline="")
    assert found(tmp_path, changed, step=False) == []


def test_a_team_without_approvals_leaves_a_strangers_codeowners_alone(tmp_path: Path) -> None:
    assert found(tmp_path, PEOPLE, files={CODEOWNERS: "* @dev\n"}, step=False) == []


def test_when_the_last_approval_goes_so_does_its_line(tmp_path: Path) -> None:
    found(tmp_path, team("{what: brand/, who: [ayse]}"))
    [problem] = found(tmp_path, PEOPLE, step=False)
    assert "nothing belongs here any more" in problem.message or f"`{END}` belongs here" in problem.message
    assert found(tmp_path, PEOPLE) == []


def test_a_line_below_ours_is_told(tmp_path: Path) -> None:
    yaml = team("{what: brand/, who: [ayse]}")
    found(tmp_path, yaml)
    file = tmp_path / CODEOWNERS
    file.write_text(file.read_text("utf-8") + "\n# note\n*.md @dev\n", "utf-8")
    [problem] = found(tmp_path, yaml)
    assert (problem.id, problem.line) == ("codeowners-overridden", 7)


def test_elsewhere_than_github_no_file_is_asked_for(tmp_path: Path) -> None:
    settings = '[tool.socialops]\nname = "T"\nzone = "UTC"\nforge_url = "https://gitlab.example/t/s"\n'
    yaml = team("{what: brand/, who: [ayse]}")
    assert found(tmp_path, yaml, files={"pyproject.toml": settings}, step=False) == []


@pytest.mark.parametrize(
    ("line", "id_", "words"),
    [
        ("{what: brand/, who: [Ayşe]}", "author-unknown", "Did you mean ayse?"),
        ("{what: brand/, who: ['@ayse-lumen']}", "author-unknown", "Did you mean ayse?"),
        ("{what: brand/, who: ['@lumen-velo/brand']}", "author-unknown", "Did you mean brand?"),
        ("{what: brand/vioce.md, who: [ayse]}", "approval-unknown", "Did you mean brand/voice.md?"),
        ("{what: brand/crisis, who: [ayse]}", "approval-unknown", "Write a slash at its end: brand/crisis/"),
        ("{what: 'brand/#1/', who: [ayse]}", "approval-unknown", "rename it"),
        ("{what: 'posts/*.md', who: [ayse]}", "approval-unknown", "rename it"),
        ("{what: ../other/, who: [ayse]}", "approval-unknown", "without"),
        ("{what: ./brand/, who: [ayse]}", "approval-unknown", "without"),
        ("{what: brand//, who: [ayse]}", "approval-unknown", "without"),
        ("{what: 'language:', who: [ayse]}", "approval-unknown", ""),
        ("{what: 'language:Hebrew', who: [noam]}", "approval-unknown", ""),
        ("{what: 'language:he', who: [ayse]}", "approval-unreadable", "Name somebody who does"),
        ("{what: 'topic:citty', who: [ayse]}", "approval-unknown", "Did you mean city?"),
    ],
)
def test_an_approval_that_means_nothing_is_told(tmp_path: Path, line: str, id_: str, words: str) -> None:
    files = {
        "brand/voice.md": "Dry.\n",
        "brand/crisis/playbook.md": "Calm.\n",
        "brand/strategy.md": "---\npillars: [{name: city, share: 1}]\nchannels: {mastodon: A, mastodon-il: B}\n---\n",
    }
    problems = found(tmp_path, team(line), files, step=False)
    told = [problem for problem in problems if problem.id == id_]
    assert len(told) == 1, problems
    assert words in told[0].hint
    assert told[0].line == 7


def test_whoever_approves_has_an_account(tmp_path: Path) -> None:
    people = PEOPLE.replace(", forge: noam-lumen", "")
    [problem] = [p for p in found(tmp_path, team("{what: 'language:he', who: [noam]}", people=people)) if p.id != "x"]
    assert (problem.id, problem.line) == ("forge-missing", 3)
    assert found(tmp_path, team("{what: brand/, who: [ayse]}", people=people)) == []


@pytest.mark.parametrize("account", ["ayse lumen", "ayse@example.org", "@a/b/c", "-x", "@", "a,b"])
def test_an_account_is_one_that_a_forge_can_have(tmp_path: Path, account: str) -> None:
    people = PEOPLE.replace("forge: ayse-lumen", f"forge: '{account}'")
    assert "forge-invalid" in [problem.id for problem in found(tmp_path, people, step=False)]


def test_a_post_needs_the_word_of_each_of_its_languages(tmp_path: Path) -> None:
    yaml = team("{what: posts/, who: [ayse]}", "{what: 'language:he', who: [noam, tamar]}")
    here = content(tmp_path, yaml, {"posts/a.md": post(channels="[mastodon, mastodon-il]"), "posts/b.md": post()})
    first, second = here.posts
    assert approvers_for(first, here) == (
        Need("posts/", ("ayse",), routed=True),
        Need("language:he", ("noam", "tamar")),
    )
    assert approvers_for(second, here) == (Need("posts/", ("ayse",), routed=True),)


def test_of_two_places_the_more_exact_one_is_asked(tmp_path: Path) -> None:
    yaml = team("{what: posts/2026/, who: [noam]}", "{what: posts/, who: [ayse]}")
    here = content(tmp_path, yaml, {"posts/2026/a.md": post(), "posts/b.md": post()})
    assert [approvers_for(item, here)[0].who for item in here.posts] == [("noam",), ("ayse",)]


@pytest.mark.parametrize(
    ("header", "channels", "told"),
    [
        ("", "[mastodon]", []),
        ("", "[mastodon-il]", ["approver-missing"]),
        ("lang: he\n", "[mastodon]", ["approver-missing"]),
        ("lang: en\n", "[mastodon-il]", []),
        ("approver: noam\n", "[mastodon-il]", []),
        ("approver: ayse\n", "[mastodon-il]", ["approver-unfit"]),
        ("lang: tr\napprover: noam\n", "[mastodon]", ["approver-unfit"]),
        ("approver: brand\n", "[mastodon]", []),
        ("approver: tamar\nauthors: [tamar]\n", "[mastodon-il]", ["approver-own"]),
        ("approver: tamar\nauthors: [tamar, noam]\n", "[mastodon-il]", []),
        ("approver: ayse\nlang: tr\n", "{mastodon: {}, mastodon-il: {lang: he, approver: noam}}", []),
        ("approver: ayse\nlang: tr\n", "{mastodon: {}, mastodon-il: {lang: he}}", ["approver-unfit"]),
        ("lang: tr\n", "{mastodon: {}, mastodon-il: {lang: he, approver: noamm}}", ["approver-unknown"]),
        ("pillar: city\n", "[mastodon]", ["approver-missing"]),
        ("pillar: city\napprover: noam\n", "[mastodon]", ["approver-unfit"]),
        ("pillar: city\napprover: ayse\n", "[mastodon]", []),
        ("pillar: city\ndraft: true\n", "[mastodon]", ["approver-missing"]),
    ],
)
def test_the_approver_is_one_who_may(tmp_path: Path, header: str, channels: str, told: list[str]) -> None:
    yaml = team("{what: 'language:he', who: [noam, tamar]}", "{what: 'topic:city', who: [ayse]}")
    strategy = "---\npillars: [{name: city, share: 1}]\nchannels: {mastodon: A, mastodon-il: B}\n---\n"
    problems = found(tmp_path, yaml, {"brand/strategy.md": strategy, "posts/a.md": post(header, channels=channels)})
    assert [problem.id for problem in problems] == told


def test_a_code_owners_file_that_is_a_link_is_not_written(tmp_path: Path) -> None:
    from socialops.errors import WorkspaceError

    here = content(tmp_path / "here", team("{what: brand/, who: [ayse]}"))
    (tmp_path / "here" / ".github").mkdir()
    (tmp_path / "elsewhere").write_text("keep", "utf-8")
    (tmp_path / "here" / CODEOWNERS).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(WorkspaceError):
        write_codeowners(load(here.workspace))
    assert (tmp_path / "elsewhere").read_text("utf-8") == "keep"
