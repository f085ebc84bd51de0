"""Nothing of a hostile pull request is run, nothing is sent anywhere, and whoever reviews it is told."""

from __future__ import annotations

import os
import shlex
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from hostile.stage import POST, PullRequest, git


def put(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")


NEW_POST = {"posts/2026/12/second.md": POST.format("Second words.").replace("12-03", "12-04")}


def test_no_code_of_the_head_is_imported(pull: PullRequest) -> None:
    names = ("sitecustomize", "usercustomize", "conftest", "setup", "socialops", "click", "yaml", "json", "hooks")

    def change(folder: Path) -> None:
        put(folder, {f"{name}.py": pull.python_trap for name in names} | NEW_POST)
        put(folder, {"socialops/__init__.py": pull.python_trap, "src/socialops/__init__.py": pull.python_trap})
        put(folder, {"evil.pth": f"import os; {pull.python_trap}", "posts/2026/12/post.py": pull.python_trap})
        put(
            folder,
            {
                "pyproject.toml": (folder / "pyproject.toml").read_text("utf-8")
                + '\n[build-system]\nrequires = []\nbuild-backend = "setup"\nbackend-path = ["."]\n'
                '[tool.pytest.ini_options]\naddopts = "-p hooks"\n',
                "mkdocs.yml": "site_name: x\nhooks: [hooks.py]\nplugins: [hooks]\n",
            },
        )

    pull.open(change)
    check, review = pull.validate()
    pull.assert_unharmed()
    assert check.code == 0
    for told in ("code", "settings", "workflows"):
        assert (f"**{told}" in review.summary) == (told != "workflows")
    assert "`change-scope`" in review.summary
    # The traps are live: started in the head without care, they go off.
    subprocess.run([sys.executable, "-c", "import hooks"], cwd=pull.head, check=True)
    assert pull.sprung.exists()


def tampered(pull: PullRequest, text: str) -> None:
    with (pull.head / ".git/config").open("a", encoding="utf-8") as file:
        file.write(text)


def test_no_order_in_the_repository_of_the_head_is_obeyed(pull: PullRequest) -> None:
    def change(folder: Path) -> None:
        put(folder, NEW_POST)
        put(
            folder,
            {
                ".gitattributes": "*.md filter=evil diff=evil merge=evil ident\n*.jpg filter=lfs diff=lfs\n",
                "posts/2026/12/.gitattributes": "* diff=evil\n",
                ".lfsconfig": f"[lfs]\nurl = {pull.address}/lfs\n",
                ".githooks/post-checkout": f"#!/bin/sh\n{pull.trap}\n",
            },
        )

    pull.open(change)
    trap = pull.trap.replace('"', '\\"')
    hooks = pull.head / ".githooks"
    for hook in ("post-checkout", "reference-transaction", "fsmonitor-watchman", "post-index-change"):
        (hooks / hook).write_text(f"#!/bin/sh\n{pull.trap}\n", "utf-8")
        (hooks / hook).chmod(0o755)
    (pull.head / "evil.config").write_text(f'[alias]\n\tdiff-tree = "!{trap}"\n', "utf-8")
    tampered(
        pull,
        f"""
[core]
\tfsmonitor = "{trap}"
\thooksPath = {hooks}
\tpager = "{trap}"
\teditor = "{trap}"
\tsshCommand = "{trap}"
\tattributesFile = .gitattributes
\talternateRefsCommand = "{trap}"
[diff]
\texternal = "{trap}"
[diff "evil"]
\ttextconv = "{trap}"
\tcommand = "{trap}"
[filter "evil"]
\tclean = "{trap}"
\tsmudge = "{trap}"
\tprocess = "{trap}"
\trequired = true
[merge "evil"]
\tdriver = "{trap}"
[credential]
\thelper = "!{trap}"
[gpg]
\tprogram = "{trap}"
[log]
\tshowSignature = true
[protocol]
\tallow = always
[protocol "ext"]
\tallow = always
[include]
\tpath = ../evil.config
""",
    )
    pull.validate()
    pull.run("-C", "head", "check", "--format", "sarif")
    pull.assert_unharmed()
    subprocess.run(["git", "status"], cwd=pull.head, check=False, capture_output=True)
    assert pull.sprung.exists(), "the trap of the test is dead"


def test_a_clone_that_holds_a_part_of_the_objects_fetches_none(pull: PullRequest) -> None:
    pull.open(lambda folder: put(folder, NEW_POST))
    trap = shlex.quote(str(pull.top / "trap.sh"))
    script = pull.top / "trap.sh"
    script.write_text(f"#!/bin/sh\necho sprung >> {pull.sprung}\n", "utf-8")
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    tampered(
        pull,
        f"[core]\n\trepositoryFormatVersion = 1\n[extensions]\n\tpartialClone = evil\n[protocol]\n\tallow = always\n"
        f'[protocol "ext"]\n\tallow = always\n[remote "evil"]\n\tpromisor = true\n\turl = ext::{trap}\n',
    )
    # Without the tree of the head, git would ask the remote for it.
    tree = git(pull.head, "rev-parse", "HEAD^{tree}").strip()
    subprocess.run(["git", "unpack-objects", "-q"], cwd=pull.head, check=False, stdin=subprocess.DEVNULL)
    for pack in (pull.head / ".git/objects/pack").glob("*.pack"):
        data = pack.read_bytes()
        for half in (pack, pack.with_suffix(".idx"), pack.with_suffix(".rev")):
            half.unlink(missing_ok=True)
        subprocess.run(["git", "unpack-objects", "-q"], cwd=pull.head, input=data, check=True)
    (pull.head / ".git/objects" / tree[:2] / tree[2:]).unlink()
    check, _ = pull.validate()
    pull.assert_unharmed()
    assert check.code == 2
    subprocess.run(["git", "diff-tree", "-r", "HEAD^1", "HEAD"], cwd=pull.head, check=False, capture_output=True)
    assert pull.sprung.exists(), "the trap of the test is dead"


def test_links_are_not_followed(pull: PullRequest) -> None:
    def change(folder: Path) -> None:
        put(folder, NEW_POST)
        there = str(pull.outside)
        (folder / "posts/link.md").symlink_to(there)
        (folder / "posts/folder").symlink_to(pull.top)
        (folder / "posts/git").symlink_to("../.git")
        (folder / "brand/voice.md").unlink()
        (folder / "brand/voice.md").symlink_to(there)
        (folder / "brand/channels/linked.md").symlink_to("../../.git/config")
        (folder / "posts/2026/12/picture.jpg").symlink_to(there)
        put(
            folder,
            {
                "posts/2026/12/third.md": POST.format("Third.").replace(
                    "---\nThird",
                    "media: [{file: picture.jpg, alt: A file}, {file: ../../../.git/config, alt: B}]\n---\nThird",
                )
            },
        )

    pull.open(change)
    check, review = pull.validate()
    pull.run("-C", "head", "check", "--format", "markdown")
    pull.assert_unharmed()
    assert check.code == 1
    assert "file=posts/link.md,title=file-symlink" in check.out
    assert "file=posts/folder,title=file-symlink" in check.out
    assert "`file-symlink`" in review.summary


def test_nothing_is_written_through_a_link_of_the_head(pull: PullRequest) -> None:
    there = pull.top / "there"
    there.mkdir()

    def change(folder: Path) -> None:
        put(folder, NEW_POST)
        (folder / ".socialops").symlink_to(there)
        (folder / "pyproject.toml").write_text((folder / "pyproject.toml").read_text("utf-8") + "\n", "utf-8")

    pull.open(change)
    before = sorted(path for path in pull.head.rglob("*") if ".git" not in path.parts)
    pull.validate()
    pull.run("-C", "head", "check")
    pull.assert_unharmed()
    assert list(there.iterdir()) == []
    assert sorted(path for path in pull.head.rglob("*") if ".git" not in path.parts) == before


def test_the_workflow_builds_nothing_of_the_head_and_has_no_secret() -> None:
    text = (Path(__file__).parents[2] / ".github/workflows/validate.yml").read_text("utf-8")
    runs = [line.partition("run:")[2].strip() for line in text.splitlines() if line.strip().startswith("run:")]
    assert [line for line in runs if "socialops" in line]
    assert not [line for line in runs if "mkdocs" in line or " site" in line or "pip " in line or "cd head" in line]
    assert "secrets." not in text
    assert "pull_request_target" not in text
    assert 'PYTHONSAFEPATH: "1"' in text


def test_a_submodule_is_not_fetched_and_is_told(pull: PullRequest) -> None:
    def change(folder: Path) -> None:
        put(folder, NEW_POST)
        put(
            folder,
            {".gitmodules": f'[submodule "x"]\n\tpath = posts/x\n\turl = {pull.address}/x.git\n\tupdate = !touch x\n'},
        )
        git(
            folder, "update-index", "--add", "--cacheinfo", f"160000,{git(folder, 'rev-parse', 'HEAD').strip()},posts/x"
        )

    pull.open(change)
    check, review = pull.validate()
    pull.assert_unharmed()
    assert check.code == 0
    assert "settings of git" in review.summary


def test_an_edited_ledger_is_an_error(pull: PullRequest) -> None:
    record = {"reports/data/ledger/2026/12/first/mastodon.json": "{}", "reports/data/ledger/SCHEMA": '{"schema": 1}'}
    pull.open(lambda folder: put(folder, NEW_POST | record))
    check, review = pull.validate()
    pull.assert_unharmed()
    assert check.code == 1
    assert "::error file=reports/data/ledger/2026/12/first/mastodon.json,title=ledger-edited::" in check.out
    assert "nobody may approve this" in review.summary
    assert "reports/data/ledger/2026/12/first/mastodon.json" in review.summary


def test_another_host_gets_no_token_and_is_told(pull: PullRequest) -> None:
    def change(folder: Path) -> None:
        file = folder / "brand/channels/mastodon.md"
        file.write_text(
            file.read_text("utf-8").replace("host: https://mastodon.example", f"host: {pull.address}"), "utf-8"
        )
        put(folder, NEW_POST)

    pull.open(change)
    _, review = pull.validate()
    pull.assert_unharmed()
    assert "its token stays bound to" in review.summary
    assert "Ayşe" in review.summary


NAMES = [
    "posts/2026/12/--help.md",
    "posts/2026/12/-C.md",
    "posts/2026/12/::error::x.md",
    "posts/2026/12/a\nb.md",
    "posts/2026/12/a\n::add-mask::b.md",
    "posts/2026/12/##[add-mask]b.md",
    "posts/2026/12/\"quoted' $(touch sprung) `touch sprung`.md",
    "posts/2026/12/${{ secrets.X }}.md",
    "posts/2026/12/\u202egnp.md",
    "posts/2026/12/</summary><img src=x>@octocat #1.md",
    "posts/2026/12/%0A::error::x,line=1.md",
    f"posts/2026/12/{'x' * 252}.md",
    "posts/2026/12/\udcff\udcfe.md",
    "::error::top.py",
    "\n::error::top.toml",
]


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_no_name_of_a_file_means_anything(name: str, pull: PullRequest) -> None:
    def change(folder: Path) -> None:
        put(folder, NEW_POST)
        file = Path(os.fsdecode(os.fsencode(folder)), name)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(POST.format("Words.").replace("12-03", "12-05"), "utf-8")

    pull.open(change)
    check, review = pull.validate()
    plain = pull.run("-C", "head", "check")
    pull.assert_unharmed()
    for line in check.out.splitlines():
        assert line.startswith(("::error file=", "::warning file=", "::notice file="))
        assert "\r" not in line
    for line in [*plain.out.splitlines(), *plain.err.splitlines(), *review.err.splitlines(), *check.err.splitlines()]:
        assert not line.lstrip().startswith("::")
        assert "##[" not in line
    if name.startswith("posts/"):
        assert check.code == 1
        assert "file-name" in check.out
        assert "\u202e" not in plain.out
    else:
        assert "`change-scope`" in review.summary


def test_words_in_the_log_are_no_orders_to_the_runner(pull: PullRequest) -> None:
    words = 'title: "::add-mask::a"\nkeywrods: "##[add-mask]b"\n"::stop-commands::x": 1'
    pull.open(lambda folder: put(folder, {"posts/2026/12/x.md": POST.format("::error::no").replace("lang: en", words)}))
    plain = pull.run("-C", "head", "check", "--changed", "HEAD^1")
    check, review = pull.validate()
    pull.assert_unharmed()
    assert plain.code == check.code == 1
    for said in (plain, review):
        assert not any(line.lstrip().startswith("::") or "##[" in line for line in said.out.splitlines())
    assert all(line.startswith("::") and "file=posts/2026/12/x.md" in line for line in check.out.splitlines())


def test_a_head_that_is_no_workspace_is_refused_in_one_line(pull: PullRequest) -> None:
    pull.open(lambda folder: put(folder, {"pyproject.toml": "[tool.socialops]\nhooks = 'x'\n"} | NEW_POST))
    check, review = pull.validate()
    pull.assert_unharmed()
    assert (check.code, review.code) == (2, 2)
    assert "unknown setting" in check.err


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_folder_of_somebody_else_is_not_trusted_by_ourselves(pull: PullRequest) -> None:
    pull.open(lambda folder: put(folder, NEW_POST))
    for place in (pull.head, pull.head / ".git"):
        os.chown(place, 12345, 12345)
    check, review = pull.validate()
    pull.assert_unharmed()
    assert check.code == 2
    assert "git config --global --add safe.directory" in check.err
    assert review.code == 0
    assert "compared file by file" in review.err
    assert "second" in review.summary
