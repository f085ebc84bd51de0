"""Read what a real server keeps, and compare it with the draft that was claimed, part by part."""

from __future__ import annotations

import html
import re
from collections import Counter
from datetime import datetime

from real.servers import Pds, RealAccount, Snac
from real.stage import Sent
from socialops.compose.media import fit_picture
from socialops.networks.draft import Part, Span
from socialops.workspace import Workspace

Tally = Counter[str]
"""How many of each thing were compared."""


def compare_with_pds(pds: Pds, account: RealAccount, workspace: Workspace, all_sent: list[Sent]) -> Tally:
    """Compare every part with its record: text, language, facets, pictures, alt texts, cards and threads."""
    tally: Tally = Counter()
    records = pds.records(account.handle)
    expected = {receipt.id for item in all_sent for receipt in item.receipts}
    assert set(records) == expected, "the account holds exactly what the ledger confirms"
    for item in all_sent:
        before = ""
        for part, receipt in item.parts():
            record = records[receipt.id]
            assert record["text"] == part.text, item.name
            assert record.get("langs", []) == ([part.lang] if part.lang else []), item.name
            assert receipt.extra["cid"] == record["cid"], item.name
            assert record["createdAt"] > before, f"{item.name}: a thread's times rise"
            before = record["createdAt"]
            datetime.fromisoformat(before)
            tally["parts"] += 1
            tally["languages"] += bool(part.lang)
            tally["facets"] += _compare_facets(pds, part, record, item.name)
            tally["mentions"] += str(record.get("facets", "")).count("facet#mention")
            tally["pictures"] += _compare_images(pds, workspace, part, record, receipt.id, item.name)
            embed = record.get("embed", {})
            if part.card and not part.attachments:
                assert embed["external"]["uri"] == part.card.url, item.name
                assert embed["external"]["title"] == part.card.title, item.name
                tally["cards"] += 1
            reply = record.get("reply")
            if part.reply:
                assert isinstance(reply, dict), item.name
                assert reply["root"] == {"uri": part.reply.root.id, "cid": part.reply.root.extra["cid"]}, item.name
                assert reply["parent"] == {"uri": part.reply.parent.id, "cid": part.reply.parent.extra["cid"]}, (
                    item.name
                )
                tally["replies"] += 1
            else:
                assert reply is None, item.name
    return tally


def _compare_facets(pds: Pds, part: Part, record: dict[str, object], name: str) -> int:
    """Compare the facets with the spans of the draft, by the bytes they cut out of the text."""
    facets = record.get("facets", [])
    assert isinstance(facets, list)
    encoded = part.text.encode()
    told = [
        (encoded[facet["index"]["byteStart"] : facet["index"]["byteEnd"]].decode(), _target(facet["features"]))
        for facet in facets
    ]
    wanted = [(part.text[span.start : span.end], _wanted(pds, span)) for span in part.spans]
    assert told == [(text, target) for text, target in wanted if target], name
    return len(told)


def _target(features: list[dict[str, str]]) -> str:
    (feature,) = features
    kind = feature["$type"].rpartition("#")[2]
    return f"{kind} {feature[{'link': 'uri', 'tag': 'tag', 'mention': 'did'}[kind]]}"


def _wanted(pds: Pds, span: Span) -> str:
    if span.kind != "mention":
        return f"{span.kind} {span.target}"
    if not span.target.endswith(".test"):
        return ""  # nobody here knows that handle: it stays plain text
    who = pds.call("GET", "com.atproto.identity.resolveHandle", params={"handle": span.target})
    return f"mention {who['did']}"


def _compare_images(pds: Pds, workspace: Workspace, part: Part, record: dict[str, object], uri: str, name: str) -> int:
    embed = record.get("embed", {})
    assert isinstance(embed, dict)
    images = embed.get("images", [])
    assert len(images) == len(part.attachments), name
    for image, attachment in zip(images, part.attachments, strict=True):
        upload = fit_picture(workspace, attachment)
        assert image["alt"] == attachment.alt, name
        assert image["aspectRatio"] == {"width": upload.width, "height": upload.height}, name
        assert image["image"]["mimeType"] == upload.mime, name
        assert pds.blob(uri, image["image"]["ref"]["$link"]) == upload.data, f"{name}: the picture's bytes"
    return len(images)


def _drawn(content: str) -> str:
    return html.unescape(re.sub(r"<[^>]*>", "", content.replace("<br>", "\n"))).strip()


def compare_with_snac(snac: Snac, account: RealAccount, workspace: Workspace, all_sent: list[Sent]) -> Tally:
    """Compare every part with its status: text, warning, visibility, pictures, alt texts, polls and threads.

    snac keeps no language of a post (each answer says `en`), so there is none to compare; the PDS does that.
    """
    tally: Tally = Counter()
    names = {"public": "public", "unlisted": "unlisted", "followers": "private", "direct": "direct"}
    for item in all_sent:
        for part, receipt in item.parts():
            status = snac.get(f"/api/v1/statuses/{receipt.id}", account.token)
            source = snac.get(f"/api/v1/statuses/{receipt.id}/source", account.token)
            # Of a poll snac tells no source, only the text as drawn.
            text = _drawn(status["content"]) if part.poll else source["text"]
            assert text == part.text, item.name
            assert source["spoiler_text"] == part.content_warning, item.name
            assert status["visibility"] == names[part.visibility], item.name
            parent = part.reply.parent.id if part.reply else ""
            assert (status["in_reply_to_id"] or "") == parent, f"{item.name}: it answers {status['in_reply_to_id']}"
            assert status["url"] == receipt.url, item.name
            media = status["media_attachments"]
            assert [picture["description"] for picture in media] == [a.alt for a in part.attachments], item.name
            for picture, attachment in zip(media, part.attachments, strict=True):
                upload = fit_picture(workspace, attachment)
                assert snac.picture(picture["url"]) == upload.data, f"{item.name}: the picture's bytes"
            if part.poll:
                assert [option["title"] for option in status["poll"]["options"]] == list(part.poll.options), item.name
                assert status["poll"]["multiple"] == part.poll.multiple, item.name
                tally["polls"] += 1
            tally["parts"] += 1
            tally["pictures"] += len(media)
            tally["warnings"] += bool(part.content_warning)
            tally["replies"] += bool(part.reply)
    return tally
