"""The house rules that a machine can keep: one direction of imports, one door to each outside thing, short files."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parent.parent / "src" / "socialops"
ROOMS = [
    {"atomic", "errors", "problem", "git", "http", "workspace", "__init__"},
    {"content"},
    {"networks"},
    {"compose"},
    {"checks"},
    {"publishing"},
    {"measuring"},
    {"community"},
    {"output"},
    {"site"},
    {"forge"},
    {"scaffold"},
    {"cli", "__main__"},
]
"""The rooms in the order of the design: each may import only those above it."""

FILES = sorted(SOURCE.rglob("*.py"))


def room_of(module: str) -> int:
    name = module.removeprefix("socialops").lstrip(".").split(".")[0] or "__init__"
    for number, room in enumerate(ROOMS):
        if name in room:
            return number
    raise AssertionError(f"{module} is in no room")


def module_of(file: Path) -> str:
    parts = ("socialops", *file.relative_to(SOURCE).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 2 else parts)


def imports(file: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file.name}:{node.lineno}: imports are absolute"
            yield node.lineno, node.module or ""


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(SOURCE).as_posix())
def test_each_room_imports_only_rooms_above_it(file: Path) -> None:
    own = room_of(module_of(file))
    wrong = [
        f"line {line}: {name}"
        for line, name in imports(file)
        if name.split(".")[0] == "socialops" and room_of(name) > own
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("outside", "doors"),
    [
        ("httpx", {"http.py"}),
        ("subprocess", {"git.py", "content/video.py", "site/build.py", "site/render.py", "scaffold/lock.py"}),
    ],
)
def test_each_outside_thing_has_one_door(outside: str, doors: set[str]) -> None:
    users = {
        file.relative_to(SOURCE).as_posix()
        for file in FILES
        for _, name in imports(file)
        if name.split(".")[0] == outside
    }
    assert users <= doors


CLOCKS_AND_EXITS = {
    "print",
    "exit",
    "sys.exit",
    "time.time",
    "datetime.now",
    "datetime.utcnow",
    "datetime.today",
    "datetime.datetime.now",
    "date.today",
}


def test_only_the_command_line_reads_the_clock_and_prints() -> None:
    found = [
        f"{file.relative_to(SOURCE)}:{node.lineno}: {ast.unparse(node.func)}"
        for file in FILES
        if file.relative_to(SOURCE).parts[0] != "cli"
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in CLOCKS_AND_EXITS
    ]
    assert found == []


def test_networks_never_see_a_post() -> None:
    for file in (SOURCE / "networks").glob("*.py"):
        for line, name in imports(file):
            assert name not in {"socialops.content.post", "socialops.content.load"}, f"{file.name}:{line}"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(SOURCE).as_posix())
def test_files_can_be_held_in_mind(file: Path) -> None:
    assert len(file.read_text("utf-8").splitlines()) <= 600


def test_help_imports_nothing_heavy() -> None:
    program = (
        "import sys; from socialops.cli import run; run(['--help']); "
        "heavy = {'pydantic', 'yaml', 'httpx', 'PIL', 'plotly', 'mkdocs', 'rich', 'jinja2', 'markdown_it', 'regex'}; "
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


def test_no_file_of_the_repository_names_this_machine() -> None:
    root = SOURCE.parent.parent
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout: the list of files is not known")
    places = re.compile(rb"/(?:wo" + rb"rk|fa" + rb"rm|ro" + rb"ot)/[a-z]")
    found = [
        name.decode()
        for name in listed.stdout.split(b"\0")
        if name and (root / name.decode()).is_file() and places.search((root / name.decode()).read_bytes())
    ]
    assert found == []
