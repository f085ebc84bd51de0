"""`socialops init`: a workspace that works at once, and an upgrade that never takes a team's work away."""

from __future__ import annotations

import json
import sys
import tomllib
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from zipfile import ZipFile

import pytest

from socialops.checks.check import check
from socialops.cli import run
from socialops.content.load import Content, load
from socialops.git import Git
from socialops.scaffold.languages import WORDINGS
from socialops.scaffold.manifest import FILE
from socialops.workspace import find_workspace

GIVEN = ["--yes", "--no-lock", "--forge-url", "https://github.com/acme/social"]
CHANNELS = ["--channel", "mastodon:@acme@social.example", "--channel", "bluesky", "--channel", "news=linkedin"]


def begin(folder: Path, *options: str) -> Content:
    folder.mkdir(exist_ok=True)
    (folder / "uv.lock").write_text("version = 1\n", "utf-8")
    assert run(["init", str(folder), *GIVEN, *options]) == 0
    return load(find_workspace(folder))


@pytest.mark.parametrize(
    "options",
    [
        [],
        ["--name", 'Atölye "Işık" & Şti: #1 {x}', "--zone", "Europe/Istanbul", "--language", "tr", *CHANNELS],
        ["--language", "he", "--language", "ro", "--channel", "x", "--owner", "ioana-lumen", "--owner", "@acme/brand"],
        ["--language", "pt-BR", "--ci", "gitlab", "--channel", "email", "--channel", "matrix", "--data-branch", ""],
        ["--language", "en", "--ci", "none", "--every", "1h", "--main-branch", "trunk", *CHANNELS],
        [*(word for lang in WORDINGS for word in ("--language", lang)), *CHANNELS, "--channel", "youtube"],
    ],
    ids=["bare", "turkish", "hebrew and romanian", "gitlab", "no ci", "everything"],
)
def test_a_new_workspace_has_nothing_to_correct(options: list[str], tmp_path: Path) -> None:
    content = begin(tmp_path / "new", *options)
    assert [str(problem) for problem in check(content)] == []
    assert any(post.draft for post in content.posts)
    assert any(not post.draft for post in content.posts)


@pytest.mark.parametrize("network", ["mastodon", "bluesky", "instagram", "linkedin", "x", "facebook", "telegram"])
def test_every_network_can_be_begun_with(network: str, tmp_path: Path) -> None:
    content = begin(tmp_path / "new", "--channel", network)
    assert [str(problem) for problem in check(content)] == []
    assert content.channels[network].network == network


@pytest.mark.parametrize("network", ["youtube", "matrix", "discord", "tiktok", "slack", "threads", "email"])
def test_the_other_networks_too(network: str, tmp_path: Path) -> None:
    content = begin(tmp_path / "new", "--channel", f"ours={network}")
    problems = [problem for problem in check(content) if problem.file.startswith("brand/")]
    assert [str(problem) for problem in problems] == []
    assert content.channels["ours"].network == network


def test_the_answers_are_in_the_files(tmp_path: Path) -> None:
    content = begin(
        tmp_path / "new",
        "--name",
        'A "B" \\ C',
        "--zone",
        "Asia/Jerusalem",
        "--language",
        "he",
        *CHANNELS,
        "--owner",
        "noam",
    )
    settings = content.workspace.settings
    assert (settings.name, settings.zone, settings.languages) == ('A "B" \\ C', "Asia/Jerusalem", ("he",))
    assert settings.data_branch == "socialops-data"
    assert content.channels["mastodon"].host == "https://social.example"
    assert content.channels["practice"].sandbox
    assert content.brand.people["noam"].forge == "noam"
    owners = (tmp_path / "new" / ".github" / "CODEOWNERS").read_text("utf-8")
    assert "/posts/ @noam" in owners
    assert "/.github/ @noam" in owners
    assert "/uv.lock @noam" in owners


def test_running_it_again_changes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    begin(tmp_path, *CHANNELS)
    before = snapshot(tmp_path)
    assert run(["init", str(tmp_path)]) == 0
    assert "in step" in capsys.readouterr().err
    assert run(["init", str(tmp_path), "--name", "Other"]) == 0
    assert "--name changes nothing" in capsys.readouterr().err
    assert snapshot(tmp_path) == before


def test_what_is_there_already_is_never_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mine = {
        "README.md": "Mine.\n",
        "Makefile": "all:\n",
        "brand/voice.md": "---\ntitle: Ours\n---\nHow we sound.\n",
    }
    put(tmp_path, mine)
    begin(tmp_path)
    said = capsys.readouterr().err
    for name, text in mine.items():
        assert (tmp_path / name).read_text("utf-8") == text
        assert f"{name} is there already" in said
    assert run(["init", str(tmp_path), "--upgrade"]) == 1
    shown = capsys.readouterr()
    assert "-all:" in shown.out
    assert "Makefile: changed by both" in shown.err
    assert run(["init", str(tmp_path), "--upgrade", "--write"]) == 1
    assert (tmp_path / "Makefile").read_text("utf-8") == "all:\n"
    assert run(["init", str(tmp_path), "--upgrade", "--write", "--take", "Makefile"]) == 0
    assert "demo" in (tmp_path / "Makefile").read_text("utf-8")


def put(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")


@pytest.mark.parametrize("rehearse", [True, False])
def test_a_workspace_of_before_gets_the_jobs_and_no_first_posts(rehearse: bool, tmp_path: Path) -> None:
    settings = '[tool.socialops]\nname = "X"\nforge_url = "https://github.com/acme/own"\nmain_branch = "trunk"\n'
    put(tmp_path, {"pyproject.toml": settings, "brand/channels/x.md": "---\nnetwork: x\nhandle: '@x'\n---\nX.\n"})
    before = snapshot(tmp_path)
    assert run(["init", str(tmp_path), "--yes", *(["--dry-run"] if rehearse else [])]) == 0
    after = {path: data for path, data in snapshot(tmp_path).items() if not path.startswith(".socialops/")}
    if rehearse:
        assert after == before
        return
    assert {path: after[path] for path in before} == before
    new = set(after) - set(before)
    assert ".github/workflows/publish.yml" in new
    assert not any(path.startswith(("posts/", "brand/")) for path in new)
    publish = after[".github/workflows/publish.yml"].decode()
    assert "github.repository == 'acme/own' && github.ref == 'refs/heads/trunk'" in publish
    assert "SOCIALOPS_X_TOKEN" in publish
    assert run(["init", str(tmp_path)]) == 0


def test_below_the_top_of_a_repository_it_says_that_the_forge_will_not_look_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Git(tmp_path).run("init", "--quiet", "--initial-branch=main")
    begin(tmp_path / "social")
    assert "at the top of a repository only" in capsys.readouterr().err


def test_a_pyproject_without_settings_gets_advice_not_an_edit(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "x"\nversion = "0"\n', "utf-8")
    assert run(["init", str(tmp_path), *GIVEN, "--name", "Acme"]) == 0
    said = capsys.readouterr().err
    assert "[tool.socialops]" in said
    assert 'name = "Acme"' in said
    assert tomllib.loads((tmp_path / "pyproject.toml").read_text("utf-8")) == {"project": {"name": "x", "version": "0"}}


def test_a_new_channel_is_brought_into_the_workflows_and_own_changes_stay(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    begin(tmp_path, *CHANNELS)
    site = tmp_path / ".github" / "workflows" / "site.yml"
    site.write_text(site.read_text("utf-8").replace("retention-days: 7", "retention-days: 30"), "utf-8")
    (tmp_path / "brand" / "channels" / "x.md").write_text("---\nnetwork: x\nhandle: '@acme'\n---\nX.\n", "utf-8")
    assert run(["init", str(tmp_path), "--upgrade"]) == 1
    shown = capsys.readouterr()
    assert "+          SOCIALOPS_X_TOKEN: ${{ secrets.SOCIALOPS_X_TOKEN }}" in shown.out
    assert "retention" not in shown.out
    assert "site.yml: changed by you" in shown.err
    assert run(["init", str(tmp_path), "--upgrade", "--write"]) == 0
    assert "SOCIALOPS_X_TOKEN" in (tmp_path / ".github" / "workflows" / "publish.yml").read_text("utf-8")
    assert "retention-days: 30" in site.read_text("utf-8")
    capsys.readouterr()
    assert run(["init", str(tmp_path)]) == 0
    assert "in step" in capsys.readouterr().err


def test_a_file_the_team_took_out_stays_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    begin(tmp_path)
    (tmp_path / ".github" / "ISSUE_TEMPLATE" / "idea.yml").unlink()
    assert run(["init", str(tmp_path), "--upgrade", "--write"]) == 0
    assert "idea.yml: taken out by you" in capsys.readouterr().err
    assert not (tmp_path / ".github" / "ISSUE_TEMPLATE" / "idea.yml").exists()


def test_how_often_can_be_changed_later(tmp_path: Path) -> None:
    begin(tmp_path)
    assert run(["init", str(tmp_path), "--upgrade", "--every", "1h"]) == 1
    assert run(["init", str(tmp_path), "--upgrade", "--every", "1h", "--write"]) == 0
    assert (tmp_path / ".github" / "workflows" / "tick.yml").read_text("utf-8").count("- cron:") == 1
    assert run(["init", str(tmp_path)]) == 0


class Terminal(StringIO):
    """What a person types, and where they type it."""

    def isatty(self) -> bool:
        return True


def test_on_a_terminal_it_asks_and_a_wrong_zone_is_asked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = ("Atölye", "Europe/Istambul", "Europe/Istanbul", "tr, en", "mastodon news=bluesky", "", "ayse noam")
    monkeypatch.setattr("sys.stdin", Terminal("\n".join(answers) + "\n"))
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    assert run(["init", str(tmp_path / "my-team"), "--no-lock"]) == 0
    assert "not a time zone" in capsys.readouterr().err
    content = load(find_workspace(tmp_path / "my-team"))
    settings = content.workspace.settings
    assert (settings.name, settings.zone, settings.languages) == ("Atölye", "Europe/Istanbul", ("tr", "en"))
    assert sorted(content.channels) == ["mastodon", "news", "practice"]
    assert sorted(content.brand.people) == ["ayse", "noam"]


def test_enter_takes_what_stands_in_brackets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", Terminal("\n" * 6))
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    assert run(["init", str(tmp_path / "my-team"), "--no-lock"]) == 0
    content = load(find_workspace(tmp_path / "my-team"))
    assert content.workspace.settings.name == "My team"
    assert sorted(content.channels) == ["mastodon", "practice"]


def test_who_stops_at_a_question_has_written_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", Terminal("Atölye\n"))
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    assert run(["init", str(tmp_path / "new"), "--no-lock"]) == 130
    assert list(tmp_path.iterdir()) == []


def test_a_rehearsal_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["init", str(tmp_path / "new"), *GIVEN, "--dry-run"]) == 0
    assert "posts/drafts/first-post.md" in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == []


def test_the_address_is_taken_from_the_remote(tmp_path: Path) -> None:
    Git(tmp_path).run("init", "--quiet", "--initial-branch=main")
    Git(tmp_path).run("remote", "add", "origin", "git@gitlab.example.org:acme/social.git")
    assert run(["init", str(tmp_path), "--yes", "--no-lock"]) == 0
    assert find_workspace(tmp_path).settings.forge_url == "https://gitlab.example.org/acme/social"
    assert (tmp_path / ".gitlab-ci.yml").exists()


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--zone", "Europe/Istambul"], "not a time zone"),
        (["--zone", "../../etc/passwd"], "not a time zone"),
        (["--channel", "mastodno"], "Did you mean 'mastodon'?"),
        (["--channel", "Bad Name=mastodon"], "is not a channel"),
        (["--channel", "../x=mastodon"], "is not a channel"),
        (["--channel", 'mastodon:@a"b@c'], "is not a channel"),
        (["--channel", "x", "--channel", "x"], "Two channels are called x"),
        (["--channel", "practice=mastodon"], "taken by the practice channel"),
        (["--language", "Türkçe"], "is not a language"),
        (["--name", "two\nlines"], "--name is a name"),
        (["--name", " "], "--name is a name"),
        (["--forge-url", "javascript:alert(1)"], "not the address of a repository"),
        (["--forge-url", "https://github.com/a/b'||true||'"], "not the address of a repository"),
        (["--data-branch", "main"], "another than the main branch"),
        (["--main-branch", "a b"], "not a name for a branch"),
        (["--owner", "a b"], "not an account"),
        (["--tool-source", "nowhere.whl"], "neither a wheel"),
        (["--write"], "no workspace that `socialops init` wrote"),
        (["--upgrade"], "no workspace that `socialops init` wrote"),
    ],
)
def test_a_wrong_answer_is_named_and_nothing_is_written(
    options: list[str], expected: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["init", str(tmp_path / "new"), "--yes", "--no-lock", *options]) == 2
    said = capsys.readouterr().err
    assert expected in said
    assert "Traceback" not in said
    assert not (tmp_path / "new").exists()


def test_a_link_in_the_folder_leads_nowhere(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "brand").symlink_to(outside)
    assert run(["init", str(inside), *GIVEN]) == 2
    assert "is a link" in capsys.readouterr().err
    assert list(outside.iterdir()) == []


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"answers": {"ci": "x", "every": "15m", "tool": "index"}}', "\xff"])
def test_a_spoilt_record_of_what_was_written_is_named(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    begin(tmp_path)
    (tmp_path / FILE).write_bytes(text.encode("latin-1"))
    assert run(["init", str(tmp_path)]) == 2
    assert f"{FILE} cannot be read" in capsys.readouterr().err


def test_a_record_that_names_a_file_outside_touches_nothing_there(tmp_path: Path) -> None:
    outside = tmp_path / "outside.txt"
    outside.write_text("mine\n", "utf-8")
    inside = tmp_path / "inside"
    begin(inside)
    record = json.loads((inside / FILE).read_text("utf-8"))
    from socialops.scaffold.manifest import digest

    record["files"]["../outside.txt"] = digest("mine\n")
    (inside / FILE).write_text(json.dumps(record), "utf-8")
    run(["init", str(inside), "--upgrade", "--write"])
    assert outside.read_text("utf-8") == "mine\n"


def test_a_wheel_comes_along(tmp_path: Path) -> None:
    wheel = tmp_path / "socialops-0.1.0-py3-none-any.whl"
    with ZipFile(wheel, "w") as archive:
        archive.writestr("socialops/__init__.py", "")
    begin(tmp_path / "new", "--tool-source", str(wheel))
    project = tomllib.loads((tmp_path / "new" / "pyproject.toml").read_text("utf-8"))
    assert project["tool"]["uv"]["sources"]["socialops"] == {"path": f"tools/{wheel.name}"}
    assert (tmp_path / "new" / "tools" / wheel.name).read_bytes() == wheel.read_bytes()
    assert "--no-build" in (tmp_path / "new" / ".github" / "workflows" / "publish.yml").read_text("utf-8")


def test_from_git_the_jobs_may_build(tmp_path: Path) -> None:
    begin(tmp_path, "--tool-source", "git+https://github.com/acme/socialops.git@v0.1.0")
    project = tomllib.loads((tmp_path / "pyproject.toml").read_text("utf-8"))
    source = project["tool"]["uv"]["sources"]["socialops"]
    assert source == {"git": "https://github.com/acme/socialops.git", "rev": "v0.1.0"}
    assert "--no-build" not in (tmp_path / ".github" / "workflows" / "publish.yml").read_text("utf-8")


def test_first_days_without_a_sandbox_and_without_secrets_alarm_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root, remote = tmp_path / "new", tmp_path / "remote.git"
    begin(root, *CHANNELS)
    remote.mkdir()
    Git(remote).run("init", "--quiet", "--bare", "--initial-branch=main")
    git = Git(root)
    git.run("init", "--quiet", "--initial-branch=main")
    git.run("remote", "add", "origin", str(remote))
    git.commit("Begin", ["."])
    git.push("origin", "main")
    monkeypatch.chdir(root)
    monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path / "output"))
    assert run(["publish"]) == 0
    for days in range(1, 9):
        day = (datetime.now(UTC) + timedelta(days=days)).date()
        assert run(["publish", "--now", f"{day} 16:00"]) == 0
        assert run(["plan", "--attention", "--now", f"{day} 16:00"]) == 0
    assert set((tmp_path / "output").read_text("utf-8").splitlines()) == {"changed=false"}
    assert git.remote_refs("origin", "refs/heads/socialops-data")


def test_the_scaffold_names_no_machine_and_no_secret(tmp_path: Path) -> None:
    begin(tmp_path / "new", *CHANNELS)
    for path, data in snapshot(tmp_path / "new").items():
        assert str(tmp_path).encode() not in data, path


def snapshot(folder: Path) -> dict[str, bytes]:
    return {
        file.relative_to(folder).as_posix(): file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file()
    }
