"""What the posts say now beside what was published: the same words again, renamed posts, edited posts.

A post is compared with the ledger's own record of what went out, never with the network. Nearly every post is as it
was, and is not even opened.
"""

from __future__ import annotations

import io
import re
import tarfile
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta
from itertools import chain
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from socialops.checks.published import POST_EDITED, POST_RENAMED, TEXT_PUBLISHED
from socialops.checks.rule import Case
from socialops.compose.recurrence import base_of
from socialops.compose.schedule import due as due_of
from socialops.content.shelf import Shelf
from socialops.errors import SocialopsError
from socialops.git import Git
from socialops.publishing.ledger import Fault, Ledger, Name, decode, read_ledger
from socialops.publishing.machine import (
    State,
    confirmed_at,
    last_event,
    stamp,
    state_of,
)
from socialops.publishing.slot_file import SLOT_FILE, Slots, decode_slots

if TYPE_CHECKING:
    from socialops.content.channel import Channel
    from socialops.content.load import Content
    from socialops.content.post import Post
    from socialops.networks.draft import Draft
    from socialops.problem import Problem
    from socialops.publishing.machine import Delivery
    from socialops.publishing.plan import Composer
    from socialops.workspace import Workspace

REMEMBERED = timedelta(days=90)
"""How long a text may not be said again on a channel, and how long an edited post is told of."""

Texts = dict[str, dict[str, tuple[str, datetime]]]
"""Channel → text → the post that said it last, and when."""

_SPACE = re.compile(r"\s+")
_ADDRESS = re.compile(r"https?://\S+")


def history(content: Content, ledger: Ledger, now: datetime, *, compose: Composer | None = None) -> list[Problem]:
    """Return what is wrong with the posts of *content* beside what was published, sorted by file and line."""
    if not ledger.deliveries:
        return []
    return sorted(_Comparison(content, ledger, now, compose or _compose).problems())


def ledger_at_hand(workspace: Workspace) -> Ledger:
    """Return the ledger as this machine last saw it: the folder of the data, or the branch that keeps it.

    Asks no remote and writes nothing. Raises LedgerError when it cannot be trusted, GitError when git cannot tell.
    """
    branch, remote = workspace.settings.data_branch, workspace.settings.data_remote
    if not branch or workspace.ledger.is_dir():
        return read_ledger(workspace.ledger)
    # Where a clone holds only part of the objects, git would fetch the others by itself.
    git = Git(workspace.root, sealed=True)
    if git.inside():
        git = Git(Path(git.text("rev-parse", "--show-toplevel")), sealed=True)
        for ref in (f"refs/remotes/{remote}/{branch}", f"refs/socialops/{branch}", f"refs/heads/{branch}"):
            if git.resolve(ref) and "ledger" in git.lines("ls-tree", "-z", "--name-only", ref):
                _, packed = git.run("archive", "--format=tar", ref, "ledger")
                return _unpacked(workspace, packed.encode("utf-8", "surrogateescape"))
    return Ledger(workspace.ledger, missing=True)


def _unpacked(workspace: Workspace, packed: bytes) -> Ledger:
    deliveries: dict[Name, Delivery] = {}
    faults: dict[Name, str] = {}
    slots: Slots = {}
    why = ""
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        for member in archive:
            file = archive.extractfile(member) if member.name.endswith((".json", f"/{SLOT_FILE}")) else None
            if file is not None and member.name.endswith(SLOT_FILE):
                slots, why = decode_slots(file.read())
            elif file is not None:
                name = (PurePosixPath(member.name).parent.name, PurePosixPath(member.name).stem)
                try:
                    deliveries[name] = decode(file.read(), name)
                except Fault as error:
                    faults[name] = f"its record {member.name} cannot be trusted: {error}"
    return Ledger(workspace.ledger, deliveries, faults, slots=slots, slots_fault=why)


# --- what is the same? ----------------------------------------------------------------------------------------------


def words_of(record: Mapping[str, Any]) -> str:
    """Return what two drafts share when a reader would take them for one: the text, or else the pictures."""
    parts = record.get("parts", ())
    text = _plain("\n".join(str(part["text"]) for part in parts))
    return text or " ".join(str(item["sha256"]) for part in parts for item in part["attachments"])


def unlinked(record: Mapping[str, Any]) -> str:
    """Return a draft's text without its addresses, which differ between two outings of the same words."""
    parts = record.get("parts", ())
    return _plain("\n".join(_ADDRESS.sub("", str(part["text"])) for part in parts))


def published(ledger: Ledger, now: datetime, channels: Collection[str] | None = None) -> Texts:
    """Return what each channel said in the last 90 days."""
    texts: Texts = {}
    recent = [ledger.since(now - REMEMBERED, name) for name in ([""] if channels is None else sorted(channels))]
    for delivery in chain.from_iterable(recent):
        appeared = confirmed_at(delivery)
        if appeared is None or now - appeared > REMEMBERED:
            continue
        words, said = words_of(delivery.draft), texts.setdefault(delivery.channel, {})
        if words and (words not in said or said[words][1] < appeared):
            said[words] = (delivery.post, appeared)
    return texts


def copied_from(draft: Draft, texts: Texts, moment: datetime) -> str:
    """Return the post that said the draft's words on its channel in the 90 days before *moment*; empty without one."""
    twin, at = texts.get(draft.channel, {}).get(words_of(draft.record()), ("", None))
    # What comes again by a rule says its own words again: that is what it is for.
    return twin if at is not None and base_of(twin) != base_of(draft.post) and moment - at <= REMEMBERED else ""


def differences(published: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what readers would see changed between two drafts: "text", "pictures", "poll", "warning", "link"."""
    before, after = _seen(published), _seen(now)
    return tuple(name for name in before if before[name] != after[name])


def _seen(record: Mapping[str, Any]) -> dict[str, list[Any]]:
    parts = record.get("parts", ())
    return {
        "text": [_plain(str(part["text"])) for part in parts],
        "pictures": [[(item["sha256"], item["alt"]) for item in part["attachments"]] for part in parts],
        "poll": [list(part["poll"]["options"]) if part.get("poll") else None for part in parts],
        "warning": [part.get("content_warning") or "" for part in parts],
        "link": [part["card"]["url"] if part.get("card") else "" for part in parts],
    }


def _plain(text: str) -> str:
    return _SPACE.sub(" ", unicodedata.normalize("NFC", text)).strip()


def _source(delivery: Delivery) -> str:
    claim = last_event(delivery, 0, State.INTENT)
    return str(claim.detail.get("source") or "") if claim else ""


def edited(delivery: Delivery, post: Post) -> bool:
    """Tell whether the post's file has other bytes than when it was claimed."""
    source = _source(delivery)
    return bool(source and post.digest and source != post.digest)


def _compose(post: Post, channel: Channel, content: Content) -> Draft:
    from socialops.compose.compose import compose

    return compose(post, channel, content)


# --- words ----------------------------------------------------------------------------------------------------------


def said_before(twin: str, *, gone: bool) -> str:
    """Say that a text went out as another post, and what to do."""
    meant = "set `repeat: true` if it is meant"
    if gone:
        return f"the same text went out as {twin}, which is gone: set `id: {twin}` if this is it, or {meant[4:]}"
    return f"the same text went out as {twin} in the last 90 days: {meant}"


def _and(names: Collection[str]) -> str:
    first, last = sorted(names)[:-1], max(names)
    return f"{', '.join(first)} and {last}" if first else last


# --- the comparison -------------------------------------------------------------------------------------------------


class _Comparison:
    """One comparison of all posts with the ledger."""

    def __init__(self, content: Content, ledger: Ledger, now: datetime, compose: Composer) -> None:
        self.content = content
        self.now = now
        self.compose = compose
        self.late_ok = content.workspace.settings.late_ok
        self.texts = published(ledger, now)
        self.names = ledger.deliveries.keys()
        self.begun = {post for post, _ in self.names}
        self.recent: dict[str, dict[str, Delivery]] = {}
        for delivery in ledger.since(now - REMEMBERED):
            self.recent.setdefault(delivery.post, {})[delivery.channel] = delivery
        self.ids = {identity for _, identity, _ in _glance(content)}
        if not {base_of(post) for post in self.recent} <= self.ids:
            # A post that could not be read, or was not asked for, is not gone.
            self.ids |= _stems(content.workspace)
        self.lost: dict[tuple[str, str], Delivery] = {}
        """What was published by posts that are gone, by channel, and by source or due time."""
        for post, deliveries in self.recent.items():
            if post not in self.ids and base_of(post) not in self.ids:
                for channel, delivery in deliveries.items():
                    if state_of(delivery) is State.CONFIRMED:
                        self.lost[channel, _source(delivery)] = self.lost[channel, delivery.due] = delivery

    def problems(self) -> Iterator[Problem]:
        searched = bool(self.lost) or any(self.texts.values())
        for index, identity, digest in _glance(self.content):
            known = self.recent.get(identity, {})
            changed = [
                delivery
                for delivery in known.values()
                if _source(delivery) not in ("", digest) and state_of(delivery) is State.CONFIRMED
            ]
            # What went out longer ago is not opened either: its other channels are the plan's affair.
            if not changed and (not searched or (not known and identity in self.begun)):
                continue
            case = Case(self.content.posts[index], self.content)
            if changed:
                self.judge_edited(case, changed)
            if searched:
                for entry in case.post.channels:
                    channel = self.content.channels.get(entry.channel)
                    delivery = known.get(entry.channel)
                    begun = delivery is None and (identity, entry.channel) in self.names
                    if channel is not None and not begun and (delivery is None or state_of(delivery) in _UNSENT):
                        self.judge_copy(case, channel)
            yield from case.problems

    def draft(self, post: Post, channel: Channel) -> Draft | None:
        try:
            return self.compose(post, channel, self.content)
        except SocialopsError:
            return None

    def judge_edited(self, case: Case, deliveries: list[Delivery]) -> None:
        what: set[str] = set()
        where = []
        for delivery in deliveries:
            channel = self.content.channels.get(delivery.channel)
            appeared = confirmed_at(delivery)
            if channel is None or appeared is None or self.now - appeared > REMEMBERED:
                continue
            if delivery.channel not in {entry.channel for entry in case.post.channels}:
                continue
            draft = self.draft(case.post, channel)
            changed = differences(delivery.draft, draft.record()) if draft is not None else ()
            if changed:
                what.update(changed)
                where.append(delivery.channel)
        if where:
            case.report(
                POST_EDITED,
                _body(case.post),
                f"Changed after it was published on {_and(where)}: {_and(what)}. Editing publishes nothing.",
                f"Correct it there by hand, or take it down (socialops unpublish {case.post.id}) and write a new post.",
            )

    def judge_copy(self, case: Case, channel: Channel) -> None:
        """Judge whether a post that its channel has not got yet is what another post said there."""
        post = case.post
        due = due_of(post, channel)
        late_ok = post.late_ok if post.late_ok is not None else self.late_ok
        moment = self.now if due is None else max(due, self.now)
        if due is None or due + late_ok >= self.now:
            draft = self.draft(post, channel) if self.texts.get(channel.name) and not post.repeat else None
            if draft is not None and (twin := copied_from(draft, self.texts, moment)):
                self.report_copy(case, channel, twin)
            return
        lost = self.lost.get((channel.name, post.digest)) or self.lost.get((channel.name, stamp(due)))
        draft = self.draft(post, channel) if lost else None
        if lost and draft is not None and words_of(draft.record()) == words_of(lost.draft):
            case.report(
                POST_RENAMED,
                post.at("id"),
                f"This looks like {lost.post}, which was published on {channel.name} and is gone.",
                f"Write `id: {lost.post}` to keep its history. Nothing is published again.",
            )

    def report_copy(self, case: Case, channel: Channel, twin: str) -> None:
        if twin in self.ids or base_of(twin) in self.ids:
            message = f"{channel.name} got these very words from {twin} already, in the last 90 days."
            hint = "Say it in other words, or write `repeat: true` if it is meant."
        else:
            message = f"{channel.name} got these very words from {twin}, which is gone: is this the same post?"
            hint = f"Write `id: {twin}` to keep its history, or `repeat: true` if it shall go out again."
        case.report(TEXT_PUBLISHED, _body(case.post, channel.name), message, hint)


_UNSENT = frozenset({State.PLANNED, State.FAILED})
"""The states in which a delivery would be composed anew."""


def _glance(content: Content) -> Iterator[tuple[int, str, str]]:
    """Return number, id and digest of each post; opens none."""
    posts = content.posts
    if isinstance(posts, Shelf):
        yield from posts.glance()
    else:
        for index, post in enumerate(posts):
            yield index, post.id, post.digest


def _stems(workspace: Workspace) -> set[str]:
    """Return the ids that posts have by their place, without reading them."""
    from socialops.content.folder import walk

    ids = set()
    for path in walk(str(workspace.root)).files:
        folder, _, name = path.removesuffix(".md").rpartition("/")
        ids.add(folder.rpartition("/")[2] if name == "index" else name)
    return ids


def _body(post: Post, channel: str = "") -> tuple[int, int]:
    place = post.positions.get(f"channels.{channel}.text") if channel else None
    return place or (post.part_lines[0] if post.part_lines else 1, 1)
