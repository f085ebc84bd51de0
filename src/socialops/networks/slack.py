"""Slack: a bot that writes into a channel, or an incoming webhook that can do nothing else.

Which of the two it is, the secret tells: the token of a bot (`xoxb-…`), or the whole address of a webhook. A bot's
messages carry our key in their metadata, and the channel's history is read for it; it needs the scopes chat:write,
channels:history, channels:read, files:write, files:read and reactions:read. A webhook says `ok` and no more: no number,
so nothing can be found, counted or deleted, and its threads are messages that follow one another.

Slack refuses with status 200 and a word. What the word means for the caller stands in the tables below; a word that
says that Slack itself broke off (`internal_error`) says nothing sure, as Slack's documentation warns.

A webhook's address is a secret, and so is the one that takes a file: no error here holds an address.

Sources: docs.slack.dev (chat.postMessage, conversations.history, files.getUploadURLExternal, incoming webhooks).
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from socialops.errors import CredentialsError, HttpError, NetworkError, NotAllowed, NotSent, Rejected, TryLater, Unknown
from socialops.http import MEDIA_DEADLINE, TEXT_DEADLINE
from socialops.networks import slack_listening
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
    chosen,
    instant,
    not_found_out,
    rfc3339,
    too_much,
    unread,
    wait_of,
    web_address,
)
from socialops.networks.draft import Part, Receipt, Upload
from socialops.networks.listening import newest_first
from socialops.networks.rich_text import utf16_length
from socialops.networks.slack_answers import WEBHOOK_HINT, is_yes, number_of, refused, text_of, word_of
from socialops.networks.slack_text import mrkdwn, rich_text

if TYPE_CHECKING:
    from socialops.http import Http

HOST_IS_A_CHOICE = False
HOME = "https://slack.com/api"
SECRETS = ("TOKEN",)
LINK_PREVIEW = Option("link_preview", "Whether links are shown with a preview.", ("none", "shown"))
OPTIONS = (LINK_PREVIEW,)

EVENT = "socialops_part"
"""What our metadata calls itself."""
PAGE = 100
"""Messages we ask for at once; Slack may give fewer."""
PAGES = 25
"""How many pages we look back before we say that we cannot tell."""
MEDIA_WAITS = (1, 1, 2, 3, 5, 8, 10, 15, 20, 25)
"""Seconds between two questions whether a picture is ready: a minute and a half in all."""
UNREADY = timedelta(minutes=1)
"""How long to wait when a picture is not ready after all."""

_PLACE = "Slack"
_BOT = re.compile(r"(?:xoxe\.)?xoxb-[A-Za-z0-9-]{10,250}")
_WEBHOOK = re.compile(r"https://hooks\.slack\.com/services/(T[A-Z0-9]{4,20})/B[A-Z0-9]{4,20}/[A-Za-z0-9]{8,64}")
_CHANNEL = re.compile(r"[CGD][A-Z0-9]{7,20}")
_FILE = re.compile(r"F[A-Z0-9]{7,20}")
_STAMP = re.compile(r"\d{9,11}\.\d{6}")
_IN_ADDRESS = re.compile(r"p(\d{9,11})(\d{6})")
"""How a message's address ends: what a person gives who says where it is."""


def connect(login: Login, http: Http) -> Slack | SlackWebhook:
    """Return the channel of *login*; no request is made yet. Raises CredentialsError for a secret that is none."""
    secret = login.token.strip()
    if _WEBHOOK.fullmatch(secret):
        return SlackWebhook(login, http)
    if _BOT.fullmatch(secret):
        return Slack(login, http)
    raise CredentialsError(
        f"The secret of channel {login.channel} is neither a bot's token nor the address of a webhook.",
        hint="Copy the token (xoxb-…) or the webhook's address (https://hooks.slack.com/services/…) from the app.",
    )


def counts(part: Part, limits: Limits) -> Sequence[Count]:
    """Count a part in mrkdwn: with its escapes and the addresses of its links."""
    used = {"text": utf16_length(mrkdwn(part.text, part.spans, part.styles))}
    if part.attachments:
        used["attachments"] = len(part.attachments)
        used["alt_text"] = max(len(attachment.alt) for attachment in part.attachments)
    return limits.counted(used)


class Slack:
    """One bot in one channel. *wait* sleeps between two questions whether a picture is ready."""

    name = "slack"
    key_lifetime = 0
    idempotency = Idempotency.READBACK

    def __init__(self, login: Login, http: Http, *, wait: Callable[[float], None] = time.sleep) -> None:
        self._channel = str(login.settings.get("channel") or "")
        if not _CHANNEL.fullmatch(self._channel):
            raise CredentialsError(
                f"Channel {login.channel} does not say which channel of the workspace it is.",
                hint="Write its ID (C0123…, at the end of its details) as `channel:` under `params:` in its file.",
            )
        self._http = http
        self._wait = wait
        self._headers = {"Authorization": f"Bearer {login.token.strip()}"}
        self._own: Mapping[str, Any] | None = None

    def __repr__(self) -> str:
        return f"Slack({self._channel})"

    def key(self, delivery: str, part: int, at: datetime) -> str:
        """Return a key of 64 hexadecimal digits that depends on the delivery and the part alone."""
        return hashlib.sha256(f"{delivery}\n{part}".encode()).hexdigest()

    # --- Publishing ---------------------------------------------------------------------------------------------------

    def publish(self, part: Part, *, key: str) -> Receipt:
        """Upload the pictures, which nobody sees yet, then send the message once."""
        message = _message(part)
        message |= {"channel": self._channel, "metadata": {"event_type": EVENT, "event_payload": {"key": key}}}
        if part.reply:
            message["thread_ts"] = _stamp(part.reply.root)
        self._identity()  # what the message's address needs; a read, and nothing is sent when it fails
        if part.uploads:
            message["blocks"] += self._pictures(part.uploads)
        try:
            response = self._http.send(
                "POST", f"{HOME}/chat.postMessage", headers=self._headers, json_body=message, deadline=TEXT_DEADLINE
            )
        except NotSent as error:
            raise TryLater(error.message, after=DEFAULT_WAIT, hint=error.hint) from None
        except HttpError as error:
            raise Unknown(error.message, hint=error.hint) from None
        if not is_yes(response):
            if part.uploads and word_of(response) == "invalid_blocks":
                raise TryLater(f"{_PLACE} is still processing a picture.", after=UNREADY, code="invalid_blocks")
            raise refused(response, _over(part))
        answer = response.json()
        receipt = self._receipt(answer.get("ts"), part) if answer.get("channel") == self._channel else None
        if receipt is None:
            raise Unknown(f"{_PLACE} answered, but not with a message.", code=str(response.status))
        return receipt

    def _receipt(self, stamp: object, part: Part) -> Receipt | None:
        if not isinstance(stamp, str) or not _STAMP.fullmatch(stamp):
            return None
        url = f"{self._identity()['url']}archives/{self._channel}/p{stamp.replace('.', '')}"
        extra = {"channel": self._channel}
        if part.reply:
            extra["thread"] = _stamp(part.reply.root)
            url += f"?thread_ts={extra['thread']}&cid={self._channel}"
        return Receipt(stamp, url, rfc3339(datetime.fromtimestamp(float(stamp), UTC)), extra)

    def _pictures(self, uploads: Sequence[Upload]) -> list[dict[str, Any]]:
        """Upload the pictures for nobody's eyes, wait until they are ready, and return their blocks."""
        ends = time.monotonic() + MEDIA_DEADLINE
        files = [self._upload(upload, number, ends) for number, upload in enumerate(uploads, start=1)]
        listed = json.dumps([{"id": file} for file in files], separators=(",", ":"))
        self._step("files.completeUploadExternal", {"files": listed}, ends)
        for file in files:
            self._until_ready(file, ends)
        return [
            {"type": "image", "slack_file": {"id": file}, "alt_text": upload.alt or "Picture"}
            for file, upload in zip(files, uploads, strict=True)
        ]

    def _upload(self, upload: Upload, number: int, ends: float) -> str:
        name = f"picture-{number}.{upload.mime.rpartition('/')[2]}"
        fields = {"filename": name, "length": str(len(upload.data))}
        if upload.alt:
            fields["alt_txt"] = upload.alt
        answer = self._step("files.getUploadURLExternal", fields, ends)
        file, url = answer.get("file_id"), web_address(answer.get("upload_url"))
        place = urlsplit(url)
        if (
            not isinstance(file, str)
            or not _FILE.fullmatch(file)
            or place.scheme != "https"
            or not (place.hostname or "").endswith(".slack.com")
        ):
            raise TryLater(f"{_PLACE} does not say where a picture goes.", after=DEFAULT_WAIT)
        left = max(1.0, ends - time.monotonic())
        try:
            # The address is a secret of its own; the token does not go there.
            response = self._http.send(
                "POST", url, headers={"Content-Type": upload.mime}, content=upload.data, deadline=left
            )
        except HttpError as error:
            raise TryLater(f"A picture did not arrive: {error.message}", after=DEFAULT_WAIT, hint=error.hint) from None
        if response.status != 200:
            raise TryLater(
                f"{_PLACE} did not take a picture ({response.status}).",
                after=wait_of(response.headers),
                code=str(response.status),
            )
        return file

    def _step(self, method: str, fields: Mapping[str, str], ends: float) -> Mapping[str, Any]:
        """Take a step before the message, from which nothing is visible: whatever it is, it may be taken again."""
        left = min(TEXT_DEADLINE, max(1.0, ends - time.monotonic()))
        try:
            response = self._http.send(
                "POST", f"{HOME}/{method}", headers=self._headers, form=dict(fields), deadline=left
            )
        except HttpError as error:
            raise TryLater(f"A picture did not arrive: {error.message}", after=DEFAULT_WAIT, hint=error.hint) from None
        if is_yes(response):
            answer: Mapping[str, Any] = response.json()
            return answer
        said = refused(response)
        if isinstance(said, Unknown):
            said = TryLater(f"{_PLACE} did not take a picture ({said.code}).", after=DEFAULT_WAIT)
        raise said

    def _until_ready(self, file: str, ends: float) -> None:
        for seconds in MEDIA_WAITS:
            if time.monotonic() + seconds > ends:
                break
            try:
                answer = self._read("files.info", {"file": file})
            except NotAllowed as error:
                if error.code != "missing_scope":
                    raise
                self._wait(MEDIA_WAITS[4])  # without files:read nobody can tell; most pictures are ready by then
                return
            except TryLater:
                answer = {}
            info = answer.get("file")
            if isinstance(info, dict) and info.get("mimetype"):
                return
            self._wait(seconds)
        raise TryLater(f"{_PLACE} is still processing a picture.", after=DEFAULT_WAIT)

    def delete(self, receipt: Receipt) -> None:
        """Delete a message; one that is gone already is fine. Raises Rejected, NotAllowed, TryLater or Unknown."""
        where = {"channel": self._place_of(receipt), "ts": _stamp(receipt)}
        try:
            response = self._http.send("POST", f"{HOME}/chat.delete", headers=self._headers, json_body=where)
        except NotSent as error:
            raise TryLater(error.message, after=DEFAULT_WAIT, hint=error.hint) from None
        except HttpError as error:
            raise Unknown(error.message, hint=error.hint) from None
        if not is_yes(response) and word_of(response) != "message_not_found":
            raise refused(response)

    def _place_of(self, receipt: Receipt) -> str:
        channel = receipt.extra.get("channel") or self._channel
        if not _CHANNEL.fullmatch(channel):
            raise Rejected("That receipt does not name a message.", hint="Delete the message by hand.")
        return channel

    # --- Looking ------------------------------------------------------------------------------------------------------

    def find(self, part: Part, *, key: str, since: datetime) -> Receipt | None:
        """Look through the channel, or the part's thread, for our key.

        A message of ours with the same words and without any metadata may be the part as well: then nothing is sure.
        """
        try:
            own = self._identity()
            messages = list(self._messages(_stamp(part.reply.root) if part.reply else "", since))
            found = [receipt for m in messages if _key(m) == key and (receipt := self._receipt(m.get("ts"), part))]
        except NetworkError as error:
            raise not_found_out(error) from None
        if not found and any(_is_alike(message, part, own) for message in messages):
            raise Unknown(f"{_PLACE} shows a message like this one without our mark.", hint="Look whether it is ours.")
        if len(found) > 1:
            raise Unknown(
                f"{_PLACE} shows {len(found)} messages with the mark of this one.",
                hint="Look which of them is right, and delete the other by hand.",
                code="ambiguous",
            )
        return found[0] if found else None

    def _messages(self, thread: str, since: datetime) -> Iterator[Mapping[str, Any]]:
        """Give the messages of the channel since then; of a thread, where one is named, those in it."""
        query = {"limit": str(PAGE), "include_all_metadata": "true", "oldest": f"{since.timestamp():.6f}"}
        method = "conversations.history"
        if thread:
            method, query["ts"] = "conversations.replies", thread
        for _ in range(PAGES):
            answer = self._read(method, {"channel": self._channel, **query})
            page, more = answer.get("messages"), answer.get("response_metadata")
            if not isinstance(page, list) or not all(isinstance(message, dict) for message in page):
                raise Unknown(f"{_PLACE} shows the channel in a form we do not know.")
            yield from page
            cursor = more.get("next_cursor") if isinstance(more, dict) else ""
            if not isinstance(cursor, str) or not cursor:
                if answer.get("has_more"):
                    raise Unknown(f"{_PLACE} shows only the newest messages of the channel.")
                return
            query["cursor"] = cursor
        raise Unknown(f"{_PLACE} has more than {PAGE * PAGES} messages there in that time.")

    def measure(self, receipts: Sequence[Receipt]) -> list[Stat]:
        """Read the reactions and replies of our messages; Slack shows a message only as a stretch of its channel."""
        stats: list[Stat] = []
        for receipt in receipts:
            stamp = _IN_ADDRESS.sub(r"\1.\2", receipt.id)
            if not _STAMP.fullmatch(stamp):
                continue
            query = {"channel": self._place_of(receipt), "oldest": stamp, "latest": stamp}
            thread = receipt.extra.get("thread", "")
            method = "conversations.history"
            if _STAMP.fullmatch(thread):
                # The first message of a thread is always shown beside the one that is asked for.
                method, query["ts"] = "conversations.replies", thread
            messages = self._read(method, {**query, "inclusive": "true", "limit": "5"}).get("messages")
            for message in messages if isinstance(messages, list) else ():
                if isinstance(message, dict) and message.get("ts") == stamp:
                    stats += _stats(message, receipt.id, top=not thread)
        return stats

    def replies(self, receipts: Sequence[Receipt], *, since: datetime) -> list[InboxMessage]:
        """Read what people answered in the threads of our messages; which have answers the channel's history tells."""
        own = self._identity()
        place = f"{own['url']}archives/{self._channel}"
        roots: dict[str, str] = {}
        for receipt in receipts:
            root = receipt.extra.get("thread") or _IN_ADDRESS.sub(r"\1.\2", receipt.id)
            if _STAMP.fullmatch(root) and self._place_of(receipt) == self._channel:
                roots.setdefault(root, receipt.id)
        if not roots:
            return []
        oldest = datetime.fromtimestamp(float(min(roots)), UTC) - timedelta(seconds=1)
        found: list[InboxMessage] = []
        for message in self._heard(oldest):
            root = str(message.get("ts"))
            if root in roots and number_of(message.get("reply_count")):
                below = self._heard(since, thread=root)
                found += slack_listening.messages_of(below, "reply", own, place, since, roots[root])
        return newest_first(found)

    def mentions(self, *, since: datetime) -> list[InboxMessage]:
        """Read what names our bot in the channel, newest first; answers in threads are not among them."""
        own = self._identity()
        place = f"{own['url']}archives/{self._channel}"
        named = (message for message in self._heard(since) if slack_listening.names(message, own))
        return slack_listening.messages_of(named, "mention", own, place, since)

    def _heard(self, since: datetime, *, thread: str = "") -> Iterator[Mapping[str, Any]]:
        """Give the messages of the channel, or of a thread, since then, as many as can be read at once."""
        with contextlib.suppress(Unknown):  # what is older waits for the next look
            yield from self._messages(thread, since)

    def account(self) -> Account:
        """Read who we are, and the channel with its members; raises NotAllowed or TryLater."""
        self._own = None
        own = self._identity()
        try:
            answer = self._read("conversations.info", {"channel": self._channel, "include_num_members": "true"})
        except NotAllowed as error:
            if error.code != "missing_scope":
                raise
            answer = {}
        channel = answer.get("channel")
        known: Mapping[str, Any] = channel if isinstance(channel, dict) else {}
        purpose = known.get("purpose")
        name = text_of(known.get("name"))
        return Account(
            id=text_of(own.get("user_id")),
            handle=text_of(own.get("user")),
            name=f"#{name}" if name else text_of(own.get("team")),
            url=f"{own['url']}archives/{self._channel}",
            followers=number_of(known.get("num_members")),
            profile={"name": name, "note": text_of(purpose.get("value")) if isinstance(purpose, dict) else ""},
        )

    def _identity(self) -> Mapping[str, Any]:
        """Return who we are, and the workspace's address; asked once. Raises NotAllowed or TryLater."""
        if self._own is None:
            own = self._read("auth.test", {})
            url = web_address(own.get("url"))
            host = urlsplit(url).hostname or ""
            if not url.startswith("https://") or not host.endswith(".slack.com"):
                raise TryLater(f"{_PLACE} does not say who we are.", after=DEFAULT_WAIT)
            self._own = {**own, "url": f"https://{host}/"}
        return self._own

    def _read(self, method: str, query: Mapping[str, str]) -> Mapping[str, Any]:
        """Read something; raises NotAllowed or TryLater."""
        try:
            response = self._http.get(f"{HOME}/{method}", headers=self._headers, query=query)
        except HttpError as error:
            raise unread(error, _PLACE) from None
        if is_yes(response):
            answer: Mapping[str, Any] = response.json()
            return answer
        said = refused(response)
        if isinstance(said, NotAllowed | TryLater):
            raise said
        raise TryLater(f"{_PLACE} cannot be read now ({said.code}).", after=DEFAULT_WAIT, code=said.code)


class SlackWebhook:
    """One incoming webhook: it takes words, says `ok`, and tells nothing else ever."""

    name = "slack"
    key_lifetime = 0
    idempotency = Idempotency.NONE

    def __init__(self, login: Login, http: Http) -> None:
        webhook = _WEBHOOK.fullmatch(login.token.strip())
        if webhook is None:
            raise CredentialsError(f"The secret of channel {login.channel} is no webhook.", hint=WEBHOOK_HINT)
        channel = str(login.settings.get("channel") or "")
        self._http = http
        self._url = webhook[0]
        self._handle = login.handle
        self._team = webhook[1]
        # A webhook gives its messages no address: the nearest is where they appear.
        self._seen_at = f"https://app.slack.com/client/{self._team}"
        if _CHANNEL.fullmatch(channel):
            self._seen_at += f"/{channel}"

    def __repr__(self) -> str:
        return f"SlackWebhook({self._team})"

    def key(self, delivery: str, part: int, at: datetime) -> str:
        """Return a name for the part in our own records: a webhook takes no key."""
        return hashlib.sha256(f"{delivery}\n{part}".encode()).hexdigest()

    def publish(self, part: Part, *, key: str) -> Receipt:
        """Send the message once. Its receipt holds our own name for it, because Slack gives none."""
        message = _message(part)
        if part.uploads:
            raise Rejected("A webhook of Slack takes no pictures.", hint="Use the token of a bot instead.", code="kind")
        try:
            response = self._http.send("POST", self._url, json_body=message)
        except NotSent as error:
            raise TryLater(error.message, after=DEFAULT_WAIT, hint=error.hint) from None
        except HttpError as error:
            raise Unknown(error.message, hint=error.hint) from None
        if response.status != 200 or response.body.strip() != b"ok":
            raise refused(response, _over(part))
        at = instant(response.headers.get("Date"))
        if at is None:
            raise Unknown(f"{_PLACE} took the message, but did not say when.", hint="Look into the channel.")
        return Receipt(f"webhook-{key[:16]}", self._seen_at, rfc3339(at))

    def find(self, part: Part, *, key: str, since: datetime) -> Receipt | None:
        """Raise Unknown: a webhook cannot look."""
        raise Unknown(f"{_PLACE} shows a webhook nothing of what it wrote.", hint="Look into the channel yourself.")

    def measure(self, receipts: Sequence[Receipt]) -> list[Stat]:
        """Return nothing: a webhook cannot look."""
        return []

    def account(self) -> Account:
        """Return what the webhook's address tells; whether it still works only a message would show."""
        return Account(id=self._team, handle=self._handle, name="", url=self._seen_at)


# --- What a message looks like ----------------------------------------------------------------------------------------


def _message(part: Part) -> dict[str, Any]:
    """Return the body of a message; raises Rejected for what no message can be."""
    limits = _default_limits()
    if part.poll or (part.kind and part.kind not in limits.texts("kinds")):
        raise Rejected(
            f"{_PLACE} cannot show a post of the kind {'poll' if part.poll else part.kind}.",
            hint=f"It can show {', '.join(limits.texts('kinds'))}.",
            code="kind",
        )
    if part.attachments and len(part.uploads) != len(part.attachments):
        raise Rejected("The pictures of this post were not made ready.", hint="Run `socialops check` on the post.")
    if any(upload.mime.startswith("video/") for upload in part.uploads):
        raise Rejected(f"{_PLACE} gets no videos from this version.", hint="Link to the video.", code="kind")
    previews = chosen(LINK_PREVIEW, part.options) != "none"
    return {
        "text": mrkdwn(part.text, part.spans, part.styles) or next((upload.alt for upload in part.uploads), ""),
        "blocks": [rich_text(part.text, part.spans, part.styles)] if part.text else [],
        "unfurl_links": previews,
        "unfurl_media": previews,
    }


def _stamp(receipt: Receipt) -> str:
    """Return what Slack calls a message; raises Rejected."""
    stamp = _IN_ADDRESS.sub(r"\1.\2", receipt.id)
    if not _STAMP.fullmatch(stamp):
        raise Rejected("That receipt does not name a message.", hint="Look at the message by hand.", code="receipt")
    return stamp


# --- What an answer says ----------------------------------------------------------------------------------------------


def _key(message: Mapping[str, Any]) -> str:
    """Return the key a message carries; empty where it carries none of ours."""
    metadata = message.get("metadata")
    payload = metadata.get("event_payload") if isinstance(metadata, dict) else None
    ours = isinstance(payload, dict) and metadata is not None and metadata.get("event_type") == EVENT
    return text_of(payload.get("key")) if ours and isinstance(payload, dict) else ""


def _is_alike(message: Mapping[str, Any], part: Part, own: Mapping[str, Any]) -> bool:
    ours = own.get("bot_id") and message.get("bot_id") == own["bot_id"] and not message.get("metadata")
    return bool(ours) and text_of(message.get("text")).split() == mrkdwn(part.text, part.spans, part.styles).split()


def _stats(message: Mapping[str, Any], identity: str, *, top: bool) -> Iterator[Stat]:
    """Give the numbers of a message. Slack leaves out what is none: then it is 0; replies have no replies."""
    reactions = message.get("reactions")
    items = reactions if isinstance(reactions, list) else []
    yield Stat(
        identity, "reactions", sum(number_of(item.get("count")) or 0 for item in items if isinstance(item, dict))
    )
    if top:
        yield Stat(identity, "replies", number_of(message.get("reply_count")) or 0)


def _over(part: Part) -> str:
    """Say in words what of a part does not fit."""
    return too_much(counts(part, _default_limits()))


def _default_limits() -> Limits:
    from socialops.networks import default_limits

    return default_limits("slack")
