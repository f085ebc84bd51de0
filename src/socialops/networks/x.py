"""X, by its API v2, signed with OAuth 1.0a: its keys do not expire, so nothing has to be refreshed and written back.

X knows no keys for a request and answers a second one with "duplicate content", without saying where the first is. So
what became of a post is read from our own timeline; a channel whose tier cannot read says `reads: false` under
`params:`, and its unknown outcomes wait for a person.

X renames its objects from tweets to posts. We ask in the old words first and in the new ones where those are refused,
and read the answers in both.

Sources: docs.x.com (xdevplatform/docs 2871328 of 2026-08) with OpenAPI 2.167.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from socialops.errors import HttpError, NetworkError, NotAllowed, NotSent, Rejected, TryLater, Unknown
from socialops.http import MEDIA_DEADLINE, TEXT_DEADLINE, FileField
from socialops.networks import x_listening as listening
from socialops.networks.base import (
    DEFAULT_WAIT,
    LATEST,
    Account,
    Count,
    Idempotency,
    InboxMessage,
    Limits,
    Login,
    Option,
    Stat,
    address_of,
    instant,
    not_found_out,
    rfc3339,
    too_much,
    unread,
)
from socialops.networks.draft import Part, Receipt, Upload
from socialops.networks.oauth1 import Keys, Pairs, authorization, with_query
from socialops.networks.x_post import (
    ID,
    REPLY_SETTINGS,
    body_of,
    category_of,
    data_of,
    expanded,
    known_id,
    made_at,
    matches,
    number_of,
    problem_of,
    stats_of,
    text_of,
    withholds_fields,
    word_of,
)
from socialops.networks.x_refusals import refused, unreadable
from socialops.networks.x_text import find_cashtags, find_urls, weighted_length

if TYPE_CHECKING:
    from socialops.http import Http, Response

HOST_IS_A_CHOICE = False
HOME = "https://api.x.com"
SECRETS = ("CONSUMER_KEY", "CONSUMER_SECRET", "TOKEN", "TOKEN_SECRET")
OPTIONS: tuple[Option, ...] = (
    Option("reply_settings", "Who may reply; everyone, where nothing is said.", REPLY_SETTINGS),
    Option("quote", "The post that this one quotes: its address, or its number."),
    Option("labels", "Labels a post must carry by law.", ("paid-partnership", "ai-made")),
)

BATCH = 100
"""Posts one request may ask for by id (GET /2/tweets: ids.maxItems)."""
PAGE = 100
PAGES = 10
"""How many pages of our timeline we look through before we say that we cannot tell."""
CHUNK = 1024 * 1024
"""Bytes of media a request carries: as in X's own example; larger ones have been answered with 431."""
MEDIA_WAITS = (1, 1, 2, 3, 5, 8, 10, 15, 20, 25)
"""Seconds between two questions whether media are ready: a minute and a half in all."""
LEAST = 10.0
"""Seconds that must be left of the deadline for media to send some more."""
PRIVATE = timedelta(days=29)
"""How old a post may be to ask for its clicks: X refuses the whole request beyond thirty days."""

_PLACE = "X"
_USERNAME = re.compile(r"[A-Za-z0-9_]{1,15}")
_OLD_FIELDS = "attachments,conversation_id,created_at,entities,note_tweet,referenced_tweets"
_NEW_FIELDS = "attachments,conversation_id,created_at,entities,note_post"
_USER_FIELDS = "description,entities,location,name,public_metrics,url,username"


def connect(login: Login, http: Http) -> X:
    """Return the account of *login*; no request is made yet. Raises CredentialsError for a host that cannot be."""
    return X(login, http)


def counts(part: Part, limits: Limits) -> Sequence[Count]:
    """Count a part as twitter-text does; only the largest alt text and poll option are told."""
    url_length = limits.number("url_length") if limits.has("url_length") else 23
    used = {
        "text": weighted_length(part.text, url_length=url_length),
        "cashtags": len(find_cashtags(part.text)),
    }
    if part.attachments:
        used["attachments"] = len(part.attachments)
        used["alt_text"] = max(len(attachment.alt) for attachment in part.attachments)
    if part.poll:
        used["poll_options"] = len(part.poll.options)
        used["poll_option"] = max((_wide(option) for option in part.poll.options), default=0)
    return limits.counted(used)


links = find_urls
"""What X makes links of in a text: an address may end sooner there than where its writer ended it."""


def cost(part: Part, limits: Limits) -> Decimal:
    """Return what X charges for publishing a part, in US dollars: more with a link, and a little for each alt text."""
    name = "cost_post_with_link" if find_urls(part.text) else "cost_post"
    described = sum(1 for item in part.attachments if item.alt and not item.mime.startswith("video/"))
    return _price(limits, name) + described * _price(limits, "cost_alt_text")


def _price(limits: Limits, name: str) -> Decimal:
    return Decimal(str(limits.entries[name].value)) if limits.has(name) else Decimal(0)


def _wide(option: str) -> int:
    return max(len(option), weighted_length(option))


class X:
    """One account. *wait* sleeps between two questions whether media are ready; *clock* gives seconds since 1970."""

    name = "x"
    key_lifetime = 0

    def __init__(
        self,
        login: Login,
        http: Http,
        *,
        wait: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.time,
        nonce: Callable[[], str] = secrets.token_hex,
    ) -> None:
        self._http = http
        self._base = address_of(login, default=HOME)
        given = {kind: login.secrets.get(kind, "").strip() for kind in SECRETS}
        self._keys = Keys(given["CONSUMER_KEY"], given["CONSUMER_SECRET"], login.token.strip(), given["TOKEN_SECRET"])
        handle = login.handle.strip().removeprefix("@")
        self._handle = handle if _USERNAME.fullmatch(handle) else ""
        self._reads = login.settings.get("reads") is not False
        self._premium = login.settings.get("premium") is True
        self._wait, self._clock, self._nonce = wait, clock, nonce
        self._own = ""
        self._sees_clicks = True
        self._told: set[str] = set()
        self._namings: tuple[str, ...] = ("tweet", "post")

    def __repr__(self) -> str:
        return f"X(@{self._handle})"

    @property
    def idempotency(self) -> Idempotency:
        """READBACK; NONE where the channel says that its tier cannot read."""
        return Idempotency.READBACK if self._reads else Idempotency.NONE

    def key(self, delivery: str, part: int, at: datetime) -> str:
        """Return a key of 64 hexadecimal digits; X is never told, it only names the part in the ledger."""
        return hashlib.sha256(f"{delivery}\n{part}".encode()).hexdigest()

    # --- Publishing ---------------------------------------------------------------------------------------------------

    def publish(self, part: Part, *, key: str) -> Receipt:
        """Upload the media, then send the post once.

        Until the post is sent nothing is visible, so whatever becomes of an upload, the post may be tried again.
        """
        body = body_of(part, self._limits().texts("kinds"))
        if part.uploads:
            ends = time.monotonic() + MEDIA_DEADLINE
            body["media"] = {"media_ids": [self._upload(upload, ends) for upload in part.uploads]}
        try:
            response = self._send("POST", "/2/tweets", json_body=body)
        except NotSent as error:
            raise TryLater(error.message, after=DEFAULT_WAIT, hint=error.hint) from None
        except HttpError as error:
            raise Unknown(error.message, hint=error.hint) from None
        if 200 <= response.status < 300:
            receipt = self._receipt(data_of(response.json()))
            if receipt is None:
                raise Unknown(f"{_PLACE} answered, but not with a post.", code=str(response.status))
            return receipt
        raise refused(response, part, too_much(counts(part, self._limits())))

    def delete(self, receipt: Receipt) -> None:
        """Delete a post; one that is gone already is fine. Raises NotAllowed, TryLater or Unknown."""
        try:
            response = self._send("DELETE", f"/2/tweets/{known_id(receipt.id)}")
        except NotSent as error:
            raise TryLater(error.message, after=DEFAULT_WAIT, hint=error.hint) from None
        except HttpError as error:
            raise Unknown(error.message, hint=error.hint) from None
        if response.status in {404, 410} or 200 <= response.status < 300:
            return
        if response.status in {401, 402, 403, 429}:
            raise unreadable(response)
        raise Unknown(f"{_PLACE} did not say that the post is deleted ({response.status}).", code=str(response.status))

    # --- Media --------------------------------------------------------------------------------------------------------

    def _upload(self, upload: Upload, ends: float) -> str:
        """Upload a picture or video piece by piece, wait until X has read it, and say what it shows; return its id."""
        category = category_of(upload)
        size = len(upload.data)
        announced = {"media_type": upload.mime, "total_bytes": size, "media_category": category}
        name = str(self._media(upload, ends, "/initialize", json_body=announced).get("id"))
        if not ID.fullmatch(name):
            raise TryLater(f"{_PLACE} took a file without naming it.", after=DEFAULT_WAIT)
        for index, begin in enumerate(range(0, size, CHUNK)):
            piece = {"media": ("media", upload.data[begin : begin + CHUNK], "application/octet-stream")}
            self._media(upload, ends, f"/{name}/append", form={"segment_index": str(index)}, files=piece)
        done = self._media(upload, ends, f"/{name}/finalize")
        self._until_ready(upload, name, done.get("processing_info"), ends)
        if upload.alt and category != "tweet_video":
            described = {"id": name, "metadata": {"alt_text": {"text": upload.alt}}}
            self._media(upload, ends, "", path="/2/media/metadata", json_body=described)
        return name

    def _until_ready(self, upload: Upload, name: str, info: object, ends: float) -> None:
        """Wait while X works on what was uploaded; raises Rejected when it cannot use it, TryLater when it is slow."""
        left = float(sum(MEDIA_WAITS))
        for pause in (*MEDIA_WAITS, None):
            state = info.get("state") if isinstance(info, dict) else None
            if info is None or state == "succeeded":
                return
            if state == "failed":
                word = word_of(info.get("error"), "name") if isinstance(info, dict) else ""
                raise Rejected(
                    f"{_PLACE} cannot use a file ({word or 'failed'}): {upload.mime}, {len(upload.data)} bytes.",
                    hint="Export it again: H.264 and AAC in an MP4, at most 140 seconds, 60 frames a second.",
                    code=word or "failed",
                )
            wanted = info.get("check_after_secs") if isinstance(info, dict) else None
            seconds = max(pause or 0, min(number_of(wanted) or 0, LATEST.seconds))
            if pause is None or seconds > left:
                raise TryLater(f"{_PLACE} still works on a file.", after=max(DEFAULT_WAIT, timedelta(seconds=seconds)))
            self._wait(seconds)
            left -= seconds
            status = [("command", "STATUS"), ("media_id", name)]
            info = self._media(upload, ends, "", "GET", query=status).get("processing_info")

    def _media(
        self,
        upload: Upload,
        ends: float,
        step: str,
        method: str = "POST",
        *,
        path: str = "/2/media/upload",
        query: Pairs = (),
        json_body: object = None,
        form: Mapping[str, str] | None = None,
        files: Mapping[str, FileField] | None = None,
    ) -> Mapping[str, Any]:
        """Take one step of an upload and return its data. Nothing of it is visible, so no outcome is unknown."""
        left = ends - time.monotonic()
        if left < LEAST:
            raise TryLater(f"{_PLACE} is too slow today: nothing was sent.", after=DEFAULT_WAIT)
        try:
            response = self._send(
                method, f"{path}{step}", query=query, json_body=json_body, form=form, files=files, deadline=left
            )
        except HttpError as error:
            raise TryLater(f"A file did not arrive: {error.message}", after=DEFAULT_WAIT, hint=error.hint) from None
        if 200 <= response.status < 300:
            return data_of(response.json())
        if response.status in {400, 404, 413, 415, 422}:
            code = problem_of(response.status, response.json())[0]
            raise Rejected(
                f"{_PLACE} refuses a file ({code}): {upload.mime}, {upload.width} × {upload.height} pixels, "
                f"{len(upload.data)} bytes.",
                hint="Make it smaller, or export it again as JPEG, or as MP4 with H.264 and AAC.",
                code=code,
            )
        raise unreadable(response)

    # --- Looking ------------------------------------------------------------------------------------------------------

    def find(self, part: Part, *, key: str, since: datetime) -> Receipt | None:
        """Look through our own timeline since *since*.

        A post matches when it is in the same place of the thread, with as many media, a poll or none, the same quoted
        post and the same text, once X's short links are replaced by what they stand for.
        """
        if not self._reads:
            raise Unknown(f"This account may not read on {_PLACE}.", hint="Look at the account yourself.")
        try:
            found = [
                receipt for post in self._timeline(since) if (receipt := self._receipt(post)) and matches(post, part)
            ]
        except NotAllowed as error:
            hint = "If the account's tier cannot read, write `reads: false` under `params:` of the channel."
            raise Unknown(error.message, hint=hint, code=error.code) from None
        except NetworkError as error:
            raise not_found_out(error) from None
        if len(found) > 1:
            raise Unknown(
                f"{_PLACE} shows {len(found)} posts like this one.",
                hint="Look which of them is ours, and delete the other by hand if it is a copy.",
                code="ambiguous",
            )
        return found[0] if found else None

    def _timeline(self, since: datetime) -> Iterator[Mapping[str, Any]]:
        """Give our posts since *since*, newest first; raises Unknown when they are not all to be seen."""
        begin = since.astimezone(UTC).replace(microsecond=0)
        query = [
            ("exclude", "retweets"),
            ("max_results", str(PAGE)),
            ("start_time", begin.isoformat().replace("+00:00", "Z")),
        ]
        for page in self._pages("tweets", query, PAGES, _OLD_FIELDS, _NEW_FIELDS):
            meta, posts = page.get("meta"), page.get("data", [])
            if not isinstance(meta, dict) or not isinstance(posts, list):
                raise Unknown(f"{_PLACE} shows our timeline in a form we do not know.")
            for post in posts:
                created = instant(post.get("created_at")) if isinstance(post, dict) else None
                if created is None:
                    raise Unknown(f"{_PLACE} shows our posts in a form we do not know.")
                if created >= begin:
                    yield post
            if not text_of(meta.get("next_token")):
                return
        raise Unknown(f"{_PLACE} has more than {PAGE * PAGES} posts of ours in that time.")

    def _pages(self, edge: str, query: Pairs, most: int, old: str, new: str) -> Iterator[Mapping[str, Any]]:
        """Give the pages of one of our timelines, *most* at most; raises NotAllowed or TryLater."""
        path, following = f"/2/users/{self._own_id()}/{edge}", ""
        for _ in range(most):
            page = [("pagination_token", following)] if following else []
            answer = self._posts(path, [*query, *page], old, new)
            yield answer
            meta = answer.get("meta")
            following = text_of(meta.get("next_token")) if isinstance(meta, dict) else ""
            if not following:
                return

    # --- Listening ----------------------------------------------------------------------------------------------------

    def replies(self, receipts: Sequence[Receipt], *, since: datetime) -> list[InboxMessage]:
        """Read who answered our posts after *since*, from our mentions: as many requests, however many *receipts*.

        Raises NotAllowed or TryLater.
        """
        ours = {receipt.id for receipt in receipts if ID.fullmatch(receipt.id)}
        pages = self._mentioned(since) if ours else ()
        told = [said for page in pages for said in listening.answers(page, ours, self._own, self._handle, since)]
        self._told.update(said.id for said in told)
        return told

    def mentions(self, *, since: datetime) -> list[InboxMessage]:
        """Read who named us after *since*, the newest 800 at most, but for what was told as an answer.

        Raises NotAllowed or TryLater.
        """
        heard = [said for page in self._mentioned(since) for said in listening.mentions(page, self._own, since)]
        return [said for said in heard if said.id not in self._told]

    def _mentioned(self, since: datetime) -> Iterator[Mapping[str, Any]]:
        if not self._reads:
            hint = "Take `reads: false` out of the channel's `params:` when its tier can read."
            raise NotAllowed(f"This account may not read on {_PLACE}.", hint=hint, code="reads")
        begin = since.astimezone(UTC).replace(microsecond=0)
        query = [
            ("expansions", listening.EXPANSIONS),
            ("max_results", str(listening.PAGE)),
            ("start_time", begin.isoformat().replace("+00:00", "Z")),
            ("user.fields", listening.USER_FIELDS),
        ]
        yield from self._pages("mentions", query, listening.PAGES, listening.OLD_FIELDS, listening.NEW_FIELDS)

    def measure(self, receipts: Sequence[Receipt]) -> list[Stat]:
        """Read the counters of our posts, BATCH at a time, newest first; clicks only while X tells them."""
        named = sorted((r.id for r in receipts if ID.fullmatch(r.id)), key=int, reverse=True)
        recent = datetime.fromtimestamp(self._clock(), UTC) - PRIVATE
        stats: list[Stat] = []
        for begin in range(0, len(named), BATCH):
            batch = named[begin : begin + BATCH]
            # One post too old, and X refuses the numbers of all.
            answer = self._numbers(batch, private=self._sees_clicks and made_at(batch[-1]) > recent)
            includes = answer.get("includes")
            posts = answer.get("data")
            for post in posts if isinstance(posts, list) else ():
                if isinstance(post, dict) and post.get("id") in batch:
                    stats += stats_of(post, includes if isinstance(includes, dict) else {})
        return stats

    def _numbers(self, batch: Sequence[str], *, private: bool) -> Mapping[str, Any]:
        """Read the counters of a batch; those that are not for everybody only while X shows them to us."""
        names = f"attachments,{'non_public_metrics,' if private else ''}public_metrics"
        query = [
            ("expansions", "attachments.media_keys,attachments.poll_ids"),
            ("ids", ",".join(batch)),
            ("media.fields", "public_metrics"),
            ("poll.fields", "options"),
        ]
        try:
            answer = self._posts("/2/tweets", query, names, names)
            refused = private and withholds_fields(answer)
        except TryLater as error:
            refused = private and error.code.startswith("400")
            if not refused:
                raise
        if refused:
            self._sees_clicks = False
            return self._numbers(batch, private=False)
        return answer

    def account(self) -> Account:
        """Read our account; raises NotAllowed or TryLater."""
        fields = [f"{_USER_FIELDS},subscription_type", _USER_FIELDS]
        user = data_of(self._read("/2/users/me", *([("user.fields", names)] for names in fields))[0])
        identity, username = user.get("id"), user.get("username")
        if not isinstance(identity, str) or not ID.fullmatch(identity) or not isinstance(username, str):
            raise TryLater(f"{_PLACE} does not say who we are.", after=DEFAULT_WAIT)
        self._own = identity
        numbers = user.get("public_metrics")
        numbers = numbers if isinstance(numbers, dict) else {}
        premium = text_of(user.get("subscription_type")) in {"Premium", "PremiumPlus"}
        page = f"https://x.com/{username}" if _USERNAME.fullmatch(username) else f"https://x.com/i/user/{identity}"
        return Account(
            id=identity,
            handle=f"@{username}",
            name=text_of(user.get("name")),
            url=page,
            followers=number_of(numbers.get("followers_count")),
            following=number_of(numbers.get("following_count")),
            posts=number_of(numbers.get("tweet_count", numbers.get("post_count"))),
            limits={"text": self._limits(premium=True).number("text")} if premium else {},
            profile={
                "name": text_of(user.get("name")),
                "note": expanded(text_of(user.get("description")), user, "description"),
                "url": expanded(text_of(user.get("url")), user, "url"),
                "location": text_of(user.get("location")),
            },
        )

    # --- Asking -------------------------------------------------------------------------------------------------------

    def _own_id(self) -> str:
        if not self._own:
            self.account()
        return self._own

    def _limits(self, *, premium: bool = False) -> Limits:
        from socialops.networks import default_limits

        limits = default_limits("x")
        return limits.for_premium() if premium or self._premium else limits

    def _send(
        self,
        method: str,
        path: str,
        *,
        query: Pairs = (),
        json_body: object = None,
        form: Mapping[str, str] | None = None,
        files: Mapping[str, FileField] | None = None,
        deadline: float = TEXT_DEADLINE,
    ) -> Response:
        """Sign and do one exchange. Reads are not repeated either: a nonce that X saw once makes the second a 401."""
        url = with_query(f"{self._base}{path}", query)
        header = authorization(method, url, self._keys, nonce=self._nonce(), timestamp=int(self._clock()))
        return self._http.send(
            method,
            url,
            headers={"Authorization": header},
            json_body=json_body,
            form=form,
            files=files,
            deadline=deadline,
        )

    def _posts(self, path: str, query: Pairs, old: str, new: str) -> Mapping[str, Any]:
        """Read posts, naming their fields in the words that X took last."""
        fields = {"tweet": old, "post": new}
        wanted = [[*query, (f"{naming}.fields", fields[naming])] for naming in self._namings]
        answer, taken = self._read(path, *wanted)
        if taken:
            self._namings = self._namings[::-1]
        if not isinstance(answer, dict):
            raise TryLater(f"{_PLACE} cannot be read now: its answer is no JSON.", after=DEFAULT_WAIT)
        return answer

    def _read(self, path: str, *queries: Pairs) -> tuple[Any, int]:
        """Read something as JSON with the first query that X understands, and tell which that was.

        Raises NotAllowed or TryLater.
        """
        for taken, query in enumerate(queries):
            try:
                response = self._send("GET", path, query=query)
            except HttpError as error:
                raise unread(error, _PLACE) from None
            if response.status == 200:
                return response.json(), taken
            if response.status != 400:
                break
        raise unreadable(response)

    def _receipt(self, post: Mapping[str, Any]) -> Receipt | None:
        """Return the receipt of a post; its time is in its number."""
        identity = post.get("id")
        if not isinstance(identity, str) or not ID.fullmatch(identity):
            return None
        where = f"{self._handle}/status" if self._handle else "i/web/status"
        return Receipt(identity, f"https://x.com/{where}/{identity}", rfc3339(made_at(identity)))
