"""What people type after `socialops check` and `socialops plan`: folders, odd names, files that are no posts."""

from __future__ import annotations

from pathlib import Path

import pytest

from builder import workspace
from socialops.cli import run

POST = "---\ndate: 2026-12-01 09:30\nchannels: [mastodon]\nlang: en\n---\n{}\n"
WRONG = POST.replace("[mastodon]", "[mastodont]")


def test_a_folder_stands_for_the_posts_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    workspace(
        tmp_path,
        {
            "posts/2026/11/fine.md": POST.format("Fine"),
            "posts/2026/12/wrong.md": WRONG.format("Wrong"),
            "posts/2026/12/good.md": POST.format("Good").replace("12-01", "12-02"),
            "posts/2026/121/other.md": WRONG.format("Other"),
        },
    )
    monkeypatch.chdir(tmp_path)
    assert run(["check", "posts/2026/11"]) == 0
    assert "1 post checked: nothing to correct." in capsys.readouterr().out
    assert run(["check", "posts/2026/12"]) == 1
    said = capsys.readouterr().out
    assert "posts/2026/12/wrong.md:3:12: error" in said
    assert "121" not in said
    assert "2 posts checked: 1 error" in said
    for everything in (".", str(tmp_path)):
        assert run(["check", everything]) == 1
        assert "4 posts checked: 2 errors" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["a\nb.md", "a\x1b[31mb.md", "\u202eb.md", "a b.md"])
def test_a_file_named_with_what_cannot_be_shown_is_a_problem_of_that_file(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    workspace(tmp_path, {f"posts/{name}": POST.format("Hello")})
    monkeypatch.chdir(tmp_path)
    assert run(["check", f"posts/{name}"]) == 1
    said = capsys.readouterr().out
    assert "[file-name]" in said
    assert "\x1b" not in said
    assert "\u202e" not in said


def test_a_link_to_nowhere_is_a_problem_not_a_missing_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    workspace(tmp_path, {"posts/first.md": POST.format("Hello")})
    (tmp_path / "posts/link.md").symlink_to("nowhere")
    monkeypatch.chdir(tmp_path)
    assert run(["check", "posts/link.md"]) == 1
    assert "[file-symlink]" in capsys.readouterr().out


def test_a_file_that_nobody_reads_is_said_not_to_be_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    workspace(tmp_path, {"README.md": "Hello", "posts/first.md": POST.format("Hello")})
    monkeypatch.chdir(tmp_path)
    assert run(["check", "README.md", "posts/first.md", "posts/first.md"]) == 0
    said = capsys.readouterr()
    assert said.err.startswith("README.md is not checked")
    assert said.out == "1 post checked: nothing to correct.\n"


def test_a_name_cannot_write_to_the_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    workspace(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("click.utils.should_strip_ansi", lambda *_: False)
    assert run(["check", "\x1b[2Jnone.md"]) == 2
    assert "There is no file <U+001B>[2Jnone.md." in capsys.readouterr().err


def test_channels_written_without_brackets_are_shown_with_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    workspace(tmp_path, {"posts/first.md": POST.format("Hello").replace("[mastodon]", "mastodon")})
    monkeypatch.chdir(tmp_path)
    assert run(["check"]) == 1
    assert "channels must be a list. [field-type]\n    Write it as a list: channels: [mastodon]\n" in (
        capsys.readouterr().out
    )


def test_a_large_file_that_is_no_post_is_not_asked_to_close_its_header(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    workspace(tmp_path, {"posts/first.md": b"\xff\xd8\xff" + b"x" * 100_000})
    monkeypatch.chdir(tmp_path)
    assert run(["check"]) == 1
    said = capsys.readouterr().out
    assert "posts/first.md:1:1: error" in said
    assert "[file-size]" in said
    assert "header is larger" not in said


def test_a_plan_says_what_it_cannot_know(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    workspace(
        tmp_path,
        {
            "posts/first.md": POST.format("Hello"),
            "posts/long-ago.md": POST.format("Old").replace("12-01", "10-01"),
            "brand/channels/second.md": "---\nnetwork: [\n---\n",
        },
    )
    monkeypatch.chdir(tmp_path)
    assert run(["plan", "--now", "2026-12-06 12:00"]) == 0
    said = capsys.readouterr()
    assert "There is no ledger here yet" in said.err
    assert "`socialops check` finds errors in brand/channels/second.md" in said.err
    assert "first → mastodon" in said.out
    assert "long-ago" not in said.out
    assert "1 more" in said.out


def test_a_tab_at_the_beginning_of_a_line_is_called_a_tab(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    workspace(tmp_path, {"posts/first.md": "---\n# İlk ışık 🚲\n\tlang: tr\n---\nHello\n"})
    monkeypatch.chdir(tmp_path)
    assert run(["check"]) == 1
    said = capsys.readouterr().out
    assert "Indent with spaces, not with tabs." in said
    assert "posts/first.md:3:1: error" in said
