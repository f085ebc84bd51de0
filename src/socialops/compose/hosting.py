"""The files that must lie on the media host before some networks can fetch them: the very bytes that will go out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from socialops.compose.compose import variant
from socialops.errors import Rejected
from socialops.networks.media_host import file_name

if TYPE_CHECKING:
    from socialops.content.channel import Channel
    from socialops.content.load import Content
    from socialops.content.post import Post
    from socialops.networks.draft import Attachment, Upload

SETTING = "media_base_url"


@dataclass(frozen=True, slots=True)
class HostedFile:
    """One file for the media host: its *name* there, its bytes, and which *source* of which post it is made of.

    *trouble* says why there are no bytes; then *name* is empty.
    """

    post: str
    channel: str
    source: str
    name: str = ""
    data: bytes = field(default=b"", repr=False)
    trouble: str = ""


def hosted_files(
    content: Content, is_wanted: Callable[[Post, Channel], bool], fit: Callable[[Attachment], Upload]
) -> Iterator[HostedFile]:
    """Give each file once that a channel with a media host will have fetched, for the posts that are wanted.

    *fit* makes the bytes of an attachment, as for a send (`compose.media.fit_media`).
    """
    given: set[str] = set()
    for post in content.posts:
        for entry in post.channels:
            channel = content.channels.get(entry.channel)
            if channel is None or not channel.params.get(SETTING) or not is_wanted(post, channel):
                continue
            composed = variant(post, channel, content)
            for index, fault in composed.faults:
                trouble = f"{fault.message} {fault.hint}".strip()
                yield HostedFile(post.id, channel.name, composed.media[index].file, trouble=trouble)
            for part in composed.draft.parts:
                for attachment in part.attachments:
                    found = _made(post, channel, attachment, fit)
                    if found.trouble or found.name not in given:
                        given.add(found.name)
                        yield found


def _made(post: Post, channel: Channel, attachment: Attachment, fit: Callable[[Attachment], Upload]) -> HostedFile:
    try:
        upload = fit(attachment)
        name = file_name(upload)
    except Rejected as error:
        return HostedFile(post.id, channel.name, attachment.file, trouble=f"{error.message} {error.hint}".strip())
    return HostedFile(post.id, channel.name, attachment.file, name, upload.data)
