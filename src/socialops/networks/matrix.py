"""Matrix: one room, written to by one account of ours.

A message is sent once, with a transaction identifier. A homeserver answers the same identifier from the same device
with the same event; for how long is its own affair (Synapse: half an hour at least), and a new login is a new device.
So we also read the room, before every send and when the identifier is too old: our own messages carry it (for the
device that sent them) and a mark of ours that lasts.

An event holds one picture or video, a poll is no part of the specification, and a room with encryption cannot be
written to without keys that this program does not keep.

Source: the Matrix specification 1.19 (client-server API), as of 2026-07.
"""

from __future__ import annotations

import hashlib
import math
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from socialops.content.text import graphemes
from socialops.errors import (
    CredentialsError,
    HttpError,
    NetworkError,
    NotAllowed,
    NotSent,
    Rejected,
    TryLater,
    Unknown,
)
from socialops.http import MEDIA_DEADLINE, TEXT_DEADLINE
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
    address_of,
    instant,
    not_found_out,
    rfc3339,
    too_much,
    unread,
    wait_of,
)
from socialops.networks.draft import Part, Receipt, Upload
from socialops.networks.listening import PAGES as LISTENING_PAGES
from socialops.networks.matrix_event import MARK, content_of, event_size, file_name, relation_of
from socialops.networks.matrix_listening import answered_by, answers_of, messages_of, part_of

if TYPE_CHECKING:
    from socialops.http import Http, Response

HOST_IS_A_CHOICE = True
HOME = ""
SECRETS = ("TOKEN",)
OPTIONS: tuple[Option, ...] = ()

PAGE = 100
"""Events a page of a room, or of what relates to an event, holds at most."""
PAGES = 50
"""How many pages we look back before we say that we cannot tell."""
REPLIES = 20
"""How many pages of reactions and replies are counted for one message; with more there are no numbers."""
KEY_LIFETIME = 1800
"""Seconds; Synapse forgets a transaction after thirty minutes at the soonest (synapse/rest/client/transactions.py)."""
LOOK = 10.0
"""Seconds for reading back when a message was written: it is there already."""
LEAST = 10.0
"""Seconds that must be left of a send's deadline to send the message; with less it is not begun."""

_ROOM = re.compile(r"![!-~]{1,254}")
_ALIAS = re.compile(r"#[^\s:/?#]{1,200}:[A-Za-z0-9.-]{1,230}(?::\d{1,5})?")
_EVENT = re.compile(r"\$[A-Za-z0-9._~=:+/\[\]-]{1,254}")
_USER = re.compile(r"@[!-9;-~]{0,250}:[A-Za-z0-9.\[\]:-]{1,230}")
_MEDIA = re.compile(r"mxc://[A-Za-z0-9.\[\]:-]{1,230}/[A-Za-z0-9_-]{1,255}")
_CODE = re.compile(r"M_[A-Z0-9_]{1,60}")
_BUSY = {"M_LIMIT_EXCEEDED", "M_RESOURCE_LIMIT_EXCEEDED"}
"""The second says that the whole server has reached its limit: nobody's message is taken, ours is not at fault."""
_KINDS = {"", "text", "image", "video", "thread", "link"}


def connect(login: Login, http: Http) -> Matrix:
    """Return the account of *login*; no request is made yet. Raises CredentialsError for a wrong host or room."""
    return Matrix(login, http)


def counts(part: Part, limits: Limits) -> Sequence[Count]:
    """Count a part as homeservers do: the whole event in canonical JSON, with all that may be added to it later."""
    used = {"text": event_size(part)}
    if part.attachments:
        used["attachments"] = len(part.attachments)
        used["alt_text"] = max(graphemes(attachment.alt) for attachment in part.attachments)
    return limits.counted(used)


class Matrix:
    """One account in one room: `params: {room: "#news:example.org"}` of the channel names it."""

    name = "matrix"
    key_lifetime = KEY_LIFETIME

    def __init__(self, login: Login, http: Http) -> None:
        self._http = http
        self._base = address_of(login)
        self._place = urlsplit(self._base).netloc
        self._headers = {"Authorization": f"Bearer {login.token.strip()}"}
        named = str(login.settings.get("room") or "").strip()
        # Where the handle is a room, it is this one: so channels come from other tools.
        self._wanted = named or (login.handle.strip() if login.handle.strip()[:1] in {"#", "!"} else "")
        if not (_ROOM.fullmatch(self._wanted) or _ALIAS.fullmatch(self._wanted)):
            raise CredentialsError(
                f"Channel {login.channel} does not say which room it writes to.",
                hint='Write `params: {room: "#news:example.org"}` in its file: an alias, or the room\'s own !id.',
            )
        self._id = ""
        self._user = ""
        self._ends = math.inf

    def __repr__(self) -> str:
        return f"Matrix({self._place})"

    @property
    def idempotency(self) -> Idempotency:
        """KEY, while the homeserver remembers the transaction; the room is read afterwards."""
        return Idempotency.KEY

    def key(self, delivery: str, part: int, at: datetime) -> str:
        """Return a transaction identifier of 64 hexadecimal digits that depends on the delivery and the part alone."""
        return hashlib.sha256(f"{delivery}\n{part}".encode()).hexdigest()

    # --- Publishing ---------------------------------------------------------------------------------------------------

    def publish(self, part: Part, *, key: str) -> Receipt:
        """Look up the room, look whether the message is there already, upload the picture, then send it once.

        Until the message is sent nothing is visible, so whatever fails before may be tried again.
        """
        _refuse_what_cannot_be(part)
        self._ends = time.monotonic() + TEXT_DEADLINE + (MEDIA_DEADLINE if part.uploads else 0.0)
        try:
            return self._publish(part, key)
        finally:
            self._ends = math.inf

    def _publish(self, part: Part, key: str) -> Receipt:
        room = self._room(writing=True)
        # A server that was started anew, or that knows our account by a new login, remembers no transaction.
        newest, _ = self._page(room, {})
        for event in newest:
            if _has_key(event, key):
                return self._receipt(room, event["event_id"], _at(event))
        upload = part.uploads[0] if part.uploads else None
        address = self._upload(upload) if upload else ""
        content = content_of(part, key, address, upload, relation_of(part))
        if self._left(TEXT_DEADLINE) < LEAST:
            raise TryLater(f"{self._place} is too slow today: nothing was sent.", after=DEFAULT_WAIT)
        try:
            response = self._http.send(
                "PUT",
                self._url("rooms", room, "send", "m.room.message", key),
                headers=self._headers,
                json_body=content,
                deadline=self._left(TEXT_DEADLINE),
            )
        except NotSent as error:
            raise TryLater(error.message, after=DEFAULT_WAIT, hint=error.hint) from None
        except HttpError as error:
            raise Unknown(error.message, hint=error.hint) from None
        if 200 <= response.status < 300:
            identity = _field(response, "event_id")
            if not _EVENT.fullmatch(identity):
                raise Unknown(f"{self._place} answered, but not with an event.", code=str(response.status))
            return self._receipt(room, identity, self._written(room, identity) or instant(response.headers.get("Date")))
        raise self._refused(response, part)

    def _written(self, room: str, identity: str) -> datetime | None:
        """Return when a message was written, by its own server; None where that cannot be read: it is sent anyway."""
        try:
            response = self._http.send(
                "GET",
                self._url("rooms", room, "event", identity),
                headers=self._headers,
                deadline=self._left(LOOK),
            )
        except HttpError:
            return None
        event = response.json() if response.status == 200 else None
        return _at(event) if isinstance(event, dict) and event.get("event_id") == identity else None

    def _receipt(self, room: str, identity: str, at: datetime | None) -> Receipt:
        if at is None:
            raise Unknown(f"{self._place} does not say when the message was written.")
        server = room.partition(":")[2] or self._wanted.partition(":")[2] or self._place
        kept = "!$:@"
        url = f"https://matrix.to/#/{quote(room, safe=kept)}/{quote(identity, safe=kept)}?via={quote(server, safe=':')}"
        return Receipt(identity, url, rfc3339(at), {"room": room})

    def _refused(self, response: Response, part: Part) -> NetworkError:
        """Say what an answer to the message itself means for the caller."""
        code = _error_code(response)
        if response.status == 429 or code in _BUSY:
            return TryLater(f"{self._place} wants us to wait ({code}).", after=_wait(response), code=code)
        if "DUPLICATE" in code:
            return Unknown(f"{self._place} says that the message is there already ({code}).", code=code)
        if response.status in {401, 403}:
            return self._locked_out(response, code)
        if 400 <= response.status < 500 and response.status not in {408, 409, 425, 499}:
            over = too_much(counts(part, _default_limits()))
            why = f"; {over}" if over else ""
            return Rejected(
                f"{self._place} refuses the message ({code}){why}.",
                hint="Run `socialops check`: it knows how much fits into a message.",
                code=code,
            )
        return Unknown(f"{self._place} gave an answer that says nothing sure ({code}).", code=code)

    def _locked_out(self, response: Response, code: str) -> NotAllowed:
        if response.status == 403:
            hint = "Let the account join the room, and give it the right to write there."
        else:
            hint = "Log in anew and store the new access token as the channel's secret."
        return NotAllowed(f"{self._place} does not let us in ({code}).", hint=hint, code=code)

    def _upload(self, upload: Upload) -> str:
        """Upload one picture or video; return its `mxc:` address."""
        try:
            response = self._http.send(
                "POST",
                f"{self._base}/_matrix/media/v3/upload",
                headers={**self._headers, "Content-Type": upload.mime},
                query={"filename": file_name(upload.mime)},
                content=upload.data,
                deadline=self._left(MEDIA_DEADLINE),
            )
        except HttpError as error:
            raise TryLater(f"A picture did not arrive: {error.message}", after=DEFAULT_WAIT, hint=error.hint) from None
        code = _error_code(response)
        address = _field(response, "content_uri") if response.status == 200 else ""
        if _MEDIA.fullmatch(address):
            return address
        if response.status in {400, 403, 413, 415} and code not in _BUSY:
            raise Rejected(
                f"{self._place} refuses a picture ({code}): {upload.mime}, {len(upload.data)} bytes.",
                hint="Make it smaller or save it as JPEG; or the account has used up its space on that server.",
                code=code,
            )
        raise self._read_error(response)

    def delete(self, receipt: Receipt) -> None:
        """Redact a message: its words go, its place stays. One that is gone already is fine.

        Raises NotAllowed, TryLater or Unknown.
        """
        room = receipt.extra.get("room") or self._room()
        if not _EVENT.fullmatch(receipt.id) or not _ROOM.fullmatch(room):
            raise Rejected("That receipt does not name a message.", hint="Remove the message by hand.")
        key = hashlib.sha256(f"redact\n{receipt.id}".encode()).hexdigest()
        try:
            response = self._http.send(
                "PUT",
                self._url("rooms", room, "redact", receipt.id, key),
                headers=self._headers,
                json_body={},
            )
        except NotSent as error:
            raise TryLater(error.message, after=DEFAULT_WAIT, hint=error.hint) from None
        except HttpError as error:
            raise Unknown(error.message, hint=error.hint) from None
        if response.status in {404, 410} or 200 <= response.status < 300:
            return
        if response.status in {401, 403, 429}:
            raise self._read_error(response)
        raise Unknown(f"{self._place} did not say that the message is removed ({_error_code(response)}).")

    # --- Looking ------------------------------------------------------------------------------------------------------

    def find(self, part: Part, *, key: str, since: datetime) -> Receipt | None:
        """Look through our own messages in the room, newest first, until before *since*.

        A message with the key is the one. Without it, one that carries no mark of ours at all (somebody wrote it by
        hand) counts when it says the same in the same place.
        """
        try:
            room = self._room()
            events = list(self._ours(room, since))
        except NetworkError as error:
            raise not_found_out(error) from None
        found = [event for event in events if _has_key(event, key)] or [
            event for event in events if _says_the_same(event, part, key)
        ]
        if len(found) > 1:
            raise Unknown(
                f"{self._place} shows {len(found)} messages like this one.",
                hint="Look which of them is ours, and remove the other by hand if it is a copy.",
                code="ambiguous",
            )
        return self._receipt(room, found[0]["event_id"], _at(found[0])) if found else None

    def _ours(self, room: str, earliest: datetime) -> Iterator[Mapping[str, Any]]:
        """Give our messages since *earliest*, newest first; raises Unknown when they are not all to be seen.

        A page may be empty, for the server looks at a stretch of the room and shows what is ours in it: only a message
        from before that time, or the beginning of the room, ends the search.
        """
        query: dict[str, str] = {}
        for _ in range(PAGES):
            events, end = self._page(room, query)
            yield from (event for event in events if (at := _at(event)) and at >= earliest)
            times = [at for event in events if (at := _at(event)) is not None]
            if not end or (times and max(times) < earliest):
                return
            query["from"] = end
        raise Unknown(f"{self._place} has too many messages since then to look through.")

    def replies(self, receipts: Sequence[Receipt], *, since: datetime) -> list[InboxMessage]:
        """Read what others said in the threads of our messages, or in answer to them: the room, PAGE at a time."""
        room = self._room() if receipts else ""
        events = self._said(room, since) if receipts else ()
        return answers_of(events, {receipt.id for receipt in receipts}, self._own(), room, since)

    def mentions(self, *, since: datetime) -> list[InboxMessage]:
        """Read what names us in the room, newest first; answers to our own messages are not among them."""
        own, room = self._own(), self._room()
        named = []
        for event in self._said(room, since):
            users = part_of(part_of(event, "content"), "m.mentions").get("user_ids")
            if isinstance(users, list) and own in users and not self._is_ours(room, answered_by(event)):
                named.append(event)
        return messages_of(named, "mention", own, room, since, "")

    def _is_ours(self, room: str, identity: str) -> bool:
        if not _EVENT.fullmatch(identity):
            return False
        return self._read(self._url("rooms", room, "event", identity), {}, missing=True).get("sender") == self._own()

    def _said(self, room: str, since: datetime) -> Iterator[Mapping[str, Any]]:
        """Give what anybody said in the room since then, newest first, as much as can be read at once."""
        query: dict[str, str] = {}
        for _ in range(LISTENING_PAGES):
            events, end = self._page(room, query, everybody=True)
            yield from (event for event in events if (at := _at(event)) and at > since)
            times = [at for event in events if (at := _at(event)) is not None]
            if not end or (times and max(times) <= since):
                return
            query["from"] = end

    def _page(
        self, room: str, query: Mapping[str, str], *, everybody: bool = False
    ) -> tuple[list[Mapping[str, Any]], str]:
        """Return our messages (or *everybody*'s) on one page of the room, newest first, and where the next begins.

        The latter is empty where there is none.

        Raises NotAllowed or TryLater.
        """
        import json

        senders = {} if everybody else {"senders": [self._own()]}
        wanted = json.dumps({**senders, "types": ["m.room.message"]}, separators=(",", ":"))
        page = self._read(
            self._url("rooms", room, "messages"), {"dir": "b", "limit": str(PAGE), "filter": wanted, **query}
        )
        chunk, end = page.get("chunk"), page.get("end")
        if not isinstance(chunk, list) or not all(_is_event(event) for event in chunk):
            raise TryLater(f"{self._place} shows the room in a form we do not know.", after=DEFAULT_WAIT)
        return chunk, end if isinstance(end, str) else ""

    def measure(self, receipts: Sequence[Receipt]) -> list[Stat]:
        """Count the reactions to our messages, and what others said in their threads: two requests for each message.

        A removed message has no numbers any more, and Matrix has none for how often one was seen.
        """
        stats: list[Stat] = []
        for receipt in receipts:
            if not _EVENT.fullmatch(receipt.id):
                continue
            room = receipt.extra.get("room", "")
            room = room if _ROOM.fullmatch(room) else self._room()
            event = self._read(self._url("rooms", room, "event", receipt.id), {}, missing=True)
            if not event or event.get("content") == {} or "redacted_because" in part_of(event, "unsigned"):
                continue
            numbers = self._related(room, receipt.id)
            stats += [Stat(receipt.id, metric, number) for metric, number in numbers.items()]
        return stats

    def _related(self, room: str, identity: str) -> dict[str, int]:
        """Count what relates to a message; nothing when there is more of it than we read."""
        numbers = {"reactions": 0, "replies": 0}
        url = f"{self._base}/_matrix/client/v1/rooms/{quote(room, safe='')}/relations/{quote(identity, safe='')}"
        query = {"limit": str(PAGE)}
        for _ in range(REPLIES):
            page = self._read(url, query, missing=True)
            children = page.get("chunk")
            for child in children if isinstance(children, list) else ():
                kind = part_of(part_of(child, "content"), "m.relates_to").get("rel_type")
                if kind == "m.annotation" and child.get("type") == "m.reaction":
                    numbers["reactions"] += 1
                elif kind == "m.thread" and child.get("sender") != self._own():
                    numbers["replies"] += 1
            following = page.get("next_batch")
            if not isinstance(following, str) or not following:
                return numbers
            query["from"] = following
        return {}

    def account(self) -> Account:
        """Read who we are, how many others are in the room, and how large an upload may be."""
        self._user = self._id = ""
        own, room = self._own(), self._room(writing=True)
        profile = self._read(self._url("profile", own), {}, missing=True)
        joined = self._read(self._url("rooms", room, "joined_members"), {}).get("joined")
        name = str(profile.get("displayname") or "")
        return Account(
            id=own,
            handle=own,
            name=name,
            url=f"https://matrix.to/#/{quote(own, safe='@:')}",
            followers=len(joined.keys() - {own}) if isinstance(joined, dict) else None,
            limits=self._limits(),
            profile={"name": name},
        )

    def _limits(self) -> dict[str, Any]:
        answer = self._read(f"{self._base}/_matrix/client/v1/media/config", {}, missing=True)
        most = answer.get("m.upload.size")
        if not isinstance(most, int) or isinstance(most, bool) or most <= 0:
            return {}
        return {"image_bytes": min(most, _default_limits().number("image_bytes")), "video_bytes": most}

    # --- Asking -------------------------------------------------------------------------------------------------------

    def _url(self, *steps: str) -> str:
        return f"{self._base}/_matrix/client/v3/" + "/".join(quote(step, safe="") for step in steps)

    def _left(self, most: float) -> float:
        """Return how many seconds the next request may take: *most*, or what is left of the send's deadline."""
        return max(1.0, min(most, self._ends - time.monotonic()))

    def _own(self) -> str:
        """Return our own user id, asked for once."""
        if not self._user:
            user = str(self._read(self._url("account", "whoami"), {}).get("user_id") or "")
            if not _USER.fullmatch(user):
                raise TryLater(f"{self._place} does not say who we are.", after=DEFAULT_WAIT)
            self._user = user
        return self._user

    def _room(self, *, writing: bool = False) -> str:
        """Return the room's own id, looked up once; before *writing*, see that it can be written to without keys."""
        if self._id:
            return self._id
        room = self._wanted
        if room.startswith("#"):
            room = str(self._read(self._url("directory", "room", room), {}, missing=True).get("room_id") or "")
            if not _ROOM.fullmatch(room):
                raise NotAllowed(
                    f"{self._place} knows no room {self._wanted}.",
                    hint="Correct `room:` under `params:` of the channel.",
                    code="M_NOT_FOUND",
                )
        if not writing:
            return room
        url = self._url("rooms", room, "state", "m.room.encryption") + "/"
        if self._read(url, {}, missing=True).get("algorithm"):
            raise NotAllowed(
                "The room is encrypted: nothing can be written there by a program without keys.",
                hint="Make a room without encryption for what everybody may read, and name it under `params:`.",
                code="encrypted",
            )
        self._id = room
        return room

    def _read(self, url: str, query: Mapping[str, str | Sequence[str]], *, missing: bool = False) -> Mapping[str, Any]:
        """Read a JSON object (an empty one for anything else, and, with *missing*, for what is not there).

        Raises NotAllowed or TryLater.
        """
        try:
            response = self._http.get(url, headers=self._headers, query=query, deadline=self._left(TEXT_DEADLINE))
        except HttpError as error:
            raise unread(error, self._place) from None
        if response.status == 404 and missing:
            return {}
        if response.status != 200:
            raise self._read_error(response)
        answer = response.json()
        return answer if isinstance(answer, dict) else {}

    def _read_error(self, response: Response) -> NetworkError:
        """Say what a refused *read* means: a read changes nothing, so its outcome is never unknown."""
        code = _error_code(response)
        if response.status in {401, 403} and code not in _BUSY:
            return self._locked_out(response, code)
        return TryLater(f"{self._place} cannot be asked now ({code}).", after=_wait(response), code=code)


# --- What servers say -------------------------------------------------------------------------------------------------


def _refuse_what_cannot_be(part: Part) -> None:
    if part.poll or part.kind not in _KINDS:
        what = "A poll" if part.poll else f"A post of the kind {part.kind}"
        raise Rejected(
            f"{what} is nothing that a room of Matrix can show.",
            hint="Leave the channel out, or ask for replies instead.",
            code="kind",
        )
    if len(part.attachments) > 1:
        raise Rejected(
            f"A message of Matrix holds one picture, and this has {len(part.attachments)}.",
            hint="Make a thread and give each picture its `part:`.",
            code="attachments",
        )
    if len(part.uploads) != len(part.attachments):
        raise Rejected("The pictures of this post were not made ready.", hint="Run `socialops check` on the post.")


def _error_code(response: Response) -> str:
    """Return Matrix's own name for an error (`M_TOO_LARGE`), or the status."""
    code = _field(response, "errcode") if response.status >= 400 else ""
    return code if _CODE.fullmatch(code) else str(response.status)


def _wait(response: Response) -> timedelta:
    """Return how long to wait: the header, or the older `retry_after_ms` of the answer."""
    if not response.headers.get("Retry-After"):
        answer = response.json()
        wanted = answer.get("retry_after_ms") if isinstance(answer, dict) else None
        if isinstance(wanted, int) and not isinstance(wanted, bool):
            return min(max(timedelta(milliseconds=min(wanted, 10**9)), SOONEST), LATEST)
    return wait_of(response.headers)


def _field(response: Response, name: str) -> str:
    answer = response.json()
    value = answer.get(name) if isinstance(answer, dict) else None
    return value if isinstance(value, str) else ""


def _is_event(value: object) -> bool:
    if not isinstance(value, dict) or _at(value) is None:
        return False
    return isinstance(value.get("event_id"), str) and _EVENT.fullmatch(value["event_id"]) is not None


def _at(event: Mapping[str, Any]) -> datetime | None:
    """Return when an event was written, by the clock of its server."""
    stamp = event.get("origin_server_ts")
    if not isinstance(stamp, int) or isinstance(stamp, bool) or not 0 <= stamp < 2**42:
        return None
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=stamp)


def _has_key(event: Mapping[str, Any], key: str) -> bool:
    """Tell whether a message was sent with *key*: our mark says so, or the server to the device that sent it."""
    content = part_of(event, "content")
    if "body" not in content:
        return False
    return content.get(MARK) == key or part_of(event, "unsigned").get("transaction_id") == key


def _says_the_same(event: Mapping[str, Any], part: Part, key: str) -> bool:
    content = part_of(event, "content")
    if MARK in content:
        return False
    wanted = content_of(part, key, media=part.attachments[0] if part.attachments else None)
    relation = part_of(content, "m.relates_to")
    if relation.get("rel_type") not in {None, "m.thread"}:
        return False
    root = relation.get("event_id") if relation.get("rel_type") == "m.thread" else None
    return (
        content.get("body") == wanted["body"]
        and content.get("msgtype") == wanted["msgtype"]
        and root == (part.reply.root.id if part.reply else None)
    )


def _default_limits() -> Limits:
    from socialops.networks import default_limits

    return default_limits("matrix")
