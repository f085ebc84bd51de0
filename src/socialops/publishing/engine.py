"""Publish what is due, once: sync, plan, claim, push the claim, send once, record, push.

What is claimed is sent on all its channels side by side (lanes.py); all else happens in one thread, which claims what
is next while the lanes send. A claim that is refused, or cannot be pushed, is the last of its round: what was claimed
before is sent and recorded, then the run plans anew, or ends. All claims of a round go by one plan: what it could not
know (a pause, a breaker that opens, refused credentials) is asked before each send.
Every run asks what is due and not in the ledger. Whatever goes wrong at whatever step, the next run goes on from the
record: a claim without an outcome is looked up, never sent again blindly.
"""

from __future__ import annotations

import contextlib
import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from socialops.errors import (
    GitError,
    LedgerError,
    NetworkError,
    NotAllowed,
    PushRejected,
    SocialopsError,
    TryLater,
    WorkspaceError,
)
from socialops.http import MEDIA_DEADLINE
from socialops.networks.base import Idempotency
from socialops.publishing.breaker import breakers
from socialops.publishing.claim import Store, open_store
from socialops.publishing.clocks import Clocks
from socialops.publishing.happened import Released
from socialops.publishing.heartbeat import EVERY, heartbeat
from socialops.publishing.lanes import LONGEST_UNRECORDED, MOST_LANES, Lanes, Word
from socialops.publishing.ledger import Ledger, Name, write_delivery, write_schema
from socialops.publishing.lines import Lines
from socialops.publishing.machine import Delivery, Doing, Rules, State, instant, state_of
from socialops.publishing.messages import messages, update
from socialops.publishing.outcome import Outcome, Told, exit_code, not_before
from socialops.publishing.pause_switch import one_at_a_time, pause_switch
from socialops.publishing.plan import Composer, Decision, Plan, pause_of, pictures_of, plan
from socialops.publishing.promises import promise
from socialops.publishing.reconcile import reconcile
from socialops.publishing.sending import Claims, Fitter, Job, NotReady, asked, claimed, prepare, send

if TYPE_CHECKING:
    from socialops.content.brand import Pause
    from socialops.content.channel import Channel
    from socialops.content.load import Content
    from socialops.networks.base import Network
    from socialops.networks.draft import Attachment, Upload
    from socialops.problem import Problem
    from socialops.workspace import Workspace

MOST_REFUSALS = 10
MOST_FLUSHES = 8
"""How many files are flushed to the disk side by side."""
CLAIMED_BEFORE = timedelta(seconds=30)
"""How long before its second a post that is waited for is claimed: a push takes seconds."""
LOOKED_BEFORE = timedelta(seconds=3)
"""How long before its second the pause switch is read, so that reading it costs no punctuality."""
_NAP = 1.0
"""How many seconds a run that waits sleeps at once: it must hear when it is asked to stop."""


def publish(
    workspace: Workspace,
    content: Content,
    *,
    now: Callable[[], datetime],
    open_network: Callable[[Channel], Network],
    credentials: Callable[[Channel], str | None] = lambda _channel: None,
    dry_run: bool = False,
    report: Callable[[str], None] = lambda _text: None,
    stopping: Callable[[], bool] = lambda: False,
    problems: Sequence[Problem] | None = None,
    pauses: Callable[[], Sequence[Pause]] | None = None,
    compose: Composer | None = None,
    fit: Fitter | None = None,
    run: str = "",
    token: Callable[[], str] = lambda: secrets.token_hex(8),
    server_time: Callable[[Channel], datetime | None] = lambda _channel: None,
    wait: timedelta = timedelta(0),
    sleep: Callable[[float], None] = time.sleep,
    chance: Callable[[], float] | None = None,
    lanes: int = MOST_LANES,
    at: Callable[[str], None] = lambda _step: None,
) -> Outcome:
    """Publish what is due and record what happened.

    *credentials* says what is missing to use a channel, None when nothing is. *stopping* is asked before each send.
    *problems* are those of a check; left out, the posts that are due are checked here. *pauses* reads the pause switch
    again. *run* names this run in the record; *token* gives each claim a mark that no other claim has. *at* is told
    the name of each step as it is taken. *server_time* asks a channel's server for its time, None when it tells none.
    With *wait*, what falls due within that time is published as well, each at its own second. *lanes* is on how many
    channels it sends at once; with more than one, *now*, *stopping*, *sleep*, *pauses* and *at* are called from threads
    of theirs, *pauses* by one at a time.

    With *dry_run* nothing is claimed or sent. Raises LedgerError, ClockError, GitError, WorkspaceError or UsageError
    when nothing may be sent; what goes wrong with a post or a channel is in the outcome.
    """
    settings = workspace.settings
    if settings.lease < timedelta(seconds=3 * MEDIA_DEADLINE):
        raise WorkspaceError(
            f"`lease` in [tool.socialops] is shorter than three of the longest sends ({MEDIA_DEADLINE / 60:.0f} min).",
            hint="Set it to 30m or more, or take it out.",
        )
    extra = {"chance": chance} if chance is not None else {}
    store = open_store(workspace, create=not dry_run, sleep=sleep, at=at, **extra)
    job = _Run(
        workspace,
        content,
        store,
        now,
        Lines(open_network, lanes),
        credentials,
        Told(report),
        stopping,
        problems,
        one_at_a_time(pauses or pause_switch(workspace, content, report=report)),
        compose,
        fit or _fitter(workspace),
        run,
        token,
        Clocks(server_time, now, lanes),
        sleep,
        at,
        Rules(lease=settings.lease, settle=settings.settle),
        min(lanes, MOST_LANES),
    )
    ends = now() + wait
    with store.lock():
        store.sync()
        outcome = job.rehearse() if dry_run else job.go()
    while not dry_run and (moment := job.next_due(outcome, ends)) is not None:
        # Nobody is locked out while we sleep, and what others wrote meanwhile is read afterwards.
        job.sleep_until(moment - CLAIMED_BEFORE)
        if stopping():
            break
        try:
            with store.lock():
                store.sync()
                outcome = job.go(ahead=moment - now())
        except SocialopsError as error:
            if not job.told.results:
                raise
            # What went out before the wait is recorded, and must still be told.
            trouble = f"The run ended early: {error.message} {error.hint}".strip()
            return replace(outcome, trouble=trouble, exit_code=max(outcome.exit_code, 1))
    return outcome


def _fitter(workspace: Workspace) -> Fitter:
    def fit(attachment: Attachment) -> Upload:
        from socialops.compose.media import fit_media

        return fit_media(workspace, attachment)

    return fit


@dataclass(slots=True)
class _Run:
    """One run: what it was given, and what it has done so far."""

    workspace: Workspace
    content: Content
    store: Store
    now: Callable[[], datetime]
    lines: Lines
    credentials: Callable[[Channel], str | None]
    told: Told
    stopping: Callable[[], bool]
    problems: Sequence[Problem] | None
    pauses: Callable[[], Sequence[Pause]]
    compose: Composer | None
    fit: Fitter
    run: str
    token: Callable[[], str]
    clocks: Clocks
    sleep: Callable[[float], None]
    at: Callable[[str], None]
    rules: Rules
    most_lanes: int

    ledger: Ledger = field(init=False)
    lanes: Lanes = field(init=False)
    flushing: ThreadPoolExecutor = field(init=False)
    claims: Claims = field(init=False)
    claiming: bool = False
    """Whether the next claim is about to be made, and takes along what there is to be recorded."""
    refusal: GitError | LedgerError | None = None
    """Why nothing more is claimed before what was claimed already is sent."""
    unrecorded: list[Word] = field(default_factory=list)
    recorded_at: datetime | None = None
    shut: dict[str, tuple[str, datetime | None]] = field(default_factory=dict)
    """Channels that get nothing more in this run: why, and until when."""
    refused: int = 0
    in_a_row: int = 0
    """How many claims were refused in all, and since the last one that was taken."""
    trouble: str = ""
    blocked: bool = False
    """Whether something that was due could not be made ready."""
    ahead: timedelta = timedelta(0)
    """How far this round looks ahead: what falls due within it is claimed now, and sent at its second."""
    covered: datetime | None = None
    """Up to which moment what is due was planned."""
    checked: dict[str, list[Problem]] = field(default_factory=dict)

    # --- the whole --------------------------------------------------------------------------------------------------

    def go(self, ahead: timedelta = timedelta(0)) -> Outcome:
        """Look up what is uncertain, and send what is due, or falls due within *ahead*."""
        self.ahead = max(ahead, timedelta(0))
        self.covered = self.now() + self.ahead
        decided = Plan(())
        while True:
            self.ledger = Ledger.open(self.workspace)
            decided = self.plan()
            channels = [item.channel for item in (*decided.by_action("reconcile"), *decided.by_action("send"))]
            self.clocks.compare(channels)
            self.lines.open(channels)
            try:
                with_slots = promise(self.workspace, self.content, self.ledger, self.store, self.now())
                if with_slots is not self.ledger:
                    self.ledger = with_slots
                    decided = self.plan()
                again = self.reconcile(decided)
                if decided.by_action("reconcile"):
                    decided = self.plan()
                due = self.on_time([*again, *decided.by_action("send")])
                self.send(due)
            except PushRejected:
                # Somebody was first. What they claimed is theirs: forget ours, and plan from what they wrote.
                self.refused += 1
                self.in_a_row += 1
                if self.in_a_row >= MOST_REFUSALS:
                    self.trouble = f"claims were refused {self.in_a_row} times in a row; the next run takes the rest"
                    break
                self.sleep(0.05 * self.in_a_row)
                continue
            except (GitError, LedgerError) as error:
                if not self.told.results:
                    raise
                self.trouble = f"The run ended early: {error.message} {error.hint}".strip()
            break
        if not self.trouble:
            decided = self.plan()
            if not self.stopping():
                self.leave_word(decided)
        if self.trouble:
            self.told.report(self.trouble)
        return self.outcome(decided)

    def leave_word(self, decided: Plan) -> None:
        """Bring the messages to people up to date, one a channel, and leave a sign of life."""
        folder, now = self.workspace.data, self.now()
        zone, failing = self.workspace.settings.tz(), breakers(self.ledger, now)
        files = update(folder, messages(decided, self.ledger, now, zone, failing))
        if beat := None if self.seen_alive(now) else heartbeat(folder, now, self.run):
            files.append(beat)
        if files:
            self.push(files, "record: alive" if files == [beat] else "record: what needs a person")

    def seen_alive(self, now: datetime) -> bool:
        """Tell whether the record shows anyway that runs are made."""
        # Where the data has no branch of its own, a commit without news would stand among those of the writers.
        return not self.workspace.settings.data_branch or bool(self.ledger.since(now - EVERY))

    def rehearse(self) -> Outcome:
        """Do everything but claim and send."""
        self.ledger = Ledger.open(self.workspace)
        decided = self.plan()
        for job in self.ready(decided.by_action("send")):
            parts = "" if len(job.uploads) == 1 else f" in {len(job.uploads)} parts"
            media = [upload for uploads in job.uploads.values() for upload in uploads]
            word = "file" if any(upload.mime.startswith("video/") for upload in media) else "picture"
            shown = f" with {len(media)} {word}{'' if len(media) == 1 else 's'}" if media else ""
            self.told.note(job.delivery, f"would be sent{parts}{shown}", state=State.PLANNED)
        for decision in decided.by_action("reconcile"):
            self.told.say(decision, State.UNKNOWN, f"would be looked up: {decision.reason}")
        return self.outcome(decided)

    def plan(self) -> Plan:
        """Plan; check the posts that would be sent, and plan again with what was found."""
        known = self.content.problems if self.problems is None else self.problems
        moment, pauses = self.now() + self.ahead, self.pauses()

        def planned() -> Plan:
            found = [problem for problems in self.checked.values() for problem in problems]
            return plan(
                self.content,
                self.ledger,
                moment,
                problems=[*known, *found],
                paused=pauses,
                credentials=self.credentials,
                compose=self.compose,
            )

        decided = planned()
        if self.problems is not None:
            return decided
        # A post that is held for what the check found makes room for the next, which must be checked in its turn.
        while files := sorted({decision.post.path for decision in decided.by_action("send")} - set(self.checked)):
            from socialops.checks.check import check

            self.checked.update({file: [] for file in files})
            for problem in check(self.content, files=files):
                self.checked.setdefault(problem.file, []).append(problem)
            decided = planned()
        return decided

    def outcome(self, decided: Plan) -> Outcome:
        results = self.told.in_order()
        failed = bool(self.trouble) or self.blocked
        code = exit_code(results, decided, self.ledger, self.now(), failed=failed)
        return Outcome(results, decided, code, self.refused, self.trouble)

    # --- the time ---------------------------------------------------------------------------------------------------

    def on_time(self, decisions: Sequence[Decision]) -> list[Decision]:
        """Leave out the channels whose clock is wrong, and say so; those that are shut wait for the next run."""
        kept = []
        for decision in decisions:
            if why := self.clocks.off.get(decision.channel.name):
                self.blocked = True
                self.told.say(decision, decision.state, f"not sent: {why}")
            else:
                kept.append(decision)
        return [decision for decision in kept if decision.channel.name not in self.shut]

    def next_due(self, outcome: Outcome, ends: datetime) -> datetime | None:
        """Return when the next post that this run shall wait for falls due; None: it has waited for all."""
        if self.trouble or self.stopping():
            return None
        assert self.covered is not None  # noqa: S101 - a round was made
        waiting = [*outcome.plan.by_action("later"), *outcome.plan.by_action("send")]
        return min((item.due for item in waiting if item.due and self.covered < item.due <= ends), default=None)

    def sleep_until(self, moment: datetime) -> None:
        """Sleep until *moment*, or until the run is asked to stop."""
        while not self.halted() and (left := (moment - self.now()).total_seconds()) > 0:
            self.sleep(min(left, _NAP))

    def halted(self) -> bool:
        """Tell whether nothing more is to be begun, and so nothing to be waited for."""
        return self.stopping() or bool(self.trouble)

    # --- what is uncertain ------------------------------------------------------------------------------------------

    def reconcile(self, decided: Plan) -> list[Decision]:
        """Look up what is uncertain; return the decisions about what is to be sent again."""
        again = []
        for decision in self.on_time(decided.by_action("reconcile")):
            if self.stopping():
                break
            name = (decision.post.id, decision.channel.name)
            before = self.ledger.deliveries[name]
            try:
                line = self.lines.line(decision.channel)
            except SocialopsError as error:
                self.told.say(decision, State.UNKNOWN, f"{decision.reason}; it cannot be looked up: {error.message}")
                continue
            delivery, step, said = reconcile(before, line, self.now, self.rules, may_send=decision.may_send)
            if delivery is not before:
                self.keep(delivery)
                self.record([delivery], f"record: {name[0]} on {name[1]} looked up")
            if step.doing is Doing.RESEND and decision.may_send:
                again.append(decision)
            else:
                self.told.note(delivery, said)
        return again

    # --- what is sent -----------------------------------------------------------------------------------------------

    def ready(self, decisions: Sequence[Decision]) -> Iterator[Job]:
        """Make the deliveries ready to be claimed, one by one; what cannot be is said, and stops no other."""
        for decision in decisions:
            name = (decision.post.id, decision.channel.name)
            delivery = self.ledger.deliveries.get(name)
            try:
                line = self.lines.line(decision.channel)
                renamed = self.renamed(decision)
                yield prepare(decision, delivery, line, self.fit, self.now(), self.rules, renamed=renamed)
            except NotReady as error:
                if error.ask and delivery is not None:
                    delivery = asked(delivery, error.message, self.now(), self.rules)
                    self.keep(delivery)
                    self.record([delivery], f"record: {name[0]} on {name[1]} needs a person")
                    self.told.note(delivery, error.message)
                else:
                    self.blocked = True
                    self.told.say(decision, decision.state, error.message)
            except SocialopsError as error:
                self.blocked = True
                self.told.say(decision, decision.state, f"{error.message} {error.hint}".strip())

    def renamed(self, decision: Decision) -> Callable[[str], str | None]:
        """Return a function that finds where a picture of the post lies now, by its digest."""
        found: dict[str, str] = {}

        def find(digest: str) -> str | None:
            if not found and decision.post.parts:
                found.update(pictures_of(decision.post, decision.channel, self.content, self.compose))
            return found.get(digest)

        return find

    def send(self, due: Sequence[Decision]) -> None:
        """Claim, send and record what is due; raises PushRejected when a claim was refused, with all others sent."""
        self.recorded_at, self.claiming = self.now(), False
        most = min(self.most_lanes, len({decision.channel.name for decision in due}))
        self.lanes = Lanes(most=most, keep=self.hear, record=self.record_in_time, overdue=self.overdue)
        self.claims = Claims(self.ready(due), self.rules, lanes=self.lanes.most)
        try:
            with ThreadPoolExecutor(MOST_FLUSHES) as self.flushing:
                self.lanes.run(self.send_one, self.claim)
        except Exception:
            # A bug of ours: what the others did must not be lost with it.
            with contextlib.suppress(Exception):
                self.flush()
            raise
        self.flush()
        refusal, self.refusal = self.refusal, None
        if refusal is not None and not self.trouble:
            raise refusal

    def claim(self) -> Sequence[Job] | None:
        """Claim what shall be sent next, and push the claim; None when nothing more is claimed in this round."""
        if not self.lanes.side_by_side:
            self.flush()
        batch, due = None, self.must_record()
        try:
            if not (self.halted() or self.refusal) and (batch := self.claims.take(along=due)):
                # What must be recorded now goes along, in one push.
                self.push_claim(batch)
        except (GitError, LedgerError) as error:
            # What was claimed before is ours all the same: it is sent and recorded first.
            self.refusal, batch = error, None
        self.claiming = batch is not None and self.lanes.side_by_side
        if due and not batch:
            self.flush()
        return batch

    def push_claim(self, batch: Sequence[Job]) -> None:
        """Write the claim of a batch and push it; raises PushRejected when somebody was first."""
        moment, token = self.now(), self.token()
        files = []
        if self.ledger.missing:
            files.append(write_schema(self.workspace.ledger))
        for job in batch:
            job.delivery = claimed(job, moment, self.rules, token=token, run=self.run)
        files += self.write([job.delivery for job in batch])
        words, self.unrecorded = self.unrecorded, []
        self.lanes.taken(words)
        along, message = self.files_of(word.delivery for word in words), _message("claim", [job.name for job in batch])
        try:
            self.store.claim(files, message, along=along, undo=self.lanes.side_by_side)
        except BaseException:
            # Whether or not they are on the remote by now: to push them again does no harm.
            self.unrecorded = [*words, *self.unrecorded]
            self.lanes.not_taken(words)
            raise
        self.in_a_row, self.recorded_at = 0, self.now()
        self.ledger = self.ledger.holding(*(job.delivery for job in batch))

    # In a lane, from here …

    def send_one(self, job: Job) -> None:
        """Send one job, and tell what became of it."""
        if self.ahead:
            self.sleep_until(instant(job.delivery.due) - LOOKED_BEFORE)
            self.pauses()
            self.sleep_until(instant(job.delivery.due))
        delivery, error = send(
            job,
            self.now,
            self.rules,
            stop=lambda: self.stop(job),
            checkpoint=lambda delivery: self.lanes.tell(Word(job, delivery, over=False)),
            at=self.at,
        )
        self.lanes.tell(Word(job, delivery, error))

    def stop(self, job: Job) -> Released | None:
        """Say why the next send must not be made, and until when; None when it may."""
        self.lanes.wait(job)
        if self.trouble:
            return Released("the run could not record what it had sent")
        if self.lanes.broken:
            return Released("the run met an error")
        if self.stopping():
            return Released("the run was asked to stop")
        if job.channel.name in self.shut:
            return Released(*self.shut[job.channel.name])
        pause = pause_of(self.pauses(), job.post, job.channel, self.now())
        return Released(f"paused: {pause.what}: {pause.why}") if pause else None

    # … to here; and in the owner's thread again.

    def hear(self, words: Sequence[Word]) -> None:
        """Keep what the lanes tell, and judge whether their channels may go on."""
        newest: dict[Name, Delivery] = {}
        for word in words:
            delivery, job = word.delivery, word.job
            if word.over and state_of(delivery) is State.UNKNOWN and job.line.idempotency is Idempotency.NONE:
                delivery, _, _ = reconcile(delivery, job.line, self.now, self.rules, may_send=False)
            newest[job.name] = delivery
            if word.over:
                self.claims.over(job)
            if word.counts:
                self.unrecorded.append(word)
        self.ledger = self.ledger.holding(*newest.values())
        for word in words:
            if word.error is not None:
                self.judge(word.error, newest[word.job.name])
        try:
            self.write(list(newest.values()))
        finally:
            # It has happened, also when this disk is full.
            for word in words:
                if word.over:
                    self.told.note(newest[word.job.name])

    def judge(self, error: NetworkError, delivery: Delivery) -> None:
        """Shut a channel that gets nothing more in this run."""
        name = delivery.channel
        if isinstance(error, NotAllowed):
            self.shut[name] = (f"{name} refuses its credentials", None)
        elif isinstance(error, TryLater):
            self.shut[name] = (f"{name} asked to wait", not_before(delivery))
        elif state_of(delivery) in (State.UNKNOWN, State.ATTENTION):
            self.shut[name] = (f"the last answer of {name} was uncertain", None)
        if breaker := breakers(self.ledger, self.now()).get(name):
            self.shut.setdefault(name, (breaker.told(name), breaker.until))

    # --- keeping ----------------------------------------------------------------------------------------------------

    def keep(self, delivery: Delivery) -> None:
        """Write a delivery to the disk."""
        self.ledger = self.ledger.holding(delivery)
        self.write([delivery])

    def write(self, deliveries: Sequence[Delivery]) -> list[Path]:
        """Write deliveries to the disk, side by side: it takes as long to flush one as it takes for many."""
        files = [self.ledger.file_of(delivery) for delivery in deliveries]
        several = self.most_lanes > 1 and len(files) > 1
        list((self.flushing.map if several else map)(write_delivery, files, deliveries))
        return files

    def record_in_time(self) -> None:
        """Push the outcomes when one of them must not wait."""
        if any(word.urgent for word in self.unrecorded) or (
            self.must_record() and (self.lanes.broken or not self.claiming)
        ):
            self.flush()

    def must_record(self) -> bool:
        """Tell whether outcomes have waited long enough."""
        return self.lanes.many or self.overdue()

    def overdue(self) -> bool:
        """Tell whether the last push of outcomes is too long ago."""
        return self.recorded_at is not None and self.now() - self.recorded_at >= LONGEST_UNRECORDED

    def flush(self) -> None:
        """Push the outcomes that are not pushed yet."""
        if self.unrecorded and not self.trouble:
            words, self.unrecorded = self.unrecorded, []
            names = list(dict.fromkeys(word.job.name for word in words))
            self.lanes.taken(words)
            self.push(self.files_of(word.delivery for word in words), _message("record", names))
        if self.trouble:
            self.lanes.release()
        self.recorded_at = self.now()

    def files_of(self, deliveries: Iterable[Delivery]) -> list[Path]:
        return sorted({self.ledger.file_of(delivery) for delivery in deliveries})

    def record(self, deliveries: Sequence[Delivery], message: str) -> None:
        self.push(self.files_of(deliveries), message)

    def push(self, files: Sequence[Path], message: str) -> None:
        try:
            self.store.record(files, message)
        except GitError as error:
            # The claim is on the remote, so nothing is sent twice; but nothing more may be begun.
            self.trouble = f"What was sent could not be recorded: {error.message} The next run looks it up."


def _message(verb: str, names: Sequence[Name]) -> str:
    first = f"{names[0][0]} on {names[0][1]}"
    return f"{verb}: {first}" if len(names) == 1 else f"{verb}: {first} and {len(names) - 1} more"
