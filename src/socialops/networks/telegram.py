"""Telegram, by the Bot API: a bot that posts to a channel or a group.

A bot cannot read what it has written: there is no history and no key, so what became of a request without an answer
only a person can tell. Text goes out with its entities, never with a parse mode, so no letter in it is ever markup; the
server itself finds written-out addresses, mentions and hashtags. Telegram has no alt texts.

The token is part of every address. It is checked to be nothing but a token before it becomes one, and no error here
holds an address.

Source: core.telegram.org/bots/api, version 10.1 of 2026-06-11.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from socialops.errors import CredentialsError, HttpError, NetworkError, NotAllowed, NotSent, Rejected, TryLater, Unknown
from socialops.http import MEDIA_DEADLINE, TEXT_DEADLINE, FileField
from socialops.networks import telegram_listening
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
    rfc3339,
    too_much,
    unread,
    wait_of,
)
from socialops.networks.draft import Part, Receipt, Upload
from socialops.networks.rich_text import is_labelled, pieces, settled, spelled_out, utf16_length

if TYPE_CHECKING:
    from socialops.http import Http, Response

HOST_IS_A_CHOICE = False
HOME = "https://api.telegram.org"
SECRETS = ("TOKEN",)
SILENT = Option("silent", "Whether it arrives without a sound.", ("yes", "no"))
PROTECT = Option("protect", "Whether it can be neither forwarded nor saved.", ("yes", "no"))
LINK_PREVIEW = Option("link_preview", "How the first link is shown below the text.", ("none", "small", "large"))
TOPIC = Option("topic", "The number of the topic it goes to, in a group with topics.")
OPTIONS = (SILENT, PROTECT, LINK_PREVIEW, TOPIC)

_PLACE = "Telegram"
_STYLES = {"bold": "bold", "italic": "italic", "code": "code", "block": "pre", "quote": "blockquote"}
_TOKEN = re.compile(r"\d{3,20}:[A-Za-z0-9_-]{20,128}")
_CHAT = re.compile(r"@[A-Za-z]\w{3,31}|-?\d{1,19}", re.ASCII)
_CHAT_NUMBER = re.compile(r"-?\d{1,19}")
_USERNAME = re.compile(r"[A-Za-z]\w{3,31}", re.ASCII)
_MESSAGES = re.compile(r"[1-9]\d{0,18}(?:,[1-9]\d{0,18}){0,9}")
_NUMBER = re.compile(r"[1-9]\d{0,9}")


@dataclass(frozen=True, slots=True)
class _Refusal:
    """What the words of an error 400 mean: a short *code*, whether the chat is at fault (else the post), and a hint."""

    words: re.Pattern[str]
    code: str
    chat: bool
    hint: str


def _refusal(words: str, code: str, hint: str, *, chat: bool = False) -> _Refusal:
    return _Refusal(re.compile(words, re.IGNORECASE), code, chat, hint)


_REFUSALS = (
    _refusal(
        r"chat not found|CHANNEL_INVALID|PEER_ID_INVALID",
        "chat not found",
        "Correct `chat:` under `params:` in the channel's file, and make the bot an administrator there.",
        chat=True,
    ),
    _refusal(
        r"upgraded to a supergroup",
        "chat moved",
        "The group became a supergroup: write its new number as `chat:` in the channel's file.",
        chat=True,
    ),
    _refusal(
        r"not enough rights|have no rights|administrator rights|CHAT_WRITE_FORBIDDEN|CHAT_SEND_\w+_FORBIDDEN",
        "no rights",
        "Make the bot an administrator of the channel, with the right to post messages.",
        chat=True,
    ),
    _refusal(
        r"thread not found|TOPIC_(?:CLOSED|DELETED)",
        "topic not found",
        "Correct `topic`: the group has no open topic of that number.",
        chat=True,
    ),
    _refusal(r"(?:message|caption) is too long|MEDIA_CAPTION_TOO_LONG", "too long", "Shorten the text."),
    _refusal(r"text is empty|text must be non-empty", "empty", "Write some words, or add a picture."),
    _refusal(
        r"message to (?:be replied|reply) not found|replied message not found",
        "reply not found",
        "The part before this one was deleted: publish the rest as a new post.",
    ),
    _refusal(
        r"PHOTO_\w+|VIDEO_\w+|IMAGE_PROCESS_FAILED|MEDIA_(?:EMPTY|INVALID)|wrong (?:file|type)",
        "media",
        "Save the picture anew as JPEG, or the video as MP4 with H.264.",
    ),
    _refusal(r"poll|question", "poll", "Compare the question and its answers with `socialops check`."),
    _refusal(r"entit", "entities", "A link in the text is not one that Telegram takes: write its address out."),
    _refusal(r"TOO_BIG|too big", "too big", "Make the file smaller."),
)


def connect(login: Login, http: Http) -> Telegram:
    """Return the chat of *login*; no request is made yet. Raises CredentialsError for a token or chat that is none."""
    return Telegram(login, http)


def counts(part: Part, limits: Limits) -> Sequence[Count]:
    """Count a part as Telegram does: in UTF-16 code units of what is left when entities are taken out of the text.

    With media the text is their caption, and with a poll its question, in which addresses have to be written out.
    """
    if part.poll:
        text, room = utf16_length(spelled_out(part.text, part.spans, part.styles)), "poll_question"
    else:
        text, room = utf16_length(part.text), "caption" if part.attachments else "text"
    used = {"text": text}
    if part.attachments:
        used["attachments"] = len(part.attachments)
    if part.poll:
        used["poll_options"] = len(part.poll.options)
        used["poll_option"] = max((utf16_length(option) for option in part.poll.options), default=0)
    return limits.counted(used, text=room)


class Telegram:
    """One bot in one chat."""

    name = "telegram"
    key_lifetime = 0
    idempotency = Idempotency.NONE

    def __init__(self, login: Login, http: Http) -> None:
        token = login.token.strip()
        if not _TOKEN.fullmatch(token):
            raise CredentialsError(
                f"The secret of channel {login.channel} is not the token of a bot.",
                hint="Copy it from @BotFather: digits, a colon, and a long word.",
            )
        chat = str(login.settings.get("chat") or login.handle).strip()
        if not _CHAT.fullmatch(chat):
            raise CredentialsError(
                f"Channel {login.channel} does not say which chat it is.",
                hint="Write `chat: '@name'`, or the chat's number, under `params:` in the channel's file.",
            )
        topic = str(login.settings.get("topic") or "")
        self._topic = topic if _NUMBER.fullmatch(topic) else ""
        self._chat: int | str = chat if chat.startswith("@") else int(chat)
        self._methods = f"{HOME}/bot{token}"
        self._http = http

    def __repr__(self) -> str:
        return f"Telegram({self._chat})"

    def key(self, delivery: str, part: int, at: datetime) -> str:
        """Return a name for the part in our own records: Telegram takes no key."""
        return hashlib.sha256(f"{delivery}\n{part}".encode()).hexdigest()

    # --- Publishing ---------------------------------------------------------------------------------------------------

    def publish(self, part: Part, *, key: str) -> Receipt:
        """Send the part once: all its pictures travel in the same request."""
        message = _message(part)
        fields: dict[str, Any] = {"chat_id": self._chat, **message.fields, **_choices(part, self._topic)}
        try:
            response = self._send(message.method, fields, message.files)
        except NotSent as error:
            raise TryLater(error.message, after=DEFAULT_WAIT, hint=error.hint) from None
        except HttpError as error:
            raise Unknown(error.message, hint=error.hint) from None
        if 200 <= response.status < 300 and (receipt := self._receipt(_result(response))):
            return receipt
        raise _refused(response, part)

    def _send(self, method: str, fields: Mapping[str, Any], files: Mapping[str, FileField] | None = None) -> Response:
        url = f"{self._methods}/{method}"
        if not files:
            return self._http.send("POST", url, json_body=fields, deadline=TEXT_DEADLINE)
        form = {
            name: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
            for name, value in fields.items()
        }
        return self._http.send("POST", url, form=form, files=files, deadline=MEDIA_DEADLINE)

    def _receipt(self, result: Any) -> Receipt | None:
        """Return the receipt of a message, or of the album that several are; None for anything else."""
        messages = result if isinstance(result, list) else [result]
        numbers = [number for message in messages if (number := _message_number(message))]
        if not numbers or len(numbers) != len(messages):
            return None
        date, chat = messages[0].get("date"), messages[0]["chat"]
        if not isinstance(date, int) or not 10**9 < date < 10**11:
            return None
        if isinstance(self._chat, int) and chat["id"] != self._chat:
            return None
        extra = {"chat": str(chat["id"])}
        if len(numbers) > 1:
            extra["messages"] = ",".join(map(str, numbers))
        at = rfc3339(datetime.fromtimestamp(date, UTC))
        return Receipt(str(numbers[0]), f"{_address(chat)}/{numbers[0]}", at, extra)

    def delete(self, receipt: Receipt) -> None:
        """Delete a message, or every message of an album; what is gone already is skipped by Telegram.

        Raises Rejected for what is older than 48 hours: a bot may not delete that.
        """
        numbers, chat = receipt.extra.get("messages") or receipt.id, receipt.extra.get("chat", "")
        if not _MESSAGES.fullmatch(numbers) or not _CHAT_NUMBER.fullmatch(chat or "0"):
            raise Rejected("That receipt does not name a message.", hint="Delete the message by hand.")
        wanted = [int(number) for number in numbers.split(",")]
        try:
            # Where it was sent, though the channel's file may name another chat by now.
            where = int(chat) if chat else self._chat
            response = self._send("deleteMessages", {"chat_id": where, "message_ids": wanted})
        except NotSent as error:
            raise TryLater(error.message, after=DEFAULT_WAIT, hint=error.hint) from None
        except HttpError as error:
            raise Unknown(error.message, hint=error.hint) from None
        if _result(response) is True:
            return
        status, words = _status(response), _words(response)
        if status == 400 and "not found" in words and "chat" not in words:
            return
        if status == 400 and "can't be deleted" in words:
            raise Rejected(
                f"{_PLACE} no longer lets the bot delete this message (400).",
                hint="A bot may delete for 48 hours; an administrator can still do it by hand.",
                code="400 too old",
            )
        raise _refused(response, None)

    # --- Looking ------------------------------------------------------------------------------------------------------

    def find(self, part: Part, *, key: str, since: datetime) -> Receipt | None:
        """Raise Unknown: a bot cannot read what it has written."""
        raise Unknown(f"{_PLACE} shows a bot nothing of what it wrote.", hint="Look into the channel yourself.")

    def measure(self, receipts: Sequence[Receipt]) -> list[Stat]:
        """Return nothing: the Bot API shows neither views nor reactions of a message that was sent."""
        return []

    def replies(self, receipts: Sequence[Receipt], *, since: datetime) -> list[InboxMessage]:
        """Read what the bot heard of the last day that answers *receipts*."""
        return telegram_listening.replies(self._updates(), receipts, since) if receipts else []

    def mentions(self, *, since: datetime) -> list[InboxMessage]:
        """Read what the bot heard of the last day that names it, or was said to it alone, newest first."""
        bot = self._read("getMe")
        return telegram_listening.mentions(self._updates(), bot if isinstance(bot, dict) else {}, since)

    def _updates(self) -> Any:
        return self._read("getUpdates", telegram_listening.QUERY)

    def account(self) -> Account:
        """Read the bot, its chat, and how many members that has; raises NotAllowed or TryLater."""
        bot, chat = self._read("getMe"), self._read("getChat", chat=True)
        members = self._read("getChatMemberCount", chat=True)
        if not isinstance(bot, dict) or not isinstance(chat, dict) or not isinstance(chat.get("id"), int):
            raise TryLater(f"{_PLACE} does not say who we are.", after=DEFAULT_WAIT)
        username = _text(chat.get("username"))
        return Account(
            id=str(chat["id"]),
            handle=f"@{username}" if username else _text(chat.get("title")),
            name=_text(chat.get("title")),
            url=_address(chat),
            followers=members if isinstance(members, int) and members >= 0 else None,
            profile={
                "name": _text(chat.get("title")),
                "note": _text(chat.get("description")),
                "bot": f"@{_text(bot.get('username'))}",
            },
        )

    def _read(self, method: str, query: Mapping[str, str] | None = None, *, chat: bool = False) -> Any:
        query = {"chat_id": str(self._chat)} if chat else query
        try:
            response = self._http.get(f"{self._methods}/{method}", query=query)
        except HttpError as error:
            raise unread(error, _PLACE) from None
        if response.status == 200:
            return _result(response)
        refused = _refused(response, None)
        if isinstance(refused, NotAllowed | TryLater):
            raise refused
        raise TryLater(f"{_PLACE} cannot be read now ({refused.code}).", after=DEFAULT_WAIT, code=refused.code)


# --- What a message looks like ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Message:
    method: str
    fields: Mapping[str, Any]
    files: Mapping[str, FileField] = field(default_factory=dict, repr=False)


def _message(part: Part) -> _Message:
    """Return the method that sends *part*, and its fields; raises Rejected for what no method can send."""
    limits = _default_limits()
    if part.kind and part.kind not in limits.texts("kinds"):
        raise Rejected(
            f"{_PLACE} cannot show a post of the kind {part.kind}.",
            hint=f"It can show {', '.join(limits.texts('kinds'))}.",
            code="kind",
        )
    if part.attachments and len(part.uploads) != len(part.attachments):
        raise Rejected("The pictures of this post were not made ready.", hint="Run `socialops check` on the post.")
    if part.poll:
        if part.uploads:
            raise Rejected(f"{_PLACE} takes a poll or media, not both.", hint="Drop one of the two.", code="kind")
        return _Message("sendPoll", _poll(part))
    if not part.uploads:
        return _Message("sendMessage", {"text": part.text, **_entities("entities", part), **_preview(part)})
    if len(part.uploads) > 1:
        return _album(part)
    (upload,) = part.uploads
    what, method = _shown_as(upload)
    fields: dict[str, Any] = {"caption": part.text, **_entities("caption_entities", part)} if part.text else {}
    if part.sensitive:
        fields["has_spoiler"] = True
    if what == "video":
        fields["supports_streaming"] = True
    if what != "photo" and upload.width and upload.height:
        fields |= {"width": upload.width, "height": upload.height}
    if what != "photo" and upload.seconds:
        fields["duration"] = round(upload.seconds)
    return _Message(method, fields, {what: _file(what, upload)})


def _album(part: Part) -> _Message:
    media: list[dict[str, Any]] = []
    files: dict[str, FileField] = {}
    for number, upload in enumerate(part.uploads):
        what, _ = _shown_as(upload)
        if what == "animation":
            raise Rejected(
                f"{_PLACE} shows an animation alone, not among others.", hint="Give it a part of its own.", code="kind"
            )
        name = f"{what}{number}"
        files[name] = _file(name, upload)
        item: dict[str, Any] = {"type": what, "media": f"attach://{name}"}
        if part.text and not number:
            item |= {"caption": part.text, **_entities("caption_entities", part)}
        if part.sensitive:
            item["has_spoiler"] = True
        if what == "video":
            item["supports_streaming"] = True
        media.append(item)
    return _Message("sendMediaGroup", {"media": media}, files)


def _shown_as(upload: Upload) -> tuple[str, str]:
    if upload.mime.startswith("video/"):
        return "video", "sendVideo"
    return ("animation", "sendAnimation") if upload.mime == "image/gif" else ("photo", "sendPhoto")


def _file(name: str, upload: Upload) -> FileField:
    return (f"{name}.{upload.mime.rpartition('/')[2]}", upload.data, upload.mime)


def _entities(name: str, part: Part) -> dict[str, Any]:
    """Return the links whose words are not their address, and the emphasis, with offsets in UTF-16 code units."""
    spans, styles = settled(part.text, part.spans, part.styles)
    entities: list[dict[str, Any]] = []
    offset = 0
    for words, span in pieces(part.text, spans):
        length = utf16_length(words)
        if span and is_labelled(words, span):
            entities.append({"type": "text_link", "offset": offset, "length": length, "url": span.target})
        offset += length
    for style in styles:
        before, length = utf16_length(part.text[: style.start]), utf16_length(part.text[style.start : style.end])
        entities.append({"type": _STYLES[style.kind], "offset": before, "length": length})
    entities.sort(key=lambda entity: (entity["offset"], -entity["length"]))
    return {name: entities} if entities else {}


def _preview(part: Part) -> dict[str, Any]:
    choice = chosen(LINK_PREVIEW, part.options)
    if choice == "none":
        return {"link_preview_options": {"is_disabled": True}}
    first = next((span.target for span in part.spans if span.kind == "link"), "")
    if not choice or not first:
        return {}
    return {"link_preview_options": {"url": first, f"prefer_{choice}_media": True}}


def _poll(part: Part) -> dict[str, Any]:
    """Return the fields of a poll. Channels take only polls in which nobody sees who voted."""
    poll = part.poll
    assert poll is not None  # noqa: S101 - the caller has looked
    fields: dict[str, Any] = {
        "question": spelled_out(part.text, part.spans, part.styles),
        "options": [{"text": option} for option in poll.options],
        "is_anonymous": True,
        "allows_multiple_answers": poll.multiple,
        "open_period": poll.seconds,
    }
    if poll.hide_totals:
        fields["hide_results_until_closes"] = True
    return fields


def _choices(part: Part, topic: str) -> dict[str, Any]:
    """Return what every method takes: where the message hangs, and how it arrives."""
    fields: dict[str, Any] = {}
    topic = chosen(TOPIC, part.options) or topic
    if topic:
        if not _NUMBER.fullmatch(topic):
            raise Rejected("`topic` takes a number.", hint="Correct it under `params:`.", code="option")
        fields["message_thread_id"] = int(topic)
    if part.reply:
        parent = part.reply.parent.id
        if not _MESSAGES.fullmatch(parent):
            raise Rejected("The part before this one is no message.", hint="Look at the thread by hand.", code="reply")
        fields["reply_parameters"] = {"message_id": int(parent), "allow_sending_without_reply": False}
    if chosen(SILENT, part.options) == "yes":
        fields["disable_notification"] = True
    if chosen(PROTECT, part.options) == "yes":
        fields["protect_content"] = True
    return fields


# --- What an answer says ----------------------------------------------------------------------------------------------


def _result(response: Response) -> Any:
    """Return the result of an answer that says ok; None for every other."""
    answer = response.json() if 200 <= response.status < 300 else None
    return answer.get("result") if isinstance(answer, dict) and answer.get("ok") is True else None


def _refusal_of(response: Response) -> Mapping[str, Any]:
    """Return the envelope of an error; empty when it is not Telegram who answered."""
    answer = response.json()
    return answer if isinstance(answer, dict) and answer.get("ok") is False else {}


def _status(response: Response) -> int:
    code = _refusal_of(response).get("error_code")
    return code if isinstance(code, int) and not isinstance(code, bool) else response.status


def _words(response: Response) -> str:
    """Return the description of an error, to be looked through and never shown."""
    return _text(_refusal_of(response).get("description"))[:500]


def _refused(response: Response, part: Part | None) -> NetworkError:
    """Say what an answer that is no yes means for the caller."""
    status, words = _status(response), _words(response)
    code = str(status)
    if status == 429:
        return TryLater(f"{_PLACE} wants us to wait (429).", after=_wait(response), code=code)
    if status in {401, 403} or (status == 404 and words):
        return NotAllowed(
            f"{_PLACE} refuses our credentials ({code}).",
            hint="Look whether the bot is an administrator of the channel; else make a new token with @BotFather.",
            code=code,
        )
    if not 400 <= status < 500 or status in {408, 409, 425, 499}:
        return Unknown(f"{_PLACE} gave an answer that says nothing sure ({code}).", code=code)
    known = next((refusal for refusal in _REFUSALS if status == 400 and refusal.words.search(words)), None)
    if known and known.chat:
        code = f"{code} {known.code}"
        return NotAllowed(f"{_PLACE} does not let us write there ({code}).", hint=known.hint, code=code)
    code = f"{code} {known.code}" if known else code
    over = too_much(counts(part, _default_limits())) if part else ""
    return Rejected(
        f"{_PLACE} refuses the post ({code}){f'; {over}' if over else ''}.",
        hint=known.hint if known else "Run `socialops check` on the post.",
        code=code,
    )


def _wait(response: Response) -> timedelta:
    """Return how long to wait: Telegram says it in the answer, in seconds."""
    parameters = _refusal_of(response).get("parameters")
    seconds = parameters.get("retry_after") if isinstance(parameters, dict) else None
    if isinstance(seconds, int) and not isinstance(seconds, bool):
        return min(max(timedelta(seconds=min(seconds, 10**8)), SOONEST), LATEST)
    return wait_of(response.headers)


def _message_number(message: Any) -> int:
    """Return the number of a message that names its chat; 0 for anything else."""
    if not isinstance(message, dict) or not isinstance(message.get("chat"), dict):
        return 0
    number, chat = message.get("message_id"), message["chat"].get("id")
    if not isinstance(number, int) or not isinstance(chat, int) or isinstance(number, bool):
        return 0
    return number if 0 < number < 10**19 else 0


def _address(chat: Mapping[str, Any]) -> str:
    """Return where a person sees the chat; a private one only its members can open."""
    username = _text(chat.get("username"))
    if _USERNAME.fullmatch(username):
        return f"https://t.me/{username}"
    return f"https://t.me/c/{str(abs(chat['id'])).removeprefix('100')}"


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _default_limits() -> Limits:
    from socialops.networks import default_limits

    return default_limits("telegram")
