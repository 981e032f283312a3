"""How much one query may ask for, and how Zoho refuses more.

Numbers: Zoho v8 docs, COQL-Limitations. Fifty columns are what all versions allow (v8 is said to allow
more); the wording of the refusals other than that of ``limit`` is not documented.
"""

from __future__ import annotations

from collections.abc import Sequence

from connector.standin.coql_query import CoqlError, Query, Selected, comparisons

MOST_COLUMNS = 50
MOST_CRITERIA = 25
MOST_IN = 50
MOST_ORDER_FIELDS = 10
MOST_GROUP_FIELDS = 4
MOST_AGGREGATES = 5
FURTHEST = 100_000
DEFAULT_LIMIT = 200


def check_sizes(query: Query) -> None:
    """Refuse a query with too many parts.

    Raises:
        CoqlError: ``LIMIT_EXCEEDED`` with the clause and what it may hold.
    """
    criteria = list(comparisons(query.where))
    aggregates = [selected for selected in query.selected if selected.function]
    longest_in = max((len(c.operands) for c in criteria if c.operator.endswith("in")), default=0)
    for clause, size, most in (
        ("select", len(query.selected), MOST_COLUMNS),
        ("aggregate", len(aggregates), MOST_AGGREGATES),
        ("where", len(criteria), MOST_CRITERIA),
        ("in", longest_in, MOST_IN),
        ("group by", len(query.group_by), MOST_GROUP_FIELDS),
        ("order by", len(query.order_by), MOST_ORDER_FIELDS),
    ):
        if size > most:
            raise _exceeded(clause, most)


def check_names(query: Query) -> None:
    """Refuse what is named twice.

    Raises:
        CoqlError: ``DUPLICATE_DATA``, ``DUPLICATE_ALIAS`` or ``INVALID_QUERY``.
    """
    _check_aliases(query.selected)
    for names in (
        [selected.key for selected in query.selected if not selected.alias],
        [order.column for order in query.order_by],
        list(query.group_by),
    ):
        twice = next((name for place, name in enumerate(names) if name in names[:place]), None)
        if twice is not None:
            details = {"column_name": twice}
            raise CoqlError("DUPLICATE_DATA", "duplicate select column", details)


def _check_aliases(selected: Sequence[Selected]) -> None:
    plain = {column.key for column in selected if not column.alias}
    seen: dict[str, str] = {}
    for column in selected:
        if not column.alias:
            continue
        if column.alias in plain:
            message = (
                "column name or property name given in select columns without alias name "
                "cannot be an alias name for other select columns"
            )
            details = {"column_name": column.column, "alias": column.alias}
            raise CoqlError("INVALID_QUERY", message, details)
        if column.alias in seen:
            columns = [seen[column.alias], column.column]
            message = "same alias cannot refer more than one column"
            raise CoqlError(
                "DUPLICATE_ALIAS", message, {"referred_columns": columns, "alias": column.alias}
            )
        seen[column.alias] = column.column


def page_of(query: Query, max_rows: int) -> tuple[int, int]:
    """The limit and the offset of a query.

    Raises:
        CoqlError: one of them is no number, too small or too large.
    """
    limit = _whole("limit", query.limit) if query.limit else min(DEFAULT_LIMIT, max_rows)
    offset = _whole("offset", query.offset) if query.offset else 0
    if limit <= 0:
        raise CoqlError("INVALID_DATA", "limit should be greater than 0", {})
    if limit > max_rows:
        raise _exceeded("limit", max_rows)
    if offset < 0:
        raise _invalid("offset", query.offset)
    if limit + offset > FURTHEST:
        raise _exceeded("offset", FURTHEST)
    return limit, offset


def _whole(name: str, text: str) -> int:
    try:
        return int(text)
    except ValueError as wrong:
        raise _invalid(name, text) from wrong


def _invalid(name: str, text: str) -> CoqlError:
    return CoqlError("INVALID_QUERY", f"{name} given seems to be invalid", {name: text})


def _exceeded(clause: str, most: int) -> CoqlError:
    message = f"the maximum of the {clause} clause is exceeded"
    return CoqlError("LIMIT_EXCEEDED", message, {"clause": clause, "limit": most})
