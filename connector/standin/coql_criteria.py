"""Turns the criteria of a query into one quick question that is put to every record.

Operators by kind of field are Zoho's (v8 docs, COQL-Overview). A field without a value answers only
``is null``; every other comparison with it is false, ``!=`` and ``not in`` included, as in SQL.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from connector.standin.coql_columns import Column, Columns, Record
from connector.standin.coql_query import Comparison, CoqlError, Criterion, Literal, invalid
from connector.standin.value_types import is_date, is_decimal, is_whole, moment

Test = Callable[[Record], bool]

_NULLS = frozenset({"is null", "is not null"})
_EQUAL = frozenset({"=", "!=", "in", "not in"})
_ORDERED = _EQUAL | {">", ">=", "<", "<=", "between", "not between"}
OPERATORS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "text": _EQUAL | _NULLS | {"like", "not like"},
        **dict.fromkeys(("number", "id", "date", "datetime"), _ORDERED | _NULLS),
        "lookup": _EQUAL | _NULLS,
        "several": _EQUAL | _NULLS,
        "boolean": frozenset({"="}),
    }
)
_SIGNS: Mapping[str, Callable[[Any, Any], bool]] = MappingProxyType(
    {
        "=": operator.eq,
        "!=": operator.ne,
        ">": operator.gt,
        ">=": operator.ge,
        "<": operator.lt,
        "<=": operator.le,
    }
)


def compiled(criterion: Criterion, columns: Columns) -> Test:
    """The question as a function of a record.

    Raises:
        CoqlError: a column, an operator or a value that does not fit.
    """
    if isinstance(criterion, Comparison):
        return _comparison(criterion, columns.find(criterion.column))
    left, right = compiled(criterion.left, columns), compiled(criterion.right, columns)
    if criterion.joiner == "and":
        return lambda record: left(record) and right(record)
    return lambda record: left(record) or right(record)


def _comparison(criterion: Comparison, column: Column) -> Test:
    allowed = OPERATORS.get(column.family)
    if allowed is None:
        details = {"column_name": criterion.column, "operator": criterion.operator}
        raise CoqlError("INVALID_QUERY", "unsupported column in criteria", details)
    if criterion.operator not in allowed:
        name = criterion.column
        raise invalid("invalid operator found", column_name=name, operator=criterion.operator)
    value = column.value
    if criterion.operator == "is null":
        return lambda record: value(record) is None
    if criterion.operator == "is not null":
        return lambda record: value(record) is not None
    if column.family == "boolean":
        wanted = _operand(criterion, column, criterion.operands[0])
        return lambda record: bool(value(record)) == wanted
    holds = _test(criterion, column)

    def test(record: Record) -> bool:
        found = value(record)
        return found is not None and holds(found)

    return test


def _test(criterion: Comparison, column: Column) -> Callable[[Any], bool]:
    """The question as a function of a comparable value that is not null."""
    name = criterion.operator
    if name.endswith("like"):
        pattern = _pattern(criterion.operands[0].text)
        negated = name == "not like"
        return lambda found: (pattern.fullmatch(found) is None) == negated
    operands = [_operand(criterion, column, literal) for literal in criterion.operands]
    if name.endswith("between"):
        low, high = operands
        negated = name == "not between"
        return lambda found: (low <= found <= high) != negated
    if name.endswith("in"):
        members = frozenset(operands)
        negated = name == "not in"
        return lambda found: (found in members) != negated
    sign, wanted = _SIGNS[name], operands[0]
    return lambda found: sign(found, wanted)


def _pattern(text: str) -> re.Pattern[str]:
    """``like`` knows ``%`` for any characters; an underscore is only an underscore."""
    parts = (re.escape(part) for part in text.casefold().split("%"))
    return re.compile(".*".join(parts), re.DOTALL)


def _operand(criterion: Comparison, column: Column, literal: Literal) -> Any:  # noqa: ANN401
    read = _LITERALS[column.family]
    found = read(literal.text)
    if found is None or (literal.text.lower() == "null" and not literal.quoted):
        raise invalid(
            "invalid value found",
            column_name=criterion.column,
            operator=criterion.operator,
            value=literal.text,
        )
    return found


def _id(text: str) -> int | None:
    return int(text) if re.fullmatch(r"-?[0-9]+", text) else None


def _number(text: str) -> float | int | None:
    if is_whole(text):
        return int(text)
    return float(text) if is_decimal(text) else None


_LITERALS: Mapping[str, Callable[[str], Any]] = MappingProxyType(
    {
        "text": str.casefold,
        "number": _number,
        "id": _id,
        "lookup": _id,
        "date": lambda text: text if is_date(text) else None,
        "datetime": moment,
        "boolean": lambda text: {"true": True, "false": False}.get(text.lower()),
        "several": lambda text: frozenset(text.split(";")),
    }
)
