"""The plan: for every post on every channel, what happens now, and why.

Each run asks "what is due and not in the ledger?", never "what did this event bring?". So runs that are lost, doubled,
late or cancelled do no harm. A post is known by its id and its channel, never by its path.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from socialops.compose.schedule import due as due_of
from socialops.content.post import Post
from socialops.content.when import WhenError, parse_when
from socialops.errors import SocialopsError
from socialops.networks import ADAPTERS, adapters
from socialops.networks.draft import Draft, draft_from_record
from socialops.problem import Severity
from socialops.publishing.machine import (
    Delivery,
    State,
    confirmed_at,
    first_unsettled,
    instant,
    last_event,
    last_sent_at,
    part_states,
    stamp,
    state_of,
)

if TYPE_CHECKING:
    from socialops.content.brand import Pause
    from socialops.content.channel import Channel
    from socialops.content.load import Content
    from socialops.problem import Problem
    from socialops.publishing.ledger import Ledger

Action = Literal["send", "hold", "settled", "later", "draft", "attention", "reconcile", "too_late"]
Composer = Callable[[Post, "Channel", "Content"], Draft]

MOST_IN_A_RUN = 5
"""How many posts one run sends on a channel."""
STORM_LATENESS = timedelta(hours=1)
STORM_ON_A_CHANNEL = 5
STORM_IN_ALL = 20
"""More posts than this that are an hour late at once are a broken schedule, not a busy day: a person looks first."""
SAME_TEXT_FOR = timedelta(days=90)

_PAUSE_FILE = "brand/pause.yml"
_HANDLES_FILE = "brand/handles.yml"
"""The switch: one that cannot be read holds everything."""
_SPACE = re.compile(r"\s+")


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


@dataclass(frozen=True, slots=True)
class Plan:
    """Every decision, by due time, post and channel."""

    decisions: tuple[Decision, ...]
    orphans: tuple[Decision, ...] = ()
    """Deliveries that are not settled, but whose post or channel is no longer in the repository."""

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
        self.content = content
        self.ledger = ledger
        self.now = now
        self.settings = content.workspace.settings
        self.pauses = content.brand.pauses if paused is None else tuple(paused)
        self.compose = compose or _compose
        self.lacking = {channel.name: credentials(channel) for channel in content.channels.values()}
        self.posts = {post.id: post for post in content.posts}
        self.ids = Counter(post.id for post in content.posts)
        self.wrong: dict[str, list[Problem]] = {}
        for problem in problems:
            if problem.severity is Severity.ERROR:
                self.wrong.setdefault(problem.file, []).append(problem)

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
        decisions += self.among(candidates)
        orphans = [
            orphan
            for name, delivery in self.ledger.deliveries.items()
            if name not in named and (orphan := self.orphan(delivery)) is not None
        ]
        orphans += [
            self.stray(name, why)
            for name, why in self.ledger.faults.items()
            if name not in named and name not in self.ledger.deliveries
        ]
        return Plan(tuple(sorted(decisions, key=_order)), tuple(sorted(orphans, key=_order)))

    # --- one post on one channel ------------------------------------------------------------------------------------

    def decide(self, post: Post, channel: Channel) -> Decision:
        delivery = self.ledger.deliveries.get((post.id, channel.name))
        state = state_of(delivery) if delivery else State.PLANNED
        due = due_of(post, channel)

        def say(action: Action, reason: str, *, may_send: bool = True) -> Decision:
            return Decision(post, channel, action, state, due, reason, None, may_send)

        fault = self.ledger.faults.get((post.id, channel.name))
        if fault:
            return say("attention", f"{fault}. Nothing is sent until the file is restored from the branch's history.")
        if delivery is not None:
            settled = self.settled(delivery, state, post, channel, say)
            if settled is not None:
                return settled
        held = self.held(post, channel, due, delivery)
        if delivery is not None and state in (State.INTENT, State.UNKNOWN):
            return say("reconcile", _uncertain(state), may_send=held is None)
        if held is not None:
            return say(*held)
        wait = _waits_until(delivery)
        if wait is not None and wait > self.now:
            return say("later", f"the network asked to wait until {_local(wait, channel)}")
        return self.composed(say("send", ""), delivery)

    def settled(
        self, delivery: Delivery, state: State, post: Post, channel: Channel, say: Callable[[Action, str], Decision]
    ) -> Decision | None:
        """Decide about a delivery that no machine sends again, or that another run is sending; else None."""
        newest = delivery.events[-1]
        changed = _changed_since(delivery, post)
        if state is State.CONFIRMED:
            edited = "; the file was changed since, which publishes nothing" if changed else ""
            return say("settled", f"published{edited}")
        if state is State.REMOVED:
            return say("settled", "published, and no longer there; it is never published again")
        if state is State.CANCELLED:
            return say("settled", "cancelled by a person")
        if state is State.ATTENTION:
            return say("attention", _why(delivery))
        if state is State.FAILED and not changed:
            return say("settled", f"failed: {_why(delivery)}. Change the post and it is tried again.")
        if state is State.INTENT and newest.detail.get("lease_until"):
            until = max(_lease(delivery, part) for part in range(len(part_states(delivery))))
            if until > stamp(self.now):
                local = _local(instant(until), channel)
                return say("hold", f"another run is sending it; its claim holds until {local}")
        return None

    def held(
        self, post: Post, channel: Channel, due: datetime | None, delivery: Delivery | None
    ) -> tuple[Action, str] | None:
        """Say why this post may not go out on this channel now; None when it may."""
        if post.draft:
            return "draft", "a draft: take `draft: true` out when it is ready"
        if channel.network not in ADAPTERS and channel.network not in adapters():
            return "hold", f"this version cannot publish on {channel.network}"
        if self.ids[post.id] > 1:
            return "hold", f"{self.ids[post.id]} posts have the id {post.id}: give each its own"
        if due is None:
            return "hold", "no date: give it one"
        where = next((file for file in self._files_of(post, channel) if file in self.wrong), "")
        if where:
            wrong = self.wrong[where]
            more = f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""
            return "hold", f"{where} has a problem: {wrong[0].message}{more}"
        if due > self.now:
            return "later", f"goes out {_local(due, channel)}"
        late = self.late(post, channel, due, delivery)
        if late is not None:
            return late
        pause = pause_of(self.pauses, post, channel, self.now)
        if pause is not None:
            return "hold", _paused(pause)
        if self.lacking.get(channel.name):
            return "hold", str(self.lacking[channel.name])
        return None

    def _files_of(self, post: Post, channel: Channel) -> Iterator[str]:
        """Give the files that this delivery is made from: an error in any of them holds it."""
        yield from (post.path, channel.path, _PAUSE_FILE)
        if any("@" in text for text in (*post.parts, post.entry(channel.name).text or "")):
            yield _HANDLES_FILE

    def late(self, post: Post, channel: Channel, due: datetime, delivery: Delivery | None) -> tuple[Action, str] | None:
        late_ok = post.late_ok if post.late_ok is not None else self.settings.late_ok
        if delivery is not None and _begun(delivery):
            # Half a thread is out: the rest is worth more than punctuality, for a while.
            last = last_sent_at(delivery) or due
            if self.now - last > late_ok and not _asked_again(delivery):
                return "attention", f"{_count(delivery)}, and the rest is too late to follow by itself"
            return None
        if post.expires is not None:
            try:
                ends = post.expires.at(channel.tz())
            except WhenError:
                return "hold", f"`expires: {post.expires.text}` is no moment in {channel.zone}"
            if ends <= self.now:
                return "too_late", f"expired {_local(ends, channel)}"
        if self.now - due > late_ok and not _asked_again(delivery):
            return "too_late", f"{_length(self.now - due)} late, more than {_length(late_ok)}: give it a new date"
        return None

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

    # --- among those that are due -----------------------------------------------------------------------------------

    def among(self, candidates: list[Decision]) -> list[Decision]:
        """Decide which of the posts that are due go out in this run."""
        candidates.sort(key=lambda decision: (not self.resumes(decision), *_order(decision)))
        recent = {name: self.recent(name) for name in {decision.channel.name for decision in candidates}}
        stormy = self.storms(candidates)
        sent: Counter[str] = Counter()
        decided = []
        for decision in candidates:
            name = decision.channel.name
            last, texts = recent[name]
            text = _text_of(decision.draft.record()) if decision.draft else ""
            held = None if self.resumes(decision) else self.crowded(decision, last, texts.get(text), sent[name])
            if stormy.get(name) and not self.resumes(decision):
                held = "hold", stormy[name]
            if held is not None:
                decided.append(replace(decision, action=held[0], reason=held[1]))
                continue
            decided.append(replace(decision, reason=self.going(decision)))
            if not self.resumes(decision):
                sent[name] += 1
                texts[text] = decision.post.id
                recent[name] = (self.now, texts)
        return decided

    def crowded(
        self, decision: Decision, last: datetime | None, twin: str | None, sent: int
    ) -> tuple[Action, str] | None:
        """Say what on its channel keeps a post that is due back: its own text, or too many posts at once."""
        name, gap = decision.channel.name, self.settings.minimum_gap
        if twin and twin != decision.post.id and not decision.post.repeat:
            return "hold", f"the same text went out as {twin} in the last 90 days: set `repeat: true` if it is meant"
        if sent >= MOST_IN_A_RUN:
            return "later", f"{MOST_IN_A_RUN} posts on {name} in one run are enough; the next run takes it"
        if last is not None and last + gap > self.now:
            return "later", f"{_length(gap)} between posts on {name}: from {_local(last + gap, decision.channel)}"
        return None

    def resumes(self, decision: Decision) -> bool:
        delivery = self.ledger.deliveries.get((decision.post.id, decision.channel.name))
        return delivery is not None and _begun(delivery)

    def going(self, decision: Decision) -> str:
        delivery = self.ledger.deliveries.get((decision.post.id, decision.channel.name))
        if delivery is not None and _begun(delivery):
            return f"{_count(delivery)}; it goes on with part {(first_unsettled(delivery) or 0) + 1}"
        return "due" if delivery is None else "due, tried before"

    def storms(self, candidates: list[Decision]) -> dict[str, str]:
        """Return why nothing goes out on a channel where, or when, far too much is late at once."""
        late = Counter(
            decision.channel.name
            for decision in candidates
            if decision.due is not None and self.now - decision.due > STORM_LATENESS
        )
        advice = "look at the dates, then give new ones to those that shall still go out"
        if late.total() > STORM_IN_ALL:
            return dict.fromkeys(
                {decision.channel.name for decision in candidates},
                f"{late.total()} posts are more than 1 h late at once, so none goes out: {advice}",
            )
        return {
            name: f"{count} posts on {name} are more than 1 h late at once, so none goes out there: {advice}"
            for name, count in late.items()
            if count > STORM_ON_A_CHANNEL
        }

    def recent(self, name: str) -> tuple[datetime | None, dict[str, str]]:
        """Return when a channel last got a post, and the texts of its last 90 days with the id they went out as."""
        last: datetime | None = None
        texts: dict[str, str] = {}
        since = stamp(self.now - SAME_TEXT_FOR)
        for (post, channel), delivery in self.ledger.deliveries.items():
            if channel != name or not delivery.events or delivery.events[-1].at < since:
                continue
            sent = last_sent_at(delivery)
            if sent is not None and (last is None or sent > last):
                last = sent
            appeared = confirmed_at(delivery)
            if appeared is not None and self.now - appeared <= SAME_TEXT_FOR:
                texts.setdefault(_text_of(delivery.draft), post)
        texts.pop("", None)
        return last, texts

    # --- deliveries that nothing in the repository speaks of any more -----------------------------------------------

    def orphan(self, delivery: Delivery) -> Decision | None:
        state = state_of(delivery)
        if state in (State.CONFIRMED, State.REMOVED, State.CANCELLED, State.FAILED, State.PLANNED, State.TOO_LATE):
            return None
        post, channel, known = self.stand_ins(delivery)
        due = instant(delivery.due)
        if fault := self.ledger.faults.get((delivery.post, delivery.channel)):
            return Decision(post, channel, "attention", state, due, f"{fault}.", may_send=False)
        if state is State.ATTENTION:
            return Decision(post, channel, "attention", state, due, _why(delivery), may_send=False)
        if state is State.DEFERRED:
            reason = "taken out of the repository before it was sent"
            if _begun(delivery):
                reason = f"{_count(delivery)}, and its post is no longer in the repository"
                return Decision(post, channel, "attention", state, due, reason, may_send=False)
            return Decision(post, channel, "settled", state, due, reason, may_send=False)
        if not known:
            reason = f"{_uncertain(state)}; the channel {delivery.channel} is no longer in the repository"
            return Decision(post, channel, "attention", state, due, reason, may_send=False)
        if state is State.INTENT and _lease(delivery, first_unsettled(delivery) or 0) > stamp(self.now):
            return Decision(post, channel, "hold", state, due, "another run is sending it", may_send=False)
        return Decision(post, channel, "reconcile", state, due, _uncertain(state), may_send=False)

    def stray(self, name: tuple[str, str], why: str) -> Decision:
        empty = Delivery(name[0], name[1], "", "", {})
        post, channel, _ = self.stand_ins(empty)
        return Decision(post, channel, "attention", State.PLANNED, None, f"{why}.", may_send=False)

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


def _order(decision: Decision) -> tuple[str, str, str]:
    return (stamp(decision.due) if decision.due else "9999", decision.post.id, decision.channel.name)


def _record(delivery: Delivery | None) -> Mapping[str, Any]:
    return delivery.draft if delivery else {}


def _begun(delivery: Delivery) -> bool:
    """Tell whether a part of it is out, but not all."""
    states = part_states(delivery)
    return State.CONFIRMED in states and set(states) != {State.CONFIRMED}


def _count(delivery: Delivery) -> str:
    states = part_states(delivery)
    return f"{states.count(State.CONFIRMED)} of {len(states)} parts are published"


def _changed_since(delivery: Delivery, post: Post) -> bool:
    claim = last_event(delivery, 0, State.INTENT)
    source = claim.detail.get("source") if claim else None
    return bool(source and post.digest and source != post.digest)


def _asked_again(delivery: Delivery | None) -> bool:
    """Tell whether a person asked for one more try; punctuality was then their decision."""
    if delivery is None:
        return False
    newest = last_event(delivery, first_unsettled(delivery) or 0)
    return newest is not None and newest.state is State.DEFERRED and newest.detail.get("via") == "human"


def _waits_until(delivery: Delivery | None) -> datetime | None:
    if delivery is None:
        return None
    newest = last_event(delivery, first_unsettled(delivery) or 0, State.DEFERRED)
    return instant(newest.detail["not_before"]) if newest and newest.detail.get("not_before") else None


def _lease(delivery: Delivery, part: int) -> str:
    newest = last_event(delivery, part)
    return str(newest.detail.get("lease_until", "")) if newest and newest.state is State.INTENT else ""


def _why(delivery: Delivery) -> str:
    for event in reversed(delivery.events):
        if event.state in (State.ATTENTION, State.FAILED):
            return str(event.detail.get("why") or event.detail.get("message") or "a person must look").rstrip(".")
    return "a person must look"


def _uncertain(state: State) -> str:
    if state is State.INTENT:
        return "a run claimed it and did not say what became of it"
    return "it is not known whether it went out"


def _paused(pause: Pause) -> str:
    until = f" until {pause.until}" if pause.until else ""
    who = f" ({pause.who})" if pause.who else ""
    return f"paused{until}: {pause.what}: {pause.why}{who}"


def _local(at: datetime, channel: Channel) -> str:
    return f"{at.astimezone(channel.tz()):%a %Y-%m-%d %H:%M} {channel.zone}"


def _length(span: timedelta) -> str:
    minutes = int(span.total_seconds()) // 60
    days, hours = minutes // 1440, minutes // 60 % 24
    if days:
        return f"{days} d {hours} h" if hours else f"{days} d"
    if minutes >= 60:
        return f"{minutes // 60} h {minutes % 60} min" if minutes % 60 else f"{minutes // 60} h"
    return f"{minutes} min"


def _text_of(draft: Mapping[str, Any]) -> str:
    """Return what two posts share when a reader would take them for one: the text, or else the pictures."""
    parts = draft.get("parts", ())
    text = _SPACE.sub(" ", unicodedata.normalize("NFC", "\n".join(str(part["text"]) for part in parts))).strip()
    return text or " ".join(str(item["sha256"]) for part in parts for item in part["attachments"])
