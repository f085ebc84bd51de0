"""What a post looks like to X: as it is sent, and as it is read back in the words of tweets or of posts."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote

from socialops.errors import Rejected
from socialops.networks.base import Stat
from socialops.networks.draft import Part, Upload

REPLY_SETTINGS = ("everyone", "following", "mentionedUsers", "subscribers", "verified")
"""Who may reply (OpenAPI 2.167, CreatePostsRequest.reply_settings); everyone is said by saying nothing."""
ID = re.compile(r"[0-9]{1,19}")

_ADDRESS = re.compile(
    r"https?://(?:(?:www|mobile)\.)?(?:x|twitter)\.com/(?:\w{1,15}|i(?:/web)?)/status/([0-9]{1,19})\b"
)
_OWN_MEDIA = re.compile(r"/status/[0-9]{1,19}/(?:photo|video)/[0-9]{1,2}\Z")
_SCHEME = re.compile(r"https?://", re.IGNORECASE)
_WORD = re.compile(r"[A-Za-z0-9-]{1,60}")
_SNOWFLAKES_BEGAN = datetime(2010, 11, 4, 1, 42, 54, 657000, tzinfo=UTC)
"""Where X's numbers begin: milliseconds since then stand above their lowest 22 bits."""


# --- As it is sent ----------------------------------------------------------------------------------------------------


def body_of(part: Part, kinds: Sequence[str]) -> dict[str, Any]:
    """Return the fields of `POST /2/tweets` without the media; raises Rejected for what X cannot show."""
    _refuse_kind(part, kinds)
    if part.attachments and len(part.uploads) != len(part.attachments):
        raise Rejected("The pictures of this post were not made ready.", hint="Run `socialops check` on the post.")
    body: dict[str, Any] = {"text": part.text}
    if part.reply:
        body["reply"] = {"in_reply_to_tweet_id": known_id(part.reply.parent.id)}
    if part.poll:
        minutes = min(max(part.poll.seconds // 60, 5), 10080)
        body["poll"] = {"options": list(part.poll.options), "duration_minutes": minutes}
    if quoted := quoted_by(part):
        body["quote_tweet_id"] = quoted
    moving = [upload for upload in part.uploads if category_of(upload) != "tweet_image"]
    if sum((bool(part.poll), bool(quoted), bool(part.uploads))) > 1 or (moving and len(part.uploads) > 1):
        raise Rejected(
            "X shows pictures, or one video, or one animation, or a poll, or a quoted post: one of them.",
            hint="Make a thread, and give each its own part.",
            code="media",
        )
    settings = part.options.get("reply_settings") or "everyone"
    if settings not in REPLY_SETTINGS:
        hint = f"Write one of {', '.join(REPLY_SETTINGS)}."
        raise Rejected("X does not know what `reply_settings` says.", hint=hint, code="option")
    if settings != "everyone":
        body["reply_settings"] = settings
    labels = part.options.get("labels") or ()
    if "paid-partnership" in labels:
        body["paid_partnership"] = True
    if "ai-made" in labels:
        body["made_with_ai"] = True
    return body


def _refuse_kind(part: Part, kinds: Sequence[str]) -> None:
    if not part.kind or part.kind in kinds:
        return
    hint = f"It can show {', '.join(kinds)}."
    if part.kind == "article":
        hint = "A long post needs X Premium: write `premium: true` under `params:` of the channel."
    raise Rejected(f"X cannot show a post of the kind {part.kind} on this account.", hint=hint, code="kind")


def quoted_by(part: Part) -> str:
    """Return the number of the post that *part* quotes, or an empty text; raises Rejected for what names none."""
    given = str(part.options.get("quote") or "").strip()
    if not given or ID.fullmatch(given):
        return given
    if found := _ADDRESS.match(given):
        return found[1]
    raise Rejected(
        "`quote` does not name a post on X.",
        hint="Give its address (https://x.com/name/status/…) or its number.",
        code="option",
    )


def category_of(upload: Upload) -> str:
    """Return X's word for what an upload is; a GIF is only sent as one when it moves."""
    if upload.mime.startswith("video/"):
        return "tweet_video"
    return "tweet_gif" if upload.mime == "image/gif" else "tweet_image"


def known_id(identity: str) -> str:
    """Return a post's number; raises Rejected for anything else, before it becomes part of an address."""
    if not ID.fullmatch(identity):
        raise Rejected("That receipt does not name a post on X.", hint="The ledger may be damaged: look at its file.")
    return identity


# --- As it is read ----------------------------------------------------------------------------------------------------


def made_at(identity: str) -> datetime:
    """Return when a post was made, which is in its number."""
    return _SNOWFLAKES_BEGAN + timedelta(milliseconds=int(identity) >> 22)


def matches(post: Mapping[str, Any], part: Part) -> bool:
    """Tell whether a post of our timeline is *part*: its place, its media, its poll, its quoted post, and its text."""
    references = post.get("referenced_tweets", post.get("referenced_posts"))
    named = {str(item.get("type")): str(item.get("id")) for item in list_of(references) if isinstance(item, dict)}
    if "retweeted" in named:
        return False
    if references is None:
        # In the new words X may leave out what a post replies to, but not what conversation it is in.
        where = part.reply.root.id if part.reply else post.get("id")
        if post.get("conversation_id", "" if part.reply else where) != where:
            return False
    elif named.get("replied_to", "") != (part.reply.parent.id if part.reply else ""):
        return False
    quoted = quoted_by(part)
    if quoted and named.get("quoted", quoted) != quoted:
        return False
    attached = group_of(post, "attachments")
    media, polls = list_of(attached.get("media_keys")), list_of(attached.get("poll_ids"))
    if len(media) != (len(part.uploads) or len(part.attachments)) or bool(polls) != bool(part.poll):
        return False
    return _written(post, quoted) == _bare(part.text, {})


def _written(post: Mapping[str, Any], quoted: str) -> str:
    """Return what was written, without the links that X adds for media and for a quoted post."""
    text, urls = _source(post)
    meant: dict[str, str] = {}
    for url in urls:
        short, target = text_of(url.get("url")), text_of(url.get("expanded_url"))
        status = _ADDRESS.match(target)
        added = "media_key" in url or _OWN_MEDIA.search(target) or (quoted and status and status[1] == quoted)
        if short:
            meant[short] = "" if added else target
    return _bare(text, meant)


def whole_text(post: Mapping[str, Any]) -> str:
    """Return the text of a post as its author wrote it: whole, and with addresses in the place of short links."""
    text, urls = _source(post)
    meant = {short: text_of(url.get("expanded_url")) or short for url in urls if (short := text_of(url.get("url")))}
    return _with_targets(text, meant)


def _source(post: Mapping[str, Any]) -> tuple[str, list[Mapping[str, Any]]]:
    """Return the whole text of a post without X's escapes, and what its short links stand for."""
    note = post.get("note_tweet", post.get("note_post"))
    source = note if isinstance(note, dict) and isinstance(note.get("text"), str) else post
    return _unescaped(text_of(source.get("text"))), _urls(source.get("entities")) or _urls(post.get("entities"))


def _with_targets(text: str, meant: Mapping[str, str]) -> str:
    if not meant:
        return text
    shorts = "|".join(re.escape(short) for short in sorted(meant, key=len, reverse=True))
    return re.sub(shorts, lambda found: meant[found[0]], text)


def _bare(text: str, meant: Mapping[str, str]) -> str:
    """Return what is left of a text that no two programs write in two ways; *meant* is what short links stand for.

    What belongs to an address is X's decision, so nothing is compared that hangs on it: scheme, slashes, escapes, case.
    """
    plain = unicodedata.normalize("NFC", unquote(_SCHEME.sub("", _with_targets(text, meant)))).casefold()
    return "".join(plain.replace("/", "").split())


def _unescaped(text: str) -> str:
    """Undo the three escapes that X makes; a writer's own `&copy;` arrives as `&amp;copy;`."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def expanded(text: str, user: Mapping[str, Any], field: str) -> str:
    """Return a line of a profile with its short links replaced by what they stand for."""
    entities = user.get("entities")
    for url in _urls(entities.get(field) if isinstance(entities, dict) else None):
        short, target = text_of(url.get("url")), text_of(url.get("expanded_url"))
        if short and target:
            text = text.replace(short, target)
    return _unescaped(text)


def _urls(entities: object) -> list[Mapping[str, Any]]:
    urls = entities.get("urls") if isinstance(entities, dict) else None
    return [url for url in list_of(urls) if isinstance(url, dict)]


def stats_of(post: Mapping[str, Any], includes: Mapping[str, Any]) -> list[Stat]:
    """Return the numbers of one post, its polls and its videos; what X does not show is left out."""
    public, private = group_of(post, "public_metrics"), group_of(post, "non_public_metrics")
    attached = group_of(post, "attachments")
    read: dict[str, object] = {
        "likes": public.get("like_count"),
        "reposts": public.get("retweet_count", public.get("repost_count")),
        "replies": public.get("reply_count"),
        "quotes": public.get("quote_count"),
        "bookmarks": public.get("bookmark_count"),
        "impressions": public.get("impression_count"),
        "clicks": private.get("url_link_clicks"),
        "profile_clicks": private.get("user_profile_clicks"),
        "votes": _total(
            option.get("votes")
            for poll in _included(includes, "polls", "id", attached.get("poll_ids"))
            for option in list_of(poll.get("options"))
            if isinstance(option, dict)
        ),
        "views": _total(
            group_of(medium, "public_metrics").get("view_count")
            for medium in _included(includes, "media", "media_key", attached.get("media_keys"))
        ),
    }
    return [
        Stat(str(post["id"]), metric, number)
        for metric, value in read.items()
        if (number := number_of(value)) is not None
    ]


def withholds_fields(answer: Mapping[str, Any]) -> bool:
    """Tell whether X left something out because a number that was asked for is not for us."""
    errors = answer.get("errors")
    kinds = [text_of(error.get("type")) for error in list_of(errors) if isinstance(error, dict)]
    return any(kind.endswith(("/not-authorized-for-field", "/field-unauthorized")) for kind in kinds)


def group_of(value: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return the group of that name; an empty one where there is none."""
    group = value.get(name)
    return group if isinstance(group, dict) else {}


def list_of(value: object) -> list[Any]:
    """Return a list; an empty one for anything that is none."""
    return value if isinstance(value, list) else []


def _included(includes: Mapping[str, Any], name: str, key: str, wanted: object) -> list[Mapping[str, Any]]:
    listed = includes.get(name)
    names = list_of(wanted)
    return [one for one in list_of(listed) if isinstance(one, dict) and one.get(key) in names]


def _total(values: Any) -> int | None:
    numbers = [number for value in values if (number := number_of(value)) is not None]
    return sum(numbers) if numbers else None


def number_of(value: object) -> int | None:
    """Return a count; None for anything that is none."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def text_of(value: object) -> str:
    """Return a text; an empty one for anything that is none."""
    return value if isinstance(value, str) else ""


def data_of(answer: object) -> Mapping[str, Any]:
    """Return the `data` of an answer; empty when there is none."""
    return group_of(answer, "data") if isinstance(answer, dict) else {}


def word_of(value: object, name: str) -> str:
    """Return one of X's own words for an error; an empty text for anything that is no plain word."""
    found = value.get(name) if isinstance(value, dict) else None
    word = str(found) if isinstance(found, str | int) and not isinstance(found, bool) else ""
    return word if _WORD.fullmatch(word) else ""


def problem_of(status: int, answer: object) -> tuple[str, str]:
    """Return X's code for a refusal (`403 client-forbidden`), and its words, which are read but never shown."""
    problem = answer if isinstance(answer, dict) else {}
    errors = problem.get("errors")
    listed = [error for error in list_of(errors) if isinstance(error, dict)]
    kind = text_of(problem.get("type")).rpartition("/problems/")[2]
    word = kind if kind != "about:blank" and _WORD.fullmatch(kind) else ""
    word = word or next((code for error in (*listed, problem) if (code := word_of(error, "code"))), "")
    words = [text_of(one.get(name)) for one in (problem, *listed) for name in ("title", "detail", "message", "reason")]
    return f"{status} {word}".strip(), " ".join(words).casefold()
