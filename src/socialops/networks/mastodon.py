"""Mastodon, and the servers that speak its API.

A status is sent once, with an `Idempotency-Key` that Mastodon itself remembers for an hour. Other software that speaks
the same API may ignore the key, so only a server that says it is Mastodon counts as one that knows keys; of all others
we read our own timeline back.

Source: docs.joinmastodon.org (methods statuses, media, accounts, instance; rate limits), as of 2026-07.
"""

from __future__ import annotations

import hashlib
import re
import time
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from socialops.content.text import graphemes, mastodon_length
from socialops.errors import HttpError, NetworkError, NotAllowed, NotSent, Rejected, TryLater, Unknown
from socialops.http import MEDIA_DEADLINE, TEXT_DEADLINE
from socialops.networks import mastodon_listening
from socialops.networks.base import (
    DEFAULT_WAIT,
    Account,
    Count,
    Idempotency,
    InboxMessage,
    Limits,
    Login,
    Option,
    Stat,
    Trend,
    address_of,
    chosen,
    instant,
    not_found_out,
    read_error,
    rfc3339,
    too_much,
    unread,
    wait_of,
    web_address,
)
from socialops.networks.draft import Part, Receipt, Upload
from socialops.networks.listening import words_of
from socialops.networks.mastodon_answers import limits_told, number_of, stats_of

if TYPE_CHECKING:
    from socialops.http import Http, Response

_QUOTING = {"everybody": "public", "followers": "followers", "nobody": "nobody"}

HOST_IS_A_CHOICE = True
HOME = ""
SECRETS = ("TOKEN",)
QUOTES = Option(
    "quotes", "Who may quote it, from Mastodon 4.5 on; else what the account's settings say.", tuple(_QUOTING)
)
OPTIONS = (QUOTES,)

PAGE = 40
"""Statuses a page of our timeline holds at most."""
PAGES = 25
"""How many pages we look back before we say that we cannot tell."""
BATCH = 20
"""Statuses one request may ask for by id (app/controllers/api/v1/statuses_controller.rb)."""
MEDIA_WAITS = (1, 1, 2, 3, 5, 8, 10, 15, 20, 25)
"""Seconds between two questions whether a picture is ready: a minute and a half in all."""
VIDEO_WAITS = (*MEDIA_WAITS, *(25,) * 12)
"""The same for a video, which a server may code anew: six minutes and a half, of the eight that a send may take."""

_ID = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]|\.(?!\.)){0,127}")
"""Numbers on Mastodon, ULIDs and hexadecimal on others; snac's media ids look like file names (`post-81….png`)."""
_KNOWS_KEYS = re.compile(r"(?:[2-9]|[1-9]\d)\.\d+\.\d+(?:[-+~.][\w.+~-]*)?(?: \(compatible; socialops sandbox\))?")
"""`4.3.1`, `4.4.0+glitch`, and our sandbox. Other software adds words: `2.7.2 (compatible; Pleroma 2.6.0)`."""
_THERE_ALREADY = re.compile(r"\bduplicate\b|\balready (?:exists|(?:been )?(?:posted|published))\b", re.IGNORECASE)
_VISIBILITY = {"public": "public", "unlisted": "unlisted", "followers": "private", "direct": "direct"}
_FAR_MENTION = re.compile(r"(@[\w.-]+)@[\w.:-]+")


def connect(login: Login, http: Http) -> Mastodon:
    """Return the account of *login*; no request is made yet. Raises CredentialsError for a host that cannot be."""
    return Mastodon(login, http)


def counts(part: Part, limits: Limits) -> Sequence[Count]:
    """Count a part as Mastodon does (app/validators/status_length_validator.rb and poll_options_validator.rb).

    The content warning is in the text's budget. Only the largest alt text and poll option are told.
    """
    url_length = limits.number("url_length") if limits.has("url_length") else 23
    used = {"text": mastodon_length(part.text, part.content_warning, url_length)}
    if part.attachments:
        used["attachments"] = len(part.attachments)
        used["alt_text"] = max(len(attachment.alt) for attachment in part.attachments)
    if part.poll:
        used["poll_options"] = len(part.poll.options)
        used["poll_option"] = max(graphemes(option) for option in part.poll.options) if part.poll.options else 0
    return limits.counted(used)


class Mastodon:
    """One account on one server. *wait* sleeps between two questions whether a picture is ready."""

    name = "mastodon"
    key_lifetime = 3600

    def __init__(self, login: Login, http: Http, *, wait: Callable[[float], None] = time.sleep) -> None:
        self._http = http
        self._base = address_of(login)
        self._place = urlsplit(self._base).netloc
        self._headers = {"Authorization": f"Bearer {login.token.strip()}"}
        self._wait = wait
        self._own: Mapping[str, Any] | None = None
        self._knows_keys: bool | None = None
        self._reads_batches = True

    def __repr__(self) -> str:
        return f"Mastodon({self._place})"

    @property
    def idempotency(self) -> Idempotency:
        """KEY where the server says it is Mastodon, or our sandbox; READBACK for all else, also when it is silent."""
        if self._knows_keys is None:
            try:
                version = self._instance().get("version")
            except NetworkError:
                return Idempotency.READBACK
            self._knows_keys = isinstance(version, str) and bool(_KNOWS_KEYS.fullmatch(version))
        return Idempotency.KEY if self._knows_keys else Idempotency.READBACK

    def key(self, delivery: str, part: int, at: datetime) -> str:
        """Return a key of 64 hexadecimal digits that depends on the delivery and the part alone."""
        return hashlib.sha256(f"{delivery}\n{part}".encode()).hexdigest()

    # --- Publishing ---------------------------------------------------------------------------------------------------

    def publish(self, part: Part, *, key: str) -> Receipt:
        """Upload the pictures, then send the status once.

        Until the status is sent nothing is visible, so whatever becomes of an upload, the post may be tried again.
        """
        if part.attachments and len(part.uploads) != len(part.attachments):
            raise Rejected("The pictures of this post were not made ready.", hint="Run `socialops check` on the post.")
        status = _status(part)
        if part.uploads:
            ends = time.monotonic() + MEDIA_DEADLINE
            status["media_ids[]"] = [self._upload(upload, ends) for upload in part.uploads]
        headers = {**self._headers, "Idempotency-Key": key}
        try:
            response = self._http.send("POST", self._url("/api/v1/statuses"), headers=headers, form=status)
        except NotSent as error:
            raise TryLater(error.message, after=DEFAULT_WAIT, hint=error.hint) from None
        except HttpError as error:
            raise Unknown(error.message, hint=error.hint) from None
        if 200 <= response.status < 300:
            receipt = _receipt(response.json())
            if receipt is None:
                raise Unknown(f"{self._place} answered, but not with a status.", code=str(response.status))
            return receipt
        raise self._refused(response, part)

    def _refused(self, response: Response, part: Part) -> NetworkError:
        """Say what an answer to the status itself means for the caller."""
        code = str(response.status)
        if _says_there_already(response):
            return Unknown(f"{self._place} says that the post is there already ({code}).", code=code)
        if response.status in {401, 403}:
            return NotAllowed(
                f"{self._place} refuses our credentials ({code}).",
                hint="Make a new token with the scopes read and write, and store it as the channel's secret.",
                code=code,
            )
        if response.status == 429:
            # Mastodon counts before it writes (rack-attack, and the limit on statuses inside the same transaction).
            return TryLater(f"{self._place} wants us to wait (429).", after=wait_of(response.headers), code=code)
        if 400 <= response.status < 500 and response.status not in {408, 409, 425, 499}:
            over = too_much(counts(part, _default_limits()))
            why = f"; {over}" if over else ""
            return Rejected(
                f"{self._place} refuses the post ({code}){why}.",
                hint="Compare it with the server's own limits: `socialops accounts --limits`, then `socialops check`.",
                code=code,
            )
        # 5xx, and a 503 with Retry-After too: a proxy says it also when the application is slow *after* it has read the
        # status. It costs nothing to doubt here, because the same key or a look at the timeline settles it. A redirect
        # is never followed: the token would go with it. 408, 409 and 425 say nothing sure.
        return Unknown(f"{self._place} gave an answer that says nothing sure ({code}).", code=code)

    def _upload(self, upload: Upload, ends: float) -> str:
        """Upload one picture or video and wait until it is ready; return its id."""
        fields = {"description": upload.alt} if upload.alt else {}
        if upload.focus:
            fields["focus"] = f"{upload.focus[0]:.3f},{upload.focus[1]:.3f}"
        what = "video" if upload.mime.startswith("video/") else "picture"
        suffix = {"video/quicktime": "mov"}.get(upload.mime, upload.mime.rpartition("/")[2])
        try:
            response = self._http.send(
                "POST",
                self._url("/api/v2/media"),
                headers=self._headers,
                form=fields,
                files={"file": (f"{what}.{suffix}", upload.data, upload.mime)},
                deadline=max(1.0, ends - time.monotonic()),
            )
        except HttpError as error:
            raise TryLater(f"A {what} did not arrive: {error.message}", after=DEFAULT_WAIT, hint=error.hint) from None
        code = str(response.status)
        answer = response.json()
        if response.status in {200, 202} and isinstance(answer, dict):
            identity = answer.get("id")
            if isinstance(identity, str) and _ID.fullmatch(identity):
                if response.status == 202:
                    self._until_ready(identity, what, ends)
                return identity
        if 400 <= response.status < 500 and response.status not in {401, 403, 408, 409, 425, 429}:
            raise Rejected(
                f"{self._place} refuses a {what} ({code}): {upload.mime}, {upload.width} × {upload.height} pixels, "
                f"{len(upload.data)} bytes, alt text of {len(upload.alt)} characters.",
                hint=f"Make it smaller or save it as {'MP4' if what == 'video' else 'JPEG'}, or shorten the alt text.",
                code=code,
            )
        raise read_error(response, self._place)

    def _until_ready(self, identity: str, what: str, ends: float) -> None:
        for seconds in VIDEO_WAITS if what == "video" else MEDIA_WAITS:
            if time.monotonic() + seconds > ends:
                break
            self._wait(seconds)
            url = self._url(f"/api/v1/media/{quote(identity)}")
            left = min(TEXT_DEADLINE, max(1.0, ends - time.monotonic()))
            try:
                response = self._http.get(url, headers=self._headers, deadline=left)
            except HttpError:
                continue
            if response.status == 200:
                return
            if response.status in {401, 403}:
                raise read_error(response, self._place)
            if response.status in {404, 422}:
                raise Rejected(
                    f"{self._place} could not process a {what} ({response.status}).",
                    hint=f"Save it anew as {'MP4 with H.264 and AAC' if what == 'video' else 'JPEG or PNG'}.",
                    code=str(response.status),
                )
        raise TryLater(f"{self._place} is still processing a {what}.", after=DEFAULT_WAIT)

    def delete(self, receipt: Receipt) -> None:
        """Delete a status; one that is gone already is fine. Raises NotAllowed, TryLater or Unknown."""
        if not _ID.fullmatch(receipt.id):
            raise Rejected("That receipt does not name a status.", hint="Delete the post by hand.")
        try:
            response = self._http.send(
                "DELETE", self._url(f"/api/v1/statuses/{quote(receipt.id)}"), headers=self._headers
            )
        except NotSent as error:
            raise TryLater(error.message, after=DEFAULT_WAIT, hint=error.hint) from None
        except HttpError as error:
            raise Unknown(error.message, hint=error.hint) from None
        if response.status in {404, 410} or 200 <= response.status < 300:
            return
        if response.status in {401, 403, 429}:
            raise read_error(response, self._place)
        raise Unknown(f"{self._place} did not say that the post is deleted ({response.status}).")

    # --- Looking ------------------------------------------------------------------------------------------------------

    def find(self, part: Part, *, key: str, since: datetime) -> Receipt | None:
        """Look through our own timeline, newest first, until before *since*.

        A status matches when it is ours, no boost, in the same place of the thread, with the same text, content
        warning and number of pictures, and when it asks nothing that the part does not ask.
        """
        try:
            found = list(self._matches(part, since))
        except NetworkError as error:
            raise not_found_out(error) from None
        hidden = part.visibility in {"followers", "direct"} or part.poll is not None
        if not found and hidden and self.idempotency is not Idempotency.KEY:
            # snac leaves polls and what is not public out of an account's timeline, even for the account itself.
            raise Unknown(
                f"{self._place} may not show polls and posts that are not public.", hint="Look there yourself."
            )
        if len(found) > 1:
            raise Unknown(
                f"{self._place} shows {len(found)} posts like this one.",
                hint="Look which of them is ours, and delete the other by hand if it is a copy.",
                code="ambiguous",
            )
        return found[0] if found else None

    def _matches(self, part: Part, earliest: datetime) -> Iterator[Receipt]:
        for status in self._timeline(earliest):
            receipt = _receipt(status)
            if receipt and _looks_like(status, part) and self._says_the_same(status, receipt.id, part):
                yield receipt

    def _timeline(self, earliest: datetime) -> Iterator[Mapping[str, Any]]:
        """Give our statuses since *earliest*, newest first; raises Unknown when they are not all to be seen.

        Some servers show a pinned status of long ago at the top, and again in its place: only a page on which nothing
        is from that time ends the search, and what was shown before is not shown again.
        """
        path = f"/api/v1/accounts/{quote(self._own_id())}/statuses"
        query = {"limit": str(PAGE), "exclude_reblogs": "true"}
        seen: set[str] = set()
        reached = False
        for _ in range(PAGES):
            page = self._read(path, query)
            if not isinstance(page, list) or not all(_is_status(status) for status in page):
                raise Unknown(f"{self._place} shows our timeline in a form we do not know.")
            fresh = {status["id"]: status for status in page if status["id"] not in seen}
            if not fresh:
                if len(page) >= PAGE and not reached:
                    raise Unknown(f"{self._place} shows only the newest page of our timeline.")
                return
            recent = [status for status in fresh.values() if _created(status) >= earliest]
            yield from recent
            if not recent:
                return
            reached = _created(page[-1]) < earliest
            seen.update(fresh)
            query["max_id"] = page[-1]["id"]
        raise Unknown(f"{self._place} has more than {PAGE * PAGES} posts of ours in that time.")

    def _says_the_same(self, status: Mapping[str, Any], identity: str, part: Part) -> bool:
        text, warning = part.text, part.content_warning
        if not text.strip() and warning:
            # Mastodon turns the warning of an empty status into its text.
            text, warning = warning, ""
        try:
            source = self._read(f"/api/v1/statuses/{quote(identity)}/source", {})
        except NetworkError:
            source = None
        if isinstance(source, dict) and isinstance(source.get("text"), str):
            spoiler = source.get("spoiler_text")
            return _squeezed(source["text"]) == _squeezed(text) and _squeezed(spoiler or "") == _squeezed(warning)
        shown = _letters(words_of(str(status.get("content") or "")))
        return shown == _letters(text) and _letters(str(status.get("spoiler_text") or "")) == _letters(warning)

    def measure(self, receipts: Sequence[Receipt]) -> list[Stat]:
        """Read the counters of our statuses, BATCH at a time where the server can (4.3), else one by one."""
        named = [receipt.id for receipt in receipts if _ID.fullmatch(receipt.id)]
        stats: list[Stat] = []
        for begin in range(0, len(named), BATCH):
            wanted = named[begin : begin + BATCH]
            for status in self._statuses(wanted):
                if isinstance(status, dict) and status.get("id") in wanted:
                    stats += stats_of(status)
        return stats

    def _statuses(self, wanted: Sequence[str]) -> Iterator[Any]:
        if self._reads_batches:
            try:
                answer = self._read("/api/v1/statuses", {"id[]": list(wanted)})
            except TryLater as error:
                if error.code not in {"400", "404", "405", "422", "501"}:
                    raise
                answer = None
            if isinstance(answer, list):
                yield from answer
                return
            self._reads_batches = False
        for identity in wanted:
            try:
                yield self._read(f"/api/v1/statuses/{quote(identity)}", {})
            except TryLater as error:
                if error.code not in {"404", "410"}:
                    raise

    def account(self) -> Account:
        """Read our account and what fits on its server; raises NotAllowed or TryLater."""
        self._own = None
        own = self._credentials()
        instance = self._instance()
        source = own.get("source")
        note = source.get("note") if isinstance(source, dict) else None
        name = str(own.get("acct") or own.get("username") or "")
        domain = str(instance.get("domain") or instance.get("uri") or self._place)
        return Account(
            id=self._own_id(),
            handle=f"@{name}" if "@" in name else f"@{name}@{urlsplit(domain).netloc or domain}",
            name=str(own.get("display_name") or ""),
            url=web_address(own.get("url")),
            followers=number_of(own.get("followers_count")),
            following=number_of(own.get("following_count")),
            posts=number_of(own.get("statuses_count")),
            limits=limits_told(instance),
            profile={
                "name": str(own.get("display_name") or ""),
                "note": note if isinstance(note, str) else words_of(str(own.get("note") or "")),
            },
        )

    # --- Listening ----------------------------------------------------------------------------------------------------

    def replies(self, receipts: Sequence[Receipt], *, since: datetime) -> list[InboxMessage]:
        """Read what was answered to our statuses: their counters BATCH at a time, then the threads with answers."""
        named = [receipt for receipt in receipts if _ID.fullmatch(receipt.id)]
        if not named:
            return []
        wanted = [receipt.id for receipt in named]
        statuses = (
            status for begin in range(0, len(wanted), BATCH) for status in self._statuses(wanted[begin : begin + BATCH])
        )
        return mastodon_listening.replies(self._read, self._own_id(), statuses, named, since)

    def mentions(self, *, since: datetime) -> list[InboxMessage]:
        """Read who named us, or wrote to us alone, newest first; needs the scope read:notifications."""
        return mastodon_listening.mentions(self._read, self._own_id(), since)

    def trends(self) -> list[Trend]:
        """Read the tags of the day on our server."""
        return mastodon_listening.trends(self._read)

    # --- Asking -------------------------------------------------------------------------------------------------------

    def _url(self, path: str) -> str:
        return f"{self._base}{path}"

    def _read(self, path: str, query: Mapping[str, str | Sequence[str]]) -> Any:
        """Read something as JSON (None when it is no JSON); raises NotAllowed or TryLater."""
        try:
            response = self._http.get(self._url(path), headers=self._headers, query=query)
        except HttpError as error:
            raise unread(error, self._place) from None
        if response.status != 200:
            raise read_error(response, self._place)
        return response.json()

    def _credentials(self) -> Mapping[str, Any]:
        if self._own is None:
            own = self._read("/api/v1/accounts/verify_credentials", {})
            if not isinstance(own, dict) or not isinstance(own.get("id"), str) or not _ID.fullmatch(own["id"]):
                raise TryLater(f"{self._place} does not say who we are.", after=DEFAULT_WAIT)
            self._own = own
        return self._own

    def _own_id(self) -> str:
        return str(self._credentials()["id"])

    def _instance(self) -> Mapping[str, Any]:
        """Read what the server says of itself: version 2, or version 1 where that is missing."""
        try:
            answer = self._read("/api/v2/instance", {})
        except TryLater as error:
            if not error.code.startswith("4") or error.code == "429":
                raise
            answer = None
        if not isinstance(answer, dict):
            answer = self._read("/api/v1/instance", {})
        if not isinstance(answer, dict):
            raise TryLater(f"{self._place} does not say what it is.", after=DEFAULT_WAIT)
        return answer


# --- What a status looks like -----------------------------------------------------------------------------------------


def _status(part: Part) -> dict[str, str | Sequence[str]]:
    """Return the fields of `POST /api/v1/statuses`.

    As a form: others read JSON too, but snac finds a poll in a form only. Never `scheduled_at`: a time that is near is
    published at once.
    """
    status: dict[str, str | Sequence[str]] = {"status": part.text}
    if part.reply:
        status["in_reply_to_id"] = part.reply.parent.id
    if part.content_warning:
        status["spoiler_text"] = part.content_warning
    if part.sensitive or part.content_warning:
        status["sensitive"] = "true"
    if part.visibility:
        status["visibility"] = _VISIBILITY.get(part.visibility, part.visibility)
    if part.lang:
        status["language"] = part.lang
    if quotes := chosen(QUOTES, part.options):
        # Servers that know no quotes leave it alone.
        status["quote_approval_policy"] = _QUOTING[quotes]
    if part.poll:
        status["poll[options][]"] = part.poll.options
        status["poll[expires_in]"] = str(part.poll.seconds)
        status["poll[multiple]"] = "true" if part.poll.multiple else "false"
        status["poll[hide_totals]"] = "true" if part.poll.hide_totals else "false"
    return status


def _is_status(value: object) -> bool:
    if not isinstance(value, dict) or instant(value.get("created_at")) is None:
        return False
    return isinstance(value.get("id"), str) and _ID.fullmatch(value["id"]) is not None


def _created(status: Mapping[str, Any]) -> datetime:
    created = instant(status["created_at"])
    assert created is not None, "every status was looked at before"  # noqa: S101
    return created


def _receipt(value: Any) -> Receipt | None:
    """Return the receipt of a status; None for anything else (a scheduled status, an error page, half a JSON)."""
    if not _is_status(value):
        return None
    url = web_address(value.get("url")) or web_address(value.get("uri"))
    return Receipt(value["id"], url, rfc3339(_created(value))) if url else None


def _looks_like(status: Mapping[str, Any], part: Part) -> bool:
    if status.get("reblog"):
        return False
    pictures = status.get("media_attachments")
    expected = len(part.uploads) or len(part.attachments)
    if (len(pictures) if isinstance(pictures, list) else 0) != expected or (status.get("poll") and not part.poll):
        return False
    return (status.get("in_reply_to_id") or "") == (part.reply.parent.id if part.reply else "")


def _says_there_already(response: Response) -> bool:
    """Tell whether a refusal means that the post is there.

    Mastodon answers 422 "Duplicate record" to one of two requests that arrive together
    (app/controllers/concerns/api/error_handling.rb).
    """
    answer = response.json() if 400 <= response.status < 500 else None
    words = answer.get("error") if isinstance(answer, dict) else None
    return isinstance(words, str) and _THERE_ALREADY.search(words) is not None


def _squeezed(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def _letters(text: str) -> str:
    """Return what is left of a text when a server has drawn it: letters and digits, mentions without their host."""
    squeezed = _FAR_MENTION.sub(r"\1", unicodedata.normalize("NFC", text))
    return "".join(filter(str.isalnum, squeezed)) or "".join(squeezed.split())


def _default_limits() -> Limits:
    from socialops.networks import default_limits

    return default_limits("mastodon")
