"""The command that writes what must lie on the media host."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from socialops.cli.shared import NOW_HELP, clock, ledger_known_here, open_workspace, say, write
from socialops.errors import UsageError

if TYPE_CHECKING:
    from socialops.content.channel import Channel
    from socialops.content.post import Post
    from socialops.networks.draft import Attachment, Upload


@click.command("media", short_help="Write the files that networks will fetch from the media host.")
@click.argument("posts", nargs=-1)
@click.option(
    "--to",
    "folder",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="The folder to write to: what is in it belongs at the channel's `media_base_url`.",
)
@click.option("--now", "rehearsed", help=NOW_HELP)
def media_command(posts: tuple[str, ...], folder: Path, rehearsed: str | None) -> int:
    """Write the pictures and videos that Instagram and others will fetch: made to fit, named by their content.

    POSTS are ids; without any, every post that is still to come is meant. Files that are there already stay. Bring the
    folder to the place that `media_base_url` of the channels names, before the posts are due.

    Exit code 1 when a file could not be made.
    """
    from socialops.atomic import write_atomically
    from socialops.compose.hosting import hosted_files
    from socialops.compose.media import fit_media
    from socialops.compose.recurrence import base_of
    from socialops.compose.schedule import due
    from socialops.content.load import load
    from socialops.output.text import harmless
    from socialops.publishing.promises import as_scheduled

    workspace = open_workspace()
    now = clock(rehearsed, workspace)()
    content = as_scheduled(load(workspace), ledger_known_here(workspace), now)
    missing = set(posts) - {name for post in content.posts for name in (post.id, base_of(post.id))}
    if missing:
        raise UsageError(f"There is no post {min(missing)!r}.", hint="Name posts by their id.")

    def is_wanted(post: Post, channel: Channel) -> bool:
        if posts:
            return post.id in posts or base_of(post.id) in posts
        at = due(post, channel)
        return not post.draft and at is not None and at >= now

    def fit(attachment: Attachment) -> Upload:
        return fit_media(workspace, attachment)

    written = kept = failed = 0
    for file in hosted_files(content, is_wanted, fit):
        if file.trouble:
            failed += 1
            say(f"{harmless(file.source)} of {harmless(file.post)}: {harmless(file.trouble)}")
            continue
        target = folder / file.name
        if target.is_file() and target.read_bytes() == file.data:
            kept += 1
            continue
        write_atomically(target, file.data)
        written += 1
        write(f"{target} ({harmless(file.source)} of {harmless(file.post)}, for {file.channel})\n")
    say(f"{written} written, {kept} there already" + (f", {failed} could not be made" if failed else "") + ".")
    return int(failed > 0)
