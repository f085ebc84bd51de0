"""What is emitted for editors: against the tools' own schemas, our own files, and the model."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from builder import workspace
from socialops.cli import run
from socialops.content import guideline_schema, schema
from socialops.content.frontmatter import split
from socialops.content.load import Content, load
from socialops.content.schema import Typed
from socialops.scaffold.form_fields import FormField, form_fields
from socialops.scaffold.front_matter_cms import front_matter_cms
from socialops.scaffold.issue_forms import choices_of, issue_forms, read_issue
from socialops.scaffold.json_schema import _REFERENCES, ENTITIES, Entity, handles_schema, json_schema
from socialops.scaffold.questions import FORMS, LANGUAGES, QUESTIONS
from socialops.scaffold.sveltia import sveltia
from socialops.workspace import find_workspace

ROOT = Path(__file__).parent.parent.parent
VECTORS = ROOT / "tests" / "vectors" / "front-matter-cms"


class Core(yaml.SafeLoader):
    """YAML as editors read it: dates stay texts."""


Core.yaml_implicit_resolvers = {
    letter: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for letter, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


@pytest.fixture(scope="module")
def ours() -> Content:
    return load(find_workspace(ROOT), cache=False)


def headers(entity: Entity) -> Iterator[tuple[str, Any]]:
    for file in sorted(ROOT.glob(entity.place)):
        path = file.relative_to(ROOT).as_posix()
        kept = ("brand/channels/", "brand/campaigns/", "brand/goals/", "brand/strategy.md")
        text = file.read_text("utf-8")
        if (entity.name == "guideline" and path.startswith(kept)) or (entity.prose and not text.startswith("---")):
            continue
        yield path, yaml.load(split(text)[0] if entity.prose else text, Core)


def faults(entity: Entity, content: Content, header: Any) -> list[str]:
    validator = jsonschema.Draft7Validator(json_schema(entity, content))
    return [f"{fault.json_path}: {fault.message}" for fault in validator.iter_errors(header)]


@pytest.mark.parametrize("name", ENTITIES)
def test_our_own_files_are_valid(name: str, ours: Content) -> None:
    entity = ENTITIES[name]
    jsonschema.Draft7Validator.check_schema(json_schema(entity, ours))
    found = dict(headers(entity))
    assert found
    assert {path: wrong for path, header in found.items() if (wrong := faults(entity, ours, header))} == {}


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("post", {"titel": "A"}),
        ("post", {"date": "tomorrow"}),
        ("post", {"channels": ["blusky"]}),
        ("post", {"channels": {"blusky": {}}}),
        ("post", {"channels": {"bluesky": {"txt": "A"}}}),
        ("post", {"kind": "picture"}),
        ("post", {"campaign": "winter-2025"}),
        ("post", {"authors": ["nobody"]}),
        ("post", {"authors": "ayse"}),
        ("post", {"media": [{"alt": "A"}]}),
        ("post", {"media": [{"file": "a.jpg", "focus": [0, 3]}]}),
        ("post", {"poll": {"options": ["one"]}}),
        ("post", {"draft": "perhaps"}),
        ("post", {"late_ok": "soon"}),
        ("post", {"title": None}),
        ("post", {"id": "A B"}),
        ("channel", {"handle": "a"}),
        ("channel", {"network": "myspace"}),
        ("channel", {"network": "x", "budget": {"month": -1}}),
        ("campaign", {"start": "soon"}),
        ("campaign", {"goal": "no-such-goal"}),
        ("goal", {"target": "many"}),
        ("strategy", {"pillars": [{"name": "a", "share": 2}]}),
        ("guideline", {"rules": [{"id": "br1", "summary": "a", "reason": "b"}]}),
        ("guideline", {"rules": [{"id": "BR001", "summary": "a", "reason": "b", "wrods": ["a"]}]}),
        ("team", {"people": {"a": {"roles": ["boss"]}}}),
        ("pause", {"pauses": [{"what": "everything"}]}),
    ],
)
def test_what_is_wrong_is_not_valid(name: str, header: Any, ours: Content) -> None:
    assert faults(ENTITIES[name], ours, header)


@pytest.mark.parametrize(
    "header",
    [
        {"title": 2026, "tags": [2026, "a"], "channels": {"bluesky": {}}},
        {"media": ["a.jpg", {"file": "b.jpg", "focus": [0, -0.5]}], "lang": "pt-BR"},
        {"waive": {"BR012": "a reason"}, "date": "2026-12-01T09:30:00+03:00", "params": {"a": [1]}},
    ],
)
def test_short_forms_and_plain_values_are_valid(header: Any, ours: Content) -> None:
    assert faults(ENTITIES["post"], ours, header) == []


def test_handles_have_a_schema(ours: Content) -> None:
    validator = jsonschema.Draft7Validator(handles_schema(ours))
    assert list(validator.iter_errors(yaml.load((ROOT / "brand" / "handles.yml").read_text("utf-8"), Core))) == []
    for wrong in ({"a": "@a"}, {"a": {"myspace": "@a"}}, {"a": {"mastodon": ["@a"]}}):
        assert list(validator.iter_errors(wrong))


def test_a_workspace_with_nothing_yet_has_schemas_too(tmp_path: Path) -> None:
    content = load(workspace(tmp_path, {}))
    for entity in ENTITIES.values():
        jsonschema.Draft7Validator.check_schema(json_schema(entity, content))
    # Without a team and a strategy nobody and nothing is unknown, as `check` has it.
    assert faults(ENTITIES["post"], content, {"authors": ["anybody"], "pillar": "any"}) == []
    assert faults(ENTITIES["post"], content, {"campaign": "winter-2026"})
    for text in (front_matter_cms(content), sveltia(content), *issue_forms(content).values()):
        assert yaml.safe_load(text)


def test_references_are_fields_of_the_model() -> None:
    for place in _REFERENCES:
        name, field = place.split(".")
        model = vars(schema).get(name) or vars(guideline_schema)[name]
        assert issubclass(model, Typed)
        assert field in model.model_fields, place


# --- every field reaches every target ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ENTITIES)
def test_every_field_of_the_model_is_in_the_schema(name: str, ours: Content) -> None:
    whole = json_schema(ENTITIES[name], ours)
    assert set(whole["properties"]) == set(ENTITIES[name].model.model_fields)
    for model, definition in whole.get("definitions", {}).items():
        # A name may be that of a model of posts and of one of guidelines.
        named = [home.get(model) for home in (vars(schema), vars(guideline_schema))]
        known = [set(one.model_fields) for one in named if isinstance(one, type) and issubclass(one, Typed)]
        assert not known or set(definition["properties"]) in known, model


UNDRAWN_BY_SVELTIA = {
    "post": {"waive", "params", "media.focus", "media.logo"},
    "channel": {"limits", "profile", "params"},
    "campaign": {"params"},
    "goal": {"params"},
    "report": {"params"},
    "strategy": {"params"},
}
"""Mappings with keys of their own, anything at all, and pairs of numbers: no form of Sveltia draws them."""


def drawn(fields: tuple[FormField, ...], before: str = "") -> set[str]:
    found: set[str] = set()
    for field in fields:
        found |= {f"{before}{field.name}", *drawn(field.fields, f"{before}{field.name}.")}
    return found


def named(fields: list[dict[str, Any]], before: str = "") -> set[str]:
    found: set[str] = set()
    for field in fields:
        found |= {f"{before}{field['name']}", *named(field.get("fields", []), f"{before}{field['name']}.")}
    return found


def test_every_field_is_in_the_forms_of_sveltia(ours: Content) -> None:
    config = yaml.safe_load(sveltia(ours))
    collections = {one["name"]: one for one in config["collections"]}
    forms = {name: collections[name]["fields"] for name in collections if name != "brand"}
    forms |= {one["name"]: one["fields"] for one in collections["brand"]["files"]}
    assert set(forms) == set(UNDRAWN_BY_SVELTIA)
    for name, fields in forms.items():
        model = drawn(form_fields(ENTITIES[name], ours))
        assert model - named(fields) == UNDRAWN_BY_SVELTIA[name], name
        assert named(fields) - model == {"body"}


def test_every_field_is_known_to_front_matter_cms(ours: Content) -> None:
    settings = json.loads(front_matter_cms(ours))
    types = {one["name"]: one["fields"] for one in settings["frontMatter.taxonomy.contentTypes"]}
    assert set(types) == {entity.name for entity in ENTITIES.values() if entity.prose}
    for name, fields in types.items():
        top = {field.name for field in form_fields(ENTITIES[name], ours)}
        assert {field["name"] for field in fields} == top
        hidden = {field["name"] for field in fields if field.get("hidden")}
        shapes = {
            field.name for field in form_fields(ENTITIES[name], ours) if field.shape in ("free", "records", "pairs")
        }
        assert hidden == shapes


def test_the_choices_are_the_workspaces_own(ours: Content) -> None:
    config = yaml.safe_load(sveltia(ours))
    fields = {field["name"]: field for field in config["collections"][0]["fields"]}
    assert fields["channels"]["options"] == list(ours.channels)
    assert fields["campaign"]["options"] == list(ours.brand.campaigns)
    assert fields["authors"]["options"] == list(ours.brand.people)
    assert fields["media"]["fields"][0] | {"hint": ""} == {
        "name": "file",
        "label": "File",
        "widget": "file",
        "required": True,
        "hint": "",
    }


# --- the tools' own schemas -------------------------------------------------------------------------------------------


def test_front_matter_cms_takes_its_settings(ours: Content) -> None:
    known = json.loads((VECTORS / "configuration.json").read_text("utf-8"))
    validator = jsonschema.Draft7Validator({"properties": known})
    settings = json.loads(front_matter_cms(ours))
    assert set(settings) - set(known) == {"$schema"}
    assert [fault.message for fault in validator.iter_errors(settings)] == []
    settings["frontMatter.taxonomy.contentTypes"][0]["fields"][0]["type"] = "no such type"
    settings["frontMatter.content.pageFolders"][0]["colour"] = "red"
    assert len(list(validator.iter_errors(settings))) == 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_github_takes_the_issue_forms(language: str, ours: Content, tmp_path: Path) -> None:
    files = []
    for name, text in issue_forms(ours, language).items():
        (tmp_path / name).write_text(text, "utf-8")
        files.append(str(tmp_path / name))
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-issue-forms", *files]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_no_two_questions_share_a_heading() -> None:
    headings = [(heading.casefold(), q.field) for q in QUESTIONS.values() for heading in set(q.heading.values())]
    assert len({heading for heading, _ in headings}) == len({(heading, field) for heading, field in headings})
    assert all(set(q.heading) == set(q.help) == set(LANGUAGES) for q in QUESTIONS.values())


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_what_a_form_asks_is_read_back(form: Any, language: str, ours: Content) -> None:
    body = ""
    written = yaml.safe_load(issue_forms(ours, language)[f"{form.name}.yml"])
    said = {"title": "A title", "date": "2026-12-01 09:30", "link": "https://example.org/a", "tags": "#one two"}
    for asked in written["body"]:
        options = asked["attributes"].get("options", [])
        answer = options[-1] if options else said.get(asked["id"], "Some words.")
        body += f"### {asked['attributes']['label']}\n\n{answer}\n\n"
    answers = read_issue(body, ours)
    assert answers.left_out == ()
    assert answers.text == "Some words."
    expected = {"description" if name == "happened" else name for name in form.questions} - {"text"}
    assert set(answers.fields) == expected


def test_a_form_does_not_ask_what_has_no_choice(tmp_path: Path) -> None:
    content = load(workspace(tmp_path, {}))
    asked = {one["id"] for one in yaml.safe_load(issue_forms(content)["brief.yml"])["body"]}
    assert "campaign" not in asked
    assert "channels" in asked
    assert choices_of(content)["campaign"] == ()


# --- the command ------------------------------------------------------------------------------------------------------


def test_the_command_writes_files_and_replaces_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    workspace(tmp_path, {})
    monkeypatch.chdir(tmp_path)
    assert run(["schema", "--for", "json-schema"]) == 0
    assert json.loads(capsys.readouterr().out)["title"] == "Posts: posts/**/*.md"
    assert run(["schema", "--for", "json-schema", "--of", "team"]) == 0
    assert json.loads(capsys.readouterr().out)["title"] == "Team: brand/team.yml"
    assert run(["schema", "--for", "json-schema", "--to", "schemas"]) == 0
    assert {file.name for file in (tmp_path / "schemas").iterdir()} == {
        f"{name}.json" for name in [*ENTITIES, "handles"]
    }
    assert run(["schema", "--for", "frontmatter-cms", "--to", "frontmatter.json"]) == 0
    assert run(["schema", "--for", "frontmatter-cms", "--to", "frontmatter.json"]) == 0  # the same once more
    (tmp_path / "frontmatter.json").write_text("{}", "utf-8")
    capsys.readouterr()
    assert run(["schema", "--for", "frontmatter-cms", "--to", "frontmatter.json"]) == 2
    assert "repeat this with --force" in capsys.readouterr().err
    assert (tmp_path / "frontmatter.json").read_text("utf-8") == "{}"
    assert run(["schema", "--for", "frontmatter-cms", "--to", "frontmatter.json", "--force"]) == 0
    assert run(["schema", "--for", "issue-forms", "--lang", "he", "--to", ".github/ISSUE_TEMPLATE"]) == 0
    assert "כותרת" in (tmp_path / ".github" / "ISSUE_TEMPLATE" / "brief.yml").read_text("utf-8")
    assert run(["schema", "--for", "sveltia"]) == 0
    for wrong in (
        ["--for", "sveltia", "--lang", "tr"],
        ["--for", "json-schema", "--of", "pots"],
        ["--for", "sveltia", "--force"],
    ):
        assert run(["schema", *wrong]) == 2
