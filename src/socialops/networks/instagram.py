"""Instagram: the pictures, carousels, reels and stories of one professional account.

Instagram fetches each file from the media host into a container that nobody sees (videos may also be brought up, over
Facebook Login), and a second request publishes the container. The container's number is the handle: it tells at any
time whether it was published. Instagram has no polls, no threads and no edits, and what is there can only be deleted
by hand.

An account is reached over one of two logins: a token of Facebook Login (graph.facebook.com) or one of Instagram Login
(graph.instagram.com, whose tokens begin with `IG`); `params: {login: instagram}` says which where that does not tell.

Source: developers.facebook.com/documentation/instagram-platform (content publishing, error codes, ig-container,
insights, changelog of 2026-06-22), as of v26.0, 2026-11.
"""

from __future__ import annotations

import re
import time
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from socialops.errors import CredentialsError, NetworkError, NotAllowed, Rejected, TryLater, Unknown
from socialops.http import TEXT_DEADLINE
from socialops.networks.base import (
    DEFAULT_WAIT,
    LATEST,
    Account,
    Idempotency,
    InboxMessage,
    Limits,
    Login,
    Share,
    Stat,
    instant,
    not_found_out,
    rfc3339,
    too_much,
    web_address,
)
from socialops.networks.draft import CLOSED, CLOSED_TROUBLE, Part, Receipt, Upload
from socialops.networks.graph import GONE, ID, QUOTA_WAIT, Graph, Meaning, identity_of, number_of, of, sunset
from socialops.networks.graph_container import Containers, Dialect, key_of
from socialops.networks.graph_insights import GROUPS, Insights, Wanted, groups_of
from socialops.networks.graph_listening import Form, below, listed, user_name
from socialops.networks.instagram_post import OPTIONS, USER_NAME, closes_comments, counts, shape_of, types_of, words_of
from socialops.networks.media_host import public_address

if TYPE_CHECKING:
    from socialops.http import Http

__all__ = (
    "HOME",
    "HOST_IS_A_CHOICE",
    "OPTIONAL_SECRETS",
    "OPTIONS",
    "SECRETS",
    "Instagram",
    "connect",
    "counts",
    "sunset",
)

HOST_IS_A_CHOICE = False
HOME = "https://graph.facebook.com"
HOME_OF_INSTAGRAM_LOGIN = "https://graph.instagram.com"
SECRETS = ("TOKEN",)
OPTIONAL_SECRETS = ("APP_SECRET",)
"""The app's secret, for apps that ask for a proof of it with every request."""
PAGE_SIZE = 50
PAGES = 20
"""How many pages of our media we look back before we say that we cannot tell."""
_MEDIA = re.compile(r"[0-9]{6,32}")
_SUBCODE = re.compile(r"\b2207[0-9]{3}\b")
_POST_METRICS = {"views": "views", "reach": "reach", "saved": "saves", "shares": "shares"}
_METRICS: Mapping[str, Mapping[str, str]] = {
    "FEED": _POST_METRICS,
    "REELS": {**_POST_METRICS, "reposts": "reposts"},
    "STORY": {"views": "views", "reach": "reach", "replies": "replies", "shares": "shares"},
}
"""What a thing is to Instagram → its metric → ours; one that does not go with it fails the whole request."""

_SAID_FIELDS = "id,text,username,timestamp"


_COMMENT_FORM = Form("text", "timestamp", user_name(USER_NAME))
_TAG_FORM = Form("caption", "timestamp", user_name(USER_NAME), "permalink")

_EXPORT_VIDEO = "Export it again: MP4 with H.264 and AAC, 3 seconds to 15 minutes, upright (9:16)."
_OWN: Mapping[int, Meaning] = {
    2207001: Meaning(Unknown, "it has trouble of its own"),
    2207003: Meaning(TryLater, "it took too long to fetch the file from the media host"),
    2207004: Meaning(Rejected, "a picture is larger than 8 MiB", "Make it smaller."),
    2207005: Meaning(Rejected, "a picture is no JPEG", "Save it as JPEG."),
    2207006: Meaning(Unknown, "it no longer knows the container"),
    2207008: Meaning(Unknown, "it no longer knows the container"),
    2207009: Meaning(Rejected, "a picture is too narrow or too wide", "Cut it to between 4:5 and 1.91:1."),
    2207010: Meaning(Rejected, "the caption is too long", "Shorten the text."),
    2207020: Meaning(Rejected, "the media has expired", "Run `socialops publish` again: it is brought up anew."),
    2207023: Meaning(Rejected, "it does not know this type of media"),
    2207026: Meaning(Rejected, "it cannot read the video", _EXPORT_VIDEO),
    2207027: Meaning(TryLater, "it is still processing the media"),
    2207028: Meaning(Rejected, "it does not work as a carousel", "Use 2 to 10 pictures or videos."),
    2207032: Meaning(Unknown, "it could not make the media"),
    2207035: Meaning(Rejected, "its product tags are wrong"),
    2207036: Meaning(Rejected, "its product tags are wrong"),
    2207037: Meaning(Rejected, "its product tags are wrong"),
    2207040: Meaning(Rejected, "it has too many tags"),
    2207042: Meaning(TryLater, "the account has published as often as it may in a day", "", LATEST),
    2207050: Meaning(
        NotAllowed, "the account is restricted", "Open Instagram with this account, and answer what it asks."
    ),
    # Other publishers met it when the post was live already.
    2207051: Meaning(Unknown, "it takes this for spam, though it may have published it", "Look at the account."),
    2207052: Meaning(
        Rejected,
        "it cannot fetch the file from the media host",
        "Look that robots.txt there lets Meta's crawler (facebookexternalhit) in.",
    ),
    2207053: Meaning(Unknown, "the upload failed"),
    2207057: Meaning(Rejected, "the moment of the cover is not in the video", "Correct `cover_second`."),
}
_OWN_CODES: Mapping[int, Meaning] = {
    9: Meaning(TryLater, "the account has published as often as it may", "", QUOTA_WAIT),
    25: _OWN[2207050],
    352: _OWN[2207026],
    9004: _OWN[2207052],
    9007: _OWN[2207027],
}


def _trouble(answer: object) -> str:
    words = of(answer, "status")
    found = _SUBCODE.search(words) if isinstance(words, str) else None
    return found[0] if found else ""


def _failed(trouble: str) -> Rejected:
    known = _OWN.get(int(trouble)) if trouble else None
    return Rejected(
        f"Instagram could not process the media ({trouble or 'no reason told'})"
        + (f": {known.words}." if known else "."),
        hint=(known.hint if known else "") or _EXPORT_VIDEO,
        code=trouble or "processing",
    )


_DIALECT = Dialect(
    fields="status_code,status",
    state="status_code",
    trouble=_trouble,
    failed=_failed,
    gone=frozenset({*GONE, "24", "24/2207008", "24/2207006"}),
    look="Look at the account.",
)


def connect(login: Login, http: Http) -> Instagram:
    """Return the account of *login*; no request is made yet. Raises CredentialsError for settings that cannot be."""
    return Instagram(login, http)


class Instagram:
    """One account. *wait* sleeps between two questions whether a container is ready."""

    name = "instagram"
    key_lifetime = 0
    idempotency = Idempotency.HANDLE

    def __init__(self, login: Login, http: Http, *, wait: Callable[[float], None] = time.sleep) -> None:
        self._login = login
        self._http = http
        self._over_facebook = _is_over_facebook(login)
        home = HOME if self._over_facebook else HOME_OF_INSTAGRAM_LOGIN
        version = str(_default_limits().entries["api_version"].value)
        self._graph = Graph(login, http, place="Instagram", home=home, version=version, own=_OWN, own_codes=_OWN_CODES)
        self._insights = Insights(self._graph, in_batches=self._over_facebook)
        self._containers = Containers(self._graph, _DIALECT, wait)
        self._name = ""
        self._account = str(login.settings.get("account_id") or "")

    def __repr__(self) -> str:
        return f"Instagram({self._account or 'the account of the token'})"

    def key(self, delivery: str, part: int, at: datetime) -> str:
        """Return a name for the part in the ledger; Instagram itself knows no keys."""
        return key_of(delivery, part)

    # --- Making ready -------------------------------------------------------------------------------------------------

    def prepare(self, part: Part, *, key: str) -> str:
        """Make the container of a part, and return its number; one made before is kept while it can be used.

        Raises Rejected (code `media-host` for a file that cannot be fetched), NotAllowed or TryLater.
        """
        shape = shape_of(part)
        if len(part.uploads) != len(part.attachments):
            raise Rejected("The media of this post were not made ready.", hint="Run `socialops check` on the post.")
        words = words_of(part, shape, over_facebook=self._over_facebook)
        closes_comments(part)
        self._containers.begin()
        if self._containers.usable(part.handle):
            return part.handle
        self._containers.look_at_quota(self._quota_path(), "account")
        try:
            if shape == "CAROUSEL":
                return self._container({**self._carousel(part.uploads), **words})
            return self._container({**self._media(part.uploads[0], shape), **words}, part.uploads[0])
        except Rejected as error:
            if over := too_much(counts(part, _default_limits())):
                raise Rejected(f"{error.message} Its {over}.", hint=error.hint, code=error.code) from None
            raise

    def _carousel(self, uploads: Sequence[Upload]) -> dict[str, str]:
        """Make a container of each file, wait for the videos, and return the fields that name them."""
        children = [
            self._container({**self._media(upload, "VIDEO"), "is_carousel_item": "true"}, upload) for upload in uploads
        ]
        return {"media_type": "CAROUSEL", "children": self._containers.await_children(children, uploads)}

    def _media(self, upload: Upload, shape: str) -> dict[str, str]:
        """Return the fields that name one file, after looking that it can be fetched.

        A channel without a media host may still bring up videos itself, where its token is one of Facebook Login.
        """
        moving = upload.mime.startswith("video/")
        if moving and self._over_facebook and "media_base_url" not in self._login.settings:
            return {"upload_type": "resumable", "media_type": shape}
        where = public_address(self._login, self._http, upload, deadline=min(TEXT_DEADLINE, self._containers.left()))
        fields = {"video_url" if moving else "image_url": where}
        if moving or shape == "STORIES":
            fields["media_type"] = shape
        elif upload.alt:
            fields["alt_text"] = upload.alt
        return fields

    def _container(self, fields: Mapping[str, str], upload: Upload | None = None) -> str:
        """Make one container, and bring up the bytes of *upload* where Instagram does not fetch them itself."""
        identity, answer = self._containers.made(f"{self._own_account()}/media", fields)
        if upload is not None and "upload_type" in fields:
            headers = {"offset": "0", "file_size": str(len(upload.data))}
            self._graph.hand_over(str(of(answer, "uri")), upload.data, headers, deadline=self._containers.left())
        return identity

    # --- Publishing ---------------------------------------------------------------------------------------------------

    def publish(self, part: Part, *, key: str) -> Receipt:
        """Publish the container once it is ready; the first comment follows it.

        A container that was published before is not published again: its receipt is looked up. When the comment fails,
        the post is there all the same: the receipt says so in *extra* (COMMENT_TROUBLE). So it does where the comments
        could not be switched off (CLOSED_TROUBLE).
        """
        answer = self._containers.publish(part, lambda: f"{self._own_account()}/media_publish")
        if answer is None:
            return self._containers.published(self._matches(part, None))
        identity = identity_of(answer, _MEDIA)
        if not identity:
            raise Unknown("Instagram answered, but not with a post.", hint="Look at the account.")
        try:
            details = self._graph.read(identity, {"fields": "id,permalink,timestamp,media_product_type"})
        except NetworkError:
            details = None
        receipt = self._receipt(details if isinstance(details, dict) else {}, identity)
        extra = dict(receipt.extra)
        if part.first_comment and part.kind != "story":
            extra |= self._graph.comment(identity, part.first_comment, ID)
        if closes_comments(part):
            extra |= self._closed(identity)
        return replace(receipt, extra=extra)

    def _closed(self, identity: str) -> dict[str, str]:
        """Switch the comments below our post off; return what the receipt's *extra* says of it, and raise nothing.

        Instagram takes no such wish with a container: for a moment people may comment. Doing it twice does no harm.
        """
        try:
            answer = self._graph.show(identity, {"comment_enabled": "false"}, what="to close the comments")
        except NetworkError as error:
            return {CLOSED_TROUBLE: error.message}
        told = of(answer, "success") is True
        return {CLOSED: "closed"} if told else {CLOSED_TROUBLE: "Instagram did not say that they are closed."}

    def _receipt(self, media: Mapping[str, Any], identity: str) -> Receipt:
        at = instant(media.get("timestamp"))
        product = media.get("media_product_type")
        handle = self._login.handle.removeprefix("@")
        profile = (
            f"https://www.instagram.com/{handle}/" if USER_NAME.fullmatch(handle) else "https://www.instagram.com/"
        )
        return Receipt(
            identity,
            web_address(media.get("permalink")) or profile,
            rfc3339(at) if at else self._graph.heard,
            {"product": product} if isinstance(product, str) and product in _METRICS else {},
        )

    # --- Looking ------------------------------------------------------------------------------------------------------

    def find(self, part: Part, *, key: str, since: datetime) -> Receipt | None:
        """Ask the container whether it was published, then look for the post among our media, newest first.

        A post matches with the same caption. Where there is none (a story, a picture alone), only a container that says
        it was published lets a post be ours.
        """
        try:
            state, _ = self._containers.state(part.handle)
            if state == "PUBLISHED":
                return self._containers.published(self._matches(part, since))
            if shape_of(part) == "STORIES" or not part.text.strip():
                if not state:
                    raise Unknown("Instagram no longer knows the container.", hint="Look at the account.")
                return None
            return self._containers.only(self._matches(part, since))
        except NetworkError as error:
            raise not_found_out(error) from None

    def _matches(self, part: Part, since: datetime | None) -> Iterator[Receipt]:
        """Give our media that say what *part* says, since *since*; without it, of the newest page."""
        story = shape_of(part) == "STORIES"
        fields = "id,caption,permalink,timestamp,media_product_type,media_type"
        path = f"{self._own_account()}/{'stories' if story else 'media'}"
        query = {"fields": fields, "limit": str(PAGE_SIZE)}
        for number, media in enumerate(self._graph.pages(path, query, most=PAGES)):
            at, identity = instant(media.get("timestamp")), identity_of(media, _MEDIA)
            if at is None or not identity:
                raise Unknown("Instagram shows our media in a form we do not know.")
            if (since is not None and at < since) or (since is None and number >= PAGE_SIZE):
                return
            same = _squeezed(str(media.get("caption") or "")) == _squeezed(part.text)
            if (story or same) and media.get("media_type") in types_of(part):
                yield self._receipt(media, identity)

    def measure(self, receipts: Sequence[Receipt]) -> list[Stat]:
        """Read the numbers of our media: 50 in a request over Facebook Login, one by one over Instagram Login."""
        wanted, products = [], {}
        for receipt in receipts:
            product = receipt.extra.get("product", "FEED")
            metrics = _METRICS.get(product, _POST_METRICS)
            if _MEDIA.fullmatch(receipt.id):
                products[receipt.id] = metrics
                wanted.append(Wanted(receipt.id, "like_count,comments_count", tuple(metrics)))
        stats: list[Stat] = []
        for numbers in self._insights.read(wanted):
            read = {
                "likes": number_of(numbers.fields.get("like_count")),
                "replies": number_of(numbers.fields.get("comments_count")),
            }
            for theirs, ours in products[numbers.id].items():
                if theirs in numbers.metrics:
                    read[ours] = numbers.metrics[theirs]
            stats += [Stat(numbers.id, metric, value) for metric, value in read.items() if value is not None]
        return stats

    # --- Listening ----------------------------------------------------------------------------------------------------

    def replies(self, receipts: Sequence[Receipt], *, since: datetime) -> list[InboxMessage]:
        """Read the comments below our media after *since*, and the answers to them: 50 media in a request.

        Over Instagram Login each is asked for on its own. An old comment may have a new answer, so the newest two
        hundred comments of each are read. Raises NotAllowed or TryLater.
        """
        media = {receipt.id: receipt.url for receipt in receipts if _MEDIA.fullmatch(receipt.id)}
        if not media:
            return []
        own, heard = self._own_name(), list[InboxMessage]()
        query = {"fields": f"{_SAID_FIELDS},replies.limit({PAGE_SIZE}){{{_SAID_FIELDS}}}"}
        for one, said in below(self._graph, list(media), "comments", query, in_batches=self._over_facebook):
            answers = of(said.get("replies"), "data")
            for words in (said, *(answers if isinstance(answers, list) else ())):
                if isinstance(words, dict) and words.get("username") != own:
                    heard += _COMMENT_FORM.said(words, "reply", since, about=one, where=media[one])
        return heard

    def mentions(self, *, since: datetime) -> list[InboxMessage]:
        """Read the media of others in which we are tagged, the newest two hundred; raises NotAllowed or TryLater.

        Who names us in words alone is told by webhooks only.
        """
        own = self._own_name()
        query = {"fields": "id,caption,username,timestamp,permalink"}
        tags = listed(self._graph, f"{self._own_account()}/tags", query, _TAG_FORM.before(since))
        return [said for tag in tags if tag.get("username") != own for said in _TAG_FORM.said(tag, "mention", since)]

    def demographics(self) -> list[Share]:
        """Read the groups of our followers; empty for an account with fewer than Instagram tells of.

        Raises NotAllowed or TryLater.
        """
        account = self._own_account()
        followers = number_of(of(self._graph.read(account, {"fields": "followers_count"}), "followers_count"))
        if followers is not None and followers < _default_limits().number("demographics_followers"):
            return []
        asked = {"metric": "follower_demographics", "period": "lifetime", "metric_type": "total_value"}
        shares: list[Share] = []
        for dimension in GROUPS:
            query = {**asked, "timeframe": "this_month", "breakdown": dimension}
            shares += groups_of(self._graph.read(f"{account}/insights", query), dimension)
        return shares

    def account(self) -> Account:
        """Read the account and how many posts a day it may publish; raises NotAllowed or TryLater."""
        identity = self._own_account()
        fields = "id,username,name,biography,website,followers_count,follows_count,media_count"
        own = self._graph.read(identity, {"fields": fields})
        name = of(own, "username")
        if not isinstance(own, dict) or not isinstance(name, str) or not USER_NAME.fullmatch(name):
            raise TryLater("Instagram does not say who we are.", after=DEFAULT_WAIT)
        try:
            total = self._containers.quota(self._quota_path())[1]
        except TryLater:
            total = 0
        return Account(
            id=identity,
            handle=name,
            name=str(own.get("name") or ""),
            url=f"https://www.instagram.com/{name}/",
            followers=number_of(own.get("followers_count")),
            following=number_of(own.get("follows_count")),
            posts=number_of(own.get("media_count")),
            limits={"posts_per_day": total} if total else {},
            profile={
                "name": str(own.get("name") or ""),
                "note": str(own.get("biography") or ""),
                "website": str(own.get("website") or ""),
            },
        )

    # --- Asking -------------------------------------------------------------------------------------------------------

    def _own_account(self) -> str:
        """Return the account's number: as the channel's file says (`account_id`), or as the token's own."""
        if not ID.fullmatch(self._account):
            self._account = self._account_of_token()
        return self._account

    def _own_name(self) -> str:
        """Return the name we write under, by which our own words are told from others'."""
        if not self._name:
            name = of(self._graph.read(self._own_account(), {"fields": "username"}), "username")
            if not isinstance(name, str) or not USER_NAME.fullmatch(name):
                raise TryLater("Instagram does not say who we are.", after=DEFAULT_WAIT)
            self._name = name
        return self._name

    def _quota_path(self) -> str:
        return f"{self._own_account()}/content_publishing_limit"

    def _account_of_token(self) -> str:
        fields = "id,instagram_business_account" if self._over_facebook else "user_id"
        try:
            answer = self._graph.read("me", {"fields": fields})
        except TryLater as error:
            if error.code.partition("/")[0] != "100":
                raise
            answer = None
        page = of(answer, "instagram_business_account")
        number = str(of(page, "id") if self._over_facebook else of(answer, "user_id"))
        if not ID.fullmatch(number):
            raise NotAllowed(
                "The token does not say which Instagram account it is for.",
                hint="Write `params: {account_id: …}` in the channel's file, or use the token of the account's Page.",
                code="account",
            )
        return number


# --- What a post looks like -------------------------------------------------------------------------------------------


def _is_over_facebook(login: Login) -> bool:
    given = login.settings.get("login")
    if given is None:
        return not login.token.strip().startswith("IG")
    if given not in {"facebook", "instagram"}:
        raise CredentialsError(
            f"`login` of channel {login.channel} is facebook or instagram.", hint="Correct it under `params:`."
        )
    return bool(given == "facebook")


def _squeezed(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def _default_limits() -> Limits:
    from socialops.networks import default_limits

    return default_limits("instagram")
