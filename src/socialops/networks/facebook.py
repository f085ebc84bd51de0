"""Facebook: the posts, photos, videos, reels and stories of one Page.

Facebook has no keys: what became of a post is found by reading the Page's own posts. So everything heavy is sent
before, where nobody sees it (photos that are not published, upload sessions), and one small request shows the post.

Source: developers.facebook.com/docs/pages-api, documentation/video-api/guides/reels-publishing, docs/page-stories-api
and docs/graph-api/reference/page, as of v26.0, 2026-11.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from socialops.errors import NetworkError, NotAllowed, Rejected, TryLater, Unknown
from socialops.http import MEDIA_DEADLINE
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
from socialops.networks.draft import COMMENT, Part, Receipt, Upload
from socialops.networks.graph import ID, QUOTA_WAIT, Graph, Meaning, number_of, of, sunset
from socialops.networks.graph_insights import Insights, Wanted, counts_of, summed
from socialops.networks.graph_listening import Form, below, listed

if TYPE_CHECKING:
    from socialops.http import Http

__all__ = (
    "HOME",
    "HOST_IS_A_CHOICE",
    "OPTIONAL_SECRETS",
    "OPTIONS",
    "SECRETS",
    "Facebook",
    "connect",
    "counts",
    "sunset",
)

HOST_IS_A_CHOICE = False
HOME = "https://graph.facebook.com"
SECRETS = ("TOKEN",)
OPTIONAL_SECRETS = ("APP_SECRET",)
"""The app's secret, for apps that ask for a proof of it with every request."""
TITLE = Option("title", "The title of a video or a reel.")
OPTIONS: tuple[Option, ...] = (TITLE,)

PAGE_SIZE = 50
"""Posts a page of `published_posts` is asked to hold (it may hold 100)."""
PAGES = 20
"""How many pages we look back before we say that we cannot tell."""
MOST_CHUNKS = 2000
PROCESSING_WAITS = (2, 3, 5, 10, 15, 25, 30)
"""Seconds between two questions whether a video is processed: a minute and a half in all."""

_POST = re.compile(r"[0-9]{1,32}_[0-9]{1,32}")
_STORY = re.compile(r"[0-9]{1,32}(?:_[0-9]{1,32})?")
_SHAPES = {"": "feed", "text": "feed", "link": "feed", "image": "feed", "carousel": "feed", "video": "video"}
_POST_METRICS = {"post_media_view": "views", "post_total_media_view_unique": "reach", "post_clicks": "clicks"}
_POST_FIELDS = "shares,comments.summary(true).limit(0),reactions.summary(total_count).limit(0)"
_SAID_FIELDS = "id,from,message,created_time,permalink_url"
_GROUPS = {"page_follows_country": "country", "page_follows_city": "city"}
"""Metric of the Page's insights → what its groups are (platforminsights/page/deprecated-metrics, 2026-03)."""
_VIDEO_FIELDS = "views,comments.summary(true).limit(0),likes.summary(true).limit(0)"

_ACCOUNT_TROUBLE = "Log in at facebook.com as a person with a role on the Page, and answer what it asks."
_OWN: Mapping[int, Meaning] = {
    1390008: Meaning(TryLater, "we post too fast", "Nothing to do: it is tried again.", QUOTA_WAIT),
    1346003: Meaning(Rejected, "its text or link is reported as abusive", "Change the text or the link."),
    1349125: Meaning(Rejected, "it holds neither a text nor a link nor media", "Run `socialops check` on the post."),
    1363047: Meaning(Unknown, "it has trouble of its own"),
    1366046: Meaning(Rejected, "a photo is too large or no JPEG or PNG", "Save it as JPEG, smaller than 4 MB."),
    1366051: Meaning(Unknown, "it says that the photos were published already"),
    1404078: Meaning(NotAllowed, "the Page needs an authorization to publish", _ACCOUNT_TROUBLE),
    1404102: Meaning(Rejected, "it is against the rules of the network", "Change the text, the link or the media."),
    1404112: Meaning(NotAllowed, "the account is limited for some days", _ACCOUNT_TROUBLE),
    1455006: Meaning(Unknown, "it says that the same post is there already"),
    1609008: Meaning(Rejected, "it takes no link to itself", "Leave out the link to facebook.com."),
    1609010: Meaning(Unknown, "it has trouble of its own"),
    2061006: Meaning(Rejected, "an address in it is not valid", "Correct the link."),
    4854002: Meaning(NotAllowed, "a person must confirm who they are", _ACCOUNT_TROUBLE),
}
"""Subcodes met by other publishers (unconfirmed in Meta's documents)."""


def connect(login: Login, http: Http) -> Facebook:
    """Return the Page of *login*; no request is made yet. Raises CredentialsError for settings that cannot be."""
    return Facebook(login, http)


def counts(part: Part, limits: Limits) -> Sequence[Count]:
    """Count a part: its text and first comment in UTF-16 units (the safe side), and its media. A story has no text."""
    used = {"text": _units(part.text)}
    if part.attachments:
        used["attachments"] = len(part.attachments)
    if part.first_comment:
        used["first_comment"] = _units(part.first_comment)
    return limits.counted(used, text="story_text" if part.kind == "story" else "text")


class Facebook:
    """One Page. *wait* sleeps between two questions whether a video is processed."""

    name = "facebook"
    key_lifetime = 0
    idempotency = Idempotency.READBACK

    def __init__(self, login: Login, http: Http, *, wait: Callable[[float], None] = time.sleep) -> None:
        version = str(_default_limits().entries["api_version"].value)
        self._graph = Graph(login, http, place="Facebook", home=HOME, version=version, own=_OWN)
        self._insights = Insights(self._graph, in_batches=True)
        self._wait = wait
        self._page = str(login.settings.get("page_id") or "")
        self._ends = 0.0

    def __repr__(self) -> str:
        return f"Facebook({self._page or 'the Page of the token'})"

    def key(self, delivery: str, part: int, at: datetime) -> str:
        """Return a name for the part in the ledger; Facebook itself knows no keys."""
        return hashlib.sha256(f"{delivery}\n{part}".encode()).hexdigest()

    # --- Publishing ---------------------------------------------------------------------------------------------------

    def publish(self, part: Part, *, key: str) -> Receipt:
        """Bring up the media unseen, then show the post with one request; the first comment follows it.

        When the comment fails, the post is there all the same: the receipt says so in *extra* (COMMENT_TROUBLE).
        """
        shape = _shape(part)
        if len(part.uploads) != len(part.attachments):
            raise Rejected("The media of this post were not made ready.", hint="Run `socialops check` on the post.")
        self._ends = time.monotonic() + MEDIA_DEADLINE
        page = self._own_page()
        try:
            if shape == "feed":
                receipt = self._show_post(page, part)
            elif shape == "video":
                receipt = self._show_video(page, part)
            elif shape == "reel":
                receipt = self._show_reel(page, part)
            else:
                receipt = self._show_story(page, part.uploads[0])
        except Rejected as error:
            if over := too_much(counts(part, _default_limits())):
                raise Rejected(f"{error.message} Its {over}.", hint=error.hint, code=error.code) from None
            raise
        if part.first_comment and shape != "story":
            extra = {**receipt.extra, **self._graph.comment(receipt.id, part.first_comment, _STORY)}
            return Receipt(receipt.id, receipt.url, receipt.at, extra)
        return receipt

    def _show_post(self, page: str, part: Part) -> Receipt:
        form = {"message": part.text, "published": "true", "fields": "id,permalink_url,created_time"}
        if part.uploads:
            photos = [self._photo(page, upload) for upload in part.uploads]
            form["attached_media"] = json.dumps([{"media_fbid": identity} for identity in photos])
        elif link := _link(part):
            form["link"] = link
        if not part.text:
            del form["message"]
        answer = self._graph.show(f"{page}/feed", form)
        identity = _identity(answer, "id", _POST)
        if not identity:
            raise Unknown("Facebook answered, but not with a post.", hint="Look at the Page.")
        if "created_time" not in answer or "permalink_url" not in answer:
            answer = {**answer, **self._details(identity, "permalink_url,created_time")}
        return _receipt(answer, identity, at=self._graph.heard)

    def _photo(self, page: str, upload: Upload) -> str:
        """Bring up one photo that nobody sees; return its id."""
        form = {"published": "false"}
        if upload.alt:
            form["alt_text_custom"] = upload.alt
        suffix = upload.mime.rpartition("/")[2]
        source = (f"photo.{suffix}", upload.data, upload.mime)
        answer = self._graph.make(f"{page}/photos", form, files={"source": source}, deadline=self._left())
        identity = _identity(answer, "id", ID)
        if not identity:
            raise TryLater("Facebook took a photo, but gave it no number.", after=DEFAULT_WAIT)
        return identity

    def _show_video(self, page: str, part: Part) -> Receipt:
        upload = part.uploads[0]
        size = len(upload.data)
        path = f"{page}/videos"
        answer = self._graph.make(path, {"upload_phase": "start", "file_size": str(size)}, deadline=self._left())
        video, session = _identity(answer, "video_id", ID), _identity(answer, "upload_session_id", ID)
        if not video or not session:
            raise TryLater("Facebook opened no upload for the video.", after=DEFAULT_WAIT)
        for _ in range(MOST_CHUNKS):
            begin, end = _offset(answer, "start_offset"), _offset(answer, "end_offset")
            if begin >= end or begin >= size:
                break
            form = {"upload_phase": "transfer", "upload_session_id": session, "start_offset": str(begin)}
            chunk = ("video", upload.data[begin:end], upload.mime)
            answer = self._graph.make(path, form, files={"video_file_chunk": chunk}, deadline=self._left())
            if _offset(answer, "start_offset") <= begin:
                raise TryLater("Facebook does not take the video any further.", after=DEFAULT_WAIT)
        form = {"upload_phase": "finish", "upload_session_id": session, "published": "true", **_named(part)}
        return self._shown(self._graph.show(path, form, deadline=self._left()), video)

    def _show_reel(self, page: str, part: Part) -> Receipt:
        video = self._session(f"{page}/video_reels", part.uploads[0])
        form = {"upload_phase": "finish", "video_id": video, "video_state": "PUBLISHED", **_named(part)}
        return self._shown(self._graph.show(f"{page}/video_reels", form, deadline=self._left()), video)

    def _show_story(self, page: str, upload: Upload) -> Receipt:
        if upload.mime.startswith("video/"):
            video = self._session(f"{page}/video_stories", upload)
            form = {"upload_phase": "finish", "video_id": video}
            answer = self._graph.show(f"{page}/video_stories", form, deadline=self._left())
        else:
            answer = self._graph.show(f"{page}/photo_stories", {"photo_id": self._photo(page, upload)})
        identity = _identity(answer, "post_id", _STORY)
        if not identity:
            raise Unknown("Facebook answered, but not with a story.", hint="Look at the Page's stories.")
        return Receipt(identity, f"https://www.facebook.com/{page}", self._graph.heard, {"shape": "story"})

    def _session(self, path: str, upload: Upload) -> str:
        """Bring up a video in a session of its own; return its number. Nobody sees it yet."""
        answer = self._graph.make(path, {"upload_phase": "start"})
        video = _identity(answer, "video_id", ID)
        address = answer.get("upload_url") if video else None
        if not isinstance(address, str):
            raise TryLater("Facebook opened no upload for the video.", after=DEFAULT_WAIT)
        headers = {"offset": "0", "file_size": str(len(upload.data))}
        self._graph.hand_over(address, upload.data, headers, deadline=self._left())
        return video

    def _shown(self, answer: object, video: str) -> Receipt:
        """Return the receipt of a video that Facebook took, once it is processed or after PROCESSING_WAITS.

        What it took is there or will be, whatever becomes of the questions; only its own "error" says otherwise.
        """
        if not isinstance(answer, dict) or answer.get("success") is not True:
            raise Unknown("Facebook did not say that it shows the video.", hint="Look at the Page.")
        details: Mapping[str, Any] = {}
        for seconds in (0, *PROCESSING_WAITS):
            if seconds:
                if time.monotonic() + seconds > self._ends:
                    break
                self._wait(seconds)
            details = self._details(video, "status,permalink_url,created_time") or details
            state = _state(details.get("status"))
            if state == "error":
                raise Rejected(
                    "Facebook could not process the video.",
                    hint="Export it again: MP4 with H.264 and AAC.",
                    code="processing",
                )
            if state == "ready":
                break
        return _receipt(details, video, at=self._graph.heard)

    def delete(self, receipt: Receipt) -> None:
        """Delete a post, video or story; one that is gone is fine. Raises Rejected, NotAllowed, TryLater or Unknown."""
        if not _STORY.fullmatch(receipt.id):
            raise Rejected("That receipt does not name a post of Facebook.", hint="Delete the post by hand.")
        self._graph.remove(receipt.id)

    # --- Looking ------------------------------------------------------------------------------------------------------

    def find(self, part: Part, *, key: str, since: datetime) -> Receipt | None:
        """Look through the Page's posts, newest first, until before *since*.

        A post matches with the same text and as many photos; a video or reel with the same text. Facebook shows no
        video while it is processed, and stories have no words to know them by: of those no look proves the absence,
        and Unknown is raised.
        """
        shape = _shape(part)
        if shape == "story":
            raise Unknown("Stories on Facebook cannot be told apart.", hint="Look at the Page's stories.")
        try:
            found = list(self._matches(shape, part, since))
        except NetworkError as error:
            raise not_found_out(error) from None
        if len(found) > 1:
            raise Unknown(
                f"Facebook shows {len(found)} posts like this one.",
                hint="Look which of them is ours, and delete the other by hand if it is a copy.",
                code="ambiguous",
            )
        if not found and shape != "feed":
            raise Unknown("Facebook may still be processing the video.", hint="Look at the Page's videos.")
        return found[0] if found else None

    def _matches(self, shape: str, part: Part, since: datetime) -> Iterator[Receipt]:
        edge, words, pattern = {
            "feed": ("published_posts", "message", _POST),
            "video": ("videos", "description", ID),
            "reel": ("video_reels", "description", ID),
        }[shape]
        fields = f"id,{words},created_time,permalink_url"
        if shape == "feed":
            fields += ",attachments{media_type,subattachments.limit(30){media_type}}"
        photos = len(part.uploads) or len(part.attachments) if shape == "feed" else 0
        query = {"fields": fields, "limit": str(PAGE_SIZE)}
        for thing in self._graph.pages(f"{self._own_page()}/{edge}", query, most=PAGES):
            created = instant(thing.get("created_time"))
            identity = _identity(thing, "id", pattern)
            if created is None or not identity:
                raise Unknown("Facebook shows our posts in a form we do not know.")
            if created < since:
                return
            if _squeezed(str(thing.get(words) or "")) != _squeezed(part.text):
                continue
            if shape != "feed" or _photos(thing.get("attachments")) == photos:
                yield _receipt(thing, identity)

    def measure(self, receipts: Sequence[Receipt]) -> list[Stat]:
        """Read the numbers of our posts and videos, 50 in a request; stories have none."""
        wanted = [
            Wanted(receipt.id, _POST_FIELDS, tuple(_POST_METRICS))
            if _POST.fullmatch(receipt.id)
            else Wanted(receipt.id, _VIDEO_FIELDS, ())
            for receipt in receipts
            if _STORY.fullmatch(receipt.id) and receipt.extra.get("shape") != "story"
        ]
        stats: list[Stat] = []
        for numbers in self._insights.read(wanted):
            shares = numbers.fields.get("shares")
            read = {
                "reactions": summed(numbers.fields.get("reactions")),
                "likes": summed(numbers.fields.get("likes")),
                "replies": summed(numbers.fields.get("comments")),
                "shares": number_of(shares.get("count")) if isinstance(shares, dict) else None,
                "views": number_of(numbers.fields.get("views")),
                **{ours: numbers.metrics.get(theirs) for theirs, ours in _POST_METRICS.items()},
            }
            if read["views"] is None:
                read["views"] = number_of(numbers.fields.get("views"))
            stats += [Stat(numbers.id, metric, value) for metric, value in read.items() if value is not None]
        return stats

    # --- Listening ----------------------------------------------------------------------------------------------------

    def replies(self, receipts: Sequence[Receipt], *, since: datetime) -> list[InboxMessage]:
        """Read the comments below our posts after *since*, and those on them: 50 posts in a request.

        Who wrote one is told only to a token that may read what people write. Raises NotAllowed or TryLater.
        """
        known = [one for one in receipts if _STORY.fullmatch(one.id) and one.extra.get("shape") != "story"]
        posts = {receipt.id: receipt.url for receipt in known}
        if not posts:
            return []
        ours = {receipt.extra.get(COMMENT) for receipt in known}
        own = self._own_page()
        query = {"filter": "stream", "order": "reverse_chronological", "fields": _SAID_FIELDS}
        heard = below(self._graph, list(posts), "comments", query, in_batches=True, enough=_FORM.before(since))
        return [
            message
            for post, said in heard
            if _writer(said, "id") != own and said.get("id") not in ours
            for message in _FORM.said(said, "reply", since, about=post, where=posts[post])
        ]

    def mentions(self, *, since: datetime) -> list[InboxMessage]:
        """Read the posts of others that tag the Page, the newest two hundred; raises NotAllowed or TryLater."""
        own = self._own_page()
        tagged = listed(self._graph, f"{own}/tagged", {"fields": _SAID_FIELDS}, _FORM.before(since))
        return [m for post in tagged if _writer(post, "id") != own for m in _FORM.said(post, "mention", since)]

    def demographics(self) -> list[Share]:
        """Read where those who follow the Page live; empty for one with fewer than a hundred.

        Raises NotAllowed or TryLater. A metric that Facebook has retired is left out.
        """
        page, shares = self._own_page(), list[Share]()
        for metric, dimension in _GROUPS.items():
            try:
                answer = self._graph.read(f"{page}/insights", {"metric": metric, "period": "day"})
            except TryLater as error:
                if error.code.partition("/")[0] not in {"100", "3001"}:
                    raise
                continue
            shares += counts_of(answer, dimension)
        return shares

    def account(self) -> Account:
        """Read the Page; raises NotAllowed or TryLater."""
        fields = "id,name,username,link,about,website,followers_count,fan_count"
        page = self._graph.read(self._page if ID.fullmatch(self._page) else "me", {"fields": fields})
        identity = _identity(page, "id", ID)
        if not identity:
            raise TryLater("Facebook does not say which Page this is.", after=DEFAULT_WAIT)
        followers = number_of(page.get("followers_count"))
        return Account(
            id=identity,
            handle=str(page.get("username") or page.get("name") or identity),
            name=str(page.get("name") or ""),
            url=web_address(page.get("link")) or f"https://www.facebook.com/{identity}",
            followers=followers if followers is not None else number_of(page.get("fan_count")),
            profile={
                "name": str(page.get("name") or ""),
                "note": str(page.get("about") or ""),
                "website": str(page.get("website") or ""),
            },
        )

    # --- Asking -------------------------------------------------------------------------------------------------------

    def _own_page(self) -> str:
        """Return the Page's number: as the channel's file says (`page_id`), or as the token's own."""
        if not ID.fullmatch(self._page):
            answer = self._graph.read("me", {"fields": "id"})
            self._page = _identity(answer, "id", ID)
            if not self._page:
                raise TryLater("Facebook does not say which Page this is.", after=DEFAULT_WAIT)
        return self._page

    def _details(self, identity: str, fields: str) -> Mapping[str, Any]:
        """Read some fields of something of ours; nothing at all when that fails, for it is there all the same."""
        try:
            answer = self._graph.read(identity, {"fields": fields})
        except NetworkError:
            return {}
        return answer if isinstance(answer, dict) else {}

    def _left(self) -> float:
        return max(1.0, self._ends - time.monotonic())


# --- What a post looks like -------------------------------------------------------------------------------------------


def _shape(part: Part) -> str:
    """Return how a part is shown (feed, video, reel, story); raises Rejected for what this adapter cannot show."""
    media = [item.mime for item in part.uploads or part.attachments]
    films = [mime for mime in media if mime.startswith("video/")]
    if part.poll is not None or part.reply is not None or part.kind not in {*_SHAPES, "reel", "story"}:
        raise Rejected(
            "Facebook shows no polls, threads and the like on a Page.",
            hint="Leave the channel out, or give it a `kind:` that it can show.",
            code="kind",
        )
    if part.kind == "story":
        if len(media) == 1 and not part.text.strip():
            return "story"
        problem = "A story is one picture or one video, without a text."
    elif part.kind == "reel" or films:
        if len(media) == len(films) == 1:
            return "reel" if part.kind == "reel" else "video"
        problem = "A video goes out alone: one video, and no pictures beside it."
    elif part.kind == "video":
        problem = "There is no video in this post."
    else:
        return "feed"
    raise Rejected(problem, hint="Change the media of the post, or its `kind:`.", code="kind")


def _named(part: Part) -> dict[str, str]:
    """Return the fields that name a video: its text, and its title where the post gives one."""
    title = chosen(TITLE, part.options)
    return {"description": part.text, **({"title": title} if title else {})}


def _link(part: Part) -> str:
    """Return the address Facebook makes a card of: that of the part's card, or the last link in the text."""
    if part.card is not None:
        return part.card.url
    return next((span.target for span in reversed(part.spans) if span.kind == "link"), "")


def _writer(said: Mapping[str, Any], name: str) -> str:
    """Return the id or the name of whoever wrote something; empty where Facebook does not tell."""
    told = of(said.get("from"), name)
    return told if isinstance(told, str) else ""


_FORM = Form("message", "created_time", lambda said: _writer(said, "name"), "permalink_url")


def _identity(answer: object, name: str, pattern: re.Pattern[str]) -> str:
    value = answer.get(name) if isinstance(answer, dict) else None
    return value if isinstance(value, str) and pattern.fullmatch(value) else ""


def _receipt(thing: Mapping[str, Any], identity: str, *, at: str = "") -> Receipt:
    """Return the receipt of something of ours; *at* is when, where it does not say so itself."""
    address = thing.get("permalink_url")
    if isinstance(address, str) and address.startswith("/"):
        address = f"https://www.facebook.com{address}"
    created = instant(thing.get("created_time"))
    url = web_address(address) or f"https://www.facebook.com/{identity}"
    return Receipt(identity, url, rfc3339(created) if created else at)


def _photos(attachments: object) -> int:
    """Count the photos of a post. A link's card is none, and may be called a video where a video is linked."""
    data = attachments.get("data") if isinstance(attachments, dict) else None
    number = 0
    for entry in data if isinstance(data, list) else ():
        if not isinstance(entry, dict):
            continue
        below = _photos(entry.get("subattachments"))
        number += below or (1 if entry.get("media_type") == "photo" else 0)
    return number


def _state(status: object) -> str:
    """Return what a video's status comes to: `error`, `ready`, or an empty text while it is processed."""
    if not isinstance(status, dict):
        return ""
    phases = [status.get(name) for name in ("uploading_phase", "processing_phase", "publishing_phase")]
    states = [phase.get("status") for phase in phases if isinstance(phase, dict)]
    if status.get("video_status") == "error" or "error" in states:
        return "error"
    return "ready" if status.get("video_status") == "ready" else ""


def _offset(answer: object, name: str) -> int:
    value = answer.get(name) if isinstance(answer, dict) else None
    text = str(value)
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise TryLater("Facebook does not say how the upload goes on.", after=DEFAULT_WAIT)
    return int(text)


def _squeezed(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def _units(text: str) -> int:
    """Count *text* in units of UTF-16."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def _default_limits() -> Limits:
    from socialops.networks import default_limits

    return default_limits("facebook")
