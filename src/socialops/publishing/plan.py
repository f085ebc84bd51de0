"""The plan: for every post on every channel, what happens now, and why.

Each run asks "what is due and not in the ledger?", never "what did this event bring?". So runs that are lost, doubled,
late or cancelled do no harm. A post is known by its id and its channel, never by its path.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

from socialops.checks.published import POST_EDITED, POST_RENAMED, TEXT_PUBLISHED
from socialops.compose.agenda import Agenda, agenda
from socialops.compose.recurrence import base_of, forbids_repeats
from socialops.compose.schedule import due as due_of
from socialops.content.post import Post
from socialops.content.when import WhenError, parse_when
from socialops.errors import SocialopsError
from socialops.networks import ADAPTERS, adapters
from socialops.networks.draft import Draft, draft_from_record
from socialops.problem import Severity
from socialops.publishing import reasons
from socialops.publishing.breaker import tripped
from socialops.publishing.crowding import among, order
from socialops.publishing.history import copied_from, differences, edited, published, said_before, unlinked
from socialops.publishing.machine import (
    Delivery,
    State,
    first_unsettled,
    instant,
    last_event,
    last_sent_at,
    part_states,
    stamp,
    state_of,
)
from socialops.publishing.promises import Kept, unreadable
from socialops.publishing.spending import priced

if TYPE_CHECKING:
    from socialops.content.brand import Pause
    from socialops.content.channel import Channel
    from socialops.content.load import Content
    from socialops.problem import Problem
    from socialops.publishing.ledger import Ledger

Action = Literal["send", "hold", "settled", "later", "draft", "attention", "reconcile", "too_late"]
Composer = Callable[[Post, "Channel", "Content"], Draft]

_BESIDE = frozenset({TEXT_PUBLISHED.id, POST_RENAMED.id, POST_EDITED.id})
_PAUSE_FILE = "brand/pause.yml"
_HANDLES_FILE = "brand/handles.yml"
"""The switch: one that cannot be read holds everything."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What happens now with one post on one channel, and why, in plain words."""

    post: Post
    channel: Channel
    action: Action
    state: State
    due: datetime | None
    reason: str
    draft: Draft | None = None
    """What would be sent, where that had to be known to decide."""
    may_send: bool = True
    """For `reconcile`: whether it may be sent again, or only looked for."""
    stormy: bool = False
    """For `hold`: so much is late at once that a person must look first."""
    cost: Decimal | None = None
    """What the network will charge for it, about; None where it charges nothing, or that is not known yet."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Every decision, by due time, post and channel."""

    decisions: tuple[Decision, ...]
    orphans: tuple[Decision, ...] = ()
    """Deliveries that are not settled, but whose post or channel is no longer in the repository."""
    agenda: Agenda = field(default=Agenda(()), compare=False, repr=False)
    """What goes out when, and which of it has its time from a slot or a rule."""

    def by_action(self, action: Action) -> tuple[Decision, ...]:
        """Return the decisions of one kind, those about orphans included."""
        return tuple(decision for decision in (*self.decisions, *self.orphans) if decision.action == action)


def plan(
    content: Content,
    ledger: Ledger,
    now: datetime,
    *,
    problems: Sequence[Problem] = (),
    paused: Sequence[Pause] | None = None,
    credentials: Callable[[Channel], str | None] = lambda _channel: None,
    compose: Composer | None = None,
) -> Plan:
    """Decide about every post on every channel; nothing is sent or changed.

    *problems* are those of a check: a post with an error is held. *paused* is the pause switch, by default as loaded.
    *credentials* says in words what is missing to use a channel, None when nothing is.
    """
    return _Planner(content, ledger, now, problems, paused, credentials, compose).plan()


def pause_of(pauses: Sequence[Pause], post: Post, channel: Channel, now: datetime) -> Pause | None:
    """Return the pause that holds a post on a channel now, or None.

    What cannot be understood (a word it does not know, an end that is no date) holds everything: the switch is safe.
    """
    for pause in pauses:
        if _concerns(pause, post, channel) and not _over(pause, channel, now):
            return pause
    return None


def _concerns(pause: Pause, post: Post, channel: Channel) -> bool:
    kind, colon, name = pause.what.partition(":")
    words = {"network": channel.network, "channel": channel.name, "campaign": post.campaign}
    if not colon or kind.strip() not in words:
        return True
    return bool(name.strip()) and words[kind.strip()] == name.strip()


def _over(pause: Pause, channel: Channel, now: datetime) -> bool:
    if not pause.until:
        return False
    try:
        return parse_when(pause.until).at(channel.tz()) <= now
    except WhenError:
        return False


class _Planner:
    """One planning: what was given, and what is found out once."""

    def __init__(
        self,
        content: Content,
        ledger: Ledger,
        now: datetime,
        problems: Sequence[Problem],
        paused: Sequence[Pause] | None,
        credentials: Callable[[Channel], str | None],
        compose: Composer | None,
    ) -> None:
        self.kept = Kept(ledger)
        self.agenda = agenda(content, now, self.kept)
        self.content = content if self.agenda.posts is content.posts else replace(content, posts=self.agenda.posts)
        self.ledger = ledger
        self.now = now
        self.settings = content.workspace.settings
        self.pauses = content.brand.pauses if paused is None else tuple(paused)
        self.compose = compose or _compose
        self.lacking = {channel.name: credentials(channel) for channel in content.channels.values()}
        self.posts = {post.id: post for post in (*content.posts, *self.agenda.outings(), *self.content.posts)}
        self.ids = Counter(post.id for post in self.content.posts)
        self.tripped = tripped(ledger, now)
        self.wrong: dict[str, list[Problem]] = {}
        self.beside: dict[str, dict[str, Problem]] = {}
        """File → id → what was found about the post beside what was published."""
        for problem in problems:
            if problem.id in _BESIDE:
                # It concerns the channels that got the text, not all: each is judged here by itself.
                self.beside.setdefault(problem.file, {})[problem.id] = problem
            elif problem.severity is Severity.ERROR:
                self.wrong.setdefault(problem.file, []).append(problem)
        self.texts = published(ledger, now) if self.beside else {}

    def plan(self) -> Plan:
        decisions: list[Decision] = []
        candidates: list[Decision] = []
        named: set[tuple[str, str]] = set()
        for post in self.content.posts:
            for entry in post.channels:
                channel = self.content.channels.get(entry.channel)
                if channel is None:
                    continue
                named.add((post.id, channel.name))
                decision = self.decide(post, channel)
                (candidates if decision.action == "send" else decisions).append(decision)
        decisions += among(candidates, self.ledger, self.now, self.settings.minimum_gap, self.tripped, self.posts)
        decisions = priced(decisions, self.ledger, self.now, self.draft)
        orphans = [
            orphan
            for delivery in self.ledger.unsettled()
            if (delivery.post, delivery.channel) not in named and (orphan := self.orphan(delivery)) is not None
        ]
        orphans += [
            self.stray(name, why)
            for name, why in self.ledger.faults.items()
            if name not in named and name not in self.ledger.deliveries
        ]
        return Plan(tuple(sorted(decisions, key=order)), tuple(sorted(orphans, key=order)), self.agenda)

    # --- one post on one channel ------------------------------------------------------------------------------------

    def decide(self, post: Post, channel: Channel) -> Decision:
        delivery = self.ledger.deliveries.get((post.id, channel.name))
        state = state_of(delivery) if delivery else State.PLANNED
        due = due_of(post, channel)

        def say(action: Action, reason: str, *, may_send: bool = True) -> Decision:
            return Decision(post, channel, action, state, due, reason, None, may_send)

        fault = self.ledger.faults.get((post.id, channel.name))
        if fault:
            return say("attention", f"{fault}. {reasons.RESTORE}")
        if delivery is not None:
            settled = self.settled(delivery, state, post, channel, say)
            if settled is not None:
                return settled
        held = self.held(post, channel, due, delivery)
        if delivery is not None and state in (State.INTENT, State.UNKNOWN):
            may_send = held is None and channel.name not in self.tripped
            return say("reconcile", reasons.uncertain(state), may_send=may_send)
        if held is not None:
            return say(*held)
        if wait := reasons.waiting(delivery, channel, self.now):
            return say("later", wait)
        return self.composed(say("send", ""), delivery)

    def settled(
        self, delivery: Delivery, state: State, post: Post, channel: Channel, say: Callable[[Action, str], Decision]
    ) -> Decision | None:
        """Decide about a delivery that no machine sends again, or that another run is sending; else None."""
        newest = delivery.events[-1]
        if state is State.CONFIRMED:
            return say("settled", f"published{self.since(delivery, post, channel)}")
        if state is State.REMOVED:
            return say("settled", "published, and no longer there; it is never published again")
        if state is State.CANCELLED:
            return say("settled", "cancelled by a person")
        if state is State.ATTENTION:
            return say("attention", reasons.why(delivery))
        if state is State.FAILED and not edited(delivery, post):
            return say("settled", f"failed: {reasons.why(delivery)}. Change the post and it is tried again.")
        if state is State.INTENT and newest.detail.get("lease_until"):
            until = max(_lease(delivery, part) for part in range(len(part_states(delivery))))
            if until > stamp(self.now):
                ends = reasons.local(instant(until), channel)
                return say("hold", f"another run is sending it; its claim holds until {ends}")
        return None

    def since(self, delivery: Delivery, post: Post, channel: Channel) -> str:
        """Say what became of the file of a post after it was published."""
        if edited(delivery, post):
            if POST_EDITED.id in self.beside.get(post.path, {}):
                draft = self.composed(Decision(post, channel, "send", State.PLANNED, None, ""), None).draft
                if draft is not None and differences(delivery.draft, draft.record()):
                    return "; it was edited since, which publishes nothing: correct it on the network by hand"
            return "; the file was changed since, which publishes nothing"
        if delivery.path and delivery.path != post.path:
            return "; the file was moved since, which publishes nothing"
        return ""

    def held(
        self, post: Post, channel: Channel, due: datetime | None, delivery: Delivery | None
    ) -> tuple[Action, str] | None:
        """Say why this post may not go out on this channel now; None when it may."""
        if post.draft:
            return "draft", "a draft: take `draft: true` out when it is ready"
        if channel.network not in ADAPTERS and channel.network not in adapters():
            return "hold", f"this version cannot publish on {channel.network}: publish it there by hand"
        if self.ids[post.id] > 1:
            return "hold", f"{self.ids[post.id]} posts have the id {post.id}: give each its own"
        if (post.id, channel.name) in self.agenda.places and (why := unreadable(self.ledger)):
            return "hold", why
        if due is None:
            return "hold", self.without_slot(channel)
        where = next((file for file in self._files_of(post, channel) if file in self.wrong), "")
        if where:
            wrong = self.wrong[where]
            more = f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""
            return "hold", f"{where} has a problem: {wrong[0].message}{more}"
        if twin := self.copies(post, channel, due, delivery):
            return "hold", said_before(twin, gone=twin not in self.posts and base_of(twin) not in self.posts)
        if said := self.said_already(post, channel, delivery):
            return "hold", said
        if due > self.now:
            return "later", f"goes out {reasons.local(due, channel)}{self.agenda.why(post, channel.name)}"
        late = self.late(post, channel, due, delivery)
        if late is not None:
            renamed = self.beside.get(post.path, {}).get(POST_RENAMED.id)
            return (late[0], f"{renamed.message} {renamed.hint}") if renamed and late[0] == "too_late" else late
        pause = pause_of(self.pauses, post, channel, self.now)
        if pause is not None:
            return "hold", reasons.paused(pause)
        if self.lacking.get(channel.name):
            return "hold", str(self.lacking[channel.name])
        return None

    def without_slot(self, channel: Channel) -> str:
        """Say why an undated post has no time on a channel."""
        if not channel.slots:
            return f"no date, and {channel.name} has no slots: give it one, or add `slots:` to {channel.path}"
        return f"no date, and no slot of {channel.name} is free (before it expires): give it one"

    def said_already(self, post: Post, channel: Channel, delivery: Delivery | None) -> str:
        """Say what went out before in the very words of an outing, where the network takes no text twice."""
        base = self.agenda.outing_of.get(post.id)
        if base is None or not forbids_repeats(channel):
            return ""
        if delivery is not None and state_of(delivery) not in (State.PLANNED, State.FAILED):
            return ""
        draft = self.composed(Decision(post, channel, "send", State.PLANNED, None, ""), None).draft
        words = unlinked(draft.record()) if draft else ""
        for id_, at in self.kept.outings(base.id, channel.name):
            earlier = self.ledger.deliveries.get((id_, channel.name))
            if words and id_ != post.id and at is not None and earlier and unlinked(earlier.draft) == words:
                return (
                    f"{channel.network} takes no text twice, and got this one as {id_}: add a text to `variants:`, or "
                    f"end `recur:`"
                )
        return ""

    def _files_of(self, post: Post, channel: Channel) -> Iterator[str]:
        """Give the files that this delivery is made from: an error in any of them holds it."""
        yield from (post.path, channel.path, _PAUSE_FILE)
        if any("@" in text for text in (*post.parts, post.entry(channel.name).text or "")):
            yield _HANDLES_FILE

    def copies(self, post: Post, channel: Channel, due: datetime, delivery: Delivery | None) -> str:
        """Return the post whose text this one says again on the channel, where a check found one; else nothing."""
        if TEXT_PUBLISHED.id not in self.beside.get(post.path, {}) or post.repeat:
            return ""
        if delivery is not None and state_of(delivery) not in (State.PLANNED, State.FAILED):
            return ""
        draft = self.composed(Decision(post, channel, "send", State.PLANNED, due, ""), None).draft
        return copied_from(draft, self.texts, max(due, self.now)) if draft else ""

    def late(self, post: Post, channel: Channel, due: datetime, delivery: Delivery | None) -> tuple[Action, str] | None:
        late_ok = post.late_ok if post.late_ok is not None else self.settings.late_ok
        if delivery is not None and reasons.begun(delivery):
            # Half a thread is out: the rest is worth more than punctuality, for a while.
            last = last_sent_at(delivery) or due
            if self.now - last > late_ok and not reasons.asked_again(delivery):
                return "attention", f"{reasons.count(delivery)}, and the rest is too late to follow by itself"
            return None
        if post.expires is not None:
            try:
                ends = post.expires.at(channel.tz())
            except WhenError:
                return "hold", f"`expires: {post.expires.text}` is no moment in {channel.zone}"
            if post.expires.day_only:
                # Good for the whole of its last day.
                ends += timedelta(days=1)
            if ends <= self.now:
                again = "for another day it needs a new date and a later `expires`"
                return "too_late", f"expired {reasons.local(ends, channel)}: {again}"
        if self.now - due > late_ok and not reasons.asked_again(delivery):
            if post.id in self.agenda.outing_of:
                return "too_late", f"missed: {reasons.length(self.now - due)} late{self.again(post, channel)}"
            return (
                "too_late",
                f"{reasons.length(self.now - due)} late, more than {reasons.length(late_ok)}: give it a new date",
            )
        return None

    def again(self, post: Post, channel: Channel) -> str:
        """Say when a recurring post comes again, after an outing that was missed."""
        base = self.agenda.outing_of[post.id]
        coming = [
            at
            for other, again in self.agenda.outing_of.items()
            if again.id == base.id
            and (out := self.posts.get(other)) is not None
            and channel.name in {entry.channel for entry in out.channels}
            and (at := due_of(out, channel)) is not None
            and at > self.now
        ]
        return f"; it comes again {reasons.local(min(coming), channel)}" if coming else "; it does not come again"

    def composed(self, decision: Decision, delivery: Delivery | None) -> Decision:
        """Add what would be sent: the recorded draft of what was claimed before, else a new one."""
        post, channel = decision.post, decision.channel
        fresh = delivery is None or state_of(delivery) in (State.PLANNED, State.FAILED)
        try:
            draft = self.compose(post, channel, self.content) if fresh else draft_from_record(_record(delivery))
        except SocialopsError as error:
            return replace(decision, action="hold", reason=f"{error.message} {error.hint}".strip())
        except Exception as error:  # one post that cannot be composed must not stop the others
            what = "composed" if fresh else "read from the record"
            return replace(decision, action="hold", reason=f"it could not be {what} ({type(error).__name__})")
        return replace(decision, draft=draft)

    def draft(self, decision: Decision) -> Draft | None:
        """Return what would be sent, also for what is not due yet."""
        delivery = self.ledger.deliveries.get((decision.post.id, decision.channel.name))
        return decision.draft or self.composed(decision, delivery).draft

    # --- deliveries that nothing in the repository speaks of any more -----------------------------------------------

    def orphan(self, delivery: Delivery) -> Decision | None:
        state = state_of(delivery)
        if state in (State.CONFIRMED, State.REMOVED, State.CANCELLED, State.FAILED, State.PLANNED, State.TOO_LATE):
            return None
        post, channel, known = self.stand_ins(delivery)
        due = instant(delivery.due)
        if fault := self.ledger.faults.get((delivery.post, delivery.channel)):
            return Decision(post, channel, "attention", state, due, f"{fault}. {reasons.RESTORE}", may_send=False)
        gone = reasons.GONE if delivery.post not in self.posts else f"the post no longer names {delivery.channel}"
        if state is State.ATTENTION:
            reason = f"{reasons.why(delivery)}; {gone}"
            return Decision(post, channel, "attention", state, due, reason, may_send=False)
        if state is State.DEFERRED:
            reason = f"{gone}; it was taken out before it was sent, and is not sent any more"
            if reasons.begun(delivery):
                reason = f"{reasons.count(delivery)}, and {gone}"
                return Decision(post, channel, "attention", state, due, reason, may_send=False)
            return Decision(post, channel, "settled", state, due, reason, may_send=False)
        if not known:
            reason = f"{reasons.uncertain(state)}; the channel {delivery.channel} is no longer in the repository"
            return Decision(post, channel, "attention", state, due, reason, may_send=False)
        if state is State.INTENT and _lease(delivery, first_unsettled(delivery) or 0) > stamp(self.now):
            return Decision(post, channel, "hold", state, due, "another run is sending it", may_send=False)
        reason = f"{reasons.uncertain(state)}; {gone}, so it is only looked for"
        return Decision(post, channel, "reconcile", state, due, reason, may_send=False)

    def stray(self, name: tuple[str, str], why: str) -> Decision:
        empty = Delivery(name[0], name[1], "", "", {})
        post, channel, _ = self.stand_ins(empty)
        return Decision(post, channel, "attention", State.PLANNED, None, f"{why}. {reasons.RESTORE}", may_send=False)

    def stand_ins(self, delivery: Delivery) -> tuple[Post, Channel, bool]:
        from socialops.content.channel import Channel

        post = self.posts.get(delivery.post) or Post(delivery.post, delivery.path, ())
        channel = self.content.channels.get(delivery.channel)
        known = channel is not None and channel.network == delivery.network
        return post, channel or Channel(delivery.channel, "", delivery.network), known


def pictures_of(post: Post, channel: Channel, content: Content, compose: Composer | None = None) -> dict[str, str]:
    """Return where each picture of a post lies now, by the digest of its file; empty when it cannot be composed."""
    try:
        draft = (compose or _compose)(post, channel, content)
    except Exception:
        return {}
    return {item.sha256: item.file for part in draft.parts for item in part.attachments}


# --- words ----------------------------------------------------------------------------------------------------------


def _compose(post: Post, channel: Channel, content: Content) -> Draft:
    from socialops.compose.compose import compose

    return compose(post, channel, content)


def _record(delivery: Delivery | None) -> Mapping[str, Any]:
    return delivery.draft if delivery else {}


def _lease(delivery: Delivery, part: int) -> str:
    newest = last_event(delivery, part)
    return str(newest.detail.get("lease_until", "")) if newest and newest.state is State.INTENT else ""
