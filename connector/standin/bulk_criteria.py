"""Reads which records a bulk read wants: its criteria, as JSON, become one question to every record.

Source: Zoho v8 docs, bulk-read, create-job: comparators by kind of field, at most 25 criteria, at most
200 values of one ``in``, ``${EMPTY}`` for a field without a value. Up to version 2 a criterion names its
field by ``api_name`` alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from connector.standin.answers import JsonObject, Refusal, refusal
from connector.standin.coql_columns import Columns
from connector.standin.coql_criteria import Test, compiled
from connector.standin.coql_query import Comparison, CoqlError, Criterion, Junction, Literal

MOST_CRITERIA = 25
MOST_VALUES = 200
EMPTY = "${EMPTY}"

_EQUAL = frozenset({"equal", "not_equal", "in", "not_in"})
_ORDERED = _EQUAL | {"less_than", "less_equal", "greater_than", "greater_equal"}
_SPANS = frozenset({"between", "not_between"})
_COMPARATORS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "text": _EQUAL | {"contains", "not_contains", "starts_with", "ends_with"},
        **dict.fromkeys(("number", "id"), _ORDERED),
        **dict.fromkeys(("date", "datetime"), _ORDERED | _SPANS),
        **dict.fromkeys(("lookup", "several"), _EQUAL),
        "boolean": frozenset({"equal"}),
    }
)
_OPERATORS: Mapping[str, str] = MappingProxyType(
    {
        "equal": "=",
        "not_equal": "!=",
        "in": "in",
        "not_in": "not in",
        "less_than": "<",
        "less_equal": "<=",
        "greater_than": ">",
        "greater_equal": ">=",
        "between": "between",
        "not_between": "not between",
        "contains": "like",
        "not_contains": "not like",
        "starts_with": "like",
        "ends_with": "like",
    }
)
_PATTERNS: Mapping[str, str] = MappingProxyType(
    {"contains": "%{}%", "not_contains": "%{}%", "starts_with": "{}%", "ends_with": "%{}"}
)
_SEVERAL = frozenset({"in", "not_in", "between", "not_between"})


def question(criteria: object, columns: Columns) -> Test:
    """The criteria as a function of a record.

    Raises:
        Refusal: they cannot be read, name no field, or ask what this kind of field does not answer.
    """
    left = iter(range(MOST_CRITERIA))
    criterion = _read(criteria, columns, lambda: next(left, None))
    try:
        return compiled(criterion, columns)
    except CoqlError as wrong:
        code = "COMPARATOR_AND_VALUE_IN_CRITERIA_NOT_COMPATIBLE"
        raise wrongly(code, {"api_name": wrong.details.get("column_name", "")}) from wrong


def _read(criteria: object, columns: Columns, take: Callable[[], int | None]) -> Criterion:
    if not isinstance(criteria, dict):
        raise wrongly("INVALID_CRITERIA", {})
    group = criteria.get("group")
    if group is None:
        if take() is None:
            raise wrongly("CRITERIA_LIMIT_EXCEEDED", {"max_limit": MOST_CRITERIA})
        return _comparison(criteria, columns)
    if {"field", "api_name"} & criteria.keys():
        raise wrongly("AMBIGUOUS_CRITERIA", {})
    joiner = str(criteria.get("group_operator", "")).lower()
    if joiner not in {"and", "or"}:
        raise wrongly("GROUP_OPERATOR_NOT_SUPPORTED", {"group_operator": joiner})
    if not isinstance(group, list) or not group:
        raise wrongly("INVALID_CRITERIA", {})
    first, *others = (_read(part, columns, take) for part in group)
    for other in others:
        first = Junction(joiner, first, other)
    return first


def _comparison(criteria: JsonObject, columns: Columns) -> Comparison:
    field, comparator = criteria.get("field", criteria), str(criteria.get("comparator", ""))
    name = str(field.get("api_name", "")) if isinstance(field, dict) else ""
    try:
        family = columns.find(name).family
    except CoqlError as unknown:
        raise wrongly("FIELD_IN_CRITERIA_NOT_AVAILABLE", {"api_name": name}) from unknown
    if comparator not in _COMPARATORS.get(family, frozenset()):
        details = {"api_name": name, "comparator": comparator}
        raise wrongly("FIELD_COMPARATOR_IN_CRITERIA_NOT_SUPPORTED", details)
    value = criteria.get("value")
    if value == EMPTY and comparator in {"equal", "not_equal"}:
        return Comparison(name, "is null" if comparator == "equal" else "is not null")
    return Comparison(name, _OPERATORS[comparator], tuple(_operands(value, name, comparator)))


def _operands(value: object, name: str, comparator: str) -> Iterator[Literal]:
    values = value if isinstance(value, list) else [value]
    if len(values) > MOST_VALUES:
        raise wrongly("VALUE_LIMIT_EXCEEDED_IN_CRITERIA", {"max_limit": MOST_VALUES})
    spans = comparator in _SPANS
    fits = isinstance(value, list) == (comparator in _SEVERAL) and (not spans or len(values) == 2)
    if not fits or not all(isinstance(each, str | int | float) for each in values):
        raise wrongly("VALUE_TYPE_NOT_SUPPORTED", {"api_name": name})
    for each in values:
        text = str(each).lower() if isinstance(each, bool) else str(each)
        yield Literal(_PATTERNS.get(comparator, "{}").format(text), quoted=True)


def wrongly(code: str, details: JsonObject) -> Refusal:
    """400: an order that cannot be carried out as it stands."""
    return refusal(400, code, "Please check whether the input values are correct", details)
