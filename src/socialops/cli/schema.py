"""The command that writes definitions for editors, from the model and from the workspace's own names."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from socialops.cli.shared import open_workspace, say, write
from socialops.errors import UsageError

if TYPE_CHECKING:
    from socialops.content.load import Content

TARGETS = ["json-schema", "frontmatter-cms", "sveltia", "issue-forms"]
_SINGLE = {"frontmatter-cms": "frontmatter.json", "sveltia": "config.yml"}
_FIRST = {"json-schema": "post.json", "issue-forms": "idea.yml"}


@click.command("schema", short_help="Write form and schema definitions for editors.")
@click.option("--for", "target", type=click.Choice(TARGETS), required=True, help="Which tool it is for.")
@click.option("--of", "kind", help="Only this kind of file (post, campaign, …) or form (idea, brief, crisis).")
@click.option("--to", "place", type=click.Path(path_type=Path), help="The file, or the folder, to write to.")
@click.option("--lang", type=click.Choice(["tr", "he", "ro", "en"]), help="The language of issue forms.")
@click.option("--force", is_flag=True, help="With --to: replace files that say something else.")
def schema_command(target: str, kind: str | None, place: Path | None, lang: str | None, force: bool) -> int:
    """Write what an editor needs to draw forms for posts and the brand's files, or to check them while you type.

    json-schema is for editors of YAML, frontmatter-cms for the extension of VS Code (frontmatter.json), sveltia for
    Sveltia and Decap CMS (admin/config.yml), issue-forms for .github/ISSUE_TEMPLATE. All come from the one model of the
    fields and from the workspace's channels, campaigns, pillars and people: write them anew when those change.

    Without --to, one file goes to stdout: the post's schema or the idea form, unless --of names another.
    """
    from socialops.atomic import write_atomically
    from socialops.content.load import load

    if lang and target != "issue-forms":
        raise UsageError("--lang is about issue forms.", hint="Leave it out, or say --for issue-forms.")
    files = _files(target, load(open_workspace()), lang or "")
    if kind:
        wanted = [name for name in files if Path(name).stem == kind]
        if not wanted or target in _SINGLE:
            known = ", ".join(Path(name).stem for name in files) if target not in _SINGLE else "none: leave --of out"
            raise UsageError(f"There is no {kind!r} for {target}.", hint=f"There are: {known}.")
        files = {name: files[name] for name in wanted}
    if place is None:
        if force:
            raise UsageError("--force goes with --to.", hint="Without --to nothing is written anyway.")
        write(next((text for name, text in files.items() if name == _FIRST.get(target)), next(iter(files.values()))))
        return 0
    aims = _aims(files, place)
    different = [file for file, text in aims.items() if file.exists() and file.read_bytes() != text.encode()]
    if different and not force:
        raise UsageError(
            f"{different[0]} exists and says something else.", hint="Look at it, then repeat this with --force."
        )
    for file, text in aims.items():
        write_atomically(file, text.encode())
        say(f"{file} is written.")
    return 0


def _files(target: str, content: Content, lang: str) -> dict[str, str]:
    from socialops.scaffold.front_matter_cms import front_matter_cms
    from socialops.scaffold.issue_forms import issue_forms
    from socialops.scaffold.json_schema import ENTITIES, handles_schema, json_schema
    from socialops.scaffold.sveltia import sveltia

    match target:
        case "json-schema":
            schemas = {entity.name: json_schema(entity, content) for entity in ENTITIES.values()}
            schemas["handles"] = handles_schema(content)
            return {
                f"{name}.json": json.dumps(schema, ensure_ascii=False, indent=2) + "\n"
                for name, schema in schemas.items()
            }
        case "frontmatter-cms":
            return {_SINGLE[target]: front_matter_cms(content)}
        case "sveltia":
            return {_SINGLE[target]: sveltia(content)}
        case _:
            return issue_forms(content, lang)


def _aims(files: dict[str, str], place: Path) -> dict[Path, str]:
    """Return where each file goes: *place* is a folder for several of them, and where it is one or looks like one."""
    if len(files) > 1 or place.is_dir() or not place.suffix:
        if place.exists() and not place.is_dir():
            raise UsageError(f"{place} is a file.", hint="Several files are written: name a folder.")
        return {place / name: text for name, text in files.items()}
    return {place: next(iter(files.values()))}
