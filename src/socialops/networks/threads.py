"""Threads: the posts, threads, articles, pictures, videos and polls of one profile.

Threads takes no bytes: it fetches each file from the media host into a container that nobody sees, and a second request
publishes the container. The container's number is the handle: it tells at any time whether it was published. It does
not tell as what, so the post is then looked for among our own. The shorter way for texts (`auto_publish_text`) has no
handle, and is never used.

Source: developers.facebook.com/documentation/threads (posts, create-posts, insights, troubleshooting) and
/docs/threads/reference/publishing, as of 2026-07.
"""

from __future__ import annotations

import json
import re
import time
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from socialops.content.text import find_tags, find_urls
from socialops.errors import NetworkError, NotAllowed, Rejected, TryLater, Unknown
from socialops.http import TEXT_DEADLINE
from socialops.networks.base import (
    DEFAULT_WAIT,
    Account,
    Count,
    Idempotency,
    InboxMessage,
    Limits,
    Login,
    Option,
    Share,
    Stat,
    chosen,
    instant,
    not_found_out,
    rfc3339,
    too_much,
    web_address,
)
from socialops.networks.draft import Part, Receipt, Upload
from socialops.networks.graph import GONE, ID, Graph, Meaning, identity_of, number_of, of
from socialops.networks.graph_container import Containers, Dialect, key_of
from socialops.networks.graph_insights import GROUPS, groups_of
from socialops.networks.graph_listening import Form, below, listed, user_name
from socialops.networks.media_host import public_address

if TYPE_CHECKING:
    from socialops.http import Http

HOST_IS_A_CHOICE = False
HOME = "https://graph.threads.net"
SECRETS = ("TOKEN",)
OPTIONAL_SECRETS = ("APP_SECRET",)
"""The app's secret, for apps that ask for a proof of it with every request."""
REPLY_CONTROL = Option(
    "reply_control",
    "Who may reply; everyone, where nothing is said.",
    ("everyone", "accounts_you_follow", "mentioned_only", "parent_post_author_only", "followers_only"),
)
TOPIC = Option("topic", "The topic of the post, in place of a hashtag: 1 to 50 characters without . and &.")
QUOTE = Option("quote", "The number of the post that this one quotes.")
SPOILER = Option("spoiler", "Whether pictures and videos are hidden until somebody taps them.", ("yes", "no"))
OPTIONS = (REPLY_CONTROL, TOPIC, QUOTE, SPOILER)

VERSION = "v1.0"
PAGE_SIZE = 50
PAGES = 20
"""How many pages of our posts we look back before we say that we cannot tell."""
METRICS: Mapping[str, str] = {
    "views": "views",
    "likes": "likes",
    "replies": "replies",
    "reposts": "reposts",
    "quotes": "quotes",
    "shares": "shares",
}
"""A metric of Threads → ours."""

_QUOTA = "me/threads_publishing_limit"
_POST = re.compile(r"[0-9]{6,32}")
_NAME = re.compile(r"[A-Za-z0-9._]{1,30}")
_TOPIC = re.compile(r"[^.&\n]{1,50}")
_WORD = re.compile(r"[A-Z_]{1,60}")
_KINDS = frozenset({"", "text", "link", "image", "carousel", "video", "poll", "thread", "article"})
_TYPES = {"TEXT": "TEXT_POST", "CAROUSEL": "CAROUSEL_ALBUM"}
"""What a container is → what its post is called, where that differs."""
_SAID_FIELDS = "id,text,username,permalink,timestamp"


_FORM = Form("text", "timestamp", user_name(_NAME), "permalink")


_EXPORT = "Export it again: MP4 with H.264 and AAC, at most five minutes; a picture as JPEG."

_OWN: Mapping[int, Meaning] = {
    2207051: Meaning(Unknown, "it takes this for spam, though it may have published it", "Look at the profile."),
    2207052: Meaning(
        Rejected,
        "it cannot fetch the file from the media host",
        "Look that robots.txt there lets Meta's crawler (facebookexternalhit) in.",
    ),
    4279009: Meaning(TryLater, "it does not know the container yet"),
    4279013: Meaning(NotAllowed, "the profile is restricted", "Open Threads with it, and answer what it asks."),
}
_OWN_CODES: Mapping[int, Meaning] = {24: _OWN[2207052]}


def _trouble(answer: object) -> str:
    word = of(answer, "error_message")
    return word if isinstance(word, str) and _WORD.fullmatch(word) else ""


def _failed(trouble: str) -> Rejected:
    word = trouble or "UNKNOWN"
    return Rejected(f"Threads could not process the media ({word}).", hint=_EXPORT, code=word)


_DIALECT = Dialect(
    fields="status,error_message",
    state="status",
    trouble=_trouble,
    failed=_failed,
    gone=frozenset({*GONE, "24", "24/4279009"}),
    look="Look at the profile.",
)


def connect(login: Login, http: Http) -> Threads:
    """Return the profile of *login*; no request is made yet. Raises CredentialsError for settings that cannot be."""
    return Threads(login, http)


def counts(part: Part, limits: Limits) -> Sequence[Count]:
    """Count a part as Threads does: an emoji by its bytes in UTF-8, all else by its code points.

    Each address counts once, however often it stands in the text. Only the largest alt text and poll option are told.
    Of an article the first paragraph is the post, and the rest is counted apart.
    """
    shown, attached = _written(part)
    used = {
        "text": length(shown),
        "links": len({span.target for span in find_urls(shown)}),
        "hashtags": len(find_tags(shown)),
    }
    if attached:
        used["article"] = length(attached)
    if part.attachments:
        used["attachments"] = len(part.attachments)
        used["alt_text"] = max(len(attachment.alt) for attachment in part.attachments)
    if part.poll:
        used["poll_options"] = len(part.poll.options)
        used["poll_option"] = max((length(option) for option in part.poll.options), default=0)
    return limits.counted(used)


def length(text: str) -> int:
    """Return how much room *text* takes on Threads (documentation/threads/overview: emoji by their UTF-8 bytes)."""
    if text.isascii():
        return len(text)
    import regex

    pictures = regex.compile(r"\p{Extended_Pictographic}|\p{Regional_Indicator}|\u20E3")
    used = 0
    for cluster in regex.findall(r"\X", text):
        used += len(cluster.encode("utf-8", "surrogatepass")) if pictures.search(cluster) else len(cluster)
    return used


class Threads:
    """One profile. *wait* sleeps between two questions whether a container is ready."""

    name = "threads"
    key_lifetime = 0
    idempotency = Idempotency.HANDLE

    def __init__(self, login: Login, http: Http, *, wait: Callable[[float], None] = time.sleep) -> None:
        self._login = login
        self._http = http
        self._graph = Graph(login, http, place="Threads", home=HOME, version=VERSION, own=_OWN, own_codes=_OWN_CODES)
        self._containers = Containers(self._graph, _DIALECT, wait)
        self._dead: set[str] = set()
        self._told: set[str] = set()
        self._name = ""

    def __repr__(self) -> str:
        return f"Threads({self._graph.version})"

    def key(self, delivery: str, part: int, at: datetime) -> str:
        """Return a name for the part in the ledger; Threads itself knows no keys."""
        return key_of(delivery, part)

    # --- Making ready -------------------------------------------------------------------------------------------------

    def prepare(self, part: Part, *, key: str) -> str:
        """Make the container of a part, and return its number; one made before is kept while it can be used.

        Raises Rejected (code `media-host` for a file that cannot be fetched), NotAllowed or TryLater.
        """
        _refuse_what_cannot_be(part)
        if len(part.uploads) != len(part.attachments):
            raise Rejected("The media of this post were not made ready.", hint="Run `socialops check` on the post.")
        self._containers.begin()
        if self._containers.usable(part.handle):
            return part.handle
        words = _words(part)
        what, kind = ("replies", "reply_") if part.reply else ("posts", "")
        self._containers.look_at_quota(_QUOTA, "profile", what, kind)
        try:
            if len(part.uploads) > 1:
                children = [self._container(self._media(one) | {"is_carousel_item": "true"}) for one in part.uploads]
                named = self._containers.await_children(children, part.uploads)
                return self._container({"media_type": "CAROUSEL", "children": named, **words})
            media = self._media(part.uploads[0]) if part.uploads else {"media_type": "TEXT"}
            return self._container(media | words)
        except Rejected as error:
            if over := too_much(counts(part, _default_limits())):
                raise Rejected(f"{error.message} Its {over}.", hint=error.hint, code=error.code) from None
            raise

    def _media(self, upload: Upload) -> dict[str, str]:
        """Return the fields that name one file, after looking that it can be fetched."""
        kind = "video" if upload.mime.startswith("video/") else "image"
        where = public_address(self._login, self._http, upload, deadline=min(TEXT_DEADLINE, self._containers.left()))
        fields = {"media_type": kind.upper(), f"{kind}_url": where}
        return fields | ({"alt_text": upload.alt} if upload.alt else {})

    def _container(self, fields: Mapping[str, str]) -> str:
        return self._containers.made("me/threads", fields)[0]

    # --- Publishing ---------------------------------------------------------------------------------------------------

    def publish(self, part: Part, *, key: str) -> Receipt:
        """Publish the container once it is ready; one that was published before is only looked up."""
        answer = self._containers.publish(part, lambda: "me/threads_publish")
        if answer is None:
            return self._containers.published(self._matches(part, None))
        identity = identity_of(answer, _POST)
        if not identity:
            raise Unknown("Threads answered, but not with a post.", hint="Look at the profile.")
        try:
            details = self._graph.read(identity, {"fields": "id,permalink,timestamp"})
        except NetworkError:
            details = None
        return self._receipt(details if isinstance(details, dict) else {}, identity)

    def _receipt(self, post: Mapping[str, Any], identity: str) -> Receipt:
        at = instant(post.get("timestamp"))
        handle = self._login.handle.strip().removeprefix("@")
        profile = f"https://www.threads.com/@{handle}" if _NAME.fullmatch(handle) else "https://www.threads.com/"
        return Receipt(
            identity, web_address(post.get("permalink")) or profile, rfc3339(at) if at else self._graph.heard
        )

    def delete(self, receipt: Receipt) -> None:
        """Delete a post; one that is gone already is fine. Raises Rejected, NotAllowed, TryLater or Unknown."""
        if not _POST.fullmatch(receipt.id):
            raise Rejected("That receipt does not name a post.", hint="Delete the post by hand.")
        self._graph.remove(receipt.id)

    # --- Looking ------------------------------------------------------------------------------------------------------

    def find(self, part: Part, *, key: str, since: datetime) -> Receipt | None:
        """Ask the container whether it was published, then look for the post among ours, newest first.

        A post matches with the same text, kind and place in its thread. Where there is no text, only a container that
        says that it was published lets a post be ours.
        """
        try:
            state, _ = self._containers.state(part.handle)
            if state == "PUBLISHED":
                return self._containers.published(self._matches(part, since))
            if _written(part)[0].strip():
                return self._containers.only(self._matches(part, since))
        except NetworkError as error:
            raise not_found_out(error) from None
        if state in {"", "EXPIRED"}:
            raise Unknown("Threads no longer knows the container of this post.", hint="Look at the profile.")
        return None

    def _matches(self, part: Part, since: datetime | None) -> Iterator[Receipt]:
        """Give our posts that are like *part*, since *since*; without it, of the newest page."""
        path = "me/replies" if part.reply else "me/threads"
        fields = "id,text,permalink,timestamp,media_type" + (",replied_to" if part.reply else "")
        shape = _shape(part)
        for number, post in enumerate(self._graph.pages(path, {"fields": fields, "limit": str(PAGE_SIZE)}, most=PAGES)):
            at, identity = instant(post.get("timestamp")), identity_of(post, _POST)
            if at is None or not identity:
                raise Unknown("Threads shows our posts in a form we do not know.")
            if (since is not None and at < since) or (since is None and number >= PAGE_SIZE):
                return
            parent = of(post.get("replied_to"), "id")
            if part.reply and isinstance(parent, str) and parent != part.reply.parent.id:
                continue
            same = _squeezed(str(post.get("text") or "")) == _squeezed(_written(part)[0])
            if same and post.get("media_type") == _TYPES.get(shape, shape):
                yield self._receipt(post, identity)

    def measure(self, receipts: Sequence[Receipt]) -> list[Stat]:
        """Read the numbers of our posts, one by one: this API has no batches. What is gone is left out."""
        stats: list[Stat] = []
        for receipt in receipts:
            if _POST.fullmatch(receipt.id):
                stats += [Stat(receipt.id, METRICS[name], value) for name, value in self._numbers(receipt.id).items()]
        return stats

    def _numbers(self, identity: str) -> Mapping[str, int]:
        """Return metric → value of one post.

        A metric that Threads has retired makes the request fail: then each is asked for on its own, once.
        """
        alive = [name for name in METRICS if name not in self._dead]
        found = self._insights(identity, alive)
        if found is None:
            each = {name: self._insights(identity, [name]) for name in alive}
            if any(numbers is not None for numbers in each.values()):
                self._dead.update(name for name, numbers in each.items() if numbers is None)
            found = {name: value for numbers in each.values() for name, value in (numbers or {}).items()}
        return found

    def _insights(self, identity: str, names: Sequence[str]) -> Mapping[str, int] | None:
        """Read some metrics; {} for a post that is gone, None when a metric is refused."""
        if not names:
            return {}
        try:
            answer = self._graph.read(f"{identity}/insights", {"metric": ",".join(names)})
        except TryLater as error:
            if error.code in {"100/33", "404"}:
                return {}
            if error.code.partition("/")[0] in {"100", "3001"}:
                return None
            raise
        data = of(answer, "data")
        return _values(data if isinstance(data, list) else [], names)

    # --- Listening ----------------------------------------------------------------------------------------------------

    def replies(self, receipts: Sequence[Receipt], *, since: datetime) -> list[InboxMessage]:
        """Read what was answered to our posts after *since*, one post at a time: this API has no batches.

        Answers to answers are not among them. Raises NotAllowed or TryLater.
        """
        posts = {receipt.id: receipt.url for receipt in receipts if _POST.fullmatch(receipt.id)}
        if not posts:
            return []
        own = self._own_name()
        query = {"fields": _SAID_FIELDS, "reverse": "true"}
        heard = below(self._graph, list(posts), "replies", query, in_batches=False, enough=_FORM.before(since))
        told = [
            message
            for post, said in heard
            if said.get("username") != own
            for message in _FORM.said(said, "reply", since, about=post, where=posts[post])
        ]
        self._told.update(message.id for message in told)
        return told

    def mentions(self, *, since: datetime) -> list[InboxMessage]:
        """Read who named us after *since*, the newest two hundred, but for the answers to our posts.

        Raises NotAllowed or TryLater.
        """
        own = self._own_name()
        query = {"fields": f"{_SAID_FIELDS},is_reply,replied_to"}
        return [
            message
            for said in listed(self._graph, "me/mentions", query, _FORM.before(since))
            if said.get("username") != own
            for message in _FORM.said(said, "mention", since)
            if not self._answers_us(said, own)
        ]

    def _answers_us(self, said: Mapping[str, Any], own: str) -> bool:
        """Tell whether a mention is an answer to a post of ours; what cannot be found out is none."""
        answered = of(said.get("replied_to"), "id")
        if said.get("id") in self._told or not isinstance(answered, str) or not _POST.fullmatch(answered):
            return said.get("id") in self._told
        try:
            return bool(of(self._graph.read(answered, {"fields": "id,username"}), "username") == own)
        except NetworkError:
            return False

    def demographics(self) -> list[Share]:
        """Read the groups of our followers; empty for a profile with fewer than Threads tells of.

        Raises NotAllowed or TryLater.
        """
        followers = self._followers()
        if followers is not None and followers < _default_limits().number("demographics_followers"):
            return []
        shares: list[Share] = []
        for dimension in GROUPS:
            query = {"metric": "follower_demographics", "breakdown": dimension}
            shares += groups_of(self._graph.read("me/threads_insights", query), dimension)
        return shares

    def _followers(self) -> int | None:
        data = of(self._graph.read("me/threads_insights", {"metric": "followers_count"}), "data")
        return _values(data if isinstance(data, list) else [], ["followers_count"]).get("followers_count")

    def _own_name(self) -> str:
        """Return the name we write under, by which our own words are told from others'."""
        if not self._name:
            name = of(self._graph.read("me", {"fields": "username"}), "username")
            if not isinstance(name, str) or not _NAME.fullmatch(name):
                raise TryLater("Threads does not say who we are.", after=DEFAULT_WAIT)
            self._name = name
        return self._name

    def account(self) -> Account:
        """Read the profile, its followers and how many posts a day it may publish; raises NotAllowed or TryLater."""
        own = self._graph.read("me", {"fields": "id,username,name,threads_biography"})
        identity, name = identity_of(own, ID), of(own, "username")
        if not identity or not isinstance(name, str) or not _NAME.fullmatch(name):
            raise TryLater("Threads does not say who we are.", after=DEFAULT_WAIT)
        shown, note = (str(of(own, field) or "") for field in ("name", "threads_biography"))
        try:
            followers = self._followers()
        except NetworkError:
            followers = None  # a permission of its own, which publishing does not need
        try:
            total = self._containers.quota(_QUOTA)[1]
        except NetworkError:
            total = 0
        return Account(
            id=identity,
            handle=name,
            name=shown,
            url=f"https://www.threads.com/@{name}",
            followers=followers,
            limits={"posts_per_day": total} if total else {},
            profile={"name": shown, "note": note},
        )


# --- What a post looks like -------------------------------------------------------------------------------------------


def _refuse_what_cannot_be(part: Part) -> None:
    if part.kind not in _KINDS:
        hint = "Make it a text, an article, pictures, a video or a poll; or leave the channel out."
        raise Rejected(f"Threads has no posts of the kind {part.kind}.", hint=hint, code="kind")
    if part.poll and (part.attachments or part.poll.multiple or not 2 <= len(part.poll.options) <= 4):
        hint = "Give two to four answers of which one is chosen, and no media; or leave the channel out."
        raise Rejected("Threads has no such polls.", hint=hint, code="kind")
    if part.kind == "article" and (part.attachments or part.poll):
        hint = "Take the media and the poll out, or give it another `kind:`."
        raise Rejected("An article on Threads is a text alone.", hint=hint, code="kind")
    if not part.text.strip() and not part.attachments and not part.poll:
        raise Rejected("Nothing of this post is left for Threads.", hint="Write some words.", code="kind")


def _written(part: Part) -> tuple[str, str]:
    """Return the text of a post, and the long text attached to it, which only an article has: all behind its beginning.

    Source: documentation/threads/create-posts/text-attachments.
    """
    if part.kind != "article":
        return part.text, ""
    first, _, rest = part.text.strip().partition("\n\n")
    return first.strip(), rest.strip()


def _shape(part: Part) -> str:
    if len(part.attachments) > 1:
        return "CAROUSEL"
    if part.attachments:
        return "VIDEO" if part.attachments[0].mime.startswith("video/") else "IMAGE"
    return "TEXT"


def _words(part: Part) -> dict[str, str]:
    """Return the fields that the whole post has: its text, its place in a thread, and what its `params:` choose."""
    shown, attached = _written(part)
    fields = {"text": shown} if shown else {}
    if attached:
        fields["text_attachment"] = json.dumps({"plaintext": attached}, ensure_ascii=False)
    if part.reply:
        if not _POST.fullmatch(part.reply.parent.id):
            hint = "Publish this part by hand."
            raise Rejected("The post that this one continues has no number.", hint=hint, code="reply")
        fields["reply_to_id"] = part.reply.parent.id
    if part.poll:
        options = {f"option_{letter}": option for letter, option in zip("abcd", part.poll.options, strict=False)}
        fields["poll_attachment"] = json.dumps(options, ensure_ascii=False)
    if control := chosen(REPLY_CONTROL, part.options):
        fields["reply_control"] = control
    if topic := chosen(TOPIC, part.options):
        topic = topic.lstrip("#")
        if not _TOPIC.fullmatch(topic):
            raise Rejected("That topic cannot be.", hint="Use 1 to 50 characters without . and &.", code="option")
        fields["topic_tag"] = topic
    if quoted := chosen(QUOTE, part.options):
        if not _POST.fullmatch(quoted):
            raise Rejected("`quote` is the number of a post.", hint="Correct it under `params:`.", code="option")
        fields["quote_post_id"] = quoted
    if chosen(SPOILER, part.options) == "yes" and part.attachments:
        fields["is_spoiler_media"] = "true"
    return fields


def _values(data: Sequence[object], names: Sequence[str]) -> dict[str, int]:
    """Return metric → value of insights: a list of values, or one that is a total."""
    found: dict[str, int] = {}
    for entry in data:
        name, values = of(entry, "name"), of(entry, "values")
        newest = values[-1] if isinstance(values, list) and values else of(entry, "total_value")
        value = number_of(of(newest, "value"))
        if isinstance(name, str) and name in names and value is not None:
            found[name] = value
    return found


def _squeezed(text: str) -> str:
    """Return a text as it is compared: Threads may show a hashtag as a topic, without its sign."""
    return " ".join(unicodedata.normalize("NFC", text).replace("#", "").split())


def _default_limits() -> Limits:
    from socialops.networks import default_limits

    return default_limits("threads")
