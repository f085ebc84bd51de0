"""How what is ready is divided into claims: no claim holds more media than it may, and none outlives its sending."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, cast

from publishing_stage import a_channel
from socialops.networks.base import Idempotency
from socialops.networks.draft import Upload
from socialops.publishing.machine import Rules
from socialops.publishing.sending import MOST_BYTES, MOST_IN_A_CLAIM, Claims, Job, Line


class Sized(bytes):
    """Bytes that only say that they are many: no test holds half a gigabyte."""

    def __new__(cls, size: int) -> Sized:
        made = super().__new__(cls)
        made.size = size
        return made

    size: int

    def __len__(self) -> int:
        return self.size


def job(size: int) -> Job:
    """Return a delivery of one part, with media of so many bytes."""
    upload = Upload(Sized(size), "video/mp4", 1, 1, "", "0" * 64)
    anything = cast(Any, None)
    line = Line(anything, Idempotency.NONE, 0)
    return Job(anything, a_channel(), line, anything, anything, {0: (upload,) if size else ()}, {0: "k"})


def batches(jobs: Iterable[Job]) -> Iterator[list[Job]]:
    """Claim, send all of it, and claim again."""
    claims = Claims(jobs, Rules())
    while batch := claims.take():
        yield batch
        for one in batch:
            claims.over(one)


def test_a_claim_holds_no_more_media_than_it_may() -> None:
    sizes = [MOST_BYTES // 2, MOST_BYTES // 2, 1, MOST_BYTES, MOST_BYTES // 4]
    found = [[job.size for job in batch] for batch in batches([job(size) for size in sizes])]
    assert [sum(batch) for batch in found if len(batch) > 1] <= [MOST_BYTES] * len(found)
    assert [size for batch in found for size in batch] == sizes


def test_a_large_video_has_a_claim_of_its_own_and_nothing_else_is_held_meanwhile() -> None:
    made: list[Job] = []

    def ready() -> Iterator[Job]:
        for size in (10, 8 * MOST_BYTES, 8 * MOST_BYTES, 10):
            held = sum(other.size for other in made)
            assert held <= 10, "what was sent is still held while the next is made ready"
            made.append(job(size))
            yield made[-1]

    sent = [[job.size for job in batch] for batch in batches(ready())]
    assert sent == [[10], [8 * MOST_BYTES], [8 * MOST_BYTES], [10]]


def test_texts_are_claimed_together_up_to_their_number() -> None:
    found = [len(batch) for batch in batches([job(0) for _ in range(MOST_IN_A_CLAIM + 1)])]
    assert found == [MOST_IN_A_CLAIM, 1]
