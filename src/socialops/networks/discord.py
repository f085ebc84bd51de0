"""Discord: a bot that writes into a channel, or a webhook that can do nothing else.

Which of the two it is, the secret tells: the token of a bot, or the whole address of a webhook. A bot's messages carry
a nonce that Discord enforces for some minutes, and can be read back for ever; a webhook has neither, so what became of
a request without an answer only a person can tell. A webhook cannot reply either: the parts of its thread follow one
another. Nobody is pinged, whatever the text says, unless the post asks for it.

A webhook's address is a secret. It is taken apart before it is used, and no error here holds an address.

Sources: discord/discord-api-docs c98d64b (webhooks, messages, polls, rate limits), discord-api-spec 74fda0f.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from socialops.errors import CredentialsError, HttpError, NetworkError, NotAllowed, NotSent, Rejected, TryLater, Unknown
from socialops.http import MEDIA_DEADLINE, TEXT_DEADLINE, FileField
from socialops.networks import discord_listening
from socialops.networks.base import (
    DEFAULT_WAIT,
    LATEST,
    SOONEST,
    Account,
    Count,
    Idempotency,
    InboxMessage,
    Limits,
    Login,
    Option,
    Stat,
    chosen,
    not_found_out,
    rfc3339,
    too_much,
    unread,
    wait_of,
)
from socialops.networks.discord_message import ID, created, identity_of, is_message, number_of, stats_of, text_of
from socialops.networks.discord_text import marked_up, mentioned
from socialops.networks.draft import Part, Receipt
from socialops.networks.rich_text import spelled_out, utf16_length

if TYPE_CHECKING:
    from socialops.http import Http, Response

HOST_IS_A_CHOICE = False
HOME = "https://discord.com/api/v10"
SECRETS = ("TOKEN",)
MENTIONS = Option("mentions", "Who is notified by being named.", ("none", "people", "everyone"))
SILENT = Option("silent", "Whether it arrives without a sound.", ("yes", "no"))
LINK_PREVIEW = Option("link_preview", "Whether links are shown with a preview.", ("none", "shown"))
OPTIONS = (MENTIONS, SILENT, LINK_PREVIEW)

KEY_LIFETIME = 120
"""Seconds for which a nonce is relied on: the documentation promises only "the past few minutes".

That is less than the margin which the publishing machine keeps before a key's end, so it looks instead of sending
again; the nonce then guards against what crosses with that look.
"""
PAGE = 100
"""Messages one request shows at most (openapi list_messages: limit.maximum)."""
PAGES = 25
"""How many pages we look back before we say that we cannot tell."""
_SUPPRESS_EMBEDS = 1 << 2
_SUPPRESS_NOTIFICATIONS = 1 << 12

_PLACE = "Discord"
_BOT = re.compile(r"[A-Za-z0-9._-]{30,200}")
_WEBHOOK = re.compile(
    r"https://(?:ptb\.|canary\.)?discord(?:app)?\.com/api/(?:v\d{1,2}/)?webhooks/([1-9]\d{14,19})/([A-Za-z0-9_-]{30,200})"
)
_SECONDS = re.compile(r"\d{1,9}(?:\.\d{1,9})?")
_NAME = re.compile(r"[A-Za-z0-9_]{1,60}")

_NOT_OURS = {
    10003: "Correct `channel:` under `params:` in the channel's file.",
    10004: "The server is gone, or the bot is no longer on it: invite it again.",
    10015: "The webhook was deleted: make a new one in the channel's settings.",
    40001: "Make a new token in the developer portal.",
    40002: "Verify the bot's account in the developer portal.",
    50001: "Let the bot see the channel.",
    50008: "The bot cannot write into a channel of that kind.",
    50013: "Give the bot the permissions to send messages, embed links and attach files there.",
    50014: "Make a new token in the developer portal.",
    50024: "The bot cannot write into a channel of that kind.",
    50027: "Make a new webhook in the channel's settings.",
    50083: "Open the archived thread again.",
    160002: "Give the bot the permission to read the message history.",
    220001: "The webhook belongs to a forum: write the `thread:` it posts to under `params:` in the channel's file.",
    220003: "Only a forum has threads of that kind: take `thread:` out of the channel's file.",
}
"""Error codes that say that the channel, not the post, is at fault."""
_POST = {
    10008: "The part before this one was deleted: publish the rest as a new post.",
    40005: "Make the files smaller: 10 MiB is what a server without boosts takes.",
    50006: "Write some words, or add a picture.",
    50035: "Compare the post with the limits: `socialops check`.",
    50045: "Make the file smaller: 10 MiB is what a server without boosts takes.",
    200000: "The server's own rules (AutoMod) block a word of it.",
    200001: "The server's own rules (AutoMod) block its title.",
    240000: "Discord takes one of its links for harmful.",
}
_AT_REST = {20016, 20028, 20029}
"""Codes of limits that may come with another status than 429: slow mode, and writing too fast."""


def connect(login: Login, http: Http) -> Discord:
    """Return the channel of *login*; no request is made yet. Raises CredentialsError for a secret that is none."""
    return Discord(login, http)


def counts(part: Part, limits: Limits) -> Sequence[Count]:
    """Count a part as Discord does: with its escapes and the addresses of its links.

    With a poll the text is its question, in which addresses have to be written out.
    """
    shown = spelled_out(part.text, part.spans, part.styles) if part.poll else _content(part)
    used = {"text": utf16_length(shown)}
    if part.attachments:
        used["attachments"] = len(part.attachments)
        used["alt_text"] = max(len(attachment.alt) for attachment in part.attachments)
    if part.poll:
        used["poll_options"] = len(part.poll.options)
        used["poll_option"] = max((utf16_length(option) for option in part.poll.options), default=0)
    return limits.counted(used, text="poll_question" if part.poll else "text")


class Discord:
    """One channel, by a bot or by a webhook."""

    name = "discord"
    key_lifetime = KEY_LIFETIME

    def __init__(self, login: Login, http: Http) -> None:
        secret = login.token.strip()
        webhook = _WEBHOOK.fullmatch(secret)
        channel, thread = str(login.settings.get("channel") or ""), str(login.settings.get("thread") or "")
        if not webhook and not _BOT.fullmatch(secret):
            raise CredentialsError(
                f"The secret of channel {login.channel} is neither a bot's token nor the address of a webhook.",
                hint="Copy the token from the developer portal, or the address from the channel's integrations.",
            )
        if not (webhook or ID.fullmatch(channel)) or (thread and not ID.fullmatch(thread)):
            raise CredentialsError(
                f"Channel {login.channel} does not say which channel of the server it is.",
                hint="Write its number (Copy Channel ID) as `channel:` under `params:` in the channel's file.",
            )
        self._http = http
        self._webhook = bool(webhook)
        self._channel = thread or channel
        """Where a bot writes; of a webhook only its thread, if it has one."""
        if webhook:
            self._channel = thread
            self._base = f"{HOME}/webhooks/{webhook[1]}/{webhook[2]}"
            self._headers: dict[str, str] = {}
        else:
            self._base = HOME
            self._headers = {"Authorization": f"Bot {secret}"}
        self._known: Mapping[str, Any] | None = None
        self._bot: Mapping[str, Any] | None = None

    def __repr__(self) -> str:
        return f"Discord({'webhook' if self._webhook else self._channel})"

    @property
    def idempotency(self) -> Idempotency:
        """KEY for a bot, whose messages can be read back when the key is dead; NONE for a webhook."""
        return Idempotency.NONE if self._webhook else Idempotency.KEY

    def key(self, delivery: str, part: int, at: datetime) -> str:
        """Return a nonce of 24 hexadecimal digits (25 are the most) that depends on the delivery and the part alone."""
        return hashlib.sha256(f"{delivery}\n{part}".encode()).hexdigest()[:24]

    # --- Publishing ---------------------------------------------------------------------------------------------------

    def publish(self, part: Part, *, key: str) -> Receipt:
        """Send the part once; its files travel in the same request."""
        payload = _payload(part)
        if not self._webhook:
            payload |= {"nonce": key, "enforce_nonce": True}
            if part.reply:
                payload["message_reference"] = self._reference(part.reply.parent)
        self._where()  # what the message's address needs; a read, and nothing is sent when it fails
        try:
            response = self._send(payload, _files(part))
        except NotSent as error:
            raise TryLater(error.message, after=DEFAULT_WAIT, hint=error.hint) from None
        except HttpError as error:
            raise Unknown(error.message, hint=error.hint) from None
        if 200 <= response.status < 300:
            receipt = self._receipt(response.json())
            if receipt is None:
                raise Unknown(f"{_PLACE} answered, but not with a message.", code=str(response.status))
            return receipt
        raise _refused(response, part)

    def _send(self, payload: Mapping[str, Any], files: Mapping[str, FileField]) -> Response:
        if self._webhook:
            url = self._base
            # Without `wait` Discord says yes before it knows, and loses messages in silence.
            query = {"wait": "true", **self._thread(self._channel)}
        else:
            url, query = f"{HOME}/channels/{self._channel}/messages", {}
        if not files:
            return self._http.send(
                "POST", url, headers=self._headers, query=query, json_body=payload, deadline=TEXT_DEADLINE
            )
        form = {"payload_json": json.dumps(payload, ensure_ascii=False, separators=(",", ":"))}
        return self._http.send(
            "POST", url, headers=self._headers, query=query, form=form, files=files, deadline=MEDIA_DEADLINE
        )

    def _reference(self, parent: Receipt) -> dict[str, Any]:
        if not ID.fullmatch(parent.id):
            raise Rejected("The part before this one is no message.", hint="Look at the thread by hand.", code="reply")
        return {"message_id": parent.id, "channel_id": self._channel, "fail_if_not_exists": True}

    def _receipt(self, message: Any) -> Receipt | None:
        """Return the receipt of a message in our channel; None for anything else."""
        if not is_message(message):
            return None
        channel = message["channel_id"]
        where = self._where()
        if channel != (self._channel or where.get("channel_id")):
            return None
        guild = identity_of(where.get("guild_id")) or "@me"
        url = f"https://discord.com/channels/{guild}/{channel}/{message['id']}"
        return Receipt(message["id"], url, rfc3339(created(message)), {"channel": channel})

    def delete(self, receipt: Receipt) -> None:
        """Delete a message; one that is gone already is fine. Raises NotAllowed, TryLater or Unknown."""
        url, query = self._one(receipt)
        try:
            response = self._http.send("DELETE", url, headers=self._headers, query=query)
        except NotSent as error:
            raise TryLater(error.message, after=DEFAULT_WAIT, hint=error.hint) from None
        except HttpError as error:
            raise Unknown(error.message, hint=error.hint) from None
        if 200 <= response.status < 300 or _code(response) == 10008:
            return
        refused = _refused(response, None)
        if isinstance(refused, NotAllowed | TryLater):
            raise refused
        raise Unknown(f"{_PLACE} did not say that the message is deleted ({refused.code}).", code=refused.code)

    def _one(self, receipt: Receipt) -> tuple[str, dict[str, str]]:
        """Return the address of one message, in the channel it was sent to."""
        channel = receipt.extra.get("channel") or self._channel
        if not ID.fullmatch(receipt.id) or (channel and not ID.fullmatch(channel)):
            raise Rejected("That receipt does not name a message.", hint="Delete the message by hand.")
        if self._webhook:
            thread = channel if channel and channel != self._where().get("channel_id") else ""
            return f"{self._base}/messages/{receipt.id}", self._thread(thread)
        return f"{HOME}/channels/{channel}/messages/{receipt.id}", {}

    @staticmethod
    def _thread(thread: str) -> dict[str, str]:
        return {"thread_id": thread} if thread else {}

    # --- Looking ------------------------------------------------------------------------------------------------------

    def find(self, part: Part, *, key: str, since: datetime) -> Receipt | None:
        """Look through the channel's messages, newest first, until before *since*.

        A message matches when it is ours and has the nonce, or, where Discord no longer shows one, the same text, the
        same number of files and the same place in the thread. Raises Unknown for a webhook, which cannot look.
        """
        if self._webhook:
            raise Unknown(f"{_PLACE} shows a webhook nothing of what it wrote.", hint="Look into the channel yourself.")
        try:
            own = identity_of(self._me().get("id"))
            found = [
                receipt
                for message in self._messages(since)
                if _is_the_part(message, part, key, own) and (receipt := self._receipt(message))
            ]
        except NetworkError as error:
            raise not_found_out(error) from None
        if len(found) > 1:
            raise Unknown(
                f"{_PLACE} shows {len(found)} messages like this one.",
                hint="Look which of them is ours, and delete the other by hand if it is a copy.",
                code="ambiguous",
            )
        return found[0] if found else None

    def _messages(self, since: datetime) -> Iterator[Mapping[str, Any]]:
        query = {"limit": str(PAGE)}
        for _ in range(PAGES):
            page = self._read(f"{HOME}/channels/{self._channel}/messages", query)
            if not isinstance(page, list) or not all(is_message(message) for message in page):
                raise Unknown(f"{_PLACE} shows the channel in a form we do not know.")
            yield from (message for message in page if created(message) >= since)
            if len(page) < PAGE or created(page[-1]) < since:
                return
            query["before"] = page[-1]["id"]
        raise Unknown(f"{_PLACE} has more than {PAGE * PAGES} messages there in that time.")

    def measure(self, receipts: Sequence[Receipt]) -> list[Stat]:
        """Read the reactions, votes and answers of our messages; Discord shows several only as a stretch of a channel.

        So each takes a request of its own.
        """
        stats: list[Stat] = []
        for receipt in receipts:
            if not ID.fullmatch(receipt.id):
                continue
            url, query = self._one(receipt)
            message = self._read(url, query, missing=10008)
            if is_message(message) and message["id"] == receipt.id:
                stats += stats_of(message)
        return stats

    def replies(self, receipts: Sequence[Receipt], *, since: datetime) -> list[InboxMessage]:
        """Read what answers *receipts* in the channel; a webhook hears nothing."""
        if self._webhook or not receipts:
            return []
        own, guild = identity_of(self._me().get("id")), identity_of(self._where().get("guild_id"))
        return discord_listening.replies(self._heard(since), own, guild, receipts, since)

    def mentions(self, *, since: datetime) -> list[InboxMessage]:
        """Read what names our bot in the channel, newest first; a webhook hears nothing."""
        if self._webhook:
            return []
        own, guild = identity_of(self._me().get("id")), identity_of(self._where().get("guild_id"))
        return discord_listening.mentions(self._heard(since), own, guild, since)

    def _heard(self, since: datetime) -> Iterator[Mapping[str, Any]]:
        """Give the channel's messages since then, as many as can be read at once."""
        try:
            yield from self._messages(since)
        except Unknown:
            return  # what is older waits for the next look

    def account(self) -> Account:
        """Read who we are and where we write; raises NotAllowed or TryLater."""
        self._known = self._bot = None
        where = self._where()
        guild = identity_of(where.get("guild_id"))
        channel = self._channel or identity_of(where.get("channel_id"))
        own = where if self._webhook else self._me()
        name = text_of(own.get("global_name")) or text_of(own.get("username")) or text_of(own.get("name"))
        return Account(
            id=identity_of(own.get("id")),
            handle=text_of(own.get("username")) or text_of(own.get("name")),
            name=name,
            url=f"https://discord.com/channels/{guild or '@me'}/{channel}",
            followers=self._members(guild),
            profile={"name": name, "note": "" if self._webhook else text_of(where.get("topic"))},
        )

    def _members(self, guild: str) -> int | None:
        if self._webhook or not guild:
            return None
        try:
            answer = self._read(f"{HOME}/guilds/{guild}", {"with_counts": "true"})
        except NetworkError:
            return None  # the numbers of a server are not needed to write into it
        return number_of(answer.get("approximate_member_count")) if isinstance(answer, dict) else None

    # --- Asking -------------------------------------------------------------------------------------------------------

    def _where(self) -> Mapping[str, Any]:
        """Return the channel, or the webhook; asked once. Raises NotAllowed or TryLater."""
        if self._known is None:
            url = self._base if self._webhook else f"{HOME}/channels/{self._channel}"
            self._known = self._named(url)
        return self._known

    def _me(self) -> Mapping[str, Any]:
        if self._bot is None:
            self._bot = self._named(f"{HOME}/users/@me")
        return self._bot

    def _named(self, url: str) -> Mapping[str, Any]:
        answer = self._read(url, {})
        if not isinstance(answer, dict) or not identity_of(answer.get("id")):
            raise TryLater(f"{_PLACE} does not say who we are.", after=DEFAULT_WAIT)
        return answer

    def _read(self, url: str, query: Mapping[str, str], *, missing: int = -1) -> Any:
        """Read something as JSON; None where the error is *missing*. Raises NotAllowed or TryLater."""
        try:
            response = self._http.get(url, headers=self._headers, query=query)
        except HttpError as error:
            raise unread(error, _PLACE) from None
        if response.status == 200:
            return response.json()
        if _code(response) == missing:
            return None
        refused = _refused(response, None)
        if isinstance(refused, NotAllowed | TryLater):
            raise refused
        raise TryLater(f"{_PLACE} cannot be read now ({refused.code}).", after=DEFAULT_WAIT, code=refused.code)


# --- What a message looks like ----------------------------------------------------------------------------------------


def _content(part: Part) -> str:
    return marked_up(part.text, part.spans, part.styles, everyone=part.options.get(MENTIONS.name) == "everyone")


def _payload(part: Part) -> dict[str, Any]:
    """Return the body of a message; raises Rejected for what no message can be."""
    limits = _default_limits()
    if part.kind and part.kind not in limits.texts("kinds"):
        raise Rejected(
            f"{_PLACE} cannot show a post of the kind {part.kind}.",
            hint=f"It can show {', '.join(limits.texts('kinds'))}.",
            code="kind",
        )
    if part.attachments and len(part.uploads) != len(part.attachments):
        raise Rejected("The pictures of this post were not made ready.", hint="Run `socialops check` on the post.")
    if part.poll and part.uploads:
        raise Rejected(f"{_PLACE} takes a poll or media, not both.", hint="Drop one of the two.", code="kind")
    payload: dict[str, Any] = {"allowed_mentions": _allowed_mentions(part)}
    if part.poll:
        payload["poll"] = {
            "question": {"text": spelled_out(part.text, part.spans, part.styles)},
            "answers": [{"poll_media": {"text": option}} for option in part.poll.options],
            "duration": math.ceil(part.poll.seconds / 3600),
            "allow_multiselect": part.poll.multiple,
        }
    else:
        payload["content"] = _content(part)
    if part.uploads:
        payload["attachments"] = [
            {"id": str(number), "filename": name, "description": upload.alt}
            for number, (upload, name) in enumerate(zip(part.uploads, _names(part), strict=True))
        ]
    flags = _SUPPRESS_EMBEDS if chosen(LINK_PREVIEW, part.options) == "none" else 0
    flags |= _SUPPRESS_NOTIFICATIONS if chosen(SILENT, part.options) == "yes" else 0
    return {**payload, "flags": flags} if flags else payload


def _allowed_mentions(part: Part) -> dict[str, Any]:
    """Return who may be notified: nobody, unless the post asks for it."""
    choice = chosen(MENTIONS, part.options)
    allowed: dict[str, Any] = {"parse": ["everyone"] if choice == "everyone" else [], "replied_user": False}
    if choice in {"people", "everyone"}:
        allowed["users"] = sorted({person for span in part.spans if (person := mentioned(span))})[:100]
    return allowed


def _names(part: Part) -> list[str]:
    """Return the files' names; Discord covers what is called a spoiler."""
    cover = "SPOILER_" if part.sensitive else ""
    return [
        f"{cover}{'video' if upload.mime.startswith('video/') else 'picture'}-{number}.{upload.mime.rpartition('/')[2]}"
        for number, upload in enumerate(part.uploads, start=1)
    ]


def _files(part: Part) -> dict[str, FileField]:
    return {
        f"files[{number}]": (name, upload.data, upload.mime)
        for number, (upload, name) in enumerate(zip(part.uploads, _names(part), strict=True))
    }


# --- What an answer says ----------------------------------------------------------------------------------------------


def _is_the_part(message: Mapping[str, Any], part: Part, key: str, own: str) -> bool:
    author, nonce = message.get("author"), message.get("nonce")
    if not isinstance(author, dict) or not own or author.get("id") != own:
        return False
    if nonce is not None:
        return bool(str(nonce) == key)
    reference = message.get("message_reference")
    parent = reference.get("message_id") if isinstance(reference, dict) else None
    if (parent or "") != (part.reply.parent.id if part.reply else ""):
        return False
    attachments = message.get("attachments")
    if (len(attachments) if isinstance(attachments, list) else 0) != len(part.attachments):
        return False
    poll = message.get("poll")
    if part.poll is None:
        return not poll and " ".join(text_of(message.get("content")).split()) == " ".join(_content(part).split())
    question = poll.get("question") if isinstance(poll, dict) else None
    asked = text_of(question.get("text")) if isinstance(question, dict) else ""
    return asked.split() == spelled_out(part.text, part.spans, part.styles).split()


def _error(response: Response) -> Mapping[str, Any]:
    answer = response.json() if response.status >= 400 else None
    return answer if isinstance(answer, dict) else {}


def _code(response: Response) -> int:
    """Return Discord's own number of an error; 0 where it gives none."""
    return number_of(_error(response).get("code")) or 0


def _refused(response: Response, part: Part | None) -> NetworkError:
    """Say what an answer that is no yes means for the caller."""
    number, status = _code(response), response.status
    code = str(number or status)
    if status == 429 or (number in _AT_REST and 400 <= status < 500):
        return TryLater(f"{_PLACE} wants us to wait ({code}).", after=_wait(response), code=code)
    if not 400 <= status < 500 or status in {408, 409, 425, 499}:
        return Unknown(f"{_PLACE} gave an answer that says nothing sure ({code}).", code=code)
    if number in _NOT_OURS or (status in {401, 403} and number not in _POST):
        hint = _NOT_OURS.get(number, "Look at the bot's token and permissions, or make a new webhook.")
        return NotAllowed(f"{_PLACE} does not let us write there ({code}).", hint=hint, code=code)
    faults = _faults(_error(response).get("errors"))
    why = "; ".join(faults[:3]) or (too_much(counts(part, _default_limits())) if part else "")
    if part and faults and (over := too_much(counts(part, _default_limits()))):
        why = f"{why}; {over}"
    hint = _POST.get(number, _POST[50035])
    if any(fault.startswith("message_reference") for fault in faults):
        hint = _POST[10008]
    return Rejected(f"{_PLACE} refuses the post ({code}){f': {why}' if why else ''}.", hint=hint, code=code)


def _faults(errors: object, path: tuple[str, ...] = ()) -> list[str]:
    """Return which fields are wrong and how, in Discord's names (`content BASE_TYPE_MAX_LENGTH`): never its prose."""
    if not isinstance(errors, dict) or len(path) > 6:
        return []
    found: list[str] = []
    for name, value in errors.items():
        if name == "_errors" and isinstance(value, list):
            codes = [item.get("code") for item in value if isinstance(item, dict)]
            found += [
                " ".join([".".join(path), code]).strip()
                for code in codes
                if isinstance(code, str) and _NAME.fullmatch(code)
            ]
        elif _NAME.fullmatch(name):
            found += _faults(value, (*path, name))
    return found


def _wait(response: Response) -> timedelta:
    """Return how long to wait: in the answer as a fraction of seconds, else in its headers."""
    seconds = _error(response).get("retry_after")
    if not isinstance(seconds, int | float) or isinstance(seconds, bool) or not math.isfinite(seconds):
        texts = (response.headers.get(name, "").strip() for name in ("Retry-After", "X-RateLimit-Reset-After"))
        seconds = next((float(text) for text in texts if _SECONDS.fullmatch(text)), None)
    if seconds is None:
        return wait_of(response.headers)
    return min(max(timedelta(seconds=min(max(seconds, 0), 10**6)), SOONEST), LATEST)


def _default_limits() -> Limits:
    from socialops.networks import default_limits

    return default_limits("discord")
