"""Bluesky, and every other place that speaks the AT Protocol.

A post is a record in our own repository under a key that we choose: a TID, fixed when the post is claimed. Writing it
with `putRecord` and `swapRecord: null` means "only if nothing is there": the same record sent again is the same record,
for ever.

Bluesky has no content warning in words, and its labels (porn, sexual, nudity, graphic-media) say *what* is to be seen:
putting one on a post that merely gives away the end of a film would be untrue and would hide the post from most people.
So no label is set, unless the post itself names one (`content_label`). A warning stands in the text (compose puts it
there), and `sensitive` changes nothing here.

Sources: lexicons of bluesky-social/atproto (2026-08), docs.bsky.app (posts, rich text, rate limits).
"""

from __future__ import annotations

import contextlib
import hashlib
import math
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from socialops.content.text import graphemes, utf8_length
from socialops.errors import HttpError, NetworkError, NotAllowed, NotSent, Rejected, TryLater, Unknown
from socialops.http import MEDIA_DEADLINE, TEXT_DEADLINE
from socialops.networks import bluesky_listening, bluesky_video
from socialops.networks.base import (
    DEFAULT_WAIT,
    Account,
    Count,
    Idempotency,
    InboxMessage,
    Limits,
    Login,
    Stat,
    Trend,
    address_of,
    not_found_out,
    rfc3339,
    too_much,
    unread,
    wait_of,
)
from socialops.networks.bluesky_record import CID, DID, TID, Session, facets, session_of, tid, tid_instant
from socialops.networks.bluesky_settings import GATES, OPTIONS, gates_of, labels_of
from socialops.networks.draft import Part, Receipt, Upload

if TYPE_CHECKING:
    from socialops.http import Http, Response

__all__ = ("HOME", "HOST_IS_A_CHOICE", "OPTIONS", "SECRETS", "Bluesky", "connect", "counts")

HOST_IS_A_CHOICE = True

HOME = "https://bsky.social"
SECRETS = ("TOKEN",)
COLLECTION = "app.bsky.feed.post"
BATCH = 25
"""Posts one request may ask for (lexicon app.bsky.feed.getPosts: uris.maxLength)."""
LEAST = 10.0
"""Seconds that must be left of a send's deadline to write the record; with less it is not begun."""

_HANDLE = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]{0,63}")
_LOGIN_TROUBLE = {
    "AuthMissing",
    "AuthenticationRequired",
    "AccountTakedown",
    "AccountDeactivated",
    "AccountSuspended",
    "AuthFactorTokenRequired",
    "InvalidToken",
    "ExpiredToken",
}


def connect(login: Login, http: Http) -> Bluesky:
    """Return the account of *login*; no request is made yet. Raises CredentialsError for a host that cannot be."""
    return Bluesky(login, http)


def counts(part: Part, limits: Limits) -> Sequence[Count]:
    """Count a part as the lexicon app.bsky.feed.post does: characters and, apart from them, bytes of UTF-8.

    A content warning is no part of the text here; only the largest alt text is told.
    """
    used = {"text": graphemes(part.text), "text_bytes": utf8_length(part.text)}
    if part.attachments:
        used["attachments"] = len(part.attachments)
        used["alt_text"] = max(graphemes(attachment.alt) for attachment in part.attachments)
    return limits.counted(used)


class Bluesky:
    """One account. It logs in with an app password when it is first needed, and stays logged in.

    *wait* sleeps between two questions whether a video is ready.
    """

    name = "bluesky"
    key_lifetime = 0

    def __init__(self, login: Login, http: Http, *, wait: Callable[[float], None] = time.sleep) -> None:
        self._http = http
        self._wait = wait
        self._host = address_of(login, default=HOME)
        self._place = urlsplit(self._host).netloc
        self._handle = login.handle.strip().removeprefix("@")
        self._password = login.token.strip()
        self._current: Session | None = None
        self._dids: dict[str, str] = {}
        self._ends = math.inf

    def __repr__(self) -> str:
        return f"Bluesky({self._handle})"

    @property
    def idempotency(self) -> Idempotency:
        """KEY, without an end: a record key is taken once."""
        return Idempotency.KEY

    def key(self, delivery: str, part: int, at: datetime) -> str:
        """Return the record key of a part: a TID of the second of its claim.

        Many posts are claimed at the same moment, and ten bits of clock are too few to keep them apart. So the
        microseconds come from the delivery as well; a part is a millisecond after the one before, so that a thread
        sorts as it reads.
        """
        mark = int.from_bytes(hashlib.sha256(delivery.encode("utf-8", "surrogatepass")).digest()[:8], "big")
        second = int(at.timestamp())
        return tid(second * 1_000_000 + mark % 900_000 + part * 1000, mark // 900_000)

    # --- Publishing ---------------------------------------------------------------------------------------------------

    def publish(self, part: Part, *, key: str) -> Receipt:
        """Log in, upload the pictures, resolve the mentions, then write the record once.

        Until the record is written nothing is visible, so whatever fails before may be tried again.
        """
        if not TID.fullmatch(key):
            raise Rejected(
                "The key of this post is no record key.", hint="The ledger may be damaged: look at its file."
            )
        if part.attachments and len(part.uploads) != len(part.attachments):
            raise Rejected("The pictures of this post were not made ready.", hint="Run `socialops check` on the post.")
        if len(part.uploads) > 1 and any(upload.mime.startswith("video/") for upload in part.uploads):
            raise Rejected("Bluesky shows one video by itself.", hint="Take out the other media, or make a thread.")
        # One deadline for the whole send, whatever has to be asked on the way: a claim's lease is reckoned with it.
        self._ends = time.monotonic() + TEXT_DEADLINE + (MEDIA_DEADLINE if part.uploads else 0.0)
        try:
            return self._publish(part, key)
        finally:
            self._ends = math.inf

    def _publish(self, part: Part, key: str) -> Receipt:
        session = self._login()
        media = [self._file(upload, deadline=MEDIA_DEADLINE / len(part.uploads)) for upload in part.uploads]
        body = {
            "repo": session.did,
            "collection": COLLECTION,
            "rkey": key,
            "swapRecord": None,
            "record": self._record(part, key, media),
        }
        self._close(part, key)
        if self._left(TEXT_DEADLINE) < LEAST:
            raise TryLater(f"{self._place} is too slow today: nothing was sent.", after=DEFAULT_WAIT)
        try:
            response = self._send("POST", "com.atproto.repo.putRecord", json_body=body)
        except NotSent as error:
            raise TryLater(error.message, after=DEFAULT_WAIT, hint=error.hint) from None
        except HttpError as error:
            raise Unknown(error.message, hint=error.hint) from None
        if response.status == 200:
            receipt = self._receipt(response.json(), key)
            if receipt is None:
                raise Unknown(f"{self._place} answered, but not with a record.", code="200")
            return receipt
        if response.status == 400 and _error_name(response) == "InvalidSwap":
            # A record is there already: ours from an earlier attempt, made from other bytes (a mention that now
            # resolves otherwise, say).
            found = self.find(part, key=key, since=tid_instant(key))
            if found is None:
                raise Unknown(f"{self._place} says that the post is there, and does not show it.", code="InvalidSwap")
            return found
        raise self._refused(response, part)

    def _close(self, part: Part, key: str) -> None:
        """Write who may answer and quote, before there is anything to answer or quote; the same again on each attempt.

        Raises Rejected, NotAllowed or TryLater.
        """
        session = self._login()
        gates = gates_of(part, f"at://{session.did}/{COLLECTION}/{key}", rfc3339(tid_instant(key)))
        for collection, record in gates.items():
            body = {"repo": session.did, "collection": collection, "rkey": key, "record": record}
            try:
                response = self._send("POST", "com.atproto.repo.putRecord", json_body=body)
            except HttpError as error:
                raise unread(error, self._place) from None
            if response.status != 200:
                said = self._refused(response, part)
                raise said if not isinstance(said, Unknown) else self._read_error(response)

    def _refused(self, response: Response, part: Part) -> NetworkError:
        """Say what an answer to the record itself means for the caller."""
        code = _error_name(response) or str(response.status)
        if response.status in {401, 403} or (response.status == 400 and code in _LOGIN_TROUBLE):
            return self._locked_out(code)
        if response.status == 429:
            return TryLater(f"{self._place} wants us to wait ({code}).", after=wait_of(response.headers), code=code)
        if code == "BlobNotFound":
            # Uploads that no record names are swept away; the next attempt uploads them again.
            return TryLater(f"{self._place} has lost a picture ({code}).", after=DEFAULT_WAIT, code=code)
        if 400 <= response.status < 500 and response.status not in {408, 409, 425, 499}:
            over = too_much(counts(part, _default_limits()))
            why = f"; {over}" if over else ""
            return Rejected(
                f"{self._place} refuses the post ({code}){why}.",
                hint="Run `socialops check`: it knows Bluesky's limits on text, bytes, tags and pictures.",
                code=code,
            )
        return Unknown(f"{self._place} gave an answer that says nothing sure ({code}).", code=code)

    def _locked_out(self, code: str) -> NotAllowed:
        return NotAllowed(
            f"{self._place} refuses our credentials ({code}).",
            hint="Make a new app password (Settings, Privacy and security) and store it as the channel's secret.",
            code=code,
        )

    def _record(self, part: Part, key: str, media: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        record: dict[str, Any] = {
            "$type": COLLECTION,
            "text": part.text,
            "createdAt": rfc3339(tid_instant(key)),
        }
        if part.lang:
            record["langs"] = [part.lang]
        handles = {span.target for span in part.spans if span.kind == "mention"}
        made = facets(part.text, part.spans, {handle: did for handle in handles if (did := self._resolve(handle))})
        if made:
            record["facets"] = made
        record |= labels_of(part)
        if part.reply:
            record["reply"] = {"root": _reference(part.reply.root), "parent": _reference(part.reply.parent)}
        if media and part.uploads[0].mime.startswith("video/"):
            record["embed"] = {"$type": "app.bsky.embed.video", **media[0]}
        elif media:
            record["embed"] = {"$type": "app.bsky.embed.images", "images": list(media)}
        elif part.card:
            card = {"uri": part.card.url, "title": part.card.title, "description": part.card.description}
            record["embed"] = {"$type": "app.bsky.embed.external", "external": card}
        return record

    def _file(self, upload: Upload, *, deadline: float) -> dict[str, Any]:
        """Upload one picture or video; return it as it stands in a record.

        A video of an account on one of Bluesky's servers goes through their video service (bluesky_video.py); every
        other server takes it as a picture.
        """
        film = upload.mime.startswith("video/")
        if film and bluesky_video.is_served(self._login().home):
            shape = {"width": upload.width, "height": upload.height}
            return {"alt": upload.alt, "video": self._film(upload), "aspectRatio": shape}
        what = "video" if film else "picture"
        try:
            response = self._send(
                "POST",
                "com.atproto.repo.uploadBlob",
                content=upload.data,
                content_type=upload.mime,
                deadline=deadline,
            )
        except HttpError as error:
            raise TryLater(f"A {what} did not arrive: {error.message}", after=DEFAULT_WAIT, hint=error.hint) from None
        answer = response.json()
        blob = answer.get("blob") if isinstance(answer, dict) else None
        if response.status == 200 and isinstance(blob, dict) and blob.get("$type") == "blob":
            size = {"width": upload.width, "height": upload.height}
            return {"alt": upload.alt, "video" if film else "image": blob, "aspectRatio": size}
        code = _error_name(response) or str(response.status)
        if response.status in {400, 413, 415, 422} and code not in _LOGIN_TROUBLE:
            raise Rejected(
                f"{self._place} refuses a {what} ({code}): {upload.mime}, {upload.width} × {upload.height} pixels, "
                f"{len(upload.data)} bytes.",
                hint=f"Make it smaller, or save it as {'MP4 with H.264 and AAC' if film else 'JPEG'}.",
                code=code,
            )
        raise self._read_error(response)

    def _film(self, upload: Upload) -> Mapping[str, Any]:
        """Let the video service make a blob of a video; raises Rejected, NotAllowed or TryLater."""
        session = self._login()
        service = f"did:web:{urlsplit(bluesky_video.SERVICE).netloc}"
        token = self._service_token(bluesky_video.token_query(service, "app.bsky.video.getUploadLimits", None))
        now = bluesky_video.look_at_limits(self._http, token, self._left(TEXT_DEADLINE))
        home = f"did:web:{urlsplit(session.home).hostname}"
        token = self._service_token(bluesky_video.token_query(home, "com.atproto.repo.uploadBlob", now))
        return bluesky_video.processed(self._http, session.did, token, upload, left=self._left, wait=self._wait)

    def _service_token(self, query: Mapping[str, str]) -> str:
        answer, _ = self._read("com.atproto.server.getServiceAuth", query)
        token = answer.get("token") if isinstance(answer, dict) else None
        if not isinstance(token, str) or not token.isascii() or not token.isprintable():
            raise TryLater(f"{self._place} makes no token for the video service.", after=DEFAULT_WAIT)
        return token

    def _resolve(self, handle: str) -> str:
        """Return the DID of a handle; an empty text when there is no such account.

        Raises TryLater when that cannot be found out now: a mention is not dropped because a server was busy.
        """
        if len(handle) > 253 or not _HANDLE.fullmatch(handle):
            return ""
        if handle not in self._dids:
            answer, name = self._read("com.atproto.identity.resolveHandle", {"handle": handle}, missing=("*",))
            did = answer.get("did") if isinstance(answer, dict) else None
            self._dids[handle] = did if isinstance(did, str) and not name and DID.fullmatch(did) else ""
        return self._dids[handle]

    def delete(self, receipt: Receipt) -> None:
        """Delete a record; one that is gone already is fine. Raises NotAllowed, TryLater or Unknown."""
        session = self._login()
        key = receipt.id.removeprefix(f"at://{session.did}/{COLLECTION}/")
        if not TID.fullmatch(key):
            raise Rejected("That receipt does not name a post of this account.", hint="Delete the post by hand.")
        body = {"repo": session.did, "collection": COLLECTION, "rkey": key}
        try:
            response = self._send("POST", "com.atproto.repo.deleteRecord", json_body=body)
        except NotSent as error:
            raise TryLater(error.message, after=DEFAULT_WAIT, hint=error.hint) from None
        except HttpError as error:
            raise Unknown(error.message, hint=error.hint) from None
        if response.status == 200:
            for collection in GATES:
                # A gate without its post is nothing that anybody sees: what becomes of it does not matter.
                with contextlib.suppress(HttpError):
                    self._send("POST", "com.atproto.repo.deleteRecord", json_body={**body, "collection": collection})
            return
        if 400 <= response.status < 500:
            raise self._read_error(response)
        raise Unknown(f"{self._place} did not say that the post is deleted ({response.status}).")

    # --- Looking ------------------------------------------------------------------------------------------------------

    def find(self, part: Part, *, key: str, since: datetime) -> Receipt | None:
        """Read the record under *key* from our own repository, which shows at once what was written.

        Raises Unknown also when the record there is not this part.
        """
        try:
            session = self._login()
            where = {"repo": session.did, "collection": COLLECTION, "rkey": key}
            answer, name = self._read("com.atproto.repo.getRecord", where, missing=("RecordNotFound",))
        except NetworkError as error:
            raise not_found_out(error) from None
        if name:
            return None
        receipt = self._receipt(answer, key)
        value = answer.get("value") if isinstance(answer, dict) else None
        if receipt is None or not isinstance(value, dict):
            raise Unknown(f"{self._place} shows our record in a form we do not know.")
        if value.get("text") != part.text:
            raise Unknown(
                f"{self._place} holds another post under the key of this one.",
                hint="Look at the account: was the post published by hand?",
                code="ambiguous",
            )
        return receipt

    def measure(self, receipts: Sequence[Receipt]) -> list[Stat]:
        """Read the counters of our posts, BATCH at a time.

        A server without an application behind it (a bare PDS) has no counters: then there are no numbers.
        """
        return [stat for post in self._posts(receipts) for stat in _stats(post)]

    def _posts(self, receipts: Sequence[Receipt]) -> Iterator[Mapping[str, Any]]:
        wanted = [receipt.id for receipt in receipts if receipt.id.startswith("at://")]
        for begin in range(0, len(wanted), BATCH):
            batch = wanted[begin : begin + BATCH]
            answer, name = self._read("app.bsky.feed.getPosts", {"uris": batch}, missing=("*",))
            posts = answer.get("posts") if isinstance(answer, dict) and not name else None
            for post in posts if isinstance(posts, list) else ():
                if isinstance(post, dict) and post.get("uri") in batch:
                    yield post

    def account(self) -> Account:
        """Log in, and read our profile; the numbers are None where no application shows them."""
        session = self._login()
        profile: Mapping[str, Any] = {}
        try:
            answer, name = self._read("app.bsky.actor.getProfile", {"actor": session.did}, missing=("*",))
        except TryLater:
            answer, name = None, "none"
        if isinstance(answer, dict) and not name:
            profile = answer
        return Account(
            id=session.did,
            handle=session.handle,
            name=str(profile.get("displayName") or ""),
            url=self._page(session.did),
            followers=_number(profile.get("followersCount")),
            following=_number(profile.get("followsCount")),
            posts=_number(profile.get("postsCount")),
            profile={
                "name": str(profile.get("displayName") or ""),
                "note": str(profile.get("description") or ""),
            },
        )

    # --- Listening ----------------------------------------------------------------------------------------------------

    def replies(self, receipts: Sequence[Receipt], *, since: datetime) -> list[InboxMessage]:
        """Read what was answered to our posts: their counters BATCH at a time, then the threads with answers."""
        own = self._login().did
        return bluesky_listening.replies(self._read, own, self._posts(receipts), receipts, since)

    def mentions(self, *, since: datetime) -> list[InboxMessage]:
        """Read which posts named us, newest first."""
        return bluesky_listening.mentions(self._read, self._login().did, since)

    def trends(self) -> list[Trend]:
        """Read the topics of the day."""
        return bluesky_listening.trends(self._read)

    # --- Asking -------------------------------------------------------------------------------------------------------

    def _left(self, most: float) -> float:
        """Return how many seconds the next request may take: *most*, or what is left of the send's deadline."""
        return max(1.0, min(most, self._ends - time.monotonic()))

    def _login(self) -> Session:
        """Return the session, logging in the first time; raises NotAllowed or TryLater."""
        if self._current is None:
            body = {"identifier": self._handle, "password": self._password}
            try:
                response = self._http.send(
                    "POST",
                    f"{self._host}/xrpc/com.atproto.server.createSession",
                    json_body=body,
                    deadline=self._left(TEXT_DEADLINE),
                )
            except HttpError as error:
                raise unread(error, self._place) from None
            if response.status != 200:
                raise self._read_error(response)
            self._current = session_of(response.json(), self._host)
            if self._current is None:
                raise TryLater(f"{self._place} does not say who we are.", after=DEFAULT_WAIT)
        return self._current

    def _renew(self) -> None:
        """Get a new token for an expired one; where that fails too, log in again."""
        old = self._login()
        try:
            response = self._http.send(
                "POST",
                f"{old.home}/xrpc/com.atproto.server.refreshSession",
                headers={"Authorization": f"Bearer {old.refresh}"},
                deadline=self._left(TEXT_DEADLINE),
            )
            self._current = session_of(response.json(), self._host) if response.status == 200 else None
        except HttpError:
            self._current = None
        if self._current is None or self._current.did != old.did:
            self._current = None
            self._login()

    def _send(
        self,
        method: str,
        name: str,
        *,
        query: Mapping[str, str | Sequence[str]] | None = None,
        json_body: object = None,
        content: bytes | None = None,
        content_type: str = "",
        deadline: float = TEXT_DEADLINE,
    ) -> Response:
        """Call one method of our server, once; with a new token when the old one had expired.

        An expired token is refused before anything is done, so the second call is not a second attempt.
        """
        for fresh in (False, True):
            session = self._login()
            headers = {"Authorization": f"Bearer {session.access}"}
            if content_type:
                headers["Content-Type"] = content_type
            url = f"{session.home}/xrpc/{name}"
            if method == "GET":
                response = self._http.get(url, headers=headers, query=query, deadline=self._left(deadline))
            else:
                response = self._http.send(
                    method, url, headers=headers, json_body=json_body, content=content, deadline=self._left(deadline)
                )
            if fresh or response.status not in {400, 401} or _error_name(response) != "ExpiredToken":
                break
            self._renew()
        return response

    def _read(
        self, name: str, query: Mapping[str, str | Sequence[str]], *, missing: Sequence[str] = ()
    ) -> tuple[Any, str]:
        """Read something; return (JSON, ""), or (None, name of the error) for one that means "there is none".

        *missing* are such names; `*` is every refusal that is not about who we are or how often we ask, and 501.
        Raises NotAllowed or TryLater.
        """
        try:
            response = self._send("GET", name, query=query)
        except HttpError as error:
            raise unread(error, self._place) from None
        if response.status == 200:
            return response.json(), ""
        code = _error_name(response)
        known = response.status in {400, 404, 405, 501} and code not in _LOGIN_TROUBLE
        if known and ("*" in missing or code in missing):
            return None, code or str(response.status)
        raise self._read_error(response)

    def _read_error(self, response: Response) -> NetworkError:
        code = _error_name(response) or str(response.status)
        if response.status in {401, 403} or (response.status == 400 and code in _LOGIN_TROUBLE):
            return self._locked_out(code)
        return TryLater(f"{self._place} cannot be asked now ({code}).", after=wait_of(response.headers), code=code)

    def _receipt(self, answer: object, key: str) -> Receipt | None:
        """Return the receipt of a written record; None when the answer does not name it."""
        session = self._login()
        uri = f"at://{session.did}/{COLLECTION}/{key}"
        if not isinstance(answer, dict) or answer.get("uri") != uri:
            return None
        cid = answer.get("cid")
        if not isinstance(cid, str) or not CID.fullmatch(cid):
            return None
        at = rfc3339(tid_instant(key))
        return Receipt(uri, f"{self._page(session.did)}/post/{key}", at, {"cid": cid})

    def _page(self, did: str) -> str:
        """Return where a person sees the account: by its DID, because handles change.

        The official application shows every account of the network; a server on this very machine only it can show.
        """
        base = self._host if self._host.startswith("http:") else "https://bsky.app"
        return f"{base}/profile/{did}"


def _error_name(response: Response) -> str:
    """Return the name XRPC gives an error (`InvalidSwap`); an empty text when there is none."""
    answer = response.json() if response.status >= 400 else None
    name = answer.get("error") if isinstance(answer, dict) else None
    return name if isinstance(name, str) and _NAME.fullmatch(name) else ""


def _reference(receipt: Receipt) -> dict[str, str]:
    return {"uri": receipt.id, "cid": receipt.extra.get("cid", "")}


def _number(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _stats(post: Mapping[str, Any]) -> list[Stat]:
    read = {
        "likes": post.get("likeCount"),
        "reposts": post.get("repostCount"),
        "replies": post.get("replyCount"),
        "quotes": post.get("quoteCount"),
        "bookmarks": post.get("bookmarkCount"),
    }
    return [
        Stat(post["uri"], metric, number) for metric, value in read.items() if (number := _number(value)) is not None
    ]


def _default_limits() -> Limits:
    from socialops.networks import default_limits

    return default_limits("bluesky")
