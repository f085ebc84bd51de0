"""The command line as its users meet it: help, mistakes, exit codes."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

from builder import workspace
from socialops.cli import COMMANDS, run


def test_the_overview_says_of_each_command_what_the_command_says_of_itself() -> None:
    for name, (module, line) in COMMANDS.items():
        command = getattr(import_module(module), f"{name}_command")
        assert command.short_help == line
        assert command.help


def test_help_is_fine(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--help"]) == 0
    assert "publish" in capsys.readouterr().out


def test_a_mistyped_command_is_a_usage_error_with_the_one_that_was_meant(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["pubish"]) == 2
    assert "Did you mean 'publish'?" in capsys.readouterr().err


def test_outside_a_workspace_every_command_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for arguments in (["check"], ["plan"], ["publish"], ["snapshot"], ["site"], ["preview", "x"], ["accounts"]):
        assert run(arguments) == 2
        said = capsys.readouterr().err
        assert "not in a socialops workspace" in said
        assert "socialops init" in said


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ('[tool.socialops]\nzone = "Europe/Istambul"', "not a time zone"),
        ('[tool.socialops]\nzoen = "UTC"', "Did you mean 'zone'?"),
        ('[tool.socialops]\nlate_ok = "3 hours"', "not a length of time"),
        ("[tool.socialops]\nlate_ok = 3", "must be a text"),
        ('[tool.socialops]\nlanguages = "tr"', "must be a list"),
        ("[tool.socialops\n", "not valid TOML"),
    ],
)
def test_wrong_settings_are_named(
    settings: str, expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "pyproject.toml").write_text(settings, "utf-8")
    monkeypatch.chdir(tmp_path)
    assert run(["check"]) == 2
    said = capsys.readouterr().err
    assert expected in said
    assert "Traceback" not in said


def test_checking_a_file_that_is_not_there_or_not_ours_is_a_usage_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    inside = tmp_path / "inside"
    workspace(inside)
    outside = tmp_path / "outside.md"
    outside.write_text("x", "utf-8")
    monkeypatch.chdir(inside)
    assert run(["check", "posts/none.md"]) == 2
    assert "There is no file" in capsys.readouterr().err
    assert run(["check", str(outside)]) == 2
    assert "not in the workspace" in capsys.readouterr().err


def test_a_bug_becomes_one_message_and_a_file(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    import socialops.workspace

    def broken(_start: Path) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(socialops.workspace, "find_workspace", broken)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    assert run(["check"]) == 2
    said = capsys.readouterr().err
    assert "Traceback" not in said
    assert [file.read_text("utf-8").count("ZeroDivisionError") for file in tmp_path.glob("socialops-error-*")] != [0]


def test_a_place_that_cannot_be_written_is_named_not_called_a_bug(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    workspace(tmp_path, {"build": "a file where a folder belongs"})
    monkeypatch.chdir(tmp_path)
    assert run(["site"]) == 2
    said = capsys.readouterr().err
    assert f"{tmp_path / 'build'}" in said
    assert "you may read and write there" in said
    assert "did not expect" not in said


def test_without_channels_accounts_says_where_they_belong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.socialops]\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    assert run(["accounts"]) == 0
    assert "brand/channels/<name>.md" in capsys.readouterr().err


def test_a_closed_stdout_is_no_bug(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.stdout", None)
    assert run(["check"]) == 0


@pytest.mark.parametrize("arguments", [["-C", "other", "check"], ["check", "--workspace", "other"]])
def test_another_folder_is_worked_on_from_outside(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    workspace(tmp_path / "other", {"posts/lonely.md": "---\ntitle: Lonely\n---\nText.\n"})
    monkeypatch.chdir(tmp_path)
    run(["check"])
    assert "not in a socialops workspace" in capsys.readouterr().err
    run(arguments)
    assert "posts/lonely.md" in capsys.readouterr().out
    assert Path.cwd() == tmp_path


def test_a_folder_that_is_not_there_is_a_usage_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["-C", "nowhere", "check"]) == 2
    assert "nowhere" in capsys.readouterr().err
