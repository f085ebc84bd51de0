"""A test fails if a command, rule, setting, network or front-matter field is undocumented."""

from __future__ import annotations

import re
import shutil
from dataclasses import fields
from pathlib import Path

import pytest
from pydantic import BaseModel

from builder import workspace
from reference import HANDBOOK, MODELS, PAGES, page
from socialops.checks.check import check
from socialops.checks.registry import RULES
from socialops.cli import COMMANDS, run
from socialops.content import guideline_schema, schema
from socialops.content.load import load
from socialops.networks import ADAPTERS
from socialops.publishing.machine import State
from socialops.workspace import Settings

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "socialops"


@pytest.mark.parametrize("name", PAGES)
def test_the_reference_is_what_the_code_says(name: str) -> None:
    assert (HANDBOOK / name).read_text("utf-8") == page(name), "run `make reference`"


def test_every_model_of_a_file_is_in_the_reference_with_every_field_explained() -> None:
    models = {
        model
        for model in (vars(schema) | vars(guideline_schema)).values()
        if isinstance(model, type) and issubclass(model, BaseModel) and model.__name__.endswith("Header")
    }
    shown = {model for _, _, model in MODELS}
    inside = {
        model for model in models if set(model.model_fields) <= {"pauses", "names"} or model.__name__ == "HandlesHeader"
    }
    assert models - inside <= shown
    for model in models:
        for name, field in model.model_fields.items():
            assert field.description, f"{model.__name__}.{name}"


def test_every_setting_is_in_the_handbook() -> None:
    text = (HANDBOOK / "settings.md").read_text("utf-8")
    for field in fields(Settings):
        assert f"| `{field.name}` |" in text


def test_every_state_of_a_delivery_is_in_the_handbook() -> None:
    text = (HANDBOOK / "publishing.md").read_text("utf-8")
    for state in State:
        assert f"| {state.value} |" in text


def test_every_network_says_which_secret_it_wants() -> None:
    text = (HANDBOOK / "publishing.md").read_text("utf-8")
    for network in ADAPTERS:
        assert re.search(rf"^\| {network} \|", text, re.MULTILINE)


def test_every_rule_says_what_why_and_shows_both_sides() -> None:
    for rule in RULES.values():
        assert rule.summary
        assert rule.why
        assert rule.bad
        assert rule.good


def test_every_problem_anywhere_is_a_rule_with_a_page() -> None:
    made = re.compile(r"""\b(?:error|warning|note|WhenError|MediaFault|_wrong)\(\s*f?["']([a-z0-9-]+)["']""")
    ids = {found for file in SOURCE.rglob("*.py") for found in made.findall(file.read_text("utf-8"))}
    assert len(ids) > 30
    assert ids <= set(RULES)


def prose(file: Path) -> str:
    """Return the text of a page without its code."""
    text = re.sub(r"(?ms)^(`{3,}).*?^\1", "", file.read_text("utf-8"))
    return re.sub(r"`[^`\n]*`", "", text)


def test_the_readme_and_the_handbook_link_only_to_what_is_there() -> None:
    link = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
    missing = [
        f"{file.name}: {target}"
        for file in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *HANDBOOK.glob("*.md"))
        for target in link.findall(prose(file))
        # The handbook is read on the site too, where the style guide stands beside it.
        if "://" not in target and not target.startswith("../brand/") and not (file.parent / target).exists()
    ]
    assert missing == []


def test_every_command_the_readme_shows_exists() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    for name in re.findall(r"`(?:\$ )?socialops ([a-z]+)", text):
        assert name in COMMANDS
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    for target in re.findall(r"`?make ([a-z-]+)", text):
        assert target in targets


def test_the_plan_in_the_readme_is_what_the_command_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("posts", "brand", "reports"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("data", "artwork"))
    shutil.copyfile(ROOT / "pyproject.toml", tmp_path / "pyproject.toml")
    pause = "pauses:\n  - what: channel:mastodon\n    why: we wait for the service team\n    who: Ioana\n"
    (tmp_path / "brand" / "pause.yml").write_text(pause, "utf-8")
    for name, host in (("MASTODON", "https://mastodon.example"), ("PRACTICE", "http://127.0.0.1:8765")):
        monkeypatch.setenv(f"SOCIALOPS_{name}_TOKEN", "token")
        monkeypatch.setenv(f"SOCIALOPS_{name}_HOST", host)
    monkeypatch.chdir(tmp_path)
    assert run(["plan", "--now", "2026-12-09 17:05"]) == 0
    said = capsys.readouterr().out
    shown = re.search(r"```console\n\$ socialops plan\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    assert shown is not None
    for paragraph in shown[1].strip().split("\n\n"):
        assert paragraph in said


def test_every_dependency_has_its_reason() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    groups = [project["project"]["dependencies"], *project["dependency-groups"].values()]
    for requirement in (requirement for group in groups for requirement in group):
        name = re.match(r"[a-zA-Z0-9-]+", requirement)
        assert name is not None
        assert name[0] in text


@pytest.mark.parametrize("page_of_examples", [ROOT / "README.md", HANDBOOK / "writing.md", HANDBOOK / "sandbox.md"])
def test_a_post_copied_from_the_pages_has_nothing_to_correct_here(page_of_examples: Path, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "brand", tmp_path / "brand")
    posts = re.findall(r"```markdown\n(---\n.*?)```", page_of_examples.read_text("utf-8"), re.DOTALL)
    assert posts
    picture = next((ROOT / "posts").rglob("*.jpg")).read_bytes()
    files: dict[str, str | bytes] = {
        "pyproject.toml": (ROOT / "pyproject.toml").read_bytes(),
        "posts/first-snow.jpg": picture,
        **{f"posts/example-{number}.md": post for number, post in enumerate(posts)},
    }
    content = load(workspace(tmp_path, files))
    mine = [problem for problem in check(content) if problem.file.startswith("posts/")]
    assert mine == []
    assert len(content.posts) == len(posts)
