"""The numbers of Meta's networks, read many posts at a time, and the groups of those who follow.

One metric that Meta has retired makes the whole request of a post fail, and Meta retires some every year. So what is
refused is asked for again without the metrics that turn out to be dead; what is left unread is unknown, never 0.

Source: developers.facebook.com/docs/graph-api/batch-requests, and the insights references of each network.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from socialops.errors import NotAllowed, TryLater
from socialops.networks.base import Share
from socialops.networks.graph import BATCH, GONE, Graph, address, fault_of, meaning_of, number_of, of

_METRIC_TROUBLE = frozenset({10, 100, 3001})
"""Codes of a refused metric: too few viewers, no such metric (or nothing of that id), none named."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One post whose numbers are wanted: its *fields*, and the *metrics* of its insights."""

    id: str
    fields: str
    metrics: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Numbers:
    """What was read of one post: its fields as they came, and metric → value."""

    id: str
    fields: Mapping[str, Any]
    metrics: Mapping[str, int]


class Insights:
    """Reads numbers over one account's Graph API; remembers which metrics are dead.

    Without *in_batches* the API knows no batches, and each post is asked for on its own.
    """

    def __init__(self, graph: Graph, *, in_batches: bool) -> None:
        self._graph = graph
        self._in_batches = in_batches
        self._dead: set[str] = set()

    def read(self, wanted: Sequence[Wanted]) -> Iterator[Numbers]:
        """Give what is known of each post, BATCH posts in a request; what is gone is left out.

        Raises NotAllowed or TryLater.
        """
        for begin in range(0, len(wanted), BATCH):
            yield from self._read(wanted[begin : begin + BATCH])

    def _read(self, wanted: Sequence[Wanted]) -> Iterator[Numbers]:
        answered, refused = self._ask(wanted)
        if refused:
            self._look_for_the_dead(refused)
            more, refused = self._ask(refused)
            answered += more
        if refused:
            # No insights at all for these: a Page with few followers, a story with few viewers.
            more, _ = self._ask([Wanted(one.id, one.fields, ()) for one in refused])
            answered += more
        yield from answered

    def _ask(self, wanted: Sequence[Wanted]) -> tuple[list[Numbers], list[Wanted]]:
        """Ask for some posts; return what was read, and those that were refused for one of their metrics."""
        found: list[Numbers] = []
        refused: list[Wanted] = []
        for one, (status, body) in zip(wanted, self._answers([self._address(one) for one in wanted]), strict=True):
            if status == 200 and isinstance(body, dict) and body.get("id") == one.id:
                found.append(Numbers(one.id, body, _metrics(body.get("insights"))))
            elif self._is_metric_trouble(status, body) and one.metrics:
                refused.append(one)
        return found, refused

    def _look_for_the_dead(self, refused: Sequence[Wanted]) -> None:
        """Ask for each metric of one refused post on its own, and remember those that are refused."""
        probes = {metric: one.id for one in refused for metric in one.metrics if metric not in self._dead}
        asked = [address(identity, f"id,insights.metric({metric})") for metric, identity in probes.items()]
        for metric, (status, body) in zip(probes, self._answers(asked), strict=True):
            # Too few viewers (10) is the post's trouble, not the metric's.
            if self._is_metric_trouble(status, body) and fault_of(status, body).code != 10:
                self._dead.add(metric)

    def _address(self, one: Wanted) -> str:
        alive = ",".join(metric for metric in one.metrics if metric not in self._dead)
        return address(one.id, f"id,{one.fields},insights.metric({alive})" if alive else f"id,{one.fields}")

    def _answers(self, asked: Sequence[str]) -> list[tuple[int, Any]]:
        if self._in_batches:
            return self._graph.batch(asked) if asked else []
        return [self._graph.ask(one) for one in asked]

    def _is_metric_trouble(self, status: int, body: Any) -> bool:
        """Tell whether an answer refuses a metric; raises NotAllowed or TryLater for one that refuses us."""
        fault = fault_of(status, body)
        if status in {0, 200} or fault.word in GONE or status == 404:
            return False
        if fault.code in _METRIC_TROUBLE:
            return True
        error = self._graph.refused_in_batch(status, body)
        if isinstance(error, NotAllowed | TryLater) and meaning_of(fault, {}, {}).error in {NotAllowed, TryLater}:
            raise error
        return False


def _metrics(insights: object) -> dict[str, int]:
    """Return metric → value; a metric without a value is left out."""
    data = insights.get("data") if isinstance(insights, dict) else None
    found: dict[str, int] = {}
    for entry in data if isinstance(data, list) else ():
        if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
            continue
        values = entry.get("values")
        newest = values[-1] if isinstance(values, list) and values else entry.get("total_value")
        value = newest.get("value") if isinstance(newest, dict) else None
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            found[entry["name"]] = value
    return found


def summed(value: object, field: str = "total_count") -> int | None:
    """Return the count of a `summary(true)` field, or None."""
    summary = value.get("summary") if isinstance(value, dict) else None
    number = summary.get(field) if isinstance(summary, dict) else None
    return number_of(number)


# --- Who follows us ---------------------------------------------------------------------------------------------------

GROUPS = ("country", "city", "age", "gender")
"""What followers are divided by on Instagram and Threads (follower_demographics, breakdown)."""
_LONGEST_GROUP = 100


def groups_of(answer: object, dimension: str) -> Iterator[Share]:
    """Give the groups of a metric with a breakdown (`total_value.breakdowns`); what is no group is left out."""
    for entry in _list(of(answer, "data")):
        for breakdown in _list(of(of(entry, "total_value"), "breakdowns")):
            for result in _list(of(breakdown, "results")):
                names = _list(of(result, "dimension_values"))
                yield from _share(dimension, names[0] if names else None, of(result, "value"))


def counts_of(answer: object, dimension: str) -> Iterator[Share]:
    """Give the groups of a metric whose newest value is a table (`{"TR": 120}`), the largest first."""
    for entry in _list(of(answer, "data")):
        values = _list(of(entry, "values"))
        table = of(values[-1], "value") if values else None
        pairs = table.items() if isinstance(table, dict) else ()
        found = [share for name, count in pairs for share in _share(dimension, name, count)]
        yield from sorted(found, key=lambda share: (-share.count, share.group))


def _share(dimension: str, group: object, count: object) -> Iterator[Share]:
    number = number_of(count)
    if number and isinstance(group, str) and group.isprintable() and 0 < len(group) <= _LONGEST_GROUP:
        yield Share(dimension, group, number)


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
