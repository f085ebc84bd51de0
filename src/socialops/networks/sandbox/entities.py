"""Mastodon's entities: how the sandbox shows accounts, posts, pictures and polls to its clients.

Source: docs.joinmastodon.org/entities (Account, Status, ScheduledStatus, MediaAttachment, Poll).
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from socialops.networks.sandbox.archive import Archive, Member, Picture, Sent


class Entities:
    """Makes entities of what the archive holds; *address* is the server's own, for the URLs in them."""

    def __init__(self, archive: Archive, address: Callable[[], str]) -> None:
        self.archive = archive
        self.address = address

    def account(self, member: Member) -> dict[str, Any]:
        """Return an Account."""
        posts = self.archive.posts(member.handle, "mastodon")
        url = f"{self.address()}/@{member.handle}"
        avatar = f"{self.address()}/sandbox/avatar/{member.handle}.svg"
        return {
            "id": member.id,
            "username": member.username,
            "acct": member.handle,
            "display_name": member.name,
            "locked": False,
            "bot": False,
            "discoverable": True,
            "indexable": True,
            "group": False,
            "created_at": member.since.strftime("%Y-%m-%dT00:00:00.000Z"),
            "note": "",
            "url": url,
            "uri": url,
            "avatar": avatar,
            "avatar_static": avatar,
            "header": "",
            "header_static": "",
            "followers_count": self.archive.followers(member),
            "following_count": member.following,
            "statuses_count": len(posts),
            "last_status_at": posts[0].published.strftime("%Y-%m-%d") if posts else None,
            "emojis": [],
            "fields": [],
        }

    def picture(self, picture: Picture) -> dict[str, Any]:
        """Return a MediaAttachment."""
        url = f"{self.address()}/media/{picture.id}"
        meta: dict[str, Any] = {
            "original": {
                "width": picture.width,
                "height": picture.height,
                "size": f"{picture.width}x{picture.height}",
                "aspect": picture.width / picture.height,
            }
        }
        if picture.focus:
            x, y = picture.focus.split(",")
            meta["focus"] = {"x": float(x), "y": float(y)}
        return {
            "id": picture.id,
            "type": "video" if picture.mime.startswith("video/") else "image",
            "url": None if picture.waits else url,
            "preview_url": None if picture.waits else url,
            "remote_url": None,
            "text_url": None,
            "meta": meta,
            "description": picture.alt or None,
            "blurhash": None,
        }

    def published(self, post: Sent) -> dict[str, Any]:
        """Return a Status, or a ScheduledStatus when it is yet to come."""
        if post.published <= self.archive.now():
            return self.status(post)
        return {
            "id": post.id,
            "scheduled_at": _time(post.published),
            "params": {
                "text": post.text,
                "visibility": post.visibility,
                "language": post.lang or None,
                "spoiler_text": post.warning or None,
                "in_reply_to_id": post.reply_to,
                "media_ids": [picture.id for picture in post.pictures] or None,
                "sensitive": post.sensitive,
            },
            "media_attachments": [self.picture(picture) for picture in post.pictures],
        }

    def status(self, post: Sent) -> dict[str, Any]:
        """Return a Status."""
        member = self.archive.member(post.handle)
        if member is None:
            raise KeyError(post.handle)
        numbers = self.archive.numbers(post)
        parent = self.archive.parent(post)
        owner = self.archive.member(parent.handle) if parent else None
        url = f"{self.address()}/@{post.handle}/{post.id}"
        return {
            "id": post.id,
            "created_at": _time(post.published),
            "in_reply_to_id": parent.id if parent else None,
            "in_reply_to_account_id": owner.id if owner else None,
            "sensitive": post.sensitive,
            "spoiler_text": post.warning,
            "visibility": post.visibility,
            "language": post.lang or None,
            "uri": url,
            "url": url,
            "replies_count": numbers.replies,
            "reblogs_count": numbers.reposts,
            "favourites_count": numbers.likes,
            "quotes_count": numbers.quotes,
            "edited_at": None,
            "content": content_html(post),
            "reblog": None,
            "quote": None,
            "application": {"name": "socialops sandbox", "website": None},
            "account": self.account(member),
            "media_attachments": [self.picture(picture) for picture in post.pictures],
            "mentions": [],
            "tags": [{"name": tag.casefold(), "url": f"{self.address()}/"} for tag in post.tags],
            "emojis": [],
            "card": None,
            "poll": self.poll(post) if post.question else None,
        }

    def poll(self, post: Sent) -> dict[str, Any]:
        """Return a Poll."""
        question, closes, votes = post.question, post.closes, self.archive.numbers(post).votes
        if question is None or closes is None or votes is None:
            raise KeyError(post.id)
        expired = closes <= self.archive.now()
        shown = expired or not question.hide_totals
        return {
            "id": post.id,
            "expires_at": _time(closes),
            "expired": expired,
            "multiple": question.multiple,
            "votes_count": sum(votes.options),
            "voters_count": votes.voters,
            "options": [
                {"title": title, "votes_count": count if shown else None}
                for title, count in zip(question.options, votes.options, strict=True)
            ],
            "emojis": [],
            "voted": True,
            "own_votes": [],
        }


def content_html(post: Sent) -> str:
    """Return a post's text as the HTML Mastodon makes of it."""
    pieces: list[str] = []
    done = 0
    for mark in post.marks:
        pieces.append(html.escape(post.text[done : mark.start]))
        shown = html.escape(post.text[mark.start : mark.end])
        if mark.kind == "link":
            shown = f'<a href="{html.escape(mark.target)}" rel="nofollow noopener noreferrer">{shown}</a>'
        pieces.append(shown)
        done = mark.end
    pieces.append(html.escape(post.text[done:]))
    paragraphs = re.split(r"\n{2,}", "".join(pieces))
    return "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs).replace("\n", "<br>")


def _time(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
