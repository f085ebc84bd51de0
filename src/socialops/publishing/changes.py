"""What a change of the posts means for what goes out: the review of a pull request, as data.

Pure: what the base branch says, what the head says, what was published, and now. The tool, and who must approve, come
from the base; the head is data. A post is known by its id, so a file that moves is the same post.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

from socialops.checks.change import judge_records, scope_problem, too_late
from socialops.checks.check import check
from socialops.compose.compose import variant
from socialops.compose.limits import limits_of
from socialops.compose.schedule import due as due_of
from socialops.content.change import CONTENT, Area, area_of
from socialops.content.team import accounts, approval_of, approvers_for
from socialops.errors import SocialopsError
from socialops.networks import counts
from socialops.problem import Problem
from socialops.publishing.history import REMEMBERED, differences, history
from socialops.publishing.machine import State, confirmed_at, receipts_of, state_of
from socialops.publishing.promises import agenda_of
from socialops.publishing.reasons import length, local
from socialops.publishing.spending import price_of

if TYPE_CHECKING:
    from socialops.compose.wording import Mention
    from socialops.content.change import Scope
    from socialops.content.channel import Channel
    from socialops.content.load import Content
    from socialops.content.post import Post
    from socialops.content.team import Need
    from socialops.networks.base import Count
    from socialops.networks.draft import Draft
    from socialops.publishing.ledger import Ledger
    from socialops.publishing.machine import Delivery

Standing = Literal["new", "changed", "draft", "published", "too late", "in flight", "no date"]
NEAR = 3
"""So many neighbours of a day are named."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One changed post on one channel, as it will appear.

    *standing* is where it stands once the change is merged; *told* says, in whole sentences, what the change does.
    *used* has one sequence of counts a part.
    """

    channel: Channel
    standing: Standing
    due: datetime | None
    draft: Draft | None
    used: tuple[tuple[Count, ...], ...] = ()
    mentions: tuple[Mention, ...] = ()
    cost: str = ""
    told: tuple[str, ...] = ()
    neighbours: tuple[str, ...] = ()
    url: str = ""


@dataclass(frozen=True, slots=True)
class Changed:
    """One post that the change adds or changes, with what is wrong with it and whose word it needs."""

    post: Post
    new: bool
    turns: tuple[Turn, ...]
    problems: tuple[Problem, ...] = ()
    needs: tuple[Need, ...] = ()
    told: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Gone:
    """One post that the change takes away; *told* says what becomes of it on its channels."""

    id: str
    path: str
    told: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Touched:
    """Files beside the posts that the change touches: *what* they are, and who must approve, in words."""

    area: Area
    what: str
    paths: tuple[str, ...]
    who: str
    told: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Review:
    """Everything a reviewer has to know of a change."""

    changed: tuple[Changed, ...] = ()
    gone: tuple[Gone, ...] = ()
    touched: tuple[Touched, ...] = ()
    moved: tuple[str, ...] = ()
    """What the change does to posts that it does not touch: another zone of a channel, another brand rule."""
    problems: tuple[Problem, ...] = ()
    """Problems of files that are no changed post: names, links, records, the brand."""
    people: Mapping[str, str] = field(default_factory=dict)
    """Name in the team → account on the forge."""
    ledger_known: bool = True

    def everything(self) -> list[Problem]:
        """Return all problems."""
        return sorted({*self.problems, *(problem for item in self.changed for problem in item.problems)})


_WHAT = {
    Area.CHANNEL: "accounts (who speaks, and where)",
    Area.BRAND: "brand rules, the team or the pause switch",
    Area.SETTINGS: "settings",
    Area.WORKFLOW: "workflows (what runs, and with which secrets)",
    Area.GIT: "settings of git (filters, submodules, large files)",
    Area.CODE: "code",
    Area.RECORD: "records of what was published",
    Area.OTHER: "other files",
}
"""Area → what its files are, for people; the most dangerous first when sorted by `_RANK`."""
_RANK = (Area.RECORD, Area.WORKFLOW, Area.GIT, Area.CODE, Area.SETTINGS, Area.CHANNEL, Area.BRAND, Area.OTHER)


def review(base: Content, head: Content, scope: Scope, ledger: Ledger, now: datetime) -> Review:
    """Return what a change means.

    *base* and *head* are the workspace before and after it, *scope* what it touches, *ledger* what was published as far
    as it is known here. Nothing of what only the base branch has got in the meantime is told as if the change took it
    away.
    """
    return _Reviewer(base, head, scope, ledger, now).review()


class _Reviewer:
    def __init__(self, base: Content, head: Content, scope: Scope, ledger: Ledger, now: datetime) -> None:
        self.base, self.head, self.scope, self.ledger, self.now = base, head, scope, ledger, now
        self.before = {post.id: post for post in base.posts}
        self.after = {post.id: post for post in head.posts}
        self.paths = {change.path for change in scope.changes} | {c.before for c in scope.changes if c.before}
        self.late_ok = head.workspace.settings.late_ok
        removed = {post.id for post in self.removed()}
        # The base may have got posts since the head left it: they are neighbours, too.
        self.all = [*head.posts, *(p for id_, p in self.before.items() if id_ not in self.after and id_ not in removed)]
        self.coming = agenda_of(replace(head, posts=tuple(self.all), keys=()), ledger, now)
        self.timeline: dict[str, list[tuple[datetime, Post]]] = {}
        for post in self.coming.posts:
            if not post.draft:
                for channel in self.channels(post):
                    at = due_of(post, channel)
                    if at is not None:
                        self.timeline.setdefault(channel.name, []).append((at, post))

    def channels(self, post: Post) -> Iterable[Channel]:
        for entry in post.channels:
            channel = self.head.channels.get(entry.channel) or self.base.channels.get(entry.channel)
            if channel is not None:
                yield channel

    def removed(self) -> list[Post]:
        """Return the posts that the change takes away: their file is among those it touches, and their id is gone."""
        return [post for id_, post in self.before.items() if id_ not in self.after and post.path in self.paths]

    def review(self) -> Review:
        posts = sorted((post for post in self.head.posts if post.path in self.scope.files), key=self.order)
        files = sorted(self.scope.files)
        found = [*check(self.head, files=files), *self.by_rules_in_force(posts)]
        found += [p for p in history(self.head, self.ledger, self.now) if p.file in self.scope.files]
        found += judge_records(self.scope)
        touched = self.touched(bool(posts))
        if posts:
            found += [
                scope_problem(item.paths, item.what, item.who)
                for item in touched
                if item.area not in (Area.RECORD, Area.OTHER)
            ]
        gone = [self.gone(post) for post in self.removed()]
        changed = [self.changed(post) for post in posts]
        found += [problem for post in posts if (problem := self.passed(post)) is not None]
        own = {post.path for post in posts}
        return Review(
            tuple(
                replace(item, problems=tuple(sorted({p for p in found if p.file == item.post.path})))
                for item in changed
            ),
            tuple(gone),
            tuple(touched),
            tuple(self.moved(own)),
            tuple(sorted({problem for problem in found if problem.file not in own})),
            {name: person.forge for name, person in self.base.brand.people.items() if person.forge},
            not self.ledger.missing,
        )

    def order(self, post: Post) -> tuple[str, str]:
        dues = [at.isoformat() for channel in self.channels(post) if (at := due_of(post, channel)) is not None]
        return min(dues, default="9999"), post.id

    def by_rules_in_force(self, posts: Sequence[Post]) -> list[Problem]:
        """Judge the changed posts by the brand of the base, too, when the change touches the brand itself."""
        if not posts or not self.scope.everything:
            return []
        held = replace(
            self.head,
            brand=self.base.brand,
            channels={**self.head.channels, **self.base.channels},
            problems=(),
            keys=(),
            seen={},
            cache=None,
        )
        files = [post.path for post in posts]
        known = {_essence(problem) for problem in check(self.head, files=files)}
        return [
            replace(problem, hint=f"{problem.hint} (By the rules in force, which this change would alter.)".strip())
            for problem in check(held, files=files)
            if problem.file in set(files) and _essence(problem) not in known
        ]

    # --- one post ---------------------------------------------------------------------------------------------------

    def changed(self, post: Post) -> Changed:
        before = self.before.get(post.id)
        told = []
        if before is not None and before.path != post.path:
            told.append(f"The file was moved from {before.path}; it is the same post, and nothing is published again.")
        if before is None and (twin := self.twin(post)) is not None:
            told.append(
                f"This looks like {twin.id} under another id: for the ledger it is a new post. Write `id: {twin.id}` "
                "to keep its history."
            )
        if before is not None and before.draft and not post.draft:
            told.append("It was a draft, and is ready now.")
        if before is not None and post.draft and not before.draft:
            told.append("It becomes a draft again: nothing of it goes out.")
        turns = [self.turn(post, before, channel) for channel in self.channels(post)]
        if before is not None:
            left = {entry.channel for entry in before.channels} - {entry.channel for entry in post.channels}
            told += [self.leaving(before, name) for name in sorted(left)]
        judged = replace(self.head, brand=self.base.brand) if self.base.brand.approvals else self.head
        return Changed(post, before is None, tuple(turns), (), approvers_for(post, judged), tuple(told))

    def twin(self, post: Post) -> Post | None:
        """Return the post that the change takes away and that says the same, if there is one."""
        for other in self.removed():
            if other.parts == post.parts and any(text.strip() for text in post.parts):
                return other
        return None

    def going(self, post: Post, channel: Channel) -> Post:
        """Return a post as the channel gets it next: in its slot; of one that comes again, its next outing there."""
        for going in self.coming.next_of(post, self.head, self.now):
            if channel.name in {entry.channel for entry in going.channels}:
                return going
        return post

    def turn(self, written: Post, before: Post | None, channel: Channel) -> Turn:
        post = self.going(written, channel)
        due = due_of(post, channel)
        try:
            composed = variant(post, channel, self.head)
        except SocialopsError as error:
            return Turn(channel, "changed", due, None, told=(f"It cannot be composed: {error.message}",))
        draft = composed.draft
        limits = limits_of(channel)
        try:
            used = tuple(tuple(counts(channel.network, part, limits)) for part in draft.parts)
            cost = price_of(draft, channel)
        except SocialopsError:
            used, cost = tuple(() for _ in draft.parts), ""
        delivery = self.ledger.deliveries.get((post.id, channel.name))
        standing, told = self.standing(post, before, channel, draft, due, delivery)
        why = self.coming.why(post, channel.name)
        if standing in ("new", "changed") and why and due is not None:
            # It is never too late for a slot, nor for what comes again.
            told = [words for words in told if not words.startswith("Merge it before")]
            told.append(f"It goes out {local(due, channel)}{why}.")
        receipts = receipts_of(delivery) if delivery is not None else ()
        return Turn(
            channel,
            standing,
            due,
            draft,
            used,
            tuple(composed.mentions),
            cost,
            tuple(told),
            tuple(self.neighbours(post, channel, due)) if standing not in ("published", "draft") else (),
            receipts[0].url if receipts else "",
        )

    def standing(
        self,
        post: Post,
        before: Post | None,
        channel: Channel,
        draft: Draft,
        due: datetime | None,
        delivery: Delivery | None,
    ) -> tuple[Standing, list[str]]:
        told: list[str] = []
        state = state_of(delivery) if delivery is not None else State.PLANNED
        if delivery is not None and state in (State.CONFIRMED, State.REMOVED, State.CANCELLED):
            at = confirmed_at(delivery)
            when = f" on {local(at, channel)}" if at is not None else ""
            word = "was published" if state is State.CONFIRMED else f"is settled ({state.value})"
            changed = differences(delivery.draft, draft.record())
            if changed and state is State.CONFIRMED:
                told.append(
                    f"It {word}{when}, and says something else now ({', '.join(changed)}). Editing publishes nothing: "
                    "correct it on the network by hand."
                )
            else:
                told.append(f"It {word}{when}. This change publishes nothing there.")
            return "published", told
        was = before is not None and channel.name in {entry.channel for entry in before.channels}
        if before is not None and was:
            told += self.against(post, before, channel, draft, due)
        elif before is not None:
            told.append("This channel is new for the post.")
        if delivery is not None and state in (State.INTENT, State.UNKNOWN, State.ATTENTION):
            told.append("A run has claimed it already: it is settled first, with the words of the claim.")
            return "in flight", told
        if post.draft:
            return "draft", [*told, "A draft: it does not go out."]
        if due is None:
            return "no date", [*told, "It has no date: it takes the channel's next free slot, or waits for one."]
        late = self.deadline(post, due)
        if late < self.now:
            told.append(
                f"Too late: it was due {length(self.now - due)} ago, and merging does not publish it. Give it a new "
                "date."
            )
            return "too late", told
        if due < self.now:
            told.append(f"It is due already and goes out right after the merge; after {local(late, channel)} no more.")
        else:
            told.append(f"Merge it before {local(late, channel)}: later it is too late, and is not published.")
        return ("changed" if was else "new"), told

    def deadline(self, post: Post, due: datetime) -> datetime:
        """Return until when a post may still go out."""
        return due + (post.late_ok if post.late_ok is not None else self.late_ok)

    def against(self, post: Post, before: Post, channel: Channel, draft: Draft, due: datetime | None) -> list[str]:
        """Say what is different on a channel from what the base branch would publish."""
        told = []
        old = self.base.channels.get(channel.name) or channel
        was = due_of(before, old)
        # Where nobody gave it that date, none was moved.
        if was != due and not self.coming.why(post, channel.name):
            then, now = (local(at, channel) if at is not None else "no date" for at in (was, due))
            told.append(f"Moved: from {then} to {now}.")
        try:
            changed = differences(variant(before, old, self.base).draft.record(), draft.record())
        except SocialopsError:
            return told
        if changed:
            told.append(f"Changed: {', '.join(changed)}.")
        return told

    def leaving(self, before: Post, name: str) -> str:
        delivery = self.ledger.deliveries.get((before.id, name))
        if delivery is not None and state_of(delivery) is State.CONFIRMED:
            return f"It no longer names {name}, where it is published: it stays there until it is taken down."
        return f"It no longer goes to {name}."

    def neighbours(self, post: Post, channel: Channel, due: datetime | None) -> Iterable[str]:
        """Say what else the channel gets that day, and what is too close."""
        if due is None:
            return
        own = channel.minimum_gap
        gap = self.head.workspace.settings.minimum_gap if own is None else own
        day = due.astimezone(channel.tz()).date()
        same = []
        for at, other in sorted(self.timeline.get(channel.name, ()), key=lambda item: (item[0], item[1].id)):
            if other.id == post.id:
                continue
            if abs(at - due) < gap:
                apart = length(abs(at - due))
                yield f"Collision: {other.id} goes out {apart} away; the least is {length(gap)}, so one waits."
            elif at.astimezone(channel.tz()).date() == day:
                same.append(f"{at.astimezone(channel.tz()):%H:%M} {other.id}")
        if same:
            more = f" and {len(same) - NEAR} more" if len(same) > NEAR else ""
            yield f"The same day on {channel.name}: {', '.join(same[:NEAR])}{more}."

    def passed(self, post: Post) -> Problem | None:
        """Return the problem that a post of the change is too late on some channels and was not published there."""
        if post.draft or (post.recur and any(self.going(post, channel) is not post for channel in self.channels(post))):
            return None
        late = [
            channel.name
            for channel in self.channels(post)
            if (due := due_of(post, channel)) is not None
            and self.deadline(post, due) < self.now
            and (post.id, channel.name) not in self.ledger.deliveries
            and self.is_news(post, channel)
        ]
        return too_late(post, late) if late else None

    def is_news(self, post: Post, channel: Channel) -> bool:
        """Tell whether the change brings a post to a channel, or another date of it: old posts may be corrected."""
        before = self.before.get(post.id)
        if before is None or before.draft:
            return True
        if channel.name not in {entry.channel for entry in before.channels}:
            return True
        return due_of(before, self.base.channels.get(channel.name) or channel) != due_of(post, channel)

    # --- what goes away, and what is moved by others ----------------------------------------------------------------

    def gone(self, post: Post) -> Gone:
        told = []
        for entry in post.channels:
            channel = self.base.channels.get(entry.channel)
            if channel is None:
                continue
            delivery = self.ledger.deliveries.get((post.id, channel.name))
            due = due_of(post, channel)
            if delivery is not None and state_of(delivery) is State.CONFIRMED:
                told.append(f"{channel.name}: published, and stays there until `socialops unpublish {post.id}`.")
            elif delivery is not None and state_of(delivery) in (State.INTENT, State.UNKNOWN):
                told.append(f"{channel.name}: a run has claimed it already; it may have gone out.")
            elif post.draft or due is None:
                told.append(f"{channel.name}: it was not scheduled.")
            elif self.deadline(post, due) < self.now:
                told.append(f"{channel.name}: it was due on {local(due, channel)}.")
            else:
                told.append(f"{channel.name}: it was scheduled for {local(due, channel)}, and does not go out.")
        return Gone(post.id, post.path, tuple(told))

    def moved(self, own: Collection[str]) -> Iterable[str]:
        """Say what the change does to scheduled posts that it does not touch."""
        if not self.scope.everything:
            return
        for id_, post in sorted(self.after.items()):
            before = self.before.get(id_)
            if before is None or post.path in own or post.draft:
                continue
            for channel in self.channels(post):
                old = self.base.channels.get(channel.name)
                due = due_of(post, channel)
                if old is None or due is None or due < self.now or (id_, channel.name) in self.ledger.deliveries:
                    continue
                was = due_of(before, old)
                if was != due and was is not None:
                    yield f"{id_} on {channel.name} moves from {local(was, old)} to {local(due, channel)}."
                if due - self.now > REMEMBERED:
                    continue
                try:
                    then, now = variant(before, old, self.base).draft, variant(post, channel, self.head).draft
                except SocialopsError:
                    continue
                if changed := differences(then.record(), now.record()):
                    yield f"{id_} on {channel.name} will say something else: {', '.join(changed)}."

    def touched(self, has_posts: bool) -> list[Touched]:
        """Return what the change touches beside posts and pictures, the most dangerous first, with who must approve."""
        by_area: dict[Area, list[str]] = {}
        for path in sorted(self.paths):
            area = area_of(path)
            if area not in CONTENT:
                by_area.setdefault(area, []).append(path)
        found = []
        for area in _RANK:
            paths = by_area.get(area)
            if paths:
                told = self.accounts_told(paths) if area is Area.CHANNEL else ()
                if area is Area.SETTINGS and "pyproject.toml" in paths:
                    told = tuple(self.settings_told())
                found.append(Touched(area, _WHAT[area], tuple(paths), self.who(paths), tuple(told)))
        return found

    def who(self, paths: Sequence[str]) -> str:
        """Say who must approve a change of these files, by the team of the base branch."""
        brand = self.base.brand
        named: list[str] = []
        unowned = False
        for path in paths:
            approval = approval_of(path, brand)
            if approval is None:
                unowned = True
                continue
            labels = [
                brand.people[name].label + (f" ({account[0]})" if (account := accounts([name], brand.people)) else "")
                for name in approval.who
                if name in brand.people
            ]
            words = " or ".join(labels)
            if words and words not in named:
                named.append(words)
        said = f"Must be approved by {', and by '.join(named)}." if named else ""
        if unowned:
            nobody = "nobody is named for it in brand/team.yml: whoever keeps the main branch must approve it."
            said = f"{said} For the rest {nobody}" if said else nobody[0].upper() + nobody[1:]
        return said

    def accounts_told(self, paths: Sequence[str]) -> tuple[str, ...]:
        """Say what becomes of the accounts: above all, where their tokens would be sent."""
        told = []
        for name in sorted(self.base.channels.keys() | self.head.channels.keys()):
            old, new = self.base.channels.get(name), self.head.channels.get(name)
            path = (new or old).path if (new or old) else ""  # type: ignore[union-attr]  # one of the two is there
            if path not in paths:
                continue
            if old is None or new is None:
                told.append(f"Channel {name} is {'new' if old is None else 'taken away, or can no longer be read'}.")
                continue
            for key in ("network", "host", "handle", "zone"):
                then, now = getattr(old, key), getattr(new, key)
                if then != now:
                    told.append(f"{name}: `{key}` changes from {then or 'nothing'} to {now or 'nothing'}.")
            if old.host != new.host:
                told.append(
                    f"{name}: its token stays bound to {old.host or 'the old host'}; nothing is sent to another one "
                    f"until {new.secret('HOST')} is set to it."
                )
        return tuple(told)

    def settings_told(self) -> Iterable[str]:
        from dataclasses import fields

        old, new = self.base.workspace.settings, self.head.workspace.settings
        for item in fields(old):
            then, now = getattr(old, item.name), getattr(new, item.name)
            if then != now:
                yield f"[tool.socialops] {item.name} changes from {_shown(then)} to {_shown(now)}."


def _shown(value: object) -> str:
    return length(value) if isinstance(value, timedelta) else str(value) or "nothing"


def _essence(problem: Problem) -> tuple[str, int, str, str]:
    return problem.file, problem.line, problem.id, problem.message
