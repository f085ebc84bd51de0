"""The sandbox's Mastodon API: what a publishing client uses of it, as servers of version 4.5 answer.

Sources: docs.joinmastodon.org (methods and entities), and for the counting of characters
mastodon/app/validators/status_length_validator.rb.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn

from socialops.content.text import find_spans, graphemes, mastodon_length
from socialops.networks.sandbox.archive import Archive, Mark, Member, Picture, Question, Sent, tags_of
from socialops.networks.sandbox.entities import Entities
from socialops.networks.sandbox.picture import PICTURE_TYPES, VIDEO_TYPE, measure_picture, measure_video
from socialops.networks.sandbox.request import Answer, File, Refusal, Request, Unreadable, answer

VERSION = "4.5.0+sandbox"
"""A version of Mastodon's own, not `compatible`: clients may trust it to know Idempotency-Key."""
API_VERSION = 7

TEXT_LIMIT = 500
URL_LENGTH = 23
ATTACHMENTS = 4
DESCRIPTION_LIMIT = 1500
IMAGE_BYTES = 16_777_216
IMAGE_PIXELS = 33_177_600
POLL_OPTIONS = 4
POLL_OPTION_LIMIT = 50
POLL_SECONDS = (300, 2_629_746)
KEY_LIFETIME = timedelta(hours=1)
EARLIEST_SCHEDULE = timedelta(minutes=5)
VISIBILITIES = ("public", "unlisted", "private", "direct")

REQUESTS = 300
WINDOW = timedelta(minutes=5)
"""The throttle that the headers describe. It is shown and never enforced: weeks pass in seconds here."""


def refuse(status: int, message: str) -> NoReturn:
    """Answer with an error as Mastodon words it."""
    raise Refusal(status, {"error": message})


class MastodonApi:
    """Answers requests under `/api/`; *address* is the server's own, for the URLs in its answers."""

    def __init__(self, archive: Archive, address: Callable[[], str], *, slow_pictures: int = 0) -> None:
        self.archive = archive
        self.address = address
        self.entities = Entities(archive, address)
        self.slow_pictures = slow_pictures
        self._used: dict[str, tuple[datetime, int]] = {}
        routes: list[tuple[str, str, Callable[..., Answer]]] = [
            ("GET", r"/api/v([12])/instance", self.instance),
            ("GET", r"/api/v1/accounts/verify_credentials", self.verify),
            ("GET", r"/api/v1/accounts/lookup", self.lookup),
            ("GET", r"/api/v1/accounts/(\d{1,20})", self.account),
            ("GET", r"/api/v1/accounts/(\d{1,20})/statuses", self.account_statuses),
            ("POST", r"/api/v[12]/media", self.upload),
            ("GET", r"/api/v1/media/(\d{1,20})", self.media),
            ("PUT", r"/api/v1/media/(\d{1,20})", self.describe),
            ("POST", r"/api/v1/statuses", self.publish),
            ("GET", r"/api/v1/statuses", self.several),
            ("GET", r"/api/v1/statuses/(\d{1,20})", self.show),
            ("DELETE", r"/api/v1/statuses/(\d{1,20})", self.delete),
            ("GET", r"/api/v1/statuses/(\d{1,20})/source", self.source),
            ("GET", r"/api/v1/statuses/(\d{1,20})/context", self.context),
            ("GET", r"/api/v1/polls/(\d{1,20})", self.poll),
            ("GET", r"/api/v1/scheduled_statuses", self.scheduled),
        ]
        self._routes = [(method, re.compile(pattern), handler) for method, pattern, handler in routes]

    def respond(self, request: Request) -> Answer:
        """Answer one request; raises Refusal."""
        headers = self._throttle(request)
        try:
            for method, pattern, handler in self._routes:
                found = pattern.fullmatch(request.path)
                if found and method == request.method:
                    done = handler(request, *found.groups())
                    return Answer(done.status, done.body, done.mime, {**headers, **done.headers})
            refuse(404, "Not Found")
        except Unreadable as error:
            raise Refusal(400, {"error": str(error)}, headers) from error
        except Refusal as refusal:
            raise Refusal(refusal.status, refusal.body, headers) from refusal

    def _throttle(self, request: Request) -> dict[str, str]:
        now = self.archive.now()
        who = request.token or ""
        started, used = self._used.get(who, (now, 0))
        if now - started >= WINDOW:
            started, used = now, 0
        self._used[who] = (started, used + 1)
        ends = started + WINDOW
        return {
            "X-RateLimit-Limit": str(REQUESTS),
            "X-RateLimit-Remaining": str(max(1, REQUESTS - used - 1)),
            "X-RateLimit-Reset": ends.isoformat(timespec="microseconds").replace("+00:00", "Z"),
        }

    # --- who ---

    def member(self, request: Request) -> Member:
        """Return whose token the request carries; refuses 401."""
        if request.token is None:
            refuse(401, "This method requires an authenticated user")
        member = self.archive.member_with(token=request.token)
        if member is None:
            refuse(401, "The access token is invalid")
        return member

    def reader(self, request: Request) -> Member | None:
        """Return who reads; None is the public, but a wrong token is refused."""
        return self.member(request) if request.token else None

    def instance(self, _request: Request, version: str) -> Answer:
        """Tell what this server is and what fits on it."""
        statuses = {
            "max_characters": TEXT_LIMIT,
            "max_media_attachments": ATTACHMENTS,
            "characters_reserved_per_url": URL_LENGTH,
        }
        media = {
            "description_limit": DESCRIPTION_LIMIT,
            "supported_mime_types": [*PICTURE_TYPES, VIDEO_TYPE],
            "image_size_limit": IMAGE_BYTES,
            "image_matrix_limit": IMAGE_PIXELS,
        }
        polls = {
            "max_options": POLL_OPTIONS,
            "max_characters_per_option": POLL_OPTION_LIMIT,
            "min_expiration": POLL_SECONDS[0],
            "max_expiration": POLL_SECONDS[1],
        }
        host = self.address().partition("://")[2]
        value: dict[str, Any] = {
            "title": "Sandbox",
            "version": VERSION,
            "description": "A practice server on this machine. Its numbers are simulated.",
            "languages": sorted({member.lang for member in self.archive.members() if member.lang}),
            "configuration": {"statuses": statuses, "media_attachments": media, "polls": polls},
            "rules": [],
        }
        if version == "1":
            everyone = self.archive.members()
            value |= {"uri": host, "short_description": value["description"], "registrations": False}
            value["stats"] = {"user_count": len(everyone), "status_count": len(self.archive.posts()), "domain_count": 0}
            return answer(value)
        value |= {
            "domain": host,
            "source_url": "https://github.com/mastodon/mastodon",
            "usage": {"users": {"active_month": len(self.archive.members())}},
            "registrations": {"enabled": False, "approval_required": False, "message": None},
            "api_versions": {"mastodon": API_VERSION},
        }
        value["configuration"]["accounts"] = {"max_featured_tags": 10, "max_pinned_statuses": 5}
        value["configuration"]["urls"] = {"streaming": None, "status": None}
        return answer(value)

    def verify(self, request: Request) -> Answer:
        """Tell whose token it is."""
        member = self.member(request)
        source = {"privacy": "public", "sensitive": False, "language": member.lang or None, "note": "", "fields": []}
        return answer(self.entities.account(member) | {"source": source})

    def lookup(self, request: Request) -> Answer:
        """Find an account by its handle or user name."""
        wanted = request.argument("acct").removeprefix("@")
        for member in self.archive.members():
            if wanted in {member.handle, member.username}:
                return answer(self.entities.account(member))
        refuse(404, "Record not found")

    def _member_with_id(self, id: str) -> Member:  # noqa: A002 - the network's word
        return self.archive.member_with(id=id) or refuse(404, "Record not found")

    def account(self, request: Request, id: str) -> Answer:  # noqa: A002 - the network's word
        """Show an account."""
        self.reader(request)
        return answer(self.entities.account(self._member_with_id(id)))

    def account_statuses(self, request: Request, id: str) -> Answer:  # noqa: A002 - the network's word
        """List an account's posts, newest first."""
        reader = self.reader(request)
        member = self._member_with_id(id)
        found = [post for post in self.archive.posts(member.handle, "mastodon") if _may_see(reader, post)]
        if request.argument("exclude_replies") in {"true", "1"}:
            found = [post for post in found if post.reply_to is None]
        bounds = {name: request.argument(name) for name in ("max_id", "since_id", "min_id")}
        numbers = {name: int(text) for name, text in bounds.items() if re.fullmatch(r"[0-9]{1,20}", text)}
        if "max_id" in numbers:
            found = [post for post in found if int(post.id) < numbers["max_id"]]
        for name in ("since_id", "min_id"):
            if name in numbers:
                found = [post for post in found if int(post.id) > numbers[name]]
        limit = request.number("limit", 20, 40)
        page = found[-limit:] if "min_id" in numbers else found[:limit]
        headers: dict[str, str] = {}
        if page and len(found) > len(page):
            here = f"{self.address()}{request.path}?limit={limit}"
            headers["Link"] = f'<{here}&max_id={page[-1].id}>; rel="next", <{here}&min_id={page[0].id}>; rel="prev"'
        return answer([self.entities.status(post) for post in page], headers=headers)

    # --- pictures ---

    def upload(self, request: Request) -> Answer:
        """Take a picture or a video, and its description."""
        member = self.member(request)
        fields = request.parameters()
        file = fields.get("file")
        if not isinstance(file, File):
            refuse(422, "Validation failed: File can't be blank")
        found = measure_picture(file.data) or measure_video(file.data)
        if found is None:
            refuse(422, "Validation failed: File content type is invalid, File is invalid")
        mime, width, height = found
        if len(file.data) > IMAGE_BYTES:
            refuse(422, f"Validation failed: File file size must be less than {IMAGE_BYTES // 2**20} MB")
        if width * height > IMAGE_PIXELS:
            refuse(422, f"Validation failed: {width}x{height} images are not supported")
        picture = Picture(
            self.archive.next_id(),
            mime,
            width,
            height,
            len(file.data),
            _description(fields),
            _focus(fields),
            self.slow_pictures,
        )
        self.archive.add_picture(member, picture, file.data)
        return answer(self.entities.picture(picture), 202 if picture.waits else 200)

    def _picture(self, member: Member, id: str) -> Picture:  # noqa: A002 - the network's word
        return self.archive.picture(id, member) or refuse(404, "Record not found")

    def media(self, request: Request, id: str) -> Answer:  # noqa: A002 - the network's word
        """Show a picture: 206 while it is being processed."""
        picture = self._picture(self.member(request), id)
        if not picture.waits:
            return answer(self.entities.picture(picture))
        shown = answer(self.entities.picture(picture), 206)
        self.archive.change_picture(replace(picture, waits=picture.waits - 1))
        return shown

    def describe(self, request: Request, id: str) -> Answer:  # noqa: A002 - the network's word
        """Change a picture's description or focus."""
        picture = self._picture(self.member(request), id)
        fields = request.parameters()
        if "description" in fields:
            picture = replace(picture, alt=_description(fields))
        if "focus" in fields:
            picture = replace(picture, focus=_focus(fields))
        self.archive.change_picture(picture)
        return answer(self.entities.picture(picture))

    # --- posts ---

    def publish(self, request: Request) -> Answer:
        """Publish a status, or show the one that the same Idempotency-Key made within the last hour."""
        member = self.member(request)
        key = request.headers.get("idempotency-key", "")
        if key and (earlier := self.archive.key(member, key, KEY_LIFETIME)):
            found = self.archive.find("mastodon", member.handle, earlier)
            if found:
                return answer(self.entities.published(found))
        fields = request.parameters()
        pictures = self._pictures(member, fields)
        question = _question(fields)
        if question and pictures:
            refuse(422, "Validation failed: Cannot attach a poll and files to the same post")
        text, warning = _text(fields, "status"), _text(fields, "spoiler_text")
        if not text.strip():
            text, warning = warning, ""
        if not text.strip() and not pictures:
            refuse(422, "Validation failed: Text can't be blank")
        if mastodon_length(text, warning, URL_LENGTH) > TEXT_LIMIT:
            refuse(422, f"Validation failed: Text character limit of {TEXT_LIMIT} exceeded")
        visibility = _text(fields, "visibility") or "public"
        if visibility not in VISIBILITIES:
            refuse(422, "Validation failed: Visibility is not included in the list")
        reply_to = _text(fields, "in_reply_to_id") or None
        above = self.archive.status(reply_to) if reply_to else None
        if reply_to and (above is None or not _may_see(member, above)):
            refuse(404, "The post you are trying to reply to does not appear to exist.")
        post = Sent(
            network="mastodon",
            handle=member.handle,
            id=self.archive.next_id(),
            published=self._moment(fields),
            text=text,
            marks=tuple(Mark(span.start, span.end, span.kind, span.target) for span in find_spans(text)),
            lang=_text(fields, "language") or member.lang,
            visibility=visibility,
            warning=warning,
            sensitive=bool(warning) or _flag(fields.get("sensitive")),
            pictures=pictures,
            question=question,
            reply_to=reply_to,
            tags=tags_of(text),
            position=above.position + 1 if above and above.handle == member.handle else 0,
        )
        self.archive.add(post)
        if key:
            self.archive.remember_key(member, key, post.id)
        return answer(self.entities.published(post))

    def _moment(self, fields: dict[str, Any]) -> datetime:
        """Return when a status is published: now, unless it is scheduled for at least five minutes from now."""
        now = self.archive.now()
        wanted = _text(fields, "scheduled_at")
        if not wanted:
            return now
        try:
            at = datetime.fromisoformat(wanted)
        except ValueError:
            refuse(422, "Validation failed: Scheduled at is invalid")
        at = (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
        if at <= now:
            return now
        if at < now + EARLIEST_SCHEDULE:
            refuse(422, "Validation failed: Scheduled at must be at least 5 minutes in the future")
        return at

    def _pictures(self, member: Member, fields: dict[str, Any]) -> tuple[Picture, ...]:
        ids = fields.get("media_ids") or []
        if not isinstance(ids, list) or not all(isinstance(item, str | int) for item in ids):
            refuse(422, "Validation failed: Media ids is invalid")
        if len(ids) > ATTACHMENTS:
            refuse(422, f"Validation failed: Cannot attach more than {ATTACHMENTS} files")
        pictures = []
        for item in ids:
            picture = self.archive.picture(str(item), member)
            if picture is None:
                refuse(422, "Validation failed: Media ids is invalid")
            if picture.waits:
                refuse(422, "Cannot attach files that have not finished processing. Try again in a moment!")
            pictures.append(picture)
        if len(pictures) > 1 and any(picture.mime == VIDEO_TYPE for picture in pictures):
            refuse(422, "Validation failed: Cannot attach a video to a post that already contains images")
        return tuple(pictures)

    def _visible(self, request: Request, id: str) -> Sent:  # noqa: A002 - the network's word
        reader = self.reader(request)
        post = self.archive.status(id)
        if post is None or not _may_see(reader, post):
            refuse(404, "Record not found")
        return post

    def _own(self, request: Request, id: str) -> Sent:  # noqa: A002 - the network's word
        member = self.member(request)
        return self.archive.post("mastodon", member.handle, id) or refuse(404, "Record not found")

    def several(self, request: Request) -> Answer:
        """Show several posts; those that are gone are left out."""
        reader = self.reader(request)
        ids = dict.fromkeys(request.arguments("id[]", "id"))
        if len(ids) > 100:
            refuse(422, "Too many ids")
        found = [self.archive.status(id) for id in ids]  # noqa: A001 - the network's word
        return answer([self.entities.status(post) for post in found if post and _may_see(reader, post)])

    def show(self, request: Request, id: str) -> Answer:  # noqa: A002 - the network's word
        """Show a post."""
        return answer(self.entities.status(self._visible(request, id)))

    def delete(self, request: Request, id: str) -> Answer:  # noqa: A002 - the network's word
        """Delete a post; the answer holds its text, to be written again."""
        post = self._own(request, id)
        entity = self.entities.status(post) | {"text": post.text}
        self.archive.remove(post)
        return answer(entity)

    def source(self, request: Request, id: str) -> Answer:  # noqa: A002 - the network's word
        """Show a post's text as it was sent."""
        self.member(request)
        post = self._visible(request, id)
        return answer({"id": post.id, "text": post.text, "spoiler_text": post.warning})

    def context(self, request: Request, id: str) -> Answer:  # noqa: A002 - the network's word
        """Show what a post answers, and what answers it."""
        post = self._visible(request, id)
        above: list[Sent] = []
        parent = self.archive.parent(post)
        while parent and len(above) < 40:
            above.insert(0, parent)
            parent = self.archive.parent(parent)
        below: list[Sent] = []
        waiting = self.archive.replies(post)
        while waiting and len(below) < 60:
            following = waiting.pop(0)
            below.append(following)
            waiting = [*self.archive.replies(following), *waiting]
        entities = {"ancestors": above, "descendants": below}
        return answer({name: [self.entities.status(item) for item in items] for name, items in entities.items()})

    def poll(self, request: Request, id: str) -> Answer:  # noqa: A002 - the network's word
        """Show a poll."""
        post = self._visible(request, id)
        if post.question is None:
            refuse(404, "Record not found")
        return answer(self.entities.poll(post))

    def scheduled(self, request: Request) -> Answer:
        """List what is scheduled."""
        member = self.member(request)
        now = self.archive.now()
        posts = self.archive.posts(member.handle, "mastodon", everything=True)
        return answer([self.entities.published(post) for post in posts if post.published > now])


def _may_see(reader: Member | None, post: Sent) -> bool:
    return post.visibility in {"public", "unlisted"} or (reader is not None and reader.handle == post.handle)


def _text(fields: dict[str, Any], name: str) -> str:
    value = fields.get(name)
    if value is None:
        return ""
    if not isinstance(value, str | int):
        refuse(422, f"Validation failed: {name} is invalid")
    return str(value).replace("\r\n", "\n")


def _flag(value: object) -> bool:
    return value is True or str(value).casefold() in {"true", "1", "on", "t"}


def _description(fields: dict[str, Any]) -> str:
    text = _text(fields, "description").strip()
    if len(text) > DESCRIPTION_LIMIT:
        refuse(422, f"Validation failed: Description is too long (maximum is {DESCRIPTION_LIMIT} characters)")
    return text


def _focus(fields: dict[str, Any]) -> str:
    text = _text(fields, "focus")
    if text and not re.fullmatch(r"-?[01](?:\.\d{1,10})?,\s?-?[01](?:\.\d{1,10})?", text):
        refuse(422, "Validation failed: Focus is invalid")
    return text


def _question(fields: dict[str, Any]) -> Question | None:
    poll = fields.get("poll")
    if not poll:
        return None
    options = poll.get("options") if isinstance(poll, dict) else None
    if not isinstance(options, list) or not all(isinstance(option, str) for option in options):
        refuse(422, "Validation failed: Poll is invalid")
    if not 2 <= len(options) <= POLL_OPTIONS:
        refuse(422, f"Validation failed: Options must be 2 to {POLL_OPTIONS} items")
    if any(not option.strip() for option in options) or len(set(options)) != len(options):
        refuse(422, "Validation failed: Options must be unique and not blank")
    if any(graphemes(option) > POLL_OPTION_LIMIT for option in options):
        refuse(422, f"Validation failed: Options can't be longer than {POLL_OPTION_LIMIT} characters each")
    expires = str(poll.get("expires_in", ""))
    if not re.fullmatch(r"[0-9]{1,9}", expires) or not POLL_SECONDS[0] <= int(expires) <= POLL_SECONDS[1]:
        refuse(422, f"Validation failed: Expires in must be {POLL_SECONDS[0]} to {POLL_SECONDS[1]} seconds")
    return Question(tuple(options), int(expires), _flag(poll.get("multiple")), _flag(poll.get("hide_totals")))
