"""The containers of Instagram and Threads: made unseen, waited for, published once, and asked after.

A container's number is the handle of a post: the ledger holds it before anything is shown, and it tells at any time
whether it was published. It does not tell as what, so the post is then looked for among our own.

Source: developers.facebook.com, the references of ig-container and of Threads' publishing, as of 2026-07.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from socialops.errors import NetworkError, Rejected, TryLater, Unknown
from socialops.http import MEDIA_DEADLINE
from socialops.networks.base import DEFAULT_WAIT, LATEST, SOONEST, not_found_out
from socialops.networks.draft import Part, Receipt, Upload
from socialops.networks.graph import ID, Graph, identity_of, number_of, of

READY_WAITS = (1, 2, 3, 5, 10, 15, 25, 30)
"""Seconds between two questions whether a container is ready: a minute and a half in all (Meta asks for no more than
one question a minute over five minutes; texts and pictures are ready at once, and a later run asks again)."""
USABLE = frozenset({"FINISHED", "IN_PROGRESS", "PUBLISHED"})


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one network speaks of its containers."""

    fields: str
    """What is asked of a container."""
    state: str
    """The field that holds its state."""
    trouble: Callable[[Any], str]
    """Returns the word for what went wrong with it, of its answer; an empty text where nothing is said."""
    failed: Callable[[str], Rejected]
    """Returns what to say of a container that failed, by that word."""
    gone: frozenset[str]
    """What the network answers for one that it does not know (any more)."""
    look: str
    """Where a person looks: "Look at the account."."""


def key_of(delivery: str, part: int) -> str:
    """Return a name for a part in the ledger, for networks that know no keys."""
    return hashlib.sha256(f"{delivery}\n{part}".encode()).hexdigest()


class Containers:
    """The containers of one account. *wait* sleeps between two questions whether one is ready."""

    def __init__(self, graph: Graph, dialect: Dialect, wait: Callable[[float], None]) -> None:
        self._graph = graph
        self._dialect = dialect
        self._wait = wait
        self._ends = 0.0

    def begin(self) -> None:
        """Let the time of one step begin: all that is waited for is waited for within it."""
        self._ends = time.monotonic() + MEDIA_DEADLINE

    def left(self) -> float:
        """Return how many seconds of the step are left, one at least."""
        return max(1.0, self._ends - time.monotonic())

    # --- Making ready -------------------------------------------------------------------------------------------------

    def made(self, path: str, fields: Mapping[str, str]) -> tuple[str, Any]:
        """Make one container; return its number and the answer. Raises Rejected, NotAllowed or TryLater."""
        answer = self._graph.make(path, fields, deadline=self.left())
        identity = identity_of(answer, ID)
        if not identity:
            raise TryLater(f"{self._graph.place} made no container.", after=DEFAULT_WAIT)
        return identity, answer

    def usable(self, handle: str) -> bool:
        """Tell whether a container of an earlier run can still be used; raises NotAllowed or TryLater."""
        return bool(handle) and self.state(handle)[0] in USABLE

    def await_children(self, children: Sequence[str], uploads: Sequence[Upload]) -> str:
        """Wait for the videos among the children of a carousel, and return how a carousel names them all."""
        for child, upload in zip(children, uploads, strict=True):
            if upload.mime.startswith("video/") and self.until_ready(child) != "FINISHED":
                words = f"{self._graph.place} is still processing a video."
                raise TryLater(words, after=DEFAULT_WAIT, code="processing")
        return ",".join(children)

    def look_at_quota(self, path: str, who: str, what: str = "posts", kind: str = "") -> None:
        """Raise TryLater when no more may be published today; a quota that cannot be read stops nothing."""
        try:
            used, total = self.quota(path, kind)
        except TryLater:
            return
        if total and used >= total:
            words = f"The {who} has published {used} of {total} {what} in 24 hours."
            raise TryLater(words, after=LATEST, code="quota")

    def quota(self, path: str, kind: str = "") -> tuple[int, int]:
        """Return how much of a quota is used, and the whole of it (0: not told); raises NotAllowed or TryLater."""
        data = of(self._graph.read(path, {"fields": f"{kind}quota_usage,{kind}config"}), "data")
        first = data[0] if isinstance(data, list) and data else {}
        total = number_of(of(of(first, f"{kind}config"), "quota_total"))
        return number_of(of(first, f"{kind}quota_usage")) or 0, total or 0

    # --- Asking -------------------------------------------------------------------------------------------------------

    def state(self, container: str) -> tuple[str, str]:
        """Return what a container has come to, and the word for what went wrong with it; ("", "") when it is gone.

        Raises NotAllowed or TryLater.
        """
        if not ID.fullmatch(container):
            return "", ""
        try:
            answer = self._graph.read(container, {"fields": self._dialect.fields})
        except TryLater as error:
            if error.code in self._dialect.gone:
                return "", ""
            raise
        state = of(answer, self._dialect.state)
        return (state if isinstance(state, str) else "IN_PROGRESS"), self._dialect.trouble(answer)

    def until_ready(self, container: str) -> str:
        """Ask after a container until it is no longer in progress, or READY_WAITS are over; return its state.

        Raises Rejected for one that failed.
        """
        state = trouble = ""
        for seconds in (0, *READY_WAITS):
            if seconds:
                if time.monotonic() + seconds > self._ends:
                    break
                self._wait(seconds)
            state, trouble = self.state(container)
            if state != "IN_PROGRESS":
                break
        if state == "ERROR":
            raise self._dialect.failed(trouble)
        return state

    # --- Publishing ---------------------------------------------------------------------------------------------------

    def publish(self, part: Part, where: Callable[[], str]) -> Any:
        """Publish the container of a part once it is ready, and return the answer; None when it was published before.

        *where* returns the path, once it is wanted. Raises Rejected, NotAllowed, TryLater or Unknown.
        """
        place = self._graph.place
        self.begin()
        if not ID.fullmatch(part.handle):
            raise Rejected(f"This post was not made ready for {place}.", hint="Run `socialops publish` again.")
        state = self.until_ready(part.handle)
        if state == "PUBLISHED":
            return None
        if state != "FINISHED":
            gone = state in {"", "EXPIRED"}
            raise TryLater(
                "The container of this post has expired." if gone else f"{place} is still processing the media.",
                after=SOONEST if gone else DEFAULT_WAIT,
                code="expired" if gone else "processing",
            )
        return self._graph.show(where(), {"creation_id": part.handle})

    def published(self, found: Iterable[Receipt]) -> Receipt:
        """Return the one receipt of a container that was published; raises Unknown when its post cannot be told."""
        try:
            receipt = self.only(found)
        except NetworkError as error:
            raise not_found_out(error) from None
        if receipt is None:
            words = f"{self._graph.place} says that the post was published, but does not show it."
            raise Unknown(words, hint=self._dialect.look)
        return receipt

    def only(self, found: Iterable[Receipt]) -> Receipt | None:
        """Return the one receipt there is, or None; raises Unknown for more."""
        receipts = list(found)
        if len(receipts) > 1:
            raise Unknown(
                f"{self._graph.place} shows {len(receipts)} posts like this one.",
                hint="Look which of them is ours, and delete the other by hand if it is a copy.",
                code="ambiguous",
            )
        return receipts[0] if receipts else None
