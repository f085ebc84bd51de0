"""Mastodon.py, told to do what our adapter does."""

from __future__ import annotations

import base64
import json
import sys
import urllib.request

from mastodon import Mastodon

given = json.load(sys.stdin)
client = Mastodon(access_token=given["token"], api_base_url=given["url"], version_check_mode="none")


def name(case: str) -> None:
    urllib.request.urlopen(f"{given['url']}/--/{case}").read()


name("status")
client.status_post(
    given["text"],
    in_reply_to_id="42",
    media_ids=["500", "500"],
    sensitive=True,
    visibility="private",
    spoiler_text=given["warning"],
    language="tr",
    idempotency_key=given["key"],
)
name("poll")
client.status_post(
    given["text"],
    poll=client.make_poll(given["options"], 86_400, multiple=True, hide_totals=True),
    visibility="unlisted",
    language="he",
    idempotency_key=given["key"],
)
name("media")
picture = base64.b64decode(given["picture"])
client.media_post(picture, mime_type="image/png", description=given["alt"], focus=(0.25, -0.5), file_name="picture.png")
name("delete")
client.status_delete("42")
name("source")
client.status_source("42")
name("timeline")
client.account_statuses("109", exclude_reblogs=True, limit=40)
name("several")
client.statuses(["42", "43"])
name("account")
client.account_verify_credentials()
name("instance")
client.instance_v2()
print("{}")
