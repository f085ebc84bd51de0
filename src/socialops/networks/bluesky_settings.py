"""What a post on Bluesky may say beside its words: who may answer or quote it, and what is to be seen on it.

Who may answer and quote stands in records of their own, a gate each, under the key of the post. They are written before
the post: nobody sees a gate without one, and so no post is ever open that was meant to be closed.

Sources: lexicons app.bsky.feed.threadgate, app.bsky.feed.postgate and com.atproto.label.defs (2026-08).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from socialops.errors import Rejected
from socialops.networks.base import Option, chosen
from socialops.networks.draft import Part

REPLIES = Option(
    "replies",
    "Who may answer: everybody, where nothing is said; mentioned, followers and following may stand in a list.",
    ("everybody", "nobody", "mentioned", "followers", "following"),
)
QUOTES = Option("quotes", "Whether it may be quoted; yes, where nothing is said.", ("yes", "no"))
CONTENT_LABEL = Option(
    "content_label",
    "What is to be seen on it, so that readers may hide it. Only what is true: it hides the post from most people.",
    ("sexual", "nudity", "porn", "graphic-media"),
)
OPTIONS = (REPLIES, QUOTES, CONTENT_LABEL)

THREADGATE = "app.bsky.feed.threadgate"
POSTGATE = "app.bsky.feed.postgate"
GATES = (THREADGATE, POSTGATE)

_RULES = {"mentioned": "mentionRule", "followers": "followerRule", "following": "followingRule"}


def labels_of(part: Part) -> dict[str, Any]:
    """Return the part of a record that labels it; nothing where the post asks for none."""
    label = chosen(CONTENT_LABEL, part.options)
    if not label:
        return {}
    return {"labels": {"$type": "com.atproto.label.defs#selfLabels", "values": [{"val": label}]}}


def gates_of(part: Part, post: str, created: str) -> dict[str, dict[str, Any]]:
    """Return collection → record of the gates of a part, whose address will be *post*; raises Rejected.

    Answers are governed by the first part of a thread, quotes by each.
    """
    gates: dict[str, dict[str, Any]] = {}
    words = _words(part.options)
    if not part.reply and words and words != ["everybody"]:
        allow = [{"$type": f"{THREADGATE}#{_RULES[word]}"} for word in words if word in _RULES]
        gates[THREADGATE] = {"$type": THREADGATE, "post": post, "createdAt": created, "allow": allow}
    if chosen(QUOTES, part.options) == "no":
        rules = [{"$type": f"{POSTGATE}#disableRule"}]
        gates[POSTGATE] = {"$type": POSTGATE, "post": post, "createdAt": created, "embeddingRules": rules}
    return gates


def _words(options: Mapping[str, Any]) -> list[str]:
    """Return who may answer, in the order of REPLIES, each once."""
    given = options.get(REPLIES.name)
    listed = given if isinstance(given, list | tuple) else [given]
    said = {chosen(REPLIES, {REPLIES.name: word}) for word in listed} - {""}
    if len(said) > 1 and said & {"everybody", "nobody"}:
        raise Rejected(
            "`replies` says everybody or nobody, or lists some: not both.",
            hint="Correct it under `params: bluesky:`.",
            code="option",
        )
    return [word for word in REPLIES.values if word in said]
