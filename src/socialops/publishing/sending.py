"""Send one delivery: make it ready, claim its parts, send them in order, once each.

What is claimed is what is sent: the recorded draft, the recorded key, and pictures whose bytes have the recorded
digests. A delivery that was claimed before is never composed anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from socialops import __version__
from socialops.errors import NetworkError, NotAllowed, NotSent, Rejected, SocialopsError, TryLater, Unknown
from socialops.http import MEDIA_DEADLINE, TEXT_DEADLINE
from socialops.networks.base import Idempotency, Network, TwoStep
from socialops.networks.draft import Attachment, Draft, Part, Receipt, Reply, Upload, draft_from_record
from socialops.publishing.happened import Ask, Claimed, Happened, No, NotYet, Perhaps, Prepared, Released, Retry, Yes
from socialops.publishing.machine import (
    Delivery,
    Rules,
    State,
    after,
    first_claim,
    first_unsettled,
    handle_of,
    instant,
    key_lives,
    last_event,
    part_states,
    receipt_from,
    stamp,
    state_of,
)

if TYPE_CHECKING:
    from socialops.content.channel import Channel
    from socialops.content.post import Post
    from socialops.publishing.plan import Decision

Fitter = Callable[[Attachment], Upload]

MOST_IN_A_CLAIM = 20
"""How many deliveries one claim covers on networks that do not know our keys: so many must be looked up at worst."""
MOST_AHEAD = 300
"""How many in all are claimed and not yet sent: what is left behind on a network that knows its keys is sent again."""
MOST_AT_A_TIME = 100
"""How many deliveries one claim covers at most: what is sent meanwhile must not wait long for its own push."""
MOST_BYTES = 64 * 1024 * 1024
"""How many bytes of media are claimed and not yet sent; a larger video has a claim of its own."""
_TEXT_SECONDS = 10.0
_MEDIA_SECONDS = 60.0
"""What a send usually takes at most; a batch of claims is made no longer than its lease by these."""
_UNREACHABLE = timedelta(minutes=1)
_LONGEST_MESSAGE = 300


class NotReady(SocialopsError):
    """A delivery that cannot be claimed as it is; *ask*: because what was claimed before cannot be made again."""

    exit_code = 1

    def __init__(self, message: str, *, ask: bool = False) -> None:
        super().__init__(message)
        self.ask = ask


@dataclass(frozen=True, slots=True)
class Line:
    """An open channel: its network, and how that network lets us learn what became of a send."""

    network: Network
    idempotency: Idempotency
    key_lifetime: int


@dataclass(slots=True)
class Job:
    """One delivery that is ready to be claimed: what will be sent, part by part."""

    post: Post
    channel: Channel
    line: Line
    delivery: Delivery
    draft: Draft
    uploads: Mapping[int, tuple[Upload, ...]] = field(repr=False)
    """The media of each part that is to be sent; its keys are those parts."""
    keys: Mapping[int, str]
    source: str = ""
    token: str = ""
    """What tells its claim from every other; without it two runs that claim in the same second make one commit."""

    @property
    def name(self) -> tuple[str, str]:
        """What identifies it."""
        return (self.delivery.post, self.delivery.channel)

    @property
    def has_keys(self) -> bool:
        """Tell whether its network takes the same bytes with the same key only once."""
        return self.line.idempotency is Idempotency.KEY

    @property
    def seconds(self) -> float:
        """How long sending it usually takes, at most."""
        return sum(_MEDIA_SECONDS if uploads else _TEXT_SECONDS for uploads in self.uploads.values())

    @property
    def size(self) -> int:
        """How many bytes of media it holds in memory."""
        return sum(len(upload.data) for uploads in self.uploads.values() for upload in uploads)


def prepare(
    decision: Decision,
    delivery: Delivery | None,
    line: Line,
    fit: Fitter,
    now: datetime,
    rules: Rules,
    *,
    renamed: Callable[[str], str | None] = lambda _digest: None,
) -> Job:
    """Make a delivery ready to be claimed; raises NotReady.

    *renamed* finds the file that has a digest now, for pictures that were moved after they were claimed.
    """
    post, channel = decision.post, decision.channel
    fresh = delivery is None or state_of(delivery) in (State.PLANNED, State.FAILED)
    if fresh:
        if decision.draft is None or decision.due is None:
            raise NotReady("there is nothing to send")
        draft = decision.draft
        delivery = _begun(decision, delivery, now, rules)
    else:
        assert delivery is not None  # noqa: S101 - fresh otherwise
        draft = _recorded(delivery)
    uploads: dict[int, tuple[Upload, ...]] = {}
    keys: dict[int, str] = {}
    for part in _parts_to_send(delivery, line, now, rules):
        attachments = draft.parts[part].attachments
        claim = None if fresh else last_event(delivery, part, State.INTENT)
        recorded = tuple(claim.detail.get("uploads", ())) if claim else None
        uploads[part] = _fitted(attachments, fit, renamed, recorded)
        keys[part] = claim.detail["key"] if claim else _key(line.network, f"{post.id}/{channel.name}", part, now)
    if not uploads:
        raise NotReady("nothing of it may be sent now")
    return Job(post, channel, line, delivery, draft, uploads, keys, post.digest)


class Claims:
    """Divide what is ready into claims, each of which can be sent well inside its lease, on so many channels at once.

    The next claim may be made while an earlier one is being sent. So the bounds are those of all claims together, of
    what is claimed and not yet sent: how much a run that dies leaves to be looked up, how long a delivery waits for its
    turn while its lease runs, how many channels have their turn, and how many media are in memory. A claim is made when
    half of each bound is free, or else there would soon be a claim, and a push, for each single delivery.

    Memory holds those media, and of the one delivery that did not fit any more: what was sent is let go of, and a video
    that fills a claim goes out before the next delivery is made ready.
    """

    def __init__(self, jobs: Iterable[Job], rules: Rules, *, lanes: int = 1) -> None:
        self._jobs = iter(jobs)
        self._longest = rules.lease.total_seconds() / 3
        self._lanes = lanes
        self._next: Job | None = None
        self._count = self._doubtful = self._size = 0
        self._busy: dict[str, list[float]] = {}

    def take(self, *, along: bool = False) -> list[Job] | None:
        """Return what may be claimed now: nothing while too much is still to be sent, None when nothing is left.

        *along*: something else is pushed just now, so that a small claim costs no push of its own.
        """
        batch: list[Job] = []
        if self._count > (MOST_AHEAD - MOST_AT_A_TIME if along else MOST_AHEAD / 2) or self._size > MOST_BYTES:
            return batch
        while len(batch) < MOST_AT_A_TIME and self._size <= MOST_BYTES:
            if self._next is None:
                self._next = next(self._jobs, None)
            if (job := self._next) is None:
                return batch or None
            if self._count and not self._fits(job, begun=along or bool(batch)):
                break
            self._next = None
            batch.append(job)
            self._count += 1
            self._doubtful += not job.has_keys
            self._size += job.size
            self._busy.setdefault(self._lane(job), []).append(job.seconds)
        return batch

    def _fits(self, job: Job, *, begun: bool) -> bool:
        """Tell whether there is room for one more: all of it for a claim that is *begun*, else half of it."""
        share, busy = 1.0 if begun else 0.5, self._busy.get(self._lane(job))
        # A network that does not know our keys waits for its pushes anyway: its claims are as few as can be.
        doubtful = not job.has_keys and self._doubtful >= (MOST_IN_A_CLAIM if begun else 1)
        wide = busy is None and len(self._busy) >= (self._lanes if begun else self._lanes // 2 + 1)
        long = busy is not None and sum(busy) + job.seconds > self._longest * share
        return not (doubtful or wide or long or self._size + job.size > MOST_BYTES * share)

    def over(self, job: Job) -> None:
        """Let go of a delivery that was claimed, and has been sent or given up."""
        lane = self._lane(job)
        self._count -= 1
        self._doubtful -= not job.has_keys
        self._size -= job.size
        self._busy[lane].remove(job.seconds)
        if not self._busy[lane]:
            del self._busy[lane]
        job.uploads = {}

    def _lane(self, job: Job) -> str:
        return job.channel.name if self._lanes > 1 else ""


def claimed(job: Job, now: datetime, rules: Rules, *, token: str, run: str = "") -> Delivery:
    """Return the delivery with a claim on each part that will be sent: all that makes the request the same again.

    *token* is no other claim's; *run* names the run for people.
    """
    delivery, job.token = job.delivery, token
    for part, uploads in job.uploads.items():
        detail: dict[str, Any] = {
            "claim": token,
            "draft": job.draft.digest(),
            "uploads": [upload.sha256 for upload in uploads],
            "version": __version__,
        }
        if job.source:
            detail["source"] = job.source
        if handle := handle_of(delivery, part):
            detail["handle"] = handle
        if run:
            detail["run"] = run
        delivery = after(delivery, part, Claimed(job.keys[part], now + rules.lease, detail), now, rules)
    return delivery


def send(
    job: Job,
    now: Callable[[], datetime],
    rules: Rules,
    *,
    stop: Callable[[], Released | None],
    checkpoint: Callable[[Delivery], None],
    at: Callable[[str], None],
) -> tuple[Delivery, NetworkError | None]:
    """Send the claimed parts in order, once each, until one is not there; return what became of it, and why it stopped.

    *stop* says before each send why it must not be made, or None. *checkpoint* is given the delivery after each part
    but the last.
    """
    delivery, error = job.delivery, None
    parts = list(job.uploads)
    for part in parts:
        released = stop() or _out_of_time(delivery, part, job, now(), rules)
        if released:
            return after(delivery, part, released, now(), rules), None
        at("before-send")
        wanted = whole_part(delivery, job.draft, part, job.uploads[part])
        if isinstance(job.line.network, TwoStep):
            ready, error = _made_ready(job.line.network, wanted, job.keys[part])
            delivery = after(delivery, part, ready, now(), rules)
            if not isinstance(ready, Prepared):
                break
            # What it is called must be known to all before it is shown: only by that can it be asked for.
            checkpoint(delivery)
            if released := stop() or _out_of_time(delivery, part, job, now(), rules):
                return after(delivery, part, released, now(), rules), None
            wanted = replace(wanted, handle=ready.handle)
        happened, error = _attempt(job.line.network, wanted, job.keys[part])
        at("after-send")
        claim = last_event(delivery, part, State.INTENT)
        if isinstance(happened, Yes) and claim is not None and claim.detail.get("again"):
            happened = replace(happened, via="resend")
        delivery = after(delivery, part, happened, now(), rules)
        if not isinstance(happened, Yes):
            break
        if part != parts[-1]:
            checkpoint(delivery)
    return delivery, error


def whole_part(delivery: Delivery, draft: Draft, part: int, uploads: tuple[Upload, ...] = ()) -> Part:
    """Return a part as it is sent: hung where it belongs in its thread, with its pictures."""
    reply = None
    if part > 0:
        receipts = [_receipt_of(delivery, number) for number in (0, part - 1)]
        if receipts[0] is not None and receipts[1] is not None:
            reply = Reply(receipts[0], receipts[1])
    return replace(draft.parts[part], reply=reply, uploads=uploads, handle=handle_of(delivery, part))


def _receipt_of(delivery: Delivery, part: int) -> Receipt | None:
    event = last_event(delivery, part, State.CONFIRMED)
    return receipt_from(event.detail) if event else None


def _made_ready(network: TwoStep, part: Part, key: str) -> tuple[Prepared | No | NotYet, NetworkError | None]:
    """Take the step that nobody sees: whatever goes wrong, nothing was published."""
    try:
        handle = network.prepare(part, key=key)
    except (Rejected, NotAllowed) as error:
        return No(_words(error), error.code), error
    except TryLater as error:
        return NotYet(_words(error), error.after, error.code), error
    except SocialopsError as error:
        words = _words(error)
        return NotYet(words, _UNREACHABLE), TryLater(error.message, after=_UNREACHABLE, hint=error.hint)
    except Exception as error:
        message = f"the adapter broke off ({type(error).__name__})"
        return NotYet(message, _UNREACHABLE, type(error).__name__), TryLater(message, after=_UNREACHABLE)
    return Prepared(handle), None


def _attempt(network: Network, part: Part, key: str) -> tuple[Happened, NetworkError | None]:
    """Make the one attempt; whatever it is that goes wrong, say what is known of the post."""
    try:
        receipt = network.publish(part, key=key)
    except (Rejected, NotAllowed) as error:
        return No(_words(error), error.code), error
    except TryLater as error:
        return NotYet(_words(error), error.after, error.code), error
    except NotSent as error:
        return NotYet(_words(error), _UNREACHABLE), TryLater(error.message, after=_UNREACHABLE, hint=error.hint)
    except Unknown as error:
        return Perhaps(_words(error), error.code), error
    except Exception as error:
        # A bug of the adapter's: the request may be out. Its own words may hold anything, so only its kind is kept.
        message = f"the adapter broke off ({type(error).__name__})"
        return Perhaps(message, type(error).__name__), Unknown(message)
    if not receipt.id:
        message = "the network said yes, but gave no id"
        return Perhaps(message), Unknown(message)
    return Yes(receipt), None


def _words(error: SocialopsError) -> str:
    return " ".join(f"{error.message} {error.hint}".split())[:_LONGEST_MESSAGE]


def _out_of_time(delivery: Delivery, part: int, job: Job, now: datetime, rules: Rules) -> Released | None:
    """Say why a claimed part may not be begun any more: its lease or its key might end during the send."""
    claim = last_event(delivery, part, State.INTENT)
    ours = claim is not None and claim.detail.get("claim") == job.token
    if claim is None or not ours or part_states(delivery)[part] is not State.INTENT:
        return Released("it is not claimed")
    longest = timedelta(seconds=longest_send(job.draft.parts[part]))
    # Another run may think our lease over before we do.
    if now + longest + rules.clocks_differ > instant(claim.detail["lease_until"]):
        return Released("the claim would not have outlived the send")
    first = first_claim(delivery, part)
    if claim.detail.get("again") and (first is None or not key_lives(first, job.line.key_lifetime, now, rules)):
        return Released("the network no longer knows its key")
    return None


def longest_send(part: Part) -> float:
    """Return the most seconds that sending a part can take."""
    return TEXT_DEADLINE + (MEDIA_DEADLINE if part.attachments else 0.0)


# --- making ready ---------------------------------------------------------------------------------------------------


def _begun(decision: Decision, before: Delivery | None, now: datetime, rules: Rules) -> Delivery:
    """Return a new delivery; one that failed, and whose post was changed since, goes on from its own record."""
    post, channel, draft, due = decision.post, decision.channel, decision.draft, decision.due
    assert draft is not None and due is not None  # noqa: PT018, S101 - prepare has looked
    fields: dict[str, Any] = {
        "network": channel.network,
        "due": stamp(due),
        "draft": draft.record(),
        "campaign": post.campaign,
        "pillar": post.pillar,
        "kind": draft.kind,
        "path": post.path,
        "sandbox": channel.sandbox,
        "link": draft.link,
    }
    if before is None:
        return Delivery(post.id, channel.name, **fields)
    delivery = before
    for part, state in enumerate(part_states(before)):
        if state is State.FAILED:
            delivery = after(delivery, part, Retry("the post was changed"), now, rules)
    return replace(delivery, **fields)


def _recorded(delivery: Delivery) -> Draft:
    """Return the draft that was claimed; raises NotReady when the record does not hold what its claim sealed."""
    try:
        draft = draft_from_record(delivery.draft)
        digest = draft.digest()
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise NotReady("what was claimed cannot be read from its record", ask=True) from error
    claim = last_event(delivery, first_unsettled(delivery) or 0, State.INTENT)
    if claim is not None and claim.detail.get("draft") not in (None, digest):
        raise NotReady("what was claimed is not what its record holds", ask=True)
    return draft


def _parts_to_send(delivery: Delivery, line: Line, now: datetime, rules: Rules) -> list[int]:
    """Return the parts that one claim may cover: from the first that is not there, as far as sending is safe."""
    parts: list[int] = []
    begin = first_unsettled(delivery)
    for part, state in enumerate(part_states(delivery)):
        if begin is None or part < begin:
            continue
        if state in (State.PLANNED, State.DEFERRED):
            parts.append(part)
            continue
        claim = first_claim(delivery, part)
        uncertain = state in (State.UNKNOWN, State.INTENT) and claim is not None
        if not (uncertain and claim and line.idempotency is Idempotency.KEY):
            break
        if not key_lives(claim, line.key_lifetime, now, rules):
            break
        parts.append(part)
    return parts


def _fitted(
    attachments: tuple[Attachment, ...],
    fit: Fitter,
    renamed: Callable[[str], str | None],
    recorded: tuple[str, ...] | None,
) -> tuple[Upload, ...]:
    """Make the bytes of a part's media; where they were claimed before, exactly those bytes."""
    uploads = []
    for attachment in attachments:
        file = renamed(attachment.sha256) if recorded is not None else None
        try:
            uploads.append(fit(replace(attachment, file=file or attachment.file)))
        except Exception as error:
            words = error.message if isinstance(error, SocialopsError) else type(error).__name__
            raise NotReady(f"its media could not be made ready: {words}", ask=recorded is not None) from error
    if recorded is not None and tuple(upload.sha256 for upload in uploads) != recorded:
        raise NotReady("its media are no longer those that were claimed", ask=True)
    return tuple(uploads)


def _key(network: Network, name: str, part: int, now: datetime) -> str:
    try:
        return network.key(name, part, now)
    except Exception as error:
        raise NotReady(f"{network.name} gave no key for it ({type(error).__name__})") from error


def asked(delivery: Delivery, why: str, now: datetime, rules: Rules) -> Delivery:
    """Return the delivery as one that needs a person."""
    return after(delivery, first_unsettled(delivery) or 0, Ask(why), now, rules)
