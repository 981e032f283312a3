"""Sums up records by group: how many, how much, the first and the last of each.

Functions and their names are Zoho's: SUM, MAX, MIN, AVG and COUNT (v8 docs, COQL-Overview). Values that
are missing do not count; a sum over nothing is null, as in SQL.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from connector.standin.coql_columns import Column, Columns, Record
from connector.standin.coql_query import Query, Selected, invalid

Row = dict[str, Any]

_FAMILIES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "SUM": frozenset({"number"}),
        "AVG": frozenset({"number"}),
        "MAX": frozenset({"number", "date", "datetime", "id"}),
        "MIN": frozenset({"number", "date", "datetime", "id"}),
    }
)


def is_grouped(query: Query) -> bool:
    """Whether the answer holds groups of records instead of records."""
    return bool(query.group_by) or any(selected.function for selected in query.selected)


def grouped(query: Query, columns: Columns, records: Iterable[Record]) -> list[Row]:
    """One row a group, in the order in which the groups first appear.

    Raises:
        CoqlError: a column is neither grouped by nor summed up, or a function does not fit its column.
    """
    keys = [columns.find(name) for name in query.group_by]
    cells = [_cell(query, columns, selected) for selected in query.selected]
    groups: dict[tuple[Any, ...], list[Record]] = {} if keys else {(): []}
    for record in records:
        groups.setdefault(tuple(key.value(record) for key in keys), []).append(record)
    return [{name: sum_up(members) for name, sum_up in cells} for members in groups.values()]


Cell = tuple[str, Callable[[Sequence[Record]], Any]]


def _cell(query: Query, columns: Columns, selected: Selected) -> Cell:
    column = columns.find(selected.column)
    if not selected.function:
        if selected.column not in query.group_by:
            raise invalid("column should be in the group by clause", column_name=selected.column)
        return selected.key, lambda members: column.shown(members[0])
    allowed = _FAMILIES.get(selected.function)
    if allowed is not None and column.family not in allowed:
        raise invalid("unsupported column in aggregate function", column_name=selected.column)
    function = _FUNCTIONS[selected.function]
    return selected.key, lambda members: function(column, members)


def _count(column: Column, members: Sequence[Record]) -> int:
    return sum(column.value(member) is not None for member in members)


def _sum(column: Column, members: Sequence[Record]) -> Any:  # noqa: ANN401
    values = _values(column, members)
    return sum(values) if values else None


def _average(column: Column, members: Sequence[Record]) -> float | None:
    values = _values(column, members)
    return sum(values) / len(values) if values else None


def _largest(column: Column, members: Sequence[Record]) -> Any:  # noqa: ANN401
    filled = [member for member in members if column.value(member) is not None]
    return column.shown(max(filled, key=column.value)) if filled else None


def _smallest(column: Column, members: Sequence[Record]) -> Any:  # noqa: ANN401
    filled = [member for member in members if column.value(member) is not None]
    return column.shown(min(filled, key=column.value)) if filled else None


def _values(column: Column, members: Sequence[Record]) -> list[Any]:
    return [value for member in members if (value := column.value(member)) is not None]


_FUNCTIONS: Mapping[str, Callable[[Column, Sequence[Record]], Any]] = MappingProxyType(
    {"COUNT": _count, "SUM": _sum, "AVG": _average, "MAX": _largest, "MIN": _smallest}
)
