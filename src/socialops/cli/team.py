"""The team's command: who approves what, and CODEOWNERS written from it."""

from __future__ import annotations

import click

from socialops.cli.shared import colours, open_workspace, say, write
from socialops.errors import UsageError, WorkspaceError


@click.command("team", short_help="Show who approves what, and write CODEOWNERS from it.")
@click.argument("post", required=False)
@click.option("--write", "writing", is_flag=True, help="Write .github/CODEOWNERS from brand/team.yml.")
@click.option("--dry-run", is_flag=True, help="With --write: say whether the file would change; write nothing.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def team_command(post: str | None, writing: bool, dry_run: bool, form: str) -> int:
    """Show who is in the team and who approves what; with POST (its id, or its file), whose word that post needs.

    The forge asks for reviews by folder, from .github/CODEOWNERS. What a post's language or topic asks for it cannot
    see: `socialops check` holds the post's `approver:` to that.
    """
    from socialops.checks.team import judge_team
    from socialops.cli.writing import find_post
    from socialops.content.load import load
    from socialops.content.team import CODEOWNERS, TEAM, approvers_for, readings_of
    from socialops.forge.codeowners import write_codeowners
    from socialops.output import json as as_json
    from socialops.output import team as output
    from socialops.problem import Severity

    if post and writing:
        raise UsageError("--write is about the whole team.", hint="Leave the post out.")
    if dry_run and not writing:
        raise UsageError("--dry-run goes with --write.", hint="Without --write nothing is changed anyway.")
    workspace = open_workspace()
    content = load(workspace)
    # What only CODEOWNERS lacks is what --write puts right; an approval that means nothing must not be written.
    judged = [problem for problem in judge_team(content) if writing]
    wrong = [p for p in (*content.problems, *judged) if p.file == TEAM and p.severity is Severity.ERROR]
    if wrong:
        # What cannot be read would be written as if nobody had to approve anything.
        raise WorkspaceError(
            f"{TEAM}:{wrong[0].line} cannot be used: {wrong[0].message}", hint=wrong[0].hint or "Run `socialops check`."
        )
    if post:
        found = find_post(content, workspace, post)
        needs = approvers_for(found, content)
        if form == "json":
            write(as_json.render("approvers", output.needs_record(found.id, found.path, needs)))
        else:
            given = {reading.approver for reading in readings_of(found, content)}
            write(output.needs_text(found.id, needs, content.brand, given))
        return 0
    if writing:
        changed = write_codeowners(content, rehearse=dry_run)
        told = ("would change" if dry_run else "is written anew") if changed else "is in step already"
        say(f"{CODEOWNERS} {told}.")
        return 0
    if form == "json":
        write(as_json.render("team", output.as_record(content.brand)))
    else:
        write(output.as_text(content.brand, colour=colours()))
    return 0
