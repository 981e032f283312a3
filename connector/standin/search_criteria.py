"""Reads the criteria of a search, such as ``((Subject:starts_with:Call)and(Status:equals:Completed))``.

They become the same criteria that a query has, so that both compare values alike. Source: Zoho v8 docs,
search-records; the operators by name are its table.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from connector.standin.coql_query import (
    Comparison,
    CoqlError,
    Criterion,
    Junction,
    Literal,
    comparisons,
    invalid,
)

MOST_CRITERIA = 10

OPERATORS: Mapping[str, str] = MappingProxyType(
    {
        "equals": "=",
        "not_equal": "!=",
        "greater_than": ">",
        "greater_equal": ">=",
        "less_than": "<",
        "less_equal": "<=",
        "between": "between",
        "in": "in",
        "starts_with": "like",
    }
)

_COMPARISON = re.compile(r"\(([\w.]+):(\w+):((?:\\.|[^\\()])*)\)")
_JOINER = re.compile(r"(and|or)", re.IGNORECASE)
_COMMA = re.compile(r"(?<!\\),")
_DEEPEST = 20


def criterion(text: str) -> Criterion:
    """The criteria as a tree.

    Raises:
        CoqlError: they cannot be read, name an unknown operator, or are more than ten.
    """
    bare = f"({text})"  # people leave the outermost brackets away
    found, end = _read(bare, 0, 0)
    if end < len(bare):
        raise _unreadable(bare, end)
    if sum(1 for _ in comparisons(found)) > MOST_CRITERIA:
        details = {"limit": MOST_CRITERIA, "param_name": "criteria"}
        raise CoqlError("LIMIT_EXCEEDED", "The maximum number of criteria is exceeded", details)
    return found


def _read(text: str, start: int, depth: int) -> tuple[Criterion, int]:
    """One criterion, or several in brackets, from a place in the text on; and where it ends."""
    single = _COMPARISON.match(text, start)
    if single is not None:
        return _comparison(*single.groups()), single.end()
    if text[start : start + 1] != "(" or depth > _DEEPEST:
        raise _unreadable(text, start)
    found, end = _read(text, start + 1, depth + 1)
    while text[end : end + 1] != ")":
        joiner = _JOINER.match(text, end)
        if joiner is None:
            raise _unreadable(text, end)
        right, end = _read(text, joiner.end(), depth + 1)
        found = Junction(joiner[1].lower(), found, right)
    return found, end + 1


def _comparison(name: str, operator: str, value: str) -> Comparison:
    sign = OPERATORS.get(operator)
    if sign is None:
        raise invalid("invalid operator found", api_name=name, operator=operator)
    given = _COMMA.split(value) if operator in {"in", "between"} else [value]
    texts = [re.sub(r"\\(.)", r"\1", one) for one in given]
    if operator == "starts_with":
        texts = [f"{texts[0]}%"]
    if operator == "between" and len(texts) != 2:
        raise invalid("invalid value found", api_name=name, operator=operator)
    return Comparison(name, sign, tuple(Literal(one, quoted=True) for one in texts))


def _unreadable(text: str, place: int) -> CoqlError:
    return invalid("the criteria cannot be read", near=text[place : place + 20])
