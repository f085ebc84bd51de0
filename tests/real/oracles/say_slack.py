"""Slack's library, told to do what our adapter does; the blocks are built with its own models."""

from __future__ import annotations

import base64
import json
import sys
import urllib.request

from slack_sdk import WebClient
from slack_sdk.models.blocks import ImageBlock, RichTextBlock, RichTextElementParts, RichTextSectionElement
from slack_sdk.models.blocks.basic_components import SlackFile
from slack_sdk.models.metadata import Metadata

given = json.load(sys.stdin)
picture = base64.b64decode(given["picture"])
client = WebClient(given["token"], base_url=f"{given['url']}/api/")
channel, stamp = given["channel"], given["stamp"]


def name(case: str) -> None:
    urllib.request.urlopen(f"{given['url']}/--/{case}").read()


def metadata() -> Metadata:
    return Metadata(given["event"], {"key": given["key"]})


pieces = [
    RichTextElementParts.Text(text=words) if not target else RichTextElementParts.Link(url=target, text=words)
    for words, target in given["pieces"]
]
name("words")
client.chat_postMessage(
    channel=channel,
    text=given["text"],
    blocks=[RichTextBlock(elements=[RichTextSectionElement(elements=pieces)])],
    metadata=metadata(),
    thread_ts=stamp,
    unfurl_links=False,
    unfurl_media=False,
)
name("upload")
files = [{"file": picture, "filename": f"picture-{n}.png", "alt_txt": alt} for n, alt in enumerate(given["alts"], 1)]
client.files_upload_v2(file_uploads=files)
name("info")
client.files_info(file="F0123ABCDEF")
name("pictures")
client.chat_postMessage(
    channel=channel,
    text=given["alts"][0],
    blocks=[ImageBlock(slack_file=SlackFile(id="F0123ABCDEF"), alt_text=alt) for alt in given["alts"]],
    metadata=metadata(),
    unfurl_links=True,
    unfurl_media=True,
)
name("delete")
client.chat_delete(channel=channel, ts=stamp)
name("who")
client.auth_test()
print("{}")
