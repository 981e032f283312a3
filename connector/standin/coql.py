"""Answers a question put to the CRM in its own query language, COQL ("select … from … where …").

The parts, in the order in which a query passes them: ``coql_tokens`` and ``coql_parse`` read it,
``coql_limits`` refuses what is too much, ``coql_columns`` finds the columns, ``coql_criteria`` makes the
test for a record, ``coql_window`` skips what cannot pass, ``coql_groups`` sums up, and this module sorts,
cuts the page and shows the rows as Zoho does: lookups as ``{"id"}``, dotted names as flat keys, ``id``
always there. Source: Zoho v8 docs, COQL-Overview and COQL-Limitations.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from connector.standin.coql_columns import Columns, Fields, Record, Rows, comparable
from connector.standin.coql_criteria import compiled
from connector.standin.coql_groups import grouped, is_grouped
from connector.standin.coql_limits import check_names, check_sizes, page_of
from connector.standin.coql_parse import parse
from connector.standin.coql_query import CoqlError, Order, Query, invalid
from connector.standin.coql_window import Ordered, in_order_of_change, matching

__all__ = ["CoqlAnswer", "CoqlError", "run"]


@dataclass(frozen=True, slots=True)
class CoqlAnswer:
    """One page of an answer.

    ``limit`` is what the query asked for (200 where it did not say), because credits depend on it.
    """

    rows: list[dict[str, Any]]
    more_records: bool
    limit: int
    module: str
    columns: tuple[str, ...]


def run(
    query: str,
    *,
    rows: Rows,
    fields: Fields,
    max_rows: int = 2000,
    ordered: Callable[[str], Sequence[Ordered]] | None = None,
) -> CoqlAnswer:
    """The answer to one query.

    Args:
        query: the text of ``select_query``.
        rows: the records of a module, as Zoho's JSON.
        fields: the fields of a module by API name; KeyError for an unknown module.
        max_rows: the most that ``limit`` may say: 2000 in v8, 200 in v2.
        ordered: the records of a module as (time of last change in UTC, id, record), sorted by time and
            then by the id as a number. Where given, reading in that order needs no sort.

    Raises:
        CoqlError: with Zoho's code, message and details.
    """
    asked = parse(query)
    check_sizes(asked)
    check_names(asked)
    limit, offset = page_of(asked, max_rows)
    columns = Columns(asked.module, fields, rows)
    test = compiled(asked.where, columns)
    most = offset + limit + 1
    if is_grouped(asked):
        found = filter(test, rows(asked.module))
        answer = _sorted_groups(asked, columns, grouped(asked, columns, found))[offset:most]
    else:
        show = _shown(asked, columns)
        sort_keys = _sort_keys(asked, columns)
        if ordered is not None and in_order_of_change(asked):
            records = matching(ordered(asked.module), asked.where, test, most)
        else:
            records = _sorted(list(filter(test, rows(asked.module))), sort_keys)
        answer = [show(record) for record in records[offset:most]]
    names = tuple(selected.key for selected in asked.selected)
    return CoqlAnswer(answer[:limit], len(answer) > limit, limit, asked.module, names)


SortKey = tuple[Callable[[Record], Any], bool]


def _shown(query: Query, columns: Columns) -> Callable[[Record], dict[str, Any]]:
    cells = [(selected.key, columns.find(selected.column).shown) for selected in query.selected]

    def show(record: Record) -> dict[str, Any]:
        row = {name: shown(record) for name, shown in cells}
        row.setdefault("id", record["id"])
        return row

    return show


def _sort_keys(query: Query, columns: Columns) -> list[SortKey]:
    aliases = {selected.alias: selected.column for selected in query.selected if selected.alias}
    keys: list[SortKey] = []
    for order in query.order_by:
        column = columns.find(aliases.get(order.column, order.column))
        if column.family in {"several", "unsupported"}:
            raise invalid("unsupported column in order by", column_name=order.column)
        keys.append((column.value, order.descending))
    return keys


def _sorted(records: list[Record], keys: Sequence[SortKey]) -> list[Record]:
    """By these keys, then by id; a missing value comes first where smaller ones do."""
    records.sort(key=lambda record: int(record["id"]))
    for value, descending in reversed(keys):
        records.sort(key=_nulls_first(value), reverse=descending)
    return records


def _nulls_first(value: Callable[[Any], Any]) -> Callable[[Any], tuple[bool, Any]]:
    def key(row: Any) -> tuple[bool, Any]:  # noqa: ANN401
        found = value(row)
        return (False, 0) if found is None else (True, found)

    return key


def _sorted_groups(
    query: Query, columns: Columns, groups: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    for order in reversed(query.order_by):
        groups.sort(key=_nulls_first(_group_value(query, columns, order)), reverse=order.descending)
    return groups


def _group_value(query: Query, columns: Columns, order: Order) -> Callable[[Any], Any]:
    """How groups compare by one selected column, which may be an alias or an aggregate."""
    for selected in query.selected:
        if order.column in {selected.key, selected.column}:
            break
    else:
        raise invalid("column should be in the select clause", column_name=order.column)
    family = columns.find(selected.column).family
    if selected.function in {"COUNT", "SUM", "AVG"}:
        family = "number"
    convert = comparable(family)

    def value(group: dict[str, Any]) -> Any:  # noqa: ANN401
        found = group[selected.key]
        return None if found is None else convert(found)

    return value
