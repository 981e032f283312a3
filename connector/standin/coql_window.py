"""Which stretch of the records, in order of their last change, a query can be about at all.

A reader that asks for "everything changed since …" in order of change need not make the CRM look at
what changed before, nor at what comes after the last record of the page.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import TypeAlias

from connector.standin.coql_columns import Record
from connector.standin.coql_query import Comparison, Criterion, Junction, Query

Ordered = tuple[str, str, Record]
Key: TypeAlias = tuple[str, int]
"""A place in the order of change: the time in UTC to the second, then the id as a number."""

_FIRST: Key = ("", 0)
_LAST: Key = ("~", 0)
_SECONDS = len("2011-12-09T09:00:00")
_AFTER_ANY_ID = 10**21
_TIME = "Modified_Time"


def in_order_of_change(query: Query) -> bool:
    """Whether the answer is wanted by ``Modified_Time``, then by id, oldest first."""
    names = [order.column for order in query.order_by]
    ascending = not any(order.descending for order in query.order_by)
    return ascending and names in ([_TIME], [_TIME, "id"])


def matching(
    records: Sequence[Ordered], where: Criterion, test: Callable[[Record], bool], most: int
) -> list[Record]:
    """The first ``most`` records that pass the test, in order of change."""
    candidates = _between(records, _lowest(where), _highest(where))
    return list(islice(filter(test, candidates), most))


def _between(records: Sequence[Ordered], low: Key, high: Key) -> Iterator[Record]:
    begin = bisect_left(records, low, key=_key)
    for position in range(begin, len(records)):
        entry = records[position]
        if entry[0][:_SECONDS] > high[0]:
            return
        yield entry[2]


def _key(entry: Ordered) -> Key:
    return entry[0][:_SECONDS], int(entry[1])


def _lowest(criterion: Criterion) -> Key:
    """No record before this place can pass."""
    if isinstance(criterion, Comparison):
        return _lower_edge(criterion)
    left, right = _lowest(criterion.left), _lowest(criterion.right)
    if criterion.joiner == "or":
        return min(left, right)
    edge = max(left, right)
    return max(edge, _resumed(criterion.left, edge), _resumed(criterion.right, edge))


def _highest(criterion: Criterion) -> Key:
    """No record after the second of this place can pass."""
    if isinstance(criterion, Comparison):
        return _upper_edge(criterion)
    left, right = _highest(criterion.left), _highest(criterion.right)
    return max(left, right) if criterion.joiner == "or" else min(left, right)


def _lower_edge(criterion: Comparison) -> Key:
    if criterion.column != _TIME or criterion.operator not in {"=", ">", ">=", "between"}:
        return _FIRST
    edge = _second(criterion.operands[0].text)
    return (edge, _AFTER_ANY_ID) if criterion.operator == ">" else (edge, 0)


def _upper_edge(criterion: Comparison) -> Key:
    if criterion.column != _TIME or criterion.operator not in {"=", "<", "<=", "between"}:
        return _LAST
    return _second(criterion.operands[-1].text), 0


def _resumed(criterion: Criterion, edge: Key) -> Key:
    """The edge after ``(Modified_Time > T or id > I)`` where nothing before T is asked for.

    That pair is how a reader resumes after the record I of the second T: at T itself only the ids
    above I are left.
    """
    if not isinstance(criterion, Junction) or criterion.joiner != "or":
        return _FIRST
    sides = {
        side.column: side
        for side in (criterion.left, criterion.right)
        if isinstance(side, Comparison) and side.operator == ">"
    }
    if sides.keys() != {_TIME, "id"}:
        return _FIRST
    second = _second(sides[_TIME].operands[0].text)
    if second != edge[0]:
        return _FIRST
    return second, int(sides["id"].operands[0].text) + 1


def _second(text: str) -> str:
    return datetime.fromisoformat(text).astimezone(UTC).isoformat(timespec="seconds")[:_SECONDS]
