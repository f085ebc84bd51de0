"""The AT Protocol's library for Python, told to do what our adapter does."""

from __future__ import annotations

import base64
import json
import sys
import urllib.request

from atproto import Client, client_utils, models

given = json.load(sys.stdin)
picture = base64.b64decode(given["picture"])
client = Client(base_url=given["url"])


def name(case: str) -> None:
    urllib.request.urlopen(f"{given['url']}/--/{case}").read()


def built(pieces: list[list[str]]) -> client_utils.TextBuilder:
    """Return the text that these pieces make: (kind, words, what they lead to)."""
    builder = client_utils.TextBuilder()
    for kind, words, target in pieces:
        if kind == "text":
            builder.text(words)
        else:
            getattr(builder, kind)(words, target)
    return builder


def written(record: models.AppBskyFeedPost.Record) -> None:
    where = {"collection": "app.bsky.feed.post", "repo": given["did"], "rkey": given["key"]}
    client.com.atproto.repo.put_record(models.ComAtprotoRepoPutRecord.Data(record=record, **where))


name("login")
client.login(given["handle"], given["password"])
strong = [models.ComAtprotoRepoStrongRef.Main(uri=uri, cid=cid) for uri, cid in given["thread"]]
reply = models.AppBskyFeedPost.ReplyRef(root=strong[0], parent=strong[1])
name("words")
client.send_post(built(given["pieces"]), langs=["tr"], reply_to=reply)
name("put")
text = built(given["pieces"])
written(
    models.AppBskyFeedPost.Record(
        text=text.build_text(),
        facets=text.build_facets(),
        langs=["tr"],
        reply=reply,
        created_at=given["at"],
    )
)
name("pictures")
sizes = [models.AppBskyEmbedDefs.AspectRatio(width=1, height=1)] * 2
client.send_images("Two lamps", [picture, picture], given["alts"], langs=["he"], image_aspect_ratios=sizes)
name("film")
film = models.AppBskyEmbedDefs.AspectRatio(width=1280, height=720)
client.send_video("Film", base64.b64decode(given["film"]), given["alts"][0], langs=["en"], video_aspect_ratio=film)
name("card")
card = models.AppBskyEmbedExternal.External(**given["card"])
client.send_post("Look", embed=models.AppBskyEmbedExternal.Main(external=card), langs=["ro"])
name("delete")
client.delete_post(f"at://{given['did']}/app.bsky.feed.post/{given['key']}")
name("read")
client.get_post(given["key"], given["did"])
name("count")
client.get_posts([uri for uri, _ in given["thread"]])
name("profile")
client.get_profile(given["did"])
name("resolve")
client.resolve_handle("mia.example")
print(json.dumps([[one.model_dump(by_alias=True) for one in built(p).build_facets()] for p in given["texts"]]))
