"""Lanes: what is claimed is sent side by side, one lane a channel, one delivery after the other in each lane.

A lane is a thread that does one thing: it sends. Everything else is its owner's, the thread that began the run: the
ledger, git, the results. Lanes tell it what happened (a `Word`) through one queue, so what is kept needs no locks.

    lane     may I? → send once → tell the owner ──────────────┐    may I? → send …
    owner                            takes every word that came, keeps each, then records them in one push
                                     and between two words claims what the lanes shall send next

How far a lane may be ahead of its owner is a promise, not a matter of speed. After an error, and on every network that
does not know our keys, it waits until its word is recorded. Elsewhere at most MOST_UNRECORDED of its outcomes wait for
the next push, and none for longer than LONGEST_UNRECORDED: then it waits before the next send.

Where there is only one lane there is no thread: the same steps, in the same order, one after the other.
"""

from __future__ import annotations

import contextlib
import functools
import queue
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

from socialops.publishing.sending import Job

if TYPE_CHECKING:
    from socialops.errors import NetworkError
    from socialops.publishing.machine import Delivery

Item = TypeVar("Item")
Found = TypeVar("Found")

MOST_LANES = 32
"""How many channels are sent to at once."""
MOST_UNRECORDED = 10
LONGEST_UNRECORDED = timedelta(seconds=60)
"""On a network that knows our keys, so many outcomes of a channel may wait for their push, for so long."""
_TICK = 1.0
"""How many seconds the owner waits for a word before it looks whether something is overdue, or it shall stop."""


@dataclass(slots=True)
class Word:
    """What a lane tells its owner: a delivery as it stands now, and why it did not go further."""

    job: Job
    delivery: Delivery
    error: NetworkError | None = None
    over: bool = True
    """False between two parts: the delivery goes on."""
    heard: threading.Event = field(default_factory=threading.Event, repr=False)

    @property
    def urgent(self) -> bool:
        """Tell whether it must be recorded before anything more is sent: only a key makes a forgotten send harmless."""
        return not self.job.has_keys

    @property
    def counts(self) -> bool:
        """Tell whether it is to be pushed. With keys, what stands between two parts goes along with the last one."""
        return self.over or self.urgent


class Abandoned(BaseException):
    """A lane ends where it stands, because its run has died: nothing of ours may catch it but the lane itself."""


class Lanes:
    """The lanes of one run, which come and go with what there is to be sent.

    *keep* is given all words that came, in their order, then *record* is called; both in the owner's thread. *overdue*
    tells whether an outcome has waited too long for its push.
    """

    def __init__(
        self,
        *,
        most: int,
        keep: Callable[[Sequence[Word]], None],
        record: Callable[[], None],
        overdue: Callable[[], bool],
    ) -> None:
        self.most = min(most, MOST_LANES)
        """How many there are at once."""
        self._keep, self._record, self._overdue = keep, record, overdue
        self._words: queue.SimpleQueue[Word | None] = queue.SimpleQueue()
        self._waiting: dict[str, deque[Job]] = {}
        """What each lane that is under way has still to do."""
        self._threads: list[threading.Thread] = []
        self._open = Counter[str]()
        self._changed = threading.Condition()
        self._error: BaseException | None = None
        self._unrecordable = False

    @property
    def side_by_side(self) -> bool:
        """Tell whether there are threads."""
        return self.most > 1

    @property
    def broken(self) -> bool:
        """Tell whether something went wrong that no send may follow."""
        return self._error is not None

    @property
    def dead(self) -> bool:
        """Tell whether the run has died: nothing more is kept."""
        return self._error is not None and not isinstance(self._error, Exception)

    @property
    def many(self) -> bool:
        """Tell whether a lane will soon have to wait, so that it is time to record."""
        # Begun in time, a push holds nobody up.
        enough = MOST_UNRECORDED - 2 if self.side_by_side else MOST_UNRECORDED
        with self._changed:
            return max(self._open.values(), default=0) >= enough

    # --- the owner --------------------------------------------------------------------------------------------------

    def run(self, work: Callable[[Job], None], claim: Callable[[], Sequence[Job] | None]) -> None:
        """Do *work* with every job that *claim* gives; return when there is no more, and all lanes have ended.

        *claim* is asked again and again, also while the lanes are at work; it gives nothing while there is enough to be
        done, and None when there will be no more. What one lane or the owner breaks off with is raised at the end, with
        the outcomes of all others kept.
        """
        if not self.side_by_side:
            while jobs := claim():
                for job in jobs:
                    work(job)
            return
        more, running = True, 0
        while more or running:
            fresh: Sequence[Job] | None = ()
            if more:
                fresh = None if self.broken else self._guarded(claim)
                more = fresh is not None
                running += self._hand_out(work, fresh or ())
            if running:
                running -= self._listen(wait=not fresh)
        for thread in self._threads:
            thread.join()
        if self._error is not None:
            raise self._error

    def _hand_out(self, work: Callable[[Job], None], jobs: Sequence[Job]) -> int:
        """Give each job to the lane of its channel; return how many lanes were begun for it."""
        fresh = []
        with self._changed:
            for job in jobs:
                name = job.channel.name
                if name not in self._waiting:
                    self._waiting[name] = deque()
                    fresh.append(name)
                self._waiting[name].append(job)
        for name in fresh:
            thread = threading.Thread(target=self._go, args=(work, name), name=f"lane {name}", daemon=True)
            self._threads.append(thread)
            thread.start()
        return len(fresh)

    def _listen(self, *, wait: bool) -> int:
        """Take every word that came, keep and record; return how many lanes have ended."""
        words: list[Word] = []
        ended = 0
        with contextlib.suppress(queue.Empty):
            # Never without an end: a signal is only heard between two steps of this thread.
            word = self._words.get(timeout=_TICK) if wait else self._words.get_nowait()
            while True:
                if word is None:
                    ended += 1
                else:
                    words.append(word)
                word = self._words.get_nowait()
        if words:
            self._guarded(functools.partial(self._keep, words))
        self._guarded(self._record)
        for word in words:
            word.heard.set()
        return ended

    def _guarded(self, step: Callable[[], Found]) -> Found | None:
        """Take a step of the owner's; when it fails, no send follows, but what others tell is still kept."""
        if not self.dead:
            try:
                return step()
            except BaseException as error:
                self._fail(error)
        return None

    def taken(self, words: Iterable[Word]) -> None:
        """Let the lanes know whose outcomes are about to be pushed."""
        with self._changed:
            for word in words:
                self._open[word.job.channel.name] -= 1
            self._changed.notify_all()

    def not_taken(self, words: Iterable[Word]) -> None:
        """Take that back: they could not be pushed yet."""
        with self._changed:
            for word in words:
                self._open[word.job.channel.name] += 1

    def release(self) -> None:
        """Wake the lanes that wait, because nothing will be recorded any more."""
        with self._changed:
            self._unrecordable = True
            self._changed.notify_all()

    def _fail(self, error: BaseException) -> None:
        with self._changed:
            if self._error is None or (isinstance(self._error, Exception) and not isinstance(error, Exception)):
                self._error = error
            self._changed.notify_all()

    # --- a lane -----------------------------------------------------------------------------------------------------

    def _go(self, work: Callable[[Job], None], name: str) -> None:
        try:
            while (job := self._next(name)) is not None:
                work(job)
        except Abandoned:
            pass
        except BaseException as error:
            self._fail(error)
        finally:
            self._words.put(None)

    def _next(self, name: str) -> Job | None:
        """Take the next job of a lane; without one the lane ends, and a new one begins when there is more to do."""
        with self._changed:
            if self._waiting[name]:
                return self._waiting[name].popleft()
            del self._waiting[name]
            return None

    def tell(self, word: Word) -> None:
        """Tell the owner what happened; return when the lane may think of its next send."""
        if word.counts:
            with self._changed:
                self._open[word.job.channel.name] += 1
        if not self.side_by_side:
            self._keep([word])
            self._record()
            return
        self._words.put(word)
        if word.urgent or word.error is not None:
            word.heard.wait()
        self._live()

    def wait(self, job: Job) -> None:
        """Wait until enough of what a job's channel was sent is recorded for one more send."""
        if self.side_by_side:
            with self._changed:
                while self._far_ahead(job.channel.name):
                    # The owner looks by itself, every second.
                    self._changed.wait(_TICK)
        self._live()

    def _far_ahead(self, channel: str) -> bool:
        if self.broken or self._unrecordable:
            return False
        return self._open[channel] > 0 and (self._open[channel] >= MOST_UNRECORDED or self._overdue())

    def _live(self) -> None:
        if self.side_by_side and self.dead:
            raise Abandoned


def at_once(step: Callable[[Item], Found], items: Sequence[Item], most: int = MOST_LANES) -> list[Found]:
    """Do the same with several items side by side, such as asking their servers; return what came of each, in order.

    Raises what the first of them raises.
    """
    if min(most, len(items)) < 2:
        return [step(item) for item in items]
    with ThreadPoolExecutor(min(most, len(items))) as pool:
        return list(pool.map(step, items))
